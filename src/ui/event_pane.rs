//! The event pane: its rule, its rows, and what it says when the server has no events for us.

use ratatui::layout::Rect;

use crate::{
    core::{
        command::{Command, Context},
        events::{Entry, EntryBody, EventPane, Fold, LevelFilter, Minute, OwnRecord, RecordLevel, Row},
        state::{Focus, State},
    },
    domain::{AuditEvent, EventFeed, Severity, Text, WireKind},
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        text,
        theme::Role,
        time::{Clock, duration},
    },
};

/// The window in which the rule counts errors and warnings.
const RECENT_SECONDS: i64 = 3600;
/// Columns of the time and the severity.
const FIRST: u16 = 16;
/// From this width on the pool stands at the right of a row.
const WIDE: u16 = 100;

/// Draws the rule and the rows.
pub(super) fn draw(pen: &mut Pen<'_>, rule: Rect, area: Rect, state: &State, clock: &Clock) {
    if area.height == 0 {
        return;
    }
    draw_rule(pen, rule, state);
    let pane = &state.events;
    let mut row = 0;
    if let Some((words, role)) = obstacle(pane, state.wire()) {
        pen.text(area, area.x + 1, row, &words, role);
        row += 1;
    }
    let rows = pane.window(usize::from(area.height - row));
    if rows.is_empty() && row == 0 {
        let words = if pane.entries().next().is_some() {
            "no event passes the level and the filter"
        } else if pane.read_at.is_some() {
            "no events yet"
        } else {
            "reading the events"
        };
        pen.text(area, area.x + 1, row, words, Role::Muted);
    }
    for line in rows {
        draw_entry(pen, area, row, state, &line, clock);
        row += 1;
    }
}

/// Why the server's rows are missing or old, said plainly.
fn obstacle(pane: &EventPane, wire: WireKind) -> Option<(String, Role)> {
    let only_own = "only this console's own acts are listed";
    // Of this wire it is known before anybody asked.
    let feed = pane.feed.as_ref().or((wire == WireKind::Workspace).then_some(&EventFeed::NotOffered));
    let words = match (feed, &pane.fault) {
        (Some(EventFeed::NotInRelease), _) => {
            format!("this release has no event log: {only_own}")
        }
        (Some(EventFeed::NoDatabase), _) => {
            format!("no event database on the server: {only_own}")
        }
        (Some(EventFeed::NotOffered), _) => "Workspace has no audit feed; own records only".to_owned(),
        (Some(EventFeed::NotPermitted), _) => format!("your role may not read events: {only_own}"),
        (_, Some(fault)) => {
            return Some((
                format!("! events could not be read: {}: {}", fault.kind, fault.message),
                Role::Stale,
            ));
        }
        (Some(EventFeed::Available) | None, None) => return None,
    };
    Some((words, Role::Warning))
}

/// Draws the title line: what is shown, how late, how much is wrong. With the keys it is a double line in capitals.
fn draw_rule(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let focused = state.focus == Focus::Events;
    let border = if focused { Role::BorderFocus } else { Role::Border };
    if focused {
        pen.strong_rule(area, 0, border);
    } else {
        pen.rule(area, 0, border);
    }
    let title = piece(if focused { " EVENTS " } else { " events " }, border);
    // With the keys the same key means something else.
    let size = state.key(if focused { Context::Events } else { Context::Sessions }, Command::EventSize);
    let right = [piece(format!(" [{size}] "), border)];
    // Two columns of the line show at both ends.
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let mut parts = rule_parts(state, area.width, pen.glyphs.rates());
    // Where not all fit, the least important is left out whole.
    let room = usize::from(inner.width).saturating_sub(pieces_width(&right) + 1);
    let wide = |parts: &[Part<'_>]| parts.iter().map(|part| pieces_width(&part.pieces)).sum::<usize>();
    while text::width(&title.0) + wide(&parts) > room
        && let Some(least) = parts.iter().map(|part| part.rank).max()
    {
        parts.retain(|part| part.rank != least);
    }
    let pieces: Vec<Piece<'_>> =
        std::iter::once(title).chain(parts.into_iter().flat_map(|part| part.pieces)).collect();
    pen.line(inner, 0, &pieces, &right);
}

/// A part of the rule; the higher its rank, the sooner it is left out.
struct Part<'a> {
    rank: u8,
    pieces: Vec<Piece<'a>>,
}

