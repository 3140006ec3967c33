//! This terminal: what it is, what it shows, and what stands in between. Told by the environment; nothing is sent to it.

use jiff::{Timestamp, tz::TimeZone};

use super::check::Check;
use crate::{
    cli::looks,
    config::{Environment, Settings},
    core::rows::LEAST,
    ui::ColorDepth,
};

/// Everything about the terminal, in the order in which it is told.
pub(super) fn checks(environment: &Environment, settings: Option<&Settings>) -> Vec<Check> {
    let unsettled = Settings { monochrome: environment.wants_no_color(), ..Settings::default() };
    let depth = looks::depth(settings.unwrap_or(&unsettled), environment);
    let size = environment.stdout_is_terminal.then(|| crossterm::terminal::size().ok()).flatten();
    // Some pseudo-terminals have no size at all.
    let size = size.filter(|size| *size != (0, 0));
    let mut checks = terminal(environment, size);
    checks.extend(around(environment));
    checks.push(locale(environment));
    checks.push(colours(environment, depth));
    checks.push(clipboard(environment));
    checks.push(time_zone(environment));
    checks
}

fn terminal(environment: &Environment, size: Option<(u16, u16)>) -> Vec<Check> {
    let streams = [
        ("standard input", environment.stdin_is_terminal),
        ("standard output", environment.stdout_is_terminal),
    ];
    let missing: Vec<&str> =
        streams.iter().filter(|(_, is_terminal)| !is_terminal).map(|(name, _)| *name).collect();
    let term = environment.get("TERM");
    let mut checks = Vec::new();
    if !missing.is_empty() {
        let are = if missing.len() == 1 { "is no terminal" } else { "are no terminal" };
        let found = format!("{} {are}: commands work, the console does not open", missing.join(" and "));
        checks.push(Check::note("terminal", found));
        return checks;
    }
    checks.push(match term {
        Some("dumb") => Check::warn("terminal", "TERM=dumb: nothing can be drawn there")
            .advise("start Foretop in a real terminal, or set TERM to its name, such as xterm-256color"),
        Some(term) => Check::ok("terminal", format!("TERM={term}")),
        None => Check::warn("terminal", "TERM is not set")
            .advise("set TERM to the name of your terminal, such as xterm-256color"),
    });
    checks.push(match size {
        None => Check::warn("terminal", "it does not tell its size").advise("stty rows 24 cols 80"),
        Some((columns, rows)) if columns < LEAST.width || rows < LEAST.height => Check::warn(
            "terminal",
            format!("{columns}x{rows}: the console needs {}x{}", LEAST.width, LEAST.height),
        )
        .advise("make the window or pane larger, or the letters smaller"),
        Some((columns, rows)) => Check::ok("terminal", format!("{columns}x{rows}")),
    });
    checks
}

/// What stands between this program and the terminal.
fn around(environment: &Environment) -> Vec<Check> {
    let mut checks = Vec::new();
    let term = environment.get("TERM").unwrap_or_default();
    let fits = term.starts_with("tmux") || term.starts_with("screen");
    for (variable, name, wanted) in [
        ("TMUX", "tmux", "in ~/.tmux.conf: set -g default-terminal tmux-256color"),
        ("STY", "GNU screen", "in ~/.screenrc: term screen-256color"),
    ] {
        if environment.raw(variable).is_none() {
            continue;
        }
        checks.push(if fits || term.is_empty() {
            Check::ok("terminal", format!("inside {name}"))
        } else {
            Check::warn("terminal", format!("inside {name}, but TERM={term} is another terminal's name"))
                .advise(format!("{wanted}; then start a new window"))
        });
    }
    if ["SSH_CONNECTION", "SSH_TTY"].iter().any(|name| environment.raw(name).is_some()) {
        checks.push(Check::ok("terminal", "over SSH: jobs outlive a broken line, see `foretop jobs`"));
    }
    checks
}

fn locale(environment: &Environment) -> Check {
    let said = environment.locale().map(|(name, value)| format!("{name}={value}"));
    let said = said.unwrap_or_else(|| "none of LC_ALL, LC_CTYPE and LANG is set".to_owned());
    if environment.is_utf8() {
        return Check::ok("locale", format!("{said}: UTF-8"));
    }
    Check::warn("locale", format!("{said}: not UTF-8, so only ASCII is drawn"))
        .advise("set LANG to a UTF-8 locale that `locale -a` lists, such as C.UTF-8; over SSH the server must accept it")
}

fn colours(environment: &Environment, depth: ColorDepth) -> Check {
    let colorterm = environment.get("COLORTERM").unwrap_or("not set");
    let term = environment.get("TERM").unwrap_or("not set");
    match depth {
        ColorDepth::TrueColor => Check::ok("colours", format!("16 million (COLORTERM={colorterm})")),
        ColorDepth::Ansi256 => Check::ok("colours", format!("256 (TERM={term}, COLORTERM {colorterm})")),
        ColorDepth::Ansi16 => Check::note("colours", format!("16 (TERM={term}, COLORTERM {colorterm})")).advise(
            "if the terminal has more: TERM=xterm-256color, or COLORTERM=truecolor, which SSH does not pass on by itself",
        ),
        ColorDepth::Mono if environment.raw("NO_COLOR").is_some() => {
            Check::note("colours", "none: NO_COLOR is set; nothing is told by colour alone")
        }
        ColorDepth::Mono => Check::note("colours", format!("none (TERM={term}); nothing is told by colour alone")),
    }
}

