//! A small text of several lines with a cursor: what the message composer is typed into.
//!
//! The cursor moves by what people see as one character (a grapheme cluster), never into the middle of one.

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use super::key::{Key, KeyCode};

/// Text with a cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct TextArea {
    text: String,
    /// Byte offset of the cursor; always on the boundary of a grapheme cluster.
    cursor: usize,
}

/// A text as it stands in a recording, which may come from anybody.
#[derive(Deserialize)]
struct Written {
    text: String,
    cursor: usize,
}

impl From<Written> for TextArea {
    /// The cursor stands within the text and in no character; at the last place before the one that was told.
    fn from(written: Written) -> Self {
        let Written { text, cursor } = written;
        let places = text.grapheme_indices(true).map(|(offset, _)| offset).chain([text.len()]);
        let cursor = places.take_while(|place| *place <= cursor).last().unwrap_or(0);
        Self { text, cursor }
    }
}

impl TextArea {
    /// A text with the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len() }
    }

    /// A text with the cursor behind so many characters (not clusters).
    pub fn at(text: &str, cursor: usize) -> Self {
        let cursor = text.char_indices().nth(cursor).map_or(text.len(), |(offset, _)| offset);
        Self { text: text.to_owned(), cursor }
    }

    /// How many characters (not clusters) stand before the cursor.
    pub fn cursor(&self) -> usize {
        self.text.get(..self.cursor).unwrap_or_default().chars().count()
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Number of characters as people count them; a line break counts as one.
    pub fn characters(&self) -> usize {
        self.text.graphemes(true).count()
    }

    /// Line and column (in grapheme clusters) of the cursor, both from 0.
    pub fn position(&self) -> (usize, usize) {
        let before = self.text.get(..self.cursor).unwrap_or_default();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().graphemes(true).count();
        (line, column)
    }

    /// Inserts text at the cursor. Line breaks are kept; other control characters are left out.
    pub fn insert(&mut self, text: &str) {
        let unified = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
        let kept: String =
            unified.chars().filter(|character| *character == '\n' || !character.is_control()).collect();
        self.text.insert_str(self.cursor, &kept);
        self.cursor += kept.len();
    }

    /// Handles a key; says whether it was one for a text.
    pub fn handle(&mut self, key: Key) -> bool {
        match key.code {
            KeyCode::Char(character) if !key.ctrl => self.insert(character.encode_utf8(&mut [0; 4])),
            KeyCode::Enter => self.insert("\n"),
            KeyCode::Backspace => self.delete(self.before()..self.cursor),
            KeyCode::Delete => self.delete(self.cursor..self.after()),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = self.line_start(),
            KeyCode::End => self.cursor = self.line_end(),
            KeyCode::Up => self.move_line(-1),
            KeyCode::Down => self.move_line(1),
            _ => return false,
        }
        true
    }

    fn delete(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.replace_range(range, "");
    }

    /// Where the cursor is after one step to the left.
    fn before(&self) -> usize {
        let head = self.text.get(..self.cursor).unwrap_or_default();
        head.grapheme_indices(true).next_back().map_or(0, |(offset, _)| offset)
    }

    /// Where the cursor is after one step to the right.
    fn after(&self) -> usize {
        let tail = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor + tail.graphemes(true).next().map_or(0, str::len)
    }

    fn line_start(&self) -> usize {
        let head = self.text.get(..self.cursor).unwrap_or_default();
        head.rfind('\n').map_or(0, |offset| offset + 1)
    }

    fn line_end(&self) -> usize {
        let tail = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor + tail.find('\n').unwrap_or(tail.len())
    }

    fn move_line(&mut self, lines: isize) {
        let (line, column) = self.position();
        let Some(wanted) = line.checked_add_signed(lines) else {
            self.cursor = 0;
            return;
        };
        let mut start = 0;
        for (number, content) in self.text.split('\n').enumerate() {
            if number == wanted {
                let offset =
                    content.grapheme_indices(true).nth(column).map_or(content.len(), |(offset, _)| offset);
                self.cursor = start + offset;
                return;
            }
            start += content.len() + 1;
        }
        self.cursor = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_typed_moved_through_and_joined_again() {
        let mut area = TextArea::default();
        for key in "ab".chars().map(Key::char) {
            area.handle(key);
        }
        area.handle(Key::plain(KeyCode::Enter));
        area.insert("e\u{301}王");
        assert_eq!(area.text(), "ab\ne\u{301}王");
        assert_eq!((area.position(), area.characters()), ((1, 2), 5));
        area.handle(Key::plain(KeyCode::Up));
        assert_eq!(area.position(), (0, 2));
        area.handle(Key::plain(KeyCode::Delete));
        assert_eq!(area.text(), "abe\u{301}王");
        area.handle(Key::plain(KeyCode::Right));
        area.handle(Key::plain(KeyCode::Backspace));
        assert_eq!(area.text(), "ab王", "a character goes with its accent");
    }

    #[test]
    fn a_cursor_within_a_character_is_put_before_it() {
        for (told, cursor) in [(0, 0), (1, 0), (2, 2), (3, 2), (5, 5), (usize::MAX, 5)] {
            let written = serde_json::json!({"text": "é王", "cursor": told});
            let mut area: TextArea = serde_json::from_value(written).unwrap();
            assert_eq!(area.cursor, cursor, "{told}");
            for key in [KeyCode::Delete, KeyCode::Up, KeyCode::Char('x'), KeyCode::Backspace, KeyCode::Down] {
                area.handle(Key::plain(key));
            }
            assert!(area.text().is_char_boundary(area.cursor));
        }
    }

    proptest! {
        #[test]
        fn no_key_breaks_it(start in any::<String>(), keys in prop::collection::vec(0..9_usize, 0..40)) {
            let mut area = TextArea::default();
            area.insert(&start);
            let codes = [KeyCode::Left, KeyCode::Right, KeyCode::Up, KeyCode::Down, KeyCode::Home, KeyCode::End,
                KeyCode::Backspace, KeyCode::Delete, KeyCode::Enter];
            for place in keys {
                area.handle(Key::plain(codes[place]));
                prop_assert!(area.text().is_char_boundary(area.cursor));
            }
        }
    }
}
