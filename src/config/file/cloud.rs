//! The keys of a profile of Huawei Cloud Workspace.

use std::{ops::Range, time::Duration};

use toml::de::DeValue;

use super::{FileProfile, Names, PASSWORD_KEYS, PROFILE_KEYS, read::read_password};
use crate::{
    config::{
        FileCloud, Gravity,
        cloud::CLOUD_KEYS,
        nearest,
        reader::{Entry, Reader},
        server::parse_endpoint,
    },
    domain::WireKind,
};

/// The wires by their names.
const WIRES: [&str; 2] = ["horizon", "workspace"];

/// Where the secret key comes from; nothing else that begins like this is one.
const SECRET_KEYS: [&str; 5] = [
    "secret_key_prompt",
    "secret_key_env",
    "secret_key_command",
    "secret_key_keyring",
    "secret_key_plaintext",
];

/// The kind of key of which a profile has one only.
const SECRET: &str = "secret key";

/// The longest window of the session list, in hours.
const LONGEST_WINDOW: u32 = 366 * 24;

/// The wire of a profile, as it is said.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Wire {
    /// Nothing is said: it is Horizon.
    #[default]
    Unsaid,
    /// One of the two.
    Said(WireKind),
    /// What is said is no wire.
    Unknown,
}

/// What was read of a profile beside its values: which keys it has and where they stand, whether or not their values can
/// be used.
#[derive(Default)]
pub(super) struct Places {
    /// The wire that is said.
    pub(super) wire: Wire,
    servers: Vec<Range<usize>>,
    cloud: Vec<(String, Range<usize>)>,
    user: Option<Range<usize>>,
    region: Option<Range<usize>>,
    /// The first key of each kind of which a profile has one only.
    only: Vec<(&'static str, String)>,
    /// What keys that do not exist were meant to be.
    guesses: Vec<&'static str>,
}

impl Places {
    /// Notes a key. Gives the one before it, where a profile has only one of the two.
    pub(super) fn note(&mut self, entry: &Entry<'_, '_>) -> Option<String> {
        let (name, span) = (entry.name(), entry.key.span());
        // `password_keyring = false` says that it is not the one.
        let is_off = matches!(entry.value.get_ref(), DeValue::Boolean(false));
        let kind = match name {
            "server" | "servers" => {
                self.servers.push(span);
                "server"
            }
            "pin_sha256" | "ca_file" => "trust",
            "domain" | "username" => {
                self.user = Some(span);
                return None;
            }
            _ if name == "access_key" || CLOUD_KEYS.contains(&name) => {
                if name == "region" {
                    self.region = Some(entry.value.span());
                }
                self.cloud.push((name.to_owned(), span));
                return None;
            }
            _ if SECRET_KEYS.contains(&name) => {
                self.cloud.push((name.to_owned(), span));
                SECRET
            }
            _ if PASSWORD_KEYS.contains(&name) => {
                self.user = Some(span);
                "password"
            }
            _ => return None,
        };
        if is_off && matches!(kind, SECRET | "password") {
            return None;
        }
        let first = self.only.iter().find(|(other, _)| *other == kind).map(|(_, first)| first.clone());
        if first.is_none() {
            self.only.push((kind, name.to_owned()));
        }
        first
    }

    /// Notes what a key that does not exist was meant to be: nobody has to be told that it is missing as well.
    pub(super) fn guess(&mut self, unknown: &str) {
        self.guesses.extend(nearest(unknown, PROFILE_KEYS.iter().copied()));
    }

    /// Whether it is a profile of Horizon: nothing else is said.
    pub(super) fn is_horizon(&self) -> bool {
        matches!(self.wire, Wire::Unsaid | Wire::Said(WireKind::Horizon)) && !self.guesses.contains(&"wire")
    }

    /// Whether it is a profile of the cloud.
    pub(super) fn is_workspace(&self) -> bool {
        self.wire == Wire::Said(WireKind::Workspace)
    }

