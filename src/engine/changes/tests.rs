//! Jobs of changes against a scripted server.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use jiff::Timestamp;

use super::*;
use crate::{
    core::{
        bulk::JobPhase,
        change::{ChangeItem, ChangeJob},
    },
    domain::{
        AccessGroup, ImageBook, JobId, NewPermission, NewStream, OutcomeKind, Permission, PermissionBook,
        PrincipalKind, Stream, TagId,
    },
    engine::governor::Governor,
};

/// Answers as it was told to, and remembers what it was asked.
struct Script {
    answers: Mutex<VecDeque<Result<Vec<ChangeAnswer>, Fault>>>,
    calls: Mutex<Vec<Vec<Change>>>,
    looks: Mutex<Vec<(usize, bool)>>,
    looked: fn(&Change, bool) -> Looked,
    stop_after: Option<usize>,
}

impl Script {
    fn new(answers: Vec<Result<Vec<ChangeAnswer>, Fault>>, looked: fn(&Change, bool) -> Looked) -> Self {
        Self {
            answers: Mutex::new(answers.into()),
            calls: Mutex::default(),
            looks: Mutex::default(),
            looked,
            stop_after: None,
        }
    }
}

impl Server for Script {
    async fn change(
        &self,
        changes: &[&Change],
        stop: &CancellationToken,
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        let mut calls = self.calls.lock().unwrap();
        calls.push(changes.iter().map(|change| (*change).clone()).collect());
        if self.stop_after == Some(calls.len()) {
            stop.cancel();
        }
        self.answers.lock().unwrap().pop_front().expect("an answer")
    }

    async fn before(&self, _: &[&Change]) -> Option<BTreeSet<String>> {
        Some(BTreeSet::from(["old".to_owned()]))
    }

    async fn obstacles(&self, changes: &[&Change]) -> Result<Vec<Option<Text>>, Fault> {
        Ok(vec![None; changes.len()])
    }

