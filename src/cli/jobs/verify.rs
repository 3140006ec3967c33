//! Whether the record is as it was written.

use std::fmt::Write as _;

use crate::{
    cli::{
        output,
        run::{Stop, Streams, note},
    },
    engine::journal::{JournalStore, Verification},
    error::{Class, Error},
};

/// Checks it. What is wrong is an error, exit code 1: nobody should have to read standard output to notice.
pub(super) async fn print(store: &JournalStore, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let found = store.verify().await?;
    for line in &found.torn {
        note(
            streams,
            &format!("line {line} of audit.jsonl was cut off while it was written, as a crash does"),
        );
    }
    for journal in &found.unknown {
        note(
            streams,
            &format!(
                "no line of audit.jsonl tells of job {journal}: the program was ended while the job began, or the last \
                 lines of audit.jsonl are gone"
            ),
        );
    }
    if found.is_good() {
        let lines = found.good;
        let text = match lines {
            0 => "nothing is on record\n".to_owned(),
            1 => "1 line: as it was written\n".to_owned(),
            _ => format!("{lines} lines: all as they were written\n"),
        };
        output::write(streams.out, &text)?;
        output::flush(streams.out)?;
        return Ok(0);
    }
    Err(Error::new(Class::Unexpected, "the record is not as it was written").words(words(&found)).into())
}

fn words(found: &Verification) -> String {
    let mut text = String::new();
    if let Some(broken) = &found.broken {
        // Writing to a String cannot fail.
        write!(
            text,
            "line {} of audit.jsonl: {} ({} good lines before it)",
            broken.line, broken.difference, found.good
        )
        .ok();
    }
    for changed in &found.journals {
        let before = if text.is_empty() { "" } else { "\n  " };
        write!(
            text,
            "{before}jobs/{}.jsonl, which line {} tells the end of: {}",
            changed.journal, changed.line, changed.what
        )
        .ok();
    }
    text
}
