//! Logging in, and asking again when it is time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{
    core::{
        cloud::is_cloud,
        effect::Effect,
        events::{OwnRecord, RecordLevel},
        state::{Link, NoticeKind, Poll, State},
        table::TableView,
    },
    domain::{Capabilities, EventFeed, Fault, Text},
};

use super::{cloud, federation, images, permissions, renewal, rights};

/// Seconds between two tries when the event log cannot be read for a reason that will hardly change soon.
const NO_FEED_SECONDS: i64 = 300;

/// What whoever comes for the first time should know; it goes with the first key.
const UNCONFIGURED: &str = "Nothing is configured, so all this is simulated. Yours: foretop config init";

pub(super) fn connected(state: &mut State, capabilities: Box<Capabilities>) -> Vec<Effect> {
    // Another account may be let in where the one before was not.
    state.sessions.group_names.barred = false;
    let text = format!(
        "connected to {} as {}{}",
        capabilities.server,
        capabilities.account.name,
        capabilities.release.map_or_else(String::new, |release| format!(", release {release}")),
    );
    record(state, RecordLevel::Info, &text);
    if state.settings.unconfigured {
        state.notify(NoticeKind::Info, UNCONFIGURED);
    }
    state.link = Link::Up(capabilities);
    rights::arrived(state);
    state.sessions.table.ask();
    state.sessions.poll.next_at = Some(state.now);
    state.event_poll.next_at = Some(state.now);
    state.federation.poll.next_at = Some(state.now);
    cloud::connected(state);
    let mut effects = find_protected_groups(state);
    if !state.settings.read_only {
        effects.push(Effect::CheckRecord);
    }
    effects
}

/// Looks for the groups of protected rules that are not known yet.
fn find_protected_groups(state: &mut State) -> Vec<Effect> {
    state.look_for_groups = false;
    let names: Vec<String> =
        state.settings.protected.groups_to_find().into_iter().map(str::to_owned).collect();
    if names.is_empty() { Vec::new() } else { vec![Effect::FindProtectedGroups { names }] }
}

/// Looks for them again, when the server did not answer before and does now.
pub(super) fn find_protected_groups_again(state: &mut State) -> Vec<Effect> {
    if state.look_for_groups { find_protected_groups(state) } else { Vec::new() }
}

/// Takes the SIDs of the groups that protected rules name. A group that was not found protects everybody: that is said,
/// once for each reason. `again` when the next list that is read is the time to look again.
pub(super) fn protected_groups_found(
    state: &mut State,
    found: BTreeMap<String, Vec<String>>,
    unfound: &[Text],
    again: bool,
) {
    let was_missing = !state.unfound_groups.is_empty();
    state.settings.protected.learn(found);
    state.look_for_groups = again;
    for words in
        unfound.iter().filter(|words| !state.unfound_groups.contains(words)).cloned().collect::<Vec<_>>()
    {
        record(state, RecordLevel::Warning, words.as_str());
        state.notify(NoticeKind::Warning, words.as_str());
    }
    state.unfound_groups = unfound.to_vec();
    if was_missing && unfound.is_empty() {
        record(state, RecordLevel::Info, "the protected groups are known now");
    }
}

/// Says that no job can start.
pub(super) fn cannot_record(state: &mut State, why: &Text) {
    let text = format!("no job can start: {why}");
    record(state, RecordLevel::Error, &text);
    state.notify(NoticeKind::Warning, &text);
}

pub(super) fn capabilities_changed(state: &mut State, capabilities: Box<Capabilities>) -> Vec<Effect> {
    let moved = state.capabilities().is_some_and(|before| before.server != capabilities.server);
    if moved {
        let text = format!("now served by {}", capabilities.server);
        record(state, RecordLevel::Warning, &text);
    }
    state.link = Link::Up(capabilities);
    state.with_view(TableView::recompute);
    Vec::new()
}

/// Asks for what is due. A poll that is out is never joined by a second one.
pub(super) fn due_polls(state: &mut State) -> Vec<Effect> {
    if !matches!(state.link, Link::Up(_)) || state.leaving && !state.has_running_job() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if is_due(&state.sessions.poll, state.now) {
        let request = state.request_id();
        let asked_at = Some(state.now);
        state.sessions.poll = Poll { in_flight: Some(request), asked_at, ..Poll::default() };
        effects.push(Effect::FetchSessions { request, scope: state.federation.scope });
    }
    effects.extend(renewal::due(state));
    if is_due(&state.event_poll, state.now) {
        let request = state.request_id();
        state.event_poll = Poll { in_flight: Some(request), ..Poll::default() };
        effects.push(Effect::FetchEvents { request });
    }
    effects.extend(rights::due(state));
    if is_cloud(state) {
        // There is neither a federation, nor permissions, nor image streams.
        for poll in [&mut state.federation.poll, &mut state.permissions.poll, &mut state.images.poll] {
            *poll = Poll::default();
        }
        effects.extend(cloud::due(state));
        return effects;
    }
    effects.extend(federation::due(state));
    effects.extend(permissions::due(state));
    effects.extend(images::due(state));
    effects
}

