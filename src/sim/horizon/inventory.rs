//! Pools, farms, machines, RDS servers and application pools (`horizon-rest.md section 18.1`).
//!
//! v1 and the newest versions are modelled; versions in between show the fields that are known of them.

use super::call::{Answer, Call};
use super::error::ApiError;
use super::fields::{CO, EQ, EW, Field, NE, Row, SW, Value};
use crate::sim::estate::{Estate, Flags, NONE, PlaceKind, Session, State};
use crate::sim::ids::Kind;
use crate::sim::release::Release;
use crate::sim::world::PoolSource;

const POOL_VIEW: [&str; 1] = ["POOL_VIEW"];
const MACHINE_VIEW: [&str; 1] = ["MACHINE_VIEW"];
const HOST_VIEW: [&str; 3] = ["MACHINE_VIEW", "POOL_VIEW", "GLOBAL_CONFIG_VIEW"];

/// `type` of a pool with this source.
pub(crate) fn pool_type(source: PoolSource) -> &'static str {
    if source == PoolSource::Unmanaged { "MANUAL" } else { "AUTOMATED" }
}

/// The number of a place of this kind.
fn place_of(estate: &Estate, kind: PlaceKind) -> u16 {
    estate.places.iter().position(|place| place.kind == kind).unwrap_or(0) as u16
}

fn seen(call: &Call<'_>, estate: &Estate, place: u16, wanted: &[&str]) -> bool {
    let place = &estate.places[usize::from(place)];
    place.pod == estate.local_pod && call.caller.on(place.access_group, wanted)
}

fn access_group(estate: &Estate, place: u16) -> Value<'static> {
    let group = estate.places[usize::from(place)].access_group;
    Value::owned(estate.ids.id(Kind::AccessGroup, u32::from(group)))
}

/// Finds a row by id: 404 when there is none, 403 when the caller may not see it.
fn one<R: Row>(
    call: &Call<'_>,
    estate: &Estate,
    row: Option<(R, u16)>,
    version: u8,
    wanted: &[&str],
) -> Answer {
    let missing = || ApiError::not_found("Entity does not exist.");
    let (row, place) = row.ok_or_else(missing)?;
    if estate.places[usize::from(place)].pod != estate.local_pod {
        return Err(missing());
    }
    if !seen(call, estate, place, wanted) {
        return Err(ApiError::forbidden());
    }
    Ok(call.one(&row, version))
}

// ---- desktop pools ----

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PoolOf {
    AccessGroupId,
    Deleting,
    DisplayName,
    Enabled,
    EntraSso,
    FarmId,
    Id,
    MachineCount,
    Name,
    Naming,
    No,
    SessionCount,
    SessionType,
    Source,
    Type,
    UserAssignment,
}

/// A desktop pool; those that publish a farm's desktops have numbers behind the ordinary ones.
struct PoolRow<'a> {
    estate: &'a Estate,
    number: u32,
    kind: PlaceKind,
    place: u16,
}

