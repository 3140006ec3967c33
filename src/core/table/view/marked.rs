//! A set of sessions that a table lists or not: by row what it lists, by id the rest.
//!
//! Whoever marks 250,000 rows needs no 250,000 ids for it. Rows are numbers of one table only: [`Marked::carry`] takes the
//! set over to the next one, by the ids that stand in the rows.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    mem,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::{
    core::table::SessionTable,
    domain::{PodId, SessionFacts, SessionId},
};

/// Rows of a table.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(super) struct RowSet {
    words: Vec<u64>,
    len: usize,
}

/// What is read of it: whoever wrote it may have counted wrong.
#[derive(Deserialize)]
struct Written {
    words: Vec<u64>,
}

impl From<Written> for RowSet {
    fn from(Written { words }: Written) -> Self {
        let len = words.iter().map(|word| word.count_ones() as usize).sum();
        Self { words, len }
    }
}

impl RowSet {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    fn place(row: u32) -> (usize, u64) {
        (row as usize / 64, 1 << (row % 64))
    }

    pub(super) fn contains(&self, row: u32) -> bool {
        let (word, bit) = Self::place(row);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Says whether it was not in it.
    pub(super) fn insert(&mut self, row: u32) -> bool {
        let (place, bit) = Self::place(row);
        if place >= self.words.len() {
            self.words.resize(place + 1, 0);
        }
        let Some(word) = self.words.get_mut(place).filter(|word| **word & bit == 0) else { return false };
        *word |= bit;
        self.len += 1;
        true
    }

    /// Says whether it was in it.
    pub(super) fn remove(&mut self, row: u32) -> bool {
        let (place, bit) = Self::place(row);
        let Some(word) = self.words.get_mut(place).filter(|word| **word & bit != 0) else { return false };
        *word &= !bit;
        self.len -= 1;
        true
    }

    /// In ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let bits = |(place, word): (u32, &u64)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(place * 64 + bit)
            })
        };
        (0..).zip(&self.words).flat_map(bits)
    }
}

impl PartialEq for RowSet {
    /// However long the rest without any row is.
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.words.iter().zip(&other.words).all(|(one, two)| one == two)
    }
}

/// The pods on which sessions were last seen that the table does not list, or that more than one pod reports.
pub(super) type Homes = BTreeMap<SessionId, PodId>;

/// Sessions, by what the table knows of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Marked {
    /// The rows of those that the table lists.
    rows: RowSet,
    /// Those that it does not list.
    unlisted: BTreeSet<SessionId>,
}

