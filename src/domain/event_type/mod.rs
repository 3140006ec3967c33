//! What the types of audit events mean (`events.md sections 3, 4 and 6`).
//!
//! One list for everything that knows types: the explanation on demand, the completion of filters, the events that
//! jobs are expected to cause, and the table of the vendor's methods. Types that are not in it are shown as they come.

mod access;
mod agent;
mod api;
mod image;
mod infrastructure;
mod launch;
mod login;
mod machine;
mod pool;
mod remote;
mod session;
mod timing;
mod written;

use std::{cmp::Ordering, sync::LazyLock};

use serde::{Deserialize, Serialize};

pub use written::{WrittenTypes, written_by_change, written_by_verb};

/// What an event type is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventSubject {
    /// What an administrator did to a session of the local pod.
    Session,
    /// A session of another pod: only the sending of the request.
    RemoteSession,
    /// A permission.
    Permission,
    /// A role.
    Role,
    /// An access group.
    AccessGroup,
    /// An image stream, version, tag or asset.
    Image,
    /// The life of a session, as its desktop reports it.
    Agent,
    /// A log-in of a user.
    Login,
    /// A desktop or application that a user asked for.
    Launch,
    /// A machine: its agent, how it is made, what was done to it.
    Machine,
    /// A pool or farm, and who is entitled to it.
    Pool,
    /// Servers, vCenter, certificates, the federation.
    Infrastructure,
    /// Settings of the whole estate.
    Settings,
    /// Log-ins and refusals of administrators and of the API.
    Administrator,
    /// How long something took.
    Timing,
}

impl EventSubject {
    /// What it is, in a word or two.
    pub fn label(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::RemoteSession => "session of another pod",
            Self::Permission => "permission",
            Self::Role => "role",
            Self::AccessGroup => "access group",
            Self::Image => "image",
            Self::Agent => "life of a session",
            Self::Login => "log-in of a user",
            Self::Launch => "request of a user",
            Self::Machine => "machine",
            Self::Pool => "pool or farm",
            Self::Infrastructure => "servers",
            Self::Settings => "settings",
            Self::Administrator => "administrators and API",
            Self::Timing => "measurement",
        }
    }
}

/// What an event type says of how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventResult {
    /// It worked.
    Done,
    /// It did not.
    Failed,
    /// The request left; what became of it stands in the other pod's events.
    Sent,
    /// Neither: something happened.
    Happened,
}

impl EventResult {
    /// What it is, in a few words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "it worked",
            Self::Failed => "it did not work",
            Self::Sent => "the request left, no more",
            Self::Happened => "something happened",
        }
    }
}

/// How much a type matters to whoever is on call, most urgent first. It is not the severity, which says little: a
/// vCenter that is down is a mere information there (`events.md sections 2 and 6`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventUrgency {
    /// Many are or will be hit.
    ActNow,
    /// A user cannot work.
    UserStuck,
    /// A machine is out of order.
    MachineIll,
    /// To be looked at some time.
    Watch,
    /// Who did what.
    WhoDidWhat,
    /// All as usual.
    Normal,
}

impl EventUrgency {
    /// What it is, in a word or two.
    pub fn label(self) -> &'static str {
        match self {
            Self::ActNow => "act now",
            Self::UserStuck => "a user is stuck",
            Self::MachineIll => "a machine is ill",
            Self::Watch => "watch",
            Self::WhoDidWhat => "who did what",
            Self::Normal => "normal",
        }
    }
}

/// The meaning of an event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EventMeaning {
    /// The type, in the server's spelling.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it is about.
    pub subject: EventSubject,
    /// How it went.
    pub result: EventResult,
    /// How much it matters.
    pub urgency: EventUrgency,
    /// What happened and what it means, in plain words.
    pub words: &'static str,
    /// What to look at next; empty when there is nothing to look at.
    pub next: &'static str,
}

/// An entry of the tables.
const fn meaning(
    kind: &'static str,
    (subject, result, urgency): (EventSubject, EventResult, EventUrgency),
    words: &'static str,
    next: &'static str,
) -> EventMeaning {
    EventMeaning { kind, subject, result, urgency, words, next }
}

/// All tables, as they stand in the files.
const TABLES: [&[EventMeaning]; 12] = [
    session::TYPES,
    remote::TYPES,
    access::TYPES,
    image::TYPES,
    agent::TYPES,
    login::TYPES,
    launch::TYPES,
    machine::TYPES,
    pool::TYPES,
    infrastructure::TYPES,
    api::TYPES,
    timing::TYPES,
];

/// All types in alphabetical order.
static SORTED: LazyLock<Vec<&'static EventMeaning>> = LazyLock::new(|| {
    let mut all: Vec<_> = TABLES.into_iter().flatten().collect();
    all.sort_unstable_by(|one, other| compare(one.kind, other.kind));
    all
});

impl EventMeaning {
    /// The meaning of a type, whatever the case of its letters; `None` for one that is not known here.
    pub fn of(kind: &str) -> Option<&'static Self> {
        let kind = kind.trim();
        let place = SORTED.binary_search_by(|probe| compare(probe.kind, kind)).ok()?;
        SORTED.get(place).copied()
    }

    /// All known types, in alphabetical order.
    pub fn all() -> impl ExactSizeIterator<Item = &'static Self> {
        SORTED.iter().copied()
    }

    /// The known type whose spelling is nearest, if one is near at all.
    pub fn nearest(kind: &str) -> Option<&'static Self> {
        let kind = kind.trim().to_ascii_uppercase();
        let near = Self::all().map(|known| (strsim::jaro_winkler(&kind, known.kind), known));
        let best = near.max_by(|(one, _), (other, _)| one.total_cmp(other));
        best.filter(|(likeness, _)| *likeness >= LIKE).map(|(_, known)| known)
    }
}

