//! Roles and permissions as they are now, and the directory's groups that they are given to
//! (`horizon-rest.md sections 9 to 12`).

mod changes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Estate, Principal};
use crate::sim::ids::Kind;
use crate::sim::world::{Name, World};

pub(crate) use changes::{Denial, RoleDenial, Wanted};

/// Whom a permission is given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Somebody of the directory.
    Known(Principal),
    /// A SID that no longer leads to anybody.
    Gone(String),
}

/// One user or group, one role, one access group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Permission {
    pub(crate) number: u32,
    pub(crate) holder: Holder,
    /// The number of the role.
    pub(crate) role: u32,
    /// Index of the local access group; the root group for roles that are not about access groups.
    pub(crate) local: u16,
    /// Index of the federation access group.
    pub(crate) federation: Option<u16>,
}

/// A set of privileges.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) description: String,
    /// `HELP_DESK_ADMIN` and the like; `None` for custom roles.
    pub(crate) built_in: Option<String>,
    pub(crate) privileges: Arc<[String]>,
}

impl Role {
    /// Whether it holds a privilege that is given on local access groups. Which those are is written nowhere; these are
    /// about pools, machines, sessions and access groups.
    pub(crate) fn is_local(&self) -> bool {
        const LOCAL: [&str; 9] = [
            "POOL_",
            "MACHINE_",
            "FOLDER_",
            "UDD_",
            "INVENTORY_",
            "LOCAL_",
            "HELPDESK_",
            "MANAGE_REMOTE_PROCESS",
            "REMOTE_ASSISTANCE",
        ];
        self.privileges.iter().any(|privilege| LOCAL.iter().any(|local| privilege.starts_with(local)))
    }

    /// Whether it holds one of the `FEDERATED_*` privileges.
    pub(crate) fn is_federated(&self) -> bool {
        self.privileges.iter().any(|privilege| privilege.starts_with("FEDERATED_"))
    }
}

/// Roles, permissions and memberships.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    /// In the order of their numbers.
    pub(crate) roles: Vec<Role>,
    /// In the order of their numbers.
    pub(crate) permissions: Vec<Permission>,
    next_role: u32,
    next_permission: u32,
    /// The groups of people beyond those of the place they work at.
    groups_of_users: BTreeMap<u32, Vec<u16>>,
    groups_of_groups: BTreeMap<u16, Vec<u16>>,
    descriptions_of_users: BTreeMap<u32, String>,
    descriptions_of_groups: BTreeMap<u16, String>,
}

impl Estate {
    /// Adds groups, people, roles and permissions of the world. Everybody else is there already, so that nobody's SID
    /// depends on them.
    pub(super) fn add_rights(&mut self) {
        let defined = Arc::clone(&self.defined);
        let world = &defined.world;
        for role in &world.roles {
            let built_in = role.built_in.as_ref().map(|word| word.get_ref().clone());
            self.add_role(&role.name, &role.description, built_in, role.privileges.clone());
        }
        for group in &world.groups {
            let number = self.group(&group.name);
            let parents = self.known_groups(&group.member_of);
            self.rights.groups_of_groups.insert(number, parents);
            self.rights.descriptions_of_groups.insert(number, group.description.clone());
        }
        for (number, account) in world.accounts.iter().enumerate() {
            let groups = self.known_groups(&account.groups);
            self.rights.groups_of_users.insert(number as u32, groups);
        }
        for person in &world.staff {
            let number = self.users.len() as u32;
            self.users.push(super::User {
                login: person.login.as_str().into(),
                display: person.display.as_str().into(),
                home: None,
                sessions: 0,
            });
            let groups = self.known_groups(&person.groups);
            self.rights.groups_of_users.insert(number, groups);
            self.rights.descriptions_of_users.insert(number, person.description.clone());
        }
        self.add_permissions(world);
    }

