//! The table of results: what was measured, the value, the goal, and what others need.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Value, json};

/// One line of the table.
#[derive(Debug)]
struct Line {
    section: String,
    what: String,
    value: String,
    goal: String,
    peers: String,
    numbers: Value,
}

/// What the value is to be held against.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Goal<'a> {
    /// The goal in words.
    pub(crate) words: &'a str,
    /// Whether it is met; `None` when there is none.
    pub(crate) met: Option<bool>,
    /// What others need.
    pub(crate) peers: &'a str,
}

impl<'a> Goal<'a> {
    /// A value that must not be larger.
    pub(crate) fn at_most(value: f64, limit: f64, words: &'a str) -> Self {
        Self { words, met: Some(value <= limit), peers: "" }
    }

    /// A value that must not be smaller.
    pub(crate) fn at_least(value: f64, limit: f64, words: &'a str) -> Self {
        Self { words, met: Some(value >= limit), peers: "" }
    }

    /// No goal.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// With what others need.
    pub(crate) fn peers(self, peers: &'a str) -> Self {
        Self { peers, ..self }
    }
}

/// The results so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    section: String,
    lines: Vec<Line>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Begins a group of lines.
    pub(crate) fn section(&mut self, title: &str) {
        title.clone_into(&mut self.section);
    }

    /// Adds a line; `numbers` are its values by name.
    pub(crate) fn add(&mut self, what: &str, value: String, goal: Goal<'_>, numbers: &[(&str, f64)]) {
        let met = match goal.met {
            Some(true) => "  ok",
            Some(false) => "  MISSED",
            None => "",
        };
        let numbers = numbers.iter().map(|(name, number)| ((*name).to_owned(), json!(number))).collect();
        self.lines.push(Line {
            section: self.section.clone(),
            what: what.to_owned(),
            value,
            goal: format!("{}{met}", goal.words),
            peers: goal.peers.to_owned(),
            numbers: Value::Object(numbers),
        });
    }

    /// The table as text.
    pub(crate) fn text(&self) -> String {
        let titles = ["what", "value", "goal", "peers"].map(str::to_owned);
        let cells = |line: &Line| {
            [format!("  {}", line.what), line.value.clone(), line.goal.clone(), line.peers.clone()]
        };
        let rows: Vec<[String; 4]> = self.lines.iter().map(cells).collect();
        let mut widths = titles.clone().map(|title| title.chars().count());
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::from("\n");
        put(&mut text, &titles, &widths);
        let mut section = "";
        for (line, row) in self.lines.iter().zip(&rows) {
            if line.section != section {
                section = &line.section;
                text.push_str(section);
                text.push('\n');
            }
            put(&mut text, row, &widths);
        }
        text
    }

    /// The numbers as JSON.
    pub(crate) fn json(&self) -> String {
        let lines = self.lines.iter().map(|line| {
            json!({
                "section": line.section, "what": line.what, "value": line.value, "goal": line.goal,
                "peers": line.peers, "numbers": line.numbers,
            })
        });
        let mut text = serde_json::to_string_pretty(&lines.collect::<Vec<_>>()).expect("plain values");
        text.push('\n');
        text
    }
}

fn put(text: &mut String, row: &[String; 4], widths: &[usize; 4]) {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        write!(line, "{cell:width$}  ").expect("a string takes everything");
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

/// What it was measured on, without naming the machine.
pub(crate) fn machine() -> String {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let (processors, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("processors of an unknown kind", |(_, model)| model);
    let kilobytes = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next());
    let gigabytes = kilobytes.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / (1 << 20);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{cores} cores ({model}), {gigabytes} GB, Linux {}", kernel.trim())
}

/// Many measurements of one thing.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The value below which so many of a hundred lie, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(place).map_or(0.0, |took| milliseconds(*took))
    }

    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// `0.4 / 1.1 / 2.0 ms`, and its numbers.
    pub(crate) fn summary(&self) -> (String, [(&'static str, f64); 4]) {
        let (p50, p99, max) = (self.percentile(50), self.percentile(99), self.percentile(100));
        let text = format!("{p50:.1} / {p99:.1} / {max:.1} ms ({})", self.len());
        (text, [("p50_ms", p50), ("p99_ms", p99), ("max_ms", max), ("samples", self.len() as f64)])
    }
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// `250,000`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
