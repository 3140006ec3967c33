//! Pausing a job, letting it go on, and changing its pace while it runs.

use crate::{
    core::{
        bulk::{JobControl, Stage},
        command::Command,
        effect::Effect,
        events::RecordLevel,
        state::State,
    },
    domain::JobId,
};

use super::{complain, record};

/// Runs a command that steers a job.
pub(super) fn run(state: &mut State, id: JobId, command: Command) -> Vec<Effect> {
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    if !job.can_be_paced() {
        let why = if job.is_running() { "nothing more will be sent" } else { "the job has ended" };
        complain(state, why);
        return Vec::new();
    }
    let (pace, plan) = (job.pace(), job.plan.terms.pace);
    let control = match command {
        Command::JobPause if job.orders.paused => JobControl::Resume,
        Command::JobPause => JobControl::Pause,
        Command::JobSlower if pace.slower(plan) != pace => JobControl::SetPace(pace.slower(plan)),
        Command::JobFaster if pace.faster(plan) != pace => JobControl::SetPace(pace.faster(plan)),
        Command::JobSlower => return refuse(state, "it goes as slowly as it can; Space pauses it"),
        Command::JobFaster => return refuse(state, "it goes as fast as it can"),
        _ => return Vec::new(),
    };
    job.orders.take(control);
    let words = match control {
        JobControl::Pause => {
            "paused by the operator: what is out is waited for, nothing more leaves".to_owned()
        }
        JobControl::Resume => "goes on".to_owned(),
        _ => format!("pace from the next call on: {}", job.pace().rhythm()),
    };
    record(state, id, RecordLevel::Info, &words, None);
    vec![Effect::ControlJob { job: id, control }]
}

fn refuse(state: &mut State, words: &str) -> Vec<Effect> {
    complain(state, words);
    Vec::new()
}

/// Names in the event pane what the rest of a job waits for.
pub(super) fn entered(state: &mut State, id: JobId, stage: &Stage) {
    let (level, words) = match stage {
        Stage::Confirming { canary: true, .. } => {
            (RecordLevel::Info, "canary sent: the rest waits until it is confirmed".to_owned())
        }
        Stage::Paused => (RecordLevel::Info, "pauses: nothing leaves".to_owned()),
        Stage::Outage { why, .. } => {
            (RecordLevel::Warning, format!("nothing leaves, the targets cannot be read: {why}"))
        }
        _ => return,
    };
    record(state, id, level, &words, None);
}
