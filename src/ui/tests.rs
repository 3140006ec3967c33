//! What the operator sees, at the sizes of `screens.md section 5`; and what holds for every size, theme and sheet.

use insta::assert_snapshot;
use ratatui::style::Color;

use super::{
    ColorDepth, Theme,
    fixtures::{
        SIZES, add_job, at, change_view, connected, connecting, drawn, drawn_at, event, fault, job,
        main_screen, picture, pictures, plan, plan_sheet, with_sessions,
    },
    lines,
};
use crate::{
    core::{
        bulk::objection,
        command::Context,
        effect::RequestId,
        events::PaneSize,
        key::Key,
        line_input::LineInput,
        state::{
            ActionMenu, Afterwards, Composer, ComposerField, Elsewhere, Focus, Frozen, JobSheet, JobsSheet,
            Notice, NoticeKind, Overlay, PlanPage, Prompt, PromptError, PromptKind, ScreenSize, State,
            VerbChoice,
        },
        table::SessionTable,
        text_area::TextArea,
    },
    domain::{
        EventFeed, FaultKind, JobId, MessageSeverity, MessageText, Outcome, SessionFacts, SessionId, Verb,
    },
};

mod always;
mod card;
mod choosing;
mod courses;
mod diff;
mod facets;
mod help;
mod jobs;
mod plans;
mod records;
mod themes;

/// Takes a picture of a state at each size that matters.
fn snapshots(name: &str, state: impl Fn(u16, u16) -> State) {
    pictures!(name, state);
}

/// A picture at 80x24, the size that everything must work at.
fn snapshot(name: &str, state: &State) {
    assert_snapshot!(name, picture(state));
}

fn with_overlay(mut state: State, overlay: impl FnOnce(&State) -> Overlay) -> State {
    let overlay = overlay(&state);
    state.overlays.push(overlay);
    state
}

fn actions(state: &State) -> Overlay {
    let targets: Vec<SessionId> = state.sessions.view.table().iter().map(SessionFacts::session_id).collect();
    let choice = |verb: Verb| {
        let mut choice = VerbChoice { verb, warns: false, eligible: 0, reasons: Vec::new(), unknown: 0 };
        for session in state.sessions.view.table().iter() {
            match objection(state.capabilities().unwrap(), state.sessions.view.table(), verb, session) {
                None => choice.eligible += 1,
                Some(reason) => match choice.reasons.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, count)) => *count += 1,
                    None => choice.reasons.push((reason, 1)),
                },
            }
        }
        choice
    };
    let mut choices: Vec<VerbChoice> = Verb::ALL.into_iter().map(choice).collect();
    choices.insert(1, VerbChoice { warns: true, ..choices[0].clone() });
    Overlay::Actions(ActionMenu { targets, choices, cursor: 2 })
}

fn planning() -> Overlay {
    Overlay::Planning { request: RequestId(7), verb: Verb::LogoffForced, count: 250_033 }
}

fn message() -> MessageText {
    MessageText {
        severity: MessageSeverity::Warning,
        text: "FINRDS-04 restarts in 15 minutes for urgent repair. Please save your work and log off.\n- IT Service Desk"
            .into(),
    }
}

fn composer(state: &State, field: ComposerField) -> Overlay {
    let targets = state.sessions.view.table().iter().map(SessionFacts::session_id).collect();
    Overlay::Composer(Box::new(Composer {
        targets,
        severity: MessageSeverity::Warning,
        text: TextArea::new(&message().text),
        field,
        leave_out_disconnected: false,
        preview: 2,
        last: None,
        then: Afterwards::default(),
        template: None,
        own: (MessageSeverity::Info, String::new()),
        fresh: false,
        corrects: None,
        complaint: None,
    }))
}

fn detail(id: &str) -> Overlay {
    Overlay::Detail { session: SessionId::from(id), elsewhere: Elsewhere::NotAsked, scroll: 0 }
}

fn help(search: &str) -> Overlay {
    Overlay::Help { context: Context::Sessions, search: LineInput::new(search), scroll: 0 }
}

fn with_job(mut state: State, finished: bool) -> State {
    let job = job(&state, finished);
    add_job(&mut state, job);
    state.overlays.push(Overlay::Job(JobSheet::new(JobId(17))));
    state
}

