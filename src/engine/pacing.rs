//! When calls of a job may leave, what is told meanwhile, and when a job ends early.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::governor::GovernorStatus;
use crate::{
    api::{Errand, Operation},
    core::bulk::{JobEvent, Wait},
    domain::{Fault, FaultKind, PlanId, Text},
};

/// What a job reads sessions again with.
const READINGS: [Operation; 4] = [
    Operation::ReadSession,
    Operation::ListSessions,
    Operation::ListGlobalSessions,
    Operation::ListUserSessions,
];
/// Waits of readings that are shorter are not told.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// Why a job ends before everything was sent.
#[derive(Debug)]
pub(super) enum Break {
    /// Somebody asked for it.
    Stopped,
    /// Going on makes no sense.
    GaveUp(Fault),
}

/// What lets calls leave, holds them up, and listens.
#[derive(Debug)]
pub(super) struct Pacing {
    /// What the governor says.
    pub(super) status: watch::Receiver<GovernorStatus>,
    /// Keeps further calls from leaving.
    pub(super) stop: CancellationToken,
    /// Who listens.
    pub(super) events: mpsc::Sender<JobEvent>,
}

impl Pacing {
    /// Tells what happened. Without a listener there is nobody who would learn of the outcomes: nothing more may leave.
    pub(super) async fn tell(&self, event: JobEvent) -> Result<(), Break> {
        self.events.send(event).await.or(Err(Break::Stopped))
    }

    /// The last word on a job.
    pub(super) async fn finish(self, plan: &PlanId, ended: Result<(), Break>) {
        let finished = match ended {
            Ok(()) => JobEvent::Finished { stopped: false, fault: None },
            Err(Break::Stopped) => JobEvent::Finished { stopped: true, fault: None },
            Err(Break::GaveUp(fault)) => JobEvent::Finished { stopped: false, fault: Some(fault) },
        };
        if self.events.send(finished).await.is_err() {
            tracing::warn!(%plan, "nobody listened to the end of a job");
        }
    }

    /// Waits while the server wants no such call. Ends the job when it is stopped meanwhile.
    pub(super) async fn cool_down(&mut self, operation: Operation) -> Result<(), Break> {
        let mut told = None;
        loop {
            if self.stop.is_cancelled() {
                return Err(Break::Stopped);
            }
            let until = cooling_until(&self.status.borrow_and_update(), operation);
            let Some(until) = until.filter(|until| *until > Timestamp::now()) else {
                break;
            };
            if told != Some(until) {
                self.tell(JobEvent::Waiting(wait(until))).await?;
                told = Some(until);
            }
            let left = until.duration_since(Timestamp::now()).unsigned_abs();
            tokio::select! {
                () = tokio::time::sleep(left) => break,
                () = self.stop.cancelled() => {}
                changed = self.status.changed() => if changed.is_err() { break },
            }
        }
        if told.is_some() {
            self.tell(JobEvent::Resumed).await?;
        }
        Ok(())
    }

    /// Waits for the answer to a call, and tells when the server makes it wait. That others wait for the same API is no
    /// news while this call is out.
    pub(super) async fn during<T>(
        &mut self,
        operation: Operation,
        places: &[usize],
        errand: Errand,
        answer: impl Future<Output = T>,
    ) -> T {
        // The wait is over: the call leaves once more.
        let over = || JobEvent::Sent { targets: places.to_vec() };
        self.watched(&[operation], Duration::ZERO, over, errand, answer).await
    }

    /// Waits for what a job reads before it sends, and tells when the server makes it wait: for a moment is no news.
    pub(super) async fn during_reading<T>(&mut self, answer: impl Future<Output = T>) -> T {
        self.watched(&READINGS, WORTH_TELLING, || JobEvent::Resumed, Errand::default(), answer).await
    }

