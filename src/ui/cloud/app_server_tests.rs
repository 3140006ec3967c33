//! App servers at the sizes of `screens.md section 5`, what can be asked of them, and everything about one.

use std::sync::Arc;

use insta::assert_snapshot;

use super::tests::bare;
use crate::{
    core::{
        change::ChangePlan,
        cloud::{Chosen, CloudList, CloudSheet, order_plan, testing},
        line_input::LineInput,
        remote::Remote,
        state::{ChangeSheet, Overlay, State, Tab},
    },
    domain::{AppServerId, Fault, FaultKind, ServerOrder, WireKind},
    ui::fixtures::{at, picture, pictures},
};

fn app_servers(width: u16, height: u16) -> State {
    let mut state = bare(width, height, Tab::AppServers);
    state.cloud.app_servers.load(Arc::new(testing::app_servers()), at("14:02:11"));
    state.cloud.app_servers_view.cursor = Some("as-2".into());
    state.cloud.app_servers_view.marks = ["as-1".into(), "as-3".into()].into();
    state
}

fn sheet(width: u16, height: u16, order: ServerOrder) -> State {
    let list = testing::app_servers();
    let ids: Vec<AppServerId> = list.rows.iter().map(|server| server.id.clone()).collect();
    let chosen = Chosen { ids: &ids, hidden: 2, repeat: false };
    let plan: ChangePlan = order_plan(order, &list, &chosen, "3f2a".into(), at("14:02:12"));
    let mut state = app_servers(width, height);
    let sheet = ChangeSheet { plan, typed: LineInput::default(), scroll: 0, complaint: None };
    state.overlays.push(Overlay::Change(Box::new(sheet)));
    state
}

#[test]
fn app_servers_at_every_size() {
    pictures!("app_servers", app_servers);
}

#[test]
fn the_name_of_the_tab_stays_beside_marks_and_builds() {
    for (width, line) in
        [(80, "   1  2  3 [4 App servers] marked 2   1 build"), (60, "   1  2  3 [4 App servers]")]
    {
        let mut state = app_servers(width, 24);
        let mut builds = testing::builds();
        builds.jobs.truncate(1);
        drop(state.cloud.builds.listed(builds, at("14:02:11")));
        let text = picture(&state);
        let tabs = text.lines().find(|tabs| tabs.contains("[4 App servers]")).unwrap_or(&text).to_owned();
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&tabs).contains(&words(line)), "{text}");
        assert!(tabs.contains("marked 2"), "{text}");
    }
}

#[test]
fn refused_and_old() {
    let mut state = bare(80, 24, Tab::AppServers);
    let refused = Fault {
        status: Some(403),
        wire: WireKind::Workspace,
        needs: Some("workspace:server:list".into()),
        ..Fault::new(FaultKind::InsufficientPermission, "list app servers", "Policy doesn't allow it.")
    };
    state.cloud.app_servers.fail(refused, at("14:02:14"));
    assert_snapshot!("app_servers_not_permitted", picture(&state));
    let mut state = app_servers(80, 24);
    state.cloud.app_servers = Remote::Loaded {
        value: Arc::new(CloudList { complete: false, unreadable: 2, ..testing::app_servers() }),
        at: at("14:02:11"),
    };
    let unreachable = Fault::new(FaultKind::Unreachable, "list app servers", "no route");
    state.cloud.app_servers.fail(unreachable, at("14:02:14"));
    assert_snapshot!("app_servers_old", picture(&state));
}

#[test]
fn everything_about_one() {
    pictures!("app_server_detail", |width, height| {
        let mut state = app_servers(width, height);
        state.overlays.push(Overlay::Cloud(CloudSheet::AppServer { server: "as-2".into(), scroll: 0 }));
        state
    });
}

#[test]
fn a_drain_and_a_reboot_are_told_on_their_sheets() {
    assert_snapshot!("app_servers_drain_80x24", picture(&sheet(80, 24, ServerOrder::Drain)));
    assert_snapshot!("app_servers_reboot_80x24", picture(&sheet(80, 24, ServerOrder::Reboot)));
    assert_snapshot!("app_servers_reboot_120x40", picture(&sheet(120, 40, ServerOrder::RebootHard)));
}
