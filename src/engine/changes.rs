//! Carrying out plans of changes: one outcome for each change.
//!
//! Changes of the same kind that follow each other travel together, as many as the server takes in one call. What was
//! sent is then looked at: what is seen to have happened is "confirmed", the rest stays what the server said. A call
//! without a usable answer is "no answer", never "failed", and is never sent again here.

mod cloud;
mod look;
mod servers;
mod settle;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::look::Looked;
pub use self::settle::{EarlierChanges, settle};
use super::{
    governor::GovernorStatus,
    jobs::JobRecord,
    pacing::{Break, Pacing, never_left},
};
use crate::{
    api::{ChangeAnswer, CreatedId, Errand, Estate, ItemAnswer, Operation},
    core::{
        bulk::{Evidence, JobEvent},
        change::{ChangeItem, ChangePlan},
    },
    domain::{Change, Fault, FaultKind, Outcome, PlanId, Text, WireKind},
};

/// After so many calls in a row without an answer the job gives up: the server is ill, and every further call would
/// only add to what is not known.
const UNANSWERED_IN_A_ROW: usize = 2;

/// Between what is known of a call without an answer and what was found when it was looked for.
const LOOKED: &str = "; looked for: ";

/// What a job of changes needs beside its plan.
#[derive(Debug, Clone)]
pub struct ChangeMeans {
    /// Where the requests go.
    pub estate: Estate,
    /// What the governor says, so that a job can tell why it waits.
    pub status: watch::Receiver<GovernorStatus>,
    /// Where intents and outcomes are written.
    pub record: Arc<dyn JobRecord>,
    /// Keeps further requests from leaving; the one that is out is waited for.
    pub stop: CancellationToken,
    /// How long it follows what takes its time.
    pub follow: FollowUp,
}

/// How what was taken and takes its time, the reboot of a server, is followed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowUp {
    /// Between two looks.
    pub every: Duration,
    /// For how long in all; nothing is followed when it is zero.
    pub at_most: Duration,
}

impl FollowUp {
    /// Nothing is followed: one look is all.
    pub const NONE: Self = Self { every: Duration::ZERO, at_most: Duration::ZERO };
    /// As the console does it: machines are back within minutes, or somebody has to look after them.
    pub const CONSOLE: Self = Self { every: Duration::from_secs(5), at_most: Duration::from_mins(10) };

    /// How long is waited for it to begin. What was never seen to begin is never seen to be over.
    const TO_BEGIN: Duration = Duration::from_mins(1);
}

/// Whom a job of changes asks: the estate, or a script in tests.
trait Server: Send + Sync {
    /// See [`Estate::change`].
    fn change(
        &self,
        changes: &[&Change],
        stop: &CancellationToken,
    ) -> impl Future<Output = Result<Vec<ChangeAnswer>, Fault>> + Send;

    /// The ids of everything among which something new will be looked for, read before it is created; `None` when they
    /// could not all be read.
    fn before(&self, changes: &[&Change]) -> impl Future<Output = Option<BTreeSet<String>>> + Send;

    /// Why changes must not leave any more, for each, by what is there now.
    fn obstacles(&self, changes: &[&Change])
    -> impl Future<Output = Result<Vec<Option<Text>>, Fault>> + Send;

    /// Looks whether changes have happened, as cheaply as their kind allows: an answer for each. Without `late` those
    /// that need everything below the streams to be read are left open. What is `taken` came of other changes: each
    /// thing that is seen confirms one change only.
    fn look(
        &self,
        sent: &[Sent<'_>],
        taken: &BTreeSet<String>,
        late: bool,
    ) -> impl Future<Output = Vec<Looked>> + Send;
}

/// A change that was sent.
#[derive(Debug, Clone, Copy)]
struct Sent<'a> {
    change: &'a Change,
    created: Option<&'a CreatedId>,
    /// What was there before it was sent, where that is known.
    before: Option<&'a BTreeSet<String>>,
    /// When it was sent, by this machine's clock; not before that.
    at: Option<Timestamp>,
    /// Whether an earlier run sent it, so that nothing tells what was there before: what is exactly as it was wanted is
    /// what it was to bring about.
    settling: bool,
    /// Whether it was seen to be happening.
    begun: bool,
}

