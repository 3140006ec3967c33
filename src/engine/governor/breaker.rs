//! The circuit breaker of a server: after some failures in a row nothing is sent to it for a while. Pure.

use std::time::Duration;

use tokio::time::Instant;

use super::{clock::Moment, status::Breaker as Shown};
use crate::api::{ShutOut, Standing};

/// The first time that a server is left alone.
const FIRST_REST: Duration = Duration::from_secs(1);

/// A server that fails again within this time after it came back is left alone longer than before.
const PROBATION: Duration = Duration::from_mins(1);

/// Whether requests go to a server.
#[derive(Debug, Clone)]
pub(super) struct Breaker {
    state: State,
    /// Failures in a row.
    failures: u32,
    /// How often it was given up, one time soon after the other.
    openings: u32,
    /// When it last came back.
    closed_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed,
    /// Nothing is sent until then.
    Open(Moment),
    /// One request is out to see.
    HalfOpen(Instant),
}

/// When to give a server up, and for how long at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    pub(super) failures: u32,
    pub(super) longest_rest: Duration,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed, failures: 0, openings: 0, closed_at: None }
    }
}

impl Breaker {
    /// Whether a request may go to the server now: as an ordinary one, to see whether it is back, or not at all.
    pub(super) fn standing(&self, now: Instant) -> Standing {
        match self.state {
            State::Closed => Standing::Open,
            State::Open(until) if until.at <= now => Standing::Due,
            State::Open(_) | State::HalfOpen(_) => Standing::Shut,
        }
    }

    /// What those are told who want to send something now; `None` when they may, or should wait for the one who sees
    /// whether the server is back.
    pub(super) fn shut_out(&self, now: Instant) -> Option<ShutOut> {
        match self.state {
            State::Open(until) if until.at > now => {
                Some(ShutOut { failures: self.failures.max(1), wait: until.at - now })
            }
            _ => None,
        }
    }

    /// One request leaves to see whether the server is back.
    pub(super) fn try_one(&mut self, now: Instant) {
        self.state = State::HalfOpen(now);
    }

    /// The one that left to see ended without an answer, because nobody wanted it any more: the next may try.
    pub(super) fn tried_in_vain(&mut self, now: Moment) {
        if matches!(self.state, State::HalfOpen(_)) {
            self.state = State::Open(now);
        }
    }

    /// The server answered, be it with a refusal.
    pub(super) fn well(&mut self, now: Instant) {
        self.failures = 0;
        if !matches!(self.state, State::Closed) {
            self.state = State::Closed;
            self.closed_at = Some(now);
        }
    }

    /// A request that left at `started` failed. Says whether the server is given up because of it, and should then be
    /// opened with [`Self::open`]. Requests from before it was given up say nothing new.
    pub(super) fn failed(&mut self, started: Instant, rules: Rules) -> bool {
        match self.state {
            State::Closed => {
                self.failures = self.failures.saturating_add(1);
                self.failures >= rules.failures
            }
            State::HalfOpen(since) if started >= since => {
                self.failures = self.failures.saturating_add(1);
                true
            }
            State::Open(_) | State::HalfOpen(_) => false,
        }
    }

    /// Whether it is known to be away.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// For how long it is left alone when it is given up now: 1, 2, 4 … s, up to the longest, at least half of it and
    /// the rest by chance. `random` is in 0..1.
    pub(super) fn next_rest(&self, now: Instant, rules: Rules, random: f64) -> Duration {
        let longest = FIRST_REST.saturating_mul(2_u32.saturating_pow(self.openings_at(now).min(16)));
        longest.min(rules.longest_rest).mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
    }

    /// Gives the server up until then.
    pub(super) fn open(&mut self, now: Instant, until: Moment) {
        self.openings = self.openings_at(now).saturating_add(1);
        self.failures = self.failures.max(1);
        self.state = State::Open(until);
    }

    fn openings_at(&self, now: Instant) -> u32 {
        let settled = matches!(self.state, State::Closed)
            && self.closed_at.is_none_or(|closed| now.duration_since(closed) > PROBATION);
        if settled { 0 } else { self.openings }
    }

    /// For the status.
    pub(super) fn shown(&self) -> Shown {
        match self.state {
            State::Closed => Shown::Closed,
            State::Open(until) => Shown::Open { until: until.shown },
            State::HalfOpen(_) => Shown::HalfOpen,
        }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }
}
