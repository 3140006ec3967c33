//! The keys that are worth knowing here, from the catalogue; or how a begun sequence may go on.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::Confirmation,
        command::{Command, Context},
        key_context, keymap,
        state::{Overlay, State},
    },
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        theme::Role,
    },
};

/// Draws the hints of the context that has the keys.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let context = key_context(state);
    let pairs =
        if state.pending.is_empty() { for_context(state, context) } else { continuations(state, context) };
    let mut pieces: Vec<Piece<'_>> = vec![piece(" ", Role::Text)];
    if !state.pending.is_empty() {
        let typed: String = state.pending.iter().map(ToString::to_string).collect();
        pieces.push(piece(format!("{typed}-  "), Role::Input));
    }
    // Only whole hints: half a word teaches nothing.
    for (key, words) in pairs {
        let hint = [piece(key, Role::Key), piece(format!(" {words}  "), Role::Muted)];
        if pieces_width(&pieces) + pieces_width(&hint) <= usize::from(area.width) + 2 {
            pieces.extend(hint);
        }
    }
    pen.line(area, 0, &pieces, &[]);
}

/// The hints of a context: key and words, those left out that would do nothing now.
pub(crate) fn for_context(state: &State, context: Context) -> Vec<(String, String)> {
    keymap::bindings(context)
        .filter(|binding| is_useful(state, binding.command))
        .filter_map(|binding| {
            let key = if binding.keys == "Space" { "Spc".to_owned() } else { keymap::display(binding.keys) };
            binding.hint.map(|hint| (key, hint.to_owned()))
        })
        .collect()
}

fn is_useful(state: &State, command: Command) -> bool {
    match (state.overlays.last(), command) {
        (Some(Overlay::Plan(sheet)), Command::Accept) => {
            matches!(sheet.plan.confirmation(), Confirmation::Number(_))
        }
        (Some(Overlay::Plan(sheet)), Command::Confirm) => sheet.plan.confirmation() == Confirmation::Key,
        (Some(Overlay::Plan(sheet)), Command::PlanHidden) => sheet.blast.hidden > 0,
        (Some(Overlay::Job(sheet)), Command::JobStop) => {
            state.job(sheet.job).is_some_and(crate::core::bulk::Job::is_running)
        }
        _ => true,
    }
}

/// How the sequence that was begun may go on.
fn continuations(state: &State, context: Context) -> Vec<(String, String)> {
    let rest = keymap::continuations(context, &state.pending);
    rest.into_iter()
        .map(|(keys, command)| (keymap::display(&keys), command.describe().to_lowercase()))
        .collect()
}
