//! What the console was started with.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    core::{
        bulk::{Deadlines, Protected, Terms, template::Template},
        keymap::Keymap,
        looks::Looks,
        shell,
        table::ChosenColumn,
    },
    domain::{Text, WireKind},
};

/// What the console was started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Name of the profile, shown in the status bar.
    pub profile: Text,
    /// The profile by which a command line reaches the same estate; none where it comes from no profile of the file.
    #[serde(default)]
    pub named_profile: Option<Text>,
    /// Whether the estate is simulated; the status bar says so.
    pub simulated: bool,
    /// The name of the simulated estate, for command lines.
    #[serde(default)]
    pub demo: Option<Text>,
    /// Whether it is so because nothing is configured: then what to do about it is said.
    #[serde(default)]
    pub unconfigured: bool,
    /// By which API the profile's estate is reached: known before anybody answered.
    #[serde(default)]
    pub wire: WireKind,
    /// Whether acting is switched off.
    pub read_only: bool,
    /// Seconds between two polls of the list.
    pub refresh_seconds: u32,
    /// With so many sessions or more a filter is judged beside the keys.
    pub many_sessions: usize,
    /// A plan of so many targets or more is made beside the keys.
    pub many_targets: usize,
    /// Seconds between two polls of the events.
    pub event_seconds: u32,
    /// Whether to begin with the sessions of all pods.
    pub all_pods: bool,
    /// ASCII characters only.
    pub ascii: bool,
    /// Times in UTC instead of local time.
    pub utc: bool,
    /// The local time zone's offset from UTC in seconds, read at the edge.
    pub local_offset_seconds: i32,
    /// The columns of the table, in order; by the width of the screen when not chosen.
    pub columns: Option<Vec<ChosenColumn>>,
    /// How plans are carried out, unless their sheet says otherwise.
    pub terms: Terms,
    /// Texts for messages, in the order of the configuration file.
    #[serde(default)]
    pub templates: Arc<[Template]>,
    /// Who is never touched unless named.
    pub protected: Protected,
    /// Rows of the event pane; by the height of the screen when not chosen.
    pub event_lines: Option<u16>,
    /// The themes, and the one in force.
    #[serde(default)]
    pub looks: Looks,
    /// Which keys do what.
    #[serde(default)]
    pub keymap: Keymap,
    /// Whether a newcomer is told what there is to learn.
    #[serde(default)]
    pub lessons: bool,
    /// Whether the run is recorded; the status bar says so.
    #[serde(default)]
    pub recording: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: Text::clean("demo"),
            named_profile: None,
            simulated: true,
            demo: None,
            unconfigured: false,
            wire: WireKind::Horizon,
            read_only: false,
            refresh_seconds: 15,
            many_sessions: 50_000,
            many_targets: 2_000,
            event_seconds: 5,
            all_pods: false,
            ascii: false,
            utc: true,
            local_offset_seconds: 0,
            columns: None,
            terms: Terms { deadlines: Some(Deadlines::default()), ..Terms::default() },
            templates: Arc::default(),
            protected: Protected::default(),
            event_lines: None,
            looks: Looks::default(),
            keymap: Keymap::default(),
            lessons: false,
            recording: false,
        }
    }
}

impl Settings {
    /// A command line of this program that means the estate of this run.
    pub fn for_this_estate(&self, command: &str) -> String {
        match (&self.demo, command.split_once(' ')) {
            // Another one of its kind: this one ends with the program.
            (Some(world), Some((name, rest))) => {
                format!("{name} --demo={} {rest}", shell::quoted(world.as_str()))
            }
            _ => shell::for_profile(command, self.named_profile.as_ref().map(Text::as_str)),
        }
    }
}
