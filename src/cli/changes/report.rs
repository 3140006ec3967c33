//! What a change prints: one object with a count for each outcome and every change by name (`design.md section 7`).

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::Serialize;

use crate::{
    cli::{
        args::Format,
        output::{self, Heading},
        run::{Stop, Streams},
    },
    core::{
        bulk::JobPhase,
        change::{ChangeItem, ChangeJob, HeldChange},
    },
    domain::{Fault, Outcome, OutcomeKind, Text},
};

/// The fields in CSV, in order.
const FIELDS: &[&str] =
    &["plan", "verb", "ticket", "change", "id", "name", "outcome", "fault", "message", "details"];

/// So many causes are named in one line.
const CAUSES_NAMED: usize = 3;

/// What is printed beside the outcomes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// What was asked for, as JSON names it.
    pub(super) verb: &'static str,
    /// The ticket that it is done for.
    pub(super) ticket: Option<&'a str>,
    /// Whether nothing was to be sent.
    pub(super) dry_run: bool,
}

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
    /// What follows from the plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consequences: Vec<&'a str>,
    /// What must not be overlooked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<&'a str>,
    /// The words that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<&'a str>,
    targets: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct GaveUp<'a> {
    fault: &'static str,
    message: &'a str,
}

/// One change.
#[derive(Debug, Serialize)]
struct Row<'a> {
    /// Of what is changed, or of what was created where the server told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    /// The kind; missing for those that were held back from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'static str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    /// The server's words, or why it was held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    /// What exactly changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<&'a str>,
}

/// One change with what it belongs to, for formats without a whole around it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    plan: &'a str,
    verb: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(flatten)]
    row: Row<'a>,
}

impl<'a> Row<'a> {
    fn sent(item: &'a ChangeItem, outcome: &'a Outcome, id: Option<&'a str>) -> Self {
        let message = match outcome {
            Outcome::HeldBack(reason) => Some(reason),
            other => other.fault().map(|fault| &fault.message),
        };
        Self {
            id,
            name: item.label.as_str(),
            change: Some(item.change.kind().name()),
            outcome: outcome.kind().name(),
            fault: outcome.fault().map(|fault| fault.kind.name()),
            message: message.map(Text::as_str),
            details: item.details.iter().map(Text::as_str).collect(),
        }
    }

    fn held(held: &'a HeldChange) -> Self {
        Self {
            id: held.target.as_deref(),
            name: held.label.as_str(),
            change: None,
            outcome: OutcomeKind::HeldBack.name(),
            fault: None,
            message: Some(held.reason.as_str()),
            details: Vec::new(),
        }
    }
}

/// The ids of what is changed or was created, by place.
fn ids(job: &ChangeJob) -> Vec<Option<String>> {
    let places = job.plan.items.iter().enumerate();
    places.map(|(place, item)| item.change.target_id().or_else(|| job.created.get(&place).cloned())).collect()
}

/// Every change: first those to be sent, then those held back.
fn rows<'a>(job: &'a ChangeJob, ids: &'a [Option<String>]) -> impl Iterator<Item = Row<'a>> {
    let sent = job.plan.items.iter().zip(&job.outcomes).zip(ids);
    sent.map(|((item, outcome), id)| Row::sent(item, outcome, id.as_deref()))
        .chain(job.plan.held_back.iter().map(Row::held))
}

/// Prints the outcomes of a job; before it was started they are "unsent" and "held back".
pub(super) fn print(
    job: &ChangeJob,
    told: Told<'_>,
    format: Format,
    ascii: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let out = &mut *streams.out;
    let ids = ids(job);
    let lines = || {
        rows(job, &ids).map(|row| Line { plan: job.plan.id.raw(), verb: told.verb, ticket: told.ticket, row })
    };
    match format {
        Format::Json => output::json_object(out, &printed(job, told, &ids))?,
        Format::Jsonl => output::json_lines(out, lines())?,
        Format::Csv => output::csv_rows(out, FIELDS, true, lines())?,
        Format::Table => output::write(out, &table(job, told, &ids, ascii))?,
    }
    output::flush(out)
}

fn printed<'a>(job: &'a ChangeJob, told: Told<'a>, ids: &'a [Option<String>]) -> Printed<'a> {
    let (stopped, fault) = ending(job);
    let texts = |texts: &'a [Text]| texts.iter().map(Text::as_str).collect();
    Printed {
        plan: job.plan.id.raw(),
        verb: told.verb,
        ticket: told.ticket,
        stopped,
        gave_up: fault.map(|fault| GaveUp { fault: fault.kind.name(), message: fault.message.as_str() }),
        counts: counts(job).into_iter().map(|(kind, count)| (kind.name(), count)).collect(),
        consequences: texts(&job.plan.consequences),
        warnings: texts(&job.plan.warnings),
        confirm: job.plan.words.as_ref().filter(|_| told.dry_run).map(Text::as_str),
        targets: rows(job, ids).collect(),
    }
}

/// Whether it was stopped, and what made it give up.
fn ending(job: &ChangeJob) -> (bool, Option<&Fault>) {
    match &job.phase {
        JobPhase::Finished { stopped, fault, .. } => (*stopped, fault.as_ref()),
        JobPhase::Running | JobPhase::Stopping => (false, None),
    }
}

/// Outcomes and how many have each, in the order of reports.
fn counts(job: &ChangeJob) -> Vec<(OutcomeKind, usize)> {
    let counts = job.counts();
    OutcomeKind::ALL.into_iter().filter_map(|kind| Some((kind, *counts.get(&kind)?))).collect()
}

