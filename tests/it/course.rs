//! Warn, wait, log off, force, against the simulated estate: what the job tells is what the simulator's own books say.

use std::{sync::Arc, time::Duration};

use foretop::{
    core::bulk::{
        Course, Deadlines, Job, JobControl, JobEvent, JobPhase, Orders, Plan, Reminder, Stage, Target, Terms,
    },
    domain::{
        FaultKind, JobId, MessageSeverity, MessageText, Outcome, OutcomeKind, Session, SessionId,
        SessionState, Text, Verb,
    },
    engine::{JobMeans, Lookout, run_job},
    sim::{FaultSpec, Simulator},
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::support::{Estate, connect_to, simulate, small};

/// More than a test may take: what is to end sooner has to be told so.
const AN_HOUR: u32 = 3600;

fn text(words: &str) -> MessageText {
    MessageText { severity: MessageSeverity::Warning, text: words.into() }
}

fn course(wait_seconds: u32) -> Course {
    Course {
        warning: text("{user}: log off within {minutes} min"),
        wait_seconds,
        reminders: Vec::new(),
        force_after_seconds: None,
        even_unwarned: false,
    }
}

/// A plan of these sessions as they are now.
fn plan(simulator: &Simulator, ids: &[String], course: Course) -> Arc<Plan> {
    let now = jiff::Timestamp::now();
    let target = |id: &String| {
        let truth = simulator.control().session(id).unwrap();
        let mut session = Session::new(SessionId::from(id.as_str()));
        session.user_name = Some(Text::clean(&truth.user_name));
        session.state = Some(match truth.state.as_str() {
            "CONNECTED" => SessionState::Connected,
            "DISCONNECTED" => SessionState::Disconnected,
            _ => SessionState::Pending,
        });
        Target { session, hidden: false, pod: None }
    };
    let deadlines = Some(Deadlines { logoff: 1, ..Deadlines::default() });
    Arc::new(Plan {
        id: "7f3a".into(),
        verb: Verb::Logoff,
        message: None,
        to_send: ids.iter().map(target).collect(),
        held_back: Vec::new(),
        made_at: now,
        data_at: now,
        retry_of: None,
        terms: Terms { course: Some(course), deadlines, ..Terms::default() },
    })
}

/// What a test can do while a job runs.
struct Hands<'a> {
    simulator: &'a Simulator,
    orders: watch::Sender<Orders>,
    stop: CancellationToken,
}

impl Hands<'_> {
    fn wish(&self, control: JobControl) {
        self.orders.send_modify(|orders| orders.take(control));
    }
}

/// Runs a job to its end. The counts are looked at after every word of it.
async fn run(
    estate: &Estate,
    simulator: &Simulator,
    plan: Arc<Plan>,
    mut watch: impl FnMut(&JobEvent, &Job, &Hands<'_>),
) -> Job {
    let (events, mut told) = mpsc::channel(16);
    let (sender, orders) = watch::channel(Orders::default());
    let hands = Hands { simulator, orders: sender, stop: CancellationToken::new() };
    let governor = crate::support::governor();
    let means = JobMeans {
        orders,
        lookout: Lookout::every(Duration::from_millis(20)),
        ..JobMeans::new(estate.clone(), governor.status(), hands.stop.clone())
    };
    let running = tokio::spawn(run_job(means, Arc::clone(&plan), events));
    let mut job = Job::new(JobId(1), plan, jiff::Timestamp::now());
    while let Some(event) = told.recv().await {
        job.apply(&event, jiff::Timestamp::now());
        assert_eq!(job.counts().values().sum::<usize>(), job.plan.len(), "{event:?}");
        watch(&event, &job, &hands);
    }
    running.await.unwrap();
    job
}

/// Connected sessions that a polite logoff ends, and disconnected ones.
fn some(simulator: &Simulator, state: &str, count: usize) -> Vec<String> {
    let mut ids = simulator
        .control()
        .ids_where(|session| session.state == state && !session.locked && !session.ghost && !session.leaving);
    ids.truncate(count);
    assert_eq!(ids.len(), count, "the world has enough of them");
    ids
}

fn held_because(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::HeldBack(reason) => reason.as_str(),
        other => panic!("{other:?}"),
    }
}

fn calls(simulator: &Simulator, verb: &str) -> usize {
    simulator.control().requests_to("POST", &format!("/action/{verb}")).len()
}

