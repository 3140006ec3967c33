//! Whether a plan of changes may start: `--max`, `--yes`, `--confirm`, or a person who is asked.

use super::changes;
use crate::{
    cli::{
        args::ChangeArgs,
        interrupt::Interrupts,
        run::{Stop, Streams},
    },
    config::{Environment, Prompt, Terminal},
    core::change::{ChangeConfirmation, ChangePlan},
    domain::Text,
    error::{Class, Error},
};

/// So many changes are named before the question.
const NAMED: usize = 25;

/// Refuses a plan that is larger than it may be.
pub(super) fn within_limit(plan: &ChangePlan, max: Option<usize>) -> Result<(), Error> {
    let count = plan.items.len();
    match max {
        Some(max) if count > max => Err(Error::refused(format!(
            "{} would be sent, --max allows {max}: nothing was sent",
            changes(count)
        ))),
        _ => Ok(()),
    }
}

/// Compares `--yes` and `--confirm` with what the plan asks for.
pub(super) fn is_right(plan: &ChangePlan, yes: usize, confirm: Option<&str>) -> Result<(), Error> {
    let count = plan.items.len();
    if yes != count {
        return Err(Error::refused(format!(
            "--yes {yes} is not the number: {} would be sent, nothing was",
            changes(count)
        ))
        .hint(format!("look at them with --dry-run; --yes {count} would go ahead")));
    }
    match plan.confirmation() {
        ChangeConfirmation::Words(words) if confirm.map(str::trim) != Some(words.as_str()) => {
            let why = plan.warnings.iter().map(Text::as_str).collect::<Vec<_>>().join("; ");
            let error = Error::refused("this change asks for words: nothing was sent").words(why);
            Err(error.hint(format!("--confirm '{words}' beside --yes {count} would go ahead")))
        }
        _ => Ok(()),
    }
}

/// What the arguments say about going ahead; without them a person at the terminal is asked.
pub(super) async fn confirm(
    plan: &ChangePlan,
    args: &ChangeArgs,
    environment: &Environment,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    within_limit(plan, args.max)?;
    match args.yes {
        Some(yes) => Ok(is_right(plan, yes, args.confirm.as_deref())?),
        None if plan.items.is_empty() => Ok(()),
        None => ask(plan, environment, interrupts, streams).await,
    }
}

/// Asks the person at the terminal. Without one, and for every other answer than the right one, it refuses.
async fn ask(
    plan: &ChangePlan,
    environment: &Environment,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let count = plan.items.len();
    let Some(mut terminal) = Terminal::find(environment) else {
        let error = Error::refused(format!("{} would be sent: nothing was, without --yes", changes(count)));
        let words = match plan.confirmation() {
            ChangeConfirmation::Words(words) => format!(" --confirm '{words}'"),
            _ => String::new(),
        };
        return Err(error
            .hint(format!("look at them with --dry-run; --yes {count}{words} goes ahead"))
            .into());
    };
    // A question about something that cannot be seen would be no question.
    writeln!(streams.err, "{}", describe(plan))
        .and_then(|()| streams.err.flush())
        .map_err(|error| Error::new(Class::Unexpected, "cannot ask").words(error.to_string()))?;
    let confirmation = plan.confirmation();
    let question = question(plan, &confirmation);
    // A keyboard cannot be waited for without a thread of its own; one that waits in vain is left behind.
    let asked = tokio::task::spawn_blocking(move || terminal.line(&question));
    let answer = match interrupts.or(asked).await {
        Ok(Ok(Ok(answer))) => answer,
        Ok(_) | Err(_) => String::new(),
    };
    if is_yes(&answer, &confirmation) {
        return Ok(());
    }
    Err(Error::refused("not confirmed: nothing was sent").into())
}

fn question(plan: &ChangePlan, confirmation: &ChangeConfirmation) -> String {
    let what = format!("{}, {}", plan.deed(), changes(plan.items.len()));
    match confirmation {
        ChangeConfirmation::Number(count) => format!("Type {count} to {what}, anything else to stop: "),
        ChangeConfirmation::Words(words) => {
            format!("Type the words \"{words}\" to {what}, anything else to stop: ")
        }
        ChangeConfirmation::Key | ChangeConfirmation::Nothing => {
            format!("Type y to {what}, anything else to stop: ")
        }
    }
}

