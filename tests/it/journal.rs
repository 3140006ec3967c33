//! The record of jobs with processes that are killed, that work at the same time, and that look at it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use foretop::{
    core::bulk::{
        Plan, Target, Terms,
        journal::{Author, Standing, Work},
    },
    domain::{Fault, FaultKind, Outcome, Session, Text, Verb},
    engine::journal::{Journal, JournalError, JournalStore, Opening},
};
use jiff::Timestamp;
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_foretop");

/// Names the part of another process, and the folder that it works in.
const PART: &str = "FORETOP_TEST_JOURNAL";

fn now() -> Timestamp {
    "2026-03-02T14:00:00Z".parse().unwrap()
}

fn author() -> Author {
    Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump1".into(), pid: std::process::id() }
}

/// A moment that no other plan of the tests was made at, in this process or another: a plan is started once.
fn moment_of_its_own() -> jiff::Timestamp {
    static PLANS: AtomicU32 = AtomicU32::new(0);
    let number = (u64::from(std::process::id()) << 32) + u64::from(PLANS.fetch_add(1, Ordering::Relaxed));
    now() - Duration::from_nanos(number)
}

async fn open(store: &JournalStore, targets: usize) -> Journal {
    open_as(store, "7f3a9c01", targets).await
}

async fn open_as(store: &JournalStore, plan: &str, targets: usize) -> Journal {
    let target = |number: usize| {
        let mut session = Session::new(format!("s{number}").into());
        session.user_name = Some(Text::clean(&format!("CORP\\user{number}")));
        Target { session, hidden: false, pod: None }
    };
    let plan = Plan {
        id: plan.into(),
        verb: Verb::Logoff,
        message: None,
        to_send: (0..targets).map(target).collect(),
        held_back: Vec::new(),
        made_at: moment_of_its_own(),
        data_at: now(),
        retry_of: None,
        terms: Terms::default(),
    };
    let opening = Opening {
        at: now(),
        by: author(),
        estate: "prod https://cs1".into(),
        ticket: Some("INC-1".into()),
        work: Work::Sessions(Arc::new(plan)),
    };
    store.open(opening).await.unwrap()
}

/// Starts this test program once more, in a part of [`part_of_another_process`].
fn other_process(part: &str, state: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "journal::part_of_another_process", "--nocapture", "--quiet"])
        .env(PART, format!("{part} {}", state.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What other processes do. By itself it does nothing.
#[tokio::test]
async fn part_of_another_process() {
    let Ok(part) = std::env::var(PART) else {
        return;
    };
    let (part, state) = part.split_once(' ').unwrap();
    let store = JournalStore::new(state);
    if part == "many" {
        // While the first line of a journal is not there yet, its plan can be told by its id alone.
        let plan = format!("{:08x}", std::process::id());
        for _ in 0..20 {
            open_as(&store, &plan, 1).await.closed(now(), false, None).await.unwrap();
        }
        return;
    }
    // A job that goes on until it is killed: it says what it is about to send once that is written down.
    let mut journal = open(&store, 10_000).await;
    for place in 0..10_000 {
        journal.intent(now(), vec![place], "logoff".into()).await.unwrap();
        println!("sent {place}");
        journal.outcomes(now(), vec![(place, Outcome::Accepted)]).await.unwrap();
    }
}

/// The places that the other process says it sent, as they come.
fn sent(child: &mut Child) -> impl Iterator<Item = usize> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.filter_map(|line| line.ok()?.rsplit_once("sent ")?.1.parse().ok())
}

#[tokio::test]
async fn after_a_kill_every_target_that_was_sent_is_known_to_have_been() {
    let state = tempfile::tempdir().unwrap();
    let store = JournalStore::new(state.path());
    let mut child = other_process("job", state.path());
    let mut places = sent(&mut child);
    for place in 0..25 {
        assert_eq!(places.next(), Some(place));
    }
    // While it runs nobody else takes it up.
    let error = store.reopen("7f3a9c01", author(), now()).await.unwrap_err();
    assert!(matches!(error, JournalError::Running(_)), "{error}");
    assert_eq!(store.read("7f3a9c01").await.unwrap().state(), "running");

    child.kill().unwrap();
    let last = places.last().unwrap_or(24);
    child.wait().unwrap();
    let record = store.read("7f3a9c01").await.unwrap();
    assert!(record.is_interrupted() && record.recovered.damage.is_empty());
    for place in 0..=last {
        assert_ne!(record.recovered.standings[place], Standing::Unsent, "place {place}");
    }
    // One request was out at most.
    assert!(record.recovered.unanswered().len() <= 1);
    let journal = store.reopen("7f3a9c01", author(), now()).await.unwrap();
    assert_eq!(journal.recovered().standings, record.recovered.standings);
    assert!(store.verify().await.unwrap().is_good());
}

#[tokio::test]
async fn processes_at_the_same_time_keep_one_chain_and_journals_of_their_own() {
    let state = tempfile::tempdir().unwrap();
    let mut children = [other_process("many", state.path()), other_process("many", state.path())];
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let store = JournalStore::new(state.path());
    let verification = store.verify().await.unwrap();
    assert!(verification.is_good() && verification.torn.is_empty(), "{verification:?}");
    assert_eq!((verification.good, verification.unknown.len()), (80, 0));
    let listed = store.list().await.unwrap();
    assert_eq!(listed.len(), 40);
    assert!(listed.iter().all(|listed| listed.record.as_ref().unwrap().state() == "finished"));
}

/// A home with two jobs on record: one finished, one that was cut off.
async fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let store = JournalStore::new(home.path().join("state/foretop"));
    let mut journal = open(&store, 1).await;
    journal.intent(now(), vec![0], "logoff".into()).await.unwrap();
    journal.outcomes(now(), vec![(0, Outcome::Confirmed)]).await.unwrap();
    journal.closed(now(), false, None).await.unwrap();
    let mut journal = open(&store, 4).await;
    journal.intent(now(), vec![0, 1], "logoff".into()).await.unwrap();
    let fault = Fault::new(FaultKind::InvalidState, "log off", "locked");
    journal.outcomes(now(), vec![(0, Outcome::Accepted), (1, Outcome::Refused(fault))]).await.unwrap();
    journal.intent(now(), vec![2], "logoff".into()).await.unwrap();
    home
}

