//! Performs effects: starts the tasks whose answers come back as messages.

mod cloud;
mod lists;
mod reads;
mod records;
mod reports;

pub(super) use reports::write_for_owner;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::{Estate, EventMark, Gates, Login},
    core::{
        bulk::journal::Work,
        bulk::{Job, JobEvent, Orders, Plan, SavedPlan},
        change::ChangePlan,
        effect::{Effect, RecordsEffect},
        msg::{Interrupted, Msg, RecordsMsg},
        pressure::{Breaker, Held, Pressure, Rate, ServerPressure},
        remembered::Memory,
        state::State,
    },
    domain::{Capabilities, Fault, FaultKind, Federation, JobId, Outcome, PlanId, Text},
    engine::{
        self, ChangeMeans, Clock, FollowUp, JobMeans, Lookout, PlanClaim, PlanFolder, PodMemory,
        governor::{self, Governor, GovernorStatus, Limits, ServerStatus},
        journal::{Journalled, Scribe},
    },
};

/// How long leaving waits for requests that are out.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// How long leaving waits for the log-out.
const LAST_WORD: Duration = Duration::from_secs(2);
/// Events of a job that may wait. One chunk makes two; the engine waits when nobody takes them.
const JOB_EVENTS: usize = 16;

/// Starts tasks and remembers what they need.
#[derive(Debug)]
pub(super) struct Performer {
    shared: Arc<Shared>,
    login: Login,
    state_dir: std::path::PathBuf,
    /// How long the server gets to carry out what it did not answer to an earlier run.
    settling: SignedDuration,
    /// Jobs only: polls need not be waited for.
    jobs: TaskTracker,
    stops: HashMap<JobId, CancellationToken>,
    orders: HashMap<JobId, watch::Sender<Orders>>,
    /// Stops the filter that is being judged.
    judging: CancellationToken,
}

/// What the tasks share.
#[derive(Debug)]
struct Shared {
    governor: Arc<Governor>,
    /// The estate once logged in, and what it was last known to be able to do.
    estate: Mutex<Option<(Estate, Capabilities)>>,
    /// The pods, once they were read.
    federation: Mutex<Option<Arc<Federation>>>,
    /// What pods said that do not answer now.
    pods: Mutex<PodMemory>,
    /// Where reading of events goes on.
    mark: Mutex<Option<EventMark>>,
    /// Where jobs learn what the polls saw.
    lookout: Lookout,
    /// Writes down what jobs do.
    scribe: Scribe,
    /// The journals of the jobs of this run.
    journals: std::sync::Mutex<HashMap<JobId, String>>,
    /// Where plans are saved. Saving and starting go one after the other.
    plans: Mutex<PlanFolder>,
    /// The plans that were started in this run: they are not saved any more.
    started: std::sync::Mutex<HashSet<PlanId>>,
    messages: mpsc::Sender<Msg>,
}

impl Shared {
    async fn estate(&self) -> Option<Estate> {
        self.estate.lock().await.as_ref().map(|(estate, _)| estate.clone())
    }

    async fn send(&self, message: Msg) {
        if self.messages.send(message).await.is_err() {
            tracing::debug!("the console is gone; an answer was dropped");
        }
    }

    /// Remembers under which name a job is on record.
    fn note_journal(&self, job: JobId, journal: &str) {
        let mut journals = self.journals.lock().unwrap_or_else(PoisonError::into_inner);
        journals.insert(job, journal.to_owned());
    }