impl Marked {
    /// Sessions by their ids.
    pub(super) fn of(ids: impl IntoIterator<Item = SessionId>, table: &SessionTable) -> Self {
        let mut marked = Self::default();
        for id in ids {
            match table.find(&id) {
                Some(row) => drop(marked.rows.insert(row)),
                None => drop(marked.unlisted.insert(id)),
            }
        }
        marked
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len + self.unlisted.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of those that the table lists.
    pub(super) fn rows(&self) -> &RowSet {
        &self.rows
    }

    /// The rows, to be changed.
    pub(super) fn rows_mut(&mut self) -> &mut RowSet {
        &mut self.rows
    }

    /// Those that the table does not list.
    pub(super) fn unlisted(&self) -> &BTreeSet<SessionId> {
        &self.unlisted
    }

    pub(super) fn contains(&self, id: &SessionId, table: &SessionTable) -> bool {
        table.find(id).map_or_else(|| self.unlisted.contains(id), |row| self.rows.contains(row))
    }

    /// Says whether it was in it.
    pub(super) fn remove(&mut self, id: &SessionId, table: &SessionTable) -> bool {
        match table.find(id) {
            Some(row) => self.rows.remove(row),
            None => self.unlisted.remove(id),
        }
    }

    /// Takes the set over to another table and leaves out the sessions that have ended. `homes` learns where those were
    /// last seen whose row does not tell it any more.
    pub(super) fn carry(&mut self, change: &TableChange<'_>, homes: &mut Homes) {
        let before = mem::take(self);
        let TableChange { old, new, .. } = change;
        let moved = if change.moves_nothing() {
            self.rows = before.rows;
            RowSet::default()
        } else {
            before.rows
        };
        for row in moved.iter() {
            let Some(session) = old.get(row) else { continue };
            // Only of an id that several pods report another one than its row's may be the right one.
            let known =
                if change.was_ambiguous.contains(&row) { homes.get(&session.session_id()) } else { None };
            let home = known.or_else(|| session.pod_id());
            match change.row_now(row) {
                Some(now) if change.is_ambiguous.contains(&now) => {
                    if let (Some(home), None) = (home, known) {
                        homes.insert(session.session_id(), home.clone());
                    }
                    self.rows.insert(now);
                }
                Some(now) => {
                    if !new.get(now).is_some_and(|session| is_elsewhere(home, session)) {
                        self.rows.insert(now);
                    }
                }
                None if new.proves_absence(home) => {}
                None => {
                    let id = session.session_id();
                    if let (Some(home), None) = (home, known) {
                        homes.insert(id.clone(), home.clone());
                    }
                    self.unlisted.insert(id);
                }
            }
        }
        for id in before.unlisted {
            let home = homes.get(&id);
            match new.find(&id).and_then(|row| new.get(row)) {
                None if new.proves_absence(home) => {}
                None => drop(self.unlisted.insert(id)),
                Some(row) => {
                    if change.is_ambiguous.contains(&row.number()) || !is_elsewhere(home, row) {
                        self.rows.insert(row.number());
                    }
                }
            }
        }
    }
}

/// A table and the one that takes its place.
pub(super) struct TableChange<'a> {
    pub(super) old: &'a SessionTable,
    pub(super) new: &'a SessionTable,
    /// The rows of ids that more than one pod reports, before and now.
    was_ambiguous: HashSet<u32>,
    is_ambiguous: HashSet<u32>,
}

impl<'a> TableChange<'a> {
    pub(super) fn new(old: &'a SessionTable, new: &'a SessionTable) -> Self {
        let ambiguous =
            |table: &SessionTable| table.ambiguous().keys().filter_map(|id| table.find(id)).collect();
        Self { old, new, was_ambiguous: ambiguous(old), is_ambiguous: ambiguous(new) }
    }

    /// Whether the rows are the same, and it is clear whose each of them is.
    fn moves_nothing(&self) -> bool {
        Arc::ptr_eq(self.old.rows(), self.new.rows())
            && self.was_ambiguous.is_empty()
            && self.is_ambiguous.is_empty()
    }

    /// Whether the session with this id is still there, as far as the new table can say. `homes` learns where it was last
    /// seen.
    pub(super) fn stays(&self, id: &SessionId, homes: &mut Homes) -> bool {
        let mut only = Marked::of([id.clone()], self.old);
        only.carry(self, homes);
        !only.is_empty()
    }

    /// Where the session of a row of the old table stands in the new one.
    fn row_now(&self, row: u32) -> Option<u32> {
        self.new.row_since(self.old, row)
    }
}

