//! The breakdown of the shown sessions: beside the table, as a sheet, and in one line below the table.

use ratatui::layout::Rect;

use crate::{
    core::{
        SUMMARY_FACETS,
        command::{Command, Context},
        facets::{Breakdown, Bucket, Facet},
        rows,
        state::{Focus, State},
    },
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        sheets::sheet::Sheet,
        text,
        theme::Role,
    },
};

/// Cells before the name of a bucket: the cursor and a blank.
const GUTTER: usize = 2;
/// Cells at the right end that are left to the mark of the cursor's row.
const ROW_END: usize = 2;
/// Columns of `x12.3`.
const LIFT: usize = 5;
/// The fewest cells of a bar.
const LEAST_BAR: usize = 3;
/// What a lift is.
const MEANING: &str = "xN = share here / share overall";
/// The same where there is little room.
const SHORT_MEANING: &str = "xN: share here / overall";

/// How wide the parts of a bucket's line are.
#[derive(Clone, Copy)]
struct Widths {
    label: usize,
    count: usize,
    bar: usize,
    overall: usize,
}

impl Widths {
    /// For a line of so many columns; the counts are at most so large, the names at most so long.
    fn of(width: u16, most: u32, total: Option<usize>, longest: usize) -> Self {
        let width = usize::from(width).saturating_sub(ROW_END);
        let count = digits(most as usize).max(4);
        let overall = total.map_or(0, |total| digits(total) + 2);
        let room = width.saturating_sub(GUTTER + count + LIFT + overall + 4);
        // Where there is little room, what it is called comes first.
        let bar = if room < 16 { LEAST_BAR.min(room / 2) } else { (room * 2 / 5).min(24) };
        let label = room.saturating_sub(bar);
        if longest > label && bar <= LEAST_BAR {
            // A bar of a few cells tells little, and names that are cut may look alike: its room and its blank go to them.
            return Self { label: (room + 1).min(longest), count, bar: 0, overall };
        }
        Self { label, count, bar, overall }
    }
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

/// Draws the breakdown beside the table: the chosen facet, and below it others as far as there is room.
pub(super) fn draw_pane(pen: &mut Pen<'_>, area: Rect, state: &State) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    let focused = state.focus == Focus::Facets;
    let border = if focused { Role::BorderFocus } else { Role::Border };
    pen.wall(Rect { x: area.right(), width: 1, ..area }, border);
    let facets = &state.sessions.facets;
    let shown = state.sessions.view.counts().shown;
    let title = if focused { "BREAKDOWN" } else { "breakdown" };
    let role = if focused { Role::Accent } else { Role::Muted };
    let of = piece(format!(" of the {shown} shown"), Role::Muted);
    pen.line(area, 0, &[piece(" ", Role::Text), piece(title, role), of], &[]);
    // The title stands beside that of the columns; two lines below say what the numbers are.
    let foot = u16::from(area.height > 8);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + foot), ..area };
    let sections = facets.facet.with_next(usize::from(rows::facet_sections(area.height.saturating_sub(1))));
    let others = sections.len().saturating_sub(1) as u16;
    let mut row = 0;
    for (place, facet) in (0_u16..).zip(&sections) {
        let Some(breakdown) = facets.breakdown(*facet) else { continue };
        let left = body.height.saturating_sub(row);
        // Every other facet keeps its title, three buckets and a blank.
        let kept = (others - place.min(others)) * 5;
        let room = if place == 0 { left.saturating_sub(kept) } else { left.min(5) };
        if room < 2 {
            break;
        }
        let section = Rect { y: body.y + row, height: room, ..body };
        row += draw_section(pen, section, state, breakdown, place == 0);
    }
    if foot > 0 {
        let words = if text::width(MEANING) < usize::from(area.width) { MEANING } else { SHORT_MEANING };
        pen.text(area, area.x + 1, area.height - 1, words, Role::Muted);
    }
}

/// Draws a facet with its first buckets, or those around the cursor. Returns how many lines it took, with a blank behind.
fn draw_section(pen: &mut Pen<'_>, area: Rect, state: &State, breakdown: &Breakdown, chosen: bool) -> u16 {
    let facets = &state.sessions.facets;
    let title = [
        piece(" facet: ", Role::Muted),
        piece(breakdown.facet().name(), if chosen { Role::Accent } else { Role::Text }),
    ];
    let right = match (chosen, facets.by_lift) {
        (false, _) => String::new(),
        (true, true) => "by lift ".to_owned(),
        (true, false) => format!("[{}] next ", next_keys(state)),
    };
    pen.line(area, 0, &title, &[piece(right, Role::Muted)]);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let taken = draw_buckets(pen, body, state, breakdown, chosen, false);
    taken + 2
}

