//! The cloud's wire: Huawei Cloud Workspace Application Streaming (`workspace.md`).
//!
//! ```text
//!  calls.rs, sessions.rs ── what an estate asks: requests as values, wire types to domain types
//!  wire.rs               ── one endpoint: who asks, paging, repeats
//!     ├─ seal.rs         what shows who asks: a signature (sign.rs) or a token (iam.rs)
//!     ├─ fault.rs        refusals in all their shapes
//!     └─ endpoints.rs    which host serves a region
//! ```

pub(super) mod app_groups;
pub(super) mod app_servers;
pub(super) mod connection;
pub(super) mod endpoints;
pub(super) mod fault;
pub(super) mod iam;
pub(super) mod image_servers;
pub(super) mod jobs;
pub(super) mod read;
pub(super) mod seal;
pub(super) mod sessions;
pub(super) mod sign;
pub(super) mod vanished;
pub(super) mod wire;
