use super::*;
use crate::{
    core::{
        bulk::JobEvent,
        change::{ChangeConfirmation, ChangePlan},
        cloud::{CloudMsg, testing},
        fixtures::{Bench, session},
        msg::Msg,
        remote::Remote,
    },
    domain::{Change, FaultKind, Outcome, SessionState},
};

/// A console that shows app servers.
fn app_servers() -> Bench {
    let mut bench = Bench::in_the_cloud(vec![session("s1", "kaya", SessionState::Connected, 3)]);
    bench.press("ga");
    answer(&mut bench, Ok(testing::app_servers()));
    bench.take_effects();
    bench
}

fn answer(bench: &mut Bench, answer: Result<CloudList<AppServer>, Fault>) {
    let request = bench.state.cloud.app_servers_poll.in_flight.expect("a question is out");
    bench.send(Msg::Cloud(CloudMsg::AppServersRead { request, answer: answer.map(Arc::new) }));
}

fn notice(bench: &Bench) -> String {
    bench.state.notice.as_ref().map_or_else(String::new, |notice| notice.text.to_string())
}

fn plan(bench: &Bench) -> &ChangePlan {
    match bench.state.overlays.last() {
        Some(Overlay::Change(sheet)) => &sheet.plan,
        other => panic!("no sheet of a plan: {other:?}, {}", notice(bench)),
    }
}

fn planned(bench: &Bench) -> Vec<(ServerOrder, String)> {
    let order = |change: &Change| match change {
        Change::OrderServer { order, server, .. } => (*order, server.raw().to_owned()),
        other => panic!("{other:?}"),
    };
    plan(bench).items.iter().map(|item| order(&item.change)).collect()
}

#[test]
fn they_are_read_while_they_are_shown_and_cursor_and_marks_stay_with_them() {
    let mut bench = app_servers();
    assert_eq!(bench.state.tab, Tab::AppServers);
    bench.press("j  ");
    assert_eq!(bench.state.cloud.app_servers_view.cursor, Some("as-4".into()));
    bench.pass(30);
    let mut fewer = testing::app_servers();
    fewer.rows.retain(|server| server.id != "as-2".into());
    answer(&mut bench, Ok(CloudList { complete: false, ..fewer.clone() }));
    assert_eq!(bench.state.cloud.app_servers_view.marks.len(), 2, "it may only not have been read");
    bench.pass(30);
    answer(&mut bench, Ok(fewer));
    assert_eq!(bench.state.cloud.app_servers_view.marks, ["as-3".into()].into());
    assert_eq!(bench.state.cloud.app_servers_view.cursor, Some("as-4".into()));
    bench.pass(30);
    answer(&mut bench, Err(Fault::new(FaultKind::Unreachable, "list app servers", "no route")));
    assert!(matches!(bench.state.cloud.app_servers, Remote::Stale { .. }), "old data stays");
    bench.press("1");
    bench.take_effects();
    bench.pass(300);
    let asked = |effect: &Effect| matches!(effect, Effect::Cloud(CloudEffect::FetchAppServers { .. }));
    assert!(!bench.effects.iter().any(asked), "nothing is read while nobody looks");
    bench.press("4");
    assert_eq!(bench.state.tab, Tab::AppServers);
    bench.press("gt");
    assert_eq!(bench.state.tab, Tab::Sessions, "it is the last tab");
    bench.press(":app-servers<enter>");
    assert_eq!(bench.state.tab, Tab::AppServers);
}

#[test]
fn a_filter_hides_and_a_plan_counts_the_marked_that_it_hides() {
    let mut bench = app_servers();
    bench.press("*/maintenance:draining<enter>");
    assert_eq!(bench.state.cloud.shown_app_servers().len(), 2);
    bench.press("ao");
    let plan = plan(&bench);
    assert_eq!((plan.len(), plan.hidden), (7, 5));
    bench.press("<esc><esc><esc>");
    assert_eq!(bench.state.cloud.shown_app_servers().len(), 7, "twice clears the filter");
    bench.press("/colour:red");
    assert_eq!(bench.state.cloud.shown_app_servers().len(), 7, "a mistake hides nothing");
}

