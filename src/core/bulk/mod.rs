//! Acting on many: targets -> plan -> job -> outcomes -> report. All of it pure.

mod blast;
mod confirm;
mod control;
mod course;
mod guard;
mod job;
pub mod journal;
mod note;
mod pace;
mod plan;
mod report;
pub mod template;
mod verify;

pub use blast::BlastRadius;
pub use confirm::{Confirmer, Deadlines, Evidence, Finding};
pub use control::{JobControl, Orders};
pub use course::{Course, Reminder, Step};
pub use guard::{Guard, changed_since};
pub use job::{Job, JobEvent, JobPhase, Planned, Stage, Wait, spoken_for};
pub use note::{Facts, JobNote, defused, for_clipboard};
pub use pace::{Canary, Pace};
pub use plan::{
    Confirmation, HeldBack, HoldReason, Plan, PlanRequest, TYPED_ABOVE, Target, Terms, missing_from,
    objection,
};
pub use report::{CauseGroup, NextStep, Report};
pub use verify::{Look, findings, settles_in, targets_of, to_verify};
