//! An estate as the upper floors see it, whatever wire it is reached by.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{
    Connection, EventMark, Gates, Login, Operation, Password, RequestClass, WorkspaceConnection,
    cloud::of_cloud, horizon::wire::Horizon, server::Patience, workspace::wire::Workspace,
};
use crate::domain::{
    AuditEvent, Capabilities, EventFeed, Fault, MessageText, Outcome, Session, SessionId, SessionRow,
    SessionRows, Verb, WireKind,
};

/// How far a list has come.
#[derive(Clone, Copy)]
pub struct ListProgress<'a> {
    /// Rows that have arrived.
    pub received: usize,
    /// Rows there are, when the server says.
    pub total: Option<usize>,
    /// Makes a list of the sessions that have arrived.
    so_far: Option<&'a dyn Fn() -> SessionRows>,
}

impl<'a> ListProgress<'a> {
    /// What is known of any list.
    pub fn of(received: usize, total: Option<usize>) -> Self {
        Self { received, total, so_far: None }
    }

    /// The same of a list of sessions that can be looked at while it is read.
    pub(super) fn with_rows(self, so_far: &'a dyn Fn() -> SessionRows) -> Self {
        Self { so_far: Some(so_far), ..self }
    }

    /// The same as a part of several lists of which so much has arrived.
    #[must_use]
    pub fn counted_as(self, received: usize, total: Option<usize>) -> Self {
        Self { received, total, ..self }
    }

    /// The sessions that have arrived, as they are known by then; `None` for a list that cannot be looked at before its end.
    pub fn sessions(&self) -> Option<SessionRows> {
        self.so_far.map(|make| make())
    }
}

impl fmt::Debug for ListProgress<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { received, total, .. } = self;
        formatter
            .debug_struct("ListProgress")
            .field("received", received)
            .field("total", total)
            .finish_non_exhaustive()
    }
}

/// All sessions that the account may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionList<S = Vec<Session>> {
    /// The sessions, each once, in the order of the server.
    pub sessions: S,
    /// Whether every session is there: the list stood still while it was read, has as many rows as the server counts,
    /// and every row could be read. Otherwise absence from it proves nothing, ask for the session itself.
    pub complete: bool,
    /// Rows that could not be read and were left out.
    pub unreadable: usize,
    /// Fields that could not be read and count as unknown.
    pub unreadable_fields: usize,
    /// How far the clock of the server is ahead of this machine's (behind, when negative), by the `Date` of the first
    /// page; `None` when it did not say.
    pub clock_offset: Option<SignedDuration>,
}

impl<S> SessionList<S> {
    /// The same list with its sessions kept in another way.
    pub(super) fn map<T>(self, keep: impl FnOnce(S) -> T) -> SessionList<T> {
        let Self { sessions, complete, unreadable, unreadable_fields, clock_offset } = self;
        SessionList { sessions: keep(sessions), complete, unreadable, unreadable_fields, clock_offset }
    }
}

impl SessionList<Arc<SessionRows>> {
    /// The same list with every session as a value of its own.
    pub(super) fn apart(self) -> SessionList {
        self.map(|rows| rows.iter().map(SessionRow::to_session).collect())
    }
}

/// A verb with what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What to do.
    pub verb: Verb,
    /// The text, for [`Verb::Message`] only.
    pub message: Option<MessageText>,
}

/// What the server said about one target of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemAnswer {
    /// It took the request; whether it happened has to be looked at.
    Accepted,
    /// It refused this target.
    Refused(Fault),
    /// The target is not there (any more).
    NotFound(Fault),
    /// It said nothing, or nothing that could be understood, about this target.
    NoAnswer(Fault),
}

impl From<ItemAnswer> for Outcome {
    fn from(answer: ItemAnswer) -> Self {
        match answer {
            ItemAnswer::Accepted => Self::Accepted,
            ItemAnswer::Refused(fault) => Self::Refused(fault),
            ItemAnswer::NotFound(fault) => Self::NotFound(fault),
            ItemAnswer::NoAnswer(fault) => Self::NoAnswer(fault),
        }
    }
}

/// Events since a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBatch {
    /// The new ones, oldest first.
    pub events: Vec<AuditEvent>,
    /// Where to go on next time.
    pub mark: EventMark,
    /// Whether events can be read at all.
    pub feed: EventFeed,
    /// Whether older ones were left out because there were too many.
    pub truncated: bool,
    /// Rows and fields that could not be read and were left out.
    pub unreadable: usize,
}

/// One estate: cheap to clone, all clones share tokens, versions and names.
#[derive(Clone)]
pub struct Estate {
    wire: Wire,
}

/// By which API it is reached.
#[derive(Clone)]
enum Wire {
    Horizon(Arc<Horizon>),
    Workspace(Arc<Workspace>),
}

