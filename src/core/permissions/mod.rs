//! The permissions tab: who may do what, what follows from it, and questions about it.

pub mod can;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod guard;
pub mod matrix;
mod place;
pub mod plans;
pub mod reach;
pub(crate) mod record;
mod rows;
mod tab;
#[cfg(test)]
mod tests;
pub mod walk;

pub use matrix::{Deed, Grant};
pub use rows::{PermissionFlag, PermissionRow, is_dead, label, role_label, rows};
pub use tab::{LookUp, PermissionsTab, Purpose, Regroup, Room, first_shown, looking};
