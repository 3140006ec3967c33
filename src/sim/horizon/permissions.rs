//! Permissions, and what somebody may do by them (`horizon-rest.md sections 9 and 12`).

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::bulk::write_item;
use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::json::Json;
use crate::sim::access::Access;
use crate::sim::estate::{Denial, Estate, Holder, Operator, Permission, Principal, Wanted};
use crate::sim::ids::Kind;
use crate::sim::release::Release;

const VIEW: [&str; 1] = ["GLOBAL_PERMISSION_VIEW"];
const MANAGE: [&str; 1] = ["GLOBAL_PERMISSION_MANAGEMENT"];
/// The most ids that one call may ask for.
const MOST_IDS: usize = 100;

/// `PermissionCreateSpec`.
#[expect(clippy::struct_field_names, reason = "named as on the wire")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateSpec {
    ad_user_or_group_id: String,
    role_id: String,
    local_access_group_id: Option<String>,
    federation_access_group_id: Option<String>,
}

/// GET `/config/vN/permissions`, all of them or those of `ids`.
pub(crate) fn list(call: &Call<'_>, version: u8) -> Answer {
    call.need(&VIEW)?;
    let wanted: Vec<&str> = call.query.all("ids").collect();
    if wanted.len() > MOST_IDS {
        let message = format!("At most {MOST_IDS} ids are allowed, not {}.", wanted.len());
        return Err(ApiError::bad_request("common.query.invalid", message));
    }
    let estate = call.shared.estate();
    let mut json = Json::default();
    json.begin_array();
    let every = estate.rights.permissions.iter();
    let chosen = every.filter(|permission| {
        wanted.is_empty() || wanted.contains(&estate.ids.id(Kind::Permission, permission.number).as_str())
    });
    for (row, permission) in chosen.enumerate() {
        write(call, &estate, version, permission, row, &mut json);
    }
    json.end_array();
    Ok(Reply::json(json))
}

/// GET `/config/vN/permissions/{id}`.
pub(crate) fn get(call: &Call<'_>, version: u8, id: &str) -> Answer {
    call.need(&VIEW)?;
    let estate = call.shared.estate();
    let found = estate.permission_by_id(id);
    let permission = found.ok_or_else(|| ApiError::not_found("Entity does not exist."))?;
    let mut json = Json::default();
    write(call, &estate, version, permission, 0, &mut json);
    Ok(Reply::json(json))
}

fn write(
    call: &Call<'_>,
    estate: &Estate,
    version: u8,
    permission: &Permission,
    row: usize,
    json: &mut Json,
) {
    let quirks = call.quirks.at(row);
    let text = |json: &mut Json, name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| !quirks.hides(name)) {
            json.text_field(name, &value);
        }
    };
    json.object(|json| {
        text(json, "ad_user_or_group_id", Some(estate.holder_sid(&permission.holder)));
        let known = match &permission.holder {
            Holder::Known(who) if version >= 2 => Some(*who),
            // A name that no longer resolves: neither the name nor whether it was a group is known.
            _ => None,
        };
        text(json, "display_name", known.map(|who| estate.display_name(who)));
        let federation = permission.federation.map(u32::from);
        let federation = federation.map(|number| estate.ids.id(Kind::FederationGroup, number));
        text(json, "federation_access_group_id", federation);
        if let Some(who) = known.filter(|_| !quirks.hides("group")) {
            json.boolean_field("group", matches!(who, Principal::Group(_)));
        }
        text(json, "id", Some(estate.ids.id(Kind::Permission, permission.number)));
        let local = estate.ids.id(Kind::AccessGroup, u32::from(permission.local));
        text(json, "local_access_group_id", Some(local));
        text(json, "role_id", Some(estate.ids.id(Kind::Role, permission.role)));
    });
}

fn body<T: DeserializeOwned>(call: &Call<'_>) -> Result<Vec<T>, ApiError> {
    let rows: Vec<T> = serde_json::from_slice(call.body).map_err(|error| {
        ApiError::bad_request("common.request.body.invalid", format!("The body cannot be mapped: {error}"))
    })?;
    if rows.is_empty() {
        return Err(ApiError::bad_request("common.request.body.invalid", "The list is empty."));
    }
    Ok(rows)
}

