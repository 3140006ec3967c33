//! The real program without a screen, against a simulated estate in another process: what it prints, where, and how it
//! ends (`docs/headless.md`).

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use foretop::sim::{FaultSpec, LoggedRequest, SimOptions, Simulator};
use rstest::rstest;
use serde_json::Value;
use tokio::net::TcpSocket;

use crate::support;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_foretop");

/// Old enough disconnected sessions, as in the recipe.
const OLD: &str = "state:disconnected idle>4h";

/// A home folder and the variables that say which estate is meant.
pub(crate) struct Desk {
    home: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Desk {
    /// Nothing is configured.
    pub(crate) fn bare() -> Self {
        Self { home: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// A server and an account in the environment.
    pub(crate) fn at(url: &str, username: &str, password: &str) -> Self {
        let variables = vec![
            ("FORETOP_SERVER", url.to_owned()),
            ("FORETOP_DOMAIN", "CORP".to_owned()),
            ("FORETOP_USERNAME", username.to_owned()),
            ("FORETOP_PASSWORD", password.to_owned()),
        ];
        Self { variables, ..Self::bare() }
    }

    /// The same with another variable.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// A configuration file that only its owner may read.
    pub(crate) fn configured(self, text: &str) -> Self {
        let folder = self.home.path().join("config/foretop");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("config.toml");
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    /// The home folder.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> std::path::PathBuf {
        self.home.path().join("config/foretop/config.toml")
    }

    /// A file of the state folder.
    pub(crate) fn state(&self, file: &str) -> std::path::PathBuf {
        self.home.path().join("state/foretop").join(file)
    }

    /// A program with nothing of this machine's environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home.path()).env("LANG", "C.UTF-8");
        command.env("XDG_CONFIG_HOME", self.home.path().join("config"));
        command.env("XDG_STATE_HOME", self.home.path().join("state"));
        command.current_dir(self.home.path()).stdin(Stdio::null());
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command
    }

    pub(crate) fn foretop(&self, line: &[&str]) -> Ran {
        self.command(PROGRAM).args(line).output().unwrap().into()
    }
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "no {words:?} in {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    #[track_caller]
    fn json_lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The targets with this outcome.
    #[track_caller]
    pub(crate) fn targets(&self, outcome: &str) -> Vec<Value> {
        let json = self.json();
        let targets = json["targets"].as_array().unwrap().iter();
        let counted: u64 = json["counts"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(counted, targets.len() as u64, "the counts add up");
        targets.filter(|target| target["outcome"] == outcome).cloned().collect()
    }
}

/// `foretop sim` in a process of its own.
pub(crate) struct Sim {
    child: Child,
    ready: Value,
    _desk: Desk,
}

impl Sim {
    pub(crate) fn start(line: &[&str]) -> Self {
        let desk = Desk::bare();
        let mut child = desk.command(PROGRAM).arg("sim").args(line).stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        Self { child, ready: serde_json::from_str(&ready).unwrap(), _desk: desk }
    }

    pub(crate) fn small() -> Self {
        Self::start(&["--world", "small", "--seed", "7"])
    }

    /// What the line that tells that it is ready says.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap()
    }

    /// How its Workspace face is reached.
    pub(crate) fn workspace(&self) -> &Value {
        &self.ready["workspace"]
    }

    /// A desk from which the administrator works.
    pub(crate) fn admin(&self) -> Desk {
        self.account("admin")
    }

    pub(crate) fn account(&self, username: &str) -> Desk {
        Desk::at(self.text("url"), username, self.text("password"))
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn sim_prints_one_line_when_ready_and_ends_well_when_told() {
    let mut sim = Sim::small();
    for key in ["url", "username", "domain", "password"] {
        assert!(!sim.text(key).is_empty());
    }
    signal(&sim.child, "-TERM");
    let mut rest = String::new();
    sim.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), sim.child.wait().unwrap().code()), ("", Some(0)));
}

#[test]
fn a_list_has_the_vendors_field_names_in_every_format() {
    let sim = Sim::small();
    let desk = sim.admin();
    let list = desk.foretop(&["sessions", "list", "-o", "json"]).ends(0);
    assert_eq!(list.err, "");
    let rows = list.json();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 48);
    for row in rows {
        assert!(
            row["id"].is_string() && row["session_state"].is_string() && row["flags"].is_array(),
            "{row}"
        );
        assert!(row["start_time"].as_i64().unwrap() > 1_500_000_000_000, "{row}");
        assert!(row.as_object().unwrap().values().all(|value| !value.is_null()), "unknown is absent: {row}");
    }
    assert!(rows.iter().any(|row| row["client_data"]["type"] == "WINDOWS"));
    assert!(rows.iter().any(|row| row["security_gateway_data"]["location"] == "EXTERNAL"));

