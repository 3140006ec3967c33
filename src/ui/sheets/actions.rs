//! The menu of verbs: every one with its letter and for how many targets it is legal; the others say why not. Below
//! the list everything about the chosen one can be read in full.

use ratatui::layout::Rect;

use crate::{
    core::{
        cloud::is_cloud,
        state::{ActionMenu, State, VerbChoice},
    },
    domain::Verb,
    ui::{
        pen::{Pen, piece},
        text::{self, counted},
        theme::Role,
        time::Clock,
    },
};

use super::{
    old,
    sheet::{draw_menu_hints, menu_hints, popup},
};

/// Columns inside the menu, where the screen has them.
const WIDTH: u16 = 86;

/// What stands beside a verb of which it is not known whether the account may use it.
const UNDECIDED: &str = "unknown: the server decides";

/// Draws the menu.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, menu: &ActionMenu, clock: &Clock) {
    let title = format!("ACT on {}", counted(menu.targets.len(), "session", "sessions"));
    let width = WIDTH.min(state.screen.width.saturating_sub(4));
    let read_at = state.sessions.newest().map(|table| table.fetched_at());
    let warning = read_at.and_then(|read_at| old::warning(state, read_at, clock));
    let band = u16::from(warning.is_some());
    // As many lines as the longest text needs, so that the menu stays where it is while one moves through it.
    let texts: Vec<String> = menu.choices.iter().map(|choice| in_full(state, choice)).collect();
    let longest = texts.iter().map(|text| text::wrap(text, usize::from(width)).len()).max().unwrap_or(0);
    let choices = menu.choices.len() as u16;
    let hints = menu_hints(state, width);
    let keys = hints.len() as u16;
    // Around them: the band, a rule above and the keys below.
    let inside = popup(pen, state, &title, width, choices + longest as u16 + band + 1 + keys);
    if let Some(warning) = warning {
        pen.line(inside, 0, &[piece(format!("! {warning}"), Role::Stale)], &[]);
        pen.tint(inside, 0, Role::Stale);
    }
    let share = menu.choices.iter().map(|choice| text::width(&share(choice, menu))).max().unwrap_or(0);
    for (row, (place, choice)) in (band..).zip(menu.choices.iter().enumerate()) {
        draw_choice(pen, inside, row, (state, choice), &text::left(&self::share(choice, menu), share, ""));
        if place == menu.cursor {
            pen.text(inside, inside.x, row, ">", Role::Accent);
            pen.tint(inside, row, Role::Selection);
        }
    }
    let rule = band + choices;
    let last = inside.height.saturating_sub(keys);
    if rule < last {
        pen.rule(inside, rule, Role::Border);
    }
    if let (Some(choice), Some(words)) = (menu.choices.get(menu.cursor), texts.get(menu.cursor)) {
        let role = if choice.is_enabled() { Role::Text } else { Role::Warning };
        let lines = text::wrap(words, usize::from(inside.width));
        for (row, line) in (rule + 1..last).zip(lines) {
            pen.text(inside, inside.x, row, line.trim_end(), role);
        }
    }
    draw_menu_hints(pen, inside, hints);
}

/// For how many of the targets it is legal.
fn share(choice: &VerbChoice, menu: &ActionMenu) -> String {
    format!("{} of {}", choice.eligible, menu.targets.len())
}

/// Why it is not legal for the others: `48x needs MACHINE_REBOOT`.
fn reasons(choice: &VerbChoice) -> String {
    let reasons: Vec<String> =
        choice.reasons.iter().map(|(reason, count)| format!("{count}x {reason}")).collect();
    reasons.join(", ")
}

/// What it does. Over Workspace no session is locked, and none can be forced.
fn describe(state: &State, choice: &VerbChoice) -> &'static str {
    match choice.verb {
        Verb::Logoff if is_cloud(state) && !choice.warns => "end the session; unsaved work is lost",
        _ => choice.describe(),
    }
}

/// What it does and why it is not legal for some, in full.
fn in_full(state: &State, choice: &VerbChoice) -> String {
    let does = describe(state, choice);
    let not =
        if choice.reasons.is_empty() { String::new() } else { format!(". Not for: {}", reasons(choice)) };
    let open = match choice.unknown {
        0 => String::new(),
        count => {
            format!(". Whether this account may is unknown for {count} of them: the server decides")
        }
    };
    format!("{does}{not}{open}")
}

fn draw_choice(pen: &mut Pen<'_>, area: Rect, row: u16, (state, choice): (&State, &VerbChoice), share: &str) {
    let enabled = choice.is_enabled();
    let verb = choice.verb;
    let title_role = match (enabled, verb.is_forceful()) {
        (false, _) => Role::Disabled,
        (true, true) => Role::Forced,
        (true, false) => Role::Text,
    };
    let key_role = if enabled { Role::Key } else { Role::Disabled };
    let letter = if enabled { format!(" {} ", choice.letter()) } else { format!("({})", choice.letter()) };
    let (words, role) = match (enabled, choice.reasons.is_empty()) {
        // What it costs comes before how it works: the end of the line may be cut.
        (true, _) if verb.is_forceful() && choice.unknown > 0 => {
            (format!("unsaved work is lost; {UNDECIDED}"), Role::Forced)
        }
        (true, _) if verb.is_forceful() => ("unsaved work is lost".to_owned(), Role::Forced),
        (true, true) if choice.unknown > 0 => (UNDECIDED.to_owned(), Role::Muted),
        (true, true) => (describe(state, choice).to_owned(), Role::Muted),
        (true, false) => (format!("not: {}", reasons(choice)), Role::Warning),
        (false, _) => (format!("no: {}", reasons(choice)), Role::Disabled),
    };
    let left = [
        piece(" ", Role::Text),
        piece(letter, key_role),
        piece(format!(" {} ", text::left(choice.title(), 16, "")), title_role),
        piece(format!("{share}  "), if enabled { Role::Text } else { Role::Disabled }),
        piece(words, role),
    ];
    pen.line(area, row, &left, &[]);
}
