//! Images as the server itself keeps and shows them.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Bench;
use crate::sim::SimOptions;

async fn first_error(bench: &Bench, path: &str) -> (StatusCode, String) {
    let (status, body) = bench.get(path).await;
    (status, body["errors"][0]["error_message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn lists_want_their_parameters() {
    let bench = Bench::small().await;
    for list in ["im-versions", "im-tags"] {
        let error = first_error(&bench, &format!("/config/v1/{list}")).await;
        assert_eq!(error, (StatusCode::BAD_REQUEST, "im_stream_id parameter is missing".to_owned()));
    }
    assert_eq!(bench.rows("/config/v1/im-assets").await.len(), 8);
    assert_eq!(bench.get("/config/v1/im-streams?clone_type=CLAY").await.0, StatusCode::BAD_REQUEST);
    let old =
        Bench::with(SimOptions { release: "2309".parse().unwrap(), ..SimOptions::manual("small") }).await;
    let error = first_error(&old, "/config/v1/im-assets").await;
    assert_eq!(error, (StatusCode::BAD_REQUEST, "im_version_id parameter is missing".to_owned()));
    let older =
        Bench::with(SimOptions { release: "2306".parse().unwrap(), ..SimOptions::manual("small") }).await;
    let all = older.rows("/config/v1/im-streams?clone_type=CLAY&page=1&size=1").await;
    assert_eq!(all.len(), 3, "what an old release does not know it ignores");
}

#[tokio::test]
async fn a_replacing_call_wants_the_required_fields_and_clears_the_others() {
    let bench = Bench::small().await;
    let lab = bench.rows("/config/v1/im-streams").await[0].clone();
    let path = format!("/config/v1/im-streams/{}", lab["id"].as_str().unwrap());
    let put = async |body: Value| {
        let url = format!("{}/rest{path}", bench.sim.url());
        bench.http.put(url).bearer_auth(&bench.token).json(&body).send().await.unwrap().status()
    };
    let whole = json!({"name": "office", "operating_system": "WINDOWS_11", "source": "UPLOADED", "status": "DISABLED"});
    for field in ["name", "operating_system", "source", "status"] {
        let mut less = whole.clone();
        less.as_object_mut().unwrap().remove(field);
        assert_eq!(put(less).await, StatusCode::BAD_REQUEST, "{field}");
    }
    assert_eq!(bench.good(&path).await, lab, "nothing has changed");
    assert_eq!(put(whole).await, StatusCode::NO_CONTENT);
    let now = bench.good(&path).await;
    assert_eq!((&now["name"], &now["usable"]), (&json!("office"), &json!(false)));
    for cleared in ["description", "publisher", "additional_details"] {
        assert_eq!(now.get(cleared), None, "{cleared}");
    }
}

#[tokio::test]
async fn the_helpdesk_world_has_the_images_of_an_ordinary_day() {
    let bench = Bench::with(SimOptions::manual("helpdesk")).await;
    let streams = bench.rows("/config/v1/im-streams").await;
    let (mut versions, mut tags) = (0, 0);
    for stream in &streams {
        let id = stream["id"].as_str().unwrap();
        versions += bench.rows(&format!("/config/v1/im-versions?im_stream_id={id}")).await.len();
        tags += bench.rows(&format!("/config/v1/im-tags?im_stream_id={id}")).await.len();
    }
    assert_eq!((streams.len(), versions, tags), (7, 23, 14));
    assert_eq!(bench.rows("/monitor/v4/virtual-centers").await.len(), 3);
    let pools = bench.rows("/inventory/v12/desktop-pools").await;
    let held = pools.iter().find(|pool| pool["name"] == "ext-w11").unwrap();
    let status = &held["provisioning_status_data"];
    assert_eq!(status["instant_clone_pending_image_state"], "READY_HELD");
    assert_eq!(held["provisioning_settings"]["im_tag_name"], "canary");
}
