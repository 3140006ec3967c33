//! One line of typed text: tui-input's, made comparable so that states can be compared.

use serde::{Deserialize, Serialize};
use tui_input::{Input, InputRequest};

use super::key::{Key, KeyCode};

/// A line with its cursor.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Input", into = "Input")]
pub struct LineInput(Input);

impl From<Input> for LineInput {
    /// From a recording, which may come from anybody: the cursor does not stand beyond the end.
    fn from(input: Input) -> Self {
        Self::at(input.value(), input.cursor())
    }
}

impl From<LineInput> for Input {
    fn from(line: LineInput) -> Self {
        line.0
    }
}

impl PartialEq for LineInput {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() && self.cursor() == other.cursor()
    }
}

impl LineInput {
    /// A line with the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    /// A line with the cursor behind so many characters.
    pub fn at(text: &str, cursor: usize) -> Self {
        Self(Input::new(text.to_owned()).with_cursor(cursor))
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// The cursor, in characters from the beginning.
    pub fn cursor(&self) -> usize {
        self.0.cursor()
    }

    /// The cursor in columns of the screen from the beginning.
    pub fn visual_cursor(&self) -> usize {
        self.0.visual_cursor()
    }

    /// Inserts text at the cursor; line breaks become blanks.
    pub fn insert(&mut self, text: &str) {
        for character in text.chars() {
            let character = if character.is_control() { ' ' } else { character };
            self.0.handle(InputRequest::InsertChar(character));
        }
    }

    /// Handles a key; says whether it was one for a line. Besides the arrows: Ctrl-e, Ctrl-w, Ctrl-u.
    pub fn handle(&mut self, key: Key) -> bool {
        let request = match (key.code, key.ctrl) {
            (KeyCode::Home, _) => InputRequest::GoToStart,
            (KeyCode::Char('e'), true) | (KeyCode::End, _) => InputRequest::GoToEnd,
            (KeyCode::Char('w'), true) => InputRequest::DeletePrevWord,
            (KeyCode::Char('u'), true) => InputRequest::DeleteLine,
            (KeyCode::Char(character), false) => InputRequest::InsertChar(character),
            (KeyCode::Backspace, _) => InputRequest::DeletePrevChar,
            (KeyCode::Delete, _) => InputRequest::DeleteNextChar,
            (KeyCode::Left, true) => InputRequest::GoToPrevWord,
            (KeyCode::Left, false) => InputRequest::GoToPrevChar,
            (KeyCode::Right, true) => InputRequest::GoToNextWord,
            (KeyCode::Right, false) => InputRequest::GoToNextChar,
            _ => return false,
        };
        self.0.handle(request);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_beyond_the_end_is_put_at_the_end() {
        let mut value = serde_json::to_value(LineInput::new("né")).unwrap();
        for cursor in [3, 1000, usize::MAX] {
            value["cursor"] = cursor.into();
            let mut line: LineInput = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(line, LineInput::new("né"));
            for key in
                [KeyCode::Delete, KeyCode::Right, KeyCode::Left, KeyCode::Char('x'), KeyCode::Backspace]
            {
                line.handle(Key::plain(key));
            }
            assert_eq!((line.text(), line.visual_cursor()), ("né", 1));
        }
    }
}
