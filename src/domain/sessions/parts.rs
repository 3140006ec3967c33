//! A session on its way into a compact list: its fields, borrowed from wherever they stand.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{SessionFacts, SessionRow, SessionRowsBuilder};
use crate::domain::{
    AccessGroupId, ClientKind, FarmId, GatewayLocation, PodId, PoolId, Protocol, Session, SessionKind,
    SessionState,
};

/// The fields of [`Session`], borrowed. Texts are clean (see [`crate::domain::Text`]), ids are as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of a session")]
pub struct SessionParts<'a> {
    pub id: Cow<'a, str>,
    pub user_id: Option<Cow<'a, str>>,
    pub broker_user_id: Option<Cow<'a, str>>,
    pub user_name: Option<Cow<'a, str>>,
    pub groups: Option<Vec<Cow<'a, str>>>,
    pub kind: Option<Cow<'a, str>>,
    pub state: Option<Cow<'a, str>>,
    pub protocol: Option<Cow<'a, str>>,
    pub started_at: Option<Timestamp>,
    pub disconnected_at: Option<Timestamp>,
    pub idle_minutes: Option<i64>,
    pub last_connection_ms: Option<i64>,
    pub access_group_id: Option<Cow<'a, str>>,
    pub pool_id: Option<Cow<'a, str>>,
    pub farm_id: Option<Cow<'a, str>>,
    pub pool_name: Option<Cow<'a, str>>,
    pub pool_type: Option<Cow<'a, str>>,
    pub pool_source: Option<Cow<'a, str>>,
    pub machine_id: Option<Cow<'a, str>>,
    pub rds_server_id: Option<Cow<'a, str>>,
    pub machine_name: Option<Cow<'a, str>>,
    pub machine_dns: Option<Cow<'a, str>>,
    pub domain_name: Option<Cow<'a, str>>,
    pub agent_version: Option<Cow<'a, str>>,
    pub applications: Option<Vec<Cow<'a, str>>>,
    pub client_kind: Option<Cow<'a, str>>,
    pub client_name: Option<Cow<'a, str>>,
    pub client_address: Option<Cow<'a, str>>,
    pub client_version: Option<Cow<'a, str>>,
    pub client_location_id: Option<Cow<'a, str>>,
    pub gateway_name: Option<Cow<'a, str>>,
    pub gateway_address: Option<Cow<'a, str>>,
    pub gateway_location: Option<Cow<'a, str>>,
    pub pod_id: Option<Cow<'a, str>>,
    pub pod_name: Option<Cow<'a, str>>,
    pub brokering_pod_id: Option<Cow<'a, str>>,
    pub brokering_pod_name: Option<Cow<'a, str>>,
    pub resourced_remotely: Option<bool>,
    pub brokered_remotely: Option<bool>,
    pub unauthenticated: Option<bool>,
    pub cloud_managed: Option<bool>,
    pub forever: Option<bool>,
    pub guid: Option<Cow<'a, str>>,
    pub internal_id: Option<Cow<'a, str>>,
}

impl<'a> SessionParts<'a> {
    /// The parts of a session that is there.
    pub fn of(session: impl SessionFacts<'a>) -> Self {
        let text = |text: Option<&'a str>| text.map(Cow::Borrowed);
        let list = |texts: super::Texts<'a>| texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect();
        Self {
            id: session.id(),
            user_id: session.user_id(),
            broker_user_id: session.broker_user_id(),
            user_name: text(session.user_name()),
            groups: session.groups().map(list),
            kind: text(session.kind().map(SessionKind::word)),
            state: text(session.state().map(SessionState::word)),
            protocol: text(session.protocol().map(Protocol::word)),
            started_at: session.started_at(),
            disconnected_at: session.disconnected_at(),
            idle_minutes: session.idle_minutes(),
            last_connection_ms: session.last_connection_ms(),
            access_group_id: text(session.access_group_id().map(AccessGroupId::raw)),
            pool_id: text(session.pool_id().map(PoolId::raw)),
            farm_id: text(session.farm_id().map(FarmId::raw)),
            pool_name: text(session.pool_name()),
            pool_type: text(session.pool_type()),
            pool_source: text(session.pool_source()),
            machine_id: session.machine_id(),
            rds_server_id: session.rds_server_id(),
            machine_name: text(session.machine_name()),
            machine_dns: text(session.machine_dns()),
            domain_name: text(session.domain_name()),
            agent_version: text(session.agent_version()),
            applications: session.applications().map(list),
            client_kind: text(session.client_kind().map(ClientKind::word)),
            client_name: text(session.client_name()),
            client_address: text(session.client_address()),
            client_version: text(session.client_version()),
            client_location_id: session.client_location_id(),
            gateway_name: text(session.gateway_name()),
            gateway_address: text(session.gateway_address()),
            gateway_location: text(session.gateway_location().map(GatewayLocation::word)),
            pod_id: text(session.pod_id().map(PodId::raw)),
            pod_name: text(session.pod_name()),
            brokering_pod_id: text(session.brokering_pod_id().map(PodId::raw)),
            brokering_pod_name: text(session.brokering_pod_name()),
            resourced_remotely: session.resourced_remotely(),
            brokered_remotely: session.brokered_remotely(),
            unauthenticated: session.unauthenticated(),
            cloud_managed: session.cloud_managed(),
            forever: session.forever(),
            guid: session.guid(),
            internal_id: session.internal_id(),
        }
    }

    /// The session.
    pub fn to_session(&self) -> Session {
        let mut builder = SessionRowsBuilder::default();
        builder.put(self);
        let rows = builder.finish();
        rows.get(0).map_or_else(|| Session::new(self.id.as_ref().into()), SessionRow::to_session)
    }
}
