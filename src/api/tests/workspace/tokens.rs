//! Users of IAM and their tokens.

use super::*;

async fn iam(server: &MockServer, answer: impl Respond + 'static) {
    Mock::given(method("POST")).and(path("/v3/auth/tokens")).respond_with(answer).mount(server).await;
}

#[tokio::test]
async fn a_user_gets_one_token_for_the_project_and_shows_it() {
    let server = cloud().await;
    iam(&server, token("token-1")).await;
    let estate = reach(Arc::default(), &server, user(), None).await.unwrap();
    list(&estate).await.unwrap();
    let received = received(&server).await;
    assert_eq!(received.len(), 3, "no look-up of the project: the token tells it");
    let body: Value = serde_json::from_slice(&received[0].body).unwrap();
    assert_eq!(body["auth"]["scope"]["project"], json!({"name": "cn-north-4"}));
    assert_eq!(body["auth"]["identity"]["password"]["user"]["domain"]["name"], "acme");
    assert_eq!(received[0].url.query(), Some("nocatalog=true"));
    for request in &received[1..] {
        assert_eq!(header_of(request, "x-auth-token"), "token-1");
        assert!(!request.headers.contains_key("authorization"), "one of the two, not both");
        assert_eq!(header_of(request, "content-type"), "application/json");
    }
    let shown = format!("{estate:?} {:?}", estate.capabilities());
    assert!(!shown.contains("token-1") && !shown.contains("hunter2"), "{shown}");
    assert_eq!(estate.capabilities().account.name, "acme\\op1");
}

#[tokio::test]
async fn a_token_that_is_no_longer_taken_is_replaced_once() {
    let server = MockServer::start().await;
    iam(&server, in_turn([token("token-1"), token("token-2")])).await;
    let empty = ok(json!({"count": 0, "items": []}));
    let old = status(401).set_body_json(said("APIGW.0301", "The token must be updated."));
    on_cloud(&server, "GET", "session/list-sessions", in_turn([empty.clone(), old, empty])).await;
    let estate = reach(Arc::default(), &server, user(), Some(PROJECT)).await.unwrap();
    assert!(list(&estate).await.unwrap().complete);
    let received = received(&server).await;
    assert_eq!(header_of(received.last().unwrap(), "x-auth-token"), "token-2");
    assert_eq!(asked_for(&server, "/v3/auth/tokens").await, 2);
}

#[tokio::test]
async fn a_new_token_that_is_refused_too_is_the_end() {
    let server = MockServer::start().await;
    iam(&server, in_turn([token("token-1"), token("token-2"), token("token-3")])).await;
    let empty = ok(json!({"count": 0, "items": []}));
    let old = status(401).set_body_json(said("APIGW.0301", "The token must be updated."));
    on_cloud(&server, "GET", "session/list-sessions", in_turn([empty, old])).await;
    let estate = reach(Arc::default(), &server, user(), Some(PROJECT)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(list(&estate).await.unwrap_err().kind, FaultKind::Unauthenticated);
    }
    assert_eq!(asked_for(&server, "/v3/auth/tokens").await, 2);
    assert_eq!(asked_for(&server, &at("session/list-sessions")).await, 3);
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let server = cloud().await;
    let words = json!({"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}});
    iam(&server, status(401).set_body_json(words)).await;
    let fault = reach(Arc::default(), &server, user(), None).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    assert!(fault.message.as_str().contains("password is wrong"), "{fault}");
    assert_eq!(received(&server).await.len(), 1);
}

#[tokio::test]
async fn an_answer_without_a_token_is_none() {
    let server = cloud().await;
    iam(&server, status(201).set_body_json(json!({}))).await;
    let fault = reach(Arc::default(), &server, user(), None).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadAnswer);
}
