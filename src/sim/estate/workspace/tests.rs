use std::sync::Arc;

use super::*;
use crate::sim::world::{WorldSource, load};

const NOW: i64 = 1_772_442_000_000;

fn workspace(world: &str) -> Workspace {
    let world = Arc::new(load(&WorldSource::Builtin(world.to_owned())).unwrap());
    crate::sim::estate::build(&world, Some(60), 3, NOW).workspace.unwrap()
}

fn states(workspace: &Workspace) -> Vec<(String, &'static str, Option<i64>)> {
    let state = |session: &AppSession| (session.id.clone(), session.state.word(), session.end);
    workspace.sessions.iter().map(state).collect()
}

#[test]
fn one_long_step_ends_like_many_short_ones() {
    let (mut long, mut short) = (workspace("helpdesk"), workspace("helpdesk"));
    long.step(NOW + 7_200_000);
    for minute in 1..=120 {
        short.step(NOW + minute * 60_000);
    }
    assert_eq!(states(&long), states(&short));
    assert_ne!(states(&long), states(&workspace("helpdesk")));
}

#[test]
fn the_worlds_hold_what_they_promise() {
    let helpdesk = workspace("helpdesk");
    let live = helpdesk.sessions.iter().filter(|session| !session.state.is_over()).count();
    assert_eq!((helpdesk.server_groups.len(), helpdesk.image_servers.len(), live), (6, 8, 400));
    assert!((35..=45).contains(&helpdesk.servers.len()), "{}", helpdesk.servers.len());
    assert_eq!(helpdesk.sessions.iter().filter(|session| session.stuck).count(), 3);
    let coming = |session: &&AppSession| session.state == AppState::AppcInit;
    assert_eq!(helpdesk.sessions.iter().filter(coming).count(), 1);
    let mut statuses: Vec<&str> = helpdesk.image_servers.iter().map(|server| server.status.word()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, ["ACTIVE", "BUILDING", "BUILT", "CREATING", "DELETING", "ERROR"]);
    let failed = |job: &&ImageJob| job.status == JobStatus::Failed && job.kind == JobType::CreateServerImage;
    assert_eq!(helpdesk.jobs.iter().filter(failed).count(), 6);
    assert!(helpdesk.jobs.iter().all(|job| job.id.len() == 18), "ids have 18 digits");
    let mut ids: Vec<&str> = helpdesk.jobs.iter().map(|job| job.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), helpdesk.jobs.len());
}

#[test]
fn the_number_of_sessions_stays_near_what_is_usual() {
    let mut workspace = workspace("helpdesk");
    workspace.step(NOW + 12 * 3_600_000);
    let live = workspace.sessions.iter().filter(|session| !session.state.is_over()).count();
    assert!((320..=480).contains(&live), "{live}");
    assert!(workspace.sessions.iter().any(|session| session.state == AppState::InitFail));
}

#[test]
fn a_failing_build_rolls_back_and_gives_the_server_back() {
    let mut workspace = workspace("small");
    let server = workspace.image_servers[1].id.clone();
    let before = workspace.image_servers[1].image_id.clone();
    let order = BuildOrder { server: &server, name: "will-fail", fails: false };
    let job = workspace.build_image(order).unwrap();
    assert_eq!(workspace.build_image(order), Err(WorkspaceRefusal::WrongState));
    let mut seen = Vec::new();
    for second in 1..60 {
        workspace.step(NOW + second * 500);
        let job = workspace.job(&job).unwrap();
        let now = (job.status.word(), job.parts[0].status.word());
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    let expected =
        [("WAITING", "WAITING"), ("RUNNING", "RUNNING"), ("RUNNING", "ROLLBACK"), ("FAILED", "FAILED")];
    assert_eq!(seen, expected);
    assert!(workspace.job(&job).unwrap().parts[0].error.is_some());
    let server = workspace.image_server(&server).unwrap();
    assert_eq!((server.status, &server.image_id), (ImageServerStatus::Built, &before));
}

#[test]
fn power_takes_a_server_away_and_brings_it_back() {
    let mut workspace = workspace("small");
    let at = workspace.sessions.iter().find(|session| !session.state.is_over()).unwrap().server;
    let id = [workspace.servers[at].id.clone()];
    workspace.power(&id, Power::Reboot).unwrap();
    assert_eq!(workspace.power(&id, Power::Stop), Err(WorkspaceRefusal::WrongState));
    let server = &workspace.servers[at];
    assert_eq!((server.vm_status, server.task, server.status()), ("REBOOT", Some("rebooting"), "UNREGISTER"));
    assert_eq!(workspace.session_count(at), 0);
    workspace.step(NOW + 30_000);
    let server = &workspace.servers[at];
    assert_eq!((server.vm_status, server.task, server.status()), ("ACTIVE", None, "REGISTERED"));
    workspace.power(&id, Power::Stop).unwrap();
    workspace.step(NOW + 60_000);
    assert_eq!((workspace.servers[at].vm_status, workspace.servers[at].status()), ("SHUTOFF", "STOPPED"));
    assert_eq!(workspace.power(&id, Power::Reboot), Err(WorkspaceRefusal::WrongState));
    workspace.power(&id, Power::Start).unwrap();
    assert_eq!(workspace.servers[at].task, Some("powering-on"));
    workspace.step(NOW + 120_000);
    assert_eq!(workspace.servers[at].status(), "REGISTERED");
    assert_eq!(workspace.power(&["nobody".to_owned()], Power::Start), Err(WorkspaceRefusal::Unknown));
}

#[test]
fn nobody_new_gets_onto_a_server_in_maintenance_and_in_time_it_is_empty() {
    let mut workspace = workspace("small");
    let at = workspace.sessions.iter().find(|session| !session.state.is_over()).unwrap().server;
    let id = [workspace.servers[at].id.clone()];
    workspace.maintain(&id, true).unwrap();
    let of_server = |workspace: &Workspace| {
        workspace.sessions.iter().filter(|session| session.server == at).map(|session| session.number).max()
    };
    let newest = of_server(&workspace);
    let mut left = workspace.session_count(at);
    for hour in 1..200 {
        workspace.step(NOW + hour * 3_600_000);
        assert!(workspace.session_count(at) <= left, "who comes back was there before");
        left = workspace.session_count(at);
    }
    assert_eq!(left, 0);
    assert!(of_server(&workspace) <= newest);
    workspace.maintain(&id, false).unwrap();
    workspace.step(NOW + 224 * 3_600_000);
    assert!(of_server(&workspace) > newest, "new ones come again");
}

#[test]
fn sessions_leave_after_the_delay_unless_they_are_stuck() {
    let mut workspace = workspace("small");
    let live: Vec<String> = workspace
        .sessions
        .iter()
        .filter(|session| session.state == AppState::Disconnected)
        .map(|session| session.id.clone())
        .take(2)
        .collect();
    let find = |workspace: &Workspace, id: &str| {
        workspace.sessions.iter().find(|session| session.id == id).unwrap().clone()
    };
    let number = find(&workspace, &live[1]).number;
    workspace.session_mut(number).unwrap().stuck = true;
    workspace.log_off(&live, 30, Some("save your work"));
    workspace.step(NOW + 29_000);
    assert_eq!(find(&workspace, &live[0]).state, AppState::Disconnected);
    assert_eq!(find(&workspace, &live[0]).messages, ["save your work"]);
    workspace.step(NOW + 40_000);
    assert_eq!(find(&workspace, &live[0]).state, AppState::SignedOut);
    assert_ne!(find(&workspace, &live[1]).state, AppState::SignedOut);
}
