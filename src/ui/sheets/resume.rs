//! What is left of a job on record, before it is gone on with: what would be read, what would be sent, and what it takes.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{Confirmation, JobNote},
        command::{Command, Context},
        state::{ResumeSheet, State},
    },
    domain::Verb,
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        text,
        theme::Role,
        time::Clock,
    },
};

use super::{
    page::{Line, draw_page, wrapped},
    record,
    sheet::Sheet,
};

/// Lines at the end that are always there: how many are sent at most, and the confirmation.
const CONFIRMATION: u16 = 2;
/// The place of the typed number among the pieces of the confirmation.
const NUMBER: usize = 3;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &ResumeSheet, clock: &Clock) {
    let recovered = &open.record.recovered;
    let note = JobNote::of_record(&open.record.id, recovered);
    let started = format!("started {}", clock.full(recovered.started_at));
    let sheet = Sheet::open(pen, state, &record::title("GO ON", &open.record, &note), Some(&started));
    let body = sheet.body;
    let head = Rect { height: body.height.saturating_sub(CONFIRMATION), ..body };
    let foot = Rect { y: head.bottom(), height: body.height - head.height, ..body };
    let mut lines = record::head(&open.record, clock, head.width);
    lines.push(Line::blank());
    lines.extend(what_happens(open, head.width));
    let part = draw_page(pen, head, &lines, open.scroll);
    let count = open.left.to_send.len();
    let most = format!("At most {} sent; each is read again right before its request.", are(count));
    pen.line(foot, 0, &[piece(most, Role::Text)], &[]);
    let left = confirmation(state, &open.confirmation(), &open.typed);
    pen.line(foot, 1, &left, &[]);
    if matches!(open.confirmation(), Confirmation::Number(_)) {
        let before = left.get(..NUMBER).map_or(0, pieces_width) + open.typed.len();
        pen.put_cursor(foot, foot.x + before as u16, 1);
    }
    sheet.close(pen, state, open.complaint.as_ref(), "nothing sent so far", &part);
}

fn are(count: usize) -> String {
    if count == 1 { "1 is".to_owned() } else { format!("{count} are") }
}

/// What becomes of the targets, by where they stand.
fn what_happens(open: &ResumeSheet, width: u16) -> Vec<Line> {
    let recovered = &open.record.recovered;
    let tally = recovered.tally();
    let plan = &open.left;
    let mut lines = vec![Line::of("What happens with whom", Role::Heading)];
    let mut say = |count: usize, word: &str, words: &str| {
        let role = if count > 0 { Role::Text } else { Role::Muted };
        let lead = format!("{count:>5}  {}", text::left(word, 20, ""));
        lines.extend(wrapped(&lead, words, role, width));
    };
    say(tally.unanswered, "sent without answer", unanswered(plan.verb));
    say(tally.unsent, "unsent", "sent; held back who changed or came back since");
    let forced = recovered.awaiting_force().len();
    if forced > 0 {
        say(forced, "await force", "forced, where they are locked or still listed then");
    }
    let taken = recovered.to_confirm().len();
    if taken > 0 {
        let words = format!("read again, and confirmed where {}; nothing is sent for them", done(plan.verb));
        say(taken, "accepted", &words);
    }
    say(tally.answered.saturating_sub(forced + taken), "other answers", "left alone");
    say(tally.held_back, "held back", "left alone");
    lines.push(Line::blank());
    let mut also = |label: &str, words: &str| lines.extend(wrapped(label, words, Role::Muted, width));
    if plan.terms.course.is_some() {
        also("Course   ", "goes on where it was: who was warned is not warned again, the countdown runs on");
    }
    if let Some(guard) = &plan.terms.guard {
        also("Guard    ", guard.text());
    }
    also("Pace     ", &plan.terms.pace.to_string());
    lines
}

/// What the list shows when the verb was carried out.
fn done(verb: Verb) -> &'static str {
    match verb {
        Verb::Logoff | Verb::LogoffForced | Verb::Restart | Verb::Reset => "they have ended",
        Verb::Disconnect => "they are disconnected",
        Verb::Message => "an event tells of it",
    }
}

/// What becomes of those without an answer.
fn unanswered(verb: Verb) -> &'static str {
    match verb {
        Verb::Logoff | Verb::LogoffForced | Verb::Disconnect => {
            "read first, before anything is sent; sent again only where the server shows that nothing was done"
        }
        Verb::Restart | Verb::Reset => {
            "read first; never sent again: nothing shows whether the machine went down"
        }
        Verb::Message => "never sent again: nothing shows whether a message was read",
    }
}

/// What to press.
fn confirmation(state: &State, asked: &Confirmation, typed: &str) -> Vec<Piece<'static>> {
    match asked {
        Confirmation::Nothing => vec![piece("Nothing is left to send.", Role::Warning)],
        Confirmation::Key => vec![
            piece("Press ", Role::Text),
            piece(state.key(Context::ResumeSheet, Command::Confirm), Role::Key),
            piece(" to go on", Role::Text),
        ],
        Confirmation::Number(count) => {
            let width = count.to_string().len();
            // The number that is typed is piece NUMBER.
            vec![
                piece("Type ", Role::Text),
                piece(count.to_string(), Role::Key),
                piece(" then Enter to go on  [", Role::Text),
                piece(format!("{typed:_<width$}"), Role::Input),
                piece(" ]", Role::Text),
            ]
        }
    }
}
