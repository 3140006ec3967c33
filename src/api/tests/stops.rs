//! Actions that wait to leave, and are stopped.

use super::*;

#[tokio::test]
async fn a_throttled_action_goes_back_to_the_gate_and_is_sent_again() {
    let server = server("8.16.0").await;
    let told =
        status(429).insert_header("X-Rate-Limit-Retry-After-Seconds", "7").insert_header("Retry-After", "9");
    let answers = in_turn([told, status(429), ok(json!([{"id": "s-0", "status_code": 200}]))]);
    post(&server, "/inventory/v1/sessions/action/logoff", answers).await;
    let gate = Arc::new(OpenGate::default());
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    assert_eq!(estate.act(&LOGOFF, &ids(1), &unstopped()).await.unwrap(), [ItemAnswer::Accepted]);
    let throttled = gate.throttled.lock().unwrap().clone();
    assert_eq!(throttled[0], (Operation::Logoff, Duration::from_secs(7)));
    assert!(
        throttled[1].1 >= Duration::from_secs(2) && throttled[1].1 < Duration::from_secs(3),
        "{throttled:?}"
    );
    let admitted = gate.admitted.lock().unwrap();
    assert_eq!(admitted.iter().filter(|(_, operation)| *operation == Operation::Logoff).count(), 3);
}

/// Sends an action through a gate that keeps it for ever, and stops it there.
async fn stopped_at(server: &MockServer, only: (Operation, usize)) -> (Fault, Estate) {
    let gate = Arc::new(OpenGate { only: Some(only), ..OpenGate::default() });
    let second = self::server("8.16.0").await;
    let estate = connect_through(gate.clone(), connection(&[server, &second])).await.unwrap();
    let stop = CancellationToken::new();
    let (ids, waits) = (ids(2), async {
        gate.shut_out.notified().await;
        stop.cancel();
    });
    let (answer, ()) = tokio::join!(assert_send(estate.act(&LOGOFF, &ids, &stop)), waits);
    assert!(second.received_requests().await.unwrap().is_empty(), "it does not go elsewhere");
    (answer.unwrap_err(), estate)
}

#[tokio::test]
async fn a_stop_reaches_an_action_that_a_429_has_put_back_to_the_gate() {
    let server = server("8.16.0").await;
    let told = status(429).insert_header("X-Rate-Limit-Retry-After-Seconds", "60");
    post(&server, "/inventory/v1/sessions/action/logoff", told).await;
    let (fault, _) = stopped_at(&server, (Operation::Logoff, 1)).await;
    assert_eq!((fault.kind, fault.maybe_done, fault.status), (FaultKind::Cancelled, false, None));
    assert_eq!(fault.to_string(), "log off: Cancelled: stopped before it left");
    assert_eq!(count(&server, "/inventory/v1/sessions/action/logoff").await, 1);
}

#[tokio::test]
async fn a_stop_reaches_an_action_that_waits_for_a_new_token() {
    let server = server("8.16.0").await;
    let logoff = "/inventory/v1/sessions/action/logoff";
    post(&server, logoff, in_turn([status(401), ok(json!([{"id": "s-0", "status_code": 200}]))])).await;
    let (fault, estate) = stopped_at(&server, (Operation::Refresh, 0)).await;
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Cancelled, false));
    assert_eq!(fault.operation, "log off");
    assert_eq!((count(&server, logoff).await, count(&server, "/refresh").await), (1, 0));
    // Nobody is left behind with the tokens in hand.
    assert_eq!(estate.act(&LOGOFF, &ids(1), &unstopped()).await.unwrap(), [ItemAnswer::Accepted]);
}

#[tokio::test]
async fn a_stop_reaches_an_action_while_somebody_else_renews_the_token() {
    let server = server("8.16.0").await;
    let logoff = "/inventory/v1/sessions/action/logoff";
    get(&server, "/inventory/v7/sessions", status(401)).await;
    post(&server, logoff, accept).await;
    let gate = Arc::new(OpenGate { only: Some((Operation::Refresh, 0)), ..OpenGate::default() });
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    let mut renewing = Box::pin(list(&estate));
    tokio::select! {
        _ = &mut renewing => panic!("its refresh waits at the gate"),
        () = gate.shut_out.notified() => {}
    }
    let (stop, ids) = (CancellationToken::new(), ids(1));
    let mut action = Box::pin(estate.act(&LOGOFF, &ids, &stop));
    assert!((&mut action).now_or_never().is_none());
    stop.cancel();
    assert_eq!(action.await.unwrap_err().kind, FaultKind::Cancelled);
    assert_eq!(count(&server, logoff).await, 0);
}

