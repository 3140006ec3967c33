//! Answers about events, and what the event pane's keys do.

use crate::{
    core::{
        command::{Command, Context},
        effect::RequestId,
        event_session::sessions_of,
        events::{EntryBody, PaneSize, RecordLevel},
        rows::{Rows, is_too_small},
        state::{Focus, NoticeKind, State, Tab},
    },
    domain::{AuditEvent, EventFeed, Fault},
};

use super::{commands, connection};

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
    connection::events_polled(state, None);
}

pub(super) fn failed(state: &mut State, request: RequestId, fault: Fault) {
    if state.event_poll.in_flight != Some(request) {
        return;
    }
    connection::events_polled(state, Some(&fault));
    state.events.fault = Some(fault);
}

/// Changes the room of the pane; a hidden pane has no keys, and a pane that fills the screen has them. A size that shows
/// nothing on a small screen is left out.
pub(super) fn cycle_size(state: &mut State) {
    state.events.size = state.events.size.next();
    if state.events.size == PaneSize::Normal && Rows::of(state).events == 0 {
        state.events.size = state.events.size.next();
    }
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

/// The screen has another size: a pane that has no room any more has no keys either.
pub(super) fn resized(state: &mut State) {
    if state.focus == Focus::Events && !is_too_small(state.screen) && Rows::of(state).events == 0 {
        state.focus = Focus::Table;
    }
}

/// Jumps to the next or previous row of a rank.
pub(super) fn jump(state: &mut State, rank: u8, forward: bool) {
    if !state.events.jump(rank, forward) {
        let what = if rank >= 2 { "error" } else { "warning" };
        let (place, back, other) = match (forward, rank >= 2) {
            (true, true) => ("below", "above", Command::EventPreviousError),
            (true, false) => ("below", "above", Command::EventPreviousWarning),
            (false, true) => ("above", "below", Command::EventNextError),
            (false, false) => ("above", "below", Command::EventNextWarning),
        };
        // While it follows, the cursor is on the newest row: what there is stands above it.
        let words = match state.events.count_from_here(rank, !forward) {
            0 => format!("no {what} here"),
            count => {
                format!("no {what} {place}; {count} {back}: {}", state.key(Context::Events, other))
            }
        };
        state.notify(NoticeKind::Info, &words);
    }
}

/// Puts the cursor of the table on the session of the current event.
pub(super) fn go_to_session(state: &mut State) {
    if let Some(number) = state.events.current().map(|entry| entry.number) {
        go_to_session_of(state, number);
    }
}

/// Puts the cursor of the table on the session of an event. Says whether there was one to go to.
pub(super) fn go_to_session_of(state: &mut State, number: u64) -> bool {
    let Some(table) = state.sessions.table.value() else {
        state.notify(NoticeKind::Info, "the list of sessions has not been read yet");
        return false;
    };
    // Whether the row names a session at all, and those of the list that it may mean.
    let (names_one, found): (bool, Vec<_>) = match state.events.entry(number).map(|entry| &entry.body) {
        Some(EntryBody::Audit { event, .. }) => match sessions_of(event, table) {
            Some((_, found)) => (true, found.into_iter().collect()),
            None => (false, Vec::new()),
        },
        Some(EntryBody::Own(record)) => {
            let listed = record.session.iter().filter(|id| table.find(id).is_some());
            (record.session.is_some(), listed.cloned().collect())
        }
        None => (false, Vec::new()),
    };
    let Some(first) = found.first() else {
        let words = match (names_one, table.complete()) {
            (true, true) => "no session in the list belongs to this event: it has ended, or never began",
            (true, false) => "no session of what could be read belongs to this event",
            (false, _) => "this event names no session",
        };
        state.notify(NoticeKind::Info, words);
        return false;
    };
    let shown = state.sessions.view.move_to(first);
    commands::show_tab(state, Tab::Sessions);
    match (shown, found.len()) {
        (true, 1) => {}
        (true, count) => {
            let text = format!("the event may belong to {count} sessions; this is the first");
            state.notify(NoticeKind::Info, &text);
        }
        (false, 1) => state.notify(NoticeKind::Warning, "the filter hides its session"),
        (false, _) => state.notify(NoticeKind::Warning, "the filter hides its sessions"),
    }
    true
}
