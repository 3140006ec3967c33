//! What holds whatever the operator does.

use super::*;

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
    "b",
    "t",
    "gc",
    "+",
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
            let (before, terms_before, all_before) =
                (open_plan(&bench), open_terms(&bench), open_targets(&bench));
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
                // Its guard, which its own sheet edits, moves targets to those held back and back again.
                let same = terms_before == open_terms(&bench);
                prop_assert!(before.1 == after.1 || !same, "an open plan is frozen: {:?} {:?}", before, after);
                prop_assert_eq!(all_before, open_targets(&bench), "nobody comes or goes");
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

/// How the open plan would be carried out.
fn open_terms(bench: &Bench) -> Option<crate::core::bulk::Terms> {
    match bench.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => Some(sheet.plan.terms.clone()),
        _ => None,
    }
}

/// All targets of the open plan, sent or held back.
fn open_targets(bench: &Bench) -> std::collections::BTreeSet<SessionId> {
    match bench.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => {
            let held = sheet.plan.held_back.iter().map(|held| &held.target);
            sheet.plan.to_send.iter().chain(held).map(|target| target.session.id.clone()).collect()
        }
        _ => std::collections::BTreeSet::new(),
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
