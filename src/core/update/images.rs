//! The images tab: reading, moving, folding and changing.

use std::sync::Arc;

use crate::{
    core::{
        command::{Command, Context},
        effect::{Effect, RequestId},
        form::Form,
        state::{PromptError, State},
    },
    domain::{Fault, ImageBook},
};

/// The tab is shown.
pub(super) fn shown(_state: &mut State) {}

/// Asks for what is due.
pub(super) fn due(_state: &mut State) -> Vec<Effect> {
    Vec::new()
}

/// Takes what was read.
pub(super) fn read(
    _state: &mut State,
    _request: RequestId,
    _answer: Result<Arc<ImageBook>, Fault>,
) -> Vec<Effect> {
    Vec::new()
}

/// Puts a filter in force; says what is wrong with it.
pub(super) fn set_filter(state: &mut State, text: &str) -> Option<PromptError> {
    state.images.filter = text.to_owned();
    None
}

/// Runs a command of the list or of the details.
pub(super) fn run(state: &mut State, command: Command, _context: Context) -> Vec<Effect> {
    if command == Command::Back {
        state.overlays.pop();
    }
    Vec::new()
}

/// A field of a form of images was changed: brings its preview up to date.
pub(super) fn form_changed(_state: &State, _form: &mut Form) {}

/// A form of images is complete: the sheet of its plan, or complaints in the form.
pub(super) fn form_reviewed(_state: &mut State) -> Vec<Effect> {
    Vec::new()
}
