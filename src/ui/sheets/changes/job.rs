//! The sheet of a job of changes: how far it is, and what became of each change in the server's words.

use ratatui::layout::Rect;

use crate::{
    core::{
        change::{ChangeItem, ChangeJob},
        state::State,
    },
    domain::{JobId, Outcome, OutcomeKind},
    ui::{
        pen::{Pen, piece},
        text,
        theme::Role,
        time::Clock,
    },
};

use super::super::{
    page::{Line, draw_page, wrapped},
    progress::{Look, draw_progress, outcome_role, standing, title},
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
    let sheet = Sheet::open(pen, state, &title(job, Role::Heading), Some(&started));
    let body = sheet.body;
    let look = Look {
        nouns: ("change", "changes"),
        beside: None,
        done: if job.failed() > 0 { Role::Warning } else { Role::Success },
    };
    let used = draw_progress(pen, body, state, job, look, clock);
    let rest = Rect { y: body.y + used, height: body.height.saturating_sub(used), ..body };
    pen.rule(rest, 0, Role::Border);
    let list = Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest };
    let part = draw_page(pen, list, &lines(job, list.width), scroll);
    sheet.close(pen, state, None, &standing(&state.change_jobs, job), &part);
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
    let label = text::left(&outcome.cause().label(), OUTCOME, "");
    let about = format!("{}  {}", item.change.kind().label(), item.label);
    let mut lines = wrapped(&label, &about, role, width);
    let indent = " ".repeat(OUTCOME);
    if let Some(id) = job.created_label(place) {
        lines.extend(wrapped(&indent, &format!("id {id}"), Role::Muted, width));
    }
    if let Some(evidence) = job.evidence.get(&place) {
        lines.extend(wrapped(&indent, evidence.label(), Role::Muted, width));
    }
    let words = match outcome {
        Outcome::HeldBack(reason) => Some(reason.to_string()),
        Outcome::NoAnswer(fault) if outcome.cause().status.is_some() => {
            Some(format!("{}; whether it acted is not known: see in the list", fault.message))
        }
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
        fault.kind == crate::domain::FaultKind::InsufficientPermission
            && !fault.message.as_str().contains(item.change.kind().needs())
    });
    if denied {
        let words = format!("needs {}", item.change.kind().needs());
        lines.extend(wrapped(&indent, &words, role, width));
    }
    lines
}
