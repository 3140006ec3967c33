//! What is to be measured.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// The sizes that are measured unless told otherwise; the first is that of an ordinary estate, the last the largest that
/// the console is to be comfortable at.
const SIZES: [usize; 3] = [5_000, 50_000, 250_000];

/// A part of the measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// From the start to the first frame, the first rows, the whole list.
    Start,
    /// From a key to the finished frame, idle and during a refresh.
    Keys,
    /// Bytes to the terminal.
    Bytes,
    /// A key held, then Home, over a slow line.
    Slow,
    /// An idle minute: bytes and processor time.
    Idle,
    /// Memory, and the time that marking all rows takes.
    Memory,
    /// Reading the whole list again, changed and unchanged.
    Refresh,
    /// Messages to 10,000 sessions.
    Messages,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Keys => "keys",
            Self::Bytes => "bytes",
            Self::Slow => "slow line",
            Self::Idle => "idle minute",
            Self::Memory => "memory",
            Self::Refresh => "refresh",
            Self::Messages => "messages",
        }
    }

    /// Whether it says something at a size, the smallest and the largest being these.
    fn is_for(self, rows: usize, (least, most): (usize, usize)) -> bool {
        match self {
            Self::Keys => true,
            Self::Bytes | Self::Slow | Self::Idle => rows == least,
            Self::Start => rows == least || rows == most,
            Self::Memory | Self::Refresh => rows == most,
            Self::Messages => false,
        }
    }
}

/// Measures the console.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench console --")]
pub(crate) struct Options {
    /// Measure these parts only
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PART")]
    only: Vec<Part>,
    /// Measure with so many sessions
    #[arg(long, value_delimiter = ',', default_values_t = SIZES)]
    pub(crate) rows: Vec<usize>,
    /// Write the numbers to this file as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// Whether a part is to be measured.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// What is to be measured with so many sessions.
    pub(crate) fn parts_with(&self, rows: usize) -> Vec<Part> {
        let least = self.rows.iter().copied().min().unwrap_or(rows);
        let most = self.rows.iter().copied().max().unwrap_or(rows);
        let wanted = Part::value_variants().iter().copied().filter(|part| self.wants(*part));
        wanted.filter(|part| part.is_for(rows, (least, most))).collect()
    }
}
