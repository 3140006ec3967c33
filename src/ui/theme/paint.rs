//! Colours as themes give them, and what becomes of them on terminals with fewer colours.

use ratatui::style::{Color, Modifier};

use super::{
    contrast::Rgb,
    nearest::{nearest_ansi, nearest_indexed},
};

/// How many colours the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// None: bold, dim, underline and reverse only.
    Mono,
    /// The terminal's own sixteen.
    Ansi16,
    /// The sixteen, a cube of 216 and a ramp of greys.
    Ansi256,
    /// Any colour.
    TrueColor,
}

/// The names of the sixteen colours, in the order of their numbers.
pub(super) const ANSI_NAMES: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// What a theme calls the terminal's own colour.
pub(super) const TERMINALS_OWN: &str = "default";

/// A colour: one of the sixteen, a true colour, or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Paint {
    /// One of the sixteen or the terminal's own, for terminals with no more.
    pub(super) ansi: Option<Color>,
    /// The true colour, where the terminal can show it.
    pub(super) rgb: Option<Rgb>,
    /// Whether the one of the sixteen is shown dim: they have few shades.
    pub(super) dim: bool,
}

impl Paint {
    /// Whether it is a colour of its own, not that of the terminal.
    pub(super) fn is_coloured(self) -> bool {
        self.rgb.is_some() || self.ansi.is_some_and(|ansi| ansi != Color::Reset)
    }

    /// The colour at a depth; none for terminals without colours.
    pub(super) fn at(self, depth: ColorDepth) -> Option<Color> {
        match (depth, self.ansi, self.rgb) {
            (ColorDepth::Mono, ..) | (_, None, None) => None,
            (ColorDepth::Ansi16, Some(ansi), _) | (_, Some(ansi), None) => Some(ansi),
            (ColorDepth::Ansi16, None, Some(rgb)) => Some(nearest_ansi(rgb)),
            (ColorDepth::Ansi256, _, Some(rgb)) => Some(Color::Indexed(nearest_indexed(rgb))),
            (ColorDepth::TrueColor, _, Some(Rgb(red, green, blue))) => Some(Color::Rgb(red, green, blue)),
        }
    }

    /// What goes with the colour at a depth.
    pub(super) fn modifier_at(self, depth: ColorDepth) -> Modifier {
        let is_one_of_few = depth == ColorDepth::Ansi16 || self.rgb.is_none();
        if self.dim && is_one_of_few { Modifier::DIM } else { Modifier::empty() }
    }
}

/// One of the sixteen by its name, or the terminal's own.
pub(super) fn ansi(name: &str) -> Option<Color> {
    if name == TERMINALS_OWN {
        return Some(Color::Reset);
    }
    ANSI_NAMES.iter().find(|(known, _)| *known == name).map(|(_, color)| *color)
}

/// The names that [`ansi`] knows.
pub(super) fn ansi_names<'a>() -> impl Iterator<Item = &'a str> {
    ANSI_NAMES.iter().map(|(name, _)| *name).chain([TERMINALS_OWN])
}

/// `#rrggbb`.
pub(super) fn hex(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some(Rgb(red, green, blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_down_to_what_the_terminal_has() {
        let orange = Paint { ansi: Some(Color::Yellow), rgb: Some(Rgb(255, 135, 0)), dim: true };
        assert_eq!(orange.at(ColorDepth::Mono), None);
        assert_eq!(orange.at(ColorDepth::Ansi16), Some(Color::Yellow));
        assert_eq!(orange.at(ColorDepth::Ansi256), Some(Color::Indexed(208)));
        assert_eq!(orange.at(ColorDepth::TrueColor), Some(Color::Rgb(255, 135, 0)));
        let only_rgb = Paint { rgb: Some(Rgb(250, 10, 10)), ..Paint::default() };
        assert_eq!(only_rgb.at(ColorDepth::Ansi16), Some(Color::LightRed));
        let only_ansi = Paint { ansi: Some(Color::Red), ..Paint::default() };
        assert_eq!(only_ansi.at(ColorDepth::Ansi256), Some(Color::Red));
    }

    #[test]
    fn dim_stands_for_a_shade_where_there_are_sixteen_colours_only() {
        let shade = Paint { ansi: Some(Color::Gray), rgb: Some(Rgb(90, 90, 90)), dim: true };
        assert_eq!(shade.modifier_at(ColorDepth::Ansi16), Modifier::DIM);
        assert_eq!(shade.modifier_at(ColorDepth::Ansi256), Modifier::empty());
        assert_eq!(shade.modifier_at(ColorDepth::TrueColor), Modifier::empty());
    }

    #[test]
    fn hex_numbers_are_six_digits() {
        assert_eq!(hex("#0a80ff"), Some(Rgb(10, 128, 255)));
        for wrong in ["0a80ff", "#fff", "#+12345", "#gg0000", "#é00a"] {
            assert_eq!(hex(wrong), None, "{wrong}");
        }
    }
}
