//! `[jobs]` and `[protected]`: how jobs go, and who is never touched. A mistake here could do more than was wanted, so it
//! is always an error.

use super::{JOB_KEYS, PROTECTED_KEYS};
use crate::{
    config::{
        PartialJobs,
        reader::{Entry, Reader, entries},
    },
    core::bulk::{Protected, is_group_by_sid, percent, seconds},
};

/// The longest time for which what was accepted is looked out for, in seconds.
const LONGEST_WAIT: u32 = 3600;

/// Reads `[jobs]`.
pub(super) fn read_jobs(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> PartialJobs {
    let mut jobs = PartialJobs::default();
    for entry in reader.table(entry).map(entries).unwrap_or_default() {
        match entry.name() {
            "canary" => jobs.canary = parsed(reader, &entry, str::parse),
            "pause" => jobs.pause_seconds = parsed(reader, &entry, seconds),
            "stop_above" => jobs.stop_above_percent = parsed(reader, &entry, percent),
            "wait" => jobs.wait = reader.boolean(&entry),
            "confirm_disconnect" => jobs.confirm_disconnect = parsed(reader, &entry, deadline),
            "confirm_logoff" => jobs.confirm_logoff = parsed(reader, &entry, deadline),
            "confirm_restart" => jobs.confirm_restart = parsed(reader, &entry, deadline),
            "confirm_reset" => jobs.confirm_reset = parsed(reader, &entry, deadline),
            "confirm_message" => jobs.confirm_message = parsed(reader, &entry, deadline),
            _ => reader.unknown(&entry, JOB_KEYS),
        }
    }
    jobs
}

/// A time of at least a second.
fn deadline(text: &str) -> Result<u32, String> {
    seconds(text)
        .ok()
        .filter(|seconds| (1..=LONGEST_WAIT).contains(seconds))
        .ok_or_else(|| format!("\"{text}\" is no time from 1s to 60m, such as 90s or 2m"))
}

/// A text that is understood by a function.
fn parsed<T>(
    reader: &mut Reader<'_>,
    entry: &Entry<'_, '_>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    match parse(&reader.text(entry)?) {
        Ok(value) => Some(value),
        Err(problem) => {
            reader.bad_value(entry, &problem, None);
            None
        }
    }
}

/// Reads `[protected]`.
pub(super) fn read_protected(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Protected {
    let mut protected = Protected::default();
    for entry in reader.table(entry).map(entries).unwrap_or_default() {
        let list = match entry.name() {
            "users" => &mut protected.users,
            "groups" => &mut protected.groups,
            "machines" => &mut protected.machines,
            "pools" => &mut protected.pools,
            _ => {
                reader.unknown(&entry, PROTECTED_KEYS);
                continue;
            }
        };
        for (name, span) in reader.texts(&entry, false).unwrap_or_default() {
            // A name is looked up in the directory, which takes no pattern.
            if entry.name() == "groups" && !is_group_by_sid(&name) && name.contains('*') {
                let hint = Some("write the name out, or use SIDs, such as \"S-1-5-21-1-2-3-*\"".to_owned());
                let problem = format!("`groups`: \"{name}\" is no name of a group");
                reader.mistake(entry.gravity, span, problem, hint);
            } else {
                list.push(name);
            }
        }
    }
    protected
}
