//! A federation of three pods: the lists merged, verbs by the way that reaches each target, and a pod that goes down.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::Arc,
    time::Duration,
};

use foretop::{
    api::RequestClass,
    core::{
        bulk::{Job, JobEvent, JobPhase, Pace, Plan, PlanRequest, Terms, Visible},
        table::{Reach, SessionTable},
    },
    domain::{Federation, JobId, Outcome, OutcomeKind, SessionFacts, SessionId, Verb},
    engine::{JobMeans, Lookout, PodMemory, PolledSessions, poll_all_pods, run_job},
    sim::{SimOptions, Simulator, WorldSource},
};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{Estate, connect_to, governor, simulate, small};

fn federation_world() -> SimOptions {
    SimOptions { world: WorldSource::Builtin("federation".to_owned()), sessions: Some(120), ..small() }
}

/// A console's view of the federation.
struct Desk {
    simulator: Simulator,
    estate: Estate,
    federation: Federation,
    memory: PodMemory,
}

impl Desk {
    async fn new() -> Self {
        let simulator = simulate(federation_world()).await;
        let estate = connect_to(simulator.url(), &simulator).await;
        let federation = estate.federation(RequestClass::Poll).await.unwrap().expect("a federation");
        Self { simulator, estate, federation, memory: PodMemory::default() }
    }

    async fn poll(&mut self) -> Arc<SessionTable> {
        let Self { estate, federation, memory, .. } = self;
        let polled: PolledSessions =
            poll_all_pods(estate, RequestClass::Poll, federation, memory, Timestamp::now, |_| {})
                .await
                .unwrap();
        assert_eq!(polled.unreadable, 0);
        polled.table
    }

    /// Sessions that a pod hosts and that a polite logoff ends.
    fn willing(&self, pod: &str, count: usize) -> Vec<SessionId> {
        let control = self.simulator.control();
        let mut ids = control.ids_where(|row| row.pod == pod && !row.locked && !row.ghost);
        ids.truncate(count);
        assert_eq!(ids.len(), count, "the world has enough of them on {pod}");
        ids.iter().map(|id| SessionId::from(id.as_str())).collect()
    }

    fn plan(&self, table: &SessionTable, ids: &[SessionId]) -> Plan {
        Plan::make(&PlanRequest {
            id: "7f3a".into(),
            verb: Verb::Logoff,
            message: None,
            shown: Visible::All,
            ids,
            table,
            capabilities: &self.estate.capabilities(),
            retry_of: None,
            terms: Terms::default(),
            protected: &foretop::core::bulk::Protected::default(),
            named: false,
            spoken_for: &BTreeMap::default(),
            homes: &BTreeMap::default(),
            now: Timestamp::now(),
        })
    }

    /// Carries a plan out, so many targets in a request; `watch` sees each event.
    async fn run(&self, plan: Plan, chunk: usize, mut watch: impl FnMut(&JobEvent)) -> Job {
        let pace = Pace { chunk, ..Pace::default() };
        let plan = Arc::new(Plan { terms: Terms { pace, ..plan.terms.clone() }, ..plan });
        let (events, mut told) = mpsc::channel(1);
        let lookout = Lookout::every(Duration::from_millis(20)).with_patience(Duration::from_secs(1));
        let means = JobMeans::new(self.estate.clone(), governor().status(), CancellationToken::new());
        let means = JobMeans { lookout, ..means };
        let running = tokio::spawn(run_job(means, Arc::clone(&plan), events));
        let mut job = Job::new(JobId(1), plan, Timestamp::now());
        while let Some(event) = told.recv().await {
            job.apply(&event, Timestamp::now());
            watch(&event);
        }
        running.await.unwrap();
        job
    }

    fn is_present(&self, id: &SessionId) -> bool {
        self.simulator.control().is_present(id.raw())
    }
}

fn outcomes(job: &Job) -> Vec<OutcomeKind> {
    job.outcomes.iter().map(Outcome::kind).collect()
}

