//! What an event means, and its attributes on demand.

use std::collections::BTreeMap;

use crate::{
    core::{
        command::Command,
        effect::{Effect, RequestId},
        events::EntryBody,
        rows::Rows,
        state::{EventAttributes, NoticeKind, Overlay, State},
    },
    domain::{Fault, Text},
};

use super::events;

/// About as many lines as the details of an event have; the drawing stops at the last one.
const LINES: usize = 80;

/// Opens the details of the event under the cursor, and asks for its attributes. The details stay with that event,
/// whatever comes in.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let Some(entry) = state.events.current() else {
        state.notify(NoticeKind::Info, "there is no event here");
        return Vec::new();
    };
    let number = entry.number;
    let event = match &entry.body {
        EntryBody::Audit { event, .. } => Some(event.id),
        EntryBody::Own(_) => None,
    };
    let (attributes, effects) = match event {
        Some(event) => {
            let request = state.request_id();
            (EventAttributes::Asking(request), vec![Effect::FetchEventAttributes { request, event }])
        }
        None => (EventAttributes::None, Vec::new()),
    };
    state.overlays.push(Overlay::Event { entry: number, attributes, scroll: 0 });
    effects
}

/// Takes the attributes, if the details that asked for them are still open.
pub(super) fn read(
    state: &mut State,
    request: RequestId,
    answer: Result<BTreeMap<Text, Text>, Fault>,
) -> Vec<Effect> {
    let waiting = state.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Event { attributes, .. } if *attributes == EventAttributes::Asking(request) => {
            Some(attributes)
        }
        _ => None,
    });
    if let Some(attributes) = waiting {
        *attributes = EventAttributes::Read(answer);
    }
    Vec::new()
}

/// Runs a command of the details.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    let rows = usize::from(Rows::of(state).sheet);
    let Some(Overlay::Event { entry, scroll, .. }) = state.overlays.last_mut() else {
        return Vec::new();
    };
    let page = isize::try_from(rows.max(1)).unwrap_or(1);
    let step = match command {
        Command::MoveDown => 1,
        Command::MoveUp => -1,
        Command::MoveHalfDown => (page / 2).max(1),
        Command::MoveHalfUp => -(page / 2).max(1),
        Command::MovePageDown => page,
        Command::MovePageUp => -page,
        Command::Back => {
            state.overlays.pop();
            return Vec::new();
        }
        Command::EventGoto => {
            let entry = *entry;
            if events::go_to_session_of(state, entry) {
                state.overlays.pop();
            }
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    *scroll = scroll.saturating_add_signed(step).min(LINES.saturating_sub(rows));
    Vec::new()
}

#[cfg(test)]
mod tests;
