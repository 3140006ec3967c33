//! Durations as they are typed: `90m`, `4h`, `1h30m`, `2d`, `1.5h`.

use super::{
    FilterError,
    grammar::{Value, shown},
};

/// A typed duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Duration {
    /// In seconds.
    pub(super) seconds: i64,
    /// The smallest unit that was typed, in seconds: `age:10m` means 10 whole minutes.
    pub(super) unit: i64,
}

impl Duration {
    /// Understands a duration.
    pub(super) fn parse(value: &Value) -> Result<Self, FilterError> {
        Self::read(&value.text).ok_or_else(|| {
            let message = format!("{} is no duration", shown(&value.text));
            let example = if value.text.parse::<f64>().is_ok() {
                format!("add a unit: {0}m, {0}h or {0}d", value.text.trim())
            } else {
                "use numbers with s, m, h, d or w, for example 90m, 4h, 1h30m, 2d".to_owned()
            };
            FilterError::new(value.span.clone(), message).suggest(example)
        })
    }

    /// The same of a text alone.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text == "0" {
            return Some(Self { seconds: 0, unit: 1 });
        }
        let mut rest = text;
        let (mut seconds, mut unit) = (0.0_f64, i64::MAX);
        while !rest.is_empty() {
            let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
            let (number, after) = rest.split_at_checked(digits)?;
            let letter = after.chars().next()?;
            let size = unit_seconds(letter)?;
            let number: f64 = number.parse().ok()?;
            seconds += number * size as f64;
            // 1.5h is exact to the minute, not to the hour.
            unit = unit.min(if number.fract() == 0.0 { size } else { (size / 60).max(1) });
            rest = after.get(letter.len_utf8()..)?;
        }
        let fits = unit != i64::MAX && seconds.is_finite() && seconds < 1e15;
        fits.then(|| Self { seconds: seconds.round() as i64, unit })
    }
}

fn unit_seconds(letter: char) -> Option<i64> {
    match letter.to_ascii_lowercase() {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3600),
        'd' => Some(86_400),
        'w' => Some(604_800),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("4h", Some((14_400, 3600)))]
    #[case("90m", Some((5400, 60)))]
    #[case("1h30m", Some((5400, 60)))]
    #[case("1.5h", Some((5400, 60)))]
    #[case("2D", Some((172_800, 86_400)))]
    #[case("0", Some((0, 1)))]
    #[case("4", None)]
    #[case("", None)]
    #[case("h", None)]
    #[case("4x", None)]
    #[case("-4h", None)]
    #[case("1..5h", None)]
    #[case("99999999999999999999w", None)]
    #[case("4é", None)]
    fn durations(#[case] text: &str, #[case] expected: Option<(i64, i64)>) {
        let expected = expected.map(|(seconds, unit)| Duration { seconds, unit });
        assert_eq!(Duration::read(text), expected);
    }
}
