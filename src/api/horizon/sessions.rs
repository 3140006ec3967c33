//! Sessions: what to ask, and what a row means (`horizon-rest.md section 7`).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    api::{
        Operation, decode,
        http::Answer,
        page::{Keyed, Page},
        request::{Request, encode},
    },
    domain::{Client, Fault, Gateway, Session, SessionId, Text},
};

/// One page of the list.
pub(crate) fn list_request(page: usize, size: usize) -> Request {
    Request::get(Operation::ListSessions, "/inventory/{v}/sessions").page(page, size)
}

/// One session.
pub(crate) fn one_request(id: &SessionId) -> Request {
    Request::get(Operation::ReadSession, format!("/inventory/{{v}}/sessions/{}", encode(id.raw())))
}

/// `SessionInfo` to `SessionInfoV7` and `GlobalSessionInfo` to `GlobalSessionInfoV3`: nothing is required, not even what
/// the vendor requires.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireSession {
    id: Option<String>,
    /// Another name in the lists of a federation (`horizon-rest.md section 20.2`).
    #[serde(alias = "local_access_group_id")]
    access_group_id: Option<String>,
    agent_version: Option<String>,
    application_names: Option<Vec<String>>,
    broker_user_id: Option<String>,
    brokered_remotely: Option<bool>,
    client_data: Option<WireClient>,
    cloud_managed: Option<bool>,
    desktop_pool_id: Option<String>,
    desktop_pool_or_farm_name: Option<String>,
    desktop_pool_or_farm_source: Option<String>,
    desktop_pool_or_farm_type: Option<String>,
    disconnected_time: Option<i64>,
    domain_name: Option<String>,
    farm_id: Option<String>,
    forever_session: Option<bool>,
    groups: Option<Vec<String>>,
    guid: Option<String>,
    idle_duration: Option<i64>,
    internal_session_id: Option<String>,
    last_session_duration_ms: Option<i64>,
    machine_id: Option<String>,
    /// Another name in the lists of a federation.
    #[serde(alias = "machine_or_rds_server_dns_name")]
    machine_or_rds_server_dns: Option<String>,
    machine_or_rds_server_name: Option<String>,
    /// Hosting pod; in the lists of a federation only.
    pod_id: Option<String>,
    /// Its name; in global sessions v3 only.
    pod_name: Option<String>,
    /// The pod through which the user came, and its name; where the hosting pod's are.
    brokering_pod_id: Option<String>,
    brokering_pod_name: Option<String>,
    rds_server_id: Option<String>,
    resourced_remotely: Option<bool>,
    security_gateway_data: Option<WireGateway>,
    session_protocol: Option<String>,
    session_state: Option<String>,
    session_type: Option<String>,
    start_time: Option<i64>,
    unauthenticated: Option<bool>,
    user_id: Option<String>,
    user_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireClient {
    address: Option<String>,
    location_id: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    version: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireGateway {
    address: Option<String>,
    domain_name: Option<String>,
    location: Option<String>,
}

impl Keyed for Session {
    type Key = SessionId;

    fn key(&self) -> SessionId {
        self.id.clone()
    }
}

/// Words that many sessions share, kept once: pools, gateways, versions, groups.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<Words>);

#[derive(Debug, Default)]
struct Words {
    texts: HashMap<String, Text>,
    raw: HashMap<String, Arc<str>>,
}

impl Words {
    fn text(&mut self, word: Option<String>) -> Option<Text> {
        let word = word?;
        if let Some(text) = self.texts.get(&word) {
            return Some(text.clone());
        }
        let text = Text::clean(&word);
        self.texts.insert(word, text.clone());
        Some(text)
    }

    fn id<I: From<Arc<str>>>(&mut self, id: Option<String>) -> Option<I> {
        let id = id.filter(|id| !id.is_empty())?;
        if let Some(known) = self.raw.get(&id) {
            return Some(I::from(Arc::clone(known)));
        }
        let raw: Arc<str> = Arc::from(id.as_str());
        self.raw.insert(id, Arc::clone(&raw));
        Some(I::from(raw))
    }
}

/// A moment in epoch milliseconds. Nonsense is unknown: zero and below stand for "never" in too many places.
pub(super) fn moment(milliseconds: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds.filter(|ms| *ms > 0)?).ok()
}