fn with_prompt(mut state: State, kind: PromptKind, text: &str, error: Option<(usize, &str)>) -> State {
    let error = error.map(|(column, message)| PromptError { column, message: message.into() });
    state.prompt = Some(Prompt {
        kind,
        input: LineInput::new(text),
        before: String::new(),
        recalled: None,
        taken: None,
        whole: false,
        touched: true,
        error,
    });
    state
}

/// Every sheet and menu over the main screen.
fn all_overlays(width: u16, height: u16) -> Vec<State> {
    let main = || main_screen(width, height);
    let over = |overlay: fn(&State) -> Overlay| with_overlay(main(), overlay);
    let mut states = vec![
        main(),
        connecting(width, height),
        connected(width, height),
        over(actions),
        over(|_| planning()),
        over(|state| plan_sheet(state, plan(state, Verb::Logoff, None), PlanPage::Summary)),
        over(|state| plan_sheet(state, plan(state, Verb::Reset, None), PlanPage::Summary)),
        over(|state| plan_sheet(state, plan(state, Verb::Message, Some(message())), PlanPage::Summary)),
        over(|state| plan_sheet(state, plan(state, Verb::Logoff, None), PlanPage::Targets)),
        over(|state| plan_sheet(state, plan(state, Verb::Disconnect, None), PlanPage::HeldBack)),
        over(|state| plan_sheet(state, plan(state, Verb::Logoff, None), PlanPage::Hidden)),
        over(|state| composer(state, ComposerField::Text)),
        over(|state| composer(state, ComposerField::Disconnected)),
        over(|_| detail("s1")),
        over(|_| detail("nothing-known")),
        over(|_| detail("ended-meanwhile")),
        over(|_| help("")),
        over(|_| help("mark")),
        with_job(main(), false),
        with_job(main(), true),
        with_prompt(main(), PromptKind::Filter, "stat:disc idle>4h", Some((0, "unknown field"))),
        with_prompt(main(), PromptKind::Command, "refresh", None),
    ];
    let mut jobs = with_job(main(), true);
    jobs.overlays = vec![Overlay::Jobs(JobsSheet::default())];
    states.push(jobs);
    states.push(with_overlay(main(), |_| Overlay::Facets));
    states.push(with_overlay(main(), |_| Overlay::Timeline { session: SessionId::from("s3"), scroll: 0 }));
    states.push(with_overlay(main(), |_| Overlay::Raw { session: SessionId::from("s12"), scroll: 3 }));
    let mut facets = main();
    facets.sessions.facets.pane = Some(true);
    facets.focus = Focus::Facets;
    states.push(facets);
    let mut leave = with_job(main(), false);
    leave.overlays.push(Overlay::Leave);
    states.push(leave);
    let mut names = with_job(main(), true);
    names.overlays = vec![Overlay::Job(JobSheet { names: true, scroll: 2, ..JobSheet::new(JobId(17)) })];
    states.push(names);
    let mut events = main();
    events.focus = Focus::Events;
    events.events.move_by(-2);
    states.push(events);
    let mut stale = main();
    stale.sessions.table.fail(fault(FaultKind::Unreachable, "connection refused"), stale.now);
    states.push(stale);
    states
}

#[test]
fn the_main_screen() {
    snapshots("main", main_screen);
}

#[test]
fn the_main_screen_in_ascii() {
    let mut state = main_screen(80, 24);
    state.settings.ascii = true;
    snapshot("main_ascii", &state);
}

#[test]
fn a_run_that_is_recorded_says_so_at_every_size() {
    let recorded = |width, height| {
        let mut state = main_screen(width, height);
        state.settings.recording = true;
        state
    };
    snapshot("recording", &recorded(80, 24));
    let mut simulated = recorded(80, 24);
    simulated.settings.simulated = true;
    let screen = picture(&simulated);
    assert!(screen.lines().next().is_some_and(|first| first.contains(" 20 sess ")), "{screen}");
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let screen = picture(&recorded(width, height));
        assert!(
            screen.lines().next().is_some_and(|first| first.contains("  REC  ")),
            "{width}x{height}: {screen}"
        );
        assert!(!picture(&main_screen(width, height)).contains("REC  "), "{width}x{height}");
    }
}

