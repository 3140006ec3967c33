//! The real program, killed at any moment: whatever it was doing, the record tells what may have been sent, and going on
//! with it sends nothing destructive twice without a look in between.
//!
//! `FORETOP_CRASH_KILLS` says how many times it is killed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Duration,
};

use foretop::{
    engine::journal::{JournalStore, Record},
    sim::{FaultSpec, LoggedRequest, SessionKind, SessionTruth, SimOptions, Simulator},
};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::{
    resume::program,
    support::{simulate, small},
};

/// Targets of a job; a few in each request.
const TARGETS: usize = 24;
const CHUNK: usize = 3;
/// Jobs that are killed at the same time.
const LANES: usize = 3;

/// What ends a run.
#[derive(Debug, Clone, Copy)]
enum Trigger {
    /// So many bytes are in the journal, counted from where it began this time.
    Bytes(u64),
    /// So many requests came to the simulator.
    Requests(u64),
}

/// A job and those who look at it.
struct Round {
    simulator: Simulator,
    home: tempfile::TempDir,
    verb: &'static str,
    ids: Vec<String>,
    seed: u64,
}

impl Round {
    async fn begin(seed: u64, random: &mut fastrand::Rng) -> Self {
        let simulator = simulate(SimOptions { sessions: Some(250), seed, ..small() }).await;
        let verb = ["logoff", "logoff", "forced", "disconnect", "restart"][random.usize(..5)];
        let fits = |one: &SessionTruth| {
            !one.locked && !one.ghost && one.state == "CONNECTED" && one.kind == SessionKind::ManagedDesktop
        };
        let mut ids = simulator.control().ids_where(fits);
        random.shuffle(&mut ids);
        ids.truncate(TARGETS);
        assert_eq!(ids.len(), TARGETS);
        // What a request does is done at once; there is time to be killed before the answer.
        simulator.control().add_fault("latency=4ms@action".parse::<FaultSpec>().unwrap());
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config/foretop");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("config.toml"), format!("chunk_size = {CHUNK}\n")).unwrap();
        Self { simulator, home, verb, ids, seed }
    }

    fn store(&self) -> JournalStore {
        JournalStore::new(self.home.path().join("state/foretop"))
    }

