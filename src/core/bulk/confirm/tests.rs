//! What confirms a request, and what does not.

use jiff::Timestamp;

use super::*;
use crate::core::{fixtures, table::SessionTable};

fn at(second: i64) -> Timestamp {
    fixtures::start() + SignedDuration::from_secs(second)
}

fn target() -> Target {
    let mut session = fixtures::session("s1", "abel", SessionState::Connected, 0);
    session.started_at = Some(at(-3600));
    Target { session, hidden: false, pod: None }
}

/// A job that sent a verb at 0 and had the answer at 1.
fn accepted(verb: Verb) -> Confirmer {
    let mut confirmer = Confirmer::default();
    confirmer.expect(0, &target(), verb, (at(0), at(1)), &Deadlines::default());
    confirmer
}

fn list(second: i64, sessions: Vec<Session>) -> SessionTable {
    SessionTable::new(sessions, at(second), true)
}

fn cut_short(second: i64) -> SessionTable {
    SessionTable::new(Vec::new(), at(second), false)
}

fn event(kind: &str, second: i64, machine: Option<&str>) -> AuditEvent {
    AuditEvent {
        id: EventId(7),
        time: Some(at(second)),
        severity: None,
        kind: Some(Text::clean(kind)),
        module: None,
        message: None,
        written_by: None,
        user_id: None,
        machine_id: machine.map(Into::into),
        pool_name: None,
        application_pool_name: None,
    }
}

fn one(findings: &[Finding]) -> Option<(Outcome, Evidence)> {
    assert!(findings.len() <= 1);
    findings.first().map(|finding| (finding.outcome.clone(), finding.evidence))
}

/// Takes a list that took a second.
fn read(confirmer: &mut Confirmer, table: &SessionTable) -> Vec<Finding> {
    read_in(1, confirmer, table)
}

/// Takes a list that took so many seconds.
fn read_in(seconds: i64, confirmer: &mut Confirmer, table: &SessionTable) -> Vec<Finding> {
    let begun = table.read_at(None).expect("a list of one pod");
    confirmer.list_read(table, begun + SignedDuration::from_secs(seconds))
}

const CONFIRMED: Outcome = Outcome::Confirmed;

#[test]
fn a_logoff_is_confirmed_by_two_complete_lists_in_a_row() {
    let mut confirmer = accepted(Verb::Logoff);
    assert_eq!(one(&read(&mut confirmer, &list(2, Vec::new()))), None);
    // The same list again is no second one.
    assert_eq!(one(&read(&mut confirmer, &list(2, Vec::new()))), None);
    assert_eq!(one(&read(&mut confirmer, &list(3, Vec::new()))), Some((CONFIRMED, Evidence::TwoLists)));
    assert!(confirmer.is_empty());
}

#[test]
fn whoever_is_gone_near_the_deadline_gets_a_second_look_once() {
    let mut confirmer = accepted(Verb::Logoff);
    read(&mut confirmer, &list(115, vec![target().session]));
    read(&mut confirmer, &list(120, Vec::new()));
    assert_eq!(one(&confirmer.expire(at(140))), None, "put off, but not for ever");
    assert_eq!(
        one(&read(&mut confirmer.clone(), &list(130, Vec::new()))),
        Some((CONFIRMED, Evidence::TwoLists))
    );
    read(&mut confirmer, &list(130, vec![target().session]));
    read(&mut confirmer, &list(135, Vec::new()));
    assert_eq!(one(&confirmer.expire(at(141))), Some((Outcome::Accepted, Evidence::OneList)));
}

#[test]
fn a_second_look_waits_for_as_long_as_lists_take() {
    let mut confirmer = accepted(Verb::Logoff);
    // Whole at 120; the next one of its own is begun at 210 and whole at 240.
    read_in(30, &mut confirmer, &list(90, Vec::new()));
    assert_eq!(one(&confirmer.expire(at(239))), None);
    let second = read_in(30, &mut confirmer, &list(210, Vec::new()));
    assert_eq!(one(&second), Some((CONFIRMED, Evidence::TwoLists)));
}

#[test]
fn what_only_an_old_list_has_is_looked_at_again_once_before_it_is_called_still_listed() {
    let mut confirmer = accepted(Verb::Logoff);
    read_in(30, &mut confirmer, &list(50, vec![target().session]));
    assert_eq!(one(&confirmer.expire(at(121))), None, "it was seen at 80");
    assert_eq!(confirmer.next_deadline(), Some(at(121 + 150)));
    let mut gone = confirmer.clone();
    read_in(30, &mut gone, &list(170, Vec::new()));
    assert_eq!(one(&read_in(30, &mut gone, &list(290, Vec::new()))), Some((CONFIRMED, Evidence::TwoLists)));
    // Nothing more was read: what is known is the last word.
    assert_eq!(one(&confirmer.expire(at(271))), Some((Outcome::StillListed, Evidence::Listed)));
}

