//! Reading the whole list of sessions into a table.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    api::{Estate, ListProgress, RequestClass},
    core::table::SessionTable,
    domain::Fault,
};

/// A list that was read.
#[derive(Debug, Clone)]
pub struct PolledSessions {
    /// The table, built away from whoever draws it.
    pub table: Arc<SessionTable>,
    /// Rows that could not be read and are not in it.
    pub unreadable: usize,
}

/// Reads all sessions and builds the table.
///
/// The table's time is the moment at which the reading began: a session that ended while the pages came in was there
/// then. Every "how long" in it is measured by the server's clock, as far as the server tells it. Errors are the wire's faults; nothing of a list that broke off half-way is returned.
pub async fn poll_sessions(
    estate: &Estate,
    class: RequestClass,
    now: impl Fn() -> Timestamp,
    progress: impl Fn(ListProgress) + Send + Sync,
) -> Result<PolledSessions, Fault> {
    let began_at = now();
    let list = estate.list_sessions(class, progress).await?;
    let unreadable = list.unreadable;
    let server_time = list.clock_offset.and_then(|offset| began_at.checked_add(offset).ok());
    let build =
        move || SessionTable::new(list.sessions, began_at, list.complete).with_server_time(server_time);
    // Sorting and interning 250,000 rows takes long enough to hold up a task that others share a thread with.
    let table = match tokio::task::spawn_blocking(build).await {
        Ok(table) => Arc::new(table),
        Err(error) => {
            let message = format!("building the table failed: {error}");
            return Err(Fault::new(crate::domain::FaultKind::Unexpected, "list sessions", message));
        }
    };
    Ok(PolledSessions { table, unreadable })
}
