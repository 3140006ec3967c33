//! What each status means, and what a refused signature ends.

use super::*;

/// What asking for image servers comes to, and how often it was asked.
async fn refused(answer: ResponseTemplate) -> (Fault, usize) {
    let server = cloud().await;
    on_cloud(&server, "GET", "image-servers", answer).await;
    let estate = reached(&server).await;
    let fault =
        estate.image_servers(RequestClass::Poll, &ImageServerQuery::default(), |_| {}).await.unwrap_err();
    (fault, asked_for(&server, &at("image-servers")).await)
}

#[tokio::test]
async fn each_status_has_its_meaning_and_shows_code_and_request() {
    let cases = [
        (400, "WKS.00211102", FaultKind::InvalidArgument, 1),
        (401, "APIGW.0301", FaultKind::Unauthenticated, 1),
        (403, "WKS.00081102", FaultKind::InsufficientPermission, 1),
        (404, "APIGW.0101", FaultKind::EntityNotFound, 1),
        (405, "WKS.00000405", FaultKind::InvalidArgument, 1),
        (409, "WKS.00211103", FaultKind::InvalidState, 1),
        (503, "WKS.00050902", FaultKind::Unexpected, 3),
    ];
    for (code, key, kind, asked) in cases {
        let answer = status(code).insert_header("X-Request-Id", "req-7").set_body_json(said(key, "so it is"));
        let (fault, times) = refused(answer).await;
        assert_eq!((fault.kind, fault.status, times), (kind, Some(code), asked), "{fault}");
        assert_eq!(fault.wire, WireKind::Workspace);
        let shown = fault.to_string();
        assert!(shown.contains(key) && shown.contains("request req-7"), "{shown}");
    }
}

#[tokio::test]
async fn a_proxy_that_answers_a_web_page_is_understood() {
    let page = "<html><body><h1>403 Forbidden</h1>by policy</body></html>";
    let (fault, _) = refused(status(403).set_body_raw(page, "text/html")).await;
    assert_eq!(fault.message.as_str(), "403 Forbidden by policy");
    let (fault, _) = refused(status(200).set_body_raw("<html>log in</html>", "text/html")).await;
    assert_eq!(fault.kind, FaultKind::BadAnswer);
    assert!(fault.hint().unwrap().contains("Workspace"));
}

#[tokio::test]
async fn a_throttled_request_goes_back_to_the_gate_and_is_signed_anew() {
    let server = cloud().await;
    let throttled = status(429).set_body_json(said("APIGW.0308", "200 per minute"));
    let answers = in_turn([throttled, ok(json!({"count": 0, "items": []}))]);
    on_cloud(&server, "GET", "image-servers", answers).await;
    let gate = Arc::new(OpenGate::default());
    let estate = reach(gate.clone(), &server, keys(), Some(PROJECT)).await.unwrap();
    estate.image_servers(RequestClass::Poll, &ImageServerQuery::default(), |_| {}).await.unwrap();
    let throttled = gate.throttled.lock().unwrap().clone();
    assert_eq!(throttled, [(Operation::ListImageServers, Duration::from_secs(2))]);
    let received = received(&server).await;
    assert!(received.iter().all(is_signed));
}

#[tokio::test]
async fn an_order_is_not_repeated_and_its_fate_is_open() {
    let server = cloud().await;
    on_cloud(&server, "POST", "session/logoff", status(503).set_body_json(said("WKS.1", "later"))).await;
    let estate = reached(&server).await;
    let fault = estate.act(&LOGOFF, &["x".into()], &unstopped()).await.unwrap_err();
    assert!(fault.maybe_done);
    assert_eq!(asked_for(&server, &at("session/logoff")).await, 1);
}

