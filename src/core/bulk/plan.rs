//! Plans: a frozen list of targets for one verb, and what is held back and why.
//!
//! The list never grows after it is made (`design.md section 4`, rule 3). Visible + hidden = sent + held back.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Course, Deadlines, Guard, Pace, Planned, Protected, is_protection,
    template::{self, Field},
};
use crate::{
    core::{
        filter::Context,
        table::{Reach, SessionTable, TableView},
    },
    domain::{
        Account, Capabilities, MessageText, Outcome, PlanId, PodId, Session, SessionFacts, SessionId,
        SessionRow, SessionState, Support, Text, Verb,
    },
};

/// How a message stands to the plan that it is about: it tries it again, or tells its targets something.
pub const ABOUT: &str = "about plan";

/// Above this number of targets the number must be typed (`design.md section 4`, rule 8).
pub const TYPED_ABOVE: usize = 25;

/// One session that a plan is about, as it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The session at that moment. Only its id is sent.
    pub session: Session,
    /// Whether the filter hid it at that moment.
    pub hidden: bool,
    /// The pod that hosts it, when that is not the one that is asked: its requests go through the federation.
    #[serde(default)]
    pub pod: Option<PodId>,
}

/// Why a target will not be sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HoldReason {
    /// The list does not have it any more.
    Gone,
    /// It is not in the part of the list that could be read: nothing is known about it.
    NotRead,
    /// The pod that answers does not have it, and the others were not asked.
    NotHere,
    /// A job that still runs has it among its targets.
    InJob,
    /// It is in the state that the verb leads to.
    AlreadyDisconnected,
    /// The verb does not exist for it, or the account lacks the privilege.
    NotLegal(Text),
    /// The pod that hosts it does not answer, in these words.
    PodSilent(Text),
    /// More than one pod reports its id.
    Ambiguous,
    /// Another pod hosts it, and only the sessions of this one were read.
    Elsewhere,
    /// Another pod hosts it, and none of those that answer lists it.
    PodUnknown,
    /// The last request for it got no answer, and no list was read since that would show what became of it.
    Unverified,
    /// The operator left it out.
    LeftOut(Text),
    /// It is in the protected set, by this rule of it.
    Protected(Text),
    /// It is the operator's own.
    Own,
    /// It came back: connected now, and it was not when the plan was made.
    Reconnected,
    /// It is not the session any more that was planned, in these words.
    Changed(Text),
    /// The server does not tell any more what it told when the plan was made.
    NotTold(Text),
    /// The plan's guard does not hold for it any more.
    GuardFails,
    /// The server does not tell what the plan's guard asks about.
    GuardUnknown,
    /// The message of its course did not reach it, for this reason: nobody is logged off unwarned.
    NotWarned(Text),
    /// It could not be read again before sending, for this reason.
    NotChecked(Text),
}

impl HoldReason {
    /// Whether it may have passed by the time of another plan.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::NotRead
            | Self::NotHere
            | Self::InJob
            | Self::PodSilent(_)
            | Self::Elsewhere
            | Self::PodUnknown
            | Self::Unverified
            | Self::Reconnected
            | Self::NotTold(_)
            | Self::GuardFails
            | Self::NotWarned(_)
            | Self::NotChecked(_) => true,
            Self::Gone
            | Self::AlreadyDisconnected
            | Self::NotLegal(_)
            | Self::Ambiguous
            | Self::LeftOut(_)
            | Self::Protected(_)
            | Self::Own
            | Self::Changed(_)
            | Self::GuardUnknown => false,
        }
    }

    /// The same of a target that was held back while the job ran: of it only the words are known.
    pub fn words_may_pass(words: &Text) -> bool {
        let nothing = || Text::clean("");
        let passing =
            [Self::Reconnected, Self::GuardFails, Self::NotTold(nothing()), Self::NotChecked(nothing())];
        passing.iter().any(|reason| words.as_str().starts_with(reason.to_string().trim_end()))
    }

    /// The outcome of a target that is held back for it.
    pub fn outcome(&self) -> Outcome {
        Outcome::HeldBack(Text::clean(&self.to_string()))
    }
}

