//! Keys as the screen names them, from the keymap.

use crate::core::{
    command::{Command, Context},
    keymap,
};

/// The first key of a command, or `?` where it has none.
pub(super) fn key(context: Context, command: Command) -> String {
    keymap::keys_of(context, command).into_iter().next().unwrap_or_else(|| "?".to_owned())
}
