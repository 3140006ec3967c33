//! The verbs: from filter or ids to a plan, from the plan to a job, from the job to a report.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{chosen::Chosen, confirm, course, pods, report, terms::Wanted, verdict};
use crate::{
    cli::{
        args::{ActionArgs, Format, PodArgs, WishArgs},
        carry::{JOB_EVENTS, could_not_begin, follow, plan_id},
        detach::{self, JobToLeave},
        interrupt::Interrupts,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note},
    },
    config::Environment,
    core::{
        bulk::journal::Work,
        bulk::{BlastRadius, Course, HeldBack, Job, Plan, PlanRequest, Protected, Terms, Visible},
        table::SessionTable,
    },
    domain::{JobId, MessageText, Outcome, SessionId, Text, Verb},
    engine::{
        self, EarlierRun, JobMeans, PlanClaim,
        journal::{JournalError, Journalled},
    },
    error::Error,
};

/// A verb with its arguments, understood.
#[derive(Debug, Clone)]
pub(super) struct Order {
    verb: Verb,
    message: Option<MessageText>,
    course: Option<Course>,
    chosen: Chosen,
    terms: Wanted,
    named: bool,
    pods: PodArgs,
}

impl Order {
    /// Understands the arguments.
    pub(super) fn new(
        verb: Verb,
        message: Option<MessageText>,
        course: Option<Course>,
        wish: &WishArgs,
    ) -> Result<Self, Error> {
        if let Some(message) = &message {
            course::checked(&message.text, false)?;
        }
        course::has_its_ticket(message.as_ref(), course.as_ref(), wish.ticket.as_deref())?;
        let chosen = Chosen::new(&wish.targets)?;
        let terms = Wanted::new(&wish.terms, wish.ticket.as_deref(), &chosen)?;
        Ok(Self { verb, message, course, chosen, terms, named: wish.include_protected, pods: wish.pods })
    }

    /// Makes the plan. The code is the exit code when all of it goes well: a filter may mean sessions of pods that did
    /// not answer, an id does not.
    pub(super) async fn plan(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        streams: &mut Streams<'_>,
    ) -> Result<Planned, Stop> {
        if let Some(words) = &self.terms.note {
            note(streams, words);
        }
        let (table, ids) = self.chosen.read(reached, interrupts, progress, self.pods, streams).await?;
        let protected = interrupts.or(reached.protected(streams)).await?;
        let mut plan = self.make(&table, &ids, &protected, reached);
        if self.chosen.is_of_this_pod(self.pods)
            && plan.held_back.iter().any(HeldBack::is_gone)
            && interrupts.or(pods::may_have_others(reached)).await?
        {
            plan.doubt_absence();
        }
        let blast = BlastRadius::of(&plan, &table);
        let code = match self.chosen {
            Chosen::Where(_) => pods::code(&table),
            Chosen::Ids(_) => 0,
        };
        Ok(Planned { plan, blast, code })
    }

    fn make(
        &self,
        table: &SessionTable,
        ids: &[SessionId],
        protected: &Protected,
        reached: &Reached,
    ) -> Plan {
        let wanted = self.terms.over(reached);
        let (ticket, known) = (wanted.ticket.as_ref().map(Text::as_str), &reached.capabilities);
        let settled = |message: &MessageText| course::settled(message, ticket, known);
        let course = self.course.as_ref().map(|course| course::settle(course, ticket, known));
        let terms = Terms { course, ..wanted.clone() };
        Plan::make(&PlanRequest {
            id: plan_id(),
            verb: self.verb,
            message: self.message.as_ref().map(settled),
            ids,
            // Without a screen nothing is hidden.
            shown: Visible::All,
            table,
            capabilities: &reached.capabilities,
            retry_of: None,
            terms,
            protected,
            named: self.named,
            spoken_for: &BTreeMap::new(),
            homes: &BTreeMap::new(),
            now: Timestamp::now(),
        })
    }
}

/// A plan, and what is known of it beside.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) blast: BlastRadius,
    /// The exit code when all of it goes well.
    pub(super) code: u8,
}

/// What the arguments say about going ahead with a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Go {
    pub(super) max: Option<usize>,
    pub(super) dry_run: bool,
    pub(super) yes: Option<usize>,
    pub(super) detach: bool,
    pub(super) format: Format,
}

