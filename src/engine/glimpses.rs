//! The first list while it is being read: a table of what has arrived, from the first page on.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    api::ListProgress,
    core::table::SessionTable,
    domain::{Pod, SessionRows},
};

/// Makes tables of the part of a list that has arrived: of the first page, and of each part that is twice as long as the one
/// before, so that all of them together cost about what the whole list does. They are incomplete: what is not in them is not
/// known to have ended.
#[derive(Debug)]
pub struct Glimpses {
    began_at: Timestamp,
    pod: Option<Pod>,
    /// From so many sessions on the next one is made.
    next: AtomicUsize,
    making: Arc<AtomicBool>,
    last: Arc<Mutex<Option<Arc<SessionTable>>>>,
}

impl Glimpses {
    /// Of a list whose reading begins now. `pod` is whose it is, when it is known to be one of a federation.
    pub fn new(pod: Option<Pod>, began_at: Timestamp) -> Self {
        Self { began_at, pod, next: AtomicUsize::new(1), making: Arc::default(), last: Arc::default() }
    }

    /// Looks at a list that has come so far; when it is time for a table, makes it away from whoever reads, and gives it to
    /// `show`. `clock_offset` is how far the server's clock is ahead.
    pub fn look(
        &self,
        progress: ListProgress<'_>,
        clock_offset: Option<SignedDuration>,
        show: impl FnOnce(Arc<SessionTable>) + Send + 'static,
    ) {
        let is_whole = progress.total.is_some_and(|total| progress.received >= total);
        let is_due = progress.received >= self.next.load(Ordering::Relaxed);
        // A list that is whole is shown as such in a moment.
        if is_whole || !is_due || self.making.swap(true, Ordering::AcqRel) {
            return;
        }
        let Some(rows) = progress.sessions() else {
            return self.making.store(false, Ordering::Release);
        };
        self.next.store(rows.len() * 2, Ordering::Relaxed);
        let server_time = clock_offset.and_then(|offset| self.began_at.checked_add(offset).ok());
        let (pod, began_at) = (self.pod.clone(), self.began_at);
        let (last, making) = (Arc::clone(&self.last), Arc::clone(&self.making));
        tokio::task::spawn_blocking(move || {
            let table = table(pod.as_ref(), rows, began_at).with_server_time(server_time);
            let before = last.lock().unwrap_or_else(PoisonError::into_inner).take();
            let table = Arc::new(table).prepared(before.as_deref());
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&table));
            making.store(false, Ordering::Release);
            show(table);
        });
    }

    /// The last table that was made: the whole list takes its place.
    pub fn last(&self) -> Option<Arc<SessionTable>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn table(pod: Option<&Pod>, rows: SessionRows, began_at: Timestamp) -> SessionTable {
    match pod {
        Some(pod) => SessionTable::of_local_pod(pod, Arc::new(rows), began_at, false),
        None => SessionTable::of_rows(rows, began_at, false),
    }
}
