//! All jobs on record.

use jiff::Timestamp;
use serde::Serialize;

use super::{Counts, damage, in_words};
use crate::{
    cli::{
        args::Format,
        output::{self, Heading},
        run::{Stop, Streams, warn},
    },
    core::bulk::journal::Tally,
    engine::journal::{JournalStore, Listed, Record},
};

/// The fields in CSV, in order.
const FIELDS: &[&str] = &[
    "journal",
    "plan",
    "verb",
    "state",
    "started_at",
    "ended_at",
    "operator",
    "user",
    "host",
    "estate",
    "ticket",
    "targets",
    "counts.answered",
    "counts.unanswered",
    "counts.unsent",
    "counts.held_back",
    "error",
];

/// One job. Of a journal that cannot be understood only the name and the reason are known.
#[derive(Debug, Serialize)]
struct Row<'a> {
    journal: &'a str,
    /// `running`, `interrupted`, `stopped`, `gave_up`, `finished`, `unreadable`.
    state: &'static str,
    #[serde(flatten)]
    known: Option<Known<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Known<'a> {
    plan: &'a str,
    verb: String,
    started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    operator: &'a str,
    user: &'a str,
    host: &'a str,
    estate: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    targets: usize,
    counts: Counts,
    /// Lines that are not as they were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damage: Vec<String>,
    #[serde(skip)]
    tally: Tally,
}

impl<'a> Row<'a> {
    fn new(listed: &'a Listed) -> Self {
        match &listed.record {
            Ok(record) => Self {
                journal: &listed.id,
                state: record.state(),
                known: Some(Known::new(record)),
                error: None,
            },
            Err(error) => {
                Self { journal: &listed.id, state: "unreadable", known: None, error: Some(error.to_string()) }
            }
        }
    }

    /// The cells for reading.
    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.journal.to_owned(), self.state.replace('_', " ")];
        match &self.known {
            Some(known) => cells.extend([
                known.started_at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
                known.verb.clone(),
                known.operator.to_owned(),
                known.estate.to_owned(),
                in_words(known.tally),
            ]),
            None => cells.extend(["?"; 5].map(str::to_owned)),
        }
        cells
    }
}

impl<'a> Known<'a> {
    fn new(record: &'a Record) -> Self {
        let recovered = &record.recovered;
        let opened = &recovered.opened;
        let tally = recovered.tally();
        Self {
            plan: opened.work.plan_id().raw(),
            verb: opened.work.verb(),
            started_at: recovered.started_at,
            ended_at: recovered.ended.as_ref().map(|ended| ended.at),
            operator: opened.by.operator.as_str(),
            user: opened.by.user.as_str(),
            host: opened.by.host.as_str(),
            estate: opened.estate.as_str(),
            ticket: opened.ticket.as_ref().map(crate::domain::Text::as_str),
            targets: tally.total(),
            counts: tally.into(),
            damage: damage(recovered),
            tally,
        }
    }
}

/// Reads and prints them.
pub(super) async fn print(
    store: &JournalStore,
    format: Format,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let listed = store.list().await?;
    let rows: Vec<Row<'_>> = listed.iter().map(Row::new).collect();
    match format {
        Format::Json => output::json_list(streams.out, &rows)?,
        Format::Jsonl => output::json_lines(streams.out, &rows)?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, &rows)?,
        Format::Table => {
            let headings =
                ["JOB", "STATE", "STARTED", "VERB", "OPERATOR", "ESTATE", "TARGETS"].map(Heading::left);
            let cells: Vec<Vec<String>> = rows.iter().map(Row::cells).collect();
            output::write(streams.out, &output::columns(&headings, &cells, false))?;
        }
    }
    for row in &rows {
        if let Some(error) = &row.error {
            warn(streams, error);
        }
        for damage in row.known.iter().flat_map(|known| &known.damage) {
            warn(streams, &format!("the record of job {} is damaged: {damage}", row.journal));
        }
    }
    output::flush(streams.out)?;
    Ok(0)
}
