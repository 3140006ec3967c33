//! Courses: plans with steps. Warn, wait with reminders, log off, force those that need it.

use serde::{Deserialize, Serialize};

use crate::domain::MessageText;

/// A message that is sent again while a job waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Seconds before the end of the wait.
    pub before_seconds: u32,
    /// What is sent.
    pub text: MessageText,
}

/// Warn, wait, log off, force: the steps of one plan whose verb is the polite logoff.
///
/// Who has gone meanwhile is done; who came back is left out. Force is for those only that refused as locked or are
/// still listed after the deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// The first message.
    pub warning: MessageText,
    /// Seconds between the message and the logoff.
    pub wait_seconds: u32,
    /// Messages during the wait, the earliest first.
    pub reminders: Vec<Reminder>,
    /// Seconds after the polite logoff after which those that are left are forced; `None` never forces.
    pub force_after_seconds: Option<u32>,
}

impl Course {
    /// How many steps it has: warn, wait, log off, and force when it is asked for.
    pub fn steps(&self) -> &'static [Step] {
        match self.force_after_seconds {
            Some(_) => &[Step::Warn, Step::Wait, Step::Logoff, Step::Force],
            None => &[Step::Warn, Step::Wait, Step::Logoff],
        }
    }
}

/// A step of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The first message.
    Warn,
    /// The countdown.
    Wait,
    /// The polite logoff.
    Logoff,
    /// The forced logoff of those that need it.
    Force,
}

impl Step {
    /// The word on sheets and in journals.
    pub fn label(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Wait => "wait",
            Self::Logoff => "log off",
            Self::Force => "force",
        }
    }
}
