//! Views with names, what is remembered, and the way back.

use super::*;
use crate::core::{
    remembered::Memory,
    state::Tab,
    table::{Column, Sort},
    views::NamedView,
};

fn filter(bench: &Bench) -> &str {
    bench.state.sessions.view.filter_line().text()
}

fn remembered(bench: &mut Bench) -> Memory {
    match bench.take_effects().pop() {
        Some(Effect::Remember(memory)) => *memory,
        other => panic!("nothing is remembered, but {other:?}"),
    }
}

fn complaint(bench: &Bench) -> &str {
    bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap().message.as_str()
}

#[test]
fn a_view_comes_by_its_name_and_by_its_key_and_its_filter_is_the_guard() {
    for keys in [":disc-cleanup<enter>", "5", "25"] {
        let mut bench = Bench::with(estate());
        bench.press("jj");
        bench.press(keys);
        assert_eq!((filter(&bench), bench.state.tab), ("state:disc idle>4h", Tab::Sessions), "{keys}");
        let idle = Sort { column: Column::Idle, descending: true };
        assert_eq!(bench.state.sessions.view.sort(), idle);
        assert_eq!(bench.state.sessions.view.cursor_id(), Some(&SessionId::from("1")));
        bench.press("*al");
        let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
        assert_eq!(sheet.plan.terms.guard.as_ref().unwrap().text(), "state:disc idle>4h");
    }
}

#[test]
fn the_first_way_leads_back_as_well() {
    for keys in ["5", ":ghosts<enter>", "/state:disc<enter>", "2"] {
        let mut bench = Bench::with(estate());
        bench.press(keys);
        bench.press("-");
        assert_eq!((filter(&bench), bench.state.tab), ("", Tab::Sessions), "{keys}");
    }
}

#[test]
fn what_is_not_whole_is_told_with_what_it_may_be() {
    let mut bench = Bench::with(estate());
    bench.press(":s<enter>");
    assert!(complaint(&bench).starts_with("not whole: s may be "), "{}", complaint(&bench));
    bench.press("<esc>:kick<enter>");
    assert!(complaint(&bench).contains("Ctrl-u empties the line"), "{}", complaint(&bench));
}

#[test]
fn the_present_view_is_saved_with_a_key_that_brings_no_other_then() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>O:save morning 5<enter>");
    let memory = remembered(&mut bench);
    assert_eq!(memory.views["morning"].filter, "chen");
    bench.press("/abel<enter>5");
    assert_eq!(filter(&bench), "chen");
    bench.press("/abel<enter>:save other 5<enter>/x<enter>5");
    assert_eq!(filter(&bench), "abel");
    bench.press(":morning<enter>");
    assert_eq!(filter(&bench), "chen", "it still has its name");
    bench.press(":forget morning<enter>");
    assert!(!remembered(&mut bench).views.contains_key("morning"));
    bench.press("9");
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("no view is on 9 yet"));
}

#[test]
fn what_cannot_be_saved_or_forgotten_says_why() {
    let mut bench = Bench::with(estate());
    for (line, words) in [
        (":save", "save takes a name"),
        (":save x 4", "save takes a name"),
        (":save logoff", "logoff is a command"),
        (":save a/b", "a name begins with a letter"),
        (":save 9", "9 is no name; :save morning 9"),
        (":forget ghosts", "ghosts comes with Foretop"),
        (":forget x", "there are no views of your own"),
        (":ghost", ""),
    ] {
        bench.press(line);
        bench.press("<enter>");
        if words.is_empty() {
            assert_eq!(filter(&bench), "flag:gh", "the beginning of one name is enough");
        } else {
            assert!(complaint(&bench).starts_with(words), "{line}: {}", complaint(&bench));
            bench.press("<esc>");
        }
    }
}

#[test]
fn the_last_view_and_the_lines_come_back() {
    let mut before = Bench::with(estate());
    before.press("/state:disc<enter>A:refresh<enter>");
    let memory = Memory::of(&before.state);
    let mut bench = Bench::unconnected();
    bench.state.remember(memory.clone());
    assert_eq!(filter(&bench), "state:disc");
    assert_eq!(bench.state.sessions.view.sort().column, Column::Age);
    assert!(bench.state.notice.is_some(), "that rows are hidden is said");
    bench.press(":<up>");
    assert_eq!(bench.state.prompt.as_ref().unwrap().input.text(), "refresh");
    let mut elsewhere = Bench::unconnected();
    elsewhere.state.settings.profile = "emea".into();
    elsewhere.state.remember(memory);
    assert_eq!(filter(&elsewhere), "", "each profile has its own");
}

#[test]
fn words_of_a_single_plan_are_not_remembered() {
    let mut bench = Bench::with(estate());
    bench.press("*altINC-1<enter><esc>");
    let memory = Memory::of(&bench.state);
    assert!(!format!("{memory:?}").contains("INC-1"));
}

#[test]
fn a_view_on_record_that_cannot_be_meant_is_left_out() {
    let mut memory = Memory::default();
    let view = |filter: &str| NamedView { filter: filter.to_owned(), key: Some(3), ..NamedView::default() };
    memory.views.insert("good".to_owned(), view("state:disc"));
    memory.views.insert("bad".to_owned(), view("state:("));
    memory.last.insert("demo".to_owned(), view("nofield:x"));
    let memory = memory.checked();
    assert_eq!(memory.views.keys().collect::<Vec<_>>(), ["good"]);
    assert_eq!(memory.views["good"].key, None);
    assert!(memory.last.is_empty());
}

#[test]
fn one_can_go_back_through_tabs_and_filters_and_forward_again() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>");
    bench.press("2");
    bench.press("1");
    bench.press("/abel<enter>");
    bench.press("[");
    assert_eq!(filter(&bench), "chen");
    bench.press("[");
    assert_eq!(bench.state.tab, Tab::Permissions);
    bench.press("]]");
    assert_eq!((filter(&bench), bench.state.tab), ("abel", Tab::Sessions));
    bench.press("]");
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("nothing to go forward to"));
    bench.press("-");
    assert_eq!(filter(&bench), "chen");
    bench.press("-");
    assert_eq!(filter(&bench), "abel", "again returns");
}

#[test]
fn a_view_in_the_place_of_a_built_in_one_takes_its_key_and_says_so() {
    let notice = |bench: &Bench| bench.state.notice.as_ref().unwrap().text.to_string();
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>:save ghosts<enter>");
    assert_eq!(
        notice(&bench),
        "saved; :ghosts, or 6, brings it back, not Foretop's own until :forget ghosts"
    );
    bench.press("/x<enter>6");
    assert_eq!(filter(&bench), "chen");
    bench.press(":forget ghosts<enter>6");
    assert_eq!(filter(&bench), "flag:gh");
    bench.press(":save mine 5<enter>");
    assert_eq!(notice(&bench), "saved; :mine, or 5, brings it back; 5 brought disc-cleanup before");
}

#[test]
fn a_wrong_argument_leaves_the_line_open() {
    let mut bench = Bench::with(estate());
    bench.press(":images status=FOO<enter>");
    assert!(complaint(&bench).contains("FOO"), "{}", complaint(&bench));
    bench.press("<esc>:events level>=loud<enter>");
    assert!(bench.state.prompt.is_some());
}
