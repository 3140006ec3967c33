//! The sessions of one poll as an immutable snapshot that is swapped in whole.
//!
//! It owns the sessions, the way from an id to its row, and what is counted once per snapshot: states, users, and
//! users with several sessions. It knows no filter, no order and no cursor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};

use super::{
    carry::Carried,
    farms::FarmNames,
    pods::PodRead,
    ranks::Orders,
    ready::{LastAsked, Ready},
    value,
};
use crate::domain::{
    Common, PodId, Session, SessionFacts, SessionId, SessionRow, SessionRows, SessionState, Text,
};

/// Clocks that differ by less are taken as one: HTTP dates have whole seconds.
const LEAST_OFFSET: SignedDuration = SignedDuration::from_secs(2);

/// Stands for a user of whom neither SID nor name is known.
const NOBODY: u32 = u32::MAX;

/// How many sessions are in which state, and how many people that is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// A client is attached.
    pub connected: usize,
    /// No client is attached.
    pub disconnected: usize,
    /// The log-in is not finished.
    pub pending: usize,
    /// A state that this version does not know, or that was not said.
    pub other: usize,
    /// Distinct users; sessions whose user is unknown are not counted.
    pub users: usize,
}

/// The sessions of one poll. Used as `Arc<SessionTable>`; row numbers are valid for one snapshot only.
#[derive(Debug, Clone, Default)]
pub struct SessionTable {
    rows: Arc<SessionRows>,
    fetched_at: Timestamp,
    server_time: Option<Timestamp>,
    complete: bool,
    /// The pods of a federation, as far as they were asked: see [`super::pods`].
    pub(super) pods: Vec<PodRead>,
    /// Ids that more than one pod reports.
    pub(super) ambiguous: BTreeMap<SessionId, BTreeSet<PodId>>,
    derived: Arc<Derived>,
    /// What was found out beforehand for whoever shows it.
    pub(super) ready: Ready,
    /// Where the rows of the table before stand.
    pub(super) carried: Carried,
    /// Sessions by access group, counted when it is first asked for.
    pub(super) groups: OnceLock<super::contents::Contents>,
}

/// What follows from the rows alone: tables of the same rows share it.
#[derive(Debug, Default)]
struct Derived {
    counts: Counts,
    /// For each user of the rows which person that is, or [`NOBODY`].
    people: Vec<u32>,
    /// How many sessions each person has.
    sessions_of: Vec<u32>,
    /// The domain behind the `@` that all users have whose name is known.
    only_domain: Option<Text>,
    /// What was found out about the order of the rows.
    orders: Orders,
    /// What whoever shows it asked for.
    last_asked: LastAsked,
    same_user: SameUser,
    /// What farms are called, looked for when it is first asked for.
    farms: OnceLock<FarmNames>,
}

/// The person whose sessions were asked for last, and their rows.
#[derive(Debug, Default)]
struct SameUser(Mutex<Option<(u32, Vec<u32>)>>);

impl Derived {
    fn of(rows: &SessionRows) -> Self {
        let mut counts = Counts::default();
        let (people, users) = rows.people();
        counts.users = users as usize;
        let mut sessions_of = vec![0; users as usize];
        let user_numbers = rows.numbers(Common::User).unwrap_or_default();
        for (session, user) in rows.iter().zip(user_numbers) {
            match session.state() {
                Some(SessionState::Connected) => counts.connected += 1,
                Some(SessionState::Disconnected) => counts.disconnected += 1,
                Some(SessionState::Pending) => counts.pending += 1,
                Some(SessionState::Unknown(_)) | None => counts.other += 1,
            }
            let person = people.get(*user as usize).copied().flatten();
            if let Some(count) = person.and_then(|person| sessions_of.get_mut(person as usize)) {
                *count += 1;
            }
        }
        let people = people.into_iter().map(|person| person.unwrap_or(NOBODY)).collect();
        let only_domain = value::only_domain(rows.representatives(Common::User)).map(Text::clean);
        Self { counts, people, sessions_of, only_domain, ..Self::default() }
    }
}

