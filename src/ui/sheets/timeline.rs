//! What was seen of one session, the newest first; and all that the server said of it, as it came.

use ratatui::layout::Rect;

use crate::{
    core::{
        card,
        rows::Rows,
        state::State,
        timeline::{self, Seen, Source},
    },
    domain::SessionId,
    ui::{
        pen::{Pen, piece},
        text,
        theme::Role,
        time::{Clock, duration, seconds},
    },
};

use super::sheet::{Sheet, first_line, part_of};

/// Draws the timeline.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, id: &SessionId, scroll: usize, clock: &Clock) {
    let name = timeline::name(state, id);
    let title = [piece("TIMELINE  ", Role::Accent), piece(name, Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    let words = match state.sessions.past.since() {
        Some(since) => {
            let ago = duration(seconds(since, state.now));
            format!(
                "what this console saw: its polls from {} on ({ago}), events, own jobs",
                clock.time(since)
            )
        }
        None => "this console has read no list yet".to_owned(),
    };
    pen.text(body, body.x, 0, &words, Role::Muted);
    pen.rule(body, 1, Role::Border);
    let seen = timeline::of(state, id);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    if seen.is_empty() {
        pen.text(list, list.x, 0, "nothing was seen of it yet", Role::Muted);
    }
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(scroll, seen.len(), height);
    for (row, seen) in (0..list.height).zip(seen.iter().skip(first).take(height)) {
        draw_seen(pen, list, row, seen, clock);
    }
    sheet.close(pen, state, None, "", &part_of(first, height, seen.len()));
}

fn draw_seen(pen: &mut Pen<'_>, area: Rect, row: u16, seen: &Seen, clock: &Clock) {
    let (source, role) = match seen.source {
        Source::List => ("poll ", Role::Muted),
        Source::Event => ("event", Role::Info),
        Source::Own => ("own  ", Role::Own),
    };
    let (mark, words_role) = match seen.rank {
        0 => ("", Role::Text),
        1 => ("! ", Role::Warning),
        _ => ("!! ", Role::Danger),
    };
    let time = text::left(&clock.full(seen.at), 21, "");
    let words = format!(" {mark}{}", seen.words);
    pen.line(area, row, &[piece(time, Role::Muted), piece(source, role), piece(words, words_role)], &[]);
}

/// Draws the raw record.
pub(super) fn draw_raw(pen: &mut Pen<'_>, state: &State, id: &SessionId, scroll: usize) {
    let name = timeline::name(state, id);
    let title = [piece("RAW RECORD  ", Role::Accent), piece(name, Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    let words = "as the server said it; pod and flags are this console's own";
    pen.text(body, body.x, 0, words, Role::Muted);
    pen.rule(body, 1, Role::Border);
    let record = card::raw(state, id);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    if record.is_empty() {
        pen.text(list, list.x, 0, "the newest list does not have this session any more", Role::Warning);
    }
    let lines: Vec<&str> =
        record.lines().flat_map(|line| text::wrap(line, usize::from(body.width))).collect();
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(scroll, lines.len(), height);
    for (row, line) in (0..list.height).zip(lines.iter().skip(first).take(height)) {
        pen.text(list, list.x, row, line, Role::Text);
    }
    sheet.close(pen, state, None, "", &part_of(first, height, lines.len()));
}
