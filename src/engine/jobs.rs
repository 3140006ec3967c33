//! Jobs: sending a plan's targets in chunks, one outcome for each.
//!
//! A chunk that got no usable answer is "no answer", never "failed", and is never sent again here. The core folds the
//! [`JobEvent`]s into the job's state; headless commands read the same ones.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::governor::GovernorStatus;
use crate::{
    api::{Action, Estate, ItemAnswer, Operation},
    core::bulk::{JobEvent, Plan, Wait},
    domain::{Fault, FaultKind, Outcome, SessionId, Text, Verb},
};

/// After so many chunks in a row without an answer the job gives up: the server is ill, and every further chunk would
/// only add to the targets of which nothing is known.
const UNANSWERED_IN_A_ROW: usize = 2;

/// How fast a job goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Targets in one request; at most [`Estate::MAX_TARGETS`].
    pub chunk: usize,
}

impl Default for Pace {
    fn default() -> Self {
        // Large enough for few requests under a tight rate limit, small enough that one lost answer leaves few
        // targets unknown and that progress is seen.
        Self { chunk: 250 }
    }
}

/// Why a job ends before everything was sent.
enum Break {
    /// Somebody asked for it.
    Stopped,
    /// Going on makes no sense.
    GaveUp(Fault),
}

/// What a job needs beside its plan.
#[derive(Debug, Clone)]
pub struct JobMeans {
    /// Where the requests go.
    pub estate: Estate,
    /// What the governor says, so that a job can tell why it waits.
    pub status: watch::Receiver<GovernorStatus>,
    /// How fast it goes.
    pub pace: Pace,
    /// Keeps further requests from leaving; the one that is out is waited for.
    pub stop: CancellationToken,
}

/// Sends a plan's targets and tells what becomes of each, ending with [`JobEvent::Finished`].
///
/// When the receiver of the events is gone the job ends as if it had been stopped.
pub async fn run(mut means: JobMeans, plan: Arc<Plan>, events: mpsc::Sender<JobEvent>) {
    let ended = send_all(&mut means, &plan, &events).await;
    let finished = match ended {
        Ok(()) => JobEvent::Finished { stopped: false, fault: None },
        Err(Break::Stopped) => JobEvent::Finished { stopped: true, fault: None },
        Err(Break::GaveUp(fault)) => JobEvent::Finished { stopped: false, fault: Some(fault) },
    };
    if events.send(finished).await.is_err() {
        tracing::warn!(plan = %plan.id, "nobody listened to the end of a job");
    }
}

