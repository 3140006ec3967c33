//! The filter language (`screens.md section 2`): one text that says which rows are meant, and guards of plans.
//!
//! It owns the grammar, the fields and the three-valued evaluation. It must not know the screen, marks or plans.

mod error;
mod truth;

use std::{fmt, ops::Range, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use error::FilterError;
pub use truth::Truth;

use crate::{
    core::table::{Flags, Names, SessionTable},
    domain::{Capabilities, Session},
};

/// What a filter may look at beside the session itself. Whatever is `None` makes the terms that need it unknown.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// As of when "how long" is measured: normally [`SessionTable::fetched_at`].
    pub now: Timestamp,
    /// For `can:`.
    pub capabilities: Option<&'a Capabilities>,
    /// For duplicates.
    pub table: Option<&'a SessionTable>,
    /// For the flags that the table does not know.
    pub flags: Option<&'a Flags>,
    /// For `name:` and `group:`.
    pub names: Option<&'a Names>,
}

impl Context<'_> {
    /// A context in which nothing but the time is known.
    pub fn at(now: Timestamp) -> Self {
        Self { now, capabilities: None, table: None, flags: None, names: None }
    }
}

/// A filter that was understood; compiled once, cheap to clone. Equal when the text is.
#[derive(Debug, Clone)]
pub struct Filter {
    text: Arc<str>,
}

impl Filter {
    /// Understands a text. The empty text matches everything.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { text: Arc::from(text) })
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches everything because there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// What it says about one session. For whole tables use [`Filter::evaluator`].
    pub fn matches(&self, session: &Session, context: &Context<'_>) -> Truth {
        self.evaluator(*context).session(session)
    }

    /// What is needed to ask for many sessions without allocating for each.
    pub fn evaluator<'a>(&'a self, context: Context<'a>) -> Evaluator<'a> {
        Evaluator { filter: self, context }
    }
}

/// Asks one filter about many sessions.
#[derive(Debug)]
pub struct Evaluator<'a> {
    filter: &'a Filter,
    context: Context<'a>,
}

impl Evaluator<'_> {
    /// What the filter says about a session.
    pub fn session(&mut self, session: &Session) -> Truth {
        Truth::Yes
    }

    /// What the filter says about a row of a table (faster for words than [`Evaluator::session`]).
    pub fn row(&mut self, table: &SessionTable, row: u32) -> Truth {
        Truth::Yes
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Filter {}

impl Default for Filter {
    fn default() -> Self {
        Self { text: Arc::from("") }
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// Something that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// What it replaces, in bytes of the text.
    pub span: Range<usize>,
    /// What to put there.
    pub text: String,
    /// What it means.
    pub help: String,
}

/// What could stand at the cursor (a byte offset): field names and the values of fields that have a fixed set.
pub fn complete(text: &str, cursor: usize) -> Vec<Completion> {
    Vec::new()
}

/// One field of the language, for help and documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldHelp {
    /// The name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What values it takes: "text", "one of", "duration", "version".
    pub values: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// A term that shows its use.
    pub example: &'static str,
}
