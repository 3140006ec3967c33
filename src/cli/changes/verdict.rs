//! What the outcomes of changes mean for the exit code (`design.md section 7`).

use crate::{
    core::{bulk::JobPhase, change::ChangeJob},
    domain::{Capabilities, ChangeKind, FaultKind, Outcome, OutcomeKind, Support},
    error::{Class, Error},
};

use super::{changes, report};

/// Fails unless everything that was asked for was taken.
pub(super) fn of(job: &ChangeJob, kind: ChangeKind, capabilities: &Capabilities) -> Result<(), Error> {
    let Some(class) = class(job, kind, capabilities) else {
        return Ok(());
    };
    let told = match class {
        Class::Partial => {
            format!("not all done, {} of {} accepted", accepted(job), changes(job.plan.len()))
        }
        _ => format!("could not {}", job.plan.deed()),
    };
    let error = Error::new(class, told);
    let ended_by = match &job.phase {
        JobPhase::Finished { stopped: true, .. } => Some("stopped before everything was sent".to_owned()),
        JobPhase::Finished { fault: Some(fault), .. } => Some(fault.to_string()),
        _ => None,
    };
    let words = [ended_by, Some(report::troubles(job)).filter(|troubles| !troubles.is_empty())];
    let error = error.words(words.into_iter().flatten().collect::<Vec<_>>().join("; "));
    let unanswered = job.unknown().next().is_some();
    let denied = job.outcomes.iter().any(is_denied);
    Err(match (unanswered, denied) {
        (true, _) => error.hint("without an answer it may have happened: list before you try again"),
        (false, true) => error.hint(format!("it needs {}", kind.privilege().name())),
        (false, false) => error,
    })
}

/// Why not everything was done; `None` when it was.
fn class(job: &ChangeJob, kind: ChangeKind, capabilities: &Capabilities) -> Option<Class> {
    let counts = job.counts();
    let all = job.plan.len();
    let count = |kinds: &[OutcomeKind]| -> usize {
        kinds.iter().map(|kind| counts.get(kind).copied().unwrap_or_default()).sum()
    };
    if accepted(job) == all {
        return None;
    }
    if denied(job, kind, capabilities) == all {
        return Some(Class::Denied);
    }
    if count(&[OutcomeKind::HeldBack]) == all {
        return Some(Class::Refused);
    }
    let JobPhase::Finished { fault: Some(fault), .. } = &job.phase else {
        return Some(Class::Partial);
    };
    // With one taken, or one of which it is not known, something was done.
    let taken = [OutcomeKind::Accepted, OutcomeKind::Confirmed, OutcomeKind::StillListed];
    let nothing_done = count(&taken) + count(&[OutcomeKind::Sent, OutcomeKind::NoAnswer]) == 0;
    let nothing_left = count(&[OutcomeKind::Unsent, OutcomeKind::HeldBack]) == all;
    match Class::from(fault.kind) {
        // How many the server refused before it ended depends on the size of a call; the exit code must not.
        Class::Denied if nothing_done => Some(Class::Denied),
        class if nothing_left => Some(class),
        _ => Some(Class::Partial),
    }
}

/// How many changes the server took.
fn accepted(job: &ChangeJob) -> usize {
    job.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted | Outcome::Confirmed)).count()
}

fn is_denied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(fault) if fault.kind == FaultKind::InsufficientPermission)
}

