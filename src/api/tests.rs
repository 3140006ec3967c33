//! What is on the wire: the client against a scripted server.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;
use wiremock::{
    Mock, MockServer, Request as Received, Respond, ResponseTemplate,
    matchers::{body_json, header, method, path, path_regex, query_param},
};

use super::{
    Action, Answered, Connection, Estate, EventMark, Gate, ItemAnswer, Operation, Permit, RequestClass,
    TlsTrust, server::Patience,
};
use crate::domain::{EventFeed, Fault, FaultKind, Release, SessionId, Verb};

mod federation;
mod permissions;

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
    fn admit(&self, class: RequestClass, operation: Operation) -> BoxFuture<'_, Permit> {
        let mut admitted = self.admitted.lock().unwrap();
        let before = admitted.iter().filter(|(_, known)| *known == operation).count();
        if self.only.is_some_and(|(limited, most)| limited == operation && before >= most) {
            self.shut_out.notify_one();
            return std::future::pending().boxed();
        }
        admitted.push((class, operation));
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
async fn sessions_that_run_here_are_in_the_pod_of_the_server() {
    let server = server("8.16.0").await;
    let here = json!({"id": "s-1", "resourced_remotely": false});
    let elsewhere = json!({"id": "s-2", "resourced_remotely": true});
    get(&server, "/inventory/v7/sessions", ok(json!([&here, &elsewhere, {"id": "s-3"}]))).await;
    get(&server, "/inventory/v7/sessions/s-1", ok(here)).await;
    get(&server, "/inventory/v7/sessions/s-2", ok(elsewhere)).await;
    let estate = connect(&[&server]).await;
    let pods: Vec<_> =
        list(&estate).await.unwrap().sessions.into_iter().map(|session| session.pod_name).collect();
    assert_eq!(pods, [Some("Pod-A".into()), None, None], "where it is not said it stays unknown");
    assert_eq!(estate.session(&"s-1".into()).await.unwrap().pod_name, Some("Pod-A".into()));
    assert_eq!(estate.session(&"s-2".into()).await.unwrap().pod_name, None);
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
async fn an_expired_token_in_the_middle_of_a_job_doubles_nothing() {
    let server = server("8.16.0").await;
    let done = Arc::new(Mutex::new(Vec::new()));
    let executed = Arc::clone(&done);
    let logoff = rest("/inventory/v1/sessions/action/logoff");
    Mock::given(path(logoff.clone()))
        .and(header("authorization", "Bearer access-1"))
        .respond_with(in_turn([ok(json!([{"id": "s-0", "status_code": 200}])), status(401)]))
        .mount(&server)
        .await;
    Mock::given(path(logoff))
        .and(header("authorization", "Bearer access-2"))
        .respond_with(move |request: &Received| {
            executed.lock().unwrap().extend(serde_json::from_slice::<Vec<String>>(&request.body).unwrap());
            accept(request)
        })
        .mount(&server)
        .await;
    post(&server, "/refresh", ok(json!({"access_token": "access-2"}))).await;
    let estate = connect(&[&server]).await;
    for id in &ids(3) {
        assert_eq!(
            estate.act(&LOGOFF, std::slice::from_ref(id), &unstopped()).await.unwrap(),
            [ItemAnswer::Accepted]
        );
    }
    assert_eq!(*done.lock().unwrap(), ["s-1", "s-2"]);
    assert_eq!(count(&server, "/refresh").await, 1);
}

#[tokio::test]
async fn a_dead_refresh_token_leads_to_a_silent_log_in() {
    let server = MockServer::start().await;
    let tokens = |number| {
        ok(json!({"access_token": format!("access-{number}"), "refresh_token": format!("refresh-{number}")}))
    };
    log_in_on(&server, in_turn([tokens(1), tokens(2)])).await;
    environment_on(&server, "8.16.0").await;
    Mock::given(header("authorization", "Bearer access-2"))
        .respond_with(ok(json!([row(1)])))
        .mount(&server)
        .await;
    get(&server, "/inventory/v7/sessions", status(401)).await;
    post(&server, "/refresh", status(400)).await;
    let estate = connect(&[&server]).await;
    assert_eq!(list(&estate).await.unwrap().sessions.len(), 1);
    assert_eq!(count(&server, "/login").await, 2);
}

#[tokio::test]
async fn a_token_that_is_never_taken_is_not_renewed_for_ever() {
    let server = server("8.16.0").await;
    get(&server, "/inventory/v7/sessions", status(401)).await;
    post(&server, "/refresh", ok(json!({"access_token": "access-2"}))).await;
    let estate = connect(&[&server]).await;
    assert_eq!(list(&estate).await.unwrap_err().kind, FaultKind::Unauthenticated);
    assert_eq!(count(&server, "/inventory/v7/sessions").await, 2);
}

#[tokio::test]
async fn a_throttled_action_goes_back_to_the_gate_and_is_sent_again() {
    let server = server("8.16.0").await;
    let told =
        status(429).insert_header("X-Rate-Limit-Retry-After-Seconds", "7").insert_header("Retry-After", "9");
    let answers = in_turn([told, status(429), ok(json!([{"id": "s-0", "status_code": 200}]))]);
    post(&server, "/inventory/v1/sessions/action/logoff", answers).await;
    let gate = Arc::new(OpenGate::default());
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    assert_eq!(estate.act(&LOGOFF, &ids(1), &unstopped()).await.unwrap(), [ItemAnswer::Accepted]);
    let throttled = gate.throttled.lock().unwrap().clone();
    assert_eq!(throttled[0], (Operation::Logoff, Duration::from_secs(7)));
    assert!(
        throttled[1].1 >= Duration::from_secs(2) && throttled[1].1 < Duration::from_secs(3),
        "{throttled:?}"
    );
    let admitted = gate.admitted.lock().unwrap();
    assert_eq!(admitted.iter().filter(|(_, operation)| *operation == Operation::Logoff).count(), 3);
}

/// Sends an action through a gate that keeps it for ever, and stops it there.
async fn stopped_at(server: &MockServer, only: (Operation, usize)) -> (Fault, Estate) {
    let gate = Arc::new(OpenGate { only: Some(only), ..OpenGate::default() });
    let second = self::server("8.16.0").await;
    let estate = connect_through(gate.clone(), connection(&[server, &second])).await.unwrap();
    let stop = CancellationToken::new();
    let (ids, waits) = (ids(2), async {
        gate.shut_out.notified().await;
        stop.cancel();
    });
    let (answer, ()) = tokio::join!(assert_send(estate.act(&LOGOFF, &ids, &stop)), waits);
    assert!(second.received_requests().await.unwrap().is_empty(), "it does not go elsewhere");
    (answer.unwrap_err(), estate)
}

#[tokio::test]
async fn a_stop_reaches_an_action_that_a_429_has_put_back_to_the_gate() {
    let server = server("8.16.0").await;
    let told = status(429).insert_header("X-Rate-Limit-Retry-After-Seconds", "60");
    post(&server, "/inventory/v1/sessions/action/logoff", told).await;
    let (fault, _) = stopped_at(&server, (Operation::Logoff, 1)).await;
    assert_eq!((fault.kind, fault.maybe_done, fault.status), (FaultKind::Cancelled, false, None));
    assert_eq!(fault.to_string(), "log off: Cancelled: stopped before it left");
    assert_eq!(count(&server, "/inventory/v1/sessions/action/logoff").await, 1);
}

#[tokio::test]
async fn a_stop_reaches_an_action_that_waits_for_a_new_token() {
    let server = server("8.16.0").await;
    let logoff = "/inventory/v1/sessions/action/logoff";
    post(&server, logoff, in_turn([status(401), ok(json!([{"id": "s-0", "status_code": 200}]))])).await;
    let (fault, estate) = stopped_at(&server, (Operation::Refresh, 0)).await;
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Cancelled, false));
    assert_eq!(fault.operation, "log off");
    assert_eq!((count(&server, logoff).await, count(&server, "/refresh").await), (1, 0));
    // Nobody is left behind with the tokens in hand.
    assert_eq!(estate.act(&LOGOFF, &ids(1), &unstopped()).await.unwrap(), [ItemAnswer::Accepted]);
}

