//! Rows that merely moved: a list that scrolls, a pane with a new line at its end.
//!
//! The terminal moves them itself: a scroll region (`DECSTBM`) around them, and lines deleted or inserted at its first row
//! (`DL`, `IL`). These are older and understood more widely than scrolling by `SU` and `SD`, and never touch a scrollback. A
//! region always has the full width of the screen: what stands still beside the rows that moved is moved along and written
//! again. That costs its own letters, and is done where these are fewer than those of the rows.

mod bands;

use std::collections::{BTreeMap, HashMap};

use ratatui::buffer::{Buffer, Cell};

use self::bands::Bands;
use super::{Encoder, Look, number, rows, sequence};

/// Regions that one frame moves: the table, the event pane, and one to spare.
const MOST: usize = 3;
/// Distances that are looked at more closely.
const CANDIDATES: usize = 2;
/// By how many rows a region may be larger than the rows that are known to have moved: the row under the cursor looks
/// different after it moved.
const MARGIN: usize = 2;
/// About what the commands of one move take.
const COMMANDS: usize = 20;

/// Rows `top..bottom` move by so many lines: up, or down when it is negative. What they leave is blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shift {
    top: usize,
    bottom: usize,
    up: isize,
}

impl Shift {
    /// The row that comes to a row of the region; none where it is left blank.
    fn source(self, row: usize) -> Option<usize> {
        let from = row.checked_add_signed(self.up)?;
        (self.top..self.bottom).contains(&from).then_some(from)
    }

    fn write(self, height: usize, encoder: &mut Encoder) {
        // What is left blank takes the background that is set.
        encoder.dress(Look::PLAIN);
        let whole = self.top == 0 && self.bottom == height;
        if !whole {
            encoder.bytes.extend_from_slice(b"\x1b[");
            number(&mut encoder.bytes, self.top as u16 + 1);
            encoder.bytes.push(b';');
            number(&mut encoder.bytes, self.bottom as u16);
            encoder.bytes.push(b'r');
        }
        encoder.bytes.extend(super::far(0, self.top as u16));
        let letter = if self.up > 0 { b'M' } else { b'L' };
        sequence(&mut encoder.bytes, self.up.unsigned_abs() as u16, letter);
        if !whole {
            encoder.bytes.extend_from_slice(super::WHOLE_SCREEN);
        }
        encoder.place = None;
    }
}

/// What turns one screen into the other when rows are moved first; nothing when none did.
pub(super) fn shifted(before: &Buffer, after: &Buffer) -> Option<Vec<u8>> {
    let mut screens = Screens::new(before, after);
    let mut encoder = Encoder::new(after.area.width);
    let height = screens.after.len();
    for _ in 0..MOST {
        let Some(shift) = screens.best() else { break };
        shift.write(height, &mut encoder);
        screens.apply(shift);
    }
    if encoder.bytes.is_empty() {
        return None;
    }
    let blank = &screens.blank;
    for (y, (before, after)) in screens.before.iter().zip(&screens.after).enumerate() {
        encoder.row(y as u16, before.unwrap_or(blank), after);
    }
    Some(encoder.finish())
}

/// A row of the screen that is shown; none when it is blank.
type Row<'a> = Option<&'a [Cell]>;

/// Both screens by rows.
struct Screens<'a> {
    before: Vec<Row<'a>>,
    after: Vec<&'a [Cell]>,
    blank: Vec<Cell>,
    /// Rows that were moved already.
    moved: Vec<bool>,
    /// Bytes from a row, or from a blank one, to another.
    costs: HashMap<(Option<usize>, usize), usize>,
}

impl<'a> Screens<'a> {
    fn new(before: &'a Buffer, after: &'a Buffer) -> Self {
        let after: Vec<&[Cell]> = rows(after).collect();
        Self {
            before: rows(before).map(Some).collect(),
            blank: vec![Cell::EMPTY; after.first().map_or(0, |row| row.len())],
            moved: vec![false; after.len()],
            after,
            costs: HashMap::new(),
        }
    }

    fn apply(&mut self, shift: Shift) {
        let region = shift.top..shift.bottom;
        let rows: Vec<Row<'a>> = region
            .clone()
            .map(|row| shift.source(row).and_then(|from| self.before.get(from).copied().flatten()))
            .collect();
        for (row, cells) in region.zip(rows) {
            if let (Some(before), Some(moved)) = (self.before.get_mut(row), self.moved.get_mut(row)) {
                (*before, *moved) = (cells, true);
            }
        }
        self.costs.clear();
    }

