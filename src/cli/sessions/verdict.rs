//! What the outcomes of an action mean for the exit code (`docs/headless.md`, "Exit codes").

use super::{deed, report};
use crate::{
    cli::carry::verdict::{self, Words},
    core::bulk::{HoldReason, Job, Report},
    domain::{Capabilities, Outcome, Privilege, Support, Verb, WireKind},
    error::{Class, Error},
};

/// Fails unless everything that was asked for was taken.
pub(super) fn of(job: &Job, capabilities: &Capabilities) -> Result<(), Error> {
    if is_done(job) {
        return Ok(());
    }
    let Some(class) = verdict::class(job, denied(job, capabilities)) else {
        return unconfirmed(job);
    };
    let words = Words {
        deed: &format!("{} any of them", deed(job.plan.verb)),
        targets: &job.plan.len().to_string(),
        troubles: report::troubles(job),
    };
    let error = verdict::error(class, job, words);
    Err(match hint(job, capabilities) {
        Some(hint) => error.hint(hint),
        None => error,
    })
}

/// The same, with how to go on with what is left: in the hint, which is the last that is printed and never scrolled away.
pub(super) fn with_rest(job: &Job, capabilities: &Capabilities, rest: Option<&str>) -> Result<(), Error> {
    of(job, capabilities).map_err(|error| match (hint(job, capabilities), rest) {
        (Some(hint), Some(rest)) => error.hint(format!("{hint}; {rest}")),
        (None, Some(rest)) => error.hint(rest),
        (_, None) => error,
    })
}

/// Whether a course came to its end with nobody left: who was gone before his turn came is what it was for.
fn is_done(job: &Job) -> bool {
    let left = HoldReason::Gone.outcome();
    let taken = |outcome: &Outcome| matches!(outcome, Outcome::Accepted | Outcome::Confirmed);
    let ended = matches!(job.ending(), (false, None)) && !job.is_running();
    job.plan.terms.course.is_some()
        && ended
        && job.plan.held_back.is_empty()
        && job.outcomes.iter().all(|outcome| taken(outcome) || *outcome == left)
}

/// Fails when confirmation was asked for and is missing. Of a message nothing more may be known than that it was taken.
fn unconfirmed(job: &Job) -> Result<(), Error> {
    let open = job.outcomes.iter().filter(|outcome| **outcome == Outcome::Accepted).count();
    if open == 0 || job.plan.terms.deadlines.is_none() || job.plan.verb == Verb::Message {
        return Ok(());
    }
    let told = format!("not all confirmed, {} of {}", job.plan.len() - open, job.plan.len());
    let error = Error::new(Class::Partial, told).words(report::unconfirmed(job));
    Err(error.hint("accepted, and not seen to have happened: list these sessions"))
}

/// How many targets were held back that the account may not touch.
fn denied(job: &Job, capabilities: &Capabilities) -> usize {
    let needed = Privilege::needed_for(job.plan.verb);
    let held = job.plan.held_back.iter().filter(|held| {
        let group = held.target.session.access_group_id.as_ref();
        let known = !matches!(held.reason, HoldReason::Gone | HoldReason::NotRead | HoldReason::NotHere);
        known && matches!(capabilities.account.holds(needed, group), Support::No(_))
    });
    held.count()
}

fn hint(job: &Job, capabilities: &Capabilities) -> Option<&'static str> {
    let may_force = capabilities.wire == WireKind::Horizon;
    let locked =
        may_force && Report::of(job).groups.iter().any(|group| group.escalation(job.plan.verb).is_some());
    if locked {
        return Some("a locked session refuses a polite logoff; --forced ends it, and unsaved work is lost");
    }
    let unanswered =
        job.outcomes.iter().any(|outcome| matches!(outcome, Outcome::NoAnswer(_) | Outcome::Sent));
    if unanswered {
        return Some("without an answer it may have happened: list these sessions before you try again");
    }
    if job.outcomes.contains(&Outcome::StillListed) {
        return Some(after_still_listed(job.plan.verb, capabilities.wire));
    }
    job.outcomes
        .iter()
        .any(verdict::is_denied)
        .then(|| Privilege::needed_on(capabilities.wire, job.plan.verb))
}

