//! The list of all jobs, a job on record, and going on with it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::core::{
    bulk::{
        Evidence, Plan, Target, Terms,
        journal::{
            Author, JOURNAL_FORMAT, JobLine, ListedJob, Opened, Record, Recovered, Silence, Standing, Work,
        },
    },
    effect::RecordsEffect,
    fixtures::capabilities,
    msg::{Interrupted, RecordsMsg},
    records::{JobKey, job_rows},
};

const JOURNAL: &str = "20260302T130000Z-7f3a";

/// A logoff of four: one confirmed, one without answer, two unsent; begun an hour ago.
fn left(verb: Verb, state: &SessionState) -> Record {
    let target = |id: &str, user: &str| Target {
        session: session(id, user, state.clone(), 60),
        hidden: false,
        pod: None,
    };
    let plan = Plan {
        id: "7f3a".into(),
        verb,
        message: None,
        to_send: vec![target("1", "abel"), target("2", "bauer"), target("3", "chen"), target("4", "dogan")],
        held_back: Vec::new(),
        made_at: begun(),
        data_at: begun(),
        retry_of: None,
        terms: Terms::default(),
    };
    let opened = Opened {
        version: JOURNAL_FORMAT,
        journal: JOURNAL.to_owned(),
        program: "0.1.0".to_owned(),
        by: Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump1".into(), pid: 7 },
        estate: "demo https://cs1".into(),
        ticket: Some("INC-1".into()),
        work: Work::Sessions(Arc::new(plan)),
    };
    let mut recovered = Recovered::new(opened, begun());
    recovered.standings[0] = Standing::Answered(Outcome::Confirmed);
    recovered.standings[1] = Standing::Unanswered(Silence::NothingTold);
    Record { id: JOURNAL.to_owned(), running: false, recovered }
}

fn begun() -> Timestamp {
    start() - SignedDuration::from_secs(3600)
}

/// The question about the record that is out.
fn asked(bench: &mut Bench) -> RecordsEffect {
    let effects = bench.take_effects();
    let mut asked = effects.into_iter().filter_map(|effect| match effect {
        Effect::Records(asked) => Some(asked),
        _ => None,
    });
    asked.next().expect("a question about the record")
}

/// Answers the question for the list.
fn listed(bench: &mut Bench, records: &[Record]) {
    let RecordsEffect::List { request } = asked(bench) else { panic!() };
    let line = |record: &Record| ListedJob { id: record.id.clone(), told: Ok(JobLine::from(record)) };
    let answer = Ok(records.iter().map(line).collect());
    bench.send(Msg::Records(RecordsMsg::Listed { request, estate: "demo https://cs1".into(), answer }));
}

/// Answers the question for one job.
fn read(bench: &mut Bench, record: &Record, estate: &str) {
    let RecordsEffect::Read { request, journal } = asked(bench) else { panic!() };
    assert_eq!(journal, record.id);
    let answer = Ok(Arc::new(record.clone()));
    bench.send(Msg::Records(RecordsMsg::Read { request, estate: estate.into(), answer }));
}

fn complaint(bench: &Bench) -> String {
    match bench.state.overlays.last() {
        Some(Overlay::Record(sheet)) => sheet.complaint.as_ref().map(ToString::to_string).unwrap_or_default(),
        Some(Overlay::Jobs(sheet)) => sheet.complaint.as_ref().map(ToString::to_string).unwrap_or_default(),
        Some(Overlay::Resume(sheet)) => sheet.complaint.as_ref().map(ToString::to_string).unwrap_or_default(),
        other => panic!("no sheet of the record but {other:?}"),
    }
}

/// From the list to the question whether to go on.
fn ask_to_resume(bench: &mut Bench, record: &Record) {
    bench.take_effects();
    bench.press("gj");
    listed(bench, std::slice::from_ref(record));
    bench.press("r");
    read(bench, record, "demo https://cs1");
}