    /// One permission for each account, numbered like it, then the others.
    fn add_permissions(&mut self, world: &World) {
        for (number, account) in world.accounts.iter().enumerate() {
            let holder = Holder::Known(Principal::User(number as u32));
            self.give(world, holder, &account.role, account.access_group.as_ref(), None);
        }
        for permission in &world.permissions {
            let user = permission.user.as_ref().and_then(|name| self.user_called(name.get_ref()));
            let group = permission.group.as_ref().map(|name| self.group(name.get_ref()));
            let sid = permission.sid.as_ref().map(|sid| Holder::Gone(sid.get_ref().clone()));
            let holder = (user.map(Principal::User).or(group.map(Principal::Group))).map(Holder::Known);
            let Some(holder) = holder.or(sid) else { continue };
            let (local, federation) =
                (permission.access_group.as_ref(), permission.federation_group.as_ref());
            self.give(world, holder, &permission.role, local, federation);
        }
    }

    fn give(
        &mut self,
        world: &World,
        holder: Holder,
        role: &Name,
        local: Option<&Name>,
        federation: Option<&Name>,
    ) {
        let Some(role) = self.rights.roles.iter().find(|known| known.name == *role.get_ref()) else { return };
        let place = |groups: &[crate::sim::world::AccessGroup], name: Option<&Name>| {
            let found = name
                .and_then(|name| groups.iter().position(|group| group.name == *name.get_ref()))
                .or_else(|| groups.iter().position(|group| group.root));
            found.map(|found| found as u16)
        };
        let local = if role.is_local() { local } else { None };
        let local = place(&world.access_groups, local).unwrap_or(0);
        let federation = place(&world.federation_groups, federation).filter(|_| role.is_federated());
        let role = role.number;
        self.insert_permission(holder, role, local, federation);
    }

    fn known_groups(&mut self, names: &[Name]) -> Vec<u16> {
        names.iter().map(|name| self.group(name.get_ref())).collect()
    }

    /// The number of an account or of one of the staff.
    fn user_called(&self, login: &str) -> Option<u32> {
        let world = &self.defined.world;
        let accounts = self.users.iter().take(world.accounts.len()).enumerate();
        let staff = self.users.iter().enumerate().rev().take(world.staff.len());
        accounts.chain(staff).find(|(_, user)| *user.login == *login).map(|(number, _)| number as u32)
    }

    fn insert_permission(
        &mut self,
        holder: Holder,
        role: u32,
        local: u16,
        federation: Option<u16>,
    ) -> &Permission {
        let number = self.rights.next_permission;
        self.rights.next_permission += 1;
        // What somebody sees in lists hangs on this.
        self.generation += 1;
        let permissions = &mut self.rights.permissions;
        permissions.push(Permission { number, holder, role, local, federation });
        &permissions[permissions.len() - 1]
    }

    /// Adds a role; returns its number.
    pub(crate) fn add_role(
        &mut self,
        name: &str,
        description: &str,
        built_in: Option<String>,
        privileges: Vec<String>,
    ) -> u32 {
        let number = self.rights.next_role;
        self.rights.next_role += 1;
        self.rights.roles.push(Role {
            number,
            name: name.to_owned(),
            description: description.to_owned(),
            built_in,
            privileges: privileges.into(),
        });
        number
    }

    /// The role with this number.
    pub(crate) fn role(&self, number: u32) -> Option<&Role> {
        self.rights.roles.iter().find(|role| role.number == number)
    }

    /// The role with this id.
    pub(crate) fn role_by_id(&self, id: &str) -> Option<&Role> {
        self.role(self.ids.number(Kind::Role, id)?)
    }

    /// The permission with this id.
    pub(crate) fn permission_by_id(&self, id: &str) -> Option<&Permission> {
        let number = self.ids.number(Kind::Permission, id)?;
        self.rights.permissions.iter().find(|permission| permission.number == number)
    }

    /// The local access group with this id.
    pub(crate) fn access_group_by_id(&self, id: &str) -> Option<u16> {
        let number = self.ids.number(Kind::AccessGroup, id)?;
        u16::try_from(number)
            .ok()
            .filter(|group| usize::from(*group) < self.defined.world.access_groups.len())
    }

    /// The federation access group with this id.
    pub(crate) fn federation_group_by_id(&self, id: &str) -> Option<u16> {
        let number = self.ids.number(Kind::FederationGroup, id)?;
        let count = self.defined.world.federation_groups.len();
        u16::try_from(number).ok().filter(|group| usize::from(*group) < count)
    }

