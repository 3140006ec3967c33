//! Asking a person, on the terminal itself: standard input may be a pipe.

use std::{
    fs::OpenOptions,
    io::{self, BufRead, BufReader, Write},
};

#[cfg(unix)]
use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

#[cfg(unix)]
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use secrecy::SecretString;
#[cfg(unix)]
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use super::Environment;

/// Somebody who can answer.
pub trait Prompt {
    /// Asks for a line of text.
    fn line(&mut self, question: &str) -> io::Result<String>;

    /// Asks for a secret, which is not shown while it is typed.
    fn secret(&mut self, question: &str) -> io::Result<SecretString>;
}

/// The person at the terminal that this process belongs to.
#[derive(Debug)]
pub struct Terminal {
    _private: (),
}

#[cfg(windows)]
const TERMINAL: (&str, &str) = ("CONIN$", "CONOUT$");
#[cfg(not(windows))]
const TERMINAL: (&str, &str) = ("/dev/tty", "/dev/tty");

impl Terminal {
    /// The person, if there is one: `None` for a process without a terminal, such as one started by cron.
    pub fn find(environment: &Environment) -> Option<Self> {
        let is_there = environment.can_ask() && OpenOptions::new().read(true).open(TERMINAL.0).is_ok();
        is_there.then_some(Self { _private: () })
    }
}

impl Prompt for Terminal {
    fn line(&mut self, question: &str) -> io::Result<String> {
        let mut output = OpenOptions::new().write(true).open(TERMINAL.1)?;
        output.write_all(question.as_bytes())?;
        output.flush()?;
        let mut line = String::new();
        BufReader::new(OpenOptions::new().read(true).open(TERMINAL.0)?).read_line(&mut line)?;
        if line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim().to_owned())
    }

    fn secret(&mut self, question: &str) -> io::Result<SecretString> {
        hidden(question).map(SecretString::from)
    }
}

/// Whether somebody else heeds signals by now; see [`signals_are_heeded`].
#[cfg(unix)]
static HEEDED: AtomicBool = AtomicBool::new(false);

/// Whether a question is open: its own watch heeds the signals, not that of one before.
#[cfg(unix)]
static ASKING: AtomicBool = AtomicBool::new(false);

/// Says that signals are heeded from now on. Until then one that comes after a question ends the program, as it would have
/// without the question.
pub fn signals_are_heeded() {
    #[cfg(unix)]
    HEEDED.store(true, Ordering::Relaxed);
}

/// Asks for what is not shown. A signal that comes meanwhile gives the terminal back as it was: what is typed is shown again.
///
/// # Errors
///
/// `Interrupted` for Ctrl-c, SIGTERM and SIGHUP.
#[cfg(unix)]
fn hidden(question: &str) -> io::Result<String> {
    let terminal = OpenOptions::new().read(true).write(true).open(TERMINAL.0)?;
    let before = tcgetattr(&terminal)?;
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    ASKING.store(true, Ordering::Relaxed);
    let (sender, heard) = mpsc::channel();
    let (typed, question) = (sender.clone(), question.to_owned());
    // Neither of the two can be woken from waiting; what they wait for is of no use to anybody once the question is over.
    thread::spawn(move || typed.send(Some(rpassword::prompt_password(question))).ok());
    thread::spawn(move || {
        for signal in signals.forever() {
            let is_over = sender.send(None).is_err();
            if is_over && !ASKING.load(Ordering::Relaxed) && !HEEDED.load(Ordering::Relaxed) {
                signal_hook::low_level::emulate_default_handler(signal).ok();
            }
        }
    });
    if let Ok(Some(answer)) = heard.recv() {
        ASKING.store(false, Ordering::Relaxed);
        return answer;
    }
    tcsetattr(&terminal, OptionalActions::Now, &before)?;
    (&terminal).write_all(b"\n")?;
    Err(io::ErrorKind::Interrupted.into())
}

#[cfg(not(unix))]
fn hidden(question: &str) -> io::Result<String> {
    rpassword::prompt_password(question)
}

/// Prepared answers, for tests.
#[cfg(test)]
pub(crate) mod scripted {
    use std::collections::VecDeque;

    use super::{Prompt, SecretString, io};

    /// Answers one after another and remembers what was asked.
    #[derive(Debug)]
    pub(crate) struct Scripted {
        answers: VecDeque<String>,
        pub(crate) questions: Vec<String>,
    }

    impl Scripted {
        pub(crate) fn new<const N: usize>(answers: [&str; N]) -> Self {
            Self::of(&answers)
        }

        pub(crate) fn of(answers: &[&str]) -> Self {
            let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
            Self { answers, questions: Vec::new() }
        }
    }

    impl Prompt for Scripted {
        fn line(&mut self, question: &str) -> io::Result<String> {
            self.questions.push(question.to_owned());
            self.answers.pop_front().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        }

        fn secret(&mut self, question: &str) -> io::Result<SecretString> {
            self.line(question).map(SecretString::from)
        }
    }
}
