//! What widgets draw with: text in roles, cut to its place, in the characters that the terminal can show.
//!
//! Nothing drawn through a pen leaves its area or the screen, whatever its size.

use std::borrow::Cow;

use ratatui::{
    buffer::{Buffer, Cell},
    layout::{Position, Rect},
    style::Style,
};

use super::{
    text,
    theme::{Role, Theme},
};

/// The characters that we draw ourselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyphs {
    ascii: bool,
}

impl Glyphs {
    /// For a terminal with ASCII only, or with more.
    pub(super) fn new(ascii: bool) -> Self {
        Self { ascii }
    }

    /// What stands where text was cut.
    pub(super) fn ellipsis(self) -> &'static str {
        if self.ascii { "~" } else { "…" }
    }

    /// A horizontal line.
    pub(super) fn rule(self) -> &'static str {
        if self.ascii { "-" } else { "─" }
    }

    /// A horizontal line that stands out.
    pub(super) fn strong_rule(self) -> &'static str {
        if self.ascii { "=" } else { "━" }
    }

    /// A vertical line.
    pub(super) fn wall(self) -> &'static str {
        if self.ascii { "|" } else { "│" }
    }

    /// A branch of a tree to one more thing, or to the last one; what follows it is [`Self::twig`] or a sign of one's own.
    pub(super) fn branch(self, last: bool) -> &'static str {
        match (self.ascii, last) {
            (true, false) => "|-",
            (true, true) => "`-",
            (false, false) => "├─",
            (false, true) => "└─",
        }
    }

    /// The end of a branch.
    pub(super) fn twig(self) -> &'static str {
        if self.ascii { "- " } else { "─ " }
    }

    /// A branch of a tree that goes on to what is further down.
    pub(super) fn trunk(self) -> &'static str {
        if self.ascii { "|   " } else { "│   " }
    }

    /// The corners of a box: upper left, upper right, lower left, lower right.
    pub(super) fn corners(self) -> [&'static str; 4] {
        if self.ascii { ["+", "+", "+", "+"] } else { ["┌", "┐", "└", "┘"] }
    }

    /// Nothing, then what is more and more.
    pub(super) fn rates(self) -> &'static [&'static str] {
        if self.ascii {
            &["_", ".", ":", "|"]
        } else {
            &["_", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        }
    }

    /// The done and the open part of a progress bar.
    pub(super) fn bar(self) -> (&'static str, &'static str) {
        if self.ascii { ("#", ".") } else { ("█", "░") }
    }
}

/// A piece of a line.
pub(super) type Piece<'a> = (Cow<'a, str>, Role);

/// A piece of a line from borrowed or own text.
pub(super) fn piece<'a>(text: impl Into<Cow<'a, str>>, role: Role) -> Piece<'a> {
    (text.into(), role)
}

/// The columns that pieces take.
pub(super) fn pieces_width(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|(text, _)| text::width(text)).sum()
}

/// Columns at the right end of the row under the cursor that show where it ends.
const ROW_END: u16 = 2;

/// Draws.
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    /// The characters to draw with.
    pub(super) glyphs: Glyphs,
    /// Where the terminal's own cursor goes, if anywhere.
    pub(super) cursor: Option<Position>,
}

impl<'a> Pen<'a> {
    /// A pen for a screen.
    pub(super) fn new(buffer: &'a mut Buffer, theme: &'a Theme, ascii: bool) -> Self {
        Self { buffer, theme, glyphs: Glyphs::new(ascii), cursor: None }
    }

    /// How a role looks.
    fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Writes text at a place of an area's row, cut at its right edge. Returns the column after it.
    pub(super) fn text(&mut self, area: Rect, x: u16, row: u16, text: &str, role: Role) -> u16 {
        let clip = area.intersection(self.buffer.area);
        let y = area.y.saturating_add(row);
        if y < clip.top() || y >= clip.bottom() || x < clip.left() || x >= clip.right() {
            return x;
        }
        let room = usize::from(clip.right() - x);
        // Blanks may hang over the edge: nothing is lost with them.
        let fits = text::width(text.trim_end_matches(' ')) <= room;
        let cut = if fits { text.into() } else { text::cut(text, room, self.glyphs.ellipsis()) };
        let style = self.style(role);
        let (end, _) = self.buffer.set_stringn(x, y, cut.as_ref(), room, style);
        end
    }

