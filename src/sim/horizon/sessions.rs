//! Local sessions: lists, one session, and the model of v1 to v7 (`horizon-rest.md section 7`).

use std::collections::VecDeque;
use std::sync::Arc;

use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::fields::{self, BT, CO, EQ, Field, NE, Row, SW, Value};
use super::filter::Grammar;
use super::json::Json;
use super::query::slice;
use crate::sim::access::Access;
use crate::sim::estate::{Estate, Flags, NONE, PlaceKind, Seat, Session, State};
use crate::sim::ids::Kind;
use crate::sim::names::Pattern;
use crate::sim::release::Release;

/// What a caller needs to see sessions.
pub(crate) const VIEW: [&str; 2] = ["MACHINE_VIEW", "FEDERATED_SESSIONS_VIEW"];
/// How many answers to filtered or sorted lists are kept.
const LISTS_KEPT: usize = 8;

/// The fields of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    AccessGroupId,
    AgentVersion,
    ApplicationNames,
    BrokerUserId,
    BrokeredRemotely,
    ClientAddress,
    ClientLocation,
    ClientName,
    ClientType,
    ClientVersion,
    CloudManaged,
    PoolId,
    PlaceName,
    PlaceSource,
    PlaceType,
    DisconnectedTime,
    DomainName,
    FarmId,
    Forever,
    Groups,
    Guid,
    Id,
    Idle,
    InternalId,
    LastDuration,
    MachineId,
    MachineDns,
    MachineName,
    RdsServerId,
    ResourcedRemotely,
    GatewayAddress,
    GatewayName,
    GatewayLocation,
    Protocol,
    State,
    Type,
    Start,
    Unauthenticated,
    UserId,
    UserName,
}

/// A session together with the estate it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionRow<'a> {
    pub(crate) estate: &'a Estate,
    pub(crate) session: &'a Session,
}

impl Row for SessionRow<'_> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::AccessGroupId, "access_group_id", 1, EQ, false),
        Field::new(Of::AgentVersion, "agent_version", 1, EQ, true),
        Field::new(Of::ApplicationNames, "application_names", 1, CO, false),
        Field::new(Of::BrokerUserId, "broker_user_id", 1, EQ, false),
        Field::new(Of::BrokeredRemotely, "brokered_remotely", 1, EQ, true),
        Field::new(Of::ClientAddress, "client_data.address", 1, EQ, true),
        Field::new(Of::ClientLocation, "client_data.location_id", 1, EQ, false),
        Field::new(Of::ClientName, "client_data.name", 1, EQ, true),
        Field::new(Of::ClientType, "client_data.type", 1, EQ, true),
        Field::new(Of::ClientVersion, "client_data.version", 1, EQ, true),
        Field::new(Of::CloudManaged, "cloud_managed", 5, EQ, false),
        Field::new(Of::PoolId, "desktop_pool_id", 1, EQ, false),
        Field::new(Of::PlaceName, "desktop_pool_or_farm_name", 6, EQ | SW | CO, true),
        Field::new(Of::PlaceSource, "desktop_pool_or_farm_source", 6, 0, true),
        Field::new(Of::PlaceType, "desktop_pool_or_farm_type", 6, EQ, true),
        Field::new(Of::DisconnectedTime, "disconnected_time", 1, EQ | BT, true).later(BT, Release::R2512),
        Field::new(Of::DomainName, "domain_name", 6, EQ | CO | SW, true),
        Field::new(Of::FarmId, "farm_id", 1, EQ, false),
        Field::new(Of::Forever, "forever_session", 7, EQ, true).since(Release::R2512),
        Field::new(Of::Groups, "groups", 4, CO, false),
        Field::new(Of::Guid, "guid", 2, EQ, false),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::Idle, "idle_duration", 1, EQ | BT, true).later(BT, Release::R2512),
        Field::new(Of::InternalId, "internal_session_id", 3, EQ, false),
        Field::new(Of::LastDuration, "last_session_duration_ms", 1, EQ | BT, true).later(BT, Release::R2512),
        Field::new(Of::MachineId, "machine_id", 1, EQ, false),
        Field::new(Of::MachineDns, "machine_or_rds_server_dns", 7, EQ | CO | SW, true),
        Field::new(Of::MachineName, "machine_or_rds_server_name", 7, EQ | CO | SW, true),
        Field::new(Of::RdsServerId, "rds_server_id", 1, EQ, false),
        Field::new(Of::ResourcedRemotely, "resourced_remotely", 1, EQ, true),
        Field::new(Of::GatewayAddress, "security_gateway_data.address", 1, EQ, true),
        Field::new(Of::GatewayName, "security_gateway_data.domain_name", 1, EQ | SW | CO, true),
        Field::new(Of::GatewayLocation, "security_gateway_data.location", 1, EQ, true),
        Field::new(Of::Protocol, "session_protocol", 1, EQ, true),
        Field::new(Of::State, "session_state", 1, EQ | NE, true),
        Field::new(Of::Type, "session_type", 1, EQ, true),
        Field::new(Of::Start, "start_time", 1, EQ | BT, true).later(BT, Release::R2506),
        Field::new(Of::Unauthenticated, "unauthenticated", 1, EQ, true),
        Field::new(Of::UserId, "user_id", 1, EQ | CO | SW, true).later(CO | SW, Release::R2506),
        Field::new(Of::UserName, "user_name", 4, EQ | SW | CO, true),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        match field {
            // Ids of another pod mean nothing here (section 8); inferred for the local list.
            Of::AccessGroupId | Of::PoolId | Of::FarmId | Of::MachineId | Of::RdsServerId
                if self.estate.is_elsewhere(self.session) =>
            {
                Value::Absent
            }
            Of::ClientAddress | Of::ClientLocation | Of::ClientName | Of::ClientType | Of::ClientVersion => {
                self.client(field)
            }
            Of::GatewayAddress | Of::GatewayName | Of::GatewayLocation => self.gateway(field),
            Of::PoolId
            | Of::PlaceName
            | Of::PlaceSource
            | Of::PlaceType
            | Of::FarmId
            | Of::MachineId
            | Of::RdsServerId
            | Of::ApplicationNames => self.seat(field),
            Of::DisconnectedTime | Of::Idle | Of::LastDuration | Of::Start => self.time(field),
            _ => self.plain(field),
        }
    }
}

