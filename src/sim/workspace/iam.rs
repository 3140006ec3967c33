//! Identity: tokens and projects (`workspace.md sections 2 and 3.1`).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Reply, time};
use super::error::CloudError;
use super::gate::{Caller, Gate};
use crate::sim::shared::Shared;

/// `POST /v3/auth/tokens`.
pub(crate) fn token(shared: &Shared, query: &[(String, String)], body: &[u8]) -> Answer {
    let wrong =
        |what: &str| CloudError::iam(StatusCode::BAD_REQUEST, format!("{what} is missing or not valid."));
    let body: Value = serde_json::from_slice(body).map_err(|_unreadable| wrong("The body"))?;
    let identity = &body["auth"]["identity"];
    if !identity["methods"].as_array().is_some_and(|methods| methods.contains(&json!("password"))) {
        return Err(wrong("auth.identity.methods"));
    }
    let user = &identity["password"]["user"];
    let text = |value: &Value, what: &str| value.as_str().map(str::to_owned).ok_or_else(|| wrong(what));
    let name = text(&user["name"], "user.name")?;
    let password = text(&user["password"], "user.password")?;
    let domain = text(&user["domain"]["name"], "user.domain.name")?;
    let (account, now) = {
        let estate = shared.estate();
        (estate.defined.world.domain.netbios.clone(), estate.now)
    };
    let limit = shared.faults().token_seconds();
    let mut gate = shared.gate();
    let known = gate
        .identity_of(&name)
        .filter(|_| password == shared.password && domain.eq_ignore_ascii_case(&account));
    let denied = "The username or password is wrong.";
    let number = known.ok_or_else(|| CloudError::iam(StatusCode::UNAUTHORIZED, denied))?;
    let access = gate.identities[number].clone();
    let project = &body["auth"]["scope"]["project"];
    let for_project = match (project["id"].as_str(), project["name"].as_str()) {
        (Some(id), _) if id == access.project_id => true,
        (None, Some(name)) if name == access.region => true,
        // A token without a scope is for the account.
        (None, None) if project.is_null() => false,
        _ => {
            return Err(CloudError::iam(
                StatusCode::UNAUTHORIZED,
                "The project does not exist or is not yours.",
            ));
        }
    };
    let token = gate.issue(number, now, for_project);
    let domain =
        json!({"id": gate.identities[number].project_id.chars().rev().collect::<String>(), "name": account});
    let mut described = json!({
        "methods": ["password"],
        "issued_at": time(now),
        "expires_at": time(Gate::ends(now, limit)),
        "user": {"id": access.access_key.to_lowercase(), "name": name, "domain": domain, "password_expires_at": ""},
        "roles": [{"id": "0", "name": if access.read_only { "te_readonly" } else { "te_admin" }}],
    });
    let scope = if for_project {
        ("project", json!({"id": access.project_id, "name": access.region, "domain": domain}))
    } else {
        ("domain", domain)
    };
    described[scope.0] = scope.1;
    if !query.iter().any(|(name, value)| name == "nocatalog" && value == "true") {
        described["catalog"] =
            json!([{"type": "workspace", "name": "workspace", "id": "workspace", "endpoints": []}]);
    }
    Ok(Reply { status: StatusCode::CREATED, body: Some(json!({"token": described})), token: Some(token) })
}

/// `GET /v3/projects?name=`.
pub(crate) fn projects(shared: &Shared, caller: Caller, query: &[(String, String)]) -> Reply {
    let gate = shared.gate();
    let access = &gate.identities[caller.identity];
    let wanted = query.iter().find(|(name, _)| name == "name").map(|(_, value)| value.as_str());
    let mut projects = Vec::new();
    if wanted.is_none_or(|name| name == access.region) {
        projects.push(json!({
            "id": access.project_id, "name": access.region, "is_domain": false, "enabled": true, "description": "",
            "parent_id": "", "domain_id": "", "links": {"self": format!("/v3/projects/{}", access.project_id)},
        }));
    }
    Reply::json(
        json!({"projects": projects, "links": {"self": "/v3/projects", "next": null, "previous": null}}),
    )
}
