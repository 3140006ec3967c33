//! The rows of the tree and their columns.

use ratatui::layout::Rect;

use crate::{
    core::{
        images::{
            Entry, Fold, ImageNode, Outline, Shelf, TreeRow, is_trouble, os_label, push_words, running_age,
            use_label,
        },
        rows::GUTTER,
        state::{Focus, State},
    },
    domain::{ImageUse, Text},
    ui::{pen::Pen, text, theme::Role},
};

/// What stands for what is not known.
const UNKNOWN: &str = "?";

/// The columns that fit, by their widths; 0 for those that do not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    name: usize,
    status: usize,
    os: usize,
    pools: usize,
    farms: usize,
    sessions: usize,
    connected: usize,
    flags: usize,
}

impl Columns {
    /// The columns for so many cells.
    pub(super) fn of(width: u16) -> Self {
        let mut columns = match width {
            110.. => {
                Self { name: 0, status: 20, os: 11, pools: 6, farms: 6, sessions: 7, connected: 7, flags: 3 }
            }
            74..110 => {
                Self { name: 0, status: 12, os: 10, pools: 5, farms: 0, sessions: 6, connected: 0, flags: 2 }
            }
            _ => Self { name: 0, status: 15, os: 0, pools: 0, farms: 0, sessions: 6, connected: 0, flags: 2 },
        };
        columns.name = usize::from(width).saturating_sub(columns.taken());
        columns
    }

    /// The cells of everything but the name.
    fn taken(&self) -> usize {
        let all = [self.status, self.os, self.pools, self.farms, self.sessions, self.connected, self.flags];
        all.into_iter().filter(|width| *width > 0).map(|width| width + 1).sum()
    }

    /// The cells of status and operating system together: only streams have the latter.
    fn status_of_others(&self) -> usize {
        self.status + if self.os > 0 { self.os + 1 } else { 0 }
    }
}

/// Draws the titles.
pub(super) fn draw_header(pen: &mut Pen<'_>, area: Rect, columns: &Columns) {
    pen.tint(area, 0, Role::Heading);
    let title =
        if columns.name >= 34 { "STREAM / VERSION / TAG / USED BY" } else { "STREAM / VERSION / TAG" };
    let mut x = area.x + GUTTER;
    let cells = [
        (text::left(title, columns.name, ""), columns.name),
        (text::left("STATUS", columns.status, ""), columns.status),
        (text::left("OS", columns.os, ""), columns.os),
        (text::right("POOLS", columns.pools, ""), columns.pools),
        (text::right("FARMS", columns.farms, ""), columns.farms),
        (text::right("SESS", columns.sessions, ""), columns.sessions),
        (text::right("CONN", columns.connected, ""), columns.connected),
        (text::right("!", columns.flags, ""), columns.flags),
    ];
    for (title, width) in cells {
        if width > 0 {
            pen.text(area, x, 0, &title, Role::Heading);
            x += width as u16 + 1;
        }
    }
}

/// Draws the rows that fit, the one of the cursor among them.
pub(super) fn draw_rows(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    shelf: &Shelf<'_>,
    outline: &Outline<'_>,
    columns: &Columns,
) {
    let height = usize::from(area.height);
    let tab = &state.images;
    let cursor = outline.rows.iter().position(|row| Some(&row.node) == tab.cursor.as_ref());
    // The tab may have been told of another height; the cursor's row is never the one that is lost.
    let at = cursor.unwrap_or(0);
    let first = tab.top.min(at).max((at + 1).saturating_sub(height));
    // Whether the row above at each depth was the last of its siblings.
    let mut closed: Vec<bool> = Vec::new();
    for (number, row) in outline.rows.iter().enumerate() {
        closed.truncate(row.depth);
        if let Some(line) = number.checked_sub(first).filter(|line| *line < height) {
            draw_row(pen, area, line as u16, state, shelf, row, &closed, columns);
        }
        closed.push(row.last);
    }
}

