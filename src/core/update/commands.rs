//! What each command does where it was given.

use crate::core::{
    cloud::is_cloud,
    command::{Command, Context},
    effect::{Effect, ExitReason},
    line_input::LineInput,
    rows::Rows,
    state::{Focus, FrameMeasure, NoticeKind, Overlay, PromptKind, State, Tab},
    table::{Column, TableView},
};
use crate::domain::Verb;

use super::{
    card, changes, cloud, columns, connection, diff, event_detail, events, export, facets, federation, form,
    groups, images, keys, permissions, plans, prompt, records, rights, sessions, sheets, themes, views,
};

/// Runs a command in the present context.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    let context = keys::context(state);
    if let Some(effects) = global(state, command, context) {
        return effects;
    }
    match context {
        Context::Sessions if command == Command::OpenDetail => card::open_detail(state),
        Context::Sessions => {
            table(state, command);
            Vec::new()
        }
        Context::Events => event_pane(state, command),
        Context::Facets => facets::run(state, command),
        Context::Timeline | Context::Raw => {
            card::run(state, command);
            Vec::new()
        }
        Context::Diff => {
            diff::run(state, command);
            Vec::new()
        }
        Context::Composer => super::composer::run(state, command),
        Context::Permissions | Context::PermissionDetail => permissions::run(state, command, context),
        Context::Images | Context::ImageDetail => images::run(state, command, context),
        Context::ImageServers
        | Context::AppGroups
        | Context::AppServers
        | Context::CloudDetail
        | Context::Builds => cloud::run(state, command, context),
        Context::ChangeMenu | Context::ChangeSheet | Context::ChangeJobSheet => {
            changes::run(state, command, context)
        }
        Context::Form => form::run(state, command),
        Context::EventDetail => event_detail::run(state, command),
        Context::Pods => federation::run(state, command),
        Context::Themes => {
            themes::run(state, command);
            Vec::new()
        }
        Context::Columns => {
            columns::run(state, command);
            Vec::new()
        }
        Context::JobList | Context::RecordSheet | Context::ResumeSheet => {
            records::run(state, command, context)
        }
        Context::ActionMenu
        | Context::Planning
        | Context::PlanSheet
        | Context::JobSheet
        | Context::Detail
        | Context::WhoAmI
        | Context::Governor
        | Context::Help
        | Context::Leave => sheets::run(state, command),
    }
}

/// Commands that mean the same everywhere.
fn global(state: &mut State, command: Command, context: Context) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    match command {
        Command::ScopeToggle | Command::Pods if is_cloud(state) => {
            let words = format!("pods: {}", state.wire().not_offered());
            state.notify(NoticeKind::Warning, &words);
        }
        Command::Redraw => effects.push(Effect::Redraw),
        Command::Suspend => effects.push(Effect::Suspend),
        Command::Refresh => {
            connection::refresh_now(state);
            connection::refresh_pods(state);
            rights::refresh(state);
            effects.extend(records::refresh(state));
            match state.refusal().map(|fault| fault.message.to_string()) {
                Some(why) => state.notify(NoticeKind::Warning, &why),
                None => state.notify(NoticeKind::Info, "reading again"),
            }
        }
        Command::GoLast | Command::GoBack | Command::GoForward => {
            return Some(views::travel(state, command));
        }
        Command::View5 | Command::View6 | Command::View7 | Command::View8 | Command::View9 => {
            return crate::core::views::key_of(command).map(|key| views::by_key(state, key));
        }
        Command::ScreenDump => effects.extend(export::screen(state)),
        Command::CopyCell | Command::CopyRows => effects.extend(export::copy(state, command)),
        Command::ToggleAscii => state.settings.ascii = !state.settings.ascii,
        Command::ToggleUtc => state.settings.utc = !state.settings.utc,
        Command::ToggleMeasure => {
            state.measure = if state.measure.is_some() { None } else { Some(FrameMeasure::default()) };
        }
        Command::Help => {
            state.overlays.push(Overlay::Help { context, search: LineInput::default(), scroll: 0 });
        }
        Command::Timeline | Command::RawRecord => card::open(state, command),
        Command::CopyShown => effects.extend(card::copy(state)),
        Command::Builds => cloud::show_builds(state),
        Command::AppServers => cloud::show_app_servers(state),
        Command::Jobs => effects.extend(records::open_list(state)),
        Command::PromptCommand => prompt::open(state, PromptKind::Command),
        Command::TabSessions => show_tab(state, Tab::Sessions),
        Command::TabPermissions => show_tab(state, Tab::Permissions),
        Command::TabImages => show_tab(state, Tab::Images),
        Command::TabNext => show_tab(state, neighbour(state, true)),
        Command::TabPrevious => show_tab(state, neighbour(state, false)),
        Command::ScopeToggle => federation::toggle_scope(state),
        Command::Pods => federation::open_pods(state),
        Command::Themes => themes::open(state),
        Command::Columns => columns::open(state),
        Command::Governor => state.overlays.push(Overlay::Governor { scroll: 0 }),
        Command::WhoAmI => state.overlays.push(Overlay::WhoAmI { scroll: 0 }),
        Command::Quit => return Some(quit(state)),
        Command::ActionMenu => plans::open_menu(state),
        Command::Message => return Some(plans::act(state, Verb::Message)),
        Command::WarnLogoff => return Some(plans::warn_first(state)),
        Command::Disconnect => return Some(plans::act(state, Verb::Disconnect)),
        Command::Logoff => return Some(plans::act(state, Verb::Logoff)),
        Command::LogoffForced => return Some(plans::act(state, Verb::LogoffForced)),
        Command::Restart => return Some(plans::act(state, Verb::Restart)),
        Command::Reset => return Some(plans::act(state, Verb::Reset)),
        _ => return None,
    }
    Some(effects)
}

