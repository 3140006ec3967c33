//! Answers about the list of sessions, and what the table's keys do.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use jiff::SignedDuration;

use crate::{
    core::{
        bulk::{Job, Target},
        command::{Command, Context},
        effect::{Effect, RequestId},
        events::RecordLevel,
        filter::Filter,
        remote::Remote,
        state::{Frozen, NoticeKind, State},
        table::{Flag, Flags, Names, SessionTable, TableView},
    },
    domain::{Fault, Outcome, Session, SessionFacts, SessionId, SessionState, Verb},
};

use super::{connection, federation, renewal};

pub(super) fn progressed(state: &mut State, request: RequestId, received: usize, total: Option<usize>) {
    if state.sessions.poll.in_flight == Some(request) {
        state.sessions.poll.progress = Some((received, total));
    }
}

/// Shows the part of the first list that has arrived. A list that is there is not given up for a part of another one.
pub(super) fn glimpsed(state: &mut State, request: RequestId, table: Arc<SessionTable>) {
    let is_first = state.sessions.growing || !state.has_list();
    if state.sessions.poll.in_flight != Some(request) || !is_first {
        return;
    }
    state.sessions.growing = true;
    state.sessions.table.load(Arc::clone(&table), table.fetched_at());
    state.with_view(|view, with| view.show_part(table, with));
}

pub(super) fn loaded(
    state: &mut State,
    request: RequestId,
    table: Arc<SessionTable>,
    unreadable: usize,
) -> Vec<Effect> {
    if state.sessions.poll.in_flight != Some(request) {
        return Vec::new();
    }
    connection::sessions_polled(state, None);
    federation::was_read(state);
    // A part of a list is no list to compare with.
    let was_whole = !std::mem::take(&mut state.sessions.growing);
    if unreadable > 0 && unreadable != state.sessions.unreadable {
        let text = format!("{unreadable} rows of the session list could not be read and are not shown");
        connection::record(state, RecordLevel::Warning, &text);
    }
    state.sessions.unreadable = unreadable;
    tell_clock(state, &table);
    let before = state.sessions.newest().cloned();
    state.sessions.past.note(before.as_deref().filter(|_| was_whole), &table, table.fetched_at());
    federation::tell_silence(state, before.as_ref(), &table);
    if let Remote::Stale { value, at, .. } = &state.sessions.table {
        // The server answers again; a frozen picture stays, but is not old for that reason any more.
        state.sessions.table = Remote::Loaded { value: Arc::clone(value), at: *at };
    }
    know(state, &table);
    renewal::wait(state);
    if let Some(frozen) = &mut state.sessions.frozen {
        if let Some(shown) = state.sessions.table.value() {
            frozen.changes = changes(shown, &table);
        }
        frozen.newest = Some(table);
    } else {
        show(state, table);
    }
    connection::find_protected_groups_again(state)
}

/// Clocks that differ by no more are not worth a word, and neither is such a change.
const CLOCKS_AGREE: SignedDuration = SignedDuration::from_secs(60);

/// Says in the event pane that the server's clock is another one, once for each difference.
fn tell_clock(state: &mut State, table: &SessionTable) {
    let Some(offset) = table.clock_offset() else {
        return;
    };
    if (offset - state.sessions.clock_offset).abs() <= CLOCKS_AGREE {
        return;
    }
    state.sessions.clock_offset = offset;
    if offset.abs() <= CLOCKS_AGREE {
        connection::record(
            state,
            RecordLevel::Info,
            "the server's clock agrees with that of this machine again",
        );
        return;
    }
    let side = if offset.is_negative() { "behind" } else { "ahead of" };
    let by = clock_difference(offset.abs().as_secs());
    let text =
        format!("the server's clock is {by} {side} this machine's; durations are measured by the server's");
    connection::record(state, RecordLevel::Warning, &text);
}

/// `4m`, `1h02m`, `3d4h`.
fn clock_difference(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        ..3600 => format!("{minutes}m"),
        3600..172_800 => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}d{}h", hours % 24),
    }
}

