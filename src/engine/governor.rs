//! The governor: the one place that decides when a request may leave (`design.md section 4`, rule 7).
//!
//! It holds three queues, one per class, each in the order of arrival. A request leaves when there is a place for it,
//! nobody more urgent could take that place, and its operation is not cooling down after a 429. A cooling operation
//! stops nobody else: whoever waits behind it and asks for something else passes by.
//!
//! What it knows of the world is the tokio clock. It neither sends nor repeats anything.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{Notify, oneshot, watch},
    time::Instant,
};

use crate::api::{Answered, Gate, Operation, Permit, RequestClass};

/// Added to every wait that a server asks for: its clock and ours do not tick together.
const MARGIN: Duration = Duration::from_millis(100);

/// How many requests may be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All together.
    pub requests: usize,
    /// Look-ups among them: names are never worth slowing anything else down.
    pub lookups: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: 8, lookups: 2 }
    }
}

/// What the governor is doing, for the status bar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GovernorStatus {
    /// Requests under way.
    pub in_flight: usize,
    /// Requests that wait for a place or for the end of a cool-down.
    pub waiting: usize,
    /// Operations that the server asked to slow down, with the moment from which they may go on. An entry may stay
    /// here after its end until something else changes: compare with the time.
    pub cooling: Vec<(Operation, Timestamp)>,
    /// How often the server has answered 429 since the start.
    pub throttled: u64,
}

/// Lets requests leave, most urgent first. Cheap to clone; all clones are the same governor.
#[derive(Clone)]
pub struct Governor {
    shared: Arc<Shared>,
}

struct Shared {
    limits: Limits,
    books: Mutex<Books>,
    /// Told when a cool-down begins or grows: whoever waits for that operation sets a new alarm.
    cooled: Notify,
    status: watch::Sender<GovernorStatus>,
}

#[derive(Default)]
struct Books {
    in_flight: usize,
    lookups: usize,
    /// By class, first come first served.
    queues: [VecDeque<Waiting>; 3],
    cooling: BTreeMap<Operation, Cooling>,
    throttled: u64,
}

/// The end of a cool-down.
#[derive(Clone, Copy)]
struct Cooling {
    until: Instant,
    /// The same moment for people, worked out once: working it out again would make it tremble.
    shown: Timestamp,
}

impl Cooling {
    fn of(wait: Duration) -> Self {
        let wait = wait + MARGIN;
        let shown = Timestamp::now()
            .saturating_add(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX))
            .unwrap_or(Timestamp::MAX);
        Self { until: Instant::now() + wait, shown }
    }
}

struct Waiting {
    operation: Operation,
    turn: oneshot::Sender<Permit>,
}

fn queue_of(class: RequestClass) -> usize {
    match class {
        RequestClass::Job => 0,
        RequestClass::Poll => 1,
        RequestClass::Lookup => 2,
    }
}

impl Governor {
    /// A governor with these limits; each is at least 1.
    pub fn new(limits: Limits) -> Self {
        let limits = Limits { requests: limits.requests.max(1), lookups: limits.lookups.max(1) };
        let shared = Shared {
            limits,
            books: Mutex::default(),
            cooled: Notify::new(),
            status: watch::Sender::new(GovernorStatus::default()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// What it is doing now, and every change of it.
    pub fn status(&self) -> watch::Receiver<GovernorStatus> {
        self.shared.status.subscribe()
    }
}

impl Default for Governor {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for Governor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Governor({:?})", *self.shared.status.borrow())
    }
}

impl Shared {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives every free place to whoever may have it, and shows the new state.
    fn pump(self: &Arc<Self>) {
        let mut unclaimed = Vec::new();
        {
            let mut books = self.books();
            let now = Instant::now();
            books.cooling.retain(|_, cooling| cooling.until > now);
            while let Some((class, waiting)) = books.next(self.limits) {
                books.take_place(class);
                let shared = Arc::clone(self);
                let permit = Permit::new(move || shared.release(class));
                // Whoever gave up in this very moment leaves the permit behind.
                unclaimed.extend(waiting.turn.send(permit).err());
            }
            self.show(&books);
        }
        // Dropping a permit frees its place and comes back here: not with the books open.
        drop(unclaimed);
    }

    fn release(self: &Arc<Self>, class: RequestClass) {
        self.books().free_place(class);
        self.pump();
    }

    fn show(&self, books: &Books) {
        self.status.send_if_modified(|status| {
            let new = GovernorStatus {
                in_flight: books.in_flight,
                waiting: books.queues.iter().flatten().filter(|waiting| !waiting.turn.is_closed()).count(),
                cooling: books
                    .cooling
                    .iter()
                    .map(|(operation, cooling)| (*operation, cooling.shown))
                    .collect(),
                throttled: books.throttled,
            };
            let changed = *status != new;
            *status = new;
            changed
        });
    }

    /// Waits for the turn of a request that is in its queue.
    async fn wait(self: &Arc<Self>, operation: Operation, mut turn: oneshot::Receiver<Permit>) -> Permit {
        loop {
            // Listening begins before looking: nothing is missed in between.
            let cooled = self.cooled.notified();
            let alarm = self.books().cooling.get(&operation).map(|cooling| cooling.until);
            let alarm = async {
                match alarm {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                permit = &mut turn => match permit {
                    Ok(permit) => return permit,
                    // The books are never closed while somebody waits; without them nobody counts.
                    Err(_) => return Permit::unlimited(),
                },
                () = cooled => {}
                () = alarm => self.pump(),
            }
        }
    }
}

impl Books {
    /// The next request that may leave now, taken out of its queue.
    fn next(&mut self, limits: Limits) -> Option<(RequestClass, Waiting)> {
        if self.in_flight >= limits.requests {
            return None;
        }
        for class in RequestClass::ALL {
            if class == RequestClass::Lookup && self.lookups >= limits.lookups {
                continue;
            }
            let cooling = &self.cooling;
            let queue = &mut self.queues[queue_of(class)];
            queue.retain(|waiting| !waiting.turn.is_closed());
            let position = queue.iter().position(|waiting| !cooling.contains_key(&waiting.operation));
            if let Some(waiting) = position.and_then(|position| queue.remove(position)) {
                return Some((class, waiting));
            }
        }
        None
    }

    fn take_place(&mut self, class: RequestClass) {
        self.in_flight += 1;
        self.lookups += usize::from(class == RequestClass::Lookup);
    }

    fn free_place(&mut self, class: RequestClass) {
        self.in_flight -= 1;
        self.lookups -= usize::from(class == RequestClass::Lookup);
    }
}

/// Shows that somebody stopped waiting, however it ended.
struct Queued<'a>(&'a Arc<Shared>);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.pump();
    }
}

