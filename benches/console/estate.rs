//! The estate that the console is shown: the simulator, and in front of it a server that has the list of sessions ready.
//!
//! The simulator makes each page anew, which would be most of what is measured on a machine that it shares with the
//! console. So its pages are taken down once, twice over with ten minutes between, and then served from memory: either
//! list again and again, or one after the other. Everything else goes to the simulator.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use foretop::sim::{self, ClockMode, Credentials, FaultSpec, SimOptions, Simulator, WorldSource};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use crate::floor;

/// Where the sessions are listed.
pub(crate) const SESSIONS: &str = "/rest/inventory/v7/sessions";
/// Sessions on a page.
pub(crate) const PAGE_SIZE: usize = 1000;
/// What passes between the two lists.
const BETWEEN: Duration = Duration::from_mins(10);
/// How far the server's clock is ahead when a part begins. It stands still, and a console says so when its own is a
/// minute away from where it was: this way it gets there as late as can be.
const AHEAD: Duration = Duration::from_secs(50);

/// How an estate is reached.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) url: String,
    pub(crate) domain: String,
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Access {
    pub(crate) fn new(url: &str, credentials: Credentials) -> Self {
        let Credentials { username, domain, password } = credentials;
        Self { url: url.to_owned(), domain, username, password }
    }
}

/// Starts a simulator whose clock stands still, so that after [`BETWEEN`] it shows the present.
pub(crate) fn simulate(runtime: &Runtime, sessions: usize, faults: Vec<FaultSpec>) -> Simulator {
    let now = Timestamp::now();
    let options = SimOptions {
        world: WorldSource::Builtin("helpdesk".to_owned()),
        sessions: Some(sessions),
        clock: ClockMode::Manual { start: now.checked_sub(BETWEEN).unwrap_or(now) },
        faults,
        ..SimOptions::default()
    };
    runtime.block_on(sim::start(options)).expect("the simulator starts")
}

/// An answer as the simulator gave it.
#[derive(Debug, Clone)]
struct Kept {
    headers: HeaderMap,
    body: Bytes,
}

/// One list, page by page.
type List = Vec<Kept>;

/// What the server in front and the benchmark share.
#[derive(Debug)]
struct Shared {
    behind: String,
    client: reqwest::Client,
    lists: [List; 2],
    second: AtomicBool,
    asked: AtomicUsize,
    /// What all answers say that the time is.
    date: Mutex<HeaderValue>,
    /// When each page was handed over for the first time since [`Estate::forget`].
    handed_over: Mutex<HashMap<usize, Instant>>,
}

/// A running estate.
pub(crate) struct Estate {
    pub(crate) access: Access,
    pub(crate) rows: usize,
    shared: Arc<Shared>,
    _simulator: Simulator,
}

impl Estate {
    /// Starts an estate of so many sessions.
    pub(crate) fn start(runtime: &Runtime, sessions: usize) -> Self {
        let simulator = simulate(runtime, sessions, Vec::new());
        let direct = Access::new(simulator.url(), simulator.credentials());
        let client = floor::client();
        let (first, rows) = runtime.block_on(take_down(&client, &direct));
        simulator.control().advance(BETWEEN);
        let (second, _) = runtime.block_on(take_down(&client, &direct));
        let shared = Arc::new(Shared {
            behind: direct.url.clone(),
            client,
            lists: [first, second],
            second: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
            date: Mutex::new(date()),
            handed_over: Mutex::default(),
        });
        let url = runtime.block_on(serve(Arc::clone(&shared)));
        Self { access: Access { url, ..direct }, rows, shared, _simulator: simulator }
    }

    /// Shows the other list from now on.
    pub(crate) fn turn(&self) {
        self.shared.second.fetch_xor(true, Ordering::SeqCst);
    }

    /// Shows the first list from now on.
    pub(crate) fn turn_back(&self) {
        self.shared.second.store(false, Ordering::SeqCst);
    }

    /// Begins anew: with the first list, and with a clock that shows the present and then stands still.
    pub(crate) fn begin_anew(&self) {
        self.turn_back();
        *self.shared.date.lock().expect("nobody panics with it") = date();
    }

    /// How many pages a list has.
    pub(crate) fn pages(&self) -> usize {
        self.shared.lists[0].len()
    }

