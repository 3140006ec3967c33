//! An estate in the cloud: one endpoint and one project, who asks there, and how lists are read to their end.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use super::{
    connection::{Identity, WorkspaceConnection},
    iam::{self, Scope, User},
    read::{self, Row},
    seal::{Bearing, Keys, Signature},
    sessions,
    vanished::LastSeen,
};
use crate::{
    api::{
        Gates, ListProgress, Listing, Operation, RequestClass,
        gate::Turn,
        http::{Answer, Dialect, Failure, Proof, Transport, never_sent},
        page::{self, Reading},
        request::{Request, encode},
        retry,
        server::Patience,
    },
    domain::{Account, Capabilities, EventFeed, Fault, FaultKind, Session, Text, WireKind},
};

/// The largest page that a list gives (`workspace.md section 4.3`). It is always asked for: the preset is ten.
pub(super) const PAGE_SIZE: usize = 100;

/// Who asks.
#[derive(Debug)]
enum Who {
    Keys(Keys),
    User(User),
}

/// An estate in the cloud: what all clones share.
pub(in crate::api) struct Workspace {
    account_name: String,
    service: Transport,
    iam: Transport,
    who: Who,
    project: String,
    /// From when on sessions are listed.
    since: Mutex<Timestamp>,
    /// Who was in the lists of sessions.
    listed: Mutex<LastSeen>,
    pages_in_flight: usize,
    patience: Patience,
}

impl fmt::Debug for Workspace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} at {}", self.who, self.service.host())
    }
}

impl Workspace {
    /// Finds the project, and sees that the endpoint answers and knows who asks. What the identity may do is not told.
    pub(in crate::api) async fn connect(
        connection: WorkspaceConnection,
        gates: Arc<dyn Gates>,
        patience: Patience,
    ) -> Result<Self, Fault> {
        let (endpoint, iam) = connection.bases()?;
        let way = |base| {
            let gates = Arc::clone(&gates);
            let transport = Transport::new(base, &connection.tls, gates, connection.timeout, None);
            transport.map(|transport| transport.speaking(Dialect::Workspace))
        };
        let region = connection.region.as_deref();
        let account_name = connection.identity.name();
        let who = match connection.identity.clone() {
            Identity::Keys { access_key, secret_key, security_token } => {
                Who::Keys(Keys::new(access_key, secret_key, security_token))
            }
            Identity::User { domain, username, password } => {
                let scope = match (&connection.project, region) {
                    (Some(project), _) => Scope::Project(project.clone()),
                    (None, Some(region)) => Scope::Region(region.to_owned()),
                    (None, None) => return Err(no_project()),
                };
                Who::User(User::new(domain, username, password, scope))
            }
        };
        let mut workspace = Self {
            account_name,
            service: way(endpoint)?,
            iam: way(iam)?,
            who,
            project: String::new(),
            since: Mutex::new(connection.sessions_since),
            listed: Mutex::default(),
            pages_in_flight: connection.pages_in_flight,
            patience,
        };
        workspace.project = match (connection.project, region) {
            (Some(project), _) => project,
            (None, Some(region)) => workspace.find_project(region).await?,
            (None, None) => return Err(no_project()),
        };
        workspace.arrive().await?;
        Ok(workspace)
    }

    /// The project of a region: a token tells it, otherwise IAM is asked.
    async fn find_project(&self, region: &str) -> Result<String, Fault> {
        let turn: Turn<'_> = RequestClass::Job.into();
        if let Who::User(user) = &self.who {
            let token = user.token(turn, &self.iam).await.map_err(|failure| failure.fault)?;
            if let Some(project) = token.project {
                return Ok(project);
            }
        }
        let request = iam::projects_request(region);
        let answer = self.put(turn, &self.iam, &request, None).await?;
        iam::read_project(region, &answer.body)
    }

