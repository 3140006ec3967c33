//! Pods come and go; the picture says what is known and nothing more.

use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{
    core::{
        bulk::{HoldReason, Plan},
        fixtures::{Bench, session},
        msg::Msg,
        state::{Elsewhere, ScreenSize},
        table::{Merged, PodRows},
    },
    domain::{FaultKind, Outcome, Pod, Session, SessionFacts, SessionId, SessionRow, SessionState},
};

fn pod(id: &str, local: bool) -> Pod {
    Pod {
        id: id.into(),
        name: Some(id.to_uppercase().into()),
        description: None,
        site: Some("Europe".into()),
        local,
        health: Some("OK".into()),
    }
}

fn federation() -> Arc<Federation> {
    let pods = vec![pod("ams1", true), pod("lon1", false), pod("fra1", false)];
    Arc::new(Federation { name: Some("corp".into()), pods })
}

fn silent() -> Fault {
    Fault::new(FaultKind::Unexpected, "list sessions of a pod", "the pod does not answer")
}

fn row(id: &str) -> Session {
    session(id, &format!("user{id}"), SessionState::Disconnected, 30)
}

fn remote(id: &str) -> Session {
    Session { access_group_id: None, ..row(id) }
}

/// What a reading of all pods found: the rows of each, or that it was silent.
struct Found<'a> {
    local: &'a [&'a str],
    lon1: Option<&'a [&'a str]>,
    fra1: Option<&'a [&'a str]>,
}

impl Found<'_> {
    fn table(&self, before: Option<&SessionTable>, now: Timestamp) -> SessionTable {
        let rows = |pod: &Pod, ids: Option<&[&str]>| match ids {
            Some(ids) => PodRows {
                read: PodRead::answered(pod, now, true),
                sessions: ids.iter().map(|id| remote(id)).collect::<Vec<_>>(),
            },
            None => PodRows {
                read: PodRead::silent(pod, silent(), before.and_then(|table| table.pod(&pod.id))),
                sessions: before
                    .into_iter()
                    .flat_map(SessionTable::iter)
                    .filter(|session| session.pod_id() == Some(&pod.id))
                    .map(SessionRow::to_session)
                    .collect(),
            },
        };
        let local = PodRows {
            read: PodRead::answered(&pod("ams1", true), now, true),
            sessions: self.local.iter().map(|id| row(id)).collect(),
        };
        let others = vec![rows(&pod("lon1", false), self.lon1), rows(&pod("fra1", false), self.fra1)];
        SessionTable::of_pods(Merged::of(local, others, before), now)
    }
}

/// A console that lists all pods: 1 and 2 here, 3 and 4 on LON1, 5 on FRA1.
fn bench() -> Bench {
    let mut bench = Bench::with(vec![row("1"), row("2")]);
    pods(&mut bench, Ok(Some(federation())));
    bench.press("P");
    poll(&mut bench, &Found { local: &["1", "2"], lon1: Some(&["3", "4"]), fra1: Some(&["5"]) });
    bench
}

fn pods(bench: &mut Bench, answer: Result<Option<Arc<Federation>>, Fault>) {
    let request = bench.state.federation.poll.in_flight.expect("the pods were asked for");
    bench.send(Msg::FederationRead { request, answer });
}

/// Polls when it is due, and answers.
fn poll(bench: &mut Bench, found: &Found<'_>) {
    if bench.state.sessions.poll.in_flight.is_none() {
        bench.pass(60);
    }
    let request = bench.state.sessions.poll.in_flight.expect("a poll is out");
    let table = found.table(bench.state.sessions.newest().map(|table| &**table), bench.state.now);
    bench.send(Msg::SessionsLoaded { request, table: Arc::new(table), unreadable: 0 });
}

fn fra1_is_silent(bench: &mut Bench) {
    poll(bench, &Found { local: &["1", "2"], lon1: Some(&["3", "4"]), fra1: None });
}

fn plan(bench: &Bench) -> &Plan {
    match bench.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => &sheet.plan,
        other => panic!("no plan sheet but {other:?}"),
    }
}