/// Copying goes through the terminal (OSC 52), which does not answer: what it allows can only be told.
fn clipboard(environment: &Environment) -> Check {
    let how = "copying sends OSC 52 to the terminal";
    if environment.raw("TMUX").is_some() {
        return Check::note("clipboard", format!("{how}; tmux lets it pass only when it is told to"))
            .advise("in ~/.tmux.conf: set -s set-clipboard on; or set -g allow-passthrough on");
    }
    if environment.raw("STY").is_some() {
        return Check::note("clipboard", format!("{how}; GNU screen passes it on in pieces")).advise(
            "if nothing arrives, the terminal around GNU screen does not allow OSC 52: switch it on there",
        );
    }
    Check::note("clipboard", format!("{how}, also over SSH; it does not say whether it took it"))
        .advise("if nothing arrives, allow access to the clipboard in the terminal's settings (OSC 52)")
}

fn time_zone(environment: &Environment) -> Check {
    let asked = environment.get("TZ");
    match TimeZone::try_system() {
        Ok(zone) => {
            let offset = zone.to_offset(Timestamp::now());
            let name = zone.iana_name().unwrap_or("without a name");
            Check::ok("time zone", format!("{name}, now UTC{}", offset_words(offset.seconds())))
        }
        Err(error) => {
            let set = asked.map_or_else(String::new, |zone| format!(" (TZ={zone})"));
            Check::warn("time zone", format!("not known{set}: {error}; times are shown in UTC"))
                .advise("set TZ, such as TZ=Europe/Berlin, or install the time zone data (tzdata)")
        }
    }
}

/// `+02:00`.
fn offset_words(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::cli::doctor::check::Status;

    fn at_terminal(variables: &[(&str, &str)]) -> Environment {
        let mut environment = Environment::of(variables.iter().copied());
        (environment.stdin_is_terminal, environment.stdout_is_terminal) = (true, true);
        environment
    }

    fn told(check: &Check) -> (Status, &str) {
        (check.status, check.found.as_str())
    }

    #[test]
    fn a_screen_that_is_too_small_is_told_with_what_is_needed() {
        let environment = at_terminal(&[("TERM", "xterm-256color")]);
        let checks = terminal(&environment, Some((80, 24)));
        assert_eq!(told(&checks[1]), (Status::Ok, "80x24"));
        let checks = terminal(&environment, Some((40, 24)));
        assert_eq!(told(&checks[1]), (Status::Warn, "40x24: the console needs 60x15"));
        assert!(checks[1].advice.is_some());
    }

    #[test]
    fn without_a_terminal_commands_still_work() {
        let checks = terminal(&Environment::default(), None);
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].status, Status::Note);
        assert!(checks[0].found.as_str().starts_with("standard input and standard output are no terminal"));
    }

    #[rstest]
    #[case::no_locale(&[], Status::Warn, "none of LC_ALL, LC_CTYPE and LANG is set: not UTF-8, so only ASCII is drawn")]
    #[case::posix(&[("LANG", "POSIX")], Status::Warn, "LANG=POSIX: not UTF-8, so only ASCII is drawn")]
    #[case::utf8(&[("LANG", "C.UTF-8")], Status::Ok, "LANG=C.UTF-8: UTF-8")]
    fn the_locale_says_what_is_drawn(
        #[case] variables: &[(&str, &str)],
        #[case] status: Status,
        #[case] found: &str,
    ) {
        assert_eq!(told(&locale(&at_terminal(variables))), (status, found));
    }

    #[test]
    fn inside_tmux_name_and_clipboard_are_looked_at() {
        let right = at_terminal(&[("TMUX", "/tmp/x"), ("TERM", "tmux-256color")]);
        assert_eq!(told(&around(&right)[0]), (Status::Ok, "inside tmux"));
        let wrong = at_terminal(&[("TMUX", "/tmp/x"), ("TERM", "xterm-256color"), ("SSH_TTY", "/dev/pts/1")]);
        let checks = around(&wrong);
        assert_eq!(checks[0].status, Status::Warn);
        assert!(checks[1].found.as_str().starts_with("over SSH"));
        assert!(clipboard(&wrong).advice.unwrap().as_str().contains("set-clipboard on"));
    }

    #[test]
    fn colours_are_told_with_their_reason() {
        let environment = at_terminal(&[("TERM", "xterm"), ("NO_COLOR", "1")]);
        assert_eq!(colours(&environment, ColorDepth::Ansi16).status, Status::Note);
        assert!(colours(&environment, ColorDepth::Mono).found.as_str().contains("NO_COLOR is set"));
    }

    #[test]
    fn offsets_are_written_as_people_do() {
        assert_eq!(offset_words(0), "+00:00");
        assert_eq!(offset_words(7200), "+02:00");
        assert_eq!(offset_words(-12_600), "-03:30");
    }
}
