//! The nearest of the colours that a terminal has, to the eye rather than by the numbers.

use ratatui::style::Color;

use super::{contrast::Rgb, paint::ANSI_NAMES};

/// What the sixteen usually look like, to find the nearest.
pub(super) const ANSI_RGB: [Rgb; 16] = [
    Rgb(0, 0, 0),
    Rgb(205, 0, 0),
    Rgb(0, 205, 0),
    Rgb(205, 205, 0),
    Rgb(0, 0, 238),
    Rgb(205, 0, 205),
    Rgb(0, 205, 205),
    Rgb(229, 229, 229),
    Rgb(127, 127, 127),
    Rgb(255, 0, 0),
    Rgb(0, 255, 0),
    Rgb(255, 255, 0),
    Rgb(92, 92, 255),
    Rgb(255, 0, 255),
    Rgb(0, 255, 255),
    Rgb(255, 255, 255),
];

/// The steps of the colour cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];
/// The first colour of the cube: those before it look as the user likes, so that nothing is known of them.
const FIRST_OF_CUBE: u8 = 16;
/// The first of the greys.
const FIRST_GREY: u8 = 232;

/// What one of the 256 colours looks like, from the cube on.
pub(super) fn indexed(index: u8) -> Option<Rgb> {
    if index >= FIRST_GREY {
        let level = 8 + 10 * (index - FIRST_GREY);
        return Some(Rgb(level, level, level));
    }
    let place = usize::from(index.checked_sub(FIRST_OF_CUBE)?);
    let step = |place: usize| CUBE.get(place % CUBE.len()).copied();
    Some(Rgb(step(place / 36)?, step(place / 6)?, step(place)?))
}

/// The nearest of cube and greys.
pub(super) fn nearest_indexed(rgb: Rgb) -> u8 {
    let wanted = Lab::of(rgb);
    let known = (FIRST_OF_CUBE..=u8::MAX).filter_map(|index| Some((index, Lab::of(indexed(index)?))));
    let distances = known.map(|(index, lab)| (index, wanted.distance(lab)));
    distances.min_by(|(_, one), (_, other)| one.total_cmp(other)).map_or(FIRST_OF_CUBE, |(index, _)| index)
}

/// The nearest of the sixteen as they usually look.
pub(super) fn nearest_ansi(rgb: Rgb) -> Color {
    let wanted = Lab::of(rgb);
    let distances =
        ANSI_NAMES.iter().zip(ANSI_RGB).map(|((_, color), known)| (*color, wanted.distance(Lab::of(known))));
    distances.min_by(|(_, one), (_, other)| one.total_cmp(other)).map_or(Color::Reset, |(color, _)| color)
}

/// A colour by lightness and two hues (Oklab): what is near in these numbers looks alike.
#[derive(Debug, Clone, Copy)]
struct Lab {
    lightness: f64,
    green_red: f64,
    blue_yellow: f64,
}

impl Lab {
    fn of(rgb: Rgb) -> Self {
        let [red, green, blue] = rgb.light();
        let long = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
        let middle = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
        let short = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
        Self {
            lightness: 0.210_454_255_3 * long + 0.793_617_785 * middle - 0.004_072_046_8 * short,
            green_red: 1.977_998_495_1 * long - 2.428_592_205 * middle + 0.450_593_709_9 * short,
            blue_yellow: 0.025_904_037_1 * long + 0.782_771_766_2 * middle - 0.808_675_766 * short,
        }
    }

    /// Hues count twice: a dull red shall rather become a brighter red than a grey.
    fn distance(self, other: Self) -> f64 {
        let hue = (self.green_red - other.green_red).powi(2) + (self.blue_yellow - other.blue_yellow).powi(2);
        (self.lightness - other.lightness).powi(2) + 2.0 * hue
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_256_colours_are_a_cube_and_greys() {
        assert_eq!(indexed(15), None);
        assert_eq!(indexed(16), Some(Rgb(0, 0, 0)));
        assert_eq!(indexed(208), Some(Rgb(255, 135, 0)));
        assert_eq!(indexed(231), Some(Rgb(255, 255, 255)));
        assert_eq!(indexed(232), Some(Rgb(8, 8, 8)));
        assert_eq!(indexed(255), Some(Rgb(238, 238, 238)));
    }

    #[test]
    fn each_of_the_256_colours_is_its_own_nearest() {
        for index in 16..=255 {
            let rgb = indexed(index).unwrap();
            assert_eq!(indexed(nearest_indexed(rgb)), Some(rgb), "{index}");
        }
    }

    #[rstest]
    #[case(Rgb(250, 10, 10), 196)]
    #[case(Rgb(49, 48, 50), 236)]
    #[case(Rgb(0xd3, 0x86, 0x9b), 175)]
    // A dark green, by its numbers nearer to a grey.
    #[case(Rgb(0x36, 0x6b, 0x20), 22)]
    fn a_colour_stays_a_colour(#[case] rgb: Rgb, #[case] expected: u8) {
        assert_eq!(nearest_indexed(rgb), expected, "{:?}", indexed(nearest_indexed(rgb)));
    }

    #[test]
    fn the_nearest_of_the_sixteen() {
        assert_eq!(nearest_ansi(Rgb(250, 10, 10)), Color::LightRed);
        assert_eq!(nearest_ansi(Rgb(130, 130, 130)), Color::DarkGray);
        assert_eq!(nearest_ansi(Rgb(10, 0, 10)), Color::Black);
    }
}
