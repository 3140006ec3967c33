//! Labels and values in lines: what the sheets that tell everything about one thing are made of.

use std::borrow::Cow;

use ratatui::layout::Rect;

use crate::ui::{
    pen::{Pen, piece},
    text,
    theme::Role,
};

/// What stands for a value that the server did not give.
pub(super) const UNKNOWN: &str = "?";

/// A label that may be empty, and a value. A label in capitals is a heading.
pub(super) struct Field {
    pub(super) label: Cow<'static, str>,
    pub(super) value: String,
    pub(super) role: Role,
}

impl Field {
    /// A value in a role.
    pub(super) fn new(label: impl Into<Cow<'static, str>>, value: impl Into<String>, role: Role) -> Self {
        Self { label: label.into(), value: value.into(), role }
    }

    /// A value that the server gave, or `?`.
    pub(super) fn shown(label: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => Self::new(label, value.to_string(), Role::Text),
            None => Self::new(label, UNKNOWN, Role::Disabled),
        }
    }

    /// An empty line.
    pub(super) fn blank() -> Self {
        Self::new("", "", Role::Text)
    }
}

/// Breaks long values into lines; the label stands at the first.
pub(super) fn wrapped(fields: Vec<Field>, label_width: usize, width: u16) -> Vec<Field> {
    let room = usize::from(width).saturating_sub(label_width).max(8);
    let broken = |field: Field| {
        let parts = text::wrap(&field.value, room);
        let mut lines: Vec<Field> =
            parts.into_iter().map(|part| Field::new("", part.trim_end(), field.role)).collect();
        if let Some(first) = lines.first_mut() {
            first.label = field.label;
        }
        lines
    };
    fields.into_iter().flat_map(broken).collect()
}

/// Draws lines below each other, as many as there is room for.
pub(super) fn draw<'a>(
    pen: &mut Pen<'_>,
    area: Rect,
    label_width: usize,
    fields: impl Iterator<Item = &'a Field>,
) {
    for (row, field) in (0..area.height).zip(fields) {
        let label = text::left(&field.label, label_width.saturating_sub(1), pen.glyphs.ellipsis());
        let capitals =
            field.label.chars().any(char::is_alphabetic) && !field.label.chars().any(char::is_lowercase);
        let role = if capitals { Role::Heading } else { Role::Muted };
        let pieces = [piece(label, role), piece(" ", Role::Text), piece(field.value.as_str(), field.role)];
        pen.line(area, row, &pieces, &[]);
    }
}
