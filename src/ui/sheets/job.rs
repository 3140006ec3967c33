//! The sheet of a job: how far it is, what became of the targets by cause, and which key helps.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{CauseGroup, Job, JobPhase, Report},
        command::{Command, Context},
        rows::Rows,
        state::{JobSheet, State},
    },
    domain::{Outcome, OutcomeKind, Verb},
    ui::{
        keys::key,
        pen::{Pen, Piece, piece, pieces_width},
        text::counted,
        theme::Role,
        time::{Clock, duration, seconds, stopwatch},
    },
};

use super::{
    jobs::phase,
    sheet::{Sheet, cells, first_around, first_line, part_of, who_and_where},
};

/// Lines above the causes: bar, counts, calls, a blank, titles.
const HEAD: u16 = 5;
/// The least lines that the names of a cause keep, with their title.
const NAMES: u16 = 5;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &JobSheet, clock: &Clock) {
    let Some(job) = state.job(open.job) else {
        let sheet = Sheet::open(pen, state, &[piece(format!("JOB {}", open.job), Role::Accent)], None);
        sheet.close(pen, state, None, "this job is not known any more", "");
        return;
    };
    let sheet = Sheet::open(pen, state, &title(job), Some(&clock.time(job.started_at)));
    let report = Report::of(job);
    let cursor = open.cursor.min(report.groups.len().saturating_sub(1));
    let body = sheet.body;
    let part = if open.names {
        report.groups.get(cursor).map_or_else(String::new, |group| {
            let lines = Rows::of(state).sheet;
            draw_names(pen, body, job, group, open.scroll, lines)
        })
    } else {
        draw_progress(pen, body, state, job, clock);
        let room = body.height.saturating_sub(HEAD + NAMES + 2).max(2);
        let groups = Rect { y: body.y + HEAD - 1, height: (room + 1).min(body.height), ..body };
        let used = draw_groups(pen, groups, job, &report, cursor);
        let rest =
            Rect { y: groups.y + used, height: body.bottom().saturating_sub(groups.y + used + 1), ..body };
        if let Some(group) = report.groups.get(cursor)
            && rest.height > 3
        {
            pen.rule(rest, 0, Role::Border);
            let names = Rect { y: rest.y + 1, height: rest.height - 1, ..rest };
            draw_names(pen, names, job, group, 0, rest.height.saturating_sub(3));
        }
        pen.line(body, body.height.saturating_sub(1), &[piece(events(state, job), Role::Muted)], &[]);
        String::new()
    };
    sheet.close(pen, state, open.complaint.as_ref(), &standing(state, job), &part);
}

fn title(job: &Job) -> Vec<Piece<'static>> {
    let role = if job.plan.verb.is_forceful() { Role::Forced } else { Role::Heading };
    let mut title = vec![
        piece(format!("JOB {}  ", job.id), Role::Accent),
        piece(job.plan.verb.title(), role),
        piece(format!("  plan {}", job.plan.id), Role::Muted),
    ];
    if let Some(parent) = &job.plan.retry_of {
        title.push(piece(format!(", retry of {parent}"), Role::Muted));
    }
    title
}

/// Draws the bar, the counts that add up, and the calls.
fn draw_progress(pen: &mut Pen<'_>, body: Rect, state: &State, job: &Job, clock: &Clock) {
    let (answered, total) = (job.answered(), job.total());
    let until = job.finished_at().unwrap_or(state.now);
    let elapsed = stopwatch(seconds(job.started_at, until));
    let right = [
        piece(format!("answered {answered}/{total}"), Role::Text),
        piece(format!("   {elapsed}   "), Role::Muted),
        phase_piece(job),
    ];
    let width = usize::from(body.width).saturating_sub(pieces_width(&right) + 4);
    let done = (width * answered).checked_div(total).unwrap_or(width);
    let (full, open) = pen.glyphs.bar();
    let bar = [
        piece("[", Role::Border),
        piece(full.repeat(done), Role::Success),
        piece(open.repeat(width - done), Role::Muted),
        piece("]", Role::Border),
    ];
    pen.line(body, 0, &bar, &right);
    let next = draw_counts(pen, body, 1, job);
    let mut calls = vec![piece(counted(job.calls, "call", "calls"), Role::Muted)];
    if job.throttled > 0 {
        calls.push(piece(format!("   throttled {}x", job.throttled), Role::Warning));
    }
    if let Some(wait) = &job.waiting {
        let left = duration(seconds(state.now, wait.until));
        let resumes = format!("   waiting {left}, resumes {}: {}", clock.time(wait.until), wait.why);
        calls.push(piece(resumes, Role::Warning));
    }
    if let JobPhase::Finished { fault: Some(fault), .. } = &job.phase {
        calls.push(piece(format!("   GAVE UP: {fault}"), Role::Danger));
    }
    // What it waits for needs the room; that the counts add up can be read when it is over.
    let all = format!("of {}", counted(job.plan.len(), "target", "targets"));
    let right = if job.waiting.is_some() { Vec::new() } else { vec![piece(all, Role::Muted)] };
    pen.line(body, next, &calls, &right);
}