fn sent(bench: &Bench) -> Vec<(String, Option<String>)> {
    let name = |target: &crate::core::bulk::Target| {
        (target.session.id.raw().to_owned(), target.pod.as_ref().map(|pod| pod.raw().to_owned()))
    };
    plan(bench).to_send.iter().map(name).collect()
}

fn held(bench: &Bench) -> Vec<String> {
    let held = plan(bench).held_back.iter();
    held.map(|held| format!("{}: {}", held.target.session.id, held.reason)).collect()
}

fn scopes(bench: &mut Bench) -> Vec<Scope> {
    let scope = |effect: &Effect| match effect {
        Effect::FetchSessions { scope, .. } => Some(*scope),
        _ => None,
    };
    bench.take_effects().iter().filter_map(scope).collect()
}

#[test]
fn the_pods_are_asked_for_once_then_every_five_minutes_and_with_a_refresh() {
    let mut bench = Bench::with(vec![row("1")]);
    let asked = |bench: &mut Bench| {
        bench.take_effects().iter().filter(|effect| matches!(effect, Effect::FetchFederation { .. })).count()
    };
    assert_eq!(asked(&mut bench), 1);
    pods(&mut bench, Ok(Some(federation())));
    bench.pass(299);
    assert_eq!(asked(&mut bench), 0);
    bench.pass(1);
    assert_eq!(asked(&mut bench), 1);
    bench.press("<c-r>");
    pods(&mut bench, Ok(Some(federation())));
    assert_eq!(asked(&mut bench), 1, "the one that was out is followed by another");
}

#[test]
fn without_a_federation_nothing_is_said_until_somebody_asks() {
    for answer in [Ok(None), Err(Fault::new(FaultKind::NotConfigured, "read the federation", "409"))] {
        let mut bench = Bench::with(vec![row("1")]);
        let events = bench.state.events.clone();
        pods(&mut bench, answer);
        assert_eq!((&bench.state.notice, &bench.state.events), (&None, &events));
        bench.press("P");
        assert_eq!(bench.state.federation.scope, Scope::Local);
        let notice = bench.state.notice.as_ref().unwrap();
        assert!(notice.text.as_str().contains("the sessions of this pod are listed"), "{}", notice.text);
    }
}

#[test]
fn the_key_and_the_command_change_whose_sessions_are_read() {
    let mut bench = Bench::with(vec![row("1")]);
    pods(&mut bench, Ok(Some(federation())));
    bench.take_effects();
    bench.press("P");
    assert_eq!(scopes(&mut bench), [Scope::Global]);
    poll(&mut bench, &Found { local: &["1"], lon1: Some(&["3"]), fra1: Some(&[]) });
    bench.press(":scope local<enter>");
    assert_eq!(scopes(&mut bench), [Scope::Local]);
    bench.press(":scope everywhere<enter>");
    assert!(bench.state.prompt.is_some(), "it can be corrected");
    bench.press("<esc>");
    assert_eq!(bench.state.federation.scope, Scope::Local);
    bench.press(":pods<enter>");
    assert_eq!(bench.state.overlays.last(), Some(&Overlay::Pods { cursor: 0 }));
    bench.press("jjjj");
    assert_eq!(bench.state.overlays.last(), Some(&Overlay::Pods { cursor: 2 }));
    bench.press("<esc>");
    assert!(bench.state.overlays.is_empty());
}

#[test]
fn a_plan_over_several_pods_names_the_way_of_each_target() {
    let mut bench = bench();
    bench.press("*al");
    let here = |id: &str| (id.to_owned(), None);
    let there = |id: &str, pod: &str| (id.to_owned(), Some(pod.to_owned()));
    assert_eq!(
        sent(&bench),
        [here("1"), here("2"), there("3", "lon1"), there("4", "lon1"), there("5", "fra1")]
    );
    assert!(held(&bench).is_empty());
}

