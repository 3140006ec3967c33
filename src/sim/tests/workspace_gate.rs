//! Who gets in to the Workspace face, and who does not.

use serde_json::{Value, json};

use super::cloud::{Cloud, Got, Signing, sdk_date};
use crate::sim::SimOptions;

async fn log_in(cloud: &Cloud, body: Value, query: &str) -> Got {
    let url = format!("{}/v3/auth/tokens{query}", cloud.sim.url());
    Got::of(cloud.http.post(url).json(&body).send().await.unwrap()).await
}

fn password_body(cloud: &Cloud, name: &str, scope: &Value) -> Value {
    let password = cloud.sim.credentials().password;
    let user = json!({"name": name, "password": password, "domain": {"name": "CORP"}});
    let mut body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}});
    if !scope.is_null() {
        body["auth"]["scope"] = scope.clone();
    }
    body
}

#[tokio::test]
async fn a_token_of_iam_opens_the_project_and_lives_a_day() {
    let cloud = Cloud::small().await;
    let scope = json!({"project": {"name": cloud.access.region}});
    let got = log_in(&cloud, password_body(&cloud, "admin", &scope), "?nocatalog=true").await;
    assert_eq!(got.status, 201, "{}", got.body);
    assert_eq!(got.body["token"]["project"]["id"], cloud.access.project_id.as_str());
    assert!(got.body["token"].get("catalog").is_none());
    assert_eq!(got.body["token"]["expires_at"], "2026-03-03T09:00:00Z");
    let token = got.token.unwrap();
    assert!(token.len() > 2000, "real tokens are long");
    assert_eq!(cloud.call_as(&token, "GET", "image-servers", None).await.status, 200);
    cloud.seconds(86_399);
    assert_eq!(cloud.call_as(&token, "GET", "image-servers", None).await.status, 200);
    cloud.seconds(1);
    let late = cloud.call_as(&token, "GET", "image-servers", None).await;
    assert_eq!((late.status, late.code()), (401, "APIGW.0301"));
    assert!(late.body["error_msg"].as_str().unwrap().contains("must be updated"), "{}", late.body);
    let log = cloud.sim.control().requests();
    assert_eq!(log[0].body, "[redacted]");
    assert_eq!(log[1].token_subject.as_deref(), Some("admin"));
}

#[tokio::test]
async fn iam_refuses_in_its_own_shape() {
    let cloud = Cloud::small().await;
    let project = json!({"project": {"id": cloud.access.project_id}});
    let mut wrong = password_body(&cloud, "admin", &project);
    wrong["auth"]["identity"]["password"]["user"]["password"] = json!("no");
    let foreign = json!({"project": {"name": "eu-west-101"}});
    for (body, status) in [
        (wrong, 401),
        (password_body(&cloud, "nobody", &project), 401),
        (password_body(&cloud, "admin", &foreign), 401),
        (json!({}), 400),
    ] {
        let got = log_in(&cloud, body, "").await;
        assert_eq!(got.status, status);
        assert_eq!(got.body["error"]["code"], status);
        assert!(got.body["error"]["message"].is_string() && got.token.is_none());
    }
    assert_eq!(
        Got::of(cloud.http.get(format!("{}/v3/auth/tokens", cloud.sim.url())).send().await.unwrap())
            .await
            .status,
        405
    );
    // A token for the account opens no project.
    let token = log_in(&cloud, password_body(&cloud, "admin", &Value::Null), "").await.token.unwrap();
    assert_eq!(cloud.call_as(&token, "GET", "image-servers", None).await.status, 403);
}

#[tokio::test]
async fn projects_are_looked_up_by_the_name_of_the_region() {
    let cloud = Cloud::small().await;
    let mut signing = Signing::get(&cloud, "");
    signing.path = format!("/v3/projects?name={}", cloud.access.region);
    let found = signing.send(&cloud).await;
    assert_eq!(found.body["projects"][0]["id"], cloud.access.project_id.as_str(), "{}", found.body);
    assert_eq!(found.body["projects"][0]["name"], "cn-north-4");
    signing.path = "/v3/projects?name=elsewhere".to_owned();
    assert_eq!(signing.send(&cloud).await.body["projects"], json!([]));
    let open = cloud.http.get(format!("{}/v3/projects", cloud.sim.url())).send().await.unwrap();
    assert_eq!(open.status(), 401);
}