    /// How many bytes all pages of a list have.
    pub(crate) fn bytes(&self) -> usize {
        self.shared.lists[0].iter().map(|page| page.body.len()).sum()
    }

    /// How many pages were asked for so far.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Forgets when pages were handed over.
    pub(crate) fn forget(&self) {
        self.shared.handed_over.lock().expect("nobody panics with it").clear();
    }

    /// When a page, counted from 1, was handed over.
    pub(crate) fn handed_over(&self, page: usize) -> Option<Instant> {
        self.shared.handed_over.lock().expect("nobody panics with it").get(&page).copied()
    }
}

/// The time that the server tells from now on.
fn date() -> HeaderValue {
    let now = Timestamp::now();
    let told = now.checked_add(AHEAD).unwrap_or(now).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::from_str(&told).expect("a date is plain text")
}

/// Takes down all pages of the list; also how many rows they have.
async fn take_down(client: &reqwest::Client, access: &Access) -> (List, usize) {
    let token = floor::log_in(client, access).await;
    let mut list = Vec::new();
    let mut rows = 0;
    for page in 1.. {
        let url = format!("{}{SESSIONS}?page={page}&size={PAGE_SIZE}", access.url);
        let answer = client.get(url).bearer_auth(&token).send().await.expect("the simulator answers");
        let answer = answer.error_for_status().expect("the simulator lists sessions");
        let mut headers = answer.headers().clone();
        headers.remove(header::TRANSFER_ENCODING);
        headers.remove(header::CONTENT_LENGTH);
        rows = floor::total(&headers).unwrap_or(rows);
        let more = headers.contains_key("has_more_records");
        list.push(Kept { headers, body: answer.bytes().await.expect("a page") });
        if !more {
            break;
        }
    }
    (list, rows)
}

/// Serves on a free port of this machine; returns the address.
async fn serve(shared: Arc<Shared>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(answer).with_state(shared);
    tokio::spawn(
        async move { axum::serve(axum::serve::ListenerExt::tap_io(listener, nodelay), router).await },
    );
    format!("http://{address}")
}

fn nodelay(stream: &mut tokio::net::TcpStream) {
    // Slower, but no less right.
    drop(stream.set_nodelay(true));
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let uri = request.uri();
    let wanted = if uri.path() == SESSIONS { page_of(uri.query().unwrap_or_default()) } else { None };
    let mut response = match wanted.filter(|_| request.method() == "GET") {
        Some(page) => shared.page(page),
        None => shared.pass_on(request).await,
    };
    let date = shared.date.lock().expect("nobody panics with it").clone();
    response.headers_mut().insert(header::DATE, date);
    response
}

/// The number of the page, where all sessions are asked for.
fn page_of(query: &str) -> Option<usize> {
    let fields: HashMap<&str, &str> = query.split('&').filter_map(|field| field.split_once('=')).collect();
    let whole = fields.get("size") == Some(&"1000") && !fields.contains_key("filter");
    fields.get("page").filter(|_| whole).and_then(|page| page.parse().ok())
}

impl Shared {
    fn page(&self, page: usize) -> Response<Body> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let list = &self.lists[usize::from(self.second.load(Ordering::SeqCst))];
        let mut response = Response::new(Body::empty());
        match list.get(page.wrapping_sub(1)) {
            Some(kept) => {
                *response.headers_mut() = kept.headers.clone();
                *response.body_mut() = Body::from(kept.body.clone());
            }
            None => *response.status_mut() = StatusCode::BAD_REQUEST,
        }
        let mut handed_over = self.handed_over.lock().expect("nobody panics with it");
        handed_over.entry(page).or_insert_with(Instant::now);
        response
    }

    /// Lets the simulator answer.
    async fn pass_on(&self, request: Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 24).await.unwrap_or_default();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = parts.headers;
        for name in [header::HOST, header::CONTENT_LENGTH, header::ACCEPT_ENCODING] {
            headers.remove(name);
        }
        let request = self.client.request(parts.method, format!("{}{path}", self.behind));
        let Ok(answer) = request.headers(headers).body(body).send().await else {
            return gone();
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        let Ok(body) = answer.bytes().await else { return gone() };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response.headers_mut().remove(header::TRANSFER_ENCODING);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response
    }
}

fn gone() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}
