//! The table of sessions: titles, rows, and what stands there when there are none. Only visible rows are formatted.

use ratatui::layout::Rect;

use crate::{
    core::{
        cloud::is_cloud,
        command::{Command, Context},
        remote::Remote,
        rows::GUTTER,
        state::{Focus, Link, Scope, State},
        table::{Alignment, Column, Line, RowContext, SessionTable, TimeStyle, Why},
    },
    domain::{AnySession, Fault, SessionFacts, SessionState},
    ui::{pen::Pen, pods, text, theme::Role, time::Clock},
};

/// The mark of a row of an earlier time, in the gutter.
const OLD: &str = "~";

/// Draws titles and rows.
pub(super) fn draw(pen: &mut Pen<'_>, header: Rect, body: Rect, state: &State, clock: &Clock) {
    if body.height == 0 {
        return;
    }
    let columns = state.columns();
    draw_header(pen, header, state, &columns);
    let lines = state.sessions.view.lines();
    if lines.is_empty() {
        draw_absence(pen, body, state, clock);
        return;
    }
    // The view may have been told of more rows than there are; the cursor's is never the one that is lost.
    let height = usize::from(body.height);
    let cursor = lines.iter().position(|line| line.cursor).unwrap_or(0);
    let skipped = (cursor + 1).saturating_sub(height);
    let names = state.sessions.group_names.as_names();
    let time = if clock.is_utc() { TimeStyle::Utc } else { TimeStyle::Zone(clock.zone()) };
    let context =
        RowContext { table: state.sessions.view.table(), flags: &state.sessions.flags, names: &names, time };
    for (row, line) in (0..body.height).zip(lines.iter().skip(skipped)) {
        draw_row(pen, body, row, state, line, &columns, &context);
    }
}

/// Draws the titles, with the order and the chosen column.
fn draw_header(pen: &mut Pen<'_>, area: Rect, state: &State, columns: &[(Column, u16)]) {
    let view = &state.sessions.view;
    let sort = view.sort();
    pen.tint(area, 0, Role::Heading);
    let mut x = area.x + GUTTER;
    let hidden = hidden_beyond(state, columns);
    for (column, width) in columns {
        let wide = usize::from(*width);
        let mut title = column.title().to_owned();
        if sort.column == *column {
            let arrow = if sort.descending { 'v' } else { '^' };
            title = text::head(&title, wide.saturating_sub(1)).to_owned();
            title.push(arrow);
        }
        // Titles are known by their beginning.
        let shown = aligned(*column, text::head(&title, wide), wide, "");
        let role = if view.column() == *column { Role::Column } else { Role::Heading };
        // Only the title's own characters are marked, not the blanks beside it.
        let blanks = text::width(&shown) - text::width(shown.trim_start());
        pen.text(area, x + blanks as u16, 0, shown.trim(), role);
        x += width + 1;
    }
    // What is beyond an edge is said there; the column cursor goes to it.
    if hidden.0 {
        pen.text(area, area.x + GUTTER - 1, 0, "<", Role::Accent);
    }
    if hidden.1 {
        pen.text(area, area.right().saturating_sub(1), 0, ">", Role::Accent);
    }
}

/// Whether there are chosen columns beyond the left edge, and beyond the right one.
fn hidden_beyond(state: &State, columns: &[(Column, u16)]) -> (bool, bool) {
    let all = state.reachable_columns();
    let place = |column: Option<&(Column, u16)>| {
        column.and_then(|(column, _)| all.iter().position(|one| one.column == *column))
    };
    let left = place(columns.get(1)).is_some_and(|place| place > 1);
    let right = place(columns.last()).is_some_and(|place| place + 1 < all.len());
    (left, right)
}

fn aligned(column: Column, cell: &str, width: usize, ellipsis: &str) -> String {
    match column.alignment() {
        Alignment::Left => text::left(cell, width, ellipsis),
        Alignment::Right => text::right(cell, width, ellipsis),
    }
}

/// A user. The domain that all of them have tells nobody apart, and is left out.
fn user(cell: &str, width: usize, table: &SessionTable, ellipsis: &str) -> String {
    let bare = cell.rsplit_once('@').filter(|(_, domain)| {
        table.only_domain().is_some_and(|only| only.as_str().eq_ignore_ascii_case(domain))
    });
    text::account(bare.map_or(cell, |(name, _)| name), width, ellipsis)
}

