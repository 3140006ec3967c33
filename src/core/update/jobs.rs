//! Jobs: starting, what the engine tells, the sheet, and retries as new plans.

mod control;
mod hand_on;
mod verify;

pub(super) use hand_on::{copy, export, report_written, run as hand_on};
pub(super) use verify::read_again;

use std::sync::Arc;

use crate::{
    core::{
        bulk::{Job, JobEvent, JobPhase, NextStep, Plan, Report, Stage},
        command::{Command, Context},
        effect::{Effect, ExitReason},
        events::{OwnRecord, RecordLevel},
        msg::Interrupted,
        own_events::OwnEvents,
        planning::{Origin, Wanted},
        state::{JobSheet, NoticeKind, Overlay, State},
    },
    domain::{JobId, Outcome, OutcomeKind, SessionId, Text, Verb},
};

use super::{composer, connection, countdown, plans, records};

/// Refused targets that get a line of their own in the event pane, for each answer; the rest are counted.
const NAMED_REFUSALS: usize = 20;

/// Starts a plan as a job.
pub(super) fn start(state: &mut State, plan: Arc<Plan>) -> Vec<Effect> {
    let id = JobId(state.next_job);
    state.next_job += 1;
    let job = Job::new(id, Arc::clone(&plan), state.now);
    let offset = state.sessions.newest().and_then(|table| table.clock_offset()).unwrap_or_default();
    let operator = state.capabilities().and_then(|known| known.account.id.clone());
    state.own_events.push(OwnEvents::new(id, state.now, offset, operator));
    state.jobs.push(job);
    let held = plan.held_back.len();
    let text = format!(
        "started: {}, {} sent, {held} held back, plan {}",
        plan.verb,
        targets(plan.to_send.len()),
        plan.id
    );
    record(state, id, RecordLevel::Info, &text, None);
    state.overlays.push(Overlay::Job(JobSheet::new(id)));
    vec![Effect::RunJob { job: id, plan }]
}

/// Asks a job to send nothing more.
pub(super) fn stop(state: &mut State, id: JobId) -> Vec<Effect> {
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id && job.phase == JobPhase::Running) else {
        return Vec::new();
    };
    job.phase = JobPhase::Stopping;
    record(
        state,
        id,
        RecordLevel::Warning,
        "stop asked for: no more requests, what is out is waited for",
        None,
    );
    vec![Effect::StopJob { job: id }]
}

/// Takes what the engine tells.
pub(super) fn progressed(state: &mut State, id: JobId, event: &JobEvent) -> Vec<Effect> {
    let now = state.now;
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    job.apply(event, now);
    match event {
        JobEvent::Settled { outcomes } => record_refusals(state, id, outcomes),
        JobEvent::Finished { stopped, fault } => return finished(state, id, *stopped, fault.is_some()),
        JobEvent::Waiting(wait) => {
            let text = format!("waiting: {}", wait.why);
            record(state, id, RecordLevel::Warning, &text, None);
        }
        JobEvent::Entered(stage) => {
            if *stage == Stage::Sending {
                // The time that the earlier run's last request was given is over.
                job.waiting = None;
            }
            control::entered(state, id, stage);
        }
        JobEvent::Sent { targets } => {
            let plan = Arc::clone(&job.plan);
            if let Some(own) = state.own_events.iter_mut().find(|own| own.job() == id) {
                own.sent(&plan, targets);
            }
        }
        JobEvent::Created { .. }
        | JobEvent::Resumed
        | JobEvent::Messaged { .. }
        | JobEvent::Evidence { .. } => {}
    }
    Vec::new()
}

