//! What is asked of app servers: drained, let in again, rebooted (`workspace.md section 9.3`). The cloud has no job for it: what
//! became of it is read from the servers.

use tokio_util::sync::CancellationToken;

use super::{Sent, look::Looked};
use crate::{
    api::{ChangeAnswer, Estate, ItemAnswer, RequestClass},
    core::cloud::changed_meanwhile,
    domain::{AppServer, AppServerQuery, Change, Fault, FaultKind, ServerOrder, Text},
};

fn not_ours(change: &Change) -> Fault {
    Fault::new(
        FaultKind::Unexpected,
        change.kind().label(),
        "this is no change of Workspace, or not one of many",
    )
}

/// Asks the same of app servers in one call. That it was taken is said of all of them together.
pub(super) async fn order(
    estate: &Estate,
    changes: &[&Change],
    stop: &CancellationToken,
) -> Result<Vec<ChangeAnswer>, Fault> {
    let mut wanted = None;
    let mut ids = Vec::with_capacity(changes.len());
    for change in changes {
        match change {
            Change::OrderServer { order, server, .. } if wanted.is_none_or(|known| known == *order) => {
                wanted = Some(*order);
                ids.push(server.clone());
            }
            other => return Err(not_ours(other)),
        }
    }
    let Some(order) = wanted else { return Ok(Vec::new()) };
    estate.act_on_app_servers(order.verb(), &ids, stop).await?;
    Ok(vec![ChangeAnswer { answer: ItemAnswer::Accepted, created: None }; ids.len()])
}

/// Why changes must not leave any more, read just before: a server that is gone would let the call for all of them fail,
/// and a reboot must not end more sessions than were shown. Nothing about other changes.
pub(super) async fn obstacles(estate: &Estate, changes: &[&Change]) -> Result<Vec<Option<Text>>, Fault> {
    if !changes.iter().any(|change| matches!(change, Change::OrderServer { .. })) {
        return Ok(vec![None; changes.len()]);
    }
    let list = estate.app_servers(RequestClass::Job, &AppServerQuery::default()).await?;
    let obstacle = |change: &&Change| {
        let Change::OrderServer { order, server, sessions, .. } = change else { return None };
        let now = list.rows.iter().find(|known| known.id == *server);
        match now {
            None if !list.complete => Some("it could not be read again before it was to be sent".into()),
            now => changed_meanwhile(*order, *sessions, now),
        }
    };
    Ok(changes.iter().map(obstacle).collect())
}

/// What an app server shows of what was asked of it. A reboot is over only for whoever saw it begin: a server that runs
/// may not have begun.
pub(super) fn look_at(order: ServerOrder, now: &AppServer, begun: bool) -> Looked {
    match order.maintenance() {
        Some(wanted) => now.maintenance.map_or(Looked::Unknown, |is| (is == wanted).into()),
        None if now.is_rebooting() => Looked::UnderWay,
        None if begun && now.is_up() => Looked::Done,
        None => Looked::Unknown,
    }
}

/// The app servers as they are now, in one reading, where something was asked of one; those that could be read.
pub(super) async fn read(estate: &Estate, sent: &[Sent<'_>], late: bool) -> Vec<AppServer> {
    let is_order = |sent: &Sent<'_>| matches!(sent.change, Change::OrderServer { .. });
    if late || !sent.iter().any(is_order) {
        return Vec::new();
    }
    match estate.app_servers(RequestClass::Job, &AppServerQuery::default()).await {
        Ok(list) => list.rows,
        Err(fault) => {
            tracing::debug!(%fault, "app servers could not be looked at");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reboot_is_over_only_for_whoever_saw_it_begin() {
        let mut server = AppServer::new("s".into());
        let look = |server: &AppServer, begun| look_at(ServerOrder::Reboot, server, begun);
        assert_eq!(look(&server, true), Looked::Unknown, "nothing is told");
        server.vm_status = Some("ACTIVE".into());
        assert_eq!(look(&server, true), Looked::Unknown, "whether it is idle is not told");
        server.idle = Some(true);
        assert_eq!([look(&server, false), look(&server, true)], [Looked::Unknown, Looked::Done]);
        (server.idle, server.task_status) = (Some(false), Some("rebooting".into()));
        assert_eq!(look(&server, false), Looked::UnderWay);
        (server.task_status, server.vm_status) = (None, Some("ERROR".into()));
        assert_eq!(look(&server, true), Looked::Unknown);
    }

    #[test]
    fn maintenance_is_seen_in_the_row() {
        let mut server = AppServer::new("s".into());
        assert_eq!(look_at(ServerOrder::Drain, &server, false), Looked::Unknown);
        server.maintenance = Some(true);
        assert_eq!(look_at(ServerOrder::Drain, &server, false), Looked::Done);
        assert_eq!(look_at(ServerOrder::Undrain, &server, false), Looked::NotDone);
    }
}
