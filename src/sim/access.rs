//! Who may do what now: the roles that somebody holds, directly and through groups, for each access group
//! (`horizon-rest.md section 12`).

use std::sync::Arc;

use super::estate::{Estate, NONE, Principal};

/// What somebody may do, by access group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    /// The number of the user in the estate; [`NONE`] for a group.
    pub(crate) user: u32,
    /// The name to log in with; empty for a group.
    pub(crate) login: String,
    /// Whether anything is held on the root group, which counts for all.
    pub(crate) everywhere: bool,
    grants: Vec<Granted>,
}

/// One role on one access group.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Granted {
    local: u16,
    /// Whether that is the root group.
    root: bool,
    federation: Option<u16>,
    /// Whether that is the root federation access group.
    federation_root: bool,
    privileges: Arc<[String]>,
}

impl Granted {
    fn has(&self, wanted: &[&str]) -> bool {
        self.privileges.iter().any(|privilege| wanted.contains(&privilege.as_str()))
    }

    /// Whether one of these reaches into the federation.
    fn has_federated(&self, wanted: &[&str]) -> bool {
        let held = |privilege: &&String| wanted.contains(&privilege.as_str());
        self.federation.is_some()
            && self.privileges.iter().filter(held).any(|privilege| is_federated(privilege))
    }
}

fn is_federated(privilege: &str) -> bool {
    privilege.starts_with("FEDERATED_")
}

impl Access {
    /// What somebody may do by the permissions of this moment.
    pub(crate) fn of(estate: &Estate, who: Principal) -> Self {
        let root = estate.root_group();
        let federation_root = estate.root_federation_group();
        let granted = |permission: &super::estate::Permission| {
            let role = estate.role(permission.role)?;
            Some(Granted {
                local: permission.local,
                root: permission.local == root,
                federation: permission.federation,
                federation_root: permission.federation == Some(federation_root),
                privileges: Arc::clone(&role.privileges),
            })
        };
        let grants: Vec<Granted> = estate.permissions_of(who).filter_map(granted).collect();
        let (user, login) = match who {
            Principal::User(user) => {
                (user, estate.users.get(user as usize).map_or(String::new(), |user| user.login.to_string()))
            }
            Principal::Group(_) => (NONE, String::new()),
        };
        Self { user, login, everywhere: grants.iter().any(|granted| granted.root), grants }
    }

    /// Whether nothing is held at all: such an account is no administrator and may not even log in.
    pub(crate) fn is_nothing(&self) -> bool {
        self.grants.is_empty()
    }

    /// Whether everything may be done: an Administrator on the root access group.
    pub(crate) fn is_root_administrator(&self) -> bool {
        self.all_groups(&["ADMINISTRATOR"])
    }

    /// Whether any of these privileges is held anywhere.
    pub(crate) fn any(&self, wanted: &[&str]) -> bool {
        self.grants.iter().any(|granted| granted.has(wanted))
    }

    /// Whether any of these privileges is held on a local access group. A privilege for the federation's sessions is not
    /// about local access groups: it counts for each.
    pub(crate) fn on(&self, group: u16, wanted: &[&str]) -> bool {
        self.grants.iter().any(|granted| {
            (granted.root || granted.local == group) && granted.has(wanted) || granted.has_federated(wanted)
        })
    }

    /// Whether any of these privileges is held on a federation access group, or on the root one, which counts for all;
    /// without a group: on any of them.
    pub(crate) fn federated(&self, group: Option<u16>, wanted: &[&str]) -> bool {
        self.grants.iter().any(|granted| {
            granted.has_federated(wanted)
                && (granted.federation_root || group.is_none_or(|group| granted.federation == Some(group)))
        })
    }

    /// Whether every access group is seen with any of these privileges.
    pub(crate) fn all_groups(&self, wanted: &[&str]) -> bool {
        self.grants.iter().any(|granted| granted.root && granted.has(wanted) || granted.has_federated(wanted))
    }

    /// The local access groups on which something is held, with the privileges there, each once.
    pub(crate) fn local_privileges(&self) -> Vec<(u16, Vec<&str>)> {
        gather(self.grants.iter().map(|granted| (Some(granted.local), granted)), |name| !is_federated(name))
    }

    /// The same for the federation access groups.
    pub(crate) fn federated_privileges(&self) -> Vec<(u16, Vec<&str>)> {
        gather(self.grants.iter().map(|granted| (granted.federation, granted)), is_federated)
    }
}

fn gather<'a>(
    grants: impl Iterator<Item = (Option<u16>, &'a Granted)>,
    belongs: impl Fn(&str) -> bool,
) -> Vec<(u16, Vec<&'a str>)> {
    let mut found: Vec<(u16, Vec<&str>)> = Vec::new();
    for (group, granted) in grants {
        let Some(group) = group else { continue };
        let place = found.iter().position(|(known, _)| *known == group).unwrap_or_else(|| {
            found.push((group, Vec::new()));
            found.len() - 1
        });
        let names = &mut found[place].1;
        for name in granted.privileges.iter().map(String::as_str).filter(|name| belongs(name)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    found.sort_by_key(|(group, _)| *group);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::estate::build;
    use crate::sim::world::{WorldSource, load};

    fn small() -> Estate {
        let world = load(&WorldSource::Builtin("small".into())).unwrap();
        build(&Arc::new(world), None, 1, 0)
    }

    fn of(estate: &Estate, login: &str) -> Access {
        let user = estate.users.iter().position(|user| *user.login == *login).unwrap();
        Access::of(estate, Principal::User(user as u32))
    }

    #[test]
    fn accounts_have_their_roles_and_groups() {
        let estate = small();
        let of = |login: &str| of(&estate, login);
        assert!(of("admin").any(&["MACHINE_REBOOT"]));
        assert!(of("helpdesk").any(&["MACHINE_MANAGE_VDI_SESSION"]));
        assert!(!of("helpdesk").any(&["MACHINE_REBOOT"]));
        assert!(!of("viewer").any(&["MACHINE_MANAGE_VDI_SESSION"]));
        let groups = &estate.defined.world.access_groups;
        let finance = groups.iter().position(|group| group.name == "Finance").unwrap() as u16;
        assert!(of("finance-lead").on(finance, &["MACHINE_VIEW"]));
        assert!(!of("finance-lead").on(finance + 1, &["MACHINE_VIEW"]));
        assert!(of("admin").on(finance + 1, &["MACHINE_VIEW"]));
    }

    #[test]
    fn the_viewer_looks_at_everything_and_changes_nothing() {
        let viewer = of(&small(), "viewer");
        assert!(viewer.any(&["GLOBAL_PERMISSION_VIEW"]) && viewer.any(&["GLOBAL_CONFIG_VIEW"]));
        for (_, names) in viewer.local_privileges() {
            assert!(names.iter().all(|name| name.ends_with("_VIEW")), "{names:?}");
        }
    }
}
