//! The menu of changes, the sheet of a plan of changes, and its job.

mod job;
#[cfg(test)]
mod tests;

use ratatui::layout::Rect;

use crate::{
    core::{
        change::{ChangeConfirmation, ChangePlan},
        cloud::is_cloud,
        command::{Command, Context},
        state::{ChangeChoice, ChangeMenu, ChangeSheet, State},
    },
    domain::Text,
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        text::{self, counted},
        theme::Role,
        time::Clock,
    },
};

use super::{
    page::{Line, draw_page, wrapped},
    sheet::{Sheet, draw_menu_hints, menu_hints, popup},
};

pub(super) use job::draw as draw_job;

/// Columns inside the menu, where the screen has them.
const WIDTH: u16 = 76;
/// Lines at the end of the sheet of a plan that are always there: what it takes to start it.
const CONFIRMATION: u16 = 2;
/// So many changes are few: what follows from them can be read below them.
const FEW: usize = 3;
/// The title of what follows.
const FOLLOWS: &str = "WHAT FOLLOWS";

/// Draws the menu: each line with its letter, those that cannot be chosen with the reason. Below the list the chosen
/// one can be read in full.
pub(super) fn draw_menu(pen: &mut Pen<'_>, state: &State, menu: &ChangeMenu) {
    let width = WIDTH.min(state.screen.width.saturating_sub(4));
    let texts: Vec<String> = menu.choices.iter().map(|choice| in_full(state, choice)).collect();
    let longest = texts.iter().map(|text| text::wrap(text, usize::from(width)).len()).max().unwrap_or(0);
    let choices = menu.choices.len() as u16;
    let hints = menu_hints(state, width);
    let keys = hints.len() as u16;
    let inside = popup(pen, state, menu.title.as_str(), width, choices + longest as u16 + 1 + keys);
    for (row, (place, choice)) in (0..).zip(menu.choices.iter().enumerate()) {
        draw_choice(pen, inside, row, &state.key(Context::ChangeMenu, choice.command), choice);
        if place == menu.cursor {
            pen.text(inside, inside.x, row, ">", Role::Accent);
            pen.tint(inside, row, Role::Selection);
        }
    }
    let last = inside.height.saturating_sub(keys);
    if choices < last {
        pen.rule(inside, choices, Role::Border);
    }
    if let (Some(choice), Some(words)) = (menu.choices.get(menu.cursor), texts.get(menu.cursor)) {
        let role = if choice.objection.is_none() { Role::Text } else { Role::Warning };
        let lines = text::wrap(words, usize::from(inside.width));
        for (row, line) in (choices + 1..last).zip(lines) {
            pen.text(inside, inside.x, row, line.trim_end(), role);
        }
    }
    draw_menu_hints(pen, inside, hints);
}

/// What it does, or why it cannot be done, in full.
fn in_full(state: &State, choice: &ChangeChoice) -> String {
    let in_cloud = is_cloud(state);
    match (&choice.objection, choice.command) {
        (Some(objection), _) => format!("Cannot {}: {objection}", choice.label),
        (None, Command::ChangeNew) if in_cloud => {
            "Opens a form: users, or one group of users, that may use it from then on".to_owned()
        }
        (None, Command::ChangeDelete) if in_cloud => {
            "Shows the plan: who may not use it any more; nothing is sent before it is confirmed".to_owned()
        }
        (None, command) => command.describe().to_owned(),
    }
}

fn draw_choice(pen: &mut Pen<'_>, area: Rect, row: u16, letter: &str, choice: &ChangeChoice) {
    let enabled = choice.objection.is_none();
    let letter = if enabled { format!(" {letter} ") } else { format!("({letter})") };
    let role = match (enabled, choice.command) {
        (false, _) => Role::Disabled,
        (true, Command::ChangeDelete | Command::ServerReboot | Command::ServerRebootHard) => Role::Danger,
        (true, _) => Role::Text,
    };
    let mut pieces = vec![
        piece(" ", Role::Text),
        piece(letter, if enabled { Role::Key } else { Role::Disabled }),
        piece(format!(" {}", choice.label), role),
    ];
    if let Some(objection) = &choice.objection {
        pieces.push(piece(format!("  no: {objection}"), Role::Disabled));
    }
    pen.line(area, row, &pieces, &[]);
}

/// Draws the sheet of a plan: all that would be sent and what changes, what is held back and why, what follows.
pub(super) fn draw_sheet(pen: &mut Pen<'_>, state: &State, open: &ChangeSheet, clock: &Clock) {
    let plan = &open.plan;
    let role = if plan.is_destructive() { Role::Danger } else { Role::Heading };
    let mut title =
        vec![piece(format!("PLAN {}  ", plan.id), Role::Accent), piece(plan.title.to_string(), role)];
    if let Some(parent) = &plan.retry_of {
        title.push(piece(format!("  retry of {parent}"), Role::Muted));
    }
    let made = format!("made {}", clock.time(plan.made_at));
    let sheet = Sheet::open(pen, state, &title, Some(&made));
    let body = sheet.body;
    let head = Rect { height: body.height.saturating_sub(CONFIRMATION), ..body };
    let foot = Rect { y: head.bottom(), height: body.height - head.height, ..body };
    draw_confirmation(pen, foot, state, open);
    let lines = plan_lines(state, plan, head.width);
    let part = draw_page(pen, head, &lines, open.scroll);
    let right = if part.is_empty() {
        part
    } else {
        format!("more [{}]  {part}", state.key(Context::ChangeSheet, Command::MoveDown))
    };
    sheet.close(pen, state, open.complaint.as_ref(), "nothing sent so far", &right);
}

