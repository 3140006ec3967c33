//! What became of the sessions from one poll to the next, for as long as this console runs: only the changes are kept, with
//! what is needed to tell of them when their session is gone.

mod bursts;
mod poll;
mod sheet;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use bursts::{Burst, Shared, bursts};
pub use sheet::{DiffLine, DiffSheet};

use super::facets::Facet;
use crate::domain::{PodId, SessionId, SessionState, Text};

/// So many changes are kept; the oldest fall out. A pod of thousands makes so many in a working day.
const KEPT: usize = 20_000;

/// An event and the poll that shows the same are at most so far apart.
const NEAR: SignedDuration = SignedDuration::from_secs(60);

/// What bursts are told apart by: where many break at once they mostly share one of these.
pub const SHARED: [Facet; 5] = [Facet::Gateway, Facet::Host, Facet::Agent, Facet::Pool, Facet::Client];

/// What became of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ChangeKind {
    /// It was connected, and is disconnected.
    Dropped,
    /// It is not listed any more.
    Ended,
    /// It was disconnected, and is connected.
    Reconnected,
    /// It is in another state in another way.
    Changed,
    /// It was not listed before.
    Appeared,
}

impl ChangeKind {
    /// All, what deserves a look first.
    pub const ALL: [Self; 5] = [Self::Dropped, Self::Ended, Self::Reconnected, Self::Changed, Self::Appeared];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Ended => "ended",
            Self::Reconnected => "reconnected",
            Self::Changed => "changed state",
            Self::Appeared => "appeared",
        }
    }

    /// What it means, where the word alone does not say it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Dropped => "connected before, disconnected then",
            Self::Ended => "not listed any more",
            Self::Reconnected => "disconnected before, connected then",
            Self::Changed => "in another state",
            Self::Appeared => "not listed before",
        }
    }
}

/// What became of one session between two polls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// When: as the server says, or else when the poll came that showed it.
    pub at: Timestamp,
    /// When the poll came that showed it.
    pub seen: Timestamp,
    /// What.
    pub kind: ChangeKind,
    /// The session.
    pub session: SessionId,
    /// Its user.
    pub user: Option<Text>,
    /// What tells its user apart from others.
    pub user_key: Option<Text>,
    /// Its state before and then, where it was listed.
    pub states: (Option<SessionState>, Option<SessionState>),
    /// What it said about each of [`SHARED`].
    pub said: [Option<Text>; 5],
}

impl Change {
    /// What it said about one of [`SHARED`].
    pub fn said(&self, facet: Facet) -> Option<&Text> {
        let place = SHARED.iter().position(|shared| *shared == facet)?;
        self.said.get(place)?.as_ref()
    }
}

/// The changes so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Oldest first, by the polls that showed them.
    changes: VecDeque<Change>,
    /// From when on all changes are in it.
    since: Option<Timestamp>,
    /// Those that an incomplete list did not hold, with where they were last seen: the next complete one tells whether they
    /// have ended.
    #[serde(default)]
    missing: BTreeMap<SessionId, (Change, Option<PodId>)>,
    /// Whether every session that was there is known, so that another one is new.
    #[serde(default)]
    is_whole: bool,
}

impl Past {
    /// From when on nothing is missing; none before the first list.
    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// All changes, oldest first.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.changes.iter()
    }

    /// Those since a moment, oldest first.
    pub fn changes_since(&self, moment: Timestamp) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.at >= moment)
    }

    /// The gateway through which a user was connected that dropped about then; the user as a list tells them apart.
    pub fn gateway_of_drop(&self, user: &str, at: Timestamp) -> Option<&Text> {
        let near = |change: &&Change| change.at.duration_since(at).abs() <= NEAR;
        let dropped = self.changes.iter().rev().filter(|change| change.kind == ChangeKind::Dropped);
        let is_user = |change: &&Change| change.user_key.as_ref().is_some_and(|key| key.as_str() == user);
        dropped.filter(near).find(is_user)?.said(Facet::Gateway)
    }

    /// Forgets everything: what comes is a list of something else.
    fn begin(&mut self, at: Timestamp) {
        *self = Self { since: Some(at), ..Self::default() };
    }

    fn push(&mut self, change: Change) {
        if self.changes.len() >= KEPT
            && let Some(oldest) = self.changes.pop_front()
        {
            // Of that poll others may be left, but not all.
            self.since = self.since.max(Some(oldest.seen));
        }
        self.changes.push_back(change);
    }
}
