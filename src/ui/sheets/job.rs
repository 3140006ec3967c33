//! The sheet of a job: how far it is, what became of the targets by cause, and which key helps.

use std::borrow::Cow;

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{CauseGroup, Evidence, Job, NextStep, Report},
        command::{Command, Context},
        rows::Rows,
        state::{JobSheet, State},
    },
    domain::{EventFeed, FaultKind, Outcome, OutcomeKind, Privilege, Verb, WireKind},
    ui::{
        pen::{Pen, piece},
        text,
        theme::Role,
        time::{Clock, duration},
    },
};

use super::{
    course,
    progress::{Look, draw_progress, outcome_role, standing, title},
    sheet::{MEASURED, Sheet, cells, first_around, first_line, needed, part_of, who_and_where_in},
    stage::draw_stage,
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
    let role = if job.plan.forces() { Role::Forced } else { Role::Heading };
    let sheet = Sheet::open(pen, state, &title(job, role), Some(&started));
    let report = Report::of(job);
    let cursor = open.cursor.min(report.groups.len().saturating_sub(1));
    let body = sheet.body;
    let part = if open.names {
        report.groups.get(cursor).map_or_else(String::new, |group| {
            let lines = Rows::of(state).sheet;
            draw_names(pen, body, state, (job, group), open.scroll, lines)
        })
    } else {
        let head = draw_progress(pen, body, state, job, look(job), clock);
        let head = draw_stage(pen, body, head, state, job, clock);
        let head = head + course::draw(pen, body, head, state, job, clock);
        // A blank line before the titles where there is room, the names of the cause, the line of the events.
        let head = head + u16::from(body.height > head + NAMES + 8);
        // Where the names would leave hardly a cause to see, there are none.
        let all = body.height.saturating_sub(head + 1);
        let height = all.saturating_sub(NAMES + 1);
        let height = if height < LEAST_CAUSES + 1 { all } else { height };
        let groups = Rect { y: body.y + head, height, ..body };
        let (used, part) = draw_groups(pen, groups, state, job, (&report, cursor));
        let rest =
            Rect { y: groups.y + used, height: body.bottom().saturating_sub(groups.y + used + 1), ..body };
        if let Some(group) = report.groups.get(cursor)
            && rest.height > 3
        {
            pen.rule(rest, 0, Role::Border);
            let names = Rect { y: rest.y + 1, height: rest.height - 1, ..rest };
            draw_names(pen, names, state, (job, group), 0, rest.height.saturating_sub(3));
        }
        pen.line(body, body.height.saturating_sub(1), &[piece(events(state, job), Role::Muted)], &[]);
        part
    };
    sheet.close(pen, state, open.complaint.as_ref(), &standing(&state.jobs, job), &part);
}

fn look(job: &Job) -> Look {
    let silent = job.counts().get(&OutcomeKind::NoAnswer).copied();
    Look {
        nouns: ("target", "targets"),
        beside: silent.map(|silent| piece(format!("  no answer {silent}"), Role::Warning)),
        done: Role::Success,
    }
}

