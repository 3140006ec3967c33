//! The routes of the Workspace face.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::cloud::{Cloud, Got};
use crate::sim::SimOptions;

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn lists_are_paged_to_the_end_and_past_it() {
    let cloud = Cloud::with(SimOptions::manual("helpdesk")).await;
    let window = cloud.window(40);
    let first = cloud.get(&window).await;
    let total = first.count();
    assert_eq!(first.items().len(), 10, "ten when nothing is asked for");
    let mut seen = BTreeSet::new();
    let mut offset = 0;
    loop {
        let page = cloud.get(&format!("{window}&limit=100&offset={offset}")).await;
        assert_eq!(page.count(), total);
        if page.items().is_empty() {
            break;
        }
        seen.extend(ids(page.items()));
        offset += page.items().len();
    }
    assert!(seen.len() as u64 == total && total > 400, "{} of {total}", seen.len());
    let past = cloud.get(&format!("{window}&offset=2147483647")).await;
    assert_eq!((past.status, past.count(), past.items().len()), (200, total, 0));
    for path in ["app-servers", "app-groups/actions/list-authorizations", "image-server-jobs"] {
        let path = format!("{path}?job_type=CREATE_SERVER_IMAGE");
        for bad in ["limit=0", "limit=101", "limit=x", "limit=", "offset=-1", "offset=x"] {
            let got = cloud.get(&format!("{path}&{bad}")).await;
            assert_eq!((got.status, got.code()), (400, "WKS.00211102"), "{path} {bad}");
        }
        let got = cloud.get(&format!("{path}&limit=100")).await;
        assert_eq!(got.status, 200, "{path}");
    }
}

#[tokio::test]
async fn image_servers_are_listed_filtered_shown_and_changed() {
    let cloud = Cloud::small().await;
    let list = cloud.good("image-servers").await;
    assert_eq!(list["count"], 4);
    let rows = list["items"].as_array().unwrap();
    let statuses: BTreeSet<&str> = rows.iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["ACTIVE", "BUILT", "CREATING", "ERROR"].into());
    let names: BTreeSet<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "app_group_id",
        "authorize_accounts",
        "create_time",
        "description",
        "enterprise_project_id",
        "id",
        "image_id",
        "image_ref",
        "instance_id",
        "name",
        "server_group_id",
        "server_id",
        "status",
        "update_time",
    ];
    assert_eq!(names, expected.into());
    let id = cloud.image_server("img-desktop");
    let shown = cloud.good(&format!("image-servers/{id}")).await;
    assert!(rows.contains(&shown), "the same data as the list");
    assert_ne!(shown["server_id"], shown["id"]);
    assert_eq!(shown["image_ref"]["image_type"], "gold");
    assert!(shown["image_ref"]["spce_code"].is_string());
    assert_eq!(cloud.good("image-servers?server_name=DESK").await["count"], 1);
    assert_eq!(cloud.good(&format!("image-servers?server_id={id}")).await["count"], 1);
    assert_eq!(cloud.good("image-servers?server_id=nobody").await["count"], 0);
    let unknown = cloud.get("image-servers/nobody").await;
    assert_eq!((unknown.status, unknown.code()), (404, "WKS.00211902"));
    let body = json!({"name": "办公_2", "description": ""});
    let changed = cloud.patch(&format!("image-servers/{id}"), body).await;
    assert!(changed.status == 200 && changed.empty);
    assert_eq!(cloud.good(&format!("image-servers/{id}")).await["name"], "办公_2");
    for bad in [json!({"name": ""}), json!({"name": "a b"}), json!({"name": 5}), json!([])] {
        assert_eq!(cloud.patch(&format!("image-servers/{id}"), bad).await.status, 400);
    }
    assert_eq!(cloud.patch("image-servers/nobody", json!({"name": "a"})).await.status, 404);
}

