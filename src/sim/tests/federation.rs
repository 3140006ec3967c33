//! Pods, their sessions, and actions across pods.

use std::collections::HashSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Bench;
use crate::sim::{Ending, FaultSpec, SessionKind, SessionTruth, SimError, SimOptions, WorldSource, start};

const ACTION: &str = "/inventory/v1/global-sessions/action";

async fn federation(release: &str) -> Bench {
    let options = SimOptions { release: release.parse().unwrap(), ..SimOptions::manual("federation") };
    Bench::with(SimOptions { sessions: Some(600), ..options }).await
}

/// The id of the pod with this name.
async fn pod(bench: &Bench, name: &str) -> String {
    let pods = bench.rows("/federation/v1/pods").await;
    let found = pods.iter().find(|pod| pod["name"] == name).expect("the world has it");
    found["id"].as_str().unwrap().to_owned()
}

fn plain(bench: &Bench, fits: impl Fn(&SessionTruth) -> bool) -> String {
    let ordinary = |session: &SessionTruth| !session.locked && !session.ghost && fits(session);
    bench.sim.control().ids_where(ordinary).first().expect("the world has one").clone()
}

/// Somebody connected to a machine of another pod.
fn remote(bench: &Bench, pod: &str) -> String {
    plain(bench, |session| {
        session.pod == pod && session.state == "CONNECTED" && session.kind == SessionKind::ManagedDesktop
    })
}

async fn events(bench: &Bench, kind: &str) -> Vec<Value> {
    let filter = Bench::filter(&json!({"type": "Equals", "name": "type", "value": kind}));
    bench.rows(&format!("/external/v2/audit-events?page=1&size=50&{filter}")).await
}

fn ids(rows: &[Value]) -> HashSet<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_list_wants_exactly_one_of_three_parameters() {
    let bench = federation("2512").await;
    let fra = pod(&bench, "FRA1").await;
    let list = "/inventory/v3/global-sessions";
    for query in ["", "?page=1&size=5", &format!("?pod_id={fra}&user_id=S-1"), "?pod=x"] {
        assert_eq!(bench.get(&format!("{list}{query}")).await.0, StatusCode::BAD_REQUEST, "{query}");
    }
    assert_eq!(bench.get(&format!("{list}?pod_id=nowhere")).await.0, StatusCode::NOT_FOUND);
    let control = bench.sim.control();
    let hosted = bench.rows(&format!("{list}?pod_id={fra}")).await;
    assert_eq!(ids(&hosted), control.ids_where(|session| session.pod == "FRA1").into_iter().collect());
    let brokered = bench.rows(&format!("{list}?brokering_pod_id={fra}")).await;
    let truth = control.ids_where(|session| session.brokering_pod == "FRA1");
    assert_eq!(ids(&brokered), truth.into_iter().collect());
    let user = hosted[0]["user_id"].as_str().unwrap();
    let theirs = bench.rows(&format!("{list}?user_id={user}")).await;
    assert!(theirs.iter().all(|row| row["user_id"] == user) && !theirs.is_empty());
    assert_eq!(bench.get(&format!("{list}/{}", hosted[0]["id"].as_str().unwrap())).await.0, 404);
}

#[rstest::rstest]
#[case("2111", 1)]
#[case("2303", 1)]
#[case("2406", 2)]
#[case("2512", 3)]
#[tokio::test]
async fn each_version_has_its_fields(#[case] release: &str, #[case] version: u8) {
    let bench = federation(release).await;
    let (fra, ams) = (pod(&bench, "FRA1").await, pod(&bench, "AMS1").await);
    let next = version + 1;
    let list = format!("/inventory/v{version}/global-sessions");
    assert_eq!(bench.get(&format!("/inventory/v{next}/global-sessions?pod_id={fra}")).await.0, 404);
    let rows = bench.rows(&format!("{list}?pod_id={fra}&page=1&size=100")).await;
    assert_eq!(rows.len(), 100);
    for row in &rows {
        assert_eq!(row["pod_id"], fra);
        assert_eq!(row["resourced_remotely"], true);
        for absent in ["desktop_pool_id", "farm_id", "machine_id", "rds_server_id", "local_access_group_id"] {
            assert!(row.get(absent).is_none(), "{absent} is another pod's");
        }
        for name in ["machine_or_rds_server_dns_name", "desktop_pool_or_farm_name", "site_id", "user_id"] {
            assert!(row[name].is_string(), "{name}");
        }
        assert_eq!(row.get("internal_session_id").is_some(), version >= 2);
        for name in ["user_name", "pod_name", "brokering_pod_name", "site_name", "machine_or_rds_server_name"]
        {
            assert_eq!(row.get(name).is_some(), version >= 3, "{name}");
        }
        let desktop = row.get("global_desktop_entitlement_id").is_some();
        assert_ne!(desktop, row.get("global_application_entitlement_ids").is_some());
        assert!(row.get("access_group_id").is_none() && row.get("guid").is_none());
    }
    let local = bench.rows(&format!("{list}?pod_id={ams}&page=1&size=100")).await;
    assert!(local.iter().all(|row| row["local_access_group_id"].is_string()));
    assert!(local.iter().any(|row| row["machine_id"].is_string()));
}

