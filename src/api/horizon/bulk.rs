//! Answers to bulk calls: one result for each item (`horizon-rest.md section 4.1`).
//!
//! HTTP 200 says nothing about the items, and an item that is not spoken of has no answer: it may have been carried out.

use std::collections::HashMap;

use serde::Deserialize;

use crate::{
    api::{
        ItemAnswer, Operation,
        changes::CreatedId,
        decode,
        fault::{self, WireReason, Words},
    },
    domain::{Fault, FaultKind},
};

/// `BulkItemResponseInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireItem {
    id: Option<String>,
    status_code: Option<u16>,
    errors: Option<Vec<WireReason>>,
    error_messages: Option<Vec<String>>,
}

fn items(operation: Operation, body: &[u8]) -> Result<decode::Listed<WireItem>, Fault> {
    decode::rows::<WireItem>(operation, body).map_err(|fault| Fault { maybe_done: true, ..fault })
}

/// What an answer says about each id, in their order; `what` is what an item is called, such as `session`.
///
/// # Errors
///
/// When the answer cannot be read at all: the server may have carried the call out.
pub(crate) fn by_id(
    operation: Operation,
    what: &str,
    ids: &[&str],
    body: &[u8],
) -> Result<Vec<ItemAnswer>, Fault> {
    let read = items(operation, body)?;
    let in_order = read.rows.len() == ids.len() && read.sent == ids.len();
    let mut by_id: HashMap<&str, &WireItem> = HashMap::new();
    for item in &read.rows {
        let Some(id) = item.id.as_deref() else { continue };
        // Said twice: the refusal counts.
        by_id
            .entry(id)
            .and_modify(|known| *known = if succeeded(known) { item } else { *known })
            .or_insert(item);
    }
    let answer_of = |(position, id): (usize, &&str)| {
        let item = by_id.get(*id).copied();
        // Without an id the position is the only link.
        let by_position = || read.rows.get(position).filter(|item| in_order && item.id.is_none());
        match item.or_else(by_position) {
            Some(item) => judge(operation, what, item),
            None => left_out(operation, what),
        }
    };
    Ok(ids.iter().enumerate().map(answer_of).collect())
}

/// What an answer says about each of `count` things to be created, in the order of the call: what failed has no id, so
/// the position is the only link. With the id of what was created.
///
/// # Errors
///
/// When the answer cannot be read at all: the server may have carried the call out.
pub(crate) fn in_order(
    operation: Operation,
    what: &str,
    count: usize,
    body: &[u8],
) -> Result<Vec<(ItemAnswer, Option<CreatedId>)>, Fault> {
    let read = items(operation, body)?;
    if read.rows.len() != count || read.sent != count {
        // A result too few or too many, and nobody knows which one belongs to whom.
        return Ok((0..count).map(|_| (left_out(operation, what), None)).collect());
    }
    let answer_of = |item: WireItem| {
        let answer = judge(operation, what, &item);
        let accepted = answer == ItemAnswer::Accepted;
        (answer, item.id.filter(|id| accepted && !id.is_empty()).map(CreatedId))
    };
    Ok(read.rows.into_iter().map(answer_of).collect())
}

fn succeeded(item: &WireItem) -> bool {
    item.status_code.is_some_and(|status| (200..300).contains(&status)) && !has_reasons(item)
}

fn has_reasons(item: &WireItem) -> bool {
    item.errors.as_ref().is_some_and(|errors| !errors.is_empty())
        || item.error_messages.as_ref().is_some_and(|messages| !messages.is_empty())
}

/// What one result means.
fn judge(operation: Operation, what: &str, item: &WireItem) -> ItemAnswer {
    if succeeded(item) {
        return ItemAnswer::Accepted;
    }
    if item.status_code.is_none() && !has_reasons(item) {
        return no_answer(operation, &format!("the server's answer does not say what became of this {what}"));
    }
    let words = Words::joined(
        item.errors.as_deref().unwrap_or_default(),
        item.error_messages.as_deref().unwrap_or_default(),
    );
    let fault = fault::of_item(operation, item.status_code, words);
    if fault.kind == FaultKind::EntityNotFound {
        ItemAnswer::NotFound(fault)
    } else {
        ItemAnswer::Refused(fault)
    }
}

fn left_out(operation: Operation, what: &str) -> ItemAnswer {
    no_answer(operation, &format!("the server's answer leaves this {what} out"))
}

fn no_answer(operation: Operation, what: &str) -> ItemAnswer {
    ItemAnswer::NoAnswer(Fault { maybe_done: true, ..fault::bad_answer(operation, what) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(count: usize, body: &str) -> Vec<(String, Option<String>)> {
        in_order(Operation::CreatePermissions, "permission", count, body.as_bytes())
            .unwrap()
            .into_iter()
            .map(|(answer, id)| {
                let words = match answer {
                    ItemAnswer::Accepted => "accepted".to_owned(),
                    ItemAnswer::Refused(fault) => format!("refused {}", fault.kind),
                    ItemAnswer::NotFound(fault) => format!("not found {}", fault.kind),
                    ItemAnswer::NoAnswer(fault) => format!("no answer {}", fault.maybe_done),
                };
                (words, id.map(|id| id.0))
            })
            .collect()
    }

    #[test]
    fn what_is_created_is_told_by_its_place() {
        let body = r#"[{"id":"p1","status_code":201},
            {"status_code":400,"errors":[{"error_key":"k","error_message":"no such role"}]},
            {"status_code":201},
            {"id":"odd","status_code":201,"errors":[{"error_message":"after all not"}]},
            {}]"#;
        let expected = [
            ("accepted", Some("p1")),
            ("refused InvalidArgument", None),
            ("accepted", None),
            ("refused Unexpected", None),
            ("no answer true", None),
        ];
        let expected = expected.map(|(words, id)| (words.to_owned(), id.map(str::to_owned)));
        assert_eq!(created(5, body), expected);
    }

    #[test]
    fn when_the_numbers_disagree_nobody_has_an_answer() {
        for body in [r#"[{"id":"p1","status_code":201}]"#, "[]", r#"[{"status_code":201},7]"#] {
            assert_eq!(created(2, body), vec![("no answer true".to_owned(), None); 2], "{body}");
        }
        let fault = in_order(Operation::CreatePermissions, "permission", 1, b"<html>").unwrap_err();
        assert!(fault.maybe_done);
    }
}
