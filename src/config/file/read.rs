//! The keys of `config.toml`, one by one.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::{
    COLUMN_KEYS, File, FileCloud, FileProfile, GOVERNOR_KEYS, Names, PASSWORD_KEYS, PROFILE_KEYS, TOP_KEYS,
    bulk,
    cloud::{self, Places},
    keys,
    templates::read_templates,
};
use crate::config::{
    ConfigError, Gravity, MAX_CHUNK_SIZE, PartialGovernor, PartialSettings, PasswordCommand, PasswordSource,
    Trust,
    reader::{Entry, Reader, entries},
    server::{parse_pin, parse_server},
    split_account,
};
use crate::core::table::WIDTHS;

/// A poll more often than every two seconds would only queue up behind itself.
const REFRESH_SECONDS: std::ops::RangeInclusive<u32> = 2..=3600;
/// More at a time than a connection server has use for would only queue up there.
const REQUESTS: std::ops::RangeInclusive<u32> = 1..=64;
const FAILURES: std::ops::RangeInclusive<u32> = 1..=100;
const REST_SECONDS: std::ops::RangeInclusive<u32> = 1..=3600;
const EVENT_LINES: std::ops::RangeInclusive<u32> = 0..=100;

/// Reads the whole file.
pub(super) fn read_top(reader: &mut Reader<'_>, table: &DeTable<'_>, names: &Names) -> File {
    let mut file = File::default();
    let mut default_span = 0..0;
    for entry in entries(table) {
        if read_setting(reader, &entry, names, &mut file.settings) {
            continue;
        }
        match entry.name() {
            "default_profile" => {
                file.default_profile = reader.text(&entry);
                default_span = entry.value.span();
            }
            "event_lines" => file.settings.event_lines = reader.number(&lenient(&entry), EVENT_LINES),
            "mouse" => file.settings.mouse = reader.boolean(&lenient(&entry)),
            "ascii" => file.settings.ascii = reader.boolean(&lenient(&entry)),
            "governor" => read_governor(reader, &entry, &mut file.settings.governor),
            "jobs" => file.settings.jobs = bulk::read_jobs(reader, &entry),
            "protected" => file.settings.protected = Some(bulk::read_protected(reader, &entry)),
            "keys" => file.settings.keymap = keys::read_keys(reader, &entry),
            "columns" => read_columns(reader, &entry, names, &mut file.settings),
            "templates" => read_templates(reader, &entry, names, &mut file),
            "profiles" => {
                for profile in reader.table(&entry).map(entries).unwrap_or_default() {
                    let read = read_profile(reader, &profile, names);
                    file.profiles.insert(profile.name().to_owned(), read);
                }
            }
            _ => reader.unknown(&entry, TOP_KEYS),
        }
    }
    if let Some(name) = &file.default_profile
        && !file.profiles.contains_key(name)
    {
        let known: Vec<&str> = file.profiles.keys().map(String::as_str).collect();
        reader.unknown_value(Gravity::Error, default_span, "profile", name, &known);
    }
    file
}

/// The same entry, where a wrong value only means that the default is used.
fn lenient<'a, 'i>(entry: &Entry<'a, 'i>) -> Entry<'a, 'i> {
    Entry { key: entry.key, value: entry.value, gravity: Gravity::Warning }
}

/// Reads a setting that both the file and a profile may have. Says whether it was one.
fn read_setting(
    reader: &mut Reader<'_>,
    entry: &Entry<'_, '_>,
    names: &Names,
    settings: &mut PartialSettings,
) -> bool {
    match entry.name() {
        "theme" => settings.theme = read_theme(reader, &lenient(entry), names),
        "refresh_seconds" => {
            let seconds = reader.number(entry, REFRESH_SECONDS);
            settings.refresh = seconds.map(|seconds| Duration::from_secs(seconds.into()));
        }
        "read_only" => settings.read_only = reader.boolean(entry),
        "chunk_size" => settings.chunk_size = reader.number(entry, 1..=MAX_CHUNK_SIZE),
        _ => return false,
    }
    true
}

