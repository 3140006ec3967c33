//! The flavours of the keymap: for hands that know vim, and for those that do not.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::core::command::{self, Binding, Command, Context};

/// Which keys move, before the user changes anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flavour {
    /// Letters move as in vim, arrows too.
    #[default]
    Vim,
    /// Arrows, page and function keys; no letter moves.
    Arrows,
}

/// Keys of vim for what arrows and page keys do as well.
const LETTERS: &[&str] = &["j", "k", "h", "l", "g g", "G"];

/// What moves: only these lose their letters, `h` and `l` have other meanings on some sheets.
const MOVES: &[Command] = &[
    Command::MoveDown,
    Command::MoveUp,
    Command::MoveFirst,
    Command::MoveLast,
    Command::ColumnLeft,
    Command::ColumnRight,
    Command::FacetNext,
    Command::FacetPrevious,
];

/// Keys that people know from other programs.
const FAMILIAR: &[(&str, Command)] = &[
    ("F1", Command::Help),
    ("F5", Command::Refresh),
    ("F10", Command::Quit),
    ("Ins", Command::MarkToggle),
    ("F3", Command::PromptFilter),
    ("F9", Command::ActionMenu),
    ("F9", Command::ChangeMenu),
];

impl Flavour {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Vim, Self::Arrows];

    /// Its name in the configuration file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vim => "vim",
            Self::Arrows => "arrows",
        }
    }

    /// Its bindings in a context.
    pub(super) fn bindings(self, context: Context) -> Vec<Binding> {
        let all: Vec<Binding> = command::default_bindings(context).collect();
        if self == Self::Vim {
            return all;
        }
        let is_letter =
            |binding: &Binding| MOVES.contains(&binding.command) && LETTERS.contains(&&*binding.keys);
        let has_another =
            |binding: &Binding| all.iter().any(|other| other.command == binding.command && !is_letter(other));
        let stays = |binding: &&Binding| !is_letter(binding) || !has_another(binding);
        let mut kept: Vec<Binding> = all.iter().filter(stays).cloned().collect();
        for (keys, command) in FAMILIAR {
            if kept.iter().any(|binding| binding.command == *command) {
                kept.push(Binding { context, keys: Cow::Borrowed(keys), command: *command, hint: None });
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_have_no_letter_that_moves_and_keep_those_that_do_something_else() {
        let keys = |context| -> Vec<String> {
            Flavour::Arrows.bindings(context).iter().map(|binding| binding.keys.to_string()).collect()
        };
        let table = keys(Context::Sessions);
        for letter in LETTERS {
            assert!(!table.iter().any(|key| key == letter), "{letter}");
        }
        for key in ["Up", "Down", "Home", "End", "PgDn", "F1", "F5", "F9", "F10", "Ins", "g j", "a"] {
            assert!(table.iter().any(|bound| bound == key), "{key}");
        }
        // On the plan sheet `h` shows the hidden ones.
        assert!(keys(Context::PlanSheet).iter().any(|key| key == "h"));
    }

    #[test]
    fn every_command_that_vim_has_in_a_context_arrows_have_too() {
        for context in Context::ALL {
            let arrows = Flavour::Arrows.bindings(*context);
            for binding in Flavour::Vim.bindings(*context) {
                assert!(arrows.iter().any(|other| other.command == binding.command), "{binding:?}");
            }
        }
    }
}
