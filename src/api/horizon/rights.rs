//! Who is logged in and what that account may do (`horizon-rest.md sections 11 and 12`).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    api::{Operation, decode, request::Request},
    domain::{AccessGroupId, Account, Fault, Text, UserId},
};

/// The rights of the account that is logged in; since 2209.
pub(crate) fn request() -> Request {
    Request::get(Operation::ReadRights, "/config/v1/admin-users-or-groups/permissions")
}

/// The access groups; since 2103.
pub(crate) fn groups_request() -> Request {
    Request::get(Operation::ListAccessGroups, "/config/v1/local-access-groups")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireRights {
    id: Option<String>,
    local_privileges_info: Option<Vec<WireGrant>>,
    federated_privileges_info: Option<Vec<WireGrant>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireGrant {
    access_group_id: Option<String>,
    access_group_name: Option<String>,
    privileges: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireGroup {
    id: Option<String>,
    name: Option<String>,
    deletable: Option<bool>,
}

/// Reads the rights. Nothing depends on them but what is greyed out: the server decides.
///
/// The root group, whose privileges hold everywhere, is told by its name, here and in the federation. When the server
/// spreads them over the other groups instead, that works as well.
pub(crate) fn read(name: &str, body: &[u8]) -> Result<Account, Fault> {
    let (wire, _) = decode::object::<WireRights>(Operation::ReadRights, body)?;
    let mut account = Account { name: name.into(), id: wire.id.map(UserId::from), ..Account::default() };
    let known = wire.local_privileges_info.is_some() || wire.federated_privileges_info.is_some();
    let local = gather(wire.local_privileges_info, &mut account.root_group, &mut account.group_names);
    account.privileges = known.then_some(local.unwrap_or_default());
    account.federated =
        gather(wire.federated_privileges_info, &mut account.federated_root, &mut account.federated_names);
    Ok(account)
}

/// The privileges of each group, the names of the groups and which one is the root.
fn gather<K: From<String> + Ord + Clone>(
    grants: Option<Vec<WireGrant>>,
    root: &mut Option<K>,
    names: &mut BTreeMap<K, Text>,
) -> Option<BTreeMap<K, Vec<Text>>> {
    let mut privileges: BTreeMap<K, Vec<Text>> = BTreeMap::new();
    for grant in grants? {
        let Some(id) = grant.access_group_id.map(K::from) else { continue };
        if let Some(name) = grant.access_group_name {
            if is_root(&name) {
                *root = Some(id.clone());
            }
            names.insert(id.clone(), Text::from(name));
        }
        privileges.entry(id).or_default().extend(grant.privileges.into_iter().flatten().map(Text::from));
    }
    Some(privileges)
}

/// Whether the list of access groups may be read and would tell anything: asking without the privilege only fills the
/// server's log (`events.md section 4.7`).
pub(crate) fn wants_groups(account: &Account) -> bool {
    account.root_group.is_none()
        && account.privileges.as_ref().is_some_and(|groups| {
            groups.values().flatten().any(|name| {
                matches!(name.as_str(), "FOLDER_VIEW" | "GLOBAL_PERMISSION_VIEW" | "ADMINISTRATOR")
            })
        })
}

/// The root group of the list: by its name, or else the only one that cannot be deleted.
pub(crate) fn root_of(body: &[u8]) -> Option<AccessGroupId> {
    let groups = decode::rows::<WireGroup>(Operation::ListAccessGroups, body).ok()?.rows;
    let named = groups.iter().find(|group| group.name.as_deref().is_some_and(is_root));
    let mut fixed = groups.iter().filter(|group| group.deletable == Some(false));
    let only = fixed.next().filter(|_| fixed.next().is_none());
    named.or(only)?.id.as_deref().map(AccessGroupId::from)
}

/// The console shows the root group as `/` or `Root`.
pub(crate) fn is_root(name: &str) -> bool {
    matches!(name.trim().to_ascii_lowercase().as_str(), "root" | "/" | "root(/)" | "root (/)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Privilege, Support};

    #[test]
    fn rights_are_read_and_the_root_is_recognised() {
        let body = br#"{"id":"S-1","help_desk_admin":false,"local_privileges_info":[
            {"access_group_id":"g1","access_group_name":"Root","privileges":["MACHINE_REBOOT","NEW_ONE"]},
            {"access_group_id":"g2","access_group_name":"Finance","privileges":["MACHINE_MANAGE_VDI_SESSION"]},
            {"access_group_name":"lost"}]}"#;
        let account = read("CORP\\kaya", body).unwrap();
        assert_eq!(account.root_group, Some("g1".into()));
        assert_eq!(account.holds(Privilege::Reboot, Some(&"g2".into())), Support::Yes);
        assert_eq!(account.holds(Privilege::ManageSession, Some(&"g2".into())), Support::Yes);
        assert!(!account.holds(Privilege::ManageSession, Some(&"g1".into())).may_try());
        assert!(!wants_groups(&account));
    }

    #[test]
    fn a_federated_right_does_not_forbid_what_it_may_allow() {
        let body = br#"{"local_privileges_info":[{"access_group_id":"g1","privileges":["MACHINE_VIEW"]}],
            "federated_privileges_info":[{"access_group_id":"f1","privileges":["FEDERATED_SESSIONS_MANAGE"]}]}"#;
        let account = read("x", body).unwrap();
        assert_eq!(account.holds(Privilege::Reboot, Some(&"g1".into())), Support::Unknown);
        assert_eq!(account.holds_on_other_pods(Privilege::ManageRemoteSession), Support::Unknown);
    }

    #[test]
    fn an_answer_without_rights_leaves_them_unknown() {
        assert_eq!(read("x", b"{}").unwrap().privileges, None);
        assert!(read("x", b"[").is_err());
    }

    #[test]
    fn the_root_group_is_found_by_name_or_by_being_fixed() {
        assert_eq!(root_of(br#"[{"id":"a","name":"x"},{"id":"b","name":"Root"}]"#), Some("b".into()));
        assert_eq!(
            root_of(br#"[{"id":"a","deletable":true},{"id":"b","deletable":false}]"#),
            Some("b".into())
        );
        assert_eq!(root_of(br#"[{"id":"a","deletable":false},{"id":"b","deletable":false}]"#), None);
        assert_eq!(root_of(b"<html>"), None);
    }
}
