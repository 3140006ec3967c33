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

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &DiffSheet, clock: &Clock) {
    let since = format!("since {} ({})", clock.time(open.from), duration(open.seconds));
    let title = [piece("CHANGES  ", Role::Accent), piece(since, Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    pen.line(body, 0, &counts(open), &[]);
    match open.known_from {
        Some(from) => {
            let ago = duration(seconds(from, state.now));
            let words =
                format!("! known from {} on only ({ago} ago): nothing was seen before", clock.time(from));
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
    for (row, (place, line)) in (0..list.height).zip(lines.iter().enumerate().skip(first)) {
        draw_line(pen, list, row, state, line, clock);
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

fn draw_line(pen: &mut Pen<'_>, area: Rect, row: u16, state: &State, line: &DiffLine<'_>, clock: &Clock) {
    match line {
        DiffLine::Kind(kind, count) => {
            let words = format!(" {} {count}", kind.label().to_uppercase());
            let meaning = piece(format!("   {}", kind.meaning()), Role::Muted);
            pen.line(area, row, &[piece(words, Role::Heading), meaning], &[]);
        }
        DiffLine::Burst(burst) => draw_burst(pen, area, row, burst),
        DiffLine::Change(change) => draw_change(pen, area, row, state, change, clock),
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
fn draw_change(pen: &mut Pen<'_>, area: Rect, row: u16, state: &State, change: &Change, clock: &Clock) {
    let ellipsis = pen.glyphs.ellipsis();
    let said = |facet: Facet| change.said(facet).map_or(UNKNOWN, Text::as_str);
    let user = change.user.as_ref().map_or(UNKNOWN, Text::as_str);
    // Where it is wide the names have more room, and the agent is told too.
    let wide = usize::from(area.width / 24);
    let mut pieces = vec![
        piece(format!("  {} ", text::left(&clock.time(change.at), 9, "")), Role::Muted),
        piece(text::account(user, 9 + wide, ellipsis), Role::Text),
        piece(format!(" {}", text::left(said(Facet::Host), 8 + wide, ellipsis)), Role::Text),
        piece(format!(" {}", text::left(said(Facet::Pool), 7 + wide, ellipsis)), Role::Text),
        piece(format!(" {}", text::left(said(Facet::Gateway), 6 + wide, ellipsis)), Role::Text),
    ];
    if area.width >= 90 {
        pieces.push(piece(format!(" {}", text::left(said(Facet::Agent), 8, ellipsis)), Role::Muted));
    }
    if change.kind == ChangeKind::Changed {
        let word = |state: &Option<SessionState>| {
            state.as_ref().map_or_else(|| UNKNOWN.to_owned(), |state| state.word().to_lowercase())
        };
        pieces.push(piece(format!(" {} to {}", word(&change.states.0), word(&change.states.1)), Role::Text));
    }
    let (words, role) =
        state.sessions.newest().map_or((UNKNOWN.to_owned(), Role::Muted), |table| now(table, change));
    pen.line(area, row, &pieces, &[piece(words, role)]);
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
