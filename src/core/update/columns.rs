//! Choosing the columns of the sessions table: which, in which order, and how wide. The table shows each change at once.

use crate::core::{
    command::Command,
    rows,
    state::{ColumnEntry, ColumnSheet, NoticeKind, Overlay, State},
    table::{ChosenColumn, Column, WIDTHS},
};

/// Opens the list, with the columns in force first.
pub(super) fn open(state: &mut State) {
    let sheet = ColumnSheet {
        cursor: 0,
        entries: entries(&state.reachable_columns()),
        before: state.settings.columns.clone(),
    };
    state.overlays.push(Overlay::Columns(Box::new(sheet)));
}

/// The chosen columns in their order, then the others.
fn entries(chosen: &[ChosenColumn]) -> Vec<ColumnEntry> {
    let shown = chosen.iter().map(|chosen| ColumnEntry { chosen: *chosen, shown: true });
    let others = Column::ALL.iter().filter(|column| !chosen.iter().any(|one| one.column == **column));
    shown.chain(others.map(|column| ColumnEntry { chosen: (*column).into(), shown: false })).collect()
}

/// Runs a command of the list.
pub(super) fn run(state: &mut State, command: Command) {
    let in_force = state.columns();
    let page = isize::try_from(rows::side_list_rows(state.screen, Column::ALL.len())).unwrap_or(1);
    let Some(Overlay::Columns(sheet)) = state.overlays.last_mut() else {
        return;
    };
    let last = sheet.entries.len().saturating_sub(1);
    let step = |by: isize| sheet.cursor.saturating_add_signed(by).min(last);
    match command {
        Command::MoveDown => sheet.cursor = step(1),
        Command::MoveUp => sheet.cursor = step(-1),
        Command::MoveFirst => sheet.cursor = 0,
        Command::MoveLast => sheet.cursor = last,
        Command::MoveHalfDown => sheet.cursor = step((page / 2).max(1)),
        Command::MoveHalfUp => sheet.cursor = step(-(page / 2).max(1)),
        Command::MovePageDown => sheet.cursor = step(page),
        Command::MovePageUp => sheet.cursor = step(-page),
        Command::ColumnToggle => {
            if !toggle(sheet) {
                return state.notify(NoticeKind::Warning, "one column must be left");
            }
            show(state);
        }
        Command::ColumnEarlier => shift(state, -1),
        Command::ColumnLater => shift(state, 1),
        Command::ColumnWider => resize(state, &in_force, 1),
        Command::ColumnNarrower => resize(state, &in_force, -1),
        Command::ColumnAuto => by_width(state),
        Command::ColumnKeep => keep(state),
        Command::Back => {
            let before = sheet.before.clone();
            state.overlays.pop();
            state.settings.columns = before;
        }
        _ => {}
    }
}

/// Shows or hides the column under the cursor. Says whether that is possible.
fn toggle(sheet: &mut ColumnSheet) -> bool {
    let shown = sheet.entries.iter().filter(|entry| entry.shown).count();
    let Some(entry) = sheet.entries.get_mut(sheet.cursor) else {
        return true;
    };
    if entry.shown && shown == 1 {
        return false;
    }
    entry.shown = !entry.shown;
    true
}

/// Moves the column under the cursor, and the cursor with it.
fn shift(state: &mut State, by: isize) {
    let Some(Overlay::Columns(sheet)) = state.overlays.last_mut() else {
        return;
    };
    let Some(to) = sheet.cursor.checked_add_signed(by).filter(|to| *to < sheet.entries.len()) else {
        return;
    };
    sheet.entries.swap(sheet.cursor, to);
    sheet.cursor = to;
    show(state);
}

/// Makes the column under the cursor wider or narrower, from the width that it has.
fn resize(state: &mut State, in_force: &[(Column, u16)], by: i16) {
    let Some(Overlay::Columns(sheet)) = state.overlays.last_mut() else {
        return;
    };
    let Some(entry) = sheet.entries.get_mut(sheet.cursor) else {
        return;
    };
    let column = entry.chosen.column;
    let now = in_force.iter().find(|(other, _)| *other == column).map(|(_, width)| *width);
    let now = entry.chosen.width.or(now).unwrap_or_else(|| column.preferred_width());
    entry.chosen.width = Some(now.saturating_add_signed(by).clamp(*WIDTHS.start(), *WIDTHS.end()));
    show(state);
}

