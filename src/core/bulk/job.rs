//! Jobs: a plan being carried out, one outcome for each target.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Evidence, HoldReason, Orders, Plan, Step, Target};
use crate::{
    core::table::SessionTable,
    domain::{Fault, FaultKind, JobId, Outcome, OutcomeKind, PlanId, SessionId, Text},
};

/// What the engine tells about a job while it runs. Targets are named by their place among those that the plan sends
/// ([`Plan::to_send`], [`crate::core::change::ChangePlan::items`]).
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
    /// What it does now beside sending.
    Entered(Stage),
    /// What became of a message of its course. It is no outcome of the targets: they are what was warned of.
    Messaged {
        /// [`Step::Warn`] for the first message, [`Step::Wait`] for a reminder.
        step: Step,
        /// Place in the plan, and what became of the message.
        outcomes: Vec<(usize, Outcome)>,
    },
    /// What the outcomes of these targets rest on. Comes with their [`Self::Settled`].
    Evidence {
        /// Places in the plan.
        found: Vec<(usize, Evidence)>,
    },
    /// Nothing more will be sent.
    Finished {
        /// Whether the operator stopped it before everything was sent.
        stopped: bool,
        /// What made it give up, if something did: not logged in any more, for instance.
        fault: Option<Fault>,
    },
}

/// What a job does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// Targets are read again before they are sent.
    Checking,
    /// Requests leave.
    #[default]
    Sending,
    /// What was accepted is looked out for, until then at the latest. Nothing is sent meanwhile when it is the canary.
    Confirming {
        /// The last deadline.
        until: Timestamp,
        /// Whether the rest waits for it.
        canary: bool,
    },
    /// The pause between two chunks.
    Between {
        /// When the next chunk leaves.
        until: Timestamp,
    },
    /// The server is away: nobody can be read again, so nothing leaves.
    Outage {
        /// When it is asked again.
        until: Timestamp,
        /// When what is left stays unsent.
        given_up_at: Timestamp,
        /// How it is away.
        why: Text,
    },
    /// The operator made it pause.
    Paused,
    /// A step of its course.
    Step(Step),
    /// The deadline of the polite logoff runs; who is left then is forced.
    BeforeForce {
        /// When that is.
        until: Timestamp,
    },
    /// The countdown of its course.
    Countdown {
        /// When it ends; `None` while it stands still.
        until: Option<Timestamp>,
        /// Seconds left when this was said.
        left_seconds: u32,
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

/// A plan that a job can carry out: so much of it is the same for actions on sessions and for changes.
pub trait Planned {
    /// Its id.
    fn id(&self) -> &PlanId;

    /// What it does, in capitals.
    fn title(&self) -> &str;

    /// The plan whose failures it tries again.
    fn retry_of(&self) -> Option<&PlanId>;

    /// How it stands to that plan, in words before its id.
    fn link(&self) -> &'static str {
        "retry of"
    }

    /// How many targets will be sent.
    fn sends(&self) -> usize;

    /// How many targets are held back.
    fn holds_back(&self) -> usize;
}

/// A plan being carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job<P = Plan> {
    /// Number; jobs of all kinds are counted together.
    pub id: JobId,
    /// What it carries out; frozen.
    pub plan: Arc<P>,
    /// What became of each of those to be sent, by place.
    pub outcomes: Vec<Outcome>,
    /// Ids of what was created, byte for byte, by place; where the server told them. Actions on sessions create nothing.
    pub created: BTreeMap<usize, String>,
    /// When it was started.
    pub started_at: Timestamp,
    /// Where it stands.
    pub phase: JobPhase,
    /// Why nothing leaves just now.
    pub waiting: Option<Wait>,
    /// What it does.
    #[serde(default)]
    pub stage: Stage,
    /// What outcomes rest on, by place, where more than the answer is known.
    #[serde(default)]
    pub evidence: BTreeMap<usize, Evidence>,
    /// The step of its course that it takes.
    #[serde(default)]
    pub step: Option<Step>,
    /// What became of the first message of its course, by place.
    #[serde(default)]
    pub messages: BTreeMap<usize, Outcome>,
    /// How many reminders the server took for each, by place.
    #[serde(default)]
    pub reminders: BTreeMap<usize, usize>,
    /// What the operator asked of it.
    #[serde(default)]
    pub orders: Orders,
    /// Requests sent so far.
    pub calls: usize,
    /// How many times the server asked to slow down.
    pub throttled: usize,
}