impl SessionTable {
    /// A snapshot. `fetched_at` is when the reading began: whatever is in it was seen after that moment. `complete` is
    /// false when pages or pods are missing.
    ///
    /// When pages overlap and an id arrives twice, the later one counts, in the place of the first.
    pub fn new(sessions: Vec<Session>, fetched_at: Timestamp, complete: bool) -> Self {
        Self::of_rows(sessions.into_iter().collect::<SessionRows>(), fetched_at, complete)
    }

    /// A snapshot of what has been put together already; otherwise as [`Self::new`].
    pub fn of_rows(rows: impl Into<Arc<SessionRows>>, fetched_at: Timestamp, complete: bool) -> Self {
        let rows = rows.into();
        let derived = Arc::new(Derived::of(&rows));
        Self { rows, fetched_at, complete, derived, ..Self::default() }
    }

    /// As [`Self::of_rows`]; what was found out about `before` is not found out again when its rows are these.
    pub fn of_rows_like(
        before: Option<&Self>,
        rows: Arc<SessionRows>,
        fetched_at: Timestamp,
        complete: bool,
    ) -> Self {
        match before.filter(|before| Arc::ptr_eq(&before.rows, &rows)) {
            Some(before) => Self { fetched_at, complete, ..Self::default() }.sharing(before),
            None => Self::of_rows(rows, fetched_at, complete),
        }
    }

    /// What there is to it beside its rows, as a table without any.
    pub(in crate::core) fn without_rows(&self) -> Self {
        self.with_rows(Arc::default())
    }

    /// The same about other rows.
    pub(in crate::core) fn with_rows(&self, rows: Arc<SessionRows>) -> Self {
        let mut table =
            Self::of_rows(rows, self.fetched_at, self.complete).with_server_time(self.server_time);
        table.pods.clone_from(&self.pods);
        table.ambiguous.clone_from(&self.ambiguous);
        table
    }

    /// The name of a farm, where a session of the list tells it.
    pub(in crate::core) fn farm_name(&self, id: &str) -> Option<&str> {
        self.derived.farms.get_or_init(|| FarmNames::of(&self.rows)).get(id)
    }

    /// The domain of all users, where their names are `name@domain` and it is the same for all of them.
    pub fn only_domain(&self) -> Option<&Text> {
        self.derived.only_domain.as_ref()
    }

    /// The same with what the server's clock showed when the reading began, when that is known.
    #[must_use]
    pub fn with_server_time(mut self, server_time: Option<Timestamp>) -> Self {
        self.server_time = server_time;
        self
    }

    /// The same on the rows of an earlier table, which are the same.
    pub(super) fn sharing(mut self, before: &Self) -> Self {
        self.rows = Arc::clone(&before.rows);
        self.derived = Arc::clone(&before.derived);
        self
    }

    /// What the server's clock showed when the reading began, when that is known.
    pub(super) fn server_time(&self) -> Option<Timestamp> {
        self.server_time
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The session in a row.
    pub fn get(&self, row: u32) -> Option<SessionRow<'_>> {
        self.rows.get(row)
    }

    /// The row of a session.
    pub fn find(&self, id: &SessionId) -> Option<u32> {
        self.rows.find(id)
    }