impl SessionRow<'_> {
    fn id(&self, kind: Kind, number: u32) -> Value<'static> {
        Value::owned(self.estate.ids.id(kind, number))
    }

    fn plain(&self, field: Of) -> Value<'_> {
        let (estate, session) = (self.estate, self.session);
        match field {
            Of::AccessGroupId => self.id(Kind::AccessGroup, u32::from(estate.place(session).access_group)),
            Of::AgentVersion if session.flags.contains(Flags::OLD) => Value::Absent,
            Of::AgentVersion => Value::optional(
                estate.versions.get(usize::from(session.agent)).map(|text| text.as_str().into()),
            ),
            Of::BrokerUserId if session.broker_user == NONE => Value::Absent,
            Of::BrokerUserId => Value::owned(estate.sid(session.broker_user)),
            Of::BrokeredRemotely => {
                Value::Boolean(estate.several_pods && estate.brokering_pod(session) != estate.local_pod)
            }
            Of::ResourcedRemotely => Value::Boolean(estate.is_elsewhere(session)),
            Of::CloudManaged => Value::Boolean(false),
            Of::DomainName => Value::text(&estate.defined.world.domain.dns),
            Of::Forever => Value::Boolean(session.flags.contains(Flags::FOREVER)),
            Of::Groups => {
                let mut groups = vec![estate.group_sid(0).into()];
                groups
                    .extend(estate.place(session).groups.iter().map(|group| estate.group_sid(*group).into()));
                Value::Texts(groups)
            }
            Of::Guid => self.id(Kind::SessionGuid, session.serial),
            Of::Id => self.id(Kind::Session, session.serial),
            Of::InternalId => Value::owned(internal_id(estate, session)),
            Of::MachineDns => Value::owned(estate.dns(estate.machine_name(session))),
            Of::MachineName => Value::text(estate.machine_name(session)),
            Of::Protocol if session.state == State::Disconnected => Value::Absent,
            Of::Protocol => Value::text(session.protocol.word()),
            Of::State => Value::text(session.state.word()),
            Of::Type => Value::text(match session.seat {
                Seat::Application { .. } => "APPLICATION",
                _ => "DESKTOP",
            }),
            Of::Unauthenticated => Value::Boolean(session.flags.contains(Flags::UNAUTHENTICATED)),
            Of::UserId => Value::owned(estate.sid(session.user)),
            Of::UserName if estate.defined.world.user_names_with_domain => {
                Value::owned(estate.full_name(session.user))
            }
            Of::UserName => Value::text(&estate.users[session.user as usize].login),
            _ => Value::Absent,
        }
    }

    fn time(&self, field: Of) -> Value<'static> {
        let (estate, session) = (self.estate, self.session);
        match field {
            Of::Start => Value::Integer(session.start),
            Of::Idle => estate.idle_minutes(session).map_or(Value::Absent, Value::Integer),
            Of::DisconnectedTime if session.flags.contains(Flags::DROPPED) => {
                Value::Integer(session.dropped_at)
            }
            Of::LastDuration if session.flags.contains(Flags::OLD) || session.state == State::Pending => {
                Value::Absent
            }
            // The current connection while connected, the one before while not.
            Of::LastDuration if session.state == State::Connected => {
                Value::Integer((estate.now - session.since).max(0))
            }
            Of::LastDuration => Value::Integer(session.last_duration),
            _ => Value::Absent,
        }
    }

    fn seat(&self, field: Of) -> Value<'_> {
        let (estate, session) = (self.estate, self.session);
        match (field, session.seat) {
            (Of::MachineId, Seat::Machine { machine } | Seat::Console { machine }) => {
                self.id(Kind::Machine, machine)
            }
            (Of::RdsServerId, Seat::RdsDesktop { host } | Seat::Application { host, .. }) => {
                self.id(Kind::RdsHost, host)
            }
            (Of::MachineId | Of::RdsServerId, _) => Value::Absent,
            _ => match estate.place(session).kind {
                PlaceKind::Pool(number) => {
                    let pool = estate.pool(number);
                    match field {
                        Of::PoolId => self.id(Kind::Pool, u32::from(number)),
                        Of::PlaceName => Value::text(&pool.display_name),
                        Of::PlaceSource => Value::text(pool.source.word()),
                        Of::PlaceType => Value::text(super::inventory::pool_type(pool.source)),
                        _ => Value::Absent,
                    }
                }
                PlaceKind::Farm(number) => self.farm_seat(field, number),
                PlaceKind::Console(_) => Value::Absent,
            },
        }
    }

    fn farm_seat(&self, field: Of, number: u16) -> Value<'_> {
        let farm = self.estate.farm(number);
        let desktop = matches!(self.session.seat, Seat::RdsDesktop { .. });
        match (field, self.session.seat) {
            (Of::PoolId, _) if desktop => self.id(Kind::Pool, self.estate.farm_pool_number(number)),
            (Of::FarmId, _) => self.id(Kind::Farm, u32::from(number)),
            (Of::PlaceName, _) if desktop => Value::text(&farm.desktop_pool_display_name),
            (Of::PlaceName, _) => Value::text(&farm.name),
            (Of::PlaceSource | Of::PlaceType, _) if desktop => Value::text("RDS"),
            (Of::PlaceSource, _) if farm.automated => Value::text("INSTANT_CLONE"),
            (Of::PlaceType, _) => Value::text(if farm.automated { "AUTOMATED" } else { "MANUAL" }),
            (Of::ApplicationNames, Seat::Application { applications, .. }) => Value::Texts(
                (farm.applications.iter().enumerate())
                    .filter(|(bit, _)| applications & (1 << bit) != 0)
                    .map(|(_, application)| application.display_name.as_str().into())
                    .collect(),
            ),
            _ => Value::Absent,
        }
    }

    fn client(&self, field: Of) -> Value<'_> {
        let (estate, client) = (self.estate, self.session.client);
        let Some(kind) = estate.defined.world.clients.get(usize::from(client.kind)) else {
            return Value::Absent;
        };
        // A session that waits for its client knows only what the broker was told.
        let number = client.number;
        match field {
            Of::ClientType => Value::text(&kind.kind),
            Of::ClientName => {
                let pattern = Pattern::parse(kind.names.get_ref());
                Value::optional(pattern.map(|pattern| pattern.name(number).into()))
            }
            Of::ClientAddress => {
                let [_, high, middle, low] = number.wrapping_mul(2_654_435_761).to_be_bytes();
                Value::owned(format!("10.{high}.{middle}.{low}"))
            }
            Of::ClientVersion => Value::optional(
                estate.versions.get(usize::from(client.version)).map(|text| text.as_str().into()),
            ),
            Of::ClientLocation => self.id(Kind::Location, number),
            _ => Value::Absent,
        }
    }

    fn gateway(&self, field: Of) -> Value<'_> {
        let Some(gateway) = self.estate.defined.world.gateways.get(usize::from(self.session.gateway)) else {
            return Value::Absent;
        };
        match field {
            Of::GatewayAddress => Value::text(&gateway.address),
            Of::GatewayName => Value::text(&gateway.name),
            Of::GatewayLocation => Value::text(gateway.location.word()),
            _ => Value::Absent,
        }
    }
}