#[tokio::test]
async fn filters_and_sorting_came_with_2303() {
    let query = |fra: &str| {
        let filter = json!({"type": "Equals", "name": "session_state", "value": "DISCONNECTED"});
        format!("/inventory/v1/global-sessions?pod_id={fra}&sort_by=start_time&{}", Bench::filter(&filter))
    };
    let old = federation("2111").await;
    let all = old.rows(&query(&pod(&old, "FRA1").await)).await;
    assert!(all.iter().any(|row| row["session_state"] == "CONNECTED"), "ignored");
    let bench = federation("2303").await;
    let rows = bench.rows(&query(&pod(&bench, "FRA1").await)).await;
    assert!(!rows.is_empty() && rows.iter().all(|row| row["session_state"] == "DISCONNECTED"));
    assert!(rows.is_sorted_by_key(|row| row["start_time"].as_i64()));
    let fra = pod(&bench, "FRA1").await;
    let filter = Bench::filter(&json!({"type": "Equals", "name": "user_id", "value": "S-1"}));
    let path = format!("/inventory/v1/global-sessions?pod_id={fra}&{filter}");
    assert_eq!(
        bench.get(&path).await.0,
        StatusCode::BAD_REQUEST,
        "it is a parameter, not a field to filter by"
    );
}

#[tokio::test]
async fn without_a_federation_everything_but_its_state_is_a_409() {
    let bench = Bench::small().await;
    for path in [
        "/inventory/v3/global-sessions?pod_id=x",
        "/federation/v1/pods",
        "/federation/v1/pods/x/endpoints",
        "/federation/v3/sites",
        "/monitor/v1/pods",
        "/monitor/v2/pods",
        "/monitor/v1/pods/global-session-metrics",
    ] {
        assert_eq!(bench.get(path).await.0, StatusCode::CONFLICT, "{path}");
    }
    let body = json!([{"pod_id": "x", "ids": ["y"]}]);
    assert_eq!(bench.post(&format!("{ACTION}/logoff"), body).await.0, StatusCode::CONFLICT);
    assert_eq!(bench.good("/federation/v2/cpa").await["local_connection_server_status"], "DISABLED");
}

#[tokio::test]
async fn pods_sites_endpoints_and_health_fit_together() {
    let bench = federation("2512").await;
    let pods = bench.rows("/federation/v1/pods").await;
    let sites = bench.rows("/federation/v3/sites").await;
    assert_eq!((pods.len(), sites.len()), (3, 3));
    let health = bench.rows("/monitor/v2/pods").await;
    for (pod, health) in pods.iter().zip(&health) {
        let id = pod["id"].as_str().unwrap();
        let site = sites.iter().find(|site| site["id"] == pod["site_id"]).unwrap();
        assert_eq!(site["pods"], json!([id]));
        let endpoints = bench.rows(&format!("/federation/v1/pods/{id}/endpoints")).await;
        let listed: Vec<&Value> = endpoints.iter().map(|endpoint| &endpoint["id"]).collect();
        assert_eq!(json!(listed), pod["endpoints"]);
        let first = endpoints[0]["id"].as_str().unwrap();
        let one = bench.good(&format!("/federation/v1/pods/{id}/endpoints/{first}")).await;
        assert_eq!(one, endpoints[0]);
        assert_eq!(health["id"], id);
        assert_eq!(health["endpoints"].as_array().unwrap().len(), endpoints.len());
        assert!(health["endpoints"].as_array().unwrap().iter().all(|end| end["status"] == "ONLINE"));
        assert_eq!(&bench.good(&format!("/monitor/v1/pods/{id}")).await, health);
        assert!(!pod["active_global_desktop_entitlements"].as_array().unwrap().is_empty());
    }
    let old = bench.rows("/monitor/v1/pods").await;
    assert!(old[0]["endpoints"][0].get("last_updated_timestamp").is_none());
    let metrics = bench.rows("/monitor/v1/pods/global-session-metrics").await;
    let hosted: i64 = metrics.iter().map(|row| row["num_hosted_sessions"].as_i64().unwrap()).sum();
    let brokered: i64 = metrics.iter().map(|row| row["num_brokered_sessions"].as_i64().unwrap()).sum();
    assert_eq!((hosted, brokered), (600, 600));
}

