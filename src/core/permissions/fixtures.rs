//! A book of permissions by one call, for tests.

use crate::domain::{
    AccessGroup, FederationGroup, Permission, PermissionBook, PoolNames, PrincipalKind, PrivilegeInfo, Role,
    Text,
};

/// A permission; without a name it no longer resolves.
pub(crate) fn permission(
    id: &str,
    sid: &str,
    name: Option<&str>,
    kind: PrincipalKind,
    role: &str,
    group: &str,
) -> Permission {
    Permission {
        id: id.into(),
        principal: Some(sid.into()),
        principal_name: name.map(Text::clean),
        principal_kind: kind,
        role: Some(role.into()),
        local_group: Some(group.into()),
        federation_group: None,
    }
}

/// A role with its privileges.
pub(crate) fn role(id: &str, name: &str, built_in: Option<&str>, privileges: &[&str]) -> Role {
    let any = |prefix: &str| privileges.iter().any(|name| name.starts_with(prefix));
    Role {
        id: id.into(),
        name: Some(name.into()),
        description: None,
        built_in: built_in.map(Text::clean),
        privileges: Some(privileges.iter().map(|name| Text::clean(name)).collect()),
        applies_to_local: Some(any("MACHINE_") || any("POOL_") || any("ADMINISTRATOR")),
        applies_to_federation: Some(any("FEDERATED_")),
    }
}

fn group(id: &str, name: &str, root: bool) -> AccessGroup {
    AccessGroup { id: id.into(), name: Some(name.into()), description: None, root }
}

/// Six permissions of six principals on three access groups.
pub(crate) fn book() -> PermissionBook {
    use PrincipalKind::{Group, Unknown, User};
    PermissionBook {
        permissions: vec![
            permission("p1", "S-1-5-21-1", Some("CORP\\vdi-helpdesk"), Group, "helpdesk", "root"),
            permission("p2", "S-1-5-21-2", Some("CORP\\fin-it-leads"), Group, "inventory", "finance"),
            permission("p3", "S-1-5-21-3", Some("CORP\\a.kaya"), User, "sessions", "finance"),
            permission("p4", "S-1-5-21-4", Some("CORP\\svc-script"), User, "admins", "root"),
            permission("p5", "S-1-5-21-9914", None, Unknown, "inventory", "finance"),
            permission("p6", "S-1-5-21-6", Some("CORP\\vdi-audit"), Group, "readonly", "root"),
        ],
        roles: Ok(vec![
            role("admins", "Administrators", Some("ADMINISTRATOR"), &["ADMINISTRATOR"]),
            role(
                "helpdesk",
                "Help Desk Administrators",
                Some("HELP_DESK_ADMIN"),
                &["HELPDESK_ADMINISTRATOR", "MACHINE_VIEW", "MACHINE_MANAGE_VDI_SESSION"],
            ),
            role(
                "inventory",
                "Inventory Administrators",
                Some("INVENTORY_ADMIN"),
                &["POOL_MANAGEMENT", "MACHINE_VIEW", "MACHINE_REBOOT", "MACHINE_MANAGE_VDI_SESSION"],
            ),
            role("sessions", "Sessions Only", None, &["MACHINE_MANAGE_VDI_SESSION", "MACHINE_VIEW"]),
            role("readonly", "Help Desk RO", Some("HELP_DESK_ADMIN_READ_ONLY"), &["MACHINE_VIEW"]),
            role(
                "global",
                "Global Sessions",
                None,
                &["FEDERATED_SESSIONS_MANAGE", "FEDERATED_SESSIONS_VIEW"],
            ),
            role("config", "Image Managers", None, &["GLOBAL_CONFIG_MANAGEMENT", "GLOBAL_CONFIG_VIEW"]),
        ]),
        local_groups: Ok(vec![
            group("root", "Root", true),
            group("finance", "Finance", false),
            group("apac", "APAC", false),
        ]),
        federation_groups: Ok(vec![FederationGroup {
            id: "fed-root".into(),
            name: Some("Federation Root".into()),
            description: None,
            root: true,
        }]),
        privileges: Ok(vec![PrivilegeInfo {
            name: "GLOBAL_CONFIG_MANAGEMENT".into(),
            sub_privileges: vec!["GLOBAL_CONFIG_VIEW".into(), "VC_CONFIG_VIEW".into()],
        }]),
        unreadable: 0,
        names: Ok(()),
        pools: Some(vec![PoolNames {
            id: "pool-pay".into(),
            name: Some("pay-w11".into()),
            display_name: Some("Payroll".into()),
            access_group: Some("finance".into()),
            kind: Some("AUTOMATED".into()),
        }]),
    }
}
