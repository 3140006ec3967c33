//! What changed since some time ago, as it was when somebody asked.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Burst, Change, ChangeKind, Past, bursts};
use crate::domain::{SessionId, SessionRows};

/// The answer to `:diff`, as of the moment it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiffSheet {
    /// So many seconds were asked for.
    pub seconds: i64,
    /// From when on it tells.
    pub from: Timestamp,
    /// Until when it tells.
    pub until: Timestamp,
    /// From when on this console knows, when that is later.
    pub known_from: Option<Timestamp>,
    /// What changed, by kind; bursts first.
    pub bursts: Vec<Burst>,
    /// The line under the cursor.
    pub cursor: usize,
}

/// A line of the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DiffLine<'a> {
    /// How many of a kind there are.
    Kind(ChangeKind, usize),
    /// A burst, or those that belong to none.
    Burst(&'a Burst),
    /// One of them.
    Change(&'a Change),
}

impl DiffSheet {
    /// What changed in the last seconds.
    pub fn new(past: &Past, rows: &SessionRows, now: Timestamp, seconds: i64) -> Self {
        let from = now.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN);
        let known_from = past.since().filter(|since| *since > from);
        let seen = now.as_second() - known_from.unwrap_or(from).as_second();
        let bursts = bursts(past.changes_since(from), rows, seen);
        let mut sheet = Self { seconds, from, until: now, known_from, bursts, cursor: 0 };
        sheet.cursor = sheet.first_change().unwrap_or(0);
        sheet
    }

    /// How many changes of a kind there are.
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.bursts.iter().filter(|burst| burst.kind == kind).map(|burst| burst.changes.len()).sum()
    }

    /// All lines. Of those in no burst the newest come first.
    pub fn lines(&self) -> Vec<DiffLine<'_>> {
        let mut lines = Vec::new();
        for kind in ChangeKind::ALL {
            let of_kind: Vec<&Burst> = self.bursts.iter().filter(|burst| burst.kind == kind).collect();
            if of_kind.is_empty() {
                continue;
            }
            lines.push(DiffLine::Kind(kind, self.count(kind)));
            let has_bursts = of_kind.iter().any(|burst| !burst.shared.is_empty());
            for burst in of_kind {
                if has_bursts {
                    lines.push(DiffLine::Burst(burst));
                }
                lines.extend(burst.changes.iter().rev().map(DiffLine::Change));
            }
        }
        lines
    }

    fn first_change(&self) -> Option<usize> {
        self.lines().iter().position(|line| matches!(line, DiffLine::Change(_)))
    }

    /// The change under the cursor; on a heading none.
    pub fn current(&self) -> Option<&Change> {
        match self.lines().get(self.cursor) {
            Some(DiffLine::Change(change)) => Some(change),
            _ => None,
        }
    }

    /// Puts the cursor on what is told of a session, if anything is.
    pub fn move_to(&mut self, session: &SessionId) {
        let is_it =
            |line: &DiffLine<'_>| matches!(line, DiffLine::Change(change) if change.session == *session);
        if let Some(place) = self.lines().iter().position(is_it) {
            self.cursor = place;
        }
    }

    /// Moves the cursor by so many lines.
    pub fn move_by(&mut self, steps: isize) {
        let last = self.lines().len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(steps).min(last);
    }
}
