//! The 25 methods of the vendor's three services, and where each is in this program (`method-map.md`).
//!
//! `docs/methods.md` is made from this table. What it says of keys, command lines, requests and events is checked against
//! the code and against the simulator by the tests. Keys come from the keymap, events and privileges from the domain.

use crate::{
    core::{
        command::{Command, Context},
        keymap::Keymap,
    },
    domain::{ChangeKind, FaultKind, Privilege, Verb, WrittenTypes, written_by_change, written_by_verb},
};

/// What a method does, in this program's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It acts on sessions.
    Act(Verb),
    /// It changes permissions or images.
    Change(ChangeKind),
    /// It reads, which takes one of these privileges and writes no event.
    Read(&'static [Privilege]),
}

/// One method.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// The vendor's name.
    pub name: &'static str,
    /// What it does.
    pub deed: Deed,
    /// The steps in the console, from the sessions tab on: where, and which command.
    pub steps: &'static [(Context, Command)],
    /// A command line that does it, without the name of the program.
    pub command: &'static [&'static str],
    /// The request, for the pod that answers: method and path below `/rest`, as the newest release has it.
    pub local: &'static str,
    /// The request for a session of another pod.
    pub remote: Option<&'static str>,
    /// The faults beside those that every method has: [`COMMON_FAULTS`].
    pub faults: &'static [FaultKind],
}

/// The faults that every method has.
pub const COMMON_FAULTS: [FaultKind; 5] = [
    FaultKind::EntityNotFound,
    FaultKind::InsufficientPermission,
    FaultKind::InvalidArgument,
    FaultKind::InvalidType,
    FaultKind::Unexpected,
];

impl Method {
    /// The service that it belongs to: the part of the name before the underscore.
    pub fn service(&self) -> &'static str {
        self.name.split_once('_').map_or(self.name, |(service, _)| service)
    }

    /// The keys in the console, from the sessions tab on: `Space`, `a`, `l`. `None` when a step has no key.
    pub fn keys(&self) -> Option<Vec<String>> {
        let keymap = Keymap::default();
        let first =
            |(context, command): &(Context, Command)| keymap.keys_of(*context, *command).into_iter().next();
        self.steps.iter().map(first).collect()
    }

    /// The event types that it writes in the pod that answers; none for methods that read.
    pub fn events(&self) -> Option<WrittenTypes> {
        match self.deed {
            Deed::Act(verb) => Some(written_by_verb(verb, false)),
            Deed::Change(kind) => Some(written_by_change(kind)),
            Deed::Read(_) => None,
        }
    }

    /// The event types that it writes for a session of another pod.
    pub fn remote_events(&self) -> Option<WrittenTypes> {
        match self.deed {
            Deed::Act(verb) => Some(written_by_verb(verb, true)),
            Deed::Change(_) | Deed::Read(_) => None,
        }
    }

    /// The privileges of which one is enough.
    pub fn privileges(&self) -> Vec<Privilege> {
        match self.deed {
            Deed::Act(verb) => vec![Privilege::needed_for(verb), Privilege::ManageRemoteSession],
            Deed::Change(kind) => vec![kind.privilege()],
            Deed::Read(privileges) => privileges.to_vec(),
        }
    }
}

use Command as C;
use Context as X;
use FaultKind as F;

const MENU: (X, C) = (X::Sessions, C::ActionMenu);
const MARK: (X, C) = (X::Sessions, C::MarkToggle);
const PERMISSIONS: (X, C) = (X::Sessions, C::TabPermissions);
const CHANGE_PERMISSIONS: (X, C) = (X::Permissions, C::ChangeMenu);
const IMAGES: (X, C) = (X::Sessions, C::TabImages);
const CHANGE_IMAGES: (X, C) = (X::Images, C::ChangeMenu);

const SEE_SESSION: &[Privilege] = &[Privilege::ViewSession, Privilege::ViewRemoteSession];
const SEE_PERMISSIONS: &[Privilege] = &[Privilege::ViewPermissions];
const SEE_IMAGES: &[Privilege] = &[Privilege::ViewConfig];

/// A verb on one session, or on many.
const fn act(
    name: &'static str,
    verb: Verb,
    steps: &'static [(X, C)],
    command: &'static [&'static str],
    [local, remote]: [&'static str; 2],
    faults: &'static [F],
) -> Method {
    Method { name, deed: Deed::Act(verb), steps, command, local, remote: Some(remote), faults }
}

/// A method without a form for other pods.
const fn here(
    name: &'static str,
    deed: Deed,
    steps: &'static [(X, C)],
    command: &'static [&'static str],
    local: &'static str,
    faults: &'static [F],
) -> Method {
    Method { name, deed, steps, command, local, remote: None, faults }
}

