//! Memory of the console, and how long marking all rows takes.

use std::time::Duration;

use crate::{
    estate::Estate,
    floor::{self, Kind},
    report::{Goal, Report, Samples, thousands},
    terminal::Terminal,
};

/// How often the list is read again.
const REFRESHES: usize = 5;
/// How often all rows are marked.
const MARKS: usize = 10;

pub(crate) fn measure(estate: &Estate, report: &mut Report) {
    let mut terminal = Terminal::start((200, 60), &estate.access);
    terminal.wait_for_list(estate.rows);
    let process = terminal.process();
    process.rest();
    let (loaded, start) = (process.memory(), process.peak());
    terminal.stop_polling();
    process.forget_peak();
    for _ in 0..REFRESHES {
        estate.turn();
        let before = terminal.screen().totals();
        terminal.press(b"\x12");
        terminal.wait("the other list", |screen| screen.totals() != before);
        process.rest();
    }
    let (again, refresh) = (process.memory(), process.peak());
    let [structs, columns] = [Kind::Structs, Kind::Columns].map(|kind| floor::run(kind, &estate.access, 1));
    report.section(&format!("Memory, {} sessions", thousands(estate.rows)));
    let peers = "columns 79, structs 232, Python 490 MB";
    add(report, "list loaded", loaded, Goal::at_most(loaded, 100.0, "100 MB").peers(peers));
    add(report, "peak of the start", start, Goal::none());
    add(report, "after some refreshes", again, Goal::none());
    add(report, "peak during a refresh", refresh, Goal::at_most(refresh, 200.0, "200 MB"));
    let mut marking = Samples::default();
    process.forget_peak();
    for _ in 0..MARKS {
        let answered = terminal.answer("all rows marked", b"*", |screen| screen.text().contains("  marked "));
        marking.add(answered);
        std::thread::sleep(Duration::from_millis(20));
        terminal.answer("no row marked", b"u", |screen| !screen.text().contains("  marked "));
        std::thread::sleep(Duration::from_millis(20));
    }
    terminal.answer("all rows marked", b"*", |screen| screen.text().contains("  marked "));
    process.rest();
    add(report, "with all rows marked", process.memory(), Goal::none());
    add(report, "peak of marking all rows", process.peak(), Goal::none());
    add(report, "peak of the floor in structs, here", structs.peak_mb, Goal::none());
    add(report, "peak of the floor in columns, here", columns.peak_mb, Goal::none());
    let (text, numbers) = marking.summary();
    let most = marking.percentile(99);
    report.section(&format!("Marking all of {} sessions (p50 / p99 / max)", thousands(estate.rows)));
    report.add("key to finished frame", text, Goal::at_most(most, 20.0, "20 ms"), &numbers);
}

fn add(report: &mut Report, what: &str, megabytes: f64, goal: Goal<'_>) {
    report.add(what, format!("{megabytes:.0} MB"), goal, &[("mb", megabytes)]);
}