    async fn watched<T>(
        &mut self,
        operations: &[Operation],
        least: Duration,
        over: impl Fn() -> JobEvent,
        errand: Errand,
        answer: impl Future<Output = T>,
    ) -> T {
        let answer = errand.run(answer);
        tokio::pin!(answer);
        let mut told = None;
        loop {
            tokio::select! {
                answered = &mut answer => {
                    if told.is_some() {
                        drop(self.events.send(JobEvent::Resumed).await);
                    }
                    return answered;
                }
                Ok(()) = self.status.changed() => {
                    let status = self.status.borrow_and_update().clone();
                    let until = operations.iter().filter_map(|each| cooling_until(&status, *each)).max();
                    let worth = |until: &Timestamp| {
                        least.is_zero() || told.is_some() || until.duration_since(Timestamp::now()).unsigned_abs() >= least
                    };
                    let until = until.filter(|_| errand.is_held_up()).filter(worth);
                    if until != told {
                        let event = until.map_or_else(&over, |until| JobEvent::Waiting(wait(until)));
                        // Not `?`: an answer that is out is waited for, listener or not.
                        drop(self.events.send(event).await);
                        told = until;
                    }
                }
            }
        }
    }
}

/// Until when the server wants no such call.
fn cooling_until(status: &GovernorStatus, operation: Operation) -> Option<Timestamp> {
    status.cooling.iter().find(|(cooling, _)| *cooling == operation).map(|(_, until)| *until)
}

fn wait(until: Timestamp) -> Wait {
    Wait { until, why: Text::clean("the server asked to slow down") }
}

/// Whether the request certainly did not reach the server's work.
pub(super) fn never_left(fault: &Fault) -> bool {
    let kinds =
        [FaultKind::Cancelled, FaultKind::Unreachable, FaultKind::Unauthenticated, FaultKind::Throttled];
    kinds.contains(&fault.kind)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        api::{Gates, RequestClass, errand},
        engine::governor::Governor,
    };

    fn pacing(governor: &Governor) -> (Pacing, mpsc::Receiver<JobEvent>) {
        let (events, told) = mpsc::channel(8);
        (Pacing { status: governor.status(), stop: CancellationToken::new(), events }, told)
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_out_stays_sent_when_another_one_is_throttled() {
        let governor = Governor::default();
        let gate = Arc::new(governor.clone()).gate(&"cs1".into());
        let (mut pacing, mut told) = pacing(&governor);
        let (answer, answered) = oneshot::channel();
        let call = errand::out(async { answered.await.unwrap() });
        let others = async {
            tokio::task::yield_now().await;
            gate.throttled(Operation::Logoff, Duration::from_secs(5));
            tokio::time::sleep(Duration::from_secs(1)).await;
            answer.send(7).unwrap();
        };
        let (answer, ()) =
            tokio::join!(pacing.during(Operation::Logoff, &[0], Errand::default(), call), others);
        assert_eq!(answer, 7);
        assert!(told.try_recv().is_err(), "it may have been carried out: it is not called unsent");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_back_at_the_gate_waits_and_leaves_again() {
        let governor = Governor::default();
        let gate = Arc::new(governor.clone()).gate(&"cs1".into());
        let (mut pacing, mut told) = pacing(&governor);
        let call = async {
            gate.throttled(Operation::Logoff, Duration::from_secs(5));
            let permit = errand::at_gate(gate.admit(RequestClass::Job, Operation::Logoff)).await.unwrap();
            errand::out(tokio::time::sleep(Duration::from_secs(1))).await;
            drop(permit);
        };
        pacing.during(Operation::Logoff, &[0], Errand::default(), call).await;
        let told: Vec<JobEvent> = std::iter::from_fn(|| told.try_recv().ok()).collect();
        assert!(matches!(&told[..], [JobEvent::Waiting(_), JobEvent::Sent { .. }]), "{told:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reading_that_must_wait_tells_until_when_and_why_and_counts_as_no_call() {
        let governor = Governor::default();
        let gate = Arc::new(governor.clone()).gate(&"cs1".into());
        let (mut pacing, mut told) = pacing(&governor);
        let read = async {
            gate.throttled(Operation::ReadSession, Duration::from_secs(18));
            let permit =
                errand::at_gate(gate.admit(RequestClass::Job, Operation::ReadSession)).await.unwrap();
            errand::out(tokio::time::sleep(Duration::from_secs(1))).await;
            drop(permit);
        };
        pacing.during_reading(read).await;
        let told: Vec<JobEvent> = std::iter::from_fn(|| told.try_recv().ok()).collect();
        let [JobEvent::Waiting(wait), JobEvent::Resumed] = &told[..] else { panic!("{told:?}") };
        assert!(wait.why.as_str().contains("slow down"), "{wait:?}");
    }
}
