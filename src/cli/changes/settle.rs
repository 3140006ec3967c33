//! Looking at what an earlier run of a job of changes left without an answer.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{report, verdict};
use crate::{
    cli::{
        args::Format,
        carry::{JOB_EVENTS, follow},
        interrupt::Interrupts,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note},
        sessions,
    },
    config::Environment,
    core::{
        bulk::journal::Recovered,
        change::{ChangeJob, ChangePlan},
    },
    domain::{JobId, Outcome, Text},
    engine::{self, ChangeMeans, EarlierChanges, FollowUp, journal::Journalled},
};

/// The job as the earlier run left it.
fn job(plan: &Arc<ChangePlan>, recovered: &Recovered) -> ChangeJob {
    ChangeJob {
        outcomes: recovered.outcomes(),
        created: recovered.created.clone(),
        ..ChangeJob::new(JobId(1), Arc::clone(plan), Timestamp::now())
    }
}

/// Prints where each change stands.
pub(in crate::cli) fn print_recovered(
    plan: &Arc<ChangePlan>,
    recovered: &Recovered,
    reached: &Reached,
    format: Format,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    print(&job(plan, recovered), recovered, true, reached, format, streams)?;
    Ok(0)
}

/// Reads what has no answer, and prints what became of all of it. Nothing is sent.
#[expect(clippy::too_many_arguments, reason = "what every command has, and the job")]
pub(in crate::cli) async fn settle(
    plan: &Arc<ChangePlan>,
    journal: Arc<Journalled>,
    recovered: &Recovered,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    environment: &Environment,
    format: Format,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let mut job = job(plan, recovered);
    let tally = recovered.tally();
    note(streams, &format!("{} without answer; they are read, and nothing is sent", tally.unanswered));
    let earlier = EarlierChanges::of(recovered, sessions::settling(environment));
    let (events, told) = mpsc::channel(JOB_EVENTS);
    let means = ChangeMeans {
        estate: reached.estate.clone(),
        status: reached.governor.status(),
        record: journal,
        stop: interrupts.first.clone(),
        follow: FollowUp::NONE,
    };
    let looking = engine::settle_changes(means, Arc::clone(plan), earlier, events);
    follow(&mut job, Box::pin(looking), told, interrupts, progress, streams).await;
    match print(&job, recovered, false, reached, format, streams) {
        // What was found was found, whether somebody reads of it or not: the exit code still says how it went.
        Ok(()) | Err(Stop::NobodyListens) => {}
        Err(stop) => return Err(stop),
    }
    let unsent = job.outcomes.iter().filter(|outcome| **outcome == Outcome::Unsent).count();
    if unsent > 0 {
        note(
            streams,
            &format!(
                "{unsent} never were sent, and are not sent from the record: look at what is there, and make a new \
                 plan for them"
            ),
        );
    }
    if let Some(item) = plan.items.first() {
        verdict::of(&job, item.change.kind(), &reached.capabilities)?;
    }
    Ok(0)
}

fn print(
    job: &ChangeJob,
    recovered: &Recovered,
    dry_run: bool,
    reached: &Reached,
    format: Format,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let verb = job.plan.items.first().map_or("change", |item| item.change.kind().name());
    let ticket = recovered.opened.ticket.as_ref().map(Text::as_str);
    let order = report::Order { verb, ticket, dry_run };
    report::print(job, order, format, reached.settings.ascii, streams)
}