fn jobs(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("HOME", home).env("XDG_STATE_HOME", home.join("state"));
    command.env("XDG_CONFIG_HOME", home.join("config"));
    command.arg("jobs").args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn the_record_is_listed_and_each_target_shown() {
    let home = home().await;
    let list = jobs(home.path(), &["-o", "json"]);
    let rows: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list.status.code(), Some(0));
    assert_eq!(rows[0]["state"], "interrupted");
    let counts = serde_json::json!({"unsent": 1, "unanswered": 1, "answered": 2, "held_back": 0});
    assert_eq!((&rows[0]["counts"], &rows[0]["targets"]), (&counts, &Value::from(4)));
    assert_eq!((&rows[1]["state"], &rows[1]["ticket"]), (&"finished".into(), &"INC-1".into()));
    assert_eq!(out(&jobs(home.path(), &["list", "-o", "json"])), out(&list));

    let id = rows[0]["journal"].as_str().unwrap();
    let shown: Value =
        serde_json::from_slice(&jobs(home.path(), &["show", id, "-o", "json"]).stdout).unwrap();
    assert_eq!(shown["states"], counts);
    let states: Vec<&str> =
        shown["targets"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["answered", "answered", "unanswered", "unsent"]);
    insta::assert_snapshot!("jobs_table", out(&jobs(home.path(), &[])));
    insta::assert_snapshot!("jobs_show_table", out(&jobs(home.path(), &["show", id])));
    insta::assert_snapshot!("jobs_show_csv", out(&jobs(home.path(), &["show", id, "-o", "csv"])));

    insta::assert_snapshot!("jobs_show_note", out(&jobs(home.path(), &["show", id, "--note"])));
    let both = jobs(home.path(), &["show", id, "--note", "-o", "csv"]);
    assert_eq!(both.status.code(), Some(2), "one form at a time");

    let unknown = jobs(home.path(), &["show", "beef"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no job \"beef\" is on record"));
}

#[tokio::test]
async fn verify_ends_with_1_when_the_record_is_not_as_it_was_written() {
    let home = home().await;
    let good = jobs(home.path(), &["verify"]);
    assert_eq!((good.status.code(), out(&good)), (Some(0), "3 lines: all as they were written\n".to_owned()));
    let path = home.path().join("state/foretop/audit.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("CORP", "CORQ", 1)).unwrap();
    let bad = jobs(home.path(), &["verify"]);
    let words = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert_eq!(bad.status.code(), Some(1));
    assert!(words.contains("line 1 of audit.jsonl: its hash is not that of its contents"), "{words}");
    assert!(out(&bad).is_empty());
}

#[test]
fn nothing_on_record_is_not_wrong() {
    let home = tempfile::tempdir().unwrap();
    let verified = jobs(home.path(), &["verify"]);
    assert_eq!((verified.status.code(), out(&verified)), (Some(0), "nothing is on record\n".to_owned()));
    assert_eq!(out(&jobs(home.path(), &["-o", "json"])), "[]\n");
}
