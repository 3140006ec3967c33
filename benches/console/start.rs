//! From the start of the program to its first frame, its first rows and the whole list.

use std::time::{Duration, Instant};

use crate::{
    estate::Estate,
    report::{Goal, Report, Samples, thousands},
    terminal::Terminal,
};

/// How often it is started.
const TIMES: usize = 7;
/// How long a first frame is waited for.
const LIMIT: Duration = Duration::from_secs(10);

pub(crate) fn measure(estate: &Estate, report: &mut Report) {
    let [mut frame, mut page, mut rows, mut list] = [(); 4].map(|()| Samples::default());
    for _ in 0..TIMES {
        estate.forget();
        let mut terminal = Terminal::start((80, 24), &estate.access);
        let started = terminal.started;
        let since = |moment: Instant| moment.saturating_duration_since(started);
        frame.add(since(terminal.frame(LIMIT).expect("a first frame").at));
        rows.add(since(terminal.wait("a row", |screen| screen.first_row().is_some()).at));
        page.add(since(estate.handed_over(1).expect("the list was asked for")));
        let whole = format!("{0} of {0}", estate.rows);
        if terminal.screen().filter_line().contains(&whole) {
            list.add(since(terminal.last_frame()));
        } else {
            list.add(since(terminal.wait_for_list(estate.rows).at));
        }
    }
    report.section(&format!("Start, {} sessions (median of {TIMES})", thousands(estate.rows)));
    let ms = frame.median();
    report.add("first frame", format!("{ms:.1} ms"), Goal::at_most(ms, 30.0, "30 ms"), &[("ms", ms)]);
    let (page, rows, list) = (page.median(), rows.median(), list.median());
    report.add("first page answered", format!("{page:.1} ms"), Goal::none(), &[("ms", page)]);
    let ratio = rows / page;
    let goal = Goal::at_most(ratio, 1.2, "1.2 x the first page's answer");
    report.add("first rows", format!("{rows:.1} ms = {ratio:.2} x"), goal, &[("ms", rows), ("ratio", ratio)]);
    report.add("whole list", format!("{list:.1} ms"), Goal::none(), &[("ms", list)]);
}
