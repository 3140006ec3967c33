//! Roles and the privileges that they may hold (`horizon-rest.md section 10`).

use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::json::Json;
use crate::sim::estate::{Estate, Operator, Role, RoleDenial};
use crate::sim::ids::Kind;

const VIEW: [&str; 1] = ["GLOBAL_ROLE_VIEW"];
const MANAGE: [&str; 1] = ["GLOBAL_ROLE_MANAGEMENT"];

/// `RoleCreateSpec`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateSpec {
    name: String,
    #[serde(default)]
    description: String,
    privileges: Vec<String>,
}

/// `RoleUpdateSpec`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateSpec {
    description: Option<String>,
    privileges: Vec<String>,
}

/// GET `/config/v1/roles`, with `id` for one.
pub(crate) fn roles(call: &Call<'_>, id: Option<&str>) -> Answer {
    call.need(&VIEW)?;
    let estate = call.shared.estate();
    let mut json = Json::default();
    if let Some(id) = id {
        let role = estate.role_by_id(id).ok_or_else(|| ApiError::not_found("Entity does not exist."))?;
        write(call, &estate, role, 0, &mut json);
        return Ok(Reply::json(json));
    }
    json.begin_array();
    for (row, role) in estate.rights.roles.iter().enumerate() {
        write(call, &estate, role, row, &mut json);
    }
    json.end_array();
    Ok(Reply::json(json))
}

fn write(call: &Call<'_>, estate: &Estate, role: &Role, row: usize, json: &mut Json) {
    let quirks = call.quirks.at(row);
    json.object(|json| {
        json.boolean_field("applies_to_federation_access_group", role.is_federated());
        json.boolean_field("applies_to_local_access_group", role.is_local());
        if let Some(word) = &role.built_in {
            json.text_field("built_in_role_type", quirks.word("built_in_role_type").unwrap_or(word));
        }
        json.optional_field("description", (!role.description.is_empty()).then_some(&role.description));
        json.text_field("id", &estate.ids.id(Kind::Role, role.number));
        if !quirks.hides("name") {
            json.text_field("name", &role.name);
        }
        if call.caller.any(&["GLOBAL_PERMISSION_VIEW"]) {
            json.key("permission_ids");
            let with_it = estate.rights.permissions.iter().filter(|held| held.role == role.number);
            json.texts(with_it.map(|held| estate.ids.id(Kind::Permission, held.number)));
        }
        if !quirks.hides("privileges") {
            json.key("privileges");
            json.texts(role.privileges.iter());
        }
    });
}

/// GET `/config/v1/privileges`: those that a custom role may hold.
pub(crate) fn privileges(call: &Call<'_>) -> Answer {
    call.need(&VIEW)?;
    let estate = call.shared.estate();
    let mut json = Json::default();
    json.begin_array();
    for privilege in &estate.defined.world.privileges {
        json.object(|json| {
            json.text_field("name", &privilege.name);
            json.key("sub_privileges");
            json.texts(&privilege.brings);
        });
    }
    json.end_array();
    Ok(Reply::json(json))
}

fn body<T: DeserializeOwned>(call: &Call<'_>) -> Result<T, ApiError> {
    serde_json::from_slice(call.body).map_err(|error| {
        ApiError::bad_request("common.request.body.invalid", format!("The body cannot be mapped: {error}"))
    })
}

/// A refusal; only that a custom role alone can be deleted is documented, the words are not.
fn refused(denial: RoleDenial) -> ApiError {
    let bad = |key, message| ApiError::bad_request(key, message);
    match denial {
        RoleDenial::NoSuchRole => ApiError::not_found("Entity does not exist."),
        RoleDenial::BuiltIn => bad("config.role.built.in", "A built-in role cannot be changed or deleted."),
        RoleDenial::Name => bad("config.role.name.invalid", "The name of the role is not valid."),
        RoleDenial::Description => bad("config.role.description.invalid", "The description is too long."),
        RoleDenial::Exists => {
            ApiError::conflict("config.role.already.exists", "A role with this name exists already.")
        }
    }
}

/// POST `/config/v1/roles`.
pub(crate) fn create(call: &Call<'_>) -> Answer {
    call.need(&MANAGE)?;
    let spec: CreateSpec = body(call)?;
    let operator = Operator { user: call.caller.user };
    let created = call.shared.estate().create_role(&spec.name, &spec.description, &spec.privileges, operator);
    created.map(|()| Reply::empty(StatusCode::CREATED)).map_err(refused)
}

/// PUT `/config/v1/roles/{id}`.
pub(crate) fn update(call: &Call<'_>, id: &str) -> Answer {
    call.need(&MANAGE)?;
    let spec: UpdateSpec = body(call)?;
    let operator = Operator { user: call.caller.user };
    let updated =
        call.shared.estate().update_role(id, spec.description.as_deref(), &spec.privileges, operator);
    updated.map(|()| Reply::empty(StatusCode::NO_CONTENT)).map_err(refused)
}

/// DELETE `/config/v1/roles/{id}`: its permissions go with it.
pub(crate) fn delete(call: &Call<'_>, id: &str) -> Answer {
    call.need(&MANAGE)?;
    let deleted = call.shared.estate().delete_role(id, Operator { user: call.caller.user });
    deleted.map(|()| Reply::empty(StatusCode::NO_CONTENT)).map_err(refused)
}
