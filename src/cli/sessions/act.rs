//! The verbs: from filter or ids to a plan, from the plan to a job, from the job to a report.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{chosen::Chosen, confirm, pods, report, verdict};
use crate::{
    cli::{
        args::ActionArgs,
        interrupt::Interrupts,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, warn},
    },
    config::Environment,
    core::{
        bulk::{BlastRadius, Job, JobEvent, Plan, PlanRequest},
        table::SessionTable,
    },
    domain::{FaultKind, JobId, MessageText, Outcome, PlanId, SessionId, Verb},
    engine::{self, JobMeans},
    error::Error,
};

/// Events of a job that may wait: one chunk makes two, and the engine waits when nobody takes them.
const JOB_EVENTS: usize = 16;

/// A verb with its arguments, understood.
#[derive(Debug, Clone)]
pub(super) struct Order {
    verb: Verb,
    message: Option<MessageText>,
    chosen: Chosen,
    args: ActionArgs,
}

impl Order {
    /// Understands the arguments.
    pub(super) fn new(verb: Verb, message: Option<MessageText>, args: &ActionArgs) -> Result<Self, Error> {
        let chosen = Chosen::new(&args.targets)?;
        Ok(Self { verb, message, chosen, args: args.clone() })
    }

    /// Makes the plan, and carries it out when it may.
    pub(super) async fn carry_out(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let (table, ids) = self.chosen.read(reached, interrupts, progress, self.args.pods, streams).await?;
        let plan = self.plan(&table, ids, reached);
        let blast = BlastRadius::of(&plan, &table);
        let mut job = Job::new(JobId(1), Arc::new(plan), Timestamp::now());
        if self.args.dry_run {
            self.print(&job, reached, streams)?;
            confirm::within_limit(&job.plan, self.args.max)?;
            return Ok(self.code(&table));
        }
        // When all of them are held back the reasons say more than a wrong number.
        let all_held_back = job.plan.to_send.is_empty() && !job.plan.is_empty();
        if !all_held_back {
            let plan = Arc::clone(&job.plan);
            confirm::confirm(&plan, &blast, &self.args, environment, interrupts, streams).await?;
        }
        if !job.plan.to_send.is_empty() {
            run(&mut job, reached, interrupts, progress, streams).await;
        }
        match self.print(&job, reached, streams) {
            // What was done was done, whether somebody reads of it or not: the exit code still says how it went.
            Ok(()) | Err(Stop::NobodyListens) => {}
            Err(stop) => return Err(stop),
        }
        verdict::of(&job, &reached.capabilities)?;
        Ok(self.code(&table))
    }

    /// The exit code when all of the plan went well: a filter may mean sessions of pods that did not answer, an id does
    /// not.
    fn code(&self, table: &SessionTable) -> u8 {
        match self.chosen {
            Chosen::Where(_) => pods::code(table),
            Chosen::Ids(_) => 0,
        }
    }

    fn print(&self, job: &Job, reached: &Reached, streams: &mut Streams<'_>) -> Result<(), Stop> {
        let ticket = self.args.ticket.as_deref();
        report::print(
            job,
            &reached.capabilities,
            ticket,
            self.args.output.format,
            reached.settings.ascii,
            streams,
        )
    }

    fn plan(&self, table: &SessionTable, ids: Vec<SessionId>, reached: &Reached) -> Plan {
        // Without a screen nothing is hidden: all that was chosen counts as shown.
        let shown: BTreeSet<SessionId> = ids.iter().cloned().collect();
        Plan::make(&PlanRequest {
            id: plan_id(),
            verb: self.verb,
            message: self.message.clone(),
            ids,
            shown: &shown,
            table,
            capabilities: &reached.capabilities,
            retry_of: None,
            spoken_for: &BTreeMap::new(),
            homes: &BTreeMap::new(),
            now: Timestamp::now(),
        })
    }
}

/// An id that no other run is likely to have.
fn plan_id() -> PlanId {
    let digits = uuid::Uuid::new_v4().simple().to_string();
    PlanId::from(digits.get(..8).unwrap_or(&digits))
}

