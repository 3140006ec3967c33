//! The details of an event in the console.

use std::collections::BTreeMap;

use crate::{
    core::{
        effect::{Effect, RequestId},
        fixtures::{Bench, session, start},
        msg::Msg,
        state::{EventAttributes, Focus, Overlay, Tab},
    },
    domain::{AuditEvent, EventFeed, EventId, Fault, FaultKind, SessionFacts, SessionState, Text},
};

fn bench() -> Bench {
    Bench::with(vec![
        session("1", "kaya", SessionState::Connected, 0),
        session("2", "alva", SessionState::Disconnected, 90),
    ])
}

fn row(id: i64, kind: &str, machine: Option<&str>) -> AuditEvent {
    AuditEvent {
        id: EventId(id),
        time: Some(start()),
        severity: Some("INFO".into()),
        kind: Some(kind.into()),
        module: Some("Agent".into()),
        message: Some("something happened".into()),
        written_by: None,
        user_id: None,
        machine_id: machine.map(Into::into),
        pool_name: None,
        application_pool_name: None,
    }
}

fn arrive(bench: &mut Bench, events: Vec<AuditEvent>) {
    let request = bench.state.event_poll.in_flight.unwrap();
    bench.send(Msg::EventsLoaded {
        request,
        events,
        feed: EventFeed::Available,
        truncated: false,
        unreadable: 0,
    });
    bench.take_effects();
}

fn asked(bench: &mut Bench) -> (RequestId, EventId) {
    let asked = bench.take_effects().into_iter().find_map(|effect| match effect {
        Effect::FetchEventAttributes { request, event } => Some((request, event)),
        _ => None,
    });
    asked.expect("the attributes are asked for")
}

fn attributes(bench: &Bench) -> &EventAttributes {
    match bench.state.overlays.last() {
        Some(Overlay::Event { attributes, .. }) => attributes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_attributes_are_asked_for_once_and_belong_to_the_event_that_was_opened() {
    let mut bench = bench();
    arrive(&mut bench, vec![row(7, "AGENT_CONNECTED", Some("vm-2"))]);
    bench.press("<tab>d");
    let (request, event) = asked(&mut bench);
    assert_eq!(event, EventId(7));
    assert_eq!(*attributes(&bench), EventAttributes::Asking(request));
    // What comes in meanwhile changes nothing about what is open.
    bench.pass(60);
    arrive(&mut bench, vec![row(8, "AGENT_ENDED", Some("vm-1"))]);
    let read: BTreeMap<Text, Text> = [("PoolId".into(), "fin".into())].into();
    bench.send(Msg::EventAttributesRead { request: RequestId(999), answer: Ok(BTreeMap::new()) });
    assert_eq!(*attributes(&bench), EventAttributes::Asking(request));
    bench.send(Msg::EventAttributesRead { request, answer: Ok(read.clone()) });
    assert_eq!(*attributes(&bench), EventAttributes::Read(Ok(read)));
    bench.press("jjG");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Event { scroll: 2, .. })));
    bench.press("<enter>");
    assert!(bench.state.overlays.is_empty());
    let here = bench.state.sessions.view.cursor_session().unwrap();
    assert_eq!(here.id(), "2", "the session of the event that was opened, not of the newest");
}

#[test]
fn a_fault_is_kept_and_an_answer_that_comes_too_late_is_dropped() {
    let mut bench = bench();
    arrive(&mut bench, vec![row(7, "AGENT_CONNECTED", Some("vm-2"))]);
    bench.press("<tab>d");
    let (request, _) = asked(&mut bench);
    let fault = Fault::new(FaultKind::EntityNotFound, "read the details of an event", "gone");
    bench.send(Msg::EventAttributesRead { request, answer: Err(fault.clone()) });
    assert_eq!(*attributes(&bench), EventAttributes::Read(Err(fault)));
    bench.press("<esc>");
    assert!(bench.state.overlays.is_empty());
    bench.send(Msg::EventAttributesRead { request, answer: Ok(BTreeMap::new()) });
    assert!(bench.state.overlays.is_empty());
    assert_eq!(bench.state.focus, Focus::Events);
}

#[test]
fn a_record_of_the_console_asks_nothing() {
    let mut bench = bench();
    bench.take_effects();
    bench.press("<tab>d");
    assert!(bench.take_effects().is_empty());
    assert_eq!(*attributes(&bench), EventAttributes::None);
}

#[test]
fn going_to_the_session_shows_the_sessions_and_stays_where_there_is_none() {
    let mut bench = bench();
    arrive(&mut bench, vec![row(7, "ADMIN_PERMISSION_ADDED", None)]);
    bench.press("<tab>d<enter>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Event { .. })));
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("no session"));
    bench.press("q");
    bench.pass(60);
    arrive(&mut bench, vec![row(9, "AGENT_CONNECTED", Some("vm-2"))]);
    bench.state.tab = Tab::Images;
    bench.press("d<enter>");
    assert_eq!((bench.state.tab, bench.state.focus), (Tab::Sessions, Focus::Table));
}

#[test]
fn the_menu_says_where_the_server_decides() {
    let mut bench = bench();
    let menu = |bench: &mut Bench| {
        bench.press("a");
        let Some(Overlay::Actions(menu)) = bench.state.overlays.pop() else { panic!("no menu") };
        menu.choices.iter().map(|choice| (choice.eligible, choice.unknown)).collect::<Vec<_>>()
    };
    assert!(menu(&mut bench).iter().all(|(_, unknown)| *unknown == 0));
    let mut capabilities = crate::core::fixtures::capabilities();
    capabilities.account = crate::domain::Account::default();
    bench.send(Msg::CapabilitiesChanged(Box::new(capabilities)));
    let choices = menu(&mut bench);
    assert!(choices.iter().all(|(eligible, unknown)| eligible == unknown));
    assert!(choices.iter().any(|(eligible, _)| *eligible == 1));
}
