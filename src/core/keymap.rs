//! From keys to commands: the keymap in force, sequences, prefixes and the way back for hints.

mod flavour;
mod overrides;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    command::{Binding, Command, Context},
    key::Key,
};

pub use flavour::Flavour;
pub use overrides::{Override, Place, Refusal};

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

/// The keymap in force: a flavour, and what the user's configuration changes in it. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Described", into = "Described")]
pub struct Keymap {
    flavour: Flavour,
    overrides: Arc<[Override]>,
    bindings: Arc<[Binding]>,
}

/// What a keymap is made from: all that is kept of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Described {
    flavour: Flavour,
    overrides: Vec<Override>,
}

impl From<Keymap> for Described {
    fn from(keymap: Keymap) -> Self {
        Self { flavour: keymap.flavour, overrides: keymap.overrides.to_vec() }
    }
}

impl TryFrom<Described> for Keymap {
    type Error = Refusal;

    fn try_from(described: Described) -> Result<Self, Refusal> {
        Self::new(described.flavour, described.overrides).map_err(|refusals| {
            let first = refusals.into_iter().next();
            first.map_or(Refusal::Nothing, |(_, refusal)| refusal)
        })
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self::plain(Flavour::default())
    }
}

impl Keymap {
    /// A flavour as it comes.
    pub fn plain(flavour: Flavour) -> Self {
        let bindings = Context::ALL.iter().flat_map(|context| flavour.bindings(*context)).collect();
        Self { flavour, overrides: Arc::default(), bindings }
    }

    /// A flavour with the user's changes.
    ///
    /// # Errors
    ///
    /// All changes that cannot be made, each with its place in the list and the reason.
    pub fn new(flavour: Flavour, overrides: Vec<Override>) -> Result<Self, Vec<(usize, Refusal)>> {
        let bindings = overrides::apply(flavour, &overrides)?;
        Ok(Self { flavour, overrides: overrides.into(), bindings: bindings.into() })
    }

