//! What is wrong with a file that is no TOML, in the operator's words: the parser's own speak of literals and tables.

use std::ops::Range;

use super::file::{HARMLESS_KEYS, PASSWORD_KEYS};

/// Keys whose values are numbers.
const NUMBERS: &[&str] = &[
    "refresh_seconds",
    "event_lines",
    "chunk_size",
    "requests",
    "lookups",
    "failures",
    "longest_rest_seconds",
];

/// A mistake: where, what, and how it would be right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) span: Range<usize>,
    pub(super) problem: String,
    pub(super) hint: Option<String>,
}

/// Says what the parser found at a place of the text. A value is repeated only where its key is known to be harmless.
pub(super) fn explain(text: &str, span: Range<usize>, message: &str) -> Mistake {
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let told = |problem: &str, hint: Option<String>| Mistake {
        span: span.clone(),
        problem: format!("not valid TOML: {problem}"),
        hint,
    };
    if message.contains("unclosed table") {
        let hint = "such as [profiles.emea]".to_owned();
        return told("the name of a table stands between [ and ], and the ] is missing", Some(hint));
    }
    if message.contains("duplicate key") {
        return told("the same key or table is given twice", None);
    }
    let Some((key, value)) = line.split_once('=') else {
        if message.contains("key with no value") {
            return told("between a key and its value stands =", Some("such as theme = \"nord\"".to_owned()));
        }
        return told(message, None);
    };
    let at = start + key.len() + 1 + (value.len() - value.trim_start().len());
    let (key, value) = (key.trim(), value.split('#').next().unwrap_or_default().trim());
    if span.start < at {
        return told(message, None);
    }
    if value.is_empty() {
        return told("the value is missing", None);
    }
    if matches!(value.chars().next(), Some('"' | '\'')) {
        let is_closed = !message.contains("string");
        return if is_closed {
            told(message, None)
        } else {
            told("a text ends with the quotes it begins with; within \"...\" a \\ is written twice", None)
        };
    }
    let number: String = value.chars().take_while(char::is_ascii_digit).collect();
    if NUMBERS.contains(&key) && !number.is_empty() {
        let hint = Some(format!("{key} = {number}"));
        return Mistake { span: at..at + value.len(), ..told("a number stands alone", hint) };
    }
    let is_bare = value.chars().next().is_some_and(char::is_alphabetic) || message.contains("must be quoted");
    if !is_bare {
        return told(message, None);
    }
    let hint = match value {
        "yes" | "on" | "True" | "TRUE" => format!("{key} = true"),
        "no" | "off" | "False" | "FALSE" => format!("{key} = false"),
        _ if HARMLESS_KEYS.contains(&key) && !value.contains(['@', '"', '\\']) => {
            format!("{key} = \"{value}\"")
        }
        _ if HARMLESS_KEYS.contains(&key) || PASSWORD_KEYS.contains(&key) => format!("{key} = \"...\""),
        _ => "write it as KEY = \"...\"".to_owned(),
    };
    let is_known = HARMLESS_KEYS.contains(&key) || PASSWORD_KEYS.contains(&key);
    let hint = if is_known { hint } else { "write it as KEY = \"...\"".to_owned() };
    Mistake { span: at..at + value.len(), ..told("a text stands in quotes", Some(hint)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Mistake {
        let error = toml::de::DeTable::parse(text).unwrap_err();
        explain(text, error.span().unwrap_or(0..0), error.message())
    }

    #[test]
    fn a_value_without_quotes_is_shown_with_them() {
        let text = "[profiles.a]\nserver = horizon.example.com # ours\n";
        let mistake = told(text);
        assert_eq!(text.get(mistake.span.clone()), Some("horizon.example.com"));
        assert_eq!(mistake.problem, "not valid TOML: a text stands in quotes");
        assert_eq!(mistake.hint.as_deref(), Some("server = \"horizon.example.com\""));
        assert_eq!(told("theme = foretop-dark\n").hint.as_deref(), Some("theme = \"foretop-dark\""));
        assert_eq!(told("read_only = yes\n").hint.as_deref(), Some("read_only = true"));
    }

    #[test]
    fn a_password_is_never_repeated() {
        for text in ["password_plaintext = hunter2\n", "pasword = hunter2\n", "server = kaya:hunter2@cs1\n"] {
            let mistake = told(text);
            assert_eq!(mistake.problem, "not valid TOML: a text stands in quotes", "{text}");
            assert!(!mistake.hint.unwrap().contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_is_said_in_plain_words() {
        assert!(told("[profiles.emea\nserver = \"a\"\n").problem.contains("the ] is missing"));
        assert!(told("server = \"cs1\nusername = \"x\"\n").problem.contains("ends with the quotes"));
        assert!(told("refresh_seconds : 5\n").problem.contains("stands ="));
        assert!(told("theme = \"a\"\ntheme = \"b\"\n").problem.contains("given twice"));
    }
}
