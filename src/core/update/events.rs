//! Answers about events, and what the event pane's keys do.

use crate::{
    core::{
        effect::RequestId,
        events::{self, EntryBody, PaneSize, RecordLevel},
        state::{Focus, NoticeKind, State},
    },
    domain::{AuditEvent, EventFeed, Fault},
};

use super::connection;

/// What is missing between the events that were read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gaps {
    /// Older ones were left out because there were too many.
    pub(super) truncated: bool,
    /// So many rows and fields could not be read.
    pub(super) unreadable: usize,
}

pub(super) fn loaded(
    state: &mut State,
    request: RequestId,
    rows: Vec<AuditEvent>,
    feed: EventFeed,
    gaps: Gaps,
) {
    if state.event_poll.in_flight != Some(request) {
        return;
    }
    let first = state.events.feed.is_none();
    state.events.feed = Some(feed);
    let now = state.now;
    state.own_events.retain(|own| !own.is_over(now));
    state.events.take(rows, &mut state.own_events, now, first);
    if gaps.truncated && !first {
        connection::record(
            state,
            RecordLevel::Warning,
            "more events came than can be read at once: some are missing here",
        );
    }
    if gaps.unreadable > 0 {
        let text = format!("{} parts of events could not be read and are missing here", gaps.unreadable);
        connection::record(state, RecordLevel::Warning, &text);
    }
    connection::events_polled(state);
}

pub(super) fn failed(state: &mut State, request: RequestId, fault: Fault) {
    if state.event_poll.in_flight != Some(request) {
        return;
    }
    state.events.fault = Some(fault);
    connection::events_polled(state);
}

/// Changes the room of the pane; a hidden pane has no keys, and a pane that fills the screen has them.
pub(super) fn cycle_size(state: &mut State) {
    state.events.size = state.events.size.next();
    match state.events.size {
        PaneSize::Hidden => state.focus = Focus::Table,
        PaneSize::Full => state.focus = Focus::Events,
        PaneSize::Normal | PaneSize::Half => {
            if state.events.follow {
                state.events.unseen = 0;
            }
        }
    }
}

/// Jumps to the next or previous row of a rank.
pub(super) fn jump(state: &mut State, rank: u8, forward: bool) {
    if !state.events.jump(rank, forward) {
        let what = if rank >= 2 { "error" } else { "warning" };
        let place = if forward { "below" } else { "above" };
        state.notify(NoticeKind::Info, &format!("no {what} {place}"));
    }
}

/// Puts the cursor of the table on the session of the current event.
pub(super) fn go_to_session(state: &mut State) {
    let Some(table) = state.sessions.table.value() else {
        return;
    };
    let found: Vec<_> = match state.events.current().map(|entry| &entry.body) {
        Some(EntryBody::Audit { event, .. }) => events::sessions_of(event, table).into_iter().collect(),
        Some(EntryBody::Own(record)) => record.session.iter().cloned().collect(),
        None => Vec::new(),
    };
    match found.as_slice() {
        [] => state.notify(NoticeKind::Info, "no session in the list belongs to this event"),
        [only] => {
            let shown = state.sessions.view.move_to(only);
            state.focus = Focus::Table;
            if !shown {
                state.notify(NoticeKind::Warning, "the filter hides its session");
            }
        }
        [first, ..] => {
            let shown = state.sessions.view.move_to(first);
            state.focus = Focus::Table;
            let text = format!("the event may belong to {} sessions; this is the first", found.len());
            let text = if shown { text } else { "the filter hides its sessions".to_owned() };
            state.notify(NoticeKind::Info, &text);
        }
    }
}
