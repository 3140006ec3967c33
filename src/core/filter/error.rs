//! What is wrong with a filter, where, and what would be right.

use std::{fmt, ops::Range};

use serde::{Deserialize, Serialize};

/// A filter that cannot be understood. As long as a filter line has one, no row is hidden by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterError {
    /// Where, in bytes of the text; always on character boundaries and inside the text.
    pub span: Range<usize>,
    /// What was wrong.
    pub message: String,
    /// What would be right: the nearest valid name or value, or an example.
    pub suggestion: Option<String>,
}

impl FilterError {
    /// An error at a place.
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), suggestion: None }
    }

    /// The same with what would be right.
    pub(super) fn suggest(self, suggestion: impl Into<String>) -> Self {
        Self { suggestion: Some(suggestion.into()), ..self }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(formatter, "; {suggestion}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FilterError {}