impl Row for PoolRow<'_> {
    type Field = PoolOf;

    const FIELDS: &'static [Field<PoolOf>] = &[
        Field::new(PoolOf::AccessGroupId, "access_group_id", 2, EQ, false),
        Field::new(PoolOf::No, "cloud_managed", 12, EQ, true),
        Field::new(PoolOf::Deleting, "delete_in_progress", 12, EQ, true),
        Field::new(PoolOf::DisplayName, "display_name", 1, EQ | SW | CO, true),
        Field::new(PoolOf::Enabled, "enabled", 1, EQ, true),
        Field::new(PoolOf::EntraSso, "entra_sso_enabled", 12, 0, false),
        Field::new(PoolOf::FarmId, "farm_id", 2, EQ, false),
        Field::new(PoolOf::Id, "id", 1, EQ, false),
        Field::new(PoolOf::Name, "name", 1, EQ | SW | CO, true),
        Field::new(PoolOf::Naming, "naming_method", 12, 0, true),
        Field::new(PoolOf::MachineCount, "num_machines", 12, 0, false),
        Field::new(PoolOf::SessionCount, "num_sessions", 12, 0, false),
        Field::new(PoolOf::SessionType, "session_type", 12, EQ, true),
        Field::new(PoolOf::No, "settings.cloud_managed", 1, 0, false).until(1),
        Field::new(PoolOf::Deleting, "settings.delete_in_progress", 1, 0, false).until(1),
        Field::new(PoolOf::SessionType, "settings.session_type", 1, 0, false).until(1),
        Field::new(PoolOf::Source, "source", 1, EQ, true),
        Field::new(PoolOf::Type, "type", 1, EQ, true),
        Field::new(PoolOf::UserAssignment, "user_assignment", 12, EQ, true),
    ];

    fn value(&self, field: PoolOf) -> Value<'_> {
        match field {
            PoolOf::AccessGroupId => access_group(self.estate, self.place),
            PoolOf::Deleting | PoolOf::EntraSso | PoolOf::No => Value::Boolean(false),
            PoolOf::Enabled => Value::Boolean(true),
            PoolOf::Id => Value::owned(self.estate.ids.id(Kind::Pool, self.number)),
            PoolOf::SessionType => Value::text("DESKTOP"),
            PoolOf::SessionCount => Value::Integer(self.count_sessions()),
            _ => match self.kind {
                PlaceKind::Pool(number) => self.of_pool(field, number),
                PlaceKind::Farm(number) => self.of_farm(field, number),
                PlaceKind::Console(_) => Value::Absent,
            },
        }
    }
}

impl PoolRow<'_> {
    fn of_pool(&self, field: PoolOf, number: u16) -> Value<'_> {
        let pool = self.estate.pool(number);
        match field {
            PoolOf::DisplayName => Value::text(&pool.display_name),
            PoolOf::Name => Value::text(&pool.name),
            PoolOf::Naming if pool.source == PoolSource::InstantClone => Value::text("PATTERN"),
            PoolOf::MachineCount => {
                let here = |machine: &&crate::sim::estate::Machine| machine.place == self.place;
                Value::Integer(self.estate.machines.iter().filter(here).count() as i64)
            }
            PoolOf::Source => Value::text(pool.source.word()),
            PoolOf::Type => Value::text(pool_type(pool.source)),
            PoolOf::UserAssignment => Value::text(if pool.dedicated { "DEDICATED" } else { "FLOATING" }),
            _ => Value::Absent,
        }
    }

    fn of_farm(&self, field: PoolOf, number: u16) -> Value<'_> {
        let farm = self.estate.farm(number);
        match field {
            PoolOf::DisplayName => Value::text(&farm.desktop_pool_display_name),
            PoolOf::Name => Value::text(&farm.desktop_pool),
            PoolOf::FarmId => Value::owned(self.estate.ids.id(Kind::Farm, u32::from(number))),
            PoolOf::Source | PoolOf::Type => Value::text("RDS"),
            _ => Value::Absent,
        }
    }

    fn count_sessions(&self) -> i64 {
        let desktops = matches!(self.kind, PlaceKind::Farm(_));
        let counts = |session: &&Session| {
            self.estate.place_index(session) == self.place
                && (!desktops || matches!(session.seat, crate::sim::estate::Seat::RdsDesktop { .. }))
        };
        self.estate.sessions.iter().filter(counts).count() as i64
    }
}

fn pool_rows(estate: &Estate) -> impl Iterator<Item = PoolRow<'_>> {
    let world = &estate.defined.world;
    let pools = (0..world.pools.len() as u16).map(PlaceKind::Pool);
    let farms = (0..world.farms.len() as u16).map(PlaceKind::Farm);
    pools.chain(farms).enumerate().map(|(number, kind)| PoolRow {
        estate,
        number: number as u32,
        kind,
        place: place_of(estate, kind),
    })
}

