//! The permissions tab: when it reads, what keys do, what the cursor holds on to, what is asked and planned.

use std::sync::Arc;

use crate::{
    core::{
        change::ChangeConfirmation,
        effect::{Effect, RequestId},
        fixtures::{Bench, capabilities, session},
        form::{FieldKind, FormPurpose},
        msg::Msg,
        permissions::{Regroup, fixtures::book, walk::principal_of},
        remote::Remote,
        state::{ChangeMenu, Overlay, Tab},
    },
    domain::{
        Change, Fault, FaultKind, PermissionBook, PermissionId, Principal, PrincipalKind, Release,
        SessionState,
    },
};

fn bench() -> Bench {
    Bench::with(vec![session("1", "chen.w", SessionState::Connected, 3)])
}

/// A bench that shows the tab with the book.
fn shown() -> Bench {
    let mut bench = bench();
    bench.press("2");
    answer(&mut bench, book());
    bench.take_effects();
    bench
}

fn out(bench: &Bench) -> RequestId {
    bench.state.permissions.poll.in_flight.expect("a read is out")
}

fn answer(bench: &mut Bench, book: PermissionBook) {
    let request = out(bench);
    bench.send(Msg::PermissionsRead { request, answer: Ok(Arc::new(book)) });
}

fn fail(bench: &mut Bench, kind: FaultKind) {
    let request = out(bench);
    let fault = Fault::new(kind, "list permissions", "no");
    bench.send(Msg::PermissionsRead { request, answer: Err(fault) });
}

fn reads(bench: &mut Bench) -> usize {
    let effects = bench.take_effects();
    effects.iter().filter(|effect| matches!(effect, Effect::FetchPermissions { .. })).count()
}

fn cursor(bench: &Bench) -> &str {
    bench.state.permissions.cursor.as_ref().map_or("-", PermissionId::raw)
}

fn marks(bench: &Bench) -> Vec<&str> {
    bench.state.permissions.marks.iter().map(PermissionId::raw).collect()
}

fn menu(bench: &Bench) -> &ChangeMenu {
    match bench.state.overlays.last() {
        Some(Overlay::ChangeMenu(menu)) => menu,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_reads_when_shown_and_every_minute_and_never_behind_another_tab() {
    let mut bench = bench();
    assert_eq!(reads(&mut bench), 0);
    bench.press("2");
    assert_eq!(reads(&mut bench), 1);
    assert_eq!(bench.state.permissions.book, Remote::Loading);
    bench.pass(5);
    assert_eq!(reads(&mut bench), 0, "reads are never stacked");
    answer(&mut bench, book());
    bench.pass(59);
    assert_eq!(reads(&mut bench), 0);
    bench.pass(2);
    assert_eq!(reads(&mut bench), 1);
    answer(&mut bench, book());
    bench.press("1");
    bench.pass(300);
    assert_eq!(reads(&mut bench), 0);
    assert_eq!(bench.state.permissions.poll.next_at, None, "nothing wakes the program for it");
    bench.press("2");
    assert_eq!(reads(&mut bench), 1, "what is old is read again when it is looked at");
    answer(&mut bench, book());
    bench.press("12");
    assert_eq!(reads(&mut bench), 0, "what is fresh is not");
    bench.press("<c-r>");
    assert_eq!(reads(&mut bench), 1);
}

#[test]
fn a_failure_keeps_what_is_there_and_says_so() {
    let mut bench = shown();
    bench.press("<c-r>");
    fail(&mut bench, FaultKind::Unreachable);
    assert!(matches!(bench.state.permissions.book, Remote::Stale { .. }));
    bench.pass(61);
    assert_eq!(reads(&mut bench), 2);
    fail(&mut bench, FaultKind::InsufficientPermission);
    bench.pass(100);
    assert_eq!(reads(&mut bench), 0, "what is not permitted will hardly change soon");
}

#[test]
fn a_release_without_permissions_is_not_asked() {
    let mut bench = bench();
    let mut old = capabilities();
    old.release = Some(Release(2111));
    bench.send(Msg::CapabilitiesChanged(Box::new(old)));
    bench.press("2");
    assert_eq!(reads(&mut bench), 0);
    bench.press(":can a reset b<enter>");
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("2206"));
}

#[test]
fn the_cursor_and_the_marks_hold_on_to_ids() {
    let mut bench = shown();
    assert_eq!(cursor(&bench), "p3", "the first row by principal");
    bench.press("jj");
    assert_eq!(cursor(&bench), "p4");
    bench.press("r");
    assert_eq!((bench.state.permissions.group, cursor(&bench)), (Regroup::Role, "p4"));
    bench.press("rr G");
    assert_eq!((marks(&bench), cursor(&bench)), (vec!["p4"], "p5"));
    bench.press("gg");
    assert_eq!(cursor(&bench), "p3");
    // Two go, one of them under the cursor: the next one takes its place.
    bench.press("<c-r>");
    let mut smaller = book();
    smaller.permissions.retain(|known| known.id.raw() != "p3" && known.id.raw() != "p4");
    answer(&mut bench, smaller);
    assert_eq!((marks(&bench), cursor(&bench)), (Vec::new(), "p2"));
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("gone"));
}

