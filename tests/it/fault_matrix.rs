//! Every verb against every fault: what the report says of a session is what the simulator's own books say of it.
//!
//! The matrix is made, not written out: verbs x faults x the request that the fault hits, and verbs x states of the
//! sessions x faults of the action. A cell has two sessions, so that one could be mistaken for the other.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use foretop::{
    api::{Estate, RequestClass},
    core::bulk::{Deadlines, Job, JobEvent, Plan, PlanRequest, Terms, Visible},
    domain::{Federation, JobId, MessageSeverity, MessageText, Outcome, OutcomeKind, SessionId, Verb},
    engine::{Clock, JobMeans, Lookout, PodMemory, poll_all_pods, poll_sessions, run_job},
    sim::{FaultSpec, SessionKind, SessionTruth, SimControl, SimOptions, Simulator, WorldSource},
};
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{connect_as, connect_to, governor, simulate, small};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Nothing at all: the control.
    None,
    /// The access token expires before the job.
    TokenExpired,
    /// The agent is stuck.
    Ghost,
    /// The session refuses a polite logoff.
    Locked,
    /// The account may only look.
    NoPrivilege,
    /// The sessions end between plan and job.
    Vanished,
    /// Their users come back between plan and job.
    Reconnected,
    /// Another pod of a federation hosts them, and it goes down between plan and job.
    PodDown,
    /// The same, and it goes down between the reading again and the action.
    PodDownForActions,
}

impl Trouble {
    fn is_of_a_pod(self) -> bool {
        matches!(self, Self::PodDown | Self::PodDownForActions)
    }
}

/// The request that a fault hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The action itself.
    Action,
    /// The reading again before it.
    Recheck,
    /// The lists that would confirm it.
    Polls,
}

const FAULTS: [&str; 9] = [
    "throttle=0/1s",
    "status=500",
    "status=503",
    "drop",
    "lose",
    "truncate",
    "garbage",
    "slow-drip=5ms",
    "missing-fields",
];
/// Those after which no usable answer is there.
const LOSING: [&str; 6] = ["status=500", "status=503", "drop", "lose", "truncate", "garbage"];
/// Those that say that the server is away.
const OUTAGES: [&str; 4] = ["status=500", "status=503", "drop", "lose"];
/// The pod whose sessions are acted on when pods go down.
const POD: &str = "FRA1";
const STATES: [Trouble; 9] = [
    Trouble::None,
    Trouble::TokenExpired,
    Trouble::Ghost,
    Trouble::Locked,
    Trouble::NoPrivilege,
    Trouble::Vanished,
    Trouble::Reconnected,
    Trouble::PodDown,
    Trouble::PodDownForActions,
];

/// One cell of the matrix.
#[derive(Debug, Clone, Copy)]
struct Cell {
    verb: Verb,
    trouble: Trouble,
    /// The simulator's fault of this name, on the requests of [`Place`].
    fault: Option<&'static str>,
    place: Place,
}

fn cells() -> Vec<Cell> {
    let places = [Place::Action, Place::Recheck, Place::Polls];
    let mut cells = Vec::new();
    for verb in Verb::ALL {
        let cell = |trouble, fault, place| Cell { verb, trouble, fault, place };
        cells.extend(STATES.map(|trouble| cell(trouble, None, Place::Action)));
        for fault in FAULTS {
            cells.extend(places.map(|place| cell(Trouble::None, Some(fault), place)));
            let states = STATES.iter().filter(|state| **state != Trouble::None);
            cells.extend(states.map(|state| cell(*state, Some(fault), Place::Action)));
        }
    }
    cells
}

/// What the books say became of one session.
#[derive(Debug)]
struct Books {
    before: SessionTruth,
    after: Option<SessionTruth>,
    /// The simulator took a request for it.
    acted: bool,
}

impl Books {
    /// What was asked for has happened.
    fn is_done(&self, verb: Verb) -> bool {
        match (verb, &self.after) {
            (Verb::Message, Some(after)) => after.messages.len() > self.before.messages.len(),
            (Verb::Disconnect, Some(after)) => after.state == "DISCONNECTED",
            (Verb::Message, None) => false,
            (_, after) => after.is_none(),
        }
    }
}

/// A throttle that lets no call pass ends when it was met; other faults stay.
fn ends(fault: &str) -> &'static str {
    if fault.starts_with("throttle") { ":1" } else { "" }
}

struct Run {
    job: Job,
    books: Vec<Books>,
}

