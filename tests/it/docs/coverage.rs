//! Nothing that the program can do is missing from the documents.

use std::collections::BTreeSet;

use clap::CommandFactory as _;
use foretop::{
    cli::args::Cli,
    core::{
        command::{Command, Context},
        command_reference,
        keymap::{self, Keymap},
    },
};

use super::markdown::{documents, table, text_of};

/// All documents in one text.
fn everything() -> String {
    documents().iter().map(|file| text_of(file)).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_command_of_the_console_has_words_a_key_and_a_line_in_the_reference() {
    let (mut bound, keymap) = (BTreeSet::new(), Keymap::default());
    for context in Context::ALL {
        let rows = table("docs/keys.md", context.title());
        for binding in keymap.bindings(*context) {
            bound.insert(binding.command);
            let keys = format!("`{}`", keymap::display(&binding.keys));
            let words = binding.command.describe().replace('|', "\\|");
            let row = rows.iter().find(|row| row[1] == words.replace("\\|", "|"));
            let row = row.unwrap_or_else(|| panic!("docs/keys.md, {}: no {words:?}", context.title()));
            assert!(row[0].contains(&keys) || keys.contains("``"), "{keys} is missing in {row:?}");
        }
    }
    for command in Command::ALL {
        let words = command.describe();
        assert!(words.len() > 3 && words.starts_with(char::is_uppercase), "{}: {words:?}", command.id());
        assert!(!words.ends_with('.'), "{}: {words:?} is a line, not a sentence with an end", command.id());
        assert!(
            bound.contains(command),
            "{} has no key, and nothing to type is offered for it",
            command.id()
        );
    }
    let ids: BTreeSet<&str> = Command::ALL.iter().map(|command| command.id()).collect();
    assert_eq!(ids.len(), Command::ALL.len(), "a name is used twice");
}

#[test]
fn every_line_to_type_at_the_colon_stands_in_the_documents() {
    let rows = table("docs/keys.md", "Commands at `:`");
    for (command, meaning) in command_reference() {
        assert!(!meaning.is_empty(), "{command}");
        let found = rows.iter().any(|row| row[0] == format!("`{command}`") && row[1] == meaning);
        assert!(found, "docs/keys.md has no line for {command}");
    }
}

/// The commands of the command line with their subcommands, as they are typed, and their options.
fn walk(command: &clap::Command, path: &str, found: &mut Vec<(String, Vec<String>)>) {
    let options = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set())
        .filter_map(|argument| argument.get_long())
        .map(|option| format!("--{option}"))
        .collect();
    found.push((path.to_owned(), options));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        walk(below, &format!("{path} {}", below.get_name()), found);
    }
}

fn commands() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    walk(&Cli::command(), "foretop", &mut found);
    found
}

#[test]
fn every_command_of_the_command_line_stands_in_the_documents() {
    let text = everything();
    let commands = commands();
    assert!(commands.len() > 40, "{}", commands.len());
    let missing: Vec<&String> = commands
        .iter()
        .map(|(path, _)| path)
        // `foretop images tags update` is said too where a line names several of them.
        .filter(|path| !text.contains(path.as_str()) && !is_in_a_choice(&text, path))
        .collect();
    assert!(missing.is_empty(), "no document has {missing:#?}");
}

/// Whether a command stands among others, as `b` and `c` in `foretop a b|c`.
fn is_in_a_choice(text: &str, path: &str) -> bool {
    let Some((group, name)) = path.rsplit_once(' ') else { return false };
    text.match_indices(&format!("{group} ")).any(|(place, found)| {
        let words = text[place + found.len()..].split_whitespace().next().unwrap_or_default();
        words.trim_matches('`').split('|').any(|word| word == name)
    })
}

#[test]
fn every_option_of_the_command_line_stands_in_the_documents() {
    let text = everything();
    let missing: BTreeSet<String> = commands()
        .into_iter()
        .flat_map(|(_, options)| options)
        .filter(|option| !["--help", "--version"].contains(&option.as_str()))
        .filter(|option| {
            // `--pin` is not said where `--pin-sha256` is.
            let ends = |rest: &str| {
                !rest.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '-')
            };
            !text.match_indices(option.as_str()).any(|(place, found)| ends(&text[place + found.len()..]))
        })
        .collect();
    assert!(missing.is_empty(), "no document has {missing:#?}");
}

/// Every variable of the environment that the program reads is in the reference of the configuration.
#[test]
fn every_variable_stands_in_the_reference() {
    let help = Cli::command().render_long_help().to_string();
    let reference = text_of("docs/configuration.md");
    let pattern = regex::Regex::new(r"\b(?:FORETOP|HUAWEICLOUD)_[A-Z0-9_]+\b").unwrap();
    let mut seen = 0;
    for name in pattern.find_iter(&help) {
        seen += 1;
        assert!(reference.contains(&format!("`{}`", name.as_str())), "{}", name.as_str());
    }
    assert!(seen > 5, "{seen}");
}
