//! From HTTP statuses and error bodies to faults in the API's own terms (`horizon-rest.md section 3`,
//! `method-map.md section 0.1`).

use serde::Deserialize;
use serde_json::Value;

use super::Operation;
use crate::domain::{Fault, FaultKind, Text};

/// Longest piece of a server's words that is kept, in characters.
const LONGEST_WORDS: usize = 400;

/// The server's words about a failure.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// Stable and free of language.
    pub(super) key: Option<Text>,
    /// For people.
    pub(super) message: Option<Text>,
}

/// One reason (`APIError`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireReason {
    pub(super) error_key: Option<String>,
    pub(super) error_message: Option<String>,
}

impl Words {
    /// Joins the reasons of a bulk item or an error body; `messages` count only without `reasons`.
    pub(super) fn joined(reasons: &[WireReason], messages: &[String]) -> Self {
        let key = reasons.iter().find_map(|reason| reason.error_key.as_deref()).filter(|key| !key.is_empty());
        let mut texts: Vec<&str> =
            reasons.iter().filter_map(|reason| reason.error_message.as_deref()).collect();
        if texts.iter().all(|text| text.trim().is_empty()) {
            texts = messages.iter().map(String::as_str).collect();
        }
        Self { key: key.map(Text::clean), message: shorten(&texts.join("; ")) }
    }

    /// Reads an error body: `errors`, `error_messages`, `error_message`, `message`, or else the raw text. Proxies and
    /// load balancers answer HTML.
    pub(super) fn of_body(body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            return Self { key: None, message: shorten(&without_markup(&String::from_utf8_lossy(body))) };
        };
        let list =
            |name: &str| json.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let reasons: Vec<_> = list("errors")
            .iter()
            .map(|reason| WireReason {
                error_key: text_at(reason, "error_key"),
                error_message: text_at(reason, "error_message"),
            })
            .collect();
        let mut messages: Vec<_> =
            list("error_messages").iter().filter_map(|text| text.as_str().map(str::to_owned)).collect();
        let singles = ["error_message", "message"];
        messages.extend(
            singles.into_iter().find_map(|name| text_at(&json, name)).filter(|_| messages.is_empty()),
        );
        let mut words = Self::joined(&reasons, &messages);
        if words.key.is_none() {
            words.key = text_at(&json, "error_key").map(Text::from);
        }
        if words.message.is_none() {
            words.message = json.as_str().and_then(shorten);
        }
        words
    }

    /// Whether key or text speak of one of these.
    fn speak_of(&self, topics: &[&str]) -> bool {
        let both = [&self.key, &self.message];
        both.into_iter().flatten().any(|text| {
            let text = text.as_str().to_ascii_lowercase();
            topics.iter().any(|topic| text.contains(topic))
        })
    }
}

fn text_at(json: &Value, name: &str) -> Option<String> {
    json.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Cleans and shortens; `None` when nothing is left.
pub(super) fn shorten(words: &str) -> Option<Text> {
    let mut characters = words.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect::<Vec<_>>();
    if characters.len() > LONGEST_WORDS {
        characters.truncate(LONGEST_WORDS);
        characters.push('…');
    }
    (!characters.is_empty()).then(|| Text::from(String::from_iter(characters)))
}

/// The text of an HTML page without tags, scripts and styles.
pub(super) fn without_markup(page: &str) -> String {
    if !page.trim_start().starts_with('<') {
        return page.to_owned();
    }
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag_on)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let name = tag_on.to_ascii_lowercase();
        let end = ["script", "style"].into_iter().find(|hidden| name.starts_with(hidden));
        let Some(end) = end.map_or(Some(0), |hidden| name.find(&format!("</{hidden}"))) else {
            return text;
        };
        rest = tag_on.get(end..).and_then(|tail| tail.split_once('>')).map_or("", |(_, tail)| tail);
    }
    text.push_str(rest);
    text
}

/// The class of a whole answer with this status.
pub(super) fn kind_of_status(status: u16) -> FaultKind {
    match status {
        401 => FaultKind::Unauthenticated,
        403 => FaultKind::InsufficientPermission,
        404 => FaultKind::EntityNotFound,
        409 => FaultKind::NotConfigured,
        429 => FaultKind::Throttled,
        400..=499 => FaultKind::InvalidArgument,
        500..=599 => FaultKind::Unexpected,
        _ => FaultKind::BadAnswer,
    }
}

/// The fault of a whole answer.
pub(super) fn of_answer(operation: Operation, status: u16, body: &[u8]) -> Fault {
    let words = Words::of_body(body);
    let message = words.message.unwrap_or_else(|| Text::clean(reason_phrase(status)));
    let mut fault = Fault::new(kind_of_status(status), operation.label(), message);
    fault.status = Some(status);
    fault.key = words.key;
    fault
}

