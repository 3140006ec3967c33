//! Against sawing off the branch one sits on: deleting the permission that one is using, or the last full administrator.

use std::collections::BTreeSet;

use super::{
    Deed, Grant, PermissionRow, is_dead,
    matrix::{EVERYTHING, held, is_root, makes_full_administrator, matrix},
    rows::is_nameless,
    walk::{Membership, login},
};
use crate::{
    core::filter::Truth,
    domain::{Account, NewPermission, Permission, PermissionBook, PermissionId, PrincipalKind, RoleId, Text},
};

/// Words to be typed before the last full administrator goes.
pub const LAST_ADMINISTRATOR: &str = "delete the last administrator";
/// Words to be typed before the own permission goes.
pub const OWN_PERMISSION: &str = "delete my own permission";

/// Words to be typed before both go.
pub const OWN_AND_LAST: &str = "delete my own permission and the last administrator";
/// What the warning about those who remain begins with.
pub const REMAINING: &str = "who can still change permissions";
/// So many of those who remain are named.
const NAMED: usize = 3;

/// The words for everything that either of two asks for: none hides what the other is about.
pub fn joined(one: Option<&Text>, other: Option<&Text>) -> Option<Text> {
    let asks = |wanted: &str| [one, other].into_iter().flatten().any(|words| *words == *wanted);
    let both = asks(OWN_AND_LAST);
    match (both || asks(OWN_PERMISSION), both || asks(LAST_ADMINISTRATOR)) {
        (true, true) => Some(OWN_AND_LAST.into()),
        (true, false) => Some(OWN_PERMISSION.into()),
        (false, true) => Some(LAST_ADMINISTRATOR.into()),
        (false, false) => one.or(other).cloned(),
    }
}

/// What is dangerous about deleting permissions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Danger {
    /// What must not be overlooked.
    pub warnings: Vec<Text>,
    /// The words to be typed, if any.
    pub words: Option<Text>,
}

/// Who is logged in, as far as that is known.
#[derive(Debug, Clone, Copy)]
pub struct Me<'a> {
    /// The account with its privileges.
    pub account: &'a Account,
    /// The account's SID and groups, where they could be read.
    pub membership: Option<&'a Membership>,
}

/// What is dangerous about deleting these permissions, when those others are created before.
pub fn danger(book: &PermissionBook, me: Me<'_>, gone: &[&Permission], created: &[&NewPermission]) -> Danger {
    let mut danger = Danger::default();
    for permission in gone {
        let label = PermissionRow::new(book, permission).label();
        match is_mine(book, me, permission) {
            Truth::Yes => {
                danger.warnings.push(Text::clean(&format!("{label} is the permission that you are using")));
                danger.words = Some(OWN_PERMISSION.into());
            }
            Truth::Unknown => {
                danger.warnings.push(Text::clean(&format!(
                    "{label} may be the permission that you are using: whether you belong to it is not known"
                )));
                danger.words = Some(OWN_PERMISSION.into());
            }
            Truth::No => {}
        }
    }
    let warning = match loses_last_administrator(book, gone, created) {
        Truth::Yes => Some("no full administrator remains"),
        Truth::Unknown => Some("whether a full administrator remains cannot be told"),
        Truth::No => None,
    };
    if let Some(warning) = warning {
        danger.warnings.push(warning.into());
        danger.words = joined(danger.words.as_ref(), Some(&LAST_ADMINISTRATOR.into()));
    }
    if danger.words.is_some() {
        danger.warnings.push(remaining(book, gone, created));
    }
    danger
}

