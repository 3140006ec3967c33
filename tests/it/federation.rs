//! The client against a simulated federation: pods, their sessions in every version, and actions across pods with
//! everything that can go wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use foretop::{
    api::{Action, ItemAnswer, RequestClass, SessionList},
    domain::{
        AuditEvent, Fault, FaultKind, Federation, MessageSeverity, MessageText, Pod, PodId, SessionId, Verb,
    },
    sim::{ClockMode, FaultSpec, SessionKind, SessionTruth, SimOptions, Simulator, WorldSource},
};
use rstest::rstest;
use tokio_util::sync::CancellationToken;

use crate::support::{Estate, connect_as, connect_to, connect_with, governor, simulate, small};

/// Three pods on a stepped clock; the one that is asked is AMS1.
fn federation(release: &str) -> SimOptions {
    SimOptions {
        world: WorldSource::Builtin("federation".to_owned()),
        release: release.parse().unwrap(),
        sessions: Some(400),
        clock: ClockMode::Manual { start: "2026-03-02T14:00:00Z".parse().unwrap() },
        seed: 7,
        ..SimOptions::default()
    }
}

async fn start(release: &str) -> (Simulator, Estate) {
    let simulator = simulate(federation(release)).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    (simulator, estate)
}

async fn as_somebody(simulator: &Simulator, username: &str) -> Estate {
    connect_as(simulator.url(), simulator.account(username).unwrap()).await
}

async fn pods(estate: &Estate) -> Federation {
    estate.federation(RequestClass::Poll).await.unwrap().expect("there is a federation")
}

fn named<'a>(federation: &'a Federation, name: &str) -> &'a Pod {
    federation.pods.iter().find(|pod| pod.label() == name).expect("the world has it")
}

async fn sessions_of(estate: &Estate, pod: &PodId) -> Result<SessionList, Fault> {
    estate.list_pod_sessions(pod, RequestClass::Poll, |_| {}).await
}

fn fault(simulator: &Simulator, spec: &str) {
    simulator.control().add_fault(spec.parse::<FaultSpec>().unwrap());
}

fn count(simulator: &Simulator, method: &str, path: &str) -> usize {
    simulator.control().requests_to(method, path).len()
}

fn action(verb: Verb) -> Action {
    let text = MessageText { severity: MessageSeverity::Info, text: "Please save".into() };
    Action { verb, message: (verb == Verb::Message).then_some(text) }
}

async fn act(estate: &Estate, verb: Verb, targets: &[(PodId, SessionId)]) -> Result<Vec<ItemAnswer>, Fault> {
    estate.act_on_pods(&action(verb), targets, &CancellationToken::new()).await
}

/// Ids of sessions that fit, without the odd ones.
fn plain(simulator: &Simulator, fits: impl Fn(&SessionTruth) -> bool) -> Vec<SessionId> {
    let ordinary = |one: &SessionTruth| !one.locked && !one.ghost && !one.leaving && fits(one);
    simulator.control().ids_where(ordinary).into_iter().map(SessionId::from).collect()
}

/// Somebody connected to a machine of this pod.
fn machine(simulator: &Simulator, pod: &str) -> SessionId {
    let fits = |one: &SessionTruth| {
        one.pod == pod && one.state == "CONNECTED" && one.kind == SessionKind::ManagedDesktop
    };
    plain(simulator, fits).remove(0)
}

/// The newest events whose type begins like this.
async fn events(simulator: &Simulator, estate: &Estate, kind: &str) -> Vec<AuditEvent> {
    // The event database lags.
    simulator.control().advance(std::time::Duration::from_secs(5));
    let batch = estate.events(None).await.unwrap();
    let fits = |event: &AuditEvent| event.kind.as_ref().is_some_and(|known| known.as_str().starts_with(kind));
    batch.events.into_iter().filter(fits).collect()
}

fn kinds(events: &[AuditEvent]) -> Vec<String> {
    events.iter().map(|event| event.kind.as_ref().unwrap().to_string()).collect()
}

