//! Jobs of changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ChangeItem, ChangePlan, HeldChange};
use crate::{
    core::bulk::{JobEvent, JobPhase, Wait},
    domain::{JobId, Outcome, OutcomeKind, PlanId, Text},
};

/// A plan of changes being carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeJob {
    /// Number, counted together with the jobs on sessions.
    pub id: JobId,
    /// What it carries out; frozen.
    pub plan: Arc<ChangePlan>,
    /// What became of each of [`ChangePlan::items`], by place.
    pub outcomes: Vec<Outcome>,
    /// Ids of what was created, byte for byte, by place; where the server told them.
    pub created: BTreeMap<usize, String>,
    /// When it was started.
    pub started_at: Timestamp,
    /// Where it stands.
    pub phase: JobPhase,
    /// Why nothing leaves just now.
    pub waiting: Option<Wait>,
    /// Requests sent so far.
    pub calls: usize,
    /// How many times the server asked to slow down.
    pub throttled: usize,
}

impl ChangeJob {
    /// A job of which nothing has left yet.
    pub fn new(id: JobId, plan: Arc<ChangePlan>, started_at: Timestamp) -> Self {
        let outcomes = vec![Outcome::Unsent; plan.items.len()];
        Self {
            id,
            plan,
            outcomes,
            created: BTreeMap::new(),
            started_at,
            phase: JobPhase::Running,
            waiting: None,
            calls: 0,
            throttled: 0,
        }
    }

    /// Takes what the engine tells; targets are places in [`ChangePlan::items`]. A settled outcome never goes back to
    /// "sent".
    pub fn apply(&mut self, event: &JobEvent, now: Timestamp) {
        match event {
            JobEvent::Sent { targets } => {
                self.calls += 1;
                self.waiting = None;
                for &place in targets {
                    self.set(place, &Outcome::Unsent, Outcome::Sent);
                }
            }
            JobEvent::Settled { outcomes } => {
                for (place, outcome) in outcomes {
                    if let Some(slot) = self.outcomes.get_mut(*place) {
                        *slot = outcome.clone();
                    }
                }
            }
            JobEvent::Created { ids } => self.created.extend(ids.iter().cloned()),
            JobEvent::Waiting(wait) => {
                // The server did not take what was sent last; it leaves again later.
                for place in 0..self.outcomes.len() {
                    self.set(place, &Outcome::Sent, Outcome::Unsent);
                }
                self.throttled += 1;
                self.waiting = Some(wait.clone());
            }
            JobEvent::Resumed => self.waiting = None,
            JobEvent::Finished { stopped, fault } => {
                self.waiting = None;
                self.phase = JobPhase::Finished { at: now, stopped: *stopped, fault: fault.clone() };
            }
        }
    }

    fn set(&mut self, place: usize, from: &Outcome, to: Outcome) {
        if let Some(outcome) = self.outcomes.get_mut(place).filter(|outcome| *outcome == from) {
            *outcome = to;
        }
    }

    /// Whether it still sends or waits for answers.
    pub fn is_running(&self) -> bool {
        !matches!(self.phase, JobPhase::Finished { .. })
    }

    /// When it ended.
    pub fn finished_at(&self) -> Option<Timestamp> {
        match self.phase {
            JobPhase::Finished { at, .. } => Some(at),
            JobPhase::Running | JobPhase::Stopping => None,
        }
    }

    /// How many changes have an answer of the server, or were held back because of one. "No answer" is none.
    pub fn answered(&self) -> usize {
        let answered = |outcome: &&Outcome| outcome.is_settled() && outcome.kind() != OutcomeKind::NoAnswer;
        self.outcomes.iter().filter(answered).count()
    }

    /// How many would be sent in all.
    pub fn total(&self) -> usize {
        self.outcomes.len()
    }