/// Draws the counts, which add up to all targets, in one row or two; returns the row below.
fn draw_counts(pen: &mut Pen<'_>, body: Rect, first: u16, job: &Job) -> u16 {
    let counts = job.counts();
    let mut rows: Vec<Vec<Piece<'_>>> = vec![Vec::new()];
    for (kind, count) in
        OutcomeKind::ALL.iter().filter_map(|kind| counts.get(kind).map(|count| (*kind, *count)))
    {
        let pair = [
            piece(format!("{} ", kind.label()), Role::Muted),
            piece(format!("{count}   "), outcome_role(kind)),
        ];
        let wide = rows.last().map_or(0, |row| pieces_width(row)) + pieces_width(&pair);
        if wide > usize::from(body.width) + 3 && rows.len() < 2 {
            rows.push(Vec::new());
        }
        if let Some(row) = rows.last_mut() {
            row.extend(pair);
        }
    }
    for (row, pieces) in (first..).zip(&rows) {
        pen.line(body, row, pieces, &[]);
    }
    first + rows.len() as u16
}

fn phase_piece(job: &Job) -> Piece<'static> {
    let role = match &job.phase {
        JobPhase::Running if job.waiting.is_some() => Role::Warning,
        JobPhase::Running => Role::Accent,
        JobPhase::Stopping | JobPhase::Finished { stopped: true, .. } => Role::Warning,
        JobPhase::Finished { fault: Some(_), .. } => Role::Danger,
        JobPhase::Finished { .. } => Role::Success,
    };
    piece(phase(job), role)
}

fn outcome_role(kind: OutcomeKind) -> Role {
    match kind {
        OutcomeKind::Confirmed => Role::Success,
        OutcomeKind::Refused => Role::Danger,
        OutcomeKind::StillListed | OutcomeKind::NotFound | OutcomeKind::NoAnswer => Role::Warning,
        OutcomeKind::Accepted | OutcomeKind::HeldBack | OutcomeKind::Sent | OutcomeKind::Unsent => Role::Text,
    }
}

/// Draws the causes; returns the lines used.
fn draw_groups(pen: &mut Pen<'_>, area: Rect, job: &Job, report: &Report, cursor: usize) -> u16 {
    let ellipsis = pen.glyphs.ellipsis();
    let widths = Widths::of(area.width);
    let titles = widths.row("RESULT", "MEANING", "KEY", ellipsis);
    pen.line(area, 0, &[piece(format!("     N  {titles}"), Role::Heading)], &[]);
    let height = usize::from(area.height.saturating_sub(1));
    let first = first_around(cursor, height);
    let mut used = 1;
    for (row, (place, group)) in (1..).zip(report.groups.iter().enumerate().skip(first).take(height)) {
        let line = widths.row(&result(group), group.meaning(), &remedy(job, group), ellipsis);
        let chosen = place == cursor;
        let pieces = [
            piece(if chosen { " >" } else { "  " }, Role::Accent),
            piece(format!("{:>4}  ", group.places.len()), Role::Text),
            piece(line, outcome_role(group.cause.outcome)),
        ];
        pen.line(area, row, &pieces, &[]);
        if chosen {
            pen.tint(area, row, Role::Selection);
        }
        used = row + 1;
    }
    used
}

struct Widths {
    result: usize,
    meaning: usize,
    key: usize,
}

impl Widths {
    fn of(width: u16) -> Self {
        let room = usize::from(width).saturating_sub(8 + 2);
        let key = 14.min(room / 3);
        let meaning = 33.min((room - key) * 3 / 5);
        Self { result: room - key - meaning, meaning, key }
    }

