//! Which sessions an event is about, as far as its row tells (`events.md section 1`).

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;

use super::{own_events::words, table::SessionTable};
use crate::domain::{
    AuditEvent, EventMeaning, EventSubject, MachineId, SessionFacts, SessionId, SessionRow, UserId,
};

/// A session may have begun this much after an event that belongs to it: a user asks for a desktop before there is a
/// session.
const BEFORE_SECONDS: i64 = 120;

/// What a row offers to find its sessions by, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// The id of a session stands in its text.
    Id,
    /// Its machine, and the time.
    Machine,
    /// Its user, and the time.
    User,
}

impl fmt::Display for FoundBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Id => "its id stands in the text",
            Self::Machine => "by machine and time",
            Self::User => "by user and time",
        })
    }
}

/// The sessions of the list that an event may be about, and how they were found; `None` when the row offers nothing to
/// find them by.
pub fn sessions_of(event: &AuditEvent, table: &SessionTable) -> Option<(FoundBy, BTreeSet<SessionId>)> {
    if let Some(id) = session_in_text(event, table) {
        return Some((FoundBy::Id, BTreeSet::from([id])));
    }
    let by = match (&event.machine_id, &event.user_id) {
        (Some(_), _) => FoundBy::Machine,
        (None, Some(_)) if names_the_sessions_user(event) => FoundBy::User,
        (None, _) => return None,
    };
    let latest = event.time.map(|time| time.as_second().saturating_add(BEFORE_SECONDS));
    let had_begun = |at: Option<Timestamp>| {
        at.zip(latest).is_none_or(|(started_at, latest)| started_at.as_second() <= latest)
    };
    let about = |session: &SessionRow<'_>| {
        had_begun(session.started_at())
            && match by {
                FoundBy::Machine => {
                    session.machine_id().as_deref() == event.machine_id.as_ref().map(MachineId::raw)
                }
                FoundBy::User | FoundBy::Id => {
                    session.user_id().as_deref() == event.user_id.as_ref().map(UserId::raw)
                }
            }
    };
    let mut found: Vec<SessionRow<'_>> = table.iter().filter(about).collect();
    // Of several sessions of a user it is the one whose machine the text names, if it names one.
    let is_named = |session: &SessionRow<'_>| {
        let name = session.machine_name();
        let text = event.message.as_ref();
        name.zip(text).is_some_and(|(name, text)| words(text).any(|word| word.eq_ignore_ascii_case(name)))
    };
    if found.len() > 1 && found.iter().any(is_named) {
        found.retain(is_named);
    }
    Some((by, found.into_iter().map(SessionFacts::session_id).collect()))
}

/// The session whose id stands in the text as a word: rows about sessions of other pods have it there. The text is never
/// understood beyond that.
fn session_in_text(event: &AuditEvent, table: &SessionTable) -> Option<SessionId> {
    words(event.message.as_ref()?).map(SessionId::from).find(|id| table.find(id).is_some())
}

/// Whether the user of a row is the one of a session. In rows about the configuration, and about requests to other
/// pods, it is whoever asked for it.
fn names_the_sessions_user(event: &AuditEvent) -> bool {
    let meaning = event.kind.as_ref().and_then(|kind| EventMeaning::of(kind.as_str()));
    meaning.is_none_or(|meaning| match meaning.subject {
        EventSubject::Session
        | EventSubject::Agent
        | EventSubject::Login
        | EventSubject::Launch
        | EventSubject::Machine
        | EventSubject::Timing => true,
        EventSubject::RemoteSession
        | EventSubject::Permission
        | EventSubject::Role
        | EventSubject::AccessGroup
        | EventSubject::Image
        | EventSubject::Pool
        | EventSubject::Infrastructure
        | EventSubject::Settings
        | EventSubject::Administrator => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::EventId;
    use crate::domain::Session;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn session(id: &str, user: &str, machine: Option<&str>, started: i64) -> Session {
        let mut session = Session::new(id.into());
        session.user_id = Some(user.into());
        session.machine_id = machine.map(Into::into);
        session.started_at = Some(at(started));
        session
    }

    fn table() -> SessionTable {
        let sessions = vec![
            session("11-a", "kaya", Some("vm-1"), 0),
            session("22-b", "kaya", Some("vm-2"), 1000),
            session("33-c", "alva", None, 0),
        ];
        SessionTable::new(sessions, at(2000), true)
    }

    fn event(kind: &str, user: Option<&str>, machine: Option<&str>, second: i64, text: &str) -> AuditEvent {
        AuditEvent {
            id: EventId(1),
            time: Some(at(second)),
            severity: None,
            kind: Some(kind.into()),
            module: None,
            message: Some(text.into()),
            written_by: None,
            user_id: user.map(Into::into),
            machine_id: machine.map(Into::into),
            pool_name: None,
            application_pool_name: None,
        }
    }

    fn found(event: &AuditEvent) -> Option<(FoundBy, Vec<String>)> {
        let (by, ids) = sessions_of(event, &table())?;
        Some((by, ids.iter().map(ToString::to_string).collect()))
    }

    fn one(by: FoundBy, id: &str) -> (FoundBy, Vec<String>) {
        (by, vec![id.to_owned()])
    }

    #[test]
    fn the_machine_goes_before_the_user_and_the_id_before_both() {
        let connected = event("AGENT_CONNECTED", Some("alva"), Some("vm-1"), 10, "x");
        assert_eq!(found(&connected), Some(one(FoundBy::Machine, "11-a")));
        let by_user = event("AGENT_CONNECTED", Some("alva"), None, 10, "x");
        assert_eq!(found(&by_user), Some(one(FoundBy::User, "33-c")));
        let sent = "VLSI_FEDERATED_DESKTOP_SESSION_LOGOFF_REQUEST_SENT";
        let text = "request to pod fra for session with id 22-b.";
        assert_eq!(found(&event(sent, Some("alva"), None, 10, text)), Some(one(FoundBy::Id, "22-b")));
        // Without the id nothing is left: the user is the operator.
        assert_eq!(found(&event(sent, Some("alva"), None, 10, "autre")), None);
    }

    #[test]
    fn a_session_that_began_later_is_not_meant() {
        let user = |second| found(&event("BROKER_DESKTOP_REQUEST", Some("kaya"), None, second, ""));
        assert_eq!(user(500), Some(one(FoundBy::User, "11-a")));
        assert_eq!(user(900).unwrap().1.len(), 2, "the desktop was asked for shortly before it was there");
        assert_eq!(
            found(&event("AGENT_ENDED", None, Some("vm-2"), 10, "")),
            Some((FoundBy::Machine, Vec::new()))
        );
    }

    #[test]
    fn the_user_of_a_change_is_not_the_user_of_a_session() {
        assert_eq!(found(&event("ADMIN_PERMISSION_ADDED", Some("kaya"), None, 10, "")), None);
        assert_eq!(
            found(&event("SOMETHING_NEW", Some("alva"), None, 10, "")),
            Some(one(FoundBy::User, "33-c"))
        );
    }
}
