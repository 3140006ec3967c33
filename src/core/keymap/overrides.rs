//! What the user changes in a keymap, and what cannot be changed (`screens.md`, capability 29: keys you can trust).

use std::{borrow::Cow, collections::BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Flavour, display};
use crate::core::{
    command::{self, Binding, Command, Context},
    key::{Key, KeyCode},
    key_name::{self, NotAKey},
};

/// Where a change holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In one context.
    In(Context),
    /// Wherever the command has a key of its own.
    Everywhere,
}

/// A change of the user's: keys get a command, or lose what they have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Where.
    pub place: Place,
    /// The keys, as they were written.
    pub keys: String,
    /// What they do now; `None` takes them away.
    pub command: Option<Command>,
}

/// Why a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The keys are none.
    #[error("{0}")]
    NotAKey(#[from] NotAKey),
    /// Esc and Ctrl-c are the way out, whatever else is changed.
    #[error("`{0}` is the way out everywhere and stays it")]
    WayOut(String),
    /// One key would do what takes a chord.
    #[error(
        "`{}` needs two keys at least, as in `{}`: no single key leads to what ends people's work",
        command.id(), chord(*command)
    )]
    OneKey {
        /// What it was to do.
        command: Command,
    },
    /// Enter opens, it never fires.
    #[error("Enter opens, it never fires: it cannot be `{}`", .0.id())]
    EnterFires(Command),
    /// The command does nothing in that context.
    #[error("`{}` does nothing in {}; {}", command.id(), place(*.context), elsewhere(*.command))]
    NotThere {
        /// The command.
        command: Command,
        /// Where it was to be.
        context: Context,
    },
    /// The key is typed into a text or a number.
    #[error("`{key}` is typed into a {into} in {}", place(*.context))]
    Typed {
        /// The key.
        key: String,
        /// Where.
        context: Context,
        /// Into what.
        into: &'static str,
    },
    /// There is nothing to take away.
    #[error("`{keys}` has no meaning in {}: there is nothing to take away", place(*.context))]
    NotBound {
        /// The keys.
        keys: String,
        /// Where.
        context: Context,
    },
    /// The same keys are given a second time.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// The keys mean something else in a context in which the change was to hold too.
    #[error(
        "`{keys}` is `{}` in {}: name the places one by one in tables of their own, or choose other keys",
        command.id(), place(*.context)
    )]
    Taken {
        /// The keys.
        keys: String,
        /// Where they mean something.
        context: Context,
        /// What they mean there.
        command: Command,
    },
    /// One sequence begins with the other: the longer one could never be typed.
    #[error(
        "`{short}` (`{}`) would hide `{long}` (`{}`) in {}; take one of them away with \"none\", or choose other keys",
        hiding.id(), hidden.id(), place(*.context)
    )]
    Hides {
        /// The shorter keys.
        short: String,
        /// What they do.
        hiding: Command,
        /// The longer keys.
        long: String,
        /// What they would do.
        hidden: Command,
        /// Where.
        context: Context,
    },
    /// A command that must be reached by a key has none any more.
    #[error("`{}` would have no key in {}: give it another one", command.id(), place(*.context))]
    Lost {
        /// The command.
        command: Command,
        /// Where.
        context: Context,
    },
    /// A keymap that was kept could not be made again, for no reason that was told.
    #[error("the keymap cannot be made")]
    Nothing,
}

fn place(context: Context) -> String {
    format!("[keys.{}] ({})", context.id(), context.title().to_lowercase())
}

/// Where a command has its keys.
fn elsewhere(command: Command) -> String {
    let has = |context: &&Context| command::offered(**context).contains(&command);
    let places: Vec<&str> = Context::ALL.iter().filter(has).map(|context| context.id()).collect();
    match places.as_slice() {
        [] => "it has no key anywhere".to_owned(),
        [first, second, third, _, ..] => format!("it belongs to {first}, {second}, {third} and others"),
        few => format!("it belongs to {}", few.join(" and ")),
    }
}

/// Commands that a context which has them must keep a key for: without it one could not go on, or not find out how.
const KEPT: &[Command] = &[
    Command::Help,
    Command::PromptCommand,
    Command::Accept,
    Command::Confirm,
    Command::Quit,
    Command::Back,
    Command::ComposerReview,
    Command::FormReview,
    Command::ThemeKeep,
    Command::ColumnKeep,
];

