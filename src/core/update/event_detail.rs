//! What an event means, and its attributes on demand.

use std::collections::BTreeMap;

use crate::{
    core::{
        command::Command,
        effect::{Effect, RequestId},
        state::State,
    },
    domain::{Fault, Text},
};

/// Opens the details of the event under the cursor.
pub(super) fn open(_state: &mut State) -> Vec<Effect> {
    Vec::new()
}

/// Takes the attributes.
pub(super) fn read(
    _state: &mut State,
    _request: RequestId,
    _answer: Result<BTreeMap<Text, Text>, Fault>,
) -> Vec<Effect> {
    Vec::new()
}

/// Runs a command of the details.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if command == Command::Back {
        state.overlays.pop();
    }
    Vec::new()
}
