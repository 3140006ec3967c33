//! The lines of a recording.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::tables::{RowsLine, TableLine};
use crate::core::{effect::RequestId, state::ScreenSize};

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
    /// The console ended in good order.
    Ended {},
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
    /// A plan was made: it follows from the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<RequestId>,
}

/// Why a recording cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub words: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.words)
    }
}

impl std::error::Error for Unreadable {}
