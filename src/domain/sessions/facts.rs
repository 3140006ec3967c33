//! What can be asked of a session, whether it stands alone ([`Session`]) or is a row of a compact list
//! ([`super::SessionRow`]).

use std::borrow::Cow;

use jiff::Timestamp;

use super::{
    super::{
        AccessGroupId, ClientKind, FarmId, GatewayLocation, MachineId, PodId, PoolId, Protocol, RdsServerId,
        Session, SessionId, SessionKind, SessionState, Text, UserId,
    },
    SessionRows,
};

/// Several texts: the groups of a user.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a>(Kept<'a>);

#[derive(Debug, Clone, Copy)]
enum Kept<'a> {
    Whole(&'a [Text]),
    Numbered(&'a [u32], &'a [Text]),
}

impl<'a> Texts<'a> {
    /// Texts that stand side by side.
    pub fn whole(texts: &'a [Text]) -> Self {
        Self(Kept::Whole(texts))
    }

    /// Texts by their numbers among others.
    pub(super) fn numbered(numbers: &'a [u32], texts: &'a [Text]) -> Self {
        Self(Kept::Numbered(numbers, texts))
    }

    /// How many there are.
    pub fn len(self) -> usize {
        match self.0 {
            Kept::Whole(texts) => texts.len(),
            Kept::Numbered(numbers, _) => numbers.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = &'a Text> {
        (0..self.len()).filter_map(move |place| match self.0 {
            Kept::Whole(texts) => texts.get(place),
            Kept::Numbered(numbers, texts) => texts.get(*numbers.get(place)? as usize),
        })
    }
}

/// What is known of a session, field by field as in [`Session`]; what was not said is `None`. Ids are as they came.
///
/// A list keeps some ids packed and unpacks them when they are asked for: these are the `Cow`s.
pub trait SessionFacts<'a>: Copy {
    /// The id that actions take.
    fn id(self) -> Cow<'a, str>;
    /// See [`Session::user_id`].
    fn user_id(self) -> Option<Cow<'a, str>>;
    /// See [`Session::broker_user_id`].
    fn broker_user_id(self) -> Option<Cow<'a, str>>;
    /// See [`Session::user_name`].
    fn user_name(self) -> Option<&'a str>;
    /// See [`Session::groups`].
    fn groups(self) -> Option<Texts<'a>>;
    /// See [`Session::kind`].
    fn kind(self) -> Option<&'a SessionKind>;
    /// See [`Session::state`].
    fn state(self) -> Option<&'a SessionState>;
    /// See [`Session::protocol`].
    fn protocol(self) -> Option<&'a Protocol>;
    /// See [`Session::started_at`].
    fn started_at(self) -> Option<Timestamp>;
    /// See [`Session::disconnected_at`].
    fn disconnected_at(self) -> Option<Timestamp>;
    /// See [`Session::idle_minutes`].
    fn idle_minutes(self) -> Option<i64>;
    /// See [`Session::last_connection_ms`].
    fn last_connection_ms(self) -> Option<i64>;
    /// See [`Session::access_group_id`].
    fn access_group_id(self) -> Option<&'a AccessGroupId>;
    /// See [`Session::pool_id`].
    fn pool_id(self) -> Option<&'a PoolId>;
    /// See [`Session::farm_id`].
    fn farm_id(self) -> Option<&'a FarmId>;
    /// See [`Session::pool_name`].
    fn pool_name(self) -> Option<&'a str>;
    /// See [`Session::pool_type`].
    fn pool_type(self) -> Option<&'a str>;
    /// See [`Session::pool_source`].
    fn pool_source(self) -> Option<&'a str>;
    /// See [`Session::machine_id`].
    fn machine_id(self) -> Option<Cow<'a, str>>;
    /// See [`Session::rds_server_id`].
    fn rds_server_id(self) -> Option<Cow<'a, str>>;
    /// See [`Session::machine_name`].
    fn machine_name(self) -> Option<&'a str>;
    /// See [`Session::machine_dns`].
    fn machine_dns(self) -> Option<&'a str>;
    /// See [`Session::domain_name`].
    fn domain_name(self) -> Option<&'a str>;
    /// See [`Session::agent_version`].
    fn agent_version(self) -> Option<&'a str>;
    /// See [`Session::applications`].
    fn applications(self) -> Option<Texts<'a>>;
    /// See [`super::super::Client::kind`].
    fn client_kind(self) -> Option<&'a ClientKind>;
    /// See [`super::super::Client::name`].
    fn client_name(self) -> Option<&'a str>;
    /// See [`super::super::Client::address`].
    fn client_address(self) -> Option<&'a str>;
    /// See [`super::super::Client::version`].
    fn client_version(self) -> Option<&'a str>;
    /// See [`super::super::Client::location_id`].
    fn client_location_id(self) -> Option<Cow<'a, str>>;
    /// See [`super::super::Gateway::name`].
    fn gateway_name(self) -> Option<&'a str>;
    /// See [`super::super::Gateway::address`].
    fn gateway_address(self) -> Option<&'a str>;
    /// See [`super::super::Gateway::location`].
    fn gateway_location(self) -> Option<&'a GatewayLocation>;
    /// See [`Session::pod_id`].
    fn pod_id(self) -> Option<&'a PodId>;
    /// See [`Session::pod_name`].
    fn pod_name(self) -> Option<&'a str>;
    /// See [`Session::brokering_pod_id`].
    fn brokering_pod_id(self) -> Option<&'a PodId>;
    /// See [`Session::brokering_pod_name`].
    fn brokering_pod_name(self) -> Option<&'a str>;
    /// See [`Session::resourced_remotely`].
    fn resourced_remotely(self) -> Option<bool>;
    /// See [`Session::brokered_remotely`].
    fn brokered_remotely(self) -> Option<bool>;
    /// See [`Session::unauthenticated`].
    fn unauthenticated(self) -> Option<bool>;
    /// See [`Session::cloud_managed`].
    fn cloud_managed(self) -> Option<bool>;
    /// See [`Session::forever`].
    fn forever(self) -> Option<bool>;
    /// See [`Session::guid`].
    fn guid(self) -> Option<Cow<'a, str>>;
    /// See [`Session::internal_id`].
    fn internal_id(self) -> Option<Cow<'a, str>>;

