//! Writing the journal of a job that is being carried out.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use super::{
    AuditKind, AuditRecord, JournalError, audit,
    chain::sha256,
    disk::{self, Disk},
};
use crate::{
    core::bulk::{
        Evidence,
        journal::{Author, CLOSING, CourseLine, Ended, Entry, JournalLine, Recovered},
    },
    domain::{Fault, Outcome, Text},
};

/// The journal of a job that is being carried out. While it lives, no other console can take the job up.
///
/// Each method returns when its line is on disk. A call that is dropped before it returns is carried out all the same.
#[derive(Debug)]
pub struct Journal {
    id: String,
    writer: Arc<Mutex<Writer>>,
}

impl Journal {
    pub(super) fn new(writer: Writer) -> Self {
        Self { id: writer.recovered.opened.journal.clone(), writer: Arc::new(Mutex::new(writer)) }
    }

    /// Its id: the name of its file without the ending.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it tells so far.
    pub fn recovered(&self) -> Recovered {
        guard(&self.writer).recovered.clone()
    }

    /// How the job had ended before it was taken up again; `None` when it had not, or is a new one.
    pub fn earlier_end(&self) -> Option<Ended> {
        guard(&self.writer).earlier_end.clone()
    }

    /// Says that a request is about to leave for targets. Only when this has returned well may it leave. Returns the
    /// number of the request.
    pub async fn intent(
        &mut self,
        at: Timestamp,
        places: Vec<usize>,
        request: Text,
    ) -> Result<usize, JournalError> {
        self.with(move |writer| {
            let step = writer.recovered.next_step;
            writer.write(at, JournalLine::Intent { step, places, request })?;
            Ok(step)
        })
        .await
    }

    /// Says what became of targets. A request that certainly did not reach the server's work makes them
    /// [`Outcome::Unsent`] again, and is to be told before the program waits for a better time.
    pub async fn outcomes(
        &mut self,
        at: Timestamp,
        outcomes: Vec<(usize, Outcome)>,
    ) -> Result<(), JournalError> {
        self.line(at, JournalLine::Outcomes { outcomes }).await
    }

    /// Tells the ids of what was created.
    pub async fn created(&mut self, at: Timestamp, ids: Vec<(usize, String)>) -> Result<(), JournalError> {
        self.line(at, JournalLine::Created { ids }).await
    }

    /// Says what a course does beside sending. A message may leave only when this has returned well.
    pub async fn course(&mut self, at: Timestamp, says: CourseLine) -> Result<(), JournalError> {
        self.line(at, JournalLine::Course { says }).await
    }

    /// Says what outcomes rest on that are told next.
    pub async fn evidence(
        &mut self,
        at: Timestamp,
        found: Vec<(usize, Evidence)>,
    ) -> Result<(), JournalError> {
        self.line(at, JournalLine::Evidence { found }).await
    }

    /// Notes something that a reader wants to know.
    pub async fn note(&mut self, at: Timestamp, text: Text) -> Result<(), JournalError> {
        self.line(at, JournalLine::Note { text }).await
    }

    /// Says that nothing more will be sent, here and in `audit.jsonl`, and gives the job out of hand.
    pub async fn closed(
        mut self,
        at: Timestamp,
        stopped: bool,
        fault: Option<Fault>,
    ) -> Result<(), JournalError> {
        self.with(move |writer| writer.close(at, stopped, fault, None)).await
    }

    /// The same for a job that had ended before, and to which something was added: its end stays when and as it was.
    pub async fn closed_again(mut self, at: Timestamp, end: Ended) -> Result<(), JournalError> {
        self.with(move |writer| writer.close(at, end.stopped, end.fault, Some(end.at))).await
    }

    async fn line(&mut self, at: Timestamp, line: JournalLine) -> Result<(), JournalError> {
        self.with(move |writer| writer.write(at, line)).await
    }

    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Writer) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let writer = Arc::clone(&self.writer);
        let done = tokio::task::spawn_blocking(move || work(&mut guard(&writer))).await;
        done.unwrap_or(Err(JournalError::CutOff))
    }
}

/// Every write leaves the writer as the file is, so that a panic in another thread takes nothing away.
fn guard(writer: &Mutex<Writer>) -> MutexGuard<'_, Writer> {
    writer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file of a journal, and what is in it.
#[derive(Debug)]
pub(super) struct Writer {
    state: PathBuf,
    disk: Arc<dyn Disk>,
    /// Holds the lock.
    file: File,
    path: PathBuf,
    recovered: Recovered,
    end: End,
    /// How the job had ended before it was taken up again.
    earlier_end: Option<Ended>,
}

/// How the file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With a whole line.
    Whole,
    /// With a line that lacks only its end.
    Missing,
    /// With the beginning of a line.
    Torn,
}

