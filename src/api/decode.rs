//! Reading answers leniently: one bad row or field must not cost the rest of a page.

use std::fmt;

use serde::{
    Deserialize, Deserializer as _,
    de::{DeserializeOwned, SeqAccess, Visitor},
};
use serde_json::Value;
use serde_path_to_error::Segment;

use super::{Operation, fault};
use crate::domain::Fault;

/// Rows of a list, and what had to be left out.
#[derive(Debug)]
pub(super) struct Listed<W> {
    pub(super) rows: Vec<W>,
    /// How many rows were sent.
    pub(super) sent: usize,
    /// Rows that were left out.
    pub(super) unreadable: usize,
    /// Fields that were left out of these rows.
    pub(super) unreadable_fields: usize,
}

/// A row has fewer fields than this; whoever sends more bad ones sends nonsense.
const MOST_BAD_FIELDS: usize = 64;

/// Reads a JSON array. Fast when everything is as it should be; otherwise row by row, leaving out the fields that are
/// not what they should be, and rows that are no objects.
pub(super) fn rows<W: DeserializeOwned>(operation: Operation, body: &[u8]) -> Result<Listed<W>, Fault> {
    if let Ok(rows) = serde_json::from_slice::<Vec<W>>(body) {
        return Ok(Listed { sent: rows.len(), rows, unreadable: 0, unreadable_fields: 0 });
    }
    Ok(values(operation, array(operation, body)?))
}

/// Takes rows as they are read, borrowed from the answer.
pub(super) trait TakeRows {
    /// A row as it is on the wire.
    type Row<'body>: Deserialize<'body>;

    /// Takes one; says whether anything can be done with it.
    fn take(&mut self, row: Self::Row<'_>) -> bool;
}

/// How many rows an answer had, and what had to be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// How many rows were sent.
    pub(super) sent: usize,
    /// Rows that were left out.
    pub(super) unreadable: usize,
    /// Fields that were left out of the others.
    pub(super) unreadable_fields: usize,
}

/// Reads a JSON array as [`rows`] does, without making rows of it that outlive the answer.
pub(super) fn rows_into<T: TakeRows>(operation: Operation, body: &[u8], into: &mut T) -> Result<Told, Fault> {
    let mut told = Told::default();
    // That all of it is text is found out at once, not for each word.
    let read = match str::from_utf8(body) {
        Ok(text) => one_by_one(&mut serde_json::Deserializer::from_str(text), into, &mut told),
        Err(_) => one_by_one(&mut serde_json::Deserializer::from_slice(body), into, &mut told),
    };
    if read.is_ok() {
        return Ok(told);
    }
    // Those before the one that is not as it should be are taken already.
    let taken = told.sent;
    let values_sent = array(operation, body)?;
    told.sent = values_sent.len();
    for (number, value) in values_sent.into_iter().enumerate().skip(taken) {
        match row_into(operation, number, value, into) {
            Some((true, left_out)) => told.unreadable_fields += left_out,
            Some((false, left_out)) => {
                told.unreadable += 1;
                told.unreadable_fields += left_out;
            }
            None => told.unreadable += 1,
        }
    }
    Ok(told)
}

fn one_by_one<'de, T: TakeRows>(
    letters: &mut serde_json::Deserializer<impl serde_json::de::Read<'de>>,
    into: &mut T,
    told: &mut Told,
) -> serde_json::Result<()> {
    letters.deserialize_seq(OneByOne { into, told })?;
    letters.end()
}

/// Takes the elements of an array as they come, so that never more than one of them is there.
struct OneByOne<'t, T> {
    into: &'t mut T,
    told: &'t mut Told,
}

impl<'de, T: TakeRows> Visitor<'de> for OneByOne<'_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<T::Row<'de>>()? {
            self.told.sent += 1;
            self.told.unreadable += usize::from(!self.into.take(row));
        }
        Ok(())
    }
}

/// As [`row`]; says whether anything can be done with the row, and how many fields were left out.
fn row_into<T: TakeRows>(
    operation: Operation,
    number: usize,
    mut value: Value,
    into: &mut T,
) -> Option<(bool, usize)> {
    for left_out in 0..MOST_BAD_FIELDS {
        let error = match try_row(&value, into) {
            Ok(usable) => return Some((usable, left_out)),
            Err(error) => error,
        };
        if !leave_out(operation, number, &mut value, &error) {
            break;
        }
    }
    None
}

/// Where and why a row could not be read.
type Unreadable = serde_path_to_error::Error<serde_json::Error>;

fn try_row<T: TakeRows>(value: &Value, into: &mut T) -> Result<bool, Unreadable> {
    serde_path_to_error::deserialize::<_, T::Row<'_>>(value).map(|row| into.take(row))
}

/// Takes out of a row what could not be read; says whether there was something.
fn leave_out(operation: Operation, number: usize, value: &mut Value, error: &Unreadable) -> bool {
    tracing::debug!(%operation, row = number, path = %error.path(), error = %error.inner(), "unreadable");
    let path: Vec<Segment> = error.path().iter().cloned().collect();
    remove(value, &path)
}

/// The elements of an array.
fn array(operation: Operation, body: &[u8]) -> Result<Vec<Value>, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        let what = if body.trim_ascii_start().starts_with(b"<") {
            "the answer is a web page, not JSON".to_owned()
        } else {
            format!("the answer is no list in JSON: {error}")
        };
        fault::bad_answer(operation, &what)
    })
}

