//! The identity rules of `design.md section 4` and `screens.md section 5`.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{
    core::{
        filter::Truth,
        table::{
            Merged, PodRead, PodRows,
            testing::{self},
        },
    },
    domain::Pod,
};

fn session(id: &str, user: &str, state: &str) -> Session {
    let mut session = Session::new(id.into());
    session.user_name = Some(user.into());
    session.state = Some(state.into());
    session.pool_name = Some("fin-w11".into());
    session.machine_name = Some("FINW11-001".into());
    session
}

fn table(sessions: Vec<Session>, complete: bool) -> Arc<SessionTable> {
    Arc::new(SessionTable::new(sessions, Timestamp::from_second(3_000_000).unwrap(), complete))
}

/// Sessions a to e, of users a to e, all disconnected.
fn five() -> Vec<Session> {
    ["a", "b", "c", "d", "e"].into_iter().map(|id| session(id, id, "DISCONNECTED")).collect()
}

fn without(ids: &[&str]) -> Vec<Session> {
    five().into_iter().filter(|session| !ids.contains(&session.id.raw())).collect()
}

fn view() -> TableView {
    let mut view = TableView::new();
    view.set_height(3);
    view.replace_table(table(five(), true), Surroundings::default());
    view
}

fn on(id: &str) -> Cursor {
    Cursor::On(id.into())
}

fn marked(view: &TableView) -> Vec<String> {
    view.marks().iter().map(|id| id.raw().to_owned()).collect()
}

fn shown(view: &TableView) -> Vec<String> {
    view.sessions().map(|session| session.id().into_owned()).collect()
}

fn why(view: &TableView) -> Option<Why> {
    match view.cursor() {
        Cursor::Lost(lost) => Some(lost.why),
        Cursor::Nowhere | Cursor::On(_) => None,
    }
}

#[test]
fn an_ended_session_stays_for_one_poll_and_cannot_be_hit() {
    let mut view = view();
    view.move_by(1);
    assert_eq!(view.cursor(), &on("b"));
    view.replace_table(table(without(&["b"]), true), Surroundings::default());
    assert_eq!(why(&view), Some(Why::Gone));
    assert_eq!(view.cursor_session(), None);
    assert!(view.targets().is_empty());
    let lines = view.lines();
    assert_eq!(lines[1].session.id(), "b");
    assert_eq!((lines[1].lost, lines[1].cursor), (Some(Why::Gone), true));
    view.replace_table(table(without(&["b"]), true), Surroundings::default());
    assert_eq!(view.cursor(), &on("c"));
}

#[test]
fn an_ended_session_that_comes_back_has_the_cursor_again() {
    let mut view = view();
    view.replace_table(table(without(&["a"]), true), Surroundings::default());
    view.replace_table(table(five(), true), Surroundings::default());
    assert_eq!(view.cursor(), &on("a"));
}

#[test]
fn a_lost_line_is_left_to_the_neighbours() {
    for (by, expected) in [(1, "d"), (-1, "b"), (2, "e"), (-9, "a"), (9, "e")] {
        let mut view = view();
        view.move_by(2);
        view.replace_table(table(without(&["c"]), true), Surroundings::default());
        view.move_by(by);
        assert_eq!(view.cursor(), &on(expected), "{by}");
    }
}

/// A table of two pods, with the sessions that each of them has.
fn of_two_pods(own: &[&str], remote: &[&str]) -> Arc<SessionTable> {
    let rows = |id: &str, local, sessions: &[&str]| {
        let (name, description, site, health) = (None, None, None, None);
        let pod = Pod { id: id.into(), name, description, site, local, health };
        let sessions: Vec<Session> = sessions.iter().map(|id| session(id, "anna", "CONNECTED")).collect();
        PodRows { read: PodRead::answered(&pod, Timestamp::UNIX_EPOCH, true), sessions }
    };
    let merged = Merged::of(rows("ams1", true, own), vec![rows("fra1", false, remote)], None);
    Arc::new(SessionTable::of_pods(merged, Timestamp::UNIX_EPOCH))
}

#[test]
fn neither_mark_nor_cursor_goes_to_another_pods_session_of_the_same_id() {
    let mut view = TableView::new();
    view.replace_table(of_two_pods(&["x", "y"], &[]), Surroundings::default());
    view.move_to(&"x".into());
    view.set_marks(["x".into(), "y".into()]);
    view.replace_table(of_two_pods(&["y"], &["x"]), Surroundings::default());
    assert_eq!(marked(&view), ["y"], "identity is the pod and the id");
    assert_eq!(why(&view), Some(Why::Gone));
    view.replace_table(of_two_pods(&["y"], &["x"]), Surroundings::default());
    assert_ne!(view.cursor_session().map(SessionFacts::session_id), Some("x".into()));
}

