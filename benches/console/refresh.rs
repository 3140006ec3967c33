//! Reading the whole list again: against the same requests by `reqwest` and `serde_json` alone, and, when nothing changed,
//! against hashing the answers.

use std::time::Duration;

use crate::{
    estate::Estate,
    floor::{self, Floor, Kind},
    report::{Goal, Report, Samples, milliseconds, thousands},
    terminal::Terminal,
};

/// How often the list is read.
const TIMES: usize = 7;
/// How long a reading may take to begin.
const BEGINS: Duration = Duration::from_secs(5);

pub(crate) fn measure(estate: &Estate, report: &mut Report) {
    let mut terminal = Terminal::start((200, 60), &estate.access);
    terminal.wait_for_list(estate.rows);
    terminal.stop_polling();
    let process = terminal.process();
    process.rest();
    let mut took = Samples::default();
    let before = process.cpu();
    for _ in 0..TIMES {
        estate.turn();
        let before = terminal.screen().totals();
        let answered = terminal.answer("the other list", b"\x12", |screen| screen.totals() != before);
        took.add(answered);
        process.rest();
    }
    let changed_cpu = each(process.cpu().saturating_sub(before));
    let before = process.cpu();
    for _ in 0..TIMES {
        let asked = estate.asked();
        let pressed = terminal.press(b"\x12");
        while estate.asked() < asked + estate.pages() {
            assert!(pressed.elapsed() < 4 * BEGINS, "Ctrl-r does not read the list");
            std::thread::sleep(Duration::from_millis(1));
        }
        process.rest();
        terminal.settle(Duration::from_millis(10));
    }
    let unchanged_cpu = each(process.cpu().saturating_sub(before));
    estate.turn_back();
    let [structs, columns, hash, receive] = [Kind::Structs, Kind::Columns, Kind::Hash, Kind::Receive]
        .map(|kind| floor::run(kind, &estate.access, TIMES));
    assert_eq!(structs.rows, estate.rows, "the floor reads the same list");
    let megabytes = estate.bytes() / 1_000_000;
    let title = format!("Reading {} sessions again ({megabytes} MB of JSON)", thousands(estate.rows));
    report.section(&format!("{title}: time from Ctrl-r to the new rows"));
    let (best, median) = (took.percentile(1), took.median());
    let ratio = best / 1000.0 / structs.seconds;
    let numbers = [("best_ms", best), ("median_ms", median), ("ratio", ratio)];
    let peers = "columns 0.34, structs 0.28, Python 2.0 s";
    let goal = Goal::at_most(ratio, 1.3, "1.3 x the floor").peers(peers);
    let value = format!("{best:.0} ms = {ratio:.2} x (median {median:.0} ms)");
    report.add("a changed list, best", value, goal, &numbers);
    add_floor(report, "floor: into structs", structs);
    add_floor(report, "floor: into columns", columns);
    add_floor(report, "floor: received only", receive);
    report.section(&format!("{title}: processor time"));
    let ratio = unchanged_cpu / hash.cpu_seconds / 1000.0;
    let goal = Goal::at_most(ratio, 1.5, "1.5 x receiving and hashing");
    let goal = goal.peers("hashing alone 0.09-0.13, parsing 0.36 s");
    let numbers = [("cpu_ms", unchanged_cpu), ("ratio", ratio)];
    report.add("an unchanged list", format!("{unchanged_cpu:.0} ms = {ratio:.2} x"), goal, &numbers);
    let ratio = changed_cpu / structs.cpu_seconds / 1000.0;
    let numbers = [("cpu_ms", changed_cpu), ("ratio", ratio)];
    let value = format!("{changed_cpu:.0} ms = {ratio:.2} x structs");
    report.add("a changed list", value, Goal::none(), &numbers);
    for (what, floor) in [
        ("floor: received and hashed", hash),
        ("floor: received only", receive),
        ("floor: into structs", structs),
        ("floor: into columns", columns),
    ] {
        let ms = floor.cpu_seconds * 1000.0;
        report.add(what, format!("{ms:.0} ms"), Goal::none(), &[("cpu_ms", ms)]);
    }
}

/// Of one time, in milliseconds.
fn each(all: Duration) -> f64 {
    milliseconds(all) / TIMES as f64
}

fn add_floor(report: &mut Report, what: &str, floor: Floor) {
    let ms = floor.seconds * 1000.0;
    report.add(what, format!("{ms:.0} ms"), Goal::none(), &[("ms", ms)]);
}
