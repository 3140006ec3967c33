//! Views with names, and the way back.

use crate::{
    core::{
        command::{Command, Context},
        effect::Effect,
        palette,
        remembered::Memory,
        state::{NoticeKind, State, Tab},
        trail::Place,
        views::{self, KEYS, KnownView, NamedView},
    },
    domain::Text,
};

use super::commands;

/// Shows a view.
pub(super) fn show(state: &mut State, known: &KnownView) -> Vec<Effect> {
    let table = state.sessions.newest().cloned().unwrap_or_default();
    let Some(filter) = known.view.filter_for(&table) else {
        state.notify(NoticeKind::Warning, &format!("{}: no session of the list tells its agent", known.name));
        return Vec::new();
    };
    let mut effects = Vec::new();
    if state.tab != Tab::Sessions {
        commands::show_tab(state, Tab::Sessions);
    }
    take(state, &known.view);
    effects.extend(super::sessions::filter(state, &filter));
    // What a view puts first is to be seen; wherever the cursor was, it was for something else.
    state.sessions.view.move_to_first();
    // What is cut at the end of the line is the meaning.
    let back = state.key(Context::Sessions, Command::GoLast);
    state.notify(NoticeKind::Info, &format!("{} ({back} goes back): {}", known.name, known.meaning));
    effects
}

/// Takes order and columns of a view.
fn take(state: &mut State, view: &NamedView) {
    if let Some(sort) = view.sort {
        state.with_view(|shown, with| shown.set_sort(sort, with));
    }
    if let Some(columns) = &view.columns {
        state.settings.columns = Some(columns.clone());
    }
}

/// The view with this name.
pub(super) fn named(state: &State, name: &str) -> Option<KnownView> {
    views::known(state).into_iter().find(|known| known.name == name)
}

/// Shows the view of a key, `:save NAME KEY` gives it one.
pub(super) fn by_key(state: &mut State, key: u8) -> Vec<Effect> {
    let known = views::known(state).into_iter().find(|known| known.view.key == Some(key));
    if let Some(known) = known {
        return show(state, &known);
    }
    let words = format!("no view is on {key} yet; :save NAME {key} puts the present one there");
    state.notify(NoticeKind::Info, &words);
    Vec::new()
}

/// What is wrong with the argument of `:save`, if anything is.
pub(super) fn save_mistake(argument: &str) -> Option<Text> {
    let words = match asked(argument) {
        None => "save takes a name, and a key from 5 to 9 if you like: :save morning 9".to_owned(),
        Some((key, None)) if key.parse::<u8>().is_ok() => {
            format!("{key} is no name; :save morning {key} saves a view for key {key}")
        }
        Some((name, _)) if !is_name(name) => {
            format!("a name begins with a letter and has letters, digits and dashes, at most 24: {name}")
        }
        Some((name, _)) if palette::is_taken(name) => format!("{name} is a command; choose another name"),
        Some(_) => return None,
    };
    Some(Text::clean(&words))
}

