//! From a method and a path to what is asked for.

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    ListImageServers,
    ShowImageServer,
    UpdateImageServer,
    DeleteImageServers,
    RecreateImage,
    ListJobs,
    ShowJob,
    ListSubJobs,
    CountSubJobs,
    DeleteSubJobs,
    ListSessions,
    UserSessions,
    LogOff,
    AppConnections,
    UserConnections,
    ListAppGroups,
    ShowAppGroup,
    CreateAppGroup,
    UpdateAppGroup,
    DeleteAppGroup,
    DeleteAppGroups,
    ValidateAppGroup,
    Disassociate,
    ListApps,
    ListAuthorizations,
    Authorize,
    Unauthorize,
    ListServerGroups,
    ServerGroupNames,
    ShowServerGroup,
    ServerGroupState,
    Restrict,
    ListServers,
    ShowServer,
    UpdateServer,
    Reboot,
    Start,
    Stop,
    Maintain,
    Reinstall,
    ReinstallMany,
    ChangeImage,
    ChangeImageMany,
    RejoinDomain,
    UpgradeAgent,
    ServerJob,
    /// In the reference, and not simulated.
    Absent,
}

/// One API: version, method, path with `{}` for an id, what it is, and its IAM action behind `workspace:`.
type Row = (&'static str, &'static str, &'static str, Api, &'static str);

const APIS: [Row; 55] = [
    ("v1", "GET", "image-servers", Api::ListImageServers, "imageServer:list"),
    ("v1", "POST", "image-servers", Api::Absent, "imageServer:create"),
    ("v1", "PATCH", "image-servers/actions/batch-delete", Api::DeleteImageServers, "imageServer:batchDelete"),
    ("v1", "GET", "image-servers/{}", Api::ShowImageServer, "imageServer:get"),
    ("v1", "PATCH", "image-servers/{}", Api::UpdateImageServer, "imageServer:update"),
    ("v1", "POST", "image-servers/{}/actions/recreate-image", Api::RecreateImage, "imageServer:recreate"),
    ("v1", "GET", "image-server-jobs", Api::ListJobs, "images:listImageJobs"),
    ("v1", "GET", "image-server-jobs/{}", Api::ShowJob, "images:getImageJob"),
    ("v1", "GET", "image-server-sub-jobs", Api::ListSubJobs, "imageServer:listImageSubJobs"),
    ("v1", "GET", "image-server-sub-jobs/actions/count", Api::CountSubJobs, "imageServer:countImageSubJobs"),
    (
        "v1",
        "PATCH",
        "image-server-sub-jobs/actions/batch-delete",
        Api::DeleteSubJobs,
        "imageServer:batchDeleteImageSubJobs",
    ),
    ("v1", "GET", "session/list-sessions", Api::ListSessions, "session:listSessions"),
    ("v1", "GET", "session/user-session-info", Api::UserSessions, "session:listSessionByUserName"),
    ("v1", "POST", "session/logoff", Api::LogOff, "session:logoffUserSession"),
    ("v1", "POST", "session/app-connection", Api::AppConnections, "session:listAppConnection"),
    ("v1", "POST", "session/user-connection", Api::UserConnections, "session:listUserConnection"),
    ("v1", "GET", "app-groups", Api::ListAppGroups, "appGroup:list"),
    ("v1", "POST", "app-groups", Api::CreateAppGroup, "appGroup:create"),
    ("v1", "POST", "app-groups/batch-delete", Api::DeleteAppGroups, "appGroup:batchDelete"),
    ("v1", "POST", "app-groups/rules/validate", Api::ValidateAppGroup, "appGroup:validate"),
    (
        "v1",
        "GET",
        "app-groups/actions/list-authorizations",
        Api::ListAuthorizations,
        "appGroup:listAuthorization",
    ),
    ("v1", "POST", "app-groups/actions/disassociate-app-group", Api::Disassociate, "appGroup:disassociate"),
    ("v1", "POST", "app-groups/authorizations", Api::Authorize, "appGroup:addAuthorization"),
    (
        "v1",
        "POST",
        "app-groups/actions/batch-delete-authorization",
        Api::Unauthorize,
        "appGroup:batchDeleteAuthorization",
    ),
    ("v1", "GET", "app-groups/{}", Api::ShowAppGroup, "appGroup:get"),
    ("v1", "PATCH", "app-groups/{}", Api::UpdateAppGroup, "appGroup:update"),
    ("v1", "DELETE", "app-groups/{}", Api::DeleteAppGroup, "appGroup:delete"),
    ("v1", "GET", "app-groups/{}/apps", Api::ListApps, "app:listPublishedApp"),
    ("v1", "POST", "app-groups/{}/apps", Api::Absent, "app:publish"),
    ("v1", "GET", "app-server-groups", Api::ListServerGroups, "serverGroup:list"),
    ("v1", "POST", "app-server-groups", Api::Absent, "serverGroup:create"),
    ("v1", "GET", "app-server-groups/actions/list", Api::ServerGroupNames, "serverGroup:listDetail"),
    ("v1", "GET", "app-server-groups/resources/restrict", Api::Restrict, "serverGroup:getRestrict"),
    ("v1", "GET", "app-server-groups/{}", Api::ShowServerGroup, "serverGroup:get"),
    ("v1", "PATCH", "app-server-groups/{}", Api::Absent, "serverGroup:update"),
    ("v1", "DELETE", "app-server-groups/{}", Api::Absent, "serverGroup:delete"),
    ("v1", "GET", "app-server-groups/{}/state", Api::ServerGroupState, "serverGroup:getServerState"),
    ("v1", "GET", "app-servers", Api::ListServers, "server:list"),
    ("v1", "GET", "app-servers/{}", Api::ShowServer, "server:get"),
    ("v1", "PATCH", "app-servers/{}", Api::UpdateServer, "server:update"),
    ("v1", "DELETE", "app-servers/{}", Api::Absent, "server:delete"),
    ("v1", "PATCH", "app-servers/actions/batch-reboot", Api::Reboot, "server:batchReboot"),
    ("v1", "PATCH", "app-servers/actions/batch-start", Api::Start, "server:batchStart"),
    ("v1", "PATCH", "app-servers/actions/batch-stop", Api::Stop, "server:batchStop"),
    ("v1", "PATCH", "app-servers/actions/batch-maint", Api::Maintain, "server:batchChangeMaintainMode"),
    ("v1", "POST", "app-servers/{}/actions/reinstall", Api::Reinstall, "server:reinstall"),
    ("v1", "POST", "app-servers/actions/batch-reinstall", Api::ReinstallMany, "server:batchReinstall"),
    ("v1", "POST", "app-servers/{}/actions/change-image", Api::ChangeImage, "server:changeImage"),
    ("v1", "POST", "app-servers/actions/batch-change-image", Api::ChangeImageMany, "server:batchChangeImage"),
    ("v1", "PATCH", "app-servers/actions/batch-rejoin-domain", Api::RejoinDomain, "server:batchRejoinDomain"),
    (
        "v1",
        "PATCH",
        "app-servers/access-agent/actions/upgrade",
        Api::UpgradeAgent,
        "server:upgradeAccessAgent",
    ),
    ("v1", "POST", "app-servers/actions/create", Api::Absent, "server:create"),
    ("v1", "POST", "app-servers/actions/batch-delete", Api::Absent, "server:batchDelete"),
    ("v1", "GET", "app-servers/{}/actions/vnc", Api::Absent, "server:getVncUrl"),
    ("v2", "GET", "job/{}", Api::ServerJob, "jobs:get"),
];

