//! The file that a run is recorded in: opened for its owner only, written by a thread of its own, so that the console
//! waits for no disk.
//!
//! What waits to be written is bounded. When there is no room for more, the recording ends there, and it, the screen and
//! the end of the run say so: the console does not wait, and what is left out in the midst would make another run of it.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, Receiver, SyncSender, TryRecvError, TrySendError},
    },
    thread,
};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    core::{
        msg::Msg,
        recording::{Note, Recorder, Scrambler},
        state::State,
    },
    domain::Text,
};

/// A file that is there and empty.
#[derive(Debug)]
pub struct Blank {
    file: File,
    path: PathBuf,
}

impl Blank {
    /// Makes the file, which must not be there, for its owner only.
    ///
    /// # Errors
    ///
    /// Those of making a file.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { file: options.open(path)?, path: path.to_owned() })
    }

    /// Begins to record a run that is in this state. What goes wrong later is told to the console.
    pub(super) fn begin(
        self,
        state: &State,
        scrambler: Option<Scrambler>,
        console: tokio::sync::mpsc::Sender<Msg>,
    ) -> io::Result<Tape> {
        let (recorder, first) =
            Recorder::begin(scrambler, state, env!("CARGO_PKG_VERSION")).map_err(io::Error::other)?;
        let (notes, waiting) = mpsc::sync_channel(NOTES);
        let path = self.path.clone();
        let backlog = Arc::new(Backlog::default());
        let out = BufWriter::new(self.file);
        let mut writer = Writer { recorder, out, path: self.path, bytes: 0, backlog: Arc::clone(&backlog) };
        let thread = thread::Builder::new().name("recording".to_owned()).spawn(move || {
            let written = writer.write(&first).and_then(|()| writer.run(&waiting));
            if let Err(error) = &written {
                // The console may be at its end already, or have no time: then the next note finds out, or the end says it.
                let is_told = console.try_send(ended(&writer.path, &error.to_string())).is_ok();
                writer.backlog.is_told.store(is_told, Ordering::Release);
            }
            // Nobody hands anything over any more, and finds out here.
            drop(waiting);
            written.map(|()| writer.bytes)
        })?;
        Ok(Tape { notes: Some(notes), backlog, thread, path })
    }
}

/// So many messages may wait to be written; a key is one.
const NOTES: usize = 50_000;
/// So many rows of lists may wait: eight of the longest lists. One list always may.
const ROWS: usize = 2_000_000;
/// Why a recording ends when these are used up.
const BEHIND: &str = "it cannot be written as fast as the console is told";

/// What the console is told when its run is recorded no more.
fn ended(path: &Path, why: &str) -> Msg {
    Msg::RecordingEnded(Text::clean(&format!(
        "the recording {}: {why}; nothing more is recorded",
        path.display()
    )))
}

/// What waits to be written.
#[derive(Debug, Default)]
struct Backlog {
    /// Rows of lists that are held in memory for it.
    rows: AtomicUsize,
    /// Whether there was no room for more.
    is_over: AtomicBool,
    /// Whether the console was told that the file cannot be written.
    is_told: AtomicBool,
}

impl Backlog {
    /// Makes room for so many rows; says whether there was any.
    fn takes(&self, rows: usize, most: usize) -> bool {
        let before = self.rows.fetch_add(rows, Ordering::AcqRel);
        rows == 0 || before == 0 || before + rows <= most
    }

    fn is_rid_of(&self, rows: usize) {
        self.rows.fetch_sub(rows, Ordering::AcqRel);
    }
}

/// A scrambler whose key is kept nowhere.
pub(super) fn scrambler() -> Scrambler {
    let mut chance = Sha256::new();
    for _ in 0..3 {
        chance.update(Uuid::new_v4().as_bytes());
    }
    Scrambler::new(&chance.finalize().into())
}

/// A recording in progress.
#[derive(Debug)]
pub(super) struct Tape {
    notes: Option<SyncSender<Note>>,
    backlog: Arc<Backlog>,
    thread: thread::JoinHandle<io::Result<u64>>,
    path: PathBuf,
}

