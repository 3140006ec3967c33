//! The one place where a request leaves: through the gate, with a deadline and a limit on what comes back.
//!
//! It knows no API: what a status means is decided by the caller, except that a 429 goes back to the gate.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, time::Instant};
use url::Url;

use super::{
    Answered, Gate, Gates, Operation, Permit, ShutOut, TlsTrust,
    connection::is_loopback,
    errand, fault,
    gate::Turn,
    request::{Body, Method, Request},
    retry,
    room::Room,
    tls, workspace,
};
use crate::domain::{Fault, FaultKind, Text};

/// The longest answer that is taken: a page of 1000 sessions is below 10 MB even with hundreds of groups each.
const LONGEST_ANSWER: usize = 64 << 20;

/// For no longer an answer room is made beforehand, whatever the server announces.
const MOST_RESERVED: usize = 4 << 20;

/// As much of an error body as is worth reading.
const LONGEST_ERROR: usize = 64 << 10;

/// A complete HTTP answer, whatever its status.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// `HAS_MORE_RECORDS` is there.
    pub(super) more: bool,
    /// `X-TOTAL-COUNT`.
    pub(super) total: Option<usize>,
    /// How far the server's clock is ahead of this machine's.
    pub(super) clock_offset: Option<SignedDuration>,
    /// The id that the server gave the request (`workspace.md section 4.1`).
    pub(super) request_id: Option<Text>,
    /// A token in the header `X-Subject-Token`, which only IAM sends.
    pub(super) subject_token: Option<SecretString>,
    dialect: Dialect,
    /// How long the server asks to wait, if it does.
    told_wait: Option<Duration>,
    /// Where the room of the body goes when it is not needed any more.
    room: Arc<Room>,
}

/// How a server words its refusals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Dialect {
    /// As Horizon connection servers do.
    #[default]
    Horizon,
    /// As Huawei Cloud does.
    Workspace,
}

/// What shows the server who asks.
#[derive(Clone, Copy)]
pub(super) enum Proof<'a> {
    /// Nothing.
    Nobody,
    /// A token after `Bearer`.
    Bearer(&'a SecretString),
    /// Headers that are made anew each time the request leaves.
    Seal(&'a dyn Seal),
}

impl<'a> From<Option<&'a SecretString>> for Proof<'a> {
    fn from(bearer: Option<&'a SecretString>) -> Self {
        bearer.map_or(Self::Nobody, Self::Bearer)
    }
}

/// Makes the headers that show who asks.
pub(super) trait Seal: Send + Sync {
    /// The headers for a request that leaves now, its content type among them.
    ///
    /// # Errors
    ///
    /// When it must not leave.
    fn headers(&self, request: &Request, url: &Url) -> Result<HeaderMap, Failure>;

    /// Limits how many requests may be out at a time, where a server counts those that it refuses.
    fn slots(&self) -> Option<&Semaphore> {
        None
    }

    /// An answer has come; the next request has not left yet.
    fn heard(&self, request: &Request, answer: &Answer);
}

impl Dialect {
    /// The shortest wait after a 429 that does not say how long: the cloud's throttle counts by the minute
    /// (`workspace.md section 4.4`).
    fn least_wait(self) -> Duration {
        match self {
            Self::Horizon => Duration::ZERO,
            Self::Workspace => Duration::from_secs(2),
        }
    }
}

impl fmt::Debug for Answer {
    /// Without the body: it may hold tokens.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// How far a failed request came: decides whether it may be tried again, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// It never left: safe to try again, here or elsewhere.
    NotSent,
    /// It never left, and this server cannot take it now: only elsewhere.
    Elsewhere,
    /// It left and nothing came back in time.
    TimedOut,
    /// It left and the answer broke off, or a gateway answered for a server that is down.
    Broken,
    /// There is an answer, or trying again cannot help.
    Final,
}

/// A request without the answer that was hoped for.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) how: How,
    /// It is the failure of something that had to come first, such as the log-in: the status is not the answer to the
    /// request itself.
    pub(super) before: bool,
}

impl Failure {
    pub(super) fn new(fault: Fault, how: How) -> Self {
        Self { fault, how, before: false }
    }

    /// A failure that nothing can be done about.
    pub(super) fn last(fault: Fault) -> Self {
        Self::new(fault, How::Final)
    }

