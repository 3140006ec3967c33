//! Menus, sheets and jobs of changes to permissions and images.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    core::{
        bulk::{JobEvent, JobPhase},
        change::{ChangeConfirmation, ChangeJob, ChangePlan},
        cloud::is_cloud,
        command::{Command, Context},
        effect::Effect,
        events::RecordLevel,
        key::{Key, KeyCode},
        line_input::LineInput,
        own_events::OwnEvents,
        rows::{self, Rows},
        state::{ChangeChoice, ChangeMenu, ChangeSheet, NoticeKind, Overlay, Poll, State, Tab},
    },
    domain::{ChangeKind, JobId, Outcome, OutcomeKind, Text},
};

use super::{cloud, connection, images, jobs, keys, permissions};

/// Failed changes that get a line of their own in the event pane, for each answer; the rest are counted.
const NAMED_FAILURES: usize = 20;

/// Opens the menu of changes.
pub(super) fn open_menu(state: &mut State, title: Text, choices: Vec<ChangeChoice>) {
    // The first line that can be chosen is the one that Enter means.
    let cursor = choices.iter().position(|choice| choice.objection.is_none()).unwrap_or(0);
    state.overlays.push(Overlay::ChangeMenu(ChangeMenu { title, choices, cursor }));
}

/// Shows the sheet of a frozen plan. Nothing is sent.
pub(super) fn open_sheet(state: &mut State, plan: ChangePlan) {
    state.overlays.push(Overlay::Change(Box::new(ChangeSheet {
        plan,
        typed: LineInput::default(),
        scroll: 0,
        complaint: None,
    })));
}

/// Whether a job is one of changes.
pub(super) fn is_ours(state: &State, job: JobId) -> bool {
    state.change_job(job).is_some()
}

/// Runs a command of the menu, a sheet or a job of changes.
pub(super) fn run(state: &mut State, command: Command, context: Context) -> Vec<Effect> {
    if command == Command::Back {
        state.overlays.pop();
        return Vec::new();
    }
    let step = step(state, command);
    if step != 0 {
        scroll(state, step);
        return Vec::new();
    }
    match context {
        Context::ChangeMenu => choose(state, command),
        Context::ChangeSheet => sheet(state, command),
        Context::ChangeJobSheet => job_sheet(state, command),
        _ => Vec::new(),
    }
}

/// How many lines a command moves by; 0 for those that do not move.
fn step(state: &State, command: Command) -> isize {
    let page = isize::try_from(Rows::of(state).sheet.max(1)).unwrap_or(1);
    match command {
        Command::MoveDown => 1,
        Command::MoveUp => -1,
        Command::MoveHalfDown => (page / 2).max(1),
        Command::MoveHalfUp => -(page / 2).max(1),
        Command::MovePageDown => page,
        Command::MovePageUp => -page,
        _ => 0,
    }
}

fn scroll(state: &mut State, step: isize) {
    let rows = usize::from(Rows::of(state).sheet);
    let width = usize::from(rows::sheet_size(state.screen).width);
    let moved = |place: usize, length: usize| place.saturating_add_signed(step).min(length.saturating_sub(1));
    let job_lines = match state.overlays.last() {
        Some(Overlay::ChangeJob { job, .. }) => {
            state.change_job(*job).map_or(0, |job| job_length(job, width))
        }
        _ => 0,
    };
    match state.overlays.last_mut() {
        Some(Overlay::ChangeMenu(menu)) => menu.cursor = moved(menu.cursor, menu.choices.len()),
        // How many lines these have only the drawing knows; it stops at the last one.
        Some(Overlay::Change(sheet)) => {
            let lines = plan_length(&sheet.plan, width);
            sheet.scroll = moved(sheet.scroll, lines.saturating_sub(rows / 2) + 1);
        }
        Some(Overlay::ChangeJob { scroll, .. }) => {
            *scroll = moved(*scroll, job_lines.saturating_sub(rows / 2) + 1);
        }
        _ => {}
    }
}

/// About as many lines as a text takes on a sheet.
fn lines_of(text: &Text, width: usize) -> usize {
    1 + text.as_str().chars().count() / width.saturating_sub(8).max(1)
}

/// About as many lines as the sheet of a plan has.
fn plan_length(plan: &ChangePlan, width: usize) -> usize {
    const HEADINGS: usize = 8;
    let items = plan.items.iter().flat_map(|item| std::iter::once(&item.label).chain(&item.details));
    let held = plan.held_back.iter().flat_map(|held| [&held.label, &held.reason]);
    let rest = plan.warnings.iter().chain(&plan.consequences).chain(&plan.command);
    HEADINGS + items.chain(held).chain(rest).map(|text| lines_of(text, width)).sum::<usize>()
}

