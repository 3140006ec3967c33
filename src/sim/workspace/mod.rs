//! The Workspace face of the simulator (`workspace.md`): Huawei Cloud Workspace Application Streaming, and as much of
//! IAM as it needs.
//!
//! The order is that of the cloud: faults, the gateway (does the API exist, who calls, how often), the project and
//! the rights, the handler. What is not implemented is a 404.

mod app_groups;
mod call;
mod control;
mod error;
mod gate;
mod iam;
mod image_servers;
mod jobs;
mod route;
mod server_jobs;
mod servers;
mod sessions;
pub(crate) mod sign;
mod usage;

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_TYPE, DATE, HOST};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;

use call::{Answer, Call};
use error::CloudError;
use route::{Api, NoRoute, Route, route};
use sign::Signed;

use super::faults::Effects;
use super::request_log::{LoggedRequest, kept_body};
use super::shared::Shared;
use super::wire::{BODY_LIMIT, date, lost, spoil};

pub use control::{AppSessionTruth, ImageJobTruth, ImageServerTruth};
pub(crate) use gate::Gate;
pub use gate::WorkspaceAccess;

/// Whether a path belongs to this face.
pub(crate) fn is_for(path: &str) -> bool {
    ["/v1/", "/v2/", "/v3/"].iter().any(|version| path.starts_with(version))
}

/// What came in, apart from the body.
struct Incoming {
    method: String,
    /// As on the wire.
    raw_path: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
}

/// Answers one request.
pub(crate) async fn serve(shared: Arc<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let raw_path = parts.uri.path().to_owned();
    let mut headers = header_texts(&parts.headers);
    if let Some(authority) = parts.uri.authority().filter(|_| !parts.headers.contains_key(HOST)) {
        headers.push(("host".to_owned(), authority.to_string()));
    }
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path: percent_decode_str(&raw_path).decode_utf8_lossy().into_owned(),
        raw_path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
    };
    let body = to_bytes(body, BODY_LIMIT).await;
    let effects = shared.faults().effects(&incoming.method, &incoming.path);
    let at = shared.clock.now();
    let mut subject = None;
    let answer = match &body {
        _ if effects.down || effects.lose => {
            Err(CloudError::service(StatusCode::SERVICE_UNAVAILABLE, "The service is not available."))
        }
        Ok(body) => judge(&shared, &incoming, body, &effects, &mut subject),
        Err(_) => {
            let text = "Request entity too large";
            Err(CloudError::gateway(StatusCode::PAYLOAD_TOO_LARGE, "APIGW.0201", text))
        }
    };
    let status = answer.as_ref().map_or_else(|error| error.status, |reply| reply.status);
    shared.log().push(LoggedRequest {
        at: jiff::Timestamp::from_millisecond(at).unwrap_or_default(),
        method: incoming.method,
        body: kept_body(&incoming.path, body.as_deref().unwrap_or_default()),
        path: incoming.path,
        query: incoming.query,
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
    respond(&shared, answer, &effects, at)
}

/// Names in lower case and values, those of one name joined.
fn header_texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |name: &axum::http::HeaderName| {
        let values = headers.get_all(name).iter();
        let values: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
        (name.as_str().to_owned(), values.join(","))
    };
    headers.keys().map(text).collect()
}