#[tokio::test]
async fn a_renewal_ahead_of_time_that_was_stopped_is_still_due() {
    let server = MockServer::start().await;
    let claims = URL_SAFE_NO_PAD.encode(json!({"iat": 0, "exp": 0.000_001}).to_string());
    let tokens = json!({"access_token": format!("a.{claims}.c"), "refresh_token": "refresh-1"});
    log_in_on(&server, ok(tokens)).await;
    // Too old to be asked for rights: nothing but the log-in and this leaves when connecting.
    let environment = ok(json!({"local_connection_server_version": "8.6.0"}));
    get(&server, "/config/v3/environment-properties", environment).await;
    get(&server, "/inventory/v1/sessions", ok(json!([]))).await;
    let gate = Arc::new(OpenGate { only: Some((Operation::Refresh, 0)), ..OpenGate::default() });
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    let (stop, ids) = (CancellationToken::new(), ids(1));
    let waits = async {
        gate.shut_out.notified().await;
        stop.cancel();
    };
    let (answer, ()) = tokio::join!(estate.act(&LOGOFF, &ids, &stop), waits);
    assert_eq!(answer.unwrap_err().kind, FaultKind::Cancelled);
    tokio::select! {
        _ = list(&estate) => panic!("it renews the token first"),
        () = gate.shut_out.notified() => {}
    }
}

#[tokio::test]
async fn a_stop_reaches_an_action_that_pauses_before_its_next_try() {
    let port = HeldPort::new();
    let server = port.serve().await;
    log_in_on(&server, ok(json!({"access_token": "access-1"}))).await;
    environment_on(&server, "8.6.0").await;
    let gate = Arc::new(OpenGate::default());
    let patient = Patience { repeats: 2, pause: |_, _| Duration::from_hours(1) };
    let connecting =
        Estate::connect_with(connection(&[&server]), "hunter2".into(), gate.clone(), patient).await;
    let (estate, _) = connecting.unwrap();
    drop(server);
    port.closed().await;
    let (stop, ids) = (CancellationToken::new(), ids(1));
    let is_unreached = || gate.answered.lock().unwrap().contains(&(Operation::Logoff, Answered::Unreached));
    // On a line that was kept from before it is lost, not unreached, and comes back at once: the next one finds nobody.
    let fault = loop {
        let mut action = Box::pin(estate.act(&LOGOFF, &ids, &stop));
        let waits = async {
            while !is_unreached() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            lost = &mut action => assert!(matches!(lost.as_deref(), Ok([ItemAnswer::NoAnswer(_)])), "{lost:?}"),
            () = waits => {
                stop.cancel();
                break action.await.unwrap_err();
            }
        }
    };
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Cancelled, false));
}

#[tokio::test]
async fn an_action_stopped_beforehand_does_not_leave_through_an_open_gate() {
    let server = server("8.16.0").await;
    let gate = Arc::new(OpenGate::default());
    let estate = connect_through(gate.clone(), connection(&[&server])).await.unwrap();
    let before = server.received_requests().await.unwrap().len();
    let stop = CancellationToken::new();
    stop.cancel();
    assert_eq!(estate.act(&LOGOFF, &ids(1), &stop).await.unwrap_err().kind, FaultKind::Cancelled);
    assert_eq!(server.received_requests().await.unwrap().len(), before);
}

#[tokio::test]
async fn an_action_that_is_out_is_waited_for_whoever_stops_it() {
    let server = server("8.16.0").await;
    let stop = CancellationToken::new();
    let from_within = stop.clone();
    let answer = move |request: &Received| {
        from_within.cancel();
        accept(request)
    };
    post(&server, "/inventory/v1/sessions/action/logoff", answer).await;
    let estate = connect(&[&server]).await;
    assert_eq!(estate.act(&LOGOFF, &ids(2), &stop).await.unwrap(), vec![ItemAnswer::Accepted; 2]);
    assert!(stop.is_cancelled());
}
