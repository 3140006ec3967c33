//! Messages in; state and effects out.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{
    core::{
        bulk::{Confirmation, Evidence, HoldReason, JobControl, JobEvent, JobPhase, Look, Wait},
        effect::{Effect, ExitReason},
        events::{EntryBody, PaneSize},
        fixtures::{Bench, session, start},
        msg::Msg,
        remote::Remote,
        state::{ComposerField, Focus, Overlay, ScreenSize},
        table::SessionTable,
    },
    domain::{
        AuditEvent, EventFeed, EventId, Fault, FaultKind, JobId, MessageSeverity, Outcome, OutcomeKind,
        Session, SessionFacts, SessionId, SessionState, Severity, Verb,
    },
};

mod card;
mod courses;
mod diff;
mod events;
mod export;
mod facets;
mod groups;
mod jobs;
mod leave;
mod plans;
mod records;
mod themes;
mod typing;
mod views;
mod walks;

fn estate() -> Vec<Session> {
    vec![
        session("1", "abel", SessionState::Disconnected, 400),
        session("2", "baker", SessionState::Disconnected, 300),
        session("3", "chen", SessionState::Connected, 0),
        session("4", "dogan", SessionState::Disconnected, 20),
    ]
}

fn locked() -> Outcome {
    Outcome::Refused(Fault::new(FaultKind::InvalidState, "log off", "Session is locked."))
}

fn ids(list: &[&str]) -> Vec<SessionId> {
    list.iter().map(|id| SessionId::from(*id)).collect()
}

fn plan_ids(bench: &Bench) -> Vec<SessionId> {
    match bench.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => {
            sheet.plan.to_send.iter().map(|target| target.session.id.clone()).collect()
        }
        other => panic!("no plan sheet but {other:?}"),
    }
}

#[test]
fn the_console_connects_then_asks_for_sessions_and_events() {
    let mut bench = Bench::with(estate());
    let effects = bench.take_effects();
    assert_eq!(effects.first(), Some(&Effect::Connect));
    assert_eq!(effects.iter().filter(|effect| matches!(effect, Effect::FetchSessions { .. })).count(), 1);
    assert_eq!(effects.iter().filter(|effect| matches!(effect, Effect::FetchEvents { .. })).count(), 1);
    assert!(matches!(bench.state.sessions.table, Remote::Loaded { .. }));
}

#[test]
fn polls_are_never_stacked_and_come_back_at_the_interval() {
    let mut bench = Bench::with(estate());
    bench.take_effects();
    bench.pass(14);
    assert!(!bench.take_effects().iter().any(|effect| matches!(effect, Effect::FetchSessions { .. })));
    bench.pass(1);
    assert_eq!(
        bench.take_effects().iter().filter(|effect| matches!(effect, Effect::FetchSessions { .. })).count(),
        1
    );
    bench.press("<c-r><c-r>");
    bench.pass(100);
    assert!(
        !bench.take_effects().iter().any(|effect| matches!(effect, Effect::FetchSessions { .. })),
        "one is out"
    );
    bench.answer(estate(), true);
    assert!(
        bench.take_effects().iter().any(|effect| matches!(effect, Effect::FetchSessions { .. })),
        "queued by Ctrl-r"
    );
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let mut bench = Bench::with(estate());
    bench.pass(15);
    let request = bench.state.sessions.poll.in_flight.unwrap();
    bench.answer(estate(), true);
    let fault = Fault::new(FaultKind::Unreachable, "list sessions", "late");
    bench.send(Msg::SessionsFailed { request, fault });
    assert!(matches!(bench.state.sessions.table, Remote::Loaded { .. }));
}

#[test]
fn a_failed_poll_keeps_the_rows_and_says_that_they_are_old() {
    let mut bench = Bench::with(estate());
    bench.pass(15);
    let request = bench.state.sessions.poll.in_flight.unwrap();
    let fault = Fault::new(FaultKind::Unreachable, "list sessions", "no route to host");
    bench.send(Msg::SessionsFailed { request, fault });
    assert!(matches!(bench.state.sessions.table, Remote::Stale { .. }));
    assert_eq!(bench.state.sessions.view.counts().shown, 4);
}

#[test]
fn a_refused_first_log_in_ends_the_program_with_the_fault() {
    let mut bench = Bench::with(estate());
    let fault = Fault::new(FaultKind::Unauthenticated, "log in", "bad password");
    bench.send(Msg::ConnectFailed(fault.clone()));
    assert_eq!(bench.take_effects().last(), Some(&Effect::Exit(ExitReason::NotConnected(fault))));
}

#[test]
fn a_filter_with_a_mistake_hides_nothing() {
    let mut bench = Bench::with(estate());
    bench.press("/stat:disc");
    assert_eq!(bench.state.sessions.view.counts().shown, 4);
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().expect("an error");
    assert!(error.message.as_str().contains("state"), "{}", error.message);
    bench.press("<enter>");
    assert!(bench.state.prompt.is_some(), "a line with a mistake stays open");
    bench.press("<esc>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "");
}

#[test]
fn esc_asks_before_it_clears_the_filter_and_never_clears_marks() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>*<esc>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "chen");
    bench.press("<esc>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "");
    assert_eq!(bench.state.sessions.view.counts().marked, 1);
}

