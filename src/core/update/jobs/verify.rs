//! Looking again at targets of a job that ended: nothing is sent.

use crate::{
    core::{
        bulk::{Finding, JobEvent, Look, findings, settles_in, targets_of, to_verify},
        effect::{Effect, RecordsEffect},
        events::RecordLevel,
        state::{NoticeKind, State},
    },
    domain::{Fault, JobId, OutcomeKind, SessionId, Text},
};

use super::{complain, record};

/// Asks for the targets of which nothing certain is known.
pub(super) fn ask(state: &mut State, id: JobId) -> Vec<Effect> {
    let Some(job) = state.job(id) else {
        return Vec::new();
    };
    let places = to_verify(job);
    let complaint = match settles_in(job, state.now) {
        None => Some("the job still runs".to_owned()),
        Some(_) if places.is_empty() => Some("there is nothing to look for".to_owned()),
        Some(0) => None,
        Some(left) => Some(format!("the server may still be at work on it; look in {left} s")),
    };
    if let Some(complaint) = complaint {
        complain(state, &complaint);
        return Vec::new();
    }
    let targets = targets_of(job, &places);
    let words = format!("reading {} again; nothing is sent", super::targets(targets.len()));
    state.notify(NoticeKind::Info, &words);
    vec![Effect::ReadAgain { job: id, targets }]
}

/// Takes what was seen.
pub(in super::super) fn read_again(
    state: &mut State,
    id: JobId,
    answer: Result<Vec<(SessionId, Look)>, Fault>,
) -> Vec<Effect> {
    let now = state.now;
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    let looks = match answer {
        Ok(looks) => looks.into_iter().collect(),
        Err(fault) => {
            let words = format!("could not be read again: {fault}");
            record(state, id, RecordLevel::Warning, &words, None);
            state.notify(NoticeKind::Warning, &words);
            return Vec::new();
        }
    };
    let open = to_verify(job).len();
    let found = findings(job, &looks);
    let evidence = found.iter().map(|(place, _, evidence)| (*place, *evidence)).collect();
    let settled = found.iter().map(|(place, outcome, _)| (*place, outcome.clone())).collect();
    let of_kind = |kind| found.iter().filter(|(_, outcome, _)| outcome.kind() == kind).count();
    let (done, there) = (of_kind(OutcomeKind::Confirmed), of_kind(OutcomeKind::StillListed));
    let unknown = open - found.len();
    job.apply(&JobEvent::Evidence { found: evidence }, now);
    job.apply(&JobEvent::Settled { outcomes: settled }, now);
    let words =
        format!("read again: {done} done, {there} still there, {unknown} not known; nothing was sent");
    record(state, id, RecordLevel::Info, &words, None);
    state.notify(NoticeKind::Info, &format!("{done} done, {there} still there, {unknown} not known"));
    match state.records.journals.get(&id) {
        Some(journal) if !found.is_empty() => {
            let (journal, words) = (journal.clone(), Text::clean(&words));
            let finding = |(place, outcome, evidence)| Finding { place, outcome, evidence };
            let found = found.into_iter().map(finding).collect();
            vec![Effect::Records(RecordsEffect::Amend { job: id, journal, found, words })]
        }
        _ => Vec::new(),
    }
}
