//! Actions on sessions, their refusals and their events.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Bench;
use crate::sim::{Ending, SessionKind, SessionTruth, SimOptions, WorldSource};

/// The first session that fits and that nothing odd is true of.
fn plain(bench: &Bench, fits: impl Fn(&SessionTruth) -> bool) -> String {
    let ordinary = |session: &SessionTruth| !session.locked && !session.ghost && fits(session);
    bench.sim.control().ids_where(ordinary).first().expect("the world has one").clone()
}

fn connected(bench: &Bench, kind: SessionKind) -> String {
    plain(bench, |session| session.state == "CONNECTED" && session.kind == kind)
}

async fn events(bench: &Bench, kind: &str) -> Vec<Value> {
    let filter = Bench::filter(&json!({"type": "Equals", "name": "type", "value": kind}));
    bench.rows(&format!("/external/v2/audit-events?page=1&size=50&{filter}")).await
}

#[tokio::test]
async fn a_logoff_takes_a_moment_and_leaves_its_events() {
    let bench = Bench::small().await;
    let id = connected(&bench, SessionKind::ManagedDesktop);
    let truth = bench.sim.control().session(&id).unwrap();
    assert_eq!(bench.act("logoff", &id).await, (200, String::new()));
    assert!(bench.sim.control().session(&id).unwrap().leaving);
    assert!(events(&bench, "ADMIN_DESKTOP_SESSION_LOGOFF").await.is_empty(), "the event database lags");
    bench.seconds(20);
    assert!(!bench.sim.control().is_present(&id));
    assert_eq!(bench.sim.control().ending(&id), Some(Ending::LoggedOff));
    assert_eq!(bench.get(&format!("/inventory/v7/sessions/{id}")).await.0, StatusCode::NOT_FOUND);
    let logoff = &events(&bench, "ADMIN_DESKTOP_SESSION_LOGOFF").await[0];
    let text =
        format!("CORP\\admin has logged off CORP\\{} from machine {}", truth.user_name, truth.machine_name);
    assert_eq!(logoff["message"], text);
    assert_eq!(logoff["severity"], "AUDIT_SUCCESS");
    assert_eq!(logoff["module"], "Admin");
    let ended = &events(&bench, "AGENT_ENDED").await[0];
    assert_eq!(ended["user_id"], truth.user_id);
    assert_eq!(ended["machine_id"], logoff["machine_id"]);
    let node = format!("{}.corp.example", truth.machine_name.to_lowercase());
    assert_eq!(ended["machine_dns_name"], node);
}

#[tokio::test]
async fn a_locked_session_needs_force() {
    let bench = Bench::small().await;
    let id = plain(&bench, |session| session.state == "DISCONNECTED");
    bench.sim.control().set_locked(&id, true);
    assert_eq!(bench.act("logoff", &id).await, (400, "Session is locked.".to_owned()));
    bench.seconds(30);
    assert!(bench.sim.control().is_present(&id));
    assert_eq!(events(&bench, "ADMIN_DESKTOP_SESSION_LOGOFF_FAILED").await[0]["severity"], "AUDIT_FAIL");
    assert_eq!(bench.act("logoff?forced=true", &id).await.0, 200);
    bench.seconds(30);
    assert_eq!(bench.sim.control().ending(&id), Some(Ending::LoggedOffByForce));
}

#[tokio::test]
async fn a_ghost_accepts_everything_and_stays_until_its_machine_is_reset() {
    let bench = Bench::small().await;
    let id = connected(&bench, SessionKind::ManagedDesktop);
    bench.sim.control().set_ghost(&id, true);
    assert_eq!(bench.act("logoff?forced=true", &id).await.0, 200);
    assert_eq!(bench.act("disconnect", &id).await.0, 200);
    bench.seconds(600);
    assert_eq!(bench.sim.control().session(&id).unwrap().state, "CONNECTED");
    assert_eq!(bench.act("reset", &id).await.0, 200);
    bench.seconds(60);
    assert_eq!(bench.sim.control().ending(&id), Some(Ending::Reset));
}

#[tokio::test]
async fn disconnecting_twice_is_an_invalid_state() {
    let bench = Bench::small().await;
    let id = connected(&bench, SessionKind::RdsDesktop);
    assert_eq!(bench.act("disconnect", &id).await.0, 200);
    bench.seconds(10);
    assert_eq!(bench.sim.control().session(&id).unwrap().state, "DISCONNECTED");
    let (status, message) = bench.act("disconnect", &id).await;
    assert_eq!(status, 400);
    assert!(message.contains("already disconnected"), "{message}");
}