    let lines = desk.foretop(&["sessions", "list", "-o", "jsonl"]).ends(0).json_lines();
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&lines), ids(rows), "the same order");

    let table = desk.foretop(&["sessions", "list", "--where", "state:disc"]).ends(0);
    let disconnected = rows.iter().filter(|row| row["session_state"] == "DISCONNECTED").count();
    assert_eq!(table.out.lines().count(), disconnected + 1);
    assert!(table.out.starts_with("USER "), "{}", table.out);

    let csv = desk.foretop(&["sessions", "list", "-o", "csv"]).ends(0);
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!(&header[0], "id");
    assert!(header.iter().any(|field| field == "client_data.version"));
    let known: Vec<&str> = header.iter().collect();
    for field in rows.iter().flat_map(|row| row.as_object().unwrap().keys()) {
        assert!(known.iter().any(|name| name.split('.').next() == Some(field)), "{field} is in CSV too");
    }
    assert_eq!(reader.records().map(Result::unwrap).count(), 48);
}

#[test]
fn a_list_is_sorted_and_has_the_columns_that_were_asked_for() {
    let sim = Sim::small();
    let desk = sim.admin();
    let list = |order| {
        let line = ["sessions", "list", "--sort", order, "-o", "csv", "--columns", "user,machine"];
        let ran = desk.foretop(&line).ends(0);
        let mut lines = ran.out.lines().map(str::to_owned);
        assert_eq!(lines.next().as_deref(), Some("user,machine"));
        lines.map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (up, down) = (list("user"), list("-user"));
    assert_eq!(up.len(), 48);
    assert_ne!(up, down);
    assert_eq!(up.first(), down.last());
    desk.foretop(&["sessions", "list", "--columns", "usr"]).ends(2).says("did you mean `user`?");
    desk.foretop(&["sessions", "list", "--sort", "idl"]).ends(2).says("did you mean `idle`?");
    desk.foretop(&["sessions", "list", "--columns", "user", "-o", "json"]).ends(2);
}

#[test]
fn a_list_is_broken_down_and_each_bucket_says_how_to_choose_it() {
    let sim = Sim::small();
    let desk = sim.admin();
    let buckets = desk.foretop(&["sessions", "list", "--by", "gateway", "-o", "json"]).ends(0).json();
    let buckets = buckets.as_array().unwrap();
    let counts = buckets.iter().map(|bucket| bucket["sessions"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), 48);
    for bucket in buckets {
        assert_eq!(
            (&bucket["sessions"], bucket["lift"].as_f64()),
            (&bucket["of_all"], Some(1.0)),
            "{bucket}"
        );
        let filter = bucket["filter"].as_str().unwrap();
        let chosen =
            desk.foretop(&["sessions", "list", "--where", filter, "-o", "jsonl"]).ends(0).json_lines();
        assert_eq!(chosen.len() as u64, bucket["sessions"].as_u64().unwrap(), "{filter}");
    }
    let line = ["sessions", "list", "--where", "state:disc", "--by", "state", "--sort", "lift"];
    let table = desk.foretop(&line).ends(0);
    assert!(table.out.starts_with("STATE"), "{}", table.out);
    assert!(table.out.lines().nth(1).unwrap().starts_with("disconnected"), "{}", table.out);
    desk.foretop(&["sessions", "list", "--by", "gatway"]).ends(2).says("did you mean `gateway`?");
    desk.foretop(&["sessions", "list", "--by", "pool", "--sort", "user"]).ends(2).says("--sort lift");
    desk.foretop(&["sessions", "list", "--by", "pool", "--columns", "user"]).ends(2);
}

#[test]
fn one_session_is_shown_in_every_format() {
    let sim = Sim::small();
    let desk = sim.admin();
    let first = desk.foretop(&["sessions", "list", "-o", "jsonl"]).ends(0).json_lines().remove(0);
    let id = first["id"].as_str().unwrap();
    let show = |format| desk.foretop(&["sessions", "show", id, "-o", format]).ends(0);
    assert_eq!(show("json").json()["user_name"], first["user_name"]);
    assert_eq!(show("jsonl").json_lines()[0]["id"], id);
    assert!(show("csv").out.lines().nth(1).unwrap().starts_with(id));
    assert!(show("table").out.contains(first["user_name"].as_str().unwrap()));
    desk.foretop(&["sessions", "show", "nobody"]).ends(1).says("EntityNotFound").says("sessions list");
}

/// The simulator's clock stands still, far from this machine's.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_by_itself_has_the_age_that_it_has_in_the_list() {
    let simulator = support::simulate(SimOptions { sessions: Some(400), ..support::small() }).await;
    for _ in 0..100 {
        if simulator.control().counts().pending == 0 {
            simulator.control().advance(Duration::from_secs(20));
        }
    }
    let account = simulator.credentials();
    let desk = Desk::at(simulator.url(), &account.username, &account.password);
    let listed = desk.foretop(&["sessions", "list", "--where", "state:pending", "-o", "jsonl"]).ends(0);
    let listed = listed.json_lines();
    let is_late = |row: &Value| row["flags"].as_array().unwrap().contains(&"PE".into());
    assert!(listed.iter().any(|row| !is_late(row)), "{listed:?}");
    for row in listed {
        let shown = desk.foretop(&["sessions", "show", row["id"].as_str().unwrap(), "-o", "json"]).ends(0);
        assert_eq!(is_late(&shown.json()), is_late(&row), "{row}");
    }
    simulator.shutdown().await;
}

