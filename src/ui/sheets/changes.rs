//! The menu of changes, the sheet of a plan of changes, and its job.

use crate::{
    core::state::{ChangeMenu, ChangeSheet, State},
    domain::JobId,
    ui::{pen::Pen, time::Clock},
};

/// Draws the menu.
pub(super) fn draw_menu(_pen: &mut Pen<'_>, _state: &State, _menu: &ChangeMenu) {}

/// Draws the sheet of a plan.
pub(super) fn draw_sheet(_pen: &mut Pen<'_>, _state: &State, _sheet: &ChangeSheet, _clock: &Clock) {}

/// Draws the sheet of a job.
pub(super) fn draw_job(_pen: &mut Pen<'_>, _state: &State, _job: JobId, _scroll: usize, _clock: &Clock) {}
