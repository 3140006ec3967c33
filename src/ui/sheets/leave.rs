//! The question before leaving while a job runs.

use ratatui::layout::Rect;

use crate::{
    core::{command::Context, state::State},
    ui::{
        chrome::hints_for,
        pen::{Pen, piece},
        text::{self, counted},
        theme::Role,
    },
};

use super::sheet::popup;

/// Draws the question.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State) {
    let sessions = state.jobs.iter().filter(|job| job.is_running());
    let changes = state.change_jobs.iter().filter(|job| job.is_running());
    let open_of = |total: usize, answered: usize| total.saturating_sub(answered);
    let running: Vec<usize> = sessions
        .map(|job| open_of(job.total(), job.answered()))
        .chain(changes.map(|job| open_of(job.total(), job.answered())))
        .collect();
    let open: usize = running.iter().sum();
    let hints = hints_for(state, Context::Leave);
    if running.is_empty() {
        return draw_ended(pen, state, hints);
    }
    let inside = popup(pen, state, "LEAVE?", 70, 3 + hints.len() as u16);
    let jobs = counted(running.len(), "job still runs", "jobs still run");
    let targets = counted(open, "target has no answer yet", "targets have no answer yet");
    pen.text(inside, inside.x, 0, &format!("{jobs}; {targets}."), Role::Warning);
    pen.text(inside, inside.x, 1, SENT, Role::Text);
    draw_choices(pen, inside, hints);
}

/// What leaving does not change; it fits the smallest screen.
const SENT: &str = "The server carries out what was sent, come what may.";

/// Draws the question when the job ended while it was asked.
fn draw_ended(pen: &mut Pen<'_>, state: &State, hints: Vec<(String, String)>) {
    let inside = popup(pen, state, "LEAVE?", 70, 3 + hints.len() as u16);
    pen.text(inside, inside.x, 0, "The job has ended.", Role::Success);
    pen.text(inside, inside.x, 1, SENT, Role::Text);
    draw_choices(pen, inside, hints);
}

fn draw_choices(pen: &mut Pen<'_>, inside: Rect, choices: Vec<(String, String)>) {
    for (row, (key, words)) in (3..).zip(choices) {
        let key = text::left(&key, 5, "");
        pen.line(inside, row, &[piece(key, Role::Key), piece(words, Role::Text)], &[]);
    }
}
