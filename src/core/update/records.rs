//! The list of all jobs, the sheet of one on record, and going on with it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    core::{
        bulk::{
            Confirmation, Job, JobNote, Wait,
            journal::{GoOn, Here, Record, Work},
            spoken_for,
        },
        command::{Command, Context},
        effect::{Effect, RecordsEffect},
        events::RecordLevel,
        msg::RecordsMsg,
        own_events::OwnEvents,
        records::{JobKey, job_rows},
        remote::Remote,
        rows::Rows,
        state::{JobSheet, JobsSheet, NoticeKind, Overlay, RecordSheet, ResumeSheet, State},
    },
    domain::{Fault, JobId, Text},
};

use super::jobs;

/// So long after its last request nothing is read of what an earlier run left: as long as the engine waits.
const SETTLING: SignedDuration = SignedDuration::from_secs(30);

/// Opens the list of jobs, and has those on record read.
pub(super) fn open_list(state: &mut State) -> Vec<Effect> {
    // What the start named is what is looked for.
    let chosen = state.records.cut_off.take().map(JobKey::Record);
    state.overlays.push(Overlay::Jobs(JobsSheet { chosen, ..JobsSheet::default() }));
    list(state)
}

/// Reads again what the sheet on top shows of the record.
pub(super) fn refresh(state: &mut State) -> Vec<Effect> {
    match state.overlays.last() {
        Some(Overlay::Jobs(_)) => list(state),
        Some(Overlay::Record(_)) => read(state),
        _ => Vec::new(),
    }
}

/// Asks for the list, unless that was done already.
fn list(state: &mut State) -> Vec<Effect> {
    if state.records.request.is_some() {
        return Vec::new();
    }
    let request = state.request_id();
    state.records.request = Some(request);
    state.records.listed.ask();
    vec![Effect::Records(RecordsEffect::List { request })]
}

