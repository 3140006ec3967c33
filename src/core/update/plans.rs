//! From marks to a plan: the action menu, the plan sheet, and what starts a job.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    core::{
        bulk::{HoldReason, missing_from, objection, spoken_for},
        effect::{Effect, RequestId},
        planning::{PlanBrief, Wanted, last_seen},
        state::{ActionMenu, NoticeKind, Overlay, PlanSheet, State, Tab, Then, VerbChoice},
        table::SessionTable,
    },
    domain::{PodId, SessionId, SessionRow, Support, Verb},
};

use super::composer;

/// The sessions that a verb given now is about: those of the sheet on top, the marked ones, or the one under the
/// cursor.
struct Targets {
    ids: Vec<SessionId>,
    /// The rows of the first of them in the newest list, where these are known: nobody is looked for in vain.
    rows: Vec<u32>,
}

impl Targets {
    fn of(state: &State) -> Self {
        let view = &state.sessions.view;
        let (ids, rows) = match state.overlays.last() {
            Some(Overlay::Actions(menu)) => (menu.targets.clone(), Vec::new()),
            Some(Overlay::Detail { session, .. }) => (vec![session.clone()], Vec::new()),
            _ if state.sessions.newest().is_some_and(|newest| Arc::ptr_eq(newest, view.table())) => {
                (view.targets(), view.target_rows())
            }
            _ => (view.targets(), Vec::new()),
        };
        Self { ids, rows }
    }
}

/// Opens the menu of verbs.
pub(super) fn open_menu(state: &mut State) {
    let targets = Targets::of(state);
    if !may_act(state, &targets.ids) {
        return;
    }
    let looked_up = LookedUp::of(state, &targets);
    let mut choices: Vec<VerbChoice> =
        Verb::ALL.into_iter().map(|verb| choice(state, &[verb], &looked_up)).collect();
    // The polite logoff after a warning stands beside the one without.
    let warns = VerbChoice { warns: true, ..choice(state, &[Verb::Logoff, Verb::Message], &looked_up) };
    choices.insert(1, warns);
    state.overlays.push(Overlay::Actions(ActionMenu { targets: targets.ids, choices, cursor: 0 }));
}

/// Whether acting is possible at all; says why not.
fn may_act(state: &mut State, targets: &[SessionId]) -> bool {
    let why = if state.settings.read_only {
        Some("read-only: nothing can be acted on; start without --read-only to act")
    } else if state.tab != Tab::Sessions && state.overlays.is_empty() {
        // The cursor and the marks of a tab that is not seen are not meant.
        Some("sessions are acted on where they are seen; 1 shows them")
    } else if state.capabilities().is_none() {
        Some("not connected yet")
    } else if targets.is_empty() {
        Some("there is no session under the cursor and none is marked")
    } else {
        None
    };
    if let Some(why) = why {
        state.notify(NoticeKind::Warning, why);
    }
    why.is_none()
}

/// Targets, by what is legal for them: for several verbs looked up once.
struct LookedUp<'a> {
    /// One of those that are alike, and how many they are: what holds for one session holds for all like it.
    alike: Vec<(SessionRow<'a>, usize)>,
    /// Those that no verb may be sent to just now, or that are not listed, by the reason.
    held: BTreeMap<HoldReason, usize>,
}