#[test]
fn a_dry_run_then_the_number_and_each_refused_session_is_named_with_its_fault() {
    let sim = Sim::start(&["--world", "small", "--seed", "7", "--sessions", "400"]);
    let desk = sim.admin();
    let dry = desk.foretop(&["sessions", "logoff", "--where", OLD, "--dry-run", "-o", "json"]).ends(0);
    let planned = dry.targets("unsent");
    assert!(planned.len() > 20, "{}", dry.out);
    let number = planned.len().to_string();
    let run = ["sessions", "logoff", "--where", OLD, "--yes", &number, "--ticket", "INC-1", "-o", "json"];
    let done = desk.foretop(&run).ends(3).says("not all done").says("--forced");
    let json = done.json();
    assert_eq!((&json["verb"], &json["ticket"]), (&"logoff".into(), &"INC-1".into()));
    let (accepted, refused) = (done.targets("accepted"), done.targets("refused"));
    assert!(!accepted.is_empty() && !refused.is_empty(), "{}", done.out);
    assert_eq!(accepted.len() + refused.len(), planned.len());
    for target in &refused {
        assert_eq!(target["fault"], "InvalidState");
        assert!(target["user_name"].is_string() && target["message"].as_str().unwrap().contains("locked"));
    }
    // The polite ones are leaving; what is left can be forced.
    let id = refused[0]["id"].as_str().unwrap();
    let forced = ["sessions", "logoff", "--forced", "--id", id, "--yes", "1", "-o", "json"];
    assert_eq!(desk.foretop(&forced).ends(0).json()["verb"], "logoff-forced");
}

#[test]
fn a_logoff_can_warn_and_wait_first() {
    let sim = Sim::start(&["--world", "small", "--seed", "7", "--sessions", "400"]);
    let desk = sim.admin();
    let warn = |more: &[&str]| {
        let line = ["sessions", "logoff", "--where", OLD, "--warn", "{user}: log off", "--ticket", "INC-1"];
        desk.foretop(&[&line, more].concat())
    };
    warn(&["--dry-run"]).ends(2).says("--after");
    warn(&["--after", "1m", "--remind", "1m", "--dry-run"]).ends(2).says("--remind is not within the wait");
    let typo = ["sessions", "logoff", "--where", OLD, "--warn", "{usr}", "--after", "1m", "--dry-run"];
    desk.foretop(&typo).ends(2).says("no field {usr}");
    let message = ["sessions", "message", "--where", OLD, "--text", "in {minutes} min", "--dry-run"];
    desk.foretop(&message).ends(2).says("only before a wait");
    let planned = warn(&["--after", "1s", "--dry-run", "-o", "json"]).ends(0).targets("unsent").len();
    let done = warn(&["--after", "1s", "--yes", &planned.to_string(), "-o", "json"]).ends(3);
    let (accepted, refused) = (done.targets("accepted"), done.targets("refused"));
    assert_eq!(accepted.len() + refused.len(), planned, "{}", done.out);
    for target in accepted.iter().chain(&refused) {
        assert_eq!((&target["warned"], &target["warning"]), (&true.into(), &"accepted".into()));
        assert_eq!(target["reminders"], 0);
    }
}

