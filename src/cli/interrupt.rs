//! Ctrl-c and its kin, for commands without a screen.

use std::io;

use tokio_util::sync::CancellationToken;

use super::run::Stop;
use crate::error::{Class, Error};

/// Which signals are wishes to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heeded {
    /// All of them.
    All,
    /// All but SIGHUP: a job that was detached has no terminal that could be closed.
    AllButHangUp,
}

/// The wishes to end, as they come.
#[derive(Debug, Clone)]
pub(super) struct Interrupts {
    /// The first: nothing more is begun, what is out is waited for.
    pub(super) first: CancellationToken,
    /// The second: nothing is waited for.
    pub(super) second: CancellationToken,
}

impl Interrupts {
    /// Listens from now on: Ctrl-c, and on Unix also SIGTERM and SIGHUP. Must be called within the runtime.
    pub(super) fn listen(heeded: Heeded) -> Result<Self, Error> {
        let cannot = |error: io::Error| {
            Error::new(Class::Unexpected, "cannot listen for signals").words(error.to_string())
        };
        let interrupts = Self { first: CancellationToken::new(), second: CancellationToken::new() };
        let mut signals = Signals::new(heeded).map_err(cannot)?;
        crate::config::signals_are_heeded();
        let told = interrupts.clone();
        tokio::spawn(async move {
            signals.next().await;
            told.first.cancel();
            signals.next().await;
            told.second.cancel();
        });
        Ok(interrupts)
    }

    /// Waits for something that changes nothing, unless somebody wants the program to end.
    pub(super) async fn or<T>(&self, future: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::select! {
            value = future => Ok(value),
            () = self.first.cancelled() => Err(Error::new(Class::Unexpected, "interrupted").into()),
        }
    }
}

#[cfg(unix)]
struct Signals {
    signals: [tokio::signal::unix::Signal; 3],
    heeded: Heeded,
}

#[cfg(unix)]
impl Signals {
    /// SIGHUP is listened for in any case: nobody listening, it would end the program.
    fn new(heeded: Heeded) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ];
        Ok(Self { signals, heeded })
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv(), if self.heeded == Heeded::All => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
    fn new(_heeded: Heeded) -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
