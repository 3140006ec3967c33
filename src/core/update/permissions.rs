//! The permissions tab: reading, moving, marking, asking and changing.

mod ask;
mod change;
mod danger;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    core::{
        command::{Command, Context},
        effect::{Effect, RequestId},
        filter::PermissionFilter,
        permissions::{PermissionsTab, Room, first_shown},
        remote::Remote,
        rows::Rows,
        state::{NoticeKind, Overlay, Poll, PromptError, PromptKind, State, Tab},
    },
    domain::{Fault, FaultKind, PermissionBook, PermissionId, Release, Text},
};

use super::{commands, connection, events, prompt};

pub(super) use ask::{ask, is_asking, mistake, principals_found, principals_read};
pub(super) use change::{form_changed, form_reviewed};
pub(super) use danger::guard;

/// Seconds between two reads while the tab is shown.
const SECONDS: i64 = 60;
/// Seconds to the next try when the account may not read them: that will hardly change soon.
const NOT_PERMITTED_SECONDS: i64 = 300;
/// The release that brought permissions (`horizon-rest.md section 9`).
const SINCE: Release = Release(2206);
/// About as many lines as the details have.
const DETAIL_LINES: usize = 400;

/// The tab is shown: what is older than the time between two reads is read again.
pub(super) fn shown(state: &mut State) {
    let tab = &mut state.permissions;
    if tab.poll.in_flight.is_some() {
        return;
    }
    let due = match tab.book.read_at() {
        Some(at) if !tab.poll.again => connection::after(at, SECONDS),
        Some(_) | None => state.now,
    };
    tab.poll.again = false;
    tab.poll.next_at = Some(due);
}

/// Reads again as soon as possible, if the tab is shown.
pub(super) fn refresh(state: &mut State) {
    if state.tab != Tab::Permissions {
        return;
    }
    let now = state.now;
    let poll = &mut state.permissions.poll;
    if poll.in_flight.is_some() {
        poll.again = true;
    } else {
        poll.next_at = Some(now);
    }
}

/// Whether the release has permissions at all, as far as it is known.
fn is_in_release(state: &State) -> bool {
    let release = state.capabilities().and_then(|capabilities| capabilities.release);
    release.is_none_or(|release| release >= SINCE)
}

/// Asks for what is due. Nothing is read for a tab that nobody looks at, unless a question waits for it.
pub(super) fn due(state: &mut State) -> Vec<Effect> {
    let wanted = state.tab == Tab::Permissions || ask::waits_for_book(state);
    let now = state.now;
    let poll = &mut state.permissions.poll;
    if !wanted {
        // What was asked for meanwhile is read when the tab is shown again.
        poll.again |= poll.next_at.is_some_and(|at| at <= now);
        poll.next_at = None;
        return Vec::new();
    }
    if !connection::is_due(poll, now) {
        return Vec::new();
    }
    if !is_in_release(state) {
        state.permissions.poll = Poll::default();
        return Vec::new();
    }
    let request = state.request_id();
    state.permissions.poll = Poll { in_flight: Some(request), ..Poll::default() };
    state.permissions.asked_at = Some(now);
    state.permissions.book.ask();
    vec![Effect::FetchPermissions { request }]
}

/// Takes what was read. Cursor and marks keep their ids; when the permission under the cursor is gone, the next one in the
/// list takes its place.
pub(super) fn read(
    state: &mut State,
    request: RequestId,
    answer: Result<Arc<PermissionBook>, Fault>,
) -> Vec<Effect> {
    if state.permissions.poll.in_flight != Some(request) {
        return Vec::new();
    }
    let seconds = match &answer {
        _ if state.permissions.poll.again => 0,
        Err(fault) if fault.kind == FaultKind::InsufficientPermission => NOT_PERMITTED_SECONDS,
        answer => connection::patience(answer.as_ref().err(), SECONDS),
    };
    let next_at = Some(connection::after(state.now, seconds));
    state.permissions.poll = Poll { next_at, ..Poll::default() };
    match answer {
        Ok(book) => loaded(state, book),
        Err(fault) => state.permissions.book.fail(fault, state.now),
    }
    ask::go_on(state)
}