const DISCONNECT: [&str; 2] =
    ["POST /inventory/v1/sessions/action/disconnect", "POST /inventory/v1/global-sessions/action/disconnect"];
const LOGOFF: [&str; 2] = [
    "POST /inventory/v1/sessions/action/logoff?forced=false",
    "POST /inventory/v1/global-sessions/action/logoff?forced=false",
];
const LOGOFF_FORCED: [&str; 2] = [
    "POST /inventory/v1/sessions/action/logoff?forced=true",
    "POST /inventory/v1/global-sessions/action/logoff?forced=true",
];
const RESET: [&str; 2] =
    ["POST /inventory/v1/sessions/action/reset", "POST /inventory/v1/global-sessions/action/reset"];
const RESTART: [&str; 2] =
    ["POST /inventory/v1/sessions/action/restart", "POST /inventory/v1/global-sessions/action/restart"];
const MESSAGE: [&str; 2] = [
    "POST /inventory/v1/sessions/action/send-message",
    "POST /inventory/v1/global-sessions/action/send-message",
];

/// All of them, in the order of the vendor's services.
pub const METHODS: [Method; 25] = [
    act(
        "Session_Disconnect",
        Verb::Disconnect,
        &[MENU, (X::ActionMenu, C::Disconnect)],
        &["sessions", "disconnect", "--id", "ID", "--yes", "1"],
        DISCONNECT,
        &[F::InvalidState],
    ),
    act(
        "Session_DisconnectSessions",
        Verb::Disconnect,
        &[MARK, MENU, (X::ActionMenu, C::Disconnect)],
        &["sessions", "disconnect", "--where", "idle>4h", "--yes", "35"],
        DISCONNECT,
        &[F::PartialFailure],
    ),
    here(
        "Session_GetLocalSummaryView",
        Deed::Read(SEE_SESSION),
        &[(X::Sessions, C::OpenDetail)],
        &["sessions", "show", "ID"],
        "GET /inventory/v7/sessions/{id}",
        &[],
    ),
    act(
        "Session_Logoff",
        Verb::Logoff,
        &[MENU, (X::ActionMenu, C::Logoff)],
        &["sessions", "logoff", "--id", "ID", "--yes", "1"],
        LOGOFF,
        &[F::InvalidState],
    ),
    act(
        "Session_LogoffForced",
        Verb::LogoffForced,
        &[MENU, (X::ActionMenu, C::LogoffForced)],
        &["sessions", "logoff", "--forced", "--id", "ID", "--yes", "1"],
        LOGOFF_FORCED,
        &[F::InvalidState],
    ),
    act(
        "Session_LogoffSessions",
        Verb::Logoff,
        &[MARK, MENU, (X::ActionMenu, C::Logoff)],
        &["sessions", "logoff", "--where", "state:disc idle>4h", "--yes", "35"],
        LOGOFF,
        &[F::PartialFailure],
    ),
    act(
        "Session_LogoffSessionsForced",
        Verb::LogoffForced,
        &[MARK, MENU, (X::ActionMenu, C::LogoffForced)],
        &["sessions", "logoff", "--forced", "--where", "state:disc idle>4h", "--yes", "35"],
        LOGOFF_FORCED,
        &[F::PartialFailure],
    ),
    act(
        "Session_Reset",
        Verb::Reset,
        &[MENU, (X::ActionMenu, C::Reset)],
        &["sessions", "reset", "--id", "ID", "--yes", "1"],
        RESET,
        &[],
    ),
    act(
        "Session_ResetSessions",
        Verb::Reset,
        &[MARK, MENU, (X::ActionMenu, C::Reset)],
        &["sessions", "reset", "--where", "pool:fin-w11", "--yes", "12"],
        RESET,
        &[F::PartialFailure],
    ),
    act(
        "Session_Restart",
        Verb::Restart,
        &[MENU, (X::ActionMenu, C::Restart)],
        &["sessions", "restart", "--id", "ID", "--yes", "1"],
        RESTART,
        &[],
    ),
    act(
        "Session_RestartSessions",
        Verb::Restart,
        &[MARK, MENU, (X::ActionMenu, C::Restart)],
        &["sessions", "restart", "--where", "pool:fin-w11", "--yes", "12"],
        RESTART,
        &[F::PartialFailure],
    ),
    act(
        "Session_SendMessage",
        Verb::Message,
        &[(X::Sessions, C::Message), (X::Composer, C::ComposerReview)],
        &["sessions", "message", "--severity", "warning", "--text", "TEXT", "--id", "ID", "--yes", "1"],
        MESSAGE,
        &[],
    ),
    act(
        "Session_SendMessages",
        Verb::Message,
        &[MARK, (X::Sessions, C::Message), (X::Composer, C::ComposerReview)],
        &["sessions", "message", "--text", "TEXT", "--where", "host:RDS-04", "--yes", "40"],
        MESSAGE,
        &[F::PartialFailure],
    ),
    here(
        "Permission_Create",
        Deed::Change(ChangeKind::CreatePermission),
        &[PERMISSIONS, CHANGE_PERMISSIONS, (X::ChangeMenu, C::ChangeNew)],
        &["permissions", "create", "--principal", "CORP\\t.lee", "--role", "ROLE", "--yes", "1"],
        "POST /config/v2/permissions",
        &[],
    ),
    here(
        "Permission_CreatePermissions",
        Deed::Change(ChangeKind::CreatePermission),
        &[PERMISSIONS, CHANGE_PERMISSIONS, (X::ChangeMenu, C::ChangeNew)],
        &["permissions", "create", "--principal", "A", "--principal", "B", "--role", "ROLE", "--yes", "2"],
        "POST /config/v2/permissions",
        &[F::PartialFailure],
    ),
    here(
        "Permission_Delete",
        Deed::Change(ChangeKind::DeletePermission),
        &[PERMISSIONS, CHANGE_PERMISSIONS, (X::ChangeMenu, C::ChangeDelete)],
        &["permissions", "delete", "ID", "--yes", "1"],
        "DELETE /config/v2/permissions",
        &[],
    ),
    here(
        "Permission_DeletePermissions",
        Deed::Change(ChangeKind::DeletePermission),
        &[PERMISSIONS, (X::Permissions, C::MarkToggle), CHANGE_PERMISSIONS, (X::ChangeMenu, C::ChangeDelete)],
        &["permissions", "delete", "ID", "ID", "--yes", "2"],
        "DELETE /config/v2/permissions",
        &[F::PartialFailure],
    ),
    here(
        "Permission_Get",
        Deed::Read(SEE_PERMISSIONS),
        &[PERMISSIONS, (X::Permissions, C::OpenPermission)],
        &["permissions", "show", "ID"],
        "GET /config/v2/permissions/{id}",
        &[],
    ),
    // They are read by their ids to see that they are there, or gone, after each creation and deletion.
    here(
        "Permission_GetInfos",
        Deed::Read(SEE_PERMISSIONS),
        &[PERMISSIONS, CHANGE_PERMISSIONS, (X::ChangeMenu, C::ChangeReplace)],
        &["permissions", "replace", "ID", "--role", "ROLE", "--yes", "2"],
        "GET /config/v2/permissions?ids=",
        &[],
    ),
    here(
        "Permission_List",
        Deed::Read(SEE_PERMISSIONS),
        &[PERMISSIONS],
        &["permissions", "list"],
        "GET /config/v2/permissions",
        &[],
    ),
    here(
        "ImageManagementStream_CreateStreams",
        Deed::Change(ChangeKind::CreateStream),
        &[IMAGES, CHANGE_IMAGES, (X::ChangeMenu, C::ChangeNew)],
        &[
            "images",
            "create",
            "win11-a",
            "win11-b",
            "--operating-system",
            "WINDOWS_11",
            "--source",
            "UPLOADED",
            "--status",
            "AVAILABLE",
            "--yes",
            "2",
        ],
        "POST /config/v1/im-streams/action/bulk-create",
        &[F::PartialFailure],
    ),
    here(
        "ImageManagementStream_Delete",
        Deed::Change(ChangeKind::DeleteStream),
        &[IMAGES, CHANGE_IMAGES, (X::ChangeMenu, C::ChangeDelete)],
        &["images", "delete", "STREAM", "--yes", "1"],
        "DELETE /config/v1/im-streams/{id}",
        &[F::EntityInUse],
    ),
    here(
        "ImageManagementStream_Get",
        Deed::Read(SEE_IMAGES),
        &[IMAGES, (X::Images, C::NodeDetail)],
        &["images", "show", "STREAM"],
        "GET /config/v1/im-streams/{id}",
        &[],
    ),
    here(
        "ImageManagementStream_ListBySpec",
        Deed::Read(SEE_IMAGES),
        &[IMAGES],
        &["images", "list", "--status", "AVAILABLE", "--clone-type", "INSTANT_CLONE"],
        "GET /config/v1/im-streams",
        &[],
    ),
    here(
        "ImageManagementStream_Update",
        Deed::Change(ChangeKind::UpdateStream),
        &[IMAGES, CHANGE_IMAGES, (X::ChangeMenu, C::ChangeEdit)],
        &["images", "update", "STREAM", "--description", "TEXT", "--yes", "1"],
        "PUT /config/v1/im-streams/{id}",
        &[],
    ),
];
