//! Creating, deleting and replacing permissions.

use jiff::Timestamp;

use super::names;
use crate::{
    cli::{
        args::{PermissionCreateArgs, PermissionReplaceArgs, PermissionsCommand},
        carry::plan_id,
        changes::{self, ChangeOrder},
        interrupt::Interrupts,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams},
    },
    config::Environment,
    core::{
        change::ChangePlan,
        filter::{PermissionFilter, Truth},
        permissions::{
            Regroup,
            guard::Me,
            plans::{self, PlanBasis, Terms},
            rows,
            walk::{Membership, Next, Walk},
        },
    },
    domain::{ChangeKind, PermissionBook, PermissionId, WireKind},
    error::Error,
};

/// What a change is made from and goes through.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) book: &'a PermissionBook,
    pub(super) reached: &'a Reached,
    pub(super) interrupts: &'a Interrupts,
    pub(super) progress: Progress,
    pub(super) environment: &'a Environment,
}

/// Makes the plan of a command and carries it out.
pub(super) async fn run(
    command: &PermissionsCommand,
    filter: &PermissionFilter,
    with: &Surroundings<'_>,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let Some(change) = command.change() else {
        return Ok(0);
    };
    let own = match command {
        PermissionsCommand::Create(_) => None,
        // Whose permission goes must be known before it goes.
        _ => own_groups(with).await?,
    };
    let me = Me { account: &with.reached.capabilities.account, membership: own.as_ref() };
    let basis = PlanBasis { book: with.book, me, now: Timestamp::now() };
    let (plan, verb, kind) = match command {
        PermissionsCommand::Create(args) => {
            let kind = ChangeKind::CreatePermission;
            (create(args, &basis, with, streams).await?, kind.name(), kind)
        }
        PermissionsCommand::Replace(args) => {
            (replace(args, &basis)?, "replace-permission", ChangeKind::CreatePermission)
        }
        PermissionsCommand::Delete(args) => {
            let ids: Vec<PermissionId> = if args.filter.is_some() {
                let chosen = rows(with.book, Regroup::Principal, filter);
                chosen.iter().map(|row| row.permission.id.clone()).collect()
            } else {
                args.ids.iter().map(|id| PermissionId::from(id.as_str())).collect()
            };
            let kind = ChangeKind::DeletePermission;
            let plan = plans::delete(&basis, plan_id(), &ids, &std::collections::BTreeSet::new());
            (plan, kind.name(), kind)
        }
        PermissionsCommand::List(_) | PermissionsCommand::Show(_) | PermissionsCommand::Can(_) => {
            return Ok(0);
        }
    };
    let order = ChangeOrder { plan, verb, kind };
    let Surroundings { reached, interrupts, progress, environment, .. } = with;
    changes::carry_out(order, change, reached, interrupts, *progress, environment, streams).await
}

/// Over Horizon there are roles on access groups.
pub(super) fn no_app_groups() -> Error {
    let words = format!("app groups are {}", WireKind::Horizon.not_offered());
    Error::refused(words).hint("give --principal, --role and --access-group; nothing was asked")
}

async fn create(
    args: &PermissionCreateArgs,
    basis: &PlanBasis<'_>,
    with: &Surroundings<'_>,
    streams: &mut Streams<'_>,
) -> Result<ChangePlan, Stop> {
    let book = with.book;
    let Some(role) = &args.role else {
        return Err(no_app_groups().into());
    };
    let role = names::role(book, role)?;
    let local_group = match &args.access_group {
        Some(given) => Some(names::local_group(book, given)?),
        None => match book.role(&role).map(plans::takes_local_group) {
            // A role that applies to no access group takes the root group.
            Some(Truth::No) => plans::root_group(book).cloned(),
            _ => {
                return Err(Error::usage("--access-group is missing: this role holds where it is given")
                    .hint("on the root group it holds everywhere")
                    .into());
            }
        },
    };
    let federation_group = match &args.federation_access_group {
        Some(given) => Some(names::federation_group(book, given)?),
        None => None,
    };
    let terms = checked(Terms { role, local_group, federation_group }, book)?;
    let mut people = Vec::with_capacity(args.principals.len());
    for given in &args.principals {
        people.push(names::principal(given, book, with.reached, with.interrupts, streams).await?);
    }
    Ok(plans::create(basis, plan_id(), &people, &terms))
}

fn replace(args: &PermissionReplaceArgs, basis: &PlanBasis<'_>) -> Result<ChangePlan, Stop> {
    let book = basis.book;
    let id = PermissionId::from(args.id.as_str());
    let old = book.permission(&id);
    let role = match (&args.role, old.and_then(|old| old.role.clone())) {
        (Some(given), _) => names::role(book, given)?,
        (None, Some(role)) => role,
        (None, None) => {
            return Err(Error::usage(format!("no permission with a known role has the id {id}"))
                .hint("take the id from `foretop permissions list`")
                .into());
        }
    };
    let local_group = match &args.access_group {
        Some(given) => Some(names::local_group(book, given)?),
        None => old.and_then(|old| old.local_group.clone()),
    };
    let federation_group = match &args.federation_access_group {
        Some(given) => Some(names::federation_group(book, given)?),
        // A role that takes none gives up the one that there was.
        None if book.role(&role).map(plans::takes_federation_group) == Some(Truth::No) => None,
        None => old.and_then(|old| old.federation_group.clone()),
    };
    let terms = checked(Terms { role, local_group, federation_group }, book)?;
    Ok(plans::replace(basis, plan_id(), &id, &terms))
}

fn checked(terms: Terms, book: &PermissionBook) -> Result<Terms, Error> {
    match terms.objection(book) {
        Some(objection) => Err(Error::usage(objection.as_str())),
        None => Ok(terms),
    }
}

/// The account with its groups, where its SID is known; what cannot be read stays a doubt.
async fn own_groups(with: &Surroundings<'_>) -> Result<Option<Membership>, Stop> {
    let account = &with.reached.capabilities.account;
    let Some(id) = account.id.clone() else {
        return Ok(None);
    };
    let mut walk = Walk::of(id, account.name.clone());
    follow(&mut walk, with.reached, with.interrupts).await?;
    Ok(walk.membership().ok())
}

/// Asks for everything that a walk wants to know.
pub(super) async fn follow(walk: &mut Walk, reached: &Reached, interrupts: &Interrupts) -> Result<(), Stop> {
    use crate::domain::FaultKind;

    /// Users and groups that one search brings at most.
    const MOST_FOUND: usize = 50;
    loop {
        match walk.next() {
            Next::Done => return Ok(()),
            Next::Search(text) => {
                walk.searched(interrupts.or(reached.estate.search_principals(&text, MOST_FOUND)).await?);
            }
            Next::Read(ids) => {
                let mut found = Vec::with_capacity(ids.len());
                let mut failed = None;
                for id in &ids {
                    match interrupts.or(reached.estate.principal(id)).await? {
                        Ok(principal) => found.push(principal),
                        Err(fault) if fault.kind == FaultKind::EntityNotFound => {}
                        Err(fault) => failed = Some(fault),
                    }
                }
                walk.read(failed.map_or(Ok(found), Err));
            }
        }
    }
}
