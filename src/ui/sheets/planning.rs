//! What is shown while a plan of many targets is made.

use crate::{
    core::state::State,
    domain::Verb,
    ui::{pen::Pen, text::counted, theme::Role},
};

use super::sheet::{popup, popup_hints};

/// Columns inside, where the screen has them.
const WIDTH: u16 = 56;

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, verb: Verb, count: usize) {
    let inside = popup(pen, state, "PLANNING", WIDTH.min(state.screen.width.saturating_sub(4)), 4);
    let words = format!("{verb}: {} looked at, one by one", counted(count, "session", "sessions"));
    pen.text(inside, inside.x, 0, &words, Role::Text);
    pen.text(inside, inside.x, 1, "Nothing is sent before the plan is shown and accepted.", Role::Muted);
    popup_hints(pen, inside, inside.height.saturating_sub(1), state);
}
