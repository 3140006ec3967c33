//! A small client for the tests, with nothing clever in it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::sim::{SimOptions, Simulator, start};

/// Accepts the certificate with this fingerprint and no other.
#[derive(Debug)]
struct Pin(String);

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut found = String::new();
        for byte in Sha256::digest(end_entity) {
            crate::sim::ids::push_hex(&mut found, u64::from(byte), 2);
        }
        if found == self.0 {
            return Ok(ServerCertVerified::assertion());
        }
        Err(rustls::Error::General("not the pinned certificate".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// A client that trusts only the certificate with this fingerprint.
pub(super) fn pinned(fingerprint: &str) -> Client {
    let config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pin(fingerprint.to_owned())))
            .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(config).no_proxy().build().unwrap()
}

/// A simulator and somebody who is logged in to it.
pub(super) struct Bench {
    pub(super) sim: Simulator,
    pub(super) http: Client,
    pub(super) token: String,
    pub(super) refresh: String,
}

impl Bench {
    pub(super) async fn small() -> Self {
        Self::with(SimOptions::manual("small")).await
    }

    pub(super) async fn with(options: SimOptions) -> Self {
        let sim = start(options).await.unwrap();
        let http = pinned(sim.fingerprint().unwrap_or_default());
        let mut bench = Self { sim, http, token: String::new(), refresh: String::new() };
        bench.log_in("admin").await;
        bench
    }

    /// Logs in as another account.
    pub(super) async fn log_in(&mut self, username: &str) {
        let account = self.sim.account(username).unwrap().clone();
        let body =
            json!({"username": account.username, "password": account.password, "domain": account.domain});
        let (status, body) = self.post_open("/login", body).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        self.token = body["access_token"].as_str().unwrap().to_owned();
        self.refresh = body["refresh_token"].as_str().unwrap().to_owned();
    }

    /// POST without a token.
    pub(super) async fn post_open(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let sent = self.http.post(format!("{}/rest{path}", self.sim.url())).json(&body).send().await.unwrap();
        let status = sent.status();
        let text = sent.text().await.unwrap();
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    pub(super) async fn send(&self, path: &str) -> Result<Response, reqwest::Error> {
        let url = format!("{}/rest{path}", self.sim.url());
        self.http.get(url).bearer_auth(&self.token).timeout(Duration::from_secs(20)).send().await
    }

    pub(super) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let answer = self.send(path).await.unwrap();
        let status = answer.status();
        let bytes = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// A GET that must succeed.
    pub(super) async fn good(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// A list that must succeed.
    pub(super) async fn rows(&self, path: &str) -> Vec<Value> {
        self.good(path).await.as_array().unwrap().clone()
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}/rest{path}", self.sim.url());
        let answer = self.http.post(url).bearer_auth(&self.token).json(&body).send().await.unwrap();
        let status = answer.status();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
    }

    /// One action on one session: the status of the item and its first message.
    pub(super) async fn act(&self, verb: &str, id: &str) -> (u64, String) {
        let (status, body) = self.post(&format!("/inventory/v1/sessions/action/{verb}"), json!([id])).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let item = &body[0];
        assert_eq!(item["id"], id);
        let message = item["errors"][0]["error_message"].as_str().unwrap_or_default().to_owned();
        (item["status_code"].as_u64().unwrap(), message)
    }

    pub(super) fn seconds(&self, seconds: u64) {
        self.sim.control().advance(Duration::from_secs(seconds));
    }

    /// A filter, percent-encoded into a query.
    pub(super) fn filter(filter: &Value) -> String {
        let text = filter.to_string();
        format!("filter={}", percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC))
    }
}