#[tokio::test]
async fn a_stop_reaches_an_action_while_somebody_else_renews_the_token() {
    let server = server("8.16.0").await;
    let logoff = "/inventory/v1/sessions/action/logoff";
    get(&server, "/inventory/v7/sessions", status(401)).await;
    post(&server, logoff, accept).await;
    let gate = Arc::new(OpenGate { only: Some((Operation::Refresh, 0)), ..OpenGate::default() });
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    let mut renewing = Box::pin(list(&estate));
    tokio::select! {
        _ = &mut renewing => panic!("its refresh waits at the gate"),
        () = gate.shut_out.notified() => {}
    }
    let (stop, ids) = (CancellationToken::new(), ids(1));
    let mut action = Box::pin(estate.act(&LOGOFF, &ids, &stop));
    assert!((&mut action).now_or_never().is_none());
    stop.cancel();
    assert_eq!(action.await.unwrap_err().kind, FaultKind::Cancelled);
    assert_eq!(count(&server, logoff).await, 0);
}

#[tokio::test]
async fn a_renewal_ahead_of_time_that_was_stopped_is_still_due() {
    let server = MockServer::start().await;
    let claims = URL_SAFE_NO_PAD.encode(json!({"iat": 0, "exp": 0.000_001}).to_string());
    let tokens = json!({"access_token": format!("a.{claims}.c"), "refresh_token": "refresh-1"});
    log_in_on(&server, ok(tokens)).await;
    // Too old to be asked for rights: nothing but the log-in and this leaves when connecting.
    let environment = ok(json!({"local_connection_server_version": "8.6.0"}));
    get(&server, "/config/v3/environment-properties", environment).await;
    get(&server, "/inventory/v1/sessions", ok(json!([]))).await;
    let gate = Arc::new(OpenGate { only: Some((Operation::Refresh, 0)), ..OpenGate::default() });
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    let (stop, ids) = (CancellationToken::new(), ids(1));
    let waits = async {
        gate.shut_out.notified().await;
        stop.cancel();
    };
    let (answer, ()) = tokio::join!(estate.act(&LOGOFF, &ids, &stop), waits);
    assert_eq!(answer.unwrap_err().kind, FaultKind::Cancelled);
    tokio::select! {
        _ = list(&estate) => panic!("it renews the token first"),
        () = gate.shut_out.notified() => {}
    }
}

