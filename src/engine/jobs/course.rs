//! Warn, wait, log off, force.
//!
//! Who left meanwhile or came back is held back by the reading that comes before each message and each logoff; who was not
//! warned is held back too. What became of the messages is told beside the outcomes: those are about the logoff.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{orders::Woken, runner::Runner};
use crate::{
    core::bulk::{
        Course, Deadlines, HoldReason, JobEvent, Stage, Step,
        journal::{CountdownState, CourseLine, is_case_for_force},
    },
    domain::{Outcome, Text, Verb},
    engine::pacing::Break,
};

/// The same reminder does not come again within this time.
const REPEATED: Duration = Duration::from_mins(1);

/// A countdown: how much of it is over, and since when it goes on.
#[derive(Debug)]
struct Countdown {
    over: Duration,
    mark: Instant,
    held: bool,
}

impl Countdown {
    fn start() -> Self {
        Self { over: Duration::ZERO, mark: Instant::now(), held: false }
    }

    /// Takes the time since it was last looked at, unless it stood still.
    fn tick(&mut self, held: bool) {
        let now = Instant::now();
        if !self.held {
            self.over += now - self.mark;
        }
        self.mark = now;
        self.held = held;
    }

    /// What is left of so many seconds.
    fn left(&self, seconds: u64) -> Duration {
        Duration::from_secs(seconds).saturating_sub(self.over)
    }
}

impl Runner {
    /// Takes the steps of a course.
    pub(super) async fn take_course(&mut self, course: &Course) -> Result<(), Break> {
        let open = self.places_where(|outcome| *outcome == Outcome::Unsent);
        if !open.is_empty() {
            let (left, reminded) = self.warn(course, open).await?;
            if !course.even_unwarned {
                self.hold_unwarned().await?;
            }
            self.count_down(course, left, reminded).await?;
        }
        self.tell(JobEvent::Entered(Stage::Step(Step::Logoff))).await?;
        self.log_off(course).await?;
        if course.force_after_seconds.is_some() {
            self.force().await?;
        }
        self.tell(JobEvent::Entered(Stage::Sending)).await
    }

    /// Warns those that were not warned yet. Returns the seconds of the wait that are left, and the seconds before its
    /// end up to which reminders were sent: the whole time when anybody was warned now, else what an earlier run left.
    async fn warn(&mut self, course: &Course, open: Vec<usize>) -> Result<(u32, u32), Break> {
        let is_due = |place: &usize| self.so_far.is_to_be_warned(*place);
        let due: Vec<usize> = open.into_iter().filter(is_due).collect();
        if due.is_empty() {
            let left = self.so_far.left_seconds(course, self.clock.now());
            self.note(&format!("the countdown goes on: all were warned before, {left} s are left")).await?;
            return Ok((left, self.so_far.reminded_until(course)));
        }
        self.tell(JobEvent::Entered(Stage::Step(Step::Warn))).await?;
        self.message(Step::Warn, &course.warning, course.wait_seconds, due).await?;
        self.note("the countdown begins").await?;
        Ok((course.wait_seconds, course.wait_seconds))
    }

    /// Holds those back whose message the server did not take.
    async fn hold_unwarned(&mut self) -> Result<(), Break> {
        let open = self.places_where(|outcome| *outcome == Outcome::Unsent);
        // Whose pod is given up stays unsent, and may be warned when the job is gone on with.
        let unwarned = |place: &usize| !self.job.was_warned(*place) && !self.is_given_up(*place);
        let held = open.into_iter().filter(unwarned).map(|place| {
            let why = match self.job.messages.get(&place) {
                Some(Outcome::NoAnswer(_) | Outcome::Sent) => Text::clean("its message got no answer"),
                Some(outcome) => outcome
                    .fault()
                    .map_or_else(|| Text::clean("its message was not taken"), |fault| fault.message.clone()),
                None => Text::clean("its message was not sent"),
            };
            (place, HoldReason::NotWarned(why).outcome())
        });
        let held = held.collect();
        self.settle(held).await
    }

    /// Waits for so many seconds, reminds, and listens to the operator meanwhile. Reminders from `before` seconds before
    /// the end on are still to be sent.
    async fn count_down(&mut self, course: &Course, wait: u32, mut before: u32) -> Result<(), Break> {
        let mut countdown = Countdown::start();
        let mut told = None;
        // The last reminder: by when it is due, and when it left.
        let mut last: Option<(u32, Instant)> = None;
        loop {
            let orders = self.orders.now();
            if self.orders.is_stopped() {
                return Err(Break::Stopped);
            }
            if orders.countdown_cancelled {
                self.note("the countdown was cancelled: nobody is logged off").await?;
                self.record_countdown(CountdownState::Cancelled, 0).await?;
                return Err(Break::Stopped);
            }
            // A job that is to send nothing does not run towards its logoff either.
            let held = orders.countdown_held || orders.paused;
            countdown.tick(held);
            let seconds = i64::from(wait).saturating_add(orders.countdown_change);
            let seconds = u64::try_from(seconds).unwrap_or(0);
            let left = countdown.left(seconds);
            let left_seconds = whole_seconds(left);
            if told != Some((held, seconds)) {
                self.tell_countdown(held, left).await?;
                told = Some((held, seconds));
            }
            if held {
                self.orders.changed().await?;
                continue;
            }
            let mut open = self.places_where(|outcome| *outcome == Outcome::Unsent);
            open.retain(|place| !self.is_given_up(*place));
            if left.is_zero() || open.is_empty() {
                break;
            }
            // Made longer and shorter again within moments, the same words would come twice.
            let is_news = |due: &u32| last.is_none_or(|(told, at)| told != *due || at.elapsed() >= REPEATED);
            let due = course.due(before, left_seconds);
            if let Some(reminder) = due.filter(|reminder| is_news(&reminder.before_seconds)) {
                last = Some((reminder.before_seconds, Instant::now()));
                self.message(Step::Wait, &reminder.text, left_seconds, open).await?;
                // Reading again tells who left; the screen shows the countdown again.
                told = None;
                before = left_seconds;
                continue;
            }
            before = left_seconds;
            let next = Duration::from_secs(u64::from(course.next_reminder(left_seconds)));
            if self.orders.sleep(left.saturating_sub(next)).await? == Woken::ByWish {
                self.note_wish(orders).await?;
            }
        }
        self.note("the countdown is over").await?;
        self.record_countdown(CountdownState::Over, 0).await
    }

