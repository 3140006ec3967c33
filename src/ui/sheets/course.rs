//! The steps of a course, on the sheet of its plan and on the sheet of its job.

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{Course, Job, Stage, Step},
        command::{Command, Context},
        state::State,
    },
    ui::{
        pen::{Pen, Piece, piece},
        text::{self, counted},
        theme::Role,
        time::{Clock, duration, seconds, stopwatch},
    },
};

use super::plan::summary::{Line, Part};

/// Columns of the number and the name of a step.
const NAME: usize = 11;

/// The steps with their times, were the plan started now.
pub(super) fn steps(course: &Course, now: Timestamp, clock: &Clock, width: u16) -> Vec<Line> {
    let room = usize::from(width).saturating_sub(NAME);
    let mut lines = Vec::new();
    for (number, step) in (1..).zip(course.steps()) {
        let words = words(course, *step, now, clock);
        let role = if *step == Step::Force { Role::Forced } else { Role::Text };
        let all: Vec<String> = words
            .split('\n')
            .flat_map(|line| text::wrap(line, room))
            .map(|line| line.trim_end().to_owned())
            .collect();
        for (row, line) in all.into_iter().enumerate() {
            let label = if row == 0 { format!("{number} {}", step.label()) } else { String::new() };
            let left = vec![piece(text::left(&label, NAME, ""), Role::Heading), piece(line, role)];
            lines.push(vec![Part { x: 0, width, left, right: Vec::new() }]);
        }
    }
    lines
}

fn words(course: &Course, step: Step, now: Timestamp, clock: &Clock) -> String {
    let minutes = |seconds: u32| duration(i64::from(seconds));
    match step {
        Step::Warn => format!("{} | {}", course.warning.severity.label(), course.warning.text),
        Step::Wait => {
            let at: Vec<String> =
                course.reminders.iter().map(|reminder| minutes(reminder.before_seconds)).collect();
            let remind =
                if at.is_empty() { String::new() } else { format!(", remind {} before", at.join(" and ")) };
            format!("{}{remind}; who left or came back is left out", minutes(course.wait_seconds))
        }
        Step::Logoff => {
            let span = SignedDuration::from_secs(i64::from(course.wait_seconds));
            let at = now.saturating_add(span).unwrap_or(now);
            let unwarned = if course.even_unwarned { "" } else { "; not who was not warned" };
            format!("politely, about {}{unwarned}", clock.time(at))
        }
        Step::Force => {
            let after = course.force_after_seconds.unwrap_or_default();
            format!("{} later, only who refused as locked or is still listed", minutes(after))
        }
    }
}

/// Draws where a job stands in its course; returns the rows used. A job without one has none.
pub(super) fn draw(pen: &mut Pen<'_>, body: Rect, row: u16, state: &State, job: &Job, clock: &Clock) -> u16 {
    let Some(course) = &job.plan.terms.course else { return 0 };
    pen.line(body, row, &standing(state, job, course), &[]);
    let in_vain = job.told_in_vain().len();
    if in_vain > 0 {
        let words = told_in_vain(state, job, in_vain);
        pen.line(body, row + 1, &[words], &[]);
        return 2;
    }
    match &job.stage {
        Stage::Countdown { until, .. } if job.is_running() => {
            pen.line(body, row + 1, &countdown(state, *until, clock, body.width), &[]);
            2
        }
        Stage::BeforeForce { until } if job.is_running() => {
            let left = duration(seconds(state.now, *until).max(0));
            let words = format!("force in {left}, at {}, for those left then", clock.time(*until));
            pen.line(body, row + 1, &[piece(words, Role::Forced)], &[]);
            2
        }
        _ => 1,
    }
}

/// How many were told of a logoff that does not come, until a job tells them so, or warns them again.
fn told_in_vain(state: &State, job: &Job, in_vain: usize) -> Piece<'static> {
    let were = if in_vain == 1 { "was" } else { "were" };
    let after = state.jobs.iter().rev().find(|other| other.plan.retry_of.as_ref() == Some(&job.plan.id));
    if let Some(after) = after {
        let words = format!("{in_vain} {were} told of a logoff; job {} came after it", after.id);
        return piece(words, Role::Muted);
    }
    let tell = state.key(Context::JobSheet, Command::JobCorrect);
    piece(format!("{in_vain} {were} told of a logoff that does not come; {tell} says so"), Role::Danger)
}

/// The steps in a line, with the one that is taken.
fn standing(state: &State, job: &Job, course: &Course) -> Vec<Piece<'static>> {
    let current = current(job);
    let warned = (0..job.total()).filter(|place| job.was_warned(*place)).count();
    let mut pieces = Vec::new();
    for step in course.steps() {
        let words = match (step, &job.stage) {
            (Step::Warn, _) if !job.messages.is_empty() => format!("warned {warned} of {}", job.total()),
            (Step::Wait, Stage::Countdown { until, left_seconds }) if job.is_running() => {
                let left = until.map_or(i64::from(*left_seconds), |until| seconds(state.now, until).max(0));
                let held = match until {
                    Some(_) => "",
                    None if job.orders.paused => " (PAUSED)",
                    None => " (held)",
                };
                format!("wait {} left{held}", stopwatch(left))
            }
            _ => step.label().to_owned(),
        };
        let role = match current {
            Some(now) if now == *step => Role::Accent,
            Some(now) if now > *step => Role::Text,
            _ => Role::Muted,
        };
        let mark = if current == Some(*step) { ">" } else { " " };
        pieces.push(piece(format!("{mark}{words}  "), role));
    }
    let reminders: usize = job.reminders.values().sum();
    if reminders > 0 {
        pieces.push(piece(format!(" {} taken", counted(reminders, "reminder", "reminders")), Role::Muted));
    }
    pieces
}

/// The step that is taken now; `None` when the job has ended.
fn current(job: &Job) -> Option<Step> {
    job.step.filter(|_| job.is_running())
}

/// From this width on each key has its own words.
const ROOMY: u16 = 70;

/// When it ends and the keys for it.
fn countdown(state: &State, until: Option<Timestamp>, clock: &Clock, width: u16) -> Vec<Piece<'static>> {
    let name = |command| state.key(Context::JobSheet, command);
    let (at, hold) = match until {
        Some(until) => (format!("log off at {}  ", clock.time(until)), "hold"),
        None => ("log off when it goes on  ".to_owned(), "go on"),
    };
    let mut pieces = vec![piece(at, Role::Warning)];
    let (less, more) = if width >= ROOMY { ("1 min less", "1 min more") } else { ("1 min", "1 min") };
    for (command, words) in [
        (Command::JobHold, hold),
        (Command::JobShorten, less),
        (Command::JobLengthen, more),
        (Command::JobCancel, "cancel"),
    ] {
        pieces.push(piece(format!(" {}", name(command)), Role::Key));
        pieces.push(piece(format!(" {words} "), Role::Muted));
    }
    pieces
}
