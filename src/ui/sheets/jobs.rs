//! The list of jobs, newest first: those of this run, and those on record.

use ratatui::layout::Rect;

use crate::{
    core::{
        command::{Command, Context},
        records::{JobKey, JobRow, job_rows},
        remote::Remote,
        state::{JobsSheet, State},
    },
    domain::Text,
    ui::{
        pen::{Pen, Piece, piece},
        text,
        theme::Role,
        time::Clock,
    },
};

use super::sheet::{Sheet, cells, first_around, needed, part_of};

/// Lines below the list that tell more of the chosen job, with the rule above them.
const FOOT: u16 = 5;
/// The least jobs that are seen above them.
const LEAST_JOBS: u16 = 3;
/// From this width on there is room for operator and estate in the list.
const ROOMY: u16 = 96;

/// Draws the list.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &JobsSheet, clock: &Clock) {
    let sheet = Sheet::open(pen, state, &[piece("JOBS", Role::Accent)], None);
    let body = sheet.body;
    let rows = job_rows(state);
    let cursor = open.cursor(rows.iter().map(|row| &row.key));
    let foot = if body.height > FOOT + LEAST_JOBS { FOOT } else { 0 };
    let widths = Widths::of(body.width, &rows);
    let ellipsis = pen.glyphs.ellipsis();
    let titles =
        widths.row(["JOB", "STARTED", "STATE", "VERB", "N", "OPERATOR", "ESTATE", "RESULT"], ellipsis);
    pen.line(body, 0, &[piece(format!(" {titles}"), Role::Heading)], &[]);
    // What keeps the record from being seen, or that it is being read, stands above the jobs.
    let told = above(state, rows.is_empty());
    let head = 1 + u16::from(told.is_some());
    if let Some(told) = told {
        pen.line(body, 1, &[told], &[]);
    }
    let height = usize::from(body.height.saturating_sub(head + foot));
    let first = first_around(cursor, height);
    for (line, (place, row)) in (head..).zip(rows.iter().enumerate().skip(first).take(height)) {
        let chosen = place == cursor;
        let cells = widths.cells(row, clock, ellipsis);
        let pieces = [piece(if chosen { ">" } else { " " }, Role::Accent), piece(cells, role(row))];
        pen.line(body, line, &pieces, &[]);
        if chosen {
            pen.tint(body, line, Role::Selection);
        }
    }
    if let Some(row) = rows.get(cursor).filter(|_| foot > 0) {
        let area = Rect { y: body.bottom().saturating_sub(foot), height: foot, ..body };
        draw_foot(pen, area, state, row, clock);
    }
    sheet.close(pen, state, open.complaint.as_ref(), "", &part_of(first, height, rows.len()));
}

/// What is to be known of the record beside its jobs.
fn above(state: &State, is_empty: bool) -> Option<Piece<'static>> {
    match &state.records.listed {
        Remote::NotAsked | Remote::Loading => Some(piece(" reading the jobs on record ...", Role::Muted)),
        Remote::Failed { why, .. } => {
            Some(piece(format!(" the record cannot be read: {}", why.message), Role::Danger))
        }
        Remote::Stale { why, .. } => {
            Some(piece(format!(" the record is old; it cannot be read now: {}", why.message), Role::Stale))
        }
        Remote::Loaded { .. } if is_empty => {
            Some(piece(" no job in this run, and none on record", Role::Muted))
        }
        Remote::Loaded { .. } => None,
    }
}

fn role(row: &JobRow) -> Role {
    match row.state {
        "unreadable" | "gave up" => Role::Danger,
        "interrupted" => Role::Warning,
        "running" | "waiting" | "stopping" | "elsewhere" => Role::Accent,
        _ if row.needs_a_look => Role::Warning,
        _ => Role::Text,
    }
}

/// What became of the targets, or why that is not known.
fn result_words(row: &JobRow) -> String {
    match (&row.why, row.targets()) {
        (Some(why), None) => why.to_string(),
        _ => row.result(),
    }
}

struct Widths {
    verb: usize,
    operator: usize,
    estate: usize,
    result: usize,
}

/// Columns of job, start, state and number of targets.
const FIXED: [usize; 4] = [4, 11, 11, 5];

impl Widths {
    /// For these jobs: the verb is cut only where the result needs the room.
    fn of(width: u16, rows: &[JobRow]) -> Self {
        let roomy = width >= ROOMY;
        let verb = if roomy { 14 } else { 13 };
        let (operator, estate) = if roomy { (12, 14) } else { (0, 0) };
        let columns = if roomy { 8 } else { 6 };
        let taken = FIXED.iter().sum::<usize>() + verb + operator + estate + columns;
        let result = usize::from(width).saturating_sub(taken);
        let cells = rows.iter().map(|row| [row.verb.to_string(), result_words(row)]);
        let [verb, result] = text::fitted([verb, result], needed(["VERB", "RESULT"], cells));
        Self { verb, operator, estate, result }
    }

