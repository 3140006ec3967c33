//! Where the requests of an errand are: at the gate, or out. Who waits for a server learns from it whether the server
//! was asked at all.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::future::BoxFuture;

/// Who must know when an order comes back unexecuted and when it leaves again: it is written down before anything else
/// happens (`design.md section 4`, rule 6).
pub trait Witness: fmt::Debug + Send + Sync {
    /// The server did not take the order; it is about to wait.
    fn thrown_back(&self) -> BoxFuture<'_, ()>;

    /// The order is about to leave once more. It stays where it is when this says no.
    fn leaves_again(&self) -> BoxFuture<'_, bool>;
}

/// Something that takes one request or many. Cheap to clone; all clones are the same errand.
#[derive(Debug, Clone, Default)]
pub struct Errand(Arc<Counts>, Option<Arc<dyn Witness>>);

#[derive(Debug, Default)]
struct Counts {
    at_gate: AtomicUsize,
    out: AtomicUsize,
}

tokio::task_local! {
    static CURRENT: Errand;
}

impl Errand {
    /// An errand whose orders somebody watches.
    pub fn watched(witness: Arc<dyn Witness>) -> Self {
        Self(Arc::default(), Some(witness))
    }

    /// Does the work of this errand: the requests that it makes are counted as long as no task of its own makes them.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self.clone(), work).await
    }

    /// Whether a request of it waits for its turn and none is out: nobody else keeps it waiting than the gate.
    pub fn is_held_up(&self) -> bool {
        self.0.at_gate.load(Ordering::Relaxed) > 0 && self.0.out.load(Ordering::Relaxed) == 0
    }
}

/// One more in a place, until it is dropped.
struct Stay {
    errand: Errand,
    place: fn(&Counts) -> &AtomicUsize,
}

impl Stay {
    /// `None` outside of errands.
    fn at(place: fn(&Counts) -> &AtomicUsize) -> Option<Self> {
        let errand = CURRENT.try_with(Clone::clone).ok()?;
        place(&errand.0).fetch_add(1, Ordering::Relaxed);
        Some(Self { errand, place })
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        (self.place)(&self.errand.0).fetch_sub(1, Ordering::Relaxed);
    }
}

fn witness() -> Option<Arc<dyn Witness>> {
    CURRENT.try_with(|errand| errand.1.clone()).ok()?
}

/// Says that the server did not take the order of the current errand.
pub(crate) async fn thrown_back() {
    if let Some(witness) = witness() {
        witness.thrown_back().await;
    }
}

/// Says that the order of the current errand is about to leave once more; whether it may.
pub(crate) async fn leaves_again() -> bool {
    match witness() {
        Some(witness) => witness.leaves_again().await,
        None => true,
    }
}

/// Waits at the gate, on the current errand.
pub(crate) async fn at_gate<T>(wait: impl Future<Output = T>) -> T {
    let _stay = Stay::at(|counts| &counts.at_gate);
    wait.await
}

/// Waits for an answer, on the current errand.
pub(crate) async fn out<T>(wait: impl Future<Output = T>) -> T {
    let _stay = Stay::at(|counts| &counts.out);
    wait.await
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn an_errand_is_held_up_while_all_that_it_waits_for_is_the_gate() {
        let errand = Errand::default();
        let mut waits = Box::pin(errand.run(at_gate(pending::<()>())));
        assert!(!errand.is_held_up(), "it has not begun");
        assert!((&mut waits).now_or_never().is_none());
        assert!(errand.is_held_up());
        let mut asks = Box::pin(errand.run(out(pending::<()>())));
        assert!((&mut asks).now_or_never().is_none());
        assert!(!errand.is_held_up(), "the server has been asked too");
        drop(asks);
        assert!(errand.is_held_up());
        drop(waits);
        assert!(!errand.is_held_up(), "given up");
        assert_eq!(at_gate(async { 1 }).now_or_never(), Some(1), "there need not be an errand");
    }
}
