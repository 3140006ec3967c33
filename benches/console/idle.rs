//! A minute in which nobody presses a key and the list stays as it is: bytes and processor time.

use std::time::Duration;

use crate::{
    estate::Estate,
    report::{Goal, Report, milliseconds, thousands},
    terminal::Terminal,
};

const MINUTE: Duration = Duration::from_mins(1);

pub(crate) fn measure(estate: &Estate, report: &mut Report) {
    // Both in the same minute; they use little.
    let mut terminals = [(80, 24), (200, 60)].map(|size| (size, Terminal::start(size, &estate.access)));
    for (_, terminal) in &mut terminals {
        terminal.wait_for_list(estate.rows);
        terminal.settle(Duration::from_secs(2));
        terminal.process().rest();
    }
    let before = terminals.each_ref().map(|(_, terminal)| terminal.process().cpu());
    let asked = estate.asked();
    std::thread::sleep(MINUTE);
    let polls = (estate.asked() - asked) / estate.pages() / terminals.len();
    assert!(polls > 1, "the list was not read");
    report.section(&format!("Idle minute, {} sessions, {polls} polls", thousands(estate.rows)));
    for (((width, height), terminal), before) in terminals.iter_mut().zip(before) {
        let cpu = milliseconds(terminal.process().cpu().saturating_sub(before));
        let written = terminal.pieces().concat();
        if !written.is_empty() {
            eprintln!("written in the idle minute at {width}x{height}: {}", written.escape_ascii());
        }
        let bytes = written.len();
        let goal = Goal::at_most(bytes as f64, 0.0, "0 B");
        let what = format!("bytes at {width}x{height}");
        report.add(&what, format!("{} B", thousands(bytes)), goal, &[("bytes", bytes as f64)]);
        let percent = cpu / milliseconds(MINUTE) * 100.0;
        let what = format!("processor time at {width}x{height}");
        report.add(&what, format!("{cpu:.0} ms = {percent:.2} %"), Goal::none(), &[("ms", cpu)]);
    }
}
