//! The event pane, and what is told in it.

use super::*;
use crate::core::events::{OwnRecord, RecordLevel};

#[test]
fn a_filtered_event_pane_never_looks_empty_because_of_its_cursor() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    bench.finish_job(|_| locked());
    bench.press("q<tab>gg");
    let first = bench.state.events.current().unwrap().number;
    bench.press("L");
    assert!(bench.state.events.shown().count() > 0);
    assert!(!bench.state.events.window(5).is_empty());
    assert!(bench.state.events.current().is_some_and(|entry| entry.number != first && entry.rank() > 0));
}

#[test]
fn the_clock_of_the_server_is_told_once_for_each_difference() {
    let mut bench = Bench::with(estate());
    let mut told = Vec::new();
    for offset in [None, Some(59), Some(-3725), Some(-3700), Some(-3790), Some(-59), Some(-20), Some(90)] {
        bench.pass(60);
        let request = bench.state.sessions.poll.in_flight.unwrap();
        let now = bench.state.now;
        let server_time = offset.map(|seconds| now + jiff::SignedDuration::from_secs(seconds));
        let table = SessionTable::new(estate(), now, true).with_server_time(server_time);
        bench.send(Msg::SessionsLoaded { request, table: table.into(), unreadable: 0 });
        let records = bench.state.events.entries().filter_map(|entry| match &entry.body {
            EntryBody::Own(record) if record.text.as_str().contains("clock") => Some(record.text.to_string()),
            _ => None,
        });
        told.push(records.count());
    }
    assert_eq!(told, [0, 0, 1, 1, 2, 3, 3, 4]);
    let last = bench.state.events.entries().find_map(|entry| match &entry.body {
        EntryBody::Own(record) if record.text.as_str().contains("behind") => Some(record.text.to_string()),
        _ => None,
    });
    let text = last.unwrap();
    assert!(
        ["1h02m", "1h03m"].iter().any(|by| {
            text == format!(
                "the server's clock is {by} behind this machine's; durations are measured by the server's"
            )
        }),
        "{text}"
    );
    assert_eq!(
        bench.state.sessions.view.table().as_of(),
        bench.state.now + jiff::SignedDuration::from_secs(90)
    );
}

#[test]
fn own_records_appear_at_once_and_audit_events_of_the_job_are_claimed() {
    let mut bench = Bench::with(estate());
    let request = bench.state.event_poll.in_flight.unwrap();
    bench.send(Msg::EventsLoaded {
        request,
        events: Vec::new(),
        feed: EventFeed::Available,
        truncated: false,
        unreadable: 0,
    });
    bench.press("/state:disc<enter>*aly");
    assert!(bench.state.events.entries().any(|entry| {
        matches!(&entry.body, EntryBody::Own(record) if record.text.as_str().contains("started: logoff, 3 targets"))
    }));
    bench.finish_job(|_| Outcome::Accepted);
    bench.pass(10);
    let request = bench.state.event_poll.in_flight.unwrap();
    let logoff = |id, machine: &str| AuditEvent {
        id: EventId(id),
        time: Some(start()),
        severity: Some(Severity::AuditSuccess),
        kind: Some("ADMIN_DESKTOP_SESSION_LOGOFF".into()),
        module: Some("Admin".into()),
        message: Some("CORP\\admin has logged off somebody".into()),
        written_by: None,
        user_id: None,
        machine_id: Some(machine.into()),
        pool_name: None,
        application_pool_name: None,
    };
    let events = vec![logoff(1, "vm-1"), logoff(2, "vm-1"), logoff(3, "elsewhere")];
    bench.send(Msg::EventsLoaded {
        request,
        events,
        feed: EventFeed::Available,
        truncated: false,
        unreadable: 0,
    });
    let ours = bench
        .state
        .events
        .entries()
        .filter(|entry| matches!(entry.body, EntryBody::Audit { ours: Some(_), .. }));
    assert_eq!(ours.count(), 1, "one row for one target, and none of another machine");
    assert_eq!(bench.state.own_events[0].claimed, 1);
}

