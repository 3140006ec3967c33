//! The permissions tab: reading, moving, marking, asking and changing.

use std::sync::Arc;

use crate::{
    core::{
        command::{Command, Context},
        effect::{Effect, RequestId},
        form::Form,
        state::{PromptError, State},
    },
    domain::{Fault, PermissionBook, Principal},
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
    _answer: Result<Arc<PermissionBook>, Fault>,
) -> Vec<Effect> {
    Vec::new()
}

/// Takes users and groups that were read for `:can`.
pub(super) fn principals_read(
    _state: &mut State,
    _request: RequestId,
    _answer: Result<Vec<Principal>, Fault>,
) -> Vec<Effect> {
    Vec::new()
}

/// Puts a filter in force; says what is wrong with it.
pub(super) fn set_filter(state: &mut State, text: &str) -> Option<PromptError> {
    state.permissions.filter = text.to_owned();
    None
}

/// Runs a command of the list or of the details.
pub(super) fn run(state: &mut State, command: Command, _context: Context) -> Vec<Effect> {
    if command == Command::Back {
        state.overlays.pop();
    }
    Vec::new()
}

/// A field of a form of permissions was changed: brings its preview up to date.
pub(super) fn form_changed(_state: &State, _form: &mut Form) {}

/// A form of permissions is complete: the sheet of its plan, or complaints in the form.
pub(super) fn form_reviewed(_state: &mut State) -> Vec<Effect> {
    Vec::new()
}
