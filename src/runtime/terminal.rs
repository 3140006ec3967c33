//! The terminal: taken over, and given back as it was after quit, panic, signal and suspend.

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::{AsFd as _, BorrowedFd},
    panic,
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use crossterm::{
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture},
    execute, queue,
    style::ResetColor,
    terminal::{self, EnterAlternateScreen, LeaveAlternateScreen},
};

use super::lean;
use crate::domain::Text;

/// Whether the terminal is ours just now. Global because the panic hook must know it and has nothing to hold on to.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours. Gives it back when dropped.
#[derive(Debug)]
pub(super) struct Screen {
    mouse: bool,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn enter(mouse: bool) -> io::Result<Self> {
        let screen = Self { mouse };
        screen.take()?;
        Ok(screen)
    }

    /// Columns and rows.
    #[expect(clippy::unused_self, reason = "the size can only be asked for while the terminal is ours")]
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        terminal::size()
    }

    fn take(&self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        if self.mouse {
            execute!(out, EnableMouseCapture)?;
        }
        Ok(())
    }

    /// Gives the terminal back for good.
    #[expect(clippy::unused_self, reason = "what is given back cannot be used again")]
    pub(super) fn leave(self) -> io::Result<()> {
        give_back()
    }

    /// Gives the terminal back, stops the process until the shell continues it, and takes the terminal over again.
    pub(super) fn suspend(&self) -> io::Result<()> {
        give_back()?;
        // Returns when the shell continues us.
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)?;
        self.take()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if give_back().is_err() {
            tracing::warn!("the terminal could not be given back");
        }
    }
}

/// Held while something is written to the terminal: nothing may be written behind what gives it back.
static WRITING: Mutex<()> = Mutex::new(());
/// Whether a frame could not be written in time when the terminal was given back.
static DEAD: AtomicBool = AtomicBool::new(false);
/// How long giving the terminal back waits for a frame that is being written.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether the terminal is ours. Asked by whoever writes to it, while holding [`writing`].
pub(super) fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Whether the terminal took no bytes when it was to be given back.
pub(super) fn is_dead() -> bool {
    DEAD.load(Ordering::SeqCst)
}

/// The right to write to the terminal.
pub(super) fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to write, unless somebody keeps it too long: a terminal that takes no bytes.
fn writing_soon() -> Option<MutexGuard<'static, ()>> {
    let until = Instant::now() + PATIENCE;
    loop {
        match WRITING.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Undoes everything that [`Screen::enter`] did; does nothing when it was done already.
fn give_back() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    // Without it nothing can be written, but echo and line mode can still be given back.
    let Some(writing) = writing_soon() else {
        DEAD.store(true, Ordering::SeqCst);
        return terminal::disable_raw_mode();
    };
    // A frame that was given up may have left a part of the screen to scroll.
    let mut words = lean::WHOLE_SCREEN.to_vec();
    let undone =
        queue!(words, DisableMouseCapture, DisableBracketedPaste, ResetColor, LeaveAlternateScreen, Show);
    // Every step is tried even when one fails: a lost line must not leave echo off.
    let written = undone.and_then(|()| write_soon(io::stdout().as_fd(), words));
    let raw = terminal::disable_raw_mode();
    drop(writing);
    written.and(raw)
}

/// Writes to the terminal, but waits no longer than [`PATIENCE`]: what the last frames left of its room may be too
/// little even for a few bytes. Through a handle of its own, so that a write that is stuck holds nobody else up.
fn write_soon(to: BorrowedFd<'_>, bytes: Vec<u8>) -> io::Result<()> {
    let mut out = File::from(to.try_clone_to_owned()?);
    let (sender, written) = mpsc::channel();
    std::thread::Builder::new().spawn(move || drop(sender.send(out.write_all(&bytes))))?;
    written.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        DEAD.store(true, Ordering::SeqCst);
        Ok(())
    })
}

/// Says something on standard error once the terminal is given back, unless it takes no bytes any more.
pub fn last_words(words: Vec<u8>) {
    if !is_dead() && !words.is_empty() {
        drop(write_soon(io::stderr().as_fd(), words));
    }
}

/// Makes a panic anywhere give the terminal back first, say what happened in one line, and end the program: a console
/// of which a part has died must not go on as if nothing had happened.
pub(super) fn install_panic_hook() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let ours = is_taken();
        drop(give_back());
        if !ours {
            before(info);
            return;
        }
        let place = info.location().map_or_else(String::new, |location| format!(" at {location}"));
        let words = Text::clean(info.payload_as_str().unwrap_or("no words"));
        tracing::error!("panic{place}: {words}");
        let told = format!(
            "foretop: internal error{place}: {words}\nThis is a bug in Foretop. The terminal was restored.\n"
        );
        last_words(told.into_bytes());
        #[expect(clippy::exit, reason = "the program cannot go on, and every thread must end")]
        std::process::exit(1);
    }));
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_takes_no_bytes_is_given_up_and_what_does_gets_them() {
        let (mut reader, writer) = io::pipe().unwrap();
        write_soon(writer.as_fd(), b"given back".to_vec()).unwrap();
        assert!(!is_dead());
        // More than a pipe holds that nobody reads.
        write_soon(writer.as_fd(), vec![b'x'; 1 << 20]).unwrap();
        assert!(is_dead());
        DEAD.store(false, Ordering::SeqCst);
        let mut first = [0; 10];
        reader.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"given back");
    }
}