/// The id of help desk calls: long, opaque, in Base64 as on real servers.
fn internal_id(estate: &Estate, session: &Session) -> String {
    use base64::Engine as _;
    let text = format!("SESSION:{};{}", session.serial, estate.ids.id(Kind::SessionGuid, session.serial));
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Whether a caller sees a session in the list of this pod: those it hosts, and those it gave to other pods.
pub(crate) fn visible(estate: &Estate, caller: &Access, session: &Session, wanted: &[&str]) -> bool {
    if estate.is_elsewhere(session) {
        return estate.brokering_pod(session) == estate.local_pod
            && super::federation::may(estate, caller, session, "FEDERATED_SESSIONS_VIEW");
    }
    caller.on(estate.place(session).access_group, wanted)
}

/// What makes a list of sessions what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ListKey {
    generation: u64,
    /// Idle times change with the minute.
    minute: i64,
    caller: u32,
    version: u8,
    filter: Option<String>,
    sort: Option<(String, bool)>,
}

/// Positions of the sessions of the last filtered or sorted lists, so that pages do not cost a whole list each.
#[derive(Debug, Default)]
pub(crate) struct SessionLists {
    kept: VecDeque<(ListKey, Arc<[u32]>)>,
}

impl SessionLists {
    fn find(&self, key: &ListKey) -> Option<Arc<[u32]>> {
        self.kept.iter().find(|(known, _)| known == key).map(|(_, list)| Arc::clone(list))
    }

