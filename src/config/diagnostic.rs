//! A mistake in the configuration file, shown with its line: what is wrong, where, and the nearest valid name.
//!
//! A source line may hold a password. Only lines whose key is known to be harmless are shown whole; of every other
//! line no more than the key.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use unicode_width::UnicodeWidthStr;

use super::file::{HARMLESS_KEYS, PASSWORD_KEYS, TOP_KEYS};
use crate::domain::Text;

/// Whether one can go on after a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// Going on could reach the wrong estate or do more than was wanted: the program refuses to start.
    Error,
    /// Only looks or comfort are concerned: the default is used, and the mistake is shown.
    Warning,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether one can go on.
    pub gravity: Gravity,
    /// Which file.
    pub file: PathBuf,
    /// Where in it; `None` when the file as a whole is meant.
    pub place: Option<Place>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub hint: Option<String>,
}

/// A place in a file, with the line to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The line without anything that might be secret or drive the terminal.
    pub excerpt: String,
    /// Columns of the terminal to leave empty before the marks.
    pad: usize,
    /// Number of marks, at least one.
    marks: usize,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display().to_string();
        write!(formatter, "{}", Text::clean(&file))?;
        if let Some(place) = &self.place {
            write!(formatter, ":{}:{}", place.line, place.column)?;
        }
        write!(formatter, ": {}", Text::clean(&self.problem))?;
        if let Some(place) = &self.place {
            let number = place.line.to_string();
            let gutter = " ".repeat(number.len());
            write!(formatter, "\n {gutter} |\n {number} | {}", place.excerpt)?;
            write!(formatter, "\n {gutter} | {}{}", " ".repeat(place.pad), "^".repeat(place.marks))?;
        }
        if let Some(hint) = &self.hint {
            write!(formatter, "\n  hint: {}", Text::clean(hint))?;
        }
        Ok(())
    }
}

impl Diagnostic {
    /// A mistake at bytes of a file that holds no secrets: its line is shown whole.
    pub fn in_open_file(
        gravity: Gravity,
        file: &Path,
        text: &str,
        span: Range<usize>,
        problem: impl Into<String>,
    ) -> Self {
        Source { path: file, text }.mistake(gravity, span, Reveal::Everything, problem, None)
    }

    /// A mistake of a file as a whole.
    pub fn of_file(gravity: Gravity, file: &Path, problem: impl Into<String>) -> Self {
        Self { gravity, file: file.to_owned(), place: None, problem: problem.into(), hint: None }
    }

    /// File, line and column, as far as they are known.
    pub fn whereabouts(&self) -> String {
        let place = self.place.as_ref().map(|place| format!(":{}:{}", place.line, place.column));
        format!("{}{}", self.file.display(), place.unwrap_or_default())
    }
}

/// The text of a file, to make places from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// How much of a line may be shown when its key is not a known one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reveal {
    /// The key: the file was understood, so it is a key.
    Key,
    /// Nothing: the file was not understood, and it may be the rest of a broken password.
    Nothing,
    /// All of it: files of this kind hold no secrets.
    Everything,
}

