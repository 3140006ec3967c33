//! `--all-pods`: the sessions of a whole federation.

use super::of;
use crate::{
    api::RequestClass,
    cli::{
        interrupt::Interrupts,
        reach::Reached,
        run::{Stop, Streams, note, warn},
    },
    core::table::{PodRead, SessionTable},
    domain::{Fault, FaultKind, Federation},
    error::Class,
};

/// The pods; `None`, and a word about it, where there is no other pod to ask for.
pub(super) async fn federation(
    reached: &Reached,
    interrupts: &Interrupts,
    class: RequestClass,
    streams: &mut Streams<'_>,
) -> Result<Option<Federation>, Stop> {
    let answer = interrupts.or(reached.estate.federation(class)).await?;
    let found = answer.map_err(|fault| of(reached, fault))?;
    match found {
        Some(federation) if federation.local().is_none() => {
            let words = "the server does not say which pod of the federation it is";
            Err(of(reached, Fault::new(FaultKind::BadAnswer, "read the pods", words)).into())
        }
        Some(federation) if federation.remote().next().is_some() => Ok(Some(federation)),
        Some(_) => {
            note(streams, "the federation has no other pod: these are the sessions of this one");
            Ok(None)
        }
        None => {
            note(streams, "there is no federation here: these are the sessions of this pod");
            Ok(None)
        }
    }
}

/// Whether a session that this pod does not have may be on another one. Only a server that says so itself has no others.
pub(super) async fn may_have_others(reached: &Reached) -> bool {
    match reached.estate.federation(RequestClass::Job).await {
        Ok(None) => false,
        Ok(Some(federation)) => federation.pods.iter().any(|pod| !pod.local),
        Err(fault) => {
            tracing::debug!(%fault, "whether there are other pods is not known");
            true
        }
    }
}

/// Names the pods that did not answer.
pub(super) fn warn_of_silence(table: &SessionTable, streams: &mut Streams<'_>) {
    for pod in table.silent_pods() {
        if let Some(fault) = pod.fault.as_ref().filter(|fault| fault.kind == FaultKind::NotInRelease) {
            // It was not asked at all.
            warn(streams, &format!("the sessions of pod {} are missing: {fault}", pod.name));
            continue;
        }
        let why = pod.fault.as_ref().map_or_else(String::new, |fault| format!(" ({fault})"));
        warn(streams, &format!("pod {} did not answer{why}: its sessions are missing", pod.name));
    }
}

/// Whether the list of every pod that answered is all that it has.
pub(super) fn answers_are_whole(table: &SessionTable) -> bool {
    if table.pods().is_empty() {
        return table.complete();
    }
    table.pods().iter().all(|pod| pod.is_stale() || pod.complete)
}

/// The exit code of something that went well, as far as the pods answered: sessions that nobody could see were not
/// listed or acted on.
pub(super) fn code(table: &SessionTable) -> u8 {
    if table.pods().iter().any(PodRead::is_stale) { Class::Partial.code() } else { 0 }
}
