//! Counting: what rows have in common has a number in the list, so that a row costs an addition and a text is looked at once.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{Facet, FacetValue};
use crate::domain::SessionFacts as _;
use crate::{
    core::table::{FarmNames, TableView},
    domain::SessionRows,
};

/// So many buckets are kept in order; what follows is only counted. Nobody reads further, and users can be hundreds of thousands.
pub const KEPT: usize = 1_000;

/// The sessions with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// A row that has it, and at which place among its groups.
    example: (u32, u32),
    /// Its number in the grouping.
    number: u32,
    /// How many of the shown sessions have it.
    pub shown: u32,
    /// How many of all.
    pub overall: u32,
}

/// The buckets of one list: nothing here changes with the filter.
#[derive(Debug)]
struct Grouping {
    facet: Facet,
    rows: Arc<SessionRows>,
    /// What farms are called, where that is asked for.
    farms: FarmNames,
    /// For each number of what rows have in common where its buckets begin in `members`, and at last where they end.
    starts: Vec<u32>,
    members: Vec<u32>,
    /// For each bucket a row that has it.
    examples: Vec<(u32, u32)>,
    /// For each bucket how many sessions have it.
    overall: Vec<u32>,
}

impl Grouping {
    fn new(facet: Facet, rows: &Arc<SessionRows>) -> Self {
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut grouping = Self {
            facet,
            rows: Arc::clone(rows),
            farms: if facet == Facet::Farm { FarmNames::of(rows) } else { FarmNames::default() },
            starts: vec![0],
            members: Vec::new(),
            examples: Vec::new(),
            overall: Vec::new(),
        };
        let mut key = String::new();
        for row in rows.representatives(facet.common()) {
            let begin = grouping.members.len();
            let count = match facet {
                Facet::Group => row.groups().map_or(1, |groups| groups.len().max(1)),
                _ => 1,
            };
            for place in 0..count as u32 {
                key.clear();
                FacetValue::of(facet, row, place).append_key(&mut key);
                let number = known.get(key.as_str()).copied().unwrap_or_else(|| {
                    let number = grouping.examples.len() as u32;
                    grouping.examples.push((row.number(), place));
                    number
                });
                if grouping.examples.len() > known.len() {
                    known.insert(key.clone(), number);
                }
                if !grouping.members.get(begin..).unwrap_or_default().contains(&number) {
                    grouping.members.push(number);
                }
            }
            grouping.starts.push(grouping.members.len() as u32);
        }
        grouping.overall = grouping.count(0..rows.len() as u32);
        grouping
    }

    /// For each bucket how many of these rows it has.
    fn count(&self, rows: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut common = vec![0_u32; self.starts.len().saturating_sub(1)];
        let numbers = self.rows.numbers(self.facet.common()).unwrap_or_default();
        for row in rows {
            let number = numbers.get(row as usize).copied().unwrap_or(u32::MAX);
            if let Some(count) = common.get_mut(number as usize) {
                *count += 1;
            }
        }
        let mut counts = vec![0_u32; self.examples.len()];
        for (number, count) in common.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            for member in self.members_of(number) {
                if let Some(sum) = counts.get_mut(*member as usize) {
                    *sum += count;
                }
            }
        }
        counts
    }

    fn members_of(&self, number: usize) -> &[u32] {
        let at = |place: usize| self.starts.get(place).copied().unwrap_or_default() as usize;
        self.members.get(at(number)..at(number + 1)).unwrap_or_default()
    }

    fn value(&self, example: (u32, u32)) -> Option<FacetValue<'_>> {
        Some(FacetValue::of(self.facet, self.rows.get(example.0)?, example.1).with_farms(&self.farms))
    }
}

/// How the shown sessions divide by a facet.
#[derive(Debug, Clone)]
pub struct Breakdown {
    grouping: Arc<Grouping>,
    /// The buckets that any shown session is in, in order; at most [`KEPT`].
    pub buckets: Vec<Bucket>,
    /// How many buckets there are beside these.
    pub more: usize,
    /// How many sessions are shown.
    pub shown: usize,
    /// How many there are in all.
    pub total: usize,
    /// Whether a shown session is in a bucket of which the filter cannot tell what it is not.
    pub has_unknown: bool,
}

impl Breakdown {
    /// Counts rows of a list by a facet.
    pub fn of(facet: Facet, rows: &Arc<SessionRows>, shown: &[u32], by_lift: bool) -> Self {
        Self::counted(Arc::new(Grouping::new(facet, rows)), shown, by_lift)
    }

