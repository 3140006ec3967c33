//! From marks to a plan, and from a plan to a job.

use super::*;
use crate::core::{effect::RequestId, planning::PlanBrief};

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

fn guard(bench: &Bench) -> Option<String> {
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    sheet.plan.terms.guard.as_ref().map(ToString::to_string)
}

#[test]
fn the_filter_that_made_the_marks_is_the_guard() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc idle>4h<enter>*al");
    assert_eq!(guard(&bench).as_deref(), Some("state:disc idle>4h"));
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>al");
    assert_eq!(guard(&bench), None, "one row under the cursor");
}

#[test]
fn whoever_the_guard_does_not_hold_for_any_more_is_held_back_at_once() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc idle>4h<enter>*");
    let mut list = estate();
    list[0].idle_minutes = Some(0);
    list[1].idle_minutes = None;
    bench.refresh(list);
    bench.press("al");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    let held: Vec<_> = sheet.plan.held_back.iter().map(|held| held.reason.clone()).collect();
    assert_eq!(held, [HoldReason::GuardFails, HoldReason::GuardUnknown]);
    assert_eq!((sheet.plan.to_send.len(), sheet.plan.len()), (0, 2));
}

#[test]
fn a_fuzzy_search_is_no_guard_and_the_sheet_says_so() {
    let mut bench = Bench::with(estate());
    bench.press("/-f chen<enter>*al");
    assert_eq!(guard(&bench), None);
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert!(sheet.complaint.as_ref().unwrap().as_str().starts_with("no guard"));
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
    bench.press("*mPlease save<enter>your work<tab><tab><tab>w<c-o>");
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
    bench.press("*mhello<tab><tab>x<c-o>");
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

fn sheet(bench: &Bench) -> &crate::core::state::PlanSheet {
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    sheet
}

#[test]
fn the_guard_is_edited_and_judged_again_over_the_same_targets() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*al");
    assert_eq!(plan_ids(&bench), ids(&["1", "2", "4"]));
    bench.press("g idle>4h<enter>");
    assert_eq!(guard(&bench).as_deref(), Some("state:disc idle>4h"));
    assert_eq!(plan_ids(&bench), ids(&["1", "2"]));
    assert_eq!((sheet(&bench).blast.disconnected, sheet(&bench).plan.len()), (2, 3));
    bench.press("g<c-u><enter>");
    assert_eq!((guard(&bench), plan_ids(&bench)), (None, ids(&["1", "2", "4"])));
}

#[test]
fn a_wrong_guard_or_pace_stays_in_its_line_and_the_old_one_holds() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*alg<c-u>sate:disc<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert!(error.message.as_str().contains("state"), "{error:?}");
    bench.press("<esc>");
    assert_eq!(guard(&bench).as_deref(), Some("state:disc"));
    bench.press("p<c-u>canary 0%<enter>");
    assert!(bench.state.prompt.as_ref().unwrap().error.is_some());
    bench.press("<c-u>canary 1, 25 per call, stop above 10%<enter>");
    let pace = sheet(&bench).plan.terms.pace;
    assert_eq!(pace.to_string(), "canary 1, 25 per call, stop above 10% failed");
}

#[test]
fn a_number_typed_before_an_edit_does_not_count_after_it() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*af3g idle>4h<enter>");
    assert_eq!(sheet(&bench).typed, "");
    bench.take_effects();
    bench.press("<enter>");
    assert!(bench.take_effects().is_empty());
    bench.press("2<enter>");
    assert!(
        matches!(bench.take_effects().as_slice(), [Effect::RunJob { plan, .. }] if plan.to_send.len() == 2)
    );
}

#[test]
fn the_sheet_shows_the_command_that_does_the_same() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*al");
    let equal = |bench: &Bench| sheet(bench).command_line();
    assert_eq!(equal(&bench), "foretop sessions logoff --where state:disc --yes 3");
    bench.press("g idle>4h<enter>tINC-1 x<enter>pcanary 1%<esc>");
    assert_eq!(
        equal(&bench),
        "foretop sessions logoff --where state:disc --guard 'state:disc idle>4h' --ticket 'INC-1 x' --yes 2"
    );
    let mut bench = Bench::with(estate());
    bench.press(" al");
    assert_eq!(equal(&bench), "foretop sessions logoff --id 1 --yes 1");
}

