//! Faults that can be switched on: by flag, and by tests while the simulator runs.
//!
//! The syntax is `name[=value][@path-substring][:count]`; [`FAULT_HELP`] lists the names. Faults of the network
//! and throttling run on real time.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::nearest::nearest;

/// The faults and their syntax, for the command line's help.
pub const FAULT_HELP: &str = "\
name[=value][@[METHOD]path-substring][:count]
  throttle=CALLS/TIME   each API takes CALLS calls per TIME of real time, then answers 429 (5/10s)
  latency=TIME          carry the call out at once, answer TIME later (200ms)
  status=CODE           answer with this HTTP status; the call is not carried out (500)
  drop[=PART]           carry the call out, then close the connection after PART of the body (0.5)
  lose                  close the connection as drop does, but without carrying the call out
  truncate[=PART]       end the body after PART of it, as if it were whole (0.5)
  garbage               answer with something that is not JSON
  new-enum              unknown words where an enumeration is expected
  missing-fields        leave fields out of some rows
  slow-drip[=TIME]      send the body in small pieces, TIME apart (50ms)
  token-expiry=SECONDS  access tokens live only so long
  refuse-refresh        refresh tokens are no longer valid
  no-event-db           the event database is not configured (409)
  down                  the server does not answer
  build-fails           builds of images that begin now will fail (Workspace)
  pod-down=POD          a pod of the federation does not answer: its list fails with 500, actions on it fail as
                        a whole, its endpoints are OFFLINE (FRA1); what a real pod answers then is not documented
@sessions limits a fault to paths that contain `sessions`, @POST/sessions to POSTs whose path contains `/sessions`; :3 ends it
after three answers.
";

const NAMES: [&str; 16] = [
    "throttle",
    "latency",
    "status",
    "drop",
    "lose",
    "truncate",
    "garbage",
    "new-enum",
    "missing-fields",
    "slow-drip",
    "token-expiry",
    "refuse-refresh",
    "no-event-db",
    "down",
    "pod-down",
    "build-fails",
];

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// Each API takes so many calls in a window of real time.
    Throttle {
        /// Calls in one window.
        calls: u32,
        /// The length of the window.
        window: Duration,
    },
    /// Calls are carried out at once and answered this much later.
    Latency(Duration),
    /// This HTTP status instead of an answer; the call is not carried out.
    Status(u16),
    /// The call is carried out; the connection closes after this part (0 to 1) of the body.
    Drop(f64),
    /// The call is not carried out; the connection closes as if it might have been.
    Lose,
    /// The body ends after this part (0 to 1), as if it were whole.
    Truncate(f64),
    /// Not JSON.
    Garbage,
    /// Unknown words in enumerations.
    NewEnum,
    /// Fields are left out of some rows.
    MissingFields,
    /// The body comes in pieces, this far apart.
    SlowDrip(Duration),
    /// Access tokens live so many seconds of simulated time.
    TokenExpiry(u64),
    /// Refresh tokens are not valid.
    RefuseRefresh,
    /// No event database is configured.
    NoEventDb,
    /// The server does not answer.
    Down,
    /// Another pod of the federation, by its name, does not answer the one that is asked.
    PodDown(String),
    /// A build of an image (Workspace) that begins now will fail.
    BuildFails,
}

/// One fault: what, where, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultSpec {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only for this HTTP method.
    pub method: Option<String>,
    /// Only for paths that contain this.
    pub path: Option<String>,
    /// Only for so many answers.
    pub count: Option<u64>,
}

/// A fault that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultSpecError {
    /// No fault has this name.
    #[error("there is no fault `{given}`; the nearest is `{nearest}`")]
    Unknown {
        /// The name as given.
        given: String,
        /// The most similar name.
        nearest: String,
    },
    /// The value does not fit.
    #[error("`{value}` is not a value of `{name}`: {expected}")]
    BadValue {
        /// The fault.
        name: String,
        /// The value as given.
        value: String,
        /// What would fit, with an example.
        expected: &'static str,
    },
}

impl From<FaultKind> for FaultSpec {
    fn from(kind: FaultKind) -> Self {
        Self { kind, method: None, path: None, count: None }
    }
}