fn draw_row(
    pen: &mut Pen<'_>,
    area: Rect,
    row: u16,
    state: &State,
    line: &Line<'_>,
    columns: &[(Column, u16)],
    context: &RowContext<'_>,
) {
    let lost = line.lost.is_some();
    // A row of a pod that does not answer: as it was, and no verb can hit it.
    let old = !lost && context.table.is_stale_row(line.session);
    let chosen = state.sessions.view.column();
    let focused = state.focus == Focus::Table;
    if line.cursor {
        // In the colours of what lies over it: a change of colours within would cost more than its letters.
        pen.text(area, area.x, row, ">", if focused { Role::Selection } else { Role::Accent });
    }
    match (line.marked, line.in_range, lost) {
        (true, ..) => pen.text(area, area.x + 1, row, "*", Role::Mark),
        (false, true, _) => pen.text(area, area.x + 1, row, "+", Role::Range),
        (false, false, true) => pen.text(area, area.x + 1, row, "x", Role::Disabled),
        (false, false, false) => area.x,
    };
    if old {
        pen.text(area, area.x + 2, row, OLD, Role::Warning);
    }
    let farewell = line.lost.map(farewell);
    let edge = area.right().saturating_sub(farewell.map_or(0, |words| text::width(words) as u16));
    let mut x = area.x + GUTTER;
    for (place, (column, width)) in columns.iter().enumerate() {
        // What the farewell would cut is left out.
        if lost && x + width > edge {
            break;
        }
        let cell = column.cell(line.session, context);
        let shown = match column {
            Column::User => user(&cell, usize::from(*width), context.table, pen.glyphs.ellipsis()),
            _ => aligned(*column, &cell, usize::from(*width), pen.glyphs.ellipsis()),
        };
        let role = match (lost, line.marked, column) {
            (true, ..) => Role::Disabled,
            (_, true, Column::User) => Role::Mark,
            _ if old => Role::Disabled,
            (_, _, Column::User) if line.in_range => Role::Range,
            _ => cell_role(*column, line.session),
        };
        let end = pen.text(area, x, row, &shown, role);
        // The first cell is marked as a whole.
        if line.cursor && !lost && chosen == *column && (place > 0 || !focused) {
            let cell = Rect { x, width: end.saturating_sub(x), ..area };
            pen.tint(cell, row, Role::Column);
        }
        x += width + 1;
    }
    if let Some(words) = farewell {
        pen.text(area, edge, row, words, Role::Warning);
    }
    if line.cursor {
        let first = columns.first().map_or(0, |(_, width)| *width);
        pen.cursor_row(area, row, GUTTER + first, focused);
    }
}

/// Why the row under the cursor is not part of the list any more. No verb can hit it. The last columns show the cursor.
fn farewell(why: Why) -> &'static str {
    match why {
        Why::Gone => " gone  ",
        Why::NotInPart => " not in this part of the list  ",
        Why::Hidden => " hidden now  ",
    }
}

/// How a cell looks; the letters in it say the same.
fn cell_role(column: Column, session: AnySession<'_>) -> Role {
    match (column, session.state()) {
        (Column::State, Some(SessionState::Connected)) => Role::Success,
        (Column::State, Some(SessionState::Disconnected)) => Role::Muted,
        (Column::State, Some(SessionState::Pending | SessionState::Unknown(_)) | None)
        | (Column::Flags, _) => Role::Warning,
        _ => Role::Text,
    }
}

/// Says why there is no row, and what to do.
fn draw_absence(pen: &mut Pen<'_>, area: Rect, state: &State, clock: &Clock) {
    let refresh = state.key(Context::Sessions, Command::Refresh);
    let again = format!("{refresh} tries again");
    match &state.sessions.table {
        Remote::NotAsked | Remote::Loading => draw_loading(pen, area, state),
        Remote::Failed { why, .. } => {
            let words = fault_lines("THE LIST COULD NOT BE READ", why);
            let mut lines: Vec<(&str, Role)> =
                words.iter().map(|(text, role)| (text.as_str(), *role)).collect();
            if !why.ends_credentials() {
                lines.push((&again, Role::Muted));
            }
            draw_message(pen, area, &lines);
        }
        Remote::Loaded { value, .. } | Remote::Stale { value, .. } if value.is_empty() => {
            let why = match state.cloud.sessions_since.filter(|_| is_cloud(state)) {
                // What began earlier may well be alive.
                Some(since) => format!(
                    "None that began since {}. Those that began earlier are in no list, however alive: session_window in \
                     the profile says how far back it goes.",
                    clock.since(since)
                ),
                None => "The server lists none that your role may see.".to_owned(),
            };
            let when = format!("{refresh} reads the list again");
            draw_message(
                pen,
                area,
                &[("NO SESSIONS", Role::Heading), (&why, Role::Text), (&when, Role::Muted)],
            );
        }
        Remote::Loaded { value, .. } | Remote::Stale { value, .. } => {
            draw_nothing_matches(pen, area, state, value.len());
        }
    }
}

