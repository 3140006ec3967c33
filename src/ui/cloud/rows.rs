//! Titles and rows of image servers, app groups and app servers.

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::{
    core::{
        cloud::{AccessLine, account_kind, columns_of, drain_words, machine_words, os_words},
        rows::GUTTER,
        state::{Focus, State, Tab},
    },
    domain::{
        AppGroupKind, AppServer, AppServerStatus, Authorization, ImageServer, ImageServerStatus, Moment, Text,
    },
    ui::{pen::Pen, text, theme::Role, time::Clock},
};

/// What stands for what is not known.
const UNKNOWN: &str = "?";
/// What stands where there is nothing yet.
const NONE: &str = "-";

/// A cell with how it looks; it says the same in words.
type Cell = (String, Role);

/// A row ready to be drawn.
struct Row {
    cells: Vec<Cell>,
    cursor: bool,
    marked: bool,
}

/// Draws titles and rows of the tab that is shown.
pub(super) fn draw(pen: &mut Pen<'_>, header: Rect, area: Rect, state: &State, clock: &Clock, width: u16) {
    let (titles, widths, rows, top) = match state.tab {
        Tab::Images => {
            let (titles, widths) = server_columns(width);
            (titles.to_vec(), widths, server_rows(state, clock), state.cloud.servers_view.top)
        }
        Tab::AppServers => {
            let (titles, widths) = app_server_columns(width);
            (titles.to_vec(), widths, app_server_rows(state, clock), state.cloud.app_servers_view.top)
        }
        Tab::Permissions | Tab::Sessions => {
            let (titles, widths) = access_columns(width);
            (titles.to_vec(), widths, access_rows(state, clock), state.cloud.access_view.top)
        }
    };
    pen.tint(header, 0, Role::Heading);
    let mut x = header.x + GUTTER;
    for (title, width) in titles.iter().zip(&widths).filter(|(_, width)| **width > 0) {
        pen.text(header, x, 0, &text::left(title, *width, ""), Role::Heading);
        x += *width as u16 + 1;
    }
    let height = usize::from(area.height);
    // The list may have been told of another height; the cursor's row is never the one that is lost.
    let at = rows.iter().position(|row| row.cursor).unwrap_or(0);
    let first = top.min(at).max((at + 1).saturating_sub(height));
    for (line, row) in (0..area.height).zip(rows.iter().skip(first)) {
        draw_row(pen, area, line, row, &widths, state.focus == Focus::Table);
    }
}

fn draw_row(pen: &mut Pen<'_>, area: Rect, line: u16, row: &Row, widths: &[usize], focused: bool) {
    if row.cursor {
        pen.text(area, area.x, line, ">", Role::Accent);
    }
    if row.marked {
        pen.text(area, area.x + 1, line, "*", Role::Mark);
    }
    let ellipsis = pen.glyphs.ellipsis();
    let mut x = area.x + GUTTER;
    for ((cell, role), width) in row.cells.iter().zip(widths).filter(|(_, width)| **width > 0) {
        pen.text(area, x, line, &text::left(cell, *width, ellipsis), *role);
        x += *width as u16 + 1;
    }
    if row.cursor {
        let first = widths.iter().find(|width| **width > 0).map_or(0, |width| *width as u16);
        pen.cursor_row(area, line, GUTTER + first, focused);
    }
}

/// The first column gets what the others leave.
fn stretched(width: u16, mut widths: Vec<usize>) -> Vec<usize> {
    let taken: usize = widths.iter().skip(1).filter(|width| **width > 0).map(|width| width + 1).sum();
    if let Some(first) = widths.first_mut() {
        *first = usize::from(width).saturating_sub(taken);
    }
    widths
}

