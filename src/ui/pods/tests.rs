//! Pictures of a console that lists several pods.

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::{
    core::{
        bulk::{BlastRadius, Job, JobEvent, Plan},
        state::{Elsewhere, JobSheet, Overlay, PlanPage},
        table::{Merged, PodRows},
    },
    domain::{
        Fault, FaultKind, Federation, JobId, Outcome, Pod, Session, SessionFacts, SessionId, SessionRow,
        Text, Verb,
    },
    ui::fixtures::{at, change_view, main_screen, picture, pictures, plan, plan_sheet, sessions},
};

fn pod(id: &str, site: &str, health: Option<&str>) -> Pod {
    Pod {
        id: format!("0f3c-{id}").as_str().into(),
        name: Some(id.to_uppercase().into()),
        description: Some(format!("the pod in {site}").into()),
        site: Some(site.into()),
        local: id == "ams1",
        health: health.map(Text::clean),
    }
}

fn federation() -> Federation {
    let pods = vec![
        pod("ams1", "Amsterdam", Some("ONLINE")),
        pod("lis1", "Lisbon", Some("ONLINE 1 of 2")),
        pod("fra1", "Frankfurt", None),
    ];
    Federation { name: Some("corp-emea".into()), pods }
}

fn fault() -> Fault {
    Fault {
        status: Some(500),
        ..Fault::new(FaultKind::Unexpected, "list sessions of a pod", "the pod cannot be reached")
    }
}

/// How FRA1 does.
#[derive(Clone, Copy, PartialEq)]
enum Fra1 {
    Answers,
    Silent,
    Never,
}

fn read(pod: &Pod, fra1: Fra1, fetched_at: Timestamp) -> PodRead {
    let fresh = PodRead::answered(pod, at("14:02:08"), true);
    match (pod.label().as_str(), fra1) {
        ("FRA1", Fra1::Silent) => PodRead::silent(pod, fault(), Some(&fresh)),
        ("FRA1", Fra1::Never) => PodRead::silent(pod, fault(), None),
        _ => PodRead::answered(pod, fetched_at, true),
    }
}

/// The main screen over three pods.
fn screen(width: u16, height: u16, fra1: Fra1) -> State {
    let mut state = main_screen(width, height);
    let fetched_at = at("14:03:19");
    let federation = federation();
    let mut rows: Vec<PodRows> = federation
        .pods
        .iter()
        .map(|pod| PodRows { read: read(pod, fra1, fetched_at), sessions: Vec::new() })
        .collect();
    for (number, mut session) in sessions().into_iter().enumerate() {
        let place = if number % 4 == 2 { 1 } else { 2 * usize::from(number % 5 == 3) };
        if place > 0 {
            session.access_group_id = None;
        }
        if place == 2 && fra1 == Fra1::Never {
            continue;
        }
        rows[place].sessions.push(session);
    }
    let local = rows.remove(0);
    let table = Arc::new(SessionTable::of_pods(Merged::of(local, rows, None), fetched_at));
    state.now = at("14:03:19");
    state.federation.pods = Remote::Loaded { value: Some(Arc::new(federation)), at: at("14:01:00") };
    state.federation.scope = Scope::Global;
    state.sessions.table.load(Arc::clone(&table), fetched_at);
    change_view(&mut state, |view, with| {
        view.replace_table(table, with);
        view.set_filter("", with);
        assert!(view.move_to(&SessionId::from("s2")));
    });
    state
}

#[test]
fn all_pods_answer() {
    pictures!("all_pods", |width, height| screen(width, height, Fra1::Answers));
}

#[test]
fn a_pod_is_silent() {
    pictures!("pod_silent", |width, height| screen(width, height, Fra1::Silent));
}

#[test]
fn a_pod_has_never_answered() {
    pictures!("pod_missing", |width, height| screen(width, height, Fra1::Never));
}

#[test]
fn the_sheet_of_pods() {
    pictures!("pods_sheet", |width, height| {
        let mut state = screen(width, height, Fra1::Silent);
        state.overlays.push(Overlay::Pods { cursor: 2 });
        state
    });
}

