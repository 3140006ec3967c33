//! Colours as themes give them, and what becomes of them on terminals with fewer colours.

use ratatui::style::Color;

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

/// What the sixteen usually look like, to find the nearest.
const ANSI_RGB: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The steps of the colour cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// A colour: one of the sixteen, a true colour, or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Paint {
    /// One of the sixteen, for terminals with no more.
    pub(super) ansi: Option<Color>,
    /// The true colour, where the terminal can show it.
    pub(super) rgb: Option<(u8, u8, u8)>,
}

impl Paint {
    /// The colour at a depth; none for the terminal's own and for terminals without colours.
    pub(super) fn at(self, depth: ColorDepth) -> Option<Color> {
        match (depth, self.ansi, self.rgb) {
            (ColorDepth::Mono, ..) | (_, None, None) => None,
            (ColorDepth::Ansi16, Some(ansi), _) | (_, Some(ansi), None) => Some(ansi),
            (ColorDepth::Ansi16, None, Some(rgb)) => Some(nearest_ansi(rgb)),
            (ColorDepth::Ansi256, _, Some(rgb)) => Some(Color::Indexed(nearest_indexed(rgb))),
            (ColorDepth::TrueColor, _, Some((red, green, blue))) => Some(Color::Rgb(red, green, blue)),
        }
    }
}

/// One of the sixteen by its name.
pub(super) fn ansi(name: &str) -> Option<Color> {
    ANSI_NAMES.iter().find(|(known, _)| *known == name).map(|(_, color)| *color)
}

/// `#rrggbb`.
pub(super) fn hex(text: &str) -> Option<(u8, u8, u8)> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some((red, green, blue))
}

fn distance(one: (u8, u8, u8), other: (u8, u8, u8)) -> u32 {
    let square = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
    square(one.0, other.0) + square(one.1, other.1) + square(one.2, other.2)
}

fn nearest_ansi(rgb: (u8, u8, u8)) -> Color {
    let colors = ANSI_NAMES.iter().zip(ANSI_RGB);
    colors.min_by_key(|(_, known)| distance(rgb, *known)).map_or(Color::Reset, |((_, color), _)| *color)
}

fn nearest_indexed(rgb: (u8, u8, u8)) -> u8 {
    let step = |value: u8| (0u8..).zip(CUBE).min_by_key(|(_, step)| step.abs_diff(value)).unwrap_or((0, 0));
    let (red, green, blue) = (step(rgb.0), step(rgb.1), step(rgb.2));
    let in_cube = (16 + 36 * red.0 + 6 * green.0 + blue.0, (red.1, green.1, blue.1));
    let average = (u16::from(rgb.0) + u16::from(rgb.1) + u16::from(rgb.2)) / 3;
    let shade = (average.saturating_sub(3) / 10).min(23) as u8;
    let level = 8 + 10 * shade;
    let grey = (232 + shade, (level, level, level));
    if distance(rgb, grey.1) < distance(rgb, in_cube.1) { grey.0 } else { in_cube.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_down_to_what_the_terminal_has() {
        let orange = Paint { ansi: Some(Color::Yellow), rgb: Some((255, 135, 0)) };
        assert_eq!(orange.at(ColorDepth::Mono), None);
        assert_eq!(orange.at(ColorDepth::Ansi16), Some(Color::Yellow));
        assert_eq!(orange.at(ColorDepth::Ansi256), Some(Color::Indexed(208)));
        assert_eq!(orange.at(ColorDepth::TrueColor), Some(Color::Rgb(255, 135, 0)));
        let only_rgb = Paint { ansi: None, rgb: Some((250, 10, 10)) };
        assert_eq!(only_rgb.at(ColorDepth::Ansi16), Some(Color::LightRed));
        let grey = Paint { ansi: None, rgb: Some((48, 48, 48)) };
        assert_eq!(grey.at(ColorDepth::Ansi256), Some(Color::Indexed(236)));
    }

    #[test]
    fn hex_numbers_are_six_digits() {
        assert_eq!(hex("#0a80ff"), Some((10, 128, 255)));
        for wrong in ["0a80ff", "#fff", "#+12345", "#gg0000", "#é00a"] {
            assert_eq!(hex(wrong), None, "{wrong}");
        }
    }
}
