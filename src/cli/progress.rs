//! How far something has come, on standard error, and only when that is a terminal.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use super::run::{Streams, note};
use crate::api::ListProgress;

/// How often the line is drawn anew.
const PAUSE: Duration = Duration::from_millis(200);

/// After so long a log says that something still waits.
const FIRST_WORD: Duration = Duration::from_secs(15);
/// How often it says so again.
const SAID_AGAIN: Duration = Duration::from_mins(1);

/// Goes back to the beginning of the line and wipes it.
const WIPE: &str = "\r\u{1b}[K";

/// Rows that have arrived, shared with whoever reads them.
#[derive(Debug, Default)]
pub(super) struct Counter {
    received: AtomicUsize,
    /// 0 while it is not known.
    total: AtomicUsize,
}

impl Counter {
    /// Notes how far a list has come.
    pub(super) fn note(&self, progress: ListProgress<'_>) {
        self.received.store(progress.received, Ordering::Relaxed);
        self.total.store(progress.total.unwrap_or_default(), Ordering::Relaxed);
    }

    fn line(&self, what: &str) -> String {
        let (received, total) = (self.received.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        match (received, total) {
            (0, 0) => what.to_owned(),
            (received, 0) => format!("{what}: {received}"),
            (received, total) => format!("{what}: {received} of {total}"),
        }
    }
}

/// The progress line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    /// A line that is drawn only when standard error is a terminal.
    pub(super) fn new(stderr_is_terminal: bool) -> Self {
        Self { shown: stderr_is_terminal }
    }

    /// Whether anybody can see it.
    pub(super) fn is_shown(self) -> bool {
        self.shown
    }

    /// Draws a line over the one before.
    pub(super) fn draw(self, streams: &mut Streams<'_>, line: &str) {
        if self.shown {
            // A progress line that cannot be drawn is no reason to stop.
            write!(streams.err, "{WIPE}foretop: {line}").and_then(|()| streams.err.flush()).ok();
        }
    }

    /// Wipes the line.
    pub(super) fn clear(self, streams: &mut Streams<'_>) {
        if self.shown {
            write!(streams.err, "{WIPE}").and_then(|()| streams.err.flush()).ok();
        }
    }

    /// Waits for something and shows meanwhile how far it has come; where nobody watches, a log says now and then that it
    /// still waits.
    pub(super) async fn during<T>(
        self,
        streams: &mut Streams<'_>,
        what: &str,
        counter: &Counter,
        future: impl Future<Output = T>,
    ) -> T {
        tokio::pin!(future);
        let mut pause = if self.shown { PAUSE } else { FIRST_WORD };
        loop {
            tokio::select! {
                value = &mut future => {
                    self.clear(streams);
                    return value;
                }
                () = tokio::time::sleep(pause) => {}
            }
            let line = counter.line(what);
            if self.shown {
                self.draw(streams, &line);
            } else {
                note(streams, &format!("still {line}"));
                pause = SAID_AGAIN;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_log_says_now_and_then_that_it_still_waits() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams { out: &mut out, err: &mut err };
        let counter = Counter::default();
        counter.note(ListProgress::of(120, Some(500)));
        let reading = tokio::time::sleep(Duration::from_secs(100));
        Progress::new(false).during(&mut streams, "reading sessions", &counter, reading).await;
        let told = String::from_utf8(err).unwrap();
        assert_eq!(told.lines().count(), 2, "{told}");
        assert!(told.contains("still reading sessions: 120 of 500"), "{told}");
    }
}