/// What the type of an event calls a verb (`events.md section 3.2`).
fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Disconnect => "DISCONNECT",
        Verb::Logoff | Verb::LogoffForced => "LOGOFF",
        Verb::Restart => "RESTART",
        Verb::Reset => "RESET",
        Verb::Message => "SEND_MESSAGE",
    }
}

fn event(verb: Verb, how: &str) -> String {
    format!("VLSI_FEDERATED_DESKTOP_SESSION_{}_REQUEST_{how}", word(verb))
}

#[tokio::test]
async fn a_federation_has_pods_with_sites_and_health_and_the_local_one_first() {
    let (simulator, estate) = start("2512").await;
    let federation = pods(&estate).await;
    assert_eq!(federation.name.as_ref().unwrap(), "Federation");
    let names: Vec<_> = federation.pods.iter().map(Pod::label).collect();
    assert_eq!(names, ["AMS1", "FRA1", "LIS1"]);
    assert_eq!(federation.local().unwrap().label(), "AMS1");
    let fra = named(&federation, "FRA1");
    assert_eq!((fra.site.as_ref().unwrap().as_str(), fra.local), ("Frankfurt", false));
    assert_eq!(fra.health.as_ref().unwrap(), "ONLINE");
    assert!(simulator.control().set_pod_down("FRA1", true));
    let federation = pods(&estate).await;
    let health: Vec<_> = federation.pods.iter().map(|pod| pod.health.clone().unwrap()).collect();
    assert_eq!(health, ["ONLINE", "OFFLINE", "ONLINE"]);
    assert_eq!(count(&simulator, "GET", "/cpa"), 1, "whether there is a federation is asked once");
}

#[tokio::test]
async fn without_a_federation_there_are_no_pods_and_no_fault() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    assert_eq!(estate.federation(RequestClass::Poll).await, Ok(None));
    assert_eq!(count(&simulator, "GET", "/federation/v1/pods"), 0, "its state says so, not a refusal");
    // A release that has no such call.
    let (_simulator, estate) = start("2006").await;
    assert_eq!(estate.federation(RequestClass::Poll).await, Ok(None));
}

#[tokio::test]
async fn who_may_not_see_the_pods_is_told_so_and_sites_and_health_are_soft() {
    let simulator = simulate(federation("2512")).await;
    let estate = as_somebody(&simulator, "helpdesk").await;
    let refused = estate.federation(RequestClass::Poll).await.unwrap_err();
    assert_eq!((refused.kind, refused.status), (FaultKind::InsufficientPermission, Some(403)));
    let estate = as_somebody(&simulator, "viewer").await;
    fault(&simulator, "status=500@sites");
    fault(&simulator, "garbage@monitor");
    let federation = pods(&estate).await;
    assert_eq!(federation.pods.len(), 3);
    assert!(federation.pods.iter().all(|pod| pod.site.is_none() && pod.health.is_none()));
    simulator.control().clear_faults();
    assert!(pods(&estate).await.pods.iter().all(|pod| pod.health.is_some()));
}

#[rstest]
#[case("2111", 1)]
#[case("2303", 1)]
#[case("2406", 2)]
#[case("2512", 3)]
#[tokio::test]
async fn the_sessions_of_every_pod_are_listed_in_every_version(#[case] release: &str, #[case] version: u8) {
    let (simulator, estate) = start(release).await;
    let federation = pods(&estate).await;
    for pod in &federation.pods {
        let name = pod.label();
        let list = sessions_of(&estate, &pod.id).await.unwrap();
        assert!(list.complete && list.unreadable == 0 && list.unreadable_fields == 0);
        assert!(list.clock_offset.is_some());
        let truth: BTreeMap<String, SessionTruth> = (simulator.control().sessions().into_iter())
            .filter(|one| name == one.pod.as_str())
            .map(|one| (one.id.clone(), one))
            .collect();
        let listed: BTreeSet<&str> = list.sessions.iter().map(|session| session.id.raw()).collect();
        assert_eq!(listed, truth.keys().map(String::as_str).collect());
        for session in &list.sessions {
            let truth = &truth[session.id.raw()];
            assert_eq!(session.pod_id.as_ref(), Some(&pod.id));
            assert_eq!(session.pod_name.as_ref(), Some(&name), "of the row, or of what is known of the pods");
            assert_eq!(session.resourced_remotely, Some(!pod.local));
            let brokered = Some(truth.brokering_pod != "AMS1");
            assert_eq!(session.brokered_remotely, brokered);
            assert_eq!(session.user_name.as_ref().unwrap(), truth.user_name.as_str(), "looked up if need be");
            assert_eq!(session.state.as_ref().unwrap().word(), truth.state);
            assert!(session.machine_label().is_some());
            assert_eq!(session.access_group_id.is_some(), pod.local, "ids of other pods are not there");
            assert!(pod.local || (session.machine_id.is_none() && session.pool_id.is_none()));
            assert_eq!(session.machine_name.is_some(), version >= 3);
        }
    }
    let path = format!("/inventory/v{version}/global-sessions");
    assert_eq!(count(&simulator, "GET", &path), 3, "no other version was tried");
    assert_eq!(count(&simulator, "GET", "global-sessions"), 3);
    assert_eq!(
        count(&simulator, "GET", "ad-users-or-groups") > 0,
        version < 3,
        "only where names are missing"
    );
}