    fn row(&self, result: &str, meaning: &str, key: &str, ellipsis: &str) -> String {
        cells(&[(result, self.result), (meaning, self.meaning), (key, self.key)], ellipsis)
    }
}

/// The outcome with its fault: `refused, InvalidState`.
fn result(group: &CauseGroup) -> String {
    let label = group.cause.outcome.label();
    // That it was not found says all that its fault says.
    let fault = group.cause.fault.filter(|_| group.cause.outcome != OutcomeKind::NotFound);
    fault.map_or_else(|| label.to_owned(), |fault| format!("{label}, {fault}"))
}

/// The key that helps, if one does.
fn remedy(job: &Job, group: &CauseGroup) -> String {
    let named = |command: Command, words: &str| format!("{} {words}", key(Context::JobSheet, command));
    if job.is_running() {
        return "-".to_owned();
    }
    match group.escalation(job.plan.verb) {
        Some(Verb::LogoffForced) => named(Command::JobForce, "plan forced"),
        Some(_) | None if group.is_failure() => named(Command::JobRetry, "plan again"),
        Some(_) | None => "-".to_owned(),
    }
}

/// Draws the targets of a cause with the server's words; returns which part of them is seen.
fn draw_names(
    pen: &mut Pen<'_>,
    area: Rect,
    job: &Job,
    group: &CauseGroup,
    scroll: usize,
    lines: u16,
) -> String {
    let ellipsis = pen.glyphs.ellipsis();
    let count = group.places.len();
    pen.line(area, 0, &[piece(format!("{}  {count}", result(group)), Role::Accent)], &[]);
    let room = usize::from(area.width).saturating_sub(5);
    let (user, machine, pool) = (room / 5, room / 5, room / 6);
    let row = |cells_of: [&str; 4]| {
        let [name, host, place, said] = cells_of;
        cells(&[(name, user), (host, machine), (place, pool), (said, room - user - machine - pool)], ellipsis)
    };
    pen.line(
        area,
        1,
        &[piece(format!("  {}", row(["USER", "MACHINE", "POOL/FARM", "SERVER SAID"])), Role::Heading)],
        &[],
    );
    let height = usize::from(lines);
    let first = first_line(scroll, count, height);
    let shown: Vec<usize> = group.places.iter().skip(first).take(height).copied().collect();
    let Some((least, most)) = shown.first().zip(shown.last()) else {
        return String::new();
    };
    // Places grow within a group, so one walk over the targets finds them all.
    let wanted = job.targets().enumerate().skip(*least).take(most - least + 1);
    let targets = wanted.filter(|(place, _)| shown.binary_search(place).is_ok());
    for (line, (_, (target, outcome))) in (2..).zip(targets) {
        let [name, _, place, host] = who_and_where(&target.session);
        let said = server_said(&outcome);
        pen.line(area, line, &[piece(format!("  {}", row([&name, &host, &place, &said])), Role::Text)], &[]);
    }
    part_of(first, height, count)
}

/// The server's own words, or the reason.
fn server_said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::HeldBack(reason) => reason.to_string(),
        other => other.fault().map_or_else(|| "-".to_owned(), |fault| fault.message.to_string()),
    }
}

/// How many of the expected events have come.
fn events(state: &State, job: &Job) -> String {
    let Some(own) = state.own_events.iter().find(|own| own.job() == job.id) else {
        return String::new();
    };
    let lag = state.events.lag_seconds.map_or_else(|| "?".to_owned(), |lag| format!("~{}", duration(lag)));
    format!("events of this job: {} seen of {} expected, lag {lag}", own.claimed, own.expected)
}

/// What there is to know beside the numbers: retries, and that it goes on without the sheet.
fn standing(state: &State, job: &Job) -> String {
    let retries: Vec<String> = state
        .jobs
        .iter()
        .filter(|other| other.plan.retry_of.as_ref() == Some(&job.plan.id))
        .map(|other| format!("job {}", other.id))
        .collect();
    if !retries.is_empty() {
        return format!("retried by {}", retries.join(", "));
    }
    match &job.phase {
        JobPhase::Running => "it goes on when this sheet is closed".to_owned(),
        JobPhase::Stopping => "stopping: no more calls, what is out is waited for".to_owned(),
        JobPhase::Finished { .. } => String::new(),
    }
}