/// GET `/inventory/vN/desktop-pools`, with `id` for one; v1 takes neither paging nor filters.
pub(crate) fn pools(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    let estate = call.shared.estate();
    if let Some(id) = id {
        let number = estate.ids.number(Kind::Pool, id);
        let row = pool_rows(&estate).find(|row| Some(row.number) == number).map(|row| {
            let place = row.place;
            (row, place)
        });
        return one(call, &estate, row, version, &POOL_VIEW);
    }
    let rows: Vec<PoolRow<'_>> =
        pool_rows(&estate).filter(|row| seen(call, &estate, row.place, &POOL_VIEW)).collect();
    if version == 1 { Ok(call.plain_list(&rows, version)) } else { call.list(rows, version, None) }
}

// ---- farms ----

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FarmOf {
    AccessGroupId,
    AccessGroupName,
    Applications,
    DesktopPoolId,
    DesktopPoolName,
    DisplayName,
    Enabled,
    Hosts,
    Id,
    MaxSessionType,
    MaxPerHost,
    Name,
    No,
    ServerErrors,
    Source,
    Type,
}

struct FarmRow<'a> {
    estate: &'a Estate,
    number: u16,
    place: u16,
}

impl Row for FarmRow<'_> {
    type Field = FarmOf;

    const FIELDS: &'static [Field<FarmOf>] = &[
        Field::new(FarmOf::AccessGroupId, "access_group_id", 2, EQ, false),
        Field::new(FarmOf::AccessGroupName, "access_group_name", 9, 0, false),
        Field::new(FarmOf::Applications, "application_count", 9, 0, false),
        Field::new(FarmOf::No, "delete_in_progress", 9, EQ, true),
        Field::new(FarmOf::DesktopPoolId, "desktop_pool_id", 9, EQ, false),
        Field::new(FarmOf::DesktopPoolName, "desktop_pool_name", 9, 0, false),
        Field::new(FarmOf::DisplayName, "display_name", 1, EQ | SW | CO, true),
        Field::new(FarmOf::Enabled, "enabled", 1, EQ, true),
        Field::new(FarmOf::No, "entra_sso_enabled", 9, 0, false),
        Field::new(FarmOf::Id, "id", 1, EQ, false),
        Field::new(FarmOf::Hosts, "max_number_of_rds_servers", 9, 0, true),
        Field::new(FarmOf::MaxSessionType, "max_session_type", 9, 0, false),
        Field::new(FarmOf::MaxPerHost, "max_sessions_per_rds_server", 9, 0, false),
        Field::new(FarmOf::Name, "name", 1, EQ | SW | CO, true),
        Field::new(FarmOf::ServerErrors, "server_error_threshold", 9, 0, true),
        // The vendor's spelling.
        Field::new(FarmOf::No, "settings.delete_in_progess", 1, 0, false).until(1),
        Field::new(FarmOf::DesktopPoolId, "settings.desktop_id", 1, 0, false).until(1),
        Field::new(FarmOf::ServerErrors, "settings.server_error_threshold", 1, 0, false).until(1),
        Field::new(FarmOf::Source, "source", 1, 0, false),
        Field::new(FarmOf::Type, "type", 1, EQ, true),
    ];

    fn value(&self, field: FarmOf) -> Value<'_> {
        let farm = self.estate.farm(self.number);
        let place = &self.estate.places[usize::from(self.place)];
        match field {
            FarmOf::AccessGroupId => access_group(self.estate, self.place),
            FarmOf::AccessGroupName => {
                Value::text(&self.estate.defined.world.access_groups[usize::from(place.access_group)].name)
            }
            FarmOf::Applications => Value::Integer(farm.applications.len() as i64),
            FarmOf::DesktopPoolId => {
                Value::owned(self.estate.ids.id(Kind::Pool, self.estate.farm_pool_number(self.number)))
            }
            FarmOf::DesktopPoolName => Value::text(&farm.desktop_pool),
            FarmOf::DisplayName => Value::text(&farm.display_name),
            FarmOf::Enabled => Value::Boolean(true),
            FarmOf::No => Value::Boolean(false),
            FarmOf::Hosts => Value::Integer(i64::from(place.hosts.1)),
            FarmOf::Id => Value::owned(self.estate.ids.id(Kind::Farm, u32::from(self.number))),
            FarmOf::MaxSessionType => Value::text("LIMITED"),
            FarmOf::MaxPerHost => Value::Integer(i64::from(farm.sessions_per_host * 5 / 4 + 1)),
            FarmOf::Name => Value::text(&farm.name),
            FarmOf::ServerErrors => Value::Integer(0),
            // Absent for manual farms.
            FarmOf::Source if farm.automated => Value::text("INSTANT_CLONE"),
            FarmOf::Source => Value::Absent,
            FarmOf::Type => Value::text(if farm.automated { "AUTOMATED" } else { "MANUAL" }),
        }
    }
}

