//! Order and filter of a table that is about to be shown, found out beforehand.
//!
//! A table keeps what it was asked for last; the one that takes its place is asked the same while it is still being made,
//! where no key waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Column, GroupNames, Names, SessionTable, Sort};
use crate::core::filter::{Context, Filter};

/// What a table was asked for last.
#[derive(Debug, Default)]
pub(super) struct LastAsked(Mutex<Asked>);

#[derive(Debug, Default, Clone)]
struct Asked {
    sort: Option<Sort>,
    filter: Option<Filter>,
    /// What groups were called then.
    groups: Arc<GroupNames>,
}

/// What was found out beforehand, until it is asked for.
#[derive(Debug, Default)]
pub(super) struct Ready(Mutex<Answers>);

#[derive(Debug, Default)]
struct Answers {
    order: Option<(Sort, Arc<GroupNames>, Vec<u32>)>,
    passing: Option<(Filter, Arc<GroupNames>, Vec<bool>)>,
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
    fn get(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the order of the rows follows from the table alone.
fn is_of_table_alone(sort: Sort, context: &Context<'_>) -> bool {
    let named = context.names.is_some_and(|names| !names.accounts.is_empty());
    sort.column != Column::Flags && !(named && sort.column == Column::Name)
}

/// What groups are called in a context.
fn groups(context: &Context<'_>) -> Arc<GroupNames> {
    context.names.map(|names| Arc::clone(&names.groups)).unwrap_or_default()
}

/// Whether an answer was found with these names of groups.
fn is_with(then: &Arc<GroupNames>, now: &Arc<GroupNames>) -> bool {
    Arc::ptr_eq(then, now) || then.is_empty() && now.is_empty()
}

impl SessionTable {
    /// All rows in order. The context is that of this table.
    pub(super) fn ordered(&self, sort: Sort, context: &Context<'_>) -> Vec<u32> {
        let now = groups(context);
        let ready = self.ready.answers().order.take_if(|(of, then, _)| *of == sort && is_with(then, &now));
        let ready = ready.filter(|_| is_of_table_alone(sort, context));
        {
            let mut asked = self.last_asked().get();
            (asked.sort, asked.groups) = (Some(sort), now);
        }
        ready.map_or_else(|| self.sorted(sort, context), |(.., order)| order)
    }

    /// For each row whether a filter lets it through. The context is that of this table.
    pub(super) fn passing(&self, filter: &Filter, context: &Context<'_>) -> Vec<bool> {
        self.note_filter(filter);
        let now = groups(context);
        let ready = self.ready.answers().passing.take_if(|(of, then, _)| of == filter && is_with(then, &now));
        let ready = ready.filter(|_| filter.is_of_table_alone(context));
        self.last_asked().get().groups = now;
        ready.map_or_else(|| filter.passing(context), |(.., passing)| passing)
    }

    /// Finds out which rows a filter lets through, for whoever asks soon with the same names of groups, unless it is stopped. The
    /// filter must be one that these and the table decide. Says whether it came to an end.
    pub fn judge_beforehand(
        &self,
        filter: &Filter,
        groups: &Arc<GroupNames>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> bool {
        let names = Names::of_groups(Arc::clone(groups));
        let context = Context { table: Some(self), names: Some(&names), ..Context::at(self.as_of()) };
        let passing = filter.passing_unless(&context, stop);
        let ended = passing.is_some();
        if let Some(passing) = passing {
            self.ready.answers().passing = Some((filter.clone(), Arc::clone(groups), passing));
        }
        ended
    }

    /// Notes by which filter it is looked at.
    pub(super) fn note_filter(&self, filter: &Filter) {
        self.last_asked().get().filter = Some(filter.clone());
    }

    /// Finds out now what another table was asked for last.
    pub(super) fn be_ready_like(&self, before: &Self) {
        let Asked { sort, filter, groups } = before.last_asked().get().clone();
        let names = Names::of_groups(Arc::clone(&groups));
        let context = Context { table: Some(self), names: Some(&names), ..Context::at(self.as_of()) };
        let sort = sort.filter(|sort| is_of_table_alone(*sort, &context));
        let filter = filter.filter(|filter| filter.is_of_table_alone(&context));
        let order = sort.map(|sort| (sort, Arc::clone(&groups), self.sorted(sort, &context)));
        let passing = filter.map(|filter| {
            let passing = filter.passing(&context);
            (filter, groups, passing)
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
