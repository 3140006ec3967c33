//! The sheet of a plan: what would be sent, to whom, what is held back and why, and what it takes to start it.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{BlastRadius, Confirmation, HeldBack, Plan, Target},
        command::{Command, Context},
        rows::Rows,
        state::{PlanPage, PlanSheet, State},
    },
    domain::{MessageText, Text, Verb},
    ui::{
        keys::key,
        pen::{Pen, Piece, piece, pieces_width},
        text::{self, counted},
        theme::Role,
        time::Clock,
    },
};

use super::sheet::{Sheet, cells, first_line, part_of, who_and_where};

/// Lines at the end of the summary that are always there: the confirmation and its sentence.
const CONFIRMATION: u16 = 2;
/// The place of the typed number among the pieces of the confirmation.
const NUMBER: usize = 3;
/// The most buckets of each kind in the summary.
const BUCKETS: usize = 5;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &PlanSheet, clock: &Clock) {
    let plan = &open.plan;
    let verb_role = if plan.verb.is_forceful() { Role::Forced } else { Role::Heading };
    let mut title =
        vec![piece(format!("PLAN {}  ", plan.id), Role::Accent), piece(plan.verb.title(), verb_role)];
    if let Some(parent) = &plan.retry_of {
        title.push(piece(format!("  retry of {parent}"), Role::Muted));
    }
    let sheet = Sheet::open(pen, state, &title, Some(&clock.time(plan.made_at)));
    let part = match open.page {
        PlanPage::Summary => {
            draw_summary(pen, sheet.body, state, open, clock);
            String::new()
        }
        PlanPage::Targets => draw_targets(pen, sheet.body, state, open, "TO BE SENT", plan.to_send.iter()),
        PlanPage::Hidden => {
            let hidden = plan.to_send.iter().filter(|target| target.hidden);
            draw_targets(pen, sheet.body, state, open, "TO BE SENT BUT HIDDEN BY THE FILTER", hidden)
        }
        PlanPage::HeldBack => draw_held_back(pen, sheet.body, state, open),
    };
    sheet.close(pen, state, open.complaint.as_ref(), "nothing sent so far", &part);
}

fn draw_summary(pen: &mut Pen<'_>, body: Rect, state: &State, open: &PlanSheet, clock: &Clock) {
    let plan = &open.plan;
    let blast = &open.blast;
    // The confirmation keeps its place on the smallest screen; what is above it is cut from below.
    let head = Rect { height: body.height.saturating_sub(CONFIRMATION), ..body };
    let foot = Rect { y: head.bottom(), height: body.height - head.height, ..body };
    draw_confirmation(pen, foot, state, open);
    let scope = format!(
        "{}  {}  {}",
        counted(blast.sessions, "session", "sessions"),
        counted(blast.users, "user", "users"),
        counted(blast.machines, "machine", "machines")
    );
    let read = format!("data {}", clock.time(plan.data_at));
    pen.line(
        head,
        0,
        &[piece("Targets  ", Role::Muted), piece(scope, Role::Text)],
        &[piece(read, Role::Muted)],
    );
    let mut row = 2;
    row = draw_columns(pen, head, row, &sent(plan, blast), &held(plan, blast)) + 1;
    if let Some(message) = &plan.message {
        row = draw_preview(pen, head, row, message) + 1;
    }
    draw_buckets(pen, head, row, plan, blast);
}

/// Draws two lists side by side; returns the row below them.
fn draw_columns(pen: &mut Pen<'_>, area: Rect, first: u16, left: &[Count], right: &[Count]) -> u16 {
    let width = (area.width.saturating_sub(4)) / 2;
    for (place, list) in [(0, left), (width + 4, right)] {
        for (row, count) in (first..area.height).zip(list) {
            let column = Rect { x: area.x + place, width, ..area };
            let number = [piece(count.number.to_string(), count.role)];
            pen.line(column, row, &[piece(count.words.as_str(), count.role)], &number);
        }
    }
    first + left.len().max(right.len()) as u16
}

