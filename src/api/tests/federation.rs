//! Pods and their sessions against a scripted server: what a simulator that keeps to the definition never answers.

use serde_json::json;
use tokio_util::sync::CancellationToken;
use wiremock::{
    Mock, MockServer,
    matchers::{method, path, query_param, query_param_is_missing},
};

use super::{connect, count, get, in_turn, ok, post, rest, server, status};
use crate::{
    api::{Action, Estate, ItemAnswer, RequestClass},
    domain::{Fault, FaultKind, Federation, PodId, SessionId, Text, Verb},
};

const LIST: &str = "/inventory/v3/global-sessions";
const OLDER: &str = "/inventory/v2/global-sessions";

async fn federation(estate: &Estate) -> Result<Option<Federation>, Fault> {
    estate.federation(RequestClass::Poll).await
}

async fn sessions(estate: &Estate, pod: &str) -> Result<Vec<String>, Fault> {
    let list = estate.list_pod_sessions(&PodId::from(pod), RequestClass::Poll, |_| {}).await?;
    Ok(list.sessions.iter().map(|session| session.id.raw().to_owned()).collect())
}

/// What the list of one pod answers; without a pod the version is proven to be there by a 400.
async fn pod_list(server: &MockServer, at: &str, pod: &str, answer: wiremock::ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(rest(at)))
        .and(query_param("pod_id", pod))
        .respond_with(answer)
        .mount(server)
        .await;
}

async fn without_pod(server: &MockServer, at: &str, answer: wiremock::ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(rest(at)))
        .and(query_param_is_missing("pod_id"))
        .respond_with(answer)
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_version_that_is_missing_is_stepped_over_once() {
    let server = server("8.17.0").await;
    get(&server, LIST, status(404)).await;
    pod_list(&server, OLDER, "p", ok(json!([{"id": "s-1", "user_name": "kaya"}]))).await;
    pod_list(&server, OLDER, "gone", status(404)).await;
    let estate = connect(&[&server]).await;
    assert_eq!(sessions(&estate, "p").await.unwrap(), ["s-1"]);
    assert_eq!(count(&server, LIST).await, 2, "the list, and the question whether it exists");
    // From now on a 404 is about the pod.
    assert_eq!(sessions(&estate, "gone").await.unwrap_err().kind, FaultKind::EntityNotFound);
    assert_eq!(sessions(&estate, "p").await.unwrap(), ["s-1"]);
    assert_eq!((count(&server, LIST).await, count(&server, OLDER).await), (2, 3));
}

#[tokio::test]
async fn a_pod_that_is_missing_from_the_start_is_no_missing_version() {
    for refusal in [400, 403, 409] {
        let server = server("8.17.0").await;
        pod_list(&server, LIST, "gone", status(404)).await;
        pod_list(&server, LIST, "p", ok(json!([{"id": "s-1", "user_name": "kaya"}]))).await;
        without_pod(&server, LIST, status(refusal)).await;
        let estate = connect(&[&server]).await;
        assert_eq!(sessions(&estate, "gone").await.unwrap_err().status, Some(404), "{refusal}");
        assert_eq!(sessions(&estate, "p").await.unwrap(), ["s-1"]);
        assert_eq!(count(&server, OLDER).await, 0);
    }
}

