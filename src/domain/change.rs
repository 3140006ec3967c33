//! Changes to the configuration of an estate: permissions and images, created, changed and deleted; over Workspace images
//! that are built, accounts that may use app groups or may not any more, and app servers that are emptied or start again.

use serde::{Deserialize, Serialize};

use super::{
    AppAccount, AppGroupId, AppServerId, Asset, AssetEdit, AssetId, AuthorizationId, ImageServerId, NewAsset,
    NewImage, NewPermission, NewStream, NewTag, NewVersion, PermissionId, Privilege, ServerOrder, Stream,
    StreamEdit, StreamId, Tag, TagEdit, TagId, Text, UserId, Version, VersionEdit, VersionId, WireKind,
};

/// One change. An update carries what the operator saw: when the server has something else by then, nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// `Permission_CreatePermissions`.
    CreatePermission(NewPermission),
    /// `Permission_DeletePermissions`.
    DeletePermission(PermissionId),
    /// `ImageManagementStream_CreateStreams`.
    CreateStream(NewStream),
    /// `ImageManagementStream_Update`.
    UpdateStream {
        /// The stream as the operator saw it.
        seen: Box<Stream>,
        /// What changes.
        edit: StreamEdit,
    },
    /// `ImageManagementStream_Delete`.
    DeleteStream(StreamId),
    /// A new version of a stream.
    CreateVersion(NewVersion),
    /// Another name, status or description.
    UpdateVersion {
        /// The version as the operator saw it.
        seen: Box<Version>,
        /// What changes.
        edit: VersionEdit,
    },
    /// A version goes.
    DeleteVersion(VersionId),
    /// A new tag.
    CreateTag(NewTag),
    /// Another version or name: moving a tag gives its subscribers a new image.
    UpdateTag {
        /// The tag as the operator saw it.
        seen: Box<Tag>,
        /// What changes.
        edit: TagEdit,
    },
    /// A tag goes.
    DeleteTag(TagId),
    /// A version is realised in one more vCenter.
    CreateAsset(NewAsset),
    /// Another kind or status.
    UpdateAsset {
        /// The asset as the operator saw it.
        seen: Box<Asset>,
        /// What changes.
        edit: AssetEdit,
    },
    /// An asset goes.
    DeleteAsset(AssetId),
    /// An image is built from an image server (`workspace.md section 5.6`): the cloud does it in a job of its own.
    BuildImage {
        /// The image server.
        server: ImageServerId,
        /// Its name when it was chosen: the cloud's job does not tell it.
        server_name: Option<Text>,
        /// What is built.
        image: NewImage,
    },
    /// An account may use an app group (`workspace.md section 8`).
    AddAuthorization {
        /// The app group.
        group: AppGroupId,
        /// Who.
        account: Box<AppAccount>,
    },
    /// An account may not use an app group any more.
    RemoveAuthorization {
        /// What was seen in the list.
        seen: AuthorizationId,
        /// The app group.
        group: AppGroupId,
        /// Who.
        account: Box<AppAccount>,
    },
    /// Something is asked of an app server (`workspace.md section 9.3`). There is no job for it: its states are watched.
    OrderServer {
        /// What.
        order: ServerOrder,
        /// The app server.
        server: AppServerId,
        /// Its name when it was chosen.
        server_name: Option<Text>,
        /// How many sessions ran on it then, as far as that was known.
        sessions: Option<i64>,
    },
}

/// A change without its details: what travels together in one call, what needs which privilege.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// See [`Change::CreatePermission`].
    CreatePermission,
    /// See [`Change::DeletePermission`].
    DeletePermission,
    /// See [`Change::CreateStream`].
    CreateStream,
    /// See [`Change::UpdateStream`].
    UpdateStream,
    /// See [`Change::DeleteStream`].
    DeleteStream,
    /// See [`Change::CreateVersion`].
    CreateVersion,
    /// See [`Change::UpdateVersion`].
    UpdateVersion,
    /// See [`Change::DeleteVersion`].
    DeleteVersion,
    /// See [`Change::CreateTag`].
    CreateTag,
    /// See [`Change::UpdateTag`].
    UpdateTag,
    /// See [`Change::DeleteTag`].
    DeleteTag,
    /// See [`Change::CreateAsset`].
    CreateAsset,
    /// See [`Change::UpdateAsset`].
    UpdateAsset,
    /// See [`Change::DeleteAsset`].
    DeleteAsset,
    /// See [`Change::BuildImage`].
    BuildImage,
    /// See [`Change::AddAuthorization`].
    AddAuthorization,
    /// See [`Change::RemoveAuthorization`].
    RemoveAuthorization,
    /// See [`ServerOrder::Drain`].
    DrainServer,
    /// See [`ServerOrder::Undrain`].
    UndrainServer,
    /// See [`ServerOrder::Reboot`].
    RebootServer,
    /// See [`ServerOrder::RebootHard`].
    RebootServerHard,
}

