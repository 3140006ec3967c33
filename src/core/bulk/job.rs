//! Jobs: a plan being carried out, one outcome for each target.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{HoldReason, Plan, Target};
use crate::{
    core::table::SessionTable,
    domain::{Fault, JobId, Outcome, OutcomeKind, SessionId, Text},
};

/// What the engine tells about a job while it runs. Targets are named by their place in [`Plan::to_send`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum JobEvent {
    /// A request left for these targets.
    Sent {
        /// Places in the plan.
        targets: Vec<usize>,
    },
    /// Outcomes are known.
    Settled {
        /// Place in the plan, and what became of it.
        outcomes: Vec<(usize, Outcome)>,
    },
    /// The server told the ids of what was created. Comes with changes only.
    Created {
        /// Place in the plan, and the id, byte for byte.
        ids: Vec<(usize, String)>,
    },
    /// Nothing may leave for a while.
    Waiting(Wait),
    /// The wait is over.
    Resumed,
    /// Nothing more will be sent.
    Finished {
        /// Whether the operator stopped it before everything was sent.
        stopped: bool,
        /// What made it give up, if something did: not logged in any more, for instance.
        fault: Option<Fault>,
    },
}

/// Why a job waits, and until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// When it goes on.
    pub until: Timestamp,
    /// Why: the server asked for it, for instance.
    pub why: Text,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum JobPhase {
    /// Requests leave.
    Running,
    /// The operator asked to stop; what is out is waited for.
    Stopping,
    /// Everything that would be sent was sent and answered, or given up.
    Finished {
        /// When.
        at: Timestamp,
        /// Whether it was stopped before everything was sent.
        stopped: bool,
        /// What made it give up.
        fault: Option<Fault>,
    },
}

/// A plan being carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Number.
    pub id: JobId,
    /// What it carries out; frozen.
    pub plan: Arc<Plan>,
    /// What became of each of [`Plan::to_send`], by place.
    pub outcomes: Vec<Outcome>,
    /// When it was started.
    pub started_at: Timestamp,
    /// Where it stands.
    pub phase: JobPhase,
    /// Why nothing leaves just now.
    pub waiting: Option<Wait>,
    /// Requests sent so far.
    pub calls: usize,
    /// How many times the server asked to slow down.
    pub throttled: usize,
}

impl Job {
    /// A job of which nothing has left yet.
    pub fn new(id: JobId, plan: Arc<Plan>, started_at: Timestamp) -> Self {
        let outcomes = vec![Outcome::Unsent; plan.to_send.len()];
        Self {
            id,
            plan,
            outcomes,
            started_at,
            phase: JobPhase::Running,
            waiting: None,
            calls: 0,
            throttled: 0,
        }
    }

    /// Takes what the engine tells. A settled outcome never goes back to "sent".
    pub fn apply(&mut self, event: &JobEvent, now: Timestamp) {
        match event {
            JobEvent::Sent { targets } => {
                self.calls += 1;
                self.waiting = None;
                for &place in targets {
                    if let Some(outcome) = self.outcomes.get_mut(place)
                        && *outcome == Outcome::Unsent
                    {
                        *outcome = Outcome::Sent;
                    }
                }
            }
            JobEvent::Settled { outcomes } => {
                for (place, outcome) in outcomes {
                    if let Some(slot) = self.outcomes.get_mut(*place) {
                        *slot = outcome.clone();
                    }
                }
            }
            JobEvent::Waiting(wait) => {
                // The server did not take what was sent last; it leaves again later.
                for outcome in &mut self.outcomes {
                    if *outcome == Outcome::Sent {
                        *outcome = Outcome::Unsent;
                    }
                }
                self.throttled += 1;
                self.waiting = Some(wait.clone());
            }
            // Actions on sessions create nothing.
            JobEvent::Created { .. } => {}
            JobEvent::Resumed => self.waiting = None,
            JobEvent::Finished { stopped, fault } => {
                self.waiting = None;
                self.phase = JobPhase::Finished { at: now, stopped: *stopped, fault: fault.clone() };
            }
        }
    }

