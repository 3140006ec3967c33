//! Looking up what groups of users are called: who is asked for, what is known, and why something is not.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    effect::RequestId,
    filter::Filter,
    table::{GroupNames, Names, SessionTable},
};
use crate::domain::{Fault, FaultKind, Principal, Text, UserId};

/// So many are asked for in one call.
pub const AT_ONCE: usize = 50;

/// The names of groups, and the question that is out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupLookUp {
    /// What is known.
    pub names: Arc<GroupNames>,
    /// The question that is out.
    pub out: Option<(RequestId, Vec<UserId>)>,
    /// Why the last question had no answer. It is not asked again before the next list comes.
    pub failed: Option<Fault>,
    /// What was said last of a failure.
    pub told: Option<Fault>,
    /// Whether the directory may not be asked, so that asking again would be in vain.
    pub barred: bool,
    /// Whether rows that are shown have to be judged by names that came since.
    pub unjudged: bool,
}

impl GroupLookUp {
    /// The names, to be lent with what else is known beside the list.
    pub fn as_names(&self) -> Names {
        Names::of_groups(Arc::clone(&self.names))
    }

    /// What to ask for next of these groups; nothing while a question is out, or when asking is in vain.
    pub fn next<'a>(&self, wanted: impl Iterator<Item = &'a str>) -> Vec<UserId> {
        if self.out.is_some() || self.failed.is_some() || self.barred {
            return Vec::new();
        }
        let mut next: Vec<UserId> = Vec::new();
        for sid in wanted.filter(|sid| !self.names.is_asked(sid)) {
            if !next.iter().any(|known| known.raw().eq_ignore_ascii_case(sid)) {
                next.push(sid.into());
            }
            if next.len() == AT_ONCE {
                break;
            }
        }
        next
    }

    /// Takes the answer to a question; says whether it is one to the question that is out.
    pub fn answered(&mut self, request: RequestId, answer: Result<Vec<Principal>, Fault>) -> bool {
        let Some((_, asked)) = self.out.take_if(|(out, _)| *out == request) else {
            return false;
        };
        match answer {
            Ok(found) => {
                Arc::make_mut(&mut self.names).learn(&asked, &found);
                self.unjudged = true;
                self.told = None;
            }
            Err(fault) => {
                self.barred =
                    matches!(fault.kind, FaultKind::InsufficientPermission | FaultKind::EntityNotFound)
                        || fault.status == Some(404);
                self.failed = Some(fault);
            }
        }
        true
    }

    /// Lets what failed be asked again: a new list is there.
    pub fn try_again(&mut self) {
        if !self.barred {
            self.failed = None;
        }
    }

    /// Whether all groups of a list were asked for, with an answer.
    pub fn knows_all(&self, table: &SessionTable) -> bool {
        table.rows().group_sids().iter().all(|sid| self.names.is_asked(sid.as_str()))
    }

    /// Why a filter may let too little of a list through: it speaks of groups by names that are not all known.
    pub fn doubt(&self, filter: &Filter, table: &SessionTable) -> Option<Text> {
        if !filter.asks_group_names() || self.knows_all(table) {
            return None;
        }
        Some(match &self.failed {
            Some(why) => Text::clean(&format!("names of groups could not be looked up: {why}; SIDs work")),
            None => Text::clean("names of groups are still being looked up"),
        })
    }
}
