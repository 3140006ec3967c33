//! The guard against locking oneself out, when a plan is shown and again when it is about to be sent: a list that was read
//! before other deletions were sent does not know of them.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::{
    core::{
        change::{ChangeJob, ChangePlan},
        permissions::{
            guard::{self, LAST_ADMINISTRATOR},
            plans,
        },
        remote::Remote,
        state::State,
    },
    domain::{Change, ChangeKind, Outcome, Permission, PermissionBook, PermissionId},
};

/// What is said of a plan that is made from a list which could not be read again.
const OLD_LIST: &str = "the list of permissions is old, it could not be read again: whether a full administrator remains \
                        cannot be told";

/// Adds to a plan what is dangerous about its deletions by all that is known now: the newest list, without what other jobs
/// have deleted since or are about to. Says whether there was anything that the plan did not say yet.
pub(in crate::core::update) fn guard(state: &State, plan: &mut ChangePlan) -> bool {
    let Some(book) = state.permissions.book.value() else {
        return false;
    };
    if !plan.kinds().contains(&ChangeKind::DeletePermission) {
        return false;
    }
    let gone: Vec<&Permission> =
        deletions(plan).filter_map(|(_, permission)| book.permission(permission)).collect();
    let created: Vec<_> = plan
        .items
        .iter()
        .filter_map(|item| match &item.change {
            Change::CreatePermission(new) => Some(new),
            _ => None,
        })
        .collect();
    let leaving = leaving(state);
    let mut remaining = PermissionBook::clone(book);
    remaining.permissions.retain(|permission| !leaving.contains(&permission.id));
    let account = state.capabilities().map(|capabilities| capabilities.account.clone()).unwrap_or_default();
    let mut danger = guard::danger(&remaining, state.permissions.me(&account), &gone, &created);
    if matches!(state.permissions.book, Remote::Stale { .. }) {
        danger.warnings.push(OLD_LIST.into());
        danger.words = guard::joined(danger.words.as_ref(), Some(&LAST_ADMINISTRATOR.into()));
    }
    let mut grew = false;
    for warning in danger.warnings {
        if !plan.warnings.contains(&warning) {
            // Of those who remain only the newest word counts.
            if warning.as_str().starts_with(guard::REMAINING) {
                plan.warnings.retain(|known| !known.as_str().starts_with(guard::REMAINING));
            }
            plan.warnings.push(warning);
            grew = true;
        }
    }
    // What was asked for is never taken back.
    match guard::joined(plan.words.as_ref(), danger.words.as_ref()) {
        Some(words) if plan.words.as_ref() != Some(&words) => {
            plans::ask_for(plan, words);
            true
        }
        _ => grew,
    }
}

/// The permissions that a plan deletes, with their places.
fn deletions(plan: &ChangePlan) -> impl Iterator<Item = (usize, &PermissionId)> {
    plan.items.iter().enumerate().filter_map(|(place, item)| match &item.change {
        Change::DeletePermission(id) => Some((place, id)),
        _ => None,
    })
}

/// Permissions that jobs delete, or have deleted since the list was asked for. What may have gone counts as gone.
fn leaving(state: &State) -> BTreeSet<&PermissionId> {
    let tab = &state.permissions;
    let since = tab.since.or(tab.book.read_at());
    let is_newer =
        |job: &&ChangeJob| job.finished_at().is_none_or(|at| since.is_none_or(|since| at >= since));
    let may_go = |job: &ChangeJob, place: usize| match job.outcomes.get(place) {
        Some(Outcome::Refused(_) | Outcome::HeldBack(_)) => false,
        // While the job runs it will still be sent.
        Some(Outcome::Unsent) => job.is_running(),
        Some(_) | None => true,
    };
    let jobs = state.change_jobs.iter().filter(is_newer);
    jobs.flat_map(|job| deletions(&job.plan).filter(|(place, _)| may_go(job, *place)).map(|(_, id)| id))
        .collect()
}
