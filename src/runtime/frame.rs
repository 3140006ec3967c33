//! Frames: drawn into bytes, handed to a writer with one slot. While the writer is busy no frame is begun, so a slow
//! line skips frames and never delays a key.

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::AsFd as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tokio::time::Instant;

use crossterm::{
    QueueableCommand as _,
    cursor::{Hide, Show},
    style::ResetColor,
    terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate},
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};
use tokio::sync::Notify;

use super::{lean, pacing::Pacing, terminal};
use crate::{
    core::state::{FrameMeasure, State},
    ui::{self, Theme},
};

/// Asks the terminal whether it is well (`DSR`): it says so when it has worked through all that came before.
const ASK_WELL: &[u8] = b"\x1b[5n";
/// Asks whether it knows synchronized updates (`DECRQM 2026`).
const ASK_SYNCHRONIZES: &[u8] = b"\x1b[?2026$p";

/// How long the end waits for a frame that is being written.
const LAST_FRAME: Duration = Duration::from_secs(1);

/// Frames up to this many bytes arrive in one piece anyway: what would keep them back costs more than it saves.
const ONE_PIECE: usize = 512;

/// Where the terminal's own cursor is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// Not known.
    Unknown,
    Hidden,
    At(Position),
}

/// Draws frames and passes them on.
#[derive(Debug)]
pub(super) struct Painter {
    /// What the terminal shows; blank after it was wiped.
    shown: Buffer,
    /// Where a frame is drawn.
    drawn: Buffer,
    cursor: Cursor,
    /// What goes to the terminal before the next frame, and is not part of the screen.
    extra: Vec<u8>,
    writer: Option<Writer>,
    pacing: Pacing,
    /// Whether an answer of the terminal may be on its way: for whoever reads what it sends.
    asked: Arc<AtomicBool>,
    /// Whether the terminal keeps a frame back until all of it is there.
    synchronizes: bool,
    /// Whether the terminal can move rows.
    shifts: bool,
    measure: FrameMeasure,
}

impl Painter {
    /// A painter for a screen of this size.
    pub(super) fn new(width: u16, height: u16) -> io::Result<Self> {
        Ok(Self {
            shown: blank(width, height),
            drawn: blank(width, height),
            cursor: Cursor::Unknown,
            extra: Vec::new(),
            writer: Some(Writer::start()?),
            pacing: Pacing::new(Instant::now()),
            asked: Arc::default(),
            synchronizes: false,
            shifts: can_shift(std::env::var("TERM").ok().as_deref()),
            measure: FrameMeasure::default(),
        })
    }

    /// Whether the last frame was written, and is on the screen as far as the terminal tells.
    pub(super) fn is_free(&self) -> bool {
        self.is_written() && self.pacing.is_free(Instant::now())
    }

    fn is_written(&self) -> bool {
        self.writer.as_ref().is_none_or(|writer| !writer.shared.busy.load(Ordering::Acquire))
    }

    /// Waits until the last frame was written, or was waited for long enough.
    pub(super) async fn freed(&self) {
        match (&self.writer, self.pacing.waits_until()) {
            // A frame that was written between the question and the wait has left its permit.
            (Some(writer), _) if !self.is_written() => writer.shared.freed.notified().await,
            (Some(_), Some(until)) => tokio::time::sleep_until(until).await,
            _ => std::future::pending().await,
        }
    }

    /// The terminal has shown everything up to the last frame.
    pub(super) fn shown(&mut self) {
        self.pacing.answered(Instant::now());
        self.asked.store(false, Ordering::SeqCst);
    }

    /// Whether the terminal is about to say something that nobody else should read.
    pub(super) fn is_asked(&self) -> bool {
        self.pacing.is_open()
    }