/// Who could change permissions afterwards, as far as it is known: whom to call when something goes wrong.
fn remaining(book: &PermissionBook, gone: &[&Permission], created: &[&NewPermission]) -> Text {
    let leaving: BTreeSet<&PermissionId> = gone.iter().map(|permission| &permission.id).collect();
    let staying = book.permissions.iter().filter(|permission| !leaving.contains(&permission.id));
    let (mut names, mut open) = (BTreeSet::new(), book.unreadable > 0);
    for permission in staying {
        match may_change_permissions(book, permission.role.as_ref()) {
            // Nobody can log in as somebody without a name; without the names nobody knows.
            Truth::Yes if is_nameless(permission) => open |= book.names.is_err(),
            Truth::Yes => drop(names.insert(permission.principal_label())),
            Truth::Unknown => open = true,
            Truth::No => {}
        }
    }
    for new in created.iter().filter(|new| may_change_permissions(book, Some(&new.role)).is_yes()) {
        let known = book.permissions.iter().find(|known| known.principal.as_ref() == Some(&new.principal));
        names.insert(known.map_or_else(|| Text::clean(new.principal.raw()), Permission::principal_label));
    }
    let shown: Vec<&str> = names.iter().take(NAMED).map(Text::as_str).collect();
    let more = names.len().saturating_sub(NAMED);
    let mut words = match (shown.as_slice(), open) {
        ([], true) => "cannot be told".to_owned(),
        ([], false) => "nobody".to_owned(),
        (shown, _) => shown.join(", "),
    };
    if more > 0 {
        words.extend([" and ", &more.to_string(), " more"]);
    }
    Text::clean(&format!("{REMAINING}: {words}"))
}

fn may_change_permissions(book: &PermissionBook, role: Option<&RoleId>) -> Truth {
    let grants = matrix(book, role);
    let place = Deed::ALL.iter().position(|deed| *deed == Deed::ManagePermissions);
    place.and_then(|place| grants.get(place)).map_or(Truth::Unknown, Grant::truth)
}

/// Whether a permission is one of the account's own, directly or through a group.
pub fn is_mine(book: &PermissionBook, me: Me<'_>, permission: &Permission) -> Truth {
    let Some(principal) = &permission.principal else {
        return Truth::Unknown;
    };
    let own = me.membership.map(|membership| &membership.id).or(me.account.id.as_ref());
    if own == Some(principal) {
        return Truth::Yes;
    }
    if let Some(membership) = me.membership {
        if membership.ids.contains_key(principal) {
            return Truth::Yes;
        }
        if membership.doubt.is_none() {
            return Truth::No;
        }
    }
    if permission.principal_kind == PrincipalKind::User {
        // The own SID is known: another user is somebody else, whatever is known of groups.
        if own.is_some() {
            return Truth::No;
        }
        return match &permission.principal_name {
            Some(name) => same_account(name.as_str(), me.account.name.as_str()),
            // An account that is logged in has a name, but it may not have been looked up.
            None => Truth::Unknown,
        };
    }
    if is_dead(book, permission) && own.is_some() {
        return Truth::No;
    }
    // A group that grants something which the account does not have is none of its groups.
    if grants_more_than_i_have(book, me.account, permission) { Truth::No } else { Truth::Unknown }
}

/// Whether two names are one account's. The same login in what may be another spelling of the domain may be.
fn same_account(name: &str, own: &str) -> Truth {
    if name.to_lowercase() == own.to_lowercase() {
        return Truth::Yes;
    }
    if login(name).to_lowercase() != login(own).to_lowercase() {
        return Truth::No;
    }
    // `CORP` and `corp.example.com` may be the same domain; two short names are not.
    let is_dns = |name: &str| name.split_once('\\').is_none_or(|(domain, _)| domain.contains('.'));
    if is_dns(name) == is_dns(own) { Truth::No } else { Truth::Unknown }
}

/// Whether a permission grants a privilege that the account, as the server works it out, has not got there.
fn grants_more_than_i_have(book: &PermissionBook, account: &Account, permission: &Permission) -> bool {
    let (Some(mine), Some(group)) = (&account.privileges, &permission.local_group) else {
        return false;
    };
    let Some(role) = permission.role.as_ref().and_then(|id| book.role(id)) else {
        return false;
    };
    let Some(theirs) = held(book, role) else {
        return false;
    };
    let on = |group| mine.get(group).into_iter().flatten();
    let roots = account.root_group.as_ref().into_iter().flat_map(on);
    let here: BTreeSet<&str> = on(group).chain(roots).map(Text::as_str).collect();
    // With everything there is nothing more to have; and whether an answer that is empty for a group means none there
    // or that only the root is listed cannot be told.
    if here.contains(EVERYTHING) || here.is_empty() && is_root(book, group) != Truth::Yes {
        return false;
    }
    let listed: Vec<&str> = theirs
        .iter()
        .filter(|privilege| privilege.through.is_none())
        .map(|privilege| privilege.name.as_str())
        .collect();
    listed.iter().any(|name| !here.contains(name))
}