#[tokio::test]
async fn a_stop_reaches_an_action_that_pauses_before_its_next_try() {
    // Not one of the pool: that would live on.
    let server = MockServer::builder().start().await;
    log_in_on(&server, ok(json!({"access_token": "access-1"}))).await;
    environment_on(&server, "8.6.0").await;
    let gate = Arc::new(OpenGate::default());
    let patient = Patience { repeats: 2, pause: |_, _| Duration::from_hours(1) };
    let connecting =
        Estate::connect_with(connection(&[&server]), "hunter2".into(), gate.clone(), patient).await;
    let (estate, _) = connecting.unwrap();
    let address = *server.address();
    drop(server);
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let (stop, ids) = (CancellationToken::new(), ids(1));
    let waits = async {
        while !gate.answered.lock().unwrap().contains(&(Operation::Logoff, Answered::Unreached)) {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (answer, ()) = tokio::join!(estate.act(&LOGOFF, &ids, &stop), waits);
    let fault = answer.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Cancelled, false));
}

#[tokio::test]
async fn an_action_stopped_beforehand_does_not_leave_through_an_open_gate() {
    let server = server("8.16.0").await;
    let gate = Arc::new(OpenGate::default());
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    let before = server.received_requests().await.unwrap().len();
    let stop = CancellationToken::new();
    stop.cancel();
    assert_eq!(estate.act(&LOGOFF, &ids(1), &stop).await.unwrap_err().kind, FaultKind::Cancelled);
    assert_eq!(server.received_requests().await.unwrap().len(), before);
}

