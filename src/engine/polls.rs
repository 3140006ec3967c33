//! Reading the whole list of sessions into a table: of one pod, or of all pods of a federation.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::{
    api::{Errand, Estate, ListProgress, RequestClass, SessionList},
    core::table::{Merged, PodRead, PodRows, SessionTable},
    domain::{
        Fault, FaultKind, Federation, Pod, SessionFacts, SessionParts, SessionRows, SessionRowsBuilder,
    },
};

/// How long a pod may keep the others waiting without sending anything.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often it is looked whether something came.
const LOOK: Duration = Duration::from_secs(1);

/// A list that was read.
#[derive(Debug, Clone)]
pub struct PolledSessions {
    /// The table, built away from whoever draws it.
    pub table: Arc<SessionTable>,
    /// Rows that could not be read and are not in it.
    pub unreadable: usize,
}

/// What is kept between two readings of all pods: the rows of a pod that does not answer.
#[derive(Debug, Clone, Default)]
pub struct PodMemory {
    last: Option<Arc<SessionTable>>,
    /// The table that is looked at.
    shown: Weak<SessionTable>,
}

/// Reads all sessions of the pod that answers and builds the table. `pod` is which one that is, when it is known to be
/// one of a federation. `last` is the table that was read before, if it is still there: while nothing changes the new one
/// has its rows.
///
/// The table's time is the moment at which the reading began: a session that ended while the pages came in was there
/// then. Every "how long" in it is measured by the server's clock, as far as the server tells it. Errors are the wire's faults; nothing of a list that broke off half-way is returned.
pub async fn poll_sessions(
    estate: &Estate,
    class: RequestClass,
    pod: Option<&Pod>,
    last: Option<Arc<SessionTable>>,
    now: impl Fn() -> Timestamp,
    progress: impl Fn(ListProgress<'_>) + Send + Sync,
) -> Result<PolledSessions, Fault> {
    let began_at = now();
    let list = Box::pin(estate.list_session_rows(class, progress)).await?;
    let unreadable = list.unreadable;
    let server_time = server_time(&list, began_at);
    // A row that could not be read may be anybody's: such a list proves nobody's absence.
    let whole = list.complete && unreadable == 0;
    let pod = pod.cloned();
    let build = move || match &pod {
        Some(pod) => SessionTable::of_local_pod(pod, list.sessions, began_at, whole),
        None => SessionTable::of_rows_like(last.as_deref(), list.sessions, began_at, whole),
    };
    let table = away(move || build().with_server_time(server_time)).await?;
    Ok(PolledSessions { table, unreadable })
}

/// Reads the sessions of all pods at the same time and builds one table of them.
///
/// A pod that does not answer keeps the rows of its last answer in `memory`; a pod that sends nothing for a while counts
/// as one. Errors are those of the local pod's list, as in [`poll_sessions`].
pub async fn poll_all_pods(
    estate: &Estate,
    class: RequestClass,
    federation: &Federation,
    memory: &mut PodMemory,
    now: impl Fn() -> Timestamp,
    progress: impl Fn(ListProgress<'_>) + Send + Sync,
) -> Result<PolledSessions, Fault> {
    let Some(local) = federation.local() else {
        let words = "the server does not say which pod of the federation it is";
        return Err(Fault::new(FaultKind::BadAnswer, "list sessions", words));
    };
    let began_at = now();
    let remote: Vec<&Pod> = federation.remote().collect();
    // One count for all lists: the first place is the local pod's.
    let counts = Counts::new(remote.len() + 1);
    let own = Box::pin(estate.list_session_rows(class, |part| progress(counts.note(0, part))));
    let others = (1..).zip(&remote).map(|(place, pod)| {
        let (counts, progress) = (&counts, &progress);
        let reading =
            estate.list_pod_session_rows(&pod.id, class, move |part| progress(counts.note(place, part)));
        patiently(reading, move || counts.received(place))
    });
    let (own, others) = tokio::join!(own, join_all(others));
    let own = own?;
    let server_time = server_time(&own, began_at);
    let mut unreadable = own.unreadable;
    let whole = own.complete && own.unreadable == 0;
    let read = PodRead::answered(local, began_at, whole);
    let own = PodRows { read, sessions: own.sessions };
    let mut lists = Vec::with_capacity(remote.len());
    for (pod, answer) in remote.into_iter().zip(others) {
        match answer {
            Ok(list) => {
                unreadable += list.unreadable;
                let complete = list.complete && list.unreadable == 0;
                let read = PodRead::answered(pod, began_at, complete);
                lists.push(PodRows { read, sessions: list.sessions });
            }
            Err(fault) => {
                tracing::warn!(pod = %pod.label(), %fault, "a pod does not answer");
                lists.push(memory.rows_of(pod, fault));
            }
        }
    }
    let last = memory.last.clone();
    let table = away(move || {
        let merged = Merged::of(own, lists, last.as_deref());
        SessionTable::of_pods(merged, began_at).with_server_time(server_time)
    })
    .await?;
    memory.last = Some(Arc::clone(&table));
    Ok(PolledSessions { table, unreadable })
}

impl PodMemory {
    /// The table that is looked at.
    pub fn shown(&self) -> Option<Arc<SessionTable>> {
        self.shown.upgrade()
    }

    /// Notes which table is looked at.
    pub fn shows(&mut self, table: &Arc<SessionTable>) {
        self.shown = Arc::downgrade(table);
    }

    /// Prepares a table to be shown, away from whoever shows it: see [`SessionTable::prepared`].
    pub async fn prepare(&mut self, table: Arc<SessionTable>) -> Arc<SessionTable> {
        let (before, unprepared) = (self.shown.upgrade(), Arc::clone(&table));
        let prepared = tokio::task::spawn_blocking(move || table.prepared(before.as_deref())).await;
        let table = prepared.unwrap_or_else(|error| {
            tracing::warn!(%error, "a table is shown unprepared");
            unprepared
        });
        self.shows(&table);
        table
    }

    /// What is known of a pod that does not answer.
    fn rows_of(&self, pod: &Pod, fault: Fault) -> PodRows<Arc<SessionRows>> {
        let before = self.last.as_ref();
        let rows = before.map(|table| table.iter()).into_iter().flatten();
        let mut kept = SessionRowsBuilder::default();
        for session in rows.filter(|session| session.pod_id() == Some(&pod.id)) {
            kept.put(&SessionParts::of(session));
        }
        let sessions = Arc::new(kept.finish());
        PodRows { read: PodRead::silent(pod, fault, before.and_then(|table| table.pod(&pod.id))), sessions }
    }
}

/// How much of each list is there.
struct Counts {
    received: Vec<AtomicUsize>,
    totals: Vec<AtomicUsize>,
}

/// A total that the server has not said.
const UNSAID: usize = usize::MAX;

impl Counts {
    fn new(lists: usize) -> Self {
        Self {
            received: (0..lists).map(|_| AtomicUsize::new(0)).collect(),
            totals: (0..lists).map(|_| AtomicUsize::new(UNSAID)).collect(),
        }
    }

    /// Takes the progress of one list, and makes that of all of them.
    fn note<'a>(&self, place: usize, part: ListProgress<'a>) -> ListProgress<'a> {
        if let (Some(received), Some(total)) = (self.received.get(place), self.totals.get(place)) {
            received.store(part.received, Ordering::Relaxed);
            total.store(part.total.unwrap_or(UNSAID), Ordering::Relaxed);
        }
        let totals = || self.totals.iter().map(|total| total.load(Ordering::Relaxed));
        let received = self.received.iter().map(|received| received.load(Ordering::Relaxed)).sum();
        let total = totals().map(|total| (total != UNSAID).then_some(total)).sum();
        // Only what the local pod says stands for itself.
        if place == 0 { part.counted_as(received, total) } else { ListProgress::of(received, total) }
    }

    fn received(&self, place: usize) -> usize {
        self.received.get(place).map_or(0, |received| received.load(Ordering::Relaxed))
    }
}