/// The keys to the facets before and after.
fn next_keys(state: &State) -> String {
    format!(
        "{} {}",
        state.key(Context::Facets, Command::FacetPrevious),
        state.key(Context::Facets, Command::FacetNext)
    )
}

/// Draws buckets, those around the cursor when it is the chosen facet. Returns how many lines it took.
fn draw_buckets(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    breakdown: &Breakdown,
    chosen: bool,
    whole: bool,
) -> u16 {
    let facets = &state.sessions.facets;
    let height = usize::from(area.height);
    if breakdown.buckets.is_empty() {
        pen.text(area, area.x + 2, 0, "nothing is shown", Role::Muted);
        return 1;
    }
    let cursor = if chosen { facets.cursor_place() } else { None };
    let beyond = breakdown.buckets.len() + breakdown.more > height;
    // Where not all fit the last line counts the others; one screen behind the other is easier to read than a sliding one.
    let page = if beyond { height.saturating_sub(1).max(1) } else { height };
    let at = if chosen { cursor.unwrap_or(facets.place) } else { 0 };
    let first = at / page * page;
    let most = breakdown.buckets.iter().map(|bucket| bucket.shown).max().unwrap_or(0);
    let shown = breakdown.buckets.iter().skip(first).take(page);
    let longest = shown
        .map(|bucket| text::width(&breakdown.value(*bucket).label(&state.sessions.group_names.as_names())))
        .max();
    let total = whole.then_some(breakdown.total);
    let widths = Widths::of(area.width, most, total, longest.unwrap_or(0));
    let mut row = 0;
    for (place, bucket) in breakdown.buckets.iter().enumerate().skip(first).take(page) {
        let is_here = cursor == Some(place);
        draw_bucket(pen, area, row, state, breakdown, *bucket, widths, most);
        if is_here {
            let focused = whole || state.focus == Focus::Facets;
            pen.text(area, area.x, row, ">", if focused { Role::Selection } else { Role::Accent });
            pen.cursor_row(area, row, (GUTTER + widths.label) as u16, focused);
        }
        row += 1;
    }
    let told = (first + page).min(breakdown.buckets.len());
    let left = breakdown.buckets.len() + breakdown.more - told;
    if beyond && (left > 0 || first > 0) {
        let words = match (first, left) {
            (0, left) => format!("{left} more"),
            (first, 0) => format!("{first} above"),
            (first, left) => format!("{first} above, {left} more"),
        };
        pen.text(area, area.x + GUTTER as u16, row, &words, Role::Muted);
        row += 1;
    }
    row
}

#[expect(clippy::too_many_arguments, reason = "a line needs all that its list knows")]
fn draw_bucket(
    pen: &mut Pen<'_>,
    area: Rect,
    row: u16,
    state: &State,
    breakdown: &Breakdown,
    bucket: Bucket,
    widths: Widths,
    most: u32,
) {
    let value = breakdown.value(bucket);
    let label = value.label(&state.sessions.group_names.as_names());
    let ellipsis = pen.glyphs.ellipsis();
    let label = match breakdown.facet() {
        Facet::User | Facet::Group => text::account(&label, widths.label, ellipsis),
        _ => text::left(&label, widths.label, ellipsis),
    };
    let filled = if most == 0 { 0 } else { (bucket.shown as usize * widths.bar).div_ceil(most as usize) };
    let (full, _) = pen.glyphs.bar();
    let blanks = " ".repeat(widths.bar - filled.min(widths.bar));
    let bar = if widths.bar == 0 { String::new() } else { format!(" {}{blanks}", full.repeat(filled)) };
    let lift = breakdown.lift(bucket);
    let role = if value.is_unknown() { Role::Warning } else { Role::Text };
    let mut pieces = vec![
        piece("  ", Role::Text),
        piece(label, role),
        piece(format!(" {:>1$}", bucket.shown, widths.count), Role::Text),
        piece(bar, Role::Info),
        piece(format!(" {:>LIFT$}", lift_text(lift)), lift_role(lift)),
    ];
    if widths.overall > 0 {
        pieces.push(piece(format!(" {:>1$}", bucket.overall, widths.overall), Role::Muted));
    }
    pen.line(area, row, &pieces, &[]);
}

/// `x3.1`; without decimals where there is no room for them.
fn lift_text(lift: Option<f64>) -> String {
    match lift {
        None => "?".to_owned(),
        Some(lift) if lift < 99.95 => format!("x{lift:.1}"),
        Some(lift) if lift < 9_999.5 => format!("x{lift:.0}"),
        Some(_) => "x>9k".to_owned(),
    }
}

/// What is twice as frequent here as overall deserves a look.
fn lift_role(lift: Option<f64>) -> Role {
    match lift {
        Some(lift) if lift >= 2.0 => Role::Warning,
        Some(lift) if lift < 0.95 => Role::Muted,
        _ => Role::Text,
    }
}

