use jiff::Timestamp;

use super::*;
use crate::{
    core::table::SessionTable,
    domain::{Session, SessionState},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn session(id: &str, state: SessionState, gateway: &str) -> Session {
    let mut session = Session::new(id.into());
    session.user_name = Some(format!("CORP\\user-{id}").into());
    session.state = Some(state);
    session.gateway.name = Some(gateway.into());
    session.agent_version = Some("8.13.0".into());
    session
}

fn table(sessions: Vec<Session>, second: i64, complete: bool) -> SessionTable {
    SessionTable::new(sessions, at(second), complete)
}

fn note(past: &mut Past, before: Option<&SessionTable>, now: &SessionTable) {
    past.note(before, now, now.fetched_at());
}

fn kinds(past: &Past) -> Vec<(String, ChangeKind)> {
    past.changes().map(|change| (change.session.raw().to_owned(), change.kind)).collect()
}

#[test]
fn what_became_of_each_session_is_told_and_the_first_list_is_no_change() {
    use SessionState::{Connected, Disconnected, Pending};
    let mut past = Past::default();
    let first = table(
        vec![
            session("a", Connected, "g1"),
            session("b", Disconnected, "g1"),
            session("c", Pending, "g1"),
            session("d", Connected, "g1"),
            session("e", Connected, "g1"),
        ],
        0,
        true,
    );
    note(&mut past, None, &first);
    assert_eq!((past.changes().count(), past.since()), (0, Some(at(0))));
    let second = table(
        vec![
            session("a", Disconnected, "g1"),
            session("b", Connected, "g1"),
            session("c", Connected, "g1"),
            session("e", Connected, "g1"),
            session("f", Connected, "g1"),
        ],
        15,
        true,
    );
    note(&mut past, Some(&first), &second);
    let expected = [
        ("a", ChangeKind::Dropped),
        ("b", ChangeKind::Reconnected),
        ("c", ChangeKind::Changed),
        ("d", ChangeKind::Ended),
        ("f", ChangeKind::Appeared),
    ];
    assert_eq!(kinds(&past), expected.map(|(id, kind)| (id.to_owned(), kind)));
}

#[test]
fn what_a_part_of_a_list_does_not_hold_has_not_ended_nor_appeared_later() {
    let mut past = Past::default();
    let all =
        || vec![session("a", SessionState::Connected, "g1"), session("b", SessionState::Connected, "g1")];
    let whole = table(all(), 0, true);
    let part = table(vec![session("a", SessionState::Connected, "g1")], 15, false);
    note(&mut past, Some(&whole), &part);
    note(&mut past, Some(&part), &table(all(), 30, true));
    assert_eq!(kinds(&past), []);
}

#[test]
fn what_happens_around_an_incomplete_list_is_told_by_the_next_complete_one() {
    let mut past = Past::default();
    let list = |ids: &[&str], second, complete| {
        let sessions = ids.iter().map(|id| session(id, SessionState::Connected, "g1")).collect();
        table(sessions, second, complete)
    };
    let lists = [
        list(&["a", "b", "c"], 0, true),
        list(&["a"], 15, false),
        list(&["a", "c"], 30, false),
        list(&["a", "c", "d"], 45, true),
    ];
    note(&mut past, None, &lists[0]);
    for pair in lists.windows(2) {
        note(&mut past, Some(&pair[0]), &pair[1]);
    }
    let expected = [("d", ChangeKind::Appeared), ("b", ChangeKind::Ended)];
    assert_eq!(kinds(&past), expected.map(|(id, kind)| (id.to_owned(), kind)));
    assert!(past.changes().all(|change| change.at == at(45)));
}

#[test]
fn what_was_looked_at_between_two_readings_has_the_time_of_the_look() {
    let mut past = Past::default();
    let before = table(vec![session("a", SessionState::Connected, "g1")], 0, true);
    let mut dropped = session("a", SessionState::Disconnected, "g1");
    dropped.disconnected_at = Some(at(7));
    let after = before.renewed(&[dropped]).unwrap();
    past.note(Some(&before), &after, at(9));
    let told: Vec<_> = past.changes().map(|change| (change.at, change.seen)).collect();
    assert_eq!(told, [(at(7), at(9))]);
}

#[test]
fn the_server_says_when_it_was_as_long_as_that_lies_between_the_polls() {
    let mut past = Past::default();
    let list = |second, told: Option<i64>| {
        let mut session = session("a", SessionState::Disconnected, "g1");
        session.disconnected_at = told.map(at);
        table(vec![session], second, true)
    };
    let connected = |second| table(vec![session("a", SessionState::Connected, "g1")], second, true);
    note(&mut past, Some(&connected(0)), &list(15, Some(9)));
    note(&mut past, Some(&connected(30)), &list(45, Some(-500)));
    note(&mut past, Some(&connected(60)), &list(75, None));
    let told: Vec<Timestamp> = past.changes().map(|change| change.at).collect();
    assert_eq!(told, [at(9), at(45), at(75)]);
}

#[test]
fn only_so_many_are_kept_and_from_when_on_is_known() {
    let mut past = Past::default();
    let list = |second: i64, connected: bool| {
        let state = if connected { SessionState::Connected } else { SessionState::Disconnected };
        let sessions = (0..8_000).map(|id| session(&id.to_string(), state.clone(), "g1")).collect();
        table(sessions, second, true)
    };
    note(&mut past, None, &list(0, true));
    for poll in 1..=3 {
        note(&mut past, Some(&list(poll * 15 - 15, poll % 2 == 1)), &list(poll * 15, poll % 2 == 0));
    }
    assert_eq!(past.changes().count(), KEPT);
    assert_eq!(past.since(), Some(at(15)), "of the first poll not all are left");
}

/// Sessions of which some drop, on three gateways; all others stay.
fn dropped(past: &mut Past, dropped: &[(&str, i64)]) -> SessionTable {
    let gateway = |number: usize| ["g1", "g2", "g3"][number % 3];
    let list = |second: i64, is_after: bool| {
        let sessions = (0..30).map(|number| {
            let id = format!("s{number}");
            let told = dropped.iter().find(|(dropped, _)| *dropped == id).filter(|_| is_after);
            let mut session = session(&id, SessionState::Connected, gateway(number));
            if let Some((_, second)) = told {
                session.state = Some(SessionState::Disconnected);
                session.disconnected_at = Some(at(*second));
            }
            session
        });
        table(sessions.collect(), second, true)
    };
    let after = list(600, true);
    note(past, Some(&list(0, false)), &after);
    after
}

#[test]
fn a_burst_is_told_with_what_it_shares_and_others_do_not() {
    let mut past = Past::default();
    // s1, s4, s7 and s10 came through g2; the others did not, or long before.
    let table = dropped(
        &mut past,
        &[("s1", 300), ("s4", 310), ("s7", 324), ("s10", 328), ("s13", 20), ("s0", 312), ("s5", 500)],
    );
    let found = bursts(past.changes(), table.rows(), 600);
    let first = &found[0];
    assert_eq!((first.kind, first.changes.len(), first.seconds()), (ChangeKind::Dropped, 4, 28));
    let shared: Vec<String> =
        first.shared.iter().map(|shared| format!("{} {}", shared.facet.name(), shared.value)).collect();
    assert_eq!(shared, ["gateway g2"], "the agent is that of all sessions and tells nothing");
    assert_eq!((found[1].changes.len(), found[1].shared.len()), (3, 0));
    assert_eq!(found.len(), 2);
}

#[test]
fn what_merely_happens_together_is_no_burst() {
    let mut past = Past::default();
    let table =
        dropped(&mut past, &[("s0", 300), ("s1", 301), ("s2", 302), ("s3", 303), ("s4", 304), ("s5", 305)]);
    let found = bursts(past.changes(), table.rows(), 600);
    assert!(found.iter().all(|burst| burst.shared.is_empty()), "{found:?}");
}

#[test]
fn what_happens_all_the_time_is_no_burst() {
    let mut past = Past::default();
    // One drops every ten seconds, each third of them on the same gateway.
    let names: Vec<String> = (0..30).map(|number| format!("s{number}")).collect();
    let when: Vec<(&str, i64)> =
        (0..).zip(&names).map(|(place, name)| (name.as_str(), place * 10 + 5)).collect();
    let table = dropped(&mut past, &when);
    let found = bursts(past.changes(), table.rows(), 600);
    assert!(found.iter().all(|burst| burst.shared.is_empty()), "{found:?}");
}

#[test]
fn the_sheet_says_how_far_back_it_reaches() {
    let mut past = Past::default();
    let table = dropped(&mut past, &[("s1", 590)]);
    let sheet = DiffSheet::new(&past, table.rows(), at(610), 900);
    assert_eq!(sheet.known_from, Some(at(0)));
    assert_eq!((sheet.count(ChangeKind::Dropped), sheet.lines().len()), (1, 2));
    assert!(sheet.current().is_some(), "the cursor begins on a session, not on a heading");
    let sheet = DiffSheet::new(&past, table.rows(), at(610), 10);
    assert_eq!((sheet.known_from, sheet.lines().len()), (None, 0));
}
