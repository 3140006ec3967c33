//! Sessions: what to ask, and what a row means (`horizon-rest.md section 7`).

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

use crate::{
    api::{
        Operation,
        decode::{self, TakeRows},
        request::{Request, encode},
    },
    domain::{Fault, Session, SessionId, SessionParts, SessionRow, SessionRows, SessionRowsBuilder, clean},
};

/// One page of the list.
pub(crate) fn list_request(page: usize, size: usize) -> Request {
    Request::get(Operation::ListSessions, "/inventory/{v}/sessions").page(page, size)
}

/// One session.
pub(crate) fn one_request(id: &SessionId) -> Request {
    Request::get(Operation::ReadSession, format!("/inventory/{{v}}/sessions/{}", encode(id.raw())))
}

/// A text of the answer, where it stands there without escapes.
#[derive(Debug)]
pub(crate) struct Word<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Letters;

        impl<'de> Visitor<'de> for Letters {
            type Value = Word<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, letters: &'de str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Borrowed(letters)))
            }

            fn visit_str<E: de::Error>(self, letters: &str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Owned(letters.to_owned())))
            }

            fn visit_string<E: de::Error>(self, letters: String) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Owned(letters)))
            }
        }

        deserializer.deserialize_str(Letters)
    }
}

/// `SessionInfo` to `SessionInfoV7` and `GlobalSessionInfo` to `GlobalSessionInfoV3`: nothing is required, not even what
/// the vendor requires.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireSession<'a> {
    #[serde(borrow)]
    id: Option<Word<'a>>,
    /// Another name in the lists of a federation (`horizon-rest.md section 20.2`).
    #[serde(alias = "local_access_group_id")]
    access_group_id: Option<Word<'a>>,
    agent_version: Option<Word<'a>>,
    application_names: Option<Vec<Word<'a>>>,
    broker_user_id: Option<Word<'a>>,
    brokered_remotely: Option<bool>,
    client_data: Option<WireClient<'a>>,
    cloud_managed: Option<bool>,
    desktop_pool_id: Option<Word<'a>>,
    desktop_pool_or_farm_name: Option<Word<'a>>,
    desktop_pool_or_farm_source: Option<Word<'a>>,
    desktop_pool_or_farm_type: Option<Word<'a>>,
    disconnected_time: Option<i64>,
    domain_name: Option<Word<'a>>,
    farm_id: Option<Word<'a>>,
    forever_session: Option<bool>,
    groups: Option<Vec<Word<'a>>>,
    guid: Option<Word<'a>>,
    idle_duration: Option<i64>,
    internal_session_id: Option<Word<'a>>,
    last_session_duration_ms: Option<i64>,
    machine_id: Option<Word<'a>>,
    /// Another name in the lists of a federation.
    #[serde(alias = "machine_or_rds_server_dns_name")]
    machine_or_rds_server_dns: Option<Word<'a>>,
    machine_or_rds_server_name: Option<Word<'a>>,
    /// Hosting pod; in the lists of a federation only.
    pod_id: Option<Word<'a>>,
    /// Its name; in global sessions v3 only.
    pod_name: Option<Word<'a>>,
    /// The pod through which the user came, and its name; where the hosting pod's are.
    brokering_pod_id: Option<Word<'a>>,
    brokering_pod_name: Option<Word<'a>>,
    rds_server_id: Option<Word<'a>>,
    resourced_remotely: Option<bool>,
    security_gateway_data: Option<WireGateway<'a>>,
    session_protocol: Option<Word<'a>>,
    session_state: Option<Word<'a>>,
    session_type: Option<Word<'a>>,
    start_time: Option<i64>,
    unauthenticated: Option<bool>,
    user_id: Option<Word<'a>>,
    user_name: Option<Word<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireClient<'a> {
    #[serde(borrow)]
    address: Option<Word<'a>>,
    location_id: Option<Word<'a>>,
    name: Option<Word<'a>>,
    #[serde(rename = "type")]
    kind: Option<Word<'a>>,
    version: Option<Word<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireGateway<'a> {
    #[serde(borrow)]
    address: Option<Word<'a>>,
    domain_name: Option<Word<'a>>,
    location: Option<Word<'a>>,
}

/// A moment in epoch milliseconds. Nonsense is unknown: zero and below stand for "never" in too many places.
pub(super) fn moment(milliseconds: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds.filter(|ms| *ms > 0)?).ok()
}

/// The sessions of one answer alone.
#[derive(Default)]
struct OneAnswer(SessionRowsBuilder);

