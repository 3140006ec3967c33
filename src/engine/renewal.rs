//! Looking at some sessions of a list again, between two readings of it.

use std::sync::Arc;

use crate::{
    api::Estate,
    core::table::SessionTable,
    domain::{Fault, SessionFacts, SessionId},
};

/// Looks at these sessions again, as far as the pod that answers hosts them and the release makes that cheap; the list with
/// what is new about them, if anything is.
///
/// # Errors
///
/// Those of reading a list.
pub async fn renew_sessions(
    estate: &Estate,
    table: Arc<SessionTable>,
    sessions: &[SessionId],
) -> Result<Option<Arc<SessionTable>>, Fault> {
    let local = table.pods().iter().find(|pod| pod.local).map(|pod| &pod.id);
    let is_here = |id: &&SessionId| {
        let pod = table.row_of(id).and_then(SessionFacts::pod_id);
        // More than one pod may mean something by it.
        !table.ambiguous().contains_key(*id) && (local.is_none() || pod == local)
    };
    let here: Vec<SessionId> = sessions.iter().filter(is_here).cloned().collect();
    let found = estate.listed_now(&here).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let renewed = tokio::task::spawn_blocking(move || table.renewed(&found)).await;
    Ok(renewed
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "sessions that were looked at again stay as they were");
            None
        })
        .map(Arc::new))
}
