//! `foretop config`: where the configuration is, what it means, what is wrong with it.

use std::fmt::Write as _;

use super::{
    args::{ConfigCommand, ConnectionArgs},
    looks, output,
    run::{Stop, Streams},
};
use crate::{
    config::{Diagnostic, Environment, File, Gravity, Names, Paths, SourceFile},
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

/// Tells every mistake of the file and of the themes beside it, and files that it names and that are not there.
fn check(environment: &Environment, paths: &Paths, names: &Names) -> Result<(String, u8), Stop> {
    let source = SourceFile::read(paths)?;
    let (file, mistakes) = source.as_ref().map(|source| File::parse(source, names)).unwrap_or_default();
    let missing = file.missing_files(environment, paths);
    let shown = paths.config_file().display();
    let mut text = match source {
        None => format!("{shown}: missing, the defaults are used\n"),
        Some(_) if mistakes.is_empty() && missing.is_empty() => format!("{shown}: no mistakes\n"),
        Some(_) => String::new(),
    };
    tell(&mistakes, &mut text);
    for missing in &missing {
        // Writing to a String cannot fail.
        writeln!(text, "error: {shown}: {}", Text::clean(&missing.to_string())).ok();
    }
    // The file is right, and yet commands refuse it until they are told more.
    if let Some(lack) = file.lacks_default() {
        let hint = lack.hint().unwrap_or_default();
        writeln!(text, "note: {shown}: {lack}\n  hint: {}", Text::clean(&hint)).ok();
    }
    let themes = looks::check_own(paths, &themes_in_force(&file));
    for theme in &themes {
        if theme.mistakes.is_empty() {
            writeln!(text, "{}: no mistakes", Text::clean(&theme.file.display().to_string())).ok();
        }
        tell(&theme.mistakes, &mut text);
    }
    // That others may read the file is advice; a mistake has a place in it, or is an error.
    let is_advice =
        mistakes.iter().all(|mistake| mistake.gravity == Gravity::Warning && mistake.place.is_none());
    let is_fine = is_advice && missing.is_empty() && themes.iter().all(|theme| theme.mistakes.is_empty());
    Ok((text, if is_fine { 0 } else { Class::Usage.code() }))
}

fn tell(mistakes: &[Diagnostic], text: &mut String) {
    for mistake in mistakes {
        let gravity = match mistake.gravity {
            Gravity::Error => "error",
            Gravity::Warning => "warning",
        };
        writeln!(text, "{gravity}: {mistake}").ok();
    }
}

/// Every theme with which the console may open: that of each profile, and the one for all others.
fn themes_in_force(file: &File) -> Vec<String> {
    let own = file.profiles.values().filter_map(|profile| profile.settings.theme.clone());
    own.chain([file.settings.clone().complete().theme]).collect()
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
