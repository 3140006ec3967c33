//! What changed since some time ago, and the way from there to a session.

use crate::{
    core::{
        command::Command,
        filter::duration_seconds,
        past::DiffSheet,
        rows::Rows,
        state::{NoticeKind, Overlay, State, Tab},
    },
    domain::SessionId,
};

use super::commands;

/// So many seconds, when nobody says how many.
pub(super) const USUAL: i64 = 15 * 60;

/// Seconds as they are typed behind `:diff`.
fn seconds(argument: &str) -> Option<i64> {
    if argument.is_empty() {
        return Some(USUAL);
    }
    duration_seconds(argument).filter(|seconds| *seconds > 0)
}

/// What is wrong with a time.
pub(super) fn mistake(argument: &str) -> Option<String> {
    seconds(argument).is_none().then(|| "diff takes a time such as 15m, 1h or 1h30m".to_owned())
}

/// Shows what changed within a time that has no [`mistake`].
pub(super) fn named(state: &mut State, argument: &str) {
    if let Some(seconds) = seconds(argument) {
        open(state, seconds);
    }
}

/// Shows what changed in the last seconds.
pub(super) fn open(state: &mut State, seconds: i64) {
    let Some(table) = state.sessions.newest() else {
        return state.notify(NoticeKind::Info, "the list of sessions has not been read yet");
    };
    let sheet = DiffSheet::new(&state.sessions.past, table.rows(), state.now, seconds);
    // Asked again from the sheet, the new one takes its place.
    state.overlays.retain(|overlay| !matches!(overlay, Overlay::Diff(_)));
    state.overlays.push(Overlay::Diff(Box::new(sheet)));
}

/// Asks once more for the same time, until now.
fn again(state: &mut State) {
    let Some(Overlay::Diff(sheet)) = state.overlays.last() else { return };
    let (seconds, session) = (sheet.seconds, sheet.current().map(|change| change.session.clone()));
    open(state, seconds);
    if let (Some(Overlay::Diff(sheet)), Some(session)) = (state.overlays.last_mut(), session) {
        sheet.move_to(&session);
    }
}

/// Runs a command of the sheet.
pub(super) fn run(state: &mut State, command: Command) {
    let page = isize::try_from(Rows::of(state).sheet.max(1)).unwrap_or(1);
    let Some(Overlay::Diff(sheet)) = state.overlays.last_mut() else { return };
    match command {
        Command::MoveDown => sheet.move_by(1),
        Command::MoveUp => sheet.move_by(-1),
        Command::MoveHalfDown => sheet.move_by((page / 2).max(1)),
        Command::MoveHalfUp => sheet.move_by(-(page / 2).max(1)),
        Command::MovePageDown => sheet.move_by(page),
        Command::MovePageUp => sheet.move_by(-page),
        Command::MoveFirst => sheet.move_by(isize::MIN),
        Command::MoveLast => sheet.move_by(isize::MAX),
        Command::DiffGoto => match sheet.current().map(|change| change.session.clone()) {
            Some(session) => drop(go_to(state, &session)),
            None => state.notify(NoticeKind::Info, "choose a session below this heading"),
        },
        Command::DiffAgain => again(state),
        Command::Back => drop(state.overlays.pop()),
        _ => {}
    }
}

/// Puts the cursor of the table on a session and closes what lies above the table; says why where that is not possible.
pub(super) fn go_to(state: &mut State, session: &SessionId) -> bool {
    if state.sessions.view.move_to(session) {
        state.overlays.clear();
        commands::show_tab(state, Tab::Sessions);
        return true;
    }
    let table = state.sessions.view.table();
    let is_listed = table.find(session).is_some();
    let is_gone = table.proves_absence(state.sessions.view.home(session));
    let words = match (is_listed, is_gone) {
        (true, _) => "the filter hides this session",
        (false, true) => "this session has ended: it is not in the list any more",
        (false, false) => "this session is not in the part of the list that could be read",
    };
    state.notify(NoticeKind::Warning, words);
    false
}