fn read_theme(reader: &mut Reader<'_>, entry: &Entry<'_, '_>, names: &Names) -> Option<String> {
    let theme = reader.text(entry)?;
    if names.themes.is_empty() || names.themes.contains(&theme) {
        return Some(theme);
    }
    let known: Vec<&str> = names.themes.iter().map(String::as_str).collect();
    reader.unknown_value(entry.gravity, entry.value.span(), "theme", &theme, &known);
    None
}

fn read_columns(
    reader: &mut Reader<'_>,
    entry: &Entry<'_, '_>,
    names: &Names,
    settings: &mut PartialSettings,
) {
    for entry in reader.table(&lenient(entry)).map(entries).unwrap_or_default() {
        if entry.name() != "sessions" {
            reader.unknown(&entry, COLUMN_KEYS);
            continue;
        }
        let mut columns = Vec::new();
        for (column, span) in reader.texts(&lenient(&entry), false).unwrap_or_default() {
            let known: Vec<&str> = names.session_columns.iter().map(String::as_str).collect();
            let (name, width) =
                column.split_once(':').map_or((column.as_str(), None), |(name, width)| (name, Some(width)));
            let is_wide = |width: &str| width.parse().is_ok_and(|width: u16| WIDTHS.contains(&width));
            let is_named = |other: &String| other.split(':').next() == Some(name);
            if columns.iter().any(is_named) {
                let problem = format!("the column `{name}` is listed twice");
                reader.mistake(Gravity::Warning, span, problem, None);
            } else if !known.is_empty() && !known.contains(&name) {
                reader.unknown_value(Gravity::Warning, span, "column", name, &known);
            } else if !width.is_none_or(is_wide) {
                let limits = format!("{} to {}", WIDTHS.start(), WIDTHS.end());
                let problem = format!("the width of the column `{name}` must be a number from {limits}");
                reader.mistake(Gravity::Warning, span, problem, None);
            } else {
                columns.push(column);
            }
        }
        settings.session_columns = Some(columns).filter(|columns| !columns.is_empty());
    }
}

fn read_governor(reader: &mut Reader<'_>, entry: &Entry<'_, '_>, governor: &mut PartialGovernor) {
    let mut lookups_span = 0..0;
    for entry in reader.table(entry).map(entries).unwrap_or_default() {
        match entry.name() {
            "requests" => governor.requests = reader.number(&entry, REQUESTS),
            "lookups" => {
                governor.lookups = reader.number(&entry, REQUESTS);
                lookups_span = entry.value.span();
            }
            "failures" => governor.failures = reader.number(&entry, FAILURES),
            "longest_rest_seconds" => {
                let seconds = reader.number(&entry, REST_SECONDS);
                governor.longest_rest = seconds.map(|seconds| Duration::from_secs(seconds.into()));
            }
            _ => reader.unknown(&entry, GOVERNOR_KEYS),
        }
    }
    if let (Some(requests), Some(lookups)) = (governor.requests, governor.lookups)
        && lookups > requests
    {
        let problem = format!("`lookups` must be at most `requests`, which is {requests}");
        reader.mistake(Gravity::Error, lookups_span, problem, None);
    }
}

