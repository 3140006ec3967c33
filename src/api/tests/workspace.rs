//! The cloud's wire against a scripted server.

use jiff::Timestamp;

use super::*;
use crate::{
    api::{Identity, WorkspaceConnection, workspace::sign::ToSign},
    domain::{
        AppServerQuery, AppServerVerb, AuthorizationQuery, CloudJobId, CloudJobKind, CloudJobStatus,
        ImageServerEdit, ImageServerQuery, ImageServerStatus, NewImage, PodId, StreamQuery, Support,
        WireKind,
    },
};

mod absence;
mod lists;
mod refusals;
mod statuses;
mod tokens;

const AK: &str = "EXAMPLEAKID000000001";
const SK: &str = "ExampleSecretKey000000000000000000000001";
const PROJECT: &str = "a4da8115c9d8464ead3a38309130523f";

fn keys() -> Identity {
    Identity::Keys { access_key: AK.into(), secret_key: SK.into(), security_token: None }
}

fn user() -> Identity {
    Identity::User { domain: "acme".into(), username: "op1".into(), password: "hunter2".into() }
}

fn since() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

fn cloud_connection(server: &MockServer, identity: Identity, project: Option<&str>) -> WorkspaceConnection {
    let address: Url = server.uri().parse().unwrap();
    let region = Some("cn-north-4".to_owned());
    let connection =
        WorkspaceConnection::new(region, Some(address.clone()), Some(address), identity, since()).unwrap();
    WorkspaceConnection { project: project.map(str::to_owned), timeout: Duration::from_secs(5), ..connection }
}

async fn reach(
    gate: Arc<OpenGate>,
    server: &MockServer,
    identity: Identity,
    project: Option<&str>,
) -> Result<Estate, Fault> {
    let connection = cloud_connection(server, identity, project);
    Estate::connect_workspace_with(connection, gate, AT_ONCE).await.map(|(estate, _)| estate)
}

/// An endpoint that lists no sessions, which is what connecting asks for.
async fn cloud() -> MockServer {
    let server = MockServer::start().await;
    let empty = ok(json!({"count": 0, "items": []}));
    on_cloud(&server, "GET", "session/list-sessions", empty).await;
    server
}

async fn reached(server: &MockServer) -> Estate {
    reach(Arc::default(), server, keys(), Some(PROJECT)).await.unwrap()
}

fn at(rest: &str) -> String {
    format!("/v1/{PROJECT}/{rest}")
}

async fn on_cloud(server: &MockServer, verb: &str, rest: &str, answer: impl Respond + 'static) {
    Mock::given(method(verb)).and(path(at(rest))).respond_with(answer).mount(server).await;
}

/// The answer of the log-in, with a project of its own.
fn token(name: &str) -> ResponseTemplate {
    let body = json!({"token": {
        "issued_at": "2026-03-01T00:00:00Z", "expires_at": "2026-03-02T00:00:00Z",
        "project": {"id": PROJECT, "name": "cn-north-4"}}});
    ResponseTemplate::new(201).insert_header("X-Subject-Token", name).set_body_json(body)
}

fn said(code: &str, words: &str) -> Value {
    json!({"error_code": code, "error_msg": words})
}

async fn received(server: &MockServer) -> Vec<Received> {
    server.received_requests().await.unwrap()
}

async fn asked_for(server: &MockServer, at: &str) -> usize {
    received(server).await.iter().filter(|request| request.url.path() == at).count()
}

fn header_of<'a>(request: &'a Received, name: &str) -> &'a str {
    request.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// Signs what was received again, with the headers that it names: what a server does.
fn is_signed(request: &Received) -> bool {
    let authorization = header_of(request, "authorization");
    let names = authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    let headers: Vec<(&str, &str)> = names
        .split(';')
        .filter(|name| *name != "x-sdk-date")
        .map(|name| (name, header_of(request, name)))
        .collect();
    let to_sign = ToSign {
        method: request.method.as_str(),
        path: request.url.path(),
        query: request.url.query().unwrap_or_default(),
        headers: &headers,
        body: &request.body,
        at: jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", header_of(request, "x-sdk-date"))
            .unwrap()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .unwrap()
            .timestamp(),
    };
    authorization == to_sign.authorization(AK, &SK.into())
}