#[test]
fn keys_do_nothing_on_a_screen_that_shows_nothing() {
    let mut bench = Bench::with(estate());
    bench.send(Msg::Resized(ScreenSize { width: 59, height: 14 }));
    bench.take_effects();
    bench.press("*af4<enter>");
    bench.send(Msg::Paste("x".to_owned()));
    assert!(bench.take_effects().is_empty() && bench.state.overlays.is_empty());
    assert_eq!(bench.state.sessions.view.counts().marked, 0);
    bench.press("q");
    assert_eq!(bench.take_effects(), [Effect::Exit(ExitReason::Left)]);
}

#[test]
fn a_filter_line_begins_empty_and_changes_nothing_untouched() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>/<enter>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "chen");
    bench.press("/abel<enter>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "abel");
    bench.press("/<up><up><enter>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "chen");
    bench.press("/x<bs><enter>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "");
}

#[test]
fn esc_goes_back_one_layer_within_sheets() {
    let mut bench = Bench::with(estate());
    bench.press("*al<tab><esc>");
    assert_eq!(plan_ids(&bench).len(), 4, "from the list to the summary");
    bench.press("4<enter>");
    bench.finish_job(|_| Outcome::Accepted);
    bench.press("<enter><esc>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Job(sheet)) if !sheet.names));
    bench.press("<esc>");
    assert!(bench.state.overlays.is_empty());
}

#[test]
fn only_a_whole_list_says_that_a_session_is_gone() {
    let mut bench = Bench::with(estate());
    bench.press("*");
    bench.pass(60);
    bench.answer(vec![estate().remove(0)], false);
    bench.press("al");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert!(
        sheet.plan.held_back.iter().all(|held| held.reason == HoldReason::NotRead),
        "{:?}",
        sheet.plan.held_back
    );
    assert_eq!((sheet.plan.to_send.len(), sheet.plan.held_back.len()), (1, 3));
}

#[test]
fn a_filter_command_with_a_mistake_leaves_the_filter_alone() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>:filter staet:disc<enter>");
    assert!(bench.state.prompt.as_ref().unwrap().error.is_some());
    bench.press("<enter>");
    assert!(bench.state.prompt.is_some(), "a line with a mistake stays open");
    bench.press("<esc>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "state:disc");
    assert_eq!(bench.state.sessions.view.counts().shown, 3);
    bench.press(":filter chen<enter>");
    assert_eq!(bench.state.sessions.view.counts().shown, 1);
}

#[test]
fn a_poll_that_failed_while_frozen_is_not_forgotten() {
    let mut bench = Bench::with(estate());
    bench.press("p");
    bench.refresh(estate());
    bench.pass(60);
    let request = bench.state.sessions.poll.in_flight.unwrap();
    bench.send(Msg::SessionsFailed {
        request,
        fault: Fault::new(FaultKind::Unreachable, "list sessions", "gone"),
    });
    bench.press("p");
    assert!(matches!(bench.state.sessions.table, Remote::Stale { .. }));
}

#[test]
fn freezing_keeps_the_picture_counts_changes_and_then_catches_up() {
    let mut bench = Bench::with(estate());
    bench.press("p");
    let mut changed = estate();
    changed.remove(0);
    changed[1].state = Some(SessionState::Disconnected);
    bench.refresh(changed);
    assert_eq!(bench.state.sessions.view.counts().total, 4);
    assert_eq!(bench.state.sessions.frozen.as_ref().unwrap().changes, 2);
    bench.press("p");
    assert_eq!(bench.state.sessions.view.counts().total, 3);
}

#[test]
fn an_unknown_command_names_the_nearest() {
    let mut bench = Bench::with(estate());
    bench.press(":refrsh<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert!(error.message.as_str().contains(":refresh"));
    bench.press("<c-u>interval 30<enter>");
    assert_eq!(bench.state.settings.refresh_seconds, 30);
    bench.press(":interval 0<enter>");
    assert_eq!(bench.state.settings.refresh_seconds, 30);
}

#[test]
fn pasted_text_is_never_taken_for_keys() {
    let mut bench = Bench::with(estate());
    bench.take_effects();
    bench.send(Msg::Paste("*af4\n".to_owned()));
    assert!(bench.state.overlays.is_empty() && bench.take_effects().is_empty());
    assert_eq!(bench.state.sessions.view.counts().marked, 0);
}

#[test]
fn an_idle_console_sleeps_until_the_next_poll() {
    let mut bench = Bench::with(estate());
    assert_eq!(super::next_wake(&bench.state), Some(start() + jiff::SignedDuration::from_secs(15)));
    let request = bench.state.event_poll.in_flight.unwrap();
    bench.send(Msg::EventsLoaded {
        request,
        events: Vec::new(),
        feed: EventFeed::Available,
        truncated: false,
        unreadable: 0,
    });
    assert_eq!(super::next_wake(&bench.state), Some(start() + jiff::SignedDuration::from_secs(5)));
}

#[test]
fn the_state_survives_serialisation() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*al");
    let json = serde_json::to_string(&bench.state).unwrap();
    let again: crate::core::state::State = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&bench.state).unwrap());
}

#[test]
fn a_key_that_does_nothing_says_so_and_where_the_keys_stand() {
    let mut bench = Bench::with(estate());
    for (keys, words) in [
        ("X", "X does nothing here; ? shows the keys"),
        ("gx", "g x does nothing here; ? shows the keys"),
        ("<esc>aX", "X does nothing here; ? shows the keys"),
    ] {
        bench.press(keys);
        assert_eq!(bench.state.notice.as_ref().unwrap().text.as_str(), words);
    }
    bench.press("<esc>");
    assert!(bench.state.notice.is_none(), "a way out is no mistake");
    // Where letters are typed they do something, and `?` is one of them.
    bench.press("?X");
    assert!(bench.state.notice.is_none());
}

#[test]
fn that_no_job_can_be_recorded_is_said_at_once() {
    let mut bench = Bench::with(Vec::new());
    let why = "cannot create /state/jobs: Permission denied";
    bench.send(Msg::CannotRecord(why.into()));
    assert_eq!(bench.state.notice.as_ref().unwrap().text.as_str(), format!("no job can start: {why}"));
    let is_told = |entry: &crate::core::events::Entry| match &entry.body {
        EntryBody::Own(record) => record.text.as_str().contains(why),
        EntryBody::Audit { .. } => false,
    };
    assert!(bench.state.events.entries().any(is_told), "in the events too");
}

#[test]
fn protected_groups_are_looked_for_again_when_the_server_answers_again() {
    let mut bench = Bench::with(Vec::new());
    bench.state.settings.protected.groups = vec!["VIP".to_owned()];
    let asked = |effects: Vec<Effect>| {
        effects.iter().filter(|effect| matches!(effect, Effect::FindProtectedGroups { .. })).count()
    };
    let missing = |again| Msg::ProtectedGroupsFound {
        found: BTreeMap::default(),
        unfound: vec!["the protected group VIP could not be looked up".into()],
        again,
    };
    bench.take_effects();
    bench.send(missing(true));
    bench.refresh(Vec::new());
    assert_eq!(asked(bench.take_effects()), 1);
    bench.refresh(Vec::new());
    assert_eq!(asked(bench.take_effects()), 0, "one question at a time");
    bench.send(missing(false));
    bench.refresh(Vec::new());
    assert_eq!(asked(bench.take_effects()), 0, "the server knows no such group");
    bench.send(missing(true));
    bench.send(Msg::ProtectedGroupsFound {
        found: [("VIP".to_owned(), vec!["S-1-5-21-7".to_owned()])].into(),
        unfound: Vec::new(),
        again: false,
    });
    bench.refresh(Vec::new());
    assert_eq!(asked(bench.take_effects()), 0, "found");
}

#[test]
fn the_panel_rests_while_the_cursor_moves_and_follows_when_it_stands_still() {
    let mut bench = Bench::with(estate());
    bench.send(Msg::Resized(ScreenSize { width: 200, height: 60 }));
    let resting = |bench: &Bench| bench.state.sessions.panel.as_ref().map(|rest| rest.session.to_string());
    let milliseconds = |count| start() + jiff::SignedDuration::from_millis(count);
    assert_eq!(resting(&bench), None);
    bench.press("j");
    assert_eq!(resting(&bench).as_deref(), Some("1"));
    assert_eq!(super::next_wake(&bench.state), Some(milliseconds(150)));
    bench.send(Msg::Tick(milliseconds(100)));
    bench.press("j");
    bench.send(Msg::Tick(milliseconds(200)));
    assert_eq!(resting(&bench).as_deref(), Some("1"), "the cursor moved again before it had rested");
    bench.send(Msg::Tick(milliseconds(250)));
    assert_eq!(resting(&bench), None);
    // Back where it was, there is nothing to wait for.
    bench.press("j");
    assert_eq!(resting(&bench).as_deref(), Some("3"));
    bench.press("k");
    assert_eq!(resting(&bench), None);
    // What is more than a move shows at once, and so does the panel.
    for (keys, time) in [("kS", 1000), ("kd", 2000), ("k/state:disc<enter>", 3000), ("k2", 4000)] {
        bench.press(keys);
        assert_eq!(resting(&bench), None, "{keys}");
        bench.press("<esc><esc>1G");
        bench.send(Msg::Tick(milliseconds(time)));
        assert_eq!(resting(&bench), None, "{keys}");
    }
    bench.press("k");
    bench.send(Msg::Resized(ScreenSize { width: 80, height: 24 }));
    bench.press("k");
    assert_eq!(resting(&bench), None, "without a panel nothing waits");
}
