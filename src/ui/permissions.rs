//! The list of permissions: who, which role, where, and the matrix of what follows from it; on wide screens everything
//! about the one under the cursor beside it, on others the beginning of that below.

pub(super) mod detail;
mod list;
#[cfg(test)]
mod tests;

use ratatui::layout::Rect;

use super::{
    layout::Layout,
    pen::{Pen, Piece, piece},
    table::draw_message,
    theme::Role,
    time::Clock,
};
use crate::{
    core::{
        command::{Command, Context},
        permissions::{PermissionRow, Room, first_shown},
        remote::Remote,
        state::{Link, PromptKind, State},
    },
    domain::{Fault, FaultKind, Release, Support},
};

/// The release that brought permissions (`horizon-rest.md section 9`).
const SINCE: Release = Release(2206);

/// From this width on there is room for marks and grouping beside the names of the tabs.
const WIDE: u16 = 90;

/// Draws the tab.
pub(super) fn draw(pen: &mut Pen<'_>, areas: &Layout, state: &State, clock: &Clock) {
    let rows = state.permissions.rows();
    draw_filter(pen, areas.filter, state, &rows);
    let top = areas.filter.bottom();
    let body = Rect { y: top, height: areas.table.bottom().saturating_sub(top), ..areas.table };
    if body.height == 0 {
        return;
    }
    let room = Room::of(state);
    let mut y = body.y;
    let mut take = |height: u16| {
        let area = Rect { y, height: height.min(body.bottom().saturating_sub(y)), ..body };
        y = area.bottom();
        area
    };
    draw_band(pen, take(room.band), state, clock);
    let (header, list) = (take(1), take(room.list));
    if rows.is_empty() {
        let whole = Rect { y: header.y, height: body.bottom() - header.y, ..body };
        draw_absence(pen, whole, state);
    } else {
        draw_rows(pen, header, list, state, &rows);
        if room.strip > 0 {
            pen.rule(take(1), 0, Role::Border);
            draw_strip(pen, take(room.strip), state);
        }
    }
    draw_panel(pen, areas.panel, state);
}

fn draw_rows(pen: &mut Pen<'_>, header: Rect, list: Rect, state: &State, rows: &[PermissionRow<'_>]) {
    let tab = &state.permissions;
    let cursor = tab.cursor.as_ref().and_then(|id| rows.iter().position(|row| row.permission.id == *id));
    let height = usize::from(list.height);
    let first = first_shown(tab.top, cursor, height, rows.len());
    list::draw(pen, header, list, state, rows, first..rows.len().min(first + height));
}

/// Draws the filter, how much of the list it shows, and who is logged in.
fn draw_filter(pen: &mut Pen<'_>, area: Rect, state: &State, rows: &[PermissionRow<'_>]) {
    let tab = &state.permissions;
    let typing = state.prompt.as_ref().filter(|prompt| prompt.kind == PromptKind::PermissionFilter);
    let filter = typing.map_or(tab.filter.as_str(), |prompt| prompt.input.text());
    let role = if tab.filter_error.is_some() { Role::Danger } else { Role::Input };
    let mut left = vec![piece(" / ", Role::Muted), piece(filter, role)];
    let mut right = Vec::new();
    if let Some(error) = &tab.filter_error {
        // While it is typed, the mistake stands above the line being typed, with its place.
        if typing.is_none() {
            left.push(piece(format!("  {error}"), Role::Danger));
        }
        right.push(piece("no rows hidden  ", Role::Warning));
    }
    if let Some(book) = tab.book.value() {
        let counts = format!("{} of {}", rows.len(), book.permissions.len());
        right.push(piece(counts, Role::Text));
        if book.unreadable > 0 {
            right.push(piece(format!("  {} unreadable", book.unreadable), Role::Warning));
        }
        if matches!(tab.book, Remote::Stale { .. }) {
            right.push(piece("  OLD", Role::Stale));
        }
    }
    if let Some(capabilities) = state.capabilities() {
        right.push(piece("   you: ", Role::Muted));
        right.push(piece(capabilities.account.name.to_string(), Role::Accent));
    }
    right.push(piece(" ", Role::Text));
    pen.line(area, 0, &left, &right);
}

/// Marks and grouping, for the tabs line.
pub(super) fn tab_facts(state: &State) -> Vec<Piece<'static>> {
    let tab = &state.permissions;
    let mut pieces = Vec::new();
    if !tab.marks.is_empty() {
        pieces.push(piece(format!("marked {}", tab.marks.len()), Role::Mark));
        let hidden = tab.hidden_marks().len();
        if hidden > 0 {
            pieces.push(piece(format!(" ({hidden} hidden)"), Role::Warning));
        }
        pieces.push(piece("   ", Role::Text));
    }
    // The names of the tabs stay whole; what the list is grouped by its first column says as well.
    if state.screen.width >= WIDE || pieces.is_empty() {
        pieces.push(piece(format!("by {}   ", tab.group.name()), Role::Muted));
    }
    pieces
}

