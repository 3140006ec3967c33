//! Lists that are on their way, that take long, and that are looked at in part.

use std::sync::Arc;

use crate::{
    core::{
        effect::{Effect, RequestId},
        fixtures::{Bench, capabilities, session},
        msg::Msg,
        remote::Remote,
        table::{Cursor, SessionTable},
    },
    domain::{Fault, FaultKind, Session, SessionFacts, SessionId, SessionState},
};

fn sessions(users: &[&str]) -> Vec<Session> {
    users.iter().map(|user| session(user, user, SessionState::Connected, 0)).collect()
}

/// A console that has asked for its first list.
fn waiting() -> (Bench, RequestId) {
    let mut bench = Bench::unconnected();
    bench.send(Msg::Connected(Box::new(capabilities())));
    let request = bench.state.sessions.poll.in_flight.expect("the list is asked for");
    (bench, request)
}

fn arrives(bench: &mut Bench, request: RequestId, users: &[&str]) {
    let table = Arc::new(SessionTable::new(sessions(users), bench.state.now, false));
    bench.send(Msg::SessionsGlimpsed { request, table });
}

fn shown(bench: &Bench) -> Vec<String> {
    bench.state.sessions.view.sessions().map(|session| session.id().into_owned()).collect()
}

fn asks_for_list(bench: &mut Bench) -> bool {
    bench.take_effects().iter().any(|effect| matches!(effect, Effect::FetchSessions { .. }))
}

#[test]
fn the_first_page_is_shown_at_once_and_the_cursor_stays_nowhere_until_it_is_moved() {
    let (mut bench, request) = waiting();
    arrives(&mut bench, request, &["m", "n"]);
    assert_eq!(shown(&bench), ["m", "n"]);
    assert!(bench.state.sessions.growing);
    assert_eq!(*bench.state.sessions.view.cursor(), Cursor::Nowhere);
    bench.press("a");
    assert!(bench.state.overlays.is_empty(), "there is nobody to act on");
    arrives(&mut bench, request, &["m", "n", "b", "c"]);
    assert_eq!(
        (shown(&bench).first().map(String::as_str), bench.state.sessions.view.offset()),
        (Some("b"), 0)
    );
    bench.press("jj");
    assert_eq!(bench.state.sessions.view.cursor_id(), Some(&SessionId::from("c")));
    arrives(&mut bench, request, &["m", "n", "b", "c", "a"]);
    bench.answer(sessions(&["m", "n", "b", "c", "a", "o"]), true);
    assert_eq!(bench.state.sessions.view.cursor_id(), Some(&SessionId::from("c")), "it keeps its session");
    assert!(!bench.state.sessions.growing);
    arrives(&mut bench, request, &["m"]);
    assert_eq!(shown(&bench).len(), 6, "what comes late is not shown");
}

#[test]
fn without_a_key_the_cursor_is_at_the_top_when_the_list_is_there() {
    let (mut bench, request) = waiting();
    arrives(&mut bench, request, &["m", "n"]);
    bench.answer(sessions(&["m", "n", "a"]), true);
    assert_eq!(bench.state.sessions.view.cursor_id(), Some(&SessionId::from("a")));
}

#[test]
fn marks_made_while_the_list_comes_stay_with_their_sessions() {
    let (mut bench, request) = waiting();
    arrives(&mut bench, request, &["m", "n"]);
    bench.press("*");
    arrives(&mut bench, request, &["a", "m", "n"]);
    bench.answer(sessions(&["a", "m"]), true);
    assert_eq!(bench.state.sessions.view.marks(), [SessionId::from("m")].into(), "n has ended meanwhile");
}

#[test]
fn a_first_list_that_breaks_off_is_none() {
    let (mut bench, request) = waiting();
    arrives(&mut bench, request, &["m", "n"]);
    bench.press("j ");
    let fault = Fault::new(FaultKind::Unreachable, "list sessions", "connection reset");
    bench.send(Msg::SessionsFailed { request, fault });
    assert!(matches!(bench.state.sessions.table, Remote::Failed { .. }));
    assert!(shown(&bench).is_empty() && !bench.state.sessions.growing);
    assert_eq!(bench.state.sessions.view.line_count(), 0, "what stands there is why");
    bench.press("ad");
    assert!(bench.state.overlays.is_empty(), "nobody can be seen, nobody is acted on");
}

