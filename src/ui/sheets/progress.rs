//! What the sheets of all jobs have in common: title, bar, counts by outcome, what holds it up.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{ABOUT, Job, JobPhase, Planned},
        state::State,
    },
    domain::OutcomeKind,
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        text::{self, counted},
        theme::Role,
        time::{Clock, duration, seconds, stopwatch},
    },
};

/// What differs between the kinds of jobs.
pub(super) struct Look {
    /// What a target is called, one and many.
    pub(super) nouns: (&'static str, &'static str),
    /// Behind the number of answers.
    pub(super) beside: Option<Piece<'static>>,
    /// How a job looks that came to its end.
    pub(super) done: Role,
}

/// The title of a job, with its name in the given role.
pub(super) fn title<P: Planned>(job: &Job<P>, role: Role) -> Vec<Piece<'static>> {
    let mut title = vec![
        piece(format!("JOB {}  ", job.id), Role::Accent),
        piece(job.plan.title().to_owned(), role),
        piece(format!("  plan {}", job.plan.id()), Role::Muted),
    ];
    if let Some(parent) = job.plan.retry_of() {
        title.push(piece(format!(", {} {parent}", job.plan.link()), Role::Muted));
    }
    title
}

/// Draws the bar, the counts that add up, the calls, and what holds it up; returns the lines used.
pub(super) fn draw_progress<P: Planned>(
    pen: &mut Pen<'_>,
    body: Rect,
    state: &State,
    job: &Job<P>,
    look: Look,
    clock: &Clock,
) -> u16 {
    let Look { nouns: (one, many), beside, done } = look;
    let targets = counted(job.plan.sends() + job.plan.holds_back(), one, many);
    draw_bar(pen, body, state, job, (beside, done));
    let row = draw_counts(pen, body, 1, &job.counts());
    let mut calls = vec![piece(counted(job.calls, "call", "calls"), Role::Muted)];
    if job.throttled > 0 {
        calls.push(piece(format!("   throttled {}x", job.throttled), Role::Warning));
    }
    pen.line(body, row, &calls, &[piece(targets, Role::Muted)]);
    draw_held_up(pen, body, row + 1, state, job, clock)
}

