//! How well one colour can be read on another, by the rule of WCAG 2.

/// A true colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) u8, pub(super) u8, pub(super) u8);

impl Rgb {
    /// Red, green and blue as amounts of light, from 0 to 1.
    pub(super) fn light(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// How bright it is to the eye: 0 for black, 1 for white.
    pub(super) fn luminance(self) -> f64 {
        let [red, green, blue] = self.light();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast of two colours: 1 where they are the same, 21 for black and white. Text wants 4.5, lines want 3.
    pub(super) fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Rgb(0, 0, 0), Rgb(255, 255, 255), 21.0)]
    #[case(Rgb(18, 52, 86), Rgb(18, 52, 86), 1.0)]
    // The greys that are known as the darkest that fail and the lightest that pass on white.
    #[case(Rgb(0x77, 0x77, 0x77), Rgb(255, 255, 255), 4.478)]
    #[case(Rgb(0x76, 0x76, 0x76), Rgb(255, 255, 255), 4.542)]
    #[case(Rgb(255, 0, 0), Rgb(255, 255, 255), 3.998)]
    #[case(Rgb(0, 0, 255), Rgb(0, 0, 0), 2.444)]
    fn contrasts_are_those_of_the_rule(#[case] one: Rgb, #[case] other: Rgb, #[case] expected: f64) {
        assert!((one.contrast(other) - expected).abs() < 0.001, "{}", one.contrast(other));
        assert!((one.contrast(other) - other.contrast(one)).abs() < f64::EPSILON);
    }
}