/// GET `/inventory/vN/farms`, with `id` for one; v1 takes neither paging nor filters.
pub(crate) fn farms(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    let estate = call.shared.estate();
    let farm =
        |number: u16| FarmRow { estate: &estate, number, place: place_of(&estate, PlaceKind::Farm(number)) };
    let count = estate.defined.world.farms.len() as u16;
    if let Some(id) = id {
        let number = estate.ids.number(Kind::Farm, id).and_then(|number| u16::try_from(number).ok());
        let row = number.filter(|number| *number < count).map(|number| {
            let row = farm(number);
            let place = row.place;
            (row, place)
        });
        return one(call, &estate, row, version, &POOL_VIEW);
    }
    let rows: Vec<FarmRow<'_>> =
        (0..count).map(farm).filter(|row| seen(call, &estate, row.place, &POOL_VIEW)).collect();
    if version == 1 { Ok(call.plain_list(&rows, version)) } else { call.list(rows, version, None) }
}

// ---- machines ----

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MachineOf {
    AccessGroupId,
    AgentVersion,
    Architecture,
    Dns,
    HostName,
    Id,
    Memory,
    Name,
    No,
    Os,
    Pairing,
    PoolAssignment,
    PoolId,
    PoolName,
    PoolSource,
    PoolType,
    Power,
    Security,
    SessionId,
    SessionProtocol,
    SessionUser,
    State,
    Type,
    UserIds,
    UserNames,
    VirtualCenter,
}

struct MachineRow<'a> {
    estate: &'a Estate,
    number: u32,
}

