//! Flags: marks in the column `!`, each with its reason (`screens.md section 6`, capability 14).

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{SessionTable, value};
use crate::{
    core::filter::Truth,
    domain::{SessionFacts, SessionId, SessionState},
};

/// Why a session deserves a second look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Flag {
    /// It accepted a log-off and is still listed.
    Ghost,
    /// Pending for more than [`PENDING_LIMIT_SECONDS`].
    PendingTooLong,
    /// The event pane knows more than the row.
    EventContradicts,
    /// Reconnected since it was marked.
    Reconnected,
    /// On the list of those that are never acted on without being named.
    Protected,
    /// Its user has more than one session.
    Duplicate,
}

/// The flags that are not computed from the table, by session.
pub type Flags = HashMap<SessionId, BTreeSet<Flag>>;

/// A log-in that takes longer than this is stuck.
pub const PENDING_LIMIT_SECONDS: i64 = 5 * 60;

impl Flag {
    /// All flags, the most urgent first.
    pub const ALL: [Self; 6] = [
        Self::Ghost,
        Self::PendingTooLong,
        Self::EventContradicts,
        Self::Reconnected,
        Self::Protected,
        Self::Duplicate,
    ];

    /// The two characters of the column; [`Flag::Duplicate`] shows the number of sessions instead of its 2.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ghost => "GH",
            Self::PendingTooLong => "PE",
            Self::EventContradicts => "EV",
            Self::Reconnected => "RC",
            Self::Protected => "PR",
            Self::Duplicate => "2x",
        }
    }

    /// The name in words, also taken by `flag:`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ghost => "ghost",
            Self::PendingTooLong => "pending too long",
            Self::EventContradicts => "event contradicts",
            Self::Reconnected => "reconnected",
            Self::Protected => "protected",
            Self::Duplicate => "duplicate",
        }
    }

    /// A sentence that says why it is set.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Ghost => "The server accepted a log-off for it, but it is still listed.",
            Self::PendingTooLong => "Its log-in has not finished for more than 5 minutes.",
            Self::EventContradicts => {
                "An event says otherwise than this row; the next refresh will show which is right."
            }
            Self::Reconnected => "It was disconnected when it was marked, and its user has come back since.",
            Self::Protected => "It is on the protected list: plans hold it back unless it is named.",
            Self::Duplicate => "Its user has more than one session.",
        }
    }

    /// Whether a flag is set: [`Truth::Unknown`] when what it rests on is unknown. `table` and `flags` may be absent
    /// where a session is judged alone.
    pub fn holds<'a>(
        self,
        session: impl SessionFacts<'a>,
        now: Timestamp,
        table: Option<&SessionTable>,
        flags: Option<&Flags>,
    ) -> Truth {
        match self {
            Self::Duplicate => {
                sessions_of_user(session, table).map_or(Truth::Unknown, |count| Truth::from(count > 1))
            }
            Self::PendingTooLong => pending_too_long(session, now),
            Self::Ghost | Self::EventContradicts | Self::Reconnected | Self::Protected => {
                flags.map_or(Truth::Unknown, |flags| {
                    let of = || flags.get(&session.session_id());
                    Truth::from(!flags.is_empty() && of().is_some_and(|set| set.contains(&self)))
                })
            }
        }
    }

    /// The flags that are known to be set, the most urgent first.
    pub fn of<'a>(
        session: impl SessionFacts<'a>,
        now: Timestamp,
        table: &SessionTable,
        flags: &Flags,
    ) -> Vec<Self> {
        let set = |flag: &Self| flag.holds(session, now, Some(table), Some(flags)) == Truth::Yes;
        Self::ALL.into_iter().filter(set).collect()
    }
}

/// How many sessions the user of this session has in the table.
pub(in crate::core) fn sessions_of_user<'a>(
    session: impl SessionFacts<'a>,
    table: Option<&SessionTable>,
) -> Option<u32> {
    let table = table?;
    table.sessions_of_user(table.row_number(session)?)
}

fn pending_too_long<'a>(session: impl SessionFacts<'a>, now: Timestamp) -> Truth {
    match session.state() {
        Some(SessionState::Pending) => value::age_seconds(session, now)
            .map_or(Truth::Unknown, |seconds| Truth::from(seconds > PENDING_LIMIT_SECONDS)),
        Some(SessionState::Connected | SessionState::Disconnected) => Truth::No,
        Some(SessionState::Unknown(_)) | None => Truth::Unknown,
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::Session;

    fn pending(started: Option<i64>) -> Session {
        let mut session = Session::new("1".into());
        session.state = Some(SessionState::Pending);
        session.started_at = started.map(|second| Timestamp::from_second(second).unwrap());
        session
    }

    #[rstest]
    #[case(Some(700), Truth::No)]
    #[case(Some(699), Truth::Yes)]
    #[case(Some(2000), Truth::No)]
    #[case(None, Truth::Unknown)]
    fn pending_is_too_long_after_five_minutes(#[case] started: Option<i64>, #[case] expected: Truth) {
        let now = Timestamp::from_second(1000).unwrap();
        assert_eq!(Flag::PendingTooLong.holds(&pending(started), now, None, None), expected);
    }

    #[test]
    fn the_most_urgent_flag_comes_first() {
        let now = Timestamp::from_second(1000).unwrap();
        let table = SessionTable::new(vec![pending(Some(0))], now, true);
        let flags = Flags::from([("1".into(), BTreeSet::from([Flag::Protected, Flag::Ghost]))]);
        let session = table.get(0).unwrap();
        let expected = [Flag::Ghost, Flag::PendingTooLong, Flag::Protected];
        assert_eq!(Flag::of(session, now, &table, &flags), expected);
    }

    #[test]
    fn every_flag_is_explained_and_has_its_own_code_of_two_letters() {
        let codes: BTreeSet<&str> = Flag::ALL.iter().map(|flag| flag.code()).collect();
        assert_eq!(codes.len(), Flag::ALL.len());
        for flag in Flag::ALL {
            assert_eq!(flag.code().len(), 2);
            assert!(flag.explain().ends_with('.'));
        }
    }
}