#[test]
fn a_filter_holds_while_it_is_typed_and_a_wrong_one_hides_nothing() {
    let mut bench = shown();
    bench.press("/can:reset");
    assert_eq!(bench.state.permissions.shown(), ["p2", "p4", "p5"].map(PermissionId::from));
    assert_eq!(cursor(&bench), "p2", "the nearest one that is shown");
    bench.press("<enter>/rol:x");
    assert_eq!(bench.state.permissions.shown().len(), 6);
    assert!(bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap().message.as_str().contains("role"));
    bench.press("<esc>");
    assert_eq!(bench.state.permissions.filter, "can:reset", "Esc brings the one before back");
    bench.press("*/kind:user<enter>");
    assert_eq!(bench.state.permissions.hidden_marks().len(), 2);
    bench.press("<esc>");
    assert_eq!(bench.state.permissions.filter, "kind:user");
    bench.press("<esc>");
    assert_eq!((bench.state.permissions.filter.as_str(), marks(&bench).len()), ("", 3), "marks stay");
    bench.press("u");
    assert!(marks(&bench).is_empty());
}

#[test]
fn the_menu_says_before_what_cannot_be_done() {
    let mut bench = shown();
    bench.press("a");
    let labels: Vec<&str> = menu(&bench).choices.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "create permissions",
            "replace CORP\\a.kaya as Sessions Only on Finance",
            "delete CORP\\a.kaya as Sessions Only on Finance"
        ]
    );
    assert!(menu(&bench).choices.iter().all(|choice| choice.objection.is_none()));
    bench.press("<esc>");
    let mut poor = capabilities();
    poor.account.privileges = Some([("root".into(), vec!["GLOBAL_PERMISSION_VIEW".into()])].into());
    bench.send(Msg::CapabilitiesChanged(Box::new(poor)));
    bench.press("a");
    let objection = menu(&bench).choices[2].objection.clone().unwrap();
    assert_eq!(objection, "needs GLOBAL_PERMISSION_MANAGEMENT");
    bench.press("x");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::ChangeMenu(_))), "nothing happens");
    bench.press("<esc>");
    let mut silent = capabilities();
    silent.account.privileges = None;
    bench.send(Msg::CapabilitiesChanged(Box::new(silent)));
    bench.press("a");
    assert!(menu(&bench).choices.iter().all(|choice| choice.objection.is_none()), "the server decides");
    bench.press("<esc>");
    bench.state.settings.read_only = true;
    bench.press("a");
    assert!(menu(&bench).choices.iter().all(|choice| choice.objection.as_ref().unwrap() == "read-only"));
}

#[test]
fn deleting_takes_the_marked_ones_and_needs_words_for_the_last_administrator() {
    let mut bench = shown();
    bench.press("/role:admin*<enter> a");
    assert_eq!(menu(&bench).choices[2].label, "delete CORP\\svc-script as Administrators on Root");
    bench.press("x");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert!(
        matches!(sheet.plan.confirmation(), ChangeConfirmation::Words(words) if words == "delete the last administrator")
    );
    assert_eq!(sheet.plan.items[0].change, Change::DeletePermission("p4".into()));
    bench.press("<esc><esc><esc>");
    bench.press("u/kind:user<enter>*/kind:user !svc<enter>ax");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert_eq!(sheet.plan.items.len(), 2);
    assert!(sheet.plan.warnings[0].as_str().contains("1 of them hidden"), "{:?}", sheet.plan.warnings);
}

