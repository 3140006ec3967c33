//! Changes to permissions and images without a screen: from a plan to a job, from the job to a report. The commands
//! make the plan; the rest is the same for all of them.

mod confirm;
mod report;
mod settle;
mod verdict;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{
    args::ChangeArgs,
    carry::{JOB_EVENTS, could_not_begin, follow},
    interrupt::Interrupts,
    progress::Progress,
    reach::Reached,
    run::{Stop, Streams},
};
use crate::{
    config::Environment,
    core::bulk::journal::Work,
    core::change::{ChangeJob, ChangePlan, HeldChange},
    domain::{Capabilities, ChangeKind, JobId, Support, Text},
    engine::{self, ChangeMeans, FollowUp},
    error::Error,
};

pub(super) use settle::{print_recovered, settle};
pub(super) use verdict::of as verdict_of;

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
    let (verb, kind) = (order.verb, order.kind);
    let job = carry(order, args, reached, interrupts, progress, environment, streams).await?;
    let ascii = reached.settings.ascii;
    let print = |job: &ChangeJob, streams: &mut Streams<'_>| {
        let order = report::Order { verb, ticket: args.ticket.as_deref(), dry_run: args.dry_run };
        report::print(job, order, args.output.format, ascii, streams)
    };
    if args.dry_run {
        print(&job, streams)?;
        within_limit(&job.plan, args.max)?;
        return Ok(0);
    }
    match print(&job, streams) {
        // What was done was done, whether somebody reads of it or not: the exit code still says how it went.
        Ok(()) | Err(Stop::NobodyListens) => {}
        Err(stop) => return Err(stop),
    }
    verdict::of(&job, kind, &reached.capabilities)?;
    Ok(0)
}

/// Asks for what a plan takes and carries it out, unless it is only to be looked at; what became of it is not printed.
pub(crate) async fn carry(
    order: ChangeOrder,
    args: &ChangeArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Result<ChangeJob, Stop> {
    carry_through(order, FollowUp::NONE, args, reached, interrupts, progress, environment, streams).await
}

/// As [`carry`], following what takes its time for so long.
#[expect(clippy::too_many_arguments, reason = "what every command has, and for how long")]
pub(crate) async fn carry_through(
    order: ChangeOrder,
    follow_up: FollowUp,
    args: &ChangeArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Result<ChangeJob, Stop> {
    let mut plan = order.plan;
    hold_what_is_not_permitted(&mut plan, &reached.capabilities);
    let mut job = ChangeJob::new(JobId(1), Arc::new(plan), Timestamp::now());
    if args.dry_run {
        return Ok(job);
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
        let ticket = args.ticket.as_deref();
        Box::pin(run(&mut job, follow_up, ticket, reached, interrupts, progress, streams)).await;
    }
    Ok(job)
}

/// Fails when more would be sent than may be.
pub(super) fn within_limit(plan: &ChangePlan, max: Option<usize>) -> Result<(), Error> {
    confirm::asked(plan).within_limit(max)
}

/// Holds everything back that the account is known not to be allowed: it would only be refused, and the first refusal
/// would end the job.
fn hold_what_is_not_permitted(plan: &mut ChangePlan, capabilities: &Capabilities) {
    let refused = plan.kinds().into_iter().find_map(|kind| match capabilities.may(kind) {
        Support::No(reason) => Some(reason),
        Support::Yes | Support::Unknown => None,
    });
    let Some(reason) = refused else { return };
    let held = plan.items.drain(..).map(|item| HeldChange::of(&item, reason.clone()));
    plan.held_back.extend(held);
    // What is not done has no consequences, and nothing is to be confirmed.
    plan.consequences.clear();
    plan.words = None;
    plan.command = None;
}

/// Sends the plan and follows what becomes of it.
async fn run(
    job: &mut ChangeJob,
    follow_up: FollowUp,
    ticket: Option<&str>,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) {
    let record = reached.scribe.open(Work::Changes(Arc::clone(&job.plan)), ticket.map(Text::clean)).await;
    let record = match record {
        Ok(record) => record,
        Err(error) => return could_not_begin(job, error.into()),
    };
    let (events, told) = mpsc::channel(JOB_EVENTS);
    let means = ChangeMeans {
        estate: reached.estate.clone(),
        status: reached.governor.status(),
        record,
        stop: interrupts.first.clone(),
        follow: follow_up,
    };
    let sending = engine::run_changes(means, Arc::clone(&job.plan), events);
    follow(job, sending, told, interrupts, progress, streams).await;
}

/// How many changes, in words.
fn changes(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}
