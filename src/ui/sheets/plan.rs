//! The sheet of a plan: what would be sent, to whom, what is held back and why, and what it takes to start it.

mod breakdown;
pub(super) mod summary;
mod terms;

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{Confirmation, HeldBack, Planned as _, Target},
        cloud::is_cloud,
        command::{Command, Context},
        rows::Rows,
        state::{PlanPage, PlanSheet, State},
    },
    domain::{Session, Text, Verb},
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        text::{self, counted, counted_with},
        theme::Role,
        time::Clock,
    },
};

use super::{
    course, old,
    sheet::{MEASURED, Sheet, cells, first_line, needed, part_of, who_and_where_in},
};

/// Lines at the end of the summary that are always there: the confirmation and its sentence.
const CONFIRMATION: u16 = 2;
/// The place of the typed number among the pieces of the confirmation.
const NUMBER: usize = 3;
/// From this width on there is room for whole words.
const NORMAL: u16 = 70;
/// Up to this height of the summary there is no blank line in it.
const SMALL: u16 = 12;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &PlanSheet, clock: &Clock) {
    let plan = &open.plan;
    let verb_role = if plan.forces() { Role::Forced } else { Role::Heading };
    let mut title =
        vec![piece(format!("PLAN {}  ", plan.id), Role::Accent), piece(plan.title().to_owned(), verb_role)];
    if let Some(parent) = &plan.retry_of {
        title.push(piece(format!("  {} {parent}", plan.link()), Role::Muted));
    }
    let made = format!("made {}", clock.time(plan.made_at));
    let sheet = Sheet::open(pen, state, &title, Some(&made));
    let warning = old::warning(state, plan.data_at, clock);
    let part = match open.page {
        PlanPage::Summary => draw_summary(pen, sheet.body, state, open, warning.as_deref(), clock),
        PlanPage::Targets => draw_targets(pen, sheet.body, state, open, "TO BE SENT", plan.to_send.iter()),
        PlanPage::Hidden => {
            let hidden = plan.to_send.iter().filter(|target| target.hidden);
            draw_targets(pen, sheet.body, state, open, "TO BE SENT BUT HIDDEN BY THE FILTER", hidden)
        }
        PlanPage::HeldBack => draw_held_back(pen, sheet.body, state, open),
    };
    // The lists have no line of their own for it.
    let warning = warning.filter(|_| open.page != PlanPage::Summary).map(|warning| Text::clean(&warning));
    let complaint = open.complaint.as_ref().or(warning.as_ref());
    sheet.close(pen, state, complaint, "nothing sent so far", &part);
}