#[test]
fn what_a_silent_pod_hosts_is_held_back_with_the_age_of_its_data() {
    let mut bench = bench();
    let read_at = bench.state.now;
    bench.pass(11);
    fra1_is_silent(&mut bench);
    bench.press("*al");
    assert_eq!(sent(&bench).len(), 4);
    let at = read_at.strftime("%H:%M:%SZ");
    assert_eq!(held(&bench), [format!("5: pod FRA1 does not answer; its data of {at} is 71s old")]);
    assert_eq!(plan(&bench).len(), 5, "shown = sent + held back");
}

#[test]
fn a_pod_that_is_silent_from_the_start_has_no_rows_and_the_event_pane_says_so() {
    let mut bench = Bench::with(vec![row("1")]);
    pods(&mut bench, Ok(Some(federation())));
    bench.press("P");
    poll(&mut bench, &Found { local: &["1"], lon1: Some(&["3"]), fra1: None });
    assert_eq!(bench.state.sessions.view.counts().total, 2);
    let says = |bench: &Bench, words: &str| format!("{:?}", bench.state.events).contains(words);
    assert!(says(&bench, "pod FRA1 does not answer") && says(&bench, "its sessions are missing"));
    assert!(!says(&bench, "answers again"));
    poll(&mut bench, &Found { local: &["1"], lon1: Some(&["3"]), fra1: Some(&["5"]) });
    assert!(says(&bench, "pod FRA1 answers again"));
}

#[test]
fn marks_on_a_silent_pod_stay_and_those_of_sessions_that_ended_elsewhere_go() {
    let mut bench = bench();
    bench.press("*");
    poll(&mut bench, &Found { local: &["1"], lon1: Some(&["3"]), fra1: None });
    let marks: Vec<SessionId> = bench.state.sessions.view.marks().iter().cloned().collect();
    assert_eq!(marks, ["1", "3", "5"].map(SessionId::from));
    poll(&mut bench, &Found { local: &["1"], lon1: Some(&["3"]), fra1: Some(&[]) });
    let marks: Vec<SessionId> = bench.state.sessions.view.marks().iter().cloned().collect();
    assert_eq!(marks, ["1", "3"].map(SessionId::from));
}

#[test]
fn marks_on_other_pods_outlive_a_look_at_this_pod_alone_but_are_not_sent_from_there() {
    let mut bench = bench();
    bench.press("*P");
    for _ in 0..3 {
        if bench.state.sessions.poll.in_flight.is_none() {
            bench.pass(60);
        }
        let request = bench.state.sessions.poll.in_flight.unwrap();
        let rows = vec![row("1"), row("2")];
        let table = SessionTable::of_local_pod(&pod("ams1", true), rows, bench.state.now, true);
        bench.send(Msg::SessionsLoaded { request, table: Arc::new(table), unreadable: 0 });
    }
    let counts = bench.state.sessions.view.counts();
    assert_eq!((counts.marked, counts.marked_hidden), (5, 3));
    bench.press("al");
    assert_eq!(sent(&bench).len(), 2);
    assert!(plan(&bench).held_back.iter().all(|held| held.reason == HoldReason::Elsewhere));
    assert_eq!(plan(&bench).held_back.len(), 3);
    bench.press("<esc>P");
    poll(&mut bench, &Found { local: &["1", "2"], lon1: Some(&["3", "4"]), fra1: Some(&["5"]) });
    bench.press("al");
    assert_eq!(sent(&bench).len(), 5);
}

#[test]
fn an_id_that_two_pods_report_is_held_back() {
    let mut bench = bench();
    poll(&mut bench, &Found { local: &["1", "2"], lon1: Some(&["2", "3"]), fra1: Some(&["3"]) });
    bench.press("*al");
    assert_eq!(sent(&bench), [("1".to_owned(), None)]);
    assert_eq!(held(&bench), ["2: two pods report this id", "3: two pods report this id"]);
}