    /// A question that costs little, to see who is there. That this identity may not ask it is an answer too, as long as
    /// it may ask anything: when every question is refused, the project is not its own or no policy lets it in.
    async fn arrive(&self) -> Result<(), Fault> {
        let list = |operation, rest: &str| Request::get(operation, self.path(1, rest));
        let questions = [
            sessions::list_request(self),
            list(Operation::ListImageServers, "image-servers"),
            list(Operation::ListAppGroups, "app-groups"),
            list(Operation::ListAppServers, "app-servers"),
        ];
        let mut refused: Option<Fault> = None;
        for question in questions {
            let question = question.with("offset", "0").with("limit", "1");
            match self.ask(RequestClass::Job, &question).await {
                Ok(_) => return Ok(()),
                Err(fault) if fault.kind == FaultKind::InsufficientPermission => {
                    tracing::debug!(%fault, "refused while connecting");
                    refused.get_or_insert(fault);
                }
                // It may be asked, and what is wrong with this one question does not matter here.
                Err(fault)
                    if refused.is_some()
                        && fault.status.is_some()
                        && fault.kind != FaultKind::Unauthenticated =>
                {
                    return Ok(());
                }
                Err(fault) => return Err(fault),
            }
        }
        let Some(fault) = refused else { return Ok(()) };
        let words = format!(
            "not permitted: project {} is not this identity's own, or no policy lets it read Workspace there (the server says: {})",
            self.project, fault.message
        );
        Err(Fault { message: Text::clean(&words), ..fault })
    }

    /// Puts a question or order to the service.
    pub(super) async fn ask(&self, turn: impl Into<Turn<'_>>, request: &Request) -> Result<Answer, Fault> {
        self.put(turn.into(), &self.service, request, Some(&self.project)).await
    }

    /// A question is repeated after a broken answer; an order only when it never left. Each time it is sealed anew.
    async fn put(
        &self,
        turn: Turn<'_>,
        to: &Transport,
        request: &Request,
        project: Option<&str>,
    ) -> Result<Answer, Fault> {
        let mut attempt = 0;
        loop {
            let failure = match self.put_once(turn, to, request, project).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let again = attempt < self.patience.repeats
                && failure.may_repeat(request.idempotent)
                && failure.fault.retry_after.is_none_or(|wait| wait <= retry::LONGEST_PAUSE);
            if !again {
                let stopped = failure.is_stop();
                return Err(if stopped { Failure::stopped(request.operation).fault } else { failure.fault });
            }
            let pause = (self.patience.pause)(attempt, to.gate.random());
            let pause = pause.max(failure.fault.retry_after.unwrap_or_default());
            let slept = turn.unless_stopped(tokio::time::sleep(pause)).await;
            slept.ok_or_else(|| Failure::stopped(request.operation).fault)?;
            attempt += 1;
        }
    }

    /// One try. A refused signature ends everything for its key: the gate is not even asked any more. A refused token is
    /// replaced once.
    async fn put_once(
        &self,
        turn: Turn<'_>,
        to: &Transport,
        request: &Request,
        project: Option<&str>,
    ) -> Result<Answer, Failure> {
        let user = match &self.who {
            Who::User(user) => user,
            Who::Keys(keys) => {
                if let Some(fault) = keys.refusal() {
                    return Err(Failure::last(fault));
                }
                let signature = Signature { keys, project };
                let answer = to.send(turn, request, Proof::Seal(&signature)).await?;
                return match keys.refusal().filter(|_| answer.status == 401) {
                    Some(fault) => Err(Failure::last(fault)),
                    None => answer.success(request),
                };
            }
        };
        let token = user.token(turn, &self.iam).await.map_err(Failure::before_sending)?;
        let bearing = Bearing { token: &token.secret, project };
        let answer = to.send(turn, request, Proof::Seal(&bearing)).await?;
        if answer.status != 401 {
            return answer.success(request);
        }
        let token = user.replace(turn, &token, &self.iam).await.map_err(Failure::before_sending)?;
        let bearing = Bearing { token: &token.secret, project };
        let answer = to.send(turn, request, Proof::Seal(&bearing)).await?;
        if answer.status == 401 {
            user.refuse(&answer.fault(request.operation));
            if let Some(fault) = user.refusal() {
                return Err(Failure::last(fault));
            }
        }
        answer.success(request)
    }

