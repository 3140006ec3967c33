//! Machines of pools, and physical ones.

use super::{access_group, one, pool_type, seen};
use crate::sim::estate::{Estate, Flags, NONE, PlaceKind, Session, State};
use crate::sim::horizon::call::{Answer, Call};
use crate::sim::horizon::fields::{CO, EQ, EW, Field, NE, Row, SW, Value};
use crate::sim::ids::Kind;
use crate::sim::world::PoolSource;

const MACHINE_VIEW: [&str; 1] = ["MACHINE_VIEW"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
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
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::AccessGroupId, "access_group_id", 10, 0, false),
        Field::new(Of::AgentVersion, "agent_version", 1, EQ, true),
        Field::new(Of::PoolId, "desktop_pool_id", 1, EQ, false),
        Field::new(Of::PoolName, "desktop_pool_name", 6, EQ | SW | CO, true),
        Field::new(Of::PoolSource, "desktop_pool_source", 10, EQ, true),
        Field::new(Of::PoolType, "desktop_pool_type", 10, 0, false),
        Field::new(Of::PoolAssignment, "desktop_pool_user_assignment", 10, 0, false),
        Field::new(Of::Dns, "dns_name", 1, EQ | SW | EW | CO, true),
        Field::new(Of::No, "held_machine", 10, EQ, true),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::HostName, "managed_machine_data.host_name", 1, 0, false),
        Field::new(Of::No, "managed_machine_data.in_maintenance_mode", 1, 0, false),
        Field::new(Of::Memory, "managed_machine_data.memory_mb", 1, 0, false),
        Field::new(Of::No, "managed_machine_data.missing_in_vcenter", 1, 0, false),
        Field::new(Of::VirtualCenter, "managed_machine_data.virtual_center_id", 1, 0, false),
        Field::new(Of::Power, "managed_machine_data.virtual_machine_power_state", 1, 0, false),
        Field::new(Of::Security, "message_security_mode", 1, EQ, true),
        Field::new(Of::Name, "name", 1, EQ | SW | CO, true),
        Field::new(Of::Os, "operating_system", 1, 0, true),
        Field::new(Of::Architecture, "operating_system_architecture", 1, 0, false),
        Field::new(Of::Pairing, "pairing_state", 1, 0, false),
        Field::new(Of::SessionId, "session_id", 6, 0, false),
        Field::new(Of::SessionProtocol, "session_protocol", 10, 0, false),
        Field::new(Of::SessionUser, "session_user_name", 6, 0, false),
        Field::new(Of::State, "state", 1, EQ, true),
        Field::new(Of::Type, "type", 1, EQ, true),
        Field::new(Of::UserIds, "user_ids", 1, EQ | NE | CO, false),
        Field::new(Of::UserNames, "user_names", 6, 0, false),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let estate = self.estate;
        let machine = &estate.machines[self.number as usize];
        match field {
            Of::AccessGroupId => access_group(estate, machine.place),
            Of::AgentVersion => {
                let version = estate.versions.get(usize::from(machine.agent));
                Value::optional(version.map(|version| version.as_str().into()))
            }
            Of::Architecture => Value::text("BIT_64"),
            Of::Dns => Value::owned(estate.dns(&machine.name)),
            Of::Id => Value::owned(estate.ids.id(Kind::Machine, self.number)),
            Of::Name => Value::text(&machine.name),
            Of::Pairing => Value::text("PAIRED_AND_SECURED"),
            Of::Security => Value::text("ENHANCED"),
            Of::State => Value::text(self.state()),
            Of::Type => Value::text(if self.managed() { "MANAGED_MACHINE" } else { "UNMANAGED_MACHINE" }),
            Of::UserIds | Of::UserNames if machine.assigned == NONE => Value::Absent,
            Of::UserIds => Value::Texts(vec![estate.sid(machine.assigned).into()]),
            Of::UserNames => Value::Texts(vec![estate.full_name(machine.assigned).into()]),
            Of::SessionId | Of::SessionProtocol | Of::SessionUser => self.of_session(field),
            Of::HostName | Of::Memory | Of::No | Of::Power | Of::VirtualCenter => self.of_vcenter(field),
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

    fn of_session(&self, field: Of) -> Value<'_> {
        let Some(session) = self.session() else { return Value::Absent };
        match field {
            Of::SessionId => Value::owned(self.estate.session_id(session)),
            Of::SessionProtocol if session.state == State::Disconnected => Value::Absent,
            Of::SessionProtocol => Value::text(session.protocol.word()),
            _ => Value::text(&self.estate.users[session.user as usize].login),
        }
    }

    fn of_vcenter(&self, field: Of) -> Value<'_> {
        if !self.managed() {
            return Value::Absent;
        }
        match field {
            Of::HostName => Value::owned(format!("esx-{:03}", self.number / 90 + 1)),
            Of::Memory => Value::Integer(8192),
            Of::Power => Value::text("POWERED_ON"),
            Of::VirtualCenter => Value::owned(self.estate.ids.id(Kind::VirtualCenter, 0)),
            _ => Value::Boolean(false),
        }
    }

    fn of_pool(&self, field: Of) -> Value<'_> {
        let Some(number) = self.pool() else {
            return if field == Of::Os { Value::text("WINDOWS_10") } else { Value::Absent };
        };
        let pool = self.estate.pool(number);
        match field {
            Of::Os => Value::text(&pool.operating_system),
            Of::PoolId => Value::owned(self.estate.ids.id(Kind::Pool, u32::from(number))),
            Of::PoolName => Value::text(&pool.name),
            Of::PoolSource => Value::text(pool.source.word()),
            Of::PoolType => Value::text(pool_type(pool.source)),
            Of::PoolAssignment => Value::text(if pool.dedicated { "DEDICATED" } else { "FLOATING" }),
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