    /// The groups of the directory that somebody belongs to directly.
    pub(crate) fn groups_of(&self, who: Principal) -> Vec<u16> {
        match who {
            Principal::Group(group) => self.rights.groups_of_groups.get(&group).cloned().unwrap_or_default(),
            Principal::User(user) => {
                let mut groups = vec![0];
                let home = self.users.get(user as usize).and_then(|user| user.home);
                groups.extend(home.iter().flat_map(|home| &self.places[usize::from(*home)].groups));
                groups.extend(self.rights.groups_of_users.get(&user).into_iter().flatten());
                groups
            }
        }
    }

    /// The same with the groups that those belong to.
    pub(crate) fn all_groups_of(&self, who: Principal) -> BTreeSet<u16> {
        let mut found = BTreeSet::new();
        let mut left = self.groups_of(who);
        while let Some(group) = left.pop() {
            if found.insert(group) {
                left.extend(self.groups_of(Principal::Group(group)));
            }
        }
        found
    }

    /// How many members a group has directly: people and groups.
    pub(crate) fn members(&self, group: u16) -> (usize, usize) {
        let working = self.places.iter().filter(|place| place.groups.contains(&group));
        let people = self.rights.groups_of_users.values().filter(|groups| groups.contains(&group));
        let groups = self.rights.groups_of_groups.values().filter(|groups| groups.contains(&group));
        let everybody = if group == 0 { self.users.len() } else { 0 };
        (
            everybody.max(working.map(|place| place.users.len()).sum::<usize>() + people.count()),
            groups.count(),
        )
    }

    /// What the directory says of somebody; `None` when nothing.
    pub(crate) fn description(&self, who: Principal) -> Option<&str> {
        let text = match who {
            Principal::User(user) => self.rights.descriptions_of_users.get(&user),
            Principal::Group(group) => self.rights.descriptions_of_groups.get(&group),
        };
        text.map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The permissions that somebody has, be it through groups.
    pub(crate) fn permissions_of(&self, who: Principal) -> impl Iterator<Item = &Permission> {
        let groups = self.all_groups_of(who);
        self.rights.permissions.iter().filter(move |permission| match permission.holder {
            Holder::Known(Principal::Group(group)) => {
                groups.contains(&group) || who == Principal::Group(group)
            }
            Holder::Known(holder) => holder == who,
            Holder::Gone(_) => false,
        })
    }

    /// The SID of a user or group.
    pub(crate) fn sid_of(&self, who: Principal) -> String {
        match who {
            Principal::User(user) => self.sid(user),
            Principal::Group(group) => self.group_sid(group),
        }
    }

    /// The SID that a permission is given to.
    pub(crate) fn holder_sid(&self, holder: &Holder) -> String {
        match holder {
            Holder::Known(who) => self.sid_of(*who),
            Holder::Gone(sid) => sid.clone(),
        }
    }

    /// `DOMAIN\name` of a user or group.
    pub(crate) fn principal_name(&self, who: Principal) -> String {
        match who {
            Principal::User(user) => self.full_name(user),
            Principal::Group(group) => {
                let name = self.groups.get(usize::from(group)).map_or("?", String::as_str);
                format!("{}\\{name}", self.defined.world.domain.netbios)
            }
        }
    }

    /// The name of a user or group as the directory displays it: the domain's DNS name, a backslash and the login.
    pub(crate) fn display_name(&self, who: Principal) -> String {
        let login = match who {
            Principal::User(user) => self.users.get(user as usize).map_or("?", |user| &user.login),
            Principal::Group(group) => self.groups.get(usize::from(group)).map_or("?", String::as_str),
        };
        format!("{}\\{login}", self.defined.world.domain.dns)
    }

    /// The index of the root access group.
    pub(crate) fn root_group(&self) -> u16 {
        self.defined.world.access_groups.iter().position(|group| group.root).unwrap_or(0) as u16
    }

    /// Takes a permission away; false when there is none.
    pub(crate) fn forget_permission(&mut self, number: u32) -> bool {
        let before = self.rights.permissions.len();
        self.rights.permissions.retain(|permission| permission.number != number);
        self.generation += 1;
        self.rights.permissions.len() < before
    }
}
