//! The tree of images: its filter line, rows, what is known of the node under the cursor, and what stands there when
//! there is nothing to show.

mod tree;

use ratatui::layout::Rect;

use super::{
    chrome::draw_old_data,
    layout::Layout,
    pen::{Pen, Piece, piece},
    sheets::{draw_image_below, draw_image_panel},
    table::{draw_message, fault_lines},
    text::counted,
    theme::Role,
    time::Clock,
};
use crate::{
    core::{
        command::{Command, Context},
        images::{ImagesTab, Outline, Shelf, describe_query},
        remote::Remote,
        rows::GUTTER,
        state::{PromptKind, State},
    },
    domain::{FaultKind, ImageBook, ImagePart},
};

/// Below this width the tabs need the room.
const NARROW: u16 = 70;

/// Draws the tab.
pub(super) fn draw(pen: &mut Pen<'_>, areas: &Layout, state: &State, clock: &Clock) {
    let tab = &state.images;
    let Some(book) = tab.book.value() else {
        draw_filter(pen, areas.filter, state, None);
        if areas.table.height > 0 {
            draw_absence(pen, areas.table, state);
        }
        return;
    };
    let shelf = Shelf::new(book, &tab.live);
    let outline = tab.outline(&shelf);
    draw_filter(pen, areas.filter, state, Some((&shelf, &outline)));
    if let Remote::Stale { at, why, .. } = &tab.book {
        draw_old_data(
            pen,
            areas.band,
            clock.time(*at).as_str(),
            why,
            &state.key(Context::Images, Command::Refresh),
        );
    }
    if areas.table.height == 0 {
        return;
    }
    let below = ImagesTab::detail_rows(state, areas.table.height);
    let rows = Rect { height: areas.table.height - below, ..areas.table };
    let columns = tree::Columns::of(areas.table.width.saturating_sub(GUTTER));
    tree::draw_header(pen, areas.header, &columns);
    if outline.rows.is_empty() {
        draw_empty(pen, rows, state, book);
    } else {
        tree::draw_rows(pen, rows, state, &shelf, &outline, &columns);
    }
    let lower = Rect { y: rows.bottom(), height: below, ..areas.table };
    draw_image_below(pen, lower, state, &shelf);
    draw_image_panel(pen, areas.panel, state, &shelf);
}

/// Draws the filter, what the server was asked for, and how much of it all is shown.
fn draw_filter(pen: &mut Pen<'_>, area: Rect, state: &State, shown: Option<(&Shelf<'_>, &Outline<'_>)>) {
    let tab = &state.images;
    let typing = state.prompt.as_ref().filter(|prompt| prompt.kind == PromptKind::ImageFilter);
    let filter = typing.map_or(tab.filter.as_str(), |prompt| prompt.input.text());
    let broken = tab.filter_error.is_some();
    let role = if broken { Role::Danger } else { Role::Input };
    let mut left = vec![piece(" / ", Role::Muted), piece(filter, role)];
    // While it is typed, the mistake stands above the line being typed, with its place.
    if let (Some(error), None) = (&tab.filter_error, typing) {
        left.push(piece(format!("  {error}"), Role::Danger));
    }
    let query = describe_query(&tab.query);
    if !query.is_empty() {
        left.push(piece(format!("  asked for: {query}"), Role::Accent));
    }
    let mut right: Vec<Piece<'_>> = Vec::new();
    if broken {
        right.push(piece("no rows hidden  ", Role::Warning));
    }
    if let Some((shelf, outline)) = shown {
        right.push(piece(format!("{} of {}", outline.streams, shelf.book.streams.len()), Role::Text));
        if outline.unknown > 0 {
            right.push(piece(format!("  {} unknown", outline.unknown), Role::Warning));
        }
        right.push(wholeness(state, shelf));
    }
    right.push(piece(" ", Role::Text));
    pen.line(area, 0, &left, &right);
}

