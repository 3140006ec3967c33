//! What this server, its release and this account can do.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{AccessGroupId, ChangeKind, FederationGroupId, SessionFacts, Text, UserId, Verb};

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

/// A privilege that something in the console needs (`horizon-rest.md sections 7.1, 9, 12, 13 and 15`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Privilege {
    /// `MACHINE_VIEW`: see the sessions.
    ViewSession,
    /// `MACHINE_MANAGE_VDI_SESSION`: disconnect, log off, send a message.
    ManageSession,
    /// `MACHINE_REBOOT`: restart and reset.
    Reboot,
    /// `FEDERATED_SESSIONS_VIEW`: see the sessions of other pods.
    ViewRemoteSession,
    /// `FEDERATED_SESSIONS_MANAGE`: every verb on sessions of other pods.
    ManageRemoteSession,
    /// `GLOBAL_PERMISSION_VIEW`: see the permissions.
    ViewPermissions,
    /// `GLOBAL_PERMISSION_MANAGEMENT`: create and delete permissions.
    ManagePermissions,
    /// `GLOBAL_ROLE_VIEW`: see the roles and their privileges.
    ViewRoles,
    /// `GLOBAL_CONFIG_VIEW`: see the images.
    ViewConfig,
    /// `GLOBAL_CONFIG_MANAGEMENT`: create, change and delete images.
    ManageConfig,
}

impl Privilege {
    /// The vendor's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ViewSession => "MACHINE_VIEW",
            Self::ManageSession => "MACHINE_MANAGE_VDI_SESSION",
            Self::Reboot => "MACHINE_REBOOT",
            Self::ViewRemoteSession => "FEDERATED_SESSIONS_VIEW",
            Self::ManageRemoteSession => "FEDERATED_SESSIONS_MANAGE",
            Self::ViewPermissions => "GLOBAL_PERMISSION_VIEW",
            Self::ManagePermissions => "GLOBAL_PERMISSION_MANAGEMENT",
            Self::ViewRoles => "GLOBAL_ROLE_VIEW",
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

    /// Why a verb is refused that the account may not do: the name of what it needs on this wire (`horizon-rest.md
    /// section 2`, `workspace.md section 8`).
    pub fn needed_on(wire: WireKind, verb: Verb) -> &'static str {
        match wire {
            WireKind::Horizon => Self::needed_for(verb).needs(),
            WireKind::Workspace => "needs workspace:session:logoffUserSession",
        }
    }

    /// Whether it lets one only look.
    fn is_view(self) -> bool {
        matches!(
            self,
            Self::ViewSession
                | Self::ViewRemoteSession
                | Self::ViewPermissions
                | Self::ViewRoles
                | Self::ViewConfig
        )
    }

    /// What a name among the privileges of an account says about this one.
    ///
    /// `ADMINISTRATOR` stands for the whole system, `ADMINISTRATOR_VIEW` for looking at it. How far the other names for
    /// a whole part of the system reach is written nowhere: they leave it open.
    fn granted_by(self, name: &str) -> Grant {
        let view = self.is_view();
        let role = matches!(self, Self::ViewPermissions | Self::ManagePermissions | Self::ViewRoles);
        let sure = name == self.name()
            || name == "ADMINISTRATOR"
            || view && name == "ADMINISTRATOR_VIEW"
            // Streams and tags can be read with it, versions and assets perhaps not.
            || self == Self::ViewConfig && name == "VC_CONFIG_VIEW";
        let perhaps = matches!(name, "LOCAL_ADMINISTRATOR" | "GLOBAL_ADMINISTRATOR")
            || view && matches!(name, "LOCAL_ADMINISTRATOR_VIEW" | "GLOBAL_ADMINISTRATOR_VIEW")
            || role && name == "GLOBAL_ROLE_PERMISSION_MANAGEMENT"
            // Whoever may change something may well look at it.
            || self == Self::ViewPermissions && name == Self::ManagePermissions.name()
            || self == Self::ViewRoles && name == "GLOBAL_ROLE_MANAGEMENT"
            || self == Self::ViewConfig && name == Self::ManageConfig.name();
        match (sure, perhaps) {
            (true, _) => Grant::Sure,
            (false, true) => Grant::Perhaps,
            (false, false) => Grant::No,
        }
    }

    /// What a set of privileges says about this one.
    fn granted_by_any(self, names: &[Text]) -> Grant {
        names.iter().map(|name| self.granted_by(name.as_str())).max().unwrap_or(Grant::No)
    }

    /// Why it cannot be done without it: `needs MACHINE_REBOOT`.
    pub fn needs(self) -> &'static str {
        match self {
            Self::ViewSession => "needs MACHINE_VIEW",
            Self::ManageSession => "needs MACHINE_MANAGE_VDI_SESSION",
            Self::Reboot => "needs MACHINE_REBOOT",
            Self::ViewRemoteSession => "needs FEDERATED_SESSIONS_VIEW",
            Self::ManageRemoteSession => "needs FEDERATED_SESSIONS_MANAGE",
            Self::ViewPermissions => "needs GLOBAL_PERMISSION_VIEW",
            Self::ManagePermissions => "needs GLOBAL_PERMISSION_MANAGEMENT",
            Self::ViewRoles => "needs GLOBAL_ROLE_VIEW",
            // With the second one streams and tags can be read: it is enough to look.
            Self::ViewConfig => "needs GLOBAL_CONFIG_VIEW or VC_CONFIG_VIEW",
            Self::ManageConfig => "needs GLOBAL_CONFIG_MANAGEMENT",
        }
    }

    /// The same as a reason.
    fn objection(self) -> Text {
        self.needs().into()
    }
}