    /// Tells whoever reads from the terminal whether an answer is on its way.
    pub(super) fn asked(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.asked)
    }

    /// The terminal has said whether it can keep frames back.
    pub(super) fn synchronizes(&mut self, can: bool) {
        self.synchronizes = can;
    }

    /// What was drawn so far.
    pub(super) fn measure(&self) -> FrameMeasure {
        let took = self.pacing.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        FrameMeasure { shown_after_ms: took, ..self.measure }
    }

    /// Draws the state; writes what differs from the last frame, and nothing at all when nothing does.
    pub(super) fn paint(&mut self, state: &State, theme: &Theme) -> io::Result<()> {
        self.paint_with(|buffer| ui::draw(state, theme, buffer))
    }

    /// Draws anything, which says where the cursor is shown, and goes on as [`Self::paint`].
    pub(super) fn paint_with(
        &mut self,
        draw: impl FnOnce(&mut Buffer) -> Option<Position>,
    ) -> io::Result<()> {
        self.drawn.reset();
        let cursor = draw(&mut self.drawn);
        let frame = self.frame(cursor)?;
        std::mem::swap(&mut self.shown, &mut self.drawn);
        let mut bytes = std::mem::take(&mut self.extra);
        bytes.extend(frame);
        if bytes.is_empty() {
            return Ok(());
        }
        bytes.extend_from_slice(ASK_WELL);
        if let Some(writer) = &self.writer {
            self.measure.frames += 1;
            self.measure.last = bytes.len() as u64;
            self.measure.bytes += self.measure.last;
            self.asked.store(true, Ordering::SeqCst);
            self.pacing.asked(Instant::now());
            writer.write(bytes);
        }
        Ok(())
    }

    /// The bytes from what is shown to what was drawn.
    fn frame(&mut self, cursor: Option<Position>) -> io::Result<Vec<u8>> {
        let cells = lean::difference(&self.shown, &self.drawn, self.shifts);
        let keeps_back = self.synchronizes && cells.len() > ONE_PIECE;
        let mut frame = Vec::new();
        if keeps_back {
            frame.queue(BeginSynchronizedUpdate)?;
        }
        let drawn = !cells.is_empty();
        frame.extend(cells);
        let cursor = cursor.map_or(Cursor::Hidden, Cursor::At);
        if let Cursor::At(position) = cursor
            && (drawn || self.cursor != cursor)
        {
            frame.extend(lean::cursor_to(position.x, position.y));
            if !matches!(self.cursor, Cursor::At(_)) {
                frame.queue(Show)?;
            }
        } else if cursor == Cursor::Hidden && self.cursor != cursor {
            frame.queue(Hide)?;
        }
        self.cursor = cursor;
        if keeps_back {
            frame.queue(EndSynchronizedUpdate)?;
        }
        Ok(frame)
    }

    /// Adds bytes that are written before the next frame and change nothing on the screen.
    pub(super) fn add(&mut self, bytes: Vec<u8>) {
        self.extra.extend(bytes);
    }

    /// Takes note of a new size; the next frame is drawn afresh.
    pub(super) fn resize(&mut self, width: u16, height: u16) -> io::Result<()> {
        (self.shown, self.drawn) = (blank(width, height), blank(width, height));
        self.cursor = Cursor::Unknown;
        // Before the screen is wiped: a terminal that does not know this question may print a part of it.
        self.extra.extend_from_slice(ASK_SYNCHRONIZES);
        // Wiping leaves the background that is set, and whoever had the terminal may have left a part of it to scroll.
        self.extra.queue(ResetColor)?;
        self.extra.extend_from_slice(lean::WHOLE_SCREEN);
        self.extra.queue(Clear(ClearType::All))?;
        Ok(())
    }

    /// Forgets what is on the screen; the next frame is drawn afresh.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        self.resize(self.shown.area.width, self.shown.area.height)
    }

    /// Waits until everything is written, and writes no more until restarted.
    pub(super) fn finish(&mut self) {
        self.writer = None;
    }

    /// Begins again on a screen that somebody else has used.
    pub(super) fn restart(&mut self, width: u16, height: u16) -> io::Result<()> {
        self.writer = Some(Writer::start()?);
        self.resize(width, height)
    }
}

fn blank(width: u16, height: u16) -> Buffer {
    Buffer::empty(Rect::new(0, 0, width, height))
}

/// Whether a terminal of this name can move rows: all can that can be told where the cursor goes, but for those that
/// say that they can do nothing.
fn can_shift(term: Option<&str>) -> bool {
    term.is_some_and(|term| !matches!(term, "" | "dumb" | "unknown" | "network"))
}

/// What the painter and the writing thread share.
#[derive(Debug, Default)]
struct Shared {
    busy: AtomicBool,
    freed: Notify,
    bytes: AtomicU64,
}

/// A thread that writes one frame at a time: writing to a terminal may block for as long as the line takes.
#[derive(Debug)]
struct Writer {
    shared: Arc<Shared>,
    frames: Option<mpsc::SyncSender<Vec<u8>>>,
    /// Disconnected when the thread has written everything.
    ended: mpsc::Receiver<()>,
}

impl Writer {
    /// Starts the thread. It writes through a handle of its own: whoever holds the one of the standard library while a
    /// write is stuck would stop everybody else who touches it, the end of the program included.
    fn start() -> io::Result<Self> {
        let mut out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let shared = Arc::new(Shared::default());
        let (frames, waiting) = mpsc::sync_channel::<Vec<u8>>(1);
        let theirs = Arc::clone(&shared);
        let (alive, ended) = mpsc::channel::<()>();
        thread::spawn(move || {
            let _alive = alive;
            while let Ok(frame) = waiting.recv() {
                if let Err(error) = write(&mut out, &frame) {
                    // A terminal that is gone is noticed by whoever reads keys from it.
                    tracing::debug!(%error, "a frame could not be written");
                }
                theirs.bytes.fetch_add(frame.len() as u64, Ordering::Relaxed);
                theirs.busy.store(false, Ordering::Release);
                theirs.freed.notify_one();
            }
        });
        Ok(Self { shared, frames: Some(frames), ended })
    }

    fn write(&self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.shared.busy.store(true, Ordering::Release);
        let sent = self.frames.as_ref().map(|frames| frames.send(bytes));
        if !matches!(sent, Some(Ok(()))) {
            self.shared.busy.store(false, Ordering::Release);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.frames = None;
        // A terminal that takes no bytes any more must not keep the program from ending.
        if self.ended.recv_timeout(LAST_FRAME) == Err(mpsc::RecvTimeoutError::Timeout) {
            tracing::warn!("the terminal takes no bytes; a frame was given up");
        }
        tracing::debug!(bytes = self.shared.bytes.load(Ordering::Relaxed), "written to the terminal");
    }
}

/// Writes a frame in one go.
fn write(out: &mut File, frame: &[u8]) -> io::Result<()> {
    let writing = terminal::writing();
    // Asked while the terminal is locked: a frame never follows what gave it back.
    if !terminal::is_taken() {
        return Ok(());
    }
    let written = out.write_all(frame);
    drop(writing);
    written
}
