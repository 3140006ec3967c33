//! What all sheets have: a title that names estate, pod and RO or RW; a line for complaints; the keys.

use ratatui::layout::Rect;

use crate::{
    core::{
        key_context,
        state::{NoticeKind, State},
    },
    domain::{Session, SessionState, Text},
    ui::{
        chrome::{
            draw_hint_list, draw_hints, draw_prompt, essential_keys, hints_for, place_name, write_mode,
        },
        layout,
        pen::{Pen, Piece, piece, pieces_width},
        text,
        theme::Role,
    },
};

/// The least columns that the name of profile and pod keeps.
const LEAST_PLACE: usize = 8;

/// The parts of an open sheet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet {
    /// What the sheet is about.
    pub(crate) body: Rect,
    message: Rect,
    hints: Rect,
}

impl Sheet {
    /// Opens a sheet: clears its area, draws title and rule.
    pub(crate) fn open(pen: &mut Pen<'_>, state: &State, title: &[Piece<'_>], time: Option<&str>) -> Self {
        Self::open_in(pen, state, layout::sheet(state.screen), title, time)
    }

    /// The same in an area.
    pub(super) fn open_in(
        pen: &mut Pen<'_>,
        state: &State,
        area: Rect,
        title: &[Piece<'_>],
        time: Option<&str>,
    ) -> Self {
        // Where there is room around it, a frame tells the sheet from what is below.
        let framed = area.width + 2 <= state.screen.width && area.height + 2 <= state.screen.height;
        if framed {
            let outer = Rect { x: area.x - 1, y: area.y - 1, width: area.width + 2, height: area.height + 2 };
            pen.clear(outer);
            pen.frame(outer, Role::BorderFocus);
        } else {
            pen.clear(area);
        }
        // On a narrow screen the title needs the room more than its time does.
        let least = pieces_width(title) + LEAST_PLACE + 10;
        let time = time.filter(|time| least + text::width(time) <= usize::from(area.width));
        let mut right = vec![piece("  ", Role::Text), write_mode(state)];
        if state.settings.simulated {
            right.push(piece(" SIM", Role::Warning));
        }
        if let Some(time) = time {
            right.push(piece(format!(" {time}"), Role::Muted));
        }
        right.push(piece(" ", Role::Text));
        let taken = pieces_width(title) + pieces_width(&right) + 3;
        let room = usize::from(area.width).saturating_sub(taken).max(LEAST_PLACE);
        let place = text::cut_middle(&place_name(state), room, pen.glyphs.ellipsis()).into_owned();
        right.insert(0, piece(place, Role::Accent));
        let mut left = vec![piece(" ", Role::Text)];
        left.extend(title.iter().cloned());
        pen.line(area, 0, &left, &right);
        pen.rule(area, 1, Role::Border);
        let row = |y: u16| Rect { y: area.y + y, height: 1, ..area };
        let last = area.height.saturating_sub(1);
        Self {
            body: Rect {
                x: area.x + 1,
                y: area.y + 2,
                width: area.width.saturating_sub(2),
                height: area.height.saturating_sub(4),
            },
            message: row(last.saturating_sub(1)),
            hints: row(last),
        }
    }

    /// Closes it below: a complaint or else `words` at the left, `right` at the right edge; and the keys.
    pub(crate) fn close(
        &self,
        pen: &mut Pen<'_>,
        state: &State,
        complaint: Option<&Text>,
        words: &str,
        right: &str,
    ) {
        let left = match (complaint, &state.notice) {
            (Some(complaint), _) => piece(format!(" ! {complaint}"), Role::Danger),
            (None, Some(notice)) if notice.kind == NoticeKind::Warning => {
                piece(format!(" ! {}", notice.text), Role::Warning)
            }
            (None, Some(notice)) => piece(format!(" {}", notice.text), Role::Info),
            (None, None) => piece(format!(" {words}"), Role::Muted),
        };
        pen.line(self.message, 0, &[left], &[piece(right, Role::Muted), piece(" ", Role::Text)]);
        if state.prompt.is_some() {
            // A line is typed for what the sheet shows.
            draw_prompt(pen, self.hints, self.message, state);
        } else {
            draw_hints(pen, self.hints, state);
        }
    }
}

/// A small box in the middle of the screen, of so many columns and lines inside. Returns what is inside.
pub(super) fn popup(pen: &mut Pen<'_>, state: &State, title: &str, width: u16, lines: u16) -> Rect {
    let area = layout::centred(state.screen, width.saturating_add(4), lines.saturating_add(2));
    popup_in(pen, area, title)
}

/// A small box over an area of the screen. Returns what is inside.
pub(super) fn popup_in(pen: &mut Pen<'_>, area: Rect, title: &str) -> Rect {
    pen.clear(area);
    let inside = pen.frame(area, Role::BorderFocus);
    let heading = Rect { x: area.x + 2, y: area.y, width: area.width.saturating_sub(4), height: 1 };
    pen.text(heading, heading.x, 0, &format!(" {title} "), Role::Accent);
    Rect { x: inside.x.saturating_add(1), width: inside.width.saturating_sub(2), ..inside }
}

