//! Reading values out of a parsed TOML file, collecting every mistake with its place.
//!
//! The tree is walked by hand rather than derived: all mistakes are reported at once, in the operator's words and with
//! the nearest valid name, and a mistake in the looks does not keep the rest from being used.

use std::ops::{Range, RangeInclusive};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::diagnostic::{Diagnostic, Gravity, Reveal, Source, nearest};

/// A key with its value, both with their places.
pub(super) struct Entry<'a, 'i> {
    pub(super) key: &'a Spanned<DeString<'i>>,
    pub(super) value: &'a Spanned<DeValue<'i>>,
    /// How grave a wrong value is.
    pub(super) gravity: Gravity,
}

impl Entry<'_, '_> {
    /// The key.
    pub(super) fn name(&self) -> &str {
        self.key.get_ref()
    }
}

/// Entries of a table in the order of the file.
pub(super) fn entries<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let mut entries: Vec<Entry<'a, 'i>> =
        table.iter().map(|(key, value)| Entry { key, value, gravity: Gravity::Error }).collect();
    entries.sort_by_key(|entry| entry.key.span().start);
    entries
}

/// Collects mistakes while values are taken.
pub(super) struct Reader<'a> {
    pub(super) source: Source<'a>,
    pub(super) mistakes: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, mistakes: Vec::new() }
    }

    /// Notes a mistake.
    pub(super) fn mistake(
        &mut self,
        gravity: Gravity,
        span: Range<usize>,
        problem: impl Into<String>,
        hint: Option<String>,
    ) {
        self.mistakes.push(self.source.mistake(gravity, span, Reveal::Key, problem, hint));
    }

    /// Notes a key that does not exist there. Always an error: `read_onyl = true` must not be passed over.
    pub(super) fn unknown(&mut self, entry: &Entry<'_, '_>, known: &[&str]) {
        let hint = match nearest(entry.name(), known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("valid here: {}", known.join(", ")),
        };
        let problem = format!("unknown key `{}`", entry.name());
        self.mistake(Gravity::Error, entry.key.span(), problem, Some(hint));
    }

    /// Notes a value that is not among the known ones.
    pub(super) fn unknown_value(
        &mut self,
        gravity: Gravity,
        span: Range<usize>,
        what: &str,
        given: &str,
        known: &[&str],
    ) {
        let hint = match nearest(given, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", known.join(", ")),
        };
        self.mistake(gravity, span, format!("there is no {what} `{given}`"), Some(hint));
    }

    /// Notes a value that cannot be used.
    pub(super) fn bad_value(&mut self, entry: &Entry<'_, '_>, problem: &str, hint: Option<String>) {
        self.mistake(entry.gravity, entry.value.span(), format!("`{}`: {problem}", entry.name()), hint);
    }

    fn wrong_type(&mut self, entry: &Entry<'_, '_>, wanted: &str) {
        let problem =
            format!("`{}` must be {wanted}, not {}", entry.name(), with_article(entry.value.get_ref()));
        self.mistake(entry.gravity, entry.value.span(), problem, None);
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, entry: &Entry<'_, '_>) -> Option<String> {
        match entry.value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.bad_value(entry, "is empty", None);
                None
            }
            DeValue::String(text) => Some(text.clone().into_owned()),
            _ => {
                self.wrong_type(entry, "a text in quotes");
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, entry: &Entry<'_, '_>) -> Option<bool> {
        if let DeValue::Boolean(value) = entry.value.get_ref() {
            Some(*value)
        } else {
            self.wrong_type(entry, "true or false");
            None
        }
    }

    /// A whole number within limits.
    pub(super) fn number(&mut self, entry: &Entry<'_, '_>, range: RangeInclusive<u32>) -> Option<u32> {
        let limits = format!("a whole number from {} to {}", range.start(), range.end());
        let DeValue::Integer(integer) = entry.value.get_ref() else {
            self.wrong_type(entry, &limits);
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| u32::try_from(number).ok());
        if number.is_none_or(|number| !range.contains(&number)) {
            self.bad_value(entry, &format!("must be {limits}"), None);
            return None;
        }
        number
    }

    /// A list of texts with their places, none of them empty. With `single`, one text alone will do. An element that cannot
    /// be used is noted and left out, so that it hides no other; `None` when none is left.
    pub(super) fn texts(
        &mut self,
        entry: &Entry<'_, '_>,
        single: bool,
    ) -> Option<Vec<(String, Range<usize>)>> {
        match entry.value.get_ref() {
            DeValue::String(_) if single => self.text(entry).map(|text| vec![(text, entry.value.span())]),
            DeValue::Array(array) => {
                if array.is_empty() {
                    self.bad_value(entry, "is an empty list", None);
                }
                let elements =
                    array.iter().map(|value| Entry { key: entry.key, value, gravity: entry.gravity });
                let texts: Vec<_> = elements
                    .filter_map(|element| Some((self.text(&element)?, element.value.span())))
                    .collect();
                (!texts.is_empty()).then_some(texts)
            }
            _ => {
                self.wrong_type(entry, "a list of texts in quotes");
                None
            }
        }
    }

    /// A table.
    pub(super) fn table<'v, 'i>(&mut self, entry: &Entry<'v, 'i>) -> Option<&'v DeTable<'i>> {
        if let DeValue::Table(table) = entry.value.get_ref() {
            Some(table)
        } else {
            self.wrong_type(entry, "a table");
            None
        }
    }
}

fn with_article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