/// Names refused targets in the event pane.
fn record_refusals(state: &mut State, id: JobId, outcomes: &[(usize, Outcome)]) {
    let Some(plan) = state.job(id).map(|job| Arc::clone(&job.plan)) else {
        return;
    };
    let failed: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome.is_failure()).collect();
    for (place, outcome) in failed.iter().take(NAMED_REFUSALS) {
        let Some(target) = plan.to_send.get(*place) else {
            continue;
        };
        let who = target.session.login().unwrap_or_else(|| Text::clean(target.session.id.raw()));
        let machine =
            target.session.machine_label().map_or_else(String::new, |machine| format!(" on {machine}"));
        let why =
            outcome.fault().map_or_else(String::new, |fault| format!(": {}: {}", fault.kind, fault.message));
        let cause = outcome.cause();
        let colon = if cause.status.is_some() { ":" } else { "" };
        let text = format!("{}{colon} {who}{machine}{why}", cause.phrase());
        let level =
            if outcome.kind() == OutcomeKind::NoAnswer { RecordLevel::Error } else { RecordLevel::Warning };
        record(state, id, level, &text, Some(target.session.id.clone()));
    }
    if let Some(more) = failed.len().checked_sub(NAMED_REFUSALS).filter(|more| *more > 0) {
        record(
            state,
            id,
            RecordLevel::Warning,
            &format!("and {more} more were refused or not answered"),
            None,
        );
    }
}

/// The last word on a job: a summary, a fresh list, and the end if the operator is leaving.
fn finished(state: &mut State, id: JobId, stopped: bool, gave_up: bool) -> Vec<Effect> {
    let now = state.now;
    let unsent = state.job(id).map(Job::unsent_places).unwrap_or_default();
    if let Some(own) = state.own_events.iter_mut().find(|own| own.job() == id) {
        own.end(now, unsent);
    }
    if let Some(job) = state.job(id) {
        let counts = job.counts();
        let words: Vec<String> = OutcomeKind::ALL
            .iter()
            .filter_map(|kind| counts.get(kind).map(|count| format!("{count} {kind}")))
            .collect();
        let clean = job.outcomes.iter().all(|outcome| !outcome.is_failure()) && !gave_up;
        let verdict = if job.is_unstarted() {
            "not started"
        } else if gave_up {
            "gave up"
        } else if stopped {
            "stopped"
        } else {
            "done"
        };
        let level = if clean { RecordLevel::Info } else { RecordLevel::Warning };
        record(state, id, level, &format!("{verdict}: {}", words.join(", ")), None);
    }
    connection::refresh_now(state);
    ended(state)
}

/// A job of either kind ended: the question before leaving goes, and the program ends if the operator is leaving.
pub(super) fn ended(state: &mut State) -> Vec<Effect> {
    if !state.has_running_job() && matches!(state.overlays.last(), Some(Overlay::Leave)) {
        state.overlays.pop();
        let leaves = state.key(Context::Sessions, Command::Quit);
        state.notify(NoticeKind::Info, &format!("the job has ended; {leaves} leaves"));
    }
    if state.leaving && !state.has_running_job() {
        return vec![Effect::Exit(ExitReason::Left)];
    }
    Vec::new()
}

/// Says which jobs an earlier run left: in the event pane all of them, in the prompt line as many as fit.
pub(super) fn interrupted(state: &mut State, left: &[Interrupted]) {
    let Some(newest) = left.first() else { return };
    let lists = state.key(Context::Sessions, Command::Jobs);
    for job in left {
        let command = state.settings.for_this_estate(&format!("foretop jobs resume {}", job.journal));
        let text = format!(
            "interrupted: {} of plan {}: {} unsent, {} sent without answer{}; {lists}, or {command}",
            job.verb,
            job.plan,
            job.unsent,
            job.unanswered,
            not_confirmed(job.to_confirm)
        );
        connection::record(state, RecordLevel::Warning, &text);
    }
    let sum = |count: fn(&Interrupted) -> usize| left.iter().map(count).sum::<usize>();
    let (jobs, were) = if left.len() == 1 { ("job", "was") } else { ("jobs", "were") };
    let text = format!(
        "{} {jobs} {were} cut off: {} unsent, {} without answer{}; {lists} lists {}",
        left.len(),
        sum(|job| job.unsent),
        sum(|job| job.unanswered),
        not_confirmed(sum(|job| job.to_confirm)),
        if left.len() == 1 { "it" } else { "them" },
    );
    state.records.cut_off = Some(newest.journal.to_string());
    state.notify(NoticeKind::Warning, &text);
}

fn not_confirmed(count: usize) -> String {
    if count > 0 { format!(", {count} not confirmed") } else { String::new() }
}