/// Whether a session is another one than that which was known under its id: pods give their ids each for itself.
pub(super) fn is_elsewhere<'a>(was: Option<&PodId>, session: impl SessionFacts<'a>) -> bool {
    was.zip(session.pod_id()).is_some_and(|(was, is)| was != is)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        core::table::{Merged, PodRead, PodRows, Surroundings, TableView},
        domain::{Pod, Session},
    };

    const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

    /// What a pod says: its sessions, and whether these are all.
    type Said = (Vec<&'static str>, bool);

    #[derive(Debug, Clone)]
    enum Step {
        /// What both pods say, and whether the table was prepared as a poll prepares it.
        Table(Said, Said, bool),
        Toggle(&'static str),
        All,
        Filter(&'static str),
    }

    fn said() -> impl Strategy<Value = Said> {
        (prop::sample::subsequence(&IDS[..], 0..=IDS.len()), prop::bool::weighted(0.7))
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (said(), said(), any::<bool>()).prop_map(|(own, other, prepared)| Step::Table(own, other, prepared)),
            2 => prop::sample::select(&IDS[..]).prop_map(Step::Toggle),
            1 => Just(Step::All),
            1 => prop::sample::select(&["", "user:a", "pod:fra1"][..]).prop_map(Step::Filter),
        ]
    }

    fn table((own, own_whole): &Said, (other, other_whole): &Said) -> Arc<SessionTable> {
        let rows = |name: &str, local, ids: &[&str], whole| {
            let pod = Pod { id: name.into(), name: None, description: None, site: None, local, health: None };
            let session = |id: &&str| {
                let mut session = Session::new((*id).into());
                session.user_name = Some((*id).into());
                session
            };
            let sessions: Vec<Session> = ids.iter().map(session).collect();
            PodRows { read: PodRead::answered(&pod, Timestamp::UNIX_EPOCH, whole), sessions }
        };
        let lists = vec![rows("fra1", false, other, *other_whole)];
        let merged = Merged::of(rows("ams1", true, own, *own_whole), lists, None);
        Arc::new(SessionTable::of_pods(merged, Timestamp::UNIX_EPOCH))
    }

    /// The same set, id by id.
    #[derive(Debug, Default)]
    struct OneByOne {
        marks: BTreeSet<SessionId>,
        homes: Homes,
    }

    impl OneByOne {
        fn carry(&mut self, old: &SessionTable, new: &SessionTable) {
            let homes = &mut self.homes;
            self.marks.retain(|id| {
                let was = old.row_of(id).and_then(SessionFacts::pod_id);
                if let (Some(pod), None) = (was, homes.get(id)) {
                    homes.insert(id.clone(), pod.clone());
                }
                match new.row_of(id) {
                    Some(_) if new.ambiguous().contains_key(id) => true,
                    Some(session) => !is_elsewhere(homes.get(id), session),
                    None => !new.proves_absence(homes.get(id)),
                }
            });
            let is_found = |id: &SessionId| new.find(id).is_some() && !new.ambiguous().contains_key(id);
            let marks = &self.marks;
            self.homes.retain(|id, _| marks.contains(id) && !is_found(id));
        }
    }

    proptest! {
        #[test]
        fn marks_stay_with_pod_and_id_as_if_each_was_looked_for(steps in prop::collection::vec(step(), 1..30)) {
            let with = Surroundings::default();
            let mut view = TableView::new();
            let mut expected = OneByOne::default();
            for step in steps {
                match step {
                    Step::Table(own, other, prepared) => {
                        let (old, new) = (Arc::clone(view.table()), table(&own, &other));
                        let new = if prepared { new.prepared(Some(&old)) } else { new };
                        expected.carry(&old, &new);
                        view.replace_table(new, with);
                    }
                    Step::Toggle(id) => {
                        let id = id.into();
                        if view.move_to(&id) {
                            view.mark_toggle();
                            if !expected.marks.remove(&id) {
                                expected.marks.insert(id);
                            }
                        }
                    }
                    Step::All => {
                        let shown: BTreeSet<_> = view.sessions().map(SessionFacts::session_id).collect();
                        view.mark_all_shown();
                        if shown.is_subset(&expected.marks) {
                            expected.marks.retain(|id| !shown.contains(id));
                        } else {
                            expected.marks.extend(shown);
                        }
                        // What could be brought back is not what is looked at here.
                        view.previous_marks = Marked::default();
                    }
                    Step::Filter(text) => view.set_filter(text, with),
                }
                prop_assert_eq!(&view.marks(), &expected.marks);
                prop_assert_eq!(view.counts().marked, expected.marks.len());
                if view.table().ambiguous().is_empty() {
                    prop_assert_eq!(&view.homes, &expected.homes);
                }
            }
        }

        #[test]
        fn rows_are_kept_as_a_set_keeps_them(steps in prop::collection::vec((0_u32..300, any::<bool>()), 0..60)) {
            let (mut rows, mut expected) = (RowSet::default(), BTreeSet::new());
            for (row, insert) in steps {
                if insert {
                    prop_assert_eq!(rows.insert(row), expected.insert(row));
                } else {
                    prop_assert_eq!(rows.remove(row), expected.remove(&row));
                }
                prop_assert_eq!(rows.contains(row), insert);
                prop_assert_eq!(rows.len, expected.len());
            }
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        }
    }
}
