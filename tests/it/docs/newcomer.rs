//! A newcomer's first cleanup, played as `docs/getting-started.md` tells it: the keys and what is seen are read from there.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use foretop::core::{
    command::Context,
    command_reference,
    keymap::{self, Keymap},
    views,
};

use super::markdown::{spans, table, text_of};
use crate::terminal::Terminal;

const DOCUMENT: &str = "docs/getting-started.md";

/// What is pressed in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    /// A key by itself, as the screen names it.
    One(String),
    /// A line is typed.
    Words(String),
    /// The number that stands on the screen is typed.
    Number,
}

/// A row of the table: what is seen, then what is pressed.
#[derive(Debug)]
struct Step {
    seen: Vec<String>,
    pressed: Vec<Key>,
}

/// The keys of a cell: what stands between backticks is pressed, and *the number* is the one on the screen.
fn keys(cell: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    for (index, part) in cell.split('`').enumerate() {
        if index % 2 == 0 {
            if part.contains("*the number*") {
                keys.push(Key::Number);
            }
        } else if part.chars().count() == 1 || named(part).is_some() {
            keys.push(Key::One(part.to_owned()));
        } else {
            keys.push(Key::Words(part.to_owned()));
        }
    }
    keys
}

/// A key that has a name, as the terminal of the tests knows it.
fn named(key: &str) -> Option<&'static str> {
    match key {
        "Enter" => Some("<enter>"),
        "Esc" => Some("<esc>"),
        "Tab" => Some("<tab>"),
        "Space" => Some(" "),
        _ => None,
    }
}

/// Whether a text of the document is on the screen; `N` in it stands for any number, `N/N` for one twice, and blanks do not count.
fn is_on(screen: &str, words: &str) -> bool {
    let words: Vec<String> = words
        .split_whitespace()
        .map(|word| match word {
            "N" => r"\d+".to_owned(),
            "N/N" => r"(\d+)/(\d+)".to_owned(),
            word => regex::escape(word),
        })
        .collect();
    let pattern = regex::Regex::new(&words.join(r"\s+")).unwrap();
    let is_whole = |found: &regex::Captures<'_>| {
        found.get(1).map(|part| part.as_str()) == found.get(2).map(|all| all.as_str())
    };
    screen.lines().any(|line| pattern.captures_iter(line).any(|found| is_whole(&found)))
}

fn steps() -> Vec<Step> {
    let rows = table(DOCUMENT, "The first cleanup");
    rows.iter().map(|row| Step { seen: spans(&row[0]), pressed: keys(&row[1]) }).collect()
}

/// Everything that has to be pressed is named on the screen before: nobody has to know it, or to have read anything else.
#[test]
fn each_key_is_named_by_what_is_seen_before_it() {
    let steps = steps();
    assert!(steps.len() > 5, "{steps:?}");
    for step in &steps {
        let is_named = match step.pressed.first().expect("something to press") {
            Key::One(key) => step.seen.iter().any(|words| words.split_whitespace().any(|word| word == key)),
            Key::Words(text) => step.seen.iter().any(|words| words.contains(text)),
            Key::Number => step.seen.iter().any(|words| words.starts_with("Type N ")),
        };
        assert!(is_named, "{step:?}");
    }
}

#[test]
fn the_first_cleanup_goes_as_the_document_says() {
    // An empty home, nothing configured, the smallest screen that operators have.
    let mut terminal = Terminal::start((80, 24), &[], &[]);
    for step in steps() {
        for words in &step.seen {
            terminal.wait(words, |screen| is_on(screen, words));
        }
        for key in &step.pressed {
            match key {
                Key::One(key) => terminal.press(named(key).unwrap_or(key)),
                Key::Words(words) => terminal.press(words),
                Key::Number => {
                    let number = terminal.asked_number().expect("a number to type");
                    terminal.press(&number);
                }
            }
        }
    }
    assert_eq!(terminal.end(), 0);
    assert!(terminal.is_restored());
    // What to do next is the last thing that the program says.
    let left = terminal.text();
    assert!(left.contains("foretop config init"), "{left}");
    what_is_left_behind_is_private(&terminal.home().join(".local/state/foretop"));
}

/// What `docs/security.md` says of files: those that were written are named there, and nobody else reads them.
fn what_is_left_behind_is_private(state: &Path) {
    let document = text_of("docs/security.md");
    let (mut folders, mut seen) = (vec![state.to_owned()], 0);
    while let Some(folder) = folders.pop() {
        assert_eq!(
            fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
            0o700,
            "{}",
            folder.display()
        );
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600,
                "{}",
                path.display()
            );
            let name = path.strip_prefix(state).unwrap().to_str().unwrap();
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            let alike = name.split_once('/').map(|(folder, _)| format!("`{folder}/*.{ending}`"));
            let is_named = document.contains(&format!("`{name}`"))
                || alike.is_some_and(|alike| document.contains(&alike));
            assert!(is_named, "docs/security.md does not tell of {name}");
        }
    }
    assert!(seen > 2, "{seen} files in {}", state.display());
}

/// What is worth trying afterwards is there: keys of the list of sessions or of its menu, or lines to type.
#[test]
fn the_keys_to_try_afterwards_exist() {
    let lines: Vec<String> = command_reference().into_iter().map(|(line, _)| line).collect();
    let keymap = Keymap::default();
    let bound: Vec<String> = [Context::Sessions, Context::ActionMenu]
        .into_iter()
        .flat_map(|context| keymap.bindings(context).map(|binding| keymap::display(&binding.keys)))
        .collect();
    let views: Vec<String> = views::built_in().map(|(_, _, key, _)| key.to_string()).collect();
    let mut seen = 0;
    for row in table(DOCUMENT, "More to try there") {
        for key in spans(&row[0]) {
            seen += 1;
            let is_line = lines.iter().any(|line| line.split(' ').next() == Some(&key));
            assert!(is_line || bound.contains(&key) || views.contains(&key), "{key} in {row:?}");
        }
    }
    assert!(seen > 5, "{seen} keys");
}

#[test]
fn keys_are_read_as_they_are_written() {
    let cell = "*the number*, then `Enter`, `state:disc idle>4h`, `*`";
    let words = |text: &str| Key::Words(text.to_owned());
    let one = |text: &str| Key::One(text.to_owned());
    assert_eq!(keys(cell), [Key::Number, one("Enter"), words("state:disc idle>4h"), one("*")]);
    assert!(
        is_on("a\n Type 479 then Enter", "Type N then Enter") && !is_on("Type N then", "Type N then Enter")
    );
    assert!(is_on("answered 479/479 x", "answered N/N") && !is_on("answered 12/479", "answered N/N"));
}
