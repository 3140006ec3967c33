//! Warn, wait, log off, force: from the composer to the keys of the countdown.

use super::*;
use crate::core::{
    bulk::{JobControl, Stage, Step, template::Template},
    state::Composer,
};

fn composer(bench: &Bench) -> &Composer {
    match bench.state.overlays.last() {
        Some(Overlay::Composer(composer)) => composer,
        other => panic!("no composer but {other:?}"),
    }
}

fn planned(bench: &Bench) -> &crate::core::bulk::Plan {
    match bench.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => &sheet.plan,
        other => panic!("no plan sheet but {other:?}"),
    }
}

#[test]
fn a_warning_becomes_a_plan_with_steps() {
    let mut bench = Bench::with(estate());
    bench.press("*awsave your work<tab><tab><tab>f<tab><bs><bs>20<tab><c-o>");
    let plan = planned(&bench);
    let course = plan.terms.course.as_ref().unwrap();
    assert_eq!((plan.verb, &plan.message), (Verb::Logoff, &None));
    assert_eq!(&*course.warning.text, "save your work");
    assert_eq!((course.wait_seconds, course.force_after_seconds), (1200, Some(120)));
    let reminders: Vec<_> =
        course.reminders.iter().map(|reminder| (reminder.before_seconds, &*reminder.text.text)).collect();
    let text = "You will be logged off in {minutes} min.\nsave your work";
    assert_eq!(reminders, [(300, text), (60, text)]);
    assert!(matches!(plan.confirmation(), Confirmation::Number(_)), "force asks for the number");
}

#[test]
fn what_is_wrong_with_the_wait_is_said_in_its_field() {
    let mut bench = Bench::with(estate());
    bench.press("*awsave<tab><tab><tab><tab><bs><bs>3<c-o>");
    assert_eq!(composer(&bench).field, ComposerField::Remind);
    assert!(composer(&bench).complaint.as_ref().unwrap().as_str().contains("5 min before the end"));
    bench.press("<esc>*awuntil {noon}<c-o>");
    assert!(composer(&bench).complaint.as_ref().unwrap().as_str().starts_with("there is no field {noon}"));
}

#[test]
fn minutes_mean_nothing_in_a_message_alone() {
    let mut bench = Bench::with(estate());
    bench.press("*mlog off within {minutes} min<c-o>");
    assert!(composer(&bench).complaint.as_ref().unwrap().as_str().contains("only before a wait"));
    bench.press("<tab><tab><tab>l<c-o>");
    assert!(planned(&bench).terms.course.is_some());
}

#[test]
fn templates_come_one_after_the_other_and_the_own_text_comes_back() {
    let mut bench = Bench::with(estate());
    let template = |name: &str, text: &str| Template {
        name: name.into(),
        severity: MessageSeverity::Error,
        text: text.into(),
    };
    bench.state.settings.templates = [template("a", "one"), template("b", "two {who}")].into();
    bench.press("mmine");
    for text in ["one", "two {who}", "mine"] {
        bench.press("<c-t>");
        assert_eq!(composer(&bench).text.text(), text);
    }
    bench.press("<c-t><c-t><c-o>");
    let message = planned(&bench).message.clone().unwrap();
    assert_eq!(message.severity, MessageSeverity::Error);
    assert!(message.text.starts_with("two ") && !message.text.contains('{'), "{}", message.text);
}

#[test]
fn the_countdown_is_held_changed_and_cancelled_by_keys() {
    let mut bench = Bench::with(estate());
    bench.press("*awsave your work<c-o>");
    let number = planned(&bench).to_send.len().to_string();
    bench.press(&format!("{number}<enter>"));
    let id = bench.state.jobs.last().unwrap().id;
    bench.press("h");
    assert!(bench.take_effects().iter().all(|effect| !matches!(effect, Effect::ControlJob { .. })));
    for stage in [Stage::Step(Step::Warn), Stage::Countdown { until: None, left_seconds: 900 }] {
        bench.send(Msg::JobProgressed { job: id, event: JobEvent::Entered(stage) });
    }
    bench.take_effects();
    bench.press("hh-+X");
    let controls: Vec<JobControl> = bench
        .take_effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::ControlJob { control, .. } => Some(control),
            _ => None,
        })
        .collect();
    assert_eq!(
        controls,
        [
            JobControl::HoldCountdown,
            JobControl::ReleaseCountdown,
            JobControl::Shorten(60),
            JobControl::Lengthen(60),
            JobControl::CancelCountdown
        ]
    );
}
