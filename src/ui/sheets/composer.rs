//! The message composer: to whom, how severe, the text, how one of them will read it, and who cannot.

use std::{borrow::Cow, collections::BTreeSet};

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::template::{self, Field},
        command::{Command, Context},
        state::{Composer, ComposerField, State, Then},
        text_area::TextArea,
    },
    domain::{MessageSeverity, Session, SessionFacts, SessionState},
    ui::{
        pen::{Pen, Piece, piece},
        text::{self, counted},
        theme::Role,
    },
};

use super::{afterwards, sheet::Sheet};

/// Columns of the labels.
const LABEL: u16 = 10;
/// Lines of the sheet beside the box of the text: to, severity, preview, note with its choice.
const OTHER_LINES: u16 = 5 + 1 + PREVIEW;
/// Lines that come where there is room: three blanks and the remark.
const ROOMY_LINES: u16 = 4;
/// Lines of the text in the preview.
const PREVIEW: u16 = 2;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, composer: &Composer) {
    let to = counted(composer.targets.len(), "session", "sessions");
    let mut title = vec![piece("MESSAGE  ", Role::Accent), piece(format!("to {to}"), Role::Heading)];
    if let Some(plan) = &composer.corrects {
        title.push(piece(format!("  corrects what plan {plan} told them"), Role::Warning));
    }
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    let people = People::of(state, composer);
    // On small screens the blank lines and the remark give way first.
    let roomy = body.height >= OTHER_LINES + ROOMY_LINES + 5;
    let gap = u16::from(roomy);
    // The minutes of a wait, and the templates when there are any.
    let waits = composer.then.then != Then::Nothing;
    let templates = !state.settings.templates.is_empty();
    let more = u16::from(waits) + u16::from(templates);
    let mut row = 0;
    label(pen, body, row, "To", false);
    pen.line(value_area(body), row, &people.line(), &[]);
    row += 1 + gap;
    draw_severity(pen, body, row, composer);
    row += 1 + gap;
    if templates {
        draw_template(pen, body, row - gap, state, composer);
        row += 1;
    }
    let box_height = body.height.saturating_sub(OTHER_LINES + more + ROOMY_LINES * gap).clamp(3, 14);
    let text_area = Rect { y: body.y + row, height: box_height, ..value_area(body) };
    label(pen, body, row, "Text", composer.field == ComposerField::Text);
    draw_text(pen, text_area, composer);
    row += box_height;
    row = draw_preview(pen, body, row, state, composer, &people);
    row = afterwards::draw(pen, body, row, composer);
    row += gap;
    draw_note(pen, body, row, composer, &people);
    if roomy {
        let remark = "Severity is a label on the pop-up, it changes nothing else.";
        pen.line(body, body.height - 1, &[piece(remark, Role::Muted)], &[]);
    }
    let focus = match composer.field {
        ComposerField::Severity => "focus: Severity",
        ComposerField::Text => "focus: Text",
        ComposerField::Disconnected => "focus: Note",
        ComposerField::Then => "focus: Then",
        ComposerField::Wait if composer.fresh => "focus: wait; a digit replaces it",
        ComposerField::Wait => "focus: minutes of the wait",
        ComposerField::Remind => "focus: reminders, minutes before the end",
        ComposerField::ForceAfter => "focus: minutes until force",
    };
    sheet.close(pen, state, composer.complaint.as_ref(), focus, "nothing sent so far");
}

pub(super) fn value_area(body: Rect) -> Rect {
    Rect { x: body.x + LABEL, width: body.width.saturating_sub(LABEL), ..body }
}

/// Draws the label of a field, with a mark where the keys go.
pub(super) fn label(pen: &mut Pen<'_>, body: Rect, row: u16, words: &str, focused: bool) {
    let role = if focused { Role::Accent } else { Role::Muted };
    let mark = if focused { ">" } else { " " };
    pen.line(Rect { width: LABEL, ..body }, row, &[piece(mark, Role::Accent), piece(words, role)], &[]);
}

/// The people that the message is for.
struct People {
    sessions: usize,
    users: usize,
    connected: usize,
    disconnected: usize,
    unknown: usize,
    gone: usize,
    /// The one that the preview is for.
    reader: Option<Session>,
}

