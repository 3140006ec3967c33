//! Changing permissions and images: a plan of changes, the job that carries it out, one outcome for each change.

mod job;
mod plan;

pub use job::ChangeJob;
pub use plan::{ChangeConfirmation, ChangeItem, ChangePlan, HeldChange};
