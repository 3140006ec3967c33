//! The simulator's clock: real, accelerated, or moved by tests.
//!
//! Everything of the estate (idle times, token lifetimes, event times) follows this clock; only throttling
//! and network faults follow the real one, because clients wait for those in real time.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// How simulated time passes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ClockMode {
    /// As real time does.
    #[default]
    Real,
    /// This many simulated seconds for each real second.
    Accelerated(f64),
    /// Only when told to, from this moment on.
    Manual {
        /// The moment at which the estate starts.
        start: jiff::Timestamp,
    },
}

impl ClockMode {
    /// The moment at which a manual clock starts unless another one is named: 2026-03-02T09:00:00Z, a Monday.
    pub fn manual() -> Self {
        let start = jiff::Timestamp::from_second(1_772_442_000).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Self::Manual { start }
    }
}

/// A clock mode that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a clock: use `real`, `xN` (as in `x60`) or `manual`")]
pub struct ClockModeError(String);

impl FromStr for ClockMode {
    type Err = ClockModeError;

    /// Reads `real`, `manual`, or `xN` with a factor between 0 and 100,000.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "real" => Ok(Self::Real),
            "manual" => Ok(Self::manual()),
            other => other
                .strip_prefix('x')
                .and_then(|factor| factor.parse::<f64>().ok())
                .filter(|factor| factor.is_finite() && *factor > 0.0 && *factor <= 100_000.0)
                .map(Self::Accelerated)
                .ok_or_else(|| ClockModeError(other.to_owned())),
        }
    }
}

impl fmt::Display for ClockMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => formatter.write_str("real"),
            Self::Accelerated(factor) => write!(formatter, "x{factor}"),
            Self::Manual { .. } => formatter.write_str("manual"),
        }
    }
}

/// A running clock; times are epoch milliseconds.
#[derive(Debug)]
pub(crate) struct SimClock {
    factor: f64,
    started_at: i64,
    started: Instant,
    /// What tests added to the passing of time, in milliseconds.
    added: AtomicI64,
}

impl SimClock {
    pub(crate) fn new(mode: ClockMode) -> Self {
        let (factor, started_at) = match mode {
            ClockMode::Real => (1.0, jiff::Timestamp::now().as_millisecond()),
            ClockMode::Accelerated(factor) => (factor, jiff::Timestamp::now().as_millisecond()),
            ClockMode::Manual { start } => (0.0, start.as_millisecond()),
        };
        Self { factor, started_at, started: Instant::now(), added: AtomicI64::new(0) }
    }

    /// The simulated time in epoch milliseconds.
    pub(crate) fn now(&self) -> i64 {
        let passed =
            if self.factor > 0.0 { self.started.elapsed().as_secs_f64() * 1000.0 * self.factor } else { 0.0 };
        self.started_at + passed as i64 + self.added.load(Ordering::SeqCst)
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
        self.added.fetch_add(millis, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_modes_are_read_and_written() {
        assert_eq!("real".parse(), Ok(ClockMode::Real));
        assert_eq!("x60".parse(), Ok(ClockMode::Accelerated(60.0)));
        assert_eq!("x60".parse::<ClockMode>().unwrap().to_string(), "x60");
        for bad in ["x0", "x-1", "xNaN", "60", "fast", ""] {
            assert!(bad.parse::<ClockMode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = SimClock::new(ClockMode::manual());
        let before = clock.now();
        assert_eq!(clock.now(), before);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now(), before + 90_000);
    }
}