#[tokio::test]
async fn pages_are_put_together() {
    let options = SimOptions { sessions: Some(4200), ..federation("2512") };
    let simulator = simulate(options).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let federation = pods(&estate).await;
    let fra = &named(&federation, "FRA1").id;
    let list = sessions_of(&estate, fra).await.unwrap();
    assert_eq!(list.sessions.len(), simulator.control().ids_where(|one| one.pod == "FRA1").len());
    assert!(list.complete && list.sessions.len() > 1000);
}

#[tokio::test]
async fn names_are_nice_to_have() {
    let (simulator, estate) = start("2406").await;
    let federation = pods(&estate).await;
    fault(&simulator, "status=403@ad-users");
    let list = sessions_of(&estate, &named(&federation, "LIS1").id).await.unwrap();
    assert!(list.complete && list.sessions.iter().all(|session| session.user_name.is_none()));
    assert!(list.sessions.iter().all(|session| session.user_id.is_some()));
}

#[tokio::test]
async fn a_pod_that_is_gone_does_not_take_the_list_away() {
    let (simulator, estate) = start("2512").await;
    let missing = sessions_of(&estate, &PodId::from("gone")).await.unwrap_err();
    assert_eq!((missing.kind, missing.status), (FaultKind::EntityNotFound, Some(404)));
    assert_eq!(count(&simulator, "GET", "/inventory/v2/global-sessions"), 0, "the version is there");
    let federation = pods(&estate).await;
    assert!(sessions_of(&estate, &named(&federation, "FRA1").id).await.is_ok());
    // Before 2111 there is none at all.
    let (_simulator, estate) = start("2106").await;
    let federation = pods(&estate).await;
    let absent = sessions_of(&estate, &federation.pods[1].id).await.unwrap_err();
    assert_eq!((absent.kind, absent.status), (FaultKind::NotInRelease, Some(404)));
    assert_eq!(absent.message, "not in release 2106, since 2111");
    assert_eq!(absent.hint(), None);
}

#[tokio::test]
async fn a_pod_that_is_down_is_its_own_trouble() {
    let (simulator, estate) = start("2512").await;
    let federation = pods(&estate).await;
    let control = simulator.control();
    control.set_pod_down("FRA1", true);
    let down = sessions_of(&estate, &named(&federation, "FRA1").id).await.unwrap_err();
    assert_eq!((down.kind, down.status), (FaultKind::Unexpected, Some(500)));
    assert_eq!(down.message, "The pod FRA1 cannot be reached.");
    assert!(sessions_of(&estate, &named(&federation, "LIS1").id).await.is_ok());
    assert!(estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap().complete);
    control.set_pod_down("FRA1", false);
    assert!(sessions_of(&estate, &named(&federation, "FRA1").id).await.unwrap().complete);
}