#[tokio::test]
async fn fields_of_the_federation_have_their_own_names() {
    let server = server("8.17.0").await;
    let row = json!({"id": "s-1", "pod_id": "other", "pod_name": "LIS\u{202e}1", "user_name": "kaya",
        "local_access_group_id": "g", "machine_or_rds_server_dns_name": "m.corp.example",
        "session_state": "HIBERNATED", "start_time": "soon"});
    get(&server, LIST, ok(json!([row, {"id": "s-2", "user_name": "ito"}, {"user_name": "no id"}]))).await;
    let estate = connect(&[&server]).await;
    let list = estate.list_pod_sessions(&"p".into(), RequestClass::Poll, |_| {}).await.unwrap();
    assert!(!list.complete);
    assert_eq!((list.unreadable, list.unreadable_fields), (1, 1));
    let [first, second] = list.sessions.as_slice() else { panic!("{list:?}") };
    assert_eq!(first.pod_id, Some("other".into()), "the row knows better than the question");
    assert!(!first.pod_name.as_ref().unwrap().as_str().contains('\u{202e}'), "server text is hostile");
    assert_eq!(first.access_group_id, Some("g".into()));
    assert_eq!(first.machine_dns.as_ref().unwrap(), "m.corp.example");
    assert_eq!(first.started_at, None);
    assert_eq!((second.pod_id.clone(), second.pod_name.clone()), (Some("p".into()), None));
    assert_eq!(second.resourced_remotely, None, "not said is not known");
}

#[tokio::test]
async fn a_federation_that_is_being_made_is_none_and_is_asked_for_again() {
    let server = server("8.17.0").await;
    let cpa = |word: &str| ok(json!({"local_connection_server_status": word}));
    get(&server, "/federation/v2/cpa", in_turn([cpa("PENDING"), cpa("ENABLED")])).await;
    // The server's own name says which one is local when the pods do not.
    let pods = ok(json!([{"id": "x", "name": "FRA1"}, {"id": "a", "name": "Pod-A", "site_id": "s"}]));
    get(&server, "/federation/v1/pods", in_turn([pods, status(409)])).await;
    get(&server, "/federation/v3/sites", status(404)).await;
    get(&server, "/federation/v2/sites", ok(json!([{"id": "s", "name": "Home"}]))).await;
    let estate = connect(&[&server]).await;
    assert_eq!(federation(&estate).await, Ok(None));
    let found = federation(&estate).await.unwrap().unwrap();
    let names: Vec<Text> = found.pods.iter().map(crate::domain::Pod::label).collect();
    assert_eq!((names, found.pods[0].local, found.name), (vec!["Pod-A".into(), "FRA1".into()], true, None));
    assert_eq!(found.pods[0].site.as_ref().unwrap(), "Home");
    // It is dissolved: 409, and its state is asked for anew.
    assert_eq!(federation(&estate).await, Ok(None));
    assert_eq!(count(&server, "/federation/v2/cpa").await, 2);
    assert_eq!(federation(&estate).await, Ok(None));
    assert_eq!(count(&server, "/federation/v2/cpa").await, 3);
}

#[tokio::test]
async fn an_answer_that_leaves_a_pod_out_is_no_answer() {
    let server = server("8.17.0").await;
    let answer = json!([{"pod_id": "p", "status_code": 200, "details": [{"id": "s-1", "status_code": 200}]}]);
    post(
        &server,
        "/inventory/v1/global-sessions/action/reset",
        in_turn([ok(answer), ok("odd"), status(404)]),
    )
    .await;
    let estate = connect(&[&server]).await;
    let targets: Vec<(PodId, SessionId)> =
        [("p", "s-1"), ("q", "s-1"), ("p", "s-2")].map(|(pod, id)| (pod.into(), id.into())).into();
    let action = Action { verb: Verb::Reset, message: None };
    let act = || async { estate.act_on_pods(&action, &targets, &CancellationToken::new()).await };
    let answers = act().await.unwrap();
    assert_eq!(answers[0], ItemAnswer::Accepted);
    for answer in &answers[1..] {
        assert!(matches!(answer, ItemAnswer::NoAnswer(fault) if fault.maybe_done), "{answer:?}");
    }
    let odd = act().await.unwrap_err();
    assert_eq!((odd.kind, odd.maybe_done), (FaultKind::BadAnswer, true));
    let absent = act().await.unwrap_err();
    assert_eq!((absent.kind, absent.maybe_done), (FaultKind::EntityNotFound, false));
    assert_eq!(count(&server, "/inventory/v1/global-sessions/action/reset").await, 3);
}