fn read_profile(reader: &mut Reader<'_>, profile: &Entry<'_, '_>, names: &Names) -> FileProfile {
    let mut read = FileProfile::default();
    let Some(table) = reader.table(profile) else {
        return read;
    };
    let mut username = None;
    let (mut cloud_keys, mut places) = (FileCloud::default(), Places::default());
    for entry in entries(table) {
        if read_setting(reader, &entry, names, &mut read.settings) {
            continue;
        }
        let name = entry.name();
        // Of some keys a profile has one only. The other is read all the same: it may have mistakes of its own.
        let first = places.note(&entry);
        if let Some(first) = &first {
            let problem = cloud::one_too_many(name, first);
            reader.mistake(Gravity::Error, entry.key.span(), problem, None);
        }
        match name {
            "wire" => places.wire = cloud::read_wire(reader, &entry),
            "server" | "servers" => {
                let servers = read_servers(reader, &entry);
                if first.is_none() {
                    read.servers = servers;
                }
            }
            "domain" => read.domain = reader.text(&entry),
            "username" => {
                read.username = reader.text(&entry);
                username = Some(entry.value.span());
            }
            "pin_sha256" | "ca_file" => {
                let trust = read_trust(reader, &entry);
                if first.is_none() {
                    read.trust = trust;
                }
            }
            _ if cloud::is_key(name) => cloud::read_key(reader, &entry, &mut cloud_keys),
            _ if PASSWORD_KEYS.contains(&name) => {
                if let Some(source) = read_password(reader, &entry) {
                    read.password = Some(source);
                }
            }
            _ => {
                reader.unknown(&entry, PROFILE_KEYS);
                places.guess(name);
            }
        }
    }
    read.cloud = places.is_workspace().then_some(cloud_keys);
    // Of a cloud profile it is the name of a user of IAM, which may look like anything.
    let account = read.username.as_deref().zip(username).filter(|_| places.is_horizon());
    if let Some((name, span)) = account
        && let Err(ConfigError::Value { problem, .. }) = split_account(name, read.domain.as_deref())
    {
        reader.mistake(Gravity::Error, span, format!("`username`: {problem}"), None);
    }
    cloud::check(reader, profile.name(), profile.key.span(), &read, &places, names);
    read
}

fn read_servers(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Vec<Url> {
    let mut servers = Vec::new();
    for (server, span) in reader.texts(entry, true).unwrap_or_default() {
        match parse_server(&server) {
            Ok(url) if servers.contains(&url) => {
                let problem = format!("`{}`: the same server twice", entry.name());
                reader.mistake(Gravity::Error, span, problem, None);
            }
            Ok(url) => servers.push(url),
            Err(problem) => {
                reader.mistake(Gravity::Error, span, format!("`{}`: {problem}", entry.name()), None);
            }
        }
    }
    servers
}

fn read_trust(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Option<Trust> {
    let given = reader.text(entry)?;
    if entry.name() == "ca_file" {
        return Some(Trust::CaFile(PathBuf::from(given)));
    }
    match parse_pin(&given) {
        Ok(pin) => Some(Trust::Pinned(pin)),
        Err(problem) => {
            reader.bad_value(entry, &problem, None);
            None
        }
    }
}

/// A password or a secret key. `None` when the key switches its source off (`password_keyring = false`) or is wrong.
pub(super) fn read_password(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Option<PasswordSource> {
    match entry.name().rsplit('_').next().unwrap_or_default() {
        "prompt" => reader.boolean(entry)?.then_some(PasswordSource::Prompt),
        "keyring" => reader.boolean(entry)?.then_some(PasswordSource::Keyring),
        "plaintext" => reader.text(entry).map(|text| PasswordSource::Plaintext(SecretString::from(text))),
        "env" => {
            let name = reader.text(entry)?;
            let is_name = name.chars().all(|character| character == '_' || character.is_ascii_alphanumeric())
                && !name.starts_with(|first: char| first.is_ascii_digit());
            if !is_name {
                // The value is not repeated: it may be the password itself.
                reader.bad_value(entry, "must be the name of an environment variable", None);
                return None;
            }
            Some(PasswordSource::Variable(name))
        }
        _ => {
            let command = if let DeValue::String(_) = entry.value.get_ref() {
                PasswordCommand::Shell(reader.text(entry)?)
            } else {
                let parts = reader.texts(entry, false)?;
                PasswordCommand::Program(parts.into_iter().map(|(part, _)| part).collect())
            };
            Some(PasswordSource::Command(command))
        }
    }
}
