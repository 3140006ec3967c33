//! The list of themes. It stands at the right edge: the rest of the screen shows the theme under the cursor.

use ratatui::layout::Rect;

use crate::{
    core::{looks::ThemeChoice, rows, state::State},
    ui::{
        layout,
        pen::{Pen, piece},
        text,
        theme::Role,
    },
};

use super::sheet::{first_around, part_of, popup_hints, popup_in};

/// Columns inside.
const WIDTH: u16 = 42;
/// Columns of a name.
const NAME: usize = 22;
/// Lines below the list: a rule, what things look like, two on how a theme stays, the keys.
const BELOW: u16 = 5;

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, cursor: usize) {
    let looks = &state.settings.looks;
    let count = looks.choices.len();
    let list = rows::side_list_rows(state.screen, count);
    let height = usize::from(list);
    let first = first_around(cursor, height);
    let part = part_of(first, height, count);
    let title = if part.is_empty() { "THEMES".to_owned() } else { format!("THEMES  {part}") };
    let area = layout::at_right(state.screen, WIDTH + 4, list + BELOW + 2);
    let inside = popup_in(pen, area, &title);
    for (row, (place, choice)) in (0..list).zip(looks.choices.iter().enumerate().skip(first)) {
        draw_choice(pen, inside, row, choice, choice.name == looks.theme);
        if place == cursor {
            pen.text(inside, inside.x, row, ">", Role::Accent);
            pen.tint(inside, row, Role::Selection);
        }
    }
    let below = Rect { y: inside.y + list, height: inside.height.saturating_sub(list), ..inside };
    pen.rule(below, 0, Role::Border);
    if let Some(choice) = looks.choices.get(cursor) {
        match &choice.objection {
            Some(objection) => draw_objection(pen, below, objection.as_str()),
            None => draw_about(pen, below, state, choice),
        }
    }
    popup_hints(pen, below, BELOW - 1, state);
}

/// Name, background, and whose it is.
fn draw_choice(pen: &mut Pen<'_>, area: Rect, row: u16, choice: &ThemeChoice, in_force: bool) {
    let broken = choice.objection.is_some();
    let notes = [(in_force, "in force"), (choice.own && !broken, "yours"), (broken, "broken")];
    let notes: Vec<&str> = notes.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
    let (name, other) = if broken { (Role::Disabled, Role::Warning) } else { (Role::Text, Role::Muted) };
    // Of one that cannot be read it is not known.
    let ground = if broken { "-" } else { choice.ground.label() };
    let ellipsis = pen.glyphs.ellipsis();
    let pieces = [
        piece(format!("  {} ", text::left(choice.name.as_str(), NAME, ellipsis)), name),
        piece(format!("{} {}", text::left(ground, 5, ""), notes.join(", ")), other),
    ];
    pen.line(area, row, &pieces, &[]);
}

/// Why it cannot be used. The end says what is wrong; the beginning is the path of the file.
fn draw_objection(pen: &mut Pen<'_>, area: Rect, objection: &str) {
    let lines = text::wrap(objection, usize::from(area.width));
    let skipped = lines.len().saturating_sub(usize::from(BELOW) - 2);
    for (row, line) in (1..BELOW - 1).zip(lines.iter().skip(skipped)) {
        pen.text(area, area.x, row, line.trim_end(), Role::Warning);
    }
}

/// What things look like with the theme, and how it stays for good.
fn draw_about(pen: &mut Pen<'_>, area: Rect, state: &State, choice: &ThemeChoice) {
    let samples = [
        ("selected", Role::Selection),
        ("marked", Role::Mark),
        ("warning", Role::Warning),
        ("danger", Role::Danger),
        ("muted", Role::Muted),
    ];
    let samples = samples.into_iter().flat_map(|(word, role)| [piece(word, role), piece("  ", Role::Text)]);
    pen.line(area, 1, &samples.collect::<Vec<_>>(), &[]);
    pen.text(area, area.x, 2, &format!("For good: theme = \"{}\"", choice.name), Role::Muted);
    let room = usize::from(area.width).saturating_sub(3);
    let place = text::cut_middle(state.settings.looks.kept_in.as_str(), room, pen.glyphs.ellipsis());
    pen.text(area, area.x, 3, &format!("in {place}"), Role::Muted);
}
