//! The faults on the Workspace face.

use std::time::Duration;

use serde_json::json;

use super::cloud::{Cloud, Signing};

#[tokio::test]
async fn statuses_carry_the_codes_of_the_service() {
    let cloud = Cloud::small().await;
    let control = cloud.sim.control();
    for (status, code) in [
        (400, "WKS.00211102"),
        (401, "APIGW.0301"),
        (403, "WKS.00081102"),
        (404, "WKS.00211902"),
        (429, "APIGW.0308"),
        (500, "WKS.00211401"),
        (503, "WKS.00050902"),
    ] {
        control
            .add_fault(format!("status={status}@image-servers:1").parse::<crate::sim::FaultSpec>().unwrap());
        let got = cloud.get("image-servers").await;
        assert_eq!((got.status, got.code()), (status, code));
        assert_eq!(got.request_id.len(), 32);
    }
    assert_eq!(cloud.get("image-servers").await.status, 200);
    let down = control.set_down(true).unwrap();
    assert!(cloud.http.get(cloud.url("image-servers")).send().await.is_ok_and(|got| got.status() == 503));
    control.remove_fault(down);
}

#[tokio::test]
async fn throttling_is_per_user_and_api_and_says_no_time() {
    let cloud = Cloud::small().await;
    cloud.sim.control().add_fault("throttle=2/1m".parse::<crate::sim::FaultSpec>().unwrap());
    for _ in 0..2 {
        assert_eq!(cloud.get("image-servers").await.status, 200);
    }
    let url = cloud.url("image-servers");
    let answer = cloud.http.get(url).header("x-auth-token", &cloud.access.token).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().get("retry-after").is_none());
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["error_code"], "APIGW.0308");
    assert!(body["request_id"].is_string());
    assert_eq!(cloud.get("app-groups").await.status, 200);
    assert_eq!(cloud.call_as(&cloud.reader().token, "GET", "image-servers", None).await.status, 200);
}

#[tokio::test]
async fn answers_are_broken_as_ordered() {
    let cloud = Cloud::small().await;
    let control = cloud.sim.control();
    let get =
        || cloud.http.get(cloud.url("image-servers")).header("x-auth-token", &cloud.access.token).send();
    for fault in ["garbage", "truncate=0.5"] {
        control.add_fault(format!("{fault}:1").parse::<crate::sim::FaultSpec>().unwrap());
        let text = get().await.unwrap().text().await.unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_err(), "{fault}");
    }
    for fault in ["drop", "lose"] {
        control.add_fault(format!("{fault}:1").parse::<crate::sim::FaultSpec>().unwrap());
        let broken = match get().await {
            Ok(answer) => answer.bytes().await.is_err(),
            Err(_) => true,
        };
        assert!(broken, "{fault}");
    }
    control.add_fault("slow-drip=1ms:1".parse::<crate::sim::FaultSpec>().unwrap());
    assert!(get().await.unwrap().json::<serde_json::Value>().await.unwrap()["count"].is_number());
    control.add_fault("new-enum".parse::<crate::sim::FaultSpec>().unwrap());
    control.add_fault("missing-fields".parse::<crate::sim::FaultSpec>().unwrap());
    let rows = cloud.good("image-servers").await;
    assert_eq!(rows["items"][2]["status"], "DREAMING");
    assert!(rows["items"][1].get("status").is_none() && rows["items"][0].get("status").is_some());
}

#[tokio::test]
async fn tokens_expire_by_fault_and_keys_do_not() {
    let cloud = Cloud::small().await;
    let fault = cloud.sim.control().add_fault(crate::sim::FaultKind::TokenExpiry(30));
    assert_eq!(cloud.get("image-servers").await.status, 200);
    cloud.seconds(31);
    assert_eq!(cloud.get("image-servers").await.status, 401);
    assert_eq!(Signing::get(&cloud, "image-servers").send(&cloud).await.status, 200);
    cloud.sim.control().remove_fault(fault);
    assert_eq!(cloud.get("image-servers").await.status, 200);
    cloud.sim.control().expire_access_tokens();
    assert_eq!(cloud.get("image-servers").await.status, 401);
}

#[tokio::test]
async fn builds_fail_by_switch_and_by_name() {
    let cloud = Cloud::small().await;
    let server = cloud.image_server("img-office");
    let path = format!("image-servers/{server}/actions/recreate-image");
    let fault = cloud.sim.control().add_fault(crate::sim::FaultKind::BuildFails);
    for (name, switched) in [("office", true), ("office-fails", false)] {
        if !switched {
            cloud.sim.control().remove_fault(fault);
        }
        let got = cloud.post(&path, json!({"name": name})).await;
        assert_eq!(got.status, 200, "{}", got.body);
        let job = got.body["job_id"].as_str().unwrap().to_owned();
        for _ in 0..20 {
            cloud.sim.control().advance(Duration::from_secs(1));
        }
        let shown = cloud.good(&format!("image-server-jobs/{job}")).await;
        assert_eq!(shown["status"], "FAILED", "{shown}");
        let why = &shown["sub_jobs"][0]["job_execute_info"];
        assert!(why["error_code"].as_str().unwrap().starts_with("WKS.00"), "{shown}");
        assert!(!why["error_message"].as_str().unwrap().is_empty());
        assert!(shown.get("error_code").is_none(), "the job itself has no reason");
        assert_eq!(cloud.good(&format!("image-servers/{server}")).await["status"], "ACTIVE");
    }
    assert_eq!(cloud.post(&path, json!({"name": "refused"})).await.status, 400);
}
