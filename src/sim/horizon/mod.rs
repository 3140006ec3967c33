//! The Horizon REST face of the simulator (`horizon-rest.md`).
//!
//! Everything below `/rest` arrives in [`serve`]: faults first, then throttling, the token, and the handler of
//! what was asked for. What is not implemented is a 404.

mod audit;
mod auth_calls;
mod bulk;
mod call;
mod config;
mod directory;
mod error;
mod federation;
mod fields;
mod filter;
mod images;
mod inventory;
mod json;
mod monitor;
mod permissions;
mod query;
mod roles;
mod route;
mod session_actions;
mod sessions;

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, DATE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;

use call::{Answer, Call, Reply};
use error::ApiError;
use query::Query;
use route::{Asked, Route, route};

use super::access::Access;
use super::estate::Principal;
use super::faults::Effects;
use super::release::Release;
use super::request_log::{LoggedRequest, kept_body};
use super::shared::Shared;
use super::wire::{BODY_LIMIT, date, lost, spoil};

pub(crate) use json::Json;
pub(crate) use sessions::SessionLists;

/// What came in, apart from the body.
struct Incoming {
    method: String,
    path: String,
    query: String,
    token: Option<String>,
}

/// Answers one request.
pub(crate) async fn serve(shared: Arc<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy().into_owned();
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        token: bearer(&parts.headers),
        path,
    };
    let body = to_bytes(body, BODY_LIMIT).await;
    let effects = shared.faults().effects(&incoming.method, &incoming.path);
    let at = shared.clock.now();
    let (answer, subject) = match &body {
        _ if effects.down || effects.lose => (Err(unavailable()), None),
        Ok(body) => answer(&shared, &incoming, body, &effects),
        Err(_) => {
            let text = "The body cannot be read, or is too large.";
            (Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "common.request.body.invalid", text)), None)
        }
    };
    let status = answer.as_ref().map_or_else(|error| error.status, |reply| reply.status);
    shared.log().push(LoggedRequest {
        at: jiff::Timestamp::from_millisecond(at).unwrap_or_default(),
        method: incoming.method.clone(),
        body: kept_body(&incoming.path, body.as_deref().unwrap_or_default()),
        path: incoming.path.clone(),
        query: incoming.query.clone(),
        status: status.as_u16(),
        token_subject: subject,
    });
    if !effects.latency.is_zero() {
        // Late, but carried out: a client that stops waiting does not know what became of its call.
        tokio::time::sleep(effects.latency).await;
    }
    if effects.lose {
        return lost();
    }
    respond(&shared, &incoming, answer, &effects, at)
}

fn unavailable() -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "common.unavailable", "The server is not available.")
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The answer, and the login name of the token's account.
fn answer(shared: &Shared, incoming: &Incoming, body: &[u8], effects: &Effects) -> (Answer, Option<String>) {
    let now = shared.clock.now();
    let account = incoming.token.as_ref().and_then(|token| shared.tokens().account(token, now));
    let caller = account.map(|account| Access::of(&shared.estate(), Principal::User(account)));
    let subject = caller.as_ref().map(|caller| caller.login.clone());
    (judge(shared, incoming, body, effects, caller.as_ref()), subject)
}

fn judge(
    shared: &Shared,
    incoming: &Incoming,
    body: &[u8],
    effects: &Effects,
    caller: Option<&Access>,
) -> Answer {
    if let Some(status) = effects.status {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return Err(ApiError::new(status, "common.simulated.fault", "A simulated fault."));
    }
    let Route { asked, api } =
        route(&incoming.method, &incoming.path, shared.release).ok_or_else(ApiError::no_such_path)?;
    // Throttling came with 2406 (section 6).
    if shared.release >= Release::R2406 {
        let wait = shared.faults().throttled(&api, (&incoming.method, &incoming.path), Instant::now());
        if let Some(seconds) = wait {
            let mut error = ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "common.api-throttle-limit.exceeded.error",
                "The limit of calls to this API is exceeded. Try again later.",
            );
            error.retry_after = Some(seconds);
            return Err(error);
        }
    }
    match asked {
        Asked::LogIn => return auth_calls::log_in(shared, body),
        Asked::Refresh => return auth_calls::refresh(shared, body),
        Asked::LogOut => return auth_calls::log_out(shared, body),
        Asked::Domains => return Ok(auth_calls::domains(shared)),
        Asked::PreLogon => return Ok(auth_calls::pre_logon(shared)),
        _ => {}
    }
    let caller = caller.ok_or_else(ApiError::unauthorized)?;
    let query = Query::parse(&incoming.query)?;
    let call = Call {
        shared,
        query: &query,
        caller,
        body,
        quirks: effects.quirks,
        method: &incoming.method,
        path: &incoming.path,
    };
    // Rights are those of this moment: whoever has lost them all is out at once.
    let answer = if caller.is_nothing() { Err(ApiError::forbidden()) } else { dispatch(&call, &asked) };
    if answer.as_ref().is_err_and(|error| error.status == StatusCode::FORBIDDEN) {
        log_refusal(&call);
    }
    answer
}

