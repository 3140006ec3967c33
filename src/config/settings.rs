//! Settings: partial ones from each layer, merged into whole ones.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::core::{
    bulk::{Canary, Deadlines, Protected},
    keymap::Keymap,
};

/// The largest number of sessions that one call may carry, as `chunk_size` allows it.
pub const MAX_CHUNK_SIZE: u32 = 1000;

/// Settings as one layer gives them: what it does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartialSettings {
    /// Name of the theme.
    pub theme: Option<String>,
    /// Time between two polls of the session list.
    pub refresh: Option<Duration>,
    /// Rows of the event pane; the size of the terminal decides when nobody says.
    pub event_lines: Option<u32>,
    /// Columns of the session table, in order; the width of the terminal decides when nobody says.
    pub session_columns: Option<Vec<String>>,
    /// Whether acting is impossible.
    pub read_only: Option<bool>,
    /// Whether the mouse is captured.
    pub mouse: Option<bool>,
    /// How many sessions one call of a job carries, at most [`MAX_CHUNK_SIZE`].
    pub chunk_size: Option<u32>,
    /// What the governor keeps to.
    pub governor: PartialGovernor,
    /// How jobs go.
    pub jobs: PartialJobs,
    /// Who is never touched; only the top of the file sets it.
    pub protected: Option<Protected>,
    /// Which keys do what; only the top of the file sets it.
    pub keymap: Option<Keymap>,
    /// Whether only ASCII is drawn.
    pub ascii: Option<bool>,
    /// Whether colours are left out, whatever the theme says. No layer but the environment sets it.
    pub monochrome: Option<bool>,
}

/// Limits of the governor as one layer gives them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartialGovernor {
    /// Requests under way to one server.
    pub requests: Option<u32>,
    /// Look-ups of names among them.
    pub lookups: Option<u32>,
    /// Failures in a row after which a server is given up for a while.
    pub failures: Option<u32>,
    /// The longest time until it is tried again.
    pub longest_rest: Option<Duration>,
}

impl PartialGovernor {
    fn over(self, lower: Self) -> Self {
        Self {
            requests: self.requests.or(lower.requests),
            lookups: self.lookups.or(lower.lookups),
            failures: self.failures.or(lower.failures),
            longest_rest: self.longest_rest.or(lower.longest_rest),
        }
    }

    fn complete(self) -> GovernorSettings {
        let preset = GovernorSettings::default();
        let requests = self.requests.unwrap_or(preset.requests);
        GovernorSettings {
            requests,
            lookups: self.lookups.unwrap_or(preset.lookups).min(requests),
            failures: self.failures.unwrap_or(preset.failures),
            longest_rest: self.longest_rest.unwrap_or(preset.longest_rest),
        }
    }
}

/// Limits of the governor as they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GovernorSettings {
    /// See [`PartialGovernor::requests`].
    pub requests: u32,
    /// See [`PartialGovernor::lookups`].
    pub lookups: u32,
    /// See [`PartialGovernor::failures`].
    pub failures: u32,
    /// See [`PartialGovernor::longest_rest`].
    pub longest_rest: Duration,
}

impl Default for GovernorSettings {
    fn default() -> Self {
        Self { requests: 8, lookups: 2, failures: 5, longest_rest: Duration::from_secs(30) }
    }
}

impl PartialSettings {
    /// These settings, completed by a lower layer.
    #[must_use]
    pub fn over(self, lower: Self) -> Self {
        Self {
            theme: self.theme.or(lower.theme),
            refresh: self.refresh.or(lower.refresh),
            event_lines: self.event_lines.or(lower.event_lines),
            session_columns: self.session_columns.or(lower.session_columns),
            read_only: self.read_only.or(lower.read_only),
            mouse: self.mouse.or(lower.mouse),
            chunk_size: self.chunk_size.or(lower.chunk_size),
            governor: self.governor.over(lower.governor),
            jobs: self.jobs.over(lower.jobs),
            protected: self.protected.or(lower.protected),
            keymap: self.keymap.or(lower.keymap),
            ascii: self.ascii.or(lower.ascii),
            monochrome: self.monochrome.or(lower.monochrome),
        }
    }

    /// Whole settings: what is still missing comes from the preset.
    pub fn complete(self) -> Settings {
        let preset = Settings::default();
        Settings {
            theme: self.theme.unwrap_or(preset.theme),
            refresh: self.refresh.unwrap_or(preset.refresh),
            event_lines: self.event_lines,
            session_columns: self.session_columns,
            read_only: self.read_only.unwrap_or(preset.read_only),
            mouse: self.mouse.unwrap_or(preset.mouse),
            chunk_size: self.chunk_size.unwrap_or(preset.chunk_size),
            governor: self.governor.complete(),
            jobs: self.jobs.complete(),
            protected: self.protected.unwrap_or_default(),
            keymap: self.keymap.unwrap_or_default(),
            ascii: self.ascii.unwrap_or(preset.ascii),
            monochrome: self.monochrome.unwrap_or(preset.monochrome),
        }
    }
}

