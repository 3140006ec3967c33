//! What a plan is made from, held fast at one moment: the making of a long one holds up no key.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    bulk::{BlastRadius, Course, Guard, HoldReason, Plan, PlanRequest, Protected, Terms, Visible},
    filter::Filter,
    state::{PlanPage, PlanSheet},
    table::{Flags, GroupNames, Names, SessionTable, Surroundings, TableView},
};
use crate::domain::{Capabilities, MessageText, PlanId, PodId, SessionId, SessionState, Text, Verb};

/// Why a message leaves out whoever is disconnected.
const NO_CLIENT: &str = "no client attached to read it";

/// Where a plan comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// From sessions that were chosen.
    New,
    /// From targets of this plan that are tried again: guard, pace, ticket and, for the same verb, course are its own.
    Retry(PlanId),
    /// From targets of this plan that are told something about it: who came back is told as well, so it has no guard.
    Correction(PlanId),
}

impl Origin {
    /// The plan that it comes from.
    fn parent(&self) -> Option<&PlanId> {
        match self {
            Self::New => None,
            Self::Retry(parent) | Self::Correction(parent) => Some(parent),
        }
    }
}

/// What the operator wants planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// The verb.
    pub verb: Verb,
    /// The message, for [`Verb::Message`].
    pub message: Option<MessageText>,
    /// The chosen sessions, in the order in which they are sent.
    pub ids: Vec<SessionId>,
    /// Where it comes from.
    pub origin: Origin,
    /// How it is carried out; guard and what else a parent decides is put in when it is made.
    pub terms: Terms,
    /// Whether those are held back that are disconnected: nobody sits there to read a message.
    pub leaves_out: bool,
}

impl Wanted {
    /// A verb for chosen sessions.
    pub fn new(verb: Verb, ids: Vec<SessionId>, terms: Terms) -> Self {
        Self { verb, message: None, ids, origin: Origin::New, terms, leaves_out: false }
    }
}

/// All that a plan and its sheet are made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanBrief {
    /// The plan's id.
    pub id: PlanId,
    /// What is wanted.
    pub wanted: Wanted,
    /// What was shown and marked.
    pub view: TableView,
    /// What was known about sessions beside the list.
    pub flags: Flags,
    /// What groups were called.
    #[serde(default)]
    pub groups: Arc<GroupNames>,
    /// The newest list.
    pub table: Arc<SessionTable>,
    /// What server and account can do.
    pub capabilities: Capabilities,
    /// Who is never touched.
    pub protected: Protected,
    /// Sessions that must not be sent just now, and why.
    pub spoken_for: BTreeMap<SessionId, HoldReason>,
    /// The plans of the jobs before, oldest first.
    pub before: Vec<Arc<Plan>>,
    /// The moment.
    pub now: Timestamp,
}

impl PlanBrief {
    /// Freezes the plan and counts what its sheet shows.
    pub fn make(self) -> PlanSheet {
        let chosen_by = self.chosen_by().cloned();
        let note = chosen_by.as_ref().filter(|filter| !filter.is_lasting()).map(|filter| {
            let words = format!("no guard: \"{filter}\" cannot be asked of one session alone");
            Text::clean(&words)
        });
        let mut plan = Plan::make(&PlanRequest {
            id: self.id.clone(),
            verb: self.wanted.verb,
            message: self.wanted.message.clone(),
            homes: &self.homes(),
            ids: &self.wanted.ids,
            shown: Visible::In(&self.view),
            table: &self.table,
            capabilities: &self.capabilities,
            retry_of: self.wanted.origin.parent().cloned(),
            terms: self.terms(chosen_by.as_ref()),
            protected: &self.protected,
            named: false,
            spoken_for: &self.spoken_for,
            now: self.now,
        });
        if self.wanted.leaves_out {
            plan.leave_out(&Text::clean(NO_CLIENT), |target| {
                target.session.state == Some(SessionState::Disconnected)
            });
        }
        let blast = BlastRadius::of(&plan, &self.table);
        PlanSheet {
            plan,
            blast,
            typed: String::new(),
            page: PlanPage::Summary,
            scroll: 0,
            complaint: note,
            chosen_by: chosen_by.filter(|filter| self.matches_just(filter)),
            order: self.wanted.ids,
            saved: None,
            table: self.table,
        }
    }

