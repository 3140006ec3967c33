//! What an action prints: one object with a count for each outcome and every target by name (`design.md section 7`).

use indexmap::IndexMap;
use serde::Serialize;

use super::row::pod_of;
use crate::{
    cli::{
        args::Format,
        output::{self, Heading},
        run::{Stop, Streams},
    },
    core::bulk::{CauseGroup, Job, JobPhase, Report, Target},
    domain::{Capabilities, Fault, Outcome, OutcomeKind, SessionState, Text, UserId},
};

/// The fields in CSV, in order.
const FIELDS: &[&str] = &[
    "plan",
    "verb",
    "ticket",
    "id",
    "user_id",
    "user_name",
    "session_state",
    "desktop_pool_or_farm_name",
    "machine_or_rds_server_name",
    "pod",
    "outcome",
    "fault",
    "message",
];

/// Where the column of the pod stands, when there are several.
const POD: usize = 4;

/// So many causes are named in one line.
const CAUSES_NAMED: usize = 3;

/// The object.
#[derive(Debug, Serialize)]
struct Printed<'a> {
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
    targets: Vec<TargetRow<'a>>,
}

#[derive(Debug, Serialize)]
struct GaveUp<'a> {
    fault: &'static str,
    message: &'a str,
}

/// One target.
#[derive(Debug, Serialize)]
struct TargetRow<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop_pool_or_farm_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_or_rds_server_name: Option<&'a str>,
    /// The pod that hosts it, as far as known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pod: Option<&'a str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    /// The server's words, or why it was held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// One target with what it belongs to, for formats without a whole around it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    plan: &'a str,
    verb: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(flatten)]
    target: TargetRow<'a>,
}

impl<'a> TargetRow<'a> {
    fn new(target: &'a Target, outcome: &Outcome, capabilities: &'a Capabilities) -> Self {
        let session = &target.session;
        let message = match outcome {
            Outcome::HeldBack(reason) => Some(reason),
            other => other.fault().map(|fault| &fault.message),
        };
        Self {
            id: session.id.raw(),
            user_id: session.user_id.as_ref().map(UserId::raw),
            user_name: session.user_name.as_ref().map(Text::as_str),
            session_state: session.state.as_ref().map(SessionState::word),
            desktop_pool_or_farm_name: session.pool_name.as_ref().map(Text::as_str),
            machine_or_rds_server_name: session.machine_name.as_ref().map(Text::as_str),
            pod: pod_of(session, capabilities),
            outcome: outcome.kind().name(),
            fault: outcome.fault().map(|fault| fault.kind.name()),
            message: message.map(|message| message.as_str().to_owned()),
        }
    }
}

/// Prints the outcomes of a job; before it was started they are "unsent" and "held back".
pub(super) fn print(
    job: &Job,
    capabilities: &Capabilities,
    ticket: Option<&str>,
    format: Format,
    ascii: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let out = &mut *streams.out;
    let lines = || {
        job.targets().map(|(target, outcome)| Line {
            plan: job.plan.id.raw(),
            verb: job.plan.verb.name(),
            ticket,
            target: TargetRow::new(target, &outcome, capabilities),
        })
    };
    match format {
        Format::Json => output::json_object(out, &printed(job, capabilities, ticket))?,
        Format::Jsonl => output::json_lines(out, lines())?,
        Format::Csv => output::csv_rows(out, FIELDS, true, lines())?,
        Format::Table => output::write(out, &table(job, capabilities, ticket, ascii))?,
    }
    output::flush(out)
}

fn printed<'a>(job: &'a Job, capabilities: &'a Capabilities, ticket: Option<&'a str>) -> Printed<'a> {
    let (stopped, fault) = ending(job);
    Printed {
        plan: job.plan.id.raw(),
        verb: job.plan.verb.name(),
        ticket,
        stopped,
        gave_up: fault.map(|fault| GaveUp { fault: fault.kind.name(), message: fault.message.as_str() }),
        counts: counts(job).into_iter().map(|(kind, count)| (kind.name(), count)).collect(),
        targets: job
            .targets()
            .map(|(target, outcome)| TargetRow::new(target, &outcome, capabilities))
            .collect(),
    }
}

/// Whether it was stopped, and what made it give up.
fn ending(job: &Job) -> (bool, Option<&Fault>) {
    match &job.phase {
        JobPhase::Finished { stopped, fault, .. } => (*stopped, fault.as_ref()),
        JobPhase::Running | JobPhase::Stopping => (false, None),
    }
}

/// Outcomes and how many have each, in the order of reports.
fn counts(job: &Job) -> Vec<(OutcomeKind, usize)> {
    let counts = job.counts();
    OutcomeKind::ALL.into_iter().filter_map(|kind| Some((kind, *counts.get(&kind)?))).collect()
}

/// The counts in words, such as `30 accepted, 6 refused`.
fn summary(job: &Job) -> String {
    let counts: Vec<String> = counts(job).iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if counts.is_empty() { "no sessions".to_owned() } else { counts.join(", ") }
}

/// The counts of what did not go well, with the words of each cause; the first few causes only.
pub(super) fn troubles(job: &Job) -> String {
    let went_well =
        |group: &&CauseGroup| matches!(group.cause.outcome, OutcomeKind::Accepted | OutcomeKind::Confirmed);
    let report = Report::of(job);
    let mut causes = report.groups.iter().filter(|group| !went_well(group)).map(|group| {
        let counted = format!("{} {}", group.places.len(), group.cause.outcome);
        match &group.cause.words {
            Some(words) => format!("{counted} ({words})"),
            None => counted,
        }
    });
    let named: Vec<String> = causes.by_ref().take(CAUSES_NAMED).collect();
    let more = causes.count();
    let named = named.join(", ");
    if more == 0 { named } else { format!("{named}, and {more} other causes") }
}

/// The targets for reading, those with trouble first, and the counts below.
fn table(job: &Job, capabilities: &Capabilities, ticket: Option<&str>, ascii: bool) -> String {
    let targets: Vec<_> = job.targets().collect();
    // With one pod only, it says nothing.
    let pods = targets.iter().any(|(target, _)| target.pod.is_some());
    let label = |text: Option<Text>| text.map_or_else(|| "?".to_owned(), |text| text.as_str().to_owned());
    let rows: Vec<Vec<String>> = Report::of(job)
        .groups
        .iter()
        .flat_map(|group| &group.places)
        .filter_map(|place| targets.get(*place))
        .map(|(target, outcome)| {
            let row = TargetRow::new(target, outcome, capabilities);
            let mut cells = vec![
                outcome.kind().label().to_owned(),
                label(target.session.login()),
                label(target.session.pool_label()),
                label(target.session.machine_label()),
                target.session.id.to_string(),
                row.fault.unwrap_or_default().to_owned(),
                row.message.unwrap_or_default(),
            ];
            if pods {
                cells.insert(POD, row.pod.unwrap_or("?").to_owned());
            }
            cells
        })
        .collect();
    let mut headings = vec!["OUTCOME", "USER", "POOL/FARM", "MACHINE", "ID", "FAULT", "MESSAGE"];
    if pods {
        headings.insert(POD, "POD");
    }
    let headings: Vec<Heading> = headings.into_iter().map(Heading::left).collect();
    let list = if rows.is_empty() { String::new() } else { output::columns(&headings, &rows, ascii) };
    let ticket = ticket.map(|ticket| format!(", ticket {}", Text::clean(ticket))).unwrap_or_default();
    format!("{list}plan {}, {}{ticket}: {}\n", job.plan.id, job.plan.verb, summary(job))
}
