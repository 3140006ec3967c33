//! The beginning of a line: `! ` turns the whole filter round (the key `/!` puts it there).

use super::{FilterError, Truth};

/// A line without its prefix.
#[derive(Debug)]
pub(super) struct Line<B> {
    /// The whole is turned round.
    pub(super) inverse: bool,
    /// What remains; `None` when there is nothing, which matches everything.
    pub(super) body: Option<B>,
}

impl<B> Line<B> {
    /// The truth of the line from the truth of its body.
    pub(super) fn apply(&self, truth: Truth) -> Truth {
        if self.inverse { !truth } else { truth }
    }
}

/// Takes the prefix off and reads the rest, which begins at the given byte of the line.
///
/// `!` and a blank at the very beginning mean the inverse of everything behind it; `!` directly before a term negates
/// that term only.
pub(super) fn read<B>(
    text: &str,
    body: impl FnOnce(&str, usize) -> Result<B, FilterError>,
) -> Result<Line<B>, FilterError> {
    let trimmed = text.trim_start();
    let start = text.len() - trimmed.len();
    if trimmed.is_empty() {
        return Ok(Line { inverse: false, body: None });
    }
    let inverse =
        trimmed.strip_prefix('!').filter(|after| after.is_empty() || after.starts_with(char::is_whitespace));
    let Some(after) = inverse else {
        return Ok(Line { inverse: false, body: Some(body(trimmed, start)?) });
    };
    let rest = after.trim_start();
    if rest.is_empty() {
        return Err(FilterError::new(start..start + 1, "the inverse of what?")
            .suggest("for example \"! state:disc idle>4h\""));
    }
    Ok(Line { inverse: true, body: Some(body(rest, text.len() - rest.len())?) })
}
