//! The files of a user: the configuration, and the folder that Foretop writes to.

use std::{fs, path::Path, time::Duration};

use super::check::Check;
use crate::{
    cli::{looks, reach::Wanted},
    config::{Diagnostic, Environment, Gravity, Paths, SourceFile, Target},
    engine::journal::JournalStore,
    error::{Class, Error},
    logging::{self, LogError},
};

/// Nothing here takes longer than this; reading a long record is left to `foretop jobs verify`.
const LIMIT: Duration = Duration::from_secs(5);

/// What is found of the file itself.
pub(super) fn configuration(
    paths: &Paths,
    source: Option<&SourceFile>,
    mistakes: &[Diagnostic],
) -> Vec<Check> {
    const AREA: &str = "configuration";
    let file = paths.config_file().display();
    let Some(source) = source else {
        return vec![
            Check::note(AREA, format!("{file}: missing, the defaults are used"))
                .advise("`foretop config init` writes one, with a profile of a real estate"),
        ];
    };
    let mut checks: Vec<Check> = mistakes.iter().map(|mistake| told(AREA, mistake)).collect();
    if checks.is_empty() {
        let mode = source.mode.map(|mode| format!(", mode {mode:04o}")).unwrap_or_default();
        checks.push(Check::ok(AREA, format!("{file}: no mistakes{mode}")));
    }
    checks.extend(open_folder(AREA, paths.config_dir()));
    checks
}

/// A mistake, with its place.
fn told(area: &'static str, mistake: &Diagnostic) -> Check {
    let found = format!("{}: {}", mistake.whereabouts(), mistake.problem);
    let advice = mistake.hint.as_deref().unwrap_or("correct the line; `foretop config check` shows it");
    match mistake.gravity {
        Gravity::Error => Check::fail(Class::Usage, area, found, advice),
        Gravity::Warning => Check::warn(area, found).advise(advice),
    }
}

/// What is found of the user's own themes. With a mistake in the one in force the console does not open.
pub(super) fn themes(paths: &Paths, in_force: Option<&str>) -> Vec<Check> {
    const AREA: &str = "theme";
    let in_force: Vec<String> = in_force.map(str::to_owned).into_iter().collect();
    let own = looks::check_own(paths, &in_force);
    if own.is_empty() {
        return Vec::new();
    }
    let mistakes: Vec<Check> =
        own.iter().flat_map(|theme| &theme.mistakes).map(|mistake| told(AREA, mistake)).collect();
    if mistakes.is_empty() {
        let count = if own.len() == 1 { "1 theme".to_owned() } else { format!("{} themes", own.len()) };
        let found = format!("{}: {count}, no mistakes", paths.themes_dir().display());
        return vec![Check::ok(AREA, found)];
    }
    mistakes
}

/// A folder in which others may replace files.
fn open_folder(area: &'static str, folder: &Path) -> Option<Check> {
    let mode = mode_of(folder)?;
    let is_open = mode & 0o022 != 0;
    is_open.then(|| {
        let shown = folder.display();
        Check::warn(area, format!("{shown}: others may write there (mode {mode:04o})"))
            .advise(format!("chmod 700 {shown}"))
    })
}

#[cfg(unix)]
fn mode_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(fs::metadata(path).ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode_of(_path: &Path) -> Option<u32> {
    None
}

/// Which estate is meant.
pub(super) fn estate(wanted: &Wanted, has_file: bool) -> Check {
    const AREA: &str = "estate";
    let mode = if wanted.settings.read_only { ", read-only: it looks, but never acts" } else { "" };
    match wanted.target() {
        Target::Simulated { world } => {
            let check = Check::note(
                AREA,
                format!("the simulated estate, world {world}: nothing real is shown or touched{mode}"),
            );
            // Without a file that has been said already.
            if has_file {
                check.advise("`foretop config init` adds a profile of a real one, --profile chooses it")
            } else {
                check
            }
        }
        Target::Profile(profile) => {
            let servers = profile.servers.len();
            let servers = if servers == 1 { "1 server".to_owned() } else { format!("{servers} servers") };
            let account = format!("{}\\{}", profile.domain, profile.username);
            Check::ok(AREA, format!("{}: {servers}, {account}{mode}", profile.name))
        }
        Target::Cloud(profile) => {
            let region = profile.region.as_deref().unwrap_or("no region");
            Check::ok(
                AREA,
                format!("{}: Workspace, {region}, {}{mode}", profile.name, profile.account().username),
            )
        }
    }
}

/// What is found of the folder that Foretop writes to.
pub(super) async fn state(paths: &Paths, environment: &Environment) -> Vec<Check> {
    const AREA: &str = "state";
    let folder = paths.state_dir();
    let store = JournalStore::new(folder);
    let shown = folder.display();
    let checked = tokio::time::timeout(LIMIT, store.check()).await;
    let mut checks = vec![match checked {
        Ok(Ok(())) => Check::ok(AREA, format!("{shown}: can be written")),
        Ok(Err(error)) => {
            let error = Error::from(error);
            let advice =
                "no job can begin: its record could not be kept; free space, or correct owner and mode";
            Check::fail(error.class(), AREA, error.to_string(), advice)
        }
        Err(_late) => {
            let found = format!("{shown}: writing takes longer than {} s", LIMIT.as_secs());
            return vec![Check::warn(AREA, found).advise("is it on a network drive that does not answer?")];
        }
    }];
    if let Some(mode) = mode_of(folder).filter(|mode| mode & 0o077 != 0) {
        checks.push(
            Check::warn(AREA, format!("{shown}: open to others (mode {mode:04o})"))
                .advise(format!("chmod 700 {shown}")),
        );
    }
    checks.push(log(paths, environment));
    checks.push(record(&store).await);
    checks
}

fn log(paths: &Paths, environment: &Environment) -> Check {
    match logging::init(paths, environment) {
        Ok(()) | Err(LogError::Twice) => Check::ok("log", paths.log_file().display().to_string()),
        Err(error @ LogError::UnknownLevel { .. }) => {
            let advice = "correct or unset FORETOP_LOG: no command starts with it";
            Check::fail(Class::Usage, "log", error.to_string(), advice)
        }
        Err(error) => Check::warn("log", error.to_string()).advise("nothing else depends on it"),
    }
}

async fn record(store: &JournalStore) -> Check {
    const AREA: &str = "record";
    let Ok(found) = tokio::time::timeout(LIMIT, store.verify()).await else {
        return Check::note(AREA, "too long to be checked here").advise("foretop jobs verify");
    };
    match found {
        Ok(found) if !found.is_good() => Check::fail(
            Class::Unexpected,
            AREA,
            "the record of jobs is not as it was written",
            "`foretop jobs verify` says where; keep a copy before anything else",
        ),
        Ok(found) if !found.unknown.is_empty() => Check::note(
            AREA,
            format!(
                "{} lines as they were written; jobs that no line tells of: {}",
                found.good,
                found.unknown.len()
            ),
        )
        .advise("`foretop jobs verify` names them"),
        Ok(found) if found.good == 0 => Check::ok(AREA, "no jobs yet"),
        Ok(found) => Check::ok(AREA, format!("{} lines, all as they were written", found.good)),
        Err(error) => Check::failed(
            AREA,
            &Error::from(error),
            "correct owner and mode of the files there, so that you can read them",
        ),
    }
}
