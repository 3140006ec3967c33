//! Audit events (`horizon-rest.md section 14`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::EventId;

/// How far the event log has been read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMark {
    /// Time of the newest event that was seen; epoch milliseconds.
    newest: Option<i64>,
    /// The events that were seen shortly before it: rows may be written late, and several may share a millisecond.
    seen: BTreeSet<EventId>,
}
