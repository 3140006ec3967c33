//! Going on with a job that was cut off, stopped or given up.

use super::in_words;
use crate::{
    cli::{
        args::{ConnectionArgs, JobsResumeArgs, LooksArgs},
        carry::confirm::{Asked, Said},
        changes,
        detach::{self, JobToLeave, Line},
        interrupt::Interrupts,
        progress::Progress,
        reach::{Prepared, Reached, Wanted, with_estate, within_runtime},
        run::{Stop, Streams},
        sessions,
    },
    config::{Environment, Paths},
    core::{
        bulk::{
            Plan,
            journal::{CannotGoOn, GoOn, Here, Recovered, Work},
        },
        change::ChangeConfirmation,
    },
    domain::Text,
    engine::journal::{JournalStore, Record},
    error::Error,
};

/// Runs it.
pub(super) fn run(
    store: &JournalStore,
    args: &JobsResumeArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    if !args.detached {
        return run_on(store, args, outer, None, environment, paths, streams);
    }
    let mut line = Line::open()?;
    let ended = run_on(store, args, outer, Some(&mut line), environment, paths, streams);
    if let Err(Stop::Failed(error)) = &ended {
        line.failed(error);
    }
    ended
}

/// Runs it; `line` leads to whoever handed the job over to this process.
fn run_on(
    store: &JournalStore,
    args: &JobsResumeArgs,
    outer: ConnectionArgs,
    mut line: Option<&mut Line>,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    // What the record forbids is said before anybody is asked for a password.
    let record = within_runtime(async { Ok(store.read(&args.id).await?) })?;
    let way = can_go_on(&record, Here { estate: None, read_only: false })?;
    let prepared = match &mut line {
        Some(line) => Prepared::handed_over(line.handover()?, paths, environment),
        None => prepared(args, way, outer, environment, paths, streams)?,
    };
    let progress = Progress::new(environment.stderr_is_terminal);
    with_estate(prepared, streams, async |reached, interrupts, streams| {
        can_go_on(&record, Here { estate: Some(reached.scribe.estate()), read_only: false })?;
        go_on(&record, args, line, reached, interrupts, progress, environment, streams).await
    })
}

fn prepared(
    args: &JobsResumeArgs,
    way: GoOn,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<Prepared, Stop> {
    if args.detach && way != GoOn::Send {
        return Err(Error::refused(
            "--detach is for jobs that send: this one is only read again, here and now",
        )
        .into());
    }
    let connection = args.connection.clone().over(outer);
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    if !args.dry_run && way == GoOn::Send {
        wanted.must_act()?;
    }
    if args.detach {
        wanted.must_outlive()?;
    }
    Ok(wanted.prepare(environment)?)
}

/// Fails when the job cannot be gone on with from here.
fn can_go_on(record: &Record, here: Here<'_>) -> Result<GoOn, Error> {
    record.recovered.going_on(record.running, here).map_err(|why| {
        let refused =
            Error::refused(format!("job {} is not gone on with: {why}; nothing was sent", record.id));
        let refused = match &why {
            CannotGoOn::NothingLeft(tally) | CannotGoOn::NothingToSettle(tally) => {
                refused.words(in_words(*tally))
            }
            _ => refused,
        };
        match why.hint() {
            Some(hint) => refused.hint(hint),
            None => refused,
        }
    })
}

#[expect(clippy::too_many_arguments, reason = "what every command has, and the job")]
async fn go_on(
    record: &Record,
    args: &JobsResumeArgs,
    line: Option<&mut Line>,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let (recovered, format) = (&record.recovered, args.output.format);
    let plan = match &recovered.opened.work {
        Work::Sessions(plan) => plan,
        Work::Changes(plan) if args.dry_run => {
            return changes::print_recovered(plan, recovered, reached, format, streams);
        }
        Work::Changes(plan) => {
            // Nothing is sent, so there is nothing to confirm.
            let (journal, recovered) = reached.scribe.reopen(&record.id).await?;
            return changes::settle(
                plan,
                journal,
                &recovered,
                reached,
                interrupts,
                progress,
                environment,
                format,
                streams,
            )
            .await;
        }
    };
    if args.dry_run {
        return sessions::print_recovered(plan, recovered, reached, format, streams);
    }
    let describe = || describe(record);
    // Nothing would be sent: there is nothing to confirm.
    if recovered.to_go_on_with() > 0 {
        asked(recovered, plan)
            .confirm(
                Said { max: None, yes: args.yes, confirm: None },
                describe,
                environment,
                interrupts,
                streams,
            )
            .await?;
    }
    if args.detach {
        let (verb, open) = (plan.verb.name(), recovered.to_go_on_with());
        let job = JobToLeave { journal: &record.id, plan: plan.id.raw(), verb, open };
        detach::hand_on(job, reached, format, interrupts, streams).await?;
        return Ok(0);
    }
    // Under its lock: nobody else goes on with it from here.
    let (journal, recovered) = reached.scribe.reopen(&record.id).await?;
    if let Some(line) = line {
        line.taken()?;
    }
    sessions::go_on(plan, journal, &recovered, reached, interrupts, progress, environment, format, streams)
        .await
}

/// What going on asks for: as many as may be sent at most.
fn asked(recovered: &Recovered, plan: &Plan) -> Asked {
    let count = recovered.to_go_on_with();
    let targets = if count == 1 { "1 session".to_owned() } else { format!("up to {count} sessions") };
    Asked {
        count,
        deed: format!("go on with {} for {targets}", plan.verb.name()),
        targets,
        confirmation: ChangeConfirmation::Number(count),
        why: String::new(),
    }
}

/// What stands where, for the person who is asked.
fn describe(record: &Record) -> String {
    let recovered = &record.recovered;
    let opened = &recovered.opened;
    let ticket = opened.ticket.as_ref().map(|ticket| format!(", ticket {ticket}")).unwrap_or_default();
    let text = format!(
        "{} of plan {} on {}, begun {} by {}{ticket}: {}.\nThose without answer are read before anything is sent.",
        opened.work.verb(),
        opened.work.plan_id().raw(),
        opened.estate,
        recovered.started_at.strftime("%Y-%m-%d %H:%M:%SZ"),
        opened.by.operator,
        in_words(recovered.tally()),
    );
    text.lines().map(|line| Text::clean(line).as_str().to_owned()).collect::<Vec<_>>().join("\n")
}
