//! What changed since some time ago.

use super::*;
use crate::core::past::ChangeKind;

fn connected(id: &str) -> Session {
    session(id, "x", SessionState::Connected, 0)
}

fn sheet(bench: &Bench) -> &crate::core::past::DiffSheet {
    match bench.state.overlays.last() {
        Some(Overlay::Diff(sheet)) => sheet,
        other => panic!("no sheet but {other:?}"),
    }
}

fn notice(bench: &Bench) -> &str {
    bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn polls_feed_it_and_enter_goes_to_the_session_while_it_is_there() {
    let mut bench = Bench::with(estate());
    let mut next = estate();
    next[2] = session("3", "chen", SessionState::Disconnected, 0);
    next.remove(0);
    next.push(connected("9"));
    bench.refresh(next.clone());
    bench.press(":diff<enter>");
    let counts = ChangeKind::ALL.map(|kind| sheet(&bench).count(kind));
    assert_eq!(counts, [1, 1, 0, 0, 1]);
    bench.press("<enter>");
    assert!(bench.state.overlays.is_empty());
    assert_eq!(bench.state.sessions.view.cursor_id(), Some(&SessionId::from("3")));
    bench.press("gcjj<enter>");
    assert!(notice(&bench).contains("has ended"), "{}", notice(&bench));
    assert_eq!(bench.state.overlays.len(), 1, "the sheet stays");
    bench.press("<esc>/state:d<enter>gcG<enter>");
    assert!(notice(&bench).contains("filter hides"), "{}", notice(&bench));
}

#[test]
fn the_time_is_typed_and_a_mistake_is_told() {
    let mut bench = Bench::with(estate());
    bench.press(":diff 1h30m<enter>");
    assert_eq!(sheet(&bench).seconds, 5400);
    assert!(sheet(&bench).known_from.is_some(), "it has not looked for so long");
    bench.press("<esc>:diff soon<enter>");
    assert!(bench.state.overlays.is_empty());
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert!(error.message.as_str().contains("15m"), "{}", error.message);
}

#[test]
fn the_sheet_stays_as_it_was_asked_for() {
    let mut bench = Bench::with(estate());
    bench.press(":diff 1h<enter>");
    bench.refresh(Vec::new());
    assert_eq!(sheet(&bench).lines().len(), 0);
    bench.press(":diff 1h<enter>");
    assert_eq!((sheet(&bench).count(ChangeKind::Ended), bench.state.overlays.len()), (4, 1));
}

#[test]
fn asked_again_it_tells_until_now_and_stays_on_its_session() {
    let mut bench = Bench::with(estate());
    let mut next = estate();
    next[2] = session("3", "chen", SessionState::Disconnected, 0);
    bench.refresh(next.clone());
    bench.press(":diff<enter>");
    let until = sheet(&bench).until;
    bench.pass(40);
    next.remove(0);
    bench.refresh(next);
    assert_eq!(sheet(&bench).until, until, "it does not change under the reader");
    let current = |bench: &Bench| sheet(bench).current().map(|change| change.session.clone());
    let before = current(&bench);
    bench.press("<c-r>");
    assert!(sheet(&bench).until > until);
    assert_eq!(sheet(&bench).count(ChangeKind::Ended), 1);
    assert_eq!(current(&bench), before);
    assert_eq!(bench.state.overlays.len(), 1);
}
