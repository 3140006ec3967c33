//! Audit events of the server (`events.md section 1`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{EventId, MachineId, Text, UserId, session::words};

words! {
    /// Severity of an event; it is not urgency (`events.md section 2`).
    Severity {
        /// Normal.
        Info = "INFO",
        /// Small or possible problem.
        Warning = "WARNING",
        /// An operation failed.
        Error = "ERROR",
        /// A change or access by an administrator or user, which worked.
        AuditSuccess = "AUDIT_SUCCESS",
        /// A change or access by an administrator or user, which did not work.
        AuditFail = "AUDIT_FAIL",
    }
}

impl Severity {
    /// How serious, for level filters: 0 informative, 1 warning, 2 error. An unknown word counts as a warning, so
    /// that no level filter hides what nobody has understood yet.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Info | Self::AuditSuccess => 0,
            Self::Warning | Self::Unknown(_) => 1,
            Self::Error | Self::AuditFail => 2,
        }
    }

    /// The mark that stands for it on a screen without colours; at most four characters.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warning => "WARN",
            Self::Error => "ERR",
            Self::AuditSuccess => "AUD+",
            Self::AuditFail => "AUD-",
            Self::Unknown(_) => "?",
        }
    }
}

/// One row of the server's audit log. There is no session id in it (`horizon-rest.md section 14`): it is tied to a
/// session by user, machine and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Number.
    pub id: EventId,
    /// When it was written.
    pub time: Option<Timestamp>,
    /// Severity.
    pub severity: Option<Severity>,
    /// Type, such as `AGENT_CONNECTED`; an open set.
    pub kind: Option<Text>,
    /// Who wrote it: `Admin`, `Broker`, `Agent`, …
    pub module: Option<Text>,
    /// Rendered text, for showing only: never parsed for meaning.
    pub message: Option<Text>,
    /// The machine that wrote the row; for most modules a connection server.
    pub written_by: Option<Text>,
    /// SID of the user the event is about.
    pub user_id: Option<UserId>,
    /// The desktop the event is about.
    pub machine_id: Option<MachineId>,
    /// Name of the desktop pool, as the administrator typed it (not the display name).
    pub pool_name: Option<Text>,
    /// Name of the application pool.
    pub application_pool_name: Option<Text>,
}
