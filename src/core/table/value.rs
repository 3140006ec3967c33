//! What the fields of a session mean to an operator, borrowed instead of built: the one definition that columns,
//! sorting and the filter language share. Whatever is not known is `None`.

use jiff::Timestamp;

use crate::domain::{
    ClientKind, FarmId, MachineId, PodId, PoolId, RdsServerId, Session, SessionState, Text, UserId,
};

/// What tells users apart: the SID, or else the name in small letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::core) enum UserKey<'a> {
    /// The SID.
    Sid(&'a str),
    /// The name, when there is no SID.
    Name(String),
}

/// What tells the user of a session apart from others.
pub(in crate::core) fn user_key(session: &Session) -> Option<UserKey<'_>> {
    match (&session.user_id, &session.user_name) {
        (Some(sid), _) => Some(UserKey::Sid(sid.raw())),
        (None, Some(name)) => Some(UserKey::Name(name.as_str().to_lowercase())),
        (None, None) => None,
    }
}

/// The short account name: what follows `DOMAIN\` in the name, or else the SID.
pub(in crate::core) fn login(session: &Session) -> Option<&str> {
    match &session.user_name {
        Some(name) => Some(login_part(name.as_str())),
        None => session.user_id.as_ref().map(UserId::raw),
    }
}

/// What follows `DOMAIN\`, or the whole name.
pub(in crate::core) fn login_part(name: &str) -> &str {
    match name.rsplit_once('\\') {
        Some((_, login)) if !login.is_empty() => login,
        _ => name,
    }
}

/// The label of the pool or farm: its name, or else its id.
pub(in crate::core) fn pool(session: &Session) -> Option<&str> {
    text(session.pool_name.as_ref())
        .or_else(|| session.pool_id.as_ref().map(PoolId::raw))
        .or_else(|| session.farm_id.as_ref().map(FarmId::raw))
}

/// The label of the farm; `None` for sessions that run on no farm. A session with pool and farm has the pool's name,
/// so that only the farm's id is left to call the farm by.
pub(in crate::core) fn farm(session: &Session) -> Option<&str> {
    let farm = session.farm_id.as_ref()?;
    if session.pool_id.is_none()
        && let Some(name) = &session.pool_name
    {
        return Some(name.as_str());
    }
    Some(farm.raw())
}

/// The label of the machine or RDS server.
pub(in crate::core) fn machine(session: &Session) -> Option<&str> {
    text(session.machine_name.as_ref())
        .or_else(|| text(session.machine_dns.as_ref()))
        .or_else(|| session.machine_id.as_ref().map(MachineId::raw))
        .or_else(|| session.rds_server_id.as_ref().map(RdsServerId::raw))
}

/// The host's short network name: the first label of the DNS name, or else the machine's name.
pub(in crate::core) fn host(session: &Session) -> Option<&str> {
    text(session.machine_dns.as_ref()).map(first_label).or_else(|| text(session.machine_name.as_ref()))
}

/// The first label of a DNS name.
pub(in crate::core) fn first_label(name: &str) -> &str {
    name.split_once('.').map_or(name, |(first, _)| first)
}

/// The label of the gateway.
pub(in crate::core) fn gateway(session: &Session) -> Option<&str> {
    text(session.gateway.name.as_ref()).or_else(|| text(session.gateway.address.as_ref()))
}

/// The label of the pod.
pub(in crate::core) fn pod(session: &Session) -> Option<&str> {
    text(session.pod_name.as_ref()).or_else(|| session.pod_id.as_ref().map(PodId::raw))
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

/// The text, borrowed.
pub(in crate::core) fn text(text: Option<&Text>) -> Option<&str> {
    text.map(Text::as_str)
}

/// Whole minutes without input, as of `now`.
///
/// Connected: what the server says. Disconnected: nobody can give input, so the time since the disconnect counts when
/// the server says nothing or less than that. A negative number is nonsense and reads as unknown; a disconnect in the
/// future (clocks differ) adds nothing.
pub(in crate::core) fn idle_minutes(session: &Session, now: Timestamp) -> Option<i64> {
    let said = session.idle_minutes.filter(|minutes| *minutes >= 0);
    if session.state != Some(SessionState::Disconnected) {
        return said;
    }
    let since = session.disconnected_at.map(|at| seconds_between(at, now) / 60);
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
pub(in crate::core) fn disconnected(session: &Session, now: Timestamp) -> Disconnected {
    match (&session.state, session.disconnected_at) {
        (Some(SessionState::Connected | SessionState::Pending), _) => Disconnected::No,
        (Some(SessionState::Disconnected), Some(at)) => Disconnected::For(seconds_between(at, now)),
        (Some(SessionState::Disconnected | SessionState::Unknown(_)) | None, _) => Disconnected::Unknown,
    }
}

/// Seconds since the session began, as of `now`.
pub(in crate::core) fn age_seconds(session: &Session, now: Timestamp) -> Option<i64> {
    session.started_at.map(|at| seconds_between(at, now))
}

/// Since when the session is in its state: the disconnect for disconnected ones; for the others the last change is
/// the start of the current connection, or else the start of the session.
pub(in crate::core) fn since(session: &Session, now: Timestamp) -> Option<Timestamp> {
    match &session.state {
        Some(SessionState::Disconnected) => session.disconnected_at,
        Some(SessionState::Connected) => session
            .last_connection_ms
            .filter(|milliseconds| *milliseconds >= 0)
            .and_then(|milliseconds| now.checked_sub(jiff::SignedDuration::from_millis(milliseconds)).ok())
            .or(session.started_at),
        Some(SessionState::Pending) => session.started_at,
        Some(SessionState::Unknown(_)) | None => None,
    }
}

/// Whole seconds from `earlier` to `now`, 0 when it lies in the future.
pub(in crate::core) fn seconds_between(earlier: Timestamp, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(earlier.as_second()).max(0)
}