/// Sends the plan and follows what becomes of it. After the first wish to end nothing more is sent; after the second,
/// nothing is waited for, and what is out stays "sent".
async fn run(
    job: &mut Job,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) {
    let (events, mut told) = mpsc::channel(JOB_EVENTS);
    let means = JobMeans {
        estate: reached.estate.clone(),
        status: reached.governor.status(),
        pace: reached.pace(),
        stop: interrupts.first.clone(),
    };
    let sending = engine::run_job(means, Arc::clone(&job.plan), events);
    let listening = async {
        while let Some(event) = told.recv().await {
            if let JobEvent::Waiting(wait) = &event {
                progress.draw(
                    streams,
                    &format!("waiting until {}: {}", wait.until.strftime("%H:%M:%SZ"), wait.why),
                );
            }
            job.apply(&event, Timestamp::now());
            if !matches!(event, JobEvent::Waiting(_)) {
                progress.draw(streams, &format!("{} of {} answered", job.answered(), job.total()));
            }
        }
    };
    let is_cut_off = tokio::select! {
        ((), ()) = async { tokio::join!(sending, listening) } => false,
        () = interrupts.second.cancelled() => true,
    };
    progress.clear(streams);
    if is_cut_off {
        cut_off(job, &mut told);
        if job.outcomes.contains(&Outcome::Sent) {
            warn(streams, "not waited for the last answers: what is \"sent\" may or may not have been done");
        }
    }
    if job.is_running() {
        let fault =
            crate::domain::Fault::new(FaultKind::Unexpected, "run a job", "it ended without saying so");
        job.apply(&JobEvent::Finished { stopped: false, fault: Some(fault) }, Timestamp::now());
    }
}

/// Ends a job that nobody waits for any more. What the engine has told by then still counts: a chunk that left must not
/// be called "unsent".
fn cut_off(job: &mut Job, told: &mut mpsc::Receiver<JobEvent>) {
    while let Ok(event) = told.try_recv() {
        job.apply(&event, Timestamp::now());
    }
    if job.is_running() {
        job.apply(&JobEvent::Finished { stopped: true, fault: None }, Timestamp::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::bulk::{JobPhase, Target},
        domain::Session,
    };

    fn job(targets: usize) -> Job {
        let target =
            |number| Target { session: Session::new(format!("s{number}").into()), hidden: false, pod: None };
        let plan = Plan {
            id: plan_id(),
            verb: Verb::Logoff,
            message: None,
            to_send: (0..targets).map(target).collect(),
            held_back: Vec::new(),
            made_at: Timestamp::UNIX_EPOCH,
            data_at: Timestamp::UNIX_EPOCH,
            retry_of: None,
        };
        Job::new(JobId(1), Arc::new(plan), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_was_told_before_the_cut_still_counts() {
        let mut job = job(3);
        let (events, mut told) = mpsc::channel(JOB_EVENTS);
        for event in [
            JobEvent::Sent { targets: vec![0] },
            JobEvent::Settled { outcomes: vec![(0, Outcome::Accepted)] },
            JobEvent::Sent { targets: vec![1] },
        ] {
            events.try_send(event).unwrap();
        }
        cut_off(&mut job, &mut told);
        assert_eq!(job.outcomes, [Outcome::Accepted, Outcome::Sent, Outcome::Unsent]);
        assert!(matches!(job.phase, JobPhase::Finished { stopped: true, fault: None, .. }));
    }

    #[test]
    fn a_job_that_had_ended_by_itself_was_not_stopped() {
        let mut job = job(1);
        let (events, mut told) = mpsc::channel(JOB_EVENTS);
        for event in [
            JobEvent::Settled { outcomes: vec![(0, Outcome::Accepted)] },
            JobEvent::Finished { stopped: false, fault: None },
        ] {
            events.try_send(event).unwrap();
        }
        cut_off(&mut job, &mut told);
        assert_eq!(job.outcomes, [Outcome::Accepted]);
        assert!(matches!(job.phase, JobPhase::Finished { stopped: false, .. }));
    }
}
