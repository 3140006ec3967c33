//! What the terminal sends, as messages.
//!
//! A thread of its own reads it, because only that can wait for a terminal without changing it for everybody else who has
//! it open.

use std::{
    fs::File,
    io,
    os::fd::{AsFd as _, OwnedFd},
    sync::{Arc, atomic::AtomicBool},
    thread,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use termina::{
    Event,
    event::{KeyCode as TerminalKey, KeyEvent, KeyEventKind, Modifiers},
};
use tokio::sync::mpsc;

use super::decode::{Decoder, Heard};
use crate::core::{
    key::{Key, KeyCode},
    msg::Msg,
};

/// How long something may follow a lone Esc, in nanoseconds: the pieces of a sequence come within milliseconds.
const ESC_WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// What came from the terminal.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    /// Something for the core.
    Message(Msg),
    /// The last frame has arrived.
    Shown,
    /// Whether the terminal can keep a frame back until all of it is there.
    Synchronizes(bool),
}

/// The terminal is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

/// The keys. They are not read while the terminal belongs to somebody else.
#[derive(Debug)]
pub(super) struct Keys {
    reader: Option<Reader>,
    asked: Arc<AtomicBool>,
}

impl Keys {
    /// Begins to read. `asked` says whether an answer of the terminal is on its way.
    pub(super) fn new(asked: Arc<AtomicBool>) -> io::Result<Self> {
        Ok(Self { reader: Some(Reader::start(Arc::clone(&asked))?), asked })
    }

    /// Stops reading.
    pub(super) fn pause(&mut self) {
        self.reader = None;
    }

    /// Reads again.
    pub(super) fn resume(&mut self) -> io::Result<()> {
        self.reader = Some(Reader::start(Arc::clone(&self.asked))?);
        Ok(())
    }

    /// What has come already, if something has.
    pub(super) fn heard(&mut self) -> Result<Option<Input>, Gone> {
        let Some(reader) = &mut self.reader else { return Err(Gone) };
        loop {
            match reader.heard.try_recv() {
                Ok(heard) => {
                    if let Some(input) = input(heard) {
                        return Ok(Some(input));
                    }
                }
                Err(mpsc::error::TryRecvError::Empty) => return Ok(None),
                Err(mpsc::error::TryRecvError::Disconnected) => return Err(Gone),
            }
        }
    }

    /// What comes next; `None` when the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<Input> {
        let Some(reader) = &mut self.reader else {
            return std::future::pending().await;
        };
        loop {
            if let Some(input) = input(reader.heard.recv().await?) {
                return Some(input);
            }
        }
    }
}

fn input(heard: Heard) -> Option<Input> {
    Some(match heard {
        Heard::Well => Input::Shown,
        Heard::Synchronizes(can) => Input::Synchronizes(can),
        Heard::Event(event) => Input::Message(message(event)?),
    })
}

/// The thread that reads.
#[derive(Debug)]
struct Reader {
    heard: mpsc::UnboundedReceiver<Heard>,
    /// Closed to end it.
    wake: Option<OwnedFd>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Reader {
    fn start(asked: Arc<AtomicBool>) -> io::Result<Self> {
        let terminal = if io::IsTerminal::is_terminal(&io::stdin()) {
            File::from(io::stdin().as_fd().try_clone_to_owned()?)
        } else {
            File::open("/dev/tty")?
        };
        let (ended, wake) = io::pipe()?;
        let (sender, heard) = mpsc::unbounded_channel();
        let thread = thread::Builder::new().name("keys".to_owned()).spawn(move || {
            if let Err(error) = read(&terminal, &ended, Decoder::new(asked), &sender) {
                tracing::warn!(%error, "the terminal cannot be read");
            }
        })?;
        Ok(Self { heard, wake: Some(wake.into()), thread: Some(thread) })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // It waits for nothing but the terminal and for this.
            drop(thread.join());
        }
    }
}

/// Reads until the terminal ends or somebody closes the other end of `ended`.
fn read(
    terminal: &File,
    ended: &io::PipeReader,
    mut decoder: Decoder,
    sender: &mpsc::UnboundedSender<Heard>,
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let mut ready = [PollFd::new(terminal, PollFlags::IN), PollFd::new(ended, PollFlags::IN)];
        let wait = decoder.is_open().then_some(&ESC_WAIT);
        let heard = match poll(&mut ready, wait) {
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(0) => decoder.settle(),
            Ok(_) if !ready[1].revents().is_empty() => return Ok(()),
            Ok(_) => match rustix::io::read(terminal, &mut buffer) {
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(error) => return Err(error.into()),
                Ok(0) => return Ok(()),
                Ok(count) => decoder.take(buffer.get(..count).unwrap_or_default()),
            },
        };
        for one in heard {
            if sender.send(one).is_err() {
                return Ok(());
            }
        }
    }
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(event) => key(event).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(printable(&text))),
        // The size is asked for when its signal comes.
        _ => None,
    }
}

/// Pasted text without control characters; line breaks stay.
fn printable(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    unified.chars().filter(|character| *character == '\n' || !character.is_control()).collect()
}

/// A key as the core knows it; `None` for those that it has no use for.
fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release || event.modifiers.contains(Modifiers::ALT) {
        return None;
    }
    let code = match event.code {
        TerminalKey::Char(character) => KeyCode::Char(character),
        TerminalKey::Enter => KeyCode::Enter,
        TerminalKey::Escape => KeyCode::Esc,
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
        TerminalKey::Insert => KeyCode::Insert,
        TerminalKey::Function(number) => KeyCode::Function(number),
        _ => return None,
    };
    Some(Key { code, ctrl: event.modifiers.contains(Modifiers::CONTROL) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_arrive_as_the_keymap_spells_them() {
        let spelled = |code, modifiers| key(KeyEvent::new(code, modifiers)).map(|key| key.to_string());
        let none = Modifiers::NONE;
        assert_eq!(spelled(TerminalKey::Char('G'), Modifiers::SHIFT).unwrap(), "G");
        assert_eq!(spelled(TerminalKey::Char('d'), Modifiers::CONTROL).unwrap(), "Ctrl-d");
        assert_eq!(spelled(TerminalKey::Char(' '), none).unwrap(), "Space");
        assert_eq!(spelled(TerminalKey::Char(' '), Modifiers::CONTROL).unwrap(), "Ctrl-Space");
        assert_eq!(spelled(TerminalKey::BackTab, Modifiers::SHIFT).unwrap(), "Shift-Tab");
        assert_eq!(spelled(TerminalKey::Function(5), none).unwrap(), "F5");
        assert_eq!(spelled(TerminalKey::CapsLock, none), None);
        assert_eq!(spelled(TerminalKey::Char('x'), Modifiers::ALT), None);
    }

    #[test]
    fn pasted_text_cannot_smuggle_control_characters() {
        assert_eq!(printable("a\u{1b}[31m\r\nb\u{7}"), "a[31m\nb");
    }
}
