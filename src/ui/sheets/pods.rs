//! The pods of the federation: what the server says of their health, and how their lists of sessions stand.

use ratatui::layout::Rect;

use crate::{
    core::{
        remote::Remote,
        rows::Rows,
        state::{Scope, State},
        table::PodRead,
    },
    domain::{Fault, Federation, Pod, Text},
    ui::{
        pen::{Pen, Piece, piece},
        pods::standing,
        text,
        theme::Role,
        time::Clock,
    },
};

use super::sheet::{Sheet, cells, first_around, part_of};

/// Lines about the pod under the cursor, with the rule above them.
const ABOUT: u16 = 5;
/// What stands for a value that is not known.
const UNKNOWN: &str = "?";
/// What stands where there can be no value.
const NONE: &str = "-";

/// Draws the pods.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, cursor: usize, clock: &Clock) {
    let name = match &state.federation.pods {
        Remote::Loaded { value: Some(federation), .. } | Remote::Stale { value: Some(federation), .. } => {
            federation.name.as_ref()
        }
        _ => None,
    };
    let mut title = vec![piece("PODS", Role::Accent)];
    if let Some(name) = name {
        title.push(piece(format!("  {name}"), Role::Heading));
    }
    let read = state.federation.pods.read_at().map(|at| format!("read {}", clock.time(at)));
    let sheet = Sheet::open(pen, state, &title, read.as_deref());
    let (part, words) = match &state.federation.pods {
        Remote::Loaded { value: Some(federation), .. } => {
            (draw_pods(pen, sheet.body, state, federation, cursor, clock), scope(state))
        }
        Remote::Stale { value: Some(federation), why, .. } => {
            let words = format!("could not be read again: {}: {}", why.kind, why.message);
            (draw_pods(pen, sheet.body, state, federation, cursor, clock), words)
        }
        Remote::Loaded { value: None, .. } | Remote::Stale { value: None, .. } => {
            let lines = [
                "There is no federation here: Cloud Pod Architecture is not set up, or the release is",
                "too old to tell. The list of sessions is that of the one pod there is.",
            ];
            (draw_words(pen, sheet.body, &lines.join(" "), Role::Text), String::new())
        }
        Remote::Failed { why, .. } => {
            let words = format!("{}: {}: {}", why.operation, why.kind, why.message);
            (draw_words(pen, sheet.body, &words, Role::Danger), "the pods could not be read".to_owned())
        }
        Remote::NotAsked | Remote::Loading => {
            (draw_words(pen, sheet.body, "reading the pods", Role::Muted), String::new())
        }
    };
    sheet.close(pen, state, None, &words, &part);
}

/// Whose sessions are listed.
fn scope(state: &State) -> String {
    match state.federation.scope {
        Scope::Local => "listed: the sessions of this pod".to_owned(),
        Scope::Global => "listed: the sessions of all pods".to_owned(),
    }
}

fn draw_words(pen: &mut Pen<'_>, body: Rect, words: &str, role: Role) -> String {
    for (row, line) in (0..body.height).zip(text::wrap(words, usize::from(body.width))) {
        pen.text(body, body.x, row, line.trim_end(), role);
    }
    String::new()
}

/// Draws the list, and more about the pod under the cursor; returns which part of the list is seen.
fn draw_pods(
    pen: &mut Pen<'_>,
    body: Rect,
    state: &State,
    federation: &Federation,
    cursor: usize,
    clock: &Clock,
) -> String {
    let ellipsis = pen.glyphs.ellipsis();
    let widths = Widths::of(body.width);
    let titles = widths.row(["POD", "SITE", "HEALTH", "LIST", "SESSIONS", "AS OF", "WHY"], ellipsis);
    pen.line(body, 0, &[piece(format!("  {titles}"), Role::Heading)], &[]);
    let height = body.height.saturating_sub(1 + ABOUT).max(1).min(Rows::of(state).sheet);
    let count = federation.pods.len();
    let cursor = cursor.min(count.saturating_sub(1));
    let first = first_around(cursor, usize::from(height));
    for (row, (place, pod)) in
        (1..=height).zip(federation.pods.iter().enumerate().skip(first).take(usize::from(height)))
    {
        let read = read_of(state, pod);
        let (list, role) = read.map_or((NONE, Role::Muted), standing);
        let text = |text: Option<&Text>| text.map_or(UNKNOWN, Text::as_str).to_owned();
        let name = if pod.local { format!("{} (this)", pod.label()) } else { pod.label().to_string() };
        // Of a pod that was never read nothing is known, which is not none.
        let sessions = match read {
            Some(read) if read.as_of.is_some() => read.sessions.to_string(),
            Some(_) => UNKNOWN.to_owned(),
            None => NONE.to_owned(),
        };
        let as_of = read.map_or_else(
            || NONE.to_owned(),
            |read| match read.as_of {
                // Fresh lists come with every poll, and an idle screen stands still.
                Some(_) if !read.is_stale() => "now".to_owned(),
                Some(at) => clock.time(at),
                None => "never".to_owned(),
            },
        );
        let why = read.and_then(|read| read.fault.as_ref()).map_or_else(String::new, reason);
        let line = widths.row(
            [&name, &text(pod.site.as_ref()), &text(pod.health.as_ref()), list, &sessions, &as_of, &why],
            ellipsis,
        );
        let chosen = place == cursor;
        let role = if role == Role::Success || role == Role::Muted { Role::Text } else { role };
        pen.line(body, row, &[piece(if chosen { "> " } else { "  " }, Role::Accent), piece(line, role)], &[]);
        if chosen {
            pen.tint(body, row, Role::Selection);
        }
    }
    if let Some(pod) = federation.pods.get(cursor) {
        let used = 1 + height.min(count as u16);
        let rest = Rect { y: body.y + used, height: body.height.saturating_sub(used), ..body };
        draw_about(pen, rest, pod, read_of(state, pod), clock);
    }
    part_of(first, usize::from(height), count)
}