impl Writer {
    pub(super) fn new(
        state: PathBuf,
        disk: Arc<dyn Disk>,
        file: File,
        path: PathBuf,
        recovered: Recovered,
    ) -> Self {
        let earlier_end = recovered.ended.clone();
        Self { state, disk, file, path, recovered, end: End::Whole, earlier_end }
    }

    /// Says how the file ends that is gone on with.
    pub(super) fn goes_on(&mut self, end: End) {
        self.end = end;
    }

    /// Writes the first line and says in `audit.jsonl` that the job begins.
    pub(super) fn begin(self, first: &Entry, folder: &Path) -> Result<Self, JournalError> {
        let text = first.to_text().map_err(io::Error::from).map_err(self.failed())?;
        disk::append(&*self.disk, &self.file, text.as_bytes())
            .map_err(|(_, error)| error)
            .map_err(self.failed())?;
        self.disk.sync(&self.file).map_err(self.failed())?;
        self.disk.sync_folder(folder).map_err(JournalError::file("write to", folder))?;
        let by = self.recovered.opened.by.clone();
        self.audit(&self.record(AuditKind::Started, by, first.at))?;
        Ok(self)
    }

    /// Writes that the job is gone on with, here and in `audit.jsonl`.
    pub(super) fn resume(&mut self, by: Author, at: Timestamp) -> Result<(), JournalError> {
        self.write(at, JournalLine::Resumed { by: by.clone() })?;
        self.audit(&self.record(AuditKind::Resumed, by, at))
    }

    fn close(
        &mut self,
        at: Timestamp,
        stopped: bool,
        fault: Option<Fault>,
        ended_at: Option<Timestamp>,
    ) -> Result<(), JournalError> {
        let kind = if fault.is_some() { AuditKind::GivenUp } else { AuditKind::Ended };
        let words = fault.as_ref().map(|fault| Text::clean(&fault.to_string()));
        self.write(at, JournalLine::Closed { stopped, fault, ended_at })?;
        let bytes = fs::read(&self.path).map_err(JournalError::file("read", &self.path))?;
        let by = self.recovered.resumed.last().map_or(&self.recovered.opened.by, |(_, by)| by).clone();
        self.audit(&AuditRecord {
            stopped: Some(stopped),
            fault: words,
            journal_bytes: Some(bytes.len() as u64),
            journal_sha256: Some(sha256(&[&bytes])),
            ..self.record(kind, by, at)
        })
    }

    /// Appends a line; when it returns well the line is on disk.
    fn write(&mut self, at: Timestamp, line: JournalLine) -> Result<(), JournalError> {
        let entry = Entry { n: self.recovered.next_line(), at, line };
        let text = entry.to_text().map_err(io::Error::from).map_err(self.failed())?;
        let closing = match self.end {
            End::Whole => "",
            End::Missing => "\n",
            End::Torn => CLOSING,
        };
        let bytes = [closing, &text].concat();
        if let Err((done, error)) = disk::append(&*self.disk, &self.file, bytes.as_bytes()) {
            if let Some(of_line) = done.checked_sub(closing.len()) {
                self.end = self.end_after(&entry, of_line, text.len());
            }
            return Err(self.failed()(error));
        }
        self.end = End::Whole;
        // Also when the next step fails: it is in the file, and may be on disk.
        self.recovered.written(&entry);
        self.disk.sync(&self.file).map_err(self.failed())
    }

    /// How the file ends when only so many bytes of a line were taken.
    fn end_after(&mut self, entry: &Entry, taken: usize, length: usize) -> End {
        match taken {
            0 => End::Whole,
            taken if taken + 1 == length => {
                self.recovered.written(entry);
                End::Missing
            }
            _ => {
                self.recovered.tore();
                End::Torn
            }
        }
    }

    fn record(&self, kind: AuditKind, by: Author, at: Timestamp) -> AuditRecord {
        let opened = &self.recovered.opened;
        let counts: BTreeMap<String, usize> = self
            .recovered
            .counts()
            .into_iter()
            .map(|(kind, count)| (kind.name().to_owned(), count))
            .collect();
        AuditRecord {
            at,
            kind,
            by,
            made_by: None,
            estate: opened.estate.clone(),
            journal: Some(opened.journal.clone()),
            plan: opened.work.plan_id().raw().to_owned(),
            verb: opened.work.verb(),
            counts,
            ticket: opened.ticket.clone(),
            stopped: None,
            fault: None,
            journal_bytes: None,
            journal_sha256: None,
        }
    }

    fn audit(&self, record: &AuditRecord) -> Result<(), JournalError> {
        audit::append(&*self.disk, &self.state, record)
    }

    fn failed(&self) -> impl FnOnce(io::Error) -> JournalError + use<> {
        JournalError::file("write to", &self.path)
    }
}