impl Source<'_> {
    /// A mistake at bytes of the file.
    pub(super) fn mistake(
        &self,
        gravity: Gravity,
        span: Range<usize>,
        reveal: Reveal,
        problem: impl Into<String>,
        hint: Option<String>,
    ) -> Diagnostic {
        let place = Some(self.place(span, reveal));
        Diagnostic { gravity, file: self.path.to_owned(), place, problem: problem.into(), hint }
    }

    /// A mistake of the whole file.
    pub(super) fn mistake_of_file(
        &self,
        gravity: Gravity,
        problem: impl Into<String>,
        hint: Option<String>,
    ) -> Diagnostic {
        Diagnostic { gravity, file: self.path.to_owned(), place: None, problem: problem.into(), hint }
    }

    fn place(&self, span: Range<usize>, reveal: Reveal) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let index = before.matches('\n').count();
        let line = self.text.lines().nth(index).unwrap_or_default();
        let left = before.get(line_start..).unwrap_or_default();

        let shown = self.harmless_part(index, line_start, reveal);
        let excerpt = match shown {
            shown if shown == line => shown.to_owned(),
            "" => "…".to_owned(),
            shown => format!("{shown} …"),
        };
        let excerpt = Text::clean(&excerpt).as_str().to_owned();
        // What is missing at the end of a line that is shown whole is marked behind it.
        let behind = usize::from(shown == line && span.start == line_start + line.len() && !line.is_empty());
        let last = (excerpt.width() + behind).saturating_sub(1);
        let pad = Text::clean(left).as_str().width().min(last);
        let marked = self.text.get(span).and_then(|text| text.lines().next()).unwrap_or_default();
        let marks = marked.width().clamp(1, (last + 1 - pad).max(1));
        Place { line: index + 1, column: left.chars().count() + 1, excerpt, pad, marks }
    }

    /// The beginning of a line that may be shown.
    fn harmless_part(&self, index: usize, line_start: usize, reveal: Reveal) -> &str {
        let line = self.text.lines().nth(index).unwrap_or_default();
        if reveal == Reveal::Everything {
            return line;
        }
        let before = self.text.get(..line_start).unwrap_or_default();
        let inside_long_string =
            [r#"""""#, "'''"].iter().any(|quotes| before.matches(quotes).count() % 2 == 1);
        if inside_long_string {
            return "";
        }
        if is_header(line) || is_open_header(line) {
            return line;
        }
        let (key, rest) = split_key(line);
        // An address may wrongly hold a password: `https://user:password@host`.
        let may_hold_password = line.contains('@');
        if is_one_of(HARMLESS_KEYS, key) && !may_hold_password {
            return line;
        }
        if is_one_of(HARMLESS_KEYS, key)
            || is_one_of(PASSWORD_KEYS, key)
            || (reveal == Reveal::Key && !rest.is_empty())
        {
            return line.get(..line.len() - rest.len()).unwrap_or_default().trim_end();
        }
        // An element of a list that began further up.
        let opening = before.lines().rev().map(split_key).find(|(_, rest)| rest.starts_with('='));
        let is_element = matches!(line.trim_start().chars().next(), Some('"' | '\'' | ']'));
        match opening {
            Some((key, rest))
                if is_element
                    && !may_hold_password
                    && rest.contains('[')
                    && is_one_of(HARMLESS_KEYS, key) =>
            {
                line
            }
            _ => "",
        }
    }
}

fn is_header(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('[') && line.ends_with(']') && !line.contains(['"', '\'', '=', ','])
}

/// A header without its end. Only one that begins with a known name: other brackets may belong to a broken password.
fn is_open_header(line: &str) -> bool {
    let Some(name) = line.trim().strip_prefix('[') else { return false };
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let first = name.split('.').next().unwrap_or_default();
    name.chars().all(is_name) && is_one_of(TOP_KEYS, first)
}

fn is_one_of(keys: &[&str], key: &str) -> bool {
    keys.contains(&key)
}

/// The key at the beginning of a line (the last part of a dotted one), and what follows it.
fn split_key(line: &str) -> (&str, &str) {
    let end = line.find('=').unwrap_or_else(|| {
        let indent = line.len() - line.trim_start().len();
        line.trim_start().find(char::is_whitespace).map_or(line.len(), |end| indent + end)
    });
    let (key, rest) = line.split_at(end);
    let key = key.trim().trim_matches(['"', '\'']);
    (key.rsplit('.').next().unwrap_or(key).trim(), rest)
}

