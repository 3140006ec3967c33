//! A small client of the Workspace face, with nothing clever in it.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::Value;

use crate::sim::workspace::sign::{Signed, pairs};
use crate::sim::{SimOptions, Simulator, WorkspaceAccess, start};

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Whether there was a body at all.
    pub(super) empty: bool,
    pub(super) request_id: String,
    pub(super) token: Option<String>,
}

impl Got {
    pub(super) async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (request_id, token) = (header("x-request-id").unwrap_or_default(), header("x-subject-token"));
        let bytes = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status, body, empty: bytes.is_empty(), request_id, token }
    }

    pub(super) fn code(&self) -> &str {
        self.body["error_code"].as_str().unwrap_or_default()
    }

    pub(super) fn items(&self) -> &[Value] {
        self.body["items"].as_array().map_or(&[], Vec::as_slice)
    }

    pub(super) fn count(&self) -> u64 {
        self.body["count"].as_u64().unwrap()
    }
}

/// A simulator and its first identity.
pub(super) struct Cloud {
    pub(super) sim: Simulator,
    pub(super) http: Client,
    pub(super) access: WorkspaceAccess,
}

impl Cloud {
    pub(super) async fn small() -> Self {
        Self::with(SimOptions::manual("small")).await
    }

    pub(super) async fn with(options: SimOptions) -> Self {
        let sim = start(options).await.unwrap();
        let http = super::client::pinned(sim.fingerprint().unwrap_or_default());
        let access = sim.workspace().unwrap();
        Self { sim, http, access }
    }

    /// The same simulator for the identity that may only read.
    pub(super) fn reader(&self) -> WorkspaceAccess {
        self.sim.control().workspace_access()[1].clone()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/v1/{}/{path}", self.sim.url(), self.access.project_id)
    }

    /// A call with a token.
    pub(super) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Got {
        self.call_as(&self.access.token, method, path, body).await
    }

    pub(super) async fn call_as(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Got {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, self.url(path)).header("x-auth-token", token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        Got::of(request.timeout(Duration::from_secs(20)).send().await.unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.call("GET", path, None).await
    }

    /// A GET that must succeed.
    pub(super) async fn good(&self, path: &str) -> Value {
        let got = self.get(path).await;
        assert_eq!(got.status, 200, "{path}: {}", got.body);
        got.body
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> Got {
        self.call("PATCH", path, Some(body)).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Got {
        self.call("POST", path, Some(body)).await
    }

    pub(super) fn seconds(&self, seconds: u64) {
        self.sim.control().advance(Duration::from_secs(seconds));
    }

    /// The window of the last days as the query of the session list.
    pub(super) fn window(&self, days: i64) -> String {
        let now = self.sim.control().now();
        let from = now - jiff::SignedDuration::from_hours(24 * days);
        format!("session/list-sessions?query_begin_time={from}&query_end_time={now}")
    }

    /// The id of the image server with this name.
    pub(super) fn image_server(&self, name: &str) -> String {
        let servers = self.sim.control().image_servers();
        servers.iter().find(|server| server.name == name).unwrap().id.clone()
    }
}

/// A signed request that a test may spoil before it is sent.
pub(super) struct Signing {
    pub(super) method: &'static str,
    /// With the query.
    pub(super) path: String,
    pub(super) body: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) date: String,
}

/// The real time as `X-Sdk-Date`, moved by minutes.
pub(super) fn sdk_date(minutes: i64) -> String {
    let moment = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes);
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

impl Signing {
    pub(super) fn get(cloud: &Cloud, path: &str) -> Self {
        Self {
            method: "GET",
            path: format!("/v1/{}/{path}", cloud.access.project_id),
            body: String::new(),
            access_key: cloud.access.access_key.clone(),
            secret_key: cloud.access.secret_key.clone(),
            date: sdk_date(0),
        }
    }

    /// Signs, and gives the headers.
    pub(super) fn headers(&self, cloud: &Cloud) -> Vec<(String, String)> {
        let host = cloud.sim.url().split_once("//").unwrap().1.to_owned();
        let mut headers: Vec<(String, String)> = [
            ("content-type", "application/json".to_owned()),
            ("host", host),
            ("x-project-id", cloud.access.project_id.clone()),
            ("x-sdk-date", self.date.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let names: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        assert!(pairs(query).len() < 50);
        let signed =
            Signed { method: self.method, path, query, headers: &headers, body: self.body.as_bytes() };
        let signature = signed.signature(&self.secret_key, &names).unwrap();
        let claim = format!(
            "SDK-HMAC-SHA256 Access={}, SignedHeaders={}, Signature={signature}",
            self.access_key,
            names.join(";")
        );
        headers.push(("authorization".to_owned(), claim));
        headers
    }

    /// Signs and sends.
    pub(super) async fn send(&self, cloud: &Cloud) -> Got {
        self.send_as(cloud, &self.path, &self.body).await
    }

    /// Signs this request and sends another path and body.
    pub(super) async fn send_as(&self, cloud: &Cloud, path: &str, body: &str) -> Got {
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        let mut request = cloud.http.request(method, format!("{}{path}", cloud.sim.url()));
        for (name, value) in self.headers(cloud) {
            request = request.header(name, value);
        }
        Got::of(request.body(body.to_owned()).send().await.unwrap()).await
    }
}
