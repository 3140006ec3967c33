//! Acting on many: targets -> plan -> job -> outcomes -> report. All of it pure.

mod blast;
mod job;
pub mod journal;
mod plan;
mod report;

pub use blast::BlastRadius;
pub use job::{Job, JobEvent, JobPhase, Planned, Wait, spoken_for};
pub use plan::{
    Confirmation, HeldBack, HoldReason, Plan, PlanRequest, TYPED_ABOVE, Target, missing_from, objection,
};
pub use report::{CauseGroup, Report};
