//! The requests of one server: who waits, who is out, who may leave next.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

use super::{
    Common, Limits,
    breaker::{Breaker, Rules},
    budget::Budget,
    concurrency::Concurrency,
    status::{Held, Rate, ServerStatus},
};
use crate::{
    api::{Answered, Gate, Operation, Permit, RequestClass, ShutOut, Standing},
    domain::Text,
};

/// The gate of one server.
pub(super) struct Lane {
    common: Arc<Common>,
    server: Text,
    /// Its place in the status.
    index: usize,
    books: Mutex<Books>,
    /// Told when a wait begins, grows or ends: whoever waits sets a new alarm.
    changed: Notify,
}

struct Books {
    in_flight: usize,
    jobs: usize,
    lookups: usize,
    /// By class, first come first served.
    queues: [VecDeque<Waiting>; 3],
    budgets: BTreeMap<Operation, Budget>,
    concurrency: Concurrency,
    breaker: Breaker,
    throttled: u64,
    failed: u64,
    unreached: u64,
    told: Option<Duration>,
}

type Turn = Result<Permit, ShutOut>;

struct Waiting {
    operation: Operation,
    turn: oneshot::Sender<Turn>,
}

/// A request that may leave.
struct Next {
    class: RequestClass,
    waiting: Waiting,
    /// It shows whether the server is back.
    probe: bool,
}

fn queue_of(class: RequestClass) -> usize {
    match class {
        RequestClass::Job => 0,
        RequestClass::Poll => 1,
        RequestClass::Lookup => 2,
    }
}

impl Lane {
    pub(super) fn new(common: Arc<Common>, server: Text, index: usize) -> Self {
        let books = Books {
            in_flight: 0,
            jobs: 0,
            lookups: 0,
            queues: Default::default(),
            budgets: BTreeMap::new(),
            concurrency: Concurrency::new(common.limits.requests),
            breaker: Breaker::default(),
            throttled: 0,
            failed: 0,
            unreached: 0,
            told: None,
        };
        Self { common, server, index, books: Mutex::new(books), changed: Notify::new() }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rules(&self) -> Rules {
        let Limits { failures, longest_rest, .. } = self.common.limits;
        Rules { failures, longest_rest }
    }

    /// Shows how it is.
    pub(super) fn show(&self) {
        self.show_books(&self.books());
    }

    fn show_books(&self, books: &Books) {
        self.common.show(self.index, books.status(self.server.clone(), self.common.limits, Instant::now()));
    }

    /// Gives every free place to whoever may have it, and shows the new state.
    fn pump(self: &Arc<Self>) {
        let mut unclaimed = Vec::new();
        {
            let mut books = self.books();
            let now = Instant::now();
            books.budgets.values_mut().for_each(|budget| budget.roll(now));
            if let Some(shut) = books.breaker.shut_out(now) {
                for waiting in books.queues.iter_mut().flat_map(std::mem::take) {
                    drop(waiting.turn.send(Err(shut)));
                }
            }
            while let Some(next) = books.next(self.common.limits, now) {
                let permit = self.permit(&mut books, &next, now);
                // Whoever gave up in this very moment leaves the permit behind.
                unclaimed.extend(next.waiting.turn.send(Ok(permit)).err());
            }
            self.show_books(&books);
        }
        // Dropping a permit frees its place and comes back here: not with the books open.
        drop(unclaimed);
        self.changed.notify_waiters();
    }

    fn permit(self: &Arc<Self>, books: &mut Books, next: &Next, now: Instant) -> Permit {
        let Next { class, probe, .. } = *next;
        books.take_place(class);
        books.budgets.entry(next.waiting.operation).or_default().leaves(class, now);
        if probe {
            books.breaker.try_one(now);
        }
        let lane = Arc::clone(self);
        Permit::new(move || lane.release(class, probe))
    }

    fn release(self: &Arc<Self>, class: RequestClass, probe: bool) {
        {
            let mut books = self.books();
            books.free_place(class);
            if probe {
                books.breaker.tried_in_vain(self.common.clock.after(Duration::ZERO));
            }
        }
        self.pump();
    }

    /// Nothing is sent to the server for a while.
    fn open(&self, books: &mut Books) {
        let now = Instant::now();
        let rest = books.breaker.next_rest(now, self.rules(), self.common.clock.random());
        books.breaker.open(now, self.common.clock.after(rest));
        tracing::warn!(server = %self.server, rest_ms = rest.as_millis() as u64, "a server is given up for a while");
    }

    /// Waits for the turn of a request that is in its queue.
    async fn wait(
        self: &Arc<Self>,
        class: RequestClass,
        operation: Operation,
        mut turn: oneshot::Receiver<Turn>,
    ) -> Turn {
        loop {
            // Listening begins before looking: nothing is missed in between.
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let alarm = self.books().alarm(class, operation, Instant::now());
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
                    Err(_) => return Ok(Permit::unlimited()),
                },
                () = changed => {}
                () = alarm => self.pump(),
            }
        }
    }
}