/// A binding with the change that it comes from.
struct Bound {
    binding: Binding,
    from: Option<usize>,
}

/// Makes the changes. All of what cannot be made is told.
pub(super) fn apply(flavour: Flavour, overrides: &[Override]) -> Result<Vec<Binding>, Vec<(usize, Refusal)>> {
    let mut refusals = Vec::new();
    let mut changes = Vec::new();
    for (index, change) in overrides.iter().enumerate() {
        match check(change) {
            Ok(keys) => changes.push((index, keys, change)),
            Err(refusal) => refusals.push((index, refusal)),
        }
    }
    let mut bindings = Vec::new();
    for context in Context::ALL {
        let own = |change: &Override| change.place == Place::In(*context);
        let here: Vec<_> = changes.iter().filter(|(.., change)| own(change)).collect();
        let everywhere: Vec<_> =
            changes.iter().filter(|(.., change)| change.place == Place::Everywhere).collect();
        let mut bound: Vec<Bound> =
            flavour.bindings(*context).into_iter().map(|binding| Bound { binding, from: None }).collect();
        let mut told = in_context(*context, &here, &mut bound);
        told.extend(from_everywhere(*context, &everywhere, &here, &mut bound));
        told.extend(hidden(*context, &bound));
        told.extend(lost(*context, flavour, &bound, here.iter().chain(&everywhere).copied()));
        refusals.extend(told);
        bindings.extend(bound.into_iter().map(|bound| bound.binding));
    }
    if refusals.is_empty() {
        return Ok(bindings);
    }
    // A change that holds everywhere is refused once, not for each place.
    let mut seen = BTreeSet::new();
    refusals.retain(|(index, _)| seen.insert(*index));
    refusals.sort_by_key(|(index, _)| *index);
    Err(refusals)
}

/// Two keys that a command could have: the letter of the menu behind one that has no use yet.
fn chord(command: Command) -> String {
    let letters = super::Keymap::default().keys_of(Context::ActionMenu, command);
    format!("Z {}", letters.first().map_or("Z", String::as_str))
}

/// A change by itself: keys that are some, and what may be on them. The keys as [`Key`] displays them.
fn check(change: &Override) -> Result<Vec<Key>, Refusal> {
    let keys = key_name::parse(&change.keys)?;
    if let Some(out) = keys.iter().find(|key| **key == Key::plain(KeyCode::Esc) || **key == Key::ctrl('c')) {
        return Err(Refusal::WayOut(out.to_string()));
    }
    let Some(command) = change.command else {
        return Ok(keys);
    };
    let in_menu = matches!(change.place, Place::In(Context::ActionMenu | Context::ChangeMenu));
    if command.is_destructive() && keys.len() < 2 && !in_menu {
        return Err(Refusal::OneKey { command });
    }
    let fires = command.is_destructive() || command == Command::Confirm;
    if fires && keys.last() == Some(&Key::plain(KeyCode::Enter)) {
        return Err(Refusal::EnterFires(command));
    }
    if let Place::In(context) = change.place {
        if !offered(context, command) {
            return Err(Refusal::NotThere { command, context });
        }
        if let Some(into) = typed(context, keys.first()) {
            return Err(Refusal::Typed { key: joined(&keys), context, into });
        }
    }
    Ok(keys)
}

/// Whether a command does something in a context.
fn offered(context: Context, command: Command) -> bool {
    let has = |context| command::offered(context).contains(&command);
    // What the menu of verbs leads to also works without the menu, as long as it takes more than one key.
    has(context) || (matches!(context, Context::Sessions | Context::Detail) && has(Context::ActionMenu))
}

/// Into what a key is typed in a context, if into anything.
fn typed(context: Context, key: Option<&Key>) -> Option<&'static str> {
    let character = key?.typed()?;
    if context.types_text() {
        return Some("text");
    }
    (context.types_digits() && character.is_ascii_digit()).then_some("number")
}

type Change<'a> = (usize, Vec<Key>, &'a Override);

