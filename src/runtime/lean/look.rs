//! Colours and attributes of a cell, and the shortest way to say a change of them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

use super::number;

/// What of a look is seen where nothing is written.
const SEEN_ON_BLANKS: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

/// Each attribute with the number that switches it on, and the one that switches it off.
const ATTRIBUTES: [(Modifier, u16, u16); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Look {
    /// The terminal's own.
    pub(super) const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    pub(super) fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether a blank looks the same in both.
    pub(super) fn blanks_like(self, other: Self) -> bool {
        let hides = |look: Self| !look.modifier.intersects(SEEN_ON_BLANKS);
        self == other || (self.bg == other.bg && hides(self) && hides(other))
    }

    /// The least look in which a blank is the same as in this one.
    pub(super) fn of_blank(self) -> Self {
        let least = Self { bg: self.bg, ..Self::PLAIN };
        if self.blanks_like(least) { least } else { self }
    }

    /// This look, with what blanks show of another one.
    pub(super) fn with_blanks_of(self, other: Self) -> Self {
        Self { bg: other.bg, modifier: self.modifier.difference(SEEN_ON_BLANKS), ..self }
    }

    /// A number for it, the same for the same look.
    pub(super) fn number(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// Writes what changes one look into this one.
    pub(super) fn write(self, from: Self, bytes: &mut Vec<u8>) {
        if from == self {
            return;
        }
        let (anew, change) = (Codes::anew(self), Codes::change(from, self));
        bytes.extend_from_slice(b"\x1b[");
        bytes.extend(if change.0.len() < anew.0.len() { change.0 } else { anew.0 });
        bytes.push(b'm');
    }
}

/// The numbers of a change of looks.
struct Codes(Vec<u8>);

impl Codes {
    /// From any look; none at all stands for the terminal's own.
    fn anew(look: Look) -> Self {
        let mut codes = Self(Vec::new());
        if look != Look::PLAIN {
            codes.push(0);
            codes.change_to(Look::PLAIN, look);
        }
        codes
    }

    fn change(from: Look, to: Look) -> Self {
        let mut codes = Self(Vec::new());
        codes.change_to(from, to);
        codes
    }

    fn change_to(&mut self, from: Look, to: Look) {
        let mut now = from.modifier;
        for (attribute, _, off) in ATTRIBUTES {
            if now.contains(attribute) && !to.modifier.contains(attribute) {
                self.push(off);
                // Bold and dim are switched off together, and so are both ways to blink.
                for (with, _, _) in ATTRIBUTES.iter().filter(|(_, _, theirs)| *theirs == off) {
                    now.remove(*with);
                }
            }
        }
        for (attribute, on, _) in ATTRIBUTES {
            if to.modifier.contains(attribute) && !now.contains(attribute) {
                self.push(on);
            }
        }
        if from.fg != to.fg {
            self.color(to.fg, 30);
        }
        if from.bg != to.bg {
            self.color(to.bg, 40);
        }
    }

    fn push(&mut self, code: u16) {
        if !self.0.is_empty() {
            self.0.push(b';');
        }
        number(&mut self.0, code);
    }

    /// A colour; `first` is the number of black.
    fn color(&mut self, color: Color, first: u16) {
        let dark = |number| first + number;
        let bright = |number| first + 60 + number;
        let code = match color {
            Color::Reset => first + 9,
            Color::Black => dark(0),
            Color::Red => dark(1),
            Color::Green => dark(2),
            Color::Yellow => dark(3),
            Color::Blue => dark(4),
            Color::Magenta => dark(5),
            Color::Cyan => dark(6),
            Color::Gray => dark(7),
            Color::DarkGray => bright(0),
            Color::LightRed => bright(1),
            Color::LightGreen => bright(2),
            Color::LightYellow => bright(3),
            Color::LightBlue => bright(4),
            Color::LightMagenta => bright(5),
            Color::LightCyan => bright(6),
            Color::White => bright(7),
            Color::Indexed(index) => return self.all([first + 8, 5, u16::from(index)]),
            Color::Rgb(red, green, blue) => {
                return self.all([first + 8, 2, u16::from(red), u16::from(green), u16::from(blue)]);
            }
        };
        self.push(code);
    }

    fn all<const COUNT: usize>(&mut self, codes: [u16; COUNT]) {
        for code in codes {
            self.push(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(from: Look, to: Look) -> String {
        let mut bytes = Vec::new();
        to.write(from, &mut bytes);
        String::from_utf8(bytes).unwrap().replace('\x1b', "^")
    }

    fn look(fg: Color, modifier: Modifier) -> Look {
        Look { fg, modifier, ..Look::PLAIN }
    }

    #[test]
    fn only_what_changes_is_said() {
        let cyan = look(Color::Cyan, Modifier::BOLD);
        assert_eq!(said(Look::PLAIN, cyan), "^[1;36m");
        assert_eq!(said(cyan, cyan), "");
        assert_eq!(said(cyan, Look::PLAIN), "^[m");
        assert_eq!(said(cyan, look(Color::Red, Modifier::BOLD)), "^[31m");
        assert_eq!(said(cyan, look(Color::Cyan, Modifier::DIM)), "^[22;2m");
        assert_eq!(said(look(Color::Reset, Modifier::BOLD | Modifier::DIM), cyan), "^[0;1;36m");
        assert_eq!(said(Look::PLAIN, look(Color::Rgb(1, 2, 3), Modifier::empty())), "^[38;2;1;2;3m");
        assert_eq!(said(Look::PLAIN, look(Color::LightRed, Modifier::empty())), "^[91m");
    }

    #[test]
    fn the_colour_of_letters_is_not_seen_on_blanks() {
        let cyan = look(Color::Cyan, Modifier::BOLD);
        let underlined = look(Color::Cyan, Modifier::UNDERLINED);
        assert!(cyan.blanks_like(Look::PLAIN));
        assert!(!underlined.blanks_like(Look::PLAIN) && underlined.blanks_like(underlined));
        assert!(!Look { bg: Color::Red, ..cyan }.blanks_like(cyan));
    }
}
