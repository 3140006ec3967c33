//! The operator's view of the table: filter, order, cursor, marks and the part that is on the screen.
//!
//! Cursor and marks hold ids (`design.md section 4`, rule 1): refresh, sort, filter and removal never move them to another
//! session. Row numbers are derived and thrown away with each snapshot. It must not know keys or drawing.
//!
//! When the session under the cursor stops being shown without a key having been pressed, the cursor stays with it on a
//! line of its own ([`Cursor::Lost`]), drawn dimmed with the reason; [`TableView::cursor_session`] is `None` then, so that no
//! verb can hit the neighbour. A session that ended stays for one poll, then the cursor takes the following row. One that
//! the filter does not match any more, or that an incomplete answer does not hold, stays until the cursor is moved.

mod marked;
mod marks;
mod motion;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::marked::{Homes, Marked};
use super::{Column, Flags, Names, SessionTable};
use crate::{
    core::filter::{Context, Filter, FilterError},
    domain::{AnySession, Capabilities, PodId, Session, SessionFacts, SessionId, SessionRow},
};

/// What filter and order may need beside the table; lent for one call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// For `can:`.
    pub capabilities: Option<&'a Capabilities>,
    /// Flags that the table does not know. Without them `flag:gh` and its like are unknown; an empty map means that
    /// none is set.
    pub flags: Option<&'a Flags>,
    /// What is known of users and groups beside the list.
    pub names: Option<&'a Names>,
}

impl<'a> Surroundings<'a> {
    /// The context in which the rows of a table are judged.
    pub fn context(self, table: &'a SessionTable) -> Context<'a> {
        Context {
            now: table.as_of(),
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

impl FilterLine {
    fn new(text: &str) -> Self {
        match Filter::parse(text) {
            Ok(filter) => Self { text: text.to_owned(), filter, error: None },
            Err(error) => Self { text: text.to_owned(), filter: Filter::default(), error: Some(error) },
        }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The filter in force: that of the text, or one that hides nothing while the text is not valid.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// What is wrong with the text.
    pub fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }
}

/// Where the cursor stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cursor {
    /// Nowhere: no row is shown.
    Nowhere,
    /// On a session that is shown.
    On(SessionId),
    /// On a session that is not shown any more, until the cursor leaves it.
    Lost(Box<Lost>),
}

/// The session that the cursor stands on although it is not among the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lost {
    /// The session: as it was last seen when it is not in the table any more, otherwise as it is.
    pub session: Session,
    /// Why it is not shown.
    pub why: Why,
    /// How many rows stand above its line.
    above: usize,
}

/// Why the session under the cursor is not among the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// A complete answer does not hold it any more.
    Gone,
    /// An incomplete answer does not hold it: nothing is known about it.
    NotInPart,
    /// It is there, but filter or basket do not show it any more.
    Hidden,
}

/// One line of the visible part.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The session; for a lost one see [`Lost::session`].
    pub session: AnySession<'a>,
    /// It is marked.
    pub marked: bool,
    /// The cursor is here.
    pub cursor: bool,
    /// A range that is being marked holds it.
    pub in_range: bool,
    /// It is not among the rows, for this reason: to be drawn dimmed.
    pub lost: Option<Why>,
}

/// What the header counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewCounts {
    /// Rows that are shown by filter and basket, on the screen or not.
    pub shown: usize,
    /// Sessions in the table.
    pub total: usize,
    /// Marked sessions.
    pub marked: usize,
    /// Of those, the ones that are not shown.
    pub marked_hidden: usize,
}

/// The view of one table of sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableView {
    table: Arc<SessionTable>,
    filter: FilterLine,
    /// While the filter is judged elsewhere: the one whose rows are still shown.
    #[serde(default)]
    awaits: Option<Filter>,
    sort: Sort,
    only_marked: bool,
    only_flagged: bool,
    cursor: Cursor,
    marks: Marked,
    previous_marks: Marked,
    /// The filter that made all of the marks, and that of the marks before them; `None` when no single one did.
    marked_by: Option<Filter>,
    previously_marked_by: Option<Filter>,
    /// The pods on which marked sessions were last seen that the table does not have.
    homes: Homes,
    range: Option<SessionId>,
    column: Column,
    /// The first line on the screen.
    offset: usize,
    /// Lines on the screen.
    height: usize,
    /// All rows of the table in order.
    order: Vec<u32>,
    /// Those that filter and flags let through, in order.
    passing: Vec<u32>,
    /// Those that are shown: `passing`, or of it the marked ones.
    rows: Vec<u32>,
    /// For each row of the table its place in `rows`, or [`NOT_SHOWN`].
    places: Vec<u32>,
    marked_hidden: usize,
    /// Counts up with every change of the rows.
    #[serde(skip)]
    generation: Generation,
}

/// A number that follows from the way to a view, and tells nothing about it.
#[derive(Debug, Clone, Copy, Default)]
struct Generation(u64);

impl PartialEq for Generation {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The place of a row that is not shown.
const NOT_SHOWN: u32 = u32::MAX;

impl TableView {
    /// A view of nothing yet, sorted by user.
    pub fn new() -> Self {
        Self {
            table: Arc::default(),
            filter: FilterLine::default(),
            awaits: None,
            sort: Sort { column: Column::User, descending: false },
            only_marked: false,
            only_flagged: false,
            cursor: Cursor::Nowhere,
            marks: Marked::default(),
            previous_marks: Marked::default(),
            marked_by: None,
            previously_marked_by: None,
            homes: Homes::new(),
            range: None,
            column: Column::User,
            offset: 0,
            height: 0,
            order: Vec::new(),
            passing: Vec::new(),
            rows: Vec::new(),
            places: Vec::new(),
            marked_hidden: 0,
            generation: Generation::default(),
        }
    }

