//! Waiting until the sessions of servers that are drained have ended.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::{
    api::{Listing, RequestClass},
    cli::{
        cloud::of,
        interrupt::Interrupts,
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note},
    },
    core::cloud::took,
    domain::{AppServer, AppServerId, AppServerQuery, Fault, FaultKind},
    error::{Class, Error},
};

/// How many sessions are left on each server, as they were seen last; `None` is not known.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Left(pub(super) BTreeMap<AppServerId, Option<i64>>);

impl Left {
    /// Takes a reading. A server that a whole list does not have has no sessions any more.
    fn read(&mut self, list: &Listing<AppServer>) {
        for (id, left) in &mut self.0 {
            match list.rows.iter().find(|server| server.id == *id) {
                Some(server) => *left = server.sessions,
                None if list.complete => *left = Some(0),
                None => *left = None,
            }
        }
    }

    /// The servers on which sessions are left, or may be.
    fn busy(&self) -> usize {
        self.0.values().filter(|left| **left != Some(0)).count()
    }

    /// `17 sessions left on 2 of 3 servers`.
    fn words(&self) -> String {
        let known: i64 = self.0.values().flatten().sum();
        let unknown = if self.0.values().any(Option::is_none) { " or more" } else { "" };
        let sessions = if known == 1 { "session" } else { "sessions" };
        format!("{known}{unknown} {sessions} left on {} of {} servers", self.busy(), self.0.len())
    }
}

/// What is waited for.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) servers: Vec<AppServerId>,
    pub(super) every: Duration,
    pub(super) deadline: Duration,
}

impl Waiting {
    /// Waits until no session is left on the servers, and says on standard error how many there are. The error is what
    /// becomes the end of the command; `left` is what was seen last in any case.
    pub(super) async fn until_empty(
        &self,
        left: &mut Left,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        streams: &mut Streams<'_>,
    ) -> Result<(), Error> {
        left.0 = self.servers.iter().map(|id| (id.clone(), None)).collect();
        if left.0.is_empty() {
            return Ok(());
        }
        let hint =
            "they stay in maintenance: wait again with the same command, log the sessions off, or undrain";
        let ended = async {
            let query = AppServerQuery::default();
            let ask = async || reached.estate.app_servers(RequestClass::Job, &query).await;
            let tell = |words: String, is_news: bool| {
                progress.clear(streams);
                if is_news {
                    note(streams, &words);
                }
                progress.draw(streams, &words);
            };
            self.watch(left, ask, tell).await
        };
        let ended = interrupts.or(ended).await;
        progress.clear(streams);
        match ended {
            Err(Stop::Failed(_) | Stop::NobodyListens) | Ok(Ok(false)) => {
                let words = format!("not drained: {}", left.words());
                Err(Error::new(Class::Partial, words).hint(hint))
            }
            Ok(Err(fault)) => Err(of(reached, fault)),
            Ok(Ok(true)) => Ok(()),
        }
    }

    /// Asks until no session is left, which it then says; or until nobody waits longer. That one reading fails is no end.
    ///
    /// # Errors
    ///
    /// When nobody is logged in any more, or servers may not be read: no further look would show more.
    async fn watch(
        &self,
        left: &mut Left,
        mut ask: impl AsyncFnMut() -> Result<Listing<AppServer>, Fault>,
        mut tell: impl FnMut(String, bool),
    ) -> Result<bool, Fault> {
        let began = Instant::now();
        let mut said = String::new();
        loop {
            let since = took(i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX));
            match ask().await {
                Ok(list) => {
                    left.read(&list);
                    let words = left.words();
                    tell(format!("{words}, {since}"), words != said);
                    said = words;
                    if left.busy() == 0 {
                        return Ok(true);
                    }
                }
                Err(fault) => match fault.kind {
                    FaultKind::Unauthenticated | FaultKind::InsufficientPermission => return Err(fault),
                    _ => tell(format!("they could not be read, and are read again: {fault}"), true),
                },
            }
            if began.elapsed() + self.every > self.deadline {
                return Ok(false);
            }
            tokio::time::sleep(self.every).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "an answer, beside those that are faults")]
    fn list(counts: &[(&str, Option<i64>)]) -> Result<Listing<AppServer>, Fault> {
        let server = |(id, sessions): &(&str, Option<i64>)| AppServer {
            sessions: *sessions,
            ..AppServer::new((*id).into())
        };
        Ok(Listing {
            rows: counts.iter().map(server).collect(),
            complete: true,
            unreadable: 0,
            unreadable_fields: 0,
        })
    }

    fn fault(kind: FaultKind) -> Result<Listing<AppServer>, Fault> {
        Err(Fault::new(kind, "list app servers", "words"))
    }

    /// How it ended, what is left, and what was news.
    async fn watched(
        answers: Vec<Result<Listing<AppServer>, Fault>>,
    ) -> (Result<bool, FaultKind>, Vec<Option<i64>>, Vec<String>) {
        let waiting = Waiting {
            servers: vec!["a".into(), "b".into()],
            every: Duration::from_secs(15),
            deadline: Duration::from_mins(1),
        };
        let mut left = Left(waiting.servers.iter().map(|id| (id.clone(), None)).collect());
        let mut answers = VecDeque::from(answers);
        let last = answers.back().cloned().unwrap();
        let ask = async || answers.pop_front().unwrap_or_else(|| last.clone());
        let mut news = Vec::new();
        let tell = |words: String, is_news: bool| {
            if is_news {
                news.push(words);
            }
        };
        let end = waiting.watch(&mut left, ask, tell).await;
        (end.map_err(|fault| fault.kind), left.0.into_values().collect(), news)
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_until_nobody_is_left() {
        let answers = vec![
            list(&[("a", Some(3)), ("b", Some(0)), ("c", Some(9))]),
            fault(FaultKind::Unreachable),
            list(&[("a", Some(1)), ("b", Some(0))]),
            list(&[("b", Some(0))]),
        ];
        let (end, left, news) = watched(answers).await;
        assert_eq!((end, left), (Ok(true), vec![Some(0), Some(0)]));
        assert_eq!(news[0], "3 sessions left on 1 of 2 servers, 0s");
        assert_eq!(
            news[2..],
            ["1 session left on 1 of 2 servers, 30s", "0 sessions left on 0 of 2 servers, 45s"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_wanted_and_what_is_not_known_is_not_empty() {
        let (end, left, news) = watched(vec![list(&[("a", None), ("b", Some(0))])]).await;
        assert_eq!((end, left), (Ok(false), vec![None, Some(0)]));
        assert_eq!(news, ["0 or more sessions left on 1 of 2 servers, 0s"]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_may_not_look_does_not_wait() {
        let (end, left, _) = watched(vec![fault(FaultKind::InsufficientPermission)]).await;
        assert_eq!((end, left), (Err(FaultKind::InsufficientPermission), vec![None, None]));
    }
}
