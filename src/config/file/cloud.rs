//! The keys of a profile of Huawei Cloud Workspace.

use std::{ops::Range, time::Duration};

use super::{FileProfile, Names, read::read_password};
use crate::{
    config::{
        FileCloud, Gravity,
        cloud::CLOUD_KEYS,
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

/// The longest window of the session list, in hours.
const LONGEST_WINDOW: u32 = 366 * 24;

/// What was read of a profile beside its values: where keys stand that may not belong to its wire.
#[derive(Default)]
pub(super) struct Places {
    servers: Option<Range<usize>>,
    cloud: Vec<(String, Range<usize>)>,
    password: Option<Range<usize>>,
    region: Option<Range<usize>>,
}

impl Places {
    /// Notes a key that only one of the wires has.
    pub(super) fn note(&mut self, entry: &Entry<'_, '_>) {
        let (name, span) = (entry.name(), entry.key.span());
        match name {
            "server" | "servers" => self.servers = Some(span),
            "domain" | "username" => self.password = Some(span),
            _ if name.starts_with("password_") => self.password = Some(span),
            _ => {
                if name == "region" {
                    self.region = Some(entry.value.span());
                }
                self.cloud.push((name.to_owned(), span));
            }
        }
    }
}

/// Whether a key belongs to this wire alone.
pub(super) fn is_key(name: &str) -> bool {
    CLOUD_KEYS.contains(&name) || SECRET_KEYS.contains(&name)
}

/// Reads which wire it is.
pub(super) fn read_wire(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Option<WireKind> {
    match reader.text(entry)?.as_str() {
        "horizon" => Some(WireKind::Horizon),
        "workspace" => Some(WireKind::Workspace),
        other => {
            reader.unknown_value(Gravity::Error, entry.value.span(), "wire", other, &WIRES);
            None
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
        name => {
            let Some(source) = read_password(reader, entry) else { return };
            if cloud.secret_key.is_some() {
                let problem = format!("`{name}`: the secret key can come from one place only");
                reader.mistake(Gravity::Error, entry.key.span(), problem, None);
            }
            cloud.secret_key = Some(source);
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

/// Looks at a profile as a whole, once its keys are read without a mistake.
pub(super) fn check(
    reader: &mut Reader<'_>,
    name: &str,
    at: Range<usize>,
    profile: &FileProfile,
    places: &Places,
    names: &Names,
) {
    let Some(cloud) = &profile.cloud else {
        if let Some((key, span)) = places.cloud.first() {
            let problem = format!("`{key}` is a key of profiles with wire = \"workspace\"");
            let hint = Some(format!("add wire = \"workspace\" to [profiles.{name}], or take it out"));
            reader.mistake(Gravity::Error, span.clone(), problem, hint);
        } else if profile.servers.is_empty() {
            let problem = format!("the profile `{name}` has no server");
            let hint = Some("add servers = [\"https://connection-server.example.com\"]".to_owned());
            reader.mistake(Gravity::Error, at, problem, hint);
        }
        return;
    };
    if let Some(span) = &places.servers {
        let problem = "connection servers belong to Horizon";
        let hint = Some("with wire = \"workspace\" set region or endpoint".to_owned());
        reader.mistake(Gravity::Error, span.clone(), problem, hint);
    }
    let has_key = cloud.access_key.is_some() || cloud.secret_key.is_some();
    if let Some(span) = places.password.as_ref().filter(|_| has_key) {
        let problem = "a user beside an access key: only one of the two can log in";
        reader.mistake(Gravity::Error, span.clone(), problem, None);
    }
    match (&cloud.region, &cloud.endpoint) {
        (None, None) => {
            let problem = format!("the profile `{name}` has neither region nor endpoint");
            let hint = Some("add region = \"cn-north-4\", or the region that it is in".to_owned());
            reader.mistake(Gravity::Error, at, problem, hint);
        }
        (Some(region), None) if !names.regions.is_empty() && !names.regions.contains(region) => {
            let known: Vec<&str> = names.regions.iter().map(String::as_str).collect();
            let span = places.region.clone().unwrap_or(at);
            reader.unknown_value(Gravity::Error, span, "region with Application Streaming", region, &known);
        }
        _ => {}
    }
}
