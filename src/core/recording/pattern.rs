//! Regular expressions with stand-ins: what they search for is replaced, their language stays.

use super::scramble::{Scrambler, words};

/// Classes with a name, as they stand within another one: `[[:alpha:]]`.
const NAMED: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// A regular expression, whole or half typed, with as many characters as before.
pub(super) fn masked(scrambler: &Scrambler, text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\\' => escape(rest),
            '{' => repetition(rest),
            '(' => group(rest),
            '[' => {
                if let Some(end) = class(rest) {
                    let (inner, after) = rest.split_at(end);
                    replaced.push_str(&masked_class(scrambler, inner));
                    rest = after;
                    continue;
                }
                1
            }
            word if word.is_alphanumeric() => {
                let end = rest.find(|next: char| !next.is_alphanumeric()).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                replaced.push_str(&scrambler.word(word));
                rest = after;
                continue;
            }
            other => other.len_utf8(),
        };
        let (kept, after) = rest.split_at(end);
        replaced.push_str(kept);
        rest = after;
    }
    replaced
}

/// How long an escape is that begins here: the character behind it, and what that takes.
fn escape(text: &str) -> usize {
    let mut characters = text.chars();
    characters.next();
    let Some(kind) = characters.next() else { return 1 };
    let short = 1 + kind.len_utf8();
    let rest = characters.as_str();
    let digits = |most: usize| {
        let is_whole =
            rest.get(..most).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if is_whole { short + most } else { short }
    };
    let braced = || rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(inner, _)| inner);
    match (kind, braced()) {
        ('p' | 'P', Some(name)) if is_property(name) => short + name.len() + 2,
        ('p' | 'P', None) if rest.starts_with(['L', 'M', 'N', 'P', 'S', 'Z', 'C']) => short + 1,
        ('x' | 'u' | 'U', Some(number)) if is_code_point(number) => short + number.len() + 2,
        ('x', None) => digits(2),
        ('u', None) => digits(4),
        ('U', None) => digits(8),
        _ => short,
    }
}

/// Whether it is a property of characters: anything else in its place may be a name.
fn is_property(name: &str) -> bool {
    name.len() <= 40 && regex::Regex::new(&format!("\\p{{{name}}}")).is_ok()
}

fn is_code_point(number: &str) -> bool {
    (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// How long `{2,3}` is; one character where it is none, or too large to be one.
fn repetition(text: &str) -> usize {
    let inner = text.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(inner, _)| inner);
    let is_number = |part: &str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    match inner {
        Some(inner) if inner.split(',').count() <= 2 && inner.split(',').all(is_number) => inner.len() + 2,
        _ => 1,
    }
}

/// How long the beginning of a group is: its flags, and the letter that says that its name follows.
fn group(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("(?") else { return 1 };
    if rest.starts_with("P<") {
        return "(?P<".len();
    }
    let end = rest.find(|next: char| !"imsUuxR-".contains(next)).unwrap_or(rest.len());
    let is_closed = rest.get(end..).is_some_and(|after| after.starts_with([':', ')']));
    if is_closed { "(?".len() + end } else { "(?".len() }
}

/// How long a class is that begins here; `None` where it has no end.
fn class(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    // A bracket that closes nothing yet is a character of the class.
    let mut is_first = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => {
                depth += 1;
                is_first = true;
                continue;
            }
            '^' if is_first => continue,
            ']' if !is_first => depth -= 1,
            _ => {}
        }
        is_first = false;
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// A whole class: ranges, escapes and classes with a name stay.
fn masked_class(scrambler: &Scrambler, text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = kept_in_class(rest);
        if end > 0 {
            let (kept, after) = rest.split_at(end);
            replaced.push_str(kept);
            rest = after;
            continue;
        }
        // Letters that stand alone, up to the first of a range.
        let mut end = 0;
        while end < rest.len() && kept_in_class(rest.get(end..).unwrap_or_default()) == 0 {
            end += rest.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        }
        let (letters, after) = rest.split_at(end);
        replaced.push_str(&words(letters, |word| scrambler.word(word)));
        rest = after;
    }
    replaced
}

/// How much of a class stays as it is from here on; nothing when a letter stands here by itself.
fn kept_in_class(text: &str) -> usize {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return 0 };
    if first == '\\' {
        return escape(text);
    }
    if let Some((name, _)) = text.strip_prefix("[:").and_then(|rest| rest.split_once(":]"))
        && NAMED.contains(&name.trim_start_matches('^'))
    {
        return name.len() + 4;
    }
    if !first.is_alphanumeric() {
        return first.len_utf8();
    }
    let last = characters.next().filter(|dash| *dash == '-').and_then(|_| characters.next());
    last.filter(|last| last.is_alphanumeric()).map_or(0, |last| first.len_utf8() + 1 + last.len_utf8())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn scrambler() -> Scrambler {
        Scrambler::new(&[3; 32])
    }

    #[rstest]
    #[case(r"^[a-m]\w{2,3}.*")]
    #[case(r"(?i)\d+")]
    #[case(r"(?i-s:\w)")]
    #[case(r"\p{L}\P{Greek}\pN")]
    #[case(r"\x{41}\x41\u0041\U00000041")]
    #[case(r"[[:alpha:][:^digit:]]{4}")]
    #[case(r"[]^\d]")]
    fn the_language_stays(#[case] text: &str) {
        assert_eq!(masked(&scrambler(), text), text);
    }

    #[rstest]
    #[case(r"^alvarez\d", "alvarez")]
    #[case(r"[alvarez]+", "alvarez")]
    #[case(r"[alvarez", "alvarez")]
    #[case(r"[^lvz0-9alvarez]", "alvarez")]
    #[case(r"\p{alvarez}", "alvarez")]
    #[case(r"\p{alvarez", "alvarez")]
    #[case(r"x{4711234}", "4711234")]
    #[case(r"(?alvarez)", "alvarez")]
    #[case(r"(?P<alvarez>x)", "alvarez")]
    #[case(r"(?sim", "sim")]
    #[case(r"\x{4711234}", "4711234")]
    fn what_it_is_about_does_not(#[case] text: &str, #[case] name: &str) {
        let replaced = masked(&scrambler(), text);
        assert!(!replaced.contains(name), "{replaced}");
    }

    proptest! {
        #[test]
        fn what_is_one_stays_one(text in "(\\(\\?i\\))?(\\\\[dwsb]|[a-z]{1,3}|\\[[a-m]-[n-z][a-z]?\\]|[a-z]\\{[0-9],\\}|\\\\p\\{L\\}|[a-z]\\||[éА王]\\+|\\[\\^[a-z]{1,3}\\]){1,8}") {
            let replaced = masked(&scrambler(), &text);
            prop_assert_eq!(replaced.chars().count(), text.chars().count());
            prop_assert!(regex::Regex::new(&text).is_err() || regex::Regex::new(&replaced).is_ok(), "{} {}", text, replaced);
        }

        #[test]
        fn nothing_grows_or_shrinks(text in "[a-z:!|()~<\\[\\]\\\\ {}?^,王é0-9-]{0,24}") {
            prop_assert_eq!(masked(&scrambler(), &text).chars().count(), text.chars().count());
        }
    }
}
