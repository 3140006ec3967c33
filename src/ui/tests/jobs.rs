//! Sheets of jobs.

use super::*;
use crate::core::bulk::Stage;

#[test]
fn the_job_sheet() {
    snapshots("job_finished", |width, height| with_job(main_screen(width, height), true));
    snapshot("job_running", &with_job(main_screen(80, 24), false));
    snapshot("job_gave_up", &gave_up(80, 24));
    snapshot("job_gave_up_60x15", &gave_up(60, 15));
    let mut names = with_job(main_screen(80, 24), true);
    names.overlays = vec![Overlay::Job(JobSheet { names: true, ..JobSheet::new(JobId(17)) })];
    snapshot("job_names", &names);
    let mut list = with_job(main_screen(80, 24), true);
    let running = job(&list, false);
    list.jobs.push(crate::core::bulk::Job { id: JobId(18), ..running });
    list.overlays = vec![Overlay::Jobs(JobsSheet::default())];
    snapshot("jobs", &list);
    list.overlays.push(Overlay::Leave);
    snapshot("leave", &list);
    list.settings.simulated = true;
    snapshot("leave_simulated", &list);
    list.settings.simulated = false;
    list.jobs.pop();
    snapshot("leave_ended", &list);
}

/// The running job in another stage.
fn in_stage(stage: Stage, paused: bool) -> State {
    let mut state = with_job(main_screen(80, 24), false);
    let job = &mut state.jobs[0];
    job.waiting = None;
    job.stage = stage;
    job.orders.paused = paused;
    state
}

#[test]
fn the_job_sheet_tells_what_it_does_and_how_fast() {
    let until = super::super::fixtures::at("14:05:02");
    snapshot("job_canary", &in_stage(Stage::Confirming { until, canary: true }, false));
    let line = |state: &State| picture(state).lines().nth(6).unwrap().to_owned();
    assert!(line(&in_stage(Stage::Checking, false)).contains("checking the next ones"));
    assert!(line(&in_stage(Stage::Between { until }, false)).contains("next call in"));
    let away =
        Stage::Outage { until, given_up_at: until, why: crate::domain::Text::clean("could not connect") };
    assert!(
        line(&in_stage(away.clone(), false)).contains("away: asked again in"),
        "{}",
        line(&in_stage(away, false))
    );
    let canary = line(&in_stage(Stage::Confirming { until, canary: true }, true));
    assert!(canary.contains("then it pauses"), "{canary}");
    let confirming = in_stage(Stage::Confirming { until, canary: false }, false);
    assert!(line(&confirming).contains("confirming 0 accepted until 14:05:02Z"), "{}", line(&confirming));
    assert!(!picture(&confirming).contains("slower"), "nothing is left to pace");
    assert!(line(&in_stage(Stage::Sending, true)).contains("pausing: what is out is waited for"));
    let mut paused = in_stage(Stage::Paused, true);
    paused.jobs[0].orders.pace = Some(paused.jobs[0].pace().slower(paused.jobs[0].plan.terms.pace));
    snapshot("job_paused", &paused);
}

/// A job that could not go on: one target was answered, one not, the others never left.
fn gave_up(width: u16, height: u16) -> State {
    let mut state = main_screen(width, height);
    let mut job = job(&state, true);
    job.outcomes.fill(Outcome::Unsent);
    job.outcomes[0] = Outcome::Confirmed;
    job.outcomes[1] = Outcome::NoAnswer(fault(FaultKind::Unreachable, "no answer within 30 s"));
    let why = fault(
        FaultKind::Unauthenticated,
        "the session at the server ended and the password of the profile is not accepted any more",
    );
    let event = crate::core::bulk::JobEvent::Finished { stopped: false, fault: Some(why) };
    job.apply(&event, super::super::fixtures::at("14:03:19"));
    add_job(&mut state, job);
    state.overlays.push(Overlay::Job(JobSheet::new(JobId(17))));
    state
}

#[test]
fn only_answers_count_as_answered_and_only_useful_keys_are_offered() {
    let mut state = gave_up(80, 24);
    let text = picture(&state);
    assert!(text.contains("answered 1/20  no answer 1"), "{text}");
    let keys = text.lines().last().unwrap().to_owned();
    assert!(!keys.contains("f forced") && keys.contains("R retry"), "{keys}");
    state.overlays.clear();
    assert!(picture(&state).contains("job 17: 1/20 gave up"));
    state.jobs[0].outcomes.fill(Outcome::Confirmed);
    state.jobs[0].phase = crate::core::bulk::JobPhase::Finished { at: state.now, stopped: true, fault: None };
    assert!(picture(&state).contains("job 17: 20/20 stopped"));
    state.overlays.push(Overlay::Job(JobSheet::new(JobId(17))));
    let keys = picture(&state).lines().last().unwrap().to_owned();
    assert!(!keys.contains("f forced") && !keys.contains("R retry"), "{keys}");
}

#[test]
fn a_screen_that_is_too_small_does_not_reassure_while_a_job_runs() {
    let idle = picture(&main_screen(59, 14));
    assert!(idle.contains("nothing is lost"));
    let busy = picture(&with_job(main_screen(59, 14), false));
    assert!(busy.contains("keys do nothing here but q") && !busy.contains("nothing is lost"), "{busy}");
}