/// Shows a tab; what it shows is read when it is shown first.
pub(super) fn show_tab(state: &mut State, tab: Tab) {
    state.tab = tab;
    state.focus = Focus::Table;
    match tab {
        _ if is_cloud(state) => cloud::shown(state, tab),
        // The latter is there over Workspace only.
        Tab::Sessions | Tab::AppServers => {}
        Tab::Permissions => permissions::shown(state),
        Tab::Images => images::shown(state),
    }
}

/// The next tab, or the one before, around the end.
fn neighbour(state: &State, next: bool) -> Tab {
    let tabs = Tab::of(state.wire());
    let place = tabs.iter().position(|tab| *tab == state.tab).unwrap_or(0);
    let steps = if next { 1 } else { tabs.len() - 1 };
    tabs.get((place + steps) % tabs.len()).copied().unwrap_or_default()
}

/// Leaves, or asks first while a job runs.
pub(super) fn quit(state: &mut State) -> Vec<Effect> {
    if state.has_running_job() {
        if !matches!(state.overlays.last(), Some(Overlay::Leave)) {
            state.overlays.push(Overlay::Leave);
        }
        return Vec::new();
    }
    vec![Effect::Exit(ExitReason::Left)]
}

/// The first key of a command where the keys go now.
pub(super) fn key_here(state: &State, command: Command) -> String {
    state.key(super::keys::context(state), command)
}

/// Gives the keys to the event pane, if it is to be seen.
pub(super) fn focus_events(state: &mut State) {
    if Rows::of(state).events == 0 {
        let shows = key_here(state, Command::EventSize);
        state.notify(NoticeKind::Info, &format!("the event pane is hidden; {shows} shows it"));
    } else {
        state.focus = Focus::Events;
    }
}

/// Commands of the table.
pub(super) fn table(state: &mut State, command: Command) {
    match command {
        Command::PaneNext => {
            if Rows::of(state).facets > 0 {
                state.focus = Focus::Facets;
            } else {
                focus_events(state);
            }
        }
        Command::PromptFilter => prompt::open(state, PromptKind::Filter),
        Command::MarkWhere => prompt::open(state, PromptKind::Mark),
        Command::UnmarkWhere => prompt::open(state, PromptKind::Unmark),
        Command::Back => back(state),
        Command::EventSize => events::cycle_size(state),
        Command::Freeze => sessions::toggle_frozen(state),
        Command::Facets => facets::open(state),
        Command::Diff => diff::open(state, diff::USUAL),
        _ => {
            if !moves(state, command) && !sorts(state, command) {
                marks(state, command);
            }
        }
    }
}

/// Moving in the table. Says whether the command was one of these.
fn moves(state: &mut State, command: Command) -> bool {
    let columns: Vec<Column> = state.reachable_columns().into_iter().map(|chosen| chosen.column).collect();
    let view = &mut state.sessions.view;
    match command {
        Command::MoveDown => view.move_by(1),
        Command::MoveUp => view.move_by(-1),
        Command::MoveFirst => view.move_to_first(),
        Command::MoveLast => view.move_to_last(),
        Command::MoveHalfDown => view.move_half_pages(1),
        Command::MoveHalfUp => view.move_half_pages(-1),
        Command::MovePageDown => view.move_half_pages(2),
        Command::MovePageUp => view.move_half_pages(-2),
        Command::ColumnLeft => view.move_column(-1, &columns),
        Command::ColumnRight => view.move_column(1, &columns),
        _ => return false,
    }
    true
}

/// Sorting the table. Says whether the command was one of these.
fn sorts(state: &mut State, command: Command) -> bool {
    let column = match command {
        Command::SortUser => Column::User,
        Command::SortState => Column::State,
        Command::SortAge => Column::Age,
        Command::SortColumn => state.sessions.view.column(),
        _ => return false,
    };
    state.with_view(|view, with| view.sort_by(column, with));
    true
}

