//! What the outcomes of a job mean for the exit code (`docs/headless.md`, "Exit codes").

use crate::{
    core::bulk::{Job, Planned},
    domain::{FaultKind, Outcome, OutcomeKind},
    error::{Class, Error},
};

/// The words of an error that differ between the kinds of jobs.
pub(in crate::cli) struct Words<'a> {
    /// What could not be done to any of them: `log off any of them`.
    pub(in crate::cli) deed: &'a str,
    /// All targets: `3 changes`.
    pub(in crate::cli) targets: &'a str,
    /// What did not go well, as [`super::report::name_causes`] says it.
    pub(in crate::cli) troubles: String,
}

/// Why not everything that was asked for was done; `None` when it was. `denied_here` targets were held back because the
/// account may not touch them.
pub(in crate::cli) fn class<P: Planned>(job: &Job<P>, denied_here: usize) -> Option<Class> {
    let counts = job.counts();
    let all: usize = counts.values().sum();
    let count = |kinds: &[OutcomeKind]| -> usize {
        kinds.iter().map(|kind| counts.get(kind).copied().unwrap_or_default()).sum()
    };
    if job.accepted() == all {
        return None;
    }
    let denied = job.outcomes.iter().filter(|outcome| is_denied(outcome)).count() + denied_here;
    if denied == all {
        return Some(Class::Denied);
    }
    if count(&[OutcomeKind::HeldBack]) == all {
        return Some(Class::Refused);
    }
    let (_, Some(fault)) = job.ending() else {
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

/// Says how it went: what was done of what, what ended it, and what did not go well.
pub(in crate::cli) fn error<P: Planned>(class: Class, job: &Job<P>, words: Words<'_>) -> Error {
    let told = match class {
        Class::Partial => format!("not all done, {}", done(job, words.targets)),
        _ => format!("could not {}", words.deed),
    };
    let ended_by = match job.ending() {
        (true, _) => Some("stopped before everything was sent".to_owned()),
        (false, fault) => fault.map(ToString::to_string),
    };
    let words = [ended_by, Some(words.troubles).filter(|troubles| !troubles.is_empty())];
    Error::new(class, told).words(words.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// How many of the targets are done, as far as it is known: taken by the server, or seen to have happened where that was
/// waited for.
fn done<P: Planned>(job: &Job<P>, targets: &str) -> String {
    let counts = job.counts();
    let count = |kind| counts.get(&kind).copied().unwrap_or_default();
    let (confirmed, accepted) = (count(OutcomeKind::Confirmed), count(OutcomeKind::Accepted));
    match (confirmed + count(OutcomeKind::StillListed), accepted) {
        (0, _) => format!("{accepted} of {targets} accepted"),
        (_, 0) => format!("{confirmed} of {targets} confirmed"),
        _ => format!("{confirmed} of {targets} confirmed, {accepted} more accepted"),
    }
}

/// Whether the server says that the account may not.
pub(in crate::cli) fn is_denied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(fault) if fault.kind == FaultKind::InsufficientPermission)
}
