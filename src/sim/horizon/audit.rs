//! Audit events (`horizon-rest.md section 14`, `events.md`).

use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::fields::{self, BT, CO, EQ, Field, Row, Value};
use super::filter::Grammar;
use super::json::Json;
use super::query::slice;
use crate::sim::estate::{Estate, Event, NONE, PlaceKind};
use crate::sim::ids::Kind;
use crate::sim::release::Release;

/// The fields of an audit event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    ApplicationPoolName,
    DesktopPoolName,
    Id,
    MachineDns,
    MachineId,
    Message,
    Module,
    PersistentDiskId,
    Severity,
    Time,
    Type,
    UserId,
}

struct EventRow<'a> {
    estate: &'a Estate,
    event: &'a Event,
}

impl Row for EventRow<'_> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::ApplicationPoolName, "application_pool_name", 1, EQ, true),
        Field::new(Of::DesktopPoolName, "desktop_pool_name", 1, EQ, true),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::MachineDns, "machine_dns_name", 1, EQ | CO, true).later(CO, Release::R2406),
        Field::new(Of::MachineId, "machine_id", 1, EQ, false),
        Field::new(Of::Message, "message", 1, EQ | CO, true).later(CO, Release::R2406),
        Field::new(Of::Module, "module", 1, EQ, true),
        Field::new(Of::PersistentDiskId, "persistent_disk_id", 2, EQ, false),
        Field::new(Of::Severity, "severity", 1, EQ, true),
        // Documented from 2111, but clients used it on 2106 (section 5.6).
        Field::new(Of::Time, "time", 1, BT, true),
        Field::new(Of::Type, "type", 1, EQ, true),
        Field::new(Of::UserId, "user_id", 1, EQ, false),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let (estate, event) = (self.estate, self.event);
        let kind = &estate.events.kinds[usize::from(event.kind)];
        match field {
            Of::Id => Value::Integer(event.id),
            Of::Time => Value::Integer(event.time),
            Of::Type => Value::text(&kind.kind),
            Of::Severity => Value::text(&kind.severity),
            Of::Module => Value::text(&kind.module),
            Of::Message => Value::owned(estate.render(event)),
            Of::MachineDns => Value::optional(estate.event_node(event).map(Into::into)),
            Of::MachineId if event.machine == NONE => Value::Absent,
            Of::MachineId => Value::owned(estate.ids.id(Kind::Machine, event.machine)),
            // REST_AUTH rows name the user only in their text (events.md section 1).
            Of::UserId if event.user == NONE || kind.kind.starts_with("REST_AUTH_") => Value::Absent,
            Of::UserId => Value::owned(estate.sid(event.user)),
            Of::ApplicationPoolName => Value::optional(estate.event_application(event).map(Into::into)),
            Of::DesktopPoolName => Value::optional(self.pool().map(Into::into)),
            Of::PersistentDiskId => Value::Absent,
        }
    }
}

impl EventRow<'_> {
    /// The pool; none for application sessions, which belong to a farm.
    fn pool(&self) -> Option<&str> {
        let place = self.estate.places.get(usize::from(self.event.place))?;
        let farm = matches!(place.kind, PlaceKind::Farm(_));
        if farm && self.estate.event_application(self.event).is_some() {
            return None;
        }
        self.estate.pool_name(self.event.place)
    }
}

fn configured(call: &Call<'_>) -> Result<(), ApiError> {
    if call.shared.faults().has_event_database() {
        return Ok(());
    }
    Err(ApiError::conflict(
        "external.audit.event.database.not.configured",
        "Event database is not configured.",
    ))
}

/// GET `/external/vN/audit-events`: newest first unless sorted.
pub(crate) fn list(call: &Call<'_>, version: u8) -> Answer {
    configured(call)?;
    let release = call.release();
    let filter = call.filter(Grammar { fields: EventRow::FIELDS, version, release, or_only: None })?;
    let sort = call.query.sort(EventRow::FIELDS, version, release)?;
    let page = call.query.page()?;

    let estate = call.shared.estate();
    let lag = (estate.defined.delays.event_database * 1000.0) as i64;
    let readable = estate.events.readable(estate.now - lag);
    let row = |position: usize| EventRow { estate: &estate, event: &estate.events.rows[position] };
    let mut json = Json::default();
    let cut = if filter.is_none() && sort.is_none() {
        let cut = slice(page, readable)?;
        write(call, &mut json, cut.rows.clone().map(|number| row(readable - 1 - number)), version);
        cut
    } else {
        let mut positions: Vec<usize> = (0..readable)
            .rev()
            .filter(|position| filter.as_ref().is_none_or(|filter| filter.matches(&row(*position))))
            .collect();
        if let Some((field, descending)) = sort {
            positions.sort_by(|one, two| row(*one).value(field).order(&row(*two).value(field), descending));
        }
        let cut = slice(page, positions.len())?;
        let chosen = positions.get(cut.rows.clone()).unwrap_or_default();
        write(call, &mut json, chosen.iter().map(|position| row(*position)), version);
        cut
    };
    Ok(Reply::page(json, &cut))
}

fn write<'a>(call: &Call<'_>, json: &mut Json, rows: impl Iterator<Item = EventRow<'a>>, version: u8) {
    json.begin_array();
    for (number, row) in rows.enumerate() {
        fields::write(&row, version, call.release(), call.quirks.at(number), json);
    }
    json.end_array();
}

/// GET `/external/v1/audit-events/extended-attributes?ids=…`.
pub(crate) fn attributes(call: &Call<'_>) -> Answer {
    configured(call)?;
    let mut wanted = Vec::new();
    for id in call.query.all("ids") {
        let Ok(number) = id.parse::<i64>() else {
            let message = format!("`{id}` is not the id of an event.");
            return Err(ApiError::bad_request("common.query.invalid", message));
        };
        wanted.push(number);
    }
    if wanted.is_empty() {
        return Err(ApiError::bad_request("common.query.invalid", "ids parameter is missing."));
    }
    let estate = call.shared.estate();
    let mut json = Json::default();
    json.begin_array();
    for event in estate.events.rows.iter().filter(|event| wanted.contains(&event.id)) {
        json.object(|json| {
            json.key("event_data");
            json.object(|json| {
                for (name, value) in estate.variables(event) {
                    json.text_field(name, &value);
                }
            });
            json.integer_field("id", event.id);
        });
    }
    json.end_array();
    Ok(Reply::json(json))
}