    fn counted(grouping: Arc<Grouping>, rows: &[u32], by_lift: bool) -> Self {
        let shown = grouping.count(rows.iter().copied());
        let counts = shown.iter().zip(&grouping.overall).zip(&grouping.examples);
        let buckets = (0..).zip(counts).filter(|(_, ((shown, _), _))| **shown > 0);
        let mut buckets: Vec<Bucket> = buckets
            .map(|(number, ((shown, overall), example))| Bucket {
                example: *example,
                number,
                shown: *shown,
                overall: *overall,
            })
            .collect();
        let order = |one: &Bucket, other: &Bucket| {
            let lift = if by_lift { by_lift_first(one, other) } else { Ordering::Equal };
            lift.then(other.shown.cmp(&one.shown))
        };
        let more = buckets.len().saturating_sub(KEPT);
        if more > 0 {
            buckets.select_nth_unstable_by(KEPT, |one, other| {
                order(one, other).then(one.example.cmp(&other.example))
            });
            buckets.truncate(KEPT);
        }
        let key = |bucket: &Bucket| grouping.value(bucket.example).map(|value| value.key());
        buckets.sort_by_cached_key(key);
        buckets.sort_by(order);
        let mut breakdown = Self {
            buckets,
            more,
            shown: rows.len(),
            total: grouping.rows.len(),
            has_unknown: false,
            grouping,
        };
        breakdown.has_unknown = breakdown.buckets.iter().any(|bucket| breakdown.value(*bucket).is_open());
        breakdown
    }

    /// The facet.
    pub fn facet(&self) -> Facet {
        self.grouping.facet
    }

    /// What a bucket's sessions say.
    pub fn value(&self, bucket: Bucket) -> FacetValue<'_> {
        self.grouping.value(bucket.example).unwrap_or_else(|| FacetValue::unknown(self.facet()))
    }

    /// The place of the bucket with this key.
    pub fn place_of(&self, key: &str) -> Option<usize> {
        self.buckets.iter().position(|bucket| self.value(*bucket).key() == key)
    }

    /// Those of some rows that are in a bucket.
    pub fn rows_of(&self, bucket: Bucket, rows: &[u32]) -> Vec<u32> {
        let numbers = self.grouping.rows.numbers(self.facet().common()).unwrap_or_default();
        let is_in = |row: &u32| {
            let number = numbers.get(*row as usize).copied();
            number.is_some_and(|number| self.grouping.members_of(number as usize).contains(&bucket.number))
        };
        rows.iter().copied().filter(is_in).collect()
    }

    /// How much more of the shown sessions are in a bucket than of all: share here / share overall.
    pub fn lift(&self, bucket: Bucket) -> Option<f64> {
        let share = |part: u32, whole: usize| (whole > 0).then(|| f64::from(part) / whole as f64);
        let overall = share(bucket.overall, self.total).filter(|share| *share > 0.0)?;
        Some(share(bucket.shown, self.shown)? / overall)
    }
}

/// What stands out most first: shares of the whole list are compared without dividing.
fn by_lift_first(one: &Bucket, other: &Bucket) -> Ordering {
    let crossed = |one: &Bucket, other: &Bucket| u64::from(one.shown) * u64::from(other.overall);
    Reverse(crossed(one, other)).cmp(&Reverse(crossed(other, one)))
}

/// What was counted last, and for which rows. It follows from the table and the filter: two states that differ in nothing else
/// are the same.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    groupings: BTreeMap<Facet, Arc<Grouping>>,
    breakdowns: BTreeMap<Facet, Breakdown>,
    /// Which rows of which list, and in which order of the buckets.
    of: Option<(u64, bool)>,
}

impl PartialEq for Counted {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Counted {
    pub(super) fn get(&self, facet: Facet) -> Option<&Breakdown> {
        self.breakdowns.get(&facet)
    }

    /// Counts the rows of a view by these facets, as far as that was not done before.
    pub fn sync(&mut self, view: &TableView, facets: &[Facet], by_lift: bool) {
        let rows = view.table().rows();
        let of = Some((view.generation(), by_lift));
        if self.of != of {
            self.breakdowns.clear();
            self.of = of;
        }
        self.groupings.retain(|facet, grouping| facets.contains(facet) && Arc::ptr_eq(&grouping.rows, rows));
        self.breakdowns
            .retain(|facet, breakdown| facets.contains(facet) && Arc::ptr_eq(&breakdown.grouping.rows, rows));
        for facet in facets {
            if self.breakdowns.contains_key(facet) {
                continue;
            }
            let make = || Arc::new(Grouping::new(*facet, rows));
            let grouping = Arc::clone(self.groupings.entry(*facet).or_insert_with(make));
            self.breakdowns.insert(*facet, Breakdown::counted(grouping, view.rows(), by_lift));
        }
    }
}

/// How many sessions of a list have each value of a facet, by what it is called.
pub fn totals(facet: Facet, rows: &SessionRows) -> HashMap<String, u32> {
    let common = facet.common();
    let mut counts: Vec<u32> = vec![0; rows.representatives(common).len()];
    for number in rows.numbers(common).unwrap_or_default() {
        if let Some(count) = counts.get_mut(*number as usize) {
            *count += 1;
        }
    }
    let mut totals = HashMap::new();
    for (row, count) in rows.representatives(common).zip(counts) {
        if let Some(said) = FacetValue::of_row(facet, row).said() {
            *totals.entry(said).or_default() += count;
        }
    }
    totals
}
