//! What a journal tells of a course: who was warned, how far the countdown is, and who is to be forced.
//!
//! Messages are written down as requests are: the intent before they leave, what became of them after it. They are no
//! outcomes of the targets: of whoever was warned only, nobody was logged off.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    core::bulk::{Course, Step},
    domain::{Fault, FaultKind, Outcome, Verb},
};

/// What a course writes down beside intents and outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CourseLine {
    /// A message is about to leave for these targets. On disk before it does.
    Messaging {
        /// [`Step::Warn`] for the first message, [`Step::Wait`] for a reminder.
        step: Step,
        /// Its targets.
        places: Vec<usize>,
        /// Seconds that are left of the wait.
        left_seconds: u32,
    },
    /// What became of a message.
    Messaged {
        /// See [`Self::Messaging`].
        step: Step,
        /// Place in the plan, and what became of the message.
        outcomes: Vec<(usize, Outcome)>,
    },
    /// Where the countdown stands.
    Countdown {
        /// Whether it goes on.
        state: CountdownState,
        /// Seconds that are left.
        left_seconds: u32,
    },
}

/// Whether a countdown goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountdownState {
    /// It does.
    Runs,
    /// It stands still.
    Held,
    /// It is at its end: the logoff comes.
    Over,
    /// The operator cancelled it: nobody is logged off. Whoever goes on after that warns anew.
    Cancelled,
}

/// How far a course came, as its journal tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseSoFar {
    /// What became of the first message, by place; [`Outcome::Sent`] when that is not known.
    pub messages: BTreeMap<usize, Outcome>,
    /// Who was told of a logoff by a warning that was taken back with the countdown, by place.
    #[serde(default)]
    pub told: BTreeSet<usize>,
    /// How many reminders the server took for each, by place.
    pub reminders: BTreeMap<usize, usize>,
    /// Who was, or may have been, sent a forced logoff.
    pub forced: BTreeSet<usize>,
    /// When the newest polite logoff was about to leave.
    pub logoff_at: Option<Timestamp>,
    /// When the last word on a warning came.
    warned_at: Option<Timestamp>,
    countdown: Option<Mark>,
    /// Seconds that were left when the last reminder left, or when the countdown was last told.
    reminded_at: Option<u32>,
}

/// Where a countdown was at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    at: Timestamp,
    state: CountdownState,
    left_seconds: u32,
}

/// Whether the server took a message.
fn was_taken(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted | Outcome::Confirmed)
}

impl CourseSoFar {
    /// Takes that a request is about to leave.
    pub(super) fn intent(&mut self, at: Timestamp, places: &[usize], request: &str) {
        if request == Verb::LogoffForced.name() {
            self.forced.extend(places);
        } else {
            self.logoff_at = Some(at);
        }
    }

    /// Takes what became of a target. A forced logoff that was thrown back, or that a look showed not to have worked
    /// although nobody answered it, may be sent again.
    pub(super) fn outcome(&mut self, place: usize, outcome: &Outcome, was_unanswered: bool) {
        if *outcome == Outcome::Unsent || *outcome == Outcome::StillListed && was_unanswered {
            self.forced.remove(&place);
        }
    }

    /// Takes a line.
    pub(super) fn take(&mut self, at: Timestamp, line: &CourseLine) {
        match line {
            CourseLine::Messaging { step: Step::Warn, places, .. } => {
                self.messages.extend(places.iter().map(|place| (*place, Outcome::Sent)));
            }
            CourseLine::Messaging { left_seconds, .. } => self.reminded_at = Some(*left_seconds),
            CourseLine::Messaged { step: Step::Warn, outcomes } => {
                self.warned_at = Some(at);
                self.messages.extend(outcomes.iter().cloned());
            }
            CourseLine::Messaged { outcomes, .. } => {
                for (place, _) in outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Accepted) {
                    *self.reminders.entry(*place).or_default() += 1;
                }
            }
            CourseLine::Countdown { state: CountdownState::Cancelled, .. } => {
                let taken = self.messages.iter().filter(|(_, outcome)| was_taken(outcome));
                self.told.extend(taken.map(|(place, _)| *place));
                self.forget_warnings();
            }
            CourseLine::Countdown { state, left_seconds } => {
                self.countdown = Some(Mark { at, state: *state, left_seconds: *left_seconds });
                self.reminded_at = Some(*left_seconds);
            }
        }
    }

    /// Lines are lost, or what they say does not hold any more: everybody is warned anew, and gets the whole time.
    pub(super) fn forget_warnings(&mut self) {
        self.messages.clear();
        self.reminders.clear();
        (self.warned_at, self.countdown, self.reminded_at) = (None, None, None);
    }

    /// Whether a target was told of a logoff, as far as its journal tells.
    pub fn was_told(&self, place: usize) -> bool {
        self.told.contains(&place) || self.messages.get(&place).is_some_and(was_taken)
    }

    /// Whether the first message is still to be sent to a target: there is no word on it. What was refused, or got no
    /// answer, is not sent again; nobody is logged off because of it.
    pub fn is_to_be_warned(&self, place: usize) -> bool {
        self.messages.get(&place).is_none_or(|outcome| *outcome == Outcome::Sent)
    }

    /// Seconds that are left of the wait, when nobody has to be warned any more. A clock that was set back since then
    /// makes it no longer; one that was set forward, or a job that nobody went on with in time, means "now".
    pub fn left_seconds(&self, course: &Course, now: Timestamp) -> u32 {
        let gone_by = |since: Timestamp| now.duration_since(since).max(SignedDuration::ZERO).as_secs();
        let less =
            |seconds: u32, gone: i64| u32::try_from(i64::from(seconds).saturating_sub(gone)).unwrap_or(0);
        match (self.countdown, self.warned_at) {
            (Some(Mark { state: CountdownState::Over, .. }), _) => 0,
            (Some(Mark { at, state: CountdownState::Runs, left_seconds }), _) => {
                less(left_seconds, gone_by(at))
            }
            (Some(Mark { left_seconds, .. }), _) => left_seconds,
            (None, Some(at)) => less(course.wait_seconds, gone_by(at)),
            (None, None) => course.wait_seconds,
        }
    }

    /// Seconds before the logoff up to which reminders were sent, or passed: earlier ones do not come again.
    pub fn reminded_until(&self, course: &Course) -> u32 {
        self.reminded_at.unwrap_or(course.wait_seconds)
    }

    /// When force is due, so many seconds after the polite logoff; `None` when none has left.
    pub fn force_at(&self, after_seconds: u32) -> Option<Timestamp> {
        let span = SignedDuration::from_secs(i64::from(after_seconds));
        self.logoff_at.map(|at| at.saturating_add(span).unwrap_or(Timestamp::MAX))
    }

    /// Whether a target waits for force: it refused the polite logoff as locked, or is not seen to have ended.
    pub fn awaits_force(&self, place: usize, outcome: &Outcome) -> bool {
        !self.forced.contains(&place) && (*outcome == Outcome::Accepted || is_case_for_force(outcome))
    }
}

/// Whether force is for a target with this outcome of a polite logoff.
pub fn is_case_for_force(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::StillListed => true,
        Outcome::Refused(fault) => is_locked(fault),
        _ => false,
    }
}

/// Whether a refusal says that the session is locked.
fn is_locked(fault: &Fault) -> bool {
    fault.kind == FaultKind::InvalidState
}
