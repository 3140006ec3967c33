//! Looking out for what was accepted.

use super::{runner::Runner, watch::Seen};
use crate::{
    core::bulk::{Evidence, Finding, JobEvent, Stage},
    engine::pacing::Break,
};

impl Runner {
    /// Waits until it is known what became of everything that was accepted, or until the deadlines. `canary` tells why.
    pub(super) async fn confirm(&mut self, canary: bool) -> Result<(), Break> {
        let Some(until) = self.confirmer.last_deadline() else {
            return Ok(());
        };
        self.tell(JobEvent::Entered(Stage::Confirming { until, canary })).await?;
        self.look_out().await?;
        self.tell(JobEvent::Entered(Stage::Sending)).await
    }

    /// Looks out until nothing is waited for any more.
    pub(super) async fn look_out(&mut self) -> Result<(), Break> {
        while let Some(deadline) = self.confirmer.next_deadline() {
            let stop = self.pacing.stop.clone();
            let lists = self.confirmer.needs_lists();
            let seen = tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Break::Stopped),
                seen = self.watch.next(deadline, lists) => seen,
            };
            self.take_sighting(seen).await?;
        }
        Ok(())
    }

    /// Takes what was seen.
    pub(super) async fn take_sighting(&mut self, seen: Seen) -> Result<(), Break> {
        let mut findings = match seen {
            Seen::List(table) => self.confirmer.list_read(&table, self.clock.now()),
            Seen::Events(events, offset) => self.confirmer.events_read(&events, offset),
            Seen::Nothing => Vec::new(),
        };
        findings.extend(self.confirmer.expire(self.clock.now()));
        self.found(findings).await
    }

    pub(super) async fn found(&mut self, findings: Vec<Finding>) -> Result<(), Break> {
        self.rests_on(findings.iter().map(|finding| (finding.place, finding.evidence)).collect()).await?;
        let outcomes = findings.into_iter().map(|finding| (finding.place, finding.outcome)).collect();
        self.settle(outcomes).await
    }

    /// Writes down what outcomes rest on, then tells it; the outcomes follow.
    pub(super) async fn rests_on(&mut self, found: Vec<(usize, Evidence)>) -> Result<(), Break> {
        if found.is_empty() {
            return Ok(());
        }
        let written = self.record.evidence(&found).await;
        self.tell(JobEvent::Evidence { found }).await?;
        written.map_err(Break::GaveUp)
    }
}