#[test]
fn the_list_has_the_jobs_of_this_run_and_those_on_record_once_each() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let job = bench.state.jobs[0].id;
    let journal = "20260302T140000Z-9c".to_owned();
    bench.send(Msg::Records(RecordsMsg::Opened { job, journal: journal.clone() }));
    bench.press("<esc>");
    bench.take_effects();
    bench.press(":jobs<enter>");
    let record = left(Verb::Logoff, &SessionState::Disconnected);
    listed(&mut bench, &[Record { id: journal, running: true, ..record.clone() }, record]);
    let keys: Vec<JobKey> = job_rows(&bench.state).into_iter().map(|row| row.key).collect();
    assert_eq!(keys, [JobKey::Run(job), JobKey::Record(JOURNAL.to_owned())]);
    bench.press("j<enter>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Record(_))));
    bench.press("<esc>k<enter>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Job(_))));
}

#[test]
fn the_cursor_of_the_list_stays_on_its_job() {
    let mut bench = Bench::with(estate());
    let record = left(Verb::Logoff, &SessionState::Disconnected);
    let older = Record { id: "20260301T130000Z-11".to_owned(), ..record.clone() };
    bench.take_effects();
    bench.press("gj");
    listed(&mut bench, std::slice::from_ref(&record));
    bench.press("<c-r>");
    let newer = Record { id: "20260302T133000Z-22".to_owned(), ..record.clone() };
    bench.press("j");
    listed(&mut bench, &[newer, record.clone(), older]);
    bench.press("<enter>");
    read(&mut bench, &record, "demo https://cs1");
}

#[test]
fn a_record_that_cannot_be_read_is_told_and_hides_nothing() {
    let mut bench = Bench::with(estate());
    bench.take_effects();
    bench.press("gj");
    let RecordsEffect::List { request } = asked(&mut bench) else { panic!() };
    bench.press("<c-r>");
    assert!(
        !bench.take_effects().iter().any(|effect| matches!(effect, Effect::Records(_))),
        "one question at a time"
    );
    let fault = Fault::new(FaultKind::Unexpected, "read the record of jobs", "permission denied");
    let estate = || "demo https://cs1".into();
    bench.send(Msg::Records(RecordsMsg::Listed { request, estate: estate(), answer: Err(fault.clone()) }));
    assert!(matches!(bench.state.records.listed, Remote::Failed { .. }));
    bench.press("<c-r>");
    let RecordsEffect::List { request } = asked(&mut bench) else { panic!() };
    let damaged = ListedJob { id: JOURNAL.to_owned(), told: Err("its first line is damaged".into()) };
    bench.send(Msg::Records(RecordsMsg::Listed { request, estate: estate(), answer: Ok(vec![damaged]) }));
    assert_eq!(job_rows(&bench.state)[0].state, "unreadable");
    bench.press("<enter>");
    let RecordsEffect::Read { request, .. } = asked(&mut bench) else { panic!() };
    bench.send(Msg::Records(RecordsMsg::Read { request, estate: estate(), answer: Err(fault) }));
    bench.press("rEcj<enter><esc>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Jobs(_))));
}

#[test]
fn what_was_cut_off_is_named_at_the_start_and_the_key_leads_to_it() {
    let mut bench = Bench::with(estate());
    let cut_off = |journal: &str| Interrupted {
        journal: journal.into(),
        plan: "7f3a".into(),
        verb: "logoff".into(),
        unsent: 2,
        unanswered: 1,
        to_confirm: 0,
    };
    bench.send(Msg::JobsInterrupted(vec![cut_off(JOURNAL)]));
    let notice = bench.state.notice.as_ref().unwrap().text.to_string();
    assert_eq!(notice, "1 job was cut off: 2 unsent, 1 without answer; gj lists it");
    bench.take_effects();
    bench.press("gj");
    let record = left(Verb::Logoff, &SessionState::Disconnected);
    let newer = Record { id: "20260302T133000Z-22".to_owned(), ..record.clone() };
    listed(&mut bench, &[newer, record.clone()]);
    bench.press("<enter>");
    read(&mut bench, &record, "demo https://cs1");
}

#[test]
fn enter_never_goes_on_with_a_job() {
    let mut bench = Bench::with(estate());
    let record = left(Verb::Logoff, &SessionState::Disconnected);
    ask_to_resume(&mut bench, &record);
    let Some(Overlay::Resume(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!(sheet.left.confirmation(), Confirmation::Key);
    bench.press("<enter>");
    assert!(bench.take_effects().is_empty() && complaint(&bench).contains("y goes on"));
    bench.press("y");
    let effects = bench.take_effects();
    let [Effect::ResumeJob { job, journal, plan, seen }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((journal.as_str(), plan.to_send.len()), (JOURNAL, 4));
    assert_eq!(*seen, [Outcome::Confirmed, Outcome::Sent, Outcome::Unsent, Outcome::Unsent]);
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Job(sheet)) if sheet.job == *job));
    assert_eq!(bench.state.job(*job).unwrap().counts().values().sum::<usize>(), 4);
    bench.press("<esc>q<esc>");
    assert!(bench.state.has_running_job());
}

#[test]
fn forced_and_connected_ask_for_the_number_that_is_left() {
    for (verb, state) in
        [(Verb::LogoffForced, SessionState::Disconnected), (Verb::Logoff, SessionState::Connected)]
    {
        let mut bench = Bench::with(estate());
        ask_to_resume(&mut bench, &left(verb, &state));
        bench.press("y4<enter>");
        assert!(bench.take_effects().is_empty(), "four is not what is left");
        assert!(complaint(&bench).contains("type 3"), "{}", complaint(&bench));
        bench.press("3<enter>");
        assert!(matches!(bench.take_effects().as_slice(), [Effect::ResumeJob { .. }]));
    }
}

#[test]
fn what_cannot_be_gone_on_with_says_why() {
    let record = || left(Verb::Logoff, &SessionState::Disconnected);
    let mut done = record();
    done.recovered.standings.fill(Standing::Answered(Outcome::Confirmed));
    let running = Record { running: true, ..record() };
    for (record, estate, words) in [
        (running, "demo https://cs1", "running in another console"),
        (record(), "prod https://cs9", "belongs to demo https://cs1"),
        (done, "demo https://cs1", "nothing is left"),
    ] {
        let mut bench = Bench::with(super::estate());
        bench.take_effects();
        bench.press("gj");
        listed(&mut bench, std::slice::from_ref(&record));
        bench.press("r");
        read(&mut bench, &record, estate);
        assert!(complaint(&bench).contains(words), "{}", complaint(&bench));
        assert!(bench.take_effects().is_empty());
    }
    let mut bench = Bench::with(super::estate());
    bench.state.settings.read_only = true;
    ask_to_resume(&mut bench, &record());
    assert!(complaint(&bench).contains("read-only"), "{}", complaint(&bench));
}

#[test]
fn whoever_is_in_a_running_job_is_not_sent_by_a_second_one() {
    let mut bench = Bench::with(estate());
    let record = left(Verb::Logoff, &SessionState::Disconnected);
    ask_to_resume(&mut bench, &record);
    bench.press("y<esc><esc>");
    assert!(bench.state.overlays.is_empty());
    let other = Record { id: "20260302T120000Z-33".to_owned(), ..record };
    bench.take_effects();
    bench.press("gj");
    listed(&mut bench, std::slice::from_ref(&other));
    bench.press("r");
    assert!(complaint(&bench).contains("running here"), "{}", complaint(&bench));
    bench.press("jr");
    read(&mut bench, &other, "demo https://cs1");
    assert!(complaint(&bench).contains("in a job that runs"), "{}", complaint(&bench));
}

#[test]
fn a_job_goes_on_after_the_time_that_the_server_gets() {
    let mut bench = Bench::with(estate());
    let mut record = left(Verb::Logoff, &SessionState::Disconnected);
    record.recovered.intent_at = Some(start() - SignedDuration::from_secs(5));
    ask_to_resume(&mut bench, &record);
    bench.press("y");
    let waiting = bench.state.jobs[0].waiting.clone().expect("it waits");
    assert_eq!(waiting.until, start() + SignedDuration::from_secs(25));
    let job = bench.state.jobs[0].id;
    let entered = JobEvent::Entered(crate::core::bulk::Stage::Sending);
    bench.send(Msg::JobProgressed { job, event: entered });
    assert_eq!(bench.state.jobs[0].waiting, None);
}

#[test]
fn a_job_on_record_is_handed_on_as_one_of_this_run() {
    let mut bench = Bench::with(estate());
    let record = left(Verb::Logoff, &SessionState::Disconnected);
    bench.take_effects();
    bench.press("gj");
    listed(&mut bench, std::slice::from_ref(&record));
    bench.press("<enter>");
    read(&mut bench, &record, "demo https://cs1");
    bench.press("E");
    let effects = bench.take_effects();
    let [Effect::WriteReport { job: None, name, files }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((name.as_str(), files.len()), (JOURNAL, 3));
    bench.send(Msg::ReportWritten { job: None, answer: Ok("/state/reports/x.*".into()) });
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("x.* in /state/reports"));
    bench.press("c");
    assert!(matches!(bench.take_effects().as_slice(), [Effect::Copy(text)] if text.contains("INC-1")));
    bench.press("<enter>jj<esc>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Record(sheet)) if !sheet.names));
}

#[test]
fn what_is_found_out_after_the_end_goes_on_record() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let job = bench.state.jobs[0].id;
    bench.send(Msg::Records(RecordsMsg::Opened { job, journal: JOURNAL.to_owned() }));
    bench.finish_job(|_| Outcome::NoAnswer(Fault::new(FaultKind::Unreachable, "log off", "timed out")));
    bench.pass(31);
    bench.take_effects();
    let gone: Vec<_> =
        ids(&["1", "2", "4"]).into_iter().map(|id| (id, crate::core::bulk::Look::Gone)).collect();
    bench.send(Msg::JobReadAgain { job, answer: Ok(gone) });
    let effects = bench.take_effects();
    let amended = effects.iter().find_map(|effect| match effect {
        Effect::Records(RecordsEffect::Amend { journal, found, .. }) => Some((journal, found)),
        _ => None,
    });
    let (journal, found) = amended.expect("it is written down");
    assert_eq!(journal, JOURNAL);
    assert!(
        found.iter().all(|one| one.outcome == Outcome::Confirmed && one.evidence == Evidence::GoneOnRead)
    );
    assert_eq!(found.len(), 3);
    bench.send(Msg::Records(RecordsMsg::Amended { job, answer: Err("no space left".into()) }));
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("no space left"));
}

#[test]
fn the_account_is_named_in_the_list() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let row = job_rows(&bench.state).remove(0);
    assert_eq!(row.operator, capabilities().account.name);
}
