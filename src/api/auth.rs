//! The tokens of one server: logging in, refreshing, one at a time (`horizon-rest.md section 2`).

use std::{
    fmt,
    sync::{
        Mutex as StdMutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use super::{
    Operation, Password, RequestClass, fault,
    gate::Turn,
    http::{Answer, Failure, How, Transport},
    request::{Body, Request},
};
use crate::domain::{Fault, FaultKind, Text};

/// Who logs in; one for all servers of the estate.
pub(super) struct Credentials {
    username: String,
    domain: String,
    password: Password,
    /// Set once the server has refused the log-in. No other attempt is made: a wrong password that is tried again and
    /// again locks the account.
    refused: StdMutex<Option<Fault>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Credentials({}\\{})", self.domain, self.username)
    }
}

impl Credentials {
    pub(super) fn new(username: String, domain: String, password: Password) -> Self {
        Self { username, domain, password, refused: StdMutex::new(None) }
    }

    fn refusal(&self) -> Option<Fault> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn refuse(&self, fault: &Fault) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault.clone());
    }
}

/// Numbers tokens over all servers and log-ins: two with the same number are the same token.
static ISSUED: AtomicU64 = AtomicU64::new(0);

/// An access token and its number.
#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) token: SecretString,
    number: u64,
}

#[derive(Debug)]
struct Pair {
    access: Access,
    /// The server does not rotate it: kept until it is refused.
    refresh: Option<SecretString>,
    /// When to renew the access token ahead of its end, if it tells its end.
    renew_at: Option<Instant>,
}

/// The tokens of one server. Whoever renews them holds the lock, everybody else waits for the result.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<Option<Pair>>);

