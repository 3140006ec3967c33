//! The client against the simulated estate: every release, and everything that goes wrong on the way.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use foretop::{
    api::{
        Action, Connection, Estate, ItemAnswer, Operation, Password, RequestClass, TlsTrust,
        fetch_fingerprint,
    },
    core::{
        filter::{Filter, Truth},
        table::Surroundings,
    },
    domain::{EventFeed, Fault, FaultKind, MessageText, Session, SessionFacts, SessionId, Text, Verb},
    engine::{self, governor::Governor},
    sim::{ClockMode, FaultSpec, Release, SessionKind, SessionTruth, SimOptions, Simulator},
};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::support::{AtOnce, simulate, small};

const LOGOFF: Action = Action { verb: Verb::Logoff, message: None };

/// How to reach these simulators as the administrator of the first.
fn connection(simulators: &[&Simulator]) -> Connection {
    let credentials = simulators[0].credentials();
    let servers = simulators.iter().map(|simulator| simulator.url().parse().unwrap()).collect();
    Connection::new(servers, credentials.username, credentials.domain)
}

async fn connect_with(simulator: &Simulator, connection: Connection) -> Result<(Estate, Governor), Fault> {
    let governor = Governor::default();
    let password = Password::from(simulator.credentials().password);
    let (estate, _) = Estate::connect(connection, password, Arc::new(AtOnce(governor.clone()))).await?;
    Ok((estate, governor))
}

async fn connect(simulator: &Simulator) -> (Estate, Governor) {
    connect_with(simulator, connection(&[simulator])).await.unwrap()
}

async fn list(estate: &Estate) -> Vec<Session> {
    let list = estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap();
    assert!(list.complete, "nothing moved");
    list.sessions
}

/// For an action that nobody stops.
fn unstopped() -> CancellationToken {
    CancellationToken::new()
}

fn fault(simulator: &Simulator, spec: &str) {
    simulator.control().add_fault(spec.parse::<FaultSpec>().unwrap());
}

fn requests(simulator: &Simulator, part: &str) -> usize {
    simulator.control().requests().iter().filter(|request| request.path.contains(part)).count()
}

/// The ids of sessions on machines of which one can say what a logoff does: it is accepted.
fn polite(simulator: &Simulator, count: usize) -> Vec<SessionId> {
    let ids = simulator.control().ids_where(|session| {
        session.kind == SessionKind::ManagedDesktop && !session.locked && !session.leaving
    });
    assert!(ids.len() >= count);
    ids.into_iter().take(count).map(SessionId::from).collect()
}

