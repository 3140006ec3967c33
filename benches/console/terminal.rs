//! The real program in a real terminal: a pty, a terminal emulator behind it, and a note of when each frame was whole.
//!
//! The program ends each frame with a status query (`DSR`). It is answered as terminals do, at once and by the thread
//! that reads; the moment at which it came is the moment at which the frame was finished. What the frame shows is looked
//! at afterwards, and costs the program nothing.

use std::{
    collections::VecDeque,
    io::{Read as _, Write},
    num::NonZeroU16,
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{estate::Access, process::Process, screen::Screen};

/// How long anything is waited for before the benchmark gives up and shows the screen.
const LIMIT: Duration = Duration::from_secs(30);
/// The query behind each frame.
const ASK_WELL: &[u8] = b"\x1b[5n";
/// The answer.
const WELL: &[u8] = b"\x1b[0n";
/// The question whether frames can be kept back until they are whole, and the answer: they can.
const ASK_SYNCHRONIZES: &[u8] = b"\x1b[?2026$p";
const SYNCHRONIZES: &[u8] = b"\x1b[?2026;2$y";

/// Width and height.
pub(crate) type Size = (u16, u16);

/// Bytes of the program and when they came.
struct Piece {
    at: Instant,
    bytes: Vec<u8>,
}

/// A frame: when its last byte came, and how many it had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) at: Instant,
    pub(crate) bytes: usize,
}

/// Writes keys.
pub(crate) type Keyboard = Arc<Mutex<Box<dyn Write + Send>>>;

/// A console in a terminal.
pub(crate) struct Terminal {
    parser: vt100::Parser,
    output: mpsc::Receiver<Piece>,
    keyboard: Keyboard,
    _master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    pub(crate) started: Instant,
    /// What came and is not part of a whole frame yet.
    rest: VecDeque<Piece>,
    /// When the last frame was whole.
    last: Instant,
    /// The empty home of the program; gone when it has ended.
    _home: tempfile::TempDir,
}

impl Terminal {
    /// Starts the console on a screen of this size, connected to an estate, in an empty home.
    pub(crate) fn start(size: Size, access: &Access) -> Self {
        Self::begin(size, access, true)
    }

    /// The same, but nothing is answered: whoever carries the bytes does that.
    pub(crate) fn start_unanswered(size: Size, access: &Access) -> Self {
        Self::begin(size, access, false)
    }