#[tokio::test]
async fn what_this_pod_gave_to_others_is_in_its_own_list_too() {
    let bench = federation("2512").await;
    let rows = bench.rows("/inventory/v7/sessions").await;
    let elsewhere: Vec<&Value> = rows.iter().filter(|row| row["resourced_remotely"] == true).collect();
    let truth = bench.sim.control().ids_where(|one| one.pod != "AMS1" && one.brokering_pod == "AMS1");
    assert_eq!(elsewhere.len(), truth.len());
    assert!(!truth.is_empty());
    for row in &elsewhere {
        assert!(row.get("machine_id").is_none() && row.get("access_group_id").is_none());
        assert!(row["machine_or_rds_server_name"].is_string());
    }
    assert!(rows.iter().any(|row| row["brokered_remotely"] == true && row["resourced_remotely"] == false));
    let id = elsewhere[0]["id"].as_str().unwrap();
    assert_eq!(bench.good(&format!("/inventory/v7/sessions/{id}")).await["resourced_remotely"], true);
    // Acting on it takes the global path (method-map.md S2).
    let (status, why) = bench.act("logoff", id).await;
    assert_eq!(status, 400);
    assert!(why.contains("another pod hosts"), "{why}");
}

#[tokio::test]
async fn a_request_to_another_pod_is_written_here_and_what_came_of_it_there() {
    let bench = federation("2512").await;
    let fra = pod(&bench, "FRA1").await;
    let id = remote(&bench, "FRA1");
    let body = json!([{"pod_id": fra, "ids": [id, id]}]);
    let (status, answer) = bench.post(&format!("{ACTION}/logoff?forced=true"), body).await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!([{"details": [{"id": id, "status_code": 200}], "pod_id": fra, "status_code": 200}]);
    assert_eq!(answer, expected);
    bench.seconds(60);
    assert_eq!(bench.sim.control().ending(&id), Some(Ending::LoggedOffByForce));
    let sent = events(&bench, "VLSI_FEDERATED_DESKTOP_SESSION_LOGOFF_REQUEST_SENT").await;
    assert_eq!(sent.len(), 1);
    let text = format!("CORP\\admin has sent a session logoff request to pod FRA1 for session with id {id}");
    assert_eq!(
        (sent[0]["message"].as_str().unwrap(), &sent[0]["severity"]),
        (text.as_str(), &json!("AUDIT_SUCCESS"))
    );
    assert!(sent[0].get("machine_id").is_none() && sent[0].get("desktop_pool_name").is_none());
    let number = sent[0]["id"].as_i64().unwrap();
    let extended = bench.rows(&format!("/external/v1/audit-events/extended-attributes?ids={number}")).await;
    assert_eq!(extended[0]["event_data"]["PodName"], "FRA1");
    assert_eq!(extended[0]["event_data"]["SessionId"], id.as_str());
    assert!(
        events(&bench, "ADMIN_DESKTOP_SESSION_LOGOFF").await.is_empty(),
        "that is in the other pod's log"
    );
    let ended = events(&bench, "AGENT_ENDED").await;
    let theirs = |event: &Value| event["machine_dns_name"].as_str().unwrap().starts_with("fra-");
    assert!(!ended.iter().any(theirs));
}