    /// The flavour that it is made from.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// What the user changed in it.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// Looks up a sequence of keys in a context.
    pub fn look_up(&self, context: Context, pressed: &[Key]) -> Meaning {
        let pressed: Vec<String> = pressed.iter().map(ToString::to_string).collect();
        let mut prefix = false;
        for binding in self.bindings(context) {
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
    pub fn bindings(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.context == context)
    }

    /// How a sequence may go on after these keys: the remaining keys and the command.
    pub fn continuations(&self, context: Context, pressed: &[Key]) -> Vec<(String, Command)> {
        let pressed: Vec<String> = pressed.iter().map(ToString::to_string).collect();
        let rest_of = |binding: &Binding| {
            let keys: Vec<&str> = binding.keys.split(' ').collect();
            let begins =
                keys.len() > pressed.len() && keys.iter().zip(&pressed).all(|(key, typed)| key == typed);
            begins.then(|| {
                (keys.iter().skip(pressed.len()).copied().collect::<Vec<_>>().join(" "), binding.command)
            })
        };
        self.bindings(context).filter_map(rest_of).collect()
    }

    /// All keys of a command in a context, as people write them.
    pub fn keys_of(&self, context: Context, command: Command) -> Vec<String> {
        self.bindings(context)
            .filter(|binding| binding.command == command)
            .map(|binding| display(&binding.keys))
            .collect()
    }

    /// The first key of a command; the name by which `:` runs it where it has no key.
    pub fn key(&self, context: Context, command: Command) -> String {
        let first = self.bindings(context).find(|binding| binding.command == command);
        first.map_or_else(|| format!(":{}", command.id()), |binding| display(&binding.keys))
    }
}

/// A sequence as people write it: `g g` is `gg`, `Ctrl-d` stays.
pub fn display(keys: &str) -> String {
    if keys.split(' ').all(|key| key.chars().count() == 1) { keys.replace(' ', "") } else { keys.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rstest::rstest;

    use super::*;
    use crate::core::key::KeyCode;

    #[test]
    fn sequences_prefixes_and_strangers() {
        let keymap = Keymap::default();
        let g = Key::char('g');
        assert_eq!(keymap.look_up(Context::Sessions, &[g]), Meaning::Prefix);
        assert_eq!(keymap.look_up(Context::Sessions, &[g, g]), Meaning::Command(Command::MoveFirst));
        assert_eq!(keymap.look_up(Context::Sessions, &[g, Key::char('y')]), Meaning::Nothing);
        let down = Key::plain(KeyCode::Down);
        assert_eq!(keymap.look_up(Context::Sessions, &[down]), Meaning::Command(Command::MoveDown));
        let half = Key::ctrl('d');
        assert_eq!(keymap.look_up(Context::Sessions, &[half]), Meaning::Command(Command::MoveHalfDown));
    }

    #[rstest]
    #[case(Flavour::Vim)]
    #[case(Flavour::Arrows)]
    fn no_sequence_is_bound_twice_or_hidden_by_a_shorter_one(#[case] flavour: Flavour) {
        let keymap = Keymap::plain(flavour);
        for context in Context::ALL {
            let keys: Vec<&str> = keymap.bindings(*context).map(|binding| &*binding.keys).collect();
            let unique: BTreeSet<&str> = keys.iter().copied().collect();
            assert_eq!(keys.len(), unique.len(), "{context:?}");
            for long in &keys {
                for short in &keys {
                    assert!(!long.starts_with(&format!("{short} ")), "{short} hides {long} in {context:?}");
                }
            }
        }
    }

    #[rstest]
    #[case(Flavour::Vim)]
    #[case(Flavour::Arrows)]
    fn a_destructive_verb_is_never_one_key_away_from_a_list(#[case] flavour: Flavour) {
        let keymap = Keymap::plain(flavour);
        let menus = [Context::ActionMenu, Context::ChangeMenu];
        for context in Context::ALL.iter().filter(|context| !menus.contains(context)) {
            for binding in keymap.bindings(*context) {
                assert!(!binding.command.is_destructive(), "{binding:?}");
            }
        }
    }

    #[rstest]
    #[case(Flavour::Vim)]
    #[case(Flavour::Arrows)]
    fn every_command_has_a_key(#[case] flavour: Flavour) {
        let keymap = Keymap::plain(flavour);
        for command in Command::ALL {
            assert!(keymap.bindings.iter().any(|binding| binding.command == *command), "{}", command.id());
        }
    }

    #[rstest]
    #[case(Flavour::Vim)]
    #[case(Flavour::Arrows)]
    fn keys_that_terminals_or_multiplexers_take_stay_free(#[case] flavour: Flavour) {
        let keymap = Keymap::plain(flavour);
        for free in ["Ctrl-a", "Ctrl-b", "Ctrl-s", "Ctrl-q", "Ctrl-\\", "Ctrl-k"] {
            let takes = |binding: &Binding| binding.keys.split(' ').any(|key| key == free);
            assert!(!keymap.bindings.iter().any(takes), "{free}");
        }
    }

    #[test]
    fn a_keymap_comes_back_as_it_was_kept() {
        let place = Place::In(Context::Sessions);
        let change = Override { place, keys: "Ctrl-f".to_owned(), command: Some(Command::PromptFilter) };
        let keymap = Keymap::new(Flavour::Arrows, vec![change]).unwrap();
        let kept = serde_json::to_string(&keymap).unwrap();
        assert_eq!(serde_json::from_str::<Keymap>(&kept).unwrap(), keymap);
    }

    #[test]
    fn a_command_without_a_key_is_named_as_the_line_runs_it() {
        let keymap = Keymap::default();
        assert_eq!(keymap.key(Context::Sessions, Command::MoveFirst), "gg");
        assert_eq!(keymap.key(Context::Events, Command::MarkToggle), ":mark.toggle");
    }
}
