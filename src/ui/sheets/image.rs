//! The details of a node of the image tree.

use crate::{
    core::{images::ImageNode, state::State},
    ui::{pen::Pen, time::Clock},
};

/// Draws the details.
pub(super) fn draw(_pen: &mut Pen<'_>, _state: &State, _node: &ImageNode, _scroll: usize, _clock: &Clock) {}
