//! The federation: pods, whose sessions are listed.

use std::sync::Arc;

use crate::{
    core::{
        command::Command,
        effect::{Effect, RequestId},
        state::{Overlay, State},
    },
    domain::{Fault, Federation},
};

/// Asks for what is due.
pub(super) fn due(_state: &mut State) -> Vec<Effect> {
    Vec::new()
}

/// Takes the pods.
pub(super) fn read(
    _state: &mut State,
    _request: RequestId,
    _answer: Result<Option<Arc<Federation>>, Fault>,
) -> Vec<Effect> {
    Vec::new()
}

/// Lists the sessions of all pods, or of this pod only.
pub(super) fn toggle_scope(_state: &mut State) {}

/// Shows the pods.
pub(super) fn open_pods(state: &mut State) {
    state.overlays.push(Overlay::Pods { cursor: 0 });
}

/// Runs a command of the sheet of pods.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if command == Command::Back {
        state.overlays.pop();
    }
    Vec::new()
}