#[test]
fn a_list_that_is_whole_at_the_deadline_is_the_last_look_however_long_it_took() {
    let mut confirmer = accepted(Verb::Logoff);
    read_in(60, &mut confirmer, &list(61, vec![target().session]));
    assert_eq!(one(&confirmer.expire(at(121))), Some((Outcome::StillListed, Evidence::Listed)));
}

#[test]
fn whoever_is_seen_in_between_is_counted_anew() {
    let mut confirmer = accepted(Verb::Logoff);
    read(&mut confirmer, &list(2, Vec::new()));
    read(&mut confirmer, &list(3, vec![target().session]));
    assert_eq!(one(&read(&mut confirmer, &list(4, Vec::new()))), None);
}

#[test]
fn lists_that_are_cut_short_or_older_than_the_answer_confirm_nothing() {
    let mut confirmer = accepted(Verb::Logoff);
    for table in [cut_short(2), cut_short(3), list(-5, Vec::new()), list(0, Vec::new())] {
        assert_eq!(one(&read(&mut confirmer, &table)), None);
    }
    assert_eq!(
        one(&confirmer.expire(at(1000))),
        Some((Outcome::Accepted, Evidence::NothingRead)),
        "and nothing is called still listed that nobody saw"
    );
}

#[test]
fn an_event_saves_one_list_but_is_not_enough_alone() {
    let mut confirmer = accepted(Verb::Logoff);
    let seen = [event("ADMIN_DESKTOP_SESSION_LOGOFF", 1, Some("vm-s1"))];
    assert_eq!(one(&confirmer.events_read(&seen, SignedDuration::ZERO)), None);
    let found = one(&read(&mut confirmer, &list(2, Vec::new())));
    assert_eq!(found, Some((CONFIRMED, Evidence::EventAndList)));
}

#[test]
fn a_ghost_with_an_event_is_still_listed() {
    let mut confirmer = accepted(Verb::Logoff);
    confirmer.events_read(&[event("ADMIN_DESKTOP_SESSION_LOGOFF", 1, Some("vm-s1"))], SignedDuration::ZERO);
    read(&mut confirmer, &list(115, vec![target().session]));
    assert_eq!(one(&confirmer.expire(at(120))), None, "the deadline runs from the answer");
    assert_eq!(one(&confirmer.expire(at(121))), Some((Outcome::StillListed, Evidence::Listed)));
}

#[test]
fn the_id_in_other_hands_is_an_absence() {
    let mut confirmer = accepted(Verb::Logoff);
    let anew = Session { started_at: Some(at(1)), ..target().session };
    read(&mut confirmer, &list(2, vec![anew.clone()]));
    assert_eq!(one(&read(&mut confirmer, &list(3, vec![anew]))), Some((CONFIRMED, Evidence::TwoLists)));
}

#[test]
fn a_disconnect_is_confirmed_by_the_state() {
    let mut confirmer = accepted(Verb::Disconnect);
    assert_eq!(one(&read(&mut confirmer, &list(2, vec![target().session]))), None);
    let gone = Session { state: Some(SessionState::Disconnected), ..target().session };
    assert_eq!(one(&read(&mut confirmer, &list(3, vec![gone]))), Some((CONFIRMED, Evidence::State)));
}

#[test]
fn a_state_that_is_not_told_says_nothing_about_a_disconnect() {
    let mut confirmer = accepted(Verb::Disconnect);
    let untold = Session { state: None, ..target().session };
    assert_eq!(one(&read(&mut confirmer, &list(2, vec![untold]))), None);
    assert_eq!(one(&confirmer.expire(at(1000))), Some((Outcome::Accepted, Evidence::NothingRead)));
}

#[test]
fn a_reset_is_confirmed_by_either_spelling_of_its_event() {
    for kind in ["ADMIN_DESKTOP_SESSION_RESET", "ADMIN_DESKTOP_SESSION_REBOOTED"] {
        let mut confirmer = accepted(Verb::Reset);
        let failed = event("ADMIN_DESKTOP_SESSION_RESET_FAILED", 1, Some("vm-s1"));
        let other = event(kind, 1, Some("vm-s2"));
        let old = event(kind, -60, Some("vm-s1"));
        assert_eq!(one(&confirmer.events_read(&[failed, other, old], SignedDuration::ZERO)), None);
        let own = [event(kind, 1, Some("vm-s1"))];
        assert_eq!(
            one(&confirmer.events_read(&own, SignedDuration::ZERO)),
            Some((CONFIRMED, Evidence::Event))
        );
    }
}