#[test]
fn a_plan_is_saved_and_its_name_shown_until_it_changes() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*al");
    bench.take_effects();
    bench.press("w");
    let effects = bench.take_effects();
    let [Effect::SavePlan { saved }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((saved.made_by.as_str(), saved.estate.profile.as_str()), ("CORP\\admin", "demo"));
    let plan = saved.plan.id.clone();
    bench.send(crate::core::msg::Msg::PlanSaved { plan: plan.clone(), answer: Ok("7f3a".into()) });
    assert_eq!(sheet(&bench).command_line(), "foretop apply 7f3a --yes 3");
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("foretop apply 7f3a --yes 3"));
    // Again: it has a file already, and what the sheet said before does not hide that.
    bench.press("<enter>w");
    assert_eq!(bench.take_effects(), [], "no second file");
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("saved already as 7f3a"));
    assert_eq!(sheet(&bench).complaint, None);
    bench.press("g idle>4h<enter>");
    assert!(sheet(&bench).saved.is_none(), "the file holds another plan than the sheet");
    bench.send(crate::core::msg::Msg::PlanSaved { plan, answer: Err("the disk is full".into()) });
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("the disk is full"));
}

#[test]
fn the_protected_are_held_back_until_their_login_is_typed() {
    let mut bench = Bench::with(estate());
    bench.state.settings.protected.users = vec!["a*".to_owned()];
    bench.press("/state:disc<enter>*al");
    assert_eq!(plan_ids(&bench), ids(&["2", "4"]));
    assert_eq!(sheet(&bench).plan.held_back[0].reason, HoldReason::Protected("user a*".into()));
    bench.press("oABEL<enter>");
    assert_eq!(plan_ids(&bench), ids(&["1", "2", "4"]));
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*alo");
    assert!(bench.state.prompt.is_none(), "nobody is protected");
}

proptest! {
    #[test]
    fn what_is_shown_and_hidden_is_sent_or_held_back(
        marks in prop::collection::btree_set(0..4usize, 1..5),
        filter in prop::sample::select(vec!["", "state:disc", "chen", "idle>4h", "pool:?"]),
        edited in prop::sample::select(vec!["", "idle>4h", "state:con", "user:abel", "gw:x"]),
        rule in prop::sample::select(vec!["nobody", "a*", "*"]),
    ) {
        let mut bench = Bench::with(estate());
        bench.state.settings.protected.users = vec![rule.to_owned()];
        let all = ["1", "2", "3", "4"];
        let chosen = marks.iter().map(|place| SessionId::from(all[*place]));
        bench.state.with_view(|view, _| view.set_marks(chosen));
        bench.press(&format!("/{filter}<enter>al"));
        let total = |bench: &Bench| {
            let plan = &sheet(bench).plan;
            let held_hidden = plan.held_back.iter().filter(|held| held.target.hidden).count();
            let hidden = plan.hidden() + held_hidden;
            (plan.to_send.len() + plan.held_back.len(), hidden, plan.len() - hidden)
        };
        let shown: usize = bench
            .state
            .sessions
            .view
            .sessions()
            .filter(|session| marks.iter().any(|place| session.id() == all[*place]))
            .count();
        let expected = (marks.len(), marks.len() - shown, shown);
        prop_assert_eq!(total(&bench), expected);
        bench.press(&format!("g<c-u>{edited}<enter>"));
        prop_assert_eq!(total(&bench), expected);
    }
}

#[test]
fn the_menu_counts_as_if_each_target_was_asked() {
    let states = [SessionState::Connected, SessionState::Disconnected, SessionState::Pending];
    let sessions: Vec<Session> = (0..24_usize)
        .map(|number| {
            let id = format!("s{number}");
            let mut session = session(&id, &id, states[number % 3].clone(), 0);
            session.rds_server_id = (number % 4 == 0).then(|| format!("rds-{number}").into());
            session.pool_source = (number % 5 == 0).then(|| "UNMANAGED".into());
            session.access_group_id = Some(if number % 2 == 0 { "finance" } else { "research" }.into());
            session
        })
        .collect();
    let mut bench = Bench::with(sessions);
    bench.press("*a");
    let Some(Overlay::Actions(menu)) = bench.state.overlays.last() else { panic!("no menu") };
    let (table, known) = (bench.state.sessions.newest().unwrap(), bench.state.capabilities().unwrap());
    let mut kinds = std::collections::BTreeSet::new();
    for choice in menu.choices.iter().filter(|choice| !choice.warns) {
        let legal = |session: &crate::domain::SessionRow<'_>| {
            crate::core::bulk::objection(known, table, choice.verb, *session).is_none()
        };
        let expected = table.iter().filter(legal).count();
        let refused: usize = choice.reasons.iter().map(|(_, count)| count).sum();
        assert_eq!((choice.eligible, refused), (expected, table.len() - expected), "{}", choice.verb);
        kinds.insert(expected);
    }
    assert!(kinds.len() > 2, "not all verbs are legal for the same ones: {kinds:?}");
}