    /// The operator stopped it before it left.
    pub(super) fn stopped(operation: Operation) -> Self {
        Self::last(Fault::new(FaultKind::Cancelled, operation.label(), "stopped before it left"))
    }

    /// Whether the operator stopped it before it left.
    pub(super) fn is_stop(&self) -> bool {
        self.fault.kind == FaultKind::Cancelled
    }

    /// Seen from a request that waited for this one to succeed: it never left itself.
    pub(super) fn before_sending(mut self) -> Self {
        self.fault.maybe_done = false;
        self.before = true;
        self.how = match self.how {
            How::TimedOut | How::Broken => How::Elsewhere,
            other => other,
        };
        self
    }

    /// Whether the same server may be asked again.
    pub(super) fn may_repeat(&self, idempotent: bool) -> bool {
        match self.how {
            How::NotSent => true,
            How::Broken => idempotent,
            How::Elsewhere | How::TimedOut | How::Final => false,
        }
    }

    /// Whether another server may be asked.
    pub(super) fn may_go_elsewhere(&self, idempotent: bool) -> bool {
        match self.how {
            How::NotSent | How::Elsewhere => true,
            How::TimedOut | How::Broken => idempotent,
            How::Final => false,
        }
    }
}

/// A way to one server.
#[derive(Debug)]
pub(super) struct Transport {
    /// `https://host/rest`.
    pub(super) base: Url,
    client: reqwest::Client,
    /// What decides when a request to this server may leave.
    pub(super) gate: Arc<dyn Gate>,
    timeout: Duration,
    language: Option<HeaderValue>,
    dialect: Dialect,
    /// What the last answer said of the server's clock.
    clock_offset: Mutex<Option<SignedDuration>>,
    room: Arc<Room>,
}

impl Transport {
    /// A way to the server with this REST base. Nothing is sent yet.
    pub(super) fn new(
        base: Url,
        trust: &TlsTrust,
        gates: Arc<dyn Gates>,
        timeout: Duration,
        language: Option<&str>,
    ) -> Result<Self, Fault> {
        let unusable = |what: String| Fault::new(FaultKind::InvalidArgument, "connect", what);
        let language = language.map(HeaderValue::from_str).transpose();
        let language =
            language.map_err(|error| unusable(format!("the language is no header value: {error}")))?;
        // Plain HTTP to this machine needs no trust store, which may be missing altogether.
        let nobody = TlsTrust::Pinned(Vec::new());
        let trust = if base.scheme() == "http" { &nobody } else { trust };
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(trust)?)
            .redirect(reqwest::redirect::Policy::none())
            // An order must not be sent twice behind our back; questions are repeated by whoever asks them.
            .retry(reqwest::retry::never())
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("foretop/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let client =
            builder.build().map_err(|error| unusable(format!("no HTTP client can be made: {error}")))?;
        let gate = gates.gate(&host_of(&base));
        let dialect = Dialect::default();
        Ok(Self {
            base,
            client,
            gate,
            timeout,
            language,
            dialect,
            clock_offset: Mutex::default(),
            room: Arc::default(),
        })
    }