    /// The table that is shown.
    pub fn table(&self) -> &Arc<SessionTable> {
        &self.table
    }

    /// The filter line.
    pub fn filter_line(&self) -> &FilterLine {
        &self.filter
    }

    /// Whether the rows that are shown are still those of the filter before: which ones the new one lets through is being
    /// found out.
    pub fn awaits_rows(&self) -> bool {
        self.awaits.is_some()
    }

    /// The order.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Whether only marked rows are shown (the basket).
    pub fn only_marked(&self) -> bool {
        self.only_marked
    }

    /// Whether only flagged rows are shown.
    pub fn only_flagged(&self) -> bool {
        self.only_flagged
    }

    /// The column that the column cursor is in.
    pub fn column(&self) -> Column {
        self.column
    }

    /// The shown rows of the table, in order.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// A number that changes with the shown rows: what was found out about them is good as long as it stays.
    pub fn generation(&self) -> u64 {
        self.generation.0
    }

    /// The shown sessions, in order.
    pub fn sessions(&self) -> impl Iterator<Item = SessionRow<'_>> {
        self.rows.iter().filter_map(|row| self.table.get(*row))
    }

    /// What the header counts.
    pub fn counts(&self) -> ViewCounts {
        ViewCounts {
            shown: self.rows.len(),
            total: self.table.len(),
            marked: self.marks.len(),
            marked_hidden: self.marked_hidden,
        }
    }

    /// Where the cursor stands.
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The id that the cursor holds, shown or lost.
    pub fn cursor_id(&self) -> Option<&SessionId> {
        match &self.cursor {
            Cursor::Nowhere => None,
            Cursor::On(id) => Some(id),
            Cursor::Lost(lost) => Some(&lost.session.id),
        }
    }

    /// The session that a verb would hit: the one under the cursor, if it is shown. `None` when the cursor is nowhere or
    /// its session is lost.
    pub fn cursor_session(&self) -> Option<SessionRow<'_>> {
        match &self.cursor {
            Cursor::On(id) => self.table.row_of(id),
            Cursor::Nowhere | Cursor::Lost(_) => None,
        }
    }

    /// Whether a row of this session is among those shown.
    pub fn shows(&self, id: &SessionId) -> bool {
        self.place_of(id).is_some()
    }

    /// The pod on which a session was last seen: one that is in the table, marked, or under the cursor.
    pub fn home(&self, id: &SessionId) -> Option<&PodId> {
        let listed = self.table.row_of(id).and_then(SessionFacts::pod_id);
        let lost = match &self.cursor {
            Cursor::Lost(lost) if lost.session.id == *id => lost.session.pod_id.as_ref(),
            Cursor::Nowhere | Cursor::On(_) | Cursor::Lost(_) => None,
        };
        match self.table.find(id) {
            Some(_) => listed,
            None => lost,
        }
        .or_else(|| self.homes.get(id))
    }

    /// How many lines there are: the rows, and one for a lost session.
    pub fn line_count(&self) -> usize {
        self.rows.len() + usize::from(matches!(self.cursor, Cursor::Lost(_)))
    }

    /// The line that the cursor is on, counted from the first line of all.
    pub fn cursor_line(&self) -> Option<usize> {
        match &self.cursor {
            Cursor::Nowhere => None,
            Cursor::On(id) => self.place_of(id),
            Cursor::Lost(lost) => Some(lost.above),
        }
    }

    /// The first line on the screen, counted from the first line of all.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many lines the screen has for rows, as last told.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The lines on the screen, at most as many as its height.
    pub fn lines(&self) -> Vec<Line<'_>> {
        let range = self.range_places();
        (self.offset..self.line_count()).take(self.height).filter_map(|line| self.line(line, range)).collect()
    }

    fn line(&self, line: usize, range: Option<(usize, usize)>) -> Option<Line<'_>> {
        let place = match &self.cursor {
            Cursor::Lost(lost) if line == lost.above => {
                let marked = self.is_marked(&lost.session.id);
                return Some(Line {
                    session: AnySession::Alone(&lost.session),
                    marked,
                    cursor: true,
                    in_range: false,
                    lost: Some(lost.why),
                });
            }
            Cursor::Lost(lost) if line > lost.above => line - 1,
            Cursor::Lost(_) | Cursor::On(_) | Cursor::Nowhere => line,
        };
        let row = *self.rows.get(place)?;
        let session = self.table.get(row)?;
        Some(Line {
            session: AnySession::Row(session),
            marked: self.marks.rows().contains(row),
            cursor: matches!(&self.cursor, Cursor::On(id) if session.is_called(id)),
            in_range: range.is_some_and(|(first, last)| (first..=last).contains(&place)),
            lost: None,
        })
    }

    /// The place of a session among the shown rows.
    fn place_of(&self, id: &SessionId) -> Option<usize> {
        self.place_of_row(self.table.find(id)?)
    }

    fn place_of_row(&self, row: u32) -> Option<usize> {
        self.places.get(row as usize).copied().filter(|place| *place != NOT_SHOWN).map(|place| place as usize)
    }

    /// The id at a place among the shown rows.
    fn id_at(&self, place: usize) -> Option<SessionId> {
        self.rows.get(place).and_then(|row| self.table.get(*row)).map(SessionFacts::session_id)
    }
}

impl Default for TableView {
    fn default() -> Self {
        Self::new()
    }
}
