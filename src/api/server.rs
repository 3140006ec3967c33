//! One connection server: its tokens, its versions, and how a question is put to it until it is answered.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use tokio::sync::OnceCell;

use super::{
    auth::{Credentials, Tokens},
    fault,
    gate::Turn,
    horizon::{
        environment::{self, Environment},
        global_sessions, sessions,
        versions::{Resource, Versions},
    },
    http::{Answer, Failure, How, Transport},
    request::Request,
    retry,
};
use crate::domain::{Fault, FaultKind, Release};

/// How patient one is with a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// How often a question is repeated after a broken answer.
    pub(super) repeats: u32,
    /// How long to pause before repeat number n, given a random number in 0..1.
    pub(super) pause: fn(u32, f64) -> Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { repeats: retry::REPEATS, pause: retry::pause }
    }
}

/// An answer, and the version of the resource that gave it.
#[derive(Debug)]
pub(super) struct Versioned {
    pub(super) answer: Answer,
    pub(super) version: u8,
}

/// One connection server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) transport: Transport,
    pub(super) versions: Versions,
    tokens: Tokens,
    environment: OnceCell<Environment>,
    patience: Patience,
    /// Whether nobody could take its place.
    alone: bool,
}

impl Server {
    pub(super) fn new(transport: Transport, patience: Patience, alone: bool) -> Self {
        Self {
            transport,
            versions: Versions::default(),
            tokens: Tokens::default(),
            environment: OnceCell::new(),
            patience,
            alone,
        }
    }

    /// Sees in the background whether the server is back, when it was given up and it is time to look.
    pub(super) fn look_after(self: &Arc<Self>) {
        if let Some(permit) = self.transport.gate.probe() {
            let server = Arc::clone(self);
            tokio::spawn(async move { server.transport.probe(permit).await });
        }
    }

