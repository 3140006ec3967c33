//! A job on record: who did it, when and why, where its targets stand, and what became of them by cause.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{
            JobNote, NoteGroup,
            journal::{JobState, Record, Standing, Tally},
        },
        command::{Command, Context},
        remote::Remote,
        rows::Rows,
        state::{RecordSheet, State},
    },
    domain::{Outcome, OutcomeKind, Text},
    ui::{
        pen::{Pen, Piece, piece},
        text::{self, counted},
        theme::Role,
        time::Clock,
    },
};

use super::{
    page::Line,
    progress::outcome_role,
    sheet::{Sheet, cells, first_around, first_line, part_of},
};

/// The least lines that the names of a cause keep, with their title and the rule.
const NAMES: u16 = 6;
/// The least lines of the causes, with their title.
const LEAST_CAUSES: u16 = 4;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &RecordSheet, clock: &Clock) {
    let Some(record) = open.record.value() else {
        let title = [
            piece("JOB on record  ", Role::Accent),
            piece(Text::clean(&open.journal).to_string(), Role::Muted),
        ];
        let sheet = Sheet::open(pen, state, &title, None);
        match &open.record {
            Remote::Failed { why, .. } => {
                let lines = text::wrap(why.message.as_str(), usize::from(sheet.body.width));
                for (row, line) in (0..sheet.body.height).zip(lines) {
                    pen.line(sheet.body, row, &[piece(line.trim_end().to_owned(), Role::Danger)], &[]);
                }
            }
            _ => pen.line(sheet.body, 0, &[piece("reading its journal ...", Role::Muted)], &[]),
        }
        sheet.close(pen, state, open.complaint.as_ref(), "", "");
        return;
    };
    let note = JobNote::of_record(&record.id, &record.recovered);
    let started = format!("started {}", clock.full(record.recovered.started_at));
    let sheet = Sheet::open(pen, state, &title("RECORD", record, &note), Some(&started));
    let body = sheet.body;
    let groups = note.groups();
    let cursor = open.cursor.min(groups.len().saturating_sub(1));
    let part = if open.names {
        let lines = Rows::of(state).sheet;
        groups
            .get(cursor)
            .map_or_else(String::new, |group| draw_names(pen, body, &note, group, open.scroll, lines))
    } else {
        let mut row = 0;
        for line in head(record, clock, body.width) {
            line.draw(pen, body, row);
            row += 1;
        }
        row += u16::from(body.height > row + NAMES + 6);
        draw_causes(
            pen,
            Rect { y: body.y + row, height: body.height.saturating_sub(row), ..body },
            &note,
            (&groups, cursor),
        )
    };
    let stale =
        open.record.fault().map(|why| Text::clean(&format!("it cannot be read now: {}", why.message)));
    let complaint = open.complaint.as_ref().or(stale.as_ref());
    sheet.close(pen, state, complaint, &next(state, record), &part);
}

/// The title of a job on record.
pub(super) fn title(what: &'static str, record: &Record, note: &JobNote) -> Vec<Piece<'static>> {
    vec![
        piece(format!("{what}  "), Role::Accent),
        piece(note.title().to_string(), Role::Heading),
        piece(format!("  plan {}", Text::clean(record.recovered.opened.work.plan_id().raw())), Role::Muted),
    ]
}

/// Where it stands, who began it, where and why, who went on with it, and how many targets stand where.
pub(super) fn head(record: &Record, clock: &Clock, width: u16) -> Vec<Line> {
    let recovered = &record.recovered;
    let opened = &recovered.opened;
    let by = &opened.by;
    let mut lines = vec![Line::new(vec![labelled("State"), standing(record, clock)])];
    let mut say = |label: &'static str, words: String| {
        let room = usize::from(width).saturating_sub(LABEL);
        let words = text::left(&words, room, "...");
        lines.push(Line::new(vec![labelled(label), piece(words.trim_end().to_owned(), Role::Text)]));
    };
    say("Who", format!("{} ({}@{}, process {})", by.operator, by.user, by.host, by.pid));
    say("Where", opened.estate.to_string());
    say("Why", opened.ticket.as_ref().map_or_else(|| "no ticket was given".to_owned(), ToString::to_string));
    if let Some((at, by)) = recovered.resumed.last() {
        let times = counted(recovered.resumed.len(), "time", "times");
        say("Gone on", format!("{times}, last {} by {}", clock.full(*at), by.operator));
    }
    if let Some(damage) = recovered.damage.first() {
        let more = recovered.damage.len() - 1;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        say("Damage", format!("{damage}{more}; what it could have sent counts as sent"));
    }
    lines.push(Line::new(tally(recovered.tally())));
    lines
}

/// Columns of a label.
const LABEL: usize = 9;

fn labelled(label: &str) -> Piece<'static> {
    piece(text::left(label, LABEL, ""), Role::Muted)
}

fn standing(record: &Record, clock: &Clock) -> Piece<'static> {
    let ended = record.recovered.ended.as_ref();
    let at = ended.map(|ended| clock.full(ended.at)).unwrap_or_default();
    let fault =
        ended.and_then(|ended| ended.fault.as_ref()).map(|fault| format!(": {fault}")).unwrap_or_default();
    match record.standing() {
        JobState::Running => piece("another console carries it out just now", Role::Accent),
        JobState::Finished => piece(format!("finished {at}"), Role::Success),
        JobState::Stopped => piece(format!("stopped {at}"), Role::Warning),
        JobState::GaveUp => piece(format!("gave up {at}{fault}"), Role::Danger),
        JobState::Interrupted => {
            piece(format!("cut off; last line {}", clock.full(record.recovered.last_at)), Role::Warning)
        }
    }
}

