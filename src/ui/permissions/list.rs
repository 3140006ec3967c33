//! Titles and rows of the list.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::{
    core::{
        permissions::{Deed, Grant, PermissionRow, Regroup},
        rows::GUTTER,
        state::{Focus, State},
    },
    domain::PrincipalKind,
    ui::{pen::Pen, text, theme::Role},
};

/// What stands where something was made here and did not come with the product.
const CUSTOM: &str = " *";
/// From this width on there is room for the whole matrix.
const WHOLE_MATRIX: u16 = 74;
/// What a narrow screen shows of the matrix.
const NARROW: [Deed; 4] = [Deed::Message, Deed::Logoff, Deed::Reset, Deed::ManagePermissions];
/// The flags have this width.
const FLAGS: usize = 2;

/// A column of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Principal,
    Role,
    Group,
    FederationGroup,
}

impl Text {
    fn title(self) -> &'static str {
        match self {
            Self::Principal => "PRINCIPAL",
            Self::Role => "ROLE",
            Self::Group => "ACCESS GROUP",
            Self::FederationGroup => "FEDERATION",
        }
    }

    fn of(self, row: &PermissionRow<'_>) -> String {
        match self {
            Self::Principal => row.principal.to_string(),
            Self::Role if row.custom == Some(true) => format!("{}{CUSTOM}", row.role),
            Self::Role => row.role.to_string(),
            Self::Group => row.local_group.to_string(),
            Self::FederationGroup => {
                row.federation_group.as_ref().map_or_else(String::new, ToString::to_string)
            }
        }
    }

    /// The columns, that by which the list is grouped first.
    fn order(group: Regroup, federation: bool) -> Vec<Self> {
        let mut order = match group {
            Regroup::Principal => vec![Self::Principal, Self::Role, Self::Group],
            Regroup::Role => vec![Self::Role, Self::Principal, Self::Group],
            Regroup::AccessGroup => vec![Self::Group, Self::Principal, Self::Role],
        };
        if federation {
            order.push(Self::FederationGroup);
        }
        order
    }
}

/// The columns with their widths.
struct Columns {
    texts: Vec<(Text, usize)>,
    deeds: Vec<Deed>,
}

impl Columns {
    /// What fits. Widths follow the whole list and not what is shown of it, so that filtering and scrolling move nothing.
    fn fitting(width: u16, state: &State) -> Self {
        let tab = &state.permissions;
        let deeds = if width >= WHOLE_MATRIX { Deed::ALL.to_vec() } else { NARROW.to_vec() };
        let all: Vec<PermissionRow<'_>> = tab.book.value().map_or_else(Vec::new, |book| {
            book.permissions.iter().map(|permission| PermissionRow::new(book, permission)).collect()
        });
        let federation = width >= 110 && all.iter().any(|row| row.federation_group.is_some());
        let mut texts: Vec<(Text, usize)> = Text::order(tab.group, federation)
            .into_iter()
            .map(|column| {
                let widest = all.iter().map(|row| text::width(&column.of(row))).max().unwrap_or(0);
                (column, widest.max(text::width(column.title())))
            })
            .collect();
        // Blanks between columns, the kind beside the principal, the matrix, the flags.
        let taken = texts.len() + 2 + deeds.len() * 4 + FLAGS;
        let room = usize::from(width.saturating_sub(GUTTER)).saturating_sub(taken);
        while texts.iter().map(|(_, width)| width).sum::<usize>() > room {
            match texts.iter_mut().max_by_key(|(_, width)| *width) {
                Some((_, widest)) if *widest > 1 => *widest -= 1,
                _ => break,
            }
        }
        Self { texts, deeds }
    }
}

/// Draws titles and the rows of a range.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    header: Rect,
    list: Rect,
    state: &State,
    rows: &[PermissionRow<'_>],
    shown: Range<usize>,
) {
    let columns = Columns::fitting(list.width, state);
    draw_header(pen, header, &columns);
    for (row, place) in (0..list.height).zip(shown.clone()) {
        let Some(permission) = rows.get(place) else {
            break;
        };
        // The first row that is shown always says what it belongs to.
        let above =
            place.checked_sub(1).filter(|above| shown.contains(above)).and_then(|above| rows.get(above));
        let group = state.permissions.group;
        let repeated = above.is_some_and(|above| {
            above.heading(group) == permission.heading(group)
                && (group != Regroup::Principal
                    || above.permission.principal == permission.permission.principal)
        });
        draw_row(pen, list, row, state, &columns, permission, repeated);
    }
}

fn draw_header(pen: &mut Pen<'_>, area: Rect, columns: &Columns) {
    pen.tint(area, 0, Role::Heading);
    let mut x = area.x + GUTTER;
    for (column, width) in &columns.texts {
        pen.text(area, x, 0, text::head(column.title(), *width), Role::Heading);
        x += *width as u16 + 1;
        if *column == Text::Principal {
            x += 2;
        }
    }
    for deed in &columns.deeds {
        x = pen.text(area, x, 0, deed.title(), Role::Heading) + 1;
    }
    pen.text(area, x, 0, "!", Role::Heading);
}

fn draw_row(
    pen: &mut Pen<'_>,
    area: Rect,
    row: u16,
    state: &State,
    columns: &Columns,
    permission: &PermissionRow<'_>,
    repeated: bool,
) {
    let id = &permission.permission.id;
    let cursor = state.permissions.cursor.as_ref() == Some(id);
    let marked = state.permissions.marks.contains(id);
    if cursor {
        pen.text(area, area.x, row, ">", Role::Accent);
    }
    if marked {
        pen.text(area, area.x + 1, row, "*", Role::Mark);
    }
    let dead = permission.flags.contains(&crate::core::permissions::PermissionFlag::Dead);
    let mut x = area.x + GUTTER;
    for (place, (column, width)) in columns.texts.iter().enumerate() {
        // What the row above says already is not said again, except where the cursor stands.
        let cell = if place == 0 && repeated && !cursor { String::new() } else { column.of(permission) };
        let role = match column {
            _ if marked => Role::Mark,
            Text::Principal if dead => Role::Warning,
            _ => Role::Text,
        };
        // The ends of names tell them apart: `(Read only)` too.
        pen.text(area, x, row, &text::cut_middle(&cell, *width, pen.glyphs.ellipsis()), role);
        x += *width as u16 + 1;
        if *column == Text::Principal {
            let kind = permission.permission.principal_kind;
            let role = if kind == PrincipalKind::Unknown { Role::Warning } else { Role::Muted };
            pen.text(area, x, row, &kind.letter().to_string(), role);
            x += 2;
        }
    }
    for deed in &columns.deeds {
        let grant = Deed::ALL.iter().position(|other| other == deed).and_then(|at| permission.grants.get(at));
        let letter = grant.map_or('?', Grant::letter);
        let role = match grant {
            Some(Grant::Yes(_)) => Role::Success,
            Some(Grant::Federated(_)) => Role::Info,
            Some(Grant::No(_)) => Role::Muted,
            Some(Grant::Unknown(_)) | None => Role::Warning,
        };
        pen.text(area, x, row, &format!(" {letter}"), role);
        x += 4;
    }
    let flags: String = permission.flags.iter().map(|flag| flag.letter()).collect();
    pen.text(area, x, row, &flags, Role::Warning);
    if cursor {
        let first = columns.texts.first().map_or(0, |(_, width)| *width as u16);
        pen.cursor_row(area, row, GUTTER + first, state.focus == Focus::Table);
    }
}
