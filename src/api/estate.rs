//! An estate as the upper floors see it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Connection, EventMark, Gate, Password, RequestClass};
use crate::domain::{
    AuditEvent, Capabilities, EventFeed, Fault, FaultKind, MessageText, Outcome, Session, SessionId, Verb,
};

/// How far a list has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListProgress {
    /// Rows that have arrived.
    pub received: usize,
    /// Rows there are, when the server says.
    pub total: Option<usize>,
}

/// All sessions that the account may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionList {
    /// The sessions, each once, in the order of the server.
    pub sessions: Vec<Session>,
    /// Whether the list stood still while it was read. When it did not, a session that moved between two pages may be
    /// missing: absence from such a list proves nothing, ask for the session itself.
    pub complete: bool,
    /// Rows and fields that could not be read and were left out.
    pub unreadable: usize,
}

/// A verb with what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What to do.
    pub verb: Verb,
    /// The text, for [`Verb::Message`] only.
    pub message: Option<MessageText>,
}

/// What the server said about one target of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemAnswer {
    /// It took the request; whether it happened has to be looked at.
    Accepted,
    /// It refused this target.
    Refused(Fault),
    /// The target is not there (any more).
    NotFound(Fault),
    /// It said nothing, or nothing that could be understood, about this target.
    NoAnswer(Fault),
}

impl From<ItemAnswer> for Outcome {
    fn from(answer: ItemAnswer) -> Self {
        match answer {
            ItemAnswer::Accepted => Self::Accepted,
            ItemAnswer::Refused(fault) => Self::Refused(fault),
            ItemAnswer::NotFound(fault) => Self::NotFound(fault),
            ItemAnswer::NoAnswer(fault) => Self::NoAnswer(fault),
        }
    }
}

/// Events since a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBatch {
    /// The new ones, oldest first.
    pub events: Vec<AuditEvent>,
    /// Where to go on next time.
    pub mark: EventMark,
    /// Whether events can be read at all.
    pub feed: EventFeed,
    /// Whether older ones were left out because there were too many.
    pub truncated: bool,
    /// Rows and fields that could not be read and were left out.
    pub unreadable: usize,
}

/// One estate: cheap to clone, all clones share tokens, versions and names.
#[derive(Debug, Clone)]
pub struct Estate {
    capabilities: Arc<Capabilities>,
}

impl Estate {
    /// At most this many targets travel in one action.
    pub const MAX_TARGETS: usize = 1000;

    /// Logs in and finds out what the server and the account can do.
    pub async fn connect(
        connection: Connection,
        password: Password,
        gate: Arc<dyn Gate>,
    ) -> Result<(Self, Capabilities), Fault> {
        let _ = (connection, password, gate);
        Err(Fault::new(FaultKind::Unexpected, "connect", "under construction"))
    }

    /// All sessions that the account may see: every page, several at a time, names filled in.
    pub async fn list_sessions(
        &self,
        class: RequestClass,
        progress: impl Fn(ListProgress) + Send + Sync,
    ) -> Result<SessionList, Fault> {
        let _ = class;
        progress(ListProgress { received: 0, total: None });
        Err(Fault::new(FaultKind::Unexpected, "list sessions", "under construction"))
    }

    /// One session as it is now; a fault of kind `EntityNotFound` when it has ended.
    pub async fn session(&self, id: &SessionId) -> Result<Session, Fault> {
        let _ = id;
        Err(Fault::new(FaultKind::Unexpected, "read a session", "under construction"))
    }

    /// Asks for a verb on up to [`Self::MAX_TARGETS`] sessions: one answer for each id, in their order.
    pub async fn act(&self, action: &Action, ids: &[SessionId]) -> Result<Vec<ItemAnswer>, Fault> {
        let _ = (action, ids);
        Err(Fault::new(FaultKind::Unexpected, "act", "under construction"))
    }

    /// Events since the mark; without one the newest few hundred.
    pub async fn events(&self, since: Option<&EventMark>) -> Result<EventBatch, Fault> {
        let _ = since;
        Err(Fault::new(FaultKind::Unexpected, "list events", "under construction"))
    }

    /// The events of a span of time, the newest `limit` of them.
    pub async fn events_between(
        &self,
        from: Timestamp,
        to: Option<Timestamp>,
        limit: usize,
    ) -> Result<EventBatch, Fault> {
        let _ = (from, to, limit);
        Err(Fault::new(FaultKind::Unexpected, "list events", "under construction"))
    }

    /// Gives the tokens back. Errors do not matter to anybody and are only logged.
    pub async fn logout(&self) {}

    /// What the server and the account can do; may change after a fail-over.
    pub fn capabilities(&self) -> Capabilities {
        (*self.capabilities).clone()
    }
}
