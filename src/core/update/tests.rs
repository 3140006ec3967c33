//! Messages in; state and effects out.

use proptest::prelude::*;

use crate::{
    core::{
        bulk::{Confirmation, HoldReason, JobEvent, JobPhase, Wait},
        effect::{Effect, ExitReason},
        events::{EntryBody, PaneSize},
        fixtures::{Bench, session, start},
        msg::Msg,
        remote::Remote,
        state::{ComposerField, Focus, Overlay, ScreenSize},
        table::SessionTable,
    },
    domain::{
        AuditEvent, EventFeed, EventId, Fault, FaultKind, MessageSeverity, Outcome, Session, SessionId,
        SessionState, Severity, Verb,
    },
};

fn estate() -> Vec<Session> {
    vec![
        session("1", "abel", SessionState::Disconnected, 400),
        session("2", "baker", SessionState::Disconnected, 300),
        session("3", "chen", SessionState::Connected, 0),
        session("4", "dogan", SessionState::Disconnected, 20),
    ]
}

fn locked() -> Outcome {
    Outcome::Refused(Fault::new(FaultKind::InvalidState, "log off", "Session is locked."))
}

fn ids(list: &[&str]) -> Vec<SessionId> {
    list.iter().map(|id| SessionId::from(*id)).collect()
}

fn plan_ids(bench: &Bench) -> Vec<SessionId> {
    match bench.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => {
            sheet.plan.to_send.iter().map(|target| target.session.id.clone()).collect()
        }
        other => panic!("no plan sheet but {other:?}"),
    }
}

#[test]
fn the_console_connects_then_asks_for_sessions_and_events() {
    let mut bench = Bench::with(estate());
    let effects = bench.take_effects();
    assert_eq!(effects.first(), Some(&Effect::Connect));
    assert_eq!(effects.iter().filter(|effect| matches!(effect, Effect::FetchSessions { .. })).count(), 1);
    assert_eq!(effects.iter().filter(|effect| matches!(effect, Effect::FetchEvents { .. })).count(), 1);
    assert!(matches!(bench.state.sessions.table, Remote::Loaded { .. }));
}

#[test]
fn polls_are_never_stacked_and_come_back_at_the_interval() {
    let mut bench = Bench::with(estate());
    bench.take_effects();
    bench.pass(14);
    assert!(!bench.take_effects().iter().any(|effect| matches!(effect, Effect::FetchSessions { .. })));
    bench.pass(1);
    assert_eq!(
        bench.take_effects().iter().filter(|effect| matches!(effect, Effect::FetchSessions { .. })).count(),
        1
    );
    bench.press("<c-r><c-r>");
    bench.pass(100);
    assert!(
        !bench.take_effects().iter().any(|effect| matches!(effect, Effect::FetchSessions { .. })),
        "one is out"
    );
    bench.answer(estate(), true);
    assert!(
        bench.take_effects().iter().any(|effect| matches!(effect, Effect::FetchSessions { .. })),
        "queued by Ctrl-r"
    );
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let mut bench = Bench::with(estate());
    bench.pass(15);
    let request = bench.state.sessions.poll.in_flight.unwrap();
    bench.answer(estate(), true);
    let fault = Fault::new(FaultKind::Unreachable, "list sessions", "late");
    bench.send(Msg::SessionsFailed { request, fault });
    assert!(matches!(bench.state.sessions.table, Remote::Loaded { .. }));
}

#[test]
fn a_failed_poll_keeps_the_rows_and_says_that_they_are_old() {
    let mut bench = Bench::with(estate());
    bench.pass(15);
    let request = bench.state.sessions.poll.in_flight.unwrap();
    let fault = Fault::new(FaultKind::Unreachable, "list sessions", "no route to host");
    bench.send(Msg::SessionsFailed { request, fault });
    assert!(matches!(bench.state.sessions.table, Remote::Stale { .. }));
    assert_eq!(bench.state.sessions.view.counts().shown, 4);
}

