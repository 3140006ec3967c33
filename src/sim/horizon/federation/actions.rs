//! The five actions on sessions of the federation, with answers on two levels (`horizon-rest.md sections 4.2 and 8`).

use std::collections::HashSet;

use serde::Deserialize;

use super::super::bulk::write_item;
use super::super::call::{Answer, Call, Reply};
use super::super::error::ApiError;
use super::super::json::Json;
use super::super::session_actions::{MANAGE, REBOOT, check_message, unreadable, verb};
use super::{Down, may, no_answer_of, pod_number};
use crate::sim::estate::{Estate, Operator, Refusal, Session, Verb};
use crate::sim::release::Release;

/// Sessions of one pod.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    pod_id: String,
    ids: Vec<String>,
}

/// The body of send-message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SendMessage {
    global_session_action_specs: Vec<Spec>,
    message: String,
    message_type: String,
}

/// What is asked of every session of a call.
struct Order<'a> {
    verb: Verb,
    /// Text and kind.
    message: Option<(&'a str, &'a str)>,
    wanted: &'a [&'a str],
}

/// POST `/inventory/v1/global-sessions/action/{verb}`.
pub(super) fn act(call: &Call<'_>, name: &str) -> Answer {
    let forced = call.query.boolean("forced")?.unwrap_or(false);
    let Some(verb) = verb(name, forced) else { return Err(ApiError::no_such_path()) };
    let wanted: &[&str] = if matches!(verb, Verb::Reset | Verb::Restart) { &REBOOT } else { &MANAGE };
    call.need(wanted)?;
    let (specs, message) = if verb == Verb::Message {
        let body: SendMessage = serde_json::from_slice(call.body).map_err(|error| unreadable(&error))?;
        check_message(&body.message, &body.message_type)?;
        (body.global_session_action_specs, Some((body.message, body.message_type)))
    } else {
        (serde_json::from_slice(call.body).map_err(|error| unreadable(&error))?, None)
    };
    if specs.is_empty() || specs.iter().any(|spec| spec.ids.is_empty()) {
        return Err(ApiError::bad_request("common.request.body.invalid", "The list of ids is empty."));
    }
    let message = message.as_ref().map(|(text, severity)| (text.as_str(), severity.as_str()));
    let order = Order { verb, message, wanted };
    let down = Down::of(call);
    let mut estate = call.shared.estate();
    let mut json = Json::default();
    json.begin_array();
    for spec in &specs {
        match pod_number(&estate, &spec.pod_id) {
            None => write_failure(call, &estate, spec, 404, "Entity does not exist.", &mut json),
            Some(pod) if down.has(&estate, pod) => {
                let operator = Operator { user: call.caller.user };
                for id in distinct(&spec.ids) {
                    estate.log_request(pod, verb, id, operator, message, false);
                }
                write_failure(call, &estate, spec, 503, &no_answer_of(&estate, pod), &mut json);
            }
            Some(pod) => perform(call, &mut estate, pod, spec, &order, &mut json),
        }
    }
    json.end_array();
    Ok(Reply::json(json))
}

/// The body is a set: an id that comes twice is acted on once.
fn distinct(ids: &[String]) -> impl Iterator<Item = &str> {
    let mut seen = HashSet::new();
    ids.iter().map(String::as_str).filter(move |id| seen.insert(*id))
}

fn perform(call: &Call<'_>, estate: &mut Estate, pod: u16, spec: &Spec, order: &Order<'_>, json: &mut Json) {
    let operator = Operator { user: call.caller.user };
    json.object(|json| {
        json.key("details");
        json.begin_array();
        for id in distinct(&spec.ids) {
            let allowed = |estate: &Estate, session: &Session| {
                may(estate, call.caller, session, "FEDERATED_SESSIONS_MANAGE")
                    || (!estate.is_elsewhere(session)
                        && call.caller.on(estate.place(session).access_group, order.wanted))
            };
            let outcome = estate.act_on_pod(pod, order.verb, id, operator, order.message, allowed);
            let outcome = outcome.map(|()| 200).map_err(Refusal::answer);
            write_item(json, Some(id), outcome, estate.now, call.release());
        }
        json.end_array();
        json.text_field("pod_id", &spec.pod_id);
        json.integer_field("status_code", 200);
    });
}

/// The answer for a pod as a whole: nothing was passed on.
fn write_failure(call: &Call<'_>, estate: &Estate, spec: &Spec, status: i64, why: &str, json: &mut Json) {
    json.object(|json| {
        json.key("details");
        json.texts::<&str>([]);
        json.key("error_messages");
        json.texts([why]);
        if call.release() >= Release::R2206 {
            json.key("errors");
            json.begin_array();
            json.object(|json| {
                let missing = status == 404;
                let key = if missing { "common.entity.does.not.exist" } else { "federation.pod.unreachable" };
                json.text_field("error_key", key);
                json.text_field("error_message", why);
            });
            json.end_array();
        }
        json.text_field("pod_id", &spec.pod_id);
        json.integer_field("status_code", status);
        json.integer_field("timestamp", estate.now);
    });
}
