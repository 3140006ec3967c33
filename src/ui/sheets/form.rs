//! A form being filled in: its fields, what is wrong with them, and what it would lead to.

#[cfg(test)]
mod tests;

use ratatui::layout::Rect;

use crate::{
    core::{
        command::{Command, Context},
        form::{Field, FieldKind, FieldOption, Form, SearchField},
        line_input::LineInput,
        state::State,
    },
    ui::{
        pen::{Pen, Piece, piece},
        text,
        theme::Role,
    },
};

use super::{
    page::{Line, draw_page, wrapped},
    sheet::{Sheet, first_around, part_of},
};

/// The most columns of the labels.
const LABEL: usize = 18;
/// The most and the least lines of a list below a field.
const LIST: (usize, usize) = (3, 10);
/// The least lines of the preview, with its title.
const PREVIEW: u16 = 3;
/// Things taken that have a line each; the others are counted.
const TAKEN: usize = 4;

/// Draws the form.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, form: &Form) {
    let title = [piece(form.title.to_string(), Role::Accent)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    let looks = Looks::of(pen, body, form);
    let preview: Vec<Line> =
        form.preview.iter().flat_map(|line| wrapped("  ", line.as_str(), Role::Text, body.width)).collect();
    let mut lines = Vec::new();
    let mut focus = 0..0;
    for (place, field) in form.fields.iter().enumerate() {
        let first = lines.len();
        lines.extend(looks.field(field, place == form.at));
        if place == form.at {
            focus = first..lines.len();
        }
    }
    let wanted = if preview.is_empty() { 0 } else { preview.len() as u16 + 1 };
    let kept = wanted.min(PREVIEW.max(body.height.saturating_sub(lines.len() as u16 + 1)));
    let height = body.height.saturating_sub(kept);
    let top = Rect { height, ..body };
    // All of the field that has the keys is seen, or at least its beginning.
    let first = focus.end.saturating_sub(usize::from(height)).min(focus.start);
    for (row, line) in (0..height).zip(lines.iter().skip(first)) {
        line.draw(pen, top, row);
    }
    let mut right = part_of(first, usize::from(height), lines.len());
    if kept > 0 {
        let more = state.key(Context::Form, Command::MovePageDown);
        right =
            draw_preview(pen, Rect { y: top.bottom(), height: kept, ..body }, &preview, form.scroll, &more);
    }
    let words = form.focused().map_or_else(String::new, |field| format!("focus: {}", field.label));
    sheet.close(pen, state, form.complaint.as_ref(), &words, &right);
}

/// Draws what it would lead to; returns which part of it is seen.
fn draw_preview(pen: &mut Pen<'_>, area: Rect, lines: &[Line], scroll: usize, more: &str) -> String {
    pen.rule(area, 0, Role::Border);
    pen.text(area, area.x + 1, 0, " what it would do ", Role::Heading);
    let rest = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let part = draw_page(pen, rest, lines, scroll);
    if part.is_empty() {
        return part;
    }
    format!("{more} more  {part}")
}

/// What all fields of a form share.
struct Looks {
    label: usize,
    width: u16,
    list: usize,
    ellipsis: &'static str,
}

impl Looks {
    fn of(pen: &Pen<'_>, body: Rect, form: &Form) -> Self {
        let longest = form.fields.iter().map(|field| text::width(field.label.as_str())).max().unwrap_or(0);
        // A list has what the other fields, its own lines and the preview leave.
        let others = form.fields.len() + 3 + usize::from(PREVIEW);
        let list = usize::from(body.height).saturating_sub(others).clamp(LIST.0, LIST.1);
        Self { label: longest.min(LABEL) + 3, width: body.width, list, ellipsis: pen.glyphs.ellipsis() }
    }

    /// Columns of the value.
    fn room(&self) -> usize {
        usize::from(self.width).saturating_sub(self.label)
    }

    /// The first line of a field: mark, label, value.
    fn first(&self, field: &Field, focused: bool, value: Vec<Piece<'static>>) -> Line {
        let mark = if focused { ">" } else { " " };
        let role = if focused { Role::Accent } else { Role::Muted };
        let label = text::left(field.label.as_str(), self.label.saturating_sub(2), self.ellipsis);
        let mut left = vec![piece(mark, Role::Accent), piece(format!("{label} "), role)];
        left.extend(value);
        Line::new(left)
    }

    fn field(&self, field: &Field, focused: bool) -> Vec<Line> {
        let mut lines = match &field.kind {
            FieldKind::Line(input) => vec![self.line(field, focused, input)],
            FieldKind::Choice { options, chosen } => self.choice(field, focused, options, *chosen),
            FieldKind::Search(search) => self.search(field, focused, search),
        };
        let indent = " ".repeat(self.label);
        if let Some(error) = &field.error {
            lines.extend(wrapped(&format!("{indent}! "), error.as_str(), Role::Danger, self.width));
        }
        if focused && !field.help.is_empty() {
            lines.extend(wrapped(&indent, field.help.as_str(), Role::Muted, self.width));
        }
        lines
    }

