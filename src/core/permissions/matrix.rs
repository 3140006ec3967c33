//! What a role lets its holder do, from its real privileges (`horizon-rest.md sections 7.1, 9, 10 and 13`).
//!
//! The rules, in their order:
//!
//! 1. A privilege counts when the role lists it.
//! 2. A listed privilege brings along those that the server names below it (`sub_privileges`), and these theirs.
//! 3. `ADMINISTRATOR`, and the built-in role of that type, count for everything.
//! 4. A role that lists nothing but privileges for whole areas, of which the server does not tell what they hold, is not
//!    known to lack anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    core::filter::Truth,
    domain::{AccessGroupId, Permission, PermissionBook, Role, RoleId, Text, Verb},
};

/// The privilege that counts for everything.
pub const EVERYTHING: &str = "ADMINISTRATOR";

/// Privileges for a whole area. What they hold only the server knows.
const WHOLE_AREAS: &[&str] = &[
    "LOCAL_ADMINISTRATOR",
    "INVENTORY_ADMINISTRATOR",
    "HELPDESK_ADMINISTRATOR",
    "GLOBAL_ADMINISTRATOR",
    "GLOBAL_ROLE_PERMISSION_MANAGEMENT",
    "ADMINISTRATOR_VIEW",
    "LOCAL_ADMINISTRATOR_VIEW",
    "INVENTORY_ADMINISTRATOR_VIEW",
    "HELPDESK_ADMINISTRATOR_VIEW",
    "GLOBAL_ADMINISTRATOR_VIEW",
    "GLOBAL_ADMIN_UI_INTERACTIVE",
    "GLOBAL_ADMIN_SDK_INTERACTIVE",
];

/// Something that a permission may allow: a column of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Send a message to a session, or disconnect it.
    Message,
    /// Log a session off, politely or forced.
    Logoff,
    /// Restart or reset the machine of a session.
    Reset,
    /// Push an image to a pool.
    PushImage,
    /// Create, change and delete image streams, versions, tags and assets.
    ManageImages,
    /// Create and delete permissions.
    ManagePermissions,
}

impl Deed {
    /// All, in the order of the columns.
    pub const ALL: [Self; 6] = [
        Self::Message,
        Self::Logoff,
        Self::Reset,
        Self::PushImage,
        Self::ManageImages,
        Self::ManagePermissions,
    ];

    /// The title of its column.
    pub fn title(self) -> &'static str {
        match self {
            Self::Message => "MSG",
            Self::Logoff => "OFF",
            Self::Reset => "RST",
            Self::PushImage => "PSH",
            Self::ManageImages => "IMG",
            Self::ManagePermissions => "PRM",
        }
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Logoff => "logoff",
            Self::Reset => "reset",
            Self::PushImage => "push_image",
            Self::ManageImages => "manage_images",
            Self::ManagePermissions => "manage_permissions",
        }
    }

    /// What it is, in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Message => "message, disconnect",
            Self::Logoff => "log off",
            Self::Reset => "restart, reset",
            Self::PushImage => "push image",
            Self::ManageImages => "change images",
            Self::ManagePermissions => "change permissions",
        }
    }

    /// The privileges of which one is enough (`method-map.md` sections 1 to 3, and the notes on what shrank; for pushing
    /// an image the vendor's pages name both).
    pub fn privileges(self) -> &'static [&'static str] {
        match self {
            Self::Message | Self::Logoff => &["MACHINE_MANAGE_VDI_SESSION"],
            Self::Reset => &["MACHINE_REBOOT"],
            Self::PushImage => &["POOL_SVI_IMAGE_MANAGEMENT", "POOL_MANAGEMENT"],
            Self::ManageImages => &["GLOBAL_CONFIG_MANAGEMENT"],
            Self::ManagePermissions => &["GLOBAL_PERMISSION_MANAGEMENT"],
        }
    }

    /// The privilege that is enough for sessions which came through a global entitlement, of whichever pod.
    pub fn federated_privilege(self) -> Option<&'static str> {
        match self {
            Self::Message | Self::Logoff | Self::Reset => Some("FEDERATED_SESSIONS_MANAGE"),
            Self::PushImage | Self::ManageImages | Self::ManagePermissions => None,
        }
    }

    /// Whether it is about the whole system: the access group of the permission makes no difference then.
    pub fn is_global(self) -> bool {
        matches!(self, Self::ManageImages | Self::ManagePermissions)
    }

    /// Whether it is done to sessions.
    pub fn is_about_sessions(self) -> bool {
        matches!(self, Self::Message | Self::Logoff | Self::Reset)
    }

    /// The column that a verb on sessions stands in.
    pub fn of_verb(verb: Verb) -> Self {
        match verb {
            Verb::Message | Verb::Disconnect => Self::Message,
            Verb::Logoff | Verb::LogoffForced => Self::Logoff,
            Verb::Restart | Verb::Reset => Self::Reset,
        }
    }
}

