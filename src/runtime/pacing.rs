//! When the next frame may be drawn: when the terminal has shown the last one, as far as it tells.
//!
//! A write that was taken says nothing: between here and the terminal lies whatever the operating system and an SSH server
//! are willing to keep, which is many frames. So each frame is followed by a status query, and its answer means that all
//! before it was worked through. Terminals that never answer are drawn on as fast as they take bytes.

use std::time::Duration;

use tokio::time::Instant;

/// How long an answer is waited for from a terminal of which nothing is known yet.
const FIRST: Duration = Duration::from_secs(1);
/// How long from one that has answered before: a frame on a slow line takes its time.
const KNOWN: Duration = Duration::from_secs(5);
/// After so many answers in a row that did not come, none is waited for any more.
const MISSED: u32 = 2;

/// What is known of the terminal's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// Nothing.
    Unknown,
    /// It answers.
    Answers,
    /// It does not.
    Silent,
}

/// Decides when the next frame may be drawn.
#[derive(Debug)]
pub(super) struct Pacing {
    habit: Habit,
    /// Whether an answer to the last query is missing. One to an earlier query, which was given up, counts for it: then
    /// one frame more is on its way, until that one is answered.
    open: bool,
    /// When it left.
    asked_at: Instant,
    missed: u32,
    /// How long the last answer took.
    pub(super) took: Option<Duration>,
}

impl Pacing {
    /// Nothing was asked yet.
    pub(super) fn new(now: Instant) -> Self {
        Self { habit: Habit::Unknown, open: false, asked_at: now, missed: 0, took: None }
    }

    /// A frame with a query was handed over.
    pub(super) fn asked(&mut self, now: Instant) {
        if self.is_open() {
            self.missed += 1;
            if self.missed >= MISSED || self.habit == Habit::Unknown {
                self.habit = Habit::Silent;
            }
        }
        self.open = true;
        self.asked_at = now;
    }

    /// An answer came.
    pub(super) fn answered(&mut self, now: Instant) {
        (self.habit, self.missed) = (Habit::Answers, 0);
        self.open = false;
        self.took = Some(now.saturating_duration_since(self.asked_at));
    }

    /// Whether an answer may still come.
    pub(super) fn is_open(&self) -> bool {
        self.open && self.habit != Habit::Silent
    }

    /// From when on the next frame may be drawn without an answer; `None` when it may be at once.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        let patience = match self.habit {
            Habit::Unknown => FIRST,
            Habit::Answers => KNOWN,
            Habit::Silent => return None,
        };
        self.open.then(|| self.asked_at + patience)
    }

    /// Whether the next frame may be drawn.
    pub(super) fn is_free(&self, now: Instant) -> bool {
        self.waits_until().is_none_or(|until| now >= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_frame_is_on_its_way_to_a_terminal_that_answers() {
        let begin = Instant::now();
        let mut pacing = Pacing::new(begin);
        assert!(pacing.is_free(begin));
        for round in 0..3 {
            let now = begin + Duration::from_secs(round);
            pacing.asked(now);
            assert!(!pacing.is_free(now + Duration::from_millis(900)));
            pacing.answered(now + Duration::from_millis(950));
            assert!(pacing.is_free(now + Duration::from_millis(950)));
            assert_eq!(pacing.took, Some(Duration::from_millis(950)));
        }
        pacing.asked(begin);
        assert!(!pacing.is_free(begin + Duration::from_secs(4)), "known to answer, it is waited for longer");
        assert!(pacing.is_free(begin + KNOWN), "but not for ever");
    }

    #[test]
    fn a_silent_terminal_costs_one_wait() {
        let begin = Instant::now();
        let mut pacing = Pacing::new(begin);
        pacing.asked(begin);
        assert!(!pacing.is_free(begin) && pacing.is_open());
        assert_eq!(pacing.waits_until(), Some(begin + FIRST));
        pacing.asked(begin + FIRST);
        assert!(pacing.is_free(begin + FIRST) && !pacing.is_open());
        // It speaks after all.
        pacing.answered(begin + FIRST);
        pacing.asked(begin + FIRST);
        assert!(!pacing.is_free(begin + FIRST));
    }

    #[test]
    fn a_lost_answer_is_forgiven_and_a_terminal_that_fell_silent_is_not_waited_for() {
        let begin = Instant::now();
        let mut pacing = Pacing::new(begin);
        pacing.asked(begin);
        pacing.answered(begin);
        for _ in 0..2 {
            pacing.asked(begin);
        }
        assert!(!pacing.is_free(begin));
        pacing.asked(begin);
        assert!(pacing.is_free(begin), "two answers in a row did not come");
    }
}
