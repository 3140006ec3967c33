//! One row of a compact list.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;

use super::{
    SessionFacts, SessionParts, SessionRows, Texts,
    dictionary::{Mode, NO_GROUPS, Place, Way},
};
use crate::domain::{
    AccessGroupId, Client, ClientKind, FarmId, Gateway, GatewayLocation, PodId, PoolId, Protocol, Session,
    SessionId, SessionKind, SessionState, Text,
};

/// A session in a compact list, looked at where it stands: as cheap to copy as a reference.
#[derive(Clone, Copy)]
pub struct SessionRow<'a> {
    pub(super) rows: &'a SessionRows,
    pub(super) row: u32,
}

fn at(codes: &[u32], row: u32) -> u32 {
    codes.get(row as usize).copied().unwrap_or(u32::MAX)
}

impl<'a> SessionRow<'a> {
    /// The groups of the user, as places in [`SessionRows::group_sids`]; `None` where they are not told.
    pub fn group_numbers(self) -> Option<&'a [u32]> {
        let list = *self.rows.users.groups.get(self.user() as usize)?;
        let numbers = (list != NO_GROUPS).then(|| self.rows.group_lists.get(list))??;
        Some(numbers)
    }

    /// Its number in the list.
    pub fn number(self) -> u32 {
        self.row
    }

    /// What it has in common with others for which the same is legal: where and what it is, how it stands, and whether it runs on
    /// an RDS server. Good within one list.
    pub fn likeness(self) -> (u32, u32, bool) {
        let on_server = self.rows.machines.rds_servers.packed(self.machine()).is_some();
        (at(&self.rows.place, self.row), at(&self.rows.mode, self.row), on_server)
    }

    fn place(self) -> Option<&'a Place> {
        self.rows.places.get(at(&self.rows.place, self.row))
    }

    fn mode(self) -> Option<&'a Mode> {
        self.rows.modes.get(at(&self.rows.mode, self.row))
    }

    fn way(self) -> Option<&'a Way> {
        self.rows.ways.get(at(&self.rows.way, self.row))
    }

    fn user(self) -> u32 {
        at(&self.rows.user, self.row)
    }

    fn machine(self) -> u32 {
        at(&self.rows.machine, self.row)
    }

    /// The session as a value of its own.
    pub fn to_session(self) -> Session {
        let place = self.place().cloned().unwrap_or_default();
        let mode = self.mode().cloned().unwrap_or_default();
        let way = self.way().cloned().unwrap_or_default();
        let text = |text: Option<Cow<'_, str>>| text.map(|text| Text::clean(&text));
        Session {
            id: self.session_id(),
            user_id: self.user_id().map(|id| id.as_ref().into()),
            broker_user_id: self.broker_user_id().map(|id| id.as_ref().into()),
            user_name: self.user_name().map(Text::clean),
            groups: self.groups().map(|groups| groups.iter().cloned().collect()),
            kind: mode.kind,
            state: mode.state,
            protocol: mode.protocol,
            started_at: self.started_at(),
            disconnected_at: self.disconnected_at(),
            idle_minutes: self.idle_minutes(),
            last_connection_ms: self.last_connection_ms(),
            access_group_id: place.access_group_id,
            pool_id: place.pool_id,
            farm_id: place.farm_id,
            pool_name: place.pool_name,
            pool_type: place.pool_type,
            pool_source: place.pool_source,
            machine_id: self.machine_id().map(|id| id.as_ref().into()),
            rds_server_id: self.rds_server_id().map(|id| id.as_ref().into()),
            machine_name: self.machine_name().map(Text::clean),
            machine_dns: self.machine_dns().map(Text::clean),
            domain_name: place.domain_name,
            agent_version: mode.agent_version,
            applications: place.applications.map(Vec::from),
            client: Client {
                kind: way.client_kind,
                name: self.client_name().map(Text::clean),
                address: self.client_address().map(Text::clean),
                version: way.client_version,
                location_id: text(self.client_location_id()),
            },
            gateway: Gateway {
                name: way.gateway_name,
                address: way.gateway_address,
                location: way.gateway_location,
            },
            pod_id: place.pod_id,
            pod_name: place.pod_name,
            brokering_pod_id: place.brokering_pod_id,
            brokering_pod_name: place.brokering_pod_name,
            resourced_remotely: mode.resourced_remotely,
            brokered_remotely: mode.brokered_remotely,
            unauthenticated: mode.unauthenticated,
            cloud_managed: mode.cloud_managed,
            forever: mode.forever,
            guid: text(self.guid()),
            internal_id: text(self.internal_id()),
        }
    }
}

impl fmt::Debug for SessionRow<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_session().fmt(formatter)
    }
}

impl PartialEq for SessionRow<'_> {
    fn eq(&self, other: &Self) -> bool {
        SessionParts::of(*self) == SessionParts::of(*other)
    }
}

fn said(text: Option<&Text>) -> Option<&str> {
    text.map(Text::as_str)
}