/// Draws the causes; returns the lines used, and which part of the causes is seen.
fn draw_groups(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    job: &Job,
    (report, cursor): (&Report, usize),
) -> (u16, String) {
    let ellipsis = pen.glyphs.ellipsis();
    let widths = Widths::of(area.width);
    let roomy = area.width >= ROOMY;
    let titles = widths.row("RESULT", "MEANING", if roomy { "KEY" } else { "" }, ellipsis);
    pen.line(area, 0, &[piece(format!("     N  {titles}"), Role::Heading)], &[]);
    let height = usize::from(area.height.saturating_sub(1));
    let first = first_around(cursor, height);
    let mut used = 1;
    for (row, (place, group)) in (1..).zip(report.groups.iter().enumerate().skip(first).take(height)) {
        let remedy = remedy(state, job, group);
        // The footer says what the letter does where it stands alone.
        let remedy = if roomy { remedy.as_str() } else { text::head(&remedy, 1) };
        let line = widths.row(&result(group), &meaning(state.wire(), job, group), remedy, ellipsis);
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

/// What the outcome means, in words that fit: for who was held back the reason.
fn meaning(wire: WireKind, job: &Job, group: &CauseGroup) -> Cow<'static, str> {
    match (&group.cause.words, group.evidence) {
        (Some(reason), _) if group.cause.outcome == OutcomeKind::HeldBack => {
            Cow::from(reason.as_str().to_owned())
        }
        // That it is confirmed stands beside it.
        (_, Some(evidence)) if group.cause.outcome == OutcomeKind::Confirmed => {
            Cow::from(evidence.label().trim_start_matches("confirmed "))
        }
        _ => Cow::from(plain_meaning(wire, job, group)),
    }
}

fn plain_meaning(wire: WireKind, job: &Job, group: &CauseGroup) -> &'static str {
    match (group.cause.outcome, group.cause.fault) {
        (OutcomeKind::Accepted, _) if remote(job, group) > 0 => {
            if remote(job, group) == group.places.len() {
                "the request left for its pod"
            } else {
                "taken, or sent on to its pod"
            }
        }
        (OutcomeKind::Accepted, _) if group.evidence == Some(Evidence::NothingRead) => {
            "not confirmed in time"
        }
        (OutcomeKind::Accepted | OutcomeKind::Confirmed, _) if group.evidence.is_some() => {
            group.evidence.map_or("", Evidence::label)
        }
        (OutcomeKind::StillListed, _) if group.evidence == Some(Evidence::ThereOnRead) => {
            "no answer; was not done"
        }
        (OutcomeKind::NoAnswer, _) if group.cause.status.is_some() => "whether it acted is not known",
        (OutcomeKind::NoAnswer, _) => "unknown; read again first",
        // The server's own words stand beside the names.
        (OutcomeKind::Refused, Some(FaultKind::InsufficientPermission)) => {
            if remote(job, group) == group.places.len() {
                Privilege::ManageRemoteSession.needs()
            } else {
                Privilege::needed_on(wire, job.plan.verb)
            }
        }
        (OutcomeKind::Unsent, _) if job.may_send() => "its turn has not come",
        (OutcomeKind::Refused, Some(FaultKind::InvalidState)) => match group.escalation(job.plan.verb) {
            Some(_) if wire == WireKind::Horizon => "locked: needs force",
            _ => "its state forbids it",
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
    let label = group.cause.label();
    // That it was not found, or its status, says all that its fault says.
    let told = group.cause.outcome == OutcomeKind::NotFound || group.cause.status.is_some();
    match group.cause.fault.filter(|_| !told) {
        Some(fault) => format!("{label}, {fault}"),
        None => label,
    }
}

/// The key that helps, if one does.
fn remedy(state: &State, job: &Job, group: &CauseGroup) -> String {
    let named = |command: Command, words: &str| format!("{} {words}", state.key(Context::JobSheet, command));
    if job.may_send() {
        return "-".to_owned();
    }
    let listed = group.cause.outcome == OutcomeKind::StillListed;
    if group.told_in_vain {
        let (tell, again) = (Command::JobCorrect, Command::JobRetry);
        return format!(
            "{} tell/{} again",
            state.key(Context::JobSheet, tell),
            state.key(Context::JobSheet, again)
        );
    }
    match group.next_step(job, state.capabilities()) {
        Some(NextStep::Plan(Verb::Reset)) => named(Command::JobReset, "plan reset"),
        Some(NextStep::Plan(_)) if listed => named(Command::JobReset, "plan forced"),
        Some(NextStep::Plan(_)) => named(Command::JobForce, "plan forced"),
        Some(NextStep::Again) => named(Command::JobRetry, "plan again"),
        Some(NextStep::Verify) if job.is_running() => "-".to_owned(),
        Some(NextStep::Verify) => named(Command::JobVerify, "verify first"),
        None => "-".to_owned(),
    }
}

/// Draws the targets of a cause with the server's words; returns which part of them is seen.
fn draw_names(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    (job, group): (&Job, &CauseGroup),
    scroll: usize,
    lines: u16,
) -> String {
    let ellipsis = pen.glyphs.ellipsis();
    let count = group.places.len();
    pen.line(area, 0, &[piece(format!("{}  {count}", result(group)), Role::Accent)], &[]);
    let height = usize::from(lines);
    let first = first_line(scroll, count, height);
    let row_of = |place: &usize| {
        let (target, outcome) = job.target(*place)?;
        let [name, _, pool, host] = who_and_where_in(state, &target.session);
        let said = match target.pod.as_ref().and(target.session.pod_label()) {
            Some(pod) => format!("pod {pod}: {}", server_said(&outcome)),
            None => server_said(&outcome),
        };
        Some([name, host, pool, said])
    };
    let shown: Vec<[String; 4]> = group.places.iter().skip(first).take(height).filter_map(row_of).collect();
    let measured = group.places.iter().take(MEASURED).filter_map(row_of).chain(shown.iter().cloned());
    let titles = ["USER", "MACHINE", "POOL/FARM", "SERVER SAID"];
    let room = usize::from(area.width).saturating_sub(5);
    let (user, machine, pool) = (room / 5, room / 5, room / 6);
    let usual = [user, machine, pool, room - user - machine - pool];
    let widths = text::fitted(usual, needed(titles, measured));
    let row = |texts: [&str; 4]| {
        let columns: Vec<(&str, usize)> = texts.into_iter().zip(widths).collect();
        cells(&columns, ellipsis)
    };
    pen.line(area, 1, &[piece(format!("  {}", row(titles)), Role::Heading)], &[]);
    for (line, texts) in (2..).zip(&shown) {
        let texts = texts.each_ref().map(String::as_str);
        pen.line(area, line, &[piece(format!("  {}", row(texts)), Role::Text)], &[]);
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
    if state.events.feed == Some(EventFeed::NotOffered) {
        return "no events of this job: Workspace has no audit feed".to_owned();
    }
    let lag = state.events.lag_seconds.map_or_else(|| "?".to_owned(), |lag| format!("~{}", duration(lag)));
    format!("events of this job: {} seen of {} expected, lag {lag}", own.claimed, own.expected)
}
