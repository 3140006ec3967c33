//! The command line: arguments, the headless commands, exit codes.
//!
//! It holds no logic of its own: what is wanted is read from the arguments, the configuration and the environment, and
//! handed to the floors below. Results go to standard output, everything else to standard error.

mod allocator;
mod app_servers;
pub mod args;
mod author;
mod carry;
mod changes;
mod cloud;
mod config;
mod console;
mod detach;
mod doctor;
mod events;
mod explain;
mod filter;
mod help;
mod image_servers;
mod images;
mod interrupt;
mod jobs;
mod looks;
mod man;

pub mod methods;
mod output;
mod permissions;
mod progress;
mod reach;
mod replay;
mod run;
mod sessions;
mod sim;
mod values;
mod way;
mod whoami;

pub use allocator::give_memory_back;
pub use run::{Streams, run};
