//! The columns of the sessions table.
use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Flags, Names, SessionTable};
use crate::{core::filter::Context, domain::Session};

/// A column of the sessions table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    /// Login name.
    User,
    /// State as a letter.
    State,
    /// Time without input.
    Idle,
    /// Since when it is in its state.
    Since,
    /// Time disconnected.
    Disc,
    /// Time since the session began.
    Age,
    /// Pool or farm.
    Pool,
    /// Farm.
    Farm,
    /// Machine or RDS server.
    Machine,
    /// Short network name of the machine or RDS server.
    Host,
    /// DNS name of the machine or RDS server.
    Dns,
    /// Gateway.
    Gateway,
    /// Location of the gateway.
    Location,
    /// Agent version.
    Agent,
    /// Client program and version.
    Client,
    /// Host name of the client.
    ClientName,
    /// Address of the client.
    ClientAddress,
    /// Flags.
    Flags,
    /// Pod.
    Pod,
    /// Display name of the user.
    Name,
    /// Groups of the user.
    Groups,
    /// Display protocol.
    Protocol,
    /// Desktop or application.
    Type,
    /// Id of the session.
    Id,
}

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alignment {
    /// At the left edge.
    Left,
    /// At the right edge.
    Right,
}

/// How points in time are shown (`z t` and `z u`).
#[derive(Debug, Clone, Copy)]
pub enum TimeStyle<'a> {
    /// As the time that has passed since.
    Relative,
    /// As a time of day in UTC.
    Utc,
    /// As a time of day in this zone.
    Zone(&'a TimeZone),
}

/// What a cell may need beside the session.
#[derive(Debug, Clone, Copy)]
pub struct RowContext<'a> {
    /// The table the session is in.
    pub table: &'a SessionTable,
    /// The flags that the table does not know.
    pub flags: &'a Flags,
    /// Names of users and groups.
    pub names: &'a Names,
    /// How points in time are shown.
    pub time: TimeStyle<'a>,
}

impl Column {
    /// The id in `--columns` and in the configuration.
    pub fn id(self) -> &'static str {
        ""
    }
    /// The column with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        None
    }
    /// The title above it.
    pub fn title(self) -> &'static str {
        ""
    }
    /// What it shows, for help.
    pub fn describe(self) -> &'static str {
        ""
    }
    /// How its cells stand.
    pub fn alignment(self) -> Alignment {
        Alignment::Left
    }
    /// The least width in which it says anything.
    pub fn min_width(self) -> u16 {
        0
    }
    /// The width in which it is rarely cut.
    pub fn preferred_width(self) -> u16 {
        0
    }
    /// Rank when the screen is narrow: lower stays longer; `None` shows only when chosen.
    pub fn priority(self) -> Option<u8> {
        None
    }
    /// The text of a cell.
    pub fn cell(self, session: &Session, row: &RowContext<'_>) -> String {
        String::new()
    }
    /// The order of two sessions by this column: unknown values last, ties by id.
    pub fn compare(self, left: &Session, right: &Session, descending: bool, context: &Context<'_>) -> Ordering {
        left.id.cmp(&right.id)
    }
}

/// The columns that fit.
pub fn columns_for_width(width: u16, chosen: Option<&[Column]>) -> Vec<(Column, u16)> {
    Vec::new()
}