/// Lets the width of the screen choose again.
fn by_width(state: &mut State) {
    state.settings.columns = None;
    let chosen = state.reachable_columns();
    if let Some(Overlay::Columns(sheet)) = state.overlays.last_mut() {
        sheet.entries = entries(&chosen);
        sheet.cursor = 0;
    }
    state.notify(NoticeKind::Info, "the width of the screen chooses the columns again");
}

/// Puts the list into force.
fn show(state: &mut State) {
    let Some(Overlay::Columns(sheet)) = state.overlays.last() else {
        return;
    };
    let shown = sheet.entries.iter().filter(|entry| entry.shown).map(|entry| entry.chosen);
    state.settings.columns = Some(shown.collect());
}

/// Leaves the list, and says how the columns stay.
fn keep(state: &mut State) {
    state.overlays.pop();
    let words = "these columns come back with the next run; :save NAME keeps them in a view, columns.sessions for good";
    state.notify(NoticeKind::Info, words);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        fixtures::{Bench, session},
        key::{Key, KeyCode},
        msg::Msg,
    };
    use crate::domain::SessionState;

    fn bench() -> Bench {
        let mut bench = Bench::with(vec![session("1", "abel", SessionState::Connected, 5)]);
        bench.press("zc");
        assert!(matches!(bench.state.overlays.last(), Some(Overlay::Columns(_))));
        bench
    }

    fn shown(bench: &Bench) -> Vec<String> {
        bench.state.reachable_columns().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_column_is_hidden_moved_and_sized_and_escape_brings_all_back() {
        let mut bench = bench();
        let before = shown(&bench);
        assert_eq!(before[..3], ["user", "state", "idle"]);
        bench.press("j ");
        assert_eq!(shown(&bench)[..2], ["user", "idle"]);
        bench.press(" >");
        assert_eq!(shown(&bench)[..3], ["user", "idle", "state"]);
        bench.press("+");
        assert_eq!(shown(&bench)[2], "state:3");
        assert!(bench.state.columns().contains(&(Column::State, 3)));
        bench.press("--");
        assert_eq!(shown(&bench)[2], "state:2", "no column is narrower than two");
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        assert_eq!(bench.state.settings.columns, None);
        assert_eq!(shown(&bench), before);
    }

    #[test]
    fn enter_keeps_them_and_the_width_of_the_screen_can_choose_again() {
        let mut bench = bench();
        bench.press("j ");
        bench.send(Msg::Key(Key::plain(KeyCode::Enter)));
        assert!(bench.state.overlays.is_empty());
        assert_eq!(shown(&bench)[..2], ["user", "idle"]);
        bench.press("zc=");
        assert_eq!(bench.state.settings.columns, None);
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        assert_eq!(shown(&bench)[..2], ["user", "idle"], "what was kept before stays");
    }

    #[test]
    fn the_last_column_stays() {
        let mut bench = bench();
        bench.state.settings.columns = Some(vec![Column::User.into()]);
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        bench.state.settings.columns = Some(vec![Column::User.into()]);
        bench.press("zc ");
        assert_eq!(shown(&bench), ["user"]);
        assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("one column must be left"));
    }

    #[test]
    fn columns_beyond_the_edge_are_reached_by_the_column_cursor() {
        let mut bench = bench();
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        let wide = |column| ChosenColumn { column, width: Some(30) };
        let chosen = [Column::User, Column::Pool, Column::Machine, Column::Gateway];
        bench.state.settings.columns = Some(chosen.map(wide).to_vec());
        bench.state.screen.width = 80;
        let on_screen = |bench: &Bench| -> Vec<Column> {
            bench.state.columns().iter().map(|(column, _)| *column).collect()
        };
        let first = on_screen(&bench);
        assert!(first.len() < 4, "{first:?}");
        bench.press("lll");
        let panned = on_screen(&bench);
        assert_eq!((panned[0], *panned.last().unwrap()), (Column::User, Column::Gateway));
        bench.press("hhh");
        assert_eq!(on_screen(&bench), first);
    }

    #[test]
    fn a_first_column_that_leaves_no_room_gives_way_to_the_chosen_one() {
        let mut bench = bench();
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        let width = crate::core::rows::Rows::of(&bench.state).columns.min(80);
        bench.state.screen.width = width;
        let wide = |column| ChosenColumn { column, width: Some(80) };
        bench.state.settings.columns = Some([Column::User, Column::Pool].map(wide).to_vec());
        bench.press("l");
        assert_eq!(bench.state.columns()[0].0, Column::Pool);
    }
}