#[tokio::test]
async fn what_this_pod_gave_to_others_has_one_id_in_both_lists() {
    let (simulator, estate) = start("2512").await;
    let federation = pods(&estate).await;
    let own = estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap();
    let away: Vec<_> = own.sessions.iter().filter(|one| one.resourced_remotely == Some(true)).collect();
    assert!(!away.is_empty());
    let mut hosted = BTreeSet::new();
    for pod in federation.remote() {
        let list = sessions_of(&estate, &pod.id).await.unwrap();
        hosted.extend(list.sessions.into_iter().map(|session| session.id));
    }
    for session in away {
        assert!(hosted.contains(&session.id));
        assert!(
            session.pod_id.is_none() && session.pod_name.is_none(),
            "this list does not say where it runs"
        );
        assert_eq!(estate.session(&session.id).await.unwrap().resourced_remotely, Some(true));
    }
    assert!(simulator.control().ids().len() > own.sessions.len());
}

/// A session of another pod that refuses this verb, with the kind of the refusal.
fn refusing(simulator: &Simulator, verb: Verb) -> (SessionId, FaultKind) {
    let disconnected = || plain(simulator, |one| one.pod == "FRA1" && one.state == "DISCONNECTED").remove(0);
    match verb {
        Verb::Disconnect => (disconnected(), FaultKind::InvalidState),
        Verb::Logoff => {
            let id = disconnected();
            assert!(simulator.control().set_locked(id.raw(), true));
            (id, FaultKind::InvalidState)
        }
        Verb::Restart | Verb::Reset => {
            let rds = |one: &SessionTruth| one.pod == "FRA1" && one.kind == SessionKind::RdsDesktop;
            (plain(simulator, rds).remove(0), FaultKind::InvalidType)
        }
        // Nothing but absence refuses these.
        Verb::LogoffForced | Verb::Message => ("nobody".into(), FaultKind::EntityNotFound),
    }
}

#[rstest]
#[tokio::test]
async fn every_action_has_its_answers_and_its_events(
    #[values("2111", "2303", "2406", "2512")] release: &str,
    #[values(Verb::Disconnect, Verb::Logoff, Verb::LogoffForced, Verb::Restart, Verb::Reset, Verb::Message)]
    verb: Verb,
) {
    let (simulator, estate) = start(release).await;
    let control = simulator.control();
    let federation = pods(&estate).await;
    let (fra, lis) = (&named(&federation, "FRA1").id, &named(&federation, "LIS1").id);
    let (good, other) = (machine(&simulator, "FRA1"), machine(&simulator, "LIS1"));
    let (bad, kind) = refusing(&simulator, verb);

    // Success on two pods, a refusal, and a target that is given twice.
    let targets = [
        (fra.clone(), good.clone()),
        (lis.clone(), other.clone()),
        (fra.clone(), bad),
        (fra.clone(), good.clone()),
    ];
    let answers = act(&estate, verb, &targets).await.unwrap();
    assert_eq!([&answers[0], &answers[1], &answers[3]], [&ItemAnswer::Accepted; 3]);
    let (ItemAnswer::Refused(refused) | ItemAnswer::NotFound(refused)) = &answers[2] else {
        panic!("{:?}", answers[2])
    };
    assert_eq!((refused.kind, refused.maybe_done), (kind, false), "{refused}");
    assert_eq!(count(&simulator, "POST", "/global-sessions/action"), 1, "one call for all pods");
    let sent = events(&simulator, &estate, "VLSI_FEDERATED").await;
    assert_eq!(kinds(&sent), vec![event(verb, "SENT"); 3], "that it was sent is all that is written here");
    let text = sent[0].message.as_ref().unwrap().as_str();
    assert!(text.contains("to pod FRA1 for session with id ") && text.contains(good.raw()), "{text}");
    assert!(sent.iter().all(|event| event.machine_id.is_none()));
    if verb != Verb::Disconnect {
        control.advance(std::time::Duration::from_mins(5));
    }
    match verb {
        Verb::Message => assert_eq!(control.session(good.raw()).unwrap().messages, ["Please save"]),
        Verb::Disconnect => assert_eq!(control.session(good.raw()).unwrap().state, "DISCONNECTED"),
        _ => assert!(!control.is_present(good.raw()) && !control.is_present(other.raw())),
    }
}

