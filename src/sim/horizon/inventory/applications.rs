//! Application pools.

use super::{POOL_VIEW, access_group, one, place_of, seen};
use crate::sim::estate::{Estate, PlaceKind};
use crate::sim::horizon::call::{Answer, Call};
use crate::sim::horizon::fields::{CO, EQ, EW, Field, Row, SW, Value};
use crate::sim::ids::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
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
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::AccessGroupId, "access_group_id", 1, EQ, false),
        Field::new(Of::DisplayName, "display_name", 1, EQ | SW | CO, true),
        Field::new(Of::No, "enable_pre_launch", 1, EQ, false),
        Field::new(Of::Enabled, "enabled", 1, EQ, true),
        Field::new(Of::Executable, "executable_path", 1, EQ | SW | EW | CO, true),
        Field::new(Of::FarmId, "farm_id", 1, EQ, false),
        Field::new(Of::FarmName, "farm_name", 10, EQ, false),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::Name, "name", 1, EQ | SW | CO, true),
        Field::new(Of::Publisher, "publisher", 1, EQ | SW | CO, true),
        Field::new(Of::Source, "source", 10, EQ, true),
        Field::new(Of::Status, "status", 10, EQ, true),
        Field::new(Of::Version, "version", 1, EQ | SW | CO, true),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let farm = self.estate.farm(self.farm);
        let application = &farm.applications[usize::from(self.application)];
        match field {
            Of::AccessGroupId => access_group(self.estate, self.place),
            Of::DisplayName => Value::text(&application.display_name),
            Of::Enabled => Value::Boolean(true),
            Of::No => Value::Boolean(false),
            Of::Executable => Value::text(&application.executable),
            Of::FarmId => Value::owned(self.estate.ids.id(Kind::Farm, u32::from(self.farm))),
            Of::FarmName => Value::text(&farm.name),
            Of::Id => Value::owned(self.estate.ids.id(Kind::Application, self.number())),
            Of::Name => Value::text(&application.name),
            Of::Publisher => Value::text(&application.publisher),
            Of::Source => Value::text("NATIVE_APPS"),
            Of::Status => Value::text("AVAILABLE"),
            Of::Version => Value::text(&application.version),
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
