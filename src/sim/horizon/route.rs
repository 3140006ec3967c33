//! From a path to what it asks for; what a release does not have is not found.

use super::federation;
use super::images::{self, Wanted};
use crate::sim::estate::ImageKind;
use crate::sim::release::{Release, Resource};

/// What a request asks for; ids are borrowed from the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    LogIn,
    Refresh,
    LogOut,
    Domains,
    PreLogon,
    Sessions(u8),
    Session(u8, &'a str),
    SessionAction(&'a str),
    AuditEvents(u8),
    AuditAttributes,
    Pools(u8, Option<&'a str>),
    Farms(u8, Option<&'a str>),
    Machines(u8, Option<&'a str>),
    RdsServers(u8, Option<&'a str>),
    ApplicationPools(u8, Option<&'a str>),
    AdUsers(u8),
    AdUser(u8, &'a str),
    AccessGroups(u8, Option<&'a str>),
    FederationGroups(u8, Option<&'a str>),
    Permissions(u8),
    Permission(u8, &'a str),
    CreatePermissions,
    DeletePermissions,
    /// Roles, or one.
    Roles(Option<&'a str>),
    CreateRole,
    UpdateRole(&'a str),
    DeleteRole(&'a str),
    Privileges,
    Environment(u8),
    OwnPermissions,
    EventDatabase,
    Images(ImageKind, Wanted<'a>),
    VirtualCenters(u8),
    Federation(federation::Asked<'a>),
    SessionMetrics,
    SystemMetrics(u8),
}

/// A request that the server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    pub(crate) asked: Asked<'a>,
    /// The API it belongs to, for throttling: method and path without ids.
    pub(crate) api: String,
}

/// Finds the route; `None` is a 404. `path` comes with `/rest` in front.
pub(crate) fn route<'a>(method: &str, path: &'a str, release: Release) -> Option<Route<'a>> {
    let path = path.strip_prefix("/rest/")?;
    let parts: Vec<&str> = path.split('/').collect();
    let asked = match (method, parts.as_slice()) {
        ("POST", ["login"]) => Asked::LogIn,
        ("POST", ["refresh"]) => Asked::Refresh,
        ("POST", ["logout"]) => Asked::LogOut,
        ("POST", ["inventory", "v1", "sessions", "action", verb]) => {
            super::session_actions::verb(verb, false).map(|_| Asked::SessionAction(verb))?
        }
        (method, ["config", "v1", resource, rest @ ..]) if images::kind(resource).is_some() => {
            Asked::Images(images::kind(resource)?, image(method, rest)?)
        }
        (_, ["inventory", _, "global-sessions", ..] | ["federation", ..] | ["monitor", _, "pods", ..]) => {
            Asked::Federation(federation::route(method, &parts, release)?)
        }
        ("POST", ["config", "v1", "roles"]) if release.has(Resource::Roles, 1) => Asked::CreateRole,
        ("PUT", ["config", "v1", "roles", id]) if release.has(Resource::Roles, 1) => Asked::UpdateRole(id),
        ("DELETE", ["config", "v1", "roles", id]) if release.has(Resource::Roles, 1) => Asked::DeleteRole(id),
        ("POST" | "DELETE", ["config", version, "permissions"]) => {
            let known = release.has(Resource::Permissions, version_number(version)?);
            let asked = if method == "POST" { Asked::CreatePermissions } else { Asked::DeletePermissions };
            known.then_some(asked)?
        }
        ("GET", [area, version, rest @ ..]) => get(area, version_number(version)?, rest, release)?,
        _ => return None,
    };
    let with_id = matches!(
        asked,
        Asked::Session(..)
            | Asked::AdUser(..)
            | Asked::Pools(_, Some(_))
            | Asked::Farms(_, Some(_))
            | Asked::Machines(_, Some(_))
            | Asked::RdsServers(_, Some(_))
            | Asked::ApplicationPools(_, Some(_))
            | Asked::AccessGroups(_, Some(_))
            | Asked::FederationGroups(_, Some(_))
            | Asked::Permission(..)
            | Asked::Roles(Some(_))
            | Asked::UpdateRole(_)
            | Asked::DeleteRole(_)
            | Asked::Images(_, Wanted::One(_) | Wanted::Put(_) | Wanted::Delete(_))
    );
    let template = match (with_id, path.rsplit_once('/')) {
        (true, Some((list, _))) => format!("{list}/{{id}}"),
        _ if matches!(asked, Asked::Federation(_)) => federation::template(&parts),
        _ => path.to_owned(),
    };
    Some(Route { asked, api: format!("{method} {template}") })
}

/// What is wanted of images, behind their name in the path.
fn image<'a>(method: &str, rest: &[&'a str]) -> Option<Wanted<'a>> {
    match (method, rest) {
        ("GET", []) => Some(Wanted::List),
        ("GET", [id]) if !id.is_empty() => Some(Wanted::One(id)),
        ("POST", []) => Some(Wanted::Add),
        ("POST", ["action", "bulk-create"]) => Some(Wanted::AddMany),
        ("PUT", [id]) if !id.is_empty() => Some(Wanted::Put(id)),
        ("DELETE", [id]) if !id.is_empty() => Some(Wanted::Delete(id)),
        _ => None,
    }
}

fn version_number(text: &str) -> Option<u8> {
    text.strip_prefix('v')?.parse().ok()
}

fn get<'a>(area: &str, version: u8, rest: &[&'a str], release: Release) -> Option<Asked<'a>> {
    let id = match rest {
        [_, id] if !id.is_empty() => Some(*id),
        _ => None,
    };
    let list_or_one = rest.len() == 1 || (rest.len() == 2 && id.is_some());
    let has = |resource| release.has(resource, version);
    let resource = *rest.first()?;
    match (area, resource) {
        ("inventory", "sessions") if has(Resource::Sessions) && list_or_one => match id {
            None => Some(Asked::Sessions(version)),
            // There is no get-by-id of v2 (section 7.1).
            Some(id) => (version != 2).then_some(Asked::Session(version, id)),
        },
        ("inventory", _) if list_or_one => inventory(resource, version, id, release),
        ("external", "audit-events") if has(Resource::AuditEvents) => match rest {
            [_] => Some(Asked::AuditEvents(version)),
            [_, "extended-attributes"] if version == 1 => Some(Asked::AuditAttributes),
            _ => None,
        },
        ("external", "ad-users-or-groups") if has(Resource::AdUsers) && list_or_one => match id {
            None => (version != 2).then_some(Asked::AdUsers(version)),
            Some(id) => Some(Asked::AdUser(version, id)),
        },
        ("external", "domains") if has(Resource::Domains) && rest.len() == 1 => Some(Asked::Domains),
        ("config", "local-access-groups") if has(Resource::LocalAccessGroups) && list_or_one => {
            Some(Asked::AccessGroups(version, id))
        }
        ("config", "federation-access-groups") if has(Resource::FederationGroups) && list_or_one => {
            Some(Asked::FederationGroups(version, id))
        }
        ("config", "permissions") if has(Resource::Permissions) && list_or_one => {
            Some(id.map_or(Asked::Permissions(version), |id| Asked::Permission(version, id)))
        }
        ("config", "roles") if has(Resource::Roles) && list_or_one => Some(Asked::Roles(id)),
        ("config", "privileges") if has(Resource::Roles) && rest.len() == 1 => Some(Asked::Privileges),
        ("config", _) => config(rest, version, release),
        ("monitor", _) => match rest {
            ["sessions", "metrics"] if has(Resource::SessionMetrics) => Some(Asked::SessionMetrics),
            ["virtual-centers"] if has(Resource::VirtualCenters) => Some(Asked::VirtualCenters(version)),
            ["system-metrics"] if has(Resource::SystemMetrics) => Some(Asked::SystemMetrics(version)),
            _ => None,
        },
        _ => None,
    }
}

fn inventory<'a>(resource: &str, version: u8, id: Option<&'a str>, release: Release) -> Option<Asked<'a>> {
    let (kind, asked) = match resource {
        "desktop-pools" => (Resource::DesktopPools, Asked::Pools(version, id)),
        "farms" => (Resource::Farms, Asked::Farms(version, id)),
        "machines" => (Resource::Machines, Asked::Machines(version, id)),
        "rds-servers" => (Resource::RdsServers, Asked::RdsServers(version, id)),
        "application-pools" => (Resource::ApplicationPools, Asked::ApplicationPools(version, id)),
        _ => return None,
    };
    release.has(kind, version).then_some(asked)
}

fn config<'a>(rest: &[&str], version: u8, release: Release) -> Option<Asked<'a>> {
    let (kind, asked) = match rest {
        ["environment-properties"] => (Resource::Environment, Asked::Environment(version)),
        ["admin-users-or-groups", "permissions"] => (Resource::AdminPermissions, Asked::OwnPermissions),
        ["event-database"] => (Resource::EventDatabase, Asked::EventDatabase),
        ["pre-logon-settings"] => (Resource::PreLogon, Asked::PreLogon),
        _ => return None,
    };
    release.has(kind, version).then_some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(method: &str, path: &'a str, release: &str) -> Option<Asked<'a>> {
        route(method, path, release.parse().unwrap()).map(|route| route.asked)
    }

    #[rstest::rstest]
    #[case("GET", "/rest/inventory/v7/sessions", "2512", Some(Asked::Sessions(7)))]
    #[case("GET", "/rest/inventory/v7/sessions", "2503", None)]
    #[case("GET", "/rest/inventory/v8/sessions", "2512", None)]
    #[case("GET", "/rest/inventory/v2/sessions", "2312", Some(Asked::Sessions(2)))]
    #[case("GET", "/rest/inventory/v2/sessions/x", "2312", None)]
    #[case("GET", "/rest/inventory/v1/sessions/x", "2006", Some(Asked::Session(1, "x")))]
    #[case("GET", "/rest/inventory/v1/sessions/x/y", "2006", None)]
    #[case("POST", "/rest/inventory/v1/sessions/action/logoff", "2006", Some(Asked::SessionAction("logoff")))]
    #[case("POST", "/rest/inventory/v2/sessions/action/logoff", "2512", None)]
    #[case("POST", "/rest/inventory/v1/sessions/action/explode", "2512", None)]
    #[case("GET", "/rest/external/v1/audit-events", "2103", None)]
    #[case("GET", "/rest/external/v2/audit-events", "2306", Some(Asked::AuditEvents(2)))]
    #[case("GET", "/rest/external/v2/audit-events/extended-attributes", "2512", None)]
    #[case("GET", "/rest/external/v2/ad-users-or-groups", "2512", None)]
    #[case("GET", "/rest/external/v4/ad-users-or-groups", "2512", Some(Asked::AdUsers(4)))]
    #[case("GET", "/rest/config/v3/environment-properties", "2412", None)]
    #[case("GET", "/rest/inventory/v1/farms/", "2512", None)]
    #[case("GET", "/inventory/v1/farms", "2512", None)]
    #[case("DELETE", "/rest/inventory/v1/sessions", "2512", None)]
    #[case("GET", "/rest/config/v1/permissions", "2111", None)]
    #[case("GET", "/rest/config/v1/permissions", "2206", Some(Asked::Permissions(1)))]
    #[case("GET", "/rest/config/v2/permissions", "2306", None)]
    #[case("GET", "/rest/config/v2/permissions/p", "2309", Some(Asked::Permission(2, "p")))]
    #[case("POST", "/rest/config/v2/permissions", "2306", None)]
    #[case("POST", "/rest/config/v1/permissions", "2306", Some(Asked::CreatePermissions))]
    #[case("DELETE", "/rest/config/v2/permissions", "2512", Some(Asked::DeletePermissions))]
    #[case("DELETE", "/rest/config/v2/permissions/p", "2512", None)]
    #[case("GET", "/rest/config/v1/roles", "2111", None)]
    #[case("GET", "/rest/config/v1/roles/r", "2512", Some(Asked::Roles(Some("r"))))]
    #[case("GET", "/rest/config/v1/privileges", "2206", Some(Asked::Privileges))]
    #[case("GET", "/rest/config/v2/federation-access-groups", "2111", None)]
    #[case("GET", "/rest/config/v1/federation-access-groups", "2106", Some(Asked::FederationGroups(1, None)))]
    fn paths_are_routed(
        #[case] method: &str,
        #[case] path: &str,
        #[case] release: &str,
        #[case] expected: Option<Asked<'_>>,
    ) {
        assert_eq!(asked(method, path, release), expected);
    }

    #[test]
    fn ids_do_not_make_new_apis() {
        let release = Release::R2512;
        let one = route("GET", "/rest/inventory/v7/sessions/a", release).unwrap().api;
        let two = route("GET", "/rest/inventory/v7/sessions/b", release).unwrap().api;
        assert_eq!(one, two);
        assert_ne!(one, route("GET", "/rest/inventory/v7/sessions", release).unwrap().api);
    }
}
