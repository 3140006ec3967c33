//! `PgDn` held for four seconds, then Home, through a slow line: when is Home's screen complete?
//!
//! What the program writes is taken at once, as an SSH server does, and goes on at the pace of the line. Keys and the
//! answers of the terminal travel as long as anything else.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{
    estate::Estate,
    report::{Goal, Report},
    terminal::{Asked, Size, Terminal},
};

/// Bytes a second.
const RATE: f64 = 9600.0;
/// One way.
const DELAY: Duration = Duration::from_millis(75);
/// What the line may take at once after a pause, in bytes.
const BURST: f64 = 1500.0;
/// How long `PgDn` is held, and how often it repeats.
const HELD: Duration = Duration::from_secs(4);
const REPEATS: Duration = Duration::from_millis(33);
/// The longest that the first screen and Home's screen are waited for.
const LIMIT: Duration = Duration::from_secs(90);
/// How often bytes are moved on.
const STEP: Duration = Duration::from_millis(1);

/// Bytes on their way, and when they arrive.
type Way = VecDeque<(Instant, Vec<u8>)>;

/// The next bytes that have arrived.
fn due(way: &mut Way, now: Instant) -> Option<Vec<u8>> {
    way.front().is_some_and(|(at, _)| *at <= now).then(|| way.pop_front()).flatten().map(|(_, bytes)| bytes)
}

/// A line between the program and its terminal.
struct Line {
    terminal: Terminal,
    /// What the program has written and the line has not taken.
    queue: VecDeque<u8>,
    /// To the terminal.
    down: Way,
    /// To the program.
    up: Way,
    asked: Asked,
    credit: f64,
    last: Instant,
    shown_at: Instant,
    carried: usize,
}

impl Line {
    fn new(terminal: Terminal) -> Self {
        let now = Instant::now();
        Self {
            terminal,
            queue: VecDeque::new(),
            down: VecDeque::new(),
            up: VecDeque::new(),
            asked: Asked::default(),
            credit: 0.0,
            last: now,
            shown_at: now,
            carried: 0,
        }
    }

    fn press(&mut self, keys: &[u8]) {
        self.up.push_back((Instant::now() + DELAY, keys.to_vec()));
    }

    /// Moves on what is due; says whether the screen got something.
    fn step(&mut self) -> bool {
        std::thread::sleep(STEP);
        let now = Instant::now();
        self.credit = (self.credit + (now - self.last).as_secs_f64() * RATE).min(BURST);
        self.last = now;
        for piece in self.terminal.pieces() {
            self.queue.extend(piece);
        }
        let count = self.queue.len().min(self.credit as usize);
        if count > 0 {
            self.credit -= count as f64;
            self.carried += count;
            self.down.push_back((now + DELAY, self.queue.drain(..count).collect()));
        }
        while let Some(keys) = due(&mut self.up, now) {
            self.terminal.press(&keys);
        }
        let mut shown = false;
        while let Some(bytes) = due(&mut self.down, now) {
            self.terminal.show(&bytes);
            let answers = self.asked.answers(&bytes);
            if !answers.is_empty() {
                self.up.push_back((now + DELAY, answers));
            }
            self.shown_at = now;
            shown = true;
        }
        shown
    }

    /// Moves bytes until nothing has come for so long.
    fn settle(&mut self, quiet: Duration) {
        let end = Instant::now() + LIMIT;
        self.shown_at = Instant::now();
        while self.shown_at.elapsed() < quiet || !self.queue.is_empty() {
            assert!(Instant::now() < end, "the line is never quiet");
            self.step();
        }
    }
}

pub(crate) fn measure(estate: &Estate, report: &mut Report) {
    report.section("PgDn held for 4 s, then Home, through 9.6 kB/s with 150 ms round trip");
    for size in [(80, 24), (200, 60)] {
        let (took, bytes) = home(estate, size);
        let seconds = took.as_secs_f64();
        let goal = Goal::at_most(seconds, 1.0, "1 s");
        let goal = goal.peers("paced bare program 0.81; less, tig, lnav 21.6; csvlens 33; tabiew 41 s");
        let (width, height) = size;
        let value = format!("{seconds:.2} s ({bytes} B for all of it)");
        let numbers = [("seconds", seconds), ("bytes", bytes as f64)];
        report.add(&format!("Home's screen complete at {width}x{height}"), value, goal, &numbers);
    }
}

/// From Home to its whole screen; and how many bytes the line carried from the first `PgDn` on.
fn home(estate: &Estate, size: Size) -> (Duration, usize) {
    let mut line = Line::new(Terminal::start_unanswered(size, &estate.access));
    let end = Instant::now() + LIMIT;
    while line.terminal.screen().cursor().is_none() {
        assert!(Instant::now() < end, "the list never came");
        line.step();
    }
    line.press(b":interval 3600\r");
    line.settle(Duration::from_secs(2));
    let first = line.terminal.screen().table();
    let before = line.carried;
    let began = Instant::now();
    let mut next = began;
    while began.elapsed() < HELD {
        if Instant::now() >= next {
            line.press(b"\x1b[6~");
            next += REPEATS;
        }
        line.step();
    }
    assert_ne!(line.terminal.screen().table(), first, "PgDn was not heard");
    let pressed = Instant::now();
    line.press(b"\x1b[H");
    // Complete when it shows what it showed at first, and goes on to.
    let mut complete = None;
    let last_word = |line: &Line| line.queue.is_empty() && line.down.is_empty();
    while complete.is_none_or(|at: Instant| at.elapsed() < Duration::from_secs(1) || !last_word(&line)) {
        assert!(
            pressed.elapsed() < LIMIT / 3,
            "Home is never shown, but this:\n{}\nwanted:\n{}",
            line.terminal.screen().text(),
            first.join("\n"),
        );
        if line.step() {
            let same = line.terminal.screen().table() == first;
            complete = same.then(|| complete.unwrap_or(line.shown_at));
        }
    }
    let took = complete.map_or(LIMIT, |at| at.saturating_duration_since(pressed));
    (took, line.carried - before)
}