#[test]
fn events_are_dated_by_the_servers_clock() {
    let mut confirmer = accepted(Verb::Reset);
    let own = [event("ADMIN_DESKTOP_SESSION_RESET", -3600, Some("vm-s1"))];
    let behind = SignedDuration::from_hours(-1);
    assert_eq!(one(&confirmer.events_read(&own, behind)), Some((CONFIRMED, Evidence::Event)));
}

#[test]
fn a_message_is_confirmed_by_the_id_in_its_event_or_stays_accepted() {
    let mut confirmer = accepted(Verb::Message);
    assert!(!confirmer.needs_lists());
    read(&mut confirmer, &list(2, Vec::new()));
    read(&mut confirmer, &list(3, Vec::new()));
    let mut named = event("ADMIN_SESSION_SENDMSG", 1, None);
    named.message = Some(Text::clean("CORP\\admin sent message (hi) to session s1"));
    let mut late = confirmer.clone();
    let found = one(&confirmer.events_read(&[named], SignedDuration::ZERO));
    assert_eq!(found, Some((CONFIRMED, Evidence::Event)));
    assert_eq!(one(&late.expire(at(1000))), Some((Outcome::Accepted, Evidence::NothingRead)));
}

#[test]
fn rows_that_name_no_machine_are_taken_by_their_names_from_the_own_account_each_once() {
    let session = |id: &str, user: &str| Session {
        machine_id: None,
        machine_name: Some("RDS-04".into()),
        user_name: Some(Text::clean(&format!("CORP\\{user}"))),
        id: id.into(),
        ..target().session
    };
    let row = |id: i64, by: &str, text: &str| AuditEvent {
        id: EventId(id),
        user_id: Some(by.into()),
        message: Some(Text::clean(text)),
        ..event("ADMIN_SESSION_SENDMSG", 1, None)
    };
    let mut confirmer = Confirmer::of(Some("S-1-5-me".into()));
    // Two sessions of one user on one server.
    for (place, (id, user)) in [("s1", "abel"), ("s2", "abel"), ("s3", "baker")].into_iter().enumerate() {
        let target = Target { session: session(id, user), hidden: false, pod: None };
        confirmer.expect(place, &target, Verb::Message, (at(0), at(1)), &Deadlines::default());
    }
    let mut take = |row: AuditEvent| {
        let found = confirmer.events_read(&[row], SignedDuration::ZERO);
        found.iter().map(|finding| finding.place).collect::<Vec<_>>()
    };
    let told = "CORP\\me sent message (to session of baker on RDS-04) to session (User CORP\\abel, Desktop rds-04.corp.local)";
    assert_eq!(take(row(1, "S-1-5-other", told)), [0; 0], "another operator's");
    assert_eq!(take(row(2, "S-1-5-me", told)), [0]);
    assert_eq!(take(row(2, "S-1-5-me", told)), [0; 0], "the same row again");
    assert_eq!(take(row(3, "S-1-5-me", told)), [1]);
    assert_eq!(take(row(4, "S-1-5-me", told)), [0; 0], "it names none that waits");
    let text = "CORP\\me sent message (hi) to session (User CORP\\baker, Desktop RDS-05)";
    assert_eq!(take(row(5, "S-1-5-me", text)), [0; 0], "another server");
    assert_eq!(take(row(6, "S-1-5-me", &text.replace("05", "04"))), [2]);
}

#[test]
fn a_session_of_another_pod_is_not_confirmed_by_a_request_that_left() {
    let mut confirmer = Confirmer::default();
    let remote = Target { pod: Some("fra1".into()), ..target() };
    confirmer.expect(0, &remote, Verb::Reset, (at(0), at(1)), &Deadlines::default());
    let sent = event("VLSI_FEDERATED_DESKTOP_SESSION_RESET_REQUEST_SENT", 1, None);
    assert_eq!(one(&confirmer.events_read(&[sent], SignedDuration::ZERO)), None);
    // A list of the local pod says nothing of the other one.
    read(&mut confirmer, &list(2, Vec::new()));
    assert_eq!(one(&read(&mut confirmer, &list(3, Vec::new()))), None);
}
