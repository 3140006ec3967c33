//! The thirteen methods of the vendor's session service on sessions of this pod (`method-map.md section 1`): what each
//! answers when it works, each of its faults, and the events that are written. The same methods on sessions of other
//! pods are in `federation.rs`.

use foretop::{
    api::{Action, ItemAnswer, RequestClass},
    domain::{AuditEvent, Fault, FaultKind, MessageSeverity, MessageText, SessionId, Verb},
    sim::{FaultSpec, SessionKind, SessionTruth, SimOptions, Simulator},
};
use rstest::rstest;
use tokio_util::sync::CancellationToken;

use crate::support::{Estate, connect_as, connect_to, simulate, small};

async fn start() -> (Simulator, Estate) {
    let simulator = simulate(SimOptions { sessions: Some(200), ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    (simulator, estate)
}

async fn as_somebody(simulator: &Simulator, username: &str) -> Estate {
    connect_as(simulator.url(), simulator.account(username).unwrap()).await
}

fn action(verb: Verb) -> Action {
    let text = MessageText { severity: MessageSeverity::Warning, text: "Please save".into() };
    Action { verb, message: (verb == Verb::Message).then_some(text) }
}

async fn act(estate: &Estate, verb: Verb, ids: &[SessionId]) -> Result<Vec<ItemAnswer>, Fault> {
    estate.act(&action(verb), ids, &CancellationToken::new()).await
}

/// Types of success and failure (`events.md section 3.1`).
fn types(verb: Verb) -> (&'static str, &'static str) {
    match verb {
        Verb::Disconnect => ("ADMIN_DESKTOP_SESSION_DISCONNECTED", "ADMIN_DESKTOP_SESSION_DISCONNECT_FAILED"),
        Verb::Logoff | Verb::LogoffForced => {
            ("ADMIN_DESKTOP_SESSION_LOGOFF", "ADMIN_DESKTOP_SESSION_LOGOFF_FAILED")
        }
        Verb::Restart => ("ADMIN_DESKTOP_SESSION_RESTARTED", "ADMIN_DESKTOP_SESSION_RESTART_FAILED"),
        // The other spelling is the world's choice; the simulator's own tests cover it.
        Verb::Reset => ("ADMIN_DESKTOP_SESSION_RESET", "ADMIN_DESKTOP_SESSION_RESET_FAILED"),
        Verb::Message => ("ADMIN_SESSION_SENDMSG", "ADMIN_SESSION_SENDMSG_FAILED"),
    }
}

/// Sessions that fit, without the odd ones.
fn plain(simulator: &Simulator, fits: impl Fn(&SessionTruth) -> bool) -> Vec<SessionId> {
    let ordinary = |one: &SessionTruth| !one.locked && !one.ghost && !one.leaving && fits(one);
    simulator.control().ids_where(ordinary).into_iter().map(SessionId::from).collect()
}

/// Connected sessions on managed machines: every verb works on them.
fn machines(simulator: &Simulator) -> Vec<SessionId> {
    plain(simulator, |one| one.state == "CONNECTED" && one.kind == SessionKind::ManagedDesktop)
}

/// The events of a verb that were written since the start, oldest first.
async fn events(simulator: &Simulator, estate: &Estate, verb: Verb) -> Vec<AuditEvent> {
    // The event database lags.
    simulator.control().advance(std::time::Duration::from_secs(5));
    let (done, failed) = types(verb);
    let batch = estate.events(None).await.unwrap();
    let of_verb = |event: &AuditEvent| {
        event.kind.as_ref().is_some_and(|kind| kind.as_str() == done || kind.as_str() == failed)
    };
    batch.events.into_iter().filter(of_verb).collect()
}

/// How many events tell of success and of failure.
async fn told(simulator: &Simulator, estate: &Estate, verb: Verb) -> (usize, usize) {
    let events = events(simulator, estate, verb).await;
    let done = events.iter().filter(|event| event.kind.as_ref().unwrap().as_str() == types(verb).0).count();
    (done, events.len() - done)
}

fn refusal(answer: &ItemAnswer) -> FaultKind {
    match answer {
        ItemAnswer::Refused(fault) | ItemAnswer::NotFound(fault) => {
            assert!(!fault.maybe_done && fault.status.is_some() && !fault.message.is_empty());
            fault.kind
        }
        other => panic!("{other:?}"),
    }
}

/// `Session_Disconnect`, `_Logoff`, `_LogoffForced`, `_Restart`, `_Reset`, `_SendMessage`: one id in an array.
#[rstest]
#[tokio::test]
async fn one_session(
    #[values(Verb::Disconnect, Verb::Logoff, Verb::LogoffForced, Verb::Restart, Verb::Reset, Verb::Message)]
    verb: Verb,
) {
    let (simulator, estate) = start().await;
    let id = machines(&simulator).remove(0);
    let truth = simulator.control().session(id.raw()).unwrap();
    assert_eq!(act(&estate, verb, std::slice::from_ref(&id)).await, Ok(vec![ItemAnswer::Accepted]));
    let written = events(&simulator, &estate, verb).await;
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].kind.as_ref().unwrap(), types(verb).0);
    let text = written[0].message.as_ref().unwrap().as_str();
    assert!(text.starts_with("CORP\\admin ") && text.contains(&truth.machine_name), "{text}");
    assert_eq!(text.contains("Please save"), verb == Verb::Message, "{text}");
    let absent = act(&estate, verb, &["nobody".into()]).await.unwrap();
    assert!(matches!(&absent[0], ItemAnswer::NotFound(fault) if fault.kind == FaultKind::EntityNotFound));
}