async fn run(cell: Cell) -> Run {
    let simulator = if cell.trouble.is_of_a_pod() {
        let world = WorldSource::Builtin("federation".to_owned());
        simulate(SimOptions { world, sessions: Some(120), ..small() }).await
    } else {
        simulate(small()).await
    };
    let control = simulator.control();
    let estate = match cell.trouble {
        Trouble::NoPrivilege => {
            let viewer = simulator.account("viewer").unwrap().clone();
            connect_as(simulator.url(), &viewer).await
        }
        _ => connect_to(simulator.url(), &simulator).await,
    };
    let ids = victims(&simulator, cell);
    for id in &ids {
        match cell.trouble {
            Trouble::Ghost => assert!(control.set_ghost(id, true)),
            Trouble::Locked => assert!(control.set_locked(id, true)),
            _ => {}
        }
    }
    let federation = if cell.trouble.is_of_a_pod() {
        estate.federation(RequestClass::Poll).await.unwrap().map(Arc::new)
    } else {
        None
    };
    let plan = Arc::new(plan(&estate, federation.as_deref(), cell.verb, &ids).await);
    let before: Vec<SessionTruth> = ids.iter().map(|id| control.session(id).unwrap()).collect();
    for id in &ids {
        match cell.trouble {
            Trouble::Vanished => assert!(control.remove(id)),
            Trouble::Reconnected => assert!(control.reconnect(id), "{cell:?}"),
            _ => {}
        }
    }
    if cell.trouble == Trouble::TokenExpired {
        control.expire_access_tokens();
    }
    control.clear_requests();
    let pod_down = match cell.trouble {
        Trouble::PodDown => Some(format!("pod-down={POD}")),
        Trouble::PodDownForActions => Some(format!("pod-down={POD}@POST/action/")),
        _ => None,
    };
    if let Some(spec) = pod_down {
        control.add_fault(spec.parse::<FaultSpec>().unwrap());
    }
    if let Some(fault) = cell.fault {
        let spec = match cell.place {
            Place::Action => format!("{fault}@POST/action/{}", ends(fault)),
            Place::Recheck => format!("{fault}@GET/sessions{}", ends(fault)),
            // Set when the action has been answered.
            Place::Polls => String::new(),
        };
        if !spec.is_empty() {
            control.add_fault(spec.parse::<FaultSpec>().unwrap());
        }
    }
    let job = carry_out(&simulator, &estate, federation, cell, plan).await;
    control.clear_faults();
    let acted = taken(&simulator);
    let books = ids
        .iter()
        .zip(before)
        .map(|(id, before)| Books { before, after: control.session(id), acted: acted.contains(id) })
        .collect();
    simulator.shutdown().await;
    Run { job, books }
}

/// Two sessions that the verb is legal for.
fn victims(simulator: &Simulator, cell: Cell) -> Vec<String> {
    let wanted = if cell.trouble == Trouble::Reconnected || cell.verb == Verb::Logoff {
        "DISCONNECTED"
    } else {
        "CONNECTED"
    };
    let mut ids = simulator.control().ids_where(|session| {
        let plain = !session.locked && !session.ghost && !session.leaving;
        let is_there = !cell.trouble.is_of_a_pod() || session.pod == POD;
        plain && is_there && session.kind == SessionKind::ManagedDesktop && session.state == wanted
    });
    ids.truncate(2);
    assert_eq!(ids.len(), 2, "the world has enough of them: {cell:?}");
    ids
}

async fn plan(estate: &Estate, federation: Option<&Federation>, verb: Verb, ids: &[String]) -> Plan {
    let class = RequestClass::Poll;
    let polled = match federation {
        Some(federation) => {
            let mut memory = PodMemory::default();
            poll_all_pods(estate, class, federation, &mut memory, Timestamp::now, |_| {}).await.unwrap()
        }
        None => poll_sessions(estate, class, None, None, Timestamp::now, |_| {}).await.unwrap(),
    };
    let ids: Vec<SessionId> = ids.iter().map(|id| SessionId::from(id.as_str())).collect();
    Plan::make(&PlanRequest {
        id: "7f3a".into(),
        verb,
        message: (verb == Verb::Message)
            .then(|| MessageText { severity: MessageSeverity::Warning, text: "Please save.".into() }),
        shown: Visible::All,
        ids: &ids,
        table: &polled.table,
        capabilities: &estate.capabilities(),
        retry_of: None,
        terms: Terms { deadlines: Some(Deadlines::default()), ..Terms::default() },
        protected: &foretop::core::bulk::Protected::default(),
        named: false,
        spoken_for: &std::collections::BTreeMap::new(),
        homes: &std::collections::BTreeMap::new(),
        now: Timestamp::now(),
    })
}

