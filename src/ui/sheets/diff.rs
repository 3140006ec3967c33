//! What changed since some time ago: by kind, bursts with what they share, then one by one.

use ratatui::layout::Rect;

use crate::{
    core::{
        facets::Facet,
        past::{Burst, Change, ChangeKind, DiffLine, DiffSheet},
        state::State,
        table::SessionTable,
    },
    domain::{SessionFacts, SessionState, Text},
    ui::{
        pen::{Pen, Piece, piece},
        text,
        theme::Role,
        time::{Clock, duration, seconds},
    },
};

use super::sheet::{Sheet, part_of};

/// What stands for a value that is not known.
const UNKNOWN: &str = "?";

/// The columns of the moment with the blanks around it, of what the newest list says with the one before it, and of the agent.
const TIME: usize = 12;
const NOW: usize = 13;
const AGENT: usize = 8;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &DiffSheet, clock: &Clock) {
    let since =
        format!("{} to {} ({})", clock.from(open.from), clock.time(open.until), duration(open.seconds));
    let title = [piece("CHANGES  ", Role::Accent), piece(since, Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    pen.line(body, 0, &counts(open), &[]);
    match open.known_from {
        Some(from) => {
            let seen = duration(seconds(from, open.until));
            let words =
                format!("! known from {} on only ({seen}): nothing was seen before", clock.from(from));
            pen.text(body, body.x, 1, &words, Role::Warning);
        }
        None => pen.rule(body, 1, Role::Border),
    }
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    let lines = open.lines();
    if lines.is_empty() {
        pen.text(list, list.x, 0, "nothing changed between the polls of this time", Role::Muted);
    }
    let height = usize::from(list.height.max(1));
    let first = open.cursor.saturating_sub(height / 2).min(lines.len().saturating_sub(height));
    let columns = Columns::of(&lines, list.width);
    for (row, (place, line)) in (0..list.height).zip(lines.iter().enumerate().skip(first)) {
        draw_line(pen, list, row, state, line, &columns, clock);
        if place == open.cursor {
            pen.text(list, list.x, row, ">", Role::Selection);
            pen.cursor_row(list, row, 12, true);
        }
    }
    sheet.close(pen, state, None, "", &part_of(first, height, lines.len()));
}

/// How many of each kind there are.
fn counts(open: &DiffSheet) -> Vec<Piece<'static>> {
    let count = |kind: ChangeKind| {
        let count = open.count(kind);
        let role = match (count, kind) {
            (0, _) => Role::Muted,
            (_, ChangeKind::Dropped) => Role::Warning,
            _ => Role::Text,
        };
        piece(format!("{} {count}   ", kind.label()), role)
    };
    ChangeKind::ALL.into_iter().map(count).collect()
}

fn draw_line(
    pen: &mut Pen<'_>,
    area: Rect,
    row: u16,
    state: &State,
    line: &DiffLine<'_>,
    columns: &Columns,
    clock: &Clock,
) {
    match line {
        DiffLine::Kind(kind, count) => {
            let words = format!(" {} {count}", kind.label().to_uppercase());
            let meaning = piece(format!("   {}", kind.meaning()), Role::Muted);
            pen.line(area, row, &[piece(words, Role::Heading), meaning], &[]);
        }
        DiffLine::Burst(burst) => draw_burst(pen, area, row, burst),
        DiffLine::Change(change) => draw_change(pen, area, row, state, change, columns, clock),
    }
}

/// `4 within 28 s on gateway uag-e1, agent 8.12.1`.
fn draw_burst(pen: &mut Pen<'_>, area: Rect, row: u16, burst: &Burst) {
    if burst.shared.is_empty() {
        let words = format!("  {} one by one", burst.changes.len());
        pen.text(area, area.x, row, &words, Role::Muted);
        return;
    }
    let shared: Vec<String> =
        burst.shared.iter().map(|shared| format!("{} {}", shared.facet.name(), shared.value)).collect();
    let words = format!("  {} within {} s, all on ", burst.changes.len(), burst.seconds());
    pen.line(area, row, &[piece(words, Role::Warning), piece(shared.join(", "), Role::Accent)], &[]);
}

/// When, who, where, and what became of it since.
fn draw_change(
    pen: &mut Pen<'_>,
    area: Rect,
    row: u16,
    state: &State,
    change: &Change,
    columns: &Columns,
    clock: &Clock,
) {
    let ellipsis = pen.glyphs.ellipsis();
    let [user, host, pool, gateway] = names(change);
    let [user_width, host_width, pool_width, gateway_width] = columns.names;
    let mut pieces = vec![
        piece(format!("  {} ", text::left(&clock.short(change.at), 9, "")), Role::Muted),
        piece(text::account(user, user_width, ellipsis), Role::Text),
        piece(format!(" {}", text::left(host, host_width, ellipsis)), Role::Text),
        piece(format!(" {}", text::left(pool, pool_width, ellipsis)), Role::Text),
        piece(format!(" {}", text::left(gateway, gateway_width, ellipsis)), Role::Text),
    ];
    if columns.agent {
        let agent = change.said(Facet::Agent).map_or(UNKNOWN, Text::as_str);
        pieces.push(piece(format!(" {}", text::left(agent, AGENT, ellipsis)), Role::Muted));
    }
    if let Some(words) = states(change) {
        pieces.push(piece(format!(" {words}"), Role::Text));
    }
    let (words, role) =
        state.sessions.newest().map_or((UNKNOWN.to_owned(), Role::Muted), |table| now(table, change));
    pen.line(area, row, &pieces, &[piece(words, role)]);
}

/// From which state to which, where that is what changed.
fn states(change: &Change) -> Option<String> {
    let word = |state: &Option<SessionState>| {
        state.as_ref().map_or_else(|| UNKNOWN.to_owned(), |state| state.word().to_lowercase())
    };
    let (before, after) = &change.states;
    (change.kind == ChangeKind::Changed).then(|| format!("{} to {}", word(before), word(after)))
}

/// User, machine, pool and gateway.
fn names(change: &Change) -> [&str; 4] {
    let said = |facet: Facet| change.said(facet).map_or(UNKNOWN, Text::as_str);
    let user = change.user.as_ref().map_or(UNKNOWN, Text::as_str);
    [user, said(Facet::Host), said(Facet::Pool), said(Facet::Gateway)]
}

/// How wide the columns of the changes are.
struct Columns {
    /// User, machine, pool, gateway.
    names: [usize; 4],
    /// Whether there is room for the agent.
    agent: bool,
}

impl Columns {
    /// The names share the room that the rest leaves: those that need less give way to those that need more.
    fn of(lines: &[DiffLine<'_>], width: u16) -> Self {
        let agent = width >= 90;
        let (mut needed, mut states_need) = ([0; 4], 0);
        for line in lines {
            let DiffLine::Change(change) = line else { continue };
            for (need, name) in needed.iter_mut().zip(names(change)) {
                *need = (*need).max(text::width(name));
            }
            states_need = states_need.max(states(change).map_or(0, |words| text::width(&words) + 1));
        }
        let rest = TIME + NOW + states_need + if agent { AGENT + 1 } else { 0 };
        // A blank before each of the names but the first.
        let room = usize::from(width).saturating_sub(rest + 3).max(28);
        let part = room / 4;
        Self { names: text::fitted([part + 2, part, part, part - 2], needed), agent }
    }
}

/// What the newest list says of the session.
fn now(table: &SessionTable, change: &Change) -> (String, Role) {
    match table.row_of(&change.session) {
        None => ("gone".to_owned(), Role::Disabled),
        Some(session) => {
            let word = session.state().map_or(UNKNOWN.to_owned(), |state| state.word().to_lowercase());
            (text::head(&word, 12).to_owned(), Role::Muted)
        }
    }
}
