//! Roles and the privileges that they may hold (`horizon-rest.md section 10`).

use serde::Deserialize;

use crate::{
    api::{Operation, decode, request::Request},
    domain::{Fault, PrivilegeInfo, Role, Text},
};

/// All roles.
pub(crate) fn request() -> Request {
    Request::get(Operation::ListRoles, "/config/{v}/roles")
}

/// All privileges that a custom role may hold.
pub(crate) fn privileges_request() -> Request {
    Request::get(Operation::ListPrivileges, "/config/{v}/privileges")
}

/// `RoleInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireRole {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    built_in_role_type: Option<String>,
    privileges: Option<Vec<String>>,
    applies_to_local_access_group: Option<bool>,
    applies_to_federation_access_group: Option<bool>,
}

/// `PrivilegeInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WirePrivilege {
    name: Option<String>,
    sub_privileges: Option<Vec<String>>,
}

fn full(text: Option<String>) -> Option<Text> {
    text.filter(|text| !text.is_empty()).map(Text::from)
}

/// Reads the list; roles without an id, which nothing can refer to, are left out.
pub(crate) fn read(body: &[u8]) -> Result<Vec<Role>, Fault> {
    let rows = decode::rows::<WireRole>(Operation::ListRoles, body)?.rows;
    let role = |wire: WireRole| {
        Some(Role {
            id: wire.id.filter(|id| !id.is_empty())?.into(),
            name: full(wire.name),
            description: full(wire.description),
            built_in: full(wire.built_in_role_type),
            privileges: wire.privileges.map(|names| names.into_iter().map(Text::from).collect()),
            applies_to_local: wire.applies_to_local_access_group,
            applies_to_federation: wire.applies_to_federation_access_group,
        })
    };
    Ok(rows.into_iter().filter_map(role).collect())
}

/// Reads the list of privileges.
pub(crate) fn read_privileges(body: &[u8]) -> Result<Vec<PrivilegeInfo>, Fault> {
    let rows = decode::rows::<WirePrivilege>(Operation::ListPrivileges, body)?.rows;
    let privilege = |wire: WirePrivilege| {
        let sub_privileges = wire.sub_privileges.unwrap_or_default().into_iter().map(Text::from).collect();
        Some(PrivilegeInfo { name: full(wire.name)?, sub_privileges })
    };
    Ok(rows.into_iter().filter_map(privilege).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_privileges_are_read_whatever_they_lack() {
        let roles = read(
            br#"[{"id":"r1","name":"Help Desk","built_in_role_type":"WIZARD","privileges":["A","B",7],
                  "applies_to_local_access_group":true},
                 {"id":"r2","privileges":"many"}, {"name":"lost"}]"#,
        )
        .unwrap();
        assert_eq!(roles.len(), 2);
        assert_eq!(roles[0].built_in, Some("WIZARD".into()));
        assert_eq!(roles[0].privileges, Some(vec!["A".into(), "B".into()]));
        assert_eq!(roles[0].applies_to_federation, None);
        assert_eq!((roles[1].label(), &roles[1].privileges), ("r2".into(), &None), "unknown is not empty");
        let privileges =
            read_privileges(br#"[{"name":"A","sub_privileges":["B"]},{"name":"B"},{}]"#).unwrap();
        assert_eq!(privileges.len(), 2);
        assert!(read(b"<html>").is_err() && read_privileges(b"null").is_err());
    }
}