#[test]
fn the_sheet_of_pods_without_a_federation_says_so() {
    let mut state = main_screen(80, 24);
    state.overlays.push(Overlay::Pods { cursor: 0 });
    for pods in [
        Remote::Loaded { value: None, at: at("14:01:00") },
        Remote::Failed { why: fault(), at: at("14:01:00") },
        Remote::Loading,
    ] {
        state.federation.pods = pods;
        let words = ["no federation here", "the pod cannot be reached", "reading the pods"];
        let shown = picture(&state);
        assert!(words.iter().any(|words| shown.contains(words)), "{shown}");
    }
}

#[test]
fn plans_name_the_pods() {
    pictures!("pods_plan", |width, height| {
        let mut state = screen(width, height, Fra1::Silent);
        let sheet = plan_sheet(&state, plan(&state, Verb::Logoff, None), PlanPage::Summary);
        state.overlays.push(sheet);
        state
    });
}

#[test]
fn the_targets_of_a_plan_and_what_is_held_back_name_their_pods() {
    let mut state = screen(80, 24, Fra1::Silent);
    for (page, name) in [(PlanPage::Targets, "pods_plan_targets"), (PlanPage::HeldBack, "pods_plan_held")] {
        let sheet = plan_sheet(&state, plan(&state, Verb::Logoff, None), page);
        state.overlays.push(sheet);
        insta::assert_snapshot!(name, picture(&state));
        state.overlays.clear();
    }
}

#[test]
fn a_job_says_what_accepted_means_on_other_pods() {
    let mut state = screen(120, 40, Fra1::Answers);
    let plan: Plan = plan(&state, Verb::Message, None);
    let total = plan.to_send.len();
    let mut job = Job::new(JobId(3), Arc::new(plan), at("14:03:00"));
    let outcomes = (0..total).map(|place| (place, Outcome::Accepted)).collect();
    job.apply(&JobEvent::Settled { outcomes }, at("14:03:01"));
    job.apply(&JobEvent::Finished { stopped: false, fault: None }, at("14:03:02"));
    state.jobs.push(job);
    state.overlays.push(Overlay::Job(JobSheet { cursor: 1, ..JobSheet::new(JobId(3)) }));
    let shown = picture(&state);
    assert!(shown.contains("taken, or sent on to its pod") && shown.contains("pod LIS1"), "{shown}");
}

#[test]
fn the_detail_of_a_session_names_the_pod_that_hosts_it_and_the_one_that_brokered_it() {
    let mut state = screen(120, 40, Fra1::Answers);
    let table = state.sessions.newest().unwrap();
    let mut rows: Vec<Session> = table.iter().map(SessionRow::to_session).collect();
    let session = rows.iter_mut().find(|row| row.id == "s2".into()).unwrap();
    session.brokering_pod_name = Some("AMS1".into());
    let table = Arc::new(SessionTable::new(rows, table.fetched_at(), true));
    state.sessions.table.load(table, at("14:03:19"));
    state.overlays.push(Overlay::Detail { session: "s2".into(), elsewhere: Elsewhere::NotAsked, scroll: 26 });
    let shown = picture(&state);
    assert!(shown.contains("LIS1") && shown.contains("brokered by pod") && shown.contains("AMS1"), "{shown}");
}

#[test]
fn the_blast_radius_counts_by_pod() {
    let state = screen(80, 24, Fra1::Silent);
    let plan = plan(&state, Verb::Logoff, None);
    let blast = BlastRadius::of(&plan, state.sessions.newest().unwrap());
    let sum: usize = blast.by_pod.iter().map(|(_, count)| count).sum();
    assert_eq!(sum, plan.to_send.len());
    assert!(blast.by_pod.iter().all(|(pod, _)| *pod != "FRA1"));
}

#[test]
fn an_idle_screen_with_a_silent_pod_does_not_change_with_the_time() {
    let mut state = screen(200, 60, Fra1::Silent);
    let before = picture(&state);
    state.now = at("14:03:29");
    assert_eq!(picture(&state), before);
}