/// The counts of what did not go well, with the words of each cause; the first few causes only.
pub(super) fn troubles(job: &ChangeJob) -> String {
    let held = job.plan.held_back.iter().map(|held| Outcome::HeldBack(held.reason.clone()).cause());
    let causes = job.outcomes.iter().map(Outcome::cause).chain(held);
    let mut counts = IndexMap::new();
    for cause in causes {
        if !matches!(cause.outcome, OutcomeKind::Accepted | OutcomeKind::Confirmed) {
            *counts.entry(cause).or_insert(0_usize) += 1;
        }
    }
    let more = counts.len().saturating_sub(CAUSES_NAMED);
    let named: Vec<String> = counts
        .iter()
        .take(CAUSES_NAMED)
        .map(|(cause, count)| match &cause.words {
            Some(words) => format!("{count} {} ({words})", cause.outcome),
            None => format!("{count} {}", cause.outcome),
        })
        .collect();
    let named = named.join(", ");
    if more == 0 { named } else { format!("{named}, and {more} other causes") }
}

/// The changes for reading, and the counts below. Before anything is sent it also says what exactly changes, what
/// follows and what must not be overlooked.
fn table(job: &ChangeJob, told: Told<'_>, ids: &[Option<String>], ascii: bool) -> String {
    let label = |outcome: &str| outcome.replace('_', " ");
    let list: Vec<Vec<String>> = rows(job, ids)
        .map(|row| {
            let message = row.message.map(str::to_owned);
            let details = told.dry_run.then(|| row.details.join("; "));
            vec![
                label(row.outcome),
                row.change.unwrap_or_default().to_owned(),
                row.name.to_owned(),
                row.id.map(|id| Text::clean(id).to_string()).unwrap_or_default(),
                row.fault.unwrap_or_default().to_owned(),
                message.or(details).unwrap_or_default(),
            ]
        })
        .collect();
    let last = if told.dry_run { "WHAT CHANGES" } else { "MESSAGE" };
    let headings = ["OUTCOME", "CHANGE", "NAME", "ID", "FAULT", last].map(Heading::left);
    let mut text = if list.is_empty() { String::new() } else { output::columns(&headings, &list, ascii) };
    if told.dry_run {
        for line in &job.plan.consequences {
            text.extend(["follows: ", line.as_str(), "\n"]);
        }
    }
    for line in &job.plan.warnings {
        text.extend(["warning: ", line.as_str(), "\n"]);
    }
    let ticket = told.ticket.map(|ticket| format!(", ticket {}", Text::clean(ticket))).unwrap_or_default();
    let counts = job.counts_in_words();
    let counts = if counts.is_empty() { "no changes".to_owned() } else { counts };
    let verb = told.verb.replace('-', " ");
    // Writing to a String cannot fail.
    writeln!(text, "plan {}, {verb}{ticket}: {counts}", job.plan.id).ok();
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use insta::assert_snapshot;
    use jiff::Timestamp;

    use super::*;
    use crate::{
        core::{bulk::JobEvent, change::ChangePlan},
        domain::{Change, FaultKind, JobId, NewPermission},
    };

    fn job(sent: bool) -> ChangeJob {
        let mut plan = ChangePlan::new("3f2a".into(), "REPLACE PERMISSION", Timestamp::UNIX_EPOCH);
        let create = Change::CreatePermission(NewPermission {
            principal: "S-1-5-21-7".into(),
            role: "role".into(),
            local_group: None,
            federation_group: None,
        });
        plan.items = vec![
            ChangeItem::new(create, "CORP\\kaya as Help Desk on finance")
                .with_details(vec!["role: Administrators -> Help Desk".into()]),
            ChangeItem::new(Change::DeletePermission("p1".into()), "CORP\\kaya as Administrators").after(0),
        ];
        plan.held_back = vec![HeldChange {
            label: "CORP\\old".into(),
            target: Some("p\u{202e}2".into()),
            reason: "gone already".into(),
        }];
        plan.consequences = vec!["1 user loses change permissions".into()];
        plan.warnings = vec!["this is the permission that you are using".into()];
        plan.words = Some("lock me out".into());
        let mut job = ChangeJob::new(JobId(1), Arc::new(plan), Timestamp::UNIX_EPOCH);
        if sent {
            let fault = Fault::new(FaultKind::InsufficientPermission, "delete permissions", "not yours");
            let outcomes = vec![(0, Outcome::Confirmed), (1, Outcome::Refused(fault))];
            for event in [
                JobEvent::Settled { outcomes },
                JobEvent::Created { ids: vec![(0, "p9".to_owned())] },
                JobEvent::Finished { stopped: false, fault: None },
            ] {
                job.apply(&event, Timestamp::UNIX_EPOCH);
            }
        }
        job
    }

    fn printed(job: &ChangeJob, format: Format, dry_run: bool) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let told = Told { verb: "replace-permission", ticket: Some("INC-1"), dry_run };
        let mut streams = Streams { out: &mut out, err: &mut err };
        assert!(print(job, told, format, false, &mut streams).is_ok());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_dry_run_shows_what_would_change() {
        assert_snapshot!("dry_run_table", printed(&job(false), Format::Table, true));
        assert_snapshot!("dry_run_json", printed(&job(false), Format::Json, true));
    }

    #[test]
    fn outcomes_are_told_in_every_format() {
        assert_snapshot!("outcomes_table", printed(&job(true), Format::Table, false));
        assert_snapshot!("outcomes_json", printed(&job(true), Format::Json, false));
        assert_snapshot!("outcomes_jsonl", printed(&job(true), Format::Jsonl, false));
        assert_snapshot!("outcomes_csv", printed(&job(true), Format::Csv, false));
    }
}
