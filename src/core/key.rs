//! Keys as plain data: what the terminal sent, without the terminal library.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyCode {
    /// A character, as typed (shift already applied).
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Insert.
    Insert,
    /// A function key, by its number.
    Function(u8),
}

/// A key with its control modifier. Shift is part of the character; Alt is not used (`screens.md section 1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Whether Control was held.
    pub ctrl: bool,
}

impl Key {
    /// A character key.
    pub const fn char(character: char) -> Self {
        Self { code: KeyCode::Char(character), ctrl: false }
    }

    /// Control and a character.
    pub const fn ctrl(character: char) -> Self {
        Self { code: KeyCode::Char(character), ctrl: true }
    }

    /// A key without modifier.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false }
    }

    /// The character that it would type into a text, if any.
    pub fn typed(self) -> Option<char> {
        match self {
            Self { code: KeyCode::Char(character), ctrl: false } => Some(character),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: &str = match self.code {
            KeyCode::Char(' ') => "Space",
            KeyCode::Char(character) if self.ctrl => return write!(formatter, "Ctrl-{character}"),
            KeyCode::Char(character) => return write!(formatter, "{character}"),
            KeyCode::Enter => "Enter",
            KeyCode::Esc => "Esc",
            KeyCode::Tab => "Tab",
            KeyCode::BackTab => "Shift-Tab",
            KeyCode::Backspace => "Backspace",
            KeyCode::Delete => "Del",
            KeyCode::Up => "Up",
            KeyCode::Down => "Down",
            KeyCode::Left => "Left",
            KeyCode::Right => "Right",
            KeyCode::Home => "Home",
            KeyCode::End => "End",
            KeyCode::PageUp => "PgUp",
            KeyCode::PageDown => "PgDn",
            KeyCode::Insert => "Ins",
            KeyCode::Function(number) => return write!(formatter, "F{number}"),
        };
        if self.ctrl { write!(formatter, "Ctrl-{name}") } else { formatter.write_str(name) }
    }
}
