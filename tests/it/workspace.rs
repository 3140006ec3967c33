//! The client of Huawei Cloud Workspace against the simulator's face of it.

use std::sync::Arc;

use foretop::{
    api::{Action, Estate, Identity, ItemAnswer, RequestClass, WorkspaceConnection},
    domain::{
        AppServerQuery, AppServerVerb, AuthorizationQuery, CloudJobKind, CloudJobStatus, Fault, FaultKind,
        ImageServerQuery, ImageServerStatus, NewImage, SessionId, Verb,
    },
    sim::{ClockMode, FaultSpec, SimControl, Simulator, WorkspaceAccess},
};
use tokio_util::sync::CancellationToken;

use crate::support::{governor, simulate, small};

const LOGOFF: Action = Action { verb: Verb::Logoff, message: None };

/// Who an identity of the simulator is, by its keys.
fn keys(access: &WorkspaceAccess) -> Identity {
    Identity::Keys {
        access_key: access.access_key.clone(),
        secret_key: access.secret_key.clone().into(),
        security_token: None,
    }
}

fn connection(simulator: &Simulator, identity: Identity, project: Option<&str>) -> WorkspaceConnection {
    let address: url::Url = simulator.url().parse().unwrap();
    let since = simulator.control().now() - jiff::SignedDuration::from_hours(30 * 24);
    let region = Some("cn-north-4".to_owned());
    let connection =
        WorkspaceConnection::new(region, Some(address.clone()), Some(address), identity, since).unwrap();
    WorkspaceConnection { project: project.map(str::to_owned), ..connection }
}

async fn reach(simulator: &Simulator, identity: Identity, project: Option<&str>) -> Result<Estate, Fault> {
    let connection = connection(simulator, identity, project);
    Estate::connect_workspace(connection, Arc::new(governor())).await.map(|(estate, _)| estate)
}

async fn reached() -> (Simulator, Estate) {
    // Signatures are of this moment: the simulator's clock is the machine's.
    let options = foretop::sim::SimOptions { clock: ClockMode::default(), ..small() };
    let simulator = simulate(options).await;
    let access = simulator.workspace().unwrap();
    let estate = reach(&simulator, keys(&access), None).await.unwrap();
    (simulator, estate)
}

/// Sessions that have not ended, by the simulator's truth.
fn live(control: &SimControl) -> Vec<String> {
    let is_live = |state: &str| matches!(state, "Active" | "Disconnected" | "AppcInit");
    let mut ids: Vec<String> = control
        .app_sessions()
        .into_iter()
        .filter(|session| is_live(&session.state))
        .map(|session| session.id)
        .collect();
    ids.sort();
    ids
}

async fn listed(estate: &Estate) -> Vec<String> {
    let list = estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap();
    assert!(list.complete);
    let mut ids: Vec<String> = list.sessions.iter().map(|session| session.id.raw().to_owned()).collect();
    ids.sort();
    ids
}

fn fault(spec: &str) -> FaultSpec {
    spec.parse().unwrap()
}

#[tokio::test]
async fn the_list_shows_exactly_the_sessions_that_have_not_ended() {
    let (simulator, estate) = reached().await;
    let ids = listed(&estate).await;
    assert_eq!(ids, live(simulator.control()));
    assert!(!ids.is_empty());
    let one = estate.session(&ids[0].as_str().into()).await.unwrap();
    assert!(one.started_at.is_some() && one.user_name.is_some() && one.pool_name.is_some());
    let gone = estate.session(&"00000000000000000000000000000000".into()).await.unwrap_err();
    assert_eq!(gone.kind, FaultKind::EntityNotFound);
}

#[tokio::test]
async fn image_servers_jobs_app_servers_and_groups_can_be_read() {
    let (simulator, estate) = reached().await;
    let class = RequestClass::Poll;
    let servers = estate.image_servers(class, &ImageServerQuery::default(), |_| {}).await.unwrap();
    assert!(servers.complete && servers.unreadable_fields == 0);
    assert_eq!(servers.rows.len(), simulator.control().image_servers().len());
    let first = estate.image_server(class, &servers.rows[0].id).await.unwrap();
    assert_eq!(first.name, servers.rows[0].name);
    let jobs = estate.image_jobs(class, None, None).await.unwrap();
    assert_eq!(jobs.rows.len(), simulator.control().image_jobs().len());
    let failed = jobs.rows.iter().find(|job| job.status == Some(CloudJobStatus::Failed)).unwrap();
    let failed = estate.image_job(class, &failed.id).await.unwrap();
    assert!(failed.failure().is_some());
    let parts = estate.image_sub_jobs(class, CloudJobKind::CreateServerImage, None).await.unwrap();
    assert!(parts.complete && !parts.rows.is_empty());
    let app_servers = estate.app_servers(class, &AppServerQuery::default()).await.unwrap();
    let groups = estate.app_server_groups(class).await.unwrap();
    assert!(app_servers.complete && groups.complete && app_servers.unreadable_fields == 0);
    let counts = estate.app_server_counts(class, &groups.rows[0].id).await.unwrap();
    assert!(counts.values().sum::<i64>() > 0);
    assert!(estate.app_server(class, &app_servers.rows[0].id).await.is_ok());
    let app_groups = estate.app_groups(class).await.unwrap();
    let who = estate.authorizations(class, &AuthorizationQuery::default()).await.unwrap();
    assert!(app_groups.complete && who.complete && !app_groups.rows.is_empty() && !who.rows.is_empty());
    let missing = estate.image_job(class, &"1".into()).await.unwrap_err();
    assert_eq!((missing.kind, missing.status), (FaultKind::EntityNotFound, Some(404)));
    assert!(missing.request_id.is_some(), "{missing}");
}

