//! A list with a cursor that stands on a thing, never on a place.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::CloudFilter;
use crate::core::state::PromptError;

/// Cursor, marks, filter and scrolling of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListView<K: Ord> {
    /// What is under the cursor.
    pub cursor: Option<K>,
    /// What is marked.
    pub marks: BTreeSet<K>,
    /// The filter as typed; nothing is hidden while there is a mistake in it.
    pub filter: String,
    /// What is wrong with it.
    pub filter_error: Option<PromptError>,
    /// First row shown.
    pub top: usize,
    /// Whether Esc was pressed once and would clear the filter the second time.
    pub escape_armed: bool,
}

impl<K: Ord> Default for ListView<K> {
    fn default() -> Self {
        Self {
            cursor: None,
            marks: BTreeSet::new(),
            filter: String::new(),
            filter_error: None,
            top: 0,
            escape_armed: false,
        }
    }
}

impl<K: Ord + Clone> ListView<K> {
    /// The filter that is in force: none as long as there is a mistake in it, so that nothing is hidden by it.
    pub fn filter_in_force(&self, fields: &[&str]) -> CloudFilter {
        CloudFilter::parse(&self.filter, fields).unwrap_or_default()
    }

    /// Puts a filter in force; says what is wrong with it.
    pub(in crate::core) fn set_filter(&mut self, text: &str, fields: &[&str]) -> Option<PromptError> {
        text.clone_into(&mut self.filter);
        self.filter_error = CloudFilter::parse(text, fields).err();
        self.filter_error.clone()
    }

    /// The row of the cursor.
    pub fn place(&self, shown: &[K]) -> Option<usize> {
        let cursor = self.cursor.as_ref()?;
        shown.iter().position(|one| one == cursor)
    }

    /// Moves the cursor so many rows.
    pub(in crate::core) fn step(&mut self, shown: &[K], by: isize) {
        let last = shown.len().saturating_sub(1);
        let next = self.place(shown).map_or(0, |place| place.saturating_add_signed(by));
        self.cursor = shown.get(next.min(last)).cloned();
    }

    /// Keeps the cursor on what it stands for; when that is not shown any more, on what was shown next to it.
    pub(in crate::core) fn keep(&mut self, before: &[K], shown: &[K]) {
        if self.cursor.as_ref().is_some_and(|cursor| shown.contains(cursor)) {
            return;
        }
        let at = self.place(before).unwrap_or(0);
        let (above, below) = before.split_at(at.min(before.len()));
        let near = below.iter().chain(above.iter().rev()).find(|one| shown.contains(one));
        self.cursor = near.or(shown.first()).cloned();
    }

    /// Keeps the row of the cursor among those that are drawn.
    pub(in crate::core) fn keep_in_sight(&mut self, shown: &[K], height: usize) {
        if self.cursor.is_none() {
            self.cursor = shown.first().cloned();
        }
        let height = height.max(1);
        let at = self.place(shown).unwrap_or(0);
        let last = shown.len().saturating_sub(height);
        self.top = self.top.min(at).max((at + 1).saturating_sub(height)).min(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_with_its_thing_or_goes_to_a_neighbour() {
        let mut view = ListView { cursor: Some('c'), ..ListView::default() };
        view.keep(&['a', 'b', 'c', 'd'], &['d', 'c']);
        assert_eq!(view.cursor, Some('c'));
        view.keep(&['a', 'b', 'c', 'd'], &['a', 'b', 'd']);
        assert_eq!(view.cursor, Some('d'));
        view.keep(&['a', 'b', 'd'], &['a']);
        assert_eq!(view.cursor, Some('a'));
        view.keep(&['a'], &[]);
        assert_eq!(view.cursor, None);
        view.step(&['x', 'y', 'z'], 1);
        assert_eq!(view.cursor, Some('x'), "from nowhere it goes to the first");
        view.step(&['x', 'y', 'z'], isize::MAX);
        assert_eq!(view.cursor, Some('z'));
        view.keep_in_sight(&['x', 'y', 'z'], 2);
        assert_eq!(view.top, 1);
    }
}
