//! What a job writes down while it runs (`design.md section 4`, rule 6).

use std::fmt;

use futures_util::future::BoxFuture;

use crate::domain::{Fault, Outcome};

/// Where the intents and outcomes of one job are written. An intent is on disk when its future ends well; only then may
/// the request leave.
pub trait JobRecord: fmt::Debug + Send + Sync {
    /// These targets are about to be sent. `what` says what is asked for them: the verb, or the step of a course.
    fn intent<'a>(&'a self, places: &'a [usize], what: &'a str) -> BoxFuture<'a, Result<(), Fault>>;
    /// Outcomes are known.
    fn outcomes<'a>(&'a self, outcomes: &'a [(usize, Outcome)]) -> BoxFuture<'a, Result<(), Fault>>;
    /// Something worth knowing later: a pause, the end of a countdown.
    fn note<'a>(&'a self, words: &'a str) -> BoxFuture<'a, Result<(), Fault>>;
    /// Nothing more will be sent. `stopped` when it was asked to stop, `fault` when it gave up.
    fn closed<'a>(&'a self, stopped: bool, fault: Option<&'a Fault>) -> BoxFuture<'a, Result<(), Fault>>;
}

/// Writes nothing: for tests and for what needs no record.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecord;

impl JobRecord for NoRecord {
    fn intent<'a>(&'a self, _: &'a [usize], _: &'a str) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn outcomes<'a>(&'a self, _: &'a [(usize, Outcome)]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn note<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn closed<'a>(&'a self, _: bool, _: Option<&'a Fault>) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
}
