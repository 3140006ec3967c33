//! Each rule of the governor, on a paused clock.

use std::{ops::Deref, sync::Mutex as StdMutex};

use futures_util::{FutureExt, future::join_all};
use tokio::task::yield_now;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{lane::LaneGate, *};
use crate::api::{Answered, Operation, Permit, RequestClass, ShutOut, Standing};

mod breaker;
mod rate;

/// A governor with the gate of one server.
struct Lone {
    governor: Governor,
    gate: LaneGate,
}

impl Lone {
    fn new(limits: Limits) -> Self {
        let governor = Governor::with(limits, || Timestamp::UNIX_EPOCH, 7);
        let gate = LaneGate(governor.lane(&"cs1".into()));
        Self { governor, gate }
    }

    fn status(&self) -> watch::Receiver<GovernorStatus> {
        self.governor.status()
    }
}

impl Deref for Lone {
    type Target = LaneGate;

    fn deref(&self) -> &LaneGate {
        &self.gate
    }
}

fn governor(requests: usize, lookups: usize) -> Lone {
    Lone::new(Limits { requests, lookups, ..Limits::default() })
}

fn snapshot(governor: &Lone) -> (usize, usize) {
    let status = governor.status().borrow().clone();
    (status.in_flight, status.waiting)
}

/// Lets one request in, and notes its name when it is let in.
async fn visit(
    governor: &Lone,
    class: RequestClass,
    operation: Operation,
    name: &'static str,
    order: &StdMutex<Vec<&'static str>>,
) {
    let _permit = governor.admit(class, operation).await.unwrap();
    order.lock().unwrap().push(name);
    yield_now().await;
}

#[tokio::test(start_paused = true)]
async fn the_most_urgent_leave_first_and_each_class_in_order() {
    use Operation::{ListEvents, ListSessions, ListUsers, Logoff};
    let governor = governor(1, 1);
    let order = StdMutex::new(Vec::new());
    let held = governor.admit(RequestClass::Poll, ListSessions).await.unwrap();
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
    let (first, _second) = (lookup().await.unwrap(), lookup().await.unwrap());
    assert!(lookup().now_or_never().is_none());
    let _poll = governor.admit(RequestClass::Poll, Operation::ListSessions).now_or_never().unwrap().unwrap();
    drop(first);
    assert!(lookup().now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_operation_waits_as_told_and_stops_nobody_else() {
    let governor = governor(2, 1);
    let start = Instant::now();
    governor.throttled(Operation::ListSessions, Duration::from_secs(7));
    let list = async {
        drop(governor.admit(RequestClass::Job, Operation::ListSessions).await.unwrap());
        start.elapsed()
    };
    let other = async {
        drop(governor.admit(RequestClass::Lookup, Operation::ListUsers).await.unwrap());
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
    let held = governor.admit(RequestClass::Poll, Operation::ListSessions).await.unwrap();
    let waiting = async {
        drop(governor.admit(RequestClass::Poll, Operation::ListSessions).await.unwrap());
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
    let held = governor.admit(RequestClass::Job, Operation::Logoff).await.unwrap();
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
            let _permit = governor.admit(class, Operation::ListSessions).await.unwrap();
            {
                let mut most = most.lock().unwrap();
                most.0 = most.0.max(snapshot(governor).0);
                most.1 = most.1.max(governor.gate.0.lookups());
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
    drop(governor.admit(RequestClass::Poll, Operation::ListUsers).await.unwrap());
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
    governor.gate.0.pump_now();
    assert!(!status.has_changed().unwrap());
}
