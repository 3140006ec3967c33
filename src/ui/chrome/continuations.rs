//! How a begun sequence of keys may go on: a list above the hints where one line has no room for its words.

use ratatui::layout::Rect;

use crate::ui::{
    pen::{Pen, piece},
    text,
    theme::Role,
};

/// Columns between two ways, and before the first.
const GAP: usize = 2;

/// Draws the ways to go on above a row of the screen, in as many columns as have room for all words; with too many for
/// half the screen the words are cut, never the keys.
pub(super) fn draw(pen: &mut Pen<'_>, below: Rect, typed: &str, ways: &[(String, String)]) {
    let most = usize::from(below.y / 2).max(1);
    let width = usize::from(below.width);
    let key = ways.iter().map(|(key, _)| text::width(key)).max().unwrap_or(0);
    let words = ways.iter().map(|(_, words)| text::width(words)).max().unwrap_or(0);
    let roomy = (width / (key + 1 + words + GAP)).max(1);
    let columns = roomy.max(ways.len().div_ceil(most)).min(ways.len().max(1));
    let rows = ways.len().div_ceil(columns).min(most);
    let column = width / columns;
    let room = column.saturating_sub(key + 1 + GAP);
    let area = Rect { y: below.y.saturating_sub(rows as u16 + 1), height: rows as u16 + 1, ..below };
    pen.clear(area);
    pen.rule(area, 0, Role::BorderFocus);
    pen.text(area, area.x + 2, 0, &format!(" {typed} and then "), Role::Muted);
    let ellipsis = pen.glyphs.ellipsis();
    for row in 0..rows {
        let mut pieces = Vec::new();
        for (key_name, words) in ways.iter().skip(row).step_by(rows) {
            pieces.push(piece(" ".repeat(GAP), Role::Text));
            pieces.push(piece(text::left(key_name, key, ""), Role::Key));
            pieces.push(piece(format!(" {}", text::left(words, room, ellipsis)), Role::Text));
        }
        pen.line(area, row as u16 + 1, &pieces, &[]);
    }
}
