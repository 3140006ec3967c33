//! Plans of changes: frozen, with what follows from them and what is held back.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    core::bulk::{Confirmation, Planned, TYPED_ABOVE},
    domain::{Change, ChangeKind, PlanId, Text, UserId},
};

/// One change of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeItem {
    /// What is changed.
    pub change: Change,
    /// What it is about, in one line: `CORP\kaya as Help Desk on Finance`.
    pub label: Text,
    /// What exactly changes, line by line: `description: August -> September`.
    pub details: Vec<Text>,
    /// The place of a change of the same plan that must have been seen to have happened before: an old permission goes
    /// only when the new one is there. What the server merely accepted is not enough.
    pub after: Option<usize>,
}

impl ChangeItem {
    /// A change that stands by itself.
    pub fn new(change: Change, label: impl Into<Text>) -> Self {
        Self { change, label: label.into(), details: Vec::new(), after: None }
    }

    /// The same with what exactly changes.
    #[must_use]
    pub fn with_details(self, details: Vec<Text>) -> Self {
        Self { details, ..self }
    }

    /// The same, to be sent only when the change at this place was seen to have happened.
    #[must_use]
    pub fn after(self, place: usize) -> Self {
        Self { after: Some(place), ..self }
    }
}

/// A change that is not sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldChange {
    /// What it is about.
    pub label: Text,
    /// The id of what would have been changed, byte for byte, if it exists.
    pub target: Option<String>,
    /// Who would have got a permission by it.
    #[serde(default)]
    pub principal: Option<UserId>,
    /// Why not.
    pub reason: Text,
}

impl HeldChange {
    /// A change that is planned, held back for a reason.
    pub fn of(item: &ChangeItem, reason: impl Into<Text>) -> Self {
        Self {
            label: item.label.clone(),
            target: item.change.target_id(),
            principal: item.change.principal().cloned(),
            reason: reason.into(),
        }
    }
}

/// How a plan of changes is set going.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeConfirmation {
    /// The key `y` is enough.
    Key,
    /// The number of changes must be typed.
    Number(usize),
    /// These words must be typed.
    Words(Text),
    /// There is nothing to send.
    Nothing,
}

impl From<Confirmation> for ChangeConfirmation {
    fn from(confirmation: Confirmation) -> Self {
        match confirmation {
            Confirmation::Key => Self::Key,
            Confirmation::Number(count) => Self::Number(count),
            Confirmation::Nothing => Self::Nothing,
        }
    }
}

/// A frozen list of changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangePlan {
    /// Id: shown on sheets, in events and in reports.
    pub id: PlanId,
    /// What it does, in capitals: `DELETE PERMISSIONS`.
    pub title: Text,
    /// What will be sent, in the order in which it will be.
    pub items: Vec<ChangeItem>,
    /// What will not, and why.
    pub held_back: Vec<HeldChange>,
    /// What follows from it: `2 pools, 598 sessions get version v24.4`.
    pub consequences: Vec<Text>,
    /// What the operator must not overlook: `this is the permission that you are using`.
    pub warnings: Vec<Text>,
    /// How many of all of them, held back or not, were not to be seen in the list when they were chosen.
    #[serde(default)]
    pub hidden: usize,
    /// Whether somebody is connected to what it touches, or may be: then the number must be typed.
    #[serde(default)]
    pub touches_connected: bool,
    /// Words that must be typed because it may lock everybody out.
    pub words: Option<Text>,
    /// The equivalent command line.
    pub command: Option<Text>,
    /// When the plan was made.
    pub made_at: Timestamp,
    /// The plan whose failed changes this one tries again.
    pub retry_of: Option<PlanId>,
}

impl ChangePlan {
    /// A plan of nothing yet. `title` is in capitals: `DELETE PERMISSIONS`.
    pub fn new(id: PlanId, title: impl Into<Text>, made_at: Timestamp) -> Self {
        Self {
            id,
            title: title.into(),
            items: Vec::new(),
            held_back: Vec::new(),
            consequences: Vec::new(),
            warnings: Vec::new(),
            hidden: 0,
            touches_connected: false,
            words: None,
            command: None,
            made_at,
            retry_of: None,
        }
    }

    /// How many changes were asked for: those to be sent and those held back.
    pub fn len(&self) -> usize {
        self.items.len() + self.held_back.len()
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kinds of its changes, each once.
    pub fn kinds(&self) -> BTreeSet<ChangeKind> {
        self.items.iter().map(|item| item.change.kind()).collect()
    }

    /// Whether something goes away by it.
    pub fn is_destructive(&self) -> bool {
        self.items.iter().any(|item| item.change.kind().is_destructive())
    }

    /// What it does, in small letters, as in the middle of a sentence.
    pub fn deed(&self) -> String {
        self.title.as_str().to_lowercase()
    }

    /// What it takes to set it going.
    pub fn confirmation(&self) -> ChangeConfirmation {
        let count = self.items.len();
        match &self.words {
            _ if count == 0 => ChangeConfirmation::Nothing,
            Some(words) => ChangeConfirmation::Words(words.clone()),
            None if count > TYPED_ABOVE || self.touches_connected => ChangeConfirmation::Number(count),
            None => ChangeConfirmation::Key,
        }
    }
}

impl Planned for ChangePlan {
    fn id(&self) -> &PlanId {
        &self.id
    }

    fn title(&self) -> &str {
        self.title.as_str()
    }

    fn retry_of(&self) -> Option<&PlanId> {
        self.retry_of.as_ref()
    }

    fn sends(&self) -> usize {
        self.items.len()
    }

    fn holds_back(&self) -> usize {
        self.held_back.len()
    }
}
