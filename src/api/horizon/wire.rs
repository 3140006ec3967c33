//! An estate of Horizon connection servers: which one answers, failing over, and what the calls of an estate mean there.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{
    actions,
    directory::Domains,
    events,
    names::{self, Directory},
    pages::{Before, PageMemory, Seen, SessionPage, SessionPages},
    rights, sessions,
    versions::Resource,
};
use crate::{
    api::{
        Action, Connection, Estate, EventBatch, EventMark, Gates, ItemAnswer, ListProgress, Operation,
        Password, RequestClass, SessionList, Standing,
        auth::Credentials,
        fault,
        federation::Known,
        filter::Filter,
        gate::Turn,
        http::{Failure, Transport, never_sent},
        page::{self, PAGE_SIZE, Reading, Whole},
        request::Request,
        server::{Patience, Server, Versioned},
    },
    domain::{
        AccessGroupId, Account, AuditEvent, Capabilities, EventFeed, Fault, FaultKind, Release, Session,
        SessionId, SessionParts, SessionRows, Text, WireKind,
    },
};

/// How long a list waits for names that it lacks.
pub(in crate::api) const LIST_NAMES_BUDGET: Duration = Duration::from_secs(5);

/// The release that tells an account what it may do (`horizon-rest.md section 12`).
const RIGHTS_SINCE: Release = Release(2209);

/// How long a single session waits for them.
const ONE_NAME_BUDGET: Duration = Duration::from_secs(2);

/// An estate of Horizon connection servers: what all clones share.
pub(in crate::api) struct Horizon {
    account_name: String,
    credentials: Credentials,
    /// In the order in which they are wanted.
    servers: Vec<Arc<Server>>,
    /// The server that answered last.
    current: AtomicUsize,
    pages_in_flight: usize,
    /// What the last whole list of this pod was made of.
    pages: Arc<PageMemory>,
    /// How many pages may be read at a time: see [`readers`].
    readers: Semaphore,
    /// How many sessions the last whole list of this pod had; 0 before the first.
    pub(in crate::api) last_listed: AtomicUsize,
    /// What it may do, as last read.
    account: Mutex<Account>,
    /// Set once the server has said something else than "available".
    feed: Mutex<Option<EventFeed>>,
    pub(in crate::api) directory: tokio::sync::Mutex<Directory>,
    /// What is known of the federation.
    pub(in crate::api) federation: Mutex<Known>,
    /// How the domains of the directory are called.
    pub(in crate::api) domains: tokio::sync::OnceCell<Domains>,
}

impl fmt::Debug for Horizon {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} at {}", self.credentials, self.server().transport.host())
    }
}

impl Horizon {
    pub(in crate::api) fn server(&self) -> &Server {
        // There is at least one: `Connection::bases` makes sure.
        &self.servers[self.current.load(Ordering::Relaxed)]
    }

    /// The servers in the order in which a request tries them: as the profile has them, without those that were given
    /// up. Only when all were given up, those: the gate then says which one may be tried. Has a look in passing whether
    /// a server is back that was given up; nobody waits for that.
    fn candidates(&self) -> Vec<usize> {
        let open = |index: &usize| self.servers[*index].transport.gate.standing() == Standing::Open;
        let all = 0..self.servers.len();
        let mut candidates: Vec<usize> = all.clone().filter(open).collect();
        if candidates.is_empty() {
            candidates.extend(all);
            // The one that is due comes first.
            candidates.sort_by_key(|index| self.servers[*index].transport.gate.standing() != Standing::Due);
        } else {
            all.filter(|index| !candidates.contains(index))
                .for_each(|index| self.servers[index].look_after());
        }
        candidates
    }

    /// Puts a request to the first server that is up, or to the next ones when that turns out to be down. An order goes
    /// elsewhere only when it never left.
    pub(in crate::api) async fn put(
        &self,
        turn: impl Into<Turn<'_>>,
        resource: Option<Resource>,
        request: &Request,
    ) -> Result<Versioned, Fault> {
        let turn = turn.into();
        let candidates = self.candidates();
        let mut tried = 0;
        loop {
            let index = candidates[tried];
            let server = &self.servers[index];
            let result = match resource {
                Some(resource) => server.ask_versioned(turn, resource, request, &self.credentials).await,
                None => server
                    .ask(turn, request, &self.credentials)
                    .await
                    .map(|answer| Versioned { answer, version: 0 }),
            };
            tried += 1;
            match result {
                Ok(versioned) => {
                    self.settle(index);
                    return Ok(versioned);
                }
                Err(failure) if tried < candidates.len() && failure.may_go_elsewhere(request.idempotent) => {
                    self.leave(index, &failure);
                }
                // Whatever it waited for in that moment: it is this request that was stopped.
                Err(failure) if failure.is_stop() => return Err(Failure::stopped(request.operation).fault),
                Err(failure) => return Err(among(failure, tried)),
            }
        }
    }

