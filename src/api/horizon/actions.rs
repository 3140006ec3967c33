//! Session actions: what to send, and what became of each target (`horizon-rest.md sections 4.1 and 7.4`).

use serde_json::json;

use super::bulk;
use crate::{
    api::{
        Action, ItemAnswer, Operation,
        http::never_sent,
        request::{Body, Request, json_ids},
    },
    domain::{Fault, SessionId, Verb},
};

/// The request for an action on these sessions. Actions exist in v1 only, whatever version the list has.
pub(crate) fn request(action: &Action, ids: &[&SessionId]) -> Result<Request, Fault> {
    let operation = Operation::of(action.verb);
    let ids = || ids.iter().map(|id| id.raw());
    let post = |what: &str| {
        Request::post(operation, format!("/inventory/v1/sessions/action/{what}"), Body::Json(json_ids(ids())))
    };
    Ok(match action.verb {
        Verb::Disconnect => post("disconnect"),
        Verb::Logoff => post("logoff").with("forced", "false"),
        Verb::LogoffForced => post("logoff").with("forced", "true"),
        Verb::Restart => post("restart"),
        Verb::Reset => post("reset"),
        Verb::Message => {
            let Some(message) = action.message.as_ref().filter(|message| !message.text.trim().is_empty())
            else {
                return Err(never_sent(operation, "a message needs a text"));
            };
            let body = json!({
                "session_ids": ids().collect::<Vec<_>>(),
                "message": &*message.text,
                "message_type": message.severity.label(),
            });
            Request { body: Body::Json(body.to_string()), ..post("send-message") }
        }
    })
}

/// What the answer says about each id, in their order.
pub(crate) fn read(verb: Verb, ids: &[&SessionId], body: &[u8]) -> Result<Vec<ItemAnswer>, Fault> {
    let ids: Vec<&str> = ids.iter().map(|id| id.raw()).collect();
    bulk::by_id(Operation::of(verb), "session", &ids, body)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::{FaultKind, MessageSeverity, MessageText};

    fn plain(verb: Verb) -> Action {
        Action { verb, message: None }
    }

    #[rstest]
    #[case(Verb::Disconnect, Operation::Disconnect, "disconnect", "")]
    #[case(Verb::Logoff, Operation::Logoff, "logoff", "forced=false")]
    #[case(Verb::LogoffForced, Operation::Logoff, "logoff", "forced=true")]
    #[case(Verb::Restart, Operation::Restart, "restart", "")]
    #[case(Verb::Reset, Operation::Reset, "reset", "")]
    fn verbs_have_their_paths(
        #[case] verb: Verb,
        #[case] operation: Operation,
        #[case] path: &str,
        #[case] query: &str,
    ) {
        let (one, two) = ("s-1".into(), "s\"2".into());
        let request = request(&plain(verb), &[&one, &two]).unwrap();
        assert_eq!(request.path, format!("/inventory/v1/sessions/action/{path}"));
        assert_eq!(request.query, query);
        assert_eq!((request.operation, Operation::of(verb)), (operation, operation), "one rate limit");
        assert!(matches!(&request.body, Body::Json(body) if body == r#"["s-1","s\"2"]"#));
        assert!(!request.idempotent, "an order is never repeated");
    }

    #[test]
    fn a_message_carries_its_ids_inside() {
        let text = MessageText { severity: MessageSeverity::Warning, text: "Save\nyour \"work\"".into() };
        let action = Action { verb: Verb::Message, message: Some(text) };
        let request = request(&action, &[&"s-1".into()]).unwrap();
        assert_eq!(request.path, "/inventory/v1/sessions/action/send-message");
        let Body::Json(body) = &request.body else { panic!("a body") };
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(body).unwrap(),
            json!({"session_ids": ["s-1"], "message": "Save\nyour \"work\"", "message_type": "WARNING"})
        );
    }

    #[test]
    fn a_message_without_a_text_is_not_sent() {
        assert!(request(&plain(Verb::Message), &[&"s-1".into()]).is_err());
    }

    fn kinds(answers: &[ItemAnswer]) -> Vec<String> {
        answers
            .iter()
            .map(|answer| match answer {
                ItemAnswer::Accepted => "accepted".to_owned(),
                ItemAnswer::Refused(fault) => format!("refused {}", fault.kind),
                ItemAnswer::NotFound(fault) => format!("not found {}", fault.kind),
                ItemAnswer::NoAnswer(fault) => format!("no answer {} {}", fault.kind, fault.maybe_done),
            })
            .collect()
    }

    fn read_for(ids: &[&str], body: &str) -> Vec<String> {
        let ids: Vec<SessionId> = ids.iter().map(|id| (*id).into()).collect();
        kinds(&read(Verb::Logoff, &ids.iter().collect::<Vec<_>>(), body.as_bytes()).unwrap())
    }

    #[test]
    fn each_id_gets_its_own_answer_whatever_the_order() {
        let body = r#"[
            {"id":"c","status_code":404,"errors":[{"error_key":"k","error_message":"Entity does not exist."}]},
            {"id":"d","status_code":400,"errors":[{"error_key":"k","error_message":"The session is locked."}]},
            {"id":"e","status_code":403,"error_messages":["no"]},
            {"id":"a","status_code":204},
            {"id":"f","status_code":200,"errors":[{"error_message":"after all not"}]},
            {"id":"stranger","status_code":200}]"#;
        assert_eq!(
            read_for(&["a", "b", "c", "d", "e", "f"], body),
            [
                "accepted",
                "no answer BadAnswer true",
                "not found EntityNotFound",
                "refused InvalidState",
                "refused InsufficientPermission",
                "refused Unexpected",
            ]
        );
    }

    #[test]
    fn without_ids_the_position_counts_but_only_when_the_numbers_agree() {
        let body = r#"[{"status_code":200},{"status_code":404}]"#;
        assert_eq!(read_for(&["a", "b"], body), ["accepted", "not found EntityNotFound"]);
        assert_eq!(read_for(&["a", "b", "c"], body), ["no answer BadAnswer true"; 3]);
    }

    #[test]
    fn a_row_that_says_nothing_is_no_answer() {
        let body = r#"[{"id":"a"},{"id":"b","status_code":"soon"},{"id":"c","status_code":500}]"#;
        assert_eq!(
            read_for(&["a", "b", "c"], body),
            ["no answer BadAnswer true", "no answer BadAnswer true", "refused Unexpected"]
        );
    }

    #[test]
    fn said_twice_the_refusal_counts() {
        let body =
            r#"[{"id":"a","status_code":200},{"id":"a","status_code":403},{"id":"a","status_code":200}]"#;
        assert_eq!(read_for(&["a"], body), ["refused InsufficientPermission"]);
    }

    #[test]
    fn an_answer_that_cannot_be_read_may_have_been_carried_out() {
        let fault = read(Verb::Reset, &[&"a".into()], b"<html>").unwrap_err();
        assert_eq!((fault.kind, fault.maybe_done), (FaultKind::BadAnswer, true));
    }
}
