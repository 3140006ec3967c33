//! Lists: paging, totals, and what their absence proves.

use super::*;

fn rows(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(|number| json!({"id": format!("s-{number}"), "session_state": "Active"})).collect()
}

fn number(request: &Received, name: &str) -> usize {
    let pair = request.url.query_pairs().find(|(key, _)| key == name).unwrap();
    pair.1.parse().unwrap()
}

/// A list of so many rows that stands still.
fn still(total: usize) -> impl Respond {
    move |request: &Received| {
        let (offset, limit) = (number(request, "offset"), number(request, "limit"));
        let end = (offset + limit).min(total);
        ok(json!({"count": total, "items": rows(offset.min(end)..end)}))
    }
}

async fn with_sessions(answer: impl Respond + 'static) -> (MockServer, Estate) {
    let server = MockServer::start().await;
    on_cloud(&server, "GET", "session/list-sessions", answer).await;
    let estate = reached(&server).await;
    (server, estate)
}

#[tokio::test]
async fn all_pages_are_read_with_offset_and_limit() {
    let (server, estate) = with_sessions(still(234)).await;
    let list = list(&estate).await.unwrap();
    assert_eq!((list.sessions.len(), list.complete), (234, true));
    let asked: Vec<(usize, usize)> = received(&server).await[1..]
        .iter()
        .map(|request| (number(request, "offset"), number(request, "limit")))
        .collect();
    assert_eq!(asked, [(0, 100), (100, 100), (200, 100)]);
}