#[test]
fn the_colours_of_the_main_screen() {
    let (buffer, _) = drawn(&main_screen(80, 24), &Theme::default());
    insta::assert_debug_snapshot!("main_styles_ansi16", buffer);
    let monochrome = Theme::default().with_depth(ColorDepth::Mono);
    let (buffer, _) = drawn(&main_screen(80, 24), &monochrome);
    insta::assert_debug_snapshot!("main_styles_monochrome", buffer);
}

#[test]
fn the_least_screen_that_is_used() {
    snapshot("main_60x15", &main_screen(60, 15));
    let sheet = with_overlay(main_screen(60, 15), |state| {
        plan_sheet(state, plan(state, Verb::Logoff, None), PlanPage::Summary)
    });
    snapshot("plan_60x15", &sheet);
    snapshot(
        "composer_60x15",
        &with_overlay(main_screen(60, 15), |state| composer(state, ComposerField::Text)),
    );
    snapshot("job_60x15", &with_job(main_screen(60, 15), true));
    snapshot("job_running_60x15", &with_job(main_screen(60, 15), false));
    snapshot("actions_60x15", &with_overlay(main_screen(60, 15), actions));
    snapshot("detail_60x15", &with_overlay(main_screen(60, 15), |_| detail("s11")));
    snapshots("leaving", |width, height| {
        let mut leave = with_job(main_screen(width, height), false);
        leave.overlays.push(Overlay::Leave);
        leave
    });
}

#[test]
fn what_stands_where_there_are_no_rows() {
    snapshot("connecting", &connecting(80, 24));
    let mut loading = connected(80, 24);
    loading.sessions.poll.progress = Some((2000, Some(5000)));
    snapshot("loading", &loading);
    for (width, height) in [(59, 14), (80, 24), (120, 40), (200, 60)] {
        let mut growing = main_screen(width, height);
        growing.sessions.growing = true;
        growing.sessions.poll.progress = Some((64_000, Some(250_000)));
        snapshot(&format!("growing_{width}x{height}"), &growing);
    }
    snapshot("no_sessions", &with_sessions(80, 24, Vec::new()));
    let mut failed = connected(80, 24);
    failed.sessions.table.fail(
        crate::domain::Fault::new(
            FaultKind::Unreachable,
            "list sessions",
            "connection refused (os error 111)",
        ),
        failed.now,
    );
    snapshot("failed", &failed);
    let mut nothing = main_screen(80, 24);
    change_view(&mut nothing, |view, with| {
        view.set_filter("user:nobody", with);
        view.move_by(1);
    });
    snapshot("nothing_matches", &nothing);
}

#[test]
fn old_data_stays_and_says_why() {
    let mut state = main_screen(80, 24);
    state.now = super::fixtures::at("14:05:22");
    state.sessions.table.fail(fault(FaultKind::Unexpected, "502 Bad Gateway"), state.now);
    state.pressure.cooling = vec![("sessions".into(), super::fixtures::at("14:05:31"))];
    snapshot("stale", &state);
}

#[test]
fn frozen_range_and_lost_rows_are_told_apart() {
    let mut state = main_screen(80, 24);
    change_view(&mut state, |view, _| {
        view.range_start();
        view.move_by(3);
    });
    state.sessions.frozen =
        Some(Frozen { since: super::fixtures::at("14:02:11"), newest: None, changes: 12 });
    snapshot("frozen_range", &state);
    let mut gone = main_screen(80, 24);
    let rest: Vec<_> =
        super::fixtures::sessions().into_iter().filter(|session| session.id.raw() != "s2").collect();
    let table = std::sync::Arc::new(SessionTable::new(rest, super::fixtures::at("14:02:26"), true));
    gone.sessions.table.load(std::sync::Arc::clone(&table), super::fixtures::at("14:02:26"));
    change_view(&mut gone, |view, with| view.replace_table(table, with));
    snapshot("gone", &gone);
}