    fn line(&self, field: &Field, focused: bool, input: &LineInput) -> Line {
        if input.text().is_empty() && !focused {
            return self.first(field, focused, vec![piece("-", Role::Muted)]);
        }
        self.typed(field, focused, input)
    }

    /// A line being typed, around its cursor.
    fn typed(&self, field: &Field, focused: bool, input: &LineInput) -> Line {
        let room = self.room().saturating_sub(1);
        let cursor = input.visual_cursor();
        let skipped = if focused { cursor.saturating_sub(room) } else { 0 };
        let hidden = text::head(input.text(), skipped).len();
        let shown = input.text().get(hidden..).unwrap_or_default().to_owned();
        let role = if focused { Role::Input } else { Role::Text };
        let mut line = self.first(field, focused, vec![piece(shown, role)]);
        line.cursor = focused.then(|| self.label + cursor - skipped);
        line
    }

    fn choice(
        &self,
        field: &Field,
        focused: bool,
        options: &[FieldOption],
        chosen: Option<usize>,
    ) -> Vec<Line> {
        let value = match chosen.and_then(|place| options.get(place)) {
            Some(option) => option_pieces(option, if focused { Role::Input } else { Role::Text }),
            None => vec![piece(if options.is_empty() { "nothing to choose from" } else { "-" }, Role::Muted)],
        };
        let mut lines = vec![self.first(field, focused, value)];
        if !focused {
            return lines;
        }
        if let Some(line) = lines.first_mut() {
            let place = chosen.map_or_else(|| "-".to_owned(), |place| (place + 1).to_string());
            line.right = vec![piece(format!("{place} of {}, Up Down or letter", options.len()), Role::Muted)];
        }
        lines.extend(self.list(options, chosen, |place| chosen == Some(place)));
        lines
    }

    fn search(&self, field: &Field, focused: bool, search: &SearchField) -> Vec<Line> {
        if !focused {
            let taken: Vec<&str> = search.taken.iter().map(|option| option.label.as_str()).collect();
            let value = if taken.is_empty() { "-".to_owned() } else { taken.join(", ") };
            let role = if taken.is_empty() { Role::Muted } else { Role::Text };
            return vec![self.first(field, focused, vec![piece(value, role)])];
        }
        let mut lines = vec![self.typed(field, focused, &search.input)];
        let (words, role) = standing(search);
        if let Some(line) = lines.first_mut() {
            line.right = vec![piece(words, role)];
        }
        if let Some(fault) = &search.fault {
            let words = format!("{}: {}", fault.kind, fault.message);
            let indent = " ".repeat(self.label);
            lines.extend(wrapped(&format!("{indent}! "), &words, Role::Warning, self.width));
        }
        lines.extend(self.list(&search.found, Some(search.cursor), |place| {
            search.found.get(place).is_some_and(|option| search.has_taken(option))
        }));
        let indent = " ".repeat(self.label);
        let newest = search.taken.iter().rev().take(TAKEN);
        for option in newest {
            let mut pieces = vec![piece(format!("{indent}taken: "), Role::Success)];
            pieces.extend(option_pieces(option, Role::Text));
            lines.push(Line::new(pieces));
        }
        if let Some(more) = search.taken.len().checked_sub(TAKEN).filter(|more| *more > 0) {
            lines.push(Line::of(format!("{indent}and {more} more taken"), Role::Success));
        }
        lines
    }

    /// The part of a list around its cursor; what is chosen or taken carries a star.
    fn list(
        &self,
        options: &[FieldOption],
        cursor: Option<usize>,
        starred: impl Fn(usize) -> bool,
    ) -> Vec<Line> {
        let first = first_around(cursor.unwrap_or(0), self.list);
        let shown = options.iter().enumerate().skip(first).take(self.list);
        shown
            .map(|(place, option)| {
                let here = cursor == Some(place);
                let mark = format!(
                    "{}{}{} ",
                    " ".repeat(self.label.saturating_sub(3)),
                    if here { ">" } else { " " },
                    if starred(place) { "*" } else { " " },
                );
                let mut pieces = vec![piece(mark, Role::Accent)];
                pieces.extend(option_pieces(option, Role::Text));
                Line { tint: here.then_some(Role::Selection), ..Line::new(pieces) }
            })
            .collect()
    }
}

/// An option with what to know about it.
fn option_pieces(option: &FieldOption, role: Role) -> Vec<Piece<'static>> {
    let mut pieces = vec![piece(option.label.to_string(), role)];
    if let Some(note) = &option.note {
        pieces.push(piece(format!("  {note}"), Role::Muted));
    }
    pieces
}

/// How far the search is.
fn standing(search: &SearchField) -> (String, Role) {
    if search.asking.is_some() {
        ("looking".to_owned(), Role::Accent)
    } else if search.fault.is_some() {
        ("not answered".to_owned(), Role::Warning)
    } else if search.answered.is_some() {
        match search.found.len() {
            0 => ("nobody found".to_owned(), Role::Warning),
            count if search.more => (format!("first {count}, type more"), Role::Warning),
            count => (format!("{count} found, Enter takes"), Role::Muted),
        }
    } else {
        (format!("type {} letters", SearchField::LEAST), Role::Muted)
    }
}