#[test]
fn every_format_of_an_action_names_its_targets() {
    let sim = Sim::small();
    let desk = sim.admin();
    let run = |format| {
        desk.foretop(&["sessions", "disconnect", "--where", "state:conn", "--dry-run", "-o", format]).ends(0)
    };
    let targets = run("json").targets("unsent").len();
    let lines = run("jsonl").json_lines();
    assert_eq!(lines.len(), targets);
    assert!(lines.iter().all(|line| line["plan"].is_string() && line["verb"] == "disconnect"));
    let csv = run("csv");
    assert!(csv.out.starts_with("plan,verb,ticket,id,user_id,user_name,"), "{}", csv.out);
    assert_eq!(csv.out.lines().count(), targets + 1);
    let table = run("table");
    assert!(table.out.starts_with("OUTCOME "), "{}", table.out);
    assert!(table.out.ends_with(&format!(": {targets} unsent\n")), "{}", table.out);
}

#[test]
fn nothing_is_sent_without_the_right_number() {
    let sim = Sim::small();
    let desk = sim.admin();
    let disconnect = |more: &[&str]| {
        let mut line = vec!["sessions", "disconnect", "--where", "state:conn"];
        line.extend(more);
        desk.foretop(&line)
    };
    let before =
        desk.foretop(&["sessions", "list", "--where", "state:conn", "-o", "jsonl"]).json_lines().len();
    let right = format!("--yes {before} ");
    disconnect(&["--yes", "1"]).ends(4).says(&right);
    disconnect(&[]).ends(4).says(&right);
    disconnect(&["--yes", &before.to_string(), "--max", "3"]).ends(4).says("--max allows 3");
    disconnect(&["--dry-run", "--max", "3"]).ends(4);
    disconnect(&["--read-only", "--yes", &before.to_string()]).ends(4).says("read-only");
    disconnect(&["--read-only", "--dry-run"]).ends(0);
    let after =
        desk.foretop(&["sessions", "list", "--where", "state:conn", "-o", "jsonl"]).json_lines().len();
    assert_eq!(before, after);
    let done = disconnect(&["--yes", &before.to_string(), "-o", "json"]).ends(0);
    assert_eq!(done.targets("accepted").len(), before);
}

#[test]
fn a_read_only_profile_cannot_act() {
    let sim = Sim::small();
    let config = format!(
        "[profiles.emea]\nserver = '{}'\ndomain = 'CORP'\nusername = 'admin'\npassword_plaintext = '{}'\nread_only = true\n",
        sim.text("url"),
        sim.text("password")
    );
    let desk = Desk::bare().configured(&config);
    assert_eq!(desk.foretop(&["sessions", "list", "-o", "jsonl"]).ends(0).json_lines().len(), 48);
    desk.foretop(&["sessions", "message", "--text", "x", "--where", "id:*", "--yes", "48"]).ends(4);
}

#[test]
fn a_session_that_is_gone_is_held_back_and_reported() {
    let sim = Sim::small();
    let desk = sim.admin();
    let row = desk.foretop(&["sessions", "list", "-o", "jsonl"]).json_lines().remove(0);
    let id = row["id"].as_str().unwrap();
    let message =
        |line: &[&str]| desk.foretop(&[&["sessions", "message", "--text", "x", "-o", "json"], line].concat());
    let partly = message(&["--id", id, "--id", "gone", "--yes", "1"]).ends(3);
    assert_eq!(partly.targets("accepted").len(), 1);
    assert_eq!(partly.targets("held_back")[0]["message"], "gone already");
    let none = message(&["--id", "gone", "--yes", "1"]).ends(4);
    assert_eq!(none.targets("held_back")[0]["id"], "gone");
    message(&["--where", "user:nobody-is-called-that"]).ends(0);
}