#[expect(clippy::too_many_arguments, reason = "a row needs its place and what it is made from")]
fn draw_row(
    pen: &mut Pen<'_>,
    area: Rect,
    line: u16,
    state: &State,
    shelf: &Shelf<'_>,
    row: &TreeRow<'_>,
    closed: &[bool],
    columns: &Columns,
) {
    let tab = &state.images;
    let is_cursor = tab.cursor.as_ref() == Some(&row.node);
    let marked = tab.marks.contains(&row.node);
    if is_cursor {
        pen.text(area, area.x, line, ">", Role::Accent);
    }
    if marked {
        pen.text(area, area.x + 1, line, "*", Role::Mark);
    }
    let ellipsis = pen.glyphs.ellipsis();
    let mut x = area.x + GUTTER;
    let lead = lead(pen, row, closed);
    let (name, more) = name(shelf, row);
    let name_area = Rect { width: GUTTER + columns.name as u16, ..area };
    let after = pen.text(name_area, x, line, &lead, Role::Muted);
    let role = if marked { Role::Mark } else { name_role(row) };
    let after = pen.text(name_area, after, line, &name, role);
    pen.text(name_area, after, line, &more, Role::Muted);
    x += columns.name as u16 + 1;
    let (status, role) = status(state, shelf, row);
    if let Entry::Stream(stream) = row.entry {
        let cell = text::left(&status, columns.status, ellipsis);
        pen.text(area, x, line, &cell, role);
        x += columns.status as u16 + 1;
        if columns.os > 0 {
            let os = stream.operating_system.as_ref().map(|os| os_label(os.as_str()));
            let role = if os.is_some() { Role::Text } else { Role::Warning };
            pen.text(
                area,
                x,
                line,
                &text::left(os.as_deref().unwrap_or(UNKNOWN), columns.os, ellipsis),
                role,
            );
            x += columns.os as u16 + 1;
        }
    } else {
        let wide = columns.status_of_others();
        pen.text(area, x, line, &text::left(&status, wide, ellipsis), role);
        x += wide as u16 + 1;
    }
    for (cell, width) in numbers(row, columns) {
        if width > 0 {
            let role = if cell == UNKNOWN { Role::Warning } else { Role::Text };
            pen.text(area, x, line, &text::right(&cell, width, ellipsis), role);
            x += width as u16 + 1;
        }
    }
    let flags = flags(shelf, row);
    let role = if row.trouble { Role::Danger } else { Role::Warning };
    pen.text(area, x, line, &text::right(&flags, columns.flags, ""), role);
    if is_cursor {
        pen.cursor_row(area, line, GUTTER + columns.name as u16, state.focus == Focus::Table);
    }
}

/// The lines of the tree before a name: `- ` and `+ ` for streams and versions, branches below them.
fn lead(pen: &Pen<'_>, row: &TreeRow<'_>, closed: &[bool]) -> String {
    let fold = match row.fold {
        Fold::Open | Fold::Held => "-",
        Fold::Closed => "+",
        Fold::Leaf => " ",
    };
    if row.depth < 2 {
        return format!("{}{fold} ", "  ".repeat(row.depth));
    }
    let mut lead = "    ".to_owned();
    for last in closed.iter().take(row.depth).skip(2) {
        lead.push_str(if *last { "    " } else { pen.glyphs.trunk() });
    }
    lead.push_str(pen.glyphs.branch(row.last));
    lead.push_str(if row.fold == Fold::Closed { "+ " } else { pen.glyphs.twig() });
    lead
}

/// What a row is called, and what is said behind it.
fn name(shelf: &Shelf<'_>, row: &TreeRow<'_>) -> (String, String) {
    let label = shelf.label(&row.node);
    let about = |text: Option<&Text>| text.map_or_else(String::new, |text| format!("  {text}"));
    match row.entry {
        Entry::Stream(stream) => (label.to_string(), about(stream.description.as_ref())),
        Entry::Version(version) => (label.to_string(), about(version.description.as_ref())),
        Entry::Tag(tag) => {
            let uses = shelf.uses_of_tag(&tag.id);
            let names: Vec<String> = uses.iter().map(|one| use_label(one).to_string()).collect();
            let used_by = match (names.as_slice(), shelf.knows_uses(&row.node)) {
                ([], true) => "(no pool)".to_owned(),
                ([], false) => UNKNOWN.to_owned(),
                (names, true) => names.join(", "),
                (names, false) => format!("{}, {UNKNOWN}", names.join(", ")),
            };
            // A tag that stands beside the versions points at none of them.
            let astray = if row.depth < 2 {
                let version = shelf.version_name(tag.version.as_ref());
                format!(
                    " at {}",
                    version.map_or_else(|| "no version".to_owned(), |name| format!("{name}, not listed"))
                )
            } else {
                String::new()
            };
            (format!("# {label}"), format!("{astray} -> {used_by}"))
        }
        Entry::Asset(_) => (format!("= {label}"), String::new()),
        Entry::Use(one) => (format!("{} {label}", one.kind), String::new()),
    }
}