/// Waits for the list of a pod as long as it goes on. While the governor holds its requests back, after a 429 for
/// instance, the pod was not asked and is not called silent.
async fn patiently(
    reading: impl Future<Output = Result<SessionList<Arc<SessionRows>>, Fault>>,
    received: impl Fn() -> usize,
) -> Result<SessionList<Arc<SessionRows>>, Fault> {
    let errand = Errand::default();
    let mut reading = Box::pin(errand.run(reading));
    let (mut known, mut silent) = (received(), Duration::ZERO);
    loop {
        match tokio::time::timeout(LOOK, &mut reading).await {
            Ok(answer) => return answer,
            Err(_) if received() > known => (known, silent) = (received(), Duration::ZERO),
            Err(_) if errand.is_held_up() => {}
            Err(_) if silent + LOOK < PATIENCE => silent += LOOK,
            Err(_) => {
                let words = format!("nothing came within {} s", PATIENCE.as_secs());
                return Err(Fault::new(FaultKind::Unreachable, "list sessions of a pod", words));
            }
        }
    }
}

/// What the server's clock showed when the reading began.
fn server_time(list: &SessionList<Arc<SessionRows>>, began_at: Timestamp) -> Option<Timestamp> {
    list.clock_offset.and_then(|offset: SignedDuration| began_at.checked_add(offset).ok())
}

/// Builds a table where it holds nobody up: sorting and interning 250,000 rows takes long enough to hold up a task that
/// others share a thread with.
async fn away(build: impl FnOnce() -> SessionTable + Send + 'static) -> Result<Arc<SessionTable>, Fault> {
    match tokio::task::spawn_blocking(build).await {
        Ok(table) => Ok(Arc::new(table)),
        Err(error) => {
            let message = format!("building the table failed: {error}");
            Err(Fault::new(FaultKind::Unexpected, "list sessions", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::{
        api::{Gates, Operation, errand},
        engine::governor::Governor,
    };

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_throttle_is_not_a_silent_pod() {
        let gate = Arc::new(Governor::default()).gate(&"cs1".into());
        gate.throttled(Operation::ListGlobalSessions, Duration::from_mins(1));
        let reading = async {
            let admission = gate.admit(RequestClass::Poll, Operation::ListGlobalSessions);
            let _permit = errand::at_gate(admission).await;
            errand::out(sleep(Duration::from_secs(10))).await;
            Ok(SessionList::default())
        };
        assert!(patiently(reading, || 0).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_pod_that_was_asked_and_sends_nothing_is_silent() {
        let began = Instant::now();
        let silent = patiently(errand::out(pending()), || 0).await.unwrap_err();
        assert_eq!((silent.kind, began.elapsed()), (FaultKind::Unreachable, PATIENCE));
        // One that goes on sending is not, however long it takes.
        let slow = async {
            sleep(Duration::from_secs(100)).await;
            Ok(SessionList::default())
        };
        let began = Instant::now();
        assert!(patiently(slow, move || began.elapsed().as_secs() as usize / 10).await.is_ok());
    }
}