/// A line with its number.
struct Count {
    words: String,
    number: usize,
    role: Role,
}

impl Count {
    fn new(words: impl Into<String>, number: usize, role: Role) -> Self {
        Self { words: words.into(), number, role }
    }

    /// Muted where there is none, else in its role.
    fn part(words: &str, number: usize, role: Role) -> Self {
        Self::new(format!("  {words}"), number, if number == 0 { Role::Muted } else { role })
    }
}

/// What will be sent, by the state that the sessions are in.
fn sent(plan: &Plan, blast: &BlastRadius) -> Vec<Count> {
    let hidden_key = key(Context::PlanSheet, Command::PlanHidden);
    let destructive = if plan.verb.is_destructive() { Role::Danger } else { Role::Text };
    let mut counts = vec![
        Count::new("WILL BE SENT", plan.to_send.len(), Role::Heading),
        Count::part("disconnected", blast.disconnected, Role::Text),
        Count::part("connected right now", blast.connected, destructive),
        Count::part("pending", blast.pending, Role::Warning),
        Count::part("state not known", blast.unmeasured, Role::Warning),
    ];
    let hidden = format!("hidden by filter [{hidden_key}]");
    counts.push(Count::part(&hidden, blast.hidden, Role::Warning));
    counts
}

/// What is held back, by reason; never more lines than the other side has.
fn held(plan: &Plan, blast: &BlastRadius) -> Vec<Count> {
    const LINES: usize = 5;
    let mut counts =
        vec![Count::new("HELD BACK (listed, never silent)", plan.held_back.len(), Role::Heading)];
    if blast.held_back.is_empty() {
        counts.push(Count::new("  none", 0, Role::Muted));
    }
    let shown = if blast.held_back.len() > LINES { LINES - 1 } else { LINES };
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

/// Draws the message as it will be read; returns the row below it.
fn draw_preview(pen: &mut Pen<'_>, area: Rect, first: u16, message: &MessageText) -> u16 {
    const LINES: usize = 4;
    let width = usize::from(area.width.saturating_sub(12));
    let lines: Vec<&str> = message.text.split('\n').flat_map(|line| text::wrap(line, width)).collect();
    let label = text::left(message.severity.label(), 10, "");
    for (place, words) in lines.iter().take(LINES).enumerate() {
        let lead = if place == 0 { label.as_str() } else { "          " };
        let more = place + 1 == LINES && lines.len() > LINES;
        let rest = if more { format!(" (+{} lines)", lines.len() - LINES) } else { String::new() };
        let row = first + place as u16;
        let pieces =
            [piece(lead, Role::Warning), piece("| ", Role::Border), piece(words.trim_end(), Role::Text)];
        pen.line(area, row, &pieces, &[piece(rest, Role::Muted)]);
    }
    first + lines.len().min(LINES) as u16
}

/// Draws where the targets are, and what their users lose.
fn draw_buckets(pen: &mut Pen<'_>, area: Rect, first: u16, plan: &Plan, blast: &BlastRadius) {
    let losses = losses(plan, blast);
    let quarter = area.width / 4;
    let groups =
        [("BY POOL", &blast.by_pool), ("BY GATEWAY", &blast.by_gateway), ("BY AGENT", &blast.by_agent)];
    // What they lose gets what the three columns leave: its lines are sentences.
    let column = quarter.saturating_sub(3).min(22);
    for (place, (title, buckets)) in (0..).zip(groups) {
        let area = Rect { x: area.x + place * (column + 1), width: column, ..area };
        pen.line(area, first, &[piece(title, Role::Heading)], &[]);
        let room = usize::from(area.height.saturating_sub(first + 1)).min(BUCKETS);
        let shown = if buckets.len() > room { room.saturating_sub(1) } else { room };
        for (row, (name, count)) in (first + 1..area.height).zip(buckets.iter().take(shown)) {
            pen.line(area, row, &bucket(pen, name, *count, column), &[]);
        }
        if buckets.len() > shown && room > 0 {
            let rest = buckets.get(shown..).unwrap_or_default();
            let words = Text::clean(&format!("{} others", rest.len()));
            let sum = rest.iter().map(|(_, count)| count).sum();
            pen.line(area, first + 1 + shown as u16, &bucket(pen, &words, sum, column), &[]);
        }
    }
    let x = area.x + 3 * (column + 1);
    let area = Rect { x, width: area.right().saturating_sub(x), ..area };
    pen.line(area, first, &[piece("WHAT THEY LOSE", Role::Heading)], &[]);
    for (row, (words, role)) in (first + 1..area.height).zip(losses) {
        pen.line(area, row, &[piece(format!("  {words}"), role)], &[]);
    }
}

fn bucket<'a>(pen: &Pen<'_>, name: &Text, count: usize, width: u16) -> Vec<Piece<'a>> {
    let count = count.to_string();
    let room = usize::from(width).saturating_sub(text::width(&count) + 4);
    let name = text::left(name.as_str(), room, pen.glyphs.ellipsis());
    vec![piece(format!("  {name} {count}"), Role::Text)]
}