    /// Writes a row of an area: pieces from the left, others at the right edge. Where both do not fit, the right
    /// ones stay whole and the left ones are cut.
    pub(super) fn line(&mut self, area: Rect, row: u16, left: &[Piece<'_>], right: &[Piece<'_>]) {
        let wide = pieces_width(right).min(usize::from(area.width)) as u16;
        let gap = u16::from(wide > 0);
        let left_area = Rect { width: area.width.saturating_sub(wide + gap), ..area };
        let mut x = left_area.x;
        for (text, role) in left {
            x = self.text(left_area, x, row, text, *role);
        }
        let mut x = area.right().saturating_sub(wide);
        for (text, role) in right {
            x = self.text(area, x, row, text, *role);
        }
    }

    /// Lays a role over a row of an area, over whatever is there.
    pub(super) fn tint(&mut self, area: Rect, row: u16, role: Role) {
        let line = Rect { y: area.y.saturating_add(row), height: 1, ..area };
        let style = self.style(role);
        self.buffer.set_style(line.intersection(area).intersection(self.buffer.area), style);
    }

    /// Shows that the cursor is on a row of a list: at its beginning, which is so wide, and at its end. Between them it
    /// looks like any other row: all of it would cost a slow line twice its text at every step of the cursor.
    pub(super) fn cursor_row(&mut self, area: Rect, row: u16, first: u16, focused: bool) {
        let role = if focused { Role::Selection } else { Role::SelectionIdle };
        self.tint(Rect { width: first.min(area.width), ..area }, row, role);
        let end = ROW_END.min(area.width);
        self.tint(Rect { x: area.right() - end, width: end, ..area }, row, role);
    }

    /// Empties an area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                *cell = Cell::default();
                cell.set_style(self.theme.style(Role::Text));
            }
        }
        self.mend_left_edge(area);
    }

    /// A wide character whose right half was just overwritten would shift its line: it becomes a blank.
    fn mend_left_edge(&mut self, area: Rect) {
        let Some(x) = area.x.checked_sub(1) else {
            return;
        };
        for y in area.top()..area.bottom() {
            if let Some(cell) = self.buffer.cell_mut(Position { x, y })
                && text::width(cell.symbol()) > 1
            {
                cell.set_symbol(" ");
            }
        }
    }

    /// Fills a row of an area with a character.
    fn fill(&mut self, area: Rect, row: u16, symbol: &str, role: Role) {
        let line = symbol.repeat(usize::from(area.width));
        self.text(area, area.x, row, &line, role);
    }

    /// A horizontal line across an area.
    pub(super) fn rule(&mut self, area: Rect, row: u16, role: Role) {
        self.fill(area, row, self.glyphs.rule(), role);
    }

    /// A horizontal line that stands out.
    pub(super) fn strong_rule(&mut self, area: Rect, row: u16, role: Role) {
        self.fill(area, row, self.glyphs.strong_rule(), role);
    }

    /// A vertical line down an area's left edge.
    pub(super) fn wall(&mut self, area: Rect, role: Role) {
        for row in 0..area.height {
            self.text(area, area.x, row, self.glyphs.wall(), role);
        }
    }

    /// A box around an area's edge. Returns what is inside.
    pub(super) fn frame(&mut self, area: Rect, role: Role) -> Rect {
        let [upper_left, upper_right, lower_left, lower_right] = self.glyphs.corners();
        let last = area.height.saturating_sub(1);
        let right = area.right().saturating_sub(1);
        self.rule(area, 0, role);
        self.rule(area, last, role);
        for row in 1..last {
            self.text(area, area.x, row, self.glyphs.wall(), role);
            self.text(area, right, row, self.glyphs.wall(), role);
        }
        for (x, row, corner) in [
            (area.x, 0, upper_left),
            (right, 0, upper_right),
            (area.x, last, lower_left),
            (right, last, lower_right),
        ] {
            self.text(area, x, row, corner, role);
        }
        Rect {
            x: area.x.saturating_add(1),
            y: area.y.saturating_add(1),
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        }
    }

    /// Puts the terminal's cursor at a place, if that is inside the area.
    pub(super) fn put_cursor(&mut self, area: Rect, x: u16, row: u16) {
        let position = Position { x, y: area.y.saturating_add(row) };
        if area.intersection(self.buffer.area).contains(position) {
            self.cursor = Some(position);
        }
    }

    /// Replaces every character that is not ASCII, where the terminal has only ASCII. This is the one place: names
    /// from the server are measured as they came, so that columns stay where they are.
    pub(super) fn finish(&mut self) {
        if !self.glyphs.ascii {
            return;
        }
        for cell in &mut self.buffer.content {
            if !cell.symbol().is_ascii() {
                cell.set_symbol("?");
            }
        }
    }
}
