//! Order and filter of a table that is about to be shown, found out beforehand.
//!
//! A table keeps what it was asked for last; the one that takes its place is asked the same while it is still being made,
//! where no key waits for it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Column, SessionTable, Sort};
use crate::core::filter::{Context, Filter};

/// What a table was asked for last.
#[derive(Debug, Default)]
pub(super) struct LastAsked(Mutex<(Option<Sort>, Option<Filter>)>);

/// What was found out beforehand, until it is asked for.
#[derive(Debug, Default)]
pub(super) struct Ready(Mutex<Answers>);

#[derive(Debug, Default)]
struct Answers {
    order: Option<(Sort, Vec<u32>)>,
    passing: Option<(Filter, Vec<bool>)>,
}

impl Clone for Ready {
    /// Whoever has the first one asks it.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Ready {
    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LastAsked {
    fn get(&self) -> MutexGuard<'_, (Option<Sort>, Option<Filter>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the order of the rows follows from the table alone.
fn is_of_table_alone(sort: Sort, context: &Context<'_>) -> bool {
    let named = context.names.is_some_and(|names| !names.accounts.is_empty());
    sort.column != Column::Flags && !(named && matches!(sort.column, Column::Name | Column::Groups))
}

impl SessionTable {
    /// All rows in order. The context is that of this table.
    pub(super) fn ordered(&self, sort: Sort, context: &Context<'_>) -> Vec<u32> {
        self.last_asked().get().0 = Some(sort);
        let ready = self.ready.answers().order.take_if(|(of, _)| *of == sort);
        let ready = ready.filter(|_| is_of_table_alone(sort, context));
        ready.map_or_else(|| self.sorted(sort, context), |(_, order)| order)
    }

    /// For each row whether a filter lets it through. The context is that of this table.
    pub(super) fn passing(&self, filter: &Filter, context: &Context<'_>) -> Vec<bool> {
        self.note_filter(filter);
        let ready = self.ready.answers().passing.take_if(|(of, _)| of == filter);
        let ready = ready.filter(|_| filter.is_of_table_alone(context));
        ready.map_or_else(|| filter.passing(context), |(_, passing)| passing)
    }

    /// Finds out which rows a filter lets through, for whoever asks soon, unless it is stopped. The filter must be one that the
    /// table alone decides. Says whether it came to an end.
    pub fn judge_beforehand(&self, filter: &Filter, stop: &(dyn Fn() -> bool + Sync)) -> bool {
        let context = Context { table: Some(self), ..Context::at(self.as_of()) };
        let passing = filter.passing_unless(&context, stop);
        let ended = passing.is_some();
        if let Some(passing) = passing {
            self.ready.answers().passing = Some((filter.clone(), passing));
        }
        ended
    }

    /// Notes by which filter it is looked at.
    pub(super) fn note_filter(&self, filter: &Filter) {
        self.last_asked().get().1 = Some(filter.clone());
    }

    /// Finds out now what another table was asked for last.
    pub(super) fn be_ready_like(&self, before: &Self) {
        let (sort, filter) = before.last_asked().get().clone();
        let context = Context { table: Some(self), ..Context::at(self.as_of()) };
        let sort = sort.filter(|sort| is_of_table_alone(*sort, &context));
        let filter = filter.filter(|filter| filter.is_of_table_alone(&context));
        let order = sort.map(|sort| (sort, self.sorted(sort, &context)));
        let passing = filter.map(|filter| {
            let passing = filter.passing(&context);
            (filter, passing)
        });
        *self.ready.answers() = Answers { order, passing };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::core::table::{Flags, testing::sessions};

    proptest! {
        #[test]
        fn what_was_found_out_beforehand_is_what_is_found_now(
            before in sessions(6),
            now in sessions(12),
            column in prop::sample::select(Column::ALL),
            descending: bool,
            filter in prop::sample::select(
                &["", "fin", "state:d", "idle>2h", "flag:*", "flag:2x", "-f al", "! user:?", "can:reset", "group:*2"][..]
            ),
        ) {
            let at = |second| Timestamp::from_second(second).unwrap();
            let before = Arc::new(SessionTable::new(before, at(2_000_000), true));
            let table = Arc::new(SessionTable::new(now, at(3_000_000), true));
            let (flags, filter) = (Flags::new(), Filter::parse(filter).unwrap());
            let sort = Sort { column, descending };
            let context = |table| Context { flags: Some(&flags), ..Context { table: Some(table), ..Context::at(at(3_000_000)) } };
            before.ordered(sort, &context(&before));
            before.passing(&filter, &context(&before));
            let table = table.prepared(Some(&before));
            // The second time nothing is left of what was found out beforehand.
            prop_assert_eq!(table.ordered(sort, &context(&table)), table.ordered(sort, &context(&table)));
            prop_assert_eq!(table.passing(&filter, &context(&table)), table.passing(&filter, &context(&table)));
        }
    }
}