/// A request that the gateway knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) api: Api,
    /// The IAM action, without `workspace:`.
    pub(crate) action: &'static str,
    /// Method and path without ids, for throttling.
    pub(crate) template: String,
    pub(crate) project: String,
    /// The ids of the path, without the project.
    pub(crate) ids: Vec<String>,
}

/// Why there is no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRoute {
    NoSuchApi,
    WrongMethod,
}

/// Finds the API of a decoded path.
pub(crate) fn route(method: &str, path: &str) -> Result<Route, NoRoute> {
    let mut parts = path.split('/').skip(1);
    let (version, project) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let parts: Vec<&str> = parts.collect();
    let mut near = NoRoute::NoSuchApi;
    for (its_version, its_method, template, api, action) in APIS {
        let Some(ids) = matches(template, &parts).filter(|_| its_version == version) else { continue };
        if its_method != method {
            near = NoRoute::WrongMethod;
            continue;
        }
        if api == Api::Absent {
            return Err(NoRoute::NoSuchApi);
        }
        let template = format!("{method} {template}");
        return Ok(Route { api, action, template, project: project.to_owned(), ids });
    }
    Err(near)
}

/// The ids of a path that fits a template.
fn matches(template: &str, parts: &[&str]) -> Option<Vec<String>> {
    let wanted: Vec<&str> = template.split('/').collect();
    if wanted.len() != parts.len() {
        return None;
    }
    let mut ids = Vec::new();
    for (wanted, part) in wanted.iter().zip(parts) {
        match *wanted {
            "{}" if !part.is_empty() => ids.push((*part).to_owned()),
            same if same == *part => {}
            _ => return None,
        }
    }
    Some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("GET", "/v1/p/image-servers", Ok(Api::ListImageServers))]
    #[case("GET", "/v1/p/image-servers/7", Ok(Api::ShowImageServer))]
    #[case("GET", "/v1/p/image-servers/", Err(NoRoute::NoSuchApi))]
    #[case("POST", "/v1/p/image-servers", Err(NoRoute::NoSuchApi))]
    #[case("DELETE", "/v1/p/image-servers/7", Err(NoRoute::WrongMethod))]
    #[case("PATCH", "/v1/p/image-servers/actions/batch-delete", Ok(Api::DeleteImageServers))]
    #[case("POST", "/v1/p/image-servers/7/actions/attach-app", Err(NoRoute::NoSuchApi))]
    #[case("GET", "/v1/p/image-servers/7/actions/recreate-image", Err(NoRoute::WrongMethod))]
    #[case("GET", "/v2/p/image-servers", Err(NoRoute::NoSuchApi))]
    #[case("GET", "/v2/p/job/7", Ok(Api::ServerJob))]
    #[case("GET", "/v1/p/app-groups/actions/list-authorizations", Ok(Api::ListAuthorizations))]
    #[case("PUT", "/v1/p/session/logoff", Err(NoRoute::WrongMethod))]
    #[case("GET", "/v1", Err(NoRoute::NoSuchApi))]
    fn paths_are_routed(#[case] method: &str, #[case] path: &str, #[case] expected: Result<Api, NoRoute>) {
        assert_eq!(route(method, path).map(|route| route.api), expected);
    }

    #[test]
    fn every_api_is_found_by_its_own_path() {
        for (version, method, template, api, _) in APIS {
            let path = format!("/{version}/p/{}", template.replace("{}", "x1"));
            let found = route(method, &path).map(|route| route.api);
            assert!(found == Ok(api) || (api == Api::Absent && found == Err(NoRoute::NoSuchApi)), "{path}");
        }
    }
}
