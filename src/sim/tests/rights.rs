//! Permissions, roles and access groups as the API has them, and who may read and change them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::client::Bench;
use crate::sim::SimOptions;

/// Sends an order with a body.
async fn order(bench: &Bench, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let url = format!("{}/rest{path}", bench.sim.url());
    let sent = bench.http.request(method, url).bearer_auth(&bench.token).json(&body).send().await.unwrap();
    let status = sent.status();
    (status, serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap_or(Value::Null))
}

async fn of_release(release: &str) -> Bench {
    Bench::with(SimOptions { release: release.parse().unwrap(), ..SimOptions::manual("small") }).await
}

fn spec(bench: &Bench, sid: &str, role: &str, group: &str) -> Value {
    let control = bench.sim.control();
    json!({
        "ad_user_or_group_id": control.sid(sid).unwrap(),
        "role_id": control.role_id(role).unwrap(),
        "local_access_group_id": control.access_group_id(group).unwrap(),
    })
}

#[tokio::test]
async fn each_call_asks_for_its_own_privilege() {
    let mut bench = Bench::with(SimOptions { sessions: Some(60), ..SimOptions::manual("federation") }).await;
    let permission = bench.sim.control().permissions()[0].id.clone();
    let role = bench.sim.control().role_id("Administrators").unwrap();
    let reads = [
        "/config/v2/permissions".to_owned(),
        format!("/config/v1/permissions/{permission}"),
        "/config/v1/roles".to_owned(),
        format!("/config/v1/roles/{role}"),
        "/config/v1/privileges".to_owned(),
        "/config/v2/local-access-groups".to_owned(),
        "/config/v2/federation-access-groups".to_owned(),
    ];
    // Help desk and finance have FOLDER_VIEW, which opens access groups and nothing else.
    for (login, allowed) in [
        ("admin", [true; 7]),
        ("viewer", [true; 7]),
        ("helpdesk", [false, false, false, false, false, true, true]),
        ("finance-lead", [false, false, false, false, false, true, true]),
    ] {
        bench.log_in(login).await;
        for (path, allowed) in reads.iter().zip(allowed) {
            let expected = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(bench.get(path).await.0, expected, "{login} {path}");
        }
        let manages = login == "admin";
        for (method, path, body) in [
            (Method::POST, "/config/v2/permissions".to_owned(), json!([])),
            (Method::DELETE, "/config/v2/permissions".to_owned(), json!([])),
            (Method::POST, "/config/v1/roles".to_owned(), json!({})),
            (Method::PUT, format!("/config/v1/roles/{role}"), json!({"privileges": []})),
            (Method::DELETE, format!("/config/v1/roles/{role}"), Value::Null),
        ] {
            let expected = if manages { StatusCode::BAD_REQUEST } else { StatusCode::FORBIDDEN };
            assert_eq!(
                order(&bench, method.clone(), &path, body).await.0,
                expected,
                "{login} {method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn what_a_release_has_not_is_not_found() {
    for (release, path, there) in [
        ("2111", "/config/v1/permissions", false),
        ("2206", "/config/v1/permissions", true),
        ("2306", "/config/v2/permissions", false),
        ("2309", "/config/v2/permissions", true),
        ("2111", "/config/v1/roles", false),
        ("2206", "/config/v1/privileges", true),
        ("2111", "/config/v2/local-access-groups", false),
        ("2103", "/config/v1/local-access-groups", true),
    ] {
        let status = of_release(release).await.get(path).await.0;
        assert_eq!(status == StatusCode::OK, there, "{release} {path}: {status}");
    }
    let bench = of_release("2512").await;
    assert_eq!(bench.get("/config/v2/federation-access-groups").await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn versions_differ_in_what_they_tell() {
    let bench = Bench::small().await;
    let old = bench.rows("/config/v1/permissions").await;
    let new = bench.rows("/config/v2/permissions").await;
    assert_eq!(old.len(), new.len());
    assert!(old.iter().all(|row| row.get("display_name").is_none() && row.get("group").is_none()));
    let gone: Vec<&Value> = new.iter().filter(|row| row.get("display_name").is_none()).collect();
    assert_eq!(gone.len(), 1, "a name that no longer resolves");
    assert!(gone[0].get("group").is_none());
    let admin = new.iter().find(|row| row["display_name"] == "corp.example\\admin").unwrap();
    assert_eq!(admin["group"], false);
    let id = admin["id"].as_str().unwrap();
    assert_eq!(&bench.good(&format!("/config/v2/permissions/{id}")).await, admin);
    let some = bench.rows(&format!("/config/v2/permissions?ids={id}&ids=nothing")).await;
    assert_eq!(some, std::slice::from_ref(admin));
    let many = "ids=x&".repeat(101);
    assert_eq!(bench.get(&format!("/config/v2/permissions?{many}")).await.0, StatusCode::BAD_REQUEST);
    let group = &bench.rows("/config/v1/local-access-groups").await[0];
    assert!(group.get("permission_ids").is_none());
    let groups = bench.rows("/config/v2/local-access-groups").await;
    let listed: usize = groups.iter().map(|group| group["permission_ids"].as_array().unwrap().len()).sum();
    assert_eq!(listed, new.len(), "each permission is on one local access group");
}

#[tokio::test]
async fn bulk_calls_answer_200_for_every_item_in_order() {
    let bench = Bench::small().await;
    let bad = json!({"ad_user_or_group_id": "S-1", "role_id": "r"});
    let (status, items) = bench.post("/config/v2/permissions", json!([bad, bad])).await;
    assert_eq!((status, items.as_array().unwrap().len()), (StatusCode::OK, 2), "also when all fail");
    assert!(items[0].get("id").is_none() && items[0]["timestamp"].is_i64());
    let good = spec(&bench, "m.ito", "Second Line", "Root");
    let (_, items) = bench.post("/config/v2/permissions", json!([bad, good, bad])).await;
    let codes: Vec<u64> =
        items.as_array().unwrap().iter().map(|item| item["status_code"].as_u64().unwrap()).collect();
    assert_eq!(codes, [400, 201, 400]);
    let id = items[1]["id"].clone();
    let (_, items) = order(&bench, Method::DELETE, "/config/v1/permissions", json!(["gone", id, id])).await;
    let codes: Vec<u64> =
        items.as_array().unwrap().iter().map(|item| item["status_code"].as_u64().unwrap()).collect();
    assert_eq!(codes, [404, 200, 404]);
    assert_eq!(items[0]["errors"][0]["error_message"], "Entity does not exist.");
    for body in [json!({}), json!([7]), json!([{"role_id": "r"}]), json!([{"userOrGroup": "S-1"}])] {
        assert_eq!(
            bench.post("/config/v2/permissions", body.clone()).await.0,
            StatusCode::BAD_REQUEST,
            "{body}"
        );
    }
}

#[tokio::test]
async fn roles_are_made_changed_and_deleted() {
    let bench = Bench::small().await;
    let create =
        |name: &str| json!({"name": name, "privileges": ["MACHINE_REBOOT", "ADMINISTRATOR", "NONSENSE"]});
    let (status, body) = bench.post("/config/v1/roles", create("Restarters")).await;
    assert_eq!((status, body), (StatusCode::CREATED, Value::Null));
    assert_eq!(bench.post("/config/v1/roles", create("restarters")).await.0, StatusCode::CONFLICT);
    assert_eq!(bench.post("/config/v1/roles", create("a/b")).await.0, StatusCode::BAD_REQUEST);
    let path = format!("/config/v1/roles/{}", bench.sim.control().role_id("Restarters").unwrap());
    let role = bench.good(&path).await;
    assert_eq!(role["privileges"], json!(["MACHINE_REBOOT", "MACHINE_VIEW"]), "with what comes along");
    assert!(role.get("built_in_role_type").is_none());
    assert_eq!(
        (&role["applies_to_local_access_group"], &role["applies_to_federation_access_group"]),
        (&json!(true), &json!(false))
    );
    let update = json!({"privileges": ["GLOBAL_ROLE_VIEW"], "description": "Looks"});
    assert_eq!(order(&bench, Method::PUT, &path, update.clone()).await.0, StatusCode::NO_CONTENT);
    let role = bench.good(&path).await;
    assert_eq!(
        (&role["description"], &role["applies_to_local_access_group"]),
        (&json!("Looks"), &json!(false))
    );
    // Its permissions go with it.
    let given = spec(&bench, "m.ito", "Restarters", "Root");
    bench.post("/config/v2/permissions", json!([given])).await;
    let before = bench.sim.control().permissions().len();
    assert_eq!(order(&bench, Method::DELETE, &path, Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(order(&bench, Method::DELETE, &path, Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.sim.control().permissions().len(), before - 1);
    let built_in = format!("/config/v1/roles/{}", bench.sim.control().role_id("Administrators").unwrap());
    assert_eq!(order(&bench, Method::PUT, &built_in, update).await.0, StatusCode::BAD_REQUEST);
    bench.seconds(10);
    let events = bench.rows("/external/v2/audit-events").await;
    let mut kinds: Vec<&str> = events.iter().filter_map(|row| row["type"].as_str()).collect();
    kinds.retain(|kind| kind.starts_with("ADMIN_ROLE_"));
    kinds.sort_unstable();
    let expected = [
        "ADMIN_ROLE_ADDED",
        "ADMIN_ROLE_ADD_FAILED",
        "ADMIN_ROLE_ADD_FAILED",
        "ADMIN_ROLE_PRIV_UPDATED",
        "ADMIN_ROLE_PRIV_UPDATE_FAILED",
        "ADMIN_ROLE_REMOVED",
        "ADMIN_ROLE_REMOVE_FAILED",
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn permissions_of_a_role_are_told_only_to_who_may_see_permissions() {
    let mut bench = Bench::small().await;
    let role = json!({"name": "Role readers", "privileges": ["GLOBAL_ROLE_VIEW"]});
    bench.post("/config/v1/roles", role).await;
    let given = spec(&bench, "finance-lead", "Role readers", "Root");
    bench.post("/config/v2/permissions", json!([given])).await;
    assert!(bench.rows("/config/v1/roles").await[0]["permission_ids"].is_array());
    bench.log_in("finance-lead").await;
    assert!(bench.rows("/config/v1/roles").await[0].get("permission_ids").is_none());
}

#[tokio::test]
async fn rights_add_up_over_groups_and_roles() {
    let bench = Bench::small().await;
    let given = json!([
        spec(&bench, "Finance Leads", "Sessions-Only", "Engineering"),
        spec(&bench, "finance-lead", "Access Managers", "Finance"),
    ]);
    bench.post("/config/v2/permissions", given).await;
    let path = "/config/v1/admin-users-or-groups/permissions";
    let sid = bench.sim.control().sid("finance-lead").unwrap();
    let rights = bench.good(&format!("{path}?ad_user_or_group_id={sid}")).await;
    assert_eq!((&rights["id"], &rights["help_desk_admin"]), (&json!(sid), &json!(false)));
    let local = rights["local_privileges_info"].as_array().unwrap();
    let names: Vec<&str> = local.iter().filter_map(|held| held["access_group_name"].as_str()).collect();
    assert_eq!(names, ["Finance", "Engineering"]);
    let finance = local[0]["privileges"].as_array().unwrap();
    assert!(finance.contains(&json!("MACHINE_REBOOT")) && finance.contains(&json!("GLOBAL_PERMISSION_VIEW")));
    assert_eq!(finance.iter().filter(|name| **name == json!("FOLDER_VIEW")).count(), 1, "a set");
    // Before 2309 the parameter is not known: the answer is about the caller.
    let old = of_release("2306").await;
    let admin = old.sim.control().sid("admin").unwrap();
    assert_eq!(old.good(&format!("{path}?ad_user_or_group_id={sid}")).await["id"], json!(admin));
    assert_eq!(of_release("2206").await.get(path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_directory_is_searched_without_regard_to_case() {
    let bench = Bench::small().await;
    for (filter, group_only, expected) in [
        (json!({"type": "StartsWith", "name": "login_name", "value": "VDI-"}), "", 2),
        (json!({"type": "StartsWith", "name": "login_name", "value": "vdi-"}), "&group_only=false", 0),
        (json!({"type": "Contains", "name": "name", "value": "ITO"}), "&group_only=false", 1),
        (json!({"type": "Equals", "name": "description", "value": "service account"}), "", 1),
    ] {
        let query = Bench::filter(&filter);
        let rows = bench.rows(&format!("/external/v1/ad-users-or-groups?{query}{group_only}")).await;
        assert_eq!(rows.len(), expected, "{filter}{group_only}");
    }
    let sid = bench.sim.control().sid("vdi-operators").unwrap();
    let group = bench.good(&format!("/external/v4/ad-users-or-groups/{sid}")).await;
    assert_eq!(group["group_membership_ids"], json!([bench.sim.control().sid("vdi-helpdesk").unwrap()]));
    assert_eq!((&group["group"], &group["domain_net_biosname"]), (&json!(true), &json!("CORP")));
}

#[tokio::test]
async fn every_built_in_world_has_believable_permissions() {
    for (world, least) in [("small", 8), ("helpdesk", 25), ("federation", 12)] {
        let bench = Bench::with(SimOptions { sessions: Some(60), ..SimOptions::manual(world) }).await;
        let permissions = bench.sim.control().permissions();
        assert!(permissions.len() >= least, "{world}: {}", permissions.len());
        assert!(permissions.iter().any(|known| known.principal.is_none()), "{world}: a dead SID");
        let direct = |known: &&crate::sim::PermissionTruth| {
            known.role == "Administrators"
                && !known.group
                && known.principal.as_deref() != Some("CORP\\admin")
        };
        assert!(permissions.iter().any(|known| direct(&known)), "{world}: a direct full administrator");
        assert!(permissions.iter().any(|known| known.group && known.role == "Image Managers"), "{world}");
        let mut ids: Vec<&String> = permissions.iter().map(|known| &known.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), permissions.len());
    }
}