/// Draws how many were answered, how long it takes, and where it stands.
fn draw_bar<P: Planned>(
    pen: &mut Pen<'_>,
    body: Rect,
    state: &State,
    job: &Job<P>,
    (beside, done): (Option<Piece<'static>>, Role),
) {
    let (answered, total) = (job.answered(), job.total());
    let until = job.finished_at().unwrap_or(state.now);
    let elapsed = stopwatch(seconds(job.started_at, until));
    let mut right = vec![piece(format!("answered {answered}/{total}"), Role::Text)];
    right.extend(beside);
    right.push(piece(format!("   {elapsed}   "), Role::Muted));
    right.push(piece(phase(job), phase_role(job, done)));
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
}

/// Draws what holds it up, which is read in full: a line of its own, or more. Returns the row below.
fn draw_held_up<P: Planned>(
    pen: &mut Pen<'_>,
    body: Rect,
    first: u16,
    state: &State,
    job: &Job<P>,
    clock: &Clock,
) -> u16 {
    let (words, role) = match (job.ending(), &job.waiting) {
        ((_, Some(fault)), _) if job.is_unstarted() => {
            (format!("NOT STARTED: {}", fault.message), Role::Danger)
        }
        ((_, Some(fault)), _) => (format!("GAVE UP: {fault}"), Role::Danger),
        (_, Some(wait)) => {
            let left = duration(seconds(state.now, wait.until));
            let resumes = clock.time(wait.until);
            (format!("waiting {left}: {}; resumes {resumes}", wait.why), Role::Warning)
        }
        (_, None) => return first,
    };
    let mut row = first;
    for line in text::wrap(&words, usize::from(body.width)) {
        pen.line(body, row, &[piece(line.trim_end(), role)], &[]);
        row += 1;
    }
    row
}

/// Draws the counts, which add up to all targets, in one row or two; returns the row below.
fn draw_counts(pen: &mut Pen<'_>, body: Rect, first: u16, counts: &BTreeMap<OutcomeKind, usize>) -> u16 {
    let mut rows: Vec<Vec<Piece<'_>>> = vec![Vec::new()];
    for (kind, count) in
        OutcomeKind::ALL.iter().filter_map(|kind| counts.get(kind).map(|count| (*kind, *count)))
    {
        let pair = [
            piece(format!("{} ", kind.label()), Role::Muted),
            piece(format!("{count}   "), outcome_role(kind)),
        ];
        let wide = rows.last().map_or(0, |row| pieces_width(row)) + pieces_width(&pair);
        if wide > usize::from(body.width) + 3 && rows.len() < 2 {
            rows.push(Vec::new());
        }
        if let Some(row) = rows.last_mut() {
            row.extend(pair);
        }
    }
    for (row, pieces) in (first..).zip(&rows) {
        pen.line(body, row, pieces, &[]);
    }
    first + rows.len() as u16
}

/// How an outcome looks.
pub(super) fn outcome_role(kind: OutcomeKind) -> Role {
    match kind {
        OutcomeKind::Confirmed => Role::Success,
        OutcomeKind::Refused => Role::Danger,
        OutcomeKind::StillListed | OutcomeKind::NotFound | OutcomeKind::NoAnswer => Role::Warning,
        OutcomeKind::Accepted | OutcomeKind::HeldBack | OutcomeKind::Sent | OutcomeKind::Unsent => Role::Text,
    }
}

/// Where a job stands, in a word.
pub(super) fn phase<P: Planned>(job: &Job<P>) -> &'static str {
    match &job.phase {
        JobPhase::Running if job.waiting.is_some() => "waiting",
        JobPhase::Running => "running",
        JobPhase::Stopping => "stopping",
        JobPhase::Finished { fault: Some(_), .. } if job.is_unstarted() => "not started",
        JobPhase::Finished { fault: Some(_), .. } => "gave up",
        JobPhase::Finished { stopped: true, .. } => "stopped",
        JobPhase::Finished { .. } => "done",
    }
}

fn phase_role<P: Planned>(job: &Job<P>, done: Role) -> Role {
    match &job.phase {
        JobPhase::Running if job.waiting.is_some() => Role::Warning,
        JobPhase::Running => Role::Accent,
        JobPhase::Stopping | JobPhase::Finished { stopped: true, .. } => Role::Warning,
        JobPhase::Finished { fault: Some(_), .. } => Role::Danger,
        JobPhase::Finished { .. } => done,
    }
}

/// Whether a plan tells the targets of another one something, and does not try it again.
fn is_about<P: Planned>(plan: &P, parent: &P) -> bool {
    plan.link() == ABOUT && parent.link() != ABOUT
}

/// What there is to know beside the numbers: which of the others retry it, and that it goes on without the sheet.
pub(super) fn standing<P: Planned>(jobs: &[Job<P>], job: &Job<P>) -> String {
    let retries: Vec<String> = jobs
        .iter()
        .filter(|other| other.plan.retry_of() == Some(job.plan.id()) && !is_about(&*other.plan, &*job.plan))
        .map(|other| format!("job {}", other.id))
        .collect();
    let told: Vec<String> = jobs
        .iter()
        .filter(|other| other.plan.retry_of() == Some(job.plan.id()) && is_about(&*other.plan, &*job.plan))
        .map(|other| format!("job {}", other.id))
        .collect();
    if !told.is_empty() && retries.is_empty() {
        return format!("told by {}", told.join(", "));
    }
    if !retries.is_empty() {
        return format!("retried by {}", retries.join(", "));
    }
    match &job.phase {
        JobPhase::Running => "it goes on when this sheet is closed".to_owned(),
        JobPhase::Stopping => "stopping: no more calls, what is out is waited for".to_owned(),
        JobPhase::Finished { .. } => String::new(),
    }
}
