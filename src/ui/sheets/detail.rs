//! Everything about one session: all that the server said, `?` where it said nothing, its flags with their reasons,
//! and what may be done to it. As a sheet, and as a panel beside the table on wide screens.

mod card;

use std::{borrow::Cow, fmt::Display};

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{HoldReason, missing_from},
        rows::Rows,
        state::{Elsewhere, State},
        table::{Cursor, Why},
    },
    domain::{Session, SessionId, SessionKind, SessionState, Text},
    ui::{
        layout,
        pen::{Pen, Piece, piece},
        text,
        theme::Role,
        time::{Clock, duration, seconds},
    },
};

use super::sheet::{Sheet, first_line, part_of};

/// Columns of the labels.
const LABEL: usize = 18;
/// What stands for a value that the server did not give.
const UNKNOWN: &str = "?";

/// What stands where there can be no value.
const NONE: &str = "-";

/// A line of the details: a label that may be empty, and a piece of its value.
struct Line {
    label: &'static str,
    value: String,
    role: Role,
}

/// Draws the sheet.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    id: &SessionId,
    elsewhere: &Elsewhere,
    scroll: usize,
    clock: &Clock,
) {
    let session = state.session(id);
    let name = session
        .as_ref()
        .and_then(Session::user_label)
        .map_or_else(|| id.to_string(), |name| name.to_string());
    let title = [piece("SESSION  ", Role::Accent), piece(name, Role::Heading)];
    let sheet = Sheet::open_in(pen, state, layout::card(state), &title, None);
    let body = sheet.body;
    let Some(session) = session else {
        let words = match state.sessions.newest() {
            Some(table) if missing_from(table, state.sessions.view.home(id)) == HoldReason::Gone => {
                "GONE: the newest list does not have this session any more."
            }
            // What was not read may still be there.
            _ => "NOT IN THE LIST: the part of it that could be read does not have this session.",
        };
        pen.text(body, body.x, 0, words, Role::Warning);
        sheet.close(pen, state, None, "", "");
        return;
    };
    draw_summary(pen, body, state, &session, clock);
    let lines = wrapped(lines(state, &session, Some(elsewhere), clock), body.width);
    let height = usize::from(Rows::of(state).card);
    let first = first_line(scroll, lines.len(), height);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    draw_lines(pen, list, lines.iter().skip(first).take(height));
    sheet.close(pen, state, None, "", &part_of(first, height, lines.len()));
}

/// Draws the session under the cursor beside the table, or the one that it has just left while it is on its way: that
/// one's lines move with the rows of the table, and three dots say that more is to come.
pub(crate) fn draw_panel(pen: &mut Pen<'_>, area: Rect, table: Rect, state: &State, clock: &Clock) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    pen.wall(area, Role::Border);
    let inside = Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
    let view = &state.sessions.view;
    let resting = state.sessions.panel.as_ref();
    let rested = resting.and_then(|rest| Some((rest, view.table().session(&rest.session)?)));
    let (session, lost, away) = match (rested, view.cursor()) {
        (Some((rest, session)), _) => (Some(Cow::Owned(session)), None, Some(rest.offset)),
        (None, Cursor::On(id)) => (view.table().session(id).map(Cow::Owned), None, None),
        (None, Cursor::Lost(lost)) => (Some(Cow::Borrowed(&lost.session)), Some(lost.why), None),
        (None, Cursor::Nowhere) => (None, None, None),
    };
    let Some(session) = session else {
        pen.text(inside, inside.x, 0, "no session under the cursor", Role::Muted);
        return;
    };
    // No time of the list: it would change with every poll, and an unchanged list must not cost a byte. Where it is old, the
    // status bar says so.
    let right = lost.map_or(piece("", Role::Muted), |why| piece(lost_words(why), Role::Warning));
    draw_name(pen, inside, &session, if away.is_some() { " ..." } else { "" }, right);
    // Beside the titles of the columns nothing moves.
    let fixed = usize::from(table.y.saturating_sub(area.y)).max(1);
    let up = away.map_or(0, |offset| view.offset() as isize - offset as isize);
    let shown = |line: usize| {
        let row = if line < fixed { Some(line) } else { line.checked_add_signed(-up) };
        row.filter(|row| (line < fixed || *row >= fixed) && *row < usize::from(area.height))
    };
    for (place, line) in wrapped(lines(state, &session, None, clock), inside.width).iter().enumerate() {
        if let Some(row) = shown(place + 1) {
            draw_line(pen, inside, row as u16, line);
        }
    }
}

