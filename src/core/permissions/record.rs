//! A permission as JSON and CSV: the vendor's field names, and ours where these say nothing.

use indexmap::IndexMap;
use serde::Serialize;

use crate::{
    core::permissions::{Deed, Grant, PermissionRow, matrix},
    domain::{AccessGroupId, FederationGroupId, PermissionBook, PrincipalKind, RoleId, Text, UserId},
};

/// The fields in CSV, in order.
pub(crate) const FIELDS: &[&str] = &[
    "id",
    "ad_user_or_group_id",
    "display_name",
    "group",
    "role_id",
    "role_name",
    "local_access_group_id",
    "local_access_group_name",
    "federation_access_group_id",
    "federation_access_group_name",
    "can.message",
    "can.logoff",
    "can.reset",
    "can.push_image",
    "can.manage_images",
    "can.manage_permissions",
    "flags",
];

/// The columns of the screen, in order.
pub(crate) const TITLES: &[&str] = &[
    "principal",
    "kind",
    "role",
    "access group",
    "message",
    "log off",
    "reset",
    "push image",
    "manage images",
    "manage permissions",
    "flags",
];

/// The fields of one permission by itself in CSV, in order.
pub(crate) fn fields_of_one() -> Vec<&'static str> {
    FIELDS.iter().copied().chain(["privileges"]).collect()
}

/// One permission. What is not known is missing, or `unknown` below `can`.
#[derive(Debug, Serialize)]
pub(crate) struct PermissionRecord<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_user_or_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_access_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_access_group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    federation_access_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    federation_access_group_name: Option<String>,
    can: IndexMap<&'static str, &'static str>,
    flags: Vec<&'static str>,
    /// The privileges of the role, for one permission by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    privileges: Option<Vec<String>>,
}

impl<'a> PermissionRecord<'a> {
    /// A permission in a list.
    pub(crate) fn new(row: &'a PermissionRow<'_>) -> Self {
        let permission = row.permission;
        // An id that stands in for a name is not the name.
        let name = |shown: &Text, id: Option<&str>| {
            Some(shown.to_string()).filter(|_| id.is_some_and(|id| *shown != Text::clean(id)))
        };
        let federation = permission.federation_group.as_ref().map(FederationGroupId::raw);
        let can = Deed::ALL.iter().zip(&row.grants).map(|(deed, grant)| (deed.name(), word(grant)));
        Self {
            id: permission.id.raw(),
            ad_user_or_group_id: permission.principal.as_ref().map(UserId::raw),
            display_name: permission.principal_name.as_ref().map(Text::as_str),
            group: match permission.principal_kind {
                PrincipalKind::User => Some(false),
                PrincipalKind::Group => Some(true),
                PrincipalKind::Unknown => None,
            },
            role_id: permission.role.as_ref().map(RoleId::raw),
            role_name: name(&row.role, permission.role.as_ref().map(RoleId::raw)),
            local_access_group_id: permission.local_group.as_ref().map(AccessGroupId::raw),
            local_access_group_name: name(
                &row.local_group,
                permission.local_group.as_ref().map(AccessGroupId::raw),
            ),
            federation_access_group_id: federation,
            federation_access_group_name: row
                .federation_group
                .as_ref()
                .and_then(|group| name(group, federation)),
            can: can.collect(),
            flags: row.flags.iter().map(|flag| flag.name()).collect(),
            privileges: None,
        }
    }

    /// The columns of the screen: who, as what, where, what it allows, what deserves a look.
    pub(crate) fn cells(row: &PermissionRow<'_>) -> Vec<String> {
        let mut cells = vec![
            row.principal.to_string(),
            kind(row.permission.principal_kind).to_owned(),
            row.role.to_string(),
            row.local_group.to_string(),
        ];
        cells.extend(row.grants.iter().map(|grant| word(grant).to_owned()));
        cells.push(row.flags.iter().map(|flag| flag.name()).collect::<Vec<_>>().join(" "));
        cells
    }

    /// A permission by itself, with the privileges of its role.
    pub(crate) fn whole(book: &PermissionBook, row: &'a PermissionRow<'_>) -> Self {
        let role = row.permission.role.as_ref().and_then(|id| book.role(id));
        let held = role.and_then(|role| matrix::held(book, role));
        let privileges = held.map(|held| held.iter().map(|privilege| privilege.name.to_string()).collect());
        Self { privileges, ..Self::new(row) }
    }
}

/// The word for a cell of the matrix.
fn word(grant: &Grant) -> &'static str {
    match grant {
        Grant::Yes(_) => "yes",
        Grant::Federated(_) => "federation",
        Grant::No(_) => "no",
        Grant::Unknown(_) => "unknown",
    }
}

/// The word for what has a permission.
pub(crate) fn kind(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::User => "user",
        PrincipalKind::Group => "group",
        PrincipalKind::Unknown => "unknown",
    }
}
