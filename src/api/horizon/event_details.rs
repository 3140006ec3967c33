//! The extended attributes of an event (`events.md section 1.1`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    api::{Operation, decode, request::Request},
    domain::{EventId, Fault, FaultKind, Text},
};

/// The attributes of one event; since 2106.
pub(crate) fn request(event: EventId) -> Request {
    Request::get(Operation::ReadEventDetails, "/external/v1/audit-events/extended-attributes")
        .with("ids", &event.0.to_string())
}

/// `AuditEventAttributeInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAttributes {
    id: Option<i64>,
    event_data: Option<BTreeMap<String, Value>>,
}

/// The attributes of the event. Values are strings by the definition; what else comes is shown as JSON spells it.
pub(crate) fn read(event: EventId, body: &[u8]) -> Result<BTreeMap<Text, Text>, Fault> {
    let rows = decode::rows::<WireAttributes>(Operation::ReadEventDetails, body)?.rows;
    let Some(row) = rows.into_iter().find(|row| row.id == Some(event.0)) else {
        let operation = Operation::ReadEventDetails.label();
        return Err(Fault::new(
            FaultKind::EntityNotFound,
            operation,
            "the server has no such event any more",
        ));
    };
    let attributes = row.event_data.unwrap_or_default().into_iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => Text::from(text),
            Value::Null => Text::default(),
            other => Text::from(other.to_string()),
        };
        (Text::from(name), value)
    });
    Ok(attributes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_names_the_event() {
        let request = request(EventId(42));
        assert_eq!(
            (request.path.as_str(), request.query.as_str()),
            ("/external/v1/audit-events/extended-attributes", "ids=42")
        );
    }

    #[test]
    fn the_attributes_of_the_right_event_are_read_and_cleaned() {
        let body = br#"[{"id":1,"event_data":{"A":"x"}},
            {"id":2,"event_data":{"PoolId":"fin","Odd":7,"Nothing":null,"Bell":"a\u001b[31mb"}}]"#;
        let read = read(EventId(2), body).unwrap();
        let of = |name: &str| read.get(&Text::clean(name)).map(Text::as_str);
        assert_eq!(of("PoolId"), Some("fin"));
        assert_eq!(of("Odd"), Some("7"));
        assert_eq!(of("Nothing"), Some(""));
        assert!(!of("Bell").unwrap().contains('\u{1b}'));
        assert_eq!(of("A"), None);
    }

    #[test]
    fn missing_parts_are_no_mistake_and_a_missing_event_is_said() {
        assert!(read(EventId(1), br#"[{"id":1}]"#).unwrap().is_empty());
        assert_eq!(read(EventId(1), b"[]").unwrap_err().kind, FaultKind::EntityNotFound);
        assert!(read(EventId(1), b"<html>").is_err());
    }
}
