//! What the shown sessions have in common: how many of them each pool, gateway or agent has, and how that compares with
//! the whole list.
//!
//! The counts are made once for each change of the rows, by number and not by text (`count`); what a bucket is called
//! and how the filter language says it is found out for the few that are looked at (`value`).

mod count;
mod value;

use serde::{Deserialize, Serialize};

pub use count::{Breakdown, Bucket, Counted, KEPT, totals};
pub use value::FacetValue;

use crate::domain::Common;

/// By what sessions are broken down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Facet {
    /// Desktop pool or farm.
    #[default]
    Pool,
    /// Gateway.
    Gateway,
    /// Version of the agent.
    Agent,
    /// Client program and its version.
    Client,
    /// Machine or RDS server.
    Host,
    /// Farm.
    Farm,
    /// Display protocol.
    Protocol,
    /// Pod.
    Pod,
    /// State.
    State,
    /// Desktop or application.
    Type,
    /// Groups of the user.
    Group,
    /// User.
    User,
}

impl Facet {
    /// All, in the order in which they follow each other.
    pub const ALL: [Self; 12] = [
        Self::Pool,
        Self::Gateway,
        Self::Agent,
        Self::Client,
        Self::Host,
        Self::Farm,
        Self::Protocol,
        Self::Pod,
        Self::State,
        Self::Type,
        Self::Group,
        Self::User,
    ];

    /// Its name: on the screen, and in `--by`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pool => "pool",
            Self::Gateway => "gateway",
            Self::Agent => "agent",
            Self::Client => "client",
            Self::Host => "host",
            Self::Farm => "farm",
            Self::Protocol => "protocol",
            Self::Pod => "pod",
            Self::State => "state",
            Self::Type => "type",
            Self::Group => "group",
            Self::User => "user",
        }
    }

    /// The facet with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facet| facet.name().eq_ignore_ascii_case(name))
    }

    /// The one after it, or before it, around the end.
    #[must_use]
    pub fn neighbour(self, after: bool) -> Self {
        let step = if after { 1 } else { Self::ALL.len() - 1 };
        let place = Self::ALL.iter().position(|facet| *facet == self).unwrap_or_default();
        Self::ALL.get((place + step) % Self::ALL.len()).copied().unwrap_or_default()
    }

    /// Whether it stands below the chosen one where there is room: users, hosts and groups are too many to tell much by their
    /// first three.
    fn is_told_beside(self) -> bool {
        !matches!(self, Self::Host | Self::Group | Self::User)
    }

    /// So many facets as are told: this one, and those that follow it.
    pub fn with_next(self, count: usize) -> Vec<Self> {
        let mut told = vec![self];
        let mut next = self.neighbour(true);
        while told.len() < count && next != self {
            if next.is_told_beside() {
                told.push(next);
            }
            next = next.neighbour(true);
        }
        told
    }

    /// What rows have in common that are in one bucket.
    fn common(self) -> Common {
        match self {
            Self::Pool | Self::Farm | Self::Pod => Common::Place,
            Self::Host => Common::Machine,
            Self::Gateway | Self::Client => Common::Way,
            Self::Agent | Self::Protocol | Self::State | Self::Type => Common::Mode,
            Self::Group | Self::User => Common::User,
        }
    }
}

/// The breakdown as the operator has it: which facet, in which order, and where the cursor is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facets {
    /// Whether the pane beside the table is switched on; by the width of the screen before a key said so.
    pub pane: Option<bool>,
    /// The chosen facet.
    pub facet: Facet,
    /// Whether what stands out most comes first, instead of what is most.
    pub by_lift: bool,
    /// The bucket under the cursor, by its value; the first one before a key chose.
    pub cursor: Option<String>,
    /// Where it was last, in case that no shown session has that value any more.
    pub place: usize,
    /// What was counted.
    #[serde(skip)]
    pub counted: Counted,
}

impl Facets {
    /// The counts of a facet, as far as they were made.
    pub fn breakdown(&self, facet: Facet) -> Option<&Breakdown> {
        self.counted.get(facet)
    }

    /// The place of the bucket under the cursor; none when no shown session has its value any more.
    pub fn cursor_place(&self) -> Option<usize> {
        let breakdown = self.breakdown(self.facet)?;
        match &self.cursor {
            None => (!breakdown.buckets.is_empty()).then_some(0),
            Some(key) => breakdown.place_of(key),
        }
    }

    /// The bucket under the cursor.
    pub fn current(&self) -> Option<(&Breakdown, Bucket)> {
        let breakdown = self.breakdown(self.facet)?;
        let bucket = breakdown.buckets.get(self.cursor_place()?)?;
        Some((breakdown, *bucket))
    }

    /// Moves the cursor by so many buckets.
    pub fn move_by(&mut self, steps: isize) {
        let place = self.cursor_place();
        let Some(breakdown) = self.breakdown(self.facet) else { return };
        let last = breakdown.buckets.len().saturating_sub(1);
        // From a bucket that is gone, the first step leads to the one in its place.
        let moved = match place {
            Some(place) => place.saturating_add_signed(steps).min(last),
            None => self.place.min(last),
        };
        let key = breakdown.buckets.get(moved).map(|bucket| breakdown.value(*bucket).key());
        self.cursor = key;
        self.place = moved;
    }

    /// Takes the bucket after the one under the cursor, or the one before: it is left out by a key.
    pub fn leave_bucket(&mut self) {
        let Some(place) = self.cursor_place() else { return };
        let Some(breakdown) = self.breakdown(self.facet) else { return };
        let next = place + usize::from(place + 1 < breakdown.buckets.len());
        let next = if next == place { place.checked_sub(1) } else { Some(next) };
        let bucket = next.and_then(|next| breakdown.buckets.get(next));
        self.cursor = bucket.map(|bucket| breakdown.value(*bucket).key());
    }

    /// Chooses a facet; its first bucket is under the cursor.
    pub fn choose(&mut self, facet: Facet) {
        self.facet = facet;
        self.cursor = None;
        self.place = 0;
    }
}

#[cfg(test)]
mod tests;
