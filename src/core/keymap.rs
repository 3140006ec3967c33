//! From keys to commands: sequences, prefixes and the way back for hints.

use super::{
    command::{BINDINGS, Binding, Command, Context},
    key::Key,
};

/// What a sequence of keys means so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A command.
    Command(Command),
    /// The beginning of one or more sequences.
    Prefix,
    /// Nothing.
    Nothing,
}

/// Looks up a sequence of keys in a context.
pub fn look_up(context: Context, pressed: &[Key]) -> Meaning {
    let pressed: Vec<String> = pressed.iter().map(ToString::to_string).collect();
    let mut prefix = false;
    for binding in bindings(context) {
        let mut keys = binding.keys.split(' ');
        if pressed.iter().all(|key| keys.next() == Some(key)) {
            if keys.next().is_none() {
                return Meaning::Command(binding.command);
            }
            prefix = true;
        }
    }
    if prefix { Meaning::Prefix } else { Meaning::Nothing }
}

/// The bindings of a context, in the order of the catalogue.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.context == context)
}

/// How a sequence may go on after these keys: the remaining keys and the command.
pub fn continuations(context: Context, pressed: &[Key]) -> Vec<(String, Command)> {
    let pressed: Vec<String> = pressed.iter().map(ToString::to_string).collect();
    let rest_of = |binding: &Binding| {
        let keys: Vec<&str> = binding.keys.split(' ').collect();
        let begins = keys.len() > pressed.len() && keys.iter().zip(&pressed).all(|(key, typed)| key == typed);
        begins.then(|| {
            (keys.iter().skip(pressed.len()).copied().collect::<Vec<_>>().join(" "), binding.command)
        })
    };
    bindings(context).filter_map(rest_of).collect()
}

/// All keys of a command in a context, joined for display: `j Down`.
pub fn keys_of(context: Context, command: Command) -> Vec<String> {
    bindings(context)
        .filter(|binding| binding.command == command)
        .map(|binding| display(binding.keys))
        .collect()
}

/// A sequence as people write it: `g g` is `gg`, `Ctrl-d` stays.
pub fn display(keys: &str) -> String {
    if keys.split(' ').all(|key| key.chars().count() == 1) { keys.replace(' ', "") } else { keys.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::key::KeyCode;

    #[test]
    fn sequences_prefixes_and_strangers() {
        let g = Key::char('g');
        assert_eq!(look_up(Context::Sessions, &[g]), Meaning::Prefix);
        assert_eq!(look_up(Context::Sessions, &[g, g]), Meaning::Command(Command::MoveFirst));
        assert_eq!(look_up(Context::Sessions, &[g, Key::char('y')]), Meaning::Nothing);
        assert_eq!(
            look_up(Context::Sessions, &[Key::plain(KeyCode::Down)]),
            Meaning::Command(Command::MoveDown)
        );
        assert_eq!(look_up(Context::Sessions, &[Key::ctrl('d')]), Meaning::Command(Command::MoveHalfDown));
    }

    #[test]
    fn no_sequence_is_bound_twice_or_hidden_by_a_shorter_one() {
        for context in Context::ALL {
            let keys: Vec<&str> = bindings(context).map(|binding| binding.keys).collect();
            let unique: BTreeSet<&str> = keys.iter().copied().collect();
            assert_eq!(keys.len(), unique.len(), "{context:?}");
            for long in &keys {
                for short in &keys {
                    assert!(!long.starts_with(&format!("{short} ")), "{short} hides {long} in {context:?}");
                }
            }
        }
    }

    #[test]
    fn a_destructive_verb_is_never_one_key_away_from_the_table() {
        let destructive =
            [Command::Logoff, Command::LogoffForced, Command::Disconnect, Command::Restart, Command::Reset];
        for context in Context::ALL.into_iter().filter(|context| *context != Context::ActionMenu) {
            for binding in bindings(context) {
                assert!(!destructive.contains(&binding.command), "{binding:?}");
            }
        }
    }

    #[test]
    fn every_command_has_a_key() {
        for command in Command::ALL {
            assert!(BINDINGS.iter().any(|binding| binding.command == *command), "{}", command.id());
        }
    }

    #[test]
    fn keys_that_terminals_or_multiplexers_take_stay_free() {
        for free in ["Ctrl-a", "Ctrl-b", "Ctrl-s", "Ctrl-q", "Ctrl-\\", "Ctrl-k"] {
            assert!(!BINDINGS.iter().any(|binding| binding.keys.split(' ').any(|key| key == free)), "{free}");
        }
    }
}