    /// Goes on to the next server, and gives this one up: its time-out is paid once, and not with every request, and no
    /// order is risked on a server that has just failed a question.
    fn leave(&self, index: usize, failure: &Failure) {
        tracing::warn!(fault = %failure.fault, "trying the next connection server");
        self.servers[index].transport.gate.give_up();
    }

    fn settle(&self, index: usize) {
        let before = self.current.swap(index, Ordering::Relaxed);
        if before != index {
            tracing::info!(host = %self.servers[index].transport.host(), "connection server changed");
        }
    }

    /// Finds a server that is up and lets us in, and learns what it is.
    async fn arrive(&self) -> Result<(), Fault> {
        let mut tried = 0;
        loop {
            let server = &self.servers[tried];
            let result = server.environment(RequestClass::Job.into(), &self.credentials).await;
            tried += 1;
            match result {
                Ok(_) => {
                    self.settle(tried - 1);
                    return Ok(());
                }
                Err(failure) if tried < self.servers.len() && failure.may_go_elsewhere(true) => {
                    self.leave(tried - 1, &failure);
                }
                Err(failure) => return Err(among(failure, tried)),
            }
        }
    }

    /// What the account may do; `None` when the release will not tell.
    async fn read_rights(&self, class: RequestClass) -> Result<Option<Account>, Fault> {
        let release = self.server().known_environment().and_then(|environment| environment.release);
        if release.is_some_and(|release| release < RIGHTS_SINCE) {
            return Ok(None);
        }
        let versioned = self.put(class, None, &rights::request()).await?;
        let mut account = rights::read(&self.account_name, &versioned.answer.body)?;
        if rights::wants_groups(&account)
            && let Ok(versioned) = self.put(class, None, &rights::groups_request()).await
        {
            account.root_group = rights::root_of(&versioned.answer.body);
        }
        Ok(Some(account))
    }

    /// Who is logged in, with the rights as last read.
    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a list of sessions page by page, as the server has it. `before` is one that was made with the same `adjust`.
    pub(in crate::api) async fn read_sessions(
        &self,
        class: RequestClass,
        resource: Resource,
        request: impl Fn(usize) -> Request + Sync,
        adjust: impl Fn(&mut SessionParts<'_>) + Clone + Send + Sync + 'static,
        before: Option<Before>,
        progress: impl Fn(ListProgress<'_>) + Send + Sync,
    ) -> Result<ReadSessions, Fault> {
        let oldest = AtomicU8::new(u8::MAX);
        let clock_offset = OnceLock::new();
        let fetch = |number| {
            let (oldest, clock_offset) = (&oldest, &clock_offset);
            let (memory, before, adjust) = (Arc::clone(&self.pages), before.clone(), adjust.clone());
            let request = request(number);
            async move {
                let versioned = self.put(class, Some(resource), &request).await?;
                oldest.fetch_min(versioned.version, Ordering::Relaxed);
                // The first page is there before any other is asked for.
                clock_offset.get_or_init(|| versioned.answer.clock_offset);
                let (operation, answer) = (request.operation, versioned.answer);
                let is_short = answer.body.len() < SHORT;
                let read =
                    move || SessionPage::read(number, operation, answer, &memory, before.as_ref(), adjust);
                if is_short { read() } else { self.beside(operation, read).await }
            }
        };
        let reading = Reading { size: PAGE_SIZE, in_flight: self.pages_in_flight, limit: usize::MAX };
        let tell = |so_far: ListProgress<'_>, pages: &SessionPages| {
            // Without the names that old releases lack, and that are looked up in the end, nobody would find anybody.
            let is_named = oldest.load(Ordering::Relaxed) >= names::COMPLETE;
            let rows = || pages.so_far();
            progress(if is_named { so_far.with_rows(&rows) } else { so_far });
        };
        let whole = page::read_into(reading, SessionPages::new(before.clone()), fetch, tell).await;
        for server in &self.servers {
            server.transport.forget_room();
        }
        let whole = whole?;
        let complete = whole.is_complete();
        let (sessions, pages) = whole.rows.finish();
        let list = SessionList {
            complete,
            sessions,
            unreadable: whole.unreadable,
            unreadable_fields: whole.unreadable_fields,
            clock_offset: clock_offset.into_inner().flatten(),
        };
        Ok(ReadSessions { list, version: oldest.into_inner(), pages })
    }

    /// Reads an answer away from the requests that go on meanwhile.
    async fn beside<P: Send + 'static>(
        &self,
        operation: Operation,
        read: impl FnOnce() -> Result<P, Fault> + Send + 'static,
    ) -> Result<P, Fault> {
        let turn = self.readers.acquire().await;
        let page = tokio::task::spawn_blocking(read).await;
        drop(turn);
        page.unwrap_or_else(|error| {
            let words = format!("reading the answer failed: {error}");
            Err(Fault::new(FaultKind::Unexpected, operation.label(), words))
        })
    }

