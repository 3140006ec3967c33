//! Texts for programs and documents: cells of CSV, words of Markdown, JSON that does a terminal no harm.

use std::{borrow::Cow, fmt::Write as _};

use serde_json::Value;

use crate::domain::Text;

/// A text that Markdown shows as it is. Only what would mean something where it stands gets a backslash, so that the note
/// reads well as plain text too.
pub fn markdown(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = |place: Option<usize>| place.and_then(|place| characters.get(place)).copied();
    let mut safe = String::with_capacity(text.len());
    for (place, &character) in characters.iter().enumerate() {
        let (before, after) = (at(place.checked_sub(1)), at(place.checked_add(1)));
        if means_something(character, before, after) {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}

/// Whether a character between these means something to Markdown.
fn means_something(character: char, before: Option<char>, after: Option<char>) -> bool {
    let is_in_word = || [before, after].iter().all(|side| side.is_some_and(char::is_alphanumeric));
    match character {
        '`' | '*' | '~' => true,
        // Before anything but punctuation it is one.
        '\\' => after.is_none_or(|after| after.is_ascii_punctuation()),
        '_' => !is_in_word(),
        // A tag, or an address as a link.
        '<' => after.is_some_and(|after| after.is_ascii_alphabetic() || "/!?".contains(after)),
        '&' => after.is_some_and(|after| after.is_ascii_alphabetic() || after == '#'),
        // A link.
        ']' => after.is_some_and(|after| "([:".contains(after)),
        // At the beginning of an item.
        '>' | '#' | '+' | '-' => before.is_none(),
        _ => false,
    }
}

/// A cell of which no spreadsheet makes a formula: one that begins like a formula gets an apostrophe before it. A lone
/// dash and negative numbers are none.
pub fn defused(cell: &str) -> Cow<'_, str> {
    let is_number = || cell.parse::<f64>().is_ok_and(f64::is_finite);
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell != "-" && !is_number() {
        Cow::from(format!("'{cell}"))
    } else {
        Cow::from(cell)
    }
}

/// A line of comma-separated values, with its end. Nothing in it drives a terminal, and no spreadsheet makes a formula of it.
pub fn csv_line<C: AsRef<str>>(cells: impl IntoIterator<Item = C>) -> String {
    let cells: Vec<String> =
        cells.into_iter().map(|cell| defused(Text::clean(cell.as_ref()).as_str()).into_owned()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    drop(writer.write_record(cells));
    writer.into_inner().ok().and_then(|line| String::from_utf8(line).ok()).unwrap_or_default()
}

/// Escapes what could drive a terminal. Ids are printed as the server gave them, because they are what `--id` takes, so
/// they have not been cleaned. Only strings can hold such characters, and JSON means the same with them escaped; those
/// below the blank are escaped already.
pub fn harmless_json(json: String) -> String {
    let suspicious = |character: char| !character.is_ascii() || character == '\u{7f}';
    if !json.contains(suspicious) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        let mut buffer = [0; 4];
        let text: &str = character.encode_utf8(&mut buffer);
        if suspicious(character) && Text::clean(text) != *text {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                write!(escaped, "\\u{unit:04x}").ok();
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// The most bytes of a text that goes to a clipboard through the terminal: what encodes it must stay below what
/// terminals take, about 74 kB.
const CLIPBOARD: usize = 54_000;

/// What of a text goes to the clipboard, and how many of its lines are left out because it would be too long.
pub fn for_clipboard(note: &str) -> (Cow<'_, str>, usize) {
    if note.len() <= CLIPBOARD {
        return (Cow::from(note), 0);
    }
    let mut kept = 0;
    let mut end = 0;
    for line in note.split_inclusive('\n') {
        if end + line.len() > CLIPBOARD {
            break;
        }
        end += line.len();
        kept += 1;
    }
    let left = note.lines().count() - kept;
    let head = note.get(..end).unwrap_or_default();
    (Cow::from(format!("{head}\n(cut short: {left} more lines)\n")), left)
}

/// The cells of a JSON object, by paths with dots; what is missing is an empty cell.
pub fn csv_cells(record: &Value, fields: &[&str]) -> Vec<String> {
    let pointer = |field: &&str| format!("/{}", field.replace('.', "/"));
    fields.iter().map(|field| record.pointer(&pointer(field)).map(csv_cell).unwrap_or_default()).collect()
}

/// What joins several values in one CSV cell.
const JOINT: &str = ";";

fn csv_cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(csv_cell).collect::<Vec<_>>().join(JOINT),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_gets_a_backslash_only_where_it_needs_one() {
        for (text, shown) in [
            ("CORP\\admin", "CORP\\admin"),
            ("state:disc idle>1h idle<4h", "state:disc idle>1h idle<4h"),
            ("a\\*b", "a\\\\\\*b"),
            ("svc_backup_1 _x_", "svc_backup_1 \\_x\\_"),
            ("<b>x</b> a & b &amp;", "\\<b>x\\</b> a & b \\&amp;"),
            ("[x](y) pool [1]", "[x\\](y) pool [1]"),
            ("# no title", "\\# no title"),
            ("{user}!", "{user}!"),
        ] {
            assert_eq!(markdown(text), shown);
        }
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+cmd", "'+cmd"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("-5", "-5"),
            ("-", "-"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(defused(cell), safe);
        }
    }

    #[test]
    fn a_note_that_is_too_long_for_a_clipboard_is_cut_at_a_line_and_says_so() {
        assert_eq!(for_clipboard("short\n"), (Cow::from("short\n"), 0));
        let long = "0123456789\n".repeat(10_000);
        let (cut, left) = for_clipboard(&long);
        assert_eq!(left, 10_000 - CLIPBOARD / 11);
        assert!(
            cut.len() < CLIPBOARD + 50 && cut.ends_with(&format!("9\n\n(cut short: {left} more lines)\n"))
        );
    }
}