/// How many targets stand where; the numbers add up.
fn tally(tally: Tally) -> Vec<Piece<'static>> {
    let counts = [
        ("unsent", tally.unsent, Role::Warning),
        ("sent without answer", tally.unanswered, Role::Warning),
        ("answered", tally.answered, Role::Text),
        ("held back", tally.held_back, Role::Text),
    ];
    let mut pieces = vec![labelled("Targets"), piece(format!("{}: ", tally.total()), Role::Text)];
    let mut comma = "";
    for (word, count, role) in counts {
        pieces.push(piece(comma, Role::Muted));
        pieces.push(piece(count.to_string(), if count > 0 { role } else { Role::Muted }));
        pieces.push(piece(format!(" {word}"), Role::Muted));
        comma = ", ";
    }
    pieces
}

/// What can be done about it.
fn next(state: &State, record: &Record) -> String {
    let resumable = !record.running && record.recovered.is_open();
    let words = format!(
        "{} shows what going on with it would do",
        state.key(Context::RecordSheet, Command::JobResume)
    );
    if resumable { words } else { String::new() }
}

/// Draws the causes, and the names of the chosen one where there is room; returns which part of the causes is seen.
fn draw_causes(
    pen: &mut Pen<'_>,
    area: Rect,
    note: &JobNote,
    (groups, cursor): (&[NoteGroup], usize),
) -> String {
    let ellipsis = pen.glyphs.ellipsis();
    let room = area.height.saturating_sub(NAMES);
    let causes = if room < LEAST_CAUSES { area.height } else { room };
    let height = usize::from(causes.saturating_sub(1)).min(groups.len());
    let half = usize::from(area.width).saturating_sub(10) / 2;
    let titles = cells(&[("RESULT", half), ("STANDS", half)], ellipsis);
    pen.line(area, 0, &[piece(format!("     N  {titles}"), Role::Heading)], &[]);
    let first = first_around(cursor, height);
    let mut used = 1;
    for (row, (place, group)) in (1..).zip(groups.iter().enumerate().skip(first).take(height)) {
        let line = cells(&[(&group.result, half), (stands(group.outcome), half)], ellipsis);
        let chosen = place == cursor;
        let pieces = [
            piece(if chosen { " >" } else { "  " }, Role::Accent),
            piece(format!("{:>4}  ", group.places.len()), Role::Text),
            piece(line, outcome_role(group.outcome)),
        ];
        pen.line(area, row, &pieces, &[]);
        if chosen {
            pen.tint(area, row, Role::Selection);
        }
        used = row + 1;
    }
    let rest = Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area };
    if let Some(group) = groups.get(cursor)
        && rest.height > 3
    {
        pen.rule(rest, 0, Role::Border);
        let names = Rect { y: rest.y + 1, height: rest.height - 1, ..rest };
        draw_names(pen, names, note, group, 0, rest.height.saturating_sub(3));
    }
    part_of(first, height, groups.len())
}

/// Where targets with an outcome stand.
fn stands(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Unsent => Standing::from(&Outcome::Unsent).label(),
        OutcomeKind::Sent | OutcomeKind::NoAnswer => Standing::from(&Outcome::Sent).label(),
        OutcomeKind::HeldBack => "held back",
        _ => "answered",
    }
}

/// Draws the targets of a cause with the server's words; returns which part of them is seen.
fn draw_names(
    pen: &mut Pen<'_>,
    area: Rect,
    note: &JobNote,
    group: &NoteGroup,
    scroll: usize,
    lines: u16,
) -> String {
    let ellipsis = pen.glyphs.ellipsis();
    let count = group.places.len();
    let heading = format!("{}  {count}   {}", group.result, stands(group.outcome));
    pen.line(area, 0, &[piece(heading, Role::Accent)], &[]);
    let rows = note.rows();
    // Changes have a name that needs the room of the other two.
    let is_sessions = rows.iter().any(|row| row.machine().is_some() || row.pool().is_some());
    let room = usize::from(area.width).saturating_sub(5);
    let (name, machine, pool) = if is_sessions { (room / 5, room / 5, room / 6) } else { (room / 2, 0, 0) };
    let line_of = |texts: [&str; 4]| {
        let widths = [name, machine, pool, room - name - machine - pool];
        let mut columns: Vec<(&str, usize)> = texts.into_iter().zip(widths).collect();
        columns.retain(|(_, width)| *width > 0);
        cells(&columns, ellipsis)
    };
    let titles =
        line_of([if is_sessions { "USER" } else { "NAME" }, "MACHINE", "POOL/FARM", "WHAT WAS SAID"]);
    pen.line(area, 1, &[piece(format!("  {titles}"), Role::Heading)], &[]);
    let height = usize::from(lines);
    let first = first_line(scroll, count, height);
    let shown = group.places.iter().skip(first).take(height).filter_map(|place| rows.get(*place));
    for (line, row) in (2..).zip(shown) {
        let told = |text: Option<&Text>, else_: &'static str| {
            text.map_or_else(|| else_.to_owned(), ToString::to_string)
        };
        let texts = [row.label(), told(row.machine(), "?"), told(row.pool(), "?"), told(row.words(), "-")];
        let texts = line_of([&texts[0], &texts[1], &texts[2], &texts[3]]);
        pen.line(area, line, &[piece(format!("  {texts}"), Role::Text)], &[]);
    }
    part_of(first, height, count)
}
