//! What of the lists beside the sessions goes to the clipboard: the marked rows, or the one under the cursor.

use super::tree_cells;
use crate::core::{
    cloud::{
        is_cloud,
        record::{AccessRecord, Listed},
    },
    images::Shelf,
    permissions::record::PermissionRecord,
    state::{State, Tab},
};

/// Rows as a text: a tab between cells, without titles.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::core) struct Copied {
    /// The text.
    pub(in crate::core) text: String,
    /// How many rows it has.
    pub(in crate::core) rows: usize,
    /// How many marked ones it leaves out, because the filter hides them.
    pub(in crate::core) hidden: usize,
}

impl Copied {
    /// What is copied on the present tab, with the columns of its list for reading; nothing on the tab of sessions.
    pub(in crate::core) fn of(state: &State) -> Self {
        let cloud = &state.cloud;
        match (state.tab, is_cloud(state)) {
            (Tab::Sessions, _) => Self::default(),
            (Tab::Permissions, false) => {
                let tab = &state.permissions;
                let chosen = Chosen { marks: tab.marks.len(), current: tab.cursor.as_ref() };
                chosen.take(
                    &tab.rows(),
                    |row| tab.marks.contains(&row.permission.id),
                    |row, current| row.permission.id == *current,
                    |row| Some(PermissionRecord::cells(row)),
                )
            }
            (Tab::Images, false) => {
                let tab = &state.images;
                let shelf = tab.book.value().map(|book| Shelf::new(book, &tab.live));
                let chosen = Chosen { marks: tab.marks.len(), current: tab.cursor.as_ref() };
                chosen.take(
                    &tab.shown(),
                    |node| tab.marks.contains(node),
                    |node, current| node == current,
                    |node| tree_cells(node, shelf.as_ref()?),
                )
            }
            (Tab::Permissions, true) => {
                let view = &cloud.access_view;
                let chosen = Chosen { marks: view.marks.len(), current: view.cursor.as_ref() };
                chosen.take(
                    &cloud.shown_access(),
                    |line| view.marks.contains(&line.row()),
                    |line, current| line.row() == *current,
                    |line| Some(AccessRecord::cells(line, cloud.access.value()?)),
                )
            }
            (Tab::Images, true) => {
                let view = &cloud.servers_view;
                let chosen = Chosen { marks: view.marks.len(), current: view.cursor.as_ref() };
                chosen.take(
                    &cloud.shown_servers(),
                    |server| view.marks.contains(&server.id),
                    |server, current| server.id == *current,
                    |server| Some(server.cells()),
                )
            }
            (Tab::AppServers, _) => {
                let view = &cloud.app_servers_view;
                let chosen = Chosen { marks: view.marks.len(), current: view.cursor.as_ref() };
                chosen.take(
                    &cloud.shown_app_servers(),
                    |server| view.marks.contains(&server.id),
                    |server, current| server.id == *current,
                    |server| Some(server.cells()),
                )
            }
        }
    }
}

/// What is chosen in a list.
struct Chosen<'a, K> {
    marks: usize,
    current: Option<&'a K>,
}

impl<K> Chosen<'_, K> {
    /// The marked rows of those that are shown; without any mark the one under the cursor.
    fn take<R>(
        &self,
        shown: &[R],
        is_marked: impl Fn(&R) -> bool,
        is_current: impl Fn(&R, &K) -> bool,
        cells: impl Fn(&R) -> Option<Vec<String>>,
    ) -> Copied {
        let is_chosen = |row: &R| match self.marks {
            0 => self.current.is_some_and(|current| is_current(row, current)),
            _ => is_marked(row),
        };
        let lines: Vec<String> = shown
            .iter()
            .filter(|row| is_chosen(row))
            .filter_map(cells)
            .map(|cells| cells.join("\t") + "\n")
            .collect();
        Copied { text: lines.concat(), rows: lines.len(), hidden: self.marks.saturating_sub(lines.len()) }
    }
}
