//! What follows a message, in the composer.

use ratatui::layout::Rect;

use crate::{
    core::state::{Composer, ComposerField, Then},
    ui::{
        pen::{Pen, Piece, piece},
        theme::Role,
    },
};

use super::composer::{label, value_area};

/// Draws the choice, and the minutes of the wait below it; returns the row below.
pub(super) fn draw(pen: &mut Pen<'_>, body: Rect, row: u16, composer: &Composer) -> u16 {
    let then = composer.then.then;
    let focused = composer.field == ComposerField::Then;
    label(pen, body, row, "Then", focused);
    let mut pieces = Vec::new();
    for choice in Then::ALL {
        let chosen = choice == then;
        let mark = if chosen { "*" } else { " " };
        let role = match (chosen, choice) {
            (true, Then::Force) => Role::Forced,
            (true, Then::Logoff) => Role::Warning,
            (true, Then::Nothing) => Role::Text,
            (false, _) => Role::Muted,
        };
        pieces.push(piece(format!("[{mark}{}{mark}]  ", name(choice)), role));
    }
    let keys = if focused { vec![piece("n / l / f", Role::Muted)] } else { Vec::new() };
    pen.line(value_area(body), row, &pieces, &keys);
    if then == Then::Nothing {
        return row + 1;
    }
    let mut pieces = Vec::new();
    let mut part = |before: &str, field: ComposerField, text: &str, after: &str| {
        let (role, cursor) = if composer.field == field {
            (Role::Input, if composer.fresh { "" } else { "_" })
        } else {
            (Role::Text, "")
        };
        let parts: [Piece<'static>; 3] = [
            piece(before.to_owned(), Role::Muted),
            piece(format!("[{text}{cursor}]"), role),
            piece(after.to_owned(), Role::Muted),
        ];
        pieces.extend(parts);
    };
    part("after ", ComposerField::Wait, &composer.then.wait, " min");
    part(", remind at ", ComposerField::Remind, &composer.then.remind, "; skip who left");
    if then == Then::Force {
        part("; force after ", ComposerField::ForceAfter, &composer.then.force_after, "");
    }
    pen.line(value_area(body), row + 1, &pieces, &[]);
    row + 2
}

fn name(then: Then) -> &'static str {
    match then {
        Then::Nothing => "nothing more",
        Then::Logoff => "log off",
        Then::Force => "log off, then force those locked",
    }
}