impl Server for Estate {
    async fn change(
        &self,
        changes: &[&Change],
        stop: &CancellationToken,
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        if changes.iter().any(|change| cloud::has(change)) {
            return cloud::change(self, changes, stop).await;
        }
        Self::change(self, changes, stop).await
    }

    async fn obstacles(&self, changes: &[&Change]) -> Result<Vec<Option<Text>>, Fault> {
        servers::obstacles(self, changes).await
    }

    async fn before(&self, changes: &[&Change]) -> Option<BTreeSet<String>> {
        if changes.iter().any(|change| cloud::has(change)) {
            return cloud::before(self).await;
        }
        look::before(self, changes).await
    }

    async fn look(&self, sent: &[Sent<'_>], taken: &BTreeSet<String>, late: bool) -> Vec<Looked> {
        if sent.iter().any(|sent| cloud::has(sent.change)) {
            return cloud::look(self, sent, taken, late).await;
        }
        look::at(self, sent, taken, late).await
    }
}

/// Sends the changes of a plan and tells what becomes of each, ending with [`JobEvent::Finished`].
///
/// When the receiver of the events is gone the job ends as if it had been stopped.
pub async fn run(means: ChangeMeans, plan: Arc<ChangePlan>, events: mpsc::Sender<JobEvent>) {
    let ChangeMeans { estate, status, record, stop, follow } = means;
    // The reading before and after makes it large.
    Box::pin(run_on(&estate, Pacing { status, stop, events }, record, &plan, follow)).await;
}

async fn run_on(
    server: &impl Server,
    pacing: Pacing,
    record: Arc<dyn JobRecord>,
    plan: &ChangePlan,
    follow: FollowUp,
) {
    let mut job = Carrying::of(server, pacing, record, plan);
    let ended = job.send_all().await;
    job.see_through(follow).await;
    job.look_late().await;
    job.end(&plan.id, ended).await;
}

/// A plan on its way.
struct Carrying<'a, S> {
    server: &'a S,
    pacing: Pacing,
    record: Arc<dyn JobRecord>,
    items: &'a [ChangeItem],
    outcomes: Vec<Outcome>,
    created: Vec<Option<CreatedId>>,
    /// What was there before something new was sent.
    before: Vec<Option<Arc<BTreeSet<String>>>>,
    /// When each was sent.
    sent_at: Vec<Option<Timestamp>>,
    /// Whether it was looked for after it had been accepted, and was not there.
    missing: Vec<bool>,
    /// Whether it was seen to be happening.
    begun: Vec<bool>,
    /// Whether it only looks at what an earlier run sent.
    settling: bool,
}

impl<'a, S: Server> Carrying<'a, S> {
    /// A plan of which nothing has left yet.
    fn of(server: &'a S, pacing: Pacing, record: Arc<dyn JobRecord>, plan: &'a ChangePlan) -> Self {
        Self {
            server,
            pacing,
            record,
            items: &plan.items,
            outcomes: vec![Outcome::Unsent; plan.items.len()],
            created: vec![None; plan.items.len()],
            before: vec![None; plan.items.len()],
            sent_at: vec![None; plan.items.len()],
            missing: vec![false; plan.items.len()],
            begun: vec![false; plan.items.len()],
            settling: false,
        }
    }

    /// The last word: on disk, and to whoever listens.
    async fn end(self, plan: &PlanId, ended: Result<(), Break>) {
        let (stopped, fault) = match &ended {
            Ok(()) => (false, None),
            Err(Break::Stopped) => (true, None),
            Err(Break::GaveUp(fault)) => (false, Some(fault)),
        };
        if let Err(fault) = self.record.closed(stopped, fault).await {
            tracing::error!(%plan, %fault, "the end of a job could not be written down");
        }
        self.pacing.finish(plan, ended).await;
    }

