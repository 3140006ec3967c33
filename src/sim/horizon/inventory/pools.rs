//! Desktop pools.

use super::{POOL_VIEW, access_group, images, one, place_of, pool_type, seen};
use crate::sim::estate::{Estate, Machine, PlaceKind, Seat, Session};
use crate::sim::horizon::call::{Answer, Call};
use crate::sim::horizon::fields::{CO, EQ, Field, Row, SW, Value};
use crate::sim::ids::Kind;
use crate::sim::world::PoolSource;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    AccessGroupId,
    Deleting,
    DisplayName,
    Enabled,
    EntraSso,
    FarmId,
    Id,
    ImageSource,
    MachineCount,
    Name,
    Naming,
    No,
    NewestSettings,
    NewestStatus,
    SessionCount,
    SessionType,
    Settings,
    Source,
    Status,
    Type,
    UserAssignment,
    Vcenter,
    VcenterName,
}

/// A desktop pool; those that publish a farm's desktops have numbers behind the ordinary ones.
struct PoolRow<'a> {
    estate: &'a Estate,
    number: u32,
    kind: PlaceKind,
    place: u16,
}

impl Row for PoolRow<'_> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::AccessGroupId, "access_group_id", 2, EQ, false),
        Field::new(Of::No, "cloud_managed", 12, EQ, true),
        Field::new(Of::Deleting, "delete_in_progress", 12, EQ, true),
        Field::new(Of::DisplayName, "display_name", 1, EQ | SW | CO, true),
        Field::new(Of::Enabled, "enabled", 1, EQ, true),
        Field::new(Of::EntraSso, "entra_sso_enabled", 12, 0, false),
        Field::new(Of::FarmId, "farm_id", 2, EQ, false),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::ImageSource, "image_source", 12, 0, false),
        Field::new(Of::Name, "name", 1, EQ | SW | CO, true),
        Field::new(Of::Naming, "naming_method", 12, 0, true),
        Field::new(Of::MachineCount, "num_machines", 12, 0, false),
        Field::new(Of::SessionCount, "num_sessions", 12, 0, false),
        Field::new(Of::Settings, "provisioning_settings", 2, 0, false).until(11),
        Field::new(Of::NewestSettings, "provisioning_settings", 12, 0, false),
        Field::new(Of::Status, "provisioning_status_data", 2, 0, false).until(11),
        Field::new(Of::NewestStatus, "provisioning_status_data", 12, 0, false),
        Field::new(Of::SessionType, "session_type", 12, EQ, true),
        Field::new(Of::No, "settings.cloud_managed", 1, 0, false).until(1),
        Field::new(Of::Deleting, "settings.delete_in_progress", 1, 0, false).until(1),
        Field::new(Of::SessionType, "settings.session_type", 1, 0, false).until(1),
        Field::new(Of::Source, "source", 1, EQ, true),
        Field::new(Of::Type, "type", 1, EQ, true),
        Field::new(Of::UserAssignment, "user_assignment", 12, EQ, true),
        Field::new(Of::Vcenter, "vcenter_id", 2, EQ, false),
        Field::new(Of::VcenterName, "vcenter_name", 12, 0, false),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        match field {
            Of::AccessGroupId => access_group(self.estate, self.place),
            Of::Deleting | Of::EntraSso | Of::No => Value::Boolean(false),
            Of::Enabled => Value::Boolean(true),
            Of::Id => Value::owned(self.estate.ids.id(Kind::Pool, self.number)),
            Of::SessionType => Value::text("DESKTOP"),
            Of::SessionCount => Value::Integer(self.count_sessions()),
            _ => match self.kind {
                PlaceKind::Pool(number) => self.of_pool(field, number),
                PlaceKind::Farm(number) => self.of_farm(field, number),
                PlaceKind::Console(_) => Value::Absent,
            },
        }
    }
}

impl PoolRow<'_> {
    fn of_pool(&self, field: Of, number: u16) -> Value<'_> {
        let pool = self.estate.pool(number);
        match field {
            Of::DisplayName => Value::text(&pool.display_name),
            Of::Name => Value::text(&pool.name),
            Of::Naming if pool.source == PoolSource::InstantClone => Value::text("PATTERN"),
            Of::MachineCount => {
                let here = |machine: &&Machine| machine.place == self.place;
                Value::Integer(self.estate.machines.iter().filter(here).count() as i64)
            }
            Of::Source => Value::text(pool.source.word()),
            Of::Type => Value::text(pool_type(pool.source)),
            Of::UserAssignment => Value::text(if pool.dedicated { "DEDICATED" } else { "FLOATING" }),
            _ if pool.source == PoolSource::Unmanaged => Value::Absent,
            Of::ImageSource => images::source(self.estate, self.place),
            Of::Settings => images::settings(self.estate, self.place, &images::POOL, false),
            Of::NewestSettings => images::settings(self.estate, self.place, &images::POOL, true),
            Of::Vcenter => images::vcenter(self.estate, self.place),
            Of::VcenterName => {
                let vcenter = usize::from(self.estate.vcenter_of(self.place));
                Value::optional(self.estate.vcenters().get(vcenter).map(|name| (*name).into()))
            }
            Of::Status | Of::NewestStatus if pool.source == PoolSource::InstantClone => {
                images::status(self.estate, self.place, &images::POOL, field == Of::NewestStatus)
            }
            _ => Value::Absent,
        }
    }

    fn of_farm(&self, field: Of, number: u16) -> Value<'_> {
        let farm = self.estate.farm(number);
        match field {
            Of::DisplayName => Value::text(&farm.desktop_pool_display_name),
            Of::Name => Value::text(&farm.desktop_pool),
            Of::FarmId => Value::owned(self.estate.ids.id(Kind::Farm, u32::from(number))),
            Of::Source | Of::Type => Value::text("RDS"),
            _ => Value::Absent,
        }
    }

    fn count_sessions(&self) -> i64 {
        let desktops = matches!(self.kind, PlaceKind::Farm(_));
        let counts = |session: &&Session| {
            self.estate.place_index(session) == self.place
                && (!desktops || matches!(session.seat, Seat::RdsDesktop { .. }))
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
