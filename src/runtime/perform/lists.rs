//! Reading the lists that are always kept: sessions and events.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Shared, not_connected};
use crate::{
    api::{ListProgress, RequestClass},
    core::{cloud::CloudMsg, effect::RequestId, msg::Msg, state::Scope, table::SessionTable},
    domain::{Federation, SessionId},
    engine::{self, Sighting},
};

pub(super) async fn fetch_sessions(shared: Arc<Shared>, request: RequestId, scope: Scope) {
    let Some(estate) = shared.estate().await else {
        let fault = not_connected("list sessions");
        return shared.send(Msg::SessionsFailed { request, fault }).await;
    };
    let federation = shared.federation.lock().await.clone();
    let is_first = shared.pods.lock().await.shown().is_none();
    let local = federation.as_deref().and_then(Federation::local).cloned();
    let glimpses = is_first.then(|| engine::Glimpses::new(local, Timestamp::now()));
    let progress = |progress: ListProgress<'_>| {
        // Only whoever has nothing else to look at looks at this.
        if let Some(glimpses) = &glimpses {
            let (received, total) = (progress.received, progress.total);
            // It may be dropped when the console is busy; the next one says more.
            drop(shared.messages.try_send(Msg::SessionsProgressed { request, received, total }));
            let messages = shared.messages.clone();
            glimpses.look(progress, estate.clock_offset(), move |table| {
                drop(messages.blocking_send(Msg::SessionsGlimpsed { request, table }));
            });
        }
    };
    let (class, now) = (RequestClass::Poll, Timestamp::now);
    let polled = match federation.as_deref() {
        // Polls of the list are never stacked: nobody else waits for this memory.
        Some(federation) if scope == Scope::Global => {
            let memory = &mut *shared.pods.lock().await;
            engine::poll_all_pods(&estate, class, federation, memory, now, progress).await
        }
        known => {
            let pod = known.and_then(Federation::local);
            let last = shared.pods.lock().await.shown();
            engine::poll_sessions(&estate, class, pod, last, now, progress).await
        }
    };
    let mut shown = None;
    let answer = match polled {
        Ok(polled) => {
            let mut pods = shared.pods.lock().await;
            if let Some(part) = glimpses.as_ref().and_then(engine::Glimpses::last) {
                pods.shows(&part);
            }
            let table = pods.prepare(polled.table).await;
            drop(pods);
            shared.lookout.tell(Sighting::List(Arc::clone(&table)));
            shown = Some(Arc::clone(&table));
            Msg::SessionsLoaded { request, table, unreadable: polled.unreadable }
        }
        Err(fault) => Msg::SessionsFailed { request, fault },
    };
    shared.note_capabilities().await;
    if let Some(since) = estate.sessions_since() {
        shared.send(Msg::Cloud(CloudMsg::SessionsSince(since))).await;
    }
    shared.send(answer).await;
    if let Some(table) = shown {
        drop(tokio::task::spawn_blocking(move || table.rank_columns()).await);
    }
}

pub(super) async fn renew_sessions(
    shared: Arc<Shared>,
    request: RequestId,
    of: Arc<SessionTable>,
    sessions: Vec<SessionId>,
) {
    let answer = match shared.estate().await {
        Some(estate) => engine::renew_sessions(&estate, Arc::clone(&of), &sessions).await,
        None => Err(not_connected("list sessions")),
    };
    let answer = match answer {
        Ok(Some(table)) => {
            let mut pods = shared.pods.lock().await;
            let is_shown = pods.shown().is_some_and(|shown| Arc::ptr_eq(&shown, &of));
            if is_shown { Ok(Some(pods.prepare(table).await)) } else { Ok(None) }
        }
        other => other,
    };
    shared.send(Msg::SessionsRenewed { request, of, answer }).await;
}

pub(super) async fn fetch_events(shared: Arc<Shared>, request: RequestId) {
    let Some(estate) = shared.estate().await else {
        let fault = not_connected("list events");
        return shared.send(Msg::EventsFailed { request, fault }).await;
    };
    let mut mark = shared.mark.lock().await;
    let answer = match estate.events(mark.as_ref()).await {
        Ok(batch) => {
            *mark = Some(batch.mark);
            let offset = estate.clock_offset().unwrap_or_default();
            shared.lookout.tell(Sighting::Events(batch.events.clone().into(), offset));
            let (truncated, unreadable) = (batch.truncated, batch.unreadable);
            Msg::EventsLoaded { request, events: batch.events, feed: batch.feed, truncated, unreadable }
        }
        Err(fault) => Msg::EventsFailed { request, fault },
    };
    drop(mark);
    shared.send(answer).await;
}
