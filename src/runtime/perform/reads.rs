//! Questions that are asked once in a while: pods, permissions, images, people, attributes of events.

use std::sync::Arc;

use super::{Shared, not_connected};
use crate::{
    api::RequestClass,
    core::{bulk::Look, effect::RequestId, form::SearchField, msg::Msg},
    domain::{EventId, FaultKind, JobId, PodId, SessionId, StreamQuery, Text, UserId},
    engine::{FoundGroups, find_groups},
};

pub(super) async fn rights(shared: Arc<Shared>, request: RequestId) {
    let answer = match shared.estate().await {
        Some(estate) => estate.refresh_rights(RequestClass::Poll).await.map(Box::new),
        None => Err(not_connected("read the account's rights")),
    };
    if let (Ok(now), Some((_, known))) = (&answer, shared.estate.lock().await.as_mut()) {
        // The answer tells it; nobody else needs to.
        known.clone_from(now);
    }
    shared.send(Msg::RightsRead { request, answer }).await;
}

pub(super) async fn federation(shared: Arc<Shared>, request: RequestId) {
    let answer = match shared.estate().await {
        Some(estate) => estate.federation(RequestClass::Poll).await.map(|found| found.map(Arc::new)),
        None => Err(not_connected("read the federation")),
    };
    if let Ok(found) = &answer {
        shared.federation.lock().await.clone_from(found);
    }
    shared.send(Msg::FederationRead { request, answer }).await;
}

pub(super) async fn permissions(shared: Arc<Shared>, request: RequestId) {
    let answer = match shared.estate().await {
        Some(estate) => estate.permission_book(RequestClass::Poll).await.map(Arc::new),
        None => Err(not_connected("list permissions")),
    };
    shared.send(Msg::PermissionsRead { request, answer }).await;
}

pub(super) async fn images(shared: Arc<Shared>, request: RequestId, query: StreamQuery) {
    let answer = match shared.estate().await {
        Some(estate) => estate.image_book(RequestClass::Poll, &query).await.map(Arc::new),
        None => Err(not_connected("list image streams")),
    };
    shared.send(Msg::ImagesRead { request, answer }).await;
}

pub(super) async fn search_principals(shared: Arc<Shared>, request: RequestId, text: String) {
    // One more than is listed tells whether there are more.
    let answer = match shared.estate().await {
        Some(estate) => estate.search_principals(&text, SearchField::MOST + 1).await,
        None => Err(not_connected("look up users")),
    };
    shared.send(Msg::PrincipalsFound { request, answer }).await;
}

pub(super) async fn protected_groups(shared: Arc<Shared>, names: Vec<String>) {
    let Some(estate) = shared.estate().await else { return };
    let FoundGroups { found, unfound, again } = find_groups(&estate, &names).await;
    shared.send(Msg::ProtectedGroupsFound { found, unfound, again }).await;
}

pub(super) async fn principals(shared: Arc<Shared>, request: RequestId, ids: Vec<UserId>) {
    let Some(estate) = shared.estate().await else {
        let answer = Err(not_connected("read a user or group"));
        return shared.send(Msg::PrincipalsRead { request, answer }).await;
    };
    let mut found = Vec::with_capacity(ids.len());
    let mut failed = None;
    for id in &ids {
        match estate.principal(id).await {
            Ok(principal) => found.push(principal),
            Err(fault) if fault.kind == FaultKind::EntityNotFound => {}
            Err(fault) => failed = Some(fault),
        }
    }
    let answer = failed.map_or(Ok(found), Err);
    shared.send(Msg::PrincipalsRead { request, answer }).await;
}

pub(super) async fn group_names(shared: Arc<Shared>, request: RequestId, ids: Vec<UserId>) {
    let answer = match shared.estate().await {
        Some(estate) => estate.principals(&ids).await,
        None => Err(not_connected("look up names of groups")),
    };
    shared.send(Msg::PrincipalsRead { request, answer }).await;
}

pub(super) async fn event_attributes(shared: Arc<Shared>, request: RequestId, event: EventId) {
    let answer = match shared.estate().await {
        Some(estate) => estate.event_attributes(event).await,
        None => Err(not_connected("read the details of an event")),
    };
    shared.send(Msg::EventAttributesRead { request, answer }).await;
}

pub(super) async fn user_sessions(shared: Arc<Shared>, request: RequestId, user: UserId) {
    let answer = match shared.estate().await {
        Some(estate) => estate.sessions_of_user(&user).await,
        None => Err(not_connected("read the sessions of a user")),
    };
    shared.send(Msg::UserSessionsRead { request, answer }).await;
}

/// Reads targets of a job again.
pub(super) async fn sessions_again(
    shared: Arc<Shared>,
    job: JobId,
    targets: Vec<(Option<PodId>, SessionId)>,
) {
    let answer = match shared.estate().await {
        None => Err(not_connected("read sessions again")),
        Some(estate) => estate.read_again(&targets).await.map(|read| {
            let look = |id: &SessionId| match (read.found.get(id), read.unread.get(id)) {
                (Some(session), _) => Look::There(Box::new(session.clone())),
                (None, _) if read.gone.contains(id) => Look::Gone,
                (None, Some(fault)) => Look::Unread(Text::clean(&fault.to_string())),
                (None, None) => Look::Unread(Text::clean("the server does not say")),
            };
            targets.iter().map(|(_, id)| (id.clone(), look(id))).collect()
        }),
    };
    shared.send(Msg::JobReadAgain { job, answer }).await;
}
