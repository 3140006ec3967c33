//! The bytes of a frame: what turns the screen that the terminal shows into the next one, in as few bytes as are safe.
//!
//! Operators sit behind slow lines, so a frame costs what changed. Colours are only said when they change, the cursor goes
//! the shortest way, a short piece that stays is written again where that is shorter than a jump, and rows that merely moved are
//! moved by the terminal ([`shift`]). Only what every terminal in use understands is written: no left and right margins, no repeated
//! characters, and no scrolling by `SU` and `SD`, which the Linux console does not know.

mod look;
mod shift;
#[cfg(test)]
mod tests;

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell, CellWidth as _};

use self::look::Look;

/// Makes the whole screen scroll again, not a part of it.
pub(super) const WHOLE_SCREEN: &[u8] = b"\x1b[r";
/// Pieces of at most so many columns may be written again instead of jumped over: a jump takes up to six bytes.
const BRIDGE: u16 = 8;
/// From so many columns on, blanks followed by more text are erased instead of written.
const ERASED: u16 = 11;
/// The same where nothing follows at once, so that the cursor jumps in any case.
const ERASED_AT_END: u16 = 6;
/// So many blanks at the beginning of a row are written again instead of jumped over.
const INDENT: usize = 3;
/// Frames below this many bytes are not worth a search for rows that moved.
const WORTH_A_SHIFT: usize = 120;

/// What turns a screen that shows `before` into one that shows `after`; nothing when they look the same. The
/// colours are the terminal's own before and afterwards; the cursor may be anywhere.
///
/// `shifts` says whether the terminal can move rows.
pub fn difference(before: &Buffer, after: &Buffer, shifts: bool) -> Vec<u8> {
    let plain = repainted(before, after);
    if !shifts || plain.len() < WORTH_A_SHIFT {
        return plain;
    }
    match shift::shifted(before, after) {
        Some(moved) if moved.len() < plain.len() => moved,
        _ => plain,
    }
}

/// The same without moving rows.
fn repainted(before: &Buffer, after: &Buffer) -> Vec<u8> {
    let mut encoder = Encoder::new(after.area.width);
    for (y, (before, after)) in rows(before).zip(rows(after)).enumerate() {
        encoder.row(y as u16, before, after);
    }
    encoder.finish()
}

/// The rows of a buffer.
fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width.max(1)))
}

/// What one sees as one character, and whether it has to be written.
#[derive(Debug, Clone, Copy)]
struct Glyph<'a> {
    x: u16,
    width: u16,
    symbol: &'a str,
    look: Look,
    changed: bool,
}

impl Glyph<'_> {
    fn is_blank(&self) -> bool {
        self.symbol == " "
    }

    /// Whether it looks like what erasing leaves.
    fn is_erased(&self) -> bool {
        self.is_blank() && self.look.blanks_like(Look::PLAIN)
    }
}

/// The character that begins in a cell of a row: what it is, and how many columns it takes.
fn glyph(row: &[Cell], x: usize) -> (&str, usize) {
    let Some(cell) = row.get(x) else { return (" ", 1) };
    let symbol = cell.symbol();
    if symbol.len() == 1 {
        return (symbol, 1);
    }
    match usize::from(symbol.cell_width()) {
        // What cannot be shown here must not move the rest of the row.
        0 => (" ", 1),
        width if x + width > row.len() => (" ", 1),
        width => (symbol, width),
    }
}

/// Whether the characters that begin in a cell of two rows look the same.
fn is_same(before: &[Cell], after: &[Cell], x: usize) -> bool {
    let (Some(one), Some(other)) = (before.get(x), after.get(x)) else { return false };
    let (symbol, width) = glyph(before, x);
    if (symbol, width) != glyph(after, x) {
        return false;
    }
    let (one, other) = (Look::of(one), Look::of(other));
    if symbol == " " { one.blanks_like(other) } else { one == other }
}

/// The characters of a row, compared with those of the row that is shown.
fn compared<'a>(before: &[Cell], after: &'a [Cell]) -> Vec<Glyph<'a>> {
    let mut glyphs = Vec::with_capacity(after.len());
    let (mut old, mut x) = (0, 0);
    while x < after.len() {
        while old < x {
            old += glyph(before, old).1;
        }
        let (symbol, width) = glyph(after, x);
        let changed = old != x || !is_same(before, after, x);
        let look = after.get(x).map_or(Look::PLAIN, Look::of);
        glyphs.push(Glyph { x: x as u16, width: width as u16, symbol, look, changed });
        x += width;
    }
    glyphs
}

/// How well it is known where the terminal's cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trust {
    /// In this row; the column depends on how wide the terminal takes a character to be.
    Row,
    /// In this column, unless the terminal takes a character to be wider than most do: more text may follow, but a jump
    /// names its column.
    Column,
    /// Here.
    Exact,
}

