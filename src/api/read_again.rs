//! Reading sessions again, by their ids: what a job does right before it sends (`design.md section 4`, rule 3).
//!
//! Many at once by a filter over ids, where the release has filters (`horizon-rest.md section 5.6`), or by the whole list
//! where that takes fewer calls. Whoever a filtered list does not have is asked for alone, or looked for in the whole list of its pod: a filter once returned nothing for
//! what was there (`horizon-rest.md section 5.2`), so that it never proves that a session has ended.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering,
};

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::{
    Estate, Operation, RequestClass,
    cloud::of_cloud,
    estate::SessionList,
    filter::Filter,
    horizon::{
        global_sessions, names, sessions,
        versions::Resource,
        wire::{Horizon, LIST_NAMES_BUDGET},
    },
    page::PAGE_SIZE,
    request::Request,
};
use crate::domain::{Fault, FaultKind, PodId, Release, Session, SessionId};

/// Requests that may be out at the same time; the governor decides in the end.
const AT_ONCE: usize = 8;
/// Ids in one filter: their percent-encoded JSON must fit into the 8 kB that web servers commonly take as a request line.
const IDS_IN_A_FILTER: usize = 50;
/// So few are asked for one by one: the surest way.
const FEW: usize = 2;
/// The first release whose list of sessions takes a filter.
const FILTERS_LOCAL: Release = Release(2103);
/// The first release whose list of global sessions takes one.
const FILTERS_GLOBAL: Release = Release(2303);

/// What became of sessions that were read again. Each id that was asked for is in exactly one of the three.
#[derive(Debug, Clone, Default)]
pub struct ReadAgain {
    /// Those that are there, as they are now.
    pub found: HashMap<SessionId, Session>,
    /// Those that have certainly ended.
    pub gone: HashSet<SessionId>,
    /// Those of which nothing could be learned, and why.
    pub unread: HashMap<SessionId, Fault>,
    /// As of when every "how long" in them is measured, by the server's clock as far as it is known.
    pub as_of: Timestamp,
}

impl ReadAgain {
    /// Takes what was read; says whom it does not have.
    fn take(&mut self, sessions: Vec<Session>, asked: &[SessionId]) -> Vec<SessionId> {
        let asked_for: HashSet<&SessionId> = asked.iter().collect();
        let sessions = sessions.into_iter().filter(|session| asked_for.contains(&session.id));
        self.found.extend(sessions.map(|session| (session.id.clone(), session)));
        asked.iter().filter(|id| !self.found.contains_key(*id)).cloned().collect()
    }

    fn cannot_tell(&mut self, ids: Vec<SessionId>, fault: &Fault) {
        self.unread.extend(ids.into_iter().map(|id| (id, fault.clone())));
    }
}

impl Estate {
    /// Reads sessions again: those of this pod (`pod` is `None`) and those that other pods of the federation host.
    ///
    /// # Errors
    ///
    /// When nothing at all could be read: not logged in any more. What goes wrong with single sessions or pods is told
    /// for their ids.
    pub async fn read_again(&self, targets: &[(Option<PodId>, SessionId)]) -> Result<ReadAgain, Fault> {
        if let Some(workspace) = self.workspace() {
            return Box::pin(workspace.read_again(targets)).await.map_err(of_cloud);
        }
        let now = Timestamp::now();
        let offset = self.clock_offset().unwrap_or(SignedDuration::ZERO);
        let mut read = ReadAgain { as_of: now.checked_add(offset).unwrap_or(now), ..ReadAgain::default() };
        let mut by_pod: HashMap<Option<&PodId>, Vec<SessionId>> = HashMap::new();
        for (pod, id) in targets {
            by_pod.entry(pod.as_ref()).or_default().push(id.clone());
        }
        for (pod, ids) in by_pod {
            match pod {
                None => self.read_local_again(&mut read, ids).await?,
                Some(pod) => self.read_pod_again(&mut read, pod, ids).await?,
            }
        }
        Ok(read)
    }

    /// Looks at some sessions of this pod between two readings of the whole list: as far as filters over ids bring them, in one
    /// call for fifty. Whom it does not bring may be there all the same; without filters it brings nobody.
    ///
    /// # Errors
    ///
    /// Those of reading a list.
    pub async fn listed_now(&self, ids: &[SessionId]) -> Result<Vec<Session>, Fault> {
        if self.workspace().is_some() || !self.has_filters(FILTERS_LOCAL) {
            return Ok(Vec::new());
        }
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(IDS_IN_A_FILTER) {
            let request = |page| filtered(sessions::list_request(page, PAGE_SIZE), batch);
            found.extend(self.read_batch(RequestClass::Poll, None, request).await?.sessions);
        }
        Ok(found)
    }

    async fn read_local_again(&self, read: &mut ReadAgain, ids: Vec<SessionId>) -> Result<(), Fault> {
        let mut alone = ids;
        let filters = self.has_filters(FILTERS_LOCAL);
        let calls = if filters { alone.len().div_ceil(IDS_IN_A_FILTER) } else { alone.len() };
        if self.horizon(Operation::ListSessions)?.pages_listed().is_some_and(|pages| pages < calls) {
            alone = self.read_listed(read, alone).await?;
        } else if alone.len() > FEW && filters {
            let request =
                |page: usize, ids: &[SessionId]| filtered(sessions::list_request(page, PAGE_SIZE), ids);
            alone = self.read_filtered(read, None, alone, request).await?;
        }
        let answers = stream::iter(alone.into_iter().map(|id| async move {
            let answer = self.session(&id).await;
            (id, answer)
        }));
        let answers: Vec<_> = answers.buffer_unordered(AT_ONCE).collect().await;
        for (id, answer) in answers {
            match answer {
                Ok(session) => drop(read.found.insert(id, session)),
                Err(fault) if fault.kind == FaultKind::EntityNotFound => drop(read.gone.insert(id)),
                Err(fault) if fault.kind == FaultKind::Unauthenticated => return Err(fault),
                Err(fault) => drop(read.unread.insert(id, fault)),
            }
        }
        Ok(())
    }