#[test]
fn a_retry_goes_to_the_same_pods_and_waits_for_a_list_of_the_pod_that_was_lost() {
    let mut bench = bench();
    bench.press("*aly");
    let lost = || Outcome::NoAnswer(Fault { maybe_done: true, ..silent() });
    bench.finish_job(|id| match id.raw() {
        "3" | "5" => lost(),
        _ => Outcome::Accepted,
    });
    // 60 seconds later LON1 has been read again and still has it; FRA1 has not.
    poll(&mut bench, &Found { local: &[], lon1: Some(&["3"]), fra1: None });
    poll(&mut bench, &Found { local: &[], lon1: Some(&["3"]), fra1: None });
    bench.press("R");
    assert_eq!(sent(&bench), [("3".to_owned(), Some("lon1".to_owned()))]);
    assert_eq!(held(&bench), ["5: no answer; not listed 30 s after it yet"]);
}

#[test]
fn a_ghost_is_one_that_its_own_pod_still_lists() {
    let mut bench = bench();
    bench.press("*aly");
    bench.finish_job(|_| Outcome::Accepted);
    for _ in 0..3 {
        poll(&mut bench, &Found { local: &["1"], lon1: Some(&["3"]), fra1: None });
    }
    let mut ghosts: Vec<&str> = bench.state.sessions.flags.keys().map(SessionId::raw).collect();
    ghosts.sort_unstable();
    assert_eq!(ghosts, ["1", "3"], "of 5 only an old row is there");
}

#[test]
fn the_pod_column_and_the_filter_know_the_pods() {
    let mut bench = bench();
    let shown = |bench: &Bench| bench.state.columns().iter().any(|(column, _)| column.id() == "pod");
    assert!(shown(&bench));
    bench.send(Msg::Resized(ScreenSize { width: 120, height: 40 }));
    assert!(shown(&bench));
    bench.press("/pod:lon1<enter>");
    assert_eq!(bench.state.sessions.view.counts().shown, 2);
    bench.press(":filter can:logoff<enter>");
    assert_eq!(bench.state.sessions.view.counts().shown, 5);
    fra1_is_silent(&mut bench);
    assert_eq!(bench.state.sessions.view.counts().shown, 4);
}

proptest! {
    #[test]
    fn whatever_the_pods_say_shown_and_hidden_is_sent_and_held_back(
        lists in prop::collection::vec(
            (
                prop::collection::btree_set(0..8_u8, 0..6),
                prop::option::weighted(0.7, prop::collection::btree_set(0..8_u8, 0..6)),
                prop::option::weighted(0.7, prop::collection::btree_set(0..8_u8, 0..6)),
            ),
            1..4,
        ),
        filter in prop::option::of(prop::sample::select(&["pod:lon1", "!pod:fra1", "user:user3"][..])),
        back_to_one_pod in any::<bool>(),
    ) {
        let names: Vec<String> = (0..8).map(|number| number.to_string()).collect();
        let of = |ids: &std::collections::BTreeSet<u8>| -> Vec<&str> {
            ids.iter().map(|id| names[usize::from(*id)].as_str()).collect()
        };
        let mut bench = bench();
        for (local, lon1, fra1) in &lists {
            let (local, lon1, fra1) = (of(local), lon1.as_ref().map(of), fra1.as_ref().map(of));
            poll(&mut bench, &Found { local: &local, lon1: lon1.as_deref(), fra1: fra1.as_deref() });
            bench.press("*");
        }
        if back_to_one_pod {
            bench.press("P");
            let request = bench.state.sessions.poll.in_flight.unwrap();
            let table = SessionTable::of_local_pod(&pod("ams1", true), vec![row("0")], bench.state.now, true);
            bench.send(Msg::SessionsLoaded { request, table: Arc::new(table), unreadable: 0 });
        }
        if let Some(filter) = filter {
            bench.press(&format!(":filter {filter}<enter>"));
        }
        let counts = bench.state.sessions.view.counts();
        prop_assume!(counts.marked > 0);
        let marked: std::collections::BTreeSet<SessionId> = bench.state.sessions.view.marks();
        bench.press(":logoff<enter>");
        let plan = plan(&bench);
        prop_assert_eq!(plan.len(), counts.marked);
        let all = plan.to_send.iter().chain(plan.held_back.iter().map(|held| &held.target));
        prop_assert_eq!(all.map(|target| target.session.id.clone()).collect::<std::collections::BTreeSet<_>>(), marked);
        let hidden = plan.held_back.iter().filter(|held| held.target.hidden).count() + plan.hidden();
        prop_assert_eq!(hidden, counts.marked_hidden);
        let table = bench.state.sessions.newest().unwrap();
        for target in &plan.to_send {
            let listed = table.session(&target.session.id).unwrap();
            prop_assert!(!table.is_stale_row(&listed) && !table.ambiguous().contains_key(&listed.id));
            let pod = listed.pod_id.as_ref().filter(|pod| pod.raw() != "ams1");
            prop_assert_eq!(target.pod.as_ref(), pod, "its request goes where it is listed");
        }
    }
}