/// Whether an answer sets the plan going.
fn is_yes(answer: &str, confirmation: &ChangeConfirmation) -> bool {
    let answer = answer.trim();
    match confirmation {
        ChangeConfirmation::Number(count) => answer.parse() == Ok(*count),
        ChangeConfirmation::Words(words) => answer == words.as_str(),
        ChangeConfirmation::Key => answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes"),
        ChangeConfirmation::Nothing => false,
    }
}

/// What it does, for the person who is asked.
fn describe(plan: &ChangePlan) -> String {
    let mut lines: Vec<String> = plan.warnings.iter().map(|warning| format!("WARNING: {warning}")).collect();
    for item in plan.items.iter().take(NAMED) {
        lines.push(format!("{}: {}", item.change.kind().label(), item.label));
        lines.extend(item.details.iter().map(|detail| format!("    {detail}")));
    }
    if let Some(more) = plan.items.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("... and {more} more; --dry-run shows all"));
    }
    lines.extend(plan.held_back.iter().map(|held| format!("held back: {} ({})", held.label, held.reason)));
    lines.extend(plan.consequences.iter().map(ToString::to_string));
    lines.push(format!("{}: {}", plan.title, changes(plan.items.len())));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{core::change::ChangeItem, domain::Change};

    fn plan(count: usize, words: Option<&str>) -> ChangePlan {
        let mut plan = ChangePlan::new("3f2a".into(), "DELETE PERMISSIONS", Timestamp::UNIX_EPOCH);
        let item = |number: usize| {
            ChangeItem::new(
                Change::DeletePermission(format!("p{number}").into()),
                format!("permission {number}"),
            )
        };
        plan.items = (0..count).map(item).collect();
        plan.words = words.map(Into::into);
        plan.warnings = words.map(|_| "this is the one that you are using".into()).into_iter().collect();
        plan
    }

    #[test]
    fn only_the_right_answer_starts_it() {
        for (answer, confirmation, expected) in [
            ("36", ChangeConfirmation::Number(36), true),
            ("y", ChangeConfirmation::Number(36), false),
            ("", ChangeConfirmation::Number(36), false),
            ("lock me out", ChangeConfirmation::Words("lock me out".into()), true),
            ("y", ChangeConfirmation::Words("lock me out".into()), false),
            ("", ChangeConfirmation::Words("lock me out".into()), false),
            ("Yes", ChangeConfirmation::Key, true),
            ("", ChangeConfirmation::Key, false),
            ("y", ChangeConfirmation::Nothing, false),
        ] {
            assert_eq!(is_yes(answer, &confirmation), expected, "{answer} {confirmation:?}");
        }
    }

    #[test]
    fn the_number_and_the_words_must_be_right() {
        assert!(is_right(&plan(2, None), 2, None).is_ok());
        let wrong = is_right(&plan(2, None), 3, None).unwrap_err();
        assert_eq!(wrong.class(), Class::Refused);
        assert!(wrong.to_string().contains("2 changes would be sent"), "{wrong}");
        assert!(wrong.advice().unwrap().contains("--yes 2"));
        let dangerous = plan(1, Some("lock me out"));
        let missing = is_right(&dangerous, 1, None).unwrap_err();
        assert!(missing.to_string().contains("the one that you are using"), "{missing}");
        assert!(missing.advice().unwrap().contains("--confirm 'lock me out'"));
        assert!(is_right(&dangerous, 1, Some("lock me")).is_err());
        assert!(is_right(&dangerous, 2, Some("lock me out")).is_err());
        assert!(is_right(&dangerous, 1, Some("lock me out")).is_ok());
    }

    #[test]
    fn the_person_who_is_asked_sees_everything_that_matters() {
        let text = describe(&plan(27, Some("lock me out")));
        assert!(
            text.starts_with(
                "WARNING: this is the one that you are using\ndelete permission: permission 0\n"
            )
        );
        assert!(
            text.contains("... and 2 more") && text.ends_with("DELETE PERMISSIONS: 27 changes"),
            "{text}"
        );
    }
}
