//! A console that is recorded, and what `foretop replay` makes of the file.

use std::{fs, path::Path};

use assert_cmd::Command;
use predicates::{prelude::*, str::contains};

use crate::terminal::Terminal;

fn replay(file: &Path, options: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_foretop"))
        .env_clear()
        .env("HOME", file.parent().unwrap())
        .arg("replay")
        .arg(file)
        .args(options)
        .assert()
}

/// Records a short run and returns what was on the screen at its end.
fn record(file: &Path) -> String {
    let file = file.display().to_string();
    let mut terminal = Terminal::start((80, 24), &["--demo=small", "--record", &file], &[]);
    terminal.see("SIMULATED");
    terminal.wait("the list", |screen| screen.contains("complete"));
    terminal.see("  REC  ");
    terminal.press("/state:disc<enter>");
    terminal.see("state:disc");
    terminal.press("?");
    terminal.see("type to search");
    let screen = terminal.text();
    terminal.press("<esc>");
    terminal.wait("the list again", |screen| !screen.contains("type to search"));
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    terminal.see("the run is recorded in ");
    assert!(terminal.is_restored());
    screen
}

#[test]
fn a_recorded_run_is_printed_and_played() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("run.jsonl");
    let screen = record(&file);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    // Below its first line the help has no names on it: it is the same to the letter.
    let printed = replay(&file, &["--screens"]).success();
    let printed = String::from_utf8(printed.get_output().stdout.clone()).unwrap();
    let help =
        printed.split("=== ").find(|part| part.lines().next().is_some_and(|head| head.ends_with("key ?")));
    let help: Vec<&str> = help.unwrap().lines().skip(1).collect();
    let shown: Vec<&str> = screen.lines().map(str::trim_end).collect();
    assert_eq!(help[1..20], shown[1..20]);
    assert!(printed.contains("key /") && printed.contains(", end\n"), "{printed}");
    assert!(printed.contains("/ state:disc"), "{printed}");
    replay(&file, &["--screens=last"]).success().stdout(contains("=== ").count(1));

    // A file that is there stays.
    let before = fs::read(&file).unwrap();
    let path = file.display().to_string();
    let mut again = Terminal::start((80, 24), &["--demo=small", "--record", &path], &[]);
    assert_eq!(again.end(), 2);
    again.see("not written over");
    assert_eq!(fs::read(&file).unwrap(), before);

    let mut terminal =
        Terminal::start((100, 30), &["replay", &path, "--speed", "64", "--max-idle", "1s"], &[]);
    terminal.see("REPLAY, names scrambled");
    terminal.see("END");
    assert!(terminal.text().contains("SIMULATED"));
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn what_cannot_be_played_is_said_with_its_place() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("run.jsonl");
    record(&file);
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let made = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };

    let cut = made("cut.jsonl", &text[..text.len() * 2 / 3]);
    replay(&cut, &["--screens=last"])
        .success()
        .stdout(contains("cut off"))
        .stderr(contains("without an end"));
    let wrong = [&lines[..3], &["{\"told\":1}"], &lines[3..]].concat().join("\n");
    let wrong = made("wrong.jsonl", &format!("{wrong}\n"));
    replay(&wrong, &["--screens=last"]).code(2).stderr(contains("wrong.jsonl:4")).stdout("");
    let other = made("other.jsonl", &text.replacen("\"format\":1", "\"format\":77", 1));
    replay(&other, &["--screens=last"]).code(2).stderr(contains("form 77"));
    let none = made("none.jsonl", "nothing of the kind\n");
    replay(&none, &["--screens=last"]).code(2).stderr(contains("no recording"));
    replay(&home.path().join("gone.jsonl"), &[]).code(2).stderr(contains("cannot read"));
    replay(&file, &[]).code(2).stderr(contains("needs a terminal").and(contains("--screens")));
}

#[test]
fn only_the_console_is_recorded() {
    let home = tempfile::tempdir().unwrap();
    let line = ["--record", "x.jsonl", "sessions", "list"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_foretop"));
    command.env_clear().env("HOME", home.path()).current_dir(home.path()).args(line);
    command.assert().code(2).stderr(contains("--record"));
    assert!(!home.path().join("x.jsonl").exists());
}
