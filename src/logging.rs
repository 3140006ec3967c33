//! The log: a file of bounded size in the user's state folder, never the screen.
//!
//! Only Foretop's own modules follow `FORETOP_LOG`; the libraries below it stay at `warn`, because at finer levels they
//! may write down what travels over the wire.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::config::{Environment, Paths, create_private_dir, nearest, open_private};

/// A file of this size is renamed to `.1` (replacing the one before) and a new one begun.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// How much is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Level {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What is odd.
    #[default]
    Warn,
    /// What was done.
    Info,
    /// How it was done.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// All, from silent to talkative.
    pub const ALL: [Self; 6] = [Self::Off, Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The word for it in `FORETOP_LOG`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// The level that `FORETOP_LOG` asks for, or the default.
    pub fn of(environment: &Environment) -> Result<Self, LogError> {
        let Some(given) = environment.get("FORETOP_LOG") else {
            return Ok(Self::default());
        };
        let found = Self::ALL.into_iter().find(|level| level.word().eq_ignore_ascii_case(given.trim()));
        found.ok_or_else(|| LogError::UnknownLevel {
            given: given.to_owned(),
            nearest: nearest(given, Self::ALL.map(Self::word)),
        })
    }

    fn filter(self) -> EnvFilter {
        let directives = match self {
            Self::Off | Self::Error => self.word().to_owned(),
            Self::Warn | Self::Info | Self::Debug | Self::Trace => format!("warn,foretop={}", self.word()),
        };
        EnvFilter::new(directives)
    }
}

/// A log that could not be begun.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `FORETOP_LOG` holds a word that is not a level.
    #[error("FORETOP_LOG: there is no level `{given}`; known: off, error, warn, info, debug, trace")]
    UnknownLevel {
        /// The word.
        given: String,
        /// The level that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The file cannot be written. Nothing else depends on it: one can go on without a log.
    #[error("cannot write the log {}: {source}", path.display())]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A log is being written already.
    #[error("the log was begun twice")]
    Twice,
}

/// Begins the log of this process. With the level `off` no file is made.
pub fn init(paths: &Paths, environment: &Environment) -> Result<(), LogError> {
    let level = Level::of(environment)?;
    if level == Level::Off {
        return Ok(());
    }
    let path = paths.log_file();
    let unwritable = |source| LogError::Unwritable { path: path.clone(), source };
    create_private_dir(paths.state_dir()).map_err(unwritable)?;
    let file = Quiet::new(BoundedFile::open(&path, MAX_BYTES).map_err(unwritable)?);
    tracing::subscriber::set_global_default(subscriber(level, Mutex::new(file)))
        .map_err(|_already_set| LogError::Twice)
}

fn subscriber<W>(level: Level, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(level.filter())
        .with_ansi(false)
        .with_writer(writer)
        // It would be on standard error, which is the screen.
        .log_internal_errors(false)
        .finish()
}

/// A writer that never fails: what it cannot write is missing, which it says as soon as it can write again. A full disk must
/// not draw letters on the screen.
#[derive(Debug)]
struct Quiet<W> {
    writer: W,
    lost: usize,
}

impl<W: Write> Quiet<W> {
    fn new(writer: W) -> Self {
        Self { writer, lost: 0 }
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.lost > 0 {
            writeln!(self.writer, "({} lines could not be written)", self.lost)?;
            self.lost = 0;
        }
        self.writer.write_all(bytes)
    }
}

impl<W: Write> Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lost += usize::from(self.try_write(bytes).is_err());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush().ok();
        Ok(())
    }
}

/// A file that starts anew when it has grown too large; the old one is kept as `.1`.
#[derive(Debug)]
struct BoundedFile {
    path: PathBuf,
    file: fs::File,
    bytes: u64,
    limit: u64,
}

impl BoundedFile {
    fn open(path: &Path, limit: u64) -> io::Result<Self> {
        let file = open_private(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, bytes, limit })
    }

    fn start_anew(&mut self) -> io::Result<()> {
        let mut old = self.path.clone().into_os_string();
        old.push(".1");
        fs::rename(&self.path, old)?;
        *self = Self::open(&self.path, self.limit)?;
        Ok(())
    }
}

impl Write for BoundedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes > 0 && self.bytes + bytes.len() as u64 > self.limit {
            self.start_anew()?;
        }
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(level: Level, act: impl FnOnce()) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("foretop.log");
        let file = BoundedFile::open(&path, 1000).unwrap();
        tracing::subscriber::with_default(subscriber(level, Mutex::new(file)), act);
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn only_foretop_itself_follows_the_level() {
        let log = logged(Level::Debug, || {
            tracing::debug!(target: "foretop::api", "asked");
            tracing::debug!(target: "h2", "headers");
            tracing::warn!(target: "h2", "odd");
        });
        assert!(log.contains("asked") && log.contains("odd") && !log.contains("headers"), "{log}");
    }

    #[test]
    fn server_text_cannot_drive_the_terminal_that_shows_the_log() {
        let log = logged(Level::Warn, || tracing::warn!(target: "foretop", "said \u{1b}[2J"));
        assert!(log.contains("said") && !log.contains('\u{1b}'), "{log:?}");
    }

    #[test]
    fn what_cannot_be_written_is_counted_and_told_later_and_fails_nobody() {
        /// Takes nothing while it is full.
        #[derive(Default)]
        struct Small {
            full: bool,
            text: Vec<u8>,
        }
        impl Write for Small {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                if self.full {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                self.text.write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                if self.full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
            }
        }
        let mut quiet = Quiet::new(Small::default());
        for (full, line) in [(false, "a\n"), (true, "b\n"), (true, "c\n"), (false, "d\n")] {
            quiet.writer.full = full;
            quiet.write_all(line.as_bytes()).unwrap();
            quiet.flush().unwrap();
        }
        assert_eq!(String::from_utf8(quiet.writer.text).unwrap(), "a\n(2 lines could not be written)\nd\n");
    }

    #[test]
    fn the_level_is_a_word() {
        assert_eq!(Level::of(&Environment::default()).unwrap(), Level::Warn);
        assert_eq!(Level::of(&Environment::of([("FORETOP_LOG", "DEBUG")])).unwrap(), Level::Debug);
        let error = Level::of(&Environment::of([("FORETOP_LOG", "debgu")])).unwrap_err();
        assert!(matches!(error, LogError::UnknownLevel { nearest: Some("debug"), .. }), "{error:?}");
    }

    #[test]
    fn the_file_stays_bounded_and_keeps_one_predecessor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("foretop.log");
        let mut file = BoundedFile::open(&path, 10).unwrap();
        for line in ["12345678\n", "abcdefgh\n", "ABCDEFGH\n"] {
            file.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "ABCDEFGH\n");
        assert_eq!(fs::read_to_string(folder.path().join("foretop.log.1")).unwrap(), "abcdefgh\n");
        let mut reopened = BoundedFile::open(&path, 10).unwrap();
        reopened.write_all(b"xy").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "xy");
    }
}