impl<'a> SessionFacts<'a> for SessionRow<'a> {
    fn id(self) -> Cow<'a, str> {
        self.rows.ids.plain(self.row).unwrap_or_default()
    }
    fn user_id(self) -> Option<Cow<'a, str>> {
        self.rows.users.ids.get(self.user(), &self.rows.users.beginnings)
    }
    fn broker_user_id(self) -> Option<Cow<'a, str>> {
        self.rows.users.broker(self.user())
    }
    fn user_name(self) -> Option<&'a str> {
        self.rows.users.names.get(self.user())
    }
    fn groups(self) -> Option<Texts<'a>> {
        Some(Texts::numbered(self.group_numbers()?, &self.rows.groups.values))
    }
    fn kind(self) -> Option<&'a SessionKind> {
        self.mode()?.kind.as_ref()
    }
    fn state(self) -> Option<&'a SessionState> {
        self.mode()?.state.as_ref()
    }
    fn protocol(self) -> Option<&'a Protocol> {
        self.mode()?.protocol.as_ref()
    }
    fn started_at(self) -> Option<Timestamp> {
        self.rows.started.get(self.row)
    }
    fn disconnected_at(self) -> Option<Timestamp> {
        self.rows.disconnected.get(self.row)
    }
    fn idle_minutes(self) -> Option<i64> {
        self.rows.idle.get(self.row)
    }
    fn last_connection_ms(self) -> Option<i64> {
        self.rows.last_connection.get(self.row)
    }
    fn access_group_id(self) -> Option<&'a AccessGroupId> {
        self.place()?.access_group_id.as_ref()
    }
    fn pool_id(self) -> Option<&'a PoolId> {
        self.place()?.pool_id.as_ref()
    }
    fn farm_id(self) -> Option<&'a FarmId> {
        self.place()?.farm_id.as_ref()
    }
    fn pool_name(self) -> Option<&'a str> {
        said(self.place()?.pool_name.as_ref())
    }
    fn pool_type(self) -> Option<&'a str> {
        said(self.place()?.pool_type.as_ref())
    }
    fn pool_source(self) -> Option<&'a str> {
        said(self.place()?.pool_source.as_ref())
    }
    fn machine_id(self) -> Option<Cow<'a, str>> {
        self.rows.machines.ids.plain(self.machine())
    }
    fn rds_server_id(self) -> Option<Cow<'a, str>> {
        self.rows.machines.rds_servers.plain(self.machine())
    }
    fn machine_name(self) -> Option<&'a str> {
        self.rows.machines.names.get(self.machine())
    }
    fn machine_dns(self) -> Option<&'a str> {
        self.rows.machines.dns.get(self.machine())
    }
    fn domain_name(self) -> Option<&'a str> {
        said(self.place()?.domain_name.as_ref())
    }
    fn agent_version(self) -> Option<&'a str> {
        said(self.mode()?.agent_version.as_ref())
    }
    fn applications(self) -> Option<Texts<'a>> {
        self.place()?.applications.as_deref().map(Texts::whole)
    }
    fn client_kind(self) -> Option<&'a ClientKind> {
        self.way()?.client_kind.as_ref()
    }
    fn client_name(self) -> Option<&'a str> {
        self.rows.client_names.get(self.row)
    }
    fn client_address(self) -> Option<&'a str> {
        self.rows.client_addresses.get(self.row)
    }
    fn client_version(self) -> Option<&'a str> {
        said(self.way()?.client_version.as_ref())
    }
    fn client_location_id(self) -> Option<Cow<'a, str>> {
        self.rows.client_locations.plain(self.row)
    }
    fn gateway_name(self) -> Option<&'a str> {
        said(self.way()?.gateway_name.as_ref())
    }
    fn gateway_address(self) -> Option<&'a str> {
        said(self.way()?.gateway_address.as_ref())
    }
    fn gateway_location(self) -> Option<&'a GatewayLocation> {
        self.way()?.gateway_location.as_ref()
    }
    fn pod_id(self) -> Option<&'a PodId> {
        self.place()?.pod_id.as_ref()
    }
    fn pod_name(self) -> Option<&'a str> {
        said(self.place()?.pod_name.as_ref())
    }
    fn brokering_pod_id(self) -> Option<&'a PodId> {
        self.place()?.brokering_pod_id.as_ref()
    }
    fn brokering_pod_name(self) -> Option<&'a str> {
        said(self.place()?.brokering_pod_name.as_ref())
    }
    fn resourced_remotely(self) -> Option<bool> {
        self.mode()?.resourced_remotely
    }
    fn brokered_remotely(self) -> Option<bool> {
        self.mode()?.brokered_remotely
    }
    fn unauthenticated(self) -> Option<bool> {
        self.mode()?.unauthenticated
    }
    fn cloud_managed(self) -> Option<bool> {
        self.mode()?.cloud_managed
    }
    fn forever(self) -> Option<bool> {
        self.mode()?.forever
    }
    fn guid(self) -> Option<Cow<'a, str>> {
        self.rows.guids.plain(self.row)
    }
    fn internal_id(self) -> Option<Cow<'a, str>> {
        self.rows.internal_ids.plain(self.row)
    }
    fn row_in(self, rows: &SessionRows) -> Option<u32> {
        if std::ptr::eq(self.rows, rows) { Some(self.row) } else { rows.find_row(self) }
    }
    fn is_called(self, id: &SessionId) -> bool {
        self.rows.find(id) == Some(self.row)
    }
}
