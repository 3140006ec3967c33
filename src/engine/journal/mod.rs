//! The record of jobs on disk: a journal for each job, and `audit.jsonl` with its hash chain (`design.md section 8`).
//!
//! The lines and what they mean are the core's ([`crate::core::bulk::journal`]); here are files, locks and
//! synchronisation with the disk. Everything that waits for a disk does so on a thread for it, not on the one that
//! answers keys.

mod audit;
mod chain;
mod disk;
mod error;
mod scribe;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use audit::{AuditKind, AuditRecord, JournalChanged, Verification};
pub use chain::{Broken, Difference};
pub use error::JournalError;
pub use scribe::{Journalled, Scribe};
pub use store::{JournalStore, Listed, Opening};
pub use writer::Journal;

pub use crate::core::bulk::journal::Record;
