//! From marks to a plan: the action menu, the plan sheet, and what starts a job.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    core::{
        bulk::{
            BlastRadius, Course, Guard, HoldReason, Job, Plan, PlanRequest, Terms, missing_from, objection,
            spoken_for,
        },
        filter::Filter,
        state::{ActionMenu, NoticeKind, Overlay, PlanPage, PlanSheet, State, Tab, Then, VerbChoice},
        table::{SessionTable, Surroundings},
    },
    domain::{MessageText, PlanId, PodId, SessionFacts, SessionId, SessionRow, Support, Text, Verb},
};

use super::composer;

/// The sessions that a verb given now is about: those of the sheet on top, the marked ones, or the one under the
/// cursor.
fn targets(state: &State) -> Vec<SessionId> {
    match state.overlays.last() {
        Some(Overlay::Actions(menu)) => menu.targets.clone(),
        Some(Overlay::Detail { session, .. }) => vec![session.clone()],
        _ => state.sessions.view.targets(),
    }
}

/// Opens the menu of verbs.
pub(super) fn open_menu(state: &mut State) {
    let targets = targets(state);
    if !may_act(state, &targets) {
        return;
    }
    let looked_up = LookedUp::of(state, &targets);
    let mut choices: Vec<VerbChoice> =
        Verb::ALL.into_iter().map(|verb| choice(state, &[verb], &looked_up)).collect();
    // The polite logoff after a warning stands beside the one without.
    let warns = VerbChoice { warns: true, ..choice(state, &[Verb::Logoff, Verb::Message], &looked_up) };
    choices.insert(1, warns);
    state.overlays.push(Overlay::Actions(ActionMenu { targets, choices, cursor: 0 }));
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

/// Targets, and where they stand: for several verbs looked up once.
struct LookedUp<'a> {
    targets: Vec<(&'a SessionId, Option<SessionRow<'a>>)>,
    /// Those that no verb may be sent to just now, and why.
    taken: BTreeMap<SessionId, HoldReason>,
}

impl<'a> LookedUp<'a> {
    fn of(state: &'a State, targets: &'a [SessionId]) -> Self {
        let table = state.sessions.newest();
        let row = |id| table.and_then(|table| table.row_of(id));
        Self {
            targets: targets.iter().map(|id| (id, row(id))).collect(),
            taken: table.map(|table| spoken_for(&state.jobs, table)).unwrap_or_default(),
        }
    }
}

/// What speaks against some verbs, and if nothing does, whether it is not known if the account may use them.
type Verdict = (Option<HoldReason>, bool);

