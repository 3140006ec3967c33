//! One job at work: what all its parts share.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use tokio::sync::mpsc;

use super::{Clock, EarlierRun, JobMeans, JobRecord, orders::OrderBook, verify::is_unknown, watch::Watch};
use crate::{
    api::Estate,
    core::bulk::{Confirmer, Deadlines, Job, JobEvent, Plan, journal::CourseSoFar},
    domain::{Fault, JobId, Outcome, PodId},
    engine::pacing::{Break, Pacing},
};

/// A job at work.
#[derive(Debug)]
pub(super) struct Runner {
    pub(super) estate: Estate,
    pub(super) pacing: Pacing,
    pub(super) plan: Arc<Plan>,
    /// What was told so far, folded as the core folds it: the runner looks at the same counts as the screen.
    pub(super) job: Job,
    pub(super) record: Arc<dyn JobRecord>,
    pub(super) clock: Clock,
    pub(super) orders: OrderBook,
    pub(super) watch: Watch,
    pub(super) confirmer: Confirmer,
    /// How long what is accepted is looked out for; a course has its own for each step.
    pub(super) deadlines: Option<Deadlines>,
    pub(super) standings: HashMap<Option<PodId>, Standing>,
    /// Whether the canary went already.
    pub(super) canary_done: bool,
    /// Why nothing more is sent to a pod, the first time it happened.
    pub(super) given_up: Option<Fault>,
    /// The earlier run that this one goes on with.
    pub(super) resumed: Option<EarlierRun>,
    /// How far the course came in that one.
    pub(super) so_far: CourseSoFar,
    /// Who was sent a forced logoff and has an answer to it: force is tried once.
    pub(super) forced: BTreeSet<usize>,
}

/// How a pod has answered so far.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Chunks in a row without an answer.
    pub(super) unanswered: usize,
    /// Why nothing more is sent to it.
    pub(super) given_up: Option<Fault>,
}

impl Runner {
    pub(super) fn new(means: JobMeans, plan: Arc<Plan>, events: mpsc::Sender<JobEvent>) -> Self {
        let JobMeans { estate, federation, status, record, lookout, orders, stop, clock, resumed } = means;
        let mut job = Job::new(JobId(0), Arc::clone(&plan), clock.now());
        for (slot, outcome) in job.outcomes.iter_mut().zip(resumed.iter().flat_map(|run| &run.outcomes)) {
            slot.clone_from(outcome);
        }
        let so_far = resumed.as_ref().map(|run| run.course.clone()).unwrap_or_default();
        job.messages.clone_from(&so_far.messages);
        job.reminders.clone_from(&so_far.reminders);
        let is_answered =
            |place: &usize| job.outcomes.get(*place).is_some_and(|outcome| !is_unknown(outcome));
        let forced = so_far.forced.iter().copied().filter(is_answered).collect();
        Self {
            watch: Watch::new(estate.clone(), federation, &lookout, &plan, clock.clone()),
            clock,
            confirmer: Confirmer::of(estate.capabilities().account.id),
            estate,
            pacing: Pacing { status, stop: stop.clone(), events },
            job,
            record,
            orders: OrderBook::new(orders, stop),
            deadlines: plan.terms.deadlines,
            standings: HashMap::new(),
            canary_done: false,
            given_up: None,
            resumed,
            so_far,
            forced,
            plan,
        }
    }

    /// Does all of it.
    pub(super) async fn run(&mut self) -> Result<(), Break> {
        let earlier = self.resumed.take();
        if let Some(earlier) = &earlier {
            self.verify_unknown(earlier).await?;
        }
        if let Some(course) = self.plan.terms.course.clone() {
            self.take_course(&course).await?;
        } else {
            if let Some(earlier) = &earlier {
                self.look_at_accepted(earlier).await?;
            }
            let open = self.places_where(|outcome| *outcome == Outcome::Unsent);
            self.deed(self.plan.verb, open).await?;
            self.confirm(false).await?;
        }
        self.given_up.take().map_or(Ok(()), |fault| Err(Break::GaveUp(fault)))
    }

    /// The last word: on disk, and to whoever listens.
    pub(super) async fn finish(mut self, ended: Result<(), Break>) {
        // What was accepted and is not looked out for any more stays accepted.
        drop(self.confirmer.give_up());
        let (stopped, fault) = match &ended {
            Ok(()) => (false, None),
            Err(Break::Stopped) => (true, None),
            Err(Break::GaveUp(fault)) => (false, Some(fault)),
        };
        if let Err(fault) = self.record.closed(stopped, fault).await {
            tracing::error!(plan = %self.plan.id, %fault, "the end of a job could not be written down");
        }
        self.pacing.finish(&self.plan.id, ended).await;
    }

    /// Tells what happened, and keeps it.
    pub(super) async fn tell(&mut self, event: JobEvent) -> Result<(), Break> {
        self.job.apply(&event, self.clock.now());
        self.pacing.tell(event).await
    }

    /// Writes outcomes down, then tells them. What cannot be written is told all the same, and ends the job: nothing
    /// more may leave without a record.
    pub(super) async fn settle(&mut self, outcomes: Vec<(usize, Outcome)>) -> Result<(), Break> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let written = self.record.outcomes(&outcomes).await;
        self.tell(JobEvent::Settled { outcomes }).await?;
        written.map_err(Break::GaveUp)
    }

    /// The places whose outcome a test picks, in the order of the plan.
    pub(super) fn places_where(&self, picks: impl Fn(&Outcome) -> bool) -> Vec<usize> {
        let outcomes = self.job.outcomes.iter().enumerate();
        outcomes.filter(|(_, outcome)| picks(outcome)).map(|(place, _)| place).collect()
    }
}