/// Opens the sheet of a job of either kind.
pub(super) fn open_sheet(state: &mut State, id: JobId) {
    let sheet = if state.change_job(id).is_some() {
        Overlay::ChangeJob { job: id, scroll: 0 }
    } else {
        Overlay::Job(JobSheet::new(id))
    };
    state.overlays.push(sheet);
}

/// Runs a command of the job sheet.
pub(super) fn run(state: &mut State, sheet: &JobSheet, command: Command) -> Vec<Effect> {
    if let Some(Overlay::Job(sheet)) = state.overlays.last_mut() {
        sheet.complaint = None;
    }
    match command {
        Command::Accept | Command::JobTargets => {
            if let Some(Overlay::Job(sheet)) = state.overlays.last_mut() {
                sheet.names = !sheet.names;
                sheet.scroll = 0;
            }
        }
        Command::JobStop => return stop(state, sheet.job),
        Command::JobPause | Command::JobSlower | Command::JobFaster => {
            return control::run(state, sheet.job, command);
        }
        Command::JobHold | Command::JobShorten | Command::JobLengthen | Command::JobCancel => {
            return countdown::run(state, sheet.job, command);
        }
        Command::JobForce => return retry(state, sheet, Again::Forced),
        Command::JobRetry => return retry(state, sheet, Again::Same),
        Command::JobReset => return retry(state, sheet, Again::Listed),
        Command::JobCorrect => correct(state, sheet.job),
        Command::JobExport | Command::JobCopy => return hand_on::run(state, sheet.job, command),
        Command::JobVerify => return verify::ask(state, sheet.job),
        Command::JobResume => return records::go_on_with(state, sheet.job),
        _ => {}
    }
    Vec::new()
}

/// Which targets are planned again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// Those refused as locked, with force.
    Forced,
    /// Those that failed or never left, with the same verb; or those held back that the cursor is on.
    Same,
    /// Those that are still listed: a reset, or force.
    Listed,
}

/// Plans targets of a job again, as a new plan that names this one.
fn retry(state: &mut State, sheet: &JobSheet, again: Again) -> Vec<Effect> {
    let Some(job) = state.job(sheet.job) else {
        return Vec::new();
    };
    let (verb, ids) = match again {
        Again::Forced => (Verb::LogoffForced, ids_of_step(state, job, NextStep::Plan(Verb::LogoffForced))),
        Again::Same => (job.plan.verb, same_again(state, job, sheet.cursor)),
        Again::Listed => still_listed(state, job),
    };
    let complaint = if job.may_send() {
        Some("the job still runs")
    } else if state.settings.read_only {
        Some("read-only: nothing can be acted on")
    } else if ids.is_empty() {
        Some(match again {
            Again::Forced => "none was refused as locked",
            Again::Same => "none failed or was left unsent",
            Again::Listed => "none is still listed that a reset or force could help",
        })
    } else {
        None
    };
    if let Some(complaint) = complaint {
        complain(state, complaint);
        return Vec::new();
    }
    let (message, parent) = (job.plan.message.clone(), job.plan.id.clone());
    let wanted = Wanted::new(verb, ids, state.settings.terms.clone());
    plans::open_sheet(state, Wanted { message, origin: Origin::Retry(parent), ..wanted })
}

/// Opens the composer for those who were told of a logoff that does not come.
fn correct(state: &mut State, id: JobId) {
    let Some(job) = state.job(id) else {
        return;
    };
    let ids = ids_at(job, job.told_in_vain().into_iter());
    let complaint = if state.settings.read_only {
        Some("read-only: nothing can be sent")
    } else if ids.is_empty() {
        Some("nobody was told of a logoff that does not come")
    } else {
        None
    };
    let plan = job.plan.id.clone();
    match complaint {
        Some(complaint) => complain(state, complaint),
        None => composer::open_correction(state, ids, plan),
    }
}

/// The targets of all causes that a step helps, but those that are still listed: they have a key of their own.
fn ids_of_step(state: &State, job: &Job, step: NextStep) -> Vec<SessionId> {
    let groups = Report::of(job).groups;
    let helped = groups.iter().filter(|group| {
        group.cause.outcome != OutcomeKind::StillListed
            && group.next_step(job, state.capabilities()) == Some(step)
    });
    ids_at(job, helped.flat_map(|group| group.places.iter().copied()))
}

