//! Taking the list along: to the clipboard of the operator's terminal, or to a file.

use crate::{
    core::{
        cloud::is_cloud,
        command::Command,
        effect::Effect,
        events::RecordLevel,
        export::{self, Copied, ExportForm, ListExport},
        interchange::for_clipboard,
        state::{NoticeKind, State, Tab},
    },
    domain::{SessionRow, Text},
};

use super::connection;

/// Copies the chosen cell of the row under the cursor, or all shown columns of the marked rows or of this one.
pub(super) fn copy(state: &mut State, command: Command) -> Vec<Effect> {
    if state.tab != Tab::Sessions {
        return copy_listed(state);
    }
    let view = &state.sessions.view;
    let rows = match command {
        Command::CopyCell => view.cursor_session().map(SessionRow::number).into_iter().collect(),
        _ => view.target_rows(),
    };
    let count = rows.len();
    let Some(list) = ListExport::of(state, rows).filter(|_| count > 0) else {
        state.notify(NoticeKind::Warning, "there is no session under the cursor to copy");
        return Vec::new();
    };
    let column = view.column();
    let (text, what) = match command {
        Command::CopyCell => {
            let list = ListExport { columns: vec![column], ..list };
            let text = list.tabbed().trim_end().to_owned();
            let what = format!("{} {text}", column.title().to_lowercase());
            (text, what)
        }
        _ => (list.tabbed(), rows_in_words(count)),
    };
    vec![sent(state, &text, &what)]
}

/// Copies the marked rows of a list beside the sessions, or the one under the cursor.
fn copy_listed(state: &mut State) -> Vec<Effect> {
    let copied = Copied::of(state);
    if copied.rows == 0 {
        let words = match copied.hidden {
            0 => "there is nothing under the cursor to copy",
            _ => "the filter hides all that is marked",
        };
        state.notify(NoticeKind::Warning, words);
        return Vec::new();
    }
    let rows = rows_in_words(copied.rows);
    let what = match copied.hidden {
        0 => rows,
        hidden => format!("{rows}, without {hidden} marked that the filter hides,"),
    };
    vec![sent(state, &copied.text, &what)]
}

fn rows_in_words(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// Sends a text to the clipboard and says so.
fn sent(state: &mut State, text: &str, what: &str) -> Effect {
    let (text, left_out) = for_clipboard(text);
    let text = text.into_owned();
    if left_out > 0 {
        let words =
            format!("sent to the clipboard, cut short by {left_out} rows; :export writes all shown rows");
        state.notify(NoticeKind::Warning, &words);
    } else {
        // What was copied first: the end of a line is cut.
        let words = format!("{what} sent to the clipboard of your terminal, if it takes it");
        state.notify(NoticeKind::Info, &words);
    }
    Effect::Copy(text)
}

/// What is wrong with the argument of `:export`, if anything is.
pub(super) fn mistake(argument: &str) -> Option<Text> {
    argument.parse::<ExportForm>().is_err().then(|| Text::clean("export takes csv, json or markdown"))
}

/// Writes the shown rows to a file.
pub(super) fn list(state: &mut State, argument: &str) -> Vec<Effect> {
    let Ok(form) = argument.parse::<ExportForm>() else { return Vec::new() };
    let small = match state.tab {
        tab if is_cloud(state) && tab != Tab::Sessions => export::cloud(&state.cloud, tab, form),
        Tab::Permissions if state.permissions.book.value().is_some() => {
            Some((export::permissions(&state.permissions, form), "permissions"))
        }
        Tab::Images if state.images.book.value().is_some() => {
            Some((export::images(&state.images, form), "images"))
        }
        _ => None,
    };
    if let Some((text, what)) = small {
        return vec![Effect::ExportText { text, form, name: format!("{what}-{}", moment(state)) }];
    }
    if state.tab != Tab::Sessions {
        state.notify(NoticeKind::Warning, "this list was not read yet");
        return Vec::new();
    }
    let rows = state.sessions.view.rows().to_vec();
    let Some(list) = ListExport::of(state, rows) else {
        state.notify(NoticeKind::Warning, "not connected yet");
        return Vec::new();
    };
    vec![Effect::ExportList { list: Box::new(list), form, name: format!("sessions-{}", moment(state)) }]
}

/// Writes the screen to a file.
pub(super) fn screen(state: &State) -> Vec<Effect> {
    vec![Effect::DumpScreen { name: format!("screen-{}", moment(state)) }]
}

/// The present in the name of a file.
fn moment(state: &State) -> String {
    state.now.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The run is recorded no more: nothing on the screen says so any longer, and somebody is told.
pub(super) fn recording_ended(state: &mut State, why: &Text) {
    state.settings.recording = false;
    connection::record(state, RecordLevel::Warning, why.as_str());
    state.notify(NoticeKind::Warning, why.as_str());
}

/// Says where a file is, or why there is none.
pub(super) fn written(state: &mut State, answer: Result<Text, Text>) {
    let (level, kind, words) = match answer {
        Ok(path) => (RecordLevel::Info, NoticeKind::Info, format!("written: {}", file_first(&path))),
        Err(why) => (RecordLevel::Warning, NoticeKind::Warning, format!("it could not be written: {why}")),
    };
    connection::record(state, level, &words);
    state.notify(kind, &words);
}

/// A path with the name of the file first: that is what is looked for, and the end of a line is cut first.
pub(super) fn file_first(path: &Text) -> String {
    match path.as_str().rsplit_once(['/', '\\']) {
        Some((folder, file)) if !file.is_empty() => format!("{file} in {folder}"),
        _ => path.to_string(),
    }
}