impl Tape {
    /// What is noted of a message before the state changes; `None` when nothing is.
    pub(super) fn before(&self, state: &State, message: &Msg) -> Option<Note> {
        self.notes.as_ref().and_then(|_| Note::before(state, message))
    }

    /// Hands a note on when the state has changed. Never waits. When nothing more can be recorded, that is what the
    /// console is to be told, once.
    #[must_use]
    pub(super) fn after(&mut self, note: Note, state: &State) -> Option<Msg> {
        let notes = self.notes.as_ref()?;
        let is_room = self.backlog.takes(note.rows(), ROWS);
        let note = note.after(state);
        let sent = if is_room { notes.try_send(note) } else { Err(TrySendError::Full(note)) };
        let why = match sent {
            Ok(()) => return None,
            Err(TrySendError::Full(_)) => {
                // Before the channel is closed: behind its end the thread looks.
                self.backlog.is_over.store(true, Ordering::Release);
                Some(BEHIND)
            }
            Err(TrySendError::Disconnected(_)) if self.backlog.is_told.load(Ordering::Acquire) => None,
            Err(TrySendError::Disconnected(_)) => Some("it cannot be written"),
        };
        self.notes = None;
        why.map(|why| ended(&self.path, why))
    }

    /// Writes what is left, and says in a line what came of it.
    pub(super) fn finish(self) -> String {
        let path = self.path.display().to_string();
        drop(self.notes);
        let written = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("it was given up")));
        match written {
            Ok(_) if self.backlog.is_over.load(Ordering::Acquire) => {
                format!(
                    "the recording {path} is not whole: {BEHIND}; `foretop replay {path}` plays what there is"
                )
            }
            Ok(bytes) => {
                let size = size(bytes);
                format!(
                    "the run is recorded in {path} ({size}), with other names; `foretop replay {path}` plays it"
                )
            }
            Err(error) => format!("the recording {path} is not whole: {error}"),
        }
    }
}

/// A size as people say it.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} KB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// What the thread works with.
struct Writer {
    recorder: Recorder,
    out: BufWriter<File>,
    path: PathBuf,
    bytes: u64,
    backlog: Arc<Backlog>,
}

impl Writer {
    fn run(&mut self, waiting: &Receiver<Note>) -> io::Result<()> {
        loop {
            let note = match waiting.try_recv() {
                Ok(note) => note,
                // Nobody waits: what is here must not be lost when the console is killed.
                Err(TryRecvError::Empty) => {
                    self.out.flush()?;
                    match waiting.recv() {
                        Ok(note) => note,
                        Err(_ended) => break,
                    }
                }
                Err(TryRecvError::Disconnected) => break,
            };
            let rows = note.rows();
            self.lines(|recorder, out| recorder.note(note, out))?;
            self.backlog.is_rid_of(rows);
        }
        let behind = self.backlog.is_over.load(Ordering::Acquire);
        self.lines(|recorder, out| recorder.end(behind, out))?;
        self.out.flush()?;
        self.out.get_ref().sync_data()
    }

    fn lines(
        &mut self,
        make: impl FnOnce(&mut Recorder, &mut dyn FnMut(String)) -> serde_json::Result<()>,
    ) -> io::Result<()> {
        let Self { recorder, out, bytes, .. } = self;
        let mut written = Ok(());
        make(recorder, &mut |line| {
            if written.is_ok() {
                written = write_line(out, bytes, &line);
            }
        })
        .map_err(io::Error::other)?;
        written
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        write_line(&mut self.out, &mut self.bytes, line)
    }
}

