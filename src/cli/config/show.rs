//! `foretop config show`: every value that would be used, and where it comes from.

use std::{fmt::Write as _, path::Path};

use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use crate::{
    cli::{
        args::{ConfigShowArgs, ConnectionArgs, LooksArgs},
        output,
        run::{Stop, Streams, warn},
    },
    config::{Environment, Explained, Explanation, File, Names, Origin, Paths, SourceFile, Target, explain},
    domain::Text,
};

/// A value that is wider than this pushes its origin to the right instead of all of them.
const WIDEST_VALUE: usize = 44;

/// Runs it.
pub(super) fn run(
    args: ConfigShowArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    names: &Names,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let choice = args.connection.over(outer).choice(&LooksArgs::default());
    let loaded = File::load(paths, names)?;
    let source = SourceFile::read(paths)?;
    let explanation = explain(&choice, environment, paths, &loaded.file, source.as_ref())?;
    for warning in &loaded.warnings {
        warn(streams, &warning.to_string());
    }
    if args.json {
        output::json_object(streams.out, &as_json(&explanation, paths))?;
    } else {
        output::write(streams.out, &as_text(&explanation, paths))?;
    }
    output::flush(streams.out)?;
    Ok(0)
}

fn as_text(explanation: &Explanation, paths: &Paths) -> String {
    let presence = if explanation.file.is_some() { "" } else { "  (missing: the defaults are used)" };
    let file = Text::clean(&paths.config_file().display().to_string()).to_string();
    let rows: Vec<[String; 3]> = explanation
        .values
        .iter()
        .map(|value| {
            let shown = Text::clean(&value.shown).to_string();
            [value.key.to_owned(), shown, words(&value.origin, paths.config_file())]
        })
        .collect();
    let widest = |place: usize, limit: usize| {
        rows.iter().map(|row| row[place].width()).filter(|width| *width <= limit).max().unwrap_or_default()
    };
    let (keys, values) = (widest(0, usize::MAX), widest(1, WIDEST_VALUE));
    let mut text = String::new();
    // Writing to a String cannot fail.
    writeln!(text, "{:keys$}  {file}{presence}", "configuration").ok();
    for [key, value, origin] in rows {
        let blanks = " ".repeat(values.saturating_sub(value.width()));
        writeln!(text, "{key:keys$}  {value}{blanks}  {origin}").ok();
    }
    text
}

/// Where a value comes from, in a few words. The folder of the file is told once, at the top.
fn words(origin: &Origin, file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
    let at = |line: &Option<usize>| match line {
        Some(line) => format!("{name}:{line}"),
        None => name.to_string(),
    };
    let words = match origin {
        Origin::CommandLine(option) => format!("command line, {option}"),
        Origin::Variable(variable) => format!("environment, {variable}"),
        Origin::NoneSet(variables) => format!("environment: none of {variables} is set"),
        Origin::Profile { name, line } => format!("profile {name}, {}", at(line)),
        Origin::Top { line } => format!("file, {}", at(line)),
        Origin::Derived(from) => format!("follows from: {from}"),
        Origin::Default => "default".to_owned(),
    };
    Text::clean(&words).to_string()
}

fn as_json(explanation: &Explanation, paths: &Paths) -> Value {
    let values: Vec<Value> =
        explanation.values.iter().map(|value| row_as_json(value, paths.config_file())).collect();
    let is_simulated = matches!(explanation.resolved.target, Target::Simulated { .. });
    json!({
        "configuration": paths.config_file().display().to_string(),
        "exists": explanation.file.is_some(),
        "estate": explanation.resolved.target.name(),
        "simulated": is_simulated,
        "values": values,
    })
}

fn row_as_json(value: &Explained, file: &Path) -> Value {
    let mut row = Map::new();
    row.insert("key".to_owned(), json!(value.key));
    row.insert("value".to_owned(), value.value.clone());
    let mut tell = |key: &str, value: Value| row.insert(key.to_owned(), value);
    let file = json!(file.display().to_string());
    let place = |line: Option<usize>| {
        tell("file", file);
        line.map(|line| tell("line", json!(line)));
    };
    let from = match &value.origin {
        Origin::CommandLine(option) => {
            tell("option", json!(option));
            "command line"
        }
        Origin::Variable(variable) => {
            tell("variable", json!(variable));
            "environment"
        }
        Origin::NoneSet(_) => "environment",
        Origin::Profile { name, line } => {
            place(*line);
            tell("profile", json!(name));
            "profile"
        }
        Origin::Top { line } => {
            place(*line);
            "file"
        }
        Origin::Derived(_) => "derived",
        Origin::Default => "default",
    };
    row.insert("from".to_owned(), json!(from));
    Value::Object(row)
}
