//! What shows the cloud who asks: a signature made anew each time, or a token.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use url::Url;

use super::sign::{self, ToSign};
use crate::{
    api::{
        Operation,
        http::{Answer, Failure, Seal, never_sent},
        request::{Body, Request},
    },
    domain::{Fault, FaultKind, Text},
};

const JSON: &str = "application/json";

/// So many signed requests may be out at a time: five bad signatures in a row lock the key (`workspace.md section 3.2`), and
/// what is out when the first is refused counts.
const SIGNED_AT_ONCE: usize = 4;

/// A clock that is off by less is not worth a word.
const NOTABLE_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// A clock that is off by more is the reason of a refusal: 15 minutes, less what a measure in seconds may be wrong by
/// (`workspace.md section 3.2`).
const HARMFUL_SKEW: SignedDuration = SignedDuration::from_secs(15 * 60 - 5);

/// What the body of a request is, to the byte.
fn bytes(body: &Body) -> &[u8] {
    match body {
        Body::None => b"",
        Body::Json(text) => text.as_bytes(),
        Body::Secret(text) => text.expose_secret().as_bytes(),
    }
}

/// Host and port as they go on the wire: the port only where it is not the usual one.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Collects headers; a value that cannot be one is never sent.
struct Headers {
    map: HeaderMap,
    operation: Operation,
}

impl Headers {
    fn new(operation: Operation) -> Self {
        Self { map: HeaderMap::new(), operation }
    }

    fn add(&mut self, name: HeaderName, value: &str, secret: bool) -> Result<(), Failure> {
        let mut value = HeaderValue::from_str(value).map_err(|_no_detail_of_a_secret| {
            Failure::last(never_sent(
                self.operation,
                &format!("the value for {name} cannot be sent in a header"),
            ))
        })?;
        value.set_sensitive(secret);
        self.map.insert(name, value);
        Ok(())
    }
}

const X_SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");
const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// A pair of keys. Once a signature was refused nothing more is signed with it.
pub(in crate::api) struct Keys {
    access_key: String,
    secret_key: SecretString,
    security_token: Option<SecretString>,
    refused: Mutex<Option<Fault>>,
    slots: Semaphore,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Keys({})", self.access_key)
    }
}

impl Keys {
    pub(in crate::api) fn new(
        access_key: String,
        secret_key: SecretString,
        security_token: Option<SecretString>,
    ) -> Self {
        let slots = Semaphore::new(SIGNED_AT_ONCE);
        Self { access_key, secret_key, security_token, refused: Mutex::new(None), slots }
    }

    /// Why nothing is signed any more, if so.
    pub(in crate::api) fn refusal(&self) -> Option<Fault> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn refuse(&self, operation: Operation, answer: &Answer) {
        let mut fault = answer.fault(operation);
        fault.kind = FaultKind::Unauthenticated;
        let key = &self.access_key;
        fault.message = Text::clean(&refused(key, fault.message.as_str(), answer.clock_offset));
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get_or_insert(fault);
    }
}

/// What is said of a refused signature. What matters most first: a narrow screen shows no more.
fn refused(key: &str, words: &str, ahead: Option<SignedDuration>) -> String {
    let is_clock = ahead.is_some_and(|ahead| ahead.abs() > HARMFUL_SKEW);
    let suspect = if is_clock { "the clock" } else { "the secret key" };
    let skew = ahead.map(skew).unwrap_or_default();
    format!(
        "signature refused: nothing more is sent; check {suspect}, then start again (access key {key}: {words}{skew}; five bad signatures lock a key)"
    )
}

/// What the difference of the clocks says about a refused signature.
fn skew(ahead: SignedDuration) -> String {
    let off = ahead.abs();
    if off < NOTABLE_SKEW {
        return "; the clocks agree".to_owned();
    }
    let side = if ahead.is_positive() { "behind" } else { "ahead of" };
    format!("; the clock of this machine is {off:#} {side} the server's, more than 15 min are refused")
}

/// Signs for one project, or for none where IAM is asked for it.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) struct Signature<'a> {
    pub(in crate::api) keys: &'a Keys,
    pub(in crate::api) project: Option<&'a str>,
}

