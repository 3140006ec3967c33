//! Permissions and roles created, changed and deleted, each with its event (`events.md section 3.3`).

use super::{Estate, Holder, Permission};
use crate::sim::estate::events::{About, Extra};
use crate::sim::estate::{Operator, Principal};
use crate::sim::ids::Kind;

/// A permission to be created, as it was asked for: ids may lead nowhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) sid: &'a str,
    pub(crate) role: &'a str,
    pub(crate) local: Option<&'a str>,
    pub(crate) federation: Option<&'a str>,
}

/// Why a permission was not created or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    NoSuchPermission,
    NoSuchHolder,
    NoSuchRole,
    NoSuchGroup,
    NoSuchFederationGroup,
    LocalGroupMissing,
    FederationGroupMissing,
    /// The role is not about access groups, so it can only be given on the root.
    RootOnly,
    /// The role does not reach into the federation.
    NotFederated,
    Exists,
}

impl Denial {
    /// Status, error key and message of the item. Only the message of the missing entity is documented
    /// (`horizon-rest.md section 4.1`); the other words and the 409 of a double are inferred.
    pub(crate) fn answer(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NoSuchPermission => (404, "common.entity.does.not.exist", "Entity does not exist."),
            Self::NoSuchHolder => (
                400,
                "config.permission.ad_user_or_group_id.invalid",
                "The user or group does not exist in the directory.",
            ),
            Self::NoSuchRole => (400, "config.permission.role_id.invalid", "The role does not exist."),
            Self::NoSuchGroup => (
                400,
                "config.permission.local_access_group_id.invalid",
                "The local access group does not exist.",
            ),
            Self::NoSuchFederationGroup => (
                400,
                "config.permission.federation_access_group_id.invalid",
                "The federation access group does not exist.",
            ),
            Self::LocalGroupMissing => (
                400,
                "config.permission.local_access_group_id.missing",
                "The role applies to local access groups: local_access_group_id is mandatory.",
            ),
            Self::FederationGroupMissing => (
                400,
                "config.permission.federation_access_group_id.missing",
                "The role applies to federation access groups: federation_access_group_id is mandatory.",
            ),
            Self::RootOnly => (
                400,
                "config.permission.local_access_group_id.root.only",
                "The role does not apply to local access groups: it can only be given on the root access group.",
            ),
            Self::NotFederated => (
                400,
                "config.permission.federation_access_group_id.unexpected",
                "The role does not apply to federation access groups.",
            ),
            Self::Exists => {
                (409, "config.permission.already.exists", "The user or group has this permission already.")
            }
        }
    }
}

/// Why a role was not created, changed or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoleDenial {
    NoSuchRole,
    /// The vendor's own roles stay as they are.
    BuiltIn,
    Exists,
    Name,
    Description,
}

impl Estate {
    /// Creates a permission and writes the event, be it of the failure. Returns its number.
    pub(crate) fn create_permission(
        &mut self,
        wanted: &Wanted<'_>,
        operator: Operator,
    ) -> Result<u32, Denial> {
        let checked = self.check_permission(wanted);
        let kind = if checked.is_ok() { "ADMIN_PERMISSION_ADDED" } else { "ADMIN_PERMISSION_ADD_FAILED" };
        let entity =
            self.by_sid(wanted.sid).map_or_else(|| wanted.sid.to_owned(), |who| self.principal_name(who));
        let role = self.role_by_id(wanted.role).map(|role| role.name.clone());
        let local = match wanted.local {
            Some(id) => self.access_group_by_id(id),
            None => checked.as_ref().ok().map(|(_, _, local, _)| *local),
        };
        let group = local.map(|group| self.defined.world.access_groups[usize::from(group)].name.clone());
        self.log_permission(kind, operator, entity, role, group);
        let (holder, role, local, federation) = checked?;
        Ok(self.insert_permission(Holder::Known(holder), role, local, federation).number)
    }

