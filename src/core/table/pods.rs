//! Sessions of several pods in one table: what is known of each pod's list, and how the lists become one.
//!
//! The pod that answers lists its own sessions with everything it knows; it lists those of the other pods as the
//! federation knows them (`horizon-rest.md sections 7 and 8`). A pod that does not answer keeps the rows it had, with
//! their age: what is not among them proves nothing.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::SessionTable;
use crate::{
    core::filter::Truth,
    domain::{
        Fault, Pod, PodId, Session, SessionFacts, SessionId, SessionParts, SessionRows, SessionRowsBuilder,
        Text,
    },
};

/// What is known of the list of one pod.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PodRead {
    /// The pod.
    pub id: PodId,
    /// What it is called.
    pub name: Text,
    /// Whether it is the one that was asked: its sessions take no detour.
    pub local: bool,
    /// When the reading of its rows began; `None` when none were ever read.
    pub as_of: Option<Timestamp>,
    /// Why it did not answer the last time; `None` when it did.
    pub fault: Option<Fault>,
    /// Whether its rows were all that it had at that time.
    pub complete: bool,
    /// How many rows of the table are its.
    pub sessions: usize,
}

impl PodRead {
    /// A pod that was just read.
    pub fn answered(pod: &Pod, as_of: Timestamp, complete: bool) -> Self {
        Self {
            id: pod.id.clone(),
            name: pod.label(),
            local: pod.local,
            as_of: Some(as_of),
            fault: None,
            complete,
            sessions: 0,
        }
    }

    /// A pod that did not answer; `before` is what was known of it.
    pub fn silent(pod: &Pod, fault: Fault, before: Option<&Self>) -> Self {
        Self {
            id: pod.id.clone(),
            name: pod.label(),
            local: pod.local,
            as_of: before.and_then(|before| before.as_of),
            fault: Some(fault),
            complete: before.is_some_and(|before| before.complete),
            sessions: 0,
        }
    }

    /// Whether its rows are those of an earlier time, or missing.
    pub fn is_stale(&self) -> bool {
        self.fault.is_some()
    }

    /// Whether what is not among its rows does not exist.
    pub fn is_whole(&self) -> bool {
        self.complete && !self.is_stale()
    }

    /// Why nothing can be done about its sessions while it does not answer, in words. `now` is when the table was read.
    pub fn silence(&self, now: Timestamp) -> Text {
        let words = match self.as_of {
            Some(at) => format!(
                "pod {} does not answer; its data of {} is {} old",
                self.name,
                at.strftime("%H:%M:%SZ"),
                age(now.duration_since(at))
            ),
            None => format!("pod {} has not answered yet", self.name),
        };
        Text::clean(&words)
    }
}

/// `71s`, `12m`, `3h05m`.
fn age(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// How a session can be reached by a verb.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reach<'a> {
    /// The pod that answers hosts it.
    Here,
    /// Another pod hosts it, and answers.
    Through(&'a PodRead),
    /// Another pod hosts it, and does not answer.
    Silent(&'a PodRead),
    /// More than one pod reports this id.
    Ambiguous,
    /// Another pod hosts it; which one is not known.
    Elsewhere,
}

impl Reach<'_> {
    /// Whether a verb can get there at all.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Here | Self::Through(_))
    }
}

