//! What the core is told: keys, time, answers.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    bulk::JobEvent,
    effect::RequestId,
    key::Key,
    state::{Pressure, ScreenSize},
    table::SessionTable,
};
use crate::domain::{AuditEvent, Capabilities, EventFeed, Fault, JobId};

/// A thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Msg {
    /// The time. The runtime sends it before every other message, so that `now` is always right.
    Tick(Timestamp),
    /// A key.
    Key(Key),
    /// Text pasted into the terminal, already free of control characters but line breaks.
    Paste(String),
    /// The screen has this size now.
    Resized(ScreenSize),
    /// Logged in.
    Connected(Box<Capabilities>),
    /// Could not log in.
    ConnectFailed(Fault),
    /// What server and account can do was found to be different, after a failover for instance.
    CapabilitiesChanged(Box<Capabilities>),
    /// Part of the list is there.
    SessionsProgressed {
        /// The question.
        request: RequestId,
        /// Sessions read so far.
        received: usize,
        /// Sessions in all, when the server says.
        total: Option<usize>,
    },
    /// The whole list is there.
    SessionsLoaded {
        /// The question.
        request: RequestId,
        /// The list.
        table: Arc<SessionTable>,
        /// Rows that could not be read, and are not in it.
        unreadable: usize,
    },
    /// The list could not be read.
    SessionsFailed {
        /// The question.
        request: RequestId,
        /// Why.
        fault: Fault,
    },
    /// Events are there, oldest first.
    EventsLoaded {
        /// The question.
        request: RequestId,
        /// New rows.
        events: Vec<AuditEvent>,
        /// Whether the server has any for us.
        feed: EventFeed,
        /// Whether older ones were left out because there were too many.
        truncated: bool,
        /// Rows and fields that could not be read and were left out.
        unreadable: usize,
    },
    /// Events could not be read.
    EventsFailed {
        /// The question.
        request: RequestId,
        /// Why.
        fault: Fault,
    },
    /// A job went on.
    JobProgressed {
        /// The job.
        job: JobId,
        /// What happened.
        event: JobEvent,
    },
    /// The governor's state changed.
    PressureChanged(Pressure),
    /// The program was asked to end (SIGTERM, SIGHUP).
    Terminated,
}
