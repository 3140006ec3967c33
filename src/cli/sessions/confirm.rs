//! Whether a plan may start: `--max`, `--yes`, or a person who is asked.

use std::fmt::Write as _;

use super::deed;
use crate::{
    cli::{
        args::ActionArgs,
        interrupt::Interrupts,
        output::{self, Heading},
        run::{Stop, Streams},
    },
    config::{Environment, Prompt, Terminal},
    core::bulk::{BlastRadius, Confirmation, Plan},
    domain::{SessionState, Text},
    error::{Class, Error},
};

/// So many targets are named before the question.
const NAMED: usize = 25;

/// How many sessions, in words.
fn sessions(count: usize) -> String {
    if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") }
}

/// Refuses a plan that is larger than it may be.
pub(super) fn within_limit(plan: &Plan, max: Option<usize>) -> Result<(), Error> {
    let count = plan.to_send.len();
    match max {
        Some(max) if count > max => Err(Error::refused(format!(
            "{} would be sent, --max allows {max}: nothing was sent",
            sessions(count)
        ))),
        _ => Ok(()),
    }
}

/// Compares the number of `--yes` with the number of sessions that will be sent.
pub(super) fn number_is_right(plan: &Plan, yes: usize) -> Result<(), Error> {
    let count = plan.to_send.len();
    if yes == count {
        return Ok(());
    }
    Err(Error::refused(format!(
        "--yes {yes} is not the number: {} would be sent, nothing was",
        sessions(count)
    ))
    .hint(format!("look at them with --dry-run; --yes {count} would go ahead")))
}

/// Asks the person at the terminal. Without one, and for every other answer than the right one, it refuses.
pub(super) async fn ask(
    plan: &Plan,
    blast: &BlastRadius,
    environment: &Environment,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let count = plan.to_send.len();
    let Some(mut terminal) = Terminal::find(environment) else {
        return Err(Error::refused(format!("{} would be sent: nothing was, without --yes", sessions(count)))
            .hint(format!("look at them with --dry-run; --yes {count} goes ahead"))
            .into());
    };
    // A question about something that cannot be seen would be no question.
    writeln!(streams.err, "{}", describe(plan, blast))
        .and_then(|()| streams.err.flush())
        .map_err(|error| Error::new(Class::Unexpected, "cannot ask").words(error.to_string()))?;
    let confirmation = plan.confirmation();
    let question = question(plan, confirmation);
    // A keyboard cannot be waited for without a thread of its own; one that waits in vain is left behind.
    let asked = tokio::task::spawn_blocking(move || terminal.line(&question));
    let answer = match interrupts.or(asked).await {
        Ok(Ok(Ok(answer))) => answer,
        Ok(_) | Err(_) => String::new(),
    };
    if is_yes(&answer, confirmation) {
        return Ok(());
    }
    Err(Error::refused("not confirmed: nothing was sent").into())
}

fn question(plan: &Plan, confirmation: Confirmation) -> String {
    let what = format!("{} {}", deed(plan.verb), sessions(plan.to_send.len()));
    match confirmation {
        Confirmation::Number(count) => format!("Type {count} to {what}, anything else to stop: "),
        Confirmation::Key | Confirmation::Nothing => format!("Type y to {what}, anything else to stop: "),
    }
}

/// Whether an answer sets the plan going.
fn is_yes(answer: &str, confirmation: Confirmation) -> bool {
    let answer = answer.trim();
    match confirmation {
        Confirmation::Number(count) => answer.parse() == Ok(count),
        Confirmation::Key => answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes"),
        Confirmation::Nothing => false,
    }
}

/// Whom it hits, for the person who is asked.
fn describe(plan: &Plan, blast: &BlastRadius) -> String {
    let label = |text: Option<Text>| text.map_or_else(|| "?".to_owned(), |text| text.as_str().to_owned());
    let rows: Vec<Vec<String>> = plan
        .to_send
        .iter()
        .take(NAMED)
        .map(|target| {
            let session = &target.session;
            let state = session.state.as_ref().map_or("?", SessionState::word);
            vec![
                label(session.login()),
                Text::clean(state).as_str().to_owned(),
                label(session.pool_label()),
                label(session.machine_label()),
            ]
        })
        .collect();
    let headings = ["USER", "STATE", "POOL/FARM", "MACHINE"].map(Heading::left);
    let mut text = output::columns(&headings, &rows, false);
    // Writing to a String cannot fail.
    if plan.to_send.len() > NAMED {
        writeln!(text, "... and {} more; --dry-run shows all", plan.to_send.len() - NAMED).ok();
    }
    write!(
        text,
        "{}: {} of {} users on {} machines: {} connected, {} disconnected, {} pending, {} unknown",
        plan.verb.title(),
        sessions(plan.to_send.len()),
        blast.users,
        blast.machines,
        blast.connected,
        blast.disconnected,
        blast.pending,
        blast.unmeasured,
    )
    .ok();
    for (reason, count) in &blast.held_back {
        write!(text, "\nheld back: {count} ({reason})").ok();
    }
    text
}

/// What the arguments say about going ahead.
pub(super) async fn confirm(
    plan: &Plan,
    blast: &BlastRadius,
    args: &ActionArgs,
    environment: &Environment,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    within_limit(plan, args.max)?;
    match args.yes {
        Some(yes) => Ok(number_is_right(plan, yes)?),
        None if plan.to_send.is_empty() => Ok(()),
        None => ask(plan, blast, environment, interrupts, streams).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_answer_starts_it() {
        for (answer, confirmation, expected) in [
            ("36", Confirmation::Number(36), true),
            (" 36 ", Confirmation::Number(36), true),
            ("y", Confirmation::Number(36), false),
            ("35", Confirmation::Number(36), false),
            ("", Confirmation::Number(36), false),
            ("y", Confirmation::Key, true),
            ("Yes", Confirmation::Key, true),
            ("", Confirmation::Key, false),
            ("1", Confirmation::Key, false),
            ("y", Confirmation::Nothing, false),
        ] {
            assert_eq!(is_yes(answer, confirmation), expected, "{answer} {confirmation:?}");
        }
    }
}