impl fmt::Display for HoldReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => formatter.pad("gone already"),
            Self::NotRead => formatter.pad("not in the part of the list that was read"),
            Self::NotHere => formatter.pad("not on this pod; --all-pods looks everywhere"),
            Self::InJob => formatter.pad("in a job that still runs"),
            Self::AlreadyDisconnected => formatter.pad("disconnected already"),
            Self::Unverified => formatter.pad("no answer; not listed 30 s after it yet"),
            Self::Ambiguous => formatter.pad("two pods report this id"),
            Self::Elsewhere => {
                formatter.pad("on another pod; list all pods first (:scope global, --all-pods)")
            }
            Self::PodUnknown => formatter.pad("on another pod; none that answers lists it"),
            Self::Protected(rule) => write!(formatter, "protected: {rule}"),
            Self::Own => formatter.pad("your own session"),
            Self::Reconnected => formatter.pad("reconnected since"),
            Self::Changed(what) => formatter.pad(what.as_str()),
            Self::NotTold(what) => write!(formatter, "not told any more: {what}"),
            Self::GuardFails => formatter.pad("the guard does not hold any more"),
            Self::GuardUnknown => formatter.pad("the guard asks for what the server does not tell"),
            Self::NotWarned(reason) => write!(formatter, "was not warned: {reason}"),
            Self::NotChecked(reason) => write!(formatter, "could not be read again: {reason}"),
            Self::NotLegal(reason) | Self::LeftOut(reason) | Self::PodSilent(reason) => {
                formatter.pad(reason.as_str())
            }
        }
    }
}

/// A target that is kept back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The target.
    pub target: Target,
    /// Why.
    pub reason: HoldReason,
}

impl HeldBack {
    /// Whether it is called gone.
    pub fn is_gone(&self) -> bool {
        self.reason == HoldReason::Gone
    }
}

/// Which of the chosen sessions can be seen.
#[derive(Debug, Clone, Copy)]
pub enum Visible<'a> {
    /// All of them: there is no filter that hides any.
    All,
    /// Those that this view shows.
    In(&'a TableView),
}

impl Visible<'_> {
    fn hides(self, id: &SessionId) -> bool {
        match self {
            Self::All => false,
            Self::In(view) => !view.shows(id),
        }
    }
}

/// What the operator asks for; [`Plan::make`] decides what becomes of it.
#[derive(Debug, Clone)]
pub struct PlanRequest<'a> {
    /// The plan's id.
    pub id: PlanId,
    /// The verb.
    pub verb: Verb,
    /// The message, for [`Verb::Message`].
    pub message: Option<MessageText>,
    /// The chosen sessions.
    pub ids: &'a [SessionId],
    /// Which of them can be seen, to count what is hidden.
    pub shown: Visible<'a>,
    /// The newest list.
    pub table: &'a SessionTable,
    /// What server and account can do.
    pub capabilities: &'a Capabilities,
    /// The plan whose failures this one retries.
    pub retry_of: Option<PlanId>,
    /// How it is carried out.
    pub terms: Terms,
    /// Who is never touched.
    pub protected: &'a Protected,
    /// Whether those were named one by one: then they are not protected.
    pub named: bool,
    /// Sessions that must not be sent just now, and why: see [`super::spoken_for`].
    pub spoken_for: &'a BTreeMap<SessionId, HoldReason>,
    /// The pods on which sessions were last seen that the list does not have, as far as known.
    pub homes: &'a BTreeMap<SessionId, PodId>,
    /// The present.
    pub now: Timestamp,
}

/// How a plan is set going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// The key `y` is enough.
    Key,
    /// The number of targets must be typed.
    Number(usize),
    /// There is nothing to send.
    Nothing,
}

/// A frozen list of targets for one verb.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Id: shown on sheets, in events and in reports.
    pub id: PlanId,
    /// The verb.
    pub verb: Verb,
    /// The message, for [`Verb::Message`].
    pub message: Option<MessageText>,
    /// What will be sent, in the order in which it will be.
    pub to_send: Vec<Target>,
    /// What will not, and why.
    pub held_back: Vec<HeldBack>,
    /// When the plan was made.
    pub made_at: Timestamp,
    /// When the list that it was made from was read.
    pub data_at: Timestamp,
    /// The plan whose failures this one retries.
    pub retry_of: Option<PlanId>,
    /// How it is carried out.
    #[serde(default)]
    pub terms: Terms,
}