#[rstest::rstest]
#[case(SessionKind::RdsDesktop, "not supported for RDS")]
#[case(SessionKind::Application, "not supported for RDS")]
#[case(SessionKind::UnmanagedDesktop, "managed by vCenter")]
#[case(SessionKind::Console, "managed by vCenter")]
#[tokio::test]
async fn only_managed_machines_are_reset_or_restarted(#[case] kind: SessionKind, #[case] expected: &str) {
    let bench = Bench::small().await;
    let ids = bench.sim.control().ids_where(|session| session.kind == kind);
    for verb in ["reset", "restart"] {
        let (status, message) = bench.act(verb, &ids[0]).await;
        assert_eq!(status, 400);
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn a_restart_ends_the_session_and_the_machine_comes_back() {
    let bench = Bench::small().await;
    let id = connected(&bench, SessionKind::ManagedDesktop);
    assert_eq!(bench.act("restart", &id).await.0, 200);
    bench.seconds(200);
    assert_eq!(bench.sim.control().ending(&id), Some(Ending::Restarted));
    for kind in ["ADMIN_DESKTOP_SESSION_RESTARTED", "AGENT_SHUTDOWN", "AGENT_STARTUP"] {
        assert!(!events(&bench, kind).await.is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn the_spelling_of_the_reset_event_is_the_worlds() {
    let text = include_str!("../worlds/small.toml")
        .replace("name = \"small\"", "name = \"small\"\nreset_event = \"ADMIN_DESKTOP_SESSION_REBOOTED\"");
    let options = SimOptions { world: WorldSource::Toml(text), ..SimOptions::manual("small") };
    let bench = Bench::with(options).await;
    let id = connected(&bench, SessionKind::ManagedDesktop);
    assert_eq!(bench.act("reset", &id).await.0, 200);
    bench.seconds(30);
    assert_eq!(events(&bench, "ADMIN_DESKTOP_SESSION_REBOOTED").await.len(), 1);
    assert!(events(&bench, "ADMIN_DESKTOP_SESSION_RESET").await.is_empty());
}

#[tokio::test]
async fn a_bulk_answer_is_200_with_one_item_for_each_id() {
    let bench = Bench::small().await;
    let good = connected(&bench, SessionKind::ManagedDesktop);
    let disconnected = plain(&bench, |session| session.state == "DISCONNECTED");
    let unknown = "7cdd624f-37d1-46c1-ab96-695a5d13956f";
    let body = json!([good, disconnected, unknown, good]);
    let (status, items) = bench.post("/inventory/v1/sessions/action/disconnect", body).await;
    assert_eq!(status, StatusCode::OK);
    let codes: Vec<u64> =
        items.as_array().unwrap().iter().map(|item| item["status_code"].as_u64().unwrap()).collect();
    assert_eq!(codes, [200, 400, 404]);
    assert!(items[0].get("timestamp").is_none() && items[0].get("errors").is_none());
    assert!(items[1]["timestamp"].is_i64());
    assert_eq!(items[2]["errors"][0]["error_message"], items[2]["error_messages"][0]);
}

#[tokio::test]
async fn unusable_bodies_are_refused_as_a_whole() {
    let bench = Bench::small().await;
    let logoff = "/inventory/v1/sessions/action/logoff";
    for body in [json!({}), json!([]), json!([1]), json!("x")] {
        assert_eq!(bench.post(logoff, body).await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!(bench.post(&format!("{logoff}?forced=yes"), json!(["x"])).await.0, StatusCode::BAD_REQUEST);
    let message = "/inventory/v1/sessions/action/send-message";
    for body in [
        json!(["x"]),
        json!({"session_ids": ["x"], "message": "hello"}),
        json!({"session_ids": ["x"], "message": "hello", "message_type": "LOUD"}),
    ] {
        assert_eq!(bench.post(message, body).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn messages_arrive_and_are_audited() {
    let bench = Bench::small().await;
    let ids = [
        connected(&bench, SessionKind::Application),
        plain(&bench, |session| session.state == "DISCONNECTED"),
    ];
    let body = json!({"session_ids": ids, "message": "Please save", "message_type": "WARNING"});
    let (_, items) = bench.post("/inventory/v1/sessions/action/send-message", body).await;
    for (item, id) in items.as_array().unwrap().iter().zip(&ids) {
        assert_eq!((item["status_code"].as_u64(), item["id"].as_str()), (Some(200), Some(id.as_str())));
        assert_eq!(bench.sim.control().session(id).unwrap().messages, ["Please save"]);
    }
    bench.seconds(10);
    let sent = events(&bench, "ADMIN_SESSION_SENDMSG").await;
    assert_eq!(sent.len(), 2);
    assert!(sent[0]["message"].as_str().unwrap().starts_with("CORP\\admin sent message (Please save)"));
    let ids = sent[0]["id"].as_i64().unwrap();
    let extended = bench.rows(&format!("/external/v1/audit-events/extended-attributes?ids={ids}")).await;
    assert_eq!(extended[0]["event_data"]["SessionMessage"], "Please save");
    assert_eq!(extended[0]["event_data"]["UserDisplayName"], "CORP\\admin");
}

#[tokio::test]
async fn privileges_decide_for_each_account() {
    let mut bench = Bench::small().await;
    let id = connected(&bench, SessionKind::ManagedDesktop);
    bench.log_in("helpdesk").await;
    for verb in ["reset", "restart"] {
        let path = format!("/inventory/v1/sessions/action/{verb}");
        assert_eq!(bench.post(&path, json!([id])).await.0, StatusCode::FORBIDDEN);
    }
    assert_eq!(bench.act("disconnect", &id).await.0, 200);
    bench.log_in("viewer").await;
    for verb in ["logoff", "disconnect", "reset"] {
        let path = format!("/inventory/v1/sessions/action/{verb}");
        assert_eq!(bench.post(&path, json!([id])).await.0, StatusCode::FORBIDDEN);
    }
    assert!(!bench.rows("/inventory/v7/sessions").await.is_empty());
    bench.seconds(10);
    let refused = events(&bench, "REST_AUTH_PERMISSION_FAILURE").await;
    assert_eq!(refused.len(), 5);
    let text = refused[0]["message"].as_str().unwrap();
    assert!(
        text.starts_with("CORP\\viewer does not have sufficient permission to call REST API POST"),
        "{text}"
    );
}