#[tokio::test]
async fn the_lists_of_all_pods_are_one_and_every_row_is_where_the_books_say() {
    let mut desk = Desk::new().await;
    let table = desk.poll().await;
    let books = desk.simulator.control().sessions();
    assert!(table.complete() && table.is_global() && table.ambiguous().is_empty());
    let listed: BTreeSet<String> = table.iter().map(|row| row.id().into_owned()).collect();
    let truth: BTreeSet<String> = books.iter().map(|row| row.id.clone()).collect();
    assert_eq!(listed, truth);
    for row in &books {
        let session = table.session(&row.id.as_str().into()).unwrap();
        assert_eq!(session.pod_label().unwrap().as_str(), row.pod, "{session:?}");
        let expected_here = row.pod == "AMS1";
        assert_eq!(matches!(table.reach(&session), Reach::Here), expected_here);
        assert_eq!(matches!(table.reach(&session), Reach::Through(_)), !expected_here);
    }
    let counted: usize = table.pods().iter().map(|pod| pod.sessions).sum();
    assert_eq!(counted, table.len());
}

#[tokio::test]
async fn a_pod_that_goes_down_keeps_its_rows_and_comes_back_with_new_ones() {
    let mut desk = Desk::new().await;
    let before = desk.poll().await;
    let gone = desk.willing("FRA1", 1).remove(0);
    assert!(desk.simulator.control().set_pod_down("FRA1", true));
    desk.simulator.control().remove(gone.raw());
    let during = desk.poll().await;
    let fra1 = during.silent_pods().next().unwrap();
    assert_eq!((fra1.name.as_str(), during.silent_pods().count()), ("FRA1", 1));
    assert_eq!(fra1.as_of, Some(before.fetched_at()));
    assert_eq!(during.len(), before.len());
    assert!(matches!(during.reach(during.row_of(&gone).unwrap()), Reach::Silent(_)));
    assert!(!during.complete() && !during.proves_absence(Some(&fra1.id)));
    desk.simulator.control().set_pod_down("FRA1", false);
    let after = desk.poll().await;
    assert!(after.complete() && after.session(&gone).is_none());
}

#[tokio::test]
async fn a_pod_that_is_down_from_the_start_is_missing_and_says_so() {
    let mut desk = Desk::new().await;
    desk.simulator.control().set_pod_down("FRA1", true);
    let table = desk.poll().await;
    let fra1 = table.silent_pods().next().unwrap();
    assert_eq!((fra1.as_of, fra1.sessions), (None, 0));
    assert!(fra1.fault.is_some() && !table.complete());
}

#[tokio::test]
async fn one_job_logs_off_on_three_pods() {
    let mut desk = Desk::new().await;
    let table = desk.poll().await;
    let ids: Vec<SessionId> = ["AMS1", "FRA1", "LIS1"].iter().flat_map(|pod| desk.willing(pod, 3)).collect();
    let plan = desk.plan(&table, &ids);
    assert_eq!(plan.to_send.iter().filter(|target| target.pod.is_some()).count(), 6);
    desk.simulator.control().clear_requests();
    let job = desk.run(plan, 2, |_| {}).await;
    assert_eq!(outcomes(&job), [OutcomeKind::Accepted; 9]);
    assert_eq!(job.calls, 6, "two for each pod");
    let control = desk.simulator.control();
    assert_eq!(control.requests_to("POST", "/sessions/action/logoff").len(), 2);
    assert_eq!(control.requests_to("POST", "/global-sessions/action/logoff").len(), 4);
    control.advance(Duration::from_mins(2));
    assert!(ids.iter().all(|id| !desk.is_present(id)));
}