/// Asks for the job of the sheet on top.
fn read(state: &mut State) -> Vec<Effect> {
    let request = state.request_id();
    let Some(Overlay::Record(sheet)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    sheet.request = Some(request);
    sheet.record.ask();
    vec![Effect::Records(RecordsEffect::Read { request, journal: sheet.journal.clone() })]
}

/// Takes what the record says.
pub(super) fn told(state: &mut State, told: RecordsMsg) -> Vec<Effect> {
    match told {
        RecordsMsg::Listed { request, estate, answer } if state.records.request == Some(request) => {
            let now = state.now;
            state.records.request = None;
            state.records.estate = Some(estate);
            match answer {
                Ok(listed) => state.records.listed.load(listed, now),
                Err(why) => state.records.listed.fail(why, now),
            }
        }
        RecordsMsg::Read { request, estate, answer } => {
            state.records.estate = Some(estate);
            record_read(state, request, answer);
        }
        RecordsMsg::Opened { job, journal } => {
            state.records.journals.insert(job, journal);
        }
        RecordsMsg::Amended { job, answer: Err(why) } => {
            let words = format!("what was found is not on record: {why}");
            jobs::record(state, job, RecordLevel::Warning, &words, None);
            state.notify(NoticeKind::Warning, &words);
        }
        RecordsMsg::Listed { .. } | RecordsMsg::Amended { .. } => {}
    }
    Vec::new()
}

fn record_read(
    state: &mut State,
    request: crate::core::effect::RequestId,
    answer: Result<Arc<Record>, Fault>,
) {
    let now = state.now;
    let mut sheets = state.overlays.iter_mut().filter_map(|overlay| match overlay {
        Overlay::Record(sheet) if sheet.request == Some(request) => Some(sheet),
        _ => None,
    });
    let Some(sheet) = sheets.next() else { return };
    sheet.request = None;
    match answer {
        Ok(record) => sheet.record.load(record, now),
        Err(why) => sheet.record.fail(why, now),
    }
    let wants_to_resume = std::mem::take(&mut sheet.resume) && sheet.record.fault().is_none();
    if wants_to_resume && matches!(state.overlays.last(), Some(Overlay::Record(_))) {
        open_resume(state);
    }
}

/// Runs a command of the list, of a job on record, or of going on with one.
pub(super) fn run(state: &mut State, command: Command, context: Context) -> Vec<Effect> {
    if command == Command::Back {
        back(state);
        return Vec::new();
    }
    let page = isize::try_from(Rows::of(state).sheet.max(1)).unwrap_or(1);
    let step = match command {
        Command::MoveDown => 1,
        Command::MoveUp => -1,
        Command::MoveHalfDown => (page / 2).max(1),
        Command::MoveHalfUp => -(page / 2).max(1),
        Command::MovePageDown => page,
        Command::MovePageUp => -page,
        _ => 0,
    };
    if step != 0 {
        step_by(state, step);
        return Vec::new();
    }
    match context {
        Context::JobList => in_list(state, command),
        Context::RecordSheet => on_record(state, command),
        Context::ResumeSheet => before_resume(state, command),
        _ => Vec::new(),
    }
}

/// From the names of a cause to the causes, or a sheet less.
fn back(state: &mut State) {
    match state.overlays.last_mut() {
        Some(Overlay::Record(sheet)) if sheet.names => {
            sheet.names = false;
            sheet.scroll = 0;
        }
        _ => {
            state.overlays.pop();
        }
    }
}

/// About as many lines as what is shown before going on has.
const RESUME_LINES: usize = 24;

fn step_by(state: &mut State, step: isize) {
    let rows = usize::from(Rows::of(state).sheet);
    let moved = |place: usize, length: usize| place.saturating_add_signed(step).min(length.saturating_sub(1));
    if let Some((place, _)) = chosen(state) {
        let keys: Vec<JobKey> = job_rows(state).into_iter().map(|row| row.key).collect();
        if let Some(Overlay::Jobs(sheet)) = state.overlays.last_mut() {
            sheet.place = moved(place, keys.len());
            sheet.chosen = keys.get(sheet.place).cloned();
            sheet.complaint = None;
        }
        return;
    }
    match state.overlays.last_mut() {
        Some(Overlay::Record(sheet)) => {
            let Some(record) = sheet.record.value() else { return };
            let groups = JobNote::of_record(&record.id, &record.recovered).groups();
            if sheet.names {
                let names = groups.get(sheet.cursor).map_or(0, |group| group.places.len());
                sheet.scroll = moved(sheet.scroll, names.saturating_sub(rows) + 1);
            } else {
                sheet.cursor = moved(sheet.cursor, groups.len());
            }
        }
        Some(Overlay::Resume(sheet)) => sheet.scroll = moved(sheet.scroll, RESUME_LINES),
        _ => {}
    }
}

/// The line of the list that is under the cursor: its place, and its job.
fn chosen(state: &State) -> Option<(usize, JobKey)> {
    let Some(Overlay::Jobs(sheet)) = state.overlays.last() else { return None };
    let rows = job_rows(state);
    let place = sheet.cursor(rows.iter().map(|row| &row.key));
    rows.into_iter().nth(place).map(|row| (place, row.key))
}

impl JobsSheet {
    /// The place of the cursor among these jobs. It stays on its job wherever that goes.
    pub fn cursor<'a>(&self, jobs: impl ExactSizeIterator<Item = &'a JobKey>) -> usize {
        let last = jobs.len().saturating_sub(1);
        let mut jobs = jobs;
        let found = self.chosen.as_ref().and_then(|chosen| jobs.position(|key| key == chosen));
        found.unwrap_or_else(|| self.place.min(last))
    }
}

