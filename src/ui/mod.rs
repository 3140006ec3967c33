//! Draws a frame from the state: the same state, theme and size give the same cells.
//!
//! It changes nothing, does no I/O and reads no clock (`design.md section 3`). Widgets name roles; the theme says how
//! these look. Everything is drawn through a pen that never leaves the screen.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod chrome;
mod cloud;
mod event_pane;
mod facets;
#[cfg(test)]
mod fixtures;
mod images;
pub mod layout;
mod pen;
mod permissions;
mod pods;
mod replay;
mod sheets;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod theme;
mod time;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::core::{
    cloud::is_cloud,
    rows,
    state::{Overlay, State, Tab},
};

use self::{layout::Layout, pen::Pen, time::Clock};

pub use replay::{ReplayBar, draw_replay};
pub use theme::{ColorDepth, Role, Theme, ThemeError, Themes};

/// Draws the state into an empty buffer. The terminal's cursor is shown where text is typed, and hidden otherwise; returns where
/// it is.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer) -> Option<Position> {
    let mut pen = Pen::new(buffer, theme, state.settings.ascii);
    let clock = Clock::new(&state.settings, state.now);
    if rows::is_too_small(state.screen) {
        draw_too_small(&mut pen, state);
    } else {
        draw_screen(&mut pen, state, &clock);
        for (place, overlay) in state.overlays.iter().enumerate() {
            let on_top = place + 1 == state.overlays.len();
            // Menus stand above the sheet they were opened from; of several sheets only the last is seen.
            if on_top || !matches!(overlay, Overlay::Actions(_) | Overlay::ChangeMenu(_) | Overlay::Leave) {
                sheets::draw(&mut pen, state, overlay, &clock);
            }
        }
    }
    pen.finish();
    pen.cursor
}

/// The screen as text, a line for each row.
pub fn text_of(state: &State, theme: &Theme) -> String {
    let area = Rect { x: 0, y: 0, width: state.screen.width, height: state.screen.height };
    let mut buffer = Buffer::empty(area);
    draw(state, theme, &mut buffer);
    lines(&buffer).join("\n") + "\n"
}

/// The rows of a buffer as text. The cells behind a wide character hold nothing to show.
fn lines(buffer: &Buffer) -> Vec<String> {
    let row = |y| {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
            } else if let Some(cell) = buffer.cell((x, y)) {
                skip = text::width(cell.symbol()).saturating_sub(1);
                line.push_str(cell.symbol());
            }
        }
        line.trim_end().to_owned()
    };
    (0..buffer.area.height).map(row).collect()
}

/// Draws everything below the sheets.
fn draw_screen(pen: &mut Pen<'_>, state: &State, clock: &Clock) {
    let areas = Layout::of(state);
    chrome::draw_status(pen, areas.status, state, clock);
    chrome::draw_tabs(pen, areas.tabs, state, clock);
    match state.tab {
        Tab::Sessions => {
            chrome::draw_filter(pen, areas.filter, state, clock);
            chrome::draw_band(pen, areas.band, state, clock);
            table::draw(pen, areas.header, areas.table, state, clock);
            facets::draw_pane(pen, areas.facets, state);
            facets::draw_summary(pen, areas.summary, state);
            sheets::draw_panel(pen, areas.panel, areas.table, state, clock);
        }
        Tab::Permissions | Tab::Images if is_cloud(state) => cloud::draw(pen, &areas, state, clock),
        Tab::Permissions => permissions::draw(pen, &areas, state, clock),
        Tab::Images => images::draw(pen, &areas, state, clock),
        Tab::AppServers => cloud::draw(pen, &areas, state, clock),
    }
    event_pane::draw(pen, areas.rule, areas.events, state, clock);
    // Sheets and menus show their own keys.
    if state.overlays.is_empty() {
        chrome::draw_hints(pen, areas.hints, state);
    }
    chrome::draw_prompt(pen, areas.prompt, areas.hints, state);
}

/// Says how much room is needed, on a screen that has too little for anything else.
fn draw_too_small(pen: &mut Pen<'_>, state: &State) {
    let area = Rect { x: 0, y: 0, width: state.screen.width, height: state.screen.height };
    let needed =
        format!("needs {}x{}, has {}x{}", rows::LEAST.width, rows::LEAST.height, area.width, area.height);
    let mut lines = vec![("Foretop: the screen is too small", Role::Warning), (&*needed, Role::Text)];
    if state.has_running_job() {
        lines.push(("a job still runs", Role::Warning));
        lines.push(("keys do nothing here but q", Role::Text));
    } else {
        lines.push(("nothing is lost", Role::Muted));
    }
    table::draw_message(pen, area, &lines);
}
