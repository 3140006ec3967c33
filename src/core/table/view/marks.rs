//! Marks: which sessions a bulk action would hit. They change by a key only, or when their session has ended.

use std::mem;

use super::{
    Cursor, Surroundings, TableView,
    marked::{Marked, RowSet},
};
use crate::{
    core::{filter::Filter, table::Column},
    domain::{SessionFacts, SessionId, SessionRow},
};

impl TableView {
    /// The rows of the marked sessions that the table lists, shown or not.
    pub fn marked_rows(&self) -> impl Iterator<Item = u32> {
        self.marks.rows().iter()
    }

    /// The same as runs: the first row, and how many.
    pub fn marked_runs(&self) -> Vec<(u32, u32)> {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for row in self.marked_rows() {
            match runs.last_mut() {
                Some((first, count)) if *first + *count == row => *count += 1,
                _ => runs.push((row, 1)),
            }
        }
        runs
    }

    /// Marks these rows of the table and no others of it: as they were marked in a run that is played.
    pub fn put_marks(&mut self, runs: &[(u32, u32)]) {
        let count = self.table.len() as u32;
        let marked = self.marks.rows_mut();
        *marked = RowSet::default();
        // No row is looked at twice, whatever the runs say.
        let mut next = 0;
        for (first, many) in runs {
            let end = first.saturating_add(*many).min(count);
            for row in (*first).max(next)..end {
                marked.insert(row);
            }
            next = next.max(end);
        }
        self.marks_changed();
    }

    /// The marked sessions that the table does not list: an incomplete one proves nobody's end.
    pub fn marks_unlisted(&self) -> impl Iterator<Item = &SessionId> {
        self.marks.unlisted().iter()
    }

    /// All marked sessions.
    #[cfg(test)]
    pub(in crate::core) fn marks(&self) -> std::collections::BTreeSet<SessionId> {
        let listed = self.marked_rows().filter_map(|row| self.table.get(row)).map(SessionFacts::session_id);
        listed.chain(self.marks_unlisted().cloned()).collect()
    }

    /// Whether a session is marked.
    pub fn is_marked(&self, id: &SessionId) -> bool {
        self.marks.contains(id, &self.table)
    }

    /// The sessions that are worth a look between two readings: those on the screen, and of the marked ones as many as there is
    /// room for, from the one with this number on; also the number from which the next look goes on.
    pub fn worth_a_look(&self, most: usize, from: usize) -> (Vec<SessionId>, usize) {
        let on_screen: Vec<u32> =
            self.rows.iter().skip(self.offset).take(self.height.min(most)).copied().collect();
        let listed = self.marks.rows().len();
        let room = (most - on_screen.len()).min(listed);
        let turn = self.marks.rows().iter().chain(self.marks.rows().iter());
        let marked = turn.skip(from % listed.max(1)).take(room).filter(|row| !on_screen.contains(row));
        let rows: Vec<u32> = marked.collect();
        let ids = on_screen.iter().chain(&rows).filter_map(|row| self.table.get(*row));
        (ids.map(SessionFacts::session_id).collect(), (from + room) % listed.max(1))
    }

    /// The filter that made all of the marks: each of them was shown by it, or chosen by an expression, when it was marked.
    /// `None` when nothing is marked, when some were marked by hand or by another filter, and when nothing was filtered.
    pub fn marked_by(&self) -> Option<&Filter> {
        self.marked_by.as_ref().filter(|_| !self.marks.is_empty())
    }

    /// What a verb is planned for: the marked sessions in the order of the table, hidden ones included, then those that
    /// an incomplete table does not hold; or the session under the cursor when nothing is marked. Empty when that is lost.
    pub fn targets(&self) -> Vec<SessionId> {
        let listed = self.target_rows().into_iter().filter_map(|row| self.table.get(row));
        listed.map(SessionFacts::session_id).chain(self.marks_unlisted().cloned()).collect()
    }

