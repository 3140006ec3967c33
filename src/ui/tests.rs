//! What the operator sees, at the sizes of `screens.md section 5`; and what holds for every size, theme and sheet.

use insta::assert_snapshot;
use ratatui::style::Color;

use super::{
    ColorDepth, Theme,
    fixtures::{
        SIZES, add_job, change_view, connected, connecting, drawn, drawn_at, fault, job, lines, main_screen,
        picture, plan, plan_sheet, with_sessions,
    },
};
use crate::{
    core::{
        bulk::objection,
        command::Context,
        events::PaneSize,
        key::Key,
        line_input::LineInput,
        state::{
            ActionMenu, Composer, ComposerField, Focus, Frozen, JobSheet, Notice, NoticeKind, Overlay,
            PlanPage, Prompt, PromptError, PromptKind, ScreenSize, State, VerbChoice,
        },
        table::SessionTable,
        text_area::TextArea,
    },
    domain::{EventFeed, FaultKind, JobId, MessageSeverity, MessageText, SessionId, Verb},
};

/// Takes a picture of a state at each size that matters.
fn snapshots(name: &str, state: impl Fn(u16, u16) -> State) {
    for (width, height) in SIZES {
        assert_snapshot!(format!("{name}_{width}x{height}"), picture(&state(width, height)));
    }
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
    let targets: Vec<SessionId> =
        state.sessions.view.table().iter().map(|session| session.id.clone()).collect();
    let choice = |verb: Verb| {
        let mut choice = VerbChoice { verb, eligible: 0, reasons: Vec::new() };
        for session in state.sessions.view.table().iter() {
            match objection(state.capabilities().unwrap(), verb, session) {
                None => choice.eligible += 1,
                Some(reason) => match choice.reasons.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, count)) => *count += 1,
                    None => choice.reasons.push((reason, 1)),
                },
            }
        }
        choice
    };
    Overlay::Actions(ActionMenu { targets, choices: Verb::ALL.into_iter().map(choice).collect(), cursor: 1 })
}

fn message() -> MessageText {
    MessageText {
        severity: MessageSeverity::Warning,
        text: "FINRDS-04 restarts in 15 minutes for urgent repair. Please save your work and log off.\n- IT Service Desk"
            .into(),
    }
}

fn composer(state: &State, field: ComposerField) -> Overlay {
    let targets = state.sessions.view.table().iter().map(|session| session.id.clone()).collect();
    Overlay::Composer(Box::new(Composer {
        targets,
        severity: MessageSeverity::Warning,
        text: TextArea::new(&message().text),
        field,
        leave_out_disconnected: false,
        preview: 2,
        last: None,
        complaint: None,
    }))
}

fn detail(id: &str) -> Overlay {
    Overlay::Detail { session: SessionId::from(id), scroll: 0 }
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
    jobs.overlays = vec![Overlay::Jobs { cursor: 0 }];
    states.push(jobs);
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
}

