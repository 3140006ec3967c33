//! Questions to whoever sits at the keyboard, or to nobody.

use secrecy::{ExposeSecret as _, SecretString};

use crate::{config::Prompt, error::Error};

/// How often a question is put again before it is given up: a program that types would go on for ever.
pub(super) const TRIES: usize = 5;

/// Somebody who answers; without a terminal only what was given beforehand counts.
pub(super) struct Asker<'a> {
    prompt: Option<&'a mut dyn Prompt>,
}

impl<'a> Asker<'a> {
    /// With somebody to ask, or nobody.
    pub(super) fn new(prompt: Option<&'a mut dyn Prompt>) -> Self {
        Self { prompt }
    }

    /// Whether nobody is there.
    pub(super) fn is_alone(&self) -> bool {
        self.prompt.is_none()
    }

    /// Whoever may be asked for a password.
    pub(super) fn prompt(&mut self) -> Option<&mut dyn Prompt> {
        match &mut self.prompt {
            Some(prompt) => Some(&mut **prompt),
            None => None,
        }
    }

    /// The answer that was given as an option, or else typed; asked again until it can be used.
    pub(super) fn answer<T>(
        &mut self,
        option: &str,
        given: Option<&str>,
        question: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Error> {
        if let Some(given) = given {
            return parse(given).map_err(|problem| Error::usage(format!("{option}: {problem}")));
        }
        if self.is_alone() {
            return Err(Error::usage(format!("{option} is missing, and nobody can be asked")));
        }
        let mut complaint = String::new();
        for _ in 0..TRIES {
            let typed = self.line(&format!("{complaint}{question}: "))?;
            match parse(&typed) {
                Ok(answer) => return Ok(answer),
                Err(problem) => complaint = format!("  {problem}\n"),
            }
        }
        Err(Error::refused("no usable answer came; nothing was written"))
    }

    /// One of several, by its number. Nothing typed means the first.
    pub(super) fn choose(&mut self, question: &str, choices: &[&str]) -> Result<usize, Error> {
        let lines = choices.iter().enumerate().map(|(index, choice)| format!("  {}  {choice}\n", index + 1));
        let text = format!("{question}\n{}", lines.collect::<String>());
        let count = choices.len();
        self.answer("", None, &format!("{text}Number [1]"), |typed| match typed {
            "" => Ok(0),
            typed => match typed.parse::<usize>() {
                Ok(number) if (1..=count).contains(&number) => Ok(number - 1),
                _ => Err(format!("type a number from 1 to {count}")),
            },
        })
    }

    /// Yes or no. Nothing typed means what is proposed.
    pub(super) fn yes(&mut self, question: &str, proposed: bool) -> Result<bool, Error> {
        let keys = if proposed { "Y/n" } else { "y/N" };
        self.answer("", None, &format!("{question} [{keys}]"), |typed| {
            match typed.to_ascii_lowercase().as_str() {
                "" => Ok(proposed),
                "y" | "yes" => Ok(true),
                "n" | "no" => Ok(false),
                _ => Err("type y or n".to_owned()),
            }
        })
    }

    /// What is not shown while it is typed, and is not empty.
    pub(super) fn secret(&mut self, question: &str) -> Result<SecretString, Error> {
        let broken_off = || Error::refused("the questions were broken off; nothing was written");
        let prompt = self.prompt().ok_or_else(broken_off)?;
        let mut complaint = "";
        for _ in 0..TRIES {
            let typed = prompt.secret(&format!("{complaint}{question}: "));
            let typed = typed.map_err(|error| broken_off().words(error.to_string()))?;
            if !typed.expose_secret().is_empty() {
                return Ok(typed);
            }
            complaint = "  nothing was typed\n";
        }
        Err(Error::refused("no usable answer came; nothing was written"))
    }

    /// Whether exactly this was typed: for what must not happen by habit.
    pub(super) fn typed(&mut self, question: &str, words: &str) -> Result<bool, Error> {
        Ok(self.line(&format!("{question}: "))? == words)
    }

    fn line(&mut self, question: &str) -> Result<String, Error> {
        let broken_off = || Error::refused("the questions were broken off; nothing was written");
        let prompt = self.prompt.as_mut().ok_or_else(broken_off)?;
        prompt
            .line(question)
            .map(|line| line.trim().to_owned())
            .map_err(|error| broken_off().words(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Scripted;

    fn number(typed: &str) -> Result<u8, String> {
        typed.parse().map_err(|_not_helpful| "not a number".to_owned())
    }

    #[test]
    fn what_was_given_is_not_asked() {
        let mut alone = Asker::new(None);
        assert_eq!(alone.answer("--n", Some("7"), "N", number), Ok(7));
        let error = alone.answer("--n", Some("x"), "N", number).unwrap_err();
        assert_eq!((error.class().code(), error.to_string().as_str()), (2, "--n: not a number"));
        assert_eq!(alone.answer("--n", None, "N", number).unwrap_err().class().code(), 2);
    }

    #[test]
    fn an_answer_that_cannot_be_used_is_asked_for_again_with_the_reason() {
        let mut person = Scripted::new(["x", "7"]);
        assert_eq!(Asker::new(Some(&mut person)).answer("--n", None, "N", number), Ok(7));
        assert_eq!(person.questions, ["N: ", "  not a number\nN: "]);
        let mut person = Scripted::new([""]);
        let error = Asker::new(Some(&mut person)).answer("--n", None, "N", number).unwrap_err();
        assert!(error.to_string().starts_with("the questions were broken off"), "{error}");
        let mut person = Scripted::new(["a", "b", "c", "d", "e", "7"]);
        assert!(Asker::new(Some(&mut person)).answer("--n", None, "N", number).is_err());
    }

    #[test]
    fn choices_and_yes_have_a_proposal() {
        let mut person = Scripted::new(["", "3", "2", "", "n", "yes", " yes", "y"]);
        let mut asker = Asker::new(Some(&mut person));
        assert_eq!(asker.choose("Which?", &["a", "b"]), Ok(0));
        assert_eq!(asker.choose("Which?", &["a", "b"]), Ok(1));
        assert_eq!(asker.yes("Sure?", true), Ok(true));
        assert_eq!(asker.yes("Sure?", true), Ok(false));
        assert_eq!(asker.yes("Sure?", false), Ok(true));
        assert_eq!(asker.typed("Type yes", "yes"), Ok(true));
        assert_eq!(asker.typed("Type yes", "yes"), Ok(false), "y is not yes");
    }
}
