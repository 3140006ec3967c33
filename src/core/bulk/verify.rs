//! Looking again at what became of targets of a job that ended, with nothing sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Evidence, Job, NextStep, Report, Target, job::SETTLING_SECONDS};
use crate::domain::{Outcome, PodId, Session, SessionId, SessionState, Text, Verb};

/// What a look at one session showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Look {
    /// It has certainly ended.
    Gone,
    /// It is there, and looks like this.
    There(Box<Session>),
    /// Nothing could be learned, for this reason.
    Unread(Text),
}

/// The targets that a look may settle, by place: those without an answer, and those that were not seen to be done.
pub fn to_verify(job: &Job) -> Vec<usize> {
    let groups = Report::of(job).groups;
    let open = groups.iter().filter(|group| group.next_step(job, None) == Some(NextStep::Verify));
    let mut places: Vec<usize> = open.flat_map(|group| group.places.iter().copied()).collect();
    places.sort_unstable();
    places
}

/// How many seconds are left until a look proves anything: a server may still be at work on what it did not answer.
pub fn settles_in(job: &Job, now: jiff::Timestamp) -> Option<i64> {
    let ended_at = job.finished_at()?;
    Some((SETTLING_SECONDS - (now.as_second() - ended_at.as_second())).max(0))
}

/// The sessions to ask for.
pub fn targets_of(job: &Job, places: &[usize]) -> Vec<(Option<PodId>, SessionId)> {
    let targets = places.iter().filter_map(|place| job.plan.to_send.get(*place));
    targets.map(|target| (target.pod.clone(), target.session.id.clone())).collect()
}

/// What looks tell of the targets that are still open.
pub fn findings(job: &Job, looks: &BTreeMap<SessionId, Look>) -> Vec<(usize, Outcome, Evidence)> {
    let settled = to_verify(job).into_iter().filter_map(|place| {
        let target = job.plan.to_send.get(place)?;
        let was_taken = job.outcomes.get(place) == Some(&Outcome::Accepted);
        let (outcome, evidence) = judge(job.plan.verb, target, was_taken, looks.get(&target.session.id)?)?;
        Some((place, outcome, evidence))
    });
    settled.collect()
}

/// What a look says of a target. `was_taken` when the server had accepted the request.
fn judge(verb: Verb, target: &Target, was_taken: bool, look: &Look) -> Option<(Outcome, Evidence)> {
    let now = match look {
        Look::Unread(_) => return None,
        Look::Gone => return Some((Outcome::Confirmed, Evidence::GoneOnRead)),
        Look::There(now) => now,
    };
    if is_another(&target.session, now) {
        return Some((Outcome::Confirmed, Evidence::GoneOnRead));
    }
    if verb == Verb::Disconnect && now.state == Some(SessionState::Disconnected) {
        return Some((Outcome::Confirmed, Evidence::State));
    }
    Some((Outcome::StillListed, if was_taken { Evidence::Listed } else { Evidence::ThereOnRead }))
}

/// Whether the id certainly belongs to another session now. What is not told proves nothing.
fn is_another(planned: &Session, now: &Session) -> bool {
    let later = planned.started_at.zip(now.started_at).is_some_and(|(one, other)| one != other);
    let somebody_else =
        planned.user_id.as_ref().zip(now.user_id.as_ref()).is_some_and(|(one, other)| one != other);
    later || somebody_else
}
