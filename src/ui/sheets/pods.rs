//! The pods of the federation and their health.

use crate::{
    core::state::State,
    ui::{pen::Pen, time::Clock},
};

/// Draws the pods.
pub(super) fn draw(_pen: &mut Pen<'_>, _state: &State, _cursor: usize, _clock: &Clock) {}
