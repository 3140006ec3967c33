//! What is new in a list: compared row by row with the one before it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Change, ChangeKind, KEPT, Past, SHARED};
use crate::{
    core::{
        facets::FacetValue,
        table::{SessionTable, user_key_text, value},
    },
    domain::{Common, SessionFacts, SessionRow, SessionState, Text},
};

impl Past {
    /// Notes what is new in a list that came at a moment, since the one before. Without one before, or when that was about other
    /// sessions, it begins anew: everybody would have appeared.
    pub fn note(&mut self, before: Option<&SessionTable>, now: &SessionTable, seen: Timestamp) {
        let Some(before) = before.filter(|before| before.is_global() == now.is_global()) else {
            self.begin(seen);
            self.is_whole = now.complete();
            return;
        };
        if self.since.is_none() {
            self.begin(before.fetched_at());
            self.is_whole = before.complete();
        }
        if !Arc::ptr_eq(before.rows(), now.rows()) {
            let moment = Moment::new(before, now, seen);
            let stayed = self.note_old(before, now, &moment);
            self.note_new(before, now, &moment, &stayed);
        }
        self.settle_missing(now, seen);
        self.is_whole |= now.complete();
    }

    /// Notes what became of those who were there. Returns for each row of the new list whether it is one of them.
    fn note_old(&mut self, before: &SessionTable, now: &SessionTable, moment: &Moment) -> Vec<bool> {
        let (was, is) = (States::of(before), States::of(now));
        let mut stayed = vec![false; now.len()];
        for row in 0..before.len() as u32 {
            let Some(old) = before.get(row) else { continue };
            let Some(place) = now.row_since(before, row) else {
                let ended = moment.change(ChangeKind::Ended, old, None);
                if now.proves_absence(old.pod_id()) {
                    self.push(ended);
                } else {
                    self.missing.insert(old.session_id(), (ended, old.pod_id().cloned()));
                }
                continue;
            };
            if let Some(stayed) = stayed.get_mut(place as usize) {
                *stayed = true;
            }
            if was.code(row) == is.code(place) && was.code(row) != States::STRANGE {
                continue;
            }
            let Some(new) = now.get(place).filter(|new| new.state() != old.state()) else { continue };
            let kind = match (old.state(), new.state()) {
                (Some(SessionState::Connected), Some(SessionState::Disconnected)) => ChangeKind::Dropped,
                (Some(SessionState::Disconnected), Some(SessionState::Connected)) => ChangeKind::Reconnected,
                // What is not told is no change.
                (None, _) | (_, None) => continue,
                _ => ChangeKind::Changed,
            };
            self.push(moment.change(kind, old, Some(new)));
        }
        stayed
    }

    /// Notes who has come: nobody of whom it was not known whether he was there.
    fn note_new(&mut self, before: &SessionTable, now: &SessionTable, moment: &Moment, stayed: &[bool]) {
        let rows = (0..).zip(stayed).filter(|(_, stayed)| !**stayed).filter_map(|(row, _)| now.get(row));
        for new in rows {
            let was_looked_for = before.proves_absence(new.pod_id())
                || (self.is_whole && !self.missing.contains_key(&new.session_id()));
            if was_looked_for {
                self.push(moment.appeared(new));
            }
        }
    }

    /// Finds out about those that a list before did not hold.
    fn settle_missing(&mut self, now: &SessionTable, seen: Timestamp) {
        for (id, (change, pod)) in std::mem::take(&mut self.missing) {
            if now.find(&id).is_some() {
                continue;
            }
            if now.proves_absence(pod.as_ref()) {
                self.push(Change { at: seen, seen, ..change });
            } else {
                self.missing.insert(id, (change, pod));
            }
        }
        if self.missing.len() > KEPT {
            // Too many to remember: until the next complete list nobody is called new.
            self.missing.clear();
            self.is_whole = false;
        }
    }
}

/// A number for the state of each row, so that rows are compared without looking at words.
struct States<'a> {
    of_mode: Vec<u8>,
    modes: &'a [u32],
}

impl<'a> States<'a> {
    /// A word that is not known: two of them may differ.
    const STRANGE: u8 = 4;

    fn of(table: &'a SessionTable) -> Self {
        let code = |row: SessionRow<'_>| match row.state() {
            None => 0,
            Some(SessionState::Connected) => 1,
            Some(SessionState::Disconnected) => 2,
            Some(SessionState::Pending) => 3,
            Some(SessionState::Unknown(_)) => Self::STRANGE,
        };
        let rows = table.rows();
        Self {
            of_mode: rows.representatives(Common::Mode).map(code).collect(),
            modes: rows.numbers(Common::Mode).unwrap_or_default(),
        }
    }

    fn code(&self, row: u32) -> u8 {
        let mode = self.modes.get(row as usize).copied().unwrap_or(u32::MAX);
        self.of_mode.get(mode as usize).copied().unwrap_or(Self::STRANGE)
    }
}

/// Between which two moments something changed.
struct Moment {
    /// By the server's clock.
    between: (Timestamp, Timestamp),
    /// How far that is ahead of this machine's.
    offset: SignedDuration,
    seen: Timestamp,
}

impl Moment {
    fn new(before: &SessionTable, now: &SessionTable, seen: Timestamp) -> Self {
        // What was looked at again between two readings keeps the time of the reading.
        let later = seen.duration_since(now.fetched_at()).max(SignedDuration::ZERO);
        let end = now.as_of().checked_add(later).unwrap_or(now.as_of());
        let offset = now.clock_offset().unwrap_or(SignedDuration::ZERO);
        Self { between: (before.as_of(), end), offset, seen }
    }

    /// When something happened: as the server says it where that lies between the two polls. Told by this machine's clock.
    fn at(&self, told: Option<Timestamp>) -> Timestamp {
        let (begin, end) = self.between;
        let told = told.filter(|told| *told >= begin && *told <= end);
        told.and_then(|told| told.checked_sub(self.offset).ok()).map_or(self.seen, |told| told.min(self.seen))
    }

    fn change(&self, kind: ChangeKind, old: SessionRow<'_>, new: Option<SessionRow<'_>>) -> Change {
        let told = match kind {
            ChangeKind::Dropped => new.and_then(SessionFacts::disconnected_at),
            _ => None,
        };
        let states = (old.state().cloned(), new.and_then(|new| new.state().cloned()));
        // Where it broke is what it was on before; what that did not tell, the new one may.
        let said = SHARED.map(|facet| {
            let of = |row| FacetValue::of_row(facet, row).said().filter(|said| !said.is_empty());
            let now = if kind == ChangeKind::Reconnected { new.and_then(of) } else { None };
            now.or_else(|| of(old)).or_else(|| new.and_then(of)).map(|said| Text::clean(&said))
        });
        self.of(kind, old, states, said, told)
    }

    fn appeared(&self, new: SessionRow<'_>) -> Change {
        let said = SHARED.map(|facet| {
            let said = FacetValue::of_row(facet, new).said().filter(|said| !said.is_empty());
            said.map(|said| Text::clean(&said))
        });
        let states = (None, new.state().cloned());
        self.of(ChangeKind::Appeared, new, states, said, new.started_at())
    }

    fn of(
        &self,
        kind: ChangeKind,
        row: SessionRow<'_>,
        states: (Option<SessionState>, Option<SessionState>),
        said: [Option<Text>; 5],
        told: Option<Timestamp>,
    ) -> Change {
        Change {
            at: self.at(told),
            seen: self.seen,
            kind,
            session: row.session_id(),
            user: value::login(row).map(|login| Text::clean(&login)),
            user_key: user_key_text(row),
            states,
            said,
        }
    }
}
