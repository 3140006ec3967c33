//! Filling in a form.

use crate::{
    core::{
        command::Command,
        effect::{Effect, RequestId},
        form::Form,
        key::Key,
        state::{Overlay, State},
    },
    domain::{Fault, Principal},
};

/// Opens a form.
pub(super) fn open(state: &mut State, form: Form) {
    state.overlays.push(Overlay::Form(Box::new(form)));
}

/// Takes the users and groups that were looked for.
pub(super) fn found(
    _state: &mut State,
    _request: RequestId,
    _answer: Result<Vec<Principal>, Fault>,
) -> Vec<Effect> {
    Vec::new()
}

/// Runs a command of the form on top.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if command == Command::Back {
        state.overlays.pop();
    }
    Vec::new()
}

/// Whether the field takes this key although it is bound.
pub(super) fn takes(_state: &State, _key: Key) -> bool {
    false
}

/// A key for the field that has the keys.
pub(super) fn pressed(_state: &mut State, _key: Key) -> Vec<Effect> {
    Vec::new()
}

/// Text pasted into the field that has the keys.
pub(super) fn pasted(_state: &mut State, _text: &str) -> Vec<Effect> {
    Vec::new()
}
