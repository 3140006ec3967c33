//! Courses: plans with steps. Warn, wait with reminders, log off, force those that need it.

use serde::{Deserialize, Serialize};

use super::template::{self, Field};
use crate::domain::MessageText;

/// A message that is sent again while a job waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Seconds before the end of the wait.
    pub before_seconds: u32,
    /// What is sent.
    pub text: MessageText,
}

impl Reminder {
    /// The text of a reminder: that of the warning, with the minutes that are left if it does not name them itself.
    pub fn text_of(warning: &MessageText) -> MessageText {
        if template::has(&warning.text, Field::Minutes) {
            return warning.clone();
        }
        let text = format!("You will be logged off in {} min.\n{}", Field::Minutes, warning.text);
        MessageText { text: text.into(), ..warning.clone() }
    }
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
    /// Whether those are logged off too that no message reached. Without it nobody is logged off unwarned.
    #[serde(default)]
    pub even_unwarned: bool,
}

impl Course {
    /// The reminder whose time came while the seconds that are left went from `before` to `now`. When several did, the
    /// one nearest to the end: two pop-ups at once tell nobody more.
    pub fn due(&self, before: u32, now: u32) -> Option<&Reminder> {
        let passed = |reminder: &&Reminder| {
            now > 0 && before > reminder.before_seconds && reminder.before_seconds >= now
        };
        self.reminders.iter().filter(passed).min_by_key(|reminder| reminder.before_seconds)
    }

    /// The seconds that are left when the next reminder is due, when so many are left now; 0 when none is.
    pub fn next_reminder(&self, left: u32) -> u32 {
        self.reminders
            .iter()
            .map(|reminder| reminder.before_seconds)
            .filter(|at| *at < left)
            .max()
            .unwrap_or(0)
    }

    /// The arguments of the command line that ask for it.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        let mut arguments = vec![
            ("warn", self.warning.text.to_string()),
            ("severity", self.warning.severity.label().to_lowercase()),
            ("after", format!("{}s", self.wait_seconds)),
        ];
        let reminders: Vec<String> =
            self.reminders.iter().map(|reminder| format!("{}s", reminder.before_seconds)).collect();
        if !reminders.is_empty() {
            arguments.push(("remind", reminders.join(",")));
        }
        if let Some(seconds) = self.force_after_seconds {
            arguments.push(("force-after", format!("{seconds}s")));
        }
        arguments
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MessageSeverity;

    fn course(reminders: &[u32]) -> Course {
        let text = MessageText { severity: MessageSeverity::Warning, text: "save your work".into() };
        let reminder = |at: &u32| Reminder { before_seconds: *at, text: text.clone() };
        Course {
            warning: text.clone(),
            wait_seconds: 900,
            reminders: reminders.iter().map(reminder).collect(),
            force_after_seconds: None,
            even_unwarned: false,
        }
    }

    #[test]
    fn of_reminders_that_a_shortened_wait_passes_the_nearest_to_the_end_is_sent() {
        let course = course(&[300, 60]);
        let due = |before, now| course.due(before, now).map(|reminder| reminder.before_seconds);
        assert_eq!(due(900, 301), None);
        assert_eq!(due(301, 300), Some(300));
        assert_eq!(due(300, 299), None, "once");
        assert_eq!(due(900, 30), Some(60));
        assert_eq!(due(900, 0), None, "at the end there is nothing to remind of");
        assert_eq!(due(600, 290), Some(300), "again when the wait was made longer after it");
        assert_eq!([900, 300, 60].map(|left| course.next_reminder(left)), [300, 60, 0]);
    }
}
