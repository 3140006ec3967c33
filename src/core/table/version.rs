//! Versions as numbers: 8.10 comes after 8.9.

use std::cmp::Ordering;

/// Compares the dotted numbers that two versions begin with; a missing part counts as 0, and what follows the numbers
/// (build number, word) is not looked at: `8.13` equals `8.13.0-1002`. `None` when one of them does not begin with a number.
pub(in crate::core) fn compare_numbers(left: &str, right: &str) -> Option<Ordering> {
    if !is_version(left) || !is_version(right) {
        return None;
    }
    let (mut left, mut right) = (numbers(left), numbers(right));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Some(Ordering::Equal),
            (left, right) => match compare_digits(left.unwrap_or("0"), right.unwrap_or("0")) {
                Ordering::Equal => {}
                different => return Some(different),
            },
        }
    }
}

/// A total order: by numbers first, then by the texts; what is no version comes after all versions.
pub(in crate::core) fn compare(left: &str, right: &str) -> Ordering {
    match (is_version(left), is_version(right)) {
        (true, true) => compare_numbers(left, right).unwrap_or(Ordering::Equal).then_with(|| left.cmp(right)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    }
}

/// Whether it begins with a number.
pub(in crate::core) fn is_version(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
}

/// The first two numbers, such as `8.12` of `8.12.1`; the whole text when it is no version.
pub(in crate::core) fn short(text: &str) -> &str {
    if !is_version(text) {
        return text;
    }
    let end = text
        .char_indices()
        .filter(|(_, character)| !character.is_ascii_digit())
        .find(|(at, character)| {
            *character != '.' || text.get(..*at).is_some_and(|before| before.contains('.'))
        })
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text).trim_end_matches('.')
}

/// The dotted numbers at the beginning.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let end = text
        .char_indices()
        .find(|(_, character)| !character.is_ascii_digit() && *character != '.')
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default().split('.')
}

/// Compares digits of any length as numbers.
fn compare_digits(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("8.10", "8.9", Some(Ordering::Greater))]
    #[case("8.13", "8.13.0", Some(Ordering::Equal))]
    #[case("8.13.0-1002", "8.13", Some(Ordering::Equal))]
    #[case("8.12.1", "8.13", Some(Ordering::Less))]
    #[case("08.9", "8.9", Some(Ordering::Equal))]
    #[case("99999999999999999999999.1", "99999999999999999999998.9", Some(Ordering::Greater))]
    #[case("unknown", "8.13", None)]
    #[case("", "8.13", None)]
    fn numbers_are_compared_as_numbers(
        #[case] left: &str,
        #[case] right: &str,
        #[case] expected: Option<Ordering>,
    ) {
        assert_eq!(compare_numbers(left, right), expected);
    }

    #[rstest]
    #[case("8.12.1", "8.12")]
    #[case("8.12", "8.12")]
    #[case("8", "8")]
    #[case("8.12-77", "8.12")]
    #[case("8.", "8")]
    #[case("beta", "beta")]
    fn the_short_form_has_two_numbers(#[case] version: &str, #[case] expected: &str) {
        assert_eq!(short(version), expected);
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[0-9a.-]{0,6}", b in "[0-9a.-]{0,6}", c in "[0-9a.-]{0,6}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
        }
    }
}