    /// Names the pod of the sessions that run where they were asked for; the lists say only that they do.
    pub(in crate::api) fn name_pod(&self, sessions: &mut [Session]) {
        let Some(pod) = self.own_pod() else {
            return;
        };
        for session in sessions {
            if session.resourced_remotely == Some(false) && session.pod_name.is_none() {
                session.pod_name = Some(pod.clone());
            }
        }
    }

    /// What the pod that answers is called, once that is known.
    fn own_pod(&self) -> Option<Text> {
        self.server().known_environment().and_then(|environment| environment.pod.clone())
    }

    /// The root access group, if it was recognised.
    pub(in crate::api) fn root_group(&self) -> Option<AccessGroupId> {
        self.account().root_group.clone()
    }

    fn feed(&self) -> Option<EventFeed> {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_feed(&self, feed: &EventFeed) {
        *self.feed.lock().unwrap_or_else(PoisonError::into_inner) = Some(feed.clone());
    }

    /// Reads events newest first, `limit` at most; `Err` inside says why there are none to read.
    async fn read_events(
        &self,
        filter: Option<&Filter>,
        size: usize,
        limit: usize,
    ) -> Result<Result<Whole<AuditEvent>, EventFeed>, Fault> {
        // Asking again would only fill the server's log with refusals.
        if self.feed() == Some(EventFeed::NotPermitted) {
            return Ok(Err(EventFeed::NotPermitted));
        }
        let fetch = |number| async move {
            let request = events::request(number, size, filter);
            let versioned = self.put(RequestClass::Poll, Some(Resource::Events), &request).await?;
            events::read_page(&versioned.answer)
        };
        let reading = Reading { size, in_flight: self.pages_in_flight, limit };
        match page::read_all(reading, fetch, |_| {}).await {
            Ok(mut whole) => {
                self.set_feed(&EventFeed::Available);
                whole.rows.truncate(limit);
                Ok(Ok(whole))
            }
            Err(fault) => {
                // Not when it is the log-in that was refused.
                let own = fault.operation == Operation::ListEvents.label();
                let feed = match fault.status.filter(|_| own) {
                    Some(409) => EventFeed::NoDatabase,
                    Some(403) => EventFeed::NotPermitted,
                    Some(404) => EventFeed::NotInRelease,
                    _ => return Err(fault),
                };
                self.set_feed(&feed);
                Ok(Err(feed))
            }
        }
    }

    pub(in crate::api) fn capabilities(&self) -> Capabilities {
        let server = self.server();
        let environment = server.known_environment().cloned().unwrap_or_default();
        let in_release = server.versions.of(Resource::Events).is_some();
        let supposed = if in_release { EventFeed::Available } else { EventFeed::NotInRelease };
        Capabilities {
            wire: WireKind::Horizon,
            release: environment.release,
            product_version: environment.product_version,
            pod: environment.pod,
            cluster: environment.cluster,
            sessions_version: server.versions.of(Resource::Sessions).unwrap_or_default(),
            server: server.transport.host(),
            events: self.feed().unwrap_or(supposed),
            account: self.account().clone(),
        }
    }
}

/// What is shorter is read where it arrives: handing it over takes longer.
const SHORT: usize = 256 << 10;

/// How many pages may be read at a time: one processor is left to requests and keys, if there are several.
fn readers() -> usize {
    thread::available_parallelism().map_or(1, |processors| processors.get().saturating_sub(1).max(1))
}

/// A list of sessions as the server has it.
pub(in crate::api) struct ReadSessions {
    pub(in crate::api) list: SessionList<Arc<SessionRows>>,
    /// The oldest version that a page came in.
    pub(in crate::api) version: u8,
    /// What it was made of.
    pages: Vec<Seen>,
}

/// The fault of the last server that was tried, saying that others were tried before it.
fn among(failure: Failure, tried: usize) -> Fault {
    let mut fault = failure.fault;
    if tried > 1 {
        fault.message = format!("{} (the last of {tried} servers tried)", fault.message).into();
    }
    fault
}

impl Horizon {
    /// Finds a server that is up, logs in and learns what the account may do.
    pub(in crate::api) async fn connect(
        connection: Connection,
        password: Password,
        gates: Arc<dyn Gates>,
        patience: Patience,
    ) -> Result<(Self, Capabilities), Fault> {
        let bases = connection.bases()?;
        let alone = bases.len() == 1;
        let mut servers = Vec::new();
        for base in bases {
            let transport = Transport::new(
                base,
                &connection.tls,
                Arc::clone(&gates),
                connection.timeout,
                connection.language.as_deref(),
            )?;
            servers.push(Arc::new(Server::new(transport, patience, alone)));
        }
        let account_name = connection.account_name();
        let unknown = Account { name: account_name.as_str().into(), ..Account::default() };
        let inner = Self {
            account_name,
            credentials: Credentials::new(connection.username, connection.domain, password),
            servers,
            current: AtomicUsize::new(0),
            pages_in_flight: connection.pages_in_flight,
            pages: Arc::default(),
            readers: Semaphore::new(readers()),
            last_listed: AtomicUsize::new(0),
            account: Mutex::new(unknown),
            feed: Mutex::new(None),
            directory: tokio::sync::Mutex::default(),
            federation: Mutex::default(),
            domains: tokio::sync::OnceCell::new(),
        };
        inner.arrive().await?;
        match inner.read_rights(RequestClass::Job).await {
            Ok(Some(account)) => *inner.account() = account,
            Ok(None) => {}
            Err(fault) => tracing::debug!(%fault, "rights stay unknown"),
        }
        let capabilities = inner.capabilities();
        Ok((inner, capabilities))
    }

