//! Reading a chunk again right before it leaves, and holding back who changed (`design.md section 4`, rule 3).

use std::time::Duration;

use super::{
    acquaint,
    outage::{Patience, outage},
    runner::Runner,
    send::Chunk,
};
use crate::{
    api::{Estate, ReadAgain},
    core::{
        bulk::{HoldReason, MAX_CHUNK, Plan, Target, changed_since},
        filter::Context,
    },
    domain::{Capabilities, Fault, FaultKind, Outcome, PodId, SessionId, SessionState, Support, Text, Verb},
    engine::pacing::{Break, never_left},
};

/// What the last question to a server that is away may take.
const GRACE: Duration = Duration::from_secs(5);

/// What becomes of targets while none of them can be read because the server is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// The job waits for the server, and in the end gives up: its targets stay unsent, to be gone on with later.
    Wait,
    /// They are left out, this time.
    Skip,
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
        let mut patience: Option<(Patience, Fault)> = None;
        let read = loop {
            let Some(read) = self.read_while(patience.as_ref(), &targets).await else {
                // The reading itself outlasted what was left of the patience.
                if let Some((_, fault)) = patience {
                    self.give_up_pod(chunk.pod.clone(), fault);
                }
                return Ok(Vec::new());
            };
            let read = match read {
                Ok(read) => read,
                Err(fault) if never_left(&fault) => return Err(Break::GaveUp(fault)),
                Err(fault) => return self.hold_all(places, &fault).await,
            };
            let Some(fault) = outage(&read, &targets) else { break read };
            if unread == Unread::Wait {
                let (mut left, _) = patience.take().unwrap_or_else(|| (self.watch.patience(), fault.clone()));
                let goes_on = self.wait_out(&fault, &mut left).await?;
                patience = Some((left, fault.clone()));
                if goes_on {
                    continue;
                }
            }
            if targets.iter().any(|(_, id)| !read.unread.contains_key(id)) {
                break read;
            }
            if unread == Unread::Wait {
                self.give_up_pod(chunk.pod.clone(), fault);
            }
            return Ok(Vec::new());
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

    /// Reads, but once a server is known to be away only until patience with it ends: then `None`.
    async fn read_while(
        &mut self,
        patience: Option<&(Patience, Fault)>,
        targets: &[(Option<PodId>, SessionId)],
    ) -> Option<Result<ReadAgain, Fault>> {
        let Some((patience, _)) = patience else { return Some(self.read_again(targets).await) };
        tokio::time::timeout_at(patience.end() + GRACE, self.read_again(targets)).await.ok()
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
    acquaint(estate, plan);
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