impl Row for MachineRow<'_> {
    type Field = MachineOf;

    const FIELDS: &'static [Field<MachineOf>] = &[
        Field::new(MachineOf::AccessGroupId, "access_group_id", 10, 0, false),
        Field::new(MachineOf::AgentVersion, "agent_version", 1, EQ, true),
        Field::new(MachineOf::PoolId, "desktop_pool_id", 1, EQ, false),
        Field::new(MachineOf::PoolName, "desktop_pool_name", 6, EQ | SW | CO, true),
        Field::new(MachineOf::PoolSource, "desktop_pool_source", 10, EQ, true),
        Field::new(MachineOf::PoolType, "desktop_pool_type", 10, 0, false),
        Field::new(MachineOf::PoolAssignment, "desktop_pool_user_assignment", 10, 0, false),
        Field::new(MachineOf::Dns, "dns_name", 1, EQ | SW | EW | CO, true),
        Field::new(MachineOf::No, "held_machine", 10, EQ, true),
        Field::new(MachineOf::Id, "id", 1, EQ, false),
        Field::new(MachineOf::HostName, "managed_machine_data.host_name", 1, 0, false),
        Field::new(MachineOf::No, "managed_machine_data.in_maintenance_mode", 1, 0, false),
        Field::new(MachineOf::Memory, "managed_machine_data.memory_mb", 1, 0, false),
        Field::new(MachineOf::No, "managed_machine_data.missing_in_vcenter", 1, 0, false),
        Field::new(MachineOf::VirtualCenter, "managed_machine_data.virtual_center_id", 1, 0, false),
        Field::new(MachineOf::Power, "managed_machine_data.virtual_machine_power_state", 1, 0, false),
        Field::new(MachineOf::Security, "message_security_mode", 1, EQ, true),
        Field::new(MachineOf::Name, "name", 1, EQ | SW | CO, true),
        Field::new(MachineOf::Os, "operating_system", 1, 0, true),
        Field::new(MachineOf::Architecture, "operating_system_architecture", 1, 0, false),
        Field::new(MachineOf::Pairing, "pairing_state", 1, 0, false),
        Field::new(MachineOf::SessionId, "session_id", 6, 0, false),
        Field::new(MachineOf::SessionProtocol, "session_protocol", 10, 0, false),
        Field::new(MachineOf::SessionUser, "session_user_name", 6, 0, false),
        Field::new(MachineOf::State, "state", 1, EQ, true),
        Field::new(MachineOf::Type, "type", 1, EQ, true),
        Field::new(MachineOf::UserIds, "user_ids", 1, EQ | NE | CO, false),
        Field::new(MachineOf::UserNames, "user_names", 6, 0, false),
    ];

    fn value(&self, field: MachineOf) -> Value<'_> {
        let estate = self.estate;
        let machine = &estate.machines[self.number as usize];
        match field {
            MachineOf::AccessGroupId => access_group(estate, machine.place),
            MachineOf::AgentVersion => {
                let version = estate.versions.get(usize::from(machine.agent));
                Value::optional(version.map(|version| version.as_str().into()))
            }
            MachineOf::Architecture => Value::text("BIT_64"),
            MachineOf::Dns => Value::owned(estate.dns(&machine.name)),
            MachineOf::Id => Value::owned(estate.ids.id(Kind::Machine, self.number)),
            MachineOf::Name => Value::text(&machine.name),
            MachineOf::Pairing => Value::text("PAIRED_AND_SECURED"),
            MachineOf::Security => Value::text("ENHANCED"),
            MachineOf::State => Value::text(self.state()),
            MachineOf::Type => {
                Value::text(if self.managed() { "MANAGED_MACHINE" } else { "UNMANAGED_MACHINE" })
            }
            MachineOf::UserIds | MachineOf::UserNames if machine.assigned == NONE => Value::Absent,
            MachineOf::UserIds => Value::Texts(vec![estate.sid(machine.assigned).into()]),
            MachineOf::UserNames => Value::Texts(vec![estate.full_name(machine.assigned).into()]),
            MachineOf::SessionId | MachineOf::SessionProtocol | MachineOf::SessionUser => {
                self.of_session(field)
            }
            MachineOf::HostName
            | MachineOf::Memory
            | MachineOf::No
            | MachineOf::Power
            | MachineOf::VirtualCenter => self.of_vcenter(field),
            _ => self.of_pool(field),
        }
    }
}

