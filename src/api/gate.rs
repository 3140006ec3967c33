//! The gate that every request passes before it leaves, log-ins included.
//!
//! This floor only says what a gate is; the governor above implements it (`design.md section 4`, rule 7).

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::domain::{ChangeKind, Verb};

/// How urgent a request is: earlier classes leave first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RequestClass {
    /// Part of something an operator asked for and waits for: actions, checks before them, log-ins.
    Job,
    /// Keeping the lists fresh.
    Poll,
    /// Nice to have: names for ids.
    Lookup,
}

impl RequestClass {
    /// All, most urgent first.
    pub const ALL: [Self; 3] = [Self::Job, Self::Poll, Self::Lookup];
}

/// One API of the server, as far as its rate limits are concerned: each has its own (`horizon-rest.md section 6`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Log in.
    LogIn,
    /// Renew the access token.
    Refresh,
    /// Log out.
    LogOut,
    /// Release, pod and cluster of the server.
    ReadEnvironment,
    /// The rights of the account.
    ReadRights,
    /// Access groups and their names.
    ListAccessGroups,
    /// A page of sessions.
    ListSessions,
    /// One session.
    ReadSession,
    /// Disconnect sessions.
    Disconnect,
    /// Log sessions off, politely or forced: one API with a parameter.
    Logoff,
    /// Restart the machines of sessions.
    Restart,
    /// Reset the machines of sessions.
    Reset,
    /// Send a message to sessions.
    SendMessage,
    /// A page of audit events.
    ListEvents,
    /// Names of users.
    ListUsers,
    /// Names of desktop pools.
    ListPools,
    /// Names of farms.
    ListFarms,
    /// Names of machines.
    ListMachines,
    /// Names of RDS servers.
    ListRdsServers,
    /// A page of the sessions of another pod.
    ListGlobalSessions,
    /// Disconnect sessions of other pods.
    GlobalDisconnect,
    /// Log sessions of other pods off.
    GlobalLogoff,
    /// Restart machines of other pods.
    GlobalRestart,
    /// Reset machines of other pods.
    GlobalReset,
    /// Send a message to sessions of other pods.
    GlobalSendMessage,
    /// The state of the federation.
    ReadFederation,
    /// The pods of the federation.
    ListPods,
    /// The sites of the federation.
    ListSites,
    /// Health of the pods.
    ReadPodHealth,
    /// Permissions.
    ListPermissions,
    /// One permission.
    ReadPermission,
    /// Create permissions.
    CreatePermissions,
    /// Delete permissions.
    DeletePermissions,
    /// Roles.
    ListRoles,
    /// Privileges that roles may hold.
    ListPrivileges,
    /// Federation access groups.
    ListFederationGroups,
    /// One user or group with the groups it belongs to.
    ReadUser,
    /// Image streams.
    ListStreams,
    /// One image stream.
    ReadStream,
    /// Create image streams.
    CreateStreams,
    /// Change an image stream.
    UpdateStream,
    /// Delete an image stream.
    DeleteStream,
    /// Versions of an image stream.
    ListVersions,
    /// One version.
    ReadVersion,
    /// Create versions.
    CreateVersions,
    /// Change a version.
    UpdateVersion,
    /// Delete a version.
    DeleteVersion,
    /// Tags of an image stream.
    ListTags,
    /// One tag.
    ReadTag,
    /// Create tags.
    CreateTags,
    /// Change or move a tag.
    UpdateTag,
    /// Delete a tag.
    DeleteTag,
    /// Assets of image versions.
    ListAssets,
    /// One asset.
    ReadAsset,
    /// Create assets.
    CreateAssets,
    /// Change an asset.
    UpdateAsset,
    /// Delete an asset.
    DeleteAsset,
    /// Names of vCenters.
    ListVcenters,
    /// The attributes of an event.
    ReadEventDetails,
}

impl Operation {
    /// The API behind a verb: what a job waits for when the server asks it to slow down.
    pub fn of(verb: Verb) -> Self {
        match verb {
            Verb::Disconnect => Self::Disconnect,
            Verb::Logoff | Verb::LogoffForced => Self::Logoff,
            Verb::Restart => Self::Restart,
            Verb::Reset => Self::Reset,
            Verb::Message => Self::SendMessage,
        }
    }

    /// The API behind a verb on sessions of other pods.
    pub fn global(verb: Verb) -> Self {
        match verb {
            Verb::Disconnect => Self::GlobalDisconnect,
            Verb::Logoff | Verb::LogoffForced => Self::GlobalLogoff,
            Verb::Restart => Self::GlobalRestart,
            Verb::Reset => Self::GlobalReset,
            Verb::Message => Self::GlobalSendMessage,
        }
    }

