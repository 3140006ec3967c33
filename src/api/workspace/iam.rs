//! IAM: tokens for users, and which project a region has (`workspace.md sections 2 and 3.1`).

use std::{
    fmt,
    sync::{
        Mutex as StdMutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use crate::{
    api::{
        Operation, fault,
        gate::Turn,
        http::{Failure, How, Proof, Transport},
        request::{Body, Request},
    },
    domain::{Fault, FaultKind, Text},
};

/// A token is renewed at most so long before its end.
const EARLY: Duration = Duration::from_mins(10);

/// What a token is for.
#[derive(Debug, Clone)]
pub(in crate::api) enum Scope {
    /// The project with this id.
    Project(String),
    /// The project that is called like the region.
    Region(String),
}

/// A user, and the token it has.
pub(in crate::api) struct User {
    domain: String,
    username: String,
    password: SecretString,
    scope: Scope,
    /// Set once the log-in was refused, or a new token: nothing more is tried.
    refused: StdMutex<Option<Fault>>,
    held: Mutex<Option<Held>>,
}

#[derive(Debug, Clone)]
struct Held {
    token: Token,
    renew_at: Option<Instant>,
}

/// A token, its number, and the project it is for.
#[derive(Debug, Clone)]
pub(in crate::api) struct Token {
    pub(in crate::api) secret: SecretString,
    number: u64,
    pub(in crate::api) project: Option<String>,
}

static ISSUED: AtomicU64 = AtomicU64::new(0);

impl fmt::Debug for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "User({}\\{})", self.domain, self.username)
    }
}

impl User {
    pub(in crate::api) fn new(
        domain: String,
        username: String,
        password: SecretString,
        scope: Scope,
    ) -> Self {
        Self { domain, username, password, scope, refused: StdMutex::new(None), held: Mutex::new(None) }
    }

