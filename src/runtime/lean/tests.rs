//! Every frame is played through a terminal emulator: what it shows is the buffer, whatever was there before.

use proptest::prelude::*;
use ratatui::{
    layout::Rect,
    style::{Color, Modifier, Style},
};

use super::*;

mod screens;

/// Looks that themes use, and what makes trouble. Not bold and dim in one: the emulator knows only one of them.
fn styles() -> Vec<Style> {
    let plain = Style::new();
    vec![
        plain,
        plain,
        plain,
        plain.fg(Color::Cyan).add_modifier(Modifier::BOLD),
        plain.fg(Color::Black).bg(Color::Cyan),
        plain.fg(Color::Gray).add_modifier(Modifier::DIM),
        plain.add_modifier(Modifier::REVERSED),
        plain.fg(Color::Yellow).add_modifier(Modifier::UNDERLINED),
        plain.fg(Color::Indexed(208)),
        plain.bg(Color::Rgb(1, 2, 3)),
    ]
}

/// Words of which screens are made: many blanks, wide characters, characters of several code points.
const WORDS: &[&str] = &[
    "      ",
    "   ",
    " ",
    "                ",
    "alvarez.m",
    "D",
    "4h31m",
    "fin-w11",
    "│",
    "王伟",
    "e\u{301}va",
    "…",
    "ｆ",
    "────",
    "*",
    ">",
    "zz",
    "FINW11-014",
];

/// Words in styles.
type Words = Vec<(usize, usize)>;

/// A row: words in styles, cut at the edge.
fn row() -> impl Strategy<Value = Words> {
    prop::collection::vec((0..WORDS.len(), 0..styles().len()), 0..7)
}

fn screen(width: u16, rows: &[Words]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, rows.len() as u16));
    for (y, row) in (0..).zip(rows) {
        write_words(&mut buffer, (0, y), width, row);
    }
    buffer
}

/// Writes words from a place on, cut at a column.
fn write_words(buffer: &mut Buffer, (mut x, y): (u16, u16), end: u16, words: &[(usize, usize)]) {
    for (word, style) in words {
        if x < end {
            let room = usize::from(end - x);
            (x, _) = buffer.set_stringn(x, y, WORDS[*word], room, styles()[*style]);
        }
    }
}

/// What happens between two frames.
#[derive(Debug, Clone)]
enum Change {
    Nothing,
    Row(usize, Words),
    /// Rows of a part move, up or down, and others come.
    Scroll {
        top: usize,
        bottom: usize,
        by: usize,
        down: bool,
        row: Words,
    },
    /// A row looks different from its first column on.
    Highlight(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let scroll = (0..12_usize, 0..12_usize, 1..4_usize, any::<bool>(), row());
    prop_oneof![
        1 => Just(Change::Nothing),
        3 => (0..12_usize, row()).prop_map(|(y, row)| Change::Row(y, row)),
        4 => scroll.prop_map(|(one, other, by, down, row)| Change::Scroll {
            top: one.min(other), bottom: one.max(other) + 1, by, down, row
        }),
        2 => (0..12_usize).prop_map(Change::Highlight),
    ]
}

fn apply(rows: &mut [Words], change: &Change) {
    match change {
        Change::Nothing => {}
        Change::Row(y, row) => {
            if let Some(old) = rows.get_mut(*y) {
                old.clone_from(row);
            }
        }
        Change::Scroll { top, bottom, by, down, row } => {
            let bottom = (*bottom).min(rows.len());
            if *top >= bottom {
                return;
            }
            let part = &mut rows[*top..bottom];
            let by = (*by).min(part.len());
            if *down {
                part.rotate_right(by);
                part[..by].fill(row.clone());
            } else {
                part.rotate_left(by);
                let from = part.len() - by;
                part[from..].fill(row.clone());
            }
        }
        Change::Highlight(y) => {
            if let Some(word) = rows.get_mut(*y).and_then(|row| row.first_mut()) {
                word.1 = 4;
            }
        }
    }
}

fn color(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Black => vt100::Color::Idx(0),
        Color::Red => vt100::Color::Idx(1),
        Color::Green => vt100::Color::Idx(2),
        Color::Yellow => vt100::Color::Idx(3),
        Color::Cyan => vt100::Color::Idx(6),
        Color::Gray => vt100::Color::Idx(7),
        Color::LightRed => vt100::Color::Idx(9),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::LightMagenta => vt100::Color::Idx(13),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        other => panic!("{other} is not used here"),
    }
}

fn emulator(buffer: &Buffer) -> vt100::Parser {
    let size = |length| std::num::NonZeroU16::new(length).unwrap();
    vt100::Parser::new(size(buffer.area.height), size(buffer.area.width), 0)
}