#[tokio::test]
async fn an_image_is_built_from_a_server_that_may_and_from_no_other() {
    let (_simulator, estate) = reached().await;
    let class = RequestClass::Job;
    let servers = estate.image_servers(class, &ImageServerQuery::default(), |_| {}).await.unwrap().rows;
    let with = |status: ImageServerStatus| {
        servers.iter().find(|server| server.status.as_ref() == Some(&status)).unwrap()
    };
    let image =
        NewImage { name: "图像 v1.2-a".into(), description: Some("desc".into()), sysprep: Some(true) };
    let stop = CancellationToken::new();
    let active = with(ImageServerStatus::Active);
    let job = estate.recreate_image(&active.id, &image, &stop).await.unwrap();
    let job = estate.image_job(class, &job).await.unwrap();
    assert_eq!(job.kind, Some(CloudJobKind::CreateServerImage));
    let now = estate.image_server(class, &active.id).await.unwrap();
    assert_eq!(now.status, Some(ImageServerStatus::Building));
    let creating = with(ImageServerStatus::Creating);
    let refused = estate.recreate_image(&creating.id, &image, &stop).await.unwrap_err();
    assert!(refused.status.is_some_and(|status| (400..500).contains(&status)), "{refused}");
    assert!(!refused.maybe_done);
}

#[tokio::test]
async fn a_logoff_is_accepted_and_nothing_else_is_offered() {
    let (simulator, estate) = reached().await;
    let id: SessionId = live(simulator.control())[0].as_str().into();
    let stop = CancellationToken::new();
    let answers = estate.act(&LOGOFF, std::slice::from_ref(&id), &stop).await.unwrap();
    assert_eq!(answers, [ItemAnswer::Accepted]);
    let truth = simulator.control().app_sessions();
    let truth = truth.iter().find(|session| session.id == id.raw()).unwrap();
    assert!(truth.leaving || truth.end.is_some());
    let before = simulator.control().request_count();
    let reset = Action { verb: Verb::Reset, message: None };
    assert_eq!(estate.act(&reset, &[id], &stop).await.unwrap_err().kind, FaultKind::NotOffered);
    assert_eq!(simulator.control().request_count(), before);
}

#[tokio::test]
async fn app_servers_take_their_orders_without_a_word() {
    let (_simulator, estate) = reached().await;
    let servers = estate.app_servers(RequestClass::Job, &AppServerQuery::default()).await.unwrap().rows;
    let server = servers.iter().find(|server| server.maintenance == Some(false)).unwrap();
    let stop = CancellationToken::new();
    let ids = std::slice::from_ref(&server.id);
    estate.act_on_app_servers(AppServerVerb::MaintenanceOn, ids, &stop).await.unwrap();
    let now = estate.app_server(RequestClass::Job, &server.id).await.unwrap();
    assert_eq!(now.maintenance, Some(true));
}

#[tokio::test]
async fn a_token_that_expires_in_between_is_replaced() {
    let (simulator, _) = reached().await;
    let credentials = simulator.credentials();
    let user = Identity::User {
        domain: credentials.domain,
        username: credentials.username,
        password: credentials.password.into(),
    };
    let estate = reach(&simulator, user, None).await.unwrap();
    listed(&estate).await;
    simulator.control().expire_workspace_tokens();
    assert_eq!(listed(&estate).await, live(simulator.control()));
}

