//! What the fields of a session mean to an operator, borrowed instead of built: the one definition that columns,
//! sorting and the filter language share. Whatever is not known is `None`.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::domain::{ClientKind, FarmId, PodId, PoolId, SessionFacts, SessionKind, SessionState, Text};

/// What tells users apart: the SID, or else the name in small letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::core) enum UserKey<'a> {
    /// The SID.
    Sid(Cow<'a, str>),
    /// The name, when there is no SID.
    Name(String),
}

/// What tells the user of a session apart from others.
pub(in crate::core) fn user_key<'a>(session: impl SessionFacts<'a>) -> Option<UserKey<'a>> {
    let sid = session.user_id().map(UserKey::Sid);
    sid.or_else(|| session.user_name().map(|name| UserKey::Name(name.to_lowercase())))
}

/// The same as a text: what is said of the user in another list is compared with it.
pub(in crate::core) fn user_key_text<'a>(session: impl SessionFacts<'a>) -> Option<Text> {
    let key = user_key(session)?;
    Some(Text::clean(match &key {
        UserKey::Sid(sid) => sid,
        UserKey::Name(name) => name,
    }))
}

/// The short account name: what follows `DOMAIN\` in the name, or else the SID.
pub(in crate::core) fn login<'a>(session: impl SessionFacts<'a>) -> Option<Cow<'a, str>> {
    match session.user_name() {
        Some(name) => Some(Cow::Borrowed(login_part(name))),
        None => session.user_id(),
    }
}

/// The domain behind the `@` of every name that is known, where it is the same for all.
pub(in crate::core) fn only_domain<'a, S: SessionFacts<'a>>(
    sessions: impl Iterator<Item = S>,
) -> Option<&'a str> {
    let mut domains = sessions
        .filter_map(SessionFacts::user_name)
        .map(|name| name.rsplit_once('@').map(|(_, domain)| domain));
    let first = domains.next()??;
    domains.all(|domain| domain.is_some_and(|domain| domain.eq_ignore_ascii_case(first))).then_some(first)
}

/// What follows `DOMAIN\`, or the whole name.
pub(in crate::core) fn login_part(name: &str) -> &str {
    match name.rsplit_once('\\') {
        Some((_, login)) if !login.is_empty() => login,
        _ => name,
    }
}

/// The label of the pool or farm: its name, or else its id.
pub(in crate::core) fn pool<'a>(session: impl SessionFacts<'a>) -> Option<&'a str> {
    session
        .pool_name()
        .or_else(|| session.pool_id().map(PoolId::raw))
        .or_else(|| session.farm_id().map(FarmId::raw))
}

/// The label of the farm; `None` for sessions that run on no farm. A session with pool and farm has the pool's name,
/// so that only the farm's id is left to call the farm by.
pub(in crate::core) fn farm<'a>(session: impl SessionFacts<'a>) -> Option<&'a str> {
    let farm = session.farm_id()?;
    if session.pool_id().is_none()
        && let Some(name) = session.pool_name()
    {
        return Some(name);
    }
    Some(farm.raw())
}

/// The label of the machine or RDS server.
pub(in crate::core) fn machine<'a>(session: impl SessionFacts<'a>) -> Option<Cow<'a, str>> {
    let name = session.machine_name().or_else(|| session.machine_dns()).map(Cow::Borrowed);
    name.or_else(|| session.machine_id()).or_else(|| session.rds_server_id())
}

/// The host's short network name: the first label of the DNS name, or else the machine's name.
pub(in crate::core) fn host<'a>(session: impl SessionFacts<'a>) -> Option<&'a str> {
    session.machine_dns().map(first_label).or_else(|| session.machine_name())
}

/// The first label of a DNS name.
pub(in crate::core) fn first_label(name: &str) -> &str {
    name.split_once('.').map_or(name, |(first, _)| first)
}

