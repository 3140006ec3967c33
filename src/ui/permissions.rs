//! The list of permissions.

use super::{layout::Layout, pen::Pen, time::Clock};
use crate::core::state::State;

/// Draws the tab.
pub(super) fn draw(_pen: &mut Pen<'_>, _areas: &Layout, _state: &State, _clock: &Clock) {}
