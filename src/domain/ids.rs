//! Ids as newtypes: a machine cannot be passed where a session is meant.
//!
//! Server ids are opaque (`horizon-rest.md section 1`): they are kept byte for byte, because they travel back to the
//! server, and made harmless only when displayed.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::text;

macro_rules! opaque_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id exactly as it came from the server, for requests and comparisons; not for the screen.
            pub fn raw(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(raw: &str) -> Self {
                Self(Arc::from(raw))
            }
        }

        impl From<String> for $name {
            fn from(raw: String) -> Self {
                Self(Arc::from(raw))
            }
        }

        impl From<Arc<str>> for $name {
            fn from(raw: Arc<str>) -> Self {
                Self(raw)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&text::clean(&self.0))
            }
        }
    )+};
}

opaque_ids! {
    /// A session, by the id that the session actions take (`horizon-rest.md section 7.3`).
    SessionId;
    /// A user or group: its AD security identifier, such as `S-1-5-21-…` (`horizon-rest.md section 1`).
    UserId;
    /// A desktop pool.
    PoolId;
    /// A farm of RDS servers.
    FarmId;
    /// A machine: a virtual or physical desktop.
    MachineId;
    /// A server that hosts RDS desktops and published applications.
    RdsServerId;
    /// A local access group: the unit on which privileges are granted (`horizon-rest.md section 11`).
    AccessGroupId;
    /// A federation access group: what a local access group is, for global entitlements (`horizon-rest.md section 11`).
    FederationGroupId;
    /// A role: a set of privileges.
    RoleId;
    /// A permission: one user or group, one role, one access group.
    PermissionId;
    /// An image stream.
    StreamId;
    /// A version of an image stream.
    VersionId;
    /// A tag of an image stream.
    TagId;
    /// An asset: a version realised in one vCenter.
    AssetId;
    /// A vCenter.
    VcenterId;
    /// A pod of a federation.
    PodId;
    /// An image server (`workspace.md section 5`): the id that its paths take.
    ImageServerId;
    /// A job of the cloud (`workspace.md section 6`): often a number beyond 2^53, kept as text.
    CloudJobId;
    /// An app group (`workspace.md section 8`).
    AppGroupId;
    /// That somebody may use an app group.
    AuthorizationId;
    /// An app server (`workspace.md section 9`).
    AppServerId;
    /// A group of app servers.
    AppServerGroupId;
    /// A plan, as Foretop names it: four or more hexadecimal digits.
    PlanId;
}

/// An audit event's number (`events.md section 1`): it grows, but rows of one millisecond are not in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub i64);

/// A job's number, counted from 1 within one run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_id_is_kept_for_the_server_and_cleaned_for_the_screen() {
        let id = SessionId::from("a\u{1b}[31mb");
        assert_eq!(id.raw(), "a\u{1b}[31mb");
        assert_eq!(id.to_string(), "a\u{fffd}[31mb");
    }
}
