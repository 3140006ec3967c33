//! What the server's handlers and the tests' control share.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::clock::SimClock;
use super::estate::Estate;
use super::faults::Faults;
use super::horizon::SessionLists;
use super::release::Release;
use super::request_log::RequestLog;
use super::tokens::Tokens;
use super::workspace::Gate;

/// The whole state of a simulator.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: SimClock,
    pub(crate) release: Release,
    /// The names to log in with; their positions are the users' numbers in the estate.
    pub(crate) accounts: Vec<String>,
    pub(crate) password: String,
    estate: Mutex<Estate>,
    tokens: Mutex<Tokens>,
    faults: Mutex<Faults>,
    log: Mutex<RequestLog>,
    lists: Mutex<SessionLists>,
    gate: Mutex<Gate>,
    /// How many connections were accepted.
    pub(crate) connections: AtomicU64,
}

/// A panic elsewhere leaves plain data behind, which is still good to read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(
        clock: SimClock,
        release: Release,
        estate: Estate,
        faults: Faults,
        password: String,
        seed: u64,
    ) -> Self {
        let gate = Gate::new(&estate, seed);
        Self {
            clock,
            release,
            accounts: estate.defined.world.accounts.iter().map(|account| account.login.clone()).collect(),
            password,
            estate: Mutex::new(estate),
            tokens: Mutex::new(Tokens::new(seed)),
            faults: Mutex::new(faults),
            log: Mutex::new(RequestLog::default()),
            lists: Mutex::new(SessionLists::default()),
            gate: Mutex::new(gate),
            connections: AtomicU64::new(0),
        }
    }

    /// The estate as it is now. Hold it only while computing.
    pub(crate) fn estate(&self) -> MutexGuard<'_, Estate> {
        let mut estate = lock(&self.estate);
        estate.step(self.clock.now());
        estate
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        lock(&self.log)
    }

    pub(crate) fn lists(&self) -> MutexGuard<'_, SessionLists> {
        lock(&self.lists)
    }

    /// Who may call the Workspace face.
    pub(crate) fn gate(&self) -> MutexGuard<'_, Gate> {
        lock(&self.gate)
    }
}