    /// The API behind a change.
    pub fn of_change(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::CreatePermission => Self::CreatePermissions,
            ChangeKind::DeletePermission => Self::DeletePermissions,
            ChangeKind::CreateStream => Self::CreateStreams,
            ChangeKind::UpdateStream => Self::UpdateStream,
            ChangeKind::DeleteStream => Self::DeleteStream,
            ChangeKind::CreateVersion => Self::CreateVersions,
            ChangeKind::UpdateVersion => Self::UpdateVersion,
            ChangeKind::DeleteVersion => Self::DeleteVersion,
            ChangeKind::CreateTag => Self::CreateTags,
            ChangeKind::UpdateTag => Self::UpdateTag,
            ChangeKind::DeleteTag => Self::DeleteTag,
            ChangeKind::CreateAsset => Self::CreateAssets,
            ChangeKind::UpdateAsset => Self::UpdateAsset,
            ChangeKind::DeleteAsset => Self::DeleteAsset,
        }
    }

    /// What is being done, in the operator's words.
    pub fn label(self) -> &'static str {
        match self {
            Self::LogIn => "log in",
            Self::Refresh => "refresh the log-in",
            Self::LogOut => "log out",
            Self::ReadEnvironment => "read the server's version",
            Self::ReadRights => "read the account's rights",
            Self::ListAccessGroups => "list access groups",
            Self::ListSessions => "list sessions",
            Self::ReadSession => "read a session",
            Self::Disconnect => "disconnect",
            Self::Logoff => "log off",
            Self::Restart => "restart",
            Self::Reset => "reset",
            Self::SendMessage => "send a message",
            Self::ListEvents => "list events",
            Self::ListUsers => "look up users",
            Self::ListPools => "look up pools",
            Self::ListFarms => "look up farms",
            Self::ListMachines => "look up machines",
            Self::ListRdsServers => "look up RDS servers",
            Self::ListGlobalSessions => "list sessions of a pod",
            Self::GlobalDisconnect => "disconnect on another pod",
            Self::GlobalLogoff => "log off on another pod",
            Self::GlobalRestart => "restart on another pod",
            Self::GlobalReset => "reset on another pod",
            Self::GlobalSendMessage => "send a message on another pod",
            Self::ReadFederation => "read the federation",
            Self::ListPods => "list pods",
            Self::ListSites => "list sites",
            Self::ReadPodHealth => "read the health of the pods",
            Self::ListPermissions => "list permissions",
            Self::ReadPermission => "read a permission",
            Self::CreatePermissions => "create permissions",
            Self::DeletePermissions => "delete permissions",
            Self::ListRoles => "list roles",
            Self::ListPrivileges => "list privileges",
            Self::ListFederationGroups => "list federation access groups",
            Self::ReadUser => "read a user or group",
            Self::ListStreams => "list image streams",
            Self::ReadStream => "read an image stream",
            Self::CreateStreams => "create image streams",
            Self::UpdateStream => "update an image stream",
            Self::DeleteStream => "delete an image stream",
            Self::ListVersions => "list image versions",
            Self::ReadVersion => "read an image version",
            Self::CreateVersions => "create image versions",
            Self::UpdateVersion => "update an image version",
            Self::DeleteVersion => "delete an image version",
            Self::ListTags => "list image tags",
            Self::ReadTag => "read an image tag",
            Self::CreateTags => "create image tags",
            Self::UpdateTag => "update an image tag",
            Self::DeleteTag => "delete an image tag",
            Self::ListAssets => "list image assets",
            Self::ReadAsset => "read an image asset",
            Self::CreateAssets => "create image assets",
            Self::UpdateAsset => "update an image asset",
            Self::DeleteAsset => "delete an image asset",
            Self::ListVcenters => "look up vCenters",
            Self::ReadEventDetails => "read the details of an event",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.label())
    }
}

/// How a request ended, as far as the gate is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The server answered in its own right, be it with a refusal.
    Well,
    /// It answered 429.
    Throttled,
    /// It answered 5xx, broke off, or did not answer in time.
    Badly,
    /// It could not be reached: the request never left.
    Unreached,
}

/// Leave to send one request. The place it takes is free again when it is dropped.
pub struct Permit(Option<Box<dyn FnOnce() + Send>>);

impl Permit {
    /// A permit that runs `release` when it is dropped.
    pub fn new(release: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(release)))
    }

    /// A permit of a gate that keeps no books.
    pub fn unlimited() -> Self {
        Self(None)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Permit")
    }
}

/// How a request waits for its turn: how urgent it is, and who may call it back as long as it has not left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) class: RequestClass,
    stop: Option<&'a CancellationToken>,
}

impl From<RequestClass> for Turn<'_> {
    fn from(class: RequestClass) -> Self {
        Self { class, stop: None }
    }
}

impl<'a> Turn<'a> {
    /// The turn of a request that an operator may stop.
    pub(super) fn stoppable(class: RequestClass, stop: &'a CancellationToken) -> Self {
        Self { class, stop: Some(stop) }
    }

    /// The turn of something that has to come first, such as a log-in: urgent, and stopped together with the request
    /// that needs it.
    pub(super) fn of_prerequisite(self) -> Self {
        Self { class: RequestClass::Job, ..self }
    }

    /// Waits, but not beyond a stop: then `None`, also when the wait was over in the same moment. Only for waits
    /// during which nothing is out: a request that has left is waited for, stop or not.
    pub(super) async fn unless_stopped<T>(self, wait: impl Future<Output = T>) -> Option<T> {
        let Some(stop) = self.stop else {
            return Some(wait.await);
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            waited = wait => Some(waited),
        }
    }
}

/// Decides when a request may leave.
pub trait Gate: Send + Sync + fmt::Debug {
    /// Waits until a request of this class and operation may leave. The caller sends at once and holds the permit
    /// until the answer is complete. Dropping the future gives the place in the queue up.
    fn admit(&self, class: RequestClass, operation: Operation) -> BoxFuture<'_, Permit>;

    /// The server answered 429: no request of this operation may leave before `wait` is over, other operations are
    /// not concerned.
    fn throttled(&self, operation: Operation, wait: Duration);

    /// A request that was admitted has ended.
    fn answered(&self, operation: Operation, how: Answered, elapsed: Duration);
}
