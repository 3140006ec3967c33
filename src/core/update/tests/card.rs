//! What is shown of one session: its timeline, its raw record, and what goes to the clipboard.

use super::*;
use crate::core::{card, timeline};

fn event(id: u64, user: Option<&str>, machine: Option<&str>, seconds: i64, text: &str) -> AuditEvent {
    AuditEvent {
        id: EventId(id as _),
        time: Some(start() + jiff::SignedDuration::from_secs(seconds)),
        severity: Some(Severity::Info),
        kind: Some("AGENT_CONNECTED".into()),
        module: Some("Agent".into()),
        message: Some(text.into()),
        written_by: None,
        user_id: user.map(Into::into),
        machine_id: machine.map(Into::into),
        pool_name: None,
        application_pool_name: None,
    }
}

fn events(bench: &mut Bench, events: Vec<AuditEvent>) {
    let request = bench.state.event_poll.in_flight.unwrap();
    let feed = EventFeed::Available;
    bench.send(Msg::EventsLoaded { request, events, feed, truncated: false, unreadable: 0 });
}

fn words(bench: &Bench, id: &str) -> Vec<String> {
    timeline::of(&bench.state, &id.into()).into_iter().map(|seen| seen.words).collect()
}

#[test]
fn the_timeline_puts_polls_events_and_jobs_in_one_order_newest_first() {
    let mut bench = Bench::with(estate());
    let mut next = estate();
    next[2] = session("3", "chen", SessionState::Disconnected, 0);
    bench.refresh(next.clone());
    events(
        &mut bench,
        vec![
            event(1, Some("S-1-5-21-chen"), None, 10, "chen is greeted"),
            event(2, Some("S-1-5-21-abel"), None, 11, "abel is greeted"),
            event(3, None, Some("vm-3"), 900, "machine 3 hums"),
        ],
    );
    let told = words(&bench, "3");
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!((told[0].as_str(), told[2].as_str()), ("machine 3 hums", "chen is greeted"));
    assert!(told[1].starts_with("dropped: disconnected on FINW11-3"), "{told:?}");
    bench.press("/user:chen<enter>aly");
    bench.finish_job(|_| Outcome::Accepted);
    let told = words(&bench, "3");
    assert!(told.iter().any(|words| words.contains("job 1") && words.contains("accepted")), "{told:?}");
}

#[test]
fn of_a_session_that_has_ended_the_polls_still_tell() {
    let mut bench = Bench::with(estate());
    bench.press("t");
    assert_eq!(bench.state.overlays, [Overlay::Timeline { session: "1".into(), scroll: 0 }]);
    bench.refresh(estate().split_off(1));
    assert_eq!(words(&bench, "1"), ["ended: not listed any more on FINW11-1"]);
    assert_eq!(timeline::name(&bench.state, &"1".into()), "abel");
    bench.press("t");
    assert!(bench.state.overlays.is_empty(), "the same key closes it");
}

#[test]
fn other_sessions_of_the_user_are_told_as_such() {
    let mut all = estate();
    all.push(session("5", "chen", SessionState::Connected, 0));
    let mut bench = Bench::with(all.clone());
    all.pop();
    bench.refresh(all);
    assert_eq!(words(&bench, "3"), ["another session of the user: ended: not listed any more on FINW11-5"]);
}

#[test]
fn the_raw_record_has_the_names_of_the_vendor_and_goes_to_the_clipboard() {
    let mut bench = Bench::with(estate());
    bench.press("<enter>y");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Raw { .. })));
    let raw = card::raw(&bench.state, &"1".into());
    assert!(raw.contains("\"session_state\": \"DISCONNECTED\"") && raw.contains("\"user_name\""), "{raw}");
    bench.take_effects();
    bench.press("c");
    assert_eq!(bench.take_effects(), [Effect::Copy(raw)]);
    bench.press("<esc><esc>");
    assert!(bench.state.overlays.is_empty());
}

#[test]
fn an_event_whose_session_is_gone_or_hidden_says_so() {
    let mut bench = Bench::with(estate());
    events(&mut bench, vec![event(1, None, Some("vm-3"), 10, "machine 3 hums")]);
    let notice = |bench: &Bench| bench.state.notice.as_ref().unwrap().text.to_string();
    bench.press("/user:abel<enter><tab><enter>");
    assert!(notice(&bench).contains("the filter hides its session"), "{}", notice(&bench));
    bench.press("<esc><esc>");
    bench.refresh(estate().into_iter().filter(|session| session.id.raw() != "3").collect());
    bench.press("<tab><enter>");
    assert!(notice(&bench).contains("has ended"), "{}", notice(&bench));
}