async fn carry_out(
    simulator: &Simulator,
    estate: &Estate,
    federation: Option<Arc<Federation>>,
    cell: Cell,
    plan: Arc<Plan>,
) -> Job {
    let control = simulator.control();
    let (events, mut told) = mpsc::channel(16);
    let governor = governor();
    let mut means = JobMeans::new(estate.clone(), governor.status(), CancellationToken::new());
    means.lookout = Lookout::every(Duration::from_millis(20)).with_patience(Duration::from_secs(2));
    means.federation = federation;
    let looked_from = Arc::new(AtomicUsize::new(usize::MAX));
    means.clock = deadline_after_looking(control, cell.verb, &looked_from);
    let mut job = Job::new(JobId(1), Arc::clone(&plan), Timestamp::now());
    let running = tokio::spawn(run_job(means, plan, events));
    let shown = job.total() + job.plan.held_back.len();
    while let Some(event) = told.recv().await {
        job.apply(&event, Timestamp::now());
        assert_eq!(job.counts().values().sum::<usize>(), shown, "the counts add up at every moment");
        match &event {
            JobEvent::Settled { outcomes } if outcomes.iter().any(|(_, one)| *one == Outcome::Accepted) => {
                // What was accepted has the time it takes.
                control.advance(Duration::from_mins(10));
                looked_from.store(looks(control, cell.verb), Ordering::SeqCst);
                if let (Some(fault), Place::Polls) = (cell.fault, cell.place) {
                    let spec = format!("{fault}@GET/sessions{}", ends(fault));
                    control.add_fault(spec.parse::<FaultSpec>().unwrap());
                }
            }
            _ => {}
        }
    }
    running.await.unwrap();
    // What got no answer may still be on its way.
    control.advance(Duration::from_mins(10));
    job
}

/// A clock that jumps beyond every deadline once the job has looked out for a while: how many looks that takes is
/// certain, how many milliseconds is not.
///
/// They are counted behind the first `from` of them: from when what was accepted had the time that it takes. Only what
/// may confirm is a look. A job reads events again and again while it rests from reading the lists, and it rests for
/// longer where they take long: counted by all requests, its time would be over before the second list on a busy machine.
fn deadline_after_looking(control: &SimControl, verb: Verb, from: &Arc<AtomicUsize>) -> Clock {
    // One list may have begun too early, one may be thrown back, and two tell that a session is gone.
    const LOOKS: usize = 8;
    let (control, from) = (control.clone(), Arc::clone(from));
    Clock::new(move || {
        let seen = looks(&control, verb).saturating_sub(from.load(Ordering::SeqCst));
        let jump = if seen > LOOKS { SignedDuration::from_hours(1) } else { SignedDuration::ZERO };
        Timestamp::now() + jump
    })
}

/// How often the simulator was asked for what may confirm a verb: the list of the pod that answers, or for a message the
/// events, as lists tell nothing of it.
fn looks(control: &SimControl, verb: Verb) -> usize {
    let end = if verb == Verb::Message { "/audit-events" } else { "/sessions" };
    control.requests_to("GET", end).iter().filter(|request| request.path.ends_with(end)).count()
}

/// The sessions for which the simulator took an action.
fn taken(simulator: &Simulator) -> BTreeSet<String> {
    let requests = simulator.control().requests_to("POST", "/action/");
    let mut ids = BTreeSet::new();
    for request in requests.iter().filter(|request| request.status == 200) {
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        ids.extend(texts(&body));
    }
    ids
}

