//! Going on with a verb that an earlier run left.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{act, report, verdict};
use crate::{
    cli::{
        args::Format,
        interrupt::Interrupts,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note},
    },
    config::Environment,
    core::bulk::{Job, Plan, journal::Recovered},
    domain::JobId,
    engine::{EarlierRun, SETTLING, journal::Journalled},
};

/// The job as the earlier run left it.
fn job(plan: &Arc<Plan>, recovered: &Recovered) -> Job {
    Job::resumed(JobId(1), plan, recovered, Timestamp::now())
}

/// Prints where each target stands.
pub(in crate::cli) fn print_recovered(
    plan: &Arc<Plan>,
    recovered: &Recovered,
    reached: &Reached,
    format: Format,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    print(&job(plan, recovered), recovered, reached, format, streams)?;
    Ok(0)
}

/// Reads what has no answer, sends what is left, and prints what became of all of it.
#[expect(clippy::too_many_arguments, reason = "what every command has, and the job")]
pub(in crate::cli) async fn go_on(
    plan: &Arc<Plan>,
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
    let earlier = EarlierRun::of(recovered, settling(environment));
    let unanswered = recovered.tally().unanswered;
    if unanswered > 0 {
        let since = Timestamp::now().duration_since(earlier.last_request_at);
        let seconds = (earlier.settling - since).as_secs().clamp(0, earlier.settling.as_secs());
        let when = if seconds > 0 { format!("in {seconds} s") } else { "now".to_owned() };
        note(streams, &format!("{unanswered} without answer; they are read {when}, before anything is sent"));
    }
    let taken = recovered.to_confirm().len();
    if taken > 0 {
        note(
            streams,
            &format!("{taken} accepted and not confirmed; they are read again, nothing is sent for them"),
        );
    }
    let rest = act::send(&mut job, journal, Some(earlier), reached, interrupts, progress, streams).await;
    match print(&job, recovered, reached, format, streams) {
        // What was done was done, whether somebody reads of it or not: the exit code still says how it went.
        Ok(()) | Err(Stop::NobodyListens) => {}
        Err(stop) => return Err(stop),
    }
    verdict::with_rest(&job, &reached.capabilities, rest.as_deref())?;
    Ok(0)
}

fn print(
    job: &Job,
    recovered: &Recovered,
    reached: &Reached,
    format: Format,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let ticket = recovered.opened.ticket.as_ref().map(crate::domain::Text::as_str);
    report::print(job, &reached.capabilities, ticket, format, reached.settings.ascii, streams)
}

/// How long the server gets to carry out what it did not answer. Tests of the whole program need not wait for it; not in
/// release builds.
pub(in crate::cli) fn settling(environment: &Environment) -> SignedDuration {
    let asked = environment.raw("FORETOP_DEBUG_SETTLING_MS").filter(|_| cfg!(debug_assertions));
    let asked = asked.and_then(|value| value.to_str()?.parse().ok());
    asked.map_or(SETTLING, SignedDuration::from_millis)
}
