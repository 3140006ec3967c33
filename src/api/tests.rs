//! What is on the wire: the client against a scripted server.

use std::{
    collections::HashSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};
use tokio::{net::TcpSocket, sync::Notify};
use tokio_util::sync::CancellationToken;
use url::Url;
use wiremock::{
    Mock, MockServer, Request as Received, Respond, ResponseTemplate,
    matchers::{body_json, header, method, path, path_regex, query_param},
};

use super::{
    Action, Answered, Connection, Estate, EventMark, Gate, Gates, ItemAnswer, Operation, Permit,
    RequestClass, ShutOut, TlsTrust, server::Patience,
};
use crate::domain::{EventFeed, Fault, FaultKind, Release, SessionId, Text, Verb};

mod failures;
mod federation;
mod permissions;
mod reading;
mod stops;
mod tokens;
mod workspace;

/// A gate that lets everybody through and writes down what it is told.
#[derive(Debug, Default)]
struct OpenGate {
    /// Where it is not open: of this operation only so many are let through, the others wait for ever.
    only: Option<(Operation, usize)>,
    /// Told when somebody has to wait for ever.
    shut_out: Notify,
    admitted: Mutex<Vec<(RequestClass, Operation)>>,
    throttled: Mutex<Vec<(Operation, Duration)>>,
    answered: Mutex<Vec<(Operation, Answered)>>,
}

impl Gate for OpenGate {
    fn admit(&self, class: RequestClass, operation: Operation) -> BoxFuture<'_, Result<Permit, ShutOut>> {
        let mut admitted = self.admitted.lock().unwrap();
        let before = admitted.iter().filter(|(_, known)| *known == operation).count();
        if self.only.is_some_and(|(limited, most)| limited == operation && before >= most) {
            self.shut_out.notify_one();
            return std::future::pending().boxed();
        }
        admitted.push((class, operation));
        std::future::ready(Ok(Permit::unlimited())).boxed()
    }

    fn throttled(&self, operation: Operation, wait: Duration) {
        self.throttled.lock().unwrap().push((operation, wait));
    }

    fn answered(&self, operation: Operation, how: Answered, _elapsed: Duration) {
        self.answered.lock().unwrap().push((operation, how));
    }
}

impl Gates for OpenGate {
    fn gate(self: Arc<Self>, _server: &Text) -> Arc<dyn Gate> {
        self
    }
}

/// A port of this test alone, also while nobody listens there. Let go of, it could be given to the server of a test that
/// runs beside this one, and what should be refused would be answered.
struct HeldPort(TcpSocket);

impl HeldPort {
    fn new() -> Self {
        Self(Self::socket((Ipv4Addr::LOCALHOST, 0).into()))
    }