/// From this likeness on a type is offered in the place of an unknown one. The names begin alike, so it is high.
const LIKE: f64 = 0.8;

/// Compares names without regard to the case of ASCII letters.
fn compare(one: &str, other: &str) -> Ordering {
    one.bytes().map(|byte| byte.to_ascii_uppercase()).cmp(other.bytes().map(|byte| byte.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    #[test]
    fn types_are_found_whatever_their_case_and_unknown_ones_are_not() {
        let meaning = EventMeaning::of("ADMIN_DESKTOP_SESSION_LOGOFF").unwrap();
        assert_eq!((meaning.subject, meaning.result), (EventSubject::Session, EventResult::Done));
        assert_eq!(EventMeaning::of(" admin_desktop_session_Logoff "), Some(meaning));
        assert_eq!(EventMeaning::of("ADMIN_DESKTOP_SESSION"), None);
        assert_eq!(EventMeaning::of(""), None);
        for known in EventMeaning::all() {
            assert_eq!(EventMeaning::of(known.kind), Some(known));
        }
    }

    #[test]
    fn reset_and_reboot_are_one() {
        for (one, other) in [
            ("ADMIN_DESKTOP_SESSION_RESET", "ADMIN_DESKTOP_SESSION_REBOOTED"),
            ("ADMIN_DESKTOP_SESSION_RESET_FAILED", "ADMIN_DESKTOP_SESSION_REBOOT_FAILED"),
        ] {
            let (one, other) = (EventMeaning::of(one).unwrap(), EventMeaning::of(other).unwrap());
            assert_eq!(EventMeaning { kind: one.kind, ..*other }, *one);
        }
    }

    #[test]
    fn a_request_to_another_pod_only_says_that_it_left() {
        let remote = EventMeaning::all().filter(|meaning| meaning.subject == EventSubject::RemoteSession);
        let requests: Vec<_> = remote.filter(|meaning| meaning.kind.contains("_REQUEST_")).collect();
        assert_eq!(requests.len(), 10);
        for meaning in requests {
            let failed = meaning.kind.ends_with("_SEND_FAILED");
            let result = if failed { EventResult::Failed } else { EventResult::Sent };
            assert_eq!(meaning.result, result, "{}", meaning.kind);
            assert!(failed || meaning.words.contains("only says that the request left"), "{}", meaning.kind);
        }
    }

    #[test]
    fn the_words_are_whole_sentences() {
        let mut kinds = BTreeSet::new();
        for meaning in EventMeaning::all() {
            assert!(kinds.insert(meaning.kind), "{} twice", meaning.kind);
            let upper = |character: char| {
                character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
            };
            assert!(meaning.kind.chars().all(upper), "{}", meaning.kind);
            for words in [meaning.words, meaning.next] {
                assert!(words.is_empty() || words.ends_with('.'), "{}: {words}", meaning.kind);
                assert!(words.is_ascii() && !words.contains("  "), "{}: {words}", meaning.kind);
            }
            assert!(!meaning.words.is_empty(), "{}", meaning.kind);
            let failed = meaning.kind.ends_with("_FAILED") || meaning.kind.ends_with("_FAIL");
            assert!(!failed || meaning.result == EventResult::Failed, "{}", meaning.kind);
        }
    }

    #[test]
    fn the_nearest_type_is_offered() {
        let near = |kind| EventMeaning::nearest(kind).map(|meaning| meaning.kind);
        assert_eq!(near("admin_permission_aded"), Some("ADMIN_PERMISSION_ADDED"));
        assert_eq!(near("VLSI_IM_STREAM_ADD"), Some("VLSI_IM_STREAM_ADDED"));
        assert_eq!(near("zzz"), None);
    }

    /// The words between backticks that look like the name of a type.
    fn types_in(text: &str) -> BTreeSet<&str> {
        let quoted = text.split('`').skip(1).step_by(2);
        quoted
            .filter(|word| {
                let plain = word
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
                let prefixed = ["ADMIN_", "VLSI_", "AGENT_", "BROKER_", "REST_AUTH_"];
                plain && prefixed.iter().any(|prefix| word.starts_with(prefix)) && !word.ends_with('_')
            })
            .collect()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test compares with the reference where it is there")]
    fn every_type_of_the_reference_is_known() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference");
        for file in ["method-map.md", "events.md"] {
            let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
                eprintln!("SKIPPED: no {file} in {}; the types are not compared with it", folder.display());
                continue;
            };
            let types = types_in(&text);
            assert!(types.len() > 30, "{file} names only {} types", types.len());
            let unknown: Vec<_> = types.into_iter().filter(|kind| EventMeaning::of(kind).is_none()).collect();
            // Said to exist nowhere, and the name of a privilege.
            let unknown: Vec<_> =
                unknown.into_iter().filter(|kind| *kind != "BROKER_USERAUTHFAILED").collect();
            assert!(unknown.is_empty(), "{file}: {unknown:?}");
        }
    }
}
