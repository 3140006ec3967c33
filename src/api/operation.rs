//! The APIs of a server, and which of them may be asked twice.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{AppServerVerb, ChangeKind, Verb};

/// Whether a request may be sent again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Asking twice does no more than asking once: repeated after a broken answer, here or on another server.
    Question,
    /// Never repeated unless it certainly was not carried out: the connection never came about, or the answer was 401 or
    /// 429.
    Order,
}

/// Declares the operations: nothing can be one without words and without saying whether it may be repeated.
macro_rules! operations {
    ($($variant:ident = $label:literal, $repeat:ident, $doc:literal;)+) => {
        /// One API of the server, as far as its rate limits are concerned: each has its own (`horizon-rest.md section 6`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Operation {
            $(#[doc = $doc] $variant,)+
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// What is being done, in the operator's words.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// Whether it may be repeated when its fate is unknown.
            pub fn repeat(self) -> Repeat {
                match self { $(Self::$variant => Repeat::$repeat,)+ }
            }
        }
    };
}

operations! {
    LogIn = "log in", Order, "Log in.";
    Refresh = "refresh the log-in", Question, "Renew the access token.";
    LogOut = "log out", Order, "Log out.";
    ReadEnvironment = "read the server's version", Question, "Release, pod and cluster of the server.";
    ReadRights = "read the account's rights", Question, "The rights of the account.";
    ListAccessGroups = "list access groups", Question, "Access groups and their names.";
    ListSessions = "list sessions", Question, "A page of sessions.";
    ReadSession = "read a session", Question, "One session.";
    Disconnect = "disconnect", Order, "Disconnect sessions.";
    Logoff = "log off", Order, "Log sessions off, politely or forced: one API with a parameter.";
    Restart = "restart", Order, "Restart the machines of sessions.";
    Reset = "reset", Order, "Reset the machines of sessions.";
    SendMessage = "send a message", Order, "Send a message to sessions.";
    ListEvents = "list events", Question, "A page of audit events.";
    ListUsers = "look up users", Question, "Names of users.";
    ListPools = "look up pools", Question, "Names of desktop pools.";
    ListFarms = "look up farms", Question, "Names of farms.";
    ListMachines = "look up machines", Question, "Names of machines.";
    ListRdsServers = "look up RDS servers", Question, "Names of RDS servers.";
    ListGlobalSessions = "list sessions of a pod", Question, "A page of the sessions of another pod.";
    GlobalDisconnect = "disconnect on another pod", Order, "Disconnect sessions of other pods.";
    GlobalLogoff = "log off on another pod", Order, "Log sessions of other pods off.";
    GlobalRestart = "restart on another pod", Order, "Restart machines of other pods.";
    GlobalReset = "reset on another pod", Order, "Reset machines of other pods.";
    GlobalSendMessage = "send a message on another pod", Order, "Send a message to sessions of other pods.";
    ReadFederation = "read the federation", Question, "The state of the federation.";
    ListPods = "list pods", Question, "The pods of the federation.";
    ListSites = "list sites", Question, "The sites of the federation.";
    ReadPodHealth = "read the health of the pods", Question, "Health of the pods.";
    ListPermissions = "list permissions", Question, "Permissions.";
    ReadPermission = "read a permission", Question, "One permission.";
    CreatePermissions = "create permissions", Order, "Create permissions.";
    DeletePermissions = "delete permissions", Order, "Delete permissions.";
    ListRoles = "list roles", Question, "Roles.";
    ListPrivileges = "list privileges", Question, "Privileges that roles may hold.";
    ListFederationGroups = "list federation access groups", Question, "Federation access groups.";
    ReadUser = "read a user or group", Question, "One user or group with the groups it belongs to.";
    ListStreams = "list image streams", Question, "Image streams.";
    ReadStream = "read an image stream", Question, "One image stream.";
    CreateStreams = "create image streams", Order, "Create image streams.";
    UpdateStream = "update an image stream", Order, "Change an image stream.";
    DeleteStream = "delete an image stream", Order, "Delete an image stream.";
    ListVersions = "list image versions", Question, "Versions of an image stream.";
    ReadVersion = "read an image version", Question, "One version.";
    CreateVersions = "create image versions", Order, "Create versions.";
    UpdateVersion = "update an image version", Order, "Change a version.";
    DeleteVersion = "delete an image version", Order, "Delete a version.";
    ListTags = "list image tags", Question, "Tags of an image stream.";
    ReadTag = "read an image tag", Question, "One tag.";
    CreateTags = "create image tags", Order, "Create tags.";
    UpdateTag = "update an image tag", Order, "Change or move a tag.";
    DeleteTag = "delete an image tag", Order, "Delete a tag.";
    ListAssets = "list image assets", Question, "Assets of image versions.";
    ReadAsset = "read an image asset", Question, "One asset.";
    CreateAssets = "create image assets", Order, "Create assets.";
    UpdateAsset = "update an image asset", Order, "Change an asset.";
    DeleteAsset = "delete an image asset", Order, "Delete an asset.";
    ListVcenters = "look up vCenters", Question, "Names of vCenters.";
    FindProject = "look up the project", Question, "The project of a region in the cloud.";
    ListUserSessions = "list sessions of a user", Question, "All sessions of one user.";
    ListImageServers = "list image servers", Question, "A page of image servers.";
    ReadImageServer = "read an image server", Question, "One image server.";
    UpdateImageServer = "update an image server", Order, "Change name or description of an image server.";
    DeleteImageServers = "delete image servers", Order, "Delete image servers.";
    RecreateImage = "build an image", Order, "Build an image from an image server.";
    ListImageJobs = "list image jobs", Question, "A page of the cloud's jobs on images.";
    ReadImageJob = "read an image job", Question, "One of the cloud's jobs on images.";
    ListImageSubJobs = "list parts of image jobs", Question, "A page of parts of the cloud's jobs on images.";
    ListAppServerGroups = "list app server groups", Question, "A page of app server groups.";
    ReadAppServerGroupState = "read the state of an app server group", Question, "How its servers are.";
    ListAppServers = "list app servers", Question, "A page of app servers.";
    ReadAppServer = "read an app server", Question, "One app server.";
    RebootAppServers = "reboot app servers", Order, "Restart app servers.";
    StartAppServers = "start app servers", Order, "Switch app servers on.";
    StopAppServers = "stop app servers", Order, "Switch app servers off.";
    MaintainAppServers = "set maintenance of app servers", Order, "Keep new sessions away from app servers, or not.";
    ReadAppServerJob = "read a job of app servers", Question, "One of the cloud's jobs on app servers.";
    ListAppGroups = "list app groups", Question, "A page of app groups.";
    ListAuthorizations = "list authorizations", Question, "A page of authorizations of app groups.";
    AddAuthorizations = "add authorizations", Order, "Let users and groups use app groups.";
    RemoveAuthorizations = "remove authorizations", Order, "Let users and groups not use app groups any more.";
    ReadEventDetails = "read the details of an event", Question, "The attributes of an event.";
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

    /// The API behind what is asked of app servers.
    pub fn of_app_servers(verb: AppServerVerb) -> Self {
        match verb {
            AppServerVerb::Reboot | AppServerVerb::RebootHard => Self::RebootAppServers,
            AppServerVerb::Start => Self::StartAppServers,
            AppServerVerb::Stop | AppServerVerb::StopHard => Self::StopAppServers,
            AppServerVerb::MaintenanceOn | AppServerVerb::MaintenanceOff => Self::MaintainAppServers,
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
            ChangeKind::BuildImage => Self::RecreateImage,
            ChangeKind::AddAuthorization => Self::AddAuthorizations,
            ChangeKind::RemoveAuthorization => Self::RemoveAuthorizations,
            ChangeKind::DrainServer | ChangeKind::UndrainServer => Self::MaintainAppServers,
            ChangeKind::RebootServer | ChangeKind::RebootServerHard => Self::RebootAppServers,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_says_whether_it_may_be_repeated() {
        for operation in Operation::ALL {
            let words = operation.label();
            let reads = ["read ", "list ", "look up "].iter().any(|word| words.starts_with(word));
            // The refresh token is not rotated: asking twice does no harm (`horizon-rest.md section 2.2`).
            let question = reads || *operation == Operation::Refresh;
            assert_eq!(operation.repeat() == Repeat::Question, question, "{operation}");
        }
    }

    #[test]
    fn nothing_that_a_verb_or_a_change_needs_is_repeated() {
        for verb in Verb::ALL {
            assert_eq!(Operation::of(verb).repeat(), Repeat::Order, "{verb:?}");
            assert_eq!(Operation::global(verb).repeat(), Repeat::Order, "{verb:?}");
        }
        for verb in AppServerVerb::ALL {
            assert_eq!(Operation::of_app_servers(verb).repeat(), Repeat::Order, "{verb:?}");
        }
    }
}
