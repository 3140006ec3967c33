//! The card of a user, the timeline, the raw record; folded events and their rate.

use super::*;
use crate::domain::{AuditEvent, EventId, Severity};

#[test]
fn the_timeline_and_the_raw_record_at_every_size() {
    let timeline = |_: &State| Overlay::Timeline { session: SessionId::from("s11"), scroll: 0 };
    snapshots("timeline", |width, height| with_overlay(main_screen(width, height), timeline));
    let raw = |_: &State| Overlay::Raw { session: SessionId::from("s2"), scroll: 0 };
    snapshots("raw", |width, height| with_overlay(main_screen(width, height), raw));
    let gone = |_: &State| Overlay::Raw { session: SessionId::from("nobody"), scroll: 0 };
    snapshot("raw_gone", &with_overlay(main_screen(80, 24), gone));
}

/// Events of a bad quarter of an hour: a trickle, a burst, and the same error again and again.
fn bad_times(width: u16, height: u16) -> State {
    let mut state = main_screen(width, height);
    let event = |number: u32, time: &str, severity: Severity, kind: &str, text: String| AuditEvent {
        id: EventId((1_000 + number).into()),
        time: Some(at(time)),
        severity: Some(severity),
        kind: Some(kind.into()),
        module: Some("Agent".into()),
        message: Some(text.as_str().into()),
        written_by: None,
        user_id: None,
        machine_id: None,
        pool_name: Some("fin-w11".into()),
        application_pool_name: None,
    };
    let mut events = Vec::new();
    for minute in 47..59 {
        for number in 0..minute % 5 {
            let time = format!("13:{minute}:{:02}", number * 12);
            let text = format!("user {minute}-{number} connected");
            events.push(event(minute * 10 + number, &time, Severity::Info, "AGENT_CONNECTED", text));
        }
    }
    for number in 0..4 {
        let time = format!("14:01:{}", 10 + number * 7);
        let text = format!("user {number} has disconnected from machine FINW11-00{number}");
        events.push(event(number, &time, Severity::Info, "AGENT_DISCONNECTED", text));
        let time = format!("14:01:{}", 30 + number);
        events.push(event(
            10 + number,
            &time,
            Severity::Error,
            "AGENT_ERROR",
            "no answer from FINW11-009".into(),
        ));
    }
    let now = state.now;
    state.events.take(events, &mut [], now, false);
    state
}

#[test]
fn folded_events_and_their_rate_at_every_size() {
    snapshots("events_folded", bad_times);
    let mut state = bad_times(80, 24);
    state.settings.ascii = true;
    snapshot("events_folded_ascii", &state);
    state.events.size = PaneSize::Half;
    state.events.move_by(-7);
    state.focus = Focus::Events;
    assert!(state.events.toggle_fold());
    snapshot("events_unfolded_ascii", &state);
}

#[test]
fn beside_the_panel_the_card_grows_out_of_it() {
    let mut state = main_screen(200, 60);
    let session = state.sessions.view.cursor_id().unwrap().clone();
    state.overlays.push(Overlay::Detail { session, elsewhere: Elsewhere::NotAsked, scroll: 0 });
    let screen = picture(&state);
    // Its line about the state stands in the panel, too, while the card is not over it.
    let told = screen.lines().filter(|line| line.contains("state             DISCONNECTED since")).count();
    let twice = screen.lines().filter(|line| line.matches("DISCONNECTED").count() > 1).count();
    assert_eq!((told, twice), (1, 0), "{screen}");
}
