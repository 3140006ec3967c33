//! The menu, the sheet and the job at the sizes that matter.

use std::sync::Arc;

use insta::assert_snapshot;

use crate::{
    core::{
        bulk::{JobEvent, Wait},
        change::{ChangeItem, ChangeJob, ChangePlan, HeldChange},
        command::Command,
        line_input::LineInput,
        state::{ChangeChoice, ChangeMenu, ChangeSheet, JobsSheet, Overlay, State},
    },
    domain::{Change, FaultKind, JobId, NewPermission, Outcome},
    ui::fixtures::{at, fault, main_screen, picture, pictures},
};

fn snapshots(name: &str, change: impl Fn(&mut State)) {
    pictures!(name, |width, height| {
        let mut state = main_screen(width, height);
        change(&mut state);
        state
    });
}

fn menu() -> ChangeMenu {
    let choice = |command, label: &str, objection: Option<&str>| ChangeChoice {
        command,
        label: label.into(),
        objection: objection.map(Into::into),
    };
    ChangeMenu {
        title: "CHANGE 3 marked permissions".into(),
        choices: vec![
            choice(Command::ChangeNew, "create permissions", None),
            choice(
                Command::ChangeReplace,
                "replace this permission",
                Some("3 are marked, and one at a time is replaced"),
            ),
            choice(Command::ChangeDelete, "delete 3 marked permissions", None),
        ],
        cursor: 1,
    }
}

fn plan() -> ChangePlan {
    let mut plan = ChangePlan::new("7f3a".into(), "REPLACE PERMISSION", at("14:02:10"));
    let create = Change::CreatePermission(NewPermission {
        principal: "S-1-5-21-7-1".into(),
        role: "role".into(),
        local_group: Some("finance".into()),
        federation_group: None,
    });
    plan.items = vec![
        ChangeItem::new(create, "CORP\\a.kaya as Help Desk Administrators on finance").with_details(vec![
            "role: Administrators -> Help Desk Administrators".into(),
            "access group: Root(/) -> finance".into(),
        ]),
        ChangeItem::new(Change::DeletePermission("p1".into()), "CORP\\a.kaya as Administrators on Root(/)")
            .after(0),
    ];
    plan.held_back = vec![HeldChange {
        label: "CORP\\old-vendor as Local Administrators on finance".into(),
        target: Some("p2".into()),
        principal: None,
        reason: "gone already".into(),
    }];
    plan.consequences = vec![
        "CORP\\a.kaya loses: restart, reset, push images, change permissions".into(),
        "CORP\\a.kaya keeps: message, disconnect, log off, on 611 of 1,842 sessions".into(),
    ];
    plan.warnings = vec!["this is the permission that you are using: afterwards you cannot undo it".into()];
    plan.words = Some("give up my rights".into());
    plan.command = Some("foretop permissions create --principal 'CORP\\a.kaya' --role 'Help Desk Administrators' --group finance --replace p1 --yes 2".into());
    plan
}

/// A plan that a key starts.
fn harmless() -> ChangePlan {
    ChangePlan { words: None, warnings: Vec::new(), ..plan() }
}

/// A plan that a number starts.
fn many() -> ChangePlan {
    let item = |number: usize| {
        ChangeItem::new(
            Change::DeletePermission(format!("p{number}").into()),
            format!("CORP\\user{number} as Help Desk Administrators on Root(/)"),
        )
    };
    let mut plan = ChangePlan::new("0c11".into(), "DELETE PERMISSIONS", at("14:02:10"));
    plan.items = (1..=40).map(item).collect();
    plan
}

fn sheet(plan: ChangePlan, typed: &str) -> Overlay {
    Overlay::Change(Box::new(ChangeSheet { plan, typed: LineInput::new(typed), scroll: 0, complaint: None }))
}

fn job(events: &[JobEvent]) -> ChangeJob {
    let mut job = ChangeJob::new(JobId(18), Arc::new(harmless()), at("14:02:20"));
    for event in events {
        job.apply(event, at("14:02:31"));
    }
    job
}