    fn row(
        &self,
        [job, started, state, verb, count, operator, estate, result]: [&str; 8],
        ellipsis: &str,
    ) -> String {
        let mut columns = vec![
            (job, FIXED[0]),
            (started, FIXED[1]),
            (state, FIXED[2]),
            (verb, self.verb),
            (count, FIXED[3]),
            (operator, self.operator),
            (estate, self.estate),
            (result, self.result),
        ];
        columns.retain(|(_, width)| *width > 0);
        cells(&columns, ellipsis)
    }

    fn cells(&self, row: &JobRow, clock: &Clock, ellipsis: &str) -> String {
        let job = match &row.key {
            JobKey::Run(id) => id.to_string(),
            JobKey::Record(_) => "-".to_owned(),
        };
        let started = row.started_at.map_or_else(|| "?".to_owned(), |at| clock.day(at));
        let count = row.targets().map_or_else(|| "?".to_owned(), |count| count.to_string());
        let result = result_words(row);
        // The domain tells nothing in a column as narrow as this.
        let operator = row.operator.as_str().rsplit('\\').next().unwrap_or_default();
        let texts = [
            &*job,
            &*started,
            row.state,
            row.verb.as_str(),
            &*count,
            operator,
            row.estate.as_str(),
            &*result,
        ];
        self.row(texts, ellipsis)
    }
}

/// Draws who, where, why, and what can be done about the chosen job.
fn draw_foot(pen: &mut Pen<'_>, area: Rect, state: &State, row: &JobRow, clock: &Clock) {
    pen.rule(area, 0, Role::Border);
    let width = usize::from(area.width);
    let ellipsis = pen.glyphs.ellipsis();
    let mut what = vec![format!("plan {}", row.plan)];
    what.extend(row.ticket.as_ref().map(|ticket| format!("ticket {ticket}")));
    what.extend(row.started_at.map(|at| format!("started {}", clock.full(at))));
    let from = row.from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
    let who = format!("by {}{from} on {}", row.operator, row.estate);
    let who_line = text::left(&who, width, ellipsis);
    let what_line = text::left(&what.join("   "), width, ellipsis);
    let id = row.journal(state).map(|id| Text::clean(id).to_string()).unwrap_or_default();
    let journal = if id.is_empty() { String::new() } else { format!("record {id}") };
    pen.line(area, 1, &[piece(who_line, Role::Text)], &[]);
    pen.line(
        area,
        2,
        &[piece(what_line, Role::Text)],
        &[piece(journal_if_room(&what, &journal, width), Role::Muted)],
    );
    pen.line(area, 3, &[piece(text::left(&row.result(), width, ellipsis), role_of_result(row))], &[]);
    let (words, role) = next(state, row);
    pen.line(area, 4, &[piece(text::left(&words, width, ellipsis), role)], &[]);
}

/// How the counts of a job look.
fn role_of_result(row: &JobRow) -> Role {
    if row.needs_a_look { Role::Warning } else { Role::Text }
}

/// The journal where it fits beside what stands at the left.
fn journal_if_room(what: &[String], journal: &str, width: usize) -> String {
    let left = text::width(&what.join("   "));
    if left + 3 + text::width(journal) <= width { journal.to_owned() } else { String::new() }
}

/// What to do about a job, or what is wrong with it.
fn next(state: &State, row: &JobRow) -> (String, Role) {
    if let Some(why) = &row.why {
        return (why.to_string(), Role::Danger);
    }
    if row.state == "elsewhere" {
        return ("another console carries it out".to_owned(), Role::Accent);
    }
    if !row.may_go_on(state) {
        return (String::new(), Role::Muted);
    }
    let left = row.tally.map(|tally| {
        let forced = row.open.unwrap_or_default().saturating_sub(tally.unsent + tally.unanswered);
        let forced = if forced > 0 { format!(", {forced} await force") } else { String::new() };
        let taken =
            if row.to_confirm > 0 { format!(", {} not confirmed", row.to_confirm) } else { String::new() };
        format!("{} unsent, {} sent without answer{forced}{taken}; ", tally.unsent, tally.unanswered)
    });
    let key = state.key(Context::JobList, Command::JobResume);
    (format!("{}{key} goes on with it", left.unwrap_or_default()), Role::Warning)
}
