//! Handing the report of a job on: files, and the clipboard.

use crate::{
    core::{
        bulk::{Facts, Job, JobNote, for_clipboard},
        effect::Effect,
        events::RecordLevel,
        state::{NoticeKind, State},
    },
    domain::{JobId, Text},
};

use super::record;

/// Writes all three forms to files.
pub(super) fn export(state: &mut State, id: JobId) -> Vec<Effect> {
    let Some(job) = state.job(id) else {
        return Vec::new();
    };
    let note = JobNote::of_job(job, facts(state));
    let files = [("csv", note.csv()), ("json", note.json()), ("md", note.markdown())];
    let files = files.into_iter().map(|(ending, text)| (ending.to_owned(), text)).collect();
    vec![Effect::WriteReport { job: id, name: name(job), files }]
}

/// Says where the files are, or why there are none.
pub(in super::super) fn report_written(state: &mut State, id: JobId, answer: Result<Text, Text>) {
    match answer {
        Ok(path) => {
            let words = format!("report written: {path}");
            record(state, id, RecordLevel::Info, &words, None);
            state.notify(NoticeKind::Info, &words);
        }
        Err(why) => {
            let words = format!("the report could not be written: {why}");
            record(state, id, RecordLevel::Warning, &words, None);
            state.notify(NoticeKind::Warning, &words);
        }
    }
}

/// Gives the note to the clipboard. Whether the terminal takes it nobody tells.
pub(super) fn copy(state: &mut State, id: JobId) -> Vec<Effect> {
    let Some(job) = state.job(id) else {
        return Vec::new();
    };
    let note = JobNote::of_job(job, facts(state)).markdown();
    let (text, left_out) = for_clipboard(&note);
    let text = text.into_owned();
    if left_out > 0 {
        let words = format!("note sent to the clipboard, cut short by {left_out} lines; E writes all of it");
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
        return Facts { operator: unknown(), estate: profile.clone() };
    };
    let place = known.pod.as_ref().or(known.cluster.as_ref()).unwrap_or(&known.server);
    Facts { operator: known.account.name.clone(), estate: Text::clean(&format!("{profile} / {place}")) }
}

/// `20260302T140220Z-7f3a`: sorts by time, and is safe as the name of a file.
fn name(job: &Job) -> String {
    let plan: String = job.plan.id.raw().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{}-{plan}", job.started_at.strftime("%Y%m%dT%H%M%SZ"))
}