/// Whether no full administrator who can still log in remains.
fn loses_last_administrator(
    book: &PermissionBook,
    gone: &[&Permission],
    created: &[&NewPermission],
) -> Truth {
    let leaving: BTreeSet<&PermissionId> = gone.iter().map(|permission| &permission.id).collect();
    // Who stays counts only when somebody can log in as them. Who goes counts whoever they are: a name that does not
    // resolve just now may be one of an account that is there.
    let remains = |permission: &Permission| {
        let administrator = makes_full_administrator(book, permission);
        if is_dead(book, permission) {
            Truth::No
        } else if is_nameless(permission) {
            administrator.and(Truth::Unknown)
        } else {
            administrator
        }
    };
    let before =
        gone.iter().fold(Truth::No, |truth, permission| truth.or(makes_full_administrator(book, permission)));
    if before == Truth::No {
        return Truth::No;
    }
    let staying = book
        .permissions
        .iter()
        .filter(|permission| !leaving.contains(&permission.id))
        .fold(Truth::No, |truth, permission| truth.or(remains(permission)));
    let added = created.iter().fold(Truth::No, |truth, new| truth.or(will_be_administrator(book, new)));
    // Rows that could not be read may be administrators.
    let unread = if book.unreadable > 0 { Truth::Unknown } else { Truth::No };
    before.and(!(staying.or(added).or(unread)))
}

