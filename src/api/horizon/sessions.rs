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

/// `SessionInfo` to `SessionInfoV7`: nothing is required, not even what the vendor requires.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireSession {
    id: Option<String>,
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
    machine_or_rds_server_dns: Option<String>,
    machine_or_rds_server_name: Option<String>,
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

/// One page of sessions.
pub(crate) fn read_page(answer: &Answer, shared: &Shared) -> Result<Page<Session>, Fault> {
    let read = decode::rows::<WireSession>(Operation::ListSessions, &answer.body)?;
    let mut words = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    let mut page = Page {
        rows: Vec::with_capacity(read.rows.len()),
        sent: read.sent,
        unreadable: read.unreadable,
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
    session.resourced_remotely = wire.resourced_remotely;
    session.brokered_remotely = wire.brokered_remotely;
    session.unauthenticated = wire.unauthenticated;
    session.cloud_managed = wire.cloud_managed;
    session.forever = wire.forever_session;
    session.guid = wire.guid.map(Text::from);
    session.internal_id = wire.internal_session_id.map(Text::from);
    Some(session)
}
