//! `foretop sessions show`.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    of,
    row::{FIELDS, SessionRow},
};
use crate::{
    cli::{
        args::{Format, ShowArgs},
        interrupt::Interrupts,
        output::{self, Heading},
        reach::Reached,
        run::{Stop, Streams},
    },
    core::{filter::Truth, table::Flag},
    domain::{FaultKind, Session, SessionId, Text},
};

/// Asks for the session and prints all that is known of it.
pub(super) async fn print(
    args: &ShowArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let id = SessionId::from(args.id.as_str());
    let read = interrupts.or(reached.estate.session(&id)).await?;
    let session = read.map_err(|fault| {
        let is_gone = fault.kind == FaultKind::EntityNotFound;
        let error = of(reached, fault);
        if is_gone {
            error.hint("take the id from `foretop sessions list`; a session that ended is gone")
        } else {
            error
        }
    })?;
    let flags = flags(&session, reached.server_now());
    let row = SessionRow::new(&session, &reached.capabilities, &flags);
    match args.output.format {
        Format::Json => output::json_object(streams.out, &row)?,
        Format::Jsonl => output::json_lines(streams.out, [row])?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, [row])?,
        Format::Table => {
            let value = serde_json::to_value(&row).unwrap_or_default();
            let text =
                output::columns(&[Heading::left("FIELD"), Heading::left("VALUE")], &lines(&value), false);
            output::write(streams.out, &text)?;
        }
    }
    output::flush(streams.out)?;
    Ok(0)
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
