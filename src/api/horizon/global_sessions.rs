//! Sessions of the federation: what to ask, and what became of each target of an action (`horizon-rest.md sections 4.2
//! and 8`). A row of a list means what a local one does.

use serde::Deserialize;
use serde_json::{Value, json};

use super::bulk;
use crate::{
    api::{
        Action, ItemAnswer, Operation, decode,
        fault::{self, WireReason, Words},
        http::never_sent,
        request::{Body, Request},
    },
    domain::{Fault, FaultKind, PodId, SessionId, Text, UserId, Verb},
};

/// One page of the sessions that a pod hosts.
pub(crate) fn list_request(pod: &PodId, page: usize, size: usize) -> Request {
    Request::get(Operation::ListGlobalSessions, "/inventory/{v}/global-sessions")
        .with("pod_id", pod.raw())
        .page(page, size)
}

/// One page of the sessions that a user has on any pod.
pub(crate) fn list_of_user_request(user: &UserId, page: usize, size: usize) -> Request {
    Request::get(Operation::ListGlobalSessions, "/inventory/{v}/global-sessions")
        .with("user_id", user.raw())
        .page(page, size)
}

/// The list without the parameter that it needs: 404 where the version is missing, a refusal where it is there.
pub(crate) fn probe_request() -> Request {
    Request::get(Operation::ListGlobalSessions, "/inventory/{v}/global-sessions").page(1, 1)
}

/// Sessions of one pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group<'a> {
    pub(crate) pod: &'a PodId,
    pub(crate) ids: Vec<&'a SessionId>,
}

/// The request for an action on sessions of these pods. As for local sessions there is only v1.
pub(crate) fn act_request(action: &Action, groups: &[Group<'_>]) -> Result<Request, Fault> {
    let operation = Operation::global(action.verb);
    let spec = |group: &Group<'_>| {
        let ids: Vec<&str> = group.ids.iter().map(|id| id.raw()).collect();
        json!({"pod_id": group.pod.raw(), "ids": ids})
    };
    let specs: Value = groups.iter().map(spec).collect();
    let post = |what: &str, body: &Value| {
        let path = format!("/inventory/v1/global-sessions/action/{what}");
        Request::post(operation, path, Body::Json(body.to_string()))
    };
    Ok(match action.verb {
        Verb::Disconnect => post("disconnect", &specs),
        Verb::Logoff => post("logoff", &specs).with("forced", "false"),
        Verb::LogoffForced => post("logoff", &specs).with("forced", "true"),
        Verb::Restart => post("restart", &specs),
        Verb::Reset => post("reset", &specs),
        Verb::Message => {
            let Some(message) = action.message.as_ref().filter(|message| !message.text.trim().is_empty())
            else {
                return Err(never_sent(operation, "a message needs a text"));
            };
            let body = json!({
                "global_session_action_specs": specs,
                "message": &*message.text,
                "message_type": message.severity.label(),
            });
            post("send-message", &body)
        }
    })
}

/// `BulkGlobalSessionActionResponseInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WirePod {
    pod_id: Option<String>,
    status_code: Option<u16>,
    errors: Option<Vec<WireReason>>,
    error_messages: Option<Vec<String>>,
    /// Read one by one, because one bad item must not cost the others their place.
    details: Option<Vec<Value>>,
}

