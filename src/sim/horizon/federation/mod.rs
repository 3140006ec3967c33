//! The federation: its pods, their health, and their sessions (`horizon-rest.md sections 8, 15 and 16`).
//!
//! What a pod answers for another one that does not answer is not documented; here its list is a 500, and an action on
//! it a failure of the whole pod with status 503 and no details.

mod actions;
mod pods;
mod sessions;

use super::call::{Answer, Call};
use super::error::ApiError;
use crate::sim::access::Access;
use crate::sim::estate::{Estate, Session};
use crate::sim::ids::Kind;
use crate::sim::release::{Release, Resource};

/// What a request asks of the federation; numbers are versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    Pods(Option<&'a str>),
    /// Of a pod, all or one.
    Endpoints(&'a str, Option<&'a str>),
    Sites(u8, Option<&'a str>),
    Cpa(u8),
    Health(u8, Option<&'a str>),
    Metrics,
    Sessions(u8),
    Action(&'a str),
}

/// From the parts of a path below `/rest/` to what it asks for; what a release does not have is not found.
pub(crate) fn route<'a>(method: &str, parts: &[&'a str], release: Release) -> Option<Asked<'a>> {
    let [area, version, rest @ ..] = parts else { return None };
    let version: u8 = version.strip_prefix('v')?.parse().ok()?;
    let has = |resource| release.has(resource, version);
    if rest.last().is_some_and(|last| last.is_empty()) {
        return None;
    }
    match (method, *area, rest) {
        ("GET", "federation", ["pods"]) if has(Resource::Pods) => Some(Asked::Pods(None)),
        ("GET", "federation", ["pods", id]) if has(Resource::Pods) => Some(Asked::Pods(Some(id))),
        ("GET", "federation", ["pods", id, "endpoints"]) if has(Resource::Pods) => {
            Some(Asked::Endpoints(id, None))
        }
        ("GET", "federation", ["pods", id, "endpoints", endpoint]) if has(Resource::Pods) => {
            Some(Asked::Endpoints(id, Some(endpoint)))
        }
        ("GET", "federation", ["sites"]) if has(Resource::Sites) => Some(Asked::Sites(version, None)),
        ("GET", "federation", ["sites", id]) if has(Resource::Sites) => Some(Asked::Sites(version, Some(id))),
        ("GET", "federation", ["cpa"]) if has(Resource::Cpa) => Some(Asked::Cpa(version)),
        ("GET", "monitor", ["pods"]) if has(Resource::PodHealth) => Some(Asked::Health(version, None)),
        ("GET", "monitor", ["pods", "global-session-metrics"]) if has(Resource::PodMetrics) => {
            Some(Asked::Metrics)
        }
        // v2 is a list only (section 19.2).
        ("GET", "monitor", ["pods", id]) if version == 1 && has(Resource::PodHealth) => {
            Some(Asked::Health(version, Some(id)))
        }
        ("GET", "inventory", ["global-sessions"]) if has(Resource::GlobalSessions) => {
            Some(Asked::Sessions(version))
        }
        ("POST", "inventory", ["global-sessions", "action", verb])
            if version == 1 && has(Resource::GlobalSessions) =>
        {
            super::session_actions::verb(verb, false).map(|_| Asked::Action(verb))
        }
        _ => None,
    }
}

/// The path without its ids, for throttling.
pub(crate) fn template(parts: &[&str]) -> String {
    let mut parts: Vec<&str> = parts.to_vec();
    let ids = if parts.first() == Some(&"inventory") { 5..5 } else { 3..parts.len() };
    for part in parts.get_mut(ids).into_iter().flatten() {
        if !["endpoints", "global-session-metrics"].contains(part) {
            *part = "{id}";
        }
    }
    parts.join("/")
}

/// Answers what is asked of the federation.
pub(crate) fn answer(call: &Call<'_>, asked: &Asked<'_>) -> Answer {
    match *asked {
        // The only one that works without a federation, and says so.
        Asked::Cpa(version) => return Ok(pods::cpa(call, version)),
        _ => need_federation(&call.shared.estate())?,
    }
    match *asked {
        Asked::Pods(id) => pods::pods(call, id),
        Asked::Endpoints(pod, id) => pods::endpoints(call, pod, id),
        Asked::Sites(version, id) => pods::sites(call, version, id),
        Asked::Cpa(version) => Ok(pods::cpa(call, version)),
        Asked::Health(version, id) => pods::health(call, version, id),
        Asked::Metrics => pods::metrics(call),
        Asked::Sessions(version) => sessions::list(call, version),
        Asked::Action(name) => actions::act(call, name),
    }
}

