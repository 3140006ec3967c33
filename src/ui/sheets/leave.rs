//! The question before leaving while a job runs.

use ratatui::layout::Rect;

use crate::{
    core::{
        command::{Command, Context},
        detach_obstacle, keymap,
        state::State,
    },
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
    draw_choices(pen, state, inside, hints);
}

/// What leaving does not change; it fits the smallest screen.
const SENT: &str = "The server carries out what was sent, come what may.";

/// Draws the question when the job ended while it was asked.
fn draw_ended(pen: &mut Pen<'_>, state: &State, hints: Vec<(String, String)>) {
    let inside = popup(pen, state, "LEAVE?", 70, 3 + hints.len() as u16);
    pen.text(inside, inside.x, 0, "The job has ended.", Role::Success);
    pen.text(inside, inside.x, 1, SENT, Role::Text);
    draw_choices(pen, state, inside, hints);
}

fn draw_choices(pen: &mut Pen<'_>, state: &State, inside: Rect, choices: Vec<(String, String)>) {
    let detach = hint_of(state);
    for (row, (key, words)) in (3..).zip(choices) {
        let obstacle = detach_obstacle(state).filter(|_| Some(&key) == detach.as_ref());
        let key = text::left(&key, 5, "");
        let pieces = match obstacle {
            Some(why) => [piece(key, Role::Disabled), piece(format!("no detaching: {why}"), Role::Disabled)],
            None => [piece(key, Role::Key), piece(words, Role::Text)],
        };
        pen.line(inside, row, &pieces, &[]);
    }
}

/// The key that detaches.
fn hint_of(state: &State) -> Option<String> {
    if !state.has_running_job() {
        return None;
    }
    keymap::keys_of(Context::Leave, Command::JobDetach).into_iter().next()
}
