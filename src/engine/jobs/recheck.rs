//! Reading a chunk again right before it leaves, and holding back who changed (`design.md section 4`, rule 3).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{orders::Woken, runner::Runner, send::Chunk};
use crate::{
    api::{Estate, ReadAgain},
    core::{
        bulk::{HoldReason, JobEvent, MAX_CHUNK, Plan, Stage, Target, changed_since},
        filter::Context,
    },
    domain::{Capabilities, Fault, FaultKind, Outcome, PodId, SessionId, SessionState, Support, Text, Verb},
    engine::pacing::{Break, never_left},
};

/// How many of the job's own reading intervals pass before targets are read once more that cannot be read: half a minute in
/// all. Who reads tries a few times by itself before.
const WAITS: [u32; 3] = [1, 2, 4];

/// The longest that a job waits at a time because it was told to.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// What is added to the time that was told: asked a moment too early, it would be in vain.
const MARGIN: Duration = Duration::from_millis(100);

/// What becomes of targets while none of them can be read because the server is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// The job waits for the server, and in the end gives up: its targets stay unsent, to be gone on with later.
    Wait,
    /// They are left out, this time.
    Skip,
}

/// Why targets could not be read, when that is nothing about them: it may pass. Right after an outage a few are read
/// before the others, as a probe.
fn outage(read: &ReadAgain, targets: &[(Option<PodId>, SessionId)]) -> Option<Fault> {
    let passes = |fault: &&Fault| {
        matches!(fault.kind, FaultKind::Unreachable | FaultKind::Throttled)
            || fault.status.is_some_and(|status| status >= 500)
    };
    targets.iter().filter_map(|(_, id)| read.unread.get(id)).find(passes).cloned()
}

impl Runner {
    /// Reads these targets again and settles those that must not be sent any more; returns the others. While none of them
    /// can be read they are left as they are, and nothing of them leaves: see [`Unread`].
    pub(super) async fn recheck(
        &mut self,
        verb: Verb,
        chunk: &Chunk,
        unread: Unread,
    ) -> Result<Vec<usize>, Break> {
        let places = &chunk.places;
        let targets: Vec<(Option<PodId>, SessionId)> = places
            .iter()
            .filter_map(|place| self.plan.to_send.get(*place))
            .map(|target| (target.pod.clone(), target.session.id.clone()))
            .collect();
        let mut waits = WAITS.iter();
        let read = loop {
            let read = match self.read_again(&targets).await {
                Ok(read) => read,
                Err(fault) if never_left(&fault) => return Err(Break::GaveUp(fault)),
                Err(fault) => return self.hold_all(places, &fault).await,
            };
            let Some(fault) = outage(&read, &targets) else { break read };
            let Some(times) = waits.next().filter(|_| unread == Unread::Wait) else {
                if targets.iter().any(|(_, id)| !read.unread.contains_key(id)) {
                    break read;
                }
                if unread == Unread::Wait {
                    self.give_up_pod(chunk.pod.clone(), fault);
                }
                return Ok(Vec::new());
            };
            let told = fault.retry_after.map(|told| told + MARGIN).unwrap_or_default();
            self.wait_out(&fault, told.max(self.watch.every() * *times).min(LONGEST_WAIT)).await?;
        };
        let capabilities = self.estate.capabilities();
        let mut held = Vec::new();
        let mut rest = Vec::with_capacity(places.len());
        for &place in places {
            let Some(target) = self.plan.to_send.get(place) else { continue };
            match objection(&self.plan, verb, target, &read, &capabilities) {
                Some(reason) => held.push((place, reason.outcome())),
                None => rest.push(place),
            }
        }
        self.settle(held).await?;
        Ok(rest)
    }

    /// Waits before the targets are read once more.
    async fn wait_out(&mut self, fault: &Fault, wait: Duration) -> Result<(), Break> {
        self.record.note(&format!("the targets cannot be read: {fault}")).await.map_err(Break::GaveUp)?;
        let span = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let until = self.clock.now().saturating_add(span).unwrap_or(Timestamp::MAX);
        self.tell(JobEvent::Entered(Stage::Between { until })).await?;
        let end = Instant::now() + wait;
        while self.orders.sleep(end.saturating_duration_since(Instant::now())).await? == Woken::ByWish {}
        self.tell(JobEvent::Entered(Stage::Checking)).await
    }

    /// Asks the server, but not for longer than the operator wants the job to go on. That the server makes it wait is told as
    /// for what is sent.
    pub(super) async fn read_again(
        &mut self,
        targets: &[(Option<PodId>, SessionId)],
    ) -> Result<ReadAgain, Fault> {
        let (estate, stop) = (self.estate.clone(), self.pacing.stop.clone());
        let reading = async {
            tokio::select! {
                biased;
                () = stop.cancelled() => {
                    Err(Fault::new(FaultKind::Cancelled, "read sessions again", "stopped"))
                }
                read = estate.read_again(targets) => read,
            }
        };
        // Large, and every step of a course has one.
        self.pacing.during_reading(Box::pin(reading)).await
    }

    async fn hold_all(&mut self, places: &[usize], fault: &Fault) -> Result<Vec<usize>, Break> {
        let reason = HoldReason::NotChecked(why_unread(Some(fault)));
        let held: Vec<(usize, Outcome)> = places.iter().map(|place| (*place, reason.outcome())).collect();
        self.settle(held).await?;
        Ok(Vec::new())
    }
}

/// Holds back in a plan whom a job would hold back if it began now: reads the targets again, and sends nothing.
///
/// # Errors
///
/// When nothing could be read at all: the plan stays as it is.
pub async fn weigh(estate: &Estate, plan: &mut Plan) -> Result<(), Fault> {
    let targets = |targets: &[Target]| -> Vec<_> {
        targets.iter().map(|target| (target.pod.clone(), target.session.id.clone())).collect()
    };
    let capabilities = estate.capabilities();
    let mut held = Vec::new();
    for chunk in plan.to_send.chunks(MAX_CHUNK) {
        let read = estate.read_again(&targets(chunk)).await?;
        held.extend(chunk.iter().map(|target| objection(plan, plan.verb, target, &read, &capabilities)));
    }
    plan.hold_back(held);
    Ok(())
}

/// Why a target must be held back as it was read now.
fn objection(
    plan: &Plan,
    verb: Verb,
    target: &Target,
    read: &ReadAgain,
    capabilities: &Capabilities,
) -> Option<HoldReason> {
    let id = &target.session.id;
    let Some(now) = read.found.get(id) else {
        let unread = || HoldReason::NotChecked(why_unread(read.unread.get(id)));
        return Some(if read.gone.contains(id) { HoldReason::Gone } else { unread() });
    };
    if let Some(reason) = changed_since(verb, &target.session, now) {
        return Some(reason);
    }
    if verb == Verb::Disconnect && now.state == Some(SessionState::Disconnected) {
        return Some(HoldReason::AlreadyDisconnected);
    }
    if let Support::No(reason) = capabilities.supports(verb, now) {
        return Some(HoldReason::NotLegal(reason));
    }
    let context = Context { capabilities: Some(capabilities), ..Context::at(read.as_of) };
    plan.terms.guard.as_ref().and_then(|guard| guard.objection(now, &context))
}

fn why_unread(fault: Option<&Fault>) -> Text {
    fault.map_or_else(|| Text::clean("the server does not say"), |fault| Text::clean(&fault.to_string()))
}
