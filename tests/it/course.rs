//! Warn, wait, log off, force, against the simulated estate: what the job tells is what the simulator's own books say.

use std::{sync::Arc, time::Duration};

use foretop::{
    core::bulk::{
        Canary, Course, Deadlines, Job, JobControl, JobEvent, JobPhase, Orders, Pace, Plan, Reminder, Stage,
        Step, Target, Terms,
        journal::{Author, CountdownState, CourseLine, Entry, JournalLine, Opened, Recovered, Work},
    },
    domain::{
        Fault, FaultKind, JobId, MessageSeverity, MessageText, Outcome, OutcomeKind, Session, SessionId,
        SessionState, Text, Verb,
    },
    engine::{EarlierRun, JobMeans, Lookout, run_job},
    sim::{FaultSpec, Simulator},
};
use jiff::SignedDuration;
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
    watch: impl FnMut(&JobEvent, &Job, &Hands<'_>),
) -> Job {
    go_on(estate, simulator, plan, None, watch).await
}

/// The same of a job that an earlier run left like this.
async fn go_on(
    estate: &Estate,
    simulator: &Simulator,
    plan: Arc<Plan>,
    resumed: Option<EarlierRun>,
    mut watch: impl FnMut(&JobEvent, &Job, &Hands<'_>),
) -> Job {
    let (events, mut told) = mpsc::channel(16);
    let (sender, orders) = watch::channel(Orders::default());
    let hands = Hands { simulator, orders: sender, stop: CancellationToken::new() };
    let governor = crate::support::governor();
    let means = JobMeans {
        orders,
        resumed: resumed.clone(),
        lookout: Lookout::every(Duration::from_millis(20)),
        ..JobMeans::new(estate.clone(), governor.status(), hands.stop.clone())
    };
    let running = tokio::spawn(run_job(means, Arc::clone(&plan), events));
    let mut job = Job::new(JobId(1), plan, jiff::Timestamp::now());
    if let Some(earlier) = resumed {
        job.outcomes = earlier.outcomes;
        job.messages = earlier.course.messages;
    }
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
                // Back and forth within moments: the same reminder is not news.
                _ if job.reminders.values().sum::<usize>() == 2 => {
                    hands.wish(JobControl::Lengthen(300));
                    hands.wish(JobControl::Shorten(300));
                    hands.wish(JobControl::Shorten(900));
                }
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

/// What an earlier run of this plan left, an hour ago.
fn an_hour_ago(plan: &Arc<Plan>, lines: Vec<JournalLine>) -> EarlierRun {
    let at = jiff::Timestamp::now() - SignedDuration::from_hours(1);
    let by = Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump1".into(), pid: 1 };
    let opened = Opened {
        version: 1,
        journal: "x".to_owned(),
        program: "0.1.0".to_owned(),
        by,
        estate: "prod https://cs1".into(),
        ticket: None,
        work: Work::Sessions(Arc::clone(plan)),
    };
    let mut recovered = Recovered::new(opened, at);
    for line in lines {
        recovered.written(&Entry { n: recovered.next_line(), at, line });
    }
    EarlierRun::of(&recovered, SignedDuration::ZERO)
}

fn says(says: CourseLine) -> JournalLine {
    JournalLine::Course { says }
}

fn warned(places: &[usize]) -> [JournalLine; 2] {
    let outcomes = places.iter().map(|place| (*place, Outcome::Accepted)).collect();
    [
        says(CourseLine::Messaging { step: Step::Warn, places: places.to_vec(), left_seconds: 900 }),
        says(CourseLine::Messaged { step: Step::Warn, outcomes }),
    ]
}

fn polite(places: &[usize]) -> JournalLine {
    JournalLine::Intent { step: 0, places: places.to_vec(), request: "logoff".into() }
}

fn locked() -> Outcome {
    Outcome::Refused(Fault::new(FaultKind::InvalidState, "log off", "it is locked"))
}

#[tokio::test]
async fn a_course_goes_on_where_it_was_and_warns_nobody_twice() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = some(&simulator, "CONNECTED", 3);
    let plan = plan(&simulator, &ids, course(900));
    let mut lines = warned(&[0, 1, 2]).to_vec();
    lines.push(says(CourseLine::Countdown { state: CountdownState::Runs, left_seconds: 900 }));
    let earlier = an_hour_ago(&plan, lines);
    // The time is over long since: it does not wait, and a test that waited would not end.
    let job = go_on(&estate, &simulator, plan, Some(earlier), |event, _, hands| {
        if matches!(event, JobEvent::Settled { .. }) {
            hands.simulator.control().advance(Duration::from_mins(1));
        }
    })
    .await;
    assert!(job.outcomes.iter().all(|outcome| *outcome == Outcome::Confirmed), "{:?}", job.outcomes);
    assert_eq!((calls(&simulator, "send-message"), calls(&simulator, "logoff")), (0, 1));
}

#[tokio::test]
async fn who_may_not_have_been_warned_is_warned_and_all_get_the_whole_time() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let ids = some(&simulator, "CONNECTED", 3);
    let course = Course { warning: text("log off"), ..course(AN_HOUR) };
    let plan = plan(&simulator, &ids, course);
    let mut lines = warned(&[0]).to_vec();
    lines.push(says(CourseLine::Messaging { step: Step::Warn, places: vec![1], left_seconds: 3600 }));
    let earlier = an_hour_ago(&plan, lines);
    let mut left = 0;
    let job = go_on(&estate, &simulator, plan, Some(earlier), |event, _, hands| {
        if let JobEvent::Entered(Stage::Countdown { left_seconds, .. }) = event {
            left = left.max(*left_seconds);
            hands.wish(JobControl::CancelCountdown);
        }
    })
    .await;
    assert_eq!(left, AN_HOUR);
    let messages = |place: usize| simulator.control().session(&ids[place]).unwrap().messages.len();
    assert_eq!([messages(0), messages(1), messages(2)], [0, 1, 1], "the first was warned by the earlier run");
    assert!((0..3).all(|place| job.was_warned(place)));
    assert_eq!(calls(&simulator, "logoff"), 0);
}