#[tokio::test]
async fn every_request_is_signed_and_says_its_project_and_content_type() {
    let server = cloud().await;
    let job = ok(json!({"job_id": "702364883651395584"}));
    on_cloud(&server, "POST", "image-servers/i%201/actions/recreate-image", job).await;
    let items = ok(json!({"count": 1, "items": [{"id": "i 1", "name": "win", "status": "ACTIVE"}]}));
    on_cloud(&server, "GET", "image-servers", items).await;
    let estate = assert_send(reach(Arc::default(), &server, keys(), Some(PROJECT))).await.unwrap();
    let query = ImageServerQuery { name: Some("win 2019~é/+".into()), id: None };
    let listing = estate.image_servers(RequestClass::Poll, &query, |_| {}).await.unwrap();
    assert_eq!((listing.rows.len(), listing.complete), (1, true));
    assert_eq!(listing.rows[0].status, Some(ImageServerStatus::Active));
    let image = NewImage { name: "图像 1".into(), description: Some("desc".into()), sysprep: Some(false) };
    let job = estate.recreate_image(&"i 1".into(), &image, &unstopped()).await.unwrap();
    assert_eq!(job.raw(), "702364883651395584");
    let received = received(&server).await;
    assert_eq!(received.len(), 3);
    for request in &received {
        assert!(is_signed(request), "{request:?}");
        assert_eq!(header_of(request, "x-project-id"), PROJECT);
        assert_eq!(header_of(request, "content-type"), "application/json");
        assert_eq!(request.headers.get_all("content-type").iter().count(), 1);
        assert!(
            header_of(request, "authorization")
                .contains("SignedHeaders=content-type;host;x-project-id;x-sdk-date, ")
        );
    }
    assert_eq!(received[1].url.query(), Some("server_name=win%202019~%C3%A9%2F%2B&offset=0&limit=100"));
    let body: Value = serde_json::from_slice(&received[2].body).unwrap();
    assert_eq!(body, json!({"name": "图像 1", "description": "desc", "execute_sysprep": false}));
    assert!(!format!("{estate:?}").contains(SK));
}

#[tokio::test]
async fn a_broken_rule_keeps_an_image_from_being_asked_for() {
    let server = cloud().await;
    let estate = reached(&server).await;
    let image = NewImage { name: " x/".into(), description: Some("<b>".into()), sysprep: None };
    let fault = estate.recreate_image(&"1".into(), &image, &unstopped()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InvalidArgument);
    assert!(fault.message.as_str().contains("must not begin with a blank"), "{fault}");
    assert!(fault.message.as_str().contains("must not have `<`"), "{fault}");
    let edit = ImageServerEdit { name: Some("a b".into()), description: None };
    assert!(estate.update_image_server(&"1".into(), &edit, &unstopped()).await.is_err());
    assert!(
        estate.update_image_server(&"1".into(), &ImageServerEdit::default(), &unstopped()).await.is_err()
    );
    for id in ["", ".", ".."] {
        assert!(estate.image_server(RequestClass::Job, &id.into()).await.is_err(), "{id}");
    }
    let many = vec!["1".into(); 1].into_iter().chain((0..20).map(|id| format!("x{id}").into()));
    let many: Vec<_> = many.collect();
    assert!(estate.delete_image_servers(&many, false, &unstopped()).await.is_err());
    assert!(estate.delete_image_servers(&[], false, &unstopped()).await.is_err());
    assert_eq!(received(&server).await.len(), 1, "only the connecting");
}

#[tokio::test]
async fn orders_have_their_methods_and_bodies_and_may_be_answered_with_nothing() {
    let server = cloud().await;
    on_cloud(&server, "PATCH", "image-servers/1", status(200)).await;
    on_cloud(&server, "PATCH", "image-servers/actions/batch-delete", ok(json!({"job_id": "9"}))).await;
    on_cloud(&server, "PATCH", "app-servers/actions/batch-stop", status(200)).await;
    on_cloud(&server, "POST", "session/logoff", status(200)).await;
    let estate = reached(&server).await;
    let edit = ImageServerEdit { name: Some("new".into()), description: Some(String::new()) };
    estate.update_image_server(&"1".into(), &edit, &unstopped()).await.unwrap();
    let ids = ["b".into(), "a".into(), "b".into()];
    assert_eq!(estate.delete_image_servers(&ids, true, &unstopped()).await.unwrap(), CloudJobId::from("9"));
    estate.act_on_app_servers(AppServerVerb::Stop, &["s".into()], &unstopped()).await.unwrap();
    let answers = estate.act(&LOGOFF, &["x".into(), "y".into(), "x".into()], &unstopped()).await.unwrap();
    assert_eq!(answers, vec![ItemAnswer::Accepted; 3]);
    let bodies: Vec<Value> = received(&server).await[1..]
        .iter()
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            json!({"name": "new", "description": ""}),
            json!({"items": ["a", "b"], "recursive": true}),
            json!({"items": ["s"], "type": "SOFT"}),
            json!({"session_ids": ["x", "y"], "message_type": 0, "delay_time": 0}),
        ]
    );
}