    async fn send_all(&mut self) -> Result<(), Break> {
        let mut unanswered = 0;
        let mut next = 0;
        while let Some(item) = self.items.get(next) {
            if let Some(reason) = self.obstacle(item, next) {
                self.settle(vec![(next, Outcome::HeldBack(reason))]).await?;
                next += 1;
                continue;
            }
            let places: Vec<usize> = (next..next + self.together(next)).collect();
            next += places.len();
            let places = self.still_wanted(places).await?;
            if places.is_empty() {
                continue;
            }
            let fault = self.send(item, &places).await?;
            let all_lost = places.iter().all(|place| self.is(*place, |o| matches!(o, Outcome::NoAnswer(_))));
            unanswered = if all_lost { unanswered + 1 } else { 0 };
            match fault {
                Some(fault) if fault.kind == FaultKind::Cancelled => return Err(Break::Stopped),
                Some(fault) if ends_job(&fault) || unanswered >= UNANSWERED_IN_A_ROW => {
                    return Err(Break::GaveUp(fault));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Why a change must not be sent: the one before it was not seen to have happened.
    fn obstacle(&self, item: &ChangeItem, place: usize) -> Option<Text> {
        let before = item.after?;
        let words = match self.outcomes.get(before) {
            _ if before >= place => "not sent: it was to follow a change that comes later",
            Some(Outcome::Accepted) if self.missing.get(before) == Some(&true) => {
                "not sent: the change before it was accepted, but is not to be seen"
            }
            Some(Outcome::Accepted) => "not sent: the new one was accepted but could not be looked at",
            Some(Outcome::Confirmed) => return None,
            Some(Outcome::NoAnswer(_)) => "not sent: whether the change before it worked is not known",
            _ => "not sent: the change before it did not work",
        };
        Some(Text::clean(words))
    }

    /// Holds back what must not leave as things are now; the places of the rest.
    async fn still_wanted(&mut self, places: Vec<usize>) -> Result<Vec<usize>, Break> {
        let items = self.items;
        let changes: Vec<&Change> =
            places.iter().filter_map(|place| items.get(*place)).map(|item| &item.change).collect();
        let stop = self.pacing.stop.clone();
        let read = stop.run_until_cancelled(self.server.obstacles(&changes)).await.ok_or(Break::Stopped)?;
        let mut held = Vec::new();
        let mut wanted = Vec::with_capacity(places.len());
        for (place, obstacle) in places.into_iter().zip(read.map_err(Break::GaveUp)?) {
            match obstacle {
                Some(reason) => held.push((place, Outcome::HeldBack(reason))),
                None => wanted.push(place),
            }
        }
        if !held.is_empty() {
            self.settle(held).await?;
        }
        Ok(wanted)
    }

    /// How many changes from this place on travel in one call.
    fn together(&self, first: usize) -> usize {
        let Some(kind) = self.items.get(first).map(|item| item.change.kind()) else {
            return 0;
        };
        let fits = |(place, item): &(usize, &ChangeItem)| {
            item.change.kind() == kind
                // One that waits for another of the same call would not have waited.
                && item.after.is_none_or(|before| before < first && self.obstacle(item, *place).is_none())
        };
        let rest = self.items.iter().enumerate().skip(first + 1);
        let count = 1 + rest.take(Estate::most_changes(kind).saturating_sub(1)).take_while(fits).count();
        let changes = self.items.iter().skip(first).take(count).map(|item| &item.change);
        if kind.wire() == WireKind::Workspace { cloud::together(changes) } else { count }
    }

    /// Sends changes in one call and looks whether they have happened. Returns the fault if there was none to show for.
    async fn send(&mut self, first: &ChangeItem, places: &[usize]) -> Result<Option<Fault>, Break> {
        let operation = Operation::of_change(first.change.kind());
        self.look_before(places).await?;
        // Before they are said to be sent: a job that is stopped while it waits leaves the rest unsent.
        self.pacing.cool_down(operation).await?;
        self.record.intent(places, first.change.kind().name()).await.map_err(Break::GaveUp)?;
        self.pacing.tell(JobEvent::Sent { targets: places.to_vec() }).await?;
        self.sent_now(places, Timestamp::now());
        let items = self.items;
        let changes: Vec<&Change> =
            places.iter().filter_map(|place| items.get(*place)).map(|item| &item.change).collect();
        let stop = self.pacing.stop.clone();
        let answer = self
            .pacing
            .during(operation, places, Errand::default(), self.server.change(&changes, &stop))
            .await;
        let (answers, fault) = match answer {
            Ok(answers) => (self.take(places, answers), None),
            Err(fault) => {
                let outcome = outcome_of_call(&fault, places.len());
                (places.iter().map(|place| (*place, outcome.clone())).collect(), Some(fault))
            }
        };
        let lost = answers.iter().find_map(|(_, outcome)| match outcome {
            Outcome::NoAnswer(fault) => Some(fault.clone()),
            _ => None,
        });
        self.settle(answers).await?;
        self.tell_created(places).await?;
        self.look(places, false).await?;
        Ok(fault.or(lost))
    }

    fn sent_now(&mut self, places: &[usize], now: Timestamp) {
        for place in places {
            if let Some(slot) = self.sent_at.get_mut(*place) {
                *slot = Some(now);
            }
        }
    }

    /// Writes down and tells the ids of what was created.
    async fn tell_created(&self, places: &[usize]) -> Result<(), Break> {
        let ids: Vec<(usize, String)> = places
            .iter()
            .filter_map(|place| Some((*place, self.created.get(*place)?.as_ref()?.0.clone())))
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let written = self.record.created(&ids).await;
        self.pacing.tell(JobEvent::Created { ids }).await?;
        written.map_err(Break::GaveUp)
    }

    /// Takes what the server said of each; of those that it left out nothing is known.
    fn take(&mut self, places: &[usize], answers: Vec<ChangeAnswer>) -> Vec<(usize, Outcome)> {
        let mut answers = answers.into_iter();
        let mut outcomes = Vec::with_capacity(places.len());
        for place in places {
            let answer = answers.next().unwrap_or_else(|| {
                let words = "the server said nothing about this one";
                let fault = Fault::new(FaultKind::BadAnswer, "change", words);
                ChangeAnswer {
                    answer: ItemAnswer::NoAnswer(Fault { maybe_done: true, ..fault }),
                    created: None,
                }
            });
            let before = self.before.get(*place).and_then(Option::as_ref);
            if let Some(created) = self.created.get_mut(*place) {
                // The wire may have found the id by the name: what was there before is not what was created.
                *created = answer.created.filter(|id| !before.is_some_and(|before| before.contains(&id.0)));
            }
            outcomes.push((*place, Outcome::from(answer.answer)));
        }
        outcomes
    }

    async fn settle(&mut self, outcomes: Vec<(usize, Outcome)>) -> Result<(), Break> {
        for (place, outcome) in &outcomes {
            if let Some(slot) = self.outcomes.get_mut(*place) {
                *slot = outcome.clone();
            }
        }
        // What cannot be written is told all the same, and ends the job.
        let written = self.record.outcomes(&outcomes).await;
        self.pacing.tell(JobEvent::Settled { outcomes }).await?;
        written.map_err(Break::GaveUp)
    }

    fn is(&self, place: usize, test: impl Fn(&Outcome) -> bool) -> bool {
        self.outcomes.get(place).is_some_and(test)
    }

    /// Notes what is there before something new is sent, so that it cannot be taken for the new one.
    async fn look_before(&mut self, places: &[usize]) -> Result<(), Break> {
        let items = self.items;
        let changes: Vec<&Change> =
            places.iter().filter_map(|place| items.get(*place)).map(|item| &item.change).collect();
        if !changes.iter().any(|change| look::is_creation(change)) {
            return Ok(());
        }
        let stop = self.pacing.stop.clone();
        let Some(before) = stop.run_until_cancelled(self.server.before(&changes)).await else {
            return Err(Break::Stopped);
        };
        let before = before.map(Arc::new);
        for place in places {
            if let Some(slot) = self.before.get_mut(*place) {
                slot.clone_from(&before);
            }
        }
        Ok(())
    }

    /// Looks whether changes that were taken, or that got no answer, have happened.
    async fn look(&mut self, places: &[usize], late: bool) -> Result<(), Break> {
        let open = |outcome: &Outcome| matches!(outcome, Outcome::Accepted | Outcome::NoAnswer(_));
        let places: Vec<usize> = places.iter().copied().filter(|place| self.is(*place, open)).collect();
        let items = self.items;
        let sent: Vec<Sent<'_>> = places
            .iter()
            .filter_map(|place| {
                let created = self.created.get(*place).and_then(Option::as_ref);
                let before = self.before.get(*place).and_then(Option::as_deref);
                let change = &items.get(*place)?.change;
                let at = self.sent_at.get(*place).copied().flatten();
                let begun = self.begun.get(*place).copied().unwrap_or_default();
                Some(Sent { change, created, before, at, settling: self.settling, begun })
            })
            .collect();
        if sent.is_empty() {
            return Ok(());
        }
        let taken: BTreeSet<String> = self.created.iter().flatten().map(|id| id.0.clone()).collect();
        let stop = self.pacing.stop.clone();
        let looked = tokio::select! {
            biased;
            // What was sent stays what the server said of it.
            () = stop.cancelled() => return Ok(()),
            looked = self.server.look(&sent, &taken, late) => looked,
        };
        let (mut seen, mut found) = (Vec::new(), Vec::new());
        for (place, looked) in places.into_iter().zip(looked) {
            match looked {
                Looked::Done => seen.push((place, Outcome::Confirmed)),
                Looked::Found(id) => {
                    if let Some(slot) = self.created.get_mut(place) {
                        *slot = Some(id);
                    }
                    found.push(place);
                    seen.push((place, Outcome::Confirmed));
                }
                Looked::Doubt(words) => {
                    seen.extend(self.in_doubt(place, &words).map(|outcome| (place, outcome)));
                }
                Looked::NotDone => {
                    if let Some(missing) = self.missing.get_mut(place) {
                        *missing = true;
                    }
                }
                Looked::UnderWay => {
                    if let Some(begun) = self.begun.get_mut(place) {
                        *begun = true;
                    }
                }
                Looked::Unknown => {}
            }
        }
        if !found.is_empty() {
            let rest_on: Vec<_> = found.iter().map(|place| (*place, Evidence::NamedSince)).collect();
            let written = self.record.evidence(&rest_on).await;
            self.pacing.tell(JobEvent::Evidence { found: rest_on }).await?;
            written.map_err(Break::GaveUp)?;
            self.tell_created(&found).await?;
        }
        if seen.is_empty() { Ok(()) } else { self.settle(seen).await }
    }

    /// Looks again and again at what takes its time, until it is over or nobody waits longer.
    async fn see_through(&mut self, follow: FollowUp) {
        let began = Instant::now();
        while began.elapsed() < follow.at_most {
            let still = began.elapsed() < FollowUp::TO_BEGIN;
            let places: Vec<usize> = (0..self.items.len())
                .filter(|place| {
                    let is_reboot = |item: &ChangeItem| takes_its_time(&item.change);
                    self.is(*place, |outcome| matches!(outcome, Outcome::Accepted | Outcome::NoAnswer(_)))
                        && self.items.get(*place).is_some_and(is_reboot)
                        && (still || self.begun.get(*place) == Some(&true))
                })
                .collect();
            if places.is_empty() {
                return;
            }
            let stop = self.pacing.stop.clone();
            let slept = stop.run_until_cancelled(tokio::time::sleep(follow.every)).await;
            // Stopped, or nobody listens any more: then it stays what the server said.
            if slept.is_none() || self.look(&places, false).await.is_err() {
                return;
            }
        }
    }

    /// The outcome of what got no answer, with what a look for it showed; none where there is nothing to add.
    fn in_doubt(&self, place: usize, words: &Text) -> Option<Outcome> {
        let Outcome::NoAnswer(fault) = self.outcomes.get(place)? else { return None };
        let told = fault.message.as_str();
        // Of several looks the last one counts.
        let told = told.split_once(LOOKED).map_or(told, |(before, _)| before);
        let message = Text::clean(&format!("{told}{LOOKED}{words}"));
        Some(Outcome::NoAnswer(Fault { message, ..fault.clone() }))
    }

    /// Looks at the end at what one answer shows for all of them.
    async fn look_late(&mut self) {
        let all: Vec<usize> = (0..self.items.len()).collect();
        // Nobody listens any more, or somebody wants it to end: then it stays what the server said.
        drop(self.look(&all, true).await);
    }
}

/// Whether what is asked for takes minutes although it is taken at once.
fn takes_its_time(change: &Change) -> bool {
    matches!(change, Change::OrderServer { order, .. } if order.maintenance().is_none())
}

/// What a fault of the whole call means for each of its changes.
fn outcome_of_call(fault: &Fault, changes: usize) -> Outcome {
    if fault.maybe_done {
        Outcome::NoAnswer(fault.clone())
    } else if never_left(fault) {
        Outcome::Unsent
    } else if fault.kind == FaultKind::EntityNotFound && changes == 1 {
        Outcome::NotFound(fault.clone())
    } else {
        Outcome::Refused(fault.clone())
    }
}

/// Whether every further call would meet the same fault.
fn ends_job(fault: &Fault) -> bool {
    never_left(fault) && !fault.maybe_done || fault.kind == FaultKind::InsufficientPermission
}