/// What may help a session that was still there when its time was over.
fn after_still_listed(verb: Verb, wire: WireKind) -> &'static str {
    match verb {
        _ if wire == WireKind::Workspace => {
            "still listed: Workspace has no force; log off again, or drain and reboot the app server"
        }
        Verb::Logoff | Verb::Disconnect => {
            "still listed: its agent may be stuck; a reset helps where it is legal, --forced elsewhere"
        }
        Verb::LogoffForced => "still listed: its agent may be stuck; a reset helps where it is legal",
        Verb::Restart | Verb::Reset | Verb::Message => {
            "still listed: look at its machine before you try again"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::{
        core::bulk::{Evidence, HeldBack, JobEvent, Plan, Target},
        domain::{Account, EventFeed, Fault, FaultKind, JobId, Session, Text},
    };

    fn capabilities(privileges: Option<&[&str]>) -> Capabilities {
        let granted = privileges.map(|names| {
            let names = names.iter().map(|name| Text::clean(name)).collect();
            [("root".into(), names)].into_iter().collect()
        });
        Capabilities {
            wire: crate::domain::WireKind::Horizon,
            release: None,
            product_version: None,
            pod: None,
            cluster: None,
            sessions_version: 7,
            server: "cs1".into(),
            events: EventFeed::Available,
            account: Account {
                name: "CORP\\x".into(),
                privileges: granted,
                root_group: Some("root".into()),
                ..Account::default()
            },
        }
    }

    fn target(number: usize) -> Target {
        let mut session = Session::new(format!("s{number}").into());
        session.access_group_id = Some("finance".into());
        Target { session, hidden: false, pod: None }
    }

    /// A finished job with these outcomes, and these targets held back.
    fn job(outcomes: &[Outcome], held: &[HoldReason], stopped: bool, fault: Option<Fault>) -> Job {
        let plan = Plan {
            id: "3f2a".into(),
            verb: Verb::Logoff,
            message: None,
            to_send: (0..outcomes.len()).map(target).collect(),
            held_back: held
                .iter()
                .enumerate()
                .map(|(number, reason)| HeldBack { target: target(100 + number), reason: reason.clone() })
                .collect(),
            made_at: Timestamp::UNIX_EPOCH,
            data_at: Timestamp::UNIX_EPOCH,
            retry_of: None,
            terms: crate::core::bulk::Terms::default(),
        };
        let mut job = Job::new(JobId(1), Arc::new(plan), Timestamp::UNIX_EPOCH);
        let settled = outcomes.iter().cloned().enumerate().collect();
        job.apply(&JobEvent::Settled { outcomes: settled }, Timestamp::UNIX_EPOCH);
        job.apply(&JobEvent::Finished { stopped, fault }, Timestamp::UNIX_EPOCH);
        job
    }

    fn fault(kind: FaultKind) -> Fault {
        Fault::new(kind, "log off", "words")
    }

    fn code(job: &Job) -> u8 {
        of(job, &capabilities(None)).map_or_else(|error| error.class().code(), |()| 0)
    }

    #[test]
    fn each_mix_of_outcomes_has_its_exit_code() {
        let refused = |kind| Outcome::Refused(fault(kind));
        let denied = || refused(FaultKind::InsufficientPermission);
        let lost = || Outcome::NoAnswer(fault(FaultKind::Unreachable));
        let gone = || Outcome::NotFound(fault(FaultKind::EntityNotFound));
        let not_legal = || HoldReason::NotLegal("runs on an RDS server".into());
        let unreachable = || Some(fault(FaultKind::Unreachable));
        let forbidden = || Some(fault(FaultKind::InsufficientPermission));
        let logged_out = || Some(fault(FaultKind::Unauthenticated));
        for (expected, job) in [
            (0, job(&[], &[], false, None)),
            (0, job(&[Outcome::Accepted, Outcome::Confirmed], &[], false, None)),
            (3, job(&[Outcome::Accepted, refused(FaultKind::InvalidState)], &[], false, None)),
            (3, job(&[refused(FaultKind::InvalidState)], &[], false, None)),
            (3, job(&[Outcome::Accepted, gone()], &[], false, None)),
            (3, job(&[Outcome::Accepted], &[HoldReason::Gone], false, None)),
            (3, job(&[Outcome::Accepted, denied()], &[], false, None)),
            (3, job(&[Outcome::Unsent, Outcome::Unsent], &[], true, None)),
            (3, job(&[Outcome::Sent], &[], true, None)),
            (3, job(&[lost()], &[], false, unreachable())),
            (3, job(&[lost(), Outcome::Unsent], &[], false, unreachable())),
            (4, job(&[], &[HoldReason::Gone], false, None)),
            (4, job(&[], &[not_legal(), HoldReason::AlreadyDisconnected], false, None)),
            (5, job(&[denied(), denied()], &[], false, None)),
            (5, job(&[denied(), denied(), Outcome::Unsent], &[], false, forbidden())),
            (5, job(&[denied(), Outcome::Unsent], &[HoldReason::Gone], false, forbidden())),
            (5, job(&[gone(), denied(), Outcome::Unsent], &[], false, forbidden())),
            (3, job(&[Outcome::Accepted, denied(), Outcome::Unsent], &[], false, forbidden())),
            (3, job(&[Outcome::StillListed, denied(), Outcome::Unsent], &[], false, forbidden())),
            (3, job(&[lost(), denied(), Outcome::Unsent], &[], false, forbidden())),
            (3, job(&[denied(), Outcome::Sent, Outcome::Unsent], &[], true, None)),
            (3, job(&[denied(), Outcome::Unsent], &[], true, None)),
            (5, job(&[Outcome::Unsent], &[], false, logged_out())),
            (5, job(&[refused(FaultKind::InvalidState), Outcome::Unsent], &[], false, logged_out())),
            (3, job(&[Outcome::Accepted, Outcome::Unsent], &[], false, logged_out())),
            (3, job(&[refused(FaultKind::InvalidState), Outcome::Unsent], &[], false, unreachable())),
            (3, job(&[Outcome::Accepted, Outcome::Unsent], &[], false, unreachable())),
            (6, job(&[Outcome::Unsent, Outcome::Unsent], &[HoldReason::Gone], false, unreachable())),
            (6, job(&[Outcome::Unsent], &[], false, Some(fault(FaultKind::Throttled)))),
        ] {
            assert_eq!(code(&job), expected, "{:?} {:?}", job.outcomes, job.plan.held_back);
        }
    }

    #[test]
    fn held_back_for_lack_of_a_privilege_is_not_permitted_but_gone_is_not() {
        let viewer = capabilities(Some(&["INVENTORY_READ"]));
        let class = |held: &[HoldReason], of: &Capabilities| {
            let job = job(&[], held, false, None);
            verdict::class(&job, denied(&job, of))
        };
        let lacks = || HoldReason::NotLegal("needs it".into());
        assert_eq!(class(&[lacks(), lacks()], &viewer), Some(Class::Denied));
        // Nothing is known of these, so neither whether the account may touch them.
        assert_eq!(class(&[HoldReason::Gone, HoldReason::NotRead], &viewer), Some(Class::Refused));
        let admin = capabilities(Some(&["ADMINISTRATOR"]));
        assert_eq!(
            class(&[HoldReason::NotLegal("runs on an RDS server".into())], &admin),
            Some(Class::Refused)
        );
    }

    #[test]
    fn what_was_not_confirmed_is_told_with_its_reason() {
        let told = |outcomes: &[Outcome]| {
            let mut job = job(outcomes, &[], false, None);
            let mut plan = Plan::clone(&job.plan);
            plan.terms.deadlines = Some(crate::core::bulk::Deadlines::default());
            job.plan = Arc::new(plan);
            let evidence = [Evidence::NothingRead, Evidence::OneList];
            job.apply(&JobEvent::Evidence { found: (0..).zip(evidence).collect() }, Timestamp::UNIX_EPOCH);
            of(&job, &capabilities(None)).unwrap_err().to_string()
        };
        let unread = "1 not confirmed (gone from one poll, no second one in time), \
                      1 not confirmed (no complete list was read before the deadline)";
        let accepted = [Outcome::Accepted, Outcome::Accepted];
        assert_eq!(told(&accepted), format!("not all confirmed, 0 of 2: {unread}"));
        let locked = Outcome::Refused(fault(FaultKind::InvalidState));
        let mixed = [Outcome::Accepted, Outcome::Accepted, locked];
        assert_eq!(told(&mixed), format!("not all done, 2 of 3 accepted: {unread}, 1 refused (words)"));
    }

    #[test]
    fn it_says_why_and_what_to_do() {
        let locked = Outcome::Refused(fault(FaultKind::InvalidState));
        let error =
            of(&job(&[Outcome::Accepted, locked], &[], false, None), &capabilities(None)).unwrap_err();
        assert_eq!(error.to_string(), "not all done, 1 of 2 accepted: 1 refused (words)");
        assert!(error.advice().unwrap().contains("--forced"));
        let stuck = [Outcome::Confirmed, Outcome::StillListed, Outcome::StillListed];
        let error = of(&job(&stuck, &[], false, None), &capabilities(None)).unwrap_err();
        assert_eq!(error.to_string(), "not all done, 1 of 3 confirmed: 2 still listed");
        assert!(error.advice().unwrap().contains("a reset helps"));
        let cloud = Capabilities { wire: WireKind::Workspace, ..capabilities(None) };
        let error = of(&job(&stuck, &[], false, None), &cloud).unwrap_err();
        assert!(error.advice().unwrap().contains("drain and reboot"));
        let lost = Outcome::NoAnswer(fault(FaultKind::Unreachable));
        let error = of(&job(&[lost], &[], false, None), &capabilities(None)).unwrap_err();
        assert!(error.advice().unwrap().contains("before you try again"));
    }
}