    /// The move that saves most.
    fn best(&mut self) -> Option<Shift> {
        let mut distances: Vec<(isize, Vec<usize>)> =
            self.matches().into_iter().map(|(up, rows)| (up, longest_run(&rows))).collect();
        distances.sort_by_key(|(up, rows)| (std::cmp::Reverse(rows.len()), up.unsigned_abs()));
        distances.truncate(CANDIDATES);
        let mut best: Option<(usize, Shift)> = None;
        for (up, rows) in distances {
            let (Some(first), Some(last)) = (rows.first(), rows.last()) else { continue };
            for shift in self.around(up, *first, *last) {
                let saved = self.saving(shift);
                if saved > best.map_or(COMMANDS, |(most, _)| most) {
                    best = Some((saved, shift));
                }
            }
        }
        best.map(|(_, shift)| shift)
    }

    /// The rows of which most that changed was in another row before, by how far up that is. The lowest stands last.
    fn matches(&self) -> BTreeMap<isize, Vec<usize>> {
        let changed = |row: &usize| {
            let same = match (self.before.get(*row), self.after.get(*row)) {
                (Some(Some(before)), Some(after)) => before == after,
                _ => false,
            };
            !same && !self.is_moved(*row)
        };
        let rows: Vec<usize> = (0..self.after.len()).filter(changed).collect();
        let bands = |row: usize, screen: &[Row<'_>]| screen.get(row).copied().flatten().map(Bands::of);
        let before: Vec<Option<Bands>> = rows.iter().map(|row| bands(*row, &self.before)).collect();
        let mut matches: BTreeMap<isize, Vec<usize>> = BTreeMap::new();
        for (row, here) in rows.iter().zip(&before) {
            let Some(after) = self.after.get(*row).map(|cells| Bands::of(cells)) else { continue };
            let new = after.changed_from(here.as_ref());
            for (from, there) in rows.iter().zip(&before).filter(|(from, _)| *from != row) {
                if there.as_ref().is_some_and(|there| after.is_mostly(&new, there)) {
                    matches.entry(*from as isize - *row as isize).or_default().push(*row);
                }
            }
        }
        matches
    }

    fn is_moved(&self, row: usize) -> bool {
        self.moved.get(row).copied().unwrap_or(true)
    }

    /// Regions that move these rows, and a few around them.
    fn around(&self, up: isize, first: usize, last: usize) -> Vec<Shift> {
        let far = up.unsigned_abs();
        // Where the rows were, and where they are.
        let (top, bottom) = if up > 0 { (first, last + far + 1) } else { (first - far.min(first), last + 1) };
        let mut shifts = Vec::new();
        for above in 0..=MARGIN.min(top) {
            for below in 0..=MARGIN.min(self.after.len().saturating_sub(bottom)) {
                let shift = Shift { top: top - above, bottom: bottom + below, up };
                if !(shift.top..shift.bottom).any(|row| self.is_moved(row)) {
                    shifts.push(shift);
                }
            }
        }
        shifts
    }

    /// The bytes that a move saves, without its commands; 0 when it saves none.
    fn saving(&mut self, shift: Shift) -> usize {
        let region = shift.top..shift.bottom;
        let stay: usize = region.clone().map(|row| self.cost(Some(row), row)).sum();
        let moved: usize = region.map(|row| self.cost(shift.source(row), row)).sum();
        stay.saturating_sub(moved)
    }

    /// The bytes from a row, or from a blank one, to another.
    fn cost(&mut self, from: Option<usize>, to: usize) -> usize {
        if let Some(cost) = self.costs.get(&(from, to)) {
            return *cost;
        }
        let before = from.and_then(|row| self.before.get(row).copied().flatten()).unwrap_or(&self.blank);
        let cost = self.after.get(to).map_or(0, |after| {
            let mut encoder = Encoder::new(after.len() as u16);
            encoder.row(to as u16, before, after);
            encoder.finish().len()
        });
        self.costs.insert((from, to), cost);
        cost
    }
}

/// The longest of the runs of rows that have at most a few others between them: one pane.
fn longest_run(rows: &[usize]) -> Vec<usize> {
    let runs = rows.chunk_by(|one, next| next - one <= MARGIN + 1);
    runs.max_by_key(|run| run.len()).map(<[usize]>::to_vec).unwrap_or_default()
}
