//! One finding, and all of them as text or JSON.

use std::fmt::Write as _;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use serde_json::json;

use crate::{
    cli::{
        output,
        run::{Stop, Streams},
    },
    domain::Text,
    error::{Class, Error},
};

/// Room for the name of what was checked.
const AREA_WIDTH: usize = 13;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Status {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// Something will be missing or harder.
    Warn,
    /// Something will not work; the exit code that it would end with.
    Fail(Class),
}

impl Status {
    /// The word at the beginning of the line.
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Fail(_) => "FAIL",
        }
    }

    /// The word for programs.
    fn name(self) -> &'static str {
        if let Self::Fail(_) = self { "fail" } else { self.word() }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Check {
    /// How it is.
    pub(in crate::cli) status: Status,
    /// What was looked at.
    pub(super) area: &'static str,
    /// Which server, where there are several.
    pub(super) server: Option<Text>,
    /// What was found.
    pub(super) found: Text,
    /// What to do about it.
    pub(super) advice: Option<Text>,
}

impl Check {
    fn new(status: Status, area: &'static str, found: impl AsRef<str>) -> Self {
        Self { status, area, server: None, found: one_line(found.as_ref()), advice: None }
    }

    /// As it should be.
    pub(super) fn ok(area: &'static str, found: impl AsRef<str>) -> Self {
        Self::new(Status::Ok, area, found)
    }

    /// Worth knowing.
    pub(super) fn note(area: &'static str, found: impl AsRef<str>) -> Self {
        Self::new(Status::Note, area, found)
    }

    /// Something will be missing or harder.
    pub(super) fn warn(area: &'static str, found: impl AsRef<str>) -> Self {
        Self::new(Status::Warn, area, found)
    }

    /// Something will not work, and what to do about it: nobody is left alone with that.
    pub(super) fn fail(
        class: Class,
        area: &'static str,
        found: impl AsRef<str>,
        advice: impl AsRef<str>,
    ) -> Self {
        Self::new(Status::Fail(class), area, found).advise(advice)
    }

    /// What a command would end with; `otherwise` is the advice where the error has none.
    pub(super) fn failed(area: &'static str, error: &Error, otherwise: &str) -> Self {
        Self::fail(error.class(), area, error.to_string(), error.advice().unwrap_or(otherwise))
    }

    /// Adds what to do about it.
    #[must_use]
    pub(super) fn advise(mut self, advice: impl AsRef<str>) -> Self {
        self.advice = Some(one_line(advice.as_ref()));
        self
    }

    /// Says of which server it is.
    #[must_use]
    pub(super) fn of(mut self, server: &Text) -> Self {
        self.server = Some(server.clone());
        self
    }

    /// The lines for people: the finding, and the advice behind an arrow. Each begins with the word, so that
    /// `grep -v ^ok` leaves what matters.
    pub(in crate::cli) fn lines(&self) -> String {
        let word = self.status.word();
        let server = self.server.as_ref().map(|server| format!("{server}: ")).unwrap_or_default();
        let mut text = String::new();
        // Writing to a String cannot fail.
        writeln!(text, "{word:4}  {:AREA_WIDTH$}  {server}{}", self.area, self.found).ok();
        if let Some(advice) = &self.advice {
            writeln!(text, "{word:4}  {:AREA_WIDTH$}  -> {advice}", "").ok();
        }
        text
    }
}

/// Without line breaks: a finding is one line.
fn one_line(words: &str) -> Text {
    let words: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Text::clean(&words.join("; "))
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Check", 5)?;
        fields.serialize_field("status", self.status.name())?;
        fields.serialize_field("area", self.area)?;
        match &self.server {
            Some(server) => fields.serialize_field("server", server)?,
            None => fields.skip_field("server")?,
        }
        fields.serialize_field("found", &self.found)?;
        match &self.advice {
            Some(advice) => fields.serialize_field("advice", advice)?,
            None => fields.skip_field("advice")?,
        }
        fields.end()
    }
}

/// Everything that was found so far. As text each finding is printed at once: the next one may take seconds.
pub(super) struct Report<'a, 's> {
    json: bool,
    checks: Vec<Check>,
    streams: &'a mut Streams<'s>,
}

impl<'a, 's> Report<'a, 's> {
    /// Nothing yet.
    pub(super) fn new(json: bool, streams: &'a mut Streams<'s>) -> Self {
        Self { json, checks: Vec::new(), streams }
    }

    /// Takes a finding.
    pub(super) fn add(&mut self, check: Check) -> Result<(), Stop> {
        if !self.json {
            output::write(self.streams.out, &check.lines())?;
            output::flush(self.streams.out)?;
        }
        self.checks.push(check);
        Ok(())
    }

    /// Takes several.
    pub(super) fn all(&mut self, checks: impl IntoIterator<Item = Check>) -> Result<(), Stop> {
        checks.into_iter().try_for_each(|check| self.add(check))
    }

    /// The exit code; prints what was held back until now.
    pub(super) fn end(self) -> Result<u8, Stop> {
        let failed = self.checks.iter().find_map(|check| match check.status {
            Status::Fail(class) => Some(class.code()),
            _ => None,
        });
        let code = failed.unwrap_or_default();
        if self.json {
            let whole = json!({ "ok": failed.is_none(), "exit_code": code, "checks": self.checks });
            output::json_object(self.streams.out, &whole)?;
        }
        output::flush(self.streams.out)?;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(json: bool, checks: Vec<Check>) -> (u8, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams { out: &mut out, err: &mut err };
        let mut report = Report::new(json, &mut streams);
        assert!(report.all(checks).is_ok());
        let Ok(code) = report.end() else { panic!("it is written to memory") };
        (code, String::from_utf8(out).unwrap())
    }

    fn some() -> Vec<Check> {
        vec![
            Check::ok("terminal", "xterm"),
            Check::warn("network", "slow\u{1b}[2J").of(&"cs1".into()).advise("ask\nthe network people"),
            Check::fail(Class::Unreachable, "network", "down", "start it").of(&"cs2".into()),
            Check::failed("account", &Error::new(Class::Denied, "refused"), "ask for a password"),
        ]
    }

    #[test]
    fn each_line_begins_with_how_it_is_and_none_drives_the_terminal() {
        let (code, text) = printed(false, some());
        assert_eq!(code, 6, "that of the first failure");
        insta::assert_snapshot!(text, @"
        ok    terminal       xterm
        warn  network        cs1: slow\u{fffd}[2J
        warn                 -> ask; the network people
        FAIL  network        cs2: down
        FAIL                 -> start it
        FAIL  account        refused
        FAIL                 -> ask for a password
        ");
    }

    #[test]
    fn the_advice_of_an_error_comes_before_the_general_one() {
        let error = Error::usage("wrong").hint("mend it");
        assert_eq!(Check::failed("network", &error, "look").advice.unwrap().as_str(), "mend it");
    }

    #[test]
    fn json_has_the_same_findings() {
        let (code, text) = printed(true, some());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, &json["ok"], &json["exit_code"]), (6, &json!(false), &json!(6)));
        assert_eq!(
            json["checks"][2],
            json!({"status": "fail", "area": "network", "server": "cs2", "found": "down", "advice": "start it"})
        );
        assert_eq!(json["checks"][1]["advice"], "ask; the network people");
        assert_eq!(printed(true, vec![Check::note("x", "y")]).0, 0);
    }
}
