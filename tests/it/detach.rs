//! Jobs that go on without a terminal, in a process of their own.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::{
        fd::OwnedFd,
        unix::{fs::PermissionsExt as _, net::UnixStream},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use foretop::{
    core::{
        bulk::journal::{Author, Work},
        change::{ChangeItem, ChangePlan},
    },
    domain::Change,
    engine::journal::{JournalStore, Opening},
    sim::Simulator,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    console::confirm,
    resume::{foretop, orders, program, sessions},
    support::{connect_to, simulate, small},
    terminal::Terminal,
};

/// A desk: a simulated estate, an empty home, and the ids of some of its sessions.
pub(crate) struct Desk {
    pub(crate) simulator: Simulator,
    pub(crate) home: tempfile::TempDir,
    pub(crate) ids: Vec<String>,
}

impl Desk {
    pub(crate) async fn new(sessions_of: usize) -> Self {
        let simulator = simulate(small()).await;
        let estate = connect_to(simulator.url(), &simulator).await;
        let found = sessions(&simulator, &estate, sessions_of).await;
        let ids = found.iter().map(|session| session.id.raw().to_owned()).collect();
        Self { simulator, home: tempfile::tempdir().unwrap(), ids }
    }

    /// The command for a logoff of all of its sessions, with more arguments.
    async fn log_off(&self, more: &[&str]) -> crate::resume::Ran {
        let yes = self.ids.len().to_string();
        let mut line = vec!["sessions", "logoff", "--yes", &yes, "-o", "json"];
        for id in &self.ids {
            line.extend(["--id", id]);
        }
        line.extend(more);
        self.foretop(&line).await
    }

    pub(crate) async fn foretop(&self, line: &[&str]) -> crate::resume::Ran {
        foretop(&self.simulator, self.home.path(), line).await
    }

    pub(crate) async fn shown(&self, journal: &str) -> Value {
        self.foretop(&["jobs", "show", journal, "-o", "json"]).await.ends(0).json()
    }