    async fn look(&self, sent: &[Sent<'_>], _: &BTreeSet<String>, late: bool) -> Vec<Looked> {
        self.looks.lock().unwrap().push((sent.len(), late));
        sent.iter().map(|sent| (self.looked)(sent.change, late)).collect()
    }
}

fn create(who: &str) -> Change {
    Change::CreatePermission(NewPermission {
        principal: who.into(),
        role: "role".into(),
        local_group: Some("root".into()),
        federation_group: None,
    })
}

fn delete(id: &str) -> Change {
    Change::DeletePermission(id.into())
}

fn stream(name: &str) -> Change {
    Change::CreateStream(NewStream {
        name: name.to_owned(),
        operating_system: "WINDOWS_11".to_owned(),
        source: "UPLOADED".to_owned(),
        status: "AVAILABLE".to_owned(),
        description: None,
        publisher: None,
        additional_details: std::collections::BTreeMap::new(),
    })
}

fn item(change: Change) -> ChangeItem {
    ChangeItem::new(change, "something")
}

fn accepted(id: Option<&str>) -> ChangeAnswer {
    ChangeAnswer { answer: ItemAnswer::Accepted, created: id.map(|id| CreatedId(id.to_owned())) }
}

fn refused(kind: FaultKind) -> ChangeAnswer {
    ChangeAnswer { answer: ItemAnswer::Refused(fault(kind)), created: None }
}

fn fault(kind: FaultKind) -> Fault {
    Fault::new(kind, "change", "words of the server")
}

fn lost() -> Fault {
    Fault { maybe_done: true, ..fault(FaultKind::Unreachable) }
}

fn seen(_: &Change, _: bool) -> Looked {
    Looked::Done
}

fn not_seen(_: &Change, _: bool) -> Looked {
    Looked::NotDone
}

fn blind(_: &Change, _: bool) -> Looked {
    Looked::Unknown
}

/// Carries a plan out and folds what is told, as the console does.
async fn carried_out(server: &Script, items: Vec<ChangeItem>) -> ChangeJob {
    let mut plan = ChangePlan::new("3f2a".into(), "CHANGE THINGS", Timestamp::UNIX_EPOCH);
    plan.items = items;
    let mut job = ChangeJob::new(JobId(1), Arc::new(plan.clone()), Timestamp::UNIX_EPOCH);
    let (events, mut told) = mpsc::channel(64);
    let governor = Governor::default();
    let pacing = Pacing { status: governor.status(), stop: CancellationToken::new(), events };
    let listening = async {
        while let Some(event) = told.recv().await {
            job.apply(&event, Timestamp::UNIX_EPOCH);
        }
    };
    tokio::join!(run_on(server, pacing, Arc::new(crate::engine::NoRecord), &plan, FollowUp::NONE), listening);
    job
}

fn kinds(job: &ChangeJob) -> Vec<OutcomeKind> {
    job.outcomes.iter().map(Outcome::kind).collect()
}

fn sizes(server: &Script) -> Vec<usize> {
    server.calls.lock().unwrap().iter().map(Vec::len).collect()
}

#[tokio::test]
async fn changes_of_one_kind_travel_together_and_are_confirmed_when_seen() {
    let answers =
        vec![Ok(vec![accepted(Some("p1")), refused(FaultKind::InvalidArgument)]), Ok(vec![accepted(None)])];
    let server = Script::new(answers, seen);
    let job = carried_out(&server, vec![item(create("a")), item(create("b")), item(delete("old"))]).await;
    assert_eq!(sizes(&server), [2, 1]);
    assert_eq!(kinds(&job), [OutcomeKind::Confirmed, OutcomeKind::Refused, OutcomeKind::Confirmed]);
    assert_eq!(job.created.get(&0).map(String::as_str), Some("p1"));
    assert_eq!(job.calls, 2);
    assert_eq!(job.counts().values().sum::<usize>(), 3);
    assert!(matches!(job.phase, JobPhase::Finished { stopped: false, fault: None, .. }));
}

#[tokio::test]
async fn kinds_that_travel_alone_do() {
    let delete = |id: &str| item(Change::DeleteTag(TagId::from(id)));
    let server = Script::new(vec![Ok(vec![accepted(None)]), Err(fault(FaultKind::EntityNotFound))], blind);
    let job = carried_out(&server, vec![delete("t1"), delete("t2")]).await;
    assert_eq!(sizes(&server), [1, 1]);
    assert_eq!(kinds(&job), [OutcomeKind::Accepted, OutcomeKind::NotFound]);
}

#[tokio::test]
async fn the_old_one_stays_when_the_new_one_was_refused() {
    let server = Script::new(vec![Ok(vec![refused(FaultKind::InvalidArgument)])], seen);
    let job = carried_out(&server, vec![item(create("a")), item(delete("old")).after(0)]).await;
    assert_eq!(sizes(&server), [1], "nothing was deleted");
    assert_eq!(kinds(&job), [OutcomeKind::Refused, OutcomeKind::HeldBack]);
}

#[tokio::test]
async fn the_old_one_stays_when_the_new_one_is_not_to_be_seen() {
    let server = Script::new(vec![Ok(vec![accepted(Some("p1"))])], not_seen);
    let job = carried_out(&server, vec![item(create("a")), item(delete("old")).after(0)]).await;
    assert_eq!(sizes(&server), [1]);
    assert_eq!(kinds(&job), [OutcomeKind::Accepted, OutcomeKind::HeldBack]);
}

#[tokio::test]
async fn the_old_one_stays_when_nobody_could_look_for_the_new_one() {
    let server = Script::new(vec![Ok(vec![accepted(Some("p1"))])], blind);
    let job = carried_out(&server, vec![item(create("a")), item(delete("old")).after(0)]).await;
    assert_eq!(sizes(&server), [1], "nothing was deleted");
    assert_eq!(kinds(&job), [OutcomeKind::Accepted, OutcomeKind::HeldBack]);
    assert!(
        matches!(&job.outcomes[1], Outcome::HeldBack(why) if why.as_str().contains("could not be looked at"))
    );
    let retry = job.retry("9999".into(), Timestamp::UNIX_EPOCH);
    assert!(retry.items.is_empty(), "a bare deletion is never planned");
    assert_eq!(retry.held_back.len(), 1);
}

#[tokio::test]
async fn the_old_one_goes_when_the_new_one_is_there() {
    let server = Script::new(vec![Ok(vec![accepted(Some("p1"))]), Ok(vec![accepted(None)])], seen);
    let job = carried_out(&server, vec![item(create("a")), item(delete("old")).after(0)]).await;
    assert_eq!(kinds(&job), [OutcomeKind::Confirmed, OutcomeKind::Confirmed]);
}

#[tokio::test]
async fn a_change_never_travels_with_the_one_that_it_waits_for() {
    let server = Script::new(vec![Ok(vec![accepted(Some("1"))]), Ok(vec![accepted(Some("2"))])], seen);
    let job = carried_out(&server, vec![item(create("a")), item(create("b")).after(0)]).await;
    assert_eq!(sizes(&server), [1, 1]);
    assert_eq!(kinds(&job), [OutcomeKind::Confirmed, OutcomeKind::Confirmed]);
}

#[tokio::test]
async fn what_got_no_answer_is_looked_at_and_never_sent_again() {
    let server = Script::new(vec![Err(lost())], not_seen);
    let job = carried_out(&server, vec![item(create("a")), item(delete("old")).after(0)]).await;
    assert_eq!(sizes(&server), [1]);
    assert_eq!(kinds(&job), [OutcomeKind::NoAnswer, OutcomeKind::HeldBack]);
    let server = Script::new(vec![Err(lost())], seen);
    let job = carried_out(&server, vec![item(delete("old"))]).await;
    assert_eq!(kinds(&job), [OutcomeKind::Confirmed], "it is gone: that is an answer too");
}

#[tokio::test]
async fn after_two_calls_without_an_answer_the_job_gives_up() {
    let delete = |id: &str| item(Change::DeleteTag(TagId::from(id)));
    let server = Script::new(vec![Err(lost()), Err(lost())], blind);
    let job = carried_out(&server, vec![delete("t1"), delete("t2"), delete("t3")]).await;
    assert_eq!(kinds(&job), [OutcomeKind::NoAnswer, OutcomeKind::NoAnswer, OutcomeKind::Unsent]);
    assert!(matches!(job.phase, JobPhase::Finished { fault: Some(_), .. }));
}

#[tokio::test]
async fn without_the_privilege_or_the_log_in_nothing_more_is_sent() {
    for (kind, first) in [
        (FaultKind::InsufficientPermission, OutcomeKind::Refused),
        (FaultKind::Unauthenticated, OutcomeKind::Unsent),
        (FaultKind::Throttled, OutcomeKind::Unsent),
    ] {
        let delete = |id: &str| item(Change::DeleteTag(TagId::from(id)));
        let server = Script::new(vec![Err(fault(kind))], blind);
        let job = carried_out(&server, vec![delete("t1"), delete("t2")]).await;
        assert_eq!(kinds(&job), [first, OutcomeKind::Unsent], "{kind}");
        assert!(matches!(&job.phase, JobPhase::Finished { fault: Some(fault), .. } if fault.kind == kind));
    }
}

#[tokio::test]
async fn a_stop_leaves_the_rest_unsent_and_looks_no_more() {
    let delete = |id: &str| item(Change::DeleteTag(TagId::from(id)));
    let mut server = Script::new(vec![Ok(vec![accepted(None)])], seen);
    server.stop_after = Some(1);
    let job = carried_out(&server, vec![delete("t1"), delete("t2")]).await;
    assert_eq!(kinds(&job), [OutcomeKind::Accepted, OutcomeKind::Unsent]);
    assert!(matches!(job.phase, JobPhase::Finished { stopped: true, fault: None, .. }));
}

#[tokio::test]
async fn what_a_cheap_look_does_not_show_is_looked_at_once_more_at_the_end() {
    let server = Script::new(vec![Ok(vec![accepted(None), accepted(None)])], |_, late| {
        if late { Looked::Done } else { Looked::Unknown }
    });
    let job = carried_out(&server, vec![item(stream("a")), item(stream("b"))]).await;
    assert_eq!(kinds(&job), [OutcomeKind::Confirmed, OutcomeKind::Confirmed]);
    assert_eq!(*server.looks.lock().unwrap(), [(2, false), (2, true)]);
}

#[tokio::test]
async fn changes_of_which_the_server_says_nothing_are_not_taken_for_done() {
    let server = Script::new(vec![Ok(vec![accepted(Some("p1"))])], blind);
    let job = carried_out(&server, vec![item(create("a")), item(create("b"))]).await;
    assert_eq!(kinds(&job), [OutcomeKind::Accepted, OutcomeKind::NoAnswer]);
}

#[tokio::test]
async fn what_was_there_before_is_not_taken_for_the_id_of_the_new_one() {
    let server = Script::new(vec![Ok(vec![accepted(Some("old"))])], blind);
    let job = carried_out(&server, vec![item(stream("a"))]).await;
    assert_eq!(kinds(&job), [OutcomeKind::Accepted]);
    assert!(job.created.is_empty());
}

fn before(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn streams(ids: &[&str]) -> ImageBook {
    let stream = |id: &&str| Stream {
        id: (*id).into(),
        name: Some("gold".into()),
        description: None,
        operating_system: Some("WINDOWS_11".into()),
        publisher: None,
        source: Some("UPLOADED".into()),
        status: Some("AVAILABLE".into()),
        usable: None,
        additional_details: BTreeMap::new(),
    };
    ImageBook {
        streams: ids.iter().map(stream).collect(),
        versions: Vec::new(),
        tags: Vec::new(),
        assets: Vec::new(),
        uses: Vec::new(),
        uses_unknown: std::collections::BTreeMap::new(),
        holes: Vec::new(),
        vcenters: BTreeMap::new(),
        gaps: Vec::new(),
        unreadable: 0,
    }
}

#[test]
fn a_stream_of_the_same_name_that_was_there_before_confirms_nothing() {
    let change = stream("gold");
    let was = before(&["s1"]);
    let sent =
        Sent { change: &change, created: None, before: Some(&was), at: None, settling: false, begun: false };
    assert_eq!(look::in_book(&streams(&["s1"]), &sent, &mut BTreeSet::new()), Looked::NotDone);
    assert_eq!(look::in_book(&streams(&["s1", "s2"]), &sent, &mut BTreeSet::new()), Looked::Done);
    // Nobody knows what was there before.
    let blind = Sent { before: None, ..sent };
    assert_eq!(look::in_book(&streams(&["s1", "s2"]), &blind, &mut BTreeSet::new()), Looked::Unknown);
    // Where the id is known the name says nothing.
    let id = CreatedId("s3".to_owned());
    let told = Sent { created: Some(&id), ..sent };
    assert_eq!(look::in_book(&streams(&["s1", "s2"]), &told, &mut BTreeSet::new()), Looked::NotDone);
    assert_eq!(look::in_book(&streams(&["s3"]), &told, &mut BTreeSet::new()), Looked::Done);
}

#[test]
fn what_is_seen_confirms_one_change_only() {
    let (one, two) = (stream("gold"), stream("gold"));
    let was = before(&["s1"]);
    let sent =
        |change| Sent { change, created: None, before: Some(&was), at: None, settling: false, begun: false };
    let mut claimed = BTreeSet::new();
    let book = streams(&["s1", "s2"]);
    assert_eq!(look::in_book(&book, &sent(&one), &mut claimed), Looked::Done);
    assert_eq!(look::in_book(&book, &sent(&two), &mut claimed), Looked::NotDone, "there is one of them");
    let mut claimed = BTreeSet::new();
    let book = streams(&["s1", "s2", "s3"]);
    assert_eq!(look::in_book(&book, &sent(&one), &mut claimed), Looked::Done);
    assert_eq!(look::in_book(&book, &sent(&two), &mut claimed), Looked::Done);
    // What the server said was created by another change is not this one's.
    assert_eq!(look::in_book(&streams(&["s2"]), &sent(&one), &mut before(&["s2"])), Looked::NotDone);
}

#[tokio::test]
async fn a_lost_creation_stays_without_an_answer_when_only_its_namesake_is_there() {
    let server = Script::new(vec![Err(lost())], |change, _| {
        let was = before(&["s1"]);
        look::in_book(
            &streams(&["s1"]),
            &Sent { change, created: None, before: Some(&was), at: None, settling: false, begun: false },
            &mut BTreeSet::new(),
        )
    });
    let job = carried_out(&server, vec![item(stream("gold"))]).await;
    assert_eq!(kinds(&job), [OutcomeKind::NoAnswer]);
}

fn permissions(local: &str, federation: Option<&str>) -> PermissionBook {
    let group = |id: &str, root| AccessGroup { id: id.into(), name: None, description: None, root };
    PermissionBook {
        permissions: vec![Permission {
            id: "p1".into(),
            principal: Some("a".into()),
            principal_name: None,
            principal_kind: PrincipalKind::User,
            role: Some("role".into()),
            local_group: Some(local.into()),
            federation_group: federation.map(Into::into),
        }],
        roles: Ok(Vec::new()),
        local_groups: Ok(vec![group("root", true), group("finance", false)]),
        federation_groups: Ok(Vec::new()),
        privileges: Ok(Vec::new()),
        names: Ok(()),
        unreadable: 0,
        pools: None,
    }
}

#[test]
fn a_permission_on_another_access_group_confirms_nothing() {
    let was = before(&[]);
    let anywhere = Change::CreatePermission(NewPermission {
        principal: "a".into(),
        role: "role".into(),
        local_group: None,
        federation_group: None,
    });
    for change in [create("a"), anywhere] {
        let sent = Sent {
            change: &change,
            created: None,
            before: Some(&was),
            at: None,
            settling: false,
            begun: false,
        };
        assert_eq!(
            look::in_permissions(&permissions("root", None), &sent, &mut BTreeSet::new()),
            Looked::Done
        );
        assert_eq!(
            look::in_permissions(&permissions("finance", None), &sent, &mut BTreeSet::new()),
            Looked::NotDone
        );
        assert_eq!(
            look::in_permissions(&permissions("root", Some("f")), &sent, &mut BTreeSet::new()),
            Looked::NotDone
        );
        let was = before(&["p1"]);
        let sent = Sent { before: Some(&was), ..sent };
        assert_eq!(
            look::in_permissions(&permissions("root", None), &sent, &mut BTreeSet::new()),
            Looked::NotDone
        );
    }
}

/// A cloud that takes every order; what a look shows comes from a list, the last one for ever.
struct Reboots {
    looks: Mutex<VecDeque<Looked>>,
    looked_at: Mutex<Vec<u64>>,
    obstacle: Result<Option<Text>, Fault>,
    calls: Mutex<usize>,
    since: Instant,
}

impl Reboots {
    fn new(looks: &[Looked], obstacle: Result<Option<Text>, Fault>) -> Self {
        Self {
            looks: Mutex::new(looks.iter().cloned().collect()),
            looked_at: Mutex::default(),
            obstacle,
            calls: Mutex::default(),
            since: Instant::now(),
        }
    }
}

impl Server for Reboots {
    async fn change(&self, changes: &[&Change], _: &CancellationToken) -> Result<Vec<ChangeAnswer>, Fault> {
        *self.calls.lock().unwrap() += 1;
        Ok(vec![accepted(None); changes.len()])
    }

    async fn before(&self, _: &[&Change]) -> Option<BTreeSet<String>> {
        None
    }

    async fn obstacles(&self, changes: &[&Change]) -> Result<Vec<Option<Text>>, Fault> {
        let obstacle = self.obstacle.clone()?;
        // Only the first one is in the way.
        Ok((0..changes.len()).map(|place| obstacle.clone().filter(|_| place == 0)).collect())
    }

    async fn look(&self, sent: &[Sent<'_>], _: &BTreeSet<String>, late: bool) -> Vec<Looked> {
        if late {
            return vec![Looked::Unknown; sent.len()];
        }
        self.looked_at.lock().unwrap().push(self.since.elapsed().as_secs());
        let mut looks = self.looks.lock().unwrap();
        let look = if looks.len() > 1 { looks.pop_front() } else { looks.front().cloned() };
        let look = look.unwrap_or(Looked::Unknown);
        sent.iter()
            .map(|sent| if look == Looked::Done && !sent.begun { Looked::Unknown } else { look.clone() })
            .collect()
    }
}

/// Reboots so many servers, following each for two minutes.
async fn rebooted(cloud: &Reboots, servers: usize) -> ChangeJob {
    let mut plan = ChangePlan::new("3f2a".into(), "REBOOT APP SERVERS", Timestamp::UNIX_EPOCH);
    let order = |number: usize| Change::OrderServer {
        order: crate::domain::ServerOrder::Reboot,
        server: format!("s{number}").into(),
        server_name: None,
        sessions: None,
    };
    plan.items = (0..servers).map(|number| item(order(number))).collect();
    let mut job = ChangeJob::new(JobId(1), Arc::new(plan.clone()), Timestamp::UNIX_EPOCH);
    let (events, mut told) = mpsc::channel(64);
    let governor = Governor::default();
    let pacing = Pacing { status: governor.status(), stop: CancellationToken::new(), events };
    let follow = FollowUp { every: Duration::from_secs(10), at_most: Duration::from_mins(2) };
    let listening = async {
        while let Some(event) = told.recv().await {
            job.apply(&event, Timestamp::UNIX_EPOCH);
        }
    };
    tokio::join!(run_on(cloud, pacing, Arc::new(crate::engine::NoRecord), &plan, follow), listening);
    job
}

#[tokio::test(start_paused = true)]
async fn a_reboot_is_followed_until_it_was_seen_to_begin_and_to_be_over() {
    let looks = [Looked::Unknown, Looked::UnderWay, Looked::UnderWay, Looked::Done];
    let cloud = Reboots::new(&looks, Ok(None));
    assert_eq!(kinds(&rebooted(&cloud, 1).await), [OutcomeKind::Confirmed]);
    assert_eq!(*cloud.looked_at.lock().unwrap(), [0, 10, 20, 30]);
}

#[tokio::test(start_paused = true)]
async fn a_reboot_that_is_never_seen_to_begin_stays_accepted_and_nobody_waits_for_ever() {
    let cloud = Reboots::new(&[Looked::Done], Ok(None));
    assert_eq!(kinds(&rebooted(&cloud, 1).await), [OutcomeKind::Accepted], "it runs: perhaps still");
    assert_eq!(cloud.looked_at.lock().unwrap().last(), Some(&60));
    let cloud = Reboots::new(&[Looked::UnderWay], Ok(None));
    assert_eq!(kinds(&rebooted(&cloud, 1).await), [OutcomeKind::Accepted], "it never comes back");
    assert_eq!(cloud.looked_at.lock().unwrap().last(), Some(&120));
}

#[tokio::test(start_paused = true)]
async fn what_changed_meanwhile_is_held_back_and_without_a_look_nothing_leaves() {
    let cloud = Reboots::new(&[Looked::Unknown], Ok(Some("3 sessions would end".into())));
    let job = rebooted(&cloud, 2).await;
    assert_eq!(kinds(&job), [OutcomeKind::HeldBack, OutcomeKind::Accepted]);
    let cloud = Reboots::new(&[Looked::Unknown], Err(fault(FaultKind::Unreachable)));
    assert_eq!(kinds(&rebooted(&cloud, 2).await), [OutcomeKind::Unsent, OutcomeKind::Unsent]);
    assert_eq!(*cloud.calls.lock().unwrap(), 0);
}
