//! How many requests may be out at a time: a little more while all goes well, much less when it does not. Pure.

use tokio::time::Instant;

/// What is left of the limit after a sign of overload.
const AFTER_TROUBLE: f64 = 0.5;

/// What is left of it after a 429: that one API is over its limit says little about the server.
const AFTER_THROTTLE: f64 = 0.75;

/// The limit, between 1 and the configured one.
#[derive(Debug, Clone)]
pub(super) struct Concurrency {
    limit: f64,
    most: f64,
    /// When it was last lowered: answers to what left before say nothing new.
    lowered: Option<Instant>,
}

impl Concurrency {
    /// Begins with the most.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1) as f64;
        Self { limit: most, most, lowered: None }
    }

    /// How many may be out.
    pub(super) fn limit(&self) -> usize {
        // At least 1 and at most the configured number.
        self.limit as usize
    }

    /// A good answer: one place more for as many good answers as there are places.
    pub(super) fn well(&mut self) {
        self.limit = (self.limit + 1.0 / self.limit).min(self.most);
    }

    /// The server answered 429 to a request that left at `started`.
    pub(super) fn throttled(&mut self, started: Instant, now: Instant) {
        self.lower(AFTER_THROTTLE, started, now);
    }

    /// The server failed, broke off or could not be reached.
    pub(super) fn failed(&mut self, started: Instant, now: Instant) {
        self.lower(AFTER_TROUBLE, started, now);
    }

    fn lower(&mut self, part: f64, started: Instant, now: Instant) {
        if self.lowered.is_some_and(|lowered| started < lowered) {
            return;
        }
        self.limit = (self.limit * part).max(1.0);
        self.lowered = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_falls_fast_once_for_what_was_out_together_and_climbs_slowly() {
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let mut places = Concurrency::new(8);
        assert_eq!(places.limit(), 8);
        for _ in 0..8 {
            places.failed(start, later(1));
        }
        assert_eq!(places.limit(), 4, "eight that were out together are one sign");
        places.failed(later(2), later(3));
        assert_eq!(places.limit(), 2);
        places.throttled(later(4), later(5));
        assert_eq!(places.limit(), 1);
        for second in 6..20 {
            places.failed(later(second), later(second));
        }
        assert_eq!(places.limit(), 1, "never less than one");
        (0..3).for_each(|_| places.well());
        assert_eq!(places.limit(), 2);
        (0..100).for_each(|_| places.well());
        assert_eq!(places.limit(), 8, "never more than configured");
    }
}
