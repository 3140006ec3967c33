//! `foretop sessions show`.

use jiff::Timestamp;
use serde_json::Value;

use super::{of, pods, read_list, say_window};
use crate::{
    api::RequestClass,
    cli::{
        args::{Format, ShowArgs},
        interrupt::Interrupts,
        output::{self, Heading},
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams},
    },
    core::{
        filter::Truth,
        session_record::{FIELDS, SessionRecord},
        table::{Flag, Flags},
    },
    domain::{Fault, FaultKind, Session, SessionId, Text},
    error::{Class, Error},
};

/// Asks for the session and prints all that is known of it.
pub(super) async fn print(
    args: &ShowArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let id = SessionId::from(args.id.as_str());
    if args.pods.all_pods {
        return print_of_any_pod(&id, args, reached, interrupts, progress, streams).await;
    }
    let read = interrupts.or(reached.estate.session(&id)).await?;
    say_window(reached, streams);
    let session = match read {
        Ok(session) => session,
        Err(fault) => return Err(not_shown(&id, fault, reached, interrupts).await?.into()),
    };
    let flags = flags(&session, reached.server_now());
    print_row(&SessionRecord::new(&session, &reached.capabilities, &flags), args, streams)?;
    Ok(0)
}

/// Why a session cannot be shown. One that this pod does not have may be on another one.
async fn not_shown(
    id: &SessionId,
    fault: Fault,
    reached: &Reached,
    interrupts: &Interrupts,
) -> Result<Error, Stop> {
    if fault.kind != FaultKind::EntityNotFound {
        return Ok(of(reached, fault));
    }
    if interrupts.or(pods::may_have_others(reached)).await? {
        let words = format!("session {id} is not on this pod");
        let fault = Fault { message: Text::clean(&words), ..fault };
        return Ok(of(reached, fault).hint("--all-pods looks everywhere"));
    }
    Ok(of(reached, fault).hint("take the id from `foretop sessions list`; a session that ended is gone"))
}

/// Looks for the session in the lists of all pods: none of them can be asked for one session of another.
async fn print_of_any_pod(
    id: &SessionId,
    args: &ShowArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let polled = read_list(reached, interrupts, progress, RequestClass::Job, args.pods, streams).await?;
    let table = &*polled.table;
    let Some(session) = table.session(id) else {
        let words = format!("no pod that answered has a session {id}");
        if !table.proves_absence(None) {
            return Err(Error::new(Class::Partial, words).hint("not all lists could be read whole").into());
        }
        return Err(of(reached, Fault::new(FaultKind::EntityNotFound, "read a session", words)).into());
    };
    let flags = Flag::of(&session, table.as_of(), table, &Flags::new());
    print_row(&SessionRecord::new(&session, &reached.capabilities, &flags), args, streams)?;
    Ok(0)
}

fn print_row(row: &SessionRecord<'_>, args: &ShowArgs, streams: &mut Streams<'_>) -> Result<(), Stop> {
    match args.output.format {
        Format::Json => output::json_object(streams.out, row)?,
        Format::Jsonl => output::json_lines(streams.out, [row])?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, [row])?,
        Format::Table => {
            let value = serde_json::to_value(row).unwrap_or_default();
            let text =
                output::columns(&[Heading::left("FIELD"), Heading::left("VALUE")], &lines(&value), false);
            output::write(streams.out, &text)?;
        }
    }
    output::flush(streams.out)
}

/// The flags that can be told from one session alone.
fn flags(session: &Session, now: Timestamp) -> Vec<Flag> {
    let holds = |flag: &Flag| flag.holds(session, now, None, None) == Truth::Yes;
    Flag::ALL.into_iter().filter(holds).collect()
}

/// Names and values, times with their date.
fn lines(row: &Value) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    for field in FIELDS {
        let value = match row.pointer(&format!("/{}", field.replace('.', "/"))) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(values)) if values.is_empty() => continue,
            Some(value) => readable(field, value),
        };
        lines.push(vec![(*field).to_owned(), Text::clean(&value).as_str().to_owned()]);
    }
    lines
}

fn readable(field: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            values.iter().map(|value| readable(field, value)).collect::<Vec<_>>().join(", ")
        }
        Value::Number(number) if field.ends_with("_time") => number
            .as_i64()
            .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
            .map_or_else(|| number.to_string(), |at| at.to_string()),
        Value::Number(number) if field == "idle_duration" => format!("{number} min"),
        other => other.to_string(),
    }
}