fn is_name(name: &str) -> bool {
    name.len() <= 24
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

/// Name and key.
fn asked(argument: &str) -> Option<(&str, Option<u8>)> {
    let mut words = argument.split_whitespace();
    let name = words.next()?;
    let key = match words.next() {
        None => None,
        Some(key) => Some(key.parse().ok().filter(|key| KEYS.contains(key))?),
    };
    words.next().is_none().then_some((name, key))
}

/// Gives the present view a name.
pub(super) fn save(state: &mut State, argument: &str) -> Vec<Effect> {
    let Some((name, key)) = asked(argument) else { return Vec::new() };
    let here = Place::of(state);
    let before = state.memory.views.get(name).and_then(|view| view.key);
    let replaces = views::built_in_key(name);
    // One in the place of a view that every console has takes its key too, or that key would bring nothing.
    let inherited = replaces.filter(|key| {
        !state.memory.views.iter().any(|(other, view)| other != name && view.key == Some(*key))
    });
    let view = NamedView {
        filter: here.filter,
        sort: Some(here.sort),
        columns: state.settings.columns.clone(),
        key: key.or(before).or(inherited),
    };
    let lost = view.key.and_then(|key| {
        let on_key = views::known(state).into_iter().find(|known| known.view.key == Some(key))?;
        (on_key.name != name).then_some(on_key.name)
    });
    if let Some(key) = key {
        // A key brings one view.
        for (other, view) in state.memory.views.iter_mut().filter(|(_, view)| view.key == Some(key)) {
            view.key = None;
            state.memory.touched.insert(other.clone());
        }
    }
    let by_key = view.key.map_or_else(String::new, |key| format!(", or {key},"));
    let hides = match (replaces, view.key, lost) {
        (Some(_), ..) => format!(", not Foretop's own until :forget {name}"),
        (None, Some(key), Some(lost)) => format!("; {key} brought {lost} before"),
        _ => String::new(),
    };
    state.notify(NoticeKind::Info, &format!("saved; :{name}{by_key} brings it back{hides}"));
    state.memory.touched.insert(name.to_owned());
    state.memory.views.insert(name.to_owned(), view);
    vec![Effect::Remember(Box::new(Memory::of(state)))]
}

/// What is wrong with the argument of `:forget`, if anything is.
pub(super) fn forget_mistake(state: &State, argument: &str) -> Option<Text> {
    if state.memory.views.contains_key(argument) {
        return None;
    }
    let names: Vec<&str> = state.memory.views.keys().map(String::as_str).collect();
    let words = if named(state, argument).is_some() {
        format!("{argument} comes with Foretop; :save {argument} makes it yours")
    } else if names.is_empty() {
        "there are no views of your own to forget".to_owned()
    } else {
        format!("forget takes the name of a view of your own: {}", names.join(", "))
    };
    Some(Text::clean(&words))
}

/// Forgets a view of the operator's own.
pub(super) fn forget(state: &mut State, name: &str) -> Vec<Effect> {
    state.memory.views.remove(name);
    state.memory.touched.insert(name.to_owned());
    state.notify(NoticeKind::Info, &format!("{name} is forgotten"));
    vec![Effect::Remember(Box::new(Memory::of(state)))]
}

/// Notes where the operator is, when nothing is being typed or decided.
pub(super) fn note(state: &mut State) {
    if state.prompt.is_none() && state.overlays.is_empty() {
        let place = Place::of(state);
        state.trail.note(place);
    }
}

/// Goes back, forward, or to the last place.
pub(super) fn travel(state: &mut State, command: Command) -> Vec<Effect> {
    let place = match command {
        Command::GoBack => state.trail.step(true),
        Command::GoForward => state.trail.step(false),
        _ => state.trail.last(),
    };
    let Some(place) = place else {
        let words = if command == Command::GoForward {
            "there is nothing to go forward to"
        } else {
            "there is nothing to go back to"
        };
        state.notify(NoticeKind::Info, words);
        return Vec::new();
    };
    if state.tab != place.tab {
        commands::show_tab(state, place.tab);
    }
    state.with_view(|view, with| {
        view.set_sort(place.sort, with);
        if view.only_marked() != place.only.0 {
            view.toggle_only_marked();
        }
        if view.only_flagged() != place.only.1 {
            view.toggle_only_flagged(with);
        }
    });
    super::sessions::filter(state, &place.filter).into_iter().collect()
}

impl State {
    /// Takes up what was remembered of earlier runs.
    pub fn remember(&mut self, memory: Memory) {
        self.history.clone_from(&memory.history);
        let last = memory.last.get(self.settings.profile.as_str()).cloned();
        self.memory = memory;
        let Some(last) = last else { return };
        let own_columns = self.settings.columns.is_some();
        let columns = if own_columns { None } else { last.columns.clone() };
        take(self, &NamedView { columns, ..last.clone() });
        if !last.filter.is_empty() {
            self.with_view(|view, with| view.set_filter(&last.filter, with));
            self.notify(NoticeKind::Info, "the filter is the one of last time; Esc and again Esc clears it");
        }
        note(self);
    }
}