impl Gate for Governor {
    fn admit(&self, class: RequestClass, operation: Operation) -> BoxFuture<'_, Permit> {
        Box::pin(async move {
            let queued = Queued(&self.shared);
            let (sender, turn) = oneshot::channel();
            self.shared.books().queues[queue_of(class)].push_back(Waiting { operation, turn: sender });
            self.shared.pump();
            let permit = self.shared.wait(operation, turn).await;
            drop(queued);
            permit
        })
    }

    fn throttled(&self, operation: Operation, wait: Duration) {
        let new = Cooling::of(wait);
        {
            let mut books = self.shared.books();
            books.throttled += 1;
            let cooling = books.cooling.entry(operation).or_insert(new);
            // A shorter word does not take back a longer one.
            if new.until > cooling.until {
                *cooling = new;
            }
            self.shared.show(&books);
        }
        tracing::info!(%operation, wait_ms = wait.as_millis() as u64, "the server asked to slow down");
        self.shared.cooled.notify_waiters();
    }

    fn answered(&self, _operation: Operation, _how: Answered, _elapsed: Duration) {}
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as StdMutex;

    use futures_util::{FutureExt, future::join_all};
    use tokio::task::yield_now;

    use super::*;

    fn governor(requests: usize, lookups: usize) -> Governor {
        Governor::new(Limits { requests, lookups })
    }

    fn snapshot(governor: &Governor) -> (usize, usize) {
        let status = governor.status().borrow().clone();
        (status.in_flight, status.waiting)
    }

    /// Lets one request in, and notes its name when it is let in.
    async fn visit(
        governor: &Governor,
        class: RequestClass,
        operation: Operation,
        name: &'static str,
        order: &StdMutex<Vec<&'static str>>,
    ) {
        let _permit = governor.admit(class, operation).await;
        order.lock().unwrap().push(name);
        yield_now().await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_most_urgent_leave_first_and_each_class_in_order() {
        use Operation::{ListEvents, ListSessions, ListUsers, Logoff};
        let governor = governor(1, 1);
        let order = StdMutex::new(Vec::new());
        let held = governor.admit(RequestClass::Poll, ListSessions).await;
        let visits = [
            visit(&governor, RequestClass::Lookup, ListUsers, "lookup", &order),
            visit(&governor, RequestClass::Poll, ListSessions, "poll 1", &order),
            visit(&governor, RequestClass::Poll, ListEvents, "poll 2", &order),
            visit(&governor, RequestClass::Job, Logoff, "job 1", &order),
            visit(&governor, RequestClass::Job, Logoff, "job 2", &order),
        ];
        let mut all = Box::pin(join_all(visits));
        assert!((&mut all).now_or_never().is_none());
        assert_eq!(snapshot(&governor), (1, 5));
        drop(held);
        all.await;
        assert_eq!(*order.lock().unwrap(), ["job 1", "job 2", "poll 1", "poll 2", "lookup"]);
        assert_eq!(snapshot(&governor), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn look_ups_take_few_places_and_leave_the_rest() {
        let governor = governor(4, 2);
        let lookup = || governor.admit(RequestClass::Lookup, Operation::ListUsers);
        let (first, _second) = (lookup().await, lookup().await);
        assert!(lookup().now_or_never().is_none());
        let _poll = governor.admit(RequestClass::Poll, Operation::ListSessions).now_or_never().unwrap();
        drop(first);
        assert!(lookup().now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_operation_waits_as_told_and_stops_nobody_else() {
        let governor = governor(2, 1);
        let start = Instant::now();
        governor.throttled(Operation::ListSessions, Duration::from_secs(7));
        let list = async {
            drop(governor.admit(RequestClass::Job, Operation::ListSessions).await);
            start.elapsed()
        };
        let other = async {
            drop(governor.admit(RequestClass::Lookup, Operation::ListUsers).await);
            start.elapsed()
        };
        let (list, other) = tokio::join!(list, other);
        assert_eq!(other, Duration::ZERO);
        assert!(list >= Duration::from_secs(7) && list < Duration::from_secs(8), "{list:?}");
        let status = governor.status().borrow().clone();
        assert_eq!((status.throttled, status.cooling.len()), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cool_down_that_begins_or_grows_while_waiting_counts() {
        let governor = governor(1, 1);
        let start = Instant::now();
        let held = governor.admit(RequestClass::Poll, Operation::ListSessions).await;
        let waiting = async {
            drop(governor.admit(RequestClass::Poll, Operation::ListSessions).await);
            start.elapsed()
        };
        let server = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            // The answer to the request under way: told before its place is free.
            governor.throttled(Operation::ListSessions, Duration::from_secs(5));
            drop(held);
            tokio::time::sleep(Duration::from_secs(2)).await;
            governor.throttled(Operation::ListSessions, Duration::from_secs(10));
            governor.throttled(Operation::ListSessions, Duration::from_secs(1));
            assert_eq!(governor.status().borrow().cooling.len(), 1);
        };
        let (waited, ()) = tokio::join!(waiting, server);
        assert!(waited >= Duration::from_secs(13) && waited < Duration::from_secs(14), "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn giving_up_leaves_no_trace() {
        let governor = governor(1, 1);
        let held = governor.admit(RequestClass::Job, Operation::Logoff).await;
        let mut impatient = governor.admit(RequestClass::Job, Operation::Logoff);
        assert!((&mut impatient).now_or_never().is_none());
        assert_eq!(snapshot(&governor), (1, 1));
        drop(impatient);
        assert_eq!(snapshot(&governor), (1, 0));
        // Given up between being let in and noticing it: the place is free again.
        let mut unlucky = governor.admit(RequestClass::Job, Operation::Logoff);
        assert!((&mut unlucky).now_or_never().is_none());
        drop(held);
        assert_eq!(snapshot(&governor), (1, 0));
        drop(unlucky);
        assert_eq!(snapshot(&governor), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_once_never_exceed_the_limits() {
        let governor = governor(3, 1);
        let most = StdMutex::new((0, 0));
        let visits = (0..200).map(|number| {
            let (governor, most) = (&governor, &most);
            let class = RequestClass::ALL[number % 3];
            async move {
                let _permit = governor.admit(class, Operation::ListSessions).await;
                {
                    let mut most = most.lock().unwrap();
                    most.0 = most.0.max(snapshot(governor).0);
                    most.1 = most.1.max(governor.shared.books().lookups);
                }
                tokio::time::sleep(Duration::from_millis(number as u64 % 7)).await;
            }
        });
        join_all(visits).await;
        assert_eq!(*most.lock().unwrap(), (3, 1));
        assert_eq!(snapshot(&governor), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_a_cool_down_is_worked_out_once() {
        let governor = governor(1, 1);
        let until = |operation: Operation| {
            let status = governor.status().borrow().clone();
            status.cooling.iter().find(|(cooling, _)| *cooling == operation).map(|(_, until)| *until)
        };
        governor.throttled(Operation::ListEvents, Duration::from_mins(1));
        let began = until(Operation::ListEvents);
        assert!(began.is_some());
        governor.throttled(Operation::ListUsers, Duration::from_secs(5));
        assert_eq!(until(Operation::ListEvents), began, "another one begins");
        governor.throttled(Operation::ListEvents, Duration::from_secs(1));
        assert_eq!(until(Operation::ListEvents), began, "a shorter word changes nothing");
        drop(governor.admit(RequestClass::Poll, Operation::ListUsers).await);
        assert_eq!(until(Operation::ListUsers), None);
        assert_eq!(until(Operation::ListEvents), began, "another one ends");
        governor.throttled(Operation::ListEvents, Duration::from_mins(2));
        assert!(until(Operation::ListEvents) > began, "a longer word counts");
    }

    #[tokio::test(start_paused = true)]
    async fn the_status_stands_still_when_nothing_happens() {
        let governor = governor(1, 1);
        governor.throttled(Operation::ListEvents, Duration::from_mins(1));
        let mut status = governor.status();
        status.mark_unchanged();
        governor.shared.pump();
        assert!(!status.has_changed().unwrap());
    }
}