/// Draws why the data is old, or what of it is missing.
fn draw_band(pen: &mut Pen<'_>, area: Rect, state: &State, clock: &Clock) {
    if area.height == 0 {
        return;
    }
    let tab = &state.permissions;
    let words = match (&tab.book, tab.gap()) {
        (Remote::Stale { at, why, .. }, _) => {
            format!(" ! OLD DATA of {}: {}: {}", clock.time(*at), why.kind, why.message)
        }
        (_, Some((what, fault))) => format!(" ! {what} could not be read, shown as ?: {}", fault.message),
        (_, None) => return,
    };
    let again = format!("{} tries again ", state.key(Context::Permissions, Command::Refresh));
    pen.line(area, 0, &[piece(words, Role::Stale)], &[piece(again, Role::Stale)]);
    pen.tint(area, 0, Role::Stale);
}

/// The beginning of everything about the permission under the cursor.
fn draw_strip(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let Some(id) = &state.permissions.cursor else {
        return;
    };
    for (row, line) in (0..inside.height).zip(detail::brief(state, id, inside.width)) {
        line.draw(pen, inside, row);
    }
}

/// Everything about the permission under the cursor, beside the list.
fn draw_panel(pen: &mut Pen<'_>, area: Rect, state: &State) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    pen.wall(area, Role::Border);
    let inside = Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
    let Some(id) = &state.permissions.cursor else {
        pen.text(inside, inside.x, 0, "no permission under the cursor", Role::Muted);
        return;
    };
    let lines = detail::lines(state, id, inside.width);
    let hidden = lines.len() > usize::from(inside.height);
    for (row, line) in (0..inside.height).zip(&lines) {
        if hidden && row + 1 == inside.height {
            let more = format!("more: {}", state.key(Context::Permissions, Command::OpenPermission));
            pen.text(inside, inside.x, row, &more, Role::Muted);
        } else {
            line.draw(pen, inside, row);
        }
    }
}

/// Says why there is no row, and what to do.
fn draw_absence(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let again = format!("{} tries again", state.key(Context::Permissions, Command::Refresh));
    let lines: Vec<(String, Role)> = match (&state.permissions.book, &state.link) {
        (_, Link::Up(capabilities)) if capabilities.release.is_some_and(|release| release < SINCE) => {
            let release = capabilities.release.map(|release| release.to_string()).unwrap_or_default();
            vec![
                ("NOT IN THIS RELEASE".to_owned(), Role::Heading),
                (
                    format!("Permissions can be read since release {SINCE}; this server has {release}."),
                    Role::Text,
                ),
                ("Use the Horizon Console for them.".to_owned(), Role::Muted),
            ]
        }
        (Remote::NotAsked | Remote::Loading, Link::Connecting) => {
            vec![(format!("CONNECTING TO {}", state.settings.profile), Role::Heading)]
        }
        (Remote::NotAsked | Remote::Loading, Link::Up(_)) => vec![
            ("LOADING".to_owned(), Role::Heading),
            ("reading permissions, roles and access groups".to_owned(), Role::Text),
        ],
        (Remote::Failed { why, .. }, _) => {
            let mut lines = failed(state, why);
            lines.push((again, Role::Muted));
            lines
        }
        (Remote::Loaded { value, .. } | Remote::Stale { value, .. }, _) if value.permissions.is_empty() => {
            vec![
                ("NO PERMISSIONS".to_owned(), Role::Heading),
                ("The server lists none.".to_owned(), Role::Text),
                (again, Role::Muted),
            ]
        }
        (Remote::Loaded { value, .. } | Remote::Stale { value, .. }, _) => {
            let back = state.key(Context::Permissions, Command::Back);
            vec![
                ("NOTHING MATCHES".to_owned(), Role::Heading),
                (format!("none of {} permissions is shown", value.permissions.len()), Role::Text),
                (format!("{back} {back} clears the filter"), Role::Muted),
            ]
        }
    };
    let lines: Vec<(&str, Role)> = lines.iter().map(|(words, role)| (words.as_str(), *role)).collect();
    draw_message(pen, area, &lines);
}

fn failed(state: &State, why: &Fault) -> Vec<(String, Role)> {
    let status = why.status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    let words = (format!("{}: {}{status}: {}", why.operation, why.kind, why.message), Role::Text);
    if why.kind != FaultKind::InsufficientPermission {
        return vec![("THE PERMISSIONS COULD NOT BE READ".to_owned(), Role::Danger), words];
    }
    let needs = match state.capabilities().map(crate::domain::Capabilities::may_view_permissions) {
        Some(Support::No(reason)) => reason.to_string(),
        _ => "needs GLOBAL_PERMISSION_VIEW".to_owned(),
    };
    vec![
        ("NOT PERMITTED".to_owned(), Role::Danger),
        (format!("Looking at permissions {needs}."), Role::Text),
        words,
    ]
}
