//! Letting accounts use app groups, and taking that away again (`workspace.md section 8`): the plans are those of the
//! console.

use jiff::Timestamp;

use super::{filter, not_offered};
use crate::{
    api::Estate,
    cli::{
        args::{AccessArgs, ChangeArgs, PermissionCreateArgs, PermissionDeleteArgs},
        carry::plan_id,
        changes::{self, ChangeOrder},
        interrupt::Interrupts,
        permissions::names,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams},
    },
    config::Environment,
    core::{
        change::ChangePlan,
        cloud::{
            AccessBook, AccessLine, AccessRow, CloudFilter, plan_of_authorizations, plan_of_removals,
            remove_plan,
        },
    },
    domain::{AppAccount, AppGroupId, ChangeKind},
    error::Error,
};

/// What is to be changed.
#[derive(Debug)]
pub(in crate::cli::permissions) struct Change<'a> {
    which: Which<'a>,
    args: &'a ChangeArgs,
}

#[derive(Debug)]
enum Which<'a> {
    /// Each account may use each app group.
    Add(Pairs<'a>),
    /// No account of these may use any of these app groups any more.
    Remove(Pairs<'a>),
    /// Authorizations, by their ids.
    RemoveIds(&'a [String]),
    /// Authorizations, by a filter.
    RemoveShown(CloudFilter),
}

/// Accounts, and app groups by name or id.
#[derive(Debug)]
struct Pairs<'a> {
    groups: &'a [String],
    accounts: Vec<AppAccount>,
}

impl<'a> Pairs<'a> {
    fn new(args: &'a AccessArgs) -> Result<Self, Error> {
        let accounts = args.accounts();
        for (what, count, most) in [
            ("app groups", args.app_groups.len(), Estate::MAX_APP_GROUPS),
            ("accounts", accounts.len(), Estate::MAX_ACCOUNTS),
        ] {
            if count > most {
                return Err(Error::usage(format!(
                    "{count} {what} are given, and the API takes {most} at most"
                ))
                .hint("nothing was sent; give them in several commands"));
            }
        }
        Ok(Self { groups: &args.app_groups, accounts })
    }

    /// The ids of the app groups, each once.
    fn ids(&self, book: &AccessBook) -> Result<Vec<AppGroupId>, Error> {
        let mut ids = Vec::with_capacity(self.groups.len());
        for given in self.groups {
            let id = names::app_group(book, given)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}

impl<'a> Change<'a> {
    /// Understands `permissions create`.
    pub(super) fn create(args: &'a PermissionCreateArgs) -> Result<Self, Error> {
        if args.access.app_groups.is_empty() {
            let hint = "give --app-group with --user or --user-group; nothing was asked";
            return Err(not_offered().hint(hint));
        }
        Ok(Self { which: Which::Add(Pairs::new(&args.access)?), args: &args.change })
    }

    /// Understands `permissions delete`.
    pub(super) fn delete(args: &'a PermissionDeleteArgs) -> Result<Self, Error> {
        let which = match &args.filter {
            // What a script gets when a variable of its own is not set.
            Some(text) if text.trim().is_empty() => {
                return Err(Error::usage("--where is empty, which would mean every authorization")
                    .hint("write --where '!account:' when you mean all whose account is known"));
            }
            Some(text) => Which::RemoveShown(filter(Some(text))?),
            None if args.access.app_groups.is_empty() => Which::RemoveIds(&args.ids),
            None => Which::Remove(Pairs::new(&args.access)?),
        };
        Ok(Self { which, args: &args.change })
    }

    /// Makes the plan and carries it out.
    pub(super) async fn carry_out(
        &self,
        book: &AccessBook,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let kind = match self.which {
            Which::Add(_) => ChangeKind::AddAuthorization,
            Which::Remove(_) | Which::RemoveIds(_) | Which::RemoveShown(_) => ChangeKind::RemoveAuthorization,
        };
        let order = ChangeOrder { plan: self.plan(book)?, verb: kind.name(), kind };
        changes::carry_out(order, self.args, reached, interrupts, progress, environment, streams).await
    }

    fn plan(&self, book: &AccessBook) -> Result<ChangePlan, Error> {
        let now = Timestamp::now();
        Ok(match &self.which {
            Which::Add(pairs) => {
                plan_of_authorizations(book, &pairs.ids(book)?, &pairs.accounts, plan_id(), now)
            }
            Which::Remove(pairs) => {
                plan_of_removals(book, &pairs.ids(book)?, &pairs.accounts, plan_id(), now)
            }
            Which::RemoveIds(ids) => {
                let mut rows: Vec<AccessRow> = Vec::with_capacity(ids.len());
                for id in *ids {
                    let row = AccessRow::Authorization(id.as_str().into());
                    if !rows.contains(&row) {
                        rows.push(row);
                    }
                }
                remove_plan(book, &rows, 0, plan_id(), now)
            }
            Which::RemoveShown(filter) => {
                let shown: Vec<AccessRow> = book.lines(filter).iter().map(AccessLine::row).collect();
                remove_plan(book, &shown, 0, plan_id(), now)
            }
        })
    }
}