#[test]
fn a_mark_waits_for_the_end_of_an_ambiguity_and_stays_with_its_pod() {
    for (own, remote, stays) in [(vec!["x"], vec![], false), (vec![], vec!["x"], true)] {
        let mut view = TableView::new();
        view.replace_table(of_two_pods(&[], &["x"]), Surroundings::default());
        view.set_marks(["x".into()]);
        for _ in 0..2 {
            view.replace_table(of_two_pods(&["x"], &["x"]), Surroundings::default());
            assert_eq!(marked(&view), ["x"]);
        }
        view.replace_table(of_two_pods(&own, &remote), Surroundings::default());
        assert_eq!(view.is_marked(&"x".into()), stays);
    }
}

#[test]
fn an_incomplete_table_ends_nothing() {
    let mut view = view();
    view.mark_all_shown();
    for _ in 0..3 {
        view.replace_table(table(without(&["a", "b"]), false), Surroundings::default());
        assert_eq!(why(&view), Some(Why::NotInPart));
        assert_eq!(marked(&view), ["a", "b", "c", "d", "e"]);
        assert_eq!(view.counts(), ViewCounts { shown: 3, total: 3, marked: 5, marked_hidden: 2 });
    }
    let targets: Vec<String> = view.targets().iter().map(ToString::to_string).collect();
    assert_eq!(targets, ["c", "d", "e", "a", "b"]);
    view.replace_table(table(without(&["a"]), true), Surroundings::default());
    assert_eq!(marked(&view), ["b", "c", "d", "e"]);
}

#[test]
fn a_session_that_stops_matching_keeps_the_cursor_until_a_key() {
    let mut view = view();
    view.set_filter("state:disc", Surroundings::default());
    view.move_by(2);
    let mut changed = five();
    changed[2].state = Some("CONNECTED".into());
    for _ in 0..3 {
        view.replace_table(table(changed.clone(), true), Surroundings::default());
        assert_eq!(why(&view), Some(Why::Hidden));
        assert_eq!(view.cursor_session(), None);
        assert_eq!(view.lines()[2].session.id(), "c");
    }
    assert_eq!(shown(&view), ["a", "b", "d", "e"]);
    view.mark_toggle_and_step();
    assert!(marked(&view).is_empty());
    assert_eq!(view.cursor(), &on("d"));
}

#[test]
fn typing_a_filter_leads_the_cursor_to_what_is_shown() {
    let mut view = view();
    view.set_filter("user:d", Surroundings::default());
    assert_eq!(view.cursor(), &on("d"));
    view.set_filter("user:nobody", Surroundings::default());
    assert_eq!(view.cursor(), &Cursor::Nowhere);
    view.set_filter("", Surroundings::default());
    assert_eq!(view.cursor(), &on("a"));
}

#[test]
fn an_invalid_filter_hides_nothing_and_says_why() {
    let mut view = view();
    view.set_filter("user:d", Surroundings::default());
    view.set_filter("user:d stat:disc", Surroundings::default());
    assert_eq!(shown(&view).len(), 5);
    assert_eq!(view.filter_line().text(), "user:d stat:disc");
    assert_eq!(view.filter_line().error().unwrap().span, 7..11);
}

#[test]
fn marks_that_the_filter_hides_stay_and_are_counted() {
    let mut view = view();
    view.mark_all_shown();
    view.set_filter("user:a | user:b", Surroundings::default());
    assert_eq!(view.counts(), ViewCounts { shown: 2, total: 5, marked: 5, marked_hidden: 3 });
    view.mark_all_shown();
    assert_eq!(marked(&view), ["c", "d", "e"]);
    assert_eq!(view.counts().marked_hidden, 3);
    view.bring_back();
    assert_eq!(view.counts().marked, 5);
    view.clear_marks();
    assert_eq!(view.counts().marked, 0);
    view.bring_back();
    assert_eq!(view.counts().marked, 5);
}

fn filter(text: &str) -> Filter {
    Filter::parse(text).unwrap()
}