    /// How many were refused or got no answer.
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.is_failure()).count()
    }

    /// Counts by outcome; those held back are counted too, so that the counts add up to what was asked for.
    pub fn counts(&self) -> BTreeMap<OutcomeKind, usize> {
        let mut counts = BTreeMap::new();
        for outcome in &self.outcomes {
            *counts.entry(outcome.kind()).or_insert(0) += 1;
        }
        if !self.plan.held_back.is_empty() {
            *counts.entry(OutcomeKind::HeldBack).or_insert(0) += self.plan.held_back.len();
        }
        counts
    }

    /// Counts in words, in the order of reports: `2 confirmed, 1 refused`.
    pub fn counts_in_words(&self) -> String {
        let counts = self.counts();
        let words: Vec<String> = OutcomeKind::ALL
            .iter()
            .filter_map(|kind| counts.get(kind).map(|count| format!("{count} {kind}")))
            .collect();
        words.join(", ")
    }

    /// Whether anything is left that a new plan could try again.
    pub fn can_retry(&self) -> bool {
        !self.is_running() && self.outcomes.iter().any(is_unfinished)
    }

    /// A new plan of what did not work or was not sent. What got no answer may have happened: it is held back, never
    /// sent again blindly (`design.md section 4`, rule 4).
    pub fn retry(&self, id: PlanId, made_at: Timestamp) -> ChangePlan {
        let mut plan = ChangePlan::new(id, self.plan.title.clone(), made_at);
        plan.retry_of = Some(self.plan.id.clone());
        plan.consequences.clone_from(&self.plan.consequences);
        plan.warnings.clone_from(&self.plan.warnings);
        plan.words.clone_from(&self.plan.words);
        let mut places = BTreeMap::new();
        let mut held = BTreeSet::new();
        for (place, (item, outcome)) in self.plan.items.iter().zip(&self.outcomes).enumerate() {
            if !is_unfinished(outcome) {
                continue;
            }
            let reason = match (outcome, item.after) {
                (Outcome::NoAnswer(_) | Outcome::Sent, _) => Some(UNVERIFIED),
                (_, Some(before)) if held.contains(&before) => Some(AFTER_UNVERIFIED),
                // Between this and the change before it lies nothing that a new plan could repeat.
                (_, Some(before)) if !places.contains_key(&before) => self.not_to_follow(before),
                _ => None,
            };
            if let Some(reason) = reason {
                held.insert(place);
                let label = item.label.clone();
                let held_back = HeldChange { label, target: item.change.target_id(), reason: reason.into() };
                plan.held_back.push(held_back);
                continue;
            }
            places.insert(place, plan.items.len());
            let after = item.after.and_then(|before| places.get(&before).copied());
            plan.items.push(ChangeItem { after, ..item.clone() });
        }
        plan
    }

    /// Why a change that was to follow the one at this place cannot be planned without it. Only what was seen to have
    /// happened may be left behind: a bare deletion would be sent without looking.
    fn not_to_follow(&self, before: usize) -> Option<&'static str> {
        match self.outcomes.get(before) {
            Some(Outcome::Confirmed) => None,
            Some(Outcome::Accepted) => Some(AFTER_UNSEEN),
            _ => Some(AFTER_UNVERIFIED),
        }
    }

    /// The changes whose outcome is not known: sent without an answer.
    pub fn unknown(&self) -> impl Iterator<Item = (&ChangeItem, &Outcome)> {
        self.plan
            .items
            .iter()
            .zip(&self.outcomes)
            .filter(|(_, outcome)| matches!(outcome, Outcome::Sent | Outcome::NoAnswer(_)))
    }

    /// The id of what was created, as it is shown.
    pub fn created_label(&self, place: usize) -> Option<Text> {
        self.created.get(&place).map(|id| Text::clean(id))
    }
}

/// Why a change without an answer is not planned again.
const UNVERIFIED: &str = "no answer: see in the list whether it happened, then plan it afresh";
/// Why a change after one of those is not planned again.
const AFTER_UNVERIFIED: &str = "the change before it is not known to have worked";
/// Why a change after one that was taken, but not seen, is not planned again.
const AFTER_UNSEEN: &str = "the change before it was accepted, but not seen: see in the list whether it happened, then plan this afresh";

/// Whether something is left to be done: refused, not sent, or without an answer.
fn is_unfinished(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Unsent
        | Outcome::Sent
        | Outcome::Refused(_)
        | Outcome::NoAnswer(_)
        | Outcome::StillListed
        // Held back by the job because the change before it did not work.
        | Outcome::HeldBack(_) => true,
        Outcome::Accepted | Outcome::Confirmed | Outcome::NotFound(_) => false,
    }
}