    fn start(&self, line: &[String]) -> Child {
        let mut command = program(&self.simulator, self.home.path());
        command.args(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The command that begins the job, or goes on with it.
    fn line(&self, record: Option<&Record>) -> Vec<String> {
        let words: Vec<String> = match record {
            None => {
                let verb: &[&str] =
                    if self.verb == "forced" { &["logoff", "--forced"] } else { &[self.verb] };
                let ids = self.ids.iter().flat_map(|id| ["--id", id.as_str()]);
                let yes = TARGETS.to_string();
                let all = ["sessions"].into_iter().chain(verb.iter().copied()).chain(ids);
                all.chain(["--yes", &yes]).map(str::to_owned).collect()
            }
            Some(record) => {
                let tally = record.recovered.tally();
                let left = (tally.unsent + tally.unanswered).to_string();
                ["jobs", "resume", &record.id, "--yes", &left].map(str::to_owned).to_vec()
            }
        };
        words.into_iter().chain(["-o", "json"].map(str::to_owned)).collect()
    }

    /// The journal of the job, when it has begun.
    async fn record(&self) -> Option<Record> {
        let mut listed = self.store().list().await.unwrap();
        assert!(listed.len() <= 1, "seed {}", self.seed);
        match listed.pop()?.record {
            Ok(record) => Some(record),
            // Killed before its first line was whole: the job has not begun, and the next one gets a journal of its own.
            Err(error) => {
                assert!(error.to_string().contains("had not begun"), "seed {}: {error}", self.seed);
                let folder = self.home.path().join("state/foretop/jobs");
                std::fs::remove_file(journal(&folder).unwrap()).unwrap();
                None
            }
        }
    }

    /// Kills the job until it comes to its end by itself.
    async fn play(&self, random: &mut fastrand::Rng, met: &mut Met) {
        loop {
            let record = self.record().await;
            if let Some(record) = &record {
                let tally = record.recovered.tally();
                met.unanswered += usize::from(tally.unanswered > 0);
                met.halfway += usize::from(tally.unsent > 0 && tally.answered > 0);
            }
            if record.is_none() {
                assert!(self.orders().is_empty(), "seed {}: sent before it was written down", self.seed);
            }
            if record.as_ref().is_some_and(|record| !record.recovered.is_open()) {
                // All was answered; only the last line is missing.
                return self.judge(&record.unwrap().recovered.counts());
            }
            let trigger = match random.u32(..4) {
                0 => Trigger::Requests(random.u64(1..40)),
                1 => Trigger::Bytes(1),
                _ => Trigger::Bytes(random.u64(1..2_500)),
            };
            let child = self.start(&self.line(record.as_ref()));
            let Some(report) = self.kill(child, trigger).await else {
                met.kills += 1;
                // Some of what was accepted is carried out meanwhile.
                self.simulator.control().advance(Duration::from_secs(random.u64(..20)));
                continue;
            };
            self.judge_report(&report);
            let record = self.record().await.expect("a journal");
            assert!(record.recovered.ended.is_some(), "seed {}", self.seed);
            return self.judge(&record.recovered.counts());
        }
    }

    /// Waits for the moment, and kills; `None` then. What it printed when it ended before.
    async fn kill(&self, mut child: Child, trigger: Trigger) -> Option<Value> {
        let folder = self.home.path().join("state/foretop/jobs");
        let before = length(&folder);
        let requests = self.simulator.control().request_count();
        loop {
            if child.try_wait().unwrap().is_some() {
                let output = child.wait_with_output().unwrap();
                let report = serde_json::from_slice(&output.stdout);
                return Some(report.unwrap_or_else(|error| {
                    panic!("seed {}: {error}: {}", self.seed, String::from_utf8_lossy(&output.stderr))
                }));
            }
            let is_time = match trigger {
                // The first line has the whole plan.
                Trigger::Bytes(bytes) if before == 0 => length(&folder) > first_line(&folder) + bytes - 1,
                Trigger::Bytes(bytes) => length(&folder) >= before + bytes,
                Trigger::Requests(count) => self.simulator.control().request_count() >= requests + count,
            };
            if is_time {
                child.kill().unwrap();
                child.wait().unwrap();
                return None;
            }
            tokio::time::sleep(Duration::from_micros(300)).await;
        }
    }

    fn orders(&self) -> Vec<LoggedRequest> {
        self.simulator.control().requests_to("POST", "/action/")
    }

    /// Every target is in the report once, and the counts add up.
    fn judge_report(&self, report: &Value) {
        let rows = report["targets"].as_array().unwrap();
        let mut ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        let mut expected: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        ids.sort_unstable();
        expected.sort_unstable();
        assert_eq!(ids, expected, "seed {}", self.seed);
        let counts = report["counts"].as_object().unwrap();
        let sum: u64 = counts.values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(sum, TARGETS as u64, "seed {}", self.seed);
        assert!(
            !counts.contains_key("unsent") && !counts.contains_key("sent"),
            "seed {}: {counts:?}",
            self.seed
        );
    }

    fn judge<K: std::fmt::Debug>(&self, counts: &BTreeMap<K, usize>) {
        assert_eq!(counts.values().sum::<usize>(), TARGETS, "seed {}: {counts:?}", self.seed);
        let requests = self.simulator.control().requests();
        for id in &self.ids {
            if let Err(why) = check(&requests, id, self.verb) {
                panic!("seed {}: {why}", self.seed);
            }
        }
    }
}

/// Whether a log shows that a session was never sent twice without a look in between, and never restarted twice.
fn check(requests: &[LoggedRequest], id: &str, verb: &str) -> Result<(), String> {
    let mut looked = true;
    let mut orders = 0;
    for request in requests {
        if request.method == "GET" && shows(request, id) {
            looked = true;
        }
        if request.path.contains("/action/") && request.body.contains(id) {
            if !looked {
                return Err(format!("{verb} twice without a look at {id}"));
            }
            looked = false;
            orders += 1;
        }
    }
    if verb == "restart" && orders > 1 {
        return Err(format!("{id} was restarted {orders} times"));
    }
    Ok(())
}

/// Whether an answer shows a session, or that it is gone.
fn shows(request: &LoggedRequest, id: &str) -> bool {
    let query = percent_decode_str(&request.query).decode_utf8_lossy();
    let is_list = request.path.ends_with("/sessions");
    request.path.ends_with(&format!("/{id}")) || is_list && (query.contains(id) || !query.contains("filter"))
}

/// The only journal of a folder.
fn journal(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).min()
}

fn length(folder: &Path) -> u64 {
    journal(folder).and_then(|path| Some(path.metadata().ok()?.len())).unwrap_or_default()
}

/// How long the first line is; it is not whole yet when this is more than there is.
fn first_line(folder: &Path) -> u64 {
    let bytes = journal(folder).and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    bytes.iter().position(|byte| *byte == b'\n').map_or(u64::MAX / 2, |end| end as u64 + 1)
}

/// The check can fail: made-up logs of what must not happen are rejected, and those of what may happen are not.
#[test]
fn a_log_with_an_order_sent_twice_unseen_is_rejected() {
    let request = |method: &str, path: &str, query: &str, body: &str| LoggedRequest {
        at: jiff::Timestamp::UNIX_EPOCH,
        method: method.to_owned(),
        path: format!("/rest/inventory/{path}"),
        query: query.to_owned(),
        body: body.to_owned(),
        status: 200,
        token_subject: None,
    };
    let order = |body: &str| request("POST", "v1/sessions/action/logoff", "", body);
    let look = |query: &str| request("GET", "v1/sessions", query, "");
    let one = || request("GET", "v1/sessions/s1", "", "");
    for (log, verb, why) in [
        (vec![order("[\"s1\"]"), order("[\"s1\"]")], "logoff", Some("twice without a look at s1")),
        (vec![order("[\"s1\"]"), look("filter=s2"), order("[\"s1\"]")], "logoff", Some("twice")),
        (vec![order("[\"s1\"]"), look(""), order("[\"s1\"]"), order("[\"s1\"]")], "logoff", Some("twice")),
        (vec![order("[\"s1\"]"), one(), order("[\"s1\"]")], "restart", Some("restarted 2 times")),
        (vec![order("[\"s1\"]"), one(), order("[\"s1\"]")], "logoff", None),
        (vec![order("[\"s1\"]"), look("filter=s1"), order("[\"s1\"]")], "logoff", None),
        (vec![order("[\"s1\"]"), order("[\"s2\"]")], "logoff", None),
        (vec![order("[\"s1\"]")], "restart", None),
    ] {
        let told = check(&log, "s1", verb);
        match why {
            Some(why) => assert!(told.as_ref().is_err_and(|told| told.contains(why)), "{told:?}: {log:?}"),
            None => assert_eq!(told, Ok(()), "{log:?}"),
        }
    }
}

/// What the kills left behind: they must not all come at the same moment.
#[derive(Debug, Default)]
struct Met {
    kills: usize,
    /// Some targets were sent without answer.
    unanswered: usize,
    /// Some were answered and some unsent.
    halfway: usize,
}

async fn lane(lane: usize, kills: usize) -> Met {
    let mut random = fastrand::Rng::with_seed(lane as u64);
    let (mut met, mut rounds) = (Met::default(), 0);
    while met.kills < kills {
        rounds += 1;
        let round = Round::begin(lane as u64 * 1_000 + rounds, &mut random).await;
        round.play(&mut random, &mut met).await;
        let verification = round.store().verify().await.unwrap();
        assert!(verification.is_good(), "seed {}: {verification:?}", round.seed);
        round.simulator.shutdown().await;
    }
    met
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_it_is_killed_nothing_is_sent_twice_unseen_and_nobody_is_forgotten() {
    let kills: usize = std::env::var("FORETOP_CRASH_KILLS").map_or(200, |kills| kills.parse().unwrap());
    let lanes: Vec<_> = (0..LANES).map(|number| tokio::spawn(lane(number, kills.div_ceil(LANES)))).collect();
    for lane in lanes {
        let met = lane.await.unwrap();
        println!("{met:?}");
        assert!(met.kills < 20 || met.unanswered > 0 && met.halfway > 0, "{met:?}");
    }
}
