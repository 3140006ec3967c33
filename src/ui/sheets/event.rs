//! What an event means, and its attributes.

use crate::{
    core::state::{EventAttributes, State},
    domain::EventId,
    ui::{pen::Pen, time::Clock},
};

/// Draws the details.
pub(super) fn draw(
    _pen: &mut Pen<'_>,
    _state: &State,
    _event: EventId,
    _attributes: &EventAttributes,
    _scroll: usize,
    _clock: &Clock,
) {
}
