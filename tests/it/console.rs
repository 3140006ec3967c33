//! The console as an operator meets it: start, use, resize, suspend, leave, and what it leaves behind.

use std::time::Duration;

use crate::terminal::Terminal;

const DEMO: &[&str] = &["--demo=small"];

fn demo(size: (u16, u16)) -> Terminal {
    let mut terminal = Terminal::start(size, DEMO, &[]);
    terminal.see("SIMULATED");
    terminal.wait("the list", |screen| screen.contains("complete"));
    terminal
}

/// The number that a plan sheet asks for.
fn asked_number(screen: &str) -> Option<String> {
    let rest = screen.split("Type ").nth(1)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// Confirms the plan sheet that is open, whichever way it asks for.
fn confirm(terminal: &mut Terminal) {
    terminal.see("PLAN ");
    match asked_number(&terminal.text()) {
        Some(number) => terminal.press(&format!("{number}<enter>")),
        None => terminal.press("y"),
    }
    terminal.see("JOB ");
}

#[test]
fn find_message_log_off_retry_forced_and_watch_the_events() {
    let mut terminal = demo((80, 24));
    terminal.press("/state:disconnected idle>4h<enter>*");
    terminal.wait("marks", |screen| screen.contains("marked ") && !screen.contains("marked 0"));

    terminal.press("m");
    terminal.see("Severity");
    terminal.press("Please save your work.<tab><tab>w<c-o>");
    terminal.see("WARNING");
    confirm(&mut terminal);
    terminal.see("done");
    terminal.press("q");

    terminal.press("al");
    terminal.see("LOG OFF (polite)");
    confirm(&mut terminal);
    terminal.see("InvalidState");
    terminal.press("f");
    terminal.see("LOG OFF (forced)");
    confirm(&mut terminal);
    terminal.wait("the forced job's answers", |screen| {
        screen.contains("LOG OFF (forced)") && screen.contains("accepted")
    });
    terminal.press("q");
    // The table empties as the polls find them gone; what accepted a logoff and stays is a ghost.
    terminal.press("<c-r>");
    terminal.wait("an empty table", |screen| {
        screen.contains("nothing matches") || screen.contains("0 of") || screen.contains("GH")
    });
    terminal.press("eez");
    terminal.press("<esc>e");
    terminal.wait("the events of the job", |screen| screen.contains("logged off"));
    terminal.press("<esc><esc>q");
}

#[test]
fn leaving_gives_the_terminal_back() {
    let mut terminal = demo((80, 24));
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn sigterm_and_sighup_give_the_terminal_back() {
    for signal in ["TERM", "HUP"] {
        let mut terminal = demo((80, 24));
        terminal.signal(signal);
        terminal.end();
        assert!(terminal.is_restored(), "SIG{signal}");
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_told_in_words() {
    let mut terminal = Terminal::start((80, 24), DEMO, &[("FORETOP_DEBUG_PANIC", "1")]);
    assert_eq!(terminal.end(), 1);
    assert!(terminal.is_restored());
    let text = terminal.text();
    assert!(text.contains("internal error"), "{text}");
    assert!(!text.contains("stack backtrace"), "{text}");
}

#[test]
fn the_shell_gets_its_terminal_at_ctrl_z_and_the_console_comes_back_at_fg() {
    let shell = format!("{} --demo=small", env!("CARGO_BIN_EXE_foretop"));
    let mut terminal = Terminal::spawn((80, 24), "/bin/bash", &["--norc", "-i"], &[("PS1", "prompt$ ")]);
    terminal.see("prompt$");
    terminal.press(&format!("{shell}<enter>"));
    terminal.see("SIMULATED");
    terminal.press("<c-z>");
    terminal.see("Stopped");
    assert!(terminal.is_restored());
    terminal.press("echo still $((40+2))<enter>");
    terminal.see("still 42");
    terminal.press("fg<enter>");
    terminal.see("SIMULATED");
    terminal.press("q");
    terminal.wait("the prompt again", |screen| screen.trim_end().ends_with("prompt$"));
    assert!(terminal.is_restored());
}

#[test]
fn it_follows_the_size_of_the_screen_and_says_when_it_is_too_small() {
    let mut terminal = demo((80, 24));
    terminal.resize(120, 40);
    terminal.see("SINCE");
    terminal.resize(40, 10);
    terminal.see("too small");
    terminal.resize(80, 24);
    terminal.wait("the table again", |screen| screen.contains("USER") && !screen.contains("too small"));
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn nothing_changed_nothing_written() {
    // A long interval, and events only every few seconds: the simulated people may still log on and off, so only the
    // bytes between two keys that change nothing are counted.
    let mut terminal = demo((80, 24));
    terminal.press("p:interval 3600<enter>");
    terminal.press("eee");
    terminal.pump(Duration::from_secs(2));
    let before = terminal.raw.len();
    terminal.press("<c-u><c-u><c-u>");
    terminal.pump(Duration::from_millis(500));
    assert!(
        terminal.raw.len() - before < 600,
        "{} bytes for three keys at the top",
        terminal.raw.len() - before
    );
}

#[test]
fn without_a_utf8_locale_only_ascii_is_drawn() {
    let mut terminal = Terminal::start((80, 24), DEMO, &[("LANG", "C"), ("LC_ALL", "C")]);
    terminal.see("SIMULATED");
    terminal.wait("the list", |screen| screen.contains("complete"));
    assert!(terminal.text().is_ascii(), "{}", terminal.text());
}

#[test]
fn no_color_means_no_colour() {
    let mut terminal = Terminal::start((80, 24), DEMO, &[("NO_COLOR", "1")]);
    terminal.see("SIMULATED");
    terminal.wait("the list", |screen| screen.contains("complete"));
    let written = String::from_utf8_lossy(&terminal.raw).into_owned();
    for sgr in written.split("\x1b[").skip(1).filter_map(|rest| rest.split_once('m').map(|(sgr, _)| sgr)) {
        let coloured =
            sgr.split(';').any(|code| matches!(code.parse(), Ok(30..=38 | 40..=48 | 90..=97 | 100..=107)));
        assert!(!coloured, "a colour: {sgr}");
    }
}