impl<P: Planned> Job<P> {
    /// A job of which nothing has left yet.
    pub fn new(id: JobId, plan: Arc<P>, started_at: Timestamp) -> Self {
        let outcomes = vec![Outcome::Unsent; plan.sends()];
        Self {
            id,
            plan,
            outcomes,
            created: BTreeMap::new(),
            started_at,
            phase: JobPhase::Running,
            waiting: None,
            stage: Stage::default(),
            evidence: BTreeMap::new(),
            step: None,
            messages: BTreeMap::new(),
            reminders: BTreeMap::new(),
            orders: Orders::default(),
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
                    // What an earlier step of a course rested on says nothing of this one.
                    self.evidence.remove(&place);
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
            JobEvent::Created { ids } => self.created.extend(ids.iter().cloned()),
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
            JobEvent::Resumed => self.waiting = None,
            JobEvent::Entered(stage) => {
                self.step = match stage {
                    Stage::Step(step) => Some(*step),
                    Stage::Countdown { .. } => Some(Step::Wait),
                    _ => self.step,
                };
                self.stage = stage.clone();
            }
            JobEvent::Messaged { step, outcomes } => self.take_messages(*step, outcomes),
            JobEvent::Evidence { found } => self.evidence.extend(found.iter().copied()),
            JobEvent::Finished { stopped, fault } => {
                self.waiting = None;
                self.phase = JobPhase::Finished { at: now, stopped: *stopped, fault: fault.clone() };
            }
        }
    }

    fn take_messages(&mut self, step: Step, outcomes: &[(usize, Outcome)]) {
        if step == Step::Warn {
            self.messages.extend(outcomes.iter().cloned());
            return;
        }
        for (place, _) in outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Accepted) {
            *self.reminders.entry(*place).or_default() += 1;
        }
    }

    /// Whether the server took the first message for a target.
    pub fn was_warned(&self, place: usize) -> bool {
        self.messages
            .get(&place)
            .is_some_and(|outcome| matches!(outcome, Outcome::Accepted | Outcome::Confirmed))
    }

    /// Whether a target was told of a logoff that does not come: it was warned, nothing else was sent, and the job ended.
    pub fn is_told_in_vain(&self, place: usize) -> bool {
        !self.is_running() && self.was_warned(place) && self.outcomes.get(place) == Some(&Outcome::Unsent)
    }

    /// The targets that were told of a logoff that does not come, by place.
    pub fn told_in_vain(&self) -> Vec<usize> {
        (0..self.total()).filter(|place| self.is_told_in_vain(*place)).collect()
    }

    /// Whether it still sends or waits for answers.
    pub fn is_running(&self) -> bool {
        !matches!(self.phase, JobPhase::Finished { .. })
    }

    /// Whether requests may still leave: not when it has ended, nor when it only looks out for what was accepted.
    pub fn may_send(&self) -> bool {
        self.is_running() && !matches!(self.stage, Stage::Confirming { canary: false, .. })
    }

    /// Whether pausing or another pace still means something: something is to be sent, and no stop was asked for.
    pub fn can_be_paced(&self) -> bool {
        self.phase == JobPhase::Running && self.may_send()
    }

    /// The places of which nothing has left.
    pub fn unsent_places(&self) -> Vec<usize> {
        let places = self.outcomes.iter().enumerate();
        places.filter(|(_, outcome)| **outcome == Outcome::Unsent).map(|(place, _)| place).collect()
    }

    /// Whether this side did not let it begin: its record cannot be kept, or its plan was started already.
    pub fn is_unstarted(&self) -> bool {
        let is_local = self.ending().1.is_some_and(|fault| fault.kind == FaultKind::Local);
        is_local && self.calls == 0 && self.answered() == 0
    }

    /// Whether it has ended without a single request, and has nothing left to send: its plan may still be started.
    pub fn leaves_its_plan(&self) -> bool {
        let is_held = |outcome: &Outcome| matches!(outcome, Outcome::HeldBack(_));
        !self.is_running() && self.calls == 0 && self.outcomes.iter().all(is_held)
    }

    /// When it ended.
    pub fn finished_at(&self) -> Option<Timestamp> {
        match self.phase {
            JobPhase::Finished { at, .. } => Some(at),
            JobPhase::Running | JobPhase::Stopping => None,
        }
    }

    /// Whether it was stopped before everything was sent, and what made it give up.
    pub fn ending(&self) -> (bool, Option<&Fault>) {
        match &self.phase {
            JobPhase::Finished { stopped, fault, .. } => (*stopped, fault.as_ref()),
            JobPhase::Running | JobPhase::Stopping => (false, None),
        }
    }

    /// How many targets have an answer of the server, or were held back because of one. "No answer" is none.
    pub fn answered(&self) -> usize {
        let answered = |outcome: &&Outcome| outcome.is_settled() && outcome.kind() != OutcomeKind::NoAnswer;
        self.outcomes.iter().filter(answered).count()
    }

    /// How many will be sent in all.
    pub fn total(&self) -> usize {
        self.outcomes.len()
    }

    /// How many did not go well: refused, still listed, or without an answer.
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.is_failure()).count()
    }

    /// How many the server took.
    pub fn accepted(&self) -> usize {
        let taken = |outcome: &&Outcome| matches!(outcome, Outcome::Accepted | Outcome::Confirmed);
        self.outcomes.iter().filter(taken).count()
    }

    /// Counts by outcome; those held back are counted too, so that the counts add up to the plan's targets.
    pub fn counts(&self) -> BTreeMap<OutcomeKind, usize> {
        let mut counts = BTreeMap::new();
        for outcome in &self.outcomes {
            *counts.entry(outcome.kind()).or_insert(0) += 1;
        }
        if self.plan.holds_back() > 0 {
            *counts.entry(OutcomeKind::HeldBack).or_insert(0) += self.plan.holds_back();
        }
        counts
    }

    /// The same counts in the order of reports, without those that nothing has.
    pub fn counts_in_order(&self) -> Vec<(OutcomeKind, usize)> {
        let counts = self.counts();
        OutcomeKind::ALL.into_iter().filter_map(|kind| Some((kind, *counts.get(&kind)?))).collect()
    }

    /// The same in words: `2 confirmed, 1 refused`. Empty when there is no target.
    pub fn counts_in_words(&self) -> String {
        let counts = self.counts_in_order();
        let words: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        words.join(", ")
    }
}

