//! The sheet of a job of changes: how far it is, and what became of each change in the server's words.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::JobPhase,
        change::{ChangeItem, ChangeJob},
        state::State,
    },
    domain::{JobId, Outcome, OutcomeKind},
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        text::{self, counted},
        theme::Role,
        time::{Clock, duration, seconds, stopwatch},
    },
};

use super::super::{
    job::{draw_counts, outcome_role},
    jobs::phase_of,
    page::{Line, draw_page, wrapped},
    sheet::Sheet,
};

/// Columns of the outcome before what it is about.
const OUTCOME: usize = 12;

/// Draws the sheet of a job.
pub(in crate::ui::sheets) fn draw(pen: &mut Pen<'_>, state: &State, id: JobId, scroll: usize, clock: &Clock) {
    let Some(job) = state.change_job(id) else {
        let sheet = Sheet::open(pen, state, &[piece(format!("JOB {id}"), Role::Accent)], None);
        sheet.close(pen, state, None, "this job is not known any more", "");
        return;
    };
    let started = format!("started {}", clock.time(job.started_at));
    let sheet = Sheet::open(pen, state, &title(job), Some(&started));
    let body = sheet.body;
    let used = draw_progress(pen, body, state, job, clock);
    let rest = Rect { y: body.y + used, height: body.height.saturating_sub(used), ..body };
    pen.rule(rest, 0, Role::Border);
    let list = Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest };
    let part = draw_page(pen, list, &lines(job, list.width), scroll);
    sheet.close(pen, state, None, &standing(state, job), &part);
}

fn title(job: &ChangeJob) -> Vec<Piece<'static>> {
    let mut title = vec![
        piece(format!("JOB {}  ", job.id), Role::Accent),
        piece(job.plan.title.to_string(), Role::Heading),
        piece(format!("  plan {}", job.plan.id), Role::Muted),
    ];
    if let Some(parent) = &job.plan.retry_of {
        title.push(piece(format!(", retry of {parent}"), Role::Muted));
    }
    title
}

/// Draws the bar, the counts that add up, and what holds it up; returns the lines used.
fn draw_progress(pen: &mut Pen<'_>, body: Rect, state: &State, job: &ChangeJob, clock: &Clock) -> u16 {
    let (answered, total) = (job.answered(), job.total());
    let until = job.finished_at().unwrap_or(state.now);
    let elapsed = stopwatch(seconds(job.started_at, until));
    let right = vec![
        piece(format!("answered {answered}/{total}"), Role::Text),
        piece(format!("   {elapsed}   "), Role::Muted),
        phase_piece(job),
    ];
    let width = usize::from(body.width).saturating_sub(pieces_width(&right) + 4);
    let done = (width * answered).checked_div(total).unwrap_or(width);
    let (full, open) = pen.glyphs.bar();
    let bar = [
        piece("[", Role::Border),
        piece(full.repeat(done), Role::Success),
        piece(open.repeat(width - done), Role::Muted),
        piece("]", Role::Border),
    ];
    pen.line(body, 0, &bar, &right);
    let mut row = draw_counts(pen, body, 1, &job.counts());
    let all = format!("of {}", counted(job.plan.len(), "change", "changes"));
    let mut calls = vec![piece(counted(job.calls, "call", "calls"), Role::Muted)];
    if job.throttled > 0 {
        calls.push(piece(format!("   throttled {}x", job.throttled), Role::Warning));
    }
    pen.line(body, row, &calls, &[piece(all, Role::Muted)]);
    row += 1;
    let held_up = match (&job.phase, &job.waiting) {
        (JobPhase::Finished { fault: Some(fault), .. }, _) => {
            Some((format!("GAVE UP: {fault}"), Role::Danger))
        }
        (_, Some(wait)) => {
            let left = duration(seconds(state.now, wait.until));
            let resumes = clock.time(wait.until);
            Some((format!("waiting {left}: {}; resumes {resumes}", wait.why), Role::Warning))
        }
        (_, None) => None,
    };
    if let Some((words, role)) = held_up {
        for line in text::wrap(&words, usize::from(body.width)) {
            pen.line(body, row, &[piece(line.trim_end().to_owned(), role)], &[]);
            row += 1;
        }
    }
    row
}