fn with_job(state: &mut State, events: &[JobEvent]) {
    state.now = at("14:02:32");
    state.change_jobs.push(job(events));
    state.overlays.push(Overlay::ChangeJob { job: JobId(18), scroll: 0 });
}

fn settled(place: usize, outcome: Outcome) -> JobEvent {
    JobEvent::Settled { outcomes: vec![(place, outcome)] }
}

#[test]
fn the_menu_says_what_cannot_be_done_and_why() {
    snapshots("change_menu", |state| state.overlays.push(Overlay::ChangeMenu(menu())));
}

#[test]
fn the_sheet_shows_the_difference_and_asks_for_words() {
    snapshots("change_words", |state| state.overlays.push(sheet(plan(), "give up")));
}

#[test]
fn the_sheet_of_many_asks_for_their_number() {
    snapshots("change_number", |state| state.overlays.push(sheet(many(), "4")));
}

#[test]
fn a_small_plan_is_started_by_a_key() {
    let mut state = main_screen(80, 24);
    state.overlays.push(sheet(harmless(), ""));
    assert_snapshot!("change_key", picture(&state));
    state.settings.read_only = true;
    let text = picture(&state);
    assert!(text.contains("READ-ONLY: this plan cannot be started."), "{text}");
    assert!(!text.contains("y start"), "{text}");
}

#[test]
fn a_running_job_says_what_it_waits_for() {
    snapshots("change_job_running", |state| {
        let wait = Wait { until: at("14:02:55"), why: "the server asked to slow down".into() };
        with_job(
            state,
            &[
                JobEvent::Sent { targets: vec![0] },
                settled(0, Outcome::Accepted),
                JobEvent::Created { ids: vec![(0, "b8e1\u{202e}77".to_owned())] },
                JobEvent::Sent { targets: vec![1] },
                JobEvent::Waiting(wait),
            ],
        );
    });
}

#[test]
fn a_finished_job_says_what_became_of_each() {
    snapshots("change_job_finished", |state| {
        with_job(
            state,
            &[
                JobEvent::Sent { targets: vec![0] },
                settled(0, Outcome::Confirmed),
                JobEvent::Created { ids: vec![(0, "b8e177".to_owned())] },
                settled(1, Outcome::Confirmed),
                JobEvent::Finished { stopped: false, fault: None },
            ],
        );
    });
}

#[test]
fn a_failed_job_shows_the_words_of_the_server_and_the_privilege() {
    snapshots("change_job_failed", |state| {
        let denied = fault(FaultKind::InsufficientPermission, "You are not allowed to do this.");
        let after = "not sent: the change before it did not work";
        with_job(
            state,
            &[
                JobEvent::Sent { targets: vec![0] },
                settled(0, Outcome::Refused(denied.clone())),
                settled(1, Outcome::HeldBack(after.into())),
                JobEvent::Finished { stopped: false, fault: Some(denied) },
            ],
        );
    });
}

#[test]
fn both_kinds_of_jobs_are_listed_and_counted() {
    let mut state = main_screen(80, 24);
    let sessions = crate::ui::fixtures::job(&state, true);
    crate::ui::fixtures::add_job(&mut state, sessions);
    state.change_jobs.push(job(&[JobEvent::Sent { targets: vec![0] }]));
    assert!(picture(&state).contains("job 18: 0/2"), "the newest that runs");
    state.overlays.push(Overlay::Jobs(JobsSheet::default()));
    assert_snapshot!("change_jobs", picture(&state));
    state.overlays.push(Overlay::Leave);
    let text = picture(&state);
    assert!(text.contains("1 job still runs; 1 unsent, 1 without answer."), "{text}");
}

#[test]
fn every_size_can_be_drawn() {
    for height in 10..40 {
        for width in [58, 60, 80, 130] {
            for overlay in [Overlay::ChangeMenu(menu()), sheet(plan(), "x"), sheet(many(), "")] {
                let mut state = main_screen(width, height);
                state.overlays.push(overlay);
                picture(&state);
            }
        }
    }
}