/// About as many lines as the sheet of a job has.
fn job_length(job: &ChangeJob, width: usize) -> usize {
    const HEADINGS: usize = 4;
    let words = job.outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::HeldBack(reason) => Some(reason),
        other => other.fault().map(|fault| &fault.message),
    });
    let held = job.plan.held_back.iter().flat_map(|held| [&held.label, &held.reason]);
    let labels = job.plan.items.iter().map(|item| &item.label);
    HEADINGS + labels.chain(words).chain(held).map(|text| lines_of(text, width) + 1).sum::<usize>()
}

// The menu

/// Does what a line of the menu says: the one under the cursor at Enter, or the one with this letter.
fn choose(state: &mut State, command: Command) -> Vec<Effect> {
    let Some(Overlay::ChangeMenu(menu)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    let place = if command == Command::Accept {
        Some(menu.cursor)
    } else {
        menu.choices.iter().position(|choice| choice.command == command)
    };
    let Some((place, choice)) =
        place.and_then(|place| menu.choices.get(place).map(|choice| (place, choice.clone())))
    else {
        state.notify(NoticeKind::Info, "that is not possible here");
        return Vec::new();
    };
    menu.cursor = place;
    if let Some(objection) = choice.objection {
        state.notify(NoticeKind::Warning, &format!("cannot {}: {objection}", choice.label));
        return Vec::new();
    }
    state.overlays.pop();
    if is_cloud(state) {
        cloud::chosen(state, choice.command);
        return Vec::new();
    }
    let below = keys::context(state);
    match state.tab {
        Tab::Images => {
            let context = if below == Context::ImageDetail { below } else { Context::Images };
            images::run(state, choice.command, context)
        }
        Tab::Permissions | Tab::Sessions | Tab::AppServers => {
            let context = if below == Context::PermissionDetail { below } else { Context::Permissions };
            permissions::run(state, choice.command, context)
        }
    }
}

// The sheet of a plan

/// Whether the sheet takes this key as text although it is bound: letters while words must be typed.
pub(super) fn takes(state: &State, key: Key) -> bool {
    let Some(Overlay::Change(sheet)) = state.overlays.last() else {
        return false;
    };
    matches!(sheet.plan.confirmation(), ChangeConfirmation::Words(_)) && key.typed().is_some()
}

/// A key that is typed into the number or the words. Says whether there was a use for it.
pub(super) fn typed(sheet: &mut ChangeSheet, key: Key) -> bool {
    let used = match sheet.plan.confirmation() {
        ChangeConfirmation::Words(_) => sheet.typed.handle(key),
        ChangeConfirmation::Number(_) => match key.typed() {
            Some(character) if !character.is_ascii_digit() => false,
            Some(_) if sheet.typed.text().len() >= 7 => true,
            Some(_) => sheet.typed.handle(key),
            None => {
                matches!(
                    key.code,
                    KeyCode::Backspace
                        | KeyCode::Delete
                        | KeyCode::Left
                        | KeyCode::Right
                        | KeyCode::Char('u')
                ) && sheet.typed.handle(key)
            }
        },
        ChangeConfirmation::Key | ChangeConfirmation::Nothing => false,
    };
    if used {
        sheet.complaint = None;
    }
    used
}

/// Starts the plan when what is asked for was typed; nothing else does.
fn sheet(state: &mut State, command: Command) -> Vec<Effect> {
    let read_only = state.settings.read_only;
    let confirm = state.key(Context::ChangeSheet, Command::Confirm);
    let Some(Overlay::Change(sheet)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    let typed = sheet.typed.text().trim();
    let complaint = match (command, sheet.plan.confirmation()) {
        (Command::Accept | Command::Confirm, _) if read_only => {
            "read-only: nothing can be changed; nothing was sent".to_owned()
        }
        (Command::Accept | Command::Confirm, ChangeConfirmation::Nothing) => {
            "there is nothing to send".to_owned()
        }
        (Command::Confirm, ChangeConfirmation::Key) => return start(state),
        (Command::Accept, ChangeConfirmation::Key) => {
            format!("{confirm} starts it, Esc cancels; nothing was sent")
        }
        (Command::Accept, ChangeConfirmation::Number(count)) if typed.parse() == Ok(count) => {
            return start(state);
        }
        (Command::Accept, ChangeConfirmation::Words(words)) if typed == words.as_str() => {
            return start(state);
        }
        (Command::Accept | Command::Confirm, ChangeConfirmation::Number(count)) => {
            sheet.typed = LineInput::default();
            format!("type {count}, then Enter; nothing was sent")
        }
        (Command::Accept | Command::Confirm, ChangeConfirmation::Words(words)) => {
            format!("type the words \"{words}\", then Enter; nothing was sent")
        }
        _ => return Vec::new(),
    };
    sheet.complaint = Some(Text::clean(&complaint));
    Vec::new()
}

/// Starts the plan on top as a job and opens its sheet; unless it has become more dangerous than the sheet says.
fn start(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Change(mut sheet)) = state.overlays.pop() else {
        return Vec::new();
    };
    if permissions::guard(state, &mut sheet.plan) {
        sheet.typed = LineInput::default();
        sheet.scroll = 0;
        sheet.complaint = Some("the permissions changed meanwhile: look again; nothing was sent".into());
        state.overlays.push(Overlay::Change(sheet));
        return Vec::new();
    }
    let plan = Arc::new(sheet.plan);
    // Whatever led here is done: the form below, or the sheet of the job whose failures are tried again.
    state.overlays.retain(|overlay| {
        !matches!(
            overlay,
            Overlay::Form(_) | Overlay::Change(_) | Overlay::ChangeMenu(_) | Overlay::ChangeJob { .. }
        )
    });
    let id = JobId(state.next_job);
    state.next_job += 1;
    let job = ChangeJob::new(id, Arc::clone(&plan), state.now);
    let offset = state.sessions.newest().and_then(|table| table.clock_offset()).unwrap_or_default();
    let operator = state.capabilities().and_then(|known| known.account.id.clone());
    state.own_events.push(OwnEvents::new(job.id, job.started_at, offset, operator));
    state.change_jobs.push(job);
    let text = format!(
        "started: {}, {} sent, {} held back, plan {}",
        plan.deed(),
        changes(plan.items.len()),
        plan.held_back.len(),
        plan.id
    );
    jobs::record(state, id, RecordLevel::Info, &text, None);
    state.overlays.push(Overlay::ChangeJob { job: id, scroll: 0 });
    vec![Effect::RunChanges { job: id, plan }]
}

fn changes(count: usize) -> String {
    format!("{count} change{}", if count == 1 { "" } else { "s" })
}

// Jobs

/// Takes what the engine tells of a job.
pub(super) fn progressed(state: &mut State, id: JobId, event: &JobEvent) -> Vec<Effect> {
    let now = state.now;
    let Some(job) = state.change_jobs.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    let before = job.outcomes.clone();
    job.apply(event, now);
    match event {
        JobEvent::Settled { outcomes } => {
            record_failures(state, id, &before, outcomes);
            cloud::settled(state, id);
        }
        JobEvent::Finished { stopped, fault } => return finished(state, id, *stopped, fault.is_some()),
        JobEvent::Waiting(wait) => {
            let text = format!("waiting: {}", wait.why);
            jobs::record(state, id, RecordLevel::Warning, &text, None);
        }
        JobEvent::Created { ids } => note_created(state, id, ids),
        JobEvent::Sent { .. }
        | JobEvent::Resumed
        | JobEvent::Entered(_)
        | JobEvent::Messaged { .. }
        | JobEvent::Evidence { .. } => {}
    }
    Vec::new()
}

/// Lets the events of what was created be known by its id.
fn note_created(state: &mut State, id: JobId, ids: &[(usize, String)]) {
    let Some(plan) = state.change_job(id).map(|job| Arc::clone(&job.plan)) else {
        return;
    };
    cloud::ordered(state, id, &plan, ids);
    let Some(own) = state.own_events.iter_mut().find(|own| own.job() == id) else {
        return;
    };
    for (place, created) in ids {
        if let Some(item) = plan.items.get(*place) {
            own.created(item.change.kind(), created);
        }
    }
}

/// Names changes that failed in the event pane, each once.
fn record_failures(state: &mut State, id: JobId, before: &[Outcome], outcomes: &[(usize, Outcome)]) {
    let Some(plan) = state.change_job(id).map(|job| Arc::clone(&job.plan)) else {
        return;
    };
    let failed = |(place, outcome): &&(usize, Outcome)| {
        let is_new = before.get(*place).is_none_or(|before| before.kind() != outcome.kind());
        is_new && (outcome.is_failure() || outcome.kind() == OutcomeKind::NotFound)
    };
    let failed: Vec<_> = outcomes.iter().filter(failed).collect();
    for (place, outcome) in failed.iter().take(NAMED_FAILURES) {
        let Some(item) = plan.items.get(*place) else {
            continue;
        };
        let why =
            outcome.fault().map_or_else(String::new, |fault| format!(": {}: {}", fault.kind, fault.message));
        let text =
            format!("{}: {} {}{why}", outcome.cause().phrase(), item.change.kind().label(), item.label);
        let level =
            if outcome.kind() == OutcomeKind::NoAnswer { RecordLevel::Error } else { RecordLevel::Warning };
        jobs::record(state, id, level, &text, None);
    }
    if let Some(more) = failed.len().checked_sub(NAMED_FAILURES).filter(|more| *more > 0) {
        let text = format!("and {more} more were refused or not answered");
        jobs::record(state, id, RecordLevel::Warning, &text, None);
    }
}

/// The last word on a job: a summary, a fresh list, and the end if the operator is leaving.
fn finished(state: &mut State, id: JobId, stopped: bool, gave_up: bool) -> Vec<Effect> {
    let now = state.now;
    let unsent = state.change_job(id).map(crate::core::bulk::Job::unsent_places).unwrap_or_default();
    if let Some(own) = state.own_events.iter_mut().find(|own| own.job() == id) {
        own.end(now, unsent);
    }
    if let Some(job) = state.change_job(id) {
        let clean =
            job.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Accepted | Outcome::Confirmed));
        let verdict = match (gave_up, stopped) {
            (true, _) => "gave up",
            (false, true) => "stopped",
            (false, false) => "done",
        };
        let level = if clean && !gave_up { RecordLevel::Info } else { RecordLevel::Warning };
        let text = format!("{verdict}: {}, {}", job.plan.deed(), job.counts_in_words());
        let kinds = job.plan.kinds();
        jobs::record(state, id, level, &text, None);
        if is_cloud(state) {
            cloud::changed(state);
            connection::refresh_now(state);
            return jobs::ended(state);
        }
        let is_permission =
            |kind: &ChangeKind| matches!(kind, ChangeKind::CreatePermission | ChangeKind::DeletePermission);
        if kinds.iter().any(is_permission) {
            read_again(&mut state.permissions.poll, now);
        }
        if !kinds.iter().all(is_permission) {
            read_again(&mut state.images.poll, now);
        }
    }
    // The events that it caused, and sessions: a moved tag shows there.
    connection::refresh_now(state);
    jobs::ended(state)
}

