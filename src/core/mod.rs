//! The state of the console and everything that is decided about it.
//!
//! `update(state, message) -> effects` and nothing else: no I/O, no clock (time arrives in messages), no task.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod filter;
pub mod table;