impl Job {
    /// The pace that holds now: the wished one, or else the plan's.
    pub fn pace(&self) -> super::Pace {
        self.orders.pace.unwrap_or(self.plan.terms.pace)
    }

    /// Every target with its outcome: first those to be sent, then those held back.
    pub fn targets(&self) -> impl Iterator<Item = (&super::Target, Outcome)> {
        let sent = self.plan.to_send.iter().zip(self.outcomes.iter().cloned());
        let held = self.plan.held_back.iter().map(|held| (&held.target, held.reason.outcome()));
        sent.chain(held)
    }

    /// One of them, by its place among [`Self::targets`].
    pub fn target(&self, place: usize) -> Option<(&super::Target, Outcome)> {
        let sent = self.plan.to_send.get(place).zip(self.outcomes.get(place).cloned());
        sent.or_else(|| {
            let held = self.plan.held_back.get(place.checked_sub(self.plan.to_send.len())?)?;
            Some((&held.target, held.reason.outcome()))
        })
    }

    /// The ids whose outcome a test picks.
    pub fn ids_where(&self, picks: impl Fn(&Outcome) -> bool) -> Vec<SessionId> {
        let pairs = self.plan.to_send.iter().zip(&self.outcomes);
        pairs.filter(|(_, outcome)| picks(outcome)).map(|(target, _)| target.session.id.clone()).collect()
    }
}

/// How long a server may take to carry out what it did not answer: a list read sooner proves nothing.
pub(super) const SETTLING_SECONDS: i64 = 30;

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

#[cfg(test)]
mod tests {
    use super::*;

    /// A plan of which only the numbers matter.
    struct Numbers {
        id: PlanId,
        sends: usize,
        holds_back: usize,
    }

    impl Planned for Numbers {
        fn id(&self) -> &PlanId {
            &self.id
        }

        fn title(&self) -> &'static str {
            "NUMBERS"
        }

        fn retry_of(&self) -> Option<&PlanId> {
            None
        }

        fn sends(&self) -> usize {
            self.sends
        }

        fn holds_back(&self) -> usize {
            self.holds_back
        }
    }

    #[test]
    fn who_is_sent_once_more_rests_on_nothing_that_was_seen_before() {
        let plan = Numbers { id: "3f2a".into(), sends: 1, holds_back: 0 };
        let mut job = Job::new(JobId(1), Arc::new(plan), Timestamp::UNIX_EPOCH);
        for event in [
            JobEvent::Sent { targets: vec![0] },
            JobEvent::Evidence { found: vec![(0, Evidence::Listed)] },
            JobEvent::Settled { outcomes: vec![(0, Outcome::StillListed)] },
            // Force.
            JobEvent::Sent { targets: vec![0] },
            JobEvent::Settled { outcomes: vec![(0, Outcome::Accepted)] },
        ] {
            job.apply(&event, Timestamp::UNIX_EPOCH);
        }
        assert_eq!((job.outcomes[0].clone(), job.evidence.get(&0)), (Outcome::Accepted, None));
    }

    #[test]
    fn the_counts_always_add_up_to_the_targets() {
        let now = Timestamp::UNIX_EPOCH;
        let plan = Numbers { id: "3f2a".into(), sends: 4, holds_back: 2 };
        let mut job = Job::new(JobId(1), Arc::new(plan), now);
        let adds_up = |job: &Job<Numbers>| job.counts().values().sum::<usize>() == 6;
        assert!(adds_up(&job));
        assert_eq!(job.counts_in_words(), "2 held back, 4 unsent");
        let held = Outcome::HeldBack("the one before it did not work".into());
        for event in [
            JobEvent::Sent { targets: vec![0, 1, 9] },
            JobEvent::Settled { outcomes: vec![(0, Outcome::Accepted), (9, Outcome::Accepted)] },
            JobEvent::Waiting(Wait { until: now, why: "slow down".into() }),
            JobEvent::Sent { targets: vec![0, 1] },
            JobEvent::Settled { outcomes: vec![(1, Outcome::Confirmed), (2, held)] },
            JobEvent::Finished { stopped: true, fault: None },
        ] {
            job.apply(&event, now);
            assert!(adds_up(&job), "{event:?}");
        }
        assert_eq!((job.accepted(), job.answered(), job.failed(), job.total()), (2, 3, 0, 4));
        assert_eq!(job.counts().get(&OutcomeKind::HeldBack), Some(&3));
        assert_eq!((job.ending(), job.calls, job.throttled), ((true, None), 2, 1));
    }
}
