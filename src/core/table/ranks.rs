//! The order of all rows of a table by a column, without comparing what rows have in common more than once.
//!
//! Texts are compared once for each different user, machine, pool and so on; what is left of them is a rank. Rows are
//! then dealt out by rank from the order of their ids, so that equal ones stay in it. It is the order of
//! [`Column::compare`].

use std::{
    cmp::Ordering,
    sync::{Arc, OnceLock},
};

use super::{
    Column, Flags, SessionTable, Sort,
    order::{Key, urgency},
};
use crate::{
    core::filter::Context,
    domain::{Common, SessionFacts, SessionRow},
};

/// The largest digit by which numbers are dealt out.
const DIGIT: u16 = u16::MAX;

/// The rank of what is not known: behind all others in both directions.
const UNKNOWN: u32 = u32::MAX;

/// For each of the things that decide a column its place among them; equal ones have the same.
#[derive(Debug, Clone, Default)]
struct Ranks {
    ranks: Vec<u32>,
    /// How many different ones there are.
    different: u32,
}

/// What was found out about the order of a table's rows so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Orders {
    by_id: OnceLock<Vec<u32>>,
    columns: [OnceLock<Ranks>; Column::ALL.len()],
}

/// What rows have in common that are equal in a column.
fn common(column: Column) -> Common {
    match column {
        Column::User | Column::Name | Column::Groups => Common::User,
        Column::State | Column::Protocol | Column::Type | Column::Agent => Common::Mode,
        Column::Pool | Column::Farm | Column::Pod => Common::Place,
        Column::Machine | Column::Host | Column::Dns => Common::Machine,
        Column::Gateway | Column::Location | Column::Client => Common::Way,
        Column::ClientName
        | Column::ClientAddress
        | Column::App
        | Column::Id
        | Column::Idle
        | Column::Since
        | Column::Disc
        | Column::Age
        | Column::Flags => Common::Row,
    }
}

/// Whether a column changes with the time or with what is known beside the table.
pub(super) fn is_fleeting(column: Column) -> bool {
    matches!(column, Column::Idle | Column::Since | Column::Disc | Column::Age | Column::Flags)
}

impl SessionTable {
    /// All rows in order. The context is that of this table.
    pub(super) fn sorted(&self, sort: Sort, context: &Context<'_>) -> Vec<u32> {
        let by_id = self.by_id();
        if sort.column == Column::Id {
            return if sort.descending { by_id.iter().rev().copied().collect() } else { by_id.to_vec() };
        }
        if is_fleeting(sort.column) {
            return self.sorted_by_number(sort, context);
        }
        let named = context.names.is_some_and(|names| match sort.column {
            Column::Name => !names.accounts.is_empty(),
            Column::Groups => !names.groups.is_empty(),
            _ => false,
        });
        let fresh;
        let ranks = if named {
            fresh = self.ranks(sort.column, context);
            &fresh
        } else {
            let Some(kept) = self.orders().columns.get(sort.column as usize) else { return by_id.to_vec() };
            kept.get_or_init(|| self.ranks(sort.column, context))
        };
        let numbers = self.rows().numbers(common(sort.column));
        let rank = |row: u32| {
            let number = numbers.map_or(row, |numbers| numbers.get(row as usize).copied().unwrap_or(UNKNOWN));
            match ranks.ranks.get(number as usize).copied().unwrap_or(UNKNOWN) {
                UNKNOWN => ranks.different,
                rank if sort.descending => ranks.different - 1 - rank,
                rank => rank,
            }
        };
        dealt(by_id, ranks.different as usize + 1, rank)
    }

    /// The same table on the rows of the one before it, when they are the same; with what was found out about them.
    fn on_rows_of(&self, before: &Self) -> Option<Self> {
        let same = self.rows() == before.rows();
        same.then(|| self.clone().sharing(before))
    }

    /// Finds out now what the table that is shown was asked for, so that nobody waits for it later, and keeps its rows
    /// when they are the same.
    #[must_use]
    pub fn prepared(self: Arc<Self>, before: Option<&Self>) -> Arc<Self> {
        if let Some(before) = before.filter(|before| Arc::ptr_eq(self.rows(), before.rows())) {
            self.be_ready_like(before);
            return self;
        }
        if let Some(same) = before.and_then(|before| self.on_rows_of(before)) {
            return Arc::new(same).prepared(before);
        }
        self.prepare_like(before);
        self
    }