#[tokio::test]
async fn an_action_that_is_out_is_waited_for_whoever_stops_it() {
    let server = server("8.16.0").await;
    let stop = CancellationToken::new();
    let from_within = stop.clone();
    let answer = move |request: &Received| {
        from_within.cancel();
        accept(request)
    };
    post(&server, "/inventory/v1/sessions/action/logoff", answer).await;
    let estate = connect(&[&server]).await;
    assert_eq!(estate.act(&LOGOFF, &ids(2), &stop).await.unwrap(), vec![ItemAnswer::Accepted; 2]);
    assert!(stop.is_cancelled());
}

#[tokio::test]
async fn throttling_without_end_ends() {
    let server = server("8.16.0").await;
    let told = status(429).insert_header("X-Rate-Limit-Retry-After-Seconds", "3");
    get(&server, "/inventory/v7/sessions", told).await;
    let estate = connect(&[&server]).await;
    let fault = list(&estate).await.unwrap_err();
    assert_eq!((fault.kind, fault.retry_after), (FaultKind::Throttled, Some(Duration::from_secs(3))));
    assert_eq!(count(&server, "/inventory/v7/sessions").await, 21);
}

#[tokio::test]
async fn a_question_is_repeated_after_a_gateway_error_and_an_action_is_not() {
    let server = server("8.16.0").await;
    get(&server, "/inventory/v7/sessions", in_turn([status(503), status(502), ok(json!([row(1)]))])).await;
    post(&server, "/inventory/v1/sessions/action/logoff", status(503)).await;
    post(&server, "/inventory/v1/sessions/action/disconnect", status(400)).await;
    let estate = connect(&[&server]).await;
    assert_eq!(list(&estate).await.unwrap().sessions.len(), 1);
    let fault = estate.act(&LOGOFF, &ids(2), &unstopped()).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unexpected, true));
    assert_eq!(count(&server, "/inventory/v1/sessions/action/logoff").await, 1);
    let disconnect = Action { verb: Verb::Disconnect, message: None };
    let fault = estate.act(&disconnect, &ids(2), &unstopped()).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::InvalidArgument, false));
}

#[tokio::test]
async fn an_action_without_an_answer_may_have_been_carried_out_and_is_not_repeated() {
    let server = server("8.16.0").await;
    post(&server, "/inventory/v1/sessions/action/logoff", status(200).set_delay(Duration::from_mins(1)))
        .await;
    let second = MockServer::start().await;
    let quick = Connection { timeout: Duration::from_millis(200), ..connection(&[&server, &second]) };
    let estate = connect_through(Arc::default(), quick).await.unwrap();
    let fault = estate.act(&LOGOFF, &ids(1), &unstopped()).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done, fault.status), (FaultKind::Unreachable, true, None));
    assert_eq!(count(&server, "/inventory/v1/sessions/action/logoff").await, 1);
    assert!(second.received_requests().await.unwrap().is_empty());
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

/// A server that is down: the port was free a moment ago.
async fn nobody() -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap()
}

