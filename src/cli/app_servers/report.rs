//! What is printed of app servers of which something was asked.

use serde::Serialize;

use super::wait::Left;
use crate::{
    cli::{
        args::Format,
        carry::report::{self, Became, Targets, closing},
        output::{self, Heading},
        run::{Stop, Streams},
    },
    core::change::{ChangeItem, ChangeJob, HeldChange},
    domain::{AppServerId, Change, Outcome, ServerOrder, Text},
};

/// The verb, as JSON names it.
pub(super) fn verb(order: ServerOrder) -> &'static str {
    match order {
        ServerOrder::Drain => "drain",
        ServerOrder::Undrain => "undrain",
        ServerOrder::Reboot => "reboot",
        ServerOrder::RebootHard => "reboot-hard",
    }
}

/// What is printed beside the outcomes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) order: ServerOrder,
    pub(super) ticket: Option<&'a str>,
    pub(super) dry_run: bool,
    /// What was seen last of those that were waited for.
    pub(super) left: &'a Left,
}

/// How many sessions were left on a server.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
enum LeftOn {
    Known(i64),
    /// Null.
    Unknown,
}

impl From<Option<i64>> for LeftOn {
    fn from(left: Option<i64>) -> Self {
        left.map_or(Self::Unknown, Self::Known)
    }
}

/// An app server as it is printed.
#[derive(Debug, Serialize)]
struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    #[serde(flatten)]
    became: Became,
    /// How many ran on it when the plan was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_count: Option<i64>,
    /// How many were left when nobody waited any longer; null when that is not known, absent when nobody waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions_left: Option<LeftOn>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn sent(item: &'a ChangeItem, outcome: &Outcome, left: &Left) -> Self {
        let (server, name, sessions) = match &item.change {
            Change::OrderServer { server, server_name, sessions, .. } => {
                (Some(server), server_name.as_ref(), *sessions)
            }
            _ => (None, None, None),
        };
        Self {
            id: server.map(AppServerId::raw),
            name: name.map_or(item.label.as_str(), Text::as_str),
            became: outcome.into(),
            session_count: sessions,
            sessions_left: server.and_then(|server| left.0.get(server)).map(|left| LeftOn::from(*left)),
            details: item.details.iter().map(Text::as_str).collect(),
        }
    }

    fn held(held: &'a HeldChange) -> Self {
        Self {
            id: held.target.as_deref(),
            name: held.label.as_str(),
            became: Became::from(&Outcome::HeldBack(held.reason.clone())),
            session_count: None,
            sessions_left: None,
            details: Vec::new(),
        }
    }
}

/// The app servers of a plan.
struct Ordered<'a> {
    job: &'a ChangeJob,
    told: &'a Told<'a>,
}

impl<'a> Targets for Ordered<'a> {
    type Row = Row<'a>;

    const FIELDS: &'static [&'static str] =
        &["id", "name", "outcome", "fault", "message", "session_count", "sessions_left", "details"];

    fn rows(&self) -> impl Iterator<Item = Row<'a>> {
        let left = self.told.left;
        let sent = self.job.plan.items.iter().zip(&self.job.outcomes);
        sent.map(move |(item, outcome)| Row::sent(item, outcome, left))
            .chain(self.job.plan.held_back.iter().map(Row::held))
    }

    fn table(&self, ascii: bool) -> String {
        let count = |count: Option<i64>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        let dry_run = self.told.dry_run;
        let waited = !self.told.left.0.is_empty();
        let rows: Vec<Vec<String>> = self
            .rows()
            .map(|row| {
                let is_held = row.became.outcome == Outcome::HeldBack("".into()).kind().name();
                let sessions = if is_held { String::new() } else { count(row.session_count) };
                let mut cells = vec![row.became.outcome.replace('_', " "), row.name.to_owned(), sessions];
                if waited {
                    cells.push(match row.sessions_left {
                        Some(LeftOn::Known(left)) => left.to_string(),
                        Some(LeftOn::Unknown) => "?".to_owned(),
                        None => String::new(),
                    });
                }
                cells.push(row.id.map(|id| Text::clean(id).to_string()).unwrap_or_default());
                let details = if dry_run { row.details.join("; ") } else { String::new() };
                cells.push(row.became.message.unwrap_or(details));
                cells
            })
            .collect();
        let mut titles = vec!["OUTCOME", "APP SERVER", "SESSIONS"];
        titles.extend(waited.then_some("LEFT"));
        titles.extend(["ID", if dry_run { "AS IT IS" } else { "MESSAGE" }]);
        let titles: Vec<Heading> = titles.into_iter().map(Heading::left).collect();
        let mut text = if rows.is_empty() { String::new() } else { output::columns(&titles, &rows, ascii) };
        if dry_run {
            for line in &self.job.plan.consequences {
                text.extend(["follows: ", line.as_str(), "\n"]);
            }
        }
        for line in &self.job.plan.warnings {
            text.extend(["warning: ", line.as_str(), "\n"]);
        }
        let verb = verb(self.told.order).replace('-', " ");
        text + &closing(self.job, &verb, self.told.ticket, "no app servers")
    }
}

/// Prints what became of each.
pub(super) fn print(
    job: &ChangeJob,
    told: &Told<'_>,
    format: Format,
    ascii: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let beside = report::Told {
        verb: verb(told.order),
        ticket: told.ticket,
        consequences: &job.plan.consequences,
        warnings: &job.plan.warnings,
        confirm: None,
    };
    report::print(job, &beside, &Ordered { job, told }, format, ascii, streams)
}