/// Counts for how many targets all these verbs are legal, and why not for the others. The choice is named by the first.
fn choice(state: &State, verbs: &[Verb], looked_up: &LookedUp<'_>) -> VerbChoice {
    let (mut eligible, mut unknown) = (0, 0);
    let mut reasons: BTreeMap<HoldReason, usize> = BTreeMap::new();
    // What holds for one session holds for all that are alike.
    let mut alike: HashMap<(u32, u32, bool), Verdict> = HashMap::new();
    let mut count = |(reason, is_unknown): &Verdict| match reason {
        None => {
            eligible += 1;
            unknown += usize::from(*is_unknown);
        }
        Some(reason) => *reasons.entry(reason.clone()).or_default() += 1,
    };
    for (id, row) in &looked_up.targets {
        let taken = if looked_up.taken.is_empty() { None } else { looked_up.taken.get(*id) };
        match row {
            _ if taken.is_some() => count(&(taken.cloned(), false)),
            None => count(&(Some(missing(state, id)), false)),
            Some(row) if is_ambiguous(state, id) => count(&verdict(state, verbs, *row)),
            Some(row) => {
                count(alike.entry(row.likeness()).or_insert_with(|| verdict(state, verbs, *row)));
            }
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
pub(super) fn act(state: &mut State, verb: Verb) {
    let targets = targets(state);
    if !may_act(state, &targets) {
        return;
    }
    let in_menu = matches!(state.overlays.last(), Some(Overlay::Actions(_)));
    if let (false, Some(Support::No(reason))) =
        (in_menu, state.capabilities().map(|known| known.offers(verb)))
    {
        return state.notify(NoticeKind::Warning, &format!("{verb}: {reason}"));
    }
    if let Some(Overlay::Actions(menu)) = state.overlays.last() {
        let choice = menu.choices.iter().find(|choice| choice.verb == verb && !choice.warns);
        if !choice.is_some_and(VerbChoice::is_enabled) {
            let reason = choice.and_then(|choice| choice.reasons.first());
            let reason =
                reason.map_or_else(|| "no target is eligible".to_owned(), |(reason, _)| reason.to_string());
            state.notify(NoticeKind::Warning, &format!("{verb}: {reason}"));
            return;
        }
        state.overlays.pop();
    }
    if verb == Verb::Message {
        // Said before a text is written for nobody.
        let choice = choice(state, &[verb], &LookedUp::of(state, &targets));
        if !choice.is_enabled() {
            let reason = choice.reasons.first().map_or_else(String::new, |(reason, _)| reason.to_string());
            state.notify(NoticeKind::Warning, &format!("{verb}: {reason}"));
            return;
        }
        composer::open(state, targets, Then::Nothing);
    } else {
        open_sheet(state, verb, None, targets, Origin::New);
    }
}

/// Warn, wait, log off: the composer first, with what follows the message chosen. Nothing is sent.
pub(super) fn warn_first(state: &mut State) {
    let targets = targets(state);
    if !may_act(state, &targets) {
        return;
    }
    for verb in [Verb::Logoff, Verb::Message] {
        let choice = choice(state, &[verb], &LookedUp::of(state, &targets));
        if !choice.is_enabled() {
            let reason = choice.reasons.first().map_or_else(String::new, |(reason, _)| reason.to_string());
            state.notify(NoticeKind::Warning, &format!("{verb}: {reason}"));
            return;
        }
    }
    if let Some(Overlay::Actions(_)) = state.overlays.last() {
        state.overlays.pop();
    }
    composer::open(state, targets, Then::Logoff);
}

/// Freezes a plan that warns, waits and logs off, and shows its sheet.
pub(super) fn open_course(state: &mut State, course: Course, ids: Vec<SessionId>) {
    let terms = Terms { course: Some(course), ..state.settings.terms.clone() };
    open_with(state, Verb::Logoff, None, ids, Origin::New, terms);
}

/// Where a plan comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// From sessions that were chosen.
    New,
    /// From targets of this plan that are tried again: guard, pace, ticket and, for the same verb, course are its own.
    Retry(PlanId),
    /// From targets of this plan that are told something about it: who came back is told as well, so it has no guard.
    Correction(PlanId),
}

/// Freezes a plan and shows its sheet.
pub(super) fn open_sheet(
    state: &mut State,
    verb: Verb,
    message: Option<MessageText>,
    ids: Vec<SessionId>,
    origin: Origin,
) {
    let terms = state.settings.terms.clone();
    open_with(state, verb, message, ids, origin, terms);
}

fn open_with(
    state: &mut State,
    verb: Verb,
    message: Option<MessageText>,
    ids: Vec<SessionId>,
    origin: Origin,
    terms: Terms,
) {
    let id = state.plan_id();
    let (Some(table), Some(capabilities)) = (state.sessions.newest().cloned(), state.capabilities().cloned())
    else {
        state.notify(NoticeKind::Warning, "there is no list yet");
        return;
    };
    let shown = shown_ids(state);
    let chosen_by = chosen_by(state, &ids).cloned();
    let is_retry = matches!(origin, Origin::Retry(_));
    let retry_of = match origin {
        Origin::New => None,
        Origin::Retry(parent) | Origin::Correction(parent) => Some(parent),
    };
    let parent = retry_of.as_ref().and_then(|parent| state.jobs.iter().find(|job| job.plan.id == *parent));
    let terms = match (parent, &chosen_by) {
        (Some(parent), _) if is_retry => retried(parent, verb, terms),
        (Some(parent), _) => {
            let ticket = parent.plan.terms.ticket.clone().or_else(|| terms.ticket.clone());
            Terms { guard: None, ticket, ..terms }
        }
        (None, Some(filter)) if filter.is_lasting() => Terms { guard: Guard::of(filter), ..terms },
        (None, _) => Terms { guard: None, ..terms },
    };
    let note = chosen_by.as_ref().filter(|filter| !filter.is_lasting()).map(|filter| {
        let words = format!("no guard: \"{filter}\" cannot be asked of one session alone");
        Text::clean(&words)
    });
    let plan = Plan::make(&PlanRequest {
        id,
        verb,
        message,
        homes: &homes(state, &table, &ids),
        ids: ids.clone(),
        shown: &shown,
        table: &table,
        capabilities: &capabilities,
        retry_of,
        terms,
        protected: &state.settings.protected,
        named: false,
        spoken_for: &spoken_for(&state.jobs, &table),
        now: state.now,
    });
    let blast = BlastRadius::of(&plan, &table);
    state.overlays.push(Overlay::Plan(Box::new(PlanSheet {
        plan,
        blast,
        typed: String::new(),
        page: PlanPage::Summary,
        scroll: 0,
        complaint: note,
        chosen_by: chosen_by.filter(|filter| state.matches_just(filter, &ids)),
        order: ids,
        saved: None,
        table,
    })));
}

/// How targets of a plan are tried again. Whoever must not be hit the first time must not be hit the second time, what it
/// is done for does not change, and who chose a careful pace wants it again. A course begins anew: what its targets were
/// told has passed, or was cancelled.
fn retried(parent: &Job, verb: Verb, terms: Terms) -> Terms {
    let before = &parent.plan.terms;
    Terms {
        guard: before.guard.clone(),
        pace: before.pace,
        ticket: before.ticket.clone().or(terms.ticket),
        course: before.course.clone().filter(|_| verb == parent.plan.verb),
        ..terms
    }
}

impl State {
    /// Whether a filter holds for these sessions of the shown list and no others.
    fn matches_just(&self, filter: &Filter, ids: &[SessionId]) -> bool {
        let table = self.sessions.view.table();
        let with = Surroundings {
            capabilities: self.capabilities(),
            flags: Some(&self.sessions.flags),
            names: None,
        };
        let passing = (0..).zip(filter.passing(&with.context(table))).filter(|(_, passes)| *passes);
        let rows: HashSet<u32> = ids.iter().filter_map(|id| table.find(id)).collect();
        // Nobody who is not listed matches anything.
        let all_listed = ids.iter().collect::<HashSet<_>>().len() == rows.len();
        all_listed && passing.map(|(row, _)| row).collect::<HashSet<u32>>() == rows
    }
}

/// The filter that chose these sessions, when they are the marked ones and one filter marked them all.
fn chosen_by<'a>(state: &'a State, ids: &[SessionId]) -> Option<&'a Filter> {
    let view = &state.sessions.view;
    let are_the_marks = ids.len() == view.counts().marked && ids.iter().all(|id| view.is_marked(id));
    view.marked_by().filter(|_| are_the_marks)
}

/// The pods on which those of the sessions were last seen that the list does not have.
fn homes(state: &State, table: &SessionTable, ids: &[SessionId]) -> BTreeMap<SessionId, PodId> {
    let missing = ids.iter().filter(|id| table.find(id).is_none());
    missing.filter_map(|id| Some((id.clone(), home(state, id)?))).collect()
}

/// The pod on which a session was last seen: by the view, or when it became the target of a job.
fn home(state: &State, id: &SessionId) -> Option<PodId> {
    let targets = || state.jobs.iter().rev().flat_map(|job| &job.plan.to_send);
    state
        .sessions
        .view
        .home(id)
        .or_else(|| targets().find(|target| target.session.id == *id)?.session.pod_id.as_ref())
        .cloned()
}

fn shown_ids(state: &State) -> HashSet<SessionId> {
    let view = &state.sessions.view;
    view.rows().iter().filter_map(|row| view.table().get(*row)).map(SessionFacts::session_id).collect()
}
