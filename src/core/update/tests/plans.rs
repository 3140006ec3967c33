//! From marks to a plan, and from a plan to a job.

use super::*;

#[test]
fn filter_mark_all_shown_and_plan_a_logoff() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc idle>4h<enter>*al");
    assert_eq!(plan_ids(&bench), ids(&["1", "2"]));
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!(sheet.plan.verb, Verb::Logoff);
    assert_eq!(sheet.plan.confirmation(), Confirmation::Key, "few, and all disconnected");
    assert_eq!(sheet.blast.disconnected, 2);
}

#[test]
fn enter_on_a_plan_never_fires_without_the_number() {
    let mut bench = Bench::with(estate());
    bench.press("*af");
    assert_eq!(plan_ids(&bench).len(), 4);
    bench.take_effects();
    bench.press("<enter>y");
    assert!(bench.take_effects().is_empty());
    bench.press("3<enter>");
    assert!(bench.take_effects().is_empty(), "the wrong number");
    bench.press("4<enter>");
    let effects = bench.take_effects();
    assert!(matches!(effects.as_slice(), [Effect::RunJob { plan, .. }] if plan.to_send.len() == 4));
    assert!(matches!(bench.state.overlays.as_slice(), [Overlay::Job(_)]));
}

#[test]
fn one_connected_target_asks_for_the_number_one_disconnected_for_y() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>al");
    bench.take_effects();
    bench.press("y");
    assert!(bench.take_effects().is_empty());
    bench.press("1<enter>");
    assert_eq!(bench.take_effects().len(), 1);
}

#[test]
fn a_plan_keeps_its_targets_whatever_the_list_does() {
    let mut bench = Bench::with(estate());
    bench.press("*al");
    let before = plan_ids(&bench);
    bench.refresh(vec![session("9", "new", SessionState::Disconnected, 999)]);
    assert_eq!(plan_ids(&bench), before);
}

#[test]
fn hidden_marks_are_counted_on_the_plan() {
    let mut bench = Bench::with(estate());
    bench.press("*/chen<enter>al");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!((sheet.plan.len(), sheet.plan.hidden()), (4, 3));
}

#[test]
fn the_action_menu_says_why_a_verb_is_not_legal() {
    let mut rds = session("5", "evans", SessionState::Connected, 0);
    rds.machine_id = None;
    rds.rds_server_id = Some("rds-1".into());
    let mut bench = Bench::with(vec![rds]);
    bench.press("a");
    let Some(Overlay::Actions(menu)) = bench.state.overlays.last() else { panic!() };
    let reset = menu.choices.iter().find(|choice| choice.verb == Verb::Reset).unwrap();
    assert!(!reset.is_enabled());
    assert!(reset.reasons[0].0.to_string().contains("RDS"));
    bench.press("x");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Actions(_))), "no sheet for an illegal verb");
    bench.press("l");
    assert_eq!(plan_ids(&bench), ids(&["5"]));
}

#[test]
fn read_only_cannot_act_at_all() {
    let mut bench = Bench::with(estate());
    bench.state.settings.read_only = true;
    bench.press("*alam");
    assert!(bench.state.overlays.is_empty());
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("read-only"));
}

#[test]
fn a_message_is_composed_reviewed_and_sent_with_its_severity() {
    let mut bench = Bench::with(estate());
    bench.press("*mPlease save<enter>your work<tab><tab>w<c-o>");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    let message = sheet.plan.message.as_ref().unwrap();
    assert_eq!((message.severity, &*message.text), (MessageSeverity::Warning, "Please save\nyour work"));
    bench.take_effects();
    bench.press("y");
    assert!(
        matches!(bench.take_effects().as_slice(), [Effect::RunJob { plan, .. }] if plan.verb == Verb::Message)
    );
}

#[test]
fn an_empty_message_is_not_reviewed_and_a_cancelled_one_is_kept() {
    let mut bench = Bench::with(estate());
    bench.press("m<c-o>");
    let Some(Overlay::Composer(composer)) = bench.state.overlays.last() else { panic!() };
    assert!(composer.complaint.is_some());
    assert_eq!(composer.field, ComposerField::Text);
    bench.press("hello<esc>");
    assert!(bench.state.overlays.is_empty());
    bench.press("m");
    let text = |bench: &Bench| match bench.state.overlays.last() {
        Some(Overlay::Composer(composer)) => composer.text.text().to_owned(),
        other => panic!("no composer but {other:?}"),
    };
    assert_eq!(text(&bench), "", "a text for others must not reach these by mistake");
    bench.press("<up>");
    assert_eq!(text(&bench), "hello");
}

#[test]
fn disconnected_targets_can_be_left_out_of_a_message() {
    let mut bench = Bench::with(estate());
    bench.press("*mhello<tab>x<c-o>");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!(plan_ids(&bench), ids(&["3"]));
    assert_eq!(sheet.plan.held_back.len(), 3);
}

#[test]
fn a_message_that_nobody_may_get_is_refused_before_it_is_written() {
    let mut bench = Bench::with(estate());
    let mut capabilities = crate::core::fixtures::capabilities();
    capabilities.account.privileges =
        Some([("root".into(), vec!["MACHINE_VIEW".into()])].into_iter().collect());
    bench.send(Msg::CapabilitiesChanged(Box::new(capabilities)));
    bench.press("m");
    assert!(bench.state.overlays.is_empty());
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("MACHINE_MANAGE_VDI_SESSION"));
}
