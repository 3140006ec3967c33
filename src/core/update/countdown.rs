//! The countdown of a job, as its sheet lets it be changed.

use crate::{
    core::{
        bulk::{JobControl, Stage},
        command::Command,
        effect::Effect,
        events::RecordLevel,
        state::{Overlay, State},
    },
    domain::JobId,
};

use super::jobs;

/// Seconds that a key adds or takes away.
const STEP: u32 = 60;

/// Runs a command on the countdown; says so when there is none.
pub(super) fn run(state: &mut State, id: JobId, command: Command) -> Vec<Effect> {
    let job = state.jobs.iter_mut().find(|job| job.id == id && job.is_running());
    let counting =
        job.filter(|job| matches!(job.stage, Stage::Countdown { .. }) && !job.orders.countdown_cancelled);
    let Some(job) = counting else {
        if let Some(Overlay::Job(sheet)) = state.overlays.last_mut() {
            sheet.complaint = Some("there is no countdown now".into());
        }
        return Vec::new();
    };
    let (control, words) = match command {
        // A paused job holds its countdown too: the key that is shown to let it go on does.
        Command::JobHold if job.orders.paused => (JobControl::Resume, "the job goes on"),
        Command::JobHold if job.orders.countdown_held => {
            (JobControl::ReleaseCountdown, "the countdown goes on")
        }
        Command::JobHold => (JobControl::HoldCountdown, "the countdown is held"),
        Command::JobShorten => (JobControl::Shorten(STEP), "the countdown is shortened by 1 min"),
        Command::JobLengthen => (JobControl::Lengthen(STEP), "the countdown is made longer by 1 min"),
        Command::JobCancel => {
            (JobControl::CancelCountdown, "the countdown is cancelled: nobody is logged off")
        }
        _ => return Vec::new(),
    };
    job.orders.take(control);
    jobs::record(state, id, RecordLevel::Info, words, None);
    if let Some(Overlay::Job(sheet)) = state.overlays.last_mut() {
        sheet.complaint = None;
    }
    vec![Effect::ControlJob { job: id, control }]
}
