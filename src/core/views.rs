//! Ways of looking at the sessions that have a name: filter, order and columns, and the key that brings them.
//!
//! Whoever marks all that such a view shows has its filter as the guard of the plan, as with any other filter.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    filter::Filter,
    state::{PromptKind, State, Tab},
    table::{Column, SessionTable, Sort, version},
};
use crate::domain::SessionFacts;

/// Lines that are remembered of each kind.
pub const HISTORY: usize = 100;

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
    pub columns: Option<Vec<Column>>,
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
    ("ghosts", "flag:gh", None, 6, "logged off by us, and listed all the same"),
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
const NEWEST: &str = "NEWEST";

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

/// A place to come back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The tab.
    pub tab: Tab,
    /// The filter of the sessions.
    pub filter: String,
    /// The order of the sessions.
    pub sort: Sort,
    /// Whether only the marked ones, and only the flagged ones, are shown.
    pub only: (bool, bool),
}

impl Place {
    /// Where the operator is.
    pub fn of(state: &State) -> Self {
        let view = &state.sessions.view;
        Self {
            tab: state.tab,
            filter: view.filter_line().text().to_owned(),
            sort: view.sort(),
            only: (view.only_marked(), view.only_flagged()),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        Self { sort: other.sort, ..self.clone() } == *other
    }
}

/// Places that are remembered.
const PLACES: usize = 50;

/// The way that was taken, for the keys `-`, `[` and `]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    places: Vec<Place>,
    /// Which of them is shown.
    at: usize,
    /// The one that was shown before.
    last: Option<Place>,
}

impl Trail {
    /// Notes where the operator is. Another order is the same place; where one went back from is forgotten as soon as another
    /// way is taken.
    pub fn note(&mut self, place: Place) {
        let Some(here) = self.places.get_mut(self.at) else {
            self.places = vec![place];
            self.at = 0;
            return;
        };
        if here.is_like(&place) {
            *here = place;
            return;
        }
        self.last = Some(here.clone());
        self.places.truncate(self.at + 1);
        self.places.push(place);
        if self.places.len() > PLACES {
            self.places.remove(0);
        }
        self.at = self.places.len() - 1;
    }

    /// The place before, or the next one of those that one went back from.
    pub fn step(&mut self, back: bool) -> Option<Place> {
        let to = if back { self.at.checked_sub(1)? } else { self.at + 1 };
        let place = self.places.get(to)?.clone();
        self.last = self.places.get(self.at).cloned();
        self.at = to;
        Some(place)
    }

    /// The place that was shown before this one.
    pub fn last(&self) -> Option<Place> {
        self.last.clone()
    }
}

/// What a console remembers from one run to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The operator's own views, by name.
    pub views: BTreeMap<String, NamedView>,
    /// How the sessions were looked at last, by profile.
    pub last: BTreeMap<String, NamedView>,
    /// Earlier lines, newest last, by what they were for.
    pub history: BTreeMap<PromptKind, Vec<String>>,
    /// The views that this run saved or forgot: what another console wrote meanwhile about others stays.
    #[serde(skip)]
    pub touched: BTreeSet<String>,
}

/// The lines that are remembered: no words of a single plan.
const REMEMBERED: [PromptKind; 8] = [
    PromptKind::Filter,
    PromptKind::EventFilter,
    PromptKind::Command,
    PromptKind::Mark,
    PromptKind::Unmark,
    PromptKind::PermissionFilter,
    PromptKind::ImageFilter,
    PromptKind::AppServerFilter,
];

impl Memory {
    /// What is worth remembering of a state.
    pub fn of(state: &State) -> Self {
        let here = Place::of(state);
        let view = NamedView {
            filter: here.filter,
            sort: Some(here.sort),
            columns: state.settings.columns.clone(),
            key: None,
        };
        let last = BTreeMap::from([(state.settings.profile.to_string(), view)]);
        let remembered = |(kind, _): &(&PromptKind, &Vec<String>)| REMEMBERED.contains(kind);
        let history = state.history.iter().filter(remembered);
        Self {
            last,
            history: history.map(|(kind, lines)| (*kind, lines.clone())).collect(),
            ..state.memory.clone()
        }
    }