fn found(id: &str, name: &str) -> Principal {
    principal_of(id.into(), name.into(), PrincipalKind::User)
}

#[test]
fn new_permissions_go_from_the_form_to_a_plan_with_one_item_for_each() {
    let mut bench = shown();
    bench.press("an");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert_eq!(form.purpose, FormPurpose::NewPermission);
    assert_eq!(form.preview[0], "choose a role to see what it allows");
    bench.press("le");
    let effects = bench.take_effects();
    let request = effects.iter().find_map(|effect| match effect {
        Effect::SearchPrincipals { request, text } if text == "le" => Some(*request),
        _ => None,
    });
    let answer = Ok(vec![found("S-1-7", "CORP\\lee"), found("S-1-8", "CORP\\lena")]);
    bench.send(Msg::PrincipalsFound { request: request.expect("somebody is looked for"), answer });
    bench.press("<enter><down><enter><tab>");
    // The role by its letter; the access group is the root group unless another one is chosen.
    bench.press("s<tab>");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert_eq!(form.chosen("access-group").unwrap().id, "root");
    assert_eq!(form.preview[0], "2 users and groups will be able to:");
    assert!(
        form.preview[1].as_str().starts_with("message, disconnect yes  by MACHINE_MANAGE"),
        "{:?}",
        form.preview
    );
    bench.press("f<c-o>");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    let labels: Vec<&str> = sheet.plan.items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["CORP\\lee as Sessions Only on Finance", "CORP\\lena as Sessions Only on Finance"]);
}

#[test]
fn the_menu_names_the_privilege_that_is_missing() {
    let objection = |bench: &mut Bench| match bench.state.overlays.pop() {
        Some(Overlay::ChangeMenu(menu)) => menu.choices[0].objection.clone().map(|why| why.to_string()),
        other => panic!("{other:?}"),
    };
    let mut bench = bench();
    bench.press("2");
    fail(&mut bench, FaultKind::InsufficientPermission);
    bench.press("a");
    let words = objection(&mut bench).unwrap();
    assert_eq!(words, "looking at permissions needs GLOBAL_PERMISSION_VIEW");
    let mut mine = capabilities();
    mine.account.privileges = Some([("root".into(), vec!["MACHINE_VIEW".into()])].into());
    bench.send(Msg::CapabilitiesChanged(Box::new(mine)));
    bench.press("a");
    assert_eq!(objection(&mut bench).unwrap(), "needs GLOBAL_PERMISSION_MANAGEMENT");
}

#[test]
fn a_form_that_lacks_something_says_what() {
    let mut bench = shown();
    bench.press("an<c-o>");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    let errors: Vec<&str> = form
        .fields
        .iter()
        .filter_map(|field| field.error.as_ref())
        .map(crate::domain::Text::as_str)
        .collect();
    assert_eq!(errors, ["nobody is chosen yet: type a name, then Enter", "no role is chosen yet"]);
}

