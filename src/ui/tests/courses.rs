//! Warn, wait, log off, force: composer, plan sheet, job sheet.

use super::*;
use crate::{
    core::{
        bulk::{Course, Job, JobEvent, Reminder, Stage, Step, template::Template},
        state::Then,
    },
    ui::fixtures::at,
};

fn course() -> Course {
    let text = "{machine} restarts in {minutes} minutes. Please save your work and log off.";
    let warning = MessageText { severity: MessageSeverity::Warning, text: text.into() };
    let reminder = |before_seconds| Reminder { before_seconds, text: warning.clone() };
    Course {
        wait_seconds: 900,
        reminders: vec![reminder(300), reminder(60)],
        force_after_seconds: Some(120),
        even_unwarned: false,
        warning,
    }
}

fn with_composer(width: u16, height: u16, field: ComposerField) -> State {
    let mut state = main_screen(width, height);
    state.settings.templates = [Template {
        name: "host-maintenance".into(),
        severity: MessageSeverity::Warning,
        text: course().warning.text,
    }]
    .into();
    with_overlay(state, |state| {
        let Overlay::Composer(mut composer) = composer(state, field) else { unreachable!() };
        composer.text = TextArea::new(&course().warning.text);
        composer.template = Some(0);
        composer.then = Afterwards { then: Then::Force, ..Afterwards::default() };
        Overlay::Composer(composer)
    })
}

fn course_plan(state: &State) -> crate::core::bulk::Plan {
    let mut plan = plan(state, Verb::Logoff, None);
    plan.terms.course = Some(course());
    plan
}

fn with_course_job(width: u16, height: u16, until: Option<&str>) -> State {
    let mut state = main_screen(width, height);
    let plan = std::sync::Arc::new(course_plan(&state));
    let total = plan.to_send.len();
    let mut job = Job::new(JobId(17), plan, at("14:02:20"));
    let outcomes = (0..total - 1).map(|place| (place, Outcome::Accepted)).collect();
    for event in [
        JobEvent::Entered(Stage::Step(Step::Warn)),
        JobEvent::Messaged { step: Step::Warn, outcomes },
        JobEvent::Settled {
            outcomes: vec![(total - 1, Outcome::HeldBack("was not warned: no rights".into()))],
        },
        JobEvent::Entered(Stage::Countdown { until: until.map(at), left_seconds: 432 }),
    ] {
        job.apply(&event, at("14:02:40"));
    }
    add_job(&mut state, job);
    state.overlays.push(Overlay::Job(JobSheet::new(JobId(17))));
    state
}

#[test]
fn the_composer_with_what_follows() {
    snapshot("composer_then", &with_composer(80, 24, ComposerField::Then));
    snapshot("composer_then_60x15", &with_composer(60, 15, ComposerField::Remind));
    snapshot("composer_then_120x40", &with_composer(120, 40, ComposerField::Wait));
}

#[test]
fn the_plan_sheet_lists_the_steps() {
    let sheet = |width, height| {
        with_overlay(main_screen(width, height), |state| {
            plan_sheet(state, course_plan(state), PlanPage::Summary)
        })
    };
    snapshot("plan_course", &sheet(80, 24));
    snapshot("plan_course_60x15", &sheet(60, 15));
    snapshot("plan_course_120x40", &sheet(120, 40));
}

#[test]
fn the_job_sheet_shows_the_countdown() {
    snapshot("job_countdown", &with_course_job(80, 24, Some("14:15:02")));
    snapshot("job_countdown_60x15", &with_course_job(60, 15, Some("14:15:02")));
    snapshot("job_countdown_held", &with_course_job(80, 24, None));
    let mut force = with_course_job(80, 24, None);
    let job = &mut force.jobs[0];
    job.apply(&JobEvent::Entered(Stage::Step(Step::Logoff)), at("14:15:02"));
    job.apply(&JobEvent::Entered(Stage::BeforeForce { until: at("14:17:02") }), at("14:15:03"));
    snapshot("job_before_force", &force);
}

#[test]
fn the_job_sheet_after_a_cancelled_countdown_names_who_was_told_in_vain() {
    let cancelled = |width, height| {
        let mut state = with_course_job(width, height, Some("14:15:02"));
        state.jobs[0].apply(&JobEvent::Finished { stopped: true, fault: None }, at("14:03:02"));
        state
    };
    snapshot("job_cancelled", &cancelled(80, 24));
    snapshot("job_cancelled_60x15", &cancelled(60, 15));
    let mut told = cancelled(80, 24);
    let mut message = plan(&told, Verb::Message, None);
    (message.id, message.retry_of) = ("7f3b".into(), Some(told.jobs[0].plan.id.clone()));
    let message = Job::new(JobId(18), std::sync::Arc::new(message), at("14:03:10"));
    told.jobs.push(message);
    let text = picture(&told);
    assert!(text.contains("19 were told of a logoff; job 18 came after it"), "{text}");
    assert!(text.contains("told by job 18"), "{text}");
    let retry = |state: State, verb| {
        with_overlay(state, |state| {
            let mut plan = course_plan(state);
            plan.retry_of = Some(state.jobs[0].plan.id.clone());
            plan.verb = verb;
            plan.terms.course = plan.terms.course.filter(|_| verb == Verb::Logoff);
            plan_sheet(state, plan, PlanPage::Summary)
        })
    };
    snapshot("plan_course_retried", &retry(cancelled(80, 24), Verb::Logoff));
    let forced = picture(&retry(cancelled(60, 15), Verb::LogoffForced));
    assert!(forced.contains("NOT WARNED AGAIN"), "{forced}");
}

#[test]
fn leaving_during_a_countdown_says_what_is_true() {
    for (width, height) in [(80, 24), (60, 15)] {
        let mut state = with_course_job(width, height, Some("14:15:02"));
        state.overlays = vec![Overlay::Leave];
        let text = picture(&state);
        assert!(text.contains("1 job still runs; 19 unsent."), "{text}");
        assert!(text.contains("The countdown of job 17 runs: "), "{text}");
        assert!(text.contains("job 17: log off in "), "{text}");
    }
}

#[test]
fn the_keys_of_the_countdown_and_of_the_pace_fit_the_smallest_screen() {
    let text = picture(&with_course_job(60, 15, Some("14:15:02")));
    assert!(text.contains("X cancel"), "{text}");
    let running = picture(&with_job(main_screen(60, 15), false));
    let keys = running.lines().last().unwrap();
    assert!(keys.contains("<> pace") && keys.contains("E export") && keys.contains("q close"), "{keys}");
}
