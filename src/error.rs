//! The error that ends a run: what failed, on what, in whose words, and what to do; and the exit code that says so.
//!
//! Every layer has errors of its own; they become this one at the edge. It is printed as text and never as a stack
//! trace.

use std::{fmt, io};

use crate::{
    config::{ConfigError, SecretError, WriteError},
    domain::{Fault, FaultKind, Text},
    engine::journal::JournalError,
};

/// Why a run did not do everything that was asked for. The numbers are the exit codes of `design.md section 7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// Something that nobody foresaw.
    Unexpected = 1,
    /// Wrong arguments or configuration.
    Usage = 2,
    /// Some of it was done.
    Partial = 3,
    /// Refused on this side, nothing was sent: a guard, a limit, a missing confirmation, or read-only.
    Refused = 4,
    /// Not logged in, or not permitted.
    Denied = 5,
    /// The server did not answer.
    Unreachable = 6,
}

impl Class {
    /// The exit code.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<FaultKind> for Class {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::Unauthenticated | FaultKind::InsufficientPermission => Self::Denied,
            FaultKind::Unreachable | FaultKind::Throttled => Self::Unreachable,
            FaultKind::PartialFailure | FaultKind::Cancelled => Self::Partial,
            // Nothing was asked.
            FaultKind::NotOffered => Self::Refused,
            FaultKind::EntityNotFound
            | FaultKind::InvalidArgument
            | FaultKind::InvalidState
            | FaultKind::InvalidType
            | FaultKind::EntityInUse
            | FaultKind::Unexpected
            | FaultKind::NotConfigured
            | FaultKind::NotInRelease
            | FaultKind::BadAnswer
            | FaultKind::Local => Self::Unexpected,
        }
    }
}

/// An error for a person. `Display` is `WHAT on TARGET: WORDS`; the hint is apart.
///
/// Whatever is put in is cleaned: it may come from a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    class: Class,
    what: String,
    target: Option<String>,
    words: Option<String>,
    hint: Option<String>,
}

impl Error {
    /// An error of a class. `what` says what failed or is wrong, in a few words, and may have several lines.
    pub fn new(class: Class, what: impl AsRef<str>) -> Self {
        Self { class, what: clean(what.as_ref()), target: None, words: None, hint: None }
    }

    /// Wrong arguments or configuration: exit code 2.
    pub fn usage(what: impl AsRef<str>) -> Self {
        Self::new(Class::Usage, what)
    }

    /// Refused on this side, nothing was sent: exit code 4.
    pub fn refused(what: impl AsRef<str>) -> Self {
        Self::new(Class::Refused, what)
    }

    /// Says on what it failed: a server, a file, a session.
    #[must_use]
    pub fn on(mut self, target: impl AsRef<str>) -> Self {
        self.target = Some(clean(target.as_ref()));
        self
    }

    /// Adds the words of whoever refused: the server, the operating system.
    #[must_use]
    pub fn words(mut self, words: impl AsRef<str>) -> Self {
        self.words = Some(clean(words.as_ref()));
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hint = Some(clean(hint.as_ref()));
        self
    }