pub(super) fn failed(state: &mut State, request: RequestId, fault: Fault) -> Vec<Effect> {
    if state.sessions.poll.in_flight != Some(request) {
        return Vec::new();
    }
    connection::sessions_polled(state, Some(&fault));
    federation::was_read(state);
    let known = state.sessions.table.fault();
    // Why a server was given up was told; that it still is shows in the status bar.
    let is_known = known.is_some_and(|known| known.is_same_as(&fault) || fault.rest().is_some());
    if !is_known {
        connection::record(state, RecordLevel::Error, &fault.to_string());
    }
    if std::mem::take(&mut state.sessions.growing) {
        // A list that broke off half-way is none, and what cannot be seen is not acted on.
        state.sessions.table = Remote::Loading;
        state.with_view(|view, with| {
            view.clear_marks();
            view.replace_table(Arc::default(), with);
            // A line of somebody who cannot be seen any more would stand in place of the reason.
            view.leave_cursor();
        });
    }
    state.sessions.table.fail(fault, state.now);
    Vec::new()
}

/// Puts a filter in force; for many sessions beside the keys, until the next one is typed.
pub(super) fn filter(state: &mut State, text: &str) -> Option<Effect> {
    let many = state.settings.many_sessions;
    let (table, filter) = state.with_view(|view, with| view.set_filter_aside(text, many, with))?;
    Some(judge_aside(state, table, filter))
}

fn judge_aside(state: &mut State, table: Arc<SessionTable>, filter: Filter) -> Effect {
    let request = state.request_id();
    state.sessions.judging = Some(request);
    let groups = Arc::clone(&state.sessions.group_names.names);
    Effect::JudgeRows { request, table, filter, groups }
}

/// Judges the rows by names of groups that have come; of many sessions beside the keys.
pub(super) fn judge_again(state: &mut State) -> Option<Effect> {
    let many = state.settings.many_sessions;
    let (table, filter) = state.with_view(|view, with| view.judge_again(many, with))?;
    Some(judge_aside(state, table, filter))
}

/// Shows the rows of a filter that is judged now. The next one has its own answer to come.
pub(super) fn judged(state: &mut State, request: RequestId) {
    if state.sessions.judging.take_if(|judging| *judging == request).is_some() {
        state.with_view(TableView::judge);
    }
}

/// Takes the list that is shown with what is new about some of its sessions.
pub(super) fn renewed(state: &mut State, table: Arc<SessionTable>) {
    let before = state.sessions.newest().cloned();
    state.sessions.past.note(before.as_deref(), &table, state.now);
    know(state, &table);
    show(state, table);
}

/// Notes what a new list says about flags and names.
fn know(state: &mut State, table: &SessionTable) {
    state.sessions.flags = known_flags(state, table);
    state.events.names = Names::of_sessions(table);
    state.sessions.group_names.try_again();
}

/// Swaps a new list in; cursor and marks follow the ids.
fn show(state: &mut State, table: Arc<SessionTable>) {
    let at = table.fetched_at();
    state.sessions.table.load(Arc::clone(&table), at);
    state.with_view(|view, with| view.replace_table(table, with));
}

/// Freezes the picture, or lets it go on with the newest list.
pub(super) fn toggle_frozen(state: &mut State) {
    match state.sessions.frozen.take() {
        None if state.sessions.growing => {
            state.notify(NoticeKind::Info, "the list is still being read: there is nothing to freeze yet");
        }
        None => {
            state.sessions.frozen = Some(Frozen { since: state.now, newest: None, changes: 0 });
            let shows = state.key(Context::Sessions, Command::Freeze);
            state.notify(NoticeKind::Info, &format!("frozen: polls go on, {shows} shows the newest again"));
        }
        Some(Frozen { newest: Some(table), .. }) => {
            let stale = state.sessions.table.fault().cloned();
            show(state, table);
            // The newest list may itself be old: a poll that failed while frozen is not forgotten.
            if let Some(why) = stale {
                state.sessions.table.fail(why, state.now);
            }
        }
        Some(Frozen { newest: None, .. }) => {}
    }
}

/// How many sessions are new, gone, or in another state.
fn changes(before: &SessionTable, after: &SessionTable) -> usize {
    let gone = before.iter().filter(|session| after.row_number(*session).is_none()).count();
    let changed = after.iter().filter(|session| {
        let old = before.row_number(*session).and_then(|row| before.get(row));
        old.is_none_or(|old| old.state() != session.state())
    });
    gone + changed.count()
}

