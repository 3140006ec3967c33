//! What operators talk about: sessions, events, verbs, faults and outcomes.
//!
//! Plain data with meaning. It knows no protocol, does no I/O, starts nothing and reads no clock. Whatever a server
//! did not say stays unknown here (`None`, or an `Unknown` variant that keeps the word as it came).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod app_group;
mod app_server;
mod capability;
mod change;
mod event;
mod event_type;
mod fault;
mod federation;
mod ids;
mod image;
mod image_job;
mod image_server;
mod moment;
mod outcome;
mod permission;
mod session;
mod sessions;
mod text;
mod verb;

pub use app_group::{
    AccountKind, AccountPlatform, AppAccount, AppGroup, AppGroupKind, Authorization, AuthorizationQuery,
};
pub use app_server::{
    AppServer, AppServerCounts, AppServerGroup, AppServerQuery, AppServerStatus, AppServerVerb, ServerOrder,
};
pub use capability::{Account, Capabilities, EventFeed, Privilege, Release, Support, WireKind};
pub use change::{Change, ChangeKind};
pub use event::{AuditEvent, Severity};
pub use event_type::{
    EventMeaning, EventResult, EventSubject, EventUrgency, WrittenTypes, written_by_change, written_by_verb,
};
pub use fault::{Fault, FaultKind};
pub use federation::{Federation, Pod};
pub use ids::{
    AccessGroupId, AppGroupId, AppServerGroupId, AppServerId, AssetId, AuthorizationId, CloudJobId, EventId,
    FarmId, FederationGroupId, ImageServerId, JobId, MachineId, PermissionId, PlanId, PodId, PoolId,
    RdsServerId, RoleId, SessionId, StreamId, TagId, UserId, VcenterId, VersionId,
};
pub use image::{
    Asset, AssetEdit, AssetSource, ImageBook, ImageHole, ImagePart, ImageUse, NewAsset, NewStream, NewTag,
    NewVersion, Stream, StreamEdit, StreamQuery, SubscriberKind, Tag, TagEdit, Version, VersionEdit,
};
pub use image_job::{CloudJobKind, CloudJobStatus, ImageJob, SubJob};
pub use image_server::{
    Breach, ImageRef, ImageServer, ImageServerAccount, ImageServerEdit, ImageServerQuery, ImageServerStatus,
    ImageType, NewImage, TextField, TextRule,
};
pub use moment::Moment;
pub use outcome::{Cause, Outcome, OutcomeKind};
pub use permission::{
    AccessGroup, FederationGroup, NewPermission, Permission, PermissionBook, PoolNames, Principal,
    PrincipalKind, PrivilegeInfo, Role,
};
pub use session::{
    Client, ClientKind, Gateway, GatewayLocation, Protocol, Session, SessionKind, SessionState,
};
pub use sessions::{
    AnySession, Common, Searched, SessionFacts, SessionParts, SessionRow, SessionRows, SessionRowsBuilder,
    Texts,
};
pub use text::Text;
pub(crate) use text::clean;
pub use verb::{MessageSeverity, MessageText, Verb};