#[tokio::test]
async fn a_signature_opens_the_door_and_anything_forged_does_not() {
    let cloud = Cloud::small().await;
    let good = Signing::get(&cloud, "image-servers?server_name=win%202019~%C3%A9%2F%2B&limit=2");
    assert_eq!(good.send(&cloud).await.status, 200);
    let write = Signing { method: "POST", body: "{}".to_owned(), ..Signing::get(&cloud, "session/logoff") };
    assert_eq!(write.send(&cloud).await.status, 400, "signed well, and the body lacks fields");
    let unknown = Signing { access_key: "NOBODY".to_owned(), ..Signing::get(&cloud, "image-servers") };
    let wrong = Signing { secret_key: "wrong".to_owned(), ..Signing::get(&cloud, "image-servers") };
    let stale = Signing { date: sdk_date(-16), ..Signing::get(&cloud, "image-servers") };
    let early = Signing { date: sdk_date(16), ..Signing::get(&cloud, "image-servers") };
    let near = Signing { date: sdk_date(-13), ..Signing::get(&cloud, "image-servers") };
    assert_eq!(near.send(&cloud).await.status, 200);
    let none = cloud.http.get(cloud.url("image-servers")).send().await.unwrap();
    let malformed = cloud.http.get(cloud.url("image-servers")).header("authorization", "SDK-HMAC-SHA256 x");
    let all = [
        ("nothing", Got::of(none).await),
        ("a token of nobody", cloud.call_as("MIIG", "GET", "image-servers", None).await),
        ("an unknown key", unknown.send(&cloud).await),
        ("a wrong secret", wrong.send(&cloud).await),
        ("a stale date", stale.send(&cloud).await),
        ("an early date", early.send(&cloud).await),
        ("a forged query", good.send_as(&cloud, &good.path.replace("limit=2", "limit=3"), "").await),
        ("a forged body", write.send_as(&cloud, &write.path, "{\"session_ids\":[]}").await),
        ("a malformed header", Got::of(malformed.send().await.unwrap()).await),
    ];
    for (what, got) in all {
        assert_eq!(got.status, 401, "{what}: {}", got.body);
        let code = if what.ends_with("date") { "APIGW.0303" } else { "APIGW.0301" };
        assert_eq!(got.code(), code, "{what}");
        assert_eq!(got.body["request_id"], got.request_id.as_str(), "{what}");
        assert_eq!(got.request_id.len(), 32);
    }
}

#[tokio::test]
async fn five_wrong_signatures_lock_the_key_for_five_minutes() {
    let cloud = Cloud::small().await;
    let good = Signing::get(&cloud, "image-servers");
    let wrong = Signing { secret_key: "wrong".to_owned(), ..Signing::get(&cloud, "image-servers") };
    for _ in 0..4 {
        assert_eq!(wrong.send(&cloud).await.status, 401);
    }
    assert_eq!(good.send(&cloud).await.status, 200, "four are not five, and a right one clears them");
    for _ in 0..5 {
        assert_eq!(wrong.send(&cloud).await.status, 401);
    }
    let locked = good.send(&cloud).await;
    assert_eq!(locked.status, 401);
    assert!(locked.body["error_msg"].as_str().unwrap().contains("reach the limit"), "{}", locked.body);
    assert_eq!(cloud.get("image-servers").await.status, 200, "the token of the same identity works");
    cloud.seconds(301);
    assert_eq!(good.send(&cloud).await.status, 200);
}

#[tokio::test]
async fn a_foreign_project_and_a_reader_are_refused() {
    let cloud = Cloud::small().await;
    let url = format!("{}/v1/{}/image-servers", cloud.sim.url(), "0".repeat(32));
    let foreign = cloud.http.get(url).header("x-auth-token", &cloud.access.token).send().await.unwrap();
    let foreign = Got::of(foreign).await;
    assert_eq!((foreign.status, foreign.code()), (403, "APIGW.0302"));
    let reader = cloud.reader();
    assert!(reader.read_only && reader.access_key != cloud.access.access_key);
    for path in ["image-servers", "app-servers", "app-groups", &cloud.window(30)] {
        assert_eq!(cloud.call_as(&reader.token, "GET", path, None).await.status, 200, "{path}");
    }
    let server = cloud.image_server("img-office");
    for (method, path) in [
        ("POST", format!("image-servers/{server}/actions/recreate-image")),
        ("POST", "session/logoff".to_owned()),
        // Lists, and writes for IAM.
        ("POST", "session/app-connection".to_owned()),
        ("POST", "session/user-connection".to_owned()),
        ("PATCH", "app-servers/actions/batch-reboot".to_owned()),
        ("POST", "app-groups".to_owned()),
        ("DELETE", "app-groups/1".to_owned()),
    ] {
        let got = cloud.call_as(&reader.token, method, &path, Some(json!({}))).await;
        assert_eq!((got.status, got.code()), (403, "WKS.00081102"), "{method} {path}");
        assert_eq!(got.request_id.len(), 32);
    }
    let signed = Signing {
        access_key: reader.access_key.clone(),
        secret_key: reader.secret_key.clone(),
        ..Signing::get(&cloud, "image-servers")
    };
    assert_eq!(signed.send(&cloud).await.status, 200);
}

#[tokio::test]
async fn a_world_without_a_workspace_has_no_such_api() {
    let sim = crate::sim::start(SimOptions { sessions: Some(40), ..SimOptions::manual("federation") })
        .await
        .unwrap();
    assert!(sim.workspace().is_none() && !sim.ready_line().contains("workspace"));
    let http = super::client::pinned("");
    let got = Got::of(http.get(format!("{}/v1/p/image-servers", sim.url())).send().await.unwrap()).await;
    assert_eq!((got.status, got.code()), (404, "APIGW.0101"));
}
