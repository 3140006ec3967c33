//! A session with the vendor's REST field names (`horizon-rest.md section 7.3`), and `pod` and `flags` of our own.

use jiff::Timestamp;
use serde::Serialize;

use super::table::Flag;
use crate::domain::{
    AccessGroupId, Capabilities, Client, ClientKind, FarmId, Gateway, GatewayLocation, MachineId, PodId,
    PoolId, Protocol, RdsServerId, Session, SessionKind, SessionState, Text, UserId,
};

/// The fields in CSV, in order: all of [`SessionRecord`], the nested ones by path.
pub const FIELDS: &[&str] = &[
    "id",
    "user_id",
    "user_name",
    "session_state",
    "session_type",
    "session_protocol",
    "start_time",
    "disconnected_time",
    "idle_duration",
    "last_session_duration_ms",
    "desktop_pool_or_farm_name",
    "desktop_pool_or_farm_type",
    "desktop_pool_or_farm_source",
    "desktop_pool_id",
    "farm_id",
    "machine_or_rds_server_name",
    "machine_or_rds_server_dns",
    "machine_id",
    "rds_server_id",
    "domain_name",
    "access_group_id",
    "agent_version",
    "application_names",
    "groups",
    "broker_user_id",
    "client_data.type",
    "client_data.name",
    "client_data.address",
    "client_data.version",
    "client_data.location_id",
    "security_gateway_data.domain_name",
    "security_gateway_data.address",
    "security_gateway_data.location",
    "resourced_remotely",
    "brokered_remotely",
    "unauthenticated",
    "cloud_managed",
    "forever_session",
    "guid",
    "internal_session_id",
    "brokering_pod_name",
    "pod",
    "flags",
];

/// One session. A field that is not known is absent.
#[derive(Debug, Serialize)]
pub struct SessionRecord<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_protocol: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnected_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_session_duration_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop_pool_or_farm_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop_pool_or_farm_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop_pool_or_farm_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop_pool_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    farm_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_or_rds_server_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_or_rds_server_dns: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rds_server_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_names: Option<&'a [Text]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<&'a [Text]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broker_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_data: Option<ClientRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_gateway_data: Option<GatewayRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resourced_remotely: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brokered_remotely: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unauthenticated: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_managed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forever_session: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal_session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brokering_pod_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pod: Option<&'a str>,
    flags: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct ClientRecord<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct GatewayRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
}

impl<'a> SessionRecord<'a> {
    /// A session with these flags.
    pub fn new(session: &'a Session, capabilities: &'a Capabilities, flags: &[Flag]) -> Self {
        Self {
            id: session.id.raw(),
            user_id: session.user_id.as_ref().map(UserId::raw),
            user_name: text(session.user_name.as_ref()),
            session_state: session.state.as_ref().map(SessionState::word),
            session_type: session.kind.as_ref().map(SessionKind::word),
            session_protocol: session.protocol.as_ref().map(Protocol::word),
            start_time: session.started_at.map(Timestamp::as_millisecond),
            disconnected_time: session.disconnected_at.map(Timestamp::as_millisecond),
            idle_duration: session.idle_minutes,
            last_session_duration_ms: session.last_connection_ms,
            desktop_pool_or_farm_name: text(session.pool_name.as_ref()),
            desktop_pool_or_farm_type: text(session.pool_type.as_ref()),
            desktop_pool_or_farm_source: text(session.pool_source.as_ref()),
            desktop_pool_id: session.pool_id.as_ref().map(PoolId::raw),
            farm_id: session.farm_id.as_ref().map(FarmId::raw),
            machine_or_rds_server_name: text(session.machine_name.as_ref()),
            machine_or_rds_server_dns: text(session.machine_dns.as_ref()),
            machine_id: session.machine_id.as_ref().map(MachineId::raw),
            rds_server_id: session.rds_server_id.as_ref().map(RdsServerId::raw),
            domain_name: text(session.domain_name.as_ref()),
            access_group_id: session.access_group_id.as_ref().map(AccessGroupId::raw),
            agent_version: text(session.agent_version.as_ref()),
            application_names: session.applications.as_deref(),
            groups: session.groups.as_deref(),
            broker_user_id: session.broker_user_id.as_ref().map(UserId::raw),
            client_data: ClientRecord::of(&session.client),
            security_gateway_data: GatewayRecord::of(&session.gateway),
            resourced_remotely: session.resourced_remotely,
            brokered_remotely: session.brokered_remotely,
            unauthenticated: session.unauthenticated,
            cloud_managed: session.cloud_managed,
            forever_session: session.forever,
            guid: text(session.guid.as_ref()),
            internal_session_id: text(session.internal_id.as_ref()),
            brokering_pod_name: text(session.brokering_pod_name.as_ref()),
            pod: pod_of(session, capabilities),
            flags: flags.iter().map(|flag| flag.code()).collect(),
        }
    }
}

impl<'a> ClientRecord<'a> {
    fn of(client: &'a Client) -> Option<Self> {
        (*client != Client::default()).then(|| Self {
            kind: client.kind.as_ref().map(ClientKind::word),
            name: text(client.name.as_ref()),
            address: text(client.address.as_ref()),
            version: text(client.version.as_ref()),
            location_id: text(client.location_id.as_ref()),
        })
    }
}

impl<'a> GatewayRecord<'a> {
    fn of(gateway: &'a Gateway) -> Option<Self> {
        (*gateway != Gateway::default()).then(|| Self {
            domain_name: text(gateway.name.as_ref()),
            address: text(gateway.address.as_ref()),
            location: gateway.location.as_ref().map(GatewayLocation::word),
        })
    }
}

fn text(text: Option<&Text>) -> Option<&str> {
    text.map(Text::as_str)
}

/// The pod that hosts a session. The list of one pod does not name it: what does not run elsewhere runs there.
pub fn pod_of<'a>(session: &'a Session, capabilities: &'a Capabilities) -> Option<&'a str> {
    let own = || text(capabilities.pod.as_ref()).filter(|_| session.resourced_remotely == Some(false));
    text(session.pod_name.as_ref()).or_else(|| session.pod_id.as_ref().map(PodId::raw)).or_else(own)
}
