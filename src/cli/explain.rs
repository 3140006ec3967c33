//! `foretop events explain`: what types of audit events mean. It needs no server.

use super::{
    args::{ExplainArgs, Format},
    output::{self, Heading},
    run::{Stop, Streams},
};
use crate::{
    domain::{EventMeaning, Text},
    error::Error,
};

/// The fields in CSV, in order.
const FIELDS: &[&str] = &["type", "subject", "result", "urgency", "words", "next"];

/// Prints the meaning of each type that was given, or of all.
pub(super) fn run(args: &ExplainArgs, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let meanings = if args.kinds.is_empty() {
        EventMeaning::all().collect()
    } else {
        args.kinds.iter().map(|kind| known(kind)).collect::<Result<Vec<_>, Error>>()?
    };
    match args.output.format {
        Format::Json => output::json_list(streams.out, meanings.iter())?,
        Format::Jsonl => output::json_lines(streams.out, meanings.iter())?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, meanings.iter())?,
        Format::Table if args.kinds.is_empty() => {
            let headings = ["TYPE", "URGENCY", "ABOUT"].map(Heading::left);
            let row = |meaning: &&EventMeaning| {
                let cells = [meaning.kind, meaning.urgency.label(), meaning.subject.label()];
                cells.map(str::to_owned).to_vec()
            };
            let rows: Vec<Vec<String>> = meanings.iter().map(row).collect();
            output::write(streams.out, &output::columns(&headings, &rows, false))?;
        }
        Format::Table => {
            let texts: Vec<String> = meanings.into_iter().map(in_words).collect();
            output::write(streams.out, &texts.join("\n"))?;
        }
    }
    output::flush(streams.out)?;
    Ok(0)
}

/// The meaning of a type, or what is near.
fn known(kind: &str) -> Result<&'static EventMeaning, Error> {
    EventMeaning::of(kind).ok_or_else(|| {
        let error = Error::usage(format!("unknown event type `{}`", Text::clean(kind)));
        match EventMeaning::nearest(kind) {
            Some(near) => error.hint(format!("nearest is {}", near.kind)),
            None => error.hint("`foretop events explain` lists the known ones; servers may write others"),
        }
    })
}

/// A few lines of words.
fn in_words(meaning: &EventMeaning) -> String {
    let next = if meaning.next.is_empty() { String::new() } else { format!("  look at  {}\n", meaning.next) };
    format!(
        "{}\n  means    {}\n{next}  about    {}; {}; {}\n",
        meaning.kind,
        meaning.words,
        meaning.subject.label(),
        meaning.result.label(),
        meaning.urgency.label()
    )
}
