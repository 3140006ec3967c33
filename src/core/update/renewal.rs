//! Between two readings of a long list: what is on the screen and what is marked is looked at on its own.

use std::sync::Arc;

use crate::{
    core::{
        effect::{Effect, RequestId},
        remote::Remote,
        state::{Poll, State, Tab},
        table::SessionTable,
    },
    domain::Fault,
};

use super::{connection, sessions};

/// At most so many sessions are looked at each time: what two calls bring.
const MOST: usize = 100;

/// Asks for what is seen, when the list itself comes more seldom than the settings want it, and it is time.
pub(super) fn due(state: &mut State) -> Option<Effect> {
    let tab = &state.sessions;
    let is_seldom = state.seconds_between_lists() > state.settings.refresh_seconds;
    let is_fresh = matches!(tab.table, Remote::Loaded { .. }) && !tab.growing && tab.frozen.is_none();
    let is_idle = tab.poll.in_flight.is_none() && connection::is_due(&tab.renewal, state.now);
    if !is_seldom || !is_fresh || !is_idle || state.tab != Tab::Sessions {
        return None;
    }
    let (sessions, next) = tab.view.worth_a_look(MOST, tab.renewed_up_to);
    state.sessions.renewed_up_to = next;
    if sessions.is_empty() {
        wait(state);
        return None;
    }
    let table = Arc::clone(state.sessions.view.table());
    let request = state.request_id();
    state.sessions.renewal = Poll { in_flight: Some(request), ..Poll::default() };
    Some(Effect::RenewSessions { request, table, sessions })
}

/// Begins to wait for the next time.
pub(super) fn wait(state: &mut State) {
    let next_at = connection::after(state.now, i64::from(state.settings.refresh_seconds));
    state.sessions.renewal = Poll { next_at: Some(next_at), ..Poll::default() };
}

/// Takes an answer. One about a list that has given way to another is worth nothing, and after a failure it is left at
/// that until the next list, which says itself what is wrong.
pub(super) fn answered(
    state: &mut State,
    request: RequestId,
    of: &Arc<SessionTable>,
    answer: Result<Option<Arc<SessionTable>>, Fault>,
) {
    if state.sessions.renewal.in_flight != Some(request) {
        return;
    }
    let Ok(table) = answer else {
        state.sessions.renewal = Poll::default();
        return;
    };
    wait(state);
    let is_shown = Arc::ptr_eq(state.sessions.view.table(), of);
    if let Some(table) = table.filter(|_| is_shown && state.sessions.frozen.is_none()) {
        sessions::renewed(state, table);
    }
}
