//! Going on with a job that was left: what has no answer is read before anything is sent.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use foretop::{
    api::RequestClass,
    core::bulk::{
        Evidence, Job, JobEvent, Pace, Plan, Stage, Target, Terms,
        journal::{Author, CourseLine, CourseSoFar, Entry, Work},
    },
    core::change::{ChangeItem, ChangePlan},
    domain::{
        Change, Fault, FaultKind, JobId, NewPermission, Outcome, Session, StreamEdit, StreamQuery, Verb,
    },
    engine::{
        EarlierRun, JobMeans, JobRecord,
        journal::{Journal, JournalStore, Opening},
        run_job,
    },
    sim::{FaultSpec, LoggedRequest, SessionKind, Simulator},
};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{Estate, connect_to, governor, simulate, small};

/// A record that remembers what it was told, in short words.
#[derive(Debug, Default)]
struct Memory(Mutex<Vec<String>>);

impl Memory {
    fn note(&self, words: String) -> BoxFuture<'_, Result<(), Fault>> {
        self.0.lock().unwrap().push(words);
        Box::pin(async { Ok(()) })
    }

    fn told(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl JobRecord for Memory {
    fn intent<'a>(&'a self, places: &'a [usize], what: &'a str) -> BoxFuture<'a, Result<(), Fault>> {
        self.note(format!("{what} {places:?}"))
    }

    fn outcomes<'a>(&'a self, outcomes: &'a [(usize, Outcome)]) -> BoxFuture<'a, Result<(), Fault>> {
        let words: Vec<String> =
            outcomes.iter().map(|(place, outcome)| format!("{place} {}", outcome.kind().name())).collect();
        self.note(words.join(", "))
    }

    fn created<'a>(&'a self, _: &'a [(usize, String)]) -> BoxFuture<'a, Result<(), Fault>> {
        self.note("created".to_owned())
    }

    fn course<'a>(&'a self, says: &'a CourseLine) -> BoxFuture<'a, Result<(), Fault>> {
        self.note(match says {
            CourseLine::Messaging { step, places, .. } => format!("{} message {places:?}", step.label()),
            CourseLine::Messaged { step, outcomes } => format!("{} told {}", step.label(), outcomes.len()),
            CourseLine::Countdown { state, .. } => format!("countdown {state:?}"),
        })
    }

    fn evidence<'a>(&'a self, _: &'a [(usize, Evidence)]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    fn note<'a>(&'a self, words: &'a str) -> BoxFuture<'a, Result<(), Fault>> {
        Self::note(self, words.to_owned())
    }

    fn closed<'a>(&'a self, stopped: bool, fault: Option<&'a Fault>) -> BoxFuture<'a, Result<(), Fault>> {
        Self::note(self, format!("closed {stopped} {}", fault.is_some()))
    }
}

fn plan_of(verb: Verb, sessions: Vec<Session>, chunk: usize) -> Arc<Plan> {
    let now = Timestamp::now();
    let to_send = sessions.into_iter().map(|session| Target { session, hidden: false, pod: None });
    Arc::new(Plan {
        id: "7f3a9c01".into(),
        verb,
        message: (verb == Verb::Message).then(|| foretop::domain::MessageText {
            severity: foretop::domain::MessageSeverity::Info,
            text: "Please save".into(),
        }),
        to_send: to_send.collect(),
        held_back: Vec::new(),
        made_at: now,
        data_at: now,
        retry_of: None,
        terms: Terms { pace: Pace { chunk, ..Pace::default() }, ..Terms::default() },
    })
}

/// Connected sessions on managed machines, as a plan has them: every verb works on them.
pub(crate) async fn sessions(simulator: &Simulator, estate: &Estate, count: usize) -> Vec<Session> {
    let plain = simulator.control().ids_where(|one| {
        !one.locked
            && !one.ghost
            && !one.leaving
            && one.state == "CONNECTED"
            && one.kind == SessionKind::ManagedDesktop
    });
    let mut sessions = Vec::new();
    for id in plain.into_iter().take(count) {
        sessions.push(estate.session(&id.as_str().into()).await.unwrap());
    }
    assert_eq!(sessions.len(), count);
    sessions
}