#[tokio::test]
async fn image_servers_are_deleted_by_a_job_that_follows() {
    let cloud = Cloud::small().await;
    let path = "image-servers/actions/batch-delete";
    let broken = cloud.image_server("img-broken");
    let creating = cloud.image_server("img-new");
    for bad in [
        json!({"items": [broken]}),
        json!({"recursive": true}),
        json!({"items": [], "recursive": true}),
        json!({"items": [broken, broken], "recursive": true}),
        json!({"items": vec!["x"; 21], "recursive": true}),
        json!({"items": [creating], "recursive": true}),
    ] {
        assert_eq!(cloud.patch(path, bad.clone()).await.status, 400, "{bad}");
    }
    let got = cloud.patch(path, json!({"items": [broken, "nobody"], "recursive": true})).await;
    assert_eq!(got.status, 200, "{}", got.body);
    assert_eq!(cloud.good(&format!("image-servers/{broken}")).await["status"], "DELETING");
    let job = got.body["job_id"].as_str().unwrap();
    cloud.seconds(1000);
    let job = cloud.good(&format!("image-server-jobs/{job}")).await;
    assert_eq!((&job["job_type"], &job["status"]), (&json!("DELETE_SERVER"), &json!("SUCCESS")));
    assert_eq!(cloud.get(&format!("image-servers/{broken}")).await.status, 404);
    assert_eq!(cloud.good(&format!("image-servers/{creating}")).await["status"], "ACTIVE");
}

#[tokio::test]
async fn a_build_is_followed_to_success() {
    let cloud = Cloud::small().await;
    let server = cloud.image_server("img-office");
    let path = format!("image-servers/{server}/actions/recreate-image");
    let body = json!({"name": "office 2026-03.1", "description": "patched", "execute_sysprep": true});
    let got = cloud.post(&path, body.clone()).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let job = got.body["job_id"].as_str().unwrap().to_owned();
    assert!(job.len() == 18 && job.parse::<u64>().unwrap() > 1 << 53);
    assert_eq!(cloud.good(&format!("image-servers/{server}")).await["status"], "BUILDING");
    let again = cloud.post(&path, body).await;
    assert_eq!((again.status, again.code()), (400, "WKS.00211102"), "wrong state");
    let show = format!("image-server-jobs/{job}");
    let first = cloud.good(&show).await;
    assert_eq!((&first["status"], &first["sub_jobs_total"]), (&json!("WAITING"), &json!(1)));
    assert!(first.get("end_time").is_none());
    cloud.seconds(4);
    let running = cloud.good(&show).await;
    assert_eq!(
        (&running["status"], &running["sub_jobs"][0]["status"]),
        (&json!("RUNNING"), &json!("RUNNING"))
    );
    let found = cloud.good("image-server-jobs?job_type=CREATE_SERVER_IMAGE&status=RUNNING").await;
    assert_eq!((&found["count"], &found["items"][0]["id"]), (&json!(1), &json!(job)));
    assert!(found["items"][0].get("sub_jobs").is_none(), "rows have no parts");
    cloud.seconds(12);
    let done = cloud.good(&show).await;
    assert_eq!(done["status"], "SUCCESS");
    let part = &done["sub_jobs"][0];
    assert_eq!(part["job_resource_info"]["resource_name"], "office 2026-03.1");
    assert_eq!(part["job_execute_info"], json!({"error_code": "", "error_message": ""}));
    assert_eq!((&part["job_id"], &part["project_id"]), (&json!(job), &json!(cloud.access.project_id)));
    let server = cloud.good(&format!("image-servers/{server}")).await;
    assert_eq!(
        (&server["status"], &server["image_id"]),
        (&json!("BUILT"), &part["job_resource_info"]["resource_id"])
    );
    let truth = cloud.sim.control().image_jobs().into_iter().find(|truth| truth.id == job).unwrap();
    assert_eq!((truth.status.as_str(), truth.parts), ("SUCCESS", vec!["SUCCESS".to_owned()]));
}

