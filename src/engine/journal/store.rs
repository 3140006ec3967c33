//! The folder of journals: opening, finding and reading them.
//!
//! Who carries a job out holds a lock on its journal for as long; the system gives it back however the process ends. The
//! lock is only ever asked for under the lock of the folder, so that somebody who merely looks whether a job runs never
//! keeps its owner from it.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Journal, JournalError, Verification, audit,
    audit::AuditRecord,
    disk::{self, Disk, RealDisk},
    writer::{End, Writer},
};
use crate::{
    core::bulk::journal::{
        Author, Entry, JOURNAL_FORMAT, JournalLine, Opened, Record, Recovered, Unreadable, Work,
    },
    domain::Text,
};

/// So many characters of a plan's id go into the name of a file.
const PLAN_IN_NAME: usize = 32;

/// What a job is begun with.
#[derive(Debug, Clone)]
pub struct Opening {
    /// When.
    pub at: Timestamp,
    /// Who starts it.
    pub by: Author,
    /// Which estate, in words that tell it from others: profile and server.
    pub estate: Text,
    /// The ticket that it is done for.
    pub ticket: Option<Text>,
    /// What is carried out.
    pub work: Work,
}

/// A journal of the folder.
#[derive(Debug)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// What it tells, or why it tells nothing.
    pub record: Result<Record, JournalError>,
}

/// The records of one user. Cheap to clone.
#[derive(Debug, Clone)]
pub struct JournalStore {
    state: PathBuf,
    disk: Arc<dyn Disk>,
}

