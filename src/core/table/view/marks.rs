//! Marks: which sessions a bulk action would hit. They change by a key only, or when their session has ended.

use std::{collections::BTreeSet, mem};

use super::{Cursor, Surroundings, TableView};
use crate::{
    core::{
        filter::{Filter, Truth},
        table::Column,
    },
    domain::{SessionFacts, SessionId, SessionRow},
};

impl TableView {
    /// The marked sessions, shown or not.
    pub fn marks(&self) -> &BTreeSet<SessionId> {
        &self.marks
    }

    /// Whether a session is marked.
    pub fn is_marked(&self, id: &SessionId) -> bool {
        self.marks.contains(id)
    }

    /// The filter that made all of the marks: each of them was shown by it, or chosen by an expression, when it was marked.
    /// `None` when nothing is marked, when some were marked by hand or by another filter, and when nothing was filtered.
    pub fn marked_by(&self) -> Option<&Filter> {
        self.marked_by.as_ref().filter(|_| !self.marks.is_empty())
    }

    /// What a verb is planned for: the marked sessions in the order of the table, hidden ones included, then those that
    /// an incomplete table does not hold; or the session under the cursor when nothing is marked. Empty when that is lost.
    pub fn targets(&self) -> Vec<SessionId> {
        if self.marks.is_empty() {
            return self.cursor_session().map(SessionFacts::session_id).into_iter().collect();
        }
        let mut listed: Vec<u32> = self.marks.iter().filter_map(|id| self.table.find(id)).collect();
        listed.sort_unstable();
        let is_marked = |row: &&u32| listed.binary_search(row).is_ok();
        let in_order = self.order.iter().filter(is_marked).filter_map(|row| self.table.get(*row));
        let missing = self.marks.iter().filter(|id| self.table.find(id).is_none()).cloned();
        in_order.map(SessionFacts::session_id).chain(missing).collect()
    }

    /// Marks or unmarks the row under the cursor and goes one row down. While a range is being marked, ends it instead.
    pub fn mark_toggle_and_step(&mut self) {
        if self.range.is_some() {
            self.range_finish();
            return;
        }
        self.mark_toggle();
        // The basket has already led the cursor on from a row that it does not show any more.
        if !self.only_marked {
            self.move_by(1);
        }
    }

    /// Marks or unmarks the row under the cursor; nothing when it is lost.
    pub fn mark_toggle(&mut self) {
        if let Cursor::On(id) = &self.cursor
            && !self.marks.remove(id)
        {
            self.marks.insert(id.clone());
            self.marked_by = None;
        }
        self.shown_marks_changed();
    }

    /// Whether a range is being marked.
    pub fn range_active(&self) -> bool {
        self.range.is_some()
    }

    /// Begins a range at the cursor.
    pub fn range_start(&mut self) {
        self.range = self.cursor_session().map(SessionFacts::session_id);
    }

    /// Marks all shown rows from the beginning of the range to the cursor and says how many were not marked before. When
    /// either end is not shown any more nothing is marked: what lies between is not what the operator saw.
    pub fn range_finish(&mut self) -> usize {
        let marked = self.range_places().map_or(0, |(first, last)| {
            let ids: Vec<SessionId> = (first..=last).filter_map(|place| self.id_at(place)).collect();
            self.add(ids, None)
        });
        self.range = None;
        marked
    }

    /// Forgets the range.
    pub fn range_cancel(&mut self) {
        self.range = None;
    }

    /// The first and last place of the range.
    pub(super) fn range_places(&self) -> Option<(usize, usize)> {
        let start = self.place_of(self.range.as_ref()?)?;
        let Cursor::On(id) = &self.cursor else {
            return None;
        };
        let end = self.place_of(id)?;
        Some((start.min(end), start.max(end)))
    }

    /// Marks all shown rows; when all of them are marked already, unmarks them. Hidden marks stay.
    pub fn mark_all_shown(&mut self) {
        let shown = self.all_shown_ids();
        if self.marks.len() >= shown.len() && shown.iter().all(|id| self.marks.contains(id)) {
            self.subtract(&shown);
        } else {
            self.add(shown, self.shown_by());
        }
    }

    /// Marks the shown rows that have the same value in a column as the row under the cursor (an unknown value is the
    /// same as another unknown one), and says how many were not marked before.
    pub fn mark_same_value(&mut self, column: Column, with: Surroundings<'_>) -> usize {
        let context = with.context(&self.table);
        let Some(session) = self.cursor_session() else {
            return 0;
        };
        let key = column.key(session, &context);
        let same = self.shown_ids(|other| column.key(other, &context).is_same(&key));
        self.add(same, self.shown_by())
    }

