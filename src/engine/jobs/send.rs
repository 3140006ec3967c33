//! Sending: chunks, the canary, pauses between chunks, and where a job stops by itself.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{orders::Woken, recheck::Unread, record::Throttled, runner::Runner};
use crate::{
    api::{Action, Errand, ItemAnswer, Operation},
    core::bulk::{JobEvent, Pace, Stage, template},
    domain::{Fault, FaultKind, Outcome, OutcomeKind, PodId, SessionId, Verb},
    engine::pacing::{Break, never_left},
};

/// After so many chunks in a row without an answer the job gives up on a pod: it is ill, and every further chunk would
/// only add to the targets of which nothing is known.
const UNANSWERED_IN_A_ROW: usize = 2;

/// Targets of one request, by their places in the plan.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The pod that hosts them, when it is another than the one that is asked.
    pub(super) pod: Option<PodId>,
    pub(super) places: Vec<usize>,
}

impl Chunk {
    /// The API that takes it.
    pub(super) fn operation(&self, verb: Verb) -> Operation {
        if self.pod.is_some() { Operation::global(verb) } else { Operation::of(verb) }
    }
}

impl Runner {
    /// Sends a verb to these targets: the canary first, and the rest when it was seen to have worked.
    pub(super) async fn deed(&mut self, verb: Verb, mut places: Vec<usize>) -> Result<(), Break> {
        let action = Action { verb, message: self.plan.message.clone().filter(|_| verb == Verb::Message) };
        let canary = self.pace().canary.of(places.len());
        if !self.canary_done && canary > 0 && canary < places.len() {
            let rest = places.split_off(canary);
            self.send(&action, places.clone()).await?;
            self.confirm(true).await?;
            self.judge_canary(&places)?;
            self.pause_between().await?;
            places = rest;
        }
        self.canary_done = true;
        self.send(&action, places).await
    }

    /// The pace as it is wished for now.
    pub(super) fn pace(&mut self) -> Pace {
        self.orders.now().pace.unwrap_or(self.plan.terms.pace)
    }

    /// Sends an action; a message whose text differs between targets goes in as many requests as there are texts.
    pub(super) async fn send(&mut self, action: &Action, places: Vec<usize>) -> Result<(), Break> {
        let Some(message) = action.message.as_ref().filter(|message| template::differs(&message.text)) else {
            return self.send_chunks(action, places).await;
        };
        for (message, places) in self.by_text(message, &places, None) {
            let action = Action { message: Some(message), ..action.clone() };
            self.send_chunks(&action, places).await?;
        }
        Ok(())
    }

    /// Sends an action in chunks. Each is for one pod; they are in the order of their first targets.
    async fn send_chunks(&mut self, action: &Action, mut places: Vec<usize>) -> Result<(), Break> {
        let mut first = true;
        while self.leaves_some(&mut places) {
            if !std::mem::take(&mut first) {
                self.pause_between().await?;
            }
            self.wait_while_paused().await?;
            let size = self.pace().chunk.clamp(1, self.estate.most_targets());
            let chunk = self.next_chunk(&mut places, size);
            self.send_chunk(action, chunk).await?;
            self.mind_the_stop_line()?;
        }
        Ok(())
    }

    /// Takes the next chunk out of the places that are left.
    pub(super) fn next_chunk(&self, places: &mut Vec<usize>, size: usize) -> Chunk {
        let pod_of = |place: &usize| self.plan.to_send.get(*place).and_then(|target| target.pod.clone());
        let pod = places.first().and_then(&pod_of);
        let mut chunk = Chunk { pod, places: Vec::new() };
        places.retain(|place| {
            let taken = chunk.places.len() < size && pod_of(place) == chunk.pod;
            if taken {
                chunk.places.push(*place);
            }
            !taken
        });
        chunk
    }

    /// Reads the chunk again, writes the intent down, sends it, and takes the answer.
    async fn send_chunk(&mut self, action: &Action, mut chunk: Chunk) -> Result<(), Break> {
        self.tell(JobEvent::Entered(Stage::Checking)).await?;
        chunk.places = self.recheck(action.verb, &chunk, Unread::Wait).await?;
        self.tell(JobEvent::Entered(Stage::Sending)).await?;
        if chunk.places.is_empty() {
            return Ok(());
        }
        let operation = chunk.operation(action.verb);
        // Before the chunk is said to be sent: a job that is stopped while it waits leaves the rest unsent.
        self.pacing.cool_down(operation).await?;
        self.record.intent(&chunk.places, action.verb.name()).await.map_err(Break::GaveUp)?;
        self.tell(JobEvent::Sent { targets: chunk.places.clone() }).await?;
        let targets = chunk.places.iter().filter_map(|place| self.plan.to_send.get(*place));
        let ids: Vec<SessionId> = targets.map(|target| target.session.id.clone()).collect();
        let sent_at = self.clock.now();
        let throttled = Arc::new(Throttled::new(&self.record, &chunk.places, action.verb));
        let answer = self.act(action, &chunk, ids, Errand::watched(Arc::clone(&throttled) as _)).await;
        let (outcomes, fault) = match answer {
            Ok(answers) => (answers.into_iter().map(Outcome::from).collect(), None),
            Err(fault) => (vec![outcome_of_call(&fault); chunk.places.len()], Some(fault)),
        };
        let outcomes: Vec<(usize, Outcome)> = chunk.places.iter().copied().zip(outcomes).collect();
        if action.verb == Verb::LogoffForced {
            self.forced.extend(&chunk.places);
        }
        self.expect(action.verb, &outcomes, sent_at);
        let verdict = self.verdict(&chunk, &outcomes, fault);
        self.settle(outcomes).await?;
        match throttled.unwritten() {
            Some(fault) => Err(Break::GaveUp(fault)),
            None => verdict,
        }
    }

