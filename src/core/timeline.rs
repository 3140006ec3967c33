//! What this console saw of a session: in the polls, in the events, and by its own jobs.

use jiff::Timestamp;

use super::{
    events::{Entry, EntryBody},
    past::{Change, ChangeKind},
    state::State,
};
use crate::domain::{Session, SessionId, Text};

/// From where something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The list of sessions.
    List,
    /// The events of the server.
    Event,
    /// This console itself.
    Own,
}

/// Something that was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// From where it is known.
    pub source: Source,
    /// 0 informative, 1 warning, 2 error.
    pub rank: u8,
    /// What.
    pub words: String,
}

/// Whether a row of the event pane is about the user or the machine of a session.
pub fn is_about(entry: &Entry, session: &Session) -> bool {
    match &entry.body {
        EntryBody::Audit { event, .. } => {
            let user = event.user_id.is_some() && event.user_id == session.user_id;
            let machine = event.machine_id.is_some() && event.machine_id == session.machine_id;
            user || machine
        }
        EntryBody::Own(record) => record.session.as_ref() == Some(&session.id),
    }
}

/// Everything that was seen of a session, the newest first. Of one that has ended what the polls told of it.
pub fn of(state: &State, id: &SessionId) -> Vec<Seen> {
    let session = state.session(id);
    let mut seen: Vec<Seen> = state
        .sessions
        .past
        .changes()
        .filter(|change| is_of(change, id, session.as_ref()))
        .map(|change| of_change(change, id))
        .collect();
    if let Some(session) = &session {
        let known: Vec<Timestamp> = seen.iter().map(|seen| seen.at).collect();
        // The list tells the end of what a poll saw begin.
        let is_new = |told: &Seen| known.iter().all(|at| (told.at.as_second() - at.as_second()).abs() > 1);
        seen.extend(told_by_list(session).into_iter().filter(is_new));
        let about = state.events.entries().filter(|entry| is_about(entry, session));
        seen.extend(about.map(of_entry));
    } else {
        let own = state.events.entries().filter(
            |entry| matches!(&entry.body, EntryBody::Own(record) if record.session.as_ref() == Some(id)),
        );
        seen.extend(own.map(of_entry));
    }
    seen.extend(jobs(state, id));
    seen.sort_by_key(|seen| std::cmp::Reverse(seen.at));
    seen
}

/// Whether a change is of this session, or of another one of the same user.
fn is_of(change: &Change, id: &SessionId, session: Option<&Session>) -> bool {
    let key = session.and_then(super::table::user_key_text);
    change.session == *id || (key.is_some() && change.user_key == key)
}

fn of_change(change: &Change, id: &SessionId) -> Seen {
    use super::facets::Facet;
    let said =
        |facet, lead: &str| change.said(facet).map_or_else(String::new, |said| format!("{lead}{said}"));
    let place = said(Facet::Host, " on ");
    let way = said(Facet::Gateway, ", through ");
    let client = said(Facet::Client, ", from ");
    let what = match change.kind {
        ChangeKind::Dropped => format!("dropped: disconnected{place}{way}{client}"),
        ChangeKind::Ended => format!("ended: not listed any more{place}"),
        ChangeKind::Reconnected => format!("reconnected{place}{way}{client}"),
        ChangeKind::Changed => {
            let word = |state: &Option<crate::domain::SessionState>| {
                state.as_ref().map_or_else(|| "?".to_owned(), |state| state.word().to_lowercase())
            };
            format!("{} to {}{place}", word(&change.states.0), word(&change.states.1))
        }
        ChangeKind::Appeared => format!("appeared in the list{place}{way}{client}"),
    };
    let other = if change.session == *id { "" } else { "another session of the user: " };
    let rank = u8::from(change.kind == ChangeKind::Dropped);
    Seen { at: change.at, source: Source::List, rank, words: format!("{other}{what}") }
}

/// What the list itself tells of the time before.
fn told_by_list(session: &Session) -> Vec<Seen> {
    let seen = |at: Option<Timestamp>, words: &str| {
        at.map(|at| Seen { at, source: Source::List, rank: 0, words: words.to_owned() })
    };
    [
        seen(session.started_at, "logged on, says the list"),
        seen(session.disconnected_at, "last disconnected, says the list"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_entry(entry: &Entry) -> Seen {
    let (source, words) = match &entry.body {
        EntryBody::Audit { event, .. } => {
            let text = event.message.as_ref().or(event.kind.as_ref());
            (Source::Event, text.map_or("?", Text::as_str))
        }
        EntryBody::Own(record) => (Source::Own, record.text.as_str()),
    };
    Seen { at: entry.time, source, rank: entry.rank(), words: words.to_owned() }
}

/// What jobs of this run did to it.
fn jobs(state: &State, id: &SessionId) -> Vec<Seen> {
    let of_job = |job: &super::bulk::Job| {
        let place = job.plan.to_send.iter().position(|target| target.session.id == *id)?;
        let outcome = job.outcomes.get(place)?;
        let words = format!("job {}: {}, {}", job.id, job.plan.verb, outcome.kind().label());
        Some(Seen { at: job.started_at, source: Source::Own, rank: 0, words })
    };
    state.jobs.iter().filter_map(of_job).collect()
}

/// The user of a session, or its id where nobody knows it; of one that has ended as it was last seen.
pub fn name(state: &State, id: &SessionId) -> String {
    let listed = state.session(id).and_then(|session| session.user_label());
    let past = || {
        let change = state.sessions.past.changes().rev().find(|change| change.session == *id)?;
        change.user.clone()
    };
    listed.or_else(past).map_or_else(|| id.to_string(), |name| name.to_string())
}
