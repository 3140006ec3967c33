//! What the whole program costs: the simulator serves an estate, the real binary runs in a pseudo terminal, keys are
//! pressed, and what came of them is timed, counted and weighed.
//!
//! `cargo bench --bench console` measures everything and prints a table with the goals beside the values;
//! `cargo bench --bench console -- --help` tells how to measure a part. See `docs/performance.md`. Needs Linux: what a
//! process uses is read from `/proc`. Server, terminal and console share the machine; compare ratios within one run.
#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark stops with a clear message")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its result is what it prints")]

mod bytes;
mod estate;
mod floor;
mod idle;
mod keys;
mod memory;
mod messages;
mod options;
mod process;
mod refresh;
mod report;
mod rows;
mod screen;
mod slow;
mod start;
mod terminal;

use std::time::Instant;

use clap::Parser as _;
use tokio::runtime::Runtime;

use crate::{
    estate::Estate,
    options::{Options, Part},
    report::Report,
};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == floor::ARGUMENT) {
        println!("{}", floor::serve(&arguments[at + 1..]));
        return;
    }
    let options = Options::parse();
    let began = Instant::now();
    let runtime = Runtime::new().expect("a runtime");
    let mut report = Report::new();
    for rows in &options.rows {
        measure(&runtime, &options, *rows, &mut report);
    }
    if options.wants(Part::Messages) {
        told("messages");
        messages::measure(&runtime, &mut report);
    }
    let took = began.elapsed();
    println!("{}", report.text());
    println!("{}", report::machine());
    println!("measured in {} s", took.as_secs());
    if let Some(file) = &options.json {
        std::fs::write(file, report.json()).expect("the file can be written");
    }
}

/// Everything that is measured with so many sessions.
fn measure(runtime: &Runtime, options: &Options, rows: usize, report: &mut Report) {
    let parts = options.parts_with(rows);
    if parts.is_empty() {
        return;
    }
    told(&format!("an estate of {rows} sessions"));
    let estate = Estate::start(runtime, rows);
    for part in parts {
        told(&format!("{}, {rows} sessions", part.name()));
        estate.begin_anew();
        match part {
            Part::Start => start::measure(&estate, report),
            Part::Keys => keys::measure(&estate, report),
            Part::Bytes => bytes::measure(&estate, report),
            Part::Slow => slow::measure(&estate, report),
            Part::Idle => idle::measure(&estate, report),
            Part::Memory => memory::measure(&estate, report),
            Part::Refresh => refresh::measure(&estate, report),
            Part::Messages => {}
        }
    }
}

/// Says what is being done, for whoever waits.
fn told(words: &str) {
    eprintln!("measuring: {words}");
}
