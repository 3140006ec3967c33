//! Sessions and events that are read.

use super::*;

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
    let numbers =
        |batch: &super::super::EventBatch| batch.events.iter().map(|event| event.id.0).collect::<Vec<_>>();
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
