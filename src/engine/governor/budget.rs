//! What one API of a server takes, as far as it has been learned. Pure.
//!
//! A server takes so many calls of an API in a span of time, and says neither number (`horizon-rest.md section 6`). It
//! says how long to wait when there were too many. From that both are worked out: calls are counted from the moment at
//! which the span certainly began, until a 429 comes; the told wait leads to its end. From then on the calls stop by
//! themselves where the budget ends, and go on as soon as the next span has certainly begun: nothing runs into the next
//! 429. Now and then one call more is tried, ever more rarely while that is refused.

use std::time::Duration;

use tokio::time::Instant;

use super::clock::{Clock, Moment};
use crate::api::RequestClass;

/// Added to every wait: the server's clock and ours do not tick together.
const MARGIN: Duration = Duration::from_millis(10);

/// How much of a told wait is added by chance at most, so that several clients do not come back together.
const JITTER: f64 = 0.02;
const LONGEST_JITTER: Duration = Duration::from_millis(250);

/// What polls and look-ups get of a budget that a job needs: little, but never nothing, because what a round does not
/// give is saved for a later one.
const SHARE: f64 = 0.03;

/// A job counts as needing the budget for so many spans after its last call, and at least so long.
const JOB_SPANS: u32 = 2;
const JOB_LEAST: Duration = Duration::from_secs(5);

/// Without a learned budget, counting begins anew after so long without a call.
const IDLE: Duration = Duration::from_secs(30);

/// So many clean rounds lie between what was learned first and the first try of one call more: a refusal costs a whole told wait.
const FIRST_PATIENCE: u32 = 4;

/// At most so many clean rounds lie between two tries of one call more.
const LONGEST_PATIENCE: u32 = 32;

/// So many calls in such a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Learned {
    pub(super) calls: u32,
    pub(super) window: Duration,
    /// Rounds in which the budget was used up without a 429, since the last try of one call more.
    clean: u32,
    /// How many of them it takes to try.
    patience: u32,
    /// Told waits are whole seconds: the span is taken for the only whole number of seconds that fits, until that turns
    /// out wrong.
    whole: bool,
}

/// The calls since a span began.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// When the first left: the span began then or later.
    began: Instant,
    /// The first answer: the span had begun then. With the end of the round, if a budget is known.
    opened: Option<Instant>,
    ends: Option<Moment>,
    /// Whether nobody else had begun the span, as far as one can know.
    fresh: bool,
    /// Calls that left and were not refused.
    left: u32,
    /// Those that were answered.
    passed: u32,
    last: Instant,
    /// One call more than the budget is tried.
    trying: bool,
    /// When the first 429 came, and the wait that it told.
    refused: Option<(Instant, Duration)>,
}

/// Whether calls of one API may leave.
#[derive(Debug, Clone, Default)]
pub(super) struct Budget {
    told: Option<Moment>,
    round: Option<Round>,
    fresh: bool,
    learned: Option<Learned>,
    /// What polls and look-ups may take while a job needs the budget.
    credit: f64,
    job_seen: Option<Instant>,
}

impl Budget {
    /// Ends what is over.
    pub(super) fn roll(&mut self, now: Instant) {
        if self.told.is_some_and(|told| told.at <= now) {
            self.told = None;
            self.close();
            self.fresh = true;
        }
        let Some(round) = self.round else { return };
        match self.learned {
            Some(learned) => {
                // An answer that never comes must not hold the rest up for ever.
                let ends = round.ends.map_or(round.began + learned.window * 2, |ends| ends.at);
                if self.told.is_none() && ends <= now {
                    self.close();
                    self.fresh = true;
                }
            }
            None if self.told.is_none() && now.duration_since(round.last) > IDLE => {
                self.round = None;
                self.fresh = false;
            }
            None => {}
        }
    }

    /// Whether a call of this class may leave. `others` says whether polls or look-ups wait for the same: what they have
    /// saved is kept for them. Call [`Self::roll`] before.
    pub(super) fn may_leave(&self, class: RequestClass, others: bool, now: Instant) -> bool {
        if self.told.is_some() {
            return false;
        }
        let Some(learned) = self.learned else { return true };
        let (left, trying) = self.round.map_or((0, false), |round| (round.left, round.trying));
        let room = learned.calls.saturating_add(u32::from(trying)).saturating_sub(left);
        let saved = self.credit >= 1.0;
        match class {
            RequestClass::Job => room > u32::from(others && saved),
            RequestClass::Poll | RequestClass::Lookup => room > 0 && (saved || !self.is_contended(now)),
        }
    }

    /// When something changes for those who wait; `None` when nobody has to.
    pub(super) fn next_change(&self, class: RequestClass, others: bool, now: Instant) -> Option<Instant> {
        if let Some(told) = self.told {
            return Some(told.at);
        }
        let learned = self.learned.filter(|_| !self.may_leave(class, others, now))?;
        let round_ends =
            self.round.map(|round| round.ends.map_or(round.began + learned.window * 2, |ends| ends.at));
        // Without a round it is the job that is waited for.
        Some(round_ends.unwrap_or(now + learned.window))
    }