fn earlier(outcomes: Vec<Outcome>) -> EarlierRun {
    EarlierRun {
        outcomes,
        last_request_at: Timestamp::now(),
        settling: SignedDuration::ZERO,
        course: CourseSoFar::default(),
    }
}

fn silent() -> Outcome {
    let fault = Fault::new(FaultKind::Unreachable, "log off", "the line broke");
    Outcome::NoAnswer(Fault { maybe_done: true, ..fault })
}

/// Runs a job to its end: what became of it, and what was written down.
async fn run(
    estate: &Estate,
    plan: Arc<Plan>,
    resumed: Option<EarlierRun>,
    watch: impl Fn(&JobEvent, &CancellationToken),
) -> (Job, Vec<String>) {
    let (events, mut told) = mpsc::channel(16);
    let stop = CancellationToken::new();
    let record = Arc::new(Memory::default());
    let mut job = Job::new(JobId(1), Arc::clone(&plan), Timestamp::now());
    if let Some(earlier) = &resumed {
        job.outcomes.clone_from(&earlier.outcomes);
    }
    let governor = governor();
    let means = JobMeans {
        record: Arc::clone(&record) as _,
        resumed,
        ..JobMeans::new(estate.clone(), governor.status(), stop.clone())
    };
    let running = tokio::spawn(run_job(means, plan, events));
    while let Some(event) = told.recv().await {
        job.apply(&event, Timestamp::now());
        watch(&event, &stop);
    }
    running.await.unwrap();
    (job, record.told())
}

fn kinds(job: &Job) -> Vec<&'static str> {
    job.outcomes.iter().map(|outcome| outcome.kind().name()).collect()
}

pub(crate) fn orders(simulator: &Simulator) -> Vec<String> {
    let orders = simulator.control().requests_to("POST", "/action/");
    orders.into_iter().map(|request| request.body).collect()
}

#[tokio::test]
async fn a_logoff_goes_on_with_whoever_is_still_there() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let mut planned = sessions(&simulator, &estate, 6).await;
    let ids: Vec<String> = planned.iter().map(|session| session.id.raw().to_owned()).collect();
    simulator.control().remove(&ids[1]);
    // Somebody else has it now.
    planned[4].user_id = Some("S-1-5-21-1".into());
    planned[5].started_at = Some(Timestamp::UNIX_EPOCH);
    let outcomes = vec![Outcome::Accepted, Outcome::Sent, silent(), Outcome::Unsent, silent(), Outcome::Sent];
    let (job, told) =
        run(&estate, plan_of(Verb::Logoff, planned, 250), Some(earlier(outcomes)), |_, _| {}).await;
    assert_eq!(kinds(&job), ["accepted", "confirmed", "accepted", "accepted", "confirmed", "confirmed"]);
    let read = "1 confirmed, 2 unsent, 4 confirmed, 5 confirmed";
    assert_eq!(told, [read, "logoff [2, 3]", "2 accepted, 3 accepted", "closed false false"]);
    let orders = orders(&simulator);
    assert_eq!(orders.len(), 1);
    for (place, id) in ids.iter().enumerate() {
        assert_eq!(orders[0].contains(id.as_str()), place == 2 || place == 3, "{place}");
    }
}

#[tokio::test]
async fn a_disconnect_that_worked_is_seen_by_the_state() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 3).await;
    simulator.control().disconnect(planned[0].id.raw());
    simulator.control().remove(planned[1].id.raw());
    let outcomes = vec![Outcome::Sent, silent(), silent()];
    let (job, told) =
        run(&estate, plan_of(Verb::Disconnect, planned, 250), Some(earlier(outcomes)), |_, _| {}).await;
    assert_eq!(kinds(&job), ["confirmed", "confirmed", "accepted"]);
    let read = "0 confirmed, 1 confirmed, 2 unsent";
    assert_eq!(told, [read, "disconnect [2]", "2 accepted", "closed false false"]);
}

