//! Pods, sites and their health: what to ask, and what the answers mean (`horizon-rest.md sections 15 and 16`).

use std::collections::HashMap;

use serde::Deserialize;

use crate::{
    api::{Operation, decode, fault, request::Request},
    domain::{Fault, Pod, PodId, Text},
};

/// The word for a federation that works (`PodFederationInfo`).
const ENABLED: &str = "ENABLED";

/// The word for an endpoint that answers (`PodEndPointData`).
const ONLINE: &str = "ONLINE";

/// The state of the federation; answered without one too.
pub(crate) fn cpa_request() -> Request {
    Request::get(Operation::ReadFederation, "/federation/{v}/cpa")
}

/// The pods.
pub(crate) fn pods_request() -> Request {
    Request::get(Operation::ListPods, "/federation/{v}/pods")
}

/// The sites, for their names.
pub(crate) fn sites_request() -> Request {
    Request::get(Operation::ListSites, "/federation/{v}/sites")
}

/// The endpoints of the pods and whether they answer.
pub(crate) fn health_request() -> Request {
    Request::get(Operation::ReadPodHealth, "/monitor/{v}/pods")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireCpa {
    local_connection_server_status: Option<String>,
    name: Option<String>,
}

/// A federation that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    /// Its name, if the account may see it.
    pub(crate) name: Option<Text>,
}

/// The federation; `None` where there is none, or none that works.
pub(crate) fn read_cpa(body: &[u8]) -> Result<Option<Membership>, Fault> {
    let (cpa, _) = decode::object::<WireCpa>(Operation::ReadFederation, body)?;
    let enabled = cpa.local_connection_server_status.as_deref() == Some(ENABLED);
    Ok(enabled.then(|| Membership { name: full(cpa.name) }))
}

