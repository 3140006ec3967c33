//! The menu of verbs: every one with its letter and for how many targets it is legal; the others say why not.

use crate::{
    core::state::{ActionMenu, State, VerbChoice},
    ui::{
        pen::{Pen, piece},
        text::{self, counted},
        theme::Role,
    },
};

use super::sheet::{popup, popup_hints};

/// Columns inside the menu, where the screen has them.
const WIDTH: u16 = 86;

/// Draws the menu.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, menu: &ActionMenu) {
    let title = format!("ACT on {}", counted(menu.targets.len(), "session", "sessions"));
    let lines = menu.choices.len() as u16 + 2;
    let inside = popup(pen, state, &title, WIDTH.min(state.screen.width.saturating_sub(4)), lines);
    for (row, choice) in (0..).zip(&menu.choices) {
        let chosen = usize::from(row) == menu.cursor;
        draw_choice(pen, inside, row, choice, menu.targets.len(), chosen);
    }
    popup_hints(pen, inside, inside.height.saturating_sub(1), state);
}

fn draw_choice(
    pen: &mut Pen<'_>,
    area: ratatui::layout::Rect,
    row: u16,
    choice: &VerbChoice,
    targets: usize,
    chosen: bool,
) {
    let enabled = choice.is_enabled();
    let verb = choice.verb;
    let title_role = match (enabled, verb.is_forceful()) {
        (false, _) => Role::Disabled,
        (true, true) => Role::Forced,
        (true, false) => Role::Text,
    };
    let key_role = if enabled { Role::Key } else { Role::Disabled };
    let letter = if enabled { format!(" {} ", verb.letter()) } else { format!("({})", verb.letter()) };
    let share = format!("{} of {targets}", choice.eligible);
    let reasons: Vec<String> =
        choice.reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let (words, role) = match (enabled, reasons.is_empty()) {
        (true, true) => (verb.describe().to_owned(), Role::Muted),
        (true, false) => (format!("not: {}", reasons.join(", ")), Role::Warning),
        (false, _) => (format!("no: {}", reasons.join(", ")), Role::Disabled),
    };
    let left = [
        piece(if chosen { ">" } else { " " }, Role::Accent),
        piece(letter, key_role),
        piece(format!(" {}", text::left(verb.title(), 17, "")), title_role),
        piece(text::left(&share, 14, ""), if enabled { Role::Text } else { Role::Disabled }),
        piece(words, role),
    ];
    pen.line(area, row, &left, &[]);
    if chosen {
        pen.tint(area, row, Role::Selection);
    }
}
