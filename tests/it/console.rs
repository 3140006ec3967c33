//! The console as an operator meets it: start, use, resize, suspend, leave, and what it leaves behind.

use std::time::Duration;

use foretop::sim::SimOptions;

use crate::{
    support::{simulate, small},
    terminal::Terminal,
};

const DEMO: &[&str] = &["--demo=small"];

fn demo(size: (u16, u16)) -> Terminal {
    let mut terminal = Terminal::start(size, DEMO, &[]);
    terminal.see("SIMULATED");
    terminal.wait("the list", |screen| screen.contains("complete"));
    terminal
}

/// Confirms the plan sheet that is open, whichever way it asks for.
pub(crate) fn confirm(terminal: &mut Terminal) {
    terminal.see("PLAN ");
    // The last line of the sheet: what stands above it is there, too.
    terminal.see("nothing sent so far");
    match terminal.asked_number() {
        Some(number) => terminal.press(&format!("{number}<enter>")),
        None => terminal.press("y"),
    }
    terminal.see("JOB ");
}

/// How many rows the filter shows.
fn shown(screen: &str) -> Option<usize> {
    let line = screen.lines().nth(2)?;
    line.split(" of ").next()?.split_whitespace().last()?.parse().ok()
}

/// A terminal that answers is drawn on when it has shown the last frame: what lies between here and there holds no other.
#[test]
fn one_frame_is_on_its_way_until_the_terminal_says_that_it_is_shown() {
    let mut terminal = demo((80, 24));
    terminal.press("zb");
    terminal.see("frames");
    terminal.answers = false;
    terminal.pump(Duration::from_millis(200));
    let asked = terminal.asked();
    for _ in 0..5 {
        terminal.press("j");
        terminal.pump(Duration::from_millis(40));
    }
    assert!(terminal.asked() <= asked + 1, "the others are skipped");
    let asked = terminal.asked();
    terminal.press("\u{1b}[0n");
    terminal.pump(Duration::from_millis(400));
    assert_eq!(terminal.asked(), asked + 1, "and come as one");
    terminal.answers = true;
    // The answer was no key: the prompt would show it.
    terminal.press("\u{1b}[0n/idle>1h<enter>");
    terminal.see("idle>1h");
    assert!(!terminal.text().contains("0n"));
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn a_terminal_that_never_answers_is_drawn_on_all_the_same() {
    let mut terminal = Terminal::start((80, 24), DEMO, &[]);
    terminal.answers = false;
    terminal.see("SIMULATED");
    terminal.wait("the list", |screen| screen.contains("complete"));
    terminal.press("/idle>1h<enter>");
    terminal.see("idle>1h");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn find_message_log_off_retry_forced_and_watch_the_events() {
    let mut terminal = Terminal::start((80, 24), &[], &[]);
    terminal.see("SIMULATED");
    terminal.see("complete");
    terminal.press("/state:disconnected idle>4h<enter>*");
    terminal.see("marked ");
    let found = shown(&terminal.text()).expect("a count");
    assert!(found > 100, "{found} sessions");

    terminal.press("m");
    terminal.see("Severity");
    terminal.press("Please save your work.<tab><tab><tab>w<c-o>");
    terminal.see("WARNING");
    confirm(&mut terminal);
    // What was accepted is looked out for; meanwhile the operator goes on.
    terminal.see("confirming");
    terminal.press("q");

    terminal.press("al");
    terminal.see("LOG OFF (polite)");
    confirm(&mut terminal);
    terminal.see("InvalidState");
    terminal.see("confirming");
    terminal.press("f");
    terminal.see("LOG OFF (forced)");
    confirm(&mut terminal);
    terminal.wait("the forced job's end", |screen| {
        screen.contains("JOB 3") && screen.contains("LOG OFF (forced)") && screen.contains("confirming")
    });
    terminal.press("q");
    // The table empties as the polls find them gone. Only ghosts stay, and they are few.
    terminal.press(":interval 2<enter>");
    terminal.wait("an empty table", |screen| shown(screen).is_some_and(|left| left * 10 < found));
    // The pane on the whole screen, with the events that name the sessions.
    terminal.press("ee");
    terminal.wait("the events of the job", |screen| screen.matches("has logged off").count() > 3);
    terminal.press("q");
    terminal.see("USER");
    // Ghosts are still looked out for: leaving asks, and stopping ends that.
    terminal.press("q");
    terminal.see("LEAVE");
    terminal.press("s");
    assert_eq!(terminal.end(), 0);
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
fn a_terminal_that_takes_no_bytes_does_not_keep_the_program_alive() {
    let mut terminal = demo((200, 60));
    for _ in 0..40 {
        terminal.press("\u{c}");
    }
    terminal.signal("TERM");
    assert!(terminal.ends_unread());
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
    let mut terminal =
        Terminal::spawn((80, 24), "/bin/bash", &["--norc", "--noediting", "-i"], &[("PS1", "prompt$ ")]);
    terminal.see("prompt$");
    terminal.press(&format!("{shell}<enter>"));
    terminal.see("SIMULATED");
    terminal.press("<c-z>");
    terminal.see("Stopped");
    assert!(terminal.is_free());
    terminal.press("echo still $((40+2))<enter>");
    terminal.see("still 42");
    terminal.press("fg<enter>");
    terminal.see("SIMULATED");
    terminal.press("q");
    terminal.wait("the prompt again", |screen| screen.trim_end().ends_with("prompt$"));
    assert!(terminal.is_free());
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
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // An estate whose clock stands still: the polls go on, the answers stay the same.
    let simulator = runtime.block_on(simulate(SimOptions { ..small() }));
    let credentials = simulator.credentials();
    let mut terminal = Terminal::start(
        (80, 24),
        &[],
        &[
            ("FORETOP_SERVER", simulator.url()),
            ("FORETOP_USERNAME", &credentials.username),
            ("FORETOP_DOMAIN", &credentials.domain),
            ("FORETOP_PASSWORD", &credentials.password),
        ],
    );
    terminal.see("complete");
    terminal.press(":interval 2<enter>");
    let polls = || {
        simulator.control().requests().iter().filter(|request| request.path.ends_with("/sessions")).count()
    };
    let seen = polls();
    while polls() < seen + 2 {
        terminal.pump(Duration::from_millis(100));
    }
    let (before, quiet_from) = (terminal.raw.len(), polls());
    while polls() < quiet_from + 2 {
        terminal.pump(Duration::from_millis(100));
    }
    let written = String::from_utf8_lossy(&terminal.raw[before..]).into_owned();
    assert!(written.is_empty(), "{} bytes: {written:?}", written.len());
    terminal.press("q");
    terminal.end();
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

#[test]
fn a_theme_is_on_the_screen_while_the_cursor_is_on_it() {
    let mut terminal = Terminal::start((80, 24), DEMO, &[("COLORTERM", "truecolor")]);
    terminal.see("SIMULATED");
    terminal.wait("the list", |screen| screen.contains("complete"));
    let said = |terminal: &Terminal, from: usize, colour: &str| {
        String::from_utf8_lossy(&terminal.raw[from..]).contains(colour)
    };
    // The bars of the light theme of Nord and of the theme that the console starts with.
    let (nord_light, usual) = ("48;2;45;106;122", "48;2;95;215;215");
    terminal.press(":theme<enter>");
    terminal.see("> foretop-dark");
    assert!(!said(&terminal, 0, nord_light));
    terminal.press("G");
    terminal.see("> nord-light");
    assert!(said(&terminal, 0, nord_light));
    let before = terminal.raw.len();
    terminal.press("<esc>");
    terminal.wait("no list", |screen| !screen.contains("THEMES"));
    assert!(said(&terminal, before, usual), "Esc brings the former one back");
    terminal.press(":theme nord-light<enter>");
    terminal.see("for this run; for good: theme = \"nord-light\" in ~/.config/foretop/");
}
