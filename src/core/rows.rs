//! How many rows each list on the screen has: what paging needs to know, and what drawing keeps to.
//!
//! `screens.md section 3` is the specification. It knows sizes, not rectangles: those belong to the screen.

use super::{
    cloud::is_cloud,
    events::PaneSize,
    remote::Remote,
    state::{ScreenSize, State, Tab},
};

/// The least screen on which anything but a request for more room is drawn.
pub const LEAST: ScreenSize = ScreenSize { width: 60, height: 15 };

/// Columns of the panel that always shows the session under the cursor, where there is room for it.
pub const DETAIL_PANEL: u16 = 54;

/// From this width on the panel is there.
const DETAIL_PANEL_FROM: u16 = 200;

/// Columns of the breakdown beside the table: on screens that are wide enough for it, and on those that always show it.
const FACET_PANE: u16 = 28;
const FACET_PANE_WIDE: u16 = 36;

/// From these widths on.
const FACET_PANE_FROM: u16 = 120;
const FACET_PANE_ALWAYS_FROM: u16 = 200;

/// So many rows the table keeps above the line that sums it up.
const LEAST_ABOVE_SUMMARY: u16 = 12;

/// Cells before the first column of the table: the cursor, the mark and a blank.
pub const GUTTER: u16 = 3;

/// The largest sheet; smaller screens are covered whole.
pub const SHEET: ScreenSize = ScreenSize { width: 100, height: 30 };

/// Status bar, tabs and filter line above; hints and prompt below.
const CHROME: u16 = 5;

/// Status bar, tabs and filter line.
const ABOVE_TABLE: u16 = 3;

/// Title, rule, complaint and keys around a sheet's body, and the two lines above every list in it.
const SHEET_FRAME: u16 = 6;

/// The frame of a list at the edge, what it shows below its lines, and two lines of the screen.
const SIDE_LIST_FRAME: u16 = 9;

/// Rows and columns that lists have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rows {
    /// Sessions in the table.
    pub table: u16,
    /// Columns of the screen that the table has for its columns, without the gutter at the left.
    pub columns: u16,
    /// Columns of the breakdown beside the table.
    pub facets: u16,
    /// Lines below the table that sum it up.
    pub summary: u16,
    /// Events in the pane.
    pub events: u16,
    /// Lines of a list on a sheet: targets, names, jobs, details, help.
    pub sheet: u16,
    /// Lines of the card of a session.
    pub card: u16,
}

impl Rows {
    /// The rows in a state. Old data costs the table a row: the band that says so and why.
    pub fn of(state: &State) -> Self {
        let rows = rows(state.screen, state.events.size, state.settings.event_lines);
        let rows = Self { table: rows.table.saturating_sub(u16::from(is_stale(state))), ..rows };
        if state.tab == Tab::Sessions { rows.with_facets(state).with_card(state) } else { rows }
    }
}

impl Rows {
    /// What the breakdown of the sessions takes from the table.
    fn with_facets(self, state: &State) -> Self {
        let width = facet_pane_width(state.screen);
        let is_on = state.sessions.facets.pane.unwrap_or(state.screen.width >= FACET_PANE_ALWAYS_FROM);
        let facets = if is_on && self.table > 0 { width } else { 0 };
        let summary = u16::from(width == 0 && self.table > LEAST_ABOVE_SUMMARY);
        Self {
            table: self.table - summary,
            // One column less for the line between them.
            columns: self.columns.saturating_sub(facets + u16::from(facets > 0)),
            facets,
            summary,
            ..self
        }
    }

    /// What the card of a session has where it stands over the panel.
    fn with_card(self, state: &State) -> Self {
        let over_panel = card_over_panel(state, self.table).map(|(_, height)| height - SHEET_FRAME);
        Self { card: over_panel.unwrap_or(self.card), ..self }
    }
}

/// The first line and the height of the card of a session where the panel shows that card already: it grows out of the panel,
/// as the same lines beside each other tell nothing. `table` is how many rows the table has.
pub fn card_over_panel(state: &State, table: u16) -> Option<(u16, u16)> {
    if state.tab != Tab::Sessions || table == 0 || detail_panel(state.screen) == 0 {
        return None;
    }
    // The panel goes from below the filter to the last row of the table; the frame is within it.
    let height = table + 1 + u16::from(is_stale(state));
    (height >= SHEET.height + 2).then_some((ABOVE_TABLE + 1, height - 2))
}

/// The columns of the breakdown on a screen, 0 where there is no room for it beside the table.
pub fn facet_pane_width(screen: ScreenSize) -> u16 {
    match screen.width {
        ..FACET_PANE_FROM => 0,
        FACET_PANE_FROM..FACET_PANE_ALWAYS_FROM => FACET_PANE,
        FACET_PANE_ALWAYS_FROM.. => FACET_PANE_WIDE,
    }
}

/// How many facets stand below each other beside a table of so many rows: the chosen one, and others as far as there is room.
pub fn facet_sections(table: u16) -> u16 {
    (table / 9).clamp(1, 6)
}

