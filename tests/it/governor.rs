//! The governor between client and server: what leaves, when, and to whom.

use std::{sync::Arc, time::Duration};

use foretop::{
    api::{Action, Connection, Estate, ItemAnswer, Password, RequestClass},
    domain::{FaultKind, SessionId, Verb},
    engine::governor::{Breaker, Governor, GovernorStatus, Limits},
    sim::{ClockMode, FaultSpec, SimOptions, Simulator},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::{connect_with, simulate, small};

const LOGOFF: Action = Action { verb: Verb::LogoffForced, message: None };

fn fault(simulator: &Simulator, spec: &str) {
    simulator.control().add_fault(spec.parse::<FaultSpec>().unwrap());
}

/// Connects to these servers, in this order, as the administrator of the simulator.
async fn connect(servers: Vec<Url>, simulator: &Simulator, governor: &Governor, timeout: Duration) -> Estate {
    let account = simulator.credentials();
    let connection = Connection { timeout, ..Connection::new(servers, account.username, account.domain) };
    let gates = Arc::new(governor.clone());
    Estate::connect(connection, Password::from(account.password), gates).await.unwrap().0
}

fn ids(simulator: &Simulator, count: usize) -> Vec<SessionId> {
    simulator.control().ids().into_iter().take(count).map(SessionId::from).collect()
}

async fn log_off(estate: &Estate, ids: &[SessionId]) -> Vec<ItemAnswer> {
    estate.act(&LOGOFF, ids, &CancellationToken::new()).await.unwrap()
}

async fn reaches(governor: &Governor, what: impl FnMut(&GovernorStatus) -> bool) {
    governor.status().wait_for(what).await.unwrap();
}

/// A server that takes connections and never says anything costs its time-out once; questions and orders go on.
#[tokio::test]
async fn a_first_server_that_hangs_costs_its_time_out_once() {
    let hangs = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: Url = format!("http://{}", hangs.local_addr().unwrap()).parse().unwrap();
    let simulator = simulate(small()).await;
    // It is not looked after again while the test runs.
    let governor = Governor::with(
        Limits { longest_rest: Duration::from_hours(1), ..Limits::default() },
        jiff::Timestamp::now,
        7,
    );
    let servers = vec![address, simulator.url().parse().unwrap()];
    let estate = connect(servers, &simulator, &governor, Duration::from_millis(700)).await;
    for id in ids(&simulator, 5) {
        assert!(estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap().complete);
        assert_eq!(log_off(&estate, &[id]).await, [ItemAnswer::Accepted]);
    }
    let status = governor.status().borrow().clone();
    assert_eq!(status.servers[1].unreached, 0);
    // The log-in, and what looked whether it is back, which nobody waited for.
    let lost = status.servers[0].unreached;
    assert!(lost >= 1, "the first was tried");
    assert_eq!(simulator.control().requests_to("POST", "/action/logoff").len(), 5, "nothing was sent twice");
}

/// A server that was down is asked again only when it has shown that it is back.
#[tokio::test]
async fn the_preferred_server_is_taken_again_when_it_is_back() {
    let (first, second) = (simulate(small()).await, simulate(small()).await);
    let governor = Governor::default();
    let servers = vec![first.url().parse().unwrap(), second.url().parse().unwrap()];
    let estate = connect(servers, &first, &governor, Duration::from_secs(5)).await;
    let list = || estate.list_sessions(RequestClass::Poll, |_| {});
    let listed = |simulator: &Simulator| simulator.control().requests_to("GET", "/sessions").len();
    list().await.unwrap();
    assert_eq!((listed(&first) > 0, listed(&second)), (true, 0));
    first.control().set_down(true);
    list().await.unwrap();
    assert!(matches!(governor.status().borrow().servers[0].breaker, Breaker::Open { .. }));
    let before = listed(&first);
    for _ in 0..5 {
        list().await.unwrap();
    }
    assert_eq!(listed(&first), before, "nothing goes to a server that was given up");
    first.control().set_down(false);
    // Each list looks in passing whether it is time to see; the status tells when it is back.
    let polling = async {
        loop {
            list().await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = reaches(&governor, |status| status.servers[0].breaker == Breaker::Closed) => {}
        () = polling => {}
    }
    let before = listed(&first);
    list().await.unwrap();
    assert!(listed(&first) > before, "the first is preferred");
}

#[tokio::test]
async fn a_single_server_that_keeps_failing_is_left_alone_and_says_so() {
    let simulator = simulate(small()).await;
    let governor = Governor::with(
        Limits { failures: 3, longest_rest: Duration::from_hours(1), ..Limits::default() },
        jiff::Timestamp::now,
        7,
    );
    let estate = connect_with(simulator.url(), &simulator, &governor).await;
    fault(&simulator, "status=503@sessions");
    let list = || estate.list_sessions(RequestClass::Poll, |_| {});
    assert_eq!(list().await.unwrap_err().status, Some(503));
    let sent = simulator.control().requests_to("GET", "/sessions").len();
    assert_eq!(sent, 3, "a question is asked three times");
    let refused = list().await.unwrap_err();
    assert_eq!((refused.kind, refused.maybe_done), (FaultKind::Unreachable, false), "{refused}");
    assert!(refused.message.as_str().contains("failed 3 times in a row"), "{refused}");
    assert_eq!(simulator.control().requests_to("GET", "/sessions").len(), sent, "nothing left");
    let status = governor.status().borrow().clone();
    assert_eq!(status.servers[0].failed, 3);
    assert!(status.servers[0].limit < status.servers[0].most, "fewer at a time");
}

/// 3,000 targets under a throttle, with polls of the list all the while: in each window in which the throttle takes
/// calls, they are there. What counts is the log of the simulator: windows that were used, against the fewest possible,
/// and the time that they took against the time that the throttle wants.
#[tokio::test]
async fn three_thousand_targets_take_nine_tenths_of_what_the_throttle_allows() {
    const CALLS: usize = 5;
    const WINDOW: Duration = Duration::from_secs(3);
    const CHUNK: usize = 150;
    let options = SimOptions { sessions: Some(3_300), clock: ClockMode::Real, ..small() };
    let simulator = simulate(options).await;
    let governor = Governor::default();
    let estate = connect_with(simulator.url(), &simulator, &governor).await;
    fault(&simulator, "throttle=5/3s");
    let ids = ids(&simulator, 3_000);
    let job = async {
        for chunk in ids.chunks(CHUNK) {
            log_off(&estate, chunk).await;
        }
    };
    let polls = async {
        loop {
            drop(estate.list_sessions(RequestClass::Poll, |_| {}).await);
        }
    };
    tokio::select! {
        () = job => {}
        () = polls => {}
    }
    let requests = simulator.control().requests_to("POST", "/action/logoff");
    let taken: Vec<_> = requests.iter().filter(|request| request.status == 200).collect();
    assert_eq!(taken.len(), 3_000 / CHUNK);
    // The simulator opens a window with the first call after the last one ended.
    let mut windows: Vec<jiff::Timestamp> = Vec::new();
    for request in &taken {
        let over = |began: &jiff::Timestamp| request.at.duration_since(*began).unsigned_abs() >= WINDOW;
        if windows.last().is_none_or(over) {
            windows.push(request.at);
        }
    }
    let fewest = taken.len().div_ceil(CALLS);
    let refused = requests.iter().filter(|request| request.status == 429).count();
    let polled = simulator.control().requests_to("GET", "/sessions").len();
    let last = windows.last().unwrap().duration_since(windows[0]).as_secs_f64();
    let by_time = WINDOW.as_secs_f64() * (fewest - 1) as f64 / last;
    let share = fewest as f64 / windows.len() as f64;
    println!(
        "share of the allowed rate: {:.1} % of the windows, {:.1} % of the time; {refused} refused, {polled} polls",
        share * 100.0,
        by_time * 100.0
    );
    assert!(share >= 0.9, "{} windows instead of {fewest}", windows.len());
    assert!(refused <= 4, "it runs into the throttle again and again: {refused}");
    assert!(polled > 0);
}