    /// The same for a server that words its refusals in another way.
    pub(super) fn speaking(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// Name and port of the server, for people.
    pub(super) fn host(&self) -> Text {
        host_of(&self.base)
    }

    /// How far the server's clock is ahead of this machine's; `None` until an answer has told.
    pub(super) fn clock_offset(&self) -> Option<SignedDuration> {
        *self.clock_offset.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back to the system what is kept for more long answers.
    pub(super) fn forget_room(&self) {
        self.room.forget();
    }

    fn note_clock(&self, offset: Option<SignedDuration>) {
        if offset.is_some() {
            *self.clock_offset.lock().unwrap_or_else(PoisonError::into_inner) = offset;
        }
    }

    /// Sends a request as soon as the gate lets it. A throttled request was not executed, whatever it is, and goes
    /// back to the gate (`horizon-rest.md section 6`). A stop reaches it there, and nowhere else.
    pub(super) async fn send(
        &self,
        turn: Turn<'_>,
        request: &Request,
        proof: impl Into<Proof<'_>>,
    ) -> Result<Answer, Failure> {
        let proof = proof.into();
        let mut throttles = 0;
        loop {
            let admission = turn.unless_stopped(self.gate.admit(turn.class, request.operation));
            let admitted = errand::at_gate(admission).await;
            let admitted = admitted.ok_or_else(|| Failure::stopped(request.operation))?;
            let permit = admitted.map_err(|shut| self.shut_out(request.operation, shut))?;
            let is_order = !matches!(request.method, Method::Get);
            if is_order && throttles > 0 && !errand::leaves_again().await {
                return Err(Failure::stopped(request.operation));
            }
            let answer = self.admitted(request, proof).await?;
            if answer.status != 429 {
                return Ok(answer);
            }
            let wait =
                answer.told_wait.unwrap_or_else(|| retry::throttle_wait(throttles, self.gate.random()));
            let wait = if answer.told_wait.is_none() { wait.max(self.dialect.least_wait()) } else { wait };
            // Before the permit goes: nobody may slip through in between.
            self.gate.throttled(request.operation, wait);
            drop(permit);
            throttles += 1;
            if throttles > retry::THROTTLES {
                let mut fault = answer.fault(request.operation);
                fault.retry_after = Some(wait);
                return Err(Failure::last(fault));
            }
            if is_order {
                // At the gate already: whoever asks meanwhile learns that it is held up.
                errand::at_gate(errand::thrown_back()).await;
            }
        }
    }

    /// Sends a request that the gate has let through, and tells the gate how it went.
    async fn admitted(&self, request: &Request, proof: Proof<'_>) -> Result<Answer, Failure> {
        let slots = if let Proof::Seal(seal) = proof { seal.slots() } else { None };
        let _slot = match slots {
            // It is never closed.
            Some(slots) => slots.acquire().await.ok(),
            None => None,
        };
        let started = Instant::now();
        let result = errand::out(Box::pin(self.exchange(request, proof))).await;
        if let (Proof::Seal(seal), Ok(answer)) = (proof, &result) {
            seal.heard(request, answer);
        }
        let elapsed = started.elapsed();
        self.log(request, &result, elapsed);
        self.gate.answered(request.operation, judge(&result), elapsed);
        result
    }

    /// Sees whether a server that was given up is back. Asks without a token: who it is does not matter, a refusal is an
    /// answer too.
    pub(super) async fn probe(&self, permit: Permit) {
        let request = Request::get(Operation::ReadEnvironment, "/config/v1/pre-logon-settings");
        if let Err(failure) = self.admitted(&request, Proof::Nobody).await {
            tracing::debug!(fault = %failure.fault, "a server that was given up is not back");
        }
        drop(permit);
    }

    /// The failure of a request to a server that was given up: it never left.
    fn shut_out(&self, operation: Operation, shut: ShutOut) -> Failure {
        let ShutOut { failures, wait } = shut;
        let times = if failures == 1 { "once".to_owned() } else { format!("{failures} times in a row") };
        let seconds = wait.as_secs_f64().ceil().max(1.0);
        let host = self.host();
        let what = format!("{host} failed {times}; it is tried again in {seconds} s");
        let mut fault = Fault::new(FaultKind::Unreachable, operation.label(), what);
        fault.retry_after = Some(wait);
        Failure::new(fault, How::Elsewhere)
    }

    /// One request and its complete answer.
    async fn exchange(&self, request: &Request, proof: Proof<'_>) -> Result<Answer, Failure> {
        let sent = Timestamp::now();
        let mut response =
            self.prepare(request, proof)?.send().await.map_err(|error| self.failed(request, &error))?;
        let status = response.status().as_u16();
        let headers = response.headers();
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        let clock_offset = date.and_then(|date| clock_offset(date, sent, Timestamp::now()));
        self.note_clock(clock_offset);
        let mut answer = Answer {
            status,
            body: Vec::new(),
            more: header(headers, "has_more_records")
                .is_some_and(|value| !value.eq_ignore_ascii_case("false")),
            total: header(headers, "x-total-count").and_then(|value| value.trim().parse().ok()),
            clock_offset,
            request_id: header(headers, "x-request-id").filter(|id| !id.is_empty()).map(Text::clean),
            subject_token: header(headers, "x-subject-token").map(SecretString::from),
            dialect: self.dialect,
            room: Arc::clone(&self.room),
            told_wait: retry::told_wait(
                header(headers, "x-rate-limit-retry-after-seconds"),
                header(headers, "retry-after"),
                // By the clock of whoever wrote the date, when it tells.
                date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok())
                    .unwrap_or_else(Timestamp::now),
            ),
        };
        if (300..400).contains(&status) {
            let target = headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("nowhere");
            let what = format!("the server sends us on to {target}; put the final address into the profile");
            let mut fault = fault::bad_answer(request.operation, &what);
            fault.status = Some(status);
            return Err(Failure::last(fault));
        }
        let limit = if response.status().is_success() { LONGEST_ANSWER } else { LONGEST_ERROR };
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        let announced = announced.unwrap_or_default().min(limit).min(MOST_RESERVED);
        answer.body = self.room.take(announced);
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if answer.body.len() + chunk.len() <= limit => {
                    answer.body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) if limit == LONGEST_ERROR => break,
                Ok(Some(_)) => {
                    let mut fault = fault::bad_answer(request.operation, "the answer is too long");
                    fault.status = Some(status);
                    fault.maybe_done = !request.idempotent;
                    return Err(Failure::last(fault));
                }
                Ok(None) => break,
                // The status of a refusal says enough without its words.
                Err(_) if status >= 400 => break,
                Err(error) => return Err(self.failed(request, &error)),
            }
        }
        Ok(answer)
    }

    /// The request in the client's terms.
    fn prepare(&self, request: &Request, proof: Proof<'_>) -> Result<reqwest::RequestBuilder, Failure> {
        let mut url = self.base.as_str().trim_end_matches('/').to_owned();
        url.push_str(&request.path);
        if !request.query.is_empty() {
            url.push('?');
            url.push_str(&request.query);
        }
        let sealed = match proof {
            Proof::Seal(seal) => {
                let url = Url::parse(&url).map_err(|error| {
                    Failure::last(never_sent(request.operation, &format!("the address is none: {error}")))
                })?;
                Some(seal.headers(request, &url)?)
            }
            Proof::Nobody | Proof::Bearer(_) => None,
        };
        let mut builder = match request.method {
            Method::Patch => self.client.patch(url),
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url),
            Method::Put => self.client.put(url),
            Method::Delete => self.client.delete(url),
        };
        builder = builder.timeout(self.timeout).header(ACCEPT, "application/json, */*");
        if let Some(language) = &self.language {
            builder = builder.header(ACCEPT_LANGUAGE, language.clone());
        }
        if let Proof::Bearer(bearer) = proof {
            let value = HeaderValue::from_str(&format!("Bearer {}", bearer.expose_secret()));
            let mut value = value.map_err(|_no_detail_of_a_secret| {
                let what = "the server's token cannot be sent in a header";
                Failure::last(fault::bad_answer(request.operation, what))
            })?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        let is_sealed = sealed.is_some();
        if let Some(headers) = sealed {
            builder = builder.headers(headers);
        }
        let json = |builder: reqwest::RequestBuilder| {
            if is_sealed { builder } else { builder.header(CONTENT_TYPE, "application/json") }
        };
        Ok(match &request.body {
            Body::None => builder,
            Body::Json(text) => json(builder).body(text.clone()),
            Body::Secret(text) => json(builder).body(text.expose_secret().to_owned()),
        })
    }

    /// What a transport error means.
    fn failed(&self, request: &Request, error: &reqwest::Error) -> Failure {
        let host = self.host();
        let operation = request.operation;
        let innermost = tls::innermost(error);
        let unreachable = |what: String| Fault::new(FaultKind::Unreachable, operation.label(), what);
        if let Some(why) = tls::refusal(error) {
            return Failure::last(unreachable(format!("{host}: {why}")));
        }
        if self.base.scheme() == "http" && tls::is_tls_record(&innermost) {
            return Failure::last(unreachable(format!("{host} speaks TLS here; use https://")));
        }
        if error.is_builder() {
            return Failure::last(unreachable(format!("{host}: the request cannot be made")));
        }
        if error.is_connect() {
            let what = format!("cannot connect to {host}: {innermost}");
            return Failure::new(unreachable(what), How::NotSent);
        }
        let (what, how) = if error.is_timeout() {
            (format!("{host} did not answer within {} s", self.timeout.as_secs_f32()), How::TimedOut)
        } else {
            (format!("the answer of {host} broke off: {innermost}"), How::Broken)
        };
        let mut fault = unreachable(what);
        fault.maybe_done = !request.idempotent;
        Failure::new(fault, how)
    }

    fn log(&self, request: &Request, result: &Result<Answer, Failure>, elapsed: Duration) {
        let status = match result {
            Ok(answer) => Some(answer.status),
            Err(failure) => failure.fault.status,
        };
        let failed = result.as_ref().err().map(|failure| failure.fault.message.as_str());
        tracing::debug!(
            host = %self.host(),
            method = ?request.method,
            path = request.path,
            status,
            elapsed_ms = elapsed.as_millis() as u64,
            failed,
            "request"
        );
    }
}