/// How jobs go, as `[jobs]` gives it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartialJobs {
    /// Who goes first.
    pub canary: Option<Canary>,
    /// Seconds between two requests.
    pub pause_seconds: Option<u32>,
    /// The share of failures above which nothing more is sent.
    pub stop_above_percent: Option<u8>,
    /// Whether commands wait until it is known what became of what was accepted.
    pub wait: Option<bool>,
    /// Seconds for which disconnects are looked out for.
    pub confirm_disconnect: Option<u32>,
    /// Logoffs.
    pub confirm_logoff: Option<u32>,
    /// Restarts.
    pub confirm_restart: Option<u32>,
    /// Resets.
    pub confirm_reset: Option<u32>,
    /// Messages.
    pub confirm_message: Option<u32>,
}

impl PartialJobs {
    fn over(self, lower: Self) -> Self {
        Self {
            canary: self.canary.or(lower.canary),
            pause_seconds: self.pause_seconds.or(lower.pause_seconds),
            stop_above_percent: self.stop_above_percent.or(lower.stop_above_percent),
            wait: self.wait.or(lower.wait),
            confirm_disconnect: self.confirm_disconnect.or(lower.confirm_disconnect),
            confirm_logoff: self.confirm_logoff.or(lower.confirm_logoff),
            confirm_restart: self.confirm_restart.or(lower.confirm_restart),
            confirm_reset: self.confirm_reset.or(lower.confirm_reset),
            confirm_message: self.confirm_message.or(lower.confirm_message),
        }
    }

    fn complete(self) -> JobSettings {
        let preset = Deadlines::default();
        JobSettings {
            canary: self.canary.unwrap_or_default(),
            pause_seconds: self.pause_seconds.unwrap_or_default(),
            stop_above_percent: self.stop_above_percent,
            wait: self.wait.unwrap_or_default(),
            deadlines: Deadlines {
                disconnect: self.confirm_disconnect.unwrap_or(preset.disconnect),
                logoff: self.confirm_logoff.unwrap_or(preset.logoff),
                restart: self.confirm_restart.unwrap_or(preset.restart),
                reset: self.confirm_reset.unwrap_or(preset.reset),
                message: self.confirm_message.unwrap_or(preset.message),
            },
        }
    }
}

/// How jobs go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobSettings {
    /// See [`PartialJobs::canary`].
    pub canary: Canary,
    /// See [`PartialJobs::pause_seconds`].
    pub pause_seconds: u32,
    /// See [`PartialJobs::stop_above_percent`].
    pub stop_above_percent: Option<u8>,
    /// See [`PartialJobs::wait`].
    pub wait: bool,
    /// How long what was accepted is looked out for.
    pub deadlines: Deadlines,
}

/// Settings as they are used. `Default` is the preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// See [`PartialSettings::theme`].
    pub theme: String,
    /// See [`PartialSettings::refresh`].
    pub refresh: Duration,
    /// See [`PartialSettings::event_lines`].
    pub event_lines: Option<u32>,
    /// See [`PartialSettings::session_columns`].
    pub session_columns: Option<Vec<String>>,
    /// See [`PartialSettings::read_only`].
    pub read_only: bool,
    /// See [`PartialSettings::mouse`].
    pub mouse: bool,
    /// See [`PartialSettings::chunk_size`].
    pub chunk_size: u32,
    /// See [`PartialSettings::governor`].
    pub governor: GovernorSettings,
    /// See [`PartialSettings::jobs`].
    pub jobs: JobSettings,
    /// See [`PartialSettings::protected`].
    pub protected: Protected,
    /// See [`PartialSettings::keymap`].
    pub keymap: Keymap,
    /// See [`PartialSettings::ascii`].
    pub ascii: bool,
    /// See [`PartialSettings::monochrome`].
    pub monochrome: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: "foretop-dark".to_owned(),
            refresh: Duration::from_secs(15),
            event_lines: None,
            session_columns: None,
            read_only: false,
            mouse: false,
            chunk_size: 250,
            governor: GovernorSettings::default(),
            jobs: JobSettings::default(),
            protected: Protected::default(),
            keymap: Keymap::default(),
            ascii: false,
            monochrome: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upper_layer_wins_field_by_field() {
        let upper = PartialSettings { theme: Some("light".to_owned()), ..Default::default() };
        let lower = PartialSettings {
            theme: Some("dark".to_owned()),
            read_only: Some(true),
            ..PartialSettings::default()
        };
        let merged = upper.over(lower).complete();
        assert_eq!(merged.theme, "light");
        assert!(merged.read_only);
        assert_eq!(merged.chunk_size, Settings::default().chunk_size);
    }

    #[test]
    fn a_layer_can_take_back_what_a_lower_one_switched_on() {
        let profile = PartialSettings { read_only: Some(false), ..Default::default() };
        let file = PartialSettings { read_only: Some(true), ..Default::default() };
        assert!(!profile.over(file).complete().read_only);
    }
}
