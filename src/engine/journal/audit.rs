//! `audit.jsonl`: one line for each job that was started, gone on with or ended, and for each plan that was applied.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    JournalError,
    chain::{self, Broken, Tail, sha256},
    disk::{self, Disk},
    store::jobs_folder,
};
use crate::{core::bulk::journal::Author, domain::Text};

/// So much of the end is read to find the last line; more when that is not enough.
const TAIL_BYTES: u64 = 64 * 1024;

/// What a line tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// A job begins.
    Started,
    /// A job that was left is gone on with.
    Resumed,
    /// A job ended by itself or was stopped.
    Ended,
    /// A job ended because going on made no sense.
    GivenUp,
    /// A saved plan was applied.
    Applied,
}

/// What is written down of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: AuditKind,
    /// Who did it, and where.
    #[serde(flatten)]
    pub by: Author,
    /// Who made the plan, when a file was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<Text>,
    /// Which estate.
    pub estate: Text,
    /// The journal with every request and outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// The plan.
    pub plan: String,
    /// What is done.
    pub verb: String,
    /// Targets by outcome, named as in JSON; they add up to the plan's.
    pub counts: BTreeMap<String, usize>,
    /// The ticket that it is done for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Text>,
    /// Whether it was stopped before everything was sent. Comes with the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<bool>,
    /// What made it give up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Text>,
    /// The length of the journal at its end. It may grow later, but this much of it stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal_bytes: Option<u64>,
    /// SHA-256 of that much of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal_sha256: Option<String>,
}

/// A journal that is not as it was at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalChanged {
    /// Its id.
    pub journal: String,
    /// The line of `audit.jsonl` that tells of its end.
    pub line: usize,
    /// What is wrong: missing, shorter, changed, or the system's words.
    pub what: String,
}

/// What `foretop jobs verify` found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Good lines.
    pub good: usize,
    /// Lines that were cut off while they were written, as a crash does. Not a sign of a change.
    pub torn: Vec<usize>,
    /// The first line that is not as it was written.
    pub broken: Option<Broken>,
    /// Journals that changed since their end, or are missing.
    pub journals: Vec<JournalChanged>,
    /// Journals that no line tells of: the last lines were cut off, or the program was while it began the job.
    pub unknown: Vec<String>,
}

impl Verification {
    /// Whether everything is as it was written.
    pub fn is_good(&self) -> bool {
        self.broken.is_none() && self.journals.is_empty()
    }
}

/// Appends a line. Waits for others that do the same just now.
pub(super) fn append(disk: &dyn Disk, state: &Path, record: &AuditRecord) -> Result<(), JournalError> {
    let path = state.join("audit.jsonl");
    disk::create_folder(state).map_err(JournalError::file("create", state))?;
    let is_new = !path.exists();
    let file = disk::private().create(true).open(&path).map_err(JournalError::file("open", &path))?;
    // Given back when the file is closed, at the latest by the system when the process ends.
    file.lock().map_err(JournalError::file("lock", &path))?;
    let tail = read_tail(&file).map_err(JournalError::file("read", &path))?;
    let line = serde_json::to_value(record).map_err(io::Error::from);
    let Value::Object(line) = line.map_err(JournalError::file("write to", &path))? else {
        return Err(JournalError::file("write to", &path)(io::ErrorKind::InvalidData.into()));
    };
    let written = disk::append(disk, &file, &tail.next(line)).map_err(|(_, error)| error);
    written.map_err(JournalError::file("write to", &path))?;
    disk.sync(&file).map_err(JournalError::file("write to", &path))?;
    if is_new {
        disk.sync_folder(state).map_err(JournalError::file("write to", state))?;
    }
    Ok(())
}

fn read_tail(mut file: &File) -> io::Result<Tail> {
    let length = file.metadata()?.len();
    let mut from = length.saturating_sub(TAIL_BYTES);
    loop {
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        // A part begins in the middle of a line.
        let begins =
            if from == 0 { Some(0) } else { bytes.iter().position(|byte| *byte == b'\n').map(|end| end + 1) };
        let part = begins.and_then(|begins| bytes.get(begins..));
        if let Some(tail) = part.and_then(|part| Tail::read(part, from == 0)) {
            return Ok(tail);
        }
        if from == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        from = 0;
    }
}

/// Looks at every line, and at every journal that a line tells the end of.
pub(super) fn verify(state: &Path) -> Result<Verification, JournalError> {
    let path = state.join("audit.jsonl");
    let bytes = match File::open(&path) {
        Ok(mut file) => {
            // Without the right to lock, what is there is read all the same.
            let locked = file.lock_shared();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(JournalError::file("read", &path))?;
            drop(locked);
            bytes
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(JournalError::file("read", &path)(error)),
    };
    let chain = chain::check(&bytes);
    let mut told = BTreeSet::new();
    let mut journals = Vec::new();
    for (line, map) in &chain.good {
        if let Some(journal) = map.get("journal").and_then(Value::as_str) {
            told.insert(journal.to_owned());
            if let Some(what) = journal_changed(state, journal, map) {
                journals.push(JournalChanged { journal: journal.to_owned(), line: *line, what });
            }
        }
    }
    // Behind a broken line nothing is believed, so that nothing is missed there either.
    let unknown = match &chain.broken {
        Some(_) => Vec::new(),
        None => super::store::ids(state)?.into_iter().filter(|id| !told.contains(id)).collect(),
    };
    Ok(Verification { good: chain.good.len(), torn: chain.torn, broken: chain.broken, journals, unknown })
}

/// What is wrong with a journal since the end that a line tells of.
fn journal_changed(state: &Path, journal: &str, line: &Map<String, Value>) -> Option<String> {
    let sha = line.get("journal_sha256")?.as_str()?;
    let length = usize::try_from(line.get("journal_bytes")?.as_u64()?).unwrap_or(usize::MAX);
    let bytes = match fs::read(jobs_folder(state).join(format!("{journal}.jsonl"))) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Some("it is missing".to_owned()),
        Err(error) => return Some(error.to_string()),
    };
    match bytes.get(..length) {
        None => Some(format!("it is shorter: {} of {length} bytes", bytes.len())),
        Some(part) if sha256(&[part]) != sha => Some("it was changed since its end".to_owned()),
        Some(_) => None,
    }
}