#[test]
fn a_refused_first_log_in_ends_the_program_with_the_fault() {
    let mut bench = Bench::with(estate());
    let fault = Fault::new(FaultKind::Unauthenticated, "log in", "bad password");
    bench.send(Msg::ConnectFailed(fault.clone()));
    assert_eq!(bench.take_effects().last(), Some(&Effect::Exit(ExitReason::NotConnected(fault))));
}

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
fn a_filter_with_a_mistake_hides_nothing() {
    let mut bench = Bench::with(estate());
    bench.press("/stat:disc");
    assert_eq!(bench.state.sessions.view.counts().shown, 4);
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().expect("an error");
    assert!(error.message.as_str().contains("state"), "{}", error.message);
    bench.press("<enter>");
    assert!(bench.state.prompt.is_some(), "a line with a mistake stays open");
    bench.press("<esc>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "");
}

#[test]
fn esc_asks_before_it_clears_the_filter_and_never_clears_marks() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>*<esc>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "chen");
    bench.press("<esc>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "");
    assert_eq!(bench.state.sessions.view.counts().marked, 1);
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
fn keys_do_nothing_on_a_screen_that_shows_nothing() {
    let mut bench = Bench::with(estate());
    bench.send(Msg::Resized(ScreenSize { width: 59, height: 14 }));
    bench.take_effects();
    bench.press("*af4<enter>");
    bench.send(Msg::Paste("x".to_owned()));
    assert!(bench.take_effects().is_empty() && bench.state.overlays.is_empty());
    assert_eq!(bench.state.sessions.view.counts().marked, 0);
    bench.press("q");
    assert_eq!(bench.take_effects(), [Effect::Exit(ExitReason::Left)]);
}

#[test]
fn a_filter_line_begins_empty_and_changes_nothing_untouched() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>/<enter>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "chen");
    bench.press("/abel<enter>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "abel");
    bench.press("/<up><up><enter>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "chen");
    bench.press("/x<bs><enter>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "");
}

#[test]
fn esc_goes_back_one_layer_within_sheets() {
    let mut bench = Bench::with(estate());
    bench.press("*al<tab><esc>");
    assert_eq!(plan_ids(&bench).len(), 4, "from the list to the summary");
    bench.press("4<enter>");
    bench.finish_job(|_| Outcome::Accepted);
    bench.press("<enter><esc>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Job(sheet)) if !sheet.names));
    bench.press("<esc>");
    assert!(bench.state.overlays.is_empty());
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

#[test]
fn the_question_before_leaving_goes_away_with_its_reason() {
    let mut bench = Bench::with(estate());
    bench.press("/chen<enter>al1<enter><c-c>");
    bench.finish_job(|_| Outcome::Accepted);
    assert!(!bench.state.overlays.iter().any(|overlay| matches!(overlay, Overlay::Leave)));
}

#[test]
fn only_a_whole_list_says_that_a_session_is_gone() {
    let mut bench = Bench::with(estate());
    bench.press("*");
    bench.pass(60);
    bench.answer(vec![estate().remove(0)], false);
    bench.press("al");
    let Some(Overlay::Plan(sheet)) = bench.state.overlays.last() else { panic!() };
    assert!(
        sheet.plan.held_back.iter().all(|held| held.reason == HoldReason::NotRead),
        "{:?}",
        sheet.plan.held_back
    );
    assert_eq!((sheet.plan.to_send.len(), sheet.plan.held_back.len()), (1, 3));
}

#[test]
fn a_filter_command_with_a_mistake_leaves_the_filter_alone() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>:filter staet:disc<enter>");
    assert!(bench.state.prompt.as_ref().unwrap().error.is_some());
    bench.press("<enter>");
    assert!(bench.state.prompt.is_some(), "a line with a mistake stays open");
    bench.press("<esc>");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "state:disc");
    assert_eq!(bench.state.sessions.view.counts().shown, 3);
    bench.press(":filter chen<enter>");
    assert_eq!(bench.state.sessions.view.counts().shown, 1);
}

#[test]
fn a_poll_that_failed_while_frozen_is_not_forgotten() {
    let mut bench = Bench::with(estate());
    bench.press("p");
    bench.refresh(estate());
    bench.pass(60);
    let request = bench.state.sessions.poll.in_flight.unwrap();
    bench.send(Msg::SessionsFailed {
        request,
        fault: Fault::new(FaultKind::Unreachable, "list sessions", "gone"),
    });
    bench.press("p");
    assert!(matches!(bench.state.sessions.table, Remote::Stale { .. }));
}

#[test]
fn a_filtered_event_pane_never_looks_empty_because_of_its_cursor() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*aly");
    bench.finish_job(|_| locked());
    bench.press("q<tab>gg");
    let first = bench.state.events.current().unwrap().number;
    bench.press("L");
    assert!(bench.state.events.shown().count() > 0);
    assert!(!bench.state.events.window(5).is_empty());
    assert!(bench.state.events.current().is_some_and(|entry| entry.number != first && entry.rank() > 0));
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
fn the_clock_of_the_server_is_told_once_for_each_difference() {
    let mut bench = Bench::with(estate());
    let mut told = Vec::new();
    for offset in [None, Some(59), Some(-3725), Some(-3700), Some(-3790), Some(-59), Some(-20), Some(90)] {
        bench.pass(60);
        let request = bench.state.sessions.poll.in_flight.unwrap();
        let now = bench.state.now;
        let server_time = offset.map(|seconds| now + jiff::SignedDuration::from_secs(seconds));
        let table = SessionTable::new(estate(), now, true).with_server_time(server_time);
        bench.send(Msg::SessionsLoaded { request, table: table.into(), unreadable: 0 });
        let records = bench.state.events.entries().filter_map(|entry| match &entry.body {
            EntryBody::Own(record) if record.text.as_str().contains("clock") => Some(record.text.to_string()),
            _ => None,
        });
        told.push(records.count());
    }
    assert_eq!(told, [0, 0, 1, 1, 2, 3, 3, 4]);
    let last = bench.state.events.entries().find_map(|entry| match &entry.body {
        EntryBody::Own(record) if record.text.as_str().contains("behind") => Some(record.text.to_string()),
        _ => None,
    });
    let text = last.unwrap();
    assert!(
        ["1h02m", "1h03m"].iter().any(|by| {
            text == format!(
                "the server's clock is {by} behind this machine's; durations are measured by the server's"
            )
        }),
        "{text}"
    );
    assert_eq!(
        bench.state.sessions.view.table().as_of(),
        bench.state.now + jiff::SignedDuration::from_secs(90)
    );
}

#[test]
fn own_records_appear_at_once_and_audit_events_of_the_job_are_claimed() {
    let mut bench = Bench::with(estate());
    let request = bench.state.event_poll.in_flight.unwrap();
    bench.send(Msg::EventsLoaded {
        request,
        events: Vec::new(),
        feed: EventFeed::Available,
        truncated: false,
        unreadable: 0,
    });
    bench.press("/state:disc<enter>*aly");
    assert!(bench.state.events.entries().any(|entry| {
        matches!(&entry.body, EntryBody::Own(record) if record.text.as_str().contains("started: logoff, 3 targets"))
    }));
    bench.finish_job(|_| Outcome::Accepted);
    bench.pass(10);
    let request = bench.state.event_poll.in_flight.unwrap();
    let logoff = |id, machine: &str| AuditEvent {
        id: EventId(id),
        time: Some(start()),
        severity: Some(Severity::AuditSuccess),
        kind: Some("ADMIN_DESKTOP_SESSION_LOGOFF".into()),
        module: Some("Admin".into()),
        message: Some("CORP\\admin has logged off somebody".into()),
        written_by: None,
        user_id: None,
        machine_id: Some(machine.into()),
        pool_name: None,
        application_pool_name: None,
    };
    let events = vec![logoff(1, "vm-1"), logoff(2, "vm-1"), logoff(3, "elsewhere")];
    bench.send(Msg::EventsLoaded {
        request,
        events,
        feed: EventFeed::Available,
        truncated: false,
        unreadable: 0,
    });
    let ours = bench
        .state
        .events
        .entries()
        .filter(|entry| matches!(entry.body, EntryBody::Audit { ours: Some(_), .. }));
    assert_eq!(ours.count(), 1, "one row for one target, and none of another machine");
    assert_eq!(bench.state.own_events[0].claimed, 1);
}

#[test]
fn the_event_pane_follows_counts_what_is_unseen_and_follows_again() {
    let mut bench = Bench::with(estate());
    bench.press("<tab>");
    assert_eq!(bench.state.focus, Focus::Events);
    bench.press("k");
    assert!(!bench.state.events.follow);
    let request = bench.state.event_poll.in_flight.unwrap();
    bench.send(Msg::EventsLoaded {
        request,
        events: Vec::new(),
        feed: EventFeed::NoDatabase,
        truncated: false,
        unreadable: 0,
    });
    assert_eq!(bench.state.events.feed, Some(EventFeed::NoDatabase));
    bench.press("f");
    assert!(bench.state.events.follow);
    bench.press("q");
    assert_eq!(bench.state.focus, Focus::Table);
    bench.press("ee");
    assert_eq!(
        (bench.state.events.size, bench.state.focus),
        (PaneSize::Full, Focus::Events),
        "a pane that fills the screen"
    );
    bench.press("e");
    assert_eq!((bench.state.events.size, bench.state.focus), (PaneSize::Hidden, Focus::Table));
}

#[test]
fn freezing_keeps_the_picture_counts_changes_and_then_catches_up() {
    let mut bench = Bench::with(estate());
    bench.press("p");
    let mut changed = estate();
    changed.remove(0);
    changed[1].state = Some(SessionState::Disconnected);
    bench.refresh(changed);
    assert_eq!(bench.state.sessions.view.counts().total, 4);
    assert_eq!(bench.state.sessions.frozen.as_ref().unwrap().changes, 2);
    bench.press("p");
    assert_eq!(bench.state.sessions.view.counts().total, 3);
}

#[test]
fn an_unknown_command_names_the_nearest() {
    let mut bench = Bench::with(estate());
    bench.press(":refrsh<enter>");
    assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains(":refresh"));
    bench.press(":interval 30<enter>");
    assert_eq!(bench.state.settings.refresh_seconds, 30);
    bench.press(":interval 0<enter>");
    assert_eq!(bench.state.settings.refresh_seconds, 30);
}

#[test]
fn pasted_text_is_never_taken_for_keys() {
    let mut bench = Bench::with(estate());
    bench.take_effects();
    bench.send(Msg::Paste("*af4\n".to_owned()));
    assert!(bench.state.overlays.is_empty() && bench.take_effects().is_empty());
    assert_eq!(bench.state.sessions.view.counts().marked, 0);
}

#[test]
fn an_idle_console_sleeps_until_the_next_poll() {
    let mut bench = Bench::with(estate());
    assert_eq!(super::next_wake(&bench.state), Some(start() + jiff::SignedDuration::from_secs(15)));
    let request = bench.state.event_poll.in_flight.unwrap();
    bench.send(Msg::EventsLoaded {
        request,
        events: Vec::new(),
        feed: EventFeed::Available,
        truncated: false,
        unreadable: 0,
    });
    assert_eq!(super::next_wake(&bench.state), Some(start() + jiff::SignedDuration::from_secs(5)));
}

#[test]
fn the_state_survives_serialisation() {
    let mut bench = Bench::with(estate());
    bench.press("/state:disc<enter>*al");
    let json = serde_json::to_string(&bench.state).unwrap();
    let again: crate::core::state::State = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&bench.state).unwrap());
}