fn loaded(state: &mut State, book: Arc<PermissionBook>) {
    let now = state.now;
    let tab = &mut state.permissions;
    let before = tab.shown();
    let whole = book.unreadable == 0;
    tab.book.load(book, now);
    tab.since = tab.asked_at.take();
    let gone: Vec<PermissionId> = tab
        .marks
        .iter()
        .filter(|id| whole && tab.book.value().is_some_and(|book| book.permission(id).is_none()))
        .cloned()
        .collect();
    for id in &gone {
        tab.marks.remove(id);
    }
    keep_cursor(tab, &before);
    follow_cursor(state);
    if !gone.is_empty() && state.tab == Tab::Permissions {
        let text = format!("{} marked permission(s) are gone and no longer marked", gone.len());
        state.notify(NoticeKind::Info, &text);
    }
}

/// Keeps the cursor on its permission, or the next one of those that were shown before; the first without any.
fn keep_cursor(tab: &mut PermissionsTab, before: &[PermissionId]) {
    let shown = tab.shown();
    if tab.cursor.as_ref().is_some_and(|cursor| shown.contains(cursor)) {
        return;
    }
    let place = tab.cursor.as_ref().and_then(|cursor| before.iter().position(|id| id == cursor));
    let (above, below) = before.split_at(place.unwrap_or(0).min(before.len()));
    let neighbour = below.iter().chain(above.iter().rev()).find(|id| shown.contains(id));
    tab.cursor = neighbour.or(shown.first()).cloned();
}

/// Scrolls so that the cursor is seen.
fn follow_cursor(state: &mut State) {
    let height = usize::from(Room::of(state).list);
    let tab = &mut state.permissions;
    let shown = tab.shown();
    let place = tab.cursor.as_ref().and_then(|cursor| shown.iter().position(|id| id == cursor));
    tab.top = first_shown(tab.top, place, height, shown.len());
}

/// Puts a filter in force; says what is wrong with it. A wrong one hides nothing.
pub(super) fn set_filter(state: &mut State, text: &str) -> Option<PromptError> {
    let tab = &mut state.permissions;
    let before = tab.shown();
    text.clone_into(&mut tab.filter);
    let error = match PermissionFilter::parse(text) {
        Ok(filter) => {
            tab.matcher = filter;
            None
        }
        Err(error) => {
            tab.matcher = PermissionFilter::default();
            Some(error)
        }
    };
    tab.filter_error.clone_from(&error);
    keep_cursor(tab, &before);
    follow_cursor(state);
    error.map(|error| {
        let before = text.get(..error.span.start.min(text.len())).unwrap_or_default();
        PromptError { column: before.chars().count(), message: Text::clean(&error.to_string()) }
    })
}

/// Runs a command of the list or of the details.
pub(super) fn run(state: &mut State, command: Command, context: Context) -> Vec<Effect> {
    if context == Context::PermissionDetail && in_sheet(state, command) {
        return Vec::new();
    }
    match command {
        Command::ChangeMenu => change::open_menu(state),
        Command::ChangeNew => change::open_new(state),
        Command::ChangeReplace => change::open_replace(state),
        Command::ChangeDelete => change::plan_delete(state),
        Command::OpenPermission => open_detail(state),
        Command::PromptFilter => prompt::open(state, PromptKind::PermissionFilter),
        Command::EventSize => events::cycle_size(state),
        Command::PaneNext => commands::focus_events(state),
        Command::Back => back(state),
        Command::Regroup => {
            let tab = &mut state.permissions;
            tab.group = tab.group.next();
            let name = tab.group.name();
            follow_cursor(state);
            state.notify(NoticeKind::Info, &format!("grouped by {name}"));
        }
        _ => {
            moves(state, command);
            marks(state, command);
        }
    }
    Vec::new()
}

