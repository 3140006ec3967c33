//! Which sessions a verb is about, and what is known of them when the plan is made.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::{
    filter,
    groups::{self, Need},
    list, of, read_list, say_window,
};
use crate::{
    api::{ListProgress, RequestClass},
    cli::{
        args::{PodArgs, TargetArgs},
        interrupt::Interrupts,
        progress::{Counter, Progress},
        reach::Reached,
        run::{Stop, Streams},
    },
    core::{filter::Filter, table::SessionTable},
    domain::{Fault, FaultKind, Session, SessionFacts, SessionId, SessionRow},
    engine::PolledSessions,
    error::Error,
};

/// Up to so many ids are read one by one; for more, reading the whole list is quicker.
const FEW: usize = 20;

/// How many single sessions are asked for at a time. The governor decides when each request leaves.
const AT_A_TIME: usize = 8;

/// Which sessions are meant.
#[derive(Debug, Clone)]
pub(super) enum Chosen {
    Where(Filter),
    Ids(Vec<SessionId>),
}

impl Chosen {
    /// Understands the arguments.
    pub(super) fn new(args: &TargetArgs) -> Result<Self, Error> {
        match &args.filter {
            // What a script gets when a variable of its own is not set.
            Some(text) if text.trim().is_empty() => {
                Err(Error::usage("--where is empty, which would mean every session")
                    .hint("write --where 'id:*' when you mean every session"))
            }
            Some(text) => Ok(Self::Where(filter::sessions(Some(text))?)),
            // The same from a script: no session has this id, and nobody can have meant it.
            None if args.ids.iter().any(|id| id.trim().is_empty()) => {
                Err(Error::usage("--id is empty").hint("is a variable of the script not set?"))
            }
            None => Ok(Self::Ids(args.ids.iter().map(|id| SessionId::from(id.as_str())).collect())),
        }
    }

    /// Whether sessions were named of which only this pod is asked: they may be on another one.
    pub(super) fn is_of_this_pod(&self, pods: PodArgs) -> bool {
        matches!(self, Self::Ids(_)) && !pods.all_pods
    }

    /// The newest list, as far as it is needed, and the chosen sessions in its order. A chosen session that is not in it
    /// is gone.
    pub(super) async fn read(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        pods: PodArgs,
        streams: &mut Streams<'_>,
    ) -> Result<(Arc<SessionTable>, Vec<SessionId>), Stop> {
        match self {
            // Which pod has which only the lists tell; one by one, sessions can be asked for at their own pod only.
            Self::Ids(ids) if pods.all_pods => {
                let polled =
                    read_list(reached, interrupts, progress, RequestClass::Job, pods, streams).await?;
                Ok((polled.table, ids.clone()))
            }
            Self::Ids(ids) => {
                let table = read_ids(ids, reached, interrupts, progress, streams).await?;
                Ok((table, ids.clone()))
            }
            Self::Where(filter) => {
                let polled =
                    read_list(reached, interrupts, progress, RequestClass::Job, pods, streams).await?;
                let need = Need::of(filter, false);
                let names = groups::names(need, &polled.table, reached, interrupts, streams).await?;
                let (_, sessions) = list::choose(filter, &polled.table, &names, reached, streams);
                let ids = sessions.iter().map(|session| session.session_id()).collect();
                Ok((polled.table, ids))
            }
        }
    }
}

/// Reads these sessions: one by one, or from the list and then those one by one on which the list is no proof.
async fn read_ids(
    ids: &[SessionId],
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<Arc<SessionTable>, Stop> {
    if reached.estate.sessions_since().is_some() {
        return read_from_window(ids, reached, interrupts, progress, streams).await;
    }
    let (listed, open) = if ids.len() <= FEW {
        (Arc::new(SessionTable::new(Vec::new(), Timestamp::now(), false)), ids.iter().collect())
    } else {
        let this_pod = PodArgs::default();
        let polled = read_list(reached, interrupts, progress, RequestClass::Job, this_pod, streams).await?;
        let open = in_doubt(ids, &polled);
        (polled.table, open)
    };
    if open.is_empty() {
        return Ok(listed);
    }
    let counter = Counter::default();
    let reading = read_each(&open, reached, &counter);
    let reading = progress.during(streams, "reading single sessions", &counter, reading);
    let found = interrupts.or(reading).await?.map_err(|fault| of(reached, fault))?;
    let offset = reached.estate.clock_offset();
    let server_time = offset.and_then(|offset| listed.fetched_at().checked_add(offset).ok());
    Ok(Arc::new(with_found(&listed, found).with_server_time(server_time)))
}

/// Reads these sessions where lists have a window: all in one go, and no absence is a proof.
async fn read_from_window(
    ids: &[SessionId],
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<Arc<SessionTable>, Stop> {
    say_window(reached, streams);
    let wanted: BTreeSet<&SessionId> = ids.iter().collect();
    let targets: Vec<_> = wanted.into_iter().map(|id| (None, id.clone())).collect();
    let counter = Counter::default();
    let reading = Box::pin(reached.estate.read_again(&targets));
    let reading = progress.during(streams, "reading sessions", &counter, reading);
    let read = interrupts.or(reading).await?.map_err(|fault| of(reached, fault))?;
    let failed = read.unread.into_values().find(|fault| fault.kind != FaultKind::EntityNotFound);
    if let Some(fault) = failed {
        return Err(of(reached, fault).into());
    }
    let found = read.found.into_values().collect();
    Ok(Arc::new(SessionTable::new(found, Timestamp::now(), false).with_server_time(Some(read.as_of))))
}

/// The sessions that are not in a list which does not prove that they are gone: it changed while it was read, or rows of
/// it could not be read.
fn in_doubt<'a>(ids: &'a [SessionId], polled: &PolledSessions) -> BTreeSet<&'a SessionId> {
    if polled.table.complete() && polled.unreadable == 0 {
        return BTreeSet::new();
    }
    ids.iter().filter(|id| polled.table.find(id).is_none()).collect()
}