/// What the verb costs the users of the targets.
fn losses(plan: &Plan, blast: &BlastRadius) -> Vec<(String, Role)> {
    let count = plan.to_send.len();
    if count == 0 {
        return vec![("nothing: nothing is sent".to_owned(), Role::Muted)];
    }
    let mut lines = match plan.verb {
        Verb::Message => vec![("nothing: a pop-up appears".to_owned(), Role::Text)],
        Verb::Disconnect => vec![
            (
                format!("{} cut off from work", counted(blast.connected, "user is", "users are")),
                Role::Warning,
            ),
            ("the sessions run on".to_owned(), Role::Text),
        ],
        Verb::Logoff | Verb::LogoffForced => vec![(format!("unsaved work: up to {count}"), Role::Danger)],
        Verb::Restart | Verb::Reset => vec![
            (format!("unsaved work: up to {count}"), Role::Danger),
            (format!("{} down", counted(blast.machines, "machine goes", "machines go")), Role::Danger),
        ],
    };
    if plan.verb.is_destructive() && plan.verb != Verb::Disconnect && blast.connected > 0 {
        let words = counted(blast.connected, "session is in use", "sessions are in use");
        lines.push((words, Role::Danger));
    }
    if plan.verb.is_destructive() && blast.users_losing_all > 0 {
        let words = counted(blast.users_losing_all, "user loses all sessions", "users lose all sessions");
        lines.push((words, Role::Warning));
    }
    lines
}

/// Draws what it takes to start, with the terminal's cursor in the number.
fn draw_confirmation(pen: &mut Pen<'_>, area: Rect, state: &State, open: &PlanSheet) {
    let left = confirmation(state, open);
    pen.line(area, 0, &left, &[]);
    if matches!(open.plan.confirmation(), Confirmation::Number(_)) && !state.settings.read_only {
        let before = left.get(..NUMBER).map_or(0, pieces_width) + open.typed.len();
        pen.put_cursor(area, area.x + before as u16, 0);
    }
    let words = match open.plan.verb {
        Verb::Logoff => "Locked sessions will refuse a polite logoff; you can retry those as forced.",
        Verb::LogoffForced => "Forced takes unsaved work away without asking anybody.",
        Verb::Restart => "The guests are asked to restart; their users are logged off.",
        Verb::Reset => "A reset is the power button: the guest is not asked.",
        Verb::Disconnect => "Users can come back to their sessions as they left them.",
        Verb::Message => "The severity is a label on the pop-up; it changes nothing else.",
    };
    pen.line(area, 1, &[piece(words, Role::Muted)], &[]);
}

