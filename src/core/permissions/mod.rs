//! The permissions tab: who may do what, what follows from it, and questions about it.

mod tab;

pub use tab::{PermissionsTab, Regroup};