impl fmt::Debug for Estate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wire {
            Wire::Horizon(horizon) => write!(formatter, "Estate({horizon:?})"),
            Wire::Workspace(workspace) => write!(formatter, "Estate({workspace:?})"),
        }
    }
}

impl Estate {
    /// At most this many targets travel in one action, on any wire; see [`Estate::most_targets`].
    pub const MAX_TARGETS: usize = 1000;

    /// How many events the first reading takes.
    pub const FIRST_EVENTS: usize = 200;

    /// The most events that one reading takes; beyond that the newest are kept and the batch says so.
    pub const MOST_EVENTS: usize = 10_000;

    /// Logs in to Horizon and finds out what the server and the account can do.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a connection that cannot work, `Unauthenticated` when the log-in is refused (it is not tried
    /// again), `Unreachable` when no server is up or its certificate is not trusted.
    pub async fn connect(
        connection: Connection,
        password: Password,
        gates: Arc<dyn Gates>,
    ) -> Result<(Self, Capabilities), Fault> {
        Self::connect_with(connection, password, gates, Patience::default()).await
    }

    /// Logs in to whatever wire it is.
    ///
    /// # Errors
    ///
    /// As [`Estate::connect`] and [`Estate::connect_workspace`].
    pub async fn log_in(login: Login, gates: Arc<dyn Gates>) -> Result<(Self, Capabilities), Fault> {
        match login {
            Login::Horizon { connection, password } => Self::connect(connection, password, gates).await,
            Login::Workspace(connection) => Self::connect_workspace(*connection, gates).await,
        }
    }

    /// Finds the project in the cloud, and sees that its endpoint answers and knows who asks.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a connection that cannot work, `NotConfigured` when the region has no project or several,
    /// `Unauthenticated` when the signature or the log-in is refused: nothing more is sent with these credentials then.
    pub async fn connect_workspace(
        connection: WorkspaceConnection,
        gates: Arc<dyn Gates>,
    ) -> Result<(Self, Capabilities), Fault> {
        Self::connect_workspace_with(connection, gates, Patience::default()).await
    }

    /// The same, with another patience.
    pub(super) async fn connect_workspace_with(
        connection: WorkspaceConnection,
        gates: Arc<dyn Gates>,
        patience: Patience,
    ) -> Result<(Self, Capabilities), Fault> {
        let workspace = Workspace::connect(connection, gates, patience).await.map_err(of_cloud)?;
        let capabilities = workspace.capabilities();
        Ok((Self { wire: Wire::Workspace(Arc::new(workspace)) }, capabilities))
    }

    /// The same, with another patience.
    pub(super) async fn connect_with(
        connection: Connection,
        password: Password,
        gates: Arc<dyn Gates>,
        patience: Patience,
    ) -> Result<(Self, Capabilities), Fault> {
        let (horizon, capabilities) = Horizon::connect(connection, password, gates, patience).await?;
        Ok((Self { wire: Wire::Horizon(Arc::new(horizon)) }, capabilities))
    }

    /// By which API it is reached.
    pub fn wire(&self) -> WireKind {
        match &self.wire {
            Wire::Horizon(_) => WireKind::Horizon,
            Wire::Workspace(_) => WireKind::Workspace,
        }
    }

    /// At most this many targets travel in one [`Estate::act`].
    pub fn most_targets(&self) -> usize {
        self.wire().most_targets()
    }

    /// The Horizon behind it; a fault of kind `NotOffered` when it is reached by another wire.
    pub(super) fn horizon(&self, operation: Operation) -> Result<&Horizon, Fault> {
        match &self.wire {
            Wire::Horizon(horizon) => Ok(horizon),
            Wire::Workspace(_) => Err(Fault::not_offered(WireKind::Workspace, operation.label())),
        }
    }

    /// The cloud behind it, if it is reached by that wire.
    pub(super) fn workspace(&self) -> Option<&Workspace> {
        match &self.wire {
            Wire::Horizon(_) => None,
            Wire::Workspace(workspace) => Some(workspace),
        }
    }