    /// The rows of those of the [`Self::targets`] that the table holds; they come first there, in this order.
    pub fn target_rows(&self) -> Vec<u32> {
        if self.marks.is_empty() {
            return self.cursor_session().map(SessionRow::number).into_iter().collect();
        }
        let marked = self.marks.rows();
        self.order.iter().copied().filter(|row| marked.contains(*row)).collect()
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
            && let Some(row) = self.table.find(id)
            && !self.marks.rows_mut().remove(row)
        {
            self.marks.rows_mut().insert(row);
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
            let rows = self.rows.get(first..=last).unwrap_or_default().to_vec();
            self.add(&rows, None)
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
        let shown = self.rows.clone();
        if shown.iter().all(|row| self.marks.rows().contains(*row)) {
            self.subtract(&shown);
        } else {
            self.add(&shown, self.shown_by());
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
        let is_same = |other: SessionRow<'_>| column.key(other, &context).is_same(&key);
        let same: Vec<u32> =
            self.sessions().filter(|other| is_same(*other)).map(SessionRow::number).collect();
        self.add(&same, self.shown_by())
    }

    /// Marks some of the shown rows; when all of them are marked already, unmarks them. `filter` says which of the shown ones
    /// they are. Says for how many this changed anything, and whether they are marked now.
    pub fn mark_some(&mut self, rows: &[u32], filter: &Filter, with: Surroundings<'_>) -> (usize, bool) {
        if rows.iter().all(|row| self.marks.rows().contains(*row)) {
            return (self.subtract(rows), false);
        }
        // Only when it says the same can it stand for them on a command line.
        let is_said = self.matching(filter, with) == rows && !self.only_flagged && !self.only_marked;
        let by = is_said.then(|| self.filter.filter().and(filter)).flatten();
        (self.add(rows, by), true)
    }

    /// Marks the shown rows that are not marked and unmarks those that are. Hidden marks stay.
    pub fn invert_shown(&mut self) {
        let (marked, unmarked): (Vec<u32>, Vec<u32>) =
            self.rows.iter().partition(|row| self.marks.rows().contains(**row));
        self.remember();
        for row in marked {
            self.marks.rows_mut().remove(row);
        }
        self.add(&unmarked, self.shown_by());
    }

    /// Unmarks everything, hidden marks included; [`TableView::bring_back`] undoes it.
    pub fn clear_marks(&mut self) {
        self.remember();
        self.marks = Marked::default();
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
        self.add(&matching, by)
    }

    /// Unmarks the shown rows that match and says how many were marked.
    pub fn unmark_by_expression(&mut self, filter: &Filter, with: Surroundings<'_>) -> usize {
        let matching = self.matching(filter, with);
        self.subtract(&matching)
    }

    /// Marks exactly these sessions; for retries and saved plans.
    pub fn set_marks(&mut self, ids: impl IntoIterator<Item = SessionId>) {
        self.remember();
        self.marks = Marked::of(ids, &self.table);
        self.marked_by = None;
        self.marks_changed();
    }

    /// Unmarks one session.
    pub fn unmark(&mut self, id: &SessionId) {
        if self.marks.remove(id, &self.table) {
            self.marks_changed();
        }
    }

    /// The shown rows that match.
    fn matching(&self, filter: &Filter, with: Surroundings<'_>) -> Vec<u32> {
        let passes = filter.passing(&with.context(&self.table));
        let is_in = |row: &u32| passes.get(*row as usize).copied().unwrap_or_default();
        self.rows.iter().copied().filter(is_in).collect()
    }

    /// The filter in force, when it hides anything.
    fn shown_by(&self) -> Option<Filter> {
        Some(self.filter.filter()).filter(|filter| !filter.is_empty()).cloned()
    }

    /// Marks shown rows; `by` is the filter that says which they are.
    fn add(&mut self, rows: &[u32], by: Option<Filter>) -> usize {
        let before = self.marks.len();
        let marked = self.marks.rows_mut();
        if before == 0 {
            self.marked_by = by;
        } else if self.marked_by != by && rows.iter().any(|row| !marked.contains(*row)) {
            self.marked_by = None;
        }
        for row in rows {
            marked.insert(*row);
        }
        self.shown_marks_changed();
        self.marks.len() - before
    }

    /// Unmarks shown rows.
    fn subtract(&mut self, rows: &[u32]) -> usize {
        self.remember();
        let before = self.marks.len();
        for row in rows {
            self.marks.rows_mut().remove(*row);
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