    /// The row of a session that may be one of this table, or of another.
    pub fn row_number<'a>(&self, session: impl SessionFacts<'a>) -> Option<u32> {
        self.rows.find_session(session)
    }

    /// The session with this id, looked at where it stands.
    pub fn row_of(&self, id: &SessionId) -> Option<SessionRow<'_>> {
        self.find(id).and_then(|row| self.get(row))
    }

    /// The session with this id, as a value of its own. Whoever asks about many looks at [`Self::row_of`].
    pub fn session(&self, id: &SessionId) -> Option<Session> {
        self.row_of(id).map(SessionRow::to_session)
    }

    /// The sessions themselves.
    pub fn rows(&self) -> &Arc<SessionRows> {
        &self.rows
    }

    /// What was found out about the order of the rows.
    pub(super) fn orders(&self) -> &Orders {
        &self.derived.orders
    }

    /// What whoever shows it asked for.
    pub(super) fn last_asked(&self) -> &LastAsked {
        &self.derived.last_asked
    }

    /// All sessions, in the order of their rows.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SessionRow<'_>> {
        self.rows.iter()
    }

    /// When the reading began, by the clock of this machine.
    pub fn fetched_at(&self) -> Timestamp {
        self.fetched_at
    }

    /// The moment as of which every "how long" in the table is measured: [`Self::fetched_at`] by the clock of the server,
    /// which wrote the times in the rows. By that of this machine when the server's is not known, or differs by less than
    /// can be told from one answer.
    pub fn as_of(&self) -> Timestamp {
        let differs = |time: &Timestamp| time.duration_since(self.fetched_at).abs() >= LEAST_OFFSET;
        self.server_time.filter(differs).unwrap_or(self.fetched_at)
    }

    /// How far the clock of the server is ahead of this machine's (behind, when negative); `None` when it is not known.
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        self.server_time.map(|time| time.duration_since(self.fetched_at))
    }

    /// Whether it holds everything that was asked for. What a missing session means is told by
    /// [`Self::proves_absence`].
    pub fn complete(&self) -> bool {
        self.complete
    }

    /// How many sessions are in which state.
    pub fn counts(&self) -> Counts {
        self.derived.counts
    }

    /// How many sessions the user of this row has, this one included; `None` when the user is unknown.
    pub fn sessions_of_user(&self, row: u32) -> Option<u32> {
        self.derived.sessions_of.get(self.person(row)? as usize).copied()
    }

    /// Whose session stands in a row.
    fn person(&self, row: u32) -> Option<u32> {
        let user = *self.rows.numbers(Common::User)?.get(row as usize)?;
        self.derived.people.get(user as usize).copied().filter(|person| *person != NOBODY)
    }

    /// The rows of every session of the same user as `session`, itself included when it is in the table. Empty when
    /// its user is unknown.
    pub fn rows_of_same_user<'a>(&self, session: impl SessionFacts<'a>) -> Vec<u32> {
        let Some(key) = value::user_key(session) else {
            return Vec::new();
        };
        let is_same = |row: &SessionRow<'_>| value::user_key(*row).as_ref() == Some(&key);
        let row = self.row_number(session).and_then(|row| self.get(row)).filter(is_same);
        let row = row.or_else(|| self.rows.representatives(Common::User).find(is_same));
        let Some(person) = row.and_then(|row| self.person(row.number())) else {
            return Vec::new();
        };
        let mut known = self.derived.same_user.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            // The same panel, frame after frame.
            Some((whose, rows)) if *whose == person => rows.clone(),
            _ => {
                let rows: Vec<u32> =
                    (0..self.len() as u32).filter(|row| self.person(*row) == Some(person)).collect();
                *known = Some((person, rows.clone()));
                rows
            }
        }
    }

    /// The rows of users that have more than one session.
    pub fn duplicates(&self) -> impl Iterator<Item = u32> {
        (0..self.len() as u32).filter(|row| self.sessions_of_user(*row).is_some_and(|count| count > 1))
    }
}

impl PartialEq for SessionTable {
    fn eq(&self, other: &Self) -> bool {
        self.fetched_at == other.fetched_at
            && self.server_time == other.server_time
            && self.complete == other.complete
            && self.pods == other.pods
            && self.ambiguous == other.ambiguous
            && self.rows == other.rows
    }
}

impl Serialize for SessionTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_struct("SessionTable", 6)?;
        table.serialize_field("sessions", &*self.rows)?;
        table.serialize_field("fetched_at", &self.fetched_at)?;
        table.serialize_field("server_time", &self.server_time)?;
        table.serialize_field("complete", &self.complete)?;
        table.serialize_field("pods", &self.pods)?;
        table.serialize_field("ambiguous", &self.ambiguous)?;
        table.end()
    }
}