/// POST `/config/vN/permissions`: one result for each, in the order of the body.
pub(crate) fn create(call: &Call<'_>) -> Answer {
    call.need(&MANAGE)?;
    let specs: Vec<CreateSpec> = body(call)?;
    let mut estate = call.shared.estate();
    let operator = Operator { user: call.caller.user };
    let mut json = Json::default();
    json.begin_array();
    for spec in &specs {
        let wanted = Wanted {
            sid: &spec.ad_user_or_group_id,
            role: &spec.role_id,
            local: spec.local_access_group_id.as_deref(),
            federation: spec.federation_access_group_id.as_deref(),
        };
        let outcome = estate.create_permission(&wanted, operator);
        let id = outcome.ok().map(|number| estate.ids.id(Kind::Permission, number));
        let outcome = outcome.map(|_| 201).map_err(Denial::answer);
        write_item(&mut json, id.as_deref(), outcome, estate.now, call.release());
    }
    json.end_array();
    Ok(Reply::json(json))
}

/// DELETE `/config/vN/permissions` with ids in its body: one result for each.
pub(crate) fn delete(call: &Call<'_>) -> Answer {
    call.need(&MANAGE)?;
    let ids: Vec<String> = body(call)?;
    let mut estate = call.shared.estate();
    let operator = Operator { user: call.caller.user };
    let mut json = Json::default();
    json.begin_array();
    for id in &ids {
        let outcome = estate.delete_permission(id, operator);
        let outcome = outcome.map(|()| 200).map_err(Denial::answer);
        write_item(&mut json, Some(id), outcome, estate.now, call.release());
    }
    json.end_array();
    Ok(Reply::json(json))
}

/// GET `/config/v1/admin-users-or-groups/permissions`: of the caller, or from 2309 of somebody else. Older releases do
/// not know the parameter and pass over it.
pub(crate) fn rights(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let asked = call.query.get("ad_user_or_group_id").filter(|_| call.release() >= Release::R2309);
    let somebody = asked.filter(|sid| *sid != estate.sid(call.caller.user));
    let Some(sid) = somebody else {
        return Ok(write_rights(&estate, &estate.sid(call.caller.user), call.caller));
    };
    call.need(&VIEW)?;
    let who = estate.by_sid(sid).ok_or_else(|| ApiError::not_found("Entity does not exist."))?;
    Ok(write_rights(&estate, sid, &Access::of(&estate, who)))
}

/// `AdminUserOrGroupPermissionsInfo`. What is held on the root group stands under the root group only
/// (`horizon-rest.md section 12` leaves that open).
fn write_rights(estate: &Estate, sid: &str, subject: &Access) -> Reply {
    let world = &estate.defined.world;
    let mut json = Json::default();
    json.object(|json| {
        json.key("federated_privileges_info");
        json.begin_array();
        for (group, privileges) in subject.federated_privileges() {
            let name = &world.federation_groups[usize::from(group)].name;
            write_held(json, &estate.ids.id(Kind::FederationGroup, u32::from(group)), name, &privileges);
        }
        json.end_array();
        json.boolean_field("help_desk_admin", subject.any(&["HELPDESK_ADMINISTRATOR", "ADMINISTRATOR"]));
        json.text_field("id", sid);
        json.key("local_privileges_info");
        json.begin_array();
        for (group, privileges) in subject.local_privileges() {
            let name = &world.access_groups[usize::from(group)].name;
            write_held(json, &estate.ids.id(Kind::AccessGroup, u32::from(group)), name, &privileges);
        }
        json.end_array();
    });
    Reply::json(json)
}

fn write_held(json: &mut Json, id: &str, name: &str, privileges: &[&str]) {
    json.object(|json| {
        json.text_field("access_group_id", id);
        json.text_field("access_group_name", name);
        json.key("privileges");
        json.texts(privileges);
    });
}
