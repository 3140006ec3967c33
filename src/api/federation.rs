//! Pods and their sessions (`horizon-rest.md sections 8 and 15`).

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::{
    Action, Estate, ItemAnswer, ListProgress, Operation, RequestClass, SessionList,
    gate::Turn,
    horizon::{
        global_sessions::{self, Group},
        names,
        pods::{self, Membership},
        versions::Resource,
        wire::{Horizon, LIST_NAMES_BUDGET},
    },
    http::never_sent,
    page::PAGE_SIZE,
    request::Request,
};
use crate::domain::{
    Fault, FaultKind, Federation, PodId, Session, SessionFacts, SessionId, SessionParts, SessionRows, Text,
    UserId,
};

/// What is known of the federation.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Once the server has said that there is one. That there is none is not kept: one may be made.
    membership: Option<Membership>,
    /// Names of pods, for lists that have only ids.
    pods: HashMap<PodId, Text>,
}

/// Whether a fault means that there is no federation: `409`, or no such call in this release.
fn is_none(fault: &Fault) -> bool {
    matches!(fault.status, Some(404 | 409))
}

impl Horizon {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.federation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks one of the questions about the federation.
    async fn ask<T>(
        &self,
        class: RequestClass,
        resource: Resource,
        request: &Request,
        read: impl FnOnce(&[u8]) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        read(&self.put(class, Some(resource), request).await?.answer.body)
    }

    /// The federation, if there is one; asked until the answer is yes.
    async fn membership(&self, class: RequestClass) -> Result<Option<Membership>, Fault> {
        let known = self.known().membership.clone();
        if known.is_some() {
            return Ok(known);
        }
        let answer = self.ask(class, Resource::Cpa, &pods::cpa_request(), pods::read_cpa).await;
        let found = answer.or_else(|fault| if is_none(&fault) { Ok(None) } else { Err(fault) })?;
        self.known().membership.clone_from(&found);
        Ok(found)
    }

    /// The pods with the names of their sites and their health, as far as the account may see these.
    async fn read_pods(&self, class: RequestClass) -> Result<Vec<pods::PodRow>, Fault> {
        let (sites_request, health_request) = (pods::sites_request(), pods::health_request());
        let mut rows = self.ask(class, Resource::Pods, &pods::pods_request(), pods::read_pods).await?;
        let (sites, health) = tokio::join!(
            self.ask(class, Resource::Sites, &sites_request, pods::read_sites),
            self.ask(class, Resource::PodHealth, &health_request, pods::read_health),
        );
        let sites = sites.unwrap_or_else(|fault| unknown(&fault));
        let mut health = health.unwrap_or_else(|fault| unknown(&fault));
        for row in &mut rows {
            row.pod.site = row.site_id.as_ref().and_then(|id| sites.get(id)).cloned();
            row.pod.health = health.remove(&row.pod.id);
        }
        Ok(rows)
    }

    /// What a pod is called, when that is known.
    fn pod_name(&self, pod: &PodId) -> Option<Text> {
        self.known().pods.get(pod).cloned()
    }

    /// Fills in what the lists of older versions lack: the name of the pod, and its id should a row not have it.
    pub(super) fn place(&self, pod: &PodId, sessions: &mut [Session]) {
        let name = self.known().pods.get(pod).cloned();
        for session in sessions {
            let id = session.pod_id.get_or_insert_with(|| pod.clone());
            if session.pod_name.is_none() && id == pod {
                session.pod_name.clone_from(&name);
            }
        }
    }
}

/// What is nice to have stays unknown when it cannot be read.
fn unknown<T: Default>(fault: &Fault) -> T {
    tracing::debug!(%fault, "of the pods this stays unknown");
    T::default()
}

impl Estate {
    /// The pods of the federation, the local one first; `None` where there is none (`409`, or a state other than
    /// `ENABLED`), and before release 2012. Sites and health are unknown where the account may not see them.
    ///
    /// # Errors
    ///
    /// `InsufficientPermission` when there is a federation whose pods the account may not see, and whatever keeps a
    /// question from being answered.
    pub async fn federation(&self, class: RequestClass) -> Result<Option<Federation>, Fault> {
        // There is nothing like it over another wire.
        let Ok(inner) = self.horizon(Operation::ReadFederation) else {
            return Ok(None);
        };
        let Some(Membership { name }) = inner.membership(class).await? else {
            return Ok(None);
        };
        let rows = match inner.read_pods(class).await {
            Ok(rows) => rows,
            Err(fault) if is_none(&fault) => {
                // It was there and is not any more.
                *inner.known() = Known::default();
                return Ok(None);
            }
            Err(fault) => return Err(fault),
        };
        let mut pods: Vec<_> = rows.into_iter().map(|row| row.pod).collect();
        if !pods.iter().any(|pod| pod.local) {
            // What the server says of itself is as good.
            let own = inner.server().known_environment().and_then(|environment| environment.pod.as_ref());
            if let Some(pod) = pods.iter_mut().find(|pod| own.is_some() && pod.name.as_ref() == own) {
                pod.local = true;
            }
        }
        pods.sort_by_key(|pod| !pod.local);
        inner.known().pods =
            pods.iter().filter_map(|pod| Some((pod.id.clone(), pod.name.clone()?))).collect();
        Ok(Some(Federation { name, pods }))
    }

