//! Names for ids, and the rest of what a console reads.

use std::collections::HashMap;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Bench;
use crate::sim::{Release, SimOptions};

async fn by_id(bench: &Bench, path: &str) -> HashMap<String, Value> {
    let rows = bench.rows(path).await;
    rows.into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
}

#[tokio::test]
async fn every_id_of_a_session_leads_to_a_name() {
    let bench = Bench::small().await;
    let pools = by_id(&bench, "/inventory/v12/desktop-pools").await;
    let farms = by_id(&bench, "/inventory/v9/farms").await;
    let machines = by_id(&bench, "/inventory/v10/machines").await;
    let hosts = by_id(&bench, "/inventory/v6/rds-servers").await;
    let groups = by_id(&bench, "/config/v2/local-access-groups").await;
    for session in bench.rows("/inventory/v7/sessions").await {
        let text = |name: &str| session[name].as_str().unwrap_or_default().to_owned();
        assert!(groups.contains_key(&text("access_group_id")));
        let machine =
            machines.get(&text("machine_id")).or_else(|| hosts.get(&text("rds_server_id"))).unwrap();
        assert_eq!(machine["name"], session["machine_or_rds_server_name"]);
        assert_eq!(machine["dns_name"], session["machine_or_rds_server_dns"]);
        if let Some(pool) = pools.get(&text("desktop_pool_id")) {
            assert_eq!(pool["display_name"], session["desktop_pool_or_farm_name"]);
        } else if let Some(farm) = farms.get(&text("farm_id")) {
            assert_eq!(farm["name"], session["desktop_pool_or_farm_name"]);
        }
        let user = bench.good(&format!("/external/v4/ad-users-or-groups/{}", text("user_id"))).await;
        assert_eq!(user["login_name"], session["user_name"]);
        assert_eq!(user["group_membership_ids"], session["groups"]);
    }
}

