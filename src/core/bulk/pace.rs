//! How fast a job goes, and when it stops by itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The first targets of a job, which go alone: the rest waits until it is seen what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Canary {
    /// No canary: everything goes at once.
    #[default]
    None,
    /// So many targets.
    Count(u32),
    /// This share of the targets, in percent, rounded up.
    Percent(u8),
}

impl Canary {
    /// How many of `targets` go first; 0 for no canary.
    pub fn of(self, targets: usize) -> usize {
        match self {
            Self::None => 0,
            Self::Count(count) => targets.min(count as usize),
            Self::Percent(percent) => (targets * usize::from(percent.min(100))).div_ceil(100),
        }
    }
}

impl fmt::Display for Canary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.pad("none"),
            Self::Count(count) => formatter.pad(&count.to_string()),
            Self::Percent(percent) => formatter.pad(&format!("{percent}%")),
        }
    }
}

/// How fast a job goes, and when it stops by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// Targets in one request; the wire's own limit holds as well.
    pub chunk: usize,
    /// Seconds between the answer to a chunk and the next one.
    pub pause_seconds: u32,
    /// Who goes first.
    pub canary: Canary,
    /// The share of failures among those that were settled, in percent, above which nothing more is sent.
    pub stop_above_percent: Option<u8>,
}

impl Default for Pace {
    fn default() -> Self {
        // Large enough for few requests under a tight rate limit, small enough that one lost answer leaves few
        // targets unknown and that progress is seen.
        Self { chunk: 250, pause_seconds: 0, canary: Canary::None, stop_above_percent: None }
    }
}

/// The least pause, in seconds, that slowing down adds.
const LEAST_PAUSE: u32 = 5;
/// The longest pause, in seconds, that slowing down makes.
const LONGEST_PAUSE: u32 = 300;
/// The largest chunk that speeding up makes; the wire's own limit holds as well.
const LARGEST_CHUNK: usize = 500;

impl Pace {
    /// Half as many in a request, and twice the pause between them; canary and stop line stay.
    #[must_use]
    pub fn slower(self) -> Self {
        let pause_seconds = self.pause_seconds.saturating_mul(2).clamp(LEAST_PAUSE, LONGEST_PAUSE);
        Self { chunk: (self.chunk / 2).max(1), pause_seconds: pause_seconds.max(self.pause_seconds), ..self }
    }

    /// Twice as many in a request, and half the pause between them; canary and stop line stay.
    #[must_use]
    pub fn faster(self) -> Self {
        let pause_seconds = if self.pause_seconds <= LEAST_PAUSE { 0 } else { self.pause_seconds / 2 };
        let chunk = self.chunk.saturating_mul(2).clamp(1, LARGEST_CHUNK.max(self.chunk));
        Self { chunk, pause_seconds, ..self }
    }

    /// The part that holds for every chunk: `25 per call, 5 s between`.
    pub fn rhythm(&self) -> String {
        let between = if self.pause_seconds > 0 {
            format!(", {} s between", self.pause_seconds)
        } else {
            String::new()
        };
        format!("{} per call{between}", self.chunk)
    }

    /// Whether so many failures among so many settled targets are too many.
    pub fn is_too_much(&self, failed: usize, settled: usize) -> bool {
        self.stop_above_percent
            .is_some_and(|percent| settled > 0 && failed * 100 > settled * usize::from(percent))
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        if self.canary != Canary::None {
            words.push(format!("canary {}", self.canary));
        }
        words.push(self.rhythm());
        if let Some(percent) = self.stop_above_percent {
            words.push(format!("stop above {percent}% failed"));
        }
        formatter.pad(&words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_never_more_than_there_is() {
        assert_eq!(Canary::Count(5).of(3), 3);
        assert_eq!(Canary::Percent(1).of(3000), 30);
        assert_eq!(Canary::Percent(1).of(40), 1);
        assert_eq!(Canary::None.of(40), 0);
    }

    #[test]
    fn the_stop_line_is_a_share_of_what_is_known() {
        let pace = Pace { stop_above_percent: Some(10), ..Pace::default() };
        assert!(!pace.is_too_much(0, 0));
        assert!(!pace.is_too_much(1, 10));
        assert!(pace.is_too_much(2, 10));
        assert!(!Pace::default().is_too_much(10, 10));
    }

    #[test]
    fn slower_and_faster_have_ends_and_keep_what_protects() {
        let pace = Pace { canary: Canary::Count(1), stop_above_percent: Some(10), ..Pace::default() };
        let slow = pace.slower();
        assert_eq!((slow.chunk, slow.pause_seconds), (125, 5));
        assert_eq!((slow.canary, slow.stop_above_percent), (pace.canary, pace.stop_above_percent));
        let slowest = (0..20).fold(pace, |pace, _| pace.slower());
        assert_eq!((slowest.chunk, slowest.pause_seconds), (1, 300));
        assert_eq!((slow.faster().chunk, slow.faster().pause_seconds), (250, 0));
        let fastest = (0..20).fold(slowest, |pace, _| pace.faster());
        assert_eq!((fastest.chunk, fastest.pause_seconds), (500, 0));
        let patient = Pace { pause_seconds: 900, ..pace };
        assert_eq!(patient.slower().pause_seconds, 900, "never a shorter pause");
    }

    #[test]
    fn a_pace_reads_as_on_the_sheet() {
        let pace =
            Pace { chunk: 25, pause_seconds: 5, canary: Canary::Count(1), stop_above_percent: Some(10) };
        assert_eq!(pace.to_string(), "canary 1, 25 per call, 5 s between, stop above 10% failed");
    }
}