#[tokio::test]
async fn force_is_for_the_locked_and_the_still_listed_only() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let mut ids = some(&simulator, "CONNECTED", 6);
    ids.extend(some(&simulator, "DISCONNECTED", 1));
    let control = simulator.control();
    let (willing, locked, ghost, left, back) = (0..3, 3, 4, 5, 6);
    control.set_locked(&ids[locked], true);
    control.set_ghost(&ids[ghost], true);
    let course = Course { force_after_seconds: Some(1), ..course(AN_HOUR) };
    let plan = plan(&simulator, &ids, course);
    let names: Vec<Text> = plan.to_send.iter().map(|target| target.session.user_label().unwrap()).collect();
    let mut warned = 0;
    let job = run(&estate, &simulator, plan, |event, job, hands| match event {
        JobEvent::Entered(Stage::Countdown { until: Some(_), .. }) if warned == 0 => {
            warned = job.messages.len();
            assert!(
                job.outcomes.iter().all(|outcome| *outcome == Outcome::Unsent),
                "a warning is no outcome"
            );
            hands.simulator.control().remove(&ids[left]);
            assert!(hands.simulator.control().reconnect(&ids[back]));
            hands.wish(JobControl::Shorten(AN_HOUR));
        }
        JobEvent::Settled { .. } => hands.simulator.control().advance(Duration::from_mins(1)),
        _ => {}
    })
    .await;
    assert_eq!(warned, ids.len());
    for place in willing.clone() {
        assert_eq!(job.outcomes[place], Outcome::Confirmed);
        assert!(!control.is_present(&ids[place]));
    }
    assert_eq!(held_because(&job.outcomes[left]), "gone already");
    assert_eq!(held_because(&job.outcomes[back]), "reconnected since");
    assert!(control.is_present(&ids[back]), "whoever came back stays");
    assert_eq!(job.outcomes[locked], Outcome::Confirmed, "by force");
    assert_eq!(control.ending(&ids[locked]), Some(foretop::sim::Ending::LoggedOffByForce));
    assert_eq!(job.outcomes[ghost], Outcome::StillListed, "force does not move a ghost either");
    assert!(control.is_present(&ids[ghost]));
    for place in willing.chain([locked, ghost]) {
        let messages = control.session(&ids[place]).map(|session| session.messages);
        if let Some(messages) = messages {
            assert_eq!(messages, [format!("{}: log off within 60 min", names[place])]);
        }
    }
    assert!(matches!(job.phase, JobPhase::Finished { stopped: false, fault: None, .. }));
    let forced = control.requests_to("POST", "/action/logoff");
    assert_eq!(forced.len(), 2, "one polite request, one forced");
}

#[tokio::test]
async fn nobody_is_logged_off_unwarned() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    simulator.control().add_fault("drop@send-message".parse::<FaultSpec>().unwrap());
    let ids = some(&simulator, "CONNECTED", 3);
    let course = Course { warning: text("log off"), ..course(AN_HOUR) };
    let job = run(&estate, &simulator, plan(&simulator, &ids, course), |_, _, _| {}).await;
    for outcome in &job.outcomes {
        assert_eq!(held_because(outcome), "was not warned: its message got no answer");
    }
    assert_eq!(calls(&simulator, "logoff"), 0);
    assert_eq!(job.messages.values().filter(|sent| sent.kind() == OutcomeKind::NoAnswer).count(), 3);
}

#[tokio::test]
async fn a_plan_can_say_that_the_unwarned_go_too() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    simulator.control().add_fault("drop@send-message".parse::<FaultSpec>().unwrap());
    let ids = some(&simulator, "CONNECTED", 2);
    let course = Course { warning: text("log off"), even_unwarned: true, ..course(0) };
    let job = run(&estate, &simulator, plan(&simulator, &ids, course), |event, _, hands| {
        if matches!(event, JobEvent::Settled { .. }) {
            hands.simulator.control().advance(Duration::from_mins(1));
        }
    })
    .await;
    assert!(job.outcomes.iter().all(|outcome| *outcome == Outcome::Confirmed), "{:?}", job.outcomes);
}

