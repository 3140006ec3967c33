//! What can be done to a session.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A verb on sessions (`horizon-rest.md section 7.4`, `method-map.md section 1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Detach the client; the session runs on. `Session_DisconnectSessions`.
    Disconnect,
    /// Log the user off; a locked session refuses. `Session_LogoffSessions`.
    Logoff,
    /// Log the user off, locked or not. `Session_LogoffSessionsForced`.
    LogoffForced,
    /// Restart the guest of the machine. `Session_RestartSessions`.
    Restart,
    /// Reset the machine, as its power button would. `Session_ResetSessions`.
    Reset,
    /// Show a message to the user. `Session_SendMessages`.
    Message,
}

impl Verb {
    /// All verbs, in the order of the action menu.
    pub const ALL: [Self; 6] =
        [Self::Logoff, Self::LogoffForced, Self::Disconnect, Self::Restart, Self::Reset, Self::Message];

    /// The name in commands and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disconnect => "disconnect",
            Self::Logoff => "logoff",
            Self::LogoffForced => "logoff-forced",
            Self::Restart => "restart",
            Self::Reset => "reset",
            Self::Message => "message",
        }
    }

    /// The title on sheets.
    pub fn title(self) -> &'static str {
        match self {
            Self::Disconnect => "DISCONNECT",
            Self::Logoff => "LOG OFF (polite)",
            Self::LogoffForced => "LOG OFF (forced)",
            Self::Restart => "RESTART guest",
            Self::Reset => "RESET machine",
            Self::Message => "MESSAGE",
        }
    }

    /// The letter after `a` that plans it (`screens.md section 1`).
    pub fn letter(self) -> char {
        match self {
            Self::Disconnect => 'd',
            Self::Logoff => 'l',
            Self::LogoffForced => 'f',
            Self::Restart => 'r',
            Self::Reset => 'x',
            Self::Message => 'm',
        }
    }

    /// What it does, for the menu and the help.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Disconnect => "detach the client; the session runs on",
            Self::Logoff => "end the session; a locked one refuses",
            Self::LogoffForced => "end the session, locked or not; unsaved work is lost",
            Self::Restart => "restart the guest of the machine, gracefully",
            Self::Reset => "reset the machine, as its power button would",
            Self::Message => "show a message to the user",
        }
    }

    /// Whether it can cost somebody unsaved work or a connection. All but the message.
    pub fn is_destructive(self) -> bool {
        self != Self::Message
    }

    /// Whether it takes work away without asking the guest: the number must always be typed
    /// (`design.md section 4`, rule 8).
    pub fn is_forceful(self) -> bool {
        matches!(self, Self::LogoffForced | Self::Reset)
    }

    /// Whether it acts on the machine below the session: never legal on RDS servers.
    pub fn acts_on_machine(self) -> bool {
        matches!(self, Self::Restart | Self::Reset)
    }

    /// The verb with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The label on a message's pop-up; it changes nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageSeverity {
    /// INFO.
    #[default]
    Info,
    /// WARNING.
    Warning,
    /// ERROR.
    Error,
}

impl MessageSeverity {
    /// All, in the order of the picker.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The platform's own label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

/// The text of a message, with its severity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageText {
    /// The label.
    pub severity: MessageSeverity,
    /// What the user reads; may have several lines. No length limit is documented.
    pub text: Arc<str>,
}
