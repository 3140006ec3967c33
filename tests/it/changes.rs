//! Jobs of changes against the simulated estate: what the report says is what the simulator's own books say.

use std::sync::Arc;

use foretop::{
    core::{
        bulk::JobPhase,
        change::{ChangeItem, ChangeJob, ChangePlan},
    },
    domain::{Change, FaultKind, JobId, NewPermission, Outcome, OutcomeKind},
    engine::{ChangeMeans, run_changes},
    sim::{FaultSpec, Simulator},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{Estate, connect_as, connect_to, simulate, small};

/// Carries a plan out and folds what is told, as the console does.
async fn run(estate: &Estate, items: Vec<ChangeItem>) -> ChangeJob {
    let now = jiff::Timestamp::now();
    let mut plan = ChangePlan::new("7f3a".into(), "CHANGE PERMISSIONS", now);
    plan.items = items;
    let plan = Arc::new(plan);
    let (events, mut told) = mpsc::channel(16);
    let status = crate::support::governor().status();
    let means = ChangeMeans {
        estate: estate.clone(),
        status,
        record: Arc::new(foretop::engine::NoRecord),
        stop: CancellationToken::new(),
        follow: foretop::engine::FollowUp::NONE,
    };
    let running = tokio::spawn(run_changes(means, Arc::clone(&plan), events));
    let mut job = ChangeJob::new(JobId(1), plan, now);
    while let Some(event) = told.recv().await {
        job.apply(&event, now);
    }
    running.await.unwrap();
    job
}

fn create(simulator: &Simulator, who: &str, role: &str) -> ChangeItem {
    let control = simulator.control();
    let there = control.permissions();
    let root = &there.first().unwrap().access_group_id;
    let role_id = control.role_id(role).unwrap_or_else(|| "no-such-role".to_owned());
    let new = NewPermission {
        principal: who.into(),
        role: role_id.as_str().into(),
        local_group: Some(root.as_str().into()),
        federation_group: None,
    };
    ChangeItem::new(Change::CreatePermission(new), format!("{who} as {role}"))
}

fn delete(id: &str) -> ChangeItem {
    ChangeItem::new(Change::DeletePermission(id.into()), format!("permission {id}"))
}

fn kinds(job: &ChangeJob) -> Vec<OutcomeKind> {
    job.outcomes.iter().map(Outcome::kind).collect()
}

fn ids(simulator: &Simulator) -> Vec<String> {
    simulator.control().permissions().into_iter().map(|permission| permission.id).collect()
}

/// The SID of somebody, and a role.
fn somebody(simulator: &Simulator) -> (String, String) {
    let control = simulator.control();
    let session = control.sessions().into_iter().next().unwrap();
    let role = control.permissions().into_iter().map(|permission| permission.role).next().unwrap();
    (session.user_id, role)
}

#[tokio::test]
async fn of_two_new_permissions_the_one_with_an_unknown_role_is_refused() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let (who, role) = somebody(&simulator);
    let before = ids(&simulator);
    let items = vec![create(&simulator, &who, &role), create(&simulator, &who, "Nobody's Role")];
    let job = run(&estate, items).await;
    assert_eq!(kinds(&job), [OutcomeKind::Confirmed, OutcomeKind::Refused], "{:?}", job.outcomes);
    assert_eq!(job.calls, 1);
    let created = job.created.get(&0).unwrap();
    assert!(ids(&simulator).contains(created) && !before.contains(created));
    assert_eq!(ids(&simulator).len(), before.len() + 1);
}

#[tokio::test]
async fn of_three_deleted_permissions_the_one_that_is_gone_is_not_found() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    // The last ones: the first is what the administrator has.
    let targets: Vec<String> = ids(&simulator).into_iter().skip(1).rev().take(3).collect();
    assert_eq!(targets.len(), 3);
    assert!(simulator.control().remove_permission(&targets[1]));
    let job = run(&estate, targets.iter().map(|id| delete(id)).collect()).await;
    assert_eq!(
        kinds(&job),
        [OutcomeKind::Confirmed, OutcomeKind::NotFound, OutcomeKind::Confirmed],
        "{:?}",
        job.outcomes
    );
    assert!(targets.iter().all(|id| !ids(&simulator).contains(id)));
}

#[tokio::test]
async fn the_old_permission_goes_only_when_the_new_one_is_there() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let (who, role) = somebody(&simulator);
    let old = ids(&simulator).pop().unwrap();
    let refused = vec![create(&simulator, &who, "Nobody's Role"), delete(&old).after(0)];
    let job = run(&estate, refused).await;
    assert_eq!(kinds(&job), [OutcomeKind::Refused, OutcomeKind::HeldBack]);
    assert!(ids(&simulator).contains(&old));
    let job = run(&estate, vec![create(&simulator, &who, &role), delete(&old).after(0)]).await;
    assert_eq!(kinds(&job), [OutcomeKind::Confirmed, OutcomeKind::Confirmed], "{:?}", job.outcomes);
    assert!(!ids(&simulator).contains(&old));
}

#[tokio::test]
async fn a_change_without_an_answer_is_looked_at_and_sent_once() {
    let simulator = simulate(small()).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let (who, role) = somebody(&simulator);
    let before = ids(&simulator).len();
    simulator.control().add_fault("drop@POST/permissions:1".parse::<FaultSpec>().unwrap());
    simulator.control().clear_requests();
    let job = run(&estate, vec![create(&simulator, &who, &role)]).await;
    let asked = simulator.control().requests();
    let asked = asked.iter().filter(|request| request.path.ends_with("/permissions"));
    let methods: Vec<&str> = asked.map(|request| request.method.as_str()).collect();
    // What was there before, the change that was carried out and whose answer was lost, and the look at it.
    assert_eq!(methods, ["GET", "POST", "GET"], "nothing is sent twice");
    assert_eq!(ids(&simulator).len(), before + 1);
    assert_eq!(kinds(&job), [OutcomeKind::Confirmed], "{:?}", job.outcomes);
}

#[tokio::test]
async fn without_the_privilege_nothing_more_is_sent() {
    let simulator = simulate(small()).await;
    let credentials = simulator.account("viewer").unwrap().clone();
    let estate = connect_as(simulator.url(), &credentials).await;
    let (who, role) = somebody(&simulator);
    let before = ids(&simulator);
    let items = vec![create(&simulator, &who, &role), delete(before.last().unwrap())];
    let job = run(&estate, items).await;
    assert_eq!(kinds(&job), [OutcomeKind::Refused, OutcomeKind::Unsent], "{:?}", job.outcomes);
    let fault = job.outcomes[0].fault().unwrap();
    assert_eq!(fault.kind, FaultKind::InsufficientPermission, "{fault}");
    assert!(matches!(&job.phase, JobPhase::Finished { fault: Some(_), .. }));
    assert_eq!(ids(&simulator), before);
}