fn answered(bench: &mut Bench, answer: Result<Vec<Session>, Fault>) {
    let asked = bench.take_effects().into_iter().find_map(|effect| match effect {
        Effect::FetchUserSessions { request, user } => Some((request, user)),
        _ => None,
    });
    let (request, user) = asked.expect("the user's sessions are asked for");
    assert_eq!(user.raw(), "S-1-7");
    bench.send(Msg::UserSessionsRead {
        request: crate::core::effect::RequestId(999),
        answer: Ok(vec![row("8")]),
    });
    assert!(matches!(elsewhere(bench), Elsewhere::Asking(_)), "an answer to another question is not taken");
    bench.send(Msg::UserSessionsRead { request, answer });
}

fn elsewhere(bench: &Bench) -> &Elsewhere {
    match bench.state.overlays.last() {
        Some(Overlay::Detail { elsewhere, .. }) => elsewhere,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_card_asks_for_what_its_user_has_on_pods_that_are_not_listed() {
    let known = Session { user_id: Some("S-1-7".into()), ..row("1") };
    let mut bench = Bench::with(vec![known.clone()]);
    pods(&mut bench, Ok(Some(federation())));
    bench.take_effects();
    bench.press("<enter>");
    answered(&mut bench, Ok(vec![known, remote("3")]));
    let now = bench.state.now;
    assert!(matches!(elsewhere(&bench), Elsewhere::Read(Ok(all), at) if all.len() == 2 && *at == now));
    // Each opening asks anew; what was not answered is told as well.
    bench.press("<esc><enter>");
    answered(&mut bench, Err(silent()));
    assert!(matches!(elsewhere(&bench), Elsewhere::Read(Err(fault), _) if *fault == silent()));
}

#[test]
fn a_card_does_not_ask_where_the_list_has_all_pods_or_there_is_only_one_or_no_sid() {
    let asks = |bench: &mut Bench| {
        bench.take_effects();
        bench.press("<enter>");
        assert_eq!(*elsewhere(bench), Elsewhere::NotAsked);
        bench.take_effects().iter().any(|effect| matches!(effect, Effect::FetchUserSessions { .. }))
    };
    assert!(!asks(&mut bench()), "all pods are listed");
    let known = Session { user_id: Some("S-1-7".into()), ..row("1") };
    let mut alone = Bench::with(vec![known]);
    pods(&mut alone, Ok(None));
    assert!(!asks(&mut alone), "no federation");
    let mut nameless = Bench::with(vec![Session { user_id: None, ..row("1") }]);
    pods(&mut nameless, Ok(Some(federation())));
    assert!(!asks(&mut nameless), "no SID");
}

#[test]
fn that_the_list_is_being_read_is_said_until_it_is_read() {
    let mut bench = Bench::with(vec![row("1")]);
    bench.state.federation.pods.load(Some(federation()), bench.state.now);
    bench.press("P");
    let notice = |bench: &Bench| bench.state.notice.as_ref().map(|notice| notice.text.to_string());
    assert_eq!(notice(&bench).as_deref(), Some("reading the sessions of all pods"));
    let request = bench.state.sessions.poll.in_flight.unwrap();
    let found = Found { local: &["1"], lon1: Some(&["2"]), fra1: None };
    let table = found.table(None, bench.state.now);
    bench.send(Msg::SessionsLoaded { request, table: table.into(), unreadable: 0 });
    assert_eq!(notice(&bench), None);
}