impl MachineRow<'_> {
    fn pool(&self) -> Option<u16> {
        match self.estate.places[usize::from(self.estate.machines[self.number as usize].place)].kind {
            PlaceKind::Pool(pool) => Some(pool),
            _ => None,
        }
    }

    fn managed(&self) -> bool {
        self.pool().is_some_and(|pool| self.estate.pool(pool).source != PoolSource::Unmanaged)
    }

    fn session(&self) -> Option<&Session> {
        let machine = &self.estate.machines[self.number as usize];
        if machine.session == NONE {
            return None;
        }
        self.estate.position_of(machine.session).map(|position| &self.estate.sessions[position])
    }

    fn state(&self) -> &'static str {
        let Some(session) = self.session() else {
            let starting = self.estate.machines[self.number as usize].starting;
            return if starting { "AGENT_ERROR_STARTUP_IN_PROGRESS" } else { "AVAILABLE" };
        };
        match session.state {
            _ if session.flags.contains(Flags::GHOST) => "AGENT_UNREACHABLE",
            State::Connected => "CONNECTED",
            State::Disconnected => "DISCONNECTED",
            State::Pending => "AVAILABLE",
        }
    }

    fn of_session(&self, field: MachineOf) -> Value<'_> {
        let Some(session) = self.session() else { return Value::Absent };
        match field {
            MachineOf::SessionId => Value::owned(self.estate.session_id(session)),
            MachineOf::SessionProtocol if session.state == State::Disconnected => Value::Absent,
            MachineOf::SessionProtocol => Value::text(session.protocol.word()),
            _ => Value::text(&self.estate.users[session.user as usize].login),
        }
    }

    fn of_vcenter(&self, field: MachineOf) -> Value<'_> {
        if field == MachineOf::No && !self.managed() {
            return Value::Absent;
        }
        if !self.managed() {
            return Value::Absent;
        }
        match field {
            MachineOf::HostName => Value::owned(format!("esx-{:03}", self.number / 90 + 1)),
            MachineOf::Memory => Value::Integer(8192),
            MachineOf::Power => Value::text("POWERED_ON"),
            MachineOf::VirtualCenter => Value::owned(self.estate.ids.id(Kind::VirtualCenter, 0)),
            _ => Value::Boolean(false),
        }
    }

    fn of_pool(&self, field: MachineOf) -> Value<'_> {
        let Some(number) = self.pool() else {
            return if field == MachineOf::Os { Value::text("WINDOWS_10") } else { Value::Absent };
        };
        let pool = self.estate.pool(number);
        match field {
            MachineOf::Os => Value::text(&pool.operating_system),
            MachineOf::PoolId => Value::owned(self.estate.ids.id(Kind::Pool, u32::from(number))),
            MachineOf::PoolName => Value::text(&pool.name),
            MachineOf::PoolSource => Value::text(pool.source.word()),
            MachineOf::PoolType => Value::text(pool_type(pool.source)),
            MachineOf::PoolAssignment => Value::text(if pool.dedicated { "DEDICATED" } else { "FLOATING" }),
            _ => Value::Absent,
        }
    }
}

/// GET `/inventory/vN/machines`, with `id` for one.
pub(crate) fn machines(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    let estate = call.shared.estate();
    // Machines outside any pool need the configuration privilege (section 18.1).
    let wanted = |place: u16| match estate.places[usize::from(place)].kind {
        PlaceKind::Console(_) => &["GLOBAL_CONFIG_VIEW"][..],
        _ => &MACHINE_VIEW[..],
    };
    if let Some(id) = id {
        let number = estate.ids.number(Kind::Machine, id);
        let row = number
            .filter(|number| (*number as usize) < estate.machines.len())
            .map(|number| (MachineRow { estate: &estate, number }, estate.machines[number as usize].place));
        let wanted = row.as_ref().map_or(&MACHINE_VIEW[..], |(_, place)| wanted(*place));
        return one(call, &estate, row, version, wanted);
    }
    let visible: Vec<bool> =
        (0..estate.places.len() as u16).map(|place| seen(call, &estate, place, wanted(place))).collect();
    let rows: Vec<MachineRow<'_>> = (0..estate.machines.len() as u32)
        .filter(|number| visible[usize::from(estate.machines[*number as usize].place)])
        .map(|number| MachineRow { estate: &estate, number })
        .collect();
    call.list(rows, version, None)
}

// ---- RDS servers ----

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostOf {
    AccessGroupId,
    AgentVersion,
    Dns,
    Enabled,
    FarmId,
    FarmName,
    FarmSource,
    FarmType,
    Id,
    Load,
    LoadPreference,
    MaxCount,
    MaxType,
    Name,
    Os,
    PoolName,
    Security,
    Sessions,
    State,
}

struct HostRow<'a> {
    estate: &'a Estate,
    number: u32,
}

