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
mod protected;
mod report;
mod saved;
pub mod template;
mod verify;

pub use blast::BlastRadius;
pub use confirm::{Confirmer, Deadlines, Evidence, Finding};
pub use control::{JobControl, Orders};
pub use course::{Course, Reminder, Step};
pub use guard::{Guard, changed_since};
pub use job::{Job, JobEvent, JobPhase, Planned, Stage, Wait, spoken_for};
pub(super) use note::rank;
pub use note::{Facts, JobNote, NoteGroup, Row as NoteRow};
pub use pace::{Canary, MAX_CHUNK, MAX_PAUSE_SECONDS, Pace, PaceError, chunk, percent, seconds};
pub use plan::{
    ABOUT, Confirmation, HeldBack, HoldReason, Plan, PlanRequest, TYPED_ABOVE, Target, Terms, Visible,
    guard_context, missing_from, objection,
};
pub use protected::{Protected, is_group_by_sid, is_protection};
pub use report::{CauseGroup, NextStep, Report};
pub use saved::{PLAN_FORMAT, PLAN_LIFETIME, PlanEstate, PlanRefusal, SavedPlan};
pub use verify::{Look, findings, settles_in, targets_of, to_verify};