impl TakeRows for OneAnswer {
    type Row<'body> = WireSession<'body>;

    fn take(&mut self, row: WireSession<'_>) -> bool {
        let Some(parts) = parts(row) else {
            return false;
        };
        // An id that came twice is no row that could not be read.
        self.0.add(&parts);
        true
    }
}

/// The sessions of one answer, read as a page of the list is.
///
/// # Errors
///
/// `BadAnswer` when it is no list.
pub fn read_page(body: &[u8]) -> Result<SessionRows, Fault> {
    let mut answer = OneAnswer::default();
    decode::rows_into(Operation::ListSessions, body, &mut answer)?;
    Ok(answer.0.finish())
}

/// One session.
pub(crate) fn read_one(body: &[u8]) -> Result<Session, Fault> {
    let mut answer = OneAnswer::default();
    decode::object_into(Operation::ReadSession, body, &mut answer)?;
    answer.0.finish().get(0).map(SessionRow::to_session).ok_or_else(|| {
        crate::api::fault::bad_answer(Operation::ReadSession, "the answer is a session without an id")
    })
}

/// A text made harmless.
fn text(word: Option<Word<'_>>) -> Option<Cow<'_, str>> {
    let Word(letters) = word?;
    if let Cow::Owned(cleaned) = clean(&letters) {
        return Some(Cow::Owned(cleaned));
    }
    Some(letters)
}

/// A text that an empty one is as good as none of.
fn full_text(word: Option<Word<'_>>) -> Option<Cow<'_, str>> {
    text(word.filter(|word| !word.0.is_empty()))
}

/// An id, as it came; an empty one is none.
fn id(word: Option<Word<'_>>) -> Option<Cow<'_, str>> {
    word.map(|word| word.0).filter(|id| !id.is_empty())
}

/// A row in the domain's terms; `None` without an id, because nothing can be done with it.
pub(super) fn parts(wire: WireSession<'_>) -> Option<SessionParts<'_>> {
    let texts = |words: Vec<_>| words.into_iter().filter_map(|word| text(Some(word))).collect();
    let client = wire.client_data.unwrap_or_default();
    let gateway = wire.security_gateway_data.unwrap_or_default();
    Some(SessionParts {
        id: id(wire.id)?,
        user_id: id(wire.user_id),
        broker_user_id: id(wire.broker_user_id),
        user_name: full_text(wire.user_name),
        groups: wire.groups.map(texts),
        kind: text(wire.session_type),
        state: text(wire.session_state),
        protocol: text(wire.session_protocol),
        started_at: moment(wire.start_time),
        disconnected_at: moment(wire.disconnected_time),
        idle_minutes: wire.idle_duration.filter(|minutes| *minutes >= 0),
        last_connection_ms: wire.last_session_duration_ms.filter(|duration| *duration >= 0),
        access_group_id: id(wire.access_group_id),
        pool_id: id(wire.desktop_pool_id),
        farm_id: id(wire.farm_id),
        pool_name: text(wire.desktop_pool_or_farm_name),
        pool_type: text(wire.desktop_pool_or_farm_type),
        pool_source: text(wire.desktop_pool_or_farm_source),
        machine_id: id(wire.machine_id),
        rds_server_id: id(wire.rds_server_id),
        machine_name: text(wire.machine_or_rds_server_name),
        machine_dns: text(wire.machine_or_rds_server_dns),
        domain_name: text(wire.domain_name),
        agent_version: text(wire.agent_version),
        applications: wire.application_names.map(texts),
        client_kind: text(client.kind),
        client_name: text(client.name),
        client_address: text(client.address),
        client_version: text(client.version),
        client_location_id: text(client.location_id),
        gateway_name: text(gateway.domain_name),
        gateway_address: text(gateway.address),
        gateway_location: text(gateway.location),
        pod_id: id(wire.pod_id),
        pod_name: full_text(wire.pod_name),
        brokering_pod_id: id(wire.brokering_pod_id),
        brokering_pod_name: full_text(wire.brokering_pod_name),
        resourced_remotely: wire.resourced_remotely,
        brokered_remotely: wire.brokered_remotely,
        unauthenticated: wire.unauthenticated,
        cloud_managed: wire.cloud_managed,
        forever: wire.forever_session,
        guid: text(wire.guid),
        internal_id: text(wire.internal_session_id),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{Client, ClientKind, Gateway, GatewayLocation, Protocol, SessionKind, SessionState};

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
