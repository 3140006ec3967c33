//! Reports: the outcomes of a job grouped by cause, with counts that add up to the number of targets.

use serde::{Deserialize, Serialize};

use super::Job;
use crate::domain::{Cause, FaultKind, OutcomeKind, Verb};

/// Targets that share a cause. They are named by their place in the job's targets (sent first, then held back).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CauseGroup {
    /// The cause.
    pub cause: Cause,
    /// The targets, by place in [`Job::targets`].
    pub places: Vec<usize>,
}

impl CauseGroup {
    /// What the outcome means, in plain words.
    pub fn meaning(&self) -> &'static str {
        match self.cause.outcome {
            OutcomeKind::Unsent => "nothing was sent",
            OutcomeKind::HeldBack => "kept back on purpose",
            OutcomeKind::Sent => "waiting for the answer",
            OutcomeKind::Accepted => "the server took it",
            OutcomeKind::Confirmed => "seen to have happened",
            OutcomeKind::StillListed => "accepted, agent may be stuck",
            OutcomeKind::NotFound => "ended before we got there",
            OutcomeKind::NoAnswer => "outcome unknown, read again first",
            OutcomeKind::Refused => match self.cause.fault {
                Some(FaultKind::InvalidState) => "polite is not enough",
                Some(FaultKind::InsufficientPermission) => "your role lacks the privilege",
                Some(FaultKind::InvalidType | FaultKind::InvalidArgument) => "not valid for this session",
                _ => "the server refused",
            },
        }
    }

    /// The verb that may help these where the first did not: forced for those refused as locked.
    pub fn escalation(&self, verb: Verb) -> Option<Verb> {
        let refused_by_state =
            self.cause.outcome == OutcomeKind::Refused && self.cause.fault == Some(FaultKind::InvalidState);
        (verb == Verb::Logoff && refused_by_state).then_some(Verb::LogoffForced)
    }

    /// Whether planning them again with the same verb makes sense.
    pub fn is_failure(&self) -> bool {
        matches!(self.cause.outcome, OutcomeKind::Refused | OutcomeKind::NoAnswer | OutcomeKind::StillListed)
    }
}

/// The outcomes of a job by cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Failures first, then what is open, then what went well; within these the largest first.
    pub groups: Vec<CauseGroup>,
}

impl Report {
    /// Groups the outcomes of a job as they are now.
    pub fn of(job: &Job) -> Self {
        let mut groups: Vec<CauseGroup> = Vec::new();
        let mut index = std::collections::HashMap::new();
        for (place, (_, outcome)) in job.targets().enumerate() {
            let cause = outcome.cause();
            let slot = *index.entry(cause.clone()).or_insert_with(|| {
                groups.push(CauseGroup { cause, places: Vec::new() });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(slot) {
                group.places.push(place);
            }
        }
        groups.sort_by(|left, right| {
            let rank = |group: &CauseGroup| match group.cause.outcome {
                OutcomeKind::Refused | OutcomeKind::NoAnswer | OutcomeKind::StillListed => 0,
                OutcomeKind::NotFound => 1,
                OutcomeKind::Sent | OutcomeKind::Unsent => 2,
                OutcomeKind::HeldBack => 3,
                OutcomeKind::Accepted | OutcomeKind::Confirmed => 4,
            };
            (rank(left), right.places.len(), &left.cause).cmp(&(rank(right), left.places.len(), &right.cause))
        });
        Self { groups }
    }

    /// How many targets are in it.
    pub fn total(&self) -> usize {
        self.groups.iter().map(|group| group.places.len()).sum()
    }
}