/// The list with what was found outside of it. All that was asked for is settled now: what is missing is gone.
fn with_found(listed: &SessionTable, found: Vec<Session>) -> SessionTable {
    let sessions = listed.iter().map(SessionRow::to_session).chain(found).collect();
    SessionTable::new(sessions, listed.fetched_at(), true)
}

/// Reads these sessions one by one. Those that have ended are not in the answer.
async fn read_each(
    ids: &BTreeSet<&SessionId>,
    reached: &Reached,
    counter: &Counter,
) -> Result<Vec<Session>, Fault> {
    let read = |(number, id): (usize, &SessionId)| {
        let (id, total) = (id.clone(), Some(ids.len()));
        async move {
            let answer = reached.estate.session(&id).await;
            counter.note(ListProgress::of(number + 1, total));
            unless_gone(&id, answer)
        }
    };
    let answers = stream::iter(ids.iter().copied().enumerate()).map(read).buffered(AT_A_TIME);
    let found: Vec<Option<Session>> = answers.try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// A session, or `None` when the server says that there is none with this id.
fn unless_gone(id: &SessionId, answer: Result<Session, Fault>) -> Result<Option<Session>, Fault> {
    match answer {
        Ok(session) if session.id == *id => Ok(Some(session)),
        // Taken as it is, it would be missing under the id that was asked for, and pass for gone.
        Ok(session) => {
            let words = format!("asked for session {id}, the server answered with {}", session.id);
            Err(Fault::new(FaultKind::BadAnswer, "read a session", words))
        }
        Err(fault) if fault.kind == FaultKind::EntityNotFound => Ok(None),
        // It is there, but may not be looked at. Whether it may be acted on the server tells for it alone: one that is
        // refused never stops the rest.
        Err(fault) if fault.kind == FaultKind::InsufficientPermission => Ok(Some(Session::new(id.clone()))),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::bulk::{HoldReason, missing_from};

    fn session(id: &str) -> Session {
        Session::new(id.into())
    }

    fn polled(complete: bool, unreadable: usize) -> PolledSessions {
        let sessions = vec![session("a"), session("b")];
        let table = Arc::new(SessionTable::new(sessions, Timestamp::UNIX_EPOCH, complete));
        PolledSessions { table, unreadable }
    }

    #[test]
    fn only_a_whole_list_proves_that_a_session_is_gone() {
        let ids: Vec<SessionId> = ["a", "x", "b", "y", "x"].map(SessionId::from).to_vec();
        let doubted = |complete, unreadable| -> Vec<String> {
            in_doubt(&ids, &polled(complete, unreadable)).into_iter().map(ToString::to_string).collect()
        };
        assert!(doubted(true, 0).is_empty());
        assert_eq!(doubted(false, 0), ["x", "y"]);
        assert_eq!(doubted(true, 1), ["x", "y"], "it may be the row that could not be read");
    }

    #[test]
    fn what_is_still_missing_after_asking_for_it_is_gone() {
        let listed = polled(false, 0).table;
        let table = with_found(&listed, vec![session("x")]);
        assert!(["a", "b", "x"].into_iter().all(|id| table.find(&id.into()).is_some()));
        assert_eq!((table.len(), missing_from(&table, None)), (3, HoldReason::Gone));
        assert_eq!(table.fetched_at(), listed.fetched_at());
    }

    #[test]
    fn gone_is_only_what_the_server_says_is_not_there() {
        let id = SessionId::from("a");
        let fault = |kind| Fault::new(kind, "read a session", "words");
        assert_eq!(unless_gone(&id, Ok(session("a"))), Ok(Some(session("a"))));
        assert_eq!(unless_gone(&id, Err(fault(FaultKind::EntityNotFound))), Ok(None));
        let hidden = unless_gone(&id, Err(fault(FaultKind::InsufficientPermission)));
        assert_eq!(hidden, Ok(Some(session("a"))), "there, though nothing is known of it");
        for kind in [FaultKind::Unreachable, FaultKind::BadAnswer] {
            assert_eq!(unless_gone(&id, Err(fault(kind))), Err(fault(kind)));
        }
        assert_eq!(unless_gone(&id, Ok(session("b"))).unwrap_err().kind, FaultKind::BadAnswer);
    }
}