    /// Marks the shown rows that are not marked and unmarks those that are. Hidden marks stay.
    pub fn invert_shown(&mut self) {
        let (marked, unmarked): (Vec<SessionId>, Vec<SessionId>) =
            self.all_shown_ids().into_iter().partition(|id| self.marks.contains(id));
        self.remember();
        for id in &marked {
            self.marks.remove(id);
        }
        self.add(unmarked, self.shown_by());
    }

    /// Unmarks everything, hidden marks included; [`TableView::bring_back`] undoes it.
    pub fn clear_marks(&mut self) {
        self.remember();
        self.marks.clear();
        self.marked_by = None;
        self.marks_changed();
    }

    /// Exchanges the marks with the set before the last removal, so that it can be done twice.
    pub fn bring_back(&mut self) {
        if !self.previous_marks.is_empty() {
            mem::swap(&mut self.marks, &mut self.previous_marks);
            mem::swap(&mut self.marked_by, &mut self.previously_marked_by);
            self.marks_changed();
        }
    }

    /// Marks the shown rows that match and says how many were not marked before.
    pub fn mark_by_expression(&mut self, filter: &Filter, with: Surroundings<'_>) -> usize {
        let matching = self.matching(filter, with);
        let by = self.filter.filter().and(filter).filter(|by| !by.is_empty());
        self.add(matching, by)
    }

    /// Unmarks the shown rows that match and says how many were marked.
    pub fn unmark_by_expression(&mut self, filter: &Filter, with: Surroundings<'_>) -> usize {
        let matching = self.matching(filter, with);
        self.subtract(&matching)
    }

    /// Marks exactly these sessions; for retries and saved plans.
    pub fn set_marks(&mut self, ids: impl IntoIterator<Item = SessionId>) {
        self.remember();
        self.marks = ids.into_iter().collect();
        self.marked_by = None;
        self.marks_changed();
    }

    /// Unmarks one session.
    pub fn unmark(&mut self, id: &SessionId) {
        if self.marks.remove(id) {
            self.marks_changed();
        }
    }

    fn matching(&self, filter: &Filter, with: Surroundings<'_>) -> Vec<SessionId> {
        let mut evaluator = filter.evaluator(with.context(&self.table));
        let matching = self.rows.iter().filter(|row| evaluator.row(&self.table, **row) == Truth::Yes);
        matching.filter_map(|row| self.table.get(*row)).map(SessionFacts::session_id).collect()
    }

    fn shown_ids(&self, wanted: impl Fn(SessionRow<'_>) -> bool) -> Vec<SessionId> {
        self.sessions().filter(|session| wanted(*session)).map(SessionFacts::session_id).collect()
    }

    /// All shown sessions in the order of their ids: so they become marks quickest.
    fn all_shown_ids(&self) -> Vec<SessionId> {
        let is_shown = |row: &&u32| self.place_of_row(**row).is_some();
        let shown = self.table.by_id().iter().filter(is_shown).filter_map(|row| self.table.get(*row));
        shown.map(SessionFacts::session_id).collect()
    }

    /// The filter in force, when it hides anything.
    fn shown_by(&self) -> Option<Filter> {
        Some(self.filter.filter()).filter(|filter| !filter.is_empty()).cloned()
    }

    /// Marks shown sessions; `by` is the filter that says which they are.
    fn add(&mut self, ids: Vec<SessionId>, by: Option<Filter>) -> usize {
        let before = self.marks.len();
        if before == 0 {
            self.marked_by = by;
        } else if self.marked_by != by && ids.iter().any(|id| !self.marks.contains(id)) {
            self.marked_by = None;
        }
        self.marks.append(&mut ids.into_iter().collect());
        self.shown_marks_changed();
        self.marks.len() - before
    }

    /// Unmarks shown sessions.
    fn subtract(&mut self, ids: &[SessionId]) -> usize {
        self.remember();
        let before = self.marks.len();
        for id in ids {
            self.marks.remove(id);
        }
        self.shown_marks_changed();
        before - self.marks.len()
    }

    /// Follows a change of marks that are shown: without the basket those that are not stay as many.
    fn shown_marks_changed(&mut self) {
        if self.only_marked {
            self.marks_changed();
        }
    }

    /// Keeps the marks for [`TableView::bring_back`].
    fn remember(&mut self) {
        if !self.marks.is_empty() {
            self.previous_marks.clone_from(&self.marks);
            self.previously_marked_by.clone_from(&self.marked_by);
        }
    }
}