#[tokio::test]
async fn a_cancelled_countdown_leaves_all_unsent() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = some(&simulator, "CONNECTED", 3);
    let job = run(&estate, &simulator, plan(&simulator, &ids, course(AN_HOUR)), |event, _, hands| {
        if matches!(event, JobEvent::Entered(Stage::Countdown { .. })) {
            hands.wish(JobControl::CancelCountdown);
        }
    })
    .await;
    assert!(job.outcomes.iter().all(|outcome| *outcome == Outcome::Unsent));
    assert!(matches!(job.phase, JobPhase::Finished { stopped: true, fault: None, .. }));
    assert_eq!((calls(&simulator, "logoff"), calls(&simulator, "send-message")), (0, 3));
}

#[tokio::test]
async fn a_stop_ends_the_wait() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = some(&simulator, "CONNECTED", 1);
    let job = run(&estate, &simulator, plan(&simulator, &ids, course(AN_HOUR)), |event, _, hands| {
        if matches!(event, JobEvent::Entered(Stage::Countdown { .. })) {
            hands.stop.cancel();
        }
    })
    .await;
    assert!(matches!(job.phase, JobPhase::Finished { stopped: true, .. }));
    assert_eq!((job.outcomes[0].kind(), calls(&simulator, "logoff")), (OutcomeKind::Unsent, 0));
}

#[tokio::test]
async fn a_held_countdown_waits_until_it_is_let_go() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = some(&simulator, "CONNECTED", 1);
    let mut seen = Vec::new();
    let job = run(&estate, &simulator, plan(&simulator, &ids, course(AN_HOUR)), |event, _, hands| {
        match event {
            JobEvent::Entered(Stage::Countdown { until, left_seconds }) => {
                seen.push((until.is_some(), left_seconds.div_ceil(60)));
                match seen.len() {
                    1 => hands.wish(JobControl::HoldCountdown),
                    // What is wished for while it stands still counts when it goes on.
                    2 => hands.wish(JobControl::Lengthen(600)),
                    3 => hands.wish(JobControl::ReleaseCountdown),
                    4 => hands.wish(JobControl::Shorten(AN_HOUR + 600)),
                    _ => {}
                }
            }
            JobEvent::Settled { .. } => hands.simulator.control().advance(Duration::from_mins(1)),
            _ => {}
        }
    })
    .await;
    assert_eq!(seen, [(true, 60), (false, 60), (false, 70), (true, 70), (true, 0)]);
    assert_eq!(job.outcomes[0], Outcome::Confirmed);
}

#[tokio::test]
async fn reminders_go_to_those_still_there() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = some(&simulator, "CONNECTED", 3);
    let reminder = |before_seconds| Reminder { before_seconds, text: text("{minutes} min left") };
    let course = Course { reminders: vec![reminder(300), reminder(60)], ..course(900) };
    let mut countdowns = 0;
    let job = run(&estate, &simulator, plan(&simulator, &ids, course), |event, job, hands| match event {
        JobEvent::Entered(Stage::Countdown { .. }) => {
            countdowns += 1;
            match countdowns {
                1 => {
                    hands.simulator.control().remove(&ids[1]);
                    hands.wish(JobControl::Shorten(630));
                }
                _ if job.reminders.values().sum::<usize>() == 2 => hands.wish(JobControl::Shorten(900)),
                _ => {}
            }
        }
        JobEvent::Messaged { .. } if job.reminders.len() == 2 => {
            let control = hands.simulator.control();
            assert_eq!(control.session(&ids[0]).unwrap().messages.last().unwrap(), "5 min left");
        }
        JobEvent::Settled { .. } => hands.simulator.control().advance(Duration::from_mins(1)),
        _ => {}
    })
    .await;
    assert_eq!(job.reminders.into_iter().collect::<Vec<_>>(), [(0, 1), (2, 1)]);
    assert_eq!(held_because(&job.outcomes[1]), "gone already");
    assert_eq!((&job.outcomes[0], &job.outcomes[2]), (&Outcome::Confirmed, &Outcome::Confirmed));
}

#[tokio::test]
async fn without_force_the_locked_stay_refused() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = some(&simulator, "CONNECTED", 2);
    simulator.control().set_locked(&ids[0], true);
    let job = run(&estate, &simulator, plan(&simulator, &ids, course(0)), |event, _, hands| {
        if matches!(event, JobEvent::Settled { .. }) {
            hands.simulator.control().advance(Duration::from_mins(1));
        }
    })
    .await;
    assert_eq!(job.outcomes[0].fault().map(|fault| fault.kind), Some(FaultKind::InvalidState));
    assert_eq!(job.outcomes[1], Outcome::Confirmed);
    assert_eq!(calls(&simulator, "logoff"), 1);
}