/// Whether this is all there is.
fn wholeness(state: &State, shelf: &Shelf<'_>) -> Piece<'static> {
    let old = matches!(state.images.book, Remote::Stale { .. });
    match (shelf.is_complete(), old) {
        (true, false) => piece("  complete", Role::Muted),
        (true, true) => piece("  OLD", Role::Stale),
        (false, true) => piece("  OLD, PARTIAL", Role::Stale),
        (false, false) => piece("  PARTIAL", Role::Stale),
    }
}

/// Says why there is no tree, and what to do.
fn draw_absence(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let Remote::Failed { why, .. } = &state.images.book else {
        let lines = [("LOADING", Role::Heading), ("reading the image streams", Role::Text)];
        return draw_message(pen, area, &lines);
    };
    let again = format!("{} tries again", state.key(Context::Images, Command::Refresh));
    let refused = why.kind == FaultKind::InsufficientPermission;
    let title = if refused { "NOT PERMITTED" } else { "THE IMAGE STREAMS COULD NOT BE READ" };
    let mut words = fault_lines(title, why);
    if refused {
        // The hint of a refused action on a session would be wrong here.
        words.truncate(3);
        words.push(("needs GLOBAL_CONFIG_VIEW or VC_CONFIG_VIEW".to_owned(), Role::Info));
    }
    let mut lines: Vec<(&str, Role)> = words.iter().map(|(text, role)| (text.as_str(), *role)).collect();
    lines.push((&again, Role::Muted));
    draw_message(pen, area, &lines);
}

/// Says why there is no row in a tree that was read.
fn draw_empty(pen: &mut Pen<'_>, area: Rect, state: &State, book: &ImageBook) {
    if !book.streams.is_empty() {
        let total = format!("none of {} is shown", counted(book.streams.len(), "stream", "streams"));
        let back = state.key(Context::Images, Command::Back);
        let clear = format!("{back} {back} clears the filter");
        let lines = [("NOTHING MATCHES", Role::Heading), (&*total, Role::Text), (&*clear, Role::Muted)];
        return draw_message(pen, area, &lines);
    }
    let query = describe_query(&state.images.query);
    let (menu, new) =
        (state.key(Context::Images, Command::ChangeMenu), state.key(Context::ChangeMenu, Command::ChangeNew));
    let (why, next) = if !book.gaps.is_empty() || book.unreadable > 0 {
        (
            "parts of the answer could not be read; it may have some".to_owned(),
            format!("{} reads again", state.key(Context::Images, Command::Refresh)),
        )
    } else if query.is_empty() {
        ("The server has none.".to_owned(), format!("{menu} {new} creates some"))
    } else {
        (format!("The server has none for {query}."), ":images asks for all".to_owned())
    };
    let lines = [("NO IMAGE STREAMS", Role::Heading), (&*why, Role::Text), (&*next, Role::Muted)];
    draw_message(pen, area, &lines);
}

/// What the status bar says of images: `7 streams  23 versions  14 tags`.
pub(super) fn totals(state: &State) -> Option<String> {
    let book = state.images.book.value()?;
    let count = |part: ImagePart, count, one, many| {
        // Some of them could not be read: nobody knows how many there are.
        let has_holes = book.holes.iter().any(|hole| hole.part == part);
        if has_holes { format!("? {many}") } else { counted(count, one, many) }
    };
    Some(format!(
        "  {}  {}  {}",
        count(ImagePart::Stream, book.streams.len(), "stream", "streams"),
        count(ImagePart::Version, book.versions.len(), "version", "versions"),
        count(ImagePart::Tag, book.tags.len(), "tag", "tags")
    ))
}

/// What the tabs line says of images: marks, and how much runs on the server, in as many words as there is room for.
pub(super) fn tab_facts(state: &State, width: u16) -> Vec<Piece<'static>> {
    let tab = &state.images;
    let mut facts = Vec::new();
    if !tab.marks.is_empty() {
        let shown = tab.shown();
        let hidden = tab.marks.iter().filter(|node| !shown.contains(node)).count();
        facts.push(piece(format!("marked {}", tab.marks.len()), Role::Mark));
        if hidden > 0 {
            facts.push(piece(format!(" ({hidden} hidden)"), Role::Warning));
        }
        facts.push(piece("   ", Role::Text));
    }
    if !tab.running.is_empty() {
        let words = match width {
            100.. => format!("{} in progress   ", tab.running.len()),
            // The sign that such rows have.
            NARROW..100 => format!("~{}   ", tab.running.len()),
            _ => String::new(),
        };
        facts.push(piece(words, Role::Warning));
    }
    facts
}

#[cfg(test)]
mod tests;