    /// The sessions that a pod hosts, as the federation knows them: every page, with `pod_id`, and with names where the
    /// release or the directory gives them. Ids of pool, farm, machine and access group are there for the local pod
    /// only.
    ///
    /// A session that this pod brokered and another one hosts is in [`Estate::list_sessions`] too, under the same id,
    /// without its pod and with `resourced_remotely`.
    ///
    /// # Errors
    ///
    /// `NotConfigured` without a federation; a fault with status 404 when there is no such pod or the release has no
    /// such list (before 2111); `Unexpected` when the pod does not answer.
    pub async fn list_pod_sessions(
        &self,
        pod: &PodId,
        class: RequestClass,
        progress: impl Fn(ListProgress<'_>) + Send + Sync,
    ) -> Result<SessionList, Fault> {
        Ok(self.list_pod_session_rows(pod, class, progress).await?.apart())
    }

    /// As [`Estate::list_pod_sessions`], kept in little room: for lists of any length.
    ///
    /// # Errors
    ///
    /// As those of [`Estate::list_pod_sessions`].
    pub async fn list_pod_session_rows(
        &self,
        pod: &PodId,
        class: RequestClass,
        progress: impl Fn(ListProgress<'_>) + Send + Sync,
    ) -> Result<SessionList<Arc<SessionRows>>, Fault> {
        let inner = self.horizon(Operation::ListGlobalSessions)?;
        let request = |number| global_sessions::list_request(pod, number, PAGE_SIZE);
        let (name, its) = (inner.pod_name(pod), pod.clone());
        let place = move |session: &mut SessionParts<'_>| {
            let id = session.pod_id.get_or_insert_with(|| Cow::Owned(its.raw().to_owned()));
            if session.pod_name.is_none() && id == its.raw() {
                session.pod_name = name.as_ref().map(|name| Cow::Owned(name.as_str().to_owned()));
            }
        };
        let resource = Resource::GlobalSessions;
        let list = Box::pin(inner.read_sessions(class, resource, request, place, None, progress)).await?.list;
        if list.sessions.iter().all(|session| session.user_name().is_some()) {
            return Ok(list);
        }
        let mut list = list.apart();
        names::fill_users(inner, RequestClass::Lookup, LIST_NAMES_BUDGET, &mut list.sessions).await;
        Ok(list.map(|sessions| Arc::new(sessions.into_iter().collect())))
    }

    /// The sessions that a user has on any pod, this one included: one question, by the SID. A pod that does not answer
    /// is not told of: what it hosts is missing.
    ///
    /// # Errors
    ///
    /// As those of [`Estate::list_pod_sessions`]; `BadAnswer` when the list is not whole.
    pub async fn sessions_of_user(&self, user: &UserId) -> Result<Vec<Session>, Fault> {
        let operation = Operation::ListGlobalSessions;
        let inner = self.horizon(operation)?;
        let request = |number| global_sessions::list_of_user_request(user, number, PAGE_SIZE);
        let names = inner.known().pods.clone();
        let place = move |session: &mut SessionParts<'_>| {
            let named = session.pod_id.as_deref().and_then(|id| names.get(&PodId::from(id)));
            if let (None, Some(name)) = (&session.pod_name, named) {
                session.pod_name = Some(Cow::Owned(name.as_str().to_owned()));
            }
        };
        let resource = Resource::GlobalSessions;
        let read = inner.read_sessions(RequestClass::Lookup, resource, request, place, None, |_| {});
        let list = Box::pin(read).await?.list.apart();
        if list.complete && list.unreadable == 0 {
            return Ok(list.sessions);
        }
        Err(Fault::new(FaultKind::BadAnswer, operation.label(), "the list of a user's sessions is not whole"))
    }

    /// Asks for a verb on sessions of other pods, grouped by pod in one call: one answer for each target, in their order.
    /// What a pod as a whole refused is the answer for each of its targets of which nothing else is said; accepted means
    /// that the request reached the pod that hosts the session.
    ///
    /// # Errors
    ///
    /// As [`Estate::act`]; `NotConfigured` without a federation.
    pub async fn act_on_pods(
        &self,
        action: &Action,
        targets: &[(PodId, SessionId)],
        stop: &CancellationToken,
    ) -> Result<Vec<ItemAnswer>, Fault> {
        let operation = Operation::global(action.verb);
        if targets.len() > Self::MAX_TARGETS {
            let what = format!("{} targets in one call, {} at most", targets.len(), Self::MAX_TARGETS);
            return Err(never_sent(operation, &what));
        }
        let (groups, places) = grouped(targets);
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let request = global_sessions::act_request(action, &groups)?;
        let turn = Turn::stoppable(RequestClass::Job, stop);
        let versioned = self.horizon(operation)?.put(turn, None, &request).await?;
        let answers = global_sessions::read_answer(action.verb, &groups, &versioned.answer.body)?;
        let answer_of = |(group, id): &(usize, usize)| answers.get(*group)?.get(*id).cloned();
        Ok(places.iter().filter_map(answer_of).collect())
    }
}

/// Targets by pod, and for each target the numbers of its group and of its id there. One that is given twice is asked
/// for once; both get the answer.
fn grouped(targets: &[(PodId, SessionId)]) -> (Vec<Group<'_>>, Vec<(usize, usize)>) {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut group_of: HashMap<&PodId, usize> = HashMap::new();
    let mut place_of: HashMap<(&PodId, &SessionId), (usize, usize)> = HashMap::with_capacity(targets.len());
    let mut places = Vec::with_capacity(targets.len());
    for (pod, id) in targets {
        let place = *place_of.entry((pod, id)).or_insert_with(|| {
            let group = *group_of.entry(pod).or_insert_with(|| {
                groups.push(Group { pod, ids: Vec::new() });
                groups.len() - 1
            });
            groups[group].ids.push(id);
            (group, groups[group].ids.len() - 1)
        });
        places.push(place);
    }
    (groups, places)
}