impl Books {
    /// The next request that may leave now, taken out of its queue.
    fn next(&mut self, limits: Limits, now: Instant) -> Option<Next> {
        let probe = match self.breaker.standing(now) {
            Standing::Open => false,
            Standing::Due => true,
            Standing::Shut => return None,
        };
        for queue in &mut self.queues {
            queue.retain(|waiting| !waiting.turn.is_closed());
        }
        for class in RequestClass::ALL {
            // What an operator waits for finds a place although polls have the few that are left.
            let most = match class {
                RequestClass::Job if self.jobs == 0 => limits.requests,
                _ => self.concurrency.limit(),
            };
            if self.in_flight >= most || (class == RequestClass::Lookup && self.lookups >= limits.lookups) {
                continue;
            }
            let free = |waiting: &Waiting| {
                let operation = waiting.operation;
                let budget = self.budgets.get(&operation);
                budget.is_none_or(|budget| budget.may_leave(class, self.others_want(operation), now))
            };
            let position = self.queues[queue_of(class)].iter().position(free);
            let queue = &mut self.queues[queue_of(class)];
            if let Some(waiting) = position.and_then(|position| queue.remove(position)) {
                return Some(Next { class, waiting, probe });
            }
        }
        None
    }

    /// When somebody who waits has to look again.
    fn alarm(&self, class: RequestClass, operation: Operation, now: Instant) -> Option<Instant> {
        let others = self.others_want(operation);
        self.budgets.get(&operation).and_then(|budget| budget.next_change(class, others, now))
    }

    /// Whether polls or look-ups wait for this.
    fn others_want(&self, operation: Operation) -> bool {
        let [_jobs, others @ ..] = &self.queues;
        others.iter().flatten().any(|waiting| waiting.operation == operation && !waiting.turn.is_closed())
    }

    fn take_place(&mut self, class: RequestClass) {
        self.in_flight += 1;
        self.jobs += usize::from(class == RequestClass::Job);
        self.lookups += usize::from(class == RequestClass::Lookup);
    }

    fn free_place(&mut self, class: RequestClass) {
        self.in_flight -= 1;
        self.jobs -= usize::from(class == RequestClass::Job);
        self.lookups -= usize::from(class == RequestClass::Lookup);
    }

    fn status(&self, server: Text, limits: Limits, now: Instant) -> ServerStatus {
        let waiting =
            |queue: &VecDeque<Waiting>| queue.iter().filter(|waiting| !waiting.turn.is_closed()).count();
        let held = self.budgets.iter().filter_map(|(operation, budget)| {
            let (until, told) = budget.held_until(now)?;
            Some(Held { operation: *operation, until: until.shown, told })
        });
        let rates = self.budgets.iter().filter_map(|(operation, budget)| {
            let learned = budget.learned()?;
            Some(Rate { operation: *operation, calls: learned.calls, window: learned.window })
        });
        ServerStatus {
            server,
            breaker: self.breaker.shown(),
            failures: self.breaker.failures(),
            limit: self.concurrency.limit(),
            most: limits.requests,
            in_flight: self.in_flight,
            waiting: [waiting(&self.queues[0]), waiting(&self.queues[1]), waiting(&self.queues[2])],
            held: held.collect(),
            rates: rates.collect(),
            throttled: self.throttled,
            failed: self.failed,
            unreached: self.unreached,
            told: self.told,
        }
    }
}

