//! Who may do what: permissions, roles, access groups and the people they are about (`horizon-rest.md sections 9 to 12`).

use serde::{Deserialize, Serialize};

use super::{AccessGroupId, Fault, FederationGroupId, PermissionId, PoolId, RoleId, Text, UserId};

/// What a security identifier stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrincipalKind {
    /// A user.
    User,
    /// A group.
    Group,
    /// The server does not say, or the name no longer resolves.
    Unknown,
}

impl PrincipalKind {
    /// The letter in the list: `u`, `g` or `?`.
    pub fn letter(self) -> char {
        match self {
            Self::User => 'u',
            Self::Group => 'g',
            Self::Unknown => '?',
        }
    }
}

/// One user or group, one role, one access group (`horizon-rest.md section 9`, `PermissionInfoV2`).
///
/// A permission is never changed in place: there is no such call. It is created and deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Its id.
    pub id: PermissionId,
    /// Who has it.
    pub principal: Option<UserId>,
    /// The name of who has it, as `DOMAIN\name`; absent when it no longer resolves, and filled from the directory where
    /// the release (before 2309) does not give it.
    pub principal_name: Option<Text>,
    /// Whether that is a user or a group.
    pub principal_kind: PrincipalKind,
    /// The role.
    pub role: Option<RoleId>,
    /// Where it holds in the pod.
    pub local_group: Option<AccessGroupId>,
    /// Where it holds in the federation.
    pub federation_group: Option<FederationGroupId>,
}

impl Permission {
    /// What to call who has it: the name, or else the SID.
    pub fn principal_label(&self) -> Text {
        self.principal_name
            .clone()
            .or_else(|| self.principal.as_ref().map(|id| Text::clean(id.raw())))
            .unwrap_or_else(|| "?".into())
    }
}

/// A permission to be created (`PermissionCreateSpec`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPermission {
    /// Who gets it.
    pub principal: UserId,
    /// The role.
    pub role: RoleId,
    /// Where in the pod. A role that does not apply to local access groups takes the root group (`method-map.md` P3).
    pub local_group: Option<AccessGroupId>,
    /// Where in the federation; required by roles that apply to federation access groups.
    pub federation_group: Option<FederationGroupId>,
}

/// A set of privileges (`horizon-rest.md section 10`, `RoleInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// `HELP_DESK_ADMIN` and the like; absent for custom roles.
    pub built_in: Option<Text>,
    /// The vendor's names of its privileges, such as `MACHINE_REBOOT`; `None` when the server did not say.
    pub privileges: Option<Vec<Text>>,
    /// Whether it holds a privilege that is given on local access groups.
    pub applies_to_local: Option<bool>,
    /// Whether it holds one of the `FEDERATED_*` privileges.
    pub applies_to_federation: Option<bool>,
}

impl Role {
    /// What to call it: its name, or else its id.
    pub fn label(&self) -> Text {
        self.name.clone().unwrap_or_else(|| Text::clean(self.id.raw()))
    }
}

/// A local access group: a part of the pod's pools and farms (`horizon-rest.md section 11`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessGroup {
    /// Its id.
    pub id: AccessGroupId,
    /// Its name.
    pub name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// Whether it is the root group, whose permissions hold everywhere: told by its name, or by being the only one that
    /// cannot be deleted.
    pub root: bool,
}

/// A federation access group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederationGroup {
    /// Its id.
    pub id: FederationGroupId,
    /// Its name.
    pub name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// Whether it is the root group.
    pub root: bool,
}

/// A privilege that a role may hold, with those that it brings along (`PrivilegeInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivilegeInfo {
    /// The vendor's name.
    pub name: Text,
    /// The privileges that come with it.
    pub sub_privileges: Vec<Text>,
}

/// A user or group of the directory (`horizon-rest.md section 18.2`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The SID.
    pub id: UserId,
    /// User or group.
    pub kind: PrincipalKind,
    /// `DOMAIN\login`.
    pub name: Option<Text>,
    /// The full name.
    pub full_name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// The groups it belongs to, as far as the server tells; `None` when it does not. Whether the groups that these
    /// belong to are among them is documented nowhere.
    pub groups: Option<Vec<UserId>>,
}

impl Principal {
    /// What to call it: its name, or else the SID.
    pub fn label(&self) -> Text {
        self.name.clone().unwrap_or_else(|| Text::clean(self.id.raw()))
    }
}

/// Everything about permissions, read together. A part that the account may not read says why, and hides nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionBook {
    /// The permissions.
    pub permissions: Vec<Permission>,
    /// The roles.
    pub roles: Result<Vec<Role>, Fault>,
    /// The local access groups.
    pub local_groups: Result<Vec<AccessGroup>, Fault>,
    /// The federation access groups; empty without a federation.
    pub federation_groups: Result<Vec<FederationGroup>, Fault>,
    /// The privileges that roles may hold.
    pub privileges: Result<Vec<PrivilegeInfo>, Fault>,
    /// Rows that could not be read and were left out.
    pub unreadable: usize,
    /// Whether whoever has a permission was looked up: given by the server, or asked for in the directory. Without that
    /// a missing name says nothing about the account.
    pub names: Result<(), Fault>,
    /// The desktop pools by all their names; `None` when they could not be read.
    #[serde(default)]
    pub pools: Option<Vec<PoolNames>>,
}

/// A desktop pool by its names: administrators know it by one, its users by another, and lists of sessions show only
/// the latter (`horizon-rest.md section 18`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolNames {
    /// Its id.
    pub id: PoolId,
    /// The name that administrators gave it, such as `fin-w11`.
    pub name: Option<Text>,
    /// The name that users see.
    pub display_name: Option<Text>,
    /// The access group it is on, where the server tells.
    pub access_group: Option<AccessGroupId>,
    /// `AUTOMATED`, `MANUAL` or `RDS`.
    pub kind: Option<Text>,
}

impl PermissionBook {
    /// The role with this id.
    pub fn role(&self, id: &RoleId) -> Option<&Role> {
        self.roles.as_ref().ok()?.iter().find(|role| role.id == *id)
    }

    /// The local access group with this id.
    pub fn local_group(&self, id: &AccessGroupId) -> Option<&AccessGroup> {
        self.local_groups.as_ref().ok()?.iter().find(|group| group.id == *id)
    }

    /// The federation access group with this id.
    pub fn federation_group(&self, id: &FederationGroupId) -> Option<&FederationGroup> {
        self.federation_groups.as_ref().ok()?.iter().find(|group| group.id == *id)
    }

    /// The permission with this id.
    pub fn permission(&self, id: &PermissionId) -> Option<&Permission> {
        self.permissions.iter().find(|permission| permission.id == *id)
    }
}