impl FromStr for FaultSpec {
    type Err = FaultSpecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rest, count) = match text.rsplit_once(':') {
            Some((rest, count)) => match count.parse::<u64>() {
                Ok(count) => (rest, Some(count)),
                Err(_) => (text, None),
            },
            None => (text, None),
        };
        let (rest, path) = match rest.split_once('@') {
            Some((rest, path)) => (rest, Some(path.to_owned())),
            None => (rest, None),
        };
        let (method, path) = path.map_or((None, None), of_method);
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (rest, None),
        };
        Ok(Self { kind: kind(name, value)?, method, path, count })
    }
}

/// The HTTP methods that the face knows.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// `POST/sessions` is the method and `/sessions`; without a method all of it is the path.
fn of_method(text: String) -> (Option<String>, Option<String>) {
    match text.find('/').map(|at| text.split_at(at)) {
        Some((method, path)) if METHODS.contains(&method) => (Some(method.to_owned()), Some(path.to_owned())),
        _ => (None, Some(text)),
    }
}

fn kind(name: &str, value: Option<&str>) -> Result<FaultKind, FaultSpecError> {
    let bad = |expected| FaultSpecError::BadValue {
        name: name.to_owned(),
        value: value.unwrap_or_default().to_owned(),
        expected,
    };
    let part = || match value {
        None => Ok(0.5),
        Some(text) => text
            .parse::<f64>()
            .ok()
            .filter(|part| (0.0..=1.0).contains(part))
            .ok_or_else(|| bad("a part between 0 and 1, as in `0.5`")),
    };
    let time = |expected| value.and_then(duration).ok_or_else(|| bad(expected));
    let plain = |kind| if value.is_none() { Ok(kind) } else { Err(bad("it takes no value")) };
    match name {
        "throttle" => {
            throttle(value.unwrap_or("5/10s")).ok_or_else(|| bad("calls and a time, as in `5/10s`"))
        }
        "latency" => Ok(FaultKind::Latency(time("a time, as in `200ms` or `2s`")?)),
        "status" => value
            .and_then(|text| text.parse::<u16>().ok())
            .filter(|status| (400..600).contains(status))
            .map(FaultKind::Status)
            .ok_or_else(|| bad("an HTTP status from 400 to 599, as in `500`")),
        "drop" => Ok(FaultKind::Drop(part()?)),
        "lose" => plain(FaultKind::Lose),
        "truncate" => Ok(FaultKind::Truncate(part()?)),
        "garbage" => plain(FaultKind::Garbage),
        "new-enum" => plain(FaultKind::NewEnum),
        "missing-fields" => plain(FaultKind::MissingFields),
        "slow-drip" if value.is_none() => Ok(FaultKind::SlowDrip(Duration::from_millis(50))),
        "slow-drip" => Ok(FaultKind::SlowDrip(time("a time, as in `50ms`")?)),
        "token-expiry" => value
            .map(|text| text.strip_suffix('s').unwrap_or(text))
            .and_then(|text| text.parse().ok())
            .map(FaultKind::TokenExpiry)
            .ok_or_else(|| bad("seconds, as in `30`")),
        "refuse-refresh" => plain(FaultKind::RefuseRefresh),
        "no-event-db" => plain(FaultKind::NoEventDb),
        "down" => plain(FaultKind::Down),
        "build-fails" => plain(FaultKind::BuildFails),
        "pod-down" => match value.map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => Ok(FaultKind::PodDown(name.to_owned())),
            None => Err(bad("the name of a pod, as in `FRA1`")),
        },
        other => Err(FaultSpecError::Unknown {
            given: other.to_owned(),
            nearest: nearest(other, NAMES).unwrap_or_default().to_owned(),
        }),
    }
}

fn throttle(text: &str) -> Option<FaultKind> {
    let (calls, window) = text.split_once('/')?;
    let calls = calls.parse::<u32>().ok()?;
    let window = duration(window).filter(|window| !window.is_zero())?;
    Some(FaultKind::Throttle { calls, window })
}

