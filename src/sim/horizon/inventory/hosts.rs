//! RDS servers.

use super::{access_group, one, seen};
use crate::sim::estate::{Estate, PlaceKind};
use crate::sim::horizon::call::{Answer, Call};
use crate::sim::horizon::fields::{BT, CO, EQ, EW, Field, Row, SW, Value};
use crate::sim::ids::Kind;

const HOST_VIEW: [&str; 3] = ["MACHINE_VIEW", "POOL_VIEW", "GLOBAL_CONFIG_VIEW"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
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
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::AccessGroupId, "access_group_id", 1, EQ, false),
        Field::new(Of::AgentVersion, "agent_version", 1, EQ, true),
        Field::new(Of::PoolName, "desktop_pool_name", 6, 0, false),
        Field::new(Of::Dns, "dns_name", 1, EQ | SW | EW | CO, true),
        Field::new(Of::Enabled, "enabled", 1, EQ, true),
        Field::new(Of::FarmId, "farm_id", 1, EQ, false),
        Field::new(Of::FarmName, "farm_name", 6, EQ | SW | EW | CO, false),
        Field::new(Of::FarmSource, "farm_source", 6, 0, false),
        Field::new(Of::FarmType, "farm_type", 6, 0, false),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::Load, "load_index", 1, 0, true),
        Field::new(Of::LoadPreference, "load_preference", 1, 0, true),
        Field::new(Of::MaxCount, "max_sessions_count", 1, 0, false),
        Field::new(Of::MaxType, "max_sessions_type", 1, 0, false),
        Field::new(Of::Security, "message_security_mode", 1, EQ, true),
        Field::new(Of::Name, "name", 1, EQ | SW | CO, true),
        Field::new(Of::Os, "operating_system", 1, EQ, true),
        Field::new(Of::Sessions, "session_count", 1, EQ | BT, true),
        Field::new(Of::State, "state", 1, EQ, true),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let estate = self.estate;
        let host = &estate.hosts[self.number as usize];
        let PlaceKind::Farm(number) = estate.places[usize::from(host.place)].kind else {
            return Value::Absent;
        };
        let farm = estate.farm(number);
        let limit = i64::from(farm.sessions_per_host * 5 / 4 + 1);
        match field {
            Of::AccessGroupId => access_group(estate, host.place),
            Of::AgentVersion => {
                let version = estate.versions.get(usize::from(host.agent));
                Value::optional(version.map(|version| version.as_str().into()))
            }
            Of::Dns => Value::owned(estate.dns(&host.name)),
            Of::Enabled => Value::Boolean(true),
            Of::FarmId => Value::owned(estate.ids.id(Kind::Farm, u32::from(number))),
            Of::FarmName => Value::text(&farm.name),
            Of::FarmSource if farm.automated => Value::text("INSTANT_CLONE"),
            Of::FarmSource => Value::Absent,
            Of::FarmType => Value::text(if farm.automated { "AUTOMATED" } else { "MANUAL" }),
            Of::Id => Value::owned(estate.ids.id(Kind::RdsHost, self.number)),
            Of::Load => Value::Integer((i64::from(host.sessions) * 100 / limit.max(1)).min(100)),
            Of::LoadPreference => Value::text(match i64::from(host.sessions) * 100 / limit.max(1) {
                0..=40 => "LIGHT",
                41..=75 => "NORMAL",
                76..=99 => "HEAVY",
                _ => "BLOCK",
            }),
            Of::MaxCount => Value::Integer(limit),
            Of::MaxType => Value::text("LIMITED"),
            Of::Name => Value::text(&host.name),
            Of::Os => Value::text("WINDOWS_SERVER_2016_OR_ABOVE"),
            Of::PoolName => Value::text(&farm.desktop_pool),
            Of::Security => Value::text("ENHANCED"),
            Of::Sessions => Value::Integer(i64::from(host.sessions)),
            Of::State => Value::text("AVAILABLE"),
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
