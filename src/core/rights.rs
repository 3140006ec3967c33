//! What the own account may do, worked out from what the server told (`horizon-rest.md section 12`): for `:whoami`,
//! `foretop whoami` and the letters in the status bar.

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::domain::{
    AccessGroupId, Account, Capabilities, ChangeKind, Privilege, Support, Text, Verb, WireKind,
};

/// What a right is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RightArea {
    /// Sessions of the pod that answers, by their access groups.
    Sessions,
    /// Sessions that other pods host.
    OtherPods,
    /// Permissions and roles.
    Permissions,
    /// Image streams, versions, tags and assets.
    Images,
    /// App servers, over Workspace.
    AppServers,
}

impl RightArea {
    /// All, in their order.
    pub const ALL: [Self; 5] =
        [Self::Sessions, Self::OtherPods, Self::Permissions, Self::Images, Self::AppServers];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::OtherPods => "other pods",
            Self::Permissions => "permissions",
            Self::Images => "images",
            Self::AppServers => "app servers",
        }
    }
}

/// One thing that the account may or may not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// What it is about.
    pub area: RightArea,
    /// On which access group, where that matters.
    pub group: Option<Text>,
    /// What: `see`, `message`, `log off` and so on.
    pub action: &'static str,
    /// Whether.
    pub may: Support,
}

impl Right {
    /// `yes`, `no` or `unknown`.
    pub fn answer(&self) -> &'static str {
        match self.may {
            Support::Yes => "yes",
            Support::No(_) => "no",
            Support::Unknown => "unknown",
        }
    }

    /// Why not, or who decides.
    pub fn reason(&self) -> Option<&str> {
        match &self.may {
            Support::Yes => None,
            Support::No(reason) => Some(reason.as_str()),
            Support::Unknown => Some("the server decides"),
        }
    }
}

impl Serialize for Right {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("area", &self.area)?;
        if let Some(group) = &self.group {
            map.serialize_entry("access_group", group)?;
        }
        map.serialize_entry("action", self.action)?;
        map.serialize_entry("answer", self.answer())?;
        if let Some(reason) = self.reason() {
            map.serialize_entry("reason", reason)?;
        }
        map.end()
    }
}

/// What is asked about sessions, and the privilege that it takes.
const ON_SESSIONS: [(&str, Privilege); 6] = [
    ("see", Privilege::ViewSession),
    ("message", Privilege::ManageSession),
    ("disconnect", Privilege::ManageSession),
    ("log off", Privilege::ManageSession),
    ("restart", Privilege::Reboot),
    ("reset", Privilege::Reboot),
];

/// The name under which the root group stands: what holds there holds everywhere.
pub const EVERYWHERE: &str = "everywhere";

/// Everything that the account may and may not do, area by area.
pub fn rights(capabilities: &Capabilities) -> Vec<Right> {
    let account = &capabilities.account;
    if capabilities.wire == WireKind::Workspace {
        return in_the_cloud(capabilities);
    }
    let mut rights = on_sessions(account);
    let area = RightArea::OtherPods;
    let one = |area, action, may| Right { area, group: None, action, may };
    rights.extend([
        one(area, "see", account.holds_on_other_pods(Privilege::ViewRemoteSession)),
        one(area, "act", account.holds_on_other_pods(Privilege::ManageRemoteSession)),
    ]);
    let area = RightArea::Permissions;
    rights.extend([
        one(area, "see", capabilities.may_view_permissions()),
        one(area, "create and delete", capabilities.may(ChangeKind::CreatePermission)),
        one(area, "see roles", account.holds_globally(Privilege::ViewRoles)),
    ]);
    let area = RightArea::Images;
    rights.extend([
        one(area, "see", capabilities.may_view_images()),
        one(area, "create, change and delete", capabilities.may(ChangeKind::UpdateStream)),
    ]);
    rights
}