/// Why a session is not listed any more, in a few words.
fn lost_words(why: Why) -> &'static str {
    match why {
        Why::Gone => "GONE, as last seen",
        Why::NotInPart => "not in this part of the list",
        Why::Hidden => "hidden now",
    }
}

/// Draws who it is, how it stands and as of when, in one line, and a rule.
fn draw_summary(pen: &mut Pen<'_>, area: Rect, state: &State, session: &Session, clock: &Clock) {
    let at = state.sessions.view.table().fetched_at();
    draw_name(pen, area, session, "", piece(format!("as of {}", clock.short(at)), Role::Muted));
    pen.rule(area, 1, Role::Border);
}

/// Draws who it is and how it stands, in one line.
fn draw_name(pen: &mut Pen<'_>, area: Rect, session: &Session, dots: &str, right: Piece<'_>) {
    let name = session.login().unwrap_or_else(|| Text::clean(UNKNOWN));
    let word = session.state.as_ref().map_or(UNKNOWN, SessionState::word).to_owned();
    let left = [
        piece(name.as_str(), Role::Accent),
        piece("  ", Role::Text),
        piece(word, Role::Heading),
        piece(dots, Role::Text),
    ];
    pen.line(area, 0, &left, &[right]);
}

fn draw_lines<'a>(pen: &mut Pen<'_>, area: Rect, lines: impl Iterator<Item = &'a Line>) {
    for (row, line) in (0..area.height).zip(lines) {
        draw_line(pen, area, row, line);
    }
}

fn draw_line(pen: &mut Pen<'_>, area: Rect, row: u16, line: &Line) {
    let label = text::left(line.label, LABEL, pen.glyphs.ellipsis());
    let role = if line.label == line.label.to_uppercase() { Role::Heading } else { Role::Muted };
    pen.line(area, row, &[piece(label, role), piece(line.value.as_str(), line.role)], &[]);
}

/// Breaks long values into lines; the label stands at the first.
fn wrapped(lines: Vec<Line>, width: u16) -> Vec<Line> {
    let room = usize::from(width).saturating_sub(LABEL).max(8);
    let broken = |line: Line| {
        let parts: Vec<String> =
            text::wrap(&line.value, room).into_iter().map(|part| part.trim_end().to_owned()).collect();
        let labelled = |(place, value): (usize, String)| Line {
            label: if place == 0 { line.label } else { "" },
            value,
            role: line.role,
        };
        parts.into_iter().enumerate().map(labelled).collect::<Vec<_>>()
    };
    lines.into_iter().flat_map(broken).collect()
}

/// All lines: the card of the user, which says what one asks first, then everything the server said. Ids come last. What the
/// user has on other pods is known to a sheet only.
fn lines(state: &State, session: &Session, elsewhere: Option<&Elsewhere>, clock: &Clock) -> Vec<Line> {
    let mut lines = card::lines(state, session, elsewhere, clock);
    let (plain, ids) = fields(state, session, clock);
    lines.push(blank());
    lines.push(Line { label: "ALL FIELDS", value: String::new(), role: Role::Text });
    lines.extend(plain);
    lines.push(blank());
    lines.extend(ids);
    lines
}

fn blank() -> Line {
    Line { label: "", value: String::new(), role: Role::Text }
}

fn line(label: &'static str, value: Option<String>) -> Line {
    let role = if value.is_some() { Role::Text } else { Role::Disabled };
    Line { label, value: value.unwrap_or_else(|| UNKNOWN.to_owned()), role }
}

/// A line for what not every session can have: `-` where there can be none, which is known, unlike `?`.
fn line_if(applies: bool, label: &'static str, value: Option<String>) -> Line {
    line(label, value.or_else(|| (!applies).then(|| NONE.to_owned())))
}

fn shown<T: Display>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

