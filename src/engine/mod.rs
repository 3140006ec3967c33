//! Carries out what the core decided: polls, jobs and the governor that lets requests leave.
//!
//! Serves the console and the headless commands alike; it knows no terminal.

mod changes;
mod glimpses;
pub mod governor;
mod groups;
mod jobs;
pub mod journal;
mod pacing;
mod plans;
mod polls;
mod protected;
mod renewal;

pub use changes::{ChangeMeans, EarlierChanges, FollowUp, run as run_changes, settle as settle_changes};
pub use glimpses::Glimpses;
pub use groups::name_groups;
pub use jobs::{
    Clock, EarlierRun, JobMeans, JobRecord, Lookout, NoRecord, SETTLING, Sighting, run as run_job, weigh,
};
pub use plans::{PlanClaim, PlanFileError, PlanFolder, claim_plan, read_plan};
pub use polls::{PodMemory, PolledSessions, poll_all_pods, poll_sessions};
pub use protected::{FoundGroups, find_groups};
pub use renewal::renew_sessions;
