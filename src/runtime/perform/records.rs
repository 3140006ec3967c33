//! The jobs on record: reading them, adding to them, taking one up again. The disk may be slow: never on the loop.

use std::sync::Arc;

use super::{Again, Shared};
use crate::{
    core::{
        bulk::{Finding, JobEvent},
        effect::RequestId,
        msg::{Msg, RecordsMsg},
    },
    domain::{Fault, FaultKind, JobId, Outcome, Text},
    engine::{
        EarlierRun,
        journal::{JournalError, Journalled},
    },
};

pub(super) async fn list(shared: Arc<Shared>, request: RequestId) {
    let estate = shared.scribe.estate().clone();
    let answer = shared.scribe.list().await.map_err(|error| unread(&error));
    shared.send(Msg::Records(RecordsMsg::Listed { request, estate, answer })).await;
}

pub(super) async fn read(shared: Arc<Shared>, request: RequestId, journal: String) {
    let estate = shared.scribe.estate().clone();
    let answer = shared.scribe.read(&journal).await.map(Arc::new).map_err(|error| unread(&error));
    shared.send(Msg::Records(RecordsMsg::Read { request, estate, answer })).await;
}

pub(super) async fn amend(
    shared: Arc<Shared>,
    job: JobId,
    journal: String,
    found: Vec<Finding>,
    words: Text,
) {
    let answer = shared.scribe.amend(&journal, found, words).await;
    let answer = answer.map_err(|error| Text::clean(&error.to_string()));
    shared.send(Msg::Records(RecordsMsg::Amended { job, answer })).await;
}

/// Takes up the journal of a job, and tells what it says more than the operator saw. Fails when more is left to do than
/// that: nobody agreed to it.
pub(super) async fn take_up(
    shared: &Shared,
    job: JobId,
    again: Again,
) -> Result<(Arc<Journalled>, EarlierRun), Fault> {
    let (record, recovered) = shared.scribe.reopen(&again.journal).await?;
    let earlier = EarlierRun::of(&recovered, again.settling);
    let is_open =
        |outcome: &Outcome| matches!(outcome, Outcome::Unsent | Outcome::Sent | Outcome::NoAnswer(_));
    let pairs = || earlier.outcomes.iter().enumerate().zip(&again.seen);
    let grew = pairs().any(|((_, now), seen)| is_open(now) && !is_open(seen));
    if grew || earlier.outcomes.len() != again.seen.len() {
        let fault =
            Fault::new(FaultKind::Unexpected, "go on with a job", "its record changed meanwhile: look again");
        if let Err(error) = engine_closed(&record, &fault).await {
            tracing::warn!(%error, "the end of a job could not be written down");
        }
        return Err(fault);
    }
    let news = pairs().filter(|((_, now), seen)| now != seen).map(|((place, now), _)| (place, now.clone()));
    let outcomes: Vec<(usize, Outcome)> = news.collect();
    if !outcomes.is_empty() {
        shared.send(Msg::JobProgressed { job, event: JobEvent::Settled { outcomes } }).await;
    }
    Ok((record, earlier))
}

async fn engine_closed(record: &Journalled, fault: &Fault) -> Result<(), Fault> {
    crate::engine::JobRecord::closed(record, true, Some(fault)).await
}

fn unread(error: &JournalError) -> Fault {
    Fault::new(FaultKind::Unexpected, "read the record of jobs", error.to_string())
}
