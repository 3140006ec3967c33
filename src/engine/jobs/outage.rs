//! A server that goes away in the middle of a job: nobody can be weighed before he is acted on, so nobody is acted on.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{orders::Woken, runner::Runner};
use crate::{
    api::ReadAgain,
    core::bulk::{JobEvent, Stage},
    domain::{Fault, FaultKind, PodId, SessionId, Text},
    engine::pacing::Break,
};

/// The longest pause before it is asked again, in reading intervals; the first one is one interval.
const LONGEST_PAUSE: u32 = 4;
/// What is added to the wait that was told: asked a moment too early, it would be in vain.
const MARGIN: Duration = Duration::from_millis(100);

/// Why targets could not be read, when that is nothing about them: it may pass. Right after an outage a few are read
/// before the others, as a probe.
pub(super) fn outage(read: &ReadAgain, targets: &[(Option<PodId>, SessionId)]) -> Option<Fault> {
    let passes = |fault: &&Fault| {
        matches!(fault.kind, FaultKind::Unreachable | FaultKind::Throttled)
            || fault.status.is_some_and(|status| status >= 500)
    };
    targets.iter().filter_map(|(_, id)| read.unread.get(id)).find(passes).cloned()
}

/// How long a server that is away is still waited for.
#[derive(Debug)]
pub(super) struct Patience {
    every: Duration,
    pause: Duration,
    end: Instant,
    /// The same by the wall clock, to be told.
    given_up_at: Timestamp,
}

impl Patience {
    /// So much of it, from now on, for a job that reads at most every so often.
    pub(super) fn new(every: Duration, patience: Duration, now: Timestamp) -> Self {
        let span = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
        Self {
            every,
            pause: every,
            end: Instant::now() + patience,
            given_up_at: now.saturating_add(span).unwrap_or(Timestamp::MAX),
        }
    }

    /// When it is over.
    pub(super) fn end(&self) -> Instant {
        self.end
    }

    /// The pause before the server is asked again: as long as it said, never beyond the end. `None` when it is over.
    fn next_pause(&mut self, told: Option<Duration>) -> Option<Duration> {
        let left = self.end.saturating_duration_since(Instant::now());
        let pause = told.map_or(self.pause, |told| self.pause.max(told + MARGIN)).min(left);
        self.pause = (self.pause * 2).min(self.every * LONGEST_PAUSE);
        (!left.is_zero()).then_some(pause)
    }
}

impl Runner {
    /// Waits before a server that is away is asked again, and says so. `false` when it was waited for long enough.
    pub(super) async fn wait_out(&mut self, fault: &Fault, patience: &mut Patience) -> Result<bool, Break> {
        let Some(pause) = patience.next_pause(fault.retry_after) else { return Ok(false) };
        self.record.note(&format!("the targets cannot be read: {fault}")).await.map_err(Break::GaveUp)?;
        let span = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
        let until = self.clock.now().saturating_add(span).unwrap_or(Timestamp::MAX);
        let why = Text::clean(&fault.to_string());
        self.tell(JobEvent::Entered(Stage::Outage { until, given_up_at: patience.given_up_at, why })).await?;
        let end = Instant::now() + pause;
        while self.orders.sleep(end.saturating_duration_since(Instant::now())).await? == Woken::ByWish {}
        self.tell(JobEvent::Entered(Stage::Checking)).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_minute() -> Patience {
        Patience::new(Duration::from_secs(5), Duration::from_mins(1), Timestamp::UNIX_EPOCH)
    }

    #[tokio::test(start_paused = true)]
    async fn a_minute_is_waited_in_all_whatever_the_server_says() {
        for told in [None, Some(Duration::from_secs(45)), Some(Duration::from_hours(1))] {
            let mut patience = a_minute();
            let began = Instant::now();
            let mut asked = 0;
            while let Some(pause) = patience.next_pause(told) {
                tokio::time::sleep(pause).await;
                asked += 1;
                assert!(asked < 10);
            }
            assert_eq!(began.elapsed(), Duration::from_mins(1), "{told:?}");
            assert!(asked >= 1);
        }
        assert_eq!(a_minute().given_up_at.as_second(), 60, "the time that is told is the one that holds");
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_twenty_seconds() {
        let mut patience = a_minute();
        let pauses: Vec<u64> = (0..4).map(|_| patience.next_pause(None).unwrap().as_secs()).collect();
        assert_eq!(pauses, [5, 10, 20, 20]);
    }
}
