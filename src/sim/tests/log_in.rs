//! Log-in, tokens, TLS and the ready line.

use reqwest::StatusCode;
use serde_json::json;

use super::client::{Bench, pinned};
use crate::sim::{Release, SimOptions, start};

#[tokio::test]
async fn wrong_passwords_and_arrays_are_refused() {
    let bench = Bench::small().await;
    let wrong = json!({"username": "admin", "password": "nope", "domain": "CORP"});
    let (status, body) = bench.post_open("/login", wrong).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(body["status"], "UNAUTHORIZED");
    assert!(body["errors"][0]["error_key"].is_string());
    let array = json!({"username": "admin", "password": ["n", "o"], "domain": "CORP"});
    let (status, body) = bench.post_open("/login", array).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body["errors"][0]["error_message"].as_str().unwrap().contains("cannot be mapped"));
    let elsewhere =
        json!({"username": "admin", "password": bench.sim.credentials().password, "domain": "OTHER"});
    assert_eq!(bench.post_open("/login", elsewhere).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn before_2106_only_root_administrators_log_in() {
    for (release, others) in [
        ("2006", StatusCode::OK),
        ("2012", StatusCode::UNAUTHORIZED),
        ("2103", StatusCode::UNAUTHORIZED),
        ("2106", StatusCode::OK),
    ] {
        let options = SimOptions { release: release.parse().unwrap(), ..SimOptions::manual("small") };
        let bench = Bench::with(options).await;
        let accounts = bench.sim.accounts().to_vec();
        for account in accounts {
            let credentials =
                json!({"username": account.username, "password": account.password, "domain": account.domain});
            let (status, _) = bench.post_open("/login", credentials).await;
            let expected = if account.username == "admin" { StatusCode::OK } else { others };
            assert_eq!(status, expected, "{release}: {}", account.username);
        }
    }
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    for listen in ["0.0.0.0:0", "192.0.2.7:0", "[::]:0"] {
        let options = SimOptions { listen: listen.parse().unwrap(), ..SimOptions::manual("small") };
        let error = start(options).await.unwrap_err();
        assert!(error.to_string().contains("loopback only"), "{error}");
    }
}

#[tokio::test]
async fn tokens_expire_are_refreshed_and_die_with_the_log_out() {
    let mut bench = Bench::small().await;
    assert_eq!(bench.get("/inventory/v7/sessions").await.0, StatusCode::OK);
    bench.seconds(31 * 60);
    assert_eq!(bench.get("/inventory/v7/sessions").await.0, StatusCode::UNAUTHORIZED);
    let (status, body) = bench.post_open("/refresh", json!({"refresh_token": bench.refresh})).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.get("refresh_token").is_none(), "the refresh token is not rotated");
    body["access_token"].as_str().unwrap().clone_into(&mut bench.token);
    assert_eq!(bench.get("/inventory/v7/sessions").await.0, StatusCode::OK);
    let log_out = json!({"refresh_token": bench.refresh});
    assert_eq!(bench.post_open("/logout", log_out.clone()).await.0, StatusCode::OK);
    assert_eq!(bench.post_open("/logout", log_out.clone()).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bench.post_open("/refresh", log_out).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bench.get("/inventory/v7/sessions").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tests_can_expire_tokens() {
    let bench = Bench::small().await;
    bench.sim.control().expire_access_tokens();
    assert_eq!(bench.get("/inventory/v1/farms").await.0, StatusCode::UNAUTHORIZED);
    let refresh = json!({"refresh_token": bench.refresh});
    assert_eq!(bench.post_open("/refresh", refresh.clone()).await.0, StatusCode::OK);
    bench.sim.control().expire_refresh_tokens();
    assert_eq!(bench.post_open("/refresh", refresh).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_open_needs_no_token() {
    let mut bench = Bench::small().await;
    bench.token.clear();
    assert_eq!(bench.good("/external/v1/domains").await, json!({"CORP": "corp.example"}));
    let banner = bench.good("/config/v1/pre-logon-settings").await;
    assert_eq!(banner["api_session_timeout_minutes"], 480);
    assert_eq!(bench.get("/config/v2/environment-properties").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn old_releases_have_the_old_error_bodies() {
    let options = SimOptions { release: Release::R2103, ..SimOptions::manual("small") };
    let bench = Bench::with(options).await;
    let wrong = json!({"username": "admin", "password": "nope", "domain": "CORP"});
    let (_, body) = bench.post_open("/login", wrong).await;
    assert!(body["error_message"].is_string(), "{body}");
    assert_eq!(bench.get("/external/v1/domains").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_ready_line_is_enough_to_log_in_over_tls() {
    let sim = start(SimOptions { tls: true, ..SimOptions::manual("small") }).await.unwrap();
    let line = sim.ready_line();
    assert!(!line.contains('\n'));
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    let mut names: Vec<&String> = ready.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["domain", "password", "sha256", "url", "username", "workspace"]);
    let fingerprint = ready["sha256"].as_str().unwrap();
    assert_eq!(Some(fingerprint), sim.fingerprint());
    assert!(fingerprint.len() == 64 && fingerprint.chars().all(|digit| "0123456789abcdef".contains(digit)));
    let log_in = |client: reqwest::Client| {
        let body = json!({
            "username": ready["username"], "password": ready["password"], "domain": ready["domain"],
        });
        client.post(format!("{}/rest/login", ready["url"].as_str().unwrap())).json(&body).send()
    };
    assert_eq!(log_in(pinned(fingerprint)).await.unwrap().status(), StatusCode::OK);
    assert!(log_in(pinned(&"0".repeat(64))).await.is_err());
    sim.shutdown().await;
}

#[tokio::test]
async fn the_plain_ready_line_has_four_members_in_order_and_then_the_workspace() {
    let sim = start(SimOptions::manual("small")).await.unwrap();
    let Some(rest) = sim.ready_line().strip_prefix("{\"url\":\"http://127.0.0.1:").map(str::to_owned) else {
        panic!("{}", sim.ready_line());
    };
    let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let password = sim.credentials().password;
    let (rest, workspace) = rest.split_once(",\"workspace\":").unwrap();
    assert_eq!(rest, format!("\",\"username\":\"admin\",\"domain\":\"CORP\",\"password\":\"{password}\""));
    let workspace: serde_json::Value = serde_json::from_str(workspace.strip_suffix('}').unwrap()).unwrap();
    assert_eq!(workspace["url"], sim.url());
    let mut names: Vec<&String> = workspace.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["ak", "project_id", "region", "sk", "token", "url"]);
}

#[tokio::test]
async fn requests_are_logged_without_secrets() {
    let bench = Bench::small().await;
    bench.good("/inventory/v7/sessions?page=1&size=5").await;
    let log = bench.sim.control().requests();
    assert_eq!(
        (log[0].path.as_str(), log[0].body.as_str(), log[0].status),
        ("/rest/login", "[redacted]", 200)
    );
    assert_eq!(log[1].query, "page=1&size=5");
    assert_eq!(log[1].token_subject.as_deref(), Some("admin"));
    assert_eq!(bench.sim.control().request_count(), 2);
}
