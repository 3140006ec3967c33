//! What this server, its release and this account can do.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{AccessGroupId, Session, Text, Verb};

/// A server release as the vendor names it: year and month, such as `2412`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Release(pub u16);

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Whether something can be done, and if not, why; the reason is shown beside the greyed-out entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Support {
    /// It can be done, as far as one knows before trying.
    Yes,
    /// It cannot, for this reason.
    No(Text),
    /// The server does not say. Trying is allowed; the server decides.
    Unknown,
}

impl Support {
    /// Whether it may be tried.
    pub fn may_try(&self) -> bool {
        !matches!(self, Self::No(_))
    }
}

/// A privilege that something in the console needs (`horizon-rest.md sections 7.1, 9 and 13`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Privilege {
    /// `MACHINE_MANAGE_VDI_SESSION`: disconnect, log off, send a message.
    ManageSession,
    /// `MACHINE_REBOOT`: restart and reset.
    Reboot,
    /// `GLOBAL_PERMISSION_VIEW`: see the permissions.
    ViewPermissions,
    /// `GLOBAL_PERMISSION_MANAGEMENT`: create and delete permissions.
    ManagePermissions,
    /// `GLOBAL_CONFIG_VIEW`: see the images.
    ViewConfig,
    /// `GLOBAL_CONFIG_MANAGEMENT`: create, change and delete images.
    ManageConfig,
}

impl Privilege {
    /// The vendor's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ManageSession => "MACHINE_MANAGE_VDI_SESSION",
            Self::Reboot => "MACHINE_REBOOT",
            Self::ViewPermissions => "GLOBAL_PERMISSION_VIEW",
            Self::ManagePermissions => "GLOBAL_PERMISSION_MANAGEMENT",
            Self::ViewConfig => "GLOBAL_CONFIG_VIEW",
            Self::ManageConfig => "GLOBAL_CONFIG_MANAGEMENT",
        }
    }

    /// The privilege that a verb needs on the access group of the session.
    pub fn needed_for(verb: Verb) -> Self {
        match verb {
            Verb::Restart | Verb::Reset => Self::Reboot,
            Verb::Disconnect | Verb::Logoff | Verb::LogoffForced | Verb::Message => Self::ManageSession,
        }
    }
}

/// Who is logged in and what that account may do, as far as the server says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `DOMAIN\name`.
    pub name: Text,
    /// Privileges for each access group; `None` when the release cannot tell (before 2209) or would not.
    pub privileges: Option<BTreeMap<AccessGroupId, Vec<Text>>>,
    /// The access group whose privileges hold everywhere, if one was recognised as the root.
    pub root_group: Option<AccessGroupId>,
}

impl Account {
    /// Whether the account holds a privilege on the access group of a session.
    pub fn holds(&self, privilege: Privilege, group: Option<&AccessGroupId>) -> Support {
        let Some(privileges) = &self.privileges else {
            return Support::Unknown;
        };
        let grants = |names: &Vec<Text>| {
            names.iter().any(|name| {
                matches!(name.as_str(), "ADMINISTRATOR" | "FEDERATED_SESSIONS_MANAGE")
                    || name == privilege.name()
            })
        };
        let on_root = self.root_group.as_ref().and_then(|root| privileges.get(root)).is_some_and(grants);
        let on_group = match group {
            Some(group) => privileges.get(group).is_some_and(grants),
            // A session without an access group: held somewhere is the best that can be known.
            None => privileges.values().any(grants),
        };
        if on_root || on_group {
            Support::Yes
        } else if group.is_some() || !privileges.values().any(grants) {
            Support::No(Text::clean(&format!("your role lacks {}", privilege.name())))
        } else {
            Support::Unknown
        }
    }
}

/// Whether the server has an event log that this account may read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventFeed {
    /// It has one.
    Available,
    /// The release has no such call (before 2106).
    NotInRelease,
    /// No event database is configured: HTTP 409.
    NoDatabase,
    /// The account may not read it.
    NotPermitted,
}

/// What the server and the account can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Release, when it could be found out.
    pub release: Option<Release>,
    /// The product version as the server spells it, such as `8.14.0`.
    pub product_version: Option<Text>,
    /// Name of the pod that answers; `None` without a federation.
    pub pod: Option<Text>,
    /// Name of the cluster of connection servers.
    pub cluster: Option<Text>,
    /// Version of the session list in use, such as 7.
    pub sessions_version: u8,
    /// The connection server that answers.
    pub server: Text,
    /// Whether events can be read.
    pub events: EventFeed,
    /// Who is logged in.
    pub account: Account,
}

impl Capabilities {
    /// Whether a verb can be used on a session: its kind, then the account's privileges. The state of the session is
    /// not looked at here.
    pub fn supports(&self, verb: Verb, session: &Session) -> Support {
        if verb.acts_on_machine() {
            if session.is_on_rds_server() {
                return Support::No(Text::clean("runs on an RDS server"));
            }
            if session.pool_source.as_ref().is_some_and(|source| source == "UNMANAGED") {
                return Support::No(Text::clean("its machine is not managed by vCenter"));
            }
        }
        if session.resourced_remotely == Some(true) {
            return Support::No(Text::clean("hosted by another pod"));
        }
        self.account.holds(Privilege::needed_for(verb), session.access_group_id.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(grants: &[(&str, &[&str])]) -> Account {
        let privileges = grants
            .iter()
            .map(|(group, names)| {
                (AccessGroupId::from(*group), names.iter().map(|name| Text::clean(name)).collect())
            })
            .collect();
        Account { name: "CORP\\x".into(), privileges: Some(privileges), root_group: Some("root".into()) }
    }

    #[test]
    fn a_privilege_on_the_root_group_holds_everywhere() {
        let admin = account(&[("root", &["MACHINE_REBOOT"])]);
        assert_eq!(admin.holds(Privilege::Reboot, Some(&"finance".into())), Support::Yes);
        assert!(matches!(admin.holds(Privilege::ManageSession, Some(&"finance".into())), Support::No(_)));
    }

    #[test]
    fn without_an_answer_about_rights_nothing_is_forbidden_beforehand() {
        assert_eq!(Account::default().holds(Privilege::Reboot, None), Support::Unknown);
    }

    #[test]
    fn machine_verbs_are_never_legal_on_an_rds_server() {
        let capabilities = Capabilities {
            release: None,
            product_version: None,
            pod: None,
            cluster: None,
            sessions_version: 7,
            server: "cs1".into(),
            events: EventFeed::Available,
            account: account(&[("root", &["ADMINISTRATOR"])]),
        };
        let mut session = Session::new("s".into());
        assert_eq!(capabilities.supports(Verb::Reset, &session), Support::Yes);
        session.rds_server_id = Some("rds".into());
        assert!(matches!(capabilities.supports(Verb::Reset, &session), Support::No(_)));
        assert_eq!(capabilities.supports(Verb::Logoff, &session), Support::Yes);
    }
}
