//! Faults as a client meets them.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Bench;
use crate::sim::{FaultSpec, Release, SimOptions};

fn fault(text: &str) -> FaultSpec {
    text.parse().unwrap()
}

const SESSIONS: &str = "/inventory/v7/sessions?page=1&size=20";

#[tokio::test]
async fn throttling_says_how_long_to_wait() {
    let bench = Bench::small().await;
    bench.sim.control().add_fault(fault("throttle=2/1s@sessions"));
    for _ in 0..2 {
        assert_eq!(bench.get(SESSIONS).await.0, StatusCode::OK);
    }
    let answer = bench.send(SESSIONS).await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = answer.headers()["X-Rate-Limit-Retry-After-Seconds"].to_str().unwrap().parse().unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["status"], "TOO_MANY_REQUESTS");
    assert_eq!(body["errors"][0]["error_key"], "common.api-throttle-limit.exceeded.error");
    assert_eq!(wait, 1);
    assert_eq!(bench.get("/inventory/v1/farms").await.0, StatusCode::OK, "each API has its own limit");
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(bench.get(SESSIONS).await.0, StatusCode::OK);
}

#[tokio::test]
async fn releases_before_2406_do_not_throttle() {
    let options = SimOptions { release: "2312".parse::<Release>().unwrap(), ..SimOptions::manual("small") };
    let bench = Bench::with(options).await;
    bench.sim.control().add_fault(fault("throttle=1/60s@sessions"));
    for _ in 0..3 {
        assert_eq!(bench.get("/inventory/v1/sessions").await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn errors_come_as_often_as_asked_for() {
    let bench = Bench::small().await;
    bench.sim.control().add_fault(fault("status=500@sessions:2"));
    assert_eq!(bench.get("/inventory/v1/farms").await.0, StatusCode::OK);
    assert_eq!(bench.get(SESSIONS).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(bench.get(SESSIONS).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(bench.get(SESSIONS).await.0, StatusCode::OK);
}

#[tokio::test]
async fn bodies_are_cut_dropped_and_spoilt() {
    let bench = Bench::small().await;
    let control = bench.sim.control();
    let whole = bench.send(SESSIONS).await.unwrap().bytes().await.unwrap();
    for (text, readable) in [("truncate=0.3", true), ("garbage", true), ("drop=0.5", false)] {
        let id = control.add_fault(fault(text));
        let answer = bench.send(SESSIONS).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{text}");
        let body = answer.bytes().await;
        assert_eq!(body.is_ok(), readable, "{text}");
        if let Ok(body) = body {
            assert!(serde_json::from_slice::<Value>(&body).is_err(), "{text}");
        }
        assert!(control.remove_fault(id) && !control.remove_fault(id));
    }
    control.add_fault(fault("slow-drip=2ms"));
    let begun = Instant::now();
    assert_eq!(bench.send(SESSIONS).await.unwrap().bytes().await.unwrap(), whole);
    assert!(begun.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn rows_can_be_odd() {
    let bench = Bench::small().await;
    let plain = bench.rows(SESSIONS).await;
    bench.sim.control().add_fault(fault("new-enum@sessions"));
    let odd = bench.rows(SESSIONS).await;
    assert!(odd.iter().any(|row| row["session_state"] == "HIBERNATED"));
    assert!(odd.iter().any(|row| row["client_data"]["type"] == "VISIONOS"));
    bench.sim.control().clear_faults();
    bench.sim.control().add_fault(fault("missing-fields@sessions"));
    let thin = bench.rows(SESSIONS).await;
    assert_eq!(thin.len(), plain.len());
    assert!(thin.iter().any(|row| row.get("session_state").is_none()));
    assert!(thin.iter().all(|row| row["id"].is_string()));
}

#[tokio::test]
async fn tokens_and_the_event_database_can_fail() {
    let mut bench = Bench::small().await;
    let control = bench.sim.control().clone();
    control.add_fault(fault("token-expiry=10"));
    bench.log_in("admin").await;
    bench.seconds(11);
    assert_eq!(bench.get(SESSIONS).await.0, StatusCode::UNAUTHORIZED);
    control.add_fault(fault("refuse-refresh"));
    let refresh = json!({"refresh_token": bench.refresh});
    assert_eq!(bench.post_open("/refresh", refresh).await.0, StatusCode::BAD_REQUEST);
    control.clear_faults();
    bench.log_in("admin").await;
    control.add_fault(fault("no-event-db"));
    assert_eq!(bench.get("/external/v1/audit-events").await.0, StatusCode::CONFLICT);
    let database = bench.good("/config/v1/event-database").await;
    assert_eq!(database["event_database_configured"], false);
}

#[tokio::test]
async fn a_server_that_is_down_turns_everybody_away() {
    let bench = Bench::small().await;
    let control = bench.sim.control();
    control.set_down(true);
    let (status, _) = bench.get(SESSIONS).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "the open connection");
    assert!(bench.send(SESSIONS).await.is_err(), "a new connection");
    control.set_down(false);
    assert_eq!(bench.get(SESSIONS).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_was_carried_out() {
    for text in ["latency=30s@action", "drop=0@action"] {
        let bench = Bench::small().await;
        let control = bench.sim.control();
        let id = control
            .ids_where(|session| session.state == "CONNECTED" && !session.ghost && !session.locked)[0]
            .clone();
        control.add_fault(fault(text));
        let url = format!("{}/rest/inventory/v1/sessions/action/logoff", bench.sim.url());
        let call = bench.http.post(url).bearer_auth(&bench.token).json(&json!([id]));
        let answer = match call.timeout(Duration::from_millis(200)).send().await {
            Ok(answer) => answer.bytes().await,
            Err(error) => Err(error),
        };
        assert!(answer.is_err(), "{text}");
        assert!(control.session(&id).unwrap().leaving, "{text}");
        assert_eq!(control.requests_to("POST", "action/logoff").len(), 1, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_clients_at_once_get_answers() {
    let bench = Bench::small().await;
    let id = bench.sim.control().ids()[0].clone();
    let calls = (0..120).map(|number| {
        let (bench, id) = (&bench, &id);
        async move {
            match number % 4 {
                0 => bench.get(SESSIONS).await.0,
                1 => bench.get("/external/v2/audit-events?page=1&size=20").await.0,
                2 => bench.post("/inventory/v1/sessions/action/disconnect", json!([id])).await.0,
                _ => {
                    bench.sim.control().advance(Duration::from_millis(500));
                    bench.get("/inventory/v7/sessions?sort_by=start_time").await.0
                }
            }
        }
    });
    let statuses = futures_util::future::join_all(calls).await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
}

#[tokio::test]
async fn answers_can_be_late() {
    let bench = Bench::small().await;
    bench.sim.control().add_fault(fault("latency=60ms"));
    let begun = Instant::now();
    bench.good(SESSIONS).await;
    assert!(begun.elapsed() >= Duration::from_millis(60));
}
