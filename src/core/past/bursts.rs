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
}

impl Overall {
    fn of(rows: &SessionRows) -> Self {
        Self { totals: SHARED.iter().map(|facet| totals(*facet, rows)).collect(), sessions: rows.len() }
    }

    /// The share of the list that has a value; a little for what it does not have any more.
    fn share(&self, place: usize, value: &str) -> f64 {
        let count = self.totals.get(place).and_then(|totals| totals.get(value)).copied().unwrap_or(0);
        (f64::from(count) + 1.0) / (self.sessions as f64 + 1.0)
    }
}

/// Divides changes by kind, and those of a kind into bursts and the rest. `rows` is the list as it is: what most sessions share
/// says nothing about those of a burst.
pub fn bursts<'a>(changes: impl Iterator<Item = &'a Change>, rows: &SessionRows) -> Vec<Burst> {
    let overall = Overall::of(rows);
    let mut by_kind: Vec<(ChangeKind, Vec<&Change>)> = ChangeKind::ALL.map(|kind| (kind, Vec::new())).into();
    for change in changes {
        if let Some((_, of_kind)) = by_kind.iter_mut().find(|(kind, _)| *kind == change.kind) {
            of_kind.push(change);
        }
    }
    let mut found = Vec::new();
    for (kind, mut left) in by_kind {
        left.sort_by_key(|change| change.at);
        let mut of_kind = Vec::new();
        while of_kind.len() < MOST
            && let Some((places, shared)) = best(&left, &overall)
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
fn best(changes: &[&Change], overall: &Overall) -> Option<(Vec<usize>, Vec<Shared>)> {
    let mut best: Option<(f64, Vec<usize>)> = None;
    for (facet, said) in SHARED.iter().enumerate().map(|(place, _)| (place, by_value(changes, place))) {
        for (value, places) in said.into_iter().filter(|(_, places)| places.len() >= LEAST) {
            for run in runs(changes, &places) {
                // How many of all changes in that time have it, against how many of all sessions.
                let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
                let lift = run.len() as f64 / (last - first + 1) as f64 / overall.share(facet, value);
                let score = run.len() as f64 * lift.log2();
                if lift >= LEAST_LIFT && best.as_ref().is_none_or(|(known, _)| score > *known) {
                    best = Some((score, run.to_vec()));
                }
            }
        }
    }
    let (_, places) = best?;
    let shared = shared_by(changes, &places, overall);
    Some((places, shared))
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
