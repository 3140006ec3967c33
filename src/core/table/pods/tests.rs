use crate::domain::{FaultKind, SessionRow};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn pod(id: &str, local: bool) -> Pod {
    Pod {
        id: id.into(),
        name: Some(id.to_uppercase().into()),
        description: None,
        site: None,
        local,
        health: None,
    }
}

fn row(id: &str) -> Session {
    Session::new(id.into())
}

fn guest(id: &str) -> Session {
    Session { resourced_remotely: Some(true), access_group_id: Some("finance".into()), ..row(id) }
}

fn rows(pod_id: &str, ids: &[&str], read_at: i64) -> PodRows {
    let local = pod_id == "ams1";
    PodRows {
        read: PodRead::answered(&pod(pod_id, local), at(read_at), true),
        sessions: ids.iter().map(|id| row(id)).collect(),
    }
}

fn kept(pod_id: &str, before: &SessionTable) -> PodRows {
    let id = PodId::from(pod_id);
    let fault = Fault::new(FaultKind::Unexpected, "list sessions of a pod", "no answer");
    PodRows {
        read: PodRead::silent(&pod(pod_id, false), fault, before.pod(&id)),
        sessions: before
            .iter()
            .filter(|session| session.pod_id() == Some(&id))
            .map(SessionRow::to_session)
            .collect(),
    }
}

fn table(local: PodRows, remote: Vec<PodRows>, before: Option<&SessionTable>, now: i64) -> SessionTable {
    SessionTable::of_pods(Merged::of(local, remote, before), at(now))
}

fn reach(table: &SessionTable, id: &str) -> String {
    match table.reach(table.row_of(&id.into()).unwrap()) {
        Reach::Here => "here".to_owned(),
        Reach::Through(pod) => format!("through {}", pod.id),
        Reach::Silent(pod) => format!("silent {}", pod.id),
        Reach::Ambiguous => "ambiguous".to_owned(),
        Reach::Elsewhere => "elsewhere".to_owned(),
    }
}

#[test]
fn rows_of_all_pods_are_one_table_and_each_knows_its_pod() {
    let table =
        table(rows("ams1", &["1", "2"], 10), vec![rows("lon1", &["3"], 10), rows("fra1", &[], 10)], None, 10);
    assert_eq!(table.len(), 3);
    assert!(table.complete() && table.is_global());
    assert_eq!((reach(&table, "1"), reach(&table, "3")), ("here".to_owned(), "through lon1".to_owned()));
    let remote = table.session(&"3".into()).unwrap();
    assert_eq!(remote.pod_label().unwrap(), "LON1");
    assert_eq!(remote.resourced_remotely, Some(true));
    let counts: Vec<usize> = table.pods().iter().map(|pod| pod.sessions).collect();
    assert_eq!(counts, [2, 1, 0]);
    let json = serde_json::to_string(&table).unwrap();
    assert_eq!(serde_json::from_str::<SessionTable>(&json).unwrap(), table);
}

#[test]
fn a_local_row_that_runs_elsewhere_is_joined_with_the_row_of_its_pod() {
    let mut local = rows("ams1", &["1"], 10);
    local.sessions.push(guest("g"));
    let mut remote = rows("lon1", &[], 10);
    remote.sessions.push(Session {
        user_name: Some("CORP\\abel".into()),
        brokering_pod_id: Some("ams1".into()),
        ..row("g")
    });
    let table = table(local, vec![remote], None, 10);
    let joined = table.session(&"g".into()).unwrap();
    assert_eq!(table.len(), 2);
    assert_eq!(reach(&table, "g"), "through lon1");
    assert_eq!(joined.access_group_id, Some("finance".into()), "the local list knows more");
    assert_eq!(joined.user_name, Some("CORP\\abel".into()));
    assert_eq!(joined.brokering_pod_id, Some("ams1".into()));
    assert_eq!(joined.brokering_pod_name, Some("AMS1".into()));
}

#[test]
fn a_local_row_that_runs_elsewhere_and_that_no_pod_lists_cannot_be_reached() {
    let mut local = rows("ams1", &["1"], 10);
    local.sessions.push(guest("g"));
    let table = table(local, vec![rows("lon1", &["3"], 10)], None, 10);
    assert_eq!(reach(&table, "g"), "elsewhere");
}

