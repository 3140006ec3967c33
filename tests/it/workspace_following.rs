//! `foretop image-servers recreate-image --wait`: a build that is followed through trouble, and one that is left alone.

use std::time::Duration;

use foretop::sim::{ClockMode, FaultSpec, SimOptions};
use jiff::Timestamp;

use crate::{support::small, workspace_operator::Operator};

/// The small world at the time that it is now: builds go on when the test says so.
fn standing_still() -> SimOptions {
    SimOptions { clock: ClockMode::Manual { start: Timestamp::now() }, ..small() }
}

fn order(operator: &Operator, name: &str) -> String {
    let id = operator.server("img-office");
    format!("image-servers recreate-image {id} --name {name} --yes 1 --wait --every 1s -o json")
}

/// How far the build of this image is, by the simulator's truth.
fn status(operator: &Operator, job: &str) -> String {
    let jobs = operator.simulator.control().image_jobs();
    jobs.into_iter().find(|known| known.id == job).unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_during_the_build_is_replaced_without_a_word() {
    let operator = Operator::with_password(standing_still()).await;
    let control = operator.simulator.control();
    let ran = tokio::task::block_in_place(|| {
        let under_way = operator.start_until(&order(&operator, "office-t"), ", 1s");
        control.expire_workspace_tokens();
        control.advance(Duration::from_mins(1));
        under_way.end()
    });
    let ran = ran.ends(0).says("SUCCESS");
    assert!(!ran.err.contains("401") && !ran.err.contains("could not be looked at"), "{ran:?}");
    assert_eq!(ran.json()["targets"][0]["job"]["status"], "SUCCESS");
    assert_eq!((operator.orders(), operator.sent("POST", "/v3/auth/tokens")), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_the_cloud_does_not_know_any_more_is_the_end_of_the_waiting() {
    let operator = Operator::new(standing_still()).await;
    let control = operator.simulator.control();
    let ran = tokio::task::block_in_place(|| {
        let under_way = operator.start_until(&order(&operator, "office-g"), ", 1s");
        let gone: FaultSpec = "status=404@GET/image-server-jobs/".parse().unwrap();
        control.add_fault(gone);
        under_way.end()
    });
    let ran = ran.ends(3).says("does not know job").says("cannot be followed to its end").says("image_id");
    let target = &ran.json()["targets"][0];
    assert_eq!((&target["outcome"], target["job_id"].is_string()), (&"confirmed".into(), true));
    assert_eq!(operator.orders(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_while_looking_is_said_and_is_not_the_builds_failure() {
    let operator = Operator::new(standing_still()).await;
    let control = operator.simulator.control();
    let ran = tokio::task::block_in_place(|| {
        let under_way = operator.start_until(&order(&operator, "office-b"), ", 1s");
        // One look and what is tried again of it.
        let broken: FaultSpec = "status=500@GET/image-server-jobs/:3".parse().unwrap();
        control.add_fault(broken);
        control.advance(Duration::from_mins(1));
        under_way.end()
    });
    let ran = ran.ends(0).says("could not be looked at, the build goes on").says("SUCCESS");
    assert_eq!((ran.json()["targets"][0]["job"]["status"].clone(), operator.orders()), ("SUCCESS".into(), 1));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_the_waiting_and_never_the_build() {
    let operator = Operator::new(standing_still()).await;
    let ran = tokio::task::block_in_place(|| {
        let under_way = operator.start_until(&order(&operator, "office-i"), ", 1s");
        under_way.interrupt();
        under_way.end()
    });
    let ran = ran.ends(3).says("not waited for the end of the build");
    let target = &ran.json()["targets"][0];
    assert_eq!(target["outcome"], "confirmed");
    let job = target["job_id"].as_str().unwrap();
    let ran = ran.says(&format!("foretop image-servers jobs show {job}"));
    assert!(["WAITING", "RUNNING"].contains(&status(&operator, job).as_str()), "{ran:?}");
    operator.simulator.control().advance(Duration::from_mins(1));
    let shown = operator.run(&format!("image-servers jobs show {job} -o json")).await.ends(0).json();
    assert_eq!((&shown["status"], operator.orders()), (&"SUCCESS".into(), 1));
}