    /// The path of something of this project: `version` 1 or 2.
    pub(super) fn path(&self, version: u8, rest: &str) -> String {
        format!("/v{version}/{}/{rest}", encode(&self.project))
    }

    /// Reads a list to its end, several pages at a time once their number is known.
    pub(super) async fn list<W: DeserializeOwned, R>(
        &self,
        class: RequestClass,
        request: &Request,
        key: &str,
        convert: fn(W) -> Option<Row<R>>,
        progress: impl Fn(ListProgress<'_>),
    ) -> Result<Listing<R>, Fault> {
        let fetch = |number: usize| async move {
            let offset = (number - 1) * PAGE_SIZE;
            let request =
                request.clone().with("offset", &offset.to_string()).with("limit", &PAGE_SIZE.to_string());
            let answer = self.ask(class, &request).await?;
            read::page(request.operation, key, &answer.body, convert)
        };
        let reading = Reading { size: PAGE_SIZE, in_flight: self.pages_in_flight, limit: usize::MAX };
        let whole = page::read_all(reading, fetch, progress).await?;
        Ok(Listing {
            complete: whole.is_complete(),
            unreadable: whole.unreadable,
            unreadable_fields: whole.unreadable_fields,
            rows: whole.rows.into_iter().map(|Row(_, row)| row).collect(),
        })
    }

    /// From when on sessions are listed.
    pub(in crate::api) fn since(&self) -> Timestamp {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists them from an earlier moment on; never from a later one.
    pub(in crate::api) fn widen(&self, since: Timestamp) {
        let mut known = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        *known = (*known).min(since);
    }

    /// Remembers sessions that this run may not have listed: their absence is looked at as that of those it has.
    pub(in crate::api) fn remember<'a>(&self, sessions: impl IntoIterator<Item = &'a Session>) {
        self.listed().remember(sessions);
    }

    /// Who was in the lists of sessions.
    pub(super) fn listed(&self) -> MutexGuard<'_, LastSeen> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::api) fn clock_offset(&self) -> Option<SignedDuration> {
        self.service.clock_offset()
    }

    /// What the service's clock shows now, as far as it is known.
    pub(super) fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        self.clock_offset().and_then(|offset| now.checked_add(offset).ok()).unwrap_or(now)
    }

    pub(in crate::api) fn capabilities(&self) -> Capabilities {
        Capabilities {
            wire: WireKind::Workspace,
            release: None,
            product_version: None,
            pod: None,
            cluster: None,
            sessions_version: 1,
            server: self.service.host(),
            events: EventFeed::NotOffered,
            account: Account { name: self.account_name.as_str().into(), ..Account::default() },
        }
    }
}

/// An id as a part of a path. One that would lead elsewhere is never sent.
pub(super) fn segment(operation: Operation, id: &str) -> Result<String, Fault> {
    if matches!(id, "" | "." | "..") {
        return Err(never_sent(operation, "this is no id"));
    }
    Ok(encode(id))
}

/// Whether a number of things may travel in one call.
pub(super) fn within(operation: Operation, what: &str, number: usize, most: usize) -> Result<(), Fault> {
    match number {
        0 => Err(never_sent(operation, &format!("no {what} are given"))),
        number if number > most => {
            Err(never_sent(operation, &format!("{number} {what} in one call, {most} at most")))
        }
        _ => Ok(()),
    }
}

fn no_project() -> Fault {
    let words = "neither a project nor a region is given; set project_id or region";
    Fault::new(FaultKind::InvalidArgument, "connect", words)
}