/// Draws the summary. What is decided on stays: the text of a message, the number of targets, how old the data is, the
/// confirmation; the counts between them scroll where there is too little room. Returns which part of them is seen.
fn draw_summary(
    pen: &mut Pen<'_>,
    body: Rect,
    state: &State,
    open: &PlanSheet,
    warning: Option<&str>,
    clock: &Clock,
) -> String {
    let plan = &open.plan;
    let head = Rect { height: body.height.saturating_sub(CONFIRMATION), ..body };
    let foot = Rect { y: head.bottom(), height: body.height - head.height, ..body };
    draw_confirmation(pen, foot, state, open);
    let mut rest = Vec::new();
    let mut row = 0;
    if let Some(message) = &plan.message {
        // Half of the room; the lines that are too many come first among those that scroll.
        let mut preview = summary::preview(message, head.width);
        let most = usize::from(head.height.saturating_sub(2) / 2).max(1);
        rest = preview.split_off(most.min(preview.len()));
        for line in &preview {
            summary::draw_line(pen, head, row, line);
            row += 1;
        }
    }
    if let Some(course) = &plan.terms.course {
        let mut steps = course::steps(course, state.now, clock, head.width);
        // All steps but the end of a long text; what does not fit comes first among what scrolls.
        let most = usize::from(head.height.saturating_sub(4)).max(1);
        rest = steps.split_off(most.min(steps.len()));
        for line in &steps {
            summary::draw_line(pen, head, row, line);
            row += 1;
        }
    }
    draw_scope(pen, head, row, open, clock);
    row += 1;
    summary::draw_line(pen, head, row, &terms::guard(state, open, head.width, pen.glyphs.ellipsis()));
    row += 1;
    if let Some((words, role)) = terms::warned_again(state, plan) {
        pen.line(head, row, &[piece(words, role)], &[]);
        row += 1;
    }
    if let Some(warning) = warning {
        let mark = if warning.ends_with(old::READ_AGAIN) { "" } else { "! " };
        pen.line(head, row, &[piece(format!("{mark}{warning}"), Role::Stale)], &[]);
        pen.tint(head, row, Role::Stale);
    }
    row += u16::from(warning.is_some() || head.height > SMALL);
    let connected = if warning.is_some() {
        format!("connected at {}", clock.minute(plan.data_at))
    } else {
        "connected".to_owned()
    };
    rest.extend(summary::counts(state, plan, &open.blast, &connected, head.width));
    rest.push(Vec::new());
    rest.extend(terms::lines(state, open, head.width, pen.glyphs.ellipsis()));
    rest.push(Vec::new());
    rest.extend(breakdown::lines(plan, &open.blast, head.width, pen.glyphs.ellipsis()));
    rest.extend(terms::whole_command(state, open, head.width, pen.glyphs.ellipsis()));
    let area = Rect { y: head.y + row, height: head.height.saturating_sub(row), ..head };
    let height = usize::from(area.height);
    let first = first_line(open.scroll, rest.len(), height);
    for (row, line) in (0..area.height).zip(rest.iter().skip(first)) {
        summary::draw_line(pen, area, row, line);
    }
    let part = part_of(first, height, rest.len());
    match (part.is_empty(), first + height < rest.len()) {
        (true, _) => part,
        (false, true) => format!("more below [{}]  {part}", state.key(Context::PlanSheet, Command::MoveDown)),
        (false, false) => format!("more above [{}]  {part}", state.key(Context::PlanSheet, Command::MoveUp)),
    }
}

/// Draws how much is chosen and when it was read.
fn draw_scope(pen: &mut Pen<'_>, area: Rect, row: u16, open: &PlanSheet, clock: &Clock) {
    let blast = &open.blast;
    let sessions = counted(blast.sessions, "session", "sessions");
    let scope = if open.plan.to_send.is_empty() {
        format!("{sessions}, 0 to be sent")
    } else {
        // Users and machines are counted of those that are sent.
        let sessions = match open.plan.to_send.len() {
            all if all == blast.sessions => sessions,
            sent if area.width < NORMAL => format!("{sent} of {} sess", blast.sessions),
            sent => format!("{sent} of {sessions}"),
        };
        let users = counted_with(blast.users, blast.users_unknown, "user", "users");
        let machines = counted_with(blast.machines, blast.machines_unknown, "machine", "machines");
        format!("{sessions}  {users}  {machines}")
    };
    let read = format!("data {}", clock.time(open.plan.data_at));
    let label = "Targets  ";
    let fits = text::width(label) + text::width(&scope) + text::width(&read) < usize::from(area.width);
    let label = if fits { label } else { "" };
    pen.line(area, row, &[piece(label, Role::Muted), piece(scope, Role::Text)], &[piece(read, Role::Muted)]);
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
        Verb::Logoff if open.plan.terms.course.is_some() => {
            "Nobody is logged off unwarned. The countdown can be held, changed, cancelled."
        }
        Verb::Logoff if is_cloud(state) => {
            "There is no force over Workspace: what stays stays, unsaved work is lost."
        }
        Verb::Logoff => "Locked ones refuse a polite logoff; retry them as forced.",
        Verb::LogoffForced => "Forced takes unsaved work away without asking anybody.",
        Verb::Restart => "The guests are asked to restart; users are logged off.",
        Verb::Reset => "A reset is the power button: the guest is not asked.",
        Verb::Disconnect => "Users can come back to their sessions as they left them.",
        Verb::Message => "The severity is a label on the pop-up, nothing more.",
    };
    let mut pieces = vec![piece(words, Role::Muted)];
    if open.plan.goes_to_other_pods() {
        // What the verb is stands in the title; that nobody tells the end of it stands nowhere else.
        let remote = "Other pods: accepted means the request left, no more.";
        if text::width(remote) + text::width(words) + 2 > usize::from(area.width) {
            pieces.clear();
        }
        let gap = if pieces.is_empty() { "" } else { "  " };
        pieces.push(piece(format!("{gap}{remote}"), Role::Warning));
    }
    pen.line(area, 1, &pieces, &[]);
}

