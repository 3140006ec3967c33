//! How fast a job goes, and when it stops by itself.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The most targets that one request may carry (`horizon-rest.md section 6`).
pub const MAX_CHUNK: usize = 1000;
/// The longest pause between two requests, in seconds.
pub const MAX_PAUSE_SECONDS: u32 = 3600;
/// What a pace may say, as an example of each part.
const EXAMPLE: &str = "canary 1, 25 per call, 5 s between, stop above 10%";
/// What is longer is not said again: the line below has it, and the example needs the room.
const QUOTED: usize = 8;

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

impl FromStr for Canary {
    type Err = String;

    /// `1`, `1%` or `none`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no canary: a number such as 1, a share such as 1%, or none");
        if text == "none" || text == "0" {
            return Ok(Self::None);
        }
        let read = if text.ends_with('%') {
            percent(text).ok().map(Self::Percent)
        } else {
            text.parse().ok().map(Self::Count)
        };
        read.ok_or_else(wrong)
    }
}

/// A share such as `10%`, from 1 to 100; the sign may be missing.
pub fn percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let share = number.parse().ok().filter(|share| (1..=100).contains(share));
    share.ok_or_else(|| format!("\"{text}\" is no share from 1% to 100%"))
}

/// A pause such as `5s`, `90` or `2m`, in seconds.
pub fn seconds(text: &str) -> Result<u32, String> {
    let wrong = || format!("\"{text}\" is no time from 0 s to {MAX_PAUSE_SECONDS} s, such as 5s or 2m");
    let text = text.trim();
    let (number, factor) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    let seconds = number.trim().parse::<u32>().ok().and_then(|number| number.checked_mul(factor));
    seconds.filter(|seconds| *seconds <= MAX_PAUSE_SECONDS).ok_or_else(wrong)
}

/// How many targets one request may carry.
pub fn chunk(text: &str) -> Result<usize, String> {
    let chunk = text.trim().parse().ok().filter(|chunk| (1..=MAX_CHUNK).contains(chunk));
    chunk.ok_or_else(|| format!("\"{text}\" is no number from 1 to {MAX_CHUNK}"))
}

/// What is wrong with a pace that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaceError {
    /// Where, in characters from the beginning.
    pub column: usize,
    /// What, and what would be right.
    pub message: String,
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

/// The pause, in seconds, that slowing down gives to a pace without one.
const FIRST_PAUSE: u32 = 5;
/// More steps than any pace has in one direction.
const STEPS: i32 = 16;
/// The longest pause, in seconds, that slowing down makes.
const LONGEST_PAUSE: u32 = 300;
/// The largest chunk that speeding up makes; the wire's own limit holds as well.
const LARGEST_CHUNK: usize = 500;

impl Pace {
    /// The pace so many steps slower than this one; a negative number is faster. Each step halves the targets in a request
    /// and doubles the pause, or the other way round, with whole targets and seconds: half of 5 s is 2 s. It is counted
    /// from this pace, so that as many steps back lead to where one was. A pace without a pause gets
    /// [`FIRST_PAUSE`] at the first step down. Canary and stop line stay.
    #[must_use]
    fn step(self, slower: i32) -> Self {
        let steps = slower.unsigned_abs();
        let (chunk, pause) = (self.chunk, self.pause_seconds);
        let (chunk, pause_seconds) = if slower >= 0 {
            let first = if pause == 0 && steps > 0 { FIRST_PAUSE } else { pause };
            let doublings = if pause == 0 { steps.saturating_sub(1) } else { steps };
            let longer = u64::from(first).checked_shl(doublings).unwrap_or(u64::MAX);
            let longer = longer.min(u64::from(LONGEST_PAUSE.max(pause)));
            (chunk.checked_shr(steps).unwrap_or(0).max(1), longer as u32)
        } else {
            let larger = (chunk as u128).checked_shl(steps).unwrap_or(u128::MAX);
            let larger = larger.min(LARGEST_CHUNK.max(chunk) as u128);
            (larger as usize, pause.checked_shr(steps).unwrap_or(0))
        };
        Self { chunk, pause_seconds, ..self }
    }

    /// How many steps from the pace of the plan this one is; `None` where it is not on the way.
    fn steps_from(self, plan: Self) -> Option<i32> {
        (0..STEPS).flat_map(|steps| [steps, -steps]).find(|steps| plan.step(*steps) == self)
    }

    /// A step slower: half as many in a request, twice the pause. `plan` is the pace that the steps are counted from.
    #[must_use]
    pub fn slower(self, plan: Self) -> Self {
        match self.steps_from(plan) {
            Some(steps) => plan.step(steps + 1),
            None => self.step(1),
        }
    }

    /// A step faster: the exact inverse of [`Self::slower`].
    #[must_use]
    pub fn faster(self, plan: Self) -> Self {
        match self.steps_from(plan) {
            Some(steps) => plan.step(steps - 1),
            None => self.step(-1),
        }
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

    /// What a command line says for it beside the defaults: names of arguments and their values.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        let mut arguments = Vec::new();
        if self.canary != Canary::None {
            arguments.push(("canary", self.canary.to_string()));
        }
        if self.chunk != Self::default().chunk {
            arguments.push(("chunk", self.chunk.to_string()));
        }
        if self.pause_seconds > 0 {
            arguments.push(("pause", format!("{}s", self.pause_seconds)));
        }
        if let Some(percent) = self.stop_above_percent {
            arguments.push(("stop-above", format!("{percent}%")));
        }
        arguments
    }