impl Row for HostRow<'_> {
    type Field = HostOf;

    const FIELDS: &'static [Field<HostOf>] = &[
        Field::new(HostOf::AccessGroupId, "access_group_id", 1, EQ, false),
        Field::new(HostOf::AgentVersion, "agent_version", 1, EQ, true),
        Field::new(HostOf::PoolName, "desktop_pool_name", 6, 0, false),
        Field::new(HostOf::Dns, "dns_name", 1, EQ | SW | EW | CO, true),
        Field::new(HostOf::Enabled, "enabled", 1, EQ, true),
        Field::new(HostOf::FarmId, "farm_id", 1, EQ, false),
        Field::new(HostOf::FarmName, "farm_name", 6, EQ | SW | EW | CO, false),
        Field::new(HostOf::FarmSource, "farm_source", 6, 0, false),
        Field::new(HostOf::FarmType, "farm_type", 6, 0, false),
        Field::new(HostOf::Id, "id", 1, EQ, false),
        Field::new(HostOf::Load, "load_index", 1, 0, true),
        Field::new(HostOf::LoadPreference, "load_preference", 1, 0, true),
        Field::new(HostOf::MaxCount, "max_sessions_count", 1, 0, false),
        Field::new(HostOf::MaxType, "max_sessions_type", 1, 0, false),
        Field::new(HostOf::Security, "message_security_mode", 1, EQ, true),
        Field::new(HostOf::Name, "name", 1, EQ | SW | CO, true),
        Field::new(HostOf::Os, "operating_system", 1, EQ, true),
        Field::new(HostOf::Sessions, "session_count", 1, EQ | super::fields::BT, true),
        Field::new(HostOf::State, "state", 1, EQ, true),
    ];

    fn value(&self, field: HostOf) -> Value<'_> {
        let estate = self.estate;
        let host = &estate.hosts[self.number as usize];
        let PlaceKind::Farm(number) = estate.places[usize::from(host.place)].kind else {
            return Value::Absent;
        };
        let farm = estate.farm(number);
        let limit = i64::from(farm.sessions_per_host * 5 / 4 + 1);
        match field {
            HostOf::AccessGroupId => access_group(estate, host.place),
            HostOf::AgentVersion => {
                let version = estate.versions.get(usize::from(host.agent));
                Value::optional(version.map(|version| version.as_str().into()))
            }
            HostOf::Dns => Value::owned(estate.dns(&host.name)),
            HostOf::Enabled => Value::Boolean(true),
            HostOf::FarmId => Value::owned(estate.ids.id(Kind::Farm, u32::from(number))),
            HostOf::FarmName => Value::text(&farm.name),
            HostOf::FarmSource if farm.automated => Value::text("INSTANT_CLONE"),
            HostOf::FarmSource => Value::Absent,
            HostOf::FarmType => Value::text(if farm.automated { "AUTOMATED" } else { "MANUAL" }),
            HostOf::Id => Value::owned(estate.ids.id(Kind::RdsHost, self.number)),
            HostOf::Load => Value::Integer((i64::from(host.sessions) * 100 / limit.max(1)).min(100)),
            HostOf::LoadPreference => Value::text(match i64::from(host.sessions) * 100 / limit.max(1) {
                0..=40 => "LIGHT",
                41..=75 => "NORMAL",
                76..=99 => "HEAVY",
                _ => "BLOCK",
            }),
            HostOf::MaxCount => Value::Integer(limit),
            HostOf::MaxType => Value::text("LIMITED"),
            HostOf::Name => Value::text(&host.name),
            HostOf::Os => Value::text("WINDOWS_SERVER_2016_OR_ABOVE"),
            HostOf::PoolName => Value::text(&farm.desktop_pool),
            HostOf::Security => Value::text("ENHANCED"),
            HostOf::Sessions => Value::Integer(i64::from(host.sessions)),
            HostOf::State => Value::text("AVAILABLE"),
        }
    }
}

/// GET `/inventory/vN/rds-servers`, with `id` for one.
pub(crate) fn rds_servers(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    let estate = call.shared.estate();
    if let Some(id) = id {
        let number = estate.ids.number(Kind::RdsHost, id);
        let row = number
            .filter(|number| (*number as usize) < estate.hosts.len())
            .map(|number| (HostRow { estate: &estate, number }, estate.hosts[number as usize].place));
        return one(call, &estate, row, version, &HOST_VIEW);
    }
    let rows: Vec<HostRow<'_>> = (0..estate.hosts.len() as u32)
        .filter(|number| seen(call, &estate, estate.hosts[*number as usize].place, &HOST_VIEW))
        .map(|number| HostRow { estate: &estate, number })
        .collect();
    call.list(rows, version, None)
}