/// How many changes the account may not make, in the server's view or in ours.
fn denied(job: &ChangeJob, kind: ChangeKind, capabilities: &Capabilities) -> usize {
    let refused = job.outcomes.iter().filter(|outcome| is_denied(outcome)).count();
    let held = if matches!(capabilities.may(kind), Support::No(_)) { job.plan.held_back.len() } else { 0 };
    refused + held
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::{
        core::{
            bulk::JobEvent,
            change::{ChangeItem, ChangePlan, HeldChange},
            fixtures,
        },
        domain::{Change, Fault, JobId},
    };

    fn fault(kind: FaultKind) -> Fault {
        Fault::new(kind, "delete permissions", "words")
    }

    /// A finished job with these outcomes, and so many changes held back.
    fn job(outcomes: &[Outcome], held: usize, stopped: bool, fault: Option<Fault>) -> ChangeJob {
        let mut plan = ChangePlan::new("3f2a".into(), "DELETE PERMISSIONS", Timestamp::UNIX_EPOCH);
        let item =
            |number: usize| ChangeItem::new(Change::DeletePermission(format!("p{number}").into()), "x");
        plan.items = (0..outcomes.len()).map(item).collect();
        plan.held_back =
            vec![HeldChange { label: "y".into(), target: None, reason: "gone already".into() }; held];
        let mut job = ChangeJob::new(JobId(1), Arc::new(plan), Timestamp::UNIX_EPOCH);
        let settled = outcomes.iter().cloned().enumerate().collect();
        job.apply(&JobEvent::Settled { outcomes: settled }, Timestamp::UNIX_EPOCH);
        job.apply(&JobEvent::Finished { stopped, fault }, Timestamp::UNIX_EPOCH);
        job
    }

    #[test]
    fn each_mix_of_outcomes_has_its_exit_code() {
        let refused = |kind| Outcome::Refused(fault(kind));
        let denied = || refused(FaultKind::InsufficientPermission);
        let lost = || Outcome::NoAnswer(fault(FaultKind::Unreachable));
        let gone = || Outcome::NotFound(fault(FaultKind::EntityNotFound));
        let skipped = || Outcome::HeldBack("not sent".into());
        let unreachable = || Some(fault(FaultKind::Unreachable));
        for (expected, job) in [
            (0, job(&[], 0, false, None)),
            (0, job(&[Outcome::Accepted, Outcome::Confirmed], 0, false, None)),
            (3, job(&[Outcome::Confirmed, refused(FaultKind::EntityInUse)], 0, false, None)),
            (3, job(&[Outcome::Confirmed, gone()], 0, false, None)),
            (3, job(&[Outcome::Confirmed], 1, false, None)),
            (3, job(&[refused(FaultKind::InvalidArgument), skipped()], 0, false, None)),
            (3, job(&[Outcome::Unsent], 0, true, None)),
            (3, job(&[lost()], 0, false, None)),
            (4, job(&[], 2, false, None)),
            (5, job(&[denied(), denied()], 0, false, None)),
            (5, job(&[denied(), Outcome::Unsent], 0, false, Some(fault(FaultKind::InsufficientPermission)))),
            (5, job(&[Outcome::Unsent], 0, false, Some(fault(FaultKind::Unauthenticated)))),
            (6, job(&[Outcome::Unsent], 1, false, unreachable())),
            (3, job(&[Outcome::Confirmed, Outcome::Unsent], 0, false, unreachable())),
        ] {
            let verdict = of(&job, ChangeKind::DeletePermission, &fixtures::capabilities());
            let code = verdict.map_or_else(|error| error.class().code(), |()| 0);
            assert_eq!(code, expected, "{:?} {}", job.outcomes, job.plan.held_back.len());
        }
    }

    #[test]
    fn it_says_why_and_what_to_do() {
        let capabilities = fixtures::capabilities();
        let told = |outcomes: &[Outcome]| {
            of(&job(outcomes, 0, false, None), ChangeKind::DeletePermission, &capabilities).unwrap_err()
        };
        let in_use = Outcome::Refused(fault(FaultKind::EntityInUse));
        let error = told(&[Outcome::Confirmed, in_use]);
        assert_eq!(error.to_string(), "not all done, 1 of 2 changes accepted: 1 refused (words)");
        let error = told(&[Outcome::Refused(fault(FaultKind::InsufficientPermission))]);
        assert_eq!(error.advice(), Some("it needs GLOBAL_PERMISSION_MANAGEMENT"));
        let error = told(&[Outcome::NoAnswer(fault(FaultKind::Unreachable))]);
        assert!(error.advice().unwrap().contains("list before"));
    }
}
