//! The governor: the one place that decides when a request may leave (`design.md section 4`, rule 7).
//!
//! ```text
//!  Governor ── one lane for each server (lane.rs): three queues, first come first served
//!                ├─ breaker.rs      is the server there at all?
//!                ├─ concurrency.rs  how many requests at a time?
//!                └─ budget.rs       how many calls of one API in a span of time? told waits, learned limits
//! ```
//!
//! A request leaves when its server is not given up, there is a place for it, nobody more urgent could take that place,
//! and the budget of its operation is not used up. An operation that must wait stops nobody else: whoever waits behind
//! it and asks for something else passes by.
//!
//! What it knows of the world is a clock and chance, both given to it. It neither sends nor repeats anything.

mod breaker;
mod budget;
mod clock;
mod concurrency;
mod lane;
mod status;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    api::{Gate, Gates},
    domain::Text,
};
use clock::Clock;
use lane::{Lane, LaneGate};

pub use status::{Breaker, GovernorStatus, Held, Rate, ServerStatus};

/// What the governor keeps to, for each server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way, all together, when all goes well.
    pub requests: usize,
    /// Look-ups among them: names are never worth slowing anything else down.
    pub lookups: usize,
    /// Failures in a row after which a server is given up for a while.
    pub failures: u32,
    /// The longest time until it is tried again.
    pub longest_rest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: 8, lookups: 2, failures: 5, longest_rest: Duration::from_secs(30) }
    }
}

/// Lets requests leave, most urgent first. Cheap to clone; all clones are the same governor.
#[derive(Clone)]
pub struct Governor {
    common: Arc<Common>,
    /// By server, in the order in which they were asked for.
    lanes: Arc<Mutex<Lanes>>,
}

/// A lane for each server.
type Lanes = Vec<(Text, Arc<Lane>)>;

/// What all lanes share.
struct Common {
    limits: Limits,
    clock: Clock,
    status: watch::Sender<GovernorStatus>,
}

impl Governor {
    /// A governor with these limits; each is at least 1.
    pub fn new(limits: Limits) -> Self {
        Self::with(limits, Timestamp::now, fastrand::u64(..))
    }

    /// The same with another clock for what is shown, and with a seed for its chance.
    pub fn with(limits: Limits, wall: fn() -> Timestamp, seed: u64) -> Self {
        let limits = Limits {
            requests: limits.requests.max(1),
            lookups: limits.lookups.max(1),
            failures: limits.failures.max(1),
            ..limits
        };
        let status = watch::Sender::new(GovernorStatus::default());
        let common = Arc::new(Common { limits, clock: Clock::new(wall, seed), status });
        Self { common, lanes: Arc::default() }
    }

    /// What it is doing now, and every change of it.
    pub fn status(&self) -> watch::Receiver<GovernorStatus> {
        self.common.status.subscribe()
    }

    /// The lane of a server; made when it is asked for the first time.
    fn lane(&self, server: &Text) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, lane)) = lanes.iter().find(|(known, _)| known == server) {
            return Arc::clone(lane);
        }
        let lane = Arc::new(Lane::new(Arc::clone(&self.common), server.clone(), lanes.len()));
        lanes.push((server.clone(), Arc::clone(&lane)));
        drop(lanes);
        lane.show();
        lane
    }
}

impl Default for Governor {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for Governor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Governor({:?})", *self.common.status.borrow())
    }
}

impl Gates for Governor {
    fn gate(self: Arc<Self>, server: &Text) -> Arc<dyn Gate> {
        Arc::new(LaneGate(self.lane(server)))
    }
}

impl Common {
    /// Takes what a lane says of itself, and sums up.
    fn show(&self, index: usize, new: ServerStatus) {
        self.status.send_if_modified(|status| {
            if status.servers.len() <= index {
                status.servers.resize_with(index + 1, ServerStatus::default);
            }
            if status.servers.get(index) == Some(&new) {
                return false;
            }
            status.servers[index] = new;
            status.sum_up();
            true
        });
    }
}
