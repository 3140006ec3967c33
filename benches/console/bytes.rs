//! Bytes to the terminal: what a key costs whoever sits behind a slow line.

use std::time::Duration;

use crate::{
    estate::Estate,
    report::{Goal, Report, thousands},
    terminal::{Size, Terminal},
};

/// After so long without a byte a key is done.
const QUIET: Duration = Duration::from_millis(60);
/// After so long the details beside the table are there.
const REST: Duration = Duration::from_millis(350);
/// How many keys of a kind are pressed.
const TIMES: usize = 10;

/// A screen, and the goals for it.
struct Screen {
    size: Size,
    cursor: f64,
    scroll: f64,
    /// What reversing whole rows and repainting all of the table need.
    cursor_peers: &'static str,
    scroll_peers: &'static str,
}

const SCREENS: [Screen; 2] = [
    Screen {
        size: (80, 24),
        cursor: 120.0,
        scroll: 300.0,
        cursor_peers: "reversing whole rows 216",
        scroll_peers: "repainting 1,846",
    },
    Screen {
        size: (200, 60),
        cursor: 120.0,
        scroll: 700.0,
        cursor_peers: "reversing whole rows 456",
        scroll_peers: "repainting 9,896",
    },
];

pub(crate) fn measure(estate: &Estate, report: &mut Report) {
    for screen in SCREENS {
        let (width, height) = screen.size;
        let mut terminal = Terminal::start(screen.size, &estate.access);
        terminal.wait_for_list(estate.rows);
        terminal.stop_polling();
        terminal.settle(Duration::from_millis(500));
        let rows = thousands(estate.rows);
        report.section(&format!("Bytes to a terminal of {width}x{height}, {rows} sessions (mean; most)"));
        // Not the first rows: the cursor's way there has nothing to scroll.
        let cursor = costs(&mut terminal, b"j", true);
        let goal = |limit: f64| format!("{limit} B");
        let words = goal(screen.cursor);
        add(
            report,
            "cursor to the next row",
            &cursor,
            Goal::at_most(mean(&cursor), screen.cursor, &words).peers(screen.cursor_peers),
        );
        // What a step costs in all when one rests after it: the details beside the table follow then.
        add(report, "the same and what follows", &rested(&mut terminal), Goal::none());
        let lines = terminal.screen().height();
        while terminal.screen().cursor().is_some_and(|line| line + 1 < lines) {
            terminal.press(b"j");
            terminal.settle(QUIET / 3);
        }
        terminal.settle(QUIET);
        let scroll = costs(&mut terminal, b"j", false);
        let words = goal(screen.scroll);
        add(
            report,
            "scrolling one row",
            &scroll,
            Goal::at_most(mean(&scroll), screen.scroll, &words).peers(screen.scroll_peers),
        );
        let page = costs(&mut terminal, b"\x1b[6~", false);
        add(report, "a page", &page, Goal::none());
    }
}

/// Presses a key several times; how many bytes came each time. `stays` says whether the rows stay where they are.
fn costs(terminal: &mut Terminal, key: &[u8], stays: bool) -> Vec<usize> {
    let press = |_| {
        let (before, cursor) = (terminal.screen().session(), terminal.screen().cursor());
        terminal.press(key);
        let bytes = terminal.settle(QUIET);
        let screen = terminal.screen();
        assert_ne!(screen.session(), before, "the key did not move the cursor:\n{}", screen.text());
        assert_eq!(screen.cursor() != cursor, stays, "the key did something else:\n{}", screen.text());
        bytes
    };
    (0..TIMES).map(press).collect()
}

/// Steps with a rest behind each.
fn rested(terminal: &mut Terminal) -> Vec<usize> {
    let step = |_| {
        // Back up: there the rows stay where they are, too.
        terminal.press(b"k");
        terminal.settle(QUIET) + terminal.settle(REST)
    };
    (0..TIMES / 2).map(step).collect()
}

fn mean(values: &[usize]) -> f64 {
    values.iter().sum::<usize>() as f64 / values.len() as f64
}

fn add(report: &mut Report, what: &str, values: &[usize], goal: Goal<'_>) {
    let (mean, most) = (mean(values), values.iter().max().copied().unwrap_or_default());
    let numbers = [("mean_bytes", mean), ("most_bytes", most as f64)];
    report.add(what, format!("{} B; {}", thousands(mean.round() as usize), thousands(most)), goal, &numbers);
}
