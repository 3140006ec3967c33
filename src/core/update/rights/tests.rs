//! When the rights are read again, and what becomes of the answer.

use std::sync::Arc;

use crate::{
    core::{
        bulk::JobEvent,
        change::{ChangeItem, ChangePlan},
        effect::{Effect, RequestId},
        fixtures::{Bench, capabilities, session, start},
        msg::Msg,
        rights::WriteMode,
    },
    domain::{Capabilities, Change, Fault, FaultKind, JobId, Outcome, SessionState, Text},
};

fn bench() -> Bench {
    let mut bench = Bench::with(vec![session("1", "abel", SessionState::Disconnected, 400)]);
    bench.take_effects();
    bench
}

fn reads(bench: &mut Bench) -> usize {
    let effects = bench.take_effects();
    effects.iter().filter(|effect| matches!(effect, Effect::FetchRights { .. })).count()
}

fn out(bench: &Bench) -> RequestId {
    bench.state.rights.poll.in_flight.expect("a reading is out")
}

fn answer(bench: &mut Bench, capabilities: Capabilities) {
    let request = out(bench);
    bench.send(Msg::RightsRead { request, answer: Ok(Box::new(capabilities)) });
}

fn viewer() -> Capabilities {
    let mut capabilities = capabilities();
    let names = vec![Text::clean("MACHINE_VIEW")];
    capabilities.account.privileges = Some([("root".into(), names)].into());
    capabilities.account.federated = Some([].into());
    capabilities
}

fn letters(bench: &Bench) -> &'static str {
    WriteMode::of(false, bench.state.capabilities()).letters()
}

fn refused() -> Fault {
    Fault::new(FaultKind::InsufficientPermission, "delete permissions", "no")
}

/// Lets a job of one deleted permission, or of one deleted stream, end with an outcome.
fn change(bench: &mut Bench, change: Change, outcome: Outcome) {
    let mut plan = ChangePlan::new("3f2a".into(), "CHANGE", start());
    plan.items = vec![ChangeItem::new(change, "it")];
    let id = JobId(bench.state.next_job);
    bench.state.next_job += 1;
    bench.state.change_jobs.push(crate::core::change::ChangeJob::new(id, Arc::new(plan), start()));
    for event in [
        JobEvent::Settled { outcomes: vec![(0, outcome)] },
        JobEvent::Finished { stopped: false, fault: None },
    ] {
        bench.send(Msg::JobProgressed { job: id, event });
    }
}

#[test]
fn the_operator_reads_them_again_and_the_letters_follow() {
    let mut bench = bench();
    assert_eq!((bench.state.rights.read_at, letters(&bench)), (Some(start()), "RW"));
    bench.pass(3600);
    assert_eq!(reads(&mut bench), 0, "they are no list to poll");
    bench.press("<c-r><c-r>");
    assert_eq!(reads(&mut bench), 1, "readings are never stacked");
    answer(&mut bench, viewer());
    assert_eq!(letters(&bench), "LOOK");
    assert_eq!(bench.state.rights.read_at, Some(bench.state.now));
    assert_eq!(reads(&mut bench), 1, "what was asked for meanwhile follows");
    answer(&mut bench, viewer());
    bench.pass(3600);
    assert_eq!(reads(&mut bench), 0);
}

#[test]
fn a_failed_reading_keeps_what_was_known() {
    let mut bench = bench();
    bench.press("<c-r>");
    let request = out(&bench);
    let fault = Fault::new(FaultKind::Unreachable, "read the account's rights", "no route to host");
    bench.send(Msg::RightsRead { request, answer: Err(fault.clone()) });
    assert_eq!(bench.state.capabilities(), Some(&capabilities()));
    assert_eq!((bench.state.rights.read_at, &bench.state.rights.why_old), (Some(start()), &Some(fault)));
    bench.send(Msg::RightsRead { request, answer: Ok(Box::new(viewer())) });
    assert_eq!(letters(&bench), "RW", "an answer to an older question is dropped");
    bench.press("<c-r>");
    answer(&mut bench, capabilities());
    assert_eq!(bench.state.rights.why_old, None);
}

#[test]
fn a_job_that_changed_permissions_or_was_not_permitted_is_followed_by_one_reading() {
    let mut bench = bench();
    change(&mut bench, Change::DeletePermission("p".into()), Outcome::Confirmed);
    assert_eq!(reads(&mut bench), 1);
    answer(&mut bench, capabilities());
    change(&mut bench, Change::DeleteStream("s".into()), Outcome::Confirmed);
    assert_eq!(reads(&mut bench), 0);
    change(&mut bench, Change::DeleteStream("s".into()), Outcome::Refused(refused()));
    assert_eq!(reads(&mut bench), 1);
    answer(&mut bench, capabilities());
    let event = JobEvent::Finished { stopped: false, fault: Some(refused()) };
    bench.send(Msg::JobProgressed { job: JobId(99), event });
    assert_eq!(reads(&mut bench), 1);
}

#[test]
fn a_question_that_is_always_refused_does_not_make_them_be_read_with_every_poll() {
    let mut bench = bench();
    let refuse = |bench: &mut Bench| {
        bench.pass(15);
        let request = bench.state.sessions.poll.in_flight.expect("a poll is out");
        bench.send(Msg::SessionsFailed { request, fault: refused() });
    };
    refuse(&mut bench);
    assert_eq!(reads(&mut bench), 1);
    answer(&mut bench, viewer());
    for _ in 0..19 {
        refuse(&mut bench);
    }
    assert_eq!(reads(&mut bench), 0);
    refuse(&mut bench);
    assert_eq!(reads(&mut bench), 1, "after five minutes it may have changed again");
}