fn in_list(state: &mut State, command: Command) -> Vec<Effect> {
    let Some((place, key)) = chosen(state) else { return Vec::new() };
    if let Some(Overlay::Jobs(sheet)) = state.overlays.last_mut() {
        (sheet.place, sheet.chosen, sheet.complaint) = (place, Some(key.clone()), None);
    }
    match (command, key) {
        (Command::Accept, JobKey::Run(id)) => {
            jobs::open_sheet(state, id);
            Vec::new()
        }
        (Command::Accept, JobKey::Record(journal)) => open_record(state, journal, false),
        (Command::JobResume, JobKey::Record(journal)) => open_record(state, journal, true),
        (Command::JobResume, JobKey::Run(id)) => match objection_to_own(state, id) {
            Ok(journal) => open_record(state, journal, true),
            Err(why) => complain(state, why),
        },
        _ => Vec::new(),
    }
}

/// Opens what is left of a job of this run.
pub(super) fn go_on_with(state: &mut State, id: JobId) -> Vec<Effect> {
    match objection_to_own(state, id) {
        Ok(journal) => open_record(state, journal, true),
        Err(why) => {
            state.notify(NoticeKind::Info, why);
            Vec::new()
        }
    }
}

/// The journal of a job of this run that has ended, or why it cannot be gone on with.
fn objection_to_own(state: &State, id: JobId) -> Result<String, &'static str> {
    let running = state.job(id).is_some_and(Job::is_running)
        || state.change_job(id).is_some_and(crate::core::change::ChangeJob::is_running);
    if running {
        return Err("it is running here; Enter shows it");
    }
    state.records.journals.get(&id).cloned().ok_or("it left no record: nothing was sent")
}

fn open_record(state: &mut State, journal: String, resume: bool) -> Vec<Effect> {
    state.overlays.push(Overlay::Record(Box::new(RecordSheet {
        journal,
        record: Remote::NotAsked,
        request: None,
        cursor: 0,
        names: false,
        scroll: 0,
        resume,
        complaint: None,
    })));
    read(state)
}

