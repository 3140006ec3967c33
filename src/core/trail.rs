//! The way that was taken through tabs and filters, and back.

use serde::{Deserialize, Serialize};

use super::{
    state::{State, Tab},
    table::Sort,
};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::table::Column;

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