/// What to press.
fn confirmation(state: &State, open: &PlanSheet) -> Vec<Piece<'static>> {
    if state.settings.read_only {
        return vec![piece("Read-only: it cannot be started.", Role::ReadOnly)];
    }
    match open.plan.confirmation() {
        Confirmation::Nothing => vec![piece("Nothing to send: all targets are held back.", Role::Warning)],
        Confirmation::Key => {
            let confirm = state.key(Context::PlanSheet, Command::Confirm);
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
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(open.scroll, count, height);
    let shown = targets.clone().skip(first).take(height);
    let measured = targets.take(MEASURED).chain(shown.clone());
    let widths = Widths::of(body.width, "", measured.map(|target| (&target.session, note(target))), state);
    let titles = widths.row(["USER", "ST", "POOL/FARM", "MACHINE"], "", ellipsis);
    pen.line(body, 1, &[piece(titles, Role::Heading)], &[]);
    for (row, target) in (2..).zip(shown) {
        let [user, letter, pool, machine] = who_and_where_in(state, &target.session);
        let note = note(target);
        let line = widths.row([&user, &letter, &pool, &machine], &note, ellipsis);
        pen.line(body, row, &[piece(line, if target.hidden { Role::Warning } else { Role::Text })], &[]);
    }
    part_of(first, height, count)
}

/// The pod of a target, when it is another, and whether the filter hides it.
fn note(target: &Target) -> String {
    let pod = target.pod.as_ref().and(target.session.pod_label());
    match (pod, target.hidden) {
        (Some(pod), false) => format!("pod {pod}"),
        (Some(pod), true) => format!("pod {pod}, hidden by the filter"),
        (None, true) => "hidden by the filter".to_owned(),
        (None, false) => String::new(),
    }
}

/// Draws who is held back and why; returns which part of it is seen.
fn draw_held_back(pen: &mut Pen<'_>, body: Rect, state: &State, open: &PlanSheet) -> String {
    let held: &[HeldBack] = &open.plan.held_back;
    draw_heading(pen, body, state, open, &format!("HELD BACK  {}", held.len()));
    let ellipsis = pen.glyphs.ellipsis();
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(open.scroll, held.len(), height);
    let shown = held.iter().skip(first).take(height);
    let measured = held.iter().take(MEASURED).chain(shown.clone());
    let measured = measured.map(|held| (&held.target.session, held.reason.to_string()));
    let widths = Widths::of(body.width, "WHY", measured, state);
    pen.line(
        body,
        1,
        &[piece(widths.row(["USER", "ST", "POOL/FARM", "MACHINE"], "WHY", ellipsis), Role::Heading)],
        &[],
    );
    for (row, held) in (2..).zip(shown) {
        let [user, letter, pool, machine] = who_and_where_in(state, &held.target.session);
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
    /// For these sessions, each with its note.
    fn of<'a>(
        width: u16,
        title: &str,
        rows: impl Iterator<Item = (&'a Session, String)>,
        state: &State,
    ) -> Self {
        let room = usize::from(width).saturating_sub(2 + 4);
        let (user, pool, machine) = (room / 4, room / 5, room / 5);
        let rows = rows.map(|(session, note)| {
            let [user, _, pool, machine] = who_and_where_in(state, session);
            [user, pool, machine, note]
        });
        let needed = needed(["USER", "POOL/FARM", "MACHINE", title], rows);
        let usual = [user, pool, machine, room - user - pool - machine];
        let [user, pool, machine, note] = text::fitted(usual, needed);
        Self { user, pool, machine, note }
    }

    fn row(&self, [user, state, pool, machine]: [&str; 4], note: &str, ellipsis: &str) -> String {
        let columns =
            [(user, self.user), (state, 2), (pool, self.pool), (machine, self.machine), (note, self.note)];
        cells(&columns, ellipsis)
    }
}