#[test]
fn a_list_that_is_there_does_not_give_way_to_a_part_of_the_next() {
    let mut bench = Bench::with(sessions(&["a", "b", "c"]));
    bench.pass(15);
    let request = bench.state.sessions.poll.in_flight.expect("a poll is out");
    arrives(&mut bench, request, &["a"]);
    assert_eq!(shown(&bench), ["a", "b", "c"]);
}

#[test]
fn a_picture_that_is_still_coming_is_not_frozen() {
    let (mut bench, request) = waiting();
    arrives(&mut bench, request, &["m", "n"]);
    bench.press("p");
    assert!(bench.state.sessions.frozen.is_none());
    arrives(&mut bench, request, &["m", "n", "o"]);
    assert_eq!(shown(&bench).len(), 3);
}

#[test]
fn a_list_that_takes_long_is_read_less_often() {
    let mut bench = Bench::with(sessions(&["a"]));
    bench.pass(15);
    bench.pass(60);
    bench.answer(sessions(&["a"]), true);
    bench.take_effects();
    assert_eq!(bench.state.seconds_between_lists(), 120);
    bench.pass(119);
    assert!(!asks_for_list(&mut bench));
    bench.pass(1);
    assert!(asks_for_list(&mut bench));
    bench.pass(66);
    bench.answer(sessions(&["a"]), true);
    assert_eq!(bench.state.seconds_between_lists(), 120, "about the same is the same");
    bench.press("<c-r>");
    bench.pass(0);
    assert!(asks_for_list(&mut bench), "whoever asks for it gets it");
    bench.pass(1);
    bench.answer(sessions(&["a"]), true);
    assert_eq!(bench.state.seconds_between_lists(), 15);
}

