//! The process environment as a value.
//!
//! It is read once, in `main`; everything below gets it passed, so that tests never depend on the machine they run on.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

/// Variables, home folder, and which of the standard streams are terminals.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    home: Option<PathBuf>,
    /// Whether somebody can type into standard input.
    pub stdin_is_terminal: bool,
    /// Whether standard output is read by a person.
    pub stdout_is_terminal: bool,
    /// Whether diagnostics are read by a person.
    pub stderr_is_terminal: bool,
}

impl Environment {
    /// Reads the environment of this process. Called once, by `main`.
    pub fn read() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            home: directories::BaseDirs::new().map(|folders| folders.home_dir().to_owned()),
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
        }
    }

    /// An environment of exactly these variables, without terminals. `HOME` among them is the home folder.
    pub fn of<K: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let variables: BTreeMap<OsString, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let home = variables.get(OsStr::new("HOME")).map(PathBuf::from);
        Self { variables, home, ..Self::default() }
    }

    /// The same environment with another variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// A variable as it is. An empty one counts as not set, as the XDG rules and `NO_COLOR` have it.
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// A variable as text; `None` when it is not set, empty, or not valid Unicode.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).and_then(OsStr::to_str)
    }

    /// A variable that names an absolute path. Relative ones are ignored, as the XDG rules demand.
    pub fn absolute_path(&self, name: &str) -> Option<&Path> {
        self.raw(name).map(Path::new).filter(|path| path.is_absolute())
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Whether colours are unwanted: `NO_COLOR` is set (<https://no-color.org>), or the terminal is dumb.
    pub fn wants_no_color(&self) -> bool {
        self.raw("NO_COLOR").is_some() || self.get("TERM") == Some("dumb")
    }

    /// Whether the locale says that the terminal shows UTF-8. The first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set
    /// decides; with none of them, nothing can be assumed and the answer is no.
    pub fn is_utf8(&self) -> bool {
        if cfg!(windows) {
            return true;
        }
        self.locale().is_some_and(|(_, locale)| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }

    /// The variable that decides about the characters of the terminal, and its value.
    pub fn locale(&self) -> Option<(&'static str, &str)> {
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, self.get(name)?)))
    }

    /// Whether a person can be asked something: the keyboard or the diagnostics are on a terminal.
    pub fn can_ask(&self) -> bool {
        self.stdin_is_terminal || self.stderr_is_terminal
    }
}

/// Names only: values may be secret.
impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&OsString> = self.variables.keys().collect();
        formatter
            .debug_struct("Environment")
            .field("variables", &names)
            .field("home", &self.home)
            .field("stdin_is_terminal", &self.stdin_is_terminal)
            .field("stdout_is_terminal", &self.stdout_is_terminal)
            .field("stderr_is_terminal", &self.stderr_is_terminal)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing_known(&[], false)]
    #[case::plain_lang(&[("LANG", "en_GB.UTF-8")], true)]
    #[case::other_spelling(&[("LANG", "C.utf8")], true)]
    #[case::ctype_over_lang(&[("LC_CTYPE", "C"), ("LANG", "en_GB.UTF-8")], false)]
    #[case::all_over_ctype(&[("LC_ALL", "de_DE.UTF-8"), ("LC_CTYPE", "C")], true)]
    #[case::empty_counts_as_unset(&[("LC_ALL", ""), ("LANG", "en_GB.UTF-8")], true)]
    fn the_locale_decides_about_utf8(#[case] variables: &[(&str, &str)], #[case] expected: bool) {
        assert_eq!(Environment::of(variables.iter().copied()).is_utf8(), expected);
    }

    #[test]
    fn no_color_counts_when_it_is_not_empty() {
        assert!(Environment::of([("NO_COLOR", "1")]).wants_no_color());
        assert!(!Environment::of([("NO_COLOR", "")]).wants_no_color());
        assert!(Environment::of([("TERM", "dumb")]).wants_no_color());
    }

    #[test]
    fn debug_shows_no_values() {
        let shown = format!("{:?}", Environment::of([("FORETOP_PASSWORD", "hunter2")]));
        assert!(shown.contains("FORETOP_PASSWORD") && !shown.contains("hunter2"), "{shown}");
    }
}