/// Marks.
fn marks(state: &mut State, command: Command) {
    let takes_shown = matches!(command, Command::MarkAllShown | Command::MarkSame | Command::MarkInvert);
    if let Some(doubt) = groups::doubt(state, None).filter(|_| takes_shown) {
        return state.notify(NoticeKind::Warning, &format!("nothing marked: {doubt}"));
    }
    match command {
        Command::MarkToggle | Command::MarkRange if state.sessions.view.range_active() => finish_range(state),
        Command::MarkToggle => state.sessions.view.mark_toggle_and_step(),
        Command::MarkRange => {
            state.sessions.view.range_start();
            let (mark, range) = (key_here(state, Command::MarkToggle), key_here(state, Command::MarkRange));
            let text = format!("range: move, then {mark} or {range} marks it; Esc leaves it");
            state.notify(NoticeKind::Info, &text);
        }
        Command::MarkAllShown => state.sessions.view.mark_all_shown(),
        Command::MarkSame => {
            let column = state.sessions.view.column();
            let marked = state.with_view(|view, with| view.mark_same_value(column, with));
            let (left, right) = (key_here(state, Command::ColumnLeft), key_here(state, Command::ColumnRight));
            let text = format!(
                "{marked} marked with the same {}; {left} and {right} choose the column",
                column.title()
            );
            state.notify(NoticeKind::Info, &text);
        }
        Command::MarkInvert => state.sessions.view.invert_shown(),
        Command::MarkClear => {
            state.sessions.view.clear_marks();
            state.notify(NoticeKind::Info, "marks cleared; gv brings them back");
        }
        Command::MarkRestore => state.sessions.view.bring_back(),
        Command::MarkNext if !state.sessions.view.next_marked() => {
            state.notify(NoticeKind::Info, "no marked session below");
        }
        Command::MarkPrevious if !state.sessions.view.previous_marked() => {
            state.notify(NoticeKind::Info, "no marked session above");
        }
        Command::MarkedOnly => state.sessions.view.toggle_only_marked(),
        Command::FlaggedOnly => state.with_view(TableView::toggle_only_flagged),
        _ => {}
    }
}

fn finish_range(state: &mut State) {
    let marked = state.sessions.view.range_finish();
    state.notify(NoticeKind::Info, &format!("{marked} marked"));
}

/// One layer back: the range, then "only" views, then the filter at the second Esc. Marks stay.
fn back(state: &mut State) {
    if state.sessions.view.range_active() {
        state.sessions.view.range_cancel();
    } else if state.sessions.view.only_marked() {
        state.sessions.view.toggle_only_marked();
    } else if state.sessions.view.only_flagged() {
        state.with_view(TableView::toggle_only_flagged);
    } else if state.sessions.view.filter_line().text().is_empty() {
        state.sessions.escape_armed = false;
    } else if state.sessions.escape_armed {
        state.sessions.escape_armed = false;
        state.with_view(|view, with| view.set_filter("", with));
    } else {
        state.sessions.escape_armed = true;
        state.notify(NoticeKind::Info, "Esc again clears the filter");
    }
}

/// Commands of the event pane.
fn event_pane(state: &mut State, command: Command) -> Vec<Effect> {
    let mut effects = Vec::new();
    let rows = Rows::of(state).events;
    let page = isize::try_from(rows.max(1)).unwrap_or(1);
    let pane = &mut state.events;
    match command {
        Command::MoveDown => pane.move_by(1),
        Command::MoveUp => pane.move_by(-1),
        Command::MoveFirst => pane.move_to_first(),
        Command::MoveLast => pane.follow_newest(),
        Command::MoveHalfDown => pane.move_by((page / 2).max(1)),
        Command::MoveHalfUp => pane.move_by(-(page / 2).max(1)),
        Command::MovePageDown => pane.move_by(page),
        Command::MovePageUp => pane.move_by(-page),
        Command::EventFollow => pane.toggle_follow(),
        Command::EventLevel => pane.level = pane.level.next(),
        // Keys that follow each other go on with the sizes, although `e` means something else in here.
        Command::EventNextError if state.last_command == Some(Command::EventSize) => {
            events::cycle_size(state);
        }
        Command::EventNextError => events::jump(state, 2, true),
        Command::EventPreviousError => events::jump(state, 2, false),
        Command::EventNextWarning => events::jump(state, 1, true),
        Command::EventPreviousWarning => events::jump(state, 1, false),
        Command::EventSize => events::cycle_size(state),
        Command::EventFold => {
            let is_fold = pane.toggle_fold();
            if !is_fold {
                state.notify(NoticeKind::Info, "nothing is folded into this line");
            }
        }
        Command::EventGoto => events::go_to_session(state),
        Command::EventDetail => effects.extend(event_detail::open(state)),
        Command::PromptFilter => prompt::open(state, PromptKind::EventFilter),
        Command::PaneNext => leave_pane(state),
        Command::Back => {
            if pane.filter_text.is_empty() {
                leave_pane(state);
            } else {
                pane.set_filter("");
            }
        }
        _ => {}
    }
    effects
}

/// Gives the keys back to the table; a pane that fills the screen shrinks for it.
fn leave_pane(state: &mut State) {
    if state.events.size == crate::core::events::PaneSize::Full {
        state.events.size = crate::core::events::PaneSize::Normal;
    }
    state.focus = Focus::Table;
}