fn write_line(out: &mut BufWriter<File>, bytes: &mut u64, line: &str) -> io::Result<()> {
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")?;
    *bytes += line.len() as u64 + 1;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        key::Key,
        state::{ScreenSize, Settings},
    };

    fn state() -> State {
        State::new(Settings::default(), ScreenSize { width: 80, height: 24 }, jiff::Timestamp::UNIX_EPOCH, 1)
    }

    fn note(tape: &mut Tape, state: &State, message: &Msg) -> Option<Msg> {
        let note = tape.before(state, message)?;
        tape.after(note, state)
    }

    #[test]
    fn a_recording_is_whole_and_its_size_is_told() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run.jsonl");
        let (console, _answers) = tokio::sync::mpsc::channel(1);
        let state = state();
        let mut tape = Blank::create(&path).unwrap().begin(&state, Some(scrambler()), console).unwrap();
        assert_eq!(note(&mut tape, &state, &Msg::Key(Key::char('j'))), None);
        let words = tape.finish();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.ends_with("{\"ended\":{}}\n"), "{text}");
        assert!(words.contains(&size(text.len() as u64)), "{words}");
        assert_eq!(Blank::create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_said_once_and_ends_the_recording_alone() {
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (console, mut answers) = tokio::sync::mpsc::channel(4);
        let state = state();
        let blank = Blank { file, path: PathBuf::from("run.jsonl") };
        let mut tape = blank.begin(&state, Some(scrambler()), console).unwrap();
        let told = answers.blocking_recv().unwrap();
        let Msg::RecordingEnded(words) = told else { panic!("{told:?}") };
        assert!(words.as_str().contains("run.jsonl") && words.as_str().contains("nothing more"), "{words}");
        while tape.notes.is_some() {
            assert_eq!(note(&mut tape, &state, &Msg::Key(Key::char('j'))), None, "it is said once");
            std::thread::yield_now();
        }
        assert!(tape.finish().contains("not whole"));
        assert!(answers.blocking_recv().is_none());
    }

    /// A tape of which nobody writes anything before the other end of the channel is dropped.
    fn stuck(path: &Path, state: &State) -> (Tape, mpsc::Sender<()>) {
        let (console, _answers) = tokio::sync::mpsc::channel(4);
        let other = Blank::create(&path.with_extension("other")).unwrap();
        let mut tape = other.begin(state, Some(scrambler()), console).unwrap();
        let (notes, waiting) = mpsc::sync_channel(3);
        let (go, gate) = mpsc::channel::<()>();
        let (recorder, first) = Recorder::begin(Some(scrambler()), state, "test").unwrap();
        let out = BufWriter::new(File::create(path).unwrap());
        let backlog = Arc::clone(&tape.backlog);
        let mut writer = Writer { recorder, out, path: path.to_owned(), bytes: 0, backlog };
        tape.notes = Some(notes);
        let thread = thread::spawn(move || {
            gate.recv().ok();
            writer.write(&first)?;
            writer.run(&waiting)?;
            Ok(writer.bytes)
        });
        // The first one ends, for nobody hands it anything.
        std::mem::replace(&mut tape.thread, thread).join().unwrap().unwrap();
        (tape, go)
    }

    #[test]
    fn a_recording_that_falls_behind_ends_and_says_so() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run.jsonl");
        let state = state();
        let (mut tape, go) = stuck(&path, &state);
        for key in "abc".chars() {
            assert_eq!(note(&mut tape, &state, &Msg::Key(Key::char(key))), None);
        }
        let told = note(&mut tape, &state, &Msg::Key(Key::char('d')));
        assert!(
            matches!(&told, Some(Msg::RecordingEnded(words)) if words.as_str().contains(BEHIND)),
            "{told:?}"
        );
        assert!(tape.before(&state, &Msg::Terminated).is_none(), "nothing more is recorded");
        drop(go);
        let words = tape.finish();
        assert!(words.contains("not whole") && words.contains(BEHIND), "{words}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(text.ends_with("{\"ended\":{\"behind\":true}}\n"), "{text}");
        let script = crate::runtime::Script::open(&path).unwrap();
        assert!(script.is_behind() && !script.is_whole());
    }

    #[test]
    fn lists_wait_only_as_far_as_there_is_room_for_their_rows() {
        let backlog = Backlog::default();
        assert!(
            backlog.takes(500, 100) && backlog.takes(0, 100),
            "one list always has room, and so have keys"
        );
        assert!(!backlog.takes(1, 100));
        backlog.is_rid_of(501);
        assert!(backlog.takes(60, 100) && backlog.takes(40, 100) && !backlog.takes(1, 100));
    }
}