#[test]
fn filters_with_mistakes_are_marked_and_end_with_2() {
    // There is no server: the mistake is found before anybody is asked.
    let desk = Desk::at("https://127.0.0.1:1", "admin", "x");
    for line in [&["sessions", "list", "--where"][..], &["sessions", "logoff", "--yes", "1", "--where"]] {
        let line = [line, &["user:a sate:disc"]].concat();
        let ran = desk
            .foretop(&line)
            .ends(2)
            .says("\n  user:a sate:disc\n         ^^^^\n")
            .says("did you mean state?");
        assert_eq!(ran.out, "");
    }
    desk.foretop(&["sessions", "logoff", "--where", " "]).ends(2).says("every session");
    desk.foretop(&["events", "--where", "sevrity:info"]).ends(2).says("did you mean sev");
}

#[test]
fn a_wrong_password_and_a_missing_privilege_end_with_5() {
    let sim = Sim::small();
    let wrong = Desk::at(sim.text("url"), "admin", "hunter2");
    let ran = wrong.foretop(&["sessions", "list"]).ends(5).says("Unauthenticated").says("password");
    assert!(!ran.err.contains("hunter2"), "{ran:?}");
    let viewer = sim.account("viewer");
    assert_eq!(viewer.foretop(&["sessions", "list", "-o", "jsonl"]).ends(0).json_lines().len(), 48);
    let act = ["sessions", "logoff", "--where", "state:disc", "--yes", "17", "-o", "json"];
    let ran = viewer.foretop(&act).ends(5).says("needs MACHINE_MANAGE_VDI_SESSION");
    assert!(!ran.targets("held_back").is_empty());
    sim.account("helpdesk").foretop(&["sessions", "reset", "--where", "pool:fin*", "--yes", "1"]).ends(5);
}

#[test]
fn an_empty_id_is_a_mistake_and_not_a_session_that_is_gone() {
    let sim = Sim::small();
    sim.admin().foretop(&["sessions", "logoff", "--id", "", "--dry-run"]).ends(2).says("--id is empty");
}