/// One page of sessions, of this pod or of the federation.
pub(crate) fn read_page(
    operation: Operation,
    answer: &Answer,
    shared: &Shared,
) -> Result<Page<Session>, Fault> {
    let read = decode::rows::<WireSession>(operation, &answer.body)?;
    let mut words = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    let mut page = Page {
        rows: Vec::with_capacity(read.rows.len()),
        sent: read.sent,
        unreadable: read.unreadable,
        unreadable_fields: read.unreadable_fields,
        more: answer.more,
        total: answer.total,
    };
    for wire in read.rows {
        match session(wire, &mut words) {
            Some(session) => page.rows.push(session),
            None => page.unreadable += 1,
        }
    }
    Ok(page)
}

/// One session.
pub(crate) fn read_one(body: &[u8]) -> Result<Session, Fault> {
    let (wire, _) = decode::object::<WireSession>(Operation::ReadSession, body)?;
    session(wire, &mut Words::default()).ok_or_else(|| {
        crate::api::fault::bad_answer(Operation::ReadSession, "the answer is a session without an id")
    })
}

/// A row in the domain's terms; `None` without an id, because nothing can be done with it.
fn session(wire: WireSession, words: &mut Words) -> Option<Session> {
    let mut session = Session::new(SessionId::from(wire.id.filter(|id| !id.is_empty())?));
    session.user_id = words.id(wire.user_id);
    session.broker_user_id = words.id(wire.broker_user_id);
    session.user_name = wire.user_name.filter(|name| !name.is_empty()).map(Text::from);
    session.groups =
        wire.groups.map(|groups| groups.into_iter().filter_map(|group| words.text(Some(group))).collect());
    session.kind = wire.session_type.map(|word| word.as_str().into());
    session.state = wire.session_state.map(|word| word.as_str().into());
    session.protocol = wire.session_protocol.map(|word| word.as_str().into());
    session.started_at = moment(wire.start_time);
    session.disconnected_at = moment(wire.disconnected_time);
    session.idle_minutes = wire.idle_duration.filter(|minutes| *minutes >= 0);
    session.last_connection_ms = wire.last_session_duration_ms.filter(|duration| *duration >= 0);
    session.access_group_id = words.id(wire.access_group_id);
    session.pool_id = words.id(wire.desktop_pool_id);
    session.farm_id = words.id(wire.farm_id);
    session.pool_name = words.text(wire.desktop_pool_or_farm_name);
    session.pool_type = words.text(wire.desktop_pool_or_farm_type);
    session.pool_source = words.text(wire.desktop_pool_or_farm_source);
    session.machine_id = wire.machine_id.filter(|id| !id.is_empty()).map(Into::into);
    session.rds_server_id = words.id(wire.rds_server_id);
    session.machine_name = wire.machine_or_rds_server_name.map(Text::from);
    session.machine_dns = wire.machine_or_rds_server_dns.map(Text::from);
    session.domain_name = words.text(wire.domain_name);
    session.agent_version = words.text(wire.agent_version);
    session.applications = wire
        .application_names
        .map(|names| names.into_iter().filter_map(|name| words.text(Some(name))).collect());
    if let Some(client) = wire.client_data {
        session.client = Client {
            kind: client.kind.map(|word| word.as_str().into()),
            name: client.name.map(Text::from),
            address: client.address.map(Text::from),
            version: words.text(client.version),
            location_id: words.text(client.location_id),
        };
    }
    if let Some(gateway) = wire.security_gateway_data {
        session.gateway = Gateway {
            name: words.text(gateway.domain_name),
            address: words.text(gateway.address),
            location: gateway.location.map(|word| word.as_str().into()),
        };
    }
    session.pod_id = words.id(wire.pod_id);
    session.pod_name = words.text(wire.pod_name.filter(|name| !name.is_empty()));
    session.brokering_pod_id = words.id(wire.brokering_pod_id);
    session.brokering_pod_name = words.text(wire.brokering_pod_name.filter(|name| !name.is_empty()));
    session.resourced_remotely = wire.resourced_remotely;
    session.brokered_remotely = wire.brokered_remotely;
    session.unauthenticated = wire.unauthenticated;
    session.cloud_managed = wire.cloud_managed;
    session.forever = wire.forever_session;
    session.guid = wire.guid.map(Text::from);
    session.internal_id = wire.internal_session_id.map(Text::from);
    Some(session)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{ClientKind, GatewayLocation, Protocol, SessionKind, SessionState};

    fn read(row: &serde_json::Value) -> Session {
        read_one(row.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn every_field_of_the_newest_version_arrives() {
        let session = read(&json!({
            "id": "s-1", "access_group_id": "g", "agent_version": "8.14", "application_names": ["Calc"],
            "broker_user_id": "S-2", "brokered_remotely": true, "cloud_managed": false,
            "client_data": {"address": "10.0.0.5", "location_id": "l", "name": "c", "type": "HTMLACCESS", "version": "5"},
            "desktop_pool_id": "p", "desktop_pool_or_farm_name": "Finance", "desktop_pool_or_farm_source": "RDS",
            "desktop_pool_or_farm_type": "MANUAL", "disconnected_time": 1_700_000_000_001_i64, "domain_name": "d",
            "farm_id": "f", "forever_session": true, "groups": ["S-3"], "guid": "u", "idle_duration": 0,
            "internal_session_id": "i", "last_session_duration_ms": 7, "machine_id": "m",
            "machine_or_rds_server_dns": "m.d", "machine_or_rds_server_name": "m1", "rds_server_id": "r",
            "resourced_remotely": false, "session_protocol": "BLAST", "session_state": "DISCONNECTED",
            "security_gateway_data": {"address": "10.0.0.9", "domain_name": "uag", "location": "EXTERNAL"},
            "session_type": "APPLICATION", "start_time": 1_700_000_000_000_i64, "unauthenticated": false,
            "user_id": "S-1", "user_name": "CORP\\kaya"
        }));
        let mut expected = Session::new("s-1".into());
        expected.access_group_id = Some("g".into());
        expected.agent_version = Some("8.14".into());
        expected.applications = Some(vec!["Calc".into()]);
        expected.broker_user_id = Some("S-2".into());
        expected.brokered_remotely = Some(true);
        expected.cloud_managed = Some(false);
        expected.client = Client {
            kind: Some(ClientKind::Web),
            name: Some("c".into()),
            address: Some("10.0.0.5".into()),
            version: Some("5".into()),
            location_id: Some("l".into()),
        };
        expected.pool_id = Some("p".into());
        expected.pool_name = Some("Finance".into());
        expected.pool_source = Some("RDS".into());
        expected.pool_type = Some("MANUAL".into());
        expected.disconnected_at = Timestamp::from_millisecond(1_700_000_000_001).ok();
        expected.domain_name = Some("d".into());
        expected.farm_id = Some("f".into());
        expected.forever = Some(true);
        expected.groups = Some(vec!["S-3".into()]);
        expected.guid = Some("u".into());
        expected.idle_minutes = Some(0);
        expected.internal_id = Some("i".into());
        expected.last_connection_ms = Some(7);
        expected.machine_id = Some("m".into());
        expected.machine_dns = Some("m.d".into());
        expected.machine_name = Some("m1".into());
        expected.rds_server_id = Some("r".into());
        expected.resourced_remotely = Some(false);
        expected.protocol = Some(Protocol::Blast);
        expected.state = Some(SessionState::Disconnected);
        expected.gateway = Gateway {
            name: Some("uag".into()),
            address: Some("10.0.0.9".into()),
            location: Some(GatewayLocation::External),
        };
        expected.kind = Some(SessionKind::Application);
        expected.started_at = Timestamp::from_millisecond(1_700_000_000_000).ok();
        expected.unauthenticated = Some(false);
        expected.user_id = Some("S-1".into());
        expected.user_name = Some("CORP\\kaya".into());
        assert_eq!(session, expected);
    }

    #[test]
    fn what_is_absent_or_null_is_unknown_and_never_zero() {
        assert_eq!(read(&json!({"id": "s-1"})), Session::new("s-1".into()));
        let nulls =
            json!({"id": "s-1", "idle_duration": null, "client_data": null, "groups": null, "user_id": ""});
        assert_eq!(read(&nulls), Session::new("s-1".into()));
    }

    #[test]
    fn nonsense_times_are_unknown() {
        for time in [0, -1, i64::MIN, i64::MAX] {
            assert_eq!(moment(Some(time)), None, "{time}");
        }
        let session = read(&json!({"id": "s", "idle_duration": -1, "last_session_duration_ms": -5}));
        assert_eq!((session.idle_minutes, session.last_connection_ms), (None, None));
    }

    #[test]
    fn a_session_without_an_id_is_none() {
        assert!(read_one(b"{}").is_err());
        assert!(read_one(br#"{"id":""}"#).is_err());
        assert!(read_one(br#"{"id":7,"user_name":"x"}"#).is_err());
    }

    #[test]
    fn hostile_ids_stay_inside_their_place_in_the_path() {
        let request = one_request(&"../../config/v1/roles?x={v}".into()).at_version(7);
        assert_eq!(request.path, "/inventory/v7/sessions/..%2F..%2Fconfig%2Fv1%2Froles%3Fx%3D%7Bv%7D");
        assert_eq!(list_request(3, 1000).query, "page=3&size=1000");
    }
}
