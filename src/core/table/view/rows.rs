//! Which rows are shown, in which order, and how the cursor keeps its session when that changes.

use std::{mem, sync::Arc};

use super::{
    Cursor, FilterLine, Lost, NOT_SHOWN, Sort, Surroundings, TableView, Why,
    marked::{TableChange, is_elsewhere},
};
use crate::{
    core::{
        filter::{Context, Filter, Truth},
        table::{Column, Flag, SessionTable, ranks::is_fleeting},
    },
    domain::{SessionFacts, SessionId, SessionRow},
};

/// What was on the screen before a change: where the cursor was and what stood below it.
struct Before {
    table: Arc<SessionTable>,
    rows: Vec<u32>,
    /// The first place below the cursor's line.
    below: usize,
    /// The cursor's line on the screen.
    screen_line: usize,
}

/// Why the rows changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// A new table: nobody pressed a key.
    Refresh,
    /// The same table in another order, or judged by new knowledge.
    Reordered,
    /// The operator chose other rows: the cursor may move if its session is not among them.
    Chosen,
}

/// For each row of the context's table whether it has a flag.
fn flagged(context: &Context<'_>) -> Vec<bool> {
    let Some(table) = context.table else {
        return Vec::new();
    };
    let has = |row: SessionRow<'_>, context: &Context<'_>| {
        let holds = |flag: &Flag| flag.holds(row, context.now, context.table, context.flags);
        Flag::ALL.iter().any(|flag| holds(flag) == Truth::Yes)
    };
    // Hardly any session has a flag that the table does not know.
    let plain = Context { flags: None, ..*context };
    let mut flagged: Vec<bool> = table.iter().map(|row| has(row, &plain)).collect();
    for row in context.flags.into_iter().flatten().filter_map(|(id, _)| table.row_of(id)) {
        if let Some(slot) = flagged.get_mut(row.number() as usize) {
            *slot = has(row, context);
        }
    }
    flagged
}

impl TableView {
    /// Shows a new table. Cursor and marks stay with their sessions; marks of sessions are dropped that have ended, as
    /// far as the table proves it for the pod that hosted them.
    pub fn replace_table(&mut self, table: Arc<SessionTable>, with: Surroundings<'_>) {
        let before = self.before(Some(table));
        self.drop_ended(&before.table);
        // The same rows need neither be sorted nor judged again, unless the time or what is known beside them counts.
        let same = Arc::ptr_eq(before.table.rows(), self.table.rows());
        let in_order = same && !is_fleeting(self.sort.column);
        if !in_order {
            self.recompute_order(with);
        }
        if !in_order || self.only_flagged || !self.filter.filter.is_timeless() {
            self.recompute_passing(with);
        }
        self.settle(&before, Change::Refresh);
    }

    /// Shows a part of a list that is still being read. The cursor stays nowhere until it is moved: the row at the top is
    /// another one with the next part.
    pub fn show_part(&mut self, table: Arc<SessionTable>, with: Surroundings<'_>) {
        let is_nowhere = self.cursor == Cursor::Nowhere;
        self.replace_table(table, with);
        if is_nowhere {
            (self.cursor, self.offset) = (Cursor::Nowhere, 0);
        }
    }

    /// Forgets marks of sessions that have ended, and remembers where the others were that are not listed.
    fn drop_ended(&mut self, old: &SessionTable) {
        let table = &*self.table;
        let homes = &mut self.homes;
        let change = TableChange::new(old, table);
        self.marks.carry(&change, homes);
        self.previous_marks.carry(&change, homes);
        self.range.take_if(|id| !change.stays(id, homes));
        let (marks, previous, range) = (&self.marks, &self.previous_marks, &self.range);
        let is_kept = |id: &SessionId| {
            marks.contains(id, table) || previous.contains(id, table) || range.as_ref() == Some(id)
        };
        let is_found = |id: &SessionId| table.find(id).is_some() && !table.ambiguous().contains_key(id);
        self.homes.retain(|id, _| is_kept(id) && !is_found(id));
    }

    /// Judges and sorts the rows again, after flags, names or capabilities have changed.
    pub fn recompute(&mut self, with: Surroundings<'_>) {
        let before = self.before(None);
        self.recompute_order(with);
        self.recompute_passing(with);
        self.settle(&before, Change::Reordered);
    }

    /// Takes a new text of the filter line. While it is not valid no row is hidden by it and
    /// [`FilterLine::error`] says what is wrong.
    pub fn set_filter(&mut self, text: &str, with: Surroundings<'_>) {
        let before = self.before(None);
        let line = FilterLine::new(text);
        let shown = self.awaits.take();
        let narrower = line.filter.narrows(shown.as_ref().unwrap_or(&self.filter.filter));
        self.filter = line;
        if narrower && self.shows_few() {
            self.table.note_filter(&self.filter.filter);
            let mut filter = self.filter.filter.evaluator(with.context(&self.table));
            self.passing.retain(|row| filter.row(&self.table, *row) == Truth::Yes);
        } else {
            self.recompute_passing(with);
        }
        self.settle(&before, Change::Chosen);
    }