#[tokio::test]
async fn what_cannot_be_seen_afterwards_is_not_sent_again() {
    for verb in [Verb::Restart, Verb::Reset, Verb::Message] {
        let simulator = simulate(small()).await;
        let estate = connect_to(simulator.url(), &simulator).await;
        let planned = sessions(&simulator, &estate, 3).await;
        simulator.control().remove(planned[0].id.raw());
        let outcomes = vec![Outcome::Sent, Outcome::Sent, silent()];
        let (job, told) = run(&estate, plan_of(verb, planned, 250), Some(earlier(outcomes)), |_, _| {}).await;
        let gone = if verb == Verb::Message { "no_answer" } else { "confirmed" };
        assert_eq!(kinds(&job), [gone, "no_answer", "no_answer"], "{verb}");
        assert_eq!(job.outcomes[2], silent(), "{verb}: what was said of it stays");
        assert_eq!(told, [format!("0 {gone}, 1 no_answer"), "closed false false".to_owned()], "{verb}");
        assert!(orders(&simulator).is_empty(), "{verb}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_not_sent() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 1).await;
    simulator.control().add_fault("status=403@GET/sessions".parse::<FaultSpec>().unwrap());
    let earlier = earlier(vec![Outcome::Sent]);
    let (job, _) = run(&estate, plan_of(Verb::Logoff, planned, 250), Some(earlier), |_, _| {}).await;
    assert_eq!(kinds(&job), ["no_answer"]);
    assert!(orders(&simulator).is_empty());
}

#[tokio::test]
async fn nothing_is_read_before_the_server_had_its_time() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 2).await;
    simulator.control().clear_requests();
    let earlier = EarlierRun {
        settling: SignedDuration::from_hours(1),
        ..earlier(vec![Outcome::Sent, Outcome::Unsent])
    };
    let (job, told) = run(&estate, plan_of(Verb::Logoff, planned, 250), Some(earlier), |event, stop| {
        if *event == JobEvent::Entered(Stage::Checking) {
            stop.cancel();
        }
    })
    .await;
    assert_eq!(kinds(&job), ["sent", "unsent"]);
    assert_eq!(told, ["closed true false"]);
    assert!(simulator.control().requests().iter().all(|request| !request.path.contains("/sessions")));
}

#[tokio::test]
async fn a_chunk_that_is_thrown_back_is_unsent_while_it_waits() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 2).await;
    simulator.control().add_fault("status=429@action/logoff:1".parse::<FaultSpec>().unwrap());
    let (job, told) = run(&estate, plan_of(Verb::Logoff, planned, 250), None, |_, _| {}).await;
    assert_eq!(kinds(&job), ["accepted", "accepted"]);
    let taken = "0 accepted, 1 accepted";
    let unsent = "0 unsent, 1 unsent";
    assert_eq!(told, ["logoff [0, 1]", unsent, "logoff [0, 1]", taken, "closed false false"]);
}

/// What a run of the program left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "no {words:?} in {}", self.err);
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// The program against the simulator in this process, with the state in this folder.
pub(crate) fn program(simulator: &Simulator, home: &Path) -> Command {
    let credentials = simulator.credentials();
    let mut command = Command::new(env!("CARGO_BIN_EXE_foretop"));
    command
        .env_clear()
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_STATE_HOME", home.join("state"))
        .env("FORETOP_SERVER", simulator.url())
        .env("FORETOP_DOMAIN", &credentials.domain)
        .env("FORETOP_USERNAME", &credentials.username)
        .env("FORETOP_PASSWORD", &credentials.password)
        .env("FORETOP_DEBUG_SETTLING_MS", "0")
        .stdin(Stdio::null());
    command
}

pub(crate) async fn foretop(simulator: &Simulator, home: &Path, line: &[&str]) -> Ran {
    let mut command = program(simulator, home);
    command.args(line);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn without_a_record_nothing_is_sent() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 1).await;
    let home = tempfile::tempdir().unwrap();
    // A folder where none can be.
    std::fs::create_dir_all(home.path().join("state/foretop")).unwrap();
    std::fs::write(home.path().join("state/foretop/jobs"), "").unwrap();
    let line = ["sessions", "logoff", "--id", planned[0].id.raw(), "--yes", "1", "-o", "json"];
    let ran = foretop(&simulator, home.path(), &line).await.ends(1).says("state/foretop/jobs");
    assert_eq!(ran.json()["counts"], serde_json::json!({"unsent": 1}));
    assert!(orders(&simulator).is_empty());
}

