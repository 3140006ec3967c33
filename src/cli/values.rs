//! Values of arguments that are more than text.

use clap::{
    builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser},
    error::ErrorKind,
};
use jiff::{SignedDuration, Span};

use crate::domain::MessageSeverity;

/// `info`, `warning` or `error`.
pub(super) fn severity() -> impl TypedValueParser<Value = MessageSeverity> {
    PossibleValuesParser::new(["info", "warning", "error"]).try_map(|word| match word.as_str() {
        "info" => Ok(MessageSeverity::Info),
        "warning" => Ok(MessageSeverity::Warning),
        "error" => Ok(MessageSeverity::Error),
        _ => Err(clap::Error::new(ErrorKind::InvalidValue)),
    })
}

/// A text with something in it.
pub(super) fn not_blank(given: &str) -> Result<String, String> {
    if given.trim().is_empty() { Err("is empty".to_owned()) } else { Ok(given.to_owned()) }
}

/// A filter, which may begin with a minus: `-f text` is a fuzzy search. An option in its place is none: the filter was forgotten.
pub(super) fn expression(given: &str) -> Result<String, String> {
    let mut letters = given.strip_prefix('-').unwrap_or_default().chars();
    let is_option = match (letters.next(), letters.next()) {
        (Some('-'), _) => true,
        (Some(letter), None) => letter != 'f',
        _ => false,
    };
    if is_option {
        Err("is an option; the filter before it is missing".to_owned())
    } else {
        Ok(given.to_owned())
    }
}

/// The same with something in it.
pub(super) fn some_expression(given: &str) -> Result<String, String> {
    not_blank(given).and_then(|given| expression(&given))
}

/// A text of which these are offered by the completion of a shell. Whether it is one of them is told later, with the nearest one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offered<const N: usize>(pub(super) [&'static str; N]);

impl<const N: usize> TypedValueParser for Offered<N> {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(|word| PossibleValue::new(*word))))
    }
}

/// A key and its value, with `=` between.
pub(super) fn pair(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("not KEY=VALUE".to_owned()),
    }
}

/// A name and an id, with the last `=` between: names may have one.
pub(super) fn name_and_id(given: &str) -> Result<(String, String), String> {
    match given.rsplit_once('=') {
        Some((name, id)) if !name.trim().is_empty() && !id.trim().is_empty() => {
            Ok((name.trim().to_owned(), id.trim().to_owned()))
        }
        _ => Err("not NAME=ID: a group is only taken with its id".to_owned()),
    }
}

/// A length of time before now: `15m`, `1h30m`, `2d`. A day is 24 hours.
pub(super) fn age(given: &str) -> Result<SignedDuration, String> {
    let wrong = || "not a length of time; write 15m, 1h or 2d".to_owned();
    let span: Span = given.trim().parse().map_err(|_not_helpful: jiff::Error| wrong())?;
    let relative = jiff::SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(relative).map_err(|_not_helpful| wrong())?;
    if duration.is_positive() { Ok(duration) } else { Err("must be longer than nothing".to_owned()) }
}

/// How many times as fast.
pub(super) fn speed(given: &str) -> Result<f64, String> {
    let speed = given.trim_start_matches('x').parse::<f64>().ok();
    speed
        .filter(|speed| (0.125..=64.0).contains(speed))
        .ok_or_else(|| "not a number from 0.125 to 64".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_a_name_and_an_id() {
        assert_eq!(name_and_id("a=b=77"), Ok(("a=b".to_owned(), "77".to_owned())));
        for wrong in ["", "Sales", "Sales=", "=77", " = "] {
            assert!(name_and_id(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_filter_may_begin_with_a_minus_and_an_option_is_none() {
        for fine in ["", "-f abc", "-f", "-abc", "state:disc", "!-f x"] {
            assert_eq!(expression(fine).as_deref(), Ok(fine));
        }
        for option in ["--yes", "--dry-run", "-o"] {
            assert!(expression(option).is_err(), "{option}");
        }
        assert!(some_expression(" ").is_err() && some_expression("-f abc").is_ok());
    }

    #[test]
    fn speeds() {
        assert_eq!((speed("2"), speed("x0.5")), (Ok(2.0), Ok(0.5)));
        for wrong in ["", "0", "-1", "nan", "inf", "65", "fast"] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ages() {
        assert_eq!(age("15m"), Ok(SignedDuration::from_mins(15)));
        assert_eq!(age("1h30m"), Ok(SignedDuration::from_mins(90)));
        assert_eq!(age("2d"), Ok(SignedDuration::from_hours(48)));
        for wrong in ["", "soon", "15", "1mo", "-1h", "0s"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
