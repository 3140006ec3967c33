//! Who may do what: accounts, roles and privileges for each access group (`horizon-rest.md section 12`).

use super::world::World;

/// What an account may do, by access group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    /// The account's user number in the estate.
    pub(crate) user: u32,
    pub(crate) login: String,
    /// The name of its role.
    pub(crate) role: String,
    /// The access group of its permission.
    pub(crate) group: u16,
    /// Whether that is the root group, which counts for all.
    pub(crate) everywhere: bool,
    privileges: Vec<String>,
}

impl Access {
    /// The accounts of a world, in its order; their positions are their user numbers.
    pub(crate) fn of(world: &World) -> Vec<Self> {
        let root = world.access_groups.iter().position(|group| group.root).unwrap_or(0);
        let place = |name: &str| world.access_groups.iter().position(|group| group.name == name);
        let mut accounts = Vec::new();
        for (number, account) in world.accounts.iter().enumerate() {
            let role = world.roles.iter().find(|role| role.name == *account.role.get_ref());
            let group = account.access_group.as_ref().and_then(|name| place(name.get_ref())).unwrap_or(root);
            accounts.push(Self {
                user: number as u32,
                login: account.login.clone(),
                role: account.role.get_ref().clone(),
                group: group as u16,
                everywhere: group == root,
                privileges: role.map(|role| role.privileges.clone()).unwrap_or_default(),
            });
        }
        accounts
    }

    /// The privileges of the account's role.
    pub(crate) fn privileges(&self) -> &[String] {
        &self.privileges
    }

    /// Whether the account may do everything: an Administrator on the root access group.
    pub(crate) fn is_root_administrator(&self) -> bool {
        self.all_groups(&["ADMINISTRATOR"])
    }

    /// Whether the account has any of these privileges anywhere.
    pub(crate) fn any(&self, wanted: &[&str]) -> bool {
        self.privileges.iter().any(|privilege| wanted.contains(&privilege.as_str()))
    }

    /// Whether the account has any of these privileges on an access group.
    pub(crate) fn on(&self, group: u16, wanted: &[&str]) -> bool {
        (self.everywhere || self.group == group) && self.any(wanted)
    }

    /// Whether the account sees every access group with any of these privileges.
    pub(crate) fn all_groups(&self, wanted: &[&str]) -> bool {
        self.everywhere && self.any(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::{WorldSource, load};

    #[test]
    fn accounts_have_their_roles_and_groups() {
        let world = load(&WorldSource::Builtin("small".into())).unwrap().world;
        let accounts = Access::of(&world);
        let of = |login: &str| accounts.iter().find(|account| account.login == login).unwrap();
        assert!(of("admin").any(&["MACHINE_REBOOT"]));
        assert!(of("helpdesk").any(&["MACHINE_MANAGE_VDI_SESSION"]));
        assert!(!of("helpdesk").any(&["MACHINE_REBOOT"]));
        assert!(!of("viewer").any(&["MACHINE_MANAGE_VDI_SESSION"]));
        let finance = world.access_groups.iter().position(|group| group.name == "Finance").unwrap() as u16;
        assert!(of("finance-lead").on(finance, &["MACHINE_VIEW"]));
        assert!(!of("finance-lead").on(finance + 1, &["MACHINE_VIEW"]));
        assert!(of("admin").on(finance + 1, &["MACHINE_VIEW"]));
    }
}
