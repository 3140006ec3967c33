//! Ending a job that goes on without a terminal.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    cli::{
        args::JobsStopArgs,
        author::Place,
        detach::log_path,
        output,
        run::{Stop, Streams},
    },
    config::{Environment, Paths},
    engine::journal::{JournalStore, Record},
    error::{Class, Error},
};

/// Asks the process to end: the request that is out comes to its answer, and the end is written to the journal.
pub(super) async fn run(
    store: &JournalStore,
    args: &JobsStopArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let record = store.read(&args.id).await?;
    let pid = process_of(&record, environment, paths)?;
    kill_process(pid, Signal::TERM).map_err(|error| {
        Error::new(
            Class::Unexpected,
            format!("cannot end process {pid}, which carries job {} out", record.id),
        )
        .words(error.to_string())
    })?;
    let id = &record.id;
    let text = format!(
        "process {pid} was asked to end: no further request of job {id} leaves, and what is out comes to its answer\n\
         foretop jobs show {id}\nforetop jobs resume {id}\n"
    );
    output::write(streams.out, &text)?;
    output::flush(streams.out)?;
    Ok(0)
}

/// The process that carries a job out, if it is one of ours without a terminal, on this machine. A signal must not reach
/// anybody else: neither a console with other jobs, nor a stranger who has the number of a process that is gone.
fn process_of(record: &Record, environment: &Environment, paths: &Paths) -> Result<Pid, Error> {
    let id = &record.id;
    if !record.running {
        return Err(Error::refused(format!("job {id} is not running: {}", record.state().replace('_', " "))));
    }
    let by = record.recovered.carried_out_by();
    if !is_detached(paths.state_dir(), id) {
        let (pid, host) = (by.pid, &by.host);
        return Err(Error::refused(format!(
            "job {id} was not detached: process {pid} on {host} carries it out"
        ))
        .hint("stop it there"));
    }
    if !Place::find(environment).is_on(&by.host) {
        return Err(Error::refused(format!("job {id} is carried out on {}", by.host)).hint("stop it there"));
    }
    let pid = i32::try_from(by.pid).ok().and_then(Pid::from_raw).filter(|pid| has_open(*pid, paths, id));
    pid.ok_or_else(|| {
        Error::new(
            Class::Unexpected,
            format!("job {id} is carried out by somebody else than process {}", by.pid),
        )
        .hint("try again in a moment; foretop jobs show tells more")
    })
}

/// Whether a detached process carries a job out: it holds its log.
fn is_detached(state_dir: &Path, id: &str) -> bool {
    let Ok(log) = File::open(log_path(state_dir, id)) else { return false };
    matches!(log.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Whether a process has the log of a job open, where the system tells; elsewhere the locks must do.
fn has_open(pid: Pid, paths: &Paths, id: &str) -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let (folder, log) = (format!("/proc/{}/fd", pid.as_raw_nonzero()), log_path(paths.state_dir(), id));
    let (Ok(entries), Ok(log)) = (fs::read_dir(folder), fs::canonicalize(log)) else { return false };
    entries.flatten().any(|entry| fs::read_link(entry.path()).is_ok_and(|open| open == log))
}