/// A console whose list took a minute, so that it is read every two; 40 of its 200 sessions are marked.
fn seldom() -> Bench {
    let users: Vec<String> = (0..200).map(|number| format!("u{number:03}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut bench = Bench::with(sessions(&users));
    bench.pass(15);
    bench.pass(60);
    bench.answer(sessions(&users), true);
    bench.press("G");
    for _ in 0..150 {
        bench.press("k");
    }
    bench.press(&" ".repeat(40));
    bench.take_effects();
    bench
}

fn looked_at(bench: &mut Bench) -> Option<(RequestId, Arc<SessionTable>, Vec<SessionId>)> {
    bench.take_effects().into_iter().find_map(|effect| match effect {
        Effect::RenewSessions { request, table, sessions } => Some((request, table, sessions)),
        _ => None,
    })
}

#[test]
fn between_two_readings_of_a_long_list_the_screen_and_the_marks_are_looked_at() {
    let mut bench = seldom();
    bench.pass(15);
    let (request, of, ids) = looked_at(&mut bench).expect("a look");
    let view = &bench.state.sessions.view;
    let on_screen: Vec<SessionId> =
        view.lines().iter().map(|line| line.session.id().as_ref().into()).collect();
    assert!(!on_screen.is_empty() && on_screen.iter().all(|id| ids.contains(id)));
    assert!(view.marks().iter().all(|id| ids.contains(id)));
    let mut renewed = of.session(&on_screen[0]).unwrap();
    renewed.state = Some(SessionState::Disconnected);
    let table = Arc::new(of.renewed(&[renewed]).unwrap());
    let marks = view.marks();
    bench.send(Msg::SessionsRenewed { request, of, answer: Ok(Some(table)) });
    let row = bench.state.row(&on_screen[0]).unwrap();
    assert_eq!(row.state(), Some(&SessionState::Disconnected));
    assert_eq!(bench.state.sessions.view.marks(), marks);
    bench.pass(14);
    assert!(looked_at(&mut bench).is_none());
    bench.pass(1);
    assert!(looked_at(&mut bench).is_some());
}

#[test]
fn what_was_looked_at_before_a_new_list_came_is_not_shown() {
    let mut bench = seldom();
    bench.pass(15);
    let (request, of, ids) = looked_at(&mut bench).expect("a look");
    let mut old = of.session(&ids[0]).unwrap();
    old.state = Some(SessionState::Disconnected);
    let table = Arc::new(of.renewed(&[old]).unwrap());
    bench.press("<c-r>");
    bench.pass(0);
    bench.answer(of.iter().map(crate::domain::SessionRow::to_session).collect(), true);
    bench.send(Msg::SessionsRenewed { request, of, answer: Ok(Some(table)) });
    assert_eq!(bench.state.row(&ids[0]).unwrap().state(), Some(&SessionState::Connected));
}

#[test]
fn a_short_list_is_read_as_a_whole() {
    let mut bench = Bench::with(sessions(&["a", "b"]));
    bench.pass(10);
    bench.pass(5);
    assert!(looked_at(&mut bench).is_none());
}

#[test]
fn marks_that_are_too_many_for_one_look_have_their_turns() {
    let users: Vec<String> = (0..300).map(|number| format!("u{number:03}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut bench = Bench::with(sessions(&users));
    bench.press("*");
    let view = &bench.state.sessions.view;
    let (mut from, mut seen) = (0, std::collections::BTreeSet::new());
    for _ in 0..5 {
        let (ids, next) = view.worth_a_look(100, from);
        assert!(ids.len() <= 100);
        seen.extend(ids);
        from = next;
    }
    assert_eq!(seen.len(), 300);
}

/// A console for which every list is a long one.
fn with_aside(users: &[&str]) -> Bench {
    let mut bench = Bench::with(sessions(users));
    bench.state.settings.many_sessions = 1;
    bench.take_effects();
    bench
}

fn judged(bench: &mut Bench) -> Option<(RequestId, Arc<SessionTable>, crate::core::filter::Filter)> {
    bench.take_effects().into_iter().rev().find_map(|effect| match effect {
        Effect::JudgeRows { request, table, filter, .. } => Some((request, table, filter)),
        _ => None,
    })
}

#[test]
fn a_filter_of_many_sessions_is_judged_beside_the_keys_and_shown_when_it_is() {
    let mut bench = with_aside(&["anna", "bert", "anton"]);
    bench.press("/a");
    assert_eq!(shown(&bench).len(), 3, "the rows are still those before");
    assert!(bench.state.sessions.view.awaits_rows());
    let (first, ..) = judged(&mut bench).expect("a question");
    bench.press("nt");
    let (second, table, filter) = judged(&mut bench).expect("the next question");
    assert_eq!(filter.text(), "ant");
    bench.send(Msg::RowsJudged { request: first });
    assert!(bench.state.sessions.view.awaits_rows(), "that was an older question");
    assert!(table.judge_beforehand(&filter, &Arc::default(), &|| false));
    bench.send(Msg::RowsJudged { request: second });
    assert_eq!(shown(&bench), ["anton"]);
    assert_eq!(bench.state.sessions.view.cursor_id(), Some(&SessionId::from("anton")));
}

#[test]
fn whatever_is_done_is_done_to_what_the_filter_shows() {
    for keys in ["<enter>*", "<enter>", "<esc>", "<c-r>"] {
        let (mut aside, mut at_once) =
            (with_aside(&["anna", "bert", "anton"]), Bench::with(sessions(&["anna", "bert", "anton"])));
        for bench in [&mut aside, &mut at_once] {
            bench.press("/ant");
            bench.press(keys);
        }
        let (one, other) = (&aside.state.sessions.view, &at_once.state.sessions.view);
        assert!(!one.awaits_rows(), "{keys}");
        assert_eq!(
            (one.rows(), one.marks(), one.cursor()),
            (other.rows(), other.marks(), other.cursor()),
            "{keys}"
        );
    }
}

#[test]
fn a_new_list_is_shown_by_the_filter_that_is_typed() {
    let mut bench = with_aside(&["anna", "bert"]);
    bench.pass(15);
    bench.press("/an");
    bench.answer(sessions(&["anna", "bert", "anton"]), true);
    assert_eq!(shown(&bench), ["anna", "anton"]);
    assert!(!bench.state.sessions.view.awaits_rows());
}

#[test]
fn what_needs_more_than_the_list_is_judged_at_once() {
    let mut bench = with_aside(&["anna", "bert"]);
    bench.press("/flag:ghost");
    assert!(shown(&bench).is_empty());
    assert!(!bench.state.sessions.view.awaits_rows());
}

#[test]
fn a_filter_that_is_stopped_leaves_nothing_behind() {
    let bench = with_aside(&["anna", "bert"]);
    let table = bench.state.sessions.view.table();
    for text in ["an", "-f an", "user:an* idle>1h"] {
        let filter = crate::core::filter::Filter::parse(text).unwrap();
        assert!(!table.judge_beforehand(&filter, &Arc::default(), &|| true), "{text}");
    }
}
