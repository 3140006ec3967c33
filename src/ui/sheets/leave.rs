//! The question before leaving while a job runs.

use crate::{
    core::state::State,
    ui::{pen::Pen, text::counted, theme::Role},
};

use super::sheet::{popup, popup_hints};

/// Draws the question.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State) {
    let running: Vec<_> = state.jobs.iter().filter(|job| job.is_running()).collect();
    let open: usize = running.iter().map(|job| job.total() - job.answered()).sum();
    let inside = popup(pen, state, "LEAVE?", 74, 4);
    let jobs = counted(running.len(), "job still runs", "jobs still run");
    let targets = counted(open, "target has no answer yet", "targets have no answer yet");
    pen.text(inside, inside.x, 0, &format!("{jobs}; {targets}."), Role::Warning);
    pen.text(inside, inside.x, 1, "What was sent is done by the server, whatever happens here.", Role::Text);
    popup_hints(pen, inside, 3, state);
}
