//! Filters given as arguments, and what is wrong with them.

use unicode_width::UnicodeWidthStr;

use crate::{
    core::filter::{EventFilter, Filter, FilterError, ImageFilter, PermissionFilter},
    domain::Text,
    error::Error,
};

/// Understands `--where` for sessions. Without one, everything matches.
pub(super) fn sessions(text: Option<&str>) -> Result<Filter, Error> {
    let text = text.unwrap_or_default();
    Filter::parse(text).map_err(|error| explain(text, &error))
}

/// Understands `--guard`.
pub(super) fn guard(text: &str) -> Result<Filter, Error> {
    Filter::parse(text).map_err(|error| explain_argument("--guard", text, &error))
}

/// Understands `--where` for events.
pub(super) fn events(text: Option<&str>) -> Result<EventFilter, Error> {
    let text = text.unwrap_or_default();
    EventFilter::parse(text).map_err(|error| explain(text, &error))
}

/// Understands `--where` for images.
pub(super) fn images(text: Option<&str>) -> Result<ImageFilter, Error> {
    let text = text.unwrap_or_default();
    ImageFilter::parse(text).map_err(|error| explain(text, &error))
}

/// Understands `--where` for permissions.
pub(super) fn permissions(text: Option<&str>) -> Result<PermissionFilter, Error> {
    let text = text.unwrap_or_default();
    PermissionFilter::parse(text).map_err(|error| explain(text, &error))
}

/// The error with the text, and a mark under the place.
fn explain(text: &str, error: &FilterError) -> Error {
    explain_argument("--where", text, error)
}

fn explain_argument(argument: &str, text: &str, error: &FilterError) -> Error {
    let clean = |part: Option<&str>| Text::clean(part.unwrap_or_default());
    let before = clean(text.get(..error.span.start)).as_str().width();
    let marked = clean(text.get(error.span.clone())).as_str().width().max(1);
    let told = Error::usage(format!(
        "{argument}: {}\n  {}\n  {}{}",
        error.message,
        clean(Some(text)),
        " ".repeat(before),
        "^".repeat(marked)
    ));
    match &error.suggestion {
        Some(suggestion) => told.hint(suggestion),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_under_the_text() {
        let error = sessions(Some("état user:a staet:disc")).unwrap_err();
        let mut told = Vec::new();
        error.report(&mut told).unwrap();
        assert_eq!(
            String::from_utf8(told).unwrap(),
            "foretop: error: --where: there is no field `staet`\n  état user:a staet:disc\n              ^^^^^\n\
             foretop: hint: did you mean state?\n"
        );
        assert_eq!(error.class().code(), 2);
    }

    #[test]
    fn nothing_given_matches_everything() {
        assert!(sessions(None).unwrap().is_empty());
        assert!(events(None).unwrap().is_empty());
        assert!(events(Some("sev:louder")).is_err());
    }
}
