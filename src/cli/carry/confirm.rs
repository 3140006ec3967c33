//! Whether a plan may start: `--max`, `--yes`, `--confirm`, or a person who is asked.

use crate::{
    cli::{
        interrupt::Interrupts,
        run::{Stop, Streams},
    },
    config::{Environment, Prompt, Terminal},
    core::change::ChangeConfirmation,
    domain::Text,
    error::{Class, Error},
};

/// What the arguments say about going ahead.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Said<'a> {
    /// `--max`.
    pub(in crate::cli) max: Option<usize>,
    /// `--yes`.
    pub(in crate::cli) yes: Option<usize>,
    /// `--confirm`.
    pub(in crate::cli) confirm: Option<&'a str>,
}

/// What a plan asks for.
#[derive(Debug)]
pub(in crate::cli) struct Asked {
    /// How many would be sent.
    pub(in crate::cli) count: usize,
    /// The same in words: `36 sessions`.
    pub(in crate::cli) targets: String,
    /// What would be done, as in "type y to ...".
    pub(in crate::cli) deed: String,
    /// What it takes.
    pub(in crate::cli) confirmation: ChangeConfirmation,
    /// Why it asks for words, if it does.
    pub(in crate::cli) why: String,
}

impl Asked {
    /// Refuses a plan that is larger than it may be.
    pub(in crate::cli) fn within_limit(&self, max: Option<usize>) -> Result<(), Error> {
        match max {
            Some(max) if self.count > max => Err(Error::refused(format!(
                "{} would be sent, --max allows {max}: nothing was sent",
                self.targets
            ))),
            _ => Ok(()),
        }
    }

    /// Compares `--yes` and `--confirm` with what the plan asks for.
    pub(in crate::cli) fn is_right(&self, yes: usize, confirm: Option<&str>) -> Result<(), Error> {
        let count = self.count;
        if yes != count {
            return Err(Error::refused(format!(
                "--yes {yes} is not the number: {} would be sent, nothing was",
                self.targets
            ))
            .hint(format!("look at them with --dry-run; --yes {count} would go ahead")));
        }
        match self.words() {
            Some(words) if confirm.map(str::trim) != Some(words.as_str()) => {
                let error = Error::refused("this change asks for words: nothing was sent").words(&self.why);
                Err(error.hint(format!("--confirm '{words}' beside --yes {count} would go ahead")))
            }
            _ => Ok(()),
        }
    }

    /// What the arguments say about going ahead; without them a person at the terminal is asked, who is shown what
    /// `describe` says.
    pub(in crate::cli) async fn confirm(
        self,
        said: Said<'_>,
        describe: impl FnOnce() -> String,
        environment: &Environment,
        interrupts: &Interrupts,
        streams: &mut Streams<'_>,
    ) -> Result<(), Stop> {
        self.within_limit(said.max)?;
        match said.yes {
            Some(yes) => Ok(self.is_right(yes, said.confirm)?),
            None if self.count == 0 => Ok(()),
            None => self.ask(describe, environment, interrupts, streams).await,
        }
    }

    /// Asks the person at the terminal. Without one, and for every other answer than the right one, it refuses.
    async fn ask(
        self,
        describe: impl FnOnce() -> String,
        environment: &Environment,
        interrupts: &Interrupts,
        streams: &mut Streams<'_>,
    ) -> Result<(), Stop> {
        let Some(mut terminal) = Terminal::find(environment) else {
            let error = Error::refused(format!("{} would be sent: nothing was, without --yes", self.targets));
            let words = self.words().map(|words| format!(" --confirm '{words}'")).unwrap_or_default();
            let hint = format!("look at them with --dry-run; --yes {}{words} goes ahead", self.count);
            return Err(error.hint(hint).into());
        };
        // A question about something that cannot be seen would be no question.
        writeln!(streams.err, "{}", describe())
            .and_then(|()| streams.err.flush())
            .map_err(|error| Error::new(Class::Unexpected, "cannot ask").words(error.to_string()))?;
        let question = self.question();
        // A keyboard cannot be waited for without a thread of its own; one that waits in vain is left behind.
        let asked = tokio::task::spawn_blocking(move || terminal.line(&question));
        let answer = match interrupts.or(asked).await {
            Ok(Ok(Ok(answer))) => answer,
            Ok(_) | Err(_) => String::new(),
        };
        if is_yes(&answer, &self.confirmation) {
            return Ok(());
        }
        Err(Error::refused("not confirmed: nothing was sent").into())
    }

    fn question(&self) -> String {
        let takes = match &self.confirmation {
            ChangeConfirmation::Number(count) => count.to_string(),
            ChangeConfirmation::Words(words) => format!("the words \"{words}\""),
            ChangeConfirmation::Key | ChangeConfirmation::Nothing => "y".to_owned(),
        };
        format!("Type {takes} to {}, anything else to stop: ", self.deed)
    }

    /// The words that must be typed.
    fn words(&self) -> Option<&Text> {
        match &self.confirmation {
            ChangeConfirmation::Words(words) => Some(words),
            _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_answer_starts_it() {
        for (answer, confirmation, expected) in [
            ("36", ChangeConfirmation::Number(36), true),
            (" 36 ", ChangeConfirmation::Number(36), true),
            ("y", ChangeConfirmation::Number(36), false),
            ("35", ChangeConfirmation::Number(36), false),
            ("", ChangeConfirmation::Number(36), false),
            ("lock me out", ChangeConfirmation::Words("lock me out".into()), true),
            ("y", ChangeConfirmation::Words("lock me out".into()), false),
            ("", ChangeConfirmation::Words("lock me out".into()), false),
            ("y", ChangeConfirmation::Key, true),
            ("Yes", ChangeConfirmation::Key, true),
            ("", ChangeConfirmation::Key, false),
            ("1", ChangeConfirmation::Key, false),
            ("y", ChangeConfirmation::Nothing, false),
        ] {
            assert_eq!(is_yes(answer, &confirmation), expected, "{answer} {confirmation:?}");
        }
    }
}