impl JournalStore {
    /// The records below this folder. Nothing is created until a job begins.
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self { state: state_dir.into(), disk: Arc::new(RealDisk) }
    }

    #[cfg(test)]
    pub(super) fn on(state_dir: impl Into<PathBuf>, disk: Arc<dyn Disk>) -> Self {
        Self { state: state_dir.into(), disk }
    }

    /// Begins the journal of a job, and says so in `audit.jsonl`. When it returns, both are on disk: the folder can be
    /// written to and has room. When it fails the job must not start, and nothing is left of it.
    pub async fn open(&self, opening: Opening) -> Result<Journal, JournalError> {
        self.clone().blocking(move |store| store.create(opening)).await
    }

    /// Takes up a journal again, to go on with its job; says so in it and in `audit.jsonl`. Takes what [`Self::read`]
    /// takes. What the journal told until then is in [`Journal::recovered`]: what is without an answer there must be read
    /// from the server before anything is sent.
    ///
    /// Fails when another console carries the job out just now.
    pub async fn reopen(&self, wanted: &str, by: Author, at: Timestamp) -> Result<Journal, JournalError> {
        let wanted = wanted.to_owned();
        self.clone().blocking(move |store| store.take_up(&wanted, by, at)).await
    }

    /// All journals, the newest first.
    pub async fn list(&self) -> Result<Vec<Listed>, JournalError> {
        self.clone()
            .blocking(|store| {
                let mut ids = ids(&store.state)?;
                ids.reverse();
                Ok(ids.into_iter().map(|id| Listed { record: store.load(&id), id }).collect())
            })
            .await
    }

    /// Reads a journal by its id, the beginning of one, or the id of its plan.
    pub async fn read(&self, wanted: &str) -> Result<Record, JournalError> {
        let wanted = wanted.to_owned();
        self.clone().blocking(move |store| store.load(&find(&store.state, &wanted)?)).await
    }

    /// Adds a line to `audit.jsonl`. Start, resumption and end of a job are added by its journal.
    pub async fn audit(&self, record: AuditRecord) -> Result<(), JournalError> {
        self.clone().blocking(move |store| audit::append(&*store.disk, &store.state, &record)).await
    }

    /// Looks whether `audit.jsonl`, and the journals that it tells the end of, are as they were written.
    pub async fn verify(&self) -> Result<Verification, JournalError> {
        self.clone().blocking(|store| audit::verify(&store.state)).await
    }

    /// Whether a job could begin: tries what beginning a journal takes, and leaves nothing behind.
    pub async fn check(&self) -> Result<(), JournalError> {
        self.clone()
            .blocking(|store| {
                let folder = jobs_folder(&store.state);
                disk::create_folder(&folder).map_err(JournalError::file("create", &folder))?;
                let path = folder.join(format!(".try-{}", std::process::id()));
                let file =
                    disk::private().create(true).open(&path).map_err(JournalError::file("create", &path))?;
                let written = disk::append(&*store.disk, &file, b"{}\n").map_err(|(_, error)| error);
                let written = written.and_then(|()| store.disk.sync(&file));
                let removed = fs::remove_file(&path);
                written.map_err(JournalError::file("write to", &path))?;
                removed.map_err(JournalError::file("remove", &path))
            })
            .await
    }

    /// The journal of a job that carries this out already, or did. Jobs that sent nothing because all was held back do not
    /// count.
    pub async fn started(&self, work: Work) -> Result<Option<String>, JournalError> {
        self.clone().blocking(move |store| started(&store.state, &work)).await
    }

    async fn blocking<T: Send + 'static>(
        self,
        work: impl FnOnce(Self) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        tokio::task::spawn_blocking(move || work(self)).await.unwrap_or(Err(JournalError::CutOff))
    }

    fn create(self, opening: Opening) -> Result<Journal, JournalError> {
        let folder = jobs_folder(&self.state);
        disk::create_folder(&folder).map_err(JournalError::file("create", &folder))?;
        // A folder that was just created must not be lost with the journal in it.
        self.disk.sync_folder(&self.state).map_err(JournalError::file("write to", &self.state))?;
        let (id, path, file) = {
            let _guard = folder_lock(&folder)?;
            if let Some(journal) = started(&self.state, &opening.work)? {
                let plan = opening.work.plan_id().raw().to_owned();
                return Err(JournalError::Started { plan, journal });
            }
            let (id, path, file) = create_file(&folder, &opening)?;
            lock(&file, &id, &path)?;
            (id, path, file)
        };
        let Opening { at, by, estate, ticket, work } = opening;
        let opened = Opened {
            version: JOURNAL_FORMAT,
            journal: id,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            by,
            estate,
            ticket,
            work,
        };
        let first = Entry { n: 1, at, line: JournalLine::Opened(Box::new(opened.clone())) };
        let writer = Writer::new(self.state, self.disk, file, path.clone(), Recovered::new(opened, at));
        match writer.begin(&first, &folder) {
            Ok(writer) => Ok(Journal::new(writer)),
            Err(error) => {
                // Nothing was sent, and nothing will be: it would only look like a job that was cut off.
                if let Err(error) = fs::remove_file(&path) {
                    tracing::warn!(path = %path.display(), %error, "the journal of a job that did not start remains");
                }
                Err(error)
            }
        }
    }

    fn take_up(self, wanted: &str, by: Author, at: Timestamp) -> Result<Journal, JournalError> {
        let id = find(&self.state, wanted)?;
        let folder = jobs_folder(&self.state);
        let path = folder.join(format!("{id}.jsonl"));
        let file = {
            let _guard = folder_lock(&folder)?;
            let file = disk::private().open(&path).map_err(JournalError::file("open", &path))?;
            lock(&file, &id, &path)?;
            file
        };
        let bytes = fs::read(&path).map_err(JournalError::file("read", &path))?;
        let recovered =
            Recovered::replay(&bytes).map_err(|why| JournalError::Unreadable { path: path.clone(), why })?;
        let end = match bytes.last() {
            Some(b'\n') | None => End::Whole,
            // Whatever it is: a damaged one stays one behind the mark.
            Some(_) if recovered.last_is_whole() => End::Missing,
            Some(_) => End::Torn,
        };
        let mut writer = Writer::new(self.state, self.disk, file, path, recovered);
        writer.goes_on(end);
        writer.resume(by, at)?;
        Ok(Journal::new(writer))
    }

    fn load(&self, id: &str) -> Result<Record, JournalError> {
        let folder = jobs_folder(&self.state);
        let path = folder.join(format!("{id}.jsonl"));
        let file = File::open(&path).map_err(JournalError::file("read", &path))?;
        // Asked before it is read: what ended in between is still told as running, and not as cut off.
        let running = is_running(&folder, &file);
        let bytes = fs::read(&path).map_err(JournalError::file("read", &path))?;
        match Recovered::replay(&bytes) {
            Ok(recovered) => Ok(Record { id: id.to_owned(), running, recovered }),
            // It is about to begin.
            Err(Unreadable::NeverBegun) if running => Err(JournalError::Running(id.to_owned())),
            Err(why) => Err(JournalError::Unreadable { path, why }),
        }
    }
}

pub(super) fn jobs_folder(state: &Path) -> PathBuf {
    state.join("jobs")
}