/// Reads one object as [`object`] does; says whether anything can be done with it.
pub(super) fn object_into<T: TakeRows>(
    operation: Operation,
    body: &[u8],
    into: &mut T,
) -> Result<bool, Fault> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| fault::bad_answer(operation, &format!("the answer is no JSON: {error}")))?;
    let path = serde_path_to_error::deserialize::<_, T::Row<'_>>(&value).err();
    row_into(operation, 0, value, into).map(|(usable, _)| usable).ok_or_else(|| {
        let why = path.map_or_else(String::new, |error| error.to_string());
        fault::bad_answer(operation, &format!("the answer is not as expected: {why}"))
    })
}

/// Reads rows that have been taken out of something else already.
pub(super) fn values<W: DeserializeOwned>(operation: Operation, values: Vec<Value>) -> Listed<W> {
    let sent = values.len();
    let mut read = Listed { rows: Vec::with_capacity(sent), sent, unreadable: 0, unreadable_fields: 0 };
    for (number, value) in values.into_iter().enumerate() {
        match row(operation, number, value) {
            Some((row, left_out)) => {
                read.rows.push(row);
                read.unreadable_fields += left_out;
            }
            None => read.unreadable += 1,
        }
    }
    read
}

/// Reads one row, and says how many of its fields were left out; `None` when nothing is left of it.
fn row<W: DeserializeOwned>(operation: Operation, number: usize, mut value: Value) -> Option<(W, usize)> {
    for left_out in 0..MOST_BAD_FIELDS {
        let error = match serde_path_to_error::deserialize::<_, W>(&value) {
            Ok(row) => return Some((row, left_out)),
            Err(error) => error,
        };
        if !leave_out(operation, number, &mut value, &error) {
            break;
        }
    }
    None
}

/// Takes what lies at the path out of a value; returns whether there was something.
fn remove(value: &mut Value, path: &[Segment]) -> bool {
    match (value, path) {
        (Value::Object(fields), [Segment::Map { key }]) => fields.remove(key).is_some(),
        (Value::Object(fields), [Segment::Map { key }, rest @ ..]) => {
            fields.get_mut(key).is_some_and(|inner| remove(inner, rest)) || fields.remove(key).is_some()
        }
        (Value::Array(items), [Segment::Seq { index }]) if *index < items.len() => {
            items.remove(*index);
            true
        }
        (Value::Array(items), [Segment::Seq { index }, rest @ ..]) => {
            items.get_mut(*index).is_some_and(|inner| remove(inner, rest))
        }
        _ => false,
    }
}

/// Reads one object by the same rules.
pub(super) fn object<W: DeserializeOwned>(operation: Operation, body: &[u8]) -> Result<(W, usize), Fault> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| fault::bad_answer(operation, &format!("the answer is no JSON: {error}")))?;
    let path = serde_path_to_error::deserialize::<_, W>(&value).err();
    row(operation, 0, value).ok_or_else(|| {
        let why = path.map_or_else(String::new, |error| error.to_string());
        fault::bad_answer(operation, &format!("the answer is not as expected: {why}"))
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::domain::FaultKind;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        id: Option<String>,
        minutes: Option<i64>,
        names: Option<Vec<String>>,
        client: Option<Client>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Client {
        name: Option<String>,
        version: Option<String>,
    }

    fn read(body: &str) -> Result<Listed<Row>, Fault> {
        rows(Operation::ListSessions, body.as_bytes())
    }

    #[test]
    fn only_what_is_wrong_is_left_out() {
        let read = read(
            r#"[{"id":"a","minutes":"four","names":["x",7,"y"],"client":{"name":"c","version":5}},
                {"id":"b","minutes":3,"future":{}}, 17, {"id":"c","client":"none"}]"#,
        )
        .unwrap();
        assert_eq!((read.sent, read.unreadable, read.unreadable_fields), (4, 1, 4));
        assert_eq!(read.rows.len(), 3);
        assert_eq!(read.rows[0].minutes, None);
        assert_eq!(read.rows[0].names.as_deref(), Some(&["x".to_owned(), "y".to_owned()][..]));
        assert_eq!(read.rows[0].client, Some(Client { name: Some("c".into()), version: None }));
        assert_eq!(read.rows[1].minutes, Some(3));
        assert_eq!(read.rows[2], Row { id: Some("c".into()), minutes: None, names: None, client: None });
    }

    #[test]
    fn no_list_is_a_bad_answer() {
        for (body, words) in
            [("<html>", "a web page"), (r#"{"id":"a"}"#, "no list"), (r#"[{"id":"a""#, "EOF"), ("", "EOF")]
        {
            let fault = read(body).unwrap_err();
            assert_eq!(fault.kind, FaultKind::BadAnswer);
            assert!(fault.message.as_str().contains(words), "{fault}");
        }
    }

    #[test]
    fn an_object_names_what_is_wrong_with_it() {
        let (row, left_out) = object::<Row>(Operation::ReadSession, br#"{"id":"a","minutes":[]}"#).unwrap();
        assert_eq!((row.id.as_deref(), left_out), (Some("a"), 1));
        assert!(object::<Row>(Operation::ReadSession, b"[1]").is_err());
    }
}