    fn has(&self, keys: &[&str]) -> bool {
        self.cloud.iter().any(|(name, _)| keys.contains(&name.as_str()))
            || self.guesses.iter().any(|name| keys.contains(name))
    }
}

/// Whether a key belongs to this wire alone.
pub(super) fn is_key(name: &str) -> bool {
    CLOUD_KEYS.contains(&name) || SECRET_KEYS.contains(&name)
}

/// Reads which wire it is.
pub(super) fn read_wire(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Wire {
    match reader.text(entry).as_deref() {
        Some("horizon") => Wire::Said(WireKind::Horizon),
        Some("workspace") => Wire::Said(WireKind::Workspace),
        Some(other) => {
            reader.unknown_value(Gravity::Error, entry.value.span(), "wire", other, &WIRES);
            Wire::Unknown
        }
        None => Wire::Unknown,
    }
}

/// What is wrong with a key beside another one of the same kind.
pub(super) fn one_too_many(name: &str, first: &str) -> String {
    match name {
        "server" | "servers" => {
            "`server` and `servers` in one profile: use `servers` for all of them".to_owned()
        }
        "pin_sha256" | "ca_file" => {
            "`pin_sha256` and `ca_file` in one profile: a pinned certificate needs no authority".to_owned()
        }
        _ => {
            let what = if SECRET_KEYS.contains(&name) { "secret key" } else { "password" };
            format!("`{name}` beside `{first}`: the {what} can come from one place only")
        }
    }
}

/// Reads one of the keys.
pub(super) fn read_key(reader: &mut Reader<'_>, entry: &Entry<'_, '_>, cloud: &mut FileCloud) {
    match entry.name() {
        "region" => cloud.region = reader.text(entry),
        "endpoint" => cloud.endpoint = endpoint(reader, entry),
        "iam_endpoint" => cloud.iam_endpoint = endpoint(reader, entry),
        "project_id" => cloud.project_id = reader.text(entry),
        "access_key" => cloud.access_key = reader.text(entry),
        "session_window" => cloud.session_window = window(reader, entry),
        _ => {
            if let Some(source) = read_password(reader, entry) {
                cloud.secret_key = Some(source);
            }
        }
    }
}

fn endpoint(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Option<url::Url> {
    let given = reader.text(entry)?;
    match parse_endpoint(&given) {
        Ok(url) => Some(url),
        Err(problem) => {
            reader.bad_value(entry, &problem, None);
            None
        }
    }
}

/// A number of days or hours: `"30d"`, `"12h"`.
fn window(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Option<Duration> {
    let given = reader.text(entry)?;
    let given = given.trim();
    let hours = match (given.strip_suffix('d'), given.strip_suffix('h')) {
        (Some(days), _) => days.parse::<u32>().ok().and_then(|days| days.checked_mul(24)),
        (_, Some(hours)) => hours.parse().ok(),
        _ => None,
    };
    let hours = hours.filter(|hours| (1..=LONGEST_WINDOW).contains(hours));
    if hours.is_none() {
        let problem = "must be hours or days such as \"12h\" or \"30d\", 366 days at most";
        reader.bad_value(entry, problem, None);
    }
    hours.map(|hours| Duration::from_hours(hours.into()))
}

/// Looks at a profile as a whole, once its keys are read. A key whose value is wrong counts as there.
pub(super) fn check(
    reader: &mut Reader<'_>,
    name: &str,
    at: Range<usize>,
    profile: &FileProfile,
    places: &Places,
    names: &Names,
) {
    match &profile.cloud {
        Some(cloud) => check_cloud(reader, name, at, cloud, places, names),
        None if places.is_horizon() => check_horizon(reader, name, at, places),
        // Which keys belong there is not known.
        None => {}
    }
}

fn check_horizon(reader: &mut Reader<'_>, name: &str, at: Range<usize>, places: &Places) {
    for (key, span) in &places.cloud {
        let problem = format!("`{key}` is a key of profiles with wire = \"workspace\"");
        let hint = Some(format!("add wire = \"workspace\" to [profiles.{name}], or take it out"));
        reader.mistake(Gravity::Error, span.clone(), problem, hint);
    }
    let has_server = !places.servers.is_empty() || places.has(&["server", "servers"]);
    // With keys of the cloud alone it is mostly a profile of the cloud.
    let may_be_cloud = !places.cloud.is_empty() && places.wire == Wire::Unsaid;
    if !has_server && !may_be_cloud {
        let problem = format!("the profile `{name}` has no server");
        let hint = Some("add servers = [\"https://connection-server.example.com\"]".to_owned());
        reader.mistake(Gravity::Error, at, problem, hint);
    }
}

fn check_cloud(
    reader: &mut Reader<'_>,
    name: &str,
    at: Range<usize>,
    cloud: &FileCloud,
    places: &Places,
    names: &Names,
) {
    for span in &places.servers {
        let problem = "connection servers belong to Horizon";
        let hint = Some("with wire = \"workspace\" set region or endpoint".to_owned());
        reader.mistake(Gravity::Error, span.clone(), problem, hint);
    }
    let has_key = places.has(&["access_key"]) || places.only.iter().any(|(kind, _)| *kind == SECRET);
    if let Some(span) = places.user.as_ref().filter(|_| has_key) {
        let problem = "a user beside an access key: only one of the two can log in";
        reader.mistake(Gravity::Error, span.clone(), problem, None);
    }
    let has_endpoint = places.has(&["endpoint"]);
    match &cloud.region {
        None if !places.has(&["region"]) && !has_endpoint => {
            let problem = format!("the profile `{name}` has neither region nor endpoint");
            let hint = Some("add region = \"cn-north-4\", or the region that it is in".to_owned());
            reader.mistake(Gravity::Error, at, problem, hint);
        }
        Some(region) if !has_endpoint && !names.regions.is_empty() && !names.regions.contains(region) => {
            let known: Vec<&str> = names.regions.iter().map(String::as_str).collect();
            let span = places.region.clone().unwrap_or(at);
            reader.unknown_value(Gravity::Error, span, "region with Application Streaming", region, &known);
        }
        _ => {}
    }
}