/// Whether a role allows something, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    /// It does, by this privilege.
    Yes(Text),
    /// It does for sessions of the federation only, by this privilege.
    Federated(Text),
    /// It does not: this is missing.
    No(Text),
    /// It cannot be told, for this reason.
    Unknown(Text),
}

impl Grant {
    /// The letter in the matrix.
    pub fn letter(&self) -> char {
        match self {
            Self::Yes(_) => 'Y',
            Self::Federated(_) => 'F',
            Self::No(_) => '-',
            Self::Unknown(_) => '?',
        }
    }

    /// What it says in three-valued truth.
    pub fn truth(&self) -> Truth {
        match self {
            Self::Yes(_) | Self::Federated(_) => Truth::Yes,
            Self::No(_) => Truth::No,
            Self::Unknown(_) => Truth::Unknown,
        }
    }

    /// The reason in words.
    pub fn words(&self) -> String {
        match self {
            Self::Yes(by) => format!("by {by}"),
            Self::Federated(by) => format!("by {by}: sessions of the federation only"),
            Self::No(missing) => format!("needs {missing}"),
            Self::Unknown(why) => why.as_str().to_owned(),
        }
    }
}

/// A privilege that a role has, and what brought it along if the role does not list it itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPrivilege {
    /// The vendor's name.
    pub name: Text,
    /// The listed privilege that it comes with.
    pub through: Option<Text>,
}

/// All privileges of a role, by name: those that it lists and those that come along. `None` when the server does not tell.
pub fn held(book: &PermissionBook, role: &Role) -> Option<Vec<HeldPrivilege>> {
    let listed = role.privileges.as_ref()?;
    let mut held: BTreeMap<&Text, Option<&Text>> = listed.iter().map(|name| (name, None)).collect();
    let known = book.privileges.as_deref().unwrap_or_default();
    let mut open: Vec<(&Text, &Text)> = listed.iter().map(|name| (name, name)).collect();
    while let Some((name, through)) = open.pop() {
        let below = known.iter().filter(|info| info.name == *name).flat_map(|info| &info.sub_privileges);
        for sub in below {
            if !held.contains_key(sub) {
                held.insert(sub, Some(through));
                open.push((sub, through));
            }
        }
    }
    let all = held.into_iter();
    Some(all.map(|(name, through)| HeldPrivilege { name: name.clone(), through: through.cloned() }).collect())
}

/// What a role allows, in the order of [`Deed::ALL`].
pub fn matrix(book: &PermissionBook, role: Option<&RoleId>) -> [Grant; 6] {
    let found = role.and_then(|id| book.role(id));
    let unknown = |why: &str| Deed::ALL.map(|_| Grant::Unknown(Text::clean(why)));
    let Some(role) = found else {
        return match (&book.roles, role) {
            (Err(fault), _) => unknown(&format!("the roles could not be read: {}", fault.message)),
            (Ok(_), Some(_)) => unknown("its role is not in the list of roles"),
            (Ok(_), None) => unknown("the server does not say which role it has"),
        };
    };
    if is_full_administrator(role) {
        return Deed::ALL.map(|_| Grant::Yes(EVERYTHING.into()));
    }
    match held(book, role) {
        Some(held) => Deed::ALL.map(|deed| grant(book, deed, &held)),
        None => unknown("the server does not tell the privileges of its role"),
    }
}

