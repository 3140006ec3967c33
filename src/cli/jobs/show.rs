//! What became of each target of a job.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Serialize;

use super::{Counts, damage, in_words};
use crate::{
    cli::{
        args::{Format, JobsShowArgs},
        detach::log_path,
        output::{self, Heading},
        run::{Stop, Streams, warn},
    },
    config::Paths,
    core::bulk::{
        Evidence, JobNote,
        journal::{Recovered, Standing, Work},
    },
    domain::{OutcomeKind, Text},
    engine::journal::{JournalStore, Record},
};

/// The fields in CSV, in order.
const FIELDS: &[&str] = &[
    "journal",
    "plan",
    "verb",
    "id",
    "created_id",
    "user_name",
    "name",
    "state",
    "outcome",
    "fault",
    "message",
    "evidence",
    "warning",
];

/// The object.
#[derive(Debug, Serialize)]
struct Printed<'a> {
    journal: &'a str,
    plan: &'a str,
    verb: String,
    state: &'static str,
    started_at: Timestamp,
    last_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    /// What made it give up.
    #[serde(skip_serializing_if = "Option::is_none")]
    gave_up: Option<String>,
    operator: &'a str,
    user: &'a str,
    host: &'a str,
    estate: &'a str,
    /// The process that carries it out, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    /// What it wrote without a terminal, once it was detached.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    /// When it was gone on with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resumed_at: Vec<Timestamp>,
    /// By state.
    states: Counts,
    /// By outcome.
    counts: IndexMap<&'static str, usize>,
    /// Lines that are not as they were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damage: Vec<String>,
    /// Lines that a crash cut off; nothing was sent because of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    torn_lines: Vec<usize>,
    targets: Vec<Row<'a>>,
}

/// One target.
#[derive(Debug, Serialize)]
struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Of what was created: of a build the job of the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_id: Option<String>,
    /// Of a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    /// Of what is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    /// `unsent`, `unanswered`, `answered`, `held_back`.
    state: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// By what the outcome is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    /// What became of the warning of its course; `sent` when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
    #[serde(skip)]
    label: &'static str,
}

/// One target with what it belongs to, for formats without a whole around it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    journal: &'a str,
    plan: &'a str,
    verb: &'a str,
    #[serde(flatten)]
    row: Row<'a>,
}

impl<'a> Row<'a> {
    fn new(
        id: Option<String>,
        user_name: Option<&'a Text>,
        name: Option<&'a Text>,
        standing: &Standing,
    ) -> Self {
        let is_answered = matches!(standing, Standing::Answered(_));
        Self {
            id,
            created_id: None,
            user_name: user_name.map(Text::as_str),
            name: name.map(Text::as_str),
            state: standing.name(),
            outcome: standing.outcome().name(),
            fault: standing.fault().map(|fault| fault.kind.name()),
            message: standing.words().map(str::to_owned),
            evidence: None,
            warning: None,
            label: if is_answered { standing.outcome().label() } else { standing.label() },
        }
    }
}

/// Every target: first those to be sent, then those that the plan holds back.
fn rows(recovered: &Recovered) -> Vec<Row<'_>> {
    let standings = recovered.standings.iter().enumerate();
    match &recovered.opened.work {
        Work::Sessions(plan) => {
            let sent = standings.zip(&plan.to_send).map(|((place, standing), target)| {
                let session = &target.session;
                let is_answered = matches!(standing, Standing::Answered(_));
                let warning = recovered.course.messages.get(&place);
                Row {
                    evidence: recovered.evidence.get(&place).copied().filter(|_| is_answered),
                    warning: warning.map(|outcome| outcome.kind().name()),
                    ..Row::new(Some(session.id.raw().to_owned()), session.user_name.as_ref(), None, standing)
                }
            });
            let held = plan.held_back.iter().map(|held| {
                let session = &held.target.session;
                let standing = Standing::HeldBack(Text::clean(&held.reason.to_string()));
                Row::new(Some(session.id.raw().to_owned()), session.user_name.as_ref(), None, &standing)
            });
            sent.chain(held).collect()
        }
        Work::Changes(plan) => {
            let sent = standings.zip(&plan.items).map(|((place, standing), item)| {
                let created_id = recovered.created.get(&place).cloned();
                let id = item.change.target_id().or_else(|| created_id.clone());
                Row { created_id, ..Row::new(id, None, Some(&item.label), standing) }
            });
            let held = plan.held_back.iter().map(|held| {
                let standing = Standing::HeldBack(held.reason.clone());
                Row::new(held.target.clone(), None, Some(&held.label), &standing)
            });
            sent.chain(held).collect()
        }
    }
}