#[test]
fn a_mistake_in_the_filter_points_at_its_place_and_hides_nothing() {
    let text = "pool:fin-* stat:disc idle>4h";
    let mut state = main_screen(80, 24);
    change_view(&mut state, |view, with| view.set_filter(text, with));
    let message = "unknown field stat; nearest is state";
    let state = with_prompt(state, PromptKind::Filter, text, Some((11, message)));
    snapshot("filter_error", &state);
    let (_, cursor) = drawn(&state, &Theme::default());
    assert_eq!(cursor, Some((2 + text.len() as u16, 23)), "the cursor stands behind the text");
}

#[test]
fn the_event_pane() {
    let mut focused = main_screen(80, 24);
    focused.focus = Focus::Events;
    focused.events.size = PaneSize::Half;
    focused.events.move_by(-2);
    focused.events.unseen = 4;
    change_view(&mut focused, |_, _| ());
    snapshot("events_focused", &focused);
    let mut full = main_screen(80, 24);
    full.focus = Focus::Events;
    full.events.size = PaneSize::Full;
    snapshot("events_full", &full);
    for (name, feed) in [
        ("no_database", EventFeed::NoDatabase),
        ("not_permitted", EventFeed::NotPermitted),
        ("not_in_release", EventFeed::NotInRelease),
    ] {
        let mut state = with_sessions(80, 24, Vec::new());
        state.events.feed = Some(feed);
        snapshot(&format!("events_{name}"), &state);
    }
}

#[test]
fn the_action_menu() {
    snapshots("actions", |width, height| with_overlay(main_screen(width, height), actions));
}

#[test]
fn the_reasons_of_the_chosen_verb_can_be_read_in_full() {
    for (width, height) in [(60, 15), (80, 24)] {
        let mut state = with_overlay(main_screen(width, height), actions);
        if let Some(Overlay::Actions(menu)) = state.overlays.last_mut() {
            menu.cursor = 4;
            menu.choices[4].reasons = [
                ("needs MACHINE_REBOOT", 48),
                ("runs on an RDS server", 12),
                ("its machine is not managed by vCenter", 3),
            ]
            .map(|(reason, count)| (crate::core::bulk::HoldReason::NotLegal(reason.into()), count))
            .into();
        }
        let text = picture(&state);
        let words: Vec<&str> = text.split([' ', '│', '\n']).filter(|word| !word.is_empty()).collect();
        let full = "restart the guest of the machine, gracefully. Not for: 48x needs MACHINE_REBOOT, \
                    12x runs on an RDS server, 3x its machine is not managed by vCenter";
        assert!(words.join(" ").contains(full), "{text}");
    }
}

#[test]
fn a_part_of_the_list_says_what_that_means() {
    for (width, words) in [(60, "PARTIAL"), (80, "PARTIAL (moving)"), (120, "PARTIAL: list moved while read")]
    {
        let mut state = main_screen(width, 24);
        let part = SessionTable::new(super::fixtures::sessions(), super::fixtures::at("14:02:11"), false);
        state.sessions.table.load(std::sync::Arc::new(part), super::fixtures::at("14:02:11"));
        let line = lines(&drawn(&state, &Theme::default()).0)[2].clone();
        assert!(line.ends_with(words), "{line}");
        state.sessions.table.fail(fault(FaultKind::Unexpected, "502"), state.now);
        let line = lines(&drawn(&state, &Theme::default()).0)[2].clone();
        assert!(line.ends_with("OLD, PARTIAL"), "{line}");
    }
    let help = with_overlay(main_screen(60, 15), |_| help("partial"));
    assert!(picture(&help).contains("some may be missing; Ctrl-r rereads"));
}

#[test]
fn ok_is_said_only_after_an_answer_and_never_beside_a_wait() {
    let end = |state: &State| lines(&drawn(state, &Theme::default()).0)[0].clone();
    assert!(end(&connected(80, 24)).ends_with(" ..."));
    let mut state = main_screen(80, 24);
    assert!(end(&state).ends_with(" OK"));
    state.pressure.cooling = vec![("sessions".into(), super::fixtures::at("14:02:22"))];
    assert!(end(&state).ends_with("429 8s"), "{}", end(&state));
    state.pressure.cooling.clear();
    state.events.fault = Some(fault(FaultKind::InsufficientPermission, "no"));
    assert!(end(&state).ends_with(" OK"));
    state.events.fault = Some(fault(FaultKind::Unreachable, "connection refused"));
    assert!(end(&state).ends_with(" ERR"));
}

