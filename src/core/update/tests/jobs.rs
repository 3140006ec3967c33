//! Jobs that run, end, and are tried again.

use super::*;

#[test]
fn refused_as_locked_are_planned_again_as_forced_and_linked() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    bench.finish_job(|id| if id.raw() == "2" { locked() } else { Outcome::Accepted });
    let job = bench.state.jobs.last().unwrap();
    assert!(matches!(job.phase, JobPhase::Finished { .. }));
    let parent = job.plan.id.clone();
    bench.press("f");
    assert_eq!(plan_ids(&bench), ids(&["2"]));
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!((sheet.plan.verb, sheet.plan.retry_of.clone()), (Verb::LogoffForced, Some(parent)));
    assert_eq!(sheet.plan.confirmation(), Confirmation::Number(1), "forced asks for the number even for one");
}

#[test]
fn retry_never_resends_an_unanswered_target_before_a_fresh_list() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let lost = Outcome::NoAnswer(Fault::new(FaultKind::Unreachable, "log off", "timed out"));
    bench.finish_job(|id| if id.raw() == "1" { lost.clone() } else { Outcome::Accepted });
    bench.press("R");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!((sheet.plan.to_send.len(), sheet.plan.held_back.len()), (0, 1), "not read since");
    bench.press("<esc>");
    bench.pass(1);
    bench.answer(estate(), true);
    bench.press("R");
    assert!(plan_ids(&bench).is_empty(), "the poll had begun when the job ended");
    bench.press("<esc>");
    bench.refresh(estate());
    bench.press("R");
    assert_eq!(plan_ids(&bench), ids(&["1"]), "listed long after the server may have acted");
}

#[test]
fn targets_of_a_running_job_and_unanswered_ones_are_held_back_from_every_new_plan() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly<esc>al");
    let held = |bench: &Bench| match bench.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => {
            sheet.plan.held_back.iter().map(|held| held.reason.clone()).collect::<Vec<_>>()
        }
        other => panic!("no plan sheet but {other:?}"),
    };
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Actions(_))), "nothing is eligible");
    bench.press("<esc>");
    let lost = Outcome::NoAnswer(Fault::new(FaultKind::Unreachable, "log off", "timed out"));
    bench.finish_job(|id| if id.raw() == "1" { lost.clone() } else { locked() });
    bench.press("al");
    assert_eq!(held(&bench), [HoldReason::Unverified]);
    assert_eq!(plan_ids(&bench), ids(&["2", "4"]));
}

#[test]
fn a_chunk_that_the_server_put_off_is_not_sent() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let job = bench.state.jobs[0].id;
    bench.send(Msg::JobProgressed { job, event: JobEvent::Sent { targets: vec![0, 1] } });
    let wait = Wait { until: start(), why: "the server asked to slow down".into() };
    bench.send(Msg::JobProgressed { job, event: JobEvent::Waiting(wait) });
    assert!(bench.state.jobs[0].outcomes.iter().all(|outcome| *outcome == Outcome::Unsent));
}

#[test]
fn no_answer_is_no_answer_in_the_counts() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    bench.finish_job(|_| Outcome::NoAnswer(Fault::new(FaultKind::Unreachable, "log off", "timed out")));
    assert_eq!((bench.state.jobs[0].answered(), bench.state.jobs[0].total()), (0, 3));
}

#[test]
fn the_question_before_leaving_goes_away_with_its_reason() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>al1<enter><c-c>");
    bench.finish_job(|_| Outcome::Accepted);
    assert!(!bench.state.overlays.iter().any(|overlay| matches!(overlay, Overlay::Leave)));
}

#[test]
fn what_a_stop_left_unsent_can_be_planned_again() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let job = bench.state.jobs[0].id;
    bench.take_effects();
    bench.press("s");
    assert_eq!(bench.take_effects(), [Effect::StopJob { job }]);
    bench.send(Msg::JobProgressed { job, event: JobEvent::Finished { stopped: true, fault: None } });
    bench.press("R");
    assert_eq!(plan_ids(&bench), ids(&["1", "2", "4"]));
}

#[test]
fn leaving_can_be_taken_back() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>al1<enter><c-c>w<esc><esc>");
    assert!(!bench.state.leaving);
    bench.take_effects();
    bench.finish_job(|_| Outcome::Accepted);
    assert!(!bench.take_effects().iter().any(|effect| matches!(effect, Effect::Exit(_))));
}

#[test]
fn the_end_names_what_is_not_known() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let job = bench.state.jobs[0].id;
    bench.send(Msg::JobProgressed { job, event: JobEvent::Sent { targets: vec![0, 1] } });
    let lines = crate::core::job_summaries(&bench.state);
    assert!(lines[0].contains("2 sent, 1 unsent"), "{lines:?}");
    assert!(lines[1].contains("abel on FINW11-1, session 1"), "{lines:?}");
    assert_eq!(lines.len(), 3);
}