/// What to press.
fn confirmation(state: &State, open: &PlanSheet) -> Vec<Piece<'static>> {
    if state.settings.read_only {
        return vec![piece("Read-only: it cannot be started.", Role::ReadOnly)];
    }
    match open.plan.confirmation() {
        Confirmation::Nothing => vec![piece("Nothing to send: all targets are held back.", Role::Warning)],
        Confirmation::Key => {
            let confirm = key(Context::PlanSheet, Command::Confirm);
            vec![
                piece("Press ", Role::Text),
                piece(confirm, Role::Key),
                piece(format!(" to start ({} to be sent)", open.plan.to_send.len()), Role::Text),
            ]
        }
        Confirmation::Number(count) => {
            let width = count.to_string().len();
            // The number that is typed is piece NUMBER.
            vec![
                piece("Type ", Role::Text),
                piece(count.to_string(), Role::Key),
                piece(" then Enter to start  [", Role::Text),
                piece(format!("{:_<width$}", open.typed), Role::Input),
                piece(" ]", Role::Text),
            ]
        }
    }
}

/// Draws a list of targets; returns which part of it is seen.
fn draw_targets<'a>(
    pen: &mut Pen<'_>,
    body: Rect,
    state: &State,
    open: &PlanSheet,
    title: &str,
    targets: impl Iterator<Item = &'a Target> + Clone,
) -> String {
    let count = targets.clone().count();
    draw_heading(pen, body, state, open, &format!("{title}  {count}"));
    let ellipsis = pen.glyphs.ellipsis();
    let widths = Widths::of(body.width);
    let titles = widths.row(["USER", "ST", "POOL/FARM", "MACHINE"], "", ellipsis);
    pen.line(body, 1, &[piece(titles, Role::Heading)], &[]);
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(open.scroll, count, height);
    for (row, target) in (2..).zip(targets.skip(first).take(height)) {
        let [user, letter, pool, machine] = who_and_where(&target.session);
        let note = if target.hidden { "hidden by the filter" } else { "" };
        let line = widths.row([&user, &letter, &pool, &machine], note, ellipsis);
        pen.line(body, row, &[piece(line, if target.hidden { Role::Warning } else { Role::Text })], &[]);
    }
    part_of(first, height, count)
}

/// Draws who is held back and why; returns which part of it is seen.
fn draw_held_back(pen: &mut Pen<'_>, body: Rect, state: &State, open: &PlanSheet) -> String {
    let held: &[HeldBack] = &open.plan.held_back;
    draw_heading(pen, body, state, open, &format!("HELD BACK  {}", held.len()));
    let ellipsis = pen.glyphs.ellipsis();
    let widths = Widths::of(body.width);
    pen.line(
        body,
        1,
        &[piece(widths.row(["USER", "ST", "POOL/FARM", "MACHINE"], "WHY", ellipsis), Role::Heading)],
        &[],
    );
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(open.scroll, held.len(), height);
    for (row, held) in (2..).zip(held.iter().skip(first).take(height)) {
        let [user, letter, pool, machine] = who_and_where(&held.target.session);
        let line = widths.row([&user, &letter, &pool, &machine], &held.reason.to_string(), ellipsis);
        pen.line(body, row, &[piece(line, Role::Text)], &[]);
    }
    part_of(first, height, held.len())
}

/// Draws the title of a list; the number can be typed here too.
fn draw_heading(pen: &mut Pen<'_>, body: Rect, state: &State, open: &PlanSheet, title: &str) {
    let right = if open.typed.is_empty() { Vec::new() } else { confirmation(state, open) };
    pen.line(body, 0, &[piece(title, Role::Accent)], &right);
}

/// Widths of the columns of a list of targets.
struct Widths {
    user: usize,
    pool: usize,
    machine: usize,
    note: usize,
}

impl Widths {
    fn of(width: u16) -> Self {
        let room = usize::from(width).saturating_sub(2 + 4);
        let (user, pool, machine) = (room / 4, room / 5, room / 5);
        Self { user, pool, machine, note: room - user - pool - machine }
    }

    fn row(&self, [user, state, pool, machine]: [&str; 4], note: &str, ellipsis: &str) -> String {
        let columns =
            [(user, self.user), (state, 2), (pool, self.pool), (machine, self.machine), (note, self.note)];
        cells(&columns, ellipsis)
    }
}
