//! `foretop config`: where the configuration is, what it means, what is wrong with it.

use std::fmt::Write as _;

use super::{
    args::{ConfigCommand, ConnectionArgs},
    output,
    run::{Stop, Streams},
};
use crate::{
    config::{Environment, File, Gravity, Names, Paths, SourceFile},
    domain::Text,
    error::Class,
};

mod init;
mod show;

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
        ConfigCommand::Init(args) => return init::run(&args, environment, paths, names, streams),
        ConfigCommand::Path => (describe_paths(paths), 0),
        ConfigCommand::Show(args) => return show::run(args, outer, environment, paths, names, streams),
        ConfigCommand::Check => check(environment, paths, names)?,
    };
    output::write(streams.out, &text)?;
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

fn check(environment: &Environment, paths: &Paths, names: &Names) -> Result<(String, u8), Stop> {
    let Some(source) = SourceFile::read(paths)? else {
        let file = paths.config_file().display();
        return Ok((format!("{file}: missing, the defaults are used\n"), 0));
    };
    let (file, mistakes) = File::parse(&source, names);
    let missing = file.missing_files(environment, paths);
    if mistakes.is_empty() && missing.is_empty() {
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
    for missing in &missing {
        let words = Text::clean(&missing.to_string());
        writeln!(text, "error: {}: {words}", source.path.display()).ok();
    }
    // That others may read the file is advice; a mistake has a place in it, or is an error.
    let is_advice = missing.is_empty()
        && mistakes.iter().all(|mistake| mistake.gravity == Gravity::Warning && mistake.place.is_none());
    Ok((text, if is_advice { 0 } else { Class::Usage.code() }))
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
