//! Keys of the menu and the sheets. Enter opens, it never fires; only the typed number or `y` on a plan sheet starts.

use std::sync::Arc;

use crate::{
    core::{
        bulk::{Confirmation, Report},
        command::{Command, Context},
        effect::Effect,
        key::{Key, KeyCode},
        rows::Rows,
        state::{JobSheet, NoticeKind, Overlay, PlanPage, PlanSheet, State},
    },
    domain::Text,
};

use super::{jobs, leave, plan_terms, plans};

/// Runs a command of the sheet on top.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if command == Command::Back {
        if one_layer_back(state) {
            return Vec::new();
        }
        return match state.overlays.pop() {
            Some(Overlay::Plan(sheet)) => plans::leave(state, sheet),
            _ => Vec::new(),
        };
    }
    let page = i32::from(lines(state).max(1));
    let step = match command {
        Command::MoveDown => 1,
        Command::MoveUp => -1,
        Command::MoveHalfDown => (page / 2).max(1),
        Command::MoveHalfUp => -(page / 2).max(1),
        Command::MovePageDown => page,
        Command::MovePageUp => -page,
        _ => 0,
    };
    if step != 0 {
        scroll(state, step);
        return Vec::new();
    }
    match state.overlays.last() {
        Some(Overlay::Actions(menu)) if command == Command::Accept => {
            match menu.choices.get(menu.cursor).map(|choice| (choice.verb, choice.warns)) {
                Some((_, true)) => plans::warn_first(state),
                Some((verb, false)) => plans::act(state, verb),
                None => Vec::new(),
            }
        }
        Some(Overlay::Plan(_)) => plan_sheet(state, command),
        Some(Overlay::Job(sheet)) => {
            let sheet = sheet.clone();
            jobs::run(state, &sheet, command)
        }
        Some(Overlay::Leave) => leave::run(state, command),
        _ => Vec::new(),
    }
}

/// About as many lines as the summary of a plan has.
const SUMMARY_LINES: usize = 40;
/// Why a plan does not start whose text asks for a ticket.
pub(super) fn no_ticket(state: &State) -> String {
    format!("{{ticket}} is empty: {} sets it", state.key(Context::PlanSheet, Command::PlanTicket))
}
/// About as many lines as the details of a session have.
const DETAIL_LINES: usize = 90;
/// About as many lines as the help has.
const HELP_LINES: usize = 1_500;

/// Goes back within the sheet on top: from a list to what it was opened from. Says whether there was such a layer.
fn one_layer_back(state: &mut State) -> bool {
    match state.overlays.last_mut() {
        Some(Overlay::Job(sheet)) if sheet.names => {
            sheet.names = false;
            sheet.scroll = 0;
            true
        }
        Some(Overlay::Plan(sheet)) if sheet.page != PlanPage::Summary => {
            sheet.page = PlanPage::Summary;
            sheet.scroll = 0;
            true
        }
        _ => false,
    }
}

/// The lines that the list of the sheet on top has.
fn lines(state: &State) -> u16 {
    let rows = Rows::of(state);
    if matches!(state.overlays.last(), Some(Overlay::Detail { .. })) { rows.card } else { rows.sheet }
}

/// Moves the cursor or the list of the sheet on top.
fn scroll(state: &mut State, step: i32) {
    let step = isize::try_from(step).unwrap_or(0);
    let moved = |place: usize, length: usize| place.saturating_add_signed(step).min(length.saturating_sub(1));
    // A list stops when its last line is at the bottom, so that the next key back moves it at once.
    let rows = usize::from(lines(state));
    let scrolled = |first: usize, length: usize| moved(first, length.saturating_sub(rows) + 1);
    let lengths = match state.overlays.last() {
        Some(Overlay::Job(sheet)) => {
            let report = state.jobs.iter().find(|job| job.id == sheet.job).map(Report::of);
            let groups = report.as_ref().map_or(0, |report| report.groups.len());
            let names =
                report.and_then(|report| report.groups.get(sheet.cursor).map(|group| group.places.len()));
            (groups, names.unwrap_or(0))
        }
        _ => (0, 0),
    };
    match state.overlays.last_mut() {
        Some(Overlay::Actions(menu)) => menu.cursor = moved(menu.cursor, menu.choices.len()),
        Some(Overlay::Plan(sheet)) => sheet.scroll = scrolled(sheet.scroll, list_length(sheet)),
        Some(Overlay::Job(sheet)) if sheet.names => sheet.scroll = scrolled(sheet.scroll, lengths.1),
        Some(Overlay::Job(sheet)) => {
            sheet.cursor = moved(sheet.cursor, lengths.0);
            sheet.scroll = 0;
        }
        // How many lines these have only the drawing knows; it stops at the last one.
        Some(Overlay::Detail { scroll, .. } | Overlay::WhoAmI { scroll } | Overlay::Governor { scroll }) => {
            *scroll = scrolled(*scroll, DETAIL_LINES);
        }
        Some(Overlay::Help { scroll, .. }) => *scroll = scrolled(*scroll, HELP_LINES),
        Some(_) | None => {}
    }
}