    async fn record_countdown(&self, state: CountdownState, left_seconds: u32) -> Result<(), Break> {
        let says = CourseLine::Countdown { state, left_seconds };
        self.record.course(&says).await.map_err(Break::GaveUp)
    }

    async fn tell_countdown(&mut self, held: bool, left: Duration) -> Result<(), Break> {
        let left_seconds = whole_seconds(left);
        let state = if held { CountdownState::Held } else { CountdownState::Runs };
        self.record_countdown(state, left_seconds).await?;
        let span = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
        let until = (!held).then(|| Timestamp::now().saturating_add(span).unwrap_or(Timestamp::MAX));
        self.tell(JobEvent::Entered(Stage::Countdown { until, left_seconds })).await
    }

    /// Writes down what the operator changed.
    async fn note_wish(&mut self, before: crate::core::bulk::Orders) -> Result<(), Break> {
        let now = self.orders.now();
        let change = now.countdown_change - before.countdown_change;
        if change != 0 {
            let words = if change < 0 { "shortened" } else { "made longer" };
            self.note(&format!("the countdown was {words} by {} s", change.unsigned_abs())).await?;
        }
        if now.countdown_held != before.countdown_held {
            let words = if now.countdown_held { "held" } else { "let go on" };
            self.note(&format!("the countdown was {words}")).await?;
        }
        Ok(())
    }

    /// The polite logoff, and the look-out for it until the deadline of the plan or the one after which force comes.
    async fn log_off(&mut self, course: &Course) -> Result<(), Break> {
        let plans = self.plan.terms.deadlines;
        if let Some(seconds) = course.force_after_seconds {
            self.deadlines = Some(Deadlines { logoff: seconds, ..plans.unwrap_or_default() });
        }
        let open = self.places_where(|outcome| *outcome == Outcome::Unsent);
        let earlier = self.so_far.force_at(course.force_after_seconds.unwrap_or_default());
        let earlier = earlier.filter(|_| open.is_empty());
        self.deed(Verb::Logoff, open).await?;
        let Some(seconds) = course.force_after_seconds else {
            return self.confirm(false).await;
        };
        let wait = SignedDuration::from_secs(i64::from(seconds));
        let deadline = Timestamp::now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        // Nobody was logged off now: the time goes on that the earlier run promised.
        let deadline = earlier.map_or(deadline, |earlier| earlier.min(deadline));
        self.look_after_logoff(deadline).await?;
        let until = self.confirmer.last_deadline().map_or(deadline, |last| last.max(deadline));
        if self.confirmer.is_empty() && self.to_force().is_empty() {
            return Ok(());
        }
        self.tell(JobEvent::Entered(Stage::BeforeForce { until })).await?;
        self.look_out().await?;
        // Those that refused get the same time: they were promised it.
        while !self.to_force().is_empty() {
            let left = Duration::try_from(deadline.duration_since(Timestamp::now())).unwrap_or_default();
            if left.is_zero() || self.orders.sleep(left).await? == Woken::ByTime {
                break;
            }
        }
        Ok(())
    }

    /// Those that refused as locked, and those that are still listed. Whoever was forced already is not forced again.
    fn to_force(&self) -> Vec<usize> {
        let mut places = self.places_where(is_case_for_force);
        places.retain(|place| !self.forced.contains(place));
        places
    }

    /// Whether what became of a target is no failure, because force comes for it.
    pub(super) fn awaits_force(&self, place: usize) -> bool {
        self.plan.terms.course.as_ref().is_some_and(|course| course.force_after_seconds.is_some())
            && !self.forced.contains(&place)
            && self.job.outcomes.get(place).is_some_and(is_case_for_force)
    }

    /// The forced logoff of those that need it.
    async fn force(&mut self) -> Result<(), Break> {
        let places = self.to_force();
        if places.is_empty() {
            return Ok(());
        }
        self.tell(JobEvent::Entered(Stage::Step(Step::Force))).await?;
        self.note(&format!("force for {} that refused as locked or are still listed", places.len())).await?;
        self.deadlines = Some(self.plan.terms.deadlines.unwrap_or_default());
        self.deed(Verb::LogoffForced, places).await?;
        self.confirm(false).await
    }

    pub(super) async fn note(&self, words: &str) -> Result<(), Break> {
        self.record.note(words).await.map_err(Break::GaveUp)
    }
}

/// Seconds, rounded up: a countdown shows 0 when it is over, not before.
fn whole_seconds(left: Duration) -> u32 {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
