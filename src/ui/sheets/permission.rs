//! The details of a permission, and the answer to `:can`.

use crate::{
    core::state::State,
    domain::{PermissionId, Text},
    ui::{
        pen::{Pen, piece},
        permissions::detail,
        theme::Role,
        time::Clock,
    },
};

use super::{
    page::{Line, draw_page, wrapped},
    sheet::Sheet,
};

/// Draws the details.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    permission: &PermissionId,
    scroll: usize,
    _clock: &Clock,
) {
    let known = state.permissions.book.value().and_then(|book| book.permission(permission));
    let name = known.map_or_else(|| permission.to_string(), |known| known.principal_label().to_string());
    let title = [piece("PERMISSION  ", Role::Accent), piece(name, Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let lines = detail::lines(state, permission, sheet.body.width);
    let part = draw_page(pen, sheet.body, &lines, scroll);
    sheet.close(pen, state, None, "", &part);
}

/// Draws an answer: the word for it first, then the reasons.
pub(super) fn draw_answer(pen: &mut Pen<'_>, state: &State, title: &Text, lines: &[Text], scroll: usize) {
    let heading = [piece("QUESTION  ", Role::Accent), piece(title.as_str(), Role::Heading)];
    let sheet = Sheet::open(pen, state, &heading, None);
    let width = sheet.body.width;
    let mut shown = wrapped("", &format!("{title}?"), Role::Heading, width);
    shown.push(Line::blank());
    let mut rest = lines.iter();
    if let Some(word) = rest.next() {
        let role = match word.as_str() {
            "yes" => Role::Success,
            "no" => Role::Danger,
            "unknown" => Role::Warning,
            _ => Role::Muted,
        };
        shown.extend(wrapped("", word.as_str(), role, width));
        shown.push(Line::blank());
    }
    shown.extend(rest.flat_map(|reason| wrapped("  - ", reason.as_str(), Role::Text, width)));
    let part = draw_page(pen, sheet.body, &shown, scroll);
    sheet.close(pen, state, None, "", &part);
}
