//! The list of jobs of this run, newest first.

use crate::{
    core::{
        bulk::{Job, JobPhase},
        rows::Rows,
        state::State,
    },
    domain::Outcome,
    ui::{
        pen::{Pen, piece},
        theme::Role,
        time::Clock,
    },
};

use super::sheet::{Sheet, cells, first_around, part_of};

/// Draws the list.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, cursor: usize, clock: &Clock) {
    let sheet = Sheet::open(pen, state, &[piece("JOBS of this run", Role::Accent)], None);
    let body = sheet.body;
    let ellipsis = pen.glyphs.ellipsis();
    let titles = [
        ("JOB", 5),
        ("PLAN", 6),
        ("VERB", 17),
        ("STATE", 10),
        ("ANSWERED", 11),
        ("FAILED", 7),
        ("STARTED", 9),
    ];
    pen.line(body, 0, &[piece(format!(" {}", cells(&titles, ellipsis)), Role::Heading)], &[]);
    let height = usize::from(Rows::of(state).sheet);
    let first = first_around(cursor, height);
    for (row, (place, job)) in (1..).zip(state.jobs.iter().rev().enumerate().skip(first).take(height)) {
        let failed = job.outcomes.iter().filter(|outcome| Outcome::is_failure(outcome)).count();
        let line = cells(
            &[
                (&job.id.to_string(), 5),
                (&job.plan.id.to_string(), 6),
                (job.plan.verb.title(), 17),
                (phase(job), 10),
                (&format!("{}/{}", job.answered(), job.total()), 11),
                (&failed.to_string(), 7),
                (&clock.short(job.started_at), 9),
            ],
            ellipsis,
        );
        let chosen = place == cursor;
        let role = if failed > 0 { Role::Warning } else { Role::Text };
        pen.line(body, row, &[piece(if chosen { ">" } else { " " }, Role::Accent), piece(line, role)], &[]);
        if chosen {
            pen.tint(body, row, Role::Selection);
        }
    }
    sheet.close(pen, state, None, "", &part_of(first, height, state.jobs.len()));
}

/// Where a job stands, in a word.
pub(super) fn phase(job: &Job) -> &'static str {
    match &job.phase {
        JobPhase::Running if job.waiting.is_some() => "waiting",
        JobPhase::Running => "running",
        JobPhase::Stopping => "stopping",
        JobPhase::Finished { fault: Some(_), .. } => "gave up",
        JobPhase::Finished { stopped: true, .. } => "stopped",
        JobPhase::Finished { .. } => "done",
    }
}