impl Seal for Signature<'_> {
    fn headers(&self, request: &Request, url: &Url) -> Result<HeaderMap, Failure> {
        if let Some(fault) = self.keys.refusal() {
            return Err(Failure::last(fault));
        }
        let at = Timestamp::now();
        let host = host(url);
        let mut headers = Headers::new(request.operation);
        let mut signed = vec![("content-type", JSON), ("host", host.as_str())];
        headers.add(CONTENT_TYPE, JSON, false)?;
        headers.add(X_SDK_DATE, &sign::date(at), false)?;
        if let Some(project) = self.project {
            headers.add(X_PROJECT_ID, project, false)?;
            signed.push(("x-project-id", project));
        }
        if let Some(token) = &self.keys.security_token {
            headers.add(X_SECURITY_TOKEN, token.expose_secret(), true)?;
            signed.push(("x-security-token", token.expose_secret()));
        }
        let to_sign = ToSign {
            method: request.method.name(),
            path: url.path(),
            query: url.query().unwrap_or_default(),
            headers: &signed,
            body: bytes(&request.body),
            at,
        };
        let value = to_sign.authorization(&self.keys.access_key, &self.keys.secret_key);
        headers.add(AUTHORIZATION, &value, true)?;
        Ok(headers.map)
    }

    fn slots(&self) -> Option<&Semaphore> {
        Some(&self.keys.slots)
    }

    fn heard(&self, request: &Request, answer: &Answer) {
        if answer.status == 401 {
            self.keys.refuse(request.operation, answer);
        }
    }
}

/// Shows a token.
pub(in crate::api) struct Bearing<'a> {
    pub(in crate::api) token: &'a SecretString,
    pub(in crate::api) project: Option<&'a str>,
}

impl Seal for Bearing<'_> {
    fn headers(&self, request: &Request, _url: &Url) -> Result<HeaderMap, Failure> {
        let mut headers = Headers::new(request.operation);
        headers.add(CONTENT_TYPE, JSON, false)?;
        headers.add(X_AUTH_TOKEN, self.token.expose_secret(), true)?;
        if let Some(project) = self.project {
            headers.add(X_PROJECT_ID, project, false)?;
        }
        Ok(headers.map)
    }

    fn heard(&self, _request: &Request, _answer: &Answer) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_has_its_port_only_where_it_is_not_the_usual_one() {
        let host = |url: &str| host(&Url::parse(url).unwrap());
        assert_eq!(host("http://127.0.0.1:8080/v1"), "127.0.0.1:8080");
        assert_eq!(host("https://a.example:443/v1"), "a.example");
        assert_eq!(host("https://a.example/v1"), "a.example");
    }

    #[test]
    fn the_clocks_are_spoken_of_when_they_may_be_the_reason() {
        assert_eq!(skew(SignedDuration::from_secs(3)), "; the clocks agree");
        let words = skew(SignedDuration::from_mins(17));
        assert!(words.contains("17m behind the server's"), "{words}");
        assert!(skew(SignedDuration::from_mins(-17)).contains("17m ahead of the server's"));
    }

    #[test]
    fn a_refusal_begins_with_what_is_to_be_done() {
        let words = refused("AK1", "verify aksk signature fail", Some(SignedDuration::from_secs(3)));
        let first = "signature refused: nothing more is sent; check the secret key, then start again (access key AK1:";
        assert!(words.starts_with(first), "{words}");
        assert!(words.contains("verify aksk signature fail; the clocks agree"), "{words}");
        let late = refused("AK1", "expired", Some(SignedDuration::from_mins(-17)));
        assert!(late.starts_with("signature refused: nothing more is sent; check the clock, then"), "{late}");
    }

    #[test]
    fn secrets_are_marked_as_such_and_do_not_show() {
        let keys = Keys::new("AK1".into(), "hunter2".into(), Some("temporary".into()));
        let signature = Signature { keys: &keys, project: Some("p1") };
        let request = Request::get(Operation::ListImageServers, "/v1/p1/image-servers");
        let url = Url::parse("https://a.example/v1/p1/image-servers").unwrap();
        let headers = signature.headers(&request, &url).unwrap();
        let shown = format!("{headers:?} {keys:?} {signature:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("temporary") && !shown.contains("Signature="),
            "{shown}"
        );
        let value = headers[AUTHORIZATION].to_str().unwrap();
        assert!(
            value.contains("SignedHeaders=content-type;host;x-project-id;x-sdk-date;x-security-token"),
            "{value}"
        );
        let bad = Keys::new("AK\n1".into(), "s".into(), None);
        assert!(Signature { keys: &bad, project: None }.headers(&request, &url).is_err());
    }
}
