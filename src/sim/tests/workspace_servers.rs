//! App groups, app server groups and app servers of the Workspace face.

use serde_json::{Value, json};

use super::cloud::Cloud;

#[tokio::test]
async fn app_groups_are_made_changed_and_deleted() {
    let cloud = Cloud::small().await;
    let list = cloud.good("app-groups").await;
    assert_eq!((&list["count"], &list["items"][0]["name"]), (&json!(2), &json!("Office")));
    assert_eq!(list["items"][0]["app_type"], "COMMON_APP");
    let server_group = list["items"][0]["app_server_group_id"].as_str().unwrap();
    assert_eq!(cloud.good("app-groups?app_type=SESSION_DESKTOP_APP").await["count"], 1);
    assert_eq!(cloud.get("app-groups?app_type=OTHER").await.status, 400);
    let made = cloud.post("app-groups", json!({"name": "New", "description": "d"})).await;
    assert_eq!((made.status, &made.body["app_server_group_id"]), (200, &json!("")), "{}", made.body);
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(cloud.post("app-groups", json!({"name": "New"})).await.status, 409);
    assert_eq!(cloud.post("app-groups", json!({"name": ""})).await.status, 400);
    assert_eq!(cloud.post("app-groups", json!({"name": "X", "app_server_group_id": "no"})).await.status, 404);
    let path = format!("app-groups/{id}");
    let bound = cloud.patch(&path, json!({"app_server_group_id": server_group, "name": "Newer"})).await;
    assert_eq!((bound.status, &bound.body["name"]), (200, &json!("Newer")));
    assert_eq!(cloud.patch(&path, json!({"app_server_group_id": server_group})).await.status, 409);
    let shown = cloud.good(&path).await;
    assert_eq!(shown["app_server_group_description"], "Office applications");
    assert_eq!(cloud.good(&format!("{path}/apps")).await["count"], 3);
    assert_eq!(cloud.good(&format!("{path}/apps?name=excel")).await["items"][0]["state"], "NORMAL");
    let check = |name: &str| cloud.post("app-groups/rules/validate", json!({"name": name}));
    assert_eq!(check("Free").await.body, json!({"result": true}));
    assert_eq!(check("Newer").await.body, json!({"result": false, "validate_rule": "duplicate"}));
    assert_eq!(check("").await.body["validate_rule"], "naming");
    for _ in 0..2 {
        let gone = cloud.call("DELETE", &path, None).await;
        assert!(gone.status == 200 && gone.empty, "also when it is gone");
    }
    assert_eq!(cloud.get(&path).await.status, 404);
    assert_eq!(cloud.post("app-groups/batch-delete", json!({"ids": ["a"]})).await.status, 200);
}