/// Where the terminal's cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    x: u16,
    y: u16,
    trust: Trust,
}

impl Place {
    /// Whether the terminal is in this row even if it takes some characters to be twice as wide as most do.
    fn is_surely_in_its_row(self, width: u16) -> bool {
        match self.trust {
            Trust::Row => false,
            Trust::Column => self.x < width / 2,
            Trust::Exact => true,
        }
    }
}

/// Writes cells, and knows what the terminal remembers.
#[derive(Debug)]
struct Encoder {
    bytes: Vec<u8>,
    width: u16,
    /// Unknown at first, and behind the last column, where terminals differ.
    place: Option<Place>,
    look: Look,
}

impl Encoder {
    fn new(width: u16) -> Self {
        Self { bytes: Vec::new(), width, place: None, look: Look::PLAIN }
    }

    /// Leaves the terminal with its own colours.
    fn finish(mut self) -> Vec<u8> {
        self.dress(Look::PLAIN);
        self.bytes
    }

    /// Writes what differs between two rows.
    fn row(&mut self, y: u16, before: &[Cell], after: &[Cell]) {
        if before == after {
            return;
        }
        let glyphs = compared(before, after);
        let Some(last) = glyphs.iter().rposition(|glyph| glyph.changed) else { return };
        let tail = glyphs.iter().rposition(|glyph| !glyph.is_erased()).map_or(0, |place| place + 1);
        let mut next = 0;
        while let Some(glyph) = glyphs.get(next).filter(|_| next <= last) {
            next = if !glyph.changed {
                self.over(y, &glyphs, next)
            } else if next >= tail && last - next >= 3 {
                self.reach(y, &glyphs, next);
                self.dress_for_blank(&glyphs, next);
                self.bytes.extend_from_slice(b"\x1b[K");
                return;
            } else {
                self.erased(y, &glyphs, next, last).unwrap_or_else(|| {
                    self.put(y, &glyphs, next);
                    next + 1
                })
            };
        }
    }

