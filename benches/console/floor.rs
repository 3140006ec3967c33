//! The same requests without Foretop: `reqwest` and `serde_json` alone, into structs, into columns, or only hashed.
//!
//! Each floor is a process of its own, started from this benchmark, so that its processor time and memory are its own.

use std::{
    hash::{DefaultHasher, Hasher as _},
    process::Command,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    estate::{Access, PAGE_SIZE, SESSIONS},
    process::Process,
    rows::{Columns, Row, Word},
};

/// Pages that are asked for at a time.
const IN_FLIGHT: usize = 8;

/// The argument that makes this program a floor.
pub(crate) const ARGUMENT: &str = "--floor";

/// What is done with each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A struct with owned texts for each session.
    Structs,
    /// One column for each field; what repeats is kept once.
    Columns,
    /// Its hash, and nothing else.
    Hash,
    /// Nothing.
    Receive,
}

impl Kind {
    const ALL: [(&'static str, Self); 4] = [
        ("structs", Self::Structs),
        ("columns", Self::Columns),
        ("hash", Self::Hash),
        ("receive", Self::Receive),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What a floor took for reading the whole list once.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Floor {
    /// Until the last page was taken in.
    pub(crate) seconds: f64,
    /// Processor time.
    pub(crate) cpu_seconds: f64,
    /// The most memory, in MB.
    pub(crate) peak_mb: f64,
    /// How many sessions there were.
    pub(crate) rows: usize,
}

/// Runs a floor so many times and takes the best: a floor is what cannot be undercut.
pub(crate) fn run(kind: Kind, access: &Access, times: usize) -> Floor {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args([ARGUMENT, kind.name(), &times.to_string(), &access.url])
        .args([&access.domain, &access.username, &access.password])
        .output()
        .expect("the floor runs");
    assert!(output.status.success(), "the floor failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the floor tells what it took")
}

/// The other process: reads the list as it was told, and returns what it took as JSON.
pub(crate) fn serve(arguments: &[String]) -> String {
    let [kind, times, url, domain, username, password] = arguments else {
        panic!("a floor takes a kind, a number and an estate");
    };
    let kind = Kind::ALL.iter().find(|(name, _)| name == kind).expect("a kind of floor").1;
    let times: usize = times.parse().expect("a number");
    let access = Access {
        url: url.clone(),
        domain: domain.clone(),
        username: username.clone(),
        password: password.clone(),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let process = Process::of(std::process::id());
    let client = client();
    let token = runtime.block_on(log_in(&client, &access));
    let mut best = Duration::MAX;
    let mut cpu = Duration::ZERO;
    let mut rows = 0;
    for _ in 0..times {
        let (began, cpu_before) = (Instant::now(), process.cpu());
        rows = runtime.block_on(read(kind, &client, &token, &access.url));
        best = best.min(began.elapsed());
        cpu += process.cpu().saturating_sub(cpu_before);
    }
    let cpu_seconds = cpu.as_secs_f64() / times as f64;
    json!({
        "seconds": best.as_secs_f64(), "cpu_seconds": cpu_seconds, "peak_mb": process.peak(), "rows": rows,
    })
    .to_string()
}

/// Reads the whole list once; how many rows it has.
async fn read(kind: Kind, client: &reqwest::Client, token: &str, url: &str) -> usize {
    let page = |page: usize| {
        let request = client.get(format!("{url}{SESSIONS}?page={page}&size={PAGE_SIZE}")).bearer_auth(token);
        async move {
            let answer = request.send().await.expect("an answer");
            let total = total(answer.headers());
            (answer.bytes().await.expect("a page"), total)
        }
    };
    let mut taker = Taker::new(kind);
    let (first, total) = page(1).await;
    taker.take(&first);
    let pages = total.map_or(1, |total| total.div_ceil(PAGE_SIZE));
    let mut others = stream::iter(2..=pages).map(page).buffered(IN_FLIGHT);
    while let Some((body, _)) = others.next().await {
        taker.take(&body);
    }
    taker.rows()
}

/// Takes pages in.
enum Taker {
    Structs(Vec<Row<String>>),
    Columns(Box<Columns>),
    Hash(DefaultHasher),
    Receive(usize),
}

impl Taker {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Structs => Self::Structs(Vec::new()),
            Kind::Columns => Self::Columns(Box::default()),
            Kind::Hash => Self::Hash(DefaultHasher::new()),
            Kind::Receive => Self::Receive(0),
        }
    }

    fn take(&mut self, body: &[u8]) {
        match self {
            Self::Structs(rows) => {
                let page: Vec<Row<String>> = serde_json::from_slice(body).expect("a page of sessions");
                rows.extend(page);
            }
            Self::Columns(columns) => {
                let page: Vec<Row<Word<'_>>> = serde_json::from_slice(body).expect("a page of sessions");
                for row in &page {
                    columns.push(row);
                }
            }
            Self::Hash(hasher) => hasher.write(body),
            Self::Receive(bytes) => *bytes += body.len(),
        }
    }

    fn rows(self) -> usize {
        match self {
            Self::Structs(rows) => std::hint::black_box(rows).len(),
            Self::Columns(columns) => std::hint::black_box(columns).len(),
            Self::Hash(hasher) => usize::from(hasher.finish() == 0),
            Self::Receive(bytes) => bytes,
        }
    }
}

/// The client that all floors use.
pub(crate) fn client() -> reqwest::Client {
    // The second one to come here finds it installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().expect("an HTTP client")
}

/// Logs in; the access token.
pub(crate) async fn log_in(client: &reqwest::Client, access: &Access) -> String {
    let body = json!({
        "username": access.username, "domain": access.domain, "password": access.password,
    });
    let answer = client.post(format!("{}/rest/login", access.url)).json(&body).send().await;
    let tokens: Value = answer.expect("an answer to the log-in").json().await.expect("tokens");
    tokens["access_token"].as_str().expect("an access token").to_owned()
}

/// How many rows the whole list has.
pub(crate) fn total(headers: &HeaderMap) -> Option<usize> {
    headers.get("x-total-count")?.to_str().ok()?.parse().ok()
}
