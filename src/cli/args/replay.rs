//! Arguments of `foretop replay`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use crate::cli::values;

/// `foretop replay`.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// The recording, made by `foretop --record FILE`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How many times as fast as it was, 0.125 to 64
    #[arg(long, value_name = "N", default_value = "1", value_parser = values::speed)]
    pub speed: f64,
    /// Shorten longer pauses to this
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = values::age)]
    pub max_idle: SignedDuration,
    /// Print the screens as text in the size that they had, and play nothing
    #[arg(
        long,
        value_name = "WHICH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "keys",
        value_enum
    )]
    pub screens: Option<ReplayScreens>,
}

/// Which screens are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReplayScreens {
    /// The one after each key, and the last one
    Keys,
    /// The last one
    Last,
}
