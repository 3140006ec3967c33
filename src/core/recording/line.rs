//! The lines of a recording.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;

use super::tables::{RowsLine, TableLine};
use crate::{
    core::{effect::RequestId, state::ScreenSize},
    domain::Text,
};

/// The form of a recording. One of another form cannot be played.
pub const FORMAT: u32 = 1;

/// A line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The first one.
    Recording(Box<Head>),
    /// A list begins.
    Table(TableLine),
    /// Rows of the list that began.
    Rows(RowsLine),
    /// The console was told something.
    Told(Box<ToldLine>),
    /// Nothing more was recorded.
    Ended(EndLine),
}

/// How a recording ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EndLine {
    /// Whether more was told than could be written: the run went on. Otherwise the console ended in good order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) behind: bool,
}

/// What the run began with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Head {
    /// [`FORMAT`].
    pub(super) format: u32,
    /// The version of the program.
    pub(super) foretop: String,
    /// When.
    pub(super) started: Timestamp,
    /// Whether names are stand-ins.
    pub(super) scrambled: bool,
    /// The size of the screen.
    pub(super) screen: ScreenSize,
    /// The state before anything happened.
    pub(super) state: Value,
}

/// What the console was told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct ToldLine {
    /// The time that it was told before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    /// What the line that is being typed becomes first, with its cursor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) typed: Option<(String, usize)>,
    /// The numbers of the lists in the message, which stand in lines before this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tables: Vec<u64>,
    /// The message.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(super) message: Value,
    /// Whom it led to.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(super) meant: Value,
    /// A plan was made: it follows from the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<RequestId>,
}

/// What a line is about, without all of it being read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Glance {
    /// Whether the console was told something.
    pub tells: bool,
    /// When.
    pub at: Option<Timestamp>,
    /// Whether it is the last line.
    pub ends: bool,
    /// Whether the run went on, and what it was told was not written any more.
    pub behind: bool,
}

/// Looks at a line.
///
/// # Errors
///
/// When it is none of a recording.
pub fn glance(line: &str) -> Result<Glance, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Seen {
        Recording(IgnoredAny),
        Table(IgnoredAny),
        Rows(IgnoredAny),
        Told(Moment),
        Ended(EndLine),
    }
    #[derive(Deserialize)]
    struct Moment {
        at: Option<Timestamp>,
    }
    Ok(match serde_json::from_str(line).map_err(|error| super::player::in_short(&error))? {
        Seen::Told(Moment { at }) => Glance { tells: true, at, ..Glance::default() },
        Seen::Ended(EndLine { behind }) => Glance { ends: !behind, behind, ..Glance::default() },
        Seen::Recording(_) | Seen::Table(_) | Seen::Rows(_) => Glance::default(),
    })
}

/// Why a recording cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub words: String,
}

impl Unreadable {
    /// What is wrong with a line. Words of the line may be among it: they are made harmless, and not many.
    pub fn new(line: usize, words: &str) -> Self {
        const MOST: usize = 300;
        let short: String = words.chars().take(MOST).collect();
        Self { line, words: Text::clean(&short).to_string() }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.words)
    }
}

impl std::error::Error for Unreadable {}
