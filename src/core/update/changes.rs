//! Menus, sheets and jobs of changes to permissions and images.

use crate::{
    core::{
        bulk::JobEvent,
        change::ChangePlan,
        command::{Command, Context},
        effect::Effect,
        key::Key,
        line_input::LineInput,
        state::{ChangeChoice, ChangeMenu, ChangeSheet, Overlay, State},
    },
    domain::{JobId, Text},
};

/// Opens the menu of changes.
pub(super) fn open_menu(state: &mut State, title: Text, choices: Vec<ChangeChoice>) {
    state.overlays.push(Overlay::ChangeMenu(ChangeMenu { title, choices, cursor: 0 }));
}

/// Shows the sheet of a frozen plan. Nothing is sent.
pub(super) fn open_sheet(state: &mut State, plan: ChangePlan) {
    state.overlays.push(Overlay::Change(Box::new(ChangeSheet {
        plan,
        typed: LineInput::default(),
        scroll: 0,
        complaint: None,
    })));
}

/// Whether a job is one of changes.
pub(super) fn is_ours(state: &State, job: JobId) -> bool {
    state.change_jobs.iter().any(|ours| ours.id == job)
}

/// Takes what the engine tells of a job.
pub(super) fn progressed(_state: &mut State, _job: JobId, _event: &JobEvent) -> Vec<Effect> {
    Vec::new()
}

/// Runs a command of the menu, a sheet or a job of changes.
pub(super) fn run(state: &mut State, command: Command, _context: Context) -> Vec<Effect> {
    if command == Command::Back {
        state.overlays.pop();
    }
    Vec::new()
}

/// Whether the sheet takes this key as text although it is bound: letters while words must be typed.
pub(super) fn takes(_state: &State, _key: Key) -> bool {
    false
}

/// A key that is typed into the number or the words.
pub(super) fn typed(sheet: &mut ChangeSheet, key: Key) -> bool {
    sheet.typed.handle(key)
}