/// The changes of one context.
fn in_context(context: Context, changes: &[&Change<'_>], bound: &mut Vec<Bound>) -> Vec<(usize, Refusal)> {
    let mut refusals = Vec::new();
    let mut done: BTreeSet<String> = BTreeSet::new();
    for (index, keys, change) in changes.iter().copied() {
        let keys = joined(keys);
        if !done.insert(keys.clone()) {
            refusals.push((*index, Refusal::Twice(keys)));
            continue;
        }
        let old = bound.iter().position(|bound| bound.binding.keys == keys);
        match (change.command, old) {
            (None, None) => refusals.push((*index, Refusal::NotBound { keys, context })),
            (None, Some(old)) => {
                bound.remove(old);
            }
            (Some(command), old) => {
                if let Some(old) = old {
                    bound.remove(old);
                }
                add(bound, context, keys, command, *index);
            }
        }
    }
    refusals
}

/// The changes that hold wherever their command has a key.
fn from_everywhere(
    context: Context,
    changes: &[&Change<'_>],
    own: &[&Change<'_>],
    bound: &mut Vec<Bound>,
) -> Vec<(usize, Refusal)> {
    let mut refusals = Vec::new();
    for (index, keys, change) in changes.iter().copied() {
        // What one place says goes before what all say.
        if own.iter().any(|(_, others, _)| others == keys) {
            continue;
        }
        let joined = joined(keys);
        let old = bound.iter().position(|bound| bound.binding.keys == joined);
        match (change.command, old) {
            (None, Some(old)) => {
                bound.remove(old);
            }
            (None, None) => {}
            (Some(command), _) if !command::offered(context).contains(&command) => {}
            (Some(_), _) if typed(context, keys.first()).is_some() => {}
            (Some(command), Some(old)) => {
                let taken = bound.get(old).map(|bound| (bound.binding.command, bound.from));
                if let Some((other, from)) = taken
                    && other != command
                {
                    let twice = from.is_some();
                    let refusal = if twice {
                        Refusal::Twice(joined)
                    } else {
                        Refusal::Taken { keys: joined, context, command: other }
                    };
                    refusals.push((*index, refusal));
                }
            }
            (Some(command), None) => add(bound, context, joined, command, *index),
        }
    }
    refusals
}

/// Puts a key of the user's before the default ones of the same command: it is the one that hints and help name.
fn add(bound: &mut Vec<Bound>, context: Context, keys: String, command: Command, from: usize) {
    let first = bound.iter().position(|bound| bound.binding.command == command);
    let hint = first.and_then(|first| bound.get_mut(first)).and_then(|bound| bound.binding.hint.take());
    let binding = Binding { context, keys: Cow::Owned(keys), command, hint };
    bound.insert(first.unwrap_or(bound.len()), Bound { binding, from: Some(from) });
}

/// Sequences that could not be typed any more because a shorter one comes first.
fn hidden(context: Context, bound: &[Bound]) -> Vec<(usize, Refusal)> {
    let mut refusals = Vec::new();
    for short in bound {
        let beginning = format!("{} ", short.binding.keys);
        for long in bound.iter().filter(|long| long.binding.keys.starts_with(&beginning)) {
            let Some(index) = short.from.or(long.from) else {
                continue;
            };
            refusals.push((
                index,
                Refusal::Hides {
                    short: display(&short.binding.keys),
                    hiding: short.binding.command,
                    long: display(&long.binding.keys),
                    hidden: long.binding.command,
                    context,
                },
            ));
        }
    }
    refusals
}

/// Commands that must have a key and have none.
fn lost<'a>(
    context: Context,
    flavour: Flavour,
    bound: &[Bound],
    changes: impl Iterator<Item = &'a Change<'a>>,
) -> Vec<(usize, Refusal)> {
    let changes: Vec<_> = changes.collect();
    let before = flavour.bindings(context);
    let is_kept = |command: Command| bound.iter().any(|bound| bound.binding.command == command);
    let lost = KEPT.iter().copied().filter(|command| !is_kept(*command));
    let blame = |command: Command| {
        let was: Vec<&str> =
            before.iter().filter(|one| one.command == command).map(|one| &*one.keys).collect();
        let (index, ..) = changes.iter().find(|(_, keys, _)| was.contains(&joined(keys).as_str()))?;
        Some((*index, Refusal::Lost { command, context }))
    };
    lost.filter_map(blame).collect()
}

fn joined(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