/// Fails where the emulator does not show a cell as the buffer has it.
fn assert_shows(terminal: &vt100::Parser, buffer: &Buffer, bytes: &[u8]) {
    for (y, row) in rows(buffer).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let (symbol, width) = glyph(row, x);
            let cell = terminal.screen().cell(y as u16, x as u16).unwrap();
            let shown = if cell.has_contents() { cell.contents() } else { " " };
            let place = || format!("at {x},{y} after {:?}", String::from_utf8_lossy(bytes));
            assert_eq!(shown, symbol, "{}", place());
            let mut modifier = Modifier::empty();
            modifier.set(Modifier::BOLD, cell.bold());
            modifier.set(Modifier::DIM, cell.dim());
            modifier.set(Modifier::UNDERLINED, cell.underline());
            modifier.set(Modifier::REVERSED, cell.inverse());
            let wanted = &row[x];
            let mut attributes = wanted.modifier;
            if attributes.contains(Modifier::BOLD | Modifier::DIM) {
                // The emulator knows only one of them.
                modifier.remove(Modifier::BOLD | Modifier::DIM);
                attributes.remove(Modifier::BOLD | Modifier::DIM);
            }
            let blank = Modifier::UNDERLINED | Modifier::REVERSED;
            assert_eq!(cell.bgcolor(), color(wanted.bg), "{}", place());
            if symbol == " " && !wanted.modifier.intersects(blank) {
                assert!(!modifier.intersects(blank), "{}", place());
            } else {
                assert_eq!(modifier, attributes, "{}", place());
                assert_eq!(cell.fgcolor(), color(wanted.fg), "{}", place());
            }
            x += width;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_terminal_shows_what_was_drawn_and_moving_rows_never_costs_more(
        width in 6..44_u16,
        first in prop::collection::vec(row(), 1..12),
        frames in prop::collection::vec(prop::collection::vec(change(), 1..4), 1..5),
    ) {
        let mut rows = first;
        let mut shown = Buffer::empty(Rect::new(0, 0, width, rows.len() as u16));
        let mut terminal = emulator(&shown);
        for changes in std::iter::once(Vec::new()).chain(frames) {
            for change in &changes {
                apply(&mut rows, change);
            }
            let drawn = screen(width, &rows);
            // As if it were always worth it.
            if let Some(bytes) = shift::shifted(&shown, &drawn) {
                let mut other = emulator(&shown);
                other.process(&repainted(&Buffer::empty(shown.area), &shown));
                other.process(&bytes);
                assert_shows(&other, &drawn, &bytes);
            }
            let bytes = difference(&shown, &drawn, true);
            prop_assert!(bytes.len() <= difference(&shown, &drawn, false).len());
            terminal.process(&bytes);
            assert_shows(&terminal, &drawn, &bytes);
            prop_assert!(difference(&drawn, &drawn, true).is_empty());
            shown = drawn;
        }
    }
}

/// A screen with a table between two panes. Nothing keeps wide characters from standing at the edges.
fn beside(panes: [u16; 2], width: u16, left: &[Words], table: &[Words], right: &[Words]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, left.len() as u16));
    let edge = panes[0].min(width);
    let end = width.saturating_sub(panes[1]).max(edge);
    for (y, row) in (0_u16..).zip(table.iter().zip(left).zip(right)) {
        let ((table, left), right) = row;
        write_words(&mut buffer, (0, y), edge, left);
        write_words(&mut buffer, (end, y), width, right);
        write_words(&mut buffer, (edge, y), end, table);
    }
    buffer
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn rows_move_between_panes_that_stay(
        (width, panes) in (20..60_u16, [0..24_u16, 0..16_u16]),
        list in prop::collection::vec([row(), row(), row()], 3..16),
        (by, down, head, highlit) in (1..4_usize, any::<bool>(), 0..3_usize, 0..16_usize),
    ) {
        let height = list.len() - by.min(list.len() - 1);
        let column = |place: usize| list.iter().map(|row| row[place].clone()).collect::<Vec<_>>();
        let (left, table, right) = (column(0), column(1), column(2));
        // The first lines of the table stay as well: its head.
        let part = |from: usize| {
            let mut rows = table[..head.min(height)].to_vec();
            rows.extend(table[from..].iter().skip(rows.len()).take(height - rows.len()).cloned());
            if let Some(word) = rows.get_mut(highlit).and_then(|row| row.first_mut()) {
                word.1 = 4;
            }
            beside(panes, width, &left[..height], &rows, &right[..height])
        };
        let last = list.len() - height;
        let (before, after) = if down { (part(last), part(0)) } else { (part(0), part(last)) };
        let ways = [Some(repainted(&before, &after)), shift::shifted(&before, &after)];
        for way in ways.iter().flatten() {
            let mut terminal = emulator(&before);
            terminal.process(&repainted(&Buffer::empty(before.area), &before));
            assert_shows(&terminal, &before, &[]);
            terminal.process(way);
            assert_shows(&terminal, &after, way);
        }
        let least = ways.iter().flatten().map(Vec::len).min();
        prop_assert!(Some(difference(&before, &after, true).len()) <= least.max(Some(WORTH_A_SHIFT)));
    }
}

fn drawn(lines: &[&str]) -> Buffer {
    Buffer::with_lines(lines.iter().copied())
}

fn said(before: &Buffer, after: &Buffer) -> String {
    String::from_utf8(difference(before, after, true)).unwrap().replace('\x1b', "^")
}

