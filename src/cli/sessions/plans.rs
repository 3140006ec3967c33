//! `foretop plan` and `foretop apply`: a plan made now, carried out later, perhaps by somebody else.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    act::{self, Go, Order, Planned},
    course,
};
use crate::{
    cli::{
        args::{ApplyArgs, ConnectionArgs, LooksArgs, PlanArgs},
        output,
        progress::Progress,
        reach::{Reached, Wanted, with_estate},
        run::{Stop, Streams, note},
    },
    config::{Environment, Paths},
    core::bulk::{
        BlastRadius, Plan, PlanEstate, Protected, SavedPlan,
        journal::{Author, Work},
    },
    core::{shell::quoted, table::SessionTable},
    domain::Text,
    engine::{
        PlanClaim, PlanFileError, PlanFolder, claim_plan,
        journal::{AuditKind, AuditRecord, JournalError},
        read_plan, weigh,
    },
    error::{Class, Error},
};

/// What `plan` prints.
#[derive(Debug, Serialize)]
struct Saved<'a> {
    plan: &'a str,
    path: String,
    verb: &'static str,
    to_send: usize,
    held_back: usize,
    expires_at: Timestamp,
    command: String,
}

/// Makes a plan and saves it.
pub(in crate::cli) fn plan(
    args: &PlanArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let (verb, message, args_of_plan) = args.command.parts();
    let course = args.command.course().map(course::understood).transpose()?.flatten();
    let order = Order::new(verb, message, course, &args_of_plan.wish)?;
    let connection = args.connection.clone().over(outer);
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    let progress = Progress::new(environment.stderr_is_terminal);
    let prepared = wanted.prepare(environment)?;
    with_estate(prepared, streams, async |reached, interrupts, streams| {
        let Planned { plan, code, .. } = order.plan(reached, interrupts, progress, streams).await?;
        if plan.to_send.is_empty() {
            let held = plan.held_back.len();
            return Err(Error::refused(format!(
                "there is nothing to send, {held} held back: nothing was saved"
            ))
            .hint("the same with foretop sessions and --dry-run names them and the reasons")
            .into());
        }
        let (to_send, held_back) = (plan.to_send.len(), plan.held_back.len());
        let profile = Text::clean(&reached.name);
        let now = Timestamp::now();
        let saved = SavedPlan::new(plan, &profile, &reached.capabilities, now, args_of_plan.expires);
        let (name, path) = match &args_of_plan.file {
            Some(path) => {
                PlanFolder::save_as(path, &saved).map_err(|error| of(&error))?;
                (saved.plan.id.raw().to_owned(), path.clone())
            }
            None => PlanFolder::new(paths.state_dir()).save(&saved).map_err(|error| of(&error))?,
        };
        let target =
            args_of_plan.file.as_ref().map_or_else(|| name.clone(), |path| path.display().to_string());
        // Another profile than this one would refuse it.
        let at = connection
            .profile
            .as_ref()
            .map(|name| format!(" --profile {}", quoted(name)))
            .unwrap_or_default();
        let printed = Saved {
            plan: &name,
            path: path.display().to_string(),
            verb: verb.name(),
            to_send,
            held_back,
            expires_at: saved.expires_at,
            command: format!("foretop{at} apply {target} --yes {to_send}"),
        };
        if args_of_plan.json {
            output::json_object(streams.out, &printed)?;
        } else {
            let until = saved.expires_at.strftime("%Y-%m-%d %H:%M:%SZ");
            let text = format!(
                "plan {name}: {}, {to_send} to be sent, {held_back} held back, expires {until}\n{}\n{}\n",
                printed.verb, printed.path, printed.command
            );
            output::write(streams.out, &text)?;
        }
        output::flush(streams.out)?;
        Ok(code)
    })
}

