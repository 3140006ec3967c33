//! Who is listed no more has not ended for that alone.

use wiremock::matchers::query_param_is_missing;

use super::*;
use crate::domain::{Session, SessionState};

fn row(id: &str, state: &str) -> Value {
    json!({"id": id, "login_user": "kaya@corp", "session_state": state, "start_time": "2026-03-02T08:00:00.000Z"})
}

fn page(rows: &[Value]) -> ResponseTemplate {
    ok(json!({"count": rows.len(), "items": rows}))
}

/// Lists of the living: the answer to the connecting, then these.
async fn lists(server: &MockServer, answers: &[Vec<Value>]) {
    let first = ok(json!({"count": 0, "items": []}));
    let answers: Vec<ResponseTemplate> =
        std::iter::once(first).chain(answers.iter().map(|rows| page(rows))).collect();
    Mock::given(method("GET"))
        .and(path(at("session/list-sessions")))
        .and(query_param("session_state", "Active,Disconnected,AppcInit"))
        .respond_with(in_turn(answers))
        .mount(server)
        .await;
}

/// The list of all states.
async fn history(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(at("session/list-sessions")))
        .and(query_param_is_missing("session_state"))
        .respond_with(answer)
        .mount(server)
        .await;
}

async fn of_user(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(at("session/user-session-info")))
        .and(query_param("user_name", "kaya"))
        .respond_with(answer)
        .mount(server)
        .await;
}

fn user_has(rows: &[Value]) -> ResponseTemplate {
    ok(json!({"session_info_list": rows}))
}

async fn list(estate: &Estate) -> (Vec<Session>, bool) {
    let list = estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap();
    (list.sessions, list.complete)
}

#[tokio::test]
async fn a_live_session_in_a_state_that_nobody_told_of_is_still_listed() {
    let server = MockServer::start().await;
    lists(&server, &[vec![row("s1", "Active")], vec![], vec![]]).await;
    of_user(&server, user_has(&[row("s1", "Locked")])).await;
    let estate = reached(&server).await;
    assert_eq!(list(&estate).await.0.len(), 1);
    for _ in 0..2 {
        let (there, complete) = list(&estate).await;
        assert!(complete);
        assert_eq!(there[0].state, Some(SessionState::Unknown("Locked".into())));
    }
    let again = estate.read_again(&[(None, "s1".into())]).await.unwrap();
    assert!(again.gone.is_empty() && again.found.len() == 1, "{again:?}");
}

#[tokio::test]
async fn a_session_that_says_it_has_ended_is_gone() {
    let server = MockServer::start().await;
    lists(&server, &[vec![row("s1", "Active")], vec![], vec![]]).await;
    of_user(&server, user_has(&[row("s1", "SignedOut")])).await;
    let estate = reached(&server).await;
    list(&estate).await;
    assert_eq!(list(&estate).await, (Vec::new(), true));
    list(&estate).await;
    assert_eq!(asked_for(&server, &at("session/user-session-info")).await, 1, "it is certain then");
}

#[tokio::test]
async fn where_the_user_does_not_help_the_list_of_all_states_decides() {
    let rows = [
        (page(&[row("s1", "Locked")]), 1, true),
        (page(&[row("s1", "InitFail")]), 0, true),
        (page(&[row("s2", "Active")]), 0, true),
        (page(&[json!({"session_state": "Active"})]), 0, false),
        (status(403).set_body_json(said("APIGW.0302", "no")), 0, false),
    ];
    for (answer, there, certain) in rows {
        for user in [user_has(&[]), status(403).set_body_json(said("APIGW.0302", "no"))] {
            let server = MockServer::start().await;
            lists(&server, &[vec![row("s1", "Active")], vec![]]).await;
            of_user(&server, user).await;
            history(&server, answer.clone()).await;
            let estate = reached(&server).await;
            list(&estate).await;
            let (sessions, complete) = list(&estate).await;
            assert_eq!((sessions.len(), complete), (there, certain));
            let requests = received(&server).await;
            let wide =
                requests.iter().rfind(|request| request.url.path().ends_with("list-sessions")).unwrap();
            let query = wide.url.query().unwrap();
            assert!(query.contains("query_begin_time=2026-03-02T07%3A50%3A00.000Z"), "{query}");
        }
    }
}

#[tokio::test]
async fn many_at_once_are_looked_for_in_one_list_of_all_states() {
    let server = MockServer::start().await;
    let living: Vec<Value> = (0..9).map(|number| row(&format!("s{number}"), "Active")).collect();
    let ended: Vec<Value> = (0..9)
        .map(|number| row(&format!("s{number}"), if number == 4 { "Frozen" } else { "SignedOut" }))
        .collect();
    lists(&server, &[living, vec![]]).await;
    history(&server, page(&ended)).await;
    let estate = reached(&server).await;
    list(&estate).await;
    let (sessions, complete) = list(&estate).await;
    assert_eq!((sessions.len(), sessions[0].id.raw(), complete), (1, "s4", true));
    assert_eq!(asked_for(&server, &at("session/user-session-info")).await, 0);
}

#[tokio::test]
async fn sessions_of_an_earlier_run_are_looked_for_as_those_that_were_listed() {
    let server = MockServer::start().await;
    lists(&server, &[vec![]]).await;
    of_user(&server, user_has(&[row("s1", "Locked")])).await;
    let estate = reached(&server).await;
    let planned = Session { user_name: Some("kaya@corp".into()), ..Session::new("s1".into()) };
    estate.remember_sessions([&planned]);
    let again = estate.read_again(&[(None, "s1".into())]).await.unwrap();
    assert!(again.found.contains_key(&"s1".into()), "{again:?}");
}

#[tokio::test]
async fn an_identity_that_may_ask_nothing_is_not_connected() {
    let server = MockServer::start().await;
    let no = || status(403).set_body_json(said("APIGW.0302", "The user is not authorized"));
    Mock::given(method("GET")).respond_with(no()).mount(&server).await;
    let fault = reach(Arc::default(), &server, keys(), Some(PROJECT)).await.unwrap_err();
    assert_eq!((fault.kind, fault.status), (FaultKind::InsufficientPermission, Some(403)));
    let shown = fault.to_string();
    assert!(
        shown.contains("not permitted") && shown.contains(PROJECT) && shown.contains("APIGW.0302"),
        "{shown}"
    );
    assert_eq!(received(&server).await.len(), 4);
}

#[tokio::test]
async fn an_identity_that_may_ask_something_is_connected() {
    let server = MockServer::start().await;
    on_cloud(&server, "GET", "image-servers", ok(json!({"count": 0, "items": []}))).await;
    let no = || status(403).set_body_json(said("APIGW.0302", "The user is not authorized"));
    on_cloud(&server, "GET", "session/list-sessions", no()).await;
    assert!(reach(Arc::default(), &server, keys(), Some(PROJECT)).await.is_ok());
}