    /// The id as a value of its own.
    fn session_id(self) -> SessionId {
        SessionId::from(self.id().as_ref())
    }

    /// The row of this session in a list.
    fn row_in(self, rows: &SessionRows) -> Option<u32> {
        rows.find_raw(&self.id())
    }

    /// Whether it has this id.
    fn is_called(self, id: &SessionId) -> bool {
        self.id() == id.raw()
    }

    /// What to call the user: the name, or else the SID.
    fn user_label(self) -> Option<Text> {
        self.user_name().map(Text::clean).or_else(|| self.user_id().map(|id| Text::clean(&id)))
    }

    /// Whether it runs on an RDS server rather than on a machine of its own.
    ///
    /// Reset and restart act on the machine and are never legal for these (`horizon-rest.md section 7.4`). The ids of
    /// server and farm are told by the pod that hosts the session alone; to the other pods its source tells it.
    fn is_on_rds_server(self) -> bool {
        self.farm_id().is_some()
            || self.pool_source() == Some("RDS")
            || self.pool_type() == Some("RDS")
            || self.rds_server_id().is_some()
    }
}

fn raw(id: &str) -> Cow<'_, str> {
    Cow::Borrowed(id)
}

fn said(text: Option<&Text>) -> Option<&str> {
    text.map(Text::as_str)
}

