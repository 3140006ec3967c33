//! What was safe when a plan was made may not be when it is sent.

use std::sync::Arc;

use crate::{
    core::{
        bulk::JobEvent,
        change::ChangeConfirmation,
        effect::Effect,
        fixtures::{Bench, session},
        msg::Msg,
        permissions::{
            fixtures::{book, permission},
            guard::LAST_ADMINISTRATOR,
        },
        remote::Remote,
        state::{ChangeSheet, Overlay},
    },
    domain::{Fault, FaultKind, JobId, Outcome, PermissionBook, PrincipalKind::User, SessionState},
};

/// The book with a second full administrator, `p9`.
fn two() -> PermissionBook {
    let mut book = book();
    book.permissions.push(permission("p9", "S-1-5-21-9", Some("CORP\\b.other"), User, "admins", "root"));
    book
}

/// The book of which these are gone.
fn without(ids: &[&str]) -> PermissionBook {
    let mut book = two();
    book.permissions.retain(|known| !ids.contains(&known.id.raw()));
    book
}

fn answer(bench: &mut Bench, answer: Result<PermissionBook, Fault>) {
    let request = bench.state.permissions.poll.in_flight.expect("a read is out");
    bench.send(Msg::PermissionsRead { request, answer: answer.map(Arc::new) });
}

fn fault() -> Fault {
    Fault::new(FaultKind::Unreachable, "list permissions", "away")
}

/// A bench that shows two full administrators, with a plan to delete one of them on top.
fn planned(who: &str) -> Bench {
    let mut bench = Bench::with(vec![session("1", "chen.w", SessionState::Connected, 3)]);
    bench.press("2");
    answer(&mut bench, Ok(two()));
    bench.pass(1);
    plan(&mut bench, who);
    bench
}

fn plan(bench: &mut Bench, who: &str) {
    bench.press(&format!("/principal:*{who}<enter>ax"));
}

fn sheet(bench: &Bench) -> &ChangeSheet {
    match bench.state.overlays.last() {
        Some(Overlay::Change(sheet)) => sheet,
        other => panic!("no sheet but {other:?}"),
    }
}

fn words(bench: &Bench) -> Option<String> {
    match sheet(bench).plan.confirmation() {
        ChangeConfirmation::Words(words) => Some(words.to_string()),
        ChangeConfirmation::Key => None,
        other => panic!("{other:?}"),
    }
}

fn started(bench: &mut Bench) -> Option<JobId> {
    bench.take_effects().iter().find_map(|effect| match effect {
        Effect::RunChanges { job, .. } => Some(*job),
        _ => None,
    })
}

/// Starts the plan on top by its key.
fn start(bench: &mut Bench) -> JobId {
    assert_eq!(words(bench), None);
    bench.take_effects();
    bench.press("y");
    started(bench).expect("it starts")
}

fn settle(bench: &mut Bench, job: JobId, outcome: Outcome) {
    let events = [
        JobEvent::Sent { targets: vec![0] },
        JobEvent::Settled { outcomes: vec![(0, outcome)] },
        JobEvent::Finished { stopped: false, fault: None },
    ];
    for event in events {
        bench.send(Msg::JobProgressed { job, event });
    }
}

/// The sheet asks for words after all, and nothing was sent.
fn assert_look_again(bench: &mut Bench) {
    assert_eq!(started(bench), None);
    let complaint = sheet(bench).complaint.clone().expect("it says why");
    assert!(complaint.as_str().starts_with("the permissions changed meanwhile: look again"), "{complaint}");
    assert_eq!(words(bench).as_deref(), Some(LAST_ADMINISTRATOR));
}

#[test]
fn two_plans_in_a_row_do_not_take_both_administrators() {
    let mut bench = planned("svc-script");
    let job = start(&mut bench);
    bench.press("<esc>");
    plan(&mut bench, "b.other");
    assert_eq!(words(&bench).as_deref(), Some(LAST_ADMINISTRATOR), "the job still runs");
    let command = sheet(&bench).plan.command.clone().unwrap();
    assert!(command.as_str().ends_with("--yes 1 --confirm 'delete the last administrator'"), "{command}");
    bench.press("<esc>");
    settle(&mut bench, job, Outcome::Confirmed);
    plan(&mut bench, "b.other");
    assert_eq!(words(&bench).as_deref(), Some(LAST_ADMINISTRATOR), "the list was not read again yet");
}

#[test]
fn a_list_that_was_asked_for_before_the_deletion_does_not_bring_it_back() {
    let mut bench = planned("svc-script");
    bench.press("<esc><c-r>");
    plan(&mut bench, "svc-script");
    bench.pass(1);
    let job = start(&mut bench);
    settle(&mut bench, job, Outcome::Accepted);
    bench.press("<esc>");
    bench.pass(1);
    answer(&mut bench, Ok(two()));
    plan(&mut bench, "b.other");
    assert_eq!(words(&bench).as_deref(), Some(LAST_ADMINISTRATOR));
}

#[test]
fn what_was_refused_is_still_there() {
    let mut bench = planned("svc-script");
    let job = start(&mut bench);
    settle(&mut bench, job, Outcome::Refused(fault()));
    bench.press("<esc>");
    plan(&mut bench, "b.other");
    assert_eq!(words(&bench), None);
}

#[test]
fn a_sheet_left_open_looks_again_before_it_sends() {
    let mut bench = planned("svc-script");
    assert_eq!(words(&bench), None);
    bench.pass(61);
    answer(&mut bench, Ok(without(&["p9"])));
    bench.take_effects();
    bench.press("y");
    assert_look_again(&mut bench);
    bench.press("y");
    assert_eq!(started(&mut bench), None);
    bench.press("<c-u>delete the last administrator<enter>");
    assert!(started(&mut bench).is_some(), "{:?}", bench.state.overlays.last());
}

#[test]
fn an_old_list_asks_for_words() {
    let mut bench = planned("svc-script");
    bench.pass(61);
    answer(&mut bench, Err(fault()));
    assert!(matches!(bench.state.permissions.book, Remote::Stale { .. }));
    bench.take_effects();
    bench.press("y");
    assert_look_again(&mut bench);
    assert!(sheet(&bench).plan.warnings.iter().any(|warning| warning.as_str().contains("is old")));
    bench.press("<esc>");
    plan(&mut bench, "vdi-audit");
    assert!(words(&bench).is_some());
    let warnings = &sheet(&bench).plan.warnings;
    assert!(warnings.iter().any(|warning| warning.as_str().contains("is old")), "{warnings:?}");
}

#[test]
fn trying_again_weighs_the_danger_afresh() {
    let mut bench = planned("svc-script");
    let job = start(&mut bench);
    settle(&mut bench, job, Outcome::Refused(fault()));
    bench.pass(1);
    answer(&mut bench, Ok(without(&["p9"])));
    bench.press("R");
    assert_eq!(words(&bench).as_deref(), Some(LAST_ADMINISTRATOR));
}