// ---- application pools ----

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ApplicationOf {
    AccessGroupId,
    DisplayName,
    Enabled,
    Executable,
    FarmId,
    FarmName,
    Id,
    Name,
    No,
    Publisher,
    Source,
    Status,
    Version,
}

struct ApplicationRow<'a> {
    estate: &'a Estate,
    farm: u16,
    application: u16,
    place: u16,
}

/// Numbers of application pools leave room for this many in each farm.
const APPLICATIONS: u32 = 64;

impl Row for ApplicationRow<'_> {
    type Field = ApplicationOf;

    const FIELDS: &'static [Field<ApplicationOf>] = &[
        Field::new(ApplicationOf::AccessGroupId, "access_group_id", 1, EQ, false),
        Field::new(ApplicationOf::DisplayName, "display_name", 1, EQ | SW | CO, true).since(Release::R2006),
        Field::new(ApplicationOf::No, "enable_pre_launch", 1, EQ, false),
        Field::new(ApplicationOf::Enabled, "enabled", 1, EQ, true),
        Field::new(ApplicationOf::Executable, "executable_path", 1, EQ | SW | EW | CO, true),
        Field::new(ApplicationOf::FarmId, "farm_id", 1, EQ, false),
        Field::new(ApplicationOf::FarmName, "farm_name", 10, EQ, false),
        Field::new(ApplicationOf::Id, "id", 1, EQ, false),
        Field::new(ApplicationOf::Name, "name", 1, EQ | SW | CO, true),
        Field::new(ApplicationOf::Publisher, "publisher", 1, EQ | SW | CO, true),
        Field::new(ApplicationOf::Source, "source", 10, EQ, true),
        Field::new(ApplicationOf::Status, "status", 10, EQ, true),
        Field::new(ApplicationOf::Version, "version", 1, EQ | SW | CO, true),
    ];

    fn value(&self, field: ApplicationOf) -> Value<'_> {
        let farm = self.estate.farm(self.farm);
        let application = &farm.applications[usize::from(self.application)];
        match field {
            ApplicationOf::AccessGroupId => access_group(self.estate, self.place),
            ApplicationOf::DisplayName => Value::text(&application.display_name),
            ApplicationOf::Enabled => Value::Boolean(true),
            ApplicationOf::No => Value::Boolean(false),
            ApplicationOf::Executable => Value::text(&application.executable),
            ApplicationOf::FarmId => Value::owned(self.estate.ids.id(Kind::Farm, u32::from(self.farm))),
            ApplicationOf::FarmName => Value::text(&farm.name),
            ApplicationOf::Id => Value::owned(self.estate.ids.id(Kind::Application, self.number())),
            ApplicationOf::Name => Value::text(&application.name),
            ApplicationOf::Publisher => Value::text(&application.publisher),
            ApplicationOf::Source => Value::text("NATIVE_APPS"),
            ApplicationOf::Status => Value::text("AVAILABLE"),
            ApplicationOf::Version => Value::text(&application.version),
        }
    }
}

impl ApplicationRow<'_> {
    fn number(&self) -> u32 {
        u32::from(self.farm) * APPLICATIONS + u32::from(self.application)
    }
}

/// GET `/inventory/vN/application-pools`, with `id` for one.
pub(crate) fn application_pools(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    let estate = call.shared.estate();
    let mut rows = Vec::new();
    for (farm, defined) in estate.defined.world.farms.iter().enumerate() {
        let place = place_of(&estate, PlaceKind::Farm(farm as u16));
        for application in 0..defined.applications.len().min(APPLICATIONS as usize) {
            rows.push(ApplicationRow {
                estate: &estate,
                farm: farm as u16,
                application: application as u16,
                place,
            });
        }
    }
    if let Some(id) = id {
        let number = estate.ids.number(Kind::Application, id);
        let row = rows.into_iter().find(|row| Some(row.number()) == number).map(|row| {
            let place = row.place;
            (row, place)
        });
        return one(call, &estate, row, version, &POOL_VIEW);
    }
    rows.retain(|row| seen(call, &estate, row.place, &POOL_VIEW));
    call.list(rows, version, None)
}