    /// This one, written over what is on record: other consoles may have written there meanwhile.
    #[must_use]
    pub fn over(self, mut record: Self) -> Self {
        for name in &self.touched {
            match self.views.get(name) {
                Some(view) => drop(record.views.insert(name.clone(), view.clone())),
                None => drop(record.views.remove(name)),
            }
        }
        record.last.extend(self.last);
        for (kind, lines) in self.history {
            let known = record.history.entry(kind).or_default();
            known.retain(|line| !lines.contains(line));
            known.extend(lines);
            known.drain(..known.len().saturating_sub(HISTORY));
        }
        record
    }

    /// Leaves out what cannot be meant: views whose filter is not understood, keys that are none.
    #[must_use]
    pub fn checked(mut self) -> Self {
        let is_meant = |view: &NamedView| view.filter.contains(NEWEST) || Filter::parse(&view.filter).is_ok();
        self.views.retain(|_, view| is_meant(view));
        self.last.retain(|_, view| is_meant(view));
        for view in self.views.values_mut() {
            view.key = view.key.filter(|key| KEYS.contains(key));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::fixtures::{Bench, session};
    use crate::domain::SessionState;

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

    #[test]
    fn what_other_consoles_wrote_stays_but_for_what_this_one_changed() {
        let view = |filter: &str| NamedView { filter: filter.to_owned(), ..NamedView::default() };
        let lines = |lines: &[&str]| {
            BTreeMap::from([(PromptKind::Filter, lines.iter().map(|line| (*line).to_owned()).collect())])
        };
        let record = Memory {
            views: BTreeMap::from([("theirs".to_owned(), view("a")), ("old".to_owned(), view("b"))]),
            last: BTreeMap::from([("emea".to_owned(), view("c"))]),
            history: lines(&["x", "y"]),
            touched: BTreeSet::new(),
        };
        let ours = Memory {
            views: BTreeMap::from([("ours".to_owned(), view("d"))]),
            last: BTreeMap::from([("demo".to_owned(), view("e"))]),
            history: lines(&["x", "z"]),
            touched: ["ours", "old"].map(str::to_owned).into(),
        };
        let both = ours.over(record);
        assert_eq!(both.views.keys().collect::<Vec<_>>(), ["ours", "theirs"]);
        assert_eq!(both.last.keys().collect::<Vec<_>>(), ["demo", "emea"]);
        assert_eq!(both.history[&PromptKind::Filter], ["y", "x", "z"]);
    }

    #[test]
    fn a_trail_goes_back_and_forward_and_forgets_what_was_left() {
        let place = |filter: &str| Place {
            tab: Tab::Sessions,
            filter: filter.to_owned(),
            sort: Sort { column: Column::User, descending: false },
            only: (false, false),
        };
        let mut trail = Trail::default();
        for filter in ["", "a", "b"] {
            trail.note(place(filter));
        }
        assert_eq!(trail.step(true), Some(place("a")));
        assert_eq!(trail.last(), Some(place("b")));
        assert_eq!(trail.step(true), Some(place("")));
        assert_eq!(trail.step(true), None);
        assert_eq!(trail.step(false), Some(place("a")));
        trail.note(Place { sort: Sort { column: Column::Idle, descending: true }, ..place("a") });
        assert!(trail.step(false).is_some(), "another order is the same place");
        trail.step(true);
        trail.note(place("c"));
        assert_eq!(trail.step(false), None);
        assert_eq!(
            trail.last(),
            Some(Place { sort: Sort { column: Column::Idle, descending: true }, ..place("a") })
        );
    }
}
