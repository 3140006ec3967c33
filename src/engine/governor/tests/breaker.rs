//! Giving a server up, and seeing whether it is back.

use super::*;

const FAILURES: u32 = 3;

fn lone() -> Lone {
    Lone::new(Limits { failures: FAILURES, longest_rest: Duration::from_secs(8), ..Limits::default() })
}

async fn ask(lone: &Lone, how: Answered) -> Result<(), ShutOut> {
    let permit = lone.admit(RequestClass::Poll, Operation::ListSessions).await?;
    lone.answered(Operation::ListSessions, how, Duration::ZERO);
    drop(permit);
    Ok(())
}

async fn fail(lone: &Lone) {
    for _ in 0..FAILURES {
        ask(lone, Answered::Unreached).await.unwrap();
    }
}

fn shown(lone: &Lone) -> Breaker {
    lone.status().borrow().servers[0].breaker
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_open_it_and_a_good_answer_closes_it() {
    let lone = lone();
    for how in [Answered::Unavailable, Answered::Lost, Answered::Well, Answered::Unreached, Answered::Lost] {
        ask(&lone, how).await.unwrap();
    }
    assert_eq!(shown(&lone), Breaker::Closed, "not in a row");
    ask(&lone, Answered::Unreached).await.unwrap();
    assert!(matches!(shown(&lone), Breaker::Open { .. }));
    let shut = ask(&lone, Answered::Well).await.unwrap_err();
    assert_eq!(shut.failures, FAILURES);
    assert!(shut.wait <= Duration::from_secs(1));
    tokio::time::sleep(shut.wait).await;
    ask(&lone, Answered::Well).await.unwrap();
    assert_eq!(shown(&lone), Breaker::Closed);
}

#[tokio::test(start_paused = true)]
async fn neither_429_nor_500_is_a_reason() {
    let lone = lone();
    for _ in 0..10 {
        ask(&lone, Answered::Failed).await.unwrap();
        ask(&lone, Answered::Throttled).await.unwrap();
    }
    assert_eq!(shown(&lone), Breaker::Closed);
}

#[tokio::test(start_paused = true)]
async fn one_goes_to_see_and_the_others_wait_for_what_it_finds() {
    for (found, rest) in [(Answered::Well, 3), (Answered::Unreached, 0)] {
        let lone = lone();
        fail(&lone).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let scout = lone.admit(RequestClass::Poll, Operation::ListSessions).await.unwrap();
        assert_eq!(shown(&lone), Breaker::HalfOpen);
        let other = |_| async { lone.admit(RequestClass::Poll, Operation::ListSessions).await.map(drop) };
        let others = join_all((0..3).map(other));
        let mut others = Box::pin(others);
        assert!((&mut others).now_or_never().is_none());
        lone.answered(Operation::ListSessions, found, Duration::ZERO);
        drop(scout);
        let let_in = others.await.into_iter().flatten().count();
        assert_eq!(let_in, rest, "{found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_rests_longer_each_time_up_to_a_cap() {
    let lone = lone();
    fail(&lone).await;
    let mut rests = Vec::new();
    for _ in 0..8 {
        let shut = ask(&lone, Answered::Well).await.unwrap_err();
        rests.push(shut.wait);
        tokio::time::sleep(shut.wait).await;
        ask(&lone, Answered::Unreached).await.unwrap();
    }
    for (rest, longest) in rests.iter().zip([1, 2, 4, 8, 8, 8, 8, 8]) {
        let longest = Duration::from_secs(longest);
        assert!(*rest <= longest && *rest >= longest / 2, "{rests:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_scout_that_is_not_waited_for_leaves_the_place_to_the_next() {
    let lone = lone();
    fail(&lone).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(lone.admit(RequestClass::Poll, Operation::ListSessions).await.unwrap());
    ask(&lone, Answered::Well).await.unwrap();
    assert_eq!(shown(&lone), Breaker::Closed);
}

#[tokio::test(start_paused = true)]
async fn who_waits_when_it_opens_is_told_at_once() {
    let lone = Lone::new(Limits { requests: 1, failures: 1, ..Limits::default() });
    let held = lone.admit(RequestClass::Poll, Operation::ListSessions).await.unwrap();
    let mut waiting = lone.admit(RequestClass::Job, Operation::Logoff);
    assert!((&mut waiting).now_or_never().is_none());
    lone.answered(Operation::ListSessions, Answered::Lost, Duration::ZERO);
    drop(held);
    assert!(waiting.now_or_never().unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_given_up_is_looked_after_once_at_a_time() {
    let lone = lone();
    assert!(lone.probe().is_none(), "there is nothing to see");
    lone.give_up();
    assert_eq!(lone.standing(), Standing::Shut);
    assert!(lone.probe().is_none());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(lone.standing(), Standing::Due);
    let probe = lone.probe().unwrap();
    assert!(lone.probe().is_none());
    lone.answered(Operation::ReadEnvironment, Answered::Unreached, Duration::ZERO);
    drop(probe);
    assert_eq!(lone.standing(), Standing::Shut);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let probe = lone.probe().unwrap();
    lone.answered(Operation::ReadEnvironment, Answered::Well, Duration::ZERO);
    drop(probe);
    assert_eq!(lone.standing(), Standing::Open);
}

#[tokio::test(start_paused = true)]
async fn servers_have_nothing_to_do_with_each_other() {
    let lone = lone();
    let other = LaneGate(lone.governor.lane(&"cs2".into()));
    fail(&lone).await;
    lone.throttled(Operation::Logoff, Duration::from_secs(9));
    other.throttled(Operation::ListUsers, Duration::from_secs(9));
    drop(other.admit(RequestClass::Poll, Operation::ListSessions).now_or_never().unwrap().unwrap());
    let status = lone.status().borrow().clone();
    let names: Vec<_> = status.servers.iter().map(|server| server.server.to_string()).collect();
    assert_eq!(names, ["cs1", "cs2"]);
    let cooling: Vec<_> = status.cooling.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(cooling, [Operation::ListUsers], "what a server says that was given up holds nobody up");
}

#[tokio::test(start_paused = true)]
async fn trouble_lowers_the_places_and_a_job_finds_one_all_the_same() {
    let lone = Lone::new(Limits { failures: 100, ..Limits::default() });
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        ask(&lone, Answered::Unavailable).await.unwrap();
    }
    assert_eq!(lone.status().borrow().servers[0].limit, 1);
    let _poll: Permit = lone.admit(RequestClass::Poll, Operation::ListSessions).await.unwrap();
    assert!(lone.admit(RequestClass::Poll, Operation::ListEvents).now_or_never().is_none());
    assert!(lone.admit(RequestClass::Job, Operation::Logoff).now_or_never().is_some());
}