    /// `method-map.md` P3: a role that applies to local access groups needs one, any other takes the root; one that
    /// applies to federation access groups needs one, where there is a federation.
    fn check_permission(&self, wanted: &Wanted<'_>) -> Result<(Principal, u32, u16, Option<u16>), Denial> {
        let holder = self.by_sid(wanted.sid).ok_or(Denial::NoSuchHolder)?;
        let role = self.role_by_id(wanted.role).ok_or(Denial::NoSuchRole)?;
        let known = |id: &str| self.access_group_by_id(id).ok_or(Denial::NoSuchGroup);
        let root = self.root_group();
        let local = match wanted.local.map(known).transpose()? {
            Some(group) if group != root && !role.is_local() => return Err(Denial::RootOnly),
            Some(group) => group,
            None if role.is_local() => return Err(Denial::LocalGroupMissing),
            None => root,
        };
        let known = |id: &str| self.federation_group_by_id(id).ok_or(Denial::NoSuchFederationGroup);
        let federation = wanted.federation.map(known).transpose()?;
        let expected = role.is_federated() && self.defined.world.cloud_pod_architecture;
        match federation {
            None if expected => return Err(Denial::FederationGroupMissing),
            Some(_) if !expected => return Err(Denial::NotFederated),
            _ => {}
        }
        let double = self.rights.permissions.iter().any(|permission| {
            permission.holder == Holder::Known(holder)
                && (permission.role, permission.local, permission.federation)
                    == (role.number, local, federation)
        });
        if double { Err(Denial::Exists) } else { Ok((holder, role.number, local, federation)) }
    }

    /// Deletes a permission and writes the event, be it of the failure.
    pub(crate) fn delete_permission(&mut self, id: &str, operator: Operator) -> Result<(), Denial> {
        let found = self.permission_by_id(id).cloned();
        let kind =
            if found.is_some() { "ADMIN_PERMISSION_REMOVED" } else { "ADMIN_PERMISSION_REMOVE_FAILED" };
        let (entity, role, group) = match &found {
            Some(permission) => self.permission_names(permission),
            None => (id.to_owned(), None, None),
        };
        self.log_permission(kind, operator, entity, role, group);
        let permission = found.ok_or(Denial::NoSuchPermission)?;
        self.forget_permission(permission.number);
        Ok(())
    }

    /// Holder, role and access group of a permission, as events name them.
    fn permission_names(&self, permission: &Permission) -> (String, Option<String>, Option<String>) {
        let entity = match &permission.holder {
            Holder::Known(who) => self.principal_name(*who),
            Holder::Gone(sid) => sid.clone(),
        };
        let group = self.defined.world.access_groups.get(usize::from(permission.local));
        (
            entity,
            self.role(permission.role).map(|role| role.name.clone()),
            group.map(|group| group.name.clone()),
        )
    }

    /// `events.md section 3.3`.
    fn log_permission(
        &mut self,
        kind: &str,
        operator: Operator,
        entity: String,
        role: Option<String>,
        group: Option<String>,
    ) {
        let mut more = vec![("AdminPermissionEntity", entity)];
        more.extend(role.map(|role| ("AdminRoleName", role)));
        more.extend(group.map(|group| ("AdminFolderName", group)));
        let extra = Some(Extra { more, ..Extra::default() });
        let about = About { user: Some(operator.user), extra, ..About::default() };
        self.log(kind, self.now, about);
    }

