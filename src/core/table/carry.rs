//! Where the rows of one table stand in the table that takes its place.

use std::sync::{Arc, OnceLock, Weak};

use super::SessionTable;
use crate::domain::SessionRows;

/// For each row of an earlier list where its session stands now.
#[derive(Debug, Clone)]
struct Moves {
    from: Weak<SessionRows>,
    /// [`SessionRows::NOWHERE`] for one that has gone.
    rows: Vec<u32>,
}

/// What was found out about the way of the rows from the table before.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried(OnceLock<Moves>);

impl SessionTable {
    /// The row in which the session of another table's row stands here.
    pub(in crate::core) fn row_since(&self, before: &Self, row: u32) -> Option<u32> {
        if Arc::ptr_eq(self.rows(), before.rows()) {
            return Some(row).filter(|row| (*row as usize) < self.len());
        }
        // What is kept is good for that one list only; while it is, no other one can have its address.
        match self.carried.0.get() {
            Some(moves) if std::ptr::eq(moves.from.as_ptr(), Arc::as_ptr(before.rows())) => {
                moves.rows.get(row as usize).copied().filter(|row| *row != SessionRows::NOWHERE)
            }
            _ => self.row_number(before.get(row)?),
        }
    }

    /// Finds out where all rows of another table stand here, so that nobody waits for it when this one takes its place.
    pub(super) fn find_rows_of(&self, before: &Self) {
        let find =
            || Moves { from: Arc::downgrade(before.rows()), rows: self.rows().find_all(before.rows()) };
        self.carried.0.get_or_init(find);
    }
}