async fn send_all(means: &mut JobMeans, plan: &Plan, events: &mpsc::Sender<JobEvent>) -> Result<(), Break> {
    let action = Action { verb: plan.verb, message: plan.message.clone() };
    let ids: Vec<SessionId> = plan.to_send.iter().map(|target| target.session.id.clone()).collect();
    let size = means.pace.chunk.clamp(1, Estate::MAX_TARGETS);
    let mut unanswered = 0;
    for (number, chunk) in ids.chunks(size).enumerate() {
        // Before the chunk is said to be sent: a job that is stopped while it waits leaves the rest unsent.
        cool_down(means, plan.verb, events).await?;
        let first = number * size;
        tell(events, JobEvent::Sent { targets: (first..first + chunk.len()).collect() }).await?;
        let (outcomes, fault) = match act(means, &action, chunk, first, events).await {
            Ok(answers) => (outcomes(first, answers), None),
            Err(fault) => (vec_of(first, chunk.len(), &outcome_of_call(&fault)), Some(fault)),
        };
        // An answer without a word on any target is no better than none.
        let lost = outcomes.iter().find_map(|(_, outcome)| match outcome {
            Outcome::NoAnswer(fault) => Some(fault.clone()),
            _ => None,
        });
        let all_lost = outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::NoAnswer(_)));
        tell(events, JobEvent::Settled { outcomes }).await?;
        unanswered = if all_lost { unanswered + 1 } else { 0 };
        match fault.or(lost) {
            Some(fault) if fault.kind == FaultKind::Cancelled => return Err(Break::Stopped),
            Some(fault) if ends_job(&fault) || unanswered >= UNANSWERED_IN_A_ROW => {
                return Err(Break::GaveUp(fault));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Waits while the server wants no request of this verb. Ends the job when it is stopped meanwhile.
async fn cool_down(means: &mut JobMeans, verb: Verb, events: &mpsc::Sender<JobEvent>) -> Result<(), Break> {
    let mut told = None;
    loop {
        if means.stop.is_cancelled() {
            return Err(Break::Stopped);
        }
        let until = cooling_until(&means.status.borrow_and_update(), verb);
        let Some(until) = until.filter(|until| *until > Timestamp::now()) else {
            break;
        };
        if told != Some(until) {
            tell(events, JobEvent::Waiting(wait(until))).await?;
            told = Some(until);
        }
        let left = until.duration_since(Timestamp::now()).unsigned_abs();
        tokio::select! {
            () = tokio::time::sleep(left) => break,
            () = means.stop.cancelled() => {}
            changed = means.status.changed() => if changed.is_err() { break },
        }
    }
    if told.is_some() {
        tell(events, JobEvent::Resumed).await?;
    }
    Ok(())
}

/// Sends one chunk, and tells when the server makes it wait.
async fn act(
    means: &mut JobMeans,
    action: &Action,
    chunk: &[SessionId],
    first: usize,
    events: &mpsc::Sender<JobEvent>,
) -> Result<Vec<ItemAnswer>, Fault> {
    let estate = means.estate.clone();
    let answer = estate.act(action, chunk, &means.stop);
    tokio::pin!(answer);
    let mut told = None;
    loop {
        tokio::select! {
            answered = &mut answer => {
                if told.is_some() {
                    drop(events.send(JobEvent::Resumed).await);
                }
                return answered;
            }
            Ok(()) = means.status.changed() => {
                let until = cooling_until(&means.status.borrow_and_update(), action.verb);
                if until != told {
                    let event = match until {
                        Some(until) => JobEvent::Waiting(wait(until)),
                        // The wait is over: the chunk leaves once more.
                        None => JobEvent::Sent { targets: (first..first + chunk.len()).collect() },
                    };
                    // Not `?`: an answer that is out is waited for, listener or not.
                    drop(events.send(event).await);
                    told = until;
                }
            }
        }
    }
}

/// Until when the server wants no request of this verb.
fn cooling_until(status: &GovernorStatus, verb: Verb) -> Option<Timestamp> {
    let operation = Operation::of(verb);
    status.cooling.iter().find(|(cooling, _)| *cooling == operation).map(|(_, until)| *until)
}

fn wait(until: Timestamp) -> Wait {
    Wait { until, why: Text::clean("the server asked to slow down") }
}

async fn tell(events: &mpsc::Sender<JobEvent>, event: JobEvent) -> Result<(), Break> {
    // Without a listener there is nobody who would learn of the outcomes: nothing more may leave.
    events.send(event).await.or(Err(Break::Stopped))
}

fn outcomes(first: usize, answers: Vec<ItemAnswer>) -> Vec<(usize, Outcome)> {
    answers.into_iter().enumerate().map(|(place, answer)| (first + place, Outcome::from(answer))).collect()
}

fn vec_of(first: usize, count: usize, outcome: &Outcome) -> Vec<(usize, Outcome)> {
    (first..first + count).map(|place| (place, outcome.clone())).collect()
}

/// What a fault of the whole call means for each of its targets.
fn outcome_of_call(fault: &Fault) -> Outcome {
    if fault.maybe_done {
        Outcome::NoAnswer(fault.clone())
    } else if never_left(fault) {
        Outcome::Unsent
    } else {
        Outcome::Refused(fault.clone())
    }
}

/// Whether the request certainly did not reach the server's work.
fn never_left(fault: &Fault) -> bool {
    let kinds =
        [FaultKind::Cancelled, FaultKind::Unreachable, FaultKind::Unauthenticated, FaultKind::Throttled];
    kinds.contains(&fault.kind)
}

/// Whether every further chunk would meet the same fault.
fn ends_job(fault: &Fault) -> bool {
    never_left(fault) && !fault.maybe_done || fault.kind == FaultKind::InsufficientPermission
}