    /// Creates a custom role and writes the event, be it of the failure. Privileges that cannot be chosen are passed
    /// over, and those that come with a chosen one are added (`horizon-rest.md section 10`).
    pub(crate) fn create_role(
        &mut self,
        name: &str,
        description: &str,
        privileges: &[String],
        operator: Operator,
    ) -> Result<(), RoleDenial> {
        let taken = self.rights.roles.iter().any(|role| role.name.eq_ignore_ascii_case(name));
        let chosen = self.chosen(privileges);
        let checked = if is_role_name(name) { check_description(description) } else { Err(RoleDenial::Name) };
        let checked = if taken { Err(RoleDenial::Exists) } else { checked };
        let kind = if checked.is_ok() { "ADMIN_ROLE_ADDED" } else { "ADMIN_ROLE_ADD_FAILED" };
        self.log_role(kind, operator, name.to_owned(), Some(&chosen));
        checked?;
        self.add_role(name, description, None, chosen);
        Ok(())
    }

    /// Gives a custom role other privileges. Its name cannot be changed.
    pub(crate) fn update_role(
        &mut self,
        id: &str,
        description: Option<&str>,
        privileges: &[String],
        operator: Operator,
    ) -> Result<(), RoleDenial> {
        let chosen = self.chosen(privileges);
        let found = self.role_by_id(id).cloned();
        let checked = match &found {
            None => Err(RoleDenial::NoSuchRole),
            Some(role) if role.built_in.is_some() => Err(RoleDenial::BuiltIn),
            Some(_) => check_description(description.unwrap_or_default()),
        };
        let kind = if checked.is_ok() { "ADMIN_ROLE_PRIV_UPDATED" } else { "ADMIN_ROLE_PRIV_UPDATE_FAILED" };
        let name = found.map_or_else(|| id.to_owned(), |role| role.name);
        self.log_role(kind, operator, name, Some(&chosen));
        checked?;
        let number = self.ids.number(Kind::Role, id);
        if let Some(role) = self.rights.roles.iter_mut().find(|role| Some(role.number) == number) {
            role.privileges = chosen.into();
            if let Some(description) = description {
                description.clone_into(&mut role.description);
            }
        }
        self.generation += 1;
        Ok(())
    }

    /// Deletes a custom role and the permissions with it.
    pub(crate) fn delete_role(&mut self, id: &str, operator: Operator) -> Result<(), RoleDenial> {
        let found = self.role_by_id(id).cloned();
        let checked = match &found {
            None => Err(RoleDenial::NoSuchRole),
            Some(role) if role.built_in.is_some() => Err(RoleDenial::BuiltIn),
            Some(role) => Ok(role.number),
        };
        let kind = if checked.is_ok() { "ADMIN_ROLE_REMOVED" } else { "ADMIN_ROLE_REMOVE_FAILED" };
        self.log_role(kind, operator, found.map_or_else(|| id.to_owned(), |role| role.name), None);
        let number = checked?;
        self.rights.roles.retain(|role| role.number != number);
        self.rights.permissions.retain(|permission| permission.role != number);
        self.generation += 1;
        Ok(())
    }

    /// The privileges that can be chosen among these, with those that come with them, each once.
    fn chosen(&self, privileges: &[String]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for selectable in &self.defined.world.privileges {
            if !privileges.contains(&selectable.name) {
                continue;
            }
            for name in std::iter::once(&selectable.name).chain(&selectable.brings) {
                if !found.contains(name) {
                    found.push(name.clone());
                }
            }
        }
        found
    }

    fn log_role(&mut self, kind: &str, operator: Operator, role: String, privileges: Option<&[String]>) {
        let mut more = vec![("AdminRoleName", role)];
        more.extend(privileges.map(|names| ("AdminPrivilegeName", names.join(", "))));
        let extra = Some(Extra { more, ..Extra::default() });
        let about = About { user: Some(operator.user), extra, ..About::default() };
        self.log(kind, self.now, about);
    }
}

/// What a name may be made of.
fn is_role_name(name: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || " _-".contains(letter);
    !name.trim().is_empty() && name.len() <= 32 && name.chars().all(fits)
}

fn check_description(description: &str) -> Result<(), RoleDenial> {
    if description.chars().count() > 400 { Err(RoleDenial::Description) } else { Ok(()) }
}