/// Name of a server, and its port where it is not the usual one.
pub(super) fn host_of(base: &Url) -> Text {
    let host = base.host_str().unwrap_or_default();
    base.port().map_or_else(|| host.into(), |port| format!("{host}:{port}").into())
}

/// How a request went, in the gate's terms.
fn judge(result: &Result<Answer, Failure>) -> Answered {
    match result {
        Ok(answer) if answer.status == 429 => Answered::Throttled,
        Ok(answer) if matches!(answer.status, 502..=504) => Answered::Unavailable,
        Ok(answer) if answer.status >= 500 => Answered::Failed,
        Ok(_) => Answered::Well,
        Err(failure) => match failure.how {
            How::TimedOut | How::Broken => Answered::Lost,
            How::Final if failure.fault.status.is_some() => Answered::Well,
            How::NotSent | How::Elsewhere | How::Final => Answered::Unreached,
        },
    }
}

impl Answer {
    /// Nobody needs the body any more.
    pub(super) fn done(self) {
        self.room.give(self.body);
    }

    /// The fault that this refusal stands for.
    pub(super) fn fault(&self, operation: Operation) -> Fault {
        match self.dialect {
            Dialect::Horizon => fault::of_answer(operation, self.status, &self.body),
            Dialect::Workspace => {
                workspace::fault::of_answer(operation, self.status, &self.body, self.request_id.as_ref())
            }
        }
    }

