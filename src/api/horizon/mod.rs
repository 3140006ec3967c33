//! What to ask a Horizon server and what its answers mean (`horizon-rest.md`).
//!
//! Requests are built here as values, and answers are turned from wire types into domain types at once. Nothing here
//! sends anything, except that names for ids (`names.rs`) need several requests and decide which.

pub(super) mod actions;
pub(super) mod bulk;
pub(super) mod directory;
pub(super) mod environment;
pub(super) mod event_details;
pub(super) mod events;
pub(super) mod global_sessions;
pub(super) mod groups;
pub(super) mod images;
pub(super) mod names;
pub(super) mod pages;
pub(super) mod permissions;
pub(super) mod pods;
pub(super) mod rights;
pub(super) mod roles;
pub(super) mod sessions;
pub(super) mod versions;
pub(super) mod wire;
