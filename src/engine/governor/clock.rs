//! Time and chance, as the governor is given them.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A moment for the program and the same for people, worked out once: worked out again it would tremble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: Instant,
    pub(super) shown: Timestamp,
}

/// Where time and chance come from.
#[derive(Debug)]
pub(super) struct Clock {
    wall: fn() -> Timestamp,
    random: Mutex<fastrand::Rng>,
}

impl Clock {
    /// The clock of this machine, and chance with this seed.
    pub(super) fn new(wall: fn() -> Timestamp, seed: u64) -> Self {
        Self { wall, random: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    /// The moment after this wait.
    pub(super) fn after(&self, wait: Duration) -> Moment {
        let span = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let shown = (self.wall)().saturating_add(span).unwrap_or(Timestamp::MAX);
        Moment { at: Instant::now() + wait, shown }
    }

    /// A number in 0..1.
    pub(super) fn random(&self) -> f64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}
