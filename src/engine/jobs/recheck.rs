//! Reading a chunk again right before it leaves, and holding back who changed (`design.md section 4`, rule 3).

use super::runner::Runner;
use crate::{
    api::{Estate, ReadAgain},
    core::{
        bulk::{HoldReason, MAX_CHUNK, Plan, Target, changed_since},
        filter::Context,
    },
    domain::{Capabilities, Fault, Outcome, PodId, SessionId, SessionState, Support, Text, Verb},
    engine::pacing::{Break, never_left},
};

impl Runner {
    /// Reads these targets again and settles those that must not be sent any more; returns the others.
    pub(super) async fn recheck(&mut self, verb: Verb, places: &[usize]) -> Result<Vec<usize>, Break> {
        let targets: Vec<(Option<PodId>, SessionId)> = places
            .iter()
            .filter_map(|place| self.plan.to_send.get(*place))
            .map(|target| (target.pod.clone(), target.session.id.clone()))
            .collect();
        let read = match self.read_again(&targets).await {
            Ok(read) => read,
            Err(fault) if never_left(&fault) => return Err(Break::GaveUp(fault)),
            Err(fault) => return self.hold_all(places, &fault).await,
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
                    Err(Fault::new(crate::domain::FaultKind::Cancelled, "read sessions again", "stopped"))
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
        return Some(match read.gone.contains(id) {
            true => HoldReason::Gone,
            false => HoldReason::NotChecked(why_unread(read.unread.get(id))),
        });
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
