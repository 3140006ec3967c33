//! The gate that every request passes before it leaves, log-ins included.
//!
//! This floor only says what a gate is; the governor above implements it (`design.md section 4`, rule 7).

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::Operation;
use crate::domain::Text;

/// How urgent a request is: earlier classes leave first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RequestClass {
    /// Part of something an operator asked for and waits for: actions, checks before them, log-ins.
    Job,
    /// Keeping the lists fresh.
    Poll,
    /// Nice to have: names for ids.
    Lookup,
}

impl RequestClass {
    /// All, most urgent first.
    pub const ALL: [Self; 3] = [Self::Job, Self::Poll, Self::Lookup];
}

/// How a request ended, as far as the gate is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The server answered in its own right, be it with a refusal.
    Well,
    /// It answered 429.
    Throttled,
    /// It answered 5xx in its own right: something in it is broken, but it is there.
    Failed,
    /// A gateway answered for it, or it said that it cannot serve now: 502 to 504.
    Unavailable,
    /// The request left; the answer broke off, or did not come in time.
    Lost,
    /// It could not be reached: the request never left.
    Unreached,
}

/// The gate is closed: the server has failed so often that nothing is sent to it for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShutOut {
    /// Failures in a row.
    pub failures: u32,
    /// After how long it is tried again.
    pub wait: Duration,
}

/// Whether a server is being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Open,
    /// It was given up a while ago; it is time to see whether it is back.
    Due,
    /// It was given up, or is being tried at the moment.
    Shut,
}

/// Leave to send one request. The place it takes is free again when it is dropped.
pub struct Permit(Option<Box<dyn FnOnce() + Send>>);

impl Permit {
    /// A permit that runs `release` when it is dropped.
    pub fn new(release: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(release)))
    }

    /// A permit of a gate that keeps no books.
    pub fn unlimited() -> Self {
        Self(None)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Permit")
    }
}

/// How a request waits for its turn: how urgent it is, and who may call it back as long as it has not left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) class: RequestClass,
    stop: Option<&'a CancellationToken>,
}

impl From<RequestClass> for Turn<'_> {
    fn from(class: RequestClass) -> Self {
        Self { class, stop: None }
    }
}

impl<'a> Turn<'a> {
    /// The turn of a request that an operator may stop.
    pub(super) fn stoppable(class: RequestClass, stop: &'a CancellationToken) -> Self {
        Self { class, stop: Some(stop) }
    }

    /// The turn of something that has to come first, such as a log-in: urgent, and stopped together with the request
    /// that needs it.
    pub(super) fn of_prerequisite(self) -> Self {
        Self { class: RequestClass::Job, ..self }
    }

    /// Waits, but not beyond a stop: then `None`, also when the wait was over in the same moment. Only for waits
    /// during which nothing is out: a request that has left is waited for, stop or not.
    pub(super) async fn unless_stopped<T>(self, wait: impl Future<Output = T>) -> Option<T> {
        let Some(stop) = self.stop else {
            return Some(wait.await);
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            waited = wait => Some(waited),
        }
    }
}

/// Decides when a request to one server may leave.
pub trait Gate: Send + Sync + fmt::Debug {
    /// Waits until a request of this class and operation may leave. The caller sends at once and holds the permit
    /// until the answer is complete. Dropping the future gives the place in the queue up. Fails at once while the
    /// server is given up.
    fn admit(&self, class: RequestClass, operation: Operation) -> BoxFuture<'_, Result<Permit, ShutOut>>;

    /// The server answered 429: no request of this operation may leave before `wait` is over, other operations are
    /// not concerned.
    fn throttled(&self, operation: Operation, wait: Duration);

    /// A request that was admitted has ended. `elapsed` is the time since it left.
    fn answered(&self, operation: Operation, how: Answered, elapsed: Duration);

    /// Whether the server is being asked.
    fn standing(&self) -> Standing {
        Standing::Open
    }

    /// Gives the server up at once: another one takes its place.
    fn give_up(&self) {}

    /// Leave to see whether a server that was given up is back; `None` when it is not time, or somebody does already.
    fn probe(&self) -> Option<Permit> {
        None
    }

    /// A random number in 0..1, for waits that should not be all alike.
    fn random(&self) -> f64 {
        0.0
    }
}

/// Has a gate for each server.
pub trait Gates: Send + Sync + fmt::Debug {
    /// The gate of a server, by its name and port.
    fn gate(self: Arc<Self>, server: &Text) -> Arc<dyn Gate>;
}