#[tokio::test]
async fn a_build_is_followed_through_tokens_that_expire() {
    let clock = ClockMode::Manual { start: jiff::Timestamp::now() };
    let simulator = simulate(foretop::sim::SimOptions { clock, ..small() }).await;
    let control = simulator.control();
    let credentials = simulator.credentials();
    let user = Identity::User {
        domain: credentials.domain,
        username: credentials.username,
        password: credentials.password.into(),
    };
    let estate = reach(&simulator, user, None).await.unwrap();
    let class = RequestClass::Job;
    let query = ImageServerQuery { name: Some("img-office".into()), id: None };
    let server = estate.image_servers(class, &query, |_| {}).await.unwrap().rows.remove(0).id;
    let image = NewImage { name: "office-t".into(), ..NewImage::default() };
    // Even the order itself meets one that is no longer taken: it was certainly not carried out, and goes out again.
    control.expire_workspace_tokens();
    let job = estate.recreate_image(&server, &image, &CancellationToken::new()).await.unwrap();
    control.expire_workspace_tokens();
    let seen = estate.image_job(class, &job).await.unwrap();
    assert!(!seen.status.as_ref().unwrap().is_final(), "{seen:?}");
    control.advance(std::time::Duration::from_mins(1));
    control.expire_workspace_tokens();
    let seen = estate.image_job(class, &job).await.unwrap();
    assert_eq!(seen.status, Some(CloudJobStatus::Success));
    assert_eq!(seen.product().unwrap().1.unwrap().as_str(), "office-t");
    assert_eq!(
        control.requests_to("POST", "/v3/auth/tokens").len(),
        4,
        "one log-in, one token for each that expired"
    );
    let orders = control.requests_to("POST", "recreate-image");
    assert_eq!(orders.iter().map(|order| order.status).collect::<Vec<_>>(), [401, 200]);
    let builds = control.image_jobs().into_iter().filter(|known| known.id == job.raw()).count();
    assert_eq!(builds, 1);
}

#[tokio::test]
async fn a_wrong_secret_key_is_tried_once() {
    let (simulator, _) = reached().await;
    let access = simulator.workspace().unwrap();
    let before = simulator.control().request_count();
    let wrong =
        Identity::Keys { access_key: access.access_key, secret_key: "wrong".into(), security_token: None };
    let fault = reach(&simulator, wrong, Some(&access.project_id)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    assert!(fault.to_string().contains("nothing more is sent"), "{fault}");
    assert_eq!(simulator.control().request_count() - before, 1);
}

#[tokio::test]
async fn a_project_of_somebody_else_is_refused() {
    let (simulator, _) = reached().await;
    let access = simulator.workspace().unwrap();
    let foreign = Some("ffffffffffffffffffffffffffffffff");
    let fault = reach(&simulator, keys(&access), foreign).await.unwrap_err();
    assert_eq!((fault.kind, fault.status), (FaultKind::InsufficientPermission, Some(403)));
    assert!(fault.to_string().contains("not permitted"), "{fault}");
}

#[tokio::test]
async fn each_status_keeps_its_meaning() {
    let (simulator, estate) = reached().await;
    for (status, kind) in [
        (400, FaultKind::InvalidArgument),
        (403, FaultKind::InsufficientPermission),
        (404, FaultKind::EntityNotFound),
        (405, FaultKind::InvalidArgument),
        (503, FaultKind::Unexpected),
    ] {
        simulator.control().add_fault(fault(&format!("status={status}@/app-groups")));
        let refused = estate.app_groups(RequestClass::Poll).await.unwrap_err();
        assert_eq!((refused.kind, refused.status), (kind, Some(status)), "{refused}");
        simulator.control().clear_faults();
        // Failures in a row would shut the gate.
        estate.app_groups(RequestClass::Poll).await.unwrap();
    }
}

#[tokio::test]
async fn who_may_only_read_is_refused_by_the_server() {
    let (simulator, _) = reached().await;
    let viewer = simulator.control().workspace_access().pop().unwrap();
    let estate = reach(&simulator, keys(&viewer), None).await.unwrap();
    let ids = listed(&estate).await;
    let refused =
        estate.act(&LOGOFF, &[ids[0].as_str().into()], &CancellationToken::new()).await.unwrap_err();
    assert_eq!((refused.kind, refused.maybe_done), (FaultKind::InsufficientPermission, false));
}

#[tokio::test]
async fn a_job_of_an_older_plan_widens_the_window_so_that_nobody_seems_gone() {
    let (simulator, _) = reached().await;
    let access = simulator.workspace().unwrap();
    let late = WorkspaceConnection {
        sessions_since: simulator.control().now(),
        ..connection(&simulator, keys(&access), None)
    };
    let (estate, _) = Estate::connect_workspace(late, Arc::new(governor())).await.unwrap();
    let id = live(simulator.control())[0].clone();
    let target = (None, SessionId::from(id.as_str()));
    let listed = || async { estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap().sessions };
    assert!(listed().await.iter().all(|session| session.id.raw() != id), "it began before the window");
    let read = estate.read_again(std::slice::from_ref(&target)).await.unwrap();
    assert!(read.found.contains_key(&target.1), "named by its id it is looked for further back");
    let truth = simulator.control().app_sessions();
    let began = truth.iter().find(|session| session.id == id).unwrap().start;
    estate.list_sessions_since(jiff::Timestamp::from_millisecond(began).unwrap());
    assert!(listed().await.iter().any(|session| session.id.raw() == id));
    assert!(estate.read_again(&[target]).await.unwrap().gone.is_empty());
}
