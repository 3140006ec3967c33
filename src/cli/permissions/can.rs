//! `foretop permissions can`: our answer, and what the server itself works out.

use serde::Serialize;

use super::change::follow;
use crate::{
    api::RequestClass,
    cli::{
        args::{Format, PodArgs},
        interrupt::Interrupts,
        output,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note},
        sessions::read_list,
    },
    core::{
        filter::Truth,
        permissions::{
            can::{self, Place, Question, Verdict},
            walk::{Membership, Walk},
        },
        table::SessionTable,
    },
    domain::{PermissionBook, Text},
    error::Class,
};

/// The exit codes: yes, no, and not known. They are apart from those of mistakes (2), of the account's own rights (5) and
/// of a server that does not answer (6).
const YES: u8 = 0;
const NO: u8 = 4;
const UNKNOWN: u8 = 3;

/// The fields in CSV, in order.
const FIELDS: &[&str] = &["principal", "principal_id", "verb", "target", "answer", "server_says", "reasons"];

#[derive(Debug, Serialize)]
struct Printed<'a> {
    principal: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<&'a str>,
    verb: &'a str,
    target: &'a str,
    answer: &'static str,
    /// What the server works out itself, where it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    server_says: Option<&'static str>,
    reasons: Vec<&'a str>,
}

/// Finds the answer, prints it, and says it by the exit code.
pub(super) async fn answer(
    question: &Question,
    format: Format,
    book: &PermissionBook,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let table = sessions(question, book, reached, interrupts, progress, streams).await?;
    let mut walk = Walk::new(&question.principal, book, table.as_ref());
    follow(&mut walk, reached, interrupts).await?;
    let who = match walk.membership() {
        Ok(who) => who,
        Err(why) => {
            return Err(crate::error::Error::usage(format!("PRINCIPAL: {why}")).into());
        }
    };
    let place = can::place(question, book, table.as_ref());
    let own = can::answer(question, book, &who, &place);
    let server = server_says(question, &who, &place, reached, interrupts, streams).await?;
    let verdict = can::with_server(own, server);
    print(question, &who, &verdict, server, format, streams)?;
    Ok(match verdict.answer {
        Truth::Yes => YES,
        Truth::No => NO,
        Truth::Unknown => UNKNOWN,
    })
}

/// The list of sessions, where the question needs it to know where its target is.
async fn sessions(
    question: &Question,
    book: &PermissionBook,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<Option<SessionTable>, Stop> {
    if question.deed.is_global() || question.target.starts_with("group:") {
        return Ok(None);
    }
    match read_list(reached, interrupts, progress, RequestClass::Lookup, PodArgs::default(), streams).await {
        Ok(polled) => Ok(Some(std::sync::Arc::unwrap_or_clone(polled.table))),
        // An account may be allowed to look at permissions and at no sessions.
        Err(Stop::Failed(error)) if error.class() == Class::Denied => {
            let known = book.local_groups.is_ok();
            let words = if known { "only access groups are known by name" } else { "no target is known" };
            note(streams, &format!("sessions may not be read, {words}: {error}"));
            Ok(None)
        }
        Err(stop) => Err(stop),
    }
}

/// What the server works out about them, where the release can tell and the account may ask.
async fn server_says(
    question: &Question,
    who: &Membership,
    place: &Place,
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<Option<Truth>, Stop> {
    if who.unresolved {
        // It answers with nothing for a SID that it does not know: that is no answer.
        note(streams, &format!("the server is not asked: the directory does not know {}", who.id));
        return Ok(None);
    }
    match interrupts.or(reached.estate.rights_of(&who.id)).await? {
        Ok(account) => Ok(can::in_rights(question, &account, place)),
        Err(fault) => {
            note(streams, &format!("the server's own answer is not known: {fault}"));
            Ok(None)
        }
    }
}

fn print(
    question: &Question,
    who: &Membership,
    verdict: &Verdict,
    server: Option<Truth>,
    format: Format,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let printed = Printed {
        principal: who.label.as_str(),
        principal_id: Some(who.id.raw()),
        verb: &question.verb,
        target: &question.target,
        answer: verdict.word(),
        server_says: server.map(can::word),
        reasons: verdict.reasons.iter().map(Text::as_str).collect(),
    };
    match format {
        Format::Json => output::json_object(streams.out, &printed)?,
        Format::Jsonl => output::json_lines(streams.out, [printed])?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, [printed])?,
        Format::Table => {
            let mut text = format!("{}\n", verdict.word());
            for reason in &verdict.reasons {
                text.extend(["  ", reason.as_str(), "\n"]);
            }
            output::write(streams.out, &text)?;
        }
    }
    output::flush(streams.out)
}