/// Whether a privilege is held; in the order of certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    No,
    Perhaps,
    Sure,
}

/// Who is logged in and what that account may do, as far as the server says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `DOMAIN\name`.
    pub name: Text,
    /// The SID, where the server says it.
    pub id: Option<UserId>,
    /// Privileges for each access group; `None` when the release cannot tell (before 2209) or would not.
    pub privileges: Option<BTreeMap<AccessGroupId, Vec<Text>>>,
    /// The access group whose privileges hold everywhere, if one was recognised as the root.
    pub root_group: Option<AccessGroupId>,
    /// Names of access groups, as far as the server told them to this account.
    pub group_names: BTreeMap<AccessGroupId, Text>,
    /// Privileges for each federation access group; `None` when the server does not say.
    pub federated: Option<BTreeMap<FederationGroupId, Vec<Text>>>,
    /// The federation access group whose privileges hold in the whole federation, if one was recognised.
    pub federated_root: Option<FederationGroupId>,
    /// Names of federation access groups, as far as known.
    pub federated_names: BTreeMap<FederationGroupId, Text>,
}

impl Account {
    /// Whether the account holds a privilege on the access group of a session of the local pod.
    ///
    /// A privilege on the root group holds everywhere. One for the sessions of a federation may hold for a session that
    /// came by a global entitlement, which a local session does not tell: it stays open.
    pub fn holds(&self, privilege: Privilege, group: Option<&AccessGroupId>) -> Support {
        let Some(privileges) = &self.privileges else {
            return Support::Unknown;
        };
        let on = |group: &AccessGroupId| {
            privileges.get(group).map_or(Grant::No, |names| privilege.granted_by_any(names))
        };
        let on_root = self.root_group.as_ref().map_or(Grant::No, on);
        let on_group = group.map_or(Grant::No, on);
        match on_root.max(on_group) {
            Grant::Sure => return Support::Yes,
            Grant::Perhaps => return Support::Unknown,
            Grant::No => {}
        }
        let somewhere = privileges.keys().any(|group| on(group) > Grant::No);
        // Held on a group of which it is not known whether it is the root.
        let perhaps_root = self.root_group.is_none()
            && privileges.keys().any(|other| on(other) > Grant::No && !self.group_names.contains_key(other));
        if perhaps_root || group.is_none() && somewhere || self.may_hold_by_federation(privilege) {
            return Support::Unknown;
        }
        match group.filter(|_| somewhere) {
            Some(group) => Support::No(Text::clean(&format!(
                "needs {} on {}",
                privilege.name(),
                self.group_name(group).map_or("its access group", Text::as_str)
            ))),
            None => Support::No(privilege.objection()),
        }
    }