fn dispatch(call: &Call<'_>, asked: &Asked<'_>) -> Answer {
    match *asked {
        Asked::Sessions(version) => sessions::list(call, version),
        Asked::Session(version, id) => sessions::get(call, version, id),
        Asked::SessionAction(verb) => session_actions::act(call, verb),
        Asked::AuditEvents(version) => audit::list(call, version),
        Asked::AuditAttributes => audit::attributes(call),
        Asked::Pools(version, id) => inventory::pools(call, version, id),
        Asked::Farms(version, id) => inventory::farms(call, version, id),
        Asked::Machines(version, id) => inventory::machines(call, version, id),
        Asked::RdsServers(version, id) => inventory::rds_servers(call, version, id),
        Asked::ApplicationPools(version, id) => inventory::application_pools(call, version, id),
        Asked::AdUsers(version) => directory::list(call, version),
        Asked::AdUser(version, sid) => directory::get(call, version, sid),
        Asked::AccessGroups(version, id) => config::access_groups(call, version, id),
        Asked::Environment(version) => Ok(config::environment(call, version)),
        Asked::FederationGroups(version, id) => config::federation_groups(call, version, id),
        Asked::Permissions(version) => permissions::list(call, version),
        Asked::Permission(version, id) => permissions::get(call, version, id),
        Asked::CreatePermissions => permissions::create(call),
        Asked::DeletePermissions => permissions::delete(call),
        Asked::Roles(id) => roles::roles(call, id),
        Asked::CreateRole => roles::create(call),
        Asked::UpdateRole(id) => roles::update(call, id),
        Asked::DeleteRole(id) => roles::delete(call, id),
        Asked::Privileges => roles::privileges(call),
        Asked::OwnPermissions => permissions::rights(call),
        Asked::EventDatabase => Ok(config::event_database(call)),
        Asked::Images(kind, wanted) => images::images(call, kind, wanted),
        Asked::VirtualCenters(version) => Ok(monitor::virtual_centers(call, version)),
        Asked::Federation(asked) => federation::answer(call, &asked),
        Asked::SessionMetrics => Ok(monitor::sessions(call)),
        Asked::SystemMetrics(version) => Ok(monitor::system(call, version)),
        Asked::LogIn | Asked::Refresh | Asked::LogOut | Asked::Domains | Asked::PreLogon => {
            Err(ApiError::no_such_path())
        }
    }
}

/// A refused call writes an event (events.md section 4.7).
fn log_refusal(call: &Call<'_>) {
    let mut estate = call.shared.estate();
    let now = estate.now;
    let extra = super::estate::Extra {
        method: Some(call.method.to_owned()),
        resource: Some(call.path.to_owned()),
        ..super::estate::Extra::default()
    };
    let about = super::estate::About {
        user: Some(call.caller.user),
        extra: Some(extra),
        ..super::estate::About::default()
    };
    estate.log("REST_AUTH_PERMISSION_FAILURE", now, about);
}

fn respond(
    shared: &Shared,
    incoming: &Incoming,
    answer: Answer,
    effects: &Effects,
    now: i64,
) -> Response<Body> {
    let mut headers = HeaderMap::new();
    headers.extend(date(now).map(|date| (DATE, date)));
    let (status, body) = match answer {
        Ok(reply) => {
            page_headers(&reply, shared.release, &mut headers);
            (reply.status, reply.body)
        }
        Err(error) => {
            if let Some(seconds) = error.retry_after {
                headers.insert("x-rate-limit-retry-after-seconds", HeaderValue::from(seconds));
            }
            let single = incoming.method == "GET" || incoming.path == "/rest/login";
            (error.status, Some(error.body(shared.release, single, now)))
        }
    };
    if effects.down {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    }
    let body = spoil(body.unwrap_or_default(), effects, &mut headers);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn page_headers(reply: &Reply, release: Release, headers: &mut HeaderMap) {
    if reply.more {
        // Real servers write it in capitals; header names are compared without case.
        headers.insert("has_more_records", HeaderValue::from_static("TRUE"));
    }
    // Only the newest guide knows this header (section 5.1).
    if let Some(total) = reply.total.filter(|_| release >= Release::R2406) {
        headers.insert("x-total-count", HeaderValue::from(total as u64));
    }
}
