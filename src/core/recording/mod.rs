//! What a run of the console was told, as lines of a file, and the run again from these lines.
//!
//! State and messages are plain data and `update` is pure, so the state at the start and every message in its order are
//! enough. Names are replaced by stand-ins before they become lines: see [`Scrambler`].
//!
//! It must not know files, threads or terminals: lines go out and come in as texts.

mod alphabet;
mod expression;
mod kept;
mod line;
mod mask;
mod meant;
mod pattern;
mod place;
mod player;
mod prose;
mod recorder;
mod scramble;
mod tables;
#[cfg(test)]
mod tests;
mod typing;

pub use line::{FORMAT, Glance, Unreadable, glance};
pub use player::{Kind, Player, Told};
pub use recorder::{Note, Recorder};
pub use scramble::Scrambler;
pub use typing::Focused;
