//! Servers that answer badly, or not at all.

use super::*;

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
async fn the_next_server_is_taken_when_one_is_down() {
    let second = server("8.12.0").await;
    get(&second, "/inventory/v2/sessions", ok(json!([row(1)]))).await;
    let (mut both, down) = (connection(&[&second]), HeldPort::new());
    both.servers.insert(0, down.url());
    let estate = connect_through(Arc::default(), both).await.unwrap();
    assert_eq!(estate.capabilities().release, Some(Release(2312)));
    assert_eq!(list(&estate).await.unwrap().sessions.len(), 1);
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_hands_over_reads_and_actions() {
    let port = HeldPort::new();
    let first = port.serve().await;
    log_in_on(&first, ok(json!({"access_token": "access-1", "refresh_token": "refresh-1"}))).await;
    environment_on(&first, "8.16.0").await;
    let second = server("8.14.0").await;
    get(&first, "/inventory/v7/sessions", ok(json!([row(1)]))).await;
    get(&second, "/inventory/v4/sessions", ok(json!([row(1), row(2)]))).await;
    post(&second, "/inventory/v1/sessions/action/logoff", accept).await;
    let estate = connect(&[&first, &second]).await;
    assert_eq!(list(&estate).await.unwrap().sessions.len(), 1);
    drop(first);
    // The connection that is still open closes with the server; a new one is refused.
    port.closed().await;
    assert_eq!(list(&estate).await.unwrap().sessions.len(), 2);
    assert_eq!(estate.capabilities().release, Some(Release(2412)));
    assert_eq!(estate.act(&LOGOFF, &ids(2), &unstopped()).await.unwrap(), vec![ItemAnswer::Accepted; 2]);
    assert_eq!(count(&second, "/login").await, 1);
}

#[tokio::test]
async fn when_all_servers_are_down_the_fault_says_so() {
    let (mut both, down) = (connection(&[]), [HeldPort::new(), HeldPort::new()]);
    both.servers = down.iter().map(HeldPort::url).collect();
    let fault = connect_through(Arc::default(), both).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.message.as_str().contains("the last of 2 servers tried"), "{fault}");
    assert!(!fault.maybe_done);
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