/// The same in bulk: every session has its own answer and its own event, and the call as a whole is fine
/// (`PartialFailureFault`).
#[rstest]
#[tokio::test]
async fn many_sessions_partly(
    #[values(Verb::Disconnect, Verb::Logoff, Verb::LogoffForced, Verb::Restart, Verb::Reset, Verb::Message)]
    verb: Verb,
) {
    let (simulator, estate) = start().await;
    let good = machines(&simulator);
    let bad: SessionId = match verb {
        Verb::Disconnect => plain(&simulator, |one| one.state == "DISCONNECTED").remove(0),
        Verb::Logoff => {
            assert!(simulator.control().set_locked(good[7].raw(), true));
            good[7].clone()
        }
        Verb::Restart | Verb::Reset => plain(&simulator, |one| one.kind == SessionKind::RdsDesktop).remove(0),
        // Not even a locked session refuses these; only one that is not there.
        Verb::LogoffForced | Verb::Message => "nobody".into(),
    };
    let kind = match verb {
        Verb::Disconnect | Verb::Logoff => FaultKind::InvalidState,
        Verb::Restart | Verb::Reset => FaultKind::InvalidType,
        Verb::LogoffForced | Verb::Message => FaultKind::EntityNotFound,
    };
    let ids = [good[0].clone(), bad, good[1].clone()];
    let answers = act(&estate, verb, &ids).await.unwrap();
    assert_eq!([&answers[0], &answers[2]], [&ItemAnswer::Accepted; 2]);
    assert_eq!(refusal(&answers[1]), kind);
    // Of what is not there nothing is known that could be written.
    let failed = usize::from(kind != FaultKind::EntityNotFound);
    assert_eq!(told(&simulator, &estate, verb).await, (2, failed));
}

/// A locked session refuses the polite form and gives way to the other; the events cannot be told apart
/// (`method-map.md` S3).
#[tokio::test]
async fn a_locked_session_is_an_invalid_state_for_the_polite_form_only() {
    let (simulator, estate) = start().await;
    let id = machines(&simulator).remove(0);
    assert!(simulator.control().set_locked(id.raw(), true));
    let answers = act(&estate, Verb::Logoff, std::slice::from_ref(&id)).await.unwrap();
    assert_eq!(refusal(&answers[0]), FaultKind::InvalidState);
    let forced = act(&estate, Verb::LogoffForced, std::slice::from_ref(&id)).await;
    assert_eq!(forced, Ok(vec![ItemAnswer::Accepted]));
    assert_eq!(told(&simulator, &estate, Verb::Logoff).await, (1, 1));
}

