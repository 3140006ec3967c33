//! What the outcomes of changes mean for the exit code (`design.md section 7`).

use crate::{
    cli::carry::verdict::{self, Words},
    core::change::ChangeJob,
    domain::{Capabilities, ChangeKind, Fault, FaultKind, Support},
    error::{Class, Error},
};

use super::{changes, report};

/// Fails unless everything that was asked for was taken.
pub(in crate::cli) fn of(
    job: &ChangeJob,
    kind: ChangeKind,
    capabilities: &Capabilities,
) -> Result<(), Error> {
    // What the account may not do was held back for that.
    let denied = if matches!(capabilities.may(kind), Support::No(_)) { job.plan.held_back.len() } else { 0 };
    let Some(class) = verdict::class(job, denied) else {
        return Ok(());
    };
    let words =
        Words { deed: &job.plan.deed(), targets: &changes(job.plan.len()), troubles: report::troubles(job) };
    let error = verdict::error(class, job, words);
    let unanswered = job.unknown().next().is_some();
    let denied = class == Class::Denied || job.outcomes.iter().any(verdict::is_denied);
    // Who is not let in at all lacks no right.
    let shut_out = job.ending().1.filter(|fault| fault.kind == FaultKind::Unauthenticated);
    if let Some(hint) = shut_out.filter(|_| !unanswered).and_then(Fault::hint) {
        return Err(error.hint(hint));
    }
    Err(match (unanswered, denied) {
        (true, _) => error.hint("without an answer it may have happened: list before you try again"),
        (false, true) => error.hint(match kind.iam() {
            // Nobody tells which of them is missing.
            Some(action) => format!("an IAM policy refuses it: it needs {action}"),
            None => format!("it needs {}", kind.privilege().name()),
        }),
        (false, false) => error,
    })
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
        domain::{Change, Fault, FaultKind, JobId, Outcome},
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
        plan.held_back = vec![
            HeldChange {
                label: "y".into(),
                target: None,
                principal: None,
                reason: "gone already".into()
            };
            held
        ];
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
        assert_eq!(error.to_string(), "not all done, 1 of 2 changes confirmed: 1 refused (words)");
        let error = told(&[Outcome::Refused(fault(FaultKind::InsufficientPermission))]);
        assert_eq!(error.advice(), Some("it needs GLOBAL_PERMISSION_MANAGEMENT"));
        let shut_out = job(&[Outcome::Unsent], 0, false, Some(fault(FaultKind::Unauthenticated)));
        let error = of(&shut_out, ChangeKind::BuildImage, &capabilities).unwrap_err();
        assert!(
            error.advice().is_some_and(|hint| hint.contains("password") && !hint.contains("IAM")),
            "{error:?}"
        );
        let error = told(&[Outcome::NoAnswer(fault(FaultKind::Unreachable))]);
        assert!(error.advice().unwrap().contains("list before"));
    }
}
