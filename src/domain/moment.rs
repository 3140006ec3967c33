//! A point in time as a server wrote it, read leniently (`workspace.md section 4.5`).

use std::fmt;

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::Text;

/// A time with the words it came in: what could not be read is shown as it came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// When; `None` when the words are in no style that is known.
    pub at: Option<Timestamp>,
    /// The server's words.
    pub raw: Text,
}

impl Moment {
    /// Reads a time in any of the four styles: `2024-05-07T07:54:21.009Z`, `2022-08-13 07:00:20`, `2016-08-20T21:11Z`.
    /// `None` for nothing: an empty text, `null`, or a time of the year 1, which stands for "not yet".
    pub fn read(raw: &str) -> Option<Self> {
        let words = raw.trim();
        if words.is_empty() || words.eq_ignore_ascii_case("null") || words.starts_with("0001-01-01") {
            return None;
        }
        Some(Self { at: instant(words), raw: Text::clean(words) })
    }
}

/// Without an offset it is UTC.
fn instant(words: &str) -> Option<Timestamp> {
    let without = words.strip_suffix(['Z', 'z']);
    // An offset other than `Z` is taken at its word.
    if without.is_none()
        && let Ok(at) = words.parse::<Timestamp>()
    {
        return Some(at);
    }
    let civil: civil::DateTime = without.unwrap_or(words).trim().parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.raw.as_str())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2024-05-07T07:54:21.009Z", "2024-05-07T07:54:21.009Z")]
    #[case("2024-05-07T07:54:21Z", "2024-05-07T07:54:21Z")]
    #[case("2022-08-13 07:00:20", "2022-08-13T07:00:20Z")]
    #[case(" 2016-08-20T21:11Z ", "2016-08-20T21:11:00Z")]
    #[case("2024-05-07T15:54:21+08:00", "2024-05-07T07:54:21Z")]
    fn every_style_is_read_as_utc(#[case] raw: &str, #[case] expected: &str) {
        assert_eq!(Moment::read(raw).unwrap().at, Some(expected.parse().unwrap()));
    }

    #[rstest]
    #[case("")]
    #[case("  ")]
    #[case("null")]
    #[case("0001-01-01 00:00:00")]
    #[case("0001-01-01T00:00:00Z")]
    fn nothing_is_nothing(#[case] raw: &str) {
        assert_eq!(Moment::read(raw), None);
    }

    #[test]
    fn what_cannot_be_read_keeps_its_words_made_harmless() {
        let moment = Moment::read("soon\u{1b}[2J").unwrap();
        assert_eq!((moment.at, moment.to_string().as_str()), (None, "soon\u{fffd}[2J"));
        assert_eq!(Moment::read("2024-13-45T00:00:00Z").unwrap().at, None);
    }
}