#[test]
fn marks_know_the_filter_that_made_all_of_them() {
    let with = Surroundings::default();
    let by = |view: &TableView| view.marked_by().map(|filter| filter.text().to_owned());
    let mut view = view();
    view.mark_all_shown();
    assert_eq!(by(&view), None, "nothing was filtered");
    view.clear_marks();
    view.set_filter("state:disc", with);
    view.mark_all_shown();
    assert_eq!(by(&view).as_deref(), Some("state:disc"));
    view.mark_toggle();
    assert_eq!(by(&view).as_deref(), Some("state:disc"), "those that are left were marked by it");
    view.mark_toggle();
    assert_eq!(by(&view), None, "one by hand");
    view.clear_marks();
    assert_eq!(view.mark_by_expression(&filter("user:a|user:b"), with), 2);
    assert_eq!(by(&view).as_deref(), Some("state:disc (user:a|user:b)"));
    view.mark_same_value(Column::Pool, with);
    assert_eq!(by(&view), None, "two filters made them");
    view.clear_marks();
    view.mark_same_value(Column::Pool, with);
    assert_eq!(by(&view).as_deref(), Some("state:disc"));
    view.set_filter("", with);
    view.mark_all_shown();
    assert_eq!((marked(&view).len(), by(&view)), (0, None), "all were marked, so that it took them away");
    view.bring_back();
    assert_eq!(by(&view).as_deref(), Some("state:disc"), "with what made them");
}

#[test]
fn a_range_marks_what_lies_between_in_either_direction() {
    for by in [2, -2] {
        let mut view = view();
        view.move_by(2 - by);
        view.range_start();
        view.move_by(by);
        assert_eq!(view.lines().iter().filter(|line| line.in_range).count(), 3);
        view.mark_toggle_and_step();
        assert_eq!(view.counts().marked, 3, "{by}");
        assert!(!view.range_active());
    }
}

#[test]
fn a_range_whose_beginning_is_hidden_marks_nothing() {
    let mut view = view();
    view.range_start();
    view.move_to_last();
    view.set_filter("!user:a", Surroundings::default());
    assert_eq!(view.range_finish(), 0);
    assert!(marked(&view).is_empty());
}

#[test]
fn the_same_value_is_marked_among_the_shown_only() {
    let mut view = TableView::new();
    view.set_height(9);
    let mut sessions = five();
    sessions[1].pool_name = Some("FIN-W11".into());
    sessions[2].pool_name = None;
    sessions[3].pool_name = None;
    view.replace_table(table(sessions, true), Surroundings::default());
    view.set_filter("!user:e", Surroundings::default());
    assert_eq!(view.mark_same_value(Column::Pool, Surroundings::default()), 2);
    assert_eq!(marked(&view), ["a", "b"]);
    view.move_to(&"c".into());
    assert_eq!(view.mark_same_value(Column::Pool, Surroundings::default()), 2);
    assert_eq!(marked(&view), ["a", "b", "c", "d"]);
}

#[test]
fn expressions_mark_and_unmark_the_shown() {
    let mut view = view();
    let filter = |text| Filter::parse(text).unwrap();
    assert_eq!(view.mark_by_expression(&filter("user:a | user:b"), Surroundings::default()), 2);
    assert_eq!(view.unmark_by_expression(&filter("user:b"), Surroundings::default()), 1);
    assert_eq!(marked(&view), ["a"]);
    view.invert_shown();
    assert_eq!(marked(&view), ["b", "c", "d", "e"]);
}

#[test]
fn the_basket_shows_the_marked_and_leads_the_cursor_on() {
    let mut view = view();
    view.mark_all_shown();
    view.toggle_only_marked();
    view.mark_toggle_and_step();
    assert_eq!(shown(&view), ["b", "c", "d", "e"]);
    assert_eq!(view.cursor(), &on("b"));
    view.toggle_only_marked();
    assert_eq!(shown(&view).len(), 5);
    assert_eq!(view.cursor(), &on("b"));
}

#[test]
fn marked_rows_are_reached_round_the_ends() {
    let mut view = view();
    assert!(!view.next_marked());
    view.set_marks(["b".into(), "d".into()]);
    let mut visited = Vec::new();
    for _ in 0..3 {
        assert!(view.next_marked());
        visited.push(view.cursor().clone());
    }
    assert_eq!(visited, [on("b"), on("d"), on("b")]);
    assert!(view.previous_marked());
    assert_eq!(view.cursor(), &on("d"));
}

#[test]
fn the_cursor_keeps_its_line_on_the_screen_when_rows_come_above_it() {
    let mut view = view();
    view.move_by(3);
    let before = view.cursor_line().unwrap() - view.offset();
    let mut more = five();
    more.extend(["a1", "a2", "a3"].map(|id| session(id, id, "CONNECTED")));
    view.replace_table(table(more, true), Surroundings::default());
    assert_eq!(view.cursor(), &on("d"));
    assert_eq!(view.cursor_line().unwrap() - view.offset(), before);
}

