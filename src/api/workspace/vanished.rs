//! Who was listed and is not any more. The list of sessions is asked for by state, and a state of which nobody told would
//! look like an end (`workspace.md sections 4.5 and 7.1`): so it is remembered who was there.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::domain::{Session, SessionId, SessionState};

/// The states of sessions that have ended. Any other word, known or not, is not the end.
const ENDED: [&str; 2] = ["SignedOut", "InitFail"];

/// Whether a session says that it has ended. One that does not tell its state has not said so.
pub(super) fn has_ended(session: &Session) -> bool {
    match &session.state {
        Some(SessionState::Unknown(word)) => {
            ENDED.iter().any(|ended| word.as_str().eq_ignore_ascii_case(ended))
        }
        _ => false,
    }
}

/// What helps to find a session again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its user, as rows show it.
    pub(super) user: Option<String>,
    /// When it began.
    pub(super) started_at: Option<Timestamp>,
}

/// Who was in the newest lists.
#[derive(Debug, Default)]
pub(super) struct LastSeen {
    listed: HashMap<SessionId, Listed>,
}

impl LastSeen {
    /// Whoever was listed before and is not among these.
    pub(super) fn vanished(&self, sessions: &[Session]) -> Vec<(SessionId, Listed)> {
        let there: HashSet<&SessionId> = sessions.iter().map(|session| &session.id).collect();
        let gone = self.listed.iter().filter(|(id, _)| !there.contains(id));
        gone.map(|(id, listed)| (id.clone(), listed.clone())).collect()
    }

    /// Those of these of whom nothing is known.
    pub(super) fn strangers(&self, ids: &[SessionId]) -> HashSet<SessionId> {
        ids.iter().filter(|id| !self.listed.contains_key(*id)).cloned().collect()
    }

    /// Takes sessions that somebody knows from elsewhere: of a job of an earlier run, or of a saved plan.
    pub(super) fn remember<'a>(&mut self, sessions: impl IntoIterator<Item = &'a Session>) {
        self.listed.extend(sessions.into_iter().map(|session| {
            let user = session.user_name.as_ref().map(|name| name.as_str().to_owned());
            (session.id.clone(), Listed { user, started_at: session.started_at })
        }));
    }

    /// Takes a list; whoever is not in it is forgotten when it is `certain` that they have ended.
    pub(super) fn take(&mut self, sessions: &[Session], certain: bool) {
        if certain {
            self.listed.clear();
        }
        self.remember(sessions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: &str, state: Option<SessionState>) -> Session {
        Session { state, user_name: Some("kaya@corp".into()), ..Session::new(id.into()) }
    }

    #[test]
    fn only_two_words_are_an_end() {
        let unknown = |word: &str| Some(SessionState::Unknown(word.into()));
        assert!(
            has_ended(&session("1", unknown("SignedOut"))) && has_ended(&session("1", unknown("initfail")))
        );
        for state in [None, unknown("Sleeping"), unknown(""), Some(SessionState::Pending)] {
            assert!(!has_ended(&session("1", state)));
        }
    }

    #[test]
    fn whoever_is_missing_is_remembered_until_it_is_certain() {
        let [first, second] = ["1", "2"].map(|id| session(id, Some(SessionState::Connected)));
        let mut seen = LastSeen::default();
        assert_eq!(seen.vanished(&[]), []);
        seen.take(&[first.clone(), second.clone()], true);
        let only_first = [first];
        let missing = seen.vanished(&only_first);
        assert_eq!((missing.len(), missing[0].0.raw()), (1, "2"));
        assert_eq!(missing[0].1.user.as_deref(), Some("kaya@corp"));
        seen.take(&only_first, false);
        assert_eq!(seen.vanished(&only_first).len(), 1);
        seen.take(&only_first, true);
        assert_eq!(seen.vanished(&only_first), []);
    }
}
