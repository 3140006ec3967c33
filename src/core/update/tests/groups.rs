//! Names of groups: asked for when something wants them, and never missing in silence.

use super::*;
use crate::{
    core::{effect::RequestId, facets::Facet, table::testing::group},
    domain::UserId,
};

fn member(id: &str, user: &str, groups: &[&str]) -> Session {
    let mut session = session(id, user, SessionState::Disconnected, 30);
    session.groups = Some(groups.iter().map(|sid| (*sid).into()).collect());
    session
}

fn bench() -> Bench {
    let mut bench = Bench::with(vec![
        member("1", "abel", &["S-1-5-21-1", "S-1-5-21-2"]),
        member("2", "baker", &["S-1-5-21-2"]),
        member("3", "chen", &["S-1-5-21-3"]),
    ]);
    bench.take_effects();
    bench
}

/// The question about groups that is asked now, if one is.
fn asked(bench: &mut Bench) -> Option<(RequestId, Vec<UserId>)> {
    let mut asked = bench.take_effects().into_iter().filter_map(|effect| match effect {
        Effect::NameGroups { request, ids } => Some((request, ids)),
        _ => None,
    });
    let first = asked.next();
    assert!(asked.next().is_none(), "one question at a time");
    first
}

fn raw(ids: &[UserId]) -> Vec<&str> {
    ids.iter().map(UserId::raw).collect()
}

fn name(bench: &mut Bench, request: RequestId, groups: &[(&str, &str)]) {
    let found = groups.iter().map(|(sid, name)| group(sid, name)).collect();
    bench.send(Msg::PrincipalsRead { request, answer: Ok(found) });
}

fn fail(bench: &mut Bench, request: RequestId, kind: FaultKind) {
    let fault = Fault::new(kind, "look up users", "the directory is away");
    bench.send(Msg::PrincipalsRead { request, answer: Err(fault) });
}

fn shown(bench: &Bench) -> usize {
    bench.state.sessions.view.counts().shown
}

fn marked(bench: &Bench) -> usize {
    bench.state.sessions.view.counts().marked
}

fn notice(bench: &Bench) -> &str {
    bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

const ALL: [(&str, &str); 3] =
    [("S-1-5-21-1", "CORP\\finance"), ("S-1-5-21-2", "CORP\\all-staff"), ("S-1-5-21-3", "CORP\\hr")];

#[test]
fn nobody_is_asked_before_something_wants_names_and_sids_need_none() {
    let mut bench = bench();
    bench.press("j/group:S-1-5-21-2<enter>*");
    assert_eq!((shown(&bench), marked(&bench)), (2, 2));
    bench.press("/group:*<enter>/group:-<enter>/hr<enter>/state:d group:s-1-5-21-*<enter>");
    assert_eq!(asked(&mut bench), None);
    bench.press("/group:s");
    assert_eq!(asked(&mut bench), None, "it may become a SID");
    bench.press("<enter>");
    assert!(asked(&mut bench).is_some(), "it did not");
}

#[test]
fn a_filter_by_name_asks_once_and_shows_what_matches_when_the_answer_comes() {
    let mut bench = bench();
    bench.press("/group:f");
    let (request, ids) = asked(&mut bench).expect("a name is wanted");
    assert_eq!(raw(&ids), ["S-1-5-21-1", "S-1-5-21-2", "S-1-5-21-3"]);
    bench.press("inance<enter>");
    assert_eq!((asked(&mut bench), shown(&bench)), (None, 0), "the question is out already");
    name(&mut bench, request, &ALL);
    assert_eq!(shown(&bench), 1);
    bench.press("/group:corp\\all*<enter>");
    assert_eq!(shown(&bench), 2);
    bench.press("/!group:hr<enter>");
    assert_eq!((shown(&bench), asked(&mut bench)), (2, None), "each is asked for once");
    // A new list brings a new group: only that one is asked for.
    bench.refresh(vec![member("1", "abel", &["S-1-5-21-1"]), member("4", "dogan", &["S-1-5-21-4"])]);
    let (request, ids) = asked(&mut bench).unwrap();
    assert_eq!((raw(&ids), shown(&bench)), (vec!["S-1-5-21-4"], 1));
    name(&mut bench, request, &[]);
    assert_eq!(shown(&bench), 1, "a group without a name may be called anything");
    bench.refresh(vec![member("4", "dogan", &["S-1-5-21-4"])]);
    assert_eq!(asked(&mut bench), None, "the directory does not know it: that is an answer");
}

#[test]
fn nothing_is_marked_by_a_filter_that_may_show_too_little() {
    let mut bench = bench();
    bench.press("/group:finance<enter>*");
    assert_eq!(
        (marked(&bench), notice(&bench)),
        (0, "nothing marked: names of groups are still being looked up")
    );
    let (request, _) = asked(&mut bench).unwrap();
    name(&mut bench, request, &ALL);
    bench.press("*");
    assert_eq!(marked(&bench), 1);
    bench.press("a");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Actions(_))));
}