    /// Whether the account holds a privilege that is not about an access group: the `GLOBAL_*` ones. They are given on
    /// the root group; one that is listed under another counts as well.
    pub fn holds_globally(&self, privilege: Privilege) -> Support {
        let Some(privileges) = &self.privileges else {
            return Support::Unknown;
        };
        match privileges.values().map(|names| privilege.granted_by_any(names)).max() {
            Some(Grant::Sure) => Support::Yes,
            Some(Grant::Perhaps) => Support::Unknown,
            Some(Grant::No) | None => Support::No(privilege.objection()),
        }
    }

    /// Whether the account holds a privilege for sessions that another pod hosts. Their federation access group is not
    /// told: held on the root of the federation it is certain, on any other group it stays open.
    pub fn holds_on_other_pods(&self, privilege: Privilege) -> Support {
        let root =
            |names: Option<&Vec<Text>>| names.map_or(Grant::No, |names| privilege.granted_by_any(names));
        let local_root = self.root_group.as_ref().zip(self.privileges.as_ref());
        let certain = local_root.map_or(Grant::No, |(group, privileges)| root(privileges.get(group)));
        let Some(federated) = &self.federated else {
            return if certain == Grant::Sure { Support::Yes } else { Support::Unknown };
        };
        let in_root = self.federated_root.as_ref().map_or(Grant::No, |group| root(federated.get(group)));
        let somewhere = federated.values().map(|names| privilege.granted_by_any(names)).max();
        match (certain.max(in_root), somewhere.unwrap_or(Grant::No)) {
            (Grant::Sure, _) => Support::Yes,
            (Grant::No, Grant::No) => Support::No(privilege.objection()),
            _ => Support::Unknown,
        }
    }

    /// The name of an access group, as far as the server told it to this account.
    pub fn group_name(&self, group: &AccessGroupId) -> Option<&Text> {
        self.group_names.get(group)
    }

    /// Whether the account may change anything at all: sessions somewhere, permissions or images.
    pub fn may_act(&self) -> Support {
        let Some(privileges) = &self.privileges else {
            return Support::Unknown;
        };
        let acting = [
            Privilege::ManageSession,
            Privilege::Reboot,
            Privilege::ManagePermissions,
            Privilege::ManageConfig,
        ];
        let local = privileges.values();
        let federated = self.federated.iter().flat_map(BTreeMap::values);
        let best = local
            .flat_map(|names| acting.map(|privilege| privilege.granted_by_any(names)))
            .chain(federated.map(|names| Privilege::ManageRemoteSession.granted_by_any(names)))
            .max();
        match best {
            Some(Grant::Sure) => Support::Yes,
            Some(Grant::Perhaps) => Support::Unknown,
            Some(Grant::No) | None => Support::No(Text::clean("this account may only look")),
        }
    }

    /// Whether a privilege for the sessions of a federation may do instead.
    fn may_hold_by_federation(&self, privilege: Privilege) -> bool {
        let instead = match privilege {
            Privilege::ManageSession | Privilege::Reboot => Privilege::ManageRemoteSession,
            Privilege::ViewSession => Privilege::ViewRemoteSession,
            _ => return false,
        };
        let federated = self.federated.iter().flat_map(BTreeMap::values);
        let local = self.privileges.iter().flat_map(BTreeMap::values);
        federated.chain(local).any(|names| instead.granted_by_any(names) > Grant::No)
    }
}

/// By which API an estate is reached. What a wire does not have is told by [`Capabilities`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WireKind {
    /// The REST API of Horizon connection servers.
    #[default]
    Horizon,
    /// Huawei Cloud Workspace Application Streaming (`workspace.md`).
    Workspace,
}

