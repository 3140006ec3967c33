//! Everything about the node under the cursor: in a few lines below the tree, beside it, or as a sheet.

use ratatui::layout::Rect;

use crate::{
    core::{
        command::{Command, Context},
        images::{Detail, ImageNode, Shelf, detail, status_words},
        remote::Remote,
        state::State,
    },
    ui::{
        pen::{Pen, piece},
        text,
        theme::Role,
        time::Clock,
    },
};

use super::{
    page::{Line, draw_page, wrapped},
    sheet::Sheet,
};

/// Columns of the labels.
const LABEL: usize = 18;

/// Draws a few lines below the tree: what it is and who uses it, then what would follow from changing it.
pub(crate) fn draw_below(pen: &mut Pen<'_>, area: Rect, state: &State, shelf: &Shelf<'_>) {
    if area.height < 2 {
        return;
    }
    pen.rule(area, 0, Role::Border);
    let inside =
        Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height - 1 };
    let notes = notes(shelf);
    let node = state.images.cursor.as_ref().filter(|node| shelf.has(node));
    let mut lines: Vec<Line> = Vec::new();
    if let Some(node) = node {
        lines.push(summary(state, shelf, node));
    }
    lines.extend(notes.into_iter().map(|note| Line::of(note, Role::Warning)));
    if let Some(told) = node.and_then(|node| detail(shelf, node, &state.images, state.now)) {
        let outlook = told.outlook.iter().flat_map(|(words, attention)| {
            let (lead, role) = if *attention { ("! ", Role::Warning) } else { ("", Role::Text) };
            wrapped(lead, words.as_str(), role, inside.width)
        });
        lines.extend(outlook);
    }
    // What is left out is said, not only cut.
    let height = usize::from(inside.height);
    let more = lines.len().saturating_sub(height);
    if more > 0
        && let Some(last) = lines.get_mut(height - 1)
    {
        let key = state.key(Context::Images, Command::NodeDetail);
        last.right =
            vec![piece(format!("{key}: {} more", text::counted(more, "line", "lines")), Role::Muted)];
    }
    for (row, line) in (0..inside.height).zip(&lines) {
        line.draw(pen, inside, row);
    }
}

/// One line: path, status, who uses it.
fn summary(state: &State, shelf: &Shelf<'_>, node: &ImageNode) -> Line {
    let mut left = vec![
        piece(format!("{} ", node.kind()), Role::Muted),
        piece(shelf.path(node).to_string(), Role::Accent),
    ];
    if let Some(status) = status_words(shelf, node, &state.images, state.now) {
        left.push(piece(format!("  {status}"), Role::Text));
    }
    if !matches!(node, ImageNode::Asset(_)) {
        let words = match node {
            ImageNode::Use(..) => shelf.usage(node).words(),
            _ => format!("used by: {}", shelf.usage(node).words()),
        };
        left.push(piece(format!("  {words}"), Role::Text));
    }
    Line::new(left)
}

/// What the operator must know of the book as a whole.
fn notes(shelf: &Shelf<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(why) = shelf.uses_unknown() {
        notes.push(format!("! who uses what cannot be told ({why})"));
    }
    if let Some(gap) = shelf.book.gaps.first() {
        let more = shelf.book.gaps.len() - 1;
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        notes.push(format!("! not all was read: {}: {}{more}", gap.operation, gap.message));
    }
    if shelf.book.unreadable > 0 {
        notes.push(format!(
            "! {} of the answer could not be understood",
            text::counted(shelf.book.unreadable, "row", "rows")
        ));
    }
    notes
}

/// Draws everything beside the tree, on wide screens.
pub(crate) fn draw_panel(pen: &mut Pen<'_>, area: Rect, state: &State, shelf: &Shelf<'_>) {
    if area.width == 0 || area.height < 3 {
        return;
    }
    pen.wall(area, Role::Border);
    let inside = Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
    let node = state.images.cursor.as_ref().filter(|node| shelf.has(node));
    let Some((node, told)) =
        node.and_then(|node| Some((node, detail(shelf, node, &state.images, state.now)?)))
    else {
        pen.text(inside, inside.x, 0, "nothing under the cursor", Role::Muted);
        return;
    };
    let title =
        [piece(format!("{} ", node.kind()), Role::Muted), piece(shelf.path(node).to_string(), Role::Accent)];
    pen.line(inside, 0, &title, &[]);
    pen.rule(inside, 1, Role::Border);
    let list = Rect { y: inside.y + 2, height: inside.height - 2, ..inside };
    let mut lines: Vec<Line> =
        notes(shelf).iter().flat_map(|note| wrapped("", note, Role::Warning, list.width)).collect();
    lines.extend(page(&told, list.width));
    draw_page(pen, list, &lines, 0);
}

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, node: &ImageNode, scroll: usize, clock: &Clock) {
    let book = state.images.book.value();
    let shelf = book.map(|book| Shelf::new(book, &state.images.live));
    let name = shelf.as_ref().map_or_else(|| node.to_string(), |shelf| shelf.path(node).to_string());
    let kind = format!("{}  ", node.kind().to_uppercase());
    let title = [piece(kind, Role::Accent), piece(name, Role::Heading)];
    let time = state.images.book.read_at().map(|at| clock.time(at));
    let sheet = Sheet::open(pen, state, &title, time.as_deref());
    let told = shelf.as_ref().and_then(|shelf| detail(shelf, node, &state.images, state.now));
    let (Some(shelf), Some(told)) = (shelf, told) else {
        let words = "GONE: it is not in the newest list any more.";
        pen.text(sheet.body, sheet.body.x, 0, words, Role::Warning);
        return sheet.close(pen, state, None, "", "");
    };
    let mut lines: Vec<Line> =
        notes(&shelf).iter().flat_map(|note| wrapped("", note, Role::Warning, sheet.body.width)).collect();
    lines.extend(page(&told, sheet.body.width));
    let part = draw_page(pen, sheet.body, &lines, scroll);
    let old = if matches!(state.images.book, Remote::Stale { .. }) { "OLD DATA" } else { "" };
    sheet.close(pen, state, None, old, &part);
}

/// Fields with their labels, then what would follow from changing it.
fn page(told: &Detail, width: u16) -> Vec<Line> {
    let mut lines = Vec::new();
    let room = usize::from(width).saturating_sub(LABEL).max(8);
    for (label, value) in &told.fields {
        let (value, role) = match value {
            Some(value) if value.is_empty() => ("(empty)", Role::Muted),
            Some(value) => (value.as_str(), Role::Text),
            None => ("?", Role::Disabled),
        };
        for (place, part) in text::wrap(value, room).into_iter().enumerate() {
            let label = text::left(if place == 0 { label } else { "" }, LABEL, "");
            lines.push(Line::new(vec![piece(label, Role::Muted), piece(part.trim_end().to_owned(), role)]));
        }
    }
    if !told.outlook.is_empty() {
        lines.push(Line::blank());
        lines.push(Line::of("WHAT WOULD FOLLOW", Role::Heading));
    }
    for (words, attention) in &told.outlook {
        let (lead, role) = if *attention { ("! ", Role::Warning) } else { ("  ", Role::Text) };
        lines.extend(wrapped(lead, words.as_str(), role, width));
    }
    lines
}
