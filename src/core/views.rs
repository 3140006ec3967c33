//! Ways of looking at the sessions that have a name: filter, order and columns, and the key that brings them.
//!
//! Whoever marks all that such a view shows has its filter as the guard of the plan, as with any other filter.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    command::Command,
    state::State,
    table::{ChosenColumn, Column, SessionTable, Sort, version},
};
use crate::domain::SessionFacts;

/// The keys that can bring a view.
pub const KEYS: std::ops::RangeInclusive<u8> = 5..=9;

/// A way of looking at the sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NamedView {
    /// The filter, as it is typed.
    pub filter: String,
    /// The order; as it was when not chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// The columns, in order; as they were when not chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<ChosenColumn>>,
    /// The key that brings it, 5 to 9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<u8>,
}

/// The views that every console has: name, filter, order, key, what it shows.
const BUILT_IN: [(&str, &str, Option<Column>, u8, &str); 4] = [
    (
        "disc-cleanup",
        "state:disc idle>4h",
        Some(Column::Idle),
        5,
        "disconnected for more than four hours, the longest first",
    ),
    ("ghosts", "flag:gh", Some(Column::Idle), 6, "logged off by us, and listed all the same"),
    (
        "stuck-pending",
        "state:pending age>10m",
        Some(Column::Age),
        7,
        "pending for more than ten minutes, the oldest first",
    ),
    ("old-agents", "agent<NEWEST", Some(Column::Agent), 8, "older agents than the newest one of the list"),
];

/// Stands in a filter for the newest version of the agent in the list.
pub(super) const NEWEST: &str = "NEWEST";

/// A view that can be shown: its name, what it is, and what it is called in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownView {
    /// The name, as it is typed after `:`.
    pub name: String,
    /// What it is.
    pub view: NamedView,
    /// What it shows.
    pub meaning: String,
    /// Whether every console has it.
    pub built_in: bool,
}

/// The key of the view of this name that every console has.
pub fn built_in_key(name: &str) -> Option<u8> {
    BUILT_IN.iter().find_map(|(known, _, _, key, _)| (*known == name).then_some(*key))
}

/// All views: those of the operator by name, then the built-in ones that these do not replace.
pub fn known(state: &State) -> Vec<KnownView> {
    let own = state.memory.views.iter().map(|(name, view)| KnownView {
        name: name.clone(),
        view: view.clone(),
        meaning: if view.filter.is_empty() { "all sessions".to_owned() } else { view.filter.clone() },
        built_in: false,
    });
    let taken: BTreeSet<u8> = state.memory.views.values().filter_map(|view| view.key).collect();
    let built_in = BUILT_IN.iter().filter(|(name, ..)| !state.memory.views.contains_key(*name));
    let built_in = built_in.map(|(name, filter, column, key, meaning)| KnownView {
        name: (*name).to_owned(),
        view: NamedView {
            filter: (*filter).to_owned(),
            sort: column.map(|column| Sort { column, descending: column != Column::Agent }),
            columns: None,
            key: Some(*key).filter(|key| !taken.contains(key)),
        },
        meaning: (*meaning).to_owned(),
        built_in: true,
    });
    own.chain(built_in).collect()
}

/// The key of the view that a command shows: of `view.5` 5.
pub fn key_of(command: Command) -> Option<u8> {
    let commands = [Command::View5, Command::View6, Command::View7, Command::View8, Command::View9];
    KEYS.zip(commands).find_map(|(key, known)| (known == command).then_some(key))
}

/// What a command does; of the keys of views with the name of the view that is there now.
pub fn describe(state: &State, command: Command) -> String {
    let view =
        key_of(command).and_then(|key| known(state).into_iter().find(|known| known.view.key == Some(key)));
    let words = command.describe();
    view.map_or_else(|| words.to_owned(), |view| format!("{words}: {}", view.name))
}

/// The name of the view whose filter is in force, if it is one's.
pub fn in_force(state: &State) -> Option<String> {
    let filter = state.sessions.view.filter_line().text();
    // What stands for the newest agent is a version in the filter, whichever it was when the view was shown.
    let is_it = |wanted: &str| match wanted.split_once(NEWEST) {
        Some((before, after)) => filter.starts_with(before) && filter.ends_with(after) && filter != before,
        None => wanted == filter,
    };
    if filter.is_empty() {
        return None;
    }
    known(state).into_iter().find(|known| is_it(&known.view.filter)).map(|known| known.name)
}

/// The names and meanings of the views that every console has, with their filters and keys: for docs.
pub fn built_in() -> impl Iterator<Item = (&'static str, &'static str, u8, &'static str)> {
    BUILT_IN.iter().map(|(name, filter, _, key, meaning)| (*name, *filter, *key, *meaning))
}

impl NamedView {
    /// The filter for a list: what stands for the newest agent is put in. None where the list tells no agent.
    pub fn filter_for(&self, table: &SessionTable) -> Option<String> {
        if !self.filter.contains(NEWEST) {
            return Some(self.filter.clone());
        }
        let told = table.iter().filter_map(SessionFacts::agent_version);
        let versions = told.filter(|told| version::is_version(told));
        let newest = versions.max_by(|left, right| version::compare(left, right))?;
        // What follows the numbers is of no account in comparing.
        let numbers = newest.split(|letter: char| letter != '.' && !letter.is_ascii_digit()).next()?;
        Some(self.filter.replace(NEWEST, numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::filter::Filter;
    use crate::core::fixtures::{Bench, session};
    use crate::domain::SessionState;

    #[test]
    fn the_view_in_force_is_the_one_with_the_filter() {
        let mut bench = Bench::with(vec![session("1", "anna", SessionState::Connected, 0)]);
        let shown = |bench: &mut Bench, filter: &str| {
            bench.state.with_view(|view, with| view.set_filter(filter, with));
            in_force(&bench.state)
        };
        assert_eq!(shown(&mut bench, ""), None);
        assert_eq!(shown(&mut bench, "state:disc idle>4h").as_deref(), Some("disc-cleanup"));
        assert_eq!(shown(&mut bench, "state:disc idle>5h"), None);
        assert_eq!(shown(&mut bench, "agent<8.13.0").as_deref(), Some("old-agents"));
        assert_eq!(shown(&mut bench, "agent<"), None);
    }

    #[test]
    fn every_view_that_all_consoles_have_has_a_filter_that_is_understood() {
        let mut one = session("1", "anna", SessionState::Connected, 0);
        one.agent_version = Some("8.10.0".into());
        let mut two = session("2", "bert", SessionState::Connected, 0);
        two.agent_version = Some("8.9.1-22".into());
        let table = SessionTable::new(vec![one, two], jiff::Timestamp::UNIX_EPOCH, true);
        for known in known(&Bench::with(Vec::new()).state) {
            let filter = known.view.filter_for(&table).unwrap();
            assert!(Filter::parse(&filter).is_ok(), "{filter}");
        }
        let old = NamedView { filter: "agent<NEWEST".to_owned(), ..NamedView::default() };
        assert_eq!(old.filter_for(&table).as_deref(), Some("agent<8.10.0"));
        assert_eq!(old.filter_for(&SessionTable::default()), None);
    }
}
