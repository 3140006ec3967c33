//! From a key to the end of the frame that shows what it does, idle and while the list is read again.

use std::time::{Duration, Instant};

use crate::{
    estate::Estate,
    report::{Goal, Report, Samples, thousands},
    terminal::Terminal,
};

/// A wide screen: the more cells, the more work.
const SIZE: (u16, u16) = (200, 60);
/// Between two keys: as fast as one types or a key repeats is slower.
const BETWEEN: Duration = Duration::from_millis(8);
/// How many keys of a kind are pressed while nothing else happens.
const IDLE: usize = 200;
/// How many during refreshes, and how long that is tried: with few sessions a refresh is over after a key or two.
const REFRESHING: usize = 150;
const REFRESHING_LIMIT: Duration = Duration::from_secs(9);
/// How long a refresh may take to begin and to end.
const BEGINS: Duration = Duration::from_secs(5);
const ENDS: Duration = Duration::from_secs(20);

/// What is typed into the filter, letter by letter.
const WORDS: [&str; 6] = ["meyer", "finw", "uag-", "8.14", "disc", "ca"];

/// The kinds of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cursor,
    Page,
    Jump,
    Letter,
    Sort,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Cursor, Self::Page, Self::Jump, Self::Letter, Self::Sort];

    fn name(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Page => "page",
            Self::Jump => "first and last row",
            Self::Letter => "letter of the filter",
            Self::Sort => "sort by any column",
        }
    }

    /// The goal in milliseconds, idle or during a refresh.
    fn goal(self, refreshing: bool) -> f64 {
        match (self, refreshing) {
            (Self::Cursor | Self::Page | Self::Jump, false) => 2.0,
            (Self::Cursor | Self::Page | Self::Jump, true) => 8.0,
            (Self::Letter, _) => 25.0,
            (Self::Sort, _) => 30.0,
        }
    }

    /// What was measured of others, at 250,000 rows and with nothing else going on.
    fn peers(self, is_largest: bool, refreshing: bool) -> &'static str {
        match self {
            _ if refreshing || !is_largest => "",
            Self::Cursor => "p99 csvlens 1.0, fzf 0.9, tabiew 18.7 ms",
            Self::Letter => "fzf 126, csvlens 254 ms",
            Self::Sort => "numbers 3-7 ms, text compared afresh 92 ms",
            Self::Page | Self::Jump => "",
        }
    }
}

/// Presses keys of one kind, one after the other.
struct Presser {
    kind: Kind,
    count: usize,
    word: usize,
    typed: usize,
}

impl Presser {
    fn new(kind: Kind) -> Self {
        Self { kind, count: 0, word: 0, typed: 0 }
    }

    /// Brings the screen into the state that the keys need.
    fn begin(&mut self, terminal: &mut Terminal) {
        if self.kind == Kind::Letter {
            self.typed = 0;
            terminal.press(b"/");
            terminal.frame(Duration::from_millis(60));
        }
    }

    /// Brings it back.
    fn end(&mut self, terminal: &mut Terminal) {
        if self.kind == Kind::Letter {
            terminal.press(b"\x1b");
            terminal.settle(Duration::from_millis(150));
        }
    }

    /// Presses the next key and waits for what it does.
    fn press(&mut self, terminal: &mut Terminal) -> Duration {
        self.count += 1;
        match self.kind {
            // More down than up: never at the end of what there is, also where a new list has fewer rows above.
            Kind::Cursor => moved(terminal, if (self.count - 1) % 90 < 50 { b"j" } else { b"k" }),
            Kind::Page => moved(terminal, if (self.count - 1) % 35 < 20 { b"\x1b[6~" } else { b"\x1b[5~" }),
            Kind::Jump => moved(terminal, if self.count % 2 == 1 { b"\x1b[F" } else { b"\x1b[H" }),
            Kind::Letter => self.letter(terminal),
            Kind::Sort => self.sort(terminal),
        }
    }