    /// Whether it still sends or waits for answers.
    pub fn is_running(&self) -> bool {
        !matches!(self.phase, JobPhase::Finished { .. })
    }

    /// When it ended.
    pub fn finished_at(&self) -> Option<Timestamp> {
        match self.phase {
            JobPhase::Finished { at, .. } => Some(at),
            JobPhase::Running | JobPhase::Stopping => None,
        }
    }

    /// How many targets have an answer of the server. "No answer" is none.
    pub fn answered(&self) -> usize {
        let answered = |outcome: &&Outcome| outcome.is_settled() && outcome.kind() != OutcomeKind::NoAnswer;
        self.outcomes.iter().filter(answered).count()
    }

    /// How many will be sent in all.
    pub fn total(&self) -> usize {
        self.outcomes.len()
    }

    /// Counts by outcome; those held back are counted too, so that the counts add up to the plan's targets.
    pub fn counts(&self) -> BTreeMap<OutcomeKind, usize> {
        let mut counts = BTreeMap::new();
        for outcome in &self.outcomes {
            *counts.entry(outcome.kind()).or_insert(0) += 1;
        }
        if !self.plan.held_back.is_empty() {
            *counts.entry(OutcomeKind::HeldBack).or_insert(0) += self.plan.held_back.len();
        }
        counts
    }

    /// Every target with its outcome: first those to be sent, then those held back.
    pub fn targets(&self) -> impl Iterator<Item = (&super::Target, Outcome)> {
        let sent = self.plan.to_send.iter().zip(self.outcomes.iter().cloned());
        let held = self.plan.held_back.iter().map(|held| (&held.target, held_outcome(&held.reason)));
        sent.chain(held)
    }

    /// The ids whose outcome a test picks.
    pub fn ids_where(&self, picks: impl Fn(&Outcome) -> bool) -> Vec<SessionId> {
        let pairs = self.plan.to_send.iter().zip(&self.outcomes);
        pairs.filter(|(_, outcome)| picks(outcome)).map(|(target, _)| target.session.id.clone()).collect()
    }
}

/// How long a server may take to carry out what it did not answer: a list read sooner proves nothing.
const SETTLING_SECONDS: i64 = 30;

/// The sessions that must not be sent again just now, and why: those of a job that still runs, and those whose request
/// got no answer as long as no list was read since that shows what the server made of it (`design.md section 4`,
/// rule 4). The list of the pod that hosts the session counts, as of when it was read.
pub fn spoken_for(jobs: &[Job], table: &SessionTable) -> BTreeMap<SessionId, HoldReason> {
    let mut reasons = BTreeMap::new();
    for job in jobs {
        let ended_at = job.finished_at();
        for (target, outcome) in job.plan.to_send.iter().zip(&job.outcomes) {
            let reason = match (outcome.kind(), ended_at) {
                (OutcomeKind::Sent | OutcomeKind::Unsent, None) => HoldReason::InJob,
                (OutcomeKind::NoAnswer, None) => HoldReason::Unverified,
                (OutcomeKind::NoAnswer | OutcomeKind::Sent, Some(ended_at))
                    if !was_read_since(table, target, ended_at) =>
                {
                    HoldReason::Unverified
                }
                _ => continue,
            };
            reasons.insert(target.session.id.clone(), reason);
        }
    }
    reasons
}

/// Whether a target would show in the table what a request made of it that ended then.
fn was_read_since(table: &SessionTable, target: &Target, ended_at: Timestamp) -> bool {
    let read_at = table.read_at(target.pod.as_ref());
    read_at.is_some_and(|read_at| read_at.as_second() - ended_at.as_second() >= SETTLING_SECONDS)
}

fn held_outcome(reason: &HoldReason) -> Outcome {
    Outcome::HeldBack(Text::clean(&reason.to_string()))
}