    /// All sessions that the account may see: every page, several at a time, names filled in where the release lacks
    /// them.
    pub(in crate::api) async fn list_sessions(
        &self,
        class: RequestClass,
        progress: impl Fn(ListProgress<'_>) + Send + Sync,
    ) -> Result<SessionList<Arc<SessionRows>>, Fault> {
        let request = |number| sessions::list_request(number, PAGE_SIZE);
        let pod = self.own_pod();
        let name = pod.clone();
        let name_pod = move |session: &mut SessionParts<'_>| {
            if let Some(pod) = name.as_ref().filter(|_| session.resourced_remotely == Some(false))
                && session.pod_name.is_none()
            {
                session.pod_name = Some(Cow::Owned(pod.as_str().to_owned()));
            }
        };
        let before = self.pages.recall(pod.as_ref());
        let read = self.read_sessions(class, Resource::Sessions, request, name_pod, before, progress).await?;
        let ReadSessions { list, version, pages } = read;
        self.last_listed.store(list.sessions.len() + list.unreadable, Ordering::Relaxed);
        // What an old release lacks, and a name that has become known meanwhile, is filled in afterwards.
        if version >= names::COMPLETE && pod == self.own_pod() {
            self.pages.keep(pod, pages, &list.sessions);
            return Ok(list);
        }
        let mut list = list.apart();
        names::fill(self, RequestClass::Lookup, version, LIST_NAMES_BUDGET, &mut list.sessions).await;
        self.name_pod(&mut list.sessions);
        Ok(list.map(|sessions| Arc::new(sessions.into_iter().collect())))
    }

    /// One session as it is now; a fault of kind `EntityNotFound` when it has ended.
    pub(in crate::api) async fn session(&self, id: &SessionId) -> Result<Session, Fault> {
        let request = sessions::one_request(id);
        let versioned = self.put(RequestClass::Job, Some(Resource::Session), &request).await?;
        let mut session = sessions::read_one(&versioned.answer.body)?;
        let session_only = std::slice::from_mut(&mut session);
        names::fill(self, RequestClass::Lookup, versioned.version, ONE_NAME_BUDGET, session_only).await;
        self.name_pod(session_only);
        Ok(session)
    }