    /// How it is carried out.
    fn terms(&self, chosen_by: Option<&Filter>) -> Terms {
        let terms = self.wanted.terms.clone();
        let parent = self.wanted.origin.parent();
        let parent = parent.and_then(|parent| self.before.iter().find(|plan| plan.id == *parent));
        match (parent, chosen_by) {
            (Some(parent), _) if matches!(self.wanted.origin, Origin::Retry(_)) => {
                retried(parent, self.wanted.verb, terms)
            }
            (Some(parent), _) => {
                let ticket = parent.terms.ticket.clone().or_else(|| terms.ticket.clone());
                Terms { guard: None, ticket, ..terms }
            }
            (None, Some(filter)) if filter.is_lasting() => Terms { guard: Guard::of(filter), ..terms },
            (None, _) => Terms { guard: None, ..terms },
        }
    }

    /// The filter that chose these sessions, when they are the marked ones and one filter marked them all.
    fn chosen_by(&self) -> Option<&Filter> {
        let ids = &self.wanted.ids;
        let are_the_marks =
            || ids.len() == self.view.counts().marked && ids.iter().all(|id| self.view.is_marked(id));
        self.view.marked_by().filter(|_| are_the_marks())
    }

    /// Whether a filter holds for these sessions of the shown list and no others.
    fn matches_just(&self, filter: &Filter) -> bool {
        let table = self.view.table();
        let names = Names::of_groups(Arc::clone(&self.groups));
        let capabilities = Some(&self.capabilities);
        let with = Surroundings { capabilities, flags: Some(&self.flags), names: Some(&names) };
        let passing = filter.passing(&with.context(table));
        let rows: Option<HashSet<u32>> = self.wanted.ids.iter().map(|id| table.find(id)).collect();
        // Nobody who is not listed matches anything.
        rows.is_some_and(|rows| {
            let passes = |row: &u32| passing.get(*row as usize) == Some(&true);
            rows.len() == self.wanted.ids.len()
                && rows.iter().all(passes)
                && passing.iter().filter(|passes| **passes).count() == rows.len()
        })
    }

    /// The pods on which those of the sessions were last seen that the list does not have.
    fn homes(&self) -> BTreeMap<SessionId, PodId> {
        let missing = self.wanted.ids.iter().filter(|id| self.table.find(id).is_none());
        let plans = || self.before.iter().map(|plan| &**plan);
        missing.filter_map(|id| Some((id.clone(), last_seen(&self.view, plans(), id)?.clone()))).collect()
    }
}

/// The pod on which a session was last seen: by the view, or when it became the target of one of these plans, of which the
/// last one counts.
pub fn last_seen<'a>(
    view: &'a TableView,
    plans: impl DoubleEndedIterator<Item = &'a Plan>,
    id: &SessionId,
) -> Option<&'a PodId> {
    let of_plans = || {
        let target = plans.rev().flat_map(|plan| &plan.to_send).find(|target| target.session.id == *id)?;
        target.session.pod_id.as_ref()
    };
    view.home(id).or_else(of_plans)
}

/// How targets of a plan are tried again. Whoever must not be hit the first time must not be hit the second time, what it
/// is done for does not change, and who chose a careful pace wants it again. A course begins anew: what its targets were
/// told has passed, or was cancelled.
fn retried(parent: &Plan, verb: Verb, terms: Terms) -> Terms {
    let before = &parent.terms;
    let course: Option<Course> = before.course.clone().filter(|_| verb == parent.verb);
    Terms {
        guard: before.guard.clone(),
        pace: before.pace,
        ticket: before.ticket.clone().or(terms.ticket),
        course,
        ..terms
    }
}
