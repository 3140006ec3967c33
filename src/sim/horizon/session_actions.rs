//! The five actions on sessions (`horizon-rest.md sections 4.1 and 7.4`).

use std::collections::HashSet;

use serde::Deserialize;

use super::bulk::write_item;
use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::json::Json;
use crate::sim::estate::{Operator, Refusal, Verb};

pub(super) const MANAGE: [&str; 2] = ["MACHINE_MANAGE_VDI_SESSION", "FEDERATED_SESSIONS_MANAGE"];
pub(super) const REBOOT: [&str; 2] = ["MACHINE_REBOOT", "FEDERATED_SESSIONS_MANAGE"];

/// The body of send-message: here the ids are inside.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SendMessage {
    session_ids: Vec<String>,
    message: String,
    message_type: String,
}

/// The path's last part as a verb; `None` for anything else.
pub(crate) fn verb(name: &str, forced: bool) -> Option<Verb> {
    match name {
        "disconnect" => Some(Verb::Disconnect),
        "logoff" => Some(Verb::Logoff { forced }),
        "reset" => Some(Verb::Reset),
        "restart" => Some(Verb::Restart),
        "send-message" => Some(Verb::Message),
        _ => None,
    }
}

pub(super) fn unreadable(error: &serde_json::Error) -> ApiError {
    ApiError::bad_request("common.request.body.invalid", format!("The body cannot be mapped: {error}"))
}

/// POST `/inventory/v1/sessions/action/{verb}`.
pub(crate) fn act(call: &Call<'_>, name: &str) -> Answer {
    let forced = call.query.boolean("forced")?.unwrap_or(false);
    let Some(verb) = verb(name, forced) else { return Err(ApiError::no_such_path()) };
    let wanted: &[&str] = if matches!(verb, Verb::Reset | Verb::Restart) { &REBOOT } else { &MANAGE };
    call.need(wanted)?;
    let (ids, message) = if verb == Verb::Message {
        let body: SendMessage = serde_json::from_slice(call.body).map_err(|error| unreadable(&error))?;
        check_message(&body.message, &body.message_type)?;
        (body.session_ids, Some((body.message, body.message_type)))
    } else {
        let ids: Vec<String> = serde_json::from_slice(call.body).map_err(|error| unreadable(&error))?;
        (ids, None)
    };
    if ids.is_empty() {
        return Err(ApiError::bad_request("common.request.body.invalid", "The list of ids is empty."));
    }
    let message = message.as_ref().map(|(text, severity)| (text.as_str(), severity.as_str()));
    Ok(Reply::json(perform(call, verb, &ids, message, wanted)))
}

/// Refuses a message without a text or of no known kind.
pub(super) fn check_message(message: &str, message_type: &str) -> Result<(), ApiError> {
    if !["ERROR", "WARNING", "INFO"].contains(&message_type) {
        let text = format!("`{message_type}` is not a message_type: use ERROR, WARNING or INFO.");
        return Err(ApiError::bad_request("common.request.body.invalid", text));
    }
    if message.trim().is_empty() {
        return Err(ApiError::bad_request("inventory.session.message.empty", "The message is empty."));
    }
    Ok(())
}

fn perform(
    call: &Call<'_>,
    verb: Verb,
    ids: &[String],
    message: Option<(&str, &str)>,
    wanted: &[&str],
) -> Json {
    let mut estate = call.shared.estate();
    let operator = Operator { user: call.caller.user };
    let mut seen = HashSet::new();
    let mut json = Json::with_capacity(ids.len() * 80);
    json.begin_array();
    // The body is a set: an id that comes twice is acted on once.
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        let outcome = estate.act(verb, id, operator, message, |estate, session| {
            call.caller.on(estate.place(session).access_group, wanted)
        });
        let now = estate.now;
        let outcome = outcome.map(|()| 200).map_err(Refusal::answer);
        write_item(&mut json, Some(id), outcome, now, call.release());
    }
    json.end_array();
    json
}
