//! Failures in the API's own terms.

use std::{borrow::Cow, fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Text, WireKind};

/// The class of a failure (`design.md section 2`, `method-map.md section 0.1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FaultKind {
    /// The target is not there (any more): HTTP 404.
    EntityNotFound,
    /// The account lacks the privilege for this call or item: HTTP 403.
    InsufficientPermission,
    /// A parameter or body that the server does not take: HTTP 400.
    InvalidArgument,
    /// The target is in a state that forbids the verb, such as a locked session.
    InvalidState,
    /// The verb does not exist for this type of target.
    InvalidType,
    /// Something still uses the target.
    EntityInUse,
    /// Some items worked and some did not; each has its own outcome.
    PartialFailure,
    /// The server failed in a way it did not name: HTTP 5xx.
    Unexpected,
    /// Too many requests: HTTP 429.
    Throttled,
    /// Not logged in, or not any more: HTTP 401.
    Unauthenticated,
    /// No answer: the server could not be reached, or the line broke before the answer was complete.
    Unreachable,
    /// What is asked for is not configured on the server, such as the event database or a federation: HTTP 409.
    NotConfigured,
    /// The server's release does not have this call yet.
    NotInRelease,
    /// The wire has no such thing at all: nothing was asked.
    NotOffered,
    /// The server answered something that could not be understood.
    BadAnswer,
    /// The operator stopped it before it left: the server never saw it.
    Cancelled,
    /// This side did not let it leave: its record cannot be kept, or its plan was started already.
    Local,
}

impl FaultKind {
    /// The name, as in the vendor's documentation where there is one.
    pub fn name(self) -> &'static str {
        match self {
            Self::EntityNotFound => "EntityNotFound",
            Self::InsufficientPermission => "InsufficientPermission",
            Self::InvalidArgument => "InvalidArgument",
            Self::InvalidState => "InvalidState",
            Self::InvalidType => "InvalidType",
            Self::EntityInUse => "EntityInUse",
            Self::PartialFailure => "PartialFailure",
            Self::Unexpected => "Unexpected",
            Self::Throttled => "Throttled",
            Self::Unauthenticated => "Unauthenticated",
            Self::Unreachable => "Unreachable",
            Self::NotConfigured => "NotConfigured",
            Self::NotInRelease => "NotInRelease",
            Self::NotOffered => "NotOffered",
            Self::BadAnswer => "BadAnswer",
            Self::Cancelled => "Cancelled",
            Self::Local => "Local",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A failure: its class, what was being done, and the server's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The class.
    pub kind: FaultKind,
    /// What was being done, in the operator's words: "list sessions", "log off".
    pub operation: Text,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The server's stable error key (`horizon-rest.md section 3`).
    pub key: Option<Text>,
    /// The server's own words; or, when it did not answer, what happened to the request.
    pub message: Text,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
    /// The id of the request, where the server gives one: its support asks for it (`workspace.md section 4.1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Text>,
    /// What the account lacks by name, where the wire documents it: actions of IAM (`workspace.md section 4.2`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Text>,
    /// Over which wire it came.
    #[serde(default, skip_serializing_if = "WireKind::is_horizon")]
    pub wire: WireKind,
    /// Whether the request may have been carried out although no usable answer came. Such a request is never
    /// repeated blindly (`design.md section 4`, rule 4).
    pub maybe_done: bool,
}

impl Fault {
    /// A failure without an HTTP answer.
    pub fn new(kind: FaultKind, operation: impl Into<Text>, message: impl Into<Text>) -> Self {
        Self {
            kind,
            operation: operation.into(),
            status: None,
            key: None,
            message: message.into(),
            retry_after: None,
            request_id: None,
            needs: None,
            wire: WireKind::Horizon,
            maybe_done: false,
        }
    }

    /// That a wire does not have what was asked for; nothing was sent.
    pub fn not_offered(wire: WireKind, operation: impl Into<Text>) -> Self {
        Self { wire, ..Self::new(FaultKind::NotOffered, operation, wire.not_offered()) }
    }

    /// Whether nothing more is sent with the credentials because of it: bad signatures lock a key, wrong passwords a user
    /// (`workspace.md section 3.2`).
    pub fn ends_credentials(&self) -> bool {
        self.wire == WireKind::Workspace && self.kind == FaultKind::Unauthenticated
    }

    /// Seconds until a server that was given up is tried again, when that is why nothing was asked. At least 1.
    pub fn rest(&self) -> Option<i64> {
        let gave_up = self.kind == FaultKind::Unreachable && self.status.is_none();
        let wait = self.retry_after.filter(|_| gave_up)?;
        Some(i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX).max(1))
    }

    /// Whether another one says the same: the ids of requests differ, and how long one should wait.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let bare = |fault: &Self| Self { request_id: None, retry_after: None, ..fault.clone() };
        bare(self) == bare(other)
    }

    /// What the operator can do about it; `None` where there is nothing better than the server's words.
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        if let Some(needs) = &self.needs {
            return Some(Cow::from(format!(
                "an IAM policy refuses it: it needs {needs}; or the project is not yours"
            )));
        }
        let hint = if self.wire == WireKind::Workspace { self.workspace_hint() } else { self.horizon_hint() };
        hint.map(Cow::from)
    }

    fn horizon_hint(&self) -> Option<&'static str> {
        match self.kind {
            FaultKind::EntityNotFound => Some("it ended before the request arrived"),
            FaultKind::InsufficientPermission => {
                Some("your role lacks the privilege for it here; whoami shows what you may do")
            }
            FaultKind::InvalidState => {
                Some("a locked session refuses a polite logoff; plan the refused ones as forced")
            }
            FaultKind::Throttled => Some("the server asked to slow down; Foretop waits as long as told"),
            FaultKind::Unauthenticated => Some("check user name, domain and password"),
            FaultKind::Unreachable => Some("check the address, the network and that the server is up"),
            FaultKind::BadAnswer => {
                Some("is this really a Horizon connection server, or a proxy in between?")
            }
            FaultKind::InvalidArgument
            | FaultKind::InvalidType
            | FaultKind::EntityInUse
            | FaultKind::PartialFailure
            | FaultKind::Unexpected
            | FaultKind::NotConfigured
            | FaultKind::NotInRelease
            | FaultKind::NotOffered
            | FaultKind::Cancelled
            | FaultKind::Local => None,
        }
    }

    fn workspace_hint(&self) -> Option<&'static str> {
        match self.kind {
            FaultKind::EntityNotFound => Some("it is gone, or the project in the profile is another one"),
            FaultKind::InsufficientPermission => {
                Some("the IAM policies of this identity lack an action for it, or the project is not yours")
            }
            FaultKind::Throttled => Some("the gateway asked to slow down; Foretop waits as long as told"),
            FaultKind::Unauthenticated => {
                Some("check access key and secret key (or user and password), and the clock of this machine")
            }
            FaultKind::Unreachable => Some("check region or endpoint, and the network"),
            FaultKind::BadAnswer => Some("is this really a Workspace endpoint, or a proxy in between?"),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The kinds are those of servers; what went wrong on this side has its own words.
        if self.kind == FaultKind::Local {
            return write!(formatter, "{}: {}", self.operation, self.message);
        }
        write!(formatter, "{}: {}: {}", self.operation, self.kind, self.message)?;
        match (self.status, &self.request_id) {
            (Some(status), Some(id)) => write!(formatter, " (HTTP {status}, request {id})"),
            (Some(status), None) => write!(formatter, " (HTTP {status})"),
            (None, Some(id)) => write!(formatter, " (request {id})"),
            (None, None) => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}
