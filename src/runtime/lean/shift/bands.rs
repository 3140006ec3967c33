//! What a row shows, in short: to find out quickly which rows moved, even where something beside them did not.

use ratatui::buffer::Cell;

use super::{super::glyph, Look};

/// Columns that are looked at together: narrow enough for a few of them to lie in each part of the screen.
const COLUMNS: usize = 8;
/// The number of a band that shows nothing.
const BLANK: u64 = 0;

/// A number for each few columns of a row: the same where they look the same, and hardly ever where they do not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bands(Vec<u64>);

impl Bands {
    pub(super) fn of(row: &[Cell]) -> Self {
        let mut bands = vec![BLANK; row.len().div_ceil(COLUMNS)];
        let (mut x, mut look, mut dressed) = (0, Look::PLAIN, 0);
        while x < row.len() {
            let (symbol, width) = glyph(row, x);
            let mut next = row.get(x).map_or(Look::PLAIN, Look::of);
            if symbol == " " {
                next = next.of_blank();
            }
            if next != look {
                (look, dressed) = (next, next.number());
            }
            if (symbol != " " || look != Look::PLAIN)
                && let Some(band) = bands.get_mut(x / COLUMNS)
            {
                let place = (x % COLUMNS + 1) as u64;
                let letters = symbol.bytes().fold(place, |number, byte| mixed(number, u64::from(byte)));
                *band = mixed(*band, mixed(letters, dressed)).max(1);
            }
            x += width;
        }
        Self(bands)
    }

    /// The bands that show something, and something else than a row showed.
    pub(super) fn changed_from(&self, before: Option<&Self>) -> Vec<usize> {
        let is_new = |place: &usize| {
            let here = self.0.get(*place);
            here != Some(&BLANK) && here != before.and_then(|before| before.0.get(*place))
        };
        (0..self.0.len()).filter(is_new).collect()
    }

    /// Whether more than half of some bands are those of another row.
    pub(super) fn is_mostly(&self, bands: &[usize], other: &Self) -> bool {
        let same = bands.iter().filter(|place| self.0.get(**place) == other.0.get(**place)).count();
        same * 2 > bands.len()
    }
}

/// Mixes a number into another one.
fn mixed(number: u64, with: u64) -> u64 {
    (number.rotate_left(5) ^ with).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