/// The fault of one item of a bulk answer. Which of state, type and argument a 400 means is guessed from the server's
/// words: when the guess is wrong only the label is (`method-map.md section 0.1`).
pub(super) fn of_item(operation: Operation, status: Option<u16>, words: Words) -> Fault {
    let in_use = ["in_use", "in use", "in.use"];
    let of_type = ["type", "not supported", "managed", "rds server", "rds_server"];
    let state = ["state", "locked", "already", "not connected", "disconnected"];
    let kind = match status {
        Some(400 | 409) if words.speak_of(&in_use) => FaultKind::EntityInUse,
        Some(400 | 409) if words.speak_of(&state) => FaultKind::InvalidState,
        Some(400 | 409) if words.speak_of(&of_type) => FaultKind::InvalidType,
        Some(409) => FaultKind::InvalidState,
        Some(status) if status >= 400 => kind_of_status(status),
        _ => FaultKind::Unexpected,
    };
    let fallback =
        || status.map_or_else(|| Text::clean("no reason given"), |status| reason_phrase(status).into());
    let mut fault = Fault::new(kind, operation.label(), words.message.unwrap_or_else(fallback));
    fault.status = status;
    fault.key = words.key;
    fault
}

/// Words for a status that came without any.
pub(super) fn reason_phrase(status: u16) -> &'static str {
    reqwest::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("no reason given")
}

/// An answer that could not be understood.
pub(super) fn bad_answer(operation: Operation, what: &str) -> Fault {
    Fault::new(FaultKind::BadAnswer, operation.label(), what)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"status":"TOO_MANY_REQUESTS","timestamp":1,"errors":[{"error_key":"common.api-throttle-limit.exceeded.error","error_message":"slow down"}]}"#,
        Some("common.api-throttle-limit.exceeded.error"), Some("slow down"))]
    #[case(r#"{"errors":[{"error_key":"a.b","error_message":"one"},{"error_message":"two"}],"error_messages":["old"]}"#,
        Some("a.b"), Some("one; two"))]
    #[case(r#"{"error_messages":["one","two"]}"#, None, Some("one; two"))]
    #[case(r#"{"error_message":"Bad credentials"}"#, None, Some("Bad credentials"))]
    #[case(r#"{"message":"plain"}"#, None, Some("plain"))]
    #[case(r#"{"errors":"not a list","message":"kept"}"#, None, Some("kept"))]
    #[case(r#"{"errors":[7,{"error_key":"k"}]}"#, Some("k"), None)]
    #[case(r#""a bare string""#, None, Some("a bare string"))]
    #[case("", None, None)]
    #[case("not json\u{1b}[2J", None, Some("not json\u{fffd}[2J"))]
    #[case(
        "<html><head><style>b{}</style><title>502</title></head><body>Bad <b>Gateway</b></body></html>",
        None,
        Some("502 Bad Gateway")
    )]
    #[case("<script>never closed", None, None)]
    fn error_bodies_of_all_kinds_give_their_words(
        #[case] body: &str,
        #[case] key: Option<&str>,
        #[case] message: Option<&str>,
    ) {
        let words = Words::of_body(body.as_bytes());
        assert_eq!(words.key.as_ref().map(Text::as_str), key);
        assert_eq!(words.message.as_ref().map(Text::as_str), message);
    }

    #[test]
    fn a_page_of_words_is_shortened() {
        let words = Words::of_body("é".repeat(5000).as_bytes());
        assert_eq!(words.message.unwrap().as_str().chars().count(), LONGEST_WORDS + 1);
    }

    #[rstest]
    #[case(400, FaultKind::InvalidArgument)]
    #[case(401, FaultKind::Unauthenticated)]
    #[case(403, FaultKind::InsufficientPermission)]
    #[case(404, FaultKind::EntityNotFound)]
    #[case(409, FaultKind::NotConfigured)]
    #[case(418, FaultKind::InvalidArgument)]
    #[case(429, FaultKind::Throttled)]
    #[case(500, FaultKind::Unexpected)]
    #[case(503, FaultKind::Unexpected)]
    #[case(302, FaultKind::BadAnswer)]
    fn statuses_have_their_kinds(#[case] status: u16, #[case] kind: FaultKind) {
        let fault = of_answer(Operation::ListSessions, status, b"");
        assert_eq!((fault.kind, fault.status), (kind, Some(status)));
        assert!(!fault.message.is_empty());
    }

    #[rstest]
    #[case(400, "", "The session is locked", FaultKind::InvalidState)]
    #[case(409, "session.state.invalid", "", FaultKind::InvalidState)]
    #[case(400, "", "Session is already disconnected", FaultKind::InvalidState)]
    #[case(409, "", "conflict", FaultKind::InvalidState)]
    #[case(400, "", "Operation is not supported on this type", FaultKind::InvalidType)]
    #[case(400, "", "The stream is in use", FaultKind::EntityInUse)]
    #[case(400, "", "nonsense", FaultKind::InvalidArgument)]
    #[case(403, "", "", FaultKind::InsufficientPermission)]
    #[case(500, "", "", FaultKind::Unexpected)]
    fn items_have_their_kinds(
        #[case] status: u16,
        #[case] key: &str,
        #[case] message: &str,
        #[case] kind: FaultKind,
    ) {
        let reason = WireReason { error_key: Some(key.into()), error_message: Some(message.into()) };
        let fault = of_item(Operation::Logoff, Some(status), Words::joined(&[reason], &[]));
        assert_eq!(fault.kind, kind);
    }
}