#[rstest]
#[tokio::test]
async fn a_pod_that_is_down_refuses_all_of_its_own(
    #[values("2111", "2303", "2406", "2512")] release: &str,
    #[values(Verb::Disconnect, Verb::Logoff, Verb::LogoffForced, Verb::Restart, Verb::Reset, Verb::Message)]
    verb: Verb,
) {
    let (simulator, estate) = start(release).await;
    let federation = pods(&estate).await;
    let (fra, lis) = (&named(&federation, "FRA1").id, &named(&federation, "LIS1").id);
    let (here, there) = (machine(&simulator, "FRA1"), machine(&simulator, "LIS1"));
    simulator.control().set_pod_down("FRA1", true);
    let targets = [(fra.clone(), here.clone()), (lis.clone(), there), (fra.clone(), "another".into())];
    let answers = act(&estate, verb, &targets).await.unwrap();
    assert_eq!(answers[1], ItemAnswer::Accepted);
    for answer in [&answers[0], &answers[2]] {
        let ItemAnswer::Refused(refused) = answer else { panic!("{answer:?}") };
        assert_eq!((refused.kind, refused.status), (FaultKind::Unexpected, Some(503)));
        assert_eq!(
            (refused.message.as_str(), refused.maybe_done),
            ("The pod FRA1 cannot be reached.", false)
        );
    }
    let written = events(&simulator, &estate, "VLSI_FEDERATED").await;
    let mut found = kinds(&written);
    found.sort_unstable();
    let (failed, sent) = (event(verb, "SEND_FAILED"), event(verb, "SENT"));
    assert_eq!(found, [failed.clone(), failed, sent]);
    assert!(simulator.control().is_present(here.raw()));
}

#[rstest]
#[tokio::test]
async fn a_call_can_fail_as_a_whole(
    #[values("2111", "2303", "2406", "2512")] release: &str,
    #[values(Verb::Disconnect, Verb::Logoff, Verb::LogoffForced, Verb::Restart, Verb::Reset, Verb::Message)]
    verb: Verb,
) {
    let (simulator, estate) = start(release).await;
    let federation = pods(&estate).await;
    let target = [(named(&federation, "FRA1").id.clone(), machine(&simulator, "FRA1"))];
    let looks_only = as_somebody(&simulator, "viewer").await;
    let refused = act(&looks_only, verb, &target).await.unwrap_err();
    assert_eq!((refused.kind, refused.maybe_done), (FaultKind::InsufficientPermission, false));
    fault(&simulator, "status=400@global-sessions/action:1");
    let refused = act(&estate, verb, &target).await.unwrap_err();
    assert_eq!((refused.kind, refused.maybe_done), (FaultKind::InvalidArgument, false));
    let before = count(&simulator, "POST", "/global-sessions/action");
    fault(&simulator, "status=500@global-sessions/action:1");
    let failed = act(&estate, verb, &target).await.unwrap_err();
    assert_eq!((failed.kind, failed.maybe_done), (FaultKind::Unexpected, true));
    assert_eq!(count(&simulator, "POST", "/global-sessions/action"), before + 1, "an order is not repeated");
    assert!(events(&simulator, &estate, "VLSI_FEDERATED").await.is_empty());

    let alone = simulate(SimOptions { release: release.parse().unwrap(), ..small() }).await;
    let estate = connect_to(alone.url(), &alone).await;
    let none = act(&estate, verb, &target).await.unwrap_err();
    assert_eq!((none.kind, none.status, none.maybe_done), (FaultKind::NotConfigured, Some(409), false));
    let none = sessions_of(&estate, &target[0].0).await.unwrap_err();
    assert_eq!((none.kind, none.status), (FaultKind::NotConfigured, Some(409)));
}

