//! Jobs of changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{ChangeItem, ChangePlan, HeldChange};
use crate::{
    core::bulk::Job,
    domain::{Outcome, PlanId, Text},
};

/// A plan of changes being carried out; its targets are places in [`ChangePlan::items`].
pub type ChangeJob = Job<ChangePlan>;

impl Job<ChangePlan> {
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
        plan.touches_connected = self.plan.touches_connected;
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
                plan.held_back.push(HeldChange::of(item, reason));
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
