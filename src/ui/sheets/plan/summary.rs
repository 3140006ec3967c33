//! The lines of the summary: the message, what will be sent, what is held back.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{BlastRadius, Plan},
        command::{Command, Context},
        state::State,
    },
    domain::MessageText,
    ui::{
        pen::{Pen, Piece, piece},
        text,
        theme::Role,
    },
};

/// Columns of the severity before the text of a message.
const SEVERITY: u16 = 10;
/// The most reasons that are named; the others are counted.
const REASONS: usize = 5;

/// A line: parts beside each other.
pub(in crate::ui::sheets) type Line = Vec<Part>;

/// A part of a line.
pub(in crate::ui::sheets) struct Part {
    /// Columns before it.
    pub(in crate::ui::sheets) x: u16,
    /// Its columns.
    pub(in crate::ui::sheets) width: u16,
    /// At its left edge.
    pub(in crate::ui::sheets) left: Vec<Piece<'static>>,
    /// At its right edge.
    pub(in crate::ui::sheets) right: Vec<Piece<'static>>,
}

/// Draws a line.
pub(in crate::ui::sheets) fn draw_line(pen: &mut Pen<'_>, area: Rect, row: u16, line: &Line) {
    for part in line {
        let place = Rect { x: area.x.saturating_add(part.x), width: part.width, ..area };
        pen.line(place.intersection(area), row, &part.left, &part.right);
    }
}

/// The message as it will be read, all of it.
pub(super) fn preview(message: &MessageText, width: u16) -> Vec<Line> {
    let room = usize::from(width.saturating_sub(SEVERITY + 2));
    let lines = message.text.split('\n').flat_map(|line| text::wrap(line, room));
    let line = |(place, words): (usize, &str)| {
        let label = if place == 0 { message.severity.label() } else { "" };
        let left = vec![
            piece(text::left(label, usize::from(SEVERITY), ""), Role::Warning),
            piece("| ", Role::Border),
            piece(words.trim_end().to_owned(), Role::Text),
        ];
        vec![Part { x: 0, width, left, right: Vec::new() }]
    };
    lines.enumerate().map(line).collect()
}

/// What will be sent and what is held back, side by side.
pub(super) fn counts(
    state: &State,
    plan: &Plan,
    blast: &BlastRadius,
    connected: &str,
    width: u16,
) -> Vec<Line> {
    let column = width.saturating_sub(4) / 2;
    let sent: Vec<Part> =
        sent(state, plan, blast, connected).iter().flat_map(|count| count.parts(0, column)).collect();
    let held: Vec<Part> =
        held(plan, blast, column).iter().flat_map(|count| count.parts(column + 4, column)).collect();
    let rows = sent.len().max(held.len());
    let (mut sent, mut held) = (sent.into_iter(), held.into_iter());
    (0..rows).map(|_| sent.next().into_iter().chain(held.next()).collect()).collect()
}

/// A line with its number.
struct Count {
    words: String,
    number: usize,
    role: Role,
    indent: usize,
}

impl Count {
    fn heading(words: &str, number: usize) -> Self {
        Self { words: words.to_owned(), number, role: Role::Heading, indent: 0 }
    }

    /// Muted where there is none, else in its role.
    fn part(words: &str, number: usize, role: Role) -> Self {
        let role = if number == 0 { Role::Muted } else { role };
        Self { words: words.to_owned(), number, role, indent: 2 }
    }

    /// In a column; words that are too long take more lines, the number stands in the first.
    fn parts(&self, x: u16, width: u16) -> Vec<Part> {
        let number = self.number.to_string();
        let room = usize::from(width).saturating_sub(self.indent + text::width(&number) + 1);
        let indent = self.indent;
        let part = |(place, words): (usize, &str)| Part {
            x,
            width,
            left: vec![piece(format!("{:indent$}{}", "", words.trim_end()), self.role)],
            right: if place == 0 { vec![piece(number.clone(), self.role)] } else { Vec::new() },
        };
        text::wrap(&self.words, room).into_iter().enumerate().map(part).collect()
    }
}

/// What will be sent, by the state that the sessions are in.
fn sent(state: &State, plan: &Plan, blast: &BlastRadius, connected: &str) -> Vec<Count> {
    let hidden_key = state.key(Context::PlanSheet, Command::PlanHidden);
    let destructive = if plan.verb.is_destructive() { Role::Danger } else { Role::Text };
    vec![
        Count::heading("WILL BE SENT", plan.to_send.len()),
        Count::part("disconnected", blast.disconnected, Role::Text),
        Count::part(connected, blast.connected, destructive),
        Count::part("pending", blast.pending, Role::Warning),
        Count::part("state not known", blast.unmeasured, Role::Warning),
        Count::part(&format!("hidden by filter [{hidden_key}]"), blast.hidden, Role::Warning),
    ]
}

/// What is held back, by reason.
fn held(plan: &Plan, blast: &BlastRadius, width: u16) -> Vec<Count> {
    let words = if width < 36 { "HELD BACK, all listed" } else { "HELD BACK (listed, never silent)" };
    let mut counts = vec![Count::heading(words, plan.held_back.len())];
    if blast.held_back.is_empty() {
        counts.push(Count::part("none", 0, Role::Muted));
    }
    let shown = if blast.held_back.len() > REASONS { REASONS - 1 } else { REASONS };
    for (reason, number) in blast.held_back.iter().take(shown) {
        counts.push(Count::part(&reason.to_string(), *number, Role::Warning));
    }
    let rest = blast.held_back.get(shown..).unwrap_or_default();
    if !rest.is_empty() {
        let words = format!("{} more reasons", rest.len());
        counts.push(Count::part(&words, rest.iter().map(|(_, number)| number).sum(), Role::Warning));
    }
    counts
}