impl People {
    fn of(state: &State, composer: &Composer) -> Self {
        let mut people = Self {
            sessions: composer.targets.len(),
            users: 0,
            connected: 0,
            disconnected: 0,
            unknown: 0,
            gone: 0,
            reader: composer.targets.get(composer.preview).and_then(|id| state.session(id)),
        };
        let mut users = BTreeSet::new();
        for id in &composer.targets {
            let Some(session) = state.row(id) else {
                people.gone += 1;
                continue;
            };
            users.extend(session.user_name().map(Cow::Borrowed).or_else(|| session.user_id()));
            match session.state() {
                Some(SessionState::Connected) => people.connected += 1,
                Some(SessionState::Disconnected) => people.disconnected += 1,
                Some(SessionState::Pending | SessionState::Unknown(_)) | None => people.unknown += 1,
            }
        }
        people.users = users.len();
        people
    }

    fn line(&self) -> Vec<Piece<'static>> {
        let mut pieces = vec![
            piece(counted(self.sessions, "session", "sessions"), Role::Text),
            piece(format!("  {}", counted(self.users, "user", "users")), Role::Text),
            piece(format!("  {} connected", self.connected), Role::Success),
        ];
        if self.disconnected > 0 {
            pieces.push(piece(format!("  {} disconnected", self.disconnected), Role::Warning));
        }
        if self.unknown > 0 {
            pieces.push(piece(format!("  {} other", self.unknown), Role::Warning));
        }
        if self.gone > 0 {
            pieces.push(piece(format!("  {} gone", self.gone), Role::Warning));
        }
        pieces
    }
}

/// Draws the picker: the chosen severity carries a star.
fn draw_severity(pen: &mut Pen<'_>, body: Rect, row: u16, composer: &Composer) {
    let focused = composer.field == ComposerField::Severity;
    label(pen, body, row, "Severity", focused);
    let mut pieces = Vec::new();
    for severity in MessageSeverity::ALL {
        let chosen = severity == composer.severity;
        let mark = if chosen { "*" } else { " " };
        let role = if chosen { severity_role(severity) } else { Role::Muted };
        pieces.push(piece(format!("[{mark}{}{mark}]", severity.label()), role));
        pieces.push(piece("  ", Role::Text));
    }
    let keys = if focused { [piece("i / w / e, or Left Right", Role::Muted)].to_vec() } else { Vec::new() };
    pen.line(value_area(body), row, &pieces, &keys);
}

/// Draws which template the text is, and which fields it can have.
fn draw_template(pen: &mut Pen<'_>, body: Rect, row: u16, state: &State, composer: &Composer) {
    label(pen, body, row, "Template", false);
    let chosen = composer.template.and_then(|place| state.settings.templates.get(place));
    let is_same = chosen.is_some_and(|template| *template.text == *composer.text.text());
    let name = match chosen {
        Some(template) if is_same => template.name.to_string(),
        Some(template) => format!("{}, changed", template.name),
        None => "none".to_owned(),
    };
    let fields: Vec<String> = Field::ALL.iter().map(ToString::to_string).collect();
    let next = state.key(Context::Composer, Command::ComposerTemplate);
    let left = [piece(format!("({next}) "), Role::Key), piece(name, Role::Text)];
    pen.line(value_area(body), row, &left, &[piece(fields.join(" "), Role::Muted)]);
}

fn severity_role(severity: MessageSeverity) -> Role {
    match severity {
        MessageSeverity::Info => Role::Info,
        MessageSeverity::Warning => Role::Warning,
        MessageSeverity::Error => Role::Danger,
    }
}

/// The lines of the text as they are wrapped, and where the cursor stands among them.
fn wrapped(area: &TextArea, width: usize) -> (Vec<&str>, (usize, usize)) {
    let (cursor_line, cursor_column) = area.position();
    let mut lines = Vec::new();
    let mut cursor = (0, 0);
    for (number, line) in area.text().split('\n').enumerate() {
        let parts = text::wrap(line, width);
        if number == cursor_line {
            let (part, column) = text::place_in_wrapped(&parts, cursor_column, width);
            cursor = (lines.len() + part, column);
        }
        lines.extend(parts);
    }
    (lines, cursor)
}

