//! The keys of `[keys]`: the flavour, and the changes by context.

use std::ops::Range;

use super::KEYS_KEYS;
use crate::{
    config::{
        Gravity,
        reader::{Entry, Reader, entries},
    },
    core::{
        command::{self, Command, Context},
        keymap::{Flavour, Keymap, Override, Place},
    },
};

/// What takes a key away.
const NONE: &str = "none";
/// The table of changes that hold wherever the command has a key.
const EVERYWHERE: &str = "everywhere";

/// Reads the whole table. Every mistake is an error: keys that do something else than one thinks are no trifle.
pub(super) fn read_keys(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Option<Keymap> {
    let before = reader.mistakes.len();
    let (mut flavour, mut changes, mut places) = (Flavour::default(), Vec::new(), Vec::new());
    for entry in entries(reader.table(entry)?) {
        match entry.name() {
            "flavour" => flavour = read_flavour(reader, &entry).unwrap_or_default(),
            EVERYWHERE => read_changes(reader, &entry, Place::Everywhere, &mut changes, &mut places),
            name => {
                let Some(context) = Context::named(name) else {
                    let what = "screen or sheet with keys called";
                    reader.unknown_value(Gravity::Error, entry.key.span(), what, name, &known_tables());
                    continue;
                };
                read_changes(reader, &entry, Place::In(context), &mut changes, &mut places);
            }
        }
    }
    match Keymap::new(flavour, changes) {
        Ok(keymap) => (reader.mistakes.len() == before).then_some(keymap),
        Err(refusals) => {
            for (index, refusal) in refusals {
                let span = places.get(index).cloned().unwrap_or_else(|| entry.key.span());
                reader.mistake(Gravity::Error, span, refusal.to_string(), None);
            }
            None
        }
    }
}

fn known_tables() -> Vec<&'static str> {
    KEYS_KEYS.iter().copied().chain(Context::ALL.iter().map(|context| context.id())).collect()
}

fn read_flavour(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Option<Flavour> {
    let given = reader.text(entry)?;
    let found = Flavour::ALL.into_iter().find(|flavour| flavour.name() == given);
    if found.is_none() {
        let known = Flavour::ALL.map(Flavour::name);
        reader.unknown_value(Gravity::Error, entry.value.span(), "flavour of keys", &given, &known);
    }
    found
}

fn read_changes(
    reader: &mut Reader<'_>,
    entry: &Entry<'_, '_>,
    place: Place,
    changes: &mut Vec<Override>,
    places: &mut Vec<Range<usize>>,
) {
    for change in reader.table(entry).map(entries).unwrap_or_default() {
        let Some(given) = reader.text(&change) else {
            continue;
        };
        let command = Command::named(&given);
        if command.is_none() && given != NONE {
            let mut known: Vec<&str> = match place {
                // A chord of two keys may lead to what the menu leads to.
                Place::In(context @ (Context::Sessions | Context::Detail)) => {
                    let offered = [context, Context::ActionMenu].into_iter().flat_map(command::offered);
                    offered.map(Command::id).collect()
                }
                Place::In(context) => command::offered(context).into_iter().map(Command::id).collect(),
                Place::Everywhere => Command::ALL.iter().map(|command| command.id()).collect(),
            };
            known.push(NONE);
            reader.unknown_value(Gravity::Error, change.value.span(), "command", &given, &known);
            continue;
        }
        changes.push(Override { place, keys: change.name().to_owned(), command });
        places.push(change.key.span());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{File, Names, SourceFile};
    use super::*;
    use crate::{config::Diagnostic, core::keymap::Meaning};

    fn parse(text: &str) -> (Option<Keymap>, Vec<Diagnostic>) {
        let source = SourceFile { path: "config.toml".into(), text: text.to_owned(), mode: Some(0o600) };
        let (file, mistakes) = File::parse(&source, &Names::default());
        (file.settings.keymap, mistakes)
    }

    fn told(text: &str) -> Vec<String> {
        let (keymap, mistakes) = parse(text);
        assert!(keymap.is_none(), "{text}");
        assert!(mistakes.iter().all(|mistake| mistake.gravity == Gravity::Error), "{mistakes:?}");
        mistakes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_flavour_and_changes_by_context_make_a_keymap() {
        let (keymap, mistakes) = parse(
            "[keys]\nflavour = \"arrows\"\n[keys.everywhere]\n\"F2\" = \"view.refresh\"\n\
             [keys.sessions]\n\"Ctrl-f\" = \"prompt.filter\"\n\"p\" = \"none\"\n",
        );
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let keymap = keymap.unwrap();
        assert_eq!(keymap.flavour(), Flavour::Arrows);
        assert_eq!(keymap.overrides().len(), 3);
        let pressed = [crate::core::key::Key::ctrl('f')];
        assert_eq!(keymap.look_up(Context::Sessions, &pressed), Meaning::Command(Command::PromptFilter));
    }

    #[test]
    fn a_destructive_single_key_is_refused_with_its_place() {
        let told = told("[keys.sessions]\n\"F2\" = \"view.refresh\"\n\"L\" = \"session.logoff\"\n");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("config.toml:3:1"), "{}", told[0]);
        assert!(told[0].contains("`session.logoff` needs two keys at least"), "{}", told[0]);
    }

    #[test]
    fn two_letters_are_two_keys_and_what_the_menu_has_is_near_too() {
        let told = told("[keys.sessions]\n\"DD\" = \"session.logoff\"\n\"F2\" = \"session.logof\"\n");
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("`D D`"), "{}", told[0]);
        assert!(told[1].contains("did you mean `session.logoff`?"), "{}", told[1]);
    }

    #[test]
    fn names_that_do_not_exist_are_told_with_the_nearest_one() {
        let told = told(
            "[keys]\nflavour = \"arows\"\n[keys.session]\n\"F2\" = \"view.refresh\"\n\
             [keys.events]\n\"F2\" = \"view.refesh\"\n\"PageDown\" = \"move.down\"\n",
        );
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].contains("there is no flavour of keys `arows`") && told[0].contains("`arrows`"));
        assert!(
            told[1].contains("there is no screen or sheet with keys called `session`")
                && told[1].contains("`sessions`"),
            "{}",
            told[1]
        );
        assert!(told[2].contains("there is no command `view.refesh`") && told[2].contains("`view.refresh`"));
        assert!(told[3].contains("config.toml:7:1") && told[3].contains("`PgDn`"), "{}", told[3]);
    }
}