/// The candidate that somebody who typed `given` most likely meant, if one is near enough.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&given, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= 0.75)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, marked: &str, reveal: Reveal) -> String {
        let start = text.find(marked).unwrap();
        let source = Source { path: Path::new("config.toml"), text };
        source.mistake(Gravity::Error, start..start + marked.len(), reveal, "wrong", None).to_string()
    }

    #[test]
    fn a_harmless_line_is_shown_with_marks_under_the_mistake() {
        insta::assert_snapshot!(shown("\n\ttheme = \"darc\" # ☃\n", "\"darc\"", Reveal::Key), @r#"
        config.toml:2:10: wrong
           |
         2 |  theme = "darc" # ☃
           |          ^^^^^^
        "#);
    }

    #[test]
    fn the_end_of_an_open_header_is_marked() {
        let source = Source { path: Path::new("c"), text: "[profiles.emea\n" };
        let told = source.mistake(Gravity::Error, 14..14, Reveal::Nothing, "wrong", None).to_string();
        assert!(told.ends_with("1 | [profiles.emea\n   |               ^"), "{told}");
        let source = Source { path: Path::new("c"), text: "[hunter2\n" };
        let told = source.mistake(Gravity::Error, 8..8, Reveal::Nothing, "wrong", None).to_string();
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn an_element_of_a_list_is_shown() {
        let text = "servers = [\n  \"https://a\",\n  \"ftp://b\",\n]\n";
        assert!(shown(text, "\"ftp://b\"", Reveal::Key).contains("3 |   \"ftp://b\","));
    }

    #[test]
    fn no_line_shows_a_password() {
        let texts = [
            "password_plaintext = \"hunter2\"\n",
            "\"password_plaintext\" = 'hunter2'\n",
            "pasword = \"hunter2\"\n",
            "secret = [\n  \"hunter2\",\n]\n",
            "password_plaintext hunter2\n",
            "password_plaintext = \"\"\"\ntheme = hunter2\"\"\"\n",
            "password_plaintext = \"abc\nhunter2\"\n",
            "emea = { server = 'x', password_plaintext = 'hunter2' }\n",
            "password_command = 'echo hunter2'\n",
            "server = 'kaya:hunter2@cs1'\n",
            "servers = [\n  'https://kaya:hunter2@cs1',\n]\n",
        ];
        for text in texts {
            for reveal in [Reveal::Key, Reveal::Nothing] {
                let shown = shown(text, "hunter2", reveal);
                assert!(!shown.contains("hunter2"), "{text}\n{shown}");
            }
        }
    }

    #[test]
    fn a_file_without_secrets_is_shown_whole() {
        let text = "[roles]\nfocus = \"blurple\" # \u{1b}[2J\n";
        let told = Diagnostic::in_open_file(Gravity::Error, Path::new("mine.toml"), text, 16..25, "wrong");
        insta::assert_snapshot!(told.to_string(), @r##"
        mine.toml:2:9: wrong
           |
         2 | focus = "blurple" # �[2J
           |         ^^^^^^^^^
        "##);
        assert_eq!(told.whereabouts(), "mine.toml:2:9");
    }

    #[test]
    fn a_file_cannot_drive_the_terminal() {
        let shown = shown("theme = \"\u{1b}[2J\"\n", "\u{1b}", Reveal::Key);
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }

    #[test]
    fn places_at_the_end_of_a_file_do_not_fail() {
        let source = Source { path: Path::new("c"), text: "theme =" };
        let diagnostic = source.mistake(Gravity::Error, 7..7, Reveal::Nothing, "wrong", None);
        assert_eq!(diagnostic.place.as_ref().map(|place| (place.line, place.column)), Some((1, 8)));
        let source = Source { path: Path::new("c"), text: "" };
        let place = source.mistake(Gravity::Error, 0..0, Reveal::Nothing, "wrong", None).place.unwrap();
        assert_eq!((place.line, place.column), (1, 1));
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("emae", ["emea", "apac"]), Some("emea"));
        assert_eq!(nearest("EMEA", ["emea", "apac"]), Some("emea"));
        assert_eq!(nearest("xyz", ["emea", "apac"]), None);
    }
}
