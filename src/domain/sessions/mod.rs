//! Many sessions in little room: what the list of an estate is kept in.
//!
//! What many sessions share is kept once (pools, gateways, users, machines), what is unique stands in columns, and ids are
//! packed. A row is looked at through [`SessionRow`]; what can be asked of a row and of a single [`super::Session`] alike is
//! [`SessionFacts`].

mod any;
mod column;
mod dictionary;
mod facts;
mod packed;
mod parts;
mod row;
mod rows;
mod search;
mod shared;
#[cfg(test)]
mod tests;

pub use any::AnySession;
pub use facts::{SessionFacts, Texts};
pub use parts::SessionParts;
pub use row::SessionRow;
pub use rows::{SessionRows, SessionRowsBuilder};
pub use shared::{Common, Searched};
