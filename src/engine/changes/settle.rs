//! Looking at the changes that an earlier run left without an answer. Nothing is sent: a change that never left belongs into
//! a new plan, which looks at what is there now.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use super::{Carrying, ChangeMeans, Server};
use crate::{
    api::CreatedId,
    core::{bulk::JobEvent, bulk::journal::Recovered, change::ChangePlan},
    domain::{Fault, FaultKind, Outcome},
    engine::pacing::{Break, Pacing},
};

/// What an earlier run of a job of changes left behind.
#[derive(Debug, Clone)]
pub struct EarlierChanges {
    /// What became of the changes, by place.
    pub outcomes: Vec<Outcome>,
    /// The ids of what was created, by place.
    pub created: BTreeMap<usize, String>,
    /// No request left later than this.
    pub last_request_at: Timestamp,
    /// How long after that the server is asked.
    pub settling: SignedDuration,
}

impl EarlierChanges {
    /// What a journal tells of it.
    pub fn of(recovered: &Recovered, settling: SignedDuration) -> Self {
        Self {
            outcomes: recovered.outcomes(),
            created: recovered.created.clone(),
            last_request_at: recovered.last_request_at(),
            settling,
        }
    }
}

/// Looks what became of the changes without an answer, writes it down and tells it, ending with [`JobEvent::Finished`].
/// What is seen to have happened is confirmed; of the others still nothing is known, and they are not sent again.
pub async fn settle(
    means: ChangeMeans,
    plan: Arc<ChangePlan>,
    earlier: EarlierChanges,
    events: mpsc::Sender<JobEvent>,
) {
    let ChangeMeans { estate, status, record, stop, .. } = means;
    let pacing = Pacing { status, stop, events };
    let mut job = Carrying::of(&estate, pacing, record, &plan);
    // The reading makes it large.
    let ended = Box::pin(job.settle_unknown(earlier)).await;
    job.end(&plan.id, ended).await;
}

impl<S: Server> Carrying<'_, S> {
    pub(super) async fn settle_unknown(&mut self, earlier: EarlierChanges) -> Result<(), Break> {
        self.settling = true;
        let mut unknown = Vec::new();
        for (place, outcome) in earlier.outcomes.into_iter().enumerate() {
            let outcome = match outcome {
                Outcome::Sent => {
                    unknown.push(place);
                    not_seen()
                }
                Outcome::NoAnswer(fault) => {
                    unknown.push(place);
                    Outcome::NoAnswer(fault)
                }
                other => other,
            };
            if let Some(slot) = self.outcomes.get_mut(place) {
                *slot = outcome;
            }
        }
        for (place, id) in earlier.created {
            if let Some(slot) = self.created.get_mut(place) {
                *slot = Some(CreatedId(id));
            }
        }
        self.sent_now(&unknown, earlier.last_request_at);
        self.let_it_settle(earlier.last_request_at, earlier.settling).await?;
        self.look(&unknown, false).await?;
        self.look(&unknown, true).await?;
        // Those of which nothing was seen: now it is written down that somebody looked.
        let still = |place: &usize| self.is(*place, |outcome| matches!(outcome, Outcome::NoAnswer(_)));
        let left: Vec<(usize, Outcome)> = unknown
            .into_iter()
            .filter(still)
            .filter_map(|place| Some((place, self.outcomes.get(place)?.clone())))
            .collect();
        if !left.is_empty() {
            self.settle(left).await?;
        }
        // Whoever never was sent stays so: the job did not come to its end.
        if self.outcomes.contains(&Outcome::Unsent) { Err(Break::Stopped) } else { Ok(()) }
    }

    /// Waits until the server had time for the last request of the earlier run.
    async fn let_it_settle(&self, last: Timestamp, settling: SignedDuration) -> Result<(), Break> {
        // A clock that was set back since then must not make it wait for longer than that.
        let gone_by = Timestamp::now().duration_since(last).max(SignedDuration::ZERO);
        let left = std::time::Duration::try_from(settling - gone_by).unwrap_or_default();
        let slept = self.pacing.stop.run_until_cancelled(tokio::time::sleep(left)).await;
        slept.ok_or(Break::Stopped)
    }
}

/// The outcome of what may have been sent, and is not seen to have happened.
fn not_seen() -> Outcome {
    let words = "it may have been sent, and is not seen to have happened; it is not sent again";
    let fault = Fault::new(FaultKind::Unreachable, "go on with a job", words);
    Outcome::NoAnswer(Fault { maybe_done: true, ..fault })
}
