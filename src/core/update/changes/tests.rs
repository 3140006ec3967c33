//! From the menu to the end of a job.

use crate::{
    core::{
        bulk::{JobEvent, JobPhase},
        change::{ChangeItem, ChangePlan, HeldChange},
        command::Command,
        effect::{Effect, ExitReason},
        events::EntryBody,
        fixtures::{Bench, session, start},
        msg::Msg,
        state::{ChangeChoice, Overlay, Tab},
    },
    domain::{Change, Fault, FaultKind, JobId, NewPermission, Outcome, OutcomeKind, SessionState},
};

fn bench() -> Bench {
    let mut bench = Bench::with(vec![session("1", "abel", SessionState::Disconnected, 400)]);
    bench.state.tab = Tab::Permissions;
    bench.take_effects();
    bench
}

fn delete(id: &str) -> ChangeItem {
    ChangeItem::new(Change::DeletePermission(id.into()), format!("permission {id}"))
}

fn create(who: &str) -> ChangeItem {
    let new = NewPermission {
        principal: who.into(),
        role: "role".into(),
        local_group: None,
        federation_group: None,
    };
    ChangeItem::new(Change::CreatePermission(new), format!("{who} as role"))
}

fn plan(items: Vec<ChangeItem>) -> ChangePlan {
    let mut plan = ChangePlan::new("3f2a".into(), "DELETE PERMISSIONS", start());
    plan.items = items;
    plan
}

fn fault(kind: FaultKind) -> Fault {
    Fault::new(kind, "delete permissions", "words")
}

/// The numbers of the jobs that were set going.
fn started(bench: &mut Bench) -> Vec<JobId> {
    let effects = bench.take_effects();
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::RunChanges { job, .. } => Some(*job),
            _ => None,
        })
        .collect()
}

fn complaint(bench: &Bench) -> String {
    match bench.state.overlays.last() {
        Some(Overlay::Change(sheet)) => {
            sheet.complaint.as_ref().map_or_else(String::new, ToString::to_string)
        }
        other => panic!("no sheet but {other:?}"),
    }
}

fn told(bench: &mut Bench, job: JobId, events: impl IntoIterator<Item = JobEvent>) {
    for event in events {
        bench.send(Msg::JobProgressed { job, event });
    }
}

fn finished() -> JobEvent {
    JobEvent::Finished { stopped: false, fault: None }
}

/// What the console itself has said.
fn records(bench: &Bench) -> Vec<String> {
    bench
        .state
        .events
        .entries()
        .filter_map(|entry| match &entry.body {
            EntryBody::Own(record) => Some(record.text.to_string()),
            EntryBody::Audit { .. } => None,
        })
        .collect()
}

/// A job of these changes that runs.
fn running(items: Vec<ChangeItem>) -> (Bench, JobId) {
    let mut bench = bench();
    super::open_sheet(&mut bench.state, plan(items));
    bench.press("y");
    let job = started(&mut bench)[0];
    (bench, job)
}

#[test]
fn a_greyed_line_says_why_and_does_nothing() {
    let mut bench = bench();
    let choice = |command, objection: Option<&str>| ChangeChoice {
        command,
        label: "do it".into(),
        objection: objection.map(Into::into),
    };
    let choices = vec![
        choice(Command::ChangeDelete, Some("needs GLOBAL_PERMISSION_MANAGEMENT")),
        choice(Command::ChangeNew, None),
    ];
    super::open_menu(&mut bench.state, "CHANGE".into(), choices);
    let Some(Overlay::ChangeMenu(menu)) = bench.state.overlays.last() else { panic!() };
    assert_eq!(menu.cursor, 1, "the first that can be chosen");
    bench.press("x");
    let words = bench.state.notice.clone().unwrap().text.to_string();
    assert_eq!(words, "cannot do it: needs GLOBAL_PERMISSION_MANAGEMENT");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::ChangeMenu(_))));
    bench.press("t");
    assert!(bench.state.notice.is_some(), "not among the lines");
    bench.press("<esc>");
    assert!(bench.state.overlays.is_empty());
    assert_eq!(started(&mut bench), []);
}

#[test]
fn enter_with_nothing_typed_never_starts() {
    let many: Vec<ChangeItem> = (0..26).map(|number| delete(&number.to_string())).collect();
    let words = ChangePlan { words: Some("give up".into()), ..plan(vec![delete("1")]) };
    for plan in [plan(vec![delete("1")]), plan(many), words, plan(Vec::new())] {
        let mut bench = bench();
        super::open_sheet(&mut bench.state, plan);
        bench.press("<enter><enter>");
        assert_eq!(started(&mut bench), []);
        assert!(!complaint(&bench).is_empty());
    }
}