#[tokio::test]
async fn images_are_named_by_the_rule() {
    let cloud = Cloud::small().await;
    let path = format!("image-servers/{}/actions/recreate-image", cloud.image_server("img-office"));
    let long = "x".repeat(129);
    for name in ["", " a", "a ", "a/b", "a:b", "é", "a\nb", long.as_str()] {
        let got = cloud.post(&path, json!({"name": name})).await;
        assert_eq!((got.status, got.code()), (400, "WKS.00211102"), "{name:?}");
    }
    let long = "x".repeat(1025);
    for description in [" a", "a\nb", "<b>", long.as_str()] {
        assert_eq!(cloud.post(&path, json!({"name": "a", "description": description})).await.status, 400);
    }
    assert_eq!(cloud.post(&path, json!({})).await.status, 400);
    assert_eq!(cloud.post(&path, json!({"name": "a", "execute_sysprep": "yes"})).await.status, 400);
    for (server, status) in [("img-new", 400), ("img-broken", 400)] {
        let path = format!("image-servers/{}/actions/recreate-image", cloud.image_server(server));
        assert_eq!(cloud.post(&path, json!({"name": "a"})).await.status, status, "{server}");
    }
    let nobody = cloud.post("image-servers/nobody/actions/recreate-image", json!({"name": "a"})).await;
    assert_eq!((nobody.status, nobody.code()), (404, "WKS.00211902"));
    let han = "办".repeat(128);
    assert_eq!(cloud.post(&path, json!({"name": han})).await.status, 200);
}

#[tokio::test]
async fn jobs_and_their_parts_are_listed_counted_and_cleared() {
    let cloud = Cloud::small().await;
    for path in ["image-server-jobs", "image-server-sub-jobs"] {
        assert_eq!(cloud.get(path).await.status, 400, "{path} needs a job_type");
        assert_eq!(cloud.get(&format!("{path}?job_type=BUILD_IMAGE")).await.status, 400);
        assert_eq!(cloud.get(&format!("{path}?job_type=CREATE_SERVER&status=DONE")).await.status, 400);
    }
    assert_eq!(cloud.get("image-server-jobs?job_type=CREATE_SERVER&status=ABORTING").await.status, 400);
    assert_eq!(cloud.get("image-server-sub-jobs?job_type=CREATE_SERVER&status=ABORTING").await.status, 200);
    let builds = cloud.good("image-server-jobs?job_type=CREATE_SERVER_IMAGE&limit=100").await;
    assert_eq!(builds["count"], 12);
    let failed = cloud.good("image-server-jobs?job_type=CREATE_SERVER_IMAGE&status=FAILED").await;
    assert_eq!(failed["count"], 3);
    let job = failed["items"][0]["id"].as_str().unwrap().to_owned();
    let parts = cloud.good(&format!("image-server-sub-jobs?job_type=CREATE_SERVER_IMAGE&job_id={job}")).await;
    assert_eq!(parts["count"], 1);
    assert!(!parts["items"][0]["job_execute_info"]["error_code"].as_str().unwrap().is_empty());
    let count = |query: &str| {
        let path = format!("image-server-sub-jobs/actions/count{query}");
        let cloud = &cloud;
        async move { cloud.good(&path).await["count"].as_u64().unwrap() }
    };
    let (all, two) = (count("").await, count("?job_type=CREATE_SERVER,DELETE_SERVER").await);
    assert_eq!(all, two + 12);
    assert_eq!(count(&format!("?job_id={job}&status=FAILED")).await, 1);
    assert_eq!(cloud.get("image-server-sub-jobs/actions/count?job_type=X").await.status, 400);
    let clear = "image-server-sub-jobs/actions/batch-delete";
    let running = cloud.good("image-server-sub-jobs?job_type=CREATE_SERVER&status=RUNNING").await;
    let busy = cloud.patch(clear, json!({"items": ids(running["items"].as_array().unwrap())})).await;
    assert_eq!(busy.status, 400);
    let part = parts["items"][0]["id"].as_str().unwrap();
    let cleared = cloud.patch(clear, json!({"items": [part, "nobody"]})).await;
    assert!(cleared.status == 200 && cleared.empty);
    assert_eq!(count("").await, all - 1);
    assert_eq!(cloud.get("image-server-jobs/nobody").await.status, 404);
    let path = format!("{}/v2/{}/job/{job}", cloud.sim.url(), cloud.access.project_id);
    let other = cloud.http.get(path).header("x-auth-token", &cloud.access.token).send().await.unwrap();
    assert_eq!(Got::of(other).await.status, 404, "another backend serves image jobs");
}

