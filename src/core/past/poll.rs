//! What is new in a list: compared row by row with the one before it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Change, ChangeKind, Past, SHARED};
use crate::{
    core::{
        facets::FacetValue,
        table::{SessionTable, user_key_text, value},
    },
    domain::{Common, SessionFacts, SessionRow, SessionState, Text},
};

impl Past {
    /// Notes what is new in a list since the one before. Without one before, or when that was about other sessions, it begins
    /// anew: everybody would have appeared.
    pub fn note(&mut self, before: Option<&SessionTable>, now: &SessionTable) {
        let seen = now.fetched_at();
        let Some(before) = before.filter(|before| before.is_global() == now.is_global()) else {
            return self.begin(seen);
        };
        if self.since.is_none() {
            self.begin(before.fetched_at());
        }
        if Arc::ptr_eq(before.rows(), now.rows()) {
            return;
        }
        let (was, is) = (States::of(before), States::of(now));
        let moment = Moment { before: before.as_of(), now };
        let mut stayed = vec![false; now.len()];
        for row in 0..before.len() as u32 {
            let Some(old) = before.get(row) else { continue };
            let Some(place) = now.row_since(before, row) else {
                if now.proves_absence(old.pod_id()) {
                    self.push(moment.change(ChangeKind::Ended, old, None));
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
        let new = (0..).zip(stayed).filter(|(_, stayed)| !stayed).filter_map(|(row, _)| now.get(row));
        for new in new.filter(|new| before.proves_absence(new.pod_id())) {
            self.push(moment.appeared(new));
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
struct Moment<'a> {
    before: Timestamp,
    now: &'a SessionTable,
}

impl Moment<'_> {
    /// When something happened: as the server says it where that lies between the two polls. Told by this machine's clock.
    fn at(&self, told: Option<Timestamp>) -> Timestamp {
        let now = self.now.as_of();
        let seen = self.now.fetched_at();
        let offset = self.now.clock_offset().unwrap_or(SignedDuration::ZERO);
        let told = told.filter(|told| *told >= self.before && *told <= now);
        told.and_then(|told| told.checked_sub(offset).ok()).map_or(seen, |told| told.min(seen))
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
            seen: self.now.fetched_at(),
            kind,
            session: row.session_id(),
            user: value::login(row).map(|login| Text::clean(&login)),
            user_key: user_key_text(row),
            states,
            said,
        }
    }
}
