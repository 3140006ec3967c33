//! What others read, and what a job reads itself when nobody else does.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::broadcast, time::Instant};

use super::{Clock, outage::Patience};
use crate::{
    api::{Estate, EventMark, RequestClass},
    core::{bulk::Plan, table::SessionTable},
    domain::{AuditEvent, Fault, Federation, PodId},
    engine::polls::{PodMemory, poll_all_pods, poll_sessions},
};

/// Sightings that may wait for a job that is busy.
const BACKLOG: usize = 32;
/// Seconds between two readings of a job's own; more when a reading takes long.
const EVERY: Duration = Duration::from_secs(5);
/// How long a server that is away is waited for in all.
const PATIENCE: Duration = Duration::from_mins(1);
/// So many times as long as a reading took passes until the next one.
const REST: u32 = 3;

/// Something that was read and may confirm what a job did.
#[derive(Debug, Clone)]
pub enum Sighting {
    /// A list of sessions.
    List(Arc<SessionTable>),
    /// New events; the server's clock is so far ahead of this machine's.
    Events(Arc<[AuditEvent]>, SignedDuration),
}

/// Where those who read lists and events tell the jobs what they saw. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct Lookout {
    sightings: broadcast::Sender<Sighting>,
    every: Duration,
    patience: Duration,
}

impl Lookout {
    /// A lookout whose jobs read for themselves at most so often.
    pub fn every(every: Duration) -> Self {
        Self { sightings: broadcast::Sender::new(BACKLOG), every, patience: PATIENCE }
    }

    /// The same, whose jobs wait so long in all for a server that is away.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Tells what was seen. Nobody need listen.
    pub fn tell(&self, sighting: Sighting) {
        drop(self.sightings.send(sighting));
    }
}

impl Default for Lookout {
    fn default() -> Self {
        Self::every(EVERY)
    }
}

/// What was seen next.
#[derive(Debug)]
pub(super) enum Seen {
    /// A list of sessions.
    List(Arc<SessionTable>),
    /// Events, and how far the server's clock is ahead.
    Events(Arc<[AuditEvent]>, SignedDuration),
    /// The time is over.
    Nothing,
}

/// One job's eyes.
#[derive(Debug)]
pub(super) struct Watch {
    estate: Estate,
    federation: Option<Arc<Federation>>,
    sightings: broadcast::Receiver<Sighting>,
    every: Duration,
    patience: Duration,
    /// The pods that the plan's targets are on, without the local one.
    pods: Vec<PodId>,
    memory: PodMemory,
    mark: Option<EventMark>,
    clock: Clock,
    next_list: Instant,
    next_events: Instant,
}

impl Watch {
    pub(super) fn new(
        estate: Estate,
        federation: Option<Arc<Federation>>,
        lookout: &Lookout,
        plan: &Plan,
        clock: Clock,
    ) -> Self {
        let mut pods: Vec<PodId> = plan.to_send.iter().filter_map(|target| target.pod.clone()).collect();
        pods.sort();
        pods.dedup();
        let now = Instant::now();
        Self {
            estate,
            federation,
            sightings: lookout.sightings.subscribe(),
            every: lookout.every,
            patience: lookout.patience,
            pods,
            memory: PodMemory::default(),
            mark: None,
            clock,
            next_list: now,
            next_events: now,
        }
    }

    /// How long a server that is away is waited for, beginning now.
    pub(super) fn patience(&self) -> Patience {
        Patience::new(self.every, self.patience, self.clock.now())
    }

    /// What is seen next, until a moment at the latest. `lists` says whether a list is of use at all.
    pub(super) async fn next(&mut self, until: Timestamp, lists: bool) -> Seen {
        let left = until.duration_since(self.clock.now());
        let end = Instant::now() + Duration::try_from(left).unwrap_or_default();
        let (own_list, own_events) = (self.next_list, self.next_events);
        tokio::select! {
            biased;
            sighting = self.heard() => sighting,
            // What is judged by now should not rest on a list that is about to be read anew.
            () = tokio::time::sleep_until(end) => {
                if lists && own_list <= end + self.every / 2 { self.read_list().await } else { Seen::Nothing }
            }
            () = tokio::time::sleep_until(own_list), if lists => self.read_list().await,
            () = tokio::time::sleep_until(own_events) => self.read_events().await,
        }
    }

    /// What somebody else saw. Ends only with that.
    async fn heard(&mut self) -> Seen {
        loop {
            match self.sightings.recv().await {
                Ok(Sighting::List(table)) => {
                    if self.pods.iter().all(|pod| table.pod(pod).is_some()) {
                        self.next_list = Instant::now() + self.every;
                    }
                    return Seen::List(table);
                }
                Ok(Sighting::Events(events, offset)) => {
                    self.next_events = Instant::now() + self.every;
                    return Seen::Events(events, offset);
                }
                // What was missed is read again.
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    async fn read_list(&mut self) -> Seen {
        let began = Instant::now();
        let read = self.list().await;
        let rest = self.every.max(began.elapsed() * REST);
        self.next_list = Instant::now() + rest;
        match read {
            Ok(table) => Seen::List(table),
            Err(fault) => {
                tracing::warn!(%fault, "a list that would confirm a job could not be read");
                Seen::Nothing
            }
        }
    }

    async fn list(&mut self) -> Result<Arc<SessionTable>, Fault> {
        let class = RequestClass::Poll;
        let read = match &self.federation {
            Some(federation) if !self.pods.is_empty() => {
                let memory = &mut self.memory;
                poll_all_pods(&self.estate, class, federation, memory, Timestamp::now, |_| {}).await?
            }
            known => {
                let pod = known.as_deref().and_then(Federation::local);
                poll_sessions(&self.estate, class, pod, None, Timestamp::now, |_| {}).await?
            }
        };
        Ok(read.table)
    }

    async fn read_events(&mut self) -> Seen {
        let read = self.estate.events(self.mark.as_ref()).await;
        self.next_events = Instant::now() + self.every;
        match read {
            Ok(batch) => {
                self.mark = Some(batch.mark);
                let offset = self.estate.clock_offset().unwrap_or_default();
                Seen::Events(batch.events.into(), offset)
            }
            Err(fault) => {
                tracing::warn!(%fault, "events that would confirm a job could not be read");
                Seen::Nothing
            }
        }
    }
}