fn judge(
    shared: &Shared,
    incoming: &Incoming,
    body: &[u8],
    effects: &Effects,
    subject: &mut Option<String>,
) -> Answer {
    let is_iam = incoming.path.starts_with("/v3/");
    if let Some(status) = effects.status {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return Err(simulated(status, is_iam));
    }
    let query = sign::pairs(&incoming.query);
    if shared.gate().identities.is_empty() {
        return Err(CloudError::no_such_api());
    }
    let known = match (incoming.method.as_str(), incoming.path.as_str()) {
        ("POST", "/v3/auth/tokens") => return iam::token(shared, &query, body),
        ("GET", "/v3/projects") => None,
        (_, path) if is_iam => {
            let wrong = ["/v3/auth/tokens", "/v3/projects"].contains(&path);
            let status = if wrong { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
            return Err(CloudError::iam(status, "There is no such call."));
        }
        (method, path) => Some(route(method, path).map_err(no_route)?),
    };
    let signed = Signed {
        method: &incoming.method,
        path: &incoming.raw_path,
        query: &incoming.query,
        headers: &incoming.headers,
        body,
    };
    let limit = shared.faults().token_seconds();
    let real = jiff::Timestamp::now().as_millisecond();
    let (caller, identity) = {
        let mut gate = shared.gate();
        let caller = gate.admit(&signed, shared.clock.now(), real, limit)?;
        (caller, gate.identities[caller.identity].clone())
    };
    *subject = Some(identity.account.clone());
    let Some(route) = known else { return Ok(iam::projects(shared, caller, &query)) };
    throttle(shared, incoming, &identity.account, &route)?;
    if route.project != identity.project_id || !caller.project {
        let text = "The IAM user is not authorized for this project";
        return Err(CloudError::gateway(StatusCode::FORBIDDEN, "APIGW.0302", text));
    }
    if identity.read_only && incoming.method != "GET" {
        let text = format!("Policy doesn't allow workspace:{} to be performed.", route.action);
        return Err(CloudError::service(StatusCode::FORBIDDEN, text));
    }
    media_type(incoming, &route)?;
    let call = Call {
        shared,
        method: &incoming.method,
        path: &incoming.path,
        query: &query,
        body,
        identity: &identity,
        quirks: effects.quirks,
        ids: &route.ids,
    };
    dispatch(&call, route.api)
}

fn no_route(why: NoRoute) -> CloudError {
    match why {
        NoRoute::NoSuchApi => CloudError::no_such_api(),
        NoRoute::WrongMethod => {
            CloudError::service(StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed.")
        }
    }
}

/// What the fault `status=` answers: in the gateway's words where the gateway would say it.
fn simulated(status: StatusCode, is_iam: bool) -> CloudError {
    match status {
        _ if is_iam => CloudError::iam(status, "A simulated fault."),
        StatusCode::UNAUTHORIZED => CloudError::unauthorized("a simulated fault"),
        StatusCode::TOO_MANY_REQUESTS => throttled("a simulated fault"),
        _ => CloudError::service(status, "A simulated fault."),
    }
}

fn throttled(limit: &str) -> CloudError {
    let text = format!("The throttling threshold has been reached: policy user over ratelimit,{limit}");
    CloudError::gateway(StatusCode::TOO_MANY_REQUESTS, "APIGW.0308", text)
}

/// Per user and API (section 4.4). How long to wait is not said.
fn throttle(shared: &Shared, incoming: &Incoming, account: &str, route: &Route) -> Result<(), CloudError> {
    let api = format!("{account} {}", route.template);
    let place = (incoming.method.as_str(), incoming.path.as_str());
    let wait = shared.faults().throttled(&api, place, Instant::now());
    wait.map_or(Ok(()), |seconds| Err(throttled(&format!("the period ends in {seconds} s"))))
}

/// The session calls take JSON and nothing else (section 4.1).
fn media_type(incoming: &Incoming, route: &Route) -> Result<(), CloudError> {
    let sessions = route.action.starts_with("session:");
    let header = incoming.headers.iter().find(|(name, _)| name == "content-type");
    let fits = match header {
        Some((_, value)) => value.to_ascii_lowercase().starts_with("application/json"),
        None => incoming.method == "GET",
    };
    if !sessions || fits {
        return Ok(());
    }
    Err(CloudError::service(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The content type must be application/json."))
}

fn dispatch(call: &Call<'_>, api: Api) -> Answer {
    match api {
        Api::ListImageServers
        | Api::ShowImageServer
        | Api::UpdateImageServer
        | Api::DeleteImageServers
        | Api::RecreateImage => image_servers::answer(call, api),
        Api::ListJobs | Api::ShowJob | Api::ListSubJobs | Api::CountSubJobs | Api::DeleteSubJobs => {
            jobs::answer(call, api)
        }
        Api::ListSessions => sessions::list(call),
        Api::UserSessions => sessions::of_user(call),
        Api::LogOff => sessions::log_off(call),
        Api::AppConnections => usage::applications(call),
        Api::UserConnections => usage::users(call),
        Api::ListServerGroups
        | Api::ServerGroupNames
        | Api::ShowServerGroup
        | Api::ServerGroupState
        | Api::Restrict
        | Api::ListServers
        | Api::ShowServer
        | Api::UpdateServer
        | Api::Reboot
        | Api::Start
        | Api::Stop
        | Api::Maintain => servers::answer(call, api),
        Api::Reinstall
        | Api::ReinstallMany
        | Api::ChangeImage
        | Api::ChangeImageMany
        | Api::RejoinDomain
        | Api::UpgradeAgent
        | Api::ServerJob => server_jobs::answer(call, api),
        Api::Absent => Err(CloudError::no_such_api()),
        _ => app_groups::answer(call, api),
    }
}

/// Whether the fault `build-fails` is on for this call.
fn build_fails(call: &Call<'_>) -> bool {
    call.shared.faults().fails_builds(call.method, call.path)
}

fn respond(shared: &Shared, answer: Answer, effects: &Effects, at: i64) -> Response<Body> {
    let mut headers = HeaderMap::new();
    let request_id = shared.gate().request_id();
    let real = answer.as_ref().is_err_and(CloudError::is_of_gateway_clock);
    let moment = if real { jiff::Timestamp::now().as_millisecond() } else { at };
    headers.extend(date(moment).map(|date| (DATE, date)));
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", id);
    }
    let (status, body) = match answer {
        Ok(reply) => {
            let token = reply.token.and_then(|token| HeaderValue::from_str(&token).ok());
            if let Some(token) = token {
                headers.insert("x-subject-token", token);
            }
            (reply.status, reply.body)
        }
        Err(error) => (error.status, Some(error.body(&request_id))),
    };
    if effects.down {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    let mut response = Response::new(spoil(bytes, effects, &mut headers));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