impl WireKind {
    /// The name in configuration and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Horizon => "horizon",
            Self::Workspace => "workspace",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Horizon => "Horizon",
            Self::Workspace => "Workspace",
        }
    }

    /// The module of the console's own records among the rows of a server.
    pub fn letters(self) -> &'static str {
        match self {
            Self::Horizon => "HZ",
            Self::Workspace => "WS",
        }
    }

    /// The reason beside what it does not have.
    pub fn not_offered(self) -> &'static str {
        match self {
            Self::Horizon => "not offered by Horizon",
            Self::Workspace => "not offered by Workspace",
        }
    }

    /// Whether it has the verb at all: see [`Capabilities::offers`].
    pub fn offers(self, verb: Verb) -> Support {
        match (self, verb) {
            (Self::Horizon, _) => Support::Yes,
            (Self::Workspace, Verb::Logoff) => Support::Unknown,
            (Self::Workspace, _) => Support::No(Text::clean(self.not_offered())),
        }
    }

    /// Whether it is Horizon.
    pub fn is_horizon(&self) -> bool {
        *self == Self::Horizon
    }

    /// At most this many sessions travel in one action.
    pub fn most_targets(self) -> usize {
        match self {
            Self::Horizon => 1000,
            Self::Workspace => 999,
        }
    }
}

impl fmt::Display for WireKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.title())
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
    /// The wire has no events at all.
    NotOffered,
}

/// The release that brought permissions and roles (`horizon-rest.md section 9`).
const PERMISSIONS_SINCE: Release = Release(2206);