/// Asks for a list as soon as possible; a poll that is out is followed by one more.
fn read_again(poll: &mut Poll, now: jiff::Timestamp) {
    if poll.in_flight.is_some() {
        poll.again = true;
    } else {
        poll.next_at = Some(now);
    }
}

/// Asks a job to send nothing more.
fn stop(state: &mut State, id: JobId) -> Vec<Effect> {
    let Some(job) = state.change_jobs.iter_mut().find(|job| job.id == id && job.phase == JobPhase::Running)
    else {
        return Vec::new();
    };
    job.phase = JobPhase::Stopping;
    let text = "stop asked for: no more requests, what is out is waited for";
    jobs::record(state, id, RecordLevel::Warning, text, None);
    vec![Effect::StopJob { job: id }]
}

/// Asks all jobs of changes to send nothing more.
pub(super) fn stop_all(state: &mut State) -> Vec<Effect> {
    let running: Vec<JobId> =
        state.change_jobs.iter().filter(|job| job.is_running()).map(|job| job.id).collect();
    running.into_iter().flat_map(|id| stop(state, id)).collect()
}

/// Runs a command of the sheet of a job.
fn job_sheet(state: &mut State, command: Command) -> Vec<Effect> {
    let Some(Overlay::ChangeJob { job, .. }) = state.overlays.last() else {
        return Vec::new();
    };
    let id = *job;
    match command {
        Command::JobStop => return stop(state, id),
        Command::JobRetry => retry(state, id),
        Command::JobExport | Command::JobCopy => return jobs::hand_on(state, id, command),
        _ => {}
    }
    Vec::new()
}

/// Plans what failed or was not sent again.
fn retry(state: &mut State, id: JobId) {
    let Some(job) = state.change_job(id) else {
        return;
    };
    let objection = if job.is_running() {
        Some("the job still runs")
    } else if state.settings.read_only {
        Some("read-only: nothing can be changed")
    } else if job.can_retry() {
        None
    } else {
        Some("none failed or was left unsent")
    };
    if let Some(objection) = objection {
        return state.notify(NoticeKind::Warning, objection);
    }
    let job = job.clone();
    let mut plan = job.retry(state.plan_id(), state.now);
    permissions::guard(state, &mut plan);
    open_sheet(state, plan);
}