#[test]
fn a_session_that_may_not_be_looked_at_stops_no_other() {
    let sim = Sim::small();
    let list = |filter: &str| -> Vec<String> {
        let ran = sim.admin().foretop(&["sessions", "list", "--where", filter, "-o", "jsonl"]).ends(0);
        ran.json_lines().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let (own, other) = (list("pool:Finance state:disc"), list("pool:Engineers state:disc"));
    let lead = sim.account("finance-lead");
    let ran = lead
        .foretop(&[
            "sessions", "logoff", "--forced", "--id", &own[0], "--id", &other[0], "--yes", "2", "-o", "json",
        ])
        .ends(3);
    assert_eq!(ran.targets("accepted").len(), 1, "{ran:?}");
    // It cannot be read again before sending: what may not be seen is not acted on.
    assert_eq!(ran.targets("held_back").len(), 1, "{ran:?}");
}

#[test]
fn a_verb_that_the_account_may_not_use_ends_with_5_in_few_chunks_or_many() {
    let sim = Sim::start(&["--world", "small", "--seed", "7", "--fault", "status=403@/action/"]);
    for (chunk, refused, unsent) in [(5, 5, 43), (250, 48, 0)] {
        let desk = sim.admin().configured(&format!("chunk_size = {chunk}\n"));
        let run = ["sessions", "message", "--text", "x", "--where", "id:*", "--yes", "48", "-o", "json"];
        let ran =
            desk.foretop(&run).ends(5).says("could not send the message").says("InsufficientPermission");
        assert_eq!((ran.targets("refused").len(), ran.targets("unsent").len()), (refused, unsent));
        assert_eq!(ran.json()["gave_up"]["fault"], "InsufficientPermission");
    }
}

#[test]
fn a_server_that_cannot_be_reached_ends_with_6() {
    // Held for as long as nobody must listen there: another test's server could be given the port.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let desk = Desk::at(&format!("http://{}", nobody.local_addr().unwrap()), "admin", "x");
    desk.foretop(&["sessions", "list"]).ends(6).says("Connection refused").says("hint: ");
    desk.foretop(&["events"]).ends(6);
}

#[test]
fn only_the_pinned_certificate_is_trusted() {
    let sim = Sim::start(&["--world", "small", "--tls"]);
    sim.admin().foretop(&["sessions", "list"]).ends(6).says("certificate");
    let other = sim.admin().with("FORETOP_PIN_SHA256", &"ab".repeat(32));
    other.foretop(&["sessions", "list"]).ends(6).says(sim.text("sha256")).says(&"ab".repeat(32));
    let right = sim.admin().with("FORETOP_PIN_SHA256", sim.text("sha256"));
    assert_eq!(right.foretop(&["sessions", "list", "-o", "jsonl"]).ends(0).json_lines().len(), 48);
}

#[rstest]
#[case::toml("theme = dark\n", "config.toml:1:9")]
#[case::key("read_onyl = true\n", "did you mean `read_only`?")]
#[case::profile("default_profile = 'emea'\n", "config.toml:1:19")]
fn a_broken_configuration_ends_with_2_and_its_place(#[case] config: &str, #[case] words: &str) {
    let desk = Desk::bare().configured(config);
    let ran = desk.foretop(&["sessions", "list"]).ends(2).says(words).says("config.toml:1:");
    assert_eq!(ran.out, "");
}

#[test]
fn names_in_the_configuration_are_checked_against_columns_and_themes() {
    let desk = Desk::bare().configured("theme = 'drak'\n[columns]\nsessions = ['user', 'idel', 'pool']\n");
    let ran = desk.foretop(&["sessions", "list", "--demo=small"]).ends(0);
    let ran = ran.says("did you mean `dark`?").says("did you mean `idle`?");
    let titles: Vec<&str> = ran.out.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(titles, ["USER", "POOL/FARM"], "the good columns are used");
}

#[test]
fn config_check_reads_own_themes_and_names_every_mistake_in_them() {
    let desk = Desk::bare().configured("theme = 'mine'\n");
    let themes = desk.config().with_file_name("themes");
    fs::create_dir_all(&themes).unwrap();
    fs::write(themes.join("mine.toml"), "inherits = 'nope'\nfoo = 3\n[roles]\nfocus = 'blurple'\n").unwrap();
    fs::write(themes.join("fine.toml"), "inherits = 'nord'\n").unwrap();
    fs::write(themes.join("unused.toml"), "[roles]\ndangr = 'red'\n").unwrap();
    let ran = desk.foretop(&["config", "check"]).ends(2);
    for words in [
        "config.toml: no mistakes\n",
        "fine.toml: no mistakes\n",
        "mine.toml:1:12: unknown theme \"nope\"; the nearest is",
        "mine.toml:2:1: unknown key \"foo\"; the nearest is",
        "mine.toml:4:1: unknown role \"focus\"; the nearest is",
        "mine.toml:4:9: unknown colour \"blurple\"; the nearest is",
        "unused.toml:2:1: unknown role \"dangr\"; the nearest is \"danger\"\n   |\n 2 | dangr = 'red'\n   | ^^^^^\n",
    ] {
        assert!(ran.out.contains(words), "no {words:?} in {}", ran.out);
    }
    let count = |word: &str| ran.out.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!((count("error: "), count("warning: ")), (4, 1), "only one is in force: {}", ran.out);
    // Without a configuration they are read, too.
    fs::remove_file(desk.config()).unwrap();
    let ran = desk.foretop(&["config", "check"]).ends(2);
    assert!(
        ran.out.contains("missing, the defaults are used\n") && ran.out.contains("unused.toml:2:1"),
        "{ran:?}"
    );
}

#[test]
fn config_check_says_that_a_profile_will_have_to_be_named() {
    let desk = Desk::bare().configured("[profiles.a]\nserver = 'a'\n[profiles.b]\nserver = 'b'\n");
    let ran = desk.foretop(&["config", "check"]).ends(0);
    let note = "config.toml: the configuration has several profiles and no default\n  hint: choose one with --profile, or set";
    assert!(ran.out.contains("no mistakes\nnote: ") && ran.out.contains(note), "{}", ran.out);
    desk.foretop(&["sessions", "list"]).ends(2).says("the configuration has several profiles and no default");
    let named = Desk::bare()
        .configured("default_profile = 'a'\n[profiles.a]\nserver = 'a'\n[profiles.b]\nserver = 'b'\n");
    let ran = named.foretop(&["config", "check"]).ends(0);
    assert!(!ran.out.contains("note"), "{}", ran.out);
}

#[test]
fn without_any_configuration_the_estate_is_simulated_and_says_so() {
    let ran = Desk::bare().foretop(&["sessions", "list", "-o", "jsonl"]).ends(0).says("simulated estate");
    assert!(ran.json_lines().len() > 1000);
    Desk::bare().foretop(&["sessions", "list", "--demo=smal"]).ends(2).says("small");
}

#[test]
fn the_console_needs_a_terminal() {
    Desk::bare().foretop(&[]).ends(2).says("foretop sessions list");
}

#[test]
fn hostile_names_cannot_drive_the_terminal() {
    let sim = Sim::small();
    let desk = sim.admin();
    for line in [
        &["sessions", "list", "--where", "mallory | EVIL*"][..],
        &["sessions", "list", "-o", "json"],
        &["sessions", "list", "-o", "csv"],
        &["sessions", "logoff", "--where", "id:*", "--dry-run"],
        &["events"],
    ] {
        let ran = desk.foretop(line).ends(0);
        assert!(ran.out.chars().all(|character| character == '\n' || !character.is_control()), "{line:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_not_an_error() {
    let sim = Sim::start(&["--world", "small", "--sessions", "4000"]);
    let desk = sim.admin();
    let mut child = desk
        .command(PROGRAM)
        .args(["sessions", "list", "-o", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert!(first.starts_with('{'));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn events_come_oldest_first_in_every_format() {
    let sim = Sim::small();
    let desk = sim.admin();
    let newest = desk.foretop(&["events", "-o", "jsonl"]).ends(0).json_lines();
    let times: Vec<i64> = newest.iter().map(|event| event["time"].as_i64().unwrap()).collect();
    assert!(times.len() > 20 && times.is_sorted(), "{times:?}");
    assert!(newest.iter().all(|event| event["type"].is_string() && event["severity"].is_string()));
    let json = desk.foretop(&["events", "--since", "1d", "-o", "json"]).ends(0).json();
    assert!(json.as_array().unwrap().len() >= newest.len());
    let all = |since| desk.foretop(&["events", "--since", since, "-o", "jsonl"]).ends(0).json_lines().len();
    assert!(all("9999d") > 200, "there are more than those without --since");
    assert!(all("150000000h") >= all("9999d"), "longer than there is a calendar for is all of them");
    let table = desk.foretop(&["events", "--where", "type:AGENT_*"]).ends(0);
    assert!(table.out.lines().skip(1).all(|line| line.contains("AGENT_")), "{}", table.out);
    assert!(table.out.lines().count() > 5);
    assert!(desk.foretop(&["events", "-o", "csv"]).ends(0).out.starts_with("id,time,severity,type,"));
    let user = newest.iter().find(|event| event["type"] == "AGENT_CONNECTED").unwrap();
    let user = user["message"].as_str().unwrap().split("CORP\\").nth(1).unwrap().split(' ').next().unwrap();
    let of_user =
        desk.foretop(&["events", "--where", &format!("user:{user}"), "-o", "jsonl"]).ends(0).json_lines();
    assert!(!of_user.is_empty() && of_user.len() < newest.len(), "{user}");
    desk.foretop(&["events", "--follow", "-o", "json"]).ends(2).says("jsonl");
}

#[test]
fn events_that_cannot_be_had_say_why() {
    let without = Sim::start(&["--world", "small", "--fault", "no-event-db"]);
    without.admin().foretop(&["events"]).ends(1).says("no event database");
    let old = Sim::start(&["--world", "small", "--release", "2012"]);
    old.admin().foretop(&["events"]).ends(1).says("cannot list events");
}

#[test]
fn following_events_ends_well_when_interrupted() {
    let sim = Sim::small();
    let desk = sim.admin();
    let mut child = desk
        .command(PROGRAM)
        .args(["events", "--follow", "-o", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with('{'));
    signal(&child, "-INT");
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(rest.iter().all(|line| line.ends_with('}')), "no half lines");
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

/// A program that is under way at a simulated estate in this process.
struct UnderWay {
    child: Child,
    simulator: Simulator,
    _desk: Desk,
}

impl UnderWay {
    /// Starts the program at an estate.
    fn start(simulator: Simulator, line: &[&str]) -> Self {
        let account = simulator.credentials();
        let desk =
            Desk::at(simulator.url(), &account.username, &account.password).configured("chunk_size = 5\n");
        let mut command = desk.command(PROGRAM);
        let child = command.args(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Self { child, simulator, _desk: desk }
    }

    /// Starts a message to all 48 sessions, in chunks of 5, at an estate with this fault.
    async fn message(fault: &str) -> Self {
        let simulator = support::simulate(support::small()).await;
        simulator.control().add_fault(fault.parse::<FaultSpec>().unwrap());
        let line = ["sessions", "message", "--text", "x", "--where", "id:*", "--yes", "48", "-o", "json"];
        Self::start(simulator, &line)
    }

    /// Waits until the server has been asked for this.
    async fn has_asked_for(&self, path: &str) {
        while !self.simulator.control().requests().iter().any(|request| request.path.contains(path)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How it ended, and what the server was asked for. Whatever the program did, it has logged out.
    async fn ended(self) -> (Ran, Vec<LoggedRequest>) {
        let Self { child, simulator, _desk } = self;
        let ran = tokio::task::spawn_blocking(|| Ran::from(child.wait_with_output().unwrap())).await.unwrap();
        assert_eq!(simulator.control().requests_to("POST", "/rest/logout").len(), 1, "{ran:#?}");
        let requests = simulator.control().requests();
        simulator.shutdown().await;
        (ran, requests)
    }
}

/// Nothing else happens in its runtime: the test's own thread may wait for the program.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_action_says_what_was_not_sent() {
    let program = UnderWay::message("latency=1500ms@action").await;
    program.has_asked_for("/action/").await;
    signal(&program.child, "-INT");
    let ran = program.ended().await.0.ends(3).says("stopped before everything was sent");
    assert_eq!(ran.json()["stopped"], true);
    let (accepted, unsent) = (ran.targets("accepted").len(), ran.targets("unsent").len());
    assert_eq!((accepted + unsent, accepted % 5), (48, 0), "whole chunks only");
    assert!(accepted > 0 && unsent > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_interruption_waits_for_nothing_and_says_what_may_have_been_done() {
    let mut program = UnderWay::message("latency=60s@/action/").await;
    program.has_asked_for("/action/").await;
    // Two that come at once may count as one.
    while program.child.try_wait().unwrap().is_none() {
        signal(&program.child, "-INT");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ran = program.ended().await.0.ends(3).says("not waited for the last answers");
    assert_eq!((ran.targets("sent").len(), ran.targets("unsent").len()), (5, 43));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_is_interrupted_before_anything_was_taken_is_partly_done_too() {
    // The server does not take the first chunk yet: it waits, and is taken back.
    let program = UnderWay::message("throttle=0/60s@/action/").await;
    program.has_asked_for("/action/").await;
    signal(&program.child, "-INT");
    let ran = program.ended().await.0.ends(3).says("not all done, 0 of 48 accepted");
    assert_eq!((ran.json()["stopped"].as_bool(), ran.targets("unsent").len()), (Some(true), 48));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_before_there_is_a_plan_prints_nothing() {
    let program = UnderWay::message("latency=60s@/inventory/").await;
    program.has_asked_for("/inventory/").await;
    signal(&program.child, "-INT");
    let ran = program.ended().await.0.ends(1).says("interrupted");
    assert_eq!(ran.out, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_an_unsteady_list_lacks_are_asked_for_one_by_one() {
    let simulator = support::simulate(SimOptions { sessions: Some(1100), ..support::small() }).await;
    let control = simulator.control();
    let all = control.ids();
    let ends = all[0].clone();
    let mut line = vec!["sessions", "message", "--text", "x", "--dry-run", "-o", "json"];
    let ids = all[1..30].iter().map(String::as_str).chain(["gone", "gone-too", "gone"]);
    line.extend(ids.flat_map(|id| ["--id", id]));
    control.add_fault("latency=3s@/sessions:1".parse::<FaultSpec>().unwrap());
    let program = UnderWay::start(simulator, &line);
    program.has_asked_for("/sessions").await;
    assert!(program.simulator.control().remove(&ends), "between the first page and the second");
    let (ran, requests) = program.ended().await;
    let ran = ran.ends(0).says("the list changed while it was read");
    assert_eq!(ran.targets("unsent").len(), 29);
    let held: Vec<_> = ran.targets("held_back").iter().map(|target| target["message"].clone()).collect();
    assert_eq!(held, ["gone already", "gone already"]);
    let singly: BTreeSet<&str> = requests
        .iter()
        .filter_map(|request| request.path.split_once("/sessions/").map(|(_, id)| id))
        .collect();
    assert_eq!(singly, BTreeSet::from(["gone", "gone-too"]));
}
