//! Changes to permissions and images without a screen: from a plan to a job, from the job to a report. The commands
//! make the plan; the rest is the same for all of them.

mod confirm;
mod report;
mod verdict;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{
    args::ChangeArgs,
    interrupt::Interrupts,
    progress::Progress,
    reach::Reached,
    run::{Stop, Streams, warn},
};
use crate::{
    config::Environment,
    core::{
        bulk::JobEvent,
        change::{ChangeJob, ChangePlan},
    },
    domain::{ChangeKind, Fault, FaultKind, JobId, Outcome, PlanId},
    engine::{self, ChangeMeans},
    error::Error,
};

/// Events of a job that may wait: a call makes a few, and the engine waits when nobody takes them.
const JOB_EVENTS: usize = 16;

/// A plan with what the commands know about it.
#[derive(Debug, Clone)]
pub(crate) struct ChangeOrder {
    /// What to carry out.
    pub(crate) plan: ChangePlan,
    /// What was asked for, as JSON names it: [`ChangeKind::name`], or a word of its own such as `replace-permission`.
    pub(crate) verb: &'static str,
    /// The kind of change whose privilege the account needs.
    pub(crate) kind: ChangeKind,
}

/// An id for a plan that no other run is likely to have.
pub(crate) fn plan_id() -> PlanId {
    let digits = uuid::Uuid::new_v4().simple().to_string();
    PlanId::from(digits.get(..8).unwrap_or(&digits))
}

/// Prints the plan when that is all that is wanted; else asks for what it takes, carries it out, and prints what became
/// of each change. The exit codes are those of `design.md section 7`.
pub(crate) async fn carry_out(
    order: ChangeOrder,
    args: &ChangeArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let ChangeOrder { plan, verb, kind } = order;
    let mut job = ChangeJob::new(JobId(1), Arc::new(plan), Timestamp::now());
    let ascii = reached.settings.ascii;
    let print = |job: &ChangeJob, streams: &mut Streams<'_>| {
        let told = report::Told { verb, ticket: args.ticket.as_deref(), dry_run: args.dry_run };
        report::print(job, told, args.output.format, ascii, streams)
    };
    if args.dry_run {
        print(&job, streams)?;
        confirm::within_limit(&job.plan, args.max)?;
        return Ok(0);
    }
    if reached.settings.read_only {
        return Err(Error::refused("this is read-only: nothing was sent").into());
    }
    // When all of them are held back the reasons say more than a wrong number.
    let all_held_back = job.plan.items.is_empty() && !job.plan.is_empty();
    if !all_held_back {
        let plan = Arc::clone(&job.plan);
        confirm::confirm(&plan, args, environment, interrupts, streams).await?;
    }
    if !job.plan.items.is_empty() {
        // Large, and there is one of it.
        Box::pin(run(&mut job, reached, interrupts, progress, streams)).await;
    }
    match print(&job, streams) {
        // What was done was done, whether somebody reads of it or not: the exit code still says how it went.
        Ok(()) | Err(Stop::NobodyListens) => {}
        Err(stop) => return Err(stop),
    }
    verdict::of(&job, kind, &reached.capabilities)?;
    Ok(0)
}

/// Sends the plan and follows what becomes of it. After the first wish to end nothing more is sent; after the second,
/// nothing is waited for, and what is out stays "sent".
async fn run(
    job: &mut ChangeJob,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) {
    let (events, mut told) = mpsc::channel(JOB_EVENTS);
    let means = ChangeMeans {
        estate: reached.estate.clone(),
        status: reached.governor.status(),
        stop: interrupts.first.clone(),
    };
    let sending = engine::run_changes(means, Arc::clone(&job.plan), events);
    let listening = async {
        while let Some(event) = told.recv().await {
            let line = match &event {
                JobEvent::Waiting(wait) => {
                    format!("waiting until {}: {}", wait.until.strftime("%H:%M:%SZ"), wait.why)
                }
                _ => String::new(),
            };
            job.apply(&event, Timestamp::now());
            let answered = || format!("{} of {} answered", job.answered(), job.total());
            progress.draw(streams, &if line.is_empty() { answered() } else { line });
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
        let fault = Fault::new(FaultKind::Unexpected, "run a job", "it ended without saying so");
        job.apply(&JobEvent::Finished { stopped: false, fault: Some(fault) }, Timestamp::now());
    }
}

/// Ends a job that nobody waits for any more. What the engine has told by then still counts: what left must not be
/// called "unsent".
fn cut_off(job: &mut ChangeJob, told: &mut mpsc::Receiver<JobEvent>) {
    while let Ok(event) = told.try_recv() {
        job.apply(&event, Timestamp::now());
    }
    if job.is_running() {
        job.apply(&JobEvent::Finished { stopped: true, fault: None }, Timestamp::now());
    }
}

/// How many changes, in words.
fn changes(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}
