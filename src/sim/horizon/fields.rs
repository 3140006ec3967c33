//! Fields of the lists: which version has them, what can be filtered and sorted, and how they are written.
//!
//! Each model is one table, from which its JSON, its filters and its sort keys follow, so that they cannot
//! disagree (`horizon-rest.md sections 5 and 7.3`).

use std::borrow::Cow;
use std::cmp::Ordering;

use super::json::Json;
use crate::sim::faults::Quirks;
use crate::sim::release::Release;

/// `Equals`.
pub(crate) const EQ: u8 = 1;
/// `NotEquals`.
pub(crate) const NE: u8 = 2;
/// `Contains`.
pub(crate) const CO: u8 = 4;
/// `StartsWith`.
pub(crate) const SW: u8 = 8;
/// `EndsWith`.
pub(crate) const EW: u8 = 16;
/// `Between`.
pub(crate) const BT: u8 = 32;

/// The value of one field of one row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// The field is not written at all.
    Absent,
    Text(Cow<'a, str>),
    Integer(i64),
    Boolean(bool),
    Texts(Vec<Cow<'a, str>>),
    /// An object inside; what is absent in it is left out.
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Value<'a> {
    pub(crate) fn text(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }

    pub(crate) fn owned(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }

    pub(crate) fn optional(value: Option<Cow<'a, str>>) -> Self {
        value.map_or(Self::Absent, Self::Text)
    }

    /// Rows without the value come last, whatever the order.
    pub(crate) fn order(&self, other: &Self, descending: bool) -> Ordering {
        let forward = match (self, other) {
            (Self::Absent, Self::Absent) => return Ordering::Equal,
            (Self::Absent, _) => return Ordering::Greater,
            (_, Self::Absent) => return Ordering::Less,
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::Integer(one), Self::Integer(two)) => one.cmp(two),
            (Self::Boolean(one), Self::Boolean(two)) => one.cmp(two),
            _ => Ordering::Equal,
        };
        if descending { forward.reverse() } else { forward }
    }
}

/// One field of a model. A dotted name is a field of a nested object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<F> {
    pub(crate) name: &'static str,
    /// First and last version of the resource that has it.
    pub(crate) versions: (u8, u8),
    pub(crate) filters: u8,
    /// Filters that came with a later release.
    pub(crate) later: (u8, Release),
    pub(crate) sortable: bool,
    /// The first release that has the field, whatever the version.
    pub(crate) since: Release,
    pub(crate) of: F,
}

impl<F> Field<F> {
    pub(crate) const fn new(of: F, name: &'static str, first: u8, filters: u8, sortable: bool) -> Self {
        Self {
            name,
            versions: (first, u8::MAX),
            filters,
            later: (0, Release::R2006),
            sortable,
            since: Release::R2006,
            of,
        }
    }

    /// The field ends with this version.
    pub(crate) const fn until(mut self, last: u8) -> Self {
        self.versions.1 = last;
        self
    }

    /// These filters exist only since `release`.
    pub(crate) const fn later(mut self, filters: u8, release: Release) -> Self {
        self.later = (filters, release);
        self
    }

    /// The field exists only since `release`.
    pub(crate) const fn since(mut self, release: Release) -> Self {
        self.since = release;
        self
    }

    pub(crate) fn is_in(&self, version: u8, release: Release) -> bool {
        self.versions.0 <= version && version <= self.versions.1 && self.since <= release
    }

    /// The filters that a release takes on this field.
    pub(crate) fn allowed(&self, release: Release) -> u8 {
        if release >= self.later.1 { self.filters } else { self.filters & !self.later.0 }
    }
}

/// A row of a list.
pub(crate) trait Row {
    type Field: Copy + PartialEq + std::fmt::Debug + 'static;
    const FIELDS: &'static [Field<Self::Field>];
    /// Older releases do not filter the list and ignore the parameter (horizon-rest.md section 5.6).
    const FILTERED_SINCE: Release = Release::R2006;

    fn value(&self, field: Self::Field) -> Value<'_>;
}

/// Writes a row as `version` of a release has it.
pub(crate) fn write<R: Row>(row: &R, version: u8, release: Release, quirks: Quirks, json: &mut Json) {
    json.begin_object();
    let mut group: Option<&'static str> = None;
    for field in R::FIELDS {
        if !field.is_in(version, release) || quirks.hides(field.name) {
            continue;
        }
        let value = row.value(field.of);
        if value == Value::Absent {
            continue;
        }
        let (prefix, name) = match field.name.split_once('.') {
            Some((prefix, name)) => (Some(prefix), name),
            None => (None, field.name),
        };
        if prefix != group {
            if group.is_some() {
                json.end_object();
            }
            if let Some(prefix) = prefix {
                json.key(prefix);
                json.begin_object();
            }
            group = prefix;
        }
        json.key(name);
        write_value(&value, quirks, field.name, json);
    }
    if group.is_some() {
        json.end_object();
    }
    json.end_object();
}

fn write_value(value: &Value<'_>, quirks: Quirks, name: &str, json: &mut Json) {
    match value {
        Value::Absent => {}
        Value::Text(text) => json.text(quirks.word(name).unwrap_or(text)),
        Value::Integer(number) => json.integer(*number),
        Value::Boolean(yes) => json.boolean(*yes),
        Value::Texts(texts) => json.texts(texts),
        Value::Object(members) => json.object(|json| {
            for (key, value) in members.iter().filter(|(_, value)| *value != Value::Absent) {
                json.key(key);
                write_value(value, quirks, key, json);
            }
        }),
    }
}
