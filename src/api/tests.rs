//! What is on the wire: the client against a scripted server.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};
use url::Url;
use wiremock::{
    Mock, MockServer, Request as Received, Respond, ResponseTemplate,
    matchers::{body_json, header, method, path, path_regex, query_param},
};

use super::{
    Action, Answered, Connection, Estate, EventMark, Gate, ItemAnswer, Operation, Permit, RequestClass, TlsTrust,
    server::Patience,
};
use crate::domain::{
    EventFeed, Fault, FaultKind, Release, SessionId, Verb,
};

/// A gate that lets everybody through and writes down what it is told.
#[derive(Debug, Default)]
struct OpenGate {
    admitted: Mutex<Vec<(RequestClass, Operation)>>,
    throttled: Mutex<Vec<(Operation, Duration)>>,
    answered: Mutex<Vec<(Operation, Answered)>>,
}

impl Gate for OpenGate {
    fn admit(&self, class: RequestClass, operation: Operation) -> BoxFuture<'_, Permit> {
        self.admitted.lock().unwrap().push((class, operation));
        std::future::ready(Permit::unlimited()).boxed()
    }

    fn throttled(&self, operation: Operation, wait: Duration) {
        self.throttled.lock().unwrap().push((operation, wait));
    }

    fn answered(&self, operation: Operation, how: Answered, _elapsed: Duration) {
        self.answered.lock().unwrap().push((operation, how));
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

#[tokio::test]
async fn all_pages_are_read_and_counted() {
    let server = server("8.16.0").await;
    for page in 1..=3_usize {
        let rows: Vec<_> = ((page - 1) * 1000..(page * 1000).min(2500)).map(row).collect();
        let mut answer = ok(rows).insert_header("X-TOTAL-COUNT", "2500");
        if page < 3 {
            answer = answer.insert_header("HAS_MORE_RECORDS", "TRUE");
        }
        Mock::given(path(rest("/inventory/v7/sessions")))
            .and(query_param("page", page.to_string()))
            .and(query_param("size", "1000"))
            .and(header("authorization", "Bearer access-1"))
            .respond_with(answer)
            .expect(1)
            .mount(&server)
            .await;
    }
    let estate = connect(&[&server]).await;
    let progress = Mutex::new(Vec::new());
    let list = assert_send(estate.list_sessions(RequestClass::Poll, |step| {
        progress.lock().unwrap().push((step.received, step.total));
    }))
    .await
    .unwrap();
    assert!(list.complete);
    assert_eq!(list.sessions.len(), 2500);
    assert_eq!(list.sessions[2499].id, "s-2499".into());
    assert_eq!(*progress.lock().unwrap(), [(1000, Some(2500)), (2000, Some(2500)), (2500, Some(2500))]);
}

#[tokio::test]
async fn a_missing_version_is_stepped_over_once() {
    let server = server("9.9").await;
    for version in [7, 6, 5] {
        get(&server, &format!("/inventory/v{version}/sessions"), status(404)).await;
    }
    get(&server, "/inventory/v4/sessions", ok(json!([row(1)]))).await;
    let estate = connect(&[&server]).await;
    assert_eq!(estate.capabilities().sessions_version, 7);
    list(&estate).await.unwrap();
    list(&estate).await.unwrap();
    assert_eq!(estate.capabilities().sessions_version, 4);
    assert_eq!(count(&server, "/inventory/v7/sessions").await, 1);
    assert_eq!(count(&server, "/inventory/v4/sessions").await, 2);
}

#[tokio::test]
async fn a_session_that_has_ended_is_not_mistaken_for_a_missing_version() {
    let server = server("9.9").await;
    get(&server, "/inventory/v7/sessions", ok(json!([]))).await;
    let estate = connect(&[&server]).await;
    let fault = estate.session(&"gone".into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::EntityNotFound);
    assert_eq!(estate.capabilities().sessions_version, 7);
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_for_all_and_nothing_is_lost() {
    let server = server("8.16.0").await;
    Mock::given(header("authorization", "Bearer access-2"))
        .respond_with(|request: &Received| {
            let last = request.url.path_segments().unwrap().next_back().unwrap().to_owned();
            if last == "sessions" { ok(json!([])) } else { ok(json!({"id": last})) }
        })
        .mount(&server)
        .await;
    Mock::given(path_regex("/sessions")).respond_with(status(401)).mount(&server).await;
    post(&server, "/refresh", ok(json!({"access_token": "access-2"}))).await;
    let estate = connect(&[&server]).await;
    let ids: Vec<SessionId> = (0..8).map(|number| format!("s-{number}").into()).collect();
    let sessions = futures_util::future::join_all(ids.iter().map(|id| estate.session(id))).await;
    for (session, id) in sessions.into_iter().zip(&ids) {
        assert_eq!(&session.unwrap().id, id);
    }
    assert_eq!(count(&server, "/refresh").await, 1, "one renews, the others wait");
    assert_eq!(count(&server, "/login").await, 1);
}
