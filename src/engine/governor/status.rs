//! What the governor shows of itself.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{api::Operation, domain::Text};

/// What the governor is doing, over all servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GovernorStatus {
    /// Requests under way.
    pub in_flight: usize,
    /// Requests that wait for a place or for the end of a cool-down.
    pub waiting: usize,
    /// Operations that must wait, because the server asked for it or because it is known that it would, with the moment
    /// from which they may go on. An entry may stay here after its end until something else changes: compare with the
    /// time. Servers that were given up do not count.
    pub cooling: Vec<(Operation, Timestamp)>,
    /// How often a server has answered 429 since the start.
    pub throttled: u64,
    /// Each server, in the order of the profile.
    pub servers: Vec<ServerStatus>,
}

/// What the governor knows of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerStatus {
    /// Its name, and its port where it is not the usual one.
    pub server: Text,
    /// Whether requests go to it.
    pub breaker: Breaker,
    /// Failures in a row.
    pub failures: u32,
    /// How many requests may be under way now.
    pub limit: usize,
    /// How many may be when all goes well.
    pub most: usize,
    /// Requests under way.
    pub in_flight: usize,
    /// Requests that wait: of jobs, polls, look-ups.
    pub waiting: [usize; 3],
    /// What must wait, and until when.
    pub held: Vec<Held>,
    /// What the server takes, as far as it was learned.
    pub rates: Vec<Rate>,
    /// Answers of 429 since the start.
    pub throttled: u64,
    /// Answers of 5xx.
    pub failed: u64,
    /// Connections that did not come about, answers that broke off or did not come in time.
    pub unreached: u64,
    /// The wait that it told last.
    pub told: Option<Duration>,
}

/// Whether requests go to a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Breaker {
    /// They do.
    #[default]
    Closed,
    /// One is out to see whether it is back.
    HalfOpen,
    /// It was given up; it is tried again at that time.
    Open {
        /// When.
        until: Timestamp,
    },
}

/// An operation that must wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// What must wait.
    pub operation: Operation,
    /// Until when.
    pub until: Timestamp,
    /// Whether the server asked for it with a 429; otherwise its limit is known and would be passed.
    pub told: bool,
}

/// A limit that was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Of what.
    pub operation: Operation,
    /// So many calls …
    pub calls: u32,
    /// … in this span.
    pub window: Duration,
}

impl GovernorStatus {
    /// Makes the sums from what the servers say.
    pub(super) fn sum_up(&mut self) {
        let servers = &self.servers;
        self.in_flight = servers.iter().map(|server| server.in_flight).sum();
        self.waiting = servers.iter().flat_map(|server| server.waiting).sum();
        self.throttled = servers.iter().map(|server| server.throttled).sum();
        let mut cooling = BTreeMap::new();
        let asked = servers.iter().filter(|server| !matches!(server.breaker, Breaker::Open { .. }));
        for held in asked.flat_map(|server| &server.held) {
            let until = cooling.entry(held.operation).or_insert(held.until);
            *until = held.until.max(*until);
        }
        self.cooling = cooling.into_iter().collect();
    }
}
