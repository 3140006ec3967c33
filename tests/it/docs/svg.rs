//! A screen as a picture: text in SVG, in the colours that the terminal got.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

/// The width and height of a cell, and the room around the screen, in pixels.
const CELL: (f64, f64) = (8.4, 18.0);
const MARGIN: f64 = 10.0;

/// The paper and the ink of a terminal: programs leave them alone, and a picture needs them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paper {
    pub(crate) background: &'static str,
    pub(crate) text: &'static str,
}

/// What a terminal looks like that is dark.
pub(crate) const DARK: Paper = Paper { background: "#12161d", text: "#d3d7de" };
/// What a terminal looks like that is light.
pub(crate) const LIGHT: Paper = Paper { background: "#fbfbf8", text: "#22262c" };

/// How a run of cells looks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    text: String,
    background: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

impl Look {
    fn of(cell: &vt100::Cell, paper: Paper) -> Self {
        let (mut text, mut background) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
        if cell.inverse() {
            let ink = text.unwrap_or_else(|| paper.text.to_owned());
            text = Some(background.unwrap_or_else(|| paper.background.to_owned()));
            background = Some(ink);
        }
        Self {
            text: text.unwrap_or_else(|| paper.text.to_owned()),
            background,
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
            underline: cell.underline(),
        }
    }
}

/// A colour of a terminal; `None` for its own.
fn colour(colour: vt100::Color) -> Option<String> {
    const SIXTEEN: [u32; 16] = [
        0x00_0000, 0xcd_3131, 0x0d_bc79, 0xc8_a000, 0x24_72c8, 0xbc_3fbc, 0x11_a8cd, 0xd0_d0d0, 0x66_6666,
        0xf1_4c4c, 0x23_d18b, 0xf5_f543, 0x3b_8eea, 0xd6_70d6, 0x29_b8db, 0xff_ffff,
    ];
    let rgb = match colour {
        vt100::Color::Default => return None,
        vt100::Color::Rgb(red, green, blue) => u32::from_be_bytes([0, red, green, blue]),
        vt100::Color::Idx(index @ 0..=15) => SIXTEEN[usize::from(index)],
        vt100::Color::Idx(index @ 16..=231) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let index = index - 16;
            u32::from_be_bytes([0, level(index / 36), level(index / 6 % 6), level(index % 6)])
        }
        vt100::Color::Idx(index) => {
            let grey = 8 + 10 * (index - 232);
            u32::from_be_bytes([0, grey, grey, grey])
        }
    };
    Some(format!("#{rgb:06x}"))
}

/// Cells beside each other that look the same.
#[derive(Debug)]
struct Run {
    column: u16,
    columns: u16,
    words: String,
    look: Look,
}

/// The runs of a row. Wide letters stand alone: they keep their two cells in whatever font it is read.
fn runs(screen: &vt100::Screen, row: u16, paper: Paper) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..screen.size().1.get() {
        let cell = screen.cell(row, column).expect("a cell of the screen");
        if cell.is_wide_continuation() {
            continue;
        }
        let columns = if cell.is_wide() { 2 } else { 1 };
        let words = if cell.has_contents() { cell.contents() } else { " " };
        let look = Look::of(cell, paper);
        match runs.last_mut() {
            Some(last)
                if last.look == look
                    && columns == 1
                    && last.words.width() == usize::from(last.columns)
                    && last.words.chars().all(|letter| !is_wide(letter)) =>
            {
                last.columns += 1;
                last.words.push_str(words);
            }
            _ => runs.push(Run { column, columns, words: words.to_owned(), look }),
        }
    }
    runs
}

fn is_wide(letter: char) -> bool {
    letter.to_string().width() > 1
}

/// A number without what is no use behind its point.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push('\n'),
            letter if letter.is_control() => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

/// The words of a run with the blanks around them left out: where they begin, and how many cells they take.
fn pieces(run: &Run) -> Vec<(u16, String)> {
    if run.columns == 2 && run.words.width() == 2 && run.words.chars().count() == 1 {
        return vec![(run.column, run.words.clone())];
    }
    // Two blanks and more end a piece: each begins where its column begins, in whatever font.
    let mut pieces: Vec<(u16, String)> = Vec::new();
    let mut blanks = 2;
    for (column, letter) in (run.column..).zip(run.words.chars()) {
        if letter == ' ' || is_drawn(letter) {
            blanks += if letter == ' ' { 1 } else { 2 };
            continue;
        }
        match pieces.last_mut() {
            Some((_, piece)) if blanks < 2 => {
                piece.extend(std::iter::repeat_n(' ', blanks));
                piece.push(letter);
            }
            _ => pieces.push((column, letter.to_string())),
        }
        blanks = 0;
    }
    pieces
}