/// The hints of the context that has the keys, in one line of a popup.
pub(super) fn popup_hints(pen: &mut Pen<'_>, area: Rect, row: u16, state: &State) {
    let context = key_context(state);
    let hints = hints_for(state, context);
    draw_hint_list(pen, area, row, Vec::new(), hints, &essential_keys(state, context));
}

/// The hints of a menu, in as many lines of so many columns as they need: each is a choice, and none is left out.
pub(super) fn menu_hints(state: &State, width: u16) -> Vec<Vec<(String, String)>> {
    let mut lines: Vec<Vec<(String, String)>> = Vec::new();
    let mut room = 0;
    for (key, words) in hints_for(state, key_context(state)) {
        let wide = text::width(&key) + 1 + text::width(&words);
        if let Some(line) = lines.last_mut().filter(|_| wide <= room) {
            line.push((key, words));
        } else {
            room = usize::from(width);
            lines.push(vec![(key, words)]);
        }
        room = room.saturating_sub(wide + 2);
    }
    lines
}

/// Draws the hints of a menu in the last lines of it.
pub(super) fn draw_menu_hints(pen: &mut Pen<'_>, area: Rect, lines: Vec<Vec<(String, String)>>) {
    let first = area.height.saturating_sub(lines.len() as u16);
    for (row, hints) in (first..).zip(lines) {
        draw_hint_list(pen, area, row, Vec::new(), hints, &[]);
    }
}

/// The first line to show of a list that was scrolled: the last page stays full.
pub(super) fn first_line(scroll: usize, length: usize, height: usize) -> usize {
    scroll.min(length.saturating_sub(height))
}

/// The first line to show so that the cursor's is among them.
pub(super) fn first_around(cursor: usize, height: usize) -> usize {
    (cursor + 1).saturating_sub(height.max(1))
}

/// `1-18 of 35`, or nothing where all is seen.
pub(super) fn part_of(first: usize, height: usize, length: usize) -> String {
    if length <= height {
        String::new()
    } else {
        format!("{}-{} of {length}", first + 1, (first + height).min(length))
    }
}

/// Cells in columns of these widths, separated by blanks. Of an account the name is the last that is cut: on a sheet that
/// asks for a yes nobody must look like somebody else.
pub(super) fn cells(columns: &[(&str, usize)], ellipsis: &str) -> String {
    let cells: Vec<String> =
        columns.iter().map(|(cell, width)| text::account(cell, *width, ellipsis)).collect();
    cells.join(" ")
}

/// User (else the id), letter of the state, pool and machine of a session, `?` for what is not known.
pub(super) fn who_and_where(session: &Session) -> [String; 4] {
    let shown = |text: Option<Text>| text.map_or_else(|| "?".to_owned(), |text| text.to_string());
    // Of a session that ended before it was read, nothing but the id is known.
    let user = session.login().map_or_else(|| session.id.to_string(), |login| login.to_string());
    let letter = match &session.state {
        Some(SessionState::Connected) => "C",
        Some(SessionState::Disconnected) => "D",
        Some(SessionState::Pending) => "P",
        Some(SessionState::Unknown(_)) | None => "?",
    };
    [user, letter.to_owned(), shown(session.pool_label()), shown(session.machine_label())]
}

/// So many rows of a list are measured for the widths of its columns, beside those that are seen.
pub(super) const MEASURED: usize = 300;

/// The same without the domain of the user that all users of the newest list have: it tells nobody apart.
pub(super) fn who_and_where_in(state: &State, session: &Session) -> [String; 4] {
    let [user, letter, pool, machine] = who_and_where(session);
    let only = state.sessions.newest().and_then(|table| table.only_domain());
    let bare = user
        .rsplit_once('@')
        .filter(|(_, domain)| only.is_some_and(|only| only.as_str().eq_ignore_ascii_case(domain)));
    let user = bare.map(|(name, _)| name.to_owned()).unwrap_or(user);
    [user, letter, pool, machine]
}

/// The columns that the widest of these cells need, titles included.
pub(super) fn needed<const N: usize>(
    titles: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> [usize; N] {
    rows.fold(titles.map(text::width), |mut widths, row| {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = (*width).max(text::width(cell));
        }
        widths
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_account_the_domain_is_cut_before_the_name() {
        let one = cells(&[("alvarez.dora@corp.example", 15), ("D", 2)], "…");
        let other = cells(&[("alvarez.abel@corp.example", 15), ("D", 2)], "…");
        assert!(one.starts_with("alvarez.dora@") && other.starts_with("alvarez.abel@"), "{one} {other}");
        assert_eq!(text::width(&one), 18);
    }
}
