//! Bursts: sessions of which the same became within a short time, and which share something that the rest of the list does not.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Change, ChangeKind, SHARED};
use crate::{
    core::facets::{Facet, totals},
    domain::{SessionRows, Text},
};

/// So close to each other the changes of a burst lie.
const WITHIN: SignedDuration = SignedDuration::from_secs(30);
/// So many make a burst.
const LEAST: usize = 3;
/// So much more frequent than in the list what they share must be.
const LEAST_LIFT: f64 = 1.5;
/// What would happen by chance more often than once in so many looks is no burst.
const ONCE_IN: f64 = 100.0;
/// Polls come so far apart: what one of them shows may have happened at any moment between.
const POLL_SECONDS: f64 = 15.0;
/// So many bursts are told of one kind; what is beyond is listed one by one.
const MOST: usize = 20;

/// What the sessions of a burst share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// By what.
    pub facet: Facet,
    /// Its value.
    pub value: Text,
}

/// Changes of one kind that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Burst {
    /// What became of them.
    pub kind: ChangeKind,
    /// What they share, the most telling first; empty for those that belong to no burst.
    pub shared: Vec<Shared>,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
}

impl Burst {
    /// Seconds from the first to the last.
    pub fn seconds(&self) -> i64 {
        let ends = self.changes.first().zip(self.changes.last());
        ends.map_or(0, |(first, last)| last.at.as_second() - first.at.as_second())
    }

    /// When the last of them happened.
    pub fn last(&self) -> Option<Timestamp> {
        self.changes.last().map(|change| change.at)
    }
}

/// How many sessions of the list have a value.
struct Overall {
    totals: Vec<HashMap<String, u32>>,
    sessions: usize,
    /// The time in which the changes were seen.
    seconds: f64,
}

impl Overall {
    fn of(rows: &SessionRows, seconds: i64) -> Self {
        let totals = SHARED.iter().map(|facet| totals(*facet, rows)).collect();
        Self { totals, sessions: rows.len(), seconds: (seconds as f64).max(POLL_SECONDS) }
    }

    /// The share of the list that has a value; a little for what it does not have any more.
    fn share(&self, place: usize, value: &str) -> f64 {
        let count = self.totals.get(place).and_then(|totals| totals.get(value)).copied().unwrap_or(0);
        (f64::from(count) + 1.0) / (self.sessions as f64 + 1.0)
    }
}

/// Divides changes by kind, and those of a kind into bursts and the rest. `rows` is the list as it is: what most sessions share
/// says nothing about those of a burst. The changes were seen within so many seconds.
pub fn bursts<'a>(changes: impl Iterator<Item = &'a Change>, rows: &SessionRows, seconds: i64) -> Vec<Burst> {
    let overall = Overall::of(rows, seconds);
    let mut by_kind: Vec<(ChangeKind, Vec<&Change>)> = ChangeKind::ALL.map(|kind| (kind, Vec::new())).into();
    for change in changes {
        if let Some((_, of_kind)) = by_kind.iter_mut().find(|(kind, _)| *kind == change.kind) {
            of_kind.push(change);
        }
    }
    let mut found = Vec::new();
    for (kind, mut left) in by_kind {
        left.sort_by_key(|change| change.at);
        let all = left.len();
        let mut of_kind = Vec::new();
        while of_kind.len() < MOST
            && let Some((places, shared)) = best(&left, all, &overall)
        {
            let mut place = 0;
            let mut taken = Vec::new();
            left.retain(|change| {
                let is_in = places.contains(&place);
                taken.extend(is_in.then(|| (*change).clone()));
                place += 1;
                !is_in
            });
            of_kind.push(Burst { kind, shared, changes: taken });
        }
        of_kind.sort_by_key(|burst| std::cmp::Reverse(burst.last()));
        found.extend(of_kind);
        if !left.is_empty() {
            let changes = left.into_iter().cloned().collect();
            found.push(Burst { kind, shared: Vec::new(), changes });
        }
    }
    found
}