#[test]
fn counts_of_a_report_add_up_to_the_targets() {
    let mut bench = Bench::with(estate());
    bench.press("*mhi<tab>x<c-o>y");
    bench.finish_job(|_| Outcome::Accepted);
    let job = bench.state.jobs.last().unwrap();
    assert_eq!(job.counts().values().sum::<usize>(), 4);
    assert_eq!(crate::core::bulk::Report::of(job).total(), 4);
}

#[test]
fn leaving_with_a_running_job_asks_and_then_waits() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>al1<enter>");
    bench.take_effects();
    bench.press("<c-c>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Leave)));
    bench.press("w");
    assert!(bench.take_effects().is_empty());
    bench.finish_job(|_| Outcome::Accepted);
    assert_eq!(bench.take_effects().last(), Some(&Effect::Exit(ExitReason::Left)));
}

#[test]
fn a_job_is_paused_goes_on_and_changes_its_pace_at_a_key() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let job = bench.state.jobs[0].id;
    bench.take_effects();
    bench.press(" ");
    let told = |control| vec![Effect::ControlJob { job, control }];
    assert_eq!(bench.take_effects(), told(JobControl::Pause));
    assert!(bench.state.jobs[0].orders.paused);
    bench.press(" ");
    assert_eq!(bench.take_effects(), told(JobControl::Resume));
    let pace = bench.state.jobs[0].pace();
    bench.press("<");
    assert_eq!(bench.take_effects(), told(JobControl::SetPace(pace.slower(pace))));
    bench.press(">");
    assert_eq!(bench.take_effects(), told(JobControl::SetPace(pace)));
    assert_eq!(bench.state.jobs[0].pace(), pace);
    let records: Vec<String> = bench
        .state
        .events
        .entries()
        .filter_map(|entry| match &entry.body {
            EntryBody::Own(record) => Some(record.text.to_string()),
            EntryBody::Audit { .. } => None,
        })
        .collect();
    for words in ["paused by the operator", "goes on", "125 per call, 5 s between"] {
        assert!(records.iter().any(|record| record.contains(words)), "{words}: {records:?}");
    }
    // Once nothing more leaves there is nothing to pace.
    bench.press("s");
    bench.take_effects();
    bench.press(" <");
    assert!(bench.take_effects().is_empty());
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Job(sheet)) if sheet.complaint.is_some()));
}

/// A logoff of three, of which the second got no answer and the others are still listed.
fn unsure(bench: &mut Bench) -> JobId {
    bench.press("/state:disc<enter>*aly");
    let lost = Outcome::NoAnswer(Fault::new(FaultKind::Unreachable, "log off", "timed out"));
    bench.finish_job(|id| if id.raw() == "2" { lost.clone() } else { Outcome::StillListed });
    bench.take_effects();
    bench.state.jobs[0].id
}

#[test]
fn what_a_job_found_still_listed_is_a_ghost_at_the_next_list() {
    use crate::core::table::Flag;
    let mut bench = Bench::with(estate());
    unsure(&mut bench);
    bench.press("q<esc><esc>");
    bench.pass(15);
    bench.answer(estate(), true);
    let flags = &bench.state.sessions.flags;
    let ghosts = flags.values().filter(|set| set.contains(&Flag::Ghost)).count();
    assert_eq!(ghosts, 2, "what got no answer is none: {flags:?}");
    bench.press("6");
    assert_eq!(bench.state.sessions.view.counts().shown, 2);
}

#[test]
fn r_on_the_sheet_of_a_job_of_this_run_goes_on_with_it_or_says_why_not() {
    let mut bench = Bench::with(estate());
    unsure(&mut bench);
    bench.press("r");
    let notice = bench.state.notice.as_ref().unwrap().text.as_str();
    assert!(notice.contains("it left no record"), "{notice}");
}

#[test]
fn what_got_no_answer_is_read_again_and_settled_with_nothing_sent() {
    let mut bench = Bench::with(estate());
    let job = unsure(&mut bench);
    bench.press("v");
    assert!(bench.take_effects().is_empty(), "the server may still be at work on it");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Job(sheet)) if sheet.complaint.is_some()));
    bench.pass(31);
    bench.take_effects();
    bench.press("v");
    assert_eq!(bench.take_effects(), [Effect::ReadAgain { job, targets: vec![(None, "2".into())] }]);
    let fault = Fault::new(FaultKind::Unreachable, "read sessions again", "no route");
    bench.send(Msg::JobReadAgain { job, answer: Err(fault) });
    assert_eq!(bench.state.jobs[0].outcomes[1].kind(), OutcomeKind::NoAnswer, "nothing was learned");
    let unread = Look::Unread("the server does not say".into());
    bench.send(Msg::JobReadAgain { job, answer: Ok(vec![("2".into(), unread)]) });
    assert_eq!(bench.state.jobs[0].outcomes[1].kind(), OutcomeKind::NoAnswer);
    bench.send(Msg::JobReadAgain {
        job,
        answer: Ok(vec![("2".into(), Look::Gone), ("1".into(), Look::Gone)]),
    });
    let settled = &bench.state.jobs[0];
    assert_eq!((&settled.outcomes[1], &settled.outcomes[0]), (&Outcome::Confirmed, &Outcome::StillListed));
    assert_eq!(settled.evidence.get(&1), Some(&Evidence::GoneOnRead));
    assert_eq!(settled.counts().values().sum::<usize>(), 3);
    bench.press("v");
    assert!(bench.take_effects().is_empty(), "nothing is open any more");
}