    /// Whether so many failures among so many settled targets are too many.
    pub fn is_too_much(&self, failed: usize, settled: usize) -> bool {
        self.stop_above_percent
            .is_some_and(|percent| settled > 0 && failed * 100 > settled * usize::from(percent))
    }
}

impl FromStr for Pace {
    type Err = PaceError;

    /// The words of the sheet, comma between them, in any order. What is left out is as in [`Pace::default`].
    fn from_str(text: &str) -> Result<Self, PaceError> {
        let mut pace = Self::default();
        let mut begin = 0;
        for part in text.split(',') {
            let blanks = part.len() - part.trim_start().len();
            let column = text.get(..begin + blanks).unwrap_or_default().chars().count();
            begin += part.len() + 1;
            if !part.trim().is_empty() {
                pace.take(part.trim()).map_err(|message| PaceError { column, message })?;
            }
        }
        Ok(pace)
    }
}

impl Pace {
    /// Takes one part of a typed pace.
    fn take(&mut self, part: &str) -> Result<(), String> {
        let words: Vec<&str> = part.split_whitespace().collect();
        match words.as_slice() {
            ["canary", canary] => self.canary = canary.parse()?,
            [number, "per", "call"] | ["chunk", number] => self.chunk = chunk(number)?,
            [number, "s", "between"] | [number, "between"] | ["pause", number] => {
                self.pause_seconds = seconds(number)?;
            }
            ["stop", "above", share] | ["stop", "above", share, "failed"] => {
                self.stop_above_percent = Some(percent(share)?);
            }
            _ if part.chars().count() > QUOTED => return Err(format!("no pace; try {EXAMPLE}")),
            _ => return Err(format!("no pace: \"{part}\"; try {EXAMPLE}")),
        }
        Ok(())
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
        let slow = pace.slower(pace);
        assert_eq!((slow.chunk, slow.pause_seconds), (125, 5));
        assert_eq!((slow.canary, slow.stop_above_percent), (pace.canary, pace.stop_above_percent));
        let slowest = (0..20).fold(pace, |now, _| now.slower(pace));
        assert_eq!((slowest.chunk, slowest.pause_seconds), (1, 300));
        let fastest = (0..40).fold(slowest, |now, _| now.faster(pace));
        assert_eq!((fastest.chunk, fastest.pause_seconds), (500, 0));
        let patient = Pace { pause_seconds: 900, ..pace };
        assert_eq!(patient.slower(patient).pause_seconds, 900, "never a shorter pause");
    }

    #[test]
    fn a_step_back_leads_to_where_one_was() {
        for (chunk, pause_seconds) in [(25, 5), (250, 0), (1, 2), (1000, 900), (3, 7), (40, 40), (500, 1)] {
            let plan = Pace { chunk, pause_seconds, ..Pace::default() };
            let walk = |turn: fn(Pace, Pace) -> Pace| {
                std::iter::successors(Some(plan), move |now| {
                    Some(turn(*now, plan)).filter(|next| next != now)
                })
            };
            let slower: Vec<_> = walk(Pace::slower).collect();
            let faster: Vec<_> = walk(Pace::faster).collect();
            assert!(slower.len() < STEPS as usize && faster.len() < STEPS as usize, "{plan}");
            for pair in slower.windows(2) {
                assert_eq!(pair[1].faster(plan), pair[0], "{plan}");
            }
            for pair in faster.windows(2) {
                assert_eq!(pair[1].slower(plan), pair[0], "{plan}");
            }
        }
        let plan = Pace { chunk: 10, pause_seconds: 2, ..Pace::default() };
        assert_eq!(plan.slower(plan).pause_seconds, 4);
        let plan = Pace { pause_seconds: 5, ..plan };
        assert_eq!(plan.faster(plan).pause_seconds, 2, "half, in whole seconds");
        let other = Pace { chunk: 7, ..plan };
        assert_eq!(other.slower(plan).pause_seconds, 10, "a pace from elsewhere is where the steps begin");
    }

    #[test]
    fn what_a_pace_says_is_understood_again() {
        for canary in [Canary::None, Canary::Count(3), Canary::Percent(1)] {
            for (chunk, pause_seconds, stop_above_percent) in [(250, 0, None), (1, 90, Some(100))] {
                let pace = Pace { chunk, pause_seconds, canary, stop_above_percent };
                assert_eq!(pace.to_string().parse(), Ok(pace), "{pace}");
            }
        }
        let short: Pace = "pause 2m , chunk 5,stop above 10".parse().unwrap();
        assert_eq!(short.to_string(), "5 per call, 120 s between, stop above 10% failed");
        assert_eq!("".parse(), Ok(Pace::default()));
    }

    #[test]
    fn a_wrong_pace_says_where_and_what_would_be_right() {
        for (text, column, word) in [
            ("canary 1, 0 per call", 10, "from 1 to 1000"),
            ("canary 101%", 0, "such as 1%"),
            ("canary x", 0, "such as 1"),
            ("5 h between", 0, "stop above 10%"),
            ("9999 s between", 0, "3600 s"),
            ("25 per call, stop above 0%", 13, "from 1% to 100%"),
            ("slowly", 0, "\"slowly\"; try canary 1"),
        ] {
            let error = text.parse::<Pace>().unwrap_err();
            assert_eq!(error.column, column, "{text}");
            assert!(error.message.contains(word), "{}", error.message);
        }
    }

    #[test]
    fn a_pace_reads_as_on_the_sheet() {
        let pace =
            Pace { chunk: 25, pause_seconds: 5, canary: Canary::Count(1), stop_above_percent: Some(10) };
        assert_eq!(pace.to_string(), "canary 1, 25 per call, 5 s between, stop above 10% failed");
    }
}