/// The most telling burst among changes in the order of time: their places, and what they share.
fn best(changes: &[&Change], all: usize, overall: &Overall) -> Option<(Vec<usize>, Vec<Shared>)> {
    let said: Vec<_> = (0..SHARED.len())
        .flat_map(|facet| {
            by_value(changes, facet).into_iter().map(move |(value, places)| (facet, value, places))
        })
        .filter(|(.., places)| places.len() >= LEAST)
        .collect();
    // Whoever looks at many values finds something by chance.
    let mut least = 1.0 / (ONCE_IN * said.len() as f64);
    let mut best: Option<Vec<usize>> = None;
    for (facet, value, places) in &said {
        let share = overall.share(*facet, value);
        for run in runs(changes, places) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            // Of all changes in that time, against all sessions.
            let lift = run.len() as f64 / (last - first + 1) as f64 / share;
            // So many would come in that time if they came evenly, whatever they have.
            let time = (seconds_between(changes, *first, *last) + 1.0).max(POLL_SECONDS);
            let expected = all as f64 * (time / overall.seconds).min(1.0) * share;
            let chance = chance_of(run.len(), expected);
            if lift >= LEAST_LIFT && chance < least {
                least = chance;
                best = Some(run.to_vec());
            }
        }
    }
    let places = best?;
    let shared = shared_by(changes, &places, overall);
    (!shared.is_empty()).then_some((places, shared))
}

fn seconds_between(changes: &[&Change], first: usize, last: usize) -> f64 {
    let ends = changes.get(first).zip(changes.get(last));
    ends.map_or(0.0, |(first, last)| (last.at.as_second() - first.at.as_second()) as f64)
}

/// How likely it is that so many come, or more, where so many are expected and each comes by itself.
fn chance_of(count: usize, expected: f64) -> f64 {
    let first: f64 = (1..=count).map(|number| expected.ln() - (number as f64).ln()).sum();
    let mut term = (first - expected).exp();
    let mut sum = term;
    let mut number = count as f64;
    while term > sum * 1e-6 && number < count as f64 + expected * 4.0 + 50.0 {
        number += 1.0;
        term *= expected / number;
        sum += term;
    }
    sum.min(1.0)
}

/// The places of changes, by what they say about one of [`SHARED`].
fn by_value<'a>(changes: &[&'a Change], facet: usize) -> Vec<(&'a str, Vec<usize>)> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, change) in changes.iter().enumerate() {
        if let Some(Some(said)) = change.said.get(facet) {
            places.entry(said.as_str()).or_default().push(place);
        }
    }
    let mut places: Vec<_> = places.into_iter().collect();
    // Of two that are as telling always the same one.
    places.sort_unstable_by_key(|(value, _)| *value);
    places
}

/// The parts of places that lie close to each other in time.
fn runs<'a>(changes: &[&Change], places: &'a [usize]) -> Vec<&'a [usize]> {
    let at = |place: usize| changes.get(place).map(|change| change.at);
    let is_close = |one: &usize, other: &usize| {
        at(*one).zip(at(*other)).is_some_and(|(one, other)| other.duration_since(one) <= WITHIN)
    };
    places.chunk_by(is_close).filter(|run| run.len() >= LEAST).collect()
}

/// What all of some changes share and few others have, the most telling first.
fn shared_by(changes: &[&Change], places: &[usize], overall: &Overall) -> Vec<Shared> {
    let mut shared: Vec<(f64, Shared)> = Vec::new();
    for (number, facet) in SHARED.into_iter().enumerate() {
        let mut said = places.iter().map(|place| changes.get(*place)?.said.get(number)?.as_ref());
        let Some(Some(first)) = said.next() else { continue };
        let lift = 1.0 / overall.share(number, first.as_str());
        if lift >= LEAST_LIFT && said.all(|other| other == Some(first)) {
            shared.push((lift, Shared { facet, value: first.clone() }));
        }
    }
    shared.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    shared.into_iter().map(|(_, shared)| shared).collect()
}
