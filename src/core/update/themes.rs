//! Choosing a theme: by its name, or from the list, where the one under the cursor is shown at once.

use crate::core::{
    command::Command,
    looks::Looks,
    rows,
    state::{NoticeKind, Overlay, State},
};

/// Why there is nothing to choose from.
const NO_COLOURS: &str = "colours are off (NO_COLOR, or a terminal without any): all themes look alike";

/// Opens the list at the theme in force.
pub(super) fn open(state: &mut State) {
    let looks = &state.settings.looks;
    if !looks.has_colours {
        return state.notify(NoticeKind::Warning, NO_COLOURS);
    }
    let cursor = looks.place();
    state.overlays.push(Overlay::Themes { cursor });
}

/// Runs a command of the list.
pub(super) fn run(state: &mut State, command: Command) {
    let Some(Overlay::Themes { cursor }) = state.overlays.last() else {
        return;
    };
    let (cursor, looks) = (*cursor, &state.settings.looks);
    let page = isize::try_from(rows::side_list_rows(state.screen, looks.choices.len())).unwrap_or(1);
    let moved = match command {
        Command::MoveDown => cursor.saturating_add(1),
        Command::MoveUp => cursor.saturating_sub(1),
        Command::MoveFirst => 0,
        Command::MoveLast => usize::MAX,
        Command::MoveHalfDown => cursor.saturating_add_signed((page / 2).max(1)),
        Command::MoveHalfUp => cursor.saturating_add_signed(-(page / 2).max(1)),
        Command::MovePageDown => cursor.saturating_add_signed(page),
        Command::MovePageUp => cursor.saturating_add_signed(-page),
        Command::ThemePair => match looks.pair_of(cursor) {
            Some(pair) => pair,
            None if looks.choices.get(cursor).is_some_and(|choice| choice.objection.is_some()) => {
                return state
                    .notify(NoticeKind::Warning, "its file cannot be read, so its other is not known");
            }
            None => return state.notify(NoticeKind::Info, "this theme has no other for that"),
        },
        Command::ThemeKeep => return keep(state, cursor),
        Command::Back => {
            state.overlays.pop();
            return;
        }
        _ => return,
    };
    let last = looks.choices.len().saturating_sub(1);
    if let Some(Overlay::Themes { cursor }) = state.overlays.last_mut() {
        *cursor = moved.min(last);
    }
}

/// Takes the theme of a line, and leaves the list.
fn keep(state: &mut State, place: usize) {
    let Some(choice) = state.settings.looks.choices.get(place).cloned() else {
        return;
    };
    if let Some(objection) = choice.objection {
        // The list says it in full.
        return state.notify(NoticeKind::Warning, &format!("{} cannot be used: {objection}", choice.name));
    }
    state.overlays.pop();
    take(state, choice.name.as_str());
}

/// Puts a theme in force, and says how it stays for good.
fn take(state: &mut State, name: &str) {
    let looks = &mut state.settings.looks;
    looks.theme = name.into();
    let words = format!("for this run; for good: theme = \"{name}\" in {}", looks.kept_in);
    state.notify(NoticeKind::Info, &words);
}

/// What is wrong with the name of a theme; without one there is nothing wrong.
pub(super) fn mistake(looks: &Looks, name: &str) -> Option<String> {
    match looks.find(name) {
        _ if name.is_empty() => None,
        Some(choice) => {
            let objection = choice.objection.as_ref()?;
            Some(format!("{} cannot be used: {objection}", choice.name))
        }
        None => {
            let nearest = looks.nearest(name).map_or_else(String::new, |near| format!("; nearest is {near}"));
            Some(format!("unknown theme: {name}{nearest}"))
        }
    }
}

/// Takes the theme of a name that has no [`mistake`]; without a name, opens the list.
pub(super) fn named(state: &mut State, name: &str) {
    if name.is_empty() {
        return open(state);
    }
    let Some(present) = state.settings.looks.find(name).map(|choice| choice.name.clone()) else {
        return;
    };
    take(state, present.as_str());
    if !state.settings.looks.has_colours {
        state.notify(NoticeKind::Warning, NO_COLOURS);
    }
}