/// Whether the data of the tab that is shown is old.
pub fn is_stale(state: &State) -> bool {
    match state.tab {
        Tab::Sessions => matches!(state.sessions.table, Remote::Stale { .. }),
        Tab::Permissions if is_cloud(state) => matches!(state.cloud.access, Remote::Stale { .. }),
        Tab::Images if is_cloud(state) => matches!(state.cloud.servers, Remote::Stale { .. }),
        Tab::Permissions => matches!(state.permissions.book, Remote::Stale { .. }),
        Tab::Images => matches!(state.images.book, Remote::Stale { .. }),
        Tab::AppServers => matches!(state.cloud.app_servers, Remote::Stale { .. }),
    }
}

/// Whether the screen is too small for anything but saying so.
pub fn is_too_small(screen: ScreenSize) -> bool {
    screen.width < LEAST.width || screen.height < LEAST.height
}

/// The width of the panel with the session under the cursor, 0 where there is none.
pub fn detail_panel(screen: ScreenSize) -> u16 {
    if screen.width >= DETAIL_PANEL_FROM { DETAIL_PANEL } else { 0 }
}

/// The size of a sheet on a screen: all of it up to 100x30, that much of larger ones.
pub fn sheet_size(screen: ScreenSize) -> ScreenSize {
    if screen.width < SHEET.width || screen.height < SHEET.height { screen } else { SHEET }
}

/// The rows of a list at the edge (themes, columns): as many as there are, as long as the screen has room for what stands around them.
pub fn side_list_rows(screen: ScreenSize, lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX).min(screen.height.saturating_sub(SIDE_LIST_FRAME)).max(1)
}

/// The rows on a screen, without the band that old data costs: see [`Rows::of`].
pub fn rows(screen: ScreenSize, events: PaneSize, lines: Option<u16>) -> Rows {
    if is_too_small(screen) {
        return Rows::default();
    }
    let room = screen.height - CHROME;
    let events = event_rows(screen.height, room, events, lines);
    let rule = u16::from(events > 0);
    let panel = detail_panel(screen);
    let sheet = sheet_size(screen).height.saturating_sub(SHEET_FRAME);
    Rows {
        // One row less for the titles of the columns.
        table: room.saturating_sub(events + rule + 1),
        // One column less for the line between table and panel.
        columns: screen.width.saturating_sub(GUTTER + panel + u16::from(panel > 0)),
        facets: 0,
        summary: 0,
        events,
        sheet,
        card: sheet,
    }
}

/// The rows of the event pane without its rule.
fn event_rows(height: u16, room: u16, size: PaneSize, lines: Option<u16>) -> u16 {
    match size {
        PaneSize::Hidden => 0,
        // The table keeps a few rows, however many lines were chosen.
        PaneSize::Normal if lines.is_some() => lines.unwrap_or(0).min(room.saturating_sub(5)),
        PaneSize::Normal => match height {
            0..=17 => 0,
            18..=23 => 2,
            // 4 rows at 24, 8 at 40, 13 at 60.
            _ => (4 + (height - 24) / 4).min(16),
        },
        PaneSize::Half => (room / 2).saturating_sub(1),
        PaneSize::Full => room.saturating_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: u16, height: u16, events: PaneSize) -> (u16, u16) {
        let rows = rows(ScreenSize { width, height }, events, None);
        (rows.table, rows.events)
    }

    #[test]
    fn the_row_budgets_of_the_layout_rules_hold() {
        assert_eq!(at(80, 24, PaneSize::Normal), (13, 4));
        assert_eq!(at(120, 40, PaneSize::Normal), (25, 8));
        assert_eq!(at(200, 60, PaneSize::Normal), (40, 13));
        assert_eq!(at(60, 15, PaneSize::Normal), (9, 0), "a small screen belongs to the table");
        assert_eq!(at(59, 14, PaneSize::Normal), (0, 0));
        assert_eq!(at(80, 24, PaneSize::Hidden), (18, 0));
        assert_eq!(at(80, 24, PaneSize::Full), (0, 18));
    }

    #[test]
    fn nothing_is_drawn_twice_and_no_row_is_lost() {
        for height in 15..100 {
            for size in [PaneSize::Hidden, PaneSize::Normal, PaneSize::Half, PaneSize::Full] {
                let rows = rows(ScreenSize { width: 80, height }, size, None);
                let rule = u16::from(rows.events > 0);
                let header = u16::from(size != PaneSize::Full);
                assert_eq!(rows.table + rows.events + rule + header + CHROME, height, "{size:?}");
            }
        }
    }

    #[test]
    fn the_panel_takes_columns_from_the_table_on_wide_screens_only() {
        let columns = |width| rows(ScreenSize { width, height: 60 }, PaneSize::Normal, None).columns;
        assert_eq!((columns(80), columns(199), columns(200)), (77, 196, 142));
    }

    #[test]
    fn sheets_cover_small_screens() {
        let lines = |width, height| rows(ScreenSize { width, height }, PaneSize::Normal, None).sheet;
        assert_eq!((lines(80, 24), lines(120, 40), lines(60, 15)), (18, 24, 9));
    }
}