    /// Finds out now what another table of the same list was asked for, so that nobody waits for it later.
    pub fn prepare_like(&self, before: Option<&Self>) {
        self.by_id();
        let Some(before) = before else { return };
        self.find_rows_of(before);
        // Once they are known they stay known: whoever sorts while a list is read waits for none of them.
        let context = Context::at(self.as_of());
        for ((column, before), kept) in
            Column::ALL.iter().zip(&before.orders().columns).zip(&self.orders().columns)
        {
            if before.get().is_some() {
                kept.get_or_init(|| self.ranks(*column, &context));
            }
        }
        self.rows().prepare_like(before.rows());
        self.be_ready_like(before);
    }

    /// Finds out the order of every column that does not change with the time, so that nobody waits for the first one by it. Takes
    /// long: for when the table is shown, away from whoever shows it.
    pub fn rank_columns(&self) {
        let context = Context::at(self.as_of());
        for (column, kept) in Column::ALL.iter().zip(&self.orders().columns) {
            // Names and groups are ranked by what is known beside the table.
            if *column != Column::Id
                && !is_fleeting(*column)
                && !matches!(column, Column::Name | Column::Groups)
            {
                kept.get_or_init(|| self.ranks(*column, &context));
            }
        }
    }

    /// The rows in the order of their ids.
    pub(super) fn by_id(&self) -> &[u32] {
        self.orders().by_id.get_or_init(|| {
            let rows = self.rows();
            let beginning = |row: SessionRow<'_>| beginning_of(row.id().as_bytes());
            let mut keyed: Vec<(u128, u32)> = rows.iter().map(|row| (beginning(row), row.number())).collect();
            keyed.sort_unstable();
            for run in keyed.chunk_by_mut(|left, right| left.0 == right.0).filter(|run| run.len() > 1) {
                // Ids are put together from their parts: once each, and not for every comparison.
                run.sort_by_cached_key(|(_, row)| rows.get(*row).map(SessionFacts::id));
            }
            keyed.into_iter().map(|(_, row)| row).collect()
        })
    }

    /// Compares all different values of a column.
    fn ranks(&self, column: Column, context: &Context<'_>) -> Ranks {
        let keys: Vec<Key<'_>> =
            self.rows().representatives(common(column)).map(|row| column.key(row, context)).collect();
        let known = (0..).zip(&keys).filter(|(_, key)| !matches!(key, Key::Unknown));
        let mut order: Vec<(u128, u32)> = known.map(|(number, key)| (key.beginning(), number)).collect();
        let key = |number: u32| keys.get(number as usize).unwrap_or(&Key::Unknown);
        sort_runs(&mut order, |left, right| key(left).compare(key(right), false));
        let mut ranks = vec![UNKNOWN; keys.len()];
        let (mut different, mut last) = (0, None);
        for (_, number) in order {
            let is_new = last.is_none_or(|last| !key(last).is_same(key(number)));
            different += u32::from(is_new);
            last = Some(number);
            if let Some(rank) = ranks.get_mut(number as usize) {
                *rank = different - 1;
            }
        }
        Ranks { ranks, different }
    }

    /// By what is a number in every row.
    fn sorted_by_number(&self, sort: Sort, context: &Context<'_>) -> Vec<u32> {
        let numbers = self.column_numbers(sort.column, context);
        let known = || numbers.iter().copied().flatten();
        let (least, most) = (known().min().unwrap_or_default(), known().max().unwrap_or_default());
        // Distances from the first one.
        let distance = |number: i64| {
            if sort.descending { most.abs_diff(number) } else { number.abs_diff(least) }
        };
        let keys: Vec<u64> = numbers.iter().map(|number| number.map_or(0, distance)).collect();
        let is_known = |row: &u32| numbers.get(*row as usize).is_some_and(Option::is_some);
        let (mut rows, unknown): (Vec<u32>, Vec<u32>) = self.by_id().iter().partition(|row| is_known(row));
        // Dealt out digit by digit, from the last one on: equal ones stay in the order of their ids.
        for shift in (0..u64::BITS).step_by(DIGIT.count_ones() as usize) {
            if most.abs_diff(least) >> shift == 0 {
                break;
            }
            let digit = |row: u32| {
                let key = keys.get(row as usize).copied().unwrap_or_default();
                (key >> shift & u64::from(DIGIT)) as u32
            };
            rows = dealt(&rows, DIGIT as usize + 1, digit);
        }
        rows.extend(unknown);
        rows
    }

