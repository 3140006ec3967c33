//! Log-in, refresh, log-out, and what can be read before a log-in (`horizon-rest.md section 2`).

use axum::http::StatusCode;
use serde::Deserialize;

use super::call::{Answer, Reply};
use super::error::ApiError;
use super::json::Json;
use crate::sim::access::Access;
use crate::sim::estate::{About, Extra, Principal};
use crate::sim::release::Release;
use crate::sim::shared::Shared;

#[derive(Deserialize)]
struct LogIn {
    username: String,
    password: String,
    domain: String,
}

#[derive(Deserialize)]
struct RefreshToken {
    refresh_token: String,
}

const MINUTE: f64 = 60_000.0;

fn unreadable(error: &serde_json::Error) -> ApiError {
    ApiError::bad_request(
        "common.request.body.invalid",
        format!("The body cannot be mapped, type mismatch: {error}"),
    )
}

fn access_life(shared: &Shared, minutes: f64) -> i64 {
    shared.faults().token_seconds().map_or((minutes * MINUTE) as i64, |seconds| seconds as i64 * 1000)
}

/// POST `/login`.
pub(crate) fn log_in(shared: &Shared, body: &[u8]) -> Answer {
    let body: LogIn = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    let mut estate = shared.estate();
    let now = estate.now;
    let domain = &estate.defined.world.domain;
    let domain_matches =
        [&domain.netbios, &domain.dns].iter().any(|name| name.eq_ignore_ascii_case(&body.domain));
    let account = shared.accounts.iter().position(|login| login.eq_ignore_ascii_case(&body.username));
    let good = account.filter(|_| domain_matches && body.password == shared.password);
    let Some(account) = good.map(|account| Access::of(&estate, Principal::User(account as u32))) else {
        let stranger = format!("{}\\{}", body.domain, body.username);
        for kind in ["VLSI_USERLOGIN_REST_FAILED", "REST_AUTH_LOGIN_FAILURE"] {
            let extra = Some(Extra { stranger: Some(stranger.clone()), ..Extra::default() });
            estate.log(kind, now, About { extra, ..About::default() });
        }
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "auth.login.invalid.credentials",
            "The user name or password is not correct.",
        ));
    };
    // Section 2.1. A 403 is not among the answers of a log-in.
    let administrators_only = (Release::R2012..Release::R2106).contains(&shared.release);
    let refused = if administrators_only && !account.is_root_administrator() {
        Some("Only Administrators on the root access group can log in to the REST API.")
    } else {
        account.is_nothing().then_some("The user is not an administrator: it has no permission.")
    };
    if let Some(why) = refused {
        let about = About { user: Some(account.user), ..About::default() };
        estate.log("REST_AUTH_LOGIN_FAILURE", now, about);
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "auth.login.not.permitted", why));
    }
    let about = || About { user: Some(account.user), ..About::default() };
    estate.log("VLSI_USERLOGGEDIN", now, about());
    estate.log("REST_AUTH_LOGIN_SUCCESS", now + 243, about());
    let delays = &estate.defined.delays;
    let access = access_life(shared, delays.access_token_minutes);
    let refresh = (delays.refresh_token_minutes * MINUTE) as i64;
    let sid = estate.sid(account.user);
    drop(estate);
    let pair = shared.tokens().log_in(account.user, &sid, now, access, refresh);
    let mut json = Json::default();
    json.object(|json| {
        json.text_field("access_token", &pair.access);
        json.text_field("refresh_token", &pair.refresh);
    });
    Ok(Reply::json(json))
}

fn dead() -> ApiError {
    ApiError::bad_request("auth.refresh.token.invalid", "The refresh token is not valid or expired.")
}

/// POST `/refresh`: a new access token; the refresh token stays as it is.
pub(crate) fn refresh(shared: &Shared, body: &[u8]) -> Answer {
    let body: RefreshToken = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    if shared.faults().refuses_refresh() {
        return Err(dead());
    }
    let mut estate = shared.estate();
    let now = estate.now;
    let access = access_life(shared, estate.defined.delays.access_token_minutes);
    let mut tokens = shared.tokens();
    let account = tokens.refresher(&body.refresh_token, now).ok_or_else(dead)?;
    let sid = estate.sid(account);
    let (token, account) = tokens.refresh(&body.refresh_token, &sid, now, access).ok_or_else(dead)?;
    drop(tokens);
    estate.log("REST_AUTH_REFRESH_TOKEN_SUCCESS", now, About { user: Some(account), ..About::default() });
    let mut json = Json::default();
    json.object(|json| json.text_field("access_token", &token));
    Ok(Reply::json(json))
}

/// POST `/logout`: ends both tokens.
pub(crate) fn log_out(shared: &Shared, body: &[u8]) -> Answer {
    let body: RefreshToken = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    let mut estate = shared.estate();
    let now = estate.now;
    let account = shared.tokens().log_out(&body.refresh_token, now).ok_or_else(dead)?;
    let about = || About { user: Some(account), ..About::default() };
    estate.log("ADMIN_USERLOGGEDOUT", now, about());
    estate.log("REST_AUTH_LOGOUT_SUCCESS", now + 120, about());
    Ok(Reply::empty(StatusCode::OK))
}

/// GET `/external/v1/domains`: NetBIOS name to DNS name.
pub(crate) fn domains(shared: &Shared) -> Reply {
    let estate = shared.estate();
    let domain = &estate.defined.world.domain;
    let mut json = Json::default();
    json.object(|json| json.text_field(&domain.netbios, &domain.dns));
    Reply::json(json)
}

/// GET `/config/v1/pre-logon-settings`.
pub(crate) fn pre_logon(shared: &Shared) -> Reply {
    let minutes = shared.estate().defined.delays.refresh_token_minutes as i64;
    let mut json = Json::default();
    json.object(|json| {
        json.integer_field("api_session_timeout_minutes", minutes);
        json.integer_field("console_session_timeout_minutes", 30);
        json.boolean_field("display_pre_login_admin_banner", true);
        json.boolean_field("enable_user_name_caching", false);
        json.text_field("pre_login_admin_banner_header", "Simulated estate");
        json.text_field(
            "pre_login_admin_banner_message",
            "Nothing here is real. Whatever you log off will be back in the next run.",
        );
    });
    Reply::json(json)
}
