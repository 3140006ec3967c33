//! What is told of things of Workspace outside the console: the field names of the vendor's API, and columns for people.

mod access;
mod app_servers;
mod image_servers;

use serde::Serialize;

use crate::domain::Moment;

pub(crate) use access::AccessRecord;

/// What stands for what is not known.
const UNKNOWN: &str = "?";

/// A kind of thing that is listed: an object for programs, columns for people.
pub(crate) trait Listed {
    /// It with the field names of the vendor's API. What is not known is absent.
    type Row<'a>: Serialize
    where
        Self: 'a;

    /// The fields of a list in CSV, in order.
    const FIELDS: &'static [&'static str];
    /// The titles of a list for reading.
    const TITLES: &'static [&'static str];

    /// One as an object.
    fn row(&self) -> Self::Row<'_>;

    /// One as a line below the titles.
    fn cells(&self) -> Vec<String>;
}

/// A value for reading.
pub(crate) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

/// A time in UTC; as the server wrote it where that could not be read.
pub(crate) fn time(moment: Option<&Moment>) -> Option<String> {
    moment.map(|moment| moment.at.map_or_else(|| moment.raw.to_string(), |at| at.to_string()))
}