    /// Why the run did not do everything.
    pub fn class(&self) -> Class {
        self.class
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Writes it as the program does on standard error.
    pub fn report(&self, output: &mut dyn io::Write) -> io::Result<()> {
        writeln!(output, "foretop: error: {self}")?;
        match &self.hint {
            Some(hint) => writeln!(output, "foretop: hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Cleans line by line, so that a configuration error keeps its shape.
fn clean(raw: &str) -> String {
    let lines: Vec<String> = raw.lines().map(|line| Text::clean(line).as_str().to_owned()).collect();
    lines.join("\n")
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        if let Some(target) = &self.target {
            write!(formatter, " on {target}")?;
        }
        if let Some(words) = &self.words {
            write!(formatter, ": {words}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let status = fault.status.map(|status| format!("HTTP {status}"));
        let request = fault.request_id.as_ref().map(|id| format!("request {id}"));
        let told: Vec<String> = status.into_iter().chain(request).collect();
        let status = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
        let error = Self::new(fault.kind.into(), format!("{} failed", fault.operation))
            .words(format!("{}: {}{status}", fault.kind, fault.message));
        // A certificate that is not trusted has kept the server from being reached; those words say what to do about it.
        let says_more =
            fault.kind == FaultKind::Unreachable && fault.message.as_str().contains("certificate");
        match fault.hint().filter(|_| !says_more) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let told = Self::usage(error.to_string());
        match error.hint() {
            Some(hint) => told.hint(hint),
            None => told,
        }
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        let class = match error {
            WriteError::Exists(_)
            | WriteError::Config(_)
            | WriteError::Link { .. }
            | WriteError::NotTables(_) => Class::Usage,
            WriteError::Changed(_) => Class::Refused,
            WriteError::Disk { .. } => Class::Unexpected,
        };
        let told = Self::new(class, error.to_string());
        match error.hint() {
            Some(hint) => told.hint(hint),
            None => told,
        }
    }
}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        let class = match error {
            JournalError::NotFound(_) | JournalError::Ambiguous { .. } => Class::Usage,
            JournalError::Running(_) | JournalError::NotEnded(_) | JournalError::Started { .. } => {
                Class::Refused
            }
            JournalError::File { .. } | JournalError::Unreadable { .. } | JournalError::CutOff => {
                Class::Unexpected
            }
        };
        let told = Self::new(class, error.to_string());
        match error.hint() {
            Some(hint) => told.hint(hint),
            None => told,
        }
    }
}

impl From<SecretError> for Error {
    fn from(error: SecretError) -> Self {
        if let SecretError::Prompt(cause) = &error
            && cause.kind() == std::io::ErrorKind::Interrupted
        {
            return Self::new(Class::Unexpected, "interrupted");
        }
        Self::usage(error.to_string()).hint(error.hint())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(FaultKind::Unauthenticated, 5)]
    #[case(FaultKind::InsufficientPermission, 5)]
    #[case(FaultKind::Unreachable, 6)]
    #[case(FaultKind::Throttled, 6)]
    #[case(FaultKind::PartialFailure, 3)]
    #[case(FaultKind::Cancelled, 3)]
    #[case(FaultKind::EntityNotFound, 1)]
    #[case(FaultKind::NotConfigured, 1)]
    #[case(FaultKind::NotInRelease, 1)]
    #[case(FaultKind::BadAnswer, 1)]
    fn a_fault_has_its_exit_code(#[case] kind: FaultKind, #[case] code: u8) {
        assert_eq!(Error::from(Fault::new(kind, "list sessions", "x")).class().code(), code);
    }

    #[test]
    fn an_error_says_what_where_whose_words_and_what_to_do() {
        let mut fault = Fault::new(FaultKind::Unauthenticated, "log in", "Invalid\u{1b}[2J user");
        fault.status = Some(401);
        let mut output = Vec::new();
        Error::from(fault).on("cs1.example.com").report(&mut output).unwrap();
        assert_eq!(
            String::from_utf8(output).unwrap(),
            "foretop: error: log in failed on cs1.example.com: Unauthenticated: Invalid\u{fffd}[2J user (HTTP 401)\n\
             foretop: hint: check user name, domain and password\n"
        );
    }

    #[test]
    fn configuration_mistakes_keep_their_lines() {
        let error = Error::usage("a\n  b\u{1b}c\n");
        assert_eq!(error.to_string(), "a\n  b\u{fffd}c");
        assert_eq!(Error::from(ConfigError::TwoEstates).class().code(), 2);
        assert_eq!(Error::from(SecretError::NobodyToAsk).class().code(), 2);
        assert!(Error::from(SecretError::NobodyToAsk).advice().is_some());
    }
}