#[tokio::test]
async fn the_window_begins_where_it_was_told_and_only_ever_earlier() {
    let (server, estate) = with_sessions(still(0)).await;
    assert_eq!(estate.sessions_since(), Some(since()));
    estate.list_sessions_since("2026-03-05T00:00:00Z".parse().unwrap());
    list(&estate).await.unwrap();
    estate.list_sessions_since("2026-02-01T00:00:00Z".parse().unwrap());
    list(&estate).await.unwrap();
    let received = received(&server).await;
    let pair = |request: &Received, name: &str| {
        request.url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    let begins: Vec<String> = received.iter().map(|request| pair(request, "query_begin_time")).collect();
    assert_eq!(begins, ["2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"]);
    let end: Timestamp = pair(&received[1], "query_end_time").parse().unwrap();
    assert!(end > Timestamp::now(), "what begins now is within");
    assert_eq!(pair(&received[1], "session_state"), "Active,Disconnected,AppcInit");
}

#[tokio::test]
async fn a_list_that_moves_while_it_is_read_is_not_complete() {
    let calls = AtomicUsize::new(0);
    let (_server, estate) = with_sessions(move |request: &Received| {
        let total = 150 - calls.fetch_add(1, Ordering::SeqCst);
        let offset = number(request, "offset");
        ok(json!({"count": total, "items": rows(offset..total.min(offset + 100))}))
    })
    .await;
    let moved = list(&estate).await.unwrap();
    assert!(!moved.complete);
    let read = estate.read_again(&[(None, "s-0".into()), (None, "gone".into())]).await.unwrap();
    assert!(read.found.contains_key(&"s-0".into()) && read.gone.is_empty());
    assert_eq!(read.unread[&"gone".into()].kind, FaultKind::BadAnswer);
    assert_eq!(estate.session(&"gone".into()).await.unwrap_err().kind, FaultKind::BadAnswer);
}

#[tokio::test]
async fn only_a_whole_list_proves_an_end_and_one_of_several_pages_is_read_twice() {
    // And once more in every state, for whoever is known and was not found.
    for (total, calls) in [(3, 2), (150, 6)] {
        let (server, estate) = with_sessions(still(total)).await;
        estate.remember_sessions([&crate::domain::Session::new("gone".into())]);
        let read = estate.read_again(&[(None, "s-1".into()), (None, "gone".into())]).await.unwrap();
        assert!(read.found.contains_key(&"s-1".into()) && read.gone.contains(&"gone".into()));
        assert_eq!(received(&server).await.len() - 1, calls, "{total}");
    }
    let (_server, estate) = with_sessions(still(3)).await;
    assert_eq!(estate.session(&"gone".into()).await.unwrap_err().kind, FaultKind::EntityNotFound);
    assert_eq!(estate.session(&"s-2".into()).await.unwrap().id, "s-2".into());
}

#[tokio::test]
async fn whoever_may_have_begun_before_the_window_is_looked_for_further_back_and_never_called_gone() {
    let since = Timestamp::now() - jiff::SignedDuration::from_hours(12);
    let server = MockServer::start().await;
    let answer = move |request: &Received| {
        let begins =
            request.url.query_pairs().find(|(key, _)| key == "query_begin_time").unwrap().1.into_owned();
        let is_further_back =
            begins.parse::<Timestamp>().unwrap() < since - jiff::SignedDuration::from_hours(1);
        let rows = if is_further_back { rows(0..1) } else { Vec::new() };
        ok(json!({"count": rows.len(), "items": rows}))
    };
    on_cloud(&server, "GET", "session/list-sessions", answer).await;
    let connection =
        WorkspaceConnection { sessions_since: since, ..cloud_connection(&server, keys(), Some(PROJECT)) };
    let gate: Arc<OpenGate> = Arc::default();
    let (estate, _) = Estate::connect_workspace_with(connection, gate, AT_ONCE).await.unwrap();
    let read = estate.read_again(&[(None, "s-0".into()), (None, "nobody".into())]).await.unwrap();
    assert!(read.found.contains_key(&"s-0".into()) && read.gone.is_empty(), "{read:?}");
    let fault = &read.unread[&"nobody".into()];
    assert_eq!(fault.kind, FaultKind::EntityNotFound);
    assert!(fault.message.as_str().contains("older ones are not listed"), "{fault}");
}

#[tokio::test]
async fn a_row_that_slid_over_a_seam_unseen_is_found_by_the_second_reading() {
    let calls = AtomicUsize::new(0);
    let (_server, estate) = with_sessions(move |request: &Received| {
        let offset = number(request, "offset");
        // One ended and another began between the two pages of the first reading: the number is the same.
        let first = (1..=2).contains(&calls.fetch_add(1, Ordering::SeqCst));
        let from = if first && offset > 0 { offset + 1 } else { offset };
        ok(json!({"count": 150, "items": rows(from..from.max(150.min(offset + 100)) + usize::from(from > offset))}))
    })
    .await;
    let read = estate.read_again(&[(None, "s-100".into())]).await.unwrap();
    assert!(read.found.contains_key(&"s-100".into()), "{read:?}");
}

#[tokio::test]
async fn each_call_has_its_own_key_and_jobs_are_asked_for_by_kind() {
    let server = cloud().await;
    let authorizations = json!({"count": 1, "authorizations": [
        {"id": "a1", "account": "kaya", "account_type": "USER", "platform_type": "null"}]});
    on_cloud(&server, "GET", "app-groups/actions/list-authorizations", ok(authorizations)).await;
    on_cloud(&server, "GET", "image-server-jobs", |request: &Received| {
        let kind = request.url.query_pairs().find(|(key, _)| key == "job_type").unwrap().1.into_owned();
        ok(json!({"count": 1, "items": [{"id": kind, "job_type": kind, "status": "RUNNING"}]}))
    })
    .await;
    on_cloud(
        &server,
        "GET",
        "app-server-groups/g1/state",
        ok(json!({"aps_status": {"REGISTERED": 3, "NEW": 1}})),
    )
    .await;
    on_cloud(
        &server,
        "GET",
        "app-servers",
        ok(json!({"count": 1, "items": [
        {"id": "wksapp-1", "status": "REGISTERED", "task_status": "null", "maintain_status": false,
         "session_count": 4, "host_address": [{"addr": "10.0.0.9"}]}]})),
    )
    .await;
    let estate = reached(&server).await;
    let class = RequestClass::Poll;
    let who = estate.authorizations(class, &AuthorizationQuery::default()).await.unwrap();
    assert_eq!((who.rows.len(), who.complete), (1, true));
    assert_eq!(who.rows[0].platform, None, "the word null is nothing");
    let jobs = estate.image_jobs(class, None, Some(CloudJobStatus::Running)).await.unwrap();
    assert_eq!(jobs.rows.len(), 3);
    assert!(estate.image_jobs(class, Some("BUILD_IMAGE".into()), None).await.is_err(), "no query takes it");
    let counts = estate.app_server_counts(class, &"g1".into()).await.unwrap();
    assert_eq!(counts.values().sum::<i64>(), 4);
    let servers = estate.app_servers(class, &AppServerQuery::default()).await.unwrap();
    assert_eq!((servers.rows[0].sessions, servers.rows[0].task_status.clone()), (Some(4), None));
}

#[tokio::test]
async fn sessions_of_a_user_come_without_a_count() {
    let server = cloud().await;
    let body = json!({"session_info_list": [
        {"id": "s1", "login_user": "kaya@corp", "session_state": "SignedOut", "start_time": "2022-08-13 07:00:20"}]});
    on_cloud(&server, "GET", "session/user-session-info", ok(body)).await;
    let estate = reached(&server).await;
    let sessions = estate.sessions_of(RequestClass::Poll, "kaya").await.unwrap();
    assert_eq!(sessions[0].started_at, Some("2022-08-13T07:00:20Z".parse().unwrap()));
    assert!(estate.sessions_of(RequestClass::Poll, "").await.is_err());
}