/// What a property test does to the console.
#[derive(Debug, Clone)]
enum Step {
    Key(usize),
    Refresh(Vec<(u8, bool)>),
    Resize(u16, u16),
    /// The newest job settles its next targets, this many, with outcomes chosen by the number.
    Settle(usize, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..KEYS.len()).prop_map(Step::Key),
        2 => prop::collection::vec((0..12_u8, any::<bool>()), 0..12).prop_map(Step::Refresh),
        1 => (0..220_u16, 0..70_u16).prop_map(|(width, height)| Step::Resize(width, height)),
        2 => (0..4_usize, any::<u8>()).prop_map(|(count, choice)| Step::Settle(count, choice)),
    ];
    prop::collection::vec(step, 0..60)
}

/// Keys that do not fire anything by themselves; the sheets that they open are part of the walk.
const KEYS: &[&str] = &[
    "j",
    "k",
    "gg",
    "G",
    " ",
    "v",
    "*",
    "~",
    "u",
    "gv",
    "U",
    "S",
    "A",
    "O",
    "h",
    "l",
    "M",
    "!",
    "a",
    "f",
    "d",
    "x",
    "m",
    "<enter>",
    "<esc>",
    "<tab>",
    "y",
    "3",
    "?",
    "e",
    "p",
    "<c-d>",
    "<c-u>",
    "/c<enter>",
    "<c-r>",
    "z",
    "R",
    "q",
    "<c-o>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    /// design.md section 4, rules 1 to 3: a plan's targets change by nothing but its own sheet; every job runs exactly
    /// the plan that was on the sheet; counts add up at every moment.
    #[test]
    fn whatever_happens_plans_and_jobs_keep_their_targets(steps in steps()) {
        let mut bench = Bench::with(estate());
        for step in steps {
            let before = open_plan(&bench);
            let marks_before: Vec<SessionId> = bench.state.sessions.view.marks().iter().cloned().collect();
            let refreshed = matches!(step, Step::Refresh(_));
            apply(&mut bench, step);
            for effect in bench.take_effects() {
                if let Effect::RunJob { plan, .. } = effect {
                    let sent: Vec<SessionId> =
                        plan.to_send.iter().map(|target| target.session.id.clone()).collect();
                    prop_assert_eq!(Some((plan.id.clone(), sent)), before.clone(), "what was on the sheet is what runs");
                    prop_assert!(!plan.to_send.is_empty());
                }
            }
            if let (Some(before), Some(after)) = (before, open_plan(&bench)) && before.0 == after.0 {
                prop_assert_eq!(before.1, after.1, "an open plan is frozen");
            }
            if refreshed {
                let newest = bench.state.sessions.view.table();
                for id in marks_before {
                    let listed = newest.find(&id).is_some();
                    prop_assert_eq!(listed, bench.state.sessions.view.marks().contains(&id), "a refresh moves no mark");
                }
            }
            for job in &bench.state.jobs {
                prop_assert_eq!(job.counts().values().sum::<usize>(), job.plan.len());
            }
        }
    }
}