impl<'a> SessionFacts<'a> for &'a Session {
    fn id(self) -> Cow<'a, str> {
        raw(self.id.raw())
    }
    fn user_id(self) -> Option<Cow<'a, str>> {
        self.user_id.as_ref().map(UserId::raw).map(raw)
    }
    fn broker_user_id(self) -> Option<Cow<'a, str>> {
        self.broker_user_id.as_ref().map(UserId::raw).map(raw)
    }
    fn user_name(self) -> Option<&'a str> {
        said(self.user_name.as_ref())
    }
    fn groups(self) -> Option<Texts<'a>> {
        self.groups.as_deref().map(Texts::whole)
    }
    fn kind(self) -> Option<&'a SessionKind> {
        self.kind.as_ref()
    }
    fn state(self) -> Option<&'a SessionState> {
        self.state.as_ref()
    }
    fn protocol(self) -> Option<&'a Protocol> {
        self.protocol.as_ref()
    }
    fn started_at(self) -> Option<Timestamp> {
        self.started_at
    }
    fn disconnected_at(self) -> Option<Timestamp> {
        self.disconnected_at
    }
    fn idle_minutes(self) -> Option<i64> {
        self.idle_minutes
    }
    fn last_connection_ms(self) -> Option<i64> {
        self.last_connection_ms
    }
    fn access_group_id(self) -> Option<&'a AccessGroupId> {
        self.access_group_id.as_ref()
    }
    fn pool_id(self) -> Option<&'a PoolId> {
        self.pool_id.as_ref()
    }
    fn farm_id(self) -> Option<&'a FarmId> {
        self.farm_id.as_ref()
    }
    fn pool_name(self) -> Option<&'a str> {
        said(self.pool_name.as_ref())
    }
    fn pool_type(self) -> Option<&'a str> {
        said(self.pool_type.as_ref())
    }
    fn pool_source(self) -> Option<&'a str> {
        said(self.pool_source.as_ref())
    }
    fn machine_id(self) -> Option<Cow<'a, str>> {
        self.machine_id.as_ref().map(MachineId::raw).map(raw)
    }
    fn rds_server_id(self) -> Option<Cow<'a, str>> {
        self.rds_server_id.as_ref().map(RdsServerId::raw).map(raw)
    }
    fn machine_name(self) -> Option<&'a str> {
        said(self.machine_name.as_ref())
    }
    fn machine_dns(self) -> Option<&'a str> {
        said(self.machine_dns.as_ref())
    }
    fn domain_name(self) -> Option<&'a str> {
        said(self.domain_name.as_ref())
    }
    fn agent_version(self) -> Option<&'a str> {
        said(self.agent_version.as_ref())
    }
    fn applications(self) -> Option<Texts<'a>> {
        self.applications.as_deref().map(Texts::whole)
    }
    fn client_kind(self) -> Option<&'a ClientKind> {
        self.client.kind.as_ref()
    }
    fn client_name(self) -> Option<&'a str> {
        said(self.client.name.as_ref())
    }
    fn client_address(self) -> Option<&'a str> {
        said(self.client.address.as_ref())
    }
    fn client_version(self) -> Option<&'a str> {
        said(self.client.version.as_ref())
    }
    fn client_location_id(self) -> Option<Cow<'a, str>> {
        said(self.client.location_id.as_ref()).map(raw)
    }
    fn gateway_name(self) -> Option<&'a str> {
        said(self.gateway.name.as_ref())
    }
    fn gateway_address(self) -> Option<&'a str> {
        said(self.gateway.address.as_ref())
    }
    fn gateway_location(self) -> Option<&'a GatewayLocation> {
        self.gateway.location.as_ref()
    }
    fn pod_id(self) -> Option<&'a PodId> {
        self.pod_id.as_ref()
    }
    fn pod_name(self) -> Option<&'a str> {
        said(self.pod_name.as_ref())
    }
    fn brokering_pod_id(self) -> Option<&'a PodId> {
        self.brokering_pod_id.as_ref()
    }
    fn brokering_pod_name(self) -> Option<&'a str> {
        said(self.brokering_pod_name.as_ref())
    }
    fn resourced_remotely(self) -> Option<bool> {
        self.resourced_remotely
    }
    fn brokered_remotely(self) -> Option<bool> {
        self.brokered_remotely
    }
    fn unauthenticated(self) -> Option<bool> {
        self.unauthenticated
    }
    fn cloud_managed(self) -> Option<bool> {
        self.cloud_managed
    }
    fn forever(self) -> Option<bool> {
        self.forever
    }
    fn guid(self) -> Option<Cow<'a, str>> {
        said(self.guid.as_ref()).map(raw)
    }
    fn internal_id(self) -> Option<Cow<'a, str>> {
        said(self.internal_id.as_ref()).map(raw)
    }
    fn session_id(self) -> SessionId {
        self.id.clone()
    }
}