fn on_record(state: &mut State, command: Command) -> Vec<Effect> {
    let Some(Overlay::Record(sheet)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    sheet.complaint = None;
    let Some(record) = sheet.record.value() else {
        return Vec::new();
    };
    match command {
        Command::JobTargets => {
            sheet.names = !sheet.names;
            sheet.scroll = 0;
        }
        Command::JobResume => {
            // It may have gone on since: it is asked of what is there now.
            sheet.resume = true;
            return read(state);
        }
        Command::JobExport => return jobs::export(&JobNote::of_record(&record.id, &record.recovered), None),
        Command::JobCopy => {
            let note = JobNote::of_record(&record.id, &record.recovered);
            return jobs::copy(state, &note);
        }
        _ => {}
    }
    Vec::new()
}

// Going on

/// Shows what is left of the job on top, or says why it cannot be gone on with.
fn open_resume(state: &mut State) {
    let Some(Overlay::Record(sheet)) = state.overlays.last() else { return };
    let Some(record) = sheet.record.value().cloned() else { return };
    if let Some(why) = objection(state, &record) {
        complain(state, &why);
        return;
    }
    let Work::Sessions(plan) = &record.recovered.opened.work else { return };
    let left = plan.left(&record.recovered);
    state.overlays.push(Overlay::Resume(Box::new(ResumeSheet {
        left,
        record: Arc::unwrap_or_clone(record),
        typed: String::new(),
        scroll: 0,
        complaint: None,
    })));
}

/// Why a job cannot be gone on with here and now.
fn objection(state: &State, record: &Record) -> Option<String> {
    let here = Here { estate: state.records.estate.as_ref(), read_only: state.settings.read_only };
    match record.recovered.going_on(record.running, here) {
        Err(why) => {
            let hint = why.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
            return Some(format!("{why}{hint}"));
        }
        Ok(GoOn::Settle) => {
            // What is to be typed comes first: it is what must not be cut.
            let command = state.settings.for_this_estate(&format!("foretop jobs resume {}", record.id));
            return Some(format!("{command} settles it"));
        }
        Ok(GoOn::Send | GoOn::Confirm) => {}
    }
    if state.capabilities().is_none() {
        return Some("not connected yet".to_owned());
    }
    let Work::Sessions(plan) = &record.recovered.opened.work else { return None };
    let running: Vec<Job> = state.jobs.iter().filter(|job| job.is_running()).cloned().collect();
    let table = state.sessions.newest()?;
    let taken = spoken_for(&running, table);
    let both = plan
        .left(&record.recovered)
        .to_send
        .iter()
        .filter(|target| taken.contains_key(&target.session.id))
        .count();
    (both > 0).then(|| format!("{both} of those left are in a job that runs; wait for its end"))
}

fn before_resume(state: &mut State, command: Command) -> Vec<Effect> {
    let confirm = state.key(Context::ResumeSheet, Command::Confirm);
    let Some(Overlay::Resume(sheet)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    let complaint = match (command, sheet.confirmation()) {
        (Command::Confirm, Confirmation::Key) => return resume(state),
        (Command::Accept, Confirmation::Number(count)) if sheet.typed.parse() == Ok(count) => {
            return resume(state);
        }
        (Command::Accept | Command::Confirm, Confirmation::Number(count)) => {
            sheet.typed.clear();
            format!("type {count}, then Enter; nothing was sent")
        }
        (Command::Accept, Confirmation::Key) => {
            format!("{confirm} goes on with it, Esc cancels; nothing was sent")
        }
        (Command::Accept | Command::Confirm, Confirmation::Nothing) => "there is nothing to send".to_owned(),
        _ => return Vec::new(),
    };
    sheet.complaint = Some(Text::clean(&complaint));
    Vec::new()
}

/// Goes on with the job on top as a job of this run, and opens its sheet.
fn resume(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Resume(sheet)) = state.overlays.pop() else {
        return Vec::new();
    };
    let record = sheet.record;
    // What forbids it may have come up while the sheet was open.
    if let Some(why) = objection(state, &record) {
        return complain(state, &why);
    }
    let Work::Sessions(plan) = &record.recovered.opened.work else {
        return Vec::new();
    };
    let plan = Arc::clone(plan);
    state.overlays.retain(|overlay| !matches!(overlay, Overlay::Record(_) | Overlay::Job(_)));
    let id = JobId(state.next_job);
    state.next_job += 1;
    let tally = record.recovered.tally();
    let mut job = Job::resumed(id, &plan, &record.recovered, state.now);
    let seen = job.outcomes.clone();
    job.waiting = settling(&record, state.now).filter(|_| tally.unanswered > 0);
    let offset = state.sessions.newest().and_then(|table| table.clock_offset()).unwrap_or_default();
    let operator = state.capabilities().and_then(|known| known.account.id.clone());
    state.own_events.push(OwnEvents::new(job.id, state.now, offset, operator));
    state.jobs.push(job);
    state.records.journals.insert(id, record.id.clone());
    let text = format!(
        "goes on: {} of plan {}, {} unsent, {} without answer to be read first, {} to be confirmed",
        plan.verb,
        plan.id,
        tally.unsent,
        tally.unanswered,
        record.recovered.to_confirm().len()
    );
    jobs::record(state, id, RecordLevel::Info, &text, None);
    state.overlays.push(Overlay::Job(JobSheet::new(id)));
    vec![Effect::ResumeJob { job: id, journal: record.id, plan, seen }]
}

/// What holds it up at first: the server gets time for the last request of the earlier run.
fn settling(record: &Record, now: Timestamp) -> Option<Wait> {
    let until = record.recovered.last_request_at().saturating_add(SETTLING).ok()?;
    let why = "time for the last request of the earlier run; then those without an answer are read";
    (now < until).then(|| Wait { until, why: why.into() })
}

/// Says on the sheet on top what a key could not do.
fn complain(state: &mut State, words: &str) -> Vec<Effect> {
    let words = Text::clean(words);
    match state.overlays.last_mut() {
        Some(Overlay::Jobs(sheet)) => sheet.complaint = Some(words),
        Some(Overlay::Record(sheet)) => sheet.complaint = Some(words),
        _ => state.notify(NoticeKind::Warning, words.as_str()),
    }
    Vec::new()
}