/// `InsufficientPermission` of the call and of one session in it, `InvalidArgument`, `UnexpectedFault`: which of them may
/// have been carried out, and that nothing is sent twice.
#[rstest]
#[tokio::test]
async fn faults(
    #[values(Verb::Disconnect, Verb::Logoff, Verb::LogoffForced, Verb::Restart, Verb::Reset, Verb::Message)]
    verb: Verb,
) {
    let (simulator, estate) = start().await;
    let ids = machines(&simulator);
    let looks_only = as_somebody(&simulator, "viewer").await;
    let refused = act(&looks_only, verb, &ids[..1]).await.unwrap_err();
    assert_eq!((refused.kind, refused.maybe_done), (FaultKind::InsufficientPermission, false));

    let of_finance = as_somebody(&simulator, "finance-lead").await;
    let group = |id: &SessionId| simulator.control().session(id.raw()).unwrap().access_group;
    let mine = ids.iter().find(|id| group(id) == "Finance").unwrap();
    let other = ids.iter().find(|id| group(id) != "Finance").unwrap();
    let answers = act(&of_finance, verb, &[mine.clone(), other.clone()]).await.unwrap();
    assert_eq!(answers[0], ItemAnswer::Accepted);
    assert_eq!(refusal(&answers[1]), FaultKind::InsufficientPermission);
    assert_eq!(
        told(&simulator, &estate, verb).await,
        (1, 1),
        "a refused call writes none, a refused item does"
    );

    let left = machines(&simulator);
    let path = "/rest/inventory/v1/sessions/action";
    for (status, kind, maybe_done) in
        [(400, FaultKind::InvalidArgument, false), (500, FaultKind::Unexpected, true)]
    {
        let before = simulator.control().requests_to("POST", path).len();
        let spec = format!("status={status}@sessions/action:1");
        simulator.control().add_fault(spec.parse::<FaultSpec>().unwrap());
        let fault = act(&estate, verb, &left[..1]).await.unwrap_err();
        assert_eq!((fault.kind, fault.status, fault.maybe_done), (kind, Some(status), maybe_done));
        assert_eq!(
            simulator.control().requests_to("POST", path).len(),
            before + 1,
            "an order is not repeated"
        );
    }
    assert_eq!(told(&simulator, &estate, verb).await, (1, 1));
}

/// A message without a text is `InvalidArgument` before it leaves.
#[tokio::test]
async fn a_message_needs_a_text() {
    let (simulator, estate) = start().await;
    let ids = machines(&simulator);
    for text in ["", "  \n"] {
        let message = MessageText { severity: MessageSeverity::Info, text: text.into() };
        let action = Action { verb: Verb::Message, message: Some(message) };
        let refused = estate.act(&action, &ids[..1], &CancellationToken::new()).await.unwrap_err();
        assert_eq!((refused.kind, refused.maybe_done), (FaultKind::InvalidArgument, false));
    }
    assert!(simulator.control().requests_to("POST", "send-message").is_empty());
}

/// `Session_GetLocalSummaryView`: one session; nothing is written.
#[tokio::test]
async fn one_session_is_read() {
    let (simulator, estate) = start().await;
    let ids = machines(&simulator);
    let before = estate.events(None).await.unwrap().events.len();
    let truth = simulator.control().session(ids[0].raw()).unwrap();
    let session = estate.session(&ids[0]).await.unwrap();
    assert_eq!(session.machine_name.as_ref().unwrap(), truth.machine_name.as_str());
    assert_eq!(session.user_id.as_ref().unwrap().raw(), truth.user_id);
    assert_eq!(session.resourced_remotely, Some(false));
    let gone = estate.session(&"nobody".into()).await.unwrap_err();
    assert_eq!((gone.kind, gone.status), (FaultKind::EntityNotFound, Some(404)));
    let of_finance = as_somebody(&simulator, "finance-lead").await;
    let group = |id: &&SessionId| simulator.control().session(id.raw()).unwrap().access_group != "Finance";
    let refused = of_finance.session(ids.iter().find(group).unwrap()).await.unwrap_err();
    assert_eq!((refused.kind, refused.status), (FaultKind::InsufficientPermission, Some(403)));
    for (status, kind) in [(400, FaultKind::InvalidArgument), (500, FaultKind::Unexpected)] {
        // Without a number of times: a question that is answered with 500 is asked again.
        let spec = format!("status={status}@sessions/");
        let fault = simulator.control().add_fault(spec.parse::<FaultSpec>().unwrap());
        assert_eq!(estate.session(&ids[0]).await.unwrap_err().kind, kind);
        simulator.control().remove_fault(fault);
    }
    assert_eq!(estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap().sessions.len(), 200);
    for verb in Verb::ALL {
        assert_eq!(told(&simulator, &estate, verb).await, (0, 0));
    }
    assert!(before > 0);
}
