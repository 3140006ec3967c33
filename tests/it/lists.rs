//! Long lists: shown from the first page on, and looked at in part between two readings.

use std::{
    collections::BTreeSet,
    sync::{Arc, mpsc},
    time::Duration,
};

use foretop::{
    api::{ListProgress, RequestClass},
    core::table::SessionTable,
    domain::{SessionFacts, SessionId, SessionState},
    engine::{self, Glimpses},
    sim::{ClockMode, Release, SimOptions},
};
use jiff::Timestamp;

use crate::support::{connect_to, simulate, small};

/// The ids in a table.
fn ids(table: &SessionTable) -> BTreeSet<String> {
    table.iter().map(|session| session.id().into_owned()).collect()
}

#[tokio::test]
async fn a_long_list_can_be_looked_at_from_its_first_page_on() {
    let simulator = simulate(SimOptions { sessions: Some(3500), ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let (sender, parts) = mpsc::channel();
    let glimpses = Glimpses::new(None, Timestamp::now());
    let polled = engine::poll_sessions(&estate, RequestClass::Poll, None, None, Timestamp::now, |progress| {
        let sender = sender.clone();
        glimpses.look(progress, estate.clock_offset(), move |table| sender.send(table).unwrap());
    })
    .await
    .unwrap();
    drop(sender);
    let parts: Vec<Arc<SessionTable>> = parts.into_iter().collect();
    let whole = ids(&polled.table);
    assert_eq!(whole.len(), 3500);
    assert_eq!(parts[0].len(), 1000, "the first page");
    let mut before = 0;
    for part in &parts {
        assert!(!part.complete(), "nobody has ended because a page has not come yet");
        assert!(part.len() >= 2 * before && ids(part).is_subset(&whole));
        before = part.len();
    }
    assert!(Arc::ptr_eq(&glimpses.last().unwrap(), parts.last().unwrap()));
}

#[tokio::test]
async fn names_that_are_looked_up_in_the_end_are_waited_for() {
    let release = Release::all().next().expect("a release");
    let simulator = simulate(SimOptions { sessions: Some(2500), release, ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let glimpses = Glimpses::new(None, Timestamp::now());
    let look = |progress: ListProgress<'_>| {
        glimpses.look(progress, None, |_| panic!("sessions without names"));
    };
    let polled = engine::poll_sessions(&estate, RequestClass::Poll, None, None, Timestamp::now, look).await;
    assert_eq!(polled.unwrap().table.len(), 2500);
    assert!(glimpses.last().is_none());
}

#[tokio::test]
async fn a_look_brings_what_is_new_about_some_sessions_in_few_calls() {
    let clock = ClockMode::Manual { start: "2026-03-02T14:00:00Z".parse().unwrap() };
    let simulator = simulate(SimOptions { clock, sessions: Some(300), ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let polled =
        engine::poll_sessions(&estate, RequestClass::Poll, None, None, Timestamp::now, |_| {}).await.unwrap();
    let table = polled.table;
    let chosen: Vec<SessionId> = table.iter().take(60).map(SessionFacts::session_id).collect();
    let asked = simulator.control().requests().len();
    let look = |table: &Arc<SessionTable>| engine::renew_sessions(&estate, Arc::clone(table), &chosen);
    // Boxed: what a look needs is much for the stack of a test.
    assert_eq!(Box::pin(look(&table)).await.unwrap(), None, "nothing is new");
    let requests = simulator.control().requests();
    let asked: Vec<String> =
        requests.into_iter().skip(asked).map(|call| call.path + "?" + &call.query).collect();
    assert_eq!(asked.len(), 2, "two filters of fifty ids: {asked:#?}");
    simulator.control().advance(Duration::from_hours(3));
    let renewed = Box::pin(look(&table)).await.unwrap().expect("much is new after three hours");
    assert_eq!(renewed.fetched_at(), table.fetched_at(), "the list as a whole is as old as before");
    let truth = simulator.control().sessions();
    let mut changed = 0;
    for (old, new) in table.iter().zip(renewed.iter()) {
        assert_eq!(old.id(), new.id());
        if !chosen.contains(&old.session_id()) {
            assert_eq!(old.to_session(), new.to_session(), "who was not looked at is as before");
            continue;
        }
        let Some(truth) = truth.iter().find(|truth| truth.id == *new.id()) else {
            assert_eq!(old.to_session(), new.to_session(), "who has ended is left to the next list");
            continue;
        };
        // One that has begun meanwhile is left to the next list, too: it may be another one.
        if old.state() != Some(&SessionState::Pending) {
            assert_eq!(new.state().map(SessionState::word), Some(truth.state.as_str()), "{}", truth.id);
        }
        changed += usize::from(old.to_session() != new.to_session());
    }
    assert!(changed > 0);
}

#[tokio::test]
async fn a_release_without_filters_is_not_asked_for_single_sessions() {
    let release = Release::all().next().expect("a release");
    let simulator = simulate(SimOptions { release, ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let polled =
        engine::poll_sessions(&estate, RequestClass::Poll, None, None, Timestamp::now, |_| {}).await.unwrap();
    let chosen: Vec<SessionId> = polled.table.iter().take(60).map(SessionFacts::session_id).collect();
    let asked = simulator.control().requests().len();
    assert_eq!(engine::renew_sessions(&estate, polled.table, &chosen).await.unwrap(), None);
    assert_eq!(simulator.control().requests().len(), asked);
}
