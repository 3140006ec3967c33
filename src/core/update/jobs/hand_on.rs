//! Handing the report of a job on: files, and the clipboard.

use crate::{
    core::{
        bulk::{Facts, JobNote},
        command::{Command, Context},
        effect::Effect,
        events::RecordLevel,
        interchange::for_clipboard,
        state::{NoticeKind, State},
    },
    domain::{JobId, Text},
};

use super::{
    super::{connection, export},
    record,
};

/// What is told of a job of this run, whichever kind it is.
pub(super) fn note(state: &State, id: JobId) -> Option<JobNote> {
    let note = match state.job(id) {
        Some(job) => JobNote::of_job(job, facts(state)),
        None => JobNote::of_changes(state.change_job(id)?, facts(state)),
    };
    Some(note.on_record(state.records.journals.get(&id).map(String::as_str)))
}

/// Runs a command of the sheet of a job of this run.
pub(in super::super) fn run(state: &mut State, id: JobId, command: Command) -> Vec<Effect> {
    match (note(state, id), command) {
        (Some(note), Command::JobExport) => export(&note, Some(id)),
        (Some(note), Command::JobCopy) => copy(state, &note),
        _ => Vec::new(),
    }
}

/// Writes all three forms to files. `id` is the job's, when it is one of this run.
pub(in super::super) fn export(note: &JobNote, id: Option<JobId>) -> Vec<Effect> {
    vec![Effect::WriteReport { job: id, name: note.file_name(), files: note.files() }]
}

/// Says where the files are, or why there are none.
pub(in super::super) fn report_written(state: &mut State, id: Option<JobId>, answer: Result<Text, Text>) {
    let (level, kind, words) = match answer {
        Ok(path) => {
            (RecordLevel::Info, NoticeKind::Info, format!("report written: {}", export::file_first(&path)))
        }
        Err(why) => {
            let words = format!("the report could not be written: {why}");
            (RecordLevel::Warning, NoticeKind::Warning, words)
        }
    };
    match id {
        Some(id) => record(state, id, level, &words, None),
        None => connection::record(state, level, &words),
    }
    state.notify(kind, &words);
}

/// Gives the note to the clipboard. Whether the terminal takes it nobody tells.
pub(in super::super) fn copy(state: &mut State, note: &JobNote) -> Vec<Effect> {
    let note = note.markdown();
    let (text, left_out) = for_clipboard(&note);
    let text = text.into_owned();
    if left_out > 0 {
        let export = state.key(Context::JobSheet, Command::JobExport);
        let words =
            format!("note sent to the clipboard, cut short by {left_out} lines; {export} writes all of it");
        state.notify(NoticeKind::Warning, &words);
    } else {
        state.notify(NoticeKind::Info, "note sent to the clipboard of your terminal, if it takes it");
    }
    vec![Effect::Copy(text)]
}

fn facts(state: &State) -> Facts {
    let unknown = || Text::clean("?");
    let profile = &state.settings.profile;
    let Some(known) = state.capabilities() else {
        return Facts { operator: unknown(), estate: profile.clone(), pod: None };
    };
    let place = known.pod.as_ref().or(known.cluster.as_ref()).unwrap_or(&known.server);
    let estate = Text::clean(&format!("{profile} / {place}"));
    Facts { operator: known.account.name.clone(), estate, pod: known.pod.clone() }
}