fn server_columns(width: u16) -> ([&'static str; 6], Vec<usize>) {
    let widths = match width {
        110.. => vec![0, 9, 8, 36, 14, 17],
        74..110 => vec![0, 9, 8, 13, 10, 12],
        _ => vec![0, 9, 8, 0, 0, 12],
    };
    (["NAME", "STATUS", "SOURCE", "IMAGE", "ACCOUNT", "UPDATED"], stretched(width, widths))
}

/// How a status looks.
pub(in crate::ui) fn status_role(status: Option<&ImageServerStatus>) -> Role {
    match status {
        Some(ImageServerStatus::Active | ImageServerStatus::Built) => Role::Success,
        Some(ImageServerStatus::Error) => Role::Danger,
        Some(_) | None => Role::Warning,
    }
}

fn cell(value: Option<String>) -> Cell {
    value.map_or((UNKNOWN.to_owned(), Role::Warning), |value| (value, Role::Text))
}

/// A time as the server told it: with day and minute, or in its own words when they could not be read.
pub(in crate::ui) fn moment(moment: Option<&Moment>, words: impl Fn(Timestamp) -> String) -> Option<String> {
    moment.map(|moment| moment.at.map_or_else(|| moment.raw.to_string(), words))
}

fn server_rows(state: &State, clock: &Clock) -> Vec<Row> {
    let cursor = state.cloud.servers_view.cursor.as_ref();
    let row = |server: &ImageServer| {
        let [name, status, kind, image, account] = columns_of(server);
        // Before the first build there is no image: that is known.
        let image = image.map_or((NONE.to_owned(), Role::Muted), |image| (image, Role::Text));
        let updated = moment(server.updated_at.as_ref(), |at| clock.day(at));
        let status = status.map_or((UNKNOWN.to_owned(), Role::Warning), |status| {
            (status, status_role(server.status.as_ref()))
        });
        Row {
            cells: vec![cell(name), status, cell(kind), image, cell(account), cell(updated)],
            cursor: cursor == Some(&server.id),
            marked: false,
        }
    };
    state.cloud.shown_servers().into_iter().map(row).collect()
}

fn app_server_columns(width: u16) -> ([&'static str; 9], Vec<usize>) {
    let widths = match width {
        150.. => vec![0, 18, 20, 11, 24, 20, 8, 22, 17],
        130..150 => vec![0, 14, 14, 11, 18, 18, 8, 20, 12],
        110..130 => vec![0, 14, 14, 11, 18, 18, 8, 0, 12],
        74..110 => vec![0, 0, 12, 11, 10, 18, 8, 0, 0],
        _ => vec![0, 0, 0, 11, 0, 18, 8, 0, 0],
    };
    let titles =
        ["NAME", "MACHINE", "GROUP", "STATUS", "VM/TASK", "MAINTENANCE", "SESSIONS", "SYSTEM", "CREATED"];
    (titles, stretched(width, widths))
}

/// How a server looks that users can get into, or cannot.
pub(in crate::ui) fn app_server_role(status: Option<&AppServerStatus>) -> Role {
    match status {
        Some(AppServerStatus::Registered) => Role::Success,
        Some(AppServerStatus::Frozen | AppServerStatus::Abnormal) => Role::Danger,
        Some(AppServerStatus::Stopped) => Role::Muted,
        Some(_) | None => Role::Warning,
    }
}

/// How its drain looks; the words say the same.
pub(in crate::ui) fn drain_role(server: &AppServer) -> Role {
    match (server.maintenance, server.sessions) {
        (Some(false), _) => Role::Text,
        (Some(true), Some(0)) => Role::Success,
        _ => Role::Warning,
    }
}

fn app_server_rows(state: &State, clock: &Clock) -> Vec<Row> {
    let view = &state.cloud.app_servers_view;
    let known = |text: Option<&Text>| cell(text.map(ToString::to_string));
    let role_of = |(words, role): Cell, known: Role| {
        let role = if words == UNKNOWN { role } else { known };
        (words, role)
    };
    let row = |server: &AppServer| {
        let marked = view.marks.contains(&server.id);
        let machine = if server.is_up() { Role::Text } else { Role::Warning };
        let name = known(server.name.as_ref());
        Row {
            cells: vec![
                if marked { role_of(name, Role::Mark) } else { name },
                known(server.machine_name.as_ref()),
                known(server.server_group_name.as_ref()),
                role_of(
                    cell(server.status.as_ref().map(ToString::to_string)),
                    app_server_role(server.status.as_ref()),
                ),
                role_of(cell(machine_words(server)), machine),
                role_of(cell(drain_words(server)), drain_role(server)),
                cell(server.sessions.map(|count| count.to_string())),
                cell(os_words(server)),
                cell(moment(server.created_at.as_ref(), |at| clock.day(at))),
            ],
            cursor: view.cursor.as_ref() == Some(&server.id),
            marked,
        }
    };
    state.cloud.shown_app_servers().into_iter().map(row).collect()
}

fn access_columns(width: u16) -> ([&'static str; 5], Vec<usize>) {
    let widths = match width {
        110.. => vec![0, 10, 24, 8, 17],
        74..110 => vec![0, 8, 16, 8, 12],
        _ => vec![0, 8, 12, 0, 0],
    };
    let place = if width < 74 { "DOMAIN" } else { "SERVERS/DOMAIN" };
    (["APP GROUP / WHO MAY USE IT", "KIND", place, "KEPT IN", "SINCE"], stretched(width, widths))
}

fn access_rows(state: &State, clock: &Clock) -> Vec<Row> {
    let view = &state.cloud.access_view;
    let since = |told: Option<&Moment>| cell(moment(told, |at| clock.day(at)));
    let known = |text: Option<&Text>| cell(text.map(ToString::to_string));
    let lines = state.cloud.shown_access();
    let whole = state.cloud.access.value().is_some_and(|book| book.complete && book.unreadable == 0);
    let row = |line: &AccessLine<'_>| {
        let key = line.row();
        let cells = match line {
            AccessLine::Group(group, count) => {
                let name = group.name.clone().unwrap_or_else(|| Text::clean(group.id.raw()));
                let apps = group.apps.map_or_else(|| UNKNOWN.to_owned(), |apps| apps.to_string());
                let accounts = if whole {
                    text::counted(*count, "account", "accounts")
                } else {
                    format!("{count}+? accounts")
                };
                let words = format!("{name}  ({accounts})");
                let kind = group.kind.as_ref().map(|kind| match kind {
                    AppGroupKind::Desktop => "desktop".to_owned(),
                    AppGroupKind::Applications => format!("{apps} apps"),
                    AppGroupKind::Unknown(word) => format!("?{word}"),
                });
                vec![
                    (words, Role::Accent),
                    cell(kind),
                    known(group.server_group_name.as_ref()),
                    (String::new(), Role::Text),
                    since(group.created_at.as_ref()),
                ]
            }
            AccessLine::Authorization(one) => authorization_cells(one, view.marks.contains(&key), &since),
        };
        Row { cells, cursor: view.cursor.as_ref() == Some(&key), marked: view.marks.contains(&key) }
    };
    lines.iter().map(row).collect()
}

fn authorization_cells(
    one: &Authorization,
    marked: bool,
    since: &impl Fn(Option<&Moment>) -> Cell,
) -> Vec<Cell> {
    let account = one.account.as_ref().map_or_else(|| UNKNOWN.to_owned(), ToString::to_string);
    vec![
        (format!("    {account}"), if marked { Role::Mark } else { Role::Text }),
        cell(account_kind(one.account_kind.as_ref())),
        cell(one.domain.as_ref().map(ToString::to_string)),
        cell(one.platform.as_ref().map(ToString::to_string)),
        since(one.created_at.as_ref()),
    ]
}