/// `200ms`, `2s`, `1m`; a bare number is seconds.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.find(|letter: char| letter.is_ascii_alphabetic()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let number = number.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        "m" | "min" => number * 60.0,
        _ => return None,
    };
    (seconds <= 86_400.0).then(|| Duration::from_secs_f64(seconds))
}

/// A fault that is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultId(u64);

impl fmt::Display for FaultId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "fault {}", self.0)
    }
}

#[derive(Debug)]
struct Active {
    id: FaultId,
    spec: FaultSpec,
    left: Option<u64>,
}

/// The faults that are switched on, and the windows of throttling.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<Active>,
    added: u64,
    windows: HashMap<String, (Instant, u32)>,
}

/// What the faults do to one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Effects {
    pub(crate) latency: Duration,
    pub(crate) status: Option<u16>,
    pub(crate) drop: Option<f64>,
    /// The call is not carried out, and the connection closes.
    pub(crate) lose: bool,
    pub(crate) truncate: Option<f64>,
    pub(crate) garbage: bool,
    pub(crate) quirks: Quirks,
    pub(crate) drip: Option<Duration>,
    pub(crate) down: bool,
}

/// Oddities of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Quirks {
    pub(crate) new_enum: bool,
    pub(crate) missing: bool,
    /// The number of the row within the answer.
    pub(crate) row: usize,
}

impl Quirks {
    pub(crate) fn at(mut self, row: usize) -> Self {
        self.row = row;
        self
    }

    /// Whether the fault leaves this field out.
    pub(crate) fn hides(self, name: &str) -> bool {
        const HIDDEN: [&str; 9] = [
            "user_name",
            "session_state",
            "idle_duration",
            "start_time",
            "client_data.type",
            "message",
            "state",
            "role_id",
            "privileges",
        ];
        self.missing && self.row % 4 == 1 && HIDDEN.contains(&name)
    }

    /// The unknown word that the fault puts into this field.
    pub(crate) fn word(self, name: &str) -> Option<&'static str> {
        if !self.new_enum || self.row % 5 != 2 {
            return None;
        }
        match name {
            "session_state" => Some("HIBERNATED"),
            "session_protocol" => Some("HOLOGRAM"),
            "session_type" => Some("STREAM"),
            "client_data.type" => Some("VISIONOS"),
            "desktop_pool_or_farm_source" | "source" => Some("NUTANIX"),
            "security_gateway_data.location" => Some("ORBITAL"),
            "severity" => Some("EMERGENCY"),
            "state" => Some("AGENT_DREAMING"),
            "built_in_role_type" => Some("WIZARD"),
            _ => None,
        }
    }
}

impl Faults {
    pub(crate) fn add(&mut self, spec: FaultSpec) -> FaultId {
        self.added += 1;
        let id = FaultId(self.added);
        if matches!(spec.kind, FaultKind::Throttle { .. }) {
            self.windows.clear();
        }
        let left = spec.count;
        self.active.push(Active { id, spec, left });
        id
    }

    pub(crate) fn remove(&mut self, id: FaultId) -> bool {
        let before = self.active.len();
        self.active.retain(|fault| fault.id != id);
        self.active.len() < before
    }

    pub(crate) fn remove_kind(&mut self, kind: &FaultKind) {
        self.active.retain(|fault| fault.spec.kind != *kind);
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
        self.windows.clear();
    }

    /// Uses up one answer of every fault of this path that `wanted` picks, and gives their kinds.
    fn take(&mut self, method: &str, path: &str, wanted: impl Fn(&FaultKind) -> bool) -> Vec<FaultKind> {
        let mut taken = Vec::new();
        for fault in &mut self.active {
            let here = fault.spec.path.as_ref().is_none_or(|part| path.contains(part.as_str()))
                && fault.spec.method.as_ref().is_none_or(|only| only == method);
            if here && fault.left != Some(0) && wanted(&fault.spec.kind) {
                fault.left = fault.left.map(|left| left - 1);
                taken.push(fault.spec.kind.clone());
            }
        }
        self.active.retain(|fault| fault.left != Some(0));
        taken
    }