fn grant(book: &PermissionBook, deed: Deed, held: &[HeldPrivilege]) -> Grant {
    let words = |found: &HeldPrivilege| match &found.through {
        None => found.name.clone(),
        Some(through) => Text::clean(&format!("{} (comes with {through})", found.name)),
    };
    let find = |wanted: &str| held.iter().find(|privilege| privilege.name == wanted);
    if let Some(found) = find(EVERYTHING).or_else(|| deed.privileges().iter().find_map(|name| find(name))) {
        return Grant::Yes(words(found));
    }
    if let Some(found) = deed.federated_privilege().and_then(find) {
        return Grant::Federated(words(found));
    }
    match untold_area(book, held) {
        Some(area) => {
            Grant::Unknown(Text::clean(&format!("the server does not tell what {area} brings along")))
        }
        None => Grant::No(Text::clean(&deed.privileges().join(" or "))),
    }
}

/// A privilege for a whole area of which nothing is told, in a role that lists no plain privilege at all.
fn untold_area<'a>(book: &PermissionBook, held: &'a [HeldPrivilege]) -> Option<&'a Text> {
    let known = book.privileges.as_deref().unwrap_or_default();
    let is_area = |name: &Text| WHOLE_AREAS.contains(&name.as_str());
    if !held.iter().all(|privilege| is_area(&privilege.name)) {
        return None;
    }
    let untold =
        |name: &Text| !known.iter().any(|info| info.name == *name && !info.sub_privileges.is_empty());
    let brings_rights =
        |name: &Text| !name.as_str().ends_with("_VIEW") && !name.as_str().ends_with("_INTERACTIVE");
    held.iter().map(|privilege| &privilege.name).find(|name| brings_rights(name) && untold(name))
}

/// Whether a role may do everything: it lists `ADMINISTRATOR`, or is the built-in role of that type.
pub fn is_full_administrator(role: &Role) -> bool {
    let built_in = role.built_in.as_ref().is_some_and(|kind| *kind == EVERYTHING);
    built_in || role.privileges.as_ref().is_some_and(|names| names.iter().any(|name| *name == EVERYTHING))
}

/// Whether a permission holds on a local access group: it is given there, or on the root group. Unknown where the groups
/// could not be read or the permission does not say where it holds.
pub fn covers(book: &PermissionBook, permission: &Permission, group: &AccessGroupId) -> Truth {
    match &permission.local_group {
        None => Truth::Unknown,
        Some(own) if own == group => Truth::Yes,
        Some(own) => is_root(book, own),
    }
}

/// Whether a local access group is the root group. Unknown where no group is recognised as the root.
pub fn is_root(book: &PermissionBook, group: &AccessGroupId) -> Truth {
    let known = book.local_groups.as_ref().is_ok_and(|groups| groups.iter().any(|group| group.root));
    match book.local_group(group) {
        Some(found) if known => Truth::from(found.root),
        Some(_) | None => Truth::Unknown,
    }
}

/// Whether a permission makes its holder a full administrator: everything, on the root group.
pub fn makes_full_administrator(book: &PermissionBook, permission: &Permission) -> Truth {
    let everything = match permission.role.as_ref().and_then(|id| book.role(id)) {
        Some(role) if is_full_administrator(role) => Truth::Yes,
        Some(role) if role.privileges.is_some() => Truth::No,
        Some(_) | None => Truth::Unknown,
    };
    everything.and(permission.local_group.as_ref().map_or(Truth::Unknown, |group| is_root(book, group)))
}
