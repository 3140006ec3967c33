//! What the types of audit events mean (`events.md sections 3 and 4`).

use serde::{Deserialize, Serialize};

/// What an event type is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EventSubject {
    /// A session of the local pod.
    Session,
    /// A session of another pod: only the sending of the request.
    RemoteSession,
    /// A permission.
    Permission,
    /// An image stream, version, tag or asset.
    Image,
    /// Anything else.
    Other,
}

/// What an event type says of how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EventResult {
    /// It worked.
    Done,
    /// It did not.
    Failed,
    /// The request left; what became of it stands in the other pod's events.
    Sent,
    /// Neither: something happened.
    Happened,
}

/// The meaning of an event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventMeaning {
    /// The type, in the server's spelling.
    pub kind: &'static str,
    /// What it is about.
    pub subject: EventSubject,
    /// How it went.
    pub result: EventResult,
    /// What it means, in plain words.
    pub words: &'static str,
}