impl Change {
    /// The change without its details.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::CreatePermission(_) => ChangeKind::CreatePermission,
            Self::DeletePermission(_) => ChangeKind::DeletePermission,
            Self::CreateStream(_) => ChangeKind::CreateStream,
            Self::UpdateStream { .. } => ChangeKind::UpdateStream,
            Self::DeleteStream(_) => ChangeKind::DeleteStream,
            Self::CreateVersion(_) => ChangeKind::CreateVersion,
            Self::UpdateVersion { .. } => ChangeKind::UpdateVersion,
            Self::DeleteVersion(_) => ChangeKind::DeleteVersion,
            Self::CreateTag(_) => ChangeKind::CreateTag,
            Self::UpdateTag { .. } => ChangeKind::UpdateTag,
            Self::DeleteTag(_) => ChangeKind::DeleteTag,
            Self::CreateAsset(_) => ChangeKind::CreateAsset,
            Self::UpdateAsset { .. } => ChangeKind::UpdateAsset,
            Self::DeleteAsset(_) => ChangeKind::DeleteAsset,
            Self::BuildImage { .. } => ChangeKind::BuildImage,
            Self::AddAuthorization { .. } => ChangeKind::AddAuthorization,
            Self::RemoveAuthorization { .. } => ChangeKind::RemoveAuthorization,
            Self::OrderServer { order, .. } => ChangeKind::of_server(*order),
        }
    }

    /// The id of what is changed, byte for byte: it is cleaned where it is shown. None for what does not exist yet.
    pub fn target_id(&self) -> Option<String> {
        Some(match self {
            Self::DeletePermission(id) => id.raw().to_owned(),
            Self::UpdateStream { seen, .. } => seen.id.raw().to_owned(),
            Self::DeleteStream(id) => id.raw().to_owned(),
            Self::UpdateVersion { seen, .. } => seen.id.raw().to_owned(),
            Self::DeleteVersion(id) => id.raw().to_owned(),
            Self::UpdateTag { seen, .. } => seen.id.raw().to_owned(),
            Self::DeleteTag(id) => id.raw().to_owned(),
            Self::UpdateAsset { seen, .. } => seen.id.raw().to_owned(),
            Self::DeleteAsset(id) => id.raw().to_owned(),
            Self::BuildImage { server, .. } => server.raw().to_owned(),
            Self::AddAuthorization { group, .. } => group.raw().to_owned(),
            Self::RemoveAuthorization { seen, .. } => seen.raw().to_owned(),
            Self::OrderServer { server, .. } => server.raw().to_owned(),
            Self::CreatePermission(_)
            | Self::CreateStream(_)
            | Self::CreateVersion(_)
            | Self::CreateTag(_)
            | Self::CreateAsset(_) => return None,
        })
    }

    /// Who gets a permission by it.
    pub fn principal(&self) -> Option<&UserId> {
        match self {
            Self::CreatePermission(new) => Some(&new.principal),
            _ => None,
        }
    }
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::CreatePermission,
        Self::DeletePermission,
        Self::CreateStream,
        Self::UpdateStream,
        Self::DeleteStream,
        Self::CreateVersion,
        Self::UpdateVersion,
        Self::DeleteVersion,
        Self::CreateTag,
        Self::UpdateTag,
        Self::DeleteTag,
        Self::CreateAsset,
        Self::UpdateAsset,
        Self::DeleteAsset,
        Self::BuildImage,
        Self::AddAuthorization,
        Self::RemoveAuthorization,
        Self::DrainServer,
        Self::UndrainServer,
        Self::RebootServer,
        Self::RebootServerHard,
    ];

    /// The kind of what is asked of an app server.
    pub fn of_server(order: ServerOrder) -> Self {
        match order {
            ServerOrder::Drain => Self::DrainServer,
            ServerOrder::Undrain => Self::UndrainServer,
            ServerOrder::Reboot => Self::RebootServer,
            ServerOrder::RebootHard => Self::RebootServerHard,
        }
    }

    /// The name in JSON and events: `create-permission` and so on.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreatePermission => "create-permission",
            Self::DeletePermission => "delete-permission",
            Self::CreateStream => "create-stream",
            Self::UpdateStream => "update-stream",
            Self::DeleteStream => "delete-stream",
            Self::CreateVersion => "create-version",
            Self::UpdateVersion => "update-version",
            Self::DeleteVersion => "delete-version",
            Self::CreateTag => "create-tag",
            Self::UpdateTag => "update-tag",
            Self::DeleteTag => "delete-tag",
            Self::CreateAsset => "create-asset",
            Self::UpdateAsset => "update-asset",
            Self::DeleteAsset => "delete-asset",
            Self::BuildImage => "build-image",
            Self::AddAuthorization => "add-authorization",
            Self::RemoveAuthorization => "remove-authorization",
            Self::DrainServer => "drain-server",
            Self::UndrainServer => "undrain-server",
            Self::RebootServer => "reboot-server",
            Self::RebootServerHard => "reboot-server-hard",
        }
    }

    /// The words on the screen: `create permission` and so on.
    pub fn label(self) -> &'static str {
        match self {
            Self::CreatePermission => "create permission",
            Self::DeletePermission => "delete permission",
            Self::CreateStream => "create stream",
            Self::UpdateStream => "update stream",
            Self::DeleteStream => "delete stream",
            Self::CreateVersion => "create version",
            Self::UpdateVersion => "update version",
            Self::DeleteVersion => "delete version",
            Self::CreateTag => "create tag",
            Self::UpdateTag => "update tag",
            Self::DeleteTag => "delete tag",
            Self::CreateAsset => "create asset",
            Self::UpdateAsset => "update asset",
            Self::DeleteAsset => "delete asset",
            Self::BuildImage => "start build",
            Self::AddAuthorization => "authorize",
            Self::RemoveAuthorization => "take authorization",
            Self::DrainServer => "drain",
            Self::UndrainServer => "undrain",
            Self::RebootServer => "reboot",
            Self::RebootServerHard => "reboot hard",
        }
    }

    /// Whether something goes away: sessions of whoever works there count.
    pub fn is_destructive(self) -> bool {
        matches!(
            self,
            Self::DeletePermission
                | Self::DeleteStream
                | Self::DeleteVersion
                | Self::DeleteTag
                | Self::DeleteAsset
                | Self::RemoveAuthorization
                | Self::RebootServer
                | Self::RebootServerHard
        )
    }

    /// The wire that has it.
    pub fn wire(self) -> WireKind {
        match self {
            Self::BuildImage
            | Self::AddAuthorization
            | Self::RemoveAuthorization
            | Self::DrainServer
            | Self::UndrainServer
            | Self::RebootServer
            | Self::RebootServerHard => WireKind::Workspace,
            _ => WireKind::Horizon,
        }
    }

    /// The actions of IAM that it needs over Workspace (`workspace.md sections 5.6, 8 and 9.3`); none elsewhere.
    pub fn iam(self) -> Option<&'static str> {
        Some(match self {
            Self::BuildImage => "workspace:imageServer:recreate, and several actions of vpc and ims",
            Self::AddAuthorization => "workspace:appGroup:addAuthorization",
            Self::RemoveAuthorization => "workspace:appGroup:batchDeleteAuthorization",
            Self::DrainServer | Self::UndrainServer => "workspace:server:batchChangeMaintainMode",
            Self::RebootServer | Self::RebootServerHard => "workspace:server:batchReboot",
            _ => return None,
        })
    }

    /// What the account must have for it, as its wire names it: a privilege, or actions of IAM.
    pub fn needs(self) -> &'static str {
        self.iam().unwrap_or_else(|| self.privilege().name())
    }

    /// The privilege that it needs (`horizon-rest.md sections 9 and 13`). Over Workspace there are no such privileges.
    pub fn privilege(self) -> Privilege {
        match self {
            Self::CreatePermission | Self::DeletePermission => Privilege::ManagePermissions,
            _ => Privilege::ManageConfig,
        }
    }
}
