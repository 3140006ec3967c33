//! The sheet of a job: how far it is, what became of the targets by cause, and which key helps.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{CauseGroup, Job, JobPhase, Report},
        command::{Command, Context},
        rows::Rows,
        state::{JobSheet, State},
    },
    domain::{FaultKind, Outcome, OutcomeKind, Privilege, Verb},
    ui::{
        keys::key,
        pen::{Pen, Piece, piece, pieces_width},
        text::{self, counted},
        theme::Role,
        time::{Clock, duration, seconds, stopwatch},
    },
};

use super::{
    jobs::phase,
    sheet::{Sheet, cells, first_around, first_line, part_of, who_and_where},
};

/// The least causes that are seen beside the names of one.
const LEAST_CAUSES: u16 = 3;
/// From this width on the table of causes has room for what a key does.
const ROOMY: u16 = 70;
/// The least lines that the names of a cause keep, with their title.
const NAMES: u16 = 5;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &JobSheet, clock: &Clock) {
    let Some(job) = state.job(open.job) else {
        let sheet = Sheet::open(pen, state, &[piece(format!("JOB {}", open.job), Role::Accent)], None);
        sheet.close(pen, state, None, "this job is not known any more", "");
        return;
    };
    let started = format!("started {}", clock.time(job.started_at));
    let sheet = Sheet::open(pen, state, &title(job), Some(&started));
    let report = Report::of(job);
    let cursor = open.cursor.min(report.groups.len().saturating_sub(1));
    let body = sheet.body;
    let part = if open.names {
        report.groups.get(cursor).map_or_else(String::new, |group| {
            let lines = Rows::of(state).sheet;
            draw_names(pen, body, job, group, open.scroll, lines)
        })
    } else {
        let head = draw_progress(pen, body, state, job, clock);
        // A blank line before the titles where there is room, the names of the cause, the line of the events.
        let head = head + u16::from(body.height > head + NAMES + 8);
        // Where the names would leave hardly a cause to see, there are none.
        let all = body.height.saturating_sub(head + 1);
        let height = all.saturating_sub(NAMES + 1);
        let height = if height < LEAST_CAUSES + 1 { all } else { height };
        let groups = Rect { y: body.y + head, height, ..body };
        let (used, part) = draw_groups(pen, groups, job, &report, cursor);
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
        part
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

/// Draws the bar, the counts that add up, the calls, and what holds it up; returns the lines used.
fn draw_progress(pen: &mut Pen<'_>, body: Rect, state: &State, job: &Job, clock: &Clock) -> u16 {
    let (answered, total) = (job.answered(), job.total());
    let until = job.finished_at().unwrap_or(state.now);
    let elapsed = stopwatch(seconds(job.started_at, until));
    let mut right = vec![piece(format!("answered {answered}/{total}"), Role::Text)];
    if let Some(silent) = job.counts().get(&OutcomeKind::NoAnswer) {
        right.push(piece(format!("  no answer {silent}"), Role::Warning));
    }
    right.push(piece(format!("   {elapsed}   "), Role::Muted));
    right.push(phase_piece(job));
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
    let mut row = draw_counts(pen, body, 1, &job.counts());
    let mut calls = vec![piece(counted(job.calls, "call", "calls"), Role::Muted)];
    if job.throttled > 0 {
        calls.push(piece(format!("   throttled {}x", job.throttled), Role::Warning));
    }
    let all = format!("of {}", counted(job.plan.len(), "target", "targets"));
    pen.line(body, row, &calls, &[piece(all, Role::Muted)]);
    row += 1;
    // What holds it up is read in full: a line of its own, or more.
    let held_up = match (&job.phase, &job.waiting) {
        (JobPhase::Finished { fault: Some(fault), .. }, _) => {
            Some((format!("GAVE UP: {fault}"), Role::Danger))
        }
        (_, Some(wait)) => {
            let left = duration(seconds(state.now, wait.until));
            let resumes = clock.time(wait.until);
            Some((format!("waiting {left}: {}; resumes {resumes}", wait.why), Role::Warning))
        }
        (_, None) => None,
    };
    if let Some((words, role)) = held_up {
        for line in text::wrap(&words, usize::from(body.width)) {
            pen.line(body, row, &[piece(line.trim_end(), role)], &[]);
            row += 1;
        }
    }
    row
}

/// Draws the counts, which add up to all targets, in one row or two; returns the row below.
pub(super) fn draw_counts(
    pen: &mut Pen<'_>,
    body: Rect,
    first: u16,
    counts: &BTreeMap<OutcomeKind, usize>,
) -> u16 {
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

/// How an outcome looks.
pub(super) fn outcome_role(kind: OutcomeKind) -> Role {
    match kind {
        OutcomeKind::Confirmed => Role::Success,
        OutcomeKind::Refused => Role::Danger,
        OutcomeKind::StillListed | OutcomeKind::NotFound | OutcomeKind::NoAnswer => Role::Warning,
        OutcomeKind::Accepted | OutcomeKind::HeldBack | OutcomeKind::Sent | OutcomeKind::Unsent => Role::Text,
    }
}

/// Draws the causes; returns the lines used, and which part of the causes is seen.
fn draw_groups(pen: &mut Pen<'_>, area: Rect, job: &Job, report: &Report, cursor: usize) -> (u16, String) {
    let ellipsis = pen.glyphs.ellipsis();
    let widths = Widths::of(area.width);
    let roomy = area.width >= ROOMY;
    let titles = widths.row("RESULT", "MEANING", if roomy { "KEY" } else { "" }, ellipsis);
    pen.line(area, 0, &[piece(format!("     N  {titles}"), Role::Heading)], &[]);
    let height = usize::from(area.height.saturating_sub(1));
    let first = first_around(cursor, height);
    let mut used = 1;
    for (row, (place, group)) in (1..).zip(report.groups.iter().enumerate().skip(first).take(height)) {
        let remedy = remedy(job, group);
        // The footer says what the letter does where it stands alone.
        let remedy = if roomy { remedy.as_str() } else { text::head(&remedy, 1) };
        let line = widths.row(&result(group), meaning(job, group), remedy, ellipsis);
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
    (used, part_of(first, height, report.groups.len()))
}

struct Widths {
    result: usize,
    meaning: usize,
    key: usize,
}

impl Widths {
    fn of(width: u16) -> Self {
        let room = usize::from(width).saturating_sub(8 + 2);
        let key = if width >= ROOMY { 14 } else { 1 }.min(room / 3);
        // `no answer, Unreachable` and `accepted, agent may be stuck`.
        let result = if width >= 100 { 34 } else { 22 }.min((room - key) / 2);
        Self { result, meaning: room - key - result, key }
    }

    fn row(&self, result: &str, meaning: &str, key: &str, ellipsis: &str) -> String {
        cells(&[(result, self.result), (meaning, self.meaning), (key, self.key)], ellipsis)
    }
}

/// What the outcome means, in words that fit.
fn meaning(job: &Job, group: &CauseGroup) -> &'static str {
    match (group.cause.outcome, group.cause.fault) {
        (OutcomeKind::Accepted, _) if remote(job, group) > 0 => {
            if remote(job, group) == group.places.len() {
                "the request left for its pod"
            } else {
                "taken, or sent on to its pod"
            }
        }
        (OutcomeKind::NoAnswer, _) => "unknown; read again first",
        // The server's own words stand beside the names.
        (OutcomeKind::Refused, Some(FaultKind::InsufficientPermission)) => {
            if remote(job, group) == group.places.len() {
                Privilege::ManageRemoteSession.needs()
            } else {
                Privilege::needed_for(job.plan.verb).needs()
            }
        }
        (OutcomeKind::Unsent, _) if job.is_running() => "its turn has not come",
        (OutcomeKind::Refused, Some(FaultKind::InvalidState)) => match group.escalation(job.plan.verb) {
            Some(_) => "locked: needs force",
            None => "its state forbids it",
        },
        _ => group.meaning(),
    }
}

/// How many targets of a cause are on other pods: of them the server says only that it passed the request on.
fn remote(job: &Job, group: &CauseGroup) -> usize {
    let target = |place: &usize| job.plan.to_send.get(*place);
    group.places.iter().filter_map(target).filter(|target| target.pod.is_some()).count()
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
        Some(_) | None if group.is_failure() || group.cause.outcome == OutcomeKind::Unsent => {
            named(Command::JobRetry, "plan again")
        }
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
        let said = match target.pod.as_ref().and(target.session.pod_label()) {
            Some(pod) => format!("pod {pod}: {}", server_said(&outcome)),
            None => server_said(&outcome),
        };
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