#[tokio::test]
async fn without_the_right_on_the_federation_each_session_refuses() {
    let (simulator, admin) = start("2512").await;
    let federation = pods(&admin).await;
    let target = [(named(&federation, "FRA1").id.clone(), machine(&simulator, "FRA1"))];
    let estate = as_somebody(&simulator, "helpdesk").await;
    let answers = act(&estate, Verb::Logoff, &target).await.unwrap();
    assert!(
        matches!(&answers[0], ItemAnswer::Refused(fault) if fault.kind == FaultKind::InsufficientPermission)
    );
    let written = events(&simulator, &admin, "VLSI_FEDERATED").await;
    assert_eq!(kinds(&written), [event(Verb::Logoff, "SEND_FAILED")]);
}

#[tokio::test]
async fn too_many_targets_no_targets_and_no_text_never_leave() {
    let (simulator, estate) = start("2512").await;
    let many: Vec<_> =
        (0..=Estate::MAX_TARGETS).map(|n| (PodId::from("p"), SessionId::from(format!("s{n}")))).collect();
    let refused = act(&estate, Verb::Logoff, &many).await.unwrap_err();
    assert_eq!(refused.kind, FaultKind::InvalidArgument);
    assert_eq!(act(&estate, Verb::Logoff, &[]).await, Ok(Vec::new()));
    let silent = Action { verb: Verb::Message, message: None };
    assert!(estate.act_on_pods(&silent, &many[..1], &CancellationToken::new()).await.is_err());
    assert_eq!(count(&simulator, "POST", "/global-sessions/action"), 0);
}

#[tokio::test]
async fn a_stop_takes_a_throttled_action_out_of_the_queue() {
    let simulator = simulate(federation("2512")).await;
    let governor = governor();
    let estate = connect_with(simulator.url(), &simulator, &governor).await;
    let federation = pods(&estate).await;
    let target = [(named(&federation, "FRA1").id.clone(), machine(&simulator, "FRA1"))];
    fault(&simulator, "throttle=1/60s@global-sessions/action/logoff");
    assert_eq!(act(&estate, Verb::Logoff, &target).await, Ok(vec![ItemAnswer::Accepted]));
    let stop = CancellationToken::new();
    let mut status = governor.status();
    let waits = async {
        status.wait_for(|status| !status.cooling.is_empty() && status.waiting == 1).await.unwrap();
        stop.cancel();
    };
    let order = action(Verb::LogoffForced);
    let (answer, ()) = tokio::join!(estate.act_on_pods(&order, &target, &stop), waits);
    let cancelled = answer.unwrap_err();
    assert_eq!((cancelled.kind, cancelled.maybe_done), (FaultKind::Cancelled, false));
    // Another verb has a limit of its own.
    assert_eq!(act(&estate, Verb::Message, &target).await, Ok(vec![ItemAnswer::Accepted]));
}

#[rstest]
#[case("2111", 1)]
#[case("2406", 2)]
#[case("2512", 3)]
#[tokio::test]
async fn the_sessions_of_a_user_are_found_on_every_pod_with_one_question(
    #[case] release: &str,
    #[case] version: u8,
) {
    let (simulator, estate) = start(release).await;
    let federation = pods(&estate).await;
    let truths = simulator.control().sessions();
    let of = |user: &str| truths.iter().filter(|one| one.user_id == user).collect::<Vec<_>>();
    let is_here = |one: &SessionTruth| of(&one.user_id).iter().any(|other| other.pod == "AMS1");
    let mut elsewhere = truths.iter().filter(|one| one.pod != "AMS1");
    let user = &elsewhere.find(|one| is_here(one)).expect("the world has users on two pods").user_id;
    simulator.control().clear_requests();
    let found = estate.sessions_of_user(&user.as_str().into()).await.unwrap();
    let path = format!("/inventory/v{version}/global-sessions");
    assert_eq!(count(&simulator, "GET", &path), 1);
    let ids = |id: &str| found.iter().find(|one| one.id.raw() == id);
    assert_eq!(found.len(), of(user).len());
    for truth in of(user) {
        let session = ids(&truth.id).expect("each is found");
        let pod = named(&federation, &truth.pod);
        assert_eq!(session.pod_id.as_ref(), Some(&pod.id));
        assert_eq!(session.pod_label(), Some(pod.label()), "with the name of its pod");
    }
    fault(&simulator, "status=500@global-sessions");
    assert!(estate.sessions_of_user(&user.as_str().into()).await.is_err());
}
