//! The list of all jobs, jobs on record, and going on with one.

use std::sync::Arc;

use super::*;
use crate::core::{
    bulk::{
        Plan,
        journal::{
            Author, Ended, JOURNAL_FORMAT, JobLine, ListedJob, Opened, Record, Recovered, Silence, Standing,
            Work,
        },
    },
    remote::Remote,
    state::{RecordSheet, ResumeSheet},
};
use crate::ui::fixtures::at;

/// A logoff that was cut off: some refused as locked, two without an answer, most unsent.
fn record(state: &State) -> Record {
    let plan = Arc::new(plan(state, Verb::Logoff, None));
    let opened = Opened {
        version: JOURNAL_FORMAT,
        journal: "20260302T120500Z-7f3a".to_owned(),
        program: "0.1.0".to_owned(),
        by: Author { operator: "CORP\\a.kaya".into(), user: "akaya".into(), host: "jump1".into(), pid: 4711 },
        estate: "PROD-EMEA https://ams1.example.net".into(),
        ticket: Some("INC-48213".into()),
        work: Work::Sessions(plan),
    };
    let mut recovered = Recovered::new(opened, at("12:05:00"));
    recovered.last_at = at("12:05:44");
    let locked = fault(FaultKind::InvalidState, "session is locked");
    for (place, standing) in recovered.standings.iter_mut().enumerate().take(10) {
        *standing = match place {
            0..3 => Standing::Answered(Outcome::Refused(locked.clone())),
            3 => Standing::Unanswered(Silence::NoAnswer(fault(
                FaultKind::Unreachable,
                "no answer within 30 s",
            ))),
            4 => Standing::Unanswered(Silence::NothingTold),
            _ => Standing::Answered(Outcome::Confirmed),
        };
    }
    Record { id: "20260302T120500Z-7f3a".to_owned(), running: false, recovered }
}

/// The list with jobs in every state.
fn list(width: u16, height: u16) -> State {
    let mut state = with_job(main_screen(width, height), true);
    let record = record(&state);
    let listed = |id: &str, record: &Record| ListedJob { id: id.to_owned(), told: Ok(JobLine::from(record)) };
    let ended = |stopped, fault| {
        let mut record = record.clone();
        record.recovered.ended = Some(Ended { at: at("12:09:00"), stopped, fault });
        record
    };
    let gave_up = Some(fault(FaultKind::Unauthenticated, "not logged in any more"));
    let running = Record { running: true, ..record.clone() };
    let unreadable = ListedJob {
        id: "20260228T090000Z-0bad".to_owned(),
        told: Err("the record /home/a/.local/state/foretop/jobs/20260228T090000Z-0bad.jsonl cannot be understood: its first line is damaged".into()),
    };
    let jobs = vec![
        listed("20260302T120500Z-7f3a", &record),
        listed("20260302T120400Z-1111", &running),
        listed("20260301T120500Z-2222", &ended(true, None)),
        listed("20260301T110500Z-3333", &ended(false, gave_up)),
        listed("20260301T100500Z-4444", &ended(false, None)),
        unreadable,
    ];
    state.records.listed.load(jobs, state.now);
    state.overlays = vec![Overlay::Jobs(JobsSheet { place: 1, ..JobsSheet::default() })];
    state
}

fn record_sheet(state: &State, names: bool) -> Overlay {
    let record = record(state);
    Overlay::Record(Box::new(RecordSheet {
        journal: record.id.clone(),
        record: Remote::Loaded { value: record.into(), at: state.now },
        request: None,
        cursor: 1,
        names,
        scroll: 0,
        resume: false,
        complaint: None,
    }))
}

fn resume_sheet(state: &State) -> Overlay {
    let record = record(state);
    let Work::Sessions(plan) = &record.recovered.opened.work else { panic!() };
    let left: Plan = plan.left(&record.recovered);
    Overlay::Resume(Box::new(ResumeSheet { left, record, typed: "1".to_owned(), scroll: 0, complaint: None }))
}

#[test]
fn the_list_of_all_jobs() {
    snapshots("jobs_on_record", list);
    let line = |remote| {
        let mut state = main_screen(80, 24);
        state.records.listed = remote;
        state.overlays = vec![Overlay::Jobs(JobsSheet::default())];
        picture(&state).lines().nth(3).unwrap().trim().to_owned()
    };
    assert_eq!(line(Remote::Loading), "reading the jobs on record ...");
    assert_eq!(
        line(Remote::Loaded { value: Vec::new(), at: at("14:02:00") }),
        "no job in this run, and none on record"
    );
    let why = fault(FaultKind::Unexpected, "cannot read /state/jobs: Permission denied");
    let failed = line(Remote::Failed { why: why.clone(), at: at("14:02:00") });
    assert_eq!(failed, "the record cannot be read: cannot read /state/jobs: Permission denied");
    let stale = line(Remote::Stale { value: Vec::new(), at: at("14:02:00"), why });
    assert!(stale.starts_with("the record is old"), "{stale}");
}

#[test]
fn a_job_on_record() {
    snapshots("record", |width, height| {
        with_overlay(main_screen(width, height), |state| record_sheet(state, false))
    });
    snapshot("record_names", &with_overlay(main_screen(80, 24), |state| record_sheet(state, true)));
    let small = with_overlay(main_screen(60, 15), |state| record_sheet(state, false));
    snapshot("record_60x15", &small);
    let mut failed = with_overlay(main_screen(80, 24), |state| record_sheet(state, false));
    let Some(Overlay::Record(sheet)) = failed.overlays.last_mut() else { panic!() };
    let why = fault(
        FaultKind::Unexpected,
        "the record /state/jobs/x.jsonl cannot be understood: its first line is damaged",
    );
    sheet.record = Remote::Failed { why, at: at("14:02:00") };
    assert!(picture(&failed).contains("its first line is damaged"));
}

#[test]
fn going_on_with_a_job() {
    snapshots("resume", |width, height| with_overlay(main_screen(width, height), resume_sheet));
    let small = with_overlay(main_screen(60, 15), resume_sheet);
    snapshot("resume_60x15", &small);
}