#[tokio::test]
async fn who_waits_for_force_gets_it_after_the_time_that_was_promised() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let control = simulator.control();
    let ids = some(&simulator, "CONNECTED", 5);
    control.set_locked(&ids[0], true);
    let plan = plan(&simulator, &ids, Course { force_after_seconds: Some(120), ..course(900) });
    control.remove(&ids[2]);
    let mut lines = warned(&[0, 1, 2, 3, 4]).to_vec();
    let answers = [locked(), Outcome::Accepted, Outcome::Accepted, Outcome::Confirmed, locked()];
    lines.extend([
        says(CourseLine::Countdown { state: CountdownState::Over, left_seconds: 0 }),
        polite(&[0, 1, 2, 3, 4]),
        JournalLine::Outcomes { outcomes: answers.into_iter().enumerate().collect() },
        // This one was forced before the program was killed, and refused that too.
        JournalLine::Intent { step: 1, places: vec![4], request: "logoff-forced".into() },
        JournalLine::Outcomes { outcomes: vec![(4, locked())] },
    ]);
    let earlier = an_hour_ago(&plan, lines);
    let job = go_on(&estate, &simulator, plan, Some(earlier), |event, _, hands| {
        if matches!(event, JobEvent::Settled { .. }) {
            hands.simulator.control().advance(Duration::from_mins(1));
        }
    })
    .await;
    let kinds: Vec<OutcomeKind> = job.outcomes.iter().map(Outcome::kind).collect();
    let done = OutcomeKind::Confirmed;
    assert_eq!(kinds, [done, done, done, done, OutcomeKind::Refused]);
    let forced = control.requests_to("POST", "/action/logoff");
    assert_eq!(forced.len(), 1, "force only, and once");
    let names: Vec<bool> = ids.iter().map(|id| forced[0].body.contains(id.as_str())).collect();
    assert_eq!(names, [true, true, false, false, false]);
    assert_eq!(calls(&simulator, "send-message"), 0);
}

#[tokio::test]
async fn a_locked_canary_is_a_case_for_force_and_no_failure() {
    for force_after_seconds in [Some(1), None] {
        let simulator = simulate(small()).await;
        let estate = connect_to(simulator.url(), &simulator).await;
        let ids = some(&simulator, "CONNECTED", 3);
        simulator.control().set_locked(&ids[0], true);
        let mut plan = plan(&simulator, &ids, Course { force_after_seconds, ..course(0) });
        Arc::make_mut(&mut plan).terms.pace = Pace {
            canary: Canary::Count(1),
            stop_above_percent: force_after_seconds.map(|_| 10),
            chunk: 1,
            ..Pace::default()
        };
        let job = run(&estate, &simulator, plan, |event, _, hands| {
            if matches!(event, JobEvent::Settled { .. }) {
                hands.simulator.control().advance(Duration::from_mins(1));
            }
        })
        .await;
        let JobPhase::Finished { fault, .. } = &job.phase else { panic!("{:?}", job.phase) };
        if force_after_seconds.is_some() {
            assert_eq!(*fault, None);
            assert!(job.outcomes.iter().all(|outcome| *outcome == Outcome::Confirmed), "{:?}", job.outcomes);
        } else {
            assert_eq!(fault.as_ref().unwrap().operation, "canary", "{fault:?}");
            assert_eq!(job.outcomes[1], Outcome::Unsent);
        }
    }
}