#[test]
fn groups_follow_the_role() {
    let mut bench = shown();
    // Replacing begins with what the permission is.
    bench.press("ar");
    let chosen = |bench: &Bench, key: &str| match bench.state.overlays.last() {
        Some(Overlay::Form(form)) => form.chosen(key).map(|option| option.id.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(chosen(&bench, "role").as_deref(), Some("sessions"));
    assert_eq!(chosen(&bench, "access-group").as_deref(), Some("finance"));
    assert_eq!(chosen(&bench, "federation-access-group").as_deref(), Some(""), "this role takes none");
    // Image Managers apply to no access group but the root.
    bench.press("i");
    if chosen(&bench, "role").as_deref() != Some("config") {
        bench.press("i");
    }
    assert_eq!(chosen(&bench, "role").as_deref(), Some("config"));
    assert_eq!(chosen(&bench, "access-group").as_deref(), Some("root"));
    // Global Sessions need a federation access group.
    bench.press("g<c-o>");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert!(form.fields[2].error.as_ref().unwrap().as_str().contains("needs a federation access group"));
    assert!(matches!(&form.fields[2].kind, FieldKind::Choice { options, .. } if options.len() == 1));
    bench.press("f<c-o>");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert_eq!(sheet.plan.items.len(), 2);
    assert_eq!(sheet.plan.items[1].after, Some(0));
}

#[test]
fn a_question_reads_what_it_needs_and_answers_on_its_sheet() {
    let mut bench = bench();
    bench.take_effects();
    bench.press(":can t.lee reset fin-w11<enter>");
    assert_eq!(bench.state.tab, Tab::Sessions);
    assert_eq!(reads(&mut bench), 1, "the permissions are read although another tab is shown");
    answer(&mut bench, book());
    let effects = bench.take_effects();
    let [Effect::SearchPrincipals { request, text }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(text, "t.lee");
    bench.send(Msg::PrincipalsFound { request: *request, answer: Ok(vec![found("S-1-70", "CORP\\t.lee")]) });
    let effects = bench.take_effects();
    let [Effect::ReadPrincipals { request, .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let lee = Principal { groups: Some(vec!["S-1-5-21-2".into()]), ..found("S-1-70", "CORP\\t.lee") };
    bench.send(Msg::PrincipalsRead { request: *request, answer: Ok(vec![lee]) });
    let effects = bench.take_effects();
    let [Effect::ReadPrincipals { request, ids }] = effects.as_slice() else {
        panic!("groups of groups are asked for: {effects:?}");
    };
    assert_eq!(ids[0].raw(), "S-1-5-21-2");
    let leads = Principal { groups: Some(Vec::new()), ..found("S-1-5-21-2", "CORP\\fin-it-leads") };
    bench.send(Msg::PrincipalsRead { request: *request, answer: Ok(vec![leads]) });
    let Some(Overlay::Answer { lines, .. }) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert_eq!(lines[0], "yes");
    assert!(
        lines[1].as_str().contains("CORP\\fin-it-leads as Inventory Administrators on Finance"),
        "{lines:?}"
    );
    assert!(bench.state.permissions.look_ups.is_empty());
}

#[test]
fn a_closed_question_is_dropped_and_a_failed_one_says_why() {
    let mut bench = bench();
    bench.press(":can t.lee reset fin-w11<enter>q");
    assert!(bench.state.permissions.look_ups.is_empty() && bench.state.overlays.is_empty());
    bench.press(":can t.lee reset fin-w11<enter>");
    fail(&mut bench, FaultKind::InsufficientPermission);
    let Some(Overlay::Answer { lines, .. }) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert_eq!(lines[0], "unknown");
    assert!(lines[1].as_str().contains("could not be read"), "{lines:?}");
    bench.press("q:can t.lee fly fin-w11<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert!(error.message.as_str().contains("no verb fly"));
}

#[test]
fn the_own_groups_are_looked_up_once() {
    let mut bench = bench();
    let mut mine = capabilities();
    mine.account.id = Some("S-1-5-21-50".into());
    bench.send(Msg::CapabilitiesChanged(Box::new(mine)));
    bench.press("2");
    answer(&mut bench, book());
    let effects = bench.take_effects();
    let request = effects.iter().find_map(|effect| match effect {
        Effect::ReadPrincipals { request, ids } if ids[0].raw() == "S-1-5-21-50" => Some(*request),
        _ => None,
    });
    let me = Principal { groups: Some(Vec::new()), ..found("S-1-5-21-50", "CORP\\admin") };
    bench.send(Msg::PrincipalsRead { request: request.expect("it is asked for"), answer: Ok(vec![me]) });
    assert!(bench.state.permissions.own.as_ref().unwrap().doubt.is_none());
    // A group's permission is known not to be one's own: a key is enough.
    bench.press("/principal:*vdi-helpdesk<enter>ax");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert_eq!(sheet.plan.confirmation(), ChangeConfirmation::Key);
    bench.press("<esc><c-r>");
    answer(&mut bench, book());
    let again = bench.take_effects();
    assert!(!again.iter().any(|effect| matches!(effect, Effect::ReadPrincipals { .. })));
}

#[test]
fn the_details_stay_with_their_permission() {
    let mut bench = shown();
    bench.press("<enter>jj");
    assert!(matches!(bench.state.overlays.last(),
        Some(Overlay::Permission { permission, scroll: 2 }) if permission.raw() == "p3"));
    bench.press("ax");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else {
        panic!("{:?}", bench.state.overlays);
    };
    assert_eq!(sheet.plan.items[0].change, Change::DeletePermission("p3".into()));
}
