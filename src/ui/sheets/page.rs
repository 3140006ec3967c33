//! Lines of a sheet that are read from top to bottom: made first, then shown as far as there is room.

use ratatui::layout::Rect;

use crate::ui::{
    pen::{Pen, Piece, piece},
    text,
    theme::Role,
};

use super::sheet::{first_line, part_of};

/// A line: pieces from the left, others at the right edge.
#[derive(Debug, Clone, Default)]
pub(in crate::ui) struct Line {
    pub(in crate::ui) left: Vec<Piece<'static>>,
    pub(in crate::ui) right: Vec<Piece<'static>>,
    /// What lies over the whole line.
    pub(in crate::ui) tint: Option<Role>,
    /// Where the terminal's cursor stands in it, in columns.
    pub(in crate::ui) cursor: Option<usize>,
}

impl Line {
    /// A line of these pieces.
    pub(in crate::ui) fn new(left: Vec<Piece<'static>>) -> Self {
        Self { left, ..Self::default() }
    }

    /// A line of one piece.
    pub(in crate::ui) fn of(words: impl Into<String>, role: Role) -> Self {
        Self::new(vec![piece(words.into(), role)])
    }

    /// An empty line.
    pub(in crate::ui) fn blank() -> Self {
        Self::default()
    }

    /// The same with something at the right edge.
    pub(in crate::ui) fn with_right(self, words: impl Into<String>, role: Role) -> Self {
        Self { right: vec![piece(words.into(), role)], ..self }
    }

    /// Draws it in a row of an area.
    pub(in crate::ui) fn draw(&self, pen: &mut Pen<'_>, area: Rect, row: u16) {
        pen.line(area, row, &self.left, &self.right);
        if let Some(role) = self.tint {
            pen.tint(area, row, role);
        }
        if let Some(cursor) = self.cursor {
            pen.put_cursor(area, area.x.saturating_add(cursor as u16), row);
        }
    }
}

/// A text over as many lines as it needs: `lead` stands before the first, as many blanks before the others.
pub(in crate::ui) fn wrapped(lead: &str, words: &str, role: Role, width: u16) -> Vec<Line> {
    let indent = text::width(lead);
    let room = usize::from(width).saturating_sub(indent);
    let line = |(number, part): (usize, &str)| {
        let before = if number == 0 { lead.to_owned() } else { " ".repeat(indent) };
        Line::of(format!("{before}{}", part.trim_end()), role)
    };
    text::wrap(words, room).into_iter().enumerate().map(line).collect()
}

/// Draws as many lines as there is room for, from the one that was scrolled to. Returns which part of them is seen.
pub(in crate::ui) fn draw_page(pen: &mut Pen<'_>, area: Rect, lines: &[Line], scroll: usize) -> String {
    let height = usize::from(area.height);
    let first = first_line(scroll, lines.len(), height);
    for (row, line) in (0..area.height).zip(lines.iter().skip(first)) {
        line.draw(pen, area, row);
    }
    part_of(first, height, lines.len())
}