    pub(in crate::api) fn refusal(&self) -> Option<Fault> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on nothing is tried any more.
    pub(in crate::api) fn refuse(&self, fault: &Fault) {
        let mut fault = fault.clone();
        if fault.kind == FaultKind::Unauthenticated {
            // What matters most first: a narrow screen shows no more.
            fault.message = Text::clean(&format!(
                "log-in refused: nothing more is sent; check user and password, then start again ({})",
                fault.message
            ));
        }
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    async fn hold(&self, turn: Turn<'_>) -> Result<MutexGuard<'_, Option<Held>>, Failure> {
        turn.unless_stopped(self.held.lock()).await.ok_or_else(|| Failure::stopped(Operation::LogIn))
    }

    /// A token to send with, got or renewed if necessary.
    pub(in crate::api) async fn token(&self, turn: Turn<'_>, iam: &Transport) -> Result<Token, Failure> {
        if let Some(fault) = self.refusal() {
            return Err(Failure::last(fault));
        }
        let mut held = self.hold(turn).await?;
        let Some(known) = held.as_mut() else {
            return self.log_in(turn, iam, &mut held).await;
        };
        if known.renew_at.is_none_or(|at| Instant::now() < at) {
            return Ok(known.token.clone());
        }
        // Ahead of its end: when that does not work out for reasons of transport the old one may still do.
        let old = known.token.clone();
        match self.log_in(turn, iam, &mut held).await {
            Err(failure) if failure.how != How::Final || failure.is_stop() => Ok(old),
            other => other,
        }
    }

    /// A token in place of one that is no longer taken; somebody else's when they were quicker.
    pub(in crate::api) async fn replace(
        &self,
        turn: Turn<'_>,
        stale: &Token,
        iam: &Transport,
    ) -> Result<Token, Failure> {
        let mut held = self.hold(turn).await?;
        match held.as_ref() {
            Some(known) if known.token.number != stale.number => Ok(known.token.clone()),
            _ => self.log_in(turn, iam, &mut held).await,
        }
    }

    async fn log_in(
        &self,
        turn: Turn<'_>,
        iam: &Transport,
        held: &mut Option<Held>,
    ) -> Result<Token, Failure> {
        if let Some(fault) = self.refusal() {
            return Err(Failure::last(fault));
        }
        let request = self.request();
        // Asking twice is harmless for tokens, but a wrong password counts against the user: no repeat here.
        let answer = iam.send(turn.of_prerequisite(), &request, Proof::Nobody).await;
        let answer =
            answer.map_err(
                |failure| {
                    if failure.how == How::NotSent { failure } else { failure.before_sending() }
                },
            )?;
        if (400..500).contains(&answer.status) {
            let mut fault = answer.fault(Operation::LogIn);
            if answer.status == 401 {
                fault.kind = FaultKind::Unauthenticated;
            }
            // Whatever it is, asking again with the same words does not help.
            self.refuse(&fault);
            *held = None;
            return Err(Failure::last(self.refusal().unwrap_or(fault)));
        }
        let answer = answer.success(&request).map_err(Failure::before_sending)?;
        let Some(secret) = answer.subject_token.filter(|token| !token.expose_secret().is_empty()) else {
            let what = "the answer holds no token; is this IAM?";
            return Err(Failure::last(fault::bad_answer(Operation::LogIn, what)));
        };
        let body: WireBody = serde_json::from_slice(&answer.body).unwrap_or_default();
        let described = body.token.unwrap_or_default();
        let renew_at = described
            .lifetime(Timestamp::now())
            .map(|life| Instant::now() + life.saturating_sub((life / 10).min(EARLY)));
        let project = described.project.and_then(|project| project.id).filter(|id| !id.is_empty());
        let number = ISSUED.fetch_add(1, Ordering::Relaxed);
        let token = Token { secret, number, project };
        *held = Some(Held { token: token.clone(), renew_at });
        Ok(token)
    }

    fn request(&self) -> Request {
        let project = match &self.scope {
            Scope::Project(id) => json!({ "id": id }),
            Scope::Region(name) => json!({ "name": name }),
        };
        let body = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": {
                "name": self.username,
                "password": self.password.expose_secret(),
                "domain": { "name": self.domain },
            } } },
            "scope": { "project": project },
        } });
        let request =
            Request::post(Operation::LogIn, "/v3/auth/tokens", Body::Secret(body.to_string().into()));
        // The catalogue of all services is long and of no use here.
        request.with("nocatalog", "true")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireBody {
    token: Option<WireToken>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireToken {
    issued_at: Option<String>,
    expires_at: Option<String>,
    project: Option<WireProject>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireProject {
    id: Option<String>,
    name: Option<String>,
}

impl WireToken {
    /// How long it lives, by its own two times, so that clocks that differ do not matter; by our clock where it does not
    /// tell when it was issued. `None` when it does not say, or is over.
    fn lifetime(&self, now: Timestamp) -> Option<Duration> {
        let read = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Timestamp>().ok());
        let end = read(&self.expires_at)?;
        let life = end.duration_since(read(&self.issued_at).unwrap_or(now));
        Duration::try_from(life).ok().filter(|life| !life.is_zero())
    }
}

/// Asks for the projects of a region.
pub(in crate::api) fn projects_request(region: &str) -> Request {
    Request::get(Operation::FindProject, "/v3/projects").with("name", region)
}

/// The one project of a region. Refuses to guess among several: names them.
pub(in crate::api) fn read_project(region: &str, body: &[u8]) -> Result<String, Fault> {
    #[derive(Deserialize)]
    struct Wire {
        projects: Vec<WireProject>,
    }
    let read: Wire = serde_json::from_slice(body).map_err(|error| {
        fault::bad_answer(Operation::FindProject, &format!("the answer holds no list of projects: {error}"))
    })?;
    let named: Vec<(String, String)> = read
        .projects
        .into_iter()
        .filter_map(|project| {
            Some((project.id.filter(|id| !id.is_empty())?, project.name.unwrap_or_default()))
        })
        .collect();
    let undecided = |words: String| {
        Fault::new(FaultKind::NotConfigured, Operation::FindProject.label(), Text::clean(&words))
    };
    match named.as_slice() {
        [(id, _)] => Ok(id.clone()),
        [] => Err(undecided(format!("this identity has no project in the region {region}; set project_id"))),
        several => {
            let several: Vec<String> = several.iter().map(|(id, name)| format!("{name} ({id})")).collect();
            let (number, list) = (several.len(), several.join(", "));
            Err(undecided(format!(
                "the region {region} has {number} projects: {list}; set project_id to one of them"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_not_guessed() {
        let read = |body: &str| read_project("cn-north-4", body.as_bytes());
        assert_eq!(read(r#"{"projects":[{"id":"p1","name":"cn-north-4"}]}"#).unwrap(), "p1");
        let fault =
            read(r#"{"projects":[{"id":"p1","name":"cn-north-4"},{"id":"p2","name":"cn-north-4_b"}]}"#);
        let words = fault.unwrap_err().message.to_string();
        assert!(words.contains("cn-north-4 (p1), cn-north-4_b (p2)"), "{words}");
        assert!(read(r#"{"projects":[]}"#).is_err());
        assert!(read("<html>").is_err());
    }

    #[test]
    fn the_life_of_a_token_is_read_from_its_own_times() {
        let life = |issued: Option<&str>, expires: &str| {
            let token = WireToken {
                issued_at: issued.map(str::to_owned),
                expires_at: Some(expires.to_owned()),
                project: None,
            };
            token.lifetime("2026-01-01T00:00:00Z".parse().unwrap()).map(|life| life.as_secs())
        };
        assert_eq!(life(Some("2030-01-01T00:00:00.000000Z"), "2030-01-02T00:00:00.000000Z"), Some(86_400));
        assert_eq!(life(None, "2026-01-01T01:00:00Z"), Some(3600));
        assert_eq!(life(None, "2025-01-01T01:00:00Z"), None);
        assert_eq!(life(None, "soon"), None);
    }

    #[test]
    fn the_password_does_not_show() {
        let user = User::new("acme".into(), "op1".into(), "hunter2".into(), Scope::Region("r".into()));
        let shown = format!("{user:?} {:?}", user.request());
        assert!(!shown.contains("hunter2") && shown.contains("acme\\op1"), "{shown}");
    }
}