/// To which sides of its cell a letter draws a line: left, right, up, down.
fn sides(letter: char) -> Option<[bool; 4]> {
    let sides = match letter {
        '─' => "lr",
        '│' => "ud",
        '┌' => "rd",
        '┐' => "ld",
        '└' => "ru",
        '┘' => "lu",
        '├' => "rud",
        '┤' => "lud",
        '┬' => "lrd",
        '┴' => "lru",
        '┼' => "lrud",
        _ => return None,
    };
    Some(['l', 'r', 'u', 'd'].map(|side| sides.contains(side)))
}

/// Whether a letter is drawn as lines or areas, because letters of a font leave gaps.
fn is_drawn(letter: char) -> bool {
    letter == '█' || sides(letter).is_some()
}

/// Draws the frames, rules and bars of a row.
fn draw_lines(svg: &mut String, runs: &[Run], row: u16) {
    let top = MARGIN + f64::from(row) * CELL.1;
    let (middle, bottom) = (top + CELL.1 / 2.0, top + CELL.1);
    for run in runs {
        let mut lines = String::new();
        let mut bar: Option<(f64, f64)> = None;
        let mut rule: Option<(f64, f64)> = None;
        for (column, letter) in (run.column..).zip(run.words.chars()) {
            let left = MARGIN + f64::from(column) * CELL.0;
            let (centre, right) = (left + CELL.0 / 2.0, left + CELL.0);
            if letter == '█' {
                bar = Some((bar.map_or(left, |bar| bar.0), right));
            }
            let Some([to_left, to_right, up, down]) = sides(letter) else { continue };
            if up || down {
                let (from, to) = (if up { top } else { middle }, if down { bottom } else { middle });
                write!(lines, "M{} {}V{}", number(centre), number(from), number(to)).unwrap();
            }
            if to_left || to_right {
                let (from, to) = (if to_left { left } else { centre }, if to_right { right } else { centre });
                match &mut rule {
                    // On as far as nothing stands between.
                    Some((_, end)) if (*end - from).abs() < 0.1 => *end = to,
                    _ => {
                        push_rule(&mut lines, rule.replace((from, to)), middle);
                    }
                }
            }
        }
        push_rule(&mut lines, rule, middle);
        let dim = if run.look.dim { " opacity=\".65\"" } else { "" };
        if let Some((from, to)) = bar {
            let (x, y, wide, high) =
                (number(from), number(top + 2.0), number(to - from), number(CELL.1 - 4.0));
            writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\" fill=\"{}\"{dim}/>",
                run.look.text
            )
            .unwrap();
        }
        if !lines.is_empty() {
            writeln!(svg, "<path d=\"{lines}\" fill=\"none\" stroke=\"{}\"{dim}/>", run.look.text).unwrap();
        }
    }
}

fn push_rule(lines: &mut String, rule: Option<(f64, f64)>, middle: f64) {
    if let Some((from, to)) = rule {
        write!(lines, "M{} {}H{}", number(from), number(middle), number(to)).unwrap();
    }
}

/// Draws a screen. Its text stands in the description as well, for whoever cannot see it.
pub(crate) fn draw(screen: &vt100::Screen, title: &str, paper: Paper) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) =
        (f64::from(columns) * CELL.0 + 2.0 * MARGIN, f64::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">",
        number(width),
        number(height)
    )
    .unwrap();
    writeln!(svg, "<title>{}</title>", escaped(title)).unwrap();
    writeln!(svg, "<desc>\n{}\n</desc>", escaped(&text(screen))).unwrap();
    svg.push_str(
        "<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}\
         .b{font-weight:bold}.d{opacity:.65}.i{font-style:italic}.u{text-decoration:underline}</style>\n",
    );
    writeln!(svg, "<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>", paper.background).unwrap();
    for row in 0..rows {
        draw_row(&mut svg, &runs(screen, row, paper), row);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_row(svg: &mut String, runs: &[Run], row: u16) {
    let top = MARGIN + f64::from(row) * CELL.1;
    let left = |column: u16| number(MARGIN + f64::from(column) * CELL.0);
    let mut from = 0;
    // One area for neighbours of one colour: between two a line would show.
    for same in runs.chunk_by(|one, other| one.look.background == other.look.background) {
        let columns: u16 = same.iter().map(|run| run.columns).sum();
        if let Some(background) = &same[0].look.background {
            writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{background}\"/>",
                left(from),
                number(top),
                number(f64::from(columns) * CELL.0),
                number(CELL.1)
            )
            .unwrap();
        }
        from += columns;
    }
    draw_lines(svg, runs, row);
    for run in runs {
        let classes: String =
            [(run.look.bold, "b"), (run.look.dim, "d"), (run.look.italic, "i"), (run.look.underline, "u")]
                .into_iter()
                .filter(|(is_so, _)| *is_so)
                .map(|(_, class)| class)
                .collect::<Vec<_>>()
                .join(" ");
        let class = if classes.is_empty() { String::new() } else { format!(" class=\"{classes}\"") };
        for (column, words) in pieces(run) {
            writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" textLength=\"{}\" fill=\"{}\"{class}>{}</text>",
                left(column),
                number(top + 13.0),
                number(words.width() as f64 * CELL.0),
                run.look.text,
                escaped(&words)
            )
            .unwrap();
        }
    }
}

