//! The breakdown of the shown sessions.

use super::*;
use SessionState::{Connected, Disconnected};

use crate::core::facets::Facet;

fn estate() -> Vec<Session> {
    let with = |id: &str, user: &str, state, pool: Option<&str>, gateway: Option<&str>| {
        let mut session = session(id, user, state, 30);
        session.pool_name = pool.map(Into::into);
        session.pool_id = None;
        session.gateway.name = gateway.map(Into::into);
        session
    };
    vec![
        with("1", "abel", Disconnected, Some("fin w11"), Some("uag-e1")),
        with("2", "baker", Disconnected, Some("fin w11"), Some("uag-e1")),
        with("3", "chen", Connected, Some("fin w11"), Some("uag-e2")),
        with("4", "dogan", Connected, Some("hr-w11"), Some("uag-e2")),
        with("5", "evans", Connected, None, None),
    ]
}

fn bench(width: u16, height: u16) -> Bench {
    let mut bench = Bench::with(estate());
    bench.send(Msg::Resized(ScreenSize { width, height }));
    bench
}

fn filter(bench: &Bench) -> &str {
    bench.state.sessions.view.filter_line().text()
}

fn shown(bench: &Bench) -> usize {
    bench.state.sessions.view.counts().shown
}

fn marks(bench: &Bench) -> Vec<SessionId> {
    bench.state.sessions.view.marks().into_iter().collect()
}

fn notice(bench: &Bench) -> &str {
    bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn on_a_small_screen_it_is_a_sheet_and_enter_narrows_to_the_bucket() {
    let mut bench = bench(80, 24);
    bench.press("b");
    assert_eq!(bench.state.overlays, [Overlay::Facets]);
    bench.press("<enter>");
    assert_eq!((filter(&bench), shown(&bench)), ("pool:\"fin w11\"", 3));
    assert_eq!(bench.state.overlays, [Overlay::Facets], "one can go on");
    bench.press("<enter>");
    assert_eq!(filter(&bench), "pool:\"fin w11\"", "nothing is added that says nothing");
    bench.press("l<enter>");
    assert_eq!((filter(&bench), shown(&bench)), ("pool:\"fin w11\" gw:uag-e1", 2));
    bench.press("<esc>");
    assert!(bench.state.overlays.is_empty());
    assert_eq!(shown(&bench), 2, "the filter stays");
}

#[test]
fn x_leaves_the_bucket_out_and_keeps_those_of_which_it_cannot_be_told() {
    let mut bench = bench(80, 24);
    bench.press("/state:c|state:d<enter>bx");
    assert_eq!(filter(&bench), "(state:c|state:d) (!pool:\"fin w11\"|pool:?)");
    assert_eq!(shown(&bench), 2);
    bench.press("x");
    assert_eq!(shown(&bench), 1, "the cursor took the next one");
    assert!(filter(&bench).ends_with("(!pool:hr-w11|pool:?)"), "{}", filter(&bench));
}

#[test]
fn the_unknown_is_a_bucket_of_its_own() {
    let mut bench = bench(80, 24);
    bench.press("bG<enter>");
    assert_eq!((filter(&bench), shown(&bench)), ("pool:?", 1));
}

#[test]
fn space_marks_the_bucket_and_a_acts_on_it() {
    let mut bench = bench(80, 24);
    bench.press("bl ");
    assert_eq!(marks(&bench), ids(&["1", "2"]));
    bench.press(" ");
    assert_eq!(marks(&bench), [], "again unmarks");
    bench.press(" al");
    assert_eq!(plan_ids(&bench), ids(&["1", "2"]));
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!(sheet.chosen_by.as_ref().map(crate::core::filter::Filter::text), Some("gw:uag-e1"));
}

#[test]
fn beside_the_table_the_keys_go_to_the_pane_and_back() {
    let mut bench = bench(120, 40);
    assert_eq!(bench.state.focus, Focus::Table);
    bench.press("b");
    assert_eq!((bench.state.focus, bench.state.overlays.len()), (Focus::Facets, 0));
    bench.press("<esc>");
    assert_eq!((bench.state.focus, bench.state.sessions.facets.pane), (Focus::Table, Some(true)));
    bench.press("<tab>");
    assert_eq!(bench.state.focus, Focus::Facets);
    bench.press("<tab>");
    assert_eq!(bench.state.focus, Focus::Events);
    bench.press("<tab>b");
    assert_eq!(bench.state.focus, Focus::Facets);
    bench.press("b");
    assert_eq!((bench.state.focus, bench.state.sessions.facets.pane), (Focus::Table, Some(false)));
}

#[test]
fn on_a_wide_screen_it_is_there_unless_switched_off() {
    let mut bench = bench(200, 60);
    assert!(bench.state.sessions.facets.breakdown(Facet::Pool).is_some());
    bench.press("bb");
    assert!(bench.state.sessions.facets.breakdown(Facet::Pool).is_none());
}

#[test]
fn a_new_size_turns_the_pane_into_a_sheet_and_back() {
    let mut bench = bench(120, 40);
    bench.press("bl");
    bench.send(Msg::Resized(ScreenSize { width: 80, height: 24 }));
    assert_eq!((bench.state.focus, bench.state.overlays.as_slice()), (Focus::Table, &[Overlay::Facets][..]));
    bench.send(Msg::Resized(ScreenSize { width: 130, height: 30 }));
    assert_eq!((bench.state.focus, bench.state.overlays.len()), (Focus::Facets, 0));
    assert_eq!(bench.state.sessions.facets.facet, Facet::Gateway);
}

#[test]
fn the_cursor_stays_with_its_bucket_and_never_means_another() {
    let mut bench = bench(80, 24);
    bench.press("bj");
    let hr: Vec<Session> = estate()
        .into_iter()
        .chain((6..9).map(|id| {
            let mut session = session(&id.to_string(), "x", SessionState::Connected, 1);
            session.pool_name = Some("hr-w11".into());
            session
        }))
        .collect();
    bench.refresh(hr);
    bench.press(" ");
    assert_eq!(bench.state.sessions.view.counts().marked, 4, "it went up with its bucket");
    bench.press("u");
    let rest = estate().into_iter().filter(|session| session.id.raw() != "4").collect();
    bench.refresh(rest);
    bench.press(" ");
    assert_eq!(bench.state.sessions.view.counts().marked, 0);
    assert!(notice(&bench).contains("no shown session has that value"), "{}", notice(&bench));
    bench.press("j<enter>");
    assert_eq!(filter(&bench), "pool:\"fin w11\"", "a step leads to what stands in its place");
}

#[test]
fn a_filter_that_takes_no_terms_says_so() {
    let mut bench = bench(80, 24);
    bench.press("/-f a<enter>b<enter>");
    assert_eq!(filter(&bench), "-f a");
    assert!(notice(&bench).contains("fuzzy"), "{}", notice(&bench));
}

#[test]
fn by_lift_what_stands_out_comes_first() {
    let mut bench = bench(80, 24);
    bench.press("/gw:uag-e2<enter>bs<enter>");
    assert_eq!(filter(&bench), "gw:uag-e2 pool:hr-w11");
}