#[test]
fn what_is_still_there_on_a_second_look_was_not_done_and_can_be_planned_again() {
    let mut bench = Bench::with(estate());
    let job = unsure(&mut bench);
    bench.pass(31);
    let there = Look::There(Box::new(estate().remove(1)));
    bench.send(Msg::JobReadAgain { job, answer: Ok(vec![("2".into(), there)]) });
    assert_eq!(bench.state.jobs[0].evidence.get(&1), Some(&Evidence::ThereOnRead));
    bench.press("R");
    assert_eq!(plan_ids(&bench), ids(&["1", "2", "4"]));
}

#[test]
fn those_still_listed_are_planned_as_a_reset_and_linked() {
    let mut bench = Bench::with(estate());
    unsure(&mut bench);
    let parent = bench.state.jobs[0].plan.id.clone();
    bench.press("x");
    assert_eq!(plan_ids(&bench), ids(&["1", "4"]));
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert_eq!((sheet.plan.verb, sheet.plan.retry_of.clone()), (Verb::Reset, Some(parent)));
}

#[test]
fn a_retry_keeps_the_guard_and_the_ticket_of_its_plan() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*al");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last_mut() else { panic!() };
    sheet.plan.terms.ticket = Some("INC-1".into());
    bench.press("y");
    bench.finish_job(|id| if id.raw() == "2" { locked() } else { Outcome::Accepted });
    bench.state.settings.terms.ticket = Some("INC-2".into());
    bench.press("f");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    let terms = &sheet.plan.terms;
    assert_eq!(terms.guard.as_ref().map(ToString::to_string).as_deref(), Some("state:disc"));
    assert_eq!(terms.ticket, Some("INC-1".into()));
}

#[test]
fn who_was_held_back_comes_again_only_where_the_cursor_is() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let back = Outcome::HeldBack("reconnected since".into());
    bench.finish_job(|id| if id.raw() == "1" { back.clone() } else { locked() });
    bench.press("R");
    assert_eq!(plan_ids(&bench), ids(&["2", "4"]), "not whoever reconnected");
    bench.press("<esc>jR");
    assert_eq!(plan_ids(&bench), ids(&["1"]));
}

#[test]
fn the_report_is_written_to_files_and_says_where() {
    let mut bench = Bench::with(estate());
    let job = unsure(&mut bench);
    bench.press("E");
    let effects = bench.take_effects();
    let [Effect::WriteReport { job: of, name, files }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(*of, Some(job));
    assert!(
        name.starts_with("20260302T140000Z-") && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    );
    let endings: Vec<&str> = files.iter().map(|(ending, _)| ending.as_str()).collect();
    assert_eq!(endings, ["csv", "json", "md"]);
    assert!(files.iter().all(|(_, text)| text.contains("abel")), "every form names the targets");
    bench.send(Msg::ReportWritten { job: Some(job), answer: Ok("/state/reports/x.*".into()) });
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("x.* in /state/reports"));
    bench.send(Msg::ReportWritten { job: Some(job), answer: Err("no space left".into()) });
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains("no space left"));
    bench.press("c");
    let effects = bench.take_effects();
    assert!(
        matches!(effects.as_slice(), [Effect::Copy(text)] if text.contains("no ticket was given")),
        "{effects:?}"
    );
}

#[test]
fn a_job_whose_plan_was_applied_meanwhile_is_not_started_and_its_events_are_nobodys() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    let job = bench.state.jobs.last().expect("a job").id;
    let why = "/plans/7f3a.json was applied already (applied by CORP\\bob)";
    let fault = Some(Fault::new(FaultKind::Local, "not started", why));
    bench.send(Msg::JobProgressed { job, event: JobEvent::Finished { stopped: false, fault } });
    assert!(bench.state.jobs.last().unwrap().is_unstarted());
    let own = bench.state.own_events.iter().find(|own| own.job() == job).unwrap();
    assert_eq!((own.claimed, own.expected), (0, 0));
    let is_told = |entry: &crate::core::events::Entry| match &entry.body {
        EntryBody::Own(record) => record.text.as_str().contains("not started: 3 unsent"),
        EntryBody::Audit { .. } => false,
    };
    assert!(bench.state.events.entries().any(is_told));
}
