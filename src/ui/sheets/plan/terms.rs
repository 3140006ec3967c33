//! The lines of the summary on how the plan is carried out: guard, pace, ticket, and the command line that does the same.

use crate::{
    core::{
        bulk::Plan,
        command::{Command, Context},
        state::{PlanSheet, State},
    },
    domain::Verb,
    ui::{pen::piece, text, theme::Role, time::duration},
};

use super::summary::{Line, Part};

/// Columns of the words before each line.
const LABEL: usize = 9;

/// Whether those are warned again who are tried again after a course; `None` where that is no question.
pub(super) fn warned_again(state: &State, plan: &Plan) -> Option<(String, Role)> {
    let parent = plan.retry_of.as_ref()?;
    let course = state.jobs.iter().find(|job| job.plan.id == *parent)?.plan.terms.course.as_ref()?;
    if plan.verb == Verb::Message {
        return None;
    }
    Some(if plan.terms.course.is_some() {
        let minutes = duration(i64::from(course.wait_seconds));
        (format!("The course begins anew: all are warned, then have {minutes}."), Role::Warning)
    } else {
        (format!("NOT WARNED AGAIN: the warning of {parent} is not repeated."), Role::Danger)
    })
}

/// What must still hold for each target.
pub(super) fn guard(state: &State, open: &PlanSheet, width: u16, ellipsis: &str) -> Line {
    let (words, role) = match &open.plan.terms.guard {
        Some(guard) => (guard.to_string(), Role::Text),
        None => ("same user and log-in, not reconnected".to_owned(), Role::Muted),
    };
    let edit = state.key(Context::PlanSheet, Command::PlanGuard);
    line("Only if", &words, role, Some(&edit), width, ellipsis)
}

/// How fast, for what ticket, and how to do the same without a screen.
pub(super) fn lines(state: &State, open: &PlanSheet, width: u16, ellipsis: &str) -> Vec<Line> {
    let terms = &open.plan.terms;
    let ticket = terms.ticket.as_ref().map_or("none", |ticket| ticket.as_str());
    let ticket_role = if terms.ticket.is_some() { Role::Text } else { Role::Muted };
    let edit = |command| state.key(Context::PlanSheet, command);
    let (pace, about) = (edit(Command::PlanPace), edit(Command::PlanTicket));
    vec![
        line("Pace", &terms.pace.to_string(), Role::Text, Some(&pace), width, ellipsis),
        line("Ticket", ticket, ticket_role, Some(&about), width, ellipsis),
        line("Equal to", &command_line(state, open), Role::Muted, None, width, ellipsis),
    ]
}

/// The whole command line once more where [`lines`] had to cut it: half of one is of no use to anybody.
pub(super) fn whole_command(state: &State, open: &PlanSheet, width: u16, ellipsis: &str) -> Vec<Line> {
    let room = usize::from(width).saturating_sub(LABEL);
    let rows = text::wrap_command(&command_line(state, open), room);
    if rows.len() < 2 {
        return Vec::new();
    }
    // A word that is longer than a line is broken all the same: it is read, if not copied.
    let rows = rows.iter().flat_map(|row| text::wrap(row, room));
    let labels = std::iter::once("Equal to").chain(std::iter::repeat(""));
    let rows = labels.zip(rows).map(|(label, words)| line(label, words, Role::Muted, None, width, ellipsis));
    std::iter::once(Vec::new()).chain(rows).collect()
}

fn command_line(state: &State, open: &PlanSheet) -> String {
    let line = open.command_line();
    // A plan of a simulated estate is not saved: nothing of it is there any more when it could be applied.
    if state.settings.demo.is_some() && line.starts_with("foretop apply ") {
        return "none: the simulated estate ends with this program".to_owned();
    }
    state.settings.for_this_estate(&line)
}

/// A label, words that are cut where there is no room, and the key that changes them.
fn line(label: &str, words: &str, role: Role, edit: Option<&str>, width: u16, ellipsis: &str) -> Line {
    let hint = edit.map(|key| format!("[{key}] edit"));
    let taken = LABEL + hint.as_ref().map_or(0, |hint| text::width(hint) + 1);
    let room = usize::from(width).saturating_sub(taken);
    let left = vec![
        piece(text::left(label, LABEL, ""), Role::Muted),
        piece(text::cut(words, room, ellipsis).into_owned(), role),
    ];
    let right = hint.map(|hint| piece(hint, Role::Key)).into_iter().collect();
    vec![Part { x: 0, width, left, right }]
}