#[tokio::test]
async fn authorizations_are_given_and_taken() {
    let cloud = Cloud::small().await;
    let group = cloud.good("app-groups?name=front").await["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("app-groups/actions/list-authorizations?app_group_id={group}");
    let before = cloud.good(&path).await["count"].as_u64().unwrap();
    assert!(before >= 10, "{before}");
    let body = json!({"app_group_ids": [group], "accounts": [
        {"account": "new.user", "account_type": "USER"},
        {"account": "Contractors", "account_type": "USER_GROUP", "id": "g-1", "platform_type": "AD"},
    ]});
    for _ in 0..2 {
        let got = cloud.post("app-groups/authorizations", body.clone()).await;
        assert!(got.status == 200 && got.empty, "{}", got.body);
    }
    assert_eq!(cloud.good(&path).await["count"], before + 2);
    let mine = cloud.good(&format!("{path}&account=Contractors&account_type=USER_GROUP")).await;
    let row = &mine["authorizations"][0];
    assert_eq!(
        (&row["account_id"], &row["app_id"], &row["app_group_name"]),
        (&json!("g-1"), &json!(""), &json!("Front office"))
    );
    for bad in [
        json!({"app_group_ids": [group], "accounts": [{"account": "G", "account_type": "USER_GROUP"}]}),
        json!({"app_group_ids": [], "accounts": [{"account": "a", "account_type": "USER"}]}),
        json!({"app_group_ids": [group], "accounts": []}),
        json!({"app_group_ids": [group], "accounts": [{"account": "a", "account_type": "ROBOT"}]}),
    ] {
        assert_eq!(cloud.post("app-groups/authorizations", bad).await.status, 400);
    }
    let unknown = json!({"app_group_ids": ["no"], "accounts": [{"account": "a", "account_type": "USER"}]});
    assert_eq!(cloud.post("app-groups/authorizations", unknown).await.status, 404);
    for _ in 0..2 {
        let got = cloud.post("app-groups/actions/batch-delete-authorization", body.clone()).await;
        assert!(got.status == 200 && got.empty);
    }
    assert_eq!(cloud.good(&path).await["count"], before);
}

#[tokio::test]
async fn server_groups_tell_the_state_of_their_servers() {
    let cloud = Cloud::small().await;
    let groups = cloud.good("app-server-groups").await;
    assert_eq!(groups["count"], 2);
    let desk =
        groups["items"].as_array().unwrap().iter().find(|row| row["name"] == "shared-desktop").unwrap();
    assert_eq!((&desk["app_server_count"], &desk["app_group_count"]), (&json!(3), &json!(1)));
    assert_eq!(desk["server_group_status"], true);
    let id = desk["id"].as_str().unwrap();
    let state = cloud.good(&format!("app-server-groups/{id}/state")).await;
    assert_eq!(state, json!({"aps_status": {"MAINTAINING": 1, "REGISTERED": 1, "STOPPED": 1}}));
    let shown = cloud.good(&format!("app-server-groups/{id}")).await;
    assert!(shown["route_policy"]["max_session"].is_number());
    assert_eq!(cloud.good("app-server-groups?server_group_name=OFFICE").await["count"], 1);
    assert_eq!(cloud.good("app-server-groups/actions/list?sever_group_name=office").await["count"], 1);
    assert!(cloud.good("app-server-groups/resources/restrict").await["max_group_count"].is_number());
    for path in ["app-server-groups/no", "app-server-groups/no/state"] {
        assert_eq!(cloud.get(path).await.status, 404);
    }
}

/// The row of a server.
async fn server(cloud: &Cloud, id: &str) -> Value {
    cloud.good(&format!("app-servers?server_id={id}")).await["items"][0].clone()
}

#[tokio::test]
async fn servers_reboot_stop_start_and_are_maintained() {
    let cloud = Cloud::small().await;
    let rows = cloud.good("app-servers?limit=100").await;
    assert_eq!(rows["count"], 6);
    let busy =
        rows["items"].as_array().unwrap().iter().find(|row| row["session_count"].as_u64() > Some(0)).unwrap();
    let id = busy["id"].as_str().unwrap();
    assert_eq!(
        (&busy["status"], &busy["vm_status"], &busy["task_status"]),
        (&json!("REGISTERED"), &json!("ACTIVE"), &json!("null"))
    );
    assert!(cloud.good(&format!("app-servers/{id}")).await["addresses"].is_object());
    let act = |verb: &str, body: Value| {
        let path = format!("app-servers/actions/{verb}");
        let cloud = &cloud;
        async move { cloud.patch(&path, body).await }
    };
    for (verb, bad) in [
        ("batch-reboot", json!({"items": [id]})),
        ("batch-reboot", json!({"items": [id], "type": "soft"})),
        ("batch-reboot", json!({"items": vec!["a"; 21], "type": "SOFT"})),
        ("batch-stop", json!({"items": [id]})),
        ("batch-start", json!({})),
        ("batch-maint", json!({"items": [id]})),
    ] {
        assert_eq!(act(verb, bad).await.status, 400, "{verb}");
    }
    assert_eq!(act("batch-start", json!({"items": ["no"]})).await.status, 404);
    let done = act("batch-maint", json!({"items": [id], "maintain_status": true})).await;
    assert!(done.status == 200 && done.empty);
    assert_eq!(server(&cloud, id).await["status"], "MAINTAINING");
    assert_eq!(cloud.good("app-servers?maintain_status=true").await["count"], 2);
    act("batch-maint", json!({"items": [id], "maintain_status": false})).await;
    let done = act("batch-reboot", json!({"items": [id], "type": "HARD"})).await;
    assert!(done.status == 200 && done.empty);
    let row = server(&cloud, id).await;
    assert_eq!(
        (&row["vm_status"], &row["task_status"], &row["session_count"]),
        (&json!("HARD_REBOOT"), &json!("rebooting_hard"), &json!(0))
    );
    assert_eq!(act("batch-stop", json!({"items": [id], "type": "SOFT"})).await.status, 400, "busy");
    cloud.seconds(30);
    let row = server(&cloud, id).await;
    assert_eq!(
        (&row["vm_status"], &row["task_status"], &row["status"]),
        (&json!("ACTIVE"), &json!("null"), &json!("REGISTERED"))
    );
    act("batch-stop", json!({"items": [id], "type": "SOFT"})).await;
    cloud.seconds(20);
    assert_eq!(server(&cloud, id).await["status"], "STOPPED");
    act("batch-start", json!({"items": [id]})).await;
    cloud.seconds(40);
    assert_eq!(server(&cloud, id).await["status"], "REGISTERED");
    let renamed = cloud.patch(&format!("app-servers/{id}"), json!({"description": "drained"})).await;
    assert!(renamed.status == 200 && renamed.empty);
    assert_eq!(server(&cloud, id).await["description"], "drained");
    assert_eq!(cloud.patch("app-servers/no", json!({})).await.status, 404);
}

#[tokio::test]
async fn what_takes_long_is_a_job_of_another_backend() {
    let cloud = Cloud::small().await;
    let servers = cloud.good("app-servers?maintain_status=false").await;
    let ids: Vec<&str> =
        servers["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let image = servers["items"][0]["image_id"].clone();
    let path = format!("app-servers/{}/actions/change-image", ids[0]);
    for bad in [json!({}), json!({"image_id": "i", "image_type": "gold", "os_type": "Windows"})] {
        assert_eq!(cloud.post(&path, bad).await.status, 400);
    }
    let same = json!({"image_id": image, "image_type": "private", "os_type": "Windows"});
    assert_eq!(cloud.post(&path, same).await.status, 400, "the image it has");
    let new = json!({"image_id": "new-image", "image_type": "private", "os_type": "Windows"});
    let got = cloud.post(&path, new).await;
    let job = got.body["job_id"].as_str().unwrap().to_owned();
    assert_eq!(server(&cloud, ids[0]).await["task_status"], "rebuilding");
    let many = cloud
        .post("app-servers/actions/batch-reinstall", json!({"server_ids": [ids[0], ids[1], "no"]}))
        .await;
    assert_eq!(many.status, 200);
    let said: Vec<bool> = many.items().iter().map(|item| item["error_code"] == "").collect();
    assert_eq!(said, [false, true, false], "{}", many.body);
    let show = || async {
        let url = format!("{}/v2/{}/job/{job}", cloud.sim.url(), cloud.access.project_id);
        let answer = cloud.http.get(url).header("x-auth-token", &cloud.access.token).send().await.unwrap();
        super::cloud::Got::of(answer).await.body
    };
    assert_eq!(show().await["status"], "WAITING");
    cloud.seconds(60);
    let done = show().await;
    assert_eq!((&done["status"], &done["job_type"]), (&json!("SUCCESS"), &json!("CHANGE_SERVER_IMAGE")));
    assert_eq!((&done["sub_jobs"][0]["error_code"], &done["sub_jobs_total"]), (&json!(""), &json!(1)));
    let row = server(&cloud, ids[0]).await;
    assert_eq!(
        (&row["image_id"], &row["status"], &row["job_id"]),
        (&json!("new-image"), &json!("REGISTERED"), &json!(job))
    );
    for path in ["app-servers/actions/batch-rejoin-domain", "app-servers/access-agent/actions/upgrade"] {
        let got = cloud.patch(path, json!({"items": [ids[2]]})).await;
        assert!(got.status == 200 && got.body["job_id"].is_string(), "{path}");
        cloud.seconds(60);
    }
    let group = row["server_group_id"].as_str().unwrap();
    let alone = cloud
        .post(&format!("app-groups/actions/disassociate-app-group?server_group_id={group}"), json!({}))
        .await;
    assert!(alone.status == 200 && alone.empty);
    assert_eq!(cloud.good(&format!("app-groups?app_server_group_id={group}")).await["count"], 0);
}