    /// Reads the whole list of this pod and takes these out of it; says whom it does not have.
    async fn read_listed(&self, read: &mut ReadAgain, ids: Vec<SessionId>) -> Result<Vec<SessionId>, Fault> {
        match self.list_sessions(RequestClass::Job, |_| {}).await {
            Ok(list) => Ok(read.take(list.sessions, &ids)),
            Err(fault) if fault.kind == FaultKind::Unauthenticated => Err(fault),
            Err(fault) => {
                read.cannot_tell(ids, &fault);
                Ok(Vec::new())
            }
        }
    }

    /// There is no reading of one session of another pod (`horizon-rest.md section 8`): whom the filtered lists do not have
    /// is looked for in the whole list of the pod.
    async fn read_pod_again(
        &self,
        read: &mut ReadAgain,
        pod: &PodId,
        ids: Vec<SessionId>,
    ) -> Result<(), Fault> {
        let mut missing = ids;
        if self.has_filters(FILTERS_GLOBAL) {
            let request = |page: usize, ids: &[SessionId]| {
                filtered(global_sessions::list_request(pod, page, PAGE_SIZE), ids)
            };
            missing = self.read_filtered(read, Some(pod), missing, request).await?;
        }
        if missing.is_empty() {
            return Ok(());
        }
        match self.list_pod_sessions(pod, RequestClass::Job, |_| {}).await {
            Ok(list) => {
                let whole = list.complete && list.unreadable == 0;
                let missing = read.take(list.sessions, &missing);
                if whole {
                    read.gone.extend(missing);
                } else {
                    let words = "the list of its pod is not whole";
                    read.cannot_tell(
                        missing,
                        &Fault::new(FaultKind::BadAnswer, "read sessions again", words),
                    );
                }
            }
            Err(fault) if fault.kind == FaultKind::Unauthenticated => return Err(fault),
            Err(fault) => read.cannot_tell(missing, &fault),
        }
        Ok(())
    }

    /// Reads as many as it can by filters over their ids; says whom that did not bring.
    async fn read_filtered(
        &self,
        read: &mut ReadAgain,
        pod: Option<&PodId>,
        ids: Vec<SessionId>,
        request: impl Fn(usize, &[SessionId]) -> Request + Sync,
    ) -> Result<Vec<SessionId>, Fault> {
        let batches: Vec<Vec<SessionId>> = ids.chunks(IDS_IN_A_FILTER).map(<[SessionId]>::to_vec).collect();
        let request = &request;
        let answers = stream::iter(batches.into_iter().map(|batch| async move {
            let answer = self.read_batch(RequestClass::Job, pod, |page| request(page, &batch)).await;
            (batch, answer)
        }));
        let answers: Vec<_> = answers.buffer_unordered(AT_ONCE).collect().await;
        let mut missing = Vec::new();
        for (batch, answer) in answers {
            match answer {
                Ok(list) => missing.extend(read.take(list.sessions, &batch)),
                // A release or a gateway that takes no such filter: there are other ways.
                Err(fault)
                    if matches!(fault.kind, FaultKind::InvalidArgument | FaultKind::EntityNotFound) =>
                {
                    missing.extend(batch);
                }
                Err(fault) if fault.kind == FaultKind::Unauthenticated => return Err(fault),
                Err(fault) => read.cannot_tell(batch, &fault),
            }
        }
        Ok(missing)
    }

    /// A filtered list, with names: of this pod or of another one.
    async fn read_batch(
        &self,
        class: RequestClass,
        pod: Option<&PodId>,
        request: impl Fn(usize) -> Request + Sync,
    ) -> Result<SessionList, Fault> {
        let inner = self.horizon(Operation::ListSessions)?;
        let resource = if pod.is_some() { Resource::GlobalSessions } else { Resource::Sessions };
        let read = inner.read_sessions(class, resource, request, |_| {}, None, |_| {}).await?;
        let version = read.version;
        let mut list = read.list.apart();
        let (class, budget) = (RequestClass::Lookup, LIST_NAMES_BUDGET);
        match pod {
            None => {
                names::fill(inner, class, version, budget, &mut list.sessions).await;
                inner.name_pod(&mut list.sessions);
            }
            Some(pod) => {
                names::fill_users(inner, class, budget, &mut list.sessions).await;
                inner.place(pod, &mut list.sessions);
            }
        }
        Ok(list)
    }

    /// Whether the release is known to have filters.
    fn has_filters(&self, first: Release) -> bool {
        self.capabilities().release.is_some_and(|release| release >= first)
    }
}

impl Horizon {
    /// The pages that the last whole list of this pod came in; `None` before the first.
    fn pages_listed(&self) -> Option<usize> {
        let listed = self.last_listed.load(Ordering::Relaxed);
        (listed > 0).then(|| listed.div_ceil(PAGE_SIZE))
    }
}

fn filtered(request: Request, ids: &[SessionId]) -> Request {
    let filters = ids.iter().map(|id| Filter::equals("id", id.raw())).collect();
    request.with("filter", &Filter::Or { filters }.json())
}
