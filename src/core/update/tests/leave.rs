//! Leaving while a job runs: wait, stop, or let another process go on.

use super::*;
use crate::core::{bulk::Stage, detach_obstacle, state::LeftJob};

/// A bench with a job that runs, and the question before leaving on top.
fn asked() -> (Bench, JobId) {
    let mut bench = Bench::with(estate());
    bench.state.settings.simulated = false;
    bench.press("/state:disc<enter>*aly<esc><c-c>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Leave)));
    bench.take_effects();
    let job = bench.state.jobs[0].id;
    (bench, job)
}

fn notice(bench: &Bench) -> &str {
    bench.state.notice.as_ref().unwrap().text.as_str()
}

#[test]
fn detaching_stops_the_job_and_leaves_it_to_another_process() {
    let (mut bench, job) = asked();
    bench.press("d");
    assert_eq!(bench.take_effects(), [Effect::StopJob { job }]);
    assert!(bench.state.leaving);
    bench.send(Msg::JobProgressed { job, event: JobEvent::Finished { stopped: true, fault: None } });
    assert_eq!(bench.take_effects().last(), Some(&Effect::Exit(ExitReason::Left)));
    assert_eq!(bench.state.left, [LeftJob { job, hand_on: true }]);
}

#[test]
fn stopping_leaves_a_job_that_can_be_resumed() {
    let (mut bench, job) = asked();
    bench.press("s");
    assert_eq!(bench.take_effects(), [Effect::StopJob { job }]);
    assert_eq!(bench.state.left, [LeftJob { job, hand_on: false }]);
}

#[test]
fn waiting_leaves_no_job_behind() {
    let (mut bench, _) = asked();
    bench.press("w");
    assert!(bench.take_effects().is_empty() && bench.state.left.is_empty() && bench.state.leaving);
}

#[test]
fn staying_after_all_hands_nothing_on() {
    let (mut bench, _) = asked();
    bench.press("d<esc>");
    assert!(!bench.state.leaving && bench.state.left.is_empty());
    assert_eq!(notice(&bench), "staying: the job stops all the same");
    let (mut bench, _) = asked();
    bench.press("w<esc>");
    assert_eq!(notice(&bench), "staying: the job goes on");
}

#[test]
fn a_simulated_estate_and_a_job_that_sent_everything_are_not_handed_on() {
    let (mut bench, _) = asked();
    bench.state.settings.simulated = true;
    bench.press("d");
    assert_eq!(notice(&bench), "cannot be detached: the simulated estate ends with this program");
    assert!(bench.take_effects().is_empty() && !bench.state.leaving && bench.state.left.is_empty());

    let (mut bench, job) = asked();
    let until = bench.state.now;
    let event = JobEvent::Entered(Stage::Confirming { until, canary: false });
    bench.send(Msg::JobProgressed { job, event });
    assert_eq!(detach_obstacle(&bench.state), Some("nothing is left to be sent"));
    // One that was stopped before is not set going again by leaving.
    let (mut bench, job) = asked();
    bench.press("<esc>");
    let _ = super::super::jobs::stop(&mut bench.state, job);
    assert_eq!(detach_obstacle(&bench.state), Some("nothing is left to be sent"));
}

#[test]
fn a_signal_leaves_running_jobs_and_what_was_to_be_handed_on_still_is() {
    let (mut bench, job) = asked();
    bench.send(Msg::Terminated);
    assert_eq!(bench.take_effects().first(), Some(&Effect::Exit(ExitReason::Signal)));
    assert_eq!(bench.state.left, [LeftJob { job, hand_on: false }]);
    let (mut bench, job) = asked();
    bench.press("d");
    bench.send(Msg::Terminated);
    assert_eq!(bench.state.left, [LeftJob { job, hand_on: true }]);
}