/// The applications of a session that is no whole desktop, one after the other.
pub(in crate::core) fn app<'a>(session: impl SessionFacts<'a>) -> Option<String> {
    if session.kind() == Some(&SessionKind::Desktop) {
        return None;
    }
    let names = session.applications()?;
    let names: Vec<&str> = names.iter().map(Text::as_str).filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The label of the gateway.
pub(in crate::core) fn gateway<'a>(session: impl SessionFacts<'a>) -> Option<&'a str> {
    session.gateway_name().or_else(|| session.gateway_address())
}

/// The label of the pod.
pub(in crate::core) fn pod<'a>(session: impl SessionFacts<'a>) -> Option<&'a str> {
    session.pod_name().or_else(|| session.pod_id().map(PodId::raw))
}

/// The short word for a client program.
pub(in crate::core) fn client_word(kind: &ClientKind) -> &str {
    match kind {
        ClientKind::Windows => "win",
        ClientKind::Mac => "mac",
        ClientKind::Web => "web",
        ClientKind::Linux => "lin",
        ClientKind::Ios => "ios",
        ClientKind::Android => "and",
        ClientKind::Other => "other",
        ClientKind::Unknown(word) => word.as_str(),
    }
}

/// Whole minutes without input, as of `now`.
///
/// Connected: what the server says. Disconnected: nobody can give input, so the time since the disconnect counts when
/// the server says nothing or less than that. A negative number is nonsense and reads as unknown; a disconnect in the
/// future (clocks differ) adds nothing.
pub(in crate::core) fn idle_minutes<'a>(session: impl SessionFacts<'a>, now: Timestamp) -> Option<i64> {
    let said = session.idle_minutes().filter(|minutes| *minutes >= 0);
    if session.state() != Some(&SessionState::Disconnected) {
        return said;
    }
    let since = session.disconnected_at().map(|at| seconds_between(at, now) / 60);
    said.max(since)
}

/// How long a session has been disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::core) enum Disconnected {
    /// It is known not to be disconnected.
    No,
    /// For so many seconds.
    For(i64),
    /// The state or the time is unknown.
    Unknown,
}

/// How long a session has been disconnected, as of `now`. A connected or pending session is not disconnected, even if
/// the server still says when it last was.
pub(in crate::core) fn disconnected<'a>(session: impl SessionFacts<'a>, now: Timestamp) -> Disconnected {
    match (session.state(), session.disconnected_at()) {
        (Some(SessionState::Connected | SessionState::Pending), _) => Disconnected::No,
        (Some(SessionState::Disconnected), Some(at)) => Disconnected::For(seconds_between(at, now)),
        (Some(SessionState::Disconnected | SessionState::Unknown(_)) | None, _) => Disconnected::Unknown,
    }
}

/// Seconds since the session began, as of `now`.
pub(in crate::core) fn age_seconds<'a>(session: impl SessionFacts<'a>, now: Timestamp) -> Option<i64> {
    session.started_at().map(|at| seconds_between(at, now))
}

/// Since when the session is in its state: the disconnect for disconnected ones; for the others the last change is
/// the start of the current connection, or else the start of the session.
pub(in crate::core) fn since<'a>(session: impl SessionFacts<'a>, now: Timestamp) -> Option<Timestamp> {
    match session.state() {
        Some(SessionState::Disconnected) => session.disconnected_at(),
        Some(SessionState::Connected) => session
            .last_connection_ms()
            .filter(|milliseconds| *milliseconds >= 0)
            .and_then(|milliseconds| now.checked_sub(jiff::SignedDuration::from_millis(milliseconds)).ok())
            .or(session.started_at()),
        Some(SessionState::Pending) => session.started_at(),
        Some(SessionState::Unknown(_)) | None => None,
    }
}

/// Whole seconds from `earlier` to `now`, 0 when it lies in the future.
pub(in crate::core) fn seconds_between(earlier: Timestamp, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(earlier.as_second()).max(0)
}