#[test]
fn the_number_must_be_the_number() {
    let mut bench = bench();
    let many: Vec<ChangeItem> = (0..26).map(|number| delete(&number.to_string())).collect();
    super::open_sheet(&mut bench.state, plan(many));
    bench.press("y25<enter>");
    assert_eq!(complaint(&bench), "type 26, then Enter; nothing was sent");
    bench.press("2x6<enter>");
    assert_eq!(started(&mut bench).len(), 1, "letters are no part of a number");
}

#[test]
fn the_words_must_be_the_words() {
    let mut bench = bench();
    let words = ChangePlan { words: Some("yes, give up my rights".into()), ..plan(vec![delete("1")]) };
    super::open_sheet(&mut bench.state, words);
    bench.press("y<enter>");
    assert_eq!(started(&mut bench), []);
    bench.press("es, give up my rights<enter>");
    assert_eq!(started(&mut bench).len(), 1);
    assert!(matches!(bench.state.overlays.as_slice(), [Overlay::ChangeJob { .. }]));
}

#[test]
fn read_only_cannot_start() {
    let mut bench = bench();
    bench.state.settings.read_only = true;
    super::open_sheet(&mut bench.state, plan(vec![delete("1")]));
    bench.press("y<enter>");
    assert_eq!(started(&mut bench), []);
    assert!(complaint(&bench).starts_with("read-only"));
}

#[test]
fn jobs_of_both_kinds_are_counted_together() {
    let (mut bench, first) = running(vec![delete("1"), delete("2")]);
    assert_eq!(first, JobId(1));
    assert_eq!(bench.state.next_job, 2);
    assert!(bench.state.has_running_job());
    bench.press("<esc>gj<enter>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::ChangeJob { job, .. }) if *job == first));
    bench.press("<esc><esc>1");
    bench.press("*ally");
    assert_eq!(bench.state.job_ids(), [JobId(2), JobId(1)]);
    bench.press("<esc>gj<down><enter>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::ChangeJob { job, .. }) if *job == first));
}

#[test]
fn outcomes_add_up_and_are_told_in_the_event_pane() {
    let (mut bench, job) = {
        let mut bench = bench();
        let mut plan = plan(vec![delete("1"), delete("2"), delete("3")]);
        plan.held_back = vec![HeldChange {
            label: "four".into(),
            target: None,
            principal: None,
            reason: "gone already".into(),
        }];
        super::open_sheet(&mut bench.state, plan);
        bench.press("y");
        let job = started(&mut bench)[0];
        (bench, job)
    };
    told(
        &mut bench,
        job,
        [
            JobEvent::Sent { targets: vec![0, 1, 2] },
            JobEvent::Settled {
                outcomes: vec![
                    (0, Outcome::Accepted),
                    (1, Outcome::Refused(fault(FaultKind::InsufficientPermission))),
                    (2, Outcome::NotFound(fault(FaultKind::EntityNotFound))),
                ],
            },
            JobEvent::Settled { outcomes: vec![(0, Outcome::Confirmed)] },
            finished(),
        ],
    );
    let counts = bench.state.change_job(job).unwrap().counts();
    assert_eq!(counts.values().sum::<usize>(), 4);
    assert_eq!(counts.get(&OutcomeKind::Confirmed), Some(&1));
    assert_eq!(counts.get(&OutcomeKind::HeldBack), Some(&1));
    let records = records(&bench);
    let said = |text: &str| records.iter().filter(|record| record.contains(text)).count();
    assert_eq!(said("JOB 1 started: delete permissions, 3 changes sent, 1 held back, plan 3f2a"), 1);
    assert_eq!(said("JOB 1 refused: delete permission permission 2: InsufficientPermission: words"), 1);
    assert_eq!(said("JOB 1 not found: delete permission permission 3"), 1);
    assert_eq!(
        said("JOB 1 done: delete permissions, 1 confirmed, 1 refused, 1 not found, 1 held back"),
        1,
        "{records:?}"
    );
    assert!(!bench.state.has_running_job());
}

#[test]
fn the_tab_concerned_is_read_again_at_once() {
    let (mut bench, job) = running(vec![delete("1")]);
    bench.state.permissions.poll.in_flight = None;
    bench.state.permissions.poll.next_at = Some(start() + jiff::SignedDuration::from_secs(3600));
    let images = bench.state.images.poll.clone();
    told(&mut bench, job, [JobEvent::Settled { outcomes: vec![(0, Outcome::Confirmed)] }, finished()]);
    let poll = &bench.state.permissions.poll;
    // Due now; or asked for already, where the tab asks by itself.
    assert!(poll.in_flight.is_some() || poll.next_at == Some(bench.state.now), "{poll:?}");
    assert_eq!(bench.state.images.poll, images);
}

#[test]
fn ctrl_c_on_the_sheet_of_a_running_job_asks_whether_to_leave() {
    let (mut bench, _) = running(vec![delete("1")]);
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::ChangeJob { .. })));
    bench.press("<c-c>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Leave)));
}

