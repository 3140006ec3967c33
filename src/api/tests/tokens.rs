//! Tokens that end, and are renewed or not.

use super::*;

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
