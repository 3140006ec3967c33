//! A compact list gives back exactly what went in.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::{Client, Gateway, Session, Text};

fn text() -> BoxedStrategy<Option<Text>> {
    const WORDS: [&str; 9] =
        ["", "CORP\\kaya", "王伟", "8.13.0", "RDS", "CONNECTED", "WINDOWS", "EXTERNAL", "HIBERNATING"];
    prop::option::of(prop_oneof![
        prop::sample::select(&WORDS[..]).prop_map(Text::clean),
        any::<String>().prop_map(Text::from),
        "U0VTU0lPTj[A-Za-z0-9+/]{14}".prop_map(Text::from),
    ])
    .boxed()
}

fn id<I: for<'t> From<&'t str> + std::fmt::Debug + 'static>() -> BoxedStrategy<Option<I>> {
    let some = prop_oneof![
        "[a-c]{0,2}",
        any::<String>(),
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "S-1-5-21-[12]-[0-9]{1,3}",
    ];
    prop::option::of(some.prop_map(|id| I::from(id.as_str()))).boxed()
}

fn time() -> BoxedStrategy<Option<Timestamp>> {
    prop::option::of(prop_oneof![
        (0_i64..3_000_000_000_000).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap()),
        (0_i128..3_000_000_000_000_000).prop_map(|ns| Timestamp::from_nanosecond(ns).unwrap()),
        Just(Timestamp::MIN),
        Just(Timestamp::MAX),
    ])
    .boxed()
}

fn number() -> BoxedStrategy<Option<i64>> {
    prop::option::of(prop_oneof![
        any::<i64>(),
        -3_i64..4000,
        Just(i64::from(i32::MIN)),
        Just(i64::from(i32::MIN) + 1)
    ])
    .boxed()
}

fn people() -> BoxedStrategy<Session> {
    let texts = || prop::option::of(prop::collection::vec(text().prop_map(Option::unwrap_or_default), 0..3));
    let times = (time(), time(), number(), number());
    let (user, more) = ((id(), id(), text(), texts()), (texts(), text(), text()));
    ("[ab]{0,2}", user, times, more)
        .prop_map(|(name, user, times, more)| {
            let mut session = Session::new(name.as_str().into());
            (session.user_id, session.broker_user_id, session.user_name, session.groups) = user;
            (session.started_at, session.disconnected_at, session.idle_minutes, session.last_connection_ms) =
                times;
            session.applications = more.0;
            (session.guid, session.internal_id) = (more.1, more.2);
            session
        })
        .boxed()
}

fn session() -> BoxedStrategy<Session> {
    let words = (text(), text(), text(), text(), text(), text(), text());
    let client = (text(), text(), text(), text(), text(), text(), text(), text());
    let ids = (id(), id(), id(), id(), id(), id(), id());
    let names = (text(), text(), text(), text());
    let truths: [_; 5] = std::array::from_fn(|_| any::<Option<bool>>());
    (people(), words, client, ids, names, truths)
        .prop_map(|(mut session, words, client, ids, names, truths)| {
            session.kind = words.0.map(Into::into);
            session.state = words.1.map(Into::into);
            session.protocol = words.2.map(Into::into);
            (session.pool_name, session.pool_type, session.pool_source, session.domain_name) =
                (words.3, words.4, words.5, words.6);
            session.client = Client {
                kind: client.0.map(Into::into),
                name: client.1,
                address: client.2,
                version: client.3,
                location_id: client.4,
            };
            session.gateway =
                Gateway { name: client.5, address: client.6, location: client.7.map(Into::into) };
            (session.access_group_id, session.pool_id, session.farm_id) = (ids.0, ids.1, ids.2);
            (session.machine_id, session.rds_server_id, session.pod_id, session.brokering_pod_id) =
                (ids.3, ids.4, ids.5, ids.6);
            (session.machine_name, session.machine_dns, session.pod_name, session.brokering_pod_name) = names;
            session.agent_version.clone_from(&session.pool_type);
            [
                session.resourced_remotely,
                session.brokered_remotely,
                session.unauthenticated,
                session.cloud_managed,
                session.forever,
            ] = truths;
            session
        })
        .boxed()
}

