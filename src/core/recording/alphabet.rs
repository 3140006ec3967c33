//! What a character may be replaced by: characters of the same script, case and width.

use unicode_width::UnicodeWidthChar as _;

/// Scripts whose characters stand in one long row: any of them may stand for any other.
const LONG_ROWS: [(char, char); 5] = [
    ('\u{4e00}', '\u{9fa5}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{3041}', '\u{3096}'),
    ('\u{30a1}', '\u{30fa}'),
    ('\u{0621}', '\u{064a}'),
];

/// How many neighbours of any other character may stand for it.
const BLOCK: u32 = 32;

/// Where a character stands in its alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    first: u32,
    count: u32,
    /// The place of the character, without regard to case.
    place: u32,
    is_large: bool,
    is_block: bool,
}

impl Letter {
    /// The letter that a character is; `None` for what is no letter and no digit, and stays as it is.
    pub(super) fn of(character: char) -> Option<Self> {
        if !character.is_alphanumeric() {
            return None;
        }
        let small = small(character).unwrap_or(character);
        let is_large = small != character;
        let row = |first: char, last: char| {
            (first..=last).contains(&small).then(|| (first as u32, last as u32 - first as u32 + 1))
        };
        let ascii = row('a', 'z').or_else(|| row('0', '9'));
        let long = ascii.or_else(|| LONG_ROWS.iter().find_map(|(first, last)| row(*first, *last)));
        if let Some((first, count)) = long {
            return Some(Self { first, count, place: small as u32 - first, is_large, is_block: false });
        }
        let first = small as u32 / BLOCK * BLOCK;
        let like = neighbours(first, small);
        let place = like.iter().position(|other| *other == small)? as u32;
        Some(Self { first: small as u32, count: like.len() as u32, place, is_large, is_block: true })
    }

    /// How many letters the alphabet has.
    pub(super) fn count(self) -> u32 {
        self.count
    }

    /// The place in the alphabet.
    pub(super) fn place(self) -> u32 {
        self.place
    }

    /// The letter at another place, as large as this one.
    pub(super) fn at(self, place: u32) -> char {
        let found = if self.is_block {
            let itself = char::from_u32(self.first);
            let like =
                itself.map(|itself| neighbours(self.first / BLOCK * BLOCK, itself)).unwrap_or_default();
            like.get(place as usize).copied()
        } else {
            char::from_u32(self.first + place)
        };
        let found = found.unwrap_or('x');
        if self.is_large { large(found).unwrap_or(found) } else { found }
    }
}

/// The characters in the row of one that may stand for it: as wide, a number where it is one, with a large form where it
/// has one. So all that may stand for each other are of one script and case.
fn neighbours(first: u32, like: char) -> Vec<char> {
    let kind =
        |other: char| (other.width(), other.is_numeric(), other.is_lowercase(), large(other).is_some());
    let all = (first..first + BLOCK).filter_map(char::from_u32);
    all.filter(|other| other.is_alphanumeric() && small(*other).is_none() && kind(*other) == kind(like))
        .collect()
}

/// The small form of a large letter that has one, and only one, which leads back to it.
fn small(character: char) -> Option<char> {
    let small = only(character.to_lowercase())?;
    (small != character && only(small.to_uppercase()) == Some(character)).then_some(small)
}

/// The large form of a small letter that has one, and only one, which leads back to it.
fn large(character: char) -> Option<char> {
    let large = only(character.to_uppercase())?;
    (large != character && only(large.to_lowercase()) == Some(character)).then_some(large)
}

fn only(mut characters: impl Iterator<Item = char>) -> Option<char> {
    characters.next().filter(|_| characters.next().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_are_no_letters() {
        for character in "\\@.-_ ,()王\u{301}".chars() {
            assert_eq!(Letter::of(character).is_some(), character == '王', "{character:?}");
        }
    }

    proptest! {
        #[test]
        fn a_letter_stands_at_its_place_and_the_others_are_as_wide(character: char) {
            if let Some(letter) = Letter::of(character) {
                prop_assert_eq!(letter.at(letter.place()), character);
                for place in 0..letter.count().min(40) {
                    prop_assert_eq!(letter.at(place).width(), character.width());
                    prop_assert!(letter.at(place).is_alphanumeric());
                }
            }
        }
    }
}