#[test]
fn a_plan_has_the_order_of_the_table() {
    let mut bench = app_servers();
    let mut list = testing::app_servers();
    list.rows.truncate(3);
    list.rows.reverse();
    bench.pass(30);
    answer(&mut bench, Ok(list));
    bench.press("*ao");
    let ids: Vec<String> = planned(&bench).into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids, ["as-3", "as-2", "as-1"]);
}

#[test]
fn before_anybody_answered_the_profile_says_that_there_are_app_servers() {
    let mut bench = Bench::in_the_cloud(Vec::new());
    bench.state.link = crate::core::state::Link::Connecting;
    bench.state.settings.wire = WireKind::Workspace;
    bench.press("4");
    assert_eq!((bench.state.tab, bench.state.notice.clone()), (Tab::AppServers, None));
}

#[test]
fn a_drain_is_one_key_and_ends_nobody() {
    let mut bench = app_servers();
    bench.press("ad");
    assert_eq!(planned(&bench), [(ServerOrder::Drain, "as-1".to_owned())]);
    let sheet = plan(&bench);
    assert_eq!(sheet.confirmation(), ChangeConfirmation::Key);
    assert!(!sheet.is_destructive());
    assert_eq!(sheet.command.as_ref().unwrap().as_str(), "foretop app-servers drain --id as-1 --yes 1");
    bench.press("y");
    let job = bench.state.change_jobs.last().expect("a job").id;
    let run = |effect: &Effect| matches!(effect, Effect::RunChanges { .. });
    assert!(bench.effects.iter().any(run));
    bench.send(Msg::JobProgressed {
        job,
        event: JobEvent::Settled { outcomes: vec![(0, Outcome::Confirmed)] },
    });
    bench.pass(1);
    let asked = |effect: &Effect| matches!(effect, Effect::Cloud(CloudEffect::FetchAppServers { .. }));
    assert!(bench.effects.iter().any(asked), "what it did is seen before it is over");
    answer(&mut bench, Ok(testing::app_servers()));
    bench.take_effects();
    bench.send(Msg::JobProgressed { job, event: JobEvent::Finished { stopped: false, fault: None } });
    bench.pass(1);
    assert!(bench.effects.iter().any(asked), "the list is read again");
}

#[test]
fn a_reboot_with_sessions_takes_the_number_and_says_who_ends() {
    let mut bench = app_servers();
    bench.press("   ao");
    assert_eq!(planned(&bench).len(), 3);
    let sheet = plan(&bench);
    assert_eq!(sheet.confirmation(), ChangeConfirmation::Number(3));
    assert!(sheet.warnings[0].as_str().starts_with("15 sessions END: "), "{:?}", sheet.warnings);
    bench.press("y<enter>2<enter>");
    assert!(bench.state.change_jobs.is_empty(), "nothing but the number starts it");
    bench.press("3<enter>");
    assert_eq!(bench.state.change_jobs.len(), 1);
}

#[test]
fn the_menu_says_what_makes_no_sense() {
    let mut bench = app_servers();
    bench.press("ja");
    let Some(Overlay::ChangeMenu(menu)) = bench.state.overlays.last() else { panic!() };
    let objections: Vec<Option<&str>> =
        menu.choices.iter().map(|choice| choice.objection.as_ref().map(Text::as_str)).collect();
    assert_eq!(objections, [Some("it is in maintenance already"), None, None, None]);
    bench.press("d");
    assert_eq!(notice(&bench), "cannot drain aps-off-02: no new sessions: it is in maintenance already");
    bench.press("<esc>jja");
    bench.press("h");
    assert!(notice(&bench).contains("it is busy: rebooting"), "{}", notice(&bench));
    bench.press("<esc>");
    bench.state.settings.read_only = true;
    bench.press("kkau");
    assert!(notice(&bench).ends_with("read-only"), "{}", notice(&bench));
}

#[test]
fn an_order_from_the_details_is_for_that_server_whatever_is_marked() {
    let mut bench = app_servers();
    bench.press(" <enter>au");
    assert_eq!(planned(&bench), [(ServerOrder::Undrain, "as-2".to_owned())]);
}

#[test]
fn horizon_has_none() {
    let mut bench = Bench::with(vec![session("s1", "kaya", SessionState::Connected, 3)]);
    for keys in ["ga", "4", ":app-servers<enter>"] {
        bench.press(keys);
        assert_eq!(
            (bench.state.tab, notice(&bench).as_str()),
            (Tab::Sessions, "app servers: not offered by Horizon")
        );
    }
}
