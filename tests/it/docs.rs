//! What keeps the documents true. The reference tables in `docs/` are made from the code: `FORETOP_UPDATE_DOCS=1 cargo test docs`
//! writes them anew. Command lines are run, links followed, pictures compared, and what is nowhere said is found.

mod coverage;
mod lines;
mod links;
mod markdown;
mod newcomer;
mod pictures;
mod runs;
mod scenes;
mod scripts;
mod svg;

use std::{fmt::Write as _, path::PathBuf};

use foretop::{
    core::{
        command::{Context, offered},
        command_reference,
        filter::{EVENT_FIELDS, FIELDS, FieldHelp, IMAGE_FIELDS},
        keymap::{Flavour, Keymap},
    },
    ui::Theme,
};
/// Compares a generated part of a document with the file, or writes it.
pub(crate) fn check(file: &str, name: &str, generated: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (begin, end) = (format!("<!-- generated: {name} -->\n"), "<!-- end -->");
    let start = text.find(&begin).unwrap_or_else(|| panic!("{file} has no part {name}")) + begin.len();
    let stop = start + text[start..].find(end).unwrap_or_else(|| panic!("{file}: {name} has no end"));
    if std::env::var_os("FORETOP_UPDATE_DOCS").is_some() {
        let updated = format!("{}{generated}{}", &text[..start], &text[stop..]);
        std::fs::write(&path, updated).unwrap();
        return;
    }
    assert_eq!(
        &text[start..stop],
        generated,
        "{file} is not up to date: FORETOP_UPDATE_DOCS=1 cargo test docs"
    );
}

/// A text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {} ``", cell(text)) } else { format!("`{}`", cell(text)) }
}

#[test]
fn the_key_reference_is_made_from_the_catalogue() {
    let mut text = String::new();
    let keymap = Keymap::default();
    for context in Context::ALL.iter().copied() {
        writeln!(text, "\n## {}\n\n| keys | what it does |\n|---|---|", context.title()).unwrap();
        let mut done = Vec::new();
        for binding in keymap.bindings(context) {
            if done.contains(&binding.command) {
                continue;
            }
            done.push(binding.command);
            let keys: Vec<String> =
                keymap.keys_of(context, binding.command).iter().map(|keys| code(keys)).collect();
            writeln!(text, "| {} | {} |", keys.join(" "), cell(binding.command.describe())).unwrap();
        }
    }
    text.push('\n');
    check("docs/keys.md", "keys", &text);
}

#[test]
fn what_the_arrows_change_is_made_from_the_flavours() {
    let (vim, arrows) = (Keymap::plain(Flavour::Vim), Keymap::plain(Flavour::Arrows));
    let mut rows: Vec<[String; 3]> = Vec::new();
    for context in Context::ALL.iter().copied() {
        for command in offered(context) {
            let keys = |keymap: &Keymap| {
                let keys: Vec<String> =
                    keymap.keys_of(context, command).iter().map(|key| code(key)).collect();
                keys.join(" ")
            };
            let row = [keys(&vim), keys(&arrows), cell(command.describe())];
            let is_known = |other: &[String; 3]| other[2] == row[2];
            if row[0] != row[1] && !rows.iter().any(is_known) {
                rows.push(row);
            }
        }
    }
    let mut text = String::from("\n| vim | arrows | what it does |\n|---|---|---|\n");
    for [vim, arrows, meaning] in rows {
        writeln!(text, "| {vim} | {arrows} | {meaning} |").unwrap();
    }
    text.push('\n');
    check("docs/keys.md", "arrows", &text);
}

#[test]
fn the_names_of_places_and_commands_are_made_from_the_catalogue() {
    let mut text = String::from("\n| place | commands |\n|---|---|\n");
    for context in Context::ALL.iter().copied() {
        let names: Vec<String> = offered(context).into_iter().map(|command| code(command.id())).collect();
        writeln!(text, "| `{}` | {} |", context.id(), names.join(" ")).unwrap();
    }
    text.push('\n');
    check("docs/keys.md", "command names", &text);
}

#[test]
fn the_command_reference_is_made_from_the_commands() {
    let mut text = String::from("\n| command | what it does |\n|---|---|\n");
    for (command, meaning) in command_reference() {
        writeln!(text, "| `{}` | {} |", cell(&command), cell(meaning)).unwrap();
    }
    text.push('\n');
    check("docs/keys.md", "commands", &text);
}

fn fields(list: &[FieldHelp]) -> String {
    let mut text = String::from("\n| field | operators | meaning | example |\n|---|---|---|---|\n");
    for field in list {
        let mut names = vec![field.name];
        names.extend(field.aliases);
        let names: Vec<String> = names.into_iter().map(code).collect();
        let operators: Vec<String> = field.kind.operators().split(' ').map(code).collect();
        let mut meaning = field.meaning.to_owned();
        if !field.values.is_empty() {
            write!(meaning, " ({})", field.values.join(", ")).unwrap();
        }
        let row = [names.join(" "), operators.join(" "), cell(&meaning), code(field.example)];
        writeln!(text, "| {} |", row.join(" | ")).unwrap();
    }
    text.push('\n');
    text
}

#[test]
fn the_filter_reference_is_made_from_the_fields() {
    check("docs/filter-language.md", "session fields", &fields(FIELDS));
    check("docs/filter-language.md", "event fields", &fields(EVENT_FIELDS));
    check("docs/images.md", "image fields", &fields(IMAGE_FIELDS));
}

#[test]
fn the_list_of_themes_is_made_from_the_shipped_ones() {
    let mut text = String::from("\n");
    text.push_str("| theme | background | its pair | former name |\n|---|---|---|---|\n");
    for name in Theme::builtin_names() {
        let theme = Theme::builtin(name).unwrap();
        let pair = theme.pair().map_or_else(String::new, code);
        let former = Theme::former_name(name).map_or_else(String::new, code);
        writeln!(text, "| `{name}` | {} | {pair} | {former} |", theme.ground().label()).unwrap();
    }
    text.push('\n');
    check("docs/themes.md", "themes", &text);
}

#[test]
fn the_list_of_faults_is_made_from_the_simulators_own() {
    check("docs/simulator.md", "faults", &format!("\n```text\n{}```\n\n", foretop::sim::FAULT_HELP));
}

#[test]
fn the_list_of_views_is_made_from_those_of_the_console() {
    let mut table = String::from("\n| name | key | filter | what it shows |\n|---|---|---|---|\n");
    for (name, filter, key, meaning) in foretop::core::views::built_in() {
        writeln!(table, "| `:{name}` | `{key}` | {} | {meaning} |", code(filter)).unwrap();
    }
    table.push('\n');
    check("docs/views.md", "views", &table);
}