#[tokio::test]
async fn a_build_without_a_job_may_have_been_begun() {
    let server = cloud().await;
    on_cloud(&server, "POST", "image-servers/1/actions/recreate-image", status(200)).await;
    let estate = reached(&server).await;
    let image = NewImage { name: "x".into(), ..NewImage::default() };
    let fault = estate.recreate_image(&"1".into(), &image, &unstopped()).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::BadAnswer, true));
}

#[tokio::test]
async fn a_job_tells_its_product_or_its_reason() {
    let server = cloud().await;
    let done = json!({"id": "702364883651395584", "job_type": "CREATE_SERVER_IMAGE", "status": "SUCCESS",
        "begin_time": "2024-05-07T07:54:21.009Z", "end_time": "0001-01-01 00:00:00", "sub_jobs_total": 1,
        "sub_jobs": [{"id": "1", "status": "SUCCESS",
            "job_resource_info": {"resource_id": "img-1", "resource_name": "win"},
            "job_execute_info": {"error_code": "", "error_message": ""}}]});
    on_cloud(&server, "GET", "image-server-jobs/702364883651395584", ok(done)).await;
    Mock::given(method("GET"))
        .and(path(format!("/v2/{PROJECT}/job/7")))
        .respond_with(ok(json!({"id": "7", "job_type": "REINSTALL_OS", "status": "FAILED",
            "sub_jobs": [{"id": "1", "status": "FAILED", "error_code": "WKS.1", "error_message": "no disk"}]})))
        .mount(&server)
        .await;
    let estate = reached(&server).await;
    let job = estate.image_job(RequestClass::Poll, &"702364883651395584".into()).await.unwrap();
    assert_eq!(job.kind, Some(CloudJobKind::CreateServerImage));
    assert_eq!(job.status, Some(CloudJobStatus::Success));
    assert_eq!(job.ended_at, None, "the year 1 is not yet");
    let (image, name) = job.product().unwrap();
    assert_eq!((image.as_str(), name.unwrap().as_str()), ("img-1", "win"));
    assert_eq!(job.failure(), None);
    let failed = estate.app_server_job(RequestClass::Poll, &"7".into()).await.unwrap();
    assert_eq!(failed.failure().unwrap().1.unwrap().as_str(), "no disk");
}

#[tokio::test]
async fn what_the_cloud_lacks_is_said_and_nothing_is_sent() {
    let server = cloud().await;
    let estate = reached(&server).await;
    let capabilities = estate.refresh_rights(RequestClass::Poll).await.unwrap();
    assert_eq!((capabilities.wire, estate.wire()), (WireKind::Workspace, WireKind::Workspace));
    assert_eq!(capabilities.events, EventFeed::NotOffered);
    assert_eq!(estate.events(None).await.unwrap().feed, EventFeed::NotOffered);
    assert_eq!(estate.most_targets(), 999);
    let not_offered = Support::No("not offered by Workspace".into());
    let session = crate::domain::Session::new("s".into());
    for verb in Verb::ALL.into_iter().filter(|verb| *verb != Verb::Logoff) {
        assert_eq!(capabilities.supports(verb, &session), not_offered, "{verb:?}");
    }
    assert_eq!(capabilities.supports(Verb::Logoff, &session), Support::Unknown);
    assert_eq!(capabilities.may_view_permissions(), not_offered);
    assert_eq!(capabilities.may_view_images(), not_offered);
    assert_eq!(capabilities.offers_federation(), not_offered);
    assert_eq!(estate.federation(RequestClass::Poll).await.unwrap(), None);
    let refused = [
        estate.permission_book(RequestClass::Poll).await.map(drop).unwrap_err(),
        estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.map(drop).unwrap_err(),
        estate.list_pod_sessions(&PodId::from("p"), RequestClass::Poll, |_| {}).await.map(drop).unwrap_err(),
    ];
    for fault in refused {
        assert_eq!((fault.kind, fault.wire), (FaultKind::NotOffered, WireKind::Workspace), "{fault}");
        assert_eq!(fault.message.as_str(), "not offered by Workspace");
    }
    assert_eq!(received(&server).await.len(), 1);
}

#[tokio::test]
async fn horizon_lacks_what_only_the_cloud_has() {
    let server = super::server("8.16.0").await;
    let estate = connect(&[&server]).await;
    let before = received(&server).await.len();
    let fault = estate.image_jobs(RequestClass::Poll, None, None).await.unwrap_err();
    assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::NotOffered, "not offered by Horizon"));
    assert_eq!(estate.sessions_since(), None);
    assert_eq!(received(&server).await.len(), before);
}
