//! `foretop config`: where the configuration is, what it means, what is wrong with it.

use std::fmt::Write as _;

use super::{
    args::{ConfigCommand, ConnectionArgs, LooksArgs},
    run::{Stop, Streams, output_failed, warn},
};
use crate::{
    config::{
        CloudIdentity, CloudProfile, Environment, File, Gravity, JobSettings, Names, Paths, Profile,
        Resolved, Settings, SourceFile, Target, Trust, resolve,
    },
    core::bulk::Protected,
    domain::Text,
    error::Class,
};

/// Runs it. `check` ends with 2 when there is any mistake, even one that one could live with.
pub(super) fn run(
    command: ConfigCommand,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    names: &Names,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let (text, code) = match command {
        ConfigCommand::Path => (describe_paths(paths), 0),
        ConfigCommand::Show(connection) => {
            let choice = connection.over(outer).choice(&LooksArgs::default());
            let loaded = File::load(paths, names)?;
            let resolved = resolve(&choice, environment, paths, &loaded.file, None)?;
            for warning in &loaded.warnings {
                warn(streams, &warning.to_string());
            }
            (describe(&resolved), 0)
        }
        ConfigCommand::Check => check(paths, names)?,
    };
    streams.out.write_all(text.as_bytes()).map_err(|error| output_failed(&error))?;
    Ok(code)
}

fn describe_paths(paths: &Paths) -> String {
    let presence = if paths.config_file().exists() { "" } else { "  (missing: the defaults are used)" };
    let lines = [
        ("configuration", format!("{}{presence}", paths.config_file().display())),
        ("themes", paths.themes_dir().display().to_string()),
        ("state", paths.state_dir().display().to_string()),
        ("log", paths.log_file().display().to_string()),
    ];
    table(&lines)
}

fn check(paths: &Paths, names: &Names) -> Result<(String, u8), Stop> {
    let Some(source) = SourceFile::read(paths)? else {
        let file = paths.config_file().display();
        return Ok((format!("{file}: missing, the defaults are used\n"), 0));
    };
    let (_, mistakes) = File::parse(&source, names);
    if mistakes.is_empty() {
        return Ok((format!("{}: no mistakes\n", source.path.display()), 0));
    }
    let mut text = String::new();
    for mistake in &mistakes {
        let gravity = match mistake.gravity {
            Gravity::Error => "error",
            Gravity::Warning => "warning",
        };
        // Writing to a String cannot fail.
        writeln!(text, "{gravity}: {mistake}").ok();
    }
    // That others may read the file is advice; a mistake has a place in it, or is an error.
    let is_advice =
        mistakes.iter().all(|mistake| mistake.gravity == Gravity::Warning && mistake.place.is_none());
    Ok((text, if is_advice { 0 } else { Class::Usage.code() }))
}

fn describe(resolved: &Resolved) -> String {
    let mut lines = match &resolved.target {
        Target::Simulated { world } => vec![("estate", format!("SIMULATED, world {world}"))],
        Target::Profile(profile) => describe_profile(profile),
        Target::Cloud(profile) => describe_cloud(profile),
    };
    lines.extend(describe_settings(&resolved.settings));
    table(&lines)
}

fn describe_trust(trust: &Trust) -> String {
    match trust {
        Trust::System => "what the system trusts".to_owned(),
        Trust::CaFile(path) => format!("authorities in {}", path.display()),
        Trust::Pinned(pin) => format!("the certificate with SHA-256 {pin}"),
    }
}

fn describe_cloud(profile: &CloudProfile) -> Vec<(&'static str, String)> {
    let derived = |address: Option<&url::Url>| {
        address.map_or_else(|| "by the region".to_owned(), |address| address.as_str().to_owned())
    };
    let mut lines = vec![
        ("estate", profile.name.clone()),
        ("wire", "workspace".to_owned()),
        ("region", profile.region.clone().unwrap_or_else(|| "not given".to_owned())),
        ("endpoint", derived(profile.endpoint.as_ref())),
        ("iam_endpoint", derived(profile.iam_endpoint.as_ref())),
        ("project", profile.project_id.clone().unwrap_or_else(|| "looked up".to_owned())),
    ];
    match &profile.identity {
        CloudIdentity::Keys { access_key, secret_key, .. } => {
            lines.push(("access_key", access_key.clone()));
            lines.push(("secret key", secret_key.describe()));
        }
        CloudIdentity::User { domain, username, password } => {
            lines.push(("account", format!("{domain}\\{username}")));
            lines.push(("password", password.describe()));
        }
    }
    let hours = profile.session_window.as_secs() / 3600;
    let window = if hours.is_multiple_of(24) { format!("{}d", hours / 24) } else { format!("{hours}h") };
    lines.push(("session_window", window));
    lines.push(("certificates", describe_trust(&profile.trust)));
    lines
}

fn describe_profile(profile: &Profile) -> Vec<(&'static str, String)> {
    let servers: Vec<&str> = profile.servers.iter().map(url::Url::as_str).collect();
    let trust = describe_trust(&profile.trust);
    vec![
        ("estate", profile.name.clone()),
        ("servers", servers.join(", ")),
        ("account", format!("{}\\{}", profile.domain, profile.username)),
        ("password", profile.password.describe()),
        ("certificates", trust),
    ]
}

fn describe_settings(settings: &Settings) -> Vec<(&'static str, String)> {
    let by_size = || "as the terminal's size allows".to_owned();
    vec![
        ("read_only", settings.read_only.to_string()),
        ("refresh_seconds", settings.refresh.as_secs().to_string()),
        ("chunk_size", settings.chunk_size.to_string()),
        ("jobs", describe_jobs(&settings.jobs)),
        ("protected", describe_protected(&settings.protected)),
        ("theme", settings.theme.clone()),
        ("monochrome", settings.monochrome.to_string()),
        ("ascii", settings.ascii.to_string()),
        ("mouse", settings.mouse.to_string()),
        ("event_lines", settings.event_lines.map_or_else(by_size, |lines| lines.to_string())),
        ("governor.requests", settings.governor.requests.to_string()),
        ("governor.lookups", settings.governor.lookups.to_string()),
        ("governor.failures", settings.governor.failures.to_string()),
        ("governor.longest_rest_seconds", settings.governor.longest_rest.as_secs().to_string()),
        (
            "columns.sessions",
            settings.session_columns.as_ref().map_or_else(by_size, |columns| columns.join(", ")),
        ),
    ]
}

fn describe_jobs(jobs: &JobSettings) -> String {
    let deadlines = &jobs.deadlines;
    let stop =
        jobs.stop_above_percent.map_or_else(|| "never".to_owned(), |percent| format!("above {percent}%"));
    format!(
        "canary {}, pause {} s, stop {stop}, wait {}, confirm disconnect {} s, logoff {} s, restart {} s, reset {} s, message {} s",
        jobs.canary,
        jobs.pause_seconds,
        jobs.wait,
        deadlines.disconnect,
        deadlines.logoff,
        deadlines.restart,
        deadlines.reset,
        deadlines.message,
    )
}

fn describe_protected(protected: &Protected) -> String {
    let rules = protected.rules();
    if rules.is_empty() { "your own sessions".to_owned() } else { rules.join(", ") }
}

/// Names and values in two columns.
fn table(lines: &[(&str, String)]) -> String {
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, value) in lines {
        writeln!(text, "{name:width$}  {}", Text::clean(value)).ok();
    }
    text
}
