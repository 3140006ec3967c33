//! The verbs: from filter or ids to a plan, from the plan to a job, from the job to a report.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{chosen::Chosen, confirm, course, pods, report, verdict};
use crate::{
    cli::{
        args::ActionArgs,
        carry::{JOB_EVENTS, could_not_begin, follow, plan_id},
        interrupt::Interrupts,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note},
    },
    config::Environment,
    core::{
        bulk::journal::Work,
        bulk::{BlastRadius, Course, HeldBack, Job, Plan, PlanRequest, Terms},
        table::SessionTable,
    },
    domain::{JobId, MessageText, Outcome, SessionId, Text, Verb},
    engine::{self, EarlierRun, JobMeans, journal::Journalled},
    error::Error,
};

/// A verb with its arguments, understood.
#[derive(Debug, Clone)]
pub(super) struct Order {
    verb: Verb,
    message: Option<MessageText>,
    course: Option<Course>,
    chosen: Chosen,
    args: ActionArgs,
}

impl Order {
    /// Understands the arguments.
    pub(super) fn new(
        verb: Verb,
        message: Option<MessageText>,
        course: Option<Course>,
        args: &ActionArgs,
    ) -> Result<Self, Error> {
        if let Some(message) = &message {
            course::checked(&message.text, false)?;
        }
        let chosen = Chosen::new(&args.targets)?;
        Ok(Self { verb, message, course, chosen, args: args.clone() })
    }

    /// Makes the plan, and carries it out when it may.
    pub(super) async fn carry_out(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let (table, ids) = self.chosen.read(reached, interrupts, progress, self.args.pods, streams).await?;
        let mut plan = self.plan(&table, ids, reached);
        if self.chosen.is_of_this_pod(self.args.pods)
            && plan.held_back.iter().any(HeldBack::is_gone)
            && interrupts.or(pods::may_have_others(reached)).await?
        {
            plan.doubt_absence();
        }
        let blast = BlastRadius::of(&plan, &table);
        let mut job = Job::new(JobId(1), Arc::new(plan), Timestamp::now());
        if self.args.dry_run {
            self.print(&job, reached, streams)?;
            confirm::asked(&job.plan).within_limit(self.args.max)?;
            return Ok(self.code(&table));
        }
        // When all of them are held back the reasons say more than a wrong number.
        let all_held_back = job.plan.to_send.is_empty() && !job.plan.is_empty();
        if !all_held_back {
            let plan = Arc::clone(&job.plan);
            confirm::confirm(&plan, &blast, &self.args, environment, interrupts, streams).await?;
        }
        if !job.plan.to_send.is_empty() {
            let ticket = self.args.ticket.as_deref().map(Text::clean);
            run(&mut job, ticket, reached, interrupts, progress, streams).await;
        }
        match self.print(&job, reached, streams) {
            // What was done was done, whether somebody reads of it or not: the exit code still says how it went.
            Ok(()) | Err(Stop::NobodyListens) => {}
            Err(stop) => return Err(stop),
        }
        verdict::of(&job, &reached.capabilities)?;
        Ok(self.code(&table))
    }

    /// The exit code when all of the plan went well: a filter may mean sessions of pods that did not answer, an id does
    /// not.
    fn code(&self, table: &SessionTable) -> u8 {
        match self.chosen {
            Chosen::Where(_) => pods::code(table),
            Chosen::Ids(_) => 0,
        }
    }

    fn print(&self, job: &Job, reached: &Reached, streams: &mut Streams<'_>) -> Result<(), Stop> {
        let ticket = self.args.ticket.as_deref();
        report::print(
            job,
            &reached.capabilities,
            ticket,
            self.args.output.format,
            reached.settings.ascii,
            streams,
        )
    }

    fn plan(&self, table: &SessionTable, ids: Vec<SessionId>, reached: &Reached) -> Plan {
        // Without a screen nothing is hidden: all that was chosen counts as shown.
        let shown: BTreeSet<SessionId> = ids.iter().cloned().collect();
        let (ticket, known) = (self.args.ticket.as_deref(), &reached.capabilities);
        let settled = |message: &MessageText| course::settled(message, ticket, known);
        let course = self.course.as_ref().map(|course| course::settle(course, ticket, known));
        let terms = Terms { course, ..reached.terms() };
        Plan::make(&PlanRequest {
            id: plan_id(),
            verb: self.verb,
            message: self.message.as_ref().map(settled),
            ids,
            shown: &shown,
            table,
            capabilities: &reached.capabilities,
            retry_of: None,
            terms,
            spoken_for: &BTreeMap::new(),
            homes: &BTreeMap::new(),
            now: Timestamp::now(),
        })
    }
}

/// Sends the plan and follows what becomes of it.
async fn run(
    job: &mut Job,
    ticket: Option<Text>,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) {
    let record = match reached.scribe.open(Work::Sessions(Arc::clone(&job.plan)), ticket).await {
        Ok(record) => record,
        Err(error) => return could_not_begin(job, error.into()),
    };
    send(job, record, None, reached, interrupts, progress, streams).await;
}

/// Sends a job of which the journal is open, follows what becomes of it, and says how to go on with it when something is
/// left.
pub(super) async fn send(
    job: &mut Job,
    journal: Arc<Journalled>,
    resumed: Option<EarlierRun>,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) {
    let id = journal.id().to_owned();
    let (events, told) = mpsc::channel(JOB_EVENTS);
    let (estate, status) = (reached.estate.clone(), reached.governor.status());
    let means =
        JobMeans { record: journal, resumed, ..JobMeans::new(estate, status, interrupts.first.clone()) };
    // Large, and there is one of it.
    let sending = Box::pin(engine::run_job(means, Arc::clone(&job.plan), events));
    follow(job, sending, told, interrupts, progress, streams).await;
    let is_left = |outcome: &Outcome| matches!(outcome, Outcome::Unsent | Outcome::Sent);
    if job.outcomes.iter().any(is_left) {
        note(streams, &format!("`foretop jobs resume {id}` goes on with it"));
    }
}
