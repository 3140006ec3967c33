//! When calls of a job may leave, and what is told meanwhile.

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Break;
use crate::{
    api::Operation,
    core::bulk::{JobEvent, Wait},
    domain::Text,
    engine::governor::GovernorStatus,
};

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

    /// Waits for the answer to a call, and tells when the server makes it wait.
    pub(super) async fn during<T>(
        &mut self,
        operation: Operation,
        places: &[usize],
        answer: impl Future<Output = T>,
    ) -> T {
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
                    let until = cooling_until(&self.status.borrow_and_update(), operation);
                    if until != told {
                        let event = match until {
                            Some(until) => JobEvent::Waiting(wait(until)),
                            // The wait is over: the call leaves once more.
                            None => JobEvent::Sent { targets: places.to_vec() },
                        };
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