#[test]
fn sorting_by_the_same_column_reverses() {
    let mut view = view();
    view.sort_by(Column::User, Surroundings::default());
    assert_eq!(shown(&view), ["e", "d", "c", "b", "a"]);
    view.sort_by(Column::State, Surroundings::default());
    assert_eq!(view.sort(), Sort { column: Column::State, descending: false });
    assert_eq!(shown(&view), ["a", "b", "c", "d", "e"]);
    assert_eq!(view.cursor(), &on("a"));
}

#[test]
fn flagged_rows_only() {
    let mut sessions = five();
    sessions[4].user_name = Some("A".into());
    let mut view = TableView::new();
    view.set_height(9);
    view.replace_table(table(sessions, true), Surroundings::default());
    view.toggle_only_flagged(Surroundings::default());
    assert_eq!(shown(&view), ["a", "e"]);
}

#[test]
fn the_column_cursor_stays_among_the_shown_columns() {
    let mut view = view();
    let columns = [Column::User, Column::State, Column::Pool];
    view.move_column(1, &columns);
    view.move_column(9, &columns);
    assert_eq!(view.column(), Column::Pool);
    view.set_column(Column::Dns);
    view.move_column(1, &columns);
    assert_eq!(view.column(), Column::User);
    view.move_column(-1, &[]);
    assert_eq!(view.column(), Column::User);
}

