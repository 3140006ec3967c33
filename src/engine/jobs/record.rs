//! What a job writes down while it runs (`design.md section 4`, rule 6).

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;

use crate::{
    api::Witness,
    core::bulk::{Evidence, journal::CourseLine},
    domain::{Fault, Outcome, Verb},
};

/// Where the intents and outcomes of one job are written. An intent is on disk when its future ends well; only then may
/// the request leave.
pub trait JobRecord: fmt::Debug + Send + Sync {
    /// These targets are about to be sent. `what` says what is asked for them: the verb, or the step of a course.
    fn intent<'a>(&'a self, places: &'a [usize], what: &'a str) -> BoxFuture<'a, Result<(), Fault>>;
    /// Outcomes are known.
    fn outcomes<'a>(&'a self, outcomes: &'a [(usize, Outcome)]) -> BoxFuture<'a, Result<(), Fault>>;
    /// The server told the ids of what was created.
    fn created<'a>(&'a self, ids: &'a [(usize, String)]) -> BoxFuture<'a, Result<(), Fault>>;
    /// What a course does beside sending. A message may leave only when the line that says so is on disk.
    fn course<'a>(&'a self, says: &'a CourseLine) -> BoxFuture<'a, Result<(), Fault>>;
    /// What outcomes rest on that are told next.
    fn evidence<'a>(&'a self, found: &'a [(usize, Evidence)]) -> BoxFuture<'a, Result<(), Fault>>;
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

    fn created<'a>(&'a self, _: &'a [(usize, String)]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn course<'a>(&'a self, _: &'a CourseLine) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn evidence<'a>(&'a self, _: &'a [(usize, Evidence)]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn note<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn closed<'a>(&'a self, _: bool, _: Option<&'a Fault>) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
}

/// Writes down that a chunk which the server did not take is unsent while it waits, and that it is about to leave again.
#[derive(Debug)]
pub(super) struct Throttled {
    record: Arc<dyn JobRecord>,
    places: Vec<usize>,
    verb: Verb,
    unwritten: Mutex<Option<Fault>>,
}

impl Throttled {
    pub(super) fn new(record: &Arc<dyn JobRecord>, places: &[usize], verb: Verb) -> Self {
        Self { record: Arc::clone(record), places: places.to_vec(), verb, unwritten: Mutex::default() }
    }

    /// Why something could not be written down, if so: the job ends.
    pub(super) fn unwritten(&self) -> Option<Fault> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it was written down.
    fn note(&self, written: Result<(), Fault>) -> bool {
        let Err(fault) = written else { return self.unwritten().is_none() };
        *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
        false
    }
}

impl Witness for Throttled {
    fn thrown_back(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let unsent: Vec<_> = self.places.iter().map(|place| (*place, Outcome::Unsent)).collect();
            let written = self.record.outcomes(&unsent).await;
            self.note(written);
        })
    }

    fn leaves_again(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            let written = self.record.intent(&self.places, self.verb.name()).await;
            self.note(written)
        })
    }
}