#[tokio::test]
async fn sessions_are_listed_within_a_window() {
    let cloud = Cloud::small().await;
    let window = cloud.window(30);
    for bad in [
        "session/list-sessions".to_owned(),
        window.replace("query_end_time", "end"),
        window.replace("query_begin_time=", "query_begin_time=yesterday"),
        format!("{window}&session_state=ACTIVE"),
        format!("{window}&is_success=1"),
    ] {
        assert_eq!(cloud.get(&bad).await.status, 400, "{bad}");
    }
    let truth = cloud.sim.control().app_sessions();
    let all = cloud.good(&format!("{window}&limit=100")).await;
    assert_eq!(all["count"], truth.len());
    let states = "Active,Disconnected,AppcInit";
    let live = cloud.good(&format!("{window}&limit=100&session_state={states}")).await;
    assert_eq!(live["count"], 26);
    let row = &live["items"][0];
    let id = row["id"].as_str().unwrap();
    let mine = truth.iter().find(|session| session.id == id).unwrap();
    assert_eq!(row["login_user"], format!("{}@corp.example", mine.user_name));
    assert_eq!(
        (&row["session_state"], &row["machine_name"]),
        (&json!(mine.state), &json!(mine.machine_name))
    );
    assert!(row["start_time"].as_str().unwrap().ends_with('Z') && row.get("end_time").is_none());
    assert!(["1", "2"].contains(&row["session_type"].as_str().unwrap()), "a text");
    let group = row["app_server_group_id"].as_str().unwrap();
    let of_group =
        cloud.good(&format!("{window}&session_state={states}&app_server_group_id={group}&limit=100")).await;
    assert!(of_group["items"].as_array().unwrap().iter().all(|row| row["app_server_group_id"] == group));
    let narrow =
        cloud.good(&window.replace("query_begin_time=2026-01-31", "query_begin_time=2026-03-02")).await;
    assert!(
        narrow["count"].as_u64().unwrap() < truth.len() as u64,
        "sessions that began before are not listed"
    );
}

