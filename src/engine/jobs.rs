//! Jobs: sending a plan's targets in chunks, one outcome for each.
//!
//! A chunk that got no usable answer is "no answer", never "failed", and is never sent again here. The core folds the
//! [`JobEvent`]s into the job's state; headless commands read the same ones.
//!
//! Targets on other pods of a federation take a path of their own, one pod in a request (`method-map.md`, S2): what goes
//! wrong with a pod concerns its targets only.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{
    governor::GovernorStatus,
    pacing::{Break, Pacing, never_left},
};
use crate::{
    api::{Action, Estate, ItemAnswer, Operation},
    core::bulk::{JobEvent, Plan},
    domain::{Fault, FaultKind, Outcome, PodId, SessionId, Verb},
};

/// After so many chunks in a row without an answer the job gives up on a pod: it is ill, and every further chunk would
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
pub async fn run(means: JobMeans, plan: Arc<Plan>, events: mpsc::Sender<JobEvent>) {
    let JobMeans { estate, status, pace, stop } = means;
    let mut pacing = Pacing { status, stop, events };
    let ended = send_all(&estate, pace, &mut pacing, &plan).await;
    pacing.finish(&plan.id, ended).await;
}

/// Targets of one request, by their places in the plan.
struct Chunk {
    /// The pod that hosts them, when it is another than the one that is asked.
    pod: Option<PodId>,
    places: Vec<usize>,
}

impl Chunk {
    /// The API that takes it.
    fn operation(&self, verb: Verb) -> Operation {
        if self.pod.is_some() { Operation::global(verb) } else { Operation::of(verb) }
    }
}

/// Divides the targets of a plan: each chunk goes to one pod. The chunks are in the order of their first targets.
fn chunks(plan: &Plan, size: usize) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut open: HashMap<Option<&PodId>, usize> = HashMap::new();
    for (place, target) in plan.to_send.iter().enumerate() {
        let pod = target.pod.as_ref();
        let last = open.get(&pod).and_then(|chunk| chunks.get_mut(*chunk));
        if let Some(chunk) = last.filter(|chunk| chunk.places.len() < size) {
            chunk.places.push(place);
        } else {
            open.insert(pod, chunks.len());
            chunks.push(Chunk { pod: pod.cloned(), places: vec![place] });
        }
    }
    chunks
}

/// How a pod has answered so far.
#[derive(Debug, Default)]
struct Standing {
    /// Chunks in a row without an answer.
    unanswered: usize,
    /// Why nothing more is sent to it.
    given_up: Option<Fault>,
}

async fn send_all(estate: &Estate, pace: Pace, pacing: &mut Pacing, plan: &Plan) -> Result<(), Break> {
    let action = Action { verb: plan.verb, message: plan.message.clone() };
    let size = pace.chunk.clamp(1, Estate::MAX_TARGETS);
    let mut standings: HashMap<Option<PodId>, Standing> = HashMap::new();
    let mut given_up = None;
    for chunk in chunks(plan, size) {
        let standing = standings.entry(chunk.pod.clone()).or_default();
        if standing.given_up.is_some() {
            continue;
        }
        // Before the chunk is said to be sent: a job that is stopped while it waits leaves the rest unsent.
        pacing.cool_down(chunk.operation(plan.verb)).await?;
        pacing.tell(JobEvent::Sent { targets: chunk.places.clone() }).await?;
        let ids = chunk.places.iter().filter_map(|place| plan.to_send.get(*place));
        let ids: Vec<SessionId> = ids.map(|target| target.session.id.clone()).collect();
        let (outcomes, fault) = match act(estate, pacing, &action, &chunk, ids).await {
            Ok(answers) => (answers.into_iter().map(Outcome::from).collect(), None),
            Err(fault) => (vec![outcome_of_call(&fault); chunk.places.len()], Some(fault)),
        };
        let outcomes: Vec<(usize, Outcome)> = chunk.places.iter().copied().zip(outcomes).collect();
        // An answer without a word on any target is no better than none.
        let lost = outcomes.iter().find_map(|(_, outcome)| match outcome {
            Outcome::NoAnswer(fault) => Some(fault.clone()),
            _ => None,
        });
        let all_lost = outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::NoAnswer(_)));
        pacing.tell(JobEvent::Settled { outcomes }).await?;
        standing.unanswered = if all_lost { standing.unanswered + 1 } else { 0 };
        let ill = standing.unanswered >= UNANSWERED_IN_A_ROW;
        match fault.or(lost) {
            Some(fault) if fault.kind == FaultKind::Cancelled => return Err(Break::Stopped),
            Some(fault) if ends_job(&fault) => return Err(Break::GaveUp(fault)),
            Some(fault) if ill || ends_pod(&fault) => {
                standing.given_up = Some(fault.clone());
                given_up.get_or_insert(fault);
            }
            _ => {}
        }
    }
    given_up.map_or(Ok(()), |fault| Err(Break::GaveUp(fault)))
}

