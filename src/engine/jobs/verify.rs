//! Going on with an earlier run: what has no answer is read before anything is sent (`design.md section 4`, rules 4 and 6).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{EarlierRun, orders::Woken, runner::Runner};
use crate::{
    api::ReadAgain,
    core::bulk::{Deadlines, Evidence, Finding, HoldReason, JobEvent, Stage, Target, changed_since},
    domain::{Fault, FaultKind, Outcome, OutcomeKind, PodId, Session, SessionId, SessionState, Verb},
    engine::pacing::Break,
};

/// So many are read together: what is known of them is on disk before the next ones are read.
const TOGETHER: usize = 250;

impl Runner {
    /// Reads what became of the targets that an earlier run left without an answer. Those of which the server shows that
    /// nothing was done, and that may be sent again, become unsent; of the others what was seen is the outcome, or still
    /// nothing is known of them.
    pub(super) async fn verify_unknown(&mut self, earlier: &EarlierRun) -> Result<(), Break> {
        let unknown = self.places_where(is_unknown);
        if unknown.is_empty() {
            return Ok(());
        }
        self.tell(JobEvent::Entered(Stage::Checking)).await?;
        self.let_it_settle(earlier).await?;
        for places in unknown.chunks(TOGETHER) {
            let read = self.read_places(places).await?;
            let (mut outcomes, mut evidence) = (Vec::new(), Vec::new());
            for &place in places {
                let Some(target) = self.plan.to_send.get(place) else { continue };
                let known = self.job.outcomes.get(place);
                let shown = seen(self.plan.verb, target, &read);
                if let Shown::Done(known_by) = shown {
                    evidence.push((place, known_by));
                }
                // It was logged off politely and is still there: force is next, not another polite one.
                let outcome = if shown == Shown::NotDone && self.so_far.forced.contains(&place) {
                    Outcome::StillListed
                } else {
                    shown.outcome(known)
                };
                if known != Some(&outcome) {
                    outcomes.push((place, outcome));
                }
            }
            self.rests_on(evidence).await?;
            self.settle(outcomes).await?;
        }
        self.tell(JobEvent::Entered(Stage::Sending)).await
    }

    /// Reads those whose request an earlier run saw taken, and not done: who ended since is confirmed. Whoever is there
    /// after the time for it is still listed; before that he is looked out for, where the job was to wait.
    pub(super) async fn look_at_accepted(&mut self, earlier: &EarlierRun) -> Result<(), Break> {
        // Of a pop-up nothing remains that could be read.
        if self.plan.verb == Verb::Message {
            return Ok(());
        }
        let (sent_at, verb) = (earlier.last_request_at, self.plan.verb);
        let deadlines = self.deadlines.unwrap_or_default();
        let until = sent_at.saturating_add(deadlines.of(verb)).unwrap_or(Timestamp::MAX);
        let open = self.places_where(|outcome| *outcome == Outcome::Accepted);
        if open.is_empty() {
            return Ok(());
        }
        self.tell(JobEvent::Entered(Stage::Checking)).await?;
        let waits = self.deadlines.is_some();
        self.look_at(&open, verb, (sent_at, until), waits).await?;
        self.tell(JobEvent::Entered(Stage::Sending)).await
    }

    /// Reads those that an earlier run logged off, and that were not seen to have ended by then. When the time for force
    /// has come, whoever is still there is still listed; until then they are looked out for.
    pub(super) async fn look_after_logoff(&mut self, force_at: Timestamp) -> Result<(), Break> {
        let Some(sent_at) = self.so_far.logoff_at else { return Ok(()) };
        let waiting: BTreeSet<usize> = self.confirmer.places().collect();
        let mut open = self.places_where(|outcome| *outcome == Outcome::Accepted);
        open.retain(|place| !waiting.contains(place) && !self.forced.contains(place));
        self.look_at(&open, Verb::Logoff, (sent_at, force_at), true).await
    }

