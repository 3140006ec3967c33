use std::sync::Arc;

use super::*;
use crate::{
    core::{
        bulk::JobEvent,
        cloud::{AccessRow, Asked, BuildList, CloudEffect, CloudList, OrderRecord, testing},
        events::EntryBody,
        fixtures::{Bench, session},
        msg::Msg,
    },
    domain::{Change, CloudJobId, ImageJob, ImageServer, JobId, Outcome, SessionState},
};

/// A console that shows image servers.
fn servers() -> Bench {
    let mut bench = Bench::in_the_cloud(vec![session("s1", "kaya", SessionState::Connected, 3)]);
    bench.press("3");
    answer_servers(&mut bench, Ok(testing::servers()));
    bench.take_effects();
    bench
}

fn answer_servers(bench: &mut Bench, answer: Result<CloudList<ImageServer>, Fault>) {
    let request = bench.state.cloud.servers_poll.in_flight.expect("a question is out");
    bench.send(Msg::Cloud(CloudMsg::ServersRead { request, answer: answer.map(Arc::new) }));
}

fn answer_builds(bench: &mut Bench, list: BuildList) {
    answer_builds_with(bench, OrderRecord::default(), Ok(list));
}

fn answer_builds_with(bench: &mut Bench, record: OrderRecord, answer: Result<BuildList, Fault>) {
    let request = bench.state.cloud.builds.poll.in_flight.expect("a question is out");
    let (record, answer) = (Box::new(record), answer.map(Box::new));
    bench.send(Msg::Cloud(CloudMsg::BuildsRead { request, record, answer }));
}

/// An order of this image, so many seconds ago.
fn asked(bench: &Bench, server: &str, image: &str, ago: i64) -> Asked {
    Asked {
        server: "is-1".into(),
        server_name: Some(server.into()),
        image: image.into(),
        at: connection::after(bench.state.now, -ago),
    }
}

fn notice(bench: &Bench) -> String {
    bench.state.notice.as_ref().map_or_else(String::new, |notice| notice.text.to_string())
}

/// The records of the console's own, oldest first.
fn records(bench: &Bench) -> Vec<String> {
    let own = |body: &EntryBody| match body {
        EntryBody::Own(record) => Some(record.text.to_string()),
        EntryBody::Audit { .. } => None,
    };
    bench.state.events.entries().filter_map(|entry| own(&entry.body)).collect()
}

fn followed(effects: &[Effect]) -> Vec<String> {
    let job = |effect: &Effect| match effect {
        Effect::Cloud(CloudEffect::FollowBuild { job }) => Some(job.raw().to_owned()),
        _ => None,
    };
    effects.iter().filter_map(job).collect()
}

fn looked(bench: &mut Bench, job: ImageJob) {
    bench.send(Msg::Cloud(CloudMsg::BuildRead { job: job.id.clone(), answer: Ok(Box::new(job)) }));
}

/// Fills in the form, confirms the plan, and lets the order be taken as this job of the cloud.
fn order(bench: &mut Bench, name: &str, cloud_job: &str) -> JobId {
    bench.press(&format!("ab{name}<c-o>"));
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Change(_))), "{}", notice(bench));
    bench.press("y");
    let job = bench.state.change_jobs.last().expect("a job").id;
    for event in [
        JobEvent::Sent { targets: vec![0] },
        JobEvent::Settled { outcomes: vec![(0, Outcome::Accepted)] },
        JobEvent::Created { ids: vec![(0, cloud_job.to_owned())] },
        JobEvent::Settled { outcomes: vec![(0, Outcome::Confirmed)] },
        JobEvent::Finished { stopped: false, fault: None },
    ] {
        bench.send(Msg::JobProgressed { job, event });
    }
    bench.press("q");
    job
}