    /// Until when nothing of a job leaves, and whether the server said so itself.
    pub(super) fn held_until(&self, now: Instant) -> Option<(Moment, bool)> {
        if let Some(told) = self.told {
            return Some((told, true));
        }
        let (learned, round) = (self.learned?, self.round?);
        let used_up = round.left >= learned.calls.saturating_add(u32::from(round.trying));
        round.ends.filter(|_| used_up && self.is_contended(now)).map(|ends| (ends, false))
    }

    /// A call of a job waits.
    pub(super) fn job_waits(&mut self, now: Instant) {
        self.job_seen = Some(now);
    }

    /// A call leaves.
    pub(super) fn leaves(&mut self, class: RequestClass, now: Instant) {
        if class == RequestClass::Job {
            self.job_seen = Some(now);
        } else if self.learned.is_some() && self.is_contended(now) {
            self.credit -= 1.0;
        }
        let trying = self.learned.is_some_and(|learned| learned.clean >= learned.patience);
        let fresh = self.fresh;
        let round = self.round.get_or_insert(Round {
            began: now,
            opened: None,
            ends: None,
            fresh,
            left: 0,
            passed: 0,
            last: now,
            trying,
            refused: None,
        });
        round.left += 1;
        round.last = now;
    }

    /// A call that left at `started` was answered, or may have been carried out.
    pub(super) fn passed(&mut self, started: Instant, now: Instant, clock: &Clock) {
        let window = self.learned.map(|learned| learned.window);
        let Some(round) = self.round.as_mut().filter(|round| started >= round.began) else { return };
        round.passed += 1;
        if round.opened.is_none() {
            round.opened = Some(now);
            round.ends = window.map(|window| clock.after(window + MARGIN));
        }
    }

    /// A call never reached the server.
    pub(super) fn never_left(&mut self) {
        if let Some(round) = &mut self.round {
            round.left = round.left.saturating_sub(1);
        }
    }

    /// The server refused a call and told how long to wait.
    pub(super) fn refused(&mut self, now: Instant, wait: Duration, clock: &Clock) {
        let jitter = wait.mul_f64(JITTER * clock.random()).min(LONGEST_JITTER);
        let new = clock.after(wait + MARGIN + jitter);
        // A shorter word does not take back a longer one.
        if self.told.is_none_or(|told| new.at > told.at) {
            self.told = Some(new);
        }
        if let Some(round) = &mut self.round {
            round.left = round.left.saturating_sub(1);
            round.refused.get_or_insert((now, wait));
        }
    }

    /// What is known.
    pub(super) fn learned(&self) -> Option<Learned> {
        self.learned
    }

    fn is_contended(&self, now: Instant) -> bool {
        let window = self.learned.map_or(Duration::ZERO, |learned| learned.window);
        let memory = (window * JOB_SPANS).max(JOB_LEAST);
        self.job_seen.is_some_and(|seen| now.duration_since(seen) <= memory)
    }

    /// Ends a round and learns from it.
    fn close(&mut self) {
        let Some(round) = self.round.take() else { return };
        match (round.refused, &mut self.learned) {
            (Some((at, wait)), learned) => learn(learned, &round, at, wait),
            (None, Some(learned)) if round.trying && round.left > learned.calls => {
                (learned.calls, learned.clean, learned.patience) = (round.left, 0, 1);
            }
            (None, Some(learned)) if round.left >= learned.calls => learned.clean += 1,
            (None, _) => {}
        }
        if let Some(learned) = self.learned {
            let share = f64::from(learned.calls) * SHARE;
            self.credit = (self.credit + share).min(share.max(1.0));
        }
    }
}

/// Learns from a round in which a 429 came.
fn learn(learned: &mut Option<Learned>, round: &Round, refused_at: Instant, wait: Duration) {
    let elapsed = refused_at.duration_since(round.began);
    let span = elapsed + wait;
    if round.passed == 0 {
        // Somebody else used the span up, or ours is too short.
        if let Some(learned) = learned {
            learned.whole = false;
            learned.window = learned.window.max(wait);
        }
        return;
    }
    // A told wait that is longer than all the time since the first call: the span cannot have ended in between.
    if !round.fresh && elapsed >= wait {
        return;
    }
    match learned {
        None => {
            let window = whole_seconds(span);
            *learned = Some(Learned {
                calls: round.passed,
                window,
                clean: 0,
                patience: FIRST_PATIENCE,
                whole: true,
            });
        }
        Some(learned) if round.passed >= learned.calls => {
            // One call more was refused, as was to be expected; its told wait may show that the span is shorter.
            let window = if learned.whole { whole_seconds(span) } else { span };
            learned.window = learned.window.min(window);
            learned.calls = round.passed;
            learned.clean = 0;
            learned.patience = (learned.patience * 2).min(LONGEST_PATIENCE);
        }
        Some(learned) => {
            // Less than thought: somebody else takes a part, or the span is longer.
            learned.whole = false;
            *learned =
                Learned { calls: round.passed, window: span, clean: 0, patience: 1, whole: learned.whole };
        }
    }
}

/// The whole seconds in a span, at least one: what is told is rounded up, so the span that the server means is less than
/// a second shorter.
fn whole_seconds(span: Duration) -> Duration {
    Duration::from_secs(span.as_secs().max(1))
}
