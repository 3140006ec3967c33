//! What the terminal sends, as messages.

use crossterm::event::{Event, EventStream, KeyCode as TerminalKey, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::StreamExt as _;

use crate::core::{
    key::{Key, KeyCode},
    msg::Msg,
    state::ScreenSize,
};

/// The stream of keys. It stops reading while the terminal belongs to somebody else.
#[derive(Debug)]
pub(super) struct Keys(Option<EventStream>);

impl Keys {
    /// Begins to read.
    pub(super) fn new() -> Self {
        Self(Some(EventStream::new()))
    }

    /// Stops reading.
    pub(super) fn pause(&mut self) {
        self.0 = None;
    }

    /// Reads again.
    pub(super) fn resume(&mut self) {
        self.0 = Some(EventStream::new());
    }

    /// The next message; `None` when the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<Msg> {
        let Some(stream) = &mut self.0 else {
            return std::future::pending().await;
        };
        loop {
            match stream.next().await {
                Some(Ok(event)) => {
                    if let Some(message) = message(event) {
                        return Some(message);
                    }
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, "the terminal cannot be read");
                    return None;
                }
                None => return None,
            }
        }
    }
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(event) => key(event).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(printable(&text))),
        Event::Resize(width, height) => Some(Msg::Resized(ScreenSize { width, height })),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

/// Pasted text without control characters; line breaks stay.
fn printable(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    unified.chars().filter(|character| *character == '\n' || !character.is_control()).collect()
}

/// A key as the core knows it; `None` for those that it has no use for.
fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release || event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let code = match event.code {
        TerminalKey::Char(character) => KeyCode::Char(character),
        TerminalKey::Null => return Some(Key::ctrl(' ')),
        TerminalKey::Enter => KeyCode::Enter,
        TerminalKey::Esc => KeyCode::Esc,
        TerminalKey::Tab => KeyCode::Tab,
        TerminalKey::BackTab => KeyCode::BackTab,
        TerminalKey::Backspace => KeyCode::Backspace,
        TerminalKey::Delete => KeyCode::Delete,
        TerminalKey::Up => KeyCode::Up,
        TerminalKey::Down => KeyCode::Down,
        TerminalKey::Left => KeyCode::Left,
        TerminalKey::Right => KeyCode::Right,
        TerminalKey::Home => KeyCode::Home,
        TerminalKey::End => KeyCode::End,
        TerminalKey::PageUp => KeyCode::PageUp,
        TerminalKey::PageDown => KeyCode::PageDown,
        _ => return None,
    };
    Some(Key { code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_arrive_as_the_keymap_spells_them() {
        let spelled = |code, modifiers| key(KeyEvent::new(code, modifiers)).map(|key| key.to_string());
        let none = KeyModifiers::NONE;
        assert_eq!(spelled(TerminalKey::Char('G'), KeyModifiers::SHIFT).unwrap(), "G");
        assert_eq!(spelled(TerminalKey::Char('d'), KeyModifiers::CONTROL).unwrap(), "Ctrl-d");
        assert_eq!(spelled(TerminalKey::Char(' '), none).unwrap(), "Space");
        assert_eq!(spelled(TerminalKey::Null, none).unwrap(), "Ctrl-Space");
        assert_eq!(spelled(TerminalKey::BackTab, KeyModifiers::SHIFT).unwrap(), "Shift-Tab");
        assert_eq!(spelled(TerminalKey::F(5), none), None);
        assert_eq!(spelled(TerminalKey::Char('x'), KeyModifiers::ALT), None);
    }

    #[test]
    fn pasted_text_cannot_smuggle_control_characters() {
        assert_eq!(printable("a\u{1b}[31m\r\nb\u{7}"), "a[31m\nb");
    }
}