impl<'a> LookedUp<'a> {
    fn of(state: &'a State, targets: &Targets) -> Self {
        let table = state.sessions.newest();
        let taken = table.map(|table| spoken_for(&state.jobs, table)).unwrap_or_default();
        let mut alike: HashMap<_, (SessionRow<'a>, usize)> = HashMap::new();
        let (mut alone, mut held) = (Vec::new(), BTreeMap::new());
        let known = targets.rows.iter().copied().map(Some).chain(std::iter::repeat(None));
        for (id, known) in targets.ids.iter().zip(known) {
            if let Some(reason) = taken.get(id) {
                *held.entry(reason.clone()).or_default() += 1;
                continue;
            }
            let row = |table: &'a Arc<SessionTable>| table.get(known.or_else(|| table.find(id))?);
            match table.and_then(row) {
                None => *held.entry(missing(state, id)).or_default() += 1,
                Some(row) if is_ambiguous(state, id) => alone.push((row, 1)),
                Some(row) => alike.entry(row.likeness()).or_insert((row, 0)).1 += 1,
            }
        }
        alone.extend(alike.into_values());
        Self { alike: alone, held }
    }
}

/// What speaks against some verbs, and if nothing does, whether it is not known if the account may use them.
type Verdict = (Option<HoldReason>, bool);

/// Counts for how many targets all these verbs are legal, and why not for the others. The choice is named by the first.
fn choice(state: &State, verbs: &[Verb], looked_up: &LookedUp<'_>) -> VerbChoice {
    let (mut eligible, mut unknown) = (0, 0);
    let mut reasons = looked_up.held.clone();
    for (row, count) in &looked_up.alike {
        match verdict(state, verbs, *row) {
            (None, is_unknown) => {
                eligible += count;
                unknown += if is_unknown { *count } else { 0 };
            }
            (Some(reason), _) => *reasons.entry(reason).or_default() += count,
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let verb = verbs.first().copied().unwrap_or(Verb::Message);
    VerbChoice { verb, warns: false, eligible, reasons, unknown }
}

fn is_ambiguous(state: &State, id: &SessionId) -> bool {
    state.sessions.newest().is_some_and(|table| table.ambiguous().contains_key(id))
}

fn verdict(state: &State, verbs: &[Verb], session: SessionRow<'_>) -> Verdict {
    let Some((table, capabilities)) = state.sessions.newest().zip(state.capabilities()) else {
        return (None, false);
    };
    let reason = verbs.iter().find_map(|verb| objection(capabilities, table, *verb, session));
    let is_unknown = |verb: &Verb| capabilities.supports(*verb, session) == Support::Unknown;
    (reason, verbs.iter().any(is_unknown))
}

fn missing(state: &State, id: &SessionId) -> HoldReason {
    let table = state.sessions.newest();
    table.map_or(HoldReason::NotRead, |table| missing_from(table, home(state, id).as_ref()))
}

/// A verb was chosen: a plan sheet, or the composer first. Nothing is sent.
pub(super) fn act(state: &mut State, verb: Verb) -> Vec<Effect> {
    let targets = Targets::of(state);
    if !may_act(state, &targets.ids) {
        return Vec::new();
    }
    let in_menu = matches!(state.overlays.last(), Some(Overlay::Actions(_)));
    if let (false, Some(Support::No(reason))) =
        (in_menu, state.capabilities().map(|known| known.offers(verb)))
    {
        state.notify(NoticeKind::Warning, &format!("{verb}: {reason}"));
        return Vec::new();
    }
    if let Some(Overlay::Actions(menu)) = state.overlays.last() {
        let choice = menu.choices.iter().find(|choice| choice.verb == verb && !choice.warns);
        if !choice.is_some_and(VerbChoice::is_enabled) {
            let reason = choice.and_then(|choice| choice.reasons.first());
            let reason =
                reason.map_or_else(|| "no target is eligible".to_owned(), |(reason, _)| reason.to_string());
            state.notify(NoticeKind::Warning, &format!("{verb}: {reason}"));
            return Vec::new();
        }
        state.overlays.pop();
    }
    if verb == Verb::Message {
        // Said before a text is written for nobody.
        let choice = choice(state, &[verb], &LookedUp::of(state, &targets));
        if !choice.is_enabled() {
            let reason = choice.reasons.first().map_or_else(String::new, |(reason, _)| reason.to_string());
            state.notify(NoticeKind::Warning, &format!("{verb}: {reason}"));
            return Vec::new();
        }
        composer::open(state, targets.ids, Then::Nothing);
        return Vec::new();
    }
    let wanted = Wanted::new(verb, targets.ids, state.settings.terms.clone());
    open_sheet(state, wanted)
}

/// Warn, wait, log off: the composer first, with what follows the message chosen. Nothing is sent.
pub(super) fn warn_first(state: &mut State) -> Vec<Effect> {
    let targets = Targets::of(state);
    if !may_act(state, &targets.ids) {
        return Vec::new();
    }
    for verb in [Verb::Logoff, Verb::Message] {
        let choice = choice(state, &[verb], &LookedUp::of(state, &targets));
        if !choice.is_enabled() {
            let reason = choice.reasons.first().map_or_else(String::new, |(reason, _)| reason.to_string());
            state.notify(NoticeKind::Warning, &format!("{verb}: {reason}"));
            return Vec::new();
        }
    }
    if let Some(Overlay::Actions(_)) = state.overlays.last() {
        state.overlays.pop();
    }
    composer::open(state, targets.ids, Then::Logoff);
    Vec::new()
}

/// Makes a plan, of many targets beside the keys, and shows its sheet.
pub(super) fn open_sheet(state: &mut State, wanted: Wanted) -> Vec<Effect> {
    let id = state.plan_id();
    let (Some(table), Some(capabilities)) = (state.sessions.newest().cloned(), state.capabilities().cloned())
    else {
        state.notify(NoticeKind::Warning, "there is no list yet");
        return Vec::new();
    };
    let (verb, count) = (wanted.verb, wanted.ids.len());
    let brief = PlanBrief {
        id,
        spoken_for: spoken_for(&state.jobs, &table),
        wanted,
        view: state.sessions.view.clone(),
        flags: state.sessions.flags.clone(),
        groups: Arc::clone(&state.sessions.group_names.names),
        table,
        capabilities,
        protected: state.settings.protected.clone(),
        before: state.jobs.iter().map(|job| Arc::clone(&job.plan)).collect(),
        now: state.now,
    };
    if count < state.settings.many_targets {
        state.overlays.push(Overlay::Plan(Box::new(brief.make())));
        return Vec::new();
    }
    let request = state.request_id();
    state.overlays.push(Overlay::Planning { request, verb, count });
    vec![Effect::MakePlan { request, brief: Box::new(brief) }]
}

/// Shows the sheet of a plan that was made beside the keys, if it is still waited for.
pub(super) fn made(state: &mut State, request: RequestId, sheet: Box<PlanSheet>) -> Vec<Effect> {
    let waits =
        |overlay: &&mut Overlay| matches!(overlay, Overlay::Planning { request: of, .. } if *of == request);
    match state.overlays.iter_mut().find(waits) {
        Some(overlay) => {
            *overlay = Overlay::Plan(sheet);
            Vec::new()
        }
        None => leave(state, sheet),
    }
}

/// Lets go of the sheet of a plan that is not started.
pub(super) fn leave(state: &State, sheet: Box<PlanSheet>) -> Vec<Effect> {
    let is_long = sheet.plan.len() >= state.settings.many_targets;
    if is_long { vec![Effect::DropPlan(sheet)] } else { Vec::new() }
}

/// The pod on which a session was last seen.
fn home(state: &State, id: &SessionId) -> Option<PodId> {
    last_seen(&state.sessions.view, state.jobs.iter().map(|job| &*job.plan), id).cloned()
}
