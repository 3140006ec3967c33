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

impl Pace {
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
        words.push(format!("{} per call", self.chunk));
        if self.pause_seconds > 0 {
            words.push(format!("{} s between", self.pause_seconds));
        }
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
    fn a_pace_reads_as_on_the_sheet() {
        let pace =
            Pace { chunk: 25, pause_seconds: 5, canary: Canary::Count(1), stop_above_percent: Some(10) };
        assert_eq!(pace.to_string(), "canary 1, 25 per call, 5 s between, stop above 10% failed");
    }
}