#[tokio::test]
async fn a_bad_signature_at_the_start_is_one_request() {
    let server = MockServer::start().await;
    let late = (Timestamp::now() - jiff::SignedDuration::from_mins(20)).strftime("%a, %d %b %Y %H:%M:%S GMT");
    let answer = status(401)
        .insert_header("Date", late.to_string())
        .insert_header("X-Request-Id", "req-9")
        .set_body_json(said("APIGW.0301", "Incorrect IAM authentication information"));
    on_cloud(&server, "GET", "session/list-sessions", answer).await;
    let fault = reach(Arc::default(), &server, keys(), Some(PROJECT)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    let shown = fault.to_string();
    for words in [AK, "APIGW.0301", "ahead of the server's", "nothing more is sent", "req-9"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains(SK));
    assert_eq!(received(&server).await.len(), 1);
}

#[tokio::test]
async fn a_bad_signature_during_the_run_stops_everything_for_the_key() {
    let server = MockServer::start().await;
    let empty = ok(json!({"count": 0, "items": []}));
    let bad = status(401).set_body_json(said("APIGW.0301", "Incorrect IAM authentication information"));
    on_cloud(&server, "GET", "session/list-sessions", in_turn([empty, bad])).await;
    on_cloud(&server, "GET", "image-servers", ok(json!({"count": 0, "items": []}))).await;
    on_cloud(&server, "POST", "session/logoff", status(200)).await;
    let gate = Arc::new(OpenGate::default());
    let estate = reach(gate.clone(), &server, keys(), Some(PROJECT)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(list(&estate).await.unwrap_err().kind, FaultKind::Unauthenticated);
    }
    let fault =
        estate.image_servers(RequestClass::Poll, &ImageServerQuery::default(), |_| {}).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    let fault = estate.act(&LOGOFF, &["x".into()], &unstopped()).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unauthenticated, false));
    let fault = estate.read_again(&[(None, "x".into())]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    assert_eq!(received(&server).await.len(), 2, "nothing leaves any more");
    assert_eq!(gate.admitted.lock().unwrap().len(), 2, "the gate is not even asked");
}

#[tokio::test]
async fn never_more_than_four_bad_signatures_leave_at_once() {
    let server = MockServer::start().await;
    on_cloud(&server, "GET", "session/list-sessions", ok(json!({"count": 0, "items": []}))).await;
    let bad = status(401).set_delay(Duration::from_millis(50));
    on_cloud(&server, "GET", "image-servers", bad).await;
    let estate = reached(&server).await;
    let asks = (0..12).map(|_| async {
        estate.image_servers(RequestClass::Poll, &ImageServerQuery::default(), |_| {}).await.unwrap_err().kind
    });
    let kinds = futures_util::future::join_all(asks).await;
    assert!(kinds.iter().all(|kind| *kind == FaultKind::Unauthenticated));
    assert!(asked_for(&server, &at("image-servers")).await <= 4);
}

#[tokio::test]
async fn a_project_of_somebody_else_is_a_refusal_and_not_the_end() {
    let server = MockServer::start().await;
    on_cloud(&server, "GET", "session/list-sessions", status(403).set_body_json(said("APIGW.0302", "no")))
        .await;
    let estate = reached(&server).await;
    let fault = list(&estate).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InsufficientPermission);
    assert!(fault.hint().unwrap().contains("project"));
}

#[tokio::test]
async fn the_project_of_a_region_is_looked_up_and_not_guessed() {
    let projects = |rows: Value| ok(json!({"projects": rows}));
    let one = json!([{"id": PROJECT, "name": "cn-north-4"}]);
    let server = cloud().await;
    let look_up = Mock::given(method("GET")).and(path("/v3/projects")).and(query_param("name", "cn-north-4"));
    look_up.respond_with(projects(one)).mount(&server).await;
    let estate = reach(Arc::default(), &server, keys(), None).await.unwrap();
    assert!(list(&estate).await.unwrap().complete);
    let first = &received(&server).await[0];
    assert!(is_signed(first) && !first.headers.contains_key("x-project-id"));

    let server = MockServer::start().await;
    let two = json!([{"id": "p1", "name": "cn-north-4"}, {"id": "p2", "name": "cn-north-4_dev"}]);
    Mock::given(path("/v3/projects")).respond_with(projects(two)).mount(&server).await;
    let fault = reach(Arc::default(), &server, keys(), None).await.unwrap_err();
    assert!(fault.message.as_str().contains("cn-north-4_dev (p2)"), "{fault}");
    assert_eq!(received(&server).await.len(), 1);
}