/// How a plan is carried out: all that can be chosen beside verb and targets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// What must still hold for each target at the moment of sending.
    pub guard: Option<Guard>,
    /// How fast, and when it stops by itself.
    pub pace: Pace,
    /// How long what was accepted is looked out for; `None` does not look, and accepted is the last word.
    pub deadlines: Option<Deadlines>,
    /// Warn, wait, log off, force; for plans whose verb is the polite logoff.
    pub course: Option<Course>,
    /// The ticket that it is for.
    pub ticket: Option<Text>,
    /// Those of its targets that are protected, and were named one by one all the same.
    pub named: BTreeSet<SessionId>,
}

impl Plan {
    /// Whether both are the same plan, perhaps with other terms. Short ids repeat; the moment when one was made does not.
    pub fn is_same(&self, other: &Self) -> bool {
        self.id == other.id && self.made_at == other.made_at
    }

    /// Puts its ticket in the texts that ask for one. Says no, and changes nothing, when they do and it has none.
    pub fn put_ticket_in_texts(&mut self) -> bool {
        let Self { message, terms, .. } = self;
        let of_course = terms.course.iter_mut().flat_map(|course| {
            let reminders = course.reminders.iter_mut().map(|reminder| &mut reminder.text);
            std::iter::once(&mut course.warning).chain(reminders)
        });
        let ask = |message: &&mut MessageText| template::has(&message.text, Field::Ticket);
        let asking: Vec<&mut MessageText> = message.iter_mut().chain(of_course).filter(ask).collect();
        let Some(ticket) = &terms.ticket else { return asking.is_empty() };
        for message in asking {
            let value = |field| (field == Field::Ticket).then(|| ticket.to_string());
            message.text = template::fill(&message.text, value).into();
        }
        true
    }

    /// Decides for each chosen session whether it will be sent, and freezes the list.
    pub fn make(request: &PlanRequest<'_>) -> Self {
        let mut plan = Self {
            id: request.id.clone(),
            verb: request.verb,
            message: request.message.clone(),
            to_send: Vec::with_capacity(request.ids.len()),
            held_back: Vec::new(),
            made_at: request.now,
            data_at: request.table.fetched_at(),
            retry_of: request.retry_of.clone(),
            terms: Terms { named: BTreeSet::new(), ..request.terms.clone() },
        };
        let mut seen = HashSet::with_capacity(request.ids.len());
        for id in request.ids {
            if !seen.insert(id) {
                continue;
            }
            let hidden = request.shown.hides(id);
            let row = request.table.row_of(id);
            let unlisted = || Session { pod_id: request.homes.get(id).cloned(), ..Session::new(id.clone()) };
            let session = row.map_or_else(unlisted, SessionRow::to_session);
            let pod = match row.map(|row| request.table.reach(row)) {
                Some(Reach::Through(pod) | Reach::Silent(pod)) => Some(pod.id.clone()),
                Some(Reach::Here | Reach::Ambiguous | Reach::Elsewhere) | None => None,
            };
            let target = Target { session, hidden, pod };
            if let Some(reason) = hold_reason(request, id, row.map(|_| &target.session)) {
                plan.held_back.push(HeldBack { target, reason });
                continue;
            }
            let account = &request.capabilities.account;
            if request.protected.objection(account, request.verb, &target.session).is_some() {
                plan.terms.named.insert(id.clone());
            }
            plan.to_send.push(target);
        }
        plan
    }

    /// Sends a protected target all the same, when the guard lets it: somebody named it. Says whether it is sent now.
    pub fn include(&mut self, id: &SessionId, context: &Context<'_>, order: &[SessionId]) -> bool {
        let is_it = |held: &HeldBack| held.target.session.id == *id && is_protection(&held.reason);
        let Some(place) = self.held_back.iter().position(is_it) else {
            return false;
        };
        if let Some(held) = self.held_back.get_mut(place) {
            // From here on only the guard decides.
            held.reason = HoldReason::GuardUnknown;
        }
        self.terms.named.insert(id.clone());
        self.set_guard(self.terms.guard.clone(), context, order);
        self.to_send.iter().any(|target| target.session.id == *id)
    }

