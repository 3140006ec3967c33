//! The details of a permission, and the answer to `:can`.

use crate::{
    core::state::State,
    domain::{PermissionId, Text},
    ui::{pen::Pen, time::Clock},
};

/// Draws the details.
pub(super) fn draw(
    _pen: &mut Pen<'_>,
    _state: &State,
    _permission: &PermissionId,
    _scroll: usize,
    _clock: &Clock,
) {
}

/// Draws an answer.
pub(super) fn draw_answer(
    _pen: &mut Pen<'_>,
    _state: &State,
    _title: &Text,
    _lines: &[Text],
    _scroll: usize,
) {
}
