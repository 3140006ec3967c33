//! A form being filled in.

use crate::{
    core::{form::Form, state::State},
    ui::pen::Pen,
};

/// Draws the form.
pub(super) fn draw(_pen: &mut Pen<'_>, _state: &State, _form: &Form) {}