/// The last word of the status bar.
fn link_word(state: &State) -> String {
    let shown = picture(state);
    let bar = shown.lines().find(|line| line.contains("RW")).expect("a status bar");
    bar.rsplit("  ").find(|word| !word.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

#[test]
fn ok_stands_beside_nothing_that_is_old() {
    assert_eq!(link_word(&screen(120, 40, Fra1::Answers)), "OK");
    for fra1 in [Fra1::Silent, Fra1::Never] {
        let mut state = screen(120, 40, fra1);
        assert_eq!(link_word(&state), "OLD", "which one is beside it");
        // Where the pods are not shown the bar names it.
        state.tab = crate::core::state::Tab::Permissions;
        let word = if fra1 == Fra1::Silent { "FRA1 STALE" } else { "FRA1 NO DATA" };
        assert_eq!(link_word(&state), word);
    }
    let mut state = screen(120, 40, Fra1::Answers);
    state.images.book.fail(fault(), at("14:03:00"));
    assert_eq!(link_word(&state), "images NO DATA");
    let denied = Fault::new(FaultKind::InsufficientPermission, "list image streams", "no");
    state.images.book = Remote::Failed { why: denied, at: at("14:03:00") };
    assert_eq!(link_word(&state), "OK", "that it may not be seen is an answer");
}

#[test]
fn the_list_of_one_pod_does_not_pass_for_all_there_is() {
    let mut state = screen(80, 24, Fra1::Answers);
    let rows: Vec<Session> = sessions();
    let federation = federation();
    let local = federation.local().unwrap();
    let table = Arc::new(SessionTable::of_local_pod(local, rows, at("14:03:19"), true));
    state.federation.scope = Scope::Local;
    state.sessions.table.load(Arc::clone(&table), at("14:03:19"));
    change_view(&mut state, |view, with| {
        view.replace_table(table, with);
        view.set_filter("pod:fra1", with);
    });
    let shown = picture(&state);
    assert!(shown.contains("complete for AMS1 only"), "{shown}");
    assert!(shown.contains("only this pod is listed; P lists all pods"), "{shown}");
}

#[test]
fn the_servers_sentence_keeps_its_full_stop() {
    let mut state = screen(120, 40, Fra1::Answers);
    let federation = federation();
    let fault = Fault { message: "The pod FRA1 cannot be reached.".into(), ..fault() };
    let reads = federation.pods.iter().map(|pod| {
        if pod.local {
            PodRead::answered(pod, at("14:03:19"), true)
        } else {
            PodRead::silent(pod, fault.clone(), None)
        }
    });
    let mut rows: Vec<PodRows> = reads.map(|read| PodRows { read, sessions: Vec::new() }).collect();
    let local = rows.remove(0);
    let table = SessionTable::of_pods(Merged::of(local, rows, None), at("14:03:19"));
    state.sessions.table.load(Arc::new(table), at("14:03:19"));
    state.overlays.push(Overlay::Pods { cursor: 2 });
    let shown = picture(&state);
    assert!(shown.contains("cannot be reached.") && !shown.contains("reached.."), "{shown}");
}

#[test]
fn a_session_that_is_not_in_a_list_with_gaps_is_not_called_gone() {
    let mut state = screen(120, 40, Fra1::Never);
    state.overlays.push(Overlay::Detail {
        session: "nobody".into(),
        elsewhere: Elsewhere::NotAsked,
        scroll: 0,
    });
    let shown = picture(&state);
    assert!(shown.contains("NOT IN THE LIST") && !shown.contains("GONE"), "{shown}");
}

#[test]
fn without_the_whole_list_nobody_says_that_the_user_has_no_other_session() {
    let mut state = screen(120, 40, Fra1::Never);
    let table = state.sessions.newest().unwrap();
    let alone = |row: &SessionRow<'_>| row.user_label().is_some() && table.rows_of_same_user(*row).len() == 1;
    let one = table.iter().find(alone).unwrap().session_id();
    state.overlays.push(Overlay::Detail { session: one, elsewhere: Elsewhere::NotAsked, scroll: 10 });
    let shown = picture(&state);
    assert!(shown.contains("no other in what was read"), "{shown}");
}

/// The card of somebody in a list of this pod alone.
fn card(width: u16, height: u16, elsewhere: impl Fn(&Session) -> Elsewhere) -> State {
    let mut state = main_screen(width, height);
    state.now = at("14:03:19");
    state.federation.pods = Remote::Loaded { value: Some(Arc::new(federation())), at: at("14:01:00") };
    let session = state.sessions.view.cursor_session().unwrap().to_session();
    let elsewhere = elsewhere(&session);
    state.overlays.push(Overlay::Detail { session: session.id, elsewhere, scroll: 0 });
    state
}

/// The one of the list, and another one in Frankfurt.
fn two_pods(session: &Session) -> Vec<Session> {
    let own = Session { pod_id: Some("0f3c-ams1".into()), ..session.clone() };
    let other = Session {
        id: "elsewhere".into(),
        pod_id: Some("0f3c-fra1".into()),
        pod_name: Some("FRA1".into()),
        machine_name: Some("vm-fra-0007".into()),
        ..session.clone()
    };
    vec![own, other]
}

#[test]
fn a_card_shows_what_its_user_has_on_pods_that_are_not_listed() {
    let read = |session: &Session| Elsewhere::Read(Ok(two_pods(session)), at("14:03:18"));
    pictures!("card_of_all_pods", |width, height| card(width, height, read));
    let shown = picture(&card(80, 24, read));
    assert_eq!(shown.matches("pod FRA1").count(), 1, "the one of the list is not there twice: {shown}");
    assert!(shown.contains("all pods asked at 14:03:18"), "{shown}");
}

#[test]
fn a_card_says_what_it_does_not_know_of_other_pods() {
    let shown = |elsewhere: Elsewhere| picture(&card(120, 40, |_| elsewhere.clone()));
    let asking = shown(Elsewhere::Asking(crate::core::effect::RequestId(9)));
    assert!(asking.contains("asking the other pods ..."), "{asking}");
    let failed = shown(Elsewhere::Read(Err(fault()), at("14:03:18")));
    assert!(failed.contains("what there is on other pods is not known: "), "{failed}");
    let nothing = shown(Elsewhere::Read(Ok(Vec::new()), at("14:03:18")));
    assert!(nothing.contains("nothing on other pods, all pods asked at 14:03:18"), "{nothing}");
    let mut state = card(120, 40, |_| Elsewhere::Read(Ok(Vec::new()), at("14:03:18")));
    let mut offline = federation();
    offline.pods[2].health = Some("OFFLINE".into());
    state.federation.pods = Remote::Loaded { value: Some(Arc::new(offline)), at: at("14:01:00") };
    let silent = picture(&state);
    assert!(silent.contains("offline, so not known: FRA1"), "{silent}");
    assert!(!silent.contains("all pods asked"), "{silent}");
    // Beside the table nobody asks: the key that does is named.
    let panel = card(200, 60, |_| Elsewhere::NotAsked);
    let panel = picture(&State { overlays: Vec::new(), ..panel });
    assert!(panel.contains("Enter asks the other pods"), "{panel}");
}

#[test]
fn a_session_that_runs_elsewhere_and_came_in_here_is_not_on_its_card_twice() {
    let state = card(120, 40, |session| {
        let there =
            Session { pod_id: Some("0f3c-fra1".into()), pod_name: Some("FRA1".into()), ..session.clone() };
        Elsewhere::Read(Ok(vec![there]), at("14:03:18"))
    });
    let mut state = state;
    let table = state.sessions.newest().unwrap();
    let here =
        table.iter().map(SessionRow::to_session).map(|row| Session { resourced_remotely: Some(true), ..row });
    let table = Arc::new(SessionTable::new(here.collect(), table.fetched_at(), true));
    state.sessions.table.load(Arc::clone(&table), at("14:03:19"));
    change_view(&mut state, |view, with| view.replace_table(table, with));
    let shown = picture(&state);
    assert!(shown.contains("nothing on other pods"), "{shown}");
}