#[tokio::test]
async fn every_release_shows_the_same_estate() {
    for release in Release::all() {
        let simulator = simulate(SimOptions { release, ..small() }).await;
        let (estate, _) = connect(&simulator).await;
        let capabilities = estate.capabilities();
        assert_eq!(capabilities.release.unwrap().0, release.number());
        let sessions = list(&estate).await;
        let shown: BTreeSet<String> = sessions.iter().map(|session| session.id.raw().to_owned()).collect();
        let pod = capabilities.pod.clone();
        let there: BTreeSet<String> = simulator
            .control()
            .ids_where(|session| pod.as_ref().is_none_or(|pod| *pod == session.pod.as_str()))
            .into_iter()
            .collect();
        assert_eq!(shown, there, "{release}");
        for session in &sessions {
            let truth = simulator.control().session(session.id.raw()).unwrap();
            let login = session.login().unwrap();
            let expected = Text::clean(truth.user_name.rsplit('\\').next().unwrap());
            assert_eq!(login, expected, "{release}");
            assert_eq!(session.user_name, Some(expected), "{release}: one form in all of them");
            assert_eq!(session.state.as_ref().unwrap().word(), truth.state);
            assert_eq!(session.pod_name, pod, "{release}: only what runs here is listed");
            if let Some(place) = truth.pool_or_farm {
                assert!(session.pool_name.is_some(), "{release}: {place}");
            }
            // The list of RDS servers came with 2012.
            let nameless = release == Release::R2006
                && matches!(truth.kind, SessionKind::RdsDesktop | SessionKind::Application);
            assert_eq!(
                session.machine_name.is_none() && session.machine_dns.is_none(),
                nameless,
                "{release}"
            );
            if nameless {
                continue;
            }
            let machine = session.machine_label().unwrap();
            let expected = Text::clean(&truth.machine_name);
            assert!(machine.as_str().starts_with(expected.as_str()), "{release}: {machine}");
        }
        let mut one = estate.session(&sessions[0].id).await.unwrap();
        // 2312 lists in v2, but has no v2 for a single session.
        one.guid = one.guid.or_else(|| sessions[0].guid.clone());
        assert_eq!(one, sessions[0], "{release}: the list and the session by itself agree");
        let feed = estate.events(None).await.unwrap().feed;
        let expected = if release < Release::R2106 { EventFeed::NotInRelease } else { EventFeed::Available };
        assert_eq!(feed, expected, "{release}");
        // Versions that are not there may be asked for, but nothing is ever asked that the account may not.
        let refused = simulator.control().requests().into_iter().find(|request| request.status == 403);
        assert_eq!(refused, None, "{release}");
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn a_token_that_expires_in_the_middle_of_a_job_loses_and_doubles_nothing() {
    let simulator = simulate(SimOptions { sessions: Some(200), ..small() }).await;
    let (estate, _) = connect(&simulator).await;
    let ids = polite(&simulator, 40);
    for (number, chunk) in ids.chunks(10).enumerate() {
        match number {
            1 => simulator.control().expire_access_tokens(),
            2 => {
                simulator.control().expire_access_tokens();
                simulator.control().expire_refresh_tokens();
            }
            _ => {}
        }
        let answers = estate.act(&LOGOFF, chunk, &unstopped()).await.unwrap();
        assert_eq!(answers, vec![ItemAnswer::Accepted; 10]);
    }
    let logoffs = simulator.control().requests_to("POST", "/rest/inventory/v1/sessions/action/logoff");
    let executed: Vec<String> = logoffs
        .iter()
        .filter(|request| request.status == 200)
        .flat_map(|request| serde_json::from_str::<Vec<String>>(&request.body).unwrap())
        .collect();
    let asked: Vec<String> = ids.iter().map(|id| id.raw().to_owned()).collect();
    assert_eq!(executed, asked, "each once, in order");
    assert_eq!(logoffs.iter().filter(|request| request.status == 401).count(), 2);
    assert_eq!((requests(&simulator, "/refresh"), requests(&simulator, "/login")), (2, 2));
}

#[tokio::test]
async fn durations_are_measured_by_the_clock_of_the_server() {
    for start in ["2026-03-02T14:00:00Z", "2094-03-02T14:00:00Z"] {
        let clock = ClockMode::Manual { start: start.parse().unwrap() };
        let simulator = simulate(SimOptions { clock, ..small() }).await;
        simulator.control().advance(Duration::from_mins(100));
        let (estate, _) = connect(&simulator).await;
        let polled = engine::poll_sessions(&estate, RequestClass::Poll, None, None, Timestamp::now, |_| {})
            .await
            .unwrap();
        let table = polled.table;
        let truth = simulator.control().sessions();
        let old = |session: &SessionTruth| {
            session
                .disconnected_minutes
                .is_some_and(|minutes| minutes.max(session.idle_minutes.unwrap_or(0)) > 240)
        };
        let expected: BTreeSet<String> =
            truth.iter().filter(|session| old(session)).map(|session| session.id.clone()).collect();
        let disconnected = truth.iter().filter(|session| session.disconnected_minutes.is_some()).count();
        assert!(!expected.is_empty() && expected.len() < disconnected, "some are old, some are not");
        let filter = Filter::parse("state:disconnected idle>4h").unwrap();
        let context = Surroundings::default().context(&table);
        let chosen: BTreeSet<String> = table
            .iter()
            .filter(|session| filter.matches(*session, &context) == Truth::Yes)
            .map(|session| session.id().into_owned())
            .collect();
        assert_eq!(chosen, expected, "{start}");
        // The events up to the server's now, not up to ours.
        let now = start.parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_mins(100);
        assert!(table.as_of().duration_since(now).abs() < jiff::SignedDuration::from_secs(60));
        let batch = estate.events_between(now - jiff::SignedDuration::from_hours(1), None, 10_000).await;
        assert!(!batch.unwrap().events.is_empty(), "{start}");
    }
}

#[tokio::test]
async fn many_at_once_renew_an_expired_token_once() {
    let simulator = simulate(small()).await;
    let (estate, _) = connect(&simulator).await;
    let ids = polite(&simulator, 8);
    list(&estate).await;
    simulator.control().expire_access_tokens();
    let sessions = futures_util::future::join_all(ids.iter().map(|id| estate.session(id))).await;
    assert!(sessions.iter().all(Result::is_ok));
    assert_eq!(requests(&simulator, "/refresh"), 1);
}

#[tokio::test]
async fn every_target_gets_its_own_answer() {
    let simulator = simulate(SimOptions { sessions: Some(300), ..small() }).await;
    let (estate, _) = connect(&simulator).await;
    let control = simulator.control();
    let ids = polite(&simulator, 2);
    assert!(control.set_locked(ids[1].raw(), true));
    let app = control.ids_where(|session| session.kind == SessionKind::Application).remove(0);
    let targets = [ids[0].clone(), ids[1].clone(), "nobody".into(), SessionId::from(app.as_str())];
    let answers = estate.act(&LOGOFF, &targets, &unstopped()).await.unwrap();
    assert_eq!(answers[0], ItemAnswer::Accepted);
    assert!(matches!(&answers[1], ItemAnswer::Refused(fault) if fault.kind == FaultKind::InvalidState));
    assert!(matches!(&answers[2], ItemAnswer::NotFound(fault) if fault.message == "Entity does not exist."));
    let reset = Action { verb: Verb::Reset, message: None };
    let answers = estate.act(&reset, &targets[3..], &unstopped()).await.unwrap();
    assert!(
        matches!(&answers[0], ItemAnswer::Refused(fault) if fault.kind == FaultKind::InvalidType),
        "{answers:?}"
    );
    let message =
        MessageText { severity: foretop::domain::MessageSeverity::Info, text: "please\nsave".into() };
    let action = Action { verb: Verb::Message, message: Some(message) };
    estate.act(&action, &ids[1..], &unstopped()).await.unwrap();
    assert_eq!(control.session(ids[1].raw()).unwrap().messages, ["please\nsave"]);
}

#[tokio::test]
async fn a_stop_takes_a_throttled_action_out_of_the_queue() {
    let simulator = simulate(small()).await;
    let (estate, governor) = connect(&simulator).await;
    fault(&simulator, "throttle=1/60s@logoff");
    let ids = polite(&simulator, 3);
    assert_eq!(estate.act(&LOGOFF, &ids[..1], &unstopped()).await.unwrap(), [ItemAnswer::Accepted]);
    let stop = CancellationToken::new();
    let mut status = governor.status();
    let waits = async {
        status.wait_for(|status| !status.cooling.is_empty() && status.waiting == 1).await.unwrap();
        stop.cancel();
    };
    let (answer, ()) = tokio::join!(estate.act(&LOGOFF, &ids[1..], &stop), waits);
    let cancelled = answer.unwrap_err();
    assert_eq!((cancelled.kind, cancelled.maybe_done), (FaultKind::Cancelled, false));
    let status = governor.status().borrow().clone();
    assert_eq!((status.waiting, status.in_flight), (0, 0), "nothing is left that could leave later");
    let logoffs = simulator.control().requests_to("POST", "/rest/inventory/v1/sessions/action/logoff");
    let statuses: Vec<u16> = logoffs.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [200, 429]);
}

#[tokio::test]
async fn a_throttled_list_waits_and_is_complete() {
    let simulator = simulate(SimOptions { sessions: Some(6000), ..small() }).await;
    let (estate, governor) = connect(&simulator).await;
    fault(&simulator, "throttle=4/2s@sessions");
    assert_eq!(list(&estate).await.len(), 6000);
    assert!(governor.status().borrow().throttled > 0);
    let pages: Vec<_> = simulator.control().requests_to("GET", "/rest/inventory/v7/sessions");
    assert_eq!(pages.iter().filter(|request| request.status == 200).count(), 6);
}

#[tokio::test]
async fn a_server_that_is_down_is_replaced_and_actions_go_on() {
    let (first, second) = (simulate(small()).await, simulate(small()).await);
    let (estate, _) = connect_with(&first, connection(&[&first, &second])).await.unwrap();
    let before = list(&estate).await.len();
    let host = estate.capabilities().server;
    first.control().set_down(true);
    assert_eq!(list(&estate).await.len(), before);
    assert_ne!(estate.capabilities().server, host);
    let ids = polite(&second, 3);
    assert_eq!(estate.act(&LOGOFF, &ids, &unstopped()).await.unwrap(), vec![ItemAnswer::Accepted; 3]);
    assert_eq!(requests(&first, "/action/logoff"), 0);
}

#[tokio::test]
async fn questions_survive_short_troubles() {
    let simulator = simulate(small()).await;
    let (estate, _) = connect(&simulator).await;
    let before = list(&estate).await.len();
    for trouble in
        ["status=503@sessions:2", "status=500@sessions:2", "drop=0.5@sessions:2", "slow-drip=1ms@sessions:1"]
    {
        fault(&simulator, trouble);
        assert_eq!(list(&estate).await.len(), before, "{trouble}");
        simulator.control().clear_faults();
    }
}

#[tokio::test]
async fn lasting_troubles_have_their_kinds() {
    let simulator = simulate(small()).await;
    let (estate, _) = connect(&simulator).await;
    for (trouble, kind) in [
        ("status=500@sessions", FaultKind::Unexpected),
        ("truncate=0.5@sessions", FaultKind::BadAnswer),
        ("garbage@sessions", FaultKind::BadAnswer),
        ("drop=0.5@sessions", FaultKind::Unreachable),
    ] {
        fault(&simulator, trouble);
        let fault = estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{trouble}: {fault}");
        simulator.control().clear_faults();
    }
}

#[tokio::test]
async fn an_action_whose_answer_is_lost_may_have_been_carried_out() {
    let simulator = simulate(small()).await;
    let (estate, _) = connect(&simulator).await;
    let ids = polite(&simulator, 4);
    for (trouble, id) in ["drop=0.5@logoff", "truncate=0.5@logoff", "garbage@logoff", "status=500@logoff"]
        .into_iter()
        .zip(&ids)
    {
        fault(&simulator, trouble);
        let before = requests(&simulator, "/action/logoff");
        let lost = estate.act(&LOGOFF, std::slice::from_ref(id), &unstopped()).await.unwrap_err();
        assert!(lost.maybe_done, "{trouble}: {lost}");
        assert_eq!(requests(&simulator, "/action/logoff"), before + 1, "{trouble}: sent once");
        simulator.control().clear_faults();
    }
}

#[tokio::test]
async fn new_words_and_missing_fields_leave_the_list_readable() {
    let simulator = simulate(small()).await;
    let (estate, _) = connect(&simulator).await;
    let before = list(&estate).await.len();
    for trouble in ["new-enum", "missing-fields"] {
        fault(&simulator, trouble);
        let list = estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap();
        assert_eq!(list.sessions.len() + list.unreadable, before, "{trouble}");
        assert_eq!(list.complete, list.unreadable == 0, "{trouble}");
        estate.events(None).await.unwrap();
        simulator.control().clear_faults();
    }
}

#[tokio::test]
async fn events_follow_what_is_done() {
    let simulator = simulate(small()).await;
    let (estate, _) = connect(&simulator).await;
    let first = estate.events(None).await.unwrap();
    let ids = polite(&simulator, 2);
    estate.act(&LOGOFF, &ids, &unstopped()).await.unwrap();
    simulator.control().advance(Duration::from_mins(5));
    let second = estate.events(Some(&first.mark)).await.unwrap();
    let logoffs =
        |kind: &Option<Text>| kind.as_ref().is_some_and(|kind| kind == "ADMIN_DESKTOP_SESSION_LOGOFF");
    assert_eq!(second.events.iter().filter(|event| logoffs(&event.kind)).count(), 2);
    assert!(second.events.is_sorted_by_key(|event| event.time));
    let seen: BTreeSet<_> = first.events.iter().map(|event| event.id).collect();
    assert!(second.events.iter().all(|event| !seen.contains(&event.id)));
    let third = estate.events(Some(&second.mark)).await.unwrap();
    assert!(third.events.iter().all(|event| !logoffs(&event.kind)));
    fault(&simulator, "no-event-db");
    assert_eq!(estate.events(Some(&third.mark)).await.unwrap().feed, EventFeed::NoDatabase);
}

#[tokio::test]
async fn rights_differ_between_accounts() {
    let simulator = simulate(small()).await;
    let helpdesk = simulator.account("helpdesk").unwrap().clone();
    let connection =
        Connection::new(vec![simulator.url().parse().unwrap()], helpdesk.username, helpdesk.domain);
    let gate = Arc::new(Governor::default());
    let (estate, capabilities) = Estate::connect(connection, helpdesk.password.into(), gate).await.unwrap();
    let session = list(&estate).await.remove(0);
    assert!(capabilities.supports(Verb::Logoff, &session).may_try());
    assert!(!capabilities.supports(Verb::Reset, &session).may_try());
}

#[tokio::test]
async fn a_self_signed_server_is_pinned_and_nothing_else_will_do() {
    let simulator = simulate(SimOptions { tls: true, ..small() }).await;
    let fingerprint = fetch_fingerprint(&simulator.url().parse().unwrap()).await.unwrap();
    assert_eq!(fingerprint.to_string(), simulator.fingerprint().unwrap());
    let with = |tls| Connection { tls, ..connection(&[&simulator]) };
    let (estate, _) = connect_with(&simulator, with(TlsTrust::Pinned(vec![fingerprint]))).await.unwrap();
    assert!(!list(&estate).await.is_empty());

    let fault = connect_with(&simulator, with(TlsTrust::System)).await.map(drop).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.message.as_str().contains("pin the certificate"), "{fault}");

    // A wrong pin is reported, and the next server is not asked instead.
    let other = simulate(SimOptions { tls: true, seed: 8, ..small() }).await;
    let logins = requests(&simulator, "/login");
    let both = Connection { tls: TlsTrust::Pinned(vec![fingerprint]), ..connection(&[&other, &simulator]) };
    let fault = connect_with(&simulator, both).await.map(drop).unwrap_err();
    let words = fault.message.as_str();
    assert!(words.contains(other.fingerprint().unwrap()), "{fault}");
    assert!(words.contains(&format!("the profile pins {fingerprint}")), "{fault}");
    assert_eq!(requests(&simulator, "/login"), logins);
}

#[tokio::test]
async fn look_ups_never_stand_in_the_way_of_a_list() {
    let simulator = simulate(SimOptions { release: "2206".parse().unwrap(), ..small() }).await;
    let (estate, governor) = connect(&simulator).await;
    fault(&simulator, "status=500@ad-users");
    fault(&simulator, "status=403@machines");
    let sessions = list(&estate).await;
    assert!(sessions.iter().all(|session| session.user_name.is_none()));
    assert!(sessions.iter().all(|session| session.user_label().is_some()), "the id is left");
    assert!(governor.status().borrow().in_flight == 0);
    assert_eq!(Operation::ListUsers.label(), "look up users");
}