/// Sends one chunk, and tells when the server makes it wait.
async fn act(
    estate: &Estate,
    pacing: &mut Pacing,
    action: &Action,
    chunk: &Chunk,
    ids: Vec<SessionId>,
) -> Result<Vec<ItemAnswer>, Fault> {
    let stop = pacing.stop.clone();
    let answer = async {
        match &chunk.pod {
            None => estate.act(action, &ids, &stop).await,
            Some(pod) => {
                let targets: Vec<_> = ids.into_iter().map(|id| (pod.clone(), id)).collect();
                estate.act_on_pods(action, &targets, &stop).await
            }
        }
    };
    pacing.during(chunk.operation(action.verb), &chunk.places, answer).await
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

/// Whether every further chunk would meet the same fault, whatever pod it is for.
fn ends_job(fault: &Fault) -> bool {
    never_left(fault) && !fault.maybe_done && fault.kind != FaultKind::Throttled
}

/// Whether every further chunk for the same pod would: rights and rate limits are other ones for the local pod and the
/// federation.
fn ends_pod(fault: &Fault) -> bool {
    fault.kind == FaultKind::Throttled && !fault.maybe_done
        || fault.kind == FaultKind::InsufficientPermission
        || fault.kind == FaultKind::NotConfigured
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{core::bulk::Target, domain::Session};

    fn plan(pods: &[Option<&str>]) -> Plan {
        let target = |(number, pod): (usize, Option<&str>)| Target {
            session: Session::new(format!("s{number}").into()),
            hidden: false,
            pod: pod.map(PodId::from),
        };
        Plan {
            id: "7f3a".into(),
            verb: Verb::Logoff,
            message: None,
            to_send: pods.iter().copied().enumerate().map(target).collect(),
            held_back: Vec::new(),
            made_at: jiff::Timestamp::UNIX_EPOCH,
            data_at: jiff::Timestamp::UNIX_EPOCH,
            retry_of: None,
        }
    }

    #[test]
    fn each_chunk_is_for_one_pod_and_every_target_is_in_one() {
        let pods = [None, Some("lon1"), None, Some("fra1"), Some("lon1"), None, Some("lon1")];
        let chunks = chunks(&plan(&pods), 2);
        let shape: Vec<(Option<String>, Vec<usize>)> = chunks
            .into_iter()
            .map(|chunk| (chunk.pod.map(|pod| pod.raw().to_owned()), chunk.places))
            .collect();
        let pod = |name: &str| Some(name.to_owned());
        assert_eq!(
            shape,
            [
                (None, vec![0, 2]),
                (pod("lon1"), vec![1, 4]),
                (pod("fra1"), vec![3]),
                (None, vec![5]),
                (pod("lon1"), vec![6]),
            ]
        );
    }

    #[test]
    fn a_plan_for_one_pod_goes_in_its_own_order() {
        let chunks = chunks(&plan(&[None; 5]), 2);
        let places: Vec<_> = chunks.into_iter().flat_map(|chunk| chunk.places).collect();
        assert_eq!(places, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn remote_chunks_wait_for_the_api_of_the_federation() {
        let local = Chunk { pod: None, places: vec![0] };
        let remote = Chunk { pod: Some("lon1".into()), places: vec![0] };
        assert_eq!(local.operation(Verb::Logoff), Operation::Logoff);
        assert_eq!(remote.operation(Verb::LogoffForced), Operation::GlobalLogoff);
    }
}
