//! Rectangles of the screen, from its size and the state. The numbers of rows come from [`crate::core::rows`], which
//! paging uses too.

use ratatui::layout::Rect;

use crate::core::{
    rows::{self, Rows},
    state::{ScreenSize, State},
};

/// Where the parts of the screen are. Parts without room have a height of 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The status bar.
    pub status: Rect,
    /// The tabs, marks and jobs.
    pub tabs: Rect,
    /// The filter and how much it shows.
    pub filter: Rect,
    /// The band that says why the data is old.
    pub band: Rect,
    /// The breakdown beside the table.
    pub facets: Rect,
    /// The titles of the columns.
    pub header: Rect,
    /// The rows of the table.
    pub table: Rect,
    /// The line below the table that sums it up.
    pub summary: Rect,
    /// The session under the cursor, on wide screens.
    pub panel: Rect,
    /// The title line of the event pane.
    pub rule: Rect,
    /// The rows of the event pane.
    pub events: Rect,
    /// The keys that are worth knowing here.
    pub hints: Rect,
    /// The line that is typed into, or a notice.
    pub prompt: Rect,
}

impl Layout {
    /// The layout of a state.
    pub fn of(state: &State) -> Self {
        let ScreenSize { width, height } = state.screen;
        let rows = Rows::of(state);
        let panel = if rows.table > 0 { rows::detail_panel(state.screen) } else { 0 };
        let stale = rows.table > 0 && rows::is_stale(state);
        // One column more for the line between them.
        let left = rows.facets + u16::from(rows.facets > 0);
        let table_width = width.saturating_sub(panel + left);
        let mut y = 0;
        let mut take = |rows: u16, width: u16| {
            let x = if width == table_width { left } else { 0 };
            let area = Rect { x, y, width, height: rows.min(height.saturating_sub(y)) };
            y += area.height;
            area
        };
        let (status, tabs, filter) = (take(1, width), take(1, width), take(1, width));
        let band = take(u16::from(stale), table_width);
        let header = take(u16::from(rows.table > 0), table_width);
        let table = take(rows.table, table_width);
        let facets =
            Rect { x: 0, y: filter.bottom(), width: rows.facets, height: table.bottom() - filter.bottom() };
        let summary = take(rows.summary, width);
        let panel = Rect {
            x: left + table_width,
            y: filter.bottom(),
            width: panel,
            height: table.bottom() - filter.bottom(),
        };
        let rule = take(u16::from(rows.events > 0), width);
        let events = take(rows.events, width);
        let (hints, prompt) = (take(1, width), take(1, width));
        Self {
            status,
            tabs,
            filter,
            band,
            facets,
            header,
            table,
            summary,
            panel,
            rule,
            events,
            hints,
            prompt,
        }
    }
}

/// The area of a sheet: all of a small screen, else the middle of it.
pub fn sheet(screen: ScreenSize) -> Rect {
    let size = rows::sheet_size(screen);
    centred(screen, size.width, size.height)
}

/// The area of the card of a session: over the panel that shows the beginning of it, else as any sheet.
pub fn card(state: &State) -> Rect {
    match rows::card_over_panel(state, Rows::of(state).table) {
        // Beside it at the right is its frame.
        Some((y, height)) => {
            let width = rows::SHEET.width;
            Rect { x: state.screen.width.saturating_sub(width + 1), y, width, height }
        }
        None => sheet(state.screen),
    }
}

/// An area of a size at the right edge of the screen, half way down, so that most of the screen can be seen beside it.
pub fn at_right(screen: ScreenSize, width: u16, height: u16) -> Rect {
    let area = centred(screen, width, height);
    Rect { x: screen.width - area.width, ..area }
}

/// An area of a size in the middle of the screen, smaller where the screen is.
pub fn centred(screen: ScreenSize, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(screen.width), height.min(screen.height));
    Rect { x: (screen.width - width) / 2, y: (screen.height - height) / 2, width, height }
}