#[tokio::test]
async fn sessions_of_a_user_have_plain_times_and_year_one() {
    let cloud = Cloud::small().await;
    let truth = cloud.sim.control().app_sessions();
    let live =
        truth.iter().find(|session| session.state == "Active" && session.user_name.is_ascii()).unwrap();
    for name in [live.user_name.clone(), format!("{}@corp.example", live.user_name)] {
        let body = cloud.good(&format!("session/user-session-info?user_name={name}")).await;
        let rows = body["session_info_list"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == live.id.as_str()).unwrap();
        assert_eq!(row["end_time"], "0001-01-01 00:00:00");
        assert_eq!(row["start_time"].as_str().unwrap().len(), 19);
        assert!(row["app_group_id"].is_string() && row.get("app_server_group_name").is_none());
    }
    let nobody = cloud.good("session/user-session-info?user_name=nobody").await;
    assert_eq!(nobody, json!({"session_info_list": []}));
    for bad in ["", "?user_name=", &format!("?user_name={}", "x".repeat(65))] {
        assert_eq!(cloud.get(&format!("session/user-session-info{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_logoff_answers_nothing_and_happens_later() {
    let cloud = Cloud::small().await;
    let truth = cloud.sim.control().app_sessions();
    let find = |state: &str| truth.iter().find(|session| session.state == state).unwrap().id.clone();
    let (one, two) = (find("Active"), find("Disconnected"));
    let over = find("SignedOut");
    let good = json!({"session_ids": [one, two, over, "nobody"], "message_type": 1, "delay_time": 30,
        "message": "注销", "title": "t", "transaction_id": "x"});
    for (field, bad) in [
        ("session_ids", json!([])),
        ("session_ids", json!(vec!["a"; 1000])),
        ("session_ids", json!(["x".repeat(65)])),
        ("session_ids", Value::Null),
        ("message_type", Value::Null),
        ("message_type", json!(5)),
        ("delay_time", Value::Null),
        ("delay_time", json!(1_000_000)),
        ("message", json!("")),
        ("message", json!("x".repeat(256))),
        ("transaction_id", json!("x".repeat(32))),
    ] {
        let mut body = good.clone();
        body[field] = bad;
        assert_eq!(cloud.post("session/logoff", body).await.status, 400, "{field}");
    }
    let plain = cloud.http.post(cloud.url("session/logoff")).header("x-auth-token", &cloud.access.token);
    let plain = plain.header("content-type", "text/plain").body(good.to_string()).send().await.unwrap();
    assert_eq!(plain.status(), 415);
    cloud.sim.control().set_app_session_stuck(&two, true);
    let got = cloud.post("session/logoff", good).await;
    assert!(got.status == 200 && got.empty && got.request_id.len() == 32);
    let state =
        |id: &str| cloud.sim.control().app_sessions().into_iter().find(|session| session.id == id).unwrap();
    assert_eq!((state(&one).state.as_str(), state(&one).messages), ("Active", vec!["注销".to_owned()]));
    cloud.seconds(40);
    assert_eq!(state(&one).state, "SignedOut");
    assert_ne!(state(&two).state, "SignedOut", "it is stuck");
    let rows = cloud.good(&format!("{}&session_state=SignedOut&limit=100", cloud.window(30))).await;
    let row = rows["items"].as_array().unwrap().iter().find(|row| row["id"] == one.as_str()).unwrap();
    assert!(row["end_time"].is_string());
}

#[tokio::test]
async fn usage_records_are_asked_for_with_post() {
    let cloud = Cloud::small().await;
    for (path, key) in [("app-connection", "app_name"), ("user-connection", "connect_type")] {
        let got = cloud.post(&format!("session/{path}?limit=3"), json!({})).await;
        assert_eq!((got.status, got.items().len()), (200, 3), "{}", got.body);
        assert!(got.items()[0][key].is_string() && got.count() > 20);
        let user = got.items()[0]["user_name"].as_str().unwrap();
        let mine = cloud.post(&format!("session/{path}"), json!({"user_name": user})).await;
        assert!(mine.count() >= 1 && mine.count() < got.count());
        assert_eq!(cloud.post(&format!("session/{path}?limit=0"), json!({})).await.status, 400);
        assert_eq!(cloud.get(&format!("session/{path}")).await.status, 405);
    }
    let half = json!({"login_start_time": "2026-03-01T00:00:00Z"});
    assert_eq!(cloud.post("session/user-connection", half).await.status, 400);
    let wide =
        json!({"brokering_start_time": "2026-01-01T00:00:00Z", "brokering_end_time": "2026-03-01T00:00:00Z"});
    assert_eq!(cloud.post("session/app-connection", wide).await.status, 400);
}

#[tokio::test]
async fn what_does_not_exist_is_404_and_the_wrong_method_405() {
    let cloud = Cloud::small().await;
    let id = cloud.image_server("img-office");
    for (method, path, status) in [
        ("POST", "image-servers".to_owned(), 404),
        ("POST", format!("image-servers/{id}/actions/attach-app"), 404),
        ("GET", format!("image-servers/{id}/actions/latest-attached-app"), 404),
        ("GET", "nothing".to_owned(), 404),
        ("DELETE", format!("image-servers/{id}"), 405),
        ("PUT", "image-servers".to_owned(), 405),
        ("GET", "session/logoff".to_owned(), 405),
        ("POST", "app-servers/actions/batch-reboot".to_owned(), 405),
    ] {
        let got = cloud.call(method, &path, None).await;
        let code = if status == 404 { "APIGW.0101" } else { "WKS.00000405" };
        assert_eq!((got.status, got.code()), (status, code), "{method} {path}");
        assert_eq!(got.request_id.len(), 32);
    }
    let other = cloud.http.get(format!("{}/v2/p/desktops", cloud.sim.url())).send().await.unwrap();
    assert_eq!(other.status(), 404);
}
