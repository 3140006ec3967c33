//! Reading again what the account may do: when the operator asks, when permissions were changed, and when the server
//! refused what was thought to be allowed.

#[cfg(test)]
mod tests;

use crate::{
    core::{
        bulk::JobEvent,
        effect::{Effect, RequestId},
        events::RecordLevel,
        msg::Msg,
        state::{Poll, State},
    },
    domain::{Capabilities, ChangeKind, Fault, FaultKind, JobId, Outcome, Privilege},
};

use super::connection;

/// Seconds between two readings that refused questions ask for: the same question is refused with every poll.
const DOUBT_SECONDS: i64 = 300;

/// Logged in: the rights have just been read.
pub(super) fn arrived(state: &mut State) {
    state.rights.read_at = Some(state.now);
}

/// Reads again as soon as possible; a reading that is out is followed by one more.
pub(super) fn refresh(state: &mut State) {
    connection::ask_soon(&mut state.rights.poll, state.now);
}

/// Asks for it when a message is a reason to.
pub(super) fn heed(state: &mut State, message: &Msg) {
    match message {
        Msg::JobProgressed { job, event: JobEvent::Finished { fault, .. } } => {
            let refused = fault.as_ref().is_some_and(is_refusal) || calls_for_reading(state, *job);
            if refused {
                refresh(state);
            }
        }
        message if fault_of(message).is_some_and(is_refusal) => doubt(state),
        _ => {}
    }
}

/// Reads again after a refused question, but not for every one.
fn doubt(state: &mut State) {
    let due =
        state.rights.doubted_at.is_none_or(|before| connection::after(before, DOUBT_SECONDS) <= state.now);
    if due && state.rights.poll.in_flight.is_none() {
        state.rights.doubted_at = Some(state.now);
        refresh(state);
    }
}

/// Whether a job that ends has changed permissions, or was refused something for lack of them.
fn calls_for_reading(state: &State, job: JobId) -> bool {
    let refused =
        |outcomes: &[Outcome]| outcomes.iter().any(|outcome| outcome.fault().is_some_and(is_refusal));
    let changes = |kind: &ChangeKind| kind.privilege() == Privilege::ManagePermissions;
    state.job(job).is_some_and(|job| refused(&job.outcomes))
        || state
            .change_job(job)
            .is_some_and(|job| job.plan.kinds().iter().any(changes) || refused(&job.outcomes))
}

fn is_refusal(fault: &Fault) -> bool {
    fault.kind == FaultKind::InsufficientPermission
}

/// Why a question was not answered, for messages that say so.
fn fault_of(message: &Msg) -> Option<&Fault> {
    match message {
        Msg::SessionsFailed { fault, .. } | Msg::EventsFailed { fault, .. } => Some(fault),
        Msg::FederationRead { answer, .. } => answer.as_ref().err(),
        Msg::PermissionsRead { answer, .. } => answer.as_ref().err(),
        Msg::ImagesRead { answer, .. } => answer.as_ref().err(),
        Msg::PrincipalsFound { answer, .. } | Msg::PrincipalsRead { answer, .. } => answer.as_ref().err(),
        Msg::EventAttributesRead { answer, .. } => answer.as_ref().err(),
        Msg::UserSessionsRead { answer, .. } => answer.as_ref().err(),
        _ => None,
    }
}

/// Asks when it is time.
pub(super) fn due(state: &mut State) -> Option<Effect> {
    if !connection::is_due(&state.rights.poll, state.now) {
        return None;
    }
    let request = state.request_id();
    state.rights.poll = Poll { in_flight: Some(request), ..Poll::default() };
    Some(Effect::FetchRights { request })
}

/// Takes what was read. A failure keeps what was known.
pub(super) fn read(
    state: &mut State,
    request: RequestId,
    answer: Result<Box<Capabilities>, Fault>,
) -> Vec<Effect> {
    if state.rights.poll.in_flight != Some(request) {
        return Vec::new();
    }
    let next_at = state.rights.poll.again.then_some(state.now);
    state.rights.poll = Poll { next_at, ..Poll::default() };
    match answer {
        Ok(capabilities) => {
            state.rights.read_at = Some(state.now);
            state.rights.why_old = None;
            if state.capabilities().is_some_and(|before| before.account != capabilities.account) {
                let text = "what this account may do has changed: :whoami tells";
                connection::record(state, RecordLevel::Warning, text);
            }
            connection::capabilities_changed(state, capabilities)
        }
        Err(fault) => {
            if state.rights.why_old.as_ref() != Some(&fault) {
                let text = format!(
                    "what this account may do could not be read again, what was known stays: {fault}"
                );
                connection::record(state, RecordLevel::Warning, &text);
            }
            state.rights.why_old = Some(fault);
            Vec::new()
        }
    }
}