/// Reads and prints it.
pub(super) async fn print(
    store: &JournalStore,
    args: &JobsShowArgs,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let record = store.read(&args.id).await?;
    let recovered = &record.recovered;
    if args.note {
        output::write(streams.out, &JobNote::of_record(&record.id, recovered).markdown())?;
        tell_damage(recovered, streams);
        output::flush(streams.out)?;
        return Ok(0);
    }
    let verb = recovered.opened.work.verb();
    let lines = || {
        rows(recovered).into_iter().map(|row| Line {
            journal: &record.id,
            plan: recovered.opened.work.plan_id().raw(),
            verb: &verb,
            row,
        })
    };
    match args.output.format {
        Format::Json => output::json_object(streams.out, &printed(&record, log(paths, &record)))?,
        Format::Jsonl => output::json_lines(streams.out, lines())?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, lines())?,
        Format::Table => output::write(streams.out, &table(&record, log(paths, &record)))?,
    }
    tell_damage(recovered, streams);
    output::flush(streams.out)?;
    Ok(0)
}

fn tell_damage(recovered: &Recovered, streams: &mut Streams<'_>) {
    for damage in damage(recovered) {
        warn(
            streams,
            &format!("the record is damaged: {damage}; what could have been sent by it counts as sent"),
        );
    }
}

/// The log of a job that was detached.
fn log(paths: &Paths, record: &Record) -> Option<String> {
    let path = log_path(paths.state_dir(), &record.id);
    path.exists().then(|| path.display().to_string())
}

fn pid(record: &Record) -> Option<u32> {
    record.running.then(|| record.recovered.carried_out_by().pid)
}

fn printed(record: &Record, log: Option<String>) -> Printed<'_> {
    let recovered = &record.recovered;
    let opened = &recovered.opened;
    let ended = recovered.ended.as_ref();
    let counts = recovered.counts();
    Printed {
        journal: &record.id,
        plan: opened.work.plan_id().raw(),
        verb: opened.work.verb(),
        state: record.state(),
        started_at: recovered.started_at,
        last_at: recovered.last_at,
        ended_at: ended.map(|ended| ended.at),
        gave_up: ended.and_then(|ended| Some(ended.fault.as_ref()?.to_string())),
        operator: opened.by.operator.as_str(),
        user: opened.by.user.as_str(),
        host: opened.by.host.as_str(),
        estate: opened.estate.as_str(),
        pid: pid(record),
        log,
        ticket: opened.ticket.as_ref().map(Text::as_str),
        resumed_at: recovered.resumed.iter().map(|(at, _)| *at).collect(),
        states: recovered.tally().into(),
        counts: OutcomeKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind.name(), *counts.get(&kind)?)))
            .collect(),
        damage: damage(recovered),
        torn_lines: recovered.torn.clone(),
        targets: rows(recovered),
    }
}

/// The targets for reading, what needs a look first, and the counts below.
fn table(record: &Record, log: Option<String>) -> String {
    let recovered = &record.recovered;
    let mut rows = rows(recovered);
    rows.sort_by_key(|row| match row.state {
        "unanswered" => 0,
        "unsent" => 1,
        _ if row.fault.is_some() => 2,
        "held_back" => 3,
        _ => 4,
    });
    let clean = |text: String| Text::clean(&text).as_str().to_owned();
    let cells: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            vec![
                row.label.to_owned(),
                row.user_name.or(row.name).unwrap_or("?").to_owned(),
                row.id.map(clean).unwrap_or_default(),
                row.fault.unwrap_or_default().to_owned(),
                row.message.or(row.created_id.map(|id| format!("created {}", clean(id)))).unwrap_or_default(),
            ]
        })
        .collect();
    let name = match recovered.opened.work {
        Work::Sessions(_) => "USER",
        Work::Changes(_) => "NAME",
    };
    let headings = ["STATE", name, "ID", "FAULT", "MESSAGE"].map(Heading::left);
    let list = if cells.is_empty() { String::new() } else { output::columns(&headings, &cells, false) };
    let ticket =
        recovered.opened.ticket.as_ref().map(|ticket| format!(", ticket {ticket}")).unwrap_or_default();
    let process = pid(record).map(|pid| format!("process {pid}\n")).unwrap_or_default();
    let log = log.map(|log| format!("log {log}\n")).unwrap_or_default();
    format!(
        "{list}job {}, {}{ticket}, {}: {}\n{process}{log}",
        record.id,
        recovered.opened.work.verb(),
        record.state().replace('_', " "),
        in_words(recovered.tally())
    )
}