/// A journal of a job on the simulated estate: one accepted, one sent without answer, one unsent.
async fn left(simulator: &Simulator, home: &Path, sessions: Vec<Session>, estate: &str) -> Journal {
    let store = JournalStore::new(home.join("state/foretop"));
    let by = Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump1".into(), pid: 1 };
    let work = Work::Sessions(plan_of(Verb::Logoff, sessions, 250));
    let estate = estate.replace("HERE", simulator.url());
    let opening = Opening { at: Timestamp::now(), by, estate: estate.as_str().into(), ticket: None, work };
    let mut journal = store.open(opening).await.unwrap();
    journal.intent(Timestamp::now(), vec![0, 1], "logoff".into()).await.unwrap();
    journal.outcomes(Timestamp::now(), vec![(0, Outcome::Accepted)]).await.unwrap();
    journal
}

/// The estate as the program calls it.
async fn name_of_estate(simulator: &Simulator, planned: &Session) -> String {
    let home = tempfile::tempdir().unwrap();
    let line = ["sessions", "message", "--text", "x", "--id", planned.id.raw(), "--yes", "1", "-o", "json"];
    foretop(simulator, home.path(), &line).await.ends(0);
    let jobs = foretop(simulator, home.path(), &["jobs", "-o", "json"]).await.ends(0).json();
    assert_eq!((&jobs[0]["state"], &jobs[0]["verb"]), (&"finished".into(), &"message".into()));
    jobs[0]["estate"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_job_that_was_left_is_gone_on_with_from_the_command_line() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 4).await;
    let name = name_of_estate(&simulator, &planned[3]).await;
    assert!(name.contains(simulator.url()), "{name}");
    let home = tempfile::tempdir().unwrap();
    let resume = async |more: &[&str]| {
        let line = [&["jobs", "resume", "7f3a9c01"], more].concat();
        foretop(&simulator, home.path(), &line).await
    };
    resume(&["--yes", "2"]).await.ends(2).says("no job");
    let journal = left(&simulator, home.path(), planned[..3].to_vec(), &name).await;
    resume(&["--yes", "2"]).await.ends(4).says("is running in another console");
    drop(journal);
    resume(&["--yes", "3"]).await.ends(4).says("--yes 2 would go ahead");
    resume(&[]).await.ends(4).says("without --yes");
    resume(&["--yes", "2", "--read-only"]).await.ends(4).says("read-only");
    let dry = resume(&["--dry-run", "-o", "json"]).await.ends(0).json();
    assert_eq!(dry["counts"], serde_json::json!({"unsent": 1, "sent": 1, "accepted": 1}));
    assert!(orders(&simulator).iter().all(|body| !body.contains(planned[1].id.raw())));

    let done = resume(&["--yes", "2", "-o", "json"]).await.ends(0).says("1 without answer").json();
    assert_eq!(done["counts"], serde_json::json!({"accepted": 3}));
    let logoffs = simulator.control().requests_to("POST", "/action/logoff");
    assert_eq!(logoffs.len(), 1);
    assert!(!logoffs[0].body.contains(planned[0].id.raw()), "that one has its answer");
    resume(&["--yes", "2"]).await.ends(4).says("nothing is left to do");
    let shown = foretop(&simulator, home.path(), &["jobs", "show", "7f3a9c01", "-o", "json"]).await.json();
    assert_eq!((&shown["state"], &shown["states"]["answered"]), (&"finished".into(), &3.into()));
    foretop(&simulator, home.path(), &["jobs", "verify"]).await.ends(0);
}