#[tokio::test]
async fn a_pod_that_goes_down_in_the_middle_of_a_job_takes_its_own_targets_only() {
    let mut desk = Desk::new().await;
    let table = desk.poll().await;
    let (fra1, lis1) = (desk.willing("FRA1", 3), desk.willing("LIS1", 3));
    // One by one and in turn: FRA1, LIS1, FRA1, …
    let ids: Vec<SessionId> =
        fra1.iter().zip(&lis1).flat_map(|(one, two)| [one.clone(), two.clone()]).collect();
    let plan = desk.plan(&table, &ids);
    let mut settled = 0;
    let job = desk
        .run(plan, 1, |event| {
            if matches!(event, JobEvent::Settled { .. }) {
                settled += 1;
                if settled == 1 {
                    desk.simulator.control().set_pod_down("FRA1", true);
                }
            }
        })
        .await;
    let of = |ids: &[SessionId]| -> Vec<OutcomeKind> {
        let targets = job.plan.to_send.iter().zip(&job.outcomes);
        targets
            .filter(|(target, _)| ids.contains(&target.session.id))
            .map(|(_, outcome)| outcome.kind())
            .collect()
    };
    assert_eq!(of(&lis1), [OutcomeKind::Accepted; 3], "the other pod does not suffer");
    assert_eq!(of(&fra1).first(), Some(&OutcomeKind::Accepted));
    assert!(!of(&fra1)[1..].contains(&OutcomeKind::Accepted), "{:?}", of(&fra1));
    assert!(matches!(job.phase, JobPhase::Finished { stopped: false, .. }));

    // While it is down a retry is held back; once it answers again the retry goes there.
    let failed: Vec<SessionId> = job.ids_where(|outcome| *outcome != Outcome::Accepted);
    let during = desk.poll().await;
    let held = desk.plan(&during, &failed);
    assert_eq!((held.to_send.len(), held.held_back.len()), (0, failed.len()));
    desk.simulator.control().set_pod_down("FRA1", false);
    let after = desk.poll().await;
    let retry = desk.plan(&after, &failed);
    assert!(retry.to_send.iter().all(|target| target.pod.is_some()));
    let job = desk.run(retry, 10, |_| {}).await;
    assert_eq!(outcomes(&job), vec![OutcomeKind::Accepted; failed.len()]);
    desk.simulator.control().advance(Duration::from_mins(2));
    assert!(fra1.iter().all(|id| !desk.is_present(id)));
}

/// What the program printed and how it ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "no {words:?} in {}", self.err);
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Runs the program against the simulator in this process.
async fn foretop(simulator: &Simulator, line: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let credentials = simulator.credentials();
    let mut command = Command::new(env!("CARGO_BIN_EXE_foretop"));
    command
        .env_clear()
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_STATE_HOME", home.path().join("state"))
        .env("FORETOP_SERVER", simulator.url())
        .env("FORETOP_DOMAIN", &credentials.domain)
        .env("FORETOP_USERNAME", &credentials.username)
        .env("FORETOP_PASSWORD", &credentials.password)
        .args(line)
        .stdin(std::process::Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn pods_of(list: &Value) -> BTreeSet<String> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row["pod"].as_str().unwrap_or("?").to_owned()).collect()
}

#[tokio::test]
async fn all_pods_are_listed_with_their_names() {
    let simulator = simulate(federation_world()).await;
    let ran = foretop(&simulator, &["sessions", "list", "--all-pods", "-o", "json"]).await.ends(0);
    let list = ran.json();
    assert_eq!(list.as_array().unwrap().len(), simulator.control().ids().len());
    assert_eq!(pods_of(&list), BTreeSet::from(["AMS1", "FRA1", "LIS1"].map(str::to_owned)));
    let line = ["sessions", "list", "--all-pods", "--where", "pod:lis1", "-o", "json"];
    assert_eq!(
        pods_of(&foretop(&simulator, &line).await.ends(0).json()),
        BTreeSet::from(["LIS1".to_owned()])
    );
    let text = foretop(&simulator, &["sessions", "list", "--all-pods"]).await.ends(0).out;
    assert!(text.lines().next().unwrap().contains("POD"), "the column is there by itself");
}

#[tokio::test]
async fn a_pod_that_does_not_answer_is_named_and_the_list_is_partly_done() {
    let simulator = simulate(federation_world()).await;
    simulator.control().set_pod_down("FRA1", true);
    let ran = foretop(&simulator, &["sessions", "list", "--all-pods", "-o", "json"]).await;
    let ran = ran.ends(3).says("pod FRA1 did not answer").says("its sessions are missing");
    // Of sessions that came in here and run there, this pod knows all but where.
    assert_eq!(pods_of(&ran.json()), BTreeSet::from(["?", "AMS1", "LIS1"].map(str::to_owned)));
    assert!(!ran.err.contains("changed while it was read"), "{}", ran.err);
}