    /// Remembers that a plan is started.
    fn note_started(&self, plan: &PlanId) {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).insert(plan.clone());
    }

    fn is_started(&self, plan: &PlanId) -> bool {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).contains(plan)
    }

    /// Claims the file of a plan, if it was saved: from here on nobody else can apply it.
    async fn claim(&self, plan: &Arc<Plan>) -> Result<Option<PlanClaim>, Fault> {
        let (plan, operator) = (Arc::clone(plan), self.scribe.operator().clone());
        let folder = self.plans.lock().await;
        let (claimed, at) = (folder.clone(), Timestamp::now());
        let asked = tokio::task::spawn_blocking(move || {
            claimed.claim(&plan, &format!("started in a console by {operator} at {at}\n"))
        });
        let words = match asked.await {
            Ok(Ok(claim)) => return Ok(claim),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        Err(Fault::new(FaultKind::Local, "not started", Text::clean(&words)))
    }

    /// Ends a job of which nothing has left.
    async fn end_job(&self, job: JobId, fault: Fault) {
        let event = JobEvent::Finished { stopped: false, fault: Some(fault) };
        self.send(Msg::JobProgressed { job, event }).await;
    }

    /// Tells under which name a job is on record.
    async fn tell_journal(&self, job: JobId, record: &Journalled) {
        self.note_journal(job, record.id());
        let journal = record.id().to_owned();
        self.send(Msg::Records(RecordsMsg::Opened { job, journal })).await;
    }

    /// Tells when server or account turn out to be able to do something else than before.
    async fn note_capabilities(&self) {
        let mut slot = self.estate.lock().await;
        let Some((estate, known)) = slot.as_mut() else { return };
        let now = estate.capabilities();
        if now != *known {
            *known = now.clone();
            drop(slot);
            self.send(Msg::CapabilitiesChanged(Box::new(now))).await;
        }
    }
}

impl Performer {
    pub(super) fn new(
        login: Login,
        limits: Limits,
        scribe: Scribe,
        state_dir: std::path::PathBuf,
        settling: SignedDuration,
        messages: mpsc::Sender<Msg>,
    ) -> Self {
        let governor = Arc::new(Governor::new(limits));
        let shared = Arc::new(Shared {
            governor,
            estate: Mutex::new(None),
            federation: Mutex::new(None),
            pods: Mutex::default(),
            mark: Mutex::new(None),
            lookout: Lookout::default(),
            scribe,
            journals: std::sync::Mutex::default(),
            plans: Mutex::new(PlanFolder::new(&state_dir)),
            started: std::sync::Mutex::default(),
            messages,
        });
        Self {
            shared,
            login,
            state_dir,
            settling,
            jobs: TaskTracker::new(),
            stops: HashMap::new(),
            orders: HashMap::new(),
            judging: CancellationToken::new(),
        }
    }

