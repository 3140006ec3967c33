//! Keeps the journals of one console's jobs: opens one for each, and writes into it what the job says.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::{AuditRecord, Journal, JournalError, JournalStore, Listed, Opening, Record};
use crate::{
    core::bulk::{
        Evidence, Finding,
        journal::{Author, CourseLine, JobLine, ListedJob, Recovered, Standing, Work},
    },
    domain::{Fault, FaultKind, Outcome, Text},
    engine::JobRecord,
};

/// Writes the journals of jobs on one estate. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Scribe {
    store: JournalStore,
    by: Author,
    estate: Text,
}

impl Scribe {
    /// Writes for this person on this estate; `estate` tells it from others: profile and server.
    pub fn new(store: JournalStore, by: Author, estate: Text) -> Self {
        Self { store, by, estate }
    }

    /// The estate as journals name it.
    pub fn estate(&self) -> &Text {
        &self.estate
    }

    /// The account that jobs are carried out with.
    pub fn operator(&self) -> &Text {
        &self.by.operator
    }

    /// Whoever works here.
    pub fn author(&self) -> &Author {
        &self.by
    }

    /// Whether a job could begin, as [`JournalStore::check`] tells.
    pub async fn check(&self) -> Result<(), JournalError> {
        self.store.check().await
    }

    /// The job that uses a plan up already, as [`JournalStore::started`] does.
    pub async fn started(&self, work: Work) -> Result<Option<String>, JournalError> {
        self.store.started(work).await
    }

    /// Adds a line to `audit.jsonl`, as [`JournalStore::audit`] does.
    pub async fn audit(&self, record: AuditRecord) -> Result<(), JournalError> {
        self.store.audit(record).await
    }

    /// Begins the journal of a job. When this fails the job must not start.
    pub async fn open(&self, work: Work, ticket: Option<Text>) -> Result<Arc<Journalled>, JournalError> {
        let (by, estate) = (self.by.clone(), self.estate.clone());
        let journal = self.store.open(Opening { at: Timestamp::now(), by, estate, ticket, work }).await?;
        Ok(Arc::new(Journalled::new(journal)))
    }

    /// Takes the journal of a job up again, as [`JournalStore::reopen`] does, and tells what it says until now.
    pub async fn reopen(&self, wanted: &str) -> Result<(Arc<Journalled>, Recovered), JournalError> {
        let journal = self.store.reopen(wanted, self.by.clone(), Timestamp::now()).await?;
        let recovered = journal.recovered();
        Ok((Arc::new(Journalled::new(journal)), recovered))
    }

    /// Writes down what was found out about a job after its end; its end stays as it was. What has an outcome of its own
    /// by now keeps it: somebody else went on with the job meanwhile.
    ///
    /// Fails when another console carries the job out just now, or it had no end.
    pub async fn amend(&self, wanted: &str, found: Vec<Finding>, words: Text) -> Result<(), JournalError> {
        let Some(end) = self.store.read(wanted).await?.recovered.ended else {
            return Err(JournalError::NotEnded(wanted.to_owned()));
        };
        let mut journal = self.store.reopen(wanted, self.by.clone(), Timestamp::now()).await?;
        let is_open = |standing: &Standing| {
            matches!(standing, Standing::Unanswered(_) | Standing::Answered(Outcome::Accepted))
        };
        let standings = journal.recovered().standings;
        let mut found = found;
        found.retain(|finding| standings.get(finding.place).is_some_and(is_open));
        let now = Timestamp::now();
        journal.note(now, words).await?;
        if !found.is_empty() {
            journal
                .evidence(now, found.iter().map(|finding| (finding.place, finding.evidence)).collect())
                .await?;
            let outcomes = found.into_iter().map(|finding| (finding.place, finding.outcome)).collect();
            journal.outcomes(now, outcomes).await?;
        }
        // As it was when it was taken up: somebody may have gone on with the job since it was read.
        let end = journal.earlier_end().unwrap_or(end);
        journal.closed_again(now, end).await
    }

