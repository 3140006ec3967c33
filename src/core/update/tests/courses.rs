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
    bench.press("*awsave your work<tab>f<tab>20<tab><c-o>");
    let plan = planned(&bench);
    let course = plan.terms.course.as_ref().unwrap();
    assert_eq!((plan.verb, &plan.message), (Verb::Logoff, &None));
    assert_eq!(&*course.warning.text, "save your work");
    assert_eq!(course.warning.severity, MessageSeverity::Warning, "who announces a logoff warns");
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
    bench.press("*awsave<tab><tab>3<c-o>");
    assert_eq!(composer(&bench).field, ComposerField::Remind);
    assert!(composer(&bench).complaint.as_ref().unwrap().as_str().contains("5 min before the end"));
    bench.press("<esc>*awuntil {noon}<c-o>");
    assert!(composer(&bench).complaint.as_ref().unwrap().as_str().starts_with("no field {noon}"));
}

#[test]
fn minutes_mean_nothing_in_a_message_alone() {
    let mut bench = Bench::with(estate());
    bench.press("*mlog off within {minutes} min<c-o>");
    assert!(composer(&bench).complaint.as_ref().unwrap().as_str().contains("only before a wait"));
    bench.press("<tab>l<c-o>");
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
    assert!(message.text.starts_with("two ") && !message.text.contains("{ticket}"), "{}", message.text);
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
    bench.press("hh h-+X");
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
            JobControl::Pause,
            JobControl::Resume,
            JobControl::Shorten(60),
            JobControl::Lengthen(60),
            JobControl::CancelCountdown
        ]
    );
}

#[test]
fn tab_goes_through_the_fields_as_they_stand_on_the_screen() {
    use ComposerField as F;
    let mut bench = Bench::with(estate());
    bench.press("*aw");
    let around = |bench: &mut Bench| {
        let mut fields = Vec::new();
        while fields.len() < 2 || fields.first() != fields.last() {
            fields.push(composer(bench).field);
            bench.press("<tab>");
        }
        fields
    };
    assert_eq!(
        around(&mut bench),
        [F::Text, F::Then, F::Wait, F::Remind, F::Disconnected, F::Severity, F::Text]
    );
    let mut bench = Bench::with(estate());
    bench.press("*m");
    assert_eq!(around(&mut bench), [F::Text, F::Then, F::Disconnected, F::Severity, F::Text]);
}

#[test]
fn the_first_digit_takes_the_place_of_the_number_that_was_there() {
    let mut bench = Bench::with(estate());
    bench.press("*awsave<tab><tab>45<tab>10 2");
    let then = &composer(&bench).then;
    assert_eq!((then.wait.as_str(), then.remind.as_str()), ("45", "10 2"));
    bench.press("<bs>5");
    assert_eq!(composer(&bench).then.remind, "10 5");
    let mut bench = Bench::with(estate());
    bench.press("*awsave<tab><tab><bs>");
    assert_eq!(composer(&bench).then.wait, "1", "Backspace corrects what is there");
}

#[test]
fn the_menu_has_a_line_for_the_warning() {
    let mut bench = Bench::with(estate());
    bench.press("*aj");
    let Some(Overlay::Actions(menu)) = bench.state.overlays.last() else { panic!() };
    let choice = &menu.choices[menu.cursor];
    assert_eq!((choice.letter(), choice.eligible), ('w', 4));
    bench.press("<enter>");
    assert_eq!(composer(&bench).then.then, crate::core::state::Then::Logoff);
}

#[test]
fn a_text_that_asks_for_a_ticket_waits_for_it_on_the_sheet() {
    let mut bench = Bench::with(estate());
    bench.press("*aw{ticket}: save<c-o>");
    bench.take_effects();
    let count = planned(&bench).to_send.len();
    bench.press(&format!("{count}<enter>w"));
    assert_eq!(bench.take_effects(), [], "neither started nor saved with braces in the text");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert!(sheet.complaint.as_ref().is_some_and(|words| words.as_str().contains("t sets it")));

    bench.press("tINC-7<enter>");
    bench.press(&format!("{count}<enter>"));
    let terms = &bench.state.jobs.last().unwrap().plan.terms;
    let course = terms.course.as_ref().unwrap();
    let texts = course.reminders.iter().map(|reminder| &reminder.text).chain([&course.warning]);
    for message in texts {
        assert!(
            message.text.contains("INC-7: save") && !message.text.contains("{ticket}"),
            "{}",
            message.text
        );
    }
}

/// A course over all, of which the first is not warned, with its countdown running.
fn counting(bench: &mut Bench) -> JobId {
    bench.press("*awsave your work<c-o>");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last_mut() else { panic!() };
    sheet.plan.terms.ticket = Some("INC-1".into());
    sheet.plan.terms.pace = "10 per call, 5 s between".parse().unwrap();
    let count = planned(bench).to_send.len();
    bench.press(&format!("{count}<enter>"));
    let job = bench.state.jobs.last().unwrap().id;
    let not_warned = Outcome::HeldBack("was not warned: no rights".into());
    for event in [
        JobEvent::Entered(Stage::Step(Step::Warn)),
        JobEvent::Messaged {
            step: Step::Warn,
            outcomes: (1..count).map(|place| (place, Outcome::Accepted)).collect(),
        },
        JobEvent::Settled { outcomes: vec![(0, not_warned)] },
        JobEvent::Entered(Stage::Countdown { until: None, left_seconds: 900 }),
    ] {
        bench.send(Msg::JobProgressed { job, event });
    }
    job
}