/// What the answer says about each session, in the order of the groups and of their ids.
///
/// # Errors
///
/// When the answer cannot be read at all: the server may have carried the call out.
pub(crate) fn read_answer(
    verb: Verb,
    groups: &[Group<'_>],
    body: &[u8],
) -> Result<Vec<Vec<ItemAnswer>>, Fault> {
    let operation = Operation::global(verb);
    let read =
        decode::rows::<WirePod>(operation, body).map_err(|fault| Fault { maybe_done: true, ..fault })?;
    let in_order = read.rows.len() == groups.len() && read.sent == groups.len();
    let answers_of = |(position, group): (usize, &Group<'_>)| {
        let named = read.rows.iter().filter(|row| row.pod_id.as_deref() == Some(group.pod.raw()));
        let mut rows: Vec<&WirePod> = named.collect();
        if rows.is_empty() {
            // Without an id the position is the only link.
            rows.extend(read.rows.get(position).filter(|row| in_order && row.pod_id.is_none()));
        }
        fold(operation, group, &rows)
    };
    groups.iter().enumerate().map(answers_of).collect()
}

/// What the rows of a pod say about each of its sessions: its own item, or else what the pod as a whole said.
fn fold(operation: Operation, group: &Group<'_>, rows: &[&WirePod]) -> Result<Vec<ItemAnswer>, Fault> {
    let ids: Vec<&str> = group.ids.iter().map(|id| id.raw()).collect();
    let details: Value = rows.iter().flat_map(|row| row.details.iter().flatten().cloned()).collect();
    let mut answers = bulk::by_id(operation, "session", &ids, details.to_string().as_bytes())?;
    let said = rows.iter().filter_map(|row| refusal(operation, row));
    // What one row leaves open, another one's refusal does not settle.
    if let Some(refusal) = said.min_by_key(|answer| !matches!(answer, ItemAnswer::NoAnswer(_))) {
        for answer in &mut answers {
            if matches!(answer, ItemAnswer::NoAnswer(_)) {
                *answer = refusal.clone();
            }
        }
    }
    Ok(answers)
}

/// What a pod as a whole answered, if it did not take the request.
///
/// A refusal where the request was not passed on to it (`503`) or the pod turned it down (`4xx`). Any other failure may
/// have come after some sessions were done, and so may errors beside a success: then nobody knows.
fn refusal(operation: Operation, row: &WirePod) -> Option<ItemAnswer> {
    let errors = row.errors.as_deref().unwrap_or_default();
    let messages = row.error_messages.as_deref().unwrap_or_default();
    let status = row.status_code.filter(|status| !(200..300).contains(status));
    if status.is_none() && errors.is_empty() && messages.is_empty() {
        return None;
    }
    let kind = match status {
        // The pod is not there, which says nothing about the session: a bad reference (method-map.md section 0.1).
        Some(404) => FaultKind::InvalidArgument,
        Some(status) => fault::kind_of_status(status),
        None => FaultKind::Unexpected,
    };
    let is_open = match status {
        Some(503) => false,
        Some(status) => status == 408 || status >= 500,
        None => true,
    };
    let words = Words::joined(errors, messages);
    let silent = || match status {
        Some(status) if is_open => Text::from(format!("the pod failed with status {status}")),
        Some(status) => Text::from(format!("the pod refused everything with status {status}")),
        None => Text::clean("the pod reports errors without a reason"),
    };
    let mut fault = Fault::new(kind, operation.label(), words.message.unwrap_or_else(silent));
    fault.status = status;
    fault.key = words.key;
    if is_open {
        return Some(ItemAnswer::NoAnswer(Fault { maybe_done: true, ..fault }));
    }
    Some(ItemAnswer::Refused(fault))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::{MessageSeverity, MessageText};

    fn group<'a>(pod: &'a PodId, ids: &'a [SessionId]) -> Group<'a> {
        Group { pod, ids: ids.iter().collect() }
    }

    #[rstest]
    #[case(Verb::Disconnect, "disconnect", "")]
    #[case(Verb::Logoff, "logoff", "forced=false")]
    #[case(Verb::LogoffForced, "logoff", "forced=true")]
    #[case(Verb::Restart, "restart", "")]
    #[case(Verb::Reset, "reset", "")]
    fn verbs_have_their_paths_and_one_element_for_each_pod(
        #[case] verb: Verb,
        #[case] path: &str,
        #[case] query: &str,
    ) {
        let (fra, lis): (PodId, PodId) = ("fra".into(), "l\"is".into());
        let (some, other): ([SessionId; 2], [SessionId; 1]) = (["a".into(), "b".into()], ["c".into()]);
        let action = Action { verb, message: None };
        let request = act_request(&action, &[group(&fra, &some), group(&lis, &other)]).unwrap();
        assert_eq!(request.path, format!("/inventory/v1/global-sessions/action/{path}"));
        assert_eq!((request.query.as_str(), request.idempotent), (query, false));
        assert_eq!(request.operation, Operation::global(verb), "one rate limit");
        let Body::Json(body) = &request.body else { panic!("a body") };
        let expected = json!([{"pod_id": "fra", "ids": ["a", "b"]}, {"pod_id": "l\"is", "ids": ["c"]}]);
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
    }

    #[test]
    fn a_message_carries_its_targets_inside_and_needs_a_text() {
        let (pod, ids): (PodId, [SessionId; 1]) = ("p".into(), ["s".into()]);
        let text = MessageText { severity: MessageSeverity::Warning, text: "Save\nnow".into() };
        let action = Action { verb: Verb::Message, message: Some(text) };
        let request = act_request(&action, &[group(&pod, &ids)]).unwrap();
        let Body::Json(body) = &request.body else { panic!("a body") };
        let expected = json!({"global_session_action_specs": [{"pod_id": "p", "ids": ["s"]}],
            "message": "Save\nnow", "message_type": "WARNING"});
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
        assert!(act_request(&Action { verb: Verb::Message, message: None }, &[group(&pod, &ids)]).is_err());
    }

    /// The answers for sessions a and b of pod p and c of pod q.
    fn read(body: &str) -> Vec<String> {
        let (p, q): (PodId, PodId) = ("p".into(), "q".into());
        let (some, other): ([SessionId; 2], [SessionId; 1]) = (["a".into(), "b".into()], ["c".into()]);
        let groups = [group(&p, &some), group(&q, &other)];
        let answers = read_answer(Verb::Logoff, &groups, body.as_bytes()).unwrap();
        let words = |answer: ItemAnswer| match answer {
            ItemAnswer::Accepted => "accepted".to_owned(),
            ItemAnswer::Refused(fault) => {
                assert!(!fault.maybe_done);
                format!("refused {}: {}", fault.kind, fault.message)
            }
            ItemAnswer::NotFound(_) => "not found".to_owned(),
            ItemAnswer::NoAnswer(fault) => format!("no answer {}", fault.maybe_done),
        };
        answers.into_iter().flatten().map(words).collect()
    }

    #[rstest]
    #[case::all(
        r#"[{"pod_id":"q","status_code":200,"details":[{"id":"c","status_code":404}]},
            {"pod_id":"p","status_code":200,"details":[{"id":"b","status_code":400,
                "errors":[{"error_message":"Session is locked."}]},{"id":"a","status_code":200}]}]"#,
        ["accepted", "refused InvalidState: Session is locked.", "not found"],
    )]
    #[case::a_pod_is_down(
        r#"[{"pod_id":"p","status_code":503,"details":[],"errors":[{"error_key":"k","error_message":"No way to p."}]},
            {"pod_id":"q","status_code":200,"details":[{"id":"c","status_code":200}]}]"#,
        ["refused Unexpected: No way to p.", "refused Unexpected: No way to p.", "accepted"],
    )]
    #[case::what_is_said_of_a_session_goes_first(
        r#"[{"pod_id":"p","status_code":500,"details":[{"id":"a","status_code":200}]},
            {"pod_id":"q","status_code":403,"error_messages":["no right"]}]"#,
        ["accepted", "no answer true", "refused InsufficientPermission: no right"],
    )]
    #[case::left_out(
        r#"[{"pod_id":"p","status_code":200,"details":[{"id":"b","status_code":200}]},
            {"pod_id":"stranger","status_code":500}]"#,
        ["no answer true", "accepted", "no answer true"],
    )]
    #[case::by_position(
        r#"[{"status_code":200,"details":[{"status_code":200},{"status_code":404}]},{"status_code":404}]"#,
        ["accepted", "not found", "refused InvalidArgument: the pod refused everything with status 404"],
    )]
    #[case::not_by_position_when_the_numbers_differ(
        r#"[{"status_code":500}]"#,
        ["no answer true", "no answer true", "no answer true"],
    )]
    #[case::nonsense_costs_only_itself(
        r#"[{"pod_id":"p","status_code":200,"details":[7,{"id":"b","status_code":200},{"id":"a","status_code":"soon"}]},
            {"pod_id":"q","details":"none","errors":[{}]}]"#,
        ["no answer true", "accepted", "no answer true"],
    )]
    #[case::waited_in_vain(
        r#"[{"pod_id":"p","status_code":504,"details":[{"id":"a","status_code":404}]},{"pod_id":"q","status_code":503}]"#,
        ["not found", "no answer true", "refused Unexpected: the pod refused everything with status 503"],
    )]
    #[case::failed_half_way(
        r#"[{"pod_id":"p","status_code":502,"errors":[{"error_message":"Bad gateway."}]},
            {"pod_id":"q","status_code":500,"error_messages":["It broke."]}]"#,
        ["no answer true", "no answer true", "no answer true"],
    )]
    #[case::errors_beside_a_success(
        r#"[{"pod_id":"p","status_code":200,"details":[{"id":"a","status_code":200}],
            "errors":[{"error_message":"Some were not done."}]},{"pod_id":"q","status_code":207,"error_messages":["?"]}]"#,
        ["accepted", "no answer true", "no answer true"],
    )]
    #[case::one_row_refuses_and_another_fails(
        r#"[{"pod_id":"p","status_code":403},{"pod_id":"p","status_code":500},{"pod_id":"q","status_code":403}]"#,
        ["no answer true", "no answer true",
            "refused InsufficientPermission: the pod refused everything with status 403"],
    )]
    #[case::in_two_rows(
        r#"[{"pod_id":"p","details":[{"id":"a","status_code":200}]},{"pod_id":"q","status_code":204},
            {"pod_id":"p","details":[{"id":"b","status_code":200}]}]"#,
        ["accepted", "accepted", "no answer true"],
    )]
    fn both_levels_become_one_answer_for_each(#[case] body: &str, #[case] expected: [&str; 3]) {
        assert_eq!(read(body), expected);
    }

    #[test]
    fn an_answer_that_cannot_be_read_may_have_been_carried_out() {
        let fault = read_answer(Verb::Reset, &[], b"<html>").unwrap_err();
        assert_eq!((fault.kind, fault.maybe_done), (FaultKind::BadAnswer, true));
    }
}