    fn column_numbers(&self, column: Column, context: &Context<'_>) -> Vec<Option<i64>> {
        let number = |key| if let Key::Number(number) = key { Some(number) } else { None };
        if column != Column::Flags {
            return self.iter().map(|row| number(column.key(row, context))).collect();
        }
        // Hardly any session has a flag that the table does not know.
        let none = Flags::new();
        let plain = Context { flags: context.flags.map(|_| &none), ..*context };
        let mut numbers: Vec<Option<i64>> = self.iter().map(|row| Some(-urgency(row, &plain))).collect();
        for row in context.flags.into_iter().flatten().filter_map(|(id, _)| self.row_of(id)) {
            if let Some(slot) = numbers.get_mut(row.number() as usize) {
                *slot = Some(-urgency(row, context));
            }
        }
        numbers
    }
}

/// The first 16 bytes as a number, in the order of the bytes.
fn beginning_of(bytes: &[u8]) -> u128 {
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(bytes) {
        *to = *from;
    }
    u128::from_be_bytes(first)
}

/// Sorts by the first part, and what is equal there by the comparison.
fn sort_runs(keyed: &mut [(u128, u32)], compare: impl Fn(u32, u32) -> Ordering) {
    keyed.sort_unstable();
    for run in keyed.chunk_by_mut(|left, right| left.0 == right.0) {
        if run.len() > 1 {
            run.sort_by(|left, right| compare(left.1, right.1));
        }
    }
}

/// Deals rows out by rank; those of one rank stay in their order.
fn dealt(rows: &[u32], ranks: usize, rank: impl Fn(u32) -> u32) -> Vec<u32> {
    let mut starts = vec![0_u32; ranks + 1];
    for row in rows {
        if let Some(count) = starts.get_mut(rank(*row) as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut sorted = vec![0; rows.len()];
    for row in rows {
        if let Some(next) = starts.get_mut(rank(*row) as usize)
            && let Some(slot) = sorted.get_mut(*next as usize)
        {
            *slot = *row;
            *next += 1;
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::core::table::{
        Flag, Names,
        testing::{self, sessions},
    };

    proptest! {
        #[test]
        fn rows_are_in_the_order_of_comparing_them_one_by_one(
            sessions in sessions(16),
            column in prop::sample::select(Column::ALL),
            descending: bool,
            flagged in prop::collection::vec(0..16_usize, 0..3),
            named: bool,
        ) {
            let table = SessionTable::new(sessions, Timestamp::from_second(2_000_000).unwrap(), true);
            let flags: Flags = flagged
                .into_iter()
                .map(|number| (format!("s{number}").as_str().into(), BTreeSet::from([Flag::Ghost])))
                .collect();
            let mut names = Names::default();
            names.accounts.insert("S-1-5-21-2".into(), "Abel".into());
            names.groups = testing::group_names("S-1-5-21-2", "CORP\\zoo");
            let context = Context {
                table: Some(&table),
                flags: Some(&flags),
                names: named.then_some(&names),
                ..Context::at(table.as_of())
            };
            let mut expected: Vec<u32> = (0..table.len() as u32).collect();
            let row = |number: &u32| table.get(*number).unwrap();
            expected.sort_by(|left, right| column.compare(row(left), row(right), descending, &context));
            prop_assert_eq!(table.sorted(Sort { column, descending }, &context), expected.clone());
            // What is kept of it gives the same again.
            prop_assert_eq!(table.sorted(Sort { column, descending }, &context), expected);
        }
    }
}
