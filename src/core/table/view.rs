//! The operator's view of the table.
use std::{collections::BTreeSet, ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Column, Flags, Names, SessionTable};
use crate::{
    core::filter::{Context, Filter, FilterError},
    domain::{Capabilities, Session, SessionId},
};

/// What filter and order may need beside the table; lent for one call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// For `can:`.
    pub capabilities: Option<&'a Capabilities>,
    /// Flags that the table does not know.
    pub flags: Option<&'a Flags>,
    /// Names of users and groups.
    pub names: Option<&'a Names>,
}

impl<'a> Surroundings<'a> {
    /// The context in which the rows of a table are judged.
    pub fn context(self, table: &'a SessionTable) -> Context<'a> {
        Context {
            now: table.fetched_at(),
            capabilities: self.capabilities,
            table: Some(table),
            flags: self.flags,
            names: self.names,
        }
    }
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// By which column.
    pub column: Column,
    /// The largest first; unknown values stay last.
    pub descending: bool,
}

/// The filter line: what was typed, and what of it is in force.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterLine {
    text: String,
    filter: Filter,
    error: Option<FilterError>,
}

/// Where the cursor stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cursor {
    /// Nowhere: there are no rows.
    Nowhere,
    /// On a session that is shown.
    On(SessionId),
    /// On a session that is not shown any more, drawn as a dimmed line until the cursor leaves it. No verb can hit it.
    Lost,
}

/// One line of the visible part.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The session; for a lost one as it was last seen.
    pub session: &'a Session,
    /// The cursor is here.
    pub cursor: bool,
}

/// What the header counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewCounts {
    /// Rows that the filter shows.
    pub shown: usize,
    /// Sessions in the table.
    pub total: usize,
    /// Marked sessions.
    pub marked: usize,
    /// Of those, the ones that are not shown.
    pub marked_hidden: usize,
}

/// The view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableView {
    table: Arc<SessionTable>,
}

#[expect(unused_variables, clippy::unused_self, reason = "signatures first")]
impl TableView {
    /// An empty view.
    pub fn new() -> Self { Self { table: Arc::default() } }
    pub fn table(&self) -> &Arc<SessionTable> { &self.table }
    pub fn replace_table(&mut self, table: Arc<SessionTable>, with: Surroundings<'_>) {}
    /// Flags, names or capabilities changed.
    pub fn recompute(&mut self, with: Surroundings<'_>) {}
    pub fn set_height(&mut self, lines: usize) {}
    /// Invalid text: error kept in filter_line(), nothing hidden.
    pub fn set_filter(&mut self, text: &str, with: Surroundings<'_>) {}
    pub fn filter_line(&self) -> &FilterLine { unimplemented!() }
    pub fn sort(&self) -> Sort { unimplemented!() }
    pub fn sort_by(&mut self, column: Column, with: Surroundings<'_>) {}
    pub fn set_sort(&mut self, sort: Sort, with: Surroundings<'_>) {}
    pub fn only_marked(&self) -> bool { false }
    pub fn only_flagged(&self) -> bool { false }
    pub fn toggle_only_marked(&mut self) {}
    pub fn toggle_only_flagged(&mut self, with: Surroundings<'_>) {}
    pub fn column(&self) -> Column { Column::User }
    pub fn set_column(&mut self, column: Column) {}
    /// h/l: among the columns on screen.
    pub fn move_column(&mut self, by: isize, columns: &[Column]) {}
    pub fn rows(&self) -> &[u32] { &[] }
    /// The visible lines, at most the height.
    pub fn lines(&self) -> Vec<Line<'_>> { Vec::new() }
    pub fn line_count(&self) -> usize { 0 }
    pub fn offset(&self) -> usize { 0 }
    pub fn counts(&self) -> ViewCounts { ViewCounts::default() }
    pub fn cursor(&self) -> &Cursor { unimplemented!() }
    /// None when nowhere or lost: a verb cannot hit the neighbour.
    pub fn cursor_session(&self) -> Option<&Session> { None }
    pub fn move_by(&mut self, by: isize) {}
    pub fn move_to_first(&mut self) {}
    pub fn move_to_last(&mut self) {}
    /// Half pages: 1 = half a page down, 2 = a page.
    pub fn move_half_pages(&mut self, by: isize) {}
    /// Moves to a session if it is shown.
    pub fn move_to(&mut self, id: &SessionId) -> bool { false }
    pub fn is_marked(&self, id: &SessionId) -> bool { false }
    pub fn marks(&self) -> &BTreeSet<SessionId> { unimplemented!() }
    pub fn mark_toggle_and_step(&mut self) {}
    pub fn mark_toggle(&mut self) {}
    pub fn range_active(&self) -> bool { false }
    pub fn range_start(&mut self) {}
    pub fn range_finish(&mut self) -> usize { 0 }
    pub fn range_cancel(&mut self) {}
    pub fn mark_all_shown(&mut self) {}
    pub fn mark_same_value(&mut self, column: Column, with: Surroundings<'_>) -> usize { 0 }
    pub fn invert_shown(&mut self) {}
    pub fn clear_marks(&mut self) {}
    pub fn bring_back(&mut self) {}
    pub fn mark_by_expression(&mut self, filter: &Filter, with: Surroundings<'_>) -> usize { 0 }
    pub fn unmark_by_expression(&mut self, filter: &Filter, with: Surroundings<'_>) -> usize { 0 }
    pub fn set_marks(&mut self, ids: impl IntoIterator<Item = SessionId>) {}
    pub fn unmark(&mut self, id: &SessionId) {}
    pub fn next_marked(&mut self) -> bool { false }
    pub fn previous_marked(&mut self) -> bool { false }
    pub fn targets(&self) -> Vec<SessionId> { Vec::new() }
}