/// The parts of the rule, in the order in which they stand.
fn rule_parts<'a>(state: &'a State, width: u16, rates: &'static [&'static str]) -> Vec<Part<'a>> {
    let pane = &state.events;
    let part = |rank, pieces| Part { rank, pieces };
    let follow = if pane.follow { piece(" follow ", Role::Muted) } else { piece(" stays ", Role::Warning) };
    let lag = pane.lag_seconds.map_or_else(|| "?".to_owned(), |seconds| format!("~{}", duration(seconds)));
    let lag = piece(format!(" lag {lag} "), Role::Muted);
    let level = piece(format!(" level {} ", pane.level.label()), Role::Muted);
    let filter = match (&pane.filter_error, pane.filter_text.as_str()) {
        (Some(error), text) => part(3, vec![piece(format!(" filter: {text} ! {error} "), Role::Danger)]),
        (None, "") => part(7, vec![piece(" filter: - ", Role::Muted)]),
        (None, text) => part(2, vec![piece(format!(" filter: {text} "), Role::Input)]),
    };
    let recent = recent(state);
    let level_rank = if pane.level == LevelFilter::All { 8 } else { 1 };
    let mut parts = vec![
        part(0, vec![follow]),
        part(5, vec![lag]),
        part(level_rank, vec![level]),
        filter,
        part(4, recent),
        part(6, strip(pane, width, rates)),
    ];
    if pane.unseen > 0 {
        parts.push(part(1, vec![piece(format!(" unseen {} ", pane.unseen), Role::Mark)]));
    }
    parts
}

/// How much went wrong lately; `?` as long as the server's rows were never read: own records alone say nothing.
fn recent(state: &State) -> Vec<Piece<'static>> {
    let pane = &state.events;
    if pane.feed != Some(EventFeed::Available) || pane.read_at.is_none() {
        return vec![piece(" 1h: ? ", Role::Muted)];
    }
    let (errors, warnings) = pane.recent(state.now, RECENT_SECONDS);
    vec![
        piece(" 1h: ", Role::Muted),
        piece(format!("{errors} err"), if errors > 0 { Role::Danger } else { Role::Muted }),
        piece(format!(" {warnings} warn "), if warnings > 0 { Role::Warning } else { Role::Muted }),
    ]
}

/// Events per minute; a minute with an error has a mark instead of its height.
fn strip(pane: &EventPane, width: u16, rates: &'static [&'static str]) -> Vec<Piece<'static>> {
    let minutes = match width {
        ..WIDE => 15,
        WIDE..200 => 30,
        200.. => 60,
    };
    if pane.entries().next().is_none() {
        return Vec::new();
    }
    let rate = pane.rate(minutes);
    let most = rate.iter().map(|minute| minute.events).max().unwrap_or(0).max(1);
    let mut pieces = vec![piece(if width < 200 { " " } else { " per minute " }, Role::Muted)];
    let (zero, heights) = rates.split_first().map_or((" ", rates), |(zero, heights)| (*zero, heights));
    pieces.extend(rate.into_iter().map(|Minute { events, rank }| {
        let height = (events as usize * heights.len()).div_ceil(most as usize);
        let bar = height.checked_sub(1).and_then(|place| heights.get(place)).copied().unwrap_or(zero);
        match rank {
            0 => piece(bar, Role::Muted),
            1 => piece(bar, Role::Warning),
            _ => piece("!", Role::Danger),
        }
    }));
    pieces.push(piece(" ", Role::Muted));
    pieces
}

fn draw_entry(pen: &mut Pen<'_>, area: Rect, row: u16, state: &State, line: &Row<'_>, clock: &Clock) {
    let entry = line.entry;
    let (tag, role) = tag(&entry.body, state.wire());
    let (source, words, ours) = match &entry.body {
        EntryBody::Audit { event, ours } => (source(event), words(event), ours.map(|claim| claim.job)),
        EntryBody::Own(record) => (own_source(record), own_words(record), record.job),
    };
    let words = line.fold.as_ref().map_or(words, |fold| folded(state, fold, &source, entry));
    let mut left = vec![
        piece(" ", Role::Text),
        piece(text::left(&clock.short(entry.time), 9, ""), Role::Muted),
        piece(format!(" {tag:<4} "), role),
        piece(text::left(&source, 7, ""), Role::Muted),
    ];
    let mut right = Vec::new();
    if area.width >= WIDE
        && let EntryBody::Audit { event, .. } = &entry.body
    {
        let place =
            event.pool_name.as_ref().or(event.application_pool_name.as_ref()).map_or("", Text::as_str);
        right.push(piece(text::left(place, 16, pen.glyphs.ellipsis()), Role::Muted));
    }
    // Rows that tell of our own jobs carry a star, so that they are known without colour.
    if let (EntryBody::Audit { .. }, Some(job)) = (&entry.body, ours) {
        right.push(piece(format!(" *job {job}"), Role::Own));
    }
    right.push(piece(" ", Role::Text));
    // Whom it is about often stands at the end of the sentence, in parentheses: a long one loses its middle.
    let room = usize::from(area.width).saturating_sub(pieces_width(&left) + pieces_width(&right) + 1);
    let words = text::cut_before_end(&words, room, pen.glyphs.ellipsis()).into_owned();
    left.push(piece(words, if entry.rank() > 0 { role } else { Role::Text }));
    pen.line(area, row, &left, &right);
    if !state.events.follow && state.events.cursor.is_some_and(|cursor| line.holds(cursor)) {
        pen.text(area, area.x, row, ">", Role::Accent);
        pen.cursor_row(area, row, FIRST, state.focus == Focus::Events);
    }
}