    fn keep(&mut self, key: ListKey, list: Arc<[u32]>) {
        if self.kept.len() == LISTS_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((key, list));
    }
}

/// GET `/inventory/vN/sessions`.
pub(crate) fn list(call: &Call<'_>, version: u8) -> Answer {
    let release = call.release();
    // Releases before 2103 do not filter and ignore the parameter (section 5.6).
    let filter_text = call.query.get("filter").filter(|_| release >= Release::R2103);
    let grammar = Grammar { fields: SessionRow::FIELDS, version, release, or_only: None };
    let filter = filter_text.map(|text| grammar.parse(text)).transpose()?;
    let sort = call.query.sort(SessionRow::FIELDS, version, release)?;
    let page = call.query.page()?;

    let estate = call.shared.estate();
    if filter.is_none() && sort.is_none() && !estate.several_pods && call.caller.all_groups(&VIEW) {
        let cut = slice(page, estate.sessions.len())?;
        let rows = estate.sessions.get(cut.rows.clone()).unwrap_or_default();
        let json = write_rows(call, &estate, rows.iter(), version);
        return Ok(Reply::page(json, &cut));
    }
    let key = ListKey {
        generation: estate.generation,
        minute: estate.now / 60_000,
        caller: call.caller.user,
        version,
        filter: filter_text.map(str::to_owned),
        sort: sort.map(|(field, descending)| (format!("{field:?}"), descending)),
    };
    let known = call.shared.lists().find(&key);
    let positions = known.unwrap_or_else(|| {
        let row =
            |position: u32| SessionRow { estate: &estate, session: &estate.sessions[position as usize] };
        let mut positions: Vec<u32> = (0..estate.sessions.len() as u32)
            .filter(|position| visible(&estate, call.caller, row(*position).session, &VIEW))
            .filter(|position| filter.as_ref().is_none_or(|filter| filter.matches(&row(*position))))
            .collect();
        if let Some((field, descending)) = sort {
            positions.sort_by(|one, two| row(*one).value(field).order(&row(*two).value(field), descending));
        }
        let positions: Arc<[u32]> = positions.into();
        call.shared.lists().keep(key, Arc::clone(&positions));
        positions
    });
    let cut = slice(page, positions.len())?;
    let chosen = positions.get(cut.rows.clone()).unwrap_or_default();
    let rows = chosen.iter().map(|position| &estate.sessions[*position as usize]);
    let json = write_rows(call, &estate, rows, version);
    Ok(Reply::page(json, &cut))
}

fn write_rows<'a>(
    call: &Call<'_>,
    estate: &Estate,
    rows: impl ExactSizeIterator<Item = &'a Session>,
    version: u8,
) -> Json {
    let mut json = Json::with_capacity(rows.len() * 1500 + 16);
    json.begin_array();
    for (number, session) in rows.enumerate() {
        let row = SessionRow { estate, session };
        fields::write(&row, version, call.release(), call.quirks.at(number), &mut json);
    }
    json.end_array();
    json
}

/// GET `/inventory/vN/sessions/{id}`.
pub(crate) fn get(call: &Call<'_>, version: u8, id: &str) -> Answer {
    let estate = call.shared.estate();
    let gone = || ApiError::not_found("The session with the requested id was not found.");
    let position = estate.position(id).ok_or_else(gone)?;
    let session = &estate.sessions[position];
    if estate.is_elsewhere(session) && estate.brokering_pod(session) != estate.local_pod {
        return Err(gone());
    }
    if !visible(&estate, call.caller, session, &VIEW) {
        return Err(ApiError::forbidden());
    }
    Ok(call.one(&SessionRow { estate: &estate, session }, version))
}