/// Sessions that are taken one after the other.
pub trait Sessions {
    /// Shows each of them.
    fn each(&self, take: impl FnMut(SessionParts<'_>));
}

impl Sessions for Vec<Session> {
    fn each(&self, take: impl FnMut(SessionParts<'_>)) {
        self.iter().map(SessionParts::of).for_each(take);
    }
}

impl Sessions for Arc<SessionRows> {
    fn each(&self, take: impl FnMut(SessionParts<'_>)) {
        self.iter().map(SessionParts::of).for_each(take);
    }
}

/// The rows of one pod, fresh or kept.
#[derive(Debug, Clone)]
pub struct PodRows<R = Vec<Session>> {
    /// What is known of the list.
    pub read: PodRead,
    /// The rows.
    pub sessions: R,
}

/// The rows of several pods as one.
#[derive(Debug, Default)]
pub struct Merged {
    /// All rows, those of the local pod first.
    pub sessions: SessionRows,
    /// The pods, with their numbers of rows.
    pub pods: Vec<PodRead>,
    /// Ids that more than one pod reports, with these pods.
    pub ambiguous: BTreeMap<SessionId, BTreeSet<PodId>>,
}

impl Merged {
    /// Merges the local list with those of the other pods. `before` is the last table: what a pod that is silent now
    /// said of an id that another one reports too is not forgotten.
    ///
    /// A local row that says it runs elsewhere is the same session as the row of that pod: it is kept, with the pod.
    /// Every other id that arrives twice is one row that no verb may touch.
    pub fn of<R: Sessions>(
        local: PodRows<R>,
        remote: Vec<PodRows<R>>,
        before: Option<&SessionTable>,
    ) -> Self {
        let mut merging = Merging::default();
        let reads = || std::iter::once(&local.read).chain(remote.iter().map(|pod| &pod.read));
        merging.names = reads().map(|pod| (pod.id.clone(), pod.name.clone())).rev().collect();
        local.sessions.each(|session| merging.add_own(&local.read, session));
        for pod in &remote {
            pod.sessions.each(|session| merging.add(&pod.read, session));
        }
        let mut pods: Vec<PodRead> = reads().cloned().collect();
        drop((local, remote));
        let sessions = merging.rows.finish();
        let mut counts: BTreeMap<&PodId, usize> = BTreeMap::new();
        for pod in sessions.iter().filter_map(SessionFacts::pod_id) {
            *counts.entry(pod).or_default() += 1;
        }
        for pod in &mut pods {
            pod.sessions = counts.get(&pod.id).copied().unwrap_or_default();
        }
        drop(counts);
        let mut merged = Self { sessions, pods, ambiguous: merging.ambiguous };
        merged.recall(before);
        merged
    }

    /// Keeps ids ambiguous as long as a pod that reported them does not answer with everything it has.
    fn recall(&mut self, before: Option<&SessionTable>) {
        let Some(before) = before else { return };
        let unsure = |id: &PodId| self.pods.iter().any(|pod| pod.id == *id && !pod.is_whole());
        let kept: Vec<_> = before
            .ambiguous()
            .iter()
            .filter(|(_, pods)| pods.iter().any(unsure))
            .map(|(id, pods)| (id.clone(), pods.clone()))
            .collect();
        self.ambiguous.extend(kept);
    }
}

/// Rows of several pods on their way into one list.
#[derive(Debug, Default)]
struct Merging {
    rows: SessionRowsBuilder,
    ambiguous: BTreeMap<SessionId, BTreeSet<PodId>>,
    /// What the pods are called.
    names: BTreeMap<PodId, Text>,
}

impl Merging {
    /// Takes a row of the local list. One that arrives twice there is one session, as it was said last: pages overlap.
    fn add_own<'a>(&mut self, pod: &'a PodRead, mut session: SessionParts<'a>) {
        if session.resourced_remotely != Some(true) {
            session.pod_id = Some(Cow::Borrowed(pod.id.raw()));
            session.pod_name = Some(Cow::Borrowed(pod.name.as_str()));
        }
        name_broker(&mut session, &self.names);
        self.rows.put(&session);
    }

    /// Takes a row of another pod.
    fn add<'a>(&mut self, pod: &'a PodRead, mut session: SessionParts<'a>) {
        let said = session.pod_id.replace(Cow::Borrowed(pod.id.raw()));
        if session.pod_name.is_none() {
            session.pod_name = Some(Cow::Borrowed(pod.name.as_str()));
        }
        session.resourced_remotely = Some(true);
        if let Some(other) = said.filter(|said| said != pod.id.raw()) {
            // Asked for the sessions of one pod, it names another: the request would have to go to one of them.
            self.is_ambiguous(&session.id, &pod.id, other.as_ref().into());
        }
        name_broker(&mut session, &self.names);
        if self.rows.add(&session) {
            return;
        }
        let Some(known) = self.rows.get(&session.id) else { return };
        match known.pod_id().cloned() {
            Some(other) if other == pod.id => {}
            Some(other) => self.is_ambiguous(&session.id, &pod.id, other),
            // A row of the local list that runs elsewhere: here.
            None => {
                let known = known.to_session();
                let mut joined = SessionParts::of(&known);
                join(&mut joined, session);
                self.rows.put(&joined);
            }
        }
    }

    fn is_ambiguous(&mut self, id: &str, pod: &PodId, other: PodId) {
        self.ambiguous.entry(id.into()).or_default().extend([pod.clone(), other]);
    }
}

/// Names the pod through which a user came, where the release tells only its id.
fn name_broker(session: &mut SessionParts<'_>, names: &BTreeMap<PodId, Text>) {
    if let (Some(id), None) = (&session.brokering_pod_id, &session.brokering_pod_name) {
        let name = names.get(&PodId::from(id.as_ref()));
        session.brokering_pod_name = name.map(|name| Cow::Owned(name.as_str().to_owned()));
    }
}

/// Completes a row of the local list by what the federation knows of the same session. The local list knows more; the
/// place is the other one's to tell.
fn join<'a>(known: &mut SessionParts<'a>, other: SessionParts<'a>) {
    fn fill<T>(slot: &mut Option<T>, value: Option<T>) {
        if slot.is_none() {
            *slot = value;
        }
    }
    known.pod_id = other.pod_id;
    known.pod_name = other.pod_name;
    known.brokering_pod_id = other.brokering_pod_id;
    known.brokering_pod_name = other.brokering_pod_name;
    fill(&mut known.user_id, other.user_id);
    fill(&mut known.user_name, other.user_name);
    fill(&mut known.kind, other.kind);
    fill(&mut known.state, other.state);
    fill(&mut known.protocol, other.protocol);
    fill(&mut known.started_at, other.started_at);
    fill(&mut known.disconnected_at, other.disconnected_at);
    fill(&mut known.idle_minutes, other.idle_minutes);
    fill(&mut known.pool_name, other.pool_name);
    fill(&mut known.pool_type, other.pool_type);
    fill(&mut known.pool_source, other.pool_source);
    fill(&mut known.machine_name, other.machine_name);
    fill(&mut known.machine_dns, other.machine_dns);
    fill(&mut known.agent_version, other.agent_version);
    fill(&mut known.applications, other.applications);
}

impl SessionTable {
    /// A table of several pods.
    pub fn of_pods(merged: Merged, fetched_at: Timestamp) -> Self {
        let complete = merged.pods.iter().all(PodRead::is_whole);
        let mut table = Self::of_rows(merged.sessions, fetched_at, complete);
        table.pods = merged.pods;
        table.ambiguous = merged.ambiguous;
        table
    }

