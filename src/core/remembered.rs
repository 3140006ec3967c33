//! What a console remembers from one run to the next: views, lines that were typed, what was learned.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    filter::Filter,
    lessons::Lesson,
    state::{PromptKind, State},
    trail::Place,
    views::{KEYS, NEWEST, NamedView},
};

/// Lines that are remembered of each kind.
pub const HISTORY: usize = 100;

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
    /// What a newcomer has learned, and is not told again.
    pub learned: BTreeSet<Lesson>,
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
        record.learned.extend(self.learned);
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
            learned: BTreeSet::from([Lesson::Help]),
            touched: BTreeSet::new(),
        };
        let ours = Memory {
            views: BTreeMap::from([("ours".to_owned(), view("d"))]),
            last: BTreeMap::from([("demo".to_owned(), view("e"))]),
            history: lines(&["x", "z"]),
            learned: BTreeSet::from([Lesson::Mark]),
            touched: ["ours", "old"].map(str::to_owned).into(),
        };
        let both = ours.over(record);
        assert_eq!(both.views.keys().collect::<Vec<_>>(), ["ours", "theirs"]);
        assert_eq!(both.last.keys().collect::<Vec<_>>(), ["demo", "emea"]);
        assert_eq!(both.learned, BTreeSet::from([Lesson::Help, Lesson::Mark]));
        assert_eq!(both.history[&PromptKind::Filter], ["y", "x", "z"]);
    }
}
