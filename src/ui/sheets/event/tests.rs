//! Pictures of the details of events.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use crate::{
    core::{
        effect::RequestId,
        state::{EventAttributes, Overlay, State},
    },
    domain::{AuditEvent, FaultKind, Text},
    ui::fixtures::{add_job, event, fault, job, main_screen, picture, pictures},
};

/// The refusal of a log-off of the job that the screen has.
fn refused(kind: &str) -> AuditEvent {
    let text = "CORP\\a.kaya failed to log off CORP\\abel.n from machine FINW11-014";
    let mut event = event(900, ("14:02:30", "AUDIT_FAIL", "Admin", text, Some("fin-w11")));
    event.kind = Some(kind.into());
    let state = main_screen(80, 24);
    let target = job(&state, true).plan.to_send[0].session.clone();
    event.user_id = target.user_id;
    event.machine_id = target.machine_id;
    event
}

fn attributes() -> BTreeMap<Text, Text> {
    let pairs = [
        ("UserDisplayName", "CORP\\a.kaya"),
        ("MachineName", "FINW11-014"),
        ("PoolId", "fin-w11"),
        ("SessionMessage", ""),
    ];
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

/// A screen with a job and one more event, whose details are open.
fn details(width: u16, height: u16, event: AuditEvent, attributes: EventAttributes) -> State {
    let mut state = main_screen(width, height);
    let job = job(&state, true);
    let machines = state.sessions.table.value().unwrap();
    state.events.names = crate::core::table::Names::of_sessions(machines);
    add_job(&mut state, job);
    let now = state.now;
    state.events.take(vec![event], &mut state.own_events, now, false);
    let entry = state.events.entries().map(|entry| entry.number).max().unwrap();
    state.overlays.push(Overlay::Event { entry, attributes, scroll: 0 });
    state
}

fn read() -> EventAttributes {
    EventAttributes::Read(Ok(attributes()))
}

#[test]
fn an_event_of_a_job_is_explained() {
    pictures!("event", |width, height| {
        details(width, height, refused("ADMIN_DESKTOP_SESSION_LOGOFF_FAILED"), read())
    });
}

#[test]
fn what_is_not_known_is_said() {
    let mut row = refused("VLSI_BRAND_NEW");
    row.machine_id = None;
    row.user_id = None;
    row.written_by = None;
    let state = details(80, 24, row, EventAttributes::Asking(RequestId(9)));
    let seen = picture(&state);
    for words in [
        "unknown type: shown as it came",
        "none of this run",
        "cannot be told: the row has no session id",
        "VLSI_BRAND_NEW",
    ] {
        assert!(seen.contains(words), "{words}\n{seen}");
    }
    assert_snapshot!("event_unknown", seen);
}

#[test]
fn attributes_that_cannot_be_read_say_why() {
    let failed = EventAttributes::Read(Err(fault(FaultKind::Unreachable, "no answer within 30 s")));
    let mut state = details(80, 24, refused("ADMIN_DESKTOP_SESSION_LOGOFF_FAILED"), failed);
    if let Some(Overlay::Event { scroll, .. }) = state.overlays.last_mut() {
        *scroll = 80;
    }
    let seen = picture(&state);
    assert!(seen.contains("no answer within 30 s"), "{seen}");
}

#[test]
fn a_record_of_the_console_explains_itself() {
    let mut state = main_screen(80, 24);
    let entry = state.events.entries().map(|entry| entry.number).max().unwrap();
    state.overlays.push(Overlay::Event { entry, attributes: EventAttributes::None, scroll: 0 });
    assert_snapshot!("event_own", picture(&state));
}

#[test]
fn an_event_that_fell_out_is_said_to_be_gone() {
    let mut state = main_screen(80, 24);
    state.overlays.push(Overlay::Event { entry: 77_777, attributes: EventAttributes::None, scroll: 0 });
    assert!(picture(&state).contains("has fallen out of the list"));
}
