//! Everything that is read at the edge and passed down as values: the environment, the user's folders, the
//! configuration file, profiles, settings and passwords (`design.md section 8`).
//!
//! It decides which estate is meant and with which settings; it opens no connection. Settings are merged in the order
//! command line > environment > profile > file > preset. It knows neither the command-line parser nor the screen.

mod cloud;
mod diagnostic;
mod environment;
mod error;
mod file;
mod origin;
mod paths;
mod profile;
mod prompt;
mod reader;
mod secrets;
mod server;
mod settings;
mod toml_words;
mod write;

pub use cloud::{CloudIdentity, CloudProfile, DEFAULT_SESSION_WINDOW, FileCloud, PROJECT_VARIABLE};
pub use diagnostic::{Diagnostic, Gravity, nearest};
pub use environment::Environment;
pub use error::ConfigError;
pub use file::{File, FileProfile, FileTemplate, Loaded, Names, SourceFile};
pub use origin::{Explained, Explanation, Origin, explain};
pub use paths::{Paths, create_private_dir, open_private};
pub use profile::{Choice, DEFAULT_WORLD, Profile, Resolved, Target, Trust, resolve, split_account};
#[cfg(test)]
pub(crate) use prompt::scripted::Scripted;
pub use prompt::{Prompt, Terminal, signals_are_heeded};
pub use secrets::{Account, PasswordCommand, PasswordSource, SecretError, obtain};
pub use server::{parse_endpoint, parse_pin, parse_server};
pub use settings::{
    GovernorSettings, JobSettings, MAX_CHUNK_SIZE, PartialGovernor, PartialJobs, PartialSettings, Settings,
};
pub use write::{Draft, NewProfile, WriteError, Written};

/// The commented configuration file that ships with Foretop; every key in it is commented out.
pub const DEFAULT_FILE: &str = include_str!("default.toml");