    /// Waits until a job is shown like this, and returns it.
    pub(crate) async fn wait(&self, journal: &str, is_right: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..600 {
            let shown = self.shown(journal).await;
            if is_right(&shown) {
                return shown;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("never shown so: {}", self.shown(journal).await);
    }

    fn journals(&self) -> PathBuf {
        self.home.path().join("state/foretop/jobs")
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

fn signal(name: &str, pid: &Value) {
    assert!(Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn a_detached_job_is_finished_by_a_process_of_its_own() {
    let desk = Desk::new(3).await;
    let told = desk.log_off(&["--detach", "--chunk", "2", "--ticket", "INC-1"]).await.ends(0).json();
    assert_eq!((&told["verb"], &told["targets"]), (&"logoff".into(), &3.into()));
    let journal = text(&told, "journal");
    let shown = desk.wait(journal, |shown| shown["state"] == "finished").await;
    assert_eq!((&shown["counts"], &shown["ticket"]), (&json!({"accepted": 3}), &"INC-1".into()));
    assert_eq!((&shown["log"], &shown["plan"]), (&told["log"], &told["plan"]));
    assert!(shown.get("pid").is_none(), "{shown}");
    assert_eq!(orders(&desk.simulator).len(), 2);
    desk.foretop(&["jobs", "verify"]).await.ends(0);
    let log = Path::new(text(&told, "log"));
    assert_eq!(log.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let report = std::fs::read_to_string(log).unwrap();
    assert!(report.contains("3 accepted"), "{report}");
    desk.foretop(&["jobs", "stop", journal]).await.ends(4).says("is not running: finished");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_detached_job_outlives_a_hang_up_is_stopped_and_gone_on_with() {
    let desk = Desk::new(2).await;
    let told = desk.log_off(&["--detach", "--chunk", "1", "--pause", "10m"]).await.ends(0).json();
    let (journal, pid) = (text(&told, "journal"), &told["pid"]);
    // One is sent; the pause before the next one is longer than any test.
    let shown = desk.wait(journal, |shown| shown["counts"] == json!({"unsent": 1, "accepted": 1})).await;
    assert_eq!((&shown["state"], &shown["pid"]), (&"running".into(), pid));
    let listed = desk.foretop(&["jobs", "-o", "json"]).await.ends(0).json();
    assert_eq!(listed[0]["state"], "running");

    let of_process = |file: &str| std::fs::read(format!("/proc/{pid}/{file}")).unwrap();
    let password = desk.simulator.credentials().password;
    for file in ["cmdline", "environ"] {
        let told = String::from_utf8_lossy(&of_process(file)).into_owned();
        assert!(!told.contains(&password) && !told.contains("FORETOP_PASSWORD"), "{file}: {told}");
    }
    // A session of its own, and no terminal.
    let status = String::from_utf8(of_process("stat")).unwrap();
    let fields: Vec<&str> = status.rsplit(')').next().unwrap().split_whitespace().collect();
    assert_eq!((fields[3], fields[4]), (pid.to_string().as_str(), "0"), "{status}");

    signal("HUP", pid);
    let again = ["jobs", "resume", journal, "--yes", "1", "--detach", "-o", "json"];
    desk.foretop(&again).await.ends(4).says("running");
    assert_eq!(desk.shown(journal).await["state"], "running");
    let said = desk.foretop(&["jobs", "stop", journal]).await.ends(0);
    assert!(said.out.contains(&format!("process {pid} was asked to end")), "{}", said.out);
    let stopped = desk.wait(journal, |shown| shown["state"] != "running").await;
    assert_eq!((&stopped["state"], &stopped["states"]["unsent"]), (&"stopped".into(), &1.into()));

    let told = desk.foretop(&again).await.ends(0).json();
    assert_eq!((&told["journal"], &told["targets"]), (&journal.into(), &1.into()));
    let shown = desk.wait(journal, |shown| shown["state"] == "finished").await;
    assert_eq!(shown["counts"], json!({"accepted": 2}));
    assert_eq!(orders(&desk.simulator).len(), 2);
    desk.foretop(&["jobs", "verify"]).await.ends(0);
}

#[tokio::test]
async fn a_saved_plan_is_applied_without_a_terminal() {
    let desk = Desk::new(1).await;
    let plan = ["plan", "logoff", "--id", &desk.ids[0], "--json"];
    let saved = desk.foretop(&plan).await.ends(0).json();
    let apply = ["apply", text(&saved, "plan"), "--yes", "1", "--detach", "-o", "json"];
    let told = desk.foretop(&apply).await.ends(0).json();
    let shown = desk.wait(text(&told, "journal"), |shown| shown["state"] == "finished").await;
    assert_eq!((&shown["plan"], &shown["counts"]), (&saved["plan"], &json!({"accepted": 1})));
    desk.foretop(&apply).await.ends(4).says("applied already");
}

#[tokio::test]
async fn what_cannot_be_detached_is_refused_before_anything_is_sent() {
    let desk = Desk::new(1).await;
    desk.log_off(&["--detach", "--dry-run"]).await.ends(2);
    desk.log_off(&["--detach", "--read-only"]).await.ends(4).says("read-only");
    let demo = ["--demo=small", "sessions", "logoff", "--where", "id:*", "--detach"];
    desk.foretop(&demo).await.ends(2).says("the simulated estate ends with this process");
    desk.foretop(&["jobs", "resume", "x", "--yes", "1", "--detached"]).await.ends(2).says("starts itself");
    desk.foretop(&["jobs", "stop", "nothing"]).await.ends(2).says("no job");
    assert!(orders(&desk.simulator).is_empty() && !desk.journals().exists());
}

/// A job that was stopped with one target left; its journal.
async fn stopped(desk: &Desk) -> String {
    let told = desk.log_off(&["--detach", "--chunk", "1", "--pause", "10m"]).await.ends(0).json();
    let journal = text(&told, "journal").to_owned();
    desk.wait(&journal, |shown| shown["counts"] == json!({"unsent": 1, "accepted": 1})).await;
    desk.foretop(&["jobs", "stop", &journal]).await.ends(0);
    desk.wait(&journal, |shown| shown["state"] == "stopped").await;
    journal
}

#[tokio::test]
async fn a_job_that_nobody_takes_over_is_as_it_was() {
    let desk = Desk::new(2).await;
    let journal = stopped(&desk).await;
    let before = desk.shown(&journal).await;
    let log = desk.journals().join(format!("{journal}.log"));
    std::fs::remove_file(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    let again = ["jobs", "resume", &journal, "--yes", "1", "--detach"];
    let failed = desk.foretop(&again).await.ends(1).says("was not taken over").says(".log");
    assert!(failed.err.contains("nothing was sent") && failed.out.is_empty(), "{}", failed.err);
    std::fs::remove_dir(&log).unwrap();
    assert_eq!(desk.shown(&journal).await["states"], before["states"]);
    assert_eq!(orders(&desk.simulator).len(), 1);
}

#[tokio::test]
async fn changes_that_are_only_read_again_are_not_detached() {
    let desk = Desk::new(0).await;
    let mut plan = ChangePlan::new("9c".into(), "DELETE PERMISSIONS", Timestamp::now());
    plan.items = vec![ChangeItem::new(Change::DeletePermission("p1".into()), "CORP\\kaya")];
    let store = JournalStore::new(desk.home.path().join("state/foretop"));
    let by = Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump1".into(), pid: 1 };
    let work = Work::Changes(Arc::new(plan));
    let opening = Opening { at: Timestamp::now(), by, estate: "x".into(), ticket: None, work };
    let mut journal = store.open(opening).await.unwrap();
    journal.intent(Timestamp::now(), vec![0], "delete".into()).await.unwrap();
    drop(journal);
    let line = ["jobs", "resume", "9c", "--detach"];
    desk.foretop(&line).await.ends(4).says("only read again");
}

/// Plays the one who hands a job over.
struct Parent {
    socket: UnixStream,
    child: std::process::Child,
}

impl Parent {
    fn of(desk: &Desk, journal: &str, password: &str) -> Self {
        let (mut socket, theirs) = UnixStream::pair().unwrap();
        let mut command = program(&desk.simulator, desk.home.path());
        command.env_remove("FORETOP_PASSWORD").stdin(Stdio::from(OwnedFd::from(theirs)));
        command.args(["jobs", "resume", journal, "--detached", "--yes", "1"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        drop(command);
        let account = desk.simulator.credentials();
        let url: url::Url = desk.simulator.url().parse().unwrap();
        let head = json!({
            "name": url.host_str(),
            "connection": {
                "servers": [url], "username": account.username, "domain": account.domain, "tls": "System",
                "timeout": {"secs": 30, "nanos": 0}, "pages_in_flight": 4, "language": null,
            },
            "governor": {
                "requests": 8, "lookups": 2, "failures": 5, "longest_rest": {"secs": 30, "nanos": 0},
            },
            "state_dir": "/nowhere",
        })
        .to_string();
        for length in [head.len(), password.len()] {
            socket.write_all(&(length as u64).to_le_bytes()).unwrap();
        }
        socket.write_all(head.as_bytes()).unwrap();
        socket.write_all(password.as_bytes()).unwrap();
        Self { socket, child }
    }

    /// What the process says.
    fn answer(&self) -> Value {
        let mut line = String::new();
        BufReader::new(&self.socket).read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_cannot_log_in_says_so() {
    let desk = Desk::new(2).await;
    let journal = stopped(&desk).await;
    let mut parent = Parent::of(&desk, &journal, "wrong");
    let answer = parent.answer();
    assert!(answer["Failed"]["words"].is_string(), "{answer}");
    assert_eq!(parent.child.wait().unwrap().code(), Some(5));
    assert_eq!(orders(&desk.simulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_before_the_word_to_go() {
    let desk = Desk::new(2).await;
    let journal = stopped(&desk).await;
    let password = desk.simulator.credentials().password;
    // Who started it dies: nobody would tell the operator.
    let parent = Parent::of(&desk, &journal, &password);
    assert_eq!(parent.answer(), json!("Taken"));
    let Parent { socket, mut child } = parent;
    drop(socket);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let shown = desk.shown(&journal).await;
    assert_eq!((&shown["state"], &shown["states"]["unsent"]), (&"interrupted".into(), &1.into()));
    assert_eq!(orders(&desk.simulator).len(), 1);

    let mut parent = Parent::of(&desk, &journal, &password);
    assert_eq!(parent.answer(), json!("Taken"));
    parent.socket.write_all(b"g").unwrap();
    assert_eq!(parent.child.wait().unwrap().code(), Some(0));
    assert_eq!(desk.shown(&journal).await["counts"], json!({"accepted": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_not_detached_is_not_stopped_from_elsewhere() {
    let desk = Desk::new(2).await;
    let mut command = program(&desk.simulator, desk.home.path());
    command.args(["sessions", "logoff", "--yes", "2", "--chunk", "1", "--pause", "10m"]);
    for id in &desk.ids {
        command.args(["--id", id]);
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let journal = loop {
        let listed = desk.foretop(&["jobs", "-o", "json"]).await.ends(0).json();
        if listed[0]["counts"]["answered"] == 1 {
            break text(&listed[0], "journal").to_owned();
        }
    };
    let refused = desk.foretop(&["jobs", "stop", &journal]).await.ends(4).says("was not detached");
    assert!(refused.err.contains(&child.id().to_string()), "{}", refused.err);
    signal("HUP", &child.id().into());
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let left = desk.shown(&journal).await;
    assert_eq!((&left["state"], &left["states"]["unsent"]), (&"stopped".into(), &1.into()));
}

#[tokio::test]
async fn a_course_goes_on_without_a_terminal() {
    let desk = Desk::new(1).await;
    let course = ["--detach", "--warn", "Restart", "--after", "10m"];
    let told = desk.log_off(&course).await.ends(0).json();
    let journal = text(&told, "journal");
    while desk.simulator.control().requests_to("POST", "/action/send-message").is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    desk.foretop(&["jobs", "stop", journal]).await.ends(0);
    let shown = desk.wait(journal, |shown| shown["state"] == "stopped").await;
    assert_eq!(shown["counts"], json!({"unsent": 1}));
    assert!(desk.simulator.control().requests_to("POST", "/action/logoff").is_empty());
}

impl Desk {
    /// The console on this estate with a job that sent to one and pauses before the next; its journal.
    async fn console(&self) -> (Terminal, String) {
        let config = self.home.path().join("config/foretop");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("config.toml"), "chunk_size = 1\n[jobs]\npause = \"10m\"\n").unwrap();
        let folder = |name: &str| self.home.path().join(name).display().to_string();
        let (config, state, url) = (folder("config"), folder("state"), self.simulator.url().to_owned());
        let account = self.simulator.credentials();
        let terminal = tokio::task::spawn_blocking(move || {
            let variables = [
                ("XDG_CONFIG_HOME", config.as_str()),
                ("XDG_STATE_HOME", state.as_str()),
                ("FORETOP_SERVER", url.as_str()),
                ("FORETOP_DOMAIN", account.domain.as_str()),
                ("FORETOP_USERNAME", account.username.as_str()),
                ("FORETOP_PASSWORD", account.password.as_str()),
                ("FORETOP_DEBUG_SETTLING_MS", "0"),
            ];
            let mut terminal = Terminal::start((100, 30), &[], &variables);
            terminal.see("complete");
            terminal.press("/state:disc<enter>*al");
            confirm(&mut terminal);
            terminal.see("next call in");
            terminal
        });
        let terminal = terminal.await.unwrap();
        let listed = self.foretop(&["jobs", "-o", "json"]).await.ends(0).json();
        assert_eq!((&listed[0]["state"], &listed[0]["counts"]["answered"]), (&"running".into(), &1.into()));
        (terminal, text(&listed[0], "journal").to_owned())
    }
}

/// Leaves by these keys; the exit code, and what stands on the restored terminal.
async fn leaves(mut terminal: Terminal, keys: &'static str) -> (u32, String) {
    let left = tokio::task::spawn_blocking(move || {
        terminal.press("q");
        terminal.press("q");
        terminal.see("LEAVE?");
        terminal.press(keys);
        let code = terminal.end();
        assert!(terminal.is_restored());
        (code, terminal.text())
    });
    left.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_the_console_is_detached_when_leaving() {
    let desk = Desk::new(0).await;
    let (terminal, journal) = desk.console().await;
    let console = desk.shown(&journal).await["pid"].clone();
    let (code, screen) = leaves(terminal, "d").await;
    assert_eq!(code, 0, "{screen}");
    for words in ["goes on without this terminal, process ", ".log", "jobs show ", "jobs stop "] {
        assert!(screen.contains(words), "no {words:?} in {screen}");
    }
    let shown = desk.wait(&journal, |shown| shown["states"]["answered"] == 2).await;
    assert_eq!(shown["state"], "running");
    assert!(shown["pid"] != console && screen.contains(&format!("process {}", shown["pid"])), "{screen}");
    desk.foretop(&["jobs", "stop", &journal]).await.ends(0);
    desk.wait(&journal, |shown| shown["state"] == "stopped").await;
    desk.foretop(&["jobs", "verify"]).await.ends(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_the_console_is_stopped_when_leaving_and_says_how_to_go_on() {
    let desk = Desk::new(0).await;
    let (terminal, journal) = desk.console().await;
    let (code, screen) = leaves(terminal, "s").await;
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains(&format!("`foretop jobs resume {journal}`")), "{screen}");
    assert_eq!(desk.shown(&journal).await["state"], "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_to_the_console_leaves_a_job_that_can_be_resumed() {
    for signal in ["HUP", "TERM"] {
        let desk = Desk::new(0).await;
        let (mut terminal, journal) = desk.console().await;
        terminal.signal(signal);
        let (code, screen) =
            tokio::task::spawn_blocking(move || (terminal.end(), terminal.text())).await.unwrap();
        assert_eq!(code, 1, "{screen}");
        assert!(screen.contains(&format!("`foretop jobs resume {journal}`")), "{signal}: {screen}");
        let shown = desk.shown(&journal).await;
        assert_eq!((&shown["state"], &shown["states"]["answered"]), (&"stopped".into(), &1.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staying_and_waiting_keep_the_job_where_it_is() {
    let desk = Desk::new(0).await;
    let (terminal, journal) = desk.console().await;
    let seen = tokio::task::spawn_blocking(move || {
        let mut terminal = terminal;
        terminal.press("qq");
        terminal.see("LEAVE?");
        terminal.press("<esc>");
        terminal.press("q");
        terminal.see("LEAVE?");
        terminal.press("w");
        terminal.see("leaving as soon as the job is done");
        terminal.press("<esc>");
        terminal.see("staying");
        terminal
    });
    let terminal = seen.await.unwrap();
    assert_eq!(desk.shown(&journal).await["state"], "running");
    drop(terminal);
}