    /// Sends one chunk, and tells when the server makes it wait.
    async fn act(
        &mut self,
        action: &Action,
        chunk: &Chunk,
        ids: Vec<SessionId>,
        errand: Errand,
    ) -> Result<Vec<ItemAnswer>, Fault> {
        let places = &chunk.places;
        self.ask(action, chunk.pod.as_ref(), ids, places, errand).await
    }

    /// The same for ids; `sent` are the places that count as sent when the call leaves once more.
    pub(super) async fn ask(
        &mut self,
        action: &Action,
        pod: Option<&PodId>,
        ids: Vec<SessionId>,
        sent: &[usize],
        errand: Errand,
    ) -> Result<Vec<ItemAnswer>, Fault> {
        let operation =
            if pod.is_some() { Operation::global(action.verb) } else { Operation::of(action.verb) };
        let (estate, stop) = (self.estate.clone(), self.pacing.stop.clone());
        let answer = async {
            match pod {
                None => estate.act(action, &ids, &stop).await,
                Some(pod) => {
                    let targets: Vec<_> = ids.into_iter().map(|id| (pod.clone(), id)).collect();
                    estate.act_on_pods(action, &targets, &stop).await
                }
            }
        };
        self.pacing.during(operation, sent, errand, answer).await
    }

    /// Looks out for what was accepted, when the plan asks for it.
    fn expect(&mut self, verb: Verb, outcomes: &[(usize, Outcome)], sent_at: Timestamp) {
        let Some(deadlines) = &self.deadlines else { return };
        let times = (sent_at, self.clock.now());
        for (place, outcome) in outcomes {
            if let (Outcome::Accepted, Some(target)) = (outcome, self.plan.to_send.get(*place)) {
                self.confirmer.expect(*place, target, verb, times, deadlines);
            }
        }
    }

