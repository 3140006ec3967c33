//! Signals as values.

use std::io;

use tokio::signal::unix::{Signal as Listener, SignalKind, signal};

/// A signal that concerns the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// End: SIGTERM, SIGHUP, or a SIGINT or SIGQUIT from outside (Ctrl-c and Ctrl-\ arrive as keys).
    Terminate,
    /// Into the background: SIGTSTP from outside (Ctrl-z arrives as a key).
    Stop,
    /// The screen has another size.
    Resized,
}

/// The listeners.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Listener,
    hang_up: Listener,
    interrupt: Listener,
    quit: Listener,
    stop: Listener,
    resized: Listener,
}

impl Signals {
    /// Listens from now on.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            resized: signal(SignalKind::window_change())?,
            stop: signal(SignalKind::from_raw(signal_hook::consts::SIGTSTP))?,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hang_up.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Terminate,
            _ = self.quit.recv() => Signal::Terminate,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.resized.recv() => Signal::Resized,
        }
    }
}