fn cancelled(bench: &mut Bench) -> JobId {
    let job = counting(bench);
    bench.press("X");
    bench.send(Msg::JobProgressed { job, event: JobEvent::Finished { stopped: true, fault: None } });
    bench.take_effects();
    job
}

#[test]
fn who_was_told_of_a_logoff_that_does_not_come_is_named_and_can_be_told_so() {
    let mut bench = Bench::with(estate());
    let job = counting(&mut bench);
    assert!(bench.state.job(job).unwrap().told_in_vain().is_empty(), "it still comes");
    bench.press("m");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Job(sheet)) if sheet.complaint.is_some()));
    let mut bench = Bench::with(estate());
    let job = cancelled(&mut bench);
    let parent = bench.state.job(job).unwrap().plan.id.clone();
    let meaning: Vec<_> = crate::core::bulk::Report::of(bench.state.job(job).unwrap())
        .groups
        .iter()
        .map(|group| (group.meaning(), group.places.len()))
        .collect();
    assert!(meaning.contains(&("warned, not logged off", 3)), "{meaning:?}");
    bench.press("E");
    let effects = bench.take_effects();
    let [Effect::WriteReport { files, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let note = files.iter().find(|(ending, _)| ending == "md").unwrap();
    assert!(note.1.contains("3 were warned of a logoff that does not come"), "{}", note.1);
    bench.press("m");
    let told = composer(&bench);
    assert_eq!(told.targets, ids(&["2", "3", "4"]));
    assert!(told.text.text().contains("does not take place"));
    bench.press("<c-o>");
    let plan = planned(&bench);
    assert_eq!(
        (plan.verb, plan.retry_of.clone(), plan_ids(&bench)),
        (Verb::Message, Some(parent), ids(&["2", "3", "4"]))
    );
    assert_eq!((plan.terms.ticket.clone(), plan.terms.course.clone()), (Some("INC-1".into()), None));
    bench.press("y");
    assert!(
        matches!(bench.take_effects().as_slice(), [Effect::RunJob { plan, .. }] if plan.verb == Verb::Message)
    );
}

#[test]
fn a_retry_of_a_course_warns_again_and_keeps_pace_and_ticket() {
    let mut bench = Bench::with(estate());
    cancelled(&mut bench);
    let before = bench.state.jobs[0].plan.terms.clone();
    bench.press("R");
    let plan = planned(&bench);
    assert_eq!((plan.verb, plan_ids(&bench)), (Verb::Logoff, ids(&["2", "3", "4"])));
    assert_eq!(
        (&plan.terms.course, plan.terms.pace, &plan.terms.ticket),
        (&before.course, before.pace, &before.ticket)
    );
    assert!(plan.terms.course.is_some());
}

#[test]
fn a_forced_retry_keeps_the_pace_and_has_no_warning() {
    let mut bench = Bench::with(estate());
    counting(&mut bench);
    bench.finish_job(|id| if id.raw() == "2" { locked() } else { Outcome::Accepted });
    bench.press("f");
    let plan = planned(&bench);
    assert_eq!(
        (plan.verb, plan.terms.pace.chunk, plan.terms.pace.pause_seconds),
        (Verb::LogoffForced, 10, 5)
    );
    assert!(plan.terms.course.is_none() && plan.terms.ticket.is_some());
}

#[test]
fn what_was_accepted_before_a_stop_is_read_again() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let job = bench.state.jobs[0].id;
    bench.press("s");
    for event in [
        JobEvent::Sent { targets: vec![0] },
        JobEvent::Settled { outcomes: vec![(0, Outcome::Accepted)] },
        JobEvent::Finished { stopped: true, fault: None },
    ] {
        bench.send(Msg::JobProgressed { job, event });
    }
    bench.pass(31);
    bench.take_effects();
    bench.press("v");
    assert_eq!(bench.take_effects(), [Effect::ReadAgain { job, targets: vec![(None, "1".into())] }]);
}

#[test]
fn a_course_that_was_stopped_before_its_force_can_be_gone_on_with() {
    for (force, expected) in [(Some(120), true), (None, false)] {
        let mut bench = Bench::with(estate());
        bench.press("*awsave your work<c-o>");
        let Some(Overlay::Plan(sheet)) = bench.state.overlays.last_mut() else { panic!() };
        sheet.plan.terms.course.as_mut().unwrap().force_after_seconds = force;
        bench.press("4<enter>");
        let job = bench.state.jobs[0].id;
        for event in [
            JobEvent::Settled { outcomes: (0..4).map(|place| (place, locked())).collect() },
            JobEvent::Finished { stopped: true, fault: None },
        ] {
            bench.send(Msg::JobProgressed { job, event });
        }
        bench.state.records.journals.insert(job, "20260302T140000Z-7f3a".to_owned());
        let row = crate::core::records::job_rows(&bench.state).remove(0);
        assert_eq!(row.may_go_on(&bench.state), expected, "{force:?}");
    }
}
