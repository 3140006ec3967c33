//! Sheets of plans.

use super::*;

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

/// A plan sheet over the main screen, on its summary.
fn with_plan(state: State, verb: Verb) -> State {
    let message = (verb == Verb::Message).then(message);
    with_overlay(state, |state| plan_sheet(state, plan(state, verb, message), PlanPage::Summary))
}

#[test]
fn the_summary_of_a_plan_scrolls_and_keeps_what_is_decided_on() {
    for verb in Verb::ALL {
        let mut seen = String::new();
        for scroll in [0, 3, 6, 9, 15, 30] {
            let mut state = with_plan(main_screen(60, 15), verb);
            if let Some(Overlay::Plan(sheet)) = state.overlays.last_mut() {
                sheet.scroll = scroll;
            }
            let text = picture(&state);
            if verb == Verb::Message {
                assert!(text.contains("WARNING   | FINRDS-04 restarts in 15"), "{scroll}: {text}");
            }
            // No user of these may restart machines: then there is nothing to start.
            let start = ["Type 20 then Enter", "Press y to start", "Type 10 then", "Nothing to send"];
            assert!(start.iter().any(|words| text.contains(words)), "{verb} {scroll}: {text}");
            let mark = if scroll == 30 { "more above [k]" } else { "more below [j]" };
            assert!(scroll > 0 && scroll < 30 || text.contains(mark), "{verb} {scroll}: {text}");
            seen.push_str(&text);
        }
        for words in
            ["WILL BE SENT", "state not known", "BY POOL", "BY GATEWAY", "BY AGENT", "WHAT THEY LOSE"]
        {
            assert!(seen.contains(words), "{verb}: {words}");
        }
    }
    snapshot("plan_message_60x15", &with_plan(main_screen(60, 15), Verb::Message));
    let mut scrolled = with_plan(main_screen(60, 15), Verb::Logoff);
    if let Some(Overlay::Plan(sheet)) = scrolled.overlays.last_mut() {
        sheet.scroll = 30;
    }
    // The command line that does the same ends here, whole.
    assert!(picture(&scrolled).contains("--yes 20"));
    snapshot("plan_60x15_scrolled", &scrolled);
}

/// The main screen after the server fell silent.
fn silent(width: u16, height: u16) -> State {
    let mut state = main_screen(width, height);
    state.now = super::super::fixtures::at("14:02:39");
    state.sessions.table.fail(fault(FaultKind::Unreachable, "connection refused"), state.now);
    state
}

#[test]
fn what_is_decided_on_old_data_says_so() {
    snapshot("plan_old", &with_plan(silent(80, 24), Verb::Logoff));
    snapshot("plan_old_60x15", &with_plan(silent(60, 15), Verb::Message));
    snapshot("actions_old", &with_overlay(silent(80, 24), actions));
    snapshot("actions_old_60x15", &with_overlay(silent(60, 15), actions));
    let page = |state| {
        with_overlay(state, |state| plan_sheet(state, plan(state, Verb::Logoff, None), PlanPage::Targets))
    };
    assert!(picture(&page(silent(80, 24))).contains("! DATA OF 14:02:11Z, 28s OLD"));
    // Read in time, but too long ago by now.
    let mut late = main_screen(80, 24);
    late.now = super::super::fixtures::at("14:02:41");
    assert!(!picture(&with_plan(late.clone(), Verb::Logoff)).contains("OLD"));
    late.now = super::super::fixtures::at("14:02:42");
    let text = picture(&with_plan(late, Verb::Logoff));
    assert!(text.contains("! DATA OF 14:02:11Z, 31s OLD: no newer list came"), "{text}");
    assert!(text.contains("connected at 14:02Z"), "{text}");
    // A newer list is no reason to think that it was refused.
    let mut newer = main_screen(80, 24);
    let overlay = plan_sheet(&newer, plan(&newer, Verb::Logoff, None), PlanPage::Summary);
    newer.overlays.push(overlay);
    let Some(Overlay::Plan(sheet)) = newer.overlays.last_mut() else { unreachable!() };
    sheet.plan.data_at = super::super::fixtures::at("14:01:21");
    let text = picture(&newer);
    assert!(text.contains(" DATA OF 14:01:21Z") && text.contains("OLD: read again before sending"), "{text}");
    assert!(!text.contains("! DATA"), "{text}");
}

#[test]
fn nothing_to_send_is_said_where_the_targets_are_counted() {
    let mut state = main_screen(80, 24);
    let mut plan = plan(&state, Verb::Logoff, None);
    plan.leave_out(&"left out".into(), |_| true);
    let overlay = plan_sheet(&state, plan, PlanPage::Summary);
    state.overlays.push(overlay);
    assert!(picture(&state).contains("Targets  21 sessions, 0 to be sent"), "{}", picture(&state));
}

#[test]
fn a_large_plan_keeps_names_readable() {
    let mut state = main_screen(80, 24);
    let plan = plan(&state, Verb::Reset, None);
    let mut overlay = plan_sheet(&state, plan, PlanPage::Summary);
    if let Overlay::Plan(sheet) = &mut overlay {
        let bucket = |name: &str, count| (crate::domain::Text::clean(name), count);
        sheet.plan.to_send = sheet.plan.held_back.iter().map(|held| held.target.clone()).collect();
        sheet.blast.connected = 1842;
        sheet.blast.users_losing_all = 35;
        sheet.blast.by_pool = vec![bucket("fin-w11-ams-persistent", 1842), bucket("hr-w11", 7)];
        sheet.blast.by_gateway = vec![bucket("uag-ext-ams1.corp.example", 1300), bucket("direct", 549)];
        sheet.blast.by_agent = vec![bucket("8.13.0-10002333884", 1849)];
    }
    state.overlays.push(overlay);
    snapshot("plan_large", &state);
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
fn a_plan_of_many_targets_says_that_it_is_being_made() {
    snapshots("planning", |width, height| with_overlay(main_screen(width, height), |_| super::planning()));
    let mut narrow = with_overlay(main_screen(60, 15), |_| super::planning());
    narrow.settings.ascii = true;
    snapshot("planning_60x15_ascii", &narrow);
}