/// What is known of a pod's list.
fn read_of<'a>(state: &'a State, pod: &Pod) -> Option<&'a PodRead> {
    state.sessions.newest()?.pod(&pod.id)
}

fn reason(fault: &Fault) -> String {
    format!("{}: {}", fault.kind, fault.message)
}

/// Draws in full what the list has to cut.
fn draw_about(pen: &mut Pen<'_>, area: Rect, pod: &Pod, read: Option<&PodRead>, clock: &Clock) {
    if area.height < 2 {
        return;
    }
    pen.rule(area, 0, Role::Border);
    let known = |text: Option<&Text>| text.map_or(UNKNOWN, Text::as_str).to_owned();
    let mut lines = vec![
        vec![piece(pod.label().to_string(), Role::Accent), piece(format!("  id {}", pod.id), Role::Muted)],
        vec![
            piece("site ", Role::Muted),
            piece(known(pod.site.as_ref()), Role::Text),
            piece("  health ", Role::Muted),
            piece(known(pod.health.as_ref()), Role::Text),
        ],
    ];
    if let Some(description) = pod.description.as_ref().filter(|text| !text.as_str().is_empty()) {
        lines.push(vec![piece(description.to_string(), Role::Muted)]);
    }
    let width = usize::from(area.width);
    for words in said(read, clock) {
        let broken = text::wrap(&words, width).into_iter();
        lines.extend(broken.map(|line| vec![piece(line.trim_end().to_owned(), Role::Text)]));
    }
    for (row, line) in (1..area.height).zip(&lines) {
        let line: &[Piece<'_>] = line;
        pen.line(area, row, line, &[]);
    }
}

/// Why it does not answer, as a sentence. The server's words may be one already.
fn no_answer(fault: &Fault) -> String {
    let words = format!("It does not answer: {}", reason(fault));
    let ended = words.ends_with(['.', '!', '?', '…']);
    if ended { words } else { words + "." }
}

/// How its list stands, in sentences.
fn said(read: Option<&PodRead>, clock: &Clock) -> Vec<String> {
    let Some(read) = read else {
        return vec!["Its sessions are not listed now.".to_owned()];
    };
    match (&read.fault, read.as_of) {
        (Some(fault), Some(at)) => vec![
            no_answer(fault),
            format!(
                "Its {} sessions are shown as they were at {}; no verb is sent to them.",
                read.sessions,
                clock.time(at)
            ),
        ],
        (Some(fault), None) => vec![no_answer(fault), "Its sessions are missing from the list.".to_owned()],
        (None, _) if !read.complete => {
            vec!["Its list changed while it was read, or rows of it could not be read.".to_owned()]
        }
        (None, _) => vec!["Its list is whole.".to_owned()],
    }
}

/// Widths of the columns; those that are 0 are left out.
struct Widths([usize; 7]);

impl Widths {
    fn of(width: u16) -> Self {
        let room = usize::from(width).saturating_sub(2);
        match room {
            0..74 => Self([12, 0, 9, 7, 8, 10, room.saturating_sub(51)]),
            74..95 => Self([14, 10, 10, 7, 8, 10, room.saturating_sub(65)]),
            _ => Self([18, 14, 15, 7, 8, 10, room.saturating_sub(78)]),
        }
    }

    fn row(&self, texts: [&str; 7], ellipsis: &str) -> String {
        let columns: Vec<(&str, usize)> =
            texts.into_iter().zip(self.0).filter(|(_, width)| *width > 0).collect();
        cells(&columns, ellipsis)
    }
}
