//! `foretop app-servers drain`, `undrain` and `reboot`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    list::{self, Choice},
    report::{self, Told},
    wait::{Left, Waiting},
};
use crate::{
    api::RequestClass,
    cli::{
        args::{ChangeArgs, DrainArgs, RebootArgs, UndrainArgs},
        carry::plan_id,
        changes::{ChangeOrder, carry_through, verdict_of, within_limit},
        cloud::is_whole,
        interrupt::Interrupts,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams},
    },
    config::Environment,
    core::{
        change::{ChangeJob, ChangePlan},
        cloud::{self, Chosen},
    },
    domain::{AppServerId, Change, ChangeKind, Outcome, ServerOrder},
    engine::FollowUp,
    error::{Class, Error},
};

/// How long is waited for sessions to end, and how often servers are read meanwhile.
const DRAINED_WITHIN: Duration = Duration::from_hours(1);
const DRAIN_EVERY: Duration = Duration::from_secs(15);

/// What is wanted of app servers, understood.
#[derive(Debug)]
pub(super) struct Order {
    what: ServerOrder,
    servers: Choice,
    wait: Option<(Duration, Duration)>,
    change: ChangeArgs,
}

/// How often and for how long: as is wanted, else as is usual.
fn wait(
    every: Option<SignedDuration>,
    deadline: Option<SignedDuration>,
    usual: (Duration, Duration),
) -> (Duration, Duration) {
    let known = |wanted: Option<SignedDuration>, usual| {
        wanted.and_then(|wanted| Duration::try_from(wanted).ok()).unwrap_or(usual)
    };
    (known(every, usual.0), known(deadline, usual.1))
}

impl Order {
    pub(super) fn drain(args: DrainArgs) -> Result<Self, Error> {
        let usual = (DRAIN_EVERY, DRAINED_WITHIN);
        Ok(Self {
            what: ServerOrder::Drain,
            servers: Choice::new(args.servers)?,
            wait: args.wait.then(|| wait(args.every, args.deadline, usual)),
            change: args.change,
        })
    }

    pub(super) fn undrain(args: UndrainArgs) -> Result<Self, Error> {
        Ok(Self {
            what: ServerOrder::Undrain,
            servers: Choice::new(args.servers)?,
            wait: None,
            change: args.change,
        })
    }

    pub(super) fn reboot(args: RebootArgs) -> Result<Self, Error> {
        let usual = (FollowUp::CONSOLE.every, FollowUp::CONSOLE.at_most);
        Ok(Self {
            what: if args.hard { ServerOrder::RebootHard } else { ServerOrder::Reboot },
            servers: Choice::new(args.servers)?,
            wait: args.wait.then(|| wait(args.every, args.deadline, usual)),
            change: args.change,
        })
    }

    /// How it is set going.
    pub(super) fn change(&self) -> &ChangeArgs {
        &self.change
    }

    /// Reads the servers, sends what is wanted, and waits where that is wanted.
    pub(super) async fn carry_out(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let kind = ChangeKind::of_server(self.what);
        let plan = self.plan(reached, interrupts, streams).await?;
        let order = ChangeOrder { plan, verb: report::verb(self.what), kind };
        let follow = match self.wait {
            Some((every, at_most)) if self.what.ends_sessions() => FollowUp { every, at_most },
            _ => FollowUp::NONE,
        };
        let change = &self.change;
        let job = carry_through(order, follow, change, reached, interrupts, progress, environment, streams);
        let job = job.await?;
        if change.dry_run {
            self.print(&job, &Left::default(), reached, streams)?;
            within_limit(&job.plan, change.max)?;
            return Ok(0);
        }
        let mut left = Left::default();
        let mut ending = Ok(());
        if let Some((every, deadline)) = self.wait {
            if self.what == ServerOrder::Drain {
                let waiting = Waiting { servers: taken(&job), every, deadline };
                ending = waiting.until_empty(&mut left, reached, interrupts, progress, streams).await;
            } else {
                ending = are_back(&job);
            }
        }
        match self.print(&job, &left, reached, streams) {
            // What was done was done, whether somebody reads of it or not.
            Ok(()) | Err(Stop::NobodyListens) => {}
            Err(stop) => return Err(stop),
        }
        verdict_of(&job, kind, &reached.capabilities)?;
        ending?;
        Ok(0)
    }

    async fn plan(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        streams: &mut Streams<'_>,
    ) -> Result<ChangePlan, Stop> {
        let listing = list::read(RequestClass::Job, reached, interrupts).await?;
        // Who is meant by a name or an expression only the whole list tells.
        let whole =
            if self.servers.needs_all() { is_whole(&listing, "app servers", streams) } else { Ok(()) };
        whole.map_err(|error| error.hint("nothing was sent"))?;
        let book = list::book(listing);
        let ids = self.servers.among(&book)?;
        // Who asks twice without a screen means it: it changes nothing, and there may be sessions to wait for.
        let chosen = Chosen { ids: &ids, hidden: 0, repeat: true };
        Ok(cloud::order_plan(self.what, &book, &chosen, plan_id(), Timestamp::now()))
    }

    fn print(
        &self,
        job: &ChangeJob,
        left: &Left,
        reached: &Reached,
        streams: &mut Streams<'_>,
    ) -> Result<(), Stop> {
        let told = Told {
            order: self.what,
            ticket: self.change.ticket.as_deref(),
            dry_run: self.change.dry_run,
            left,
        };
        report::print(job, &told, self.change.output.format, reached.settings.ascii, streams)
    }
}

/// The servers that took what was asked of them.
fn taken(job: &ChangeJob) -> Vec<AppServerId> {
    let items = job.plan.items.iter().zip(&job.outcomes);
    let taken = items.filter(|(_, outcome)| matches!(outcome, Outcome::Accepted | Outcome::Confirmed));
    taken
        .filter_map(|(item, _)| match &item.change {
            Change::OrderServer { server, .. } => Some(server.clone()),
            _ => None,
        })
        .collect()
}

/// Fails unless every server that was told to start again was seen to do so.
fn are_back(job: &ChangeJob) -> Result<(), Error> {
    let open = job.outcomes.iter().filter(|outcome| **outcome == Outcome::Accepted).count();
    if open == 0 {
        return Ok(());
    }
    let words = format!("{open} of {} were not seen to start and to run again", job.plan.items.len());
    Err(Error::new(Class::Partial, words).hint("the reboot was taken; see `foretop app-servers list`"))
}