/// What stands for several rows: the same said so many times, or a burst and what its sessions share.
fn folded(state: &State, fold: &Fold<'_>, source: &str, last: &Entry) -> String {
    let opens = state.key(Context::Events, Command::EventFold);
    let count = fold.members.len();
    let text = match &last.body {
        EntryBody::Audit { event, .. } => words(event),
        EntryBody::Own(record) => own_words(record),
    };
    let seconds = fold.seconds();
    if fold.repeats {
        return format!("{text} ({count} times within {seconds} s, {opens} opens)");
    }
    let place = shared_gateway(state, fold).or_else(|| shared_pool(fold));
    let place = place.map_or_else(String::new, |place| format!("{place}: "));
    if fold.is_of_drops() {
        return format!("{place}{count} sessions dropped within {seconds} s (folded, {opens} opens)");
    }
    let source = source.to_lowercase();
    format!("{place}{count} troubles of {source} within {seconds} s, last: {text} (folded, {opens} opens)")
}

/// The gateway that all users of a burst came through when they dropped, as far as the polls saw it.
fn shared_gateway(state: &State, fold: &Fold<'_>) -> Option<String> {
    let of = |entry: &&Entry| match &entry.body {
        EntryBody::Audit { event, .. } => {
            state.sessions.past.gateway_of_drop(event.user_id.as_ref()?.raw(), entry.time)
        }
        EntryBody::Own(_) => None,
    };
    let mut gateways = fold.members.iter().map(of);
    let first = gateways.next()??;
    gateways.all(|other| other == Some(first)).then(|| first.to_string())
}

/// The pool that all rows of a burst name.
fn shared_pool(fold: &Fold<'_>) -> Option<String> {
    let of = |entry: &&Entry| match &entry.body {
        EntryBody::Audit { event, .. } => event.pool_name.clone(),
        EntryBody::Own(_) => None,
    };
    let mut pools = fold.members.iter().map(of);
    let first = pools.next()??;
    pools.all(|other| other.as_ref() == Some(&first)).then(|| first.to_string())
}

/// The letters and the role of a row's severity.
fn tag(body: &EntryBody, wire: WireKind) -> (String, Role) {
    match body {
        EntryBody::Audit { event, .. } => match &event.severity {
            Some(severity) => (severity.tag().to_owned(), severity_role(severity)),
            None => ("?".to_owned(), Role::Warning),
        },
        EntryBody::Own(record) => match record.level {
            RecordLevel::Info => (wire.letters().to_owned(), Role::Own),
            RecordLevel::Warning => (format!("{} W", wire.letters()), Role::Warning),
            RecordLevel::Error => (format!("{} E", wire.letters()), Role::Danger),
        },
    }
}

pub(crate) fn severity_role(severity: &Severity) -> Role {
    match severity {
        Severity::Info => Role::Info,
        Severity::AuditSuccess => Role::Audit,
        Severity::Warning | Severity::Unknown(_) => Role::Warning,
        Severity::Error | Severity::AuditFail => Role::Danger,
    }
}

fn source(event: &AuditEvent) -> String {
    event.module.as_ref().map_or_else(|| "?".to_owned(), |module| module.as_str().to_uppercase())
}

fn own_source(record: &OwnRecord) -> String {
    record.job.map_or_else(|| "-".to_owned(), |job| format!("JOB {job}"))
}

/// The record without its job, which stands in the column before it.
fn own_words(record: &OwnRecord) -> String {
    let text = record.text.as_str();
    let prefix = format!("{} ", own_source(record));
    text.strip_prefix(&prefix).unwrap_or(text).to_owned()
}

/// What happened: the server's sentence, else the event's type.
fn words(event: &AuditEvent) -> String {
    let text = event.message.as_ref().or(event.kind.as_ref());
    text.map_or_else(|| "?".to_owned(), |text| text.as_str().to_owned())
}
