//! Lists of sessions: versions, paging, filters, order, privileges.

use std::collections::{BTreeSet, HashSet};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Bench;
use crate::sim::{Release, SessionKind, SimOptions};

/// Fields that each version adds (horizon-rest.md section 7.2).
const ADDED: [(u8, &[&str]); 7] = [
    (
        1,
        &[
            "access_group_id",
            "agent_version",
            "application_names",
            "broker_user_id",
            "brokered_remotely",
            "client_data",
            "desktop_pool_id",
            "disconnected_time",
            "farm_id",
            "id",
            "idle_duration",
            "last_session_duration_ms",
            "machine_id",
            "rds_server_id",
            "resourced_remotely",
            "security_gateway_data",
            "session_protocol",
            "session_state",
            "session_type",
            "start_time",
            "unauthenticated",
            "user_id",
        ],
    ),
    (2, &["guid"]),
    (3, &["internal_session_id"]),
    (4, &["groups", "user_name"]),
    (5, &["cloud_managed"]),
    (
        6,
        &[
            "desktop_pool_or_farm_name",
            "desktop_pool_or_farm_type",
            "desktop_pool_or_farm_source",
            "domain_name",
        ],
    ),
    (7, &["machine_or_rds_server_name", "machine_or_rds_server_dns", "forever_session"]),
];

fn names(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().flat_map(|row| row.as_object().unwrap().keys().cloned()).collect()
}

#[tokio::test]
async fn each_version_has_exactly_its_fields() {
    let bench = Bench::with(SimOptions { sessions: Some(400), ..SimOptions::manual("helpdesk") }).await;
    let mut expected = BTreeSet::new();
    for (version, added) in ADDED {
        expected.extend(added.iter().map(|name| (*name).to_owned()));
        let rows = bench.rows(&format!("/inventory/v{version}/sessions")).await;
        assert_eq!(rows.len(), 400);
        assert_eq!(names(&rows), expected, "v{version}");
        assert!(!rows.iter().any(|row| row.as_object().unwrap().values().any(Value::is_null)));
    }
}

#[tokio::test]
async fn a_release_before_2512_has_no_forever_sessions_in_v7() {
    let bench = Bench::with(SimOptions { release: Release::R2506, ..SimOptions::manual("small") }).await;
    let rows = bench.rows("/inventory/v7/sessions").await;
    assert!(!names(&rows).contains("forever_session"));
    assert!(names(&rows).contains("machine_or_rds_server_name"));
}

