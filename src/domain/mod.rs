//! What operators talk about: sessions, events, verbs, faults and outcomes.
//!
//! Plain data with meaning. It knows no protocol, does no I/O, starts nothing and reads no clock. Whatever a server
//! did not say stays unknown here (`None`, or an `Unknown` variant that keeps the word as it came).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod capability;
mod event;
mod fault;
mod ids;
mod outcome;
mod session;
mod text;
mod verb;

pub use capability::{Account, Capabilities, EventFeed, Privilege, Release, Support};
pub use event::{AuditEvent, Severity};
pub use fault::{Fault, FaultKind};
pub use ids::{
    AccessGroupId, EventId, FarmId, JobId, MachineId, PlanId, PodId, PoolId, RdsServerId, SessionId, UserId,
};
pub use outcome::{Cause, Outcome, OutcomeKind};
pub use session::{
    Client, ClientKind, Gateway, GatewayLocation, Protocol, Session, SessionKind, SessionState,
};
pub use text::Text;
pub use verb::{MessageSeverity, MessageText, Verb};