    /// Holds back those that are protected for whoever carries it out. Those that were named one by one are sent when the
    /// same person carries it out who named them: nobody else decides that for this account.
    pub fn protect(&mut self, protected: &Protected, account: &Account, made_it: bool) {
        let verb = self.verb;
        for target in std::mem::take(&mut self.to_send) {
            let is_meant = made_it && self.terms.named.contains(&target.session.id);
            match protected.objection(account, verb, &target.session).filter(|_| !is_meant) {
                Some(reason) => self.held_back.push(HeldBack { target, reason }),
                None => self.to_send.push(target),
            }
        }
    }

    /// Holds targets back: for each of those that would be sent, in their order, the reason if there is one.
    pub fn hold_back(&mut self, reasons: Vec<Option<HoldReason>>) {
        let mut reasons = reasons.into_iter();
        for target in std::mem::take(&mut self.to_send) {
            match reasons.next().flatten() {
                Some(reason) => self.held_back.push(HeldBack { target, reason }),
                None => self.to_send.push(target),
            }
        }
    }

    /// Puts another guard in force. The targets stay the same: those that the old guard held back are judged again,
    /// and those that are sent stay in this order.
    pub fn set_guard(&mut self, guard: Option<Guard>, context: &Context<'_>, order: &[SessionId]) {
        let held = std::mem::take(&mut self.held_back);
        let by_guard =
            |held: &HeldBack| matches!(held.reason, HoldReason::GuardFails | HoldReason::GuardUnknown);
        let (released, kept): (Vec<_>, Vec<_>) = held.into_iter().partition(by_guard);
        self.held_back = kept;
        let mut targets = std::mem::take(&mut self.to_send);
        targets.extend(released.into_iter().map(|held| held.target));
        let places: BTreeMap<&SessionId, usize> =
            order.iter().enumerate().map(|(place, id)| (id, place)).collect();
        targets.sort_by_key(|target| places.get(&target.session.id).copied());
        for target in targets {
            match guard.as_ref().and_then(|guard| guard.objection(&target.session, context)) {
                Some(reason) => self.held_back.push(HeldBack { target, reason }),
                None => self.to_send.push(target),
            }
        }
        self.terms.guard = guard;
    }

    /// Moves those targets that a test picks from sending to held back.
    pub fn leave_out(&mut self, reason: &Text, mut picks: impl FnMut(&Target) -> bool) {
        let before = std::mem::take(&mut self.to_send);
        for target in before {
            if picks(&target) {
                self.held_back.push(HeldBack { target, reason: HoldReason::LeftOut(reason.clone()) });
            } else {
                self.to_send.push(target);
            }
        }
    }

    /// Takes back that the targets that were not found are gone: other pods may host them, and were not asked.
    pub fn doubt_absence(&mut self) {
        for held in &mut self.held_back {
            if held.is_gone() {
                held.reason = HoldReason::NotHere;
            }
        }
    }

    /// All targets, sent or held back.
    pub fn len(&self) -> usize {
        self.to_send.len() + self.held_back.len()
    }

    /// Whether it has no target at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether any of those to be sent takes the way through the federation.
    pub fn goes_to_other_pods(&self) -> bool {
        self.to_send.iter().any(|target| target.pod.is_some())
    }

    /// How many of those to be sent the filter hides.
    pub fn hidden(&self) -> usize {
        self.to_send.iter().filter(|target| target.hidden).count()
    }

    /// How many of those to be sent are in a state.
    pub fn in_state(&self, state: &SessionState) -> usize {
        self.to_send.iter().filter(|target| target.session.state.as_ref() == Some(state)).count()
    }

    /// Whether it may take unsaved work away: by its verb, or in the last step of its course.
    pub fn forces(&self) -> bool {
        self.verb.is_forceful()
            || self.terms.course.as_ref().is_some_and(|course| course.force_after_seconds.is_some())
    }