fn draw_loading(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let profile = state.settings.profile.as_str();
    let (title, words) = match (&state.link, state.sessions.poll.progress) {
        (Link::Connecting, _) => (format!("CONNECTING TO {profile}"), "logging in".to_owned()),
        (Link::Up(_), Some((received, Some(total)))) => {
            ("LOADING".to_owned(), format!("reading the list: {received} of {total}"))
        }
        (Link::Up(_), Some((received, None))) => {
            ("LOADING".to_owned(), format!("reading the list: {received} so far"))
        }
        (Link::Up(_), None) => ("LOADING".to_owned(), "reading the list".to_owned()),
    };
    draw_message(pen, area, &[(&title, Role::Heading), (&words, Role::Text)]);
}

fn draw_nothing_matches(pen: &mut Pen<'_>, area: Rect, state: &State, total: usize) {
    let view = &state.sessions.view;
    let so_far = if state.sessions.growing { " read so far" } else { "" };
    let total = format!("none of {total} sessions{so_far} is shown");
    // While names of groups are missing nobody is to read that nobody is in the group.
    let doubt = state.sessions.group_names.doubt(view.filter_line().filter(), view.table());
    let title = match doubt {
        Some(doubt) => (doubt.to_string(), Role::Warning),
        None => ("NOTHING MATCHES".to_owned(), Role::Heading),
    };
    let mut lines: Vec<(String, Role)> = vec![title, (total, Role::Text)];
    if state.federation.scope == Scope::Local && pods::has_others(state) {
        let all = state.key(Context::Sessions, Command::ScopeToggle);
        lines.push((format!("only this pod is listed; {all} lists all pods"), Role::Text));
    }
    let back = state.key(Context::Sessions, Command::Back);
    if view.only_marked() {
        lines.push((
            format!(
                "{} shows all again, not only marked ones",
                state.key(Context::Sessions, Command::MarkedOnly)
            ),
            Role::Muted,
        ));
    }
    if view.only_flagged() {
        lines.push((
            format!(
                "{} shows all again, not only flagged ones",
                state.key(Context::Sessions, Command::FlaggedOnly)
            ),
            Role::Muted,
        ));
    }
    if !view.filter_line().text().trim().is_empty() {
        lines.push((format!("{back} {back} clears the filter"), Role::Muted));
    }
    let lines: Vec<(&str, Role)> = lines.iter().map(|(text, role)| (text.as_str(), *role)).collect();
    draw_message(pen, area, &lines);
}

/// A fault in lines: what failed, its class, the server's words, what to do.
pub(super) fn fault_lines(title: &str, fault: &Fault) -> Vec<(String, Role)> {
    let status = fault.status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    // What ended the credentials was perhaps another question than the one that is not answered here.
    let operation = if fault.ends_credentials() { String::new() } else { format!("{}: ", fault.operation) };
    let mut lines = vec![
        (title.to_owned(), Role::Danger),
        (format!("{operation}{}{status}", fault.kind), Role::Text),
        (fault.message.as_str().to_owned(), Role::Text),
    ];
    lines.extend(fault.hint().map(|hint| (hint.into_owned(), Role::Info)));
    lines
}

/// Draws lines in the middle of an area, each in the middle of its row; long ones are wrapped.
pub(super) fn draw_message(pen: &mut Pen<'_>, area: Rect, lines: &[(&str, Role)]) {
    let width = usize::from(area.width.saturating_sub(4)).clamp(1, 76);
    let wrapped: Vec<(&str, Role)> = lines
        .iter()
        .flat_map(|(words, role)| text::wrap(words, width).into_iter().map(|line| (line.trim_end(), *role)))
        .collect();
    let first = (usize::from(area.height).saturating_sub(wrapped.len()) / 2) as u16;
    for (row, (words, role)) in (first..area.height).zip(wrapped) {
        let x = area.x + area.width.saturating_sub(text::width(words) as u16) / 2;
        pen.text(area, x, row, words, role);
    }
}