impl Tokens {
    /// Waits until nobody else renews them.
    async fn hold(&self, turn: Turn<'_>) -> Result<MutexGuard<'_, Option<Pair>>, Failure> {
        turn.unless_stopped(self.0.lock()).await.ok_or_else(|| Failure::stopped(Operation::Refresh))
    }

    /// A token to send with, made or renewed if necessary.
    pub(super) async fn access(
        &self,
        turn: Turn<'_>,
        transport: &Transport,
        credentials: &Credentials,
    ) -> Result<Access, Failure> {
        let mut held = self.hold(turn).await?;
        let Some(pair) = held.as_mut() else {
            return log_in(turn, transport, credentials, &mut held).await;
        };
        if pair.renew_at.is_none_or(|at| Instant::now() < at) {
            return Ok(pair.access.clone());
        }
        // Ahead of time: when it does not work out for reasons of transport, the old one may still do.
        let due = pair.renew_at.take();
        let old = pair.access.clone();
        match renew(turn, transport, credentials, &mut held).await {
            Err(failure) if failure.how != How::Final => Ok(old),
            Err(failure) => {
                // Not tried at all: the next one does it.
                if let Some(pair) = held.as_mut().filter(|_| failure.is_stop()) {
                    pair.renew_at = due;
                }
                Err(failure)
            }
            renewed => renewed,
        }
    }

    /// A token in place of one that the server no longer takes. When somebody else has replaced it in the meantime,
    /// theirs.
    pub(super) async fn replace(
        &self,
        turn: Turn<'_>,
        stale: &Access,
        transport: &Transport,
        credentials: &Credentials,
    ) -> Result<Access, Failure> {
        let mut held = self.hold(turn).await?;
        match held.as_ref() {
            Some(pair) if pair.access.number != stale.number => Ok(pair.access.clone()),
            _ => renew(turn, transport, credentials, &mut held).await,
        }
    }

    /// Forgets the tokens and gives them back to the server. A dead token (400) is as good as given back.
    pub(super) async fn give_back(&self, transport: &Transport) {
        let Some(Pair { access, refresh: Some(refresh), .. }) = self.0.lock().await.take() else {
            return;
        };
        let body = Body::Secret(json!({ "refresh_token": refresh.expose_secret() }).to_string().into());
        let request = Request::post(Operation::LogOut, "/logout", body);
        if let Err(failure) = transport.send(RequestClass::Job.into(), &request, Some(&access.token)).await {
            tracing::debug!(fault = %failure.fault, "log-out not confirmed");
        }
    }
}

/// Renews with the refresh token, or else logs in anew.
async fn renew(
    turn: Turn<'_>,
    transport: &Transport,
    credentials: &Credentials,
    held: &mut Option<Pair>,
) -> Result<Access, Failure> {
    let Some(refresh) = held.as_ref().and_then(|pair| pair.refresh.clone()) else {
        return log_in(turn, transport, credentials, held).await;
    };
    let body = Body::Secret(json!({ "refresh_token": refresh.expose_secret() }).to_string().into());
    let request = Request::post(Operation::Refresh, "/refresh", body);
    let answer = transport.send(turn.of_prerequisite(), &request, None).await?;
    if (400..500).contains(&answer.status) {
        tracing::debug!(status = answer.status, "refresh refused, logging in anew");
        return log_in(turn, transport, credentials, held).await;
    }
    let pair = read_tokens(answer.success(&request)?, Some(refresh))?;
    let access = pair.access.clone();
    *held = Some(pair);
    Ok(access)
}

/// Logs in with the password.
async fn log_in(
    turn: Turn<'_>,
    transport: &Transport,
    credentials: &Credentials,
    held: &mut Option<Pair>,
) -> Result<Access, Failure> {
    if let Some(fault) = credentials.refusal() {
        return Err(Failure::last(fault));
    }
    *held = None;
    let body = json!({
        "username": credentials.username,
        "password": credentials.password.expose_secret(),
        "domain": credentials.domain,
    });
    let request = Request::post(Operation::LogIn, "/login", Body::Secret(body.to_string().into()));
    let sent = transport.send(turn.of_prerequisite(), &request, None).await;
    // A log-in whose fate is unknown is not repeated here: each wrong one counts against the account.
    let answer =
        sent.map_err(|failure| if failure.how == How::NotSent { failure } else { failure.before_sending() })?;
    if matches!(answer.status, 400 | 401 | 403) {
        let fault = refused(&answer);
        credentials.refuse(&fault);
        return Err(Failure::last(fault));
    }
    let status = answer.status;
    let pair = match answer.success(&request) {
        Ok(answer) => read_tokens(answer, None)?,
        Err(failure) if status >= 500 => {
            let fault = Fault { maybe_done: false, ..failure.fault };
            return Err(Failure::new(fault, How::Elsewhere));
        }
        Err(failure) if status == 404 => {
            let what = format!("there is no Horizon REST API at {}", transport.base);
            let fault = Fault { kind: FaultKind::BadAnswer, message: what.into(), ..failure.fault };
            return Err(Failure::new(fault, How::Elsewhere));
        }
        Err(failure) => return Err(failure),
    };
    let access = pair.access.clone();
    *held = Some(pair);
    Ok(access)
}

/// The fault of a refused log-in, in the server's words if it has any.
fn refused(answer: &Answer) -> Fault {
    let mut fault = fault::of_answer(Operation::LogIn, answer.status, &answer.body);
    if answer.status != 403 {
        fault.kind = FaultKind::Unauthenticated;
    }
    if fault.message == "Unauthorized" {
        fault.message = Text::clean("the server does not take this user name, domain and password");
    }
    fault
}

#[derive(Deserialize)]
struct WireTokens {
    access_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
}

fn read_tokens(mut answer: Answer, kept: Option<SecretString>) -> Result<Pair, Failure> {
    let read = serde_json::from_slice::<WireTokens>(&answer.body);
    answer.body.zeroize();
    let tokens = read.ok().and_then(|tokens| Some((tokens.access_token?, tokens.refresh_token)));
    let Some((token, refresh)) = tokens else {
        let what = "the answer holds no access token; is this a Horizon connection server?";
        return Err(Failure::last(fault::bad_answer(Operation::LogIn, what)));
    };
    let now = Timestamp::now().as_second();
    let renew_at =
        lifetime(token.expose_secret(), now).map(|lifetime| Instant::now() + renew_after(lifetime));
    let number = ISSUED.fetch_add(1, Ordering::Relaxed);
    Ok(Pair { access: Access { token, number }, refresh: refresh.or(kept), renew_at })
}

/// How long a JWT lives, by its own claims: `exp` less `iat`, so that clocks that differ do not matter; less our own
/// clock when it has no `iat`. `None` when it does not say, or is over already.
fn lifetime(token: &str, now: i64) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        exp: Option<f64>,
        iat: Option<f64>,
    }
    let payload = token.split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let seconds = claims.exp? - claims.iat.unwrap_or(now as f64);
    (seconds > 0.0 && seconds < 1e9).then(|| Duration::from_secs_f64(seconds))
}

/// When to renew a token ahead of its end: a tenth of its life before, a minute at most.
fn renew_after(lifetime: Duration) -> Duration {
    lifetime.saturating_sub((lifetime / 10).min(Duration::from_mins(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &serde_json::Value) -> String {
        format!("head.{}.signature", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn the_life_of_a_token_is_read_from_its_own_claims() {
        let life = |claims: serde_json::Value| lifetime(&token(&claims), 1_000).map(|life| life.as_secs());
        assert_eq!(
            life(json!({ "exp": 90_001_800_i64, "iat": 90_000_000_i64 })),
            Some(1800),
            "clocks differ"
        );
        assert_eq!(life(json!({ "exp": 2_800 })), Some(1800));
        assert_eq!(life(json!({ "exp": 900 })), None, "over by our clock: wait for the 401 instead");
        assert_eq!(life(json!({ "sub": "kaya" })), None);
        assert_eq!(lifetime("opaque", 0), None);
        assert_eq!(lifetime("a.b.c", 0), None);
    }

    #[test]
    fn renewal_comes_shortly_before_the_end() {
        assert_eq!(renew_after(Duration::from_mins(30)).as_secs(), 1740);
        assert_eq!(renew_after(Duration::from_secs(100)).as_secs(), 90);
    }

    #[test]
    fn nothing_secret_shows() {
        let credentials = Credentials::new("kaya".into(), "CORP".into(), "hunter2".into());
        assert_eq!(format!("{credentials:?}"), "Credentials(CORP\\kaya)");
        let access = Access { token: "eyJ".into(), number: 0 };
        assert!(!format!("{access:?}").contains("eyJ"));
    }
}
