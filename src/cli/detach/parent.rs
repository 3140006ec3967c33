//! The side that hands a job on.

use std::{
    fs::TryLockError,
    io::{BufRead as _, BufReader, Write as _},
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt as _},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde::Serialize;

use super::{Answer, GO, Handover, log_path};
use crate::{
    cli::{
        args::Format,
        interrupt::Interrupts,
        output,
        reach::Reached,
        run::{Stop, Streams, note},
    },
    config,
    error::{Class, Error},
};

/// A job of which the journal is there and not locked.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct JobToLeave<'a> {
    /// Its journal.
    pub(in crate::cli) journal: &'a str,
    /// Its plan.
    pub(in crate::cli) plan: &'a str,
    /// What is done.
    pub(in crate::cli) verb: &'a str,
    /// How many targets are unsent or without answer.
    pub(in crate::cli) open: usize,
}

/// A process that has taken a job over and waits for "go". When this is dropped it ends, and nothing was sent.
#[derive(Debug)]
pub(in crate::cli) struct Waiting {
    socket: UnixStream,
    detached: Detached,
}

/// Who goes on with a job.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Detached {
    /// The journal of the job.
    pub(in crate::cli) journal: String,
    /// The process.
    pub(in crate::cli) pid: u32,
    /// Where it writes its report and its warnings.
    pub(in crate::cli) log: PathBuf,
}

impl Detached {
    /// The lines that a person needs.
    pub(in crate::cli) fn lines(&self) -> [String; 4] {
        let Self { journal, pid, log } = self;
        [
            format!("job {journal} goes on without this terminal, process {pid}"),
            format!("log {}", log.display()),
            format!("foretop jobs show {journal}"),
            format!("foretop jobs stop {journal}"),
        ]
    }
}

impl Waiting {
    /// Lets the first request leave.
    pub(in crate::cli) fn go(mut self) -> Result<Detached, Error> {
        self.socket.write_all(GO).map_err(|error| {
            not_taken(&self.detached.journal, &format!("the process ended: {error}"))
                .hint(hint(&self.detached.log))
        })?;
        Ok(self.detached)
    }
}

/// Starts the process and waits until it has the job under its lock. Waits for its log-in: not for async code.
pub(in crate::cli) fn start(handover: &Handover, journal: &str, open: usize) -> Result<Waiting, Error> {
    let log = log_path(&handover.state_dir, journal);
    let cannot = |error: &dyn std::fmt::Display| not_taken(journal, &error.to_string());
    let (mut socket, theirs) = UnixStream::pair().map_err(|error| cannot(&error))?;
    let mut child = spawn(handover, journal, open, &log, theirs)?;
    // A process that ends at once says why on the line, or in its log: nothing more is learned from a broken pipe.
    if let Err(error) = handover.send(&mut socket) {
        tracing::warn!(%error, "a detached process did not take what was handed over");
    }
    let mut line = String::new();
    BufReader::new(&socket).read_line(&mut line).map_err(|error| cannot(&error))?;
    match serde_json::from_str(&line) {
        Ok(Answer::Taken) => {
            let detached = Detached { journal: journal.to_owned(), pid: child.id(), log };
            Ok(Waiting { socket, detached })
        }
        Ok(Answer::Failed { words, hint }) => {
            let error = not_taken(journal, &words);
            Err(hint.into_iter().fold(error, Error::hint))
        }
        Err(_) => {
            let ended = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
            Err(cannot(&format!("the process ended, {ended}")).hint(hint(&log)))
        }
    }
}

/// Starts this very program once more. The log is locked for as long as the process runs: that tells it from a console or
/// a command that carries the same job out.
fn spawn(
    handover: &Handover,
    journal: &str,
    open: usize,
    path: &Path,
    theirs: UnixStream,
) -> Result<Child, Error> {
    let cannot = |error: std::io::Error| not_taken(journal, &error.to_string());
    let log = config::open_private(path).map_err(|error| cannot(error).on(path.display().to_string()))?;
    match log.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::refused(format!("job {journal} goes on without a terminal already")));
        }
        Err(TryLockError::Error(error)) => return Err(cannot(error).on(path.display().to_string())),
    }
    let mut command = Command::new(program().map_err(cannot)?);
    command
        .arg0("foretop")
        .args(["jobs", "resume", journal, "--detached", "--yes", &open.to_string()])
        .env_remove("FORETOP_PASSWORD")
        .env_remove("HUAWEICLOUD_SDK_SK")
        .env_remove("HUAWEICLOUD_SDK_SECURITY_TOKEN")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::from(log.try_clone().map_err(cannot)?))
        .stderr(Stdio::from(log));
    for variable in &handover.secret_variables {
        command.env_remove(variable);
    }
    // The command is dropped with it: its end of the line must be open in the process alone.
    command.spawn().map_err(cannot)
}

/// This program, also when another one was installed in its place meanwhile.
fn program() -> std::io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok(PathBuf::from("/proc/self/exe")) } else { std::env::current_exe() }
}

fn not_taken(journal: &str, words: &str) -> Error {
    Error::new(Class::Unexpected, format!("job {journal} was not taken over by a process of its own"))
        .words(words)
}

fn hint(log: &Path) -> String {
    format!("it may have said why in {}", log.display())
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Printed<'a> {
    journal: &'a str,
    plan: &'a str,
    verb: &'a str,
    /// How many targets are unsent or without answer.
    targets: usize,
    pid: u32,
    log: String,
    show: String,
    stop: String,
}

const FIELDS: &[&str] = &["journal", "plan", "verb", "targets", "pid", "log", "show", "stop"];

/// Hands a job on, and says who goes on with it. When it fails nothing was sent, and the job can be gone on with.
pub(in crate::cli) async fn hand_on(
    job: JobToLeave<'_>,
    reached: &Reached,
    format: Format,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let Some(handover) = reached.handover.clone() else {
        return Err(not_taken(job.journal, "the simulated estate ends with this process").into());
    };
    let (journal, open) = (job.journal.to_owned(), job.open);
    let started = tokio::task::spawn_blocking(move || start(&handover, &journal, open));
    let taken = match interrupts.or(started).await {
        Ok(Ok(Ok(waiting))) => waiting.go().map_err(Stop::from),
        Ok(Ok(Err(error))) => Err(error.into()),
        Ok(Err(error)) => Err(not_taken(job.journal, &error.to_string()).into()),
        // The process finds nobody at the other end, and sends nothing.
        Err(stop) => Err(stop),
    };
    match taken {
        Ok(detached) => print(job, &detached, format, streams),
        Err(stop) => {
            note(
                streams,
                &format!("nothing was sent; `foretop jobs resume {}` goes on with it", job.journal),
            );
            Err(stop)
        }
    }
}

fn print(
    job: JobToLeave<'_>,
    detached: &Detached,
    format: Format,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let printed = Printed {
        journal: job.journal,
        plan: job.plan,
        verb: job.verb,
        targets: job.open,
        pid: detached.pid,
        log: detached.log.display().to_string(),
        show: format!("foretop jobs show {}", job.journal),
        stop: format!("foretop jobs stop {}", job.journal),
    };
    match format {
        Format::Json => output::json_object(streams.out, &printed)?,
        Format::Jsonl => output::json_lines(streams.out, [&printed])?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, [&printed])?,
        Format::Table => output::write(streams.out, &(detached.lines().join("\n") + "\n"))?,
    }
    output::flush(streams.out)
}