#[test]
fn image_servers_are_read_when_their_tab_is_shown_and_the_cursor_stays_on_its_server() {
    let mut bench = servers();
    bench.press("j");
    assert_eq!(bench.state.cloud.servers_view.cursor, Some("is-2".into()));
    bench.pass(60);
    let mut fewer = testing::servers();
    fewer.rows.remove(0);
    answer_servers(&mut bench, Ok(fewer));
    assert_eq!(bench.state.cloud.servers_view.cursor, Some("is-2".into()));
    bench.pass(60);
    let mut without = testing::servers();
    without.rows.retain(|server| server.id != "is-2".into());
    answer_servers(&mut bench, Ok(without));
    assert_eq!(bench.state.cloud.servers_view.cursor, Some("is-3".into()));
    assert_eq!(notice(&bench), "the image server under the cursor is gone");
    bench.pass(60);
    answer_servers(&mut bench, Err(Fault::new(FaultKind::Unreachable, "list image servers", "no route")));
    assert!(matches!(bench.state.cloud.servers, Remote::Stale { .. }), "old data stays");
    bench.press("1");
    bench.take_effects();
    bench.pass(300);
    let asked = |effect: &Effect| matches!(effect, Effect::Cloud(CloudEffect::FetchServers { .. }));
    assert!(!bench.effects.iter().any(asked), "nothing is read while nobody looks");
}

#[test]
fn reading_again_says_when_nothing_is_sent_any_more() {
    let mut bench = servers();
    let refused = Fault {
        wire: crate::domain::WireKind::Workspace,
        ..Fault::new(
            FaultKind::Unauthenticated,
            "list image servers",
            "signature refused: nothing more is sent",
        )
    };
    bench.pass(60);
    answer_servers(&mut bench, Err(refused));
    bench.press("<c-r>");
    assert_eq!(notice(&bench), "signature refused: nothing more is sent");
    bench.pass(60);
    answer_servers(&mut bench, Ok(testing::servers()));
    bench.press("<c-r>");
    assert_eq!(notice(&bench), "reading again");
}

#[test]
fn a_filter_hides_and_one_with_a_mistake_hides_nothing() {
    let mut bench = servers();
    bench.press("/status:active<enter>");
    assert_eq!(bench.state.cloud.shown_servers().len(), 1);
    bench.press("/staus:active");
    assert_eq!(bench.state.cloud.shown_servers().len(), 6);
    let error = bench.state.prompt.as_ref().and_then(|prompt| prompt.error.clone()).expect("a mistake");
    assert!(error.message.as_str().contains("nearest is status"), "{}", error.message);
    bench.press("<esc>");
    assert_eq!(bench.state.cloud.servers_view.filter, "status:active");
    bench.press("<esc><esc>");
    assert_eq!(bench.state.cloud.shown_servers().len(), 6);
}

#[test]
fn tab_completes_fields_and_the_words_that_the_rows_have() {
    let mut bench = servers();
    bench.press("/sta<tab>");
    let typed = |bench: &Bench| bench.state.prompt.as_ref().map(|prompt| prompt.input.text().to_owned());
    assert_eq!(typed(&bench).as_deref(), Some("status:"));
    bench.press("bui<tab>");
    assert_eq!(typed(&bench).as_deref(), Some("status:BUIL"));
    bench.press("<tab>");
    assert!(notice(&bench).contains("status:BUILDING  status:BUILT"), "{}", notice(&bench));
    bench.press("t<tab>");
    assert_eq!(typed(&bench).as_deref(), Some("status:BUILT"));
    assert_eq!(bench.state.cloud.shown_servers().len(), 1);
    let mut bench = access();
    bench.press("/acc<tab>fin<tab>");
    assert_eq!(typed(&bench).as_deref(), Some("account:Finance"));
}

