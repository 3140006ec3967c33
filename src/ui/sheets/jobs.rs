//! The list of jobs of this run, newest first.

use jiff::Timestamp;

use crate::{
    core::{
        bulk::{Job, Planned},
        rows::Rows,
        state::State,
    },
    domain::{JobId, PlanId},
    ui::{
        pen::{Pen, piece},
        theme::Role,
        time::Clock,
    },
};

use super::{
    progress::phase,
    sheet::{Sheet, cells, first_around, part_of},
};

/// Draws the list.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, cursor: usize, clock: &Clock) {
    let sheet = Sheet::open(pen, state, &[piece("JOBS of this run", Role::Accent)], None);
    let body = sheet.body;
    let ellipsis = pen.glyphs.ellipsis();
    // What it does is cut first where the screen is narrow.
    let verb = usize::from(body.width).saturating_sub(5 + 6 + 10 + 11 + 7 + 9 + 7).clamp(10, 34);
    let widths = [5, 6, verb, 10, 11, 7, 9];
    let row_of = |texts: [&str; 7]| {
        let columns: Vec<(&str, usize)> = texts.into_iter().zip(widths).collect();
        cells(&columns, ellipsis)
    };
    let titles = row_of(["JOB", "PLAN", "VERB", "STATE", "ANSWERED", "FAILED", "STARTED"]);
    pen.line(body, 0, &[piece(format!(" {titles}"), Role::Heading)], &[]);
    let height = usize::from(Rows::of(state).sheet);
    let first = first_around(cursor, height);
    let ids = state.job_ids();
    for (row, (place, id)) in (1..).zip(ids.iter().enumerate().skip(first).take(height)) {
        let Some(listed) = Listed::of(state, *id) else {
            continue;
        };
        let line = row_of([
            &id.to_string(),
            &listed.plan.to_string(),
            listed.title,
            listed.phase,
            &format!("{}/{}", listed.answered, listed.total),
            &listed.failed.to_string(),
            &clock.short(listed.started_at),
        ]);
        let chosen = place == cursor;
        let role = if listed.failed > 0 { Role::Warning } else { Role::Text };
        pen.line(body, row, &[piece(if chosen { ">" } else { " " }, Role::Accent), piece(line, role)], &[]);
        if chosen {
            pen.tint(body, row, Role::Selection);
        }
    }
    sheet.close(pen, state, None, "", &part_of(first, height, ids.len()));
}

/// What the list says of a job of either kind.
struct Listed<'a> {
    plan: &'a PlanId,
    title: &'a str,
    phase: &'static str,
    answered: usize,
    total: usize,
    failed: usize,
    started_at: Timestamp,
}

impl<'a> Listed<'a> {
    fn of(state: &'a State, id: JobId) -> Option<Self> {
        match state.job(id) {
            Some(job) => Some(Self::new(job)),
            None => state.change_job(id).map(Self::new),
        }
    }

    fn new<P: Planned>(job: &'a Job<P>) -> Self {
        Self {
            plan: job.plan.id(),
            title: job.plan.title(),
            phase: phase(job),
            answered: job.answered(),
            total: job.total(),
            failed: job.failed(),
            started_at: job.started_at,
        }
    }
}