#[tokio::test]
async fn a_job_of_another_estate_is_left_alone() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 3).await;
    let home = tempfile::tempdir().unwrap();
    drop(left(&simulator, home.path(), planned, "prod https://cs1").await);
    let line = ["jobs", "resume", "7f3a9c01", "--yes", "2"];
    foretop(&simulator, home.path(), &line).await.ends(4).says("belongs to prod https://cs1");
    assert!(orders(&simulator).is_empty());
}

#[tokio::test]
async fn a_stopped_job_says_how_to_go_on() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 2).await;
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config/foretop");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "chunk_size = 1\n").unwrap();
    // The first answer takes so long that the signal comes before it.
    simulator.control().add_fault("latency=2s@action/logoff:1".parse::<FaultSpec>().unwrap());
    let mut command = program(&simulator, home.path());
    command.args(["sessions", "logoff", "--yes", "2", "-o", "json"]);
    for session in &planned {
        command.args(["--id", session.id.raw()]);
    }
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while orders(&simulator).is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(report["counts"], serde_json::json!({"unsent": 1, "accepted": 1}));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let id = words.split("`foretop jobs resume ").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
    let line = ["jobs", "resume", id, "--yes", "1", "-o", "json"];
    let done = foretop(&simulator, home.path(), &line).await.ends(0).json();
    assert_eq!(done["counts"], serde_json::json!({"accepted": 2}));
    assert_eq!(orders(&simulator).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_says_at_its_start_what_was_left() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 4).await;
    let name = name_of_estate(&simulator, &planned[3]).await;
    let home = tempfile::tempdir().unwrap();
    drop(left(&simulator, home.path(), planned[..3].to_vec(), &name).await);
    let state = home.path().join("state").display().to_string();
    let (url, account) = (simulator.url().to_owned(), simulator.credentials());
    let seen = tokio::task::spawn_blocking(move || {
        let variables = [
            ("XDG_STATE_HOME", state.as_str()),
            ("FORETOP_SERVER", url.as_str()),
            ("FORETOP_DOMAIN", account.domain.as_str()),
            ("FORETOP_USERNAME", account.username.as_str()),
            ("FORETOP_PASSWORD", account.password.as_str()),
        ];
        let mut terminal = crate::terminal::Terminal::start((100, 30), &[], &variables);
        terminal.see("1 job was cut off: 1 unsent, 1 without answer");
        terminal.press("q");
        terminal.end()
    });
    assert_eq!(seen.await.unwrap(), 0);
}

/// The journal as if all of it had been written two hours earlier.
fn long_ago(path: &Path) {
    let text = std::fs::read(path).unwrap();
    let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let entry = Entry::from_text(line).unwrap();
        Entry { at: entry.at - SignedDuration::from_hours(2), ..entry }.to_text().unwrap()
    });
    std::fs::write(path, lines.collect::<String>()).unwrap();
}