/// What can happen to a view.
#[derive(Debug, Clone)]
enum Step {
    /// A new list, whether it is complete, and whether it was prepared as a poll prepares it.
    Refresh(Vec<Session>, bool, bool),
    Recompute,
    Filter(&'static str),
    Sort(Column),
    Move(isize),
    Height(usize),
    Space,
    RangeStart,
    MarkAll,
    Invert,
    SameValue(Column),
    Clear,
    BringBack,
    Mark(&'static str),
    Unmark(&'static str),
    NextMarked,
    OnlyMarked,
    OnlyFlagged,
}

fn step() -> impl Strategy<Value = Step> {
    let filters =
        ["", "fin", "state:disc", "!state:disc", "idle>2h pool:fin-* | agent<8.10", "nonsense:", "("];
    let filter = prop::sample::select(filters.to_vec());
    let column = prop::sample::select(Column::ALL);
    prop_oneof![
        6 => (testing::sessions(9), prop::bool::weighted(0.7), any::<bool>())
            .prop_map(|(all, complete, prepared)| Step::Refresh(all, complete, prepared)),
        1 => Just(Step::Recompute),
        3 => filter.clone().prop_map(Step::Filter),
        2 => column.clone().prop_map(Step::Sort),
        3 => (-3_isize..4).prop_map(Step::Move),
        1 => (0_usize..7).prop_map(Step::Height),
        3 => Just(Step::Space),
        1 => Just(Step::RangeStart),
        1 => Just(Step::MarkAll),
        1 => Just(Step::Invert),
        1 => column.prop_map(Step::SameValue),
        1 => Just(Step::Clear),
        1 => Just(Step::BringBack),
        1 => filter.clone().prop_map(Step::Mark),
        1 => filter.prop_map(Step::Unmark),
        1 => Just(Step::NextMarked),
        1 => Just(Step::OnlyMarked),
        1 => Just(Step::OnlyFlagged),
    ]
}

fn take(view: &mut TableView, step: &Step) {
    let with = Surroundings::default();
    match step {
        Step::Refresh(sessions, complete, prepared) => {
            let table = table(sessions.clone(), *complete);
            let table = if *prepared { table.prepared(Some(view.table())) } else { table };
            view.replace_table(table, with);
        }
        Step::Recompute => view.recompute(with),
        Step::Filter(text) => view.set_filter(text, with),
        Step::Sort(column) => view.sort_by(*column, with),
        Step::Move(by) => view.move_by(*by),
        Step::Height(lines) => view.set_height(*lines),
        Step::Space => view.mark_toggle_and_step(),
        Step::RangeStart => view.range_start(),
        Step::MarkAll => view.mark_all_shown(),
        Step::Invert => view.invert_shown(),
        Step::SameValue(column) => {
            view.mark_same_value(*column, with);
        }
        Step::Clear => view.clear_marks(),
        Step::BringBack => view.bring_back(),
        Step::Mark(text) => {
            if let Ok(filter) = Filter::parse(text) {
                view.mark_by_expression(&filter, with);
            }
        }
        Step::Unmark(text) => {
            if let Ok(filter) = Filter::parse(text) {
                view.unmark_by_expression(&filter, with);
            }
        }
        Step::NextMarked => {
            view.next_marked();
        }
        Step::OnlyMarked => view.toggle_only_marked(),
        Step::OnlyFlagged => view.toggle_only_flagged(with),
    }
}

/// Filter and order, done the slow way.
fn naive(view: &TableView) -> Vec<SessionId> {
    let table = view.table();
    let context = Surroundings::default().context(table);
    let flagged = |session: SessionRow<'_>| {
        use crate::core::table::{Flag, Flags};
        !Flag::of(session, context.now, table, &Flags::new()).is_empty()
    };
    let mut sessions: Vec<SessionRow<'_>> = table
        .iter()
        .filter(|session| view.filter_line().filter().matches(*session, &context) == Truth::Yes)
        .filter(|session| !view.only_marked() || view.is_marked(&session.session_id()))
        .filter(|session| !view.only_flagged() || flagged(*session))
        .collect();
    let Sort { column, descending } = view.sort();
    sessions.sort_by(|left, right| column.compare(*left, *right, descending, &context));
    sessions.into_iter().map(SessionFacts::session_id).collect()
}

fn check(before: &TableView, step: &Step, view: &TableView) -> Result<(), TestCaseError> {
    let shown: Vec<SessionId> = view.sessions().map(SessionFacts::session_id).collect();
    prop_assert_eq!(&shown, &naive(view));

    // Marks change by the keys that change marks, or with the end of their session.
    let marks: BTreeSet<SessionId> = match step {
        Step::Refresh(_, true, _) => {
            let alive = |id: &&SessionId| view.table().find(id).is_some();
            before.marks().iter().filter(alive).cloned().collect()
        }
        Step::Refresh(_, false, _)
        | Step::Recompute
        | Step::Filter(_)
        | Step::Sort(_)
        | Step::Move(_)
        | Step::Height(_)
        | Step::RangeStart
        | Step::NextMarked
        | Step::OnlyMarked
        | Step::OnlyFlagged => before.marks(),
        _ => view.marks(),
    };
    prop_assert_eq!(&view.marks(), &marks);
    let marked_shown = shown.iter().filter(|id| view.is_marked(id)).count();
    prop_assert_eq!(marked_shown + view.counts().marked_hidden, view.counts().marked);

    // Without a key the cursor keeps its session, until that has ended.
    let was_gone = matches!(before.cursor(), Cursor::Lost(lost) if lost.why == Why::Gone);
    let keeps = match step {
        Step::Refresh(_, complete, _) => before.cursor_id().is_some() && !(was_gone && *complete),
        Step::Recompute | Step::Sort(_) | Step::Height(_) => before.cursor_id().is_some(),
        // A choice of rows moves it only when its session is not among them.
        Step::Filter(_) | Step::OnlyMarked | Step::OnlyFlagged => {
            before.cursor_id().is_some_and(|id| shown.contains(id))
        }
        _ => false,
    };
    if keeps {
        prop_assert_eq!(view.cursor_id(), before.cursor_id());
    }

    // A verb hits what is shown under the cursor, or the marks.
    match view.cursor() {
        Cursor::On(id) => {
            prop_assert!(shown.contains(id));
            prop_assert!(view.cursor_session().is_some_and(|session| session.is_called(id)));
        }
        Cursor::Lost(lost) => {
            prop_assert!(!shown.contains(&lost.session.id));
            prop_assert_eq!(view.cursor_session(), None);
        }
        Cursor::Nowhere => prop_assert!(shown.is_empty()),
    }
    let targets = view.targets();
    let distinct: BTreeSet<SessionId> = targets.iter().cloned().collect();
    prop_assert_eq!(distinct.len(), targets.len());
    if !view.marks().is_empty() {
        prop_assert_eq!(&distinct, &view.marks());
    }

    // The screen shows the cursor and no more lines than it has.
    let lines = view.lines();
    prop_assert_eq!(lines.len(), view.height().min(view.line_count() - view.offset()));
    if view.height() > 0 && view.cursor_line().is_some() {
        prop_assert_eq!(lines.iter().filter(|line| line.cursor).count(), 1);
    }
    Ok(())
}

proptest! {
    #[test]
    fn cursor_and_marks_follow_their_sessions(steps in prop::collection::vec(step(), 1..25)) {
        let mut view = TableView::new();
        view.set_height(4);
        for step in &steps {
            let before = view.clone();
            take(&mut view, step);
            check(&before, step, &view)?;
        }
        let json = serde_json::to_string(&view).unwrap();
        prop_assert_eq!(serde_json::from_str::<TableView>(&json).unwrap(), view);
    }
}