#[tokio::test]
async fn the_next_server_is_taken_when_one_is_down() {
    let second = server("8.12.0").await;
    get(&second, "/inventory/v2/sessions", ok(json!([row(1)]))).await;
    let mut both = connection(&[&second]);
    both.servers.insert(0, nobody().await);
    let estate = connect_through(Arc::default(), both).await.unwrap();
    assert_eq!(estate.capabilities().release, Some(Release(2312)));
    assert_eq!(list(&estate).await.unwrap().sessions.len(), 1);
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_hands_over_reads_and_actions() {
    // Not one of the pool: that would live on.
    let first = MockServer::builder().start().await;
    log_in_on(&first, ok(json!({"access_token": "access-1", "refresh_token": "refresh-1"}))).await;
    environment_on(&first, "8.16.0").await;
    let second = server("8.14.0").await;
    get(&first, "/inventory/v7/sessions", ok(json!([row(1)]))).await;
    get(&second, "/inventory/v4/sessions", ok(json!([row(1), row(2)]))).await;
    post(&second, "/inventory/v1/sessions/action/logoff", accept).await;
    let estate = connect(&[&first, &second]).await;
    assert_eq!(list(&estate).await.unwrap().sessions.len(), 1);
    let address = *first.address();
    drop(first);
    // The connection that is still open closes with the server; a new one is refused.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(list(&estate).await.unwrap().sessions.len(), 2);
    assert_eq!(estate.capabilities().release, Some(Release(2412)));
    assert_eq!(estate.act(&LOGOFF, &ids(2), &unstopped()).await.unwrap(), vec![ItemAnswer::Accepted; 2]);
    assert_eq!(count(&second, "/login").await, 1);
}

#[tokio::test]
async fn when_all_servers_are_down_the_fault_says_so() {
    let mut both = connection(&[]);
    both.servers = vec![nobody().await, nobody().await];
    let fault = connect_through(Arc::default(), both).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.message.as_str().contains("the last of 2 servers tried"), "{fault}");
    assert!(!fault.maybe_done);
}

#[tokio::test]
async fn bad_rows_do_not_cost_the_page() {
    let server = server("8.16.0").await;
    let rows = json!([
        {"id": "s-1", "session_state": "HIBERNATING", "idle_duration": "long", "start_time": 9_000_000_000_000_000_000_i64,
         "client_data": {"name": 7, "type": "TOASTER"}, "new_field": [1]},
        {"user_name": "nobody"},
        {"id": "s-2", "session_protocol": null, "user_name": "a\u{1b}[2Jb"},
    ]);
    get(&server, "/inventory/v7/sessions", ok(rows)).await;
    let estate = connect(&[&server]).await;
    let list = list(&estate).await.unwrap();
    assert_eq!((list.sessions.len(), list.unreadable, list.unreadable_fields), (2, 1, 2));
    assert!(!list.complete, "a row without an id may be any session");
    let first = &list.sessions[0];
    assert_eq!(first.state.as_ref().unwrap().word(), "HIBERNATING");
    assert_eq!((first.idle_minutes, first.started_at), (None, None));
    assert_eq!(first.client.kind.as_ref().unwrap().word(), "TOASTER");
    assert_eq!(list.sessions[1].user_name.as_ref().unwrap(), &"a\u{fffd}[2Jb");
}

#[tokio::test]
async fn a_bad_field_leaves_a_list_complete() {
    let server = server("8.16.0").await;
    let rows = json!([{"id": "s-1", "idle_duration": "long"}, {"id": "s-2", "client_data": 7}]);
    get(&server, "/inventory/v7/sessions", ok(rows).insert_header("X-TOTAL-COUNT", "2")).await;
    let list = list(&connect(&[&server]).await).await.unwrap();
    assert_eq!((list.sessions.len(), list.unreadable, list.unreadable_fields), (2, 0, 2));
    assert!(list.complete);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = server("8.16.0").await;
    let elsewhere = MockServer::start().await;
    let answer = status(302).insert_header("Location", format!("{}/rest/x", elsewhere.uri()));
    get(&server, "/inventory/v7/sessions", answer).await;
    let estate = connect(&[&server]).await;
    let fault = list(&estate).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadAnswer);
    assert!(fault.message.as_str().contains(&elsewhere.uri()));
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn something_else_than_a_horizon_server_is_recognised() {
    let server = MockServer::start().await;
    let fault = connect_through(Arc::default(), connection(&[&server])).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadAnswer);
    assert!(fault.message.as_str().contains("no Horizon REST API"), "{fault}");
}

