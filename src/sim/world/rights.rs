//! What a world says of its administrators: groups and people of the directory, roles, and who holds which role where
//! (`horizon-rest.md sections 9 to 12`).

use serde::Deserialize;

use super::check::Checker;
use super::{Name, World, WorldError};

/// What `built_in_role_type` of a role may be.
const BUILT_IN_ROLES: [&str; 11] = [
    "ADMINISTRATOR",
    "ADMINISTRATOR_READ_ONLY",
    "AGENT_REGISTRATION_ADMIN",
    "GLOBAL_CONFIG_AND_POLICY_ADMIN",
    "GLOBAL_CONFIG_AND_POLICY_ADMIN_READ_ONLY",
    "HELP_DESK_ADMIN",
    "HELP_DESK_ADMIN_READ_ONLY",
    "INVENTORY_ADMIN",
    "INVENTORY_ADMIN_READ_ONLY",
    "LOCAL_ADMIN",
    "LOCAL_ADMIN_READ_ONLY",
];

/// A role: a set of privileges.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// `HELP_DESK_ADMIN` and the like; a custom role when absent.
    pub(crate) built_in: Option<Name>,
    pub(crate) privileges: Vec<String>,
}

/// A privilege that a custom role may hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selectable {
    pub(crate) name: String,
    /// The privileges that come with it.
    #[serde(default)]
    pub(crate) brings: Vec<String>,
}

/// A group of the directory beyond those that pools and farms name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// The groups that it belongs to.
    #[serde(default)]
    pub(crate) member_of: Vec<Name>,
}

/// Somebody of the directory who has no desktop and cannot log in to the simulator: people of IT and service accounts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Staff {
    pub(crate) login: String,
    pub(crate) display: String,
    #[serde(default)]
    pub(crate) description: String,
    /// The groups that this person belongs to.
    #[serde(default)]
    pub(crate) groups: Vec<Name>,
}

/// Who holds a role where: exactly one of `user`, `group` and `sid`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permission {
    /// The login of an account or of one of the staff.
    pub(crate) user: Option<Name>,
    pub(crate) group: Option<Name>,
    /// The SID of somebody who is not in the directory any more.
    pub(crate) sid: Option<Name>,
    pub(crate) role: Name,
    /// The root group when absent.
    pub(crate) access_group: Option<Name>,
    /// With a federation, for roles that reach into it: the root group when absent.
    pub(crate) federation_group: Option<Name>,
}

impl World {
    /// The names of all groups of the directory, in the order of their numbers, each once.
    fn directory_groups(&self) -> Vec<&str> {
        let of_places = (self.pools.iter().map(|pool| &pool.groups))
            .chain(self.farms.iter().map(|farm| &farm.groups))
            .flatten()
            .map(String::as_str);
        let more = self.groups.iter().map(|group| group.name.as_str());
        std::iter::once("Domain Users").chain(of_places).chain(more).collect()
    }
}

impl Checker<'_> {
    /// Accounts, staff, groups, roles and permissions that know each other.
    pub(super) fn rights(&self, world: &World) -> Result<(), WorldError> {
        let roles: Vec<&str> = world.roles.iter().map(|role| role.name.as_str()).collect();
        let places: Vec<&str> = world.access_groups.iter().map(|group| group.name.as_str()).collect();
        let groups = world.directory_groups();
        self.unique("roles", roles.iter().copied())?;
        for built_in in world.roles.iter().filter_map(|role| role.built_in.as_ref()) {
            self.known("type of built-in role", built_in, &BUILT_IN_ROLES)?;
        }
        for account in &world.accounts {
            self.known("role", &account.role, &roles)?;
            self.all_known("access group", account.access_group.iter(), &places)?;
            self.all_known("group", account.groups.iter(), &groups)?;
        }
        let logins = || {
            let accounts = world.accounts.iter().map(|account| account.login.as_str());
            accounts.chain(world.staff.iter().map(|person| person.login.as_str()))
        };
        self.unique("accounts or staff", logins())?;
        for person in &world.staff {
            self.all_known("group", person.groups.iter(), &groups)?;
        }
        for group in &world.groups {
            self.all_known("group", group.member_of.iter(), &groups)?;
        }
        self.federation_groups(world)?;
        let logins: Vec<&str> = logins().collect();
        let federation: Vec<&str> = world.federation_groups.iter().map(|group| group.name.as_str()).collect();
        let entitled = (world.pools.iter().map(|pool| &pool.federation_group))
            .chain(world.farms.iter().map(|farm| &farm.federation_group));
        self.all_known("federation access group", entitled.flatten(), &federation)?;
        world.permissions.iter().try_for_each(|permission| {
            self.known("role", &permission.role, &roles)?;
            let holders = [&permission.user, &permission.group, &permission.sid];
            if holders.iter().filter(|holder| holder.is_some()).count() != 1 {
                let message = "a permission needs one of `user`, `group` and `sid`".to_owned();
                return self.fail(&permission.role.span(), message);
            }
            self.all_known("account or person", permission.user.iter(), &logins)?;
            self.all_known("group", permission.group.iter(), &groups)?;
            self.all_known("access group", permission.access_group.iter(), &places)?;
            self.all_known("federation access group", permission.federation_group.iter(), &federation)
        })
    }

    fn federation_groups(&self, world: &World) -> Result<(), WorldError> {
        let groups = &world.federation_groups;
        if groups.is_empty() {
            return Ok(());
        }
        if !world.cloud_pod_architecture {
            return self.fail_at("federation_groups", "federation access groups need cloud_pod_architecture");
        }
        if groups.iter().filter(|group| group.root).count() != 1 {
            return self
                .fail_at("federation_groups", "exactly one federation access group must have `root = true`");
        }
        Ok(())
    }

    fn all_known<'a>(
        &self,
        what: &str,
        mut names: impl Iterator<Item = &'a Name>,
        known: &[&str],
    ) -> Result<(), WorldError> {
        names.try_for_each(|name| self.known(what, name, known))
    }
}