#[test]
fn a_build_is_typed_checked_confirmed_and_ordered() {
    let mut bench = servers();
    bench.press("ab a<<b ");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else { panic!("no form") };
    let error = form.field("name").unwrap().error.clone().expect("a broken rule").to_string();
    for rule in ["must not begin with a blank", "must not end with a blank", "must not have `<`"] {
        assert!(error.contains(rule), "{error}");
    }
    bench.press("<c-o>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Form(_))), "nothing with a broken rule");
    bench.press("<c-u>office-2026-12<tab>December<tab>n<c-o>");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else { panic!("no sheet") };
    assert_eq!(sheet.plan.title.as_str(), "BUILD IMAGE");
    assert!(sheet.plan.items[0].label.as_str().contains("win11-office"));
    bench.take_effects();
    bench.press("<enter>");
    assert!(bench.take_effects().is_empty(), "Enter never fires");
    bench.press("y");
    let effects = bench.take_effects();
    let [Effect::RunChanges { plan, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let Change::BuildImage { server, image, .. } = &plan.items[0].change else { panic!() };
    assert_eq!((server.raw(), image.name.as_str(), image.sysprep), ("is-1", "office-2026-12", Some(false)));
    assert_eq!(image.description.as_deref(), Some("December"));
}

#[test]
fn what_is_not_active_or_built_is_not_built_from_and_what_is_unknown_may_be_tried() {
    let mut bench = servers();
    bench.press("jjab");
    assert!(notice(&bench).contains("it is BUILDING"), "{}", notice(&bench));
    bench.press("<esc>G");
    bench.press("abx<c-o>");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else { panic!("no sheet") };
    assert!(sheet.plan.warnings.iter().any(|line| line.as_str().contains("is not known")));
    let mut bench = servers();
    bench.state.settings.read_only = true;
    bench.press("ab");
    assert!(notice(&bench).contains("read-only"), "{}", notice(&bench));
}

#[test]
fn several_builds_are_followed_at_a_modest_pace_to_their_ends() {
    let mut bench = servers();
    let first = order(&mut bench, "one", "j1");
    bench.press("j");
    order(&mut bench, "two", "j2");
    bench.take_effects();
    assert_eq!(bench.state.cloud.builds.running(), 2);
    bench.press("a");
    let Some(Overlay::ChangeMenu(menu)) = bench.state.overlays.last() else { panic!("no menu") };
    let objection = menu.choices[0].objection.clone().expect("one at a time on a server");
    assert!(objection.as_str().contains("\"two\" runs on it"), "{objection}");
    bench.press("<esc>");
    bench.pass(9);
    assert!(followed(&bench.take_effects()).is_empty(), "the first look after 10 s");
    bench.pass(1);
    assert_eq!(followed(&bench.take_effects()).len(), 2);
    bench.pass(600);
    assert!(followed(&bench.take_effects()).is_empty(), "looks are never stacked");
    looked(&mut bench, testing::build("j1", "one", "RUNNING", "2026-03-02 14:00:00", None));
    let busy = Fault::new(FaultKind::Throttled, "read a job on images", "slow down");
    bench.send(Msg::Cloud(CloudMsg::BuildRead { job: "j2".into(), answer: Err(busy) }));
    assert_eq!(bench.state.cloud.builds.running(), 2, "a busy server is not the build's failure");
    bench.pass(29);
    assert!(followed(&bench.take_effects()).is_empty());
    bench.pass(1);
    assert_eq!(followed(&bench.take_effects()).len(), 2);
    let ended = Some("2026-03-02 14:11:00");
    looked(&mut bench, testing::build("j1", "one", "SUCCESS", "2026-03-02 14:00:00", ended));
    looked(&mut bench, testing::build("j2", "two", "FAILED", "2026-03-02 14:00:00", ended));
    assert_eq!(bench.state.cloud.builds.running(), 0);
    let told = records(&bench);
    let done =
        told.iter().find(|line| line.starts_with("SUCCESS: build \"one\" on win11-office, after 11m00s"));
    assert!(done.is_some_and(|line| line.contains("image 3f1f0e5a-2b11-4a0e")), "{told:#?}");
    let failed =
        told.iter().find(|line| line.starts_with("FAILED: build \"two\" on win11-cad, after 11m00s"));
    assert!(failed.is_some_and(|line| line.contains("WKS.00170207: The disk")), "{told:#?}");
    bench.pass(3600);
    assert!(followed(&bench.take_effects()).is_empty(), "what is over is not asked for");
    assert_eq!(bench.state.cloud.builds.get(&CloudJobId::from("j1")).unwrap().ordered_by, Some(first));
}

#[test]
fn a_build_that_the_cloud_does_not_know_any_more_is_over_and_said_so() {
    let mut bench = servers();
    order(&mut bench, "one", "j1");
    bench.pass(10);
    let gone = Fault::new(FaultKind::EntityNotFound, "read a job on images", "no such job");
    bench.send(Msg::Cloud(CloudMsg::BuildRead { job: "j1".into(), answer: Err(gone) }));
    assert_eq!(bench.state.cloud.builds.running(), 0);
    assert!(records(&bench).iter().any(|line| line.contains("does not know job j1 any more")));
}

#[test]
fn after_a_restart_running_builds_are_found_with_the_name_and_server_on_record() {
    let mut bench = Bench::in_the_cloud(Vec::new());
    let mut list = testing::builds();
    list.jobs[0].sub_jobs = None;
    let mut record = OrderRecord::default();
    record.known.insert(list.jobs[0].id.clone(), asked(&bench, "win11-office", "office-2026-11", 0));
    answer_builds_with(&mut bench, record, Ok(list));
    assert_eq!(bench.state.cloud.builds.running(), 1);
    let told = records(&bench);
    assert!(
        told.iter().any(|line| line.contains("\"office-2026-11\" on win11-office is RUNNING")),
        "{told:#?}"
    );
    assert!(!told.iter().any(|line| line.contains("cad-7")), "history is no news: {told:#?}");
    bench.take_effects();
    bench.pass(30);
    assert_eq!(followed(&bench.take_effects()), ["697354472828968960"]);
    let over = testing::build(
        "697354472828968960",
        "x",
        "SUCCESS",
        "2026-03-02 14:00:00",
        Some("2026-03-02 14:20:00"),
    );
    looked(&mut bench, over);
    assert!(
        records(&bench)
            .iter()
            .any(|line| line.starts_with("SUCCESS") && line.contains("\"office-2026-11\" on win11-office"))
    );
}

#[test]
fn an_older_list_does_not_bring_a_build_back_that_is_over() {
    let mut bench = servers();
    order(&mut bench, "one", "j1");
    bench.pass(10);
    let ended = Some("2026-03-02 14:11:00");
    looked(&mut bench, testing::build("j1", "one", "SUCCESS", "2026-03-02 14:00:00", ended));
    let list = BuildList {
        jobs: vec![testing::build("j1", "one", "RUNNING", "2026-03-02 14:00:00", None)],
        ..testing::builds()
    };
    answer_builds(&mut bench, list);
    assert_eq!(bench.state.cloud.builds.running(), 0);
}

fn is_asked_for_builds(bench: &Bench) -> bool {
    bench.effects.iter().any(|effect| matches!(effect, Effect::Cloud(CloudEffect::FetchBuilds { .. })))
}

fn busy(operation: &str) -> Fault {
    let fault = Fault::new(FaultKind::Unexpected, operation, "busy");
    Fault { status: Some(503), wire: crate::domain::WireKind::Workspace, ..fault }
}

#[test]
fn builds_that_could_not_be_read_are_asked_for_again_until_they_are() {
    let mut bench = Bench::in_the_cloud(Vec::new());
    for wait in [30, 60, 120, 240, 300, 300] {
        answer_builds_with(&mut bench, OrderRecord::default(), Err(busy("list jobs on images")));
        assert!(bench.state.cloud.builds.may_be_more());
        bench.take_effects();
        bench.pass(wait - 1);
        assert!(!is_asked_for_builds(&bench), "{wait}");
        bench.pass(1);
        assert!(is_asked_for_builds(&bench), "{wait}");
        assert!(bench.state.cloud.builds.may_be_more(), "asking again hides nothing");
    }
    let said = records(&bench).iter().filter(|line| line.starts_with("whether builds")).count();
    assert_eq!(said, 1, "said once, not at every try");
    answer_builds(&mut bench, testing::builds());
    assert!(!bench.state.cloud.builds.may_be_more());
    assert!(records(&bench).iter().any(|line| line.contains("\"office-2026-11\" is RUNNING")));
    bench.take_effects();
    bench.pass(3600);
    assert!(!is_asked_for_builds(&bench), "a list that was read is not read in turn");
}

#[test]
fn while_the_list_cannot_be_read_builds_on_record_are_looked_at_by_their_ids() {
    let mut bench = Bench::in_the_cloud(Vec::new());
    let mut record = OrderRecord::default();
    record.known.insert("j1".into(), asked(&bench, "win11-office", "one", 600));
    record.known.insert("j2".into(), asked(&bench, "win11-cad", "two", 900));
    record.known.insert("j0".into(), asked(&bench, "win11-cad", "old", 3 * 24 * 3600));
    answer_builds_with(&mut bench, record, Err(busy("list jobs on images")));
    let mut looks = followed(&bench.take_effects());
    looks.sort_unstable();
    assert_eq!(looks, ["j1", "j2"]);
    assert_eq!(bench.state.cloud.builds.running_words(), "?", "nobody saw them yet");
    looked(&mut bench, testing::build("j1", "one", "RUNNING", "2026-03-02 14:00:00", None));
    let ended = Some("2026-03-02 14:11:00");
    looked(&mut bench, testing::build("j2", "two", "SUCCESS", "2026-03-02 14:00:00", ended));
    assert_eq!(bench.state.cloud.builds.running_words(), "1+?");
    assert!(!records(&bench).iter().any(|line| line.starts_with("SUCCESS")), "history is no news");
    bench.pass(30);
    looked(&mut bench, testing::build("j1", "one", "SUCCESS", "2026-03-02 14:00:00", ended));
    assert!(records(&bench).iter().any(|line| line.starts_with("SUCCESS: build \"one\" on win11-office")));
}

#[test]
fn a_build_of_an_order_without_an_answer_may_be_from_here() {
    let mut bench = Bench::in_the_cloud(Vec::new());
    let began = |bench: &Bench, ago: i64| connection::after(bench.state.now, -ago);
    let list = |moments: [i64; 2], bench: &Bench| {
        let jobs = ["j1", "j2"].into_iter().zip(moments).map(|(id, ago)| {
            let at = began(bench, ago).strftime("%Y-%m-%d %H:%M:%S").to_string();
            testing::build(id, "office", "RUNNING", &at, None)
        });
        BuildList { jobs: jobs.collect(), complete: true }
    };
    let record =
        OrderRecord { unanswered: vec![asked(&bench, "win11-office", "office", 300)], ..Default::default() };
    let builds = list([295, 7200], &bench);
    answer_builds_with(&mut bench, record.clone(), Ok(builds));
    let words = |bench: &Bench, job: &str| {
        bench.state.cloud.builds.get(&CloudJobId::from(job)).unwrap().server_words()
    };
    assert_eq!((words(&bench, "j1"), words(&bench, "j2")), ("win11-office?".to_owned(), "?".to_owned()));
    // With two that it could be, it says nothing.
    bench.press("gb");
    let builds = list([295, 290], &bench);
    answer_builds_with(&mut bench, record, Ok(builds));
    assert_eq!((words(&bench, "j1"), words(&bench, "j2")), ("?".to_owned(), "?".to_owned()));
}

#[test]
fn that_nothing_is_sent_any_more_is_said_once_for_all_builds() {
    let mut bench = servers();
    order(&mut bench, "one", "j1");
    bench.press("j");
    order(&mut bench, "two", "j2");
    bench.pass(10);
    let refused = Fault {
        wire: crate::domain::WireKind::Workspace,
        ..Fault::new(FaultKind::Unauthenticated, "read a job on images", "nothing more is sent")
    };
    for job in ["j1", "j2"] {
        bench.send(Msg::Cloud(CloudMsg::BuildRead { job: job.into(), answer: Err(refused.clone()) }));
    }
    let said: Vec<String> = records(&bench).into_iter().filter(|line| line.contains("look")).collect();
    assert_eq!(
        said,
        ["builds of images go on in the cloud, but are not looked at any more: nothing is sent"]
    );
}

#[test]
fn a_server_that_was_given_up_is_asked_again_when_it_is_tried_again_and_why_it_was_stays() {
    let mut bench = servers();
    bench.pass(60);
    answer_servers(&mut bench, Err(busy("list image servers")));
    bench.take_effects();
    bench.pass(60);
    let given_up = Fault {
        retry_after: Some(std::time::Duration::from_millis(3500)),
        ..Fault::new(FaultKind::Unreachable, "list image servers", "failed 7 times")
    };
    answer_servers(&mut bench, Err(given_up));
    assert_eq!(bench.state.cloud.servers.fault().unwrap().status, Some(503));
    bench.take_effects();
    bench.pass(3);
    let asked = |effect: &Effect| matches!(effect, Effect::Cloud(CloudEffect::FetchServers { .. }));
    assert!(!bench.effects.iter().any(asked));
    bench.pass(1);
    assert!(bench.effects.iter().any(asked), "after its rest, not after the usual time");
}

#[test]
fn enter_opens_everything_about_a_build() {
    let mut bench = Bench::in_the_cloud(Vec::new());
    answer_builds(&mut bench, testing::builds());
    bench.press("gbj<enter>");
    let Some(Overlay::Cloud(CloudSheet::Build { job, .. })) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays)
    };
    assert_eq!(job.raw(), "697354472828968959");
    bench.press("a");
    assert_eq!(bench.state.overlays.len(), 2, "nothing can be done to a build");
    bench.press("<esc>j<enter>");
    let Some(Overlay::Cloud(CloudSheet::Build { job, .. })) = bench.state.overlays.last() else { panic!() };
    assert_eq!(job.raw(), "697354472828968958");
}

#[test]
fn builds_are_listed_from_everywhere_over_workspace_only() {
    let mut bench = Bench::in_the_cloud(Vec::new());
    answer_builds(&mut bench, testing::builds());
    bench.press("gbj");
    let chosen = |bench: &Bench| match bench.state.overlays.last() {
        Some(Overlay::Cloud(CloudSheet::Builds { chosen })) => chosen.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(chosen(&bench), Some("697354472828968959".into()));
    bench.press("q:builds<enter>");
    assert_eq!(chosen(&bench), None);
    let mut bench = Bench::with(Vec::new());
    bench.press("gb");
    assert_eq!(notice(&bench), "image builds: not offered by Horizon");
}

#[test]
fn verbs_that_workspace_lacks_are_greyed_in_the_menu_and_refused_on_the_line() {
    let mut bench = Bench::in_the_cloud(vec![session("s1", "kaya", SessionState::Connected, 3)]);
    bench.press("a");
    let Some(Overlay::Actions(menu)) = bench.state.overlays.last() else { panic!("no menu") };
    let enabled: Vec<String> = menu
        .choices
        .iter()
        .filter(|choice| choice.is_enabled())
        .map(|choice| choice.verb.name().into())
        .collect();
    assert_eq!(enabled, ["logoff"]);
    assert!(
        menu.choices
            .iter()
            .flat_map(|choice| &choice.reasons)
            .all(|(reason, _)| { reason.to_string() == "not offered by Workspace" })
    );
    bench.press("<esc>");
    for command in
        ["disconnect", "logoff-forced", "restart", "reset", "message", "warn", "pods", "scope global"]
    {
        bench.press(&format!(":{command}<enter>"));
        assert!(notice(&bench).contains("not offered by Workspace"), "{command}: {}", notice(&bench));
        assert!(bench.state.overlays.is_empty(), "{command}");
    }
    bench.press(":logoff<enter>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Plan(_))));
}

#[test]
fn nothing_that_only_horizon_has_is_asked_for() {
    let mut bench = Bench::in_the_cloud(Vec::new());
    bench.press("23");
    bench.pass(120);
    let of_horizon = |effect: &Effect| {
        matches!(
            effect,
            Effect::FetchFederation { .. } | Effect::FetchPermissions { .. } | Effect::FetchImages { .. }
        )
    };
    assert!(!bench.effects.iter().any(of_horizon), "{:?}", bench.effects);
}

/// A console that shows app groups.
fn access() -> Bench {
    let mut bench = Bench::in_the_cloud(Vec::new());
    bench.press("2");
    let request = bench.state.cloud.access_poll.in_flight.expect("a question is out");
    bench.send(Msg::Cloud(CloudMsg::AccessRead { request, answer: Ok(Arc::new(testing::access())) }));
    bench.take_effects();
    bench
}

#[test]
fn accounts_are_authorized_through_a_plan_that_holds_back_who_may_already() {
    let mut bench = access();
    bench.press("an");
    bench.press("kaya abel,abel<c-o>");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else {
        panic!("no sheet: {}", notice(&bench))
    };
    assert_eq!((sheet.plan.items.len(), sheet.plan.held_back.len()), (1, 2));
    bench.press("<esc>");
    // A group needs its id.
    bench.press("<tab>g<c-o>");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else { panic!("no form") };
    assert!(form.field("id").unwrap().error.is_some());
}

#[test]
fn marked_authorizations_are_taken_away_and_groups_are_not_marked() {
    let mut bench = access();
    bench.press(" ");
    assert!(notice(&bench).contains("is not marked here"), "{}", notice(&bench));
    bench.press("  ");
    assert_eq!(bench.state.cloud.access_view.marks.len(), 2);
    bench.press("/jansen<enter>ax");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else {
        panic!("no sheet: {}", notice(&bench))
    };
    assert_eq!((sheet.plan.items.len(), sheet.plan.hidden), (2, 2), "hidden ones are counted");
    bench.press("y");
    let effects = bench.take_effects();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::RunChanges { .. })), "{effects:?}");
    assert!(bench.state.cloud.access_view.marks.contains(&AccessRow::Authorization("a1".into())));
}
