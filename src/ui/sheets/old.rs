//! Saying that data is old, where something irreversible is decided on it.

use jiff::Timestamp;

use crate::{
    core::{remote::Remote, state::State},
    domain::FaultKind,
    ui::time::{Clock, duration, seconds},
};

/// What is said where nothing is wrong but that a newer list has come: it can be started all the same.
pub(super) const READ_AGAIN: &str = "read again before sending";

/// The warning above what was read at a moment, if that is too long ago: `DATA OF 09:19:51, 28s OLD: …`.
pub(super) fn warning(state: &State, read_at: Timestamp, clock: &Clock) -> Option<String> {
    let why = why(state, read_at)?;
    let age = duration(seconds(read_at, state.now));
    Some(format!("DATA OF {}, {age} OLD: {why}", clock.time(read_at)))
}

/// Why what was read at a moment is old, if it is: the list could not be renewed, or two polls have passed since.
fn why(state: &State, read_at: Timestamp) -> Option<String> {
    let table = &state.sessions.table;
    if let Remote::Stale { why, .. } = table {
        return Some(match why.kind {
            FaultKind::Unreachable => "the server does not answer".to_owned(),
            kind => format!("not read since, {kind}"),
        });
    }
    let limit = 2 * i64::from(state.seconds_between_lists());
    let newer = state.sessions.newest().is_some_and(|newest| newest.fetched_at() > read_at);
    (seconds(read_at, state.now) > limit)
        .then(|| if newer { READ_AGAIN } else { "no newer list came" }.to_owned())
}