impl From<&ActionArgs> for Go {
    fn from(args: &ActionArgs) -> Self {
        let ActionArgs { max, dry_run, yes, detach, output, .. } = *args;
        Self { max, dry_run, yes, detach, format: output.format }
    }
}

/// Carries a plan out when it may. `last_check` is asked right before the first request; what it claims is given back when
/// nothing was sent and the job has nothing left to send either.
pub(super) async fn carry_out(
    planned: Planned,
    go: Go,
    last_check: impl AsyncFnOnce(&Arc<Plan>) -> Result<Option<PlanClaim>, Error>,
    (reached, interrupts, progress): (&Reached, &Interrupts, Progress),
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let Planned { plan, blast, code } = planned;
    let mut job = Job::new(JobId(1), Arc::new(plan), Timestamp::now());
    if go.dry_run {
        print(&job, go.format, reached, streams)?;
        confirm::asked(&job.plan).within_limit(go.max)?;
        return Ok(code);
    }
    // When all of them are held back the reasons say more than a wrong number.
    let all_held_back = job.plan.to_send.is_empty() && !job.plan.is_empty();
    if !all_held_back {
        let plan = Arc::clone(&job.plan);
        confirm::confirm(&plan, &blast, go, environment, interrupts, streams).await?;
    }
    let mut rest = None;
    if !job.plan.to_send.is_empty() {
        let claim = last_check(&job.plan).await?;
        match begin(&job.plan, reached).await {
            Ok(record) if go.detach => {
                detach(&job.plan, record, reached, go.format, interrupts, streams).await?;
                return Ok(code);
            }
            Ok(record) => {
                rest = send(&mut job, record, None, reached, interrupts, progress, streams).await;
                claim.filter(|_| job.leaves_its_plan()).into_iter().for_each(PlanClaim::give_back);
            }
            Err(error) => {
                claim.into_iter().for_each(PlanClaim::give_back);
                if go.detach {
                    return Err(Error::from(error).into());
                }
                could_not_begin(&mut job, error.into());
            }
        }
    }
    match print(&job, go.format, reached, streams) {
        // What was done was done, whether somebody reads of it or not: the exit code still says how it went.
        Ok(()) | Err(Stop::NobodyListens) => {}
        Err(stop) => return Err(stop),
    }
    verdict::with_rest(&job, &reached.capabilities, rest.as_deref())?;
    Ok(code)
}

fn print(job: &Job, format: Format, reached: &Reached, streams: &mut Streams<'_>) -> Result<(), Stop> {
    let ticket = job.plan.terms.ticket.as_ref().map(Text::as_str);
    report::print(job, &reached.capabilities, ticket, format, reached.settings.ascii, streams)
}

/// Begins the plan's journal.
async fn begin(plan: &Arc<Plan>, reached: &Reached) -> Result<Arc<Journalled>, JournalError> {
    reached.scribe.open(Work::Sessions(Arc::clone(plan)), plan.terms.ticket.clone()).await
}

/// Hands the job on, to be carried out without a terminal.
async fn detach(
    plan: &Arc<Plan>,
    record: Arc<Journalled>,
    reached: &Reached,
    format: Format,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let journal = record.id().to_owned();
    // Its lock is for whoever takes it over.
    drop(record);
    let (verb, open) = (plan.verb.name(), plan.to_send.len());
    let job = JobToLeave { journal: &journal, plan: plan.id.raw(), verb, open };
    detach::hand_on(job, reached, format, interrupts, streams).await
}

/// Sends a job of which the journal is open, and follows what becomes of it. Returns how to go on with it when something is
/// left: to be said last, where it is not scrolled away.
pub(super) async fn send(
    job: &mut Job,
    journal: Arc<Journalled>,
    resumed: Option<EarlierRun>,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Option<String> {
    let id = journal.id().to_owned();
    let (events, told) = mpsc::channel(JOB_EVENTS);
    let (estate, status) = (reached.estate.clone(), reached.governor.status());
    let means =
        JobMeans { record: journal, resumed, ..JobMeans::new(estate, status, interrupts.first.clone()) };
    // Large, and there is one of it.
    let sending = Box::pin(engine::run_job(means, Arc::clone(&job.plan), events));
    follow(job, sending, told, interrupts, progress, streams).await;
    let is_left = |outcome: &Outcome| matches!(outcome, Outcome::Unsent | Outcome::Sent);
    job.outcomes.iter().any(is_left).then(|| format!("`foretop jobs resume {id}` goes on with it"))
}
