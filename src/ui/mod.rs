//! Draws a frame from the state: the same state, theme and size give the same cells.
//!
//! It changes nothing, does no I/O and reads no clock (`design.md section 3`).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod pen;
mod text;
mod theme;
mod time;

pub use theme::{ColorDepth, Role, Theme, ThemeError};
