//! Jobs: sending a plan's targets in chunks, one outcome for each.
//!
//! ```text
//!  run ─┬─ verify    an earlier run: reads what has no answer before anything is sent
//!       ├─ course    warn, wait, log off, force: which deed comes when
//!       ├─ message   what a course says, to whom, in which words
//!       └─ send      chunks: canary, pauses, the stop line, pods that are given up
//!            ├─ recheck   reads the chunk again and holds back who changed (outage: waits a minute for a server)
//!            ├─ record    intent on disk before the request, outcomes after it
//!            └─ confirm   looks out for what was accepted (watch: lists and events, whoever read them)
//! ```
//!
//! A chunk that got no usable answer is "no answer", never "failed", and is never sent again here. The core folds the
//! [`JobEvent`]s into the job's state; headless commands read the same ones.
//!
//! Targets on other pods of a federation take a path of their own, one pod in a request (`method-map.md`, S2): what goes
//! wrong with a pod concerns its targets only.

mod confirm;
mod course;
mod message;
mod orders;
mod outage;
mod recheck;
mod record;
mod runner;
mod send;
mod verify;
mod watch;

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch as channel};
use tokio_util::sync::CancellationToken;

use self::runner::Runner;
pub use self::{
    recheck::weigh,
    record::{JobRecord, NoRecord},
    watch::{Lookout, Sighting},
};
use super::governor::GovernorStatus;
use crate::{
    api::Estate,
    core::bulk::{
        JobEvent, Orders, Plan,
        journal::{CourseSoFar, Recovered},
    },
    domain::{Federation, Outcome},
};

/// What a job needs beside its plan.
#[derive(Debug, Clone)]
pub struct JobMeans {
    /// Where the requests go.
    pub estate: Estate,
    /// The pods, when the estate is a federation.
    pub federation: Option<Arc<Federation>>,
    /// What the governor says, so that a job can tell why it waits.
    pub status: channel::Receiver<GovernorStatus>,
    /// Where intents and outcomes are written.
    pub record: Arc<dyn JobRecord>,
    /// Where others tell what they read, so that nothing is read twice.
    pub lookout: Lookout,
    /// What the operator wants of it.
    pub orders: channel::Receiver<Orders>,
    /// Keeps further requests from leaving; the one that is out is waited for.
    pub stop: CancellationToken,
    /// What time it is.
    pub clock: Clock,
    /// The earlier run, when this one goes on with it.
    pub resumed: Option<EarlierRun>,
}

/// How long a server may take to carry out what it did not answer: a list that is read sooner proves nothing.
pub const SETTLING: SignedDuration = SignedDuration::from_secs(30);

/// What an earlier run of the same job left behind. What is settled is left alone, and what has no answer is read before
/// anything is sent.
#[derive(Debug, Clone)]
pub struct EarlierRun {
    /// What became of the targets, by place.
    pub outcomes: Vec<Outcome>,
    /// No request left later than this.
    pub last_request_at: Timestamp,
    /// How long after that what has no answer is read: [`SETTLING`], but in tests.
    pub settling: SignedDuration,
    /// How far its course came: that goes on where it was.
    pub course: CourseSoFar,
}

impl EarlierRun {
    /// What a journal tells of it.
    pub fn of(recovered: &Recovered, settling: SignedDuration) -> Self {
        Self {
            outcomes: recovered.outcomes(),
            last_request_at: recovered.last_request_at(),
            settling,
            course: recovered.course.clone(),
        }
    }
}

/// What time it is: the machine's clock, or one that a test sets.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that shows what this says.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Timestamp::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Clock({})", self.now())
    }
}

impl JobMeans {
    /// What every job needs; it keeps no record, reads for itself, and nobody wishes anything of it but its end.
    pub fn new(estate: Estate, status: channel::Receiver<GovernorStatus>, stop: CancellationToken) -> Self {
        let (_, orders) = channel::channel(Orders::default());
        Self {
            estate,
            federation: None,
            status,
            record: Arc::new(NoRecord),
            lookout: Lookout::default(),
            orders,
            stop,
            clock: Clock::default(),
            resumed: None,
        }
    }
}

/// Sends a plan's targets and tells what becomes of each, ending with [`JobEvent::Finished`].
///
/// When the receiver of the events is gone the job ends as if it had been stopped.
pub async fn run(means: JobMeans, plan: Arc<Plan>, events: mpsc::Sender<JobEvent>) {
    acquaint(&means.estate, &plan);
    let mut runner = Runner::new(means, Arc::clone(&plan), events);
    let ended = runner.run().await;
    runner.finish(ended).await;
}

/// Tells the estate of whom a plan knows, before they are read.
fn acquaint(estate: &Estate, plan: &Plan) {
    // A plan that was saved, or a job that was left, is older than the window of this run's lists: nobody may seem to have
    // ended only because the window begins later now.
    let began = plan.to_send.iter().filter_map(|target| target.session.started_at).min();
    if let Some(since) = began.and_then(|began| began.checked_sub(SignedDuration::from_mins(1)).ok()) {
        estate.list_sessions_since(since);
    }
    estate.remember_sessions(plan.to_send.iter().map(|target| &target.session));
}