    /// Starts what an effect asks for.
    pub(super) fn perform(&mut self, effect: Effect) {
        let shared = Arc::clone(&self.shared);
        match effect {
            Effect::Connect => {
                tokio::spawn(watch_governor(Arc::clone(&shared)));
                tokio::spawn(connect(shared, self.login.clone()));
            }
            Effect::FetchSessions { request, scope } => {
                tokio::spawn(lists::fetch_sessions(shared, request, scope));
            }
            Effect::JudgeRows { request, table, filter, groups } => {
                self.judging.cancel();
                self.judging = CancellationToken::new();
                let (stop, messages) = (self.judging.clone(), shared.messages.clone());
                tokio::task::spawn_blocking(move || {
                    if table.judge_beforehand(&filter, &groups, &|| stop.is_cancelled()) {
                        drop(messages.blocking_send(Msg::RowsJudged { request }));
                    }
                });
            }
            Effect::MakePlan { request, brief } => {
                let messages = shared.messages.clone();
                tokio::task::spawn_blocking(move || {
                    let sheet = Box::new(brief.make());
                    drop(messages.blocking_send(Msg::PlanMade { request, sheet }));
                });
            }
            Effect::DropPlan(sheet) => drop(tokio::task::spawn_blocking(move || drop(sheet))),
            Effect::RenewSessions { request, table, sessions } => {
                tokio::spawn(lists::renew_sessions(shared, request, table, sessions));
            }
            Effect::FetchEvents { request } => {
                tokio::spawn(lists::fetch_events(shared, request));
            }
            Effect::RunJob { job, plan } => {
                let stop = CancellationToken::new();
                self.stops.insert(job, stop.clone());
                shared.note_started(&plan.id);
                let (wishes, orders) = watch::channel(Orders::default());
                self.orders.insert(job, wishes);
                self.jobs.spawn(run_job(shared, job, plan, None, orders, stop));
            }
            Effect::ResumeJob { job, journal, plan, seen } => {
                let stop = CancellationToken::new();
                self.stops.insert(job, stop.clone());
                let (wishes, orders) = watch::channel(Orders::default());
                self.orders.insert(job, wishes);
                let again = Again { journal, seen, settling: self.settling };
                self.jobs.spawn(run_job(shared, job, plan, Some(again), orders, stop));
            }
            Effect::Records(RecordsEffect::Amend { job, journal, found, words }) => {
                // Waited for at the end, as jobs are: it belongs to one.
                self.jobs.spawn(records::amend(shared, job, journal, found, words));
            }
            Effect::Records(RecordsEffect::List { request }) => {
                tokio::spawn(records::list(shared, request));
            }
            Effect::Records(RecordsEffect::Read { request, journal }) => {
                tokio::spawn(records::read(shared, request, journal));
            }
            Effect::ControlJob { job, control } => {
                if let Some(orders) = self.orders.get(&job) {
                    orders.send_modify(|orders| orders.take(control));
                }
            }
            Effect::ReadAgain { job, targets } => {
                tokio::spawn(reads::sessions_again(shared, job, targets));
            }
            Effect::WriteReport { job, name, files } => {
                let folder = self.state_dir.join("reports");
                tokio::spawn(reports::write(shared, job, folder, name, files));
            }
            Effect::StopJob { job } => {
                if let Some(stop) = self.stops.get(&job) {
                    stop.cancel();
                }
            }
            Effect::FetchRights { request } => {
                tokio::spawn(reads::rights(shared, request));
            }
            Effect::SavePlan { saved } => {
                tokio::spawn(save_plan(shared, saved));
            }
            Effect::FetchFederation { request } => {
                tokio::spawn(reads::federation(shared, request));
            }
            Effect::FetchPermissions { request } => {
                tokio::spawn(reads::permissions(shared, request));
            }
            Effect::FetchImages { request, query } => {
                tokio::spawn(reads::images(shared, request, query));
            }
            Effect::SearchPrincipals { request, text } => {
                tokio::spawn(reads::search_principals(shared, request, text));
            }
            Effect::FindProtectedGroups { names } => {
                tokio::spawn(reads::protected_groups(shared, names));
            }
            Effect::CheckRecord => {
                tokio::spawn(check_record(shared));
            }
            Effect::ReadPrincipals { request, ids } => {
                tokio::spawn(reads::principals(shared, request, ids));
            }
            Effect::NameGroups { request, ids } => {
                tokio::spawn(reads::group_names(shared, request, ids));
            }
            Effect::FetchEventAttributes { request, event } => {
                tokio::spawn(reads::event_attributes(shared, request, event));
            }
            Effect::FetchUserSessions { request, user } => {
                tokio::spawn(reads::user_sessions(shared, request, user));
            }
            Effect::RunChanges { job, plan } => {
                let stop = CancellationToken::new();
                self.stops.insert(job, stop.clone());
                self.jobs.spawn(run_changes(shared, job, plan, stop));
            }
            Effect::Cloud(effect) => {
                tokio::spawn(cloud::perform(shared, effect));
            }
            Effect::Remember(memory) => {
                let folder = self.state_dir.clone();
                tokio::spawn(async move {
                    let stored =
                        tokio::task::spawn_blocking(move || super::remembered::store(&folder, *memory));
                    if let Ok(Err(error)) = stored.await {
                        let answer = Err(Text::clean(&format!("what is to be remembered: {error}")));
                        shared.send(Msg::FileWritten { answer }).await;
                    }
                });
            }
            Effect::ExportList { list, form, name } => {
                let folder = self.state_dir.join("exports");
                let text = move || list.text(form);
                tokio::spawn(reports::write_text(shared, folder, name, form.ending(), text));
            }
            Effect::ExportText { text, form, name } => {
                let folder = self.state_dir.join("exports");
                tokio::spawn(reports::write_text(shared, folder, name, form.ending(), || text));
            }
            // The loop performs these itself.
            Effect::Redraw
            | Effect::DumpScreen { .. }
            | Effect::Copy(_)
            | Effect::Suspend
            | Effect::Exit(_) => {}
        }
    }

    /// Writes down what is worth remembering for the next run, at the end of this one.
    pub(super) fn remember(&self, state: &State) {
        if let Err(error) = super::remembered::store(&self.state_dir, Memory::of(state)) {
            tracing::warn!(%error, "what is to be remembered could not be written");
        }
    }

    /// Writes the screen to a file.
    pub(super) fn dump_screen(&self, name: String, screen: String) {
        let folder = self.state_dir.join("screens");
        tokio::spawn(reports::write_text(Arc::clone(&self.shared), folder, name, "txt", || screen));
    }

