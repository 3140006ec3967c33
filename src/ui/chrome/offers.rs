//! What is offered for a `:` line, above it; the list begins with the best.

use ratatui::layout::Rect;

use crate::{
    core::{
        key_context,
        palette::{self, Offer},
        state::{Prompt, PromptKind, State},
    },
    ui::{
        pen::{Pen, piece},
        text,
        theme::Role,
    },
};

/// Rows of the list at most.
const MOST: usize = 10;

/// Draws the list above a row of the screen.
pub(super) fn draw(pen: &mut Pen<'_>, below: Rect, state: &State, prompt: &Prompt) {
    if prompt.kind != PromptKind::Command {
        return;
    }
    let offers = palette::offers(state, key_context(state), prompt.typed());
    let height = offers.len().min(MOST).min(usize::from(below.y) / 2);
    if height == 0 {
        return;
    }
    let chosen = prompt.taken.as_ref().map(|(_, place)| *place);
    let first = chosen.map_or(0, |place| (place + 1).saturating_sub(height));
    let area = Rect { y: below.y - height as u16 - 1, height: height as u16 + 1, ..below };
    pen.clear(area);
    pen.rule(area, 0, Role::BorderFocus);
    let count = text::counted(offers.len(), "command", "commands");
    let shown = if offers.len() > height { format!(", {height} shown") } else { String::new() };
    pen.text(area, area.x + 2, 0, &format!(" {count}{shown}   Tab takes the next ones "), Role::Muted);
    let name = offers.iter().map(name_width).max().unwrap_or(0);
    let name = name.min(usize::from(area.width) / 2);
    for (row, (place, offer)) in (1..).zip(offers.iter().enumerate().skip(first).take(height)) {
        draw_offer(pen, area, row, offer, name, chosen == Some(place));
    }
}

fn name_width(offer: &Offer) -> usize {
    text::width(&offer.line) + 1 + if offer.argument.is_empty() { 0 } else { text::width(offer.argument) + 1 }
}

fn draw_offer(pen: &mut Pen<'_>, area: Rect, row: u16, offer: &Offer, name: usize, is_chosen: bool) {
    let ellipsis = pen.glyphs.ellipsis();
    let line = text::cut(&offer.line, name.saturating_sub(1), ellipsis);
    let argument = if offer.argument.is_empty() { String::new() } else { format!(" {}", offer.argument) };
    let room = name.saturating_sub(text::width(&line) + 1);
    let argument = text::left(&argument, room, ellipsis);
    let keys = if offer.keys.is_empty() { String::new() } else { format!(" {} ", offer.keys) };
    let room = usize::from(area.width).saturating_sub(name + 4 + text::width(&keys));
    let meaning = text::cut(&offer.meaning, room, ellipsis);
    let lead = if is_chosen { " >:" } else { "  :" };
    pen.line(
        area,
        row,
        &[
            piece(lead, Role::Accent),
            piece(line.as_ref(), Role::Key),
            piece(argument, Role::Muted),
            piece(format!(" {meaning}"), Role::Text),
        ],
        &[piece(keys, Role::Muted)],
    );
    if is_chosen {
        pen.tint(area, row, Role::Selection);
    }
}