    fn letter(&mut self, terminal: &mut Terminal) -> Duration {
        let mut word = WORDS[self.word % WORDS.len()];
        if self.typed == word.len() {
            self.word += 1;
            self.typed = 0;
            word = WORDS[self.word % WORDS.len()];
            terminal.answer("an empty filter", b"\x15", |screen| {
                screen.filter_line().trim_start().trim_start_matches('/').starts_with("      ")
            });
            std::thread::sleep(BETWEEN);
        }
        let letter = &word.as_bytes()[self.typed..=self.typed];
        self.typed += 1;
        let typed: String = word.chars().take(self.typed).collect();
        let typed = format!(" / {typed} ");
        // The rows, too, not only the letter.
        let is_done = |line: &str| line.starts_with(&typed) && !line.contains("… of ");
        terminal.answer(&typed, letter, |screen| is_done(&screen.filter_line()))
    }

    /// Each column twice, in both directions, and on to the next one.
    fn sort(&mut self, terminal: &mut Terminal) -> Duration {
        if self.count % 2 == 1 {
            // At the last column there is nothing to draw, and the next key begins with the first one again.
            let key: &[u8] = if self.count % 64 < 32 { b"l" } else { b"h" };
            terminal.press(key);
            terminal.frame(Duration::from_millis(40));
        }
        let before = terminal.screen().order();
        terminal.answer("another order", b"O", |screen| screen.order() != before)
    }
}

/// Presses a key that moves the cursor to another session.
fn moved(terminal: &mut Terminal, key: &[u8]) -> Duration {
    let before = terminal.screen().session();
    terminal.answer("the cursor on another session", key, |screen| screen.session() != before)
}

pub(crate) fn measure(estate: &Estate, report: &mut Report) {
    let mut terminal = Terminal::start(SIZE, &estate.access);
    terminal.wait_for_list(estate.rows);
    terminal.stop_polling();
    terminal.process().rest();
    let is_largest = estate.rows > 200_000;
    let words = format!("Key to finished frame, {} sessions", thousands(estate.rows));
    report.section(&format!("{words}, idle (p50 / p99 / max, number of keys)"));
    for kind in Kind::ALL {
        let samples = idle(&mut terminal, kind);
        add(report, kind, false, is_largest, &samples);
    }
    report.section(&format!("{words}, while the list is read again"));
    for kind in Kind::ALL {
        let samples = refreshing(&mut terminal, estate, kind);
        add(report, kind, true, is_largest, &samples);
    }
}

fn add(report: &mut Report, kind: Kind, refreshing: bool, is_largest: bool, samples: &Samples) {
    let (text, numbers) = samples.summary();
    let limit = kind.goal(refreshing);
    let words = format!("p99 {limit} ms");
    let goal = Goal::at_most(samples.percentile(99), limit, &words).peers(kind.peers(is_largest, refreshing));
    report.add(kind.name(), text, goal, &numbers);
}

fn idle(terminal: &mut Terminal, kind: Kind) -> Samples {
    let mut samples = Samples::default();
    let mut presser = Presser::new(kind);
    terminal.answer_home();
    presser.begin(terminal);
    let wanted = if kind == Kind::Letter || kind == Kind::Sort { IDLE / 2 } else { IDLE };
    for _ in 0..wanted {
        samples.add(presser.press(terminal));
        std::thread::sleep(BETWEEN);
    }
    presser.end(terminal);
    samples
}

fn refreshing(terminal: &mut Terminal, estate: &Estate, kind: Kind) -> Samples {
    let mut samples = Samples::default();
    let mut presser = Presser::new(kind);
    let end = Instant::now() + REFRESHING_LIMIT;
    terminal.answer_home();
    while samples.len() < REFRESHING && Instant::now() < end {
        estate.turn();
        let (before, asked) = (terminal.screen().totals(), estate.asked());
        let began = terminal.press(b"\x12");
        while estate.asked() == asked {
            assert!(began.elapsed() < BEGINS, "Ctrl-r does not read the list");
            std::thread::yield_now();
        }
        presser.begin(terminal);
        while terminal.screen().totals() == before {
            assert!(began.elapsed() < ENDS, "the other list is never shown");
            samples.add(presser.press(terminal));
            std::thread::sleep(BETWEEN);
        }
        presser.end(terminal);
    }
    samples
}