/// Draws the breakdown as a sheet.
pub(super) fn draw_sheet(pen: &mut Pen<'_>, state: &State) {
    let facets = &state.sessions.facets;
    let counts = state.sessions.view.counts();
    let of = format!("of the {} shown, {} in all", counts.shown, counts.total);
    let title = [piece("BREAKDOWN  ", Role::Accent), piece(of, Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    pen.line(body, 0, &facet_names(facets.facet, body.width), &[]);
    let filter = state.sessions.view.filter_line().text();
    let filter = if filter.is_empty() { "no filter".to_owned() } else { format!("/ {filter}") };
    let marked = if counts.marked > 0 { format!("marked {}", counts.marked) } else { String::new() };
    pen.line(body, 1, &[piece(filter, Role::Input)], &[piece(marked, Role::Mark)]);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    if let Some(breakdown) = facets.breakdown(facets.facet) {
        draw_titles(pen, list, breakdown);
        let buckets = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
        draw_buckets(pen, buckets, state, breakdown, true, true);
    }
    let order = if facets.by_lift { "by lift" } else { "by count" };
    sheet.close(pen, state, None, MEANING, order);
}

/// The titles above the buckets of a sheet.
fn draw_titles(pen: &mut Pen<'_>, area: Rect, breakdown: &Breakdown) {
    let most = breakdown.buckets.iter().map(|bucket| bucket.shown).max().unwrap_or(0);
    let Widths { label, count, bar, overall } = Widths::of(area.width, most, Some(breakdown.total), 0);
    let name = text::left(&breakdown.facet().name().to_uppercase(), label, "");
    let line = format!("  {name} {:>count$} {:bar$} {:>LIFT$} {:>overall$}", "HERE", "", "LIFT", "ALL");
    pen.text(area, area.x, 0, line.trim_end(), Role::Heading);
}

/// All facets with the chosen one in brackets; where they do not fit, those around it.
fn facet_names(chosen: Facet, width: u16) -> Vec<Piece<'static>> {
    let name = |facet: Facet| {
        if facet == chosen {
            piece(format!("[{}]", facet.name()), Role::Accent)
        } else {
            piece(format!(" {} ", facet.name()), Role::Muted)
        }
    };
    let mut names: Vec<Piece<'static>> = Facet::ALL.into_iter().map(name).collect();
    let mut first = 0;
    while pieces_width(&names) > usize::from(width) && names.len() > 1 {
        let place = Facet::ALL.iter().position(|facet| *facet == chosen).unwrap_or_default();
        if place > first + 2 {
            names.remove(0);
            first += 1;
        } else {
            names.pop();
        }
    }
    names
}

/// Draws the pools and gateways of the shown sessions in one line, as many as fit.
pub(super) fn draw_summary(pen: &mut Pen<'_>, area: Rect, state: &State) {
    if area.height == 0 {
        return;
    }
    let more = format!("[{}] more ", state.key(Context::Sessions, Command::Facets));
    let right = [piece(more, Role::Muted)];
    let room = usize::from(area.width).saturating_sub(pieces_width(&right) + 1);
    let half = room / 2;
    let mut pieces = Vec::new();
    for facet in SUMMARY_FACETS {
        let breakdown = state.sessions.facets.breakdown(facet);
        // Where no row is shown there is nothing to sum up, and nothing to open.
        let Some(breakdown) = breakdown.filter(|breakdown| !breakdown.buckets.is_empty()) else { return };
        let separate = if pieces.is_empty() { " " } else { "| " };
        let short = if facet == Facet::Gateway { "gw" } else { facet.name() };
        pieces.push(piece(format!("{separate}{short}: "), Role::Muted));
        let limit = if pieces.len() == 1 { half + 4 } else { room };
        pieces = with_buckets(pen, state, breakdown, pieces, limit);
    }
    pen.line(area, 0, &pieces, &right);
}

/// Adds buckets with their counts, as many whole ones as fit; at least the first, however it is cut.
fn with_buckets<'a>(
    pen: &Pen<'_>,
    state: &State,
    breakdown: &Breakdown,
    mut pieces: Vec<Piece<'a>>,
    limit: usize,
) -> Vec<Piece<'a>> {
    for (place, bucket) in breakdown.buckets.iter().enumerate() {
        let label = breakdown.value(*bucket).label(&state.sessions.group_names.as_names());
        let label = text::cut_middle(&label, 16, pen.glyphs.ellipsis()).into_owned();
        let bucket = [piece(label, Role::Text), piece(format!(" {}  ", bucket.shown), Role::Muted)];
        if place > 0 && pieces_width(&pieces) + pieces_width(&bucket) > limit {
            break;
        }
        pieces.extend(bucket);
    }
    pieces
}