/// Flags that rest on more than the list: what jobs were told, what was marked.
fn known_flags(state: &State, table: &SessionTable) -> Flags {
    let mut flags = Flags::new();
    for job in &state.jobs {
        for id in ghosts(job, table) {
            flags.entry(id).or_default().insert(Flag::Ghost);
        }
    }
    for id in reconnected(state, table) {
        flags.entry(id).or_default().insert(Flag::Reconnected);
    }
    flags
}

/// Marked sessions that were disconnected and are connected now.
fn reconnected(state: &State, table: &SessionTable) -> Vec<SessionId> {
    let view = &state.sessions.view;
    let shown = view.table();
    let flagged = state.sessions.flags.iter().filter(|(_, set)| set.contains(&Flag::Reconnected));
    let before: BTreeSet<&SessionId> = flagged.map(|(id, _)| id).collect();
    let rows_before: HashSet<u32> = before.iter().filter_map(|id| shown.find(id)).collect();
    let is_connected =
        |row: u32| table.get(row).is_some_and(|session| session.state() == Some(&SessionState::Connected));
    let was_disconnected =
        |row: u32| shown.get(row).is_some_and(|session| session.state() == Some(&SessionState::Disconnected));
    // Of many marks hardly any has come back: no id is put together for the others.
    let listed = view
        .marked_rows()
        .filter(|row| was_disconnected(*row) || rows_before.contains(row))
        .filter_map(|row| table.row_since(shown, row));
    let unlisted = view.marks_unlisted().filter(|id| before.contains(id)).filter_map(|id| table.find(id));
    let now = listed.chain(unlisted).filter(|row| is_connected(*row));
    now.filter_map(|row| table.get(row)).map(SessionFacts::session_id).collect()
}

/// Seconds after which a session that accepted a logoff and is still listed counts as a ghost.
const GHOST_SECONDS: i64 = 60;

/// Sessions that accepted a logoff long ago and are still listed.
fn ghosts(job: &Job, table: &SessionTable) -> Vec<crate::domain::SessionId> {
    let ends_session = matches!(job.plan.verb, Verb::Logoff | Verb::LogoffForced);
    let Some(ended_at) = job.finished_at().filter(|_| ends_session) else {
        return Vec::new();
    };
    // The rows of a pod that does not answer are those of an earlier time and prove nothing. What the job itself found to be
    // still listed needs no more time.
    let still_listed = |(target, outcome): &(&Target, &Outcome)| {
        let seconds = match outcome {
            Outcome::StillListed => 0,
            Outcome::Accepted => GHOST_SECONDS,
            _ => return false,
        };
        let read_at = table.read_at(target.pod.as_ref());
        read_at.is_some_and(|read_at| read_at.as_second() - ended_at.as_second() >= seconds)
            && table.find(&target.session.id).is_some()
    };
    let pairs = job.plan.to_send.iter().zip(&job.outcomes);
    pairs.filter(still_listed).map(|(target, _)| target.session.id.clone()).collect()
}

impl State {
    /// Lets the view change with what it needs to know beside the list.
    pub(in crate::core) fn with_view<R>(
        &mut self,
        change: impl FnOnce(&mut crate::core::table::TableView, crate::core::table::Surroundings<'_>) -> R,
    ) -> R {
        let capabilities = match &self.link {
            crate::core::state::Link::Up(capabilities) => Some(&**capabilities),
            crate::core::state::Link::Connecting => None,
        };
        let names = self.sessions.group_names.as_names();
        let with = crate::core::table::Surroundings {
            capabilities,
            flags: Some(&self.sessions.flags),
            names: Some(&names),
        };
        change(&mut self.sessions.view, with)
    }

    /// The session with this id in the newest list.
    pub fn session(&self, id: &crate::domain::SessionId) -> Option<Session> {
        self.sessions.newest()?.session(id)
    }

    /// The same, looked at where it stands.
    pub fn row(&self, id: &crate::domain::SessionId) -> Option<crate::domain::SessionRow<'_>> {
        self.sessions.newest()?.row_of(id)
    }

    /// Seconds from one reading of the list to the next, unless somebody asks for it sooner.
    pub fn seconds_between_lists(&self) -> u32 {
        self.settings.refresh_seconds.max(self.sessions.pause)
    }

    /// Whether the list can be shown at all.
    pub fn has_list(&self) -> bool {
        !matches!(self.sessions.table, Remote::NotAsked | Remote::Loading | Remote::Failed { .. })
    }
}
