//! Moving the cursor, and the part of the table that is on the screen.

use super::{Cursor, TableView};
use crate::{core::table::Column, domain::SessionId};

impl TableView {
    /// Tells how many lines the screen has for rows.
    pub fn set_height(&mut self, lines: usize) {
        self.height = lines;
        self.show_cursor();
    }

    /// Moves by so many lines, down or up, and stops at the ends.
    pub fn move_by(&mut self, by: isize) {
        let place = match &self.cursor {
            Cursor::Nowhere => 0,
            Cursor::On(id) => self.place_of(id).unwrap_or_default().saturating_add_signed(by),
            // The line of the lost session goes away: the row below it is one step down, the one above one step up.
            Cursor::Lost(lost) if by > 0 => lost.above.saturating_add_signed(by - 1),
            Cursor::Lost(lost) if by < 0 => lost.above.saturating_add_signed(by),
            Cursor::Lost(_) => return,
        };
        self.move_to_place(place);
    }

    /// Puts the cursor nowhere: the next list begins at its first row.
    pub fn leave_cursor(&mut self) {
        (self.cursor, self.offset) = (Cursor::Nowhere, 0);
    }

    /// Moves to the first row.
    pub fn move_to_first(&mut self) {
        self.move_to_place(0);
    }

    /// Moves to the last row.
    pub fn move_to_last(&mut self) {
        self.move_to_place(usize::MAX);
    }

    /// Moves by half pages: 1 is half a page down, -2 a page up.
    pub fn move_half_pages(&mut self, by: isize) {
        let half = (self.height / 2).max(1) as isize;
        self.move_by(half.saturating_mul(by));
    }

    /// Moves to a session. Says whether it is shown; otherwise nothing happens.
    pub fn move_to(&mut self, id: &SessionId) -> bool {
        let place = self.place_of(id);
        if let Some(place) = place {
            self.move_to_place(place);
        }
        place.is_some()
    }

    /// Puts the column cursor into a column.
    pub fn set_column(&mut self, column: Column) {
        self.column = column;
    }

    /// Moves the column cursor among the columns on the screen and stops at the ends; from a column that is not there
    /// it begins at the first.
    pub fn move_column(&mut self, by: isize, columns: &[Column]) {
        let at = columns.iter().position(|column| *column == self.column);
        let to = at.map_or(0, |at| at.saturating_add_signed(by).min(columns.len().saturating_sub(1)));
        if let Some(column) = columns.get(to) {
            self.column = *column;
        }
    }

    /// Moves to the next marked row; after the last one to the first. Says whether there is one.
    pub fn next_marked(&mut self) -> bool {
        let from = match &self.cursor {
            Cursor::On(id) => self.place_of(id).map_or(0, |place| place + 1),
            Cursor::Lost(lost) => lost.above,
            Cursor::Nowhere => 0,
        };
        let found = (from..self.rows.len()).chain(0..from).find(|place| self.is_place_marked(*place));
        self.move_to_found(found)
    }

    /// Moves to the previous marked row; before the first one to the last. Says whether there is one.
    pub fn previous_marked(&mut self) -> bool {
        let until = self.cursor_line().unwrap_or_default().min(self.rows.len());
        let found =
            (0..until).rev().chain((until..self.rows.len()).rev()).find(|place| self.is_place_marked(*place));
        self.move_to_found(found)
    }

    fn move_to_found(&mut self, place: Option<usize>) -> bool {
        if let Some(place) = place {
            self.move_to_place(place);
        }
        place.is_some()
    }

    fn is_place_marked(&self, place: usize) -> bool {
        self.rows.get(place).is_some_and(|row| self.marks.rows().contains(*row))
    }

    /// Puts the cursor on the row at a place, or on the last one. Without rows it stays where it is.
    pub(super) fn move_to_place(&mut self, place: usize) {
        let place = place.min(self.rows.len().saturating_sub(1));
        if let Some(id) = self.id_at(place) {
            self.cursor = Cursor::On(id);
        }
        self.show_cursor();
    }

    /// Scrolls as little as needed to have the cursor on the screen and no empty lines below the last row.
    pub(super) fn show_cursor(&mut self) {
        let height = self.height.max(1);
        self.offset = self.offset.min(self.line_count().saturating_sub(height));
        if let Some(line) = self.cursor_line() {
            self.offset = self.offset.clamp((line + 1).saturating_sub(height), line);
        }
    }
}