    /// Puts a request, logged in. A question is repeated after a broken answer; an order only when it never left. Where
    /// another server could take it, a server that cannot be reached is not asked twice.
    pub(super) async fn ask(
        &self,
        turn: Turn<'_>,
        request: &Request,
        credentials: &Credentials,
    ) -> Result<Answer, Failure> {
        let mut attempt = 0;
        loop {
            match self.ask_once(turn, request, credentials).await {
                Err(failure) if self.may_repeat(&failure, request, attempt) => {
                    let pause = (self.patience.pause)(attempt, self.transport.gate.random());
                    let pause = pause.max(failure.fault.retry_after.unwrap_or_default());
                    let slept = turn.unless_stopped(tokio::time::sleep(pause)).await;
                    slept.ok_or_else(|| Failure::stopped(request.operation))?;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    /// Whether a request is put to this server once more.
    fn may_repeat(&self, failure: &Failure, request: &Request, attempt: u32) -> bool {
        attempt < self.patience.repeats
            && failure.may_repeat(request.idempotent)
            && (self.alone || failure.how != How::NotSent)
            && failure.fault.retry_after.is_none_or(|wait| wait <= retry::LONGEST_PAUSE)
    }

    /// One try. A 401 means that the request was not executed: with a new token it is sent once more, whatever it is.
    async fn ask_once(
        &self,
        turn: Turn<'_>,
        request: &Request,
        credentials: &Credentials,
    ) -> Result<Answer, Failure> {
        let access = self.tokens.access(turn, &self.transport, credentials).await;
        let access = access.map_err(Failure::before_sending)?;
        let answer = self.send(turn, request, &access.token).await?;
        if answer.status != 401 {
            return answer.success(request);
        }
        let access = self.tokens.replace(turn, &access, &self.transport, credentials).await;
        let access = access.map_err(Failure::before_sending)?;
        self.send(turn, request, &access.token).await?.success(request)
    }

    async fn send(&self, turn: Turn<'_>, request: &Request, token: &SecretString) -> Result<Answer, Failure> {
        self.transport.send(turn, request, Some(token)).await
    }

    /// Puts a request to a resource that comes in versions. A list that answers 404 is not there in this version:
    /// one lower is tried, and remembered.
    pub(super) async fn ask_versioned(
        &self,
        turn: Turn<'_>,
        resource: Resource,
        request: &Request,
        credentials: &Credentials,
    ) -> Result<Versioned, Failure> {
        self.environment(turn, credentials).await?;
        if resource == Resource::Session && !self.versions.sessions_proven() {
            // Only a list tells "no such version" from "no such session".
            let proof = sessions::list_request(1, 1);
            Box::pin(self.ask_versioned(turn, Resource::Sessions, &proof, credentials)).await?;
        }
        loop {
            let Some(version) = self.versions.of(resource) else {
                return Err(Failure::last(self.absent(resource, request)));
            };
            match self.ask(turn, &request.at_version(version), credentials).await {
                Ok(answer) => {
                    match resource {
                        Resource::Sessions => self.versions.prove_sessions(),
                        Resource::GlobalSessions => self.versions.prove_global_sessions(),
                        _ => {}
                    }
                    return Ok(Versioned { answer, version });
                }
                Err(failure) if is_missing(&failure) && resource != Resource::Session => {
                    if resource == Resource::GlobalSessions
                        && self.has_global_sessions(turn, version, credentials).await?
                    {
                        // It is the pod that is not there.
                        return Err(failure);
                    }
                    if !self.versions.step_down(resource, version) {
                        return Err(Failure::last(self.absent(resource, request)));
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Whether the list of the federation's sessions exists in a version that answered 404: that may mean its pod too.
    /// Without a pod the server refuses in other words (`horizon-rest.md section 21`).
    async fn has_global_sessions(
        &self,
        turn: Turn<'_>,
        version: u8,
        credentials: &Credentials,
    ) -> Result<bool, Failure> {
        if self.versions.global_sessions_proven() {
            return Ok(true);
        }
        let probe = global_sessions::probe_request().at_version(version);
        let there = match self.ask(turn, &probe, credentials).await {
            Ok(_) => true,
            Err(failure) if is_missing(&failure) => false,
            Err(failure) if !failure.before && failure.fault.status.is_some_and(|status| status < 500) => {
                true
            }
            Err(failure) => return Err(failure),
        };
        if there {
            self.versions.prove_global_sessions();
        }
        Ok(there)
    }

    /// What the server says about itself; asked for once.
    pub(super) async fn environment(
        &self,
        turn: Turn<'_>,
        credentials: &Credentials,
    ) -> Result<&Environment, Failure> {
        self.environment
            .get_or_try_init(|| async {
                let environment = self.ask_environment(turn, credentials).await?;
                if let Some(release) = environment.release {
                    self.versions.adopt(release);
                }
                tracing::debug!(host = %self.transport.host(), ?environment, "server recognised");
                Ok(environment)
            })
            .await
    }

    /// The fault of a resource that the server has in no version: names the release that brought it where that is why.
    pub(super) fn absent(&self, resource: Resource, request: &Request) -> Fault {
        let release = self.known_environment().and_then(|environment| environment.release);
        let late = |first: &Release| release.is_none_or(|release| release < *first);
        let mut fault = match (resource.first().filter(late), release) {
            (Some(first), Some(release)) => {
                too_old(request, &format!("not in release {release}, since {first}"))
            }
            (Some(first), None) => {
                too_old(request, &format!("the server does not have it; releases have it since {first}"))
            }
            (None, _) => {
                fault::bad_answer(request.operation, "the server has no such call in any known version")
            }
        };
        fault.status = Some(404);
        fault
    }

    /// As far as it is known without asking.
    pub(super) fn known_environment(&self) -> Option<&Environment> {
        self.environment.get()
    }

    async fn ask_environment(
        &self,
        turn: Turn<'_>,
        credentials: &Credentials,
    ) -> Result<Environment, Failure> {
        for version in environment::VERSIONS {
            match self.ask(turn, &environment::request(version), credentials).await {
                Ok(answer) => return Ok(environment::read(version, &answer.body)),
                Err(failure) if is_missing(&failure) => {}
                // Refused for other reasons than the log-in: it stays unknown.
                Err(failure) if !failure.before && matches!(failure.fault.status, Some(400 | 403 | 409)) => {
                    break;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(Environment::default())
    }

    /// Gives the tokens back.
    pub(super) async fn log_out(&self) {
        self.tokens.give_back(&self.transport).await;
    }
}

/// Whether the request itself was answered 404.
fn is_missing(failure: &Failure) -> bool {
    !failure.before && failure.fault.status == Some(404)
}

fn too_old(request: &Request, words: &str) -> Fault {
    Fault::new(FaultKind::NotInRelease, request.operation.label(), words)
}