fn will_be_administrator(book: &PermissionBook, new: &NewPermission) -> Truth {
    makes_full_administrator(
        book,
        &Permission {
            id: "".into(),
            principal: Some(new.principal.clone()),
            principal_name: None,
            principal_kind: PrincipalKind::Unknown,
            role: Some(new.role.clone()),
            local_group: new.local_group.clone(),
            federation_group: new.federation_group.clone(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::permissions::fixtures::{book, permission},
        domain::{Fault, FaultKind},
    };

    fn account(name: &str, privileges: &[&str]) -> Account {
        let names = privileges.iter().map(|name| Text::clean(name)).collect();
        Account {
            name: name.into(),
            privileges: Some([("root".into(), names)].into_iter().collect()),
            root_group: Some("root".into()),
            ..Account::default()
        }
    }

    fn words(me: &Account, ids: &[&str]) -> Option<String> {
        let book = book();
        let gone: Vec<&Permission> =
            ids.iter().map(|id| book.permission(&PermissionId::from(*id)).unwrap()).collect();
        let danger = danger(&book, Me { account: me, membership: None }, &gone, &[]);
        danger.words.map(|words| words.to_string())
    }

    #[test]
    fn the_own_permission_and_the_last_administrator_need_words() {
        let kaya = account("corp\\A.Kaya", &["GLOBAL_PERMISSION_MANAGEMENT"]);
        assert_eq!(words(&kaya, &["p3"]).as_deref(), Some(OWN_PERMISSION));
        assert_eq!(words(&kaya, &["p2"]), None, "a group with privileges that kaya has not");
        assert_eq!(words(&kaya, &["p4"]).as_deref(), Some(LAST_ADMINISTRATOR));
        let admin = account("CORP\\admin", &["ADMINISTRATOR"]);
        assert_eq!(words(&admin, &["p1"]).as_deref(), Some(OWN_PERMISSION), "admin may be in that group");
        assert_eq!(words(&admin, &["p3"]), None);
        let dns = account("corp.example\\a.kaya", &[]);
        assert_eq!(words(&dns, &["p3"]).as_deref(), Some(OWN_PERMISSION), "may be the same domain");
    }

    #[test]
    fn both_dangers_ask_for_one_phrase_and_say_who_remains() {
        let mut book = book();
        let script = account("CORP\\svc-script", &["ADMINISTRATOR"]);
        let me = Me { account: &script, membership: None };
        let gone = [book.permission(&"p4".into()).unwrap().clone()];
        let found = danger(&book, me, &[&gone[0]], &[]);
        assert_eq!(found.words.as_ref().unwrap(), OWN_AND_LAST);
        assert_eq!(found.warnings.last().unwrap(), "who can still change permissions: nobody");
        if let Ok(roles) = &mut book.roles {
            roles.push(crate::core::permissions::fixtures::role(
                "perm",
                "P",
                None,
                &["GLOBAL_PERMISSION_MANAGEMENT"],
            ));
        }
        book.permissions[1].role = Some("perm".into());
        book.permissions[4].role = Some("perm".into());
        let found = danger(&book, me, &[&gone[0]], &[]);
        let words = "who can still change permissions: CORP\\fin-it-leads";
        assert_eq!(found.warnings.last().unwrap(), words, "p5 has no name that resolves");
        book.unreadable = 1;
        book.permissions[1].role = None;
        let found = danger(&book, me, &[&gone[0]], &[]);
        assert_eq!(found.warnings.last().unwrap(), "who can still change permissions: cannot be told");
    }

    #[test]
    fn known_groups_end_the_doubt() {
        let book = book();
        let me = account("CORP\\admin", &["ADMINISTRATOR"]);
        let mut membership = Membership {
            label: "CORP\\admin".into(),
            id: "S-1-5-21-50".into(),
            ids: [
                ("S-1-5-21-50".into(), "CORP\\admin".into()),
                ("S-1-5-21-1".into(), "CORP\\vdi-helpdesk".into()),
            ]
            .into_iter()
            .collect(),
            doubt: None,
            unresolved: false,
        };
        let mine = |membership: &Membership, id: &str| {
            let permission = book.permission(&PermissionId::from(id)).unwrap();
            is_mine(&book, Me { account: &me, membership: Some(membership) }, permission)
        };
        assert_eq!((mine(&membership, "p1"), mine(&membership, "p2")), (Truth::Yes, Truth::No));
        membership.doubt = Some("not told".into());
        assert_eq!((mine(&membership, "p2"), mine(&membership, "p3")), (Truth::Unknown, Truth::No));
        assert_eq!(mine(&membership, "p5"), Truth::No, "who is logged in has a name");
    }

    #[test]
    fn a_dead_administrator_is_none_and_a_new_one_counts() {
        let mut book = book();
        let dead = permission("p9", "S-1-5-21-9", None, PrincipalKind::Unknown, "admins", "root");
        book.permissions.push(dead);
        let gone = [book.permission(&"p4".into()).unwrap()];
        assert_eq!(loses_last_administrator(&book, &gone, &[]), Truth::Yes);
        let dead = [book.permission(&"p9".into()).unwrap()];
        assert_eq!(loses_last_administrator(&book, &dead, &[]), Truth::No, "p4 stays");
        let both = [dead[0], gone[0]];
        assert_eq!(loses_last_administrator(&book, &both, &[]), Truth::Yes);
        let new = NewPermission {
            principal: "S-1-5-21-77".into(),
            role: "admins".into(),
            local_group: Some("root".into()),
            federation_group: None,
        };
        assert_eq!(loses_last_administrator(&book, &gone, &[&new]), Truth::No);
        book.unreadable = 1;
        let gone = [book.permission(&"p4".into()).unwrap()];
        assert_eq!(loses_last_administrator(&book, &gone, &[]), Truth::Unknown);
    }

    #[test]
    fn without_names_nobody_counts_as_gone() {
        let mut book = book();
        book.names = Err(Fault::new(FaultKind::Unreachable, "look up users and groups", "away"));
        let other = permission("p9", "S-1-5-21-9", None, PrincipalKind::Unknown, "admins", "root");
        book.permissions.push(other);
        for permission in &mut book.permissions {
            permission.principal_name = None;
            permission.principal_kind = PrincipalKind::Unknown;
        }
        let gone = [book.permission(&"p4".into()).unwrap()];
        assert_eq!(loses_last_administrator(&book, &gone, &[]), Truth::Unknown, "p9 may be dead");
        let both = [gone[0], book.permission(&"p9".into()).unwrap()];
        assert_eq!(loses_last_administrator(&book, &both, &[]), Truth::Yes);
        let helpdesk = [book.permission(&"p1".into()).unwrap()];
        assert_eq!(loses_last_administrator(&book, &helpdesk, &[]), Truth::No);
        let mut me = account("CORP\\admin", &["ADMINISTRATOR"]);
        me.id = Some("S-1-5-21-50".into());
        let me = Me { account: &me, membership: None };
        assert_eq!(is_mine(&book, me, helpdesk[0]), Truth::Unknown, "it may be a group of one's own");
    }
}