fn phase_piece(job: &ChangeJob) -> Piece<'static> {
    let role = match &job.phase {
        JobPhase::Running if job.waiting.is_some() => Role::Warning,
        JobPhase::Running => Role::Accent,
        JobPhase::Stopping | JobPhase::Finished { stopped: true, .. } => Role::Warning,
        JobPhase::Finished { fault: Some(_), .. } => Role::Danger,
        JobPhase::Finished { .. } if job.failed() > 0 => Role::Warning,
        JobPhase::Finished { .. } => Role::Success,
    };
    piece(phase_of(&job.phase, job.waiting.is_some()), role)
}

/// Every change with what became of it, and below those held back from the beginning.
fn lines(job: &ChangeJob, width: u16) -> Vec<Line> {
    let mut lines = Vec::new();
    for (place, (item, outcome)) in job.plan.items.iter().zip(&job.outcomes).enumerate() {
        lines.extend(item_lines(job, place, item, outcome, width));
    }
    for held in &job.plan.held_back {
        let words = format!("{}: {}", held.label, held.reason);
        let label = text::left(OutcomeKind::HeldBack.label(), OUTCOME, "");
        lines.extend(wrapped(&label, &words, outcome_role(OutcomeKind::HeldBack), width));
    }
    lines
}

fn item_lines(job: &ChangeJob, place: usize, item: &ChangeItem, outcome: &Outcome, width: u16) -> Vec<Line> {
    let role = outcome_role(outcome.kind());
    let label = text::left(outcome.kind().label(), OUTCOME, "");
    let about = format!("{}  {}", item.change.kind().label(), item.label);
    let mut lines = wrapped(&label, &about, role, width);
    let indent = " ".repeat(OUTCOME);
    if let Some(id) = job.created_label(place) {
        lines.extend(wrapped(&indent, &format!("id {id}"), Role::Muted, width));
    }
    let words = match outcome {
        Outcome::HeldBack(reason) => Some(reason.to_string()),
        Outcome::NoAnswer(fault) => {
            Some(format!("{}: {}; it may have happened: see in the list", fault.kind, fault.message))
        }
        Outcome::Accepted => Some("the server took it; not seen to have happened yet".to_owned()),
        other => other.fault().map(|fault| format!("{}: {}", fault.kind, fault.message)),
    };
    if let Some(words) = words {
        let role = if *outcome == Outcome::Accepted { Role::Muted } else { role };
        lines.extend(wrapped(&indent, &words, role, width));
    }
    // What was needed is worth naming where it was missing: the server's words rarely do.
    let denied = outcome.fault().is_some_and(|fault| {
        let privilege = item.change.kind().privilege().name();
        fault.kind == crate::domain::FaultKind::InsufficientPermission
            && !fault.message.as_str().contains(privilege)
    });
    if denied {
        let words = format!("needs {}", item.change.kind().privilege().name());
        lines.extend(wrapped(&indent, &words, role, width));
    }
    lines
}

/// What there is to know beside the numbers.
fn standing(state: &State, job: &ChangeJob) -> String {
    let retries: Vec<String> = state
        .change_jobs
        .iter()
        .filter(|other| other.plan.retry_of.as_ref() == Some(&job.plan.id))
        .map(|other| format!("job {}", other.id))
        .collect();
    if !retries.is_empty() {
        return format!("retried by {}", retries.join(", "));
    }
    match &job.phase {
        JobPhase::Running => "it goes on when this sheet is closed".to_owned(),
        JobPhase::Stopping => "stopping: no more calls, what is out is waited for".to_owned(),
        JobPhase::Finished { .. } => String::new(),
    }
}