    /// What the answer to a chunk means for the rest of the job.
    pub(super) fn verdict(
        &mut self,
        chunk: &Chunk,
        outcomes: &[(usize, Outcome)],
        fault: Option<Fault>,
    ) -> Result<(), Break> {
        // An answer without a word on any target is no better than none.
        let lost = outcomes.iter().find_map(|(_, outcome)| match outcome {
            Outcome::NoAnswer(fault) => Some(fault.clone()),
            _ => None,
        });
        let all_lost = outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::NoAnswer(_)));
        let standing = self.standings.entry(chunk.pod.clone()).or_default();
        standing.unanswered = if all_lost { standing.unanswered + 1 } else { 0 };
        let ill = standing.unanswered >= UNANSWERED_IN_A_ROW;
        match fault.or(lost) {
            Some(fault) if fault.kind == FaultKind::Cancelled => return Err(Break::Stopped),
            Some(fault) if ends_job(&fault) => return Err(Break::GaveUp(fault)),
            Some(fault) if ill || ends_pod(&fault) => self.give_up_pod(chunk.pod.clone(), fault),
            _ => {}
        }
        Ok(())
    }

    /// Sends nothing more to a pod: what is left for it stays unsent.
    pub(super) fn give_up_pod(&mut self, pod: Option<PodId>, fault: Fault) {
        self.standings.entry(pod).or_default().given_up = Some(fault.clone());
        self.given_up.get_or_insert(fault);
    }

    /// Whether nothing more is sent to the pod of a target.
    pub(super) fn is_given_up(&self, place: usize) -> bool {
        let pod = self.plan.to_send.get(place).map(|target| &target.pod);
        pod.and_then(|pod| self.standings.get(pod)).is_some_and(|standing| standing.given_up.is_some())
    }

    /// Leaves out those of pods that are given up: no pause is made for them. Whether there are others.
    pub(super) fn leaves_some(&self, places: &mut Vec<usize>) -> bool {
        places.retain(|place| !self.is_given_up(*place));
        !places.is_empty()
    }

    /// Waits between two chunks, as long as the pace says; another pace counts at once.
    pub(super) async fn pause_between(&mut self) -> Result<(), Break> {
        let began = self.clock.now();
        let mut told = None;
        loop {
            if self.orders.is_stopped() {
                return Err(Break::Stopped);
            }
            let pause = SignedDuration::from_secs(i64::from(self.pace().pause_seconds));
            let until = began.saturating_add(pause).unwrap_or(began);
            let left = Duration::try_from(until.duration_since(self.clock.now())).unwrap_or_default();
            if left.is_zero() {
                break;
            }
            if told != Some(until) {
                self.tell(JobEvent::Entered(Stage::Between { until })).await?;
                told = Some(until);
            }
            if self.orders.sleep(left).await? == Woken::ByTime {
                break;
            }
        }
        Ok(())
    }

    /// Waits while the operator wants nothing to leave.
    pub(super) async fn wait_while_paused(&mut self) -> Result<(), Break> {
        if self.orders.is_stopped() {
            return Err(Break::Stopped);
        }
        if !self.orders.now().paused {
            return Ok(());
        }
        self.tell(JobEvent::Entered(Stage::Paused)).await?;
        self.record.note("paused").await.map_err(Break::GaveUp)?;
        while self.orders.now().paused {
            self.orders.changed().await?;
        }
        self.record.note("resumed").await.map_err(Break::GaveUp)?;
        self.tell(JobEvent::Entered(Stage::Sending)).await
    }

    /// Goes on only when the canary was seen to have worked, or fewer than the stop line did not.
    fn judge_canary(&self, places: &[usize]) -> Result<(), Break> {
        let is_well = |place: &&usize| {
            self.job.outcomes.get(**place).is_some_and(|outcome| match outcome.kind() {
                // A locked session is what force is for; one that is still listed may be stuck, and so may the rest be.
                OutcomeKind::Refused => self.awaits_force(**place),
                // Held back by its guard or gone: says nothing against the rest.
                OutcomeKind::Confirmed | OutcomeKind::HeldBack | OutcomeKind::NotFound => true,
                // Nothing more is asked for, or can be known of a message.
                OutcomeKind::Accepted => self.deadlines.is_none() || self.plan.verb == Verb::Message,
                _ => false,
            })
        };
        if let Some(fault) =
            self.given_up.clone().filter(|_| places.iter().any(|place| self.is_given_up(*place)))
        {
            return Err(Break::GaveUp(fault));
        }
        let well = places.iter().filter(is_well).count();
        let percent = self.plan.terms.pace.stop_above_percent.unwrap_or(0);
        let bad = places.len() - well;
        if bad * 100 > places.len() * usize::from(percent) {
            let words = format!("not seen to have worked for {bad} of the first {}", places.len());
            return Err(Break::GaveUp(Fault::new(FaultKind::Local, "canary", words)));
        }
        Ok(())
    }

    /// Ends the job when too large a share of what is known failed.
    fn mind_the_stop_line(&mut self) -> Result<(), Break> {
        let pace = self.pace();
        let of_kinds = |picks: &dyn Fn(OutcomeKind) -> bool| {
            let outcomes = self.job.outcomes.iter().enumerate();
            // Whoever waits for force is neither done nor failed.
            outcomes.filter(|(place, outcome)| picks(outcome.kind()) && !self.awaits_force(*place)).count()
        };
        let failed = of_kinds(&|kind| {
            matches!(kind, OutcomeKind::Refused | OutcomeKind::NoAnswer | OutcomeKind::StillListed)
        });
        let settled = of_kinds(&|kind| {
            !matches!(kind, OutcomeKind::Unsent | OutcomeKind::Sent | OutcomeKind::HeldBack)
        });
        if pace.is_too_much(failed, settled) {
            let percent = pace.stop_above_percent.unwrap_or_default();
            let words = format!("{failed} of {settled} failed, more than {percent}%");
            return Err(Break::GaveUp(Fault::new(FaultKind::InvalidState, "stop line", words)));
        }
        Ok(())
    }
}

/// What a fault of the whole call means for each of its targets.
pub(super) fn outcome_of_call(fault: &Fault) -> Outcome {
    if fault.maybe_done {
        Outcome::NoAnswer(fault.clone())
    } else if never_left(fault) {
        Outcome::Unsent
    } else {
        Outcome::Refused(fault.clone())
    }
}

/// Whether every further chunk would meet the same fault, whatever pod it is for.
fn ends_job(fault: &Fault) -> bool {
    never_left(fault) && !fault.maybe_done && fault.kind != FaultKind::Throttled
}

/// Whether every further chunk for the same pod would: rights and rate limits are other ones for the local pod and the
/// federation.
fn ends_pod(fault: &Fault) -> bool {
    fault.kind == FaultKind::Throttled && !fault.maybe_done
        || fault.kind == FaultKind::InsufficientPermission
        || fault.kind == FaultKind::NotConfigured
}