/// The text of a screen, as it stands in the description.
pub(crate) fn text(screen: &vt100::Screen) -> String {
    let lines: Vec<String> =
        screen.rows(0, screen.size().1.get()).map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The text of the screen of which this is a picture.
pub(crate) fn described(svg: &str) -> String {
    let text = svg.split_once("<desc>\n").and_then(|(_, rest)| rest.split_once("\n</desc>"));
    let text = text.map_or("", |(text, _)| text);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Whether every element that begins also ends, and nothing stands there that would have to be escaped.
pub(crate) fn is_well_formed(svg: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some((before, tag)) = rest.split_once('<') {
        let Some((tag, after)) = tag.split_once('>') else { return false };
        let is_text_fine = before
            .split('&')
            .skip(1)
            .all(|rest| ["amp;", "lt;", "gt;", "quot;"].iter().any(|entity| rest.starts_with(entity)));
        if !is_text_fine || before.contains('>') || tag.matches('"').count() % 2 != 0 {
            return false;
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or_default());
        }
        rest = after;
    }
    open.is_empty() && rest.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(bytes: &str) -> String {
        let size = |cells| std::num::NonZeroU16::new(cells).unwrap();
        let mut terminal = vt100::Parser::new(size(3), size(20), 0);
        terminal.process(bytes.as_bytes());
        draw(terminal.screen(), "a < b", DARK)
    }

    #[test]
    fn what_would_be_markup_is_text() {
        let svg = drawn("x<script>&\"y\"");
        assert!(is_well_formed(&svg), "{svg}");
        assert!(svg.contains(">x&lt;script&gt;&amp;&quot;y&quot;</text>"), "{svg}");
        assert_eq!(described(&svg), "x<script>&\"y\"");
        assert!(!is_well_formed("<svg><text></svg>"));
        assert!(!is_well_formed("<svg>a & b</svg>"));
    }

    #[test]
    fn wide_letters_keep_two_cells_and_move_nothing_behind_them() {
        let svg = drawn("山本 x");
        for expected in ["x=\"10\" y=\"23\" textLength=\"16.8\"", "x=\"26.8\" y=\"23\" textLength=\"16.8\""] {
            assert!(svg.contains(expected), "{expected} in {svg}");
        }
        // Four cells and a blank before it.
        assert!(svg.contains("x=\"52\" y=\"23\" textLength=\"8.4\""), "{svg}");
    }

    #[test]
    fn frames_and_bars_are_drawn_without_gaps() {
        let svg = drawn("┌──┐ ██ a");
        assert!(svg.contains("d=\"M14.2 19V28M39.4 19V28M14.2 19H39.4\""), "{svg}");
        assert!(!svg.contains('█') || svg.matches('█').count() == 2, "only in the description: {svg}");
        assert!(svg.contains("<rect x=\"52\" y=\"12\" width=\"16.8\" height=\"14\""), "{svg}");
        assert!(svg.contains(">a</text>"), "{svg}");
    }

    #[test]
    fn colours_and_inverse_are_those_of_the_terminal() {
        let svg = drawn("\u{1b}[38;2;1;2;3mrgb\u{1b}[0m \u{1b}[7minv\u{1b}[0m \u{1b}[1;4mbold\u{1b}[0m");
        assert!(svg.contains("fill=\"#010203\">rgb<"), "{svg}");
        assert!(svg.contains(&format!("fill=\"{}\">inv<", DARK.background)), "{svg}");
        assert!(svg.contains(&format!("width=\"25.2\" height=\"18\" fill=\"{}\"", DARK.text)), "{svg}");
        assert!(svg.contains("class=\"b u\">bold<"), "{svg}");
    }
}