    /// All sessions that the account may see: every page, several at a time, names filled in where the release lacks
    /// them. Over Workspace those that have not ended and began since [`Estate::sessions_since`].
    pub async fn list_sessions(
        &self,
        class: RequestClass,
        progress: impl Fn(ListProgress<'_>) + Send + Sync,
    ) -> Result<SessionList, Fault> {
        Ok(self.list_session_rows(class, progress).await?.apart())
    }

    /// As [`Estate::list_sessions`], kept in little room: for lists of any length. While nothing has changed since the last
    /// list, and somebody still has that, it is the same one.
    ///
    /// # Errors
    ///
    /// As those of [`Estate::list_sessions`].
    pub async fn list_session_rows(
        &self,
        class: RequestClass,
        progress: impl Fn(ListProgress<'_>) + Send + Sync,
    ) -> Result<SessionList<Arc<SessionRows>>, Fault> {
        match &self.wire {
            Wire::Horizon(horizon) => Box::pin(horizon.list_sessions(class, progress)).await,
            Wire::Workspace(workspace) => {
                let list = Box::pin(workspace.list_sessions(class, progress)).await.map_err(of_cloud)?;
                Ok(list.map(|sessions| Arc::new(sessions.into_iter().collect())))
            }
        }
    }

    /// One session as it is now; a fault of kind `EntityNotFound` when it has ended.
    pub async fn session(&self, id: &SessionId) -> Result<Session, Fault> {
        match &self.wire {
            Wire::Horizon(horizon) => horizon.session(id).await,
            Wire::Workspace(workspace) => Box::pin(workspace.session(id)).await.map_err(of_cloud),
        }
    }

    /// Asks for a verb on up to [`Self::most_targets`] sessions: one answer for each id, in their order.
    ///
    /// `stop` keeps the request from leaving, wherever it waits: at the gate, also when a 429 has put it back there,
    /// and for a new token. A request that is out is waited for, stop or not.
    ///
    /// # Errors
    ///
    /// When the call as a whole failed. `maybe_done` then says whether the server may have carried it out. `Cancelled`
    /// when it was stopped before it left, or after a 429 or 401, which say that it was not carried out.
    pub async fn act(
        &self,
        action: &Action,
        ids: &[SessionId],
        stop: &CancellationToken,
    ) -> Result<Vec<ItemAnswer>, Fault> {
        match &self.wire {
            Wire::Horizon(horizon) => horizon.act(action, ids, stop).await,
            Wire::Workspace(workspace) => Box::pin(workspace.act(action, ids, stop)).await.map_err(of_cloud),
        }
    }

    /// Events since the mark; without one the newest [`Self::FIRST_EVENTS`]. Each event comes once.
    ///
    /// # Errors
    ///
    /// Not for a log that cannot be read: the batch says so in `feed`.
    pub async fn events(&self, since: Option<&EventMark>) -> Result<EventBatch, Fault> {
        match &self.wire {
            Wire::Horizon(horizon) => horizon.events(since).await,
            Wire::Workspace(_) => {
                Ok(EventBatch::none(since.cloned().unwrap_or_default(), EventFeed::NotOffered))
            }
        }
    }

    /// The events of a span of time, the newest `limit` of them at most; open at the end without `to`.
    pub async fn events_between(
        &self,
        from: Timestamp,
        to: Option<Timestamp>,
        limit: usize,
    ) -> Result<EventBatch, Fault> {
        match &self.wire {
            Wire::Horizon(horizon) => horizon.events_between(from, to, limit).await,
            Wire::Workspace(_) => Ok(EventBatch::none(EventMark::default(), EventFeed::NotOffered)),
        }
    }

    /// Reads what the account may do again, and tells what server and account can do with that. A release that does not
    /// tell is not asked.
    ///
    /// # Errors
    ///
    /// When it could not be read, or was told before and is not now; what was known stays in force.
    pub async fn refresh_rights(&self, class: RequestClass) -> Result<Capabilities, Fault> {
        match &self.wire {
            Wire::Horizon(horizon) => horizon.refresh_rights(class).await,
            // Nobody tells: IAM policies are looked at only when something is asked for.
            Wire::Workspace(workspace) => Ok(workspace.capabilities()),
        }
    }

    /// Gives the tokens back. What goes wrong is only logged: the tokens end by themselves.
    pub async fn logout(&self) {
        match &self.wire {
            Wire::Horizon(horizon) => horizon.logout().await,
            // Tokens cannot be given back; they end by themselves.
            Wire::Workspace(_) => {}
        }
    }

    /// How far the clock of the server that answered last is ahead of this machine's (behind, when negative); `None`
    /// when it does not say.
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        match &self.wire {
            Wire::Horizon(horizon) => horizon.clock_offset(),
            Wire::Workspace(workspace) => workspace.clock_offset(),
        }
    }

    /// What the server and the account can do; changes when another server answers or a version proves to be missing.
    pub fn capabilities(&self) -> Capabilities {
        match &self.wire {
            Wire::Horizon(horizon) => horizon.capabilities(),
            Wire::Workspace(workspace) => workspace.capabilities(),
        }
    }
}

impl EventBatch {
    pub(super) fn none(mark: EventMark, feed: EventFeed) -> Self {
        Self { events: Vec::new(), mark, feed, truncated: false, unreadable: 0 }
    }
}