fn open_plan(bench: &Bench) -> Option<(crate::domain::PlanId, Vec<SessionId>)> {
    match bench.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => Some((
            sheet.plan.id.clone(),
            sheet.plan.to_send.iter().map(|target| target.session.id.clone()).collect(),
        )),
        _ => None,
    }
}

fn apply(bench: &mut Bench, step: Step) {
    match step {
        Step::Key(place) => bench.press(KEYS[place]),
        Step::Refresh(rows) => {
            let sessions = rows.into_iter().map(|(number, connected)| {
                let state = if connected { SessionState::Connected } else { SessionState::Disconnected };
                session(&number.to_string(), &format!("user{}", number % 5), state, i64::from(number) * 60)
            });
            let unique: std::collections::BTreeMap<SessionId, Session> =
                sessions.map(|session| (session.id.clone(), session)).collect();
            bench.refresh(unique.into_values().collect());
        }
        Step::Settle(count, choice) => settle(bench, count, choice),
        Step::Resize(width, height) => bench.send(Msg::Resized(ScreenSize { width, height })),
    }
}

/// Lets the newest running job go on by so many targets, and end when none is left.
fn settle(bench: &mut Bench, count: usize, choice: u8) {
    let Some(job) = bench.state.jobs.iter().rev().find(|job| job.is_running()).cloned() else {
        return;
    };
    let open: Vec<usize> =
        (0..job.outcomes.len()).filter(|place| !job.outcomes[*place].is_settled()).take(count).collect();
    let lost = Outcome::NoAnswer(Fault::new(FaultKind::Unreachable, "log off", "timed out"));
    let outcome = [Outcome::Accepted, locked(), lost][usize::from(choice) % 3].clone();
    bench.send(Msg::JobProgressed { job: job.id, event: JobEvent::Sent { targets: open.clone() } });
    let outcomes = open.iter().map(|place| (*place, outcome.clone())).collect();
    bench.send(Msg::JobProgressed { job: job.id, event: JobEvent::Settled { outcomes } });
    if count == 0 || job.answered() + open.len() == job.total() {
        let event = JobEvent::Finished { stopped: count == 0, fault: None };
        bench.send(Msg::JobProgressed { job: job.id, event });
    }
}

#[test]
fn a_key_that_does_nothing_says_so_and_where_the_keys_stand() {
    let mut bench = Bench::with(estate());
    for (keys, words) in [
        ("X", "X does nothing here; ? shows the keys"),
        ("gx", "g x does nothing here; ? shows the keys"),
        ("<esc>aX", "X does nothing here; ? shows the keys"),
    ] {
        bench.press(keys);
        assert_eq!(bench.state.notice.as_ref().unwrap().text.as_str(), words);
    }
    bench.press("<esc>");
    assert!(bench.state.notice.is_none(), "a way out is no mistake");
    // Where letters are typed they do something, and `?` is one of them.
    bench.press("?X");
    assert!(bench.state.notice.is_none());
}
