//! Farms.

use super::{POOL_VIEW, access_group, images, one, place_of, seen};
use crate::sim::estate::{Estate, PlaceKind};
use crate::sim::horizon::call::{Answer, Call};
use crate::sim::horizon::fields::{CO, EQ, Field, Row, SW, Value};
use crate::sim::ids::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    AccessGroupId,
    AccessGroupName,
    Applications,
    Automated,
    DesktopPoolId,
    DesktopPoolName,
    DisplayName,
    Enabled,
    Hosts,
    Id,
    MaxSessionType,
    MaxPerHost,
    Name,
    NewestAutomated,
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
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::AccessGroupId, "access_group_id", 2, EQ, false),
        Field::new(Of::AccessGroupName, "access_group_name", 9, 0, false),
        Field::new(Of::Applications, "application_count", 9, 0, false),
        Field::new(Of::Automated, "automated_farm_settings", 2, 0, false).until(8),
        Field::new(Of::NewestAutomated, "automated_farm_settings", 9, 0, false),
        Field::new(Of::No, "delete_in_progress", 9, EQ, true),
        Field::new(Of::DesktopPoolId, "desktop_pool_id", 9, EQ, false),
        Field::new(Of::DesktopPoolName, "desktop_pool_name", 9, 0, false),
        Field::new(Of::DisplayName, "display_name", 1, EQ | SW | CO, true),
        Field::new(Of::Enabled, "enabled", 1, EQ, true),
        Field::new(Of::No, "entra_sso_enabled", 9, 0, false),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::Hosts, "max_number_of_rds_servers", 9, 0, true),
        Field::new(Of::MaxSessionType, "max_session_type", 9, 0, false),
        Field::new(Of::MaxPerHost, "max_sessions_per_rds_server", 9, 0, false),
        Field::new(Of::Name, "name", 1, EQ | SW | CO, true),
        Field::new(Of::ServerErrors, "server_error_threshold", 9, 0, true),
        // The vendor's spelling.
        Field::new(Of::No, "settings.delete_in_progess", 1, 0, false).until(1),
        Field::new(Of::DesktopPoolId, "settings.desktop_id", 1, 0, false).until(1),
        Field::new(Of::ServerErrors, "settings.server_error_threshold", 1, 0, false).until(1),
        Field::new(Of::Source, "source", 1, 0, false),
        Field::new(Of::Type, "type", 1, EQ, true),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let farm = self.estate.farm(self.number);
        let place = &self.estate.places[usize::from(self.place)];
        match field {
            Of::AccessGroupId => access_group(self.estate, self.place),
            Of::AccessGroupName => {
                Value::text(&self.estate.defined.world.access_groups[usize::from(place.access_group)].name)
            }
            Of::Applications => Value::Integer(farm.applications.len() as i64),
            Of::Automated | Of::NewestAutomated if farm.automated => {
                self.automated(field == Of::NewestAutomated)
            }
            Of::DesktopPoolId => {
                Value::owned(self.estate.ids.id(Kind::Pool, self.estate.farm_pool_number(self.number)))
            }
            Of::DesktopPoolName => Value::text(&farm.desktop_pool),
            Of::DisplayName => Value::text(&farm.display_name),
            Of::Enabled => Value::Boolean(true),
            Of::No => Value::Boolean(false),
            Of::Hosts => Value::Integer(i64::from(place.hosts.1)),
            Of::Id => Value::owned(self.estate.ids.id(Kind::Farm, u32::from(self.number))),
            Of::MaxSessionType => Value::text("LIMITED"),
            Of::MaxPerHost => Value::Integer(i64::from(farm.sessions_per_host * 5 / 4 + 1)),
            Of::Name => Value::text(&farm.name),
            Of::ServerErrors => Value::Integer(0),
            // Absent for manual farms.
            Of::Source if farm.automated => Value::text("INSTANT_CLONE"),
            Of::Source | Of::Automated | Of::NewestAutomated => Value::Absent,
            Of::Type => Value::text(if farm.automated { "AUTOMATED" } else { "MANUAL" }),
        }
    }
}

impl FarmRow<'_> {
    /// `automated_farm_settings`: what its hosts are made from.
    fn automated(&self, newest: bool) -> Value<'_> {
        let (estate, place) = (self.estate, self.place);
        let mut members = Vec::new();
        if newest {
            members.push(("image_source".into(), images::source(estate, place)));
        }
        members
            .push(("provisioning_settings".into(), images::settings(estate, place, &images::FARM, newest)));
        members
            .push(("provisioning_status_data".into(), images::status(estate, place, &images::FARM, newest)));
        members.push(("vcenter_id".into(), images::vcenter(estate, place)));
        Value::Object(members)
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