/// The same over Workspace, where nothing is told beforehand and most things do not exist.
fn in_the_cloud(capabilities: &Capabilities) -> Vec<Right> {
    let verbs = [
        ("message", Verb::Message),
        ("disconnect", Verb::Disconnect),
        ("log off", Verb::Logoff),
        ("restart", Verb::Restart),
        ("reset", Verb::Reset),
    ];
    let one = |area, action, may| Right { area, group: None, action, may };
    let verbs = verbs.map(|(action, verb)| one(RightArea::Sessions, action, capabilities.offers(verb)));
    let others = [
        (RightArea::OtherPods, "see", capabilities.offers_federation()),
        (RightArea::Permissions, "see app groups", capabilities.offers_image_servers()),
        (RightArea::Permissions, "authorize accounts", capabilities.may(ChangeKind::AddAuthorization)),
        (RightArea::Images, "see image servers", capabilities.offers_image_servers()),
        (RightArea::Images, "build images", capabilities.may(ChangeKind::BuildImage)),
        (RightArea::AppServers, "see", capabilities.offers_image_servers()),
        (RightArea::AppServers, "drain and undrain", capabilities.may(ChangeKind::DrainServer)),
        (RightArea::AppServers, "reboot", capabilities.may(ChangeKind::RebootServer)),
    ];
    let see = one(RightArea::Sessions, "see", Support::Unknown);
    let others = others.map(|(area, action, may)| one(area, action, may));
    std::iter::once(see).chain(verbs).chain(others).collect()
}

/// What holds on each access group; the root first, because it holds on all of them.
fn on_sessions(account: &Account) -> Vec<Right> {
    let on = |group: Option<&AccessGroupId>, name: Option<Text>| {
        ON_SESSIONS.map(|(action, privilege)| Right {
            area: RightArea::Sessions,
            group: name.clone(),
            action,
            may: account.holds(privilege, group),
        })
    };
    let named = |group: &AccessGroupId| {
        account.group_name(group).cloned().unwrap_or_else(|| Text::clean(group.raw()))
    };
    let groups: Vec<&AccessGroupId> = account.privileges.iter().flat_map(|groups| groups.keys()).collect();
    let root = account.root_group.as_ref().filter(|root| groups.contains(root));
    let mut rights: Vec<Right> = Vec::new();
    if let Some(root) = root {
        rights.extend(on(Some(root), Some(EVERYWHERE.into())));
    }
    for group in groups.iter().filter(|group| Some(**group) != root) {
        rights.extend(on(Some(group), Some(named(group))));
    }
    if groups.is_empty() {
        rights.extend(on(None, None));
    }
    rights
}

/// Whether the console acts, and why not: what the letters in the status bar stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteMode {
    /// `RW`: it acts, as far as the account may; or it is not known what the account may.
    Acts,
    /// `RO`: acting is switched off.
    ReadOnly,
    /// `LOOK`: acting is switched on, but the account may not change anything, for this reason.
    LooksOnly(Text),
}

impl WriteMode {
    /// With this setting and, once logged in, these capabilities.
    pub fn of(read_only: bool, capabilities: Option<&Capabilities>) -> Self {
        if read_only {
            return Self::ReadOnly;
        }
        match capabilities.map(|capabilities| capabilities.account.may_act()) {
            Some(Support::No(reason)) => Self::LooksOnly(reason),
            Some(Support::Yes | Support::Unknown) | None => Self::Acts,
        }
    }

