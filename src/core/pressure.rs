//! How hard the servers are being asked, as the governor sees it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::Text;

/// How hard the servers are being asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressure {
    /// Requests that are out.
    pub in_flight: usize,
    /// Requests that wait for their turn.
    pub waiting: usize,
    /// What must wait because the server asked for it or would, and until when.
    pub cooling: Vec<(Text, Timestamp)>,
    /// How often the servers asked to slow down.
    pub throttled: u64,
    /// Each server, in the order of the profile.
    #[serde(default)]
    pub servers: Vec<ServerPressure>,
}

/// What the governor knows of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerPressure {
    /// Its name, and its port where it is not the usual one.
    pub server: Text,
    /// Whether requests go to it.
    pub breaker: Breaker,
    /// Failures in a row.
    pub failures: u32,
    /// How many requests may be out now.
    pub limit: usize,
    /// How many may be when all goes well.
    pub most: usize,
    /// Requests that are out.
    pub in_flight: usize,
    /// Requests that wait: of jobs, polls, look-ups.
    pub waiting: [usize; 3],
    /// What must wait.
    pub held: Vec<Held>,
    /// What the server takes, as far as it was learned.
    pub rates: Vec<Rate>,
    /// Answers of 429 since the start.
    pub throttled: u64,
    /// Answers of 5xx since the start.
    pub failed: u64,
    /// Connections that did not come about, and answers that broke off or did not come in time, since the start.
    pub unreached: u64,
    /// The wait that it told last.
    pub told: Option<Duration>,
}

/// Whether requests go to a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Breaker {
    /// They do.
    #[default]
    Closed,
    /// One is out to see whether it is back.
    HalfOpen,
    /// It was given up, and is tried again then.
    Open {
        /// When.
        until: Timestamp,
    },
}

/// An operation that must wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What must wait, in words.
    pub what: Text,
    /// Until when.
    pub until: Timestamp,
    /// Whether the server asked for it; otherwise its limit is known and would be passed.
    pub told: bool,
}

/// A limit that was learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Of what, in words.
    pub what: Text,
    /// So many calls …
    pub calls: u32,
    /// … in this span.
    pub window: Duration,
}

impl Pressure {
    /// Until when something must wait, if it must.
    pub fn held_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.cooling.iter().map(|(_, until)| *until).max().filter(|until| *until > now)
    }

    /// Whether a server itself asked for a wait that is not over. Where nothing is known of the servers it is taken for
    /// that.
    pub fn is_told(&self, now: Timestamp) -> bool {
        let mut held = self.servers.iter().flat_map(|server| &server.held).filter(|held| held.until > now);
        self.servers.is_empty() || held.any(|held| held.told)
    }

    /// How many servers are given up.
    pub fn given_up(&self) -> usize {
        self.servers.iter().filter(|server| server.breaker != Breaker::Closed).count()
    }

    /// The server that has the fewest places left of what it may have, when that is less than all.
    pub fn narrowest(&self) -> Option<&ServerPressure> {
        let narrow = self.servers.iter().filter(|server| server.limit < server.most);
        narrow.min_by_key(|server| server.limit)
    }
}
