//! The syntax of faults, and how they run out.

use super::*;

#[rstest::rstest]
#[case("throttle=5/10s", FaultKind::Throttle { calls: 5, window: Duration::from_secs(10) })]
#[case("latency=200ms", FaultKind::Latency(Duration::from_millis(200)))]
#[case("status=503", FaultKind::Status(503))]
#[case("drop", FaultKind::Drop(0.5))]
#[case("lose", FaultKind::Lose)]
#[case("truncate=0.25", FaultKind::Truncate(0.25))]
#[case("garbage", FaultKind::Garbage)]
#[case("new-enum", FaultKind::NewEnum)]
#[case("missing-fields", FaultKind::MissingFields)]
#[case("slow-drip=5ms", FaultKind::SlowDrip(Duration::from_millis(5)))]
#[case("token-expiry=30", FaultKind::TokenExpiry(30))]
#[case("refuse-refresh", FaultKind::RefuseRefresh)]
#[case("no-event-db", FaultKind::NoEventDb)]
#[case("down", FaultKind::Down)]
#[case("pod-down=FRA1", FaultKind::PodDown("FRA1".to_owned()))]
fn faults_are_read(#[case] text: &str, #[case] expected: FaultKind) {
    assert_eq!(text.parse(), Ok(FaultSpec::from(expected)));
}

#[test]
fn places_and_counts_are_read() {
    let spec: FaultSpec = "status=500@inventory/v7/sessions:3".parse().unwrap();
    assert_eq!(spec.path.as_deref(), Some("inventory/v7/sessions"));
    assert_eq!(spec.count, Some(3));
}

#[test]
fn every_fault_of_the_help_can_be_read_and_mistakes_name_the_nearest() {
    for name in NAMES {
        assert!(FAULT_HELP.contains(&format!("\n  {name}")), "{name}");
    }
    let error = "latncy=2s".parse::<FaultSpec>().unwrap_err().to_string();
    assert!(error.contains("`latency`"), "{error}");
    for bad in [
        "latency",
        "latency=x",
        "status=200",
        "status",
        "drop=2",
        "throttle=5",
        "garbage=1",
        "pod-down",
        "pod-down=",
    ] {
        assert!(bad.parse::<FaultSpec>().is_err(), "{bad}");
    }
}

#[test]
fn counts_run_out_and_paths_limit() {
    let mut faults = Faults::default();
    faults.add("status=500@sessions:2".parse().unwrap());
    assert_eq!(faults.effects("GET", "/rest/inventory/v1/farms").status, None);
    assert_eq!(faults.effects("GET", "/rest/inventory/v1/sessions").status, Some(500));
    assert_eq!(faults.effects("GET", "/rest/inventory/v1/sessions").status, Some(500));
    assert_eq!(faults.effects("GET", "/rest/inventory/v1/sessions").status, None);
}

#[test]
fn waiting_as_long_as_told_is_enough() {
    let mut faults = Faults::default();
    faults.add("throttle=2/1500ms".parse().unwrap());
    let start = Instant::now();
    let mut call =
        |after: u64, api: &str| faults.throttled(api, ("GET", "/x"), start + Duration::from_millis(after));
    assert_eq!(call(0, "a"), None);
    assert_eq!(call(10, "a"), None);
    assert_eq!(call(20, "a"), Some(2));
    assert_eq!(call(20, "b"), None);
    assert_eq!(call(1400, "a"), Some(1));
    assert_eq!(call(2400, "a"), None);
}

#[test]
fn a_method_limits() {
    let spec: FaultSpec = "drop@POST/permissions:1".parse().unwrap();
    assert_eq!((spec.method.as_deref(), spec.path.as_deref()), (Some("POST"), Some("/permissions")));
    let plain: FaultSpec = "drop@v1/permissions".parse().unwrap();
    assert_eq!((plain.method, plain.path.as_deref()), (None, Some("v1/permissions")));
    let mut faults = Faults::default();
    faults.add(spec);
    assert_eq!(faults.effects("GET", "/rest/config/v1/permissions").drop, None);
    assert_eq!(faults.effects("POST", "/rest/config/v1/roles").drop, None);
    assert_eq!(faults.effects("POST", "/rest/config/v1/permissions").drop, Some(0.5));
    assert_eq!(faults.effects("POST", "/rest/config/v1/permissions").drop, None);
}