#[tokio::test]
async fn events_come_once_and_oldest_first() {
    let server = server("8.16.0").await;
    let events = |ids: &[i64]| {
        ok(ids
            .iter()
            .map(|id| json!({"id": id, "time": 1_700_000_000_000_i64 + id / 10, "type": "AGENT_CONNECTED"}))
            .collect::<Vec<_>>())
    };
    let answers = in_turn([events(&[19, 18, 7]), events(&[20, 19, 18, 17])]);
    get(&server, "/external/v2/audit-events", answers).await;
    let estate = connect(&[&server]).await;
    let first = estate.events(None).await.unwrap();
    let numbers = |batch: &super::EventBatch| batch.events.iter().map(|event| event.id.0).collect::<Vec<_>>();
    assert_eq!(numbers(&first), [7, 18, 19]);
    assert_eq!((first.feed, first.truncated), (EventFeed::Available, false));
    let second = estate.events(Some(&first.mark)).await.unwrap();
    assert_eq!(numbers(&second), [17, 20]);
    let received = server.received_requests().await.unwrap();
    let queries: Vec<_> = received
        .iter()
        .filter(|request| request.url.path().ends_with("audit-events"))
        .map(|request| request.url.query().unwrap().to_owned())
        .collect();
    assert_eq!(queries[0], "page=1&size=200");
    let span = "page=1&size=1000&filter=%7B%22type%22%3A%22Between%22%2C%22name%22%3A%22time%22%2C%22fromValue%22%3A1699999940001";
    assert!(queries[1].starts_with(span), "{}", queries[1]);
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_no_error() {
    for (version, answer, feed, asked) in [
        ("8.16.0", 409, EventFeed::NoDatabase, 2),
        ("8.16.0", 403, EventFeed::NotPermitted, 1),
        ("8.16.0", 404, EventFeed::NotInRelease, 1),
        ("8.2.0", 500, EventFeed::NotInRelease, 0),
    ] {
        let server = server(version).await;
        get(&server, "/external/v2/audit-events", status(answer)).await;
        let estate = connect(&[&server]).await;
        for _ in 0..2 {
            let batch = estate.events(Some(&EventMark::default())).await.unwrap();
            assert_eq!((batch.feed, batch.events.len()), (feed.clone(), 0));
        }
        assert_eq!(estate.capabilities().events, feed);
        assert_eq!(count(&server, "/external/v2/audit-events").await, asked, "{version} {answer}");
    }
}

#[tokio::test]
async fn old_releases_get_their_names_from_the_inventory() {
    let server = server("8.6.0").await;
    let rows = json!([
        {"id": "s-1", "user_id": "S-1-5-1", "desktop_pool_id": "p-1", "machine_id": "m-1"},
        {"id": "s-2", "user_id": "S-1-5-2", "farm_id": "f-1", "rds_server_id": "r-1"},
        {"id": "s-3", "user_id": "S-1-5-1", "machine_id": "m-9"},
    ]);
    get(&server, "/inventory/v1/sessions", ok(rows)).await;
    get(
        &server,
        "/external/v1/ad-users-or-groups",
        ok(json!([{"id": "S-1-5-1", "display_name": "CORP\\kaya"}])),
    )
    .await;
    let pools = json!([{"id": "p-1", "name": "fin", "display_name": "Finance", "type": "AUTOMATED", "source": "INSTANT_CLONE"}]);
    get(&server, "/inventory/v2/desktop-pools", ok(pools)).await;
    get(&server, "/inventory/v2/farms", status(404)).await;
    get(
        &server,
        "/inventory/v1/farms",
        ok(json!([{"id": "f-1", "name": "farm-a", "display_name": "Farm A"}])),
    )
    .await;
    get(
        &server,
        "/inventory/v1/machines",
        ok(json!([{"id": "m-1", "name": "vm-1", "dns_name": "vm-1.corp"}])),
    )
    .await;
    get(&server, "/inventory/v1/rds-servers", status(403)).await;
    let gate = Arc::new(OpenGate::default());
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    for _ in 0..2 {
        let sessions = list(&estate).await.unwrap().sessions;
        let named = |text: &Option<crate::domain::Text>| text.as_ref().map(ToString::to_string);
        assert_eq!(named(&sessions[0].user_name).unwrap(), "kaya");
        assert_eq!(named(&sessions[0].pool_name).unwrap(), "Finance");
        assert_eq!(named(&sessions[0].pool_source).unwrap(), "INSTANT_CLONE");
        assert_eq!(named(&sessions[0].machine_dns).unwrap(), "vm-1.corp");
        assert_eq!(named(&sessions[1].user_name), None, "nobody has this SID any more");
        assert_eq!(named(&sessions[1].pool_name).unwrap(), "farm-a");
        assert_eq!(named(&sessions[1].machine_name), None, "the account may not read it");
        assert_eq!(named(&sessions[2].machine_name), None);
    }
    for asked_once in
        ["/external/v1/ad-users-or-groups", "/inventory/v1/machines", "/inventory/v1/rds-servers"]
    {
        assert_eq!(count(&server, asked_once).await, 1, "{asked_once}");
    }
    let admitted = gate.admitted.lock().unwrap();
    let lookups: HashSet<_> = admitted
        .iter()
        .filter(|(class, _)| *class == RequestClass::Lookup)
        .map(|(_, operation)| *operation)
        .collect();
    assert_eq!(lookups.len(), 5);
}

#[tokio::test]
async fn secrets_never_reach_faults_or_the_gate() {
    let server = MockServer::start().await;
    log_in_on(&server, status(400).set_body_json(json!({"error_message": "bad request"}))).await;
    let gate = Arc::new(OpenGate::default());
    let fault = connect_through(gate.clone(), connection(&[&server])).await.unwrap_err();
    assert!(!format!("{fault:?} {fault} {gate:?}").contains("hunter2"));
    assert_eq!(fault.message, "bad request");
}

#[tokio::test]
async fn logging_out_gives_the_tokens_back() {
    let server = server("8.16.0").await;
    Mock::given(path(rest("/logout")))
        .and(body_json(json!({"refresh_token": "refresh-1"})))
        .respond_with(status(200))
        .expect(1)
        .mount(&server)
        .await;
    let estate = connect(&[&server]).await;
    estate.logout().await;
    estate.logout().await;
}

#[tokio::test]
async fn a_pin_is_never_accept_all_on_plain_http() {
    let server = server("8.16.0").await;
    let pinned = Connection { tls: TlsTrust::Pinned(vec![]), ..connection(&[&server]) };
    assert!(connect_through(Arc::default(), pinned).await.is_ok(), "loopback without TLS has no certificate");
}

#[tokio::test]
async fn a_span_of_events_says_when_it_was_cut() {
    let server = server("8.16.0").await;
    let rows: Vec<_> = (0..5).map(|id| json!({"id": 9 - id, "time": 1_700_000_000_000_i64 - id})).collect();
    get(&server, "/external/v2/audit-events", ok(rows).insert_header("HAS_MORE_RECORDS", "TRUE")).await;
    let estate = connect(&[&server]).await;
    let from = jiff::Timestamp::from_millisecond(1_600_000_000_000).unwrap();
    let batch = estate.events_between(from, None, 5).await.unwrap();
    assert!(batch.truncated);
    assert_eq!(batch.events.iter().map(|event| event.id.0).collect::<Vec<_>>(), [5, 6, 7, 8, 9]);
    let received = server.received_requests().await.unwrap();
    let query = received.last().unwrap().url.query().unwrap();
    assert!(query.starts_with("page=1&size=5&filter=") && query.contains("1600000000000"), "{query}");
}