#[test]
fn leaving_waits_for_the_job_or_stops_it() {
    let (mut bench, job) = running(vec![delete("1")]);
    bench.press("<esc><c-c>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Leave)));
    bench.state.settings.simulated = false;
    bench.press("d");
    let why = "cannot be detached: changes are not sent from the record";
    assert_eq!(bench.state.notice.as_ref().unwrap().text.as_str(), why);
    assert!(!bench.state.leaving);
    bench.press("s");
    assert!(bench.take_effects().contains(&Effect::StopJob { job }));
    assert!(bench.state.leaving);
    assert_eq!(bench.state.change_job(job).unwrap().phase, JobPhase::Stopping);
    told(&mut bench, job, [JobEvent::Finished { stopped: true, fault: None }]);
    assert!(bench.take_effects().contains(&Effect::Exit(ExitReason::Left)));
    let lines = crate::core::job_summaries(&bench.state);
    assert_eq!(lines, ["job 1 delete permissions (plan 3f2a): 1 unsent"]);
}

#[test]
fn what_got_no_answer_is_named_when_leaving() {
    let (mut bench, job) = running(vec![delete("1")]);
    told(
        &mut bench,
        job,
        [
            JobEvent::Sent { targets: vec![0] },
            JobEvent::Settled { outcomes: vec![(0, Outcome::NoAnswer(fault(FaultKind::Unreachable)))] },
            finished(),
        ],
    );
    let lines = crate::core::job_summaries(&bench.state);
    assert_eq!(lines[1], "  no answer: delete permission permission 1");
}

#[test]
fn s_stops_and_r_plans_the_rest_again() {
    let (mut bench, job) = running(vec![delete("1"), delete("2"), delete("3"), delete("4")]);
    bench.press("R");
    assert_eq!(bench.state.notice.as_ref().unwrap().text.as_str(), "the job still runs");
    bench.press("s");
    assert!(bench.take_effects().contains(&Effect::StopJob { job }));
    told(
        &mut bench,
        job,
        [
            JobEvent::Settled {
                outcomes: vec![
                    (0, Outcome::Confirmed),
                    (1, Outcome::Refused(fault(FaultKind::InvalidState))),
                    (2, Outcome::NoAnswer(fault(FaultKind::Unreachable))),
                ],
            },
            JobEvent::Finished { stopped: true, fault: None },
        ],
    );
    bench.press("R");
    let Some(Overlay::Change(sheet)) = bench.state.overlays.last() else { panic!() };
    let labels: Vec<&str> = sheet.plan.items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["permission 2", "permission 4"]);
    let held: Vec<&str> = sheet.plan.held_back.iter().map(|held| held.label.as_str()).collect();
    assert_eq!(held, ["permission 3"], "what got no answer is never sent again blindly");
    assert_eq!(sheet.plan.retry_of, Some("3f2a".into()));
    bench.press("y");
    assert_eq!(started(&mut bench), [JobId(2)]);
    assert!(matches!(bench.state.overlays.as_slice(), [Overlay::ChangeJob { job: JobId(2), .. }]));
}

#[test]
fn a_retry_keeps_the_order_of_new_and_old() {
    let items = vec![create("a"), delete("old-a").after(0), create("b"), delete("old-b").after(2)];
    let (mut bench, job) = running(items);
    let held = || Outcome::HeldBack("not sent: the change before it did not work".into());
    told(
        &mut bench,
        job,
        [
            JobEvent::Settled {
                outcomes: vec![
                    (0, Outcome::NoAnswer(fault(FaultKind::Unreachable))),
                    (1, held()),
                    (2, Outcome::Refused(fault(FaultKind::InvalidArgument))),
                    (3, held()),
                ],
            },
            finished(),
        ],
    );
    let retry = bench.state.change_job(job).unwrap().retry("9999".into(), start());
    let items: Vec<(&str, Option<usize>)> =
        retry.items.iter().map(|item| (item.label.as_str(), item.after)).collect();
    assert_eq!(items, [("b as role", None), ("permission old-b", Some(0))]);
    assert_eq!(retry.held_back.len(), 2, "the first pair waits until somebody has looked");
    assert_eq!(retry.len(), 4);
}

#[test]
fn a_settled_outcome_never_goes_back_to_sent() {
    let (mut bench, job) = running(vec![create("a")]);
    told(
        &mut bench,
        job,
        [
            JobEvent::Settled { outcomes: vec![(0, Outcome::Confirmed)] },
            JobEvent::Created { ids: vec![(0, "p1".to_owned())] },
            JobEvent::Sent { targets: vec![0] },
        ],
    );
    let job = bench.state.change_job(job).unwrap();
    assert_eq!(job.outcomes, [Outcome::Confirmed]);
    assert_eq!(job.created_label(0).unwrap().as_str(), "p1");
}
