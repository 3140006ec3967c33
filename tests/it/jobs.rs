//! Jobs against the simulated estate: what the report says is what the simulator's own books say.

use std::{sync::Arc, time::Duration};

use foretop::{
    core::bulk::{Job, JobEvent, JobPhase, Pace, Plan, Target, Terms},
    domain::{FaultKind, JobId, Outcome, OutcomeKind, Session, SessionId, Verb},
    engine::{JobMeans, run_job},
    sim::{ClockMode, FaultSpec, SimOptions, Simulator},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{Estate, connect_to, connect_with, simulate, small};

/// A plan of these sessions, as an operator would have confirmed it.
fn plan(verb: Verb, ids: &[String]) -> Arc<Plan> {
    let target = |id: &String| Target {
        session: Session::new(SessionId::from(id.as_str())),
        hidden: false,
        pod: None,
    };
    let now = jiff::Timestamp::now();
    Arc::new(Plan {
        id: "7f3a".into(),
        verb,
        message: None,
        to_send: ids.iter().map(target).collect(),
        held_back: Vec::new(),
        made_at: now,
        data_at: now,
        retry_of: None,
        terms: Terms::default(),
    })
}

fn fault(simulator: &Simulator, spec: &str) {
    simulator.control().add_fault(spec.parse::<FaultSpec>().unwrap());
}

/// Sessions that a polite logoff ends.
fn willing(simulator: &Simulator, count: usize) -> Vec<String> {
    let mut ids = simulator.control().ids_where(|session| !session.locked && !session.ghost);
    ids.truncate(count);
    assert_eq!(ids.len(), count, "the world has enough of them");
    ids
}

/// Runs a job to its end; `watch` sees each event and may stop it.
async fn run(
    estate: &Estate,
    chunk: usize,
    plan: Arc<Plan>,
    watch: impl Fn(&JobEvent, &CancellationToken),
) -> Job {
    let governor = crate::support::governor();
    run_with(estate, &governor, chunk, plan, watch).await
}

async fn run_with(
    estate: &Estate,
    governor: &foretop::engine::governor::Governor,
    chunk: usize,
    plan: Arc<Plan>,
    watch: impl Fn(&JobEvent, &CancellationToken),
) -> Job {
    let (events, mut told) = mpsc::channel(16);
    let stop = CancellationToken::new();
    let means = JobMeans::new(estate.clone(), governor.status(), stop.clone());
    let pace = Pace { chunk, ..Pace::default() };
    let plan = Arc::new(Plan { terms: Terms { pace, ..plan.terms.clone() }, ..Plan::clone(&plan) });
    let running = tokio::spawn(run_job(means, Arc::clone(&plan), events));
    let mut job = Job::new(JobId(1), plan, jiff::Timestamp::now());
    while let Some(event) = told.recv().await {
        job.apply(&event, jiff::Timestamp::now());
        watch(&event, &stop);
    }
    running.await.unwrap();
    job
}

fn counts(job: &Job) -> Vec<(OutcomeKind, usize)> {
    job.counts().into_iter().collect()
}

/// How many calls read sessions since the log was cleared.
fn readings(simulator: &Simulator) -> usize {
    let requests = simulator.control().requests();
    requests.iter().filter(|request| request.method == "GET" && request.path.contains("/sessions")).count()
}

#[tokio::test]
async fn targets_are_read_again_in_as_few_calls_as_there_can_be() {
    let simulator = simulate(SimOptions { sessions: Some(400), ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = simulator.control().ids();
    let many: Vec<_> = ids.iter().map(|id| (None, SessionId::from(id.as_str()))).collect();
    simulator.control().clear_requests();
    let read = estate.read_again(&many[..200]).await.unwrap();
    assert_eq!(
        (read.found.len(), readings(&simulator)),
        (200, 4),
        "by filters, as long as the size is unknown"
    );

    estate.list_sessions(foretop::api::RequestClass::Poll, |_| {}).await.unwrap();
    simulator.control().clear_requests();
    let read = estate.read_again(&many[..200]).await.unwrap();
    assert_eq!((read.found.len(), readings(&simulator)), (200, 1), "the whole list is one page");
    simulator.control().clear_requests();
    let read = estate.read_again(&many[..40]).await.unwrap();
    assert_eq!((read.found.len(), readings(&simulator)), (40, 1), "one filter carries less");

    // Who is not in the list is asked for alone: a list may have moved while it was read.
    assert!(simulator.control().remove(&ids[7]));
    simulator.control().clear_requests();
    let read = estate.read_again(&many[..200]).await.unwrap();
    assert_eq!((read.found.len(), read.gone.len(), readings(&simulator)), (199, 1, 2));
}

#[tokio::test]
async fn one_refused_item_never_stops_the_rest() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = willing(&simulator, 12);
    simulator.control().set_locked(&ids[1], true);
    simulator.control().remove(&ids[5]);
    let job = run(&estate, 4, plan(Verb::Logoff, &ids), |_, _| {}).await;
    assert_eq!(
        counts(&job),
        [(OutcomeKind::HeldBack, 1), (OutcomeKind::Accepted, 10), (OutcomeKind::Refused, 1)]
    );
    assert_eq!(job.calls, 3);
    let refused = job.outcomes[1].fault().unwrap();
    assert_eq!(refused.kind, FaultKind::InvalidState, "{refused}");
    simulator.control().advance(Duration::from_mins(1));
    for (place, id) in ids.iter().enumerate() {
        assert_eq!(simulator.control().is_present(id), place == 1, "only the locked one stays");
    }
}

#[tokio::test]
async fn a_stop_keeps_a_chunk_back_that_waits_for_the_throttle() {
    let simulator = simulate(small()).await;
    let governor = crate::support::governor();
    let estate = connect_with(simulator.url(), &simulator, &governor).await;
    fault(&simulator, "throttle=1/2s@logoff");
    let ids = willing(&simulator, 12);
    let job = run_with(&estate, &governor, 4, plan(Verb::Logoff, &ids), |event, stop| {
        if matches!(event, JobEvent::Waiting(_)) {
            stop.cancel();
        }
    })
    .await;
    assert_eq!(counts(&job), [(OutcomeKind::Unsent, 8), (OutcomeKind::Accepted, 4)]);
    assert!(matches!(job.phase, JobPhase::Finished { stopped: true, .. }));
    let carried_out = simulator.control().requests_to("POST", "/action/logoff");
    assert_eq!(carried_out.iter().filter(|request| request.status == 200).count(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_no_answer_and_two_in_a_row_end_the_job() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    fault(&simulator, "drop@logoff");
    let ids = willing(&simulator, 12);
    let job = run(&estate, 3, plan(Verb::Logoff, &ids), |_, _| {}).await;
    assert_eq!(counts(&job), [(OutcomeKind::Unsent, 6), (OutcomeKind::NoAnswer, 6)]);
    assert!(matches!(&job.phase, JobPhase::Finished { fault: Some(fault), .. } if fault.maybe_done));
    assert_eq!(simulator.control().requests_to("POST", "/action/logoff").len(), 2, "nothing is sent twice");
}

#[tokio::test]
async fn without_the_privilege_nothing_is_tried_twice() {
    let simulator = simulate(small()).await;
    let credentials = simulator.account("viewer").unwrap().clone();
    let estate = crate::support::connect_as(simulator.url(), &credentials).await;
    let ids = willing(&simulator, 9);
    let job = run(&estate, 3, plan(Verb::Logoff, &ids), |_, _| {}).await;
    // What the account certainly may not do is not even asked for.
    assert_eq!(counts(&job), [(OutcomeKind::HeldBack, 9)]);
    assert!(simulator.control().requests_to("POST", "/action/logoff").is_empty());
    assert!(ids.iter().all(|id| simulator.control().is_present(id)));
}

/// No request leaves before the told time, and the job ends all the same.
#[tokio::test]
async fn a_throttled_job_of_three_thousand_keeps_to_the_told_times() {
    let options = SimOptions { sessions: Some(3_300), clock: ClockMode::Real, ..small() };
    let simulator = simulate(options).await;
    let governor = crate::support::governor();
    let estate = connect_with(simulator.url(), &simulator, &governor).await;
    fault(&simulator, "throttle=0/2s@logoff:2");
    let ids: Vec<String> = simulator.control().ids().into_iter().take(3_000).collect();
    let job = run_with(&estate, &governor, 500, plan(Verb::LogoffForced, &ids), |_, _| {}).await;
    assert_eq!(job.counts().values().sum::<usize>(), 3_000);
    // Who left by themselves meanwhile was seen to be gone, or came back to be somebody else's.
    let odd = job
        .outcomes
        .iter()
        .find(|outcome| !matches!(outcome, Outcome::Accepted | Outcome::NotFound(_) | Outcome::HeldBack(_)));
    assert_eq!(odd, None, "{:?}", counts(&job));
    assert_eq!(job.throttled, 2, "the throttle was met");

    let requests = simulator.control().requests_to("POST", "/action/logoff");
    assert_eq!(requests.iter().filter(|request| request.status == 200).count(), 6);
    for pair in requests.windows(2) {
        if pair[0].status == 429 {
            // The simulator tells whole seconds, at least one.
            let gap = pair[1].at.duration_since(pair[0].at);
            assert!(gap.as_millis() >= 1_000, "the next request came {gap} after a 429");
        }
    }
}