    /// A table of the local pod of a federation alone.
    pub fn of_local_pod<R: Sessions>(pod: &Pod, sessions: R, fetched_at: Timestamp, complete: bool) -> Self {
        let read = PodRead::answered(pod, fetched_at, complete);
        Self::of_pods(Merged::of(PodRows { read, sessions }, Vec::new(), None), fetched_at)
    }

    /// The pods whose sessions it was asked for, the local one first; empty where no federation is known.
    pub fn pods(&self) -> &[PodRead] {
        &self.pods
    }

    /// Whether it was asked for the sessions of more pods than one.
    pub fn is_global(&self) -> bool {
        self.pods.iter().any(|pod| !pod.local)
    }

    /// Ids that more than one pod reports, with these pods.
    pub fn ambiguous(&self) -> &BTreeMap<SessionId, BTreeSet<PodId>> {
        &self.ambiguous
    }

    /// Whether more than one pod reports the id of this session.
    pub fn is_ambiguous<'a>(&self, session: impl SessionFacts<'a>) -> bool {
        !self.ambiguous.is_empty() && self.ambiguous.contains_key(&session.session_id())
    }

    /// What is known of a pod's list.
    pub fn pod(&self, id: &PodId) -> Option<&PodRead> {
        self.pods.iter().find(|pod| pod.id == *id)
    }

    /// The pods that did not answer.
    pub fn silent_pods(&self) -> impl Iterator<Item = &PodRead> {
        self.pods.iter().filter(|pod| pod.is_stale())
    }

    /// How a verb reaches a session of this table.
    pub fn reach<'a>(&self, session: impl SessionFacts<'a>) -> Reach<'_> {
        if self.is_ambiguous(session) {
            return Reach::Ambiguous;
        }
        let pod = session.pod_id().and_then(|id| self.pod(id));
        match pod {
            Some(pod) if pod.local => Reach::Here,
            Some(pod) if pod.is_stale() => Reach::Silent(pod),
            Some(pod) => Reach::Through(pod),
            None if session.resourced_remotely() == Some(true) => Reach::Elsewhere,
            None => Reach::Here,
        }
    }

    /// Whether a session runs on the pod that answers, whose access groups and privileges are the ones that are known
    /// here. Unknown where two pods report its id, or where it names a pod of which nothing is known.
    pub fn runs_here<'a>(&self, session: impl SessionFacts<'a>) -> Truth {
        if self.is_ambiguous(session) {
            return Truth::Unknown;
        }
        if session.resourced_remotely() == Some(true) {
            return Truth::No;
        }
        match session.pod_id().map(|id| self.pod(id)) {
            Some(Some(pod)) => Truth::from(pod.local),
            Some(None) if session.resourced_remotely().is_none() => Truth::Unknown,
            Some(None) | None => Truth::Yes,
        }
    }

    /// Whether a row is one of an earlier time: its pod did not answer since.
    pub fn is_stale_row<'a>(&self, session: impl SessionFacts<'a>) -> bool {
        session.pod_id().and_then(|id| self.pod(id)).is_some_and(PodRead::is_stale)
    }

    /// When the reading of a pod's rows began; of the local pod's without one. `None` when the table has none of it.
    pub fn read_at(&self, pod: Option<&PodId>) -> Option<Timestamp> {
        match pod {
            None => Some(self.fetched_at()),
            Some(pod) => self.pod(pod)?.as_of,
        }
    }

    /// Whether it shows that a session has ended that is not in it. `pod` is the one it was last seen on, when known.
    pub fn proves_absence(&self, pod: Option<&PodId>) -> bool {
        match pod {
            Some(pod) => self.pod(pod).is_some_and(PodRead::is_whole),
            None => self.complete(),
        }
    }
}

#[cfg(test)]
mod tests;
