//! The settings, one by one.

use serde_json::{Value, json};

use super::{Explained, Layers, Origin};
use crate::config::{PartialSettings, Settings};

/// What a setting that nobody gave means where the terminal decides.
const BY_SIZE: &str = "as the terminal's size allows";

/// A setting: its key, whether a layer says it, and its value.
struct Setting {
    key: &'static str,
    is_given: fn(&PartialSettings) -> bool,
    value: fn(&Settings) -> Value,
}

/// A line of the table below.
macro_rules! setting {
    ($key:literal, $given:expr, $value:expr) => {
        Setting { key: $key, is_given: $given, value: $value }
    };
}

/// Every setting, in the order in which they are shown.
const ALL: &[Setting] = &[
    setting!("read_only", |part| part.read_only.is_some(), |all| json!(all.read_only)),
    setting!("refresh_seconds", |part| part.refresh.is_some(), |all| json!(all.refresh.as_secs())),
    setting!("chunk_size", |part| part.chunk_size.is_some(), |all| json!(all.chunk_size)),
    setting!("jobs.canary", |part| part.jobs.canary.is_some(), |all| json!(all.jobs.canary.to_string())),
    setting!("jobs.pause", |part| part.jobs.pause_seconds.is_some(), |all| time(all.jobs.pause_seconds)),
    setting!("jobs.stop_above", |part| part.jobs.stop_above_percent.is_some(), stop_above),
    setting!("jobs.wait", |part| part.jobs.wait.is_some(), |all| json!(all.jobs.wait)),
    setting!("jobs.confirm_disconnect", |part| part.jobs.confirm_disconnect.is_some(), |all| time(
        all.jobs.deadlines.disconnect
    )),
    setting!("jobs.confirm_logoff", |part| part.jobs.confirm_logoff.is_some(), |all| time(
        all.jobs.deadlines.logoff
    )),
    setting!("jobs.confirm_restart", |part| part.jobs.confirm_restart.is_some(), |all| time(
        all.jobs.deadlines.restart
    )),
    setting!("jobs.confirm_reset", |part| part.jobs.confirm_reset.is_some(), |all| time(
        all.jobs.deadlines.reset
    )),
    setting!("jobs.confirm_message", |part| part.jobs.confirm_message.is_some(), |all| time(
        all.jobs.deadlines.message
    )),
    setting!("protected", |part| part.protected.is_some(), |all| json!(all.protected.rules())),
    setting!("theme", |part| part.theme.is_some(), |all| json!(all.theme)),
    setting!("monochrome", |part| part.monochrome.is_some(), |all| json!(all.monochrome)),
    setting!("ascii", |part| part.ascii.is_some(), |all| json!(all.ascii)),
    setting!("mouse", |part| part.mouse.is_some(), |all| json!(all.mouse)),
    setting!("event_lines", |part| part.event_lines.is_some(), |all| json!(all.event_lines)),
    setting!("keys", |part| part.keymap.is_some(), |all| json!({
        "flavour": all.keymap.flavour().name(),
        "changed": all.keymap.overrides().len(),
    })),
    setting!("columns.sessions", |part| part.session_columns.is_some(), |all| json!(all.session_columns)),
    setting!("governor.requests", |part| part.governor.requests.is_some(), |all| json!(
        all.governor.requests
    )),
    setting!("governor.lookups", |part| part.governor.lookups.is_some(), |all| json!(all.governor.lookups)),
    setting!("governor.failures", |part| part.governor.failures.is_some(), |all| json!(
        all.governor.failures
    )),
    setting!("governor.longest_rest_seconds", |part| part.governor.longest_rest.is_some(), |all| json!(
        all.governor.longest_rest.as_secs()
    )),
];

fn time(seconds: u32) -> Value {
    json!(format!("{seconds}s"))
}

fn stop_above(settings: &Settings) -> Value {
    json!(settings.jobs.stop_above_percent.map(|percent| format!("{percent}%")))
}

/// The value for people.
fn shown(key: &str, value: &Value) -> String {
    match value {
        Value::Null if key == "jobs.stop_above" => "never".to_owned(),
        Value::Null => BY_SIZE.to_owned(),
        Value::Array(rules) if rules.is_empty() => "your own sessions".to_owned(),
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Value::String(text) => text.clone(),
        Value::Object(keys) => {
            let flavour = keys.get("flavour").and_then(Value::as_str).unwrap_or_default();
            match keys.get("changed").and_then(Value::as_u64).unwrap_or_default() {
                0 => flavour.to_owned(),
                1 => format!("{flavour}, 1 key changed"),
                many => format!("{flavour}, {many} keys changed"),
            }
        }
        other => other.to_string(),
    }
}

impl Layers<'_> {
    /// Every setting, and the templates.
    pub(super) fn settings(&self, settings: &Settings) -> Vec<Explained> {
        let templates: Vec<&str> = self.file.templates.keys().map(String::as_str).collect();
        let (names, origin) = if templates.is_empty() {
            ("none".to_owned(), Origin::Default)
        } else {
            (templates.join(", "), self.top(&["templates"]))
        };
        let templates = Explained { key: "templates", shown: names, value: json!(templates), origin };
        let preset = Settings::default();
        let explained = ALL.iter().map(|setting| {
            let value = (setting.value)(settings);
            let shown = shown(setting.key, &value);
            let origin = match self.of_setting(setting) {
                // Never more than there are requests.
                Origin::Default if setting.key == "governor.lookups" && value != (setting.value)(&preset) => {
                    Origin::Derived("governor.requests")
                }
                origin => origin,
            };
            Explained { key: setting.key, shown, value, origin }
        });
        explained.chain([templates]).collect()
    }

    /// The first layer that says something of a setting.
    fn of_setting(&self, setting: &Setting) -> Origin {
        let key = setting.key;
        if (setting.is_given)(&self.choice.settings) {
            return Origin::CommandLine(match key {
                "read_only" => "--read-only",
                "theme" => "--theme",
                _ => "--ascii",
            });
        }
        if let Some(origin) = self.of_looks(key) {
            return origin;
        }
        if let super::Selected::FromFile(_, profile) = self.selected
            && (setting.is_given)(&profile.settings)
        {
            return self.of_profile(key);
        }
        if (setting.is_given)(&self.file.settings) {
            return self.top(&key.split('.').collect::<Vec<_>>());
        }
        Origin::Default
    }
}