/// What a stop or a fault left unsent is as much unfinished as what was refused. Who was held back comes again only
/// when the cursor is on them: a plan must not grow by whoever reconnected.
fn same_again(state: &State, job: &Job, cursor: usize) -> Vec<SessionId> {
    let groups = Report::of(job).groups;
    let chosen = groups.get(cursor).filter(|group| {
        group.cause.outcome == OutcomeKind::HeldBack
            && group.next_step(job, state.capabilities()) == Some(NextStep::Again)
    });
    match chosen {
        Some(group) => ids_at(job, group.places.iter().copied()),
        None => job.ids_where(|outcome| outcome.is_failure() || *outcome == Outcome::Unsent),
    }
}

/// Who is still listed, and what may help them: a reset where it is legal for any of them.
fn still_listed(state: &State, job: &Job) -> (Verb, Vec<SessionId>) {
    let groups = Report::of(job).groups;
    let listed = groups.iter().filter(|group| group.cause.outcome == OutcomeKind::StillListed);
    let steps = listed.filter_map(|group| match group.next_step(job, state.capabilities())? {
        NextStep::Plan(verb) => Some((verb, group)),
        NextStep::Again | NextStep::Verify => None,
    });
    let steps: Vec<_> = steps.collect();
    let verb = steps.iter().map(|(verb, _)| *verb).find(|verb| *verb == Verb::Reset);
    let verb = verb.unwrap_or(Verb::LogoffForced);
    (verb, ids_at(job, steps.iter().flat_map(|(_, group)| group.places.iter().copied())))
}

fn ids_at(job: &Job, places: impl Iterator<Item = usize>) -> Vec<SessionId> {
    let mut places: Vec<usize> = places.collect();
    places.sort_unstable();
    let targets = job.targets().enumerate().filter(|(place, _)| places.binary_search(place).is_ok());
    targets.map(|(_, (target, _))| target.session.id.clone()).collect()
}

/// Says on the sheet on top what a key could not do.
fn complain(state: &mut State, words: &str) {
    if let Some(Overlay::Job(sheet)) = state.overlays.last_mut() {
        sheet.complaint = Some(Text::clean(words));
    }
}

fn targets(count: usize) -> String {
    format!("{count} target{}", if count == 1 { "" } else { "s" })
}

/// Adds a record about a job to the event pane.
pub(super) fn record(
    state: &mut State,
    job: JobId,
    level: RecordLevel,
    text: &str,
    session: Option<SessionId>,
) {
    let text = Text::clean(&format!("JOB {job} {text}"));
    state.events.record(OwnRecord { time: state.now, level, text, job: Some(job), session });
}

/// A line for each job that did not end before the operator left, or whose end the leaving waited for: what became of
/// its targets, with the names of those whose outcome is unknown.
pub fn summaries(state: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for job in &state.jobs {
        let counts = job.counts();
        let words: Vec<String> = OutcomeKind::ALL
            .iter()
            .filter_map(|kind| counts.get(kind).map(|count| format!("{count} {kind}")))
            .collect();
        lines.push(format!("job {} {} (plan {}): {}", job.id, job.plan.verb, job.plan.id, words.join(", ")));
        let unknown = |outcome: &Outcome| matches!(outcome.kind(), OutcomeKind::Sent | OutcomeKind::NoAnswer);
        for (target, outcome) in
            job.plan.to_send.iter().zip(&job.outcomes).filter(|(_, outcome)| unknown(outcome))
        {
            let who = target.session.login().unwrap_or_else(|| Text::clean("?"));
            let machine = target.session.machine_label().unwrap_or_else(|| Text::clean("?"));
            lines.push(format!("  {}: {who} on {machine}, session {}", outcome.kind(), target.session.id));
        }
    }
    for job in &state.change_jobs {
        let (id, plan) = (job.id, &job.plan);
        lines.push(format!("job {id} {} (plan {}): {}", plan.deed(), plan.id, job.counts_in_words()));
        lines.extend(job.unknown().map(|(item, outcome)| {
            format!("  {}: {} {}", outcome.kind(), item.change.kind().label(), item.label)
        }));
    }
    lines
}
