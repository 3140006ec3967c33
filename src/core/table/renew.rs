//! A table some of whose sessions were looked at again since it was read.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::SessionTable;
use crate::domain::{Session, SessionFacts, SessionParts, SessionRow, SessionRowsBuilder};

impl SessionTable {
    /// The same table with what is known now about some of its sessions, each in the row in which it was; `None` when that is
    /// nothing new. Its time stays that of the reading: nobody has come or ended by this, and whoever is not among them is as
    /// old as before.
    #[must_use]
    pub fn renewed(&self, sessions: &[Session]) -> Option<Self> {
        let now: HashMap<u32, &Session> = sessions
            .iter()
            .filter_map(|session| Some((self.find(&session.id)?, session)))
            .filter(|(row, session)| self.get(*row).is_some_and(|row| is_same_one(row, session)))
            .collect();
        let differs = |(row, session): (&u32, &&Session)| {
            self.get(*row).is_some_and(|row| renewed(row, session) != SessionParts::of(row))
        };
        if !now.iter().any(differs) {
            return None;
        }
        let mut rows = SessionRowsBuilder::default();
        for row in self.iter() {
            let parts = now.get(&row.number()).map(|session| renewed(row, session));
            rows.add(&parts.unwrap_or_else(|| SessionParts::of(row)));
        }
        let table = Self::of_rows(Arc::new(rows.finish()), self.fetched_at(), self.complete());
        let mut table = table.with_server_time(self.server_time());
        table.pods.clone_from(&self.pods);
        table.ambiguous.clone_from(&self.ambiguous);
        Some(table)
    }
}

/// Whether the id still means the session that it meant: pods give their ids each for itself, and nothing says that they give
/// none again.
fn is_same_one(row: SessionRow<'_>, session: &Session) -> bool {
    let user = |session: SessionParts<'_>| session.user_id.map(Cow::into_owned);
    user(SessionParts::of(row)) == user(SessionParts::of(session)) && row.started_at() == session.started_at
}

/// A row as it is now. Whose it is and where it runs stays as the whole list said it, which may have joined the answers of
/// several pods.
fn renewed<'a>(row: SessionRow<'a>, session: &'a Session) -> SessionParts<'a> {
    let now = SessionParts::of(session);
    SessionParts {
        state: now.state,
        protocol: now.protocol,
        disconnected_at: now.disconnected_at,
        idle_minutes: now.idle_minutes,
        last_connection_ms: now.last_connection_ms,
        applications: now.applications,
        client_kind: now.client_kind,
        client_name: now.client_name,
        client_address: now.client_address,
        client_version: now.client_version,
        client_location_id: now.client_location_id,
        gateway_name: now.gateway_name,
        gateway_address: now.gateway_address,
        gateway_location: now.gateway_location,
        ..SessionParts::of(row)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{core::table::testing::sessions, domain::SessionState};

    proptest! {
        #[test]
        fn the_others_stay_as_they_were_and_in_their_rows(all in sessions(8), chosen in any::<prop::sample::Index>()) {
            prop_assume!(!all.is_empty());
            let table = SessionTable::new(all, Timestamp::UNIX_EPOCH, true);
            let place = chosen.index(table.len()) as u32;
            let mut session = table.get(place).unwrap().to_session();
            prop_assert_eq!(table.renewed(std::slice::from_ref(&session)), None);
            session.state = Some(SessionState::Unknown("GONE_FISHING".into()));
            let now = table.renewed(std::slice::from_ref(&session)).unwrap();
            prop_assert_eq!((now.fetched_at(), now.complete()), (table.fetched_at(), table.complete()));
            for (old, new) in table.iter().zip(now.iter()) {
                let expected = if old.number() == place { session.clone() } else { old.to_session() };
                prop_assert_eq!(new.to_session(), expected);
            }
        }
    }

    #[test]
    fn another_session_under_a_known_id_is_left_to_the_next_list() {
        let mut session = Session::new("a".into());
        session.user_id = Some("S-1".into());
        let table = SessionTable::new(vec![session.clone()], Timestamp::UNIX_EPOCH, true);
        session.state = Some(SessionState::Connected);
        assert!(table.renewed(&[session.clone()]).is_some());
        session.user_id = Some("S-2".into());
        assert!(table.renewed(&[session.clone()]).is_none());
        session.id = "b".into();
        assert!(table.renewed(&[session]).is_none(), "nobody comes by this");
    }
}
