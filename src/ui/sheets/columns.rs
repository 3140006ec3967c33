//! The list of columns. It stands at the right edge: the table beside it shows each change at once.

use ratatui::layout::Rect;

use crate::{
    core::{
        command::{Command, Context},
        rows,
        state::{ColumnEntry, ColumnSheet, State},
        table::Column,
    },
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
const NAME: usize = 14;
/// Lines below the list: a rule, three on what the column tells, the keys that move and size it, the others.
const BELOW: u16 = 6;
/// The frame, and two lines of the screen.
const AROUND: u16 = 4;

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, sheet: &ColumnSheet) {
    let count = sheet.entries.len();
    let room = state.screen.height.saturating_sub(BELOW + AROUND).max(1);
    let list = rows::side_list_rows(state.screen, count).min(room);
    let height = usize::from(list);
    let first = first_around(sheet.cursor, height);
    let part = part_of(first, height, count);
    let title = if part.is_empty() { "COLUMNS".to_owned() } else { format!("COLUMNS  {part}") };
    let area = layout::at_right(state.screen, WIDTH + 4, list + BELOW + 2);
    let inside = popup_in(pen, area, &title);
    let on_screen = state.columns();
    for (row, (place, entry)) in (0..list).zip(sheet.entries.iter().enumerate().skip(first)) {
        draw_entry(pen, inside, row, *entry, &on_screen);
        if place == sheet.cursor {
            pen.text(inside, inside.x, row, ">", Role::Accent);
            pen.tint(inside, row, Role::Selection);
        }
    }
    let below = Rect { y: inside.y + list, height: inside.height.saturating_sub(list), ..inside };
    pen.rule(below, 0, Role::Border);
    if let Some(entry) = sheet.entries.get(sheet.cursor) {
        draw_about(pen, below, *entry);
    }
    // Beside what is kept and left, the last line has no room for these.
    let key = |command| state.key(Context::Columns, command);
    let places = format!("{} {}", key(Command::ColumnEarlier), key(Command::ColumnLater));
    let widths = format!("{} {}", key(Command::ColumnWider), key(Command::ColumnNarrower));
    let keys = [(places, " move  "), (widths, " width  "), (key(Command::ColumnAuto), " as it fits")];
    let pieces: Vec<_> = keys
        .into_iter()
        .flat_map(|(key, words)| [piece(key, Role::Key), piece(words, Role::Muted)])
        .collect();
    pen.line(below, BELOW - 2, &pieces, &[]);
    popup_hints(pen, below, BELOW - 1, state);
}

/// Whether it is shown, its name and title, and how wide it is.
fn draw_entry(pen: &mut Pen<'_>, area: Rect, row: u16, entry: ColumnEntry, on_screen: &[(Column, u16)]) {
    let column = entry.chosen.column;
    let role = if entry.shown { Role::Text } else { Role::Muted };
    let width = on_screen.iter().find(|(other, _)| *other == column).map(|(_, width)| *width);
    let width = match (entry.shown, entry.chosen.width, width) {
        (false, ..) => String::new(),
        (true, Some(width), _) => format!("{width} wide"),
        (true, None, Some(width)) => width.to_string(),
        (true, None, None) => "off the edge".to_owned(),
    };
    let mark = if entry.shown { "[x]" } else { "[ ]" };
    let name = text::left(column.id(), NAME, "");
    let pieces = [
        piece(format!("  {mark} {name} "), role),
        piece(format!("{} {width}", text::left(column.title(), 12, "")), Role::Muted),
    ];
    pen.line(area, row, &pieces, &[]);
}

/// What the column tells.
fn draw_about(pen: &mut Pen<'_>, area: Rect, entry: ColumnEntry) {
    let lines = text::wrap(entry.chosen.column.describe(), usize::from(area.width));
    for (row, line) in (1..BELOW - 2).zip(lines) {
        pen.text(area, area.x, row, line.trim_end(), Role::Muted);
    }
}