#[tokio::test]
async fn pages_join_to_the_whole_list() {
    let bench = Bench::small().await;
    let whole: Vec<Value> = bench.rows("/inventory/v7/sessions").await;
    let mut joined = Vec::new();
    for page in 1.. {
        let answer = bench.send(&format!("/inventory/v7/sessions?page={page}&size=10")).await.unwrap();
        let more = answer.headers().get("HAS_MORE_RECORDS").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(answer.headers()["x-total-count"], whole.len().to_string());
        joined.extend(answer.json::<Vec<Value>>().await.unwrap());
        match more {
            Some(more) => assert_eq!(more, "TRUE"),
            None => break,
        }
    }
    assert_eq!(joined, whole);
    assert_eq!(bench.sim.control().ids().len(), whole.len());
    for bad in ["page=6&size=10", "page=0&size=10", "page=1&size=1001", "page=x&size=1", "order_by=ASC"] {
        let (status, body) = bench.get(&format!("/inventory/v7/sessions?{bad}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(body["errors"][0]["error_message"].is_string());
    }
    assert_eq!(bench.rows("/inventory/v7/sessions?page=2").await.len(), whole.len());
}

#[tokio::test]
async fn page_one_of_an_empty_list_is_empty() {
    let bench = Bench::small().await;
    let nobody = Bench::filter(&json!({"type": "Equals", "name": "user_name", "value": "nobody"}));
    assert_eq!(bench.good(&format!("/inventory/v7/sessions?page=1&size=10&{nobody}")).await, json!([]));
    let (status, _) = bench.get(&format!("/inventory/v7/sessions?page=2&size=10&{nobody}")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn filters_and_order_work_on_the_server() {
    let bench = Bench::small().await;
    let whole = bench.rows("/inventory/v7/sessions").await;
    let count = |test: &dyn Fn(&Value) -> bool| whole.iter().filter(|row| test(row)).count();
    let cases = [
        (
            json!({"type": "Equals", "name": "session_state", "value": "DISCONNECTED"}),
            count(&|row| row["session_state"] == "DISCONNECTED"),
        ),
        (
            json!({"type": "NotEquals", "name": "session_state", "value": "CONNECTED"}),
            count(&|row| row["session_state"] != "CONNECTED"),
        ),
        (
            json!({"type": "Contains", "name": "application_names", "value": "Word"}),
            count(&|row| row["application_names"].to_string().contains("\"Word\"")),
        ),
        (
            json!({"type": "Equals", "name": "client_data.type", "value": "WINDOWS"}),
            count(&|row| row["client_data"]["type"] == "WINDOWS"),
        ),
        (
            json!({"type": "And", "filters": [
                {"type": "StartsWith", "name": "desktop_pool_or_farm_name", "value": "Finance"},
                {"type": "Between", "name": "idle_duration", "fromValue": 1, "toValue": 100_000},
            ]}),
            count(&|row| {
                row["desktop_pool_or_farm_name"].as_str().is_some_and(|name| name.starts_with("Finance"))
                    && row["idle_duration"].as_i64().is_some_and(|idle| idle >= 1)
            }),
        ),
    ];
    for (filter, expected) in cases {
        assert!(expected > 0, "{filter} tests nothing");
        let rows = bench.rows(&format!("/inventory/v7/sessions?{}", Bench::filter(&filter))).await;
        assert_eq!(rows.len(), expected, "{filter}");
    }
    let rows = bench.rows("/inventory/v7/sessions?sort_by=start_time&order_by=DESC").await;
    let starts: Vec<i64> = rows.iter().map(|row| row["start_time"].as_i64().unwrap()).collect();
    assert!(starts.is_sorted_by(|one, two| one >= two));
    for bad in ["sort_by=id", "sort_by=nothing", "filter=%7B", "sort_by=start_time&order_by=DOWN"] {
        assert_eq!(
            bench.get(&format!("/inventory/v7/sessions?{bad}")).await.0,
            StatusCode::BAD_REQUEST,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn releases_take_the_filters_they_know() {
    let idle =
        Bench::filter(&json!({"type": "Between", "name": "idle_duration", "fromValue": 1, "toValue": 2}));
    let state = Bench::filter(&json!({"type": "Equals", "name": "session_state", "value": "DISCONNECTED"}));
    let newer = Bench::with(SimOptions { release: Release::R2506, ..SimOptions::manual("small") }).await;
    assert_eq!(newer.get(&format!("/inventory/v1/sessions?{idle}")).await.0, StatusCode::BAD_REQUEST);
    let older = Bench::with(SimOptions { release: Release::R2006, ..SimOptions::manual("small") }).await;
    let all = older.rows("/inventory/v1/sessions").await.len();
    assert_eq!(
        older.rows(&format!("/inventory/v1/sessions?{state}")).await.len(),
        all,
        "ignored before 2103"
    );
    let first = Bench::with(SimOptions { release: Release::R2103, ..SimOptions::manual("small") }).await;
    assert!(first.rows(&format!("/inventory/v1/sessions?{state}")).await.len() < all);
    assert_eq!(first.rows("/inventory/v1/sessions?order_by=ASC").await.len(), all, "no sorting before 2303");
}

#[tokio::test]
async fn a_limited_account_sees_its_access_group_only() {
    let mut bench = Bench::small().await;
    let finance: HashSet<String> =
        bench.sim.control().ids_where(|session| session.access_group == "Finance").into_iter().collect();
    let outside = bench.sim.control().ids_where(|session| session.access_group != "Finance");
    bench.log_in("finance-lead").await;
    let rows = bench.rows("/inventory/v7/sessions").await;
    let seen: HashSet<String> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(seen, finance);
    let (status, _) = bench.get(&format!("/inventory/v7/sessions/{}", outside[0])).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(bench.act("logoff?forced=true", &outside[0]).await.0, 403);
    let pools = bench.rows("/inventory/v1/desktop-pools").await;
    assert_eq!(pools.iter().map(|pool| pool["name"].as_str().unwrap()).collect::<Vec<_>>(), ["fin-w11"]);
}

#[tokio::test]
async fn one_session_can_be_read_and_unknown_ones_are_404() {
    let bench = Bench::small().await;
    let rows = bench.rows("/inventory/v7/sessions").await;
    let id = rows[3]["id"].as_str().unwrap();
    assert_eq!(bench.good(&format!("/inventory/v7/sessions/{id}")).await, rows[3]);
    let unknown = "7cdd624f-37d1-46c1-ab96-695a5d13956f";
    for path in [format!("/inventory/v7/sessions/{unknown}"), "/inventory/v7/nothing".to_owned()] {
        let (status, body) = bench.get(&path).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(body["status"], "NOT_FOUND");
    }
    assert_eq!(bench.get(&format!("/inventory/v2/sessions/{id}")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn rows_have_the_shape_of_their_kind() {
    let bench = Bench::small().await;
    let control = bench.sim.control();
    for row in bench.rows("/inventory/v7/sessions").await {
        let truth = control.session(row["id"].as_str().unwrap()).unwrap();
        let has = |name: &str| row.get(name).is_some();
        assert_eq!(row["session_state"], truth.state);
        assert_eq!(has("session_protocol"), truth.state != "DISCONNECTED");
        assert_eq!(has("application_names"), truth.kind == SessionKind::Application);
        let hosted = matches!(truth.kind, SessionKind::Application | SessionKind::RdsDesktop);
        assert_eq!((has("rds_server_id"), has("farm_id"), has("machine_id")), (hosted, hosted, !hosted));
        let pooled = !matches!(truth.kind, SessionKind::Application | SessionKind::Console);
        assert_eq!(has("desktop_pool_id"), pooled);
        assert_eq!(has("broker_user_id"), truth.kind != SessionKind::Console);
        if truth.state == "DISCONNECTED" {
            assert!(has("disconnected_time"));
            if let Some(idle) = row["idle_duration"].as_i64() {
                assert!(idle >= truth.disconnected_minutes.unwrap());
            }
        }
    }
}

#[tokio::test]
async fn the_helpdesk_world_is_an_ordinary_day() {
    let bench = Bench::with(SimOptions::manual("helpdesk")).await;
    let control = bench.sim.control();
    let counts = control.counts();
    let total = counts.connected + counts.disconnected + counts.pending;
    assert_eq!(total, 5000);
    let percent = |part: usize| part * 100 / total;
    assert!((68..=77).contains(&percent(counts.connected)), "{counts:?}");
    assert!((21..=29).contains(&percent(counts.disconnected)), "{counts:?}");
    assert!(counts.pending > 5 && counts.idle > 500, "{counts:?}");
    let stale = control.ids_where(|session| {
        session.state == "DISCONNECTED" && session.idle_minutes.is_some_and(|idle| idle > 240)
    });
    assert!((200..900).contains(&stale.len()), "{}", stale.len());
    let among = |test: &dyn Fn(&crate::sim::SessionTruth) -> bool| control.ids_where(test).len();
    assert!(among(&|session| session.locked && session.state == "DISCONNECTED") > 20);
    assert!(among(&|session| session.ghost) > 10);
    let mut people: Vec<String> = control.sessions().into_iter().map(|session| session.user_id).collect();
    people.sort();
    people.dedup();
    let doubles = 5000 - people.len();
    assert!((25..200).contains(&doubles), "{doubles} sessions of people who have another");
    let users: Vec<String> = bench
        .rows("/inventory/v7/sessions?page=1&size=1000")
        .await
        .iter()
        .map(|row| row["user_name"].as_str().unwrap().to_owned())
        .collect();
    assert!(users.iter().any(|user| user == "王小明") && users.iter().any(|user| user == "mallory"));
}