/// Lines of the list that a plan sheet shows.
fn list_length(sheet: &PlanSheet) -> usize {
    match sheet.page {
        PlanPage::Summary => SUMMARY_LINES,
        PlanPage::Targets => sheet.plan.to_send.len(),
        PlanPage::HeldBack => sheet.plan.held_back.len(),
        PlanPage::Hidden => sheet.plan.hidden(),
    }
}

/// Takes a digit or a correction of the number.
pub(super) fn type_number(typed: &mut String, complaint: &mut Option<Text>, key: Key) -> bool {
    match key.code {
        KeyCode::Char(digit) if digit.is_ascii_digit() && !key.ctrl => {
            if typed.len() < 7 {
                typed.push(digit);
            }
        }
        KeyCode::Backspace => {
            typed.pop();
        }
        _ => return false,
    }
    *complaint = None;
    true
}

fn plan_sheet(state: &mut State, command: Command) -> Vec<Effect> {
    if plan_terms::edit(state, command) {
        return Vec::new();
    }
    if command == Command::PlanSave {
        return plan_terms::save(state);
    }
    let confirm = state.key(Context::PlanSheet, Command::Confirm);
    let Some(Overlay::Plan(sheet)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    let confirmation = sheet.plan.confirmation();
    sheet.scroll =
        if matches!(command, Command::PlanTargets | Command::PlanHidden) { 0 } else { sheet.scroll };
    match command {
        Command::PlanTargets => {
            sheet.page = match sheet.page {
                PlanPage::Summary => PlanPage::Targets,
                PlanPage::Targets if !sheet.plan.held_back.is_empty() => PlanPage::HeldBack,
                PlanPage::Targets | PlanPage::HeldBack | PlanPage::Hidden => PlanPage::Summary,
            };
        }
        Command::PlanHidden => {
            let hidden = sheet.page == PlanPage::Hidden;
            sheet.page = if hidden { PlanPage::Summary } else { PlanPage::Hidden };
        }
        Command::Confirm => match confirmation {
            Confirmation::Key => return start(state),
            Confirmation::Number(count) => {
                sheet.complaint = Some(Text::clean(&format!("type {count}, then Enter")));
            }
            Confirmation::Nothing => sheet.complaint = Some(Text::clean("there is nothing to send")),
        },
        Command::Accept => match confirmation {
            Confirmation::Number(count) if sheet.typed.parse() == Ok(count) => return start(state),
            Confirmation::Number(count) => {
                sheet.complaint = Some(Text::clean(&format!("type {count} to start; nothing was sent")));
                sheet.typed.clear();
            }
            Confirmation::Key => {
                sheet.complaint =
                    Some(Text::clean(&format!("{confirm} starts it, Esc cancels; nothing was sent")));
            }
            Confirmation::Nothing => sheet.complaint = Some(Text::clean("there is nothing to send")),
        },
        _ => {}
    }
    Vec::new()
}

/// Starts the plan on top as a job and opens its sheet.
fn start(state: &mut State) -> Vec<Effect> {
    let no_ticket = no_ticket(state);
    let Some(Overlay::Plan(sheet)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    if !sheet.plan.put_ticket_in_texts() {
        sheet.complaint = Some(Text::clean(&no_ticket));
        return Vec::new();
    }
    let Some(Overlay::Plan(sheet)) = state.overlays.pop() else {
        return Vec::new();
    };
    if state.settings.read_only {
        state.notify(NoticeKind::Warning, "read-only: nothing was sent");
        return Vec::new();
    }
    let plan = Arc::new(sheet.plan);
    // Whatever led here is done: the composer below, or the sheet of the job whose failures are retried.
    state
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::Composer(_) | Overlay::Job(_) | Overlay::Actions(_)));
    jobs::start(state, plan)
}

impl JobSheet {
    /// The sheet of a job, with the first cause under the cursor.
    pub fn new(job: crate::domain::JobId) -> Self {
        Self { job, cursor: 0, names: false, scroll: 0, complaint: None }
    }
}
