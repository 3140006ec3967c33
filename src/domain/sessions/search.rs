//! Searching a word in a whole column at once.

use super::column::TextColumn;

/// Names the texts of a column that hold a word, in ascending order, without regard to case as
/// `text.to_lowercase().contains(lower)`.
pub(super) fn each(column: &TextColumn, lower: &str, mut found: impl FnMut(u32)) {
    let mut foreign = column.foreign().iter().copied().peekable();
    let holds = |text: u32| column.get(text).is_some_and(|text| text.to_lowercase().contains(lower));
    if lower.is_empty() || !lower.is_ascii() {
        let all = 0..column.len() as u32;
        // Only what is not ASCII has small letters that are not.
        let numbers: &mut dyn Iterator<Item = u32> =
            if lower.is_empty() { &mut { all } } else { &mut { foreign } };
        return numbers.filter(|text| holds(*text)).for_each(found);
    }
    let mut ends = column.ends().enumerate().peekable();
    let mut from = 0;
    while let Some(at) = find(column.text().as_bytes(), lower.as_bytes(), from) {
        // The text in which it begins; those before it, and what is not known, end before.
        while ends.next_if(|(_, end)| *end <= at).is_some() {}
        let Some((number, end)) = ends.peek().copied() else { break };
        let number = number as u32;
        while let Some(other) = foreign.next_if(|other| *other < number) {
            if holds(other) {
                found(other);
            }
        }
        if foreign.peek() == Some(&number) {
            // Judged with the others of its kind.
            from = end;
        } else if at + lower.len() <= end {
            found(number);
            from = end;
        } else {
            from = at + 1;
        }
    }
    foreign.filter(|text| holds(*text)).for_each(found);
}

/// The first place from `from` on where the bytes stand, in whatever case.
fn find(text: &[u8], lower: &[u8], mut from: usize) -> Option<usize> {
    let (place, rare) = lower.iter().copied().enumerate().max_by_key(|(_, letter)| rarity(*letter))?;
    loop {
        let start = from.checked_add(place)?;
        let rest = text.get(start..)?;
        let at = if rare.is_ascii_lowercase() {
            memchr::memchr2(rare, rare.to_ascii_uppercase(), rest)
        } else {
            memchr::memchr(rare, rest)
        }?;
        let begin = start + at - place;
        let end = begin + lower.len();
        if text.get(begin..end).is_some_and(|part| part.eq_ignore_ascii_case(lower)) {
            return Some(begin);
        }
        from = begin + 1;
    }
}

/// How seldom a letter stands in names.
fn rarity(letter: u8) -> usize {
    const OFTEN: &[u8] = b".-0123456789aeinorstlcdmuphgbkvwfyzjxq\\";
    OFTEN.iter().position(|often| *often == letter).unwrap_or(OFTEN.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_holds_a_word_is_found_as_one_by_one(
            texts in prop::collection::vec(
                prop::option::of(prop_oneof!["[aAbB.-]{0,5}", "[aAßİKkſb]{0,4}"]),
                0..12,
            ),
            word in prop_oneof!["[ab.-]{0,3}", "[aßikſ\u{307}]{0,2}"],
        ) {
            let mut column = TextColumn::default();
            for text in &texts {
                column.push(text.as_deref());
            }
            let mut found = Vec::new();
            each(&column, &word, |number| found.push(number));
            let holds = |text: &Option<String>| text.as_ref().is_some_and(|text| text.to_lowercase().contains(&word));
            let expected: Vec<u32> = (0..).zip(&texts).filter(|(_, text)| holds(text)).map(|(at, _)| at).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