/// Commands of a sheet: going back and scrolling. Says whether it was one of these.
fn in_sheet(state: &mut State, command: Command) -> bool {
    if command == Command::Back {
        if let Some(Overlay::Answer { title, .. }) = state.overlays.pop() {
            ask::dropped(state, &title);
        }
        return true;
    }
    let page = isize::try_from(Rows::of(state).sheet.max(1)).unwrap_or(1);
    let step = step(command, page);
    let rows = usize::from(Rows::of(state).sheet);
    let moved = |scroll: usize, lines: usize| {
        scroll.saturating_add_signed(step).min(lines.saturating_sub(rows.min(lines)))
    };
    match state.overlays.last_mut() {
        // How many lines they have when wrapped only the drawing knows; it stops at the last one.
        Some(Overlay::Permission { scroll, .. }) if step != 0 => *scroll = moved(*scroll, DETAIL_LINES),
        Some(Overlay::Answer { scroll, lines, .. }) if step != 0 => *scroll = moved(*scroll, 3 * lines.len()),
        _ => {}
    }
    step != 0
}

/// How many rows a command moves by, where a page has so many.
fn step(command: Command, page: isize) -> isize {
    match command {
        Command::MoveDown => 1,
        Command::MoveUp => -1,
        Command::MoveHalfDown => (page / 2).max(1),
        Command::MoveHalfUp => -(page / 2).max(1),
        Command::MovePageDown => page,
        Command::MovePageUp => -page,
        Command::MoveFirst => isize::MIN,
        Command::MoveLast => isize::MAX,
        _ => 0,
    }
}

fn moves(state: &mut State, command: Command) {
    let page = isize::try_from(Room::of(state).list.max(1)).unwrap_or(1);
    let step = step(command, page);
    if step != 0 {
        move_by(state, step);
    }
}

fn move_by(state: &mut State, step: isize) {
    let tab = &mut state.permissions;
    let shown = tab.shown();
    let place = tab.cursor.as_ref().and_then(|cursor| shown.iter().position(|id| id == cursor));
    let next = place.map_or(0, |place| place.saturating_add_signed(step));
    tab.cursor = shown.get(next.min(shown.len().saturating_sub(1))).cloned();
    follow_cursor(state);
}

fn marks(state: &mut State, command: Command) {
    let tab = &mut state.permissions;
    match command {
        Command::MarkToggle => {
            if let Some(cursor) = tab.cursor.clone() {
                if !tab.marks.remove(&cursor) {
                    tab.marks.insert(cursor);
                }
                move_by(state, 1);
            }
        }
        Command::MarkAllShown => {
            let shown = tab.shown();
            if shown.iter().all(|id| tab.marks.contains(id)) {
                tab.marks.retain(|id| !shown.contains(id));
            } else {
                tab.marks.extend(shown);
            }
        }
        Command::MarkClear => {
            tab.marks.clear();
            state.notify(NoticeKind::Info, "marks cleared");
        }
        _ => {}
    }
}

/// One layer back: the filter, at the second Esc. Marks stay.
fn back(state: &mut State) {
    if state.permissions.filter.is_empty() {
        state.sessions.escape_armed = false;
    } else if state.sessions.escape_armed {
        state.sessions.escape_armed = false;
        set_filter(state, "");
    } else {
        state.sessions.escape_armed = true;
        state.notify(NoticeKind::Info, "Esc again clears the filter");
    }
}

fn open_detail(state: &mut State) {
    match (&state.permissions.cursor, &state.permissions.book) {
        (Some(permission), _) => {
            let permission = permission.clone();
            state.overlays.push(Overlay::Permission { permission, scroll: 0 });
        }
        (None, Remote::Loaded { .. } | Remote::Stale { .. }) => {
            state.notify(NoticeKind::Info, "there is no permission under the cursor");
        }
        (None, _) => state.notify(NoticeKind::Info, "the permissions are not there yet"),
    }
}