    /// The letters.
    pub fn letters(&self) -> &'static str {
        match self {
            Self::Acts => "RW",
            Self::ReadOnly => "RO",
            Self::LooksOnly(_) => "LOOK",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::fixtures::capabilities;

    #[test]
    fn over_workspace_only_what_exists_is_left_open() {
        let mut capabilities = with(&[]);
        capabilities.wire = WireKind::Workspace;
        let open: Vec<(RightArea, &str)> = rights(&capabilities)
            .iter()
            .filter(|right| right.answer() != "no")
            .map(|right| (right.area, right.action))
            .collect();
        assert_eq!(
            open,
            [
                (RightArea::Sessions, "see"),
                (RightArea::Sessions, "log off"),
                (RightArea::Permissions, "see app groups"),
                (RightArea::Permissions, "authorize accounts"),
                (RightArea::Images, "see image servers"),
                (RightArea::Images, "build images"),
                (RightArea::AppServers, "see"),
                (RightArea::AppServers, "drain and undrain"),
                (RightArea::AppServers, "reboot"),
            ]
        );
        let reset = rights(&capabilities).into_iter().find(|right| right.action == "reset").unwrap();
        assert_eq!(reset.reason(), Some("not offered by Workspace"));
    }

    fn with(grants: &[(&str, &[&str])]) -> Capabilities {
        let mut capabilities = capabilities();
        let account = &mut capabilities.account;
        let grant = |(group, names): &(&str, &[&str])| {
            (AccessGroupId::from(*group), names.iter().map(|name| Text::clean(name)).collect())
        };
        account.privileges = Some(grants.iter().map(grant).collect());
        account.group_names = [("fin".into(), "Finance".into()), ("root".into(), "Root".into())].into();
        account.federated = Some(std::collections::BTreeMap::new());
        capabilities
    }

    fn answers(rights: &[Right], area: RightArea, group: Option<&str>) -> Vec<(&'static str, &'static str)> {
        let of = |right: &&Right| right.area == area && right.group.as_ref().map(Text::as_str) == group;
        rights.iter().filter(of).map(|right| (right.action, right.answer())).collect()
    }

    #[test]
    fn rights_are_told_by_access_group_and_area() {
        let rights = rights(&with(&[("root", &["MACHINE_VIEW"]), ("fin", &["MACHINE_MANAGE_VDI_SESSION"])]));
        let everywhere = answers(&rights, RightArea::Sessions, Some(EVERYWHERE));
        assert_eq!(everywhere[..2], [("see", "yes"), ("message", "no")]);
        let finance = answers(&rights, RightArea::Sessions, Some("Finance"));
        assert_eq!(finance[..2], [("see", "yes"), ("message", "yes")]);
        assert_eq!(finance[5], ("reset", "no"));
        assert_eq!(answers(&rights, RightArea::OtherPods, None), [("see", "no"), ("act", "no")]);
        assert!(answers(&rights, RightArea::Images, None).iter().all(|(_, answer)| *answer == "no"));
        let reset = rights.iter().find(|right| right.action == "reset").unwrap();
        assert_eq!(reset.reason(), Some("needs MACHINE_REBOOT"));
    }

    #[test]
    fn what_the_server_does_not_say_is_unknown() {
        let mut capabilities = capabilities();
        capabilities.account = Account::default();
        let rights = rights(&capabilities);
        assert!(rights.iter().all(|right| right.answer() == "unknown"), "{rights:?}");
        assert_eq!(WriteMode::of(false, Some(&capabilities)), WriteMode::Acts);
    }

    #[test]
    fn the_letters_say_whether_the_console_acts() {
        let viewer = with(&[("root", &["MACHINE_VIEW"])]);
        let admin = capabilities();
        let mode = |read_only, capabilities| WriteMode::of(read_only, capabilities).letters();
        assert_eq!(mode(false, Some(&viewer)), "LOOK");
        assert_eq!(mode(true, Some(&viewer)), "RO");
        assert_eq!(mode(false, Some(&admin)), "RW");
        assert_eq!(mode(false, None), "RW");
    }

    #[test]
    fn a_right_in_json_says_why_not() {
        let rights = rights(&with(&[("fin", &["MACHINE_VIEW"])]));
        let reset = rights.iter().find(|right| right.action == "reset").unwrap();
        assert_eq!(
            serde_json::to_string(reset).unwrap(),
            r#"{"area":"sessions","access_group":"Finance","action":"reset","answer":"no","reason":"needs MACHINE_REBOOT"}"#
        );
    }
}
