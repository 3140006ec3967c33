//! The question before leaving while a job runs.

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
    let running: Vec<_> = state.jobs.iter().filter(|job| job.is_running()).collect();
    let open: usize = running.iter().map(|job| job.total() - job.answered()).sum();
    let hints = hints_for(state, Context::Leave);
    let inside = popup(pen, state, "LEAVE?", 70, 3 + hints.len() as u16);
    let jobs = counted(running.len(), "job still runs", "jobs still run");
    let targets = counted(open, "target has no answer yet", "targets have no answer yet");
    pen.text(inside, inside.x, 0, &format!("{jobs}; {targets}."), Role::Warning);
    pen.text(inside, inside.x, 1, "What was sent is done by the server, whatever happens here.", Role::Text);
    for (row, (key, words)) in (3..).zip(hints) {
        let key = text::left(&key, 5, "");
        pen.line(inside, row, &[piece(key, Role::Key), piece(words, Role::Text)], &[]);
    }
}
