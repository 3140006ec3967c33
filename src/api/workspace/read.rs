//! Reading what the cloud sends: lists with their totals, and values that stand for nothing (`workspace.md section 4`).

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    api::{
        Operation, decode, fault,
        page::{Keyed, Page},
    },
    domain::{Fault, Moment, Text},
};

/// A text; `None` when there is nothing in it.
pub(super) fn text(raw: Option<String>) -> Option<Text> {
    raw.filter(|raw| !raw.is_empty()).map(Text::from)
}

/// A word of an enum; `None` also for the text `null`, which several of them have for "not set".
pub(super) fn word<W: From<Text>>(raw: Option<String>) -> Option<W> {
    raw.filter(|raw| !raw.is_empty() && raw != "null").map(|raw| W::from(Text::from(raw)))
}

/// A point in time.
pub(super) fn moment(raw: Option<String>) -> Option<Moment> {
    raw.and_then(|raw| Moment::read(&raw))
}

/// An id; `None` when there is nothing in it.
pub(super) fn id<I: From<String>>(raw: Option<String>) -> Option<I> {
    raw.filter(|raw| !raw.is_empty()).map(I::from)
}

/// A row with what makes it the same row on another page.
pub(super) struct Row<R>(pub(super) String, pub(super) R);

impl<R> Keyed for Row<R> {
    type Key = String;

    fn key(&self) -> String {
        self.0.clone()
    }
}

/// Reads a page: an object with the total under `count` and the rows under a key that each call has of its own. A row
/// that `convert` does not take, because it has no id, counts as one that could not be read.
pub(super) fn page<W: DeserializeOwned, R>(
    operation: Operation,
    key: &str,
    body: &[u8],
    convert: impl Fn(W) -> Option<Row<R>>,
) -> Result<Page<Row<R>>, Fault> {
    let mut json: Value = serde_json::from_slice(body).map_err(|error| {
        let what = if body.trim_ascii_start().starts_with(b"<") {
            "the answer is a web page, not JSON".to_owned()
        } else {
            format!("the answer is no JSON: {error}")
        };
        fault::bad_answer(operation, &what)
    })?;
    let total = json.get("count").and_then(total);
    let values = match json.get_mut(key).map(Value::take) {
        Some(Value::Array(values)) => values,
        // Nothing may be absent, null or empty.
        None | Some(Value::Null) if total == Some(0) => Vec::new(),
        _ => return Err(fault::bad_answer(operation, &format!("the answer has no list under `{key}`"))),
    };
    let listed = decode::values::<W>(operation, values);
    let read = listed.rows.len();
    let rows: Vec<Row<R>> = listed.rows.into_iter().filter_map(convert).collect();
    let unreadable = listed.unreadable + (read - rows.len());
    Ok(Page {
        sent: listed.sent,
        rows,
        unreadable,
        unreadable_fields: listed.unreadable_fields,
        more: false,
        total,
    })
}

fn total(count: &Value) -> Option<usize> {
    let number = count.as_u64().or_else(|| count.as_str()?.trim().parse().ok())?;
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::domain::ImageServerStatus;

    #[derive(Deserialize)]
    struct Wire {
        id: Option<String>,
    }

    fn read(body: &str) -> Result<Page<Row<String>>, Fault> {
        page(Operation::ListImageServers, "items", body.as_bytes(), |wire: Wire| {
            let id = wire.id?;
            Some(Row(id.clone(), id))
        })
    }

    #[test]
    fn a_page_has_its_total_and_rows_without_an_id_are_unreadable() {
        let page = read(r#"{"count":7,"items":[{"id":"702364883651395584"},{"id":null},17]}"#).unwrap();
        assert_eq!((page.total, page.sent, page.unreadable), (Some(7), 3, 2));
        assert_eq!(page.rows[0].1, "702364883651395584");
        assert_eq!(read(r#"{"count":0}"#).unwrap().sent, 0);
        assert_eq!(read(r#"{"count":0,"items":null}"#).unwrap().total, Some(0));
        assert_eq!(read(r#"{"items":[]}"#).unwrap().total, None);
        for bad in
            ["", "<html>", "[]", r#"{"count":3}"#, r#"{"count":3,"items":null}"#, r#"{"total_count":0}"#]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_has_several_spellings() {
        let status = |raw: &str| word::<ImageServerStatus>(Some(raw.to_owned()));
        assert_eq!(status("null"), None);
        assert_eq!(status(""), None);
        assert_eq!(status("ACTIVE"), Some(ImageServerStatus::Active));
        assert_eq!(text(Some(String::new())), None);
        assert_eq!(text(Some("null".into())).unwrap().as_str(), "null", "a name may be that");
    }
}