    /// Takes a new text of the filter line as [`Self::set_filter`] does; with `many` sessions or more, where judging them takes
    /// longer than a key may, only the text: the rows stay until [`Self::judge`]. Meanwhile
    /// [`SessionTable::judge_beforehand`] finds out what this asks.
    pub fn set_filter_aside(
        &mut self,
        text: &str,
        many: usize,
        with: Surroundings<'_>,
    ) -> Option<(Arc<SessionTable>, Filter)> {
        if self.awaits.is_none() && text == self.filter.text() {
            return None;
        }
        let line = FilterLine::new(text);
        let shown = self.awaits.as_ref().unwrap_or(&self.filter.filter);
        let is_quick = self.table.len() < many
            || line.filter.is_empty()
            || (line.filter.narrows(shown) && self.shows_few())
            || !line.filter.is_of_table_alone(&with.context(&self.table));
        if is_quick {
            self.set_filter(text, with);
            return None;
        }
        let shown = shown.clone();
        self.filter = line;
        self.awaits = Some(shown);
        Some((Arc::clone(&self.table), self.filter.filter.clone()))
    }

    /// Judges the rows again by other names of groups. With `many` sessions or more the rows stay until [`Self::judge`], and
    /// meanwhile [`SessionTable::judge_beforehand`] finds out what this asks.
    pub fn judge_again(
        &mut self,
        many: usize,
        with: Surroundings<'_>,
    ) -> Option<(Arc<SessionTable>, Filter)> {
        let filter = &self.filter.filter;
        let is_sorted = self.sort.column == Column::Groups;
        if !is_sorted && (self.awaits.is_some() || !filter.asks_group_names()) {
            return None;
        }
        if is_sorted || self.table.len() < many || !filter.is_of_table_alone(&with.context(&self.table)) {
            self.recompute(with);
            return None;
        }
        self.awaits = Some(filter.clone());
        Some((Arc::clone(&self.table), filter.clone()))
    }

    /// Whether so few rows pass that asking them one by one is quicker than asking what all rows have in common.
    fn shows_few(&self) -> bool {
        self.passing.len() < self.table.len() / 32
    }

    /// Shows the rows of a filter that was taken aside.
    pub fn judge(&mut self, with: Surroundings<'_>) {
        if self.awaits.take().is_some() {
            let before = self.before(None);
            self.recompute_passing(with);
            self.settle(&before, Change::Chosen);
        }
    }

    /// Sorts by a column; the same column again reverses.
    pub fn sort_by(&mut self, column: Column, with: Surroundings<'_>) {
        let descending = self.sort.column == column && !self.sort.descending;
        self.set_sort(Sort { column, descending }, with);
    }

    /// Sorts in this order.
    pub fn set_sort(&mut self, sort: Sort, with: Surroundings<'_>) {
        let before = self.before(None);
        self.sort = sort;
        let mut passes = vec![false; self.table.len()];
        for row in &self.passing {
            if let Some(passes) = passes.get_mut(*row as usize) {
                *passes = true;
            }
        }
        self.recompute_order(with);
        let passing = self.order.iter().filter(|row| passes.get(**row as usize).copied().unwrap_or(false));
        self.passing = passing.copied().collect();
        self.settle(&before, Change::Reordered);
    }

    /// Shows only marked rows, or all again.
    pub fn toggle_only_marked(&mut self) {
        let before = self.before(None);
        self.only_marked = !self.only_marked;
        self.settle(&before, Change::Chosen);
    }

    /// Shows only flagged rows, or all again.
    pub fn toggle_only_flagged(&mut self, with: Surroundings<'_>) {
        let before = self.before(None);
        self.only_flagged = !self.only_flagged;
        self.recompute_passing(with);
        self.settle(&before, Change::Chosen);
    }

    /// Follows a change of the marks: the basket shows other rows.
    pub(super) fn marks_changed(&mut self) {
        if self.only_marked {
            let before = self.before(None);
            self.settle(&before, Change::Chosen);
        } else {
            self.count_hidden_marks();
        }
    }

    /// Remembers what is on the screen and takes the new table, if there is one.
    fn before(&mut self, table: Option<Arc<SessionTable>>) -> Before {
        let line = self.cursor_line();
        let screen_line = line.map_or(0, |line| line.saturating_sub(self.offset));
        let below = match (&self.cursor, line) {
            (Cursor::On(_), Some(line)) => line + 1,
            (_, line) => line.unwrap_or_default(),
        };
        let table = match table {
            Some(table) => mem::replace(&mut self.table, table),
            None => Arc::clone(&self.table),
        };
        Before { table, rows: mem::take(&mut self.rows), below, screen_line }
    }