/// Draws the box with the text, around the cursor.
fn draw_text(pen: &mut Pen<'_>, area: Rect, composer: &Composer) {
    let focused = composer.field == ComposerField::Text;
    let inside = pen.frame(area, if focused { Role::BorderFocus } else { Role::Border });
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    // One column is kept for the cursor behind the last character of a full line.
    let width = usize::from(inside.width.saturating_sub(1));
    let (lines, (cursor_row, cursor_column)) = wrapped(&composer.text, width);
    let height = usize::from(inside.height);
    let first = (cursor_row + 1).saturating_sub(height);
    for (row, line) in (0..inside.height).zip(lines.iter().skip(first)) {
        pen.text(inside, inside.x, row, line.trim_end(), Role::Input);
    }
    if focused {
        pen.put_cursor(inside, inside.x + cursor_column as u16, (cursor_row - first) as u16);
    }
    let count = format!(" {} ", counted(composer.text.characters(), "char", "chars"));
    let bottom = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    pen.line(bottom, area.height.saturating_sub(1), &[], &[piece(count, Role::Muted)]);
    if first > 0 {
        pen.text(bottom, bottom.x, 0, &format!(" {} above ", counted(first, "line", "lines")), Role::Muted);
    }
}

/// The text with its fields filled in, as far as they are known.
fn as_read(state: &State, composer: &Composer, reader: Option<&Session>) -> String {
    let settings = &state.settings;
    let text = template::fill(composer.text.text().trim_end(), |field| match field {
        Field::Ticket => settings.terms.ticket.as_ref().map(ToString::to_string),
        Field::Who => state.capabilities().map(|known| known.account.name.to_string()),
        _ => None,
    });
    let minutes = composer.then.wait.parse().ok().filter(|_| composer.then.then != Then::Nothing);
    match reader {
        Some(session) => template::fill_for(&text, session, minutes),
        None => text,
    }
}

/// Draws how one of the users will read it; returns the row below.
fn draw_preview(
    pen: &mut Pen<'_>,
    body: Rect,
    row: u16,
    state: &State,
    composer: &Composer,
    people: &People,
) -> u16 {
    label(pen, body, row, "Preview", false);
    let area = value_area(body);
    let written = as_read(state, composer, people.reader.as_ref());
    let written = written.as_str();
    let title = match composer.severity {
        MessageSeverity::Info => "Info",
        MessageSeverity::Warning => "Warning",
        MessageSeverity::Error => "Error",
    };
    let reader = people
        .reader
        .as_ref()
        .and_then(Session::user_label)
        .map_or_else(|| "?".to_owned(), |name| name.to_string());
    let lines = counted(written.split('\n').count(), "line", "lines");
    let words = if written.is_empty() {
        format!("as {reader} would get it: no text yet")
    } else {
        format!("as {reader} gets it: title \"{title}\", {lines}")
    };
    let next = state.key(Context::Composer, Command::ComposerPreview);
    let keys =
        if people.sessions > 1 { vec![piece(format!("{next} next user"), Role::Muted)] } else { Vec::new() };
    pen.line(area, row, &[piece(words, Role::Text)], &keys);
    let width = usize::from(area.width).saturating_sub(2);
    let all: Vec<&str> = written.split('\n').flat_map(|line| text::wrap(line, width)).collect();
    let room = usize::from(PREVIEW);
    for (place, line) in (1..).zip(all.iter().take(room)) {
        let cut = all.len() > room && usize::from(place) == room;
        let rest =
            if cut { format!("+{}", counted(all.len() - room, "line", "lines")) } else { String::new() };
        let pieces = [piece("| ", Role::Border), piece(line.trim_end(), Role::Muted)];
        pen.line(area, row + place, &pieces, &[piece(rest, Role::Muted)]);
    }
    row + 1 + PREVIEW
}

/// Draws who cannot read it, and what to do about them.
fn draw_note(pen: &mut Pen<'_>, body: Rect, row: u16, composer: &Composer, people: &People) {
    let focused = composer.field == ComposerField::Disconnected;
    label(pen, body, row, "Note", focused);
    let area = value_area(body);
    let words = if people.disconnected > 0 {
        let verb = if people.disconnected == 1 { "is" } else { "are" };
        format!(
            "{} of {} {verb} disconnected: no client is attached to read it.",
            people.disconnected, people.sessions
        )
    } else {
        "none is disconnected.".to_owned()
    };
    let role = if people.disconnected > 0 { Role::Warning } else { Role::Muted };
    pen.line(area, row, &[piece(words, role)], &[]);
    let mark = |chosen: bool| if chosen { "[x]" } else { "[ ]" };
    let choice = format!(
        "{} leave them out   {} send anyway",
        mark(composer.leave_out_disconnected),
        mark(!composer.leave_out_disconnected)
    );
    let keys = if focused { vec![piece("x changes it", Role::Muted)] } else { Vec::new() };
    pen.line(area, row + 1, &[piece(choice, if focused { Role::Input } else { Role::Text })], &keys);
}
