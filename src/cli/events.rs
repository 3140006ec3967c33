//! `foretop events`: the server's audit log.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    args::{ConnectionArgs, EventsArgs, EventsCommand, Format, LooksArgs, PodArgs},
    explain, filter,
    interrupt::Interrupts,
    output::{self, Heading},
    progress::Progress,
    reach::{Reached, Wanted, with_estate},
    run::{Stop, Streams, note, warn},
    sessions::read_list,
};
use crate::{
    api::{Estate, EventBatch, EventMark, RequestClass},
    config::{Environment, Paths},
    core::{filter::EventFilter, table::Names},
    domain::{AuditEvent, EventFeed, EventMeaning, Fault, FaultKind, MachineId, Severity, Text, UserId},
    error::{Class, Error},
};

/// How often `--follow` asks.
const PAUSE: Duration = Duration::from_secs(3);

/// The fields in CSV, in order.
const FIELDS: &[&str] = &[
    "id",
    "time",
    "severity",
    "type",
    "module",
    "message",
    "machine_dns_name",
    "user_id",
    "machine_id",
    "desktop_pool_name",
    "application_pool_name",
    "explanation",
];

/// An event with the vendor's REST field names (`horizon-rest.md section 14`). A field that is not known is absent.
#[derive(Debug, Serialize)]
struct EventRow<'a> {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_dns_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop_pool_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_pool_name: Option<&'a str>,
    /// What the type means, in our words; absent for a type that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'static str>,
}

impl<'a> EventRow<'a> {
    fn new(event: &'a AuditEvent) -> Self {
        Self {
            id: event.id.0,
            time: event.time.map(Timestamp::as_millisecond),
            severity: event.severity.as_ref().map(Severity::word),
            kind: event.kind.as_ref().map(Text::as_str),
            module: event.module.as_ref().map(Text::as_str),
            message: event.message.as_ref().map(Text::as_str),
            machine_dns_name: event.written_by.as_ref().map(Text::as_str),
            user_id: event.user_id.as_ref().map(UserId::raw),
            machine_id: event.machine_id.as_ref().map(MachineId::raw),
            desktop_pool_name: event.pool_name.as_ref().map(Text::as_str),
            application_pool_name: event.application_pool_name.as_ref().map(Text::as_str),
            explanation: event.kind.as_ref().and_then(|kind| Some(EventMeaning::of(kind.as_str())?.words)),
        }
    }
}

/// Runs it. What is wrong with the arguments is said before anything is asked for or sent.
pub(super) fn run(
    args: EventsArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let EventsArgs { command, since, follow, filter, output, connection } = args;
    if let Some(EventsCommand::Explain(args)) = command {
        return explain::run(&args, streams);
    }
    if follow && output.format == Format::Json {
        return Err(Error::usage("--follow has no end, but -o json is one value with an end")
            .hint("use -o jsonl: one object a line")
            .into());
    }
    let filter = filter::events(filter.as_deref())?;
    let progress = Progress::new(environment.stderr_is_terminal);
    let connection = connection.over(outer);
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    let prepared = wanted.prepare(environment)?;
    with_estate(prepared, streams, async |reached, interrupts, streams| {
        let names = names(&filter, reached, interrupts, progress, streams).await?;
        let printer = Printer { filter, format: output.format, names };
        let from = since.map(|since| beginning(reached.server_now(), since));
        let first = match from {
            Some(from) => {
                interrupts.or(reached.estate.events_between(from, None, Estate::MOST_EVENTS)).await?
            }
            None => interrupts.or(reached.estate.events(None)).await?,
        };
        let batch = usable(first, reached)?;
        if batch.truncated {
            warn(streams, &format!("there are more: only the newest {} are shown", batch.events.len()));
        }
        printer.print(&batch, true, streams)?;
        if follow { printer.follow(from, batch.mark, reached, interrupts, streams).await } else { Ok(0) }
    })
}

/// When the last while began. There are no events from before 1970: however long it is, it begins there at the earliest.
fn beginning(now: Timestamp, since: SignedDuration) -> Timestamp {
    now.checked_sub(since).unwrap_or(Timestamp::MIN).max(Timestamp::UNIX_EPOCH)
}

