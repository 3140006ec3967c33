//! Messages to 10,000 sessions of a server that takes 40 ms for each answer, against what order and rate allow.
//!
//! The command line sends them: what it does is the engine's work, the same as the console's. Its journal tells when the
//! job began and when the last answer was there. The floor sends the very same requests again, as the simulator wrote
//! them down, in the same order: the questions of a chunk eight at a time, then its message.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use foretop::sim::{LoggedRequest, Simulator};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{
    estate::{Access, simulate},
    floor,
    process::{PROGRAM, environment},
    report::{Goal, Report, thousands},
};

const SESSIONS: usize = 10_000;
/// Questions at a time, as many as the governor lets out.
const AT_ONCE: usize = 8;
/// Where messages go.
const SEND: &str = "/sessions/action/send-message";
/// What the server permits where it limits messages.
const CALLS: usize = 5;
const WINDOW: Duration = Duration::from_secs(1);

pub(crate) fn measure(runtime: &Runtime, report: &mut Report) {
    report.section(&format!("Messages to {} sessions, 40 ms for each answer", thousands(SESSIONS)));
    let slow = "latency=40ms".parse().expect("a fault");
    let simulator = simulate(runtime, SESSIONS, vec![slow]);
    let (took, sent) = send(&simulator);
    let chunks = chunks(&simulator);
    let client = floor::client();
    let access = Access::new(simulator.url(), simulator.credentials());
    let token = runtime.block_on(floor::log_in(&client, &access));
    let bare = Bare { client, token, url: access.url };
    let in_order = runtime.block_on(bare.in_order(&chunks));
    let at_once = runtime.block_on(bare.at_once(&chunks));
    let seconds = took.as_secs_f64();
    let share = in_order.as_secs_f64() / seconds * 100.0;
    let calls: usize = chunks.iter().map(|chunk| chunk.questions.len() + 1).sum();
    let value = format!("{seconds:.2} s = {share:.0} % ({sent} sent, {calls} calls)");
    let goal = Goal::at_least(share, 90.0, "90 % of the same calls in their order");
    report.add("without a limit of the server", value, goal, &[("seconds", seconds), ("percent", share)]);
    for (what, took) in
        [("floor: the same calls in their order", in_order), ("floor: 8 of them at a time", at_once)]
    {
        let seconds = took.as_secs_f64();
        report.add(what, format!("{seconds:.2} s"), Goal::none(), &[("seconds", seconds)]);
    }
    let limit = format!("throttle={CALLS}/{}s@POST{SEND}", WINDOW.as_secs());
    let faults = ["latency=40ms", &limit].map(|fault| fault.parse().expect("a fault"));
    let simulator = simulate(runtime, SESSIONS, faults.into());
    let (took, _) = send(&simulator);
    let sends = chunks.len();
    let refused =
        simulator.control().requests_to("POST", SEND).iter().filter(|call| call.status == 429).count();
    // The calls of the first window leave at once, those of each further one a window later; then the last answers.
    let windows = sends.div_ceil(CALLS) - 1;
    let last = in_order.mul_f64((sends - windows * CALLS) as f64 / sends as f64);
    let allowed = WINDOW * u32::try_from(windows).unwrap_or(u32::MAX) + last;
    let seconds = took.as_secs_f64();
    let share = allowed.as_secs_f64() / seconds * 100.0;
    let value = format!("{seconds:.2} s = {share:.0} % ({refused} refused)");
    let goal = Goal::at_least(share, 90.0, "90 % of the permitted rate");
    let what = format!("{CALLS} calls a second permitted");
    report.add(&what, value, goal, &[("seconds", seconds), ("percent", share), ("refused", refused as f64)]);
    let seconds = allowed.as_secs_f64();
    report.add("what that permits", format!("{seconds:.2} s"), Goal::none(), &[("seconds", seconds)]);
}

/// Sends a message to everybody; how long the job took and how many were sent to.
fn send(simulator: &Simulator) -> (Duration, usize) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let access = Access::new(simulator.url(), simulator.credentials());
    let run = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.env_clear().envs(environment(home.path(), &access)).args(["sessions", "message"]);
        command.args(["--text", "The server room is warm.", "--where", "user:*", "-o", "json"]);
        let output = command.args(arguments).output().expect("the program runs");
        let answer: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        answer.unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&output.stderr)))
    };
    let planned = run(&["--dry-run"]);
    let unsent = planned["counts"]["unsent"].as_u64().expect("a number of targets");
    simulator.control().clear_requests();
    let sent = run(&["--yes", &unsent.to_string()]);
    let accepted = sent["counts"]["accepted"].as_u64().unwrap_or(0);
    assert!(accepted * 100 >= unsent * 99, "few were accepted: {}", sent["counts"]);
    (job_time(&home.path().join(".local/state/foretop/jobs")), accepted as usize)
}

/// From the first line of the only journal to the last answer in it.
fn job_time(folder: &Path) -> Duration {
    let files = fs::read_dir(folder).expect("a folder of journals").filter_map(Result::ok);
    let mut journals =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let journal = fs::read_to_string(journals.next().expect("a journal")).expect("it can be read");
    let lines: Vec<Value> = journal.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let at = |line: &Value| line["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let first = lines.first().and_then(at).expect("the journal begins");
    let answers = lines.iter().filter(|line| line.to_string().contains("outcomes"));
    let last = answers.filter_map(at).max().expect("the journal tells outcomes");
    Duration::try_from(last.duration_since(first)).unwrap_or_default()
}

/// The calls for one chunk of targets.
struct Chunk {
    questions: Vec<LoggedRequest>,
    message: LoggedRequest,
}

/// What the job asked and sent, by chunks.
fn chunks(simulator: &Simulator) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut questions = Vec::new();
    for request in simulator.control().requests() {
        if request.method == "POST" && request.path.ends_with(SEND) {
            chunks.push(Chunk { questions: std::mem::take(&mut questions), message: request });
        } else if request.method == "GET" && request.path.contains("/sessions") {
            questions.push(request);
        }
    }
    // The list that the plan was made from came before the job.
    if let Some(first) = chunks.first_mut() {
        first.questions.retain(|request| request.query.contains("filter"));
    }
    chunks
}

/// Sends requests without any more ado.
struct Bare {
    client: reqwest::Client,
    token: String,
    url: String,
}

impl Bare {
    async fn call(&self, request: &LoggedRequest) {
        let url = format!("{}{}?{}", self.url, request.path, request.query);
        let method = request.method.parse().expect("a method");
        let call = self.client.request(method, url).bearer_auth(&self.token);
        let call = call.header("content-type", "application/json").body(request.body.clone());
        let answer = call.send().await.expect("an answer").error_for_status().expect("a good answer");
        std::hint::black_box(answer.bytes().await.expect("all of it"));
    }

    /// Chunk by chunk: its questions, then its message.
    async fn in_order(&self, chunks: &[Chunk]) -> Duration {
        let began = Instant::now();
        for chunk in chunks {
            stream::iter(&chunk.questions).for_each_concurrent(AT_ONCE, |request| self.call(request)).await;
            self.call(&chunk.message).await;
        }
        began.elapsed()
    }

    /// All of them, without their order.
    async fn at_once(&self, chunks: &[Chunk]) -> Duration {
        let began = Instant::now();
        let calls = chunks.iter().flat_map(|chunk| chunk.questions.iter().chain([&chunk.message]));
        stream::iter(calls).for_each_concurrent(AT_ONCE, |request| self.call(request)).await;
        began.elapsed()
    }
}