fn listed(values: Option<&Vec<impl Display>>) -> Option<String> {
    let values = values?;
    if values.is_empty() {
        return Some("none".to_owned());
    }
    Some(values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

fn yes_no(value: Option<bool>) -> Option<String> {
    value.map(|value| if value { "yes" } else { "no" }.to_owned())
}

/// Every field of a session, and its ids. The pattern names them all, so that a new one cannot be forgotten here.
fn fields(state: &State, session: &Session, clock: &Clock) -> (Vec<Line>, Vec<Line>) {
    let Session {
        id,
        user_id,
        broker_user_id,
        user_name,
        groups,
        kind,
        state: word,
        protocol,
        started_at,
        disconnected_at,
        idle_minutes,
        last_connection_ms,
        access_group_id,
        pool_id,
        farm_id,
        pool_name,
        pool_type,
        pool_source,
        machine_id,
        rds_server_id,
        machine_name,
        machine_dns,
        domain_name,
        agent_version,
        applications,
        client,
        gateway,
        pod_id,
        pod_name,
        brokering_pod_id,
        brokering_pod_name,
        resourced_remotely,
        brokered_remotely,
        unauthenticated,
        cloud_managed,
        forever,
        guid,
        internal_id,
    } = session;
    let as_of = state.sessions.view.table().as_of();
    let names = state.sessions.group_names.as_names();
    let named: Option<Vec<&str>> =
        groups.as_ref().map(|all| all.iter().map(|sid| names.group(sid.as_str())).collect());
    let moment = |at: &Option<Timestamp>| {
        at.map(|at| format!("{} ({} ago)", clock.full(at), duration(seconds(at, as_of))))
    };
    let is = |wanted: &SessionState| word.as_ref() == Some(wanted);
    let detached = is(&SessionState::Disconnected);
    let attached = is(&SessionState::Connected) || is(&SessionState::Pending);
    let desktop = *kind == Some(SessionKind::Desktop);
    let application = *kind == Some(SessionKind::Application);
    let federated = state.capabilities().is_none_or(|capabilities| capabilities.pod.is_some());
    let mut plain = vec![
        line("user", shown(user_name.as_ref())),
        line("state", shown(word.as_ref())),
        line_if(!detached, "no input for", idle_minutes.map(|minutes| duration(minutes.saturating_mul(60)))),
        line("logged on", moment(started_at)),
        line_if(!attached, "disconnected", moment(disconnected_at)),
        line("last leg", last_connection_ms.map(|milliseconds| duration(milliseconds / 1000))),
        line("type", shown(kind.as_ref())),
        line_if(!detached, "protocol", shown(protocol.as_ref())),
        line_if(!desktop, "applications", listed(applications.as_ref())),
        line("pool or farm", shown(pool_name.as_ref())),
        line("pool type", shown(pool_type.as_ref())),
        line("pool source", shown(pool_source.as_ref())),
        line("machine", shown(machine_name.as_ref())),
        line("DNS name", shown(machine_dns.as_ref())),
        line("domain", shown(domain_name.as_ref())),
        line("agent version", shown(agent_version.as_ref())),
        line("client", shown(client.kind.as_ref())),
        line("client version", shown(client.version.as_ref())),
        line("client host", shown(client.name.as_ref())),
        line("client address", shown(client.address.as_ref())),
        line("client location", shown(client.location_id.as_ref())),
        line("gateway", shown(gateway.name.as_ref())),
        line("gateway address", shown(gateway.address.as_ref())),
        line("gateway stands", shown(gateway.location.as_ref())),
        line_if(federated, "pod", shown(pod_name.as_ref())),
        line("on another pod", yes_no(*resourced_remotely)),
        line("brokered remotely", yes_no(*brokered_remotely)),
        line("unauthenticated", yes_no(*unauthenticated)),
        line("cloud managed", yes_no(*cloud_managed)),
        line_if(!desktop, "never ends", yes_no(*forever)),
        line("groups", listed(named.as_ref())),
    ];
    let ids = vec![
        line("user id", shown(user_id.as_ref())),
        line("broker user id", shown(broker_user_id.as_ref())),
        line("access group id", shown(access_group_id.as_ref())),
        line_if(!(application && farm_id.is_some()), "pool id", shown(pool_id.as_ref())),
        line_if(machine_id.is_none(), "farm id", shown(farm_id.as_ref())),
        line_if(!session.is_on_rds_server(), "machine id", shown(machine_id.as_ref())),
        line_if(machine_id.is_none(), "RDS server id", shown(rds_server_id.as_ref())),
        line_if(federated, "pod id", shown(pod_id.as_ref())),
        line("stable id", shown(guid.as_ref())),
        line("help desk id", shown(internal_id.as_ref())),
        line("session id", Some(id.to_string())),
    ];
    // Only the federation's list tells it, and only where the pod is another one it is worth a line.
    let broker = shown(brokering_pod_name.as_ref()).or_else(|| shown(brokering_pod_id.as_ref()));
    if broker.is_some() && broker != shown(session.pod_label().as_ref()) {
        plain.push(line("brokered by pod", broker));
    }
    (plain, ids)
}