    /// Sharing is for this test's own sockets: all of them must ask for it.
    fn socket(address: SocketAddr) -> TcpSocket {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseport(true).unwrap();
        socket.bind(address).unwrap();
        socket
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address())).unwrap()
    }

    /// A server here that ends when it is dropped: not one of the pool, which live on.
    async fn serve(&self) -> MockServer {
        let listener = Self::socket(self.address()).listen(64).unwrap().into_std().unwrap();
        MockServer::builder().listener(listener).start().await
    }

    /// Returns when new connections are refused.
    async fn closed(&self) {
        while tokio::net::TcpStream::connect(self.address()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

fn connection(servers: &[&MockServer]) -> Connection {
    let servers = servers.iter().map(|server| Url::parse(&server.uri()).unwrap()).collect();
    Connection { timeout: Duration::from_secs(5), ..Connection::new(servers, "kaya", "CORP") }
}

const AT_ONCE: Patience = Patience { repeats: 2, pause: |_, _| Duration::ZERO };

async fn connect_through(gate: Arc<OpenGate>, connection: Connection) -> Result<Estate, Fault> {
    Estate::connect_with(connection, "hunter2".into(), gate, AT_ONCE).await.map(|(estate, _)| estate)
}

async fn connect(servers: &[&MockServer]) -> Estate {
    connect_through(Arc::default(), connection(servers)).await.unwrap()
}

fn rest(path: &str) -> String {
    format!("/rest{path}")
}

/// Answers from a list, one after the other; the last one again and again.
struct InTurn(Vec<ResponseTemplate>, AtomicUsize);

impl Respond for InTurn {
    fn respond(&self, _request: &Received) -> ResponseTemplate {
        let turn = self.1.fetch_add(1, Ordering::SeqCst);
        self.0[turn.min(self.0.len() - 1)].clone()
    }
}

fn in_turn(answers: impl IntoIterator<Item = ResponseTemplate>) -> InTurn {
    InTurn(answers.into_iter().collect(), AtomicUsize::new(0))
}

fn ok(body: impl serde::Serialize) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

/// A server of this product version, with log-in and rights; tokens are `access-1` and so on.
async fn server(version: &str) -> MockServer {
    let server = MockServer::start().await;
    log_in_on(&server, ok(json!({"access_token": "access-1", "refresh_token": "refresh-1"}))).await;
    environment_on(&server, version).await;
    server
}

async fn log_in_on(server: &MockServer, answer: impl Respond + 'static) {
    let credentials = json!({"username": "kaya", "password": "hunter2", "domain": "CORP"});
    Mock::given(method("POST"))
        .and(path(rest("/login")))
        .and(body_json(credentials))
        .respond_with(answer)
        .mount(server)
        .await;
}

async fn environment_on(server: &MockServer, version: &str) {
    Mock::given(method("GET"))
        .and(path(rest("/config/v2/environment-properties")))
        .respond_with(ok(json!({"local_connection_server_version": version, "local_pod_name": "Pod-A"})))
        .mount(server)
        .await;
}

async fn get(server: &MockServer, at: &str, answer: impl Respond + 'static) {
    Mock::given(method("GET")).and(path(rest(at))).respond_with(answer).mount(server).await;
}

async fn post(server: &MockServer, at: &str, answer: impl Respond + 'static) {
    Mock::given(method("POST")).and(path(rest(at))).respond_with(answer).mount(server).await;
}

/// How often each path below `/rest` was asked for.
async fn count(server: &MockServer, at: &str) -> usize {
    let received = server.received_requests().await.unwrap();
    received.iter().filter(|request| request.url.path() == rest(at)).count()
}

fn row(number: usize) -> Value {
    json!({"id": format!("s-{number}"), "session_state": "CONNECTED"})
}

async fn list(estate: &Estate) -> Result<super::SessionList, Fault> {
    estate.list_sessions(RequestClass::Poll, |_| {}).await
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn connecting_finds_out_release_pod_and_rights() {
    let server = server("8.14.0").await;
    get(
        &server,
        "/config/v1/admin-users-or-groups/permissions",
        ok(json!({"local_privileges_info": [
            {"access_group_id": "g", "access_group_name": "Root", "privileges": ["MACHINE_REBOOT"]}]})),
    )
    .await;
    let gate = Arc::new(OpenGate::default());
    let estate = assert_send(connect_through(gate.clone(), connection(&[&server]))).await.unwrap();
    let capabilities = estate.capabilities();
    assert_eq!(capabilities.release, Some(Release(2412)));
    assert_eq!(capabilities.sessions_version, 4);
    assert_eq!(capabilities.pod.unwrap(), "Pod-A");
    assert_eq!(capabilities.account.name, "CORP\\kaya");
    assert_eq!(capabilities.account.root_group, Some("g".into()));
    assert_eq!(capabilities.events, EventFeed::Available);
    let first = gate.admitted.lock().unwrap()[0];
    assert_eq!(first, (RequestClass::Job, Operation::LogIn), "the log-in passes the gate too");
    assert!(!format!("{estate:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_never_again() {
    let server = MockServer::start().await;
    log_in_on(&server, status(401)).await;
    let second = MockServer::start().await;
    let fault = connect_through(Arc::default(), connection(&[&server, &second])).await.unwrap_err();
    assert_eq!((fault.kind, fault.status), (FaultKind::Unauthenticated, Some(401)));
    assert_eq!(count(&server, "/login").await, 1);
    assert_eq!(second.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_log_in_refused_during_the_run_is_not_tried_again() {
    let server = MockServer::start().await;
    environment_on(&server, "8.16.0").await;
    let tokens = ok(json!({"access_token": "access-1", "refresh_token": "refresh-1"}));
    log_in_on(&server, in_turn([tokens, status(401)])).await;
    let estate = connect(&[&server]).await;
    get(&server, "/inventory/v7/sessions", status(401)).await;
    post(&server, "/refresh", status(400)).await;
    for _ in 0..3 {
        assert_eq!(list(&estate).await.unwrap_err().kind, FaultKind::Unauthenticated);
    }
    assert_eq!(count(&server, "/login").await, 2);
}

const LOGOFF: Action = Action { verb: Verb::Logoff, message: None };

/// For an action that nobody stops.
fn unstopped() -> CancellationToken {
    CancellationToken::new()
}

fn ids(count: usize) -> Vec<SessionId> {
    (0..count).map(|number| format!("s-{number}").into()).collect()
}

/// Accepts every id of the body.
fn accept(request: &Received) -> ResponseTemplate {
    let ids: Vec<String> = serde_json::from_slice(&request.body).unwrap();
    ok(ids.iter().map(|id| json!({"id": id, "status_code": 200})).collect::<Vec<_>>())
}

#[tokio::test]
async fn an_id_given_twice_is_asked_for_once_and_answered_twice() {
    let server = server("8.16.0").await;
    post(&server, "/inventory/v1/sessions/action/logoff", accept).await;
    let estate = connect(&[&server]).await;
    let answers = estate.act(&LOGOFF, &["a".into(), "b".into(), "a".into()], &unstopped()).await.unwrap();
    assert_eq!(answers, vec![ItemAnswer::Accepted; 3]);
    let received = server.received_requests().await.unwrap();
    assert_eq!(received.last().unwrap().body, br#"["a","b"]"#);
    assert_eq!(estate.act(&LOGOFF, &[], &unstopped()).await.unwrap(), []);
    assert_eq!(
        estate.act(&LOGOFF, &ids(1001), &unstopped()).await.unwrap_err().kind,
        FaultKind::InvalidArgument
    );
}

#[tokio::test]
async fn a_pin_is_never_accept_all_on_plain_http() {
    let server = server("8.16.0").await;
    let pinned = Connection { tls: TlsTrust::Pinned(vec![]), ..connection(&[&server]) };
    assert!(connect_through(Arc::default(), pinned).await.is_ok(), "loopback without TLS has no certificate");
}
