//! A session that may be a row of a list or stand alone.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{SessionFacts, SessionRow, SessionRows, Texts};
use crate::domain::{
    AccessGroupId, ClientKind, FarmId, GatewayLocation, PodId, PoolId, Protocol, Session, SessionId,
    SessionKind, SessionState,
};

/// A row of a list, or a session that is not in it.
#[derive(Debug, Clone, Copy)]
pub enum AnySession<'a> {
    /// A row.
    Row(SessionRow<'a>),
    /// A session that stands alone.
    Alone(&'a Session),
}

macro_rules! ask {
    ($any:expr, $field:ident) => {
        match $any {
            Self::Row(row) => row.$field(),
            Self::Alone(session) => SessionFacts::$field(session),
        }
    };
}

impl AnySession<'_> {
    /// The session as a value of its own.
    pub fn to_session(self) -> Session {
        match self {
            Self::Row(row) => row.to_session(),
            Self::Alone(session) => session.clone(),
        }
    }
}

impl<'a> SessionFacts<'a> for AnySession<'a> {
    fn id(self) -> Cow<'a, str> {
        ask!(self, id)
    }
    fn user_id(self) -> Option<Cow<'a, str>> {
        ask!(self, user_id)
    }
    fn broker_user_id(self) -> Option<Cow<'a, str>> {
        ask!(self, broker_user_id)
    }
    fn user_name(self) -> Option<&'a str> {
        ask!(self, user_name)
    }
    fn groups(self) -> Option<Texts<'a>> {
        ask!(self, groups)
    }
    fn kind(self) -> Option<&'a SessionKind> {
        ask!(self, kind)
    }
    fn state(self) -> Option<&'a SessionState> {
        ask!(self, state)
    }
    fn protocol(self) -> Option<&'a Protocol> {
        ask!(self, protocol)
    }
    fn started_at(self) -> Option<Timestamp> {
        ask!(self, started_at)
    }
    fn disconnected_at(self) -> Option<Timestamp> {
        ask!(self, disconnected_at)
    }
    fn idle_minutes(self) -> Option<i64> {
        ask!(self, idle_minutes)
    }
    fn last_connection_ms(self) -> Option<i64> {
        ask!(self, last_connection_ms)
    }
    fn access_group_id(self) -> Option<&'a AccessGroupId> {
        ask!(self, access_group_id)
    }
    fn pool_id(self) -> Option<&'a PoolId> {
        ask!(self, pool_id)
    }
    fn farm_id(self) -> Option<&'a FarmId> {
        ask!(self, farm_id)
    }
    fn pool_name(self) -> Option<&'a str> {
        ask!(self, pool_name)
    }
    fn pool_type(self) -> Option<&'a str> {
        ask!(self, pool_type)
    }
    fn pool_source(self) -> Option<&'a str> {
        ask!(self, pool_source)
    }
    fn machine_id(self) -> Option<Cow<'a, str>> {
        ask!(self, machine_id)
    }
    fn rds_server_id(self) -> Option<Cow<'a, str>> {
        ask!(self, rds_server_id)
    }
    fn machine_name(self) -> Option<&'a str> {
        ask!(self, machine_name)
    }
    fn machine_dns(self) -> Option<&'a str> {
        ask!(self, machine_dns)
    }
    fn domain_name(self) -> Option<&'a str> {
        ask!(self, domain_name)
    }
    fn agent_version(self) -> Option<&'a str> {
        ask!(self, agent_version)
    }
    fn applications(self) -> Option<Texts<'a>> {
        ask!(self, applications)
    }
    fn client_kind(self) -> Option<&'a ClientKind> {
        ask!(self, client_kind)
    }
    fn client_name(self) -> Option<&'a str> {
        ask!(self, client_name)
    }
    fn client_address(self) -> Option<&'a str> {
        ask!(self, client_address)
    }
    fn client_version(self) -> Option<&'a str> {
        ask!(self, client_version)
    }
    fn client_location_id(self) -> Option<Cow<'a, str>> {
        ask!(self, client_location_id)
    }
    fn gateway_name(self) -> Option<&'a str> {
        ask!(self, gateway_name)
    }
    fn gateway_address(self) -> Option<&'a str> {
        ask!(self, gateway_address)
    }
    fn gateway_location(self) -> Option<&'a GatewayLocation> {
        ask!(self, gateway_location)
    }
    fn pod_id(self) -> Option<&'a PodId> {
        ask!(self, pod_id)
    }
    fn pod_name(self) -> Option<&'a str> {
        ask!(self, pod_name)
    }
    fn brokering_pod_id(self) -> Option<&'a PodId> {
        ask!(self, brokering_pod_id)
    }
    fn brokering_pod_name(self) -> Option<&'a str> {
        ask!(self, brokering_pod_name)
    }
    fn resourced_remotely(self) -> Option<bool> {
        ask!(self, resourced_remotely)
    }
    fn brokered_remotely(self) -> Option<bool> {
        ask!(self, brokered_remotely)
    }
    fn unauthenticated(self) -> Option<bool> {
        ask!(self, unauthenticated)
    }
    fn cloud_managed(self) -> Option<bool> {
        ask!(self, cloud_managed)
    }
    fn forever(self) -> Option<bool> {
        ask!(self, forever)
    }
    fn guid(self) -> Option<Cow<'a, str>> {
        ask!(self, guid)
    }
    fn internal_id(self) -> Option<Cow<'a, str>> {
        ask!(self, internal_id)
    }
    fn session_id(self) -> SessionId {
        ask!(self, session_id)
    }
    fn row_in(self, rows: &SessionRows) -> Option<u32> {
        match self {
            Self::Row(row) => row.row_in(rows),
            Self::Alone(session) => session.row_in(rows),
        }
    }
}