fn plainly(before: &Buffer, after: &Buffer) -> String {
    String::from_utf8(difference(before, after, false)).unwrap().replace('\x1b', "^")
}

#[test]
fn a_changed_digit_costs_its_place_and_itself() {
    let before = drawn(&["14:02:14Z ok", "            "]);
    let after = drawn(&["14:02:15Z ok", "            "]);
    assert_eq!(said(&before, &after), "^[1;8H5");
    assert_eq!(said(&before, &drawn(&["14:02:59Z ok", "            "])), "^[1;7H59");
    assert_eq!(said(&before, &before), "");
}

#[test]
fn short_gaps_are_written_again_and_long_ones_jumped_over() {
    let before = drawn(&["abc defghijklmnop", "                 ", "x                "]);
    assert_eq!(said(&before, &drawn(&["Abc Defghijklmnop", "", "x                "])), "^[HAbc D");
    assert_eq!(said(&before, &drawn(&["Abc defghijklmnoP", "", "x                "])), "^[HA^[15CP");
    assert_eq!(said(&before, &drawn(&["Abc defghijklmnop", "B", "x                "])), "^[HA\r\nB");
    assert_eq!(said(&before, &drawn(&["a", "", "x                "])), "^[1;2H^[K");
}

/// Rows that have little in common, as those of a list of people.
fn people(rows: std::ops::Range<usize>) -> Vec<String> {
    rows.map(|row| {
        let mut number = (row + 7) * 123_457 % 2_147_483_647;
        let mut letter = || {
            number = number * 48_271 % 2_147_483_647;
            char::from(b'a' + (number % 26) as u8)
        };
        (0..30).map(|_| letter()).collect()
    })
    .collect()
}

#[test]
fn a_row_that_scrolls_in_costs_itself() {
    let screen = |from: usize| {
        let mut lines = vec!["the head of the list, which stays".to_owned()];
        lines.extend(people(from..from + 8));
        lines.push("the foot of the list, which stays".to_owned());
        Buffer::with_lines(lines)
    };
    let names = people(0..12);
    assert_eq!(said(&screen(0), &screen(1)), format!("^[2;9r^[2H^[M^[r^[9H{}", names[8]));
    assert_eq!(said(&screen(1), &screen(0)), format!("^[2;9r^[2H^[L^[r^[2H{}", names[0]));
    let three = format!("^[2;9r^[2H^[3M^[r^[7H{}\r\n{}\r\n{}", names[8], names[9], names[10]);
    assert_eq!(said(&screen(0), &screen(3)), three);
    // A terminal that cannot move rows gets all of them anew.
    let anew = difference(&screen(0), &screen(1), false);
    assert!(anew.len() > 8 * 30 && !anew.contains(&b'M'));
}

#[test]
fn rows_move_beside_a_pane_that_stands_still() {
    let screen = |from: usize| {
        let pane = ["pools", "", "  one", "  two", "  six", "", "hosts", "  one"];
        let rows = pane.iter().zip(people(from..from + 8)).map(|(pane, row)| format!("{pane:8}|{row}"));
        Buffer::with_lines(rows)
    };
    let names = people(0..10);
    // What stands beside the rows is written again, as far as the row below it was different there.
    let down = said(&screen(0), &screen(1));
    let moved = "^[H^[M^[Hpools\r\n     \r\n  one\r\n  two\r\n  six\r\n     \r\nhosts\r\n  one   |";
    assert_eq!(down, format!("{moved}{}", names[8]));
    let up = said(&screen(1), &screen(0));
    assert!(up.starts_with("^[H^[L^[Hpools") && up.len() < 110, "{up}");
    // Where that costs more than the rows, nothing is moved.
    let wide = |from: usize| {
        let pane = people(50..58);
        let rows = pane.iter().zip(people(from..from + 8)).map(|(pane, row)| format!("{pane}|{row:.20}"));
        Buffer::with_lines(rows)
    };
    assert_eq!(said(&wide(0), &wide(1)), plainly(&wide(0), &wide(1)));
}

#[test]
fn two_panes_may_move_in_one_frame() {
    let screen = |table: usize, events: usize| {
        let mut lines = people(table..table + 8);
        lines.push("--------------------------------------".to_owned());
        lines.extend(people(events..events + 6));
        Buffer::with_lines(lines)
    };
    let bytes = said(&screen(10, 100), &screen(11, 102));
    assert_eq!(bytes.matches('M').count(), 2, "{bytes}");
    assert!(bytes.len() < 170, "{bytes}");
}

#[test]
fn what_a_terminal_may_take_to_be_wider_never_moves_what_follows() {
    let before = drawn(&["                    ", "                    "]);
    let after = drawn(&["王 x e\u{301}va  … long", "a"]);
    // Behind a wide character, one of several code points, or a gap after a sign that some take to be wide, the column is named.
    assert_eq!(said(&before, &after), "^[H王^[4Gx e\u{301}^[7Gva  …^[13Glong^[2Ha");
}
