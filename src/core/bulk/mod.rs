//! Acting on many: targets -> plan -> job -> outcomes -> report. All of it pure.

mod blast;
mod job;
mod plan;
mod report;

pub use blast::BlastRadius;
pub use job::{Job, JobEvent, JobPhase, Wait};
pub use plan::{Confirmation, HeldBack, HoldReason, Plan, PlanRequest, Target, objection};
pub use report::{CauseGroup, Report};