    /// What it takes to set it going (`design.md section 4`, rule 8; `screens.md section 1`).
    pub fn confirmation(&self) -> Confirmation {
        let count = self.to_send.len();
        // Only those that certainly are disconnected count as such: a missing or unknown state needs the number. It is asked
        // with each frame: of many targets none is looked at.
        let is_disconnected = |target: &Target| target.session.state == Some(SessionState::Disconnected);
        let needs_number = count > TYPED_ABOVE
            || self.forces()
            || (self.verb.is_destructive() && !self.to_send.iter().all(is_disconnected));
        match count {
            0 => Confirmation::Nothing,
            _ if needs_number => Confirmation::Number(count),
            _ => Confirmation::Key,
        }
    }
}

impl Planned for Plan {
    fn id(&self) -> &PlanId {
        &self.id
    }

    fn title(&self) -> &str {
        match &self.terms.course {
            Some(course) if course.force_after_seconds.is_some() => "WARN, WAIT, LOG OFF, FORCE",
            Some(_) => "WARN, WAIT, LOG OFF",
            None => self.verb.title(),
        }
    }

    fn retry_of(&self) -> Option<&PlanId> {
        self.retry_of.as_ref()
    }

    fn link(&self) -> &'static str {
        if self.verb == Verb::Message { ABOUT } else { "retry of" }
    }

    fn sends(&self) -> usize {
        self.to_send.len()
    }

    fn holds_back(&self) -> usize {
        self.held_back.len()
    }
}

/// Why a session cannot be sent, if it cannot.
fn hold_reason(request: &PlanRequest<'_>, id: &SessionId, session: Option<&Session>) -> Option<HoldReason> {
    let Some(session) = session else {
        return Some(missing_from(request.table, request.homes.get(id)));
    };
    if let Some(reason) = request.spoken_for.get(id) {
        return Some(reason.clone());
    }
    let against = |verb| objection(request.capabilities, request.table, verb, session);
    // Who cannot be told anything would be left out when it has begun.
    let warns = request.terms.course.as_ref().is_some_and(|course| !course.even_unwarned);
    let guard = request.terms.guard.as_ref();
    against(request.verb)
        .or_else(|| if warns { against(Verb::Message) } else { None })
        .or_else(|| {
            let account = &request.capabilities.account;
            request.protected.objection(account, request.verb, session).filter(|_| !request.named)
        })
        .or_else(|| guard?.objection(session, &guard_context(request.capabilities, request.table)))
}

/// What a guard may look at when a plan is made: the same as when its targets are read again before they leave.
pub fn guard_context<'a>(capabilities: &'a Capabilities, table: &SessionTable) -> Context<'a> {
    Context { capabilities: Some(capabilities), ..Context::at(table.as_of()) }
}

/// What it means that a session is not in a list. Only a whole list of its pod can say that a session is gone; `pod` is
/// where it was last seen, when that is known.
pub fn missing_from(table: &SessionTable, pod: Option<&PodId>) -> HoldReason {
    if table.proves_absence(pod) {
        return HoldReason::Gone;
    }
    match pod {
        // It is there for all that is known; it was not asked for.
        Some(pod) if !table.pods().is_empty() && table.pod(pod).is_none() => HoldReason::Elsewhere,
        _ => HoldReason::NotRead,
    }
}

/// Why a verb is not legal for a session, if it is not: its kind, the account's privileges, where it runs, its state.
/// The one place that decides it: for menus, details and plans.
pub fn objection<'a>(
    capabilities: &Capabilities,
    table: &SessionTable,
    verb: Verb,
    session: impl SessionFacts<'a>,
) -> Option<HoldReason> {
    match table.reach(session) {
        Reach::Here | Reach::Through(_) => {}
        Reach::Silent(pod) => return Some(HoldReason::PodSilent(pod.silence(table.fetched_at()))),
        Reach::Ambiguous => return Some(HoldReason::Ambiguous),
        Reach::Elsewhere if table.is_global() => return Some(HoldReason::PodUnknown),
        Reach::Elsewhere => return Some(HoldReason::Elsewhere),
    }
    if let Support::No(reason) = capabilities.supports(verb, session) {
        return Some(HoldReason::NotLegal(reason));
    }
    (verb == Verb::Disconnect && session.state() == Some(&SessionState::Disconnected))
        .then_some(HoldReason::AlreadyDisconnected)
}
