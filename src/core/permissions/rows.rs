//! The rows of the list: who, which role, where, what follows from it; grouped, filtered, in an order that a refresh keeps.

use std::collections::BTreeMap;

use super::{
    Regroup,
    matrix::{self, Grant},
};
use crate::{
    core::filter::{PermissionFilter, Truth},
    domain::{Permission, PermissionBook, PrincipalKind, RoleId, Text},
};

/// What stands where the server gives nothing.
const UNKNOWN: &str = "?";

/// Something about a permission that deserves a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PermissionFlag {
    /// The name of who has it no longer resolves.
    Dead,
    /// A user, not a group, is a full administrator by it.
    DirectAdministrator,
}

impl PermissionFlag {
    /// The letter in the column `!`.
    pub fn letter(self) -> char {
        match self {
            Self::Dead => 'D',
            Self::DirectAdministrator => 'A',
        }
    }

    /// Its name in filters and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::DirectAdministrator => "admin",
        }
    }

    /// What it means.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Dead => "the name no longer resolves: the account was probably deleted",
            Self::DirectAdministrator => "a user is full administrator directly, not through a group",
        }
    }

    /// The flags of a permission.
    pub fn of(book: &PermissionBook, permission: &Permission) -> Vec<Self> {
        let flags = [Self::Dead, Self::DirectAdministrator];
        flags.into_iter().filter(|flag| flag.holds(book, permission).is_yes()).collect()
    }

    /// Whether a permission deserves it. Unknown where that rests on names that could not be looked up.
    pub fn holds(self, book: &PermissionBook, permission: &Permission) -> Truth {
        let unnamed = book.names.is_err() && is_nameless(permission);
        match self {
            Self::Dead if unnamed => Truth::Unknown,
            Self::Dead => Truth::from(is_dead(book, permission)),
            Self::DirectAdministrator => {
                let user = match permission.principal_kind {
                    PrincipalKind::User => Truth::Yes,
                    PrincipalKind::Unknown if unnamed => Truth::Unknown,
                    PrincipalKind::Group | PrincipalKind::Unknown => Truth::No,
                };
                user.and(matrix::makes_full_administrator(book, permission))
            }
        }
    }
}

/// Whether the name of who has it no longer resolves: there is none, or the SID stands in for it. It is not known to, and
/// so not said to, where the names could not be looked up.
pub fn is_dead(book: &PermissionBook, permission: &Permission) -> bool {
    book.names.is_ok() && is_nameless(permission)
}

/// Whether there is no name but the SID, for whatever reason.
pub(super) fn is_nameless(permission: &Permission) -> bool {
    match (&permission.principal_name, &permission.principal) {
        (None, principal) => principal.is_some(),
        (Some(name), Some(principal)) => name.as_str().eq_ignore_ascii_case(principal.raw()),
        (Some(_), None) => false,
    }
}

/// A row of the list.
#[derive(Debug, Clone)]
pub struct PermissionRow<'a> {
    /// The permission.
    pub permission: &'a Permission,
    /// Who has it: the name, or else the SID.
    pub principal: Text,
    /// The role's name; its id where the roles could not be read.
    pub role: Text,
    /// Whether the role is one that was made here; `None` when it is not known.
    pub custom: Option<bool>,
    /// Where it holds in the pod.
    pub local_group: Text,
    /// Where it holds in the federation, if anywhere.
    pub federation_group: Option<Text>,
    /// What it allows, in the order of [`super::Deed::ALL`].
    pub grants: [Grant; 6],
    /// What deserves a look.
    pub flags: Vec<PermissionFlag>,
}

impl<'a> PermissionRow<'a> {
    /// The row of a permission.
    pub fn new(book: &'a PermissionBook, permission: &'a Permission) -> Self {
        Self::with_grants(book, permission, matrix::matrix(book, permission.role.as_ref()))
    }

    fn with_grants(book: &'a PermissionBook, permission: &'a Permission, grants: [Grant; 6]) -> Self {
        let role = permission.role.as_ref().and_then(|id| book.role(id));
        Self {
            permission,
            principal: permission.principal_label(),
            role: role_label(book, permission.role.as_ref()),
            custom: role.map(|role| role.built_in.is_none()),
            local_group: local_group_label(book, permission),
            federation_group: federation_group_label(book, permission),
            grants,
            flags: PermissionFlag::of(book, permission),
        }
    }

    /// Both access groups in one cell: `Finance`, or `Finance, federation: Root`.
    pub fn groups(&self) -> String {
        match &self.federation_group {
            Some(group) => format!("{}, federation: {group}", self.local_group),
            None => self.local_group.as_str().to_owned(),
        }
    }

    /// What it is about, in one line: `CORP\kaya as Help Desk on Finance`.
    pub fn label(&self) -> Text {
        label(&self.principal, &self.role, &self.local_group, self.federation_group.as_ref())
    }

    /// The value that the list is grouped by.
    pub fn heading(&self, group: Regroup) -> &Text {
        match group {
            Regroup::Principal => &self.principal,
            Regroup::Role => &self.role,
            Regroup::AccessGroup => &self.local_group,
        }
    }
}

/// `CORP\kaya as Help Desk on Finance`, with the federation access group where there is one.
pub fn label(principal: &Text, role: &Text, local: &Text, federation: Option<&Text>) -> Text {
    let federation = federation.map(|group| format!(" and federation group {group}")).unwrap_or_default();
    Text::clean(&format!("{principal} as {role} on {local}{federation}"))
}

/// What a role is called: its name, or else its id.
pub fn role_label(book: &PermissionBook, role: Option<&RoleId>) -> Text {
    match role {
        Some(id) => book.role(id).map_or_else(|| Text::clean(id.raw()), crate::domain::Role::label),
        None => UNKNOWN.into(),
    }
}

fn local_group_label(book: &PermissionBook, permission: &Permission) -> Text {
    match &permission.local_group {
        Some(id) => {
            let name = book.local_group(id).and_then(|group| group.name.clone());
            name.unwrap_or_else(|| Text::clean(id.raw()))
        }
        None => UNKNOWN.into(),
    }
}

fn federation_group_label(book: &PermissionBook, permission: &Permission) -> Option<Text> {
    let id = permission.federation_group.as_ref()?;
    let name = book.federation_group(id).and_then(|group| group.name.clone());
    Some(name.unwrap_or_else(|| Text::clean(id.raw())))
}

/// The rows for which a filter holds, grouped; within a group by the other columns, at last by id, so that a refresh
/// never shuffles rows that look alike.
pub fn rows<'a>(
    book: &'a PermissionBook,
    group: Regroup,
    filter: &PermissionFilter,
) -> Vec<PermissionRow<'a>> {
    let mut of_role: BTreeMap<Option<&RoleId>, [Grant; 6]> = BTreeMap::new();
    let mut rows: Vec<PermissionRow<'a>> = book
        .permissions
        .iter()
        .map(|permission| {
            let role = permission.role.as_ref();
            let grants = of_role.entry(role).or_insert_with(|| matrix::matrix(book, role)).clone();
            PermissionRow::with_grants(book, permission, grants)
        })
        .filter(|row| filter.matches(row, book) == Truth::Yes)
        .collect();
    rows.sort_by_cached_key(|row| {
        let lower = |text: &Text| text.as_str().to_lowercase();
        let (who, role, place) = (lower(&row.principal), lower(&row.role), lower(&row.local_group));
        let keys = match group {
            Regroup::Principal => [who, role, place],
            Regroup::Role => [role, who, place],
            Regroup::AccessGroup => [place, who, role],
        };
        (keys, row.permission.id.clone())
    });
    rows
}
