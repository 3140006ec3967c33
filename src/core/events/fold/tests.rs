use super::*;
use crate::{
    core::events::Minute,
    domain::{AuditEvent, EventId, Severity},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_020 + second).unwrap()
}

/// A pane with rows: second, severity, type, text.
fn pane(rows: &[(i64, Severity, &str, &str)]) -> EventPane {
    let event = |(number, (second, severity, kind, text)): (u32, &(i64, Severity, &str, &str))| AuditEvent {
        id: EventId(number.into()),
        time: Some(at(*second)),
        severity: Some(severity.clone()),
        kind: Some((*kind).into()),
        module: Some("Agent".into()),
        message: Some((*text).into()),
        written_by: None,
        user_id: None,
        machine_id: None,
        pool_name: None,
        application_pool_name: None,
    };
    let mut pane = EventPane::default();
    pane.take((0..).zip(rows).map(event).collect(), &mut [], at(1_000), true);
    pane
}

/// The text of each line, with how many it stands for.
fn told(pane: &EventPane) -> Vec<(String, usize)> {
    let told = |row: &Row<'_>| {
        let count = row.fold.as_ref().map_or(1, |fold| fold.members.len());
        (text(row.entry).unwrap().to_string(), count)
    };
    pane.rows().iter().map(told).collect()
}

fn lines(expected: &[(&str, usize)]) -> Vec<(String, usize)> {
    expected.iter().map(|(text, count)| ((*text).to_owned(), *count)).collect()
}

const INFO: Severity = Severity::Info;
const ERROR: Severity = Severity::Error;

#[test]
fn the_same_again_and_bursts_are_one_line_and_different_news_are_not() {
    let pane = pane(&[
        (0, INFO, DROPPED, "a dropped"),
        (1, INFO, "AGENT_CONNECTED", "x came"),
        (2, INFO, "AGENT_CONNECTED", "y came"),
        (3, INFO, "AGENT_CONNECTED", "z came"),
        (9, INFO, DROPPED, "b dropped"),
        (11, ERROR, "AGENT_ERROR", "no answer"),
        (28, INFO, DROPPED, "c dropped"),
        (29, ERROR, "AGENT_ERROR", "no answer"),
        (31, INFO, DROPPED, "d dropped"),
    ]);
    let expected =
        [("x came", 1), ("y came", 1), ("z came", 1), ("c dropped", 3), ("no answer", 2), ("d dropped", 1)];
    assert_eq!(told(&pane), lines(&expected), "the fourth came too late for the burst");
}

#[test]
fn two_of_a_kind_are_no_burst() {
    let rows = [(0, ERROR, "AGENT_ERROR", "a"), (5, ERROR, "AGENT_ERROR", "b")];
    assert_eq!(told(&pane(&rows)), lines(&[("a", 1), ("b", 1)]));
}

#[test]
fn a_fold_opens_and_closes_and_the_cursor_stays_with_it() {
    let mut pane = pane(&[
        (0, INFO, "BROKER", "before"),
        (1, INFO, DROPPED, "a"),
        (2, INFO, DROPPED, "b"),
        (3, INFO, DROPPED, "c"),
        (4, INFO, "BROKER", "behind"),
    ]);
    assert!(!pane.toggle_fold(), "nothing is folded at the newest");
    pane.move_by(-1);
    assert_eq!(text(pane.current().unwrap()).unwrap().as_str(), "c");
    assert!(pane.toggle_fold());
    assert_eq!(told(&pane), lines(&[("before", 1), ("a", 1), ("b", 1), ("c", 1), ("behind", 1)]));
    pane.move_by(-1);
    assert_eq!(text(pane.current().unwrap()).unwrap().as_str(), "b");
    assert!(pane.toggle_fold());
    assert_eq!(told(&pane), lines(&[("before", 1), ("c", 3), ("behind", 1)]));
    pane.move_by(-1);
    assert_eq!(text(pane.current().unwrap()).unwrap().as_str(), "before");
}

#[test]
fn a_jump_to_an_error_in_a_fold_ends_on_its_line() {
    let mut pane = pane(&[
        (0, ERROR, "AGENT_ERROR", "a"),
        (1, ERROR, "AGENT_ERROR", "b"),
        (2, ERROR, "AGENT_ERROR", "c"),
        (90, INFO, "BROKER", "behind"),
    ]);
    assert!(pane.jump(2, false));
    assert_eq!(text(pane.current().unwrap()).unwrap().as_str(), "c");
    assert!(!pane.jump(2, false), "the others are in the same line");
}

#[test]
fn the_rate_counts_minutes_up_to_that_of_the_newest_row() {
    let pane = pane(&[
        (-200, INFO, "BROKER", "long before"),
        (0, INFO, "BROKER", "a"),
        (59, ERROR, "AGENT_ERROR", "b"),
        (60, INFO, "BROKER", "c"),
        (130, Severity::Warning, "BROKER", "d"),
    ]);
    let minute = |events, rank| Minute { events, rank };
    assert_eq!(pane.rate(3), [minute(2, 2), minute(1, 0), minute(1, 1)]);
    assert_eq!(EventPane::default().rate(2), [Minute::default(); 2]);
}