/// The ids of all journals, the oldest first.
pub(super) fn ids(state: &Path) -> Result<Vec<String>, JournalError> {
    let folder = jobs_folder(state);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(JournalError::file("read", &folder)(error)),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let path = entry.map_err(JournalError::file("read", &folder))?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl")
            && let Some(id) = path.file_stem().and_then(|stem| stem.to_str())
        {
            ids.push(id.to_owned());
        }
    }
    ids.sort();
    Ok(ids)
}

/// The one journal that is meant.
fn find(state: &Path, wanted: &str) -> Result<String, JournalError> {
    let ids = ids(state)?;
    if ids.iter().any(|id| id == wanted) {
        return Ok(wanted.to_owned());
    }
    let plan = plan_in_name(wanted);
    let is_meant = |id: &&String| {
        // The time has no hyphen, the plan comes behind it.
        let of_plan = id.split_once('-').map(|(_, plan)| plan);
        !wanted.is_empty()
            && (id.starts_with(wanted)
                || !plan.is_empty() && of_plan.is_some_and(|of| of == plan || is_again(of, &plan)))
    };
    let found: Vec<String> = ids.iter().filter(is_meant).cloned().collect();
    match found.as_slice() {
        [] => Err(JournalError::NotFound(wanted.to_owned())),
        [one] => Ok(one.clone()),
        _ => Err(JournalError::Ambiguous { wanted: wanted.to_owned(), ids: found }),
    }
}

/// The journal that uses a plan up. Only names of that plan are looked into.
fn started(state: &Path, work: &Work) -> Result<Option<String>, JournalError> {
    let plan = plan_in_name(work.plan_id().raw());
    let is_candidate = |id: &String| {
        let of_plan = id.split_once('-').map(|(_, plan)| plan);
        of_plan.is_some_and(|of| of == plan || is_again(of, &plan))
    };
    for id in ids(state)?.into_iter().filter(is_candidate) {
        let path = jobs_folder(state).join(format!("{id}.jsonl"));
        let Ok(bytes) = fs::read(&path) else { continue };
        let used = match Recovered::replay(&bytes) {
            Ok(there) => there.opened.work.is_same_plan(work) && there.uses_up_its_plan(),
            // Its first line is about to be written by whoever holds it, or was never: then nothing left.
            Err(Unreadable::NeverBegun) => File::open(&path)
                .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))),
            // What it was about cannot be told. A plan that is made anew has another id.
            Err(_) => true,
        };
        if used {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Whether a name is that of a plan with a number behind it, because the first was taken.
fn is_again(name: &str, plan: &str) -> bool {
    let number = name.strip_prefix(plan).and_then(|rest| rest.strip_prefix('-'));
    number.is_some_and(|number| number.parse::<usize>().is_ok())
}

/// The id of a plan as it stands in names of files; a saved plan may be called anything.
fn plan_in_name(plan: &str) -> String {
    plan.chars().filter(char::is_ascii_alphanumeric).take(PLAN_IN_NAME).collect()
}

/// Creates the file of a new journal, with a name that no other has.
fn create_file(folder: &Path, opening: &Opening) -> Result<(String, PathBuf, File), JournalError> {
    let time = opening.at.strftime("%Y%m%dT%H%M%SZ");
    let base = format!("{time}-{}", plan_in_name(opening.work.plan_id().raw()));
    let mut number = 1;
    loop {
        let id = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        let path = folder.join(format!("{id}.jsonl"));
        match disk::private().create_new(true).open(&path) {
            Ok(file) => return Ok((id, path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(JournalError::file("create", &path)(error)),
        }
    }
}

/// Held briefly by whoever asks for the lock of a journal.
fn folder_lock(folder: &Path) -> Result<File, JournalError> {
    let path = folder.join(".lock");
    let file = disk::private().create(true).open(&path).map_err(JournalError::file("create", &path))?;
    file.lock().map_err(JournalError::file("lock", &path))?;
    Ok(file)
}

fn lock(file: &File, id: &str, path: &Path) -> Result<(), JournalError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(JournalError::Running(id.to_owned())),
        Err(TryLockError::Error(error)) => Err(JournalError::file("lock", path)(error)),
    }
}

/// Whether somebody holds the lock of a journal.
fn is_running(folder: &Path, file: &File) -> bool {
    // Without the right to write there, nobody is disturbed for long either.
    let guard = folder_lock(folder);
    let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    if !held {
        file.unlock().ok();
    }
    drop(guard);
    held
}