    /// Under which name a job is on record; `None` when it is not.
    pub(super) fn journal_of(&self, job: JobId) -> Option<String> {
        self.shared.journals.lock().unwrap_or_else(PoisonError::into_inner).get(&job).cloned()
    }

    /// Keeps further requests of jobs from leaving.
    pub(super) fn stop_jobs(&self) {
        for stop in self.stops.values() {
            stop.cancel();
        }
        self.jobs.close();
    }

    /// Waits until the jobs have told their last word, but not for ever.
    pub(super) async fn last_answers(&self) {
        if tokio::time::timeout(LAST_ANSWERS, self.jobs.wait()).await.is_err() {
            tracing::warn!("left while requests of a job were out");
        }
    }

    /// Gives the tokens back.
    pub(super) async fn log_out(&self) {
        if let Some(estate) = self.shared.estate().await {
            drop(tokio::time::timeout(LAST_WORD, estate.logout()).await);
        }
    }
}

async fn connect(shared: Arc<Shared>, login: Login) {
    let gates: Arc<dyn Gates> = Arc::clone(&shared.governor) as _;
    match Estate::log_in(login, gates).await {
        Ok((estate, capabilities)) => {
            *shared.estate.lock().await = Some((estate, capabilities.clone()));
            shared.send(Msg::Connected(Box::new(capabilities))).await;
            tell_interrupted(&shared).await;
        }
        Err(fault) => shared.send(Msg::ConnectFailed(fault)).await,
    }
}

/// Tells when no job could be recorded.
async fn check_record(shared: Arc<Shared>) {
    if let Err(error) = shared.scribe.check().await {
        let words = match error.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        };
        shared.send(Msg::CannotRecord(Text::clean(&words))).await;
    }
}

/// Tells which jobs of this estate an earlier run left.
async fn tell_interrupted(shared: &Shared) {
    let left = match shared.scribe.interrupted().await {
        Ok(left) => left,
        Err(error) => return tracing::warn!(%error, "the record of jobs could not be read"),
    };
    let told = left.iter().filter_map(|listed| {
        let recovered = &listed.record.as_ref().ok()?.recovered;
        let tally = recovered.tally();
        Some(Interrupted {
            journal: Text::clean(&listed.id),
            plan: Text::clean(recovered.opened.work.plan_id().raw()),
            verb: Text::clean(&recovered.opened.work.verb()),
            unsent: tally.unsent,
            unanswered: tally.unanswered,
            to_confirm: recovered.to_confirm().len(),
        })
    });
    let told: Vec<Interrupted> = told.collect();
    if !told.is_empty() {
        shared.send(Msg::JobsInterrupted(told)).await;
    }
}

fn not_connected(operation: &str) -> Fault {
    Fault::new(FaultKind::Unauthenticated, operation, "not logged in")
}

/// Writes a plan down. The disk may be slow: never on the loop.
async fn save_plan(shared: Arc<Shared>, saved: Box<SavedPlan>) {
    let plan = saved.plan.id.clone();
    let folder = shared.plans.lock().await;
    let answer = if shared.is_started(&plan) {
        Err(Text::clean("it was started"))
    } else {
        let folder = folder.clone();
        match tokio::task::spawn_blocking(move || folder.save(&saved)).await {
            Ok(Ok((name, _))) => Ok(Text::clean(&name)),
            Ok(Err(error)) => Err(Text::clean(&error.to_string())),
            Err(error) => Err(Text::clean(&error.to_string())),
        }
    };
    drop(folder);
    shared.send(Msg::PlanSaved { plan, answer }).await;
}

/// A job on record that is gone on with.
struct Again {
    journal: String,
    /// What the operator saw of each target when the job was set going again.
    seen: Vec<Outcome>,
    settling: SignedDuration,
}

