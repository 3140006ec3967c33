//! The help: keys of the context it was asked for in, then the others, the `:` commands and the filter language.

use crate::{
    core::{
        command::{Command, Context},
        command_reference,
        filter::{EVENT_FIELDS, FIELDS, FieldHelp},
        line_input::LineInput,
        rows::Rows,
        state::State,
        views,
    },
    ui::{
        pen::{Pen, piece},
        text,
        theme::Role,
    },
};

use super::sheet::{Sheet, first_line, part_of};

/// Columns of the keys.
const KEYS: usize = 19;

/// Words of the screen that need a sentence. Each line fits the smallest sheet.
fn words(state: &State) -> Vec<Line> {
    let refresh = state.key(Context::Sessions, Command::Refresh);
    let mut words = vec![
        ("PARTIAL", "list moved while it was read:".to_owned()),
        ("PARTIAL", format!("some may be missing; {refresh} rereads")),
        ("OLD, STALE", "last reading failed; as it was then".to_owned()),
        ("ERR", "the server does not answer".to_owned()),
        ("429 9s", "the server asked to wait that long".to_owned()),
        ("?", "not known: the server did not say".to_owned()),
        ("-", "there can be none here".to_owned()),
    ];
    if state.settings.recording {
        words.push(("REC", "the run is recorded, without names".to_owned()));
    }
    words.into_iter().map(|(word, meaning)| Line::Entry(word.to_owned(), meaning)).collect()
}

/// A line of the help.
enum Line {
    Heading(String),
    Entry(String, String),
    Blank,
}

/// Draws the help.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, context: Context, search: &LineInput, scroll: usize) {
    let title = [piece("HELP  ", Role::Accent), piece(context.title(), Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    let lead = "search: ";
    pen.line(body, 0, &[piece(lead, Role::Muted), piece(search.text(), Role::Input)], &[]);
    pen.put_cursor(body, body.x + (text::width(lead) + search.visual_cursor()) as u16, 0);
    let room = usize::from(body.width).saturating_sub(KEYS + 3);
    let lines = wrapped(matching(all(state, context), search.text()), room);
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(scroll, lines.len(), height);
    for (row, line) in (2..).zip(lines.iter().skip(first).take(height)) {
        match line {
            Line::Heading(words) => pen.line(body, row, &[piece(words.as_str(), Role::Heading)], &[]),
            Line::Entry(keys, words) => {
                let keys = text::left(keys, KEYS, pen.glyphs.ellipsis());
                pen.line(
                    body,
                    row,
                    &[piece(format!("  {keys} "), Role::Key), piece(words.as_str(), Role::Text)],
                    &[],
                );
            }
            Line::Blank => {}
        }
    }
    if lines.is_empty() {
        pen.text(body, body.x, 2, "nothing matches; Backspace widens the search", Role::Muted);
    }
    sheet.close(
        pen,
        state,
        None,
        "type to search; arrows and PgDn scroll",
        &part_of(first, height, lines.len()),
    );
}

/// Everything, the asked context first.
fn all(state: &State, context: Context) -> Vec<Line> {
    let mut lines = Vec::new();
    let others = Context::ALL.iter().copied().filter(|other| *other != context);
    for section in std::iter::once(context).chain(others) {
        lines.push(Line::Heading(heading(state, section)));
        lines.extend(keys_of(state, section));
        // What was asked for stands apart; the others follow closely, so that less must be scrolled.
        if section == context {
            lines.push(Line::Blank);
        }
    }
    lines.push(Line::Blank);
    lines.push(Line::Heading("Words on the screen".to_owned()));
    lines.extend(words(state));
    lines.push(Line::Heading("Commands after :".to_owned()));
    lines.extend(command_reference().into_iter().map(|(name, words)| Line::Entry(name, words.to_owned())));
    lines.extend(views::known(state).iter().map(view));
    lines.push(Line::Blank);
    lines.push(Line::Heading(
        "Filter: blank is AND, | is OR, ! negates, ( ) group; word matches any column".to_owned(),
    ));
    lines.extend(FIELDS.iter().map(field));
    lines.push(Line::Blank);
    lines.push(Line::Heading("Filter of the event pane".to_owned()));
    lines.extend(EVENT_FIELDS.iter().map(field));
    lines
}

/// The title of a context; of a menu with the key that opens it, which its own keys follow.
fn heading(state: &State, context: Context) -> String {
    let opened = match context {
        Context::ActionMenu => state.key(Context::Sessions, Command::ActionMenu),
        Context::ChangeMenu => state.key(Context::Permissions, Command::ChangeMenu),
        _ => return context.title().to_owned(),
    };
    format!("{}, after {opened}", context.title())
}

/// The commands of a context in the order of the catalogue, each with all its keys.
fn keys_of(state: &State, context: Context) -> Vec<Line> {
    let keymap = &state.settings.keymap;
    let mut seen: Vec<Command> = Vec::new();
    for binding in keymap.bindings(context) {
        if !seen.contains(&binding.command) {
            seen.push(binding.command);
        }
    }
    let entry = |command: Command| {
        Line::Entry(keymap.keys_of(context, command).join(" "), views::describe(state, command))
    };
    seen.into_iter().map(entry).collect()
}

/// A view, by its name: what it shows, and its filter.
fn view(known: &views::KnownView) -> Line {
    let filter = if known.built_in { format!(": {}", known.view.filter) } else { String::new() };
    Line::Entry(format!(":{}", known.name), format!("{}{filter}", known.meaning))
}

fn field(help: &FieldHelp) -> Line {
    Line::Entry(help.example.to_owned(), format!("{}: {}", help.name, help.meaning))
}

/// Breaks what does not fit into several lines: nothing of the help is cut.
fn wrapped(lines: Vec<Line>, room: usize) -> Vec<Line> {
    let parts = |words: &str, room: usize| -> Vec<String> {
        text::wrap(words, room.max(8)).into_iter().map(|part| part.trim_end().to_owned()).collect()
    };
    let broken = |line: Line| match line {
        Line::Entry(keys, words) => {
            let (mut keys, mut words) = (parts(&keys, KEYS), parts(&words, room));
            let count = keys.len().max(words.len());
            keys.resize(count, String::new());
            words.resize(count, String::new());
            keys.into_iter().zip(words).map(|(keys, words)| Line::Entry(keys, words)).collect()
        }
        Line::Heading(words) => parts(&words, room + KEYS).into_iter().map(Line::Heading).collect(),
        Line::Blank => vec![Line::Blank],
    };
    lines.into_iter().flat_map(broken).collect()
}

/// The entries that hold all of the searched words, in any order, below their headings.
fn matching(lines: Vec<Line>, search: &str) -> Vec<Line> {
    let search = search.to_lowercase();
    let wanted: Vec<&str> = search.split_whitespace().collect();
    if wanted.is_empty() {
        return lines;
    }
    let mut kept = Vec::new();
    let mut heading = None;
    for line in lines {
        match line {
            Line::Heading(words) => heading = Some(words),
            Line::Entry(keys, words) => {
                let entry = format!("{keys} {words}").to_lowercase();
                if wanted.iter().all(|word| entry.contains(word)) {
                    kept.extend(heading.take().map(Line::Heading));
                    kept.push(Line::Entry(keys, words));
                }
            }
            Line::Blank => {}
        }
    }
    kept
}
