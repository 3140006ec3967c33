//! What a job prints: one object with a count for each outcome and every target by name (`design.md section 7`). Which
//! columns a target has is told by [`Targets`].

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::Serialize;

use crate::{
    cli::{
        args::Format,
        output,
        run::{Stop, Streams},
    },
    core::bulk::{Job, Planned},
    domain::{Cause, Outcome, OutcomeKind, Text},
};

/// So many causes are named in one line.
const CAUSES_NAMED: usize = 3;

/// The targets of a job, as their kind shows them.
pub(in crate::cli) trait Targets {
    /// One target in JSON; what became of it as [`Became`].
    type Row: Serialize;

    /// The fields of a target in CSV, in order.
    const FIELDS: &'static [&'static str];

    /// Every target: first those to be sent, then those held back.
    fn rows(&self) -> impl Iterator<Item = Self::Row>;

    /// All of it for reading; a table with the closing line below.
    fn table(&self, ascii: bool) -> String;
}

/// What is printed beside the targets.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Told<'a> {
    /// What was asked for, as JSON names it.
    pub(in crate::cli) verb: &'static str,
    /// The ticket that it is done for.
    pub(in crate::cli) ticket: Option<&'a str>,
    /// What follows from the plan.
    pub(in crate::cli) consequences: &'a [Text],
    /// What must not be overlooked.
    pub(in crate::cli) warnings: &'a [Text],
    /// The words that it asks for.
    pub(in crate::cli) confirm: Option<&'a Text>,
}

/// The object.
#[derive(Debug, Serialize)]
struct Printed<'a, R> {
    plan: &'a str,
    verb: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    /// Present when somebody stopped it before everything was sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stopped: bool,
    /// What made it give up before everything was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    gave_up: Option<GaveUp<'a>>,
    counts: IndexMap<&'static str, usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<&'a str>,
    targets: Vec<R>,
}

#[derive(Debug, Serialize)]
struct GaveUp<'a> {
    fault: &'static str,
    message: &'a str,
}

/// One target with what it belongs to, for formats without a whole around it.
#[derive(Debug, Serialize)]
struct Line<'a, R> {
    plan: &'a str,
    verb: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(flatten)]
    row: R,
}

/// What became of a target.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Became {
    /// The outcome.
    pub(in crate::cli) outcome: &'static str,
    /// The fault, if one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) fault: Option<&'static str>,
    /// The server's words, or why it was held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) message: Option<String>,
}

impl From<&Outcome> for Became {
    fn from(outcome: &Outcome) -> Self {
        let message = match outcome {
            Outcome::HeldBack(reason) => Some(reason),
            other => other.fault().map(|fault| &fault.message),
        };
        Self {
            outcome: outcome.kind().name(),
            fault: outcome.fault().map(|fault| fault.kind.name()),
            message: message.map(|message| message.as_str().to_owned()),
        }
    }
}

/// Prints the outcomes of a job; before it was started they are "unsent" and "held back".
pub(in crate::cli) fn print<P: Planned, T: Targets>(
    job: &Job<P>,
    told: &Told<'_>,
    targets: &T,
    format: Format,
    ascii: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let out = &mut *streams.out;
    let (plan, verb, ticket) = (job.plan.id().raw(), told.verb, told.ticket);
    let lines = || targets.rows().map(|row| Line { plan, verb, ticket, row });
    match format {
        Format::Json => output::json_object(out, &printed(job, told, targets))?,
        Format::Jsonl => output::json_lines(out, lines())?,
        Format::Csv => {
            let fields = [&["plan", "verb", "ticket"], T::FIELDS].concat();
            output::csv_rows(out, &fields, true, lines())?;
        }
        Format::Table => output::write(out, &targets.table(ascii))?,
    }
    output::flush(out)
}

fn printed<'a, P: Planned, T: Targets>(job: &'a Job<P>, told: &Told<'a>, targets: &T) -> Printed<'a, T::Row> {
    let (stopped, fault) = job.ending();
    let texts = |texts: &'a [Text]| texts.iter().map(Text::as_str).collect();
    Printed {
        plan: job.plan.id().raw(),
        verb: told.verb,
        ticket: told.ticket,
        stopped,
        gave_up: fault.map(|fault| GaveUp { fault: fault.kind.name(), message: fault.message.as_str() }),
        counts: job.counts_in_order().into_iter().map(|(kind, count)| (kind.name(), count)).collect(),
        consequences: texts(told.consequences),
        warnings: texts(told.warnings),
        confirm: told.confirm.map(Text::as_str),
        targets: targets.rows().collect(),
    }
}

/// The last line of the table: `plan 3f2a, logoff, ticket INC-1: 30 accepted, 6 refused`. `none` stands for the counts
/// when there is no target.
pub(in crate::cli) fn closing<P: Planned>(
    job: &Job<P>,
    verb: &str,
    ticket: Option<&str>,
    none: &str,
) -> String {
    let ticket = ticket.map(|ticket| format!(", ticket {}", Text::clean(ticket))).unwrap_or_default();
    let counts = job.counts_in_words();
    let counts = if counts.is_empty() { none } else { &counts };
    format!("plan {}, {verb}{ticket}: {counts}\n", job.plan.id())
}

/// The causes of what did not go well and how many have each, with their words; the first few causes only.
pub(in crate::cli) fn name_causes<'a>(causes: impl IntoIterator<Item = (&'a Cause, usize)>) -> String {
    let went_well = |cause: &Cause| matches!(cause.outcome, OutcomeKind::Accepted | OutcomeKind::Confirmed);
    let mut causes = causes.into_iter().filter(|(cause, _)| !went_well(cause));
    let mut text = String::new();
    for (cause, count) in causes.by_ref().take(CAUSES_NAMED) {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        write!(text, "{comma}{count} {}", cause.phrase()).ok();
        if let Some(words) = &cause.words {
            write!(text, " ({words})").ok();
        }
    }
    match causes.count() {
        0 => text,
        more => format!("{text}, and {more} other causes"),
    }
}