/// Carries a saved plan out.
pub(in crate::cli) fn apply(
    args: &ApplyArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let path = PlanFolder::new(paths.state_dir()).find(&args.plan).map_err(|error| of(&error))?;
    let saved = read_plan(&path).map_err(|error| of(&error))?;
    if let Some(refusal) = saved.expiry(Timestamp::now()) {
        return Err(of(&PlanFileError::Refused { path, refusal }).into());
    }
    let connection = args.connection.clone().over(outer);
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    let ApplyArgs { max, dry_run, yes, detach, .. } = *args;
    let go = Go { max, dry_run, yes, detach, format: args.output.format };
    if !go.dry_run {
        wanted.must_act()?;
    }
    if go.detach {
        wanted.must_outlive()?;
    }
    let progress = Progress::new(environment.stderr_is_terminal);
    let prepared = wanted.prepare(environment)?;
    with_estate(prepared, streams, async |reached, interrupts, streams| {
        let here = PlanEstate::of(&Text::clean(&reached.name), &reached.capabilities);
        if let Some(refusal) = saved.elsewhere(here.clone(), &reached.servers) {
            return Err(of(&PlanFileError::Refused { path: path.clone(), refusal }).into());
        }
        let by = &reached.capabilities.account.name;
        if *by != saved.made_by {
            note(streams, &format!("made by {}, applied by {by}", saved.made_by));
        }
        let protected = interrupts.or(reached.protected(streams)).await?;
        let mut planned = planned(&saved, &protected, reached);
        if go.dry_run {
            // As they are now: whoever changed since the plan was made would be held back.
            let weighed = weigh(&reached.estate, &mut planned.plan);
            interrupts.or(weighed).await?.map_err(Error::from)?;
        }
        let last_check = async |plan: &Arc<Plan>| {
            // Between the question and its answer an hour may have passed.
            if let Some(refusal) = saved.expiry(Timestamp::now()) {
                return Err(of(&PlanFileError::Refused { path: path.clone(), refusal }));
            }
            claim(&path, plan, &here, &saved, reached).await.map(Some)
        };
        act::carry_out(planned, go, last_check, (reached, interrupts, progress), environment, streams).await
    })
}

/// The plan as it may be carried out by this account: who is protected for it, or in its configuration, is held back.
/// Whom its maker named one by one is sent when the maker applies it; another person must name them in a plan of their own.
fn planned(saved: &SavedPlan, protected: &Protected, reached: &Reached) -> Planned {
    let mut plan = saved.plan.clone();
    let account = &reached.capabilities.account;
    plan.protect(protected, account, account.name == saved.made_by);
    // The list that it was made from is not in the file; its own targets are enough to count.
    let all = plan.to_send.iter().map(|target| target.session.clone()).collect();
    let table = SessionTable::new(all, plan.data_at, false);
    let blast = BlastRadius::of(&plan, &table);
    Planned { plan, blast, code: 0 }
}

/// Notes that the plan is applied now: beside its file, and in the audit.
async fn claim(
    path: &Path,
    plan: &Arc<Plan>,
    here: &PlanEstate,
    saved: &SavedPlan,
    reached: &Reached,
) -> Result<PlanClaim, Error> {
    if let Some(journal) = reached.scribe.started(Work::Sessions(Arc::clone(plan))).await? {
        let plan = plan.id.raw().to_owned();
        return Err(Error::from(JournalError::Started { plan, journal }));
    }
    let at = Timestamp::now();
    let by =
        Author { operator: reached.capabilities.account.name.clone(), ..reached.scribe.author().clone() };
    let who = format!("applied by {} at {at:.0}, made by {}\n", by.operator, saved.made_by);
    let claim = claim_plan(path, &who).map_err(|error| of(&error))?;
    let counts: BTreeMap<String, usize> =
        [("unsent".to_owned(), plan.to_send.len()), ("held_back".to_owned(), plan.held_back.len())].into();
    let record = AuditRecord {
        at,
        kind: AuditKind::Applied,
        by,
        made_by: Some(saved.made_by.clone()),
        estate: Text::clean(&here.to_string()),
        journal: None,
        plan: plan.id.raw().to_owned(),
        verb: plan.verb.name().to_owned(),
        counts,
        ticket: plan.terms.ticket.clone(),
        stopped: None,
        fault: None,
        journal_bytes: None,
        journal_sha256: None,
    };
    match reached.scribe.audit(record).await {
        Ok(()) => Ok(claim),
        Err(error) => {
            claim.give_back();
            Err(Error::new(Class::Unexpected, "cannot write that the plan is applied: nothing was sent")
                .words(error.to_string()))
        }
    }
}

/// What is wrong with a plan's file: a refusal where it may not be applied, otherwise a wrong argument or the system.
fn of(error: &PlanFileError) -> Error {
    let words = error.to_string();
    match error {
        PlanFileError::Applied { .. } | PlanFileError::Refused { .. } => {
            Error::refused(format!("{words}: nothing was sent")).hint("make a new one with foretop plan")
        }
        PlanFileError::NotFound(_) | PlanFileError::Ambiguous { .. } => Error::usage(words),
        PlanFileError::File { .. } | PlanFileError::NoName(_) => Error::new(Class::Usage, words),
    }
}