#[test]
fn errors_are_counted_only_where_the_events_are_read() {
    let mut state = main_screen(80, 24);
    assert!(picture(&state).contains("1h: 1 err 2 warn"));
    state.events.feed = Some(EventFeed::NotPermitted);
    assert!(picture(&state).contains("1h: ? "));
    assert!(picture(&connected(80, 24)).contains("1h: ? "));
}

#[test]
fn event_rows_name_the_job_once_and_keep_their_ends() {
    let mut state = main_screen(80, 24);
    state.events.record(crate::core::events::OwnRecord {
        time: super::fixtures::at("14:02:14"),
        level: crate::core::events::RecordLevel::Warning,
        text: "JOB 1 waiting: the server asked to slow down".into(),
        job: Some(JobId(1)),
        session: None,
    });
    assert!(picture(&state).contains("HZ W JOB 1  waiting: the server"), "{}", picture(&state));
    let mut event = super::fixtures::event(
        70,
        (
            "14:02:15",
            "AUDIT_SUCCESS",
            "Admin",
            "Administrator CORP\\a.kaya sent the message 'Please save your work and log off' to (User CORP\\bauer.s, Desktop FINW11-002)",
            None,
        ),
    );
    event.kind = Some("ADMIN_SESSION_SENDMSG".into());
    state.events.take(vec![event], &mut [], super::fixtures::at("14:02:15"), false);
    let text = picture(&state);
    assert!(text.contains("ADMIN  Admin"), "{text}");
    assert!(text.contains("(User CORP\\bauer.s, Desktop FINW11-002)"), "{text}");
}

#[test]
fn the_composer() {
    snapshots("composer", |width, height| {
        with_overlay(main_screen(width, height), |state| composer(state, ComposerField::Text))
    });
    let severity = with_overlay(main_screen(80, 24), |state| composer(state, ComposerField::Severity));
    snapshot("composer_severity", &severity);
    let (_, cursor) = drawn(&severity, &Theme::default());
    assert_eq!(cursor, None, "the terminal's cursor is only where text is typed");
}

#[test]
fn the_cursor_of_the_composer_follows_wrapped_lines() {
    let state = with_overlay(main_screen(80, 24), |state| composer(state, ComposerField::Text));
    let (buffer, cursor) = drawn(&state, &Theme::default());
    let (x, y) = cursor.unwrap();
    let line = &lines(&buffer)[usize::from(y)];
    assert!(line.contains("- IT Service Desk"), "{line}");
    assert_eq!(buffer[(x - 1, y)].symbol(), "k", "behind the last letter");
}

#[test]
fn what_does_not_apply_is_not_called_unknown() {
    let value = |id: &str, label: &str| {
        let mut state = main_screen(80, 24);
        let mut seen = String::new();
        for scroll in [0, 18, 36, 54] {
            state.overlays = vec![Overlay::Detail {
                session: SessionId::from(id),
                elsewhere: Elsewhere::NotAsked,
                scroll,
            }];
            seen.push_str(&picture(&state));
            seen.push('\n');
        }
        let line = seen.lines().find(|line| line.contains(&format!(" {label}  "))).unwrap().to_owned();
        line.split(label).nth(1).unwrap().trim().to_owned()
    };
    // s1 is connected, s11 disconnected, s14 runs on an RDS server; of the last one nothing is known.
    assert_eq!(value("s1", "disconnected"), "-");
    assert_eq!(value("s11", "protocol"), "-");
    assert_eq!(value("s11", "no input for"), "-");
    assert_eq!(value("s11", "applications"), "-");
    assert_eq!(value("s14", "machine id"), "-");
    assert_eq!(value("s1", "RDS server id"), "-");
    for label in ["disconnected", "protocol", "applications", "machine id", "RDS server id"] {
        assert_eq!(value("nothing-known", label), "?", "{label}");
    }
}