#[test]
fn what_stands_where_there_are_no_rows() {
    snapshot("connecting", &connecting(80, 24));
    let mut loading = connected(80, 24);
    loading.sessions.poll.progress = Some((2000, Some(5000)));
    snapshot("loading", &loading);
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
fn the_plan_sheet() {
    snapshots("plan_logoff", |width, height| {
        with_overlay(main_screen(width, height), |state| {
            plan_sheet(state, plan(state, Verb::Logoff, None), PlanPage::Summary)
        })
    });
    let page = |verb, message, page| {
        with_overlay(main_screen(80, 24), |state| plan_sheet(state, plan(state, verb, message), page))
    };
    snapshot("plan_message", &page(Verb::Message, Some(message()), PlanPage::Summary));
    snapshot("plan_reset", &page(Verb::Reset, None, PlanPage::Summary));
    snapshot("plan_targets", &page(Verb::Logoff, None, PlanPage::Targets));
    snapshot("plan_held_back", &page(Verb::Disconnect, None, PlanPage::HeldBack));
    snapshot("plan_hidden", &page(Verb::Logoff, None, PlanPage::Hidden));
    let mut read_only = page(Verb::LogoffForced, None, PlanPage::Summary);
    read_only.settings.read_only = true;
    snapshot("plan_read_only", &read_only);
    let mut complaint = page(Verb::Logoff, None, PlanPage::Summary);
    if let Some(Overlay::Plan(sheet)) = complaint.overlays.last_mut() {
        sheet.complaint = Some("type 20 to start; nothing was sent".into());
    }
    snapshot("plan_complaint", &complaint);
}

#[test]
fn the_counts_of_every_plan_sheet_add_up_on_the_screen() {
    for verb in Verb::ALL {
        let state = main_screen(80, 24);
        let plan = plan(&state, verb, None);
        let (sent, held) = (plan.to_send.len(), plan.held_back.len());
        assert_eq!(sent + held, 21, "{verb}");
        let hidden = plan.hidden();
        let text = picture(&with_overlay(state, |state| plan_sheet(state, plan, PlanPage::Summary)));
        let number_after = |words: &str| -> usize {
            let line =
                text.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {text}"));
            let rest = line.split(words).nth(1).unwrap();
            rest.split_whitespace()
                .find_map(|word| word.parse().ok())
                .unwrap_or_else(|| panic!("{words}: {line}"))
        };
        assert_eq!(number_after("WILL BE SENT"), sent, "{verb}");
        assert_eq!(number_after("HELD BACK (listed, never silent)"), held, "{verb}");
        assert_eq!(number_after("hidden by filter [h]"), hidden, "{verb}: the hidden ones are counted");
    }
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
fn the_job_sheet() {
    snapshots("job_finished", |width, height| with_job(main_screen(width, height), true));
    snapshot("job_running", &with_job(main_screen(80, 24), false));
    let mut names = with_job(main_screen(80, 24), true);
    names.overlays = vec![Overlay::Job(JobSheet { names: true, ..JobSheet::new(JobId(17)) })];
    snapshot("job_names", &names);
    let mut list = with_job(main_screen(80, 24), true);
    let running = job(&list, false);
    list.jobs.push(crate::core::bulk::Job { id: JobId(18), ..running });
    list.overlays = vec![Overlay::Jobs { cursor: 0 }];
    snapshot("jobs", &list);
    list.overlays.push(Overlay::Leave);
    snapshot("leave", &list);
}

#[test]
fn the_detail_sheet() {
    snapshots("detail", |width, height| with_overlay(main_screen(width, height), |_| detail("s11")));
    let mut unknown = with_overlay(main_screen(80, 24), |_| detail("nothing-known"));
    snapshot("detail_unknown", &unknown);
    unknown.overlays = vec![Overlay::Detail { session: SessionId::from("s1"), scroll: 400 }];
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
fn an_idle_screen_with_unchanged_data_stays_as_it_is() {
    let mut state = main_screen(120, 40);
    let before = drawn(&state, &Theme::default()).0;
    state.now = super::fixtures::at("14:02:26");
    assert_eq!(drawn(&state, &Theme::default()).0, before);
}

#[test]
fn a_poll_that_is_late_shows_the_time_of_its_data() {
    let mut state = main_screen(120, 40);
    state.now = super::fixtures::at("14:09:59");
    assert!(lines(&drawn(&state, &Theme::default()).0)[0].contains("data 14:02:11"));
}

#[test]
fn a_cursor_move_changes_two_rows_of_the_table() {
    let mut state = main_screen(80, 24);
    let before = lines(&drawn(&state, &Theme::default()).0);
    change_view(&mut state, |view, _| view.move_by(1));
    let after = lines(&drawn(&state, &Theme::default()).0);
    let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    assert_eq!(changed, 2);
}

#[test]
fn monochrome_draws_no_colour_anywhere() {
    let theme = Theme::builtin("light").unwrap().with_depth(ColorDepth::Mono);
    for (width, height) in SIZES {
        for state in all_overlays(width, height) {
            let (buffer, _) = drawn(&state, &theme);
            for cell in &buffer.content {
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{:?}", state.overlays.last());
            }
        }
    }
}

#[test]
fn ascii_mode_draws_ascii_only() {
    for (width, height) in SIZES {
        for mut state in all_overlays(width, height) {
            state.settings.ascii = true;
            let (buffer, _) = drawn(&state, &Theme::default());
            for line in lines(&buffer) {
                assert!(line.is_ascii(), "{line}");
            }
        }
    }
}

#[test]
fn names_in_any_script_leave_the_columns_where_they_are() {
    let (buffer, _) = drawn(&main_screen(120, 40), &Theme::default());
    let header = lines(&buffer)[3].clone();
    let place = header.find("POOL/FARM").unwrap() as u16;
    for y in 4..20 {
        assert_eq!(buffer[(place - 1, y)].symbol(), " ", "row {y}: {}", lines(&buffer)[usize::from(y)]);
    }
}

#[test]
fn no_size_panics_and_no_line_leaves_the_screen() {
    let theme = Theme::default();
    let mut states = all_overlays(80, 24);
    let mut number = 0;
    for width in (0..=90).chain([100, 103, 200, 210]) {
        for height in 0..=40 {
            for (place, state) in states.iter_mut().enumerate() {
                // The main screen at every size, all others at a sixth of them and at the edges of the layout.
                number += 1;
                let edge = [(60, 15), (80, 24), (90, 40), (100, 30), (103, 33), (200, 40)]
                    .contains(&(width, height));
                if place == 0 || edge || number % 6 == 0 {
                    state.screen = ScreenSize { width, height };
                    drawn(state, &theme);
                }
            }
        }
    }
}

#[test]
fn a_screen_of_another_size_than_the_state_believes_is_no_danger() {
    for (width, height) in [(0, 0), (1, 1), (40, 10), (79, 23), (300, 90)] {
        for state in all_overlays(80, 24) {
            drawn_at(&state, &Theme::default(), ScreenSize { width, height });
        }
    }
}