    /// All jobs on record, as a list shows them: the newest first.
    pub async fn list(&self) -> Result<Vec<ListedJob>, JournalError> {
        let line = |listed: Listed| ListedJob {
            told: match &listed.record {
                Ok(record) => Ok(JobLine::from(record)),
                Err(error) => Err(Text::clean(&error.to_string())),
            },
            id: listed.id,
        };
        Ok(self.store.list().await?.into_iter().map(line).collect())
    }

    /// Reads a journal, as [`JournalStore::read`] does.
    pub async fn read(&self, wanted: &str) -> Result<Record, JournalError> {
        self.store.read(wanted).await
    }

    /// What the journals of this estate tell, those left out that cannot be read.
    pub async fn of_this_estate(&self) -> Result<Vec<Recovered>, JournalError> {
        let listed = self.store.list().await?;
        let records = listed.into_iter().filter_map(|listed| listed.record.ok());
        let of_this = |recovered: &Recovered| recovered.opened.estate == self.estate;
        Ok(records.map(|record| record.recovered).filter(of_this).collect())
    }

    /// The jobs of this estate that were cut off, the newest first. Journals that cannot be read are left out:
    /// `foretop jobs` names them.
    pub async fn interrupted(&self) -> Result<Vec<Listed>, JournalError> {
        let mut listed = self.store.list().await?;
        listed.retain(|listed| {
            listed.record.as_ref().is_ok_and(|record| {
                let recovered = &record.recovered;
                record.is_interrupted() && recovered.is_open() && recovered.opened.estate == self.estate
            })
        });
        Ok(listed)
    }
}

/// A job's record that is its journal.
pub struct Journalled {
    id: String,
    /// `None` when the job has ended.
    journal: Mutex<Option<Journal>>,
}

impl fmt::Debug for Journalled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Journalled").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Journalled {
    fn new(journal: Journal) -> Self {
        Self { id: journal.id().to_owned(), journal: Mutex::new(Some(journal)) }
    }

    /// The id of the journal.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// What a job says when its record cannot be kept: nothing more may leave.
impl From<JournalError> for Fault {
    fn from(error: JournalError) -> Self {
        let words = match error.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        };
        let what = match error {
            JournalError::Started { .. } => "not started",
            _ => "the record cannot be kept",
        };
        Self::new(FaultKind::Local, what, words)
    }
}

/// Nothing is written behind the last line.
fn ended() -> JournalError {
    JournalError::CutOff
}

impl JobRecord for Journalled {
    fn intent<'a>(&'a self, places: &'a [usize], what: &'a str) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut journal = self.journal.lock().await;
            let journal = journal.as_mut().ok_or_else(ended)?;
            journal.intent(Timestamp::now(), places.to_vec(), Text::clean(what)).await?;
            Ok(())
        })
    }

    fn outcomes<'a>(&'a self, outcomes: &'a [(usize, Outcome)]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut journal = self.journal.lock().await;
            Ok(journal.as_mut().ok_or_else(ended)?.outcomes(Timestamp::now(), outcomes.to_vec()).await?)
        })
    }

    fn created<'a>(&'a self, ids: &'a [(usize, String)]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut journal = self.journal.lock().await;
            Ok(journal.as_mut().ok_or_else(ended)?.created(Timestamp::now(), ids.to_vec()).await?)
        })
    }

    fn course<'a>(&'a self, says: &'a CourseLine) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut journal = self.journal.lock().await;
            Ok(journal.as_mut().ok_or_else(ended)?.course(Timestamp::now(), says.clone()).await?)
        })
    }

    fn evidence<'a>(&'a self, found: &'a [(usize, Evidence)]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut journal = self.journal.lock().await;
            Ok(journal.as_mut().ok_or_else(ended)?.evidence(Timestamp::now(), found.to_vec()).await?)
        })
    }

    fn note<'a>(&'a self, words: &'a str) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut journal = self.journal.lock().await;
            Ok(journal.as_mut().ok_or_else(ended)?.note(Timestamp::now(), Text::clean(words)).await?)
        })
    }

    fn closed<'a>(&'a self, stopped: bool, fault: Option<&'a Fault>) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let journal = self.journal.lock().await.take().ok_or_else(ended)?;
            Ok(journal.closed(Timestamp::now(), stopped, fault.cloned()).await?)
        })
    }
}
