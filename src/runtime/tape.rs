//! The file that a run is recorded in: opened for its owner only, written by a thread of its own, so that the console
//! waits for no disk.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, Sender, TryRecvError},
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
        let (notes, waiting) = mpsc::channel();
        let path = self.path.clone();
        let mut writer = Writer { recorder, out: BufWriter::new(self.file), path: self.path, bytes: 0 };
        let thread = thread::Builder::new().name("recording".to_owned()).spawn(move || {
            let written = writer.write(&first).and_then(|()| writer.run(&waiting));
            // Nobody hands anything over any more.
            drop(waiting);
            written.map(|()| writer.bytes).map_err(|error| {
                let words =
                    format!("the recording {}: {error}; nothing more is recorded", writer.path.display());
                let answer = Err(Text::clean(&words));
                // The console may be at its end already: then the end says it.
                drop(console.try_send(Msg::FileWritten { answer }));
                error
            })
        })?;
        Ok(Tape { notes: Some(notes), thread, path })
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
    notes: Option<Sender<Note>>,
    thread: thread::JoinHandle<io::Result<u64>>,
    path: PathBuf,
}

impl Tape {
    /// What is noted of a message before the state changes; `None` when nothing is.
    pub(super) fn before(&self, state: &State, message: &Msg) -> Option<Note> {
        self.notes.as_ref().and_then(|_| Note::before(state, message))
    }

    /// Hands a note on when the state has changed.
    pub(super) fn after(&mut self, note: Note, state: &State) {
        let is_sent = self.notes.as_ref().is_some_and(|notes| notes.send(note.after(state)).is_ok());
        if !is_sent {
            self.notes = None;
        }
    }

    /// Writes what is left, and says in a line what came of it.
    pub(super) fn finish(self) -> String {
        let path = self.path.display().to_string();
        drop(self.notes);
        let written = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("it was given up")));
        match written {
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
            self.lines(|recorder, out| recorder.note(note, out))?;
        }
        self.lines(Recorder::end)?;
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

    fn tell(tape: &mut Tape, state: &State, message: &Msg) {
        if let Some(note) = tape.before(state, message) {
            tape.after(note, state);
        }
    }

    #[test]
    fn a_recording_is_whole_and_its_size_is_told() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run.jsonl");
        let (console, _answers) = tokio::sync::mpsc::channel(1);
        let state = state();
        let mut tape = Blank::create(&path).unwrap().begin(&state, Some(scrambler()), console).unwrap();
        tell(&mut tape, &state, &Msg::Key(Key::char('j')));
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
        let Msg::FileWritten { answer: Err(words) } = told else { panic!("{told:?}") };
        assert!(words.as_str().contains("run.jsonl") && words.as_str().contains("nothing more"), "{words}");
        while tape.notes.is_some() {
            tell(&mut tape, &state, &Msg::Key(Key::char('j')));
            std::thread::yield_now();
        }
        assert!(answers.blocking_recv().is_none());
        assert!(tape.finish().contains("not whole"));
    }
}