    fn begin((cols, rows): Size, access: &Access, answers: bool) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pty");
        let mut command = CommandBuilder::new(crate::process::PROGRAM);
        command.env_clear();
        for (name, value) in crate::process::environment(home.path(), access) {
            command.env(name, value);
        }
        command.cwd(home.path());
        let mut reader = pair.master.try_clone_reader().expect("the pty can be read");
        let keyboard: Keyboard =
            Arc::new(Mutex::new(pair.master.take_writer().expect("the pty can be written")));
        let (sender, output) = mpsc::channel();
        let answering = answers.then(|| Arc::clone(&keyboard));
        let child = pair.slave.spawn_command(command).expect("the program starts");
        // From here on it runs. Before, this process was copied with the estates that it holds, which is not what is measured.
        let started = Instant::now();
        drop(pair.slave);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            let mut asked = Asked::default();
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let at = Instant::now();
                let bytes = buffer[..count].to_vec();
                if let Some(keyboard) = &answering {
                    let answers = asked.answers(&bytes);
                    if !answers.is_empty() {
                        write(keyboard, &answers);
                    }
                }
                if sender.send(Piece { at, bytes }).is_err() {
                    break;
                }
            }
        });
        Self {
            parser: vt100::Parser::new(cells(rows), cells(cols), 0),
            output,
            keyboard,
            _master: pair.master,
            child,
            started,
            rest: VecDeque::new(),
            last: started,
            _home: home,
        }
    }

    /// What its process uses.
    pub(crate) fn process(&self) -> Process {
        Process::of(self.child.process_id().expect("it runs"))
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> Screen<'_> {
        Screen::new(self.parser.screen())
    }

    /// Presses keys; says when.
    pub(crate) fn press(&self, keys: &[u8]) -> Instant {
        let at = Instant::now();
        write(&self.keyboard, keys);
        at
    }

    /// The next whole frame, shown on the screen; `None` when none came in this time.
    pub(crate) fn frame(&mut self, within: Duration) -> Option<Frame> {
        let end = Instant::now() + within;
        let mut taken = 0;
        loop {
            if let Some(frame) = self.take_frame(&mut taken) {
                return Some(frame);
            }
            let left = end.saturating_duration_since(Instant::now());
            self.rest.push_back(self.output.recv_timeout(left).ok()?);
        }
    }

    /// Shows the bytes that wait, up to the end of a frame.
    fn take_frame(&mut self, taken: &mut usize) -> Option<Frame> {
        let mut whole: Vec<u8> = Vec::new();
        let mut ends = Vec::new();
        for piece in &self.rest {
            whole.extend_from_slice(&piece.bytes);
            ends.push((whole.len(), piece.at));
        }
        let end = find(&whole, ASK_WELL)? + ASK_WELL.len();
        let (_, at) = *ends.iter().find(|(length, _)| *length >= end)?;
        let tail = whole.split_off(end);
        self.parser.process(&whole);
        *taken += whole.len();
        self.rest.clear();
        if let Some((_, at)) = ends.last().filter(|_| !tail.is_empty()) {
            self.rest.push_back(Piece { at: *at, bytes: tail });
        }
        self.last = at;
        Some(Frame { at, bytes: *taken })
    }

    /// Shows frames until one satisfies a condition.
    pub(crate) fn wait(&mut self, what: &str, condition: impl Fn(&Screen<'_>) -> bool) -> Frame {
        self.wait_for(what, LIMIT, condition)
    }

    fn wait_for(&mut self, what: &str, limit: Duration, condition: impl Fn(&Screen<'_>) -> bool) -> Frame {
        let end = Instant::now() + limit;
        let mut all = 0;
        while let Some(frame) = self.frame(end.saturating_duration_since(Instant::now())) {
            all += frame.bytes;
            if condition(&self.screen()) {
                return Frame { bytes: all, ..frame };
            }
        }
        panic!("never seen: {what}. The screen:\n{}", self.screen().text());
    }

    /// Presses keys and waits for the frame that shows what they do: how long that took, to the end of the frame.
    pub(crate) fn answer(
        &mut self,
        what: &str,
        keys: &[u8],
        shown: impl Fn(&Screen<'_>) -> bool,
    ) -> Duration {
        let pressed = self.press(keys);
        let frame = self.wait(what, shown);
        frame.at.saturating_duration_since(pressed)
    }

    /// Shows whatever comes until nothing has come for so long; how many bytes that were.
    pub(crate) fn settle(&mut self, quiet: Duration) -> usize {
        let mut bytes = 0;
        while let Some(frame) = self.frame(quiet) {
            bytes += frame.bytes;
        }
        bytes
    }

    /// What the program wrote since the last call, as it came: for whoever carries bytes on.
    pub(crate) fn pieces(&mut self) -> Vec<Vec<u8>> {
        self.output.try_iter().map(|piece| piece.bytes).collect()
    }

    /// Shows bytes that somebody carried here.
    pub(crate) fn show(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
    }

    /// When the last frame that is shown was whole.
    pub(crate) fn last_frame(&self) -> Instant {
        self.last
    }

    /// Goes to the first row.
    pub(crate) fn answer_home(&mut self) {
        self.press(b"\x1b[H");
        self.settle(Duration::from_millis(80));
    }

    /// Waits until the list is there.
    pub(crate) fn wait_for_list(&mut self, rows: usize) -> Frame {
        let words = format!("{rows} of {rows}");
        self.wait_for(&words, 2 * LIMIT, |screen| screen.filter_line().contains(&words))
    }

    /// Lets only Ctrl-r read the list from now on.
    pub(crate) fn stop_polling(&mut self) {
        self.press(b":interval 3600\r");
        self.settle(Duration::from_millis(300));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Already gone is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn write(keyboard: &Keyboard, bytes: &[u8]) {
    let mut keyboard = keyboard.lock().expect("nobody panics with the keyboard");
    // A program that has ended is noticed by whoever waits for its frames.
    drop(keyboard.write_all(bytes).and_then(|()| keyboard.flush()));
}

/// Finds the program's questions in what it writes, also where two reads cut one in two.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    tail: Vec<u8>,
}

impl Asked {
    /// What a terminal answers to these bytes.
    pub(crate) fn answers(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut text = std::mem::take(&mut self.tail);
        let known = text.len();
        text.extend_from_slice(bytes);
        let mut answers = Vec::new();
        for end in known + 1..=text.len() {
            if text[..end].ends_with(ASK_WELL) {
                answers.extend_from_slice(WELL);
            } else if text[..end].ends_with(ASK_SYNCHRONIZES) {
                answers.extend_from_slice(SYNCHRONIZES);
            }
        }
        self.tail = text.split_off(text.len().saturating_sub(ASK_SYNCHRONIZES.len() - 1));
        answers
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|piece| piece == wanted)
}

pub(crate) fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a screen has cells")
}