fn full(text: Option<String>) -> Option<Text> {
    text.filter(|text| !text.is_empty()).map(Text::from)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WirePod {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    site_id: Option<String>,
    local_pod: Option<bool>,
}

/// A pod, and the id of its site.
#[derive(Debug)]
pub(crate) struct PodRow {
    pub(crate) pod: Pod,
    pub(crate) site_id: Option<String>,
}

/// The pods, in the order of the server.
///
/// # Errors
///
/// `BadAnswer` when one of them has no id or cannot be read, because nobody would miss its sessions then; and when more
/// than one says that it is the local one, because none of these would be asked for its sessions.
pub(crate) fn read_pods(body: &[u8]) -> Result<Vec<PodRow>, Fault> {
    let operation = Operation::ListPods;
    let read = decode::rows::<WirePod>(operation, body)?;
    let rows = read.rows.into_iter().filter_map(|wire| {
        let pod = Pod {
            id: PodId::from(wire.id.filter(|id| !id.is_empty())?),
            name: full(wire.name),
            description: full(wire.description),
            site: None,
            local: wire.local_pod == Some(true),
            health: None,
        };
        Some(PodRow { pod, site_id: wire.site_id })
    });
    let rows: Vec<PodRow> = rows.collect();
    let lost = read.sent.saturating_sub(rows.len());
    if lost > 0 {
        let what = format!("{lost} of {} pods have no id or cannot be read", read.sent);
        return Err(fault::bad_answer(operation, &what));
    }
    let local = rows.iter().filter(|row| row.pod.local).count();
    if local > 1 {
        return Err(fault::bad_answer(operation, &format!("{local} pods call themselves local")));
    }
    Ok(rows)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireSite {
    id: Option<String>,
    name: Option<String>,
}

/// Names of sites by their ids.
pub(crate) fn read_sites(body: &[u8]) -> Result<HashMap<String, Text>, Fault> {
    let read = decode::rows::<WireSite>(Operation::ListSites, body)?;
    Ok(read.rows.into_iter().filter_map(|site| Some((site.id?, full(site.name)?))).collect())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireHealth {
    id: Option<String>,
    endpoints: Option<Vec<WireEndpoint>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireEndpoint {
    enabled: Option<bool>,
    status: Option<String>,
}

/// The health of the pods by their ids: the word of their endpoints.
pub(crate) fn read_health(body: &[u8]) -> Result<HashMap<PodId, Text>, Fault> {
    let read = decode::rows::<WireHealth>(Operation::ReadPodHealth, body)?;
    let health = read.rows.into_iter().filter_map(|wire| {
        let word = word_of(&wire.endpoints.unwrap_or_default())?;
        Some((PodId::from(wire.id.filter(|id| !id.is_empty())?), word))
    });
    Ok(health.collect())
}

/// One word for all endpoints that are switched on: theirs when they agree, otherwise the best and how many say so, as in
/// `ONLINE 1 of 2`. `None` when none of them says anything.
fn word_of(endpoints: &[WireEndpoint]) -> Option<Text> {
    let words: Vec<&str> = endpoints
        .iter()
        .filter(|endpoint| endpoint.enabled != Some(false))
        .filter_map(|endpoint| endpoint.status.as_deref())
        .filter(|word| !word.is_empty())
        .collect();
    let best = words.iter().find(|word| **word == ONLINE).or(words.first())?;
    let agreeing = words.iter().filter(|word| *word == best).count();
    Some(if agreeing == words.len() {
        Text::clean(best)
    } else {
        Text::from(format!("{best} {agreeing} of {}", words.len()))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::FaultKind;

    #[rstest]
    #[case(r#"{"local_connection_server_status":"ENABLED","name":"Fed"}"#, Some("Fed"))]
    #[case(r#"{"local_connection_server_status":"ENABLED"}"#, Some("no name"))]
    #[case(r#"{"local_connection_server_status":"PENDING"}"#, None)]
    #[case(r#"{"local_connection_server_status":7}"#, None)]
    #[case("{}", None)]
    fn only_an_enabled_federation_is_one(#[case] body: &str, #[case] expected: Option<&str>) {
        let found = read_cpa(body.as_bytes()).unwrap();
        let name = found.map(|federation| federation.name.unwrap_or_else(|| Text::clean("no name")));
        assert_eq!(name.as_ref().map(Text::as_str), expected);
    }

    #[rstest]
    #[case(r#"[{"status":"ONLINE"},{"status":"ONLINE"}]"#, Some("ONLINE"))]
    #[case(r#"[{"status":"OFFLINE"},{"status":"ONLINE"}]"#, Some("ONLINE 1 of 2"))]
    #[case(r#"[{"status":"OFFLINE","enabled":false},{"status":"ONLINE","enabled":true}]"#, Some("ONLINE"))]
    #[case(r#"[{"status":"OFFLINE"},{"status":"UNCHECKED"}]"#, Some("OFFLINE 1 of 2"))]
    #[case(r#"[{"status":"DREAMING"}]"#, Some("DREAMING"))]
    #[case(r#"[{"status":""},{"status":null}]"#, None)]
    #[case("[]", None)]
    fn endpoints_make_one_word(#[case] endpoints: &str, #[case] expected: Option<&str>) {
        let body = format!(r#"[{{"id":"p","endpoints":{endpoints}}}]"#);
        let health = read_health(body.as_bytes()).unwrap();
        assert_eq!(health.get(&PodId::from("p")).map(Text::as_str), expected);
    }

    #[test]
    fn pods_keep_what_is_said_and_invent_nothing() {
        let body = r#"[{"id":"p","name":"FRA\u001b1","site_id":"s","local_pod":"yes"},
            {"id":"q","description":"","local_pod":true}]"#;
        let rows = read_pods(body.as_bytes()).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].pod.name.as_ref().unwrap(), "FRA\u{fffd}1");
        assert_eq!((rows[0].pod.local, rows[0].site_id.as_deref()), (false, Some("s")));
        assert_eq!((rows[1].pod.local, &rows[1].pod.name, &rows[1].pod.description), (true, &None, &None));
    }

    #[rstest]
    #[case::no_id(
        r#"[{"id":"p","local_pod":true},{"name":"no id"}]"#,
        "1 of 2 pods have no id or cannot be read"
    )]
    #[case::empty_id(
        r#"[{"id":"p","local_pod":true},{"id":""}]"#,
        "1 of 2 pods have no id or cannot be read"
    )]
    #[case::odd_id(r#"[{"id":"p","local_pod":true},{"id":7}]"#, "1 of 2 pods have no id or cannot be read")]
    #[case::no_object(r#"[7,{"id":"p","local_pod":true}]"#, "1 of 2 pods have no id or cannot be read")]
    #[case::two_local(
        r#"[{"id":"p","local_pod":true},{"id":"q","local_pod":true}]"#,
        "2 pods call themselves local"
    )]
    fn pods_that_nobody_would_miss_make_the_answer_bad(#[case] body: &str, #[case] expected: &str) {
        let fault = read_pods(body.as_bytes()).unwrap_err();
        assert_eq!(fault.kind, FaultKind::BadAnswer);
        assert!(fault.message.as_str().contains(expected), "{}", fault.message);
    }
}
