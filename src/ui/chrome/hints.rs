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
        text,
        theme::Role,
    },
};

/// Draws the hints of the context that has the keys.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let context = key_context(state);
    let lead = vec![piece(" ", Role::Text)];
    if state.pending.is_empty() {
        return draw_list(pen, area, 0, lead, for_context(state, context));
    }
    let typed: String = state.pending.iter().map(ToString::to_string).collect();
    let typed = piece(format!("{typed}-  "), Role::Input);
    // A begun sequence shows every way to go on, each cut where they would not all fit.
    let ways = continuations(state, context);
    let taken: usize = ways.iter().map(|(key, _)| text::width(key) + 3).sum();
    let room = usize::from(area.width).saturating_sub(pieces_width(std::slice::from_ref(&typed)) + 1 + taken);
    let share = room / ways.len().max(1);
    let whole: usize = ways.iter().map(|(_, words)| text::width(words)).sum();
    let ellipsis = pen.glyphs.ellipsis();
    let fitted = ways.into_iter().map(|(key, words)| {
        let words = if whole <= room { words } else { text::cut(&words, share, ellipsis).into_owned() };
        (key, words)
    });
    draw_list(pen, area, 0, lead.into_iter().chain([typed]).collect(), fitted.collect());
}

/// Draws keys and words in one row, as many whole ones as fit: half a word teaches nothing.
pub(crate) fn draw_list(
    pen: &mut Pen<'_>,
    area: Rect,
    row: u16,
    mut pieces: Vec<Piece<'_>>,
    hints: Vec<(String, String)>,
) {
    for (key, words) in hints {
        let hint = [piece(key, Role::Key), piece(format!(" {words}"), Role::Muted)];
        if pieces_width(&pieces) + pieces_width(&hint) <= usize::from(area.width) {
            pieces.extend(hint);
            pieces.push(piece("  ", Role::Text));
        }
    }
    pen.line(area, row, &pieces, &[]);
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
        (Some(Overlay::Plan(_)), Command::Accept | Command::Confirm) if state.settings.read_only => false,
        (Some(Overlay::Plan(sheet)), Command::Accept) => {
            matches!(sheet.plan.confirmation(), Confirmation::Number(_))
        }
        (Some(Overlay::Plan(sheet)), Command::Confirm) => sheet.plan.confirmation() == Confirmation::Key,
        (Some(Overlay::Plan(sheet)), Command::PlanHidden) => sheet.blast.hidden > 0,
        (Some(Overlay::Job(sheet)), Command::JobStop | Command::JobForce | Command::JobRetry) => {
            // A running job can be stopped, a finished one retried.
            state.job(sheet.job).is_some_and(|job| job.is_running() == (command == Command::JobStop))
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