/// A console for which every plan is a long one.
fn planning_aside() -> Bench {
    let mut bench = Bench::with(estate());
    bench.state.settings.many_targets = 1;
    bench.take_effects();
    bench
}

fn asked(bench: &mut Bench) -> (RequestId, Box<PlanBrief>) {
    match bench.take_effects().pop() {
        Some(Effect::MakePlan { request, brief }) => (request, brief),
        other => panic!("no plan is asked for, but {other:?}"),
    }
}

#[test]
fn a_plan_of_many_is_made_beside_the_keys_and_is_the_same() {
    let mut at_once = Bench::with(estate());
    at_once.press("/state:disc idle>4h<enter>*al");
    let mut bench = planning_aside();
    bench.press("/state:disc idle>4h<enter>*al");
    assert!(matches!(
        bench.state.overlays.as_slice(),
        [Overlay::Planning { verb: Verb::Logoff, count: 2, .. }]
    ));
    let (request, brief) = asked(&mut bench);
    // What happens meanwhile is not in it.
    bench.refresh(vec![session("9", "new", SessionState::Disconnected, 999)]);
    bench.send(Msg::PlanMade { request, sheet: Box::new(brief.make()) });
    assert_eq!(bench.state.overlays, at_once.state.overlays);
}

#[test]
fn no_key_that_is_meant_for_a_plan_is_taken_before_it_is_shown() {
    let mut bench = planning_aside();
    bench.press("/chen<enter>al");
    let (request, brief) = asked(&mut bench);
    bench.press("y1<enter>al");
    assert!(bench.take_effects().is_empty());
    bench.send(Msg::PlanMade { request, sheet: Box::new(brief.make()) });
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!(sheet.typed, "", "the number is typed on the sheet that tells it");
    assert!(bench.state.jobs.is_empty());
}

#[test]
fn a_plan_that_nobody_waits_for_any_more_is_not_shown() {
    let mut bench = planning_aside();
    bench.press("*al");
    let (first, brief) = asked(&mut bench);
    bench.press("<esc>");
    assert!(bench.state.overlays.is_empty());
    bench.send(Msg::PlanMade { request: first, sheet: Box::new(brief.clone().make()) });
    assert!(bench.state.overlays.is_empty());
    bench.press("ad");
    bench.send(Msg::PlanMade { request: first, sheet: Box::new(brief.make()) });
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Planning { verb: Verb::Disconnect, .. })));
}

#[test]
fn help_may_lie_above_a_plan_that_is_being_made() {
    let mut bench = planning_aside();
    bench.press("*al");
    let (request, brief) = asked(&mut bench);
    bench.press("?");
    bench.send(Msg::PlanMade { request, sheet: Box::new(brief.make()) });
    bench.press("<esc>");
    assert_eq!(plan_ids(&bench).len(), 4);
}

#[test]
fn what_is_typed_takes_the_place_of_what_held() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*al");
    bench.press("gidle>4h<enter>");
    assert_eq!(guard(&bench).as_deref(), Some("idle>4h"));
    bench.press("p5 per call<enter>");
    assert_eq!(sheet(&bench).plan.terms.pace.to_string(), "5 per call");
    bench.press("p, stop above 10%<enter>");
    assert_eq!(sheet(&bench).plan.terms.pace.to_string(), "5 per call, stop above 10% failed");
    // The keys of the cursor keep the line, and Enter leaves it as it is.
    bench.press("g<left>9<enter>");
    assert_eq!(guard(&bench).as_deref(), Some("idle>49h"));
    bench.press("g<enter>p<enter>");
    assert_eq!(guard(&bench).as_deref(), Some("idle>49h"));
    bench.press("g<bs><enter>");
    assert_eq!(guard(&bench), None);
}
