//! Pausing, another pace, the canary and the stop line: what really leaves is counted in the simulator's books.

use std::{sync::Arc, time::Duration};

use foretop::{
    api::RequestClass,
    core::bulk::{Canary, Deadlines, Job, JobControl, JobEvent, Orders, Pace, Plan, Stage, Target, Terms},
    domain::{JobId, MessageSeverity, MessageText, OutcomeKind, Session, SessionId, Verb},
    engine::{JobMeans, Lookout, run_job},
    sim::{SimOptions, Simulator},
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::support::{connect_to, simulate, small};

/// What a test does to a job.
struct Hands {
    orders: watch::Sender<Orders>,
    stop: CancellationToken,
}

impl Hands {
    fn wish(&self, control: JobControl) {
        self.orders.send_modify(|orders| orders.take(control));
    }
}

/// How long the jobs wait for a server that is away: longer than a busy machine takes to bring it back.
const PATIENCE: Duration = Duration::from_secs(6);

/// Runs a polite logoff of so many sessions, of which the first are locked; `watch` sees each event.
async fn run(
    simulator: &Simulator,
    targets: (usize, usize),
    pace: Pace,
    deadlines: Option<Deadlines>,
    watch: impl FnMut(&JobEvent, &Hands),
) -> Job {
    run_with(simulator, targets, pace, deadlines, PATIENCE, watch).await
}

/// The same with this patience.
async fn run_with(
    simulator: &Simulator,
    (count, locked): (usize, usize),
    pace: Pace,
    deadlines: Option<Deadlines>,
    patience: Duration,
    mut watch: impl FnMut(&JobEvent, &Hands),
) -> Job {
    let estate = connect_to(simulator.url(), simulator).await;
    let mut ids = simulator.control().ids_where(|session| !session.locked && !session.ghost);
    ids.truncate(count);
    assert_eq!(ids.len(), count, "the world has enough of them");
    for id in &ids[..locked] {
        simulator.control().set_locked(id, true);
    }
    let target = |id: &String| Target {
        session: Session::new(SessionId::from(id.as_str())),
        hidden: false,
        pod: None,
    };
    let now = jiff::Timestamp::now();
    let plan = Arc::new(Plan {
        id: "7f3a".into(),
        verb: Verb::Logoff,
        message: None,
        to_send: ids.iter().map(target).collect(),
        held_back: Vec::new(),
        made_at: now,
        data_at: now,
        retry_of: None,
        terms: Terms { pace, deadlines, ..Terms::default() },
    });
    let governor = crate::support::governor();
    let (orders, wishes) = watch::channel(Orders::default());
    let hands = Hands { orders, stop: CancellationToken::new() };
    let means = JobMeans {
        orders: wishes,
        lookout: Lookout::every(Duration::from_millis(20)).with_patience(patience),
        ..JobMeans::new(estate, governor.status(), hands.stop.clone())
    };
    // With room for one event only, the job never is more than one step ahead of what is seen here.
    let (events, mut told) = mpsc::channel(1);
    let running = tokio::spawn(run_job(means, Arc::clone(&plan), events));
    let mut job = Job::new(JobId(1), plan, now);
    while let Some(event) = told.recv().await {
        job.apply(&event, jiff::Timestamp::now());
        assert_eq!(job.counts().values().sum::<usize>(), count, "{event:?}");
        watch(&event, &hands);
    }
    running.await.unwrap();
    job
}

fn sent(simulator: &Simulator) -> usize {
    simulator.control().requests_to("POST", "/action/logoff").len()
}

fn counts(job: &Job) -> Vec<(OutcomeKind, usize)> {
    job.counts().into_iter().collect()
}

fn fours() -> Pace {
    Pace { chunk: 4, ..Pace::default() }
}

#[tokio::test]
async fn a_pause_holds_the_next_chunk_until_the_job_may_go_on() {
    let simulator = simulate(small()).await;
    let mut pauses = 0;
    let job = run(&simulator, (12, 0), fours(), None, |event, hands| match event {
        JobEvent::Entered(Stage::Checking) if pauses == 0 => hands.wish(JobControl::Pause),
        JobEvent::Entered(Stage::Paused) => {
            pauses += 1;
            assert_eq!(sent(&simulator), 1, "what was on its way left, and nothing more");
            hands.wish(JobControl::Resume);
        }
        _ => {}
    })
    .await;
    assert_eq!((pauses, sent(&simulator)), (1, 3));
    assert_eq!(counts(&job), [(OutcomeKind::Accepted, 12)]);
}

#[tokio::test]
async fn a_paused_job_can_be_stopped() {
    let simulator = simulate(small()).await;
    let job = run(&simulator, (12, 0), fours(), None, |event, hands| match event {
        JobEvent::Entered(Stage::Checking) => hands.wish(JobControl::Pause),
        JobEvent::Entered(Stage::Paused) => hands.stop.cancel(),
        _ => {}
    })
    .await;
    assert_eq!(counts(&job), [(OutcomeKind::Unsent, 8), (OutcomeKind::Accepted, 4)]);
    assert_eq!((job.ending(), sent(&simulator)), ((true, None), 1));
}

#[tokio::test]
async fn another_pace_holds_from_the_next_chunk_on() {
    let simulator = simulate(small()).await;
    let job = run(&simulator, (12, 0), fours(), None, |event, hands| {
        if matches!(event, JobEvent::Entered(Stage::Checking)) {
            hands.wish(JobControl::SetPace(Pace { chunk: 2, ..Pace::default() }));
        }
    })
    .await;
    assert_eq!((job.calls, sent(&simulator)), (5, 5), "one of four, four of two");
}

#[tokio::test]
async fn a_canary_that_fails_keeps_the_rest_from_leaving() {
    let simulator = simulate(small()).await;
    let pace = Pace { canary: Canary::Count(1), ..fours() };
    let job = run(&simulator, (12, 1), pace, Some(Deadlines::default()), |_, _| {}).await;
    assert_eq!(counts(&job), [(OutcomeKind::Unsent, 11), (OutcomeKind::Refused, 1)]);
    assert!(job.ending().1.is_some_and(|fault| fault.operation == "canary"), "{:?}", job.phase);
    assert_eq!(sent(&simulator), 1);
}

#[tokio::test]
async fn too_many_failures_stop_the_job() {
    let simulator = simulate(small()).await;
    let pace = Pace { stop_above_percent: Some(40), ..fours() };
    let job = run(&simulator, (12, 2), pace, None, |_, _| {}).await;
    assert_eq!(
        counts(&job),
        [(OutcomeKind::Unsent, 8), (OutcomeKind::Accepted, 2), (OutcomeKind::Refused, 2)]
    );
    assert!(job.ending().1.is_some_and(|fault| fault.message.as_str().contains("more than 40%")));
    assert_eq!(sent(&simulator), 1);
}

/// The server goes away behind the second chunk of four; `waits` counts how often the job waited for it. Gives how many
/// pauses there were in all.
async fn outage(
    pause_seconds: u32,
    patience: Duration,
    comes_back_after: impl Fn(usize) -> bool,
) -> (Simulator, Job, usize) {
    let simulator = simulate(small()).await;
    let pace = Pace { chunk: 3, pause_seconds, ..Pace::default() };
    let (mut answered, mut waits, mut pauses) = (0, 0, 0);
    let job = run_with(&simulator, (12, 0), pace, None, patience, |event, _| match event {
        JobEvent::Settled { .. } => {
            answered += 1;
            simulator.control().set_down(answered == 2);
        }
        JobEvent::Entered(Stage::Outage { .. }) => {
            waits += 1;
            simulator.control().set_down(!comes_back_after(waits));
        }
        JobEvent::Entered(Stage::Between { .. }) => pauses += 1,
        _ => {}
    })
    .await;
    (simulator, job, pauses)
}

#[tokio::test]
async fn a_job_waits_for_a_server_that_cannot_be_read() {
    let (simulator, job, _) = outage(0, PATIENCE, |waits| waits >= 2).await;
    assert_eq!((counts(&job), job.ending().1), (vec![(OutcomeKind::Accepted, 12)], None));
    assert_eq!(sent(&simulator), 4);
}

#[tokio::test]
async fn what_was_not_read_again_is_unsent_when_the_job_gives_up() {
    let (_, job, pauses) = outage(1, Duration::from_millis(500), |_| false).await;
    assert_eq!(pauses, 2, "none for what is not sent any more");
    assert_eq!(counts(&job), [(OutcomeKind::Unsent, 6), (OutcomeKind::Accepted, 6)]);
    assert!(job.ending().1.is_some(), "it gave up, and can be gone on with");
}

/// Rows about sessions on RDS servers name no machine by its id: they are known by the names in their texts.
#[tokio::test]
async fn messages_to_sessions_on_rds_servers_are_confirmed_by_their_events() {
    let simulator = simulate(SimOptions { clock: foretop::sim::ClockMode::default(), ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let listed = estate.list_sessions(RequestClass::Job, |_| {}).await.unwrap().sessions;
    let on_servers = listed.into_iter().filter(Session::is_on_rds_server).take(20);
    let to_send: Vec<Target> =
        on_servers.map(|session| Target { session, hidden: false, pod: None }).collect();
    assert!(to_send.len() > 5, "the world has enough of them");
    let now = jiff::Timestamp::now();
    let plan = Arc::new(Plan {
        id: "7f3b".into(),
        verb: Verb::Message,
        message: Some(MessageText { text: "Save (to session) now".into(), severity: MessageSeverity::Info }),
        to_send,
        held_back: Vec::new(),
        made_at: now,
        data_at: now,
        retry_of: None,
        terms: Terms { deadlines: Some(Deadlines::default()), ..Terms::default() },
    });
    let means = JobMeans {
        lookout: Lookout::every(Duration::from_millis(100)),
        ..JobMeans::new(estate, crate::support::governor().status(), CancellationToken::new())
    };
    let (events, mut told) = mpsc::channel(16);
    let running = tokio::spawn(run_job(means, Arc::clone(&plan), events));
    let mut job = Job::new(JobId(1), Arc::clone(&plan), now);
    while let Some(event) = told.recv().await {
        job.apply(&event, jiff::Timestamp::now());
    }
    running.await.unwrap();
    assert_eq!(counts(&job), [(OutcomeKind::Confirmed, plan.to_send.len())]);
}