    /// A success, or else the failure that the status stands for.
    pub(super) fn success(self, request: &Request) -> Result<Self, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let mut fault = self.fault(request.operation);
        fault.maybe_done = self.status >= 500 && !request.idempotent;
        fault.retry_after = fault.retry_after.or(self.told_wait.filter(|_| self.status == 503));
        // Gateways and starting servers: not declared by the vendor, but worth asking again. So is a question that the
        // server stumbled over; of an order a 500 may mean that it was carried out.
        let is_broken = matches!(self.status, 502..=504) || self.status == 500 && request.idempotent;
        let how = if is_broken { How::Broken } else { How::Final };
        Err(Failure::new(fault, how))
    }
}

/// How far the clock that wrote a `Date` header is ahead. The header has whole seconds, and was written at some moment
/// between `sent` and `received`: of all offsets that fit, this is the smallest, so that a slow answer is not taken for
/// a wrong clock. `None` for a text that is no date.
fn clock_offset(date: &str, sent: Timestamp, received: Timestamp) -> Option<SignedDuration> {
    let date = DateTimeParser::new().parse_timestamp(date).ok()?;
    let least = date.duration_since(received);
    let most = date.duration_since(sent) + SignedDuration::from_secs(1);
    Some(SignedDuration::ZERO.min(most).max(least.min(most)))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A fault of kind `InvalidArgument` for something asked of us that is never sent.
pub(super) fn never_sent(operation: Operation, what: &str) -> Fault {
    Fault::new(FaultKind::InvalidArgument, operation.label(), what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_the_smallest_that_fits_and_never_a_slow_answer() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let offset =
            |date, sent, received| clock_offset(date, at(sent), at(received)).map(|offset| offset.as_secs());
        let date = "Mon, 02 Mar 2026 14:00:00 GMT";
        assert_eq!(offset(date, "2026-03-02T13:59:30Z", "2026-03-02T14:00:40Z"), Some(0));
        assert_eq!(offset(date, "2026-03-02T14:00:00.9Z", "2026-03-02T14:00:00.95Z"), Some(0));
        assert_eq!(offset(date, "2026-03-02T12:59:50Z", "2026-03-02T13:00:00Z"), Some(3600));
        assert_eq!(offset(date, "2026-03-02T15:00:01Z", "2026-03-02T15:00:11Z"), Some(-3600));
        // The local clock was put back in between.
        assert!(offset(date, "2026-03-02T15:00:00Z", "2026-03-02T14:00:00Z").is_some());
        for bad in ["", "yesterday", "Mon, 99 Mar 2026 14:00:00 GMT"] {
            assert_eq!(offset(bad, "2026-03-02T14:00:00Z", "2026-03-02T14:00:00Z"), None, "{bad}");
        }
    }
}