#[test]
fn the_event_pane_follows_counts_what_is_unseen_and_follows_again() {
    let mut bench = Bench::with(estate());
    bench.press("<tab>");
    assert_eq!(bench.state.focus, Focus::Events);
    bench.press("k");
    assert!(!bench.state.events.follow);
    let request = bench.state.event_poll.in_flight.unwrap();
    bench.send(Msg::EventsLoaded {
        request,
        events: Vec::new(),
        feed: EventFeed::NoDatabase,
        truncated: false,
        unreadable: 0,
    });
    assert_eq!(bench.state.events.feed, Some(EventFeed::NoDatabase));
    bench.press("f");
    assert!(bench.state.events.follow);
    bench.press("q");
    assert_eq!(bench.state.focus, Focus::Table);
    bench.press("ee");
    assert_eq!(
        (bench.state.events.size, bench.state.focus),
        (PaneSize::Full, Focus::Events),
        "a pane that fills the screen"
    );
    bench.press("e");
    assert_eq!((bench.state.events.size, bench.state.focus), (PaneSize::Hidden, Focus::Table));
}

#[test]
fn a_pane_that_a_small_screen_has_no_room_for_gets_no_keys() {
    let mut bench = Bench::with(estate());
    bench.send(Msg::Resized(ScreenSize { width: 60, height: 15 }));
    bench.press("<tab>");
    assert_eq!(bench.state.focus, Focus::Table, "nothing of it is drawn");
    let notice = bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str());
    assert!(notice.contains("e shows it"), "{notice}");
    // Every press of its key changes what is to be seen.
    let sizes = ["e", "e", "e", "e"].map(|key| {
        bench.press(key);
        bench.state.events.size
    });
    assert_eq!(sizes, [PaneSize::Half, PaneSize::Full, PaneSize::Hidden, PaneSize::Half]);
    // What had room on a larger screen loses the keys with it.
    let mut bench = Bench::with(estate());
    bench.press("<tab>");
    assert_eq!(bench.state.focus, Focus::Events);
    bench.send(Msg::Resized(ScreenSize { width: 60, height: 15 }));
    assert_eq!(bench.state.focus, Focus::Table);
}

#[test]
fn an_error_above_the_newest_row_is_told_with_its_key() {
    let mut bench = Bench::with(estate());
    let notice = |bench: &Bench| bench.state.notice.as_ref().unwrap().text.to_string();
    bench.press("<tab>e");
    assert_eq!(notice(&bench), "no error here");
    let now = bench.state.now;
    for (level, text) in
        [(RecordLevel::Error, "one"), (RecordLevel::Error, "two"), (RecordLevel::Info, "three")]
    {
        let record = OwnRecord { time: now, level, text: text.into(), job: None, session: None };
        bench.state.events.record(record);
    }
    assert!(bench.state.events.follow);
    bench.press("e");
    assert_eq!(notice(&bench), "no error below; 2 above: E");
    bench.press("EEE");
    assert_eq!(notice(&bench), "no error above; 1 below: e");
    bench.press("e");
    assert_eq!(bench.state.notice, None);
}

#[test]
fn a_machine_whose_session_has_ended_is_named_by_its_agent() {
    let mut bench = Bench::with(estate());
    let event = |id, module: &str, by: &str| AuditEvent {
        id: EventId(id),
        time: Some(bench.state.now),
        severity: None,
        kind: None,
        module: Some(module.into()),
        message: None,
        written_by: Some(by.into()),
        user_id: None,
        machine_id: Some("m-gone".into()),
        pool_name: None,
        application_pool_name: None,
    };
    let rows = vec![event(1, "Agent", "fin-7.corp.example"), event(2, "Broker", "cs1.corp.example")];
    let now = bench.state.now;
    bench.state.events.take(rows, &mut [], now, true);
    let name = |bench: &Bench, id: &str| bench.state.events.machine_name(&id.into()).map(str::to_owned);
    assert_eq!(name(&bench, "m-gone").as_deref(), Some("fin-7.corp.example"));
    assert_eq!(name(&bench, "m-other"), None);
}