    /// Sorts all rows of the table.
    fn recompute_order(&mut self, with: Surroundings<'_>) {
        self.order = self.table.ordered(self.sort, &with.context(&self.table));
    }

    fn recompute_passing(&mut self, with: Surroundings<'_>) {
        let context = with.context(&self.table);
        let mut passes = self.table.passing(&self.filter.filter, &context);
        if self.only_flagged {
            let flagged = flagged(&context);
            passes.iter_mut().zip(flagged).for_each(|(passes, flagged)| *passes &= flagged);
        }
        let is_in = |row: &u32| passes.get(*row as usize).copied().unwrap_or_default();
        self.passing = self.order.iter().copied().filter(is_in).collect();
    }

    /// Derives what is shown, and leads the cursor and the screen there.
    fn settle(&mut self, before: &Before, change: Change) {
        self.derive_rows();
        let cursor = mem::replace(&mut self.cursor, Cursor::Nowhere);
        self.cursor = self.settled(cursor, before, change);
        let line = self.cursor_line().unwrap_or_default();
        self.offset = line.saturating_sub(before.screen_line);
        self.show_cursor();
    }

    fn derive_rows(&mut self) {
        self.generation.0 += 1;
        self.rows = if self.only_marked {
            let marked = self.marks.rows();
            self.passing.iter().copied().filter(|row| marked.contains(*row)).collect()
        } else {
            self.passing.clone()
        };
        self.places = vec![NOT_SHOWN; self.table.len()];
        for (place, row) in (0_u32..).zip(&self.rows) {
            if let Some(slot) = self.places.get_mut(*row as usize) {
                *slot = place;
            }
        }
        self.count_hidden_marks();
    }

    fn count_hidden_marks(&mut self) {
        let hidden = self.marks.rows().iter().filter(|row| self.place_of_row(*row).is_none()).count();
        self.marked_hidden = hidden + self.marks.unlisted().len();
    }

    fn settled(&self, cursor: Cursor, before: &Before, change: Change) -> Cursor {
        let id = match &cursor {
            Cursor::Nowhere => return self.on_place(0),
            Cursor::On(id) => id.clone(),
            Cursor::Lost(lost) => lost.session.id.clone(),
        };
        let was = match &cursor {
            Cursor::Lost(lost) => lost.session.pod_id.as_ref(),
            Cursor::On(_) | Cursor::Nowhere => before.table.row_of(&id).and_then(SessionFacts::pod_id),
        };
        let other = self.table.row_of(&id).is_some_and(|session| is_elsewhere(was, session));
        if self.place_of(&id).is_some() && !other {
            return Cursor::On(id);
        }
        if change == Change::Chosen {
            return self.on_place(self.first_of_below(before));
        }
        if !other
            && let Some(row) = self.table.find(&id)
            && let Some(session) = self.table.get(row)
        {
            let above = self.places_above(row);
            return Cursor::Lost(Box::new(Lost { session: session.to_session(), why: Why::Hidden, above }));
        }
        let above = self.first_of_below(before);
        let (session, was) = match cursor {
            Cursor::Lost(lost) => (lost.session, Some(lost.why)),
            Cursor::On(_) | Cursor::Nowhere => match before.table.session(&id) {
                Some(session) => (session, None),
                None => return self.on_place(above),
            },
        };
        let gone = self.table.proves_absence(session.pod_id.as_ref());
        let why = if gone { Why::Gone } else { Why::NotInPart };
        if change == Change::Refresh && why == Why::Gone && was == Some(Why::Gone) {
            return self.on_place(above);
        }
        // An incomplete answer does not bring back what a complete one has shown to be gone.
        let why = if was == Some(Why::Gone) { Why::Gone } else { why };
        Cursor::Lost(Box::new(Lost { session, why, above }))
    }

    /// The cursor on the row at a place, or on the last one.
    fn on_place(&self, place: usize) -> Cursor {
        let place = place.min(self.rows.len().saturating_sub(1));
        self.id_at(place).map_or(Cursor::Nowhere, Cursor::On)
    }

    /// The place of the first of the rows that stood below the cursor and are still shown; behind the last when none is.
    fn first_of_below(&self, before: &Before) -> usize {
        let below = before.rows.get(before.below..).unwrap_or_default();
        let row_now = |row: &u32| self.table.row_since(&before.table, *row);
        below.iter().filter_map(row_now).find_map(|row| self.place_of_row(row)).unwrap_or(self.rows.len())
    }

    /// How many shown rows stand before a row that is not shown.
    fn places_above(&self, row: u32) -> usize {
        let before = self.order.iter().take_while(|other| **other != row);
        before
            .filter(|other| self.places.get(**other as usize).is_some_and(|place| *place != NOT_SHOWN))
            .count()
    }
}
