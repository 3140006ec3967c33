//! The question before leaving while a job runs.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{Job, Planned, Stage},
        command::{Command, Context},
        detach_obstacle,
        state::State,
    },
    domain::OutcomeKind,
    ui::{
        chrome::hints_for,
        pen::{Pen, piece},
        text::{self, counted},
        theme::Role,
        time::{seconds, stopwatch},
    },
};

use super::sheet::popup;

/// Draws the question.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State) {
    let sessions = state.jobs.iter().filter(|job| job.is_running());
    let changes = state.change_jobs.iter().filter(|job| job.is_running());
    let running: Vec<(usize, usize)> = sessions.map(open_of).chain(changes.map(open_of)).collect();
    let (unsent, open) = running.iter().fold((0, 0), |sum, job| (sum.0 + job.0, sum.1 + job.1));
    let hints = hints_for(state, Context::Leave);
    if running.is_empty() {
        return draw_ended(pen, state, hints);
    }
    let countdowns: Vec<String> = state.jobs.iter().filter_map(|job| countdown(state, job)).collect();
    let row = 2 + countdowns.len() as u16;
    let inside = popup(pen, state, "LEAVE?", 70, row + 1 + hints.len() as u16);
    let jobs = counted(running.len(), "job still runs", "jobs still run");
    // What was sent and what was not are no matter of the same weight.
    let targets = match (unsent, open) {
        (0, _) => counted(open, "target has no answer yet", "targets have no answer yet"),
        (_, 0) => format!("{unsent} unsent"),
        _ => format!("{unsent} unsent, {open} without answer"),
    };
    pen.text(inside, inside.x, 0, &format!("{jobs}; {targets}."), Role::Warning);
    for (row, words) in (1..).zip(&countdowns) {
        pen.text(inside, inside.x, row, words, Role::Warning);
    }
    pen.text(inside, inside.x, row - 1, SENT, Role::Text);
    draw_choices(pen, state, inside, row + 1, hints);
}

/// How many targets of a job were not sent, and how many were and have no answer.
fn open_of<P: Planned>(job: &Job<P>) -> (usize, usize) {
    let unsent = job.counts().get(&OutcomeKind::Unsent).copied().unwrap_or_default();
    (unsent, job.total().saturating_sub(job.answered() + unsent))
}

/// That a countdown runs, and how long; who was warned is logged off at its end.
fn countdown(state: &State, job: &Job) -> Option<String> {
    let Stage::Countdown { until, left_seconds } = job.stage else { return None };
    if !job.is_running() {
        return None;
    }
    let left = until.map_or(i64::from(left_seconds), |until| seconds(state.now, until).max(0));
    let (left, id) = (stopwatch(left), job.id);
    Some(match until {
        Some(_) => format!("The countdown of job {id} runs: {left} left until the logoff."),
        None => format!("The countdown of job {id} is held: {left} left until the logoff."),
    })
}

/// What leaving does not change; it fits the smallest screen.
const SENT: &str = "The server carries out what was sent, come what may.";

/// Draws the question when the job ended while it was asked.
fn draw_ended(pen: &mut Pen<'_>, state: &State, hints: Vec<(String, String)>) {
    let inside = popup(pen, state, "LEAVE?", 70, 3 + hints.len() as u16);
    pen.text(inside, inside.x, 0, "No job runs any more.", Role::Success);
    pen.text(inside, inside.x, 1, SENT, Role::Text);
    draw_choices(pen, state, inside, 3, hints);
}

fn draw_choices(pen: &mut Pen<'_>, state: &State, inside: Rect, first: u16, choices: Vec<(String, String)>) {
    let detach = hint_of(state);
    let stop = state.settings.keymap.keys_of(Context::Leave, Command::JobStop).into_iter().next();
    for (row, (key, words)) in (first..).zip(choices) {
        let is_stop = Some(&key) == stop.as_ref();
        // The record of a job on a simulated estate leads nowhere once that has ended.
        let more = if is_stop && !state.settings.simulated { "; it can be resumed" } else { "" };
        let words = format!("{words}{more}");
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
    state.settings.keymap.keys_of(Context::Leave, Command::JobDetach).into_iter().next()
}