    /// What happens to a request for this path, apart from throttling and tokens.
    pub(crate) fn effects(&mut self, method: &str, path: &str) -> Effects {
        let mut effects = Effects::default();
        let elsewhere = |kind: &FaultKind| {
            !matches!(
                kind,
                FaultKind::Throttle { .. }
                    | FaultKind::TokenExpiry(_)
                    | FaultKind::RefuseRefresh
                    | FaultKind::NoEventDb
                    | FaultKind::PodDown(_)
                    | FaultKind::BuildFails
            )
        };
        for kind in self.take(method, path, elsewhere) {
            match kind {
                FaultKind::Latency(time) => effects.latency += time,
                FaultKind::Status(status) => effects.status = Some(status),
                FaultKind::Drop(part) => effects.drop = Some(part),
                FaultKind::Lose => effects.lose = true,
                FaultKind::Truncate(part) => effects.truncate = Some(part),
                FaultKind::Garbage => effects.garbage = true,
                FaultKind::NewEnum => effects.quirks.new_enum = true,
                FaultKind::MissingFields => effects.quirks.missing = true,
                FaultKind::SlowDrip(time) => effects.drip = Some(time),
                FaultKind::Down => effects.down = true,
                _ => {}
            }
        }
        effects
    }

    /// Counts a call of an API; over the limit, gives the whole seconds after which it passes.
    pub(crate) fn throttled(&mut self, api: &str, (method, path): (&str, &str), now: Instant) -> Option<u64> {
        let kinds = self.take(method, path, |kind| matches!(kind, FaultKind::Throttle { .. }));
        let (calls, window) = kinds.iter().find_map(|kind| match kind {
            FaultKind::Throttle { calls, window } => Some((*calls, *window)),
            _ => None,
        })?;
        let entry = self.windows.entry(api.to_owned()).or_insert((now, 0));
        if now.duration_since(entry.0) >= window {
            *entry = (now, 0);
        }
        if entry.1 < calls {
            entry.1 += 1;
            return None;
        }
        let left = window.saturating_sub(now.duration_since(entry.0));
        Some((left.as_secs() + u64::from(left.subsec_nanos() > 0)).max(1))
    }

    /// How long access tokens live, when a fault says so.
    pub(crate) fn token_seconds(&self) -> Option<u64> {
        self.active.iter().rev().find_map(|fault| match fault.spec.kind {
            FaultKind::TokenExpiry(seconds) => Some(seconds),
            _ => None,
        })
    }

    pub(crate) fn refuses_refresh(&mut self) -> bool {
        !self.take("POST", "/rest/refresh", |kind| *kind == FaultKind::RefuseRefresh).is_empty()
    }

    /// Whether a build that begins now will fail.
    pub(crate) fn fails_builds(&mut self, method: &str, path: &str) -> bool {
        !self.take(method, path, |kind| *kind == FaultKind::BuildFails).is_empty()
    }

    pub(crate) fn has_event_database(&self) -> bool {
        !self.active.iter().any(|fault| fault.spec.kind == FaultKind::NoEventDb)
    }

    /// The names of the pods that do not answer.
    pub(crate) fn pods_down(&mut self, method: &str, path: &str) -> Vec<String> {
        let kinds = self.take(method, path, |kind| matches!(kind, FaultKind::PodDown(_)));
        let name = |kind| match kind {
            FaultKind::PodDown(name) => Some(name),
            _ => None,
        };
        kinds.into_iter().filter_map(name).collect()
    }

    /// Switches off what keeps a pod from answering.
    pub(crate) fn bring_pod_up(&mut self, name: &str) {
        let concerns = |kind: &FaultKind| match kind {
            FaultKind::PodDown(down) => down.eq_ignore_ascii_case(name),
            _ => false,
        };
        self.active.retain(|fault| !concerns(&fault.spec.kind));
    }

    /// The pods that faults name.
    pub(crate) fn named_pods(&self) -> impl Iterator<Item = &str> {
        self.active.iter().filter_map(|fault| match &fault.spec.kind {
            FaultKind::PodDown(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether new connections are turned away.
    pub(crate) fn is_down(&self) -> bool {
        self.active.iter().any(|fault| {
            fault.spec.kind == FaultKind::Down && fault.spec.path.is_none() && fault.spec.count.is_none()
        })
    }
}

#[cfg(test)]
mod tests;