/// Shows that somebody stopped waiting, however it ended.
struct Queued<'a>(&'a Arc<Lane>);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.pump();
    }
}

/// How a lane is handed to the client.
#[derive(Clone)]
pub(super) struct LaneGate(pub(super) Arc<Lane>);

impl fmt::Debug for LaneGate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LaneGate({})", self.0.server)
    }
}

impl Gate for LaneGate {
    fn admit(&self, class: RequestClass, operation: Operation) -> BoxFuture<'_, Turn> {
        let lane = &self.0;
        Box::pin(async move {
            let queued = Queued(lane);
            let (sender, turn) = oneshot::channel();
            {
                let mut books = lane.books();
                books.queues[queue_of(class)].push_back(Waiting { operation, turn: sender });
                if class == RequestClass::Job {
                    books.budgets.entry(operation).or_default().job_waits(Instant::now());
                }
            }
            lane.pump();
            let permit = lane.wait(class, operation, turn).await;
            drop(queued);
            permit
        })
    }

    fn throttled(&self, operation: Operation, wait: Duration) {
        let lane = &self.0;
        {
            let mut books = lane.books();
            books.throttled += 1;
            books.told = Some(wait);
            books.budgets.entry(operation).or_default().refused(Instant::now(), wait, &lane.common.clock);
            lane.show_books(&books);
        }
        tracing::info!(%operation, wait_ms = wait.as_millis() as u64, "the server asked to slow down");
        lane.changed.notify_waiters();
    }

    fn answered(&self, operation: Operation, how: Answered, elapsed: Duration) {
        let lane = &self.0;
        let mut books = lane.books();
        let books = &mut *books;
        let now = Instant::now();
        let started = now.checked_sub(elapsed).unwrap_or(now);
        match how {
            Answered::Well | Answered::Failed | Answered::Throttled => books.breaker.well(now),
            Answered::Unavailable | Answered::Lost | Answered::Unreached => {
                if books.breaker.failed(started, lane.rules()) {
                    lane.open(books);
                }
            }
        }
        let budget = books.budgets.entry(operation).or_default();
        match how {
            Answered::Well => books.concurrency.well(),
            Answered::Throttled => books.concurrency.throttled(started, now),
            Answered::Failed | Answered::Unavailable => books.failed += 1,
            Answered::Lost | Answered::Unreached => books.unreached += 1,
        }
        // After a 5xx of its own it is there, and answers: fewer at a time would not help.
        if matches!(how, Answered::Unavailable | Answered::Lost | Answered::Unreached) {
            books.concurrency.failed(started, now);
        }
        match how {
            Answered::Throttled => {}
            Answered::Unreached => budget.never_left(),
            _ => budget.passed(started, now, &lane.common.clock),
        }
        lane.show_books(books);
    }

    fn standing(&self) -> Standing {
        self.0.books().breaker.standing(Instant::now())
    }

    fn give_up(&self) {
        let mut books = self.0.books();
        if !books.breaker.is_open() {
            self.0.open(&mut books);
            self.0.show_books(&books);
        }
        drop(books);
        self.0.pump();
    }

    fn probe(&self) -> Option<Permit> {
        let mut books = self.0.books();
        let now = Instant::now();
        if books.breaker.standing(now) != Standing::Due {
            return None;
        }
        books.breaker.try_one(now);
        // Neither a place nor a budget: it is one small request now and then.
        let lane = Arc::clone(&self.0);
        self.0.show_books(&books);
        Some(Permit::new(move || lane.probed()))
    }

    fn random(&self) -> f64 {
        self.0.common.clock.random()
    }
}

impl Lane {
    #[cfg(test)]
    pub(super) fn lookups(&self) -> usize {
        self.books().lookups
    }

    #[cfg(test)]
    pub(super) fn pump_now(self: &Arc<Self>) {
        self.pump();
    }

    /// A probe has ended, with or without an answer.
    fn probed(self: &Arc<Self>) {
        self.books().breaker.tried_in_vain(self.common.clock.after(Duration::ZERO));
        self.pump();
    }
}
