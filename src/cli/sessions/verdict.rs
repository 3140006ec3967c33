//! What the outcomes of an action mean for the exit code (`docs/headless.md`, "Exit codes").

use super::{deed, report};
use crate::{
    core::bulk::{Job, JobPhase, Report},
    domain::{Capabilities, FaultKind, Outcome, OutcomeKind, Privilege, Support},
    error::{Class, Error},
};

/// Fails unless everything that was asked for was taken.
pub(super) fn of(job: &Job, capabilities: &Capabilities) -> Result<(), Error> {
    let Some(class) = class(job, capabilities) else {
        return Ok(());
    };
    let told = match class {
        Class::Partial => format!("not all done: {}", report::summary(job)),
        _ => format!("could not {} any of them", deed(job.plan.verb)),
    };
    let error = Error::new(class, told);
    let ended_by = match &job.phase {
        JobPhase::Finished { stopped: true, .. } => Some("stopped before everything was sent".to_owned()),
        JobPhase::Finished { fault: Some(fault), .. } => Some(fault.to_string()),
        _ => None,
    };
    let words = [ended_by, Some(report::troubles(job)).filter(|troubles| !troubles.is_empty())];
    let error = error.words(words.into_iter().flatten().collect::<Vec<_>>().join("; "));
    Err(match hint(job) {
        Some(hint) => error.hint(hint),
        None => error,
    })
}

/// Why not everything was done; `None` when it was.
fn class(job: &Job, capabilities: &Capabilities) -> Option<Class> {
    let counts = job.counts();
    let all: usize = counts.values().sum();
    let count = |kinds: &[OutcomeKind]| -> usize {
        kinds.iter().map(|kind| counts.get(kind).copied().unwrap_or_default()).sum()
    };
    if count(&[OutcomeKind::Accepted, OutcomeKind::Confirmed]) == all {
        return None;
    }
    if denied(job, capabilities) == all {
        return Some(Class::Denied);
    }
    if count(&[OutcomeKind::HeldBack]) == all {
        return Some(Class::Refused);
    }
    match &job.phase {
        // Nothing reached anything: the exit code is that of the fault. With an answer missing, something may have.
        JobPhase::Finished { fault: Some(fault), .. }
            if count(&[OutcomeKind::Unsent, OutcomeKind::HeldBack]) == all =>
        {
            Some(fault.kind.into())
        }
        _ => Some(Class::Partial),
    }
}

/// How many targets the account may not touch, in the server's view or in ours.
fn denied(job: &Job, capabilities: &Capabilities) -> usize {
    let refused = job.outcomes.iter().filter(|outcome| {
        matches!(outcome, Outcome::Refused(fault) if fault.kind == FaultKind::InsufficientPermission)
    });
    let needed = Privilege::needed_for(job.plan.verb);
    let held = job.plan.held_back.iter().filter(|held| {
        let group = held.target.session.access_group_id.as_ref();
        let known = held.reason != crate::core::bulk::HoldReason::Gone;
        known && matches!(capabilities.account.holds(needed, group), Support::No(_))
    });
    refused.count() + held.count()
}

fn hint(job: &Job) -> Option<&'static str> {
    let locked = Report::of(job).groups.iter().any(|group| group.escalation(job.plan.verb).is_some());
    if locked {
        return Some("a locked session refuses a polite logoff; --forced ends it, and unsaved work is lost");
    }
    let unanswered =
        job.outcomes.iter().any(|outcome| matches!(outcome, Outcome::NoAnswer(_) | Outcome::Sent));
    unanswered.then_some("without an answer it may have happened: list these sessions before you try again")
}