/// What users and machines are called: events carry only their ids. They are needed, and asked for, when there is a
/// filter; they come from the list of sessions, so a user without a session has no name here.
async fn names(
    filter: &EventFilter,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<Names, Stop> {
    if filter.is_empty() {
        return Ok(Names::default());
    }
    match read_list(reached, interrupts, progress, RequestClass::Lookup, PodArgs::default(), streams).await {
        Ok(polled) => Ok(Names::of_sessions(&polled.table)),
        // An account may be allowed to read events and no sessions: terms on names are then unknown.
        Err(Stop::Failed(error)) if error.class() == Class::Denied => {
            note(streams, &format!("names of users and machines stay unknown: {error}"));
            Ok(Names::default())
        }
        Err(stop) => Err(stop),
    }
}

/// A batch of events, or why there can be none.
fn usable(batch: Result<EventBatch, Fault>, reached: &Reached) -> Result<EventBatch, Error> {
    let batch = batch.map_err(|fault| Error::from(fault).on(&reached.name))?;
    let (class, words, hint) = match batch.feed {
        EventFeed::Available => return Ok(batch),
        EventFeed::NoDatabase => (
            Class::Unexpected,
            "the server has no event database",
            "an administrator can set one up under Settings, Event Configuration",
        ),
        EventFeed::NotInRelease => (
            Class::Unexpected,
            "this release of the server cannot list events",
            "2106 was the first that can",
        ),
        EventFeed::NotOffered => {
            (Class::Unexpected, "not offered by Workspace", "only an estate of Horizon has an event log")
        }
        EventFeed::NotPermitted => {
            (Class::Denied, "the account may not read them", "ask for a role that can read events")
        }
    };
    Err(Error::new(class, "cannot list events").on(&reached.name).words(words).hint(hint))
}

/// Prints events, oldest first.
#[derive(Debug)]
struct Printer {
    filter: EventFilter,
    format: Format,
    names: Names,
}

impl Printer {
    fn print(&self, batch: &EventBatch, first: bool, streams: &mut Streams<'_>) -> Result<(), Stop> {
        if batch.unreadable > 0 {
            warn(
                streams,
                &format!("{} rows or fields could not be read and were left out", batch.unreadable),
            );
        }
        let events: Vec<&AuditEvent> = batch
            .events
            .iter()
            .filter(|event| self.filter.matches(event, Some(&self.names)).is_yes())
            .collect();
        let rows = events.iter().map(|event| EventRow::new(event));
        match self.format {
            Format::Json => output::json_list(streams.out, rows)?,
            Format::Jsonl => output::json_lines(streams.out, rows)?,
            Format::Csv => output::csv_rows(streams.out, FIELDS, first, rows)?,
            Format::Table => {
                let lines: Vec<Vec<String>> = events.iter().map(|event| line(event)).collect();
                let text = output::columns(&headings(), &lines, false);
                // The header stands once, above the first ones.
                let below = text.split_once('\n').map_or("", |(_, below)| below);
                output::write(streams.out, if first { &text } else { below })?;
            }
        }
        output::flush(streams.out)
    }

    /// Asks for new ones until somebody wants it to end, which is not an error. A server that is away for a while does not
    /// end it either.
    async fn follow(
        &self,
        from: Option<Timestamp>,
        mut mark: EventMark,
        reached: &Reached,
        interrupts: &Interrupts,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let mut trouble = None;
        loop {
            let next = async {
                tokio::time::sleep(PAUSE).await;
                match from {
                    // Nothing was seen yet: what came before the wanted span must not come now.
                    Some(from) if mark == EventMark::default() => {
                        reached.estate.events_between(from, None, Estate::MOST_EVENTS).await
                    }
                    _ => reached.estate.events(Some(&mark)).await,
                }
            };
            let Ok(answer) = interrupts.or(next).await else { return Ok(0) };
            match answer {
                Err(fault) if may_pass(fault.kind) => {
                    if trouble != Some(fault.kind) {
                        warn(streams, &format!("{fault}; asking again"));
                    }
                    trouble = Some(fault.kind);
                }
                answer => {
                    let batch = usable(answer, reached)?;
                    if trouble.take().is_some() {
                        note(streams, "the server answers again");
                    }
                    if batch.truncated {
                        warn(streams, "too many events at once: some older ones are left out");
                    }
                    self.print(&batch, false, streams)?;
                    mark = batch.mark;
                }
            }
        }
    }
}

/// Whether a fault may be gone the next time.
fn may_pass(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Unreachable | FaultKind::Throttled | FaultKind::Unexpected | FaultKind::BadAnswer
    )
}

/// Fixed widths where `--follow` would otherwise let columns jump.
fn headings() -> [Heading; 4] {
    ["TIME", "SEV", "TYPE", "MESSAGE"].map(Heading::left)
}

fn line(event: &AuditEvent) -> Vec<String> {
    let time = event.time.map_or_else(|| "?".to_owned(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let kind = event.kind.as_ref().map_or("?", Text::as_str);
    vec![
        format!("{time:20}"),
        format!("{:4}", event.severity.as_ref().map_or("?", Severity::tag)),
        format!("{kind:32}"),
        event.message.as_ref().map_or("", Text::as_str).to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_begins_in_1970_at_the_earliest() {
        let now: Timestamp = "2026-03-02T14:00:00Z".parse().unwrap();
        let hour_ago = "2026-03-02T13:00:00Z".parse().unwrap();
        assert_eq!(beginning(now, SignedDuration::from_hours(1)), hour_ago);
        for long in [SignedDuration::from_hours(24 * 365 * 100), SignedDuration::MAX] {
            assert_eq!(beginning(now, long), Timestamp::UNIX_EPOCH);
        }
        let longest = crate::cli::values::age("175307616h").unwrap();
        assert!(now.checked_sub(longest).is_err(), "it can be asked for");
        assert_eq!(beginning(now, longest), Timestamp::UNIX_EPOCH);
    }
}
