//! Texts against values: exact, with `*`, or a regular expression; always without regard to case.

use regex::{Regex, RegexBuilder};

use super::{
    FilterError,
    grammar::{Operator, Value, shown},
};

/// The most memory that one compiled regular expression may take.
const REGEX_SIZE_LIMIT: usize = 256 * 1024;

/// A compiled text value.
#[derive(Debug)]
pub(super) enum Pattern {
    /// The whole text.
    Exact(Needle),
    /// Parts in this order, with anything between them.
    Glob { parts: Vec<Needle>, from_start: bool, to_end: bool },
    /// A regular expression, found anywhere.
    Regex(Box<Regex>),
}

impl Pattern {
    /// Compiles the value of a text field.
    pub(super) fn compile(operator: Operator, value: &Value) -> Result<Self, FilterError> {
        if operator == Operator::Regex { Self::regex(value) } else { Ok(Self::glob(&value.text)) }
    }

    fn regex(value: &Value) -> Result<Self, FilterError> {
        let built = RegexBuilder::new(&value.text)
            .case_insensitive(true)
            .size_limit(REGEX_SIZE_LIMIT)
            .dfa_size_limit(REGEX_SIZE_LIMIT)
            .build();
        built.map(|regex| Self::Regex(Box::new(regex))).map_err(|error| {
            let why = match error {
                regex::Error::CompiledTooBig(_) => "is too big".to_owned(),
                // The last line says what is wrong, the others draw the place.
                other => other
                    .to_string()
                    .lines()
                    .last()
                    .map_or_else(String::new, |line| line.trim_start_matches("error: ").to_owned()),
            };
            let message = format!("{} is no usable regular expression: {why}", shown(&value.text));
            FilterError::new(value.span.clone(), message).suggest("for example machine~^fin(w11|vdi)-0")
        })
    }

    /// A text in which `*` stands for anything.
    pub(super) fn glob(text: &str) -> Self {
        if !text.contains('*') {
            return Self::Exact(Needle::new(text));
        }
        Self::Glob {
            parts: text.split('*').filter(|part| !part.is_empty()).map(Needle::new).collect(),
            from_start: !text.starts_with('*'),
            to_end: !text.ends_with('*'),
        }
    }

    /// Whether a value matches.
    pub(super) fn matches(&self, value: &str) -> bool {
        match self {
            Self::Regex(regex) => regex.is_match(value),
            Self::Exact(needle) if value.is_ascii() => needle.lower.eq_ignore_ascii_case(value),
            Self::Exact(needle) => needle.lower == value.to_lowercase(),
            Self::Glob { parts, from_start, to_end } if value.is_ascii() => {
                glob_matches(parts, *from_start, *to_end, value.as_bytes())
            }
            Self::Glob { parts, from_start, to_end } => {
                glob_matches(parts, *from_start, *to_end, value.to_lowercase().as_bytes())
            }
        }
    }

    /// Whether every text matches.
    pub(super) fn is_anything(&self) -> bool {
        matches!(self, Self::Glob { parts, .. } if parts.is_empty())
    }

    /// Whether it is meant for the id of a thing, a GUID, rather than for names.
    pub(super) fn is_for_ids(&self) -> bool {
        let is_part = |(part, length): (&str, usize)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let is_guid =
            |text: &str| text.matches('-').count() == 4 && text.split('-').zip([8, 4, 4, 4, 12]).all(is_part);
        matches!(self, Self::Exact(needle) if is_guid(&needle.lower))
    }

    /// Whether it is meant for security identifiers (`S-1-…`) rather than for names.
    pub(super) fn is_for_sids(&self) -> bool {
        let beginning = match self {
            Self::Exact(needle) => Some(needle),
            Self::Glob { parts, from_start: true, .. } => parts.first(),
            Self::Glob { .. } | Self::Regex(_) => None,
        };
        beginning.is_some_and(|needle| needle.lower.starts_with("s-1-"))
    }
}

/// A text in small letters.
#[derive(Debug)]
pub(super) struct Needle {
    lower: String,
}

impl Needle {
    fn new(text: &str) -> Self {
        Self { lower: text.to_lowercase() }
    }
}

/// Whether the parts stand in the value in this order. Taking each part as early as possible is enough, except for the
/// last one when it must stand at the end.
fn glob_matches(parts: &[Needle], from_start: bool, to_end: bool, value: &[u8]) -> bool {
    let mut rest = value;
    let mut parts = parts.iter().map(|part| part.lower.as_bytes()).peekable();
    if from_start && let Some(first) = parts.next() {
        match rest.split_at_checked(first.len()) {
            Some((start, after)) if start.eq_ignore_ascii_case(first) => rest = after,
            _ => return false,
        }
    }
    while let Some(part) = parts.next() {
        if to_end && parts.peek().is_none() {
            let Some(from) = rest.len().checked_sub(part.len()) else {
                return false;
            };
            return rest.get(from..).is_some_and(|end| end.eq_ignore_ascii_case(part));
        }
        let Some(at) = rest.windows(part.len()).position(|window| window.eq_ignore_ascii_case(part)) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    true
}

/// A plain word: its parts must stand, in this order, in one line of the lower-cased text of a row.
#[derive(Debug)]
pub(super) struct Word {
    parts: Vec<String>,
}

impl Word {
    /// Compiles a word; `*` stands for anything within one value.
    pub(super) fn new(word: &str) -> Self {
        let lower = word.to_lowercase();
        Self { parts: lower.split('*').filter(|part| !part.is_empty()).map(str::to_owned).collect() }
    }

    /// Its letters, when there is no `*` between them.
    pub(super) fn only_part(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether a lower-cased text holds it; values are separated by line breaks.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self.parts.as_slice() {
            [] => true,
            [only] => text.contains(only.as_str()),
            parts => text.lines().any(|line| {
                let mut rest = line;
                parts.iter().all(|part| match rest.split_once(part.as_str()) {
                    Some((_, after)) => {
                        rest = after;
                        true
                    }
                    None => false,
                })
            }),
        }
    }
}