#[test]
fn the_detail_sheet() {
    snapshots("detail", |width, height| with_overlay(main_screen(width, height), |_| detail("s11")));
    let mut unknown = with_overlay(main_screen(80, 24), |_| detail("nothing-known"));
    snapshot("detail_unknown", &unknown);
    unknown.overlays =
        vec![Overlay::Detail { session: SessionId::from("s1"), elsewhere: Elsewhere::NotAsked, scroll: 400 }];
    snapshot("detail_scrolled_to_the_end", &unknown);
    unknown.overlays = vec![detail("ended-meanwhile")];
    snapshot("detail_gone", &unknown);
}

#[test]
fn the_help() {
    snapshots("help", |width, height| with_overlay(main_screen(width, height), |_| help("")));
    snapshot("help_searched", &with_overlay(main_screen(80, 24), |_| help("mark")));
}

#[test]
fn the_last_line_of_the_help_can_be_reached() {
    let mut state = main_screen(80, 24);
    let press = |state: &mut State, key| crate::core::update(state, crate::core::msg::Msg::Key(key));
    press(&mut state, Key::char('?'));
    for _ in 0..90 {
        press(&mut state, Key::plain(crate::core::key::KeyCode::PageDown));
    }
    let last = crate::core::filter::EVENT_FIELDS.last().unwrap();
    assert!(picture(&state).contains(&format!("{}: ", last.name)), "{}", picture(&state));
}

#[test]
fn sequences_notices_and_a_long_name() {
    let mut state = main_screen(80, 24);
    state.pending = vec![Key::char('g')];
    state.notice =
        Some(Notice { kind: NoticeKind::Warning, text: "read-only: nothing can be acted on".into() });
    state.settings.profile = "PRODUCTION-EUROPE-MIDDLE-EAST-AND-AFRICA-2".into();
    state.settings.simulated = true;
    state.settings.read_only = true;
    snapshot("pending_notice_long_name", &state);
}

#[test]
fn a_poll_that_is_late_shows_the_time_of_its_data() {
    let mut state = main_screen(120, 40);
    state.now = super::fixtures::at("14:09:59");
    assert!(lines(&drawn(&state, &Theme::default()).0)[0].contains("data 14:02:11"));
}

#[test]
fn what_is_offered_for_a_command_stands_above_it() {
    snapshots("offers", |width, height| {
        with_prompt(main_screen(width, height), PromptKind::Command, "mar", None)
    });
    let mut taken = with_prompt(main_screen(80, 24), PromptKind::Command, "restart", None);
    taken.settings.ascii = true;
    taken.prompt.as_mut().unwrap().taken = Some(("res".to_owned(), 1));
    snapshot("offers_taken_ascii", &taken);
}

#[test]
fn the_newest_events_of_the_user_and_of_the_machine_stand_on_the_card() {
    let mut state = main_screen(120, 40);
    let session = state.session(&SessionId::from("s11")).unwrap();
    let told = |id, severity, message| event(id, ("14:01:30", severity, "AGENT", message, None));
    let rows = (0..8).map(|number| {
        let mut row = told(900 + number, "INFO", "x");
        row.time = Some(at(&format!("14:01:0{number}")));
        row.message = Some(format!("User CORP\\dogan.e did thing {number}").as_str().into());
        row.user_id.clone_from(&session.user_id);
        row
    });
    let mut broken = told(950, "ERROR", "The agent does not answer");
    broken.machine_id = Some(session.machine_id.clone().unwrap_or_else(|| "vm-s11".into()));
    let mut rows: Vec<_> = rows.collect();
    rows.push(broken);
    state.events.take(rows, &mut [], at("14:02:12"), false);
    state.overlays =
        vec![Overlay::Detail { session: session.id.clone(), elsewhere: Elsewhere::NotAsked, scroll: 0 }];
    let seen = picture(&state);
    let things: Vec<&str> = seen.lines().filter(|line| line.contains("did thing")).collect();
    let most = if session.machine_id.is_some() { 5 } else { 6 };
    assert_eq!(things.len(), most, "{seen}");
    assert!(things[0].contains("did thing 7"), "{seen}");
    assert_eq!(seen.contains("ERR The agent does not answer"), session.machine_id.is_some(), "{seen}");
}