#[test]
fn an_id_that_two_pods_report_is_one_row_that_nothing_can_be_done_with() {
    let merged = table(
        rows("ams1", &["1", "2"], 10),
        vec![rows("lon1", &["2", "3"], 10), rows("fra1", &["3"], 10)],
        None,
        10,
    );
    assert_eq!(merged.len(), 3);
    assert_eq!(["1", "2", "3"].map(|id| reach(&merged, id)), ["here", "ambiguous", "ambiguous"]);
    // The pod that reported it too is silent now: that it does is not forgotten.
    let later = table(
        rows("ams1", &["1", "2"], 20),
        vec![rows("lon1", &["2", "3"], 20), kept("fra1", &merged)],
        Some(&merged),
        20,
    );
    assert_eq!(reach(&later, "3"), "ambiguous");
}

#[test]
fn an_id_stays_ambiguous_until_the_whole_list_of_a_pod_lacks_it() {
    let two = || vec![rows("lon1", &["3"], 10), rows("fra1", &["3"], 10)];
    let before = table(rows("ams1", &[], 10), two(), None, 10);
    let after = |whole: bool| {
        let mut fra1 = rows("fra1", &[], 20);
        fra1.read.complete = whole;
        table(rows("ams1", &[], 20), vec![rows("lon1", &["3"], 20), fra1], Some(&before), 20)
    };
    assert_eq!(reach(&after(false), "3"), "ambiguous", "part of a list may lack it by chance");
    assert_eq!(reach(&after(true), "3"), "through lon1");
}

#[test]
fn a_row_whose_pod_is_another_than_the_one_that_was_asked_is_ambiguous() {
    let mut remote = rows("lon1", &[], 10);
    remote.sessions.push(Session { pod_id: Some("fra1".into()), ..row("3") });
    let table = table(rows("ams1", &[], 10), vec![remote], None, 10);
    assert_eq!(reach(&table, "3"), "ambiguous");
}

#[test]
fn a_pod_that_does_not_answer_keeps_its_rows_with_their_age() {
    let before =
        table(rows("ams1", &["1"], 10), vec![rows("lon1", &["2"], 10), rows("fra1", &["3"], 10)], None, 10);
    let table = table(
        rows("ams1", &["1"], 81),
        vec![rows("lon1", &[], 81), kept("fra1", &before)],
        Some(&before),
        81,
    );
    assert!(!table.complete());
    assert_eq!(reach(&table, "3"), "silent fra1");
    assert!(table.is_stale_row(table.row_of(&"3".into()).unwrap()));
    let fra1 = table.pod(&"fra1".into()).unwrap();
    assert_eq!(fra1.as_of, Some(at(10)));
    assert_eq!(
        fra1.silence(table.fetched_at()),
        "pod FRA1 does not answer; its data of 00:00:10Z is 71s old"
    );
    assert_eq!(table.read_at(Some(&"fra1".into())), Some(at(10)));
    assert_eq!(table.read_at(None), Some(at(81)));
}

#[test]
fn absence_proves_something_only_for_pods_that_answered() {
    let before =
        table(rows("ams1", &["1"], 10), vec![rows("lon1", &["2"], 10), rows("fra1", &["3"], 10)], None, 10);
    let now =
        table(rows("ams1", &[], 20), vec![rows("lon1", &[], 20), kept("fra1", &before)], Some(&before), 20);
    let proves = |id: &str| now.proves_absence(Some(&id.into()));
    assert_eq!(["ams1", "lon1", "fra1"].map(proves), [true, true, false]);
    assert!(!now.proves_absence(None), "it may be on the pod that does not answer");
    let local = SessionTable::of_local_pod(&pod("ams1", true), vec![row("1")], at(30), true);
    assert!(local.proves_absence(Some(&"ams1".into())) && local.proves_absence(None));
    assert!(!local.proves_absence(Some(&"lon1".into())), "it was not asked");
    assert!(!local.is_global());
}

#[test]
fn a_pod_that_never_answered_says_so() {
    let table = table(rows("ams1", &["1"], 10), vec![kept("fra1", &SessionTable::default())], None, 10);
    let fra1 = table.pod(&"fra1".into()).unwrap();
    assert_eq!((fra1.as_of, fra1.sessions, table.complete()), (None, 0, false));
    assert_eq!(fra1.silence(at(10)), "pod FRA1 has not answered yet");
}
