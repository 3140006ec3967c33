//! Events about permissions, roles and access groups (`events.md sections 3.3 and 4.6`).

use super::{
    EventMeaning,
    EventResult::{Done, Failed},
    EventSubject::{AccessGroup, Permission, Role},
    EventUrgency::WhoDidWhat,
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "ADMIN_PERMISSION_ADDED",
        (Permission, Done, WhoDidWhat),
        "An administrator gave a user or group a role on an access group.",
        "The text names principal, role and access group. The permissions tab shows what that role may do.",
    ),
    meaning(
        "ADMIN_PERMISSION_ADD_FAILED",
        (Permission, Failed, WhoDidWhat),
        "An administrator tried to give a user or group a role and it was refused.",
        "The role, the access group or the user may not exist, or the permission is there already. It takes \
         GLOBAL_PERMISSION_MANAGEMENT.",
    ),
    meaning(
        "ADMIN_PERMISSION_REMOVED",
        (Permission, Done, WhoDidWhat),
        "An administrator took a role on an access group away from a user or group.",
        "Others may reach the same rights by another group: look at the permissions tab.",
    ),
    meaning(
        "ADMIN_PERMISSION_REMOVE_FAILED",
        (Permission, Failed, WhoDidWhat),
        "An administrator tried to take a role away and it was refused.",
        "It may be gone already, or it is the last one of its kind. It takes GLOBAL_PERMISSION_MANAGEMENT.",
    ),
    meaning(
        "ADMIN_ADMINSTRATOR_REMOVED",
        (Permission, Done, WhoDidWhat),
        "An administrator took all permissions away from a user or group. The server spells the type like \
         this.",
        "One event stands for all of them: the permissions tab shows what is left.",
    ),
    meaning(
        "ADMIN_ROLE_ADDED",
        (Role, Done, WhoDidWhat),
        "An administrator made a new role.",
        "The text lists its privileges. Nobody has it until a permission is created.",
    ),
    meaning(
        "ADMIN_ROLE_ADD_FAILED",
        (Role, Failed, WhoDidWhat),
        "An administrator tried to make a role and it was refused.",
        "The name may be taken or hold a character that is not allowed. It takes GLOBAL_ROLE_MANAGEMENT.",
    ),
    meaning(
        "ADMIN_ROLE_PRIV_UPDATED",
        (Role, Done, WhoDidWhat),
        "An administrator changed the privileges of a role. Everyone who has the role may do more or less at \
         once.",
        "The permissions tab, grouped by role, shows who has it.",
    ),
    meaning(
        "ADMIN_ROLE_PRIV_UPDATE_FAILED",
        (Role, Failed, WhoDidWhat),
        "An administrator tried to change the privileges of a role and it was refused.",
        "Roles that came with the product cannot be changed. It takes GLOBAL_ROLE_MANAGEMENT.",
    ),
    meaning(
        "ADMIN_ROLE_REMOVED",
        (Role, Done, WhoDidWhat),
        "An administrator deleted a role. Its permissions went with it.",
        "Who had it only by this role may do nothing now: look at the permissions tab.",
    ),
    meaning(
        "ADMIN_ROLE_REMOVE_FAILED",
        (Role, Failed, WhoDidWhat),
        "An administrator tried to delete a role and it was refused.",
        "Roles that came with the product cannot be deleted. It takes GLOBAL_ROLE_MANAGEMENT.",
    ),
    meaning(
        "ADMIN_ROLE_RENAMED",
        (Role, Done, WhoDidWhat),
        "An administrator gave a role another name. What it may do stays the same.",
        "",
    ),
    meaning(
        "ADMIN_FOLDER_ADDED",
        (AccessGroup, Done, WhoDidWhat),
        "An administrator made an access group.",
        "It holds nothing until pools or farms are moved into it.",
    ),
    meaning(
        "ADMIN_FOLDER_DELETED",
        (AccessGroup, Done, WhoDidWhat),
        "An administrator deleted an access group.",
        "Permissions on it are gone with it.",
    ),
    meaning(
        "ADMIN_FOLDER_CHANGED",
        (AccessGroup, Done, WhoDidWhat),
        "An administrator moved a pool, farm or other object to another access group. Who may act on its \
         sessions changes with it.",
        "The text names the object and the access group.",
    ),
    meaning(
        "ADMIN_GLOBAL_FOLDER_ADDED",
        (AccessGroup, Done, WhoDidWhat),
        "An administrator made a federation access group.",
        "It holds nothing until global entitlements are moved into it.",
    ),
    meaning(
        "ADMIN_GLOBAL_FOLDER_DELETED",
        (AccessGroup, Done, WhoDidWhat),
        "An administrator deleted a federation access group.",
        "Permissions on it are gone with it.",
    ),
];