    /// Reads these, whose request was taken, and says of each what is seen; those still there are looked out for `until`
    /// their time is over, when the job `waits`.
    async fn look_at(
        &mut self,
        open: &[usize],
        verb: Verb,
        (sent_at, until): (Timestamp, Timestamp),
        waits: bool,
    ) -> Result<(), Break> {
        for places in open.chunks(TOGETHER) {
            let read = self.read_places(places).await?;
            let now = self.clock.now();
            let left = u32::try_from(until.duration_since(now).as_secs().max(0)).unwrap_or(u32::MAX);
            let mut findings = Vec::new();
            for &place in places {
                let Some(target) = self.plan.to_send.get(place) else { continue };
                let (outcome, evidence) = match seen(verb, target, &read) {
                    Shown::Done(evidence) => (Outcome::Confirmed, evidence),
                    Shown::NotDone if left == 0 => (Outcome::StillListed, Evidence::Listed),
                    Shown::NotDone if waits => {
                        let deadlines = Deadlines::all(left);
                        self.confirmer.expect(place, target, verb, (sent_at, now), &deadlines);
                        continue;
                    }
                    Shown::NotDone | Shown::Nothing(_) => continue,
                };
                findings.push(Finding { place, outcome, evidence });
            }
            self.found(findings).await?;
        }
        Ok(())
    }

    async fn read_places(&mut self, places: &[usize]) -> Result<ReadAgain, Break> {
        let targets = places.iter().filter_map(|place| self.plan.to_send.get(*place));
        let targets: Vec<(Option<PodId>, SessionId)> =
            targets.map(|target| (target.pod.clone(), target.session.id.clone())).collect();
        self.read_again(&targets).await.map_err(|fault| match fault.kind {
            FaultKind::Cancelled => Break::Stopped,
            _ => Break::GaveUp(fault),
        })
    }

    /// Waits until the server had time for the last request of the earlier run.
    async fn let_it_settle(&mut self, earlier: &EarlierRun) -> Result<(), Break> {
        // A clock that was set back since then must not make it wait for longer than that.
        let now = Timestamp::now();
        let gone_by = now.duration_since(earlier.last_request_at).max(SignedDuration::ZERO);
        let settled_at = now.saturating_add(earlier.settling - gone_by).unwrap_or(now);
        while let Ok(left) = settled_at.duration_since(Timestamp::now()).try_into()
            && self.orders.sleep(left).await? == Woken::ByWish
        {}
        Ok(())
    }
}

/// Whether nothing is known of what became of a target that may have been sent.
pub(super) fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome.kind(), OutcomeKind::Sent | OutcomeKind::NoAnswer)
}

/// What reading a target again shows.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    /// What was asked for has happened: that is what it rests on.
    Done(Evidence),
    /// It has not, and asking again does no more than asking once would have done.
    NotDone,
    /// Nothing either way.
    Nothing(&'static str),
}

impl Shown {
    /// The outcome that follows; `known` is the one until now.
    fn outcome(self, known: Option<&Outcome>) -> Outcome {
        match (self, known) {
            (Self::Done(_), _) => Outcome::Confirmed,
            (Self::NotDone, _) => Outcome::Unsent,
            (Self::Nothing(_), Some(Outcome::NoAnswer(fault))) => Outcome::NoAnswer(fault.clone()),
            (Self::Nothing(words), _) => {
                let fault = Fault::new(FaultKind::Unreachable, "go on with a job", words);
                Outcome::NoAnswer(Fault { maybe_done: true, ..fault })
            }
        }
    }
}

fn seen(verb: Verb, target: &Target, read: &ReadAgain) -> Shown {
    // Of a pop-up nothing remains that could be read.
    if verb == Verb::Message {
        return Shown::Nothing("whether the message was shown is not known; it is not sent again");
    }
    match read.found.get(&target.session.id) {
        Some(now) => compared(verb, &target.session, now),
        None if read.gone.contains(&target.session.id) => Shown::Done(Evidence::GoneOnRead),
        None => Shown::Nothing("it may have been sent, and could not be read since; it is not sent again"),
    }
}

/// What a session shows that is still there.
fn compared(verb: Verb, planned: &Session, now: &Session) -> Shown {
    match changed_since(verb, planned, now) {
        // The one that was meant has ended.
        Some(HoldReason::Changed(_)) => return Shown::Done(Evidence::GoneOnRead),
        Some(HoldReason::NotTold(_)) => {
            return Shown::Nothing("the server does not tell whether it is still the same session");
        }
        // Whoever came back is held back when the turn comes.
        _ => {}
    }
    match verb {
        Verb::Disconnect if now.state == Some(SessionState::Disconnected) => Shown::Done(Evidence::State),
        Verb::Disconnect | Verb::Logoff | Verb::LogoffForced => Shown::NotDone,
        Verb::Restart | Verb::Reset | Verb::Message => {
            Shown::Nothing("whether the machine went down is not to be seen; it is not sent again")
        }
    }
}