/// What the server and the account can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// By which API it is reached.
    #[serde(default)]
    pub wire: WireKind,
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
    /// Whether a verb can be used on a session: its kind, then the account's privileges, which are others for a session
    /// that another pod hosts. Neither its state nor its pod's is looked at here.
    pub fn supports<'a>(&self, verb: Verb, session: impl SessionFacts<'a>) -> Support {
        if self.wire == WireKind::Workspace {
            return self.offers(verb);
        }
        if verb.acts_on_machine() {
            if session.is_on_rds_server() {
                return Support::No(Text::clean("runs on an RDS server"));
            }
            if session.pool_source() == Some("UNMANAGED") {
                return Support::No(Text::clean("its machine is not managed by vCenter"));
            }
        }
        if session.resourced_remotely() == Some(true) {
            return self.account.holds_on_other_pods(Privilege::ManageRemoteSession);
        }
        self.account.holds(Privilege::needed_for(verb), session.access_group_id())
    }

    /// Whether the wire has the verb at all, whatever the session and the account (`workspace.md section 7`): there is
    /// nothing but logging off there, and nobody tells beforehand who may.
    pub fn offers(&self, verb: Verb) -> Support {
        self.wire.offers(verb)
    }

    /// Whether there are image servers, app servers and app groups: nobody tells beforehand who may see them.
    pub fn offers_image_servers(&self) -> Support {
        match self.wire {
            WireKind::Horizon => self.not_offered(),
            WireKind::Workspace => Support::Unknown,
        }
    }

    /// Whether there are pods and a federation.
    pub fn offers_federation(&self) -> Support {
        match self.wire {
            WireKind::Horizon => Support::Unknown,
            WireKind::Workspace => self.not_offered(),
        }
    }

    fn not_offered(&self) -> Support {
        Support::No(Text::clean(self.wire.not_offered()))
    }

    /// Whether the account may try a change of permissions or images: the release, then its privileges.
    pub fn may(&self, kind: ChangeKind) -> Support {
        match (self.wire, kind.wire()) {
            // Nobody tells beforehand who may.
            (WireKind::Workspace, WireKind::Workspace) => return Support::Unknown,
            (here, there) if here != there => return self.not_offered(),
            _ => {}
        }
        let privilege = kind.privilege();
        if privilege == Privilege::ManagePermissions
            && let Some(missing) = self.before(PERMISSIONS_SINCE)
        {
            return missing;
        }
        self.account.holds_globally(privilege)
    }

    /// Whether the permissions can be looked at.
    pub fn may_view_permissions(&self) -> Support {
        if self.wire == WireKind::Workspace {
            return self.not_offered();
        }
        self.before(PERMISSIONS_SINCE)
            .unwrap_or_else(|| self.account.holds_globally(Privilege::ViewPermissions))
    }

    /// Whether the images can be looked at.
    pub fn may_view_images(&self) -> Support {
        if self.wire == WireKind::Workspace {
            return self.not_offered();
        }
        self.account.holds_globally(Privilege::ViewConfig)
    }

    /// Why something cannot be done when the release is too old for it; `None` when it is not, or not known to be.
    fn before(&self, since: Release) -> Option<Support> {
        let release = self.release.filter(|release| *release < since)?;
        Some(Support::No(Text::clean(&format!("not in release {release}, since {since}"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Session;

    fn groups<K: for<'a> From<&'a str> + Ord>(grants: &[(&str, &[&str])]) -> BTreeMap<K, Vec<Text>> {
        let grant = |(group, names): &(&str, &[&str])| {
            (K::from(*group), names.iter().map(|name| Text::clean(name)).collect())
        };
        grants.iter().map(grant).collect()
    }

    fn account(grants: &[(&str, &[&str])]) -> Account {
        Account {
            name: "CORP\\x".into(),
            privileges: Some(groups(grants)),
            root_group: Some("root".into()),
            group_names: [("finance".into(), "Finance".into())].into(),
            federated: Some(BTreeMap::new()),
            ..Account::default()
        }
    }

    fn federated(grants: &[(&str, &[&str])]) -> Account {
        Account { federated: Some(groups(grants)), federated_root: Some("all".into()), ..account(&[]) }
    }

    fn no(reason: &str) -> Support {
        Support::No(reason.into())
    }

    fn capabilities(account: Account, release: Option<Release>) -> Capabilities {
        Capabilities {
            wire: crate::domain::WireKind::Horizon,
            release,
            product_version: None,
            pod: None,
            cluster: None,
            sessions_version: 7,
            server: "cs1".into(),
            events: EventFeed::Available,
            account,
        }
    }

    #[test]
    fn a_privilege_on_the_root_group_holds_everywhere() {
        let admin = account(&[("root", &["MACHINE_REBOOT"])]);
        assert_eq!(admin.holds(Privilege::Reboot, Some(&"finance".into())), Support::Yes);
        assert_eq!(admin.holds(Privilege::Reboot, None), Support::Yes);
        assert_eq!(
            admin.holds(Privilege::ManageSession, Some(&"finance".into())),
            no("needs MACHINE_MANAGE_VDI_SESSION")
        );
    }

    #[test]
    fn an_objection_names_the_group_only_where_the_privilege_is_held_elsewhere() {
        let lead = account(&[("sales", &["MACHINE_REBOOT"])]);
        let objection = |group: &str| lead.holds(Privilege::Reboot, Some(&group.into()));
        assert_eq!(objection("sales"), Support::Yes);
        assert_eq!(objection("finance"), no("needs MACHINE_REBOOT on Finance"));
        assert_eq!(objection("unheard of"), no("needs MACHINE_REBOOT on its access group"));
        assert_eq!(
            lead.holds(Privilege::ManageSession, Some(&"finance".into())),
            no("needs MACHINE_MANAGE_VDI_SESSION")
        );
        // A session that does not tell its group may be in that one.
        assert_eq!(lead.holds(Privilege::Reboot, None), Support::Unknown);
    }

    #[test]
    fn without_an_answer_about_rights_nothing_is_forbidden_beforehand() {
        let unknown = Account::default();
        assert_eq!(unknown.holds(Privilege::Reboot, None), Support::Unknown);
        assert_eq!(unknown.holds_globally(Privilege::ManageConfig), Support::Unknown);
        assert_eq!(unknown.holds_on_other_pods(Privilege::ManageRemoteSession), Support::Unknown);
        assert_eq!(unknown.may_act(), Support::Unknown);
    }

    #[test]
    fn names_of_whole_systems_count_for_all_or_leave_it_open() {
        let of = |name: &'static str| account(&[("root", &[name])]);
        for privilege in [Privilege::Reboot, Privilege::ManagePermissions, Privilege::ViewRoles] {
            assert_eq!(of("ADMINISTRATOR").holds_globally(privilege), Support::Yes);
            assert_eq!(of("LOCAL_ADMINISTRATOR").holds_globally(privilege), Support::Unknown);
            assert!(!of("HELPDESK_ADMINISTRATOR").holds_globally(privilege).may_try());
        }
        assert_eq!(of("ADMINISTRATOR_VIEW").holds_globally(Privilege::ViewConfig), Support::Yes);
        assert!(!of("ADMINISTRATOR_VIEW").holds_globally(Privilege::ManageConfig).may_try());
        assert_eq!(of("ADMINISTRATOR").holds_on_other_pods(Privilege::ManageRemoteSession), Support::Yes);
    }

    #[test]
    fn a_group_that_may_be_the_root_forbids_nothing() {
        let mut lead = account(&[("g1", &["MACHINE_REBOOT"])]);
        lead.root_group = None;
        assert_eq!(lead.holds(Privilege::Reboot, Some(&"finance".into())), Support::Unknown);
        lead.group_names.insert("g1".into(), "Sales".into());
        assert_eq!(
            lead.holds(Privilege::Reboot, Some(&"finance".into())),
            no("needs MACHINE_REBOOT on Finance")
        );
    }

    #[test]
    fn federated_privileges_are_certain_on_the_root_of_the_federation_only() {
        let manage = Privilege::ManageRemoteSession;
        let whole = federated(&[("all", &["FEDERATED_SESSIONS_MANAGE"])]);
        assert_eq!(whole.holds_on_other_pods(manage), Support::Yes);
        let part = federated(&[("europe", &["FEDERATED_SESSIONS_MANAGE"])]);
        assert_eq!(part.holds_on_other_pods(manage), Support::Unknown);
        assert_eq!(part.may_act(), Support::Yes);
        let none = federated(&[]);
        assert_eq!(none.holds_on_other_pods(manage), no("needs FEDERATED_SESSIONS_MANAGE"));
        assert!(!none.may_act().may_try());
        // Local sessions may have come by a global entitlement of that group.
        assert_eq!(part.holds(Privilege::Reboot, Some(&"finance".into())), Support::Unknown);
        assert!(!part.holds_globally(Privilege::ManageConfig).may_try());
    }

    #[test]
    fn changes_need_their_privilege_and_a_release_that_has_them() {
        let may = |names: &'static [&'static str], release: u16, kind: ChangeKind| {
            capabilities(account(&[("root", names)]), Some(Release(release))).may(kind)
        };
        let (permission, stream) = (ChangeKind::CreatePermission, ChangeKind::DeleteStream);
        assert_eq!(may(&["ADMINISTRATOR"], 2512, permission), Support::Yes);
        assert_eq!(may(&["ADMINISTRATOR"], 2111, permission), no("not in release 2111, since 2206"));
        assert_eq!(may(&["ADMINISTRATOR"], 2111, stream), Support::Yes);
        assert_eq!(may(&["GLOBAL_CONFIG_VIEW"], 2512, stream), no("needs GLOBAL_CONFIG_MANAGEMENT"));
        let viewer = capabilities(account(&[("root", &["VC_CONFIG_VIEW"])]), None);
        assert_eq!(viewer.may_view_images(), Support::Yes);
        assert_eq!(viewer.may_view_permissions(), no("needs GLOBAL_PERMISSION_VIEW"));
        let manager = capabilities(account(&[("root", &["GLOBAL_PERMISSION_MANAGEMENT"])]), None);
        assert_eq!(manager.may_view_permissions(), Support::Unknown);
    }

    #[test]
    fn machine_verbs_are_never_legal_on_an_rds_server() {
        let capabilities = capabilities(account(&[("root", &["ADMINISTRATOR"])]), None);
        let mut session = Session::new("s".into());
        assert_eq!(capabilities.supports(Verb::Reset, &session), Support::Yes);
        session.rds_server_id = Some("rds".into());
        assert!(matches!(capabilities.supports(Verb::Reset, &session), Support::No(_)));
        assert_eq!(capabilities.supports(Verb::Logoff, &session), Support::Yes);
    }
}
