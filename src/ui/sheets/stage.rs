//! What a job does now beside sending, and the pace that holds, in a line.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{Job, JobPhase, Stage},
        command::{Command, Context},
        state::State,
    },
    domain::OutcomeKind,
    ui::{
        pen::{Pen, piece},
        theme::Role,
        time::{Clock, duration, seconds},
    },
};

/// Draws the line where there is something to tell; returns the row below.
pub(super) fn draw_stage(
    pen: &mut Pen<'_>,
    body: Rect,
    row: u16,
    state: &State,
    job: &Job,
    clock: &Clock,
) -> u16 {
    let Some((words, role)) = words(state, job, clock) else {
        return row;
    };
    let mut right = Vec::new();
    if job.can_be_paced() {
        let wished = job.orders.pace.is_some();
        let role = if wished { Role::Info } else { Role::Muted };
        right.push(piece(format!("  {}", job.pace().rhythm()), role));
    }
    pen.line(body, row, &[piece(words, role)], &right);
    row + 1
}

/// What a job does, in words; nothing once it has ended.
fn words(state: &State, job: &Job, clock: &Clock) -> Option<(String, Role)> {
    if !job.is_running() {
        return None;
    }
    let left = |until| duration(seconds(state.now, until));
    // Where it is told what comes next, the time is enough.
    let beside = |until| if job.orders.paused { String::new() } else { format!(" ({})", left(until)) };
    let count = |kind| job.counts().get(&kind).copied().unwrap_or_default();
    let told = match &job.stage {
        _ if job.phase == JobPhase::Stopping => {
            return (count(OutcomeKind::Sent) > 0)
                .then(|| (format!("stopping: {} out", count(OutcomeKind::Sent)), Role::Warning));
        }
        Stage::Paused => {
            let resume = state.key(Context::JobSheet, Command::JobPause);
            return Some((format!("PAUSED: nothing leaves; {resume} goes on"), Role::Warning));
        }
        Stage::Confirming { until, canary: true } => {
            let (at, left) = (clock.time(*until), beside(*until));
            (format!("canary: waits to be confirmed until {at}{left}"), Role::Info)
        }
        Stage::Confirming { until, canary: false } => {
            let (accepted, at) = (count(OutcomeKind::Accepted), clock.time(*until));
            let confirming = format!("confirming {accepted} accepted until {at}{}", beside(*until));
            match count(OutcomeKind::Unsent) {
                0 => (confirming, Role::Info),
                // Something made it give up, which is told at the end.
                unsent => (format!("{unsent} stay unsent; {confirming}"), Role::Warning),
            }
        }
        Stage::Checking | Stage::Sending if job.orders.paused => {
            return Some(("pausing: what is out is waited for".to_owned(), Role::Warning));
        }
        // What it waits for stands in a line of its own.
        Stage::Checking | Stage::Sending if job.waiting.is_some() => return None,
        Stage::Checking => ("checking the next ones before they leave".to_owned(), Role::Muted),
        Stage::Sending => ("sending".to_owned(), Role::Muted),
        Stage::Between { until } => (format!("next call in {}", left(*until)), Role::Muted),
        Stage::Outage { until, given_up_at, .. } => {
            let (left, end) = (left(*until), clock.time(*given_up_at));
            (format!("the server is away: asked again in {left}, given up at {end}"), Role::Warning)
        }
        Stage::Step(_) | Stage::Countdown { .. } | Stage::BeforeForce { .. } => return None,
    };
    if job.orders.paused {
        return Some((format!("{}; then it pauses", told.0), Role::Warning));
    }
    Some(told)
}