    /// Gets over characters that stay: by a jump, or by writing them again. Returns the next one that changed.
    fn over(&mut self, y: u16, glyphs: &[Glyph<'_>], first: usize) -> usize {
        let rest = glyphs.get(first..).unwrap_or_default();
        let count = rest.iter().position(|glyph| glyph.changed).unwrap_or(rest.len());
        let next = first + count;
        let stays = rest.get(..count).unwrap_or_default();
        let columns: u16 = stays.iter().map(|glyph| glyph.width).sum();
        let here = self.place.is_some_and(|place| place.y == y && place.trust == Trust::Exact);
        if !here || columns > BRIDGE || stays.iter().any(|glyph| !glyph.symbol.is_ascii()) {
            return next;
        }
        // Both ways to the next character are tried.
        let begin = (self.bytes.len(), self.place, self.look);
        let undo = |encoder: &mut Self| {
            encoder.bytes.truncate(begin.0);
            (encoder.place, encoder.look) = (begin.1, begin.2);
        };
        self.put(y, glyphs, next);
        let jump = self.bytes.len();
        undo(self);
        for glyph in first..=next {
            self.put(y, glyphs, glyph);
        }
        let written = self.bytes.len();
        undo(self);
        if written < jump {
            for glyph in first..next {
                self.put(y, glyphs, glyph);
            }
        }
        next
    }

    /// Erases a long run of blanks where it begins. Returns what comes behind it, or nothing when it is not long.
    fn erased(&mut self, y: u16, glyphs: &[Glyph<'_>], first: usize, last: usize) -> Option<usize> {
        let rest = glyphs.get(first..=last)?;
        let run = rest.iter().take_while(|glyph| glyph.is_erased()).collect::<Vec<_>>();
        let count = run.iter().rposition(|glyph| glyph.changed)? + 1;
        let follows = rest.get(count).is_some_and(|glyph| glyph.changed);
        if count < usize::from(if follows { ERASED } else { ERASED_AT_END }) {
            return None;
        }
        self.reach(y, glyphs, first);
        self.dress_for_blank(glyphs, first);
        self.command(count as u16, b'X');
        Some(first + count)
    }

    /// Writes a character.
    fn put(&mut self, y: u16, glyphs: &[Glyph<'_>], place: usize) {
        let Some(glyph) = glyphs.get(place) else { return };
        self.reach(y, glyphs, place);
        if glyph.is_blank() {
            self.dress_for_blank(glyphs, place);
        } else {
            self.dress(glyph.look);
        }
        self.bytes.extend_from_slice(glyph.symbol.as_bytes());
        let end = glyph.x + glyph.width;
        let before = self.place.map_or(Trust::Row, |place| place.trust);
        let trust = match (glyph.symbol.len(), glyph.width) {
            (1, _) => before,
            (_, 1) if glyph.symbol.chars().nth(1).is_none() => before.min(Trust::Column),
            _ => Trust::Row,
        };
        self.place = (end < self.width).then_some(Place { x: end, y, trust });
    }

    /// Takes on a look.
    fn dress(&mut self, look: Look) {
        look.write(self.look, &mut self.bytes);
        self.look = look;
    }

    /// Takes on a look for a blank: of its letters' colours nothing is seen, so those that are there, or that are needed
    /// next, may stay.
    fn dress_for_blank(&mut self, glyphs: &[Glyph<'_>], place: usize) {
        let look = glyphs.get(place).map_or(Look::PLAIN, |glyph| glyph.look);
        if self.look.blanks_like(look) {
            return;
        }
        let mut ahead = glyphs.iter().skip(place + 1);
        let next = ahead.find(|glyph| glyph.changed && !glyph.is_blank()).map(|glyph| glyph.look);
        let looks = next.into_iter().chain([look.of_blank(), self.look.with_blanks_of(look)]);
        let cost = |to: &Look| {
            let mut bytes = Vec::new();
            to.write(self.look, &mut bytes);
            if let Some(next) = next {
                next.write(*to, &mut bytes);
            }
            bytes.len()
        };
        let best = looks.filter(|other| other.blanks_like(look)).min_by_key(cost);
        self.dress(best.unwrap_or(look));
    }

    /// Brings the cursor to a character of a row. Where only a blank or two stand before it, these are written again behind
    /// a new line: that is shorter than any jump.
    fn reach(&mut self, y: u16, glyphs: &[Glyph<'_>], place: usize) {
        let Some(glyph) = glyphs.get(place) else { return };
        let indent = glyphs.get(..place).unwrap_or_default();
        let stays = |blank: &Glyph<'_>| {
            !blank.changed && blank.is_blank() && self.look.blanks_like(blank.look) && blank.width == 1
        };
        let next = self.place.is_some_and(|here| here.y + 1 == y && here.is_surely_in_its_row(self.width));
        if next && (1..=INDENT).contains(&indent.len()) && indent.iter().all(stays) {
            self.bytes.extend_from_slice(b"\r\n");
            self.bytes.resize(self.bytes.len() + indent.len(), b' ');
            self.place = Some(Place { x: glyph.x, y, trust: Trust::Exact });
        } else {
            self.go(glyph.x, y);
        }
    }

    /// Brings the cursor to a place.
    fn go(&mut self, x: u16, y: u16) {
        let here = Place { x, y, trust: Trust::Exact };
        if let Some(place) = self.place
            && (place.x, place.y) == (x, y)
            && place.trust >= Trust::Column
        {
            return;
        }
        let way = self.place.and_then(|place| near(place, x, y, self.width));
        let far = far(x, y);
        self.bytes.extend(way.filter(|way| way.len() < far.len()).unwrap_or(far));
        self.place = Some(here);
    }

    /// Writes a control sequence with a count, which is left out where it is one.
    fn command(&mut self, count: u16, letter: u8) {
        sequence(&mut self.bytes, count, letter);
    }
}

/// A control sequence with a count, which is left out where it is one.
fn sequence(bytes: &mut Vec<u8>, count: u16, letter: u8) {
    bytes.extend_from_slice(b"\x1b[");
    if count != 1 {
        number(bytes, count);
    }
    bytes.push(letter);
}

fn number(bytes: &mut Vec<u8>, number: u16) {
    // Writing to memory does not fail.
    drop(write!(bytes, "{number}"));
}

/// The way to a place from anywhere.
fn far(x: u16, y: u16) -> Vec<u8> {
    let mut way = b"\x1b[".to_vec();
    if y > 0 || x > 0 {
        number(&mut way, y + 1);
    }
    if x > 0 {
        way.push(b';');
        number(&mut way, x + 1);
    }
    way.push(b'H');
    way
}

/// The shortest way from a place that is known, to the right or down.
fn near(place: Place, x: u16, y: u16, width: u16) -> Option<Vec<u8>> {
    let mut way = Vec::new();
    if place.y == y {
        match (place.trust, x.checked_sub(place.x)) {
            (Trust::Exact, Some(right)) => sequence(&mut way, right, b'C'),
            _ => sequence(&mut way, x + 1, b'G'),
        }
        return Some(way);
    }
    let down = y.checked_sub(place.y)?;
    if place.x == x && place.trust == Trust::Exact {
        sequence(&mut way, down, b'B');
        return Some(way);
    }
    if down > 2 || !place.is_surely_in_its_row(width) {
        return None;
    }
    for _ in 0..down {
        way.extend_from_slice(b"\r\n");
    }
    if x > 0 {
        sequence(&mut way, x, b'C');
    }
    Some(way)
}

/// What brings the cursor to a place, whatever the terminal is at.
pub(super) fn cursor_to(x: u16, y: u16) -> Vec<u8> {
    far(x, y)
}
