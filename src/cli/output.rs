//! Results as text: JSON and CSV for programs, columns for reading.
//!
//! Whatever comes from a server stays harmless on a terminal in all of them.

use std::io::Write;

use serde::Serialize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::run::{Stop, output_failed};
use crate::{
    core::interchange,
    error::{Class, Error},
};

/// Prints an array, one object a line, so that it can be read and compared.
pub(super) fn json_list<T: Serialize>(
    out: &mut dyn Write,
    rows: impl IntoIterator<Item = T>,
) -> Result<(), Stop> {
    let mut before = "[\n";
    for row in rows {
        write(out, before)?;
        write(out, &to_json(&row)?)?;
        before = ",\n";
    }
    write(out, if before == ",\n" { "\n]\n" } else { "[]\n" })
}

/// Prints one object a line.
pub(super) fn json_lines<T: Serialize>(
    out: &mut dyn Write,
    rows: impl IntoIterator<Item = T>,
) -> Result<(), Stop> {
    for row in rows {
        write(out, &to_json(&row)?)?;
        write(out, "\n")?;
    }
    Ok(())
}

/// Prints one object over several lines.
pub(super) fn json_object<T: Serialize>(out: &mut dyn Write, object: &T) -> Result<(), Stop> {
    let text = serde_json::to_string_pretty(object).map_err(|error| not_json(&error))?;
    write(out, &interchange::harmless_json(text))?;
    write(out, "\n")
}

/// Prints these fields of rows as comma-separated values, the header first when it is wanted. A field is a path into the
/// row's JSON, with dots; what is missing is an empty cell.
pub(super) fn csv_rows<T: Serialize>(
    out: &mut dyn Write,
    fields: &[&str],
    header: bool,
    rows: impl IntoIterator<Item = T>,
) -> Result<(), Stop> {
    if header {
        csv_line(out, fields)?;
    }
    for row in rows {
        let row = serde_json::to_value(row).map_err(|error| not_json(&error))?;
        csv_line(out, &interchange::csv_cells(&row, fields))?;
    }
    Ok(())
}

/// Prints one line of comma-separated values.
pub(super) fn csv_line<C: AsRef<str>>(out: &mut dyn Write, cells: &[C]) -> Result<(), Stop> {
    write(out, &interchange::csv_line(cells))
}

/// Prints text as it is.
pub(super) fn write(out: &mut dyn Write, text: &str) -> Result<(), Stop> {
    out.write_all(text.as_bytes()).map_err(|error| output_failed(&error))
}

/// Lets everything that was printed leave.
pub(super) fn flush(out: &mut dyn Write) -> Result<(), Stop> {
    out.flush().map_err(|error| output_failed(&error))
}

fn to_json<T: Serialize>(value: &T) -> Result<String, Stop> {
    serde_json::to_string(value).map(interchange::harmless_json).map_err(|error| not_json(&error))
}

fn not_json(error: &serde_json::Error) -> Stop {
    Error::new(Class::Unexpected, "cannot write JSON").words(error.to_string()).into()
}

/// A column for reading.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    /// The title.
    pub(super) title: String,
    /// Whether cells stand at the right edge.
    pub(super) right: bool,
    /// Cells wider than this are cut; never without a limit.
    pub(super) limit: Option<usize>,
}

impl Heading {
    /// A column of texts that are never cut.
    pub(super) fn left(title: &str) -> Self {
        Self { title: title.to_owned(), right: false, limit: None }
    }
}

/// Columns for reading, as wide as their contents, two blanks between them.
pub(super) fn columns(headings: &[Heading], rows: &[Vec<String>], ascii: bool) -> String {
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(place, heading)| {
            let widest = rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.width()).max();
            let width = heading.title.width().max(widest.unwrap_or_default());
            heading.limit.map_or(width, |limit| width.min(limit))
        })
        .collect();
    let titles: Vec<String> = headings.iter().map(|heading| heading.title.clone()).collect();
    let mut text = String::new();
    for row in std::iter::once(&titles).chain(rows) {
        let mut line = String::new();
        for ((cell, width), heading) in row.iter().zip(&widths).zip(headings) {
            let cell = cut(cell, *width, ascii);
            let blanks = " ".repeat(width.saturating_sub(cell.width()));
            let (before, behind) = if heading.right { (blanks.as_str(), "") } else { ("", blanks.as_str()) };
            line.extend([before, cell.as_str(), behind, "  "]);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The beginning of a text that fits, marked where it was cut.
fn cut(text: &str, width: usize, ascii: bool) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mark = if ascii { '~' } else { '…' };
    let mut room = width.saturating_sub(1);
    let mut kept = String::new();
    for character in text.chars() {
        let needed = character.width().unwrap_or_default();
        if needed > room {
            break;
        }
        room -= needed;
        kept.push(character);
    }
    kept.push(mark);
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(print: impl FnOnce(&mut Vec<u8>) -> Result<(), Stop>) -> String {
        let mut out = Vec::new();
        assert!(print(&mut out).is_ok());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_list_is_one_json_value_with_one_object_a_line() {
        assert_eq!(printed(|out| json_list(out, Vec::<serde_json::Value>::new())), "[]\n");
        let text = printed(|out| json_list(out, [json!({"a": 1}), json!({"a": 2})]));
        assert_eq!(text, "[\n{\"a\":1},\n{\"a\":2}\n]\n");
        assert_eq!(
            printed(|out| json_lines(out, [json!({"a": 1}), json!({"a": 2})])),
            "{\"a\":1}\n{\"a\":2}\n"
        );
    }

    #[test]
    fn hostile_ids_survive_as_json_and_cannot_drive_the_terminal() {
        let hostile = "a\u{1b}[31m\u{9b}2J\u{7f}\u{202e}\u{e0001}ü";
        let text = printed(|out| json_lines(out, [json!({"id": hostile})]));
        assert!(text.trim_end().chars().all(|character| !character.is_control()), "{text:?}");
        assert!(!text.contains('\u{202e}') && text.contains('ü'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["id"], hostile);
    }

    #[test]
    fn csv_takes_fields_by_path_and_quotes_what_needs_it() {
        let rows = [json!({"a": "x,y", "b": {"c": 7}}), json!({"b": {"c": null}, "d": ["p", "q"]})];
        let text = printed(|out| csv_rows(out, &["a", "b.c", "d"], true, rows));
        assert_eq!(text, "a,b.c,d\n\"x,y\",7,\n,,p;q\n");
    }

    #[test]
    fn what_a_spreadsheet_would_compute_is_defused_and_numbers_stay() {
        let rows = [json!({"a": "=HYPERLINK(\"x\")", "b": -5}), json!({"a": "@x", "b": "-"})];
        let text = printed(|out| csv_rows(out, &["a", "b"], true, rows));
        assert_eq!(text, "a,b\n\"'=HYPERLINK(\"\"x\"\")\",-5\n'@x,-\n");
    }

    #[test]
    fn columns_are_as_wide_as_needed_and_cut_at_their_limit() {
        let headings = [
            Heading { limit: Some(4), ..Heading::left("NAME") },
            Heading { right: true, ..Heading::left("N") },
        ];
        let rows = [vec!["王伟王伟".to_owned(), "7".to_owned()], vec!["abc".to_owned(), "10".to_owned()]];
        assert_eq!(columns(&headings, &rows, false), "NAME   N\n王…    7\nabc   10\n");
        assert_eq!(cut("abcdef", 4, true), "abc~");
    }
}