#[tokio::test]
async fn a_course_that_was_killed_while_it_waited_warns_once_and_logs_off_once() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 3).await;
    let home = tempfile::tempdir().unwrap();
    let mut command = program(&simulator, home.path());
    command.args(["sessions", "logoff", "--warn", "{user}: save", "--after", "1h", "--yes", "3"]);
    for session in &planned {
        command.args(["--id", session.id.raw()]);
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let store = JournalStore::new(home.path().join("state/foretop"));
    let id = loop {
        let counts = |listed: &foretop::engine::journal::Listed| {
            let recovered = &listed.record.as_ref().ok()?.recovered;
            let begun = recovered.notes.iter().any(|(_, note)| note.as_str() == "the countdown begins");
            (begun && recovered.lines >= 9).then(|| listed.id.clone())
        };
        if let Some(id) = store.list().await.unwrap().iter().find_map(counts) {
            break id;
        }
        assert!(child.try_wait().unwrap().is_none(), "it waits");
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let shown = foretop(&simulator, home.path(), &["jobs", "show", &id, "-o", "json"]).await.json();
    assert_eq!((&shown["state"], &shown["states"]["unsent"]), (&"interrupted".into(), &3.into()));
    assert_eq!(shown["targets"][0]["warning"], "accepted");
    long_ago(&home.path().join(format!("state/foretop/jobs/{id}.jsonl")));

    let line = ["jobs", "resume", &id, "--yes", "3", "-o", "json"];
    let done = foretop(&simulator, home.path(), &line).await.ends(0).json();
    assert_eq!(done["counts"], serde_json::json!({"accepted": 3}));
    assert_eq!(done["targets"][0]["warned"], true);
    let messages = simulator.control().requests_to("POST", "/action/send-message");
    let logoffs = simulator.control().requests_to("POST", "/action/logoff");
    for session in &planned {
        let sent = |to: &[LoggedRequest]| {
            to.iter().filter(|request| request.body.contains(session.id.raw())).count()
        };
        assert_eq!((sent(&messages), sent(&logoffs)), (1, 1), "{}", session.id);
    }
}

/// What the simulator was asked to change.
fn changed(simulator: &Simulator) -> usize {
    let is_change = |request: &LoggedRequest| {
        request.method != "GET"
            && (request.path.contains("permissions") || request.path.contains("im-streams"))
    };
    simulator.control().requests().iter().filter(|request| is_change(request)).count()
}

#[tokio::test]
async fn a_job_of_changes_is_settled_by_reading_and_nothing_is_sent() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let planned = sessions(&simulator, &estate, 1).await;
    let name = name_of_estate(&simulator, &planned[0]).await;
    let book = estate.permission_book(RequestClass::Job).await.unwrap();
    let there = book.permissions.iter().find(|one| one.local_group.is_some()).unwrap();
    let like = NewPermission {
        principal: there.principal.clone().unwrap(),
        role: there.role.clone().unwrap(),
        local_group: there.local_group.clone(),
        federation_group: there.federation_group.clone(),
    };
    let unlike = NewPermission { principal: "S-1-5-21-1-2-3-4".into(), ..like.clone() };
    let images = estate.image_book(RequestClass::Job, &StreamQuery::default()).await.unwrap();
    let seen = Box::new(images.streams[0].clone());
    let rename = |name: &str| Change::UpdateStream {
        seen: seen.clone(),
        edit: StreamEdit { name: Some(name.to_owned()), ..StreamEdit::default() },
    };
    let own_name = seen.name.as_ref().unwrap().as_str().to_owned();
    let mut plan = ChangePlan::new("7f3a9c01".into(), "CHANGE THINGS", Timestamp::now());
    plan.items = [
        Change::DeletePermission("gone-already".into()),
        Change::DeletePermission(there.id.clone()),
        Change::CreatePermission(like),
        Change::CreatePermission(unlike),
        rename(&own_name),
        rename("another name"),
        Change::DeleteStream(seen.id.clone()),
    ]
    .map(|change| ChangeItem::new(change, "something"))
    .to_vec();
    let last = plan.items.len() - 1;
    let home = tempfile::tempdir().unwrap();
    let store = JournalStore::new(home.path().join("state/foretop"));
    let by = Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump1".into(), pid: 1 };
    let work = Work::Changes(Arc::new(plan));
    let opening = Opening { at: Timestamp::now(), by, estate: name.as_str().into(), ticket: None, work };
    let mut journal = store.open(opening).await.unwrap();
    journal.intent(Timestamp::now(), (0..last).collect(), "change".into()).await.unwrap();
    drop(journal);

    let line = ["jobs", "resume", "7f3a9c01", "--read-only", "-o", "json"];
    let ran = foretop(&simulator, home.path(), &line).await.ends(3).says("1 never were sent");
    let json = ran.json();
    let outcomes: Vec<&str> =
        json["targets"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    let (done, unknown) = ("confirmed", "no_answer");
    assert_eq!(outcomes, [done, unknown, done, unknown, done, unknown, "unsent"]);
    assert_eq!(changed(&simulator), 0);
    let record = store.read("7f3a9c01").await.unwrap();
    assert_eq!((record.recovered.tally().answered, record.state()), (3, "stopped"));
    // Once more it asks for those only of which nothing is known; the unsent stay unsent.
    foretop(&simulator, home.path(), &line).await.ends(3).says("3 without answer");
    foretop(&simulator, home.path(), &["jobs", "verify"]).await.ends(0);
}