/// One session for each id, the last one, in the place of the first.
fn without_repeats(sessions: &[Session]) -> Vec<Session> {
    let mut kept: Vec<Session> = Vec::new();
    for session in sessions {
        match kept.iter_mut().find(|other| other.id == session.id) {
            Some(other) => *other = session.clone(),
            None => kept.push(session.clone()),
        }
    }
    kept
}

proptest! {
    #[test]
    fn a_list_gives_back_the_sessions_that_went_in(sessions in prop::collection::vec(session(), 0..12)) {
        let rows: SessionRows = sessions.iter().cloned().collect();
        let expected = without_repeats(&sessions);
        prop_assert_eq!(rows.len(), expected.len());
        for (row, session) in (0..).zip(&expected) {
            let kept = rows.get(row).unwrap();
            prop_assert_eq!(&kept.to_session(), session);
            prop_assert_eq!(SessionParts::of(kept), SessionParts::of(session));
            prop_assert_eq!(SessionParts::of(session).to_session(), session.clone());
            prop_assert_eq!(kept.user_label(), Session::user_label(session));
            prop_assert_eq!(SessionFacts::is_on_rds_server(kept), Session::is_on_rds_server(session));
            prop_assert_eq!(rows.find(&session.id), Some(row));
            prop_assert!(kept.is_called(&session.id));
        }
        prop_assert_eq!(rows.find(&"nobody".into()), None);
        let json = serde_json::to_string(&rows).unwrap();
        prop_assert_eq!(&json, &serde_json::to_string(&expected).unwrap());
        prop_assert_eq!(serde_json::from_str::<SessionRows>(&json).unwrap(), rows);
    }

    #[test]
    fn lists_are_equal_when_their_sessions_are(
        sessions in prop::collection::vec(session(), 1..5),
        place: prop::sample::Index,
        other in session(),
    ) {
        let rows: SessionRows = sessions.iter().cloned().collect();
        let mut changed = without_repeats(&sessions);
        let place = place.index(changed.len());
        let other = Session { id: changed[place].id.clone(), ..other };
        let same = changed[place] == other;
        // Replaced at the end, the same sessions were met in another order.
        let replaced: SessionRows = sessions.iter().cloned().chain([other.clone()]).collect();
        changed[place] = other;
        let fresh: SessionRows = changed.into_iter().collect();
        prop_assert_eq!(&replaced, &fresh);
        prop_assert_eq!(rows == fresh, same);
    }

    #[test]
    fn a_session_is_added_once(sessions in prop::collection::vec(session(), 0..8)) {
        let mut builder = SessionRowsBuilder::default();
        let mut first: Vec<Session> = Vec::new();
        for session in &sessions {
            let new = first.iter().all(|known| known.id != session.id);
            prop_assert_eq!(builder.add(&SessionParts::of(session)), new);
            first.extend(new.then(|| session.clone()));
        }
        let kept: Vec<Session> = builder.finish().iter().map(SessionRow::to_session).collect();
        prop_assert_eq!(kept, first);
    }

    #[test]
    fn lists_are_taken_over_as_if_each_session_was_added(
        lists in prop::collection::vec(prop::collection::vec(session(), 0..5), 0..4),
    ) {
        let one_by_one = |sessions: &mut dyn Iterator<Item = &Session>| {
            let mut builder = SessionRowsBuilder::default();
            let refused = sessions.filter(|session| !builder.add(&SessionParts::of(*session))).count();
            (builder.finish(), refused)
        };
        let (expected, refused) = one_by_one(&mut lists.iter().flatten());
        let mut builder = SessionRowsBuilder::default();
        let mut repeated = 0;
        for list in &lists {
            let (rows, inside) = one_by_one(&mut list.iter());
            repeated += inside + builder.add_all(&rows, 0..rows.len() as u32);
        }
        let joined = builder.finish();
        prop_assert_eq!(repeated, refused);
        prop_assert_eq!(&joined, &expected);
        // Kept in the same way, too: so two lists are compared quickly.
        prop_assert!(joined.looks_same(&expected));
    }
}