/// All texts in a body: the ids among them, in lists for one pod or for several.
fn texts(body: &serde_json::Value) -> Vec<String> {
    match body {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(list) => list.iter().flat_map(texts).collect(),
        serde_json::Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Whether what is reported of a session is true by the books, and as sure as it can be.
fn judge(cell: Cell, outcome: &Outcome, books: &Books) -> Result<(), String> {
    let (verb, done) = (cell.verb, books.is_done(cell.verb));
    let is = |holds: bool, why: &str| if holds { Ok(()) } else { Err(why.to_owned()) };
    match outcome.kind() {
        OutcomeKind::Confirmed | OutcomeKind::Accepted if cell.trouble.is_of_a_pod() => {
            Err("taken, but the pod was down".to_owned())
        }
        OutcomeKind::Confirmed => is(books.acted && done, "confirmed, but it was not done"),
        OutcomeKind::Accepted => {
            // As sure as can be: what the lists would have shown must have been hidden by a fault.
            let blind = cell.place == Place::Polls || cell.place == Place::Recheck || verb == Verb::Message;
            is(books.acted, "accepted, but it was never asked for")
                .and_then(|()| is(blind, "accepted, but it could have been confirmed"))
        }
        OutcomeKind::StillListed => is(books.acted && !done, "still listed, but it is done"),
        OutcomeKind::Refused | OutcomeKind::Unsent => is(!done, "not done, it says, but it is"),
        OutcomeKind::HeldBack => is(!books.acted, "held back, but it was asked for"),
        OutcomeKind::NotFound => is(books.after.is_none(), "not found, but it is there"),
        OutcomeKind::NoAnswer => {
            let may = cell.fault.is_some_and(|fault| LOSING.contains(&fault))
                || cell.trouble == Trouble::PodDownForActions;
            is(may && cell.place == Place::Action, "no answer, but there was one")
        }
        OutcomeKind::Sent => Err("nothing stays \"sent\" when a job has ended".to_owned()),
    }
}

/// What the outcome must be where the books leave no choice.
fn expected(cell: Cell) -> Option<OutcomeKind> {
    let message = cell.verb == Verb::Message;
    let only_recheck_matters = matches!(
        cell.trouble,
        Trouble::NoPrivilege | Trouble::Vanished | Trouble::Reconnected | Trouble::PodDown
    );
    // Of a state and a fault together the books alone decide, unless nothing may leave at all.
    if cell.fault.is_some() && cell.trouble != Trouble::None && !only_recheck_matters {
        return None;
    }
    Some(match (cell.trouble, cell.place) {
        // A message may reach who came back.
        (Trouble::Reconnected, _) if message => return None,
        // Nothing is known of anybody, and it may pass: it can be gone on with.
        (Trouble::PodDown, _) => OutcomeKind::Unsent,
        _ if only_recheck_matters => OutcomeKind::HeldBack,
        (Trouble::Locked, _) if cell.verb == Verb::Logoff => OutcomeKind::Refused,
        (Trouble::Ghost, _) if matches!(cell.verb, Verb::Logoff | Verb::LogoffForced | Verb::Disconnect) => {
            OutcomeKind::StillListed
        }
        (Trouble::None | Trouble::TokenExpired | Trouble::Locked, _) => {
            return expected_of_fault(cell)
                .or((cell.fault.is_none() && !message).then_some(OutcomeKind::Confirmed));
        }
        _ => return None,
    })
}

/// The same of a fault alone.
fn expected_of_fault(cell: Cell) -> Option<OutcomeKind> {
    let fault = cell.fault?;
    match cell.place {
        Place::Action if matches!(fault, "throttle=0/1s" | "slow-drip=5ms") => {
            (cell.verb != Verb::Message).then_some(OutcomeKind::Confirmed)
        }
        Place::Action if LOSING.contains(&fault) => Some(OutcomeKind::NoAnswer),
        Place::Recheck if OUTAGES.contains(&fault) => Some(OutcomeKind::Unsent),
        Place::Recheck if LOSING.contains(&fault) => Some(OutcomeKind::HeldBack),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_reported_is_what_is_in_the_books() {
    let cells = cells();
    println!("fault matrix: {} cells, {} sessions", cells.len(), cells.len() * 2);
    let mut wrong = Vec::new();
    // They mostly wait: many at a time, but not more than there are file descriptors for.
    let mut runs =
        stream::iter(cells).map(|cell| async move { (cell, run(cell).await) }).buffer_unordered(64);
    while let Some((cell, run)) = runs.next().await {
        let held = run.job.plan.held_back.len();
        assert_eq!(run.job.outcomes.len() + held, 2, "{cell:?}: nobody is missing");
        for (target, outcome) in run.job.targets() {
            let id = target.session.id.raw();
            let books = run.books.iter().find(|books| books.before.id == id).unwrap();
            if let Err(why) = judge(cell, &outcome, books) {
                wrong.push(format!("{cell:?}: {outcome:?}: {why}"));
            }
            if let Some(kind) = expected(cell).filter(|kind| *kind != outcome.kind()) {
                wrong.push(format!("{cell:?}: {outcome:?}, {} expected", kind.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