#[tokio::test]
async fn the_rules_of_sessions_hold_on_other_pods() {
    let bench = federation("2512").await;
    let (fra, lis) = (pod(&bench, "FRA1").await, pod(&bench, "LIS1").await);
    let control = bench.sim.control();
    let locked = plain(&bench, |one| one.pod == "FRA1" && one.state == "DISCONNECTED");
    control.set_locked(&locked, true);
    let rds = plain(&bench, |one| one.pod == "FRA1" && one.kind == SessionKind::RdsDesktop);
    let other = remote(&bench, "LIS1");
    let body = json!([{"pod_id": fra, "ids": [locked, "nobody", other]}, {"pod_id": lis, "ids": [other]}]);
    let (_, answer) = bench.post(&format!("{ACTION}/logoff"), body).await;
    let codes = |pod: usize| -> Vec<u64> {
        answer[pod]["details"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["status_code"].as_u64().unwrap())
            .collect()
    };
    assert_eq!((codes(0), codes(1)), (vec![400, 404, 404], vec![200]));
    assert_eq!(answer[0]["status_code"], 200, "the pod itself answered");
    assert_eq!(answer[0]["details"][0]["errors"][0]["error_message"], "Session is locked.");
    let body = json!([{"pod_id": fra, "ids": [rds]}]);
    let (_, answer) = bench.post(&format!("{ACTION}/reset"), body).await;
    assert_eq!(answer[0]["details"][0]["status_code"], 400);
    let ghost = remote(&bench, "FRA1");
    control.set_ghost(&ghost, true);
    let body = json!([{"pod_id": fra, "ids": [ghost]}]);
    let (_, answer) = bench.post(&format!("{ACTION}/logoff?forced=true"), body).await;
    assert_eq!(answer[0]["details"][0]["status_code"], 200);
    bench.seconds(600);
    assert!(control.is_present(&ghost));
    // Refused there, but sent from here.
    assert_eq!(events(&bench, "VLSI_FEDERATED_DESKTOP_SESSION_RESET_REQUEST_SENT").await.len(), 1);
}

#[tokio::test]
async fn a_pod_that_is_down_fails_as_a_whole_and_alone() {
    let bench = federation("2512").await;
    let (fra, lis) = (pod(&bench, "FRA1").await, pod(&bench, "LIS1").await);
    let control = bench.sim.control();
    let (here, there) = (remote(&bench, "FRA1"), remote(&bench, "LIS1"));
    assert!(control.set_pod_down("FRA1", true));
    assert!(!control.set_pod_down("AMS1", true) && !control.set_pod_down("nowhere", true));
    let list = |id: &str| format!("/inventory/v3/global-sessions?pod_id={id}");
    let (status, error) = bench.get(&list(&fra)).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(error["errors"][0]["error_message"], "The pod FRA1 cannot be reached.");
    assert!(!bench.rows(&list(&lis)).await.is_empty());
    let body = json!({"global_session_action_specs":
        [{"pod_id": fra, "ids": [here]}, {"pod_id": lis, "ids": [there]}, {"pod_id": "x", "ids": ["y"]}],
        "message": "Save", "message_type": "INFO"});
    let (status, answer) = bench.post(&format!("{ACTION}/send-message"), body).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&answer[0]["status_code"], &answer[0]["details"]), (&json!(503), &json!([])));
    assert_eq!(answer[0]["error_messages"][0], "The pod FRA1 cannot be reached.");
    assert!(answer[0]["timestamp"].is_i64());
    assert_eq!(answer[1]["details"][0]["status_code"], 200);
    assert_eq!(answer[2]["status_code"], 404);
    assert!(control.session(&here).unwrap().messages.is_empty());
    assert_eq!(control.session(&there).unwrap().messages, ["Save"]);
    let health = bench.rows("/monitor/v2/pods").await;
    let words: Vec<&str> = health.iter().map(|pod| pod["endpoints"][0]["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["ONLINE", "OFFLINE", "ONLINE"]);
    bench.seconds(10);
    let failed = events(&bench, "VLSI_FEDERATED_DESKTOP_SESSION_SEND_MESSAGE_REQUEST_SEND_FAILED").await;
    assert_eq!(failed.len(), 1);
    assert!(failed[0]["message"].as_str().unwrap().ends_with(&format!("with id {here} with message (Save)")));
    assert_eq!(events(&bench, "VLSI_FEDERATED_DESKTOP_SESSION_SEND_MESSAGE_REQUEST_SENT").await.len(), 1);
    assert!(control.set_pod_down("fra1", false));
    assert!(!bench.rows(&list(&fra)).await.is_empty());
}

#[tokio::test]
async fn a_fault_names_a_pod_that_is_there() {
    let with = |fault: &str| SimOptions {
        faults: vec![fault.parse::<FaultSpec>().unwrap()],
        sessions: Some(50),
        ..SimOptions::manual("federation")
    };
    for (fault, why) in [("pod-down=FRA2", "there are FRA1, LIS1"), ("pod-down=AMS1", "use `down`")] {
        let error = start(with(fault)).await.unwrap_err();
        assert!(matches!(error, SimError::NoSuchPod { .. }) && error.to_string().contains(why), "{error}");
    }
    let bench = Bench::with(with("pod-down=fra1@global-sessions")).await;
    let fra = pod(&bench, "FRA1").await;
    assert_eq!(bench.get(&format!("/inventory/v1/global-sessions?pod_id={fra}")).await.0, 500);
    assert_eq!(bench.rows("/monitor/v2/pods").await[1]["endpoints"][0]["status"], "ONLINE");
}

#[tokio::test]
async fn privileges_decide_who_sees_and_who_acts() {
    let mut bench = federation("2512").await;
    let fra = pod(&bench, "FRA1").await;
    let id = remote(&bench, "FRA1");
    let body = || json!([{"pod_id": fra, "ids": [id]}]);
    bench.log_in("viewer").await;
    assert!(!bench.rows(&format!("/inventory/v3/global-sessions?pod_id={fra}")).await.is_empty());
    assert_eq!(bench.rows("/monitor/v2/pods").await.len(), 3);
    for verb in ["disconnect", "logoff", "reset", "restart"] {
        assert_eq!(bench.post(&format!("{ACTION}/{verb}"), body()).await.0, StatusCode::FORBIDDEN, "{verb}");
    }
    bench.log_in("helpdesk").await;
    assert_eq!(bench.get("/federation/v1/pods").await.0, StatusCode::FORBIDDEN);
    assert!(bench.rows(&format!("/inventory/v3/global-sessions?pod_id={fra}")).await.is_empty());
    assert_eq!(bench.post(&format!("{ACTION}/restart"), body()).await.0, StatusCode::FORBIDDEN);
    let (status, answer) = bench.post(&format!("{ACTION}/disconnect"), body()).await;
    assert_eq!((status, &answer[0]["details"][0]["status_code"]), (StatusCode::OK, &json!(403)));
    bench.seconds(10);
    let failed = events(&bench, "VLSI_FEDERATED_DESKTOP_SESSION_DISCONNECT_REQUEST_SEND_FAILED").await;
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["severity"], "AUDIT_FAIL");
}