pub(super) fn is_due(poll: &Poll, now: Timestamp) -> bool {
    poll.in_flight.is_none() && poll.next_at.is_some_and(|at| at <= now)
}

/// Seconds until the next question: as always, or sooner when a server that was given up is tried again by then.
pub(super) fn patience(fault: Option<&Fault>, seconds: i64) -> i64 {
    fault.and_then(Fault::rest).map_or(seconds, |rest| rest.min(seconds))
}

/// However long a list takes, so many times as long the server is left alone before it is read again.
const PAUSES: u64 = 2;

/// The pause after a reading that took so many seconds. One that is about right stays: it is shown, and no list takes twice
/// the same time.
fn pause(before: u32, took: i64) -> u32 {
    let now = u32::try_from(took.unsigned_abs().saturating_mul(PAUSES)).unwrap_or(u32::MAX);
    if now.abs_diff(before) > before / 4 { now } else { before }
}

/// Ends a poll of the list and sets the time of the next one.
pub(super) fn sessions_polled(state: &mut State, fault: Option<&Fault>) {
    let again = state.sessions.poll.again;
    if let (Some(asked_at), None) = (state.sessions.poll.asked_at, fault) {
        let took = state.now.duration_since(asked_at).as_secs();
        state.sessions.pause = pause(state.sessions.pause, took);
    }
    let seconds = patience(fault, i64::from(state.seconds_between_lists()));
    state.sessions.poll =
        Poll { next_at: Some(after(state.now, if again { 0 } else { seconds })), ..Poll::default() };
}

/// Ends a poll of the events and sets the time of the next one.
pub(super) fn events_polled(state: &mut State, fault: Option<&Fault>) {
    let seconds = match &state.events.feed {
        Some(
            EventFeed::NotInRelease | EventFeed::NoDatabase | EventFeed::NotPermitted | EventFeed::NotOffered,
        ) => NO_FEED_SECONDS,
        Some(EventFeed::Available) | None => patience(fault, i64::from(state.settings.event_seconds)),
    };
    let again = state.event_poll.again;
    state.event_poll =
        Poll { next_at: Some(after(state.now, if again { 0 } else { seconds })), ..Poll::default() };
}

/// Asks for both lists as soon as possible, and for what the tab shows; a poll that is out is followed by one more.
pub(super) fn refresh_now(state: &mut State) {
    let now = state.now;
    permissions::refresh(state);
    for poll in [&mut state.sessions.poll, &mut state.event_poll] {
        ask_soon(poll, now);
    }
    if is_cloud(state) {
        return cloud::refresh(state);
    }
    images::refresh(state);
}

/// Asks for the list of sessions as soon as possible.
pub(super) fn refresh_sessions(state: &mut State) {
    ask_soon(&mut state.sessions.poll, state.now);
}

/// Asks for the pods as soon as possible.
pub(super) fn refresh_pods(state: &mut State) {
    ask_soon(&mut state.federation.poll, state.now);
}

pub(super) fn ask_soon(poll: &mut Poll, now: Timestamp) {
    if poll.in_flight.is_some() {
        poll.again = true;
    } else {
        poll.next_at = Some(now);
    }
}

/// Adds a record of the console's own to the event pane.
pub(super) fn record(state: &mut State, level: RecordLevel, text: &str) {
    let record = OwnRecord { time: state.now, level, text: Text::clean(text), job: None, session: None };
    state.events.record(record);
}

pub(super) fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use crate::core::{
        fixtures::{Bench, capabilities},
        msg::Msg,
    };

    #[test]
    fn who_comes_for_the_first_time_is_told_how_to_reach_own_servers() {
        for unconfigured in [true, false] {
            let mut bench = Bench::unconnected();
            bench.state.settings.unconfigured = unconfigured;
            bench.send(Msg::Connected(Box::new(capabilities())));
            let notice = bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str());
            assert_eq!(notice.contains("foretop config init"), unconfigured, "{notice}");
            // It has to be there as a whole on the smallest screen that is usual.
            assert!(notice.len() < 79, "{notice}");
        }
    }
}