async fn run_job(
    shared: Arc<Shared>,
    job: JobId,
    plan: Arc<Plan>,
    again: Option<Again>,
    orders: watch::Receiver<Orders>,
    stop: CancellationToken,
) {
    let Some(estate) = shared.estate().await else {
        return shared.end_job(job, not_connected("run a job")).await;
    };
    // Whoever goes on with a job has its plan already.
    let claim = if again.is_some() {
        None
    } else {
        match shared.claim(&plan).await {
            Ok(claim) => claim,
            Err(fault) => return shared.end_job(job, fault).await,
        }
    };
    // Without a record nothing leaves.
    let (record, resumed) = match again {
        None => {
            let work = Work::Sessions(Arc::clone(&plan));
            match shared.scribe.open(work, plan.terms.ticket.clone()).await {
                Ok(record) => (record, None),
                Err(error) => {
                    claim.into_iter().for_each(PlanClaim::give_back);
                    return shared.end_job(job, error.into()).await;
                }
            }
        }
        Some(again) => match records::take_up(&shared, job, again).await {
            Ok((record, earlier)) => (record, Some(earlier)),
            Err(fault) => return shared.end_job(job, fault).await,
        },
    };
    shared.tell_journal(job, &record).await;
    let (events, mut told) = mpsc::channel(JOB_EVENTS);
    let mut seen = Job::new(job, Arc::clone(&plan), Timestamp::now());
    let listen = async {
        while let Some(event) = told.recv().await {
            seen.apply(&event, Timestamp::now());
            shared.send(Msg::JobProgressed { job, event }).await;
        }
        seen.leaves_its_plan()
    };
    let means = JobMeans {
        estate,
        federation: shared.federation.lock().await.clone(),
        status: shared.governor.status(),
        record,
        lookout: shared.lookout.clone(),
        orders,
        stop,
        clock: Clock::default(),
        resumed,
    };
    let ((), is_left) = tokio::join!(engine::run_job(means, plan, events), listen);
    claim.filter(|_| is_left).into_iter().for_each(PlanClaim::give_back);
}

async fn run_changes(shared: Arc<Shared>, job: JobId, plan: Arc<ChangePlan>, stop: CancellationToken) {
    let Some(estate) = shared.estate().await else {
        return shared.end_job(job, not_connected("run a job")).await;
    };
    let record = match shared.scribe.open(Work::Changes(Arc::clone(&plan)), None).await {
        Ok(record) => record,
        Err(error) => return shared.end_job(job, error.into()).await,
    };
    shared.tell_journal(job, &record).await;
    let (events, mut told) = mpsc::channel(JOB_EVENTS);
    let listen = async {
        while let Some(event) = told.recv().await {
            shared.send(Msg::JobProgressed { job, event }).await;
        }
    };
    let means =
        ChangeMeans { estate, status: shared.governor.status(), record, stop, follow: FollowUp::CONSOLE };
    tokio::join!(engine::run_changes(means, plan, events), listen);
}

/// Passes on what the governor says, whenever it changes.
async fn watch_governor(shared: Arc<Shared>) {
    let mut status = shared.governor.status();
    while status.changed().await.is_ok() {
        let pressure = pressure(&status.borrow_and_update());
        if shared.messages.try_send(Msg::PressureChanged(pressure)).is_err() && shared.messages.is_closed() {
            return;
        }
    }
}

fn pressure(status: &GovernorStatus) -> Pressure {
    let cooling =
        status.cooling.iter().map(|(operation, until)| (operation.label().into(), *until)).collect();
    Pressure {
        in_flight: status.in_flight,
        waiting: status.waiting,
        cooling,
        throttled: status.throttled,
        servers: status.servers.iter().map(server_pressure).collect(),
    }
}

fn server_pressure(server: &ServerStatus) -> ServerPressure {
    let held = server.held.iter().map(|held| Held {
        what: held.operation.label().into(),
        until: held.until,
        told: held.told,
    });
    let rates = server.rates.iter().map(|rate| Rate {
        what: rate.operation.label().into(),
        calls: rate.calls,
        window: rate.window,
    });
    ServerPressure {
        server: server.server.clone(),
        breaker: match server.breaker {
            governor::Breaker::Closed => Breaker::Closed,
            governor::Breaker::HalfOpen => Breaker::HalfOpen,
            governor::Breaker::Open { until } => Breaker::Open { until },
        },
        failures: server.failures,
        limit: server.limit,
        most: server.most,
        in_flight: server.in_flight,
        waiting: server.waiting,
        held: held.collect(),
        rates: rates.collect(),
        throttled: server.throttled,
        failed: server.failed,
        unreached: server.unreached,
        told: server.told,
    }
}