#[tokio::test]
async fn sessions_of_another_pod_are_logged_off_by_id_and_by_filter() {
    let simulator = simulate(federation_world()).await;
    let control = simulator.control();
    let ids = control.ids_where(|row| row.pod == "LIS1" && !row.locked && !row.ghost);
    let [one, two] = &ids[..2] else { panic!("two sessions") };
    let line = ["sessions", "logoff", "--all-pods", "--id", one, "--id", two, "--yes", "2", "-o", "json"];
    let ran = foretop(&simulator, &line).await.ends(0);
    let targets = ran.json()["targets"].clone();
    assert_eq!(pods_of(&targets), BTreeSet::from(["LIS1".to_owned()]));
    assert!(targets.as_array().unwrap().iter().all(|target| target["outcome"] == "accepted"), "{targets}");
    control.advance(Duration::from_mins(2));
    assert!(!control.is_present(one) && !control.is_present(two));

    // What a pod that is down hosts cannot be meant by a filter: the rest is done, and the exit code says partly.
    control.set_pod_down("FRA1", true);
    let line =
        ["sessions", "disconnect", "--all-pods", "--where", "state:connected", "--dry-run", "-o", "json"];
    let ran = foretop(&simulator, &line).await.ends(3).says("pod FRA1 did not answer");
    assert!(!pods_of(&ran.json()["targets"]).contains("FRA1"));
}

#[tokio::test]
async fn without_all_pods_a_session_of_another_pod_is_held_back() {
    let simulator = simulate(federation_world()).await;
    let list = foretop(&simulator, &["sessions", "list", "-o", "json"]).await.ends(0).json();
    let rows = list.as_array().unwrap();
    let Some(guest) = rows.iter().find(|row| row["resourced_remotely"] == true) else {
        panic!("a session that this pod brokered and another hosts");
    };
    let id = guest["id"].as_str().unwrap();
    let line = ["sessions", "logoff", "--id", id, "--yes", "0", "-o", "json"];
    let ran = foretop(&simulator, &line).await.ends(4);
    assert!(ran.out.contains("list all pods first"), "{}", ran.out);
    let shown = foretop(&simulator, &["sessions", "show", id, "--all-pods", "-o", "json"]).await.ends(0);
    assert_ne!(shown.json()["pod"], "AMS1");
    foretop(&simulator, &["sessions", "show", "no-such", "--all-pods"]).await.says("no-such");
}

#[tokio::test]
async fn a_session_of_another_pod_is_not_called_gone() {
    let simulator = simulate(federation_world()).await;
    let id = simulator.control().ids_where(|row| row.pod == "LIS1" && row.brokering_pod == "LIS1").remove(0);
    let line = ["sessions", "logoff", "--id", &id, "--yes", "0", "-o", "json"];
    let ran = foretop(&simulator, &line).await.ends(4);
    assert_eq!(ran.json()["targets"][0]["message"], "not on this pod; --all-pods looks everywhere");
    // So too where a list is read because there are many.
    let mut line = vec!["sessions", "logoff", "--dry-run", "-o", "json", "--id", &id];
    let others: Vec<String> = (0..30).map(|number| format!("no-such-{number}")).collect();
    line.extend(others.iter().flat_map(|id| ["--id", id.as_str()]));
    let ran = foretop(&simulator, &line).await.ends(0);
    assert!(!ran.out.contains("gone") && ran.out.contains("--all-pods looks everywhere"), "{}", ran.out);
    let shown = foretop(&simulator, &["sessions", "show", &id]).await.ends(1);
    shown.says("is not on this pod").says("--all-pods looks everywhere");
    foretop(&simulator, &["sessions", "show", &id, "--all-pods"]).await.ends(0);
    // All pods asked, one of them silent: what is on none of the lists is not gone either.
    simulator.control().set_pod_down("LIS1", true);
    let line = ["sessions", "logoff", "--all-pods", "--id", &id, "--yes", "0", "-o", "json"];
    let ran = foretop(&simulator, &line).await.ends(4);
    assert!(!ran.out.contains("gone"), "{}", ran.out);
    foretop(&simulator, &["sessions", "show", &id, "--all-pods"]).await.ends(3);
}

#[tokio::test]
async fn without_a_federation_all_pods_is_this_pod_and_says_so() {
    let simulator = simulate(small()).await;
    let ran = foretop(&simulator, &["sessions", "list", "--all-pods", "-o", "json"]).await;
    let ran = ran.ends(0).says("there is no federation here");
    assert_eq!(ran.json().as_array().unwrap().len(), simulator.control().ids().len());
    foretop(&simulator, &["--all-pods", "sessions", "list"]).await.ends(2).says("stands behind the command");
}