fn need_federation(estate: &Estate) -> Result<(), ApiError> {
    if estate.is_federated() {
        return Ok(());
    }
    Err(ApiError::conflict("federation.cpa.not.initialized", "Cloud Pod Architecture is not initialized."))
}

/// Whether a caller holds a privilege where the entitlement of a session is.
pub(crate) fn may(estate: &Estate, caller: &Access, session: &Session, privilege: &str) -> bool {
    caller.federated(Some(estate.federation_group(session)), &[privilege])
}

/// Refuses a call unless the caller holds one of these privileges of the federation.
fn need(call: &Call<'_>, privileges: &[&str]) -> Result<(), ApiError> {
    if call.caller.federated(None, privileges) { Ok(()) } else { Err(ApiError::forbidden()) }
}

/// The pod with this id.
fn pod_number(estate: &Estate, id: &str) -> Option<u16> {
    let number = estate.ids.number(Kind::Pod, id)?;
    ((number as usize) < estate.defined.world.pods.len()).then_some(number as u16)
}

/// Which pods do not answer.
struct Down(Vec<String>);

impl Down {
    /// Asks the faults; to be done before the estate is held.
    fn of(call: &Call<'_>) -> Self {
        Self(call.shared.faults().pods_down(call.method, call.path))
    }

    fn has(&self, estate: &Estate, pod: u16) -> bool {
        let name = estate.defined.world.pods.get(usize::from(pod)).map(|pod| pod.name.as_str());
        name.is_some_and(|name| self.0.iter().any(|down| down.eq_ignore_ascii_case(name)))
    }
}

/// What is said of a pod that does not answer.
fn no_answer_of(estate: &Estate, pod: u16) -> String {
    let name = estate.defined.world.pods.get(usize::from(pod)).map_or("?", |pod| pod.name.as_str());
    format!("The pod {name} cannot be reached.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("GET", "federation/v1/pods", "2012", Some(Asked::Pods(None)))]
    #[case("GET", "federation/v1/pods", "2006", None)]
    #[case("GET", "federation/v1/pods/p/endpoints", "2012", Some(Asked::Endpoints("p", None)))]
    #[case("GET", "federation/v1/pods/p/endpoints/e", "2512", Some(Asked::Endpoints("p", Some("e"))))]
    #[case("GET", "federation/v1/pods/p/endpoints/", "2512", None)]
    #[case("GET", "federation/v2/sites", "2312", None)]
    #[case("GET", "federation/v3/sites/s", "2512", Some(Asked::Sites(3, Some("s"))))]
    #[case("GET", "federation/v2/cpa", "2506", None)]
    #[case("GET", "monitor/v2/pods", "2006", Some(Asked::Health(2, None)))]
    #[case("GET", "monitor/v2/pods/p", "2512", None)]
    #[case("GET", "monitor/v1/pods/p", "2512", Some(Asked::Health(1, Some("p"))))]
    #[case("GET", "monitor/v1/pods/global-session-metrics", "2306", Some(Asked::Metrics))]
    #[case("GET", "inventory/v1/global-sessions", "2106", None)]
    #[case("GET", "inventory/v2/global-sessions", "2406", Some(Asked::Sessions(2)))]
    #[case("GET", "inventory/v3/global-sessions", "2506", None)]
    #[case("GET", "inventory/v3/global-sessions/x", "2512", None)]
    #[case("POST", "inventory/v1/global-sessions/action/logoff", "2111", Some(Asked::Action("logoff")))]
    #[case("POST", "inventory/v2/global-sessions/action/logoff", "2512", None)]
    #[case("POST", "inventory/v1/global-sessions/action/explode", "2512", None)]
    #[case("GET", "inventory/v1/global-sessions/action/logoff", "2512", None)]
    fn paths_are_routed(
        #[case] method: &str,
        #[case] path: &str,
        #[case] release: &str,
        #[case] expected: Option<Asked<'_>>,
    ) {
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!(route(method, &parts, release.parse().unwrap()), expected);
    }

    #[test]
    fn templates_have_no_ids() {
        let of = |path: &str| template(&path.split('/').collect::<Vec<_>>());
        assert_eq!(of("federation/v1/pods/p/endpoints/e"), "federation/v1/pods/{id}/endpoints/{id}");
        assert_eq!(of("federation/v1/pods"), "federation/v1/pods");
        assert_eq!(of("monitor/v1/pods/global-session-metrics"), "monitor/v1/pods/global-session-metrics");
        let action = "inventory/v1/global-sessions/action/logoff";
        assert_eq!(of(action), action);
        assert_eq!(of("inventory/v1/global-sessions"), "inventory/v1/global-sessions");
    }
}