/// Rights on a federation access group reach the sessions that came through its entitlements, wherever they run.
#[tokio::test]
async fn a_federation_access_group_has_its_own_sessions() {
    let text = format!(
        "{}\n[[permissions]]\nuser = \"helpdesk\"\nrole = \"Global Session Operators\"\nfederation_group = \"Europe\"\n",
        include_str!("../worlds/federation.toml")
    );
    let options = SimOptions {
        world: WorldSource::Toml(text),
        sessions: Some(600),
        ..SimOptions::manual("federation")
    };
    let mut bench = Bench::with(options).await;
    let groups = bench.rows("/config/v2/federation-access-groups").await;
    let group = |name: &str| groups.iter().find(|group| group["name"] == name).unwrap()["id"].clone();
    let (fra, lis) = (pod(&bench, "FRA1").await, pod(&bench, "LIS1").await);
    let list = |id: &str| format!("/inventory/v3/global-sessions?pod_id={id}");
    for (id, name) in [(&fra, "Europe"), (&lis, "Root")] {
        let rows = bench.rows(&list(id)).await;
        assert!(rows.iter().all(|row| row["federated_access_group_ids"] == json!([group(name)])), "{name}");
    }
    let (here, there) = (remote(&bench, "FRA1"), remote(&bench, "LIS1"));
    bench.log_in("helpdesk").await;
    assert!(!bench.rows(&list(&fra)).await.is_empty());
    assert!(bench.rows(&list(&lis)).await.is_empty());
    let pods = bench.rows("/federation/v1/pods").await;
    assert!(pods.iter().all(|pod| pod.get("endpoints").is_none()), "for the root group only");
    let body = json!([{"pod_id": fra, "ids": [here]}, {"pod_id": lis, "ids": [there]}]);
    let (_, answer) = bench.post(&format!("{ACTION}/disconnect"), body).await;
    let code = |pod: usize| answer[pod]["details"][0]["status_code"].as_u64().unwrap();
    assert_eq!((code(0), code(1)), (200, 403));
}

#[tokio::test]
async fn unusable_bodies_are_refused_as_a_whole() {
    let bench = federation("2512").await;
    for body in
        [json!(["x"]), json!([]), json!([{"pod_id": "x", "ids": []}]), json!([{"ids": ["x"]}]), json!({})]
    {
        let (status, _) = bench.post(&format!("{ACTION}/logoff"), body.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    }
    let message = json!({"global_session_action_specs": [{"pod_id": "x", "ids": ["y"]}], "message": "hello",
        "message_type": "LOUD"});
    assert_eq!(bench.post(&format!("{ACTION}/send-message"), message).await.0, StatusCode::BAD_REQUEST);
}