    /// Asks for a verb on up to [`Estate::MAX_TARGETS`] sessions: one answer for each id, in their order.
    ///
    /// `stop` keeps the request from leaving, wherever it waits: at the gate, also when a 429 has put it back there,
    /// and for a new token. A request that is out is waited for, stop or not.
    ///
    /// # Errors
    ///
    /// When the call as a whole failed. `maybe_done` then says whether the server may have carried it out. `Cancelled`
    /// when it was stopped before it left, or after a 429 or 401, which say that it was not carried out.
    pub(in crate::api) async fn act(
        &self,
        action: &Action,
        ids: &[SessionId],
        stop: &CancellationToken,
    ) -> Result<Vec<ItemAnswer>, Fault> {
        if ids.len() > Estate::MAX_TARGETS {
            let what = format!("{} targets in one call, {} at most", ids.len(), Estate::MAX_TARGETS);
            return Err(never_sent(Operation::of(action.verb), &what));
        }
        // An id that is given twice is asked for once; both get the answer.
        let mut places: HashMap<&SessionId, usize> = HashMap::with_capacity(ids.len());
        let mut targets: Vec<&SessionId> = Vec::with_capacity(ids.len());
        for id in ids {
            places.entry(id).or_insert_with(|| {
                targets.push(id);
                targets.len() - 1
            });
        }
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let request = actions::request(action, &targets)?;
        let turn = Turn::stoppable(RequestClass::Job, stop);
        let versioned = self.put(turn, None, &request).await?;
        let answers = actions::read(action.verb, &targets, &versioned.answer.body)?;
        Ok(ids.iter().filter_map(|id| answers.get(*places.get(id)?).cloned()).collect())
    }

    /// Events since the mark; without one the newest [`Estate::FIRST_EVENTS`]. Each event comes once.
    ///
    /// # Errors
    ///
    /// Not for a log that cannot be read: the batch says so in `feed`.
    pub(in crate::api) async fn events(&self, since: Option<&EventMark>) -> Result<EventBatch, Fault> {
        let mut mark = since.cloned().unwrap_or_default();
        let filter = mark.filter(self.server_now());
        let (size, limit) = match filter {
            Some(_) => (PAGE_SIZE, Estate::MOST_EVENTS),
            None => (Estate::FIRST_EVENTS, Estate::FIRST_EVENTS),
        };
        let whole = match self.read_events(filter.as_ref(), size, limit).await? {
            Ok(whole) => whole,
            Err(feed) => return Ok(EventBatch::none(mark, feed)),
        };
        Ok(EventBatch {
            truncated: filter.is_some() && whole.cut,
            unreadable: whole.unreadable + whole.unreadable_fields,
            events: mark.take(whole.rows),
            mark,
            feed: EventFeed::Available,
        })
    }

    /// The events of a span of time, the newest `limit` of them at most; open at the end without `to`.
    pub(in crate::api) async fn events_between(
        &self,
        from: Timestamp,
        to: Option<Timestamp>,
        limit: usize,
    ) -> Result<EventBatch, Fault> {
        let filter = events::span(from, to, self.server_now());
        let size = limit.clamp(1, PAGE_SIZE);
        let mut mark = EventMark::default();
        match self.read_events(Some(&filter), size, limit.max(1)).await? {
            Ok(whole) => Ok(EventBatch {
                truncated: whole.cut,
                unreadable: whole.unreadable + whole.unreadable_fields,
                events: mark.take(whole.rows),
                mark,
                feed: EventFeed::Available,
            }),
            Err(feed) => Ok(EventBatch::none(mark, feed)),
        }
    }

    /// Reads what the account may do again, and tells what server and account can do with that. A release that does not
    /// tell is not asked.
    ///
    /// # Errors
    ///
    /// When it could not be read, or was told before and is not now; what was known stays in force.
    pub(in crate::api) async fn refresh_rights(&self, class: RequestClass) -> Result<Capabilities, Fault> {
        if let Some(mut account) = self.read_rights(class).await? {
            let mut known = self.account();
            if account.privileges.is_none() && known.privileges.is_some() {
                return Err(fault::bad_answer(Operation::ReadRights, "the answer does not tell any rights"));
            }
            if account.root_group.is_none() {
                // Which group is the root does not change; that it is not told now takes nothing away.
                account.root_group.clone_from(&known.root_group);
            }
            *known = account;
        }
        Ok(self.capabilities())
    }

    /// Gives the tokens back. What goes wrong is only logged: the tokens end by themselves.
    pub(in crate::api) async fn logout(&self) {
        for server in &self.servers {
            server.log_out().await;
        }
    }

    /// How far the clock of the server that answered last is ahead of this machine's (behind, when negative); `None`
    /// when it does not say.
    pub(in crate::api) fn clock_offset(&self) -> Option<SignedDuration> {
        self.server().transport.clock_offset()
    }

    /// What the clock of the server shows now, as far as it is known.
    fn server_now(&self) -> Timestamp {
        let now = Timestamp::now();
        self.clock_offset().and_then(|offset| now.checked_add(offset).ok()).unwrap_or(now)
    }
}
