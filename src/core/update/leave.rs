//! Leaving while jobs run: waiting for them, stopping them, or letting a process without a terminal go on with them.

use crate::{
    core::{
        bulk::{Job, JobPhase},
        change::ChangeJob,
        command::Command,
        effect::{Effect, ExitReason},
        state::{LeftJob, NoticeKind, State},
    },
    domain::JobId,
};

use super::{changes, jobs};

/// Why nothing of a simulated estate outlives the console.
pub(super) const SIMULATED: &str = "the simulated estate ends with this program";

/// Why the jobs that run cannot be finished by a process without a terminal; `None` when they can.
pub fn detach_obstacle(state: &State) -> Option<&'static str> {
    if state.settings.simulated {
        Some(SIMULATED)
    } else if state.change_jobs.iter().any(ChangeJob::is_running) {
        // The same as `foretop jobs resume` says: it sends no changes from the record.
        Some("changes are not sent from the record")
    } else if !state.jobs.iter().any(Job::can_be_paced) {
        Some("nothing is left to be sent")
    } else {
        None
    }
}

/// Answers to the question before leaving.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    let effects = match command {
        Command::JobWait => Vec::new(),
        Command::JobStop => stop_all(state, false),
        Command::JobDetach => {
            if let Some(why) = detach_obstacle(state) {
                state.notify(NoticeKind::Warning, &format!("cannot be detached: {why}"));
                return Vec::new();
            }
            stop_all(state, true)
        }
        _ => return Vec::new(),
    };
    state.overlays.pop();
    state.leaving = true;
    if !state.has_running_job() {
        return vec![Effect::Exit(ExitReason::Left)];
    }
    let words = if command == Command::JobDetach {
        "leaving once what is out is answered; then another process goes on; Esc stays"
    } else {
        "leaving as soon as the job is done; Esc stays"
    };
    state.notify(NoticeKind::Info, words);
    effects
}

/// Stops every job. Those that still had something to send may be handed on.
fn stop_all(state: &mut State, hand_on: bool) -> Vec<Effect> {
    let running = state.jobs.iter().filter(|job| job.is_running());
    let running: Vec<(JobId, bool)> = running.map(|job| (job.id, hand_on && job.can_be_paced())).collect();
    state.left = running.iter().map(|(job, hand_on)| LeftJob { job: *job, hand_on: *hand_on }).collect();
    let mut effects: Vec<Effect> = running.into_iter().flat_map(|(job, _)| jobs::stop(state, job)).collect();
    effects.extend(changes::stop_all(state));
    effects
}

/// Takes the leaving back. A job that was stopped for it stays stopped.
pub(super) fn stay(state: &mut State) {
    state.leaving = false;
    state.left.clear();
    let stops = state.jobs.iter().any(|job| job.phase == JobPhase::Stopping);
    let words = if stops { "staying: the job stops all the same" } else { "staying: the job goes on" };
    state.notify(NoticeKind::Info, words);
}

/// The terminal or the session of the operator ends. What was to be handed on still is.
pub(super) fn terminated(state: &mut State) -> Vec<Effect> {
    let running: Vec<JobId> = state.jobs.iter().filter(|job| job.is_running()).map(|job| job.id).collect();
    for job in running {
        if !state.left.iter().any(|left| left.job == job) {
            state.left.push(LeftJob { job, hand_on: false });
        }
    }
    vec![Effect::Exit(ExitReason::Signal)]
}
