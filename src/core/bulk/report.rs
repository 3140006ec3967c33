//! Reports: the outcomes of a job grouped by cause, with counts that add up to the number of targets.

use serde::{Deserialize, Serialize};

use super::{Evidence, HoldReason, Job};
use crate::domain::{Capabilities, Cause, FaultKind, Outcome, OutcomeKind, Support, Verb};

/// What may help targets that share a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// A new plan with the same verb.
    Again,
    /// A new plan with another verb.
    Plan(Verb),
    /// Looking again at what became of them; nothing is sent.
    Verify,
}

/// Targets that share a cause. They are named by their place in the job's targets (sent first, then held back).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CauseGroup {
    /// The cause.
    pub cause: Cause,
    /// What it rests on, where more than the answer is known.
    pub evidence: Option<Evidence>,
    /// Whether they were told of a logoff that does not come: warned, never sent, and the job has ended.
    #[serde(default)]
    pub told_in_vain: bool,
    /// The targets, by place in [`Job::targets`].
    pub places: Vec<usize>,
}

impl CauseGroup {
    /// What the outcome means, in plain words.
    pub fn meaning(&self) -> &'static str {
        match self.cause.outcome {
            OutcomeKind::Unsent if self.told_in_vain => "warned, not logged off",
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

    /// What may help these, once nothing more leaves.
    pub fn next_step(&self, job: &Job, capabilities: Option<&Capabilities>) -> Option<NextStep> {
        let verb = job.plan.verb;
        if let Some(forced) = self.escalation(verb) {
            return Some(NextStep::Plan(forced));
        }
        match (self.cause.outcome, self.evidence) {
            (OutcomeKind::NoAnswer | OutcomeKind::Sent, _)
            | (OutcomeKind::Accepted, Some(Evidence::NothingRead | Evidence::OneList)) => {
                // Nothing shows whether a message arrived.
                (verb != Verb::Message).then_some(NextStep::Verify)
            }
            (OutcomeKind::StillListed, Some(Evidence::ThereOnRead)) | (OutcomeKind::Unsent, _) => {
                Some(NextStep::Again)
            }
            (OutcomeKind::StillListed, _) => Some(self.after_still_listed(job, capabilities)),
            // It ended before anybody could look.
            (OutcomeKind::Accepted, None) if job.ending() != (false, None) => {
                (verb != Verb::Message).then_some(NextStep::Verify)
            }
            // It never exists for these.
            (OutcomeKind::Refused, _) if self.cause.fault == Some(FaultKind::InvalidType) => None,
            (OutcomeKind::Refused, _) => Some(NextStep::Again),
            (OutcomeKind::HeldBack, _) if self.may_have_passed(job) => Some(NextStep::Again),
            (
                OutcomeKind::HeldBack
                | OutcomeKind::Accepted
                | OutcomeKind::Confirmed
                | OutcomeKind::NotFound,
                _,
            ) => None,
        }
    }

    /// A reset where it is legal for any of them, else force where it was not tried and the wire offers it.
    fn after_still_listed(&self, job: &Job, capabilities: Option<&Capabilities>) -> NextStep {
        let verb = job.plan.verb;
        let support = |place: &usize, verb| {
            let session = job.plan.to_send.get(*place).map(|target| &target.session);
            capabilities.zip(session).map(|(known, session)| known.supports(verb, session))
        };
        let any = |judge: &dyn Fn(Option<Support>) -> bool, verb| {
            self.places.iter().any(|place| judge(support(place, verb)))
        };
        let may =
            |support: Option<Support>| support.is_some_and(|support| !matches!(support, Support::No(_)));
        let may_or_unknown = |support: Option<Support>| !matches!(support, Some(Support::No(_)));
        if verb != Verb::Reset && any(&may, Verb::Reset) {
            NextStep::Plan(Verb::Reset)
        } else if matches!(verb, Verb::Logoff | Verb::Disconnect) && any(&may_or_unknown, Verb::LogoffForced)
        {
            NextStep::Plan(Verb::LogoffForced)
        } else {
            NextStep::Again
        }
    }

    /// Whether the reason for which some of them were held back may have passed.
    fn may_have_passed(&self, job: &Job) -> bool {
        let sends = job.plan.to_send.len();
        self.places.iter().any(|place| match job.outcomes.get(*place) {
            Some(Outcome::HeldBack(words)) => HoldReason::words_may_pass(words),
            Some(_) => false,
            None => {
                let held = place.checked_sub(sends).and_then(|place| job.plan.held_back.get(place));
                held.is_some_and(|held| held.reason.may_pass())
            }
        })
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
            // What an answer rests on does not matter before there is one.
            let settled = matches!(outcome, Outcome::Accepted | Outcome::Confirmed | Outcome::StillListed);
            let evidence = job.evidence.get(&place).copied().filter(|_| settled);
            let told_in_vain = job.is_told_in_vain(place);
            let slot = *index.entry((cause.clone(), evidence, told_in_vain)).or_insert_with(|| {
                groups.push(CauseGroup { cause, evidence, told_in_vain, places: Vec::new() });
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
            let key = |group: &CauseGroup, many: usize| {
                (
                    rank(group),
                    std::cmp::Reverse(many),
                    group.cause.clone(),
                    group.evidence,
                    group.told_in_vain,
                )
            };
            key(left, left.places.len()).cmp(&key(right, right.places.len()))
        });
        Self { groups }
    }

    /// How many targets are in it.
    pub fn total(&self) -> usize {
        self.groups.iter().map(|group| group.places.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        core::{
            bulk::{HeldBack, JobEvent, Plan, Target, Terms, Wait},
            fixtures::{capabilities, session, start},
        },
        domain::{Fault, JobId, SessionState},
    };

    const SENT: usize = 5;
    const HELD: usize = 2;

    fn job(verb: Verb) -> Job {
        let target = |place: usize| Target {
            session: session(&place.to_string(), "abel", SessionState::Disconnected, 60),
            hidden: false,
            pod: None,
        };
        let held = |place: usize| HeldBack {
            target: target(place),
            reason: if place == SENT { HoldReason::Own } else { HoldReason::InJob },
        };
        let plan = Plan {
            id: "7f3a".into(),
            verb,
            message: None,
            to_send: (0..SENT).map(target).collect(),
            held_back: (SENT..SENT + HELD).map(held).collect(),
            made_at: start(),
            data_at: start(),
            retry_of: None,
            terms: Terms::default(),
        };
        Job::new(JobId(1), Arc::new(plan), start())
    }

    fn outcomes() -> Vec<Outcome> {
        let fault = |kind| Fault::new(kind, "log off", "words");
        vec![
            Outcome::Unsent,
            Outcome::HeldBack("reconnected since".into()),
            Outcome::Sent,
            Outcome::Accepted,
            Outcome::Confirmed,
            Outcome::StillListed,
            Outcome::Refused(fault(FaultKind::InvalidState)),
            Outcome::Refused(fault(FaultKind::Throttled)),
            Outcome::NotFound(fault(FaultKind::EntityNotFound)),
            Outcome::NoAnswer(fault(FaultKind::Unreachable)),
        ]
    }

    fn event() -> impl Strategy<Value = JobEvent> {
        // Two more places than there are: what the plan does not have is not counted.
        let places = || prop::collection::vec(0..SENT + 2, 0..4);
        let settled = prop::collection::vec((0..SENT + 2, prop::sample::select(outcomes())), 0..4);
        let evidence = prop::sample::select(vec![
            Evidence::TwoLists,
            Evidence::Event,
            Evidence::OneList,
            Evidence::NothingRead,
        ]);
        let wait = Wait { until: start(), why: "slow down".into() };
        prop_oneof![
            places().prop_map(|targets| JobEvent::Sent { targets }),
            settled.prop_map(|outcomes| JobEvent::Settled { outcomes }),
            (places(), evidence).prop_map(|(places, evidence)| JobEvent::Evidence {
                found: places.into_iter().map(|place| (place, evidence)).collect()
            }),
            Just(JobEvent::Waiting(wait)),
            Just(JobEvent::Resumed),
            Just(JobEvent::Finished { stopped: true, fault: None }),
        ]
    }

    proptest! {
        #[test]
        fn the_counts_add_up_at_every_moment(events in prop::collection::vec(event(), 0..20)) {
            let mut job = job(Verb::Logoff);
            for event in events {
                job.apply(&event, start());
                prop_assert_eq!(job.counts().values().sum::<usize>(), SENT + HELD);
                let report = Report::of(&job);
                prop_assert_eq!(report.total(), SENT + HELD);
                let mut places: Vec<usize> =
                    report.groups.iter().flat_map(|group| group.places.iter().copied()).collect();
                places.sort_unstable();
                prop_assert_eq!(places, (0..SENT + HELD).collect::<Vec<_>>(), "each target in one group");
            }
        }
    }

    /// The step of the cause that the first target has.
    fn step(verb: Verb, outcome: Outcome, evidence: Option<Evidence>) -> Option<NextStep> {
        let mut job = job(verb);
        job.outcomes[0] = outcome;
        job.outcomes[1..].fill(Outcome::Sent);
        job.evidence.extend(evidence.map(|evidence| (0, evidence)));
        let report = Report::of(&job);
        let group = report.groups.iter().find(|group| group.places.contains(&0)).unwrap();
        group.next_step(&job, Some(&capabilities()))
    }

    #[test]
    fn each_cause_has_its_next_step() {
        let fault = |kind| Fault::new(kind, "log off", "words");
        let refused = |kind| Outcome::Refused(fault(kind));
        let forced = Some(NextStep::Plan(Verb::LogoffForced));
        let reset = Some(NextStep::Plan(Verb::Reset));
        let (again, verify) = (Some(NextStep::Again), Some(NextStep::Verify));
        let silent = Outcome::NoAnswer(fault(FaultKind::Unreachable));
        let late = Some(Evidence::NothingRead);
        for (verb, outcome, evidence, expected) in [
            (Verb::Logoff, refused(FaultKind::InvalidState), None, forced),
            (Verb::LogoffForced, refused(FaultKind::InvalidState), None, again),
            (Verb::Logoff, refused(FaultKind::Throttled), None, again),
            (Verb::Reset, refused(FaultKind::InvalidType), None, None),
            (Verb::Logoff, silent.clone(), None, verify),
            (Verb::Message, silent, None, None),
            (Verb::Logoff, Outcome::Accepted, late, verify),
            (Verb::Message, Outcome::Accepted, late, None),
            (Verb::Logoff, Outcome::Accepted, None, None),
            (Verb::LogoffForced, Outcome::StillListed, Some(Evidence::Listed), reset),
            (Verb::Reset, Outcome::StillListed, Some(Evidence::Listed), again),
            (Verb::Logoff, Outcome::StillListed, Some(Evidence::ThereOnRead), again),
            (Verb::Logoff, Outcome::Unsent, None, again),
            (Verb::Logoff, Outcome::NotFound(fault(FaultKind::EntityNotFound)), None, None),
            (Verb::Logoff, Outcome::Confirmed, Some(Evidence::TwoLists), None),
            (Verb::Logoff, Outcome::HeldBack("reconnected since".into()), None, again),
            (Verb::Logoff, Outcome::HeldBack("gone already".into()), None, None),
        ] {
            assert_eq!(step(verb, outcome.clone(), evidence), expected, "{verb} {outcome:?} {evidence:?}");
        }
        // On an RDS server nothing can be reset: force is next, where it was not tried.
        let mut listed = job(Verb::Logoff);
        listed.outcomes.fill(Outcome::StillListed);
        let group = Report::of(&listed).groups.remove(0);
        assert_eq!(group.next_step(&listed, None), forced);
        // Where there is no force, it is not offered.
        let capabilities = crate::core::fixtures::capabilities();
        let cloud = Capabilities { wire: crate::domain::WireKind::Workspace, ..capabilities };
        assert_eq!(group.next_step(&listed, Some(&cloud)), again);
    }

    #[test]
    fn what_was_accepted_before_a_job_was_cut_short_can_be_looked_at_again() {
        for (verb, stopped, fault, expected) in [
            (Verb::Logoff, true, None, Some(NextStep::Verify)),
            (
                Verb::Logoff,
                false,
                Some(Fault::new(FaultKind::Unreachable, "log off", "gone")),
                Some(NextStep::Verify),
            ),
            (Verb::Message, true, None, None),
            (Verb::Logoff, false, None, None),
        ] {
            let mut job = job(verb);
            job.outcomes.fill(Outcome::Accepted);
            job.apply(&JobEvent::Finished { stopped, fault }, start());
            let group = Report::of(&job).groups.into_iter().find(|group| group.places.contains(&0)).unwrap();
            assert_eq!(group.next_step(&job, None), expected, "{verb} {stopped}");
        }
    }

    #[test]
    fn what_an_outcome_rests_on_parts_its_causes() {
        let mut job = job(Verb::Logoff);
        job.outcomes.fill(Outcome::Confirmed);
        job.evidence.extend([(0, Evidence::Event), (1, Evidence::TwoLists), (2, Evidence::TwoLists)]);
        let confirmed: Vec<_> = Report::of(&job)
            .groups
            .into_iter()
            .filter(|group| group.cause.outcome == OutcomeKind::Confirmed)
            .map(|group| (group.evidence, group.places.len()))
            .collect();
        assert_eq!(confirmed, [(None, 2), (Some(Evidence::TwoLists), 2), (Some(Evidence::Event), 1)]);
    }
}