#[test]
fn an_expression_that_marks_waits_for_the_names_too() {
    let mut bench = bench();
    bench.press("+group:all-staff");
    let (request, _) = asked(&mut bench).expect("looked up while it is typed");
    bench.press("<enter>");
    let error = bench.state.prompt.as_ref().and_then(|prompt| prompt.error.as_ref()).unwrap();
    assert_eq!(error.message.as_str(), "names of groups are still being looked up");
    name(&mut bench, request, &ALL);
    bench.press("<esc>+group:all-staff<enter>");
    assert_eq!((marked(&bench), bench.state.prompt.is_none()), (2, true));
    assert_eq!(notice(&bench), "2 marked");
}

#[test]
fn a_failure_is_told_and_tried_again_with_the_next_list_unless_that_is_in_vain() {
    let mut bench = bench();
    bench.press("/group:finance<enter>");
    let (request, _) = asked(&mut bench).unwrap();
    fail(&mut bench, request, FaultKind::Unreachable);
    assert_eq!(asked(&mut bench), None, "not at once");
    bench.press("*");
    assert!(
        notice(&bench).contains("could not be looked up") && notice(&bench).contains("away"),
        "{}",
        notice(&bench)
    );
    let told = |bench: &Bench| {
        let is_it = |entry: &&crate::core::events::Entry| matches!(&entry.body, EntryBody::Own(record) if record.text.as_str().contains("names of groups"));
        bench.state.events.entries().filter(is_it).count()
    };
    assert_eq!(told(&bench), 1);
    let sessions = vec![member("1", "abel", &["S-1-5-21-1"])];
    bench.refresh(sessions.clone());
    let (request, _) = asked(&mut bench).expect("the next list tries again");
    fail(&mut bench, request, FaultKind::Unreachable);
    assert_eq!(told(&bench), 1, "the same is not said twice");
    bench.refresh(sessions.clone());
    let (request, _) = asked(&mut bench).unwrap();
    fail(&mut bench, request, FaultKind::InsufficientPermission);
    bench.refresh(sessions);
    assert_eq!(asked(&mut bench), None, "who may not ask does not ask again");
}

#[test]
fn the_breakdown_by_group_asks_for_its_buckets_and_the_card_for_its_session() {
    let mut bench = bench();
    bench.press("b");
    assert_eq!(asked(&mut bench), None);
    bench.state.sessions.facets.choose(Facet::Group);
    bench.pass(1);
    let (request, ids) = asked(&mut bench).unwrap();
    assert_eq!(ids.len(), 3);
    name(&mut bench, request, &ALL);
    bench.press("<enter>");
    // What is narrowed by is the SID: that holds whatever the group is called.
    assert_eq!(bench.state.sessions.view.filter_line().text(), "group:S-1-5-21-2");
    assert_eq!(notice(&bench), "only group all-staff");

    let mut bench = self::bench();
    bench.press("<enter>");
    let (_, ids) = asked(&mut bench).expect("the card shows them");
    assert_eq!(raw(&ids), ["S-1-5-21-1", "S-1-5-21-2"]);
}

#[test]
fn many_groups_are_asked_for_call_by_call_and_judged_at_the_end() {
    let sessions = (0..120).map(|number| member(&number.to_string(), "x", &[&format!("S-1-5-21-{number}")]));
    let mut bench = Bench::with(sessions.collect());
    bench.take_effects();
    bench.press("/group:g*<enter>");
    let mut lengths = Vec::new();
    while let Some((request, ids)) = asked(&mut bench) {
        assert_eq!(shown(&bench), 0, "rows do not jump with every call");
        lengths.push(ids.len());
        let names: Vec<_> = ids.iter().map(|sid| group(sid.raw(), "CORP\\g")).collect();
        bench.send(Msg::PrincipalsRead { request, answer: Ok(names) });
    }
    assert_eq!((lengths, shown(&bench)), (vec![50, 50, 20], 120));
}

#[test]
fn of_many_sessions_the_rows_are_judged_aside() {
    let mut bench = bench();
    bench.state.settings.many_sessions = 2;
    bench.press("/group:hr<enter>");
    let effects = bench.take_effects();
    let request = effects.iter().find_map(|effect| match effect {
        Effect::NameGroups { request, .. } => Some(*request),
        _ => None,
    });
    name(&mut bench, request.unwrap(), &ALL);
    let judged = bench.take_effects().into_iter().find_map(|effect| match effect {
        Effect::JudgeRows { request, table, filter, groups } => Some((request, table, filter, groups)),
        _ => None,
    });
    let (request, table, filter, groups) = judged.expect("judged beside the keys");
    assert!(bench.state.sessions.view.awaits_rows());
    assert!(table.judge_beforehand(&filter, &groups, &|| false));
    bench.send(Msg::RowsJudged { request });
    assert_eq!(shown(&bench), 1);
}

#[test]
fn workspace_tells_no_groups_and_nobody_is_asked() {
    let mut bench = Bench::in_the_cloud(vec![session("1", "abel", SessionState::Disconnected, 5)]);
    bench.take_effects();
    bench.press("/group:finance<enter>");
    assert_eq!((asked(&mut bench), shown(&bench)), (None, 0));
    bench.press("/group:?<enter>");
    assert_eq!(shown(&bench), 1, "it is not known, and not said to be none");
}