fn name_role(row: &TreeRow<'_>) -> Role {
    match row.entry {
        Entry::Stream(_) => Role::Accent,
        Entry::Version(_) | Entry::Tag(_) | Entry::Asset(_) | Entry::Use(_) => Role::Text,
    }
}

/// The status of a row with its age while something runs, and how it looks; the words in it say the same.
fn status(state: &State, shelf: &Shelf<'_>, row: &TreeRow<'_>) -> (String, Role) {
    match row.entry {
        Entry::Tag(tag) => {
            let (words, role) = tag_status(shelf.uses_of_tag(&tag.id));
            let is_known = shelf.knows_uses(&row.node);
            if is_known { (words, role) } else { (UNKNOWN.to_owned(), Role::Warning) }
        }
        Entry::Use(one) => {
            let role = if one.pending == Some(false) { Role::Muted } else { Role::Warning };
            (push_words(one), role)
        }
        Entry::Stream(_) | Entry::Version(_) | Entry::Asset(_) => {
            let Some(word) = shelf.status(&row.node) else {
                return (UNKNOWN.to_owned(), Role::Warning);
            };
            let role = match word.as_str() {
                "AVAILABLE" => Role::Success,
                "DISABLED" | "DELETED" => Role::Muted,
                trouble if is_trouble(trouble) => Role::Danger,
                _ => Role::Warning,
            };
            let age = running_age(shelf, &row.node, &state.images, state.now);
            (age.map_or_else(|| word.to_string(), |age| format!("{word} {age}")), role)
        }
    }
}

/// Whether those who use a tag have its image.
fn tag_status(uses: &[&ImageUse]) -> (String, Role) {
    let pending = uses.iter().filter(|one| one.pending == Some(true)).count();
    let unknown = uses.iter().any(|one| one.pending.is_none());
    match (uses, pending) {
        ([], _) => (String::new(), Role::Muted),
        ([one], _) => (push_words(one), if one.pending == Some(false) { Role::Muted } else { Role::Warning }),
        (_, 0) if unknown => (UNKNOWN.to_owned(), Role::Warning),
        (_, 0) => ("current".to_owned(), Role::Muted),
        (all, pending) => (format!("{pending} of {} pending", all.len()), Role::Warning),
    }
}

/// Pools, farms, sessions and how many of those are connected. An asset is used through its version, which says so.
fn numbers(row: &TreeRow<'_>, columns: &Columns) -> [(String, usize); 4] {
    let number = |count: Option<usize>| count.map_or_else(|| UNKNOWN.to_owned(), |count| count.to_string());
    let usage = &row.usage;
    let (pools, farms) = match (&row.node, usage.pools, usage.farms) {
        (ImageNode::Asset(_) | ImageNode::Use(..), ..) => (String::new(), String::new()),
        (_, Some(pools), Some(farms)) if columns.farms == 0 => match (pools, farms) {
            (pools, 0) => (pools.to_string(), String::new()),
            (0, farms) => (format!("{farms}f"), String::new()),
            (pools, farms) => (format!("{pools}+{farms}f"), String::new()),
        },
        (_, Some(0), None) | (_, None, Some(0) | None) if columns.farms == 0 => {
            (UNKNOWN.to_owned(), String::new())
        }
        (_, Some(pools), None) if columns.farms == 0 => (format!("{pools}+?f"), String::new()),
        (_, None, Some(farms)) if columns.farms == 0 => (format!("?+{farms}f"), String::new()),
        (_, pools, farms) => (number(pools), number(farms)),
    };
    let (sessions, connected) = match row.node {
        ImageNode::Asset(_) => (String::new(), String::new()),
        _ => (number(usage.sessions), number(usage.connected)),
    };
    [
        (pools, columns.pools),
        (farms, columns.farms),
        (sessions, columns.sessions),
        (connected, columns.connected),
    ]
}

/// `!` failed or tried again, `~` still running, here or closed below; `u` unused.
fn flags(shelf: &Shelf<'_>, row: &TreeRow<'_>) -> String {
    let mut flags = String::new();
    if row.trouble {
        flags.push('!');
    } else if row.running_below > 0 || shelf.is_running(&row.node) {
        flags.push('~');
    }
    let can_be_unused = matches!(row.node, ImageNode::Stream(_) | ImageNode::Version(_) | ImageNode::Tag(_));
    if can_be_unused && row.usage.is_unused() == Some(true) {
        flags.push('u');
    }
    flags
}