#[tokio::test]
async fn single_objects_equal_their_rows_and_versions_differ() {
    let bench = Bench::small().await;
    for (list, versions) in [
        ("desktop-pools", [1, 12]),
        ("farms", [1, 9]),
        ("machines", [1, 10]),
        ("rds-servers", [1, 6]),
        ("application-pools", [1, 10]),
    ] {
        for version in versions {
            let rows = bench.rows(&format!("/inventory/v{version}/{list}")).await;
            assert!(!rows.is_empty(), "{list}");
            let id = rows[0]["id"].as_str().unwrap();
            assert_eq!(bench.good(&format!("/inventory/v{version}/{list}/{id}")).await, rows[0]);
        }
        let (status, _) =
            bench.get(&format!("/inventory/v1/{list}/7cdd624f-37d1-46c1-ab96-695a5d13956f")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{list}");
    }
    let pool = &bench.rows("/inventory/v1/desktop-pools").await[0];
    assert!(pool.get("settings").is_some() && pool.get("access_group_id").is_none());
}

#[tokio::test]
async fn users_are_found_by_sid_in_one_call() {
    let bench = Bench::small().await;
    let sessions = bench.rows("/inventory/v7/sessions").await;
    let sids: Vec<Value> = sessions.iter().take(10).map(|row| row["user_id"].clone()).collect();
    let parts: Vec<Value> =
        sids.iter().map(|sid| json!({"type": "Equals", "name": "id", "value": sid})).collect();
    let filter = Bench::filter(&json!({"type": "Or", "filters": parts}));
    let rows = bench.rows(&format!("/external/v1/ad-users-or-groups?{filter}")).await;
    let found: Vec<Value> = rows.iter().map(|row| row["id"].clone()).collect();
    assert_eq!(found, sids);
    assert!(rows[0].get("group_membership_ids").is_none(), "the v1 list has no memberships");
    let groups = bench.rows("/external/v4/ad-users-or-groups?group_only=true").await;
    assert!(groups.iter().all(|row| row["group"] == true) && groups.len() >= 4);
    let bad = Bench::filter(&json!({"type": "Or", "filters": [
        {"type": "Contains", "name": "name", "value": "a"},
    ]}));
    assert_eq!(bench.get(&format!("/external/v1/ad-users-or-groups?{bad}")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bench.get("/external/v1/ad-users-or-groups/S-1-5-21-9-9-9-9").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_environment_names_the_release() {
    for (release, version) in [("2412", "8.14.0"), ("2012", "8.1.0")] {
        let options =
            SimOptions { release: release.parse::<Release>().unwrap(), ..SimOptions::manual("small") };
        let bench = Bench::with(options).await;
        let environment = bench.good("/config/v2/environment-properties").await;
        assert_eq!(environment["local_connection_server_version"], version);
        assert!(environment.get("local_pod_name").is_none());
        assert!(bench.good("/config/v1/environment-properties").await.get("deployment_type").is_none());
    }
}

#[tokio::test]
async fn pods_need_a_federation() {
    let bench = Bench::small().await;
    assert_eq!(bench.get("/federation/v1/pods").await.0, StatusCode::CONFLICT);
    assert_eq!(bench.good("/federation/v1/cpa").await, json!({"local_connection_server_status": "DISABLED"}));
    let bench = Bench::with(SimOptions::manual("federation")).await;
    let pods = bench.rows("/federation/v1/pods").await;
    assert_eq!(pods.len(), 3);
    assert_eq!(pods.iter().filter(|pod| pod["local_pod"] == true).count(), 1);
    assert_eq!(bench.good("/federation/v1/cpa").await["local_connection_server_status"], "ENABLED");
    assert_eq!(bench.good("/config/v3/environment-properties").await["local_pod_name"], "AMS1");
    let local = bench
        .sim
        .control()
        .ids_where(|session| session.pod == "AMS1" || session.brokering_pod == "AMS1")
        .len();
    let mut listed = 0;
    for page in 1.. {
        let answer = bench.send(&format!("/inventory/v7/sessions?page={page}&size=1000")).await.unwrap();
        let more = answer.headers().contains_key("HAS_MORE_RECORDS");
        listed += answer.json::<Vec<Value>>().await.unwrap().len();
        if !more {
            break;
        }
    }
    assert_eq!(listed, local);
    assert_eq!(bench.sim.control().ids().len(), 4200);
    let remote =
        |session: &crate::sim::SessionTruth| session.pod == "FRA1" && session.brokering_pod != "AMS1";
    let remote = bench.sim.control().ids_where(remote)[0].clone();
    assert_eq!(bench.get(&format!("/inventory/v7/sessions/{remote}")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn everybody_can_ask_what_they_may_do() {
    let mut bench = Bench::small().await;
    let mut holds = HashMap::new();
    for login in ["admin", "helpdesk", "viewer", "finance-lead"] {
        bench.log_in(login).await;
        let own = bench.good("/config/v1/admin-users-or-groups/permissions").await;
        let local = &own["local_privileges_info"][0];
        let privileges = local["privileges"].to_string();
        holds.insert(login, (local["access_group_name"].as_str().unwrap().to_owned(), privileges));
    }
    assert_eq!(holds["finance-lead"].0, "Finance");
    assert_eq!(holds["admin"].0, "Root");
    assert!(holds["admin"].1.contains("MACHINE_REBOOT"));
    assert!(!holds["helpdesk"].1.contains("MACHINE_REBOOT"));
    assert!(!holds["viewer"].1.contains("MACHINE_MANAGE_VDI_SESSION"));
}

#[tokio::test]
async fn the_metrics_agree_with_the_books() {
    let bench = Bench::small().await;
    let counts = bench.sim.control().counts();
    let metrics = bench.good("/monitor/v1/sessions/metrics").await;
    let sum = |state: &str| -> u64 {
        ["desktop", "rds", "application"]
            .iter()
            .map(|kind| metrics[format!("{kind}_session_metrics")][state].as_u64().unwrap())
            .sum()
    };
    assert_eq!(sum("num_disconnected_sessions"), counts.disconnected as u64);
    assert_eq!(sum("num_idle_sessions"), counts.idle as u64);
    assert_eq!(sum("num_active_sessions"), (counts.connected - counts.idle) as u64);
    let system = bench.good("/monitor/v2/system-metrics").await;
    assert_eq!(system["sessions_count"], metrics["num_sessions"]);
}