impl<'de> Deserialize<'de> for SessionTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Parts {
            sessions: SessionRows,
            fetched_at: Timestamp,
            #[serde(default)]
            server_time: Option<Timestamp>,
            complete: bool,
            #[serde(default)]
            pods: Vec<PodRead>,
            #[serde(default)]
            ambiguous: BTreeMap<SessionId, BTreeSet<PodId>>,
        }
        let Parts { sessions, fetched_at, server_time, complete, pods, ambiguous } =
            Parts::deserialize(deserializer)?;
        let mut table = Self::of_rows(sessions, fetched_at, complete).with_server_time(server_time);
        table.pods = pods;
        table.ambiguous = ambiguous;
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::table::testing::sessions;

    fn session(id: &str, user: Option<&str>, state: Option<&str>) -> Session {
        let mut session = Session::new(id.into());
        session.user_name = user.map(Into::into);
        session.state = state.map(Into::into);
        session
    }

    #[test]
    fn states_users_and_duplicates_are_counted_and_unknown_counts_as_nobody() {
        let table = SessionTable::new(
            vec![
                session("1", Some("CORP\\chen.w"), Some("CONNECTED")),
                session("2", Some("corp\\Chen.W"), Some("DISCONNECTED")),
                session("3", Some("CORP\\bauer.s"), Some("HIBERNATING")),
                session("4", None, None),
                session("5", None, Some("PENDING")),
            ],
            Timestamp::UNIX_EPOCH,
            true,
        );
        let expected = Counts { connected: 1, disconnected: 1, pending: 1, other: 2, users: 2 };
        assert_eq!(table.counts(), expected);
        assert_eq!(table.duplicates().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(table.sessions_of_user(2), Some(1));
        assert_eq!(table.sessions_of_user(3), None);
        let of = |row| table.rows_of_same_user(table.get(row).unwrap());
        assert_eq!(of(1), [0, 1]);
        assert!(of(4).is_empty());
    }

    #[test]
    fn an_id_that_arrives_twice_is_one_session_as_it_was_last_said() {
        let twice = vec![
            session("1", None, Some("CONNECTED")),
            session("2", None, None),
            session("1", None, Some("DISCONNECTED")),
        ];
        let table = SessionTable::new(twice, Timestamp::UNIX_EPOCH, true);
        assert_eq!(table.len(), 2);
        assert_eq!(table.find(&"1".into()), Some(0));
        assert_eq!(table.session(&"1".into()).unwrap().state, Some(SessionState::Disconnected));
    }

    #[test]
    fn durations_are_as_of_the_servers_clock_unless_the_two_agree() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let table = |server| SessionTable::new(Vec::new(), at(1000), true).with_server_time(server);
        assert_eq!(table(None).as_of(), at(1000));
        assert_eq!(table(None).clock_offset(), None);
        assert_eq!(table(Some(at(1001))).as_of(), at(1000));
        assert_eq!(table(Some(at(999))).as_of(), at(1000));
        for other in [1002, 998, 4600, 10] {
            let table = table(Some(at(other)));
            assert_eq!((table.as_of(), table.fetched_at()), (at(other), at(1000)));
            assert_eq!(table.clock_offset().unwrap().as_secs(), other - 1000);
            let json = serde_json::to_string(&table).unwrap();
            assert_eq!(serde_json::from_str::<SessionTable>(&json).unwrap(), table);
        }
    }

    proptest! {
        #[test]
        fn every_session_is_found_in_its_row(sessions in sessions(12)) {
            let table = SessionTable::new(sessions.clone(), Timestamp::UNIX_EPOCH, false);
            for session in &sessions {
                let row = table.find(&session.id).unwrap();
                prop_assert_eq!(table.get(row).map(SessionRow::to_session), Some(session.clone()));
                let same = table.rows_of_same_user(session);
                prop_assert_eq!(table.sessions_of_user(row).unwrap_or_default() as usize, same.len());
            }
            let counts = table.counts();
            prop_assert_eq!(counts.connected + counts.disconnected + counts.pending + counts.other, table.len());
            let json = serde_json::to_string(&table).unwrap();
            prop_assert_eq!(serde_json::from_str::<SessionTable>(&json).unwrap(), table);
        }
    }
}