/// Everything about a plan. What must not be overlooked comes first, and what is long later.
fn plan_lines(state: &State, plan: &ChangePlan, width: u16) -> Vec<Line> {
    let mut lines = Vec::new();
    for warning in &plan.warnings {
        lines.extend(wrapped("! ", warning.as_str(), Role::Danger, width));
    }
    if plan.items.len() > FEW {
        section(&mut lines, FOLLOWS, &plan.consequences, width);
    }
    if !lines.is_empty() {
        lines.push(Line::blank());
    }
    lines.push(scope(plan));
    for (number, item) in (1..).zip(&plan.items) {
        let kind = item.change.kind();
        let role = if kind.is_destructive() { Role::Danger } else { Role::Text };
        let words = format!("{}  {}", kind.label(), item.label);
        lines.extend(wrapped(&format!("{number:>4}  "), &words, role, width));
        for detail in &item.details {
            lines.extend(wrapped("        ", detail.as_str(), Role::Muted, width));
        }
        if let Some(before) = item.after {
            let words = format!("only when {} has worked", before + 1);
            lines.push(Line::of(format!("        {words}"), Role::Muted));
        }
    }
    if !plan.held_back.is_empty() {
        lines.push(Line::blank());
        lines.push(Line::of("HELD BACK (listed, never silent)", Role::Heading));
        for held in &plan.held_back {
            let words = format!("{}: {}", held.label, held.reason);
            lines.extend(wrapped("   -  ", &words, Role::Warning, width));
        }
    }
    if plan.items.len() <= FEW {
        section(&mut lines, FOLLOWS, &plan.consequences, width);
    }
    if let Some(command) = &plan.command {
        lines.push(Line::blank());
        lines.push(Line::of("THE SAME WITHOUT A SCREEN", Role::Heading));
        let command = state.settings.for_this_estate(command.as_str());
        let rows = text::wrap_command(&command, usize::from(width).saturating_sub(2));
        lines.extend(rows.iter().flat_map(|row| wrapped("  ", row, Role::Text, width)));
    }
    lines
}

/// How many will be sent and are held back, of how many that were asked for.
fn scope(plan: &ChangePlan) -> Line {
    let held = plan.held_back.len();
    let role = if held == 0 { Role::Muted } else { Role::Warning };
    let left = vec![
        piece(format!("WILL BE SENT  {}", plan.items.len()), Role::Heading),
        piece(format!("    held back  {held}"), role),
    ];
    // Shown + hidden = to be sent + held back.
    let all = match plan.hidden {
        0 => format!("of {}", counted(plan.len(), "change", "changes")),
        hidden => format!("of {} shown + {hidden} hidden", plan.len().saturating_sub(hidden)),
    };
    Line::new(left).with_right(all, Role::Muted)
}

fn section(lines: &mut Vec<Line>, title: &str, words: &[Text], width: u16) {
    if words.is_empty() {
        return;
    }
    if !lines.is_empty() {
        lines.push(Line::blank());
    }
    lines.push(Line::of(title, Role::Heading));
    for line in words {
        lines.extend(wrapped("  ", line.as_str(), Role::Text, width));
    }
}

/// Draws what it takes to start, with the terminal's cursor in what is typed.
fn draw_confirmation(pen: &mut Pen<'_>, area: Rect, state: &State, open: &ChangeSheet) {
    pen.rule(area, 0, Role::Border);
    let accept = state.key(Context::ChangeSheet, Command::Accept);
    let typed = open.typed.text().to_owned();
    let told = |words: String, role: Role| vec![piece(words, role)];
    let (left, in_typed): (Vec<Piece<'static>>, bool) = match open.plan.confirmation() {
        ChangeConfirmation::Nothing => (told("There is nothing to send.".to_owned(), Role::Warning), false),
        _ if state.settings.read_only => {
            (told("READ-ONLY: this plan cannot be started.".to_owned(), Role::ReadOnly), false)
        }
        ChangeConfirmation::Key => {
            let confirm = state.key(Context::ChangeSheet, Command::Confirm);
            let words = format!(" starts it: {}.", counted(open.plan.items.len(), "change", "changes"));
            (vec![piece(confirm, Role::Key), piece(words, Role::Text)], false)
        }
        ChangeConfirmation::Number(count) => {
            (vec![piece(format!("Type {count} then {accept} to start: "), Role::Text)], true)
        }
        ChangeConfirmation::Words(words) => (
            vec![
                piece("Type \"", Role::Text),
                piece(words.to_string(), Role::Danger),
                piece(format!("\" then {accept}: "), Role::Text),
            ],
            true,
        ),
    };
    let before = pieces_width(&left);
    let mut left = left;
    if in_typed {
        left.push(piece(typed, Role::Input));
    }
    pen.line(area, 1, &left, &[]);
    if in_typed {
        pen.put_cursor(area, area.x + (before + open.typed.visual_cursor()) as u16, 1);
    }
}
