//! The state of the console and everything that is decided about it.
//!
//! `update(state, message) -> effects` and nothing else: no I/O, no clock (time arrives in messages), no task.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod bulk;
pub mod card;
pub mod change;
pub mod cloud;
pub mod command;
pub mod effect;
pub mod event_session;
pub mod events;
pub mod export;
pub mod facets;
pub mod filter;
pub mod form;
pub mod group_look_up;
pub mod images;
pub mod interchange;
pub mod key;
pub mod key_name;
pub mod keymap;
pub mod lessons;
pub mod line_input;
pub mod looks;
pub mod msg;
pub mod own_events;
pub mod palette;
pub mod past;
pub mod permissions;
pub mod planning;
pub mod pressure;
pub mod recording;
pub mod records;
pub mod remembered;
pub mod remote;
pub mod rights;
pub mod rows;
pub mod session_record;
pub mod shell;
pub mod state;
pub mod table;
pub mod text_area;
pub mod timeline;
pub mod trail;
mod update;
pub mod views;

#[cfg(test)]
pub(crate) mod fixtures;

pub use palette::reference as command_reference;
#[cfg(test)]
pub(crate) use update::sync_facets;
pub use update::{SUMMARY_FACETS, detach_obstacle, init, job_summaries, key_context, next_wake, update};
